//! Pruning before training: which weights a net can do without is asked of its first numbers alone, by four scores and by
//! chance. What is left is trained.
//!
//! A step is the choice of all masks of a density, or seven batches of a training; nets are asked after each epoch. First all masks of a run are chosen, so that what is left
//! of each layer can be seen at once; then one net after another is trained.
use crate::{
    data::Samples,
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, NO_THIRD_SET, Paper, Param, Place, Preset,
        Prose, Setup, Start, Status, Values, Wing, fill, sample_files,
        study::{self, STARTS, Study, Trial},
    },
    math::{decimal::percent, rng::Rng},
    model::{
        learning::training::Recipe,
        pruning::{mask::Mask, ratio, score, select, start, trainee::Trainee},
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
static EPOCHS: Param = study::epochs(12);
static RUNS: Param = study::runs(2);

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
            NO_THIRD_SET,
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
    metrics: &study::IN_TRAINING,
    presets: &[
        Preset::new("Default", "Four rules and chance, from a tenth of the weights down.", &[]),
        Preset::new("Plain starts", "What was thought to be the mask is the start.", &[("starts", "plain")]),
        Preset::new("Collapse", "At 1 % the sizes leave a layer empty.", &[("density", "0.01"), ("shown", "magnitude")]),
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
/// Where an empty layer is drawn: below one weight.
const EMPTY: f64 = 0.5;

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
    setup: Setup,
    /// What scores are given.
    few: Samples,
    recipe: Recipe,
    fair: bool,
}

#[derive(Clone)]
struct PruningAtInit {
    whole: Rc<Whole>,
    trainee: Trainee,
    /// A place is a density.
    study: Study,
    /// The numbers that the nets of this run begin with.
    drawn: Rc<Vec<f32>>,
    /// What GraSP found of them, which all densities share.
    grasp: Rc<Vec<f32>>,
    /// The masks of this run that are chosen so far, in the order of [`cells`].
    masks: Vec<Rc<Mask>>,
    /// Masks and numbers of the first run, which are shown.
    first: Vec<Rc<Mask>>,
    first_drawn: Rc<Vec<f32>>,
    density: f64,
    shown: usize,
}

/// Arms and places of one run.
fn cells() -> impl Iterator<Item = (usize, usize)> {
    let all = (0..DENSITIES.len()).flat_map(|place| (0..ARMS.len()).map(move |arm| (arm, place)));
    all.filter(|(arm, place)| *arm != WRONG || *place == WRONG_AT)
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let few = setup.split.train.some_of_each(OF_EACH, CLASSES);
    let widths = if setup.digits { [64, 256, 128, 10] } else { [40, 128, 128, 10] };
    let mut run = PruningAtInit {
        whole: Rc::new(Whole {
            setup,
            few,
            recipe: Recipe::usual(values.int(&EPOCHS)),
            fair: values.choice(&STARTS) == "fair",
        }),
        trainee: Trainee::new(&widths, start.rng.stream("none")),
        study: Study::new(&ARMS, &DENSITIES, cells(), values.int(&RUNS)),
        drawn: Rc::default(),
        grasp: Rc::default(),
        masks: Vec::new(),
        first: Vec::new(),
        first_drawn: Rc::default(),
        density: values.float(&DENSITY),
        shown: values.option(&SHOWN),
    };
    run.draw_weights();
    run.first_drawn = Rc::clone(&run.drawn);
    Ok(Box::new(run))
}

impl PruningAtInit {
    fn chance(&self) -> Rng {
        self.whole.setup.chance(self.study.now().run)
    }

    fn draw_weights(&mut self) {
        let drawn = self.trainee.net.draw(&mut self.chance().stream("weights"));
        self.grasp = Rc::new(score::grasp(&mut self.trainee.net, &drawn, self.whole.few.both()));
        self.drawn = Rc::new(drawn);
        self.masks.clear();
    }

    /// Chooses one mask.
    fn choose(&mut self, arm: usize, place: usize) -> Mask {
        let mut places = self.chance().stream(&format!("places {place}"));
        let net = &mut self.trainee.net;
        let density = DENSITIES[place];
        let scores = match arm {
            SYNFLOW => return score::synflow(net, &self.drawn, density, ROUNDS),
            CHANCE => return select::by_lot(net, &ratio::erdos_renyi(net, density), &mut places),
            SNIP => score::snip(net, &self.drawn, self.whole.few.both()),
            GRASP => self.grasp.to_vec(),
            SIZE => score::magnitude(&self.drawn),
            _ => self.grasp.iter().map(|score| -score).collect(),
        };
        select::share(net, &scores, density)
    }

    /// Begins the next training of this run.
    fn take_up(&mut self) {
        let cell = self.study.done() % cells().count();
        let mask = Rc::clone(&self.masks[cell]);
        let mut numbers = self.drawn.to_vec();
        if self.whole.fair {
            start::make_up(&self.trainee.net, &mut numbers, &mask);
        }
        let order = self.chance().stream(&format!("order {cell}"));
        self.trainee.begin(numbers, mask, self.whole.recipe, order);
    }

    /// A mask of the first run.
    fn mask(&self, arm: usize, place: usize) -> Option<&Mask> {
        self.first.get(cells().position(|cell| cell == (arm, place))?).map(|mask| &**mask)
    }

    /// The mask that is shown, and the place of its density.
    fn look(&self) -> (Option<&Mask>, usize) {
        let place = if self.shown == WRONG { WRONG_AT } else { self.study.nearest(self.density) };
        (self.mask(self.shown, place), place)
    }

    /// Weights left in the layer that has the fewest.
    fn smallest(&self, arm: usize, place: usize) -> Option<usize> {
        self.mask(arm, place)?.counts(&self.trainee.net).into_iter().min()
    }
}

impl Experiment for PruningAtInit {
    fn figures(&self, figures: &mut Figures) {
        let ((mask, place), net) = (self.look(), &self.trainee.net);
        let (name, density, first) = (ARMS[self.shown], percent(DENSITIES[place], 1), net.layers()[0]);
        let fields = Fields::of(first.inputs, first.units);
        let along = || Axis::log("share of weights left, log scale", DENSITIES[4], DENSITIES[0]).of(&DENSITY);

        figures
            .chart("Test examples right after training", Place::Main, along(), study::share_right())
            .at(self.density)
            .study(&self.study)
            .caption(|| {
                if self.masks.len() < cells().count() {
                    return "The masks are being chosen.".into();
                }
                self.study.caption(|place| percent(DENSITIES[place], 1))
            });

        figures
            .fields("What is left of the first layer", fields, || {
                let mut numbers = self.first_drawn.to_vec();
                mask.into_iter().for_each(|mask| mask.cut(&mut numbers));
                numbers[first.weights()].to_vec()
            })
            .caption(|| {
                let cut = match mask {
                    Some(_) => format!("The mask by {name} at {density}."),
                    None => "Nothing is cut yet.".into(),
                };
                format!("A tile is a unit, a cell its weight to one input, as drawn. {cut}")
            });

        let fewest = |arm: usize| {
            let known = move |place: usize| Some((DENSITIES[place], self.smallest(arm, place)? as f64));
            (0..DENSITIES.len()).filter_map(known)
        };
        let empty = (0..=CHANCE).flat_map(fewest).filter(|(_, count)| *count < 1.0);
        let most = net.layers().last().map_or(1, |layer| layer.inputs * layer.units);
        figures
            .chart(
                "Weights left in the layer that has the fewest",
                Place::Main,
                along(),
                Axis::log("weights, log scale", 0.6 * EMPTY, most as f64),
            )
            .at(self.density)
            .curves(&ARMS[..=CHANCE], DENSITIES.len(), |arm| fewest(arm).filter(|(_, count)| *count > 0.0))
            // A logarithm has no 0.
            .dots("empty", ARMS.len() * DENSITIES.len(), empty.map(|(density, _)| (density, EMPTY)))
            .caption(|| {
                let said = |arm: usize| Some(format!("{} {}", ARMS[arm], self.smallest(arm, place)?));
                let all: Vec<String> = (0..=CHANCE).filter_map(said).collect();
                if all.is_empty() {
                    return "No mask is chosen yet.".into();
                }
                format!("At {density}: {}. Dots at the foot are empty layers.", all.join(", "))
            });

        figures
            .view(fields.uses("Which inputs are still used"), |slot| {
                mask.unwrap_or(&Mask::full(net)).count_inputs(&first, slot);
            })
            .caption(|| format!("How many weights each input still has under the mask by {name} at {density}."));
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let count = cells().count();
        if self.masks.len() < count {
            let next = cells().nth(self.masks.len()).map_or(0, |(_, place)| place);
            for (arm, place) in cells().filter(|(_, place)| *place == next) {
                let mask = self.choose(arm, place);
                self.masks.push(Rc::new(mask));
            }
            if self.study.now().run == 0 {
                self.first.clone_from(&self.masks);
            }
            return Status::Running;
        }
        if self.trainee.training.is_over(whole.setup.examples()) {
            self.take_up();
        }
        if !self.trainee.work_by_epochs(whole.setup.train(), whole.setup.test(), BATCHES) {
            return Status::Running;
        }
        let Trial { run, .. } = self.study.now();
        let status = self.study.add(self.trainee.accuracy);
        if self.study.now().run > run {
            self.draw_weights();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let steps = self.whole.recipe.all_steps(self.whole.setup.examples());
        Some((self.study.runs() * DENSITIES.len() + self.study.trials() * steps.div_ceil(BATCHES)) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        fill(out, self.trainee.report().into_iter().chain([self.study.done() as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.density = values.float(&DENSITY);
        self.shown = values.option(&SHOWN);
        Live::only(param, &[&DENSITY, &SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let smallest = |says: &str, arm: usize, (from, to): (f64, f64), text: &str| {
            let claim = Claim::new(says, TANAKA).expect(from, to, text).on((0.0, "0"), (400.0, "400"));
            let count = self.smallest(arm, 2).map(|count| (count as f64, format!("{count} weights")));
            claim.found(count, "No mask is chosen yet.")
        };
        let gap = |says, source, a, b, least| self.study.gap(says, source, a, b, least);
        let collapsed = "And so at 2 % a net pruned by SynFlow learns, and one by size does not.";
        let claims = vec![
            smallest("At 2 % the sizes leave one layer next to nothing.", SIZE, (0.0, 30.0), "at most 30 weights"),
            smallest("SynFlow leaves every layer its share.", SYNFLOW, (100.0, 400.0), "at least 100 weights"),
            gap(collapsed, TANAKA, (SYNFLOW, 2), (SIZE, 2), 0.6),
            gap("At 5 % too, SynFlow is better than chance.", TANAKA, (SYNFLOW, 1), (CHANCE, 1), 0.01),
            gap("SNIP at 2 % is much better than chance.", "Lee et al. 2019", (SNIP, 2), (CHANCE, 2), 0.08),
            gap("GraSP is to be read the right way round.", "Wang et al. 2020", (GRASP, 1), (WRONG, 1), 0.3),
        ];
        let here = |claim: Claim| {
            claim
                .only_if(self.whole.setup.digits, study::OF_DIGITS)
                .only_if(self.whole.recipe.epochs >= 12, study::FEW_EPOCHS)
        };
        claims.into_iter().map(here).collect()
    }
}

const TANAKA: &str = "Tanaka et al. 2020";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn sizes_collapse_a_layer_and_synaptic_flow_does_not() {
        let mut session = follow("id=pruning-at-init&seed=1&runs=1&epochs=12", 0);
        session.seek(MOST_STEPS);
        assert!(session.ended().is_some());
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn all_masks_are_chosen_first_and_each_is_looked_at_at_once() {
        let mut session = follow("id=pruning-at-init&seed=3&runs=1&epochs=2", 0);
        session.advance(5);
        let before = session.metrics();
        session.set(&[("shown".into(), "magnitude".into())]).unwrap();
        assert_eq!((session.step(), session.metrics()), (5, before));
    }
}
