//! SaRA (Hu, Zhang, Yi, Huang, Wang and Ma 2024): a trained net is taught something new by its smallest weights alone, beside any others,
//! the largest, thin matrices and all of them.
//!
//! A step is an epoch of the first training, or a twentieth of a training on the new task. In each run a net learns to read digits; then
//! copies of it learn to read turned ones.
use crate::{
    data::{SMALL_DIGITS, Samples},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fields, Figures, Live, Metric, NO_THIRD_SET, Paper, Param, Place,
        Preset, Prose, Setup, Start, Status, Values, Wing, fill,
        study::{self, Study, Trial},
    },
    math::decimal::percent,
    model::{
        learning::{rate::Course, training::Recipe},
        pruning::{
            adaptation::{Adaptation, Change, Learns},
            score,
        },
    },
};
use std::rc::Rc;

static SHARE: Param = Param::share(
    "share",
    "Look at",
    (0.05, 0.4, 1.0),
    "The share of all weights that may learn: the net that is shown, with the nearest of 10, 20, 40 % and all. Drag it along the sizes \
     of the weights.",
)
.ends("the smallest", "all");
static SHOWN: Param = Param::choice(
    "shown",
    "Show",
    &[
        ("smallest", "The smallest"),
        ("any", "Any"),
        ("largest", "The largest"),
        ("lora", "LoRA"),
        ("all", "All weights"),
    ],
    "Which weights may learn in the net whose change is drawn.",
);
static AGAIN: Param = Param::toggle(
    "again",
    "Choose again",
    false,
    "Halfway, weights that have grown out of the smallest are let go, and only those that are still small learn on.",
);
static PULL: Param = Param::float(
    "pull",
    "Pull to low rank",
    (0.0, 0.0, 0.01),
    "How strongly the change of the smallest weights is drawn to few directions, by its nuclear norm. It takes time.",
)
.ends("none", "strong");
static EXAMPLES: Param =
    Param::int("examples", "New examples", (50, 150, 1000), "How many turned digits there are to learn from.");
static EPOCHS: Param = Param::int("epochs", "Epochs", (5, 30, 80), "How often each net sees the turned digits.");
static RUNS: Param = study::runs(3);

pub static ENTRY: Entry = Entry {
    id: "sara",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Taught by its smallest weights",
        paper: Some(Paper {
            title: "SaRA: High-Efficient Diffusion Model Fine-tuning with Progressive Sparse Low-Rank Adaptation",
            authors: "Hu, Zhang, Yi, Huang, Wang and Ma",
            year: 2024,
            link: "https://arxiv.org/abs/2409.06633",
        }),
        card: "Retrain only weights that do nothing, and forget less.",
        lead: "Watch each net move: up it has learnt turned digits, to the left it has forgotten the upright ones.",
        about: &[
            "A net reads digits. Set its smallest weights to 0, a fifth of all, and it reads as before: they do nothing. SaRA puts them to use. \
             Only they may learn the new task, and all others stay as they are. The new task is the same digits, turned by a quarter, with \
             few examples.",
            "A net that learns the new task with all of its weights forgets a good part of the old one. The fewer may learn, the less it \
             forgets, and the less it learns. Look for nets that are far up and far to the right.",
            "The paper chooses the smallest. Here that is not better than any others of the same number: what helps is that few weights \
             move. The largest weights are a little worse where they are few, for the old task rests on them, but they also learn more. In a single \
             run chance is as large as that difference. The smallest cost nothing to give away, and that is what they are good for.",
            "LoRA learns a thin change for each layer, with as many numbers in all. Every weight moves a little, along few directions. \
             The change of a sparse set has many directions; a pull on its nuclear norm makes them fewer. In the paper weights are also \
             chosen again halfway. Both are settings here. LoRA goes as fast as the others; no other rate was tried for it.",
            "The paper is about models that draw pictures, and how good their pictures are. That cannot be shown on digits. Only weights \
             learn here, no biases.",
            NO_THIRD_SET,
        ],
        formulas: &[
            r"P = \{ i : |\theta_i| < \tau \}, \qquad \theta_P \text{ learns}",
            r"L + \lambda\, \lVert \Delta W \odot M \rVert_*",
        ],
        symbols: &[
            (r"\theta", "the weights of the trained net"),
            (r"\tau", "the size below which a weight may learn"),
            ("M", "1 where a weight may learn, 0 elsewhere"),
            (r"\lVert \cdot \rVert_*", "the sum of the singular values of a matrix"),
            (r"\lambda", "how strong the pull to low rank is"),
        ],
        words: "sara sparse low-rank adaptation fine-tuning lora peft transfer catastrophic forgetting small weights ineffective parameters nuclear norm progressive rotated digits hu",
    }
    .told(),
    params: &[&SHARE, &SHOWN, &AGAIN, &PULL, &EXAMPLES, &EPOCHS, &RUNS],
    metrics: &[
        Metric::new("old", "upright digits right", "The share of unseen upright digits that the net in training has right."),
        Metric::new("new", "turned digits right", "The same of turned ones."),
        study::LOSS,
        Metric::new("learning", "weights that learn", "The share of its weights that may learn, or what LoRA has for them."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Few weights forget less.", &[]),
        Preset::new("Everything learns", "All weights may learn: see how much of the first layer changes.", &[("shown", "all"), ("share", "1")]),
        Preset::new("Choose again", "Halfway, weights that have grown are let go.", &[("again", "on")]),
        Preset::new("Low rank", "The change is drawn to few directions.", &[("pull", "0.002"), ("runs", "1")]),
        Preset::new("A thousand examples", "With more to learn from the largest weights forget more, too.", &[("examples", "1000"), ("epochs", "10"), ("shown", "largest")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: PLANE,
    files: |_| vec![&SMALL_DIGITS],
    start: begin,
};

const PLANE: usize = 0;

/// Descents in a step of the first training, and steps of each other one.
const BATCHES: usize = 21;
const PARTS: usize = 20;
/// Steps of those from one question to the next.
const ASKED: usize = 4;
/// Of five runs.
const MOST_STEPS: u64 = 2_000;
/// The first training.
const FIRST: Recipe = Recipe { decay: 5e-4, ..Recipe::usual(20) };
/// The others.
const RATE: f64 = 2e-3;
const BATCH: usize = 64;
/// Shares of the weights that may learn. At the last one all arms are the same.
const SHARES: [f64; 4] = [0.1, 0.2, 0.4, 1.0];
const WHOLE: usize = SHARES.len() - 1;
/// Shares of the smallest that are set to 0.
const CUTS: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/// Sizes and directions that are drawn, and the layer whose directions are.
const ORDERED: usize = 40;
const DIRECTIONS: usize = 64;
/// The least size that is drawn.
const LEAST: f64 = 1e-4;
const LAYER: usize = 1;

const ARMS: [&str; 5] = ["the smallest (SaRA)", "any", "the largest", "LoRA", "all weights"];
const SMALLEST: usize = 0;
const LARGEST: usize = 2;
const LORA: usize = 3;
const ALL: usize = 4;
/// What learns, by arm. All weights are the largest of them.
const LEARNS: [Learns; ARMS.len()] = [Learns::Smallest, Learns::Any, Learns::Largest, Learns::Thin, Learns::Largest];

/// What no step changes.
struct Setting {
    setup: Setup,
    /// Turned digits to learn from and to be asked.
    few: Samples,
    turned: Samples,
    recipe: Recipe,
    usual: bool,
}

#[derive(Clone)]
struct Sara {
    setting: Rc<Setting>,
    net: Adaptation,
    /// A place is a share of the weights.
    old: Study,
    new: Study,
    /// What is right of both after the first training of each run, and of upright digits after cuts.
    before: Study,
    zeroed: Study,
    /// What changed in each training of the first run.
    changes: Vec<Change>,
    share: f64,
    shown: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::of_digits(start)?;
    let (runs, epochs, examples) = (values.int(&RUNS), values.int(&EPOCHS), values.int(&EXAMPLES));
    let (pull, again) = (values.float(&PULL), values.toggle(&AGAIN));
    // First what all weights learn and forget, then each arm with more and more of them.
    let arms = (0..ALL).flat_map(|arm| (0..WHOLE).map(move |place| (arm, place)));
    let study = Study::new(&ARMS, &SHARES, [(ALL, WHOLE)].into_iter().chain(arms), runs);
    let mut run = Sara {
        net: Adaptation::new(&[64, 256, 128, 10], RATE, (pull, again), start.rng.stream("none")),
        new: study.clone(),
        old: study,
        before: Study::crossed(&["upright", "turned"], &[1.0], runs),
        zeroed: Study::crossed(&["without its smallest weights"], &CUTS, runs),
        changes: Vec::new(),
        share: values.float(&SHARE),
        shown: values.option(&SHOWN),
        setting: Rc::new(Setting {
            few: setup.split.train.first(examples).turned(),
            turned: setup.split.test.turned(),
            setup,
            recipe: Recipe { batch: BATCH, epochs, rate: RATE, course: Course::Constant, momentum: 0.0, decay: 0.0 },
            usual: !again && pull <= 0.0 && examples == 150 && (30..=50).contains(&epochs),
        }),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl Sara {
    /// Whether the first training of this run is over.
    fn is_trained(&self) -> bool {
        self.before.done() > self.before.cells().len() * self.old.now().run
    }

    /// Begins the training whose turn it is: the first one of a run, or one on the new task.
    fn take_up(&mut self) {
        let Trial { run, arm, place } = self.old.now();
        let chance = self.setting.setup.chance(run);
        if self.is_trained() {
            self.net.teach(LEARNS[arm], SHARES[place], self.setting.recipe, (&chance, place));
        } else {
            self.net.begin(FIRST, &chance);
        }
    }

    /// Asks the net upright and turned digits.
    fn ask(&mut self) {
        let setting = &self.setting;
        self.net.ask(setting.setup.test(), setting.turned.both());
    }

    /// Writes down the first training of a run, and what its smallest weights are worth.
    fn put_by(&mut self) {
        self.net.keep();
        for cut in CUTS {
            self.zeroed.add(self.net.ask_without(cut, self.setting.setup.test()));
        }
        self.before.add_all([self.net.trainee.accuracy, self.net.new]);
    }

    /// Writes down a training on the new task.
    fn put_down(&mut self) -> Status {
        if self.old.now().run == 0 {
            self.changes.push(self.net.change(LAYER, DIRECTIONS));
        }
        self.new.add(self.net.new);
        self.old.add(self.net.trainee.accuracy)
    }

    /// The cell of an arm at the share that is looked at.
    fn look(&self, arm: usize) -> (usize, usize) {
        (arm, if arm == ALL { WHOLE } else { self.old.nearest(self.share).min(WHOLE - 1) })
    }

    /// What changed in it.
    fn change(&self, arm: usize) -> Option<&Change> {
        let wanted = self.look(arm);
        self.changes.get(self.old.cells().iter().position(|cell| *cell == wanted)?)
    }

    /// The net of the first run before it learnt anything new; nothing until it has learnt the first task.
    fn first(&self) -> &[f32] {
        self.changes.first().map_or(&self.net.trained, |change| &change.before)
    }

    /// What is shown, in a few words.
    fn name(&self) -> String {
        let (arm, place) = self.look(self.shown);
        if arm == ALL { "all weights".into() } else { format!("{}, {}", ARMS[arm], percent(SHARES[place], 0)) }
    }
}

impl Experiment for Sara {
    fn figures(&self, figures: &mut Figures) {
        let (net, shown, name) = (&self.net.trainee.net, self.change(self.shown), self.name());
        let layer = net.layers()[0];
        let right = study::share_right;

        let point = |cell| Some((self.old.so_far(cell)?[0], self.new.so_far(cell)?[0]));
        let [upright, turned] = [0, 1].map(|side| self.before.so_far((side, 0)).map(|[mean, ..]| mean));
        let moving = self.is_trained() && !self.old.is_over();
        figures
            .chart(
                "Turned digits right, against upright digits still right",
                Place::Main,
                Axis::linear("upright digits still right", 0.5, 1.0),
                right(),
            )
            .curves(&ARMS[..ALL], WHOLE, |arm| (0..WHOLE).filter_map(move |place| point((arm, place))))
            .dots("all weights", 1, point((ALL, WHOLE)))
            .dots("before", 1, upright.zip(turned))
            .dots("in training", 1, moving.then_some((self.net.trainee.accuracy, self.net.new)))
            .caption(|| {
                if self.is_trained() {
                    return self.old.caption(|place| format!("{} of the weights", percent(SHARES[place], 0)));
                }
                format!("{}: a net learns upright digits.", self.old.run(self.old.now().run))
            });

        figures
            .fields("What changed in the first layer", Fields::of(layer.inputs, layer.units), || match shown {
                Some(change) => change.of(layer.weights()),
                // Until there is a change, the layer itself.
                None if self.first().is_empty() => self.net.trainee.training.numbers[layer.weights()].to_vec(),
                None => self.first()[layer.weights()].to_vec(),
            })
            .caption(|| match shown {
                Some(_) => format!("A tile is a unit, a cell how its weight to one input has changed: {name}."),
                None => "A tile is a unit, a cell its weight to one input. Nothing new is learnt yet.".into(),
            });

        let zeroed = Axis::linear("share of the weights that is set to 0, the smallest first", 0.0, 1.0);
        figures
            .chart("Upright digits right, before anything new is learnt", Place::Main, zeroed, right())
            .study(&self.zeroed)
            .caption(|| match self.zeroed.so_far((0, 1)).zip(upright) {
                Some(([right, ..], before)) => {
                    let [right, before] = [right, before].map(|share| percent(share, 1));
                    format!("Without the smallest fifth {right} are right, with all weights {before}.")
                }
                None => "It is tried when the first training is over.".into(),
            });

        let smaller = Axis::linear("share of the weights that are smaller", 0.0, 1.0).of(&SHARE);
        // Sorting takes time, so it is done when it is drawn.
        let ordered = |numbers: &[f32]| score::by_share(score::sizes(net, numbers, ORDERED), LEAST);
        let before = Some(self.first()).filter(|first| !first.is_empty());
        figures
            .chart("Sizes of the weights, in their order", Place::Side, smaller, Axis::log("size", LEAST, 1.0))
            .at(self.share)
            .curve("after", ORDERED, shown.into_iter().flat_map(|change| ordered(&change.after)))
            .reference("before", ORDERED, before.into_iter().flat_map(ordered))
            .caption(|| format!("What learns grows: {name}."));

        let directions = |arm: usize| {
            let directions = self.change(arm).map(|change| &change.directions[..]).unwrap_or_default();
            (1_usize..).zip(directions.iter().map(|share| *share as f32))
        };
        let first = Axis::log("directions, log scale", 1.0, DIRECTIONS as f64);
        let share = Axis::linear("share of the change", 0.0, 1.0);
        figures
            .chart("How much of the change is in how few directions", Place::Main, first, share)
            .curves(&ARMS[..ALL], DIRECTIONS, directions)
            .reference("all weights", DIRECTIONS, directions(ALL))
            .caption(|| {
                let of = "Of the second layer, at the share that is looked at.";
                let Some(Change { directions, .. }) = shown else { return of.into() };
                let most = directions.iter().take_while(|share| **share < 0.9).count() + 1;
                let most = if most > DIRECTIONS { format!("more than {DIRECTIONS}") } else { most.to_string() };
                format!("{of} {name}: nine tenths of the change in {most} of 128.")
            });
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        if !self.is_trained() {
            let over = self.net.trainee.learn(setting.setup.train(), BATCHES);
            self.ask();
            if over {
                self.put_by();
                self.take_up();
            }
            return Status::Running;
        }
        let over = self.net.part(setting.few.both(), PARTS);
        if self.net.parts.is_multiple_of(ASKED) {
            self.ask();
        }
        if !over {
            return Status::Running;
        }
        let status = self.put_down();
        if !self.old.is_over() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let first = FIRST.all_steps(self.setting.setup.examples()).div_ceil(BATCHES);
        Some((self.old.runs() * first + self.old.trials() * PARTS) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let trainee = &self.net.trainee;
        fill(out, [trainee.accuracy, self.net.new, trainee.loss, self.net.learning(), self.old.done() as f64]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.share = values.float(&SHARE);
        self.shown = values.option(&SHOWN);
        Live::only(param, &[&SHARE, &SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let usual = self.setting.usual;
        let runs = self.old.runs();
        let here =
            |claim: Claim| claim.only_if(usual, "The numbers are those of 150 examples in 30 epochs, without more.");
        let forgets = |says: &str, a, b, least| here(self.old.gap(says, SOURCE, a, b, least));
        let zeroed = Claim::new("Without its smallest fifth a net reads as well.", SOURCE)
            .expect(-0.005, 0.005, "at most 0.5 points apart")
            .on((-0.05, "−5 points"), (0.05, "5 points"))
            .found(study::against(self.zeroed.mean((0, 1)), self.before.mean((0, 0))), study::NOT_YET);
        let learns = "And it learns nearly as much.";
        vec![
            zeroed,
            forgets(
                "A net that learns with its smallest 40 % forgets less than with all weights.",
                (SMALLEST, 2),
                (ALL, 3),
                0.08,
            ),
            here(self.new.gap(learns, SOURCE, (SMALLEST, 2), (ALL, 3), -0.08)),
            forgets(
                "With the smallest fifth it forgets no more than with the largest.",
                (SMALLEST, 1),
                (LARGEST, 1),
                0.0,
            )
            .only_if(runs >= 3, "In a single run chance is as large as the difference. This needs three."),
            forgets("And less than with LoRA of the same budget.", (SMALLEST, 1), (LORA, 1), 0.1),
        ]
    }
}

const SOURCE: &str = "Hu et al. 2024";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn few_weights_forget_less() {
        let session = follow("id=sara&seed=1&runs=1&epochs=30", MOST_STEPS);
        assert!(session.ended().is_some());
        for (i, claim) in session.claims().iter().enumerate() {
            // What is about the largest weights takes more runs.
            let expected = if i == 3 { Verdict::NotHere } else { Verdict::Agrees };
            assert_eq!(claim.verdict(), expected, "{claim:?}");
        }
    }
}
