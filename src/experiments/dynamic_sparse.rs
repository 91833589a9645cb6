//! Masks that move while a net is trained: sparse evolutionary training (Mocanu et al. 2018) and RigL (Evci et al. 2020) beside
//! a mask that stays, from the same start.
//!
//! A step is seven batches of each of the three nets. Run after run begins with other weights.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Dial, Entry, Experiment, Fields, Figures, Live, Metric, NO_THIRD_SET, Paper, Param,
        Place, Preset, Prose, Setup, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Study},
    },
    math::{decimal::percent, rng::Stream},
    model::{
        learning::training::Recipe,
        pruning::{
            mask::Mask,
            ratio,
            rewire::{Grow, Rewiring},
            select, start,
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static SHOWN: Param = Param::choice(
    "shown",
    "Show",
    &[("rigl", "RigL"), ("set", "SET"), ("still", "Still")],
    "Whose receptive fields are drawn.",
);
static MOVED: Param = Param::share(
    "moved",
    "Moved at a time",
    (0.0, 0.3, 0.8),
    "The share of each layer's weights that move when masks move first. It falls to nothing at three quarters of the training. It \
     holds from the step on at which you move it.",
)
.ends("none", "most");
static DENSITY: Param = Param::share(
    "density",
    "Weights left",
    (0.01, 0.02, 0.3),
    "The share of weights that each net has, from first to last.",
)
.ends("hardly any", "many");
static EVERY: Param =
    Param::int("every", "Steps between moves", (5, 20, 100), "Descents from one move of the masks to the next.");
static EPOCHS: Param = study::epochs(20);
static RUNS: Param = study::runs(3);

pub static ENTRY: Entry = Entry {
    id: "dynamic-sparse",
    wing: Wing::Pruning,
    prose: Prose {
        title: "The mask that moves",
        paper: Some(Paper {
            title: "Rigging the Lottery: Making All Tickets Winners",
            authors: "Evci, Gale, Menick, Castro and Elsen",
            year: 2020,
            link: "https://arxiv.org/abs/1911.11134",
        }),
        card: "A sparse net that may move its weights finds better places.",
        lead: "Play, and watch weights find better places. Then move less at a time, or nothing.",
        about: &[
            "Three nets begin alike, with the same few weights at random places. One keeps its places. The other two now and then \
             drop their smallest weights and put as many new ones elsewhere: SET anywhere, RigL where the gradient is steepest, \
             that is where a weight would help most at once. None ever has more weights than at the start.",
            "At two weights in a hundred the places decide. The net whose mask stays has many weights where there is nothing to \
             see, at the border of the picture. SET finds better places by trying many; RigL looks for them, and needs fewer trials.",
            "The gradient by weights that are not there costs a dense step, which is why RigL moves seldom. New weights begin at \
             nothing, so that the net answers at once as before. Moves become smaller along the way and end at three quarters of \
             the training, for what has just come needs time.",
            "With a tenth of the weights all three are close: then there are enough of them at good places from the start.",
            NO_THIRD_SET,
        ],
        formulas: &[r"f(t) = \frac{\alpha}{2} \left(1 + \cos \frac{\pi t}{T}\right)"],
        symbols: &[
            ("f", "the share of a layer's weights that move at step $t$"),
            (r"\alpha", "the share at first"),
            ("T", "the step after which masks stay: three quarters of the training"),
        ],
        words: "dynamic sparse training set rigl sparse evolutionary training rewiring drop and grow gradient magnitude erdos renyi topology in-time over-parameterization itop evci mocanu",
    }
    .told(),
    params: &[&SHOWN, &MOVED, &DENSITY, &EVERY, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        Metric::new("rigl", "RigL right", "The share of unseen examples that the net under RigL has right."),
        Metric::new("set", "SET right", "The same for the net whose new weights are anywhere."),
        Metric::new("still", "still mask right", "The same for the net whose mask stays."),
        Metric::new("rigl-ever", "RigL ever there", "The share of all weights that were ever there under RigL."),
        Metric::new("set-ever", "SET ever there", "The same under SET."),
        Metric::new("trained", "runs over", "How many runs are over."),
    ],
    presets: &[
        Preset::new("Default", "Two weights in a hundred: places decide.", &[]),
        Preset::new("A tenth", "With more weights it matters less where they are.", &[("density", "0.1"), ("runs", "1")]),
        Preset::new("Without moves", "All three masks stay, and all three nets do as badly.", &[("moved", "0"), ("runs", "1")]),
        Preset::new("Signals", "A task that is hard.", &[("data", "signals"), ("density", "0.05"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: FIELDS,
    files: sample_files,
    start: begin,
};

const FIELDS: usize = 1;

/// Descents of each net in a step.
const BATCHES: usize = 7;
/// Of five runs and 30 epochs of signals.
const MOST_STEPS: u64 = 1350;
/// The share of a training after which masks stay.
const END: f64 = 0.75;

const ARMS: [&str; 3] = ["RigL", "SET", "mask stays"];
/// Where each arm puts the weights that move.
const GROW: [Option<Grow>; 3] = [Some(Grow::Steepest), Some(Grow::Anywhere), None];
const RIGL: usize = 0;
const SET: usize = 1;
const STILL: usize = 2;

/// What no step changes.
struct Whole {
    setup: Setup,
    recipe: Recipe,
    density: f64,
    every: usize,
}

/// One of the three nets.
#[derive(Clone)]
struct Arm {
    trainee: Trainee,
    /// Which weights were ever there.
    ever: Rc<Mask>,
    chance: Stream,
    /// What was right and what was ever there after each step of this run.
    line: Vec<[f32; 2]>,
}

#[derive(Clone)]
struct DynamicSparse {
    whole: Rc<Whole>,
    arms: Vec<Arm>,
    /// What was right at the end of each run, and what was ever there.
    right: Study,
    ever: Study,
    shown: usize,
    moved: Dial<f64>,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let density = values.float(&DENSITY);
    let widths = if setup.digits { [64, 256, 128, 10] } else { [40, 128, 128, 10] };
    let arm = |_| {
        let trainee = Trainee::new(&widths, start.rng.stream("none"));
        Arm { ever: Rc::clone(&trainee.mask), trainee, chance: start.rng.stream("none"), line: Vec::new() }
    };
    let study = Study::crossed(&ARMS, &[density], values.int(&RUNS));
    let mut run = DynamicSparse {
        arms: (0..ARMS.len()).map(arm).collect(),
        whole: Rc::new(Whole { setup, recipe: Recipe::usual(values.int(&EPOCHS)), density, every: values.int(&EVERY) }),
        ever: study.clone(),
        right: study,
        shown: values.option(&SHOWN),
        moved: Dial::new(values.float(&MOVED)),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl Arm {
    /// The share of all weights that were ever there.
    fn explored(&self) -> f64 {
        self.ever.density(&self.trainee.net)
    }

    /// One descent, before which the mask moves where it is due.
    fn descend(&mut self, whole: &Whole, grow: Option<Grow>, moved: f64) {
        let train = whole.setup.train();
        let Some(grow) = grow else {
            self.trainee.learn(train, 1);
            return;
        };
        let rewiring = Rewiring { grow, moved, every: whole.every, end: END };
        if rewiring.step(&mut self.trainee, train, &mut self.chance) {
            let Trainee { net, mask, .. } = &self.trainee;
            let ever = Rc::make_mut(&mut self.ever);
            mask.places(net).for_each(|place| ever.set(place, true));
        }
    }
}

impl DynamicSparse {
    /// Begins a run: three nets with the same weights at the same places.
    fn take_up(&mut self) {
        let whole = Rc::clone(&self.whole);
        let chance = whole.setup.chance(self.right.now().run);
        let net = &self.arms[0].trainee.net;
        let counts = ratio::erdos_renyi(net, whole.density);
        let mask = Rc::new(select::by_lot(net, &counts, &mut chance.stream("places")));
        let mut numbers = net.draw(&mut chance.stream("weights"));
        start::make_up(net, &mut numbers, &mask);
        for (arm, name) in self.arms.iter_mut().zip(ARMS) {
            arm.trainee.begin(numbers.clone(), Rc::clone(&mask), whole.recipe, chance.stream("order"));
            arm.ever = Rc::clone(&mask);
            arm.chance = chance.stream(name);
            arm.line.clear();
        }
    }

    /// Steps of one run.
    fn steps(&self) -> usize {
        let whole = &self.whole;
        whole.recipe.all_steps(whole.setup.examples()).div_ceil(BATCHES)
    }

    /// Epochs after so many steps of a run.
    fn epochs(&self, steps: usize) -> f64 {
        self.whole.recipe.epochs as f64 * steps as f64 / self.steps() as f64
    }
}

impl Experiment for DynamicSparse {
    fn figures(&self, figures: &mut Figures) {
        let (shown, name) = (&self.arms[self.shown].trainee, ARMS[self.shown]);
        let layer = shown.net.layers()[0];
        let (density, fields) = (percent(shown.mask.density(&shown.net), 1), Fields::of(layer.inputs, layer.units));
        let along = || Axis::linear("epochs of this run", 0.0, self.whole.recipe.epochs as f64);
        let lines = |arm: usize, side: usize| {
            let points = self.arms[arm].line.iter().enumerate();
            points.map(move |(i, line)| (self.epochs(i + 1), line[side]))
        };

        figures
            .chart("Test examples right", Place::Main, along(), study::share_right())
            .curves(&ARMS, self.steps(), |arm| lines(arm, 0))
            .caption(|| {
                let run = self.right.run(self.right.now().run);
                let [rigl, set, still] = [RIGL, SET, STILL].map(|arm| percent(self.arms[arm].trainee.accuracy, 1));
                format!("{run}: RigL {rigl}, SET {set}, a mask that stays {still}.")
            });

        figures
            .fields("What each unit looks for", fields, || &shown.training.numbers[layer.weights()])
            .caption(|| format!("A tile is a unit of the first layer, a cell its weight to one input: {name}."));

        // A mask that moves visits a few times as many places as it has weights.
        let share = Axis::linear("share of all", 0.0, (5.0 * self.whole.density).min(1.0));
        figures
            .chart("Weights that were ever there", Place::Main, along(), share)
            .curves(&ARMS[..STILL], self.steps(), |arm| lines(arm, 1))
            .caption(|| {
                let [rigl, set] = [RIGL, SET].map(|arm| percent(self.arms[arm].explored(), 1));
                format!("RigL has tried {rigl} of all weights, SET {set}, with {density} at a time.")
            });

        let left = Axis::log("share of weights left, log scale", 0.01, 0.3);
        figures
            .chart("After training, over all runs", Place::Main, left, study::share_right())
            .studied(&self.right, |_| format!("{density} of the weights"));

        figures
            .view(fields.uses("Which inputs have weights"), |slot| shown.mask.count_inputs(&layer, slot))
            .caption(|| format!("How many weights each input has in the first layer: {name}."));
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let count = whole.setup.examples();
        for (arm, grow) in self.arms.iter_mut().zip(GROW) {
            for _ in 0..BATCHES {
                if !arm.trainee.training.is_over(count) {
                    arm.descend(&whole, grow, self.moved.now);
                }
            }
            let right = arm.trainee.ask(whole.setup.test());
            arm.line.push([right as f32, arm.explored() as f32]);
        }
        let mut status = Status::Running;
        if self.arms[0].trainee.training.is_over(count) {
            self.ever.add_all(self.arms.iter().map(Arm::explored));
            status = self.right.add_all(self.arms.iter().map(|arm| arm.trainee.accuracy));
            if !self.right.is_over() {
                self.take_up();
            }
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some((self.right.runs() * self.steps()) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let right = self.arms.iter().map(|arm| arm.trainee.accuracy);
        let explored = self.arms[..STILL].iter().map(Arm::explored);
        fill(out, right.chain(explored).chain([self.right.done() as f64 / ARMS.len() as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.shown = values.option(&SHOWN);
        if param.is(&MOVED) {
            return self.moved.turn(values.float(&MOVED));
        }
        Live::only(param, &[&SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let whole = &self.whole;
        let usual = self.moved.steady && (self.moved.now - 0.3).abs() < 1e-6 && (10..=40).contains(&whole.every);
        let here = |claim: Claim, density: f64| {
            let preset = if density < 0.05 { "Default" } else { "A tenth" };
            let claim = claim
                .only_if(whole.setup.digits, study::OF_DIGITS)
                .only_if(usual && whole.recipe.epochs >= 15, "This is about 30 % moved every 20 steps, in 20 epochs.");
            study::at_density(claim, whole.density, density, preset)
        };
        let gap = |says: &str, source, density: f64, [a, b]: [usize; 2], least: f64| {
            here(self.right.gap(says, source, (a, 0), (b, 0), least), density)
        };
        let fewer = Claim::new("RigL needs to try fewer places than SET.", RIGGING)
            .expect(0.0, 0.8, "at most 0.8 times as many")
            .on((0.0, "0"), (2.0, "2 times"))
            .found(self.ever.ratio((RIGL, 0), (SET, 0)), study::NOT_YET);
        let steepest = "At 2 % a mask that moves where the gradient is steepest beats one that stays.";
        vec![
            gap(steepest, RIGGING, 0.02, [RIGL, STILL], 0.08),
            gap("So does one that moves anywhere.", "Mocanu et al. 2018", 0.02, [SET, STILL], 0.03),
            gap("The gradient knows better than chance.", RIGGING, 0.02, [RIGL, SET], 0.03),
            here(fewer, 0.02),
            gap(
                "With a tenth of the weights a mask that stays does nearly as well.",
                RIGGING,
                0.1,
                [STILL, RIGL],
                -0.03,
            ),
        ]
    }
}

const RIGGING: &str = "Evci et al. 2020";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn masks_that_move_win_where_few_weights_are_left() {
        let mut session = follow("id=dynamic-sparse&seed=1&runs=1", 0);
        session.seek(MOST_STEPS);
        let claims = session.claims();
        assert!(claims[..4].iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
        assert_eq!(claims[4].verdict(), Verdict::NotHere);
    }

    #[test]
    fn without_moves_the_three_are_one() {
        let mut session = follow("id=dynamic-sparse&seed=2&runs=1&moved=0&epochs=5", 0);
        session.advance(9);
        let metrics = session.metrics();
        assert!(metrics[0].to_bits() == metrics[1].to_bits() && metrics[1].to_bits() == metrics[2].to_bits());
        assert!((metrics[3] - 0.02).abs() < 1e-3, "{metrics:?}");
    }
}
