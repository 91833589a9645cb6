//! A net that is trained under a mask and asked what it has not seen.
use super::mask::Mask;
use crate::{
    math::rng::Stream,
    model::learning::{
        loss::{Loss, Score},
        mlp::Mlp,
        training::{Examples, Recipe, Training},
    },
};
use std::rc::Rc;

/// A net, its mask, and how far its training has come.
#[derive(Clone, Debug)]
pub struct Trainee {
    /// Its layers.
    pub net: Mlp,
    /// Which of its weights are there.
    pub mask: Rc<Mask>,
    /// Its numbers and how they move.
    pub training: Training,
    /// The share that was right when it was last asked.
    pub accuracy: f64,
    /// The loss on its last batch.
    pub loss: f64,
}

impl Trainee {
    /// A net of these widths with nothing to learn yet.
    pub fn new(widths: &[usize], chance: Stream) -> Self {
        let net = Mlp::new(widths);
        let mask = Rc::new(Mask::full(&net));
        Self { training: Training::new(Vec::new(), Recipe::usual(0), chance), net, mask, accuracy: 0.0, loss: 0.0 }
    }

    /// Begins a training at these numbers under a mask.
    ///
    /// # Panics
    /// If the numbers are not as many as the net has.
    pub fn begin(&mut self, numbers: Vec<f32>, mask: Rc<Mask>, recipe: Recipe, chance: Stream) {
        self.training = Training::new(numbers, recipe, chance);
        mask.prune(&mut self.training);
        self.mask = mask;
    }

    /// Learns from at most so many batches, and says whether the training is over.
    pub fn learn(&mut self, examples: Examples, batches: usize) -> bool {
        let count = examples.1.len();
        for _ in 0..batches {
            if self.training.is_over(count) {
                break;
            }
            self.loss = self.mask.step(&mut self.training, &mut self.net, examples).loss;
        }
        self.training.is_over(count)
    }

    /// Learns from at most so many batches of `train`, asks `test`, and says whether the training is over.
    pub fn work(&mut self, train: Examples, test: Examples, batches: usize) -> bool {
        let over = self.learn(train, batches);
        self.ask(test);
        over
    }

    /// The share that was right when it was last asked, the loss on the last batch, and the density.
    pub fn report(&self) -> [f64; 3] {
        [self.accuracy, self.loss, self.mask.density(&self.net)]
    }

    /// Asks it, and keeps the share that is right.
    pub fn ask(&mut self, examples: Examples) -> f64 {
        let score = self.net.grade(&self.training.numbers, examples.0, examples.1, Loss::CrossEntropy);
        self.keep(score, examples)
    }

    /// The same with other numbers than those in training.
    pub fn ask_as(&mut self, numbers: &[f32], examples: Examples) -> f64 {
        let score = self.net.grade(numbers, examples.0, examples.1, Loss::CrossEntropy);
        self.keep(score, examples)
    }

    fn keep(&mut self, score: Score, examples: Examples) -> f64 {
        self.accuracy = score.right as f64 / examples.1.len().max(1) as f64;
        self.accuracy
    }
}
