//! Descent with momentum (Polyak 1964, *Some methods of speeding up the convergence of iteration methods*), as deep nets are
//! commonly trained: `v = momentum * v + g + decay * w`, then `w = w - rate * v`.

/// Weights that roll.
#[derive(Clone, Debug)]
pub struct Momentum {
    /// How much of the speed stays at a step, from 0 to below 1.
    pub momentum: f32,
    /// How fast weights shrink by themselves.
    pub decay: f32,
    /// v, one for each weight. It is 0 at the start.
    pub speeds: Vec<f32>,
}

impl Momentum {
    /// For so many weights, at rest.
    pub fn new(weights: usize, momentum: f32, decay: f32) -> Self {
        Self { momentum, decay, speeds: vec![0.0; weights] }
    }

    /// One step. A weight of 0 whose gradient and speed are 0 stays where it is.
    ///
    /// # Panics
    /// If the weights or the gradient are of another number.
    pub fn step(&mut self, weights: &mut [f32], gradient: &[f32], rate: f32) {
        assert_eq!((weights.len(), gradient.len()), (self.speeds.len(), self.speeds.len()), "weights and gradient");
        let (momentum, decay) = (self.momentum, self.decay);
        for ((w, v), g) in weights.iter_mut().zip(&mut self.speeds).zip(gradient) {
            *v = momentum * *v + (*g + decay * *w);
            *w -= rate * *v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_are_those_of_the_formula() {
        let mut weights = [1.0];
        let mut descent = Momentum::new(1, 0.5, 0.1);
        descent.step(&mut weights, &[2.0], 0.1);
        assert!((weights[0] - (1.0 - 0.1 * 2.1)).abs() < 1e-6, "{weights:?}");
        let before = weights[0];
        descent.step(&mut weights, &[0.0], 0.1);
        assert!((weights[0] - (before - 0.1 * (0.5 * 2.1 + 0.1 * before))).abs() < 1e-6, "{weights:?}");
    }

    #[test]
    fn what_is_nothing_stays_nothing() {
        let mut weights = [0.0];
        Momentum::new(1, 0.9, 0.1).step(&mut weights, &[0.0], 1.0);
        assert!(weights[0].abs() < 1e-12);
    }
}
