//! A histogram of sizes with a threshold that the hand drags: it sets a share of them, all that are smaller.
use super::{Axis, Param, Place, Plot, Series, Shape, View};

/// Bins from 0 on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Histogram {
    /// How many.
    pub bins: usize,
    /// Where the last one ends. It holds all that is larger too.
    pub top: f32,
}

/// Places at which the share of smaller sizes is told.
const QUANTILES: usize = 50;

impl Histogram {
    /// The view: all that is there, and what is left of it, whose share along the axis is that parameter.
    pub fn view(&self, title: &str, name: &'static str, share: &'static Param) -> View {
        let series = vec![
            Series::area("cut", 2 * self.bins),
            Series::area("left", 2 * self.bins),
            Series::scale("share that is smaller", QUANTILES + 1),
        ];
        let (x, y) = (Axis::linear(name, 0.0, self.top.into()).of(share), Axis::linear("share in a bin", 0.0, 0.02));
        View::new(title, Place::Side, Shape::Lines { x, y, series, marks: Vec::new(), field: None })
    }

    /// Fills it: sizes in their order, those that are left in any, how many there were at first, of which none is smaller than
    /// those that are gone since, and the threshold.
    pub fn draw(&self, slot: &mut [f32], sorted: &[f32], left: impl Iterator<Item = f32>, of: usize, threshold: f64) {
        let mut plot = Plot::new(slot, threshold.min(self.top.into()));
        plot.curve(2 * self.bins, self.corners(sorted.iter().copied(), of));
        plot.curve(2 * self.bins, self.corners(left, of));
        let gone = of.saturating_sub(sorted.len());
        let points = (0..=QUANTILES).filter_map(|i| {
            let at = i * sorted.len().saturating_sub(1) / QUANTILES;
            Some([*sorted.get(at)?, (gone + at) as f32 / of.max(1) as f32])
        });
        plot.curve(QUANTILES + 1, points);
    }

    /// The share of sizes in each bin, as the left and the right corner of its top.
    fn corners(&self, sizes: impl Iterator<Item = f32>, of: usize) -> Vec<[f32; 2]> {
        let mut counts = vec![0.0_f64; self.bins];
        for size in sizes {
            counts[((f64::from(size / self.top) * self.bins as f64) as usize).min(self.bins - 1)] += 1.0;
        }
        let edge = |i: usize| self.top * i as f32 / self.bins as f32;
        let corners = |(i, count): (usize, f64)| [i, i + 1].map(|i| [edge(i), (count / of.max(1) as f64) as f32]);
        counts.into_iter().enumerate().flat_map(corners).collect()
    }

    /// The size that a share of all is smaller than: sizes in their order, of so many at first.
    pub fn threshold(sorted: &[f32], of: usize, share: f64) -> f64 {
        let at = ((share * of as f64 + 0.5) as usize).saturating_sub(of.saturating_sub(sorted.len()));
        sorted.get(at).or(sorted.last()).copied().map_or(0.0, f64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SHARE: Param = Param::share("share", "", (0.0, 0.5, 1.0), "");

    #[test]
    fn bins_count_and_the_threshold_of_a_share_leads_back_to_it() {
        let histogram = Histogram { bins: 4, top: 1.0 };
        let sorted = [0.1, 0.2, 0.3, 0.6, 0.7, 2.0];
        // Two of eight are gone.
        assert_eq!(
            histogram.corners(sorted.iter().copied(), 8),
            [
                [0., 0.25],
                [0.25, 0.25],
                [0.25, 0.125],
                [0.5, 0.125],
                [0.5, 0.25],
                [0.75, 0.25],
                [0.75, 0.125],
                [1., 0.125]
            ]
        );
        let view = histogram.view("", "size", &SHARE);
        let mut slot = vec![0.0; view.floats()];
        let threshold = Histogram::threshold(&sorted, 8, 0.5);
        assert!((threshold - 0.3).abs() < 1e-6);
        histogram.draw(&mut slot, &sorted, sorted[2..].iter().copied(), 8, threshold);
        let scale: Vec<[f32; 2]> = slot[2 + 2 * 17 + 1..].chunks_exact(2).map(|point| [point[0], point[1]]).collect();
        assert!(scale.contains(&[0.3, 0.5]) && scale.contains(&[0.1, 0.25]), "{scale:?}");
        let smaller = [0.0, 0.1, 0.25].map(|share| Histogram::threshold(&sorted, 8, share));
        assert!(smaller.iter().all(|threshold| (threshold - 0.1).abs() < 1e-6), "{smaller:?}");
    }
}
