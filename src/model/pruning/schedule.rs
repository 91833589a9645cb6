//! How sparsity grows along a training, from 0 to 1 of the way.

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

/// Two straight lines: from nothing at 0 to `(x, y)`, and from there to all at 1.
pub fn through(t: f64, (x, y): (f64, f64)) -> f64 {
    match t {
        t if t <= 0.0 => 0.0,
        t if t >= 1.0 => 1.0,
        t if t < x => y * t / x,
        t => y + (1.0 - y) * (t - x) / (1.0 - x),
    }
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
        for (x, y) in [(0.0, 0.4), (0.3, 0.8), (0.3, 0.0), (1.0, 0.7)] {
            let line: Vec<f64> = (-10..=110).map(|i| through(f64::from(i) / 100.0, (x, y))).collect();
            assert!(line.is_sorted() && line[0].abs() + (line[120] - 1.0).abs() < 1e-12, "{x} {y}: {line:?}");
        }
        assert!((through(0.6, (0.2, 0.6)) - 0.8).abs() < 1e-12);
        assert!((after_rounds(0.3, 8) - 0.0576).abs() < 1e-4);
    }
}
