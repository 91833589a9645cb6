//! The Hopfield layer as pooling: bags of digits, told apart by whether they contain a certain one (Ramsauer et al. 2021).
//!
//! A step trains three classifiers on the same new bags: pooling by one update of a learnt state, by the mean and by the
//! maximum. All three begin with the same layer and out-weights.
use crate::{
    data::{self, File},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fault, Glyphs, Live, Metric, Paper, Param, Place, Plot, Preset, Prose,
        Series, Shape, Start, Status, Values, View, Wing,
    },
    math::{
        decimal::{fixed, scientific},
        kernels::softmax,
        mat::Mat,
        rng::{Rng, Stream},
        scalar,
    },
    model::{
        adam::{Adam, Settings},
        hopfield,
        pooling::{Classifier, Pooling, Seen},
    },
};
use std::rc::Rc;

static DIGIT: Param = Param::int("digit", "Digit", (0, 3, 9), "A bag is positive if this digit is in it.");
static SIZE: Param = Param::int("size", "Bag size", (2, 10, 24), "How many digits are in a bag.");
static BETA: Param = Param::float(
    "beta",
    "Sharpness β",
    (0.05, 1.0, 20.0),
    "How sharply the state attends to the patterns nearest to it. Near 0 the update is their mean.",
)
.ends("mean", "one");
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
        card: "Told only whether a bag holds a three, it finds the three.",
        lead: "Train it, and watch attention settle on the digit that nobody pointed at.",
        about: &[
            "A bag holds several digits, and all that is told is whether a certain one is among them: not where, nor what the \
             others are. The layer stores the digits of a bag as the patterns of a modern Hopfield network. A state that is learnt \
             is updated once among them, and the retrieved pattern decides.",
            "That update is attention: state and patterns are queries and keys, and the values come after. So attention shows \
             what the state looks for. It learns to find the digit, though only bags have answers.",
            "Beside it the same network takes the mean of the patterns, in which one digit of ten counts a tenth, or the greatest \
             of each number. Slide β down and the state cannot tell patterns apart: attention becomes a mean.",
            "As in the authors' layer the state moves among the keys, and values are projected once, at the end. Their benchmarks \
             on immune repertoires and drugs are far beyond this page, and nothing here stands for them.",
        ],
        formulas: &[
            r"k_i = \operatorname{relu}(W x_i + b), \qquad z = \sum_i p_i k_i, \quad p = \operatorname{softmax}(\beta \, K q)",
            r"P(\text{positive}) = \sigma(w \cdot z + c)",
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
    params: &[&DIGIT, &SIZE, &BETA, &BAG],
    metrics: &[
        Metric::new("hopfield", "Hopfield", "The share of unseen bags that are called right with Hopfield pooling."),
        Metric::new("mean", "mean", "The same with the mean of the patterns."),
        Metric::new("max", "maximum", "The same with the greatest of each number."),
        Metric::new("loss", "loss", "Cross-entropy of the last training bags with Hopfield pooling."),
        Metric::new("found", "found", "Attention on the digit itself, the mean over unseen positive bags."),
    ],
    presets: &[
        Preset::new("A three among ten", "Nobody says which one it is.", &[]),
        Preset::new("A one", "Ones look alike, and are found at once.", &[("digit", "1")]),
        Preset::new("An eight", "Eights look like much else.", &[("digit", "8")]),
        Preset::new("Pairs", "Of two digits the mean is half the answer.", &[("size", "2")]),
        Preset::new("Twenty-four", "One digit in a crowd: the mean hardly sees it.", &[("size", "24")]),
        Preset::new("Blunt", "With β near 0 attention stays spread, however large the state grows.", &[("beta", "0.05")]),
    ],
    steps: STEPS,
    log_steps: false,
    pace: 30.0,
    thumbnail: ATTENDED,
    files: |_| data::digit_files(DIGITS),
    start: begin,
};

const STEPS: u64 = 400;
const DIGITS: usize = 1000;
/// Of these the last are never trained on.
const UNSEEN: usize = 200;
const SIDE: usize = 14;
const HIDDEN: usize = 24;
/// Bags in a step, unseen bags, and how many of these can be looked at.
const BATCH: usize = 24;
const TESTS: usize = 160;
const SHOWN: usize = 24;
/// Steps from one look at the unseen bags to the next.
const EVERY: u64 = 8;
const RATE: f32 = 3e-3;
/// Eighty pictures of a digit are soon learnt by heart; decay keeps weights from it.
const DECAY: f32 = 1.0;
/// Sharpnesses along the curve of attended patterns.
const POINTS: usize = 33;
/// Positive bags whose attention is drawn.
const ATTENDED_BAGS: usize = 6;

const POOLINGS: [Pooling; 3] = [Pooling::Hopfield, Pooling::Mean, Pooling::Max];

const STRIP: usize = 0;
const WAY: usize = 1;
const ATTENDED: usize = 2;
const ASKED: usize = 3;
const SHARED: usize = 4;

/// Digits, in two parts, and by class.
struct Digits {
    /// (1000, 196).
    points: Mat,
    labels: Vec<u8>,
    rng: Rng,
}

/// Bags with their answers.
struct Bags {
    /// Which digits are in them, bag after bag.
    members: Vec<usize>,
    /// (bags n, 196).
    instances: Mat,
    answers: Vec<bool>,
}

impl Digits {
    /// So many bags of some of the digits; every second one is positive, or the first half.
    fn bags(&self, from: std::ops::Range<usize>, digit: usize, size: usize, count: usize, stream: &mut Stream) -> Bags {
        let (own, others): (Vec<usize>, Vec<usize>) = from.partition(|i| usize::from(self.labels[*i]) == digit);
        let mut members = Vec::with_capacity(count * size);
        let answers: Vec<bool> = (0..count).map(|bag| 2 * bag < count).collect();
        for positive in &answers {
            let first = members.len();
            members.extend((0..size).map(|_| others[stream.below(others.len())]));
            if *positive {
                members[first + stream.below(size)] = own[stream.below(own.len())];
            }
        }
        let data = members.iter().flat_map(|i| self.points.row(*i).iter().copied()).collect();
        Bags { instances: Mat::new(data, members.len(), SIDE * SIDE), members, answers }
    }
}

#[derive(Clone)]
struct HopfieldLayer {
    digits: Rc<Digits>,
    tests: Rc<Bags>,
    digit: usize,
    size: usize,
    beta: f32,
    bag: usize,
    chance: Stream,
    learners: Vec<(Classifier, Adam)>,
    loss: f64,
    right: [f64; POOLINGS.len()],
    /// What Hopfield pooling makes of the unseen bags.
    seen: Rc<Seen>,
    steps: u64,
}

fn begin(start: &Start) -> Begun {
    let files = (ENTRY.files)(start.values);
    let read = data::digits(files.into_iter().map(|file: &'static File| start.inputs.file(file)), DIGITS);
    let wanted = "must be readable files of pictures";
    let digits = read.map_err(|error| Fault::new(DIGIT.name, &error.to_string(), wanted))?;
    let points: Vec<f32> = (0..digits.len()).flat_map(|i| digits.halved(i)).collect();
    let label = |name: &String| name.bytes().last().map_or(0, |byte| byte.wrapping_sub(b'0'));
    let digits = Digits {
        points: Mat::new(points, digits.len(), SIDE * SIDE),
        labels: digits.names.iter().map(label).collect(),
        rng: start.rng.clone(),
    };
    Ok(Box::new(HopfieldLayer::new(Rc::new(digits), start.values)))
}

impl HopfieldLayer {
    fn new(digits: Rc<Digits>, values: &Values) -> Self {
        let (digit, size) = (values.int(&DIGIT), values.int(&SIZE));
        let unseen = digits.labels.len() - UNSEEN..digits.labels.len();
        let tests = digits.bags(unseen, digit, size, TESTS, &mut digits.rng.stream("unseen bags"));
        let learner = |pooling| {
            let classifier = Classifier::new(pooling, SIDE * SIDE, HIDDEN, &mut digits.rng.stream("weights"));
            let adam = Adam::new(classifier.count(), Settings::new(RATE, DECAY));
            (classifier, adam)
        };
        let learners: Vec<(Classifier, Adam)> = POOLINGS.map(learner).into();
        let beta = values.float(&BETA) as f32;
        let seen = Rc::new(learners[0].0.look(&tests.instances, size, beta));
        let mut run = Self {
            chance: digits.rng.stream("bags"),
            digits,
            tests: Rc::new(tests),
            digit,
            size,
            beta,
            bag: values.int(&BAG) - 1,
            learners,
            loss: scalar::ln(2.0),
            right: [0.0; POOLINGS.len()],
            seen,
            steps: 0,
        };
        run.look();
        run
    }

    /// What all three make of the unseen bags.
    fn look(&mut self) {
        for (k, (classifier, _)) in self.learners.iter().enumerate() {
            let seen = classifier.look(&self.tests.instances, self.size, self.beta);
            let calls = seen.logits.iter().zip(&self.tests.answers);
            self.right[k] = calls.filter(|(logit, answer)| (**logit > 0.0) == **answer).count() as f64 / TESTS as f64;
            if k == 0 {
                self.seen = Rc::new(seen);
            }
        }
    }

    /// Which unseen bag is shown: positive ones first.
    fn shown(&self) -> usize {
        if 2 * self.bag < SHOWN { self.bag } else { TESTS / 2 + self.bag - SHOWN / 2 }
    }

    fn attention(&self, bag: usize) -> &[f32] {
        &self.seen.attention[bag * self.size..][..self.size]
    }

    /// The instances of an unseen bag, the most attended first.
    fn by_attention(&self, bag: usize) -> Vec<usize> {
        let attention: Vec<f64> = self.attention(bag).iter().copied().map(f64::from).collect();
        hopfield::strongest(&attention).collect()
    }

    /// Whether an instance of an unseen bag is the digit.
    fn is_it(&self, bag: usize, i: usize) -> bool {
        usize::from(self.digits.labels[self.tests.members[bag * self.size + i]]) == self.digit
    }

    /// Mean attention on the digit itself, over positive bags.
    fn found(&self) -> f64 {
        let on_it = |bag: usize| {
            let attended = self.attention(bag).iter().enumerate();
            attended.filter(|(i, _)| self.is_it(bag, *i)).map(|(_, p)| f64::from(*p)).sum::<f64>()
        };
        (0..TESTS / 2).map(on_it).sum::<f64>() / (TESTS / 2) as f64
    }

    /// Patterns that share the attention, `exp` of its entropy, the mean over unseen bags at some sharpness.
    fn shared(&self, beta: f32) -> f64 {
        let bags = self.seen.scores.chunks(self.size).map(|scores| {
            let mut p = scores.to_vec();
            softmax(beta, &mut p);
            f64::from(hopfield::effective_number(&p))
        });
        bags.sum::<f64>() / TESTS as f64
    }

    fn sharpness(i: usize) -> f64 {
        0.05 * scalar::pow(400.0, i as f64 / (POINTS - 1) as f64)
    }

    fn is_attention(&self) -> Claim {
        let claim = Claim::new("The update of the state is attention.", "Ramsauer et al. 2021, equation 10")
            .expect(0.0, 1e-12, "difference below 1e-12")
            .on_log((1e-18, "1e-18"), (1e-6, "1e-6"));
        // Both in f64, by two ways: the update as the memory makes it, and queries, keys and values one after another.
        let first = self.shown() * self.size * SIDE * SIDE;
        let bag = self.tests.instances.data[first..][..self.size * SIDE * SIDE].to_vec();
        let keys = self.learners[0].0.keys(&Mat::new(bag, self.size, SIDE * SIDE));
        let wide = |x: &[f32]| x.iter().copied().map(f64::from).collect::<Vec<f64>>();
        let (patterns, query, beta) = (wide(&keys.data), wide(self.learners[0].0.state()), f64::from(self.beta));
        let update = hopfield::recall64(&patterns, HIDDEN, &query, beta, 1).states;
        let score = |key: &[f64]| beta * query.iter().zip(key).map(|(q, k)| q * k).sum::<f64>();
        let scores: Vec<f64> = patterns.chunks(HIDDEN).map(score).collect();
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|score| scalar::exp(score - most)).collect();
        let all: f64 = weights.iter().sum();
        let value = |j: usize| patterns.chunks(HIDDEN).zip(&weights).map(|(key, p)| p * key[j]).sum::<f64>() / all;
        let gap = (0..HIDDEN).map(|j| (value(j) - update[j]).abs()).fold(0.0, f64::max);
        claim.measured(gap.max(1e-18), if gap > 0.0 { scientific(gap, 0) } else { "0".into() })
    }

    fn not_yet(&self) -> Option<String> {
        (self.steps < STEPS).then(|| format!("{} of {STEPS} steps are trained.", self.steps))
    }

    fn finds_it(&self) -> Claim {
        let chance = 1.0 / self.size as f64;
        let claim =
            Claim::new("Attention finds the digit that decides.", "Ramsauer et al. 2021, multiple instance learning")
                .expect(2.0 * chance, 1.0, &format!("at least twice chance, {}", fixed(2.0 * chance, 2)))
                .on((0.0, "0"), (1.0, "all of it"));
        if self.size < 4 {
            return claim.not_here("In so small a bag chance finds it often.");
        }
        if self.beta < 0.5 {
            return claim.not_here("With so small a β attention is a mean.");
        }
        match self.not_yet() {
            Some(why) => claim.because(why),
            None => claim.measured(self.found(), fixed(self.found(), 2)),
        }
    }

    fn beats_the_mean(&self) -> Claim {
        let claim = Claim::new(
            "Pooling by attention tells bags apart better than a mean.",
            "Ramsauer et al. 2021, multiple instance learning",
        )
        .expect(0.0, 1.0, "more bags right")
        .on((-0.3, "30 % fewer"), (0.3, "30 % more"));
        if self.size < 6 {
            return claim.not_here("In a small bag a mean is nearly as good.");
        }
        if self.beta < 0.5 {
            return claim.not_here("With so small a β attention is a mean.");
        }
        match self.not_yet() {
            Some(why) => claim.because(why),
            None => {
                let percent = |x: f64| fixed(100.0 * x, 0);
                let [hopfield, mean, _] = self.right;
                claim.measured(hopfield - mean, format!("{} % against {} %", percent(hopfield), percent(mean)))
            }
        }
    }
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
        let asked = Shape::Heatmap {
            rows: SIDE as u32,
            cols: SIDE as u32,
            row_name: "row",
            col_name: "column",
            ends: ("against", "for it"),
        };
        let shared = Shape::Lines {
            x: Axis::log("sharpness β, log scale", 0.05, 20.0).of(&BETA),
            y: Axis::linear("digits that share attention", 0.0, self.size as f64),
            series: vec![Series::curve("shared", POINTS)],
            marks: Vec::new(),
            field: None,
        };
        vec![
            View::new("A bag that was never trained on", Place::Full, Shape::Glyphs(strip)).moving(),
            View::new("Unseen bags called right", Place::Main, way),
            View::new("Where attention goes", Place::Main, attended).moving(),
            View::new("What it asks for", Place::Side, asked).moving(),
            View::new("How sharply it asks", Place::Side, shared),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let bag = self.shown();
        match view {
            STRIP => {
                let (pictures, marks) = slot.split_at_mut(self.size * SIDE * SIDE);
                let first = bag * self.size;
                for (picture, i) in pictures.chunks_mut(SIDE * SIDE).zip(&self.tests.members[first..]) {
                    picture.copy_from_slice(self.digits.points.row(*i));
                }
                let attention = self.attention(bag);
                marks[0] = self.by_attention(bag)[0] as f32;
                marks[1..].copy_from_slice(attention);
            }
            ATTENDED => {
                for (row, out) in slot.chunks_mut(self.size).enumerate() {
                    let attention = self.attention(row);
                    for (out, i) in out.iter_mut().zip(self.by_attention(row)) {
                        *out = if self.is_it(row, i) { attention[i] } else { -attention[i] };
                    }
                }
            }
            ASKED => slot.copy_from_slice(&self.learners[0].0.asked()),
            SHARED => {
                let mut plot = Plot::new(slot, f64::from(self.beta));
                let at = |i: usize| [Self::sharpness(i) as f32, self.shared(Self::sharpness(i) as f32) as f32];
                plot.curve(POINTS, (0..POINTS).map(at));
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let percent = |x: f64| fixed(100.0 * x, 0);
        match view {
            STRIP => {
                let bag = self.shown();
                let called = if self.seen.logits[bag] > 0.0 { "positive" } else { "negative" };
                let is = if self.tests.answers[bag] { "holds" } else { "does not hold" };
                format!("This bag {is} the digit {}, and is called {called}.", self.digit)
            }
            WAY => {
                let [hopfield, mean, max] = self.right.map(percent);
                format!(
                    "Of {TESTS} bags, half of them positive: Hopfield {hopfield} %, mean {mean} %, maximum {max} %."
                )
            }
            ATTENDED => format!(
                "Six positive bags, a row each. Blue is attention on a {}, magenta on another digit. On the digit lie {} %.",
                self.digit,
                percent(self.found())
            ),
            ASKED => {
                "Blue points speak for a digit and magenta ones against it, through the layer as if it were linear."
                    .into()
            }
            _ => format!(
                "At β = {} attention is shared by {} of {} digits.",
                fixed(f64::from(self.beta), 2),
                fixed(self.shared(self.beta), 1),
                self.size
            ),
        }
    }

    fn step(&mut self) -> Status {
        let trained = 0..self.digits.labels.len() - UNSEEN;
        let bags = self.digits.bags(trained, self.digit, self.size, BATCH, &mut self.chance);
        for (k, (classifier, adam)) in self.learners.iter_mut().enumerate() {
            let (loss, gradient) = classifier.gradient(&bags.instances, self.size, self.beta, &bags.answers);
            adam.step(classifier.weights(), &gradient);
            if k == 0 {
                self.loss = loss;
            }
        }
        self.steps += 1;
        if self.steps.is_multiple_of(EVERY) {
            self.look();
        }
        Status::Running
    }

    fn measure(&self, out: &mut [f32]) {
        out.iter_mut().zip(self.right).for_each(|(out, right)| *out = right as f32);
        out[3] = self.loss as f32;
        out[4] = self.found() as f32;
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&BETA) || param.is(&BAG) {
            self.beta = values.float(&BETA) as f32;
            self.bag = values.int(&BAG) - 1;
            self.look();
            return Live::Now;
        }
        *self = Self::new(Rc::clone(&self.digits), values);
        Live::Again
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.is_attention(), self.finds_it(), self.beats_the_mean()]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Inputs, Verdict},
        link::{Request, split_query},
        session::Session,
    };

    fn run(query: &str) -> Session {
        let request = Request::parse(&split_query(&format!("id=hopfield-layer&{query}"))).unwrap();
        let mut inputs = Inputs::default();
        (ENTRY.files)(&request.values).into_iter().for_each(|file| inputs.push_file(file, file.read()));
        let mut session = Session::start(request, inputs).unwrap();
        session.advance(STEPS);
        session
    }

    #[test]
    fn attention_finds_the_digit_and_is_better_than_a_mean() {
        for seed in 1..=3 {
            let claims = run(&format!("seed={seed}")).claims();
            assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "seed {seed}: {claims:?}");
        }
    }

    #[test]
    fn with_a_small_beta_attention_stays_spread() {
        let session = run("beta=0.05");
        assert!(session.metrics()[4] < 0.5, "{:?}", session.metrics());
        assert_eq!(session.claims()[1].verdict(), Verdict::NotHere);
    }
}
