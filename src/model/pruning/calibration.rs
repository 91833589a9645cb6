//! What comes into a layer, as far as pruning without training needs to know it: means, variances, sizes, and the products of all
//! pairs of inputs.
use crate::math::{
    kernels::{Workspace, dot64, gemm},
    mat::{Mat, MatRef},
};

/// The inputs of a layer over some examples.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The mean of each input.
    pub means: Vec<f64>,
    /// Its variance.
    pub variances: Vec<f64>,
    /// The root of its mean square.
    pub sizes: Vec<f32>,
    /// The mean product of each pair of inputs.
    pub products: Mat,
}

impl Calibration {
    /// Of rows of inputs.
    pub fn of(inputs: MatRef) -> Self {
        let (examples, width) = (inputs.rows.max(1) as f64, inputs.cols);
        let mut means = vec![0.0; width];
        for row in inputs.data.chunks_exact(width) {
            means.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        means.iter_mut().for_each(|sum| *sum /= examples);
        let mut products = Mat::zeros(width, width);
        gemm(inputs.transposed(), inputs.view(), &mut products.data, &mut Workspace::default());
        products.data.iter_mut().for_each(|sum| *sum = (f64::from(*sum) / examples) as f32);
        Self::from(means, products)
    }

    fn from(means: Vec<f64>, products: Mat) -> Self {
        let square = |i: usize| f64::from(products.row(i)[i]);
        let variances: Vec<f64> =
            means.iter().enumerate().map(|(i, mean)| f64::max(square(i) - mean * mean, 0.0)).collect();
        let sizes: Vec<f32> = (0..means.len()).map(|i| square(i).max(0.0).sqrt() as f32).collect();
        Self { means, variances, sizes, products }
    }

    /// The same inputs, each times a number.
    ///
    /// # Panics
    /// If there is not one number for each input.
    #[must_use]
    pub fn scaled(&self, by: &[f32]) -> Self {
        assert_eq!(by.len(), self.means.len(), "a number for each input");
        let means = self.means.iter().zip(by).map(|(mean, by)| mean * f64::from(*by)).collect();
        let mut products = self.products.clone();
        for (row, first) in products.data.chunks_exact_mut(by.len()).zip(by) {
            row.iter_mut().zip(by).for_each(|(product, second)| *product *= first * second);
        }
        Self::from(means, products)
    }

    /// The mean square of the sum that each row of weights makes of the inputs.
    pub fn powers(&self, rows: MatRef) -> Vec<f64> {
        let mut through = vec![0.0; rows.data.len()];
        gemm(rows.view(), self.products.view(), &mut through, &mut Workspace::default());
        rows.data.chunks_exact(rows.cols).zip(through.chunks_exact(rows.cols)).map(|(a, b)| dot64(a, b)).collect()
    }

    /// How far the sums of some weights are from those of others: the mean square of the difference, summed over rows.
    ///
    /// # Panics
    /// If they are not as many.
    pub fn gap(&self, weights: MatRef, wanted: MatRef) -> f64 {
        assert_eq!(weights.data.len(), wanted.data.len(), "weights of two layers");
        let off: Vec<f32> = weights.data.iter().zip(wanted.data).map(|(a, b)| a - b).collect();
        self.powers(MatRef::new(&off, wanted.rows, wanted.cols)).iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn moments_are_those_of_the_examples_and_scale_with_them() {
        let mut chance = Rng::new(1).stream("inputs");
        let inputs = Mat::new((0..60).map(|_| chance.normal() as f32).collect(), 20, 3);
        let by = [1.0, 0.5, 3.0];
        let scaled = inputs.data.chunks_exact(3).flat_map(|row| row.iter().zip(by).map(|(x, by)| x * by));
        let scaled = Mat::new(scaled.collect(), 20, 3);
        let (known, direct) = (Calibration::of(inputs.as_ref()).scaled(&by), Calibration::of(scaled.as_ref()));
        for i in 0..3 {
            assert!((known.means[i] - direct.means[i]).abs() < 1e-6);
            assert!((known.variances[i] - direct.variances[i]).abs() < 1e-5);
        }
        let rows = Mat::new(vec![1.0, -2.0, 0.5, 0.0, 1.0, 1.0], 2, 3);
        for (row, power) in rows.data.chunks_exact(3).zip(known.powers(rows.as_ref())) {
            let squares = scaled.data.chunks_exact(3).map(|x| dot64(row, x) * dot64(row, x));
            assert!((squares.sum::<f64>() / 20.0 - power).abs() < 1e-4);
        }
        let none = Mat::zeros(2, 3);
        let all: f64 = known.powers(rows.as_ref()).iter().sum();
        assert!((known.gap(none.as_ref(), rows.as_ref()) / all - 1.0).abs() < 1e-6);
        assert!(known.gap(rows.as_ref(), rows.as_ref()) < 1e-12);
    }
}
