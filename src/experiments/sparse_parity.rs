//! Sparse parity (Merrill, Tsilivis and Shukla 2023; Barak and others 2022): a net that first learns its examples by heart from all
//! inputs, and understands when a penalty has taken away all but the few that matter.
//!
//! A step is ten batches. After each the net is asked unseen strings: as it is, without the inputs that do not matter, and
//! with the share of its weights that a setting keeps. Training goes on with all of them.
use crate::{
    data::{Split, parity},
    lab::{
        Axis, Claim, Entry, Experiment, Figures, Live, Metric, Paper, Param, Place, Preset, Prose, Shape, Start,
        Status, Values, View, Wing, fill,
        wait::{Terms, Wait},
    },
    math::decimal::percent,
    model::{
        learning::{
            loss::{Loss, Score},
            mlp::{Layer, Mlp},
            rate::Course,
            shrink::shrink,
            training::{Examples, Recipe, Training},
        },
        pruning::{mask::Mask, score::magnitude, select::best},
    },
};
use std::{cell::OnceCell, rc::Rc};

static KEPT: Param = Param::share(
    "kept",
    "Weights kept",
    (0.01, 1.0, 1.0),
    "The share of its weights with which the net is asked. Training goes on with all of them.",
)
.ends("few", "all");
static FIRST: Param = Param::choice(
    "first",
    "Which are kept",
    &[("largest", "The largest"), ("inputs", "Those that matter")],
    "The largest weights, or first of all those to the inputs that matter, which the net does not know.",
);
static PENALTY: Param = Param::float(
    "penalty",
    "Penalty",
    (0.0, 0.5, 5.0),
    "How strongly weights are pulled to 0, in thousandths. It holds from the step on at which you move it.",
)
.ends("none", "strong");
static KIND: Param = Param::choice(
    "kind",
    "Kind of penalty",
    &[("lasso", "The same for all (L1)"), ("decay", "In proportion (decay)")],
    "With the first all weights lose the same, and the small ones become exactly 0. With the second each loses a share.",
);
static RELEVANT: Param =
    Param::int("relevant", "Inputs that matter", (2, 3, 4), "How many signs make the answer. They are the first ones.");
static INPUTS: Param = Param::int("inputs", "Inputs", (10, 30, 40), "How many signs a string has.");
static EXAMPLES: Param = Param::int(
    "examples",
    "Examples",
    (200, 850, 2000),
    "How many strings it learns from. It sees them over and over.",
);

pub static ENTRY: Entry = Entry {
    id: "sparse-parity",
    wing: Wing::Grokking,
    prose: Prose {
        title: "It understands by forgetting",
        paper: Some(Paper {
            title: "A Tale of Two Circuits: Grokking as Competition of Sparse and Dense Subnetworks",
            authors: "Merrill, Tsilivis and Shukla",
            year: 2023,
            link: "https://arxiv.org/abs/2303.11873",
        }),
        card: "The inputs that do not matter fade, and it understands.",
        lead: "Play, and watch all rows fade but the first three. Then drag the orange line, before and after the jump.",
        about: &[
            "A string has thirty signs. The answer is the parity of three of them: whether an odd number is plus. No one or two \
             of them say anything, so that nothing but all three helps. The net sees 850 strings and is not told which signs matter.",
            "First it learns the strings by heart, with weights to all inputs. On new strings it guesses. Each weight is pulled to 0 all \
             the time, by the same small amount. To know 850 strings by heart takes many weights, the rule takes few. For a long \
             time nothing seems to happen. Then the rule wins, and nothing is left but weights to the three inputs: \
             here to understand is to prune, as Pearce, Ghandeharioun, Hussein, Thain, Wattenberg and Dixon have shown (2023).",
            "Prune it yourself. By heart, it needs nearly all it has: a twentieth of its weights, the largest, know hardly more than \
             chance, even of the strings that it has learnt. After the jump the same twentieth know the rule.",
            "Can the rule be cut out early? Keep what belongs to the three inputs and nothing else. While it knows by heart this \
             is not the rule yet. But shortly before the jump the small net inside knows the rule, and the whole net does not \
             yet: what is learnt by heart still outvotes it. That measurement is ours; hidden progress in parities is shown \
             by Barak, Edelman, Goel, Kakade, Malach and Zhang (2022).",
            "Without a penalty it never understands. Weight decay, the paper's own penalty, works too, but needs more examples here, and leaves \
             small weights that are never quite 0. With two signs that matter there is \
             hardly a wait.",
            "This is a small variant, not a replication: the paper has 40 inputs, 1000 hidden units and another loss, and it \
             prunes whole neurons.",
        ],
        formulas: &[
            r"y = x_1 x_2 x_3, \qquad x_i = \pm 1",
            r"\min_w\; L(w) + \lambda \sum_i |w_i|",
            r"w \leftarrow \operatorname{sign}(w)\, \max(|w| - \eta \lambda, 0)",
        ],
        symbols: &[
            ("x", "the signs of a string"),
            ("y", "the answer"),
            ("L", "the loss on a batch"),
            ("\\lambda", "the penalty"),
            ("\\eta", "how far a step goes in all, with the momentum that follows it"),
        ],
        words: "sparse parity xor grokking pruning l1 lasso weight decay hidden progress subnetwork circuit sparse dense competition merrill barak memorisation memorization generalisation generalization",
    }
    .told(),
    params: &[&KEPT, &FIRST, &PENALTY, &KIND, &EXAMPLES, &RELEVANT, &INPUTS],
    metrics: &[
        Metric::new("test", "new strings right", "The share of strings it never saw that it has right."),
        Metric::new("train", "examples right", "The share of its examples that it has right."),
        Metric::new("inner", "new strings right, by the k inputs alone", "The same without all weights to inputs that do not matter."),
        Metric::new("pruned", "new strings right, pruned", "The same with the share of weights that is kept."),
        Metric::new("loss", "loss", "The loss on its examples."),
        Metric::new("left", "weights left", "The share of the first layer's weights that are not 0."),
        Metric::new("on-inputs", "weight that matters", "The share of the first layer's weight, in sum, that is on inputs that matter."),
    ],
    presets: &[
        Preset::new("Default", "It knows by heart, and much later it understands.", &[]),
        Preset::new("A twentieth", "The twentieth of its weights that are largest: worth nothing before the jump, all after it.", &[("kept", "0.05")]),
        Preset::new("Cut out early", "Only weights to inputs that matter: they know it before the net does.", &[("kept", "0.156"), ("first", "inputs")]),
        Preset::new("Stronger", "Twice the penalty: less than half the wait.", &[("penalty", "1")]),
        Preset::new("No penalty", "It knows all its examples, and never understands.", &[("penalty", "0")]),
        Preset::new("Weight decay", "Weights fade and are never quite 0.", &[("kind", "decay"), ("penalty", "3"), ("examples", "1000")]),
        Preset::new("Four matter", "Harder, with twice the examples.", &[("relevant", "4"), ("examples", "1500")]),
    ],
    steps: STEPS as u64,
    log_steps: true,
    pace: 0.0,
    thumbnail: LEFT,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(SparseParity::new(start))),
};

const LEFT: usize = 3;

const STEPS: usize = 1200;
/// Once it understands it goes on until next to nothing is left to cut away.
const TERMS: Terms = Terms { known: 0.99, understood: 0.95, beyond: 1.5, patience: STEPS, steps: STEPS };
/// Steps that a run goes on for after it was touched.
const AFTER: usize = 100;
/// Batches in a step.
const BATCHES: usize = 10;
const HIDDEN: usize = 128;
const RECIPE: Recipe =
    Recipe { batch: 50, epochs: BATCHES * STEPS, rate: 0.03, course: Course::Constant, momentum: 0.9, decay: 0.0 };
const ASKED: usize = 500;

/// Shares of weights at which curves are computed, and the one that claims speak of.
const SHARES: [f64; 11] = [1.0, 0.7, 0.5, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.02, 0.01];
const TWENTIETH: usize = 8;

/// What no step changes.
struct Whole {
    split: Split,
    relevant: usize,
}

/// What is right at each of [`SHARES`]: of new strings and of examples with the largest weights, and of new strings with those
/// that matter first.
type Curves = [Vec<f64>; 3];

/// What was found after a step.
#[derive(Default)]
struct Seen {
    train: f64,
    test: f64,
    inner: f64,
    loss: f64,
    curves: OnceCell<Curves>,
}

#[derive(Clone)]
struct SparseParity {
    whole: Rc<Whole>,
    net: Mlp,
    training: Training,
    wait: Wait,
    seen: Rc<Seen>,
    /// The weights that are kept, and what they have right of new strings.
    mask: Rc<Mask>,
    pruned: f64,
    kept: f64,
    matter_first: bool,
    penalty: f64,
    lasso: bool,
    /// Whether the penalty was the same from the start.
    steady: bool,
    /// What was seen when it first knew its examples.
    by_heart: Option<Rc<Seen>>,
    /// When the small net inside first understood.
    inside: Option<usize>,
}

fn share(score: Score, examples: Examples) -> f64 {
    score.right as f64 / examples.1.len().max(1) as f64
}

impl SparseParity {
    fn new(start: &Start) -> Self {
        let values = start.values;
        let (inputs, relevant) = (values.int(&INPUTS), values.int(&RELEVANT));
        let split = parity(inputs, relevant, (values.int(&EXAMPLES), ASKED), &mut start.rng.stream("strings"));
        let net = Mlp::new(&[inputs, HIDDEN, 2]);
        let numbers = net.draw(&mut start.rng.stream("weights"));
        let mut run = Self {
            whole: Rc::new(Whole { split, relevant }),
            training: Training::new(numbers, RECIPE, start.rng.stream("order")),
            wait: Wait::new(TERMS),
            seen: Rc::default(),
            mask: Rc::new(Mask::full(&net)),
            net,
            pruned: 0.0,
            kept: 1.0,
            matter_first: false,
            penalty: 0.0,
            lasso: true,
            steady: true,
            by_heart: None,
            inside: None,
        };
        run.pull(values);
        run.look();
        run.prune(values);
        run
    }

    fn layer(&self) -> Layer {
        self.net.layers()[0]
    }

    /// Takes the penalty up.
    fn pull(&mut self, values: &Values) {
        self.penalty = values.float(&PENALTY);
        self.wait.drive(self.penalty > 0.0);
        self.lasso = values.option(&KIND) == 0;
        self.training.descent.decay = if self.lasso { 0.0 } else { (1e-3 * self.penalty) as f32 };
    }

    /// Takes the pruning up.
    fn prune(&mut self, values: &Values) {
        self.kept = values.float(&KEPT);
        self.matter_first = values.option(&FIRST) == 1;
        self.ask_pruned();
    }

    fn ask_pruned(&mut self) {
        self.mask = Rc::new(self.keep(self.kept, self.matter_first));
        self.pruned =
            if self.kept < 1.0 { self.right(&self.mask, self.whole.split.test.both()) } else { self.seen.test };
    }

    /// Whether a weight is to an input that matters or to an answer.
    fn matters(&self, place: usize) -> bool {
        let layer = self.layer();
        !layer.weights().contains(&place) || place % layer.inputs < self.whole.relevant
    }

    /// The share of the weights that are largest, of all or of those that matter first.
    fn keep(&self, share: f64, matter_first: bool) -> Mask {
        let net = &self.net;
        let count = (share * net.weights() as f64 + 0.5) as usize;
        let sizes = magnitude(&self.training.numbers);
        let all = net.layers().iter().flat_map(Layer::weights);
        let (first, others): (Vec<usize>, Vec<usize>) = all.partition(|place| !matter_first || self.matters(*place));
        let rest = count.saturating_sub(first.len());
        let places = best(&sizes, first, count).into_iter().chain(best(&sizes, others, rest));
        Mask::of(net, places)
    }

    /// What the net has right under a mask.
    fn right(&self, mask: &Mask, examples: Examples) -> f64 {
        let mut numbers = self.training.numbers.clone();
        mask.cut(&mut numbers);
        share(self.net.clone().grade(&numbers, examples.0, examples.1, Loss::CrossEntropy), examples)
    }

    /// Asks the net as it is and the small one inside.
    fn look(&mut self) {
        let whole = Rc::clone(&self.whole);
        let (train, test) = (whole.split.train.both(), whole.split.test.both());
        let mut ask =
            |examples: Examples| self.net.grade(&self.training.numbers, examples.0, examples.1, Loss::CrossEntropy);
        let (by_heart, new) = (ask(train), ask(test));
        let all = self.net.layers().iter().flat_map(Layer::weights);
        let inner = Mask::of(&self.net, all.filter(|place| self.matters(*place)));
        self.seen = Rc::new(Seen {
            train: share(by_heart, train),
            test: share(new, test),
            inner: self.right(&inner, test),
            loss: by_heart.loss,
            curves: OnceCell::new(),
        });
    }

    /// What is right at each share, as the net stands.
    fn curves(&self) -> &Curves {
        let (train, test) = (self.whole.split.train.both(), self.whole.split.test.both());
        self.seen.curves.get_or_init(|| {
            let mut curves = Curves::default();
            for share in SHARES {
                let largest = self.keep(share, false);
                curves[0].push(self.right(&largest, test));
                curves[1].push(self.right(&largest, train));
                curves[2].push(self.right(&self.keep(share, true), test));
            }
            curves
        })
    }

    /// Weights of the first layer that are not 0, those of them that matter, and the share of all their size on inputs that
    /// matter.
    fn left(&self) -> (usize, usize, f64) {
        let (mut all, mut matter, mut size, mut sizes) = (0, 0, 0.0, 0.0);
        for place in self.layer().weights() {
            let w = f64::from(self.training.numbers[place].abs());
            let matters = self.matters(place);
            all += usize::from(w > 0.0);
            matter += usize::from(w > 0.0 && matters);
            sizes += w;
            size += if matters { w } else { 0.0 };
        }
        (all, matter, if sizes > 0.0 { size / sizes } else { 0.0 })
    }
}

impl Experiment for SparseParity {
    fn figures(&self, figures: &mut Figures) {
        let (layer, Seen { train, test, inner, .. }) = (self.layer(), &*self.seen);
        let steps = || Axis::log("step (ten batches each), log scale", 1.0, STEPS as f64);
        let shares = || Axis::linear("share right", 0.0, 1.0);

        let names = ["input, those that matter on top", "hidden unit"];
        let weights = Shape::heatmap((layer.inputs, layer.units), names, ("takes away", "adds"));
        figures
            .view(View::new("The first layer, pruned as you say", Place::Main, weights).moving(), |slot| {
                for (i, place) in layer.weights().enumerate() {
                    let (unit, input) = (i / layer.inputs, i % layer.inputs);
                    let w = if self.mask.keeps(place) { self.training.numbers[place] } else { 0.0 };
                    slot[input * layer.units + unit] = w;
                }
            })
            .caption(|| {
                let (relevant, [kept, right]) = (self.whole.relevant, [self.kept, self.pruned].map(|x| percent(x, 0)));
                format!(
                    "A column is a unit, a row an input; the first {relevant} rows matter. With {kept} of its weights it has {right} of \
                     the new strings right."
                )
            });

        figures
            .chart("What it has right", Place::Side, steps(), shares())
            .metric("test", "new strings")
            .metric("train", "examples")
            .metric("inner", "k inputs alone")
            .metric("pruned", "pruned")
            .caption(|| {
                let when = |step: Option<usize>, word: &str| match step {
                    Some(step) => format!(", {word} at step {step}"),
                    None => String::new(),
                };
                format!(
                    "{} of its examples{}, {} of new strings{}. Without the other inputs {}{}.",
                    percent(*train, 0),
                    when(self.wait.by_heart(), "by heart"),
                    percent(*test, 0),
                    when(self.wait.understood(), "understood"),
                    percent(*inner, 0),
                    when(self.inside, "understood")
                )
            });

        let kept = Axis::log("share of weights kept, log scale", SHARES[SHARES.len() - 1], 1.0).of(&KEPT);
        let by_heart =
            self.by_heart.iter().filter_map(|seen| seen.curves.get()).flat_map(|curves| curves[1].iter().copied());
        figures
            .chart("What it still knows when it is pruned now", Place::Main, kept, shares())
            .at(self.kept)
            // Asked for only where they are drawn, for they take time.
            .curves(&["new strings", "examples", "what matters first"], SHARES.len(), |k| {
                (0..SHARES.len()).map(move |i| (SHARES[i], self.curves()[k][i]))
            })
            .reference("examples, at first", SHARES.len(), SHARES.into_iter().zip(by_heart))
            .caption(|| {
                let [test, train, _] = self.curves();
                let [test, train] = [test, train].map(|curve| percent(curve[TWENTIETH], 0));
                format!(
                    "The twentieth of its weights that are largest has {test} of new strings and {train} of its examples right. A tie is \
                     not right. Dashed: examples, at the step at which it first knew them by heart."
                )
            });

        figures
            .chart("What is left of the first layer", Place::Side, steps(), Axis::linear("share", 0.0, 1.0))
            .metric("left", "weights left")
            .metric("on-inputs", "where it matters")
            .caption(|| {
                let (left, matter, on_inputs) = self.left();
                let size = percent(on_inputs, 0);
                format!(
                    "{left} weights are not 0, {matter} of them to inputs that matter, which have {size} of all their size."
                )
            });
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let train = whole.split.train.both();
        for _ in 0..BATCHES {
            self.training.learn(&mut self.net, train, Loss::CrossEntropy);
            self.training.descend(train.1.len());
            if self.lasso && self.penalty > 0.0 {
                // A pull that rolls on as the gradient does goes so far in all.
                let by = RECIPE.rate * 1e-3 * self.penalty / (1.0 - f64::from(RECIPE.momentum));
                for layer in self.net.layers() {
                    shrink(&mut self.training.numbers[layer.weights()], by as f32);
                }
            }
        }
        self.look();
        self.ask_pruned();
        let Seen { train, test, inner, .. } = *self.seen;
        if self.inside.is_none() && inner >= TERMS.understood {
            self.inside = Some(self.wait.step() + 1);
        }
        if self.wait.is_by_heart(train) {
            self.curves();
            self.by_heart = Some(Rc::clone(&self.seen));
        }
        self.wait.pass(train, test)
    }

    fn measure(&self, out: &mut [f32]) {
        let Seen { train, test, inner, loss, .. } = *self.seen;
        let (left, _, on_inputs) = self.left();
        let left = left as f64 / self.layer().weights().len() as f64;
        let row = [test, train, inner, self.pruned, loss, left, on_inputs];
        fill(out, row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&KEPT) || param.is(&FIRST) {
            self.prune(values);
            return Live::Now;
        }
        if param.is(&PENALTY) || param.is(&KIND) {
            self.pull(values);
            self.steady = self.wait.step() == 0;
            self.wait.hold(AFTER);
            return Live::Soon;
        }
        Live::Restart
    }

    fn due(&self) -> Option<u64> {
        self.wait.due()
    }

    fn claims(&self) -> Vec<Claim> {
        let layer = self.layer();
        let usual = self.whole.relevant == 3 && layer.inputs == 30;
        let penalised = self.lasso && (0.4..=0.6).contains(&self.penalty);
        let examples = self.whole.split.train.labels.len();
        let here = |claim: Claim| {
            claim
                .only_if(self.steady, "The penalty was moved on the way.")
                .only_if(penalised, "This is about an L1 penalty of about 0.5.")
                .only_if(usual && (800..=900).contains(&examples), "This is about 3 of 30 inputs and 850 examples.")
        };
        let late = self.wait.is_long(
            "It understands long after it knows its examples by heart.",
            SOURCE,
            "",
            self.penalty > 0.0,
        );
        let by_heart =
            Claim::new("By heart, the largest twentieth of its weights hardly know even its examples.", SOURCE)
                .expect(0.0, 0.65, "at most 65 % right")
                .on((0.5, "50 %"), (1.0, "100 %"));
        let by_heart = match self.by_heart.as_ref().and_then(|seen| seen.curves.get()) {
            Some(curves) => by_heart.measured(curves[1][TWENTIETH], percent(curves[1][TWENTIETH], 1)),
            None => by_heart.because("It does not know its examples yet."),
        };
        let in_the_end = |claim: Claim, measure: &dyn Fn() -> (f64, String)| match self.wait.understanding() {
            Ok(_) if self.wait.is_over() => {
                let (x, text) = measure();
                claim.measured(x, text)
            }
            Ok(at) => claim.because(format!("It understood at step {at}. This is measured at the end of the run.")),
            Err(why) => claim.unmeasured(why),
        };
        let rule = Claim::new("Once it understands, the largest twentieth of its weights know the rule.", SOURCE)
            .expect(0.99, 1.0, "at least 99 % right")
            .on((0.5, "50 %"), (1.0, "100 %"));
        let rule = in_the_end(rule, &|| {
            let right = self.curves()[0][TWENTIETH];
            (right, percent(right, 1))
        });
        let mask = Claim::new("What is left of the first layer is on the inputs that matter.", PRUNING)
            .expect(0.95, 1.0, "at least 95 % of its weights")
            .on((0.0, "0 %"), (1.0, "100 %"));
        let mask = in_the_end(mask, &|| {
            let (all, matter, _) = self.left();
            let share = matter as f64 / all.max(1) as f64;
            (share, format!("{matter} of {all}"))
        });
        let early = Claim::new("Cut to its inputs, it knows the rule before the whole net does.", HIDDEN_PROGRESS)
            .expect(0.0, 0.95, "at most 95 % of the steps")
            .on((0.0, "0 %"), (1.2, "120 %"));
        let early = match (self.inside, self.wait.understood()) {
            (Some(inside), Some(understood)) => {
                early.measured(inside as f64 / understood as f64, format!("step {inside} against {understood}"))
            }
            _ => early.because("It has not understood yet."),
        };
        [late, by_heart, rule, mask, early].map(here).into()
    }
}

const SOURCE: &str = "Merrill et al. 2023";
const PRUNING: &str = "Pearce et al. 2023";
const HIDDEN_PROGRESS: &str = "After Barak et al. 2022";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn metric(session: &Session, name: &str) -> f32 {
        session.metrics()[ENTRY.metrics.iter().position(|metric| metric.name == name).unwrap()]
    }

    fn set(session: &mut Session, name: &str, value: &str) {
        session.set(&[(name.into(), value.into())]).unwrap();
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn the_rule_takes_few_weights_and_what_is_learnt_by_heart_nearly_all() {
        let mut session = follow("id=sparse-parity&seed=1", 60);
        assert!(metric(&session, "train") > 0.99 && metric(&session, "test") < 0.6, "{:?}", session.metrics());
        set(&mut session, "kept", "0.05");
        assert_eq!(session.step(), 60);
        assert!(metric(&session, "pruned") < 0.6);
        session.seek(STEPS as u64);
        let verdicts: Vec<Verdict> = session.claims().iter().map(Claim::verdict).collect();
        assert_eq!(verdicts, [Verdict::Agrees; 5], "{:?}", session.claims());
        assert!(metric(&session, "pruned") > 0.99 && metric(&session, "left") < 0.02, "{:?}", session.metrics());
        let events: Vec<&str> = session.events().iter().map(|(_, word)| *word).collect();
        assert_eq!(events, ["by heart", "understood", "end"]);
    }

    #[test]
    fn without_a_penalty_it_never_understands() {
        let session = follow("id=sparse-parity&seed=2&penalty=0", 600);
        assert!(metric(&session, "train") > 0.99 && metric(&session, "test") < 0.6, "{:?}", session.metrics());
        assert!(metric(&session, "left") > 0.99);
        assert!(session.claims().iter().all(|claim| claim.verdict() == Verdict::NotHere));
    }

    #[test]
    fn of_the_weights_that_matter_the_largest_are_kept_and_then_the_others() {
        let mut session = follow("id=sparse-parity&seed=1&inputs=10&first=inputs&kept=0.5", 0);
        let layout = session.layout().to_vec();
        let mut frame = vec![0.0; session.floats()];
        let mut rows = |session: &Session| -> Vec<usize> {
            session.draw(&mut frame);
            let picture = &frame[..layout[0].floats()];
            picture.chunks_exact(HIDDEN).map(|row| row.iter().filter(|w| **w != 0.0).count()).collect()
        };
        // Of 1280 and 256 weights a half are 768: all 384 and 256 that matter, and 128 others.
        let half = rows(&session);
        assert_eq!((&half[..3], half.iter().sum::<usize>()), (&[HIDDEN; 3][..], 512));
        set(&mut session, "kept", "0.2");
        assert!(rows(&session)[3..].iter().all(|count| *count == 0));
    }
}
