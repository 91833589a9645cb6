//! Addition modulo a prime that is taught with some wrong labels, and what a net makes of them (Doshi, Das, He and Gromov 2024,
//! *To grok or not to grok*): of pairs with a wrong label, of others, and of unseen ones; with all neurons, and without some.
use super::{
    loss::Loss,
    modular::{Operation, Pair, Task},
    neuron_waves::{NeuronWaves, at_each_cut},
    noisy_labels::NoisyLabels,
    pair_net::PairNet,
    waves::{self, Waves},
};
use crate::math::rng::Rng;

/// What is taught.
pub struct NoisyLesson {
    /// Which pairs are trained on.
    pub task: Task,
    /// What is said of them.
    pub labels: NoisyLabels,
    /// Trained on, then all others.
    pub pairs: Vec<Pair>,
    /// Around the dial.
    pub waves: Waves,
}

/// Shares of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Right {
    /// Of pairs with a wrong label those that are answered by it.
    pub corrupt: f64,
    /// And those that are answered rightly.
    pub truth: f64,
    /// Of pairs with a right label those that are answered rightly.
    pub clean: f64,
    /// The same of unseen pairs.
    pub test: f64,
}

/// What was found of a net.
pub struct Seen {
    /// With all neurons.
    pub right: Right,
    /// On the labels that are taught.
    pub loss: f64,
    /// To each of [`NoisyLesson::pairs`].
    pub answers: Vec<u16>,
    /// How far each is one wave.
    pub neurons: NeuronWaves,
}

impl NoisyLesson {
    /// Of so many numbers, with these shares of pairs in training and of wrong labels among them.
    pub fn new(p: usize, fraction: f64, wrong: f64, rng: &Rng) -> Self {
        let task = Task::new(Operation::Add, p, fraction, &mut rng.stream("split"));
        let right: Vec<u16> = task.train.iter().map(|pair| pair.answer).collect();
        let labels = NoisyLabels::new(&right, wrong, p, &mut rng.stream("labels"));
        let pairs = [&task.train[..], &task.test].concat();
        Self { task, labels, pairs, waves: Waves::new(p) }
    }

    /// What rows of outputs say.
    fn answers(&self, outputs: &[f32]) -> Vec<u16> {
        outputs.chunks_exact(self.task.p).map(|row| waves::greatest(row) as u16).collect()
    }

    /// What is right of answers to [`NoisyLesson::pairs`].
    pub fn right(&self, answers: &[u16]) -> Right {
        let trained = self.task.train.len();
        let (mut right, wrong) = (Right::default(), self.labels.count);
        for (i, (pair, answer)) in self.pairs.iter().zip(answers).enumerate() {
            let one = |is: bool| if is { 1.0 } else { 0.0 };
            let is_right = one(pair.answer == *answer);
            if i >= trained {
                right.test += is_right;
            } else if self.labels.wrong[i] {
                right.truth += is_right;
                right.corrupt += one(self.labels.given[i] == *answer);
            } else {
                right.clean += is_right;
            }
        }
        let share = |count: f64, of: usize| count / of.max(1) as f64;
        Right {
            corrupt: share(right.corrupt, wrong),
            truth: share(right.truth, wrong),
            clean: share(right.clean, trained - wrong),
            test: share(right.test, self.pairs.len() - trained),
        }
    }

    /// The share of training pairs that get the label that was taught.
    pub fn taught(&self, right: &Right) -> f64 {
        let (wrong, all) = (self.labels.count as f64, self.task.train.len() as f64);
        (right.corrupt * wrong + right.clean * (all - wrong)) / all
    }

    /// Asks a net all pairs.
    pub fn look(&self, net: &mut PairNet) -> Seen {
        let p = self.task.p;
        let (mut outputs, trained) = (vec![0.0; self.pairs.len() * p], self.task.train.len());
        net.settle(&self.task.train);
        net.answer(&self.pairs, &mut outputs);
        let answers = self.answers(&outputs);
        Seen {
            right: self.right(&answers),
            loss: Loss::Square.grade(&mut outputs[..trained * p], &self.labels.given, p).loss,
            answers,
            neurons: NeuronWaves::new(net, &self.waves),
        }
    }

    /// What a net answers without the first `gone` neurons of an order.
    pub fn after_cut(&self, net: &PairNet, order: &[usize], gone: usize) -> Vec<u16> {
        let mut answers = Vec::new();
        at_each_cut(net, &self.pairs, order, &[gone], |_, outputs| answers = self.answers(outputs));
        answers
    }

    /// What is right after each of so many cuts of a net, evenly from none of the neurons to all of an order.
    pub fn at_cuts(&self, net: &PairNet, order: &[usize], cuts: usize) -> Vec<Right> {
        let places: Vec<usize> = (0..=cuts).map(|k| k * order.len() / cuts).collect();
        let mut curve = Vec::with_capacity(places.len());
        at_each_cut(net, &self.pairs, order, &places, |_, outputs| curve.push(self.right(&self.answers(outputs))));
        // The last cut comes first.
        curve.reverse();
        curve
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::learning::pair_net::{Activation, Shape};

    fn lesson() -> NoisyLesson {
        NoisyLesson::new(11, 0.5, 0.25, &Rng::new(1))
    }

    #[test]
    fn shares_are_counted_of_each_kind_of_pair() {
        let lesson = lesson();
        let trained = lesson.task.train.len();
        let truth: Vec<u16> = lesson.pairs.iter().map(|pair| pair.answer).collect();
        let right = lesson.right(&truth);
        assert_eq!(right, Right { corrupt: 0.0, truth: 1.0, clean: 1.0, test: 1.0 });
        let wrong = lesson.labels.count as f64 / trained as f64;
        assert!((lesson.taught(&right) - (1.0 - wrong)).abs() < 1e-12);

        // By heart, and nothing else.
        let silent = vec![u16::MAX; lesson.task.test.len()];
        let list = lesson.right(&[&lesson.labels.given[..], &silent].concat());
        assert_eq!(list, Right { corrupt: 1.0, truth: 0.0, clean: 1.0, test: 0.0 });
        assert!((lesson.taught(&list) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_cut_of_nothing_is_the_whole_net_and_cuts_go_from_none_to_all() {
        let lesson = lesson();
        let shape = Shape { p: 11, hidden: 12, activation: Activation::Square, tables: 1, rank: None };
        let mut net = PairNet::new(shape, 1.0, &mut Rng::new(2).stream("weights"));
        let seen = lesson.look(&mut net);
        let order = &seen.neurons.order;
        let curve = lesson.at_cuts(&net, order, 4);
        assert_eq!((curve.len(), curve[0]), (5, seen.right));
        for (right, gone) in curve.iter().zip([0, 3, 6, 9, 12]) {
            assert_eq!(*right, lesson.right(&lesson.after_cut(&net, order, gone)), "{gone}");
        }
    }
}
