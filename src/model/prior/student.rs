//! Student's t with `nu` degrees of freedom: a normal number over the root of an independent χ² / `nu`. Here `nu` is any
//! number above 0. Its tails fall as a power of z, and for `nu` up to 2 its variance is infinite.
use crate::math::{
    rng::Stream,
    scalar::{lgamma, ln, ln_1p, pow},
    special::incomplete_beta,
};
use std::f64::consts::PI;

/// The logarithm of the density at `z`.
pub fn log_density(nu: f64, z: f64) -> f64 {
    log_top(nu) - 0.5 * (nu + 1.0) * ln_1p(z * z / nu)
}

/// The logarithm of the density at 0, where it is highest.
pub fn log_top(nu: f64) -> f64 {
    lgamma(0.5 * (nu + 1.0)) - lgamma(0.5 * nu) - 0.5 * ln(nu * PI)
}

/// The chance of a number further from 0 than `z`, for `z` from 0.
pub fn beyond(nu: f64, z: f64) -> f64 {
    incomplete_beta(0.5 * nu, 0.5, nu / (nu + z * z))
}

/// The chance of a number below `z`.
pub fn below(nu: f64, z: f64) -> f64 {
    let tail = 0.5 * beyond(nu, z.abs());
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// How far from 0 numbers go with the chance `share`, above 0 and below 1: 2.776 for 4 degrees and 0.95.
pub fn half_width(nu: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while beyond(nu, high) > 1.0 - share {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if beyond(nu, middle) > 1.0 - share { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The chance that two numbers with one scale and no correlation lie further from the origin than a circle of which `r2`
/// is the squared radius.
pub fn beyond_circle(nu: f64, r2: f64) -> f64 {
    pow(1.0 + r2 / nu, -0.5 * nu)
}

/// A number with the gamma distribution of that shape, above 0, and rate 1.
///
/// Marsaglia and Tsang 2000, *A simple method for generating gamma variables*.
pub fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        return gamma(shape + 1.0, stream) * pow(1.0 - stream.uniform(), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let x = stream.normal();
        let root = 1.0 + x / (9.0 * d).sqrt();
        let cube = root * root * root;
        if root > 0.0 && ln(1.0 - stream.uniform()) < 0.5 * x * x + d - d * cube + d * ln(cube) {
            return d * cube;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{
        rng::Rng,
        scalar::{atan, exp},
        special::digamma,
    };

    #[test]
    fn one_degree_is_cauchys_and_few_others_have_closed_forms() {
        for z in [-30.0, -4.0, -0.7, 0.0, 0.3, 1.0, 2.5, 100.0_f64] {
            let root = |nu: f64| z / (nu + z * z).sqrt();
            let cubic = |s: f64| 0.5 + 0.25 * s * (3.0 - s * s);
            let known = [(1.0, 0.5 + atan(z) / PI), (2.0, 0.5 + 0.5 * root(2.0)), (4.0, cubic(root(4.0)))];
            for (nu, wanted) in known {
                assert!((below(nu, z) - wanted).abs() < 1e-13, "{nu} {z}: {}, wanted {wanted}", below(nu, z));
            }
            assert!((exp(log_density(1.0, z)) - 1.0 / (PI * (1.0 + z * z))).abs() < 1e-14);
        }
    }

    #[test]
    fn half_widths_are_those_of_the_tables() {
        for (nu, share, wanted) in
            [(1.0, 0.95, 12.7062), (4.0, 0.95, 2.7764), (12.0, 0.95, 2.1788), (30.0, 0.99, 2.7500), (1e6, 0.95, 1.9600)]
        {
            let got = half_width(nu, share);
            assert!((got - wanted).abs() < 6e-5, "{nu}: {got}, wanted {wanted}");
        }
    }

    #[test]
    fn gamma_numbers_have_their_mean_variance_and_mean_logarithm() {
        let count = 40_000;
        for shape in [0.6, 1.0, 2.0, 10.0] {
            let mut stream = Rng::new(3).stream("gamma");
            let drawn: Vec<f64> = (0..count).map(|_| gamma(shape, &mut stream)).collect();
            let mean = |f: &dyn Fn(f64) -> f64| drawn.iter().map(|x| f(*x)).sum::<f64>() / f64::from(count);
            let (average, square, log) = (mean(&|x| x), mean(&|x| x * x), mean(&ln));
            // Four standard errors.
            let error = |variance: f64| 4.0 * (variance / f64::from(count)).sqrt();
            assert!((average - shape).abs() < error(shape), "{shape}: {average}");
            let fourth = 6.0 * shape + 2.0 * shape * shape;
            assert!((square - average * average - shape).abs() < error(fourth), "{shape}: {square}");
            let slope = (digamma(shape + 1e-4) - digamma(shape - 1e-4)) / 2e-4;
            assert!((log - digamma(shape)).abs() < error(slope), "{shape}: {log}");
        }
    }

    #[test]
    fn two_numbers_with_one_scale_leave_the_circle_together() {
        let mut stream = Rng::new(4).stream("circle");
        let (nu, count) = (4.0, 20_000);
        let mut outside = 0;
        for _ in 0..count {
            let scale2 = 0.5 * nu / gamma(0.5 * nu, &mut stream);
            let (x, y) = (stream.normal(), stream.normal());
            outside += u32::from(scale2 * (x * x + y * y) > 9.0);
        }
        let (got, wanted) = (f64::from(outside) / f64::from(count), beyond_circle(nu, 9.0));
        assert!((got - wanted).abs() < 4.0 * (wanted / f64::from(count)).sqrt(), "{got}, wanted {wanted}");
    }
}
