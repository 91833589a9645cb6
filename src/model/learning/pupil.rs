//! A residual net that learns by Adam and whose neurons are watched: how many are active, how often each is, and for which examples
//! (Li et al. 2023, *The lazy neuron phenomenon*).
use super::{
    adam::{Adam, Settings},
    residual_net::ResidualNet,
    training::{Examples, Recipe, Training},
};
use crate::math::rng::Stream;

/// What there is to see of a net: what it has right, and of the neurons of each block which share is active, how often each is, the busiest
/// first, and how active some are for some examples.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The share of the examples.
    pub right: f64,
    /// Of the neurons, in the mean over examples.
    pub active: Vec<f64>,
    /// Shares of the examples.
    pub rates: Vec<Vec<f32>>,
    /// An example a row.
    pub raster: Vec<Vec<f32>>,
}

/// How much of it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Lens {
    /// Examples and neurons of the raster.
    pub raster: (usize, usize),
    /// Neurons of which a rate is told.
    pub rates: usize,
}

/// A net and how its training goes.
#[derive(Clone, Debug)]
pub struct Pupil {
    /// Its layers.
    pub net: ResidualNet,
    /// The loss on its last batch.
    pub loss: f64,
    /// Whenever it was watched: how far its training was, and the share of the neurons of each block that were active.
    pub course: Vec<Vec<f32>>,
    /// How often neurons of each block were active when it was watched first.
    pub first: Vec<Vec<f32>>,
    training: Training,
    adam: Adam,
}

impl Pupil {
    /// One that begins at these numbers; orders of examples come from the stream.
    pub fn new(net: ResidualNet, numbers: Vec<f32>, rate: f64, chance: Stream) -> Self {
        let adam = Adam::new(numbers.len(), Settings { squares: 0.98, ..Settings::new(rate as f32, 0.0) });
        let training = Training::new(numbers, Recipe::usual(0), chance);
        Self { net, loss: 0.0, course: Vec::new(), first: Vec::new(), training, adam }
    }

    /// Batches that it has learnt from.
    pub fn steps(&self) -> usize {
        self.training.steps()
    }

    /// Examples of a batch.
    pub fn batch(&self) -> usize {
        self.training.recipe().batch
    }

    /// Learns from the next batch of examples.
    pub fn learn(&mut self, examples: Examples) {
        let Self { net, training, .. } = self;
        let numbers = std::mem::take(&mut training.numbers);
        let score = training.learn_by(examples, |batch, gradient| net.learn(&numbers, batch, gradient));
        training.numbers = numbers;
        self.descend(score.loss);
    }

    /// Learns from a batch that never comes again.
    pub fn learn_once(&mut self, batch: Examples) {
        let Training { numbers, gradient, .. } = &mut self.training;
        let score = self.net.learn(numbers, batch, gradient);
        self.descend(score.loss);
    }

    fn descend(&mut self, loss: f64) {
        let Self { training, adam, .. } = self;
        training.descend_by(|numbers, gradient| adam.step(numbers, gradient));
        self.loss = loss;
    }

    /// Asks it, of whose neurons so many may be active, and looks at them.
    pub fn look(&mut self, examples: Examples, most: usize, lens: Lens) -> Look {
        let kept = self.net.kept;
        self.net.kept = kept.min(most);
        let right = self.right(examples);
        self.net.kept = kept;
        let net = &self.net;
        let blocks = 0..net.blocks();
        let raster = |block: usize| {
            let rows = net.active(block).chunks_exact(net.hidden()).take(lens.raster.0);
            rows.flat_map(|row| (0..lens.raster.1).map(|neuron| row.get(neuron).copied().unwrap_or(0.0))).collect()
        };
        Look {
            right,
            active: blocks.clone().map(|block| net.density(block)).collect(),
            rates: blocks.clone().map(|block| net.rates(block, lens.rates)).collect(),
            raster: blocks.map(raster).collect(),
        }
    }

    /// Looks at it as it is, so far through its training, and writes that down.
    pub fn watch(&mut self, examples: Examples, progress: f64, lens: Lens) -> Look {
        let look = self.look(examples, usize::MAX, lens);
        if self.course.is_empty() {
            self.first.clone_from(&look.rates);
        }
        self.course.push([progress].iter().chain(&look.active).map(|x| *x as f32).collect());
        look
    }

    /// The share of examples that it has right.
    pub fn right(&mut self, examples: Examples) -> f64 {
        self.net.grade(&self.training.numbers, examples).right as f64 / examples.1.len().max(1) as f64
    }

    /// The share of the neurons of a block that are active for some examples.
    pub fn density(&mut self, examples: Examples, block: usize) -> f64 {
        self.net.outputs(&self.training.numbers, examples.0);
        self.net.density(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::toy};

    #[test]
    fn it_learns_and_few_may_be_active_when_it_is_asked() {
        let rng = Rng::new(4);
        let mut chance = rng.stream("inputs");
        let (inputs, labels) = toy::examples((80, 8), &mut chance, |row| row[0] + row[1] > 0.0);
        let examples = (inputs.as_ref(), &labels[..]);
        let net = ResidualNet::new(8, 8, (2, 24), 2);
        let numbers = net.draw(&mut rng.stream("weights"));
        let mut pupil = Pupil::new(net, numbers, 0.01, rng.stream("order"));
        let lens = Lens { raster: (5, 30), rates: 10 };
        let before = pupil.watch(examples, 0.0, lens);
        (0..40).for_each(|_| pupil.learn(examples));
        pupil.learn_once(examples);
        let after = pupil.watch(examples, 1.0, lens);
        assert!(after.right > 0.9 && after.right > before.right, "{} {}", before.right, after.right);
        assert_eq!((pupil.steps(), pupil.course.len(), &pupil.first), (41, 2, &before.rates));
        assert_eq!((after.raster[1].len(), after.rates[1].len()), (150, 10));
        let few = pupil.look(examples, 3, lens);
        assert!(few.active.iter().all(|active| *active <= 0.125 + 1e-9), "{:?}", few.active);
        assert!((pupil.density(examples, 1) - after.active[1]).abs() < 1e-12);
    }
}
