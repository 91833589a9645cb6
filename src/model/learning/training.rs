//! A training of a multilayer perceptron: batch after batch, each epoch in a new order, with momentum and a course of the
//! learning rate.
use super::{
    loss::{Loss, Score},
    mlp::Mlp,
    momentum::Momentum,
    rate::Course,
};
use crate::math::{mat::MatRef, rng::Stream};

/// What is learnt from, or asked: (n, d), one example a row, and n classes.
pub type Examples<'a> = (MatRef<'a>, &'a [u16]);

/// How a net is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Examples of a step. The last of an epoch may have fewer.
    pub batch: usize,
    /// How often each example is seen.
    pub epochs: usize,
    /// The greatest learning rate.
    pub rate: f64,
    /// How it moves from there.
    pub course: Course,
    /// How much of the speed stays at a step.
    pub momentum: f32,
    /// How fast weights shrink by themselves.
    pub decay: f32,
}

impl Recipe {
    /// Batches of 64 at the rate 0.05 with a momentum of 0.9, down half a cosine, without decay.
    pub const fn usual(epochs: usize) -> Self {
        Self { batch: 64, epochs, rate: 0.05, course: Course::Cosine, momentum: 0.9, decay: 0.0 }
    }

    /// Steps of an epoch over so many examples.
    pub fn steps(&self, examples: usize) -> usize {
        examples.div_ceil(self.batch)
    }

    /// Steps of the whole training over so many examples.
    pub fn all_steps(&self, examples: usize) -> usize {
        self.steps(examples) * self.epochs
    }
}

/// A net in training: its numbers, and where it stands.
#[derive(Clone, Debug)]
pub struct Training {
    /// Weights and biases.
    pub numbers: Vec<f32>,
    /// The gradient of the last batch, by every number.
    pub gradient: Vec<f32>,
    /// Their speeds.
    pub descent: Momentum,
    recipe: Recipe,
    /// The examples of this epoch in their order, and how many steps of the training were made.
    order: Vec<u32>,
    steps: usize,
    chance: Stream,
    batch: Batch,
}

/// The examples of a step, side by side. It is no part of the training: a copy begins without.
#[derive(Debug, Default)]
struct Batch {
    inputs: Vec<f32>,
    labels: Vec<u16>,
}

impl Clone for Batch {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Training {
    /// A training that begins at these numbers; the orders of examples come from the stream.
    pub fn new(numbers: Vec<f32>, recipe: Recipe, chance: Stream) -> Self {
        let descent = Momentum::new(numbers.len(), recipe.momentum, recipe.decay);
        let gradient = vec![0.0; numbers.len()];
        Self { numbers, gradient, descent, recipe, order: Vec::new(), steps: 0, chance, batch: Batch::default() }
    }

    /// How it is trained.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Steps that were made.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The share of the training that was made of so many examples.
    pub fn progress(&self, examples: usize) -> f64 {
        self.steps as f64 / self.recipe.all_steps(examples).max(1) as f64
    }

    /// Whether each of so many examples was seen as often as the recipe says.
    pub fn is_over(&self, examples: usize) -> bool {
        self.steps >= self.recipe.all_steps(examples)
    }

    /// The gradient of the next batch at the numbers of this training.
    pub fn learn(&mut self, net: &mut Mlp, examples: Examples, loss: Loss) -> Score {
        let numbers = std::mem::take(&mut self.numbers);
        let score = self.learn_at(&numbers, net, examples, loss);
        self.numbers = numbers;
        score
    }

    /// The gradient of the next batch at other numbers, such as those that a mask leaves.
    ///
    /// # Panics
    /// If there are no examples, or not as many numbers as in the net.
    pub fn learn_at(&mut self, numbers: &[f32], net: &mut Mlp, examples: Examples, loss: Loss) -> Score {
        self.learn_by(examples, |batch, gradient| net.learn(numbers, batch.0, batch.1, loss, gradient))
    }

    /// The gradient of the next batch as `learn` leaves it, which is given the batch.
    ///
    /// # Panics
    /// If there are no examples, or as `learn` does.
    pub fn learn_by(&mut self, examples: Examples, learn: impl FnOnce(Examples, &mut [f32]) -> Score) -> Score {
        let (inputs, labels) = examples;
        let at = self.steps % self.recipe.steps(inputs.rows) * self.recipe.batch;
        if at == 0 {
            self.order.clear();
            self.order.extend(0..inputs.rows as u32);
            self.chance.shuffle(&mut self.order);
        }
        let places = &self.order[at..(at + self.recipe.batch).min(inputs.rows)];
        self.batch.inputs.clear();
        self.batch.labels.clear();
        for place in places {
            self.batch.inputs.extend_from_slice(inputs.row(*place as usize));
            self.batch.labels.push(labels[*place as usize]);
        }
        let batch = MatRef::new(&self.batch.inputs, places.len(), inputs.cols);
        learn((batch, &self.batch.labels), &mut self.gradient)
    }

    /// The rate of the next step.
    pub fn rate(&self, examples: usize) -> f64 {
        self.recipe.rate * self.recipe.course.at(self.progress(examples))
    }

    /// A step along the gradient as it is now, for so many examples in all.
    pub fn descend(&mut self, examples: usize) {
        let rate = self.rate(examples);
        self.descent.step(&mut self.numbers, &self.gradient, rate as f32);
        self.steps += 1;
    }

    /// A step that another optimiser makes of the numbers and the gradient.
    pub fn descend_by(&mut self, step: impl FnOnce(&mut [f32], &[f32])) {
        step(&mut self.numbers, &self.gradient);
        self.steps += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    #[test]
    fn an_epoch_sees_each_example_once_and_two_clouds_are_told_apart() {
        let mut chance = Rng::new(5).stream("clouds");
        let labels: Vec<u16> = (0..50).map(|i| i % 2).collect();
        let numbers = labels.iter().flat_map(|l| {
            let centre = if *l == 0 { -1.0 } else { 1.0 };
            [centre + 0.3 * chance.normal() as f32, 0.3 * chance.normal() as f32]
        });
        let inputs = Mat::new(numbers.collect(), 50, 2);
        let examples = (inputs.as_ref(), &labels[..]);
        let mut net = Mlp::new(&[2, 8, 2]);
        let start = net.draw(&mut chance);
        let recipe = Recipe { batch: 16, ..Recipe::usual(10) };
        let mut training = Training::new(start, recipe, chance);
        let mut seen = 0;
        for _ in 0..recipe.steps(50) {
            training.learn(&mut net, examples, Loss::CrossEntropy);
            seen += training.batch.labels.len();
            training.descend(50);
        }
        let mut order = training.order.clone();
        order.sort_unstable();
        assert_eq!((seen, order), (50, (0..50).collect()));
        while !training.is_over(50) {
            training.learn(&mut net, examples, Loss::CrossEntropy);
            training.descend(50);
        }
        assert_eq!(training.steps(), 40);
        assert_eq!(net.grade(&training.numbers, inputs.as_ref(), &labels, Loss::CrossEntropy).right, 50);
    }
}
