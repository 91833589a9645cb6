//! Surgery on one layer: weights are cut by size or by Wanda (Sun et al. 2024), swapped by dynamic sparse no training (Zhang et
//! al. 2024), or made up for by SparseGPT (Frantar and Alistarh 2023). Nothing is trained meanwhile; what counts is how far the
//! layer's sums on unseen examples are from what they were.
//!
//! On digits a step first is seven batches of the net, then one method at one share. The made layers begin with that. At the end of
//! each run come trials by the usual rule, whatever the settings are.
use crate::{
    data::SMALL_DIGITS,
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fields, Figures, Live, Metric, NO_THIRD_SET, Paper, Param, Place,
        Preset, Prose, Reach, Setup, Start, Status, Values, Wing, fill,
        study::{self, NOT_YET},
    },
    math::{
        decimal::{fixed, percent, short},
        mean::Mean,
        order,
    },
    model::pruning::{
        dsnot::Rule,
        layer::Worth,
        operation::{Manner, Operation, Origin, SIZES, Stage},
        operations::{Operations, Source},
        outliers,
        surgery::{CUTS, MAGNITUDE, METHODS, SPARSE_GPT, SURGERIES, SWAPPED, WANDA},
        trials::{EAGER, EVEN, FROM_SIZE, TRIALS, UNEVEN},
    },
};
use std::{ops::Range, rc::Rc};

static SWAPS: Param = Param::int(
    "swaps",
    "Swaps",
    (0, 20, MOST_SWAPS as i64),
    "How often each unit may swap a weight that is left for one that was cut, while it is off. Go from 0 upward, one by one.",
);
static UNIT: Param = Param::int(
    "unit",
    "Unit",
    (1, 1, 128),
    "Which unit is looked at. The first is the one whose mean is off the most after the cut.",
);
static CUT: Param = Param::share(
    "cut",
    "Cut",
    (0.5, 0.7, 0.8),
    "The share of each unit's weights that is cut: 50, 60, 70 or 80 %, whichever is nearest.",
)
.ends("half", "most");
static FIRST: Param = Param::choice(
    "first",
    "Swaps begin at",
    &[("wanda", "Wanda"), ("magnitude", "Size"), ("sparse-gpt", "SparseGPT")],
    "By which worth weights are cut before swaps begin. That of SparseGPT is taken without its changes of weights.",
);
static TOLERANCE: Param = Param::float(
    "tolerance",
    "Tolerance",
    (0.0, 0.1, 1.0),
    "A unit whose mean is off by no more is left alone. It has the unit of the sums.",
)
.ends("never", "lax");
static CAUTION: Param = Param::float(
    "caution",
    "Caution",
    (0.0, 1.0, 2.0),
    "How much a weight is held back from coming in if its input varies: the power of the variance.",
);
static OUTLIERS: Param = Param::float(
    "outliers",
    "Outliers",
    (1.0, 10.0, MOST_OUTLIERS),
    "How many times larger six of the 256 inputs are.",
)
.ends("none", "huge");
static LAYER: Param = Param::choice(
    "layer",
    "Layer",
    &[("digits", "Digits"), ("outliers", "Outliers"), ("even", "Even")],
    "The second layer of a net that reads digits, or layers with random weights: their inputs are very unequal, or all alike.",
);
static RUNS: Param = study::runs(3);

pub static ENTRY: Entry = Entry {
    id: "layer-surgery",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Surgery on a layer",
        paper: Some(Paper {
            title: "Dynamic Sparse No Training: Training-Free Fine-tuning for Sparse LLMs",
            authors: "Zhang, Zhao, Lin, Sun, Yao, Han, Tanner, Liu and Ji",
            year: 2024,
            link: "https://arxiv.org/abs/2310.08915",
        }),
        card: "Two swaps a unit mend a quarter of the harm without training.",
        lead: "Move the swaps from 0 upward: the unit's mean error falls to the tolerance, and the layer's error with it.",
        about: &[
            "Large models are too costly to train again after a cut. So weights are cut layer by layer, and the layer should say \
             what it said before. Wanda keeps weights that are large and whose inputs are large. What it cuts still shifts \
             the mean of a unit's sum. While the mean is off, a swap brings in the weight that shifts it back, and takes out the \
             least one that is in the way. No weight changes.",
            "SparseGPT changes the weights that stay, so that they make up for those that went. It knows how all inputs \
             go together, and is far ahead. Swaps need no more than a mean and a variance of each input.",
            "The mean is not the whole error. The dashed curve goes on when the mean is right: soon each swap does harm. Set \
             the tolerance to 0, and the layer is worse than before all swaps. A tolerance has the unit of the sums, so that it must \
             grow with them.",
            "Where six inputs are far larger than the rest, as in large language models, size alone cuts their small weights \
             and ruins the layer. Move the outliers. Where all inputs are alike and around nothing, no swap is needed, and \
             SparseGPT has nothing to make up with: there it is the worst, since it must cut as much from every 32 inputs.",
            "On digits, how many answers are right hardly tells the methods apart, so they are judged by the error of the layer. \
             There all three layers are cut, the last one too. What the papers show in words of large models cannot be shown here.",
            NO_THIRD_SET,
        ],
        formulas: &[
            r"S_{ij} = |W_{ij}|\, \lVert x_j \rVert",
            r"D_{ij} = W_{ij}\, \mu_j, \qquad \varepsilon_i = \textstyle\sum_{j \text{ cut}} D_{ij}",
            r"\varepsilon > 0: \text{ in comes the largest } D_j / v_j^{\gamma}",
            r"\text{out goes the least } S_j \text{ with } D_j < 0",
            r"\text{error} = \frac{\lVert (W - \tilde W) X \rVert^2}{\lVert W X \rVert^2}",
        ],
        symbols: &[
            ("W", r"the weights, a row for each unit; $\tilde W$ after the surgery"),
            ("x_j", r"an input, with its mean $\mu_j$ and its variance $v_j$"),
            ("S", "what a weight is worth to Wanda, within its unit"),
            (r"\varepsilon", "what the mean of a unit's sum is off by; swaps end within the tolerance"),
            (r"\gamma", "the caution; below 0 all is mirrored"),
        ],
        words: "dsnot dynamic sparse no training wanda sparsegpt obs optimal brain surgeon magnitude layer-wise reconstruction calibration activations outlier channels llm one-shot post-training pruning grow prune swap",
    }
    .told(),
    params: &[&SWAPS, &UNIT, &CUT, &FIRST, &TOLERANCE, &CAUTION, &OUTLIERS, &LAYER, &RUNS],
    metrics: &[
        Metric::new("error-magnitude", "error by size", "The error of the layer after the smallest weights were cut, as a share: the mean over the runs so far."),
        Metric::new("error-wanda", "error of Wanda", "The same after a cut by Wanda."),
        Metric::new("error-swaps", "error after swaps", "The same after swaps."),
        Metric::new("error-sparse-gpt", "error of SparseGPT", "The same where the weights that stay make up for the others."),
        Metric::new("swaps-made", "swaps of a unit", "How many swaps a unit makes, in the mean."),
        Metric::new("accuracy", "test examples right", "The share of unseen digits that the net has right: in training, then after swaps in all layers."),
    ],
    presets: &[
        Preset::new("Default", "Swaps mend a cut by Wanda at 70 %.", &[]),
        Preset::new("From the largest", "A cut by size is mended even more.", &[("first", "magnitude")]),
        Preset::new("No tolerance", "Means nearly right, and the layer is worse.", &[("tolerance", "0"), ("swaps", "50"), ("cut", "0.6")]),
        Preset::new("Outliers", "Six inputs are ten times larger: size alone is blind to them.", &[("layer", "outliers"), ("cut", "0.6")]),
        Preset::new("Nothing to mend", "Inputs that are alike and around nothing: no swap.", &[("layer", "even")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: ERRORS,
    files: |values| if values.choice(&LAYER) == "digits" { vec![&SMALL_DIGITS] } else { Vec::new() },
    start: begin,
};

const ERRORS: usize = 1;

/// Of the net, and the layer of it that is on the table.
const WIDTHS: [usize; 4] = [64, 256, 128, 10];
const TABLE: usize = 1;
const EPOCHS: usize = 30;
/// Of five runs, with the training, three steps an epoch.
const MOST_STEPS: u64 = 5 * (3 * EPOCHS + SURGERIES + TRIALS) as u64;

const MOST_SWAPS: usize = 50;
const MOST_OUTLIERS: f64 = SIZES[SIZES.len() - 1];
/// Units whose weights are drawn, and how they are.
const DRAWN: usize = 8;
const BLOCK_FIELDS: Fields = Fields { rows: 16, cols: 16, units: DRAWN, across: 4 };
/// The least error of a mean that is drawn.
const LEAST: f64 = 1e-3;

const ARMS: [&str; METHODS] = ["by size", "Wanda", "swaps (DSnoT)", "SparseGPT"];
/// How they are drawn.
const ORDER: [usize; METHODS] = [SWAPPED, WANDA, MAGNITUDE, SPARSE_GPT];
/// What swaps may begin at, in the order of the setting.
const FIRSTS: [Worth; 3] = [Worth::Wanda, Worth::Size, Worth::Substitutes];

#[derive(Clone)]
struct LayerSurgery {
    /// What nets learn and are asked, where layers are of them.
    digits: Option<Rc<Setup>>,
    runs: Operations,
    unit: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let source = [Source::Nets(&WIDTHS, TABLE, EPOCHS), Source::Uneven, Source::Even][values.option(&LAYER)];
    let digits = if values.choice(&LAYER) == "digits" { Some(Rc::new(Setup::of_digits(start)?)) } else { None };
    let (test, outliers) = (digits.as_deref().map(Setup::test), values.float(&OUTLIERS));
    let runs = Operations::new(source, values.int(&RUNS), manner(values), outliers, test, start.rng);
    Ok(Box::new(LayerSurgery { digits, runs, unit: values.int(&UNIT) }))
}

/// How the hand cuts and swaps.
fn manner(values: &Values) -> Manner {
    let rule = Rule { caution: values.float(&CAUTION), tolerance: values.float(&TOLERANCE), most: values.int(&SWAPS) };
    let cut = order::nearest(&CUTS, values.float(&CUT));
    Manner { first: FIRSTS[values.option(&FIRST)], rule, cut, most: MOST_SWAPS }
}

/// The axes of shares that are cut, and of errors.
fn cuts() -> Axis {
    Axis::linear("share of the weights that is cut", CUTS[0], CUTS[CUTS.len() - 1]).of(&CUT)
}

fn share() -> Axis {
    Axis::log("share, log scale", 1e-3, 1.0)
}

impl LayerSurgery {
    /// The last figure: what the net has right, or what outliers do; a layer whose inputs are all alike has none.
    fn last_of(&self, figures: &mut Figures) {
        let operation = self.runs.first();
        let table = &operation.table;
        let at = CUTS[table.cut];
        match &operation.origin {
            Origin::Net(..) => figures
                .chart(
                    "Digits right when all layers are cut",
                    Place::Main,
                    cuts(),
                    Axis::linear("share right", 0.8, 1.0),
                )
                .at(at)
                // After swaps the net is asked at that share alone.
                .spreads(&ORDER.map(|method| ARMS[method]), CUTS.len(), |i| {
                    self.runs
                        .along(move |table, place| table.right(place, ORDER[i]).filter(|_| i > 0 || place == table.cut))
                })
                .caption(|| {
                    let whole = percent(operation.whole(), 1);
                    if operation.is_trained() {
                        format!("The first whole net has {whole} right. Half a point more or less says nothing.")
                    } else {
                        format!("The net has {whole} right so far.")
                    }
                }),
            Origin::Uneven(_, known) => {
                let times = Axis::log("times larger, log scale", 1.0, MOST_OUTLIERS).of(&OUTLIERS);
                let errors = |arm: usize| SIZES.into_iter().zip(known.iter().map(move |errors| errors[table.cut][arm]));
                figures
                    .chart("Error by the size of outliers", Place::Main, times, share())
                    .at(self.runs.outliers)
                    .curve(ARMS[WANDA], SIZES.len(), errors(WANDA))
                    .curve(ARMS[MAGNITUDE], SIZES.len(), errors(MAGNITUDE))
                    .caption(|| format!("{} cut. The two are nearest where no input stands out.", percent(at, 0)));
            }
            Origin::Even => {}
        }
    }

    /// The unit that is looked at.
    fn shown(&self) -> usize {
        self.unit.min(self.runs.first().table.units.len()).saturating_sub(1)
    }
}

impl Experiment for LayerSurgery {
    fn figures(&self, figures: &mut Figures) {
        let (table, unit, runs) = (&self.runs.first().table, self.shown(), &self.runs);
        let (most, units) = (table.rule.most, table.units.len());
        let (at, cut) = (CUTS[table.cut], percent(CUTS[table.cut], 0));

        let (course, stop) = (table.course(unit), table.stop(unit));
        let swaps = |range: std::ops::Range<usize>, side: usize| range.map(move |i| (i, side));
        let point = |(i, side): (usize, usize)| (i as f64, course[i][side]);
        let (made, room) = (course.len().min(stop + 1), MOST_SWAPS + 1);
        figures
            .chart(
                "One unit, swap by swap",
                Place::Main,
                Axis::linear("swaps of the unit", 0.0, MOST_SWAPS as f64).of(&SWAPS),
                Axis::linear("error, as a share of the unit's sum", 0.0, 0.5),
            )
            .at(most as f64)
            .curve("whole", room, swaps(0..made, 1).map(point))
            .curve("mean", room, swaps(0..made, 0).map(point))
            .reference("if swaps went on", room, swaps(stop..course.len(), 1).map(point))
            .level("tolerance", (0.0, MOST_SWAPS as f64), table.rule.tolerance / table.size(unit))
            .caption(|| {
                let swapped = most.min(stop);
                let [mean, whole] = course.get(swapped).copied().unwrap_or_default().map(|error| percent(error, 1));
                format!(
                    "{cut} cut. After {swapped} of {stop} swaps its mean is off by {mean} of its sum. Its whole error on unseen examples is {whole}."
                )
            });

        figures
            .chart("Error of the layer on unseen examples", Place::Side, cuts(), share())
            .at(at)
            .spreads(&ORDER.map(|method| ARMS[method]), CUTS.len(), |i| {
                runs.along(move |table, place| table.error(place, ORDER[i]))
            })
            .caption(|| match ORDER.map(|method| runs.of(|one| one.error(method)).known()) {
                [Some(swaps), Some(wanda), Some(size), Some(gpt)] => {
                    let [swaps, wanda, size, gpt] = [swaps, wanda, size, gpt].map(|error| percent(error, 1));
                    let run = runs.run();
                    format!("{run}. {cut} cut: by size {size}, Wanda {wanda}, swaps {swaps}, SparseGPT {gpt}.")
                }
                _ if runs.first().is_trained() => "Shares and methods come one after another.".into(),
                _ => "The net is still learning. Then it is cut.".into(),
            });

        figures
            .fields("Weights of the unit and its neighbours", BLOCK_FIELDS, || {
                let units = table.units.iter().skip(unit / DRAWN * DRAWN).take(DRAWN);
                units.flat_map(|unit| table.layer.shades(unit, most)).collect::<Vec<f32>>()
            })
            .caption(|| {
                let made = fixed(table.made(), 1);
                format!(
                    "Eight units, a cell for each input. Strong cells are swaps: what came in adds, what went out takes away. {made} in the mean."
                )
            });

        let off = |count: usize| {
            let off = table.units.iter().map(move |unit| unit.swaps.off_after(count).abs().max(LEAST));
            off.enumerate().map(|(i, off)| ((i + 1) as f64, off))
        };
        figures
            .chart(
                "What the means of all units are off by",
                Place::Main,
                Axis::linear("units, those that are off the most first", 1.0, units as f64).of(&UNIT),
                Axis::log("off by, log scale", LEAST, 10.0),
            )
            .at((unit + 1) as f64)
            .dots("after swaps", units, off(most))
            .dots("after the cut", units, off(0))
            .level("tolerance", (1.0, units as f64), table.rule.tolerance.max(LEAST))
            .caption(|| {
                let [before, after] = [0, most].map(|count| table.off(count));
                format!(
                    "Of {units} units {before} are off by more than the tolerance after the cut, {after} after swaps."
                )
            });

        self.last_of(figures);
    }

    fn step(&mut self) -> Status {
        let digits = self.digits.as_deref().map(|digits| [digits.train(), digits.test()]);
        match self.runs.step(digits) {
            (Stage::Over, [_, true]) => Status::Ended("all runs over"),
            (Stage::Over, [true, _]) => Status::Passed("first run over"),
            (Stage::Trained, [true, _]) => Status::Passed("trained"),
            (Stage::Cut, [true, _]) => Status::Passed("all cuts made"),
            _ => Status::Running,
        }
    }

    fn due(&self) -> Option<u64> {
        Some(self.runs.steps(self.digits.as_ref().map_or(0, |digits| digits.examples())) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let error = |method: usize| self.runs.of(|one| one.error(method)).mean();
        let right = self.runs.of(Operation::right).known().unwrap_or_else(|| self.runs.first().whole());
        fill(out, (0..METHODS).map(error).chain([self.runs.of(Operation::made).mean(), right]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.unit = values.int(&UNIT);
        if param.is(&LAYER) || param.is(&RUNS) {
            return Live::Restart;
        } else if param.is(&OUTLIERS) {
            self.runs.enlarge(values.float(&OUTLIERS));
        } else if !param.is(&UNIT) {
            self.runs.turn(manner(values), self.digits.as_deref().map(Setup::test));
        }
        Live::Now
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let made: (&'static Param, Reach) = (&UNIT, Reach::UpTo(outliers::UNITS as f64));
        let none: (&'static Param, Reach) = (&OUTLIERS, Reach::Idle("This layer has none."));
        match self.runs.first().origin {
            Origin::Net(..) => vec![none],
            Origin::Uneven(..) => vec![made],
            Origin::Even => vec![made, none],
        }
    }

    fn claims(&self) -> Vec<Claim> {
        let (runs, table) = (&self.runs, &self.runs.first().table);
        let (digits, rule) = (runs.first().is_of_net(), table.rule);
        let usual = (rule.tolerance - 0.1).abs() < 1e-6 && (rule.caution - 1.0).abs() < 1e-6 && rule.most >= 5;
        let net = "This is about the layer of the net that reads digits.";
        let swaps = "This is about the usual tolerance and caution, and at least five swaps.";
        let times = |mean: Mean| {
            let error = if mean.count() > 1 { format!(", ± {}", fixed(mean.error(), 2)) } else { String::new() };
            (mean.mean(), format!("{} times{error}", fixed(mean.mean(), 2)))
        };
        // An error is at most so many times another one.
        let error = |says: &str, source, most: f64, found: Option<Mean>| {
            let text = format!("at most {} times the error", fixed(most, 2));
            let claim = Claim::new(says, source).expect(0.0, most, &text).on((0.0, "0"), (2.0, "twice the error"));
            claim.found(found.map(times), NOT_YET)
        };
        let tried = |trial: usize| runs.of_all(|one| one.trials.get(trial).copied());
        let ratio = |cuts: Range<usize>, methods| runs.of_all(|one| one.table.ratio(cuts.clone(), methods));
        let made = runs.of_all(Operation::made).map(|made| (made.mean(), fixed(made.mean(), 1)));
        let few = Claim::new("At 70 % it takes only a few swaps.", DSNOT)
            .expect(0.0, 5.0, "at most 5 a unit")
            .on((0.0, "0"), (20.0, "20 a unit"))
            .found(made, NOT_YET);
        let eager = Claim::new("Without a tolerance, and with 50 swaps, they do harm, at 60 %.", DSNOT)
            .expect(1.0, f64::INFINITY, "more error than before")
            .on((0.0, "0"), (3.0, "3 times the error"))
            .found(tried(EAGER).map(times), NOT_YET);
        let uneven = "Where six inputs are ten times larger, Wanda is far ahead of size, at 60 %.";
        let none = Claim::new("Inputs that are all alike and around nothing leave nothing to swap.", DSNOT)
            .expect(0.0, 0.0, "no swaps")
            .on((0.0, "0"), (5.0, "5 a unit"))
            .found(tried(EVEN).map(|made| (made.mean(), short(made.mean()))), NOT_YET);
        let mend = error("Swaps mend what Wanda cut, at 60 to 80 %.", DSNOT, 0.85, ratio(1..4, [SWAPPED, WANDA]));
        let made_up = "Weights that make up for others do far better, at 70 %.";
        vec![
            mend.only_if(table.first == Worth::Wanda, "Here swaps begin elsewhere.")
                .only_if(digits, net)
                .only_if(usual, swaps),
            error("Swaps mend what was cut by size, at 60 to 80 %.", DSNOT, 0.8, tried(FROM_SIZE)).only_if(digits, net),
            few.only_if(digits && table.cut == 2, "This is about 70 % of the layer of the net.").only_if(usual, swaps),
            error(made_up, GPT, 0.5, ratio(2..3, [SPARSE_GPT, WANDA])).only_if(digits, net),
            error(uneven, WANDAS, 0.4, tried(UNEVEN)),
            eager.only_if(digits, net),
            none,
        ]
    }
}

const DSNOT: &str = "Zhang et al. 2024";
const GPT: &str = "Frantar and Alistarh 2023";
const WANDAS: &str = "Sun et al. 2024";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn swaps_mend_and_making_up_mends_more() {
        let mut session = follow("id=layer-surgery&seed=1&runs=2", MOST_STEPS);
        assert!(session.ended().is_some());
        let agree = |claims: &[Claim], at: &[usize]| {
            at.iter().for_each(|i| assert_eq!(claims[*i].verdict(), Verdict::Agrees, "{:?}", claims[*i]));
        };
        agree(&session.claims(), &[0, 1, 2, 3, 4, 5, 6]);
        // The trials are by the usual rule, whatever the settings are.
        let pairs = [("tolerance", "0"), ("swaps", "50")];
        session.set(&pairs.map(|(name, text)| (name.to_owned(), text.to_owned()))).unwrap();
        let claims = session.claims();
        agree(&claims, &[1, 3, 4, 5, 6]);
        assert_eq!(claims[0].verdict(), Verdict::NotHere);
    }

    #[test]
    fn without_swaps_it_is_wanda_and_outliers_blind_the_size() {
        let mut session = follow("id=layer-surgery&seed=1&runs=1&layer=outliers&cut=0.6", MOST_STEPS);
        assert_eq!(session.claims()[4].verdict(), Verdict::Agrees);
        let before = session.metrics();
        session.set(&[("swaps".into(), "0".into())]).unwrap();
        let after = session.metrics();
        assert!(before[2] < before[1] && after[2].to_bits() == after[1].to_bits(), "{before:?} {after:?}");
        let even = follow("id=layer-surgery&seed=1&runs=1&layer=even", MOST_STEPS);
        assert_eq!(even.claims()[6].verdict(), Verdict::Agrees);
    }
}
