//! Margins: how far the output of the right answer is above the greatest other.

/// One for each question.
#[derive(Clone, Debug, Default)]
pub struct Margins {
    each: Vec<f32>,
}

impl Margins {
    /// From rows of outputs, one for each question, and the labels of the right ones.
    ///
    /// # Panics
    /// If a label is that of no output.
    pub fn of(outputs: &[f32], labels: &[u16], classes: usize) -> Self {
        let margin = |(row, label): (&[f32], &u16)| {
            let label = usize::from(*label);
            let rivals = row.iter().enumerate().filter(|(class, _)| *class != label);
            row[label] - rivals.fold(f32::NEG_INFINITY, |most, (_, z)| if *z > most { *z } else { most })
        };
        Self { each: outputs.chunks_exact(classes).zip(labels).map(margin).collect() }
    }

    /// The share of them that are beyond a horizon.
    pub fn beyond(&self, horizon: f64) -> f64 {
        self.each.iter().filter(|margin| f64::from(**margin) > horizon).count() as f64 / self.each.len().max(1) as f64
    }

    /// The one in the middle of their order; 0 of none.
    pub fn median(&self) -> f64 {
        let mut sorted = self.each.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default().into()
    }

    /// The share in each of so many bins of a range, as the left and the right corner of its top. What is outside counts in the
    /// first or the last.
    pub fn corners(&self, (from, to): (f64, f64), bins: usize) -> Vec<[f32; 2]> {
        let width = (to - from) / bins as f64;
        let mut counts = vec![0_usize; bins];
        for margin in &self.each {
            // Casts of floats to counts stop at both ends.
            let bin = ((f64::from(*margin) - from) / width) as usize;
            counts[bin.min(bins - 1)] += 1;
        }
        let all = self.each.len() as f64;
        let corners = |(i, count): (usize, usize)| {
            let left = from + i as f64 * width;
            [left, left + width].map(|x| [x as f32, (count as f64 / all) as f32])
        };
        counts.into_iter().enumerate().flat_map(corners).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_counted_in_bins_and_beyond_horizons() {
        let outputs = [3.0, 1.0, 2.5, 0.0, 5.0, -1.0, 1.0, 1.0, 9.0];
        let margins = Margins::of(&outputs, &[0, 1, 0], 3);
        assert_eq!(margins.each, [0.5, 5.0, -8.0]);
        assert_eq!((margins.median(), margins.beyond(0.5), margins.beyond(-100.0)), (0.5, 1.0 / 3.0, 1.0));
        let third = 1.0_f32 / 3.0;
        let corners = margins.corners((-1.0, 3.0), 2);
        assert_eq!(corners, [[-1.0, 2.0 * third], [1.0, 2.0 * third], [1.0, third], [3.0, third]]);
        assert_eq!((Margins::default().median(), Margins::default().beyond(0.0)), (0.0, 0.0));
    }
}
