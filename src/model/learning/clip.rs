//! Gradients that are never longer than something (Pascanu, Mikolov and Bengio 2013, *On the difficulty of training recurrent
//! neural networks*).
use crate::math::kernels::dot64;

/// Shortens a gradient that is longer than `most` to that length.
pub fn clip(gradient: &mut [f32], most: f64) {
    let length = dot64(gradient, gradient).sqrt();
    if length > most {
        let share = (most / length) as f32;
        gradient.iter_mut().for_each(|g| *g *= share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_gradient_is_cut_to_length_and_a_short_one_stays() {
        let mut long = [30.0, -40.0];
        clip(&mut long, 5.0);
        assert!((long[0] - 3.0).abs() < 1e-6 && (long[1] + 4.0).abs() < 1e-6, "{long:?}");
        clip(&mut long, 6.0);
        assert!((long[0] - 3.0).abs() < 1e-6, "{long:?}");
    }
}
