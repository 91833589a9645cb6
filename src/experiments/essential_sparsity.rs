//! Essential sparsity (Jaiswal, Liu, Chen and Wang 2023): how much of a trained net can be cut at once, without any training
//! afterwards, and how that moves while it trains.
//!
//! A step is seven batches of training, or a few cuts of a net that is kept. Nets are kept after some epochs: each is cut by
//! more and more, by size and by lot, and in groups. Those of the first run stay, so that the hand can cut them again.
use crate::{
    data::Split,
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Live, Metric, Paper, Param, Place, Plot, Preset, Prose,
        Reach, Series, Shape, Start, Status, Values, View, Wing, fill, sample_files, samples,
        study::{self, Study},
    },
    math::{
        decimal::{fixed, percent, short},
        rng::Rng,
    },
    model::{
        learning::{
            loss::Loss,
            training::{Examples, Recipe},
        },
        pruning::{mask::Mask, score, select, trainee::Trainee},
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
static RUNS: Param = study::runs(5);

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
            "Scrub through the training and see the knee move right. The sizes of the weights as a whole hardly change, and still \
             more and more of the small ones can go. Nets are kept after some epochs of the first run. Drag the cut in either \
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
const MIXED: usize = 1;
const KNEE: usize = 2;
const ORDER: usize = 3;
const FIELDS: usize = 4;

/// Descents in a step, or cuts of a net that is kept.
const BATCHES: usize = 7;
const CUTS: usize = 2;
/// Of five runs and 100 epochs of signals.
const MOST_STEPS: u64 = 6000;
/// Slower than usual, so that the first epochs can be told apart.
const RATE: f64 = 0.02;
/// Epochs after which nets are kept.
const KEPT: [usize; 5] = [1, 3, 10, 30, 100];
/// Shares that are cut: twentieths.
const GRID: usize = 20;
/// Groups and how many of each stay.
const GROUPS: [(usize, usize); 6] = [(4, 8), (2, 4), (1, 2), (2, 8), (1, 4), (1, 8)];
/// Shares of the weights in their order that are drawn.
const ORDERED: usize = 40;
/// How much may be lost before the knee.
const LOSS: f64 = 0.01;
const CLASSES: usize = 10;

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
    split: Split,
    rng: Rng,
    recipe: Recipe,
    digits: bool,
    /// Epochs after which nets are kept.
    kept: Vec<usize>,
}

/// A net that is kept, and what was right when it was cut, as far as it was.
#[derive(Clone)]
struct Kept {
    numbers: Rc<Vec<f32>>,
    /// By size and by lot.
    curves: [Vec<f64>; 2],
    groups: Vec<f64>,
}

/// The net that is shown, cut as the hand says.
#[derive(Default)]
struct Shown {
    numbers: Vec<f32>,
    right: f64,
    /// What it says of each class: shares, right ones above 0 and wrong ones below.
    mixed: Vec<f32>,
    /// The sizes of its weights before the cut, in their order.
    order: Vec<f32>,
}

#[derive(Clone)]
struct EssentialSparsity {
    setting: Rc<Setting>,
    trainee: Trainee,
    /// The nets of the first run, and the one that is being cut.
    first: Vec<Kept>,
    cutting: Option<Kept>,
    /// Places are epochs.
    knees: Study,
    levels: Study,
    knee: f64,
    near: f64,
    /// Sizes at the start, in their order.
    drawn: Rc<Vec<f32>>,
    shown: Rc<Shown>,
    cut: f64,
    after: f64,
    by_lot: bool,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let digits = values.choice(&DATA) == "digits";
    let epochs = values.int(&EPOCHS);
    let split = samples(start)?;
    let widths = [split.train.inputs.cols, 256, 128, CLASSES];
    let kept: Vec<usize> = KEPT.into_iter().filter(|kept| *kept < epochs).chain([epochs]).collect();
    let places: Vec<f64> = kept.iter().map(|epoch| *epoch as f64).collect();
    let cells =
        |arms: usize| -> Vec<_> { (0..kept.len()).flat_map(|place| (0..arms).map(move |arm| (arm, place))).collect() };
    let runs = values.int(&RUNS);
    let trainee = Trainee::new(&widths, start.rng.stream("none"));
    let mut run = EssentialSparsity {
        trainee,
        first: Vec::new(),
        cutting: None,
        knees: Study::new(&WHICH_ARMS, &places, &cells(WHICH_ARMS.len()), runs),
        levels: Study::new(&LEVELS, &places, &cells(LEVELS.len()), runs),
        setting: Rc::new(Setting {
            split,
            rng: start.rng.clone(),
            recipe: Recipe { decay: 5e-4, rate: RATE, ..Recipe::usual(epochs) },
            digits,
            kept,
        }),
        knee: 0.0,
        near: 0.0,
        drawn: Rc::default(),
        shown: Rc::default(),
        cut: values.float(&CUT),
        after: values.float(&AFTER),
        by_lot: values.option(&WHICH) == 1,
    };
    run.take_up();
    run.drawn = Rc::new(score::sizes(&run.trainee.net, &run.trainee.training.numbers, ORDERED));
    run.show();
    Ok(Box::new(run))
}

/// The largest share that can be cut so that neither it nor any smaller one costs more than [`LOSS`].
fn knee(curve: &[f64], step: f64) -> f64 {
    let holds = curve.iter().take_while(|right| **right >= curve[0] - LOSS - 1e-9).count();
    step * holds.saturating_sub(1) as f64
}

impl EssentialSparsity {
    /// Begins the training of the next run.
    fn take_up(&mut self) {
        let chance = self.setting.rng.child(&format!("run {}", self.knees.now().run));
        let net = &self.trainee.net;
        let numbers = net.draw(&mut chance.stream("weights"));
        let full = Rc::new(Mask::full(net));
        self.trainee.begin(numbers, full, self.setting.recipe, chance.stream("order"));
    }

    /// The share of weights nearer to 0 than a hundredth of the spread of their layer at the start.
    fn near(&self, numbers: &[f32]) -> f64 {
        let net = &self.trainee.net;
        let near = net.layers().iter().map(|layer| {
            let tiny = (0.01 * (2.0 / layer.inputs as f64).sqrt()) as f32;
            numbers[layer.weights()].iter().filter(|w| w.abs() < tiny).count()
        });
        near.sum::<usize>() as f64 / net.weights() as f64
    }

    /// An order of all weights by the lot of a run.
    fn lot(&self, run: usize) -> Vec<f32> {
        let mut chance = self.setting.rng.child(&format!("run {run}")).stream("lot 0");
        score::random(&self.trainee.net, &mut chance)
    }

    /// Numbers of which a share of the weights is cut, the smallest or those that the lot of a run says.
    fn cut(&self, numbers: &[f32], share: f64, lot: Option<usize>) -> Vec<f32> {
        let net = &self.trainee.net;
        let count = ((1.0 - share) * net.weights() as f64 + 0.5) as usize;
        let scores = lot.map_or_else(|| score::magnitude(numbers), |run| self.lot(run));
        let mut cut = numbers.to_vec();
        select::global(net, &scores, &Mask::full(net), count).cut(&mut cut);
        cut
    }

    /// One more cut of the net that is being cut; whether it was the last.
    fn go_on(&mut self, kept: &mut Kept) -> bool {
        let test = self.setting.split.test.both();
        let [smallest, any] = kept.curves.each_ref().map(Vec::len);
        if smallest < GRID {
            let cut = self.cut(&kept.numbers, smallest as f64 / GRID as f64, None);
            kept.curves[0].push(self.trainee.ask_as(&cut, test));
        } else if any < GRID / 2 {
            let share = 2.0 * any as f64 / GRID as f64;
            let cut = self.cut(&kept.numbers, share, Some(self.knees.now().run));
            kept.curves[1].push(self.trainee.ask_as(&cut, test));
        } else {
            let (n, m) = GROUPS[kept.groups.len()];
            let mut cut = kept.numbers.to_vec();
            select::n_of_m(&self.trainee.net, &score::magnitude(&cut), n, m).cut(&mut cut);
            kept.groups.push(self.trainee.ask_as(&cut, test));
        }
        kept.groups.len() == GROUPS.len()
    }

    /// Writes down what came of a net that was cut in all ways.
    fn write_down(&mut self, kept: Kept) -> Status {
        let Kept { curves: [smallest, any], groups, .. } = &kept;
        self.knee = knee(smallest, 1.0 / GRID as f64);
        self.knees.add(self.knee);
        let status = self.knees.add(knee(any, 2.0 / GRID as f64));
        let sizes = [0, 10, 16, 19].map(|at| smallest[at]);
        let groups = [0, 1, 4, 5].map(|at| groups[at]);
        for level in sizes.into_iter().chain([any[5]]).chain(groups) {
            self.levels.add(level);
        }
        if self.first.len() < self.setting.kept.len() {
            self.first.push(kept);
        }
        status
    }

    /// The kept net that is shown, if the run has come so far.
    fn old(&self) -> Option<&Kept> {
        self.first.get(self.knees.nearest(self.after))
    }

    /// Cuts the net that is shown as the hand says, and asks it.
    fn show(&mut self) {
        let numbers = self.old().map_or(&self.trainee.training.numbers, |kept| &kept.numbers);
        let order = score::sizes(&self.trainee.net, numbers, ORDERED);
        let numbers = self.cut(numbers, self.cut, self.by_lot.then_some(0));
        let setting = Rc::clone(&self.setting);
        let (inputs, labels): Examples = setting.split.test.both();
        let outputs = self.trainee.net.outputs(&numbers, inputs);
        let mut mixed = vec![0.0; CLASSES * CLASSES];
        let mut count = [0.0_f32; CLASSES];
        labels.iter().for_each(|label| count[usize::from(*label)] += 1.0);
        for (row, label) in outputs.chunks_exact(CLASSES).zip(labels) {
            let said = (1..CLASSES).fold(0, |best, class| if row[class] > row[best] { class } else { best });
            let label = usize::from(*label);
            let sign = if said == label { 1.0 } else { -1.0 };
            mixed[CLASSES * label + said] += sign / count[label].max(1.0);
        }
        let right = Loss::CrossEntropy.grade(outputs, labels, CLASSES).right as f64 / labels.len().max(1) as f64;
        self.shown = Rc::new(Shown { numbers, right, mixed, order });
    }

    /// How old the net is that is shown, in a few words.
    fn age(&self) -> String {
        let place = self.knees.nearest(self.after);
        let count = self.setting.split.train.labels.len();
        match self.first.get(place) {
            Some(_) => format!("After {} epochs", self.setting.kept[place]),
            None => {
                let epochs = self.trainee.training.progress(count) * self.setting.recipe.epochs as f64;
                format!("In training, after {} epochs", fixed(epochs, 1))
            }
        }
    }
}

impl Experiment for EssentialSparsity {
    fn views(&self) -> Vec<View> {
        let share = || Axis::linear("share of the weights that is cut", 0.0, 1.0).of(&CUT);
        let curve = Shape::lines(
            share(),
            study::share_right(),
            [
                Series::curve("the smallest", GRID),
                Series::curve("any", GRID / 2),
                Series::dots("in groups", GROUPS.len()),
                Series::dots("the knee", 1),
            ],
        );
        let mixed = Shape::heatmap((CLASSES, CLASSES), ["what it is", "what the net says"], ("wrong", "right"));
        let last = self.setting.recipe.epochs as f64;
        let epochs = Axis::log("epochs of training, log scale", 1.0, last).of(&AFTER);
        let order = Shape::lines(
            Axis::linear("share of the weights that are smaller", 0.0, 1.0).of(&CUT),
            Axis::log("size", 1e-4, 1.0),
            [Series::curve("as trained", ORDERED), Series::reference("at the start", ORDERED)],
        );
        let layer = self.trainee.net.layers()[0];
        vec![
            View::new("Test examples right, by how much is cut", Place::Main, curve),
            View::new("What the cut net says", Place::Side, mixed).moving(),
            View::new(
                "How much can be cut, by how long it was trained",
                Place::Main,
                self.knees.chart(epochs, Axis::linear("share cut", 0.0, 1.0)),
            ),
            View::new("Sizes of the weights, in their order", Place::Main, order),
            Fields::of(layer.inputs, layer.units).view("What is left of the first layer"),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            CURVE => {
                let mut plot = Plot::new(slot, self.cut);
                let Some(kept) = self.old().or(self.cutting.as_ref()).or(self.first.last()) else { return };
                let [smallest, any] = &kept.curves;
                let point = |at: f64, right: f64| [at as f32, right as f32];
                let step = 1.0 / GRID as f64;
                plot.curve(GRID, smallest.iter().enumerate().map(|(i, right)| point(step * i as f64, *right)));
                plot.curve(GRID / 2, any.iter().enumerate().map(|(i, right)| point(2.0 * step * i as f64, *right)));
                let groups = GROUPS.iter().zip(&kept.groups);
                plot.curve(GROUPS.len(), groups.map(|((n, m), right)| point(1.0 - *n as f64 / *m as f64, *right)));
                let at = knee(smallest, step);
                let whole = smallest.len() == GRID;
                plot.curve(1, whole.then(|| point(at, smallest[(at / step + 0.5) as usize])));
            }
            MIXED => slot.copy_from_slice(&self.shown.mixed),
            KNEE => self.knees.draw(slot, self.after.min(self.setting.recipe.epochs as f64)),
            ORDER => {
                let mut plot = Plot::new(slot, self.cut);
                for sizes in [&self.shown.order, &*self.drawn] {
                    let points = sizes.iter().enumerate();
                    plot.curve(
                        ORDERED,
                        points.map(|(i, size)| [(i + 1) as f32 / (ORDERED + 1) as f32, size.max(1e-4)]),
                    );
                }
            }
            FIELDS => {
                let layer = self.trainee.net.layers()[0];
                Fields::of(layer.inputs, layer.units).draw(&self.shown.numbers[layer.weights()], slot);
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let cut = percent(self.cut, 0);
        let which = if self.by_lot { "weights by lot" } else { "the smallest weights" };
        match view {
            CURVE => format!("{}: without {cut} of {which} it has {} right.", self.age(), percent(self.shown.right, 1)),
            MIXED => format!("A row is a digit, a cell how often it is taken for another, with {cut} cut."),
            KNEE => match self.old() {
                Some(kept) => {
                    format!("{} {} can be cut.", self.age(), percent(knee(&kept.curves[0], 1.0 / GRID as f64), 0))
                }
                None => self.knees.caption(|place| format!("{} epochs", self.setting.kept[place])),
            },
            ORDER => format!(
                "{}: half of the weights are smaller than {}. At the start it was {}.",
                self.age(),
                short(f64::from(self.shown.order[ORDERED / 2])),
                short(f64::from(self.drawn[ORDERED / 2]))
            ),
            _ => format!("A tile is a unit, a cell its weight to one input, with {cut} of {which} of the net cut."),
        }
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        let count = setting.split.train.labels.len();
        let mut status = Status::Running;
        if let Some(mut kept) = self.cutting.take() {
            let over = (0..CUTS).any(|_| self.go_on(&mut kept));
            if over {
                status = self.write_down(kept);
                if self.trainee.training.is_over(count) && !self.knees.is_over() {
                    self.take_up();
                }
            } else {
                self.cutting = Some(kept);
            }
        } else {
            self.trainee.learn(setting.split.train.both(), BATCHES);
            if self.first.len() < setting.kept.len() && self.old().is_none() {
                self.show();
            }
            let place = self.knees.now().place;
            if self.trainee.training.steps() == setting.kept[place] * setting.recipe.steps(count) {
                let numbers = Rc::new(self.trainee.training.numbers.clone());
                self.near = self.near(&numbers);
                self.cutting = Some(Kept { numbers, curves: [Vec::new(), Vec::new()], groups: Vec::new() });
            }
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let setting = &self.setting;
        let steps = setting.recipe.all_steps(setting.split.train.labels.len());
        let cuts = (GRID + GRID / 2 + GROUPS.len()).div_ceil(CUTS);
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
        if !param.is(&CUT) && !param.is(&AFTER) && !param.is(&WHICH) {
            return Live::Restart;
        }
        self.cut = values.float(&CUT);
        self.after = values.float(&AFTER);
        self.by_lot = values.option(&WHICH) == 1;
        self.show();
        Live::Now
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
            let before = ((whole - half) / 0.5).max(1.0 / self.setting.split.test.labels.len() as f64);
            let ratio = (most - nearly) / 0.15 / before;
            (ratio, format!("{} times", fixed(ratio, 0)))
        });
        let slopes = slopes.found(steeper, study::NOT_YET);
        let order = Claim::new("The freer the groups, the better: 4 of 8, 2 of 4, 1 of 4, 1 of 8.", SOURCE)
            .expect(0.0, 1.0, "in this order, but for 1 point")
            .on((-0.1, "-10 points"), (0.3, "30 points"));
        // Two standard errors of a difference of three means over 500 examples, nearly all of which are right.
        let order = Claim { tolerance: 0.01, ..order };
        let all: Option<Vec<f64>> = FREER.iter().map(|level| mean(*level)).collect();
        let least = all.map(|all| {
            let least = all.windows(2).map(|pair| pair[0] - pair[1]).fold(f64::INFINITY, f64::min);
            let said: Vec<String> = all.iter().map(|right| percent(*right, 1)).collect();
            (least, said.join(", "))
        });
        let order = order.found(least, study::NOT_YET);
        let here = |claim: Claim| {
            claim
                .only_if(self.setting.digits, study::OF_DIGITS)
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

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

const SOURCE: &str = "Jaiswal et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn a_knee_is_the_last_cut_before_the_first_that_costs() {
        assert!((knee(&[0.9, 0.91, 0.89, 0.8, 0.95], 0.1) - 0.2).abs() < 1e-12);
        assert!(knee(&[0.9, 0.5], 0.1).abs() < 1e-12);
    }

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
