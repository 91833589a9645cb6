//! Bags of instances with one answer each (Dietterich, Lathrop and Lozano-Pérez 1997, *Solving the multiple instance problem
//! with axis-parallel rectangles*), and which of two classifiers calls more of the same bags right.
use crate::math::rng::Stream;

/// Bags of one size.
#[derive(Clone, Debug)]
pub struct Bags {
    /// Which instances are in them (bags n), one bag after another.
    pub members: Vec<usize>,
    /// Whether a bag is positive (bags); the first half are.
    pub answers: Vec<bool>,
}

impl Bags {
    /// So many bags of `size` instances with these labels: one of the wanted label in a positive bag, none in another.
    /// There must be instances of the label and of others.
    pub fn new(labels: &[usize], wanted: usize, size: usize, count: usize, stream: &mut Stream) -> Self {
        let (own, others): (Vec<usize>, Vec<usize>) = (0..labels.len()).partition(|i| labels[*i] == wanted);
        let mut members = Vec::with_capacity(count * size);
        let answers: Vec<bool> = (0..count).map(|bag| 2 * bag < count).collect();
        for positive in &answers {
            let first = members.len();
            members.extend((0..size).map(|_| others[stream.below(others.len())]));
            if *positive {
                members[first + stream.below(size)] = own[stream.below(own.len())];
            }
        }
        Self { members, answers }
    }
}

/// By how much the share of bags that one classifier calls right exceeds that of another on the same bags, and the
/// standard error of that difference were both as good (McNemar 1947, *Note on the sampling error of the difference
/// between correlated proportions or percentages*): a bag counts if one calls it right and the other wrong, and by chance
/// half of these fall to each. Where there is none, one stands for what was too rare to be seen.
pub fn paired(one: &[bool], other: &[bool]) -> (f64, f64) {
    let only = |a: &[bool], b: &[bool]| a.iter().zip(b).filter(|(a, b)| **a && !**b).count() as f64;
    let (first, second, bags) = (only(one, other), only(other, one), one.len().max(1) as f64);
    ((first - second) / bags, (first + second).max(1.0).sqrt() / bags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn a_positive_bag_holds_the_label_once_and_another_never() {
        let labels: Vec<usize> = (0..50).map(|i| i % 5).collect();
        let bags = Bags::new(&labels, 3, 7, 20, &mut Rng::new(1).stream("bags"));
        assert_eq!(bags.answers.iter().filter(|answer| **answer).count(), 10);
        for (members, answer) in bags.members.chunks(7).zip(&bags.answers) {
            assert_eq!(members.iter().filter(|i| labels[**i] == 3).count(), usize::from(*answer));
        }
    }

    #[test]
    fn the_error_of_a_difference_is_that_of_fair_coins() {
        let mut stream = Rng::new(2).stream("bags");
        let (bags, rounds) = (400, 2000);
        let square = |_| {
            // Bags differ in how hard they are, so the two classifiers are right together; they are as good as each other.
            let right: Vec<(bool, bool)> = (0..bags)
                .map(|i| if i < 300 { (true, true) } else { (stream.below(2) == 0, stream.below(2) == 0) })
                .collect();
            let (one, other): (Vec<bool>, Vec<bool>) = right.into_iter().unzip();
            let (ahead, error) = paired(&one, &other);
            (ahead / error) * (ahead / error)
        };
        let mean = (0..rounds).map(square).sum::<f64>() / f64::from(rounds);
        // Of 2000 squares of a standard normal number the mean is 1, give or take 0.032.
        assert!((mean - 1.0).abs() < 0.13, "{mean}");
        let (ahead, error) = paired(&[true; 9], &[true; 9]);
        assert!(ahead < error && ahead > -error);
    }
}
