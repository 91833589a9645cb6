//! Losses on the outputs of a classifier, and their gradients.
use super::precision::Precision;
use crate::math::{kernels, scalar, simd::F32x4};

/// How far outputs are from the right classes: a mean over samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Mean over the classes of `(z - t)²`, for `t` of 1 at the right class and 0 elsewhere.
    Square,
    /// `-ln softmax(z)` at the right class.
    CrossEntropy,
    /// The same, with the sum of the softmax rounded as in another format before the right class's gradient is made of it.
    Rounded(Precision),
    /// `-ln (s(z) / Σ s)` at the right class, for `s(z) = z + 1` from 0 on and `1 / (1 - z)` below (Prieto, Barsbey, Mediano and
    /// Birdal 2025, *Grokking at the edge of numerical stability*).
    StableMax,
}

/// What outputs are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The mean loss.
    pub loss: f64,
    /// Samples whose right class has the greatest output of all, without a tie.
    pub right: usize,
    /// Samples at whose right class the gradient is exactly 0.
    pub still: usize,
}

impl Loss {
    /// The score of rows of outputs, one number a class, in whose place the gradient of the loss is left.
    ///
    /// # Panics
    /// If there is not one label below `classes` for each row.
    pub fn grade(self, outputs: &mut [f32], labels: &[u16], classes: usize) -> Score {
        assert_eq!(outputs.len(), labels.len() * classes, "grade: outputs");
        let samples = labels.len().max(1) as f64;
        let mut score = Score::default();
        for (row, label) in outputs.chunks_exact_mut(classes).zip(labels) {
            let label = usize::from(*label);
            score.right += usize::from(is_right(row, label));
            score.loss += match self {
                Self::Square => square(row, label, (2.0 / (samples * classes as f64)) as f32),
                Self::CrossEntropy => cross_entropy(row, label, (1.0 / samples) as f32),
                Self::Rounded(precision) => rounded(row, label, (1.0 / samples) as f32, precision),
                Self::StableMax => stable_max(row, label, (1.0 / samples) as f32),
            };
            score.still += usize::from(row[label] == 0.0);
        }
        score.loss /= samples;
        score
    }
}

/// Whether the output of that class is greater than all others.
fn is_right(row: &[f32], label: usize) -> bool {
    let at = row[label];
    row.iter().map(|z| u32::from(*z >= at)).sum::<u32>() == 1
}

/// The loss of one row, which becomes `scale` times its gradient, halved.
fn square(row: &mut [f32], label: usize, scale: f32) -> f64 {
    row[label] -= 1.0;
    let loss = f64::from(kernels::dot(row, row)) / row.len() as f64;
    row.iter_mut().for_each(|z| *z *= scale);
    loss
}

/// The loss of one row, which becomes `scale` times its gradient.
fn cross_entropy(row: &mut [f32], label: usize, scale: f32) -> f64 {
    let (own, others) = shares(row, label, scale);
    row[label] = (own - 1.0) * scale;
    if own > 0.0 { scalar::ln_1p(f64::from(others) / f64::from(own)) } else { f64::from(-CUT) }
}

/// The same, of what is left of the sum in that precision.
fn rounded(row: &mut [f32], label: usize, scale: f32, precision: Precision) -> f64 {
    let (own, others) = shares(row, label, scale);
    // Of all weights, where that of the right class is 1.
    let sum = precision.round(1.0 + f64::from(others) / f64::from(own));
    row[label] = ((1.0 / sum - 1.0) * f64::from(scale)) as f32;
    if own > 0.0 { scalar::ln(sum) } else { f64::from(-CUT) }
}

/// The share of the right class in the softmax of a row and that of all others, of which each is left in the row, times
/// `scale`. Of the others alone: where the right class has nearly all, this keeps the digits that its own share loses.
fn shares(row: &mut [f32], label: usize, scale: f32) -> (f32, f32) {
    kernels::softmax(1.0, row);
    let own = std::mem::take(&mut row[label]);
    let others = sum(row);
    row.iter_mut().for_each(|p| *p *= scale);
    (own, others)
}

/// The loss of one row, which becomes `scale` times its gradient.
fn stable_max(row: &mut [f32], label: usize, scale: f32) -> f64 {
    row.iter_mut().for_each(|z| *z = if *z >= 0.0 { *z + 1.0 } else { 1.0 / (1.0 - *z) });
    let own = std::mem::take(&mut row[label]);
    // Again of the others alone: no difference of nearly equal numbers is ever taken.
    let others = sum(row);
    let slope = |s: f32| if s >= 1.0 { 1.0 } else { s * s };
    let each = scale / (own + others);
    row.iter_mut().for_each(|s| *s = slope(*s) * each);
    row[label] = -slope(own) * (others / own) * each;
    scalar::ln_1p(f64::from(others) / f64::from(own))
}

/// Below e to this power the softmax gives no weight: the loss of such a sample is no more than known to be above.
const CUT: f32 = -60.0;

/// The sum of a row, in four running sums.
fn sum(row: &[f32]) -> f32 {
    let (fours, rest) = row.as_chunks::<4>();
    let sums = fours.iter().fold(F32x4::splat(0.0), |sums, four| sums + F32x4::load(four));
    (sums + F32x4::load_partial(rest)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const CLASSES: usize = 7;

    fn outputs() -> (Vec<f32>, Vec<u16>) {
        let mut chance = Rng::new(1).stream("outputs");
        let outputs = (0..5 * CLASSES).map(|_| 2.0 * chance.normal() as f32).collect();
        (outputs, vec![0, 6, 3, 3, 1])
    }

    /// Both losses in f64, as they are written.
    fn plain(loss: Loss, outputs: &[f64], labels: &[u16]) -> f64 {
        let rows = outputs.chunks(CLASSES).zip(labels);
        let each = rows.map(|(row, label)| match loss {
            Loss::Square => {
                let target = |c| if c == usize::from(*label) { 1.0 } else { 0.0 };
                row.iter().enumerate().map(|(c, z)| (z - target(c)) * (z - target(c))).sum::<f64>() / CLASSES as f64
            }
            Loss::CrossEntropy | Loss::Rounded(_) => {
                scalar::ln(row.iter().map(|z| scalar::exp(*z)).sum::<f64>()) - row[usize::from(*label)]
            }
            Loss::StableMax => {
                let s = |z: f64| if z >= 0.0 { z + 1.0 } else { 1.0 / (1.0 - z) };
                scalar::ln(row.iter().map(|z| s(*z)).sum::<f64>() / s(row[usize::from(*label)]))
            }
        });
        each.sum::<f64>() / labels.len() as f64
    }

    #[test]
    fn loss_and_gradient_are_those_of_the_formulas() {
        let (start, labels) = outputs();
        let wide: Vec<f64> = start.iter().copied().map(f64::from).collect();
        for loss in [Loss::Square, Loss::CrossEntropy, Loss::Rounded(Precision::Double), Loss::StableMax] {
            let mut gradient = start.clone();
            let score = loss.grade(&mut gradient, &labels, CLASSES);
            assert!((score.loss - plain(loss, &wide, &labels)).abs() < 1e-6, "{loss:?}: {score:?}");
            for (i, g) in gradient.iter().enumerate() {
                let moved = |by: f64| {
                    let mut moved = wide.clone();
                    moved[i] += by;
                    plain(loss, &moved, &labels)
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((f64::from(*g) - slope).abs() < 1e-6, "{loss:?} {i}: {g} and {slope}");
            }
        }
    }

    #[test]
    fn only_the_greatest_output_is_right_and_a_tie_is_not() {
        let mut outputs = vec![1.0, 3.0, 2.0, 5.0, 5.0, 0.0, 0.0, 0.0, 0.5];
        assert_eq!(Loss::Square.grade(&mut outputs, &[1, 0, 2], 3).right, 2);
    }

    #[test]
    fn a_loss_near_nothing_keeps_its_digits_and_a_lost_one_is_finite() {
        let mut sure = vec![20.0, 0.0, 0.0];
        let loss = Loss::CrossEntropy.grade(&mut sure, &[0], 3).loss;
        assert!((loss / (2.0 * scalar::exp(-20.0)) - 1.0).abs() < 1e-5, "{loss}");
        let mut lost = vec![0.0, 900.0, 0.0];
        let score = Loss::CrossEntropy.grade(&mut lost, &[0], 3);
        assert_eq!((score, lost), (Score { loss: 60.0, ..Score::default() }, vec![-1.0, 1.0, 0.0]));
    }

    #[test]
    fn beyond_its_horizon_a_precision_is_certain_and_stable_max_never_is() {
        let single = |loss: Loss, margin: f64| {
            let mut row = vec![margin as f32, 0.0];
            let score = loss.grade(&mut row, &[0], 2);
            // The other class is still pushed away.
            assert!(row[1] > 0.0, "{loss:?} at {margin}: {row:?}");
            score.still == 1
        };
        for precision in Precision::ALL {
            let loss = Loss::Rounded(precision);
            let horizon = precision.horizon();
            assert!(!single(loss, horizon - 0.01) && single(loss, horizon + 0.01), "{precision:?}");
            assert!(!single(Loss::StableMax, 1e6 * horizon));
        }
        let horizon = Precision::Single.horizon();
        assert!(!single(Loss::CrossEntropy, horizon - 0.75) && single(Loss::CrossEntropy, horizon + 0.75));
    }
}
