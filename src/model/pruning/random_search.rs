//! What a random search finds: many nets are drawn and asked, the one with the least loss is chosen before any has learnt, and what
//! becomes of it is held against what becomes of any (Farahani 2024, *Random search as a baseline for sparse neural network
//! architecture search*).
use crate::math::mean::Mean;

/// A net after its training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trained {
    /// Its number among those that were drawn.
    pub net: usize,
    /// The share that it has right.
    pub right: f64,
    /// Epochs until it had nine tenths of that.
    pub epochs: f64,
}

/// What came of the nets of one run.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The loss of each before training.
    pub losses: Vec<f64>,
    /// Those that were trained, the ones by lot first.
    pub trained: Vec<Trained>,
}

/// How many of the trained nets are by lot: the first that were drawn.
pub const ANY: usize = 12;

impl Found {
    /// The number of the net with the least loss of the first ones, if so many were asked.
    pub fn best(&self, tried: usize) -> Option<usize> {
        let losses = self.losses.get(..tried)?.iter().enumerate();
        losses.min_by(|a, b| a.1.total_cmp(b.1)).map(|(net, _)| net)
    }

    /// That net after its training, once it is over.
    pub fn chosen(&self, tried: usize) -> Option<&Trained> {
        let net = self.best(tried)?;
        self.trained.iter().find(|trained| trained.net == net)
    }

    /// The nets by lot that are trained so far.
    pub fn by_lot(&self) -> &[Trained] {
        &self.trained[..self.trained.len().min(ANY)]
    }

    /// The mean over the nets by lot, once all are trained.
    pub fn any(&self, what: impl Fn(&Trained) -> f64) -> Option<f64> {
        self.trained.get(..ANY).and_then(|all| mean(all.iter().map(what)))
    }

    /// How much more the chosen net has of something than any.
    pub fn gain(&self, tried: usize, what: impl Fn(&Trained) -> f64) -> Option<f64> {
        Some(what(self.chosen(tried)?) - self.any(&what)?)
    }

    /// How much nets by lot differ in what they have right: a variance.
    fn variance(&self) -> Option<f64> {
        self.any(|trained| trained.right)?;
        Some(Mean::of(self.by_lot().iter().map(|trained| trained.right)).variance())
    }
}

/// The standard error of the mean over runs of how much more a chosen net has right than any, by how much nets by lot differ.
pub fn error(runs: &[&Found]) -> Option<f64> {
    let variances: Vec<f64> = runs.iter().filter_map(|found| found.variance()).collect();
    let variance = mean(variances.iter().copied())?;
    Some((variance * (1.0 + 1.0 / ANY as f64) / variances.len() as f64).sqrt())
}

/// The mean, if there is anything.
pub fn mean(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    Mean::of(numbers).known()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rights: impl Iterator<Item = f64>, losses: &[f64]) -> Found {
        let trained = rights.enumerate().map(|(net, right)| Trained { net, right, epochs: 3.0 });
        Found { losses: losses.to_vec(), trained: trained.collect() }
    }

    #[test]
    fn the_best_of_the_first_is_held_against_all_by_lot() {
        let rights = (0..ANY).map(|i| if i % 2 == 0 { 0.5 } else { 0.7 });
        let one = found(rights, &[2.5, 2.3, 2.4, 2.3, 2.1]);
        assert_eq!((one.best(1), one.best(4), one.best(5), one.best(6)), (Some(0), Some(1), Some(4), None));
        let right = |trained: &Trained| trained.right;
        assert!((one.any(right).unwrap() - 0.6).abs() < 1e-12);
        assert!((one.gain(2, right).unwrap() - 0.1).abs() < 1e-12);
        assert!((one.gain(2, |trained| trained.epochs).unwrap()).abs() < 1e-12);
        // Squares of 0.1, and two runs.
        let any = ANY as f64;
        let wanted = (0.01 * any / (any - 1.0) * (1.0 + 1.0 / any) / 2.0).sqrt();
        assert!((error(&[&one, &one, &Found::default()]).unwrap() - wanted).abs() < 1e-12);
    }

    #[test]
    fn nothing_is_said_before_it_is_known() {
        let early = found([0.5, 0.6].into_iter(), &[2.5, 2.3]);
        assert_eq!((early.any(|trained| trained.right), early.by_lot().len(), error(&[&early])), (None, 2, None));
        assert_eq!((early.chosen(2).map(|trained| trained.net), mean([])), (Some(1), None));
    }
}
