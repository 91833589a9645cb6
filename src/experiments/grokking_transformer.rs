//! Grokking in a transformer of one layer (Power et al. 2022; Nanda et al. 2023): numbers come to lie on circles, and heads come to
//! listen to them in waves.
//!
//! A step is one step of training on all training pairs. Every few steps the net is asked all pairs, and its tokens and its answers
//! are taken apart into waves.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Figures, Live, Metric, Paper, Param, Place, Preset, Prose, Shape, Start,
        Status, Values, View, Wing, fill,
        progress::{self, Progress},
        wait::{Terms, Wait},
    },
    math::{decimal::fixed, kernels::softmax},
    model::learning::{
        adam::{Adam, Settings},
        lesson::{Asked, Lesson},
        loss::{Loss, Score},
        modular::{Operation, Task},
        token_map::TokenMap,
        transformer::{self, Transformer},
    },
};
use std::rc::Rc;

static DECAY: Param = Param::float(
    "decay",
    "Weight decay",
    (0.0, 2.0, 10.0),
    "How fast weights shrink by themselves: by this times the rate at each step. It holds from the step on at which you move it.",
)
.ends("none", "strong");
static FRACTION: Param = Param::share(
    "fraction",
    "Trained on",
    (0.1, 0.5, 0.9),
    "The share of all pairs that the net is shown; the others test it.",
)
.ends("few pairs", "nearly all");
static HEAD: Param = Param::int("head", "Show head", (1, 1, 8), "Whose attention is shown.");
static OPERATION: Param = Param::choice(
    "operation",
    "Operation",
    &[("add", "a + b"), ("multiply", "a × b"), ("squares", "a² + b²")],
    "What the net is to answer for two numbers, modulo p. Their order does not matter.",
);
static P: Param = Param::choice(
    "p",
    "Modulus p",
    &[("31", "31"), ("47", "47"), ("59", "59"), ("67", "67"), ("97", "97")],
    "Numbers from 0 to p - 1, as on a dial: after the last comes the first. All of these are primes.",
)
.by_default("59");
static HEADS: Param = Param::choice(
    "heads",
    "Heads",
    &[("1", "1"), ("2", "2"), ("4", "4"), ("8", "8")],
    "How many heads share the width. Each listens to the numbers in its own way.",
)
.by_default("4");
static WIDTH: Param =
    Param::choice("width", "Width", &[("32", "32"), ("64", "64"), ("128", "128")], "Numbers of a token.")
        .by_default("64");
static HIDDEN: Param = Param::int("hidden", "ReLU units", (16, 128, 512), "Units between attention and the answer.");
static RATE: Param = Param::float(
    "rate",
    "Learning rate",
    (1e-4, 0.01, 1.0),
    "The size of a step. It holds from the step on at which you move it. Too large, and the run breaks.",
);

pub static ENTRY: Entry = Entry {
    id: "grokking-transformer",
    wing: Wing::Grokking,
    prose: Prose {
        title: "A transformer finds the dial",
        paper: Some(Paper {
            title: "Progress measures for grokking via mechanistic interpretability",
            authors: "Nanda, Chan, Lieberum, Smith and Steinhardt",
            year: 2023,
            link: "https://arxiv.org/abs/2301.05217",
        }),
        card: "Numbers in a tangle move onto a circle, and then it understands.",
        lead: "Play, and watch the tangle: the numbers of the dial find their places on a circle.",
        about: &[
            "Each number is a token: a list of numbers of its own, drawn at random. The net reads three tokens, a, b and =. Heads at = \
             listen to a and to b, a layer of ReLU makes something of what they took, and one output a number answers. It knows its \
             training pairs by heart soon, and understands long after.",
            "The tangle is a map of the tokens. Of the eight directions in which they are spread widest it takes the side from which they \
             turn most. At first that is noise. When the net understands, the tokens lie on a circle, some number of places apart: it has \
             found that the numbers form a dial, which nobody told it.",
            "Adding on a dial is turning. The product of two waves is a wave of the sum, and the net does with it what the net with one \
             layer of squares does in the experiment before: only a few frequencies are left in its answers in the end, and its heads \
             listen to a number more or less in waves too.",
            "Keep of the answers only their strong waves, and the restricted loss is what is left to pay: it falls first. Take these waves \
             away, and the excluded loss of the training pairs rises: the list that was learnt by heart is being given up.",
            "The papers use p = 113 or 97, positions, more pairs and ten thousand steps and more. This one is small and its rate is high, so \
             that it is done in seconds; without positions a and b are told apart by nothing, and so (a, b) and (b, a) are one question.",
        ],
        formulas: &[
            r"s_h(x) = q_h \cdot K_h E_x / \sqrt{d_h}",
            r"\alpha_h = \text{softmax}(s_h(a), s_h(b), s_h(=))",
            r"r = E_{=} + O \sum_{x} \alpha_h(x)\, V_h E_x",
            r"z = U \bigl(r + B \max(A r, 0)\bigr)",
        ],
        symbols: &[
            ("E_x", "the token of $x$"),
            ("s_h(x)", "the score that head $h$ gives to $x$: the query at = against the key of $x$"),
            (r"\alpha_h", "how much the head takes of a, of b and of ="),
            ("z", "the outputs, one for each answer; the greatest counts"),
        ],
        words: "grok transformer attention heads embedding circle fourier modular addition nanda power mechanistic interpretability progress measures delayed generalization weight decay",
    }
    .told(),
    params: &[&DECAY, &FRACTION, &HEAD, &OPERATION, &P, &HEADS, &WIDTH, &HIDDEN, &RATE],
    metrics: &progress::metrics::<2, 11>([
        Metric::new("gini", "Gini", "How unequal frequencies are in the tokens: 0 if all are used alike, 1 if one is."),
        Metric::new("round", "on a circle", "How round the map of the tokens is: 1 if all are as far from its middle."),
    ]),
    presets: &[
        Preset::new("Default", "By heart at step 60, understood some ten times later.", &[]),
        Preset::new("More pairs", "Seven in ten: it understands sooner.", &[("fraction", "0.7"), ("decay", "1")]),
        Preset::new("Without decay", "It keeps its list. Wait, then turn the decay up.", &[("decay", "0")]),
        Preset::new("One head", "One head listens to everything. With some seeds it does not come to understand in time.", &[("heads", "1")])
            .beyond(),
        Preset::new("Multiplication", "A circle again, in the order of logarithms.", &[("operation", "multiply")]),
    ],
    steps: STEPS as u64,
    log_steps: true,
    pace: 60.0,
    thumbnail: CIRCLE,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(GrokkingTransformer::new(start))),
};

const CIRCLE: usize = 1;

/// The heads whose scores are shown.
const HEADS_SHOWN: [&str; 4] = ["head 1", "head 2", "head 3", "head 4"];
/// A place that is not on the map of numbers.
const OUTSIDE: f64 = -9.0;
const STEPS: usize = 2000;
const TERMS: Terms = Terms { known: 1.0, understood: 0.99, beyond: 0.5, patience: 1000, steps: STEPS };
/// Steps between looks at all pairs, but for the first steps, which are all looked at.
const EVERY: usize = 10;
const FIRST: usize = 10;
/// Steps that a run goes on for after it was touched.
const AFTER: usize = 100;

/// What was found when the net was looked at.
struct Look {
    asked: Asked,
    /// Of the tokens, in the order of the dial or of logarithms.
    map: TokenMap,
    /// What heads think of each number and, last, of =.
    scores: Vec<f32>,
}

#[derive(Clone)]
struct GrokkingTransformer {
    lesson: Rc<Lesson>,
    net: Transformer,
    adam: Adam,
    train: Score,
    look: Rc<Look>,
    wait: Wait,
    progress: Progress,
    head: usize,
}

impl Look {
    /// `None` if the net has broken.
    fn new(lesson: &Lesson, net: &mut Transformer) -> Option<Self> {
        let asked = lesson.ask(|pairs, outputs| net.answer(pairs, outputs), Loss::CrossEntropy);
        let map = TokenMap::new(lesson.along_ring(net.tokens()).as_ref(), &lesson.waves)?;
        let scores = net.scores().to_vec();
        scores.iter().all(|x| x.is_finite()).then_some(Self { asked, map, scores })
    }
}

impl GrokkingTransformer {
    fn new(start: &Start) -> Self {
        let (values, rng) = (start.values, start.rng);
        let operation = match values.choice(&OPERATION) {
            "multiply" => Operation::Multiply,
            "squares" => Operation::Squares,
            _ => Operation::Add,
        };
        // The choices list numbers only.
        let number = |param| values.choice(param).parse::<usize>().unwrap_or(1);
        let p = number(&P);
        let shape = transformer::Shape { p, width: number(&WIDTH), heads: number(&HEADS), hidden: values.int(&HIDDEN) };
        let mut net = Transformer::new(shape, 1.0, &mut rng.stream("weights"));
        let lesson = Lesson::new(operation, p, values.float(&FRACTION), rng);
        let look = Look::new(&lesson, &mut net).expect("weights are finite at the start");
        let train = net.grade(&lesson.task.train, lesson.trained(), Loss::CrossEntropy);
        let adam = Adam::new(net.weights.len(), Settings { squares: 0.98, ..Settings::new(0.0, 0.0) });
        let mut run = Self {
            progress: Progress::new(lesson.ring.is_some(), [look.asked.restricted, look.asked.test.loss]),
            lesson: Rc::new(lesson),
            net,
            adam,
            train,
            look: Rc::new(look),
            wait: Wait::new(TERMS),
            head: 0,
        };
        run.take(values);
        run
    }

    /// What may be moved during the run.
    fn take(&mut self, values: &Values) {
        self.adam.settings.rate = values.float(&RATE) as f32;
        self.adam.settings.decay = values.float(&DECAY) as f32;
        self.wait.drive(self.adam.settings.decay > 0.0);
        self.head = (values.int(&HEAD) - 1).min(self.net.shape().heads - 1);
    }

    /// The score of the training pairs, of the same weights as all else that a step reports, and which way is down for the next.
    fn grade(&mut self) {
        self.train = self.net.grade(&self.lesson.task.train, self.lesson.trained(), Loss::CrossEntropy);
    }

    fn tested(&self) -> f64 {
        self.lesson.share(&self.look.asked.test)
    }

    fn trained(&self) -> f64 {
        self.train.right as f64 / self.lesson.task.train.len() as f64
    }

    /// What the head that is shown thinks of each number, and of =.
    fn thinks(&self, head: usize) -> impl Iterator<Item = f32> + '_ {
        self.look.scores.iter().copied().skip(head).step_by(self.net.shape().heads)
    }

    /// The numbers in the order in which the line on the map goes round; those that have no place on the dial are left out.
    fn round(&self) -> impl Iterator<Item = usize> + '_ {
        let (n, stride) = (self.lesson.waves.places(), self.look.map.stride);
        (0..n).map(move |i| self.lesson.ring.as_ref().map_or(i, |ring| ring.order[i * stride % n]))
    }

    fn waits(&self) -> Claim {
        let Task { train, test, .. } = &self.lesson.task;
        let decays = self.adam.settings.decay > 0.0;
        let why = if decays { "" } else { "Nothing makes its weights shrink. Turn the weight decay up." };
        self.wait
            .is_long(
                "It understands long after it knows all training pairs by heart.",
                "Power et al. 2022",
                why,
                decays,
            )
            .only_if(
                (train.len() as f64) < 0.6 * (train.len() + test.len()) as f64,
                "With so many pairs it need not wait long.",
            )
    }

    fn multiplies(&self) -> bool {
        self.lesson.task.operation == Operation::Multiply
    }
}

impl Experiment for GrokkingTransformer {
    fn figures(&self, figures: &mut Figures) {
        let (look, task, waves) = (&self.look, &self.lesson.task, &self.lesson.waves);
        let (p, n, count) = (task.p, waves.places(), waves.count());

        figures.view(self.wait.view(), |slot| self.wait.draw(slot)).caption(|| {
            let now = self.wait.now((self.trained(), task.train.len()), (self.tested(), task.test.len()));
            now + &self.wait.story()
        });

        let TokenMap { places, stride, .. } = &look.map;
        let direction = |name| Axis::linear(name, -1.1, 1.1);
        figures
            .chart("A map of the numbers", Place::Main, direction("first direction"), direction("second direction"))
            .at(OUTSIDE)
            // From each number to the one that a wave of this frequency puts next to it.
            .curve("in their order", n + 1, (0..=n).map(|i| places[i * stride % n]))
            .dots("numbers", n, places.iter().copied())
            .caption(|| {
                let order = if self.multiplies() { " Places are logarithms." } else { "" };
                format!(
                    "Tokens, from the side from which they turn most. The line goes {stride} places at a time.{order}"
                )
            });

        let losses = self.progress.view(self.wait.axis(), Axis::log("loss", 1e-6, 100.0));
        figures.view(losses, |_| {}).caption(|| {
            let Asked { keys, restricted, excluded, .. } = look.asked;
            self.progress.caption((keys, count), (restricted, excluded), None)
        });

        let attention = Shape::heatmap((p, p), ["a", "b"], ("more of b", "more of a"));
        figures
            .view(View::new("What the head takes", Place::Side, attention).moving(), |slot| {
                let scores: Vec<f32> = self.thinks(self.head).collect();
                for (place, out) in slot.iter_mut().enumerate() {
                    let mut shares = [scores[place / p], scores[place % p], scores[p]];
                    softmax(1.0, &mut shares);
                    *out = shares[0] - shares[1];
                }
            })
            .caption(|| {
                let head = self.head + 1;
                format!("A cell is a pair: a down, b across. Blue: head {head} takes more of a. Magenta: more of b.")
            });

        let shown = &HEADS_SHOWN[..self.net.shape().heads.min(HEADS_SHOWN.len())];
        figures
            .chart(
                "How much each head listens to a number",
                Place::Main,
                Axis::linear("numbers in the order of the map", 0.0, (n - 1) as f64),
                Axis::linear("score, beside its mean", -4.0, 4.0),
            )
            .curves(shown, p, |head| {
                let scores: Vec<f32> = self.thinks(head).take(p).collect();
                let mean = scores.iter().sum::<f32>() / p as f32;
                self.round().map(move |x| scores[x] - mean).enumerate()
            })
            .caption(|| {
                "The score of each number before the softmax, without the mean of its head: the head takes most of those with \
                 the highest. A head that listens in the wave of the map draws that wave here."
                    .into()
            });

        let drawn = |(share, k): (&f64, usize)| (k, share.min(0.5) as f32);
        figures
            .chart(
                "Which waves there are",
                Place::Side,
                Axis::linear("periods around the dial", 1.0, count as f64),
                Axis::linear("share", 0.0, 0.5),
            )
            .curve("in the tokens", count, look.map.shares.iter().zip(1..).map(drawn))
            .dots("in the answers", count, look.asked.shares.iter().zip(1..).map(drawn))
            .caption(|| {
                let gini = fixed(look.map.gini, 2);
                let what = match self.wait.by_heart() {
                    None => "Nothing is understood yet: what is strong here is so by chance.",
                    Some(_) => "A few frequencies do all the work in the end.",
                };
                format!("{what} Gini of the tokens: {gini}.")
            });
    }

    fn step(&mut self) -> Status {
        let lesson = Rc::clone(&self.lesson);
        if !self.net.is_graded() {
            self.grade();
        }
        let (weights, gradient) = self.net.descent();
        self.adam.step(weights, gradient);
        self.grade();
        let step = self.wait.step() + 1;
        if step <= FIRST || step.is_multiple_of(EVERY) || self.wait.is_by_heart(self.trained()) {
            // What broke cannot be taken apart: the training loss tells of it.
            if let Some(look) = Look::new(&lesson, &mut self.net) {
                self.look = Rc::new(look);
            }
            self.progress.see(step, [self.look.asked.restricted, self.look.asked.test.loss]);
        }
        self.wait.pass(self.trained(), self.tested())
    }

    fn measure(&self, out: &mut [f32]) {
        let Asked { ref test, restricted, excluded, .. } = self.look.asked;
        let losses = [test.loss, self.train.loss, restricted, excluded];
        let own = [self.look.map.gini, self.look.map.round];
        fill(out, progress::measure(&self.wait, [self.tested(), self.trained()], losses, own));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&HEAD) {
            self.take(values);
            return Live::Now;
        }
        if param.is(&DECAY) || param.is(&RATE) {
            self.take(values);
            self.wait.hold(AFTER);
            return Live::Soon;
        }
        Live::Restart
    }

    fn due(&self) -> Option<u64> {
        self.wait.due()
    }

    fn claims(&self) -> Vec<Claim> {
        let (look, count) = (&self.look, self.lesson.waves.count());
        // Of the pairs of a product so many have a 0 in them, which is soon learnt.
        let zeros = if self.multiplies() { 2.0 / (self.lesson.task.p as f64 + 1.0) } else { 0.0 };
        let guesses = self.wait.guesses(
            "When it knows all training pairs it has learnt next to nothing about the others.",
            "Power et al. 2022",
            0.1 + zeros,
        );
        let few = Claim::new("Once it understands, a few frequencies carry its answers.", NANDA)
            .expect(1.0, 10.0, "at most 10 frequencies")
            .on((0.0, "0"), (count as f64, "all"));
        let few = self.progress.once_understood(few, &self.wait, |claim| {
            let keys = look.asked.keys;
            claim.measured(keys as f64, format!("{keys} of {count}"))
        });
        let round = Claim::new("The numbers lie on a circle.", NANDA)
            .expect(0.8, 1.0, "at least 0.8 round; noise is near 0.5")
            .on((0.0, "a tangle"), (1.0, "a circle"));
        let round = self
            .progress
            .once_understood(round, &self.wait, |claim| claim.measured(look.map.round, fixed(look.map.round, 2)));
        vec![self.waits(), guesses, few, round, self.progress.waves_are_first(NANDA, &self.wait)]
    }
}

const NANDA: &str = "Nanda et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn a_transformer_understands_late_and_puts_the_dial_on_a_circle() {
        let session = follow("id=grokking-transformer&seed=1", STEPS as u64);
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn a_run_that_breaks_is_named_and_a_head_beyond_the_last_is_the_last() {
        let mut session = follow("id=grokking-transformer&p=31&rate=1&decay=10&heads=1&head=8", 0);
        session.advance(300);
        assert!(session.metrics().iter().all(|x| x.is_finite()) || session.ended().is_some());
    }
}
