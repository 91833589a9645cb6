//! Pruning in which the weights that stay make up for those that go (Frantar and Alistarh 2023, *SparseGPT: massive language
//! models can be accurately pruned in one-shot*). The curvature of a layer's squared error is the same for all units: the mean
//! products of its inputs. Going through the inputs in order, what a weight took with it is shared out among those still to come.
use super::{calibration::Calibration, select};
use crate::math::{
    kernels::axpy,
    linalg::inverse_factor,
    mat::{Mat, MatRef},
};

/// Inputs among whose weights it is chosen at a time.
const BLOCK: usize = 32;
/// What is added to the curvature, as a share of its mean diagonal, so that it has an inverse.
const DAMPING: f64 = 0.01;

/// How the inputs of a layer stand in for each other.
#[derive(Clone, Debug)]
pub struct Substitutes {
    /// U, upper triangular, with `Uᵀ U` the inverse of the curvature.
    factor: Mat,
}

impl Substitutes {
    /// Of the inputs of a layer.
    pub fn of(inputs: &Calibration) -> Self {
        let n = inputs.means.len();
        let mut curvature: Vec<f64> = inputs.products.data.iter().map(|x| 2.0 * f64::from(*x)).collect();
        let mean = (0..n).map(|i| curvature[i * n + i]).sum::<f64>() / n.max(1) as f64;
        // A layer that nothing comes into has a curvature too.
        let damping = f64::max(DAMPING * mean, 1e-9);
        (0..n).for_each(|i| curvature[i * n + i] += damping);
        let factor = inverse_factor(n, &curvature).into_iter().map(|x| x as f32);
        Self { factor: Mat::new(factor.collect(), n, n) }
    }

    /// `w² / U²` for the weights of one unit: the error that is left once the others have made up for it.
    pub fn scores(&self, row: &[f32]) -> Vec<f32> {
        row.iter().enumerate().map(|(i, w)| (w / self.factor.row(i)[i]) * (w / self.factor.row(i)[i])).collect()
    }

    /// The weights of a layer, a row for each unit, of which a share is left.
    pub fn prune(&self, weights: MatRef, density: f64) -> Mat {
        let mut left = Mat::new(weights.data.to_vec(), weights.rows, weights.cols);
        for start in (0..weights.cols).step_by(BLOCK) {
            let columns = start..(start + BLOCK).min(weights.cols);
            let width = columns.len();
            let scores: Vec<f32> = (0..left.rows)
                .flat_map(|unit| columns.clone().map(move |i| (unit, i)))
                .map(|(unit, i)| left.row(unit)[i] / self.factor.row(i)[i])
                .map(|x| x * x)
                .collect();
            let count = (density * scores.len() as f64 + 0.5) as usize;
            let mut kept = vec![false; scores.len()];
            select::best(&scores, (0..scores.len()).collect(), count).into_iter().for_each(|place| kept[place] = true);
            for (unit, kept) in kept.chunks_exact(width).enumerate() {
                for (i, _) in columns.clone().zip(kept).filter(|(_, kept)| !**kept) {
                    let pushes = &self.factor.row(i)[i..];
                    let row = &mut left.row_mut(unit)[i..];
                    axpy(-row[0] / pushes[0], pushes, row);
                    row[0] = 0.0;
                }
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn a_weight_that_goes_is_made_up_for_by_its_twin() {
        let mut chance = Rng::new(1).stream("inputs");
        // Two inputs that are nearly the same, the one that comes first with the smaller weight.
        let inputs = (0..500).flat_map(|_| {
            let (x, other) = (chance.normal(), chance.normal());
            [x as f32, other as f32, (x + 0.01 * chance.normal()) as f32]
        });
        let inputs = Calibration::of(Mat::new(inputs.collect(), 500, 3).as_ref());
        let weights = Mat::new(vec![0.5, 1.0, 2.0], 1, 3);
        let left = Substitutes::of(&inputs).prune(weights.as_ref(), 0.67);
        assert!(left.data[0].abs() < 1e-12 && (left.data[2] - 2.5).abs() < 0.05, "{:?}", left.data);
        assert!(inputs.gap(left.as_ref(), weights.as_ref()) < 1e-3);
    }

    #[test]
    fn making_up_does_better_than_the_same_cut_without() {
        let mut chance = Rng::new(2).stream("inputs");
        let inputs = (0..400).flat_map(|_| {
            let shared = chance.normal();
            (0..40).map(|_| (shared + chance.normal()) as f32).collect::<Vec<_>>()
        });
        let inputs = Calibration::of(Mat::new(inputs.collect(), 400, 40).as_ref());
        let weights = Mat::new((0..240).map(|_| chance.normal() as f32).collect(), 6, 40);
        let left = Substitutes::of(&inputs).prune(weights.as_ref(), 0.5);
        assert_eq!(left.data.iter().filter(|w| **w != 0.0).count(), 96 + 24);
        let cut = weights.data.iter().zip(&left.data).map(|(w, left)| if *left == 0.0 { 0.0 } else { *w }).collect();
        let cut = Mat::new(cut, 6, 40);
        let error = |layer: &Mat| inputs.gap(layer.as_ref(), weights.as_ref());
        assert!(error(&left) < error(&cut), "{} {}", error(&left), error(&cut));
    }
}
