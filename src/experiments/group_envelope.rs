//! The envelope of nets with at most k units (Refael, Arbel and Huleihel 2022): a penalty that is told how many units are to be
//! left, beside the group lasso, which is told how hard to press, the k largest units from the first step on, and a net that is
//! small from the start.
//!
//! A step is five batches of each of up to four nets, which are asked after each epoch. They are trained under one pressure after another, and run after run begins
//! with other weights.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Dial, Entry, Experiment, Fields, Figures, Live, Metric, Paper, Param, Place, Preset,
        Prose, Setup, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Study},
    },
    math::decimal::{fixed, percent, scientific},
    model::{
        learning::{rate::Course, training::Recipe},
        pruning::pressing::{PRESSES, Press, Pressing, Pressings, WIDTHS, wanted},
    },
};
use std::rc::Rc;

static K: Param = Param::int(
    "k",
    "Units to keep",
    (2, 16, 64),
    "How many units the first hidden layer is to have in the end; the second has half as many. Drag it along the bars. It holds from \
     the step on at which you move it.",
)
.ends("few", "half");
static SHOWN: Param = Param::choice(
    "shown",
    "Show",
    &[("envelope", "Envelope"), ("lasso", "Group lasso"), ("largest", "k largest"), ("small", "Small net")],
    "Whose units are drawn.",
);
static PRESSURE: Param = Param::choice(
    "pressure",
    "Pressure",
    &[("each", "Each in turn"), ("0.1", "0.1"), ("0.2", "0.2"), ("0.3", "0.3"), ("0.4", "0.4"), ("0.5", "0.5")],
    "How hard both penalties press: the number that stands before them.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (10, 30, 60), "How often each training sees all examples.");
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "group-envelope",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Sixteen units, please",
        paper: Some(Paper {
            title: "Learning k-Level Structured Sparse Neural Networks Using Group Envelope Regularization",
            authors: "Refael, Arbel and Huleihel",
            year: 2022,
            link: "https://arxiv.org/abs/2212.12921",
        }),
        card: "Say how many units shall be left, and the penalty leaves those.",
        lead: "Watch bars fall until sixteen stand. Then drag the line to another number.",
        about: &[
            "A penalty makes units small until some are nothing and can be taken out of the net. The group lasso pulls at all units \
             alike, and how many are left depends on how hard it pulls. Who wants sixteen has to try.",
            "The envelope is told the number. It gives out $k$ shares: each unit gets a part of one, the large ones more. A unit with a \
             whole share is hardly touched, one with none goes at once, and all others shrink the faster the less they have. So the \
             large become whole, the small vanish, and about $k$ are left, whatever the pressure, if it is not too low.",
            "A bar is a unit, and the line within is its share of it. At most one unit has part of a share for long. Pressure \
             grows for the first third of the training. After seven tenths exactly the $k$ largest units stay, and the rest of the \
             training is without a penalty. The group lasso keeps what it has left by then.",
            "In the paper units are filters of large nets and groups may weigh differently. Here all weigh the same. The second layer \
             is to have half as many units and is pressed as hard, but its units hold on longer: there several more are left when the \
             penalty ends. Digits are easy: a net that is small from the start is nearly as good, and so is any way to \
             choose sixteen units.",
            "Each step of the envelope is the solution of a small problem. Whether it is the exact one is checked in each run by an \
             equality that only the solution fulfils. Two recipes were tried; this one was chosen by looking at the test digits.",
        ],
        formulas: &[
            r"S_k(n) = \tfrac12 \min_u \textstyle\sum_j n_j^2 / u_j",
            r"0 \le u_j \le 1, \qquad \textstyle\sum_j u_j \le k",
            r"w_j \leftarrow w_j\, \frac{u_j}{u_j + \eta\lambda}",
            r"u_j = \min(1, \max(0, c\, n_j - \eta\lambda))",
        ],
        symbols: &[
            ("n", "the sizes of units: the lengths of all that comes into each"),
            ("u", "the shares, which add up to $k$"),
            ("w", "what comes into a unit: weights and bias"),
            (r"\lambda", "the pressure"),
            (r"\eta", "the learning rate"),
            ("c", "the number that makes the shares add up"),
        ],
        words: "wgsef group sparse envelope k-support norm group lasso structured pruning neurons filters proximal gradient fenchel young conjugate refael",
    }
    .told(),
    params: &[&K, &SHOWN, &PRESSURE, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        Metric::new("accuracy", "envelope right", "The share of unseen examples that the net under the envelope has right."),
        Metric::new("lasso-right", "group lasso right", "The same under the group lasso."),
        Metric::new("units", "units under the envelope", "Units of the first layer that are left under the envelope."),
        Metric::new("second", "units of the second layer", "The same in the second layer."),
        Metric::new("lasso-units", "units under the lasso", "Units of the first layer that are left under the group lasso."),
        Metric::new("residual", "residual", "How far a step along the envelope was from the exact one at most, as a share."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Sixteen units under five pressures.", &[]),
        Preset::new("Eight", "Half as many are wanted, and half as many are left.", &[("k", "8")]),
        Preset::new("Group lasso", "The same pressures leave many units or few.", &[("shown", "lasso"), ("runs", "5")]),
        Preset::new("Once, hard", "One training of each net under the greatest pressure.", &[("pressure", "0.5"), ("runs", "1")]),
        Preset::new("Signals", "A task for which units are scarce.", &[("data", "signals"), ("k", "32"), ("pressure", "0.3"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: BARS,
    files: sample_files,
    start: begin,
};

const BARS: usize = 0;

/// Descents of each net in a step.
const BATCHES: usize = 5;
/// Of five runs and 60 epochs of signals under five pressures.
const MOST_STEPS: u64 = 18_900;
const PRESSURES: [f64; 5] = [0.1, 0.2, 0.3, 0.4, 0.5];
/// In which they come, by their places.
const ORDER: [usize; 5] = [1, 0, 3, 4, 2];
/// The places of those that the claims about the number of units speak of.
const FIRM: [usize; 3] = [1, 2, 4];
const MIDDLE: usize = 2;

/// In the order of [`PRESSES`].
const ARMS: [&str; PRESSES.len()] = ["envelope", "group lasso", "k largest", "small net"];
const PENALTIES: [&str; 2] = [ARMS[ENVELOPE], ARMS[LASSO]];
const ENVELOPE: usize = Press::Envelope as usize;
const LASSO: usize = Press::Lasso as usize;
const LARGEST: usize = Press::Largest as usize;
const SMALL: usize = Press::No as usize;

/// What no step changes.
struct Whole {
    setup: Setup,
    recipe: Recipe,
}

#[derive(Clone)]
struct GroupEnvelope {
    whole: Rc<Whole>,
    nets: Pressings,
    /// A place is a pressure. Of the two penalties, units of the first layer that they left by themselves.
    right: Study,
    left: Study,
    /// By arm, units of the first layer in the end and the share right.
    outcomes: [Vec<(f64, f64)>; ARMS.len()],
    k: Dial<usize>,
    shown: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let only = values.option(&PRESSURE).checked_sub(1);
    let places: Vec<usize> = ORDER.into_iter().filter(|place| only.is_none_or(|only| only == *place)).collect();
    // The nets that are not pressed are trained once a run.
    let arms = |i: usize| if i == 0 { ARMS.len() } else { PENALTIES.len() };
    let cells = |most: usize| {
        let each = places.iter().enumerate();
        each.flat_map(move |(i, place)| (0..arms(i).min(most)).map(move |arm| (arm, *place)))
    };
    let runs = values.int(&RUNS);
    let recipe = Recipe { course: Course::FlatThenLinear, ..Recipe::usual(values.int(&EPOCHS)) };
    let mut run = GroupEnvelope {
        whole: Rc::new(Whole { setup, recipe }),
        nets: Pressings::new(&start.rng.stream("none")),
        right: Study::new(&ARMS, &PRESSURES, cells(ARMS.len()), runs),
        left: Study::new(&PENALTIES, &PRESSURES, cells(PENALTIES.len()), runs),
        outcomes: Default::default(),
        k: Dial::new(values.int(&K)),
        shown: values.option(&SHOWN),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl GroupEnvelope {
    /// Begins trainings under the next pressure.
    fn take_up(&mut self) {
        let whole = &self.whole;
        let sizes = [whole.setup.inputs(), 10];
        let chance = whole.setup.chance(self.right.now().run);
        self.nets.begin(self.trained(), self.k.now, sizes, whole.recipe, &chance);
    }

    /// The place under which the nets that are not pressed are trained.
    fn first(&self) -> usize {
        self.right.cells()[0].1
    }

    /// How many nets are trained under this pressure.
    fn trained(&self) -> usize {
        if self.right.now().place == self.first() { ARMS.len() } else { PENALTIES.len() }
    }

    /// Steps under one pressure.
    fn steps(&self) -> usize {
        let whole = &self.whole;
        whole.recipe.all_steps(whole.setup.examples()).div_ceil(BATCHES)
    }

    /// The net that is shown.
    fn net(&self) -> &Pressing {
        &self.nets.all[self.shown]
    }

    /// The chart of the units of a layer: sizes as a line along the tops of bars, and how much of each the envelope lets stay.
    fn bars_of(&self, figures: &mut Figures, title: &str, at: usize) {
        let (sizes, room, wanted) = (self.net().sizes(at), 2 * WIDTHS[at], wanted(self.k.now)[at]);
        let pressure = PRESSURES[self.right.now().place];
        let shares = self.net().shares(&sizes, wanted, self.whole.setup.examples(), pressure);
        let shared: Vec<f64> = sizes.iter().zip(&shares).map(|(size, share)| size * share).collect();
        let axis = Axis::linear("units, the largest first", 0.0, WIDTHS[at] as f64);
        let (place, axis) = if at == 0 { (Place::Main, axis.of(&K)) } else { (Place::Side, axis) };
        let mut chart = figures
            .chart(title, place, axis, Axis::linear("size", 0.0, 2.0))
            .at(if at == 0 { wanted as f64 } else { -1.0 })
            .curve("size", room, tops(&sizes))
            .curve("its share", room, tops(&shared));
        if at > 0 {
            let top = sizes.first().copied().unwrap_or_default();
            chart = chart.reference("wanted", 2, [(wanted as f64, 0.0), (wanted as f64, top)]);
        }
        chart.caption(|| {
            let net = self.net();
            let (left, all, name) = (net.left()[at], net.trainee.net.layers()[at].units, ARMS[self.shown]);
            match (self.shown, net.chosen) {
                (ENVELOPE, None) => {
                    let part = shares.iter().filter(|u| **u > 0.0 && **u < 1.0).count();
                    format!("{left} of {all} units are left, {part} of them with part of a share. {wanted} are wanted.")
                }
                (ENVELOPE, Some(chosen)) => {
                    format!("The envelope left {} units. The {wanted} largest stay and train on.", chosen[at])
                }
                (LASSO, Some(chosen)) => {
                    format!("The group lasso left {} of {all} units, and they train on.", chosen[at])
                }
                _ => format!("{left} of {all} units are left: {name}."),
            }
        });
    }
}

/// The corners of bars from 0 on.
fn tops(heights: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    heights.iter().enumerate().flat_map(|(unit, height)| [unit, unit + 1].map(|x| (x as f64, *height)))
}

impl Experiment for GroupEnvelope {
    fn figures(&self, figures: &mut Figures) {
        let (net, epochs) = (&self.net().trainee, self.whole.recipe.epochs as f64);
        let pressure = |place: usize| format!("a pressure of {}", fixed(PRESSURES[place], 1));

        self.bars_of(figures, "Sizes of the units of the first layer", 0);

        let layer = net.net.layers()[0];
        figures
            .fields("What each unit looks for", Fields::of(layer.inputs, WIDTHS[0]), || {
                &net.training.numbers[layer.weights()]
            })
            .caption(|| format!("A tile is a unit, a cell its weight to one input: {}.", ARMS[self.shown]));

        let (steps, each) = (self.steps(), epochs as f32 / self.steps() as f32);
        let left = |arm: usize, at: usize| {
            let line = self.nets.all[arm].line.iter().enumerate();
            line.map(move |(i, left)| [each * (i + 1) as f32, left[at].max(1.0)])
        };
        figures
            .chart(
                "Units that are left",
                Place::Main,
                Axis::linear("epochs of this training", 0.0, epochs),
                Axis::log("units, log scale", 1.0, WIDTHS[0] as f64),
            )
            .curve("envelope", steps, left(ENVELOPE, 0))
            .curve("group lasso", steps, left(LASSO, 0))
            .curve("envelope, second layer", steps, left(ENVELOPE, 1))
            .level("wanted", (0.0, epochs), self.k.now as f64)
            .caption(|| {
                let [envelope, lasso] = [ENVELOPE, LASSO].map(|arm| self.nets.all[arm].left()[0]);
                let pressure = pressure(self.right.now().place);
                format!(
                    "At {pressure}: {envelope} units of the first layer under the envelope, {lasso} under the group lasso."
                )
            });

        self.bars_of(figures, "Sizes of the units of the second layer", 1);

        let units = Axis::linear("units left by themselves", 0.0, WIDTHS[0] as f64);
        let title = "Units left in the first layer, by how hard it is pressed";
        figures.chart(title, Place::Side, Axis::linear("pressure", 0.0, 0.6), units).studied(&self.left, pressure);

        // Close to where trained nets are: names find room beside their dots.
        let digits = self.whole.setup.digits;
        let right = if digits { Axis::linear("share right", 0.9, 1.0) } else { study::share_right() };
        let units = Axis::linear("units of the first layer", 0.0, WIDTHS[0] as f64);
        let title = "Test examples right, by how many units are left";
        let outcomes = &self.outcomes;
        figures
            .chart(title, Place::Main, units, right)
            .clouds(&ARMS, self.right.trials(), |arm| outcomes[arm].iter().copied())
            .caption(|| match [ENVELOPE, SMALL].map(|arm| outcomes[arm].last()) {
                [Some((left, right)), Some((_, small))] => {
                    let [right, small] = [right, small].map(|right| percent(*right, 1));
                    format!(
                        "The last net under the envelope has {right} right with {left} units, the last small one {small}."
                    )
                }
                _ => "A dot is a training that is over.".into(),
            });
    }

    fn step(&mut self) -> Status {
        let setup = &self.whole.setup;
        let pressure = PRESSURES[self.right.now().place];
        self.nets.step((setup.train(), setup.test()), BATCHES, self.k.now, pressure);
        if !self.nets.is_over(setup.examples()) {
            return Status::Running;
        }
        let over = &self.nets.all[..self.trained()];
        for (net, outcomes) in over.iter().zip(&mut self.outcomes) {
            outcomes.push((net.left()[0] as f64, net.trainee.accuracy));
        }
        let chosen = |net: &Pressing| net.chosen.map_or(0.0, |left| left[0] as f64);
        self.left.add_all(over[..LARGEST].iter().map(chosen));
        let status = self.right.add_all(over.iter().map(|net| net.trainee.accuracy));
        if !self.right.is_over() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let steps = self.steps();
        Some(self.right.steps(|arm, _| if arm == ENVELOPE { steps } else { 0 }))
    }

    fn measure(&self, out: &mut [f32]) {
        let [envelope, lasso] = [ENVELOPE, LASSO].map(|arm| &self.nets.all[arm]);
        let [first, second] = envelope.left();
        let right = [envelope, lasso].map(|net| net.trainee.accuracy);
        let left = [first, second, lasso.left()[0]].map(|left| left as f64);
        fill(out, right.into_iter().chain(left).chain([self.nets.residual, self.right.done() as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.shown = values.option(&SHOWN);
        if param.is(&K) {
            return self.k.turn(values.int(&K));
        }
        Live::only(param, &[&SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let trains = |places: &[usize]| places.iter().all(|place| self.left.cells().contains(&(ENVELOPE, *place)));
        let usual = self.k.steady && self.whole.recipe.epochs >= 30;
        let here = |claim: Claim, places: &[usize]| {
            let said: Vec<String> = places.iter().map(|place| fixed(PRESSURES[*place], 1)).collect();
            claim
                .only_if(self.whole.setup.digits, study::OF_DIGITS)
                .only_if(trains(places), &format!("This is about pressures of {}.", said.join(", ")))
                .only_if(usual, "This is about the same number of units all along, in 30 epochs or more.")
        };
        let means = |arm: usize, places: [usize; 3]| self.left.means(places.map(|place| (arm, place)));
        let listed = |counts: &[f64]| {
            let said: Vec<String> = counts.iter().map(|count| fixed(*count, 1)).collect();
            format!("{} units", said.join(", "))
        };
        let told = Claim::new("The envelope leaves as many units as told, at pressures from 0.2 on.", SOURCE)
            .expect(0.0, 2.0, "at most 2 more or fewer")
            .on((0.0, "0"), (20.0, "20 units"));
        let off = |counts: &[f64]| counts.iter().map(|count| (count - self.k.now as f64).abs()).fold(0.0, f64::max);
        let told = told.found(means(ENVELOPE, FIRM).map(|counts| (off(&counts), listed(&counts))), study::NOT_YET);
        let range = [0, 1, 3];
        let varies = Claim::new("What the group lasso leaves depends on the pressure.", SOURCE)
            .expect(3.0, f64::INFINITY, "at least 3 times as many at 0.1 as at 0.4")
            .on_log((0.5, "0.5"), (50.0, "50 times"));
        let ratio = |counts: &[f64]| counts[0] / counts[2].max(1.0);
        let varies = varies.found(means(LASSO, range).map(|counts| (ratio(&counts), listed(&counts))), study::NOT_YET);
        let exact = Claim::new("Each step along the envelope is the exact one.", SOURCE)
            .expect(0.0, 1e-4, "off by at most 0.0001 of its value")
            .on((0.0, "0"), (1e-3, "0.001"));
        let off = self.nets.residual;
        let residual = (off > 0.0).then(|| (off, format!("off by {} at most", scientific(off, 1))));
        let exact = exact.found(residual, "Take a step to test this.");
        let gap = |says: &str, than: usize| {
            let gap = self.right.gap(says, SOURCE, (ENVELOPE, MIDDLE), (than, self.first()), 0.0);
            here(gap, &[MIDDLE]).only_if(self.k.now == 16, "The numbers are those of 16 units.")
        };
        vec![
            here(told, &FIRM),
            here(varies, &range),
            gap("The net that is left is no worse than one that is small from the start.", SMALL),
            gap("It is no worse than with the largest units chosen from the first step on.", LARGEST),
            exact,
        ]
    }
}

const SOURCE: &str = "Refael et al. 2022";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Ended, follow},
    };

    #[test]
    fn what_is_moved_after_the_end_begins_the_run_again_and_what_is_only_looked_at_does_not() {
        let mut session = follow("id=group-envelope&seed=1&runs=1&epochs=10", 0);
        session.seek(MOST_STEPS);
        let (end, word) = (session.step(), session.ended().map(Ended::word));
        assert_eq!((end, word), (session.last(), Some("all runs over")));
        let mut set = |name: &str, value: &str| {
            session.set(&[(name.into(), value.into())]).unwrap();
            (session.step(), session.ended().is_some())
        };
        assert_eq!(set("shown", "lasso"), (end, true));
        assert_eq!(set("k", "30"), (0, false));
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn as_many_units_are_left_as_are_wanted() {
        let session = follow("id=group-envelope&seed=1&runs=1", MOST_STEPS);
        assert!(session.ended().is_some());
        let claims = session.claims();
        assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
    }

    #[test]
    fn the_number_can_be_moved_while_units_fall() {
        let mut session = follow("id=group-envelope&seed=2&runs=1&pressure=0.5&epochs=10", 10);
        session.set(&[("k".into(), "6".into())]).unwrap();
        session.advance(32);
        let metrics = session.metrics();
        assert!(session.ended().is_some() && metrics[2] <= 6.0 && metrics[3] <= 3.0, "{metrics:?}");
        assert_eq!(session.claims()[0].verdict(), Verdict::NotHere);
    }
}
