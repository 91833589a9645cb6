//! Lazy neurons (Li et al. 2023): in residual nets with layer norm, fewer and fewer neurons are active while they learn, whatever
//! they learn. And nets of which only the k largest may be active.
//!
//! A step is three to twenty-one batches of a training, fewer of wide nets. A net is asked and looked at twenty times along its
//! training. Nets of the first run are kept, so that they can be looked at again and asked with fewer active neurons.
use crate::{
    data::{self, Clusters, SMALL_DIGITS, Samples, Split},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Figures, Live, Metric, Paper, Param, Place, Preset, Prose, Setup, Shape,
        Start, Status, Values, Wing, fill,
        study::{self, Plan, Study},
    },
    math::{decimal::percent, mean::Mean},
    model::{
        learning::{noisy_labels::NoisyLabels, training::Examples},
        pruning::laziness::{
            CELLS, CLASSES, ENDLESS, Job, KEPT, LENS, LOOKS, LazyNets, Learner, RANDOM, SIGNALS, TASKS, WIDE,
        },
    },
};
use std::rc::Rc;

static SHOWN: Param = Param::choice(
    "shown",
    "Look at",
    &[
        ("now", "In training"),
        ("digits", "Digits"),
        ("signals", "Signals"),
        ("random", "Random labels"),
        ("endless", "Endless data"),
    ],
    "The net in training, or the widest one of the first run that has learnt this, once it has.",
);
static BLOCK: Param = Param::choice(
    "block",
    "Block",
    &[("second", "Second"), ("first", "First")],
    "Whose neurons are drawn: those of the block before the answer, or of the one before that.",
);
static MOST: Param = Param::int(
    "most",
    "Active at most",
    (1, 512, 512),
    "How many neurons of each block may be active when the net is asked: the most active ones. Training is not touched.",
)
.ends("hardly any", "all");
static RATE: Param = Param::float(
    "rate",
    "Learning rate",
    (0.001, 0.003, 0.01),
    "How far a step goes. Large steps make neurons lazier.",
);
static EPOCHS: Param = Param::int(
    "epochs",
    "Epochs",
    (2, 15, 60),
    "How often each training sees all examples. Labels by lot are learnt more slowly, and seen twice as often.",
);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "lazy-neuron",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Lazy neurons",
        paper: Some(Paper {
            title: "The Lazy Neuron Phenomenon: On Emergence of Activation Sparsity in Transformers",
            authors: "Li, You, Bhojanapalli, Li, Rawat, Reddi and others",
            year: 2023,
            link: "https://arxiv.org/abs/2210.06313",
        }),
        card: "The longer it learns, the fewer neurons of a net are active.",
        lead: "Watch the grid thin out while the net learns, and then let only a few neurons be active.",
        about: &[
            "A neuron behind a ReLU is active or silent. In a new net each example makes half of the neurons active. Then the net \
             learns, and they fall silent, without any rule that asks for it. The paper finds that in all trained transformers: \
             only 3 in 100 are active in T5, 6 in a vision transformer.",
            "It does not matter what is learnt: digits, signals, labels by lot that can only be learnt by heart, data that never come \
             twice. On signals wider nets are lazier. Digits are soon learnt by heart, and then nothing pushes any more: there a wide net may \
             stay as busy as a narrow one, or busier. The sorted rates show that it is not dead neurons: nearly each one is active for some examples.",
            "Why? The paper argues that early on the gradient pushes active neurons down more than up: whatever they add to the \
             answer makes the wrong classes larger too. That push is not measured here: it depends on how weights are drawn.",
            "Nets can also be trained with only the k most active neurons of each block. The paper finds that such nets stand wrong \
             labels and noise better. The last chart tries it, with four wrong labels in ten: what is right of clean digits, and of digits \
             with noise. In the trials for this page there was no steady gain under noise, and clean digits were lost. \
             So it is shown and not claimed.",
            "These nets are the perceptrons of a transformer without attention, with two blocks, trained for seconds. They come from a half to \
             about a third, not to 3 in 100. And the stream with its layer norm is needed: in a plain perceptron with usual weights the share \
             does not fall. Three kinds of nets were tried, and this is the one that does.",
        ],
        formulas: &[r"y = x + V \operatorname{ReLU}(K \operatorname{LN}(x))", r"\frac{1}{nh} \sum_{i,j} [a_{ij} > 0]"],
        symbols: &[
            ("x, y", "the stream before and after a block"),
            ("K, V", "the weights of its neurons, what they look for and what they say"),
            ("a_{ij}", "how active neuron $j$ of $h$ is for example $i$ of $n$"),
        ],
        words: "lazy neuron phenomenon activation sparsity transformers relu mlp top-k layernorm residual random labels robustness emergence firing rate",
    }
    .told(),
    params: &[&SHOWN, &BLOCK, &MOST, &RATE, &EPOCHS, &RUNS],
    metrics: &[
        Metric::new("accuracy", "test examples right", "The share of unseen examples that the net that is looked at has right."),
        study::LOSS,
        Metric::new("first", "active in the first block", "The share of its neurons that are active, over unseen examples."),
        Metric::new("second", "active in the second block", "The same before the answer."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Half of the neurons at first, a third in the end.", &[]),
        Preset::new("Only eight", "Asked with eight active neurons: what a net can do without.", &[("most", "8"), ("shown", "digits")]),
        Preset::new("Labels by lot", "Nothing can be understood, and neurons are lazier still.", &[("shown", "random")]),
        Preset::new("Large steps", "A higher rate, and far fewer are active.", &[("rate", "0.01")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RASTER,
    files: |_| vec![&SMALL_DIGITS],
    start: begin,
};

const RASTER: usize = 0;

/// Of five runs and 60 epochs.
const MOST_STEPS: u64 = 25_000;
/// Signals that are learnt from and asked.
const COUNTS: (usize, usize) = (2000, 500);
/// Data that never end: ten classes of ten centres each, and how many of them are asked.
const CLUSTERS: Clusters = Clusters { classes: CLASSES, centres: 10, dimensions: 32, spread: 1.0, noise: 0.5 };
const ASKED_OF_ENDLESS: usize = 500;
/// What nets of which few neurons may be active are asked.
const ASKED: [&str; 2] = ["digits as they are", "noise on the pixels"];
/// The share of wrong labels, and the deviation of the noise on pixels from 0 to 1.
const WRONG: f64 = 0.4;
const PIXEL_NOISE: f64 = 0.2;

/// What no step changes.
struct Setting {
    digits: Setup,
    /// What is learnt and asked, by task; and digits with wrong labels.
    tasks: [Split; TASKS.len() + 1],
    /// Where the clusters of the endless data are.
    centres: Vec<f64>,
    /// The digits that are asked, with noise.
    noisy: Samples,
    rate: f64,
    epochs: usize,
}

#[derive(Clone)]
struct LazyNeuron {
    setting: Rc<Setting>,
    plan: Plan<Job>,
    nets: LazyNets,
    /// Places are widths; what is written down is the share of active neurons.
    widths: Study,
    kept: Study,
    block: usize,
}

fn begin(start: &Start) -> Begun {
    let (values, rng) = (start.values, start.rng);
    let digits = Setup::of_digits(start)?;
    let split = &digits.split;
    let right = &split.train.labels;
    let relabelled = |labels| Split { train: Samples { labels, ..split.train.clone() }, ..split.clone() };
    let mut lot = rng.stream("random labels");
    let random = relabelled(right.iter().map(|_| lot.below(CLASSES) as u16).collect());
    let wrong = relabelled(NoisyLabels::new(right, WRONG, CLASSES, &mut rng.stream("labels")).given);
    let mut blur = rng.stream("pixels");
    let mut noisy = split.test.clone();
    noisy.inputs.data.iter_mut().for_each(|x| *x += (PIXEL_NOISE * blur.normal()) as f32);
    let mut clusters = rng.stream("clusters");
    let centres = CLUSTERS.places(&mut clusters);
    let endless = CLUSTERS.about(&centres, ASKED_OF_ENDLESS, &mut clusters);
    let endless = Split { train: endless.clone(), test: endless };
    let signals = data::signals(COUNTS.0, COUNTS.1, &mut rng.stream("signals"));
    let (runs, most) = (values.int(&RUNS), values.int(&MOST));
    let mut run = LazyNeuron {
        plan: Plan::new(runs, |_| Job::all()),
        nets: LazyNets::new(values.option(&SHOWN).checked_sub(1), most, rng.stream("none")),
        widths: Study::new(&TASKS, &WIDE.map(|wide| wide as f64), CELLS, runs),
        kept: Study::crossed(&ASKED, &KEPT.map(|kept| kept as f64), runs),
        block: 1 - values.option(&BLOCK),
        setting: Rc::new(Setting {
            tasks: [split.clone(), signals, random, endless, wrong],
            digits,
            centres,
            noisy,
            rate: values.float(&RATE),
            epochs: values.int(&EPOCHS),
        }),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl Setting {
    /// What is learnt from; of data that never end some.
    fn train(&self, job: Job) -> Examples<'_> {
        self.tasks[job.learns()].train.both()
    }

    /// What a net of a task is asked.
    fn test(&self, task: usize) -> Examples<'_> {
        self.tasks[task].test.both()
    }

    /// Batches of a training.
    fn batches(&self, job: Job) -> usize {
        job.batches(self.train(job).1.len(), self.epochs)
    }
}

impl LazyNeuron {
    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        let (setting, (run, job)) = (&self.setting, self.plan.now());
        let size = (setting.train(job).0.cols, setting.batches(job));
        self.nets.begin(job, size, setting.rate, &setting.digits.chance(run));
        self.nets.watch(|task| setting.test(task));
    }

    /// Learns from a batch.
    fn learn(&mut self) {
        let (setting, (_, job)) = (&self.setting, self.plan.now());
        if job.task == ENDLESS {
            let count = self.nets.learner.pupil.batch();
            let batch = CLUSTERS.about(&setting.centres, count, &mut self.nets.chance);
            self.nets.learn(batch.both());
        } else {
            self.nets.learn(setting.train(job));
        }
    }

    /// Writes down what came of a training.
    fn put_down(&mut self) -> Status {
        let (setting, (run, job)) = (&self.setting, self.plan.now());
        if job.kept.is_some() {
            let asked = [setting.digits.test(), setting.noisy.both()];
            return self.kept.add_all(asked.map(|asked| self.nets.learner.pupil.right(asked)));
        }
        self.widths.add(self.nets.end(run, setting.train(job)));
        Status::Running
    }
}

/// The claim that a number of trained nets lies in a range, if it is there.
fn claim(says: &str, (from, to): (f64, f64), text: &str, found: Option<(f64, String)>) -> Claim {
    let claim = Claim::new(says, SOURCE).expect(from, to, text).on((0.0, "0 %"), (0.6, "60 %"));
    claim.found(found, "Not all nets are trained so far.")
}

impl Experiment for LazyNeuron {
    fn figures(&self, figures: &mut Figures) {
        let (look, Learner { task, pupil }) = (&self.nets.look, self.nets.looked_at());
        let (hidden, block, most) = (pupil.net.hidden(), ["first", "second"][self.block], self.nets.most);
        let name = || {
            let misled = self.nets.looks_at_training() && self.plan.now().1.kept.is_some();
            let labels = if misled { format!(" with {} wrong labels", percent(WRONG, 0)) } else { String::new() };
            format!("A net of {hidden} neurons a block on {}{labels}", TASKS[*task])
        };
        let active = || Axis::linear("share active", 0.0, 0.6);

        let raster = Shape::heatmap(LENS.raster, ["examples", "neurons"], ("", "active"));
        figures
            .picture("Which neurons are active", Place::Main, raster, |slot| {
                slot.copy_from_slice(&look.raster[self.block]);
            })
            .caption(|| {
                let [active, right] = [look.active[self.block], look.right].map(|share| percent(share, 1));
                let name = format!("A row is an example, a column a neuron. {}", name());
                if most < hidden {
                    format!(
                        "{name}, of which {most} may be active: {right} right. The {block} block, {active} at a time."
                    )
                } else {
                    format!("{name}: {active} of the {block} block at a time. {right} of the unseen examples right.")
                }
            });

        let along = Axis::linear("share of the training", 0.0, 1.0);
        figures
            .chart("The share of active neurons", Place::Side, along, active())
            .curves(&["first block", "second block"], LOOKS + 1, |block| {
                pupil.course.iter().map(move |shares| [shares[0], shares[1 + block]])
            })
            .caption(|| match [pupil.course.first(), pupil.course.last()] {
                [Some(first), Some(last)] => {
                    let [first, last] = [first, last].map(|shares| percent(shares[2].into(), 1));
                    format!("{}: the second block went from {first} to {last}.", name())
                }
                _ => String::from("Nothing was learnt so far."),
            });

        let widths = Axis::log("neurons of a block, log scale", WIDE[0] as f64, WIDE[3] as f64);
        figures
            .chart("Active in the second block, by width", Place::Main, widths, active())
            .studied(&self.widths, |place| format!("{} neurons", WIDE[place]));

        let rated = LENS.rates;
        let rates = |rates: &[f32]| -> Vec<[f32; 2]> {
            rates.iter().enumerate().map(|(i, rate)| [i as f32 / (rated - 1) as f32, *rate]).collect()
        };
        let busiest = Axis::linear("neurons, the busiest first", 0.0, 1.0);
        let share = Axis::linear("share of examples", 0.0, 1.0);
        figures
            .chart("How often each neuron is active", Place::Side, busiest, share)
            .curve("now", rated, rates(&look.rates[self.block]))
            .reference("at the start", rated, rates(&pupil.first[self.block]))
            .caption(|| {
                let dead = look.rates[self.block].iter().filter(|rate| **rate <= 0.0).count();
                let dead = percent(dead as f64 / rated as f64, 0);
                format!("{dead} of the neurons of the {block} block are never active.")
            });

        let kept = Axis::log("neurons that may be active in training, log scale", KEPT[0] as f64, KEPT[2] as f64);
        let title = "Right after training with wrong labels, by how many may be active";
        figures.chart(title, Place::Main, kept, study::share_right()).study(&self.kept).caption(|| {
            if self.kept.done() == 0 && self.plan.now().1.kept.is_none() {
                return "These nets are trained after those of the chart of widths.".into();
            }
            self.kept.caption(|place| format!("{} neurons that may be active", KEPT[place]))
        });
    }

    fn step(&mut self) -> Status {
        if self.kept.is_over() {
            return Status::Ended("all runs over");
        }
        let (setting, turn) = (Rc::clone(&self.setting), self.nets.turn());
        (0..turn).for_each(|_| self.learn());
        if self.nets.is_due(turn) {
            self.nets.watch(|task| setting.test(task));
        }
        if !self.nets.is_over() {
            return Status::Running;
        }
        let status = self.put_down();
        if self.plan.go_on() {
            self.take_up();
        } else {
            self.nets.see(|task| setting.test(task));
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some(self.plan.steps(|job| job.turns(self.setting.batches(job))))
    }

    fn measure(&self, out: &mut [f32]) {
        let look = &self.nets.look;
        let trained = self.widths.done() + self.kept.done() / ASKED.len();
        fill(out, [look.right, self.nets.learner.pupil.loss, look.active[0], look.active[1], trained as f64]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.nets.shown = values.option(&SHOWN).checked_sub(1);
        self.nets.most = values.int(&MOST);
        self.block = 1 - values.option(&BLOCK);
        self.nets.see(|task| self.setting.test(task));
        Live::only(param, &[&SHOWN, &BLOCK, &MOST])
    }

    fn claims(&self) -> Vec<Claim> {
        let setting = &self.setting;
        let usual = |claim: Claim| {
            claim
                .only_if((setting.rate - 0.003).abs() < 1e-9, "The numbers are those of a rate of 0.003.")
                .only_if(setting.epochs >= 15, "The numbers are those of 15 epochs or more.")
        };
        // Nets of one width differ by some points from seed to seed, so widths count together.
        let task = |task: usize| {
            let cells = CELLS.into_iter().filter(|(arm, _)| *arm == task);
            self.widths.means(cells).map(|shares| Mean::of(shares).mean())
        };
        let all: Option<Vec<f64>> = (0..TASKS.len()).map(task).collect();
        let most = all.and_then(|all| study::spread(&all)).map(|[_, _, most]| (most, percent(most, 1)));
        let random = self.widths.estimate((RANDOM, 2));
        let wider = self.widths.against((SIGNALS, 1), (SIGNALS, 3));
        let apart = self.widths.is_over().then(|| (self.nets.apart, percent(self.nets.apart, 1)));
        vec![
            usual(claim(
                "Whatever is learnt, fewer than half are active in the end, in the mean over widths.",
                (0.0, 0.45),
                "at most 45 %",
                most,
            )),
            usual(claim("Even if labels are by lot.", (0.0, 0.32), "at most 32 %", random)),
            usual(claim(
                "The wider the net, the lazier: signals, 128 against 512.",
                (0.02, 1.0),
                "at least 2 points fewer",
                wider,
            )),
            usual(claim(
                "Unseen examples make as many active as those learnt from.",
                (0.0, 0.02),
                "at most 2 points apart",
                apart,
            )),
        ]
    }
}

const SOURCE: &str = "Li et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, follow};

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=lazy-neuron&{query}"), steps)
    }

    #[test]
    fn neurons_fall_silent_and_a_net_can_be_asked_with_fewer() {
        let mut session = run("seed=1&epochs=20", 0);
        let start = session.metrics();
        session.advance(41);
        let end = session.metrics();
        assert!((0.47..0.55).contains(&start[3]), "{start:?}");
        assert!(end[3] < start[3] - 0.03 && end[0] > 0.9, "{start:?} {end:?}");
        // With this step the first net is trained, and can be looked at.
        session.advance(1);
        let mut asked = |most: &str| {
            session.set(&[("shown".into(), "digits".into()), ("most".into(), most.into())]).unwrap();
            session.metrics()
        };
        let (all, few) = (asked("512"), asked("4"));
        assert!((all[3] - end[3]).abs() < 0.02, "{end:?} {all:?}");
        assert!(few[3] <= 4.0 / 128.0 + 1e-6 && few[0] < all[0], "{few:?} {all:?}");
    }

    #[test]
    fn the_longest_run_fits() {
        assert!(run("seed=1&runs=5&epochs=60", 0).last() < MOST_STEPS);
    }
}
