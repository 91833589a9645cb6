//! Grokking at the edge of numerical stability (Prieto, Barsbey, Mediano and Birdal 2025): without weight decay a net stays
//! with its list of answers because the digits of its softmax run out.
//!
//! A step is one step of training on all training pairs. Loss, projection, decay and precision may be changed on the way.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Mark, Metric, Paper, Param, Place, Plot, Preset, Prose, Reach, Series,
        Shape, Status, Values, View, Wing, fill,
        wait::{self, Terms, Wait},
    },
    math::{
        decimal::{fixed, percent, short},
        rng::Rng,
    },
    model::learning::{
        adam::{Adam, Settings},
        loss::Loss,
        modular::{Operation, Task},
        pair_net::{self, Activation, PairNet},
        precision::Precision,
        watched::{Jump, Watched},
    },
};
use std::f64::consts::LN_2;

static LOSS: Param = Param::choice(
    "loss",
    "Loss",
    &[("softmax", "softmax"), ("stablemax", "StableMax")],
    "How outputs become shares: by their exponentials, or by numbers that grow no faster than the outputs. From this step on.",
);
static PERPENDICULAR: Param = Param::toggle(
    "perpgrad",
    "perpGrad",
    false,
    "Takes from each step what only makes the weights longer, and keeps what turns them. From this step on.",
);
static DECAY: Param = Param::float(
    "decay",
    "Weight decay",
    (0.0, 0.0, 10.0),
    "How fast weights shrink by themselves: by this times the rate at each step. From this step on.",
)
.ends("none", "strong");
static PRECISION: Param = Param::choice(
    "precision",
    "Softmax summed in",
    &[("f16", "16 bits"), ("f32", "32 bits"), ("f64", "64 bits")],
    "With how many digits the softmax adds up: 11 binary ones, 24 or 53. Those of 16 and 64 bits are emulated. From this step on.",
)
.by_default("f32");
static SMALL: Param = Param::float(
    "epsilon",
    "Adam's ε",
    (1e-20, 1e-20, 1e-4),
    "Adam divides by the size of the gradient and this. If it is larger than the gradients it stops them by itself, whatever the loss.",
);
static RATE: Param =
    Param::float("rate", "Learning rate", (1e-4, 0.005, 0.1), "The size of a step. From this step on.");
static GAIN: Param = Param::float(
    "gain",
    "Outputs times",
    (1.0, 32.0, 64.0),
    "What outputs are multiplied with. perpGrad keeps weights from growing, so outputs must be large without that.",
);
static FRACTION: Param = Param::share(
    "fraction",
    "Trained on",
    (0.3, 0.65, 0.95),
    "The share of all pairs that the net is shown; the others test it.",
)
.ends("few pairs", "nearly all");
static WIDTH: Param =
    Param::int("width", "Hidden units", (16, 128, 256), "Neurons between the numbers and the answer.");

pub static ENTRY: Entry = Entry {
    id: "numerical-edge",
    wing: Wing::Grokking,
    prose: Prose {
        title: "Out of digits",
        paper: Some(Paper {
            title: "Grokking at the Edge of Numerical Stability",
            authors: "Prieto, Barsbey, Mediano and Birdal",
            year: 2025,
            link: "https://arxiv.org/abs/2501.04697",
        }),
        card: "It would go on learning. Its numbers have no digits left.",
        lead: "Play to the end, go back to where the softmax collapsed, and switch perpGrad on.",
        about: &[
            "A net learns a + b on a dial of 59 numbers from two pairs in three. After some forty steps it has them \
             all right, by heart. From then on there is an easy way to make the loss smaller: make all weights \
             longer, and every answer surer. No answer changes by that. The paper calls it naive loss minimization.",
            "Surer answers have larger margins, and a softmax adds the exponentials of all outputs. A rival that is \
             behind by more than 16.64 adds less than half of the last of 24 binary digits: added to 1, it is lost. \
             When all rivals are lost the share of the right answer is exactly 1, and its gradient, the share less \
             1, is exactly 0. The pull at the right answer is gone. That is softmax collapse. The rivals are still \
             pushed down, by next to nothing.",
            "There are several ways out. StableMax has shares that never round to 1. perpGrad takes the part along \
             the weights out of each step. Weight decay keeps weights small. Each may be switched on in the middle \
             of a run, even after the collapse: what the rivals still say is enough to turn the weights. The moment \
             matters. With perpGrad from step 1100 on it understands within three hundred steps. From step 200 on \
             it does not within eight hundred, and from step 1500 on not within seven hundred: by then the weights \
             have grown to more than twice their size.",
            "Digits are not all of it. With 64 bits nothing is lost, and learning goes on, but so slowly that the \
             run ends long before the net understands: in a longer test it had a third to a half of the unseen \
             pairs right after ten thousand steps. And Adam divides by the size of the gradient and a small ε. It \
             makes tiny gradients into steps of full size, which is why weights go on growing. With the usual ε of \
             10⁻⁸ they nearly stand still. An ε that is larger than the gradients stops a net too, and looks like \
             collapse: look at the pull.",
            "Near step 1300 the run breaks: the loss, by then near 10⁻⁸, jumps a hundred thousand times as high. We looked for \
             the cause with two seeds. Summed in 64 bits it never jumps in 2500 steps. With the means of Adam in 64 bits it \
             jumps all the same. So it is the collapse: without the pull of the right answers nearly all of the way down is \
             along the weights, and they double in size within two hundred steps. With one seed we changed the steps, too: with \
             an ε of 10⁻⁸ from step 1100 on it does not jump, and at half the rate it jumps later. Adam is known for jumps \
             late in training (Thilak and others 2022, slingshots).",
            "These are small variants, not replications. The paper trains nets with two hidden layers on larger \
             tables, with StableMax for up to a hundred thousand steps. With such a net, and few pairs, StableMax \
             was not seen to understand in the few thousand steps that we tried; and softmax with 32 bits needs \
             more than 1500 of them to collapse. Here outputs are multiplied by 32, which brings both within reach; \
             without that perpGrad never learns its pairs by heart. The sums of 16 and 64 bits are emulated, the \
             rest is always 32 bits. Sums depend on their order, too: if small numbers are added first, fewer are \
             lost, and so the pull ends a little after the line is crossed.",
        ],
        formulas: &[
            r"z = c\,(E_a + E_b)^2\, W",
            r"p_k = \frac{s(z_k)}{\sum_j s(z_j)}, \quad L = -\ln p_y",
            r"\text{softmax:}\ s(z) = e^z",
            r"\text{StableMax:}\ \begin{cases} z + 1 & z \ge 0 \\ 1 / (1 - z) & z < 0 \end{cases}",
            r"g_\perp = g - \frac{w \cdot g}{w \cdot w}\, w, \qquad g \leftarrow \frac{|g|}{|g_\perp|}\, g_\perp",
        ],
        symbols: &[
            ("E, W", "the table of the numbers, and the weights from the neurons to the answers"),
            ("z, c", "the outputs, one for each answer, and what they are multiplied with"),
            ("p_y", "the share of the right answer; its gradient is $p_y - 1$ with the softmax"),
            ("g, w", "the gradient and the weights, of one matrix at a time"),
        ],
        words: "softmax collapse stablemax perpgrad numerical stability precision float16 float32 float64 rounding underflow grokking naive loss minimisation logits adam epsilon weight decay modular addition",
    }
    .told(),
    params: &[&LOSS, &PERPENDICULAR, &DECAY, &PRECISION, &RATE, &SMALL, &FRACTION, &WIDTH, &GAIN],
    metrics: &[
        wait::TEST,
        wait::TRAIN,
        Metric::new("still", "without a pull", "The share of the training pairs whose right answer has a gradient of exactly 0."),
        Metric::new("beyond-f16", "beyond 16 bits", "The share of the training pairs with a margin that 16 bits cannot add to 1."),
        Metric::new("beyond-f32", "beyond 32 bits", "The share of the training pairs with a margin that 32 bits cannot add to 1."),
        Metric::new("beyond-f64", "beyond 64 bits", "The share of the training pairs with a margin that 64 bits cannot add to 1."),
        Metric::new("train-loss", "training loss", "The loss on the training pairs, as it is computed."),
        Metric::new("along", "along the weights", "The cosine of the way down with the weights, before any remedy: 1 if it only makes them longer."),
        Metric::new("norm", "size of the weights", "The root of their sum of squares."),
    ],
    presets: &[
        Preset::new("Softmax collapses", "By heart in some forty steps. Then the digits run out, and it never understands.", &[]),
        Preset::new("StableMax", "Shares that never round to 1: it understands without decay, late.", &[("loss", "stablemax")]),
        Preset::new("perpGrad", "No step may only make the weights longer: it understands soon.", &[("perpgrad", "on")]),
        Preset::new("A little decay", "Weights that shrink keep outputs within reach of the digits.", &[("decay", "1")]),
        Preset::new("16 bits", "With eleven binary digits all is over far sooner.", &[("precision", "f16")]),
        Preset::new("64 bits", "With 53 digits the pull stays, and learning is slow all the same.", &[("precision", "f64")]),
    ],
    steps: STEPS as u64,
    log_steps: true,
    pace: 100.0,
    thumbnail: RIGHT,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Edge::new(start.values, start.rng))),
};

const RIGHT: usize = 0;
const MARGINS: usize = 1;
const STILL: usize = 2;
const PULLS: usize = 3;
const NORM: usize = 4;
const LOSSES: usize = 5;

/// The modulus.
const P: usize = 59;
const STEPS: usize = 2500;
/// A run without a remedy ends here.
const PATIENCE: usize = 1500;
const TERMS: Terms = Terms { known: 1.0, understood: 0.99, beyond: 0.5, patience: PATIENCE, steps: STEPS };
/// Steps that a run goes on for after it was touched.
const AFTER: usize = 800;
/// Steps between looks at all pairs, but for the first ones, which are all looked at.
const EVERY: usize = 5;
const FIRST: usize = 20;
/// Of the training pairs so many have lost their pull when the softmax has collapsed.
const COLLAPSED: f64 = 0.9;
/// The range of margins that is drawn, and its bins.
const RANGE: (f64, f64) = (-8.0, 48.0);
const BINS: usize = 56;

const ALONE: &str =
    "Of a softmax that is left alone. In this run settings were moved, or StableMax, perpGrad or decay is at work.";

/// What keeps the softmax from collapsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Remedies {
    stable_max: bool,
    perpendicular: bool,
    decay: bool,
}

const NO_REMEDY: Remedies = Remedies { stable_max: false, perpendicular: false, decay: false };

#[derive(Clone)]
struct Edge {
    net: Watched,
    remedies: Remedies,
    /// The step from which on these are the remedies.
    since: usize,
    /// Whether another setting was moved on the way.
    moved: bool,
    wait: Wait,
    /// The greatest share without a pull while there was no remedy, and when it was first enough.
    peak: f64,
    collapsed: Option<usize>,
    /// What it had right of the unseen pairs when a run that never had a remedy had been patient.
    stalled: Option<f64>,
    /// The greatest cosine between the way down and the weights since all was known by heart, before the softmax collapsed.
    stretched: Option<f64>,
}

impl Remedies {
    fn of(values: &Values) -> Self {
        Self {
            stable_max: values.choice(&LOSS) == "stablemax",
            perpendicular: values.toggle(&PERPENDICULAR),
            decay: values.float(&DECAY) > 0.0,
        }
    }
}

fn loss(values: &Values) -> Loss {
    match (values.choice(&LOSS), values.choice(&PRECISION)) {
        ("stablemax", _) => Loss::StableMax,
        (_, "f16") => Loss::Rounded(Precision::Half),
        (_, "f64") => Loss::Rounded(Precision::Double),
        _ => Loss::CrossEntropy,
    }
}

impl Edge {
    fn new(values: &Values, rng: &Rng) -> Self {
        let task = Task::new(Operation::Add, P, values.float(&FRACTION), &mut rng.stream("split"));
        let shape =
            pair_net::Shape { p: P, hidden: values.int(&WIDTH), activation: Activation::Square, tables: 1, rank: None };
        let net = PairNet::new(shape, 1.0, &mut rng.stream("weights")).with_gain(values.float(&GAIN) as f32);
        let adam = Adam::new(net.weights.len(), Settings { squares: 0.98, ..Settings::new(0.0, 0.0) });
        let mut run = Self {
            net: Watched::new(task, net, adam, loss(values)),
            remedies: Remedies::of(values),
            since: 0,
            moved: false,
            wait: Wait::new(TERMS),
            peak: 0.0,
            collapsed: None,
            stalled: None,
            stretched: None,
        };
        run.take(values);
        run
    }

    /// What may be moved during the run.
    fn take(&mut self, values: &Values) {
        let remedies = Remedies::of(values);
        if remedies != self.remedies {
            (self.remedies, self.since) = (remedies, self.wait.step());
        }
        let before = (self.net.loss(), self.net.adam.settings);
        self.net.mind(loss(values));
        let settings = &mut self.net.adam.settings;
        settings.rate = values.float(&RATE) as f32;
        settings.decay = values.float(&DECAY) as f32;
        settings.small = values.float(&SMALL) as f32;
        self.moved |= self.wait.step() > 0 && before != (self.net.loss(), self.net.adam.settings);
        self.wait.drive(remedies != NO_REMEDY);
    }

    /// Whether there was never a remedy.
    fn untreated(&self) -> bool {
        self.remedies == NO_REMEDY && self.since == 0
    }

    /// Whether the softmax was left to itself from the first step on.
    fn untouched(&self) -> bool {
        self.untreated() && !self.moved
    }
}

impl Edge {
    /// Why a claim about the softmax by itself says nothing of this run, if so.
    fn treated(&self) -> Option<&'static str> {
        if !self.untouched() {
            Some(ALONE)
        } else if self.net.loss() == Loss::Rounded(Precision::Double) {
            Some("Of few digits: 64 bits have enough for far larger margins.")
        } else {
            None
        }
    }

    fn loses_its_pull(&self) -> Claim {
        let claim = Claim::new(
            "By itself the softmax collapses: nearly all training pairs lose the pull of their right answer.",
            "Prieto et al. 2025, softmax collapse",
        )
        .expect(COLLAPSED, 1.0, "at least 90 % with a gradient of exactly 0")
        .on((0.0, "0 %"), (1.0, "100 %"));
        let measured = |claim: Claim| claim.measured(self.peak, percent(self.peak, 1));
        match self.treated() {
            _ if self.peak >= COLLAPSED => measured(claim),
            Some(why) => claim.not_here(why),
            None if self.wait.step() < PATIENCE => {
                claim.because(format!("{} % at step {} of {PATIENCE}.", fixed(100.0 * self.peak, 1), self.wait.step()))
            }
            None => measured(claim),
        }
    }

    fn never_understands(&self) -> Claim {
        let claim = Claim::new(
            &format!("And so it has not understood after {PATIENCE} steps."),
            "Prieto et al. 2025, softmax collapse",
        )
        .expect(0.0, 0.2, "at most 20 % of unseen pairs right")
        .on((0.0, "0 %"), (1.0, "100 %"));
        match (self.treated(), self.stalled) {
            (Some(why), _) => claim.not_here(why),
            (None, None) => claim.because(format!("{} of {PATIENCE} steps.", self.wait.step())),
            (None, Some(test)) => claim.measured(test, percent(test, 1)),
        }
    }

    fn only_grows(&self) -> Claim {
        let claim = Claim::new(
            "Before the collapse the way down turns along the weights.",
            "Prieto et al. 2025, naive loss minimization",
        )
        .expect(0.6, 1.0, "a cosine of at least 0.6")
        .on((0.0, "across"), (1.0, "along"));
        match self.stretched {
            _ if !self.untouched() => claim.not_here(ALONE),
            _ if self.net.loss() == Loss::Rounded(Precision::Half) => {
                claim.not_here("With 16 bits it collapses before.")
            }
            Some(greatest) if self.collapsed.is_some() || self.wait.step() >= PATIENCE => {
                claim.measured(greatest, format!("{} at most", fixed(greatest, 2)))
            }
            _ => claim.because(format!("The cosine is {}.", fixed(self.net.along, 2))),
        }
    }

    fn is_sooner_with_fewer_digits(&self) -> Claim {
        let claim = Claim::new(
            "With 16 bits the digits would run out much sooner.",
            "Prieto et al. 2025, softmax collapse by precision",
        )
        .expect(5.0, f64::INFINITY, "at least 5 times as soon")
        .on_log((1.0, "no sooner"), (100.0, "100 times"));
        let [half, single, _] = self.net.beyond;
        match (half, single) {
            _ if !self.untouched() => claim.not_here(ALONE),
            _ if self.net.loss() == Loss::Rounded(Precision::Half) => {
                claim.not_here("Of a softmax with more digits, whose margins pass both lines.")
            }
            (Some(half), Some(single)) => claim.measured(
                single as f64 / half as f64,
                format!("half of all margins are beyond 16 bits at step {half}, beyond 32 at {single}"),
            ),
            (Some(half), None) => claim.because(format!("Half are beyond 16 bits since step {half}.")),
            _ => claim.because("Half of all margins must be beyond either."),
        }
    }

    /// A claim that one remedy by itself makes it understand within so many steps.
    fn heals(&self, says: &str, within: usize, alone: Remedies, (preset, about): (&'static str, &str)) -> Claim {
        let claim = Claim::new(says, "Prieto et al. 2025")
            .expect(0.0, within as f64, &format!("within {within} steps"))
            .on_log((10.0, "10 steps"), (1e4, "10,000"));
        let step = self.wait.step();
        match self.wait.understood() {
            _ if self.remedies != alone => claim.press(preset, about),
            Some(at) if self.since > 0 && at > self.since => claim.not_here(format!(
                "Of a run that has it from the start. This one understood {} steps after the change.",
                at - self.since
            )),
            _ if self.since > 0 => claim.not_here("Of a run that has it from the start."),
            Some(at) => claim.measured(at as f64, format!("at step {at}")),
            None if step <= within => claim.because(format!("{step} of {within} steps.")),
            None => claim.measured(step as f64, format!("not in {step} steps")),
        }
    }

    /// What became of steps of full size that only make the weights longer, with a space before it.
    fn why_it_jumped(&self) -> String {
        let Some(Jump { step, from, most }) = self.net.jump else { return String::new() };
        format!(
            " At step {step} it jumped: it was {} before, and {} at most since. The right answers had no pull left. Rivals alone \
             were pushed, and Adam makes of the least push a step of full size. The weights grew until such a step was too long.",
            short(from),
            short(most)
        )
    }

    fn horizons_are_known(&self) -> Claim {
        let known = Precision::ALL.map(|precision| f64::from(precision.digits() + 1) * LN_2);
        let off = self.net.horizons.iter().zip(known).map(|(found, known)| (found - known).abs()).fold(0.0, f64::max);
        let [half, single, double] = self.net.horizons.map(|horizon| fixed(horizon, 2));
        Claim::new(
            "A rival is lost beyond a margin of as many times ln 2 as there are digits: 11, 24 or 53.",
            "Prieto et al. 2025, absorption",
        )
        .expect(0.0, 0.01, "7.62, 16.64 and 36.74, to 0.01")
        .on((0.0, "0"), (0.05, "0.05 off"))
        .measured(off, format!("{half}, {single} and {double}, found by trying"))
    }
}

impl Experiment for Edge {
    fn views(&self) -> Vec<View> {
        let steps = || self.wait.axis();
        let right = Shape::Lines {
            x: steps(),
            y: Axis::linear("share right", 0.0, 1.0),
            series: vec![
                Series::metric("test", "unseen pairs"),
                Series::metric("train", "training pairs"),
                Series::metric("still", "without a pull"),
                Series::spread("by heart", 1),
                Series::spread("understood", 1),
                Series::spread("collapsed", 1),
                Series::spread("changed", 1),
            ],
            marks: Vec::new(),
            field: None,
        };
        let words = ["16 bits", "32 bits", "64 bits"];
        let margins = Shape::Lines {
            x: Axis::linear("margin of the right answer", RANGE.0, RANGE.1),
            y: Axis::linear("share of training pairs", 0.0, 0.25),
            series: vec![Series::curve("training pairs", 2 * BINS)],
            marks: self.net.horizons.iter().zip(words).map(|(at, word)| Mark { at: *at, label: word.into() }).collect(),
            field: None,
        };
        let still = [
            ("still", "no pull"),
            ("beyond-f16", "beyond 16 bits"),
            ("beyond-f32", "beyond 32 bits"),
            ("beyond-f64", "beyond 64 bits"),
        ];
        let still = Shape::over_steps(steps(), Axis::linear("share of training pairs", 0.0, 1.0), &still);
        let pulls =
            Shape::Heatmap { rows: P as u32, cols: P as u32, row_name: "a", col_name: "b", ends: ("no pull", "pulls") };
        let over =
            |y: Axis, name, label| Shape::lines(steps(), y, [Series::metric(name, label), Series::events("jumps", 1)]);
        let norm = over(Axis::log("size", 5.0, 200.0), "norm", "weights");
        let loss = over(Axis::log("loss", 1e-16, 10.0), "train-loss", "training loss");
        let along = Shape::over_steps(steps(), Axis::linear("cosine", -0.2, 1.0), &[("along", "along the weights")]);
        vec![
            View::new("Pairs that are right, and pairs without a pull", Place::Main, right),
            View::new("Margins, and where digits end", Place::Side, margins),
            View::new("Out of digits", Place::Main, still),
            View::new("Which pairs still pull", Place::Side, pulls).moving(),
            View::new("Size of the weights", Place::Side, norm),
            View::new("Loss", Place::Main, loss),
            View::new("How far the way down is along the weights", Place::Main, along),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            RIGHT => {
                let mut plot = Plot::new(slot, 0.0);
                let dot = |at: Option<usize>, y: f64| at.map(|at| [at as f32, y as f32, 0.0, 1.0]);
                self.wait.dots(&mut plot);
                plot.curve(1, dot(self.collapsed, COLLAPSED));
                plot.curve(1, dot((self.since > 0).then_some(self.since), 0.5));
            }
            MARGINS => {
                Plot::new(slot, RANGE.0 - 1.0).curve(2 * BINS, self.net.found.margins.corners(RANGE, BINS));
            }
            PULLS => {
                slot.fill(0.0);
                let seen = &self.net.found;
                self.net.task.tabulate(&self.net.task.train, |i| if seen.still[i] { -1.0 } else { 1.0 }, slot);
            }
            NORM | LOSSES => {
                let jump = self.net.jump.map(|jump| [jump.step as f32, 0.0]);
                Plot::new(slot, 0.0).curve(1, jump);
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let percent = |x: f64| fixed(100.0 * x, 0);
        match view {
            RIGHT => {
                let task = &self.net.task;
                let now = self.wait.now((self.net.trained(), task.train.len()), (self.net.found.test, task.test.len()));
                let out = self.collapsed.map(|step| format!(" Out of digits at step {step}.")).unwrap_or_default();
                now + &self.wait.story() + &out
            }
            MARGINS => format!(
                "How far the right output is above the next: {} in the middle. Beyond a line, 1 and the next one's weight add up to 1. The last bar has all that are further.",
                fixed(self.net.found.margins.median(), 1)
            ),
            STILL => format!(
                "{} % have no pull: the gradient at their right answer is exactly 0. The sum adds small weights first, so it loses them a little later than its line says.",
                percent(self.net.still())
            ),
            PULLS => "A pair is a cell: a down, b across. Its right answer still pulls, or has lost its pull. Grey pairs are unseen.".into(),
            NORM => match self.remedies {
                Remedies { perpendicular: true, .. } => "perpGrad lets it turn, and hardly grow.".into(),
                Remedies { decay: true, .. } => "Decay holds it.".into(),
                Remedies { stable_max: true, .. } => "It grows with StableMax too: there it does no harm.".into(),
                _ if self.collapsed.is_some() => {
                    "Since the collapse they grow faster: what is left of the way down is nearly all along them, and Adam \
                     makes of it steps of full size."
                        .into()
                }
                _ => "Larger weights make larger margins, and with them the loss can always fall.".into(),
            },
            LOSSES => format!("It is {} now.{}", short(self.net.train.loss), self.why_it_jumped()),
            _ => format!(
                "The cosine of the gradient's way down with the weights is {}. {}",
                fixed(self.net.along, 2),
                if self.remedies.perpendicular {
                    "perpGrad takes this part out of the step."
                } else {
                    "At 1 weights would only get longer, and no answer would change."
                }
            ),
        }
    }

    fn step(&mut self) -> Status {
        let before = self.net.train.loss;
        self.net.step(self.remedies.perpendicular);
        let step = self.wait.step() + 1;
        let alone = self.collapsed.is_some() && self.remedies == NO_REMEDY;
        let jumps = self.net.follow(step, before, alone);
        if step <= FIRST || step.is_multiple_of(EVERY) || self.wait.is_by_heart(self.net.trained()) {
            self.net.look(step);
        }
        let status = self.wait.pass(self.net.trained(), self.net.found.test);
        if self.untouched() {
            self.peak = self.peak.max(self.net.still());
            if self.wait.by_heart().is_some_and(|at| at < step) && self.collapsed.is_none() {
                self.stretched = Some(self.stretched.map_or(self.net.along, |most| most.max(self.net.along)));
            }
            if step == PATIENCE {
                self.stalled = Some(self.net.found.test);
            }
        }
        if self.collapsed.is_none() && self.net.still() >= COLLAPSED {
            self.collapsed = Some(step);
            if status == Status::Running {
                return Status::Passed("collapsed");
            }
        }
        if jumps && status == Status::Running { Status::Passed("jumped") } else { status }
    }

    fn measure(&self, out: &mut [f32]) {
        let [half, single, double] = self.net.horizons.map(|horizon| self.net.found.margins.beyond(horizon));
        let Watched { found, train, along, .. } = &self.net;
        let (known, still) = (self.net.trained(), self.net.still());
        fill(out, [found.test, known, still, half, single, double, train.loss, *along, self.net.norm()]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if [&FRACTION, &WIDTH, &GAIN].into_iter().any(|structural| param.is(structural)) {
            return Live::Restart;
        }
        self.take(values);
        self.wait.hold(AFTER);
        Live::Soon
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        if self.remedies.stable_max {
            vec![(
                &PRECISION,
                Reach::Idle("StableMax has no exponentials to run out of digits: it is always summed in 32 bits."),
            )]
        } else {
            Vec::new()
        }
    }

    fn due(&self) -> Option<u64> {
        self.wait.due()
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.loses_its_pull(),
            self.never_understands(),
            self.only_grows(),
            self.is_sooner_with_fewer_digits(),
            self.heals(
                "With StableMax it understands, without any decay.",
                2000,
                Remedies { stable_max: true, ..NO_REMEDY },
                ("StableMax", "this is about StableMax alone."),
            ),
            self.heals(
                "With perpGrad it understands, without any decay.",
                800,
                Remedies { perpendicular: true, ..NO_REMEDY },
                ("perpGrad", "this is about perpGrad alone."),
            ),
            self.heals(
                "With weight decay it understands too.",
                800,
                Remedies { decay: true, ..NO_REMEDY },
                ("A little decay", "this is about decay alone."),
            ),
            self.horizons_are_known(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=numerical-edge&{query}"), steps)
    }

    fn at(session: &Session, word: &str) -> Option<u64> {
        session.events().iter().find(|(_, known)| *known == word).map(|(step, _)| *step)
    }

    fn verdicts(session: &Session) -> Vec<Verdict> {
        session.claims().iter().map(super::Claim::verdict).collect()
    }

    /// A third of the work of the default.
    const SMALL: &str = "seed=1&width=64&fraction=0.4&rate=0.02";

    #[test]
    fn a_softmax_runs_out_of_digits_and_stable_max_does_not() {
        let session = run(SMALL, 800);
        assert!(at(&session, "collapsed") > at(&session, "by heart").map(|step| 10 * step), "{:?}", session.events());
        assert_eq!((verdicts(&session)[0], verdicts(&session)[3]), (Verdict::Agrees, Verdict::Agrees));
        assert_eq!(at(&session, "understood"), None);
        let pull = session.metrics()[2];
        assert!(pull > 0.5, "{pull}");
        let stable = run(&format!("{SMALL}&loss=stablemax"), 800);
        assert_eq!((stable.metrics()[1], stable.metrics()[2]), (1.0, 0.0));
        assert_eq!(verdicts(&stable)[0], Verdict::NotHere);
    }

    #[test]
    fn with_few_digits_it_collapses_at_once() {
        let session = run("seed=1&precision=f16", 130);
        assert!(at(&session, "collapsed").is_some(), "{:?}", session.metrics());
        // The same margins are far from the end of 32 bits.
        assert!(session.metrics()[4] < 0.01, "{:?}", session.metrics());
    }

    #[test]
    fn long_after_the_collapse_a_step_is_too_long_and_is_marked() {
        let session = run(&format!("{SMALL}&precision=f16"), 700);
        assert!(at(&session, "jumped") > at(&session, "collapsed").map(|step| 4 * step), "{:?}", session.events());
        let step = at(&session, "jumped").unwrap();
        assert!(session.captions()[super::LOSSES].contains(&format!("At step {step} it jumped")));
    }

    #[test]
    fn across_its_weights_it_understands_soon() {
        let session = run("seed=1&perpgrad=on", 250);
        assert!(at(&session, "understood") > at(&session, "by heart").map(|step| 2 * step), "{:?}", session.events());
        assert_eq!((verdicts(&session)[5], verdicts(&session)[6]), (Verdict::Agrees, Verdict::NotHere));
        // It turns its weights instead of making them longer.
        assert!(session.metrics()[8] < 20.0, "{:?}", session.metrics());
    }

    #[test]
    fn what_is_switched_on_later_is_no_run_that_had_it_from_the_start() {
        let mut session = run(&format!("{SMALL}&precision=f16"), 100);
        session.set(&[("perpgrad".into(), "on".into())]).unwrap();
        session.advance(2);
        assert_eq!(session.step(), 102);
        let verdicts = verdicts(&session);
        assert!(verdicts[..7].iter().skip(1).all(|verdict| *verdict == Verdict::NotHere), "{verdicts:?}");
        assert_eq!(verdicts[7], Verdict::Agrees);
    }
}
