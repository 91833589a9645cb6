//! A net on its way to N:M, and what became of it in each epoch: what its mask is worth, how often places change sides, and how noisy
//! the gradient by cut weights is.
use super::{
    flow::{Flow, Phases, leaking},
    group::Pattern,
    mask::Mask,
    trainee::Trainee,
};
use crate::{
    math::rng::Rng,
    model::learning::{
        mlp::Layer,
        training::{Examples, Recipe},
    },
};
use std::rc::Rc;

/// What became of a net in one epoch.
#[derive(Clone, Copy, Debug)]
pub struct Epoch {
    /// The share that it has right with its mask cut hard.
    pub right: f64,
    /// The share of all places of the mask that changed sides in a step.
    pub flips: f64,
    /// How much the gradient by cut weights differs from batch to batch, as a variance.
    pub noise: f64,
}

/// The net.
#[derive(Clone, Debug)]
pub struct Grouped {
    /// As it is trained.
    pub trainee: Trainee,
    /// What became of it.
    pub epochs: Vec<Epoch>,
    /// Sums of the gradients of this epoch and of their squares, and places that changed sides.
    sums: Vec<[f32; 2]>,
    flips: usize,
}

impl Grouped {
    /// A net with nothing to learn yet.
    pub fn new(trainee: Trainee) -> Self {
        Self { trainee, epochs: Vec::new(), sums: Vec::new(), flips: 0 }
    }

    /// Begins a training by the chance of a run.
    pub fn begin(&mut self, recipe: Recipe, chance: &Rng) {
        self.trainee.begin_whole(recipe, chance);
        self.sums = vec![[0.0; 2]; self.trainee.net.numbers()];
        self.flips = 0;
        self.epochs.clear();
    }

    /// What it had right after the last epoch; 0 before.
    pub fn right(&self) -> f64 {
        self.epochs.last().map_or(0.0, |epoch| epoch.right)
    }

    /// One descent, and what became of the net where an epoch is over.
    pub fn descend(&mut self, pattern: Pattern, flow: Flow, phases: Phases, (train, test): (Examples, Examples)) {
        let Trainee { net, mask, training, loss, .. } = &mut self.trainee;
        let now = flow.at(training.progress(train.1.len()), phases, pattern);
        let (changed, lost) = flow.step(now, pattern, net, Rc::make_mut(mask), training, train);
        // The first mask is new as a whole.
        self.flips += if training.steps() > 1 { changed } else { 0 };
        *loss = lost;
        for (sums, g) in self.sums.iter_mut().zip(&training.gradient) {
            *sums = [sums[0] + g, sums[1] + g * g];
        }
        let batches = training.recipe().steps(train.1.len());
        if training.steps().is_multiple_of(batches) {
            self.look(pattern, batches as f32, test);
        }
    }

    /// Asks the net under the mask that it would have now, where this much of what is cut leaks through.
    pub fn ask(&mut self, pattern: Pattern, leak: f64, test: Examples) -> f64 {
        let numbers = leaking(&self.trainee.training.numbers, &self.cut(pattern), leak as f32);
        self.trainee.ask_as(&numbers, test)
    }

    fn cut(&self, pattern: Pattern) -> Mask {
        let mut mask = Mask::full(&self.trainee.net);
        pattern.project(&self.trainee.net, &self.trainee.training.numbers, &mut mask);
        mask
    }

    /// Writes down an epoch of so many batches, and begins the next.
    fn look(&mut self, pattern: Pattern, batches: f32, test: Examples) {
        let right = self.ask(pattern, 0.0, test) as f32;
        let mask = self.cut(pattern);
        let (mut noise, mut places, mut count) = (0.0, 0.0, 0.0);
        for place in pattern.layers(&self.trainee.net).flat_map(Layer::weights) {
            places += 1.0;
            if !mask.keeps(place) {
                let [sum, squares] = self.sums[place].map(|sum| sum / batches);
                noise += (squares - sum * sum).max(0.0);
                count += 1.0;
            }
        }
        let per = |sum: f32, of: f32| f64::from(if of > 0.0 { sum / of } else { 0.0 });
        let flips = per(self.flips as f32, places * batches);
        self.epochs.push(Epoch { right: right.into(), flips, noise: per(noise, count) });
        self.sums.fill([0.0; 2]);
        self.flips = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::toy;

    #[test]
    fn an_epoch_is_asked_with_its_mask_cut_hard_and_a_leak_of_all_is_the_whole_net() {
        let rng = Rng::new(7);
        let mut chance = rng.stream("examples");
        let (inputs, labels) = toy::examples((80, 4), &mut chance, |row| row[0] > 0.0);
        let train = (inputs.as_ref(), &labels[..]);
        let pattern = Pattern { kept: 2, group: 4 };
        let mut net = Grouped::new(Trainee::new(&[4, 8, 8, 2], rng.stream("none")));
        net.begin(Recipe::usual(40), &rng);
        while !net.trainee.training.is_over(80) {
            net.descend(pattern, Flow::StraightThrough, Phases { from: 0.0, to: 0.5 }, (train, train));
        }
        assert_eq!((net.epochs.len(), net.right() as f32), (40, net.ask(pattern, 0.0, train) as f32));
        assert!(net.right() > 0.8, "{:?}", net.epochs);
        assert!(net.epochs.iter().all(|epoch| epoch.noise >= 0.0 && (0.0..0.5).contains(&epoch.flips)));
        assert!(net.epochs[0].noise > 0.0, "{:?}", net.epochs[0]);
        let numbers = net.trainee.training.numbers.clone();
        assert_eq!(net.ask(pattern, 1.0, train).to_bits(), net.trainee.ask_as(&numbers, train).to_bits());
    }
}
