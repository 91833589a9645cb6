//! Grokking as the way from lazy to rich learning (Kumar, Bordelon, Gershman and Pehlevan 2024): without any decay of its
//! weights a network fits its examples first, with the features it was drawn with, and understands when these have turned.
//!
//! Five networks see the same examples: that of the hand, two with small outputs and the limit of endless outputs, where features
//! stay, all from the same weights, and one whose weights point along the target before. A step trains each by a few steps of
//! gradient descent, more of them later.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Start,
        Status, Unmeasured, Values, View, Wing, fill,
    },
    math::{
        decimal::{fixed, short},
        mat::Mat,
    },
    model::learning::{
        lazy_rich::{Net, Parts, Scratch, Task},
        learner::{BROKEN, LEAST, Learner, Moment, UNDERSTOOD},
    },
};
use std::rc::Rc;

static ALPHA: Param = Param::float(
    "alpha",
    "Output scale α",
    (0.25, 4.0, 16.0),
    "What the output is multiplied by. A large one needs only small changes of the weights to fit: lazy learning.",
)
.ends("rich", "lazy");
static EXAMPLES: Param = Param::int(
    "examples",
    "Examples P",
    (50, 400, 1000),
    "What the networks learn from, out of 50 inputs each. A quadratic function of them has 1325 numbers.",
);
static ALIGNMENT: Param = Param::share(
    "head-start",
    "Head start ρ",
    (0.0, 0.0, 0.9),
    "How far the weights point along the target before training: their correlation with it.",
)
.ends("at random", "at the target");
static RATE: Param = Param::float(
    "rate",
    "Learning rate η",
    (2.0, 20.0, 60.0),
    "How long a step of gradient descent is. It is divided by α², so that all networks learn about as fast.",
);

pub static ENTRY: Entry = Entry {
    id: "lazy-to-rich",
    wing: Wing::Grokking,
    prose: Prose {
        title: "Lazy first, rich later",
        paper: Some(Paper {
            title: "Grokking as the Transition from Lazy to Rich Training Dynamics",
            authors: "Kumar, Bordelon, Gershman and Pehlevan",
            year: 2024,
            link: "https://arxiv.org/abs/2310.06110",
        }),
        card: "A large output fits at once, and understands when its features turn.",
        lead: "Drag α: the lazier a network starts, the longer it waits between fitting and understanding.",
        about: &[
            "These networks learn a square, $(\\beta \\cdot x)^2 / 2$, from examples by plain gradient descent. Nothing pulls their \
             weights back: no decay, no noise, no momentum. Still the error on new inputs can stay high long after that on the \
             examples is gone.",
            "The knob is the scale of the output. Where it is large, tiny changes of all weights are enough to fit the examples. \
             The features stay nearly as they were drawn: the network learns like a fixed kernel, and a kernel needs many more \
             examples to understand. Learning is lazy. Where the scale is small, weights must move far, and the features turn to \
             the target from the beginning. Learning is rich.",
            "In between lies the wait. First the examples are fitted lazily. What error is left turns the features slowly, and \
             when they point to the target, the error on new inputs falls too. The curve with frozen features is the limit \
             of endless α, where that never happens.",
            "The number of examples must be between two bounds. With very few none of these networks finds the target. With very \
             many, to fit them is to understand. And weights that point to the target before training do not have to wait: the \
             fifth network has a head start of 0.7.",
            "All other networks start from the same 200 units, and all see the same examples. The error on new inputs is exact, from \
             a formula, and not from a sample. It is a sum of three terms: the size of what is learned is wrong, its direction is, \
             or there is a linear part that the target does not have. How well a kernel suits the target is measured on 200 \
             examples. Both errors are in units of what a network has that says nothing. A network has fitted when its \
             error is below 0.05, and understood when that on new inputs is below 0.1: these bounds are a choice. The curve is a \
             slide and not a cliff, so look at a logarithm of the error. The paper's networks are larger, and it finds the same in \
             others with data such as digits.",
        ],
        formulas: &[
            r"f(x) = \frac{\alpha}{N} \sum_{i=1}^{N} \Big( u_i + \frac{\varepsilon}{2} u_i^2 \Big) - f_0(x)",
            r"u_i = w_i \cdot x, \qquad y = \tfrac12 (\beta \cdot x)^2",
            r"\Delta w_i = -\frac{\eta}{\alpha} \big( g + \varepsilon\, G w_i \big)",
            r"g = \langle e\, x \rangle, \quad G = \langle e\, x x^\top \rangle",
            r"\langle e^2 \rangle = \frac{|b|^2}{D} + \frac{|S|^2}{2 D^2} + \frac{(\operatorname{tr} S)^2}{4 D^2}",
            r"e(x) = b \cdot x + \tfrac12 x^\top S x, \qquad \frac{y^\top K y}{|K|\, |y|^2}",
        ],
        symbols: &[
            ("f_0", "the output before training, which is taken away"),
            ("u_i, w_i", "the sum of a unit, and its weights"),
            ("N", "the number of units, here 200"),
            ("D", "the number of inputs, here 50"),
            (r"\beta", "the direction of the target; $|\\beta|^2 = D$"),
            (r"\varepsilon", "how much of a unit is its square, here 0.25"),
            ("e", "the error $f - y$; its means are over the examples"),
            ("b, S", "the linear and the quadratic part of the error: the three terms of the formula are the linear part, the \
              direction and the size"),
            ("K", "the tangent kernel: how much a step for one input changes the output at another"),
        ],
        words: "grokking lazy rich feature learning kernel regime neural tangent kernel ntk output scale alignment delayed \
                generalisation generalization polynomial regression gradient descent weight decay",
    }
    .told(),
    params: &[&ALPHA, &EXAMPLES, &ALIGNMENT, &RATE],
    metrics: &[
        Metric::new("train", "error on the examples", "Of the network under your hand, in units of what saying nothing has."),
        Metric::new("test", "error on new inputs", "Of the same network, over all inputs there are."),
        Metric::new("alignment", "alignment", "Mean squared cosine between its weights and the target: 0.02 at random."),
        Metric::new("wrong-size", "error of size", "The part of its error on new inputs that is of size alone."),
        Metric::new("wrong-direction", "error of direction", "The part of it that is of direction."),
        Metric::new("linear-part", "error of the linear part", "The part of it that is of what is linear in its output."),
        Metric::new("kernel", "kernel alignment", "How well its tangent kernel suits the target: 1 if all of it is the target."),
        Metric::new("wait", "wait", "Steps until it understood, or so far, over steps until it fitted; 0 before that."),
    ],
    presets: &[
        Preset::new("Lazy, then rich", "It fits in some hundred steps and understands after some thousand.", &[]),
        Preset::new("Rich from the start", "With a small output it understands as it fits.", &[("alpha", "0.5")]),
        Preset::new("Lazier still", "The features hardly turn any more. It fits, and waits.", &[("alpha", "12")]),
        Preset::new("Head start", "Weights that point at the answer do not wait.", &[("examples", "350"), ("head-start", "0.7")]),
        Preset::new("Too few examples", "All fit and none ever understands.", &[("examples", "150")]),
        Preset::new("Plenty of examples", "With so many, to fit them is to understand.", &[("examples", "1000")]),
    ],
    steps: STEPS as u64,
    log_steps: false,
    pace: 30.0,
    thumbnail: LOSSES,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(LazyToRich::new(start))),
};

const LOSSES: usize = 0;
const LEARNED: usize = 1;
const ALIGNED: usize = 2;
const WAITS: usize = 3;
const MADE_OF: usize = 4;

const INPUTS: usize = 50;
const UNITS: usize = 200;
/// The networks: that of the hand, two with these output scales, that of frozen features, and one with a head start.
const OTHERS: [f64; 2] = [1.0, 0.25];
const HAND: usize = 0;
const RICH: usize = 2;
const FROZEN: usize = 3;
const AHEAD: usize = 4;
const HEAD_START: f64 = 0.7;
/// Steps of gradient descent in a run, and the most of them in one of its steps.
const TRAINING: usize = 2400;
const MOST: usize = 8;
const STEPS: usize = steps();

const SOURCE_SCALE: &str = "Kumar et al. 2024, output scale";
const SOURCE_FEATURES: &str = "Kumar et al. 2024, alignment of features";
const SOURCE_LAZY: &str = "Kumar et al. 2024, lazy limit";
const SOURCE_DATA: &str = "Kumar et al. 2024, size of the data";

/// Steps of gradient descent at once after `done` of them: few at first, where all is fast.
const fn bundle(done: usize) -> usize {
    let wanted = if done < 12 { 1 } else { done / 12 };
    let left = TRAINING - done;
    let most = if left < MOST { left } else { MOST };
    if wanted < most { wanted } else { most }
}

const fn steps() -> usize {
    let (mut done, mut steps) = (0, 0);
    while done < TRAINING {
        done += bundle(done);
        steps += 1;
    }
    steps
}

/// What stays when the output scale or the rate is set.
struct Ground {
    task: Task,
    units: Rc<Mat>,
    /// Those with a head start.
    ahead: Rc<Mat>,
    head_start: f64,
}

#[derive(Clone)]
struct LazyToRich {
    ground: Rc<Ground>,
    alpha: f64,
    rate: f64,
    /// Whether the rate is the one that training began with.
    steady: bool,
    arms: Vec<Learner>,
    /// Steps of gradient descent.
    done: usize,
    scratch: Scratch,
}

impl LazyToRich {
    fn new(start: &Start) -> Self {
        let task = Task::draw(start.values.int(&EXAMPLES), INPUTS, start.rng);
        let head_start = start.values.float(&ALIGNMENT);
        let [units, ahead] = [head_start, HEAD_START].map(|share| Rc::new(task.units(UNITS, share, start.rng)));
        let mut run = Self {
            ground: Rc::new(Ground { task, units, ahead, head_start }),
            alpha: 0.0,
            rate: 0.0,
            steady: true,
            arms: Vec::new(),
            done: 0,
            scratch: Scratch::default(),
        };
        run.begin(start.values);
        run
    }

    /// Back to networks that have learnt nothing.
    fn begin(&mut self, values: &Values) {
        let Ground { task, units, ahead, .. } = &*self.ground;
        self.alpha = values.float(&ALPHA);
        self.rate = values.float(&RATE);
        let pulls = [self.alpha, OTHERS[0], OTHERS[1]].map(|alpha| (1.0 / alpha) as f32);
        let mut arm = |pull, units: &Rc<Mat>| {
            let net = Net::new(pull, Rc::clone(units), task, &mut self.scratch);
            Learner::new(net, task, STEPS, &mut self.scratch)
        };
        self.arms = pulls.into_iter().chain([0.0]).map(|pull| arm(pull, units)).collect();
        self.arms.push(arm(pulls[HAND], ahead));
        (self.done, self.steady) = (0, true);
    }

    fn examples(&self) -> usize {
        self.ground.task.inputs.rows
    }

    fn rests(&self) -> bool {
        self.done >= TRAINING || self.arms.iter().all(Learner::rests)
    }

    /// Why nothing is said of these settings: what all claims on a wait share.
    fn unfair(&self) -> Option<Unmeasured> {
        let why = if !self.steady {
            "The rate was moved while they learned: steps before and after are not alike."
        } else if self.arms.iter().any(Learner::broke) {
            "Training broke: the rate is too high for one of them."
        } else {
            return None;
        };
        Some(Unmeasured::NotHere(why.into()))
    }

    /// The wait of a network, once it is over.
    fn waited(&self, arm: usize) -> Result<f64, Unmeasured> {
        match self.arms[arm].wait() {
            Some((wait, true)) => Ok(wait),
            Some(_) if self.rests() => {
                Err(Unmeasured::NotHere("This network does not understand within the run.".into()))
            }
            _ => Err(Unmeasured::NotYet("Needs a network that has understood.".into())),
        }
    }

    fn lazier_waits_longer(&self) -> Claim {
        let claim = Claim::new("The lazier a network is, the longer it waits.", SOURCE_SCALE)
            .expect(1.5, f64::INFINITY, "1.5 times as long or more")
            .on_log((0.5, "half"), (50.0, "50 times"));
        if self.alpha < 4.0 || self.ground.head_start > 0.0 || !(350..=450).contains(&self.examples()) {
            return claim.not_here("Held against α from 4, 350 to 450 examples and no head start: there it is large.");
        }
        if let Some(why) = self.unfair() {
            return claim.unmeasured(why);
        }
        let (Some((lazy, over)), Some((rich, true))) = (self.arms[HAND].wait(), self.arms[RICH].wait()) else {
            return claim.because("Needs both networks to have fitted, and the one with α = 0.25 to have understood.");
        };
        let ratio = lazy / rich;
        match over {
            true => claim.measured(ratio, format!("{} times", fixed(ratio, 1))),
            false if ratio >= 1.5 => claim.measured(ratio, format!("{} times so far", fixed(ratio, 1))),
            false => claim.because("The network under your hand still waits."),
        }
    }

    fn features_turn(&self) -> Claim {
        let claim = Claim::new("While it waits, its features turn to the target.", SOURCE_FEATURES)
            .expect(1.2, f64::INFINITY, "1.2 times or more")
            .on_log((0.5, "half"), (8.0, "8 times"));
        if self.ground.head_start > 0.0 {
            return claim.not_here("With a head start little is left to turn.");
        }
        if let Some(why) = self.unfair() {
            return claim.unmeasured(why);
        }
        match (self.waited(HAND), self.arms[HAND].fitted(), self.arms[HAND].understood()) {
            (Err(why), ..) => claim.unmeasured(why),
            (Ok(wait), Some(fitted), Some(understood)) if wait >= 2.0 => {
                let turn = understood.alignment / fitted.alignment;
                claim.measured(turn, format!("{} times as aligned", fixed(turn, 2)))
            }
            _ => claim.not_here("It hardly had to wait: less than twice the steps until it fitted."),
        }
    }

    fn frozen_never_understands(&self) -> Claim {
        let claim =
            Claim::new("With frozen features a network fits its examples, but does not understand.", SOURCE_LAZY)
                .expect(UNDERSTOOD, f64::INFINITY, "an error of 0.1 or more")
                .on_log((0.01, "0.01"), (2.0, "2"));
        if self.ground.head_start > 0.0 {
            return claim.not_here("With a head start the frozen features already point to the target.");
        }
        let arm = &self.arms[FROZEN];
        match (self.unfair(), arm.fitted()) {
            (Some(why), _) => claim.unmeasured(why),
            (None, Some(_)) if arm.rests() || self.rests() => {
                let error = arm.now().losses.test;
                claim.measured(error, fixed(error, 3))
            }
            (None, None) if self.rests() => claim.because("It has not fitted its examples within the run."),
            _ => claim.because("Needs it to have fitted its examples."),
        }
    }

    fn head_start_saves_the_wait(&self) -> Claim {
        let claim = Claim::new("A network that points to the target before training hardly waits.", SOURCE_FEATURES)
            .expect(1.0, 3.5, "at most 3.5 times the steps until it fits")
            .on_log((1.0, "1"), (50.0, "50 times"));
        if !(350..=1000).contains(&self.examples()) || self.alpha > 4.0 {
            return claim.not_here("Held against 350 examples or more and α up to 4.");
        }
        // That of the hand, if it has such a start.
        let arm = if self.ground.head_start < 0.5 { AHEAD } else { HAND };
        match (self.unfair(), self.waited(arm)) {
            (Some(why), _) | (None, Err(why)) => claim.unmeasured(why),
            (None, Ok(wait)) => claim.measured(wait, format!("{} times", fixed(wait, 1))),
        }
    }

    fn examples_between_bounds(&self) -> Claim {
        let claim =
            Claim::new("Neither with too few nor with plenty of examples is there a wait that ends.", SOURCE_DATA);
        let hand = &self.arms[HAND];
        if self.ground.head_start > 0.0 || (151..800).contains(&self.examples()) || !(1.0..=4.0).contains(&self.alpha) {
            let about = "this is about up to 150 examples, or from 800 on, as in Plenty of examples.";
            return claim.press("Too few examples", about);
        }
        if let Some(why) = self.unfair() {
            return claim.unmeasured(why);
        }
        if self.examples() >= 800 {
            let claim = claim
                .expect(0.0, 2.0, "at most twice the steps until it fits")
                .on_log((0.5, "half"), (50.0, "50 times"));
            return match self.waited(HAND) {
                Ok(wait) => claim.measured(wait, format!("{} times", fixed(wait, 1))),
                Err(why) => claim.unmeasured(why),
            };
        }
        let claim = claim
            .expect(UNDERSTOOD, f64::INFINITY, "an error of 0.1 or more, for good")
            .on_log((0.01, "0.01"), (2.0, "2"));
        let error = hand.now().losses.test;
        match hand.fitted() {
            Some(_) if hand.rests() || self.rests() => claim.measured(error, fixed(error, 3)),
            _ => claim.because("Needs training to have come to rest."),
        }
    }
}

/// How a wait is written.
fn times(arm: &Learner) -> String {
    match arm.wait() {
        _ if arm.broke() => "broke".into(),
        None => "has not fitted".into(),
        Some((wait, true)) => format!("waited {} times", fixed(wait, 1)),
        Some((wait, false)) => format!("waits, {} times so far", fixed(wait, 1)),
    }
}

impl Experiment for LazyToRich {
    fn views(&self) -> Vec<View> {
        let x = || Axis::log("steps of gradient descent, log scale", 1.0, TRAINING as f64);
        let lines = |x, y, series| Shape::Lines { x, y, series, marks: Vec::new(), field: None };
        let arms = || ["yours", "α = 1", "α = 0.25", "frozen", "head start"].map(|label| Series::curve(label, STEPS));
        let own = [Series::reference("examples", STEPS), Series::curve("wait", 2)];
        let losses = lines(
            x(),
            Axis::log("error on new inputs, 1 for saying nothing", LEAST, 1.0),
            arms().into_iter().chain(own).collect(),
        );
        let side = INPUTS as u32;
        let learned = Shape::Heatmap {
            rows: side,
            cols: side,
            row_name: "input",
            col_name: "input",
            ends: ("against each other", "together"),
        };
        let aligned = lines(
            x(),
            Axis::log("mean squared cosine with the target", 0.01, 1.0),
            arms().into_iter().chain([Series::dots("passed", 6)]).collect(),
        );
        let waits = lines(
            Axis::log("output scale α", 0.25, 16.0).of(&ALPHA),
            Axis::log("steps until understood over steps until fitted", 1.0, 30.0),
            vec![Series::dots("understood", 3), Series::dots("waits", 3)],
        );
        let made_of = lines(
            x(),
            Axis::log("share of what saying nothing has", 1e-3, 1.0),
            ["direction", "size", "linear part"].map(|label| Series::curve(label, STEPS)).into(),
        );
        let kernel = lines(x(), Axis::linear("alignment of the kernel", 0.0, 1.0), arms().into());
        vec![
            View::new("The error on new inputs while five networks learn", Place::Main, losses),
            View::new("What the network has learned", Place::Side, learned).moving(),
            View::new("How far the features have turned to the target", Place::Main, aligned),
            View::new("How long each waits, by its output scale", Place::Side, waits),
            View::new("What the error of your network is made of", Place::Main, made_of),
            View::new("How well each kernel suits the target", Place::Side, kernel),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let now = self.done.max(1) as f64;
        let point = |step: usize, y: f64| [step as f32, y as f32];
        match view {
            LOSSES => {
                let mut plot = Plot::new(slot, now);
                let seen = |moment: &&Moment| moment.step > 0;
                for arm in &self.arms {
                    // Where training broke, the curve leaves the room.
                    let test = |moment: &Moment| point(moment.step, moment.losses.test.min(2.0));
                    plot.curve(STEPS, arm.past().iter().filter(seen).map(test));
                }
                let hand = &self.arms[HAND];
                let train = |moment: &Moment| point(moment.step, moment.losses.train.min(2.0));
                let above = |moment: &&Moment| moment.losses.train >= LEAST;
                plot.curve(STEPS, hand.past().iter().filter(seen).take_while(above).map(train));
                let until = hand.understood().map_or(hand.now().step, |moment| moment.step);
                let ends = hand.fitted().map(|fitted| [fitted.step, until].map(|step| point(step, UNDERSTOOD)));
                plot.curve(2, ends.into_iter().flatten());
            }
            LEARNED => {
                self.arms[HAND].net().learned(&self.ground.task, slot);
                if self.arms[HAND].broke() {
                    slot.fill(0.0);
                }
            }
            ALIGNED => {
                let mut plot = Plot::new(slot, now);
                for arm in &self.arms {
                    let seen = arm.past().iter().filter(|moment| moment.step > 0);
                    plot.curve(STEPS, seen.map(|moment| point(moment.step, moment.alignment)));
                }
                let passed = self.arms[..FROZEN].iter().flat_map(|arm| [arm.fitted(), arm.understood()]).flatten();
                plot.curve(6, passed.map(|moment| point(moment.step, moment.alignment)));
            }
            MADE_OF => {
                let mut plot = Plot::new(slot, now);
                let sides: [fn(&Parts) -> f64; 3] =
                    [|parts| parts.direction, |parts| parts.scale, |parts| parts.linear];
                for side in sides {
                    let seen = self.arms[HAND].past().iter().filter(|moment| moment.step > 0);
                    let height = |moment: &Moment| side(&moment.parts).clamp(1e-3, 2.0);
                    plot.curve(STEPS, seen.map(|moment| point(moment.step, height(moment))));
                }
            }
            WAITS => {
                let mut plot = Plot::new(slot, self.alpha);
                let scales = [self.alpha, OTHERS[0], OTHERS[1]];
                for over in [true, false] {
                    let arms = scales.iter().zip(&self.arms);
                    let waits = arms.filter_map(|(alpha, arm)| arm.wait().map(|(wait, done)| (*alpha, wait, done)));
                    let kind = waits.filter(|(.., done)| *done == over);
                    plot.curve(3, kind.map(|(alpha, wait, _)| [alpha as f32, wait as f32]));
                }
            }
            _ => {
                let mut plot = Plot::new(slot, now);
                for arm in &self.arms {
                    let seen = arm.past().iter().filter(|moment| moment.step > 0);
                    plot.curve(STEPS, seen.map(|moment| point(moment.step, moment.kernel)));
                }
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let hand = &self.arms[HAND];
        let Moment { losses, alignment, parts, kernel, .. } = hand.now();
        match view {
            LOSSES if hand.broke() => "Training broke: with this rate the steps overshoot. Choose a lower one.".into(),
            LOSSES => {
                let fitted = match hand.fitted() {
                    Some(moment) => format!("fitted its examples after {} steps", moment.step),
                    None => format!("has an error of {} on its examples", fixed(losses.train, 3)),
                };
                let understood = match hand.understood() {
                    Some(moment) => format!("understood after {}", moment.step),
                    None => format!("still has an error of {} on new inputs", fixed(losses.test, 3)),
                };
                format!(
                    "After {} steps of descent: your network {fitted}, and {understood}. The bar is its wait.",
                    self.done
                )
            }
            LEARNED => format!(
                "What your network makes of each pair of its inputs, in the order of the target. The target has four clean \
                 corners: inputs of one sign together, of opposite signs against each other. Off it by {} of it.",
                fixed(losses.test.min(BROKEN), 3),
            ),
            ALIGNED => format!(
                "{} for your network; random weights have {}. Dots: where each had fitted, and where it had understood.",
                fixed(alignment, 3),
                fixed(1.0 / INPUTS as f64, 2),
            ),
            MADE_OF => format!(
                "Of direction {}, of size {}, of a linear part {}. Fitting takes what is quick to take; the direction is what it \
                 waits for.",
                short(parts.direction),
                short(parts.scale),
                short(parts.linear)
            ),
            WAITS => format!(
                "Yours {}; with α = 1 a network {}, with 0.25 it {}.",
                times(hand),
                times(&self.arms[1]),
                times(&self.arms[RICH])
            ),
            _ => format!(
                "{} for your network, on {} examples. A kernel of frozen features stays as it is; that of a network that turns its \
                 features comes to suit the target (Kumar et al. 2024).",
                fixed(kernel, 2),
                self.examples().min(200)
            ),
        }
    }

    fn step(&mut self) -> Status {
        let passed = |arm: &Learner| (arm.fitted().is_some(), arm.understood().is_some());
        let before = passed(&self.arms[HAND]);
        let to = self.done + bundle(self.done);
        let Ground { task, .. } = &*self.ground;
        for arm in self.arms.iter_mut().filter(|arm| !arm.rests()) {
            arm.train(to, self.rate as f32, task, &mut self.scratch);
        }
        self.done = to;
        match (before, passed(&self.arms[HAND])) {
            _ if self.rests() => Status::Ended("at rest"),
            ((_, false), (_, true)) => Status::Passed("understood"),
            ((false, _), (true, _)) => Status::Passed("fitted"),
            _ => Status::Running,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        let hand = &self.arms[HAND];
        let Moment { alignment, parts, kernel, .. } = hand.now();
        // Where training broke, a moment has the last error that can be drawn.
        let losses = if hand.broke() { hand.net().losses() } else { hand.now().losses };
        let wait = hand.wait().map_or(0.0, |(wait, _)| wait);
        let Parts { scale, direction, linear } = parts;
        fill(out, [losses.train, losses.test, alignment, scale, direction, linear, kernel, wait]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&ALPHA) {
            self.begin(values);
            return Live::Again;
        }
        if param.is(&RATE) {
            self.rate = values.float(&RATE);
            self.steady = self.done == 0;
            return Live::Soon;
        }
        Live::Restart
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.lazier_waits_longer(),
            self.features_turn(),
            self.frozen_never_understands(),
            self.head_start_saves_the_wait(),
            self.examples_between_bounds(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::Verdict,
        session::{Ended, Session, follow},
    };

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=lazy-to-rich&{query}"), steps)
    }

    fn verdicts(session: &Session) -> Vec<Verdict> {
        session.claims().iter().map(super::Claim::verdict).collect()
    }

    #[test]
    fn the_lazier_waits_longer_and_its_features_turn_meanwhile() {
        for seed in [2, 3, 5] {
            let mut session = run(&format!("seed={seed}"), 60);
            while session.events().len() < 2 && session.step() < 150 {
                session.advance(2);
            }
            let verdicts = verdicts(&session);
            assert_eq!(verdicts[..2], [Verdict::Agrees, Verdict::Agrees], "{seed}: {:?}", session.claims());
            let events: Vec<&str> = session.events().iter().map(|(_, word)| *word).collect();
            assert_eq!(events, ["fitted", "understood"]);
        }
    }

    #[test]
    fn a_head_start_saves_the_wait_even_of_frozen_features() {
        for seed in 1..=3 {
            let session = run(&format!("seed={seed}&examples=350&head-start=0.7"), 100);
            let verdicts = verdicts(&session);
            assert_eq!(verdicts[1..4], [Verdict::NotHere, Verdict::NotHere, Verdict::Agrees], "{:?}", session.claims());
        }
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn with_too_few_examples_all_fit_and_none_understands() {
        for seed in 1..=3 {
            let session = run(&format!("seed={seed}&examples=150"), 1000);
            let verdicts = verdicts(&session);
            assert_eq!((verdicts[2], verdicts[4]), (Verdict::Agrees, Verdict::Agrees), "{:?}", session.claims());
            let metrics = session.metrics();
            assert!(metrics[0] < 0.01 && metrics[1] > 0.3, "{metrics:?}");
        }
    }

    #[test]
    fn with_plenty_of_examples_to_fit_is_to_understand() {
        let session = run("seed=1&examples=1000", 70);
        assert_eq!(verdicts(&session)[4], Verdict::Agrees, "{:?}", session.claims());
    }

    #[test]
    fn another_scale_starts_again_and_another_rate_on_the_way_ends_comparisons() {
        let set = |session: &mut Session, name: &str, value: &str| session.set(&[(name.into(), value.into())]).unwrap();
        let mut moved = run("seed=2&examples=100", 40);
        set(&mut moved, "alpha", "0.5");
        assert_eq!(moved.step(), 0);
        moved.advance(20);
        assert_eq!(moved.digest(), run("seed=2&examples=100&alpha=0.5", 20).digest());
        set(&mut moved, "rate", "30");
        assert_eq!(moved.step(), 20);
        assert!(moved.claims().iter().all(|claim| claim.verdict() == Verdict::NotHere), "{:?}", moved.claims());
    }

    #[test]
    fn too_high_a_rate_breaks_training_and_no_number() {
        let session = run("seed=1&alpha=0.25&rate=60", 60);
        let mut frame = vec![0.0; session.floats()];
        session.draw(&mut frame);
        assert!(frame.iter().all(|x| x.is_finite()), "{:?}", session.metrics());
        let broke = session.ended();
        assert!(matches!(broke, Some(Ended::Diverged { metric: "train" | "test", .. })), "{broke:?}");
        assert!(session.captions()[0].contains("broke"), "{:?}", session.captions());
    }
}
