//! Sparse model soups (Zimmer, Spiegel and Pokutta 2023): nets that were trained on from one pruned net keep its mask when their
//! weights are averaged, and the average begins the next phase of pruning.
//!
//! A step is half an epoch of the small digits, or a few nets of a map: the loss on the plane through three candidates, which is
//! drawn after each phase of the first run. There nets that each have a mask of their own are averaged too. And nets go the
//! same way alone: as many as there are candidates, and one that is trained as long as all of them together.
use crate::{
    data::Split,
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, GRAIN, Gesture, Hand, Live, Metric, Paper, Param, Place,
        Plot, Preset, Prose, Series, Shape, Start, Status, Values, View, Wing, fill, sample_files, samples,
        study::{self, Plan, Study},
    },
    math::{decimal::percent, rng::Rng, scalar},
    model::{
        learning::{loss::Loss, loss_map::LossMap, noisy_labels::NoisyLabels, rate::Course, training::Recipe},
        pruning::{mask::Mask, score, select, soup, trainee::Trainee},
    },
};
use std::rc::Rc;

static CORNER: Param = Param::choice(
    "corner",
    "Third corner",
    &[("same", "A candidate"), ("other", "Another mask")],
    "The map is the plane through three nets: three candidates, or two of them and a net that was trained and cut by itself.",
);
static NOISE: Param = Param::share(
    "noise",
    "Wrong labels",
    (0.0, 0.3, 0.5),
    "The share of examples with a wrong label, only while nets are trained. It keeps candidates apart.",
);
static DENSITY: Param = Param::share(
    "density",
    "Weights left",
    (0.05, 0.1, 0.5),
    "The share of all weights that is left after three phases, each of which takes the same share of those left.",
);
static CANDIDATES: Param =
    Param::int("candidates", "Candidates", (3, 5, 10), "How many nets are trained on from each pruned net.");
static VARY: Param = Param::choice(
    "vary",
    "Candidates differ in",
    &[("order", "Order"), ("decay", "Decay"), ("length", "Epochs")],
    "The order of their examples; beside that how fast weights shrink, or how long they are trained.",
);
static COURSE: Param = Param::choice(
    "rate",
    "Learning rate",
    &[("constant", "Stays"), ("linear", "Falls to 0")],
    "How it moves when pruned nets are trained on. If it falls to 0, candidates end at nearly the same place.",
);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "sparse-soups",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Soup of sparse nets",
        paper: Some(Paper {
            title: "Sparse Model Soups: A Recipe for Improved Pruning via Model Averaging",
            authors: "Zimmer, Spiegel and Pokutta",
            year: 2023,
            link: "https://arxiv.org/abs/2306.16788",
        }),
        card: "Average five pruned nets: as sparse as each, and better.",
        lead: "Drag the dot over the map: between three nets lies a better one.",
        about: &[
            "A trained net is cut. From what is left, five candidates are trained on, each with its examples in another order. Then \
             their weights are averaged. All have the same mask, so the average has it too, and it is better than they are. It \
             begins the next phase: cut again, train five again.",
            "The map shows why. Its plane goes through the weights of three candidates. They lie on the slopes of one basin, and \
             their average lies further down. Each point of the map is a net of its own: the orange dot says how much it has right.",
            "Nets that were trained and cut by themselves have masks of their own. Their average has far more weights, and \
             knows nothing: between them lies a ridge. Choose another mask for the third corner and drag the dot across it.",
            "Averaging helps where training is noisy. Here three labels in ten are wrong, batches are small, and the rate stays. \
             This is the one of five settings that were tried where the effect is large. With clean labels, or with a rate that falls to 0, \
             candidates end at nearly the same place and there is nothing to gain: see the presets.",
            "A single net that is trained as long as all candidates together is worse here, but take care: under wrong \
             labels long training learns them by heart. With clean labels it is as good as the soup. A vote of all candidates, which must ask \
             each of them, is drawn beside. The paper also has soups that add candidates one by one; this page averages all alike.",
        ],
        formulas: &[r"\theta \leftarrow \frac{1}{m} \sum_{j=1}^{m} \theta_j", r"p = 1 - d^{1/P}"],
        symbols: &[
            (r"\theta_j", "the weights of candidate $j$ of $m$, under one mask"),
            ("p", "the share of the weights left that each of $P = 3$ phases takes"),
            ("d", "the share of all weights that is left in the end"),
        ],
        words: "sparse model soups sms weight averaging iterative magnitude pruning imp linear mode connectivity loss landscape basin ensemble wortsman barycentre",
    }
    .told(),
    params: &[&CORNER, &NOISE, &DENSITY, &CANDIDATES, &VARY, &COURSE, &RUNS, &DATA],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        study::LEFT,
        Metric::new("mix", "your mix right", "The share of unseen examples that the net at the dot on the map has right."),
        Metric::new("mix-left", "weights in your mix", "The share of all weights that are not 0 in it."),
    ],
    presets: &[
        Preset::new("Default", "Three labels in ten are wrong: the soup is far better than its candidates.", &[]),
        Preset::new("Another mask", "Between nets of different masks lies a ridge.", &[("corner", "other"), ("runs", "1")]),
        Preset::new("Clean labels", "Without noise there is little to gain.", &[("noise", "0"), ("runs", "1")]),
        Preset::new("Rate falls to 0", "Candidates end close to each other, and the soup is no better.", &[("rate", "linear"), ("runs", "1")]),
        Preset::new("Ten in the pot", "More candidates, a better soup.", &[("candidates", "10"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: MAP,
    files: sample_files,
    start: begin,
};

const MAP: usize = 0;
const FIELDS: usize = 1;
const RACE: usize = 2;
const LEFT: usize = 3;
const RIGHT: usize = 4;

/// Descents in a step, or nets of a map.
const BATCHES: usize = 41;
const ASKED: usize = 7;
/// Of five runs of signals with ten candidates.
const MOST_STEPS: u64 = 17_000;
const CLASSES: usize = 10;
/// Epochs of a whole net, and of a net that was cut.
const WHOLE_EPOCHS: usize = 15;
const EPOCHS: usize = 5;
const PHASES: usize = 3;
/// Epochs and decays of candidates, in turn, where they differ in these.
const LENGTHS: [usize; 5] = [5, 4, 6, 3, 7];
const DECAYS: [f32; 5] = [1e-4, 1e-5, 1e-3, 3e-5, 3e-4];

const ARMS: [&str; 6] =
    ["soup", "mean candidate", "best candidate", "vote of all", "mean net alone", "one net, as long as all"];
const SOUP: usize = 0;
const MEAN: usize = 1;
const BEST: usize = 2;
const ALONE: usize = 4;
const LONG: usize = 5;
/// What the average of nets with a mask each is held for, and that of candidates.
const MIXED: [&str; 3] = ["weights left", "right", "weights left in the soup"];

/// A part of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    /// A whole net is trained.
    Whole,
    /// Number `of` of a phase is trained on from what the phase before left, cut.
    Candidate { phase: usize, of: usize },
    /// The loss is asked on the plane through candidates, and one net of another mask.
    Map { other: bool },
    /// A whole net of another start is trained.
    OtherWhole { of: usize },
    /// It is cut and trained on.
    Other { of: usize },
    /// A net goes alone: it is cut and trained on, from where its phase before left it.
    Alone { phase: usize, of: usize },
    /// The same for a net that is trained as long as all candidates.
    Long { phase: usize },
}

/// What no step changes.
struct Setting {
    /// Some labels of what is learnt from are wrong.
    split: Split,
    rng: Rng,
    density: f64,
    candidates: usize,
    vary: &'static str,
    course: Course,
    /// Whether the claims speak of these settings.
    usual: bool,
    digits: bool,
}

/// A map that is drawn, and what its corners have right.
struct Chart {
    map: LossMap,
    heights: Vec<f32>,
    rights: [f64; 3],
}

/// A net that is looked at.
struct Mix {
    numbers: Vec<f32>,
    right: f64,
    left: f64,
}

#[derive(Clone)]
struct SparseSoups {
    setting: Rc<Setting>,
    trainee: Trainee,
    plan: Plan<Job>,
    /// The whole net of this run, and what the last phase left.
    whole: Rc<Vec<f32>>,
    base: Rc<Vec<f32>>,
    /// Candidates of the last phase, and nets with a mask each.
    pot: Vec<Rc<Vec<f32>>>,
    others: Vec<Rc<Vec<f32>>>,
    /// Places are how many times fewer weights are left after each phase.
    study: Study,
    mixed: Study,
    /// What nets alone have right after each phase of this run.
    alone: [Vec<f64>; PHASES],
    /// Weights left and what is right in the first run, by how many nets are averaged: candidates, and nets with a mask each.
    pots: [Vec<[f64; 2]>; 2],
    drawing: Option<LossMap>,
    charts: [Option<Rc<Chart>>; 2],
    corner: usize,
    /// Where the dot is on the map.
    dot: (f64, f64),
    mix: Rc<Mix>,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let mut split = samples(start)?;
    let noise = values.float(&NOISE);
    split.train.labels = NoisyLabels::new(&split.train.labels, noise, CLASSES, &mut start.rng.stream("labels")).given;
    let (density, candidates, runs) = (values.float(&DENSITY), values.int(&CANDIDATES), values.int(&RUNS));
    let course = if values.option(&COURSE) == 0 { Course::Constant } else { Course::Linear };
    let usual = (noise - 0.3).abs() < 1e-6 && course == Course::Constant && candidates >= 5;
    let places: Vec<f64> = (1..=PHASES).map(|phase| 1.0 / left(density, phase)).collect();
    let phases = |arms: &[usize]| -> Vec<_> {
        (0..PHASES).flat_map(|phase| arms.iter().map(move |arm| (*arm, phase))).collect()
    };
    let cells = [phases(&[SOUP, MEAN, BEST, 3]), phases(&[ALONE]), phases(&[LONG])].concat();
    let digits = values.choice(&DATA) == "digits";
    let trainee = Trainee::new(&[split.train.inputs.cols, 128, 64, CLASSES], start.rng.stream("none"));
    let mut run = SparseSoups {
        trainee,
        plan: Plan::new(runs, |run| jobs(run, candidates)),
        whole: Rc::default(),
        base: Rc::default(),
        pot: Vec::new(),
        others: Vec::new(),
        study: Study::new(&ARMS, &places, &cells, runs),
        mixed: Study::new(&MIXED, &[1.0], &[(0, 0), (1, 0), (2, 0)], 1),
        alone: <[Vec<f64>; PHASES]>::default(),
        pots: [Vec::new(), Vec::new()],
        drawing: None,
        charts: [None, None],
        corner: values.option(&CORNER),
        dot: (0.5, 0.5),
        mix: Rc::new(Mix { numbers: Vec::new(), right: 0.0, left: 1.0 }),
        setting: Rc::new(Setting {
            split,
            rng: start.rng.clone(),
            density,
            candidates,
            vary: values.choice(&VARY),
            course,
            usual,
            digits,
        }),
    };
    run.take_up();
    run.look();
    Ok(Box::new(run))
}

/// The share of all weights that is left after so many phases.
fn left(density: f64, phases: usize) -> f64 {
    scalar::pow(density, phases as f64 / PHASES as f64)
}

/// Parts of a run in their order. Maps are drawn in the first one.
fn jobs(run: usize, candidates: usize) -> Vec<Job> {
    let mut jobs = vec![Job::Whole];
    for phase in 0..PHASES {
        jobs.extend((0..candidates).map(|of| Job::Candidate { phase, of }));
        jobs.extend((run == 0).then_some(Job::Map { other: false }));
    }
    // What happens to masks of their own is the same in every run.
    for of in 0..if run == 0 { candidates } else { 0 } {
        jobs.extend([Job::OtherWhole { of }, Job::Other { of }]);
        jobs.extend((of == 0).then_some(Job::Map { other: true }));
    }
    jobs.extend((0..candidates).flat_map(|of| (0..PHASES).map(move |phase| Job::Alone { phase, of })));
    jobs.extend((0..PHASES).map(|phase| Job::Long { phase }));
    jobs
}

impl Setting {
    /// How a net is trained in a part of a run.
    fn recipe(&self, job: Job) -> Recipe {
        let cut = Recipe { batch: 16, decay: DECAYS[0], course: self.course, ..Recipe::usual(EPOCHS) };
        match (job, self.vary) {
            (Job::Whole | Job::OtherWhole { .. }, _) => Recipe { epochs: WHOLE_EPOCHS, course: Course::Cosine, ..cut },
            (Job::Long { .. }, _) => Recipe { epochs: self.candidates * EPOCHS, ..cut },
            (Job::Candidate { of, .. }, "decay") => Recipe { decay: DECAYS[of % DECAYS.len()], ..cut },
            (Job::Candidate { of, .. }, "length") => Recipe { epochs: LENGTHS[of % LENGTHS.len()], ..cut },
            _ => cut,
        }
    }

    /// Steps of a part of a run.
    fn steps(&self, job: Job) -> usize {
        match job {
            Job::Map { .. } => LossMap::ASKED.div_ceil(ASKED),
            _ => self.recipe(job).all_steps(self.split.train.labels.len()).div_ceil(BATCHES),
        }
    }
}

impl SparseSoups {
    /// The largest weights of a net, as many as are left after a phase.
    fn cut(&self, numbers: &[f32], among: &Mask, phase: usize) -> Rc<Mask> {
        let net = &self.trainee.net;
        let count = (left(self.setting.density, phase + 1) * net.weights() as f64 + 0.5) as usize;
        Rc::new(select::global(net, &score::magnitude(numbers), among, count))
    }

    /// Begins the next part.
    fn take_up(&mut self) {
        let (run, job) = self.plan.now();
        let chance = self.setting.rng.child(&format!("run {run}"));
        let full = Rc::new(Mask::full(&self.trainee.net));
        let recipe = self.setting.recipe(job);
        let (numbers, mask, order) = match job {
            Job::Map { other } => {
                let third = if other { &self.others[0] } else { &self.pot[2] };
                self.drawing = Some(LossMap::through([&self.pot[0], &self.pot[1], third]));
                return;
            }
            Job::Whole => (self.trainee.net.draw(&mut chance.stream("weights")), full, "whole".to_owned()),
            Job::OtherWhole { of } => {
                let drawn = self.trainee.net.draw(&mut chance.stream(&format!("other weights {of}")));
                (drawn, full, format!("other whole {of}"))
            }
            Job::Other { of } => {
                let numbers = self.trainee.training.numbers.clone();
                let mask = self.cut(&numbers, &full, PHASES - 1);
                (numbers, mask, format!("other {of}"))
            }
            Job::Candidate { phase, .. } | Job::Alone { phase, .. } | Job::Long { phase } => {
                let (of, name) = match job {
                    Job::Candidate { of, .. } => (of, format!("candidate {of}")),
                    Job::Alone { of, .. } => (0, format!("alone {of}")),
                    _ => (0, "long".to_owned()),
                };
                if phase == 0 {
                    self.base = Rc::clone(&self.whole);
                }
                // All candidates of a phase have the mask that the first was given.
                let among = if phase == 0 { &full } else { &self.trainee.mask };
                let mask = if of == 0 { self.cut(&self.base, among, phase) } else { Rc::clone(&self.trainee.mask) };
                if matches!(job, Job::Candidate { of: 0, .. }) {
                    self.pot.clear();
                }
                (self.base.to_vec(), mask, format!("{name} {phase}"))
            }
        };
        self.trainee.begin(numbers, mask, recipe, chance.stream(&order));
    }

    /// Writes down what came of a part.
    fn put_down(&mut self) -> Status {
        let (run, job) = self.plan.now();
        let numbers = Rc::new(self.trainee.training.numbers.clone());
        let last = self.setting.candidates - 1;
        let mut status = Status::Running;
        match job {
            Job::Whole => self.whole = numbers,
            Job::OtherWhole { of: 0 } => self.others.clear(),
            Job::OtherWhole { .. } => {}
            Job::Candidate { phase, of } => {
                self.pot.push(numbers);
                if of == last {
                    self.cook(run, phase);
                }
            }
            Job::Other { of } => {
                self.others.push(numbers);
                if of == last {
                    let soup = soup::mean(&borrowed(&self.others));
                    self.mixed.add(soup::density(&self.trainee.net, &soup));
                    let right = self.ask(&soup);
                    self.mixed.add(right);
                    let same = soup::density(&self.trainee.net, &soup::mean(&borrowed(&self.pot)));
                    self.mixed.add(same);
                    self.pots[1] = self.stir(&self.others.clone());
                }
            }
            Job::Alone { phase, of } => {
                self.base = numbers;
                self.alone[phase].push(self.trainee.accuracy);
                if (phase, of) == (PHASES - 1, last) {
                    for rights in std::mem::take(&mut self.alone) {
                        self.study.add(study::spread(&rights).map_or(0.0, |[mean, ..]| mean));
                    }
                }
            }
            Job::Long { .. } => {
                self.base = numbers;
                status = self.study.add(self.trainee.accuracy);
            }
            Job::Map { other } => {
                if let Some(map) = self.drawing.take() {
                    let corners = map.places.map(|(x, y)| map.net(x.into(), y.into()));
                    let rights = corners.map(|net| self.ask(&net));
                    self.charts[usize::from(other)] = Some(Rc::new(Chart { heights: map.heights(), map, rights }));
                    self.look();
                }
            }
        }
        status
    }

    /// Averages the candidates of a phase.
    fn cook(&mut self, run: usize, phase: usize) {
        let pot = self.pot.clone();
        let soup = soup::mean(&borrowed(&pot));
        let rights: Vec<f64> = pot.iter().map(|net| self.ask(net)).collect();
        let vote = soup::vote(&mut self.trainee.net, &borrowed(&pot), self.setting.split.test.both());
        let [mean, _, best] = study::spread(&rights).unwrap_or_default();
        let right = self.ask(&soup);
        [right, mean, best, vote].into_iter().for_each(|right| {
            self.study.add(right);
        });
        self.base = Rc::new(soup);
        if run == 0 && phase == PHASES - 1 {
            self.pots[0] = self.stir(&pot);
        }
    }

    /// The weights left in the average of the first nets, and what it has right, for more and more of them.
    fn stir(&mut self, pot: &[Rc<Vec<f32>>]) -> Vec<[f64; 2]> {
        let nets = borrowed(pot);
        let soups = (1..=nets.len()).map(|count| soup::mean(&nets[..count]));
        soups.map(|soup| [soup::density(&self.trainee.net, &soup), self.ask(&soup)]).collect()
    }

    /// What a net has right that is not in training.
    fn ask(&mut self, numbers: &[f32]) -> f64 {
        self.trainee.net.share_right(numbers, self.setting.split.test.both())
    }

    /// The map that is shown: the one that was chosen, if it is drawn.
    fn chart(&self) -> Option<&Rc<Chart>> {
        self.charts[self.corner].as_ref().or(self.charts[0].as_ref())
    }

    /// Looks at the net at the dot.
    fn look(&mut self) {
        let numbers = self.chart().map(|chart| chart.map.net(self.dot.0, self.dot.1));
        let numbers = numbers.unwrap_or_else(|| self.trainee.training.numbers.clone());
        let (right, left) = (self.ask(&numbers), soup::density(&self.trainee.net, &numbers));
        self.mix = Rc::new(Mix { numbers, right, left });
    }

    /// The corners of the map that is shown.
    fn corners(&self) -> [usize; 3] {
        if self.corner == 1 && self.charts[1].is_some() { [1, 2, 4] } else { [1, 2, 3] }
    }

    /// What is done.
    fn doing(&self) -> String {
        let (run, job) = self.plan.now();
        let of = |of: usize| format!("{} of {}", of + 1, self.setting.candidates);
        let at = |phase: usize| format!("with {} of the weights", percent(left(self.setting.density, phase + 1), 1));
        let what = match job {
            Job::Whole => "the whole net is trained".into(),
            Job::Candidate { phase, of: number } => format!("candidate {} {}", of(number), at(phase)),
            Job::Map { .. } => "the map is drawn".into(),
            Job::OtherWhole { of: number } => format!("whole net {} for a mask of its own", of(number)),
            Job::Other { of: number } => format!("net {} with a mask of its own", of(number)),
            Job::Alone { phase, of: number } => format!("net {} alone {}", of(number), at(phase)),
            Job::Long { phase } => format!("a net that is trained as long as all, {}", at(phase)),
        };
        format!("Run {} of {}: {what}.", run + 1, self.plan.runs())
    }
}

/// The numbers of some nets.
fn borrowed(nets: &[Rc<Vec<f32>>]) -> Vec<&[f32]> {
    nets.iter().map(|net| &net[..]).collect()
}

impl Experiment for SparseSoups {
    fn views(&self) -> Vec<View> {
        let setting = &self.setting;
        let members = ["average of the three", "candidate 1", "candidate 2", "candidate 3", "another mask"];
        let map = Shape::Surface {
            rows: LossMap::ROWS as u32,
            cols: LossMap::COLS as u32,
            members: members.map(str::to_owned).to_vec(),
            span: 4,
            ends: Vec::new(),
            trail: 1,
        };
        let nets = setting.candidates;
        let pot = |y, more: Option<Series>| {
            Shape::lines(
                Axis::linear("nets that are averaged", 1.0, nets as f64),
                Axis::linear(y, 0.0, 1.0),
                [Series::curve("one mask", nets), Series::curve("a mask each", nets)].into_iter().chain(more),
            )
        };
        let fewer = Axis::log("times fewer weights, log scale", 1.0, 1.0 / setting.density);
        let layer = self.trainee.net.layers()[0];
        vec![
            View::new("Test loss on the plane through three nets", Place::Main, map).hand(Hand::Now).moving(),
            Fields::of(layer.inputs, layer.units).view("What its units look for"),
            self.study.race("Test examples right, by how few weights are left", fewer),
            View::new(
                "Weights left in the soup",
                Place::Side,
                pot("share of all", Some(Series::reference("by chance", nets))),
            ),
            View::new("Test examples the soup has right", Place::Side, pot("share right", None)),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            MAP => {
                let (ground, marks) = slot.split_at_mut(LossMap::ROWS * LossMap::COLS);
                let places = match self.chart() {
                    Some(chart) => {
                        ground.copy_from_slice(&chart.heights);
                        chart.map.places
                    }
                    None => [(0.3, 0.7), (0.7, 0.7), (0.5, 0.1)],
                };
                let [a, b, c] = self.corners();
                let members = [(0, (0.5, 0.5)), (a, places[0]), (b, places[1]), (c, places[2])];
                Shape::mark_surface(marks, &members, &[(self.dot.0 as f32, self.dot.1 as f32)]);
            }
            FIELDS => {
                let layer = self.trainee.net.layers()[0];
                let numbers = if self.chart().is_some() { &self.mix.numbers } else { &self.trainee.training.numbers };
                Fields::of(layer.inputs, layer.units).draw(&numbers[layer.weights()], slot);
            }
            RACE => self.study.draw(slot, -1.0),
            LEFT | RIGHT => {
                let mut plot = Plot::new(slot, -1.0);
                let nets = self.setting.candidates;
                for pot in &self.pots {
                    let points = pot.iter().map(|point| point[usize::from(view == RIGHT)]);
                    plot.curve(nets, points.enumerate().map(|(i, y)| [(i + 1) as f32, y as f32]));
                }
                if view == LEFT {
                    let missing = 1.0 - self.setting.density;
                    let none = (1..=nets).map(|count| (count, scalar::pow(missing, count as f64)));
                    plot.curve(nets, none.map(|(count, none)| [count as f32, (1.0 - none) as f32]));
                }
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let Mix { right, left, .. } = &*self.mix;
        match (view, self.chart()) {
            (MAP, None) => "The map is drawn when three candidates are trained.".into(),
            (MAP, Some(chart)) => {
                let names = self
                    .corners()
                    .map(|corner| ["", "candidate 1", "candidate 2", "candidate 3", "another mask"][corner]);
                let shares = chart.map.shares(self.dot.0, self.dot.1);
                let part = |i: usize| format!("{} of {}", percent(shares[i], 0), names[i]);
                let [a, b, c] = chart.rights.map(|right| percent(right, 1));
                format!(
                    "Your mix, the orange dot, is {}, {} and {}: {} right with {} of the weights. They alone: {a}, {b} and {c}.",
                    part(0),
                    part(1),
                    part(2),
                    percent(*right, 1),
                    percent(*left, 1)
                )
            }
            (FIELDS, None) => {
                "A tile is a unit of the first layer, a cell its weight to one input, in training.".into()
            }
            (FIELDS, Some(_)) => {
                "A tile is a unit of the first layer, a cell its weight to one input, in the net at the orange dot."
                    .into()
            }
            (RACE, _) if self.study.is_over() => self.study.caption(|_| String::new()),
            (RACE, _) => self.doing(),
            (LEFT, _) => match self.pots.each_ref().map(|pot| pot.last()) {
                [Some([same, _]), Some([other, _])] => format!(
                    "{} with one mask, {} with a mask each. It would be a little more if masks had nothing in common.",
                    percent(*same, 1),
                    percent(*other, 1)
                ),
                [Some([same, _]), None] => format!("{} however many candidates are averaged.", percent(*same, 1)),
                _ => "Of the last phase of the first run, once it is over.".into(),
            },
            _ => match self.pots.each_ref().map(|pot| pot.last()) {
                [Some([_, same]), Some([_, other])] => {
                    format!("{} with one mask, {} with a mask each.", percent(*same, 1), percent(*other, 1))
                }
                _ => "One candidate, then more and more of them, by the first run.".into(),
            },
        }
    }

    fn step(&mut self) -> Status {
        if self.study.is_over() {
            return Status::Ended("all runs over");
        }
        let setting = Rc::clone(&self.setting);
        let test = setting.split.test.both();
        let over = match &mut self.drawing {
            Some(map) => {
                let net = &mut self.trainee.net;
                map.fill(ASKED, |numbers| net.grade(numbers, test.0, test.1, Loss::CrossEntropy).loss);
                map.asked() == LossMap::ASKED
            }
            None => self.trainee.work(setting.split.train.both(), test, BATCHES),
        };
        let mut status = Status::Running;
        if over {
            status = self.put_down();
            self.plan.go_on();
            if !self.study.is_over() {
                self.take_up();
            }
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some(self.plan.steps(|job| self.setting.steps(job)))
    }

    fn measure(&self, out: &mut [f32]) {
        fill(out, self.trainee.report().into_iter().chain([self.mix.right, self.mix.left]));
    }

    fn touch(&mut self, gesture: &Gesture) {
        if let Gesture::Drag { x, y, .. } = *gesture {
            self.dot = (f64::from(x) / f64::from(GRAIN), f64::from(y) / f64::from(GRAIN));
            self.look();
        }
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if !param.is(&CORNER) {
            return Live::Restart;
        }
        self.corner = values.option(&CORNER);
        self.look();
        Live::Now
    }

    fn claims(&self) -> Vec<Claim> {
        let setting = &self.setting;
        let last = PHASES - 1;
        let usual = |claim: Claim| {
            claim.only_if(setting.digits, study::OF_DIGITS).only_at(
                setting.density,
                0.1,
                "The numbers are those of a tenth of the weights.",
            )
        };
        let noisy = |claim: Claim| {
            usual(claim).only_if(
                setting.usual,
                "This is about noisy training: 30 % wrong labels, a rate that stays, 5 candidates.",
            )
        };
        let gap =
            |says: &str, arm: usize, least: f64| noisy(self.study.gap(says, SOURCE, (SOUP, last), (arm, last), least));
        let as_sparse = self.mixed.level("The soup is as sparse as each candidate.", SOURCE, (2, 0), (0.0999, 0.1001));
        vec![
            gap("The soup is better than its candidates on average.", MEAN, 0.02),
            gap("It is no worse than the best of them.", BEST, 0.0),
            gap("Begun from soups, pruning in phases ends better than with nets alone.", ALONE, 0.03),
            usual(Claim { expected_text: percent(setting.density, 1), ..as_sparse }),
            usual(self.mixed.level(
                "The average of nets with a mask each has far more weights.",
                SOURCE,
                (0, 0),
                (0.3, 1.0),
            )),
            noisy(self.mixed.level("And it knows little.", SOURCE, (1, 0), (0.0, 0.3))),
        ]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

const SOURCE: &str = "Zimmer et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=sparse-soups&{query}"), 0)
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn the_soup_wins_and_keeps_its_mask() {
        // Until the map with a net of another mask is drawn.
        let mut session = run("seed=1&runs=1");
        session.advance(388);
        let claims = session.claims();
        assert_eq!(claims[0].verdict(), Verdict::Agrees, "{claims:?}");
        // The dot answers at once, and what was done stays.
        let mix = |session: &Session| session.metrics()[3];
        let soup = mix(&session);
        session.touch(Gesture::Drag { view: MAP as u8, x: 0, y: 0 }).unwrap();
        assert!(mix(&session) < soup, "{} {soup}", mix(&session));
        assert!((session.metrics()[4] - 0.1).abs() < 1e-3);
        session.set(&[("corner".into(), "other".into())]).unwrap();
        assert!(session.metrics()[4] > 0.15, "{:?}", session.metrics());
        assert_eq!(session.claims(), claims);
    }

    #[test]
    fn the_longest_run_fits() {
        let setting = |query: &str| run(query).last();
        assert!(setting("seed=1&data=signals&runs=5&candidates=10&vary=length") < MOST_STEPS);
    }
}
