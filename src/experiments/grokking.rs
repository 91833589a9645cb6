//! Grokking (Power et al. 2022): a small net learns arithmetic modulo a prime by heart, and much later understands it.
//!
//! A step is one step of training on all training pairs. Every few steps the net is asked all pairs, and its table and its
//! answers are taken apart into waves.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Figures, Glyphs, Live, Metric, Paper, Param, Place, Preset, Prose, Reach,
        Shape, Status, Values, View, Wing, fill,
        progress::{self, Progress},
        wait::{Terms, Wait},
    },
    math::{
        decimal::{fixed, percent},
        formula::Formula,
        kernels::dot64,
        rng::Rng,
    },
    model::learning::{
        adam::{Adam, Settings},
        lesson::{Asked, Lesson, Seen},
        loss::{Loss, Score},
        modular::{Operation, Task},
        optimiser::{Grokfast, Optimiser},
        pair_net::{self, Activation, PairNet},
        written::Written,
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
    (0.05, 0.4, 0.95),
    "The share of all pairs that the net is shown; the others test it.",
)
.ends("few pairs", "nearly all");
static DECAY: Param = Param::float(
    "decay",
    "Weight decay",
    (0.0, 3.0, 10.0),
    "How fast weights shrink by themselves: by this times the rate at each step. It holds from the step on at which you move it.",
)
.ends("none", "strong");
static RATE: Param = Param::float(
    "rate",
    "Learning rate",
    (1e-4, 0.05, 10.0),
    "The size of a step. It holds from the step on at which you move it. Too large, and the run breaks.",
);
static WIDTH: Param = Param::int("width", "Hidden units", (8, 160, 512), "Neurons between the numbers and the answer.");
static NET: Param = Param::choice(
    "net",
    "Neurons",
    &[("square", "squares"), ("relu", "ReLU, factored"), ("plain-relu", "ReLU")],
    "What a neuron makes of its sum: its square, or its positive part. Factored: both weight matrices are products of two.",
);
static LOSS: Param = Param::choice(
    "loss",
    "Loss",
    &[("cross-entropy", "cross-entropy"), ("square", "squares")],
    "What is made small: the surprise at the right answer, or squared distances from 1 and 0.",
);
static OPTIMISER: Param = Param::choice(
    "optimiser",
    "Optimiser",
    &[("adamw", "AdamW"), ("grokfast", "AdamW, Grokfast"), ("sgd", "plain descent")],
    "How weights follow the gradient. Grokfast adds twice a slow mean of it, which takes longer here. Plain descent needs a rate of 10, squares as loss, little decay and p = 31.",
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
        card: "It knows its lessons at step 20, and understands at step 200.",
        lead: "Play, and watch the wait between the two curves. Move the weight decay and it changes.",
        about: &[
            "A net is asked for a + b on a dial of p numbers. It sees four pairs in ten, and after some twenty steps it has \
             all of them right, by heart: on the others it guesses. For a while nothing seems to happen. Then it begins to answer \
             pairs that it never saw, and near step 200 it has nearly all of them. That is grokking.",
            "What changes in the wait is inside. The rows of a neuron's weights, noise at first, turn into waves around the \
             dial: the product of two waves is a wave of the sum, and so waves add. Weight decay drives it. It takes from all \
             weights, and waves get by with smaller ones than a list of answers does. Without decay the net stays with its list. \
             That is so of cross-entropy. With squares as loss such a net comes to waves without any decay, sooner or later: \
             choose squares here, and it understands at step 100.",
            "For a product the waves are there too, but along another order of the numbers: that of their discrete logarithms, \
             where a product is a sum. The pictures use that order. Sums of squares have no one order, and their waves are not \
             shown. You can also write an operation of your own. Some are \
             understood as soon as a sum is; others take far longer, or never are.",
            "The net can also be written down: neurons of one frequency and two phases each, summed. Slide their number to see \
             how many it takes. Training finds the same kind of weights: one of the pictures has rows of \
             both side by side. This net uses nearly all frequencies. One of ReLU neurons gets by with five or so: press ReLU, factored.",
            "Two numbers tell of progress while the curves are flat. Keep of the answers only their strong waves, and the \
             restricted loss is what is left to pay: it falls first. Take these waves away, and the excluded loss of the \
             training pairs rises: the list of answers is being given up. With squares as loss it cannot rise far, only to $1 / p$, \
             what a net has to pay that answers nothing; under cross-entropy it can, and does. The paper takes the key waves of the \
             trained net. Here they are those of the step.",
            "These are small variants with quick settings, not replications: the papers use larger tables, other nets and up to \
             a hundred thousand steps. Settings matter: with 35 pairs in a \
             hundred instead of 40 the wait is two to six times as long, with 30 it is not over after a thousand steps. And no run that was stopped has proved that a net never \
             will understand.",
        ],
        formulas: &[
            r"h = E_a + E_b, \qquad z = \sigma(h)\, W",
            r"\sigma(h) = h^2 \ \text{or}\ \max(h, 0)",
            r"w \leftarrow (1 - \eta\lambda)\, w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
            r"\text{IPR} = \frac{\sum_k P_k^2}{\left(\sum_k P_k\right)^2}",
            r"\cos(ka)\cos(kb) \to \cos\bigl(k(a + b)\bigr)",
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
    metrics: &progress::metrics::<3, 12>([
        Metric::new("waves", "waves (IPR)", "How far neurons are single waves: 1 if each is one, by a mean over neurons."),
        Metric::new("gini", "Gini", "How unequal frequencies are in the table: 0 if all are used, 1 if one is."),
        Metric::new("norm", "size of the weights", "The root of their sum of squares."),
    ]),
    presets: &[
        Preset::new("Default", "By heart at step 20, understood at step 180.", &[]),
        Preset::new("No decay", "Nothing makes it let go of its list. Wait, then turn the decay up.", &[("decay", "0")]),
        Preset::new("Too little data", "So few pairs are a list, and nothing more can be told from them.", &[("fraction", "0.1")]),
        Preset::new(
            "ReLU, factored",
            "A long flat wait, a steep rise, and a few frequencies that carry all.",
            &[("decay", "1"), ("fraction", "0.5"), ("p", "67"), ("width", "48"), ("net", "relu"), ("rate", "0.02")],
        ),
        Preset::new(
            "Squares as loss",
            "The same wait. Then turn the decay off: this one creeps on without any.",
            &[("decay", "2"), ("fraction", "0.3"), ("width", "128"), ("loss", "square"), ("rate", "0.02")],
        ),
        Preset::new(
            "p = 113",
            "Wide, with a fifth of the pairs, and squares as loss.",
            &[
                ("fraction", "0.2"),
                ("p", "113"),
                ("width", "256"),
                ("loss", "square"),
                ("rate", "0.02"),
                ("neurons", "700"),
            ],
        ),
        Preset::new(
            "Multiplication",
            "Waves again, in the order of logarithms. Squares as loss, or the last products take long.",
            &[
                ("operation", "multiply"),
                ("decay", "2"),
                ("fraction", "0.3"),
                ("width", "128"),
                ("loss", "square"),
                ("rate", "0.02"),
            ],
        ),
        Preset::new(
            "Plain descent",
            "No Adam, huge steps, seven pairs in ten: slow, and hardly a wait.",
            &[
                ("optimiser", "sgd"),
                ("p", "31"),
                ("width", "64"),
                ("loss", "square"),
                ("fraction", "0.7"),
                ("rate", "10"),
                ("decay", "0.0001"),
            ],
        ),
        Preset::new(
            "My own",
            "Write an operation. This one is a difference too, of a square and a number.",
            &[
                ("operation", "own"),
                ("formula", "a^2 - b"),
                ("decay", "2"),
                ("fraction", "0.25"),
                ("width", "128"),
                ("loss", "square"),
                ("rate", "0.01"),
            ],
        ),
    ],
    steps: STEPS as u64,
    log_steps: true,
    pace: 40.0,
    thumbnail: RIGHT,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Grokking::new(start.values, start.rng))),
};

const RIGHT: usize = 0;
/// Empty columns between both nets.
const GAP: usize = 4;

const STEPS: usize = 2000;
/// Without decay a run ends after so many.
const PATIENCE: usize = 1000;
const TERMS: Terms = Terms { known: 1.0, understood: 0.99, beyond: 0.25, patience: PATIENCE, steps: STEPS };
/// Looks at all pairs cost more than steps. After so many steps they are so far apart: on an axis of logarithms about alike.
const LOOKS: [(usize, usize); 4] = [(0, 1), (10, 2), (20, 5), (100, 10)];
/// After so many steps a net knows its pairs by heart, if it will.
const BY_NOW: usize = 100;
/// With so many of the unseen pairs right it has begun to understand.
const BEGUN: f64 = 0.3;
/// With less of its own pairs right than so, once it knew them all, it forgets.
const FORGETS: f64 = 0.95;
/// By so much its share of unseen pairs has to grow to be on its way.
const MORE: f64 = 0.03;
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

/// A weaker decay takes thousands of steps, a stronger one forgets as it learns, and with coarser steps nothing settles.
struct Bounds {
    weak: f32,
    strong: f32,
    coarse: f32,
}

#[derive(Clone)]
struct Grokking {
    lesson: Rc<Lesson>,
    net: PairNet,
    optimiser: Optimiser,
    filter: Option<Grokfast>,
    loss: Loss,
    /// Times the usual size of the weights at the start.
    scale: f64,
    train: Score,
    seen: Rc<Seen>,
    wait: Wait,
    progress: Progress,
    /// How far neurons were waves at the start, and when all was known by heart.
    began: f64,
    waves_by_heart: f64,
    /// Whether there was any decay so far.
    decayed: bool,
    /// The greatest share of unseen pairs so far, and when it last grew.
    rose: (f64, usize),
    /// The net that is written down, where it does what is asked here.
    by_hand: Option<Rc<Written>>,
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

fn is_looked_at(step: usize) -> bool {
    let apart = LOOKS.iter().rfind(|(after, _)| step > *after).map_or(1, |(_, apart)| *apart);
    step.is_multiple_of(apart)
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
        let ordered = lesson.ring.is_some();
        let mut run = Self {
            lesson: Rc::new(lesson),
            net,
            optimiser,
            filter,
            loss,
            scale: values.float(&SCALE),
            train,
            began: seen.mean,
            waves_by_heart: 0.0,
            progress: Progress::new(ordered, [seen.asked.restricted, seen.asked.test.loss]),
            wait: Wait::new(TERMS),
            seen: Rc::new(seen),
            decayed: false,
            rose: (0.0, 0),
            by_hand: None,
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
        self.wait.drive(settings.decay > 0.0);
        self.wait.hold(AFTER);
        let neurons = values.int(&NEURONS);
        if self.adds() && self.by_hand.as_ref().is_none_or(|net| net.frequencies.len() != neurons) {
            let p = self.lesson.task.p;
            self.by_hand = Some(Rc::new(Written::new(p, neurons, &mut self.rng.stream("by hand"))));
        }
    }

    /// The score of the training pairs, of the same weights as all else that a step reports, and which way is down for the next.
    fn grade(&mut self) {
        self.train = self.net.grade(&self.lesson.task.train, self.lesson.trained(), self.loss);
    }

    /// Whether this is what the net that is made by hand does.
    fn adds(&self) -> bool {
        self.lesson.task.operation == Operation::Add
    }

    fn decay(&self) -> f32 {
        self.optimiser.now().decay
    }

    fn tested(&self) -> f64 {
        self.lesson.share(&self.seen.asked.test)
    }

    fn trained(&self) -> f64 {
        self.train.right as f64 / self.lesson.task.train.len() as f64
    }

    /// Why it has not understood, as far as the settings tell.
    fn why_not(&self) -> String {
        let (width, few, begun) = (self.net.shape().hidden, self.has_few_pairs(), self.tested() >= BEGUN);
        let (forgets, late) = (self.trained() < FORGETS, self.wait.step() >= PATIENCE);
        let (Bounds { weak, strong, coarse }, rate) = (self.bounds(), self.optimiser.now().rate);
        let why = match self.decay() {
            _ if !self.seen.asked.test.loss.is_finite() || !self.train.loss.is_finite() => {
                "Its steps were too large, and its numbers have no end."
            }
            _ if self.wait.by_heart().is_none() => {
                return format!("It has not even learnt its pairs by heart{}", self.why_not_by_heart());
            }
            _ if (forgets || late) && rate > coarse => "Its steps are too large to settle. Lower the learning rate.",
            decay if (forgets || late) && decay > strong => {
                "So strong a decay takes away what it learns. Turn it down."
            }
            0.0 if begun && self.decayed => "It had begun when the decay was turned off. Turn it up again.",
            0.0 if begun && self.has_many_pairs() => "So many pairs tell much of the rule without any decay.",
            0.0 if begun && self.loss == Loss::CrossEntropy => {
                "Its steps are so coarse that it creeps on even without decay. Lower the learning rate."
            }
            0.0 if self.loss == Loss::Square => "With squares as loss it creeps on even without decay.",
            0.0 => "Nothing makes its weights shrink. Turn the weight decay up.",
            _ if begun && !late && self.rises() => "It is on its way.",
            _ if self.is_slow() => "Its steps are so small that it takes many more. Raise the learning rate.",
            _ if few => "So few pairs are a list, and more than one rule fits them. Train on more of them.",
            _ if !late && !begun => "Wait.",
            decay if decay < weak => "So weak a decay takes thousands of steps. Turn it up.",
            _ if width < 2 * self.lesson.task.p => "It has few neurons for so many numbers. Give it more.",
            _ => "More pairs, another decay or more steps may do it; or this net never will.",
        };
        why.into()
    }

    /// Why it has not learnt all its pairs, as far as the settings tell: the end of a sentence.
    fn why_not_by_heart(&self) -> &'static str {
        let settings = self.optimiser.now();
        match self.optimiser {
            Optimiser::Plain(_) => {
                ". Plain descent needs a rate of 10, squares as loss, hardly any decay and few numbers: press Plain descent."
            }
            _ if self.is_slow() => ": its steps are too small. Raise the learning rate.",
            _ if settings.decay > self.bounds().strong => {
                ": so strong a decay takes away what it learns. Turn it down."
            }
            _ if settings.rate > self.bounds().coarse => ": its steps are too large. Lower the learning rate.",
            _ if self.scale > 3.0 => ": its weights began too large to be turned. Let them begin smaller.",
            _ if self.net.shape().hidden < self.lesson.task.p => {
                ": so few neurons have no room for the list. Give it more."
            }
            Optimiser::Adam(_) => ".",
        }
    }

    /// Beyond what settings a net of the usual size does not come to understand, measured at seeds 1 to 3.
    fn bounds(&self) -> Bounds {
        match (&self.optimiser, self.loss) {
            (Optimiser::Plain(_), _) => Bounds { weak: 0.0, strong: f32::INFINITY, coarse: f32::INFINITY },
            (_, Loss::Square) => Bounds { weak: 0.3, strong: f32::INFINITY, coarse: 0.05 },
            (_, _) => Bounds { weak: 1.5, strong: 3.5, coarse: 0.3 },
        }
    }

    /// Whether its share of unseen pairs has grown of late.
    fn rises(&self) -> bool {
        self.wait.step() <= 2 * self.rose.1
    }

    /// Whether Adam takes smaller steps than do anything in so short a run.
    fn is_slow(&self) -> bool {
        matches!(self.optimiser, Optimiser::Adam(_)) && self.optimiser.now().rate < 0.002
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

    fn waits(&self) -> Claim {
        let says = "It understands long after it knows all training pairs by heart.";
        let expected = self.decay() > 0.0 && !self.has_few_pairs();
        self.wait
            .is_long(says, "Power et al. 2022, figure 1", &self.why_not(), expected)
            .only_if(!self.has_many_pairs(), MANY_PAIRS)
    }

    fn guesses(&self) -> Claim {
        // Of the pairs so many have a 0 in them, and that a product with 0 is 0 is soon learnt.
        let zeros = if self.multiplies() { 2.0 / (self.lesson.task.p as f64 + 1.0) } else { 0.0 };
        let says = "When it knows all training pairs it has learnt nothing about the others.";
        let claim = self.wait.guesses(says, "Power et al. 2022", 0.05 + zeros);
        let claim = if zeros > 0.0 && claim.measured.is_some() {
            claim.because("Products with 0 are learnt at once, and are allowed for.")
        } else {
            claim
        };
        claim.only_if(!self.has_many_pairs(), MANY_PAIRS)
    }

    fn becomes_waves(&self) -> Claim {
        let claim =
            Claim::new("Once it understands, most of each neuron is one wave.", "Gromov 2023; Nanda et al. 2023")
                .expect(0.45, 1.0, "IPR at least 0.45, from below 0.2")
                .on((0.0, "noise"), (1.0, "waves"));
        let [now, before] = [self.seen.mean, self.waves_by_heart].map(|waves| fixed(waves, 2));
        self.progress.once_understood(claim, &self.wait, |claim| {
            let already = format!("Already when all was known by heart it was {before}.");
            claim
                .measured(self.seen.mean, format!("{now}, from {before} when all was known by heart"))
                .only_if(self.waves_by_heart < 0.2, &already)
        })
    }

    fn needs_decay(&self) -> Claim {
        let claim = Claim::new(
            &format!("Without weight decay, minding cross-entropy, it has not understood after {PATIENCE} steps."),
            "Power et al. 2022, on weight decay",
        )
        .expect(0.0, 0.5, "at most half of the unseen pairs right")
        .on((0.0, "0 %"), (1.0, "100 %"));
        let (right, step) = (percent(self.tested(), 1), self.wait.step());
        match self.wait.understood() {
            _ if self.decayed || self.decay() > 0.0 => claim.press("No decay", "this run has weight decay."),
            _ if self.loss == Loss::Square => claim.press("No decay", "with squares as loss it creeps on without any."),
            Some(at) => claim.measured(self.tested(), format!("{right}, understood at step {at}")),
            _ if step < PATIENCE || self.wait.by_heart().is_none() => {
                claim.because(format!("{step} of {PATIENCE} steps."))
            }
            _ => claim.measured(self.tested(), right),
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
        let Some(net) = &self.by_hand else {
            return claim.not_here("The one that is written down here is for a + b.");
        };
        let neurons = net.frequencies.len();
        if neurons < 4 * p {
            return claim
                .not_here(format!("So few neurons are too noisy for so many numbers: it needs some {}.", 6 * p));
        }
        let right = self.lesson.task.count_right(&net.answers);
        claim.measured(right as f64 / (p * p) as f64, format!("{right} of {}, with {neurons} neurons", p * p))
    }

    /// How an answer is shaded: the same at both ends, where the dial closes.
    fn shade(&self, answer: usize) -> f32 {
        let turn = 2.0 * answer as f32 / self.lesson.task.p as f32;
        0.05 + 0.95 * (1.0 - (turn - 1.0).abs())
    }

    /// The frequencies that carry the answers, by their numbers if they are few.
    fn key_frequencies(&self) -> String {
        let Asked { keys, shares, .. } = &self.seen.asked;
        if self.wait.understood().is_none() && self.tested() < BEGUN {
            return format!(
                "Nothing is understood yet: {keys} of {} frequencies are strong, as they are by chance.",
                shares.len()
            );
        }
        if *keys > NAMED {
            return format!("{keys} of {} frequencies carry its answers.", shares.len());
        }
        let names: Vec<String> = self.seen.asked.strong().iter().map(usize::to_string).collect();
        format!("Of {} frequencies these carry its answers: {}.", shares.len(), names.join(", "))
    }

    /// What both nets have right, the one in training and the one by hand.
    fn beside(&self, net: &Written) -> String {
        let task = &self.lesson.task;
        let share = |answers: &[u16]| percent(task.count_right(answers) as f64 / answers.len() as f64, 1);
        format!(
            "Left the net in training, which has {} of all pairs right. Right the one that was written down: {} neurons, {} right. \
             A row is the neuron that is nearest to a wave of so many periods; it is empty where there is none.",
            share(&self.seen.asked.answers),
            net.frequencies.len(),
            share(&net.answers)
        )
    }

    /// What it answers, and what that costs.
    fn answers(&self, figures: &mut Figures) {
        let (seen, task) = (&self.seen, &self.lesson.task);
        let p = task.p;

        figures.view(self.wait.view(), |slot| self.wait.draw(slot)).caption(|| {
            let now = self.wait.now((self.trained(), task.train.len()), (self.tested(), task.test.len()));
            let late = self.wait.by_heart().is_some() || self.wait.step() > BY_NOW;
            let waits = late && self.wait.understood().is_none();
            let why = if waits { format!(" {}", self.why_not()) } else { String::new() };
            now + &self.wait.story() + &why
        });

        let table = Shape::heatmap((p, p), ["a", "b"], ("wrong", "right"));
        figures
            .view(View::new("Right pairs", Place::Side, table).moving(), |slot| {
                let shade = |place: usize, by: f32| {
                    if usize::from(seen.asked.answers[place]) == task.right(place) { by } else { -by }
                };
                for (pairs, by) in [(&task.test, UNSEEN), (&task.train, 1.0)] {
                    let at = |i: usize| shade(usize::from(pairs[i].a) * p + usize::from(pairs[i].b), by);
                    task.tabulate(pairs, at, slot);
                }
            })
            .caption(|| {
                "A cell is a pair: a down, b across. Blue is right, magenta is wrong. Strong cells are trained on."
                    .into()
            });

        let by_hand = self.adds().then(|| "written by hand".to_owned());
        let items = ["the net".to_owned(), "what is right".to_owned()].into_iter().chain(by_hand).collect();
        let answers = Shape::Glyphs(Glyphs::new(p, p, items));
        figures
            .view(View::new("Its answers", Place::Side, answers).moving(), |slot| {
                let (pictures, marks) = slot.split_at_mut(slot.len() - 1);
                marks[0] = -1.0;
                for (k, picture) in pictures.chunks_exact_mut(p * p).enumerate() {
                    for (place, out) in picture.iter_mut().enumerate() {
                        *out = self.shade(match k {
                            0 => seen.asked.answers[place].into(),
                            1 => task.right(place),
                            _ => self.by_hand.as_ref().map_or(0, |net| net.answers[place].into()),
                        });
                    }
                }
            })
            .caption(|| {
                let neurons = self.by_hand.as_ref().map(|net| net.frequencies.len());
                let by_hand = neurons.map_or(String::new(), |neurons| format!(" By hand: {neurons} neurons."));
                format!("The shade is the answer, dark in the middle of the dial.{by_hand}")
            });

        let losses = match (self.loss, self.net.shape().activation) {
            (Loss::Square, _) => Axis::log("loss", 1e-4, 0.1),
            (_, Activation::Square) => Axis::log("loss", 1e-3, 10.0),
            _ => Axis::log("loss", 1e-6, 100.0),
        };
        figures.view(self.progress.view(self.wait.axis(), losses), |_| {}).caption(|| {
            let Asked { keys, ref shares, restricted, excluded, .. } = seen.asked;
            let silent = (self.loss == Loss::Square).then(|| 1.0 / p as f64);
            self.progress.caption((keys, shares.len()), (restricted, excluded), silent)
        });
    }

    /// What its weights and its answers are made of.
    fn made_of(&self, figures: &mut Figures) {
        let (seen, waves) = (&self.seen, &self.lesson.waves);
        let (p, units, count, places) = (self.lesson.task.p, seen.each.len(), waves.count(), waves.places());

        let a = if self.multiplies() { "logarithm of a" } else { "number a" };
        let column = |k: usize| seen.columns[k].iter().copied().enumerate();
        figures
            .chart(
                "Weights of two neurons",
                Place::Main,
                Axis::linear(a, 0.0, (places - 1) as f64),
                Axis::linear("weight", -1.1, 1.1),
            )
            .curve("a neuron", places, column(0))
            .reference("its wave", places, column(2))
            .curve("another", places, column(1))
            .caption(|| {
                if self.lesson.ring.is_none() {
                    return "No order of the numbers makes waves of these weights.".into();
                }
                let [one, other] = seen.frequencies;
                let order = if self.multiplies() { " Numbers stand in the order of their logarithms." } else { "" };
                format!(
                    "Two neurons, {one} and {other} times around the dial: the slowest of the quarter that is nearest to waves. Dashed is \
                     the wave that is nearest to the first.{order}"
                )
            });

        let names = ["periods around the dial", "neuron, by its frequency"];
        let made_of = Shape::heatmap((count, units), names, ("", "all of its power"));
        figures
            .view(View::new("Which waves each neuron is made of", Place::Main, made_of).moving(), |slot| {
                for (x, j) in seen.by_frequency().into_iter().enumerate() {
                    let powers = seen.spectrum(j);
                    let all = powers.iter().sum::<f32>().max(f32::MIN_POSITIVE);
                    for (k, power) in powers.iter().enumerate() {
                        // Weights without end are no waves.
                        slot[k * units + x] = if all.is_finite() { power / all } else { 0.0 };
                    }
                }
            })
            .caption(|| {
                let (used, gini) = (if seen.gini < 0.25 { "all alike" } else { "unlike" }, fixed(seen.gini, 2));
                format!(
                    "A column is a neuron, a row a frequency, the slowest on top. Frequencies are used {used} (Gini {gini})."
                )
            });

        let ipr = seen.order.iter().map(|j| seen.each[*j] as f32);
        figures
            .chart(
                "How far each is one wave",
                Place::Side,
                Axis::linear("neurons, the nearest to a wave first", 1.0, units as f64),
                Axis::linear("IPR", 0.0, 1.0),
            )
            .curve("now", units, (1_usize..).zip(ipr))
            .level("at the start", (1.0, units as f64), self.began)
            .caption(|| {
                let [noise, mean] = [2.0 / count as f64, seen.mean].map(|share| fixed(share, 2));
                format!("1 is one wave, {noise} is noise. The mean is {mean}.")
            });

        let shares = seen.asked.shares.iter().map(|share| share.max(LEAST) as f32);
        figures
            .chart(
                "Waves in its answers",
                Place::Side,
                Axis::linear("periods around the dial", 1.0, count as f64),
                Axis::log("share of the power", LEAST, 1.0),
            )
            .dots("now", count, (1_usize..).zip(shares))
            .level("all alike", (1.0, count as f64), 1.0 / count as f64)
            .caption(|| match self.lesson.ring {
                None => "No order of the numbers makes this operation a sum.".into(),
                Some(_) => self.key_frequencies(),
            });

        let Some(net) = &self.by_hand else { return };
        let names = ["a neuron's weights, by its periods around the dial", "number a: trained, then written by hand"];
        let beside = Shape::heatmap((count, 2 * p + GAP), names, ("takes away", "adds"));
        figures
            .view(View::new("Its waves beside those written by hand", Place::Main, beside).moving(), |slot| {
                slot.fill(0.0);
                for ((cells, trained), frequency) in slot.chunks_exact_mut(2 * p + GAP).zip(&seen.purest).zip(1..) {
                    let (left, right) = cells.split_at_mut(p + GAP);
                    left.iter_mut().zip(trained).for_each(|(cell, w)| *cell = *w);
                    // Phases are free: of the waves of that frequency the one that is turned most alike.
                    let like: &[f32] = if trained.is_empty() { right } else { trained };
                    if let Some(written) = net.most_like(like, frequency) {
                        right.copy_from_slice(written);
                    }
                }
            })
            .caption(|| self.beside(net));
    }

    fn multiplies(&self) -> bool {
        self.lesson.task.operation == Operation::Multiply
    }
}

impl Experiment for Grokking {
    fn figures(&self, figures: &mut Figures) {
        self.answers(figures);
        self.made_of(figures);
    }

    fn step(&mut self) -> Status {
        self.decayed |= self.decay() > 0.0;
        if !self.net.is_graded() {
            self.grade();
        }
        let (weights, gradient) = self.net.descent();
        if let Some(filter) = &mut self.filter {
            filter.filter(gradient);
        }
        self.optimiser.step(weights, gradient);
        self.grade();
        let step = self.wait.step() + 1;
        let by_heart = self.wait.is_by_heart(self.trained());
        if is_looked_at(step) || by_heart {
            self.seen = Rc::new(self.lesson.look(&mut self.net, self.loss));
            self.progress.see(step, [self.seen.asked.restricted, self.seen.asked.test.loss]);
        }
        if by_heart {
            self.waves_by_heart = self.seen.mean;
        }
        if self.tested() > self.rose.0 + MORE {
            self.rose = (self.tested(), step);
        }
        self.wait.pass(self.trained(), self.tested())
    }

    fn measure(&self, out: &mut [f32]) {
        let seen = &self.seen;
        let norm = dot64(&self.net.weights, &self.net.weights).sqrt();
        let Asked { ref test, restricted, excluded, .. } = seen.asked;
        let losses = [test.loss, self.train.loss, restricted, excluded];
        let own = [seen.mean, seen.gini, norm];
        fill(out, progress::measure(&self.wait, [self.tested(), self.trained()], losses, own));
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
        self.wait.due()
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.waits(),
            self.guesses(),
            self.becomes_waves(),
            self.progress.waves_are_first("Nanda et al. 2023, progress measures", &self.wait),
            self.needs_decay(),
            self.is_written_down(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::GAP;
    use crate::{
        lab::Verdict,
        math::kernels::dot64,
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

        // Its waves are like those that were written down.
        let mut frame = vec![0.0; session.floats()];
        session.draw(&mut frame);
        let rows = frame[frame.len() - 29 * (2 * 59 + GAP)..].chunks_exact(2 * 59 + GAP);
        let alike = rows.filter(|row| {
            let (trained, written) = (&row[..59], &row[59 + GAP..]);
            dot64(trained, written) > 0.8 * (dot64(trained, trained) * dot64(written, written)).sqrt()
        });
        assert!(alike.count() >= 20);
    }

    #[test]
    fn cheaper_tasks_grok_as_well_and_a_product_along_logarithms() {
        for query in
            ["p=31&fraction=0.5", "p=47&fraction=0.4&operation=multiply", "p=47&fraction=0.4&operation=squares"]
        {
            let session = run(&format!("loss=square&rate=0.02&decay=2&width=128&{query}"), 2000);
            assert!(at(&session, "understood").is_some(), "{query}");
            // Along the order of logarithms neurons are waves. Squares have no order, and none is claimed.
            let waves = session.metrics()[6];
            assert_eq!(waves > 0.45, !query.ends_with("squares"), "{query}: {waves}");
        }
    }

    #[test]
    fn without_decay_it_keeps_its_list_and_decay_that_is_turned_up_makes_it_understand() {
        let mut session = run("decay=0&seed=2", 2000);
        assert_eq!((session.step(), session.ended().map(Ended::word)), (1000, Some("by heart only")));
        let claims = session.claims();
        assert_eq!((claims[0].verdict(), claims[4].verdict()), (Verdict::NotHere, Verdict::Agrees), "{claims:?}");
        assert!(session.metrics()[0] < 0.05, "{:?}", session.metrics());
        session.seek(200);
        set(&mut session, "decay", "3");
        session.advance(2000);
        assert!(at(&session, "understood").is_some(), "{:?}", session.metrics());
    }

    #[test]
    fn a_net_that_does_not_even_know_its_pairs_says_what_keeps_it() {
        for (setting, why) in [
            ("optimiser=sgd", "Plain descent needs a rate of 10"),
            ("scale=8", "too large to be turned"),
            ("width=8", "so few neurons"),
            ("decay=8", "so strong a decay"),
            ("rate=0.5", "steps are too large"),
            ("rate=0.0001", "steps are too small"),
        ] {
            let caption = run(&format!("p=31&fraction=0.5&{setting}"), 101).captions().swap_remove(super::RIGHT);
            assert!(caption.contains(why), "{setting}: {caption}");
        }
    }

    #[test]
    fn why_it_does_not_go_on_is_said_of_what_was_done() {
        let said = |query: &str, moves: &[(u64, &str, &str)], steps| {
            let mut session = run(query, 0);
            for (step, name, value) in moves {
                session.seek(*step);
                set(&mut session, name, value);
            }
            session.seek(steps);
            session.captions().swap_remove(super::RIGHT)
        };
        for (query, moves, steps, why) in [
            ("seed=1", &[(60, "decay", "0")][..], 100, "when the decay was turned off"),
            ("seed=1&decay=0", &[], 100, "Nothing makes its weights shrink"),
            ("seed=1&decay=0&fraction=0.8", &[], 100, "So many pairs"),
            ("seed=2&decay=4", &[], 1000, "So strong a decay"),
            ("seed=1&width=64", &[], 1500, "few neurons"),
            ("seed=1&p=31", &[], 1500, "More pairs"),
        ] {
            let caption = said(query, moves, steps);
            assert!(caption.contains(why), "{query} {moves:?}: {caption}");
        }
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
