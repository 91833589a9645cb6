//! Learning from labels of which some are wrong (Doshi, Das, He and Gromov 2024): a net learns the wrong ones by heart and the
//! rule behind the others, each in neurons of its own, so that the first can be cut out.
//!
//! A step is two steps of training on all training pairs. After each the net is asked all pairs, and its neurons are put in
//! the order of how far they are waves. What it answers without some of them is computed when it is drawn.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Status,
        Unmeasured, Values, View, Wing, fill,
    },
    math::{
        decimal::{fixed, percent},
        rng::Rng,
    },
    model::learning::{
        adam::{Adam, Settings},
        loss::Loss,
        noisy_lesson::{NoisyLesson, Right, Seen},
        pair_net::{self, Activation, PairNet},
        waves,
    },
};
use std::{cell::OnceCell, rc::Rc};

static CUT: Param = Param::share(
    "cut",
    "Neurons cut",
    (0.0, 0.0, 1.0),
    "The share of neurons that are taken out before the net is asked. Training goes on with all of them.",
)
.ends("all there", "none left");
static FIRST: Param = Param::choice(
    "first",
    "Which go first",
    &[("noise", "Noise"), ("waves", "Waves")],
    "Those that are least of one wave, or those that are most.",
);
static WRONG: Param = Param::share(
    "wrong",
    "Wrong labels",
    (0.0, 0.2, 0.6),
    "The share of training pairs whose answer is moved to any other before the net sees it.",
)
.ends("none", "most");
static DECAY: Param = Param::float(
    "decay",
    "Weight decay",
    (0.0, 0.3, 20.0),
    "How fast weights shrink by themselves: by a hundredth of this at each step of training. It holds from the step on at \
     which you move it.",
)
.ends("none", "strong");
static DROPOUT: Param = Param::share(
    "dropout",
    "Dropout",
    (0.0, 0.0, 0.9),
    "The share of neurons that each pair leaves out at random at each step of training. When it is asked all are there. It holds \
     from the step on at which you move it.",
)
.ends("none", "nearly all");
static NORM: Param = Param::toggle(
    "norm",
    "Batch norm",
    false,
    "What neurons make of their sums is brought to a mean of 0 and a variance of 1 over all training pairs.",
);
static WIDTH: Param =
    Param::int("width", "Hidden units", (16, 256, 512), "Neurons between the numbers and the answer.");
static FRACTION: Param =
    Param::share("fraction", "Trained on", (0.1, 0.6, 0.9), "The share of all pairs that the net is shown.")
        .ends("few pairs", "nearly all");

pub static ENTRY: Entry = Entry {
    id: "corrupted-labels",
    wing: Wing::Grokking,
    prose: Prose {
        title: "Mistakes live in noisy neurons",
        paper: Some(Paper {
            title: "To grok or not to grok: Disentangling generalization and memorization on corrupted algorithmic datasets",
            authors: "Doshi, Das, He and Gromov",
            year: 2024,
            link: "https://arxiv.org/abs/2310.13061",
        }),
        card: "Cut the noisy neurons, and it forgets only what was wrong.",
        lead: "Play to the end. Then drag the orange line, and see which answers go with the neurons that you cut.",
        about: &[
            "A net is taught a + b on a dial of 59 numbers, but one label in five is wrong. It learns the wrong ones by heart, \
             each of them, and the rule as well: pairs that it never saw it answers rightly. Both live side by side.",
            "They live in different neurons. Some are waves around the dial, as in a net that understands; the others are noise, and \
             hold the list. How much a neuron is one wave is its IPR, and few are in between. Cut the neurons with the lowest \
             IPR, with no more training. The wrong labels go first, and to the same pairs the net now gives the true answers, \
             which it was never told. Cut the waves first, and the list stays while the rule is lost.",
            "Strong weight decay does the same by itself: the list needs large weights. At a decay of 10 the net first learns \
             nearly all of the wrong labels and then lets go of them. It then gets its training pairs right except for those that are \
             wrong, and is right about those. Dropout does it, too: where each pair leaves out seven neurons in ten at random, \
             a tenth of the wrong labels is left in the end. Batch norm, the paper's third remedy, does not do it here: the net \
             keeps all wrong labels, though it comes to the rule.",
            "We looked for the reason in tests beside this page. With the paper's batches of 64, a gain and a shift, at four rates, \
             nine in ten wrong labels stayed with 256 neurons; with 128 they went, with batch norm and without it alike. At the \
             paper's size, 97 numbers, 500 neurons and ordered pairs, without decay, one to three of a hundred were left after 2000 \
             steps with batch norm, in two runs, and six or seven without. With so many pairs the rule drives most of \
             them out by itself, and batch norm helps a little.",
            "It needs its room. Half as many neurons learn much of the list at first and give it up for the rule. Twice as many have place for \
             everything, and the rule comes out worse. With three labels in ten wrong the rule makes mistakes of its own, \
             and after a cut some of the wrong labels are still there.",
            "This is a small variant, not a replication: the paper has larger tables, ordered pairs and two tables. In \
             the paper a moved label may be right by chance; here each is wrong.",
        ],
        formulas: &[
            r"\text{IPR} = \frac{\sum_k P_k^2}{\left(\sum_k P_k\right)^2}",
            r"\text{score} = \frac{2\, \text{IPR}_E + \text{IPR}_W}{3}",
            r"h = E_a + E_b, \qquad z = \sum_{j\ \text{kept}} h_j^2\, W_j",
        ],
        symbols: &[
            ("E", "the table: a row for each number, a column for each neuron"),
            ("W_j", "the weights from neuron $j$ to the answers"),
            ("z", "the outputs, one for each answer; the greatest counts"),
            ("P_k", "the power of the wave with $k$ periods around the dial in the weights of a neuron"),
        ],
        words: "corrupted noisy labels label noise memorisation memorization generalisation generalization pruning neurons ipr grokking modular addition waves fourier weight decay doshi gromov coexistence inversion forgetting",
    }
    .told(),
    params: &[&CUT, &FIRST, &DECAY, &DROPOUT, &NORM, &WRONG, &WIDTH, &FRACTION],
    metrics: &[
        Metric::new("test", "unseen pairs right", "The share of the pairs it was never shown that it has right."),
        Metric::new("train", "training labels given", "The share of training pairs to which it gives the label that it was taught."),
        Metric::new("corrupt", "wrong labels given", "The share of the wrong labels that it has learnt."),
        Metric::new("clean", "right labels given", "The share of the right labels that it has learnt."),
        Metric::new("truth", "wrong labels seen through", "The share of pairs with a wrong label that it answers rightly."),
        Metric::new("loss", "loss", "The loss on the labels that it is taught."),
        Metric::new("waves", "waves (IPR)", "How far neurons are single waves: 1 if each is one, by a mean over neurons."),
        Metric::new("cut-test", "unseen pairs right, cut", "The same share, without the neurons that are cut."),
        Metric::new("cut-corrupt", "wrong labels given, cut", "The same share, without the neurons that are cut."),
        Metric::new("cut-clean", "right labels given, cut", "The same share, without the neurons that are cut."),
        Metric::new("cut-truth", "wrong labels seen through, cut", "The same share, without the neurons that are cut."),
    ],
    presets: &[
        Preset::new("Default", "It learns every wrong label by heart, and the rule.", &[]),
        Preset::new("Noise cut", "Six neurons in ten are gone, and only the wrong labels with them.", &[("cut", "0.6")]),
        Preset::new("Waves cut", "Three in ten are gone, and it can no longer add.", &[("cut", "0.3"), ("first", "waves")]),
        Preset::new("Strong decay", "It learns wrong labels and lets go of them again.", &[("decay", "10")]),
        Preset::new("Dropout", "Seven neurons in ten are left out at random: no list lasts, and the rule does.", &[("dropout", "0.7")]),
        Preset::new("Batch norm", "The paper's third remedy. At this size the list lasts all the same.", &[("norm", "on")]).beyond(),
        Preset::new("A tenth", "Half as many wrong labels, and a rule without mistakes.", &[("wrong", "0.1"), ("cut", "0.6")]),
        Preset::new("Too narrow", "Half as many neurons: the rule needs them, and the list has to go.", &[("width", "128")]),
    ],
    steps: STEPS,
    log_steps: true,
    pace: 30.0,
    thumbnail: TABLE,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(CorruptedLabels::new(start.values, start.rng))),
};

const RIGHT: usize = 0;
const TABLE: usize = 1;
const NOISE_FIRST: usize = 2;
const IPR: usize = 3;
const WAVES_FIRST: usize = 4;
const WAVE: usize = 5;

const P: usize = 59;
/// Training steps in a step.
const EACH: usize = 2;
/// A multiple of the distance at which a run of this length is kept, so that a hand at its end is answered without training.
const STEPS: u64 = 304;
const TRAINED: usize = EACH * STEPS as usize;
const RATE: f32 = 0.01;
/// Shares of neurons at which the curves are computed, from none to all.
const CUTS: usize = 20;
/// The cuts that claims speak of: of the noise, and of the waves.
const NOISE_CUT: usize = 12;
const WAVES_CUT: usize = 6;
/// Weight decay that is little, and that is strong, and the training steps that the strong one takes.
const LITTLE: f32 = 3.0;
const STRONG: f32 = 8.0;
const LONG: usize = 300;
/// Dropout that is strong.
const MUCH: f64 = 0.65;
/// How cells of the table are shaded: pairs with a wrong label, others that are trained on, and unseen ones.
const SHADES: [f32; 3] = [1.0, 0.35, 0.15];
/// What is marked on the scrubber.
const WORDS: [&str; 3] = ["wrong ones by heart", "understood", "let go"];

/// What is left after the cut.
struct Left {
    gone: usize,
    right: Right,
    answers: Vec<u16>,
}

#[derive(Clone)]
struct CorruptedLabels {
    whole: Rc<NoisyLesson>,
    net: PairNet,
    adam: Adam,
    trained: usize,
    normed: bool,
    seen: Rc<Seen>,
    /// At each of [`CUTS`], the noise first and the waves first; computed when they are first asked for.
    curves: Rc<OnceCell<[Vec<Right>; 2]>>,
    left: Rc<Left>,
    share: f64,
    waves_first: bool,
    /// The greatest decay so far, and the training step at which it or dropout was last moved.
    most_decay: f32,
    moved: usize,
    /// The greatest dropout so far, and what it is now.
    most_dropout: f64,
    dropout: f64,
    /// The greatest share of wrong labels that it ever knew, and when.
    peak: (f64, usize),
    passed: [bool; 3],
}

impl CorruptedLabels {
    fn new(values: &Values, rng: &Rng) -> Self {
        let whole = Rc::new(NoisyLesson::new(P, values.float(&FRACTION), values.float(&WRONG), rng));
        let width = values.int(&WIDTH);
        let shape = pair_net::Shape { p: P, hidden: width, activation: Activation::Square, tables: 1, rank: None };
        let net = PairNet::new(shape, 1.0, &mut rng.stream("weights"));
        let mut net = net.with_dropout(rng.stream("dropout"));
        if values.toggle(&NORM) {
            net = net.with_norm();
        }
        let decay = values.float(&DECAY) as f32;
        let adam = Adam::new(net.weights.len(), Settings { squares: 0.98, ..Settings::new(RATE, decay) });
        let dropout = values.float(&DROPOUT);
        net.drop_out(dropout);
        let seen = Rc::new(whole.look(&mut net));
        let left = Rc::new(Left { gone: 0, right: Right::default(), answers: Vec::new() });
        let mut run = Self {
            whole,
            net,
            adam,
            trained: 0,
            normed: values.toggle(&NORM),
            seen,
            curves: Rc::default(),
            left,
            share: values.float(&CUT),
            waves_first: values.choice(&FIRST) == "waves",
            most_decay: decay,
            moved: 0,
            most_dropout: dropout,
            dropout,
            peak: (0.0, 0),
            passed: [false; 3],
        };
        run.cut();
        run
    }

    /// Neurons in the order in which they go.
    fn order(&self, waves_first: bool) -> Vec<usize> {
        let mut order = self.seen.neurons.order.clone();
        if waves_first {
            order.reverse();
        }
        order
    }

    fn width(&self) -> usize {
        self.net.shape().hidden
    }

    /// Asks the net that is left after the cut.
    fn cut(&mut self) {
        let gone = (self.share * self.width() as f64) as usize;
        let answers = match gone {
            0 => self.seen.answers.clone(),
            _ => self.whole.after_cut(&self.net, &self.order(self.waves_first), gone),
        };
        self.left = Rc::new(Left { gone, right: self.whole.right(&answers), answers });
    }

    /// What is right at each cut, the noise first and the waves first.
    fn curves(&self) -> &[Vec<Right>; 2] {
        let curve = |waves_first: bool| self.whole.at_cuts(&self.net, &self.order(waves_first), CUTS);
        self.curves.get_or_init(|| [curve(false), curve(true)])
    }

    /// The neuron at the cut, and its strongest frequency from 0.
    fn at_line(&self) -> (usize, usize) {
        let j = self.order(self.waves_first)[self.left.gone.min(self.width() - 1)];
        let count = self.whole.waves.count();
        (j, waves::greatest(&self.seen.neurons.shares[j * count..][..count]))
    }
}

/// A claim about a share of answers.
fn share(says: &str, source: &'static str, (from, to): (f64, f64), text: &str) -> Claim {
    Claim::new(says, source).expect(from, to, text).on((0.0, "0 %"), (1.0, "100 %"))
}

impl CorruptedLabels {
    /// Why claims say nothing of these settings, or not yet.
    fn unmeasured(&self) -> Option<Unmeasured> {
        let not_here = |why: &str| Some(Unmeasured::NotHere(why.to_owned()));
        let labels = &self.whole.labels;
        let (wrong, all) = (labels.count as f64, labels.given.len() as f64);
        let trained = all / self.whole.pairs.len() as f64;
        if labels.count == 0 {
            not_here("No label is wrong.")
        } else if wrong > 0.21 * all {
            not_here("With more than a fifth of the labels wrong the rule has mistakes of its own.")
        } else if wrong < 0.09 * all {
            not_here("So few wrong labels are no burden.")
        } else if self.width() < 224 {
            not_here("So few neurons have no room for the wrong labels.")
        } else if self.width() > 288 {
            not_here("So many neurons have room to learn everything by heart.")
        } else if !(0.57..0.63).contains(&trained) {
            not_here("This is about 60 % of the pairs in training.")
        } else if self.trained < TRAINED {
            Some(Unmeasured::NotYet(format!("It has taken {} of {TRAINED} steps of training.", self.trained)))
        } else {
            None
        }
    }

    /// The claim with what was measured, for a run of little decay.
    fn learnt(&self, claim: Claim, measured: impl Fn() -> (f64, String)) -> Claim {
        if self.most_decay > LITTLE {
            return claim.not_here("Under strong decay it lets go of the wrong labels.");
        }
        if self.most_dropout > 0.0 || self.normed {
            return claim.not_here("This is about a net without dropout and batch norm.");
        }
        self.judge(claim, measured)
    }

    /// The same for a run that has been under strong decay or dropout for long.
    fn let_go(&self, claim: Claim, measured: impl Fn() -> (f64, String)) -> Claim {
        if self.normed || self.adam.settings.decay < STRONG && self.dropout < MUCH {
            return claim.press("Strong decay", "this is about strong decay, or as much dropout.");
        }
        if self.moved + LONG > TRAINED {
            return claim.not_here(format!("It takes {LONG} steps of training with that. Turn it up earlier."));
        }
        self.judge(claim, measured)
    }

    /// The same for batch norm, without strong decay and dropout.
    fn under_norm(&self, claim: Claim, measured: impl Fn() -> (f64, String)) -> Claim {
        if !self.normed || self.most_decay > LITTLE || self.most_dropout > 0.0 {
            return claim.press("Batch norm", "this is about batch norm alone.");
        }
        self.judge(claim, measured)
    }

    fn judge(&self, claim: Claim, measured: impl Fn() -> (f64, String)) -> Claim {
        match self.unmeasured() {
            Some(why) => claim.unmeasured(why),
            None => {
                let (x, text) = measured();
                claim.measured(x, text)
            }
        }
    }
}

const SOURCE: &str = "Doshi et al. 2024";

impl Experiment for CorruptedLabels {
    fn views(&self) -> Vec<View> {
        let (width, p) = (self.width(), P as u32);
        let last = STEPS as f64;
        let shares = || Axis::linear("share right", 0.0, 1.0);
        let right = Shape::Lines {
            x: Axis::log("step (two of training each), log scale", 1.0, last),
            y: shares(),
            series: vec![
                Series::metric("test", "unseen pairs"),
                Series::metric("corrupt", "wrong labels"),
                Series::metric("truth", "the truth instead"),
                Series::metric("train", "all labels"),
                Series::reference("right labels alone", 2),
            ],
            marks: Vec::new(),
            field: None,
        };
        let table = Shape::Heatmap { rows: p, cols: p, row_name: "a", col_name: "b", ends: ("wrong", "right") };
        let cuts = || Shape::Lines {
            x: Axis::linear("share of neurons cut", 0.0, 1.0).of(&CUT),
            y: shares(),
            series: ["unseen pairs", "wrong labels", "the truth instead", "right labels"]
                .map(|name| Series::curve(name, CUTS + 1))
                .into(),
            marks: Vec::new(),
            field: None,
        };
        let ipr = Shape::Lines {
            x: Axis::linear("neurons in the order in which they go", 0.0, 1.0).of(&CUT),
            y: Axis::linear("IPR", 0.0, 1.0),
            series: vec![Series::dots("kept", width), Series::dots("cut", width)],
            marks: Vec::new(),
            field: None,
        };
        let wave = Shape::Lines {
            x: Axis::linear("numbers in the order of its wave", 0.0, (P - 1) as f64),
            y: Axis::linear("weight", -1.1, 1.1),
            series: vec![Series::dots("the neuron", P), Series::reference("a wave", P)],
            marks: Vec::new(),
            field: None,
        };
        let made_of = Shape::Heatmap {
            rows: self.whole.waves.count() as u32,
            cols: width as u32,
            row_name: "periods around the dial",
            col_name: "neuron, in the order in which they go",
            ends: ("cut", "kept"),
        };
        vec![
            View::new("What it answers, with all neurons", Place::Main, right),
            View::new("Right and wrong after the cut", Place::Side, table).moving(),
            View::new("If noise is cut first", Place::Main, cuts()),
            View::new("How far each neuron is one wave", Place::Side, ipr),
            View::new("If waves are cut first", Place::Main, cuts()),
            View::new("The neuron at the cut", Place::Side, wave),
            View::new("Which waves each neuron is made of", Place::Main, made_of).moving(),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let (whole, seen, left) = (&self.whole, &self.seen, &self.left);
        let (width, count) = (self.width(), whole.waves.count());
        match view {
            RIGHT => {
                let (wrong, all) = (whole.labels.count as f32, whole.labels.given.len() as f32);
                Plot::new(slot, 0.0).curve(2, [1.0, STEPS as f32].map(|x| [x, 1.0 - wrong / all]));
            }
            TABLE => {
                let shade = |i: usize| {
                    let kind = match whole.labels.wrong.get(i) {
                        Some(true) => SHADES[0],
                        Some(false) => SHADES[1],
                        None => SHADES[2],
                    };
                    if left.answers[i] == whole.pairs[i].answer { kind } else { -kind }
                };
                whole.task.tabulate(&whole.pairs, shade, slot);
            }
            NOISE_FIRST | WAVES_FIRST => {
                let curve = &self.curves()[usize::from(view == WAVES_FIRST)];
                let mine = self.waves_first == (view == WAVES_FIRST);
                let mut plot = Plot::new(slot, if mine { self.share } else { -1.0 });
                let sides: [fn(&Right) -> f64; 4] =
                    [|right| right.test, |right| right.corrupt, |right| right.truth, |right| right.clean];
                for side in sides {
                    let points = curve.iter().enumerate();
                    plot.curve(CUTS + 1, points.map(|(k, right)| [k as f32 / CUTS as f32, side(right) as f32]));
                }
            }
            IPR => {
                let order = self.order(self.waves_first);
                let point = |i: usize| [(i as f32 + 0.5) / width as f32, seen.neurons.scores[order[i]] as f32];
                let mut plot = Plot::new(slot, self.share);
                plot.curve(width, (left.gone..width).map(point));
                plot.curve(width, (0..left.gone).map(point));
            }
            WAVE => {
                let (j, k) = self.at_line();
                let column: Vec<f32> = (0..P).map(|x| self.net.weights[x * width + j]).collect();
                let wave = whole.waves.nearest(&column, k);
                let most = column.iter().fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
                // Numbers that the wave passes one after the other stand side by side.
                let next = (1..P).find(|x| x * (k + 1) % P == 1).unwrap_or(1);
                let mut plot = Plot::new(slot, -1.0);
                for weights in [&column, &wave] {
                    plot.curve(P, (0..P).map(|i| [i as f32, weights[i * next % P] / most]));
                }
            }
            _ => {
                for (i, j) in self.order(self.waves_first).into_iter().enumerate() {
                    let sign = if i < left.gone { -1.0 } else { 1.0 };
                    for (k, share) in seen.neurons.shares[j * count..][..count].iter().enumerate() {
                        slot[k * width + i] = sign * share;
                    }
                }
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let (whole, seen, left) = (&self.whole, &self.seen, &self.left);
        let cuts = |waves_first: bool| {
            if waves_first != self.waves_first {
                return "The share that is right at each cut, in the other order.".to_owned();
            }
            format!(
                "With {} of {} neurons cut it gives {} of the wrong labels, sees through {} of them, and has {} of the right \
                 ones and {} of the unseen pairs right.",
                left.gone,
                self.width(),
                percent(left.right.corrupt, 0),
                percent(left.right.truth, 0),
                percent(left.right.clean, 0),
                percent(left.right.test, 0)
            )
        };
        match view {
            RIGHT => format!(
                "After {} steps of training it has learnt {} of its {} labels, of which {} are wrong, and {} of the wrong \
                 ones. Of {} unseen pairs {} are right.",
                self.trained,
                percent(self.whole.taught(&self.seen.right), 0),
                whole.labels.given.len(),
                whole.labels.count,
                percent(seen.right.corrupt, 0),
                whole.task.test.len(),
                percent(seen.right.test, 0)
            ),
            TABLE => "A cell is a pair: a down, b across. Blue is the true answer, magenta is not. Strong cells were taught \
                      a wrong label, faint ones a right one, the faintest nothing."
                .into(),
            NOISE_FIRST => cuts(false),
            WAVES_FIRST => cuts(true),
            IPR => format!(
                "1 is one wave, {} is noise. {} neurons are cut.",
                fixed(2.0 / whole.waves.count() as f64, 2),
                left.gone
            ),
            WAVE => {
                let (j, k) = self.at_line();
                format!(
                    "The next to be cut. Its strongest wave goes around {} times, and its IPR is {}.",
                    k + 1,
                    fixed(seen.neurons.scores[j], 2)
                )
            }
            _ => "A column is a neuron, a row a frequency, the slowest on top. A wave is one strong cell, noise is many faint \
                  ones."
                .into(),
        }
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        for _ in 0..EACH {
            self.net.grade(&whole.task.train, &whole.labels.given, Loss::Square);
            let (weights, gradient) = self.net.descent();
            self.adam.step(weights, gradient);
        }
        self.trained += EACH;
        self.seen = Rc::new(whole.look(&mut self.net));
        self.curves = Rc::default();
        self.cut();
        let Right { corrupt, test, .. } = self.seen.right;
        if corrupt > self.peak.0 {
            self.peak = (corrupt, self.trained);
        }
        let now = [corrupt >= 0.95, test >= 0.93, self.peak.0 >= 0.3 && corrupt <= 0.1];
        for ((passed, now), word) in self.passed.iter_mut().zip(now).zip(WORDS) {
            if now && !*passed {
                *passed = true;
                return Status::Passed(word);
            }
        }
        Status::Running
    }

    fn measure(&self, out: &mut [f32]) {
        let (all, left, scores) = (self.seen.right, self.left.right, &self.seen.neurons.scores);
        let waves = scores.iter().sum::<f64>() / scores.len() as f64;
        let row = [
            all.test,
            self.whole.taught(&self.seen.right),
            all.corrupt,
            all.clean,
            all.truth,
            self.seen.loss,
            waves,
            left.test,
            left.corrupt,
            left.clean,
            left.truth,
        ];
        fill(out, row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&CUT) || param.is(&FIRST) {
            self.share = values.float(&CUT);
            self.waves_first = values.choice(&FIRST) == "waves";
            self.cut();
            return Live::Now;
        }
        if param.is(&DECAY) {
            let decay = values.float(&DECAY) as f32;
            self.adam.settings.decay = decay;
            self.most_decay = self.most_decay.max(decay);
            self.moved = self.trained;
            return Live::Soon;
        }
        if param.is(&DROPOUT) {
            self.dropout = values.float(&DROPOUT);
            self.most_dropout = self.most_dropout.max(self.dropout);
            self.moved = self.trained;
            self.net.drop_out(self.dropout);
            return Live::Soon;
        }
        Live::Restart
    }

    fn claims(&self) -> Vec<Claim> {
        let all = self.seen.right;
        let after = |order: usize, k: usize| self.curves()[order][k];
        let (noise, waves) = (|| after(0, NOISE_CUT), || after(1, WAVES_CUT));
        let is = |x: f64| (x, percent(x, 1));
        let given = 1.0 - self.whole.labels.count as f64 / self.whole.labels.given.len() as f64;
        let sees_through =
            share("And to these it gives the true answer.", SOURCE, (0.93, 1.0), "at least 93 % of them");
        let points = |x: f64| fixed(100.0 * x, 1);
        let under_norm =
            share("With batch norm it lets go of the wrong labels.", SOURCE, (0.0, 0.1), "at most 10 % of them");
        vec![
            self.learnt(
                share("It learns the wrong labels by heart.", SOURCE, (0.95, 1.0), "at least 95 % of them"),
                || is(all.corrupt),
            ),
            self.learnt(
                share(
                    "And yet it understands: it answers pairs that it never saw.",
                    SOURCE,
                    (0.93, 1.0),
                    "at least 93 %",
                ),
                || is(all.test),
            ),
            self.learnt(
                share(
                    "Without the noisiest 60 % of neurons it has forgotten the wrong labels.",
                    SOURCE,
                    (0.0, 0.1),
                    "at most 10 % of them",
                ),
                || is(noise().corrupt),
            ),
            self.learnt(
                share("The right ones it still knows.", SOURCE, (0.98, 1.0), "at least 98 %, with the same cut"),
                || is(noise().clean),
            ),
            self.learnt(
                share("And unseen pairs as well.", SOURCE, (0.97, 1.0), "at least 97 %, with the same cut"),
                || is(noise().test),
            ),
            self.learnt(
                Claim::new("The cut makes it better at pairs that it never saw.", SOURCE)
                    .expect(0.001, 1.0, "more right than before")
                    .on((-0.1, "−10 points"), (0.1, "10 points")),
                || (noise().test - all.test, format!("{} points more", points(noise().test - all.test))),
            ),
            self.learnt(
                share(
                    "Without 30 % of neurons, the purest waves, it has lost the rule and keeps the list.",
                    SOURCE,
                    (0.5, 1.0),
                    "wrong labels at least 50 points above unseen pairs",
                ),
                || {
                    let Right { corrupt, test, .. } = waves();
                    (corrupt - test, format!("{} against {}", percent(corrupt, 1), percent(test, 1)))
                },
            ),
            self.let_go(
                share(
                    "Under strong decay or dropout it learns most of the wrong labels at first.",
                    SOURCE,
                    (0.5, 1.0),
                    "at least half of them",
                ),
                || (self.peak.0, format!("{}, after {} steps of training", percent(self.peak.0, 1), self.peak.1)),
            ),
            self.let_go(
                share(
                    "Later it gets its training labels right but for the wrong ones.",
                    SOURCE,
                    (given - 0.02, given + 0.05),
                    &format!("from {} to {} %", points(given - 0.02), points(given + 0.05)),
                ),
                || is(self.whole.taught(&self.seen.right)),
            ),
            if self.moved > 0 || self.most_dropout > 0.0 {
                sees_through.not_here("This is about decay that was strong from the start, without dropout.")
            } else {
                self.let_go(sees_through, || is(all.truth))
            },
            self.under_norm(under_norm.because("At this size its list lasts."), || is(all.corrupt)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=corrupted-labels&{query}"), steps)
    }

    fn set(session: &mut Session, pairs: &[(&str, &str)]) {
        session.set(&pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect::<Vec<_>>()).unwrap();
    }

    fn metric(session: &Session, name: &str) -> f32 {
        session.metrics()[ENTRY.metrics.iter().position(|metric| metric.name == name).unwrap()]
    }

    fn verdicts(session: &Session) -> Vec<Verdict> {
        session.claims().iter().map(Claim::verdict).collect()
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn noisy_neurons_hold_the_wrong_labels_and_decay_that_is_turned_up_clears_them() {
        let mut session = run("seed=1", STEPS);
        let (learnt, let_go) = (verdicts(&session)[..7].to_vec(), verdicts(&session)[7..].to_vec());
        assert_eq!(learnt, [Verdict::Agrees; 7], "{:?}", session.claims());
        assert_eq!(let_go, [Verdict::NotHere; 4]);

        set(&mut session, &[("cut", "0.6")]);
        assert_eq!(session.step(), STEPS);
        assert!(metric(&session, "cut-corrupt") <= 0.1 && metric(&session, "cut-test") >= 0.97);
        // The truth about pairs of which it was told only what is wrong.
        assert!(metric(&session, "cut-truth") >= 0.93, "{:?}", session.metrics());
        set(&mut session, &[("cut", "0.3"), ("first", "waves")]);
        assert!(metric(&session, "cut-corrupt") > 0.9 && metric(&session, "cut-test") < 0.3, "{:?}", session.metrics());

        set(&mut session, &[("decay", "10")]);
        assert_eq!(session.step(), STEPS / 2);
        session.advance(STEPS);
        assert!(verdicts(&session)[..7].iter().all(|verdict| *verdict == Verdict::NotHere));
        let expected = [Verdict::Agrees, Verdict::Agrees, Verdict::NotHere, Verdict::NotHere];
        assert_eq!(verdicts(&session)[7..], expected, "{:?}", session.claims());
        assert!(session.events().iter().any(|(_, word)| *word == "let go"), "{:?}", session.events());
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn dropout_lets_go_of_wrong_labels_too() {
        let session = run("seed=1&dropout=0.7", STEPS);
        let (agrees, not_here) = (Verdict::Agrees, Verdict::NotHere);
        let mut expected = vec![not_here; 7];
        expected.extend([agrees, agrees, not_here, not_here]);
        assert_eq!(verdicts(&session), expected, "{:?}", session.claims());
        assert!(metric(&session, "test") > 0.95 && metric(&session, "corrupt") < 0.2, "{:?}", session.metrics());
    }

    #[test]
    fn without_neurons_it_guesses_and_without_wrong_labels_nothing_is_claimed() {
        let session = run("cut=1&wrong=0", 2);
        let names = ["cut-test", "cut-clean"].map(|name| metric(&session, name));
        assert!(names.iter().all(|share| *share < 0.05), "{names:?}");
        assert!(["corrupt", "truth", "cut-corrupt"].iter().all(|name| metric(&session, name) <= 0.0));
        assert!(verdicts(&session).iter().all(|verdict| *verdict == Verdict::NotHere));
    }
}
