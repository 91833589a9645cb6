//! How far numbers are from a law: the Kolmogorov-Smirnov distance, for numbers that come one after the other.

/// Numbers from 0 to 1, counted in cells of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    counts: Vec<u32>,
    total: u32,
}

/// The greatest distance of n numbers from their own law in 99 of 100 cases, times √n.
const ONE_IN_A_HUNDRED: f64 = 1.63;

impl Cells {
    /// That many cells, empty.
    pub fn new(cells: usize) -> Self {
        Self { counts: vec![0; cells], total: 0 }
    }

    /// Counts one more number; one outside of 0 to 1 counts as the nearest end.
    pub fn count(&mut self, number: f64) {
        let last = self.counts.len() - 1;
        let cell = (number * self.counts.len() as f64).max(0.0) as usize;
        self.counts[cell.min(last)] += 1;
        self.total += 1;
    }

    /// The greatest difference between the share of the numbers below an edge and `law`, the chance of one below each edge
    /// from that of the first cell on. What happens within a cell is not seen. 0 of no numbers.
    pub fn distance(&self, law: impl IntoIterator<Item = f64>) -> f64 {
        let (mut below, mut most) = (0, 0.0_f64);
        let total = f64::from(self.total.max(1));
        for (count, chance) in self.counts.iter().zip(law) {
            below += count;
            most = most.max((f64::from(below) / total - chance).abs());
        }
        if self.total == 0 { 0.0 } else { most }
    }

    /// The distance that numbers of the law itself exceed once in a hundred times.
    pub fn limit(&self) -> f64 {
        ONE_IN_A_HUNDRED / f64::from(self.total.max(1)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    fn uniform(cells: usize) -> impl Iterator<Item = f64> {
        (1..=cells).map(move |i| i as f64 / cells as f64)
    }

    #[test]
    fn the_distance_is_that_of_sorted_numbers_but_for_a_cell() {
        let mut stream = Rng::new(1).stream("numbers");
        let mut numbers: Vec<f64> = (0..2000).map(|_| stream.uniform()).map(|x| 0.9 * x + 0.1 * x * x).collect();
        let mut cells = Cells::new(1024);
        numbers.iter().for_each(|x| cells.count(*x));
        numbers.sort_by(f64::total_cmp);
        let sorted = numbers.iter().enumerate().map(|(i, x)| (x - (i as f64 + 0.5) / 2000.0).abs()).fold(0.0, f64::max);
        let got = cells.distance(uniform(1024));
        assert!((got - sorted).abs() < 0.0015, "{got}, wanted {sorted}");
    }

    #[test]
    fn one_series_in_a_hundred_is_beyond_the_limit() {
        let mut stream = Rng::new(2).stream("numbers");
        let beyond = (0..2000).filter(|_| {
            let mut cells = Cells::new(1024);
            (0..500).for_each(|_| cells.count(stream.uniform()));
            cells.distance(uniform(1024)) > cells.limit()
        });
        let beyond = beyond.count();
        assert!((6..=34).contains(&beyond), "{beyond} of 2000");
        assert!(Cells::new(8).distance(uniform(8)).abs() < 1e-15);
    }
}
