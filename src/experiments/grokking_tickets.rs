//! Grokking tickets (Minegishi, Iwasawa and Matsuo): the weights that a net needs once it understands, taken back to the start,
//! understand much sooner than the whole net.
//!
//! First the whole net is trained until it understands, and its weights are kept at three moments. Then nets that are masked or
//! rescaled race from the same start. Further runs, with other pairs and other weights, do the same after the first.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Status,
        Unmeasured, Values, View, Wing, study::spread,
    },
    math::{
        decimal::{fixed, percent},
        kernels::dot64,
        rng::Rng,
    },
    model::{
        learning::{
            adam::Settings,
            loss::{Loss, Score},
            modular::{Operation, Task},
            pair_net::{self, Activation, PairNet},
        },
        pruning::pair_mask::{Masked, PairMask},
    },
};
use std::{ops::RangeInclusive, rc::Rc};

static KEEP: Param = Param::share(
    "keep",
    "Kept",
    (0.1, 0.6, 0.95),
    "The share of all weights that a mask keeps. Masks are cut anew, and the race begins again.",
)
.ends("sparse", "nearly all");
static SOURCE: Param = Param::choice(
    "source",
    "Ticket cut",
    &[("understood", "when understood"), ("transition", "in the transition"), ("by-heart", "when by heart")],
    "From which weights of the whole net the ticket is cut. The race begins again.",
);
static DECAY: Param = Param::float(
    "decay",
    "Weight decay in the race",
    (0.0, 1.0, 4.0),
    "How fast weights shrink by themselves while they race. The whole net that masks are cut from had 1. The race begins again.",
)
.ends("none", "strong");
static RUNS: Param = Param::int(
    "runs",
    "Runs",
    (1, 1, 5),
    "How many times all of it is done, with other pairs and other weights. Those after the first are for the comparison of steps.",
);

pub static ENTRY: Entry = Entry {
    id: "grokking-tickets",
    wing: Wing::Grokking,
    prose: Prose {
        title: "The winning ticket to understanding",
        paper: Some(Paper {
            title: "Grokking Tickets: Lottery Tickets Accelerate Grokking",
            authors: "Minegishi, Iwasawa and Matsuo",
            year: 2023,
            link: "https://arxiv.org/abs/2310.19470",
        }),
        card: "Some of its first weights understand in a third of the steps.",
        lead: "Play until the race begins. Then cut the ticket from an earlier moment, and race again.",
        about: &[
            "A net learns a + b on a dial of 67 numbers from half of all pairs. It has them by heart after thirty steps, and \
             hundreds of steps later it understands. Then its smallest weights are cut away, all matrices together, and the \
             others are put back to where they were before the first step. This subnet is a ticket. Trained like the whole \
             net, it understands sooner.",
            "What makes it quicker? Not that it is smaller: a mask with as many weights in each matrix at random places is far \
             slower, and so is one that was cut when all was known by heart. Not that its weights are less in sum: \
             the whole net, scaled down to the ticket's length (L2) or to its sum of sizes (L1), is slower than the ticket, too. \
             What counts is which weights are there, and that is told by a net that has understood.",
            "When all is known by heart the largest weights are mostly those that were large at the start. \
             With the ticket they share a few points more than chance gives. The picture of two masks shows one of the four matrices; \
             a row is a hidden neuron.",
            "Two things are not as in the paper. There a mask that is cut in the transition does not help. Here it did in two runs \
             of three, less than the ticket. \
             And the moment matters at the other end: a ticket that we cut a hundred steps later was slower in three runs of three.",
            "The moments are chosen with the test pairs: the ticket is cut when 95 % of the unseen pairs are right, and the \
             race is won at 95 %. So a ticket is no way to save time. It shows where the delay comes from. And masks \
             save no time at a step: what is cut is multiplied all the same. The nets race one after the other, from the same start.",
            "Runs differ by a factor of two and more, and in one of several a control comes close to the ticket. Compare within a \
             run, and do several. This is a small variant with fewer steps and a larger rate than in the paper. Without decay in \
             the race the ticket gets only part of the way in so few steps. Where neurons take squares, \
             we found no tickets by magnitude at all.",
        ],
        formulas: &[
            r"h = \max(0, (AB)_a + (AB)_b), \qquad z = h\, CU",
            r"m_i = 1 \text{ if } |w_i(t)| \text{ is among the largest, else } 0",
            r"w_i \leftarrow m_i\, w_i(0)",
        ],
        symbols: &[
            ("A, B, C, U", "the four matrices, with 500 numbers between those of a product"),
            ("z", "the outputs, one for each answer"),
            ("m", "the mask"),
            ("w(t), w(0)", "the weights when the mask is cut, and at the start"),
        ],
        words: "grok lottery ticket hypothesis sparse subnetwork pruning magnitude mask rewind winning norm weight decay delayed generalisation generalization modular addition",
    }
    .told(),
    params: &[&KEEP, &SOURCE, &DECAY, &RUNS],
    metrics: &[
        Metric::new("whole", "whole net: unseen right", "The share of unseen pairs that the whole net has right while it is trained first."),
        Metric::new("train", "whole net: training right", "The same of its training pairs."),
        Metric::new("ticket", "ticket: unseen right", "The share of unseen pairs that the ticket has right in the race of the first run."),
        Metric::new("early", "mask by heart: unseen right", "The same of the mask that was cut when all was known by heart."),
        Metric::new("shuffled", "shuffled mask: unseen right", "The same of the ticket's mask, shuffled inside each matrix."),
        Metric::new("ticket-steps", "ticket: steps", "Steps of the ticket to 95 % in the first run; 0 before that, and if it is out."),
        Metric::new("whole-steps", "whole net: steps", "Steps of the whole net to 95 % in the first run; 0 before that."),
        Metric::new("midway", "mask in transition: unseen right", "The same of the mask that was cut in the transition."),
        Metric::new("midway-steps", "mask in transition: steps", "Its steps to 95 % in the first run; 0 before that, and if it is out."),
        Metric::new("overlap", "overlap", "The share of the ticket's weights that the mask by heart has, too."),
    ],
    presets: &[
        Preset::new("Default", "One net, cut when it understood, against six others from the same start.", &[]),
        Preset::new("Three runs", "The same with other pairs and weights. Takes three times as long.", &[("runs", "3")]),
        Preset::new("Without decay", "The race without weight decay: what the mask does alone.", &[("decay", "0")]),
        Preset::new("Cut too early", "Cut when it knows all by heart, a mask is no ticket.", &[("source", "by-heart")]),
        Preset::new("In the transition", "Cut when half of the unseen pairs are right.", &[("source", "transition")]),
        Preset::new(
            "Norm is not enough",
            "With half of its weights the ticket is far shorter than the whole net. Watch the nets of the same norm.",
            &[("keep", "0.5")],
        ),
        Preset::new("Too sparse", "A tenth of the weights is too few to come to the bar in time.", &[("keep", "0.1")]),
    ],
    steps: 3000,
    log_steps: true,
    pace: 0.0,
    thumbnail: RACE,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Tickets::new(start.values, start.rng))),
};

const RACE: usize = 0;
const WHOLE: usize = 1;
const STEPS: usize = 2;
const OVERLAPS: usize = 3;
const MASKS: usize = 4;

/// The modulus, hidden units, and the inner size of both products.
const P: usize = 67;
const HIDDEN: usize = 48;
const RANK: usize = 500;
/// The share of pairs that is trained on.
const FRACTION: f64 = 0.5;
const RATE: f32 = 0.02;
/// Of the whole net while it is trained first.
const WHOLE_DECAY: f32 = 1.0;
/// The share of unseen pairs that a net must have right, and the one that is the middle of the transition.
const BAR: f64 = 0.95;
const MIDDLE: f64 = 0.5;
/// A whole net that has not come to the bar by now is cut as it is.
const PATIENCE: usize = 1000;
/// The race ends after so many times the steps of the whole net.
const ENOUGH: f64 = 1.1;
/// Training steps between looks at the unseen pairs.
const EVERY: usize = 5;
/// A step of the run is so many of the net whose turn it is.
const EACH: usize = 5;
/// Room for the points of a curve.
const ROOM: usize = 2 * PATIENCE / EVERY;
/// Kept shares that the claims speak of.
const MEANT: RangeInclusive<f64> = 0.55..=0.8;
/// Empty rows between the two masks.
const GAP: usize = 4;
/// Kept shares at which overlaps are drawn.
const SHARES: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The nets that race.
const ARMS: [&str; 7] =
    ["ticket", "whole net", "cut by heart", "in transition", "shuffled", "whole, same L2", "whole, same L1"];
const TICKET: usize = 0;
const DENSE: usize = 1;
const EARLY: usize = 2;
const MIDWAY: usize = 3;
const SHUFFLED: usize = 4;
const SAME_L2: usize = 5;
const SAME_L1: usize = 6;

/// The moments at which weights of the whole net are kept.
const BY_HEART: usize = 0;
const TRANSITION: usize = 1;
const UNDERSTOOD: usize = 2;

const SOURCE_TEXT: &str = "Minegishi et al. 2023";

/// What no step changes: questions, answers, and the net at its start.
struct Lesson {
    task: Task,
    /// Of the training pairs and of the others.
    labels: [Vec<u16>; 2],
    start: PairNet,
    rng: Rng,
}

impl Lesson {
    fn new(rng: Rng) -> Self {
        let task = Task::new(Operation::Add, P, FRACTION, &mut rng.stream("split"));
        let labels = [&task.train, &task.test].map(|pairs| pairs.iter().map(|pair| pair.answer).collect());
        let shape = pair_net::Shape { p: P, hidden: HIDDEN, activation: Activation::Relu, tables: 1, rank: Some(RANK) };
        let start = PairNet::new(shape, 1.0, &mut rng.stream("weights"));
        Self { task, labels, start, rng }
    }

    fn settings(decay: f32) -> Settings {
        Settings { squares: 0.98, ..Settings::new(RATE, decay) }
    }

    /// The share of the unseen pairs that a net has right.
    fn tested(&self, net: &mut PairNet) -> f64 {
        let mut outputs = vec![0.0; self.task.test.len() * P];
        net.answer(&self.task.test, &mut outputs);
        let right = Loss::CrossEntropy.grade(&mut outputs, &self.labels[1], P).right;
        right as f64 / self.labels[1].len() as f64
    }
}

/// A net in training, and how it did on the unseen pairs.
#[derive(Clone)]
struct Racer {
    /// Until it is done.
    masked: Option<Masked>,
    steps: usize,
    train: Score,
    /// After every few steps.
    tested: Vec<f32>,
    /// Steps to the bar.
    reached: Option<usize>,
}

impl Racer {
    fn new(net: PairNet, mask: Rc<PairMask>, decay: f32) -> Self {
        let masked = Some(Masked::new(net, mask, Lesson::settings(decay)));
        Self { masked, steps: 0, train: Score::default(), tested: Vec::new(), reached: None }
    }

    /// One step. Says whether it looked at the unseen pairs.
    fn step(&mut self, lesson: &Lesson) -> bool {
        let Some(masked) = &mut self.masked else { return false };
        self.train = masked.step(&lesson.task.train, &lesson.labels[0]);
        self.steps += 1;
        if !self.steps.is_multiple_of(EVERY) {
            return false;
        }
        let tested = lesson.tested(&mut masked.net);
        self.tested.push(tested as f32);
        if tested >= BAR {
            self.reached = self.reached.or(Some(self.steps));
        }
        true
    }

    fn now(&self) -> f64 {
        self.tested.last().map_or(0.0, |share| f64::from(*share))
    }

    fn points(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        self.tested.iter().enumerate().map(|(i, share)| [((i + 1) * EVERY) as f32, *share])
    }
}

/// What there is to know of the whole net once it is trained.
struct Whole {
    /// Its weights at three moments.
    weights: [Vec<f32>; 3],
    when: [usize; 3],
    /// Whether it came to the bar.
    reached: Option<usize>,
    /// Of the masks of the first two moments with that of the last, at all kept shares.
    overlaps: [Vec<f32>; 2],
    tested: Vec<f32>,
}

/// What is raced for, and how far the race is.
#[derive(Clone)]
struct Race {
    ticket: Rc<PairMask>,
    early: Rc<PairMask>,
    /// The share of unseen pairs that the whole net has right when it was cut and not trained further.
    pruned: f64,
    /// Steps after which a net is out.
    most: usize,
    arms: Vec<Racer>,
}

/// The whole net in training, then what is left of it, and the race.
#[derive(Clone)]
struct Contest {
    lesson: Rc<Lesson>,
    net: Racer,
    /// Weights at the first two moments, and when.
    kept: [Option<(usize, Rc<Vec<f32>>)>; 2],
    whole: Option<Rc<Whole>>,
    race: Option<Race>,
}

/// What may be moved while it runs.
#[derive(Clone, Copy, PartialEq)]
struct Rules {
    keep: f64,
    source: usize,
    decay: f32,
}

impl Rules {
    fn of(values: &Values) -> Self {
        let source = match values.choice(&SOURCE) {
            "by-heart" => BY_HEART,
            "transition" => TRANSITION,
            _ => UNDERSTOOD,
        };
        Self { keep: values.float(&KEEP), source, decay: values.float(&DECAY) as f32 }
    }
}

impl Contest {
    fn new(rng: Rng) -> Self {
        let lesson = Lesson::new(rng);
        let full = Rc::new(PairMask::full(lesson.start.weights.len()));
        let net = Racer::new(lesson.start.clone(), full, WHOLE_DECAY);
        Self { lesson: Rc::new(lesson), net, kept: [None, None], whole: None, race: None }
    }

    /// Some steps of the net whose turn it is.
    fn step(&mut self, rules: Rules) -> Status {
        let Some(whole) = &self.whole else { return self.learn() };
        let race = self.race.get_or_insert_with(|| Race::new(&self.lesson, whole, rules));
        race.step(&self.lesson, whole, rules)
    }

    fn learn(&mut self) -> Status {
        let mut passed = Status::Running;
        for _ in 0..EACH {
            let looked = self.net.step(&self.lesson);
            let (steps, Some(masked)) = (self.net.steps, &self.net.masked) else { break };
            let now = || Some((steps, Rc::new(masked.net.weights.clone())));
            if self.kept[BY_HEART].is_none() && self.net.train.right == self.lesson.task.train.len() {
                self.kept[BY_HEART] = now();
                passed = Status::Passed("by heart");
            }
            if looked && self.kept[TRANSITION].is_none() && self.net.now() >= MIDDLE {
                self.kept[TRANSITION] = now();
                passed = Status::Passed("transition");
            }
            if self.net.reached.is_some() || steps >= PATIENCE {
                let last = masked.net.weights.clone();
                let [early, midway] = [BY_HEART, TRANSITION].map(|moment| match &self.kept[moment] {
                    Some((at, weights)) => (*at, weights.to_vec()),
                    None => (steps, last.clone()),
                });
                let mask = |weights: &[f32]| SHARES.map(|share| PairMask::largest(weights, share));
                let of_last = mask(&last);
                let overlaps = [&early.1, &midway.1].map(|weights| {
                    let pairs = of_last.iter().zip(mask(weights));
                    pairs.map(|(last, first)| last.shared(&first) as f32).collect()
                });
                self.whole = Some(Rc::new(Whole {
                    weights: [early.1, midway.1, last],
                    when: [early.0, midway.0, steps],
                    reached: self.net.reached,
                    overlaps,
                    tested: std::mem::take(&mut self.net.tested),
                }));
                self.net.masked = None;
                return Status::Passed(if self.net.reached.is_some() { "understood" } else { "not understood" });
            }
        }
        passed
    }

    /// How the whole net did on the unseen pairs so far.
    fn tested(&self) -> &[f32] {
        self.whole.as_ref().map_or(&self.net.tested, |whole| &whole.tested)
    }

    fn is_over(&self) -> bool {
        self.race.as_ref().is_some_and(Race::is_over)
    }

    /// What an arm did: steps to the bar, or those after which it was out; whether it came there. Once it is done.
    fn outcome(&self, arm: usize) -> Option<(f64, bool)> {
        let racer = self.race.as_ref()?.arms.get(arm)?;
        if racer.masked.is_some() {
            return None;
        }
        Some((racer.reached.unwrap_or(racer.steps) as f64, racer.reached.is_some()))
    }
}

impl Race {
    fn new(lesson: &Lesson, whole: &Whole, rules: Rules) -> Self {
        let mask = |moment: usize| Rc::new(PairMask::largest(&whole.weights[moment], rules.keep));
        let ticket = mask(rules.source);
        let mut net = lesson.start.clone();
        net.weights.copy_from_slice(&whole.weights[rules.source]);
        ticket.cut(&mut net.weights);
        let most = (ENOUGH * whole.reached.unwrap_or(PATIENCE) as f64) as usize / EVERY * EVERY;
        let pruned = lesson.tested(&mut net);
        let mut race = Self { ticket, early: mask(BY_HEART), pruned, most, arms: Vec::new() };
        race.enter(lesson, whole, rules);
        race
    }

    /// The next net, at the same start.
    fn enter(&mut self, lesson: &Lesson, whole: &Whole, rules: Rules) {
        let mut net = lesson.start.clone();
        let full = || Rc::new(PairMask::full(net.weights.len()));
        let mask = match self.arms.len() {
            TICKET => Rc::clone(&self.ticket),
            EARLY => Rc::clone(&self.early),
            MIDWAY => Rc::new(PairMask::largest(&whole.weights[TRANSITION], rules.keep)),
            SHUFFLED => {
                let parts: Vec<usize> = net.shape().parts().map(|(rows, cols)| rows * cols).collect();
                Rc::new(self.ticket.shuffled(&parts, &mut lesson.rng.stream("shuffle")))
            }
            _ => full(),
        };
        if [SAME_L2, SAME_L1].contains(&self.arms.len()) {
            let mut cut = net.weights.clone();
            self.ticket.cut(&mut cut);
            let length = |weights: &[f32]| dot64(weights, weights).sqrt();
            let sum = |weights: &[f32]| weights.iter().map(|w| f64::from(w.abs())).sum::<f64>();
            let size: &dyn Fn(&[f32]) -> f64 = if self.arms.len() == SAME_L2 { &length } else { &sum };
            let ratio = (size(&cut) / size(&net.weights)) as f32;
            net.weights.iter_mut().for_each(|w| *w *= ratio);
        }
        let mut racer = Racer::new(net, mask, rules.decay);
        if self.arms.len() == DENSE && rules.decay == WHOLE_DECAY {
            // It would do again, bit by bit, what it did before.
            let steps = whole.reached.unwrap_or(self.most).min(whole.tested.len() * EVERY);
            racer.tested = whole.tested[..steps / EVERY].to_vec();
            (racer.steps, racer.reached, racer.masked) = (steps, whole.reached, None);
        }
        self.arms.push(racer);
    }

    fn step(&mut self, lesson: &Lesson, whole: &Whole, rules: Rules) -> Status {
        if self.arms.last().is_some_and(|racer| racer.masked.is_none()) && self.arms.len() < ARMS.len() {
            self.enter(lesson, whole, rules);
        }
        let ticket = self.arms.len() == TICKET + 1;
        let most = self.most;
        let Some(racer) = self.arms.last_mut() else { return Status::Running };
        for _ in 0..EACH {
            racer.step(lesson);
            if racer.reached.is_some() || racer.steps >= most {
                racer.masked = None;
                return if ticket { Status::Passed("ticket done") } else { Status::Running };
            }
        }
        Status::Running
    }

    fn is_over(&self) -> bool {
        self.arms.len() == ARMS.len() && self.arms.iter().all(|racer| racer.masked.is_none())
    }
}

#[derive(Clone)]
struct Tickets {
    rules: Rules,
    runs: usize,
    contests: Vec<Contest>,
    rng: Rng,
}

impl Tickets {
    fn new(values: &Values, rng: &Rng) -> Self {
        let contests = vec![Contest::new(rng.child("run 1"))];
        Self { rules: Rules::of(values), runs: values.int(&RUNS), contests, rng: rng.clone() }
    }

    fn first(&self) -> &Contest {
        &self.contests[0]
    }

    /// The runs that are asked for, as far as there are any.
    fn shown(&self) -> &[Contest] {
        &self.contests[..self.runs.min(self.contests.len())]
    }

    /// An arm of the first run.
    fn arm(&self, arm: usize) -> Option<&Racer> {
        self.first().race.as_ref()?.arms.get(arm)
    }

    /// Steps of an arm, one number a run in which it is done.
    fn steps(&self, arm: usize) -> Vec<f64> {
        self.shown().iter().filter_map(|contest| contest.outcome(arm)).map(|(steps, _)| steps).collect()
    }

    /// In the middle of all runs, how many times the ticket's steps an arm takes.
    fn ratio(&self, arm: usize) -> Option<f64> {
        let ratio = |contest: &Contest| Some(contest.outcome(arm)?.0 / contest.outcome(TICKET)?.0);
        let mut ratios: Vec<f64> = self.shown().iter().filter_map(ratio).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    }

    fn unlike(&self) -> Option<&'static str> {
        if self.rules.source != UNDERSTOOD {
            Some("Of a ticket that is cut when the net has understood.")
        } else if self.rules.decay != WHOLE_DECAY {
            Some("Of a race with the weight decay of the whole net, 1.")
        } else if !MEANT.contains(&self.rules.keep) {
            Some("Of masks that keep from 55 to 80 %.")
        } else {
            None
        }
    }

    /// The claim, once there is a whole net that understood.
    fn trained(&self, claim: Claim, measure: impl Fn(&Whole, &Race, Claim) -> Result<Claim, Unmeasured>) -> Claim {
        let contest = self.first();
        match (&contest.whole, &contest.race) {
            _ if self.unlike().is_some() => claim.not_here(self.unlike().unwrap_or_default()),
            (Some(whole), _) if whole.reached.is_none() => claim.not_here("The whole net did not understand in time."),
            (Some(whole), Some(race)) => {
                let plain = claim.clone();
                measure(whole, race, claim).unwrap_or_else(|why| plain.unmeasured(why))
            }
            _ => claim.because(format!("The whole net is in training: step {}.", contest.net.steps)),
        }
    }

    fn needs_no_decay(&self) -> Claim {
        let claim =
            Claim::new("Without decay the ticket comes some way where the whole net stays with its list.", SOURCE_TEXT)
                .expect(0.2, 1.0, "at least 20 points more of the unseen pairs")
                .on((-0.2, "-20 points"), (1.0, "100 points"));
        if self.rules.decay != 0.0 || self.rules.source != UNDERSTOOD || !MEANT.contains(&self.rules.keep) {
            return claim
                .not_here("Of a race without decay, and a ticket of 55 to 80 % cut when the net has understood.");
        }
        let last = |arm: usize| self.first().outcome(arm).and(self.arm(arm)).map(Racer::now);
        match [TICKET, DENSE].map(last) {
            [Some(ticket), Some(whole)] => {
                let [a, b] = [ticket, whole].map(|share| fixed(100.0 * share, 1));
                claim.measured(ticket - whole, format!("{a} % against {b} %"))
            }
            _ => claim.because("Both must have raced."),
        }
    }

    fn takes_longer(&self, arm: usize, says: &str, least: f64) -> Claim {
        let claim = Claim::new(says, SOURCE_TEXT)
            .expect(least, f64::INFINITY, &format!("at least {} times the ticket's steps", fixed(least, 1)))
            .on_log((0.25, "a quarter"), (16.0, "16 times"));
        self.trained(claim, |_, _, claim| {
            let (Some(ratio), [Some((steps, reached)), Some((ticket, true))]) =
                (self.ratio(arm), [arm, TICKET].map(|arm| self.first().outcome(arm)))
            else {
                let out = self.first().outcome(TICKET).is_some_and(|(_, reached)| !reached);
                return Err(if out {
                    Unmeasured::NotHere("The ticket did not come to 95 %.".into())
                } else {
                    Unmeasured::NotYet("It has not raced yet.".into())
                });
            };
            let not = if reached { "" } else { "not in " };
            let runs = self.steps(arm).len();
            let many = if runs > 1 { format!(" in the first of {runs} runs") } else { String::new() };
            let text =
                format!("{} times: {not}{} against {}{many}", fixed(ratio, 1), fixed(steps, 0), fixed(ticket, 0));
            Ok(claim.measured(ratio, text))
        })
    }
}

impl Experiment for Tickets {
    fn views(&self) -> Vec<View> {
        let steps = || Axis::linear("training steps from the start", 0.0, 600.0);
        let share = || Axis::linear("share of unseen pairs", 0.0, 1.0);
        let mut series: Vec<Series> = ARMS.iter().map(|arm| Series::curve(arm, ROOM)).collect();
        series.push(Series::dots("at 95 %", ARMS.len()));
        let race = Shape::Lines { x: steps(), y: share(), series, marks: Vec::new(), field: None };
        let mut series: Vec<Series> = ARMS.iter().map(|arm| Series::spread(arm, 1)).collect();
        series.push(Series::dots("out before 95 %", ARMS.len()));
        let bars = Shape::Lines {
            x: Axis::linear("net; mean, least and greatest of the runs", 0.0, ARMS.len() as f64 + 1.0),
            y: Axis::linear("steps", 0.0, 600.0),
            series,
            marks: Vec::new(),
            field: None,
        };
        let masks = Shape::Heatmap {
            rows: 2 * HIDDEN as u32 + GAP as u32,
            cols: RANK as u32,
            row_name: "hidden neuron, of the ticket and of the mask by heart",
            col_name: "inner number",
            ends: ("kept, by heart", "kept, ticket"),
        };
        let overlaps = Shape::Lines {
            x: Axis::linear("kept", 0.0, 1.0).of(&KEEP),
            y: Axis::linear("share of weights", 0.0, 1.0),
            series: vec![
                Series::curve("in transition", SHARES.len()),
                Series::curve("by heart", SHARES.len()),
                Series::reference("chance", 2),
            ],
            marks: Vec::new(),
            field: None,
        };
        let whole = Shape::Lines {
            x: steps(),
            y: share(),
            series: vec![
                Series::curve("whole net", ROOM),
                Series::dots("by heart", 1),
                Series::dots("transition", 1),
                Series::dots("cut", 1),
            ],
            marks: Vec::new(),
            field: None,
        };
        vec![
            View::new("The race", Place::Main, race),
            View::new("The whole net, and when masks are cut", Place::Side, whole),
            View::new("Steps to 95 % of unseen pairs", Place::Main, bars),
            View::new("What masks share with the last", Place::Side, overlaps),
            View::new("What two masks keep of one matrix", Place::Full, masks).moving(),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let contest = self.first();
        match view {
            RACE => {
                let mut plot = Plot::new(slot, -1.0);
                for arm in 0..ARMS.len() {
                    plot.curve(ROOM, self.arm(arm).into_iter().flat_map(Racer::points));
                }
                let reached = (0..ARMS.len()).filter_map(|arm| self.arm(arm)?.reached);
                plot.curve(ARMS.len(), reached.map(|at| [at as f32, BAR as f32]));
            }
            STEPS => {
                let mut plot = Plot::new(slot, -1.0);
                for arm in 0..ARMS.len() {
                    let point = |[mean, least, most]: [f64; 3]| [(arm + 1) as f64, mean, least, most].map(|x| x as f32);
                    plot.curve(1, spread(&self.steps(arm)).map(point));
                }
                let out = (0..ARMS.len()).filter_map(|arm| {
                    let (steps, reached) = contest.outcome(arm)?;
                    (!reached).then_some([(arm + 1) as f32, steps as f32])
                });
                plot.curve(ARMS.len(), out);
            }
            OVERLAPS => {
                let mut plot = Plot::new(slot, self.rules.keep);
                for moment in [TRANSITION, BY_HEART] {
                    let curve = contest.whole.iter().flat_map(|whole| SHARES.iter().zip(&whole.overlaps[moment]));
                    plot.curve(SHARES.len(), curve.map(|(share, overlap)| [*share as f32, *overlap]));
                }
                plot.curve(2, [[0.0, 0.0], [1.0, 1.0]]);
            }
            WHOLE => {
                let mut plot = Plot::new(slot, -1.0);
                let tested = contest.tested();
                let points = tested.iter().enumerate().map(|(i, share)| [((i + 1) * EVERY) as f32, *share]);
                plot.curve(ROOM, points);
                let at = |step: usize| tested[..(step / EVERY).min(tested.len())].last().copied().unwrap_or_default();
                let kept = |moment: usize| contest.kept[moment].as_ref().map(|(step, _)| *step);
                let cut = contest.whole.as_ref().map(|whole| whole.when[UNDERSTOOD]);
                for moment in [kept(BY_HEART), kept(TRANSITION), cut] {
                    plot.curve(1, moment.map(|step| [step as f32, at(step)]));
                }
            }
            _ => {
                let size = HIDDEN * RANK;
                // Until something is cut, both masks keep all.
                slot.fill(0.0);
                slot[..size].fill(1.0);
                slot[size + GAP * RANK..].fill(-1.0);
                if let Some(race) = &contest.race {
                    // The third matrix, from hidden neurons to the inner numbers.
                    let from: usize = contest.lesson.start.shape().parts().take(2).map(|(r, c)| r * c).sum();
                    let kept = |mask: &PairMask| mask.kept()[from..][..size].to_vec();
                    slot[..size].copy_from_slice(&kept(&race.ticket));
                    let below = &mut slot[size + GAP * RANK..];
                    below.iter_mut().zip(kept(&race.early)).for_each(|(out, kept)| *out = -kept);
                }
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let contest = self.first();
        match (view, &contest.whole, &contest.race) {
            (STEPS, ..) => {
                let done = self.shown().iter().filter(|contest| contest.is_over()).count();
                format!(
                    "{done} of {} runs are done. A net that is not at 95 % after {} times the steps of the whole net is out, and \
                     counts with these.",
                    self.runs,
                    fixed(ENOUGH, 1)
                )
            }
            (RACE, _, Some(race)) => {
                let racer = race.arms.last();
                let now = if race.is_over() {
                    "The race is over.".to_owned()
                } else {
                    let name = ARMS[race.arms.len().max(1) - 1];
                    format!("Now: {name}, step {}.", racer.map_or(0, |racer| racer.steps))
                };
                match self.arm(TICKET).map(|ticket| ticket.reached) {
                    Some(Some(at)) => format!("{now} The ticket is at 95 % after {at} steps."),
                    _ => now,
                }
            }
            (MASKS, _, Some(race)) => format!(
                "Above the ticket, below the mask by heart. Each keeps {} of all weights, and they share {} of these; chance \
                 would give {}.",
                percent(race.ticket.density(), 0),
                percent(race.ticket.shared(&race.early), 0),
                percent(race.early.density(), 0)
            ),
            (OVERLAPS, Some(whole), _) => format!(
                "Of the weights in the mask at step {}, the share that is also in the mask of an earlier moment, steps {} and {}.",
                whole.when[UNDERSTOOD], whole.when[TRANSITION], whole.when[BY_HEART]
            ),
            (RACE | MASKS | OVERLAPS, ..) => "The whole net is trained first.".into(),
            (_, None, _) => format!(
                "Step {}: {} of {} training pairs right, and {} of the others.",
                contest.net.steps,
                contest.net.train.right,
                contest.lesson.task.train.len(),
                percent(contest.net.now(), 0)
            ),
            (_, Some(whole), _) => match whole.reached {
                Some(at) => format!(
                    "By heart at step {}, in the transition at {}, at 95 % at {at}, and cut at {}.",
                    whole.when[BY_HEART], whole.when[TRANSITION], whole.when[UNDERSTOOD]
                ),
                None => format!("It did not come to 95 % in {PATIENCE} steps, and is cut as it is."),
            },
        }
    }

    fn step(&mut self) -> Status {
        let next = self.shown().iter().position(|contest| !contest.is_over()).unwrap_or(self.shown().len());
        if next == self.contests.len() && next < self.runs {
            self.contests.push(Contest::new(self.rng.child(&format!("run {}", next + 1))));
        }
        let rules = self.rules;
        let status = match self.contests.get_mut(next) {
            Some(contest) if next < self.runs => contest.step(rules),
            _ => Status::Running,
        };
        let over = self.shown().len() == self.runs && self.shown().iter().all(Contest::is_over);
        match status {
            _ if over => Status::Ended("end"),
            // Only the first run is told step by step.
            Status::Passed(_) if next > 0 => Status::Running,
            status => status,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        let contest = self.first();
        let whole = contest.tested().last().copied().unwrap_or_default();
        let train = contest.net.train.right as f32 / contest.lesson.task.train.len() as f32;
        let now = |arm: usize| self.arm(arm).map_or(0.0, Racer::now) as f32;
        let steps = |arm: usize| contest.outcome(arm).map_or(0.0, |(steps, reached)| if reached { steps } else { 0.0 });
        let overlap = contest.race.as_ref().map_or(0.0, |race| race.ticket.shared(&race.early));
        let row = [
            whole,
            train,
            now(TICKET),
            now(EARLY),
            now(SHUFFLED),
            steps(TICKET) as f32,
            contest.net.reached.unwrap_or(0) as f32,
            now(MIDWAY),
            steps(MIDWAY) as f32,
            overlap as f32,
        ];
        out.copy_from_slice(&row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&RUNS) {
            self.runs = values.int(&RUNS);
            return Live::Soon;
        }
        let rules = Rules::of(values);
        if rules != self.rules {
            self.rules = rules;
            for contest in &mut self.contests {
                contest.race = contest.whole.as_ref().map(|whole| Race::new(&contest.lesson, whole, rules));
            }
        }
        Live::Soon
    }

    fn claims(&self) -> Vec<Claim> {
        let share = |x: f64| percent(x, 1);
        let pruned =
            Claim::new("Without its small weights, and without more training, the net still understands.", SOURCE_TEXT)
                .expect(0.9, 1.0, "at least 90 % of unseen pairs right")
                .on((0.0, "0 %"), (1.0, "100 %"));
        vec![
            self.takes_longer(DENSE, "The ticket understands sooner than the whole net.", 1.4),
            self.takes_longer(EARLY, "A mask that is cut when all is known by heart is slower.", 1.5),
            self.takes_longer(SHUFFLED, "A mask with as many weights in each matrix, elsewhere, is slower.", 1.4),
            self.takes_longer(
                SAME_L2,
                "It is not its length: the whole net scaled to the ticket's L2 norm is slower.",
                1.2,
            ),
            self.takes_longer(SAME_L1, "Nor the sum of sizes: scaled to the ticket's L1 norm it is slower.", 1.2),
            self.trained(pruned, |_, race, claim| Ok(claim.measured(race.pruned, share(race.pruned)))),
            self.needs_no_decay(),
        ]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
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
        follow(&format!("id=grokking-tickets&{query}"), steps)
    }

    fn metric(session: &Session, name: &str) -> f32 {
        session.metrics()[ENTRY.metrics.iter().position(|metric| metric.name == name).unwrap()]
    }

    fn set(session: &mut Session, name: &str, value: &str) {
        session.set(&[(name.into(), value.into())]).unwrap();
    }

    #[test]
    fn the_ticket_is_sooner_than_the_whole_net_and_a_race_begins_again_under_the_hand() {
        let mut session = run("seed=1", 60);
        let until = |session: &mut Session, word: &str| {
            while !session.events().iter().any(|(_, event)| *event == word) && session.step() < 250 {
                session.advance(1);
            }
        };
        until(&mut session, "ticket done");
        session.advance(1);
        let (ticket, whole) = (metric(&session, "ticket-steps"), metric(&session, "whole-steps"));
        assert!(ticket > 0.0 && whole > 1.4 * ticket, "{ticket} {whole}");
        let claims = session.claims();
        let verdicts: Vec<Verdict> = claims.iter().map(Claim::verdict).collect();
        let (agrees, not_yet) = (Verdict::Agrees, Verdict::NotYet);
        assert_eq!(verdicts, [agrees, not_yet, not_yet, not_yet, not_yet, agrees, Verdict::NotHere], "{claims:?}");

        // The same net, cut when it knew all by heart, in as many steps: nothing.
        set(&mut session, "source", "by-heart");
        assert_eq!((metric(&session, "overlap"), metric(&session, "ticket")), (1.0, 0.0));
        session.advance(ticket as u64 / EACH as u64);
        assert!(metric(&session, "ticket") < 0.5, "{:?}", session.metrics());
        assert!(session.claims().iter().all(|claim| claim.verdict() == Verdict::NotHere));
        set(&mut session, "keep", "0.4");
        assert_eq!((metric(&session, "ticket"), metric(&session, "overlap")), (0.0, 1.0));
    }
}
