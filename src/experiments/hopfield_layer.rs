//! The Hopfield layer as pooling: bags of digits, told apart by whether they contain a certain one (Ramsauer et al. 2021).
//!
//! A step trains three classifiers on the same new bags: pooling by one update of a learnt state, by the mean and by the
//! maximum. All three begin with the same layer and out-weights.
use crate::{
    data::{self, File, Pictures},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fault, Glyphs, Live, Map, Metric, Paper, Param, Place, Plot, Preset,
        Prose, Series, Shape, Start, Status, Values, View, Wing,
    },
    math::{
        decimal::{fixed, percent, scientific},
        kernels::dot64,
        mat::Mat,
        order::strongest,
        rng::{Rng, Stream},
        scalar,
    },
    model::{
        learning::adam::{Adam, Settings},
        memory::{
            bags::{Bags, paired},
            hopfield::{Memory, effective_number},
            landscape::Landscape,
            pooling::{Classifier, Pooling},
            sphere::{COUNTS, Sphere},
        },
    },
};
use std::rc::Rc;

static DIGIT: Param = Param::int("digit", "Digit", (0, 6, 9), "A bag is positive if this digit is in it.");
static SIZE: Param = Param::int("size", "Bag size", (2, 24, 40), "How many digits are in a bag.");
static BETA: Param = Param::float(
    "beta",
    "Sharpness β",
    (0.05, 1.0, 20.0),
    "How sharply the state attends to the patterns nearest to it. Near 0 the update is their mean.",
)
.ends("mean", "one");
static UPDATES: Param = Param::int(
    "updates",
    "Updates",
    (1, 1, MOST_UPDATES as i64),
    "How often the state is updated among the digits of an unseen bag. It learns with one.",
);
static BAG: Param = Param::int(
    "bag",
    "Bag to look at",
    (1, 1, SHOWN as i64),
    "One of the bags that were never trained on; the first half are positive.",
);

pub static ENTRY: Entry = Entry {
    id: "hopfield-layer",
    wing: Wing::Memory,
    prose: Prose {
        title: "One digit in the bag",
        paper: Some(Paper {
            title: "Hopfield Networks is All You Need",
            authors: "Ramsauer, Schäfl, Lehner, Seidl, Widrich, Gruber, Holzleitner and others",
            year: 2021,
            link: "https://arxiv.org/abs/2008.02217",
        }),
        card: "Told only whether a bag holds a six, it finds the six.",
        lead: "Train it, and watch attention settle on the digit that nobody pointed at.",
        about: &[
            "A bag holds several digits, and all that is told is whether a certain one is among them: not where, nor what the \
             others are. The layer stores the digits of a bag as the patterns of a modern Hopfield network. A state that is learnt \
             is updated once among them, and the retrieved pattern decides.",
            "That update is attention: state and patterns are queries and keys, and the values come after. So attention shows \
             what the state looks for. It learns to find the digit, though only bags have answers.",
            "Beside it the same network takes the mean of the patterns, in which one digit of 24 counts a 24th, or the \
             greatest of each number. The larger the bag, the more the mean loses. Over seeds 1 to 10 attention calls 98, 97, \
             96 and 91 % of bags of 5, 10, 24 and 40 digits right, the mean 94, 90, 80 and 70 %. All learn from the same 400 \
             batches; what longer training would do is not shown.",
            "A maximum beats the mean as well: 96, 94, 93 and 91 %. In bags of forty it is as good as attention. In one run the two \
             are often too close for 400 bags to tell, and with other digits or seeds the maximum is ahead; the caption under the \
             curves says which. And a six is easy to tell: in bags of twenty, some with a seven, attention calls 90 % right, \
             the maximum 89 and the mean 84 %.",
            "All bags are drawn from 200 pictures, twenty of each digit, so the standard errors speak of bags of these pictures, \
             not of handwriting. A one shows it: all three learn the training bags by heart, and of the same unseen twenty ones and \
             the sevens beside them attention calls 87 to 99 % of bags right from seed to seed, the maximum 81 to 95 %. Eights are \
             far from learnt after 400 batches. So the two claims on the mean are held against sixes only, and \
             in bags of ten and more.",
            "After training, slide β: far down the state cannot tell patterns apart, and attention becomes a mean. Slide the \
             updates: one is enough, and with more the state forgets what it asked for and asks for what it has just retrieved.",
            "As in the authors' layer the state moves among the keys, and values are projected once, at the end. Their benchmarks \
             on immune repertoires and drugs are far beyond this page, and nothing here stands for them.",
        ],
        formulas: &[
            r"k_i = \operatorname{relu}(W x_i + b), \qquad z = \sum_i p_i k_i, \qquad p = \operatorname{softmax}(\beta \, K q)",
            r"P(\text{positive}) = \sigma(w \cdot z + c)",
            r"E(q) = -\tfrac1\beta \ln \textstyle\sum_i e^{\beta \, k_i \cdot q} + \tfrac12 \, q \cdot q + \text{const}",
            r"q' = K^{\!\top} \operatorname{softmax}(\beta K q) = \operatorname{softmax}\left(\beta \, Q K^{\!\top}\right) V",
        ],
        symbols: &[
            ("x_i", "a digit of the bag, $14 \\times 14$ points"),
            ("k_i", "the pattern that is stored for it, a row of $K$"),
            ("q", "the learnt state; as attention $Q = q^{\\!\\top}$ is the query and $V = K$ are the values"),
            ("p", "attention: the weights of the patterns"),
            (r"\beta", "the sharpness"),
            ("z", "the retrieved pattern"),
            (r"w, c", "weights of the answer"),
        ],
        words: "hopfield layer attention pooling multiple instance learning bags mil query key value transformer training digits",
    }
    .told(),
    params: &[&DIGIT, &SIZE, &BETA, &UPDATES, &BAG],
    metrics: &[
        Metric::new("hopfield", "Hopfield", "The share of unseen bags that are called right with Hopfield pooling."),
        Metric::new("mean", "mean", "The same with the mean of the patterns."),
        Metric::new("max", "maximum", "The same with the greatest of each number."),
        Metric::new("loss", "loss", "Cross-entropy of the last training bags with Hopfield pooling."),
        Metric::new("found", "found", "The share of unseen positive bags in which the digit has most attention."),
    ],
    presets: &[
        Preset::new("A six among twenty-four", "Nobody says which one it is.", &[]),
        Preset::new("Five", "Of five digits the mean is still a good answer.", &[("size", "5")]),
        Preset::new("Forty", "One digit in a crowd: the mean hardly sees it.", &[("size", "40")]),
        Preset::new("A one", "Ones look alike: whether attention or a maximum is ahead changes with the seed.", &[("digit", "1")]),
        Preset::new("An eight", "Eights look like much else.", &[("digit", "8")]),
        Preset::new("Blunt", "Under a small β the state must grow to find the digit. Meanwhile the maximum is ahead.", &[("beta", "0.05")]),
        Preset::new("Three updates", "After the first update the state asks for what it has retrieved.", &[("updates", "3")]),
    ],
    steps: STEPS,
    log_steps: false,
    pace: 30.0,
    thumbnail: ATTENDED,
    files: |_| data::digit_files(DIGITS),
    start: begin,
};

/// The digit that the claims speak of.
const SIX: usize = 6;
/// The smallest bags that they speak of: in those of five, one seed in ten or so leaves nothing between the mean and others.
const CROWD: usize = 10;
/// The least sharpness that attention learns under in 400 batches whatever the seed: at 0.05 one seed of ten does not.
const SHARP_ENOUGH: f32 = 0.5;
const STEPS: u64 = 400;
const DIGITS: usize = 1000;
/// Of these the last are never trained on.
const UNSEEN: usize = 200;
/// The most updates of the state that are asked for.
const MOST_UPDATES: usize = 5;
const SIDE: usize = 14;
const HIDDEN: usize = 32;
/// Bags in a step, unseen bags, and how many of these can be looked at.
const BATCH: usize = 24;
const TESTS: usize = 400;
const SHOWN: usize = 24;
/// Steps from one look at the unseen bags to the next.
const EVERY: u64 = 8;
/// The rate of learning, until it falls in the second half.
const RATE: f32 = 0.01;
/// Eighty pictures of a digit are soon learnt by heart, so each is moved by up to so many pixels of its 28, anew each time.
const MOVED: usize = 2;
/// Sharpnesses along the curves.
const POINTS: usize = 33;
/// Positive bags whose attention is drawn.
const ATTENDED_BAGS: usize = 6;

const POOLINGS: [Pooling; 3] = [Pooling::Hopfield, Pooling::Mean, Pooling::Max];
/// Their places.
const HOPFIELD: usize = 0;
const MEAN: usize = 1;
const MAXIMUM: usize = 2;

const STRIP: usize = 0;
const WAY: usize = 1;
const ATTENDED: usize = 2;
const FALL: usize = 3;
const ASKED: usize = 4;
const SHARP: usize = 5;

/// Numbers of a random pattern, for the room, and patterns that are stored in a step.
const SPHERES: [usize; 3] = [16, 32, 64];
const STORED: usize = 800;

/// Digits, in two parts.
struct Digits {
    /// 1000 of 28 x 28.
    pictures: Pictures,
    labels: Vec<usize>,
    /// The unseen ones, halved (200, 196).
    unseen: Mat,
    rng: Rng,
}

/// What the three make of the unseen bags.
#[derive(Default)]
struct Look {
    /// Which bags each calls right.
    calls: [Vec<bool>; POOLINGS.len()],
    /// What Hopfield pooling makes of them.
    attention: Vec<f32>,
    positive: Vec<bool>,
    /// The share that Hopfield pooling calls right at some sharpnesses, with one update.
    sharp: Vec<f64>,
    /// The state among the patterns of the bag that is shown.
    fall: Option<Fall>,
}

/// How the learnt state falls among the patterns of a bag, on the plane through it and the two that it attends to most.
struct Fall {
    landscape: Landscape,
    /// Where the state stands before each update and after the last.
    path: Vec<(f32, f32)>,
    /// Its energy first and last.
    energies: [f64; 2],
}

impl Fall {
    fn new(memory: &Memory, state: &[f32], (beta, updates): (f32, usize)) -> Self {
        let overlaps = memory.overlaps64(state);
        let mut nearest = strongest(&overlaps).map(|i| memory.patterns.row(i));
        let [first, second] = [(); 2].map(|()| nearest.next().unwrap_or(state));
        let landscape = Landscape::through([state, first, second], memory, beta.into(), Map::ROWS, Map::COLS);
        let mut states = vec![state.to_vec()];
        for k in 0..updates {
            let (mut weights, mut next) = (vec![0.0; memory.count()], vec![0.0; state.len()]);
            memory.update(beta, &states[k], &mut weights, &mut next);
            states.push(next);
        }
        let energy = |x: &[f32]| memory.energy64(beta.into(), &memory.overlaps64(x), dot64(x, x));
        Self {
            path: states.iter().map(|state| landscape.plane.place(state)).collect(),
            energies: [&states[0], &states[updates]].map(|state| energy(state)),
            landscape,
        }
    }
}

#[derive(Clone)]
struct HopfieldLayer {
    digits: Rc<Digits>,
    tests: Rc<Bags>,
    digit: usize,
    size: usize,
    beta: f32,
    updates: usize,
    bag: usize,
    chance: Stream,
    learners: Vec<(Classifier, Adam)>,
    loss: f64,
    look: Rc<Look>,
    /// How many random patterns such a network has room for.
    spheres: Rc<Vec<Sphere>>,
    steps: u64,
}

fn begin(start: &Start) -> Begun {
    let files = (ENTRY.files)(start.values);
    let read = data::digits(files.into_iter().map(|file: &'static File| start.inputs.file(file)), DIGITS);
    let wanted = "must be readable files of pictures";
    let digits = read.map_err(|error| Fault::new(DIGIT.name, &error.to_string(), wanted))?;
    if digits.len() < DIGITS {
        return Err(Fault::new(DIGIT.name, &digits.len().to_string(), "must have a thousand pictures").into());
    }
    let label = |name: &String| name.bytes().last().map_or(0, |byte| usize::from(byte.wrapping_sub(b'0')));
    let unseen = (DIGITS - UNSEEN..DIGITS).flat_map(|i| digits.halved(i)).collect();
    let digits = Digits {
        labels: digits.names.iter().map(label).collect(),
        unseen: Mat::new(unseen, UNSEEN, SIDE * SIDE),
        pictures: digits,
        rng: start.rng.clone(),
    };
    Ok(Box::new(HopfieldLayer::new(Rc::new(digits), start.values)))
}

impl HopfieldLayer {
    fn new(digits: Rc<Digits>, values: &Values) -> Self {
        let (digit, size) = (values.int(&DIGIT), values.int(&SIZE));
        let stream = &mut digits.rng.stream("unseen bags");
        let tests = Bags::new(&digits.labels[DIGITS - UNSEEN..], digit, size, TESTS, stream);
        let learner = |pooling| {
            let classifier = Classifier::new(pooling, SIDE * SIDE, HIDDEN, &mut digits.rng.stream("weights"));
            let adam = Adam::new(classifier.count(), Settings::new(RATE, 0.0));
            (classifier, adam)
        };
        let sphere = |d: usize| Sphere::new(d, digits.rng.stream(&format!("sphere of {d}")));
        let mut run = Self {
            spheres: Rc::new(SPHERES.map(sphere).into()),
            chance: digits.rng.stream("bags"),
            learners: POOLINGS.map(learner).into(),
            digits,
            tests: Rc::new(tests),
            digit,
            size,
            beta: values.float(&BETA) as f32,
            updates: values.int(&UPDATES),
            bag: values.int(&BAG) - 1,
            loss: scalar::ln(2.0),
            look: Rc::default(),
            steps: 0,
        };
        run.look();
        run
    }

    /// What all three make of the unseen bags.
    fn look(&mut self) {
        let members = &self.tests.members;
        let calls = |logits: &[f32]| -> Vec<bool> {
            logits.iter().zip(&self.tests.answers).map(|(logit, answer)| (*logit > 0.0) == *answer).collect()
        };
        let mut look = Look::default();
        for (k, (classifier, _)) in self.learners.iter().enumerate() {
            let keys = classifier.keys(&self.digits.unseen);
            let seen = classifier.look(&keys, members, self.size, self.beta, self.updates);
            look.calls[k] = calls(&seen.logits);
            if k == HOPFIELD {
                let alone = classifier.alone(&keys);
                let alone: Vec<f32> = members.iter().map(|i| alone[*i]).collect();
                let at = |i: usize| share(&calls(&seen.logits_at(sharpness(i) as f32, self.size, &alone)));
                look.sharp = (0..POINTS).map(at).collect();
                look.positive = seen.logits.iter().map(|logit| *logit > 0.0).collect();
                look.attention = seen.attention;
                let shown = &members[test(self.bag) * self.size..][..self.size];
                let patterns = shown.iter().flat_map(|i| keys.row(*i).iter().copied()).collect();
                let memory = Memory::new(Mat::new(patterns, self.size, HIDDEN));
                look.fall = Some(Fall::new(&memory, classifier.state(), (self.beta, self.updates)));
            }
        }
        self.look = Rc::new(look);
    }

    /// The share of unseen bags that each of the three calls right.
    fn right(&self) -> [f64; POOLINGS.len()] {
        [HOPFIELD, MEAN, MAXIMUM].map(|k| share(&self.look.calls[k]))
    }

    fn attention(&self, bag: usize) -> &[f32] {
        &self.look.attention[bag * self.size..][..self.size]
    }

    /// The instances of an unseen bag, the most attended first.
    fn by_attention(&self, bag: usize) -> Vec<usize> {
        let attention: Vec<f64> = self.attention(bag).iter().copied().map(f64::from).collect();
        strongest(&attention).collect()
    }

    /// The label of an instance of an unseen bag.
    fn label(&self, bag: usize, i: usize) -> usize {
        self.digits.labels[DIGITS - UNSEEN + self.tests.members[bag * self.size + i]]
    }

    /// The share of positive bags in which the digit has most attention.
    fn found(&self) -> f64 {
        let found = |bag: &usize| self.label(*bag, self.by_attention(*bag)[0]) == self.digit;
        (0..TESTS / 2).filter(found).count() as f64 / (TESTS / 2) as f64
    }

    fn has_room(&self) -> Claim {
        let claim = Claim::new(
            "A hundred thousand random patterns of 32 numbers are found in one update.",
            "Ramsauer et al. 2021, exponential storage",
        )
        .expect(0.95, 1.0, "at least 95 % of the cues")
        .on((0.0, "0"), (1.0, "100 %"));
        let sphere = self.spheres.iter().find(|sphere| sphere.numbers() == 32 && sphere.full());
        match sphere.and_then(|sphere| sphere.found().last()) {
            Some(share) => claim.measured(*share, percent(*share, 0)),
            None => claim.because("They are still being stored."),
        }
    }

    fn is_attention(&self) -> Claim {
        let learner = &self.learners[HOPFIELD].0;
        let keys = learner.keys(&self.digits.unseen);
        let members = |k: usize| &self.tests.members[test(k) * self.size..][..self.size];
        let gaps = (0..SHOWN).map(|k| learner.attention_gap(&keys, members(k), self.beta.into()));
        let gap = gaps.fold(0.0, f64::max);
        Claim::new("One update of the state, then projected, is attention.", "Ramsauer et al. 2021, equation 10")
            .expect(0.0, 1e-12, "difference below 1e-12")
            .on_log((1e-18, "1e-18"), (1e-6, "1e-6"))
            .measured(gap.max(1e-18), format!("{} over {SHOWN} bags", scientific(gap, 0)))
    }

    /// A claim on what was learnt, once it is.
    fn learnt(&self, claim: Claim, measured: f64, text: String) -> Claim {
        if self.updates > 1 {
            return claim.not_here("It is trained with one update, and held against that.");
        }
        if self.steps < STEPS {
            return claim.because(format!("{} of {STEPS} steps are trained.", self.steps));
        }
        claim.measured(measured, text)
    }

    fn finds_it(&self) -> Claim {
        let says = "In most bags that hold it, attention is greatest on the digit that decides.";
        let least = 0.5 + 2.0 * (0.25 / (TESTS / 2) as f64).sqrt();
        let claim = Claim::new(says, "Ramsauer et al. 2021, multiple instance learning")
            .expect(least, 1.0, &format!("above {}, a half and 2 standard errors", percent(least, 1)))
            .on((0.0, "never"), (1.0, "always"));
        self.learnt(claim, self.found(), format!("{} of positive bags", percent(self.found(), 1)))
    }

    /// How far one is ahead of another in the share of bags called right, and two standard errors of that.
    fn ahead(&self, one: usize, other: usize) -> (f64, f64) {
        let (ahead, error) = paired(&self.look.calls[one], &self.look.calls[other]);
        (ahead, 2.0 * error)
    }

    fn beats_the_mean(&self, pooling: usize, says: &str) -> Claim {
        let (ahead, errors) = self.ahead(pooling, MEAN);
        let [one, mean] = [pooling, MEAN].map(|k| percent(self.right()[k], 1));
        let claim = Claim::new(says, "Ramsauer et al. 2021, multiple instance learning")
            .expect(errors, 1.0, &format!("ahead by {}, 2 standard errors of paired bags", percent(errors, 1)))
            .on((-0.3, "30 % behind"), (0.3, "30 % ahead"));
        if self.digit != SIX {
            return claim.not_here(
                "Found for sixes. Of other digits a few unseen pictures decide, which all bags share, or training is not over.",
            );
        }
        if self.size < CROWD {
            return claim.not_here(format!("In bags of less than {CROWD} digits a mean is nearly as good."));
        }
        if pooling == HOPFIELD && self.beta < SHARP_ENOUGH {
            return claim
                .not_here("So blunt a state must grow before it can look, and 400 batches may be too few for that.");
        }
        self.learnt(claim, ahead, format!("ahead by {}: {one} against {mean}", percent(ahead, 1)))
    }

    /// Which of attention and the maximum calls more bags right, if the bags can tell.
    fn against_the_maximum(&self) -> String {
        let (ahead, errors) = self.ahead(HOPFIELD, MAXIMUM);
        let [apart, two_errors] = [ahead.abs(), errors].map(|x| percent(x, 1));
        if ahead.abs() <= errors {
            return format!("The maximum is as good here: {apart} apart, within 2 standard errors ({two_errors}).");
        }
        let [first, second] = if ahead > 0.0 { ["Attention", "the maximum"] } else { ["The maximum", "attention"] };
        format!("{first} is {apart} ahead of {second}, more than 2 standard errors ({two_errors}).")
    }
}

/// Which unseen bag is the k-th to be looked at: positive ones first.
fn test(k: usize) -> usize {
    if 2 * k < SHOWN { k } else { TESTS / 2 + k - SHOWN / 2 }
}

fn sharpness(i: usize) -> f64 {
    0.05 * scalar::pow(400.0, i as f64 / (POINTS - 1) as f64)
}

fn share(right: &[bool]) -> f64 {
    right.iter().filter(|right| **right).count() as f64 / right.len().max(1) as f64
}

impl Experiment for HopfieldLayer {
    fn views(&self) -> Vec<View> {
        let strip = Glyphs {
            weighted: Some("attention"),
            ringed: Some("most attended"),
            ..Glyphs::new(SIDE, SIDE, (1..=self.size).map(|k| format!("digit {k} of the bag")).collect())
        };
        let way = Shape::over_steps(
            Axis::linear("step", 0.0, STEPS as f64),
            Axis::linear("unseen bags right", 0.4, 1.0),
            &[("hopfield", "Hopfield"), ("mean", "mean"), ("max", "maximum")],
        );
        let attended = Shape::Heatmap {
            rows: ATTENDED_BAGS as u32,
            cols: self.size as u32,
            row_name: "positive bag",
            col_name: "digit in it, most attended first",
            ends: ("on another digit", "on the one"),
        };
        let fall =
            Shape::landscape(["learnt state", "most attended", "second"], (Map::ROWS, Map::COLS), MOST_UPDATES + 1);
        let asked = Shape::Heatmap {
            rows: SIDE as u32,
            cols: SIDE as u32,
            row_name: "row",
            col_name: "column",
            ends: ("against", "for it"),
        };
        let sharp = Shape::Lines {
            x: Axis::log("sharpness β, log scale", 0.05, 20.0).of(&BETA),
            y: Axis::linear("unseen bags right", 0.4, 1.0),
            series: vec![
                Series::curve("Hopfield", POINTS),
                Series::reference("maximum", 2),
                Series::reference("mean", 2),
            ],
            marks: Vec::new(),
            field: None,
        };
        let names = ["16 numbers", "32 numbers", "64 numbers"];
        let room = Shape::Lines {
            x: Axis::log("patterns stored, log scale", COUNTS[0] as f64, COUNTS[COUNTS.len() - 1] as f64),
            y: Axis::linear("found", 0.0, 1.0),
            series: names.map(|name| Series::curve(name, COUNTS.len())).into(),
            marks: Vec::new(),
            field: None,
        };
        vec![
            View::new("A bag that was never trained on", Place::Full, Shape::Glyphs(strip)).moving(),
            View::new("Unseen bags called right", Place::Main, way),
            View::new("Where attention goes", Place::Main, attended).moving(),
            View::new("The state falls among the patterns of the bag", Place::Main, fall).moving(),
            View::new("What it asks for", Place::Side, asked).moving(),
            View::new("Right at another sharpness", Place::Side, sharp),
            View::new("Random patterns found in one update", Place::Main, room),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let bag = test(self.bag);
        match view {
            STRIP => {
                let (pictures, marks) = slot.split_at_mut(self.size * SIDE * SIDE);
                let first = bag * self.size;
                for (picture, i) in pictures.chunks_mut(SIDE * SIDE).zip(&self.tests.members[first..]) {
                    picture.copy_from_slice(self.digits.unseen.row(*i));
                }
                marks[0] = self.by_attention(bag)[0] as f32;
                marks[1..].copy_from_slice(self.attention(bag));
            }
            ATTENDED => {
                for (row, out) in slot.chunks_mut(self.size).enumerate() {
                    let attention = self.attention(row);
                    for (out, i) in out.iter_mut().zip(self.by_attention(row)) {
                        *out = if self.label(row, i) == self.digit { attention[i] } else { -attention[i] };
                    }
                }
            }
            FALL => {
                if let Some(Fall { landscape, path, .. }) = &self.look.fall {
                    Shape::draw_landscape(slot, &landscape.energies, landscape.places, path);
                }
            }
            ASKED => slot.copy_from_slice(&self.learners[HOPFIELD].0.asked()),
            SHARP => {
                let mut plot = Plot::new(slot, f64::from(self.beta));
                let at = |(i, right): (usize, &f64)| [sharpness(i) as f32, *right as f32];
                plot.curve(POINTS, self.look.sharp.iter().enumerate().map(at));
                for k in [MAXIMUM, MEAN] {
                    plot.curve(2, [0.05, 20.0].map(|beta| [beta, self.right()[k] as f32]));
                }
            }
            WAY => {}
            _ => {
                let mut plot = Plot::new(slot, -1.0);
                for sphere in self.spheres.iter() {
                    let points = COUNTS.iter().zip(sphere.found()).map(|(count, share)| [*count as f32, *share as f32]);
                    plot.curve(COUNTS.len(), points);
                }
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let digit = self.digit;
        match view {
            STRIP => {
                let bag = test(self.bag);
                let called = if self.look.positive[bag] { "positive" } else { "negative" };
                let is = if self.tests.answers[bag] { "holds" } else { "does not hold" };
                let most = self.by_attention(bag)[0];
                let (weight, label) = (percent(self.attention(bag)[most].into(), 1), self.label(bag, most));
                format!(
                    "This bag {is} the digit {digit}, and is called {called}. Most attention, {weight}, is on a {label}."
                )
            }
            WAY if self.steps == 0 => format!("Nothing is trained yet: of {TESTS} unseen bags all three call about half right."),
            WAY => {
                let ([hopfield, mean, max], verdict) =
                    (self.right().map(|x| percent(x, 1)), self.against_the_maximum());
                format!("Of {TESTS} unseen bags: Hopfield {hopfield}, mean {mean}, maximum {max}. {verdict}")
            }
            ATTENDED => format!(
                "Six positive bags, a row each, the {digit} first and then the others by their attention. Blue is attention on \
                 a {digit}, magenta on another digit. In {} of all positive bags the {digit} has most.",
                percent(self.found(), 1)
            ),
            FALL => {
                let [first, last] = self.look.fall.as_ref().map_or([0.0; 2], |fall| fall.energies);
                let shared = effective_number(self.attention(test(self.bag)));
                let end = if shared < 1.5 { "beside the pattern it attends to" } else { "between those that share its attention" };
                format!(
                    "The energy on the plane through the learnt state and the two digits it attends to most. {} from {} to {}: it ends {end}. \
                     What it retrieves is a mean of all patterns and lies a little off the plane, so its dot is a shadow.",
                    if self.updates == 1 { "One update takes it" } else { "Its updates take it" },
                    fixed(first, 2),
                    fixed(last, 2)
                )
            }
            ASKED => "Blue points speak for a digit and magenta ones against it, as if the layer were linear.".into(),
            SHARP => {
                let shares = self.look.attention.chunks(self.size).map(|p| f64::from(effective_number(p)));
                let shared = fixed(shares.sum::<f64>() / TESTS as f64, 1);
                format!(
                    "The weights of now under another β, with one update. Over all unseen bags attention is shared by {shared} of {} digits. Far to \
                     the left it is a mean, but one that never learnt to be.",
                    self.size
                )
            }
            _ => "Random patterns on a sphere, β = 1, asked with half as much noise as signal. One update of the same kind as in the layer finds \
                  nearly all where patterns have 32 numbers or more. Hebb's rule would hold 4 in 32 units."
                .into(),
        }
    }

    fn step(&mut self) -> Status {
        let bags = Bags::new(&self.digits.labels[..DIGITS - UNSEEN], self.digit, self.size, BATCH, &mut self.chance);
        let mut by = || self.chance.below(2 * MOVED + 1) as isize - MOVED as isize;
        let moved = bags.members.iter().flat_map(|i| self.digits.pictures.moved(*i, (by(), by()))).collect();
        let instances = Mat::new(moved, bags.members.len(), SIDE * SIDE);
        let left = 1.0 - self.steps as f32 / STEPS as f32;
        for (k, (classifier, adam)) in self.learners.iter_mut().enumerate() {
            let (loss, gradient) = classifier.gradient(&instances, self.size, self.beta, &bags.answers);
            adam.settings.rate = RATE * (2.0 * left).min(1.0);
            adam.step(classifier.weights(), &gradient);
            if k == HOPFIELD {
                self.loss = loss;
            }
        }
        if let Some(sphere) = Rc::make_mut(&mut self.spheres).iter_mut().find(|sphere| !sphere.full()) {
            sphere.store(STORED);
        }
        self.steps += 1;
        if self.steps.is_multiple_of(EVERY) {
            self.look();
        }
        Status::Running
    }

    fn measure(&self, out: &mut [f32]) {
        out.iter_mut().zip(self.right()).for_each(|(out, right)| *out = right as f32);
        out[3] = self.loss as f32;
        out[4] = self.found() as f32;
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&BETA) || param.is(&UPDATES) || param.is(&BAG) {
            self.beta = values.float(&BETA) as f32;
            self.updates = values.int(&UPDATES);
            self.bag = values.int(&BAG) - 1;
            self.look();
            return Live::Now;
        }
        *self = Self::new(Rc::clone(&self.digits), values);
        Live::Again
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.is_attention(),
            self.finds_it(),
            self.beats_the_mean(HOPFIELD, "Pooling by attention tells bags apart better than a mean."),
            self.beats_the_mean(MAXIMUM, "So does a maximum: the gain over a mean is not attention's alone."),
            self.has_room(),
        ]
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
        follow(&format!("id=hopfield-layer&{query}"), STEPS)
    }

    #[test]
    fn attention_finds_the_digit_and_is_better_than_a_mean() {
        let claims = run("seed=1").claims();
        assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
    }

    #[test]
    fn more_updates_than_were_trained_lose_the_digit_and_are_held_against_nothing() {
        let (one, three) = (run("size=8"), run("size=8&updates=3"));
        assert!(one.metrics()[4] > three.metrics()[4] + 0.05, "{:?} and {:?}", one.metrics(), three.metrics());
        assert_eq!(three.claims()[2].verdict(), Verdict::NotHere);
    }

    #[test]
    fn of_other_digits_and_small_bags_it_is_not_said_who_beats_the_mean() {
        let verdicts = |query: &str, steps| {
            let claims = follow(&format!("id=hopfield-layer&{query}"), steps).claims();
            claims[2..4].iter().map(Claim::verdict).collect::<Vec<_>>()
        };
        assert_eq!(verdicts("digit=1", 1), [Verdict::NotHere, Verdict::NotHere]);
        assert_eq!(verdicts("size=5", 1), [Verdict::NotHere, Verdict::NotHere]);
        assert_eq!(verdicts("beta=0.05", STEPS), [Verdict::NotHere, Verdict::Agrees]);
    }
}
