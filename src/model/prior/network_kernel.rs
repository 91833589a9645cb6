//! Random networks with ReLU at some inputs, and the Gaussian process that they become when they are wide (Cho and Saul 2009,
//! *Kernel methods for deep learning*; Lee et al. 2018, *Deep neural networks as Gaussian processes*).
//!
//! The input is one number. A unit of the first layer has `√2 w x + b`, one of a later layer `√2 Σ w h / √n + b`, with
//! standard normal w and b. The output is `Σ v h / √n` over the last layer with v of variance 1 and no offset.
use super::gaussian_process::Factor;
use crate::math::{
    rng::Stream,
    scalar::{acos, sqrt},
};
use std::f64::consts::{PI, SQRT_2, TAU};

/// Mean square of the weights, times the layer's width, and of the offsets.
const WEIGHTS: f64 = 2.0;
const OFFSETS: f64 = 1.0;

/// The mean product of two units' outputs whose inputs are normal with variances `k1`, `k2` above 0 and covariance `k12`: the
/// arc-cosine kernel of order 1.
fn rectified(k1: f64, k2: f64, k12: f64) -> f64 {
    let size = sqrt(k1 * k2);
    let ratio = k12 / size;
    let cosine = if ratio.abs() < 1.0 { ratio } else { ratio.signum() };
    size / TAU * (sqrt(1.0 - cosine * cosine) + (PI - acos(cosine)) * cosine)
}

/// The covariance of the outputs at `x` and `y` of infinitely wide networks with `depth` hidden layers, 1 or more.
pub fn kernel(depth: usize, x: f64, y: f64) -> f64 {
    let (mut xx, mut yy, mut xy) = (x * x, y * y, x * y);
    for _ in 0..depth {
        let (k1, k2, k12) = (WEIGHTS * xx + OFFSETS, WEIGHTS * yy + OFFSETS, WEIGHTS * xy + OFFSETS);
        (xx, yy, xy) = (0.5 * k1, 0.5 * k2, rectified(k1, k2, k12));
    }
    if x.total_cmp(&y).is_eq() { xx } else { xy }
}

/// The kernel between all inputs, row by row.
pub fn kernels(depth: usize, inputs: &[f64]) -> Vec<f64> {
    inputs.iter().flat_map(|x| inputs.iter().map(|y| kernel(depth, *x, *y))).collect()
}

/// The outputs at the inputs of one random network of `depth` layers of `width` units.
///
/// From the second layer on no weight is drawn. Given the layer below, what the units of a layer sum up at the inputs is
/// normal, with the mean products of that layer as covariance, and independent from unit to unit: to draw that is to draw
/// the network.
pub fn draw(depth: usize, width: usize, inputs: &[f64], stream: &mut Stream) -> Vec<f64> {
    let m = inputs.len();
    let mut units = vec![0.0; m];
    let mut products = vec![0.0; m * m];
    for _ in 0..width {
        let (w, b) = (SQRT_2 * stream.normal(), stream.normal());
        units.iter_mut().zip(inputs).for_each(|(h, x)| *h = w * x + b);
        add_products(&mut units, &mut products);
    }
    let mut chance = vec![0.0; m];
    for _ in 1..depth {
        products.iter_mut().for_each(|k| *k = WEIGHTS * *k / width as f64 + OFFSETS);
        let factor = Factor::new(m, &products);
        products.fill(0.0);
        for _ in 0..width {
            chance.iter_mut().for_each(|z| *z = stream.normal());
            units.iter_mut().zip(factor.times(&chance)).for_each(|(h, sum)| *h = sum);
            add_products(&mut units, &mut products);
        }
    }
    products.iter_mut().for_each(|k| *k /= width as f64);
    chance.iter_mut().for_each(|z| *z = stream.normal());
    Factor::new(m, &products).times(&chance).collect()
}

/// Rectifies what a unit sums up at each input, and adds the products to the lower triangle of all units'.
fn add_products(unit: &mut [f64], products: &mut [f64]) {
    unit.iter_mut().for_each(|h| *h = h.max(0.0));
    let m = unit.len();
    for (i, h) in unit.iter().enumerate().filter(|(_, h)| **h > 0.0) {
        products[i * m..][..=i].iter_mut().zip(&*unit).for_each(|(k, other)| *k += h * other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn the_kernel_at_angles_that_are_known() {
        assert!((rectified(3.0, 3.0, 3.0) - 1.5).abs() < 1e-14);
        assert!((rectified(1.0, 4.0, 0.0) - 1.0 / PI).abs() < 1e-15);
        assert!(rectified(2.0, 2.0, -2.0).abs() < 1e-15);
        // At 60 degrees: (√3 / 2 + 2π/3 · 1/2) / 2π.
        assert!((rectified(1.0, 1.0, 0.5) - (0.75_f64.sqrt() + PI / 3.0) / TAU).abs() < 1e-15);
        // A place has half of what its layer's units have: 2x² + depth.
        for depth in 1..=3 {
            assert!((kernel(depth, 1.5, 1.5) - 0.5 * (4.5 + depth as f64)).abs() < 1e-13, "{depth}");
        }
        // These two inputs are at right angles for the first layer.
        let correlation = kernel(1, -0.5, 1.0) / (kernel(1, -0.5, -0.5) * kernel(1, 1.0, 1.0)).sqrt();
        assert!((correlation - 1.0 / PI).abs() < 1e-15, "{correlation}");
    }

    #[test]
    fn networks_have_the_kernel_as_covariance_at_any_width() {
        let inputs = [-0.5, 1.0, 1.3];
        for (depth, width) in [(1, 16), (2, 16), (3, 4)] {
            let mut stream = Rng::new(5).stream("networks");
            let count = 6000;
            let outputs: Vec<Vec<f64>> = (0..count).map(|_| draw(depth, width, &inputs, &mut stream)).collect();
            for (i, x) in inputs.iter().enumerate() {
                for (j, y) in inputs.iter().enumerate() {
                    let products: Vec<f64> = outputs.iter().map(|f| f[i] * f[j]).collect();
                    let mean = products.iter().sum::<f64>() / f64::from(count);
                    let spread = products.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / f64::from(count);
                    let z = (mean - kernel(depth, *x, *y)) / (spread / f64::from(count)).sqrt();
                    assert!(z.abs() < 4.0, "{depth} layers, {x} {y}: {mean}, {z} standard errors");
                }
            }
        }
    }

    /// The last claim of [`draw`], against networks with all their weights.
    #[test]
    fn narrow_networks_have_the_tails_of_networks_drawn_weight_by_weight() {
        let (width, count) = (3, 20_000);
        let mut stream = Rng::new(6).stream("weights");
        let mut weight_by_weight = || {
            let layer: Vec<f64> = (0..width).map(|_| (SQRT_2 * stream.normal() + stream.normal()).max(0.0)).collect();
            let sum = |h: &[f64], stream: &mut Stream| {
                h.iter().map(|h| h * stream.normal()).sum::<f64>() / f64::from(width).sqrt()
            };
            let layer: Vec<f64> =
                (0..width).map(|_| (SQRT_2 * sum(&layer, &mut stream) + stream.normal()).max(0.0)).collect();
            sum(&layer, &mut stream)
        };
        let far = |f: f64| u32::from(f.abs() > 3.0);
        let full: u32 = (0..count).map(|_| far(weight_by_weight())).sum();
        let mut stream = Rng::new(6).stream("networks");
        let drawn: u32 = (0..count).map(|_| far(draw(2, width as usize, &[1.0], &mut stream)[0])).sum();
        let (full, drawn) = (f64::from(full), f64::from(drawn));
        assert!((full - drawn).abs() < 4.0 * (full + drawn).sqrt(), "{drawn}, wanted {full}");
    }
}
