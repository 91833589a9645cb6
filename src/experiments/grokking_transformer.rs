//! Grokking in a transformer of one layer (Power et al. 2022; Nanda et al. 2023): numbers come to lie on circles, and heads come to
//! listen to them in waves.
//!
//! A step is one step of training on all training pairs. Every few steps the net is asked all pairs, and its tokens and its answers
//! are taken apart into waves.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Start,
        Status, Values, View, Wing, fill,
    },
    math::{
        decimal::{fixed, percent, short},
        kernels::{Workspace, softmax},
        linalg::symmetric_eigen,
        order::strongest,
        scalar,
    },
    model::learning::{
        adam::{Adam, Settings},
        lesson::{Asked, Lesson},
        loss::{Loss, Score},
        modular::Operation,
        transformer::{self, Transformer},
        waves,
    },
};
use std::{f64::consts::TAU, rc::Rc};

static DECAY: Param = Param::float(
    "decay",
    "Weight decay",
    (0.0, 2.0, 10.0),
    "How fast weights shrink by themselves: by this times the rate at each step. It holds from the step on at which you move it.",
)
.ends("none", "strong");
static FRACTION: Param = Param::share(
    "fraction",
    "Trained on",
    (0.1, 0.5, 0.9),
    "The share of all pairs that the net is shown; the others test it.",
)
.ends("few pairs", "nearly all");
static HEAD: Param = Param::int("head", "Show head", (1, 1, 8), "Whose attention is shown.");
static OPERATION: Param = Param::choice(
    "operation",
    "Operation",
    &[("add", "a + b"), ("multiply", "a × b"), ("squares", "a² + b²")],
    "What the net is to answer for two numbers, modulo p. Their order does not matter.",
);
static P: Param = Param::choice(
    "p",
    "Modulus p",
    &[("31", "31"), ("47", "47"), ("59", "59"), ("67", "67"), ("97", "97")],
    "Numbers from 0 to p - 1, as on a dial: after the last comes the first. All of these are primes.",
)
.by_default("59");
static HEADS: Param = Param::choice(
    "heads",
    "Heads",
    &[("1", "1"), ("2", "2"), ("4", "4"), ("8", "8")],
    "How many heads share the width. Each listens to the numbers in its own way.",
)
.by_default("4");
static WIDTH: Param =
    Param::choice("width", "Width", &[("32", "32"), ("64", "64"), ("128", "128")], "Numbers of a token.")
        .by_default("64");
static HIDDEN: Param = Param::int("hidden", "ReLU units", (16, 128, 512), "Units between attention and the answer.");
static RATE: Param = Param::float(
    "rate",
    "Learning rate",
    (1e-4, 0.01, 1.0),
    "The size of a step. It holds from the step on at which you move it. Too large, and the run breaks.",
);

pub static ENTRY: Entry = Entry {
    id: "grokking-transformer",
    wing: Wing::Grokking,
    prose: Prose {
        title: "A transformer finds the dial",
        paper: Some(Paper {
            title: "Progress measures for grokking via mechanistic interpretability",
            authors: "Nanda, Chan, Lieberum, Smith and Steinhardt",
            year: 2023,
            link: "https://arxiv.org/abs/2301.05217",
        }),
        card: "Numbers in a tangle move onto a circle, and then it understands.",
        lead: "Play, and watch the tangle: the numbers of the dial find their places on a circle.",
        about: &[
            "Each number is a token: a list of numbers of its own, drawn at random. The net reads three tokens, a, b and =. Heads at = \
             listen to a and to b, a layer of ReLU makes something of what they took, and one output a number answers. It knows its \
             training pairs by heart soon, and understands long after.",
            "The tangle is a map of the tokens. Of the eight directions in which they are spread widest it takes the side from which they \
             turn most. At first that is noise. When the net understands, the tokens lie on a circle, some number of places apart: it has \
             found that the numbers form a dial, which nobody told it.",
            "Adding on a dial is turning. The product of two waves is a wave of the sum, and the net does with it what the net with one \
             layer of squares does in the experiment before: only a few frequencies are left in its answers in the end, and its heads \
             listen to a number more or less in waves too.",
            "Keep of the answers only their strong waves, and the restricted loss is what is left to pay: it falls first. Take these waves \
             away, and the excluded loss of the training pairs rises: the list that was learnt by heart is being given up.",
            "The papers use p = 113 or 97, positions, more pairs and ten thousand steps and more. This one is small and its rate is high, so \
             that it is done in seconds; without positions a and b are told apart by nothing, and so (a, b) and (b, a) are one question.",
        ],
        formulas: &[
            r"s_h(x) = q_h \cdot K_h E_x / \sqrt{d_h}",
            r"\alpha_h = \text{softmax}\bigl(s_h(a), s_h(b), s_h(=)\bigr)",
            r"r = E_{=} + O \sum_{x} \alpha_h(x)\, V_h E_x",
            r"z = U \bigl(r + B \max(A r, 0)\bigr)",
        ],
        symbols: &[
            ("E_x", "the token of $x$"),
            ("s_h(x)", "what head $h$ thinks of $x$: the query at = against the key of $x$"),
            (r"\alpha_h", "how much the head takes of a, of b and of ="),
            ("z", "the outputs, one for each answer; the greatest counts"),
        ],
        words: "grok transformer attention heads embedding circle fourier modular addition nanda power mechanistic interpretability progress measures delayed generalization weight decay",
    }
    .told(),
    params: &[&DECAY, &FRACTION, &HEAD, &OPERATION, &P, &HEADS, &WIDTH, &HIDDEN, &RATE],
    metrics: &[
        Metric::new("test", "unseen pairs right", "The share of the pairs it was never shown that it has right."),
        Metric::new("train", "training pairs right", "The share of the training pairs that it has right."),
        Metric::new("test-loss", "test loss", "The loss on the unseen pairs."),
        Metric::new("train-loss", "training loss", "The loss on the training pairs."),
        Metric::new("restricted", "restricted loss", "The loss on all pairs of the key waves of the answers alone."),
        Metric::new("excluded", "excluded loss", "The training loss without the key waves."),
        Metric::new("gini", "Gini", "How unequal frequencies are in the tokens: 0 if all are used alike, 1 if one is."),
        Metric::new("round", "on a circle", "How round the map of the tokens is: 1 if all are as far from its middle."),
        Metric::new("by-heart", "step of by heart", "When all training pairs were right for the first time; 0 before."),
        Metric::new("understood", "step of understanding", "When 99 % of the unseen pairs were right; 0 before."),
        Metric::new("wait", "the wait", "How many times as many steps understanding took; 0 before."),
    ],
    presets: &[
        Preset::new("Default", "By heart at step 60, understood some ten times later.", &[]),
        Preset::new("More pairs", "Seven in ten: it understands sooner.", &[("fraction", "0.7"), ("decay", "1")]),
        Preset::new("Without decay", "It keeps its list. Wait, then turn the decay up.", &[("decay", "0")]),
        Preset::new("One head", "One head listens to everything.", &[("heads", "1")]),
        Preset::new("Multiplication", "A circle again, in the order of logarithms.", &[("operation", "multiply")]),
    ],
    steps: STEPS as u64,
    log_steps: true,
    pace: 60.0,
    thumbnail: CIRCLE,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(GrokkingTransformer::new(start))),
};

const RIGHT: usize = 0;
const CIRCLE: usize = 1;
const LOSSES: usize = 2;
const ATTENTION: usize = 3;
const THINKS: usize = 4;
const TOKENS: usize = 5;

const STEPS: usize = 2000;
/// Without decay a run ends here.
const PATIENCE: usize = 1000;
/// Steps between looks at all pairs, but for the first steps, which are all looked at.
const EVERY: usize = 10;
const FIRST: usize = 10;
/// Of the unseen pairs so many must be right. A run then goes on for half as long again.
const UNDERSTOOD: f64 = 0.99;
/// Directions in which tokens are spread widest, among which the map chooses its two.
const WIDEST: usize = 8;
/// Steps that a run goes on for after it was touched.
const AFTER: usize = 100;

/// What was found when the net was looked at.
struct Look {
    asked: Asked,
    /// Tokens on the map, in the order of the dial or of logarithms, and how many places apart are those that it puts side by side.
    map: Vec<[f32; 2]>,
    stride: usize,
    /// How round the map is.
    round: f64,
    /// The share of each frequency in the tokens.
    shares: Vec<f64>,
    gini: f64,
    /// What heads think of each number and, last, of =.
    scores: Vec<f32>,
}

#[derive(Clone)]
struct GrokkingTransformer {
    lesson: Rc<Lesson>,
    net: Transformer,
    adam: Adam,
    step: usize,
    train: Score,
    look: Rc<Look>,
    /// When all training pairs were right for the first time, and the share of the others then.
    memorised: Option<(usize, f64)>,
    generalised: Option<usize>,
    /// When restricted loss and test loss were no more than half of what they were at the start, and what that was.
    halved: [Option<usize>; 2],
    start: [f64; 2],
    /// The run ends no earlier, once it understood.
    until: usize,
    undecayed: bool,
    head: usize,
}

impl Look {
    /// `None` if the net has broken.
    fn new(lesson: &Lesson, net: &mut Transformer) -> Option<Self> {
        let asked = lesson.ask(|pairs, outputs| net.answer(pairs, outputs), Loss::CrossEntropy);
        let tokens = lesson.along_ring(net.tokens());
        let mut packing = Workspace::default();
        let power = lesson.waves.in_all(&lesson.waves.powers(tokens.as_ref(), &mut packing));
        let all = power.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let gini = waves::gini(&power.iter().map(|power| power.sqrt()).collect::<Vec<f64>>());

        // The directions in which tokens are spread widest, from their products with each other.
        let n = tokens.rows;
        let mean: Vec<f64> =
            (0..tokens.cols).map(|j| (0..n).map(|i| f64::from(tokens.row(i)[j])).sum::<f64>() / n as f64).collect();
        let row = |i: usize| tokens.row(i).iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean);
        let mut products = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let dot = row(i).zip(row(j)).map(|(x, y)| x * y).sum::<f64>();
                (products[i * n + j], products[j * n + i]) = (dot, dot);
            }
        }
        let scores = net.scores().to_vec();
        if !products.iter().all(|x| x.is_finite()) || !scores.iter().all(|x| x.is_finite()) {
            return None;
        }
        let found = symmetric_eigen(n, &products);
        // What there is of a wave in the widest of them: of noise little, as a wave is one of many directions.
        let k = strongest(&power).next().unwrap_or(0) + 1;
        let seen = |phase: f64| {
            let wave = |x: usize| scalar::cos(TAU * (k * x % n) as f64 / n as f64 - phase);
            let mut seen = vec![0.0; n];
            for (_, along) in found.iter().take(WIDEST) {
                let part = along.iter().enumerate().map(|(x, value)| value * wave(x)).sum::<f64>();
                seen.iter_mut().zip(along).for_each(|(sum, value)| *sum += part * value);
            }
            seen
        };
        let map: Vec<[f64; 2]> = seen(0.0).into_iter().zip(seen(0.25 * TAU)).map(|(x, y)| [x, y]).collect();
        let distances: Vec<f64> = map.iter().map(|[x, y]| (x * x + y * y).sqrt()).collect();
        let most = distances.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let middle = distances.iter().sum::<f64>() / n as f64;
        let off = distances.iter().map(|d| (d - middle) * (d - middle)).sum::<f64>() / n as f64;
        Some(Self {
            asked,
            map: map.into_iter().map(|place| place.map(|x| (x / most) as f32)).collect(),
            stride: (1..n).find(|stride| stride * k % n == 1).unwrap_or(1),
            round: (1.0 - off.sqrt() / middle.max(f64::MIN_POSITIVE)).max(0.0),
            shares: power.iter().map(|power| power / all).collect(),
            gini,
            scores,
        })
    }
}

impl GrokkingTransformer {
    fn new(start: &Start) -> Self {
        let (values, rng) = (start.values, start.rng);
        let operation = match values.choice(&OPERATION) {
            "multiply" => Operation::Multiply,
            "squares" => Operation::Squares,
            _ => Operation::Add,
        };
        // The choices list numbers only.
        let number = |param| values.choice(param).parse::<usize>().unwrap_or(1);
        let p = number(&P);
        let shape = transformer::Shape { p, width: number(&WIDTH), heads: number(&HEADS), hidden: values.int(&HIDDEN) };
        let mut net = Transformer::new(shape, 1.0, &mut rng.stream("weights"));
        let lesson = Lesson::new(operation, p, values.float(&FRACTION), rng);
        let look = Look::new(&lesson, &mut net).expect("weights are finite at the start");
        let train = net.grade(&lesson.task.train, lesson.trained(), Loss::CrossEntropy);
        let adam = Adam::new(net.weights.len(), Settings { squares: 0.98, ..Settings::new(0.0, 0.0) });
        let mut run = Self {
            start: [look.asked.restricted, look.asked.test.loss],
            lesson: Rc::new(lesson),
            net,
            adam,
            step: 0,
            train,
            look: Rc::new(look),
            memorised: None,
            generalised: None,
            halved: [None; 2],
            until: 0,
            undecayed: true,
            head: 0,
        };
        run.take(values);
        run
    }

    /// What may be moved during the run.
    fn take(&mut self, values: &Values) {
        self.adam.settings.rate = values.float(&RATE) as f32;
        self.adam.settings.decay = values.float(&DECAY) as f32;
        self.head = (values.int(&HEAD) - 1).min(self.net.shape().heads - 1);
    }

    fn tested(&self) -> f64 {
        self.lesson.share(&self.look.asked.test)
    }

    fn trained(&self) -> f64 {
        self.train.right as f64 / self.lesson.task.train.len() as f64
    }

    /// What the head that is shown thinks of each number, and of =.
    fn thinks(&self, head: usize) -> impl Iterator<Item = f32> + '_ {
        self.look.scores.iter().copied().skip(head).step_by(self.net.shape().heads)
    }

    fn waits(&self) -> Claim {
        let claim = Claim::new("It understands long after it knows all training pairs by heart.", "Power et al. 2022")
            .expect(4.0, f64::INFINITY, "at least 4 times as many steps")
            .on_log((1.0, "not at all"), (100.0, "100 times"))
            .only_if(
                (self.lesson.task.train.len() as f64) < 0.6 * self.pairs(),
                "With so many pairs it need not wait long.",
            );
        match (self.memorised, self.generalised, self.ratio()) {
            _ if !claim.applies => claim,
            (Some((memorised, _)), Some(generalised), Some(ratio)) => {
                claim.measured(ratio, format!("{} times: steps {memorised} and {generalised}", fixed(ratio, 1)))
            }
            (Some((memorised, _)), ..) => {
                let decays = self.adam.settings.decay > 0.0;
                let why = if decays { "" } else { " Nothing makes its weights shrink. Turn the weight decay up." };
                let why = format!("By heart at step {memorised}, not understood at {}.{why}", self.step);
                match self.gave_up() {
                    true if decays => claim.measured(1.0, format!("not at all in {} steps", self.step)).because(why),
                    true => claim.not_here(why),
                    false => claim.because(why),
                }
            }
            _ => claim.because("It must know all training pairs first."),
        }
    }

    /// Whether nobody waits any longer for it to understand.
    fn gave_up(&self) -> bool {
        self.generalised.is_none() && self.step as u64 >= self.due().unwrap_or(STEPS as u64)
    }

    /// How often the wait is as long as learning by heart took.
    fn ratio(&self) -> Option<f64> {
        Some(self.generalised? as f64 / self.memorised?.0 as f64)
    }

    fn pairs(&self) -> f64 {
        (self.lesson.task.train.len() + self.lesson.task.test.len()) as f64
    }

    fn after_understanding(&self, claim: Claim, measured: impl FnOnce(Claim) -> Claim) -> Claim {
        if self.lesson.ring.is_none() {
            claim.not_here("There is no one order of the numbers along which this operation is a sum.")
        } else if self.gave_up() {
            claim.not_here("It never understood.")
        } else if self.generalised.is_none() {
            claim.because("It has not understood yet.")
        } else {
            measured(claim)
        }
    }
}

impl Experiment for GrokkingTransformer {
    fn views(&self) -> Vec<View> {
        let (p, n, heads) = (self.lesson.task.p, self.lesson.waves.places(), self.net.shape().heads);
        let steps = || Axis::log("step, log scale", 1.0, PATIENCE as f64);
        let right = Shape::Lines {
            x: steps(),
            y: Axis::linear("share right", 0.0, 1.0),
            series: vec![
                Series::metric("test", "unseen pairs"),
                Series::metric("train", "training pairs"),
                Series::curve("the wait", 2),
                Series::spread("by heart", 1),
                Series::spread("understood", 1),
            ],
            marks: Vec::new(),
            field: None,
        };
        let circle = Shape::Lines {
            x: Axis::linear("first direction", -1.1, 1.1),
            y: Axis::linear("second direction", -1.1, 1.1),
            series: vec![Series::curve("in their order", n + 1), Series::dots("numbers", n)],
            marks: Vec::new(),
            field: None,
        };
        let losses = [
            ("test-loss", "unseen pairs"),
            ("train-loss", "training pairs"),
            ("restricted", "restricted"),
            ("excluded", "excluded"),
        ];
        let known = if self.lesson.ring.is_some() { 4 } else { 2 };
        let losses = Shape::over_steps(steps(), Axis::log("loss", 1e-6, 100.0), &losses[..known]);
        let attention = Shape::Heatmap {
            rows: p as u32,
            cols: p as u32,
            row_name: "a",
            col_name: "b",
            ends: ("more of b", "more of a"),
        };
        let names = ["head 1", "head 2", "head 3", "head 4", "head 5", "head 6", "head 7", "head 8"];
        let thinks = Shape::Lines {
            x: Axis::linear("number", 0.0, (p - 1) as f64),
            y: Axis::linear("what it thinks of it", -4.0, 4.0),
            series: names[..heads.min(4)].iter().map(|name| Series::curve(name, p)).collect(),
            marks: Vec::new(),
            field: None,
        };
        let count = self.lesson.waves.count();
        let tokens = Shape::Lines {
            x: Axis::linear("periods around the dial", 1.0, count as f64),
            y: Axis::linear("share", 0.0, 0.5),
            series: vec![Series::curve("in the tokens", count), Series::dots("in the answers", count)],
            marks: Vec::new(),
            field: None,
        };
        vec![
            View::new("Share of pairs that are right", Place::Main, right),
            View::new("A map of the numbers", Place::Side, circle),
            View::new("Loss", Place::Main, losses),
            View::new("What the head takes", Place::Side, attention).moving(),
            View::new("What heads think of numbers", Place::Main, thinks),
            View::new("Which waves there are", Place::Side, tokens),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let (look, p) = (&self.look, self.lesson.task.p);
        match view {
            RIGHT => {
                let mut plot = Plot::new(slot, 0.0);
                let step = |step: usize| step as f32;
                let wait = self.memorised.zip(self.generalised).map(|((from, _), to)| [step(from), step(to)]);
                plot.curve(2, wait.into_iter().flatten().map(|step| [step, 0.5]));
                plot.curve(1, self.memorised.map(|(at, _)| [step(at), 1.0, 0.0, 1.0]));
                plot.curve(1, self.generalised.map(|at| [step(at), UNDERSTOOD as f32, 0.0, 1.0]));
            }
            CIRCLE => {
                let n = look.map.len();
                // From each number to the one that a wave of this frequency puts next to it.
                let mut plot = Plot::new(slot, -9.0);
                plot.curve(n + 1, (0..=n).map(|i| look.map[i * look.stride % n]));
                plot.curve(n, look.map.iter().copied());
            }
            ATTENTION => {
                let scores: Vec<f32> = self.thinks(self.head).collect();
                for (place, out) in slot.iter_mut().enumerate() {
                    let mut shares = [scores[place / p], scores[place % p], scores[p]];
                    softmax(1.0, &mut shares);
                    *out = shares[0] - shares[1];
                }
            }
            THINKS => {
                let mut plot = Plot::new(slot, -1.0);
                for head in 0..self.net.shape().heads.min(4) {
                    let scores: Vec<f32> = self.thinks(head).take(p).collect();
                    let mean = scores.iter().sum::<f32>() / p as f32;
                    plot.curve(p, scores.iter().enumerate().map(|(x, score)| [x as f32, score - mean]));
                }
            }
            TOKENS => {
                let mut plot = Plot::new(slot, -1.0);
                for shares in [&look.shares, &look.asked.shares] {
                    let points = shares.iter().enumerate();
                    plot.curve(look.shares.len(), points.map(|(k, share)| [(k + 1) as f32, share.min(0.5) as f32]));
                }
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let (look, task) = (&self.look, &self.lesson.task);
        match view {
            RIGHT => {
                let now = format!(
                    "Step {}: it has {} of its {} training pairs right, and {} of the {} others.",
                    self.step,
                    percent(self.trained(), 0),
                    task.train.len(),
                    percent(self.tested(), 0),
                    task.test.len()
                );
                match (self.memorised, self.generalised) {
                    (Some((memorised, _)), Some(at)) => {
                        format!("{now} By heart at step {memorised}, understood at step {at}.")
                    }
                    (Some((memorised, _)), None) => format!("{now} By heart at step {memorised}."),
                    _ => now,
                }
            }
            CIRCLE => format!(
                "Tokens, from the side from which they turn most. The line goes {} places at a time.{}",
                look.stride,
                if self.lesson.task.operation == Operation::Multiply { " Places are logarithms." } else { "" }
            ),
            LOSSES if self.lesson.ring.is_none() => {
                "No order of the numbers makes this operation a sum, so there are no key waves to keep or to take away."
                    .into()
            }
            LOSSES => format!(
                "Restricted, {}, has only the {} strongest waves of the answers. Excluded, {}, is training without them.",
                short(look.asked.restricted),
                look.asked.keys,
                short(look.asked.excluded)
            ),
            ATTENTION => format!(
                "A cell is a pair: a down, b across. Blue: head {} takes more of a. Magenta: more of b.",
                self.head + 1
            ),
            THINKS => "The more a head thinks of a number, the more it takes of it. Means are left out.".into(),
            _ => format!("A few frequencies do all the work in the end. Gini of the tokens: {}.", fixed(look.gini, 2)),
        }
    }

    fn step(&mut self) -> Status {
        let lesson = Rc::clone(&self.lesson);
        self.undecayed &= self.adam.settings.decay == 0.0;
        self.train = self.net.grade(&lesson.task.train, lesson.trained(), Loss::CrossEntropy);
        let (weights, gradient) = self.net.descent();
        self.adam.step(weights, gradient);
        self.step += 1;
        let by_heart = self.memorised.is_none() && self.train.right == lesson.task.train.len();
        if self.step <= FIRST || self.step.is_multiple_of(EVERY) || by_heart {
            // What broke cannot be taken apart: the training loss tells of it.
            if let Some(look) = Look::new(&lesson, &mut self.net) {
                self.look = Rc::new(look);
            }
            let losses = [self.look.asked.restricted, self.look.asked.test.loss];
            for (halved, (loss, start)) in self.halved.iter_mut().zip(losses.iter().zip(self.start)) {
                *halved = halved.or((*loss <= 0.5 * start).then_some(self.step));
            }
        }
        if by_heart {
            self.memorised = Some((self.step, self.tested()));
            return Status::Passed("by heart");
        }
        if self.generalised.is_none() && self.tested() >= UNDERSTOOD {
            self.generalised = Some(self.step);
            return Status::Passed("understood");
        }
        match self.due() {
            Some(due) if self.step as u64 >= due => {
                Status::learnt(self.memorised.is_some(), self.generalised.is_some())
            }
            _ => Status::Running,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        let asked = &self.look.asked;
        let row = [
            self.tested(),
            self.trained(),
            asked.test.loss,
            self.train.loss,
            asked.restricted,
            asked.excluded,
            self.look.gini,
            self.look.round,
            self.memorised.map_or(0.0, |(step, _)| step as f64),
            self.generalised.map_or(0.0, |step| step as f64),
            self.ratio().unwrap_or(0.0),
        ];
        fill(out, row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&HEAD) {
            self.take(values);
            return Live::Now;
        }
        if param.is(&DECAY) || param.is(&RATE) {
            self.take(values);
            self.until = self.step + AFTER;
            return Live::Soon;
        }
        Live::Restart
    }

    fn due(&self) -> Option<u64> {
        if let Some(generalised) = self.generalised {
            return Some((generalised + generalised / 2).max(self.until) as u64);
        }
        (self.undecayed && self.adam.settings.decay == 0.0).then_some(PATIENCE.max(self.until) as u64)
    }

    fn claims(&self) -> Vec<Claim> {
        let look = &self.look;
        // Of the pairs of a product so many have a 0 in them, which is soon learnt.
        let zeros = if self.lesson.task.operation == Operation::Multiply {
            2.0 / (self.lesson.task.p as f64 + 1.0)
        } else {
            0.0
        };
        let guesses = Claim::new(
            "When it knows all training pairs it has learnt next to nothing about the others.",
            "Power et al. 2022",
        )
        .expect(0.0, 0.1 + zeros, &format!("at most {} of unseen pairs right", percent(0.1 + zeros, 0)))
        .on((0.0, "0 %"), (1.0, "100 %"));
        let guesses = match self.memorised {
            Some((_, tested)) => guesses.measured(tested, percent(tested, 1)),
            None => guesses.because("It must know all training pairs first."),
        };
        let few = Claim::new("Once it understands, a few frequencies carry its answers.", NANDA)
            .expect(1.0, 10.0, "at most 10 frequencies")
            .on((0.0, "0"), (self.lesson.waves.count() as f64, "all"));
        let few = self.after_understanding(few, |claim| {
            let count = look.asked.keys;
            claim.measured(count as f64, format!("{count} of {}", self.lesson.waves.count()))
        });
        let round = Claim::new("The numbers lie on a circle.", NANDA)
            .expect(0.8, 1.0, "at least 0.8 round; noise is near 0.5")
            .on((0.0, "a tangle"), (1.0, "a circle"));
        let round = self.after_understanding(round, |claim| claim.measured(look.round, fixed(look.round, 2)));
        let first = Claim::new("The waves in its answers are right before the answers are.", NANDA)
            .expect(1.1, f64::INFINITY, "test loss halves at least 1.1 times as late as restricted loss")
            .on_log((0.1, "later"), (10.0, "10 times"));
        let first = self.after_understanding(first, |claim| match self.halved {
            [Some(restricted), Some(test)] => claim.measured(
                test as f64 / restricted as f64,
                format!("restricted at step {restricted}, test loss at {test}"),
            ),
            _ => claim.because("Not both losses have halved yet."),
        });
        vec![self.waits(), guesses, few, round, first]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

const NANDA: &str = "Nanda et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn a_transformer_understands_late_and_puts_the_dial_on_a_circle() {
        let session = follow("id=grokking-transformer&seed=1", STEPS as u64);
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn a_run_that_breaks_is_named_and_a_head_beyond_the_last_is_the_last() {
        let mut session = follow("id=grokking-transformer&p=31&rate=1&decay=10&heads=1&head=8", 0);
        session.advance(300);
        assert!(session.metrics().iter().all(|x| x.is_finite()) || session.ended().is_some());
    }
}
