//! How sparsity grows along a training, from 0 to 1 of the way.
use crate::math::scalar;

/// A course of sparsity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// `1 - (1 - t)³`: fast while much can go, slow at the end (Zhu and Gupta 2017, *To prune, or not to prune*, equation 1).
    Cubic,
    /// `t`
    Linear,
    /// All at once at the end of the way.
    AtOnce,
}

impl Growth {
    /// The share of the last sparsity at `t` of the way; before it 0 and after it 1.
    pub fn at(self, t: f64) -> f64 {
        let t = t.clamp(0.0, 1.0);
        let left = 1.0 - t;
        match self {
            Self::Cubic => 1.0 - left * left * left,
            Self::Linear => t,
            Self::AtOnce => {
                if left > 0.0 {
                    0.0
                } else {
                    1.0
                }
            }
        }
    }
}

/// `1 - (1 - t)^bend` from 0 to 1: cubic at 3, straight at 1, late below it.
pub fn bent(t: f64, bend: f64) -> f64 {
    let left = (1.0 - t).max(0.0);
    if left < 1.0 { 1.0 - scalar::pow(left, bend) } else { 0.0 }
}

/// The density after so many rounds that each remove the same share of what is left.
pub fn after_rounds(removed: f64, rounds: u32) -> f64 {
    (0..rounds).fold(1.0, |density, _| density * (1.0 - removed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grows_from_nothing_to_all() {
        for growth in [Growth::Cubic, Growth::Linear, Growth::AtOnce] {
            let line: Vec<f64> = (-1..=11).map(|i| growth.at(f64::from(i) / 10.0)).collect();
            let ends = line[0].abs() < 1e-12 && (line[12] - 1.0).abs() < 1e-12;
            assert!(ends && line.is_sorted(), "{growth:?}: {line:?}");
        }
        assert!((Growth::Cubic.at(0.5) - 0.875).abs() < 1e-12);
        for t in [-1.0, 0.0, 0.3, 1.0, 2.0] {
            let away = (bent(t, 3.0) - Growth::Cubic.at(t)).abs() + (bent(t, 1.0) - Growth::Linear.at(t)).abs();
            assert!(away < 1e-12, "{t}");
        }
        assert!((after_rounds(0.3, 8) - 0.0576).abs() < 1e-4);
    }
}
