//! Adam (Kingma and Ba 2015, *Adam: a method for stochastic optimization*, algorithm 1).

/// Running means of a gradient and of its squares.
#[derive(Clone, Debug)]
pub struct Adam {
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
    pub fn new(weights: usize) -> Self {
        Self { means: vec![0.0; weights], squares: vec![0.0; weights], left: (1.0, 1.0) }
    }

    /// `w -= rate * m̂ / (√v̂ + ε)`.
    ///
    /// # Panics
    /// If the weights or the gradient are of another number.
    pub fn step(&mut self, rate: f32, weights: &mut [f32], gradient: &[f32]) {
        assert_eq!((weights.len(), gradient.len()), (self.means.len(), self.means.len()), "weights and gradient");
        self.left = (self.left.0 * KEPT.0, self.left.1 * KEPT.1);
        let (first, second) = (1.0 / (1.0 - self.left.0), 1.0 / (1.0 - self.left.1));
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(moments) {
            *m = KEPT.0 * *m + (1.0 - KEPT.0) * g;
            *v = KEPT.1 * *v + (1.0 - KEPT.1) * g * g;
            *w -= rate * (*m * first) / ((*v * second).sqrt() + SMALL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_as_long_as_the_rate_and_the_second_is_known() {
        let (mut adam, mut weights) = (Adam::new(3), [1.0, 1.0, 1.0]);
        adam.step(0.1, &mut weights, &[4.0, -0.01, 0.0]);
        for (w, expected) in weights.iter().zip([0.9, 1.1, 1.0]) {
            assert!((w - expected).abs() < 1e-5, "{weights:?}");
        }
        // Of gradients 4 and then 2: m = 0.9 * 0.4 + 0.2 and v = 0.999 * 0.016 + 0.004.
        adam.step(0.1, &mut weights, &[2.0, 0.0, 0.0]);
        let by_hand = 0.9 - 0.1 * (0.56 / 0.19) / (0.019_984_f32 / 0.001_999).sqrt();
        assert!((weights[0] - by_hand).abs() < 1e-4, "{} and {by_hand}", weights[0]);
    }

    #[test]
    fn it_finds_the_bottom_of_a_long_valley() {
        let mut weights = [3.0_f32, -2.0];
        let mut adam = Adam::new(2);
        for _ in 0..2000 {
            let gradient = [2.0 * weights[0], 200.0 * weights[1]];
            adam.step(0.05, &mut weights, &gradient);
        }
        assert!(weights.iter().all(|w| w.abs() < 1e-3), "{weights:?}");
    }
}
