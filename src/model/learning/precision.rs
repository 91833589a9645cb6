//! Numbers with fewer binary digits, and when a softmax that is summed in them is certain of one class: softmax collapse (Prieto,
//! Barsbey, Mediano and Birdal 2025, *Grokking at the edge of numerical stability*).
use crate::math::scalar;

/// A binary format of floating-point numbers. Its range is not emulated, only its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 16 bits.
    Half,
    /// 32 bits.
    Single,
    /// 64 bits.
    Double,
}

impl Precision {
    /// From the coarsest to the finest.
    pub const ALL: [Self; 3] = [Self::Half, Self::Single, Self::Double];

    /// Binary digits after the first.
    pub fn digits(self) -> u32 {
        match self {
            Self::Half => 10,
            Self::Single => 23,
            Self::Double => 52,
        }
    }

    /// The nearest number of this format, of two the even one.
    pub fn round(self, x: f64) -> f64 {
        let lost = f64::MANTISSA_DIGITS - 1 - self.digits();
        if lost == 0 || !x.is_finite() {
            return x;
        }
        let (bits, unit) = (x.to_bits(), 1_u64 << lost);
        let even = (bits >> lost) & 1;
        f64::from_bits((bits + (unit / 2 - 1) + even) & !(unit - 1))
    }

    /// The margin from which on one competitor adds nothing: the least for which `1 + e^-margin` is 1, found by trying.
    /// In theory `(digits + 1) ln 2`.
    pub fn horizon(self) -> f64 {
        let (mut within, mut beyond) = (0.0, 64.0);
        for _ in 0..50 {
            let middle = 0.5 * (within + beyond);
            if self.round(1.0 + scalar::exp(-middle)) > 1.0 {
                within = middle;
            } else {
                beyond = middle;
            }
        }
        beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;
    use std::f64::consts::LN_2;

    #[test]
    fn rounding_to_single_is_that_of_the_machine_and_halves_have_eleven_digits() {
        let mut chance = Rng::new(1).stream("numbers");
        for _ in 0..1000 {
            let x = scalar::exp(6.0 * chance.normal()) * if chance.uniform() < 0.5 { -1.0 } else { 1.0 };
            assert_eq!(Precision::Single.round(x).to_bits(), f64::from(x as f32).to_bits(), "{x}");
            assert_eq!(Precision::Double.round(x).to_bits(), x.to_bits());
        }
        let halves = [(2049.0, 2048.0), (2050.0, 2050.0), (2051.0, 2052.0), (1.0 + 1.0 / 2048.0, 1.0)];
        for (x, expected) in halves {
            assert_eq!(Precision::Half.round(x).to_bits(), f64::to_bits(expected), "{x}");
        }
    }

    #[test]
    fn horizons_are_those_of_the_digits() {
        for (precision, known) in Precision::ALL.into_iter().zip([7.62, 16.64, 36.74]) {
            let horizon = precision.horizon();
            assert!((horizon - known).abs() < 0.01, "{precision:?}: {horizon}");
            // The sum is rounded to 53 digits before it is to fewer: 2^-29 of a half unit of single precision.
            assert!((horizon - f64::from(precision.digits() + 1) * LN_2).abs() < 4e-9, "{precision:?}: {horizon}");
        }
        let sum = |margin: f64| 1.0 + scalar::expf(-margin as f32);
        let horizon = Precision::Single.horizon();
        assert!(sum(horizon - 1e-3) > 1.0 && sum(horizon + 1e-3) <= 1.0);
    }
}
