//! The pruning lab: a net is trained, cut by hand in any way, asked at once, and trained on, rewound or drawn anew under what is left
//! of it (Han, Pool, Tran and Dally 2015; Frankle and Carbin 2019).
//!
//! A step is an epoch of the small digits. Whatever the hand moves, the weights in training are cut by it and asked anew; the cut
//! holds for good when the next training begins.
use crate::{
    data::Samples,
    lab::{
        Axis, Begun, Claim, Clock, DATA, Entry, Experiment, Fields, Figures, Gesture, Glyphs, Histogram, Left, Live,
        Metric, NO_THIRD_SET, Paper, Param, Place, Preset, Prose, Series, Setup, Shape, Start, Status, Values, View,
        Wing, clock, fill, sample_files,
        study::{self, gap},
    },
    math::decimal::{fixed, percent, short},
    model::{
        learning::training::Recipe,
        pruning::{
            bench::{Bench, GRID, Knife},
            budget::Budget,
            criteria::{self, Criteria},
            group::Pattern,
            mask::Mask,
            parts,
            ranking::Scope,
            retraining::{Begins, Beside, Retraining, Stepped, Trained},
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static SPARSITY: Param = Param::share(
    "sparsity",
    "Cut",
    (0.0, 0.8, 0.99),
    "The share of the weights that is cut, of the layers that are not locked. Drag it in any chart that has an orange line.",
)
.ends("nothing", "nearly all");
const CRITERIA: &[(&str, &str)] = {
    let (criteria, _) = BESIDES.split_at(criteria::COUNT);
    criteria
};
const BESIDES: &[(&str, &str)] = &[
    ("size", "Size"),
    ("input", "Size and input"),
    ("growth", "Growth"),
    ("first", "First size"),
    ("snip", "SNIP, at the start"),
    ("chance", "Chance"),
    ("earlier", "The training before"),
    ("seed", "Another seed"),
];
const EARLIER: usize = criteria::COUNT;
const SEED: usize = criteria::COUNT + 1;
static BY: Param = Param::choice(
    "by",
    "Cut by",
    CRITERIA,
    "What a weight is worth: its size now; that times the size of its input; how much it has grown; its size before training; how \
     much the loss felt it before training (SNIP); or a number drawn by lot.",
);
static BESIDE: Param =
    Param::choice(
    "beside",
    "Beside it",
    BESIDES,
    "A second cut, as large as the first, to compare with: by another worth; or by the same as it was before this training; or in a net \
     that began with other weights.",
)
.by_default("chance");
static OVER: Param = Param::choice(
    "over",
    "Compete over",
    &[("net", "The whole net"), ("layers", "Each layer alike"), ("2:4", "2 of 4"), ("1:4", "1 of 4")],
    "Who competes for a place: all weights, those of each layer, or those of each group of four inputs, which chips can skip. Groups \
     cut half or three quarters at least; a larger cut goes on over the whole net.",
);
static THEN: Param = Param::choice(
    "then",
    "Then",
    &[
        ("whole", "Train on, whole"),
        ("on", "Cut and train on"),
        ("rewind", "Cut and rewind"),
        ("new", "Cut and draw anew"),
        ("both", "Rewind, then draw anew"),
    ],
    "What comes after a training. Chosen in the middle of a run it comes at once. Rewound weights are those of the start; new ones \
     are drawn, and begin fair: strong enough for how few they are. The last choice does one after the other.",
);
static BRUSH: Param = Param::choice(
    "brush",
    "Brush",
    &[("weight", "Weight"), ("input", "Input"), ("unit", "Neuron")],
    "What goes where you paint: one weight, all weights of that input, or all weights of that unit.",
);
static INPUTS: Param = Param::share(
    "inputs",
    "Inputs out",
    (0.0, 0.0, 0.9),
    "The share of inputs that lose all their weights: those whose weights are worth least in sum.",
);
static LOCKED: Param = Param::choice(
    "locked",
    "Lock",
    &[("none", "No layer"), ("first", "The first layer"), ("second", "The second layer"), ("last", "The last layer")],
    "A locked layer is spared by the cut.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (1, 15, 30), "How often the whole net sees all examples.");
static AFTER: Param =
    Param::int("epochs-after", "Epochs after", (1, 15, 30), "How often it sees them in each later training.");

pub static ENTRY: Entry = Entry {
    id: "ticket-lab",
    wing: Wing::Pruning,
    prose: Prose {
        title: "The pruning lab",
        paper: Some(Paper {
            title: "The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
            authors: "Frankle and Carbin",
            year: 2019,
            link: "https://arxiv.org/abs/1803.03635",
        }),
        card: "Train a net, cut it by hand, and train it again.",
        lead: "Press Play, then drag the cut and watch the curve. Then choose what comes next.",
        about: &[
            "A net of 8832 weights learns to read digits. At any time you say how much of it is cut and by what, and it is asked anew \
             at once. The cut is only tried on: the training goes on with all weights, until you choose to cut and train on, \
             rewind, or draw anew. To cut in rounds, as the paper does, let a training end, move the cut further, and press Play.",
            "A third of the weights, of larger nets half and more, are hardly missed if the smallest go, and sorely missed if any go. Beyond a knee every cut hurts, and training \
             on makes up for most of it. What is left and set back to its first weights is a ticket: the paper finds that it learns \
             about as well as the whole net. Newly drawn weights under the same mask are the test of that.",
            "Two masks stand side by side, with a dot for each weight that is cut. How much two masks have in common says little without \
             what chance would give: at 20 % left it is 20 %. That level stands beside it for each pair. Let the second mask be that of another seed, \
             and see that it is no better. Paint on the first mask to cut by hand: nothing else comes back for what you take, and it stays out of both \
             until you give it back.",
            "Sparse weights must say where they are, so bytes fall less than weights do. A bitmap costs one bit for each place, compressed \
             rows cost six for each weight that is left, and groups of four two. Operations only fall on a machine that can skip them: \
             the time of the answers is measured on yours, whole and as compressed rows.",
            "All of this is one run of a small net on an easy task: 500 test examples tell differences of about a point and no less. \
             Cut at once, a ticket is worse than one that is found in rounds. Whole layers of large nets behave otherwise. Times are of \
             one core and of so small a net, and other programs may spoil them. They are no part of a run's fingerprint.",
            NO_THIRD_SET,
        ],
        formulas: &[r"\tilde W = W \odot M", r"M_i = 1 \text{ for the } (1 - s)\, n \text{ best scores}"],
        symbols: &[
            ("W", "the weights"),
            ("M", "the mask"),
            ("s", "the share that is cut"),
            ("n", "the number of weights in layers that are not locked"),
        ],
        words: "pruning playground lottery ticket magnitude snip wanda sparsity slider mask rewind retrain fine-tune n:m 2:4 structured pixel neuron \
                budget csr bitmap flops overlap histogram threshold lab",
    }
    .told(),
    params: &[&SPARSITY, &BY, &BESIDE, &OVER, &THEN, &BRUSH, &INPUTS, &LOCKED, &EPOCHS, &AFTER, &DATA],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        Metric::new("cut", "right under the cut", "The share that it has right when it is cut as you say."),
        Metric::new("other", "right under the cut beside", "The same under the cut that stands beside it."),
        Metric::new("left", "weights left", "The share of all weights that your cut leaves."),
        Metric::new("broken", "groups too full", "Groups of four inputs that keep more weights than the pattern lets."),
        Metric::new("trained", "trainings", "How many trainings are over."),
    ],
    presets: &[
        Preset::new("Default", "Train it, and drag the cut.", &[]),
        Preset::new(ON, "Nine tenths go, it reads badly, and a few epochs repair it.", &[("sparsity", "0.9"), ("then", "on")]),
        Preset::new(REWIND, "The winning ticket: what is left goes back to its first weights.", &[("then", "rewind"), ("beside", "first")]),
        Preset::new(
            ANEW,
            "The test of a ticket: as many new weights at the same places.",
            &[("sparsity", "0.9"), ("then", "both")],
        ),
        Preset::new(
            "Half the inputs gone",
            "Pixels that say nothing can go, if their weights are weighed by what comes in.",
            &[("inputs", "0.5"), ("by", "input"), ("beside", "size"), ("sparsity", "0.5")],
        ),
        Preset::new(PATTERN, "A pattern that chips can use: train on, and it costs nothing.", &[("over", "2:4"), ("sparsity", "0.5"), ("then", "on")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 8.0,
    thumbnail: MASKS,
    files: sample_files,
    start: begin,
};

const MASKS: usize = 0;

/// Descents in a step.
const BATCHES: usize = 21;
const MOST_STEPS: u64 = 1000;
const CLASSES: usize = 10;
/// Units of each hidden layer: as many as find room on a screen.
const UNITS: usize = 64;
/// Parts of a chart of bytes, and of the picture of a layer.
const PARTS: usize = 40;
/// Ways to store a net whose bytes are drawn: compressed rows and a bitmap.
const STORES: [usize; 2] = [1, 2];
const SIDE: usize = 8;
/// A net that is trained for fewer epochs is not held for a trained one.
const FEWEST: usize = 5;
/// Later trainings that a chart has room for.
const TRAININGS: usize = 30;
const BINS: Histogram = Histogram { bins: 50, top: 1.25 };
/// Turns of the net and of the net as it is cut when their answers are timed. A turn takes milliseconds, for clocks are coarse: while
/// a hand moves there are fewer and shorter ones, of the latter alone, and the page answers within a frame.
const TURNS: usize = 5;
const GLANCES: usize = 2;
/// SNIP is given so many examples of each class, and inputs are measured on them.
const OF_EACH: usize = 10;

/// What trainings begin with, in the order of the setting; a word for each, and a few.
const BEGINS: [Begins; 4] = [Begins::Whole, Begins::Cut, Begins::Rewound, Begins::Drawn];
const WORDS: [&str; 4] = ["whole again", "cut", "rewound", "drawn anew"];
const DOES: [&str; 4] = ["whole", "cut and trained on", "cut and rewound", "cut and drawn anew"];
/// The criteria in a sentence, and in a word.
const NAMES: [&str; criteria::COUNT] = ["size", "size and input", "growth", "first size", "SNIP", "chance"];
const LABELS: [&str; criteria::COUNT] = ["size", "input", "growth", "first", "SNIP", "chance"];

/// What no step changes.
struct Setting {
    setup: Setup,
    /// Some examples of each class.
    some: Samples,
    clock: Option<Clock>,
}

#[derive(Clone)]
struct TicketLab {
    setting: Rc<Setting>,
    lab: Retraining,
    brush: usize,
    /// The fewest milliseconds that all test examples took: of the whole net, and of one of so many weights. Infinite until it was
    /// timed.
    took: [f64; 2],
    timed: usize,
    /// Whether the latter was timed once, at a glance.
    glanced: bool,
}

/// How the hand cuts.
fn knife(values: &Values) -> Knife {
    let groups = |kept| Scope::Groups(Pattern { kept, group: Knife::GROUP });
    let (by, beside) = (values.option(&BY), values.option(&BESIDE));
    Knife {
        cut: values.float(&SPARSITY),
        by: [by, if beside < criteria::COUNT { beside } else { by }],
        scope: [Scope::Net, Scope::Layers, groups(2), groups(1)][values.option(&OVER)],
        locked: values.option(&LOCKED).checked_sub(1),
        inputs: values.float(&INPUTS),
    }
}

/// What the next training begins with, and whether one with weights drawn anew comes after it.
fn then(values: &Values) -> (Begins, bool) {
    match BEGINS.get(values.option(&THEN)) {
        Some(begins) => (*begins, false),
        None => (Begins::Rewound, true),
    }
}

/// Of whose weights the cut beside is made.
fn beside(values: &Values) -> Beside {
    match values.option(&BESIDE) {
        EARLIER => Beside::Earlier,
        SEED => Beside::Another,
        _ => Beside::Own,
    }
}

fn begin(start: &Start) -> Begun {
    let (values, rng) = (start.values, start.rng);
    let setup = Setup::new(start)?;
    let some = setup.split.train.some_of_each(OF_EACH, CLASSES);
    let mut trainee = Trainee::new(&[setup.inputs(), UNITS, UNITS, CLASSES], rng.stream("none"));
    let first = trainee.net.draw(&mut rng.stream("weights"));
    let criteria = Criteria::new(&mut trainee.net, &first, some.both(), &mut rng.stream("chance"));
    let full = Rc::new(Mask::full(&trainee.net));
    trainee.begin(first, full, Recipe::usual(values.int(&EPOCHS)), rng.stream("order 0"));
    let bench = Bench::new(trainee, criteria, knife(values));
    let lab = Retraining::new(bench, then(values), beside(values), values.int(&AFTER), rng.clone(), setup.test());
    let setting = Rc::new(Setting { setup, some, clock: start.inputs.clock });
    let mut run =
        TicketLab { setting, lab, brush: values.option(&BRUSH), took: [f64::INFINITY; 2], timed: 0, glanced: false };
    run.stand_beside();
    if run.lab.bench.rival().is_some() {
        let setting = Rc::clone(&run.setting);
        run.lab.bench.look(setting.setup.test());
    }
    run.time();
    Ok(Box::new(run))
}

impl TicketLab {
    fn examples(&self) -> usize {
        self.setting.setup.examples()
    }

    fn fields(&self) -> Fields {
        let first = self.lab.bench.trainee.net.layers()[0];
        Fields { across: if self.setting.setup.digits { 8 } else { 2 }, ..Fields::of(first.inputs, first.units) }
    }

    /// Finds the weights that the cut beside is made of.
    fn stand_beside(&mut self) {
        let Setting { setup, some, .. } = &*self.setting;
        self.lab.stand_beside(0, setup.train(), some.both());
    }

    /// What the cut beside is made by.
    fn rival(&self) -> String {
        let [by, beside] = self.lab.bench.knife.by.map(|by| NAMES[by]);
        match self.lab.beside {
            Beside::Earlier => format!("by {by} before this training"),
            Beside::Another => format!("by {by} in a net of another seed"),
            Beside::Own => format!("by {beside}"),
        }
    }

    /// The size that as many of the weights that compete are smaller than as are gone.
    fn threshold(&self) -> f64 {
        let bench = &self.lab.bench;
        let all = bench.competing().count();
        let gone = bench.competing().filter(|place| !bench.mask().keeps(*place)).count();
        Histogram::threshold(&bench.sizes, all, gone as f64 / all as f64)
    }

    /// Which training it is, and what comes next.
    fn course(&self) -> String {
        let Some(now) = self.lab.trainings.last() else { return String::new() };
        let number = self.lab.trainings.len();
        let training = &self.lab.bench.trainee.training;
        let all = training.recipe().epochs;
        let epochs = fixed(training.progress(self.examples()) * all as f64, 0);
        let began = if number > 1 { format!(", from {} right", percent(now.before, 1)) } else { String::new() };
        let next = match self.lab.next(self.examples()) {
            Some(next) => format!(" Next it is {}.", DOES[next as usize]),
            None if self.lab.is_over(self.examples()) => " To go on, move the cut or choose what comes then.".into(),
            None => self.lab.follows().map_or(String::new(), |then| format!(" Then it is {}.", DOES[then as usize])),
        };
        format!("Training {number}, {}{began}: {epochs} of {all} epochs.{next}", DOES[now.begins as usize])
    }

    /// The two masks, on which the hand paints.
    fn masks_of(&self, figures: &mut Figures) {
        let bench = &self.lab.bench;
        let Bench { trainee, knife, shown, .. } = bench;
        let (net, numbers) = (&trainee.net, &trainee.training.numbers);
        let fields = self.fields();
        figures
            .view(fields.masks("What is left of the first layer", &["Your cut", "Beside it"], Knife::GROUP), |slot| {
                let first = net.layers()[0].weights();
                let [yours, beside] = shown.masks.each_ref().map(|mask| {
                    |place| match first.start + place {
                        place if mask.keeps(place) => Left::There,
                        place if bench.painted.keeps(place) => Left::Cut,
                        _ => Left::Taken,
                    }
                });
                let most = if bench.is_judged() { knife.pattern().kept } else { Knife::GROUP };
                fields.draw_masks(&numbers[first.clone()], &[&yours, &beside], most, slot);
            })
            .caption(|| {
                let (by, rival, left) = (NAMES[knife.by[0]], self.rival(), percent(bench.left().0, 1));
                let hand = match bench.taken() {
                    0 => String::new(),
                    taken => format!(", and your hand took {taken}"),
                };
                let of = if self.setting.setup.digits {
                    "A tile is a neuron, a cell its weight from a pixel."
                } else {
                    "A row holds two neurons, a cell is a weight from a point of the signal."
                };
                format!(
                    "{of} Cut by {by}, and beside it {rival}: {left} of all weights are left{hand}. {}",
                    groups(bench)
                )
            });
    }

    /// The chart of all trainings.
    fn course_of(&self, figures: &mut Figures) {
        let steps = if self.setting.setup.digits { "epochs" } else { "thirds of an epoch" };
        let steps = Axis::linear(steps, 0.0, self.lab.due(self.examples(), BATCHES) as f64);
        let mut course = figures
            .chart("Test examples right, training after training", Place::Main, steps, study::share_right())
            .at(0.0)
            .metric("accuracy", "in training")
            .metric("cut", "under your cut");
        for (begins, word) in BEGINS.into_iter().zip(WORDS) {
            let began = self.lab.trainings.iter().skip(1).filter(|trained| trained.begins == begins);
            course = course.series(Series::events(word, TRAININGS), began.map(|trained| (trained.from, 0.0_f32)));
        }
        course.caption(|| self.course());
    }

    /// Times the answers to all test examples, of the whole net and of what the cut leaves of it.
    fn time(&mut self) {
        self.let_race(|clock, works| clock::race(clock, TURNS, works));
        self.glanced = false;
    }

    /// Times what the cut leaves, while it slides.
    fn glance(&mut self) {
        self.glanced |= self.timed != self.lab.bench.left().1;
        self.let_race(|clock, [_, cut]| [f64::INFINITY, clock::glance(clock, GLANCES, cut)]);
    }

    /// A machine only ever makes work slower, so of two times of the same work the shorter one stands.
    fn let_race(&mut self, race: impl FnOnce(Clock, [&mut dyn FnMut(); 2]) -> [f64; 2]) {
        let Some(clock) = self.setting.clock else { return };
        let (inputs, _) = self.setting.setup.test();
        let (_, weights) = self.lab.bench.left();
        let [whole, cut] = self.took;
        let cut = if self.timed == weights { cut } else { f64::INFINITY };
        let took = self.lab.bench.race(inputs, |works| race(clock, works));
        (self.took, self.timed) = ([whole.min(took[0]), cut.min(took[1])], weights);
    }

    /// How long the answers take here.
    fn times(&self) -> String {
        let examples = self.setting.setup.test().1.len();
        let [whole, cut] = self.took;
        if !whole.is_finite() || !cut.is_finite() {
            return "No time is measured, for there is no clock here.".into();
        }
        let [whole, cut] = [whole, cut].map(|took| fixed(took, 2));
        let about = if self.glanced { "about " } else { "" };
        format!("On this device {examples} of them take {whole} ms whole, and {about}{cut} ms cut.")
    }

    fn costs(&self) -> String {
        let bench = &self.lab.bench;
        let budget = bench.budget();
        let (store, bytes) = budget.best();
        let kilobytes = |bytes: f64| format!("{} kB", fixed(bytes / 1000.0, 1));
        format!(
            "{} weights take the fewest bytes as {store}: {} of {}, biases among them. An example takes {} operations of {}. {}",
            budget.weights,
            kilobytes(bytes),
            kilobytes(budget.stores[0].1),
            budget.operations,
            2 * bench.trainee.net.weights(),
            self.times()
        )
    }
}

/// A view of what the masks of all criteria have in common, pair by pair.
fn pairs() -> View {
    let all = (criteria::COUNT, criteria::COUNT);
    let shape = Shape::heatmap(all, ["the mask by this", "the mask by that"], ("", "in common"));
    View::new("What masks share", Place::Side, shape).moving().labelled(&LABELS)
}

/// Whether groups could be skipped by a chip.
fn groups(bench: &Bench) -> String {
    let kept = bench.knife.pattern().kept;
    match bench.broken() {
        _ if !bench.is_judged() => {
            format!("For chips that want {kept} of each four inputs, cut half or more of all weights.")
        }
        (0, _) => format!("No group of four inputs keeps more than {kept}, so chips can skip the rest."),
        (broken, all) => {
            let here = bench.shown.broken.first().map_or(0, |(broken, _)| *broken);
            let framed =
                if here > 0 { format!("{here} of them here, framed in red") } else { "none of them here".into() };
            format!(
                "Chips want {kept} at most of each four inputs: of {all} groups of all layers, {broken} keep more, {framed}."
            )
        }
    }
}

impl Experiment for TicketLab {
    fn figures(&self, figures: &mut Figures) {
        let bench = &self.lab.bench;
        let Bench { trainee, knife, shown, sizes, .. } = bench;
        let (net, numbers) = (&trainee.net, &trainee.training.numbers);
        let (by, rival, left) = (NAMES[knife.by[0]], self.rival(), bench.left().0);
        let cut = || Axis::linear("share of the weights that is cut", 0.0, 1.0).of(&SPARSITY);
        let later = || self.lab.trainings.iter().skip(1);
        let gone = |trained: &Trained| (1.0 - trained.left) / bench.unlocked(trained.knife.locked);

        self.masks_of(figures);

        figures
            .view(BINS.view("Sizes of the weights", "size", &SPARSITY), |slot| {
                let left = bench.competing().filter(|place| bench.mask().keeps(*place));
                let left = left.map(|place| numbers[place].abs());
                BINS.draw(slot, sizes, left, bench.competing().count(), self.threshold());
            })
            .caption(|| match bench.is_by_size() {
                _ if bench.is_spent() => "Nothing more is cut than the training was without.".into(),
                true if knife.locked.is_some() => {
                    format!("Of layers that are not locked, what is smaller than {} goes.", short(self.threshold()))
                }
                true => format!("What is smaller than {} goes.", short(self.threshold())),
                false => "This cut does not go by size alone. The line is where one would be that does.".into(),
            });

        let curves = || bench.curves(self.setting.setup.test());
        let along = |curve: &[f64]| -> Vec<(f64, f64)> { GRID.into_iter().zip(curve.iter().copied()).collect() };
        // A locked layer and what is painted move these, too.
        let now = shown.right.map(|right| (knife.cut, right));
        figures
            .chart("Test examples right, by how much is cut", Place::Main, cut(), study::share_right())
            .at(knife.cut)
            .curves(&["your cut", "beside it"], GRID.len(), |side| along(&curves().cuts[side]))
            .dots("trained under a cut", TRAININGS, later().filter_map(|trained| Some((gone(trained), trained.after?))))
            .reference("without groups", GRID.len(), along(&curves().ungrouped))
            .dots("now", 2, now)
            .caption(|| {
                let [left, yours, beside] = [left, shown.right[0], shown.right[1]].map(|share| percent(share, 1));
                let said = format!("With {left} of all weights left {yours} are right");
                if bench.is_spent() {
                    return format!("{said}. Nothing more is cut than the training was without: move the cut on.");
                }
                let training = percent(trainee.accuracy, 1);
                format!("{said} by {by} and {beside} {rival}; as it is in training, {training}.")
            });

        let names = ["First layer", "Second layer", "Last layer"].map(String::from);
        let layers = Glyphs { weighted: Some("share left"), ..Glyphs::new(SIDE, SIDE, names.into()) };
        figures
            .picture("How dense each layer is", Place::Side, Shape::Glyphs(layers), |slot| {
                let parts = net.layers().iter().flat_map(|layer| shown.masks[0].densities(layer, SIDE));
                let shares = net.layers().iter().map(|layer| shown.masks[0].share_of(layer) as f32);
                // The root lifts what is sparse off the page.
                let all = parts.map(f32::sqrt).chain([-1.0]).chain(shares);
                slot.iter_mut().zip(all).for_each(|(out, x)| *out = x);
            })
            .caption(|| "Units down and inputs across: the more ink, the denser.".into());

        self.course_of(figures);

        figures
            .view(pairs(), |slot| slot.copy_from_slice(&shown.overlaps))
            .caption(|| match shown.pair {
                _ if bench.is_spent() && bench.rival().is_none() => {
                    "All masks are what the training was left with, for nothing more is cut.".into()
                }
                Some((shared, chance)) => format!(
                    "Up to the diagonal what two masks share, beyond it what chance gives as many at places by lot: those by {by} and \
                     {rival} share {}, and by chance {}.",
                    percent(shared, 1),
                    percent(chance, 1),
                ),
                None => "Nothing is left.".into(),
            });

        let budget = || {
            let now = bench.budget();
            let operations = now.operations as f64 / (2 * net.weights()) as f64;
            STORES.into_iter().map(move |store| now.share(store)).chain([operations])
        };
        figures
            .chart(
                "Bytes and operations, of those of the whole net",
                Place::Main,
                cut(),
                Axis::linear("share", 0.0, 1.0),
            )
            .at(knife.cut)
            .curves(&["compressed rows", "a bitmap"], PARTS + 1, |at| {
                Budget::curve(net, STORES[at], PARTS, knife.locked)
            })
            .reference("operations", 2, [(0.0, 1.0), (1.0, 1.0 - bench.unlocked(knife.locked))])
            .dots("now", 3, budget().map(|share| (knife.cut, share)))
            .caption(|| self.costs());
    }

    fn step(&mut self) -> Status {
        let Setting { setup, some, .. } = &*self.setting;
        let stepped = self.lab.step(setup.train(), setup.test(), some.both(), BATCHES);
        if stepped != Stepped::On {
            // While it trains on, as many weights are left as before.
            self.time();
        }
        match stepped {
            Stepped::On => Status::Running,
            Stepped::Began(begins) => Status::Passed(WORDS[begins as usize]),
            Stepped::Over => Status::Passed("trained"),
            Stepped::Rest => Status::Ended("trained"),
        }
    }

    fn due(&self) -> Option<u64> {
        Some(self.lab.due(self.examples(), BATCHES) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let Bench { trainee, shown, .. } = &self.lab.bench;
        let [accuracy, loss, _] = trainee.report();
        let over = self.lab.trainings.iter().filter(|trained| trained.after.is_some()).count();
        let [cut, beside] = shown.right;
        fill(
            out,
            [accuracy, loss, cut, beside, self.lab.bench.left().0, self.lab.bench.broken().0 as f64, over as f64],
        );
    }

    fn touch(&mut self, gesture: &Gesture) {
        let fields = self.fields();
        let bench = &mut self.lab.bench;
        match *gesture {
            Gesture::Paint { x, y, value, .. } => {
                let Some((unit, input)) = fields.at(x, y) else { return };
                let net = &bench.trainee.net;
                let places = match self.brush {
                    0 => vec![net.layers()[0].row(unit).start + input],
                    1 => parts::of_input(net, input),
                    _ => parts::of_unit(net, 0, unit),
                };
                bench.paint(places, value > 0);
            }
            Gesture::Wipe { .. } => bench.wipe(),
            Gesture::Drag { .. } => return,
        }
        bench.look(self.setting.setup.test());
        self.glance();
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        let setting = Rc::clone(&self.setting);
        let test = setting.setup.test();
        if param.is(&EPOCHS) || param.is(&DATA) {
            return Live::Restart;
        } else if param.is(&BRUSH) {
            self.brush = values.option(&BRUSH);
        } else if param.is(&AFTER) {
            self.lab.epochs = values.int(&AFTER);
        } else if param.is(&THEN) {
            self.lab.ask(then(values), self.examples());
            return Live::Soon;
        } else {
            self.lab.bench.knife = knife(values);
            self.lab.beside = beside(values);
            self.stand_beside();
            let bench = &mut self.lab.bench;
            if param.is(&SPARSITY) {
                bench.show(test);
                self.glance();
            } else {
                bench.look(test);
                self.time();
            }
        }
        Live::Now
    }

    fn claims(&self) -> Vec<Claim> {
        let lab = &self.lab;
        let whole = lab.found.map(|found| found.whole);
        let after = |begins, left| lab.came_of(begins, left).map(|(_, after)| after).zip(whole);
        let told = |found: Option<(f64, f64)>| found.and_then(|(a, b)| study::against(Some(a), Some(b)));
        let third = gap("A third of the weights, the smallest, can go at once.", ESSENTIAL, -0.01);
        let half = gap("It matters which: the smallest half against any half.", ESSENTIAL, 0.3);
        let first = gap("What is left learns from its first weights as the whole net did.", TICKET, -0.03);
        let anew = gap("Weights drawn anew under a mask of few learn worse.", TICKET, 0.02);
        let groups = gap("With 2 of each 4 weights, trained on, it is as good as whole.", "Mishra et al. 2021", -0.01);
        let repaired = Claim::new("Training on brings back most of what a large cut took.", "Han et al. 2015")
            .expect(0.9, f64::INFINITY, "at least nine tenths of it")
            .on((0.0, "nothing"), (1.2, "more than all"));
        let repair = lab.repaired(0.2).map(|(trained, after, whole)| {
            let [before, came, all] = [trained.before, after, whole].map(|right| percent(right, 1));
            ((after - trained.before) / (whole - trained.before), format!("from {before} to {came}, of {all}"))
        });
        let chips = lab.came_of(Begins::Cut, (0.45, 0.5)).filter(|(trained, _)| trained.knife.leaves_of_a_group(2));
        // What a later training measures: it waits for that where it is on its way.
        let later = |claim: Claim, found: Option<(f64, String)>, on_its_way: bool, preset, of: &str| {
            let here = found.is_some() || (on_its_way && !lab.is_over(self.examples()));
            claim.found(found, &format!("It waits for {of}.")).press_unless(here, preset, &format!("{of}."))
        };
        let (cut, rewound) = (lab.then == Begins::Cut, lab.then == Begins::Rewound);
        let ticket = told(after(Begins::Rewound, (0.15, 0.5)));
        let all = [
            third.found(told(lab.found.map(|found| (found.third, found.whole))), NOT_YET),
            half.found(told(lab.found.map(|found| found.halves.into())), NOT_YET),
            later(repaired, repair, cut, ON, "a cut by size alone to 20 % or less, and training on"),
            later(first, ticket, rewound, REWIND, "a cut by size alone to between 15 and 50 %, rewound"),
            later(
                anew,
                told(lab.twins(0.2)),
                lab.anew,
                ANEW,
                "a cut by size alone to 20 % or less, rewound, then drawn anew",
            ),
            later(
                groups,
                told(chips.map(|(_, after)| after).zip(whole)),
                cut && lab.bench.knife.leaves_of_a_group(2),
                PATTERN,
                "half cut by size alone in groups, and training on",
            ),
        ];
        let epochs = lab.first_recipe.epochs.min(lab.epochs);
        let fair = |claim: Claim| {
            claim.only_if(self.setting.setup.digits, study::OF_DIGITS).only_if(epochs >= FEWEST, study::FEW_EPOCHS)
        };
        all.map(fair).into()
    }
}

const ESSENTIAL: &str = "Jaiswal et al. 2023";
const TICKET: &str = "Frankle and Carbin 2019";
const NOT_YET: &str = "The first training is not over.";
const ON: &str = "Cut and train on";
const REWIND: &str = "Rewind";
const ANEW: &str = "Weights drawn anew";
const PATTERN: &str = "2 of 4";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::SMALL_DIGITS,
        lab::{Inputs, Verdict},
        link::{Request, split_query},
        session::{Session, follow},
    };
    use std::time::{SystemTime, UNIX_EPOCH};

    const OVERLAPS: usize = 5;
    const BUDGET: usize = 6;

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=ticket-lab&{query}"), steps)
    }

    fn set(session: &mut Session, name: &str, text: &str) {
        session.set(&[(name.into(), text.into())]).unwrap();
    }

    #[test]
    fn a_clock_moves_no_digest_and_the_budget_says_what_it_measured() {
        let begun = |clock: Option<Clock>| {
            let mut inputs = Inputs::default();
            inputs.clock = clock;
            inputs.push_file(&SMALL_DIGITS, SMALL_DIGITS.read());
            let request = Request::parse(&split_query("id=ticket-lab&seed=4&epochs=1&sparsity=0.9")).unwrap();
            let mut session = Session::start(request, inputs).unwrap();
            session.advance(1);
            session
        };
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| 1e3 * time.as_secs_f64());
        let (timed, untimed) = (begun(Some(now)), begun(None));
        assert_eq!((timed.digest(), timed.metrics()), (untimed.digest(), untimed.metrics()));
        let said = |session: &Session| session.captions()[BUDGET].clone();
        assert!(said(&timed).contains(" ms whole") && said(&untimed).contains("no clock"), "{}", said(&timed));
    }

    #[test]
    fn what_is_chosen_before_the_first_step_comes_after_the_first_training() {
        let mut chosen = run("seed=1&epochs=5&epochs-after=5", 0);
        set(&mut chosen, "sparsity", "0.9");
        set(&mut chosen, "then", "on");
        chosen.advance(10);
        let linked = run("seed=1&epochs=5&epochs-after=5&then=on&sparsity=0.9", 10);
        assert_eq!(chosen.captions(), linked.captions());
        assert!(chosen.captions()[OVERLAPS].starts_with("All masks are"), "{}", chosen.captions()[OVERLAPS]);
    }

    #[test]
    fn a_third_can_go_and_what_a_larger_cut_took_comes_back() {
        let mut session = run("seed=1&then=on&sparsity=0.9", 30);
        assert!(session.ended().is_some() && session.metrics()[6] > 1.5);
        let claims = session.claims();
        assert!(claims[..3].iter().all(|claim| claim.verdict() == Verdict::Agrees), "{claims:?}");
        // A deeper cut and Play: a third training.
        set(&mut session, "sparsity", "0.95");
        session.advance(100);
        assert_eq!((session.step(), session.metrics()[6] as usize), (45, 3));
        assert!((session.metrics()[4] - 0.05).abs() < 1e-3);
    }

    #[test]
    fn a_slider_moves_no_training_and_chance_costs_more() {
        let mut session = run("seed=2&epochs=4", 3);
        let before = session.metrics();
        set(&mut session, "sparsity", "0.6");
        let after = session.metrics();
        assert_eq!((before[0].to_bits(), before[1].to_bits()), (after[0].to_bits(), after[1].to_bits()));
        assert!((after[4] - 0.4).abs() < 1e-3 && after[2] > after[3] + 0.1, "{after:?}");
        set(&mut session, "over", "2:4");
        assert!(session.metrics()[5].abs() < 1e-6 && before[5] > 0.0);
    }

    #[test]
    fn another_seed_and_the_training_before_stand_beside_it() {
        let mut chosen = run("seed=1&epochs=4&sparsity=0.8", 3);
        let chance = chosen.metrics()[3];
        set(&mut chosen, "beside", "seed");
        chosen.advance(1);
        let linked = run("seed=1&epochs=4&sparsity=0.8&beside=seed", 4);
        assert_eq!((chosen.metrics(), chosen.captions()), (linked.metrics(), linked.captions()));
        assert!(chosen.captions()[OVERLAPS].contains("another seed"), "{}", chosen.captions()[OVERLAPS]);
        set(&mut chosen, "beside", "earlier");
        assert!(chosen.captions()[OVERLAPS].contains("before this training"));
        set(&mut chosen, "beside", "chance");
        assert!(chance > 0.0 && chosen.metrics()[3] < chosen.metrics()[2]);
    }

    #[test]
    fn what_is_painted_stays_out_until_it_is_wiped() {
        let mut session = run("seed=3&epochs=1&sparsity=0&brush=unit", 1);
        session.touch(Gesture::Paint { view: 0, item: 0, x: 10, y: 10, value: 255 }).unwrap();
        let gone = (UNITS + UNITS) as f32 / (64 * 64 + 64 * 64 + 640) as f32;
        assert!((session.metrics()[4] - (1.0 - gone)).abs() < 1e-5, "{:?}", session.metrics());
        set(&mut session, "then", "on");
        session.advance(2);
        assert!((session.metrics()[4] - (1.0 - gone)).abs() < 1e-5, "{:?}", session.metrics());
        // Another brush takes nothing back of what the one before took.
        session.seek(1);
        set(&mut session, "brush", "weight");
        session.touch(Gesture::Paint { view: 0, item: 0, x: 3000, y: 3000, value: 255 }).unwrap();
        let one = 1.0 / (64 * 64 + 64 * 64 + 640) as f32;
        assert!((session.metrics()[4] - (1.0 - gone - one)).abs() < 1e-5, "{:?}", session.metrics());
        set(&mut session, "brush", "input");
        assert!((session.metrics()[4] - (1.0 - gone - one)).abs() < 1e-5, "{:?}", session.metrics());
        session.touch(Gesture::Wipe { view: 0, item: 0 }).unwrap();
        assert!((session.metrics()[4] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_slide_after_strokes_is_the_run_of_its_link_whether_it_was_drawn_on_the_way_or_not() {
        let mut session = run("seed=3&epochs=2&brush=unit", 1);
        let paint = |session: &mut Session, x: u16| {
            session.touch(Gesture::Paint { view: 0, item: 0, x, y: 10, value: 255 }).unwrap();
        };
        let linked = |session: &Session| {
            let mut inputs = Inputs::default();
            inputs.push_file(&SMALL_DIGITS, SMALL_DIGITS.read());
            Session::start(session.request(), inputs).unwrap()
        };
        paint(&mut session, 10);
        for (sparsity, drawn) in [("0.3", false), ("0.5", true), ("0.7", false), ("0.6", true)] {
            set(&mut session, "sparsity", sparsity);
            let linked = linked(&session);
            if drawn {
                assert_eq!((session.digest(), session.metrics()), (linked.digest(), linked.metrics()), "{sparsity}");
            }
        }
        // One more stroke, one step back and on again, and another slide.
        paint(&mut session, 2000);
        set(&mut session, "sparsity", "0.4");
        session.seek(0);
        session.advance(1);
        for sparsity in ["0.5", "0.2"] {
            set(&mut session, "sparsity", sparsity);
        }
        assert_eq!((session.digest(), session.request().acts.len()), (linked(&session).digest(), 4));
    }
}
