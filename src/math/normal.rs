//! Averages over a standard normal number.
use super::scalar;
use std::f64::consts::TAU;

/// The trapezoid rule for a standard normal z: hands `take` each of the `2 half + 1` places, `step` apart, with its weight.
/// For functions that are smooth on the whole line its error falls exponentially with one over the step.
pub fn each_normal(step: f64, half: i64, mut take: impl FnMut(f64, f64)) {
    for k in -half..=half {
        let z = k as f64 * step;
        take(z, step * scalar::exp(-0.5 * z * z) / TAU.sqrt());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_give_the_moments_of_the_normal_law() {
        let mut moments = [0.0; 3];
        each_normal(0.5, 17, |z, weight| {
            moments.iter_mut().zip([1.0, z * z, z * z * z * z]).for_each(|(sum, x)| *sum += weight * x);
        });
        for (got, exact) in moments.iter().zip([1.0, 1.0, 3.0]) {
            assert!((got - exact).abs() < 1e-11, "{moments:?}");
        }
    }
}
