//! Gradual pruning (Zhu and Gupta 2017): a large net is cut little by little while it trains, along a cubic course, along one of
//! the hand, or at once; beside a small dense net with as many numbers.
//!
//! A step is seven batches of one of the nets, which take turns. Until its first cut a net is the whole net, so it is trained on its
//! own only from there on. Nets are asked after each epoch. Run after run begins with other weights.
use crate::{
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Figures, HARD_DATA, Live, Metric, Paper, Param, Place, Preset, Prose,
        Setup, Start, Status, Values, Wing, fill, hard_sample_files,
        study::{self, Study},
    },
    math::decimal::{fixed, percent},
    model::{
        learning::{mlp::Mlp, rate::Course, training::Recipe},
        pruning::{
            schedule::{Growth, through},
            score, select,
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static WHEN: Param = Param::share(
    "when",
    "Your course: when",
    (0.1, 0.35, 0.6),
    "Your course is two straight lines through a point: at this share of the training. Drag the point. It holds from the step on at \
     which you move it.",
)
.ends("early", "late");
static MUCH: Param = Param::share(
    "much",
    "Your course: how much",
    (0.0, 0.5, 1.0),
    "Of what will be cut in all, the share that is cut by then. Above the straight line more goes at first.",
)
.ends("nothing", "all");
static CUT: Param = Param::share(
    "cut",
    "Cut in the end",
    (0.5, 0.95, 0.99),
    "The share of the large net's weights that is gone when it is trained. The small net has as many numbers as are left.",
)
.ends("half", "nearly all");
static EVERY: Param = Param::int(
    "every",
    "Steps between cuts",
    (5, 20, 200),
    "Descents from one cut to the next. It holds from the step on at which you move it.",
);
static CODE: Param = Param::choice(
    "code",
    "Where weights are",
    &[("free", "For free"), ("bits", "A bit each"), ("8-bit", "8 bits"), ("16-bit", "16 bits")],
    "How a sparse net says where its weights are: not at all, in a bit for each that could be there, or in 8 or 16 bits for each that is.",
);
static COURSE: Param = Param::choice(
    "course",
    "Learning rate",
    &[("flat", "Flat, then down"), ("cosine", "Cosine")],
    "What is cut late needs a rate that is still high to recover.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (10, 40, 80), "How often each net sees all examples.");
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "gradual-pruning",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Little by little",
        paper: Some(Paper {
            title: "To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model Compression",
            authors: "Zhu and Gupta",
            year: 2017,
            link: "https://arxiv.org/abs/1710.01878",
        }),
        card: "Cut little by little, a net heals between the cuts.",
        lead: "Draw your own course of cutting and race it against the cubic one.",
        about: &[
            "A large net learns, and meanwhile its smallest weights are cut, a few at a time. What is cut stays cut. After each \
             cut the loss jumps, and the weights that are left make up for it. Cut as much at once, late in the training, and \
             there is no time to heal.",
            "The cubic course cuts most while there is most to spare and goes slowly at the end. The straight one cuts as much \
             each time, so that its last cuts take a large part of what is left. All cuts lie between a tenth and six tenths \
             of the training; the one at once is at seven tenths.",
            "Is it better to cut a large net, or to train a small one that has as many numbers? On the digits both do well, and \
             the fewer numbers, the better is the small one: the task is too easy. The signals need a large net, and there a \
             large one that was cut can be better. See also what the places of weights cost: a sparse net must say where \
             its weights are, a dense one need not.",
            "A net heals only while its rate of learning is high. With a cosine the rate is nearly gone when the last cuts come. \
             Of three courses of the rate that were tried on both tasks, this page begins with the one where large and sparse wins.",
        ],
        formulas: &[
            r"s_t = s_f \left(1 - \left(1 - \frac{t - t_0}{n \Delta t}\right)^3\right)",
        ],
        symbols: &[
            ("s_t", "the share that is cut at step $t$"),
            ("s_f", "the share that is cut in the end"),
            ("t_0", "the step of the first cut"),
            (r"n, \Delta t", "the number of cuts, and the steps between two of them"),
        ],
        words: "gradual magnitude pruning cubic schedule sparsity automated gradual pruning large-sparse small-dense zhu gupta model compression index bitmask csr memory",
    }
    .told(),
    params: &[&WHEN, &MUCH, &CUT, &EVERY, &CODE, &COURSE, &EPOCHS, &RUNS, &HARD_DATA],
    metrics: &[
        Metric::new("cubic", "cubic right", "The share of unseen examples that the net cut along the cubic course has right."),
        Metric::new("own", "yours right", "The same for the net that is cut along your course."),
        Metric::new("at-once", "at once right", "The same for the net that is cut at once."),
        Metric::new("small", "small net right", "The same for the small dense net."),
        Metric::new("gone", "cubic cut", "The share of weights that is gone along the cubic course."),
        Metric::new("trained", "runs over", "How many runs are over."),
    ],
    presets: &[
        Preset::new("Default", "Signals: large and sparse is better than small and dense.", &[]),
        Preset::new("An eighth", "With an eighth of its weights the net loses next to nothing.", &[("cut", "0.875")]),
        Preset::new("Late", "A course that cuts most at the end.", &[("when", "0.5"), ("much", "0.3")]),
        Preset::new(
            "Digits",
            "The course matters here too, but the small dense net wins.",
            &[("data", "digits"), ("course", "cosine"), ("epochs", "20"), ("runs", "3")],
        ),
        Preset::new("Cosine", "The rate is nearly gone when the last cuts come.", &[("course", "cosine")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: hard_sample_files,
    start: begin,
};

const RACE: usize = 2;

/// Descents of a net in a step.
const BATCHES: usize = 7;
/// Of five runs and 80 epochs of signals.
const MOST_STEPS: u64 = 18_000;
/// Where cuts lie on the way of a training, and where the one at once is.
const FROM: f64 = 0.1;
const TO: f64 = 0.6;
const ONCE_AT: f64 = 0.7;
/// Points of a course that are drawn.
const DRAWN: usize = 51;

const ARMS: [&str; 5] = ["cubic", "your course", "at once", "small and dense", "whole"];
const CUBIC: usize = 0;
const OWN: usize = 1;
const ONCE: usize = 2;
const SMALL: usize = 3;
const WHOLE: usize = 4;
/// Those that cut.
const CUTTING: [usize; 3] = [CUBIC, OWN, ONCE];
/// How they take turns.
const TURNS: [usize; 5] = [WHOLE, CUBIC, OWN, ONCE, SMALL];
const CLASSES: usize = 10;

/// What no step changes.
struct Setting {
    setup: Setup,
    recipe: Recipe,
    cut: f64,
    flat: bool,
}

/// One of the nets.
#[derive(Clone)]
struct Arm {
    trainee: Trainee,
    /// Its loss after each step of this run, and what was right after each epoch.
    losses: Vec<f32>,
    right: Vec<f32>,
}

#[derive(Clone)]
struct GradualPruning {
    setting: Rc<Setting>,
    arms: Vec<Arm>,
    /// Whose turn it is, by [`TURNS`].
    turn: usize,
    study: Study,
    /// The point that the hand's course goes through.
    point: (f64, f64),
    every: usize,
    /// Whether these were the same from the start of the first run.
    steady: bool,
    code: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::hard(start)?;
    let flat = values.choice(&COURSE) == "flat";
    let course = if flat { Course::FlatThenLinear } else { Course::Cosine };
    let cut = values.float(&CUT);
    let large = [setup.inputs(), 256, 128, CLASSES];
    let net = Mlp::new(&large);
    let weights = ((1.0 - cut) * net.weights() as f64 + 0.5) as usize;
    let small = Mlp::widest(large[0], CLASSES, weights + net.numbers() - net.weights());
    let arm = |arm: usize| {
        let widths = if arm == SMALL { &small } else { &large };
        Arm { trainee: Trainee::new(widths, start.rng.stream("none")), losses: Vec::new(), right: Vec::new() }
    };
    let cells: Vec<_> = (0..ARMS.len()).map(|arm| (arm, 0)).collect();
    let mut run = GradualPruning {
        arms: (0..ARMS.len()).map(arm).collect(),
        turn: 0,
        study: Study::new(&ARMS, &[1.0 - cut], &cells, values.int(&RUNS)),
        setting: Rc::new(Setting { setup, recipe: Recipe { course, ..Recipe::usual(values.int(&EPOCHS)) }, cut, flat }),
        point: (values.float(&WHEN), values.float(&MUCH)),
        every: values.int(&EVERY),
        steady: true,
        code: values.option(&CODE),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl Arm {
    /// Cuts its smallest weights until this share is gone; what is gone stays so.
    fn cut(&mut self, share: f64) {
        let Trainee { net, mask, training, .. } = &mut self.trainee;
        let left = ((1.0 - share) * net.weights() as f64 + 0.5) as usize;
        if left < mask.counts(net).iter().sum() {
            let cut = select::global(net, &score::magnitude(&training.numbers), mask, left);
            cut.prune(training);
            *mask = Rc::new(cut);
        }
    }
}

impl GradualPruning {
    /// Begins the next run.
    fn take_up(&mut self) {
        let setting = Rc::clone(&self.setting);
        let chance = setting.setup.chance(self.study.now().run);
        for arm in [WHOLE, SMALL] {
            let arm = &mut self.arms[arm];
            arm.trainee.begin_whole(setting.recipe, &chance);
            arm.losses.clear();
            arm.right.clear();
        }
        CUTTING.into_iter().for_each(|arm| self.arms[arm] = self.arms[WHOLE].clone());
    }

    /// Whether nothing is cut of an arm up to where the whole net is by now.
    fn is_whole(&self, arm: usize) -> bool {
        let [Trainee { mask, .. }, whole] = [arm, WHOLE].map(|arm| &self.arms[arm].trainee);
        let t = whole.training.steps() as f64 / self.descents() as f64;
        CUTTING.contains(&arm) && Rc::ptr_eq(mask, &whole.mask) && self.course(arm, t) <= 0.0
    }

    /// Some descents of an arm, with the cuts that are due, and what comes of them.
    fn train(&mut self, arm: usize) {
        let setting = Rc::clone(&self.setting);
        let (train, test) = (setting.setup.train(), setting.setup.test());
        let (total, epoch) = (self.descents(), setting.recipe.steps(train.1.len()));
        for _ in 0..BATCHES {
            let trainee = &mut self.arms[arm].trainee;
            if trainee.training.steps() < total {
                trainee.learn(train, 1);
                let steps = trainee.training.steps();
                if steps.is_multiple_of(self.every) || steps == total {
                    let share = setting.cut * self.course(arm, steps as f64 / total as f64);
                    self.arms[arm].cut(share);
                }
            }
        }
        let Arm { trainee, losses, right } = &mut self.arms[arm];
        losses.push(trainee.loss as f32);
        if trainee.training.steps().is_multiple_of(epoch) {
            right.push(trainee.ask(test) as f32);
        }
    }

    /// Of what an arm cuts in all, the share that it has cut at `t` of its training.
    fn course(&self, arm: usize, t: f64) -> f64 {
        let way = |t: f64| (t - FROM) / (TO - FROM);
        match arm {
            CUBIC => Growth::Cubic.at(way(t)),
            OWN => through(way(t), (way(self.point.0), self.point.1)),
            ONCE => Growth::AtOnce.at(t / ONCE_AT),
            _ => 0.0,
        }
    }

    /// Descents of one training.
    fn descents(&self) -> usize {
        self.setting.recipe.all_steps(self.setting.setup.examples())
    }

    /// Kilobytes of an arm when it is trained: its numbers, and where its weights are.
    fn kilobytes(&self, arm: usize) -> f64 {
        let net = &self.arms[arm].trainee.net;
        if matches!(arm, SMALL | WHOLE) {
            return 4.0 * net.numbers() as f64 / 1000.0;
        }
        let (weights, biases) = (net.weights() as f64, (net.numbers() - net.weights()) as f64);
        let left = ((1.0 - self.setting.cut) * weights + 0.5).floor();
        let places = [0.0, weights / 8.0, left, 2.0 * left][self.code];
        (4.0 * (left + biases) + places) / 1000.0
    }
}

impl Experiment for GradualPruning {
    fn figures(&self, figures: &mut Figures) {
        let (setting, (when, much)) = (&self.setting, self.point);
        let (epochs, steps) = (setting.recipe.epochs, self.descents().div_ceil(BATCHES));
        let (count, cut) = (setting.setup.examples(), percent(setting.cut, 1));
        let now = self.arms[CUBIC].trainee.training.progress(count) * epochs as f64;
        let share = |name| Axis::linear(name, 0.0, 1.0);
        let along = || Axis::linear("epochs of this run", 0.0, epochs as f64);

        let times = (0..DRAWN).map(|i| i as f64 / (DRAWN - 1) as f64);
        figures
            .chart(
                "How much is cut, and when",
                Place::Main,
                share("share of the training").of(&WHEN),
                share("share of what will go").of(&MUCH),
            )
            .on_plane(when, much)
            .curves(&ARMS[..SMALL], DRAWN, |arm| times.clone().map(move |t| (t, self.course(arm, t))))
            .caption(|| {
                let [when, much] = [when, much].map(|share| percent(share, 0));
                format!("All courses end with {cut} of the weights gone. By {when} of the training yours has cut {much} of them.")
            });

        let kilobytes: Vec<f64> = (0..ARMS.len()).map(|arm| self.kilobytes(arm)).collect();
        let most = kilobytes.iter().copied().fold(0.0, f64::max);
        // Close to where trained nets are: names find room beside their dots.
        let (least, greatest) = if setting.setup.digits { (0.8, 1.0) } else { (0.4, 0.8) };
        let right = |arm: usize| {
            let last = self.arms[arm].right.last().copied();
            self.study.mean((arm, 0)).map_or(last, |mean| Some(mean as f32))
        };
        let mut chart = figures.chart(
            "What a net costs to keep, and what is right",
            Place::Side,
            Axis::log("kilobytes, log scale", 1.0, 1.2 * most),
            Axis::linear("share right", least, greatest),
        );
        for (arm, name) in ARMS.iter().enumerate() {
            chart = chart.dots(name, 1, right(arm).map(|right| (kilobytes[arm], right)));
        }
        chart.caption(|| {
            let [cut, small, whole] = [CUBIC, SMALL, WHOLE].map(|arm| fixed(kilobytes[arm], 1));
            format!("Cut: {cut} kB. Small and dense: {small} kB. Whole: {whole} kB.")
        });

        figures
            .chart("Test examples right, during training", Place::Main, along(), study::share_right())
            .at(now)
            .curves(&ARMS, epochs, |arm| (1_usize..).zip(self.arms[arm].right.iter().copied()))
            .caption(|| {
                let means: Option<Vec<String>> = (0..ARMS.len())
                    .map(|arm| Some(format!("{} {}", ARMS[arm], percent(self.study.mean((arm, 0))?, 1))))
                    .collect();
                match means {
                    Some(means) => format!("Means of all runs: {}.", means.join(", ")),
                    None => {
                        let (run, runs) = (self.study.now().run + 1, self.study.runs());
                        format!("Run {run} of {runs}. In the end {cut} of the weights are cut.")
                    }
                }
            });

        let loss = Axis::log("loss", 1e-3, 10.0);
        figures
            .chart("Loss on each batch", Place::Side, along(), loss)
            .at(now)
            .curves(&ARMS[..SMALL], steps, |arm| {
                let losses = self.arms[arm].losses.iter().enumerate();
                losses.map(move |(i, loss)| [((i + 1) * epochs) as f32 / steps as f32, loss.max(1e-3)])
            })
            .caption(|| {
                let every = self.every;
                format!("After every {every} steps the smallest weights go, and the others make up for them.")
            });
    }

    fn step(&mut self) -> Status {
        let arm = TURNS[self.turn];
        if self.is_whole(arm) {
            self.arms[arm] = self.arms[WHOLE].clone();
        } else {
            self.train(arm);
        }
        self.turn = (self.turn + 1) % TURNS.len();
        let mut status = Status::Running;
        if self.turn == 0 && self.arms[WHOLE].trainee.training.is_over(self.setting.setup.examples()) {
            status = self.study.add_all(self.arms.iter().map(|arm| arm.trainee.accuracy));
            if !self.study.is_over() {
                self.take_up();
            }
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some((self.study.trials() * self.descents().div_ceil(BATCHES)) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let right = self.arms[..WHOLE].iter().map(|arm| arm.trainee.accuracy);
        let cubic = &self.arms[CUBIC].trainee;
        let runs = self.study.done() / ARMS.len();
        fill(out, right.chain([1.0 - cubic.mask.density(&cubic.net), runs as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.code = values.option(&CODE);
        if [&WHEN, &MUCH, &EVERY].iter().any(|cuts| param.is(cuts)) {
            self.point = (values.float(&WHEN), values.float(&MUCH));
            self.every = values.int(&EVERY);
            self.steady = false;
            return Live::Soon;
        }
        Live::only(param, &[&CODE])
    }

    fn claims(&self) -> Vec<Claim> {
        let setting = &self.setting;
        let gap = |says: &str, a: usize, b: usize, least: f64| {
            self.study
                .gap(says, SOURCE, (a, 0), (b, 0), least)
                .only_if(self.steady, "You moved the cuts during the run.")
                .only_if((10..=40).contains(&self.every), "This is about a cut every 20 steps.")
                .only_if(setting.recipe.epochs >= 20, "In so few epochs no net heals.")
        };
        let at = |claim: Claim, cut: f64| {
            let preset = if cut > 0.9 { "Default" } else { "An eighth" };
            claim.press_unless(
                (setting.cut - cut).abs() < 1e-6,
                preset,
                &format!("this is about {} cut.", percent(cut, 1)),
            )
        };
        let straight = |claim: Claim| {
            claim.only_if(
                (self.course(OWN, 0.35) - 0.5).abs() < 1e-6 && (self.course(OWN, 0.2) - 0.2).abs() < 1e-6,
                "Your course is no longer straight.",
            )
        };
        let least = "This is about 40 epochs or more, flat and then down.";
        let signals = |claim: Claim| {
            claim
                .only_if(!setting.setup.digits, "This is about the signals.")
                .only_if(setting.flat && setting.recipe.epochs >= 40, least)
        };
        vec![
            at(gap("Little by little is better than at once.", CUBIC, ONCE, 0.05), 0.95),
            at(straight(gap("The cubic course is better than a straight one.", CUBIC, OWN, 0.01)), 0.95),
            at(straight(gap("A straight one is better than at once.", OWN, ONCE, 0.05)), 0.95),
            at(signals(gap("Large and sparse is better than small and dense.", CUBIC, SMALL, 0.02)), 0.95),
            at(signals(gap("Seven eighths can go for next to nothing.", CUBIC, WHOLE, -0.02)), 0.875),
        ]
    }
}

const SOURCE: &str = "Zhu and Gupta 2017";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn little_by_little_is_better_than_at_once() {
        let session = follow("id=gradual-pruning&seed=1&runs=1&data=digits&course=cosine&epochs=20", MOST_STEPS);
        assert!(session.ended().is_some());
        let claims = session.claims();
        assert!(claims[..3].iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
        assert!((session.metrics()[4] - 0.95).abs() < 1e-4);
    }

    #[test]
    fn the_point_is_taken_live_and_then_says_nothing_of_a_straight_course() {
        let mut session = follow("id=gradual-pruning&seed=1&runs=1&data=digits&epochs=10", 20);
        session.set(&[("code".into(), "8-bit".into())]).unwrap();
        session.set(&[("much".into(), "0.7".into())]).unwrap();
        assert_eq!(session.step(), 20);
        assert_eq!(session.claims()[0].verdict(), Verdict::NotHere);
    }
}
