//! The straight line that is nearest to points, by the least sum of squares.

/// `y = start + slope x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What y gains where x gains 1.
    pub slope: f64,
    /// y where x is 0.
    pub start: f64,
    /// The share of the variance of y that it explains: R².
    pub explained: f64,
}

impl Line {
    /// The one that is nearest to these points. Where all lie above one x, or all have one y, it is level and explains nothing.
    pub fn through(points: &[(f64, f64)]) -> Self {
        let count = points.len().max(1) as f64;
        let mean = |side: fn(&(f64, f64)) -> f64| points.iter().map(side).sum::<f64>() / count;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let (mut across, mut both, mut up) = (0.0, 0.0, 0.0);
        for point in points {
            let (dx, dy) = (point.0 - x, point.1 - y);
            across += dx * dx;
            both += dx * dy;
            up += dy * dy;
        }
        if across > 0.0 && up > 0.0 {
            Self { explained: both * both / (across * up), slope: both / across, start: y - both / across * x }
        } else {
            Self { explained: 0.0, slope: 0.0, start: y }
        }
    }

    /// Its height at a place.
    pub fn at(&self, x: f64) -> f64 {
        self.start + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_explains_itself_and_no_points_explain_nothing() {
        let line = Line::through(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]);
        assert!((line.explained - 1.0).abs() < 1e-12 && (line.slope - 2.0).abs() < 1e-12, "{line:?}");
        assert!((line.at(0.0) - 1.0).abs() < 1e-12 && (line.at(10.0) - 21.0).abs() < 1e-12, "{line:?}");
        assert!(Line::through(&[]).explained.abs() < 1e-12 && Line::through(&[(1.0, 2.0)]).at(7.0) >= 2.0);
    }

    #[test]
    fn no_other_line_is_nearer() {
        let points = [(0.0, 1.0), (1.0, 0.5), (2.0, 2.5), (5.0, 3.0)];
        let line = Line::through(&points);
        let square = |x: f64| x * x;
        let off = |slope: f64, start: f64| points.iter().map(|(x, y)| square(start + slope * x - y)).sum::<f64>();
        let least = off(line.slope, line.start);
        for (turn, lift) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01), (0.01, -0.02)] {
            assert!(off(line.slope + turn, line.start + lift) > least);
        }
        let level = points.iter().map(|(_, y)| square(y - 1.75)).sum::<f64>();
        assert!((line.explained - (1.0 - least / level)).abs() < 1e-12, "{line:?}");
    }
}
