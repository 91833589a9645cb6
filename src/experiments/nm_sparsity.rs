//! N:M sparsity (Bambhaniya et al. 2024): of each M weights in a row N are there. Five ways to train a net to it side by side:
//! cut from the first step on, or with cut weights that leak through less and less.
//!
//! A step is three batches of each of the five nets. Run after run begins with other weights.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, Metric, Paper, Param, Place, Preset, Prose,
        Setup, Start, Status, Values, View, Wing, fill, sample_files,
        study::{self, Study},
    },
    math::decimal::{fixed, percent, scientific},
    model::{
        learning::training::Recipe,
        pruning::{
            flow::{Flow, Phases, leaking},
            group::Pattern,
            grouped::{Epoch, Grouped},
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static LEAK: Param = Param::share(
    "leak",
    "Leak by hand",
    (0.0, 0.0, 1.0),
    "How much of the cut weights leaks through at least: in the picture, and when the net that is shown is asked once more. The \
     training goes on as it would.",
)
.ends("cut", "whole");
static SHOWN: Param = Param::choice(
    "shown",
    "Show",
    &[
        ("exponential", "Exponential decay"),
        ("linear", "Linear decay"),
        ("structure", "Structure decay"),
        ("ste", "STE"),
        ("sr-ste", "SR-STE"),
    ],
    "Whose weights are drawn.",
);
static PATTERN: Param = Param::choice(
    "pattern",
    "Pattern",
    &[("2:4", "2:4"), ("1:4", "1:4"), ("1:8", "1:8"), ("1:16", "1:16"), ("1:32", "1:32"), ("all", "All")],
    "How many weights of a group are kept, and of how many. A layer whose inputs do not make whole groups stays whole, and so \
     does the last.",
)
.by_default("1:32");
static STEEP: Param = Param::float(
    "steep",
    "Steepness",
    (1.0, 5.0, 20.0),
    "How fast the exponential decay falls: how often it falls to a third, or nearly.",
);
static FINE: Param = Param::share(
    "fine-tune",
    "Fine-tuning",
    (0.05, 0.45, 0.9),
    "The share of the training that is left when decays are over.",
)
.ends("hardly any", "most");
static SHRINK: Param =
    Param::float("shrink", "Shrinking", (0.0, 0.0002, 0.02), "How fast cut weights shrink by themselves under SR-STE.");
static EPOCHS: Param = study::epochs(15);
static RUNS: Param = study::runs(5);

pub static ENTRY: Entry = Entry {
    id: "nm-sparsity",
    wing: Wing::Pruning,
    prose: Prose {
        title: "One of thirty-two",
        paper: Some(Paper {
            title: "Progressive Gradient Flow for Robust N:M Sparsity Training in Transformers",
            authors: "Bambhaniya, Yazdanbakhsh, Subramanian, Kao, Agrawal, Evci and Krishna",
            year: 2024,
            link: "https://arxiv.org/abs/2402.04744",
        }),
        card: "Let cut weights fade fast, then give the net time.",
        lead: "Watch all but one of each 32 weights fade, then move the leak by hand.",
        about: &[
            "Chips can skip weights if of each M in a row at most N are there. Which ones is decided anew at each step: \
             the largest. A weight that is cut still learns, as if it were there (straight-through, or STE), so that it may come \
             back. But its gradient is that of a net without it, and where nearly all are cut the net learns from very little. \
             SR-STE lets cut weights shrink, so that they come back less.",
            "A decay begins with a whole net. Cut weights are used too, but less and less: the leak $\\beta$ falls to 0, and then the \
             net learns on under the mask it has found. Or groups keep fewer and fewer: 31 of 32, 16, 8, 4, 2, and 1. All nets are \
             asked with their mask cut hard.",
            "At 1:32 it pays to fade fast. A linear decay gets used to what leaks, and has to learn anew when it is gone: give it \
             less fine-tuning, and it is far behind. At 2:4 there is nothing to choose between the ways.",
            "In the paper decays are ahead of SR-STE by up to two points in large models. On digits the exponential decay is ahead by \
             0.3 to 1.4 points in three times five nets, with SR-STE ahead in some: five runs of 500 test examples hardly tell. Nor do masks \
             change less under a decay, or gradients have less noise: both curves run side by side here.",
            "Groups lie along the inputs of a unit. The last layer stays whole, and so does one whose inputs do not make whole groups, \
             such as the first layer for signals at 1:16. Of three ways to divide the training this is the one where decays did best.",
        ],
        formulas: &[
            r"\tilde W = W \odot (\Pi + \beta_t (1 - \Pi))",
            r"W \leftarrow W - \eta\, \partial L / \partial \tilde W",
            r"\beta_t = e^{-c p} \quad \text{or} \quad \beta_t = 1 - p",
            r"\text{SR-STE: } \beta = 0,\ \text{gradient} + \lambda (1 - \Pi) \odot W",
        ],
        symbols: &[
            (r"\Pi", "the mask: 1 for the N largest weights of each M"),
            (r"\beta", "how much of a cut weight leaks through"),
            ("p", "how far the decay has come, from 0 to 1"),
            ("c", "the steepness"),
            (r"\lambda", "how fast cut weights shrink"),
        ],
        words: "n:m structured sparsity 2:4 semi-structured sr-ste straight-through estimator mask decay structure decay progressive gradient flow ampere sparse tensor cores group",
    }
    .told(),
    params: &[&LEAK, &SHOWN, &PATTERN, &FINE, &STEEP, &SHRINK, &EPOCHS, &RUNS, &DATA],
    metrics: &[
        Metric::new("exponential", "exponential decay right", "The share of unseen examples that the net has right under its mask, cut hard."),
        Metric::new("linear", "linear decay right", "The same under the linear decay."),
        Metric::new("structure", "structure decay right", "The same under the structure decay."),
        Metric::new("ste", "STE right", "The same for the net that is cut from the first step on."),
        Metric::new("sr-ste", "SR-STE right", "The same where cut weights shrink."),
        Metric::new("leaky", "right with the leak", "What the net that is shown has right with the leak by hand."),
        Metric::new("trained", "runs over", "How many runs are over."),
    ],
    presets: &[
        Preset::new("Default", "One of 32: let the rest fade.", &[]),
        Preset::new("One of 16", "Half as hard, and the ways come closer.", &[("pattern", "1:16")]),
        Preset::new("Two of four", "What chips can do today: any way will do.", &[("pattern", "2:4"), ("shown", "ste")]),
        Preset::new("All patterns", "From 2:4 to 1:32, once each.", &[("pattern", "all"), ("runs", "1")]),
        Preset::new("Too late", "A linear decay that ends late leaves no time to learn without.", &[("fine-tune", "0.05"), ("shown", "linear"), ("runs", "2")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: STRIPS,
    files: sample_files,
    start: begin,
};

const STRIPS: usize = 0;

/// Descents of each net in a step.
const BATCHES: usize = 3;
/// Of five runs and 30 epochs of signals, with all patterns.
const MOST_STEPS: u64 = 15_750;
/// The least that is drawn of the share of places that change, and of the variance of gradients.
const LEAST_FLIPS: f64 = 1e-5;
const LEAST_NOISE: f64 = 1e-8;
/// When decays begin.
const FROM: f64 = 0.05;
/// The layer whose groups are drawn, and how many units and weights of each.
const DRAWN: (usize, usize, usize) = (1, 12, 64);

const ARMS: [&str; 5] = ["exponential decay", "linear decay", "structure decay", "STE", "SR-STE"];
const EXPONENTIAL: usize = 0;
const LINEAR: usize = 1;
const STRUCTURE: usize = 2;
const STE: usize = 3;
const SR_STE: usize = 4;

const PATTERNS: [Pattern; 5] = [
    Pattern { kept: 2, group: 4 },
    Pattern { kept: 1, group: 4 },
    Pattern { kept: 1, group: 8 },
    Pattern { kept: 1, group: 16 },
    Pattern { kept: 1, group: 32 },
];

/// What no step changes.
struct Whole {
    setup: Setup,
    recipe: Recipe,
    phases: Phases,
    flows: [Flow; ARMS.len()],
    /// Whether claims speak of such settings.
    usual: bool,
}

#[derive(Clone)]
struct NmSparsity {
    whole: Rc<Whole>,
    arms: Vec<Grouped>,
    /// A place is a pattern: how many times fewer weights there are.
    right: Study,
    all: bool,
    shown: usize,
    leak: f64,
    leaky: f64,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let widths = if setup.digits { [64, 128, 128, 10] } else { [40, 128, 128, 10] };
    let chosen = values.option(&PATTERN);
    let places = (0..PATTERNS.len()).filter(|place| chosen == *place || chosen == PATTERNS.len());
    let cells = places.flat_map(|place| (0..ARMS.len()).map(move |arm| (arm, place)));
    let fewer = PATTERNS.map(|pattern| pattern.group as f64 / pattern.kept as f64);
    let study = Study::new(&ARMS, &fewer, cells, values.int(&RUNS));
    let (steep, fine, shrink) = (values.float(&STEEP), values.float(&FINE), values.float(&SHRINK));
    let near = |x: f64, wanted: f64| (x - wanted).abs() < 1e-6;
    let epochs = values.int(&EPOCHS);
    let mut run = NmSparsity {
        arms: ARMS.map(|_| Grouped::new(Trainee::new(&widths, start.rng.stream("none")))).into(),
        whole: Rc::new(Whole {
            setup,
            recipe: Recipe::usual(epochs),
            phases: Phases { from: FROM, to: (1.0 - fine).max(FROM) },
            flows: [
                Flow::Exponential(steep),
                Flow::Linear,
                Flow::Structure,
                Flow::StraightThrough,
                Flow::Shrinking(shrink as f32),
            ],
            usual: near(steep, 5.0) && near(fine, 0.45) && near(shrink, 2e-4) && epochs >= 15,
        }),
        right: study,
        all: chosen == PATTERNS.len(),
        shown: values.option(&SHOWN),
        leak: values.float(&LEAK),
        leaky: 0.0,
    };
    run.take_up();
    Ok(Box::new(run))
}

impl NmSparsity {
    /// Begins a run: five nets with the same weights.
    fn take_up(&mut self) {
        let chance = self.whole.setup.chance(self.right.now().run);
        self.arms.iter_mut().for_each(|arm| arm.begin(self.whole.recipe, &chance));
    }

    fn pattern(&self) -> Pattern {
        PATTERNS[self.right.now().place]
    }

    /// How the net that is shown uses its weights now.
    fn now(&self) -> (usize, f64) {
        let training = &self.arms[self.shown].trainee.training;
        let progress = training.progress(self.whole.setup.examples());
        self.whole.flows[self.shown].at(progress, self.whole.phases, self.pattern())
    }

    fn ask_leaky(&mut self) {
        let pattern = self.pattern();
        self.leaky = self.arms[self.shown].ask(pattern, self.leak, self.whole.setup.test());
    }

    /// Steps of one run under one pattern.
    fn steps(&self) -> usize {
        self.whole.recipe.all_steps(self.whole.setup.examples()).div_ceil(BATCHES)
    }

    /// Whether that pattern is trained.
    fn trains(&self, place: usize) -> bool {
        self.all || self.right.now().place == place
    }

    fn fields(&self) -> Fields {
        let (_, units, weights) = DRAWN;
        // With all patterns in turn the picture must be of one size.
        let group = if self.all { 32 } else { self.pattern().group };
        Fields { rows: 1, cols: group, units: units * weights / group, across: weights / group }
    }
}

/// The name of a pattern.
fn name(place: usize) -> String {
    let Pattern { kept, group } = PATTERNS[place];
    format!("{kept}:{group}")
}

impl Experiment for NmSparsity {
    fn figures(&self, figures: &mut Figures) {
        let (epochs, now, (kept, beta)) = (self.whole.recipe.epochs, self.right.now(), self.now());
        let along = || Axis::linear("epochs of this run", 0.0, epochs as f64);
        let curves = |arm: usize, of: fn(&Epoch) -> f64| {
            (1_usize..).zip(self.arms[arm].epochs.iter().map(move |epoch| of(epoch) as f32))
        };
        let last = |of: fn(&Epoch) -> f64, arm: usize| self.arms[arm].epochs.last().map(of);

        let fields = self.fields();
        let strips = View { place: Place::Main, ..fields.view("Weights of twelve units, in groups") };
        figures
            .view(strips, |slot| {
                let Trainee { net, mask, training, .. } = &self.arms[self.shown].trainee;
                let used = leaking(&training.numbers, mask, beta.max(self.leak) as f32);
                let (at, units, weights) = DRAWN;
                let layer = net.layers()[at];
                let rows: Vec<f32> = (0..units).flat_map(|unit| &used[layer.row(unit)][..weights]).copied().collect();
                fields.draw(&rows, slot);
            })
            .caption(|| {
                let (the, shown) = (if self.shown < STE { "the " } else { "" }, ARMS[self.shown]);
                let (group, beta) = (self.pattern().group, percent(beta, 1));
                let leak = if self.leak > 0.0 {
                    format!(" With {} leaking by hand it has {} right.", percent(self.leak, 0), percent(self.leaky, 1))
                } else {
                    String::new()
                };
                format!("{kept} of {group} are kept under {the}{shown}, and {beta} of the others leaks through.{leak}")
            });

        let title = "Test examples right, with the mask cut hard";
        figures
            .chart(title, Place::Main, along(), study::share_right())
            .curves(&ARMS, epochs, |arm| curves(arm, |epoch| epoch.right))
            .caption(|| {
                let run = format!("Run {} at {}", now.run + 1, name(now.place));
                match [EXPONENTIAL, STE, SR_STE].map(|arm| last(|epoch| epoch.right, arm)) {
                    [Some(decay), Some(ste), Some(sr)] => {
                        let [decay, ste, sr] = [decay, ste, sr].map(|right| percent(right, 1));
                        format!("{run}: exponential decay {decay}, STE {ste}, SR-STE {sr}.")
                    }
                    _ => format!("{run}. Nets are asked after each epoch."),
                }
            });

        let fewer = Axis::log("times fewer weights, log scale", 1.5, 40.0);
        figures
            .chart("After training, over all runs", Place::Side, fewer, Axis::linear("share right", 0.8, 1.0))
            .at(self.right.places()[now.place])
            .studied(&self.right, name);

        let share = Axis::log("share, log scale", LEAST_FLIPS, 0.1);
        figures
            .chart("Places of the mask that change in a step", Place::Side, along(), share)
            .curves(&ARMS, epochs, |arm| curves(arm, |epoch| epoch.flips.max(LEAST_FLIPS)))
            .caption(|| match [EXPONENTIAL, STE].map(|arm| last(|epoch| epoch.flips, arm)) {
                [Some(decay), Some(ste)] => {
                    let [decay, ste] = [decay, ste].map(|share| percent(share, 2));
                    format!("In a step {decay} change under the exponential decay, {ste} under STE.")
                }
                _ => "How often weights come and go.".into(),
            });

        let variance = Axis::log("variance, log scale", LEAST_NOISE, 1e-3);
        figures
            .chart("Noise in the gradient by cut weights", Place::Main, along(), variance)
            .curves(&ARMS, epochs, |arm| curves(arm, |epoch| epoch.noise.max(LEAST_NOISE)))
            .caption(|| match [EXPONENTIAL, STE].map(|arm| last(|epoch| epoch.noise, arm)) {
                [Some(decay), Some(ste)] => {
                    let [decay, ste] = [decay, ste].map(|noise| scientific(noise, 1));
                    format!(
                        "How much it differs from batch to batch: {decay} under the exponential decay, {ste} under STE."
                    )
                }
                _ => "How much the gradient differs from batch to batch.".into(),
            });
    }

    fn step(&mut self) -> Status {
        let (whole, pattern) = (Rc::clone(&self.whole), self.pattern());
        let (train, test) = (whole.setup.train(), whole.setup.test());
        let count = train.1.len();
        let mut looked = false;
        for (arm, flow) in self.arms.iter_mut().zip(whole.flows) {
            let before = arm.epochs.len();
            for _ in 0..BATCHES {
                if !arm.trainee.training.is_over(count) {
                    arm.descend(pattern, flow, whole.phases, (train, test));
                }
            }
            looked |= arm.epochs.len() > before;
        }
        if looked {
            self.ask_leaky();
        }
        if !self.arms[0].trainee.training.is_over(count) {
            return Status::Running;
        }
        let status = self.right.add_all(self.arms.iter().map(Grouped::right));
        if !self.right.is_over() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        Some((self.right.trials() / ARMS.len() * self.steps()) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let right = self.arms.iter().map(Grouped::right);
        fill(out, right.chain([self.leaky, (self.right.done() / ARMS.len()) as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        (self.leak, self.shown) = (values.float(&LEAK), values.option(&SHOWN));
        self.ask_leaky();
        Live::only(param, &[&LEAK, &SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let whole = &self.whole;
        let usual = "This is about the usual decays, over five runs of 15 epochs at least.";
        let here = |claim: Claim, place: usize| {
            let preset = ["Two of four", "", "", "One of 16", "Default"][place];
            claim
                .only_if(whole.setup.digits, study::OF_DIGITS)
                .press_unless(self.trains(place), preset, &format!("this is about {}.", name(place)))
                .only_if(whole.usual && self.right.runs() >= 5, usual)
        };
        let gap = |says: &str, place, [a, b]: [usize; 2], least| {
            here(self.right.gap(says, SOURCE, (a, place), (b, place), least), place)
        };
        let means = self.right.means((0..ARMS.len()).map(|arm| (arm, 0)));
        let same = Claim::new("At 2:4 all ways are as good.", SOURCE)
            .expect(0.0, 0.01, "at most a point between them")
            .on((0.0, "0"), (0.05, "5 points"));
        let most = means.and_then(|means| study::spread(&means)).map(|[_, least, greatest]| greatest - least);
        let same = same.found(most.map(|most| (most, format!("{} points", fixed(100.0 * most, 1)))), study::NOT_YET);
        // A mean over five runs of a difference on 500 examples is known to half a point.
        let no_worse =
            |says: &str, place, than| Claim { tolerance: 0.005, ..gap(says, place, [EXPONENTIAL, than], 0.0) };
        vec![
            gap("At 1:32 it pays to fade fast: the linear decay is worse.", 4, [EXPONENTIAL, LINEAR], 0.003),
            gap("The decay in steps is worse too.", 4, [EXPONENTIAL, STRUCTURE], 0.003),
            no_worse("At 1:32 fading fast does no worse than to cut at once.", 4, STE),
            no_worse("It does no worse than to let cut weights shrink.", 4, SR_STE),
            no_worse("At 1:16 it does no worse than to let them shrink.", 3, SR_STE),
            here(same, 0),
        ]
    }
}

const SOURCE: &str = "Bambhaniya et al. 2024";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn nets_end_at_the_pattern_and_a_leak_of_all_is_the_whole_net() {
        let mut session = follow("id=nm-sparsity&seed=1&runs=1&epochs=3&pattern=1:16&shown=ste", MOST_STEPS);
        assert!(session.ended().is_some());
        let metrics = session.metrics();
        assert!(metrics[..5].iter().all(|right| *right > 0.5), "{metrics:?}");
        // Without a leak it is asked as all are.
        assert_eq!(metrics[5].to_bits(), metrics[3].to_bits());
        session.set(&[("leak".into(), "1".into())]).unwrap();
        assert!(session.metrics()[5].to_bits() != metrics[5].to_bits());
    }

    #[test]
    fn at_two_of_four_there_is_nothing_between_the_ways() {
        // The claim is about the means of five runs; one run differs by a few of 500 examples.
        let session = follow("id=nm-sparsity&seed=1&pattern=2:4&epochs=8&runs=1", MOST_STEPS);
        let ways = &session.metrics()[..5];
        let apart = |way: &f32| (way - ways[0]).abs();
        assert!(ways.iter().all(|way| *way > 0.95 && apart(way) < 0.02), "{ways:?}");
        assert!(session.claims().iter().all(|claim| claim.verdict() == Verdict::NotHere));
    }
}
