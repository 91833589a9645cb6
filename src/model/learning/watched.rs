//! A net that learns to add, and the digits of its softmax: margins against the horizons of floating point, samples that have lost
//! their pull, and how far the way down only makes weights longer (Prieto, Barsbey, Mediano and Birdal 2025, *Grokking at the edge
//! of numerical stability*).
use super::{
    adam::Adam,
    loss::{Loss, Score},
    margins::Margins,
    modular::{Pair, Task},
    optimiser,
    pair_net::PairNet,
    precision::Precision,
};
use crate::math::kernels::dot64;
use std::rc::Rc;

/// A step was too long that made the loss so many times what it was.
const TOO_LONG: f64 = 30.0;

/// What was found when the net was asked everything.
#[derive(Debug)]
pub struct Found {
    /// The share of unseen questions that is right.
    pub test: f64,
    /// Of the questions that are trained on.
    pub margins: Margins,
    /// Whether the gradient at the right answer of each is exactly 0.
    pub still: Vec<bool>,
}

/// A step that was too long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jump {
    /// After which step.
    pub step: usize,
    /// The loss before it.
    pub from: f64,
    /// The greatest loss since.
    pub most: f64,
}

/// A net in training.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What it learns.
    pub task: Rc<Task>,
    /// Answers to what is trained on and to the rest.
    labels: Rc<[Vec<u16>; 2]>,
    net: PairNet,
    /// How it follows the gradient.
    pub adam: Adam,
    loss: Loss,
    /// What it has right of what it is trained on, and what that costs.
    pub train: Score,
    /// The cosine of the way down with the weights.
    pub along: f64,
    /// What was found when it was last asked everything.
    pub found: Rc<Found>,
    /// The margins beyond which a rival is lost, of each precision.
    pub horizons: [f64; 3],
    /// When half of all margins were beyond each.
    pub beyond: [Option<usize>; 3],
    /// When one step first made the loss many times what it was.
    pub jump: Option<Jump>,
}

impl Watched {
    /// Before training.
    pub fn new(task: Task, net: PairNet, adam: Adam, loss: Loss) -> Self {
        let labels = [&task.train, &task.test].map(|pairs| pairs.iter().map(|pair| pair.answer).collect());
        let mut watched = Self {
            task: Rc::new(task),
            labels: Rc::new(labels),
            net,
            adam,
            loss,
            train: Score::default(),
            along: 0.0,
            found: Rc::new(Found { test: 0.0, margins: Margins::default(), still: Vec::new() }),
            horizons: Precision::ALL.map(Precision::horizon),
            beyond: [None; 3],
            jump: None,
        };
        watched.descend();
        watched.look(0);
        watched
    }

    /// The loss.
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// From now on it minds another loss.
    pub fn mind(&mut self, loss: Loss) {
        if loss != self.loss {
            self.loss = loss;
            self.descend();
        }
    }

    /// One step of training, by the whole gradient or by what of it does not point along the weights.
    pub fn step(&mut self, across: bool) {
        if !self.net.is_graded() {
            self.descend();
        }
        let parts = self.net.shape().parts();
        let (weights, gradient) = self.net.descent();
        if across {
            optimiser::across(parts, weights, gradient);
        }
        self.adam.step(weights, gradient);
        self.descend();
    }

    /// The score of what it is trained on, of the same weights as all else that a step reports, and which way is down for the next.
    fn descend(&mut self) {
        self.train = self.net.grade(&self.task.train, &self.labels[0], self.loss);
        let (weights, gradient) = self.net.descent();
        let sizes = dot64(weights, weights) * dot64(gradient, gradient);
        self.along = if sizes > 0.0 { -dot64(weights, gradient) / sizes.sqrt() } else { 0.0 };
    }

    /// Asks the net everything after so many steps.
    pub fn look(&mut self, step: usize) {
        let classes = self.task.p;
        let mut ask = |pairs: &[Pair]| {
            let mut outputs = vec![0.0; pairs.len() * classes];
            self.net.answer(pairs, &mut outputs);
            outputs
        };
        let [trained, unseen] = &*self.labels;
        let (mut outputs, mut others) = (ask(&self.task.train), ask(&self.task.test));
        let margins = Margins::of(&outputs, trained, classes);
        self.loss.grade(&mut outputs, trained, classes);
        let rows = outputs.chunks_exact(classes).zip(trained);
        let still = rows.map(|(row, label)| row[usize::from(*label)] == 0.0).collect();
        let right = self.loss.grade(&mut others, unseen, classes).right;
        self.found = Rc::new(Found { test: right as f64 / unseen.len().max(1) as f64, margins, still });
        for (when, horizon) in self.beyond.iter_mut().zip(self.horizons) {
            *when = when.or((self.found.margins.beyond(horizon) >= 0.5).then_some(step));
        }
    }

    /// Whether the step that is over, of this number, was the first that was too long, where that `counts`; `before` is the loss
    /// before it. After such a step the greatest loss is kept.
    pub fn follow(&mut self, step: usize, before: f64, counts: bool) -> bool {
        let now = self.train.loss;
        if let Some(jump) = &mut self.jump {
            jump.most = jump.most.max(now);
            return false;
        }
        let is_long = counts && before > 0.0 && now > TOO_LONG * before;
        if is_long {
            self.jump = Some(Jump { step, from: before, most: now });
        }
        is_long
    }

    /// The share of what it is trained on that is right.
    pub fn trained(&self) -> f64 {
        self.train.right as f64 / self.task.train.len() as f64
    }

    /// The share of it that has lost its pull.
    pub fn still(&self) -> f64 {
        self.train.still as f64 / self.task.train.len() as f64
    }

    /// The root of the sum of squares of the weights.
    pub fn norm(&self) -> f64 {
        dot64(&self.net.weights, &self.net.weights).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::learning::{
            adam::Settings,
            modular::Operation,
            pair_net::{Activation, Shape},
        },
    };

    fn watched(loss: Loss) -> Watched {
        let rng = Rng::new(1);
        let task = Task::new(Operation::Add, 11, 0.5, &mut rng.stream("split"));
        let shape = Shape { p: 11, hidden: 24, activation: Activation::Square, tables: 1, rank: None };
        let net = PairNet::new(shape, 1.0, &mut rng.stream("weights")).with_gain(32.0);
        let adam = Adam::new(net.weights.len(), Settings { squares: 0.98, small: 1e-20, ..Settings::new(0.02, 0.0) });
        Watched::new(task, net, adam, loss)
    }

    #[test]
    fn what_is_found_is_what_the_outputs_say_and_digits_run_out_from_few_to_many() {
        let mut net = watched(Loss::Rounded(Precision::Half));
        for step in 1..=300 {
            net.step(false);
            net.look(step);
        }
        let still = net.found.still.iter().filter(|still| **still).count();
        assert_eq!(still, net.train.still);
        assert!(net.trained() >= 1.0 && net.still() > 0.9, "{} {}", net.trained(), net.still());
        let [half, single, double] = net.beyond;
        assert!(
            half.is_some() && single.is_none_or(|single| Some(single) > half) && double.is_none(),
            "{:?}",
            net.beyond
        );
        let size = net.norm();
        assert!((size * size - dot64(&net.net.weights, &net.net.weights)).abs() < 1e-9 * size * size);
    }

    #[test]
    fn the_way_down_is_a_cosine_and_across_the_weights_they_grow_less() {
        let [mut whole, mut across] = [(); 2].map(|()| watched(Loss::CrossEntropy));
        let start = whole.norm();
        for _ in 0..100 {
            whole.step(false);
            across.step(true);
            assert!(whole.along.abs() <= 1.0 && across.along.abs() <= 1.0);
        }
        let grown = [&whole, &across].map(|net| net.norm() / start);
        assert!(grown[0] > grown[1], "{grown:?}");
        // A copy knows no gradient, and finds it again.
        let mut copy = whole.clone();
        copy.step(false);
        whole.step(false);
        assert_eq!((copy.train, copy.along.to_bits()), (whole.train, whole.along.to_bits()));
    }

    #[test]
    fn a_step_is_too_long_once_and_its_greatest_loss_is_kept() {
        let mut net = watched(Loss::CrossEntropy);
        net.train.loss = 1.0;
        assert!(!net.follow(1, 0.0, true) && !net.follow(1, 0.5, true) && !net.follow(2, 0.01, false));
        assert!(net.follow(2, 0.01, true));
        for loss in [3.0, 2.0] {
            net.train.loss = loss;
            assert!(!net.follow(3, 0.001, true));
        }
        assert_eq!(net.jump, Some(Jump { step: 2, from: 0.01, most: 3.0 }));
    }
}
