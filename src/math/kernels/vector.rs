//! Products of two vectors.

use super::assert_len;
use crate::math::simd::F32x4;

/// The inner product of `a` and `b`, of equal length.
///
/// Eight running sums, `s[i % 8] += a[i] * b[i]`; then `s[j] + s[j + 4]`, then
/// [`F32x4::sum`].
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_len("dot: b", b.len(), a.len());
    let mut sums = [F32x4::splat(0.0); 2];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        accumulate(&mut sums, a, load8(b));
    }
    accumulate(&mut sums, &padded(a_rest), load8(&padded(b_rest)));
    (sums[0] + sums[1]).sum()
}

/// One step of [`dot`]: eight more numbers on its running sums.
#[inline(always)]
pub(super) fn accumulate(sums: &mut [F32x4; 2], a: &[f32; 8], b: [F32x4; 2]) {
    let a = load8(a);
    sums[0] = sums[0] + a[0] * b[0];
    sums[1] = sums[1] + a[1] * b[1];
}

/// Eight numbers as two vectors.
#[inline(always)]
pub(super) fn load8(numbers: &[f32; 8]) -> [F32x4; 2] {
    let (lanes, _) = numbers.as_chunks::<4>();
    [F32x4::load(&lanes[0]), F32x4::load(&lanes[1])]
}

/// Up to seven numbers and zeros.
#[inline(always)]
pub(super) fn padded(rest: &[f32]) -> [f32; 8] {
    let mut numbers = [0.0; 8];
    numbers[..rest.len()].copy_from_slice(rest);
    numbers
}

/// The inner product of `a` and `b`, of equal length, summed in f64.
///
/// Four running sums, `s[i % 4] += a[i] * b[i]`; then `(s0 + s2) + (s1 + s3)`. The product of two
/// f32 is exact in f64.
pub fn dot64(a: &[f32], b: &[f32]) -> f64 {
    assert_len("dot64: b", b.len(), a.len());
    let mut sums = [0.0; 4];
    for (a, b) in a.chunks(4).zip(b.chunks(4)) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a) * f64::from(b);
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// `y += alpha * x`, of equal length.
pub fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    assert_len("axpy: y", y.len(), x.len());
    for (y, x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}
