//! Parameter sharing against pruning (Desai and Shrivastava 2023): a net whose weights are copies of a few stored numbers, beside
//! tickets, masks chosen before training and small nets that store as much.
//!
//! A step is 21 batches: an epoch of the small digits. One net after another is trained, each rival at two rates; the rate at which it
//! knows more of what it has learnt from is the one that counts.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, Metric, Paper, Param, Place, Preset, Prose,
        Reach, Setup, Shape, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Plan, Study},
    },
    math::decimal::percent,
    model::{
        learning::{mlp::Mlp, training::Examples},
        pruning::{
            share::Mapping,
            share_race::{
                BARE, Job, LEARNING, SCALED, SHARED, SPREAD_EPOCHS, SPREAD_TIMES, SPREADS, SYNFLOW, ShareRace, Stored,
                TICKET, TIMES, Whole,
            },
        },
    },
};
use std::rc::Rc;

static FEWER: Param = Param::float(
    "fewer",
    "Look at",
    (1.0, 500.0, 1000.0),
    "How many times fewer numbers are stored than the net has weights: the net that is shown. Drag it along the chart.",
)
.ends("all", "hardly any");
static NUMBER: Param = Param::int(
    "number",
    "Light up number",
    (0, 0, 504),
    "Shows where one of the stored numbers is used in the first layer, and with which sign. 0 shows all weights.",
);
static MAPPING: Param = Param::choice(
    "mapping",
    "Copies",
    &[("folded", "Folded"), ("lot", "By lot")],
    "Folded, every stored number has as many copies. By lot some have many and some none.",
);
static RATES: Param = Param::choice(
    "rates",
    "Learning rates",
    &[("both", "The better of two"), ("slow", "0.05"), ("fast", "0.15")],
    "Of two, the one counts at which a net knows more of what it has learnt from. Shared numbers then have the faster one alone, \
     which suits them.",
);
static EPOCHS: Param = study::epochs(22);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "parameter-sharing",
    wing: Wing::Pruning,
    prose: Prose {
        title: "A hundred numbers that read",
        paper: Some(Paper {
            title: "In defense of parameter sharing for model-compression",
            authors: "Desai and Shrivastava",
            year: 2023,
            link: "https://arxiv.org/abs/2310.11611",
        }),
        card: "Fifty thousand weights, all copies of a hundred stored numbers.",
        lead: "Watch nets learn whose weights are copies of few numbers. Then drag along the chart, and light one number up.",
        about: &[
            "A net of 50 432 weights stores a hundred numbers. Each weight is a copy of one of them, with a sign of its own. Which \
             one is drawn from a seed, so no places are stored. The net learns as usual, and a stored number follows the \
             gradients of all its copies. It still reads more than eight digits of ten.",
            "The rivals store as many weights. A ticket is cut in rounds, each time from its start. SynFlow and SNIP choose before \
             the training. The small net is dense, and may have as many numbers in all, with its biases. All of them are \
             trained at two rates, shared numbers at the faster one. A net of a hundred separate weights hardly joins the picture to the answers; a shared number works in five hundred \
             places.",
            "The paper has sharing ahead of small nets and of masks chosen early at every size, and ahead of tickets when little is \
             stored. Here it is ahead of the masks from 500 times fewer on, of small nets too in the mean of several runs, and of tickets at a thousand times fewer: a ticket that \
             is cut in many rounds holds out long. With more numbers than that the others are about as good or better, for \
             the digits are easy.",
            "Sharing saves memory, not work: an answer takes as many products as in the whole net. And all nets here keep their \
             biases, 394 in the large one. With a hundred numbers they are most of what is stored.",
            "A number with many copies gets the gradients of all of them. The scaler divides by the square of what its factors add up to, \
             and then it does not matter how large stored numbers are at the start. Without it a net that begins with small ones \
             diverges, and at a lucky size it learns faster than with it. The rates were chosen by looking at the test digits.",
        ],
        formulas: &[
            r"W_i = \lambda_l\, g_i\, z_{h(i)}, \qquad g_i = \pm 1",
            r"h(i) = (H(\lfloor i / m \rfloor) + i) \bmod m",
            r"\dot z_k = \frac{1}{\Gamma_k} \sum_{h(i) = k} \lambda_i\, g_i\, \dot W_i",
            r"\Gamma_k = \frac{(\sum \lambda_i)^2}{n_k}",
        ],
        symbols: &[
            ("z", "the $m$ numbers that are stored"),
            ("h(i), g_i", "which of them weight $i$ is a copy of, and its sign, as drawn from a seed"),
            (r"\lambda_l", "how strong copies in layer $l$ are: as its weights are usually drawn"),
            (r"\dot z, \dot W", "gradients by a stored number and by a weight"),
            (r"\Gamma_k, n_k", "the scaler, and how many copies number $k$ has"),
        ],
        words: "parameter sharing rps roast stable-rps hashing trick hashednets hashed random fold compression memory lottery ticket rewinding snip synflow small dense gradient scaling stability pareto desai shrivastava",
    }
    .told(),
    params: &[&FEWER, &NUMBER, &MAPPING, &RATES, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        Metric::new("stored", "numbers stored", "How many numbers its weights have."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Shared numbers against tickets, masks and small nets.", &[]),
        Preset::new("One number", "One of fifty, and all its copies in the first layer.", &[("fewer", "1000"), ("number", "7")]),
        Preset::new("One rate", "At one slow rate for all, sharing does worse: it likes to learn fast.", &[("rates", "slow")]),
        Preset::new("By lot", "Copies without a plan: not even a full store is the net.", &[("mapping", "lot"), ("fewer", "1")]),
        Preset::new("Signals", "A hard task.", &[("data", "signals"), ("epochs", "10")]),
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
const BATCHES: usize = 21;
/// Steps from one question to the next.
const ASKED: usize = 4;
/// Of five runs and 30 epochs of signals at both rates.
const MOST_STEPS: u64 = 60_000;
const CLASSES: usize = 10;
/// Examples of each class that SNIP is given.
const OF_EACH: usize = 30;
/// The numbers that are drawn.
const DRAWN: (usize, usize) = (21, 24);

const ARMS: [&str; 5] = ["shared numbers", "ticket", "SynFlow", "SNIP", "small net"];
const SCALERS: [&str; 2] = ["with the scaler", "without"];

/// What no step changes.
struct Setting {
    setup: Setup,
    epochs: usize,
    both: bool,
}

#[derive(Clone)]
struct ParameterSharing {
    setting: Rc<Setting>,
    race: ShareRace,
    /// The race; a place is how many times fewer numbers there are. And the spreads at the start.
    study: Study,
    spreads: Study,
    /// Trainings of all runs, and the steps so far of the one whose turn it is.
    plan: Plan<Job>,
    made: usize,
    right: f64,
    /// Of the cell that is being tried, the rate that is best so far: what it knows of what it has learnt from and of what it has not.
    best: Option<(f64, f64)>,
    /// The stored nets of the first run.
    kept: [Option<Stored>; TIMES.len()],
    fewer: f64,
    number: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let rates = match values.option(&RATES) {
        0 => &LEARNING[..],
        1 => &LEARNING[..1],
        _ => &LEARNING[1..],
    };
    let (runs, epochs) = (values.int(&RUNS), values.int(&EPOCHS));
    let cells = |spreads: bool| {
        let first = Job::all(0, epochs, rates).into_iter();
        first.filter(move |job| job.spreads == spreads && job.last).map(|job| job.cell)
    };
    let few = setup.split.train.some_of_each(OF_EACH, CLASSES);
    let whole = Whole {
        net: Mlp::new(&[setup.inputs(), 256, 128, CLASSES]),
        mapping: if values.option(&MAPPING) == 0 { Mapping::Folded } else { Mapping::Scattered },
        few: (few.inputs.data, few.labels),
    };
    let mut run = ParameterSharing {
        race: ShareRace::new(whole, start.rng.stream("none")),
        study: Study::new(&ARMS, &TIMES, cells(false), runs),
        spreads: Study::new(&SCALERS, &SPREADS, cells(true), 1),
        plan: Plan::new(runs, |run| Job::all(run, epochs, rates)),
        made: 0,
        right: 0.0,
        best: None,
        kept: Default::default(),
        fewer: values.float(&FEWER),
        number: values.int(&NUMBER),
        setting: Rc::new(Setting { setup, epochs, both: rates.len() == 2 }),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl ParameterSharing {
    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        let (run, job) = self.plan.now();
        let chance = self.setting.setup.chance(run);
        if self.plan.begins_run() {
            self.race.begin_run(&chance);
        }
        self.race.begin(&job, &chance);
        self.made = 0;
    }

    /// Writes down what came of a training.
    fn put_down(&mut self, train: Examples) -> Status {
        let (run, job) = self.plan.now();
        if job.spreads {
            self.spreads.add(self.right);
            return Status::Running;
        }
        self.race.keep(&job);
        if job.is_on_the_way() {
            return Status::Running;
        }
        let known = self.race.ask(train);
        if self.best.is_none_or(|best| known > best.0) {
            self.best = Some((known, self.right));
            if let (0, Some(stored)) = (run, self.race.stored(&job)) {
                self.kept[job.cell.1] = Some(stored);
            }
        }
        if !job.last {
            return Status::Running;
        }
        let (_, right) = self.best.take().unwrap_or_default();
        self.study.add(right)
    }

    /// Steps of a training.
    fn steps(&self, job: &Job) -> usize {
        job.recipe().all_steps(self.setting.setup.examples()).div_ceil(BATCHES)
    }

    /// The stored net that is shown: the one that is looked at, or until it has come, one that has.
    fn shown(&self) -> Option<Stored> {
        let kept = self.kept[self.study.nearest(self.fewer)].clone();
        kept.or_else(|| self.race.stored(&self.plan.now().1)).or_else(|| self.kept.iter().flatten().next().cloned())
    }
}

impl Experiment for ParameterSharing {
    fn figures(&self, figures: &mut Figures) {
        let (whole, (_, job), shown) = (&self.race.whole, self.plan.now(), self.shown());
        let (layer, biases) = (whole.net.layers()[0], whole.biases());
        let stored = shown.as_ref().map_or(0, |(sharing, _)| sharing.storage().values);

        let times = Axis::log("times fewer numbers, log scale", 1.0, TIMES[4]).of(&FEWER);
        let title = "Test examples right, by how few numbers are stored";
        figures.chart(title, Place::Main, times, study::share_right()).at(self.fewer).study(&self.study).caption(
            || {
                if job.spreads && !self.study.is_over() {
                    return "Meanwhile it is tried how large stored numbers may be at the start.".into();
                }
                self.study.caption(|place| format!("{} stored weights", whole.count(TIMES[place])))
            },
        );

        figures
            .fields("The first layer: every weight is a copy", Fields::of(layer.inputs, layer.units), || {
                let Some((sharing, numbers)) = &shown else { return Vec::new() };
                let mut copies = sharing.copies(numbers);
                if let Some(lit) = self.number.checked_sub(1) {
                    let lit = lit.min(stored - 1);
                    let sign = |(source, factor): (usize, f32)| if source == lit { factor.signum() } else { 0.0 };
                    copies.iter_mut().enumerate().for_each(|(place, x)| *x = sign(sharing.source(place)));
                }
                copies[layer.weights()].to_vec()
            })
            .caption(|| match self.number.min(stored) {
                _ if self.number == 0 => {
                    let copies = layer.weights().len();
                    format!("A tile is a unit, a cell its weight to one input: {copies} weights from {stored} numbers.")
                }
                number => format!(
                    "Where number {number} of {stored} is used in the first layer: as it is (adds) or turned around (takes away)."
                ),
            });

        let names = ["stored numbers below one another", "stored numbers side by side"];
        let store = Shape::heatmap(DRAWN, names, ("below 0", "above 0"));
        figures
            .picture("The stored numbers", Place::Side, store, |slot| {
                let numbers = shown.iter().flat_map(|(_, numbers)| &numbers[..stored]);
                slot.iter_mut().zip(numbers).for_each(|(cell, z)| *cell = *z);
            })
            .caption(|| match DRAWN.0 * DRAWN.1 {
                room if stored > room => format!("The first {room} of {stored} numbers, with {biases} biases beside them."),
                _ => {
                    // A place among all weights takes two bytes.
                    let (shared, placed) = (4 * (stored + biases), 6 * stored + 4 * biases);
                    format!(
                        "All {stored} numbers, with {biases} biases beside them: {shared} bytes. As many weights at places of their own need {placed}."
                    )
                }
            });

        let products = Axis::log("products for an answer, log scale", 40.0, 60_000.0);
        let worked = |arm: usize| {
            let known = (0..TIMES.len()).filter_map(move |place| Some((place, self.study.so_far((arm, place))?)));
            known.map(move |(place, [mean, ..])| (whole.products(arm, place) as f64, mean))
        };
        figures
            .chart("The same, by the work of an answer", Place::Main, products, study::share_right())
            .curves(&ARMS, TIMES.len(), worked)
            .caption(|| {
                let weights = whole.net.weights();
                format!(
                    "Sharing saves memory, not work: an answer takes {weights} products, however few numbers are stored."
                )
            });

        let spread = Axis::log("spread at the start, log scale", SPREADS[0], SPREADS[4]);
        figures
            .chart("What the scaler is for", Place::Main, spread, study::share_right())
            .study(&self.spreads)
            .caption(|| {
                let count = whole.count(SPREAD_TIMES);
                format!(
                    "{count} numbers for {SPREAD_EPOCHS} epochs. With the scaler it is all the same how large they are at first. At 0 a net diverged."
                )
            });
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        let train = setting.setup.train();
        self.race.learn(train, BATCHES);
        self.made += 1;
        let over = self.made >= self.steps(&self.plan.now().1);
        if over || self.made.is_multiple_of(ASKED) {
            self.right = self.race.ask(setting.setup.test());
        }
        if !over {
            return Status::Running;
        }
        let status = self.put_down(train);
        if self.plan.go_on() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some(self.plan.steps(|job| self.steps(&job)))
    }

    fn measure(&self, out: &mut [f32]) {
        let (_, job) = self.plan.now();
        let stored = self.race.whole.stored(&job);
        fill(out, [self.right, self.race.loss, stored as f64, self.study.done() as f64]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.fewer = values.float(&FEWER);
        self.number = values.int(&NUMBER);
        Live::only(param, &[&FEWER, &NUMBER])
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let values = self.shown().map_or(0, |(sharing, _)| sharing.storage().values);
        vec![(&NUMBER, Reach::UpTo(values as f64))]
    }

    fn claims(&self) -> Vec<Claim> {
        let setting = &self.setting;
        let epochs = setting.epochs;
        let here = |claim: Claim| {
            claim
                .only_if(setting.setup.digits, study::OF_DIGITS)
                .only_if(self.race.whole.mapping == Mapping::Folded, "The numbers are those of copies that are folded.")
        };
        let raced = |claim: Claim| {
            here(claim)
                .only_if(setting.both, "The numbers are those of the better of two rates.")
                .only_if(epochs >= 18, study::FEW_EPOCHS)
        };
        let gap = |says: &str, a, b, least| raced(self.study.gap(says, SOURCE, a, b, least));
        let same = Claim::new("With the scaler the spread at the start does not matter.", SOURCE)
            .expect(0.0, 0.002, "at most 0.2 points apart")
            .on((0.0, "0"), (0.1, "10 points"));
        let ends = self.spreads.mean((SCALED, 0)).zip(self.spreads.mean((SCALED, 4)));
        let apart = ends.map(|(a, b)| ((a - b).abs(), format!("{} and {}", percent(a, 1), percent(b, 1))));
        let same = same.found(apart, NOT_TRIED);
        let bare = Claim::new("Without it a net whose numbers begin small diverges.", SOURCE)
            .expect(0.0, 0.2, "at most 20 % right")
            .on((0.0, "0 %"), (1.0, "100 %"));
        // Whatever it answers, a net whose numbers are finite has some right.
        let text = |right: f64| if right > 0.0 { percent(right, 1) } else { "it diverged".into() };
        let bare = bare.found(self.spreads.mean((BARE, 1)).map(|right| (right, text(right))), NOT_TRIED);
        vec![
            gap("With a thousand times fewer numbers sharing beats the ticket.", (SHARED, 4), (TICKET, 4), 0.05),
            gap("With 500 times fewer it beats the mask that SynFlow chooses.", (SHARED, 3), (SYNFLOW, 3), 0.05),
            raced(self.study.level("Fifty numbers read most digits.", SOURCE, (SHARED, 4), (0.8, 1.0))),
            gap("A store as large as the net loses nothing.", (SHARED, 0), (TICKET, 0), -0.015),
            here(same),
            here(bare),
        ]
    }
}

const SOURCE: &str = "Desai and Shrivastava 2023";
const NOT_TRIED: &str = "This has not been tried yet.";

#[cfg(test)]
mod tests {
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=parameter-sharing&{query}"), 0)
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn fifty_numbers_read_and_with_the_scaler_their_spread_does_not_matter() {
        let mut session = run("seed=1&runs=1&rates=fast&epochs=12");
        session.advance(12);
        let metrics = session.metrics();
        assert!(metrics[0] > 0.6, "{metrics:?}");
        session.advance(48 + 20);
        for claim in &session.claims()[4..] {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn a_look_elsewhere_moves_nothing() {
        let mut session = run("seed=2&runs=1&epochs=2&rates=slow");
        session.advance(5);
        let before = session.metrics();
        session.set(&[("fewer".into(), "1000".into()), ("number".into(), "3".into())]).unwrap();
        assert_eq!((session.step(), session.metrics()), (5, before));
    }
}
