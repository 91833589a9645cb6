//! Sparse model soups (Zimmer, Spiegel and Pokutta 2023): nets that were trained on from one pruned net keep its mask when their
//! weights are averaged, and the average begins the next phase of pruning.
//!
//! A step is half an epoch of the small digits, or a few nets of a map: the loss on the plane through three candidates, which is
//! drawn after each phase of the first run. There nets that each have a mask of their own are averaged too. And nets go the
//! same way alone: as many as there are candidates, and one that is trained as long as all of them together.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, GRAIN, Gesture, Hand, Live, Metric, Paper, Param,
        Place, Preset, Prose, Setup, Shape, Start, Status, Values, View, Wing, fill, sample_files,
        study::{self, Plan, Study},
    },
    math::{
        decimal::{fixed, percent},
        scalar,
    },
    model::{
        learning::{
            loss_map::{self, LossMap},
            noisy_labels::NoisyLabels,
            rate::Course,
        },
        pruning::souping::{Came, Chart, Job, PHASES, Phases, Souping, Vary},
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
             their average lies further down. Each point of the map is a net of its own: the orange dot says how much it has right. The \
             three always stand as a triangle: what counts is how much of each is in the mix.",
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
        Preset::new("Another mask", "Between nets of different masks lies a ridge.", &[("corner", "other")]),
        Preset::new("Clean labels", "Without noise there is little to gain.", &[("noise", "0"), ("runs", "1")]),
        Preset::new("Rate falls to 0", "Candidates end close to each other, and the soup is no better.", &[("rate", "linear"), ("runs", "1")]),
        Preset::new("Ten in the pot", "More candidates, a better soup.", &[("candidates", "10")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: MAP,
    files: sample_files,
    start: begin,
};

const MAP: usize = 0;
/// From so many times as far the map says that it draws its third net nearer than it is.
const FAR: f64 = 2.0;

/// Descents in a step, or nets of a map.
const BATCHES: usize = 41;
const ASKED: usize = 7;
/// Of five runs of signals with ten candidates.
const MOST_STEPS: u64 = 17_000;
const CLASSES: usize = 10;

const ARMS: [&str; 6] =
    ["soup", "mean candidate", "best candidate", "vote of all", "mean net alone", "one net, as long as all"];
const SOUP: usize = 0;
const MEAN: usize = 1;
const BEST: usize = 2;
const ALONE: usize = 4;
const LONG: usize = 5;
/// The corners of maps, and what is averaged.
const MEMBERS: [&str; 5] = ["average of the three", "candidate 1", "candidate 2", "candidate 3", "another mask"];
const POTS: [&str; 2] = ["one mask", "a mask each"];
/// What the average of nets with a mask each is held for, and that of candidates.
const MIXED: [&str; 3] = ["weights left", "right", "weights left in the soup"];

/// What no step changes.
struct Setting {
    /// Some labels of what is learnt from are wrong.
    setup: Setup,
    /// Whether the claims speak of these settings.
    usual: bool,
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
    nets: Souping,
    plan: Plan<Job>,
    /// Places are how many times fewer weights are left after each phase.
    study: Study,
    mixed: Study,
    corner: usize,
    /// Where the dot is on the map.
    dot: (f64, f64),
    mix: Rc<Mix>,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let mut setup = Setup::new(start)?;
    let noise = values.float(&NOISE);
    let labels = &mut setup.split.train.labels;
    *labels = NoisyLabels::new(labels, noise, CLASSES, &mut start.rng.stream("labels")).given;
    let (candidates, runs) = (values.int(&CANDIDATES), values.int(&RUNS));
    let course = if values.option(&COURSE) == 0 { Course::Constant } else { Course::Linear };
    let vary = [Vary::Nothing, Vary::Decay, Vary::Length][values.option(&VARY)];
    let phases = Phases { density: values.float(&DENSITY), candidates, vary, course };
    let places: Vec<f64> = (1..=PHASES).map(|phase| 1.0 / phases.left(phase)).collect();
    let cells = |arms: &[usize]| -> Vec<_> {
        (0..PHASES).flat_map(|phase| arms.iter().map(move |arm| (*arm, phase))).collect()
    };
    let cells = [cells(&[SOUP, MEAN, BEST, 3]), cells(&[ALONE]), cells(&[LONG])].concat();
    let widths = [setup.inputs(), 128, 64, CLASSES];
    let mut run = SparseSoups {
        nets: Souping::new(&widths, phases, start.rng.stream("none")),
        plan: Plan::new(runs, |run| Job::all(run, candidates)),
        study: Study::new(&ARMS, &places, cells, runs),
        mixed: Study::crossed(&MIXED, &[1.0], 1),
        corner: values.option(&CORNER),
        dot: (0.5, 0.5),
        mix: Rc::new(Mix { numbers: Vec::new(), right: 0.0, left: 1.0 }),
        setting: Rc::new(Setting {
            setup,
            usual: (noise - 0.3).abs() < 1e-6 && course == Course::Constant && candidates >= 5,
        }),
    };
    run.take_up();
    run.look();
    Ok(Box::new(run))
}

impl SparseSoups {
    /// Begins the next part.
    fn take_up(&mut self) {
        let (run, job) = self.plan.now();
        self.nets.begin(job, &self.setting.setup.chance(run));
    }

    /// Writes down what came of a part.
    fn put_down(&mut self) -> Status {
        let (run, job) = self.plan.now();
        let came = self.nets.end(run, job, self.setting.setup.test());
        if let Job::Map { .. } = job {
            self.look();
        }
        match came {
            Came::Right(rights) => return self.study.add_all(rights),
            Came::Mixed(mixed) => {
                self.mixed.add_all(mixed);
            }
            Came::Nothing => {}
        }
        Status::Running
    }

    /// The map that is shown: the one that was chosen, if it is drawn.
    fn chart(&self) -> Option<&Rc<Chart>> {
        self.nets.charts[self.corner].as_ref().or(self.nets.charts[0].as_ref())
    }

    /// Looks at the net at the dot.
    fn look(&mut self) {
        let numbers = self.chart().map(|chart| chart.map.net(self.dot.0, self.dot.1));
        let numbers = numbers.unwrap_or_else(|| self.nets.trainee.training.numbers.clone());
        let right = self.nets.ask(&numbers, self.setting.setup.test());
        self.mix = Rc::new(Mix { left: self.nets.left(&numbers), numbers, right });
    }

    /// The corners of the map that is shown.
    fn corners(&self) -> [usize; 3] {
        if self.corner == 1 && self.nets.charts[1].is_some() { [1, 2, 4] } else { [1, 2, 3] }
    }

    /// What is done.
    fn doing(&self) -> String {
        let (run, job) = self.plan.now();
        let of = |of: usize| format!("{} of {}", of + 1, self.nets.phases.candidates);
        let at = |phase: usize| format!("with {} of the weights", percent(self.nets.phases.left(phase + 1), 1));
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

impl Experiment for SparseSoups {
    fn figures(&self, figures: &mut Figures) {
        let (Mix { right, left, .. }, chart) = (&*self.mix, self.chart());
        let (layer, nets) = (self.nets.trainee.net.layers()[0], self.nets.phases.candidates);
        let (x, y) = self.dot;

        let shape = Shape::Surface {
            rows: LossMap::ROWS as u32,
            cols: LossMap::COLS as u32,
            members: MEMBERS.map(str::to_owned).to_vec(),
            span: 4,
            ends: Vec::new(),
            trail: 1,
        };
        let map = View::new("Test loss on the plane through three nets", Place::Main, shape).hand(Hand::Now).moving();
        let corners = self.corners();
        figures
            .view(map, |slot| {
                let (ground, marks) = slot.split_at_mut(LossMap::ROWS * LossMap::COLS);
                if let Some(chart) = chart {
                    ground.copy_from_slice(&chart.heights);
                }
                let places = loss_map::CORNERS.map(|(x, y)| (x as f32, y as f32));
                let [a, b, c] = corners;
                let members = [(0, (0.5, 0.5)), (a, places[0]), (b, places[1]), (c, places[2])];
                Shape::mark_surface(marks, &members, &[(x as f32, y as f32)]);
            })
            .caption(|| {
                let Some(chart) = chart else { return "The map is drawn when three candidates are trained.".into() };
                let (shares, names) = (chart.map.shares(x, y), corners.map(|corner| MEMBERS[corner]));
                let [one, two, three] = [0, 1, 2].map(|i| format!("{} of {}", percent(shares[i], 0), names[i]));
                let [a, b, c] = chart.rights.map(|right| percent(right, 1));
                let [right, left] = [right, left].map(|share| percent(*share, 1));
                let far = chart.map.stretch().filter(|stretch| *stretch > FAR).map_or_else(String::new, |stretch| {
                    format!(" The third is {} times as far away as they are from each other.", fixed(stretch, 0))
                });
                format!(
                    "Your mix, the orange dot, is {one}, {two} and {three}: {right} right with {left} of the weights. They alone: {a}, {b} and {c}.{far}"
                )
            });

        figures
            .fields("What its units look for", Fields::of(layer.inputs, layer.units), || {
                let numbers = if chart.is_some() { &self.mix.numbers } else { &self.nets.trainee.training.numbers };
                &numbers[layer.weights()]
            })
            .caption(|| {
                let which = if chart.is_some() { "in the net at the orange dot" } else { "in training" };
                format!("A tile is a unit of the first layer, a cell its weight to one input, {which}.")
            });

        let fewer = Axis::log("times fewer weights, log scale", 1.0, 1.0 / self.nets.phases.density);
        let title = "Test examples right, by how few weights are left";
        figures
            .chart(title, Place::Main, fewer, Axis::linear("share right", 0.6, 1.0))
            .study(&self.study)
            .caption(|| if self.study.is_over() { self.study.caption(|_| String::new()) } else { self.doing() });

        let averaged = || Axis::linear("nets that are averaged", 1.0, nets as f64);
        let share = |name| Axis::linear(name, 0.0, 1.0);
        let pot =
            |pot: usize, side: usize| (1_usize..).zip(self.nets.pots[pot].iter().map(move |point| point[side] as f32));
        let missing = 1.0 - self.nets.phases.density;
        let none = (1..=nets).map(|count| (count, (1.0 - scalar::pow(missing, count as f64)) as f32));
        let last = |side: usize| self.nets.pots.each_ref().map(|pot| pot.last().map(|point| percent(point[side], 1)));
        figures
            .chart("Weights left in the soup", Place::Side, averaged(), share("share of all"))
            .curves(&POTS, nets, |at| pot(at, 0))
            .reference("by chance", nets, none)
            .caption(|| match last(0) {
                [Some(same), Some(other)] => format!(
                    "{same} with one mask, {other} with a mask each. It would be a little more if masks had nothing in common."
                ),
                [Some(same), None] => format!("{same} however many candidates are averaged."),
                _ => "Of the last phase of the first run, once it is over.".into(),
            });

        figures
            .chart("Test examples the soup has right", Place::Main, averaged(), share("share right"))
            .curves(&POTS, nets, |at| pot(at, 1))
            .caption(|| match last(1) {
                [Some(same), Some(other)] => format!("{same} with one mask, {other} with a mask each."),
                _ => "One candidate, then more and more of them, by the first run.".into(),
            });
    }

    fn step(&mut self) -> Status {
        if self.study.is_over() {
            return Status::Ended("all runs over");
        }
        let (train, test) = (self.setting.setup.train(), self.setting.setup.test());
        if !self.nets.step(train, test, (BATCHES, ASKED)) {
            return Status::Running;
        }
        let status = self.put_down();
        self.plan.go_on();
        if !self.study.is_over() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let examples = self.setting.setup.examples();
        Some(self.plan.steps(|job| match job {
            Job::Map { .. } => LossMap::ASKED.div_ceil(ASKED),
            _ => self.nets.phases.recipe(job).all_steps(examples).div_ceil(BATCHES),
        }))
    }

    fn measure(&self, out: &mut [f32]) {
        fill(out, self.nets.trainee.report().into_iter().chain([self.mix.right, self.mix.left]));
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
            claim.only_if(setting.setup.digits, study::OF_DIGITS).only_at(
                self.nets.phases.density,
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
            usual(Claim { expected_text: percent(self.nets.phases.density, 1), ..as_sparse }),
            usual(self.mixed.level(
                "The average of nets with a mask each has far more weights.",
                SOURCE,
                (0, 0),
                (0.3, 1.0),
            )),
            noisy(self.mixed.level("And it knows little.", SOURCE, (1, 0), (0.0, 0.3))),
        ]
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
