//! Pictures in the couplings of one binary network (Hopfield 1982), learnt by five rules and recalled by three dynamics.
//!
//! 784 units of ±1 are the points of a 28 x 28 picture. One by one at temperature 0, a step asks 49 of them, a sixteenth of
//! a sweep; in heat likewise; together, a step is a whole sweep.
use crate::{
    data::{self, File},
    lab::{
        Axis, Begun, Claim, Descent, Entry, Experiment, Fault, GRAIN, Gesture, Glyphs, Hand, Live, Map, Mark, Metric,
        Noise, PLANE, Paper, Param, Place, Plot, Preset, Prose, Reach, Series, Shape, Start, Status, Unmeasured,
        Values, View, Way, Wing,
    },
    math::{
        decimal::{fixed, percent},
        mat::Mat,
        rng::{Rng, Stream},
    },
    model::memory::{
        atlas::{Atlas, EnergyPlane},
        filling::{Filling, Growth, Recall},
        mean_field,
        resting::{self, Named, SAME},
        rules::{self, Couplings},
        spins::Spins,
    },
};
use std::rc::Rc;

static PICTURES: Param = Param::choice(
    "pictures",
    "Patterns",
    &[("digits", "Digits"), ("random", "Random")],
    "Handwritten digits share most of their page. Random patterns have nothing in common, and theory speaks of them.",
);
static MEMORIES: Param =
    Param::int("memories", "Memories", (1, 8, 150), "How many patterns are stored, beside your own.");
static RULE: Param = Param::choice(
    "rule",
    "Rule",
    &[
        ("hebb", "Hebb"),
        ("storkey", "Storkey"),
        ("projection", "Projection"),
        ("perceptron", "Perceptron"),
        ("unlearning", "Hebb, then dreams"),
    ],
    "How the couplings are learnt. Hebb adds up all patterns; the others take care of what is there already.",
)
.by_default("projection");
static DREAMS: Param = Param::int(
    "dreams",
    "Dreams",
    (0, 60, 300),
    "How often the network falls from a random state, and what it falls into is weakened.",
);
static DYNAMICS: Param = Param::choice(
    "dynamics",
    "Units move",
    &[("single", "One by one"), ("together", "Together"), ("heat", "In heat")],
    "One by one the energy can only fall. All at once two states may take turns for ever. In heat a unit sometimes \
     disobeys its field.",
);
static TEMPERATURE: Param =
    Param::float("temperature", "Temperature", (0.02, 0.3, 2.0), "How often units disobey in heat.");
static RECALL: Param = Param::int("recall", "Memory to recall", (1, 2, 150), "Counted from the left.");
static HIDDEN: Param = Param::share(
    "hidden",
    "Hidden part",
    (0.0, 0.5, 0.9),
    "The share of the picture, from the bottom, that the cue leaves blank.",
);
static FLIPPED: Param = Param::share(
    "flipped",
    "Points flipped",
    (0.0, 0.05, 0.5),
    "The share of points turned over in the cue, chosen by chance.",
)
.ends("clean", "noise");
static OWN: Param = Param::images(
    "own",
    "Your pictures",
    24,
    "Stored beside the others, in black and white. They stay on this machine.",
);
static CUE: Param = Param::images("cue", "Your cue", 1, "A picture of yours to start from, instead of a stored one.");

pub static ENTRY: Entry = Entry {
    id: "hopfield-rules",
    wing: Wing::Memory,
    prose: Prose {
        title: "Five ways to store a picture",
        paper: Some(Paper {
            title: "Neural networks and physical systems with emergent collective computational abilities",
            authors: "Hopfield",
            year: 1982,
            link: "https://doi.org/10.1073/pnas.79.8.2554",
        }),
        card: "Hebb mixes up eight digits. Projection and perceptron keep them apart.",
        lead: "Choose a rule, spoil a digit, and watch 784 points argue until they agree on one.",
        about: &[
            "All pictures lie on top of each other in the same couplings, one number for each pair of points. A point adds up what \
             all others say through them and takes the sign.",
            "Hebb's rule counts how often two points agree. Digits agree on the blank page nearly everywhere, so the count drowns \
             what tells them apart, and every cue falls into one blend. The projection takes out what patterns have in common; \
             Storkey's rule and the perceptron correct themselves pattern by pattern; dreams weaken what was never stored.",
            "A state where the network rests need not be a memory. It may be the negative of one, a mixture of some, or a state \
             of nobody. Mixtures of three, five and seven have a name, for those of random patterns may rest. A state that rests and has an overlap of a half \
             with none of all these is called a glass. The name stands under the state.",
            "The map shows which cues lead where. A place between three memories is no state of +1 and -1 but a mean of some. So \
             at each place one such state is drawn by chance and recalled, one by one and without heat. Lines are the exact \
             energy of the mean, a unit; where it is beyond ±1 it is cut there.",
            "While it runs, a second network beside it is filled with the same memories, yours among them, and then with more \
             of their kind, one by one, until recall breaks. Memories are asked from themselves there, not from a spoilt cue. The marks are laws for \
             random patterns and networks without end. Digits break Hebb's rule at once. The page has 200 digits; where they end random \
             patterns follow. The perceptron, and dreams, take so long that the run ends first.",
        ],
        formulas: &[
            r"W^{\text{Hebb}} = \frac{1}{N} \sum_\mu x^\mu {x^\mu}^{\!\top}",
            r"W^{\text{projection}} = \frac{1}{N} X^\top C^{-1} X, \quad C = \frac{1}{N} X X^\top",
            r"E(s) = -\tfrac12 \, s^\top W s",
        ],
        symbols: &[
            ("s", "the state, one of +1 (ink) and -1 (page) for each of $N = 784$ points"),
            (r"x^\mu", "a stored picture, a row of $X$"),
            ("W", "the couplings, with an empty diagonal"),
            ("C", "the overlaps of all pairs of pictures"),
        ],
        words: "hebb storkey projection pseudo-inverse perceptron krauth mezard gardner unlearning dreams spurious mixture glass digits binary draw",
    }
    .told(),
    params: &[
        &PICTURES, &MEMORIES, &RULE, &DREAMS, &DYNAMICS, &TEMPERATURE, &RECALL, &HIDDEN, &FLIPPED, &PLANE, &OWN, &CUE,
    ],
    metrics: &[
        Metric::new("overlap", "overlap", "Overlap of the state with the memory to recall: 1 is equal, -1 its negative."),
        Metric::new("energy", "energy", "Energy for each unit."),
        Metric::new("turned", "turned", "Share of the asked units that turned over."),
    ],
    presets: &[
        Preset::new("Projection", "Half a digit, and the whole comes back.", &[]),
        Preset::new("Hebb", "The same digits by Hebb's rule: one blend for all.", &[("rule", "hebb")]).beyond(),
        Preset::new(
            "Random patterns",
            "Hebb's rule is made for patterns that have nothing in common.",
            &[("rule", "hebb"), ("pictures", "random"), ("memories", "40")],
        ),
        Preset::new(
            "One too many",
            "A load of 0.16, and Hebb's rule has lost nearly all of them.",
            &[("rule", "hebb"), ("pictures", "random"), ("memories", "125"), ("hidden", "0"), ("flipped", "0.1")],
        )
        .beyond(),
        Preset::new(
            "Add until it breaks",
            "A second network gets one pattern more, and one more, and soon loses them all.",
            &[("rule", "hebb"), ("pictures", "random"), ("memories", "20")],
        ),
        Preset::new(
            "Storkey",
            "A hundred and fifty patterns, where Hebb's rule has lost nearly all, and each of them holds still.",
            &[("rule", "storkey"), ("pictures", "random"), ("memories", "150"), ("hidden", "0"), ("flipped", "0.1")],
        ),
        Preset::new(
            "Perceptron",
            "Forty digits, each corrected until every point of it holds.",
            &[("rule", "perceptron"), ("memories", "40")],
        ),
        Preset::new(
            "Dreams",
            "A hundred patterns, a quarter of the cue wrong: Hebb's rule alone tends to go astray; after 300 dreams it finds home.",
            &[
                ("rule", "unlearning"),
                ("pictures", "random"),
                ("memories", "100"),
                ("dreams", "300"),
                ("hidden", "0"),
                ("flipped", "0.25"),
            ],
        ),
        Preset::new("Warm", "Points disobey, and the memory holds.", &[("dynamics", "heat")]),
        Preset::new(
            "All at once",
            "Where all points obey at once, two states often take turns for ever.",
            &[("dynamics", "together"), ("rule", "hebb"), ("pictures", "random"), ("memories", "150"), ("flipped", "0.4")],
        )
        .beyond(),
    ],
    steps: STEPS as u64,
    log_steps: false,
    pace: 24.0,
    thumbnail: 3,
    files,
    start: begin,
};

const SIDE: usize = 28;
const N: usize = SIDE * SIDE;
/// Units asked in a step.
const ASKED: usize = N / 16;
const STEPS: usize = 320;
/// Columns of the overlaps over time, and steps in each.
const COLUMNS: usize = 80;
const STEPS_A_COLUMN: usize = STEPS / COLUMNS;
/// Rows and columns of the couplings that are drawn as one cell.
const BLOCK: usize = 7;

/// Recalls for the map in each step, and for the noise.
const RECALLS: usize = 16;

const STORED: usize = 0;
const MAP: usize = 1;
const OVERLAPS: usize = 2;
const TRIO: usize = 3;
const ENERGIES: usize = 5;
const NOISE: usize = 6;
const FILLING: usize = 7;
const COUPLINGS: usize = 8;

/// Memories that the second network is filled with at the most: more than it has units.
const MOST: usize = 800;
/// Digits in the file that is read anyway.
const MOST_DIGITS: usize = 200;
/// Passes over the couplings for the second network, in each step and at the start.
const PASSES: usize = 28;
const FIRST_PASSES: usize = 150;

fn files(values: &Values) -> Vec<&'static File> {
    match values.choice(&PICTURES) {
        "digits" => data::digit_files(values.int(&MEMORIES)),
        _ => Vec::new(),
    }
}

/// What is stored; no slider changes it.
struct Stored {
    /// (K, 784).
    patterns: Mat,
    names: Vec<String>,
    random: bool,
    /// The memories and further patterns of their kind, for the second network.
    more: Mat,
    own_cue: Option<Vec<f32>>,
    rng: Rng,
}

#[derive(Clone)]
struct HopfieldRules {
    stored: Rc<Stored>,
    couplings: Rc<Couplings>,
    rule: &'static str,
    dynamics: &'static str,
    temperature: f64,
    target: usize,
    cue: Vec<f32>,
    spins: Spins,
    /// The state two steps ago, for those that take turns.
    earlier: [Vec<f32>; 2],
    chance: Stream,
    turned: usize,
    steps: usize,
    descent: Descent,
    /// For each column so far, the overlap with every memory.
    overlaps: Vec<f32>,
    /// The second network, and how it was at the start.
    filling: Rc<Filling>,
    first: Rc<Filling>,
    /// How many memories hold still, and how many points of all of them do not.
    still: usize,
    wrong: usize,
    /// Where there are dreams, how many hold still by Hebb's rule alone; and how many dreams there are.
    alone: Option<usize>,
    dreams: usize,
    map: Rc<Map>,
    plane: Rc<EnergyPlane>,
    atlas: Atlas,
    noise: Noise,
    /// Chance of the cues of both.
    cues: Stream,
    flipped: f64,
    way: Way,
}

fn begin(start: &Start) -> Begun {
    let (values, count) = (start.values, start.values.int(&MEMORIES));
    let random = values.choice(&PICTURES) == "random";
    let (all, mut names) = if random {
        // Those that are stored come first, whatever their number.
        let patterns = rules::random_patterns(MOST, N, &mut start.rng.stream("patterns"));
        (patterns.data, (1..=count).map(|k| format!("pattern {k}")).collect())
    } else {
        let read = data::digits(files(values).into_iter().map(|file| start.inputs.file(file)), MOST_DIGITS);
        let wanted = "must be a readable file of pictures";
        let digits = read.map_err(|error| Fault::new(PICTURES.name, &error.to_string(), wanted))?;
        (rules::from_ink(digits.ink), digits.names)
    };
    names.truncate(count);
    let (stored, further) = all.split_at(names.len() * N);
    let mut patterns = stored.to_vec();
    for (k, ink) in start.inputs.squares(&OWN, SIDE)?.into_iter().enumerate() {
        patterns.extend(rules::from_ink(ink));
        names.push(format!("your picture {}", k + 1));
    }
    let own_cue = start.inputs.squares(&CUE, SIDE)?.pop().map(rules::from_ink);
    let mut more: Vec<f32> = patterns.iter().chain(further).copied().collect();
    // Where digits run out, random patterns follow, so that each rule is filled until it breaks.
    let lacking = MOST.saturating_sub(more.len() / N);
    more.extend(rules::random_patterns(lacking, N, &mut start.rng.stream("more")).data);
    let rows = more.len() / N;
    let more = Mat::new(more, rows, N);
    let patterns = Mat::new(patterns, names.len(), N);
    let stored = Rc::new(Stored { patterns, names, random, more, own_cue, rng: start.rng.clone() });
    let learnt = learn(&stored, values);
    Ok(Box::new(HopfieldRules::new(stored, learnt, values)))
}

/// What depends on the rule: the couplings, and the second network with the first memories.
type Learnt = (Rc<Couplings>, Rc<Filling>);

fn learn(stored: &Stored, values: &Values) -> Learnt {
    let patterns = &stored.patterns;
    let couplings = match values.choice(&RULE) {
        "storkey" => rules::storkey(patterns),
        "projection" => rules::projection(patterns),
        "perceptron" => rules::perceptron(patterns, 1.0, 40).couplings,
        "unlearning" => rules::unlearning(patterns, values.int(&DREAMS), 0.01, &mut stored.rng.stream("dreams")),
        _ => rules::hebb(patterns),
    };
    let mut filling = Filling::new(growth(values), N, stored.rng.stream("one memory more"));
    filling.fill(&stored.more, stored.names.len(), FIRST_PASSES);
    (Rc::new(couplings), Rc::new(filling))
}

/// How the rule adds a memory to the second network.
fn growth(values: &Values) -> Growth {
    match values.choice(&RULE) {
        "storkey" => Growth::Storkey,
        "projection" => Growth::Projection,
        "perceptron" => Growth::Perceptron { rounds: 40 },
        "unlearning" => Growth::Unlearning { dreams: values.int(&DREAMS) },
        _ => Growth::Hebb,
    }
}

/// How many random patterns the laws of a rule grant 784 units, and what they say of them.
fn laws(rule: &str) -> Vec<(f64, &'static str)> {
    match rule {
        "hebb" => {
            vec![
                (rules::hebb_capacity(N), "stay"),
                (mean_field::critical_load().0 * N as f64, "come back nearly whole"),
            ]
        }
        "storkey" => vec![(rules::storkey_capacity(N), "stay")],
        "projection" => vec![(N as f64, "stay")],
        _ => Vec::new(),
    }
}

impl HopfieldRules {
    fn new(stored: Rc<Stored>, (couplings, first): Learnt, values: &Values) -> Self {
        let target = values.int(&RECALL).min(stored.names.len()) - 1;
        let mut cue = stored.own_cue.clone().unwrap_or_else(|| stored.patterns.row(target).to_vec());
        let shown = ((1.0 - values.float(&HIDDEN)) * SIDE as f64 + 0.5) as usize;
        cue[shown * SIDE..].fill(-1.0);
        let flips = (values.float(&FLIPPED) * N as f64 + 0.5) as usize;
        stored.rng.stream("flips").choose(flips, N).into_iter().for_each(|i| cue[i] = -cue[i]);
        let leaving = |couplings: &Couplings| -> Vec<usize> {
            let points = |mu: usize| {
                let spins = Spins::new(couplings, stored.patterns.row(mu).to_vec());
                (0..N).filter(|i| spins.field(couplings, *i) * f64::from(spins.state()[*i]) < 0.0).count()
            };
            (0..stored.names.len()).map(points).collect()
        };
        let still = |leaving: &[usize]| leaving.iter().filter(|count| **count == 0).count();
        let dreams = values.choice(&RULE) == "unlearning";
        let alone = dreams.then(|| still(&leaving(&rules::hebb(&stored.patterns))));
        let leaving = leaving(&couplings);
        let (patterns, names) = (&stored.patterns, &stored.names);
        let corners = Map::corners(values.items(&PLANE).chain([target]), names.len());
        let plane = EnergyPlane::through(patterns, corners.states, &couplings);
        let place = |mu: usize| plane.place(patterns.row(mu));
        let map = Map::through(corners, |mu| names[mu].clone(), place, plane.energies(Map::ROWS, Map::COLS));
        let mut run = Self {
            filling: Rc::clone(&first),
            first,
            still: still(&leaving),
            alone,
            dreams: values.int(&DREAMS),
            wrong: leaving.iter().sum(),
            atlas: Atlas::new(Map::ROWS, Map::COLS, &mut stored.rng.stream("cells")),
            noise: Noise::new(&FLIPPED),
            cues: stored.rng.stream("cues of the map"),
            flipped: values.float(&FLIPPED),
            way: Way::default(),
            map: Rc::new(map),
            plane: Rc::new(plane),
            rule: values.choice(&RULE),
            dynamics: values.choice(&DYNAMICS),
            temperature: values.float(&TEMPERATURE),
            spins: Spins::new(&couplings, cue.clone()),
            chance: stored.rng.stream("order"),
            earlier: Default::default(),
            turned: 0,
            steps: 0,
            descent: Descent::default(),
            overlaps: Vec::new(),
            stored,
            couplings,
            target,
            cue,
        };
        run.begin_at_cue();
        run
    }

    fn begin_at_cue(&mut self) {
        self.spins.put(&self.couplings, &self.cue);
        self.earlier = Default::default();
        (self.turned, self.steps, self.descent) = (0, 0, Descent::default());
        self.overlaps = self.overlaps_now();
        self.way.clear();
        self.trace();
    }

    fn trace(&mut self) {
        let place = self.plane.place(self.spins.state());
        let on_map = self.plane.energy(place.0.into(), place.1.into());
        self.way.add(place, self.energy() / N as f64, on_map);
    }

    /// Fills the next cells of the map, and the next levels of noise.
    fn explore(&mut self) {
        let (map, plane, couplings, cues) = (&self.map, &self.plane, &self.couplings, &mut self.cues);
        let (patterns, target) = (&self.stored.patterns, self.target);
        let recall = |cue: Vec<f32>, cues: &mut Stream| {
            let mut spins = Spins::new(couplings, cue);
            spins.settle(couplings, cues, 30);
            spins
        };
        self.atlas.fill(RECALLS, |x, y| {
            let spins = recall(plane.draw(x, y, cues), cues);
            let is = |mu: usize| spins.overlap(patterns.row(mu)) >= SAME;
            map.end(patterns.rows, is)
        });
        self.noise.fill(RECALLS, |share| {
            let mut cue = patterns.row(target).to_vec();
            cues.choose((share * N as f64 + 0.5) as usize, N).into_iter().for_each(|i| cue[i] = -cue[i]);
            let spins = recall(cue, cues);
            let is = |mu: usize| spins.overlap(patterns.row(mu)) >= SAME;
            Noise::end(target, patterns.rows, is)
        });
    }

    /// With how many memories the second network ends: well beyond the laws of its rule.
    fn most(&self) -> usize {
        let most = match self.rule {
            "hebb" | "unlearning" => 160,
            "storkey" => 560,
            _ => MOST,
        };
        most.max(self.stored.names.len()).min(self.stored.more.rows)
    }

    fn filled(&self) -> bool {
        self.filling.recalls().len() >= self.most()
    }

    /// Recall in words, with the memories of the page or all that came so far.
    fn caption_of_filling(&self) -> String {
        let (stored, most) = (self.stored.names.len(), self.filling.recalls().len());
        let with = |count: usize, Recall { overlap, still }: &Recall| {
            format!(
                "With {count} the mean overlap is {} and {} % hold still.",
                fixed((*overlap).into(), 2),
                fixed(100.0 * f64::from(*still), 0)
            )
        };
        let here = self.filling.recalls().get(stored - 1).map(|recall| with(stored, recall)).unwrap_or_default();
        let granted: Vec<String> =
            laws(self.rule).iter().map(|(at, what)| format!("{} {what}", fixed(*at, 0))).collect();
        let laws = match granted.as_slice() {
            [] => String::new(),
            granted => format!(" Of random patterns, says theory, {}.", granted.join(" and ")),
        };
        match self.filling.broke() {
            Some(broke) => {
                format!("{here} Recall breaks at {broke} memories: from there on the overlap is below 0.9.{laws}")
            }
            None if self.filled() => format!("{here} Up to {most} memories nothing has broken.{laws}"),
            None => format!("{here} {most} memories were added so far, and nothing has broken.{laws}"),
        }
    }

    fn overlaps_now(&self) -> Vec<f32> {
        (0..self.stored.names.len()).map(|mu| self.spins.overlap(self.stored.patterns.row(mu)) as f32).collect()
    }

    fn overlap(&self) -> f64 {
        self.spins.overlap(self.stored.patterns.row(self.target))
    }

    fn energy(&self) -> f64 {
        self.spins.energy(&self.couplings)
    }

    /// Which memory is the nearest, by the size of its overlap.
    fn nearest(&self) -> usize {
        resting::ranked(self.spins.state(), &self.stored.patterns, &[true; N])[0].0
    }

    /// What the state is.
    fn named(&self) -> Named {
        Named::of(self.spins.state(), &self.stored.patterns, &[true; N], self.spins.rests())
    }

    fn all_still(&self) -> Claim {
        let count = self.stored.names.len();
        if let Some(alone) = self.alone {
            let least = (alone + 1).min(count);
            let claim = Claim::new(
                "After dreams more memories hold still than by Hebb's rule alone.",
                "Hopfield, Feinstein and Palmer 1983",
            )
            .expect(least as f64, count as f64, &format!("more than {alone} of {count}"))
            .on((0.0, "0"), (count as f64, &format!("{count} memories")))
            .measured(self.still as f64, format!("{} of {count}", self.still))
            .only_if(self.dreams > 0, "Nothing is dreamt.");
            return match self.still {
                still if still >= least || self.stored.random => claim,
                _ => claim.because("Digits share most of their page, and so few dreams do not tell them apart."),
            };
        }
        let source = match self.rule {
            "storkey" => "Storkey 1997",
            "projection" => "Personnaz, Guyon and Dreyfus 1985",
            "perceptron" => "Gardner 1988; Krauth and Mézard 1987",
            _ => "Hopfield 1982, section on information storage",
        };
        let claim = Claim::new("Every memory holds still.", source)
            .expect(count as f64, count as f64, &format!("{count} of {count}"))
            .on((0.0, "0"), (count as f64, &format!("{count} memories")))
            .measured(self.still as f64, format!("{} of {count}", self.still));
        match self.rule {
            _ if self.still == count => claim,
            "hebb" | "storkey" if !self.stored.random => claim
                .because("This rule is made for patterns without anything in common. Digits share most of their page."),
            "hebb" => claim.because("So many patterns are too many for it."),
            _ => claim.because("Two of the pictures are equal or nearly so."),
        }
    }

    fn wrong_at_once(&self) -> Claim {
        let (count, says) = (self.stored.names.len(), "As many points leave a memory at once as crosstalk makes them.");
        let expected = rules::crosstalk_error(N, count);
        let points = (count * N) as f64;
        let spread = 3.0 * (expected * (1.0 - expected) / points).sqrt() + 0.05 * expected;
        let text = |x: f64| percent(x, 2);
        let claim = Claim::new(says, "Hertz, Krogh and Palmer 1991, crosstalk of Hebb's rule");
        if self.rule != "hebb" || !self.stored.random {
            return claim.press("One too many", "the formula is for random patterns and Hebb's rule.");
        }
        let claim = Claim { tolerance: spread, ..claim }
            .expect(expected, expected, &format!("{} ± {}", text(expected), text(spread)))
            .on((0.0, "0"), (2.0 * expected.max(1e-4), &text(2.0 * expected.max(1e-4))));
        if expected * points < 30.0 {
            return claim.not_here("Too few to be counted here. Store more memories.");
        }
        let got = self.wrong as f64 / points;
        claim.measured(got, text(got))
    }

    fn breaks_by_the_law(&self) -> Claim {
        let says = "One memory more and one more: recall breaks where the laws of the rule let it.";
        let n = N as f64;
        // From the law on, and by the load at which nobody has seen recall any more.
        let (source, from, to) = match self.rule {
            "hebb" => {
                ("Amit, Gutfreund and Sompolinsky 1985, 0.138 N; few units break a little later", 0.13 * n, 0.17 * n)
            }
            "storkey" => (
                "Storkey 1997, N / √(2 ln N); our reference simulation, lost at N / 2",
                rules::storkey_capacity(N),
                0.5 * n,
            ),
            // The projection ends at N exactly, where rounding blurs the last few.
            "projection" => ("Personnaz, Guyon and Dreyfus 1985, capacity N", 0.9 * n, n),
            _ => return Claim::new(says, "McEliece et al. 1987").not_here("This rule has no such law."),
        };
        let claim = Claim::new(says, source);
        if !self.stored.random {
            return claim.press("Add until it breaks", "the law is for random patterns.");
        }
        let (held, most) = (self.filling.recalls().len(), self.most() as f64);
        let claim = claim
            .expect(from, to, &format!("{} to {} memories", fixed(from, 0), fixed(to, 0)))
            .on((0.0, "0"), (most, &fixed(most, 0)));
        match self.filling.broke() {
            Some(broke) => claim.measured(broke as f64, format!("{broke} memories")),
            None if self.filled() => claim.measured(most, format!("more than {held}")),
            None => claim.unmeasured(Unmeasured::NotYet(format!("{held} memories were added so far."))),
        }
    }

    fn downhill(&self) -> Claim {
        let (says, source) = ("No move of a single unit raises the energy.", "Hopfield 1982, equations 7 and 8");
        match self.dynamics {
            "together" => Claim::new(says, source).not_here("All units move at once here, and then it may rise."),
            "heat" => Claim::new(says, source).not_here("Heat makes it rise now and then."),
            _ => Claim::never_rises(says, source, &self.descent),
        }
    }
}

impl Experiment for HopfieldRules {
    fn views(&self) -> Vec<View> {
        let names = self.stored.names.clone();
        let strip = Glyphs {
            weighted: Some("overlap"),
            ringed: Some("nearest"),
            picks: Some(PLANE.name),
            ..Glyphs::new(SIDE, SIDE, names)
        };
        let trio = Glyphs {
            paint: Some(0),
            store: Some((OWN.name, 2)),
            ..Glyphs::new(SIDE, SIDE, ["Cue", "State", "Nearest"].map(str::to_owned).into())
        };
        let overlaps = Shape::Heatmap {
            rows: self.stored.names.len() as u32,
            cols: COLUMNS as u32,
            row_name: "memory",
            col_name: "time",
            ends: ("its negative", "the memory"),
        };
        let couplings = Shape::Heatmap {
            rows: (N / BLOCK) as u32,
            cols: (N / BLOCK) as u32,
            row_name: "to seven points",
            col_name: "from seven points",
            ends: ("wants them unlike", "alike"),
        };
        let most = self.most();
        let marks = laws(self.rule).into_iter().filter(|(at, _)| *at < most as f64);
        let filling = Shape::Lines {
            x: Axis::log("memories, log scale", 1.0, most as f64),
            y: Axis::linear("overlap, share", 0.0, 1.0),
            series: vec![
                Series::curve("overlap", most),
                Series::curve("hold still", most),
                Series::reference("recall breaks", 2),
            ],
            marks: marks.map(|(at, _)| Mark { at, label: fixed(at, 0) }).collect(),
            field: None,
        };
        let way = Shape::over_steps(
            Axis::linear("step", 0.0, 64.0),
            Axis::linear("overlap, energy", -1.0, 1.0),
            &[("overlap", "overlap"), ("energy", "energy")],
        );
        vec![
            View::new("Memories", Place::Full, Shape::Glyphs(strip)),
            self.map.view(),
            View::new("Overlap with every memory", Place::Main, overlaps).moving(),
            View::new("Cue, state, nearest", Place::Side, Shape::Glyphs(trio)).hand(Hand::Start).moving(),
            View::new("On the way", Place::Side, way),
            Way::view(&self.map),
            self.noise.view(),
            View::new("One memory more, until recall breaks", Place::Main, filling),
            View::new("The couplings", Place::Main, couplings),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        match view {
            STORED => out.iter_mut().zip(&self.stored.patterns.data).for_each(|(o, x)| *o = 0.5 + 0.5 * x),
            COUPLINGS => {
                let cells = N / BLOCK;
                for (cell, mean) in out.iter_mut().enumerate() {
                    let (row, col) = (cell / cells * BLOCK, cell % cells * BLOCK);
                    let rows = (row..row + BLOCK).map(|i| &self.couplings.weights.row(i)[col..col + BLOCK]);
                    *mean = rows.flatten().sum::<f32>() / (BLOCK * BLOCK) as f32;
                }
            }
            _ => {}
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            STORED => {
                slot[0] = self.nearest() as f32;
                slot[1..].copy_from_slice(&self.overlaps_now());
            }
            MAP => self.map.draw(self.atlas.ends(), &self.way, slot),
            OVERLAPS => {
                slot.fill(0.0);
                let count = self.stored.names.len();
                for (col, overlaps) in self.overlaps.chunks(count).take(COLUMNS).enumerate() {
                    overlaps.iter().enumerate().for_each(|(mu, m)| slot[mu * COLUMNS + col] = *m);
                }
            }
            TRIO => {
                let nearest = self.stored.patterns.row(self.nearest());
                let points = self.cue.iter().chain(self.spins.state()).chain(nearest);
                slot.iter_mut().zip(points).for_each(|(s, x)| *s = 0.5 + 0.5 * x);
                slot[3 * N] = -1.0;
            }
            ENERGIES => self.way.draw(slot),
            NOISE => self.noise.draw(self.flipped, slot),
            FILLING => {
                let mut plot = Plot::new(slot, self.stored.names.len() as f64);
                let curve = |figure: fn(&Recall) -> f32| {
                    self.filling.recalls().iter().enumerate().map(move |(k, recall)| [k as f32 + 1.0, figure(recall)])
                };
                plot.curve(self.most(), curve(|recall| recall.overlap));
                plot.curve(self.most(), curve(|recall| recall.still));
                plot.curve(2, self.filling.broke().into_iter().flat_map(|at| [[at as f32, 0.0], [at as f32, 1.0]]));
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let count = self.stored.names.len();
        match view {
            STORED => {
                format!("{} of {count} memories hold still under this rule. Store one more and look again.", self.still)
            }
            MAP => self.map.caption(self.atlas.ends(), self.atlas.recalls()),
            OVERLAPS => {
                "A row for each memory, time to the right. Blue agrees with the state, magenta is its negative.".into()
            }
            TRIO => format!("{} Paint on the cue, or store a picture.", self.named().told(&self.stored.names)),
            ENERGIES => self.way.caption(),
            NOISE => self.noise.caption(&self.stored.names[self.target]),
            FILLING => self.caption_of_filling(),
            COUPLINGS => {
                format!("{} couplings, seven by seven points in a cell, row after row of the picture.", N * (N - 1) / 2)
            }
            _ => format!(
                "Overlap with {} is {}, energy {} a unit.",
                self.stored.names[self.target],
                fixed(self.overlap(), 2),
                fixed(self.energy() / N as f64, 3)
            ),
        }
    }

    fn step(&mut self) -> Status {
        let before = self.energy();
        let couplings = Rc::clone(&self.couplings);
        self.earlier = [std::mem::take(&mut self.earlier[1]), self.spins.state().to_vec()];
        self.turned = match self.dynamics {
            "together" => self.spins.update_together(&couplings),
            "heat" => self.spins.ask_heated(&couplings, self.temperature, ASKED, &mut self.chance),
            _ => self.spins.ask(&couplings, ASKED, &mut self.chance),
        };
        self.steps += 1;
        self.trace();
        self.explore();
        // Fields are kept in f32, a rounding for each flip.
        self.descent.step(before, self.energy(), 1e-4 * before.abs());
        if self.steps.is_multiple_of(STEPS_A_COLUMN) {
            self.spins.renew(&couplings);
            let now = self.overlaps_now();
            self.overlaps.extend(now);
        }
        let whole = self.filling.broke().is_none();
        let most = self.most();
        Rc::make_mut(&mut self.filling).fill(&self.stored.more, most, PASSES);
        if whole && self.filling.broke().is_some() {
            return Status::Passed("recall breaks");
        }
        if self.dynamics == "heat" || !self.atlas.full() || !self.filled() {
            return Status::Running;
        }
        if self.spins.rests() {
            return Status::Ended(self.named().word());
        }
        if self.dynamics == "together" && self.earlier[0] == self.spins.state() {
            return Status::Ended("two states in turn");
        }
        Status::Running
    }

    fn measure(&self, out: &mut [f32]) {
        let asked = if self.dynamics == "together" { N } else { ASKED };
        out[0] = self.overlap() as f32;
        out[1] = (self.energy() / N as f64) as f32;
        out[2] = self.turned as f32 / asked as f32;
    }

    fn touch(&mut self, gesture: &Gesture) {
        let share = |part: u16| f64::from(part) / f64::from(GRAIN);
        match *gesture {
            Gesture::Paint { item: 0, x, y, value, .. } => {
                let mut ink: Vec<f32> = self.cue.iter().map(|x| 0.5 + 0.5 * x).collect();
                data::paint(&mut ink, SIDE, SIDE, (share(x), share(y)), f32::from(value) / 255.0);
                self.cue = rules::from_ink(ink);
            }
            Gesture::Wipe { item: 0, .. } => self.cue.fill(-1.0),
            Gesture::Drag { x, y, .. } => {
                self.cue = self.plane.draw(share(x), share(y), &mut self.stored.rng.stream(&format!("cue at {x} {y}")));
            }
            _ => return,
        }
        self.begin_at_cue();
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&PICTURES) || param.is(&MEMORIES) || param.is(&OWN) || param.is(&CUE) {
            return Live::Restart;
        }
        let learnt = if param.is(&RULE) || param.is(&DREAMS) {
            learn(&self.stored, values)
        } else {
            (Rc::clone(&self.couplings), Rc::clone(&self.first))
        };
        *self = Self::new(Rc::clone(&self.stored), learnt, values);
        Live::Again
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let recall = match self.stored.own_cue {
            Some(_) => Reach::Idle("Your cue is taken instead."),
            None => Reach::UpTo(self.stored.names.len() as f64),
        };
        let mut reaches = vec![(&RECALL, recall)];
        if self.dynamics != "heat" {
            reaches.push((&TEMPERATURE, Reach::Idle("Units move without heat.")));
        }
        if self.rule != "unlearning" {
            reaches.push((&DREAMS, Reach::Idle("This rule does not dream.")));
        }
        reaches
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.all_still(), self.downhill(), self.wrong_at_once(), self.breaks_by_the_law()]
    }

    fn slim(&mut self) {
        self.filling = Rc::new(self.filling.slim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Ended, Session, follow},
    };

    /// Steps after which a recall is over. The map of all others takes longer.
    const RECALL: usize = 100;

    fn run(query: &str) -> Session {
        run_for(query, STEPS)
    }

    fn run_for(query: &str, steps: usize) -> Session {
        follow(&format!("id=hopfield-rules&{query}"), steps as u64)
    }

    #[test]
    fn projection_keeps_digits_apart_that_hebb_blends() {
        let projection = run("seed=1");
        assert_eq!(projection.ended(), Some(&Ended::Finished("a memory")));
        let claims = projection.claims();
        assert!(claims[..2].iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
        let hebb = run_for("seed=1&rule=hebb", RECALL);
        assert!(hebb.metrics()[0] < 0.9, "{}", hebb.metrics()[0]);
        assert_eq!(hebb.claims()[0].verdict(), Verdict::Differs);
    }

    #[test]
    fn random_patterns_come_back_by_hebb_up_to_its_load() {
        for (query, back) in [("memories=40", true), ("memories=125&hidden=0&flipped=0.1", false)] {
            let overlap = run_for(&format!("rule=hebb&pictures=random&{query}"), RECALL).metrics()[0];
            assert_eq!(overlap > 0.95, back, "{query}: {overlap}");
        }
    }

    #[test]
    fn memories_are_added_until_recall_breaks_where_the_laws_let_it() {
        for (query, law) in [("rule=hebb", 108), ("rule=storkey", 214)] {
            let session = run(&format!("{query}&pictures=random&memories=20"));
            let claim = &session.claims()[3];
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
            assert!(claim.measured.as_ref().is_some_and(|(broke, _)| *broke > f64::from(law)), "{claim:?}");
        }
        assert_eq!(run_for("rule=hebb", 1).claims()[3].verdict(), Verdict::NotHere);
    }

    #[test]
    fn points_leave_at_once_as_crosstalk_makes_them() {
        for seed in 1..=3 {
            let query = format!("seed={seed}&rule=hebb&pictures=random&memories=125");
            let claim = &run_for(&query, 1).claims()[2];
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn every_rule_and_dynamics_runs() {
        let rules = ["hebb", "storkey", "projection", "perceptron", "unlearning"].map(|rule| (rule, "single"));
        for (rule, dynamics) in rules.into_iter().chain([("storkey", "together"), ("storkey", "heat")]) {
            let session = run_for(&format!("rule={rule}&dynamics={dynamics}&dreams=10"), 40);
            assert_ne!(session.claims()[1].verdict(), Verdict::Differs, "{rule} {dynamics}");
        }
    }
}
