//! How a learning rate moves along a training, as a share of its greatest.
use crate::math::scalar;
use std::f64::consts::PI;

/// A course of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// The same from first to last.
    Constant,
    /// `(1 + cos πt) / 2`: half a wave down to 0 (Loshchilov and Hutter 2017, *SGDR: stochastic gradient descent with warm
    /// restarts*).
    Cosine,
    /// Straight down to 0.
    Linear,
    /// The same for the first seven tenths, then straight down to 0: what is pruned meanwhile can recover.
    FlatThenLinear,
    /// The same for the first half, then a tenth, and in the last quarter a hundredth.
    Drops,
}

impl Course {
    /// The share of the greatest rate at `t` of the training, from 0 to 1.
    pub fn at(self, t: f64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Cosine => 0.5 * (1.0 + scalar::cos(PI * t)),
            Self::Linear => 1.0 - t,
            Self::FlatThenLinear => ((1.0 - t) / 0.3).min(1.0),
            Self::Drops if t < 0.5 => 1.0,
            Self::Drops => {
                if t < 0.75 {
                    0.1
                } else {
                    0.01
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_begins_at_1_and_ends_where_it_says() {
        for (course, end) in
            [(Course::Constant, 1.0), (Course::Cosine, 0.0), (Course::Linear, 0.0), (Course::FlatThenLinear, 0.0)]
        {
            assert!((course.at(0.0) - 1.0).abs() < 1e-12 && (course.at(1.0) - end).abs() < 1e-12, "{course:?}");
        }
        assert!((Course::Cosine.at(0.5) - 0.5).abs() < 1e-12);
        let drops = [0.0, 0.49, 0.5, 0.74, 0.75, 1.0].map(|t| Course::Drops.at(t));
        assert!(drops.iter().zip([1.0, 1.0, 0.1, 0.1, 0.01, 0.01]).all(|(a, b)| (a - b).abs() < 1e-12), "{drops:?}");
        assert!(
            (Course::FlatThenLinear.at(0.7) - 1.0).abs() < 1e-12
                && (Course::FlatThenLinear.at(0.85) - 0.5).abs() < 1e-12
        );
    }
}
