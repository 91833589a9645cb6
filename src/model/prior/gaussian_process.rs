//! Regression with a Gaussian process (Rasmussen and Williams 2006, *Gaussian Processes for Machine Learning*, section 2.2),
//! by Cholesky's factor.

/// The lower triangular factor `L` of a symmetric matrix `L Lᵀ` without eigenvalues below 0. Where only rounding is left of a
/// row, it counts as one that depends on those before it, and its pivot is 0.
#[derive(Clone, Debug)]
pub struct Factor {
    n: usize,
    /// `n * n`, row by row; 0 above the diagonal.
    lower: Vec<f64>,
}

/// What of a diagonal element counts as rounding.
const ROUNDING: f64 = 1e-12;

impl Factor {
    /// Of an `n` by `n` matrix, of which only the lower triangle is read.
    pub fn new(n: usize, matrix: &[f64]) -> Self {
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let (left, right) = (&lower[i * n..][..j], &lower[j * n..][..j]);
                let rest = matrix[i * n + j] - left.iter().zip(right).map(|(x, y)| x * y).sum::<f64>();
                lower[i * n + j] = if i == j {
                    if rest > ROUNDING * matrix[i * n + i] { rest.sqrt() } else { 0.0 }
                } else {
                    let pivot = lower[j * n + j];
                    if pivot > 0.0 { rest / pivot } else { 0.0 }
                };
            }
        }
        Self { n, lower }
    }

    /// `L z`: numbers with the covariance `L Lᵀ` where those of `z` (n) are independent and of variance 1.
    pub fn times(&self, z: &[f64]) -> impl Iterator<Item = f64> {
        (0..self.n).map(move |i| self.lower[i * self.n..][..=i].iter().zip(z).map(|(l, z)| l * z).sum())
    }

    /// `L⁻¹ b`, of length n.
    pub fn solve(&self, b: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(self.n);
        for (i, b) in b.into_iter().take(self.n).enumerate() {
            let row = &self.lower[i * self.n..][..=i];
            let rest = b - row.iter().zip(&x).map(|(l, x)| l * x).sum::<f64>();
            x.push(if row[i] > 0.0 { rest / row[i] } else { 0.0 });
        }
        x
    }
}

/// What some values at some inputs say of any other input, for a kernel that is given as numbers.
#[derive(Clone, Debug)]
pub struct Regression {
    factor: Factor,
    /// `L⁻¹ y`.
    values: Vec<f64>,
}

impl Regression {
    /// The kernel between the `n` known inputs, with the noise on its diagonal, (n, n), and the values there (n).
    pub fn new(kernel: &[f64], values: &[f64]) -> Self {
        let factor = Factor::new(values.len(), kernel);
        let values = factor.solve(values.iter().copied());
        Self { factor, values }
    }

    /// `yᵀ K⁻¹ y`: how unlikely the values are. Near n where the kernel has their size right.
    pub fn surprise(&self) -> f64 {
        self.values.iter().map(|x| x * x).sum()
    }

    /// Mean and variance at an input, from the kernel between it and the known ones (n) and its own. Of its value alone:
    /// noise is not added.
    pub fn at(&self, kernel: impl IntoIterator<Item = f64>, own: f64) -> (f64, f64) {
        let weights = self.factor.solve(kernel);
        let mean = weights.iter().zip(&self.values).map(|(w, y)| w * y).sum();
        let known: f64 = weights.iter().map(|w| w * w).sum();
        (mean, (own - known).max(ROUNDING * own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::linalg::{inverse_of_positive, matmul};

    const KERNEL: [f64; 9] = [2.0, 0.5, 0.3, 0.5, 1.5, -0.4, 0.3, -0.4, 1.0];
    const VALUES: [f64; 3] = [1.0, -0.5, 2.0];
    const CROSS: [f64; 3] = [0.7, 0.2, -0.1];

    #[test]
    fn a_factor_gives_its_matrix_and_takes_it_away() {
        let factor = Factor::new(3, &KERNEL);
        for i in 0..3 {
            let mut unit = [0.0; 3];
            unit[i] = 1.0;
            let column: Vec<f64> = factor.times(&unit).collect();
            let back = factor.solve(column.iter().copied());
            assert!(back.iter().zip(&unit).all(|(x, wanted)| (x - wanted).abs() < 1e-14), "{back:?}");
        }
        let lower: Vec<f64> = factor.lower.clone();
        let upper: Vec<f64> = (0..9).map(|k| lower[k % 3 * 3 + k / 3]).collect();
        let product = matmul(3, 3, 3, &lower, &upper);
        assert!(product.iter().zip(&KERNEL).all(|(x, wanted)| (x - wanted).abs() < 1e-14), "{product:?}");
    }

    #[test]
    fn a_row_that_depends_on_others_has_no_chance_of_its_own() {
        let factor = Factor::new(3, &[1.0, 2.0, 0.5, 2.0, 4.0, 1.0, 0.5, 1.0, 1.0]);
        let drawn: Vec<f64> = factor.times(&[0.3, 5.0, -1.0]).collect();
        assert!((drawn[1] - 2.0 * drawn[0]).abs() < 1e-12, "{drawn:?}");
    }

    #[test]
    fn the_regression_is_that_of_the_inverse_matrix() {
        let inverse = inverse_of_positive(3, &KERNEL);
        let form = |x: &[f64], y: &[f64]| matmul(1, 3, 1, x, &matmul(3, 3, 1, &inverse, y))[0];
        let regression = Regression::new(&KERNEL, &VALUES);
        let (mean, variance) = regression.at(CROSS, 1.2);
        assert!((regression.surprise() - form(&VALUES, &VALUES)).abs() < 1e-13);
        assert!((mean - form(&CROSS, &VALUES)).abs() < 1e-13);
        assert!((variance - (1.2 - form(&CROSS, &CROSS))).abs() < 1e-13);
    }

    #[test]
    fn one_value_with_noise_is_believed_in_part() {
        let (mean, variance) = Regression::new(&[2.0], &[3.0]).at([1.0], 1.0);
        assert!((mean - 1.5).abs() < 1e-15 && (variance - 0.5).abs() < 1e-15, "{mean}, {variance}");
    }
}
