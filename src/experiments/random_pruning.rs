//! Random pruning (Liu, Chen, Chen, Shen, Mocanu, Wang and Pechenizkiy 2022): nets of five widths whose weights were taken away
//! at random before training, beside whole nets.
//!
//! The first steps choose the masks of the first run, a width each, so that they can be looked at. Then a step is one to twenty-one
//! batches of a training, fewer of wide nets. Nets are asked after each epoch.
use crate::{
    data::Samples,
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, NO_THIRD_SET, Paper, Param, Place, Preset,
        Prose, Setup, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Study, Trial},
    },
    math::decimal::percent,
    model::{
        learning::{mlp::Mlp, training::Recipe},
        pruning::{
            lots::{self, ERK, EVEN, OTHER, PLAIN, SNIP, Seen, Terms, WHOLE, Width},
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static WIDTH: Param = Param::int(
    "width",
    "Look at",
    (32, 256, 512),
    "How many units each of the two hidden layers has: what is shown is of the nearest width. Drag it along the chart.",
)
.ends("narrow", "wide");
static SHOWN: Param = Param::choice(
    "shown",
    "Show the mask of",
    &[
        ("erk", "ERK"),
        ("snip", "SNIP's shares"),
        ("even", "Even"),
        ("other", "ERK, other places"),
        ("whole", "Whole net"),
    ],
    "Whose weights are drawn. Go from one to another and see what a mask has to do with its places.",
);
static DENSITY: Param =
    Param::share("density", "Weights left", (0.02, 0.05, 0.5), "The share of all weights that is left, of each width.")
        .ends("hardly any", "half");
static EPOCHS: Param = study::epochs(10);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "random-pruning",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Any weights will do",
        paper: Some(Paper {
            title: "The Unreasonable Effectiveness of Random Pruning: Return of the Most Naive Baseline for Sparse Training",
            authors: "Liu, Chen, Chen, Shen, Mocanu, Wang and Pechenizkiy",
            year: 2022,
            link: "https://arxiv.org/abs/2202.02643",
        }),
        card: "Wide enough, a net with random holes learns like a whole one.",
        lead: "Drag the width and watch the gap to the whole net close.",
        about: &[
            "Before a net learns, nineteen of twenty weights are taken away by lot. No score, no search. A narrow net is ruined by \
             that. A wide one hardly notices: enough of its weights are left. All nets are trained equally long, for more training \
             closes the gap too.",
            "What matters is how many weights each layer keeps. Even shares starve the small last layer. ERK gives small layers \
             more, and fills a layer that would get more than it has. SNIP's shares come from a score of the weights at birth, but \
             only the shares: the places are by lot here too.",
            "Which weights they are hardly matters. The same shares at other places do as well: flip between the two masks and \
             look. That holds where a net is wide; a narrow one depends on its luck.",
            "Mind the start. A unit that has lost most of its inputs gets too weak a sum, and with even shares and a plain start \
             the net learns next to nothing. Multiply its weights by a root, and the same mask works. Without that, random pruning \
             looks hopeless.",
            "The paper also has random nets that beat whole ones. Here they come as close as the noise of 500 test digits: that \
             is not claimed. The widest nets take as long as all others together, so they have three curves only.",
            NO_THIRD_SET,
        ],
        formulas: &[
            r"d_l = \varepsilon\, \frac{a_l + b_l}{a_l b_l} \le 1",
            r"\sum_l d_l a_l b_l = d \sum_l a_l b_l",
            r"w_{ij} \leftarrow w_{ij} \sqrt{a / n_i}",
        ],
        symbols: &[
            ("d_l, d", "the share of weights that is left in layer $l$, and in all"),
            ("a_l, b_l", "the inputs and the units of layer $l$"),
            (r"\varepsilon", "the number that makes the sum right"),
            ("n_i", "the inputs that unit $i$ of a layer has left, of $a$"),
        ],
        words: "random pruning sparse training erdos renyi kernel erk snip ratio layer-wise sparsity width mask-aware initialization initialisation unreasonable effectiveness",
    }
    .told(),
    params: &[&WIDTH, &SHOWN, &DENSITY, &EPOCHS, &RUNS, &DATA],
    metrics: &study::IN_TRAINING,
    presets: &[
        Preset::new("Default", "A twentieth of the weights: the gap closes with the width.", &[]),
        Preset::new("Narrow", "At 64 units random holes ruin the net.", &[("width", "64")]),
        Preset::new("A fifth", "With a fifth of the weights there is hardly a gap.", &[("density", "0.2")]),
        Preset::new("Signals", "A task that is hard.", &[("data", "signals"), ("density", "0.3"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: sample_files,
    start: begin,
};

const RACE: usize = 0;

/// Units of each hidden layer, and descents in a step of a net that wide, which each divide those of an epoch.
const WIDTHS: [usize; 5] = [32, 64, 128, 256, 512];
const BATCHES: [usize; 5] = [21, 21, 7, 3, 1];
/// The place up to which every arm is trained. Wider nets take as long as all others together.
const ALL_ARMS_TO: usize = 3;
/// Units of the first layer that are drawn, so many as each net has.
const DRAWN: usize = 32;
/// Of five runs and 30 epochs of signals.
const MOST_STEPS: u64 = 36_000;
/// Examples of each class that SNIP is given.
const OF_EACH: usize = 30;
const CLASSES: usize = 10;

const ARMS: [&str; 6] = ["whole net", "ERK", "SNIP's shares", "even", "even, plain start", "ERK, other places"];
/// The arms of the widest nets.
const WIDEST: [usize; 3] = [WHOLE, ERK, EVEN];

/// What no step changes.
struct Setting {
    setup: Setup,
    /// What SNIP is given.
    few: Samples,
    recipe: Recipe,
    density: f64,
}

#[derive(Clone)]
struct RandomPruning {
    setting: Rc<Setting>,
    trainee: Trainee,
    /// A place is a width.
    study: Study,
    /// The masks of the first run that are chosen so far, by width.
    first: Vec<Rc<Width>>,
    width: f64,
    shown: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let few = setup.split.train.some_of_each(OF_EACH, CLASSES);
    let places = if setup.digits { &WIDTHS[..] } else { &WIDTHS[..=ALL_ARMS_TO] };
    let all = (0..places.len()).flat_map(|place| (0..ARMS.len()).map(move |arm| (arm, place)));
    let cells = all.filter(|(arm, place)| *place <= ALL_ARMS_TO || WIDEST.contains(arm));
    let setting = Setting { setup, few, recipe: Recipe::usual(values.int(&EPOCHS)), density: values.float(&DENSITY) };
    let widths: Vec<f64> = places.iter().map(|width| *width as f64).collect();
    Ok(Box::new(RandomPruning {
        trainee: Trainee::new(&setting.widths(0), start.rng.stream("none")),
        study: Study::new(&ARMS, &widths, cells, values.int(&RUNS)),
        setting: Rc::new(setting),
        first: Vec::new(),
        width: values.int(&WIDTH) as f64,
        shown: values.option(&SHOWN),
    }))
}

impl Setting {
    fn widths(&self, place: usize) -> [usize; 4] {
        [self.setup.inputs(), WIDTHS[place], WIDTHS[place], CLASSES]
    }

    fn terms(&self) -> Terms<'_> {
        (self.density, self.few.both())
    }
}

impl RandomPruning {
    /// Chooses the masks of the next width in the first run.
    fn look_on(&mut self) {
        let setting = &self.setting;
        let net = Mlp::new(&setting.widths(self.first.len()));
        self.first.push(Rc::new(Width::new(net, setting.terms(), &setting.setup.chance(0))));
    }

    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        let (setting, Trial { run, arm, place }) = (&self.setting, self.study.now());
        let chance = setting.setup.chance(run);
        self.trainee = Trainee::new(&setting.widths(place), chance.stream("none"));
        let (numbers, mask) = lots::begin(&mut self.trainee.net, arm, setting.terms(), &chance);
        let order = chance.stream(&format!("order {}", WIDTHS[place]));
        self.trainee.begin(numbers, Rc::new(mask), setting.recipe, order);
    }

    /// The width that is shown, and its masks once they are chosen.
    fn look(&self) -> (usize, Option<&Width>) {
        let place = self.study.nearest(self.width);
        (place, self.first.get(place).map(|width| &**width))
    }

    /// The charts of all widths: a number of the mask that is shown at each.
    fn along<'a>(&'a self, of: impl Fn(&Width, &Seen) -> f64 + 'a) -> impl Iterator<Item = (f64, f64)> + 'a {
        let known = self.first.iter().map(move |width| of(width, &width.seen[self.shown]));
        self.study.places().iter().copied().zip(known)
    }

    fn fields(&self) -> Fields {
        let layer = self.trainee.net.layers()[0];
        Fields::of(layer.inputs, DRAWN)
    }

    /// The weights of the first layer that are shown; before a mask is chosen, those of the net that is next.
    fn drawn(&self) -> Vec<f32> {
        let (place, width) = self.look();
        let setting = &self.setting;
        let next = || lots::draw(&Mlp::new(&setting.widths(place)), &setting.setup.chance(0));
        width.map_or_else(next, |width| width.under(self.shown))
    }
}

impl Experiment for RandomPruning {
    fn figures(&self, figures: &mut Figures) {
        let (place, width) = self.look();
        let (units, name, places) = (WIDTHS[place], ARMS[lots::SHOWN[self.shown]], self.study.places());
        let along =
            || Axis::log("units of each hidden layer, log scale", places[0], places[places.len() - 1]).of(&WIDTH);
        // What is under a figure, once the masks are chosen.
        let once = |say: &dyn Fn(&Width, &Seen) -> String| {
            let seen = width.map(|width| say(width, &width.seen[self.shown]));
            seen.unwrap_or_else(|| "The masks are being chosen.".into())
        };

        figures
            .chart("Test examples right, by width", Place::Main, along(), study::share_right())
            .at(self.width)
            .study(&self.study)
            .caption(|| {
                once(&|_, _| match [WHOLE, ERK].map(|arm| self.study.mean((arm, place))) {
                    [Some(whole), Some(erk)] => {
                        let [whole, erk] = [whole, erk].map(|right| percent(right, 1));
                        format!("At {units} units the whole net has {whole} right, ERK {erk}.")
                    }
                    _ => self.study.caption(|place| format!("{} units", WIDTHS[place])),
                })
            });

        figures.fields("Weights into the first units, as drawn", self.fields(), || self.drawn()).caption(|| {
            once(&|_, _| {
                format!("A tile is one of the first {DRAWN} of {units} units, a cell its weight to one input: {name}.")
            })
        });

        let share = Axis::linear("share left", 0.0, 1.0);
        figures
            .chart("The share of each layer that is left", Place::Main, along(), share)
            .at(self.width)
            .curves(&["first layer", "second layer", "last layer"], places.len(), |at| {
                self.along(move |width, seen| seen.mask.share_of(&width.net.layers()[at]))
            })
            .caption(|| {
                once(&|width, seen| {
                    let counts = seen.mask.counts(&width.net);
                    let full = width.net.layers().iter().any(|layer| seen.mask.share_of(layer) >= 1.0);
                    let full = if full { " A layer that would get more than it has keeps all." } else { "" };
                    let [first, second, last] = [0, 1, 2].map(|at| counts[at]);
                    format!("{name} at {units} units leaves {first}, {second} and {last} weights.{full}")
                })
            });

        figures
            .chart("What is on a path from an input to an output", Place::Side, along(), Axis::linear("share", 0.0, 1.0))
            .at(self.width)
            .curves(&["inputs", "first hidden layer", "second hidden layer"], places.len(), |at| {
                self.along(move |_, seen| seen.paths.share(at))
            })
            .curve("weights left", places.len(), self.along(|_, seen| seen.paths.weights as f64 / seen.left.max(1) as f64))
            .caption(|| {
                once(&|width, seen| {
                    let (paths, all) = (seen.paths.weights, seen.left);
                    let share = percent(paths as f64 / width.net.weights().max(1) as f64, 1);
                    format!("{name} at {units} units: {paths} of {all} weights are on a path, {share} of all there could be.")
                })
            });
    }

    fn step(&mut self) -> Status {
        if self.first.len() < self.study.places().len() {
            self.look_on();
            return Status::Running;
        }
        let setup = Rc::clone(&self.setting);
        let setup = &setup.setup;
        if self.trainee.training.is_over(setup.examples()) {
            self.take_up();
        }
        let batches = BATCHES[self.study.now().place];
        let over = self.trainee.work_by_epochs(setup.train(), setup.test(), batches);
        if over { self.study.add(self.trainee.accuracy) } else { Status::Running }
    }

    fn due(&self) -> Option<u64> {
        let steps = self.setting.recipe.all_steps(self.setting.setup.examples());
        let looks = self.study.places().len() as u64;
        Some(looks + self.study.steps(|_, place| steps.div_ceil(BATCHES[place])))
    }

    fn measure(&self, out: &mut [f32]) {
        fill(out, self.trainee.report().into_iter().chain([self.study.done() as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.width = values.int(&WIDTH) as f64;
        self.shown = values.option(&SHOWN);
        Live::only(param, &[&WIDTH, &SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let [narrow, wide, widest] = [1, 3, 4];
        let study = &self.study;
        let about = |claim: Claim, density: f64| {
            let preset = if density < 0.1 { "Default" } else { "A fifth" };
            let claim = claim
                .only_if(self.setting.setup.digits, study::OF_DIGITS)
                .only_if((10..=20).contains(&self.setting.recipe.epochs), "This is about 10 to 20 epochs.");
            study::at_density(claim, self.setting.density, density, preset)
        };
        let gap = |says: &str, a, b, least| about(study.gap(says, SOURCE, a, b, least), 0.05);
        let same = Claim::new("Which weights they are hardly matters: ERK at other places, 256 units.", SOURCE)
            .expect(-0.02, 0.02, "at most 2 points apart")
            .on((-0.2, "−20 points"), (0.2, "20 points"))
            .found(study.against((ERK, wide), (OTHER, wide)), study::NOT_YET);
        vec![
            gap(
                "A narrow net, of 64 units, is ruined by random holes: whole against ERK.",
                (WHOLE, narrow),
                (ERK, narrow),
                0.1,
            ),
            gap("A wide one, of 512 units, is not: ERK against whole.", (ERK, widest), (WHOLE, widest), -0.03),
            gap(
                "How many weights each layer keeps matters: ERK against even shares, 512 units.",
                (ERK, widest),
                (EVEN, widest),
                0.02,
            ),
            about(same, 0.05),
            gap(
                "SNIP's shares beat even ones too, without SNIP's places, at 256 units.",
                (SNIP, wide),
                (EVEN, wide),
                0.02,
            ),
            gap(
                "What looks like bad holes is often a weak start: even shares, fair against plain, 256 units.",
                (EVEN, wide),
                (PLAIN, wide),
                0.2,
            ),
            about(
                study.gap(
                    "With a fifth of its weights a net of 512 units is as good as whole.",
                    SOURCE,
                    (ERK, widest),
                    (WHOLE, widest),
                    -0.01,
                ),
                0.2,
            ),
        ]
    }
}

const SOURCE: &str = "Liu et al. 2022";

#[cfg(test)]
mod tests {
    use super::MOST_STEPS;
    use crate::{lab::Verdict, session::follow};

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn holes_ruin_a_narrow_net_and_spare_a_wide_one() {
        let session = follow("id=random-pruning&seed=1&runs=1&epochs=10", MOST_STEPS);
        assert!(session.ended().is_some());
        let claims = session.claims();
        // One run is too few for a difference of 2 points; the others are larger.
        assert!([0, 1, 4, 5].iter().all(|at| claims[*at].verdict() == Verdict::Agrees), "{claims:?}");
        assert_eq!(claims[6].verdict(), Verdict::NotHere);
    }

    #[test]
    fn masks_are_chosen_first_and_looked_at_at_once() {
        let mut session = follow("id=random-pruning&seed=3&runs=1&epochs=2", 6);
        let before = session.metrics();
        session.set(&[("width".into(), "64".into())]).unwrap();
        assert_eq!((session.step(), session.metrics()), (6, before));
    }
}
