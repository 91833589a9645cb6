//! The theory of Hebb's rule for infinitely many units at load alpha = P / N and temperature T (Amit, Gutfreund and
//! Sompolinsky 1985 and 1987, *Statistical mechanics of neural networks near saturation*), replica symmetric, with one
//! pattern recalled.
//!
//! With β = 1 / T and averages over a standard normal z, the overlap m, the order q and the noise r obey
//!
//! - `m = ⟨tanh β(√(alpha r) z + m)⟩`
//! - `q = ⟨tanh² β(√(alpha r) z + m)⟩`
//! - `r = q / C²` with `C = 1 - β(1 - q)`
//!
//! They are not iterated here. In `u = β m` and `v = β √(alpha r)` the averages are plain functions, and so then are
//! `T = m / u` and `alpha = v² / (β² r)`: every point (u, v) is a solution for some load and temperature.
use crate::math::{normal::each_normal, scalar};
use std::f64::consts::FRAC_2_SQRT_PI;

/// One solution: a phase at a load and temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// P / N.
    pub alpha: f64,
    /// The temperature, above 0.
    pub temperature: f64,
    /// The overlap with the pattern; 0 in the glass.
    pub m: f64,
    /// The mean square of the units' mean states.
    pub q: f64,
    /// The noise from the other patterns.
    pub r: f64,
    u: f64,
    v: f64,
}

impl Phase {
    /// The solution at a point (u, v); `temperature` where u is 0 and says nothing of it. `None` where `C` is not above 0.
    fn at(u: f64, v: f64, temperature: f64) -> Option<Self> {
        let (m, q) = averages(u, v);
        let c = 1.0 - (1.0 - q) / temperature;
        let r = q / (c * c);
        let alpha = v * v * temperature * temperature / r;
        (c > 0.0 && q > 0.0).then_some(Self { alpha, temperature, m, q, r, u, v })
    }

    /// The recall phase with noise v at a temperature below 1: u is where `m / u` is the temperature.
    fn recalling(v: f64, temperature: f64) -> Option<Self> {
        // m / u falls with u, and m is at most 1.
        let over = |u: f64| averages(u, v).0 / u > temperature;
        let u = bisect(1e-9, 1.0 / temperature, over);
        if u < 1e-6 { None } else { Self::at(u, v, temperature) }
    }

    /// The free energy per unit.
    pub fn free_energy(&self) -> f64 {
        let Self { alpha, temperature, m, q, r, u, v } = *self;
        let c = 1.0 - (1.0 - q) / temperature;
        let log_cosh = average(u, v, |x| x.abs() + scalar::ln_1p(scalar::exp(-2.0 * x.abs())));
        0.5 * alpha
            + 0.5 * m * m
            + 0.5 * alpha * r * (1.0 - q) / temperature
            + 0.5 * alpha * temperature * (scalar::ln(c) - q / (temperature * c))
            - temperature * log_cosh
    }
}

/// The recall phase at a load and temperature, if there is one: the pattern is a resting place, the deepest or not.
/// At temperature 0 the order q is 1, and the noise follows.
pub fn recall(alpha: f64, temperature: f64) -> Option<f64> {
    if temperature <= 0.0 {
        // alpha falls with y to its right branch: the largest root is the stable one.
        let (greatest, most) = greatest_at_rest();
        return (alpha <= most).then(|| scalar::erf(bisect(greatest, 40.0, |y| load_at_rest(y) > alpha)));
    }
    let edge = melting_load(temperature)?;
    if alpha > edge.alpha {
        return None;
    }
    let under = |v: f64| Phase::recalling(v, temperature).is_some_and(|phase| phase.alpha < alpha);
    Phase::recalling(bisect(0.0, edge.v, under), temperature).map(|phase| phase.m)
}

/// The greatest load at which a pattern is a resting place at a temperature, and the phase there: the line `T_M`.
/// `None` at temperatures from 1 on.
pub fn melting_load(temperature: f64) -> Option<Phase> {
    if temperature >= 1.0 {
        return None;
    }
    let alpha = |v: f64| Phase::recalling(v, temperature).map_or(0.0, |phase| phase.alpha);
    // Noise that reaches the field of a pattern ends every recall.
    Phase::recalling(greatest(0.0, 1.2 / temperature, alpha), temperature)
}

/// The load at which recall and glass have the same free energy at a temperature: the line `T_c`. Below it patterns are
/// the deepest states.
pub fn deepest_load(temperature: f64) -> Option<f64> {
    let edge = melting_load(temperature)?;
    let deeper = |v: f64| {
        let Some(recalled) = Phase::recalling(v, temperature) else { return false };
        glass(recalled.alpha, temperature).is_none_or(|glass| recalled.free_energy() < glass.free_energy())
    };
    Phase::recalling(bisect(0.0, edge.v, deeper), temperature).map(|phase| phase.alpha)
}

/// The glass at a load and temperature, below [`glass_temperature`].
pub fn glass(alpha: f64, temperature: f64) -> Option<Phase> {
    if temperature >= glass_temperature(alpha) {
        return None;
    }
    // The load grows with v; where C is not above 0 there is no load at all.
    let under = |v: f64| Phase::at(0.0, v, temperature).is_none_or(|phase| phase.alpha < alpha);
    let most = 4.0 * (1.0 + alpha.sqrt()) / temperature;
    Phase::at(0.0, bisect(1e-6, most, under), temperature)
}

/// `T_g = 1 + √alpha`: above it units forget every pattern.
pub fn glass_temperature(alpha: f64) -> f64 {
    1.0 + alpha.sqrt()
}

/// The greatest load with recall at temperature 0, and the overlap there: 0.138 and 0.967.
pub fn critical_load() -> (f64, f64) {
    let (y, alpha) = greatest_at_rest();
    (alpha, scalar::erf(y))
}

/// The load of the solution `m = erf(y)` at temperature 0, `y = erf(y) / (√(2 alpha) + (2 / √π) exp(-y²))`.
fn load_at_rest(y: f64) -> f64 {
    let root = scalar::erf(y) / y - FRAC_2_SQRT_PI * scalar::exp(-y * y);
    0.5 * root * root
}

fn greatest_at_rest() -> (f64, f64) {
    let y = greatest(0.5, 4.0, load_at_rest);
    (y, load_at_rest(y))
}

/// `⟨tanh(v z + u)⟩` and `⟨tanh²(v z + u)⟩`.
fn averages(u: f64, v: f64) -> (f64, f64) {
    let (mut m, mut q) = (0.0, 0.0);
    each_scaled(v, |z, weight| {
        // tanh by one exponential: half the time, and its error of 10⁻¹⁶ does no harm to an average.
        let t = 1.0 - 2.0 / (scalar::exp(2.0 * (v * z + u)) + 1.0);
        m += weight * t;
        q += weight * t * t;
    });
    (m, q)
}

/// `⟨f(v z + u)⟩`.
fn average(u: f64, v: f64, f: impl Fn(f64) -> f64) -> f64 {
    let mut sum = 0.0;
    each_scaled(v, |z, weight| sum += weight * f(v * z + u));
    sum
}

/// [`each_normal`] for functions of `v z` as smooth as tanh. Its error falls as `exp(-2 π d / h)` with the step h and the
/// distance d = π / (2 v) of the nearest pole: here below 10⁻⁷.
fn each_scaled(v: f64, take: impl FnMut(f64, f64)) {
    let step = (0.6 / v.max(1e-9)).min(0.5);
    each_normal(step, (6.5 / step) as i64 + 1, take);
}

/// The place between two where a condition that holds on the left stops to hold, to 10⁻⁹ of their distance.
pub(super) fn bisect(mut left: f64, mut right: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..30 {
        let middle = 0.5 * (left + right);
        if holds(middle) { left = middle } else { right = middle }
    }
    0.5 * (left + right)
}

/// Where a function with one hill is greatest, by golden sections, to 10⁻⁶ of the distance: there its height is level.
pub(super) fn greatest(mut left: f64, mut right: f64, f: impl Fn(f64) -> f64) -> f64 {
    let share = 0.5 * (5.0_f64.sqrt() - 1.0);
    let inner = |left: f64, right: f64| (right - share * (right - left), left + share * (right - left));
    let (mut a, mut b) = inner(left, right);
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..28 {
        if at_a < at_b {
            (left, a, at_a) = (a, b, at_b);
            b = inner(left, right).1;
            at_b = f(b);
        } else {
            (right, b, at_b) = (b, a, at_a);
            a = inner(left, right).0;
            at_a = f(a);
        }
    }
    0.5 * (left + right)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Figures without another source are from a prototype that iterates the equations.

    #[test]
    fn at_rest_recall_ends_at_a_load_of_0138_with_an_overlap_of_0967() {
        let (alpha, m) = critical_load();
        assert!((alpha - 0.137_91).abs() < 1e-5 && (m - 0.967_42).abs() < 1e-5, "{alpha} {m}");
        assert!((recall(0.1, 0.0).expect("below the line") - 0.998).abs() < 1e-3);
        assert_eq!(recall(0.14, 0.0), None);
    }

    #[test]
    fn the_lines_of_the_phase_diagram_are_those_of_the_iterated_equations() {
        for (alpha, temperature) in
            [(0.01, 0.801), (0.02, 0.717), (0.05, 0.542), (0.08, 0.405), (0.1, 0.315), (0.12, 0.215)]
        {
            let edge = melting_load(temperature).expect("below 1");
            assert!((edge.alpha - alpha).abs() < 2e-4, "T {temperature}: {}", edge.alpha);
        }
        for (alpha, temperature) in [(0.051, 0.2), (0.037, 0.4), (0.019, 0.6), (0.0054, 0.8)] {
            let load = deepest_load(temperature).expect("below 1");
            assert!((load - alpha).abs() < 5e-4, "T {temperature}: {load}");
        }
        assert_eq!(melting_load(1.0), None);
    }

    #[test]
    fn overlaps_are_those_of_the_iterated_equations_and_near_rest_those_of_rest() {
        for (alpha, temperature, m) in
            [(0.05, 0.2, 0.9989), (0.05, 0.4, 0.9662), (0.1, 0.2, 0.9891), (0.02, 0.5, 0.9450)]
        {
            let got = recall(alpha, temperature).expect("below the line");
            assert!((got - m).abs() < 1e-4, "{alpha} {temperature}: {got}");
        }
        assert_eq!(recall(0.05, 0.7), None);
        assert_eq!(recall(0.2, 0.2), None);
        let (cold, rest) = (recall(0.1, 0.03).expect("cold"), recall(0.1, 0.0).expect("at rest"));
        assert!((cold - rest).abs() < 1e-3, "{cold} and {rest}");
    }

    #[test]
    fn solutions_obey_the_equations_and_the_free_energy_is_level_there() {
        let phase = Phase::recalling(0.9, 0.4).expect("a phase");
        let Phase { alpha, temperature, m, q, r, .. } = phase;
        let (u, v) = (m / temperature, (alpha * r).sqrt() / temperature);
        let (again_m, again_q) = averages(u, v);
        let c = 1.0 - (1.0 - q) / temperature;
        assert!((again_m - m).abs() < 1e-9 && (again_q - q).abs() < 1e-9 && (r - q / (c * c)).abs() < 1e-9);
        // The derivative by m, with all else held.
        let moved = |by: f64| Phase { m: m + by, u: (m + by) / temperature, ..phase }.free_energy();
        let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        assert!(slope.abs() < 1e-6, "{slope}");
    }

    #[test]
    fn the_glass_begins_at_its_line_and_has_no_overlap() {
        let (alpha, line) = (0.2, glass_temperature(0.2));
        assert_eq!(glass(alpha, line), None);
        let below = glass(alpha, line - 0.05).expect("below the line");
        assert!(below.m.abs() < 1e-12 && below.q < 0.1, "{below:?}");
        assert!((below.alpha - alpha).abs() < 1e-6);
        assert!(glass(alpha, 0.2).expect("cold").q > 0.7);
    }
}
