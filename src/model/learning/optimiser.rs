//! From gradients to steps: Adam or plain descent, either behind a filter that amplifies slow gradients (Lee, Kang, Kim and
//! Lee 2024, *Grokfast: accelerated grokking by amplifying slow gradients*).
use super::adam::{Adam, Settings};
use crate::math::kernels::{axpy, dot64};

/// How weights follow their gradient.
#[derive(Clone, Debug)]
pub enum Optimiser {
    /// Adam with decoupled weight decay.
    Adam(Adam),
    /// `w = (1 - rate * decay) * w - rate * g`, with the rate and the decay of these settings.
    Plain(Settings),
}

impl Optimiser {
    /// What may change from one step to the next.
    pub fn settings(&mut self) -> &mut Settings {
        match self {
            Self::Adam(adam) => &mut adam.settings,
            Self::Plain(settings) => settings,
        }
    }

    /// The same as they are.
    pub fn now(&self) -> &Settings {
        match self {
            Self::Adam(adam) => &adam.settings,
            Self::Plain(settings) => settings,
        }
    }

    /// One step.
    ///
    /// # Panics
    /// If the weights and the gradient are not as many as the optimiser was made for.
    pub fn step(&mut self, weights: &mut [f32], gradient: &[f32]) {
        match self {
            Self::Adam(adam) => adam.step(weights, gradient),
            Self::Plain(Settings { rate, decay, .. }) => {
                assert_eq!(weights.len(), gradient.len(), "weights and gradient");
                let kept = 1.0 - *rate * *decay;
                weights.iter_mut().zip(gradient).for_each(|(w, g)| *w = *w * kept - *rate * g);
            }
        }
    }
}

/// Adds a running mean of the gradients to each of them.
#[derive(Clone, Debug)]
pub struct Grokfast {
    /// How much of the mean stays at a step, from 0 to below 1.
    pub kept: f32,
    /// How often the mean is added.
    pub gain: f32,
    mean: Vec<f32>,
}

impl Grokfast {
    /// For so many weights; the mean begins at 0.
    pub fn new(weights: usize, kept: f32, gain: f32) -> Self {
        Self { kept, gain, mean: vec![0.0; weights] }
    }

    /// `g += gain * mean`, the mean with this gradient in it.
    ///
    /// # Panics
    /// If the gradient is of another number of weights.
    pub fn filter(&mut self, gradient: &mut [f32]) {
        assert_eq!(gradient.len(), self.mean.len(), "gradient");
        let new = 1.0 - self.kept;
        for (g, mean) in gradient.iter_mut().zip(&mut self.mean) {
            *mean = self.kept * *mean + new * *g;
            *g += self.gain * *mean;
        }
    }
}

/// Takes from a gradient what points along the weights, and makes the rest as long as all of it was (Prieto, Barsbey, Mediano
/// and Birdal 2025, *Grokking at the edge of numerical stability*; the length is kept in their code). For one matrix of weights.
///
/// # Panics
/// If the weights and the gradient are not as many.
pub fn perpendicular(weights: &[f32], gradient: &mut [f32]) {
    let before = dot64(gradient, gradient);
    let along = dot64(weights, gradient) / (dot64(weights, weights) + 1e-30);
    axpy(-along as f32, weights, gradient);
    let after = dot64(gradient, gradient);
    if after > 0.0 {
        let scale = (before / after).sqrt() as f32;
        gradient.iter_mut().for_each(|g| *g *= scale);
    }
}

/// [`perpendicular`] of each matrix by itself: of so many rows and columns, one after the other.
///
/// # Panics
/// If there are fewer weights or numbers of the gradient.
pub fn across(parts: impl Iterator<Item = (usize, usize)>, weights: &[f32], gradient: &mut [f32]) {
    let mut from = 0;
    for (rows, cols) in parts {
        let part = from..from + rows * cols;
        perpendicular(&weights[part.clone()], &mut gradient[part.clone()]);
        from = part.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_keeps_its_length_and_loses_what_points_along_the_weights() {
        let weights = [3.0, 4.0, 0.0];
        let mut gradient = [1.0, 2.0, -2.0];
        perpendicular(&weights, &mut gradient);
        // (1, 2, -2) without 11/25 of the weights is (-0.32, 0.24, -2), which is 3 long when divided by its length.
        for (g, expected) in gradient.iter().zip([-0.32, 0.24, -2.0_f32]) {
            assert!((g - expected * 3.0 / 4.16_f32.sqrt()).abs() < 1e-6, "{gradient:?}");
        }
        assert!(dot64(&weights, &gradient).abs() < 1e-6);
        let mut nothing = [0.0; 3];
        perpendicular(&weights, &mut nothing);
        assert!(nothing.iter().all(|g| *g == 0.0), "{nothing:?}");
    }

    #[test]
    fn plain_descent_shrinks_and_follows() {
        let mut weights = [1.0, -2.0];
        Optimiser::Plain(Settings::new(0.1, 0.5)).step(&mut weights, &[1.0, 0.0]);
        assert!((weights[0] - 0.85).abs() < 1e-6 && (weights[1] + 1.9).abs() < 1e-6, "{weights:?}");
    }

    #[test]
    fn a_steady_gradient_is_amplified_and_a_changing_one_is_not() {
        let mut filter = Grokfast::new(2, 0.9, 2.0);
        let mut gradient = [0.0; 2];
        for t in 0..200 {
            gradient = [1.0, if t % 2 == 0 { 1.0 } else { -1.0 }];
            filter.filter(&mut gradient);
        }
        assert!((gradient[0] - 3.0).abs() < 1e-5, "{gradient:?}");
        assert!((gradient[1] + 1.0).abs() < 0.2, "{gradient:?}");
    }
}
