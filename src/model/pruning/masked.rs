//! Nets for pairs that are trained under a mask (Minegishi, Iwasawa and Matsuo, *Grokking Tickets: Lottery Tickets Accelerate
//! Grokking*).
use super::mask::Mask;
use crate::model::learning::{
    adam::{Adam, Settings},
    loss::{Loss, Score},
    modular::Pair,
    pair_net::PairNet,
};
use std::rc::Rc;

/// A net that is trained under a mask: what is cut stays 0.
#[derive(Clone, Debug)]
pub struct Masked {
    /// The net.
    pub net: PairNet,
    /// Its mask.
    pub mask: Rc<Mask>,
    /// Its optimiser.
    pub adam: Adam,
}

impl Masked {
    /// Begins from the weights of a net that are in the mask.
    ///
    /// # Panics
    /// If net and mask are of different size.
    pub fn new(mut net: PairNet, mask: Rc<Mask>, settings: Settings) -> Self {
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
    fn what_is_cut_stays_away_while_the_rest_learns() {
        let rng = Rng::new(1);
        let shape = Shape { p: 7, hidden: 6, activation: Activation::Relu, tables: 1, rank: Some(9) };
        let net = PairNet::new(shape, 1.0, &mut rng.stream("weights"));
        let task = Task::new(Operation::Add, 7, 0.5, &mut rng.stream("split"));
        let labels: Vec<u16> = task.train.iter().map(|pair| pair.answer).collect();
        let mask = Mask::largest(&net.weights, 0.5);
        let mut masked = Masked::new(net, Rc::new(mask.clone()), Settings::new(0.01, 1.0));
        let first = masked.step(&task.train, &labels).loss;
        let last = (0..30).map(|_| masked.step(&task.train, &labels).loss).last();
        assert!(last < Some(first));
        assert!(masked.net.weights.iter().zip(mask.kept()).all(|(w, kept)| (*w != 0.0) == *kept));
    }
}
