//! Small f64 linear algebra, for checks and for one-off figures rather than for inner loops.
//!
//! The only file that names nalgebra, which is built without its run-time choice of instructions:
//! that choice would change the bits from one machine to the next. Matrices are row-major slices.

use nalgebra::DMatrix;

/// The eigenvalues of a symmetric `n` by `n` matrix, greatest first.
///
/// # Panics
/// If the slice is not `n * n` long.
pub fn symmetric_eigenvalues(n: usize, matrix: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = dense("symmetric_eigenvalues", n, n, matrix).symmetric_eigenvalues().data.into();
    values.sort_by(|x, y| y.total_cmp(x));
    values
}

/// Eigenvalues of a symmetric `n` by `n` matrix with their directions, which are of length 1; the greatest value first.
///
/// # Panics
/// If the slice is not `n * n` long.
pub fn symmetric_eigen(n: usize, matrix: &[f64]) -> Vec<(f64, Vec<f64>)> {
    let found = dense("symmetric_eigen", n, n, matrix).symmetric_eigen();
    let columns = found.eigenvectors.column_iter().map(|column| column.iter().copied().collect());
    let mut pairs: Vec<(f64, Vec<f64>)> = found.eigenvalues.iter().copied().zip(columns).collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    pairs
}

/// The product of a `rows` by `inner` and an `inner` by `cols` matrix, as `rows * cols` numbers.
///
/// # Panics
/// If a slice does not have the length of its shape.
pub fn matmul(rows: usize, inner: usize, cols: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let product = dense("matmul: a", rows, inner, a) * dense("matmul: b", inner, cols, b);
    product.transpose().data.into()
}

/// The inverse of a symmetric `n` by `n` matrix whose eigenvalues are all above 0, by Cholesky's factors.
///
/// # Panics
/// If the slice is not `n * n` long, or the matrix has another kind of eigenvalue.
pub fn inverse_of_positive(n: usize, matrix: &[f64]) -> Vec<f64> {
    let factors = dense("inverse_of_positive", n, n, matrix).cholesky();
    // The inverse is symmetric, so that columns are rows.
    factors.expect("inverse_of_positive: an eigenvalue is not above 0").inverse().data.into()
}

fn dense(what: &str, rows: usize, cols: usize, data: &[f64]) -> DMatrix<f64> {
    let got = data.len();
    assert_eq!(got, rows * cols, "{what}: got {got} numbers, wanted {rows} x {cols}");
    DMatrix::from_row_slice(rows, cols, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_stretches_its_own_directions() {
        let pairs = symmetric_eigen(2, &[2.0, 1.0, 1.0, 2.0]);
        assert!((pairs[0].0 - 3.0).abs() < 1e-12 && (pairs[1].0 - 1.0).abs() < 1e-12, "{pairs:?}");
        assert!((pairs[0].1[0] - pairs[0].1[1]).abs() < 1e-12 && (pairs[1].1[0] + pairs[1].1[1]).abs() < 1e-12);
    }
}
