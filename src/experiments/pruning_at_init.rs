//! Pruning before training: which weights a net can do without is asked of its first numbers alone, by four scores and by
//! chance. What is left is trained.
//!
//! A step is the choice of all masks of a density, or seven batches of a training. First all masks of a run are chosen, so that what is left
//! of each layer can be seen at once; then one net after another is trained.
use crate::{
    data::Split,
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series,
        Shape, Start, Status, Unmeasured, Values, View, Wing, sample_files, samples,
    },
    math::{decimal::fixed, mat::MatRef, rng::Rng, scalar},
    model::{
        learning::{mlp::Layer, training::Recipe},
        pruning::{fields::Fields, mask::Mask, ratio, score, select, start, trainee::Trainee, trials::Trials},
    },
};
use std::rc::Rc;

static DENSITY: Param = Param::float(
    "density",
    "Look at",
    (0.005, 0.05, 1.0),
    "The share of weights that is left: the masks that are shown are those nearest to it. Drag it along the chart.",
)
.ends("hardly any", "all weights");
static SHOWN: Param = Param::choice(
    "shown",
    "Show the mask of",
    &[
        ("synflow", "SynFlow"),
        ("snip", "SNIP"),
        ("grasp", "GraSP"),
        ("magnitude", "Size"),
        ("random", "Chance"),
        ("wrong", "GraSP, the wrong way"),
    ],
    "Whose receptive fields are drawn.",
);
static STARTS: Param = Param::choice(
    "starts",
    "Starts",
    &[("fair", "Fair"), ("plain", "Plain")],
    "A unit that has lost most of its inputs gets too weak a sum. A fair start makes up for that, a plain one does not.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (2, 15, 30), "How often each training sees all examples.");
static RUNS: Param =
    Param::int("runs", "Runs", (1, 2, 5), "How often all of it is done, from other weights each time.");

pub static ENTRY: Entry = Entry {
    id: "pruning-at-init",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Pruned before it learns",
        paper: Some(Paper {
            title: "Pruning neural networks without any data by iteratively conserving synaptic flow",
            authors: "Tanaka, Kunin, Yamins and Ganguli",
            year: 2020,
            link: "https://arxiv.org/abs/2006.05467",
        }),
        card: "Cut the smallest weights at birth, and a whole layer is gone.",
        lead: "See how little a rule leaves of a layer, then watch the nets learn with it.",
        about: &[
            "A net is pruned before it has learnt anything, and only then trained. SNIP keeps the weights whose going would change \
             the loss most. GraSP keeps those that keep the gradient strong. SynFlow never sees an example: it keeps \
             the weights on the strongest paths from inputs to outputs, and cuts in a hundred rounds. Chance spares small layers.",
            "Size is the rule that works well after training. Before it the size of a weight says only how many inputs its unit \
             has: those of wide layers are drawn small. So the widest layer loses everything, no path is left \
             through the net, and it cannot learn. That is layer collapse. SynFlow cannot collapse a layer while it has \
             weights to give.",
            "Start plain and compare: a sparse net whose sums have become too weak learns slowly, whoever chose its mask. Much \
             of what is told of clever masks is that. Only where very few weights are left does a fair start hurt SynFlow, whose \
             masks are few, long chains.",
            "GraSP has a trap in its sign: the paper's score is to be cut where it is high. The wrong way round it keeps what \
             should go.",
            "Each score is given thirty examples of each class. On data this small SNIP and SynFlow are close to each other.",
        ],
        formulas: &[
            r"\text{SNIP} = |g_i w_i|, \qquad \text{GraSP} = w_i\, (H g)_i",
            r"\text{SynFlow} = w_i \frac{\partial R}{\partial w_i}, \qquad R = \mathbf{1}^{\top} \prod_l |W_l|\; \mathbf{1}",
        ],
        symbols: &[
            ("g", "the gradient of the loss at the start"),
            ("H", "the matrix of its second derivatives"),
            ("R", "the sum over all paths from an input to an output of the products of their weights' sizes"),
        ],
        words: "pruning at initialization initialisation snip grasp synflow magnitude random layer collapse erdos renyi sparse foresight synaptic flow single-shot tanaka",
    }
    .told(),
    params: &[&DENSITY, &SHOWN, &STARTS, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        Metric::new("accuracy", "test examples right", "The share of unseen examples that the net in training has right."),
        Metric::new("loss", "loss", "Its loss on the last batch."),
        Metric::new("left", "weights left", "The share of its weights that are left."),
        Metric::new("masks", "masks", "How many masks are chosen."),
        Metric::new("trained", "trainings", "How many trainings are over."),
    ],
    presets: &[
        Preset::new("Default", "Four rules and chance, from a tenth of the weights down.", &[]),
        Preset::new("Plain starts", "What was thought to be the mask is the start.", &[("starts", "plain")]),
        Preset::new("Collapse", "At 2 % the sizes leave a layer next to nothing.", &[("density", "0.02"), ("shown", "magnitude")]),
        Preset::new("Signals", "A harder task, with the same order.", &[("data", "signals"), ("runs", "1"), ("epochs", "10")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: sample_files,
    start: begin,
};

const RACE: usize = 0;
const FIELDS: usize = 1;
const SMALLEST: usize = 2;
const PIXELS: usize = 3;

/// Descents in a step.
const BATCHES: usize = 7;
/// The densities that are tried, and the place of that at which the wrong way is.
const DENSITIES: [f64; 5] = [0.1, 0.05, 0.02, 0.01, 0.005];
const WRONG_AT: usize = 1;
/// Of five runs and 30 epochs of signals.
const MOST_STEPS: u64 = 36_000;
/// Examples of each class that scores are given, and rounds of SynFlow.
const OF_EACH: usize = 30;
const ROUNDS: u32 = 100;
const CLASSES: usize = 10;

/// Who chooses, in the order of the setting.
const ARMS: [&str; 6] = ["SynFlow", "SNIP", "GraSP", "size", "chance", "GraSP, wrong way"];
const SYNFLOW: usize = 0;
const SNIP: usize = 1;
const GRASP: usize = 2;
const SIZE: usize = 3;
const CHANCE: usize = 4;
const WRONG: usize = 5;

/// What no step changes.
struct Whole {
    split: Split,
    /// What scores are given.
    few: (Vec<f32>, Vec<u16>),
    rng: Rng,
    recipe: Recipe,
    runs: usize,
    fair: bool,
    digits: bool,
}

/// A mask that is chosen and trained: of a run, by an arm, at a density.
#[derive(Clone, Copy, Debug)]
struct Task {
    run: usize,
    arm: usize,
    place: usize,
}

#[derive(Clone)]
struct PruningAtInit {
    whole: Rc<Whole>,
    trainee: Trainee,
    /// The numbers that the nets of this run begin with.
    drawn: Rc<Vec<f32>>,
    /// What GraSP found of them, which all densities share.
    grasp: Rc<Vec<f32>>,
    /// The masks of this run that are chosen so far, in the order of [`tasks`].
    masks: Vec<Rc<Mask>>,
    /// Masks and numbers of the first run, which are shown.
    first: Vec<Rc<Mask>>,
    first_drawn: Rc<Vec<f32>>,
    trials: Trials,
    run: usize,
    trained: usize,
    density: f64,
    shown: usize,
}

/// The masks of one run.
fn tasks(run: usize) -> impl Iterator<Item = Task> {
    let all = (0..DENSITIES.len()).flat_map(move |place| (0..ARMS.len()).map(move |arm| Task { run, arm, place }));
    all.filter(|task| task.arm != WRONG || task.place == WRONG_AT)
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let digits = values.choice(&DATA) == "digits";
    let split = samples(start)?;
    let few = score::some_of_each(split.train.both(), OF_EACH, CLASSES);
    let whole = Rc::new(Whole {
        split,
        few,
        rng: start.rng.clone(),
        recipe: Recipe::usual(values.int(&EPOCHS)),
        runs: values.int(&RUNS),
        fair: values.choice(&STARTS) == "fair",
        digits,
    });
    let widths = if digits { [64, 256, 128, 10] } else { [40, 128, 128, 10] };
    let mut run = PruningAtInit {
        whole,
        trainee: Trainee::new(&widths, start.rng.stream("none")),
        drawn: Rc::default(),
        grasp: Rc::default(),
        masks: Vec::new(),
        first: Vec::new(),
        first_drawn: Rc::default(),
        trials: Trials::new(ARMS.len(), DENSITIES.len()),
        run: 0,
        trained: 0,
        density: values.float(&DENSITY),
        shown: shown(values),
    };
    run.draw_weights();
    run.first_drawn = Rc::clone(&run.drawn);
    Ok(Box::new(run))
}

fn shown(values: &Values) -> usize {
    ["synflow", "snip", "grasp", "magnitude", "random", "wrong"]
        .iter()
        .position(|name| *name == values.choice(&SHOWN))
        .unwrap_or(0)
}

impl PruningAtInit {
    fn draw_weights(&mut self) {
        let whole = Rc::clone(&self.whole);
        let chance = whole.rng.child(&format!("run {}", self.run));
        let net = &mut self.trainee.net;
        let drawn = net.draw(&mut chance.stream("weights"));
        let few = (MatRef::new(&whole.few.0, whole.few.1.len(), net.layers()[0].inputs), &whole.few.1[..]);
        self.grasp = Rc::new(score::grasp(net, &drawn, few));
        self.drawn = Rc::new(drawn);
        self.masks.clear();
    }

    /// Chooses one mask.
    fn choose(&mut self, task: Task) -> Mask {
        let whole = Rc::clone(&self.whole);
        let net = &mut self.trainee.net;
        let density = DENSITIES[task.place];
        let count = (density * net.weights() as f64 + 0.5) as usize;
        let few = (MatRef::new(&whole.few.0, whole.few.1.len(), net.layers()[0].inputs), &whole.few.1[..]);
        let scores = match task.arm {
            SYNFLOW => return score::synflow(net, &self.drawn, density, ROUNDS),
            CHANCE => {
                let chance = whole.rng.child(&format!("run {}", task.run));
                let scores = score::random(net, &mut chance.stream(&format!("places {}", task.place)));
                return select::by_layer(net, &scores, &Mask::full(net), &ratio::erdos_renyi(net, density));
            }
            SNIP => score::snip(net, &self.drawn, few),
            GRASP => self.grasp.to_vec(),
            SIZE => score::magnitude(&self.drawn),
            _ => self.grasp.iter().map(|score| -score).collect(),
        };
        select::global(net, &scores, &Mask::full(net), count)
    }

    /// Begins the next training of this run.
    fn take_up(&mut self) {
        let place = self.trained % tasks(0).count();
        let mask = Rc::clone(&self.masks[place]);
        let mut numbers = self.drawn.to_vec();
        if self.whole.fair {
            start::make_up(&self.trainee.net, &mut numbers, &mask);
        }
        let order = self.whole.rng.child(&format!("run {}", self.run)).stream(&format!("order {place}"));
        self.trainee.begin(numbers, mask, self.whole.recipe, order);
    }

    /// The place of the density that is looked at.
    fn place(&self) -> usize {
        let away = |place: usize| (scalar::ln(DENSITIES[place]) - scalar::ln(self.density)).abs();
        (0..DENSITIES.len()).min_by(|a, b| away(*a).total_cmp(&away(*b))).unwrap_or(0)
    }

    /// A mask of the first run.
    fn mask(&self, arm: usize, place: usize) -> Option<&Mask> {
        let at = tasks(0).position(|task| (task.arm, task.place) == (arm, place))?;
        self.first.get(at).map(|mask| &**mask)
    }

    /// The mask that is shown, and the place of its density.
    fn look(&self) -> (Option<&Mask>, usize) {
        let place = if self.shown == WRONG { WRONG_AT } else { self.place() };
        (self.mask(self.shown, place), place)
    }

    fn smallest(&self, arm: usize, place: usize) -> Option<usize> {
        self.mask(arm, place)?.counts(&self.trainee.net).into_iter().min()
    }
}

fn percent(x: f64) -> String {
    format!("{} %", fixed(100.0 * x, 1))
}

impl Experiment for PruningAtInit {
    fn views(&self) -> Vec<View> {
        let density = || Axis::log("share of weights left, log scale", DENSITIES[4], DENSITIES[0]).of(&DENSITY);
        let chart = |y, series| Shape::Lines { x: density(), y, series, marks: Vec::new(), field: None };
        let room = |arm: usize| if arm == WRONG { 1 } else { DENSITIES.len() };
        let race = (0..ARMS.len()).map(|arm| Series::spread(ARMS[arm], room(arm)));
        let smallest = (0..=CHANCE).map(|arm| Series::curve(ARMS[arm], room(arm)));
        let layout = Fields::of(&self.trainee.net.layers()[0]);
        let (down, across) = layout.size();
        let fields = Shape::Heatmap {
            rows: down as u32,
            cols: across as u32,
            row_name: "inputs of units below one another",
            col_name: "inputs of units side by side",
            ends: ("takes away", "adds"),
        };
        let pixels = Shape::Heatmap {
            rows: layout.rows as u32,
            cols: layout.cols as u32,
            row_name: "inputs down",
            col_name: "inputs across",
            ends: ("", "weights left"),
        };
        let most = self.trainee.net.layers().last().map_or(1, |layer: &Layer| layer.inputs * layer.units);
        vec![
            View::new(
                "Test examples right after training",
                Place::Main,
                chart(Axis::linear("share right", 0.0, 1.0), race.collect()),
            ),
            View::new("What is left of the first layer", Place::Side, fields).moving(),
            View::new(
                "Weights left in the layer that has the fewest",
                Place::Main,
                chart(Axis::log("weights", 1.0, most as f64), smallest.collect()),
            ),
            View::new("Which inputs are still used", Place::Side, pixels).moving(),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let (mask, _) = self.look();
        let layer = self.trainee.net.layers()[0];
        match view {
            RACE => {
                let mut plot = Plot::new(slot, self.density);
                for arm in 0..ARMS.len() {
                    let room = if arm == WRONG { 1 } else { DENSITIES.len() };
                    let point = |(place, [mean, least, most]): (usize, [f64; 3])| {
                        [DENSITIES[place], mean, least, most].map(|x| x as f32)
                    };
                    plot.curve(room, self.trials.spread(arm).map(point));
                }
            }
            FIELDS => {
                let mut numbers = self.first_drawn.to_vec();
                if let Some(mask) = mask {
                    mask.cut(&mut numbers);
                }
                Fields::of(&layer).draw(&numbers[layer.weights()], slot);
            }
            SMALLEST => {
                let mut plot = Plot::new(slot, self.density);
                for arm in 0..=CHANCE {
                    let known = (0..DENSITIES.len()).filter_map(|place| Some((place, self.smallest(arm, place)?)));
                    // A logarithm has no 0: an empty layer is at the bottom.
                    plot.curve(
                        DENSITIES.len(),
                        known.map(|(place, count)| [DENSITIES[place] as f32, count.max(1) as f32]),
                    );
                }
            }
            PIXELS => {
                let full = Mask::full(&self.trainee.net);
                mask.unwrap_or(&full).count_inputs(&layer, slot);
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let (whole, (mask, place)) = (&self.whole, self.look());
        let name = ARMS[self.shown];
        let density = percent(DENSITIES[place]);
        match view {
            RACE if self.run >= whole.runs => {
                format!("Means of {} runs, with whiskers from the least to the greatest.", whole.runs)
            }
            RACE if self.masks.len() < tasks(0).count() => "The masks are being chosen.".into(),
            RACE => {
                let task = tasks(self.run).nth(self.trained % tasks(0).count());
                let (arm, place) = task.map_or((0, 0), |task| (task.arm, task.place));
                format!("Run {} of {}: {} at {}.", self.run + 1, whole.runs, ARMS[arm], percent(DENSITIES[place]))
            }
            FIELDS => match mask {
                Some(_) => format!(
                    "A tile is a unit, a cell its weight to one input, as drawn. The mask by {name} at {density}."
                ),
                None => "A tile is a unit, a cell its weight to one input, as drawn. Nothing is cut yet.".into(),
            },
            SMALLEST => {
                let said = |arm: usize| Some(format!("{} {}", ARMS[arm], self.smallest(arm, place)?));
                let all: Vec<String> = (0..=CHANCE).filter_map(said).collect();
                if all.is_empty() {
                    "No mask is chosen yet.".into()
                } else {
                    format!("At {density}: {}.", all.join(", "))
                }
            }
            _ => format!("How many weights each input still has under the mask by {name} at {density}."),
        }
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let count = tasks(0).count();
        if self.masks.len() < count {
            let next = tasks(self.run).nth(self.masks.len()).map_or(0, |task| task.place);
            for task in tasks(self.run).filter(|task| task.place == next) {
                let mask = self.choose(task);
                self.masks.push(Rc::new(mask));
            }
            if self.run == 0 {
                self.first.clone_from(&self.masks);
            }
            if self.masks.len() == count {
                self.take_up();
            }
            return Status::Running;
        }
        let over = self.trainee.learn(whole.split.train.both(), BATCHES);
        self.trainee.ask(whole.split.test.both());
        if !over {
            return Status::Running;
        }
        if let Some(task) = tasks(self.run).nth(self.trained % count) {
            self.trials.add(task.arm, task.place, self.trainee.accuracy);
        }
        self.trained += 1;
        if !self.trained.is_multiple_of(count) {
            self.take_up();
            return Status::Running;
        }
        self.run += 1;
        if self.run == whole.runs {
            return Status::Ended("all runs over");
        }
        self.draw_weights();
        if self.run == 1 { Status::Passed("first run over") } else { Status::Running }
    }

    fn due(&self) -> Option<u64> {
        let steps = self.whole.recipe.steps(self.whole.split.train.labels.len()) * self.whole.recipe.epochs;
        Some((self.whole.runs * (DENSITIES.len() + tasks(0).count() * steps.div_ceil(BATCHES))) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let Trainee { accuracy, loss, mask, net, .. } = &self.trainee;
        let masks = self.run * tasks(0).count() + if self.run < self.whole.runs { self.masks.len() } else { 0 };
        let row = [*accuracy, *loss, mask.density(net), masks as f64, self.trained as f64];
        out.iter_mut().zip(row).for_each(|(out, x)| *out = x as f32);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if !param.is(&DENSITY) && !param.is(&SHOWN) {
            return Live::Restart;
        }
        self.density = values.float(&DENSITY);
        self.shown = shown(values);
        Live::Now
    }

    fn claims(&self) -> Vec<Claim> {
        let whole = &self.whole;
        let mean = |(arm, place): (usize, usize)| self.trials.mean(arm, place, whole.runs);
        let elsewhere = if !whole.digits {
            "The numbers are those of the digits."
        } else if whole.recipe.epochs < 12 {
            "So few epochs do not train a net."
        } else {
            ""
        };
        let judge = |claim: Claim, found: Option<(f64, String)>| match found {
            _ if !elsewhere.is_empty() => claim.not_here(elsewhere),
            Some((x, text)) => claim.measured(x, text),
            None => claim.unmeasured(Unmeasured::NotYet("Not all runs have come so far.".into())),
        };
        let gap = |says: &str, source, a: (usize, usize), b: (usize, usize), least: f64| {
            let claim = Claim::new(says, source)
                .expect(least, 1.0, &format!("at least {} points better", fixed(100.0 * least, 0)))
                .on((-0.2, "-20 points"), (1.0, "100 points"));
            let found = mean(a).zip(mean(b));
            judge(claim, found.map(|(a, b)| (a - b, format!("{} against {}", percent(a), percent(b)))))
        };
        let smallest = |says: &str, arm: usize, (from, to): (f64, f64), text: &str| {
            let claim = Claim::new(says, TANAKA).expect(from, to, text).on((0.0, "0"), (400.0, "400"));
            judge(claim, self.smallest(arm, 2).map(|count| (count as f64, format!("{count} weights"))))
        };
        vec![
            smallest("At 2 % the sizes leave one layer next to nothing.", SIZE, (0.0, 30.0), "at most 30 weights"),
            smallest("SynFlow leaves every layer its share.", SYNFLOW, (100.0, 400.0), "at least 100 weights"),
            gap(
                "And so at 2 % a net pruned by SynFlow learns, and one by size does not.",
                TANAKA,
                (SYNFLOW, 2),
                (SIZE, 2),
                0.6,
            ),
            gap("At 5 % too, SynFlow is better than chance.", TANAKA, (SYNFLOW, 1), (CHANCE, 1), 0.01),
            gap("SNIP at 2 % is much better than chance.", "Lee et al. 2019", (SNIP, 2), (CHANCE, 2), 0.08),
            gap("GraSP is to be read the right way round.", "Wang et al. 2020", (GRASP, 1), (WRONG, 1), 0.3),
        ]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

const TANAKA: &str = "Tanaka et al. 2020";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Inputs, Verdict},
        link::{Request, split_query},
        session::Session,
    };

    fn run(query: &str) -> Session {
        let request = Request::parse(&split_query(&format!("id=pruning-at-init&{query}"))).unwrap();
        let mut inputs = Inputs::default();
        (ENTRY.files)(&request.values).into_iter().for_each(|file| inputs.push_file(file, file.read()));
        Session::start(request, inputs).unwrap()
    }

    #[test]
    fn sizes_collapse_a_layer_and_synaptic_flow_does_not() {
        let mut session = run("seed=1&runs=1");
        session.seek(MOST_STEPS);
        assert!(session.ended().is_some());
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn all_masks_are_chosen_first_and_each_is_looked_at_at_once() {
        let mut session = run("seed=3&runs=1&epochs=2");
        session.advance(5);
        assert!((session.metrics()[3] - 26.0).abs() < 1e-6, "{:?}", session.metrics());
        let before = session.metrics();
        session.set(&[("shown".into(), "magnitude".into())]).unwrap();
        assert_eq!((session.step(), session.metrics()), (5, before));
    }
}
