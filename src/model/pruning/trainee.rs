//! A net that is trained under a mask and asked what it has not seen.
use super::{mask::Mask, sparse_net::SparseNet};
use crate::{
    math::rng::{Rng, Stream},
    model::learning::{
        loss::Loss,
        mlp::Mlp,
        training::{Examples, Recipe, Training},
    },
};
use std::{mem, rc::Rc};

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
    /// A mask, and the net under it where that is sparse enough.
    sparse: Option<(Rc<Mask>, Option<SparseNet>)>,
}

impl Trainee {
    /// A net of these widths with nothing to learn yet.
    pub fn new(widths: &[usize], chance: Stream) -> Self {
        let net = Mlp::new(widths);
        let mask = Rc::new(Mask::full(&net));
        let training = Training::new(Vec::new(), Recipe::usual(0), chance);
        Self { net, mask, training, accuracy: 0.0, loss: 0.0, sparse: None }
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

    /// Begins the training of the whole net, from the weights and in the order that the chance of a run gives.
    pub fn begin_whole(&mut self, recipe: Recipe, chance: &Rng) {
        let drawn = self.net.draw(&mut chance.stream("weights"));
        let full = Rc::new(Mask::full(&self.net));
        self.begin(drawn, full, recipe, chance.stream("order"));
    }

    /// Learns from at most so many batches, and says whether the training is over.
    pub fn learn(&mut self, examples: Examples, batches: usize) -> bool {
        self.meet();
        let Self { net, mask, training, loss, sparse, .. } = self;
        let mut sparse = under(sparse, mask, &training.numbers);
        let count = examples.1.len();
        for _ in 0..batches {
            if training.is_over(count) {
                break;
            }
            let score = match &mut sparse {
                Some(sparse) => sparse.step(training, examples),
                None => mask.step(training, net, examples),
            };
            *loss = score.loss;
        }
        training.is_over(count)
    }

    /// Learns from at most so many batches of `train`, asks `test`, and says whether the training is over.
    pub fn work(&mut self, train: Examples, test: Examples, batches: usize) -> bool {
        let over = self.learn(train, batches);
        self.ask(test);
        over
    }

    /// The same, but asks only where an epoch is over.
    pub fn work_by_epochs(&mut self, train: Examples, test: Examples, batches: usize) -> bool {
        let epoch = self.training.recipe().steps(train.1.len()).max(1);
        let epochs = self.training.steps() / epoch;
        let over = self.learn(train, batches);
        if over || self.training.steps() / epoch > epochs {
            self.ask(test);
        }
        over
    }

    /// The share that was right when it was last asked, the loss on the last batch, and the density.
    pub fn report(&self) -> [f64; 3] {
        [self.accuracy, self.loss, self.mask.density(&self.net)]
    }

    /// Asks it, and keeps the share that is right.
    pub fn ask(&mut self, examples: Examples) -> f64 {
        let numbers = mem::take(&mut self.training.numbers);
        let right = self.ask_as(&numbers, examples);
        self.training.numbers = numbers;
        right
    }

    /// The same with other numbers than those in training.
    pub fn ask_as(&mut self, numbers: &[f32], examples: Examples) -> f64 {
        self.meet();
        let score = match under(&mut self.sparse, &self.mask, numbers) {
            Some(sparse) => sparse.grade(numbers, examples, Loss::CrossEntropy),
            None => self.net.grade(numbers, examples.0, examples.1, Loss::CrossEntropy),
        };
        self.accuracy = score.right as f64 / examples.1.len().max(1) as f64;
        self.accuracy
    }

    /// Makes the sparse net anew where the mask is another one. While it holds a mask, whoever changes that gets a copy.
    fn meet(&mut self) {
        if self.sparse.as_ref().is_none_or(|(mask, _)| !Rc::ptr_eq(mask, &self.mask)) {
            self.sparse = Some((Rc::clone(&self.mask), SparseNet::new(&self.net, &self.mask)));
        }
    }
}

/// The sparse net, if there is one and numbers are 0 where nothing is.
fn under<'a>(
    sparse: &'a mut Option<(Rc<Mask>, Option<SparseNet>)>,
    mask: &Mask,
    numbers: &[f32],
) -> Option<&'a mut SparseNet> {
    sparse.as_mut().and_then(|(_, sparse)| sparse.as_mut()).filter(|_| mask.leaves(numbers))
}
