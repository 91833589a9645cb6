//! Labels of which some are wrong (Doshi, Das, He and Gromov 2024, *To grok or not to grok: disentangling generalization and
//! memorization on corrupted algorithmic datasets*). Unlike there, no label that was moved is right by chance.
use crate::math::rng::Stream;

/// Labels as a learner is given them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoisyLabels {
    /// One for each sample.
    pub given: Vec<u16>,
    /// Which of them are wrong.
    pub wrong: Vec<bool>,
    /// How many of them are.
    pub count: usize,
}

impl NoisyLabels {
    /// Moves a random `share` of labels, to the nearest whole number, each to any of the other classes below `classes`, which
    /// are at least 2.
    pub fn new(right: &[u16], share: f64, classes: usize, chance: &mut Stream) -> Self {
        let mut labels = Self { given: right.to_vec(), wrong: vec![false; right.len()], count: 0 };
        let count = ((share * right.len() as f64 + 0.5) as usize).min(right.len());
        for i in chance.choose(count, right.len()) {
            let moved = usize::from(right[i]) + 1 + chance.below(classes - 1);
            labels.given[i] = (moved % classes) as u16;
            labels.wrong[i] = true;
            labels.count += 1;
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn the_share_is_moved_to_all_other_classes_alike() {
        let right: Vec<u16> = (0..6000).map(|i| i % 7).collect();
        let labels = NoisyLabels::new(&right, 0.3, 7, &mut Rng::new(1).stream("labels"));
        assert_eq!(labels.count, 1800);
        let mut moved_by = [0; 7];
        for ((given, right), wrong) in labels.given.iter().zip(&right).zip(&labels.wrong) {
            assert_eq!(given != right, *wrong);
            moved_by[usize::from((7 + given - right) % 7)] += 1;
        }
        assert_eq!(moved_by[0], 4200);
        // 300 each, give or take four standard deviations of a binomial count.
        assert!(moved_by[1..].iter().all(|count| (237..=363).contains(count)), "{moved_by:?}");
    }

    #[test]
    fn none_and_all_can_be_wrong() {
        let right = [0, 1, 2, 1];
        let labels = |share: f64| NoisyLabels::new(&right, share, 3, &mut Rng::new(1).stream("labels"));
        assert_eq!((labels(0.0).count, labels(0.0).given), (0, right.to_vec()));
        assert_eq!((labels(1.0).count, labels(1.0).wrong), (4, vec![true; 4]));
    }
}
