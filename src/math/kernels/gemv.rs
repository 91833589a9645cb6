//! A matrix times a vector: bound by reading the matrix, so each number of it is read once, in
//! order, and several rows go together to share what is read of the vector.

use super::assert_len;
use super::vector::{accumulate, dot, load8, padded};
use crate::math::mat::MatRef;
use crate::math::simd::{F32x4, lockstep};

/// `y = A x`, for `A` of `rows` by `cols`, `x` of `cols` and `y` of `rows` numbers.
///
/// Each `y[i]` has the bits of [`dot`]`(A[i], x)`.
pub fn gemv(a: MatRef, x: &[f32], y: &mut [f32]) {
    assert_len("gemv: a", a.data.len(), a.rows * a.cols);
    assert_len("gemv: x", x.len(), a.cols);
    assert_len("gemv: y", y.len(), a.rows);
    let (fours, rest) = y.as_chunks_mut::<4>();
    for (i, y) in fours.iter_mut().enumerate() {
        *y = dot4(std::array::from_fn(|r| a.row(4 * i + r)), x);
    }
    for (i, y) in rest.iter_mut().enumerate() {
        *y = dot(a.row(a.rows / 4 * 4 + i), x);
    }
}

/// Four [`dot`]s with the same `x`.
#[inline(always)]
fn dot4(rows: [&[f32]; 4], x: &[f32]) -> [f32; 4] {
    let mut sums = [[F32x4::splat(0.0); 2]; 4];
    let (x, x_rest) = x.as_chunks::<8>();
    let rows = rows.map(<[f32]>::as_chunks::<8>);
    for (rows, x) in lockstep(rows.map(|(eights, _)| eights), x) {
        let x = load8(x);
        for (sums, row) in sums.iter_mut().zip(rows) {
            accumulate(sums, row, x);
        }
    }
    let x = load8(&padded(x_rest));
    for (sums, (_, rest)) in sums.iter_mut().zip(rows) {
        accumulate(sums, &padded(rest), x);
    }
    sums.map(|[low, high]| (low + high).sum())
}

/// How many rows [`gemv_transposed`] takes together: `y` is read and written once for all of them.
const ROWS: usize = 8;

/// `y = Aᵀ x`, for `A` of `rows` by `cols`, `x` of `rows` and `y` of `cols` numbers.
///
/// Each `y[j]` is the plain sum of `A[i][j] * x[i]` in order of `i`.
pub fn gemv_transposed(a: MatRef, x: &[f32], y: &mut [f32]) {
    assert_len("gemv_transposed: a", a.data.len(), a.rows * a.cols);
    assert_len("gemv_transposed: x", x.len(), a.rows);
    assert_len("gemv_transposed: y", y.len(), a.cols);
    y.fill(0.0);
    let (blocks, rest) = x.as_chunks::<ROWS>();
    for (i, x) in blocks.iter().enumerate() {
        add_rows(std::array::from_fn(|r| a.row(ROWS * i + r)), x, y);
    }
    for (i, &x) in rest.iter().enumerate() {
        add_rows([a.row(blocks.len() * ROWS + i)], &[x], y);
    }
}

/// `y += x[0] * rows[0] + x[1] * rows[1] + …`, in that order.
#[inline(always)]
fn add_rows<const N: usize>(rows: [&[f32]; N], x: &[f32; N], y: &mut [f32]) {
    let rows = rows.map(|row| &row[..y.len()]);
    for (j, y) in y.iter_mut().enumerate() {
        for (row, x) in rows.iter().zip(x) {
            *y += x * row[j];
        }
    }
}
