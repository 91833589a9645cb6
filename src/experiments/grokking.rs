//! Grokking (Power et al. 2022): a small net learns arithmetic modulo a prime by heart, and much later understands it.
//!
//! A step is one step of training on all training pairs. Every few steps the net is asked all pairs, and its table and its
//! answers are taken apart into waves.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Glyphs, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Reach, Series,
        Shape, Status, Values, View, Wing, fill,
    },
    math::{
        decimal::{fixed, percent, short},
        formula::Formula,
        kernels::dot64,
        order::strongest,
        rng::Rng,
    },
    model::learning::{
        adam::{Adam, Settings},
        lesson::{Lesson, Seen},
        loss::{Loss, Score},
        modular::{Operation, Task},
        optimiser::{Grokfast, Optimiser},
        pair_net::{self, Activation, PairNet},
        waves,
    },
};
use std::rc::Rc;

static OPERATION: Param = Param::choice(
    "operation",
    "Operation",
    &[
        ("add", "a + b"),
        ("subtract", "a − b"),
        ("multiply", "a × b"),
        ("squares", "a² + b²"),
        ("mixed", "a² + ab + b²"),
        ("cubic", "a³ + ab"),
        ("own", "my own"),
    ],
    "What the net is to answer for two numbers, modulo p. Where their order matters, each has a table of its own.",
);
static FORMULA: Param = Param::text(
    "formula",
    "My operation",
    ("a^2 - b", 40),
    |text| {
        let at = Formula::read(text).err()?;
        Some(format!("must be made of a, b, whole numbers, + - * ^ and brackets; character {at} does not fit"))
    },
    "Of a and b, whole numbers, + - * ^ and brackets: 2ab + 1, or (a + b)^3. Some are understood, others never are.",
);
static P: Param = Param::choice(
    "p",
    "Modulus p",
    &[("31", "31"), ("47", "47"), ("59", "59"), ("67", "67"), ("97", "97"), ("113", "113")],
    "Numbers from 0 to p - 1, as on a dial: after the last comes the first. All of these are primes.",
)
.by_default("59");
static FRACTION: Param = Param::share(
    "fraction",
    "Trained on",
    (0.05, 0.3, 0.95),
    "The share of all pairs that the net is shown; the others test it.",
)
.ends("few pairs", "nearly all");
static DECAY: Param = Param::float(
    "decay",
    "Weight decay",
    (0.0, 1.0, 10.0),
    "How fast weights shrink by themselves: by this times the rate at each step. It holds from the step on at which you move it.",
)
.ends("none", "strong");
static RATE: Param = Param::float(
    "rate",
    "Learning rate",
    (1e-4, 0.01, 10.0),
    "The size of a step. It holds from the step on at which you move it. Too large, and the run breaks.",
);
static WIDTH: Param = Param::int("width", "Hidden units", (8, 128, 512), "Neurons between the numbers and the answer.");
static NET: Param = Param::choice(
    "net",
    "Neurons",
    &[("square", "squares"), ("relu", "ReLU, factored"), ("plain-relu", "ReLU")],
    "What a neuron makes of its sum: its square, or its positive part. Factored: both weight matrices are products of two.",
);
static LOSS: Param = Param::choice(
    "loss",
    "Loss",
    &[("square", "squares"), ("cross-entropy", "cross-entropy")],
    "What is made small: squared distances from 1 and 0, or the surprise at the right answer.",
);
static OPTIMISER: Param = Param::choice(
    "optimiser",
    "Optimiser",
    &[("adamw", "AdamW"), ("grokfast", "AdamW, Grokfast"), ("sgd", "plain descent")],
    "How weights follow the gradient. Grokfast adds twice a slow mean of it. Plain descent needs a rate of 10, squares as loss and little decay.",
);
static SCALE: Param =
    Param::float("scale", "Size at the start", (0.1, 1.0, 8.0), "Times the usual size of the random weights.");
static NEURONS: Param = Param::int(
    "neurons",
    "Neurons by hand",
    (8, 384, 1024),
    "A net whose weights are waves that were written down, with so many neurons. Fewer make mistakes.",
);

pub static ENTRY: Entry = Entry {
    id: "grokking",
    wing: Wing::Grokking,
    prose: Prose {
        title: "First by heart, then understood",
        paper: Some(Paper {
            title: "Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets",
            authors: "Power, Burda, Edwards, Babuschkin and Misra",
            year: 2022,
            link: "https://arxiv.org/abs/2201.02177",
        }),
        card: "It knows its lessons at step 30, and understands at step 400.",
        lead: "Play, and watch the wait between the two curves. Move the weight decay and it changes.",
        about: &[
            "A net is asked for a + b on a dial of p numbers. It sees three pairs in ten, and after some thirty steps it has \
             all of them right, by heart: on the others it guesses. For hundreds of steps nothing seems to happen. Then, within \
             a few, it answers the pairs that it never saw. That is grokking.",
            "What changes in the wait is inside. The rows of a neuron's weights, noise at first, turn into waves around the \
             dial: the product of two waves is a wave of the sum, and so waves add. Weight decay drives it. It takes from all \
             weights, and waves get by with smaller ones than a list of answers does. Without decay a net that minds cross-entropy \
             stays with its list. One that minds squares creeps on, for its steps are coarse: after a thousand steps it has a \
             fifth to nearly all of the unseen pairs, and with p = 67 it understands without any decay.",
            "For a product the waves are there too, but along another order of the numbers: that of their discrete logarithms, \
             where a product is a sum. The pictures use that order. Sums of squares have no one order, and their waves are not \
             shown. You can also write an operation of your own. Some are \
             understood as soon as a sum is; others take far longer, or never are.",
            "The net can also be written down: neurons of one frequency and two phases each, summed. Slide their number to see \
             how many it takes. Training finds the same kind of weights.",
            "Two numbers tell of progress while the curves are flat. Keep of the answers only their strong waves, and the \
             restricted loss is what is left to pay: it falls first. Take these waves away, and the excluded loss of the \
             training pairs rises: the list of answers is being given up.",
            "These are small variants with quick settings, not replications: the papers use larger tables, other nets and up to \
             a hundred thousand steps. Settings matter: with 25 pairs in a \
             hundred instead of 30 the wait is seven times as long. And no run that was stopped has proved that a net never \
             will understand.",
        ],
        formulas: &[
            r"h = E_a + E_b, \qquad z = \sigma(h)\, W, \qquad \sigma(h) = h^2 \ \text{or}\ \max(h, 0)",
            r"w \leftarrow (1 - \eta\lambda)\, w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
            r"\text{IPR} = \frac{\sum_k P_k^2}{\left(\sum_k P_k\right)^2}, \qquad \cos(ka)\cos(kb) \to \cos\bigl(k(a + b)\bigr)",
        ],
        symbols: &[
            ("E", "the table: a row for each number, a column for each neuron"),
            ("W", "the weights from the neurons to the answers"),
            ("z", "the outputs, one for each answer; the greatest counts"),
            (r"\eta, \lambda", "the learning rate and the weight decay"),
            ("P_k", "the power of the wave with $k$ periods around the dial in a neuron's column of $E$"),
        ],
        words: "grok delayed generalisation generalization overfitting memorisation memorization modular arithmetic addition fourier waves weight decay adamw grokfast gromov nanda progress measures ipr training",
    }
    .told(),
    params: &[&DECAY, &FRACTION, &OPERATION, &FORMULA, &P, &WIDTH, &NET, &LOSS, &OPTIMISER, &RATE, &SCALE, &NEURONS],
    metrics: &[
        Metric::new("test", "unseen pairs right", "The share of the pairs it was never shown that it has right."),
        Metric::new("train", "training pairs right", "The share of the training pairs that it has right."),
        Metric::new("test-loss", "test loss", "The loss on the unseen pairs."),
        Metric::new("train-loss", "training loss", "The loss on the training pairs."),
        Metric::new("restricted", "restricted loss", "The loss on all pairs of the key waves of the answers alone."),
        Metric::new("excluded", "excluded loss", "The training loss without the key waves."),
        Metric::new("waves", "waves (IPR)", "How far neurons are single waves: 1 if each is one, by a mean over neurons."),
        Metric::new("gini", "Gini", "How unequal frequencies are in the table: 0 if all are used, 1 if one is."),
        Metric::new("norm", "size of the weights", "The root of their sum of squares."),
        Metric::new("by-heart", "step of by heart", "When all training pairs were right for the first time; 0 before."),
        Metric::new("understood", "step of understanding", "When 99 % of the unseen pairs were right; 0 before."),
        Metric::new("wait", "the wait", "How many times as many steps understanding took; 0 before."),
    ],
    presets: &[
        Preset::new("Default", "By heart at step 30, understood ten times later.", &[]),
        Preset::new(
            "ReLU, factored",
            "A long flat wait, a steep rise, and a few frequencies that carry all.",
            &[("p", "67"), ("fraction", "0.5"), ("net", "relu"), ("width", "48"), ("loss", "cross-entropy")],
        ),
        Preset::new(
            "No decay",
            "Nothing makes it let go of its list. Wait, then turn the decay up.",
            &[
                ("decay", "0"),
                ("fraction", "0.5"),
                ("p", "67"),
                ("width", "48"),
                ("net", "relu"),
                ("loss", "cross-entropy"),
            ],
        ),
        Preset::new("Too little data", "So few pairs are a list, and nothing more can be told from them.", &[("fraction", "0.1")]),
        Preset::new(
            "p = 113",
            "Wide, with a fifth of the pairs and strong decay.",
            &[("decay", "3"), ("fraction", "0.2"), ("p", "113"), ("width", "256"), ("neurons", "700")],
        ),
        Preset::new("Multiplication", "Waves again, in the order of logarithms.", &[("operation", "multiply")]),
        Preset::new(
            "Plain descent",
            "No Adam, huge steps, seven pairs in ten: slow, and hardly a wait.",
            &[
                ("optimiser", "sgd"),
                ("p", "31"),
                ("width", "64"),
                ("fraction", "0.7"),
                ("rate", "10"),
                ("decay", "0.0001"),
            ],
        ),
        Preset::new(
            "My own",
            "Write an operation. This one is a difference, with the first number renamed.",
            &[("operation", "own"), ("fraction", "0.25"), ("formula", "a^2 - b")],
        ),
    ],
    steps: STEPS as u64,
    log_steps: true,
    pace: 60.0,
    thumbnail: RIGHT,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Grokking::new(start.values, start.rng))),
};

const RIGHT: usize = 0;
const TABLE: usize = 1;
const ANSWERS: usize = 2;
const LOSSES: usize = 3;
const WAVE: usize = 4;
const MADE_OF: usize = 5;
const IPR: usize = 6;
const SHARES: usize = 7;

const STEPS: usize = 2000;
/// Without decay a run ends here.
const PATIENCE: usize = 1000;
/// Steps between looks at all pairs, of few and of many numbers, but for the first steps, which are all looked at.
const EVERY: [usize; 2] = [5, 10];
const MANY: usize = 90;
const FIRST: usize = 20;
/// Of the unseen pairs so many must be right. A run then goes on for half as long again.
const UNDERSTOOD: f64 = 0.99;
/// And with so many it has begun to understand.
const BEGUN: f64 = 0.3;
/// Steps that a run goes on for after it was touched.
const AFTER: usize = 100;
/// The inner size of factored matrices.
const RANK: usize = 500;
/// How much of the mean Grokfast keeps at a step, and how often it adds it.
const GROKFAST: (f32, f32) = (0.98, 2.0);
const MANY_PAIRS: &str = "With so many pairs it need not wait long.";
/// So many frequencies are few.
const NAMED: usize = 12;
/// The least share of the power that is told from none.
const LEAST: f64 = 1e-3;
/// How an unseen pair is shaded against one that was trained on.
const UNSEEN: f32 = 0.4;

/// How things stood when all training pairs were right for the first time.
#[derive(Clone, Copy)]
struct Memorised {
    step: usize,
    test: f64,
    waves: f64,
}

#[derive(Clone)]
struct Grokking {
    lesson: Rc<Lesson>,
    net: PairNet,
    optimiser: Optimiser,
    filter: Option<Grokfast>,
    loss: Loss,
    step: usize,
    train: Score,
    seen: Rc<Seen>,
    memorised: Option<Memorised>,
    /// When it understood, and how far neurons were waves at the start.
    generalised: Option<usize>,
    began: f64,
    /// When restricted loss and test loss were no more than half of what they were at the start, and what that was.
    halved: [Option<usize>; 2],
    start: [f64; 2],
    /// The run ends no earlier, once it understood.
    until: usize,
    /// Whether there was never any decay.
    undecayed: bool,
    by_hand: Rc<Vec<u16>>,
    neurons: usize,
    /// Whether the operation was written by the user.
    own: bool,
    rng: Rng,
}

fn operation(values: &Values, p: usize) -> Operation {
    match values.choice(&OPERATION) {
        "subtract" => Operation::Subtract,
        "multiply" => Operation::Multiply,
        "squares" => Operation::Squares,
        "mixed" => Operation::Mixed,
        "cubic" => Operation::Cubic,
        "own" => match Formula::read(values.text(&FORMULA)) {
            Ok(formula) => Operation::of(formula, p),
            // No value is one that was refused.
            Err(_) => Operation::Add,
        },
        _ => Operation::Add,
    }
}

impl Grokking {
    fn new(values: &Values, rng: &Rng) -> Self {
        // The choice lists numbers only.
        let p = values.choice(&P).parse().unwrap_or(59);
        let operation = operation(values, p);
        let (activation, rank) = match values.choice(&NET) {
            "relu" => (Activation::Relu, Some(RANK)),
            "plain-relu" => (Activation::Relu, None),
            _ => (Activation::Square, None),
        };
        let tables = if operation.is_symmetric(p) { 1 } else { 2 };
        let shape = pair_net::Shape { p, hidden: values.int(&WIDTH), activation, tables, rank };
        let mut net = PairNet::new(shape, values.float(&SCALE), &mut rng.stream("weights"));
        let settings = Settings { squares: 0.98, ..Settings::new(0.0, 0.0) };
        let count = net.weights.len();
        let (optimiser, filter) = match values.choice(&OPTIMISER) {
            "sgd" => (Optimiser::Plain(settings), None),
            "grokfast" => {
                (Optimiser::Adam(Adam::new(count, settings)), Some(Grokfast::new(count, GROKFAST.0, GROKFAST.1)))
            }
            _ => (Optimiser::Adam(Adam::new(count, settings)), None),
        };
        let loss = if values.choice(&LOSS) == "square" { Loss::Square } else { Loss::CrossEntropy };
        let lesson = Lesson::new(operation, p, values.float(&FRACTION), rng);
        let seen = lesson.look(&mut net, loss);
        let train = net.grade(&lesson.task.train, lesson.trained(), loss);
        let mut run = Self {
            lesson: Rc::new(lesson),
            net,
            optimiser,
            filter,
            loss,
            step: 0,
            train,
            began: seen.mean,
            halved: [None; 2],
            start: [seen.restricted, seen.test.loss],
            seen: Rc::new(seen),
            memorised: None,
            generalised: None,
            until: 0,
            undecayed: true,
            by_hand: Rc::default(),
            neurons: 0,
            own: values.choice(&OPERATION) == "own",
            rng: rng.clone(),
        };
        run.take(values);
        run
    }

    /// What may be moved during the run.
    fn take(&mut self, values: &Values) {
        let settings = self.optimiser.settings();
        settings.rate = values.float(&RATE) as f32;
        settings.decay = values.float(&DECAY) as f32;
        self.until = self.step + AFTER;
        if self.adds() && self.neurons != values.int(&NEURONS) {
            self.neurons = values.int(&NEURONS);
            let p = self.lesson.task.p;
            self.by_hand = Rc::new(waves::by_hand(p, self.neurons, 1.0, &mut self.rng.stream("by hand")));
        }
    }

    /// Whether this is what the net that is made by hand does.
    fn adds(&self) -> bool {
        self.lesson.task.operation == Operation::Add
    }

    fn settings(&self) -> &Settings {
        match &self.optimiser {
            Optimiser::Adam(adam) => &adam.settings,
            Optimiser::Plain(settings) => settings,
        }
    }

    fn decay(&self) -> f32 {
        self.settings().decay
    }

    fn tested(&self) -> f64 {
        self.lesson.share(&self.seen.test)
    }

    fn trained(&self) -> f64 {
        self.train.right as f64 / self.lesson.task.train.len() as f64
    }

    /// Why it has not understood, as far as the settings tell.
    fn why_not(&self) -> &'static str {
        let (width, few) = (self.net.shape().hidden, self.has_few_pairs());
        match self.decay() {
            _ if !self.seen.test.loss.is_finite() => "Its steps were too large, and its numbers have no end.",
            _ if self.memorised.is_none() => "It has not even learnt its pairs by heart.",
            decay if self.tested() >= BEGUN && decay == 0.0 => {
                "It creeps on even without decay, for its steps are coarse. Decay makes it sooner."
            }
            _ if self.tested() >= BEGUN => "It is on its way.",
            0.0 => "Nothing makes its weights shrink. Turn the weight decay up.",
            _ if few => "So few pairs are a list, and more than one rule fits them. Train on more of them.",
            _ if self.step < PATIENCE => "Wait.",
            decay if decay < 0.3 && matches!(self.optimiser, Optimiser::Adam(_)) => {
                "So weak a decay takes thousands of steps. Turn it up."
            }
            _ if self.settings().rate > 0.03 && matches!(self.optimiser, Optimiser::Adam(_)) => {
                "Its steps are too large to settle. Lower the learning rate."
            }
            _ if width < 2 * self.lesson.task.p => "It has few neurons for so many numbers. Give it more.",
            _ => "More pairs, another decay or more steps may do it; or this net never will.",
        }
    }

    /// Whether a rule can be told from so many before they are all learnt.
    fn has_many_pairs(&self) -> bool {
        let Task { train, test, .. } = &self.lesson.task;
        3 * train.len() >= 2 * (train.len() + test.len())
    }

    /// Whether a rule can hardly be told from so few.
    fn has_few_pairs(&self) -> bool {
        self.lesson.task.train.len() < 4 * self.lesson.task.p
    }

    /// Whether nobody waits any longer for it to understand.
    fn gave_up(&self) -> bool {
        self.generalised.is_none() && self.step as u64 >= self.due().unwrap_or(STEPS as u64)
    }

    /// How often the wait is as long as learning by heart took.
    fn ratio(&self) -> Option<f64> {
        Some(self.generalised? as f64 / self.memorised?.step as f64)
    }

    fn waits(&self) -> Claim {
        let claim = Claim::new(
            "It understands long after it knows all training pairs by heart.",
            "Power et al. 2022, figure 1",
        )
        .expect(4.0, f64::INFINITY, "at least 4 times as many steps")
        .on_log((1.0, "not at all"), (100.0, "100 times"))
        .only_if(!self.has_many_pairs(), MANY_PAIRS);
        if !claim.applies {
            return claim;
        }
        match (self.memorised, self.generalised, self.ratio()) {
            (Some(memorised), Some(generalised), Some(ratio)) => {
                claim.measured(ratio, format!("{} times: steps {} and {generalised}", fixed(ratio, 1), memorised.step))
            }
            (Some(memorised), ..) => {
                let why =
                    format!("By heart at step {}, not understood at {}. {}", memorised.step, self.step, self.why_not());
                match self.gave_up() {
                    true if self.decay() == 0.0 || self.has_few_pairs() => claim.not_here(why),
                    true => claim.measured(1.0, format!("not at all in {} steps", self.step)).because(why),
                    false => claim.because(why),
                }
            }
            _ => claim.because("It must know all training pairs first."),
        }
    }

    fn guesses(&self) -> Claim {
        // Of the pairs so many have a 0 in them, and that a product with 0 is 0 is soon learnt.
        let zeros = if self.multiplies() { 2.0 / (self.lesson.task.p as f64 + 1.0) } else { 0.0 };
        let most = 0.05 + zeros;
        let claim =
            Claim::new("When it knows all training pairs it has learnt nothing about the others.", "Power et al. 2022")
                .expect(0.0, most, &format!("at most {} % of unseen pairs right", fixed(100.0 * most, 0)))
                .on((0.0, "0 %"), (1.0, "100 %"))
                .only_if(!self.has_many_pairs(), MANY_PAIRS);
        match self.memorised {
            _ if !claim.applies => claim,
            Some(Memorised { test, .. }) => {
                let claim = claim.measured(test, percent(test, 1));
                if zeros > 0.0 {
                    claim.because("Products with 0 are learnt at once, and are allowed for.")
                } else {
                    claim
                }
            }
            None => claim.because("It must know all training pairs first."),
        }
    }

    fn becomes_waves(&self) -> Claim {
        let claim =
            Claim::new("Once it understands, most of each neuron is one wave.", "Gromov 2023; Nanda et al. 2023")
                .expect(0.45, 1.0, "IPR at least 0.45, from below 0.2")
                .on((0.0, "noise"), (1.0, "waves"));
        let Some(Memorised { waves, .. }) = self.memorised else {
            return claim.because("It must know all training pairs first.");
        };
        if self.lesson.ring.is_none() {
            return claim.not_here("There is no one order of the numbers along which this operation is a sum.");
        }
        if self.gave_up() {
            return claim.not_here(format!("It never understood. Its IPR is {}.", fixed(self.seen.mean, 2)));
        }
        if self.generalised.is_none() {
            return claim.because(format!("It has not understood yet. Its IPR is {}.", fixed(self.seen.mean, 2)));
        }
        if waves >= 0.2 {
            return claim.not_here(format!("Already when all was known by heart it was {}.", fixed(waves, 2)));
        }
        let text = format!("{}, from {} when all was known by heart", fixed(self.seen.mean, 2), fixed(waves, 2));
        claim.measured(self.seen.mean, text)
    }

    fn needs_decay(&self) -> Claim {
        let claim = Claim::new(
            &format!("Without weight decay it has not understood after {PATIENCE} steps."),
            "Power et al. 2022, on weight decay",
        )
        .expect(0.0, 0.5, "at most half of the unseen pairs right")
        .on((0.0, "0 %"), (1.0, "100 %"));
        if self.decay() > 0.0 || !self.undecayed {
            return claim.not_here("This run has weight decay.");
        }
        match self.generalised {
            Some(step) => {
                claim.measured(self.tested(), format!("{}, understood at step {step}", percent(self.tested(), 1)))
            }
            None if self.step < PATIENCE || self.memorised.is_none() => {
                claim.because(format!("{} of {PATIENCE} steps.", self.step))
            }
            None => claim.measured(self.tested(), percent(self.tested(), 1)),
        }
    }

    fn waves_are_first(&self) -> Claim {
        let claim = Claim::new(
            "The waves in its answers are right before the answers are.",
            "Nanda et al. 2023, progress measures",
        )
        .expect(1.1, f64::INFINITY, "test loss halves at least 1.1 times as late as restricted loss")
        .on_log((0.1, "later"), (10.0, "10 times"));
        if self.lesson.ring.is_none() {
            return claim.not_here("There is no one order of the numbers along which this operation is a sum.");
        }
        match self.halved {
            [Some(restricted), Some(test)] => claim.measured(
                test as f64 / restricted as f64,
                format!("restricted at step {restricted}, test loss at {test}"),
            ),
            [Some(restricted), None] if !self.gave_up() => {
                claim.because(format!("Restricted loss halved by step {restricted}. Test loss did not yet."))
            }
            _ if self.gave_up() => claim.not_here("It never understood."),
            _ => claim.because("Neither has halved yet."),
        }
    }

    fn is_written_down(&self) -> Claim {
        let p = self.lesson.task.p;
        let claim = Claim::new(
            "A net whose weights are waves, written down and never trained, adds.",
            "Gromov 2023, analytic solution",
        )
        .expect(0.999, 1.0, "at least 99.9 % of all pairs right")
        .on((0.0, "0 %"), (1.0, "100 %"));
        if !self.adds() {
            return claim.not_here("The one that is written down here is for a + b.");
        }
        if self.neurons < 4 * p {
            return claim
                .not_here(format!("So few neurons are too noisy for so many numbers: it needs some {}.", 6 * p));
        }
        let right =
            self.by_hand.iter().enumerate().filter(|(i, answer)| usize::from(**answer) == self.right(*i)).count();
        claim.measured(right as f64 / (p * p) as f64, format!("{right} of {}, with {} neurons", p * p, self.neurons))
    }

    /// The answer to a place in the table.
    fn right(&self, place: usize) -> usize {
        let Task { p, operation, .. } = &self.lesson.task;
        operation.answer(place / p, place % p, *p)
    }

    /// How an answer is shaded: the same at both ends, where the dial closes.
    fn shade(&self, answer: usize) -> f32 {
        let turn = 2.0 * answer as f32 / self.lesson.task.p as f32;
        0.05 + 0.95 * (1.0 - (turn - 1.0).abs())
    }

    /// Neurons by their strongest frequency.
    fn sorted(&self) -> Vec<usize> {
        let count = self.lesson.waves.count();
        let main: Vec<usize> = self.seen.powers.chunks_exact(count).map(waves::greatest).collect();
        (0..count).flat_map(|k| (0..main.len()).filter(|j| main[*j] == k).collect::<Vec<_>>()).collect()
    }

    /// The frequencies that carry the answers, by their numbers if they are few.
    fn key_frequencies(&self) -> String {
        let Seen { keys, shares, .. } = &*self.seen;
        if *keys > NAMED {
            return format!("{keys} of {} frequencies carry its answers.", shares.len());
        }
        let mut strong: Vec<usize> = strongest(shares).take(*keys).map(|k| k + 1).collect();
        strong.sort_unstable();
        let names: Vec<String> = strong.iter().map(usize::to_string).collect();
        format!("Of {} frequencies these carry its answers: {}.", shares.len(), names.join(", "))
    }

    fn multiplies(&self) -> bool {
        self.lesson.task.operation == Operation::Multiply
    }
}

impl Experiment for Grokking {
    fn views(&self) -> Vec<View> {
        let (p, units, count) = (self.lesson.task.p, self.seen.each.len(), self.lesson.waves.count());
        let places = self.lesson.waves.places();
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
        let losses = [
            ("test-loss", "unseen pairs"),
            ("train-loss", "training pairs"),
            ("restricted", "restricted"),
            ("excluded", "excluded"),
        ];
        let heights = match self.loss {
            Loss::Square => Axis::log("loss", 1e-4, 0.1),
            _ => Axis::log("loss", 1e-6, 100.0),
        };
        let losses = Shape::over_steps(steps(), heights, &losses[..if self.lesson.ring.is_some() { 4 } else { 2 }]);
        let table =
            Shape::Heatmap { rows: p as u32, cols: p as u32, row_name: "a", col_name: "b", ends: ("wrong", "right") };
        let by_hand = self.adds().then(|| "written by hand".to_owned());
        let items = ["the net".to_owned(), "what is right".to_owned()].into_iter().chain(by_hand).collect();
        let wave = Shape::Lines {
            x: Axis::linear(if self.multiplies() { "logarithm of a" } else { "number a" }, 0.0, (places - 1) as f64),
            y: Axis::linear("weight", -1.1, 1.1),
            series: vec![
                Series::curve("one", places),
                Series::reference("a wave", places),
                Series::curve("another", places),
            ],
            marks: Vec::new(),
            field: None,
        };
        let made_of = Shape::Heatmap {
            rows: count as u32,
            cols: units as u32,
            row_name: "periods around the dial",
            col_name: "neuron, by its frequency",
            ends: ("", "all of its power"),
        };
        let ipr = Shape::Lines {
            x: Axis::linear("neurons, the nearest to a wave first", 1.0, units as f64),
            y: Axis::linear("IPR", 0.0, 1.0),
            series: vec![Series::curve("now", units), Series::reference("at the start", 2)],
            marks: Vec::new(),
            field: None,
        };
        let shares = Shape::lines(
            Axis::linear("periods around the dial", 1.0, count as f64),
            Axis::log("share of the power", LEAST, 1.0),
            [Series::dots("now", count), Series::reference("all alike", 2)],
        );
        vec![
            View::new("Share of pairs that are right", Place::Main, right),
            View::new("Right pairs", Place::Side, table).moving(),
            View::new("Its answers", Place::Side, Shape::Glyphs(Glyphs::new(p, p, items))).moving(),
            View::new("Loss", Place::Main, losses),
            View::new("Weights of two neurons", Place::Main, wave),
            View::new("Which waves each neuron is made of", Place::Main, made_of).moving(),
            View::new("How far each is one wave", Place::Side, ipr),
            View::new("Waves in its answers", Place::Side, shares),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let (seen, p) = (&self.seen, self.lesson.task.p);
        match view {
            RIGHT => {
                let mut plot = Plot::new(slot, 0.0);
                let step = |step: usize| step as f32;
                let wait = self.memorised.zip(self.generalised).map(|(from, to)| [step(from.step), step(to)]);
                plot.curve(2, wait.into_iter().flatten().map(|step| [step, 0.5]));
                plot.curve(1, self.memorised.map(|at| [step(at.step), 1.0, 0.0, 1.0]));
                plot.curve(1, self.generalised.map(|at| [step(at), UNDERSTOOD as f32, 0.0, 1.0]));
            }
            TABLE => {
                let shade = |place: usize, by: f32| {
                    if usize::from(seen.answers[place]) == self.right(place) { by } else { -by }
                };
                let task = &self.lesson.task;
                for (pairs, by) in [(&task.test, UNSEEN), (&task.train, 1.0)] {
                    let at = |i: usize| shade(usize::from(pairs[i].a) * p + usize::from(pairs[i].b), by);
                    task.tabulate(pairs, at, slot);
                }
            }
            ANSWERS => {
                let (pictures, marks) = slot.split_at_mut(slot.len() - 1);
                marks[0] = -1.0;
                for (k, picture) in pictures.chunks_exact_mut(p * p).enumerate() {
                    for (place, out) in picture.iter_mut().enumerate() {
                        *out = self.shade(match k {
                            0 => seen.answers[place].into(),
                            1 => self.right(place),
                            _ => self.by_hand[place].into(),
                        });
                    }
                }
            }
            WAVE => {
                let mut plot = Plot::new(slot, -1.0);
                for column in [0, 2, 1] {
                    let points = seen.columns[column].iter().enumerate().map(|(x, w)| [x as f32, *w]);
                    plot.curve(seen.columns[column].len(), points);
                }
            }
            MADE_OF => {
                let count = self.lesson.waves.count();
                let units = seen.each.len();
                for (x, j) in self.sorted().into_iter().enumerate() {
                    let powers = &seen.powers[j * count..][..count];
                    let all = powers.iter().sum::<f32>().max(f32::MIN_POSITIVE);
                    for (k, power) in powers.iter().enumerate() {
                        slot[k * units + x] = power / all;
                    }
                }
            }
            IPR => {
                let mut plot = Plot::new(slot, 0.0);
                let each = seen.order.iter().map(|j| seen.each[*j] as f32);
                plot.curve(each.len(), each.zip(1..).map(|(x, i)| [i as f32, x]));
                plot.curve(2, [1.0, seen.each.len() as f32].map(|x| [x, self.began as f32]));
            }
            SHARES => {
                let count = self.lesson.waves.count();
                let points = seen.shares.iter().zip(1..).map(|(share, k)| [k as f32, share.max(LEAST) as f32]);
                let mut plot = Plot::new(slot, 0.0);
                plot.curve(count, points);
                plot.curve(2, [1, count].map(|k| [k as f32, 1.0 / count as f32]));
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let (seen, task) = (&self.seen, &self.lesson.task);
        let percent = |x: f64| fixed(100.0 * x, 0);
        match view {
            RIGHT => {
                let now = format!(
                    "Step {}: it has {} % of its {} training pairs right, and {} % of the {} others.",
                    self.step,
                    percent(self.trained()),
                    task.train.len(),
                    percent(self.tested()),
                    task.test.len()
                );
                let story = match (self.memorised, self.generalised, self.ratio()) {
                    (Some(memorised), Some(generalised), Some(ratio)) => format!(
                        "By heart at step {}, understood at step {generalised}: {} times as many.",
                        memorised.step,
                        fixed(ratio, 1)
                    ),
                    (Some(memorised), ..) => format!("By heart at step {}. {}", memorised.step, self.why_not()),
                    _ => String::new(),
                };
                format!("{now} {story}").trim_end().to_owned()
            }
            TABLE => {
                "A cell is a pair: a down, b across. Blue is right, magenta is wrong. Strong cells are trained on."
                    .into()
            }
            ANSWERS => format!(
                "The shade is the answer, dark in the middle of the dial.{}",
                if self.adds() { format!(" By hand: {} neurons.", self.neurons) } else { String::new() }
            ),
            LOSSES if self.lesson.ring.is_none() => {
                "No order of the numbers makes this operation a sum, so there are no key waves to keep or to take away."
                    .into()
            }
            LOSSES => format!(
                "Restricted, {}, has of the answers {}. Excluded, {}, is training without that.",
                short(seen.restricted),
                if seen.keys == seen.shares.len() {
                    "what depends on the sum alone, for all frequencies are strong".to_owned()
                } else {
                    format!("only {} strong waves of {}", seen.keys, seen.shares.len())
                },
                short(seen.excluded)
            ),
            WAVE => format!(
                "Of the quarter of neurons that are nearest to waves these are the slowest: {} and {} times around the dial.{}",
                seen.frequencies[0],
                seen.frequencies[1],
                if self.multiplies() { " Numbers stand in the order of their logarithms." } else { "" }
            ),
            MADE_OF => format!(
                "A column is a neuron, a row a frequency, the slowest on top. Frequencies are used {} (Gini {}).",
                if seen.gini < 0.25 { "all alike" } else { "unlike" },
                fixed(seen.gini, 2)
            ),
            SHARES if self.lesson.ring.is_none() => "No order of the numbers makes this operation a sum.".into(),
            SHARES => self.key_frequencies(),
            _ => format!(
                "1 is one wave, {} is noise. The mean is {}.",
                fixed(2.0 / self.lesson.waves.count() as f64, 2),
                fixed(seen.mean, 2)
            ),
        }
    }

    fn step(&mut self) -> Status {
        let trained = self.lesson.task.train.len();
        self.undecayed &= self.decay() == 0.0;
        self.train = self.net.grade(&self.lesson.task.train, self.lesson.trained(), self.loss);
        let (weights, gradient) = self.net.descent();
        if let Some(filter) = &mut self.filter {
            filter.filter(gradient);
        }
        self.optimiser.step(weights, gradient);
        self.step += 1;
        let by_heart = self.memorised.is_none() && self.train.right == trained;
        let every = EVERY[usize::from(self.lesson.task.p > MANY)];
        if self.step <= FIRST || self.step.is_multiple_of(every) || by_heart {
            self.seen = Rc::new(self.lesson.look(&mut self.net, self.loss));
            let losses = [self.seen.restricted, self.seen.test.loss];
            for (halved, (loss, start)) in self.halved.iter_mut().zip(losses.iter().zip(self.start)) {
                *halved = halved.or((*loss <= 0.5 * start).then_some(self.step));
            }
        }
        if by_heart {
            self.memorised = Some(Memorised { step: self.step, test: self.tested(), waves: self.seen.mean });
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
        let seen = &self.seen;
        let norm = dot64(&self.net.weights, &self.net.weights).sqrt();
        let row = [
            self.tested(),
            self.trained(),
            seen.test.loss,
            self.train.loss,
            seen.restricted,
            seen.excluded,
            seen.mean,
            seen.gini,
            norm,
            self.memorised.map_or(0.0, |at| at.step as f64),
            self.generalised.map_or(0.0, |step| step as f64),
            self.ratio().unwrap_or(0.0),
        ];
        fill(out, row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&DECAY) || param.is(&RATE) {
            self.take(values);
            return Live::Soon;
        }
        if param.is(&NEURONS) {
            self.take(values);
            return Live::Now;
        }
        Live::Restart
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let mut idle = Vec::new();
        if !self.own {
            idle.push((&FORMULA, Reach::Idle("It counts where the operation is my own.")));
        }
        if !self.adds() {
            idle.push((&NEURONS, Reach::Idle("The net that is written down is for a + b.")));
        }
        idle
    }

    fn due(&self) -> Option<u64> {
        if let Some(generalised) = self.generalised {
            return Some((generalised + generalised / 2).max(self.until) as u64);
        }
        (self.undecayed && self.decay() == 0.0).then_some(PATIENCE.max(self.until) as u64)
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.waits(),
            self.guesses(),
            self.becomes_waves(),
            self.waves_are_first(),
            self.needs_decay(),
            self.is_written_down(),
        ]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::Verdict,
        session::{Ended, Session, follow},
    };

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=grokking&{query}"), steps)
    }

    fn set(session: &mut Session, name: &str, value: &str) {
        session.set(&[(name.into(), value.into())]).unwrap();
    }

    fn at(session: &Session, word: &str) -> Option<u64> {
        session.events().iter().find(|(_, known)| *known == word).map(|(step, _)| *step)
    }

    #[test]
    fn it_knows_by_heart_and_understands_long_after_in_waves() {
        let session = run("seed=1", 2000);
        let claims = session.claims();
        for (claim, is) in claims.iter().zip([true, true, true, true, false, true]) {
            assert_eq!(claim.verdict(), if is { Verdict::Agrees } else { Verdict::NotHere }, "{claim:?}");
        }
        assert_eq!(session.ended().map(Ended::word), Some("end"));
        assert!(at(&session, "understood") > at(&session, "by heart").map(|step| 4 * step));
    }

    #[test]
    fn cheaper_tasks_grok_as_well_and_a_product_along_logarithms() {
        for query in [
            "p=31&width=64&fraction=0.5",
            "p=47&fraction=0.4&operation=multiply",
            "p=47&fraction=0.4&operation=squares",
        ] {
            let session = run(query, 2000);
            assert!(at(&session, "understood").is_some(), "{query}");
            // Along the order of logarithms neurons are waves. Squares have no order, and none is claimed.
            let waves = session.metrics()[6];
            assert_eq!(waves > 0.45, !query.ends_with("squares"), "{query}: {waves}");
        }
    }

    #[test]
    fn without_decay_it_keeps_its_list_and_decay_that_is_turned_up_makes_it_understand() {
        let query = "p=31&width=48&fraction=0.7&net=relu&loss=cross-entropy&decay=0&seed=2";
        let mut session = run(query, 2000);
        assert_eq!((session.step(), session.ended().map(Ended::word)), (1000, Some("by heart only")));
        let claims = session.claims();
        assert_eq!((claims[0].verdict(), claims[4].verdict()), (Verdict::NotHere, Verdict::Agrees), "{claims:?}");
        session.seek(200);
        set(&mut session, "decay", "2");
        session.advance(2000);
        assert!(at(&session, "understood").is_some(), "{:?}", session.metrics());
    }

    #[test]
    fn a_run_that_breaks_names_what_broke_and_one_can_go_back() {
        let mut session = run("p=31&rate=10&decay=10", 500);
        assert!(matches!(session.ended(), Some(Ended::Diverged { .. })), "{:?}", session.ended());
        let broke = session.step();
        session.seek(broke - 1);
        assert_eq!(session.ended(), None);
        set(&mut session, "rate", "0.01");
        assert!(session.metrics().iter().all(|x| x.is_finite()));
    }

    #[test]
    fn the_net_by_hand_answers_the_slider_at_once() {
        let mut session = run("", 3);
        assert_eq!(session.claims()[5].verdict(), Verdict::Agrees);
        set(&mut session, "neurons", "16");
        assert_eq!((session.step(), session.claims()[5].verdict()), (3, Verdict::NotHere));
    }
}
