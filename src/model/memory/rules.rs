//! How couplings are made from patterns of +1 and -1, so that the patterns become resting places.
//!
//! N units, P patterns `x^μ` as the rows of a (P, N) matrix. All couplings are symmetric with an empty diagonal, so that
//! single updates always run downhill.
use super::spins::Spins;
use crate::math::{
    kernels::{Workspace, axpy, dot, gemm, gemv},
    linalg,
    mat::Mat,
    rng::Stream,
    scalar,
};

/// Symmetric couplings with an empty diagonal: `W = scale * weights`.
#[derive(Clone, Debug)]
pub struct Couplings {
    /// (N, N).
    pub weights: Mat,
    /// Keeps the weights of Hebb's rule whole numbers, which f32 adds without rounding.
    pub scale: f64,
}

/// P patterns of N numbers, each +1 or -1 with equal chance.
pub fn random_patterns(p: usize, n: usize, stream: &mut Stream) -> Mat {
    let spin = |_| if stream.next_u32() >> 31 == 0 { 1.0 } else { -1.0 };
    Mat::new((0..p * n).map(spin).collect(), p, n)
}

/// A picture in black and white: +1 for ink above 0.4 of the darkest, else -1.
pub fn from_ink(ink: impl IntoIterator<Item = f32>) -> Vec<f32> {
    ink.into_iter().map(|x| if x > 0.4 { 1.0 } else { -1.0 }).collect()
}

/// `W = (1 / N) Σ_μ x^μ x^μᵀ` (Hebb's rule; Hopfield 1982).
pub fn hebb(patterns: &Mat) -> Couplings {
    let n = patterns.cols;
    let mut weights = Mat::zeros(n, n);
    gemm(patterns.transposed(), patterns.view(), &mut weights.data, &mut Workspace::default());
    empty_diagonal(&mut weights);
    Couplings { weights, scale: 1.0 / n as f64 }
}

/// The chance that a unit of a stored pattern wants to leave it under Hebb's rule, by the crosstalk of P random patterns:
/// `½ erfc √(N / (2 (P - 1)))` (Hertz, Krogh and Palmer 1991).
pub fn crosstalk_error(n: usize, patterns: usize) -> f64 {
    let others = patterns as f64 - 1.0;
    0.5 * scalar::erfc((n as f64 / (2.0 * others.max(1e-9))).sqrt())
}

/// How many random patterns Hebb's rule keeps without a wrong unit, for large N: `N / (2 ln N)` (McEliece et al. 1987).
pub fn hebb_capacity(n: usize) -> f64 {
    n as f64 / (2.0 * scalar::ln(n as f64))
}

/// The same for Storkey's rule: `N / √(2 ln N)` (Storkey 1997).
pub fn storkey_capacity(n: usize) -> f64 {
    n as f64 / (2.0 * scalar::ln(n as f64)).sqrt()
}

/// One pattern after another, each corrected by the fields that are already there (Storkey 1997, *Increasing the capacity
/// of a Hopfield network without sacrificing functionality*):
/// `W_ij += (x_i x_j - x_i h_ji - h_ij x_j) / N` with `h_ij = Σ_{k ≠ i, j} W_ik x_k`.
pub fn storkey(patterns: &Mat) -> Couplings {
    let n = patterns.cols;
    let mut weights = Mat::zeros(n, n);
    (0..patterns.rows).for_each(|mu| storkey_adds(&mut weights, patterns.row(mu)));
    Couplings { weights, scale: 1.0 }
}

/// One pattern more by Storkey's rule.
pub(super) fn storkey_adds(weights: &mut Mat, x: &[f32]) {
    let n = x.len();
    let mut fields = vec![0.0; n];
    let share = 1.0 / n as f32;
    gemv(weights.as_ref(), x, &mut fields);
    // With h_ij = h_i - W_ij x_j the rule is W_ij (1 + 2/N) + (x_i x_j - x_i h_j - h_i x_j) / N.
    for i in 0..n {
        let (x_i, h_i) = (x[i], fields[i]);
        for (w, (x_j, h_j)) in weights.row_mut(i).iter_mut().zip(x.iter().zip(&fields)) {
            *w += share * (2.0 * *w + (x_i * x_j - (x_i * h_j + h_i * x_j)));
        }
        weights.row_mut(i)[i] = 0.0;
    }
}

/// `W = (1 / N) Xᵀ C⁻¹ X` with the overlaps `C = (1 / N) X Xᵀ`: every pattern that is no sum of the others becomes a
/// resting place (Personnaz, Guyon and Dreyfus 1985; Kanter and Sompolinsky 1987). A ridge of 10⁻⁶ on C keeps patterns
/// that are equal from having no inverse.
pub fn projection(patterns: &Mat) -> Couplings {
    let (p, n) = (patterns.rows, patterns.cols);
    let mut overlaps = vec![0.0; p * p];
    for mu in 0..p {
        for nu in 0..=mu {
            let overlap = f64::from(dot(patterns.row(mu), patterns.row(nu))) / n as f64;
            overlaps[mu * p + nu] = overlap;
            overlaps[nu * p + mu] = overlap;
        }
        overlaps[mu * p + mu] += 1e-6;
    }
    let inverse: Vec<f32> = linalg::inverse_of_positive(p, &overlaps).into_iter().map(|x| x as f32).collect();
    let mut workspace = Workspace::default();
    let mut duals = Mat::zeros(p, n);
    gemm(Mat::new(inverse, p, p).view(), patterns.view(), &mut duals.data, &mut workspace);
    let mut weights = Mat::zeros(n, n);
    gemm(patterns.transposed(), duals.view(), &mut weights.data, &mut workspace);
    symmetrise(&mut weights);
    empty_diagonal(&mut weights);
    Couplings { weights, scale: 1.0 / n as f64 }
}

/// What [`perceptron`] came to.
#[derive(Clone, Debug)]
pub struct Learned {
    /// What was learnt.
    pub couplings: Couplings,
    /// Rounds over all patterns.
    pub rounds: usize,
    /// Whether every unit of every pattern has the margin.
    pub whole: bool,
}

/// Learning from mistakes (Gardner 1988; Krauth and Mézard 1987), with the couplings kept symmetric: wherever a unit of a
/// pattern has `x_i h_i` below the margin, `W_ij` and `W_ji` grow by `x_i x_j / N`. Starts from Hebb's rule and ends when
/// all margins hold, or after `most` rounds.
pub fn perceptron(patterns: &Mat, margin: f32, most: usize) -> Learned {
    let n = patterns.cols;
    // Counted in 1 / N, so that all stays whole and exact.
    let Couplings { mut weights, scale } = hebb(patterns);
    let mut rounds = 0;
    loop {
        let mistakes = perceptron_round(&mut weights, (0..patterns.rows).map(|mu| patterns.row(mu)), margin * n as f32);
        rounds += 1;
        if mistakes == 0 || rounds >= most {
            return Learned { couplings: Couplings { weights, scale }, rounds, whole: mistakes == 0 };
        }
    }
}

/// Corrects each pattern once, with weights and margin in units of 1 / N. Returns how many had to be corrected.
pub(super) fn perceptron_round<'a>(
    weights: &mut Mat,
    patterns: impl IntoIterator<Item = &'a [f32]>,
    margin: f32,
) -> usize {
    let n = weights.rows;
    let (mut fields, mut lacking) = (vec![0.0; n], vec![0.0; n]);
    let mut mistakes = 0;
    for x in patterns {
        gemv(weights.as_ref(), x, &mut fields);
        // x_i where the margin is missed, else 0.
        lacking
            .iter_mut()
            .zip(x.iter().zip(&fields))
            .for_each(|(l, (x, h))| *l = if x * h < margin { *x } else { 0.0 });
        if lacking.iter().all(|l| *l == 0.0) {
            continue;
        }
        mistakes += 1;
        for i in 0..n {
            let row = weights.row_mut(i);
            if lacking[i] != 0.0 {
                axpy(lacking[i], x, row);
            }
            axpy(x[i], &lacking, row);
            row[i] = 0.0;
        }
    }
    mistakes
}

/// Hebb's rule, and then dreams: from random states the network settles, and what it settles in is weakened,
/// `W -= (strength / N) s sᵀ` (Hopfield, Feinstein and Palmer 1983, *Unlearning has a stabilizing effect in collective
/// memories*).
pub fn unlearning(patterns: &Mat, dreams: usize, strength: f32, stream: &mut Stream) -> Couplings {
    let mut couplings = hebb(patterns);
    dream(&mut couplings, dreams, strength, stream);
    couplings
}

/// Weakens what the network falls into from random states.
pub(super) fn dream(couplings: &mut Couplings, dreams: usize, strength: f32, stream: &mut Stream) {
    let n = couplings.weights.rows;
    for _ in 0..dreams {
        let mut spins = Spins::new(couplings, random_patterns(1, n, stream).data);
        spins.settle(couplings, stream, 50);
        for i in 0..n {
            let row = couplings.weights.row_mut(i);
            axpy(-strength * spins.state()[i], spins.state(), row);
            row[i] = 0.0;
        }
    }
}

fn empty_diagonal(weights: &mut Mat) {
    for i in 0..weights.rows {
        weights.row_mut(i)[i] = 0.0;
    }
}

/// Makes halves that rounding left unequal equal.
fn symmetrise(weights: &mut Mat) {
    let n = weights.rows;
    for i in 0..n {
        for j in 0..i {
            let mean = 0.5 * (weights.data[i * n + j] + weights.data[j * n + i]);
            weights.data[i * n + j] = mean;
            weights.data[j * n + i] = mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    /// The share of patterns in which no unit wants to change.
    fn stable(couplings: &Couplings, patterns: &Mat) -> f64 {
        let rests = |mu: &usize| Spins::new(couplings, patterns.row(*mu).to_vec()).rests();
        (0..patterns.rows).filter(rests).count() as f64 / patterns.rows as f64
    }

    /// The share of patterns that come back (m above 0.99) from a tenth of their units turned over.
    fn recalled(couplings: &Couplings, patterns: &Mat, stream: &mut Stream) -> f64 {
        let n = patterns.cols;
        let comes_back = |mu: &usize| {
            let pattern = patterns.row(*mu);
            let mut cue = pattern.to_vec();
            stream.choose((n + 5) / 10, n).into_iter().for_each(|i| cue[i] = -cue[i]);
            let mut spins = Spins::new(couplings, cue);
            spins.settle(couplings, stream, 100);
            spins.overlap(pattern) > 0.99
        };
        (0..patterns.rows).filter(comes_back).count() as f64 / patterns.rows as f64
    }

    /// The mean over four networks.
    fn mean(n: usize, p: usize, seed: u32, mut figure: impl FnMut(&Mat, &mut Stream) -> f64) -> f64 {
        let mut stream = Rng::new(seed).stream("patterns");
        let each = (0..4).map(|_| {
            let patterns = random_patterns(p, n, &mut stream);
            figure(&patterns, &mut stream)
        });
        each.sum::<f64>() / 4.0
    }

    // Figures without another source are from prototypes of the same experiments, at these sizes.

    #[test]
    fn one_step_errors_of_hebb_are_those_of_gaussian_crosstalk() {
        let (n, mut stream) = (1000, Rng::new(1).stream("patterns"));
        for p in [185, 300] {
            let patterns = random_patterns(p, n, &mut stream);
            let couplings = hebb(&patterns);
            let mut wrong = 0;
            for mu in 0..p {
                let spins = Spins::new(&couplings, patterns.row(mu).to_vec());
                wrong += (0..n).filter(|i| spins.field(&couplings, *i) * f64::from(spins.state()[*i]) < 0.0).count();
            }
            let expected = 0.5 * scalar::erfc(1.0 / (2.0 * (p as f64 - 1.0) / n as f64).sqrt());
            let draws = (p * n) as f64;
            let deviation = (expected * (1.0 - expected) / draws).sqrt();
            let got = wrong as f64 / draws;
            assert!((got - expected).abs() < 3.0 * deviation + 0.05 * expected, "{p}: {got} and {expected}");
        }
    }

    #[test]
    fn hebb_recalls_well_at_a_load_of_008_and_no_more_at_020() {
        let settled = |patterns: &Mat, stream: &mut Stream| {
            let couplings = hebb(patterns);
            let overlap = |mu| {
                let mut spins = Spins::new(&couplings, patterns.row(mu).to_vec());
                spins.settle(&couplings, stream, 200);
                spins.overlap(patterns.row(mu))
            };
            (0..2).map(overlap).sum::<f64>() / 2.0
        };
        assert!(mean(1000, 80, 5, settled) >= 0.985);
        assert!(mean(1000, 200, 5, settled) <= 0.6);
    }

    #[test]
    fn at_a_load_of_one_quarter_storkey_holds_what_hebb_has_lost() {
        for n in [64, 100, 144] {
            let kept = mean(n, n / 4, 7, |patterns, _| stable(&storkey(patterns), patterns));
            assert!(kept >= 0.99, "N {n}: {kept}");
            let error = 0.5 * scalar::erfc(1.0 / (2.0 * (n as f64 / 4.0 - 1.0) / n as f64).sqrt());
            let expected = scalar::pow(1.0 - error, n as f64);
            let hebbian = mean(n, n / 4, 7, |patterns, _| stable(&hebb(patterns), patterns));
            assert!((hebbian - expected).abs() < 0.12, "N {n}: {hebbian} and {expected}");
        }
    }

    #[test]
    fn basins_close_with_the_load_later_for_better_rules() {
        let recall = |p, rule: fn(&Mat) -> Couplings| {
            mean(128, p, 9, |patterns, stream| recalled(&rule(patterns), patterns, stream))
        };
        for (p, rule, expected) in [
            (26, hebb as fn(&Mat) -> Couplings, 0.16),
            (45, storkey, 0.64),
            (64, storkey, 0.04),
            (45, projection, 0.97),
            (64, projection, 0.59),
            (77, projection, 0.14),
        ] {
            let share = recall(p, rule);
            assert!((share - expected).abs() < 0.15, "P {p}: {share} and {expected}");
        }
    }

    #[test]
    fn the_perceptron_gives_every_unit_its_margin() {
        let patterns = random_patterns(64, 128, &mut Rng::new(2).stream("patterns"));
        let Learned { couplings, whole, .. } = perceptron(&patterns, 1.0, 200);
        assert!(whole);
        for mu in 0..64 {
            let spins = Spins::new(&couplings, patterns.row(mu).to_vec());
            assert!((0..128).all(|i| spins.field(&couplings, i) * f64::from(spins.state()[i]) >= 1.0 - 1e-9));
        }
    }

    #[test]
    fn dreams_make_room_that_hebb_alone_does_not_have() {
        let before = mean(128, 26, 9, |patterns, stream| recalled(&hebb(patterns), patterns, stream));
        let after = mean(128, 26, 9, |patterns, stream| {
            let couplings = unlearning(patterns, 300, 0.01, stream);
            recalled(&couplings, patterns, stream)
        });
        assert!(after > before + 0.25, "{before} and then {after}");
    }

    #[test]
    fn all_couplings_are_symmetric_with_an_empty_diagonal_and_equal_patterns_do_no_harm() {
        let mut stream = Rng::new(3).stream("patterns");
        let mut patterns = random_patterns(5, 30, &mut stream);
        let first = patterns.row(0).to_vec();
        patterns.row_mut(1).copy_from_slice(&first);
        for couplings in [
            hebb(&patterns),
            storkey(&patterns),
            projection(&patterns),
            perceptron(&patterns, 1.0, 50).couplings,
            unlearning(&patterns, 20, 0.01, &mut stream),
        ] {
            let weights = &couplings.weights;
            for i in 0..30 {
                let bits = |i: usize, j: usize| weights.row(i)[j].to_bits();
                assert_eq!(bits(i, i), 0);
                assert!((0..i).all(|j| bits(i, j) == bits(j, i) && weights.row(i)[j].is_finite()));
            }
        }
    }
}
