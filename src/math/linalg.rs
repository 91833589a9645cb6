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

/// The upper triangular U with `Uᵀ U` the inverse of a symmetric `n` by `n` matrix whose eigenvalues are all above 0.
///
/// # Panics
/// If the slice is not `n * n` long, or the matrix has another kind of eigenvalue.
pub fn inverse_factor(n: usize, matrix: &[f64]) -> Vec<f64> {
    // Cholesky's factor L of the matrix with its rows and columns in reverse order is R in reverse order, where the matrix
    // is R Rᵀ and R is upper triangular. U is the inverse of R.
    let reversed: Vec<f64> = matrix.iter().rev().copied().collect();
    let factor = dense("inverse_factor", n, n, &reversed).cholesky();
    // Row by row: the sums below go along rows.
    let lower: Vec<f64> =
        factor.expect("inverse_factor: an eigenvalue is not above 0").unpack().transpose().data.into();
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        // Forward substitution, of which all before the diagonal is 0.
        inverse[column * n + column] = 1.0 / lower[column * n + column];
        for row in column + 1..n {
            let known = &inverse[column * n..][column..row];
            let sum: f64 = lower[row * n..][column..row].iter().zip(known).map(|(a, b)| a * b).sum();
            inverse[column * n + row] = -sum / lower[row * n + row];
        }
    }
    // Column by column, so that in reverse order rows and columns change places once more.
    let place = |i: usize, j: usize| (n - 1 - j) * n + (n - 1 - i);
    (0..n * n).map(|at| inverse[place(at / n, at % n)]).collect()
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

    #[test]
    fn the_factor_of_the_inverse_is_upper_and_its_square_undoes_the_matrix() {
        let n = 4;
        let matrix = [4., 1., 0.5, 0., 1., 3., -1., 0.2, 0.5, -1., 2., 0.1, 0., 0.2, 0.1, 1.];
        let factor = inverse_factor(n, &matrix);
        assert!((0..n).all(|i| (0..i).all(|j| factor[i * n + j].abs() < 1e-15)), "{factor:?}");
        let transposed: Vec<f64> = (0..n * n).map(|at| factor[at % n * n + at / n]).collect();
        let one = matmul(n, n, n, &matmul(n, n, n, &transposed, &factor), &matrix);
        for (at, x) in one.iter().enumerate() {
            let wanted = if at / n == at % n { 1.0 } else { 0.0 };
            assert!((x - wanted).abs() < 1e-12, "{one:?}");
        }
    }
}
