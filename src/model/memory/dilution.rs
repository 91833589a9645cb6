//! Couplings with some of them removed.
//!
//! Couplings are symmetric, so pairs are removed: `W_ij` and `W_ji` go together, and single updates still run downhill.
use super::{mean_field::bisect, resting::overlap_among, rules::Couplings};
use crate::math::{rng::Stream, scalar};

/// Which couplings go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The smallest in size.
    Smallest,
    /// Any, by chance.
    Random,
    /// The smallest in each group of four pairs that lie side by side.
    OfFour,
    /// All couplings of some units, chosen by chance.
    Units,
}

/// Couplings without a share of their pairs, and whether each unit still takes part.
#[derive(Clone, Debug)]
pub struct Diluted {
    /// What is left.
    pub couplings: Couplings,
    /// (N): false for units that were removed whole.
    pub alive: Vec<bool>,
    /// (N): true for units that some coupling still reaches.
    bound: Vec<bool>,
    /// The share of all pairs that is left.
    pub density: f64,
}

impl Diluted {
    /// The overlap of a state with a pattern (N each) over the units that are alive. One that no coupling reaches counts for
    /// nothing: what it shows is what the cue put there.
    pub fn recalled(&self, state: &[f32], pattern: &[f32]) -> f64 {
        let count = |of: &[bool]| of.iter().filter(|is| **is).count() as f64;
        overlap_among(state, pattern, &self.bound) * count(&self.bound) / count(&self.alive).max(1.0)
    }

    /// How many units are alive and have no coupling left.
    pub fn loose(&self) -> usize {
        self.alive.iter().zip(&self.bound).filter(|(alive, bound)| **alive && !**bound).count()
    }
}

/// In which order couplings go. Making it sorts all pairs; cutting by it does not.
#[derive(Clone, Debug)]
pub struct Order {
    cut: Cut,
    /// Pairs i > j, the first to go first; for groups of four in each group.
    pairs: Vec<(u16, u16)>,
    /// Units, the first to go first.
    units: Vec<usize>,
}

impl Order {
    /// The order for couplings of at most 65536 units. Ties go by place.
    pub fn new(couplings: &Couplings, cut: Cut, stream: &mut Stream) -> Self {
        let n = couplings.weights.rows;
        let mut pairs: Vec<(u16, u16)> = (0..n as u16).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        let mut units = Vec::new();
        let size = |&(i, j): &(u16, u16)| couplings.weights.row(usize::from(i))[usize::from(j)].abs();
        match cut {
            Cut::Smallest => pairs.sort_by(|a, b| size(a).total_cmp(&size(b))),
            Cut::OfFour => {
                pairs.chunks_mut(4).for_each(|four| four.sort_by(|a, b| size(a).total_cmp(&size(b))));
            }
            Cut::Random => stream.shuffle(&mut pairs),
            Cut::Units => units = stream.choose(n, n),
        }
        Self { cut, pairs, units }
    }

    /// Removes a share, 0 to 1, of the pairs: exactly that many, or for units that share of the units, or for groups of
    /// four the nearest number of each four.
    pub fn cut(&self, couplings: &Couplings, share: f64) -> Diluted {
        let n = couplings.weights.rows;
        let count = |of: usize| (share * of as f64 + 0.5) as usize;
        let mut alive = vec![true; n];
        self.units.iter().take(count(n)).for_each(|i| alive[*i] = false);
        let dead = |&&(i, j): &&(u16, u16)| !alive[usize::from(i)] || !alive[usize::from(j)];
        let removed: Vec<(u16, u16)> = match self.cut {
            Cut::Smallest | Cut::Random => self.pairs[..count(self.pairs.len())].to_vec(),
            Cut::OfFour => self.pairs.chunks(4).flat_map(|four| &four[..count(four.len())]).copied().collect(),
            Cut::Units => self.pairs.iter().filter(dead).copied().collect(),
        };
        let mut left = couplings.clone();
        for &(i, j) in &removed {
            left.weights.row_mut(i.into())[usize::from(j)] = 0.0;
            left.weights.row_mut(j.into())[usize::from(i)] = 0.0;
        }
        let bound = (0..n).map(|i| left.weights.row(i).iter().any(|weight| *weight != 0.0)).collect();
        let density = 1.0 - removed.len() as f64 / self.pairs.len().max(1) as f64;
        Diluted { couplings: left, alive, bound, density }
    }
}

/// The overlap one step after a stored pattern under Hebb's rule of random patterns, with a random share `density` of the
/// couplings left: `erf √(density / (2 alpha))`. Signal falls by the density, noise by its root (Sompolinsky 1986,
/// *Neural networks with nonlinear synapses and a static noise*).
pub fn overlap_after_one_step(density: f64, alpha: f64) -> f64 {
    scalar::erf((density / (2.0 * alpha.max(1e-12))).sqrt())
}

/// The overlap after recall under Hebb's rule of random patterns, with a random share `density` of the couplings left and
/// no heat; none where patterns are no resting places. Dilution acts as static noise of the couplings, of variance
/// `alpha (1 - density) / density` (Sompolinsky 1986): with `v = alpha / (1 - C)² + alpha (1 - density) / density`,
/// `m = erf(m / √(2 v))` and `C = √(2 / (π v)) exp(-m² / (2 v))`.
pub fn overlap_after_recall(density: f64, alpha: f64) -> Option<f64> {
    let cut = alpha * (1.0 - density) / density.max(1e-12);
    let (mut m, mut v) = (1.0, (alpha + cut).max(1e-12));
    for _ in 0..ITERATIONS {
        m = scalar::erf(m / (2.0 * v).sqrt());
        let c = (2.0 / (std::f64::consts::PI * v)).sqrt() * scalar::exp(-m * m / (2.0 * v));
        // From C = 1 on the noise has no bound, and the overlap falls to nothing.
        if c >= 1.0 || m < 0.1 {
            return None;
        }
        v = (alpha / ((1.0 - c) * (1.0 - c)) + cut).max(1e-12);
    }
    Some(m)
}

/// The greatest load, patterns for each unit, at which the overlap after recall is `least` at least, by
/// [`overlap_after_recall`].
pub fn load_of_recall(density: f64, least: f64) -> f64 {
    bisect(0.0, 0.2, |alpha| overlap_after_recall(density, alpha).is_some_and(|m| m >= least))
}

/// Rounds from a whole pattern down to the fixed point; only next to the edge are more needed.
const ITERATIONS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::memory::{mean_field, rules, spins::Spins},
    };

    #[test]
    fn exactly_the_share_goes_and_what_is_left_is_symmetric() {
        let mut stream = Rng::new(1).stream("patterns");
        let couplings = rules::projection(&rules::random_patterns(9, 41, &mut stream));
        for cut in [Cut::Smallest, Cut::Random, Cut::OfFour, Cut::Units] {
            let Diluted { couplings: left, alive, density, .. } =
                Order::new(&couplings, cut, &mut stream).cut(&couplings, 0.5);
            let pairs = 41 * 40 / 2;
            let zeros =
                (0..41).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|(i, j)| left.weights.row(*i)[*j] == 0.0);
            let zeros = zeros.count();
            assert!((density - (1.0 - zeros as f64 / f64::from(pairs))).abs() < 1e-9, "{cut:?}");
            match cut {
                Cut::Units => assert_eq!(alive.iter().filter(|alive| !**alive).count(), 21),
                _ => assert_eq!(zeros, 410, "{cut:?}"),
            }
            for i in 0..41 {
                assert!((0..i).all(|j| left.weights.row(i)[j].to_bits() == left.weights.row(j)[i].to_bits()));
            }
        }
        assert!((Order::new(&couplings, Cut::Smallest, &mut stream).cut(&couplings, 0.0).density - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_no_coupling_reaches_is_not_recalled() {
        let mut stream = Rng::new(5).stream("patterns");
        let patterns = rules::random_patterns(2, 40, &mut stream);
        let couplings = rules::projection(&patterns);
        let pattern = patterns.row(0);
        let recalled = |cut, share| {
            let left = Order::new(&couplings, cut, &mut Rng::new(5).stream("cut")).cut(&couplings, share);
            (left.recalled(pattern, pattern), left.loose())
        };
        assert_eq!(recalled(Cut::Smallest, 0.0), (1.0, 0));
        assert_eq!(recalled(Cut::OfFour, 1.0), (0.0, 40));
        // Units that were taken out are not asked; the one that is left alone has nobody to hold it.
        assert_eq!(recalled(Cut::Units, 0.5), (1.0, 0));
        assert_eq!(recalled(Cut::Units, 39.0 / 40.0), (0.0, 1));
    }

    #[test]
    fn the_smallest_go_first() {
        let couplings = rules::storkey(&rules::random_patterns(6, 30, &mut Rng::new(2).stream("patterns")));
        let order = Order::new(&couplings, Cut::Smallest, &mut Rng::new(2).stream("cut"));
        let left = order.cut(&couplings, 0.7).couplings;
        let (mut greatest_gone, mut least_left) = (0.0_f32, f32::INFINITY);
        for i in 0..30 {
            for j in 0..i {
                let size = couplings.weights.row(i)[j].abs();
                if left.weights.row(i)[j] == 0.0 {
                    greatest_gone = greatest_gone.max(size);
                } else {
                    least_left = least_left.min(size);
                }
            }
        }
        assert!(greatest_gone <= least_left);
    }

    #[test]
    fn random_dilution_costs_what_signal_and_noise_say() {
        let (n, p) = (600, 30);
        let mut stream = Rng::new(3).stream("patterns");
        let patterns = rules::random_patterns(p, n, &mut stream);
        let couplings = rules::hebb(&patterns);
        let order = Order::new(&couplings, Cut::Random, &mut stream);
        for density in [1.0, 0.3, 0.1, 0.03] {
            let left = order.cut(&couplings, 1.0 - density).couplings;
            let overlap = |mu: usize| {
                let mut spins = Spins::new(&left, patterns.row(mu).to_vec());
                spins.update_together(&left);
                spins.overlap(patterns.row(mu))
            };
            let mean = (0..p).map(overlap).sum::<f64>() / p as f64;
            let expected = overlap_after_one_step(density, (p as f64 - 1.0) / n as f64);
            assert!((mean - expected).abs() < 0.02, "density {density}: {mean} and {expected}");
        }
    }

    #[test]
    fn without_a_cut_recall_is_that_of_the_mean_field_and_a_cut_ends_it_earlier() {
        for alpha in [0.02, 0.05, 0.1, 0.13] {
            let whole = mean_field::recall(alpha, 0.0).unwrap();
            assert!((overlap_after_recall(1.0, alpha).unwrap() - whole).abs() < 1e-3, "{alpha}");
        }
        assert!(overlap_after_recall(1.0, 0.15).is_none());
        assert!(overlap_after_recall(0.5, 0.05).is_some() && overlap_after_recall(0.03, 0.05).is_none());
    }

    #[test]
    fn recall_with_half_the_couplings_is_what_static_noise_says() {
        let (n, p) = (800, 56);
        let mut stream = Rng::new(4).stream("patterns");
        let patterns = rules::random_patterns(p, n, &mut stream);
        let couplings = rules::hebb(&patterns);
        let order = Order::new(&couplings, Cut::Random, &mut stream);
        for density in [1.0, 0.5] {
            let left = order.cut(&couplings, 1.0 - density).couplings;
            let mut overlap = |mu: usize| {
                let mut spins = Spins::new(&left, patterns.row(mu).to_vec());
                spins.settle(&left, &mut stream, 60);
                spins.overlap(patterns.row(mu))
            };
            let mean = (0..p).map(&mut overlap).sum::<f64>() / p as f64;
            let expected = overlap_after_recall(density, p as f64 / n as f64).unwrap();
            assert!((mean - expected).abs() < 0.02, "density {density}: {mean} and {expected}");
        }
    }
}
