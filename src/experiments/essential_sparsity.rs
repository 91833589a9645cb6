//! Essential sparsity (Jaiswal, Liu, Chen and Wang 2023): how much of a trained net can be cut at once, without any training
//! afterwards, and how that moves while it trains.
//!
//! A step is seven batches of training, or a few cuts of a net that is kept. Nets are kept after some epochs: each is cut by
//! more and more, by size and by lot, and in groups. Those of the first run stay, so that the hand can cut them again.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, Metric, Paper, Param, Place, Preset, Prose,
        Reach, Setup, Shape, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Study},
    },
    math::{
        decimal::{counted, fixed, percent, short},
        rng::Stream,
    },
    model::{
        learning::training::Recipe,
        pruning::{
            knee::{self, CutNet, Cuts, GRID, GROUPS},
            score,
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static CUT: Param = Param::share(
    "cut",
    "Cut",
    (0.0, 0.6, 0.98),
    "The share of all weights that is set to 0, at once. Drag it along the charts.",
)
.ends("nothing", "nearly all");
static AFTER: Param = Param::float(
    "after",
    "After epoch",
    (1.0, 30.0, 100.0),
    "The net as it was after so many epochs of the first run: the nearest that was kept. Drag it along the chart of the knee.",
)
.ends("young", "old");
static WHICH: Param = Param::choice(
    "which",
    "Cut which",
    &[("smallest", "The smallest"), ("any", "Any")],
    "The smallest weights of the whole net, or weights by lot.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (3, 30, 100), "How often the net sees all examples.");
static RUNS: Param = study::runs(4);

pub static ENTRY: Entry = Entry {
    id: "essential-sparsity",
    wing: Wing::Pruning,
    prose: Prose {
        title: "The knee",
        paper: Some(Paper {
            title: "The Emergence of Essential Sparsity in Large Pre-trained Models: The Weights that Matter",
            authors: "Jaiswal, Liu, Chen and Wang",
            year: 2023,
            link: "https://arxiv.org/abs/2306.03805",
        }),
        card: "Half of a trained net is ballast. Then comes a knee.",
        lead: "Drag the cut: nothing happens for long, and then all at once.",
        about: &[
            "A net is trained, and then its smallest weights are set to 0, all at once, with no training afterwards. Up to a \
             point it hardly notices: the knee. Beyond it every cut hurts. The paper finds such knees in large pre-trained \
             models and calls the share that can go essential sparsity. Here the knee is the largest cut that, like all \
             smaller ones, loses at most one example in a hundred.",
            "It matters which weights go. Cut any instead of the smallest, and it goes down nearly from the first cut on.",
            "Hardware likes order. In groups of 2 of 4, two of each four inputs of a unit stay. The freer the groups, the \
             closer they come to the curve of single weights: 4 of 8 costs hardly more, 1 of 8 a lot.",
            "Scrub through the training: over its first epochs the knee moves right, and later to and fro. The sizes of the weights \
             as a whole hardly change meanwhile. Nets are kept after some epochs of the first run. Drag the cut in either \
             chart, and the net is cut and asked anew at once.",
            "One net tells its knee only roughly: 500 examples are asked, and five of them less end it. So it moves by a tenth or so \
             from run to run, and a claim is about the mean of several. How far it is depends on how much too large a net \
             is: on the signals less can go. The paper also has more data give more sparsity. That is not shown here.",
            "The net learns more slowly than others in this wing, so that its first epochs can be told apart: at their rate the knee \
             is nearly there after one epoch. That rate was chosen by looking at the examples that are asked here.",
        ],
        formulas: &[r"A(s) \ge A(0) - 0.01 \quad \text{for all } s \le s^*"],
        symbols: &[
            ("s", "the share of weights that is cut"),
            ("A(s)", "the share of unseen examples that the cut net has right"),
            ("s^*", "the knee, essential sparsity: the largest share for which this holds"),
        ],
        words: "essential sparsity one-shot magnitude pruning knee pre-trained n:m structured 2:4 sparsification emergence weights that matter jaiswal",
    }
    .told(),
    params: &[&CUT, &AFTER, &WHICH, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        Metric::new("accuracy", "cut net right", "The share of unseen examples that the net that is shown has right, cut as you say."),
        study::LOSS,
        Metric::new("knee", "knee", "The share of the smallest weights that could be cut of the last net that was kept."),
        Metric::new("near-zero", "weights near 0", "The share of its weights nearer to 0 than a hundredth of their spread at first."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Six tenths cut, and it still reads.", &[]),
        Preset::new("Beyond the knee", "Nine tenths cut: see which digits are mixed up.", &[("cut", "0.9")]),
        Preset::new("Young", "After one epoch there is less to spare.", &[("after", "1"), ("epochs", "10"), ("cut", "0.5")]),
        Preset::new("A hundred epochs", "It goes on moving right, but slowly.", &[("epochs", "100"), ("after", "100"), ("runs", "2")]),
        Preset::new("By lot", "Any weights instead of the smallest: hardly a knee.", &[("which", "any"), ("cut", "0.3"), ("runs", "1")]),
        Preset::new("Signals", "A task that needs more of its weights.", &[("data", "signals"), ("runs", "1"), ("cut", "0.3")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: CURVE,
    files: sample_files,
    start: begin,
};

const CURVE: usize = 0;

/// Descents in a step, or cuts of a net that is kept.
const BATCHES: usize = 7;
const CUTS: usize = 2;
/// Of five runs and 100 epochs of signals.
const MOST_STEPS: u64 = 6000;
/// Slower than usual, so that the first epochs can be told apart.
const RATE: f64 = 0.02;
/// Epochs after which nets are kept.
const KEPT: [usize; 5] = [1, 3, 10, 30, 100];
/// Shares of the weights in their order that are drawn.
const ORDERED: usize = 40;
const CLASSES: usize = 10;
/// The least size that is drawn.
const LEAST: f64 = 1e-4;

const WHICH_ARMS: [&str; 2] = ["the smallest", "any"];
/// What is right of a net that is kept, by what was cut.
const LEVELS: [&str; 9] = ["nothing", "half", "0.8", "0.95", "half by lot", "4 of 8", "2 of 4", "1 of 4", "1 of 8"];
const WHOLE: usize = 0;
const HALF: usize = 1;
const MOST: usize = 2;
const NEARLY_ALL: usize = 3;
const BY_LOT: usize = 4;
/// Groups from the freest on.
const FREER: [usize; 4] = [5, 6, 7, 8];

/// What no step changes.
struct Setting {
    setup: Setup,
    recipe: Recipe,
    /// Epochs after which nets are kept.
    kept: Vec<usize>,
}

#[derive(Clone)]
struct EssentialSparsity {
    setting: Rc<Setting>,
    trainee: Trainee,
    /// The nets of the first run, and the one that is being cut.
    first: Vec<Cuts>,
    cutting: Option<Cuts>,
    /// Places are epochs.
    knees: Study,
    levels: Study,
    knee: f64,
    near: f64,
    /// Sizes at the start, in their order.
    drawn: Rc<Vec<f32>>,
    /// The net that is shown, cut as the hand says, and the sizes of its weights before that, in their order.
    shown: Rc<CutNet>,
    order: Rc<Vec<f32>>,
    cut: f64,
    after: f64,
    by_lot: bool,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let epochs = values.int(&EPOCHS);
    let setup = Setup::new(start)?;
    let widths = [setup.inputs(), 256, 128, CLASSES];
    let kept: Vec<usize> = KEPT.into_iter().filter(|kept| *kept < epochs).chain([epochs]).collect();
    let places: Vec<f64> = kept.iter().map(|epoch| *epoch as f64).collect();
    let runs = values.int(&RUNS);
    let trainee = Trainee::new(&widths, start.rng.stream("none"));
    let mut run = EssentialSparsity {
        trainee,
        first: Vec::new(),
        cutting: None,
        knees: Study::crossed(&WHICH_ARMS, &places, runs),
        levels: Study::crossed(&LEVELS, &places, runs),
        setting: Rc::new(Setting { setup, recipe: Recipe { decay: 5e-4, rate: RATE, ..Recipe::usual(epochs) }, kept }),
        knee: 0.0,
        near: 0.0,
        drawn: Rc::default(),
        shown: Rc::default(),
        order: Rc::default(),
        cut: values.float(&CUT),
        after: values.float(&AFTER),
        by_lot: values.option(&WHICH) == 1,
    };
    run.take_up();
    run.drawn = Rc::new(score::sizes(&run.trainee.net, &run.trainee.training.numbers, ORDERED));
    run.show();
    Ok(Box::new(run))
}

impl EssentialSparsity {
    /// Begins the training of the next run.
    fn take_up(&mut self) {
        let chance = self.setting.setup.chance(self.knees.now().run);
        self.trainee.begin_whole(self.setting.recipe, &chance);
    }

    /// Where the lot of a run comes from.
    fn lot(&self, run: usize) -> Stream {
        self.setting.setup.chance(run).stream("lot 0")
    }

    /// Writes down what came of a net that was cut in all ways.
    fn write_down(&mut self, kept: Cuts) -> Status {
        self.knee = kept.knee(0);
        let status = self.knees.add_all([self.knee, kept.knee(1)]);
        self.levels.add_all(kept.levels());
        if self.first.len() < self.setting.kept.len() {
            self.first.push(kept);
        }
        status
    }

    /// The kept net that is shown, if the run has come so far.
    fn old(&self) -> Option<&Cuts> {
        self.first.get(self.knees.nearest(self.after))
    }

    /// Cuts the net that is shown as the hand says, and asks it.
    fn show(&mut self) {
        let (old, lot) = (self.old().map(|kept| Rc::clone(&kept.numbers)), self.by_lot.then(|| self.lot(0)));
        let Trainee { net, training, .. } = &mut self.trainee;
        let numbers = old.as_deref().unwrap_or(&training.numbers);
        let scores = lot.map_or_else(|| score::magnitude(numbers), |mut lot| score::random(net, &mut lot));
        self.order = Rc::new(score::sizes(net, numbers, ORDERED));
        self.shown = Rc::new(CutNet::new(net, numbers, self.cut, &scores, self.setting.setup.test()));
    }

    /// How old the net is that is shown, in a few words.
    fn age(&self) -> String {
        let place = self.knees.nearest(self.after);
        let count = self.setting.setup.examples();
        match self.first.get(place) {
            Some(_) => format!("After {}", counted(self.setting.kept[place], "epoch", "epochs")),
            None => {
                let epochs = self.trainee.training.progress(count) * self.setting.recipe.epochs as f64;
                format!("In training, after {} epochs", fixed(epochs, 1))
            }
        }
    }
}

impl Experiment for EssentialSparsity {
    fn figures(&self, figures: &mut Figures) {
        let (shown, last, layer) = (&self.shown, self.setting.recipe.epochs as f64, self.trainee.net.layers()[0]);
        let (age, cut) = (self.age(), percent(self.cut, 0));
        let which = if self.by_lot { "weights by lot" } else { "the smallest weights" };

        let share = Axis::linear("share of the weights that is cut", 0.0, 1.0).of(&CUT);
        let kept = || self.old().or(self.cutting.as_ref()).or(self.first.last()).into_iter();
        figures
            .chart("Test examples right, by how much is cut", Place::Main, share, study::share_right())
            .at(self.cut)
            .curve("the smallest", GRID, kept().flat_map(|kept| kept.curve(0)))
            .curve("any", GRID / 2, kept().flat_map(|kept| kept.curve(1)))
            .dots("in groups", GROUPS.len(), kept().flat_map(Cuts::grouped))
            .dots("the knee", 1, kept().filter_map(Cuts::bend))
            .caption(|| format!("{age}: without {cut} of {which} it has {} right.", percent(shown.right, 1)));

        let mixed = Shape::heatmap((CLASSES, CLASSES), ["what it is", "what the net says"], ("wrong", "right"));
        figures
            .picture("What the cut net says", Place::Side, mixed, |slot| slot.copy_from_slice(&shown.mixed))
            .caption(|| format!("A row is a digit, a cell how often it is taken for another, with {cut} cut."));

        let epochs = Axis::log("epochs of training, log scale", 1.0, last).of(&AFTER);
        let share = Axis::linear("share cut", 0.0, 1.0);
        figures
            .chart("How much can be cut, by how long it was trained", Place::Main, epochs, share)
            .at(self.after.min(last))
            .study(&self.knees)
            .caption(|| match self.old() {
                Some(kept) => format!("{age} {} can be cut.", percent(kept.knee(0), 0)),
                None => self.knees.caption(|place| format!("{} epochs", self.setting.kept[place])),
            });

        let smaller = Axis::linear("share of the weights that are smaller", 0.0, 1.0).of(&CUT);
        figures
            .chart("Sizes of the weights, in their order", Place::Main, smaller, Axis::log("size", LEAST, 1.0))
            .at(self.cut)
            .curve("as trained", ORDERED, score::by_share(self.order.to_vec(), LEAST))
            .reference("at the start", ORDERED, score::by_share(self.drawn.to_vec(), LEAST))
            .caption(|| {
                let [now, drawn] = [&self.order, &self.drawn].map(|order| short(f64::from(order[ORDERED / 2])));
                format!("{age}: half of the weights are smaller than {now}. At the start it was {drawn}.")
            });

        let fields = Fields::of(layer.inputs, layer.units);
        figures.fields("What is left of the first layer", fields, || &shown.numbers[layer.weights()]).caption(|| {
            format!("A tile is a unit, a cell its weight to one input, with {cut} of {which} of the net cut.")
        });
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        let count = setting.setup.examples();
        let mut status = Status::Running;
        if let Some(mut kept) = self.cutting.take() {
            let (run, test) = (self.knees.now().run, setting.setup.test());
            let over =
                (0..CUTS).any(|_| kept.go_on(&mut self.trainee, &mut setting.setup.chance(run).stream("lot 0"), test));
            if over {
                status = self.write_down(kept);
                if self.trainee.training.is_over(count) && !self.knees.is_over() {
                    self.take_up();
                }
            } else {
                self.cutting = Some(kept);
            }
        } else {
            self.trainee.learn(setting.setup.train(), BATCHES);
            if self.first.len() < setting.kept.len() && self.old().is_none() {
                self.show();
            }
            let place = self.knees.now().place;
            if self.trainee.training.steps() == setting.kept[place] * setting.recipe.steps(count) {
                let numbers = &self.trainee.training.numbers;
                self.near = knee::near_zero(&self.trainee.net, numbers);
                self.cutting = Some(Cuts::new(numbers.clone()));
            }
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let setting = &self.setting;
        let steps = setting.recipe.all_steps(setting.setup.examples());
        let cuts = Cuts::ALL.div_ceil(CUTS);
        let runs = self.levels.runs();
        Some((runs * (steps.div_ceil(BATCHES) + setting.kept.len() * cuts)) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let runs = self.knees.done() / self.knees.cells().len();
        fill(out, [self.shown.right, self.trainee.loss, self.knee, self.near, runs as f64]);
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        vec![(&AFTER, Reach::UpTo(self.setting.recipe.epochs as f64))]
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        let live = Live::only(param, &[&CUT, &AFTER, &WHICH]);
        if live == Live::Restart {
            return live;
        }
        self.cut = values.float(&CUT);
        self.after = values.float(&AFTER);
        self.by_lot = values.option(&WHICH) == 1;
        self.show();
        live
    }

    fn claims(&self) -> Vec<Claim> {
        let kept = &self.setting.kept;
        let at = |epoch: usize| kept.iter().position(|kept| *kept == epoch).unwrap_or(kept.len());
        let (young, usual) = (at(1), at(30));
        let levels = &self.levels;
        let slopes = Claim::new("Beyond the knee a cut costs ten times as much.", SOURCE)
            .expect(10.0, f64::INFINITY, "at least 10 times")
            .on_log((1.0, "1"), (1000.0, "1000 times"));
        let mean = |level: usize| levels.mean((level, usual));
        let four = mean(WHOLE).zip(mean(HALF)).zip(mean(MOST).zip(mean(NEARLY_ALL)));
        let steeper = four.map(|((whole, half), (most, nearly))| {
            // Of a loss that is too small to be seen, one example is the greatest that it could be.
            let before = ((whole - half) / 0.5).max(1.0 / self.setting.setup.test().1.len() as f64);
            let ratio = (most - nearly) / 0.15 / before;
            (ratio, format!("{} times", fixed(ratio, 0)))
        });
        let slopes = slopes.found(steeper, study::NOT_YET);
        let order = Claim::new("The freer the groups, the better: 4 of 8, 2 of 4, 1 of 4, 1 of 8.", SOURCE)
            .expect(0.0, 1.0, "in this order, but for 1 point")
            .on((-0.1, "−10 points"), (0.3, "30 points"));
        // Two standard errors of a difference of three means over 500 examples, nearly all of which are right.
        let order = Claim { tolerance: 0.01, ..order };
        let least = levels.means(FREER.map(|level| (level, usual))).map(|all| {
            let least = all.windows(2).map(|pair| pair[0] - pair[1]).fold(f64::INFINITY, f64::min);
            let said: Vec<String> = all.iter().map(|right| percent(*right, 1)).collect();
            (least, said.join(", "))
        });
        let order = order.found(least, study::NOT_YET);
        let here = |claim: Claim| {
            claim
                .only_if(self.setting.setup.digits, study::OF_DIGITS)
                .only_if(usual < kept.len(), "This is about the net after 30 epochs.")
        };
        let last = kept.len() - 1;
        let says = format!("The longer it was trained, the more can be cut: {} epochs against one.", kept[last]);
        let longer = here(self.knees.gap(&says, SOURCE, (0, last), (0, young), 0.05));
        vec![
            here(self.knees.level(
                "More than half of a trained net can be cut at once.",
                SOURCE,
                (0, usual),
                (0.5, 0.75),
            )),
            here(levels.gap(
                "It matters which: the smallest half against any.",
                SOURCE,
                (HALF, usual),
                (BY_LOT, usual),
                0.3,
            )),
            here(slopes),
            longer,
            here(order),
        ]
    }
}

const SOURCE: &str = "Jaiswal et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn half_of_a_trained_net_can_go_and_the_hand_is_answered_at_once() {
        let mut session = follow("id=essential-sparsity&seed=1&runs=1&epochs=30&cut=0.5", MOST_STEPS);
        assert!(session.ended().is_some());
        let claims = session.claims();
        assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
        let step = session.step();
        let right = session.metrics()[0];
        session.set(&[("which".into(), "any".into())]).unwrap();
        assert!(session.step() == step && session.metrics()[0] < right - 0.3, "{right} {:?}", session.metrics());
    }
}
