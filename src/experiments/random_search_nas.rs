//! Random search for sparse nets (Farahani 2024): of many nets of some of the units of a large one, that with the best loss before any
//! training is trained, and so are some by lot.
//!
//! A step asks some nets that are not trained, or trains one on for an epoch or so. In each run the whole net is trained, and for four
//! shares of its units 300 nets are drawn and asked; the first twelve are trained, and the best of the first 60 and of all.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Figures, Live, Metric, NO_THIRD_SET, Paper, Param, Place, Preset,
        Prose, Setup, Shape, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Plan, spread},
    },
    math::{
        decimal::{fixed, percent},
        order::{nearest_by_ratio, rank_correlation},
        scalar,
    },
    model::{
        learning::training::Recipe,
        pruning::{
            random_search::{ANY, Found, Trained, error, mean},
            unit_search::{Job, KEPT, POOL, Search, TRAINED, TRIALS},
        },
    },
};
use std::rc::Rc;

static TRIED: Param = Param::int(
    "tried",
    "Nets tried",
    (1, 60, 300),
    "Of so many nets the one with the least loss is chosen, before any training. Drag it along the charts.",
)
.ends("no search", "long search");
static KEEP: Param = Param::share(
    "keep",
    "Units kept",
    (0.0625, 0.125, 0.5),
    "The share of the units of each hidden layer that a net has: the nearest of four. Drag it along the chart.",
);
static EPOCHS: Param = study::epochs(15);
static RUNS: Param = study::runs(3);

pub static ENTRY: Entry = Entry {
    id: "random-search-nas",
    wing: Wing::Pruning,
    prose: Prose {
        title: "A search that finds nothing",
        paper: Some(Paper {
            title: "Random Search as a Baseline for Sparse Neural Network Architecture Search",
            authors: "Farahani",
            year: 2024,
            link: "https://arxiv.org/abs/2403.08265",
        }),
        card: "The best start of three hundred nets ends like any other.",
        lead: "Drag the number of nets tried: the loss at the start falls, what is learnt does not move.",
        about: &[
            "A large net is drawn. Nets of some of its units are cut out by lot, with the weights that these had. The search tries many \
             and chooses the one with the least loss, before any of them has learnt. Then it is trained.",
            "It is no better than a net by lot. The search does find lower losses, the more nets it tries. But the loss of nets that know \
             nothing says nothing about what they will learn: the cloud of starts and ends is round. Nor do the chosen nets learn faster.",
            "Few units go far, though. With an eighth of them in each layer, and a far smaller share of the weights, hardly \
             anything is lost. The whole net is the upper line. It is trained with as many epochs, but it is no test of the search.",
            "That nothing is found means little if nothing could be seen. So the page says how large a difference would have shown: each chosen net \
             is held against the mean of twelve by lot, in several runs, and the standard error of the difference stands beside it.",
            "This is a baseline, as its author says: a search that is better should be held against it. It says nothing of searches that \
             train a little before they choose.",
            NO_THIRD_SET,
        ],
        formulas: &[r"i^* = \arg\min_{i \le N} L(\theta_i)", r"w_{ij} \leftarrow w_{ij} / \sqrt{\kappa}"],
        symbols: &[
            (r"\theta_i", "the weights of net $i$ before training"),
            ("N", "how many nets are tried"),
            (r"\kappa", "the share of units kept: weights from fewer units are made stronger"),
        ],
        words: "random search baseline sparse neural architecture search nas node subnetwork null result initial loss negative farahani spearman",
    }
    .told(),
    params: &[&TRIED, &KEEP, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        Metric::new("start", "loss of the chosen at the start", "The mean over the runs, of the units kept and the nets tried that are set."),
        Metric::new("chosen", "chosen nets right", "The share of unseen examples that they have right after training, where they were trained."),
        Metric::new("any", "any nets right", "The same for nets by lot."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "The best of sixty, with an eighth of the units.", &[]),
        Preset::new("A long search", "The best of three hundred.", &[("tried", "300")]),
        Preset::new("Half of the units", "Large nets: the chosen and any others are alike.", &[("keep", "0.5")]),
        Preset::new("A sixteenth", "Eight units in a layer: luck matters more, but not the search.", &[("keep", "0.0625")]),
        Preset::new("Signals", "A task that is hard.", &[("data", "signals"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: CLOUD,
    files: sample_files,
    start: begin,
};

const CLOUD: usize = 0;

/// Descents in a step by share, and of the whole net; and nets that are asked in a step.
const BATCHES: [usize; KEPT.len() + 1] = [105, 105, 63, 21, 7];
const WHOLE: usize = KEPT.len();
const ASKED: [usize; KEPT.len()] = [20, 20, 10, 5];
/// Of five runs and 30 epochs of signals.
const MOST_STEPS: u64 = 20_000;
/// The search that claims speak of.
const SEARCH: usize = 60;
/// Units of each hidden layer of the whole net, drawn in rows.
const UNITS: usize = 128;
const ACROSS: usize = 16;
const DOWN: usize = UNITS / ACROSS;
const CLASSES: usize = 10;
const BEST: &str = "the best of those tried";
/// Points of the curve of losses.
const POINTS: usize = 40;

/// What no step changes.
struct Setting {
    setup: Setup,
    recipe: Recipe,
}

#[derive(Clone)]
struct RandomSearchNas {
    setting: Rc<Setting>,
    search: Search,
    plan: Plan<Job>,
    done: usize,
    tried: usize,
    keep: f64,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let widths = [setup.inputs(), UNITS, UNITS, CLASSES];
    let mut run = RandomSearchNas {
        search: Search::new(&widths, start.rng, start.rng.stream("none")),
        plan: Plan::new(values.int(&RUNS), |_| Job::all()),
        done: 0,
        tried: values.int(&TRIED),
        keep: values.float(&KEEP),
        setting: Rc::new(Setting { setup, recipe: Recipe::usual(values.int(&EPOCHS)) }),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl RandomSearchNas {
    /// Begins the next part.
    fn take_up(&mut self) {
        let (run, job) = self.plan.now();
        self.search.begin(run, job, self.setting.recipe);
    }

    /// The share that is looked at.
    fn place(&self) -> usize {
        nearest_by_ratio(&KEPT, self.keep)
    }

    /// The nearest number of tries of which the best is trained.
    fn trial(&self) -> usize {
        TRIALS[nearest_by_ratio(&TRIALS.map(|tried| tried as f64), self.tried as f64)]
    }

    /// What is done.
    fn doing(&self) -> String {
        let (run, job) = self.plan.now();
        let what = match job {
            Job::Whole => "the whole net is trained".into(),
            Job::Draw(place) => format!("nets with {} of the units are asked", called(place)),
            Job::Train(place, number) => {
                format!("net {} of {TRAINED} with {} of the units is trained", number + 1, called(place))
            }
        };
        format!("Run {} of {}: {what}.", run + 1, self.plan.runs())
    }
}

/// So many units in words.
fn called(place: usize) -> &'static str {
    ["a sixteenth", "an eighth", "a quarter", "half"][place]
}

impl Experiment for RandomSearchNas {
    fn figures(&self, figures: &mut Figures) {
        let (place, trial, runs, search) = (self.place(), self.trial(), self.plan.runs(), &self.search);
        let name = called(place);
        let tried = || Axis::log("nets tried, log scale", 1.0, POOL as f64).of(&TRIED);
        let (least, greatest) = if self.setting.setup.digits { (0.85, 1.0) } else { (0.2, 0.8) };
        let right = || Axis::linear("share right", least, greatest);
        let loss = |greatest| Axis::linear("loss before training", 2.0, greatest);
        let of = |trained: &Trained| trained.right;

        let point = |found: &Found, trained: &Trained| (found.losses[trained.net], trained.right);
        let found = || search.of(place).into_iter();
        let by_lot = || found().flat_map(|found| found.by_lot().iter().map(move |trained| point(found, trained)));
        figures
            .chart("Right after training, by the loss before it", Place::Main, loss(3.0), right())
            .dots(BEST, runs, found().filter_map(|found| Some(point(found, found.chosen(trial)?))))
            .dots("any", ANY * runs, by_lot())
            .caption(|| {
                let (starts, ends): (Vec<f64>, Vec<f64>) = by_lot().unzip();
                let count = starts.len();
                if count < ANY {
                    return format!(
                        "With {name} of the units. Twelve nets of each run are trained, and the best of those tried."
                    );
                }
                let correlation = fixed(rank_correlation(&starts, &ends), 2);
                format!(
                    "{count} nets with {name} of the units. The rank correlation of start and end is {correlation}: 1 or −1 if one told the other."
                )
            });

        let names = ["units of the first and of the second hidden layer", "units"];
        let units = Shape::heatmap((2 * DOWN + 1, ACROSS), names, ("", "kept"));
        figures
            .picture("The units of the chosen net", Place::Side, units, |slot| {
                slot.fill(0.0);
                let first = found().next().and_then(|found| found.best(self.tried));
                for (layer, units) in search.units(0, place, first.unwrap_or(0)).iter().enumerate() {
                    units.iter().for_each(|unit| slot[layer * (DOWN + 1) * ACROSS + unit] = 1.0);
                }
            })
            .caption(|| {
                let tried = self.tried;
                format!("The best of {tried} in the first run keeps {name} of the units of each hidden layer.")
            });

        let kept = Axis::log("share of units kept, log scale", KEPT[0], 1.0).of(&KEEP);
        let places = || KEPT.into_iter().enumerate();
        let chosen = places().filter_map(|(at, kept)| Some((kept, spread(&search.chosen(at, trial, of))?)));
        let any = places().filter_map(|(at, kept)| Some((kept, spread(&search.any(at, of))?)));
        figures
            .chart("Test examples right, by how many units are kept", Place::Main, kept, right())
            .at(self.keep)
            .spread(BEST, KEPT.len(), chosen)
            .spread("any", KEPT.len(), any)
            .spread("whole net", 1, spread(&search.whole).map(|whole| (1.0, whole)))
            .caption(|| match search.gain(place, trial, of).zip(error(&search.of(place))) {
                Some((gain, error)) => {
                    let [gain, error] = [gain, error].map(|share| fixed(100.0 * share, 1));
                    format!(
                        "With {name} the best of {trial} is {gain} points from any, with a standard error of {error}."
                    )
                }
                None => self.doing(),
            });

        let count =
            |i: usize| scalar::exp(scalar::ln(POOL as f64) * i as f64 / (POINTS - 1) as f64).round().max(1.0) as usize;
        let starts = (0..POINTS).map(count).filter_map(|tried| Some((tried as f64, search.start(place, tried)?)));
        figures
            .chart("The least loss before training, by how many are tried", Place::Side, tried(), loss(2.6))
            .at(self.tried as f64)
            .curve("the best", POINTS, starts)
            .level("mean", (1.0, POOL as f64), search.mean_start(place))
            .caption(|| match search.start(place, self.tried).zip(search.mean_start(place)) {
                Some((best, mean)) => {
                    let [best, mean] = [best, mean].map(|loss| fixed(loss, 3));
                    format!("The best of {} begins with {best}, the mean net with {mean}.", self.tried)
                }
                None => "Nets with so many units are still to be asked.".into(),
            });

        let ends = TRIALS.into_iter();
        let ends = ends.filter_map(|tried| Some((tried as f64, spread(&search.chosen(place, tried, of))?)));
        figures
            .chart("What the chosen have right, by how many are tried", Place::Main, tried(), right())
            .at(self.tried as f64)
            .spread("the best", TRIALS.len(), ends)
            .level("any", (1.0, POOL as f64), mean(search.any(place, of)))
            .caption(|| match mean(search.chosen(place, trial, of)) {
                Some(mean) => format!("The best of {trial} has {} right after training.", percent(mean, 1)),
                None => "The best of 1, 4, 12, 60 and 300 are trained.".into(),
            });
    }

    fn step(&mut self) -> Status {
        if self.plan.is_over() {
            return Status::Ended("all runs over");
        }
        let setting = Rc::clone(&self.setting);
        let (train, test) = (setting.setup.train(), setting.setup.test());
        let (run, job) = self.plan.now();
        let over = match job {
            Job::Draw(place) => self.search.ask(run, place, ASKED[place], train),
            Job::Train(place, _) => self.search.train(BATCHES[place], train, test),
            Job::Whole => self.search.train(BATCHES[WHOLE], train, test),
        };
        if !over {
            return Status::Running;
        }
        self.search.keep(run, job);
        self.done += usize::from(!matches!(job, Job::Draw(_)));
        if !self.plan.go_on() {
            return Status::Ended("all runs over");
        }
        self.take_up();
        Status::Running
    }

    fn due(&self) -> Option<u64> {
        let batches = self.setting.recipe.all_steps(self.setting.setup.examples());
        Some(self.plan.steps(|job| match job {
            Job::Whole => batches.div_ceil(BATCHES[WHOLE]),
            Job::Draw(place) => POOL.div_ceil(ASKED[place]),
            Job::Train(place, _) => batches.div_ceil(BATCHES[place]),
        }))
    }

    fn measure(&self, out: &mut [f32]) {
        let (place, trial, search) = (self.place(), self.trial(), &self.search);
        let start = search.start(place, self.tried);
        let [chosen, any] =
            [search.chosen(place, trial, |net| net.right), search.any(place, |net| net.right)].map(mean);
        let known = [start, chosen, any].map(|known| known.unwrap_or(0.0));
        let [right, loss, _] = search.trainee.report();
        fill(out, [right, loss].into_iter().chain(known).chain([self.done as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.tried = values.int(&TRIED);
        self.keep = values.float(&KEEP);
        Live::only(param, &[&TRIED, &KEEP])
    }

    fn claims(&self) -> Vec<Claim> {
        let over = self.plan.is_over();
        let claim = |says: &str, (from, to): (f64, f64), text: &str, [low, high]: [(f64, &str); 2], found| {
            let claim = Claim::new(says, SOURCE).expect(from, to, text).on(low, high);
            claim.found(Option::<(f64, String)>::filter(found, |_| over), study::NOT_YET)
        };
        let right = |trained: &Trained| trained.right;
        let told = |[gain, error]: [f64; 2]| {
            let [points, error] = [gain, error].map(|share| fixed(100.0 * share, 1));
            (gain, format!("{points} points ± {error}"))
        };
        let farthest = self.search.farthest_gain(SEARCH).map(told);
        // The largest of several gains may be large by chance, where nets differ much. Their mean is known better.
        let better = self.search.mean_gain(SEARCH).map(told);
        let falls = (0..KEPT.len())
            .filter_map(|place| Some(self.search.mean_start(place)? - self.search.start(place, SEARCH)?));
        let least = falls.min_by(f64::total_cmp).map(|fall| (fall, fixed(fall, 3)));
        // How soon a single net learns is told in whole epochs, so nets of all shares count together.
        let sooner =
            mean((0..KEPT.len()).filter_map(|place| self.search.gain(place, SEARCH, |trained| -trained.epochs)));
        let sooner = sooner.map(|sooner| (sooner, format!("{} epochs", fixed(sooner, 1))));
        let kept = study::against(mean(self.search.any(1, right)), mean(self.search.whole.iter().copied()));
        let trained = |claim: Claim| claim.only_if(self.setting.recipe.epochs >= 10, study::FEW_EPOCHS);
        let of_digits = |claim: Claim| trained(claim).only_if(self.setting.setup.digits, study::OF_DIGITS);
        vec![
            claim(
                "The search finds a lower loss: the best of 60 against the mean.",
                (0.05, f64::INFINITY),
                "lower by at least 0.05",
                [(0.0, "0"), (0.5, "0.5")],
                least,
            ),
            of_digits(claim(
                "Trained, its net is like any other, whatever is kept.",
                (0.0, 0.015),
                "at most 1.5 points apart",
                [(0.0, "0"), (0.1, "10 points")],
                farthest.map(|(gain, text)| (gain.abs(), text)),
            )),
            trained(claim(
                "It is no better, in the mean over what is kept.",
                (-1.0, 0.015),
                "at most 1.5 points better",
                [(-0.1, "−10 points"), (0.1, "10 points")],
                better,
            )),
            of_digits(claim(
                "Nor does it learn faster, in the mean over what is kept.",
                (-30.0, 1.0),
                "at most one epoch sooner",
                [(-3.0, "3 later"), (3.0, "3 sooner")],
                sooner,
            )),
            of_digits(claim(
                "With an eighth of the units most is kept.",
                (-0.05, 1.0),
                "at most 5 points worse",
                [(-0.2, "−20 points"), (0.1, "10 points")],
                kept,
            )),
        ]
    }
}

const SOURCE: &str = "Farahani 2024";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=random-search-nas&{query}"), 0)
    }

    #[test]
    fn the_search_lowers_the_loss_and_nothing_else() {
        let mut session = run("seed=1&runs=1&epochs=10");
        let due = session.last();
        session.seek(MOST_STEPS);
        assert_eq!((session.step(), session.ended().is_some()), (due, true));
        let claims = session.claims();
        assert_eq!(claims[0].verdict(), Verdict::Agrees, "{claims:?}");
        // One run alone says little of the differences.
        assert!(claims[1].measured.as_ref().is_some_and(|(gap, _)| *gap < 0.05), "{claims:?}");
        let loss = |session: &Session| session.metrics()[2];
        let before = loss(&session);
        session.set(&[("tried".into(), "300".into())]).unwrap();
        assert!(loss(&session) <= before && session.claims() == claims);
    }

    #[test]
    fn the_longest_run_fits() {
        assert!(run("seed=1&runs=5&epochs=30&data=signals").last() < MOST_STEPS);
    }
}
