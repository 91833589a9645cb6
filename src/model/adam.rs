//! Adam (Kingma and Ba 2015, *Adam: a method for stochastic optimization*, algorithm 1) with weight decay beside the gradient
//! (Loshchilov and Hutter 2019, *Decoupled weight decay regularization*).

/// Running means of a gradient and of its squares.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Step size.
    pub rate: f32,
    /// How fast weights shrink by themselves, times the rate.
    pub decay: f32,
    means: Vec<f32>,
    squares: Vec<f32>,
    /// `β₁^t` and `β₂^t`: how much of the means is still their start at 0.
    left: (f32, f32),
}

/// How much of each mean stays at a step: `β₁`, `β₂`.
const KEPT: (f32, f32) = (0.9, 0.999);
/// Keeps a division by 0 away: `ε`.
const SMALL: f32 = 1e-8;

impl Adam {
    /// For so many weights.
    pub fn new(weights: usize, rate: f32, decay: f32) -> Self {
        Self { rate, decay, means: vec![0.0; weights], squares: vec![0.0; weights], left: (1.0, 1.0) }
    }

    /// `w -= rate * (m̂ / (√v̂ + ε) + decay * w)`.
    ///
    /// # Panics
    /// If the weights or the gradient are of another number.
    pub fn step(&mut self, weights: &mut [f32], gradient: &[f32]) {
        assert_eq!((weights.len(), gradient.len()), (self.means.len(), self.means.len()), "weights and gradient");
        self.left = (self.left.0 * KEPT.0, self.left.1 * KEPT.1);
        let (first, second) = (1.0 / (1.0 - self.left.0), 1.0 / (1.0 - self.left.1));
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(moments) {
            *m = KEPT.0 * *m + (1.0 - KEPT.0) * g;
            *v = KEPT.1 * *v + (1.0 - KEPT.1) * g * g;
            *w -= self.rate * ((*m * first) / ((*v * second).sqrt() + SMALL) + self.decay * *w);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_of_the_rate_in_each_direction() {
        let mut weights = [1.0, 1.0, 1.0];
        Adam::new(3, 0.1, 0.0).step(&mut weights, &[5.0, -0.01, 0.0]);
        for (w, expected) in weights.iter().zip([0.9, 1.1, 1.0]) {
            assert!((w - expected).abs() < 1e-5, "{weights:?}");
        }
    }

    #[test]
    fn weights_without_a_gradient_shrink() {
        let mut weights = [2.0];
        Adam::new(1, 0.1, 0.5).step(&mut weights, &[0.0]);
        assert!((weights[0] - 1.9).abs() < 1e-6, "{weights:?}");
    }

    #[test]
    fn it_finds_the_bottom_of_a_long_valley() {
        let mut weights = [3.0_f32, -2.0];
        let mut adam = Adam::new(2, 0.05, 0.0);
        for _ in 0..2000 {
            let gradient = [2.0 * weights[0], 200.0 * weights[1]];
            adam.step(&mut weights, &gradient);
        }
        assert!(weights.iter().all(|w| w.abs() < 1e-3), "{weights:?}");
    }
}
