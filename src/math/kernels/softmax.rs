//! The exponential on four lanes, and what is made of it.

use crate::math::scalar;
use crate::math::simd::F32x4;

/// Weights below e to this power, relative to the greatest, are exactly zero. They would not change
/// a sum, and products with smaller ones are denormal numbers, which slow every later
/// multiplication where the processor cannot be told to flush them, as in wasm.
const CUT: f32 = -60.0;

/// `z[i] = exp(beta * z[i]) / sum`, in place; the return value is
/// [`log_sum_exp`]`(beta, z)` of what `z` was.
///
/// Weights below e⁻⁶⁰ relative to the greatest are exactly zero. At `beta = 0` the weights are
/// equal and the return value infinite. For positive `beta` an entry of `-inf` gets no weight; one
/// entry must be finite, or all weights are NaN.
pub fn softmax(beta: f32, z: &mut [f32]) -> f32 {
    let weigh = Weigh::against_greatest(beta, z);
    let mut sums = F32x4::splat(0.0);
    let (fours, rest) = z.as_chunks_mut::<4>();
    for z in fours {
        let weights = weigh.four(F32x4::load(z));
        weights.store(z);
        sums = sums + weights;
    }
    let weights = weigh.rest(rest);
    weights.store_partial(rest);
    let sum = (sums + weights).sum();

    let scale = 1.0 / sum;
    for z in &mut *z {
        *z *= scale;
    }
    weigh.log(sum)
}

/// [`softmax`] of each row of `cols` numbers.
///
/// # Panics
/// If `z` is not a whole number of rows.
pub fn softmax_rows(beta: f32, z: &mut [f32], cols: usize) {
    let (got, cols) = (z.len(), cols.max(1));
    assert!(got.is_multiple_of(cols), "softmax_rows: got {got} numbers, wanted rows of {cols}");
    for row in z.chunks_exact_mut(cols) {
        softmax(beta, row);
    }
}

/// `(1 / beta) * ln(sum of exp(beta * z[i]))`: for positive `beta` a smooth maximum, `-inf` of an
/// empty slice.
///
/// Terms below e⁻⁶⁰ relative to the greatest are left out.
pub fn log_sum_exp(beta: f32, z: &[f32]) -> f32 {
    let weigh = Weigh::against_greatest(beta, z);
    let mut sums = F32x4::splat(0.0);
    let (fours, rest) = z.as_chunks::<4>();
    for z in fours {
        sums = sums + weigh.four(F32x4::load(z));
    }
    weigh.log((sums + weigh.rest(rest)).sum())
}

/// The weight `exp(beta * z - shift)`, with the shift that makes the greatest weight 1.
struct Weigh {
    beta: f32,
    shift: f32,
}

impl Weigh {
    #[inline(always)]
    fn against_greatest(beta: f32, z: &[f32]) -> Self {
        let lowest = F32x4::splat(f32::NEG_INFINITY);
        let factor = F32x4::splat(beta);
        let mut greatest = [lowest; 4];
        let (fours, rest) = z.as_chunks::<4>();
        let (sixteens, fours) = fours.as_chunks::<4>();
        for z in sixteens {
            for (greatest, z) in greatest.iter_mut().zip(z) {
                *greatest = (F32x4::load(z) * factor).max(*greatest);
            }
        }
        let [a, b, c, d] = greatest;
        let mut greatest = a.max(b).max(c.max(d));
        for z in fours {
            greatest = (F32x4::load(z) * factor).max(greatest);
        }
        let mut shift = greatest.greatest();
        for z in rest {
            shift = if beta * z > shift { beta * z } else { shift };
        }
        Self { beta, shift }
    }

    #[inline(always)]
    fn four(&self, z: F32x4) -> F32x4 {
        cut_exp(z * F32x4::splat(self.beta) - F32x4::splat(self.shift))
    }

    /// The weights of up to three, the missing ones zero.
    #[inline(always)]
    fn rest(&self, z: &[f32]) -> F32x4 {
        let mut exponents = [f32::NEG_INFINITY; 4];
        for (exponent, z) in exponents.iter_mut().zip(z) {
            *exponent = self.beta * z - self.shift;
        }
        cut_exp(F32x4::load(&exponents))
    }

    fn log(&self, sum: f32) -> f32 {
        (self.shift + scalar::lnf(sum)) / self.beta
    }
}

/// `z[i] = exp(z[i])` in place, for all of f32, with a relative error below 2e-7 where the result
/// is a normal number.
pub fn exp_in_place(z: &mut [f32]) {
    let (fours, rest) = z.as_chunks_mut::<4>();
    for z in fours {
        exp(F32x4::load(z)).store(z);
    }
    exp(F32x4::load_partial(rest)).store_partial(rest);
}

#[inline(always)]
fn exp(x: F32x4) -> F32x4 {
    // Outside these bounds the result is 0 or infinite. In this order a NaN stays a NaN.
    let x = F32x4::splat(89.0).min(F32x4::splat(-104.0).max(x));
    let (fraction, power) = exp_parts(x);
    // In two steps, for the powers at both ends have no f32 of their own.
    let half = (power * F32x4::splat(0.5)).round();
    fraction * half.pow2() * (power - half).pow2()
}

/// `exp(x)` for `x` up to 0, zero below [`CUT`].
#[inline(always)]
fn cut_exp(x: F32x4) -> F32x4 {
    // What is computed far below the cut has no meaning, and is zeroed.
    let (fraction, power) = exp_parts(x);
    (fraction * power.pow2()).zero_where_below(x, F32x4::splat(CUT))
}

/// `(fraction, power)` such that `exp(x) = fraction * 2^power`, the fraction near 1.
///
/// The method and the coefficients of `expf` in Cephes (Moshier 1989): `x = power * ln 2 + r`,
/// with ln 2 in two parts so that `r` keeps its digits, then a polynomial in `r`.
#[inline(always)]
fn exp_parts(x: F32x4) -> (F32x4, F32x4) {
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const COEFFICIENTS: [f32; 6] =
        [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let power = (x * F32x4::splat(std::f32::consts::LOG2_E)).round();
    let r = x - power * F32x4::splat(LN_2_HIGH) - power * F32x4::splat(LN_2_LOW);
    let [first, others @ ..] = COEFFICIENTS.map(F32x4::splat);
    let polynomial = others.into_iter().fold(first, |sum, coefficient| sum * r + coefficient);
    let fraction = polynomial * (r * r) + r + F32x4::splat(1.0);
    (fraction, power)
}
