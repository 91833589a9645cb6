//! Weights that shrink to nothing: each step takes the same from all, so that those that do little come to be exactly 0.

/// Brings each weight closer to 0 by so much, and those that are nearer than that to 0: the step that a penalty of the sum of
/// all `|w|` asks for after a step along the gradient (Daubechies, Defrise and De Mol 2004, *An iterative thresholding
/// algorithm for linear inverse problems with a sparsity constraint*).
pub fn shrink(weights: &mut [f32], by: f32) {
    for w in weights {
        let left = w.abs() - by;
        *w = if left > 0.0 { left.copysign(*w) } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lose_the_same_and_small_ones_are_nothing() {
        let mut weights = [1.0, -0.5, 0.125, -0.25, 0.0];
        shrink(&mut weights, 0.25);
        assert_eq!(weights.map(f32::to_bits), [0.75_f32, -0.25, 0.0, 0.0, 0.0].map(f32::to_bits));
    }
}
