//! Masks: which numbers of a net are there. In a perceptron biases always are.
use super::select;
use crate::{
    math::rng::Stream,
    model::learning::{
        loss::{Loss, Score},
        mlp::{Layer, Mlp},
        training::{Examples, Training},
    },
};

/// For each number of a net, whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    kept: Vec<bool>,
}

impl Mask {
    /// All of so many numbers.
    pub fn all(numbers: usize) -> Self {
        Self { kept: vec![true; numbers] }
    }

    /// All of the net.
    pub fn full(net: &Mlp) -> Self {
        Self::all(net.numbers())
    }

    /// A share of the numbers of a net without biases, the largest of all of them together; of equals the first.
    pub fn largest(numbers: &[f32], share: f64) -> Self {
        let sizes: Vec<f32> = numbers.iter().map(|w| w.abs()).collect();
        let count = (share * numbers.len() as f64 + 0.5) as usize;
        let mut kept = vec![false; numbers.len()];
        select::best(&sizes, (0..numbers.len()).collect(), count).into_iter().for_each(|place| kept[place] = true);
        Self { kept }
    }

    /// As many numbers of each part as here, anywhere in it; a part is given by how many numbers it has.
    #[must_use]
    pub fn shuffled(&self, parts: &[usize], chance: &mut Stream) -> Self {
        let mut kept = self.kept.clone();
        let mut rest = &mut kept[..];
        for count in parts {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(*count);
            chance.shuffle(part);
            rest = after;
        }
        Self { kept }
    }

    /// Of the weights only these, and all biases.
    ///
    /// # Panics
    /// If a place is outside of the net.
    pub fn of(net: &Mlp, places: impl IntoIterator<Item = usize>) -> Self {
        let mut mask = Self::full(net);
        net.layers().iter().for_each(|layer| mask.kept[layer.weights()].fill(false));
        places.into_iter().for_each(|place| mask.kept[place] = true);
        mask
    }

    /// The numbers that are there in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self { kept: self.kept.iter().zip(&other.kept).map(|(a, b)| *a && *b).collect() }
    }

    /// Whether the number at that place is there.
    pub fn keeps(&self, place: usize) -> bool {
        self.kept[place]
    }

    /// Takes a weight away, or gives it back.
    pub fn set(&mut self, place: usize, kept: bool) {
        self.kept[place] = kept;
    }

    /// For each number, whether it is there.
    pub fn kept(&self) -> &[bool] {
        &self.kept
    }

    /// The share of all numbers that are there.
    pub fn share(&self) -> f64 {
        self.kept.iter().filter(|kept| **kept).count() as f64 / self.kept.len().max(1) as f64
    }

    /// Of the numbers that are there, the share that is also there in another mask. Of two masks by chance: the other's share.
    pub fn share_in(&self, other: &Self) -> f64 {
        let both = self.kept.iter().zip(&other.kept).filter(|(a, b)| **a && **b).count();
        both as f64 / self.kept.iter().filter(|kept| **kept).count().max(1) as f64
    }

    /// For each number, whether it is there.
    pub(super) fn kept_mut(&mut self) -> &mut [bool] {
        &mut self.kept
    }

    /// Places of the weights that are there, layer after layer.
    pub fn places<'a>(&'a self, net: &'a Mlp) -> impl Iterator<Item = usize> + 'a {
        net.layers().iter().flat_map(Layer::weights).filter(|place| self.kept[*place])
    }

    /// How many weights of a layer are there.
    pub fn count(&self, layer: &Layer) -> usize {
        self.kept[layer.weights()].iter().map(|kept| usize::from(*kept)).sum()
    }

    /// The share of the weights of a layer that is there.
    pub fn share_of(&self, layer: &Layer) -> f64 {
        self.count(layer) as f64 / layer.weights().len() as f64
    }

    /// Adds to each input of a layer how many of its weights are there.
    ///
    /// # Panics
    /// If there is not one number for each input.
    pub fn count_inputs(&self, layer: &Layer, uses: &mut [f32]) {
        assert_eq!(uses.len(), layer.inputs, "inputs of the layer");
        for row in self.kept[layer.weights()].chunks_exact(layer.inputs) {
            uses.iter_mut().zip(row).for_each(|(uses, kept)| *uses += f32::from(u8::from(*kept)));
        }
    }

    /// How dense each part of a layer is, as shares in a square of so many parts a side: units down, inputs across.
    pub fn densities(&self, layer: &Layer, side: usize) -> Vec<f32> {
        // A part has one row and one column at least, so that a small layer fills the square too.
        let part = |i: usize, of: usize| i * of / side..((i + 1) * of / side).max(i * of / side + 1);
        let share = |i: usize| {
            let (units, inputs) = (part(i / side, layer.units), part(i % side, layer.inputs));
            let there = units.clone().map(|unit| {
                let row = &self.kept[layer.row(unit)];
                row[inputs.clone()].iter().filter(|kept| **kept).count()
            });
            there.sum::<usize>() as f32 / (units.len() * inputs.len()) as f32
        };
        (0..side * side).map(share).collect()
    }

    /// How many weights of each layer are there.
    pub fn counts(&self, net: &Mlp) -> Vec<usize> {
        net.layers().iter().map(|layer| self.count(layer)).collect()
    }

    /// The share of all weights that are there.
    pub fn density(&self, net: &Mlp) -> f64 {
        self.counts(net).iter().sum::<usize>() as f64 / net.weights().max(1) as f64
    }

    /// How many weights are there in both.
    pub fn shared(&self, other: &Self, net: &Mlp) -> usize {
        net.layers().iter().map(|layer| self.shared_in(other, layer)).sum()
    }

    /// How many weights of a layer are there in both.
    pub fn shared_in(&self, other: &Self, layer: &Layer) -> usize {
        let both = |(a, b): (&bool, &bool)| usize::from(*a && *b);
        self.kept[layer.weights()].iter().zip(&other.kept[layer.weights()]).map(both).sum()
    }

    /// Puts 0 wherever nothing is there.
    ///
    /// # Panics
    /// If there are not as many numbers as in the mask.
    pub fn cut(&self, numbers: &mut [f32]) {
        assert_eq!(numbers.len(), self.kept.len(), "numbers under a mask");
        numbers.iter_mut().zip(&self.kept).for_each(|(x, kept)| *x = if *kept { *x } else { 0.0 });
    }

    /// Whether numbers are 0 already wherever nothing is there.
    pub fn leaves(&self, numbers: &[f32]) -> bool {
        numbers.iter().zip(&self.kept).all(|(x, kept)| *kept || *x == 0.0)
    }

    /// Cuts the weights of a training and their speeds: a weight that comes back must not come back rolling.
    pub fn prune(&self, training: &mut Training) {
        self.cut(&mut training.numbers);
        self.cut(&mut training.descent.speeds);
    }

    /// One step of a training in which what is not there stays so.
    pub fn step(&self, training: &mut Training, net: &mut Mlp, examples: Examples) -> Score {
        let score = training.learn(net, examples, Loss::CrossEntropy);
        self.cut(&mut training.gradient);
        training.descend(examples.0.rows);
        score
    }

    /// One epoch of such steps.
    pub fn epoch(&self, training: &mut Training, net: &mut Mlp, examples: Examples) {
        for _ in 0..training.recipe().steps(examples.0.rows) {
            self.step(training, net, examples);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::learning::training::Recipe,
    };

    #[test]
    fn the_largest_stay_and_a_shuffle_keeps_the_counts_of_parts() {
        let mask = Mask::largest(&[3.0, -4.0, 0.0, 1.0, -1.0, 2.0], 0.5);
        assert_eq!(mask.kept(), [true, true, false, false, false, true]);
        let all = Mask::all(6);
        assert_eq!((mask.share(), mask.share_in(&all), all.share_in(&mask)), (0.5, 1.0, 0.5));
        let mut numbers = vec![5.0; 6];
        mask.cut(&mut numbers);
        assert_eq!(numbers, [5., 5., 0., 0., 0., 5.]);
        let other = mask.shuffled(&[2, 4], &mut Rng::new(1).stream("shuffle"));
        assert_eq!(other.kept()[..2], [true, true]);
        assert_eq!(other.kept()[2..].iter().filter(|kept| **kept).count(), 1);
    }

    #[test]
    fn a_mask_counts_shares_and_keeps_biases() {
        let net = Mlp::new(&[3, 2, 2]);
        let some = Mask::of(&net, [0, 5, 8]);
        let other = Mask::of(&net, [5, 9]);
        assert_eq!((some.counts(&net), some.shared(&other, &net)), (vec![2, 1], 1));
        assert!((some.density(&net) - 0.3).abs() < 1e-12);
        let mut numbers = vec![1.0; net.numbers()];
        some.cut(&mut numbers);
        assert_eq!(numbers, [1., 0., 0., 0., 0., 1., 1., 1., 1., 0., 0., 0., 1., 1.]);
        assert_eq!(some.places(&net).collect::<Vec<_>>(), [0, 5, 8]);
    }

    #[test]
    fn parts_of_a_layer_have_a_density_each() {
        let net = Mlp::new(&[4, 2]);
        let mask = Mask::of(&net, [0, 1, 2, 7]);
        assert_eq!(mask.densities(&net.layers()[0], 2), [1.0, 0.5, 0.0, 0.5]);
        assert_eq!(mask.densities(&net.layers()[0], 4)[..8], [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn what_is_pruned_stays_away_through_momentum_and_decay() {
        let mut net = Mlp::new(&[4, 6, 2]);
        let mut chance = Rng::new(1).stream("net");
        let inputs = Mat::new((0..40).map(|_| chance.normal() as f32).collect(), 10, 4);
        let labels: Vec<u16> = (0..10).map(|i| i % 2).collect();
        let examples = (inputs.as_ref(), &labels[..]);
        let recipe = Recipe { batch: 4, decay: 0.1, ..Recipe::usual(10) };
        let mut training = Training::new(net.draw(&mut chance), recipe, chance);
        let full = Mask::full(&net);
        full.epoch(&mut training, &mut net, examples);
        let mask = Mask::of(&net, (0..net.numbers()).step_by(2).filter(|place| *place < 24));
        mask.prune(&mut training);
        mask.epoch(&mut training, &mut net, examples);
        let moved = training.numbers.clone();
        let mut cut = moved.clone();
        mask.cut(&mut cut);
        assert_eq!(moved, cut);
        assert!(training.numbers[0] != 0.0);
    }
}
