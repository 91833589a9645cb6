//! A net that began with other weights and is trained whole, so that its masks can stand beside those of another one.
use super::{criteria::Criteria, mask::Mask, trainee::Trainee};
use crate::{
    math::rng::Rng,
    model::learning::training::{Examples, Recipe},
};
use std::rc::Rc;

/// Such a net, and what its weights are worth.
#[derive(Clone, Debug)]
pub struct Twin {
    trainee: Trainee,
    /// What they are worth as far as it is trained.
    pub criteria: Rc<Criteria>,
}

impl Twin {
    /// One that has not learnt yet; `some` are the examples that criteria are given.
    pub fn new(widths: &[usize], recipe: Recipe, some: Examples, rng: &Rng) -> Self {
        let mut trainee = Trainee::new(widths, rng.stream("none"));
        let first = trainee.net.draw(&mut rng.stream("weights"));
        let criteria = Criteria::new(&mut trainee.net, &first, some, &mut rng.stream("chance"));
        let full = Rc::new(Mask::full(&trainee.net));
        trainee.begin(first, full, recipe, rng.stream("order"));
        Self { trainee, criteria: Rc::new(criteria) }
    }

    /// Learns until it has made so many steps, or all.
    pub fn catch_up(&mut self, steps: usize, train: Examples, some: Examples) {
        let missing = steps.saturating_sub(self.trainee.training.steps());
        if missing > 0 && !self.trainee.training.is_over(train.1.len()) {
            self.trainee.learn(train, missing);
            let Trainee { net, training, .. } = &mut self.trainee;
            Rc::make_mut(&mut self.criteria).follow(net, &training.numbers, some.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        pruning::{
            criteria,
            ranking::{Cut, Scope},
        },
        toy,
    };

    #[test]
    fn it_comes_to_the_same_however_it_catches_up_and_not_to_what_another_seed_comes_to() {
        let mut chance = Rng::new(2).stream("inputs");
        let (inputs, labels) = toy::examples((128, 6), &mut chance, |row| row[0] > 0.0);
        let task = (inputs.as_ref(), &labels[..]);
        let after = |seed: u32, stops: &[usize]| {
            let mut twin = Twin::new(&[6, 16, 2], Recipe::usual(3), task, &Rng::new(seed));
            stops.iter().for_each(|steps| twin.catch_up(*steps, task, task));
            let full = Mask::full(&twin.trainee.net);
            let cut = Cut { left: 0.25, scope: Scope::Net, locked: None, among: &full };
            twin.criteria.ranking(criteria::SIZE).keep(&twin.trainee.net, &cut)
        };
        let mask = after(1, &[usize::MAX]);
        assert!(mask == after(1, &[1, 2, 2, 6, 9]) && mask != after(1, &[1]) && mask != after(2, &[usize::MAX]));
    }
}
