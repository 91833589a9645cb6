//! Gradual pruning (Zhu and Gupta 2017): a large net is cut little by little while it trains, along a cubic course, along one of
//! the hand, or at once; beside a small dense net with as many numbers.
//!
//! A step is seven batches of one of the nets, which take turns. Until its first cut a net is the whole net, so it is trained on its
//! own only from there on. Nets are asked after each epoch. Run after run begins with other weights.
use crate::{
    lab::{
        Axis, Begun, Claim, Dial, Entry, Experiment, Figures, HARD_DATA, Live, Metric, Paper, Param, Place, Preset,
        Prose, Setup, Start, Status, Values, Wing, fill, hard_sample_files,
        study::{self, Study},
    },
    math::decimal::{fixed, percent},
    model::{
        learning::{rate::Course, training::Recipe},
        pruning::gradual::{CUBIC, Cuts, GradualNets, ONCE, OWN, SMALL, WHOLE},
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
/// Points of a course that are drawn.
const DRAWN: usize = 51;
const ARMS: [&str; 5] = ["cubic", "your course", "at once", "small and dense", "whole"];

/// What no step changes.
struct Setting {
    setup: Setup,
    recipe: Recipe,
    flat: bool,
}

#[derive(Clone)]
struct GradualPruning {
    setting: Rc<Setting>,
    nets: GradualNets,
    study: Study,
    cuts: Dial<Cuts>,
    code: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::hard(start)?;
    let flat = values.choice(&COURSE) == "flat";
    let course = if flat { Course::FlatThenLinear } else { Course::Cosine };
    let recipe = Recipe { course, ..Recipe::usual(values.int(&EPOCHS)) };
    let cut = values.float(&CUT);
    let mut run = GradualPruning {
        nets: GradualNets::new([setup.inputs(), 256, 128, 10], cut, recipe, &start.rng.stream("none")),
        study: Study::crossed(&ARMS, &[1.0 - cut], values.int(&RUNS)),
        setting: Rc::new(Setting { setup, recipe, flat }),
        cuts: Dial::new(cuts(values)),
        code: values.option(&CODE),
    };
    run.take_up();
    Ok(Box::new(run))
}

/// What the hand says of cuts.
fn cuts(values: &Values) -> Cuts {
    Cuts { point: (values.float(&WHEN), values.float(&MUCH)), every: values.int(&EVERY) }
}

impl GradualPruning {
    /// Begins the next run.
    fn take_up(&mut self) {
        self.nets.begin(&self.setting.setup.chance(self.study.now().run));
    }

    /// Steps of one training.
    fn steps(&self) -> usize {
        self.setting.recipe.all_steps(self.setting.setup.examples()).div_ceil(BATCHES)
    }
}

impl Experiment for GradualPruning {
    fn figures(&self, figures: &mut Figures) {
        let (setting, nets, cuts) = (&self.setting, &self.nets, self.cuts.now);
        let (epochs, steps, (when, much)) = (setting.recipe.epochs, self.steps(), cuts.point);
        let (count, cut) = (setting.setup.examples(), percent(nets.cut, 1));
        let now = nets.all[CUBIC].trainee.training.progress(count) * epochs as f64;
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
            .curves(&ARMS[..SMALL], DRAWN, |arm| times.clone().map(move |t| (t, cuts.course(arm, t))))
            .caption(|| {
                let [when, much] = [when, much].map(|share| percent(share, 0));
                format!("All courses end with {cut} of the weights gone. By {when} of the training yours has cut {much} of them.")
            });

        let kilobytes: Vec<f64> = (0..ARMS.len()).map(|arm| nets.kilobytes(arm, self.code)).collect();
        let most = kilobytes.iter().copied().fold(0.0, f64::max);
        // Close to where trained nets are: names find room beside their dots.
        let (least, greatest) = if setting.setup.digits { (0.8, 1.0) } else { (0.4, 0.8) };
        let right = |arm: usize| {
            let last = nets.all[arm].right.last().map(|last| [f64::from(*last); 3]);
            self.study.so_far((arm, 0)).or(last).map(|right| (kilobytes[arm], right))
        };
        figures
            .chart(
                "What a net costs to keep, and what is right",
                Place::Side,
                Axis::log("kilobytes, log scale", 1.0, 1.2 * most),
                Axis::linear("share right", least, greatest),
            )
            .spreads(&ARMS, 1, right)
            .caption(|| {
                let [cut, small, whole] = [CUBIC, SMALL, WHOLE].map(|arm| fixed(kilobytes[arm], 1));
                format!("Cut: {cut} kB. Small and dense: {small} kB. Whole: {whole} kB.")
            });

        figures
            .chart("Test examples right, during training", Place::Main, along(), study::share_right())
            .at(now)
            .curves(&ARMS, epochs, |arm| (1_usize..).zip(nets.all[arm].right.iter().copied()))
            .caption(|| {
                let Some(means) = self.study.means((0..ARMS.len()).map(|arm| (arm, 0))) else {
                    let run = self.study.run(self.study.now().run);
                    return format!("{run}. In the end {cut} of the weights are cut.");
                };
                let means = ARMS.iter().zip(means).map(|(name, mean)| format!("{name} {}", percent(mean, 1)));
                format!("Means of all runs: {}.", means.collect::<Vec<_>>().join(", "))
            });

        let loss = Axis::log("loss", 1e-3, 10.0);
        figures
            .chart("Loss on each batch", Place::Side, along(), loss)
            .at(now)
            .curves(&ARMS[..SMALL], steps, |arm| {
                let losses = nets.all[arm].losses.iter().enumerate();
                losses.map(move |(i, loss)| [((i + 1) * epochs) as f32 / steps as f32, loss.max(1e-3)])
            })
            .caption(|| {
                let every = cuts.every;
                format!("After every {every} steps the smallest weights go, and the others make up for them.")
            });
    }

    fn step(&mut self) -> Status {
        let setup = &self.setting.setup;
        if !self.nets.step((setup.train(), setup.test()), self.cuts.now, BATCHES) {
            return Status::Running;
        }
        let status = self.study.add_all(self.nets.all.iter().map(|net| net.trainee.accuracy));
        if !self.study.is_over() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some((self.study.trials() * self.steps()) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let right = self.nets.all[..WHOLE].iter().map(|net| net.trainee.accuracy);
        let cubic = &self.nets.all[CUBIC].trainee;
        let runs = self.study.done() / ARMS.len();
        fill(out, right.chain([1.0 - cubic.mask.density(&cubic.net), runs as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.code = values.option(&CODE);
        if [&WHEN, &MUCH, &EVERY].iter().any(|cuts| param.is(cuts)) {
            return self.cuts.turn(cuts(values));
        }
        Live::only(param, &[&CODE])
    }

    fn claims(&self) -> Vec<Claim> {
        let (setting, cuts) = (&self.setting, self.cuts.now);
        let gap = |says: &str, a: usize, b: usize, least: f64| {
            self.study
                .gap(says, SOURCE, (a, 0), (b, 0), least)
                .only_if(self.cuts.steady, "You moved the cuts during the run.")
                .only_if((10..=40).contains(&cuts.every), "This is about a cut every 20 steps.")
                .only_if(setting.recipe.epochs >= 20, "In so few epochs no net heals.")
        };
        let at = |claim: Claim, cut: f64| {
            let preset = if cut > 0.9 { "Default" } else { "An eighth" };
            claim.press_unless(
                (self.nets.cut - cut).abs() < 1e-6,
                preset,
                &format!("this is about {} cut.", percent(cut, 1)),
            )
        };
        let straight = |claim: Claim| {
            claim.only_if(
                (cuts.course(OWN, 0.35) - 0.5).abs() < 1e-6 && (cuts.course(OWN, 0.2) - 0.2).abs() < 1e-6,
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
