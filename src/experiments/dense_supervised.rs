//! A teacher makes dense networks from noisy examples (Agliari, Albanese, Alemanno, Alessandrelli, Barra, Giannotti, Lotito
//! and Pedreschi 2023).
//!
//! A step makes one network at one number of examples and one at one number of archetypes, with two and with four units
//! meeting, and looks for one pattern in noisy tensors. A network begins at the archetype; on digits, at one it never saw.
use crate::{
    data::{self, File},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fault, Glyphs, Live, Map, Metric, Paper, Param, Place, Plot, Preset,
        Prose, Reach, Series, Shape, Start, Status, Unmeasured, Values, View, Wing,
    },
    math::{
        decimal::{counted, fixed},
        mat::Mat,
        mean::Mean,
        rng::{Rng, Stream},
        scalar,
    },
    model::memory::{
        atlas::{self, BinaryPlane},
        rules,
        teacher::{self, Taught},
    },
};
use std::rc::Rc;

static PICTURES: Param = Param::choice(
    "pictures",
    "Archetypes",
    &[("random", "Random"), ("digits", "Digits")],
    "Theory speaks of random archetypes. Of digits, the archetype of a class is the sign of the mean of all of them.",
);
static QUALITY: Param = Param::float(
    "quality",
    "Quality r",
    (0.1, 0.3, 1.0),
    "How alike an example and its archetype are. At 0.3 an example has a third of its points wrong.",
)
.ends("noise", "clear");
static EXAMPLES: Param = Param::int(
    "examples",
    "Examples M",
    (1, 40, MOST as i64),
    "How many examples of each archetype the teacher shows.",
);
static PATTERNS: Param =
    Param::int("archetypes", "Archetypes K", (1, 2, ROOM[ROOM.len() - 1] as i64), "How many share the network.");
static MEET: Param = Param::choice(
    "meet",
    "On the map meet",
    &[("two", "Two"), ("four", "Four")],
    "How many units meet in an interaction of the network whose energy is drawn.",
)
.by_default("four");
static NOISE: Param = Param::float(
    "noise",
    "Noise ω",
    (0.5, 20.0, 1000.0),
    "Noise in every entry of the tensor that holds one pattern. An entry without noise is +1 or -1.",
);

pub static ENTRY: Entry = Entry {
    id: "dense-supervised",
    wing: Wing::Memory,
    prose: Prose {
        title: "Learning from bad examples",
        paper: Some(Paper {
            title: "Dense Hebbian neural networks: a replica symmetric picture of supervised learning",
            authors: "Agliari, Albanese, Alemanno, Alessandrelli, Barra, Giannotti, Lotito and Pedreschi",
            year: 2023,
            link: "https://doi.org/10.1016/j.physa.2023.129076",
        }),
        card: "No example is right, and forty of them give the original.",
        lead: "Drag the number of examples: each is mostly noise, and their mean is not.",
        about: &[
            "The network never sees an archetype. A teacher shows noisy examples of it and says which belong together, so that \
             their mean can be stored. What remains of the noise is $\\rho$: it falls with the number of examples and with their \
             quality.",
            "How well an archetype is known then follows one law, whatever the number P of units that meet. The difference is room: \
             where two meet, six archetypes in 64 points already disturb each other. Where four meet, two hundred do not. The law \
             is for few archetypes. With many, what they do to each other comes on top, and no formula for that is given here.",
            "The map is the exact energy on the plane through the archetype and two of its examples. No point goes beyond \
             $\\pm 1$, so the valley runs on behind its corner. States of the network lie off the plane, and the dot is their \
             shadow. The network begins at the first example and goes down. With two examples the valley lies between \
             them; with forty it lies at the archetype, which nobody has shown.",
            "Four that meet also find a pattern in noise that hides it from two. Their tensor has $N^4$ entries, each with its own \
             noise, and adding up $N^3$ of them for each point leaves little of it.",
            "Digits are not random: classes share most of their page, and theory lines do not apply to them. So what all classes \
             share is taken out first, and the charts count how often a digit that was never shown falls to its own class. Where four \
             meet it is about half of them with ten classes; where two meet, classes drown each other. A state at rest shows what sets its \
             class apart, and may have more points unlike the archetype than it began with.",
        ],
        formulas: &[
            r"E(s) = -\sum_{\mu=1}^{K} (A^\mu \cdot s)^P, \qquad A^\mu = \frac1M \sum_{a=1}^{M} \eta^{\mu,a}",
            r"m = \operatorname{erf} \frac{1}{\sqrt{2 \rho}}, \qquad \rho = \frac{1 - r^2}{M r^2}",
            r"P_{\text{wrong}} = \tfrac12 \operatorname{erfc} \frac{N^{(P - 1)/2}}{\sqrt2 \, \omega}",
        ],
        symbols: &[
            ("s", "the state, one of +1 and -1 for each of N points"),
            (r"\eta^{\mu,a}", r"an example of archetype $\mu$"),
            (r"A^\mu", "the mean of its examples"),
            ("r", "the quality of an example; it has the share $(1 - r) / 2$ of its points wrong"),
            ("M", "examples of each archetype"),
            (r"\rho", "how noisy the means are"),
            ("m", "the overlap with an archetype: 1 is equal"),
            (r"\omega", "noise in every entry of a tensor"),
        ],
        words: "dense hebbian supervised teacher examples archetype ultra-storage ultra-detection signal noise replica digits",
    }
    .told(),
    params: &[&PICTURES, &EXAMPLES, &QUALITY, &PATTERNS, &MEET, &NOISE],
    metrics: &[
        Metric::new("two", "two meet", "Mean overlap at the chosen number of archetypes and examples where two units meet."),
        Metric::new("four", "four meet", "The same where four units meet."),
        Metric::new("law", "law", "What the law says."),
    ],
    presets: &[
        Preset::new("Forty examples", "Each has a third of its points wrong. Their mean has hardly any.", &[]),
        Preset::new("Two examples", "Too few: the noise is learnt too.", &[("examples", "2")]),
        Preset::new("Two hundred", "In 64 points. Where two meet all is lost, where four meet hardly anything.", &[("archetypes", "200")]),
        Preset::new("Found in noise", "Noise five times as strong as the signal of pairs, and fours see through it.", &[("noise", "35")]),
        Preset::new("Digits", "Means of digits. Of digits that were never shown, about half fall to their own class of ten.", &[("pictures", "digits"), ("archetypes", "10")]),
    ],
    steps: STEPS,
    log_steps: false,
    pace: 20.0,
    thumbnail: LEARNT,
    files,
    start: begin,
};

const STEPS: u64 = 200;
const MOST: usize = 400;
/// Up to so many archetypes hardly disturb each other where four meet.
const FEW: usize = 12;
/// States of a fall.
const TRAIL: usize = 31;
/// Numbers of examples and of archetypes at which networks are measured.
const LESSONS: [usize; 8] = [2, 5, 10, 20, 40, 80, 160, 400];
const ROOM: [usize; 7] = [2, 6, 12, 25, 50, 100, 200];
/// The same for digits, of which there are a hundred in a class, and how many of these are kept back as cues.
const CLASSES: usize = 10;
const OF_A_CLASS: usize = 100;
const CUES: usize = 20;
/// Of these, how many are tried in a step in each of two charts.
const TRIED: usize = 7;
/// Points along the lines of theory.
const POINTS: usize = 61;
/// Units of the random archetypes, and side of their pictures.
const N: usize = 64;
/// Examples that are drawn.
const DRAWN: usize = 8;
/// Orders that look for a pattern in noise, the units of their tensors, what they are called, and units asked in a step.
const HUNTERS: [(u32, usize, &str, usize); 3] = [(2, 48, "pairs", 48), (3, 48, "threes", 8), (4, 32, "fours", 1)];
/// Noise at which they look, as shares of the noise that is as strong as the signal.
const SHARES: [f64; 3] = [0.3, 0.6, 1.0];
/// Networks at each number from which claims are tested.
const ENOUGH: usize = 12;

const SHOWN: usize = 0;
const VALLEY: usize = 1;
const LEARNT: usize = 2;
const STORED: usize = 3;
const FOUND: usize = 4;

fn files(values: &Values) -> Vec<&'static File> {
    if values.choice(&PICTURES) == "digits" { data::digit_files(CLASSES * OF_A_CLASS) } else { Vec::new() }
}

/// A network that falls from the first example that is shown.
#[derive(Default)]
struct Valley {
    /// Where archetype and two examples lie, and energies of the map.
    places: [(f32, f32); 3],
    energies: Vec<f32>,
    /// Where the state falls on it after each sweep.
    way: Vec<(f32, f32)>,
    /// Points that are wrong, and the energy as a share of the archetype's, at the beginning and at the end.
    wrong: [usize; 2],
    depths: [f64; 2],
}

impl Valley {
    fn of(taught: &Taught, archetype: &[f32], examples: [&[f32]; 2], stream: &mut Stream) -> Self {
        let corners = [archetype, examples[0], examples[1]];
        let plane = BinaryPlane::through(corners);
        let way = taught.fall(examples[0], stream, TRAIL - 1);
        let ends = [&way[0], &way[way.len() - 1]];
        let depth = taught.energy(archetype).min(-1e-9);
        Self {
            places: corners.map(|corner| plane.place(corner)),
            energies: atlas::heights(Map::ROWS, Map::COLS, taught.on_plane(&plane)),
            way: way.iter().map(|state| plane.place(state)).collect(),
            wrong: ends.map(|state| wrong(state, archetype)),
            depths: ends.map(|state| taught.energy(state) / depth),
        }
    }
}

/// Points in which two states differ.
fn wrong(a: &[f32], b: &[f32]) -> usize {
    a.iter().zip(b).filter(|(a, b)| *a * *b < 0.0).count()
}

/// What no slider changes.
struct Ground {
    /// Of digits: of each class its pictures (100, 784).
    classes: Option<Vec<Mat>>,
    /// And of each class the sign of the mean of all of them.
    archetypes: Vec<Vec<f32>>,
    side: usize,
    rng: Rng,
}

#[derive(Clone)]
struct Supervised {
    ground: Rc<Ground>,
    examples: usize,
    quality: f64,
    patterns: usize,
    meet: u32,
    noise: f64,
    steps: u64,
    /// For each number of examples, and of archetypes, the overlaps where two meet and where four do.
    learnt: Vec<Vec<[f32; 2]>>,
    stored: Vec<Vec<[f32; 2]>>,
    /// For each hunter and share, units that were wrong and units asked.
    found: [[(usize, usize); SHARES.len()]; HUNTERS.len()],
    /// The pictures of [`SHOWN`] and of the noisy pattern.
    shown: Rc<Vec<Vec<f32>>>,
    valley: Rc<Valley>,
    noisy: Rc<Vec<Vec<f32>>>,
}

fn begin(start: &Start) -> Begun {
    let files = files(start.values);
    let mut side = 8;
    let classes = if files.is_empty() {
        None
    } else {
        let read = data::digits(files.into_iter().map(|file| start.inputs.file(file)), CLASSES * OF_A_CLASS);
        let wanted = "must be readable files of pictures";
        let digits = read.map_err(|error| Fault::new(PICTURES.name, &error.to_string(), wanted))?;
        side = digits.rows;
        let mut names = digits.names.clone();
        names.sort_unstable();
        names.dedup();
        let of_class = |name: &String| {
            let own = (0..digits.len()).filter(|i| digits.names[*i] == *name);
            let points: Vec<f32> = own.flat_map(|i| rules::from_ink(digits.get(i).iter().copied())).collect();
            Mat::new(points.clone(), points.len() / (side * side), side * side)
        };
        Some(names.iter().map(of_class).collect::<Vec<Mat>>())
    };
    let archetype = |class: &Mat| mean(class, class.rows).into_iter().map(sign).collect();
    let archetypes = classes.iter().flatten().map(archetype).collect();
    Ok(Box::new(Supervised::new(Rc::new(Ground { classes, archetypes, side, rng: start.rng.clone() }), start.values)))
}

/// How many meet in the network of the map.
fn meet(values: &Values) -> u32 {
    if values.choice(&MEET) == "two" { 2 } else { 4 }
}

fn sign(x: f32) -> f32 {
    if x < 0.0 { -1.0 } else { 1.0 }
}

fn overlap(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>() / a.len().max(1) as f64
}

/// The mean of the first rows.
fn mean(rows: &Mat, count: usize) -> Vec<f32> {
    let count = count.clamp(1, rows.rows.max(1));
    (0..rows.cols).map(|i| (0..count).map(|row| rows.row(row)[i]).sum::<f32>() / count as f32).collect()
}

/// Means of so many examples of each class, without what all have in common, which would drown what tells them apart, and
/// at one length.
fn contrasts(classes: &[Mat], examples: usize) -> Mat {
    let means: Vec<Vec<f32>> = classes.iter().map(|class| mean(class, examples)).collect();
    let (rows, cols) = (means.len(), means.first().map_or(0, Vec::len));
    let common: Vec<f32> = (0..cols).map(|i| means.iter().map(|mean| mean[i]).sum::<f32>() / rows as f32).collect();
    let contrast = |mean: &Vec<f32>| {
        let apart: Vec<f32> = mean.iter().zip(&common).map(|(x, c)| x - c).collect();
        let length = overlap(&apart, &apart).sqrt().max(1e-6) as f32;
        apart.into_iter().map(move |x| x / length)
    };
    Mat::new(means.iter().flat_map(contrast).collect(), rows, cols)
}

impl Supervised {
    fn new(ground: Rc<Ground>, values: &Values) -> Self {
        let mut run = Self {
            examples: values.int(&EXAMPLES),
            quality: values.float(&QUALITY),
            patterns: values.int(&PATTERNS),
            meet: meet(values),
            noise: values.float(&NOISE),
            steps: 0,
            learnt: vec![Vec::new(); LESSONS.len()],
            stored: vec![Vec::new(); ROOM.len()],
            found: Default::default(),
            shown: Rc::default(),
            valley: Rc::default(),
            noisy: Rc::default(),
            ground,
        };
        run.show();
        run.fall();
        run.hide();
        run
    }

    fn law(&self, examples: f64) -> f64 {
        teacher::learnt_overlap(self.quality, examples)
    }

    /// Networks with two and with four units meeting: the overlap with the archetype, or for each of the next digits
    /// after those that are done whether it falls to its class. All numbers are asked for the same digits, each once.
    fn network(&self, archetypes: usize, examples: usize, name: &str, done: usize) -> Vec<[f32; 2]> {
        let Some(classes) = &self.ground.classes else {
            let mut stream = self.ground.rng.stream(name);
            let patterns = rules::random_patterns(archetypes, N, &mut stream);
            let means = teacher::means(&patterns, examples, self.quality, &mut stream);
            // As many examples may say + as -. Where all means are so, no field holds a point, and it would stay right
            // only because it began right: there chance decides.
            let mut begin = patterns.row(0).to_vec();
            for i in (0..N).filter(|i| (0..archetypes).all(|mu| means.row(mu)[*i] == 0.0)) {
                begin[i] = if stream.below(2) == 0 { -1.0 } else { 1.0 };
            }
            return vec![[2, 4].map(|order| {
                let end = Taught::new(means.clone(), order).settle(&begin, &mut stream, 30);
                overlap(&end, patterns.row(0)) as f32
            })];
        };
        let classes = &classes[..archetypes.clamp(1, classes.len())];
        let taught = OF_A_CLASS - CUES;
        let means = contrasts(classes, examples.min(taught));
        let networks = [2, 4].map(|order| Taught::new(means.clone(), order));
        let tried = done..(done + TRIED).min(CUES * classes.len());
        let falls = |k: usize| {
            let mut stream = self.ground.rng.stream(&format!("cue {k}"));
            let own = k % classes.len();
            let cue = classes[own].row((taught + k / classes.len()).min(classes[own].rows - 1));
            [0, 1].map(|which| {
                let end = networks[which].settle(cue, &mut stream, 30);
                let near = |class: &usize| overlap(&end, means.row(*class));
                let found = (0..classes.len()).max_by(|a, b| near(a).total_cmp(&near(b)).then(b.cmp(a)));
                if found == Some(own) { 1.0 } else { 0.0 }
            })
        };
        tried.map(falls).collect()
    }

    /// Examples, their mean, what is made of it, and the archetype.
    fn show(&mut self) {
        let mut stream = self.ground.rng.stream("shown");
        let (examples, mean, archetype) = match &self.ground.classes {
            None => {
                let archetype = rules::random_patterns(1, N, &mut stream);
                let all = Mat::new(
                    (0..self.examples.max(DRAWN))
                        .flat_map(|_| teacher::example(archetype.row(0), self.quality, &mut stream))
                        .collect(),
                    self.examples.max(DRAWN),
                    N,
                );
                (all.clone(), mean(&all, self.examples), archetype.row(0).to_vec())
            }
            Some(classes) => {
                let class = &classes[0];
                (class.clone(), mean(class, self.examples.min(OF_A_CLASS - CUES)), self.ground.archetypes[0].clone())
            }
        };
        let learnt = mean.iter().copied().map(sign).collect();
        let drawn = (0..DRAWN).map(|i| examples.row(i.min(examples.rows - 1)).to_vec());
        self.shown = Rc::new(drawn.chain([mean, learnt, archetype]).collect());
    }

    /// The network that has learnt the archetype that is shown, and others beside it, falls from an example.
    fn fall(&mut self) {
        let mut stream = self.ground.rng.stream("valley");
        let [mean, archetype] = [DRAWN, DRAWN + 2].map(|k| self.shown[k].clone());
        let means = match &self.ground.classes {
            None => {
                let others = rules::random_patterns(self.patterns - 1, N, &mut stream);
                let others = teacher::means(&others, self.examples, self.quality, &mut stream);
                Mat::new([mean, others.data].concat(), self.patterns, N)
            }
            Some(classes) => {
                contrasts(&classes[..self.patterns.clamp(1, classes.len())], self.examples.min(OF_A_CLASS - CUES))
            }
        };
        let examples = [0, 1].map(|k| &self.shown[k][..]);
        self.valley = Rc::new(Valley::of(&Taught::new(means, self.meet), &archetype, examples, &mut stream));
    }

    /// One pattern after one step in noise, for each hunter. The noise that a unit gathers is a sum of independent normal
    /// numbers, so it is drawn as one.
    fn hide(&mut self) {
        let mut stream = self.ground.rng.stream("hidden");
        let pattern = rules::random_patterns(1, N, &mut stream).data;
        let found = HUNTERS.map(|(order, ..)| {
            let mut stream = self.ground.rng.stream("noise");
            let signal = teacher::detectable(N, order) / self.noise;
            pattern.iter().map(|x| x * sign((signal + stream.normal()) as f32)).collect()
        });
        self.noisy = Rc::new(std::iter::once(pattern.clone()).chain(found).collect());
    }

    fn lessons(&self) -> usize {
        if self.ground.classes.is_some() { 6 } else { LESSONS.len() }
    }

    /// Numbers of archetypes at which networks are measured.
    fn rooms(&self) -> &'static [usize] {
        if self.ground.classes.is_some() { &[2, 4, 6, 8, 10] } else { &ROOM }
    }

    /// Of overlaps of both memories with what networks learnt, those of one.
    fn of(networks: &[[f32; 2]], which: usize) -> Mean {
        Mean::of(networks.iter().map(|pair| f64::from(pair[which])))
    }

    /// Why theory cannot be held against this run, if so: it does not speak of it, or there are too few networks yet.
    fn untested(&self, networks: &[Vec<[f32; 2]>]) -> Option<Unmeasured> {
        if self.ground.classes.is_some() {
            return Some(Unmeasured::NotHere("Theory is for random archetypes.".into()));
        }
        let done: usize = networks.iter().map(Vec::len).sum();
        let all = ENOUGH * networks.len();
        networks
            .iter()
            .any(|networks| networks.len() < ENOUGH)
            .then(|| Unmeasured::NotYet(format!("{} of {all} networks have learnt.", done.min(all))))
    }

    fn follows_the_law(&self) -> Claim {
        let claim = Claim::new(
            "Where four meet, overlaps follow the law of the error function.",
            "Agliari et al. 2023, supervised learning",
        )
        .expect(0.0, 0.06, "within 0.06, ± 3 standard errors, from 20 examples on where ρ is below 1")
        .on((0.0, "0"), (0.3, "0.3"));
        if self.patterns > FEW && self.ground.classes.is_none() {
            return claim.press("Forty examples", "the law is for few archetypes.");
        }
        if let Some(why) = self.untested(&self.learnt) {
            return claim.unmeasured(why);
        }
        let tested = LESSONS
            .iter()
            .zip(&self.learnt)
            .filter(|(m, _)| **m >= 20 && teacher::noisiness(self.quality, **m as f64) < 1.0);
        // Near the edge a network has its pattern or has lost it, so the mean of a dozen is not sharp.
        let gaps = tested.map(|(m, networks)| {
            let fours = Self::of(networks, 1);
            ((fours.mean() - self.law(*m as f64)).abs(), fours.error())
        });
        let over = |(gap, error): &(f64, f64)| gap / (0.06 + 3.0 * error);
        match gaps.max_by(|a, b| over(a).total_cmp(&over(b))) {
            Some((gap, error)) => Claim { tolerance: 3.0 * error, ..claim }
                .measured(gap, format!("at most {} ± {}", fixed(gap, 3), fixed(error, 3))),
            None => claim.not_here("So noisy that nothing is learnt from this many examples."),
        }
    }

    fn ultra_storage(&self) -> Claim {
        let law = self.law(self.examples as f64);
        let claim = Claim::new("Four that meet hold two hundred in 64 points.", "Agliari et al. 2023, ultra-storage");
        let claim = Claim { tolerance: 0.06, ..claim }
            .expect(law, law, &format!("{} ± 0.06, as for a few", fixed(law, 2)))
            .on((0.0, "0"), (1.0, "1"));
        if let Some(why) = self.untested(&self.stored) {
            return claim.unmeasured(why);
        }
        if teacher::noisiness(self.quality, self.examples as f64) >= 1.0 {
            return claim.not_here("Too few examples of this quality: ρ is above 1.");
        }
        let m = Self::of(&self.stored[ROOM.len() - 1], 1).mean();
        claim.measured(m, fixed(m, 2))
    }

    fn pairs_drown(&self) -> Claim {
        let claim = Claim::new(
            "Two that meet have lost them all by then.",
            "Agliari et al. 2023; the limit of pairs is 0.138 N",
        )
        .expect(0.0, 0.5, "below 0.5")
        .on((0.0, "0"), (1.0, "1"));
        if let Some(why) = self.untested(&self.stored) {
            return claim.unmeasured(why);
        }
        let m = Self::of(&self.stored[ROOM.len() - 1], 0).mean();
        claim.measured(m, fixed(m, 2))
    }

    fn ultra_detection(&self) -> Claim {
        let claim = Claim::new(
            "More that meet stand more noise, as much more as theory says.",
            "Agliari et al. 2023, ultra-detection",
        )
        .expect(-4.0, 4.0, "errors within 4 standard errors")
        .on((-8.0, "8 below"), (8.0, "8 above"));
        if self.steps < STEPS / 2 {
            return claim.because("The tensors are still being drawn.");
        }
        let deviations = self.found.iter().zip(HUNTERS).flat_map(|(shares, (order, units, ..))| {
            shares.iter().zip(SHARES).map(move |((wrong, asked), share)| {
                let law = teacher::detection_error(units, order, share * teacher::detectable(units, order));
                let asked = *asked as f64;
                // Of rare errors a few are expected at most: one more or less is no deviation.
                let error = (law * (1.0 - law) / asked).sqrt().max(0.5 / asked);
                (*wrong as f64 / asked - law) / error
            })
        });
        let worst = deviations.max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        claim.measured(worst, format!("at most {}", fixed(worst.abs(), 1)))
    }

    /// Mean, least and greatest of those networks; of digits, where each is right or wrong, two standard errors.
    fn spread(&self, at: usize, networks: &[[f32; 2]], which: usize) -> Option<[f32; 4]> {
        let [mean, least, most] = Self::of(networks, which).spread()?.map(|x| x as f32);
        if self.ground.classes.is_none() {
            return Some([at as f32, mean, least, most]);
        }
        let error = 2.0 * (mean * (1.0 - mean) / networks.len() as f32).sqrt();
        Some([at as f32, mean, (mean - error).max(0.0), (mean + error).min(1.0)])
    }
}

/// Points from a least to a greatest number, evenly on a logarithmic axis.
fn along(least: f64, most: f64) -> impl Iterator<Item = f64> {
    (0..POINTS).map(move |i| least * scalar::pow(most / least, i as f64 / (POINTS - 1) as f64))
}

impl Experiment for Supervised {
    fn views(&self) -> Vec<View> {
        let side = self.ground.side;
        let names = (1..=DRAWN).map(|k| format!("example {k}"));
        let names = names.chain(["mean", "learnt", "archetype"].map(str::to_owned));
        let shown = Glyphs::new(side, side, names.collect());
        let m = || Axis::linear(if self.ground.classes.is_some() { "right class" } else { "overlap" }, 0.0, 1.0);
        let series = |points: usize| {
            let mut series = vec![Series::spread("two meet", points), Series::spread("four meet", points)];
            if self.ground.classes.is_none() {
                series.push(Series::reference("law", POINTS));
            }
            series
        };
        let names = ["archetype", "example 1", "example 2"];
        let valley = Shape::landscape(names, (Map::ROWS, Map::COLS), TRAIL);
        let learnt = Shape::Lines {
            x: Axis::log("examples M, log scale", 1.0, MOST as f64).of(&EXAMPLES),
            y: m(),
            series: series(LESSONS.len()),
            marks: Vec::new(),
            field: None,
        };
        let stored = Shape::Lines {
            x: Axis::log("archetypes K, log scale", 1.0, ROOM[ROOM.len() - 1] as f64).of(&PATTERNS),
            y: m(),
            series: series(ROOM.len()),
            marks: Vec::new(),
            field: None,
        };
        let hunters = HUNTERS.iter();
        let found = Shape::Lines {
            x: Axis::log("noise ω, log scale", 0.5, 1000.0).of(&NOISE),
            y: Axis::linear("wrong points", 0.0, 0.5),
            series: hunters
                .clone()
                .map(|(.., name, _)| Series::spread(name, SHARES.len()))
                .chain(hunters.map(|_| Series::reference("", POINTS)))
                .collect(),
            marks: Vec::new(),
            field: None,
        };
        let names = ["pattern", "pairs", "threes", "fours"].map(str::to_owned);
        vec![
            View::new("What the teacher shows", Place::Full, Shape::Glyphs(shown)).moving(),
            View::new("The valley of what was learnt", Place::Main, valley).moving(),
            View::new("Learnt from examples", Place::Main, learnt),
            View::new("Room for archetypes", Place::Side, stored),
            View::new("Found in noise", Place::Side, found),
            View::new("One step in that noise", Place::Side, Shape::Glyphs(Glyphs::new(8, 8, names.into()))).moving(),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let pictures = |pictures: &[Vec<f32>], slot: &mut [f32]| {
            slot.iter_mut().zip(pictures.iter().flatten()).for_each(|(s, x)| *s = 0.5 + 0.5 * x);
            let marks = pictures.iter().map(Vec::len).sum();
            slot[marks..].fill(-1.0);
        };
        let law = self.ground.classes.is_none();
        match view {
            SHOWN => pictures(&self.shown, slot),
            VALLEY => Shape::draw_landscape(slot, &self.valley.energies, self.valley.places, &self.valley.way),
            LEARNT => {
                let mut plot = Plot::new(slot, self.examples as f64);
                for which in 0..2 {
                    let measured = LESSONS.iter().zip(&self.learnt);
                    plot.curve(LESSONS.len(), measured.filter_map(|(at, networks)| self.spread(*at, networks, which)));
                }
                if law {
                    plot.curve(POINTS, along(1.0, MOST as f64).map(|m| [m as f32, self.law(m) as f32]));
                }
            }
            STORED => {
                let mut plot = Plot::new(slot, self.patterns as f64);
                for which in 0..2 {
                    let measured = self.rooms().iter().zip(&self.stored);
                    plot.curve(ROOM.len(), measured.filter_map(|(at, networks)| self.spread(*at, networks, which)));
                }
                if law {
                    let m = self.law(self.examples as f64) as f32;
                    plot.curve(POINTS, [[1.0, m], [ROOM[ROOM.len() - 1] as f32, m]]);
                }
            }
            FOUND => {
                let mut plot = Plot::new(slot, self.noise);
                for (shares, (order, units, ..)) in self.found.iter().zip(HUNTERS) {
                    let points = shares.iter().zip(SHARES).filter(|((_, asked), _)| *asked > 0);
                    plot.curve(
                        SHARES.len(),
                        points.map(|((wrong, asked), share)| {
                            let (rate, asked) = (*wrong as f64 / *asked as f64, *asked as f64);
                            let error = 2.0 * (rate * (1.0 - rate) / asked).sqrt();
                            let noise = share * teacher::detectable(units, order);
                            [noise, rate, (rate - error).max(0.0), (rate + error).min(0.5)].map(|x| x as f32)
                        }),
                    );
                }
                for (order, units, ..) in HUNTERS {
                    let wrong = |noise: f64| [noise as f32, teacher::detection_error(units, order, noise) as f32];
                    plot.curve(POINTS, along(0.5, 1000.0).map(wrong));
                }
            }
            _ => pictures(&self.noisy, slot),
        }
    }

    fn caption(&self, view: usize) -> String {
        let networks = |all: &[Vec<[f32; 2]>]| all.iter().map(Vec::len).sum::<usize>();
        match view {
            SHOWN => {
                let (learnt, archetype) = (&self.shown[DRAWN + 1], &self.shown[DRAWN + 2]);
                let wrong = wrong(learnt, archetype);
                format!("Eight examples, then the mean of {}, its sign, which has {wrong} of {} points wrong, and the archetype.", self.examples, archetype.len())
            }
            VALLEY => {
                let Valley { wrong: [before, after], depths, way, .. } = &*self.valley;
                let [from, to] = depths.map(|depth| fixed(depth, 2));
                format!(
                    "Begun at example 1, with {before} of {} points unlike the archetype, the network where {} meet comes to rest \
                     after {} with {after}. It begins at {from} times the depth of the archetype and ends at {to}. The dot is its \
                     shadow on the plane.",
                    self.shown[0].len(),
                    if self.meet == 2 { "two" } else { "four" },
                    counted(way.len() - 1, "sweep", "sweeps"),
                )
            }
            LEARNT if self.ground.classes.is_some() => format!(
                "Digits that were never shown, {} at each point at most: the share that falls to its own class of {}.",
                CUES * self.patterns.min(CLASSES),
                self.patterns.min(CLASSES)
            ),
            LEARNT => format!(
                "{} networks of {N} points with {} archetypes. Whiskers reach from the least to the greatest. At M = {} the law says {}.",
                networks(&self.learnt),
                self.patterns,
                self.examples,
                fixed(self.law(self.examples as f64), 2)
            ),
            STORED if self.ground.classes.is_some() => {
                format!("{CUES} digits of each class, {} examples. Whiskers hold the true share 95 times in 100.", self.examples)
            }
            STORED => format!(
                "{} networks, {} examples of each archetype. Where two meet there is room for {} at most.",
                networks(&self.stored),
                self.examples,
                fixed(0.138 * (self.ground.side * self.ground.side) as f64, 0)
            ),
            FOUND => "Every entry of the tensors is drawn: 48 units where two or three meet, 32 where four do. Dashes are theory.".into(),
            _ => {
                let wrong = |k: usize| wrong(&self.noisy[k], &self.noisy[0]);
                format!(
                    "At ω = {} pairs get {} of {N} points wrong, threes {}, fours {}.",
                    fixed(self.noise, 1),
                    wrong(1),
                    wrong(2),
                    wrong(3)
                )
            }
        }
    }

    fn step(&mut self) -> Status {
        let step = self.steps;
        let k = step as usize % self.lessons();
        let learnt = self.network(self.patterns, LESSONS[k], &format!("lesson {step}"), self.learnt[k].len());
        self.learnt[k].extend(learnt);
        let k = step as usize % self.rooms().len();
        let stored = self.network(self.rooms()[k], self.examples, &format!("room {step}"), self.stored[k].len());
        self.stored[k].extend(stored);
        let mut stream: Stream = self.ground.rng.stream(&format!("tensors {step}"));
        for (shares, (order, units, _, asked)) in self.found.iter_mut().zip(HUNTERS) {
            for ((wrong, all), share) in shares.iter_mut().zip(SHARES) {
                *wrong += teacher::detect(units, order, share * teacher::detectable(units, order), asked, &mut stream);
                *all += asked;
            }
        }
        self.steps += 1;
        Status::Running
    }

    fn measure(&self, out: &mut [f32]) {
        let near = |all: &[usize], wanted: usize| {
            all.iter().enumerate().min_by_key(|(_, known)| known.abs_diff(wanted)).map_or(0, |(k, _)| k)
        };
        let networks = &self.learnt[near(&LESSONS[..self.lessons()], self.examples)];
        out[0] = Self::of(networks, 0).mean() as f32;
        out[1] = Self::of(networks, 1).mean() as f32;
        out[2] = self.law(self.examples as f64) as f32;
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&PICTURES) {
            return Live::Restart;
        }
        self.examples = values.int(&EXAMPLES);
        self.quality = values.float(&QUALITY);
        self.patterns = values.int(&PATTERNS);
        self.meet = meet(values);
        self.noise = values.float(&NOISE);
        if param.is(&NOISE) {
            self.hide();
            return Live::Now;
        }
        if param.is(&MEET) {
            self.fall();
            return Live::Now;
        }
        if !param.is(&PATTERNS) {
            self.stored.iter_mut().for_each(Vec::clear);
            self.show();
        }
        self.fall();
        if !param.is(&EXAMPLES) {
            self.learnt.iter_mut().for_each(Vec::clear);
        }
        Live::Soon
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        match self.ground.classes {
            None => Vec::new(),
            Some(_) => vec![
                (&QUALITY, Reach::Idle("Digits are as they are.")),
                (&PATTERNS, Reach::UpTo(CLASSES as f64)),
                (&EXAMPLES, Reach::UpTo((OF_A_CLASS - CUES) as f64)),
            ],
        }
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.follows_the_law(), self.ultra_storage(), self.pairs_drown(), self.ultra_detection()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=dense-supervised&{query}"), STEPS)
    }

    #[test]
    fn where_theory_does_not_speak_nothing_is_claimed() {
        for settings in ["archetypes=1", "examples=2", "quality=0.1"] {
            for claim in run(settings).claims() {
                assert_ne!(claim.verdict(), Verdict::Differs, "{settings}: {claim:?}");
            }
        }
    }

    #[test]
    fn theory_holds_and_room_is_measured_again_when_the_number_of_examples_moves_at_the_end() {
        let mut session = run("seed=1");
        let claims = session.claims();
        assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
        session.set(&[("examples".into(), "80".into())]).unwrap();
        session.advance(STEPS);
        let claims = session.claims();
        assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
    }

    #[test]
    fn digits_fall_to_their_class_more_often_where_four_meet() {
        let session = run("pictures=digits&archetypes=10&examples=80");
        let [two, four, ..] = session.metrics()[..] else { panic!("three metrics") };
        assert!(four > 0.3 && four > two, "{two} {four}");
        assert!(session.claims()[..3].iter().all(|claim| claim.verdict() == Verdict::NotHere));
    }
}
