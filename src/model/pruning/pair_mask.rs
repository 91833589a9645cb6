//! Masks over the weights of a net for pairs, and training under one (Minegishi, Iwasawa and Matsuo, *Grokking Tickets:
//! Lottery Tickets Accelerate Grokking*).
use super::select;
use crate::{
    math::rng::Stream,
    model::learning::{
        adam::{Adam, Settings},
        loss::{Loss, Score},
        modular::Pair,
        pair_net::PairNet,
    },
};
use std::rc::Rc;

/// For each weight of a net, whether it is there: 1 or 0.
#[derive(Clone, Debug, PartialEq)]
pub struct PairMask {
    kept: Vec<f32>,
}

impl PairMask {
    /// All of so many weights.
    pub fn full(weights: usize) -> Self {
        Self { kept: vec![1.0; weights] }
    }

    /// A share of the weights, the largest of all matrices together; of equals the first.
    pub fn largest(weights: &[f32], share: f64) -> Self {
        let sizes: Vec<f32> = weights.iter().map(|w| w.abs()).collect();
        let count = (share * weights.len() as f64 + 0.5) as usize;
        let mut kept = vec![0.0; weights.len()];
        select::best(&sizes, (0..weights.len()).collect(), count).into_iter().for_each(|place| kept[place] = 1.0);
        Self { kept }
    }

    /// As many weights of each part as here, anywhere in it; a part is given by its number of weights.
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

    /// For each weight 1 if it is there, else 0.
    pub fn kept(&self) -> &[f32] {
        &self.kept
    }

    /// The share of weights that are there.
    pub fn density(&self) -> f64 {
        self.kept.iter().map(|kept| f64::from(*kept)).sum::<f64>() / self.kept.len().max(1) as f64
    }

    /// Of the weights that are there, the share that is also there in another mask. Of two masks by chance: the other's density.
    pub fn shared(&self, other: &Self) -> f64 {
        let both = self.kept.iter().zip(&other.kept).filter(|(a, b)| **a > 0.0 && **b > 0.0).count();
        let own = self.kept.iter().filter(|kept| **kept > 0.0).count();
        both as f64 / own.max(1) as f64
    }

    /// Puts 0 wherever no weight is.
    ///
    /// # Panics
    /// If there are not as many numbers as in the mask.
    pub fn cut(&self, numbers: &mut [f32]) {
        assert_eq!(numbers.len(), self.kept.len(), "numbers under a mask");
        numbers.iter_mut().zip(&self.kept).for_each(|(x, kept)| *x *= kept);
    }
}

/// A net that is trained under a mask: what is cut stays 0.
#[derive(Clone, Debug)]
pub struct Masked {
    /// The net.
    pub net: PairNet,
    /// Its mask.
    pub mask: Rc<PairMask>,
    /// Its optimiser.
    pub adam: Adam,
}

impl Masked {
    /// Begins from the weights of a net that are in the mask.
    ///
    /// # Panics
    /// If net and mask are of different size.
    pub fn new(mut net: PairNet, mask: Rc<PairMask>, settings: Settings) -> Self {
        mask.cut(&mut net.weights);
        let adam = Adam::new(net.weights.len(), settings);
        Self { net, mask, adam }
    }

    /// One step on all questions, whose score is that after the step: with it comes the gradient of the next one.
    pub fn step(&mut self, questions: &[Pair], labels: &[u16]) -> Score {
        if !self.net.is_graded() {
            self.net.grade(questions, labels, Loss::CrossEntropy);
        }
        let (weights, gradient) = self.net.descent();
        self.mask.cut(gradient);
        self.adam.step(weights, gradient);
        self.net.grade(questions, labels, Loss::CrossEntropy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::learning::{
            modular::{Operation, Task},
            pair_net::{Activation, Shape},
        },
    };

    #[test]
    fn the_largest_stay_and_a_shuffle_keeps_the_counts_of_parts() {
        let mask = PairMask::largest(&[3.0, -4.0, 0.0, 1.0, -1.0, 2.0], 0.5);
        assert_eq!(mask.kept(), [1., 1., 0., 0., 0., 1.]);
        let full = PairMask::full(6);
        assert_eq!((mask.density(), mask.shared(&full), full.shared(&mask)), (0.5, 1.0, 0.5));
        let mut numbers = vec![5.0; 6];
        mask.cut(&mut numbers);
        assert_eq!(numbers, [5., 5., 0., 0., 0., 5.]);
        let other = mask.shuffled(&[2, 4], &mut Rng::new(1).stream("shuffle"));
        assert_eq!(other.kept()[..2], [1., 1.]);
        assert_eq!(other.kept()[2..].iter().filter(|kept| **kept > 0.0).count(), 1);
    }

    #[test]
    fn what_is_cut_stays_away_while_the_rest_learns() {
        let rng = Rng::new(1);
        let shape = Shape { p: 7, hidden: 6, activation: Activation::Relu, tables: 1, rank: Some(9) };
        let net = PairNet::new(shape, 1.0, &mut rng.stream("weights"));
        let task = Task::new(Operation::Add, 7, 0.5, &mut rng.stream("split"));
        let labels: Vec<u16> = task.train.iter().map(|pair| pair.answer).collect();
        let mask = PairMask::largest(&net.weights, 0.5);
        let mut masked = Masked::new(net, Rc::new(mask.clone()), Settings::new(0.01, 1.0));
        let first = masked.step(&task.train, &labels).loss;
        let last = (0..30).map(|_| masked.step(&task.train, &labels).loss).last();
        assert!(last < Some(first));
        assert!(masked.net.weights.iter().zip(mask.kept()).all(|(w, kept)| (*w != 0.0) == (*kept > 0.0)));
    }
}
