//! A Gaussian process whose scale is not known but drawn (Lee, Yun, Yang and Lee 2022, *Scale mixtures of neural network
//! Gaussian processes*): with an inverse-gamma `σ²` it is a process of Student's t, and values update the prior in closed
//! form.
//!
//! Losses here are for a place where the variance is `σ²` itself. Where it is `V σ²`, they are `½ ln V` more.
use super::student;
use crate::math::{
    rng::Stream,
    scalar::{erf, exp, lgamma, ln},
    special::digamma,
};
use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

/// What is believed of `σ²`: that `1 / σ²` has a gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseGamma {
    /// The shape, above 0.
    pub a: f64,
    /// The rate of the gamma distribution, above 0: a scale of σ².
    pub b: f64,
}

impl InverseGamma {
    /// One `σ²`.
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        self.b / student::gamma(self.a, stream)
    }

    /// Its mean; infinite for a up to 1, and then none.
    pub fn mean(&self) -> Option<f64> {
        (self.a > 1.0).then(|| self.b / (self.a - 1.0))
    }

    /// Degrees of freedom of the t that a normal number of variance `σ²` has.
    pub fn degrees(&self) -> f64 {
        2.0 * self.a
    }

    /// The squared scale of that t.
    pub fn scale2(&self) -> f64 {
        self.b / self.a
    }

    /// What is believed after `n` values with `yᵀ K⁻¹ y = surprise`.
    #[must_use]
    pub fn after(&self, n: usize, surprise: f64) -> Self {
        Self { a: self.a + 0.5 * n as f64, b: self.b + 0.5 * surprise }
    }

    /// What `-ln p` of one more value is on average after `n` of them, under the mixture.
    ///
    /// With `B = 2b + yᵀ K⁻¹ y` and z the next value, `2b / B` and `2b / (B + z²)` have beta distributions, so the mean
    /// logarithms are differences of digamma functions.
    pub fn mixture_loss(&self, n: usize) -> f64 {
        let now = self.a + 0.5 * n as f64;
        let next = now + 0.5;
        let rest = lgamma(now) - lgamma(next) + 0.5 * ln(2.0 * PI * self.b);
        rest + 0.5 * (digamma(now) - digamma(self.a)) + next * (digamma(next) - digamma(now))
    }

    /// The same of the Gaussian process that has the mean of `σ²` as its variance, however many values it has seen.
    pub fn fixed_loss(&self) -> Option<f64> {
        self.mean().map(|mean| 0.5 * ln(TAU * mean) + 0.5)
    }

    /// The chance that a value lies in the mixture's band after `n` others, when `σ²` really is `scale2`; `half` is the
    /// [`student::half_width`] of the band's share with `2a + n` degrees of freedom.
    ///
    /// `yᵀ K⁻¹ y / σ²` then has a χ² distribution with n degrees, over which this is summed by Simpson's rule.
    pub fn coverage(&self, n: usize, half: f64, scale2: f64) -> f64 {
        let inside = |r: f64| {
            let after = self.after(n, scale2 * r * r);
            erf(half * (after.scale2() / scale2).sqrt() * FRAC_1_SQRT_2)
        };
        // The density of the root r of χ².
        let power = n as f64 - 1.0;
        let norm = lgamma(0.5 * n as f64) + (0.5 * n as f64 - 1.0) * ln(2.0);
        let density = |r: f64| exp(power * ln(r) - 0.5 * r * r - norm);
        let (parts, end) = (64, (n as f64).sqrt() + 6.0);
        let h = end / f64::from(parts);
        let term = |i: u32| {
            let r = h * f64::from(i);
            (if i % 2 == 1 { 4.0 } else { 2.0 }) * density(r) * inside(r)
        };
        (1..parts).map(term).sum::<f64>() * h / 3.0
    }

    /// How much more of the values the mixture's band covers than the Gaussian one after `n` values, on average over all `σ²`
    /// above their mean; nothing where they have none. `half` is as for [`InverseGamma::coverage`], `normal` the same for a
    /// normal number.
    pub fn advantage(&self, n: usize, half: f64, normal: f64) -> Option<f64> {
        let mean = self.mean()?;
        let parts = 64;
        let (mut weights, mut sum) = (0.0, 0.0);
        for i in 0..parts {
            // The middles of equal parts of 1 / σ².
            let inverse = (f64::from(i) + 0.5) / f64::from(parts) / mean;
            let weight = exp((self.a - 1.0) * ln(inverse) - self.b * inverse);
            let fixed = erf(normal * (mean * inverse).sqrt() * FRAC_1_SQRT_2);
            weights += weight;
            sum += weight * (self.coverage(n, half, 1.0 / inverse) - fixed);
        }
        Some(sum / weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const PRIOR: InverseGamma = InverseGamma { a: 2.0, b: 2.0 };

    #[test]
    fn values_move_the_belief_as_bayes_says() {
        // By weighing many σ² with the chance of the values: the mean of σ² after them is b / (a - 1).
        let (n, surprise) = (5, 12.0);
        let mut stream = Rng::new(1).stream("scales");
        let (mut weights, mut sum) = (0.0, 0.0);
        for _ in 0..40_000 {
            let scale2 = PRIOR.draw(&mut stream);
            let weight = exp(-0.5 * f64::from(n) * ln(scale2) - 0.5 * surprise / scale2);
            weights += weight;
            sum += weight * scale2;
        }
        let after = PRIOR.after(5, surprise);
        assert_eq!((after.degrees(), after.scale2()), (9.0, 16.0 / 9.0));
        let wanted = after.mean().unwrap();
        assert!((sum / weights / wanted - 1.0).abs() < 0.03, "{}, wanted {wanted}", sum / weights);
    }

    #[test]
    fn mean_losses_and_coverages_are_those_of_drawn_values() {
        let (n, count) = (8, 40_000);
        let width = student::half_width(2.0 * PRIOR.a + n as f64, 0.95);
        let mut stream = Rng::new(2).stream("values");
        let (mut losses, mut squares) = (0.0, 0.0);
        let mut inside = 0;
        for _ in 0..count {
            let scale2 = PRIOR.draw(&mut stream);
            let mut square = || stream.normal() * scale2.sqrt();
            let surprise = (0..n).map(|_| square()).map(|y| y * y).sum();
            let z = square();
            let after = PRIOR.after(n, surprise);
            let loss = 0.5 * ln(after.scale2()) - student::log_density(after.degrees(), z / after.scale2().sqrt());
            losses += loss;
            squares += loss * loss;
            inside += u32::from(z.abs() < width * after.scale2().sqrt());
        }
        let count = f64::from(count);
        let mean = losses / count;
        let error = ((squares / count - mean * mean) / count).sqrt();
        assert!((mean - PRIOR.mixture_loss(n)).abs() < 4.0 * error, "{mean}, wanted {}", PRIOR.mixture_loss(n));
        assert!((f64::from(inside) / count - 0.95).abs() < 4.0 * (0.95 * 0.05 / count).sqrt());
        // Nothing seen: the loss is the entropy of t with 4 degrees, 1.6818.
        assert!((PRIOR.mixture_loss(0) - 1.681_77).abs() < 1e-4, "{}", PRIOR.mixture_loss(0));
        assert!((PRIOR.fixed_loss().unwrap() - PRIOR.mixture_loss(8) - 0.1693).abs() < 1e-4);
        assert_eq!(InverseGamma { a: 1.0, b: 1.0 }.fixed_loss(), None);
    }

    #[test]
    fn coverages_at_a_known_scale_have_the_share_as_their_mean() {
        let mut stream = Rng::new(3).stream("scales");
        let half = student::half_width(12.0, 0.95);
        let drawn = (0..4000).map(|_| PRIOR.coverage(8, half, PRIOR.draw(&mut stream)));
        let mean = drawn.sum::<f64>() / 4000.0;
        assert!((mean - 0.95).abs() < 0.004, "{mean}");
        assert!(PRIOR.coverage(8, half, 0.1) > 0.999);
        assert!(PRIOR.coverage(8, half, 25.0) < 0.92);
        // The advantage over a band of 1.96 standard deviations, where the scale is above its mean.
        let large = (0..8000).map(|_| PRIOR.draw(&mut stream)).filter(|scale2| *scale2 > 2.0);
        let more = large.map(|scale2| PRIOR.coverage(8, half, scale2) - erf(1.96 * scale2.recip().sqrt()));
        let more: Vec<f64> = more.collect();
        let mean = more.iter().sum::<f64>() / more.len() as f64;
        let law = PRIOR.advantage(8, half, 1.96).unwrap();
        assert!((mean - law).abs() < 0.006, "{mean}, wanted {law}");
    }
}
