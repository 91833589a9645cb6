//! Functions beside the gamma function: its logarithmic derivatives, odd factorials and the regularised incomplete beta function.
use super::scalar::{exp, lgamma, ln, ln_1p};

/// The digamma function, the derivative of [`lgamma`], for `x > 0`: within 1e-14 of its size.
///
/// Its recurrence up to 10, and from there the asymptotic series (Abramowitz and Stegun 1964, 6.3.5 and 6.3.18).
pub fn digamma(x: f64) -> f64 {
    let (x, steps) = lifted(x, |x| 1.0 / x);
    let y = 1.0 / (x * x);
    let series = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0, 1.0 / 12.0];
    ln(x) - 0.5 / x - y * series.iter().rev().fold(0.0, |sum, term| sum * y + term) - steps
}

/// The trigamma function, the derivative of [`digamma`], for `x > 0`: within 1e-11 of its size.
///
/// In the same way (Abramowitz and Stegun 1964, 6.4.6 and 6.4.12).
pub fn trigamma(x: f64) -> f64 {
    let (x, steps) = lifted(x, |x| 1.0 / (x * x));
    let y = 1.0 / (x * x);
    let series = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0];
    1.0 / x + 0.5 * y + y / x * series.iter().rev().fold(0.0, |sum, term| sum * y + term) + steps
}

/// A place from 10 on, where the series are good, and what a recurrence adds on the way.
fn lifted(mut x: f64, term: impl Fn(f64) -> f64) -> (f64, f64) {
    let mut steps = 0.0;
    while x < 10.0 {
        steps += term(x);
        x += 1.0;
    }
    (x, steps)
}

/// `n!! = 1 · 3 · 5 ⋯ n` for an odd n.
pub fn odd_factorial(n: usize) -> f64 {
    (1..=n).step_by(2).map(|k| k as f64).product()
}

/// The regularised incomplete beta function: the chance that a number with the beta distribution of shapes `a` and `b`,
/// both above 0, is below `x`, from 0 to 1.
///
/// The continued fraction (Abramowitz and Stegun 1964, 26.5.8) on the side of the mean where it converges fast.
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * ln(x) + b * ln_1p(-x)) / a;
    front / fraction(a, b, x)
}

/// `1 + d₁ / (1 + d₂ / (1 + …))` from the front, by the ratios of its numerators and of its denominators (Lentz 1976,
/// *Generating Bessel functions in Mie scattering calculations using continued fractions*).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    // No denominator comes near 0 below the mean, so that none needs to be kept from it.
    let (mut value, mut up, mut down) = (1.0, 1.0, 0.0);
    for k in 0..200 {
        let m = f64::from(k);
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let even = (m + 1.0) * (b - m - 1.0) * x / ((a + 2.0 * m + 1.0) * (a + 2.0 * m + 2.0));
        let before = value;
        for d in [odd, even] {
            up = 1.0 + d / up;
            down = 1.0 / (1.0 + d * down);
            value *= up * down;
        }
        if (value - before).abs() <= 1e-16 * before.abs() {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_PI_2, LN_2};

    #[test]
    fn digamma_is_what_is_known_of_it() {
        let euler = 0.577_215_664_901_532_9;
        let known =
            [(1.0, -euler), (2.0, 1.0 - euler), (0.5, -euler - 2.0 * LN_2), (0.25, -FRAC_PI_2 - 3.0 * LN_2 - euler)];
        for (x, wanted) in known {
            assert!((digamma(x) - wanted).abs() < 1e-14 * wanted.abs().max(1.0), "{x}: {}", digamma(x));
        }
        for x in [0.1, 0.7, 3.3, 9.9, 25.0] {
            // The recurrence, and the slope of the logarithm.
            assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() < 1e-13 / x.min(1.0));
            let slope = (lgamma(x + 1e-5) - lgamma(x - 1e-5)) / 2e-5;
            assert!((digamma(x) - slope).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn trigamma_is_what_is_known_of_it() {
        let pi = std::f64::consts::PI;
        for (x, wanted) in [(0.5, pi * pi / 2.0), (1.0, pi * pi / 6.0), (8.0, 0.133_137_014_694_031_4)] {
            assert!((trigamma(x) - wanted).abs() < 1e-11, "{x}: {}", trigamma(x));
        }
    }

    #[test]
    fn the_beta_function_is_a_power_an_arc_sine_and_a_binomial_sum() {
        for x in [0.0, 1e-6, 0.1, 0.37, 0.5, 0.8, 0.999, 1.0] {
            let close = |a: f64, b: f64, wanted: f64| {
                let got = incomplete_beta(a, b, x);
                assert!((got - wanted).abs() < 1e-13, "{a} {b} {x}: {got}, wanted {wanted}");
            };
            close(1.0, 1.0, x);
            close(3.5, 1.0, super::super::scalar::pow(x, 3.5));
            close(0.5, 0.5, super::super::scalar::acos(1.0 - 2.0 * x) / std::f64::consts::PI);
            // At least three of five.
            let y = 1.0 - x;
            close(3.0, 3.0, x * x * x * (10.0 * y * y + 5.0 * x * y + x * x));
        }
    }
}
