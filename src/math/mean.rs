//! Means of numbers as they come in, with what they leave open: the standard error, the least and the greatest.

/// Numbers so far, by their count and sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    count: usize,
    sum: f64,
    squares: f64,
    least: f64,
    greatest: f64,
}

impl Mean {
    /// Of no numbers yet.
    pub const NONE: Self = Self { count: 0, sum: 0.0, squares: 0.0, least: f64::INFINITY, greatest: f64::NEG_INFINITY };

    /// Of some numbers.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut mean = Self::NONE;
        numbers.into_iter().for_each(|x| mean.add(x));
        mean
    }

    /// One more number.
    pub fn add(&mut self, x: f64) {
        self.count += 1;
        self.sum += x;
        self.squares += x * x;
        self.least = self.least.min(x);
        self.greatest = self.greatest.max(x);
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their mean; 0 of none.
    pub fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    /// Their mean, if there are any.
    pub fn known(&self) -> Option<f64> {
        (self.count > 0).then(|| self.mean())
    }

    /// How much they differ: the variance that is expected of one more; 0 of less than two.
    pub fn variance(&self) -> f64 {
        (self.squares - self.sum * self.mean()).max(0.0) / (self.count.max(2) - 1) as f64
    }

    /// How far their mean is off by chance: its standard error; 0 of less than two.
    pub fn error(&self) -> f64 {
        (self.variance() / self.count.max(1) as f64).sqrt()
    }

    /// The mean, the least and the greatest, if there are any.
    pub fn spread(&self) -> Option<[f64; 3]> {
        self.known().map(|mean| [mean, self.least, self.greatest])
    }
}

impl Default for Mean {
    fn default() -> Self {
        Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn a_mean_has_a_spread_and_an_error() {
        let mean = Mean::of([1.0, 3.0, 2.0, 2.0]);
        assert_eq!((mean.count(), mean.known(), mean.spread()), (4, Some(2.0), Some([2.0, 1.0, 3.0])));
        assert!((mean.variance() - 2.0 / 3.0).abs() < 1e-12 && (mean.error() - (1.0_f64 / 6.0).sqrt()).abs() < 1e-12);
        assert_eq!((Mean::NONE.known(), Mean::NONE.mean(), Mean::NONE.error()), (None, 0.0, 0.0));
        assert_eq!((Mean::of([5.0]).error(), Mean::of([5.0]).spread()), (0.0, Some([5.0; 3])));
    }

    #[test]
    fn errors_say_how_far_means_are_off() {
        let mut stream = Rng::new(1).stream("numbers");
        let means = Mean::of((0..2000).map(|_| Mean::of((0..50).map(|_| stream.normal())).mean()));
        let one = Mean::of((0..50).map(|_| stream.normal()));
        // The spread of many means, and what one of them says of itself.
        assert!((means.variance().sqrt() * 50.0_f64.sqrt() - 1.0).abs() < 0.06, "{}", means.variance());
        assert!((one.error() * 50.0_f64.sqrt() - 1.0).abs() < 0.3, "{}", one.error());
    }
}
