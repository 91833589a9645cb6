//! Sparse iso-FLOP transformations (Thangarasa, Saxena, Gupta and Lie 2023): a small dense net against larger sparse ones that take
//! exactly as much work, with masks that stay or move.
//!
//! A step is 21 batches; nets are asked after each epoch. One after another is trained: first by how sparse it is, then, in the first run, by how wide the dense net
//! is.
use crate::{
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Figures, HARD_DATA, Live, Metric, Paper, Param, Place, Preset, Prose,
        Setup, Shape, Start, Status, Values, Wing, fill, hard_sample_files,
        study::{self, Study, Trial},
    },
    math::{decimal::percent, mean::Mean, order, rng::Stream},
    model::{
        learning::{rate::Course, training::Recipe},
        pruning::{
            iso_flop::{Family, products, transform},
            rewire::{Grow, Rewiring},
            select, start,
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static SPARSITY: Param = Param::share(
    "sparsity",
    "Look at",
    (0.0, 0.5, 0.9),
    "The share of weights that are missing in the larger net: the layer that is shown. Drag it along the chart.",
)
.ends("dense", "wide and empty");
static UNITS: Param = Param::int("units", "Units", (6, 12, 48), "Units in each hidden layer of the dense net.");
static MOVED: Param = Param::share(
    "moved",
    "Moved at a time",
    (0.0, 0.3, 0.8),
    "The share of each layer's weights that RigL moves first. It falls to nothing at three quarters of the training.",
)
.ends("none", "most");
static EPOCHS: Param = Param::int("epochs", "Epochs", (2, 30, 60), "How often each training sees all examples.");
static RUNS: Param = study::runs(3);

pub static ENTRY: Entry = Entry {
    id: "sparse-ift",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Wider at the same price",
        paper: Some(Paper {
            title: "Sparse-IFT: Sparse Iso-FLOP Transformations for Maximizing Training Efficiency",
            authors: "Thangarasa, Saxena, Gupta and Lie",
            year: 2023,
            link: "https://arxiv.org/abs/2303.11525",
        }),
        card: "Wider and emptier at the same price: masks must move.",
        lead: "Drag along the chart: the layer gets wider and emptier, and has as many weights as before.",
        about: &[
            "A dense net is small, and the task is hard. Give its hidden layers more units, and leave out so many weights that an answer \
             takes as many products as before. The sparse net costs the same and may use more features. The mask may \
             move while it learns, by RigL.",
            "A mask that stays has to do with the places that it was given, and one that moves finds better ones. With half missing that \
             is little, and chance may turn it round; with more missing it is more. The other way here makes two \
             layers of each, with a wide hidden layer between them, and both are sparse.",
            "The paper finds that wide nets with masks that move beat the dense one, by as much as twice the work would gain, and most at three \
             quarters and nine tenths missing. That is not reproduced here, so it is shown and not claimed. Small nets differ much from \
             run to run, and so do made-up signals. In the trials for this page, with other rates, lengths, batches and widths, half \
             missing was a little ahead in the mean, and behind at some seeds. With more missing, units of such small nets have too few \
             weights. Look at the second chart, too: a dense net that is wide enough to learn the examples by heart gains now a little and now nothing.",
            "The work is counted in products of weights that are there. This page computes all products, missing ones too, so that here the larger \
             nets take more time. Two more ways of the paper, parallel and doped layers, are not shown.",
        ],
        formulas: &[
            r"\text{wide: } k = \frac{1}{\sqrt{1 - s}}",
            r"\text{factorized: } \frac{n\, m}{(1 - s)(n + m)}",
        ],
        symbols: &[
            ("s", "the share of weights that are missing"),
            ("k", "how many times as many units each hidden layer has"),
            ("n, m", "inputs and units of a layer; the formula says how many units are put between them"),
        ],
        words: "sparse-ift iso-flop sparse wide factorized dynamic sparse training rigl efficiency flops capacity width cerebras thangarasa",
    }
    .told(),
    params: &[&SPARSITY, &UNITS, &MOVED, &EPOCHS, &RUNS, &HARD_DATA],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        Metric::new("products", "products", "Products of weights that an answer of the net in training takes."),
        Metric::new("missing", "weights missing", "The share of its weights that are not there."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Twelve units are too few for this task.", &[]),
        Preset::new("Nine tenths missing", "Three times as wide, and units with hardly any weights.", &[("sparsity", "0.9")]),
        Preset::new("Wide enough", "A net that can learn all by heart gains now a little, now nothing.", &[("units", "48"), ("runs", "1")]),
        Preset::new("Masks that stay", "Nothing moves: the wide net keeps the places that it was given.", &[("moved", "0"), ("runs", "1")]),
        Preset::new("Digits", "An easy task for ten units.", &[("data", "digits"), ("units", "10")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: hard_sample_files,
    start: begin,
};

const RACE: usize = 0;

/// Descents in a step.
const BATCHES: usize = 21;
/// Of five runs and 60 epochs of signals.
const MOST_STEPS: u64 = 20_000;
const CLASSES: usize = 10;
/// Shares that are missing; nothing is missing in a dense net.
const SPARSITIES: [f64; 4] = [0.0, 0.5, 0.75, 0.9];
/// Units of dense nets that are compared with wide ones of which half is missing.
const UNITS_OF: [usize; 3] = [12, 24, 48];
const HALF: usize = 1;
/// The layer that is drawn.
const SECOND: usize = 1;

const ARMS: [&str; 5] = ["wide, mask moves", "wide, mask stays", "in two, mask moves", "dense", "dense, twice as wide"];
const WIDE: usize = 0;
const STILL: usize = 1;
const FACTORS: usize = 2;
const DENSE: usize = 3;
const TWICE: usize = 4;
const WIDTH_ARMS: [&str; 2] = ["wide, half missing", "dense"];

/// What no step changes.
struct Setting {
    setup: Setup,
    recipe: Recipe,
    units: usize,
    rewiring: Rewiring,
}

#[derive(Clone)]
struct SparseIft {
    setting: Rc<Setting>,
    trainee: Trainee,
    chance: Stream,
    /// A place is how much is missing; and in the other how many units the dense net has.
    study: Study,
    widths: Study,
    /// The second layers of the first run: of the dense net, and of wide ones whose masks move.
    layers: [Option<Rc<Vec<f32>>>; SPARSITIES.len()],
    sparsity: f64,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let sparse = (1..SPARSITIES.len()).flat_map(|place| [WIDE, STILL, FACTORS].map(|arm| (arm, place)));
    let cells = [(DENSE, 0), (TWICE, 0)].into_iter().chain(sparse);
    let mut run = SparseIft {
        setting: Rc::new(Setting {
            setup: Setup::hard(start)?,
            // The rate stays high as long as masks move.
            recipe: Recipe { course: Course::FlatThenLinear, ..Recipe::usual(values.int(&EPOCHS)) },
            units: values.int(&UNITS),
            rewiring: Rewiring { grow: Grow::Steepest, moved: values.float(&MOVED), every: 20, end: 0.75 },
        }),
        trainee: Trainee::new(&[1, 1], start.rng.stream("none")),
        chance: start.rng.stream("none"),
        study: Study::new(&ARMS, &SPARSITIES, cells, values.int(&RUNS)),
        widths: Study::crossed(&WIDTH_ARMS, &UNITS_OF.map(|units| units as f64), 1),
        layers: Default::default(),
        sparsity: values.float(&SPARSITY),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl Setting {
    fn dense(&self, units: usize) -> [usize; 4] {
        [self.setup.inputs(), units, units, CLASSES]
    }

    /// The net of an arm at a place: its widths and how many weights its layers have.
    fn net(&self, arm: usize, place: usize) -> (Vec<usize>, Vec<usize>) {
        let dense = self.dense(if arm == TWICE { 2 * self.units } else { self.units });
        let family = if arm == FACTORS { Family::Factorized } else { Family::Wide };
        transform(family, &dense, SPARSITIES[place])
    }

    /// Units of the widest second layer.
    fn widest(&self) -> usize {
        self.net(WIDE, SPARSITIES.len() - 1).0[SECOND]
    }
}

impl SparseIft {
    /// Whether the race of the first run is over, and widths are being compared. That is done once.
    fn wide(&self) -> bool {
        self.study.done() >= self.study.cells().len() && !self.widths.is_over()
    }

    fn now(&self) -> Trial {
        if self.wide() { self.widths.now() } else { self.study.now() }
    }

    /// Whether the mask of the net in training moves.
    fn moves(&self) -> bool {
        let arm = self.now().arm;
        if self.wide() { arm == 0 } else { matches!(arm, WIDE | FACTORS) }
    }

    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        let setting = Rc::clone(&self.setting);
        let Trial { run, arm, place } = self.now();
        // Nets of a run that are alike begin alike.
        let chance = setting.setup.chance(run);
        let (widths, counts) = if self.wide() {
            let s = if arm == 0 { SPARSITIES[HALF] } else { 0.0 };
            transform(Family::Wide, &setting.dense(UNITS_OF[place]), s)
        } else {
            setting.net(arm, place)
        };
        // What the last net had right stands until this one is asked.
        let Trainee { accuracy, loss, .. } = self.trainee;
        self.trainee = Trainee::new(&widths, chance.stream("none"));
        (self.trainee.accuracy, self.trainee.loss) = (accuracy, loss);
        let net = &self.trainee.net;
        let mask = select::by_lot(net, &counts, &mut chance.stream("places"));
        let mut numbers = net.draw(&mut chance.stream("weights"));
        start::make_up(net, &mut numbers, &mask);
        self.trainee.begin(numbers, Rc::new(mask), setting.recipe, chance.stream("order"));
        self.chance = chance.stream("moves");
    }

    /// The second layer of the net in training.
    fn layer(&self) -> Vec<f32> {
        self.trainee.training.numbers[self.trainee.net.layers()[SECOND].weights()].to_vec()
    }

    /// The place that is looked at, and its layer, once it has come.
    fn look(&self) -> (usize, Option<&[f32]>) {
        let nearest = order::nearest(&SPARSITIES, self.sparsity);
        (nearest, self.layers[nearest].as_ref().map(|layer| &layer[..]))
    }

    /// Products of weights that an answer takes of the net in training.
    fn products(&self) -> usize {
        self.trainee.mask.counts(&self.trainee.net).iter().sum()
    }
}

impl Experiment for SparseIft {
    fn figures(&self, figures: &mut Figures) {
        let (setting, side) = (&self.setting, self.setting.widest());
        // Close to what is measured: the arms lie near each other.
        let (least, most) = if setting.setup.digits { (0.8, 1.0) } else { (0.4, 0.7) };
        let right = || Axis::linear("share right", least, most);

        let missing = Axis::linear("share of weights that are missing", 0.0, 0.9).of(&SPARSITY);
        figures
            .chart("Test examples right, at the same work", Place::Main, missing, right())
            .at(self.sparsity)
            .study(&self.study)
            .caption(|| {
                if self.wide() {
                    return "Meanwhile wider and narrower nets are compared.".into();
                }
                let [work, twice] = [1, 2].map(|times| products(&setting.dense(times * setting.units)));
                let said = self.study.caption(|place| format!("{} missing", percent(SPARSITIES[place], 0)));
                format!("{said} An answer takes {work} products, and {twice} for twice the width.")
            });

        let names = ["units of the second hidden layer", "units of the first one"];
        let layer = Shape::heatmap((side, side), names, ("takes away", "adds"));
        let (place, looked_at) = self.look();
        figures
            .picture("The second layer: wider and emptier", Place::Side, layer, |slot| {
                let mine = self.layer();
                let (units, layer) = match looked_at {
                    Some(layer) => (setting.net(WIDE, place).0[SECOND], layer),
                    None => (self.trainee.net.layers()[SECOND].inputs, &mine[..]),
                };
                for (row, weights) in slot.chunks_exact_mut(side).zip(layer.chunks_exact(units)) {
                    row.iter_mut().zip(weights).for_each(|(cell, w)| *cell = *w);
                }
            })
            .caption(|| match looked_at {
                Some(layer) => {
                    let (units, missing) = (setting.net(WIDE, place).0[SECOND], percent(SPARSITIES[place], 0));
                    let count = layer.iter().filter(|w| **w != 0.0).count();
                    format!("{count} weights in a layer of {units} by {units}: {missing} missing.")
                }
                None => "The net in training, until the one that is looked at has come.".into(),
            });

        let units = Axis::log("units of the dense net, log scale", UNITS_OF[0] as f64, UNITS_OF[2] as f64);
        figures
            .chart("Does it help a net that is wide enough?", Place::Main, units, right())
            .studied(&self.widths, |place| format!("{} units", UNITS_OF[place]));
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        let train = setting.setup.train();
        let moves = self.moves();
        for _ in 0..BATCHES {
            if moves {
                setting.rewiring.step(&mut self.trainee, train, &mut self.chance);
            } else {
                self.trainee.learn(train, 1);
            }
        }
        let epoch = setting.recipe.steps(train.1.len());
        if self.trainee.training.steps().is_multiple_of(epoch) {
            self.trainee.ask(setting.setup.test());
        }
        if !self.trainee.training.is_over(train.1.len()) {
            return Status::Running;
        }
        let right = self.trainee.accuracy;
        let wide = self.wide();
        if wide {
            self.widths.add(right);
        } else {
            let Trial { run, arm, place } = self.study.now();
            if run == 0 && matches!(arm, WIDE | DENSE) {
                self.layers[place] = Some(Rc::new(self.layer()));
            }
            self.study.add(right);
        }
        if self.study.is_over() && self.widths.is_over() {
            return Status::Ended("all runs over");
        }
        let first = wide && self.widths.is_over();
        self.take_up();
        if first { Status::Passed("first run over") } else { Status::Running }
    }

    fn due(&self) -> Option<u64> {
        let steps = self.setting.recipe.all_steps(self.setting.setup.examples()).div_ceil(BATCHES);
        Some((steps * (self.study.trials() + self.widths.trials())) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let [right, loss, left] = self.trainee.report();
        let done = self.study.done() + self.widths.done();
        fill(out, [right, loss, self.products() as f64, 1.0 - left, done as f64]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.sparsity = values.float(&SPARSITY);
        Live::only(param, &[&SPARSITY])
    }

    fn claims(&self) -> Vec<Claim> {
        let setting = &self.setting;
        let here = |claim: Claim| {
            claim
                .only_if(!setting.setup.digits, "The numbers are those of the signals.")
                .only_if(setting.units == 12, "The numbers are those of twelve units.")
                .only_at(setting.rewiring.moved, 0.3, "The numbers are those of 30 % moved at a time.")
                .only_if(setting.recipe.epochs >= 30, "So few epochs do not train a net.")
        };
        let gap = |says: &str, a, b, least| here(self.study.gap(says, SOURCE, a, b, least));
        let better = "A mask that moves is no worse than one that stays, in the mean over how much is missing.";
        let better =
            Claim::new(better, SOURCE).expect(0.0, 1.0, "no worse").on((-0.1, "−10 points"), (0.1, "10 points"));
        let means = |arm: usize| -> Option<f64> {
            let cells = (1..SPARSITIES.len()).map(|place| (arm, place));
            self.study.means(cells).map(|means| Mean::of(means).mean())
        };
        let better = better.found(study::against(means(WIDE), means(STILL)), study::NOT_YET);
        let work = products(&setting.dense(setting.units)) as f64;
        let most = (1..SPARSITIES.len()).flat_map(|place| [WIDE, FACTORS].map(|arm| (arm, place)));
        let counts = most.map(|(arm, place)| setting.net(arm, place).1.iter().sum::<usize>() as f64 / work);
        let ratio =
            counts.fold(1.0, |far: f64, ratio| if (ratio - 1.0).abs() > (far - 1.0).abs() { ratio } else { far });
        let same = Claim::new("Every sparse net takes as much work as the dense one.", SOURCE)
            .expect(0.99, 1.01, "within 1 %")
            .on((0.9, "0.9"), (1.1, "1.1"))
            .measured(ratio, percent(ratio, 1));
        vec![
            here(better),
            gap(
                "Twelve units are too few: twice as many, and more than twice the work, are better.",
                (TWICE, 0),
                (DENSE, 0),
                0.01,
            ),
            same,
        ]
    }
}

const SOURCE: &str = "Thangarasa et al. 2023";

#[cfg(test)]
mod tests {
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn twice_the_units_are_better_and_half_missing_is_the_same_work() {
        let mut session = follow("id=sparse-ift&seed=1&runs=1&epochs=30", 1);
        let dense = session.metrics();
        session.advance(89);
        let right = session.metrics()[0];
        session.advance(90);
        // The net of twice the width is trained, and the first sparse one begins.
        let wide = session.metrics();
        assert!(wide[0] > right, "{right} {wide:?}");
        assert!(wide[2].to_bits() == dense[2].to_bits() && wide[3] > 0.3, "{dense:?} {wide:?}");
        assert_eq!(session.claims()[2].verdict(), Verdict::Agrees);
    }
}
