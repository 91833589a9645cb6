//! Adam (Kingma and Ba 2015, *Adam: a method for stochastic optimization*, algorithm 1) with weight decay beside the gradient
//! (Loshchilov and Hutter 2019, *Decoupled weight decay regularization*).

/// What may change from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Step size.
    pub rate: f32,
    /// How fast weights shrink by themselves, times the rate.
    pub decay: f32,
    /// How much of the mean gradient stays at a step: `β₁`, from 0 to below 1.
    pub means: f32,
    /// How much of the mean square stays: `β₂`, from 0 to below 1.
    pub squares: f32,
    /// Keeps a division by 0 away: `ε`.
    pub small: f32,
}

impl Settings {
    /// The paper's `β₁`, `β₂` and `ε`.
    pub const fn new(rate: f32, decay: f32) -> Self {
        Self { rate, decay, means: 0.9, squares: 0.999, small: 1e-8 }
    }
}

/// Running means of a gradient and of its squares.
#[derive(Clone, Debug)]
pub struct Adam {
    /// May be changed between steps.
    pub settings: Settings,
    means: Vec<f32>,
    squares: Vec<f32>,
    /// How much of the means is still their start at 0: `β₁ᵗ` and `β₂ᵗ` where they stay the same.
    left: (f32, f32),
}

impl Adam {
    /// For so many weights.
    pub fn new(weights: usize, settings: Settings) -> Self {
        Self { settings, means: vec![0.0; weights], squares: vec![0.0; weights], left: (1.0, 1.0) }
    }

    /// `w = (1 - rate * decay) * w - rate * m̂ / (√v̂ + ε)`.
    ///
    /// # Panics
    /// If the weights or the gradient are of another number.
    pub fn step(&mut self, weights: &mut [f32], gradient: &[f32]) {
        assert_eq!((weights.len(), gradient.len()), (self.means.len(), self.means.len()), "weights and gradient");
        let Settings { rate, decay, means, squares, small } = self.settings;
        self.left = (self.left.0 * means, self.left.1 * squares);
        let (stride, second) = (rate / (1.0 - self.left.0), 1.0 / (1.0 - self.left.1));
        let (kept, new_mean, new_square) = (1.0 - rate * decay, 1.0 - means, 1.0 - squares);
        // Each weight is by itself, so that the compiler takes four at a time, with the same bits.
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(moments) {
            *m = means * *m + new_mean * g;
            *v = squares * *v + new_square * g * g;
            *w = *w * kept - stride * *m / ((*v * second).sqrt() + small);
        }
    }

    /// Forgets what it knows of the gradients of one weight, as where that was cut.
    pub fn forget(&mut self, place: usize) {
        (self.means[place], self.squares[place]) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_of_the_rate_in_each_direction() {
        let mut weights = [1.0, 1.0, 1.0];
        Adam::new(3, Settings::new(0.1, 0.0)).step(&mut weights, &[5.0, -0.01, 0.0]);
        for (w, expected) in weights.iter().zip([0.9, 1.1, 1.0]) {
            assert!((w - expected).abs() < 1e-5, "{weights:?}");
        }
    }

    #[test]
    fn weights_without_a_gradient_shrink() {
        let mut weights = [2.0];
        Adam::new(1, Settings::new(0.1, 0.5)).step(&mut weights, &[0.0]);
        assert!((weights[0] - 1.9).abs() < 1e-6, "{weights:?}");
    }

    #[test]
    fn two_steps_are_those_of_the_formula() {
        let settings = Settings { squares: 0.98, ..Settings::new(0.01, 1.0) };
        let mut adam = Adam::new(1, settings);
        let mut weights = [0.5_f32];
        let (mut w, mut m, mut v) = (0.5_f64, 0.0, 0.0);
        let (mut first, mut second) = (1.0, 1.0);
        for (step, g) in [(1, 0.3_f64), (2, -0.2)] {
            adam.step(&mut weights, &[g as f32]);
            m = 0.9 * m + 0.1 * g;
            v = 0.98 * v + 0.02 * g * g;
            (first, second) = (0.9 * first, 0.98 * second);
            w = w * 0.99 - 0.01 * m / (1.0 - first) / (f64::sqrt(v / (1.0 - second)) + 1e-8);
            assert!((f64::from(weights[0]) - w).abs() < 1e-6, "step {step}: {} and {w}", weights[0]);
        }
    }

    #[test]
    fn it_finds_the_bottom_of_a_long_valley() {
        let mut weights = [3.0_f32, -2.0];
        let mut adam = Adam::new(2, Settings::new(0.05, 0.0));
        for _ in 0..2000 {
            let gradient = [2.0 * weights[0], 200.0 * weights[1]];
            adam.step(&mut weights, &gradient);
        }
        assert!(weights.iter().all(|w| w.abs() < 1e-3), "{weights:?}");
    }
}
