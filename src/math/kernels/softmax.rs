//! The exponential on four lanes, and what is made of it.

use std::hint::black_box;

use crate::math::scalar;
use crate::math::simd::{F32x4, ROUNDING};

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
    exponential: Exponential,
}

impl Weigh {
    #[inline(always)]
    fn against_greatest(beta: f32, z: &[f32]) -> Self {
        let factor = F32x4::splat(beta);
        let mut greatest = [F32x4::splat(f32::NEG_INFINITY); 4];
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
        Self { beta, shift, exponential: Exponential::new() }
    }

    #[inline(always)]
    fn four(&self, z: F32x4) -> F32x4 {
        self.exponential.cut(z * F32x4::splat(self.beta) - F32x4::splat(self.shift))
    }

    /// The weights of up to three, the missing ones zero.
    #[inline(always)]
    fn rest(&self, z: &[f32]) -> F32x4 {
        let mut exponents = [f32::NEG_INFINITY; 4];
        for (exponent, z) in exponents.iter_mut().zip(z) {
            *exponent = self.beta * z - self.shift;
        }
        self.exponential.cut(F32x4::load(&exponents))
    }

    fn log(&self, sum: f32) -> f32 {
        (self.shift + scalar::lnf(sum)) / self.beta
    }
}

/// `z[i] = exp(z[i])` in place, for all of f32, with a relative error below 2e-7 where the result
/// is a normal number.
pub fn exp_in_place(z: &mut [f32]) {
    let exponential = Exponential::new();
    let (fours, rest) = z.as_chunks_mut::<4>();
    for z in fours {
        exponential.full(F32x4::load(z)).store(z);
    }
    exponential.full(F32x4::load_partial(rest)).store_partial(rest);
}

/// The exponential of four lanes.
///
/// The method and the coefficients of `expf` in Cephes (Moshier 1989): `x = n ln 2 + r`, with
/// ln 2 in two parts so that `r` keeps its digits, then a polynomial in `r`.
struct Exponential {
    log2_e: F32x4,
    ln_2_high: F32x4,
    ln_2_low: F32x4,
    polynomial: [F32x4; 6],
    one: F32x4,
    rounding: F32x4,
    cut: F32x4,
}

impl Exponential {
    #[inline(always)]
    fn new() -> Self {
        // V8 makes a constant vector anew at each use, in several instructions. The black box makes
        // these numbers that could be any, which it keeps.
        let number = |x: f32| F32x4::splat(black_box(x));
        Self {
            log2_e: number(std::f32::consts::LOG2_E),
            ln_2_high: number(0.693_359_4),
            ln_2_low: number(-2.121_944_4e-4),
            polynomial: [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5].map(number),
            one: number(1.0),
            rounding: number(ROUNDING),
            cut: number(CUT),
        }
    }

    /// `exp(x)` for `x` up to 0, zero below [`CUT`].
    #[inline(always)]
    fn cut(&self, x: F32x4) -> F32x4 {
        // What is computed far below the cut has no meaning, and is zeroed.
        let (fraction, n) = self.parts(x);
        fraction.scale(n).zero_where_below(x, self.cut)
    }

    /// `exp(x)` for any `x`.
    #[inline(always)]
    fn full(&self, x: F32x4) -> F32x4 {
        // Outside these bounds the result is 0 or infinite. In this order a NaN stays a NaN.
        let x = F32x4::splat(89.0).min(F32x4::splat(-104.0).max(x));
        let (fraction, n) = self.parts(x);
        // In two steps, for the powers at both ends have no f32 of their own.
        let n = n - self.rounding;
        let half = n * F32x4::splat(0.5) + self.rounding;
        let other = n - (half - self.rounding) + self.rounding;
        fraction * self.one.scale(half) * self.one.scale(other)
    }

    /// `(fraction, ROUNDING + n)` such that `exp(x) = fraction * 2^n`, the fraction near 1.
    #[inline(always)]
    fn parts(&self, x: F32x4) -> (F32x4, F32x4) {
        let shifted = x * self.log2_e + self.rounding;
        let n = shifted - self.rounding;
        let r = x - n * self.ln_2_high - n * self.ln_2_low;
        // Estrin's order, in pairs: Horner's waits for each operation before the next.
        let [c0, c1, c2, c3, c4, c5] = self.polynomial;
        let r2 = r * r;
        let sum = (c0 * r + c1) * (r2 * r2) + ((c2 * r + c3) * r2 + (c4 * r + c5));
        (sum * r2 + r + self.one, shifted)
    }
}
