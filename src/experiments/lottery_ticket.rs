//! The lottery ticket (Frankle and Carbin 2019): a net is trained, its smallest weights are cut, what is left goes back to
//! where it began and is trained again, round after round; and at some rounds the controls that tell what of it matters.
//!
//! A step is 21 batches: an epoch of the small digits. One net after another is trained, run by run and round by round.
use crate::{
    data::Split,
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series,
        Shape, Start, Status, Unmeasured, Values, View, Wing, sample_files, samples,
    },
    math::{decimal::fixed, rng::Rng, scalar},
    model::{
        learning::{mlp::Mlp, training::Recipe},
        pruning::{
            fields::Fields, mask::Mask, ratio, schedule, score, select, start, trainee::Trainee, trials::Trials,
        },
    },
};
use std::rc::Rc;

static FEWER: Param = Param::float(
    "fewer",
    "Look at",
    (1.0, 17.0, 150.0),
    "How many times fewer weights than at first: the round whose ticket is shown. Drag it along the chart.",
)
.ends("all weights", "hardly any");
static STARTS: Param = Param::choice(
    "starts",
    "Starts of controls",
    &[("fair", "Fair"), ("plain", "Plain")],
    "A unit that has lost most of its inputs gets too weak a sum. A fair start makes up for that, a plain one does not.",
);
static SCOPE: Param = Param::choice(
    "scope",
    "Cut the smallest",
    &[("net", "Of the net"), ("layer", "Of each layer")],
    "The smallest weights of all, or as large a share of every layer.",
);
static REMOVED: Param = Param::share(
    "removed",
    "Cut at a round",
    (0.1, 0.3, 0.6),
    "The share of the weights left that goes at each round.",
)
.ends("few", "most");
static ROUNDS: Param = Param::int("rounds", "Rounds", (1, 12, 14), "How often it is cut and trained again.");
static REWIND: Param = Param::int(
    "rewind",
    "Rewind to epoch",
    (0, 0, 5),
    "Where the weights that are left go back to: their start, or where they were after some epochs.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (2, 15, 30), "How often each training sees all examples.");
static RUNS: Param =
    Param::int("runs", "Runs", (1, 3, 5), "How often all of it is done, from other weights each time.");

pub static ENTRY: Entry = Entry {
    id: "lottery-ticket",
    wing: Wing::Pruning,
    prose: Prose {
        title: "The winning ticket",
        paper: Some(Paper {
            title: "The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
            authors: "Frankle and Carbin",
            year: 2019,
            link: "https://arxiv.org/abs/1803.03635",
        }),
        card: "A seventeenth of the weights learns as well: the right ones.",
        lead: "Watch the rounds go by. Then drag along the chart to see which weights are left.",
        about: &[
            "A net learns to read digits. Its smallest weights are cut, the others go back to the values they began with, and it \
             learns again. After eight rounds a seventeenth of the weights is left, and it reads nearly as well as the whole: a \
             winning ticket, which was in the net from the start.",
            "What makes it win: the choice of weights, or their values? The controls tell. The same mask with newly drawn values \
             learns a little worse. As many weights at random places, with as many in each layer, learn much worse. Cut all \
             at once instead of in rounds, the choice is worse too. So most of a ticket is its mask, and the values \
             matter more the fewer they are.",
            "The controls must be fair. A unit that has lost most of its inputs begins with too weak a sum, and a net of such \
             units does not learn at all. Here newly drawn weights under a mask are made stronger to make up for that. With plain \
             starts the gap looks five times as large, and it is not the ticket's doing.",
            "The receptive fields show what the net has no use for: pixels at the border, which are blank in every digit, are \
             cut first.",
            "This is a small net on small digits. In large nets the weights have to go back to a little after their start, not \
             to the start itself; here it makes no difference.",
        ],
        formulas: &[
            r"d_r = (1 - p)^r, \qquad W \leftarrow M \odot W_0",
            r"\text{fair: } W_{ij} \leftarrow W_{ij} \sqrt{n / n_i}",
        ],
        symbols: &[
            ("d_r", "the share of weights that is left after round $r$"),
            ("p", "the share of those left that is cut at a round"),
            ("M", "the mask: 1 where a weight is left, 0 where not"),
            ("W_0", "the weights at the start"),
            ("n, n_i", "inputs of a layer, and those that its unit $i$ has left"),
        ],
        words: "lottery ticket hypothesis iterative magnitude pruning imp rewinding sparse mask reinitialization random mask one-shot frankle carbin winning ticket controls digits",
    }
    .told(),
    params: &[&FEWER, &STARTS, &REMOVED, &ROUNDS, &SCOPE, &REWIND, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        Metric::new("accuracy", "test digits right", "The share of unseen examples that the net in training has right."),
        Metric::new("loss", "loss", "Its loss on the last batch."),
        Metric::new("density", "weights left", "The share of its weights that are left."),
        Metric::new("round", "round", "The round it belongs to."),
        Metric::new("trained", "trainings", "How many trainings are over."),
    ],
    presets: &[
        Preset::new("Default", "A ticket, its mask with other values, and masks at random.", &[]),
        Preset::new("Plain starts", "Controls that cannot learn make any ticket look good.", &[("starts", "plain")]),
        Preset::new("Cut hard", "Six in ten go at a round: quick, and the tickets are worse.", &[("removed", "0.6"), ("rounds", "5")]),
        Preset::new("Layer by layer", "Every layer loses as much, also the one that cannot spare it.", &[("scope", "layer")]),
        Preset::new("Signals", "On a task that is hard, sparse nets do better than the whole.", &[("data", "signals"), ("rounds", "8"), ("runs", "1")]),
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
const LAYERS: usize = 2;
const PIXELS: usize = 3;
const OVERLAP: usize = 4;

/// Descents in a step: an epoch of the small digits.
const BATCHES: usize = 21;
/// Of five runs, 14 rounds and 30 epochs of signals, with all controls.
const MOST_STEPS: u64 = 15_750;
/// Rounds at which the controls are trained too.
const CONTROLLED: [usize; 5] = [5, 8, 10, 12, 14];

/// A kind of net that is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arm {
    /// What is left after the rounds, from where it began.
    Ticket,
    /// The same mask with newly drawn weights.
    Redrawn,
    /// As many weights as the ticket, cut at once after the first training.
    Once,
    /// As many in each layer as the ticket, at random places.
    Random,
    /// As many in all, more in small layers, at random places.
    BySize,
}

const ARMS: [(Arm, &str); 5] = [
    (Arm::Ticket, "ticket"),
    (Arm::Redrawn, "its mask, new values"),
    (Arm::Once, "cut at once"),
    (Arm::Random, "random places"),
    (Arm::BySize, "random, by layer size"),
];

/// One training.
#[derive(Clone, Copy, Debug)]
struct Task {
    run: usize,
    round: usize,
    arm: Arm,
}

/// What no step changes.
struct Whole {
    split: Split,
    rng: Rng,
    tasks: Vec<Task>,
    recipe: Recipe,
    removed: f64,
    rounds: usize,
    runs: usize,
    rewind: usize,
    fair: bool,
    by_layer: bool,
    digits: bool,
}

/// What a run keeps of its trainings.
#[derive(Clone, Default)]
struct Run {
    /// Where weights go back to.
    rewound: Rc<Vec<f32>>,
    /// How large they were after the first training.
    sizes: Rc<Vec<f32>>,
    /// The mask of each round.
    masks: Vec<Rc<Mask>>,
    /// The weights of the first layer after each round.
    fields: Vec<Rc<Vec<f32>>>,
}

#[derive(Clone)]
struct LotteryTicket {
    whole: Rc<Whole>,
    trainee: Trainee,
    runs: Vec<Run>,
    trials: Trials,
    /// Which of the tasks is in training.
    at: usize,
    /// At each round, what [`LotteryTicket::overlap`] found of the masks so far: a frame asks for all of them.
    overlaps: Vec<Option<(f64, f64)>>,
    fewer: f64,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let digits = values.choice(&DATA) == "digits";
    let split = samples(start)?;
    let (rounds, runs) = (values.int(&ROUNDS), values.int(&RUNS));
    let mut tasks = Vec::new();
    for (run, round) in (0..runs).flat_map(|run| (0..=rounds).map(move |round| (run, round))) {
        let arms = if CONTROLLED.contains(&round) { &ARMS[..] } else { &ARMS[..1] };
        tasks.extend(arms.iter().map(|(arm, _)| Task { run, round, arm: *arm }));
    }
    let whole = Rc::new(Whole {
        split,
        rng: start.rng.clone(),
        tasks,
        recipe: Recipe::usual(values.int(&EPOCHS)),
        removed: values.float(&REMOVED),
        rounds,
        runs,
        rewind: values.int(&REWIND),
        fair: values.choice(&STARTS) == "fair",
        by_layer: values.choice(&SCOPE) == "layer",
        digits,
    });
    let widths = if digits { [64, 128, 64, 10] } else { [40, 128, 128, 10] };
    let mut run = LotteryTicket {
        trials: Trials::new(ARMS.len(), rounds + 1),
        runs: vec![Run::default(); runs],
        whole,
        trainee: Trainee::new(&widths, start.rng.stream("none")),
        at: 0,
        overlaps: vec![None; rounds + 1],
        fewer: values.float(&FEWER),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl Whole {
    /// Steps of one training.
    fn steps(&self) -> usize {
        (self.recipe.steps(self.split.train.labels.len()) * self.recipe.epochs).div_ceil(BATCHES)
    }

    /// How many times fewer weights there are at a round.
    fn fewer(&self, round: usize) -> f64 {
        1.0 / schedule::after_rounds(self.removed, round as u32)
    }

    /// What comes from chance in one run.
    fn chance(&self, run: usize) -> Rng {
        self.rng.child(&format!("run {run}"))
    }
}

impl LotteryTicket {
    fn task(&self) -> Task {
        self.whole.tasks[self.at.min(self.whole.tasks.len() - 1)]
    }

    /// Begins the training of the task that it is at.
    fn take_up(&mut self) {
        let Task { run, round, arm } = self.task();
        let (net, whole) = (&self.trainee.net, Rc::clone(&self.whole));
        let chance = whole.chance(run);
        if round == 0 {
            self.runs[run].rewound = Rc::new(net.draw(&mut chance.stream("weights")));
            self.runs[run].masks.push(Rc::new(Mask::full(net)));
            self.overlaps[0] = self.overlap(0);
        }
        let mine = &self.runs[run];
        let ticket = &mine.masks[round];
        let counts = ticket.counts(net);
        let at_random = |counts: &[usize]| {
            let scores = score::random(net, &mut chance.stream(&format!("places {round}")));
            Rc::new(select::by_layer(net, &scores, &Mask::full(net), counts))
        };
        let mask = match arm {
            Arm::Ticket | Arm::Redrawn => Rc::clone(ticket),
            Arm::Once => Rc::new(cut(net, &mine.sizes, &Mask::full(net), &counts, whole.by_layer)),
            Arm::Random => at_random(&counts),
            Arm::BySize => at_random(&ratio::erdos_renyi(net, ticket.density(net))),
        };
        let mut numbers = match arm {
            Arm::Ticket | Arm::Once => mine.rewound.to_vec(),
            _ => net.draw(&mut chance.stream(&format!("weights {round}"))),
        };
        if whole.fair && !matches!(arm, Arm::Ticket | Arm::Once) {
            start::make_up(net, &mut numbers, &mask);
        }
        let order = chance.stream(&format!("order {round} {arm:?}"));
        self.trainee.begin(numbers, mask, whole.recipe, order);
    }

    /// Writes down what came of the training, and cuts the ticket.
    fn put_down(&mut self) {
        let Task { run, round, arm } = self.task();
        let arm = ARMS.iter().position(|(known, _)| *known == arm).unwrap_or(0);
        self.trials.add(arm, round, self.trainee.accuracy);
        if arm > 0 {
            return;
        }
        let (net, whole, mine) = (&self.trainee.net, &self.whole, &mut self.runs[run]);
        let sizes = score::magnitude(&self.trainee.training.numbers);
        mine.fields.push(Rc::new(self.trainee.training.numbers[net.layers()[0].weights()].to_vec()));
        let left = |count: usize| ((1.0 - whole.removed) * count as f64 + 0.5) as usize;
        let counts = mine.masks[round].counts(net);
        let counts: Vec<usize> =
            if whole.by_layer { counts.into_iter().map(left).collect() } else { vec![left(counts.iter().sum())] };
        mine.masks.push(Rc::new(cut(net, &sizes, &mine.masks[round], &counts, whole.by_layer)));
        if round == 0 {
            mine.sizes = Rc::new(sizes);
        }
        if round < self.whole.rounds {
            self.overlaps[round + 1] = self.overlap(round + 1);
        }
    }

    /// The round that is looked at, as far as the first run has come.
    fn round(&self) -> usize {
        let away = |round: usize| (scalar::ln(self.whole.fewer(round)) - scalar::ln(self.fewer)).abs();
        let known = self.runs[0].fields.len().clamp(1, self.whole.rounds + 1);
        (0..known).min_by(|a, b| away(*a).total_cmp(&away(*b))).unwrap_or(0)
    }

    /// The share of its weights that the tickets of two runs have in common, and what they would have by chance.
    fn overlap(&self, round: usize) -> Option<(f64, f64)> {
        let masks: Vec<&Mask> = self.runs.iter().filter_map(|run| run.masks.get(round).map(|mask| &**mask)).collect();
        let pairs = masks.iter().enumerate().flat_map(|(i, a)| masks[..i].iter().map(move |b| (*a, *b)));
        let (mut shared, mut chance, mut all) = (0.0, 0.0, 0.0);
        for (a, b) in pairs {
            shared += a.shared(b, &self.trainee.net) as f64;
            for layer in self.trainee.net.layers() {
                let (a, b) = (a.count(layer) as f64, b.count(layer) as f64);
                chance += a * b / (layer.inputs * layer.units) as f64;
                all += 0.5 * (a + b);
            }
        }
        (all > 0.0).then(|| (shared / all, chance / all))
    }
}

/// Keeps the largest weights of a mask: as many in each layer as `counts` says, or as many in all as is their sum.
fn cut(net: &Mlp, sizes: &[f32], among: &Mask, counts: &[usize], by_layer: bool) -> Mask {
    if by_layer {
        select::by_layer(net, sizes, among, counts)
    } else {
        select::global(net, sizes, among, counts.iter().sum())
    }
}

fn percent(x: f64) -> String {
    format!("{} %", fixed(100.0 * x, 1))
}

impl Experiment for LotteryTicket {
    fn views(&self) -> Vec<View> {
        let whole = &self.whole;
        let fewer = || Axis::log("times fewer weights, log scale", 1.0, whole.fewer(whole.rounds).max(2.0)).of(&FEWER);
        let chart = |y, series| Shape::Lines { x: fewer(), y, series, marks: Vec::new(), field: None };
        let race = ARMS.map(|(arm, label)| match arm {
            Arm::Ticket => Series::spread(label, whole.rounds + 1),
            _ => Series::spread(label, CONTROLLED.len()),
        });
        let layer = |label| Series::curve(label, whole.rounds + 2);
        let layout = Fields::of(&self.trainee.net.layers()[0]);
        let (down, across) = layout.size();
        let fields = Shape::Heatmap {
            rows: down as u32,
            cols: across as u32,
            row_name: "pixels of units below one another",
            col_name: "pixels of units side by side",
            ends: ("takes away", "adds"),
        };
        let pixels = Shape::Heatmap {
            rows: layout.rows as u32,
            cols: layout.cols as u32,
            row_name: "pixels down",
            col_name: "pixels across",
            ends: ("", "weights left"),
        };
        vec![
            View::new(
                "Test examples right, by how few weights are left",
                Place::Main,
                chart(Axis::linear("share right", 0.0, 1.0), race.into()),
            ),
            View::new("What each unit looks for", Place::Side, fields).moving(),
            View::new(
                "The share of each layer that is left",
                Place::Main,
                chart(
                    Axis::linear("share left", 0.0, 1.0),
                    ["first layer", "second layer", "last layer"].map(layer).into(),
                ),
            ),
            View::new("Which pixels are still used", Place::Side, pixels).moving(),
            View::new(
                "Do two runs choose the same weights?",
                Place::Main,
                chart(
                    Axis::linear("share in common", 0.0, 1.0),
                    vec![layer("tickets of two runs"), Series::reference("by chance", whole.rounds + 2)],
                ),
            ),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let (whole, first) = (&self.whole, &self.runs[0]);
        let round = self.round();
        let fewer = |round: usize| whole.fewer(round) as f32;
        let layer = self.trainee.net.layers()[0];
        match view {
            RACE => {
                let mut plot = Plot::new(slot, self.fewer);
                for (arm, (kind, _)) in ARMS.iter().enumerate() {
                    let room = if *kind == Arm::Ticket { whole.rounds + 1 } else { CONTROLLED.len() };
                    let points = self.trials.spread(arm);
                    plot.curve(
                        room,
                        points
                            .map(|(round, [mean, least, most])| [fewer(round), mean as f32, least as f32, most as f32]),
                    );
                }
            }
            FIELDS => {
                // Until the first training is over, those in training.
                let numbers = &self.trainee.training.numbers;
                let weights = first.fields.get(round).map_or(&numbers[layer.weights()], |weights| &weights[..]);
                Fields::of(&layer).draw(weights, slot);
            }
            LAYERS => {
                let mut plot = Plot::new(slot, self.fewer);
                for layer in self.trainee.net.layers() {
                    let share = |mask: &Mask| mask.count(layer) as f32 / (layer.inputs * layer.units) as f32;
                    let points = first.masks.iter().take(whole.rounds + 1).enumerate();
                    plot.curve(whole.rounds + 2, points.map(|(round, mask)| [fewer(round), share(mask)]));
                }
            }
            PIXELS => first.masks[round].count_inputs(&layer, slot),
            OVERLAP => {
                let found: Vec<_> =
                    (0..=whole.rounds).filter_map(|round| Some((round, self.overlaps[round]?))).collect();
                let mut plot = Plot::new(slot, self.fewer);
                plot.curve(whole.rounds + 2, found.iter().map(|(round, (shared, _))| [fewer(*round), *shared as f32]));
                plot.curve(whole.rounds + 2, found.iter().map(|(round, (_, chance))| [fewer(*round), *chance as f32]));
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let (whole, first, round) = (&self.whole, &self.runs[0], self.round());
        let density = percent(1.0 / whole.fewer(round));
        match view {
            RACE => {
                let Task { run, round, arm } = self.task();
                let name = ARMS.iter().find(|(known, _)| *known == arm).map_or("", |(_, name)| name);
                if self.at >= whole.tasks.len() {
                    return format!("Means of {} runs, with whiskers from the least to the greatest.", whole.runs);
                }
                format!(
                    "Run {} of {}, round {round} with {} of the weights: {name}.",
                    run + 1,
                    whole.runs,
                    percent(self.trainee.mask.density(&self.trainee.net))
                )
            }
            FIELDS if first.fields.is_empty() => {
                "A tile is a unit of the first layer, a cell its weight to one input, in the first training.".into()
            }
            FIELDS => format!(
                "A tile is a unit of the first layer, a cell its weight to one input, after round {round}: {density} of all weights are left."
            ),
            LAYERS => "The last layer is small and needed, so it is spared. All by the first run.".into(),
            PIXELS => format!(
                "How many weights each input still has after round {round}, of {} at first.",
                self.trainee.net.layers()[0].units
            ),
            OVERLAP if whole.runs < 2 => "One run alone cannot be compared.".into(),
            OVERLAP => match self.overlaps[round] {
                Some((shared, chance)) => format!(
                    "At round {round} two tickets share {} of their weights; with as many in each layer it would be {} by chance.",
                    percent(shared),
                    percent(chance)
                ),
                None => "The second run has not begun yet.".into(),
            },
            _ => String::new(),
        }
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let Task { run, round, .. } = self.task();
        let train = whole.split.train.both();
        let epoch = whole.recipe.steps(train.1.len());
        let mut over = false;
        for _ in 0..BATCHES {
            over = self.trainee.learn(train, 1);
            let training = &self.trainee.training;
            if round == 0 && training.steps() == whole.rewind * epoch {
                self.runs[run].rewound = Rc::new(training.numbers.clone());
            }
        }
        self.trainee.ask(whole.split.test.both());
        if !over {
            return Status::Running;
        }
        self.put_down();
        self.at += 1;
        if self.at == whole.tasks.len() {
            return Status::Ended("all runs over");
        }
        self.take_up();
        if self.at == whole.tasks.len() / whole.runs { Status::Passed("first run over") } else { Status::Running }
    }

    fn due(&self) -> Option<u64> {
        Some((self.whole.tasks.len() * self.whole.steps()) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let Trainee { accuracy, loss, mask, net, .. } = &self.trainee;
        let row = [*accuracy, *loss, mask.density(net), self.task().round as f64, self.at as f64];
        out.iter_mut().zip(row).for_each(|(out, x)| *out = x as f32);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if !param.is(&FEWER) {
            return Live::Restart;
        }
        self.fewer = values.float(&FEWER);
        Live::Now
    }

    fn claims(&self) -> Vec<Claim> {
        let whole = &self.whole;
        let mean = |arm: Arm, round: usize| {
            let arm = ARMS.iter().position(|(known, _)| *known == arm)?;
            (round <= whole.rounds).then(|| self.trials.mean(arm, round, whole.runs)).flatten()
        };
        let elsewhere = if !whole.digits {
            "The numbers are those of the digits."
        } else if (whole.removed - 0.3).abs() > 1e-6 || whole.by_layer {
            "The numbers are those of 30 % cut at a round, of the whole net."
        } else if whole.recipe.epochs < 12 {
            "So few epochs do not train a net."
        } else {
            ""
        };
        let judge = |claim: Claim, of: [(Arm, usize); 2], control: bool| {
            let [a, b] = of.map(|(arm, round)| mean(arm, round));
            if !elsewhere.is_empty() {
                claim.not_here(elsewhere)
            } else if control && !whole.fair {
                claim.not_here("Controls that start plain cannot learn: the gap is not the ticket's.")
            } else if of.iter().any(|(_, round)| *round > whole.rounds) {
                claim.not_here("It takes more rounds.")
            } else if let (Some(a), Some(b)) = (a, b) {
                claim.measured(a - b, format!("{} against {}", percent(a), percent(b)))
            } else {
                claim.unmeasured(Unmeasured::NotYet("Not all runs have come so far.".into()))
            }
        };
        let gap = |says: &str, arm: Arm, round: usize, least: f64| {
            let claim = Claim::new(says, SOURCE)
                .expect(least, 1.0, &format!("at least {} points better", fixed(100.0 * least, 0)))
                .on((-0.2, "-20 points"), (1.0, "100 points"));
            judge(claim, [(Arm::Ticket, round), (arm, round)], matches!(arm, Arm::Redrawn | Arm::Random))
        };
        let close = |says: &str, round: usize, most: f64| {
            let claim = Claim::new(says, SOURCE)
                .expect(-most, 1.0, &format!("at most {} points worse", fixed(100.0 * most, 0)))
                .on((-0.2, "-20 points"), (0.2, "20 points"));
            judge(claim, [(Arm::Ticket, round), (Arm::Ticket, 0)], false)
        };
        vec![
            close("With half of its weights the net learns as well as with all.", 2, 0.01),
            close("With 5.8 % of them the ticket is nearly as good.", 8, 0.03),
            gap("Newly drawn weights under the same mask learn a little worse.", Arm::Redrawn, 8, 0.02),
            gap("The fewer there are, the more their values matter: at 1.4 % too.", Arm::Redrawn, 12, 0.06),
            gap("As many weights at random places learn much worse.", Arm::Random, 8, 0.08),
            gap("At 2.8 % they hardly learn.", Arm::Random, 10, 0.25),
            gap("Cut in rounds the choice is better than cut at once.", Arm::Once, 8, 0.01),
        ]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

const SOURCE: &str = "Frankle and Carbin 2019";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Inputs, Verdict},
        link::{Request, split_query},
        session::Session,
    };

    fn run(query: &str) -> Session {
        let request = Request::parse(&split_query(&format!("id=lottery-ticket&{query}"))).unwrap();
        let mut inputs = Inputs::default();
        (ENTRY.files)(&request.values).into_iter().for_each(|file| inputs.push_file(file, file.read()));
        Session::start(request, inputs).unwrap()
    }

    #[test]
    fn the_ticket_wins_over_fair_controls() {
        let mut session = run("seed=1&runs=1");
        session.seek(MOST_STEPS);
        assert!(session.ended().is_some());
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn budgets_are_exact_and_a_look_elsewhere_moves_nothing() {
        let mut session = run("seed=2&runs=1&epochs=2&rounds=3");
        session.advance(5);
        let density = session.metrics()[2];
        assert!((density - 0.49).abs() < 1e-4, "{density}");
        let before = session.metrics();
        session.set(&[("fewer".into(), "2".into())]).unwrap();
        assert_eq!((session.step(), session.metrics()), (5, before));
    }
}
