//! Sparse codes: how often patterns of few active cells meet a few synapses by chance (Ahmad and Hawkins 2016, *How do
//! neurons operate on sparse distributed representations?*).
//!
//! Of `n` cells a pattern has `a` active. A segment has synapses on `s` cells and recognises a pattern when at least
//! `threshold` of them are active: that many is the overlap. All draws are without replacement, so overlaps are
//! hypergeometric. Rates can be as small as 1e-300, hence the logarithms.
use crate::math::scalar::{exp, lgamma, ln_1p, pow};

/// `ln C(n, k)`; minus infinity for `k > n`.
fn ln_choose(n: usize, k: usize) -> f64 {
    if k > n {
        return f64::NEG_INFINITY;
    }
    let ln_factorial = |n: usize| lgamma(n as f64 + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The logarithm of the chance that exactly `b` of the `marked` cells among `n` are active, where `active` are, drawn at
/// random: `C(s, b) C(n - s, a - b) / C(n, a)`.
pub fn ln_overlap(n: usize, marked: usize, active: usize, b: usize) -> f64 {
    if b > active || marked > n {
        return f64::NEG_INFINITY;
    }
    ln_choose(marked, b) + ln_choose(n - marked, active - b) - ln_choose(n, active)
}

/// The logarithm of the chance that a random pattern is taken for a known one: its overlap reaches the threshold.
///
/// Summed from the far tail on, where the terms are least.
pub fn ln_false_positive(n: usize, a: usize, s: usize, threshold: usize) -> f64 {
    let terms = (threshold..=s.min(a)).rev().map(|b| ln_overlap(n, s, a, b));
    terms.filter(|term| term.is_finite()).fold(f64::NEG_INFINITY, |sum, term| {
        let (low, high) = if sum < term { (sum, term) } else { (term, sum) };
        high + ln_1p(exp(low - high))
    })
}

/// How many of `a` active cells stay where a share `noise` of them is replaced by others.
pub fn kept(a: usize, noise: f64) -> usize {
    (((1.0 - noise) * a as f64 + 0.5) as usize).min(a)
}

/// Overlaps of a known pattern of which `kept` cells stayed: the chance of 0, 1, … `a`. Its `s` synapses are on cells of
/// the pattern, and cells that take the place of others are none of it.
pub fn known(a: usize, s: usize, kept: usize) -> Vec<f64> {
    (0..=a).map(|b| exp(ln_overlap(a, s, kept, b))).collect()
}

/// The chance that an overlap reaches the threshold.
pub fn at_least(overlaps: &[f64], threshold: usize) -> f64 {
    overlaps.iter().skip(threshold).rev().sum()
}

/// The chance that an overlap stays below the threshold.
pub fn below(overlaps: &[f64], threshold: usize) -> f64 {
    overlaps.iter().take(threshold).sum()
}

/// Cells that have a synapse, on average, when `patterns` patterns put `s` synapses each on one segment.
pub fn union_size(n: usize, s: usize, patterns: usize) -> f64 {
    n as f64 * (1.0 - pow(1.0 - s as f64 / n as f64, patterns as f64))
}

/// The union law: false positives of a segment with the synapses of several patterns are those of one pattern with as
/// many synapses as the union has on average. [`Union`] counts exactly.
pub fn union_false_positive(n: usize, a: usize, s: usize, patterns: usize, threshold: usize) -> f64 {
    exp(ln_false_positive(n, a, (union_size(n, s, patterns) + 0.5) as usize, threshold))
}

/// The exact law of a union: how the overlap of a pattern grows with each pattern that is added to the segment.
///
/// Of the active cells that have no synapse yet, a further pattern's `s` random synapses reach a hypergeometric number.
#[derive(Clone, Debug)]
pub struct Union {
    /// Row k: the chance that 0, 1, … further active cells get a synapse, where k have one.
    rows: Vec<Vec<f64>>,
}

impl Union {
    /// For patterns of `a` active cells among `n`, with `s` synapses each.
    pub fn new(n: usize, a: usize, s: usize) -> Self {
        let row = |bare: usize| (0..=s.min(bare)).map(|j| exp(ln_overlap(n, bare, s, j))).collect();
        Self { rows: (0..=a).map(|covered| row(a - covered)).collect() }
    }

    /// The chances of overlaps with no synapses at all.
    pub fn empty(&self) -> Vec<f64> {
        (0..self.rows.len()).map(|b| if b == 0 { 1.0 } else { 0.0 }).collect()
    }

    /// The chances of overlaps with one pattern more on the segment.
    pub fn add(&self, overlaps: &[f64]) -> Vec<f64> {
        let mut more = vec![0.0; self.rows.len()];
        for (k, (chance, row)) in overlaps.iter().zip(&self.rows).enumerate() {
            more[k..].iter_mut().zip(row).for_each(|(sum, step)| *sum += chance * step);
        }
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, wanted: f64, relative: f64) {
        assert!((got / wanted - 1.0).abs() < relative, "got {got}, wanted {wanted}");
    }

    #[test]
    fn false_positives_are_those_published_with_the_neuron_paper() {
        for ((n, a, s, threshold), published) in [
            ((100_000, 2000, 6, 6), 6.353_09e-11),
            ((100_000, 2000, 12, 6), 5.2939e-8),
            ((100_000, 2000, 40, 10), 4.9154e-9),
            ((10_000, 300, 24, 12), 8.3758e-13),
        ] {
            close(exp(ln_false_positive(n, a, s, threshold)), published, 2e-5);
        }
    }

    #[test]
    fn all_overlaps_together_are_certain() {
        for (n, a, s) in [(200, 20, 10), (2048, 41, 20), (50, 40, 30), (60, 10, 25)] {
            close(exp(ln_false_positive(n, a, s, 0)), 1.0, 1e-10);
            close(known(a, s.min(a), a / 2).iter().sum(), 1.0, 1e-10);
        }
        assert!(ln_false_positive(200, 20, 10, 11) < -1e300);
    }

    #[test]
    fn at_a_threshold_of_all_synapses_only_the_share_of_active_cells_counts() {
        // ln FP is near s ln(a / n) where s is far below a.
        let ln = ln_false_positive(1_000_000, 20_000, 10, 10);
        assert!((ln / (10.0 * crate::math::scalar::ln(0.02)) - 1.0).abs() < 1e-3, "{ln}");
    }

    #[test]
    fn a_known_pattern_is_missed_as_often_as_a_drawn_one() {
        // Counted over all 10 ways to keep 3 of 5 cells, of which the first 3 have synapses.
        let overlaps = known(5, 3, 3);
        for (b, wanted) in [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.1)] {
            assert!((overlaps[b] - wanted).abs() < 1e-12, "{b}: {}", overlaps[b]);
        }
        assert!((below(&overlaps, 2) - 0.3).abs() < 1e-12 && (at_least(&overlaps, 2) - 0.7).abs() < 1e-12);
        assert_eq!([kept(41, 0.5), kept(41, 0.4), kept(41, 0.0)], [21, 25, 41]);
    }

    #[test]
    fn one_pattern_alone_is_no_union() {
        let union = Union::new(2048, 41, 20);
        let one = union.add(&union.empty());
        for threshold in 1..=20 {
            close(at_least(&one, threshold), exp(ln_false_positive(2048, 41, 20, threshold)), 1e-9);
        }
    }

    #[test]
    fn the_law_with_the_mean_size_comes_near_the_exact_one() {
        let union = Union::new(2048, 41, 20);
        let mut overlaps = union.empty();
        for patterns in 1..=40 {
            overlaps = union.add(&overlaps);
            if [10, 20, 40].contains(&patterns) {
                close(union_false_positive(2048, 41, 20, patterns, 8), at_least(&overlaps, 8), 0.03);
            }
        }
        close(union_false_positive(2048, 41, 20, 20, 8), 0.451, 2e-3);
        close(union_size(2048, 20, 10), 191.436, 1e-5);
    }
}
