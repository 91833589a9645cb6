//! Grokking tickets (Minegishi, Iwasawa and Matsuo, *Grokking Tickets: Lottery Tickets Accelerate Grokking*): a whole net is
//! trained until it understands, and its weights are kept at three moments. Then nets that are masked or rescaled race from the
//! same start, one after the other.
use super::{mask::Mask, masked::Masked};
use crate::{
    math::{kernels::dot64, mean::Mean, rng::Rng},
    model::learning::{
        adam::Settings,
        loss::{Loss, Score},
        modular::{Operation, Task},
        pair_net::{self, Activation, PairNet},
    },
};
use std::rc::Rc;

/// The modulus.
pub const P: usize = 67;
/// Hidden units.
pub const HIDDEN: usize = 48;
/// The inner size of both products.
pub const RANK: usize = 500;
/// The share of pairs that is trained on.
const FRACTION: f64 = 0.5;
const RATE: f32 = 0.02;
/// The weight decay of the whole net while it is trained first.
pub const WHOLE_DECAY: f32 = 1.0;
/// The share of unseen pairs that a net must have right.
pub const BAR: f64 = 0.95;
/// The middle of the transition.
const MIDDLE: f64 = 0.5;
/// A whole net that has not come to the bar by now is cut as it is.
pub const PATIENCE: usize = 1000;
/// The race ends after so many times the steps of the whole net.
pub const ENOUGH: f64 = 1.1;
/// Training steps between looks at the unseen pairs.
pub const EVERY: usize = 5;
/// So many are taken at once of the net whose turn it is.
pub const EACH: usize = 5;
/// Kept shares at which overlaps are known.
pub const SHARES: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The nets that race, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// The weights that the whole net has when the ticket is cut, back at the start.
    Ticket,
    /// All weights.
    Whole,
    /// Those of a mask that is cut when all is known by heart.
    Early,
    /// Those of one that is cut in the transition.
    Midway,
    /// As many weights in each matrix as the ticket has, anywhere.
    Shuffled,
    /// As many weights as the ticket has, anywhere in the net.
    Random,
    /// All weights, of the length that those of the ticket have.
    SameL2,
    /// All weights, of the sum of sizes that those of the ticket have.
    SameL1,
}

impl Arm {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Ticket,
        Self::Whole,
        Self::Early,
        Self::Midway,
        Self::Shuffled,
        Self::Random,
        Self::SameL2,
        Self::SameL1,
    ];
}

/// A moment at which weights of the whole net are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// All training pairs are right.
    ByHeart,
    /// Half of the unseen pairs are.
    Transition,
    /// So many of them are as make the bar.
    Understood,
}

/// What is raced for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// The share of weights that masks keep.
    pub keep: f64,
    /// When the ticket is cut.
    pub source: Moment,
    /// Weight decay in the race.
    pub decay: f32,
}

/// What no step changes: questions, answers, and the net at its start.
#[derive(Debug)]
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

    /// The share of the unseen pairs that a net has right.
    fn tested(&self, net: &mut PairNet) -> f64 {
        let mut outputs = vec![0.0; self.task.test.len() * P];
        net.answer(&self.task.test, &mut outputs);
        let right = Loss::CrossEntropy.grade(&mut outputs, &self.labels[1], P).right;
        right as f64 / self.labels[1].len() as f64
    }
}

/// A net in training, and how it did on the unseen pairs.
#[derive(Clone, Debug)]
pub struct Racer {
    /// Until it is done.
    masked: Option<Masked>,
    train: Score,
    /// Steps so far.
    pub steps: usize,
    /// The share of unseen pairs that were right, after every few steps.
    pub tested: Vec<f32>,
    /// Steps to the bar.
    pub reached: Option<usize>,
}

impl Racer {
    fn new(net: PairNet, mask: Rc<Mask>, decay: f32) -> Self {
        let settings = Settings { squares: 0.98, ..Settings::new(RATE, decay) };
        let masked = Some(Masked::new(net, mask, settings));
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

    /// The share of unseen pairs that is right now.
    pub fn now(&self) -> f64 {
        self.tested.last().map_or(0.0, |share| f64::from(*share))
    }
}

/// What there is to know of the whole net once it is trained.
#[derive(Debug)]
pub struct Whole {
    /// Its weights at three moments.
    weights: [Vec<f32>; 3],
    /// When these were.
    pub when: [usize; 3],
    /// Whether it came to the bar, and when.
    pub reached: Option<usize>,
    /// Of the masks of the first two moments with that of the last, at all of [`SHARES`].
    pub overlaps: [Vec<f32>; 2],
    tested: Vec<f32>,
}

/// How far a race is.
#[derive(Clone, Debug)]
pub struct Race {
    /// The mask of the ticket.
    pub ticket: Rc<Mask>,
    /// The one that was cut when all was known by heart.
    pub early: Rc<Mask>,
    /// The share of unseen pairs that the whole net has right when it was cut and not trained further.
    pub pruned: f64,
    /// Steps after which a net is out.
    most: usize,
    /// The nets that began, in the order of [`Arm::ALL`].
    pub arms: Vec<Racer>,
}

/// The whole net in training, then what is left of it, and the race.
#[derive(Clone, Debug)]
pub struct Contest {
    lesson: Rc<Lesson>,
    net: Racer,
    /// Weights at the first two moments, and when.
    kept: [Option<(usize, Rc<Vec<f32>>)>; 2],
    /// Once it is trained.
    pub whole: Option<Rc<Whole>>,
    /// Once that is over.
    pub race: Option<Race>,
}

impl Contest {
    /// Pairs and weights come from streams of `rng`.
    pub fn new(rng: Rng) -> Self {
        let lesson = Lesson::new(rng);
        let full = Rc::new(Mask::all(lesson.start.weights.len()));
        let net = Racer::new(lesson.start.clone(), full, WHOLE_DECAY);
        Self { lesson: Rc::new(lesson), net, kept: [None, None], whole: None, race: None }
    }

    /// Some steps of the net whose turn it is. Says in a word what happened, if anything did.
    pub fn step(&mut self, rules: Rules) -> Option<&'static str> {
        let Some(whole) = &self.whole else { return self.learn() };
        let race = self.race.get_or_insert_with(|| Race::new(&self.lesson, whole, rules));
        race.step(&self.lesson, whole, rules)
    }

    /// Begins the race again, if there is a whole net.
    pub fn again(&mut self, rules: Rules) {
        self.race = self.whole.as_ref().map(|whole| Race::new(&self.lesson, whole, rules));
    }

    fn learn(&mut self) -> Option<&'static str> {
        let mut passed = None;
        for _ in 0..EACH {
            let looked = self.net.step(&self.lesson);
            let (steps, Some(masked)) = (self.net.steps, &self.net.masked) else { break };
            let now = || Some((steps, Rc::new(masked.net.weights.clone())));
            let [by_heart, transition] = &mut self.kept;
            if by_heart.is_none() && self.net.train.right == self.lesson.task.train.len() {
                *by_heart = now();
                passed = Some("by heart");
            }
            if looked && transition.is_none() && self.net.now() >= MIDDLE {
                *transition = now();
                passed = Some("transition");
            }
            if self.net.reached.is_some() || steps >= PATIENCE {
                self.put_down();
                return Some(if self.net.reached.is_some() { "understood" } else { "not understood" });
            }
        }
        passed
    }

    /// Keeps what there is to know of the whole net.
    fn put_down(&mut self) {
        let Some(Masked { net, .. }) = self.net.masked.take() else { return };
        let (steps, last) = (self.net.steps, net.weights);
        let [early, midway] = self.kept.each_ref().map(|kept| match kept {
            Some((at, weights)) => (*at, weights.to_vec()),
            None => (steps, last.clone()),
        });
        let mask = |weights: &[f32]| SHARES.map(|share| Mask::largest(weights, share));
        let of_last = mask(&last);
        let overlaps = [&early.1, &midway.1].map(|weights| {
            let pairs = of_last.iter().zip(mask(weights));
            pairs.map(|(last, first)| last.share_in(&first) as f32).collect()
        });
        self.whole = Some(Rc::new(Whole {
            weights: [early.1, midway.1, last],
            when: [early.0, midway.0, steps],
            reached: self.net.reached,
            overlaps,
            tested: std::mem::take(&mut self.net.tested),
        }));
    }

    /// How the whole net did on the unseen pairs so far, after every few steps.
    pub fn tested(&self) -> &[f32] {
        self.whole.as_ref().map_or(&self.net.tested, |whole| &whole.tested)
    }

    /// Steps of the whole net, and how many of how many training pairs it had right, and how many others there are.
    pub fn trained(&self) -> (usize, usize, usize) {
        (self.net.steps, self.net.train.right, self.lesson.task.train.len())
    }

    /// When its weights were kept, as far as they are.
    pub fn when(&self, moment: Moment) -> Option<usize> {
        match (moment, &self.whole) {
            (Moment::Understood, whole) => whole.as_ref().map(|whole| whole.when[2]),
            _ => self.kept[moment as usize].as_ref().map(|(step, _)| *step),
        }
    }

    /// Steps of the whole net to the bar.
    pub fn reached(&self) -> Option<usize> {
        self.net.reached
    }

    /// Whether the race is over.
    pub fn is_over(&self) -> bool {
        self.race.as_ref().is_some_and(Race::is_over)
    }

    /// A net in the race, once it has begun.
    pub fn arm(&self, arm: Arm) -> Option<&Racer> {
        self.race.as_ref()?.arms.get(arm as usize)
    }

    /// What an arm did: steps to the bar, or those after which it was out; whether it came there. Once it is done.
    pub fn outcome(&self, arm: Arm) -> Option<(f64, bool)> {
        let racer = self.arm(arm).filter(|racer| racer.masked.is_none())?;
        Some((racer.reached.unwrap_or(racer.steps) as f64, racer.reached.is_some()))
    }
}

impl Race {
    fn new(lesson: &Lesson, whole: &Whole, rules: Rules) -> Self {
        let mask = |moment: Moment| Rc::new(Mask::largest(&whole.weights[moment as usize], rules.keep));
        let ticket = mask(rules.source);
        let mut net = lesson.start.clone();
        net.weights.copy_from_slice(&whole.weights[rules.source as usize]);
        ticket.cut(&mut net.weights);
        let most = (ENOUGH * whole.reached.unwrap_or(PATIENCE) as f64) as usize / EVERY * EVERY;
        let pruned = lesson.tested(&mut net);
        let mut race = Self { ticket, early: mask(Moment::ByHeart), pruned, most, arms: Vec::new() };
        race.enter(Arm::Ticket, lesson, whole, rules);
        race
    }

    /// The next net, at the same start.
    fn enter(&mut self, arm: Arm, lesson: &Lesson, whole: &Whole, rules: Rules) {
        let mut net = lesson.start.clone();
        let mask = match arm {
            Arm::Ticket => Rc::clone(&self.ticket),
            Arm::Early => Rc::clone(&self.early),
            Arm::Midway => Rc::new(Mask::largest(&whole.weights[Moment::Transition as usize], rules.keep)),
            Arm::Shuffled => {
                let parts: Vec<usize> = net.shape().parts().map(|(rows, cols)| rows * cols).collect();
                Rc::new(self.ticket.shuffled(&parts, &mut lesson.rng.stream("shuffle")))
            }
            Arm::Random => {
                let all = [net.weights.len()];
                Rc::new(self.ticket.shuffled(&all, &mut lesson.rng.stream("random")))
            }
            Arm::Whole | Arm::SameL2 | Arm::SameL1 => Rc::new(Mask::all(net.weights.len())),
        };
        let size = |weights: &[f32]| match arm {
            Arm::SameL2 => dot64(weights, weights).sqrt(),
            _ => weights.iter().map(|w| f64::from(w.abs())).sum::<f64>(),
        };
        if [Arm::SameL2, Arm::SameL1].contains(&arm) {
            let mut cut = net.weights.clone();
            self.ticket.cut(&mut cut);
            let ratio = (size(&cut) / size(&net.weights)) as f32;
            net.weights.iter_mut().for_each(|w| *w *= ratio);
        }
        let mut racer = Racer::new(net, mask, rules.decay);
        if arm == Arm::Whole && rules.decay == WHOLE_DECAY {
            // It would do again, bit by bit, what it did before.
            let steps = whole.reached.unwrap_or(self.most).min(whole.tested.len() * EVERY);
            racer.tested = whole.tested[..steps / EVERY].to_vec();
            (racer.steps, racer.reached, racer.masked) = (steps, whole.reached, None);
        }
        self.arms.push(racer);
    }

    fn step(&mut self, lesson: &Lesson, whole: &Whole, rules: Rules) -> Option<&'static str> {
        if self.arms.last().is_some_and(|racer| racer.masked.is_none())
            && let Some(next) = Arm::ALL.get(self.arms.len())
        {
            self.enter(*next, lesson, whole, rules);
        }
        let ticket = self.arms.len() == 1;
        let most = self.most;
        let racer = self.arms.last_mut()?;
        for _ in 0..EACH {
            racer.step(lesson);
            if racer.reached.is_some() || racer.steps >= most {
                racer.masked = None;
                return ticket.then_some("ticket done");
            }
        }
        None
    }

    /// Whether all are done.
    pub fn is_over(&self) -> bool {
        self.arms.len() == Arm::ALL.len() && self.arms.iter().all(|racer| racer.masked.is_none())
    }

    /// What a mask keeps of the third matrix, from hidden neurons to the inner numbers: 1 or 0, a row a neuron.
    pub fn kept_of_third(mask: &Mask) -> &[bool] {
        let before = (P + HIDDEN) * RANK;
        &mask.kept()[before..][..HIDDEN * RANK]
    }
}

/// The mean, the least and the greatest that racers had right of the unseen pairs, after every few steps of the longest: one
/// that is done stays where it was.
pub fn band(racers: &[&Racer]) -> Vec<[f64; 3]> {
    let longest = racers.iter().map(|racer| racer.tested.len()).max().unwrap_or(0);
    let at = |racer: &Racer, i: usize| racer.tested.get(i).or(racer.tested.last()).copied();
    (0..longest)
        .map(|i| {
            let shares = racers.iter().filter_map(|racer| at(racer, i)).map(f64::from);
            Mean::of(shares).spread().unwrap_or_default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn racer(tested: &[f32]) -> Racer {
        let tested = tested.to_vec();
        Racer { masked: None, train: Score::default(), steps: EVERY * tested.len(), tested, reached: None }
    }

    #[test]
    fn a_band_goes_on_to_the_end_of_the_longest() {
        let (short, long) = (racer(&[0.25, 0.75]), racer(&[0.5, 0.5, 0.875]));
        assert_eq!(band(&[&short, &long]), [[0.375, 0.25, 0.5], [0.625, 0.5, 0.75], [0.8125, 0.75, 0.875]]);
        assert_eq!(band(&[]).len(), 0);
    }

    #[test]
    fn the_third_matrix_lies_behind_both_factors_of_the_table() {
        let lesson = Lesson::new(Rng::new(1));
        let before: usize = lesson.start.shape().parts().take(2).map(|(rows, cols)| rows * cols).sum();
        assert_eq!((before, lesson.start.shape().parts().nth(2)), ((P + HIDDEN) * RANK, Some((HIDDEN, RANK))));
    }
}
