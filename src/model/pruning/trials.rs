//! What came out of trainings that were done several times: for each arm of a comparison and each place along it.

/// Results by arm, place and run.
#[derive(Clone, Debug)]
pub struct Trials {
    places: usize,
    results: Vec<Vec<f64>>,
}

impl Trials {
    /// None yet, of so many arms at so many places.
    pub fn new(arms: usize, places: usize) -> Self {
        Self { places, results: vec![Vec::new(); arms * places] }
    }

    /// One more result.
    pub fn add(&mut self, arm: usize, place: usize, result: f64) {
        self.results[arm * self.places + place].push(result);
    }

    /// The results so far.
    pub fn of(&self, arm: usize, place: usize) -> &[f64] {
        &self.results[arm * self.places + place]
    }

    /// Their mean, once there are so many.
    pub fn mean(&self, arm: usize, place: usize, runs: usize) -> Option<f64> {
        let results = self.of(arm, place);
        (results.len() >= runs && runs > 0).then(|| results.iter().sum::<f64>() / results.len() as f64)
    }

    /// For each place where there is any result: the place, the mean, the least and the greatest.
    pub fn spread(&self, arm: usize) -> impl Iterator<Item = (usize, [f64; 3])> + '_ {
        (0..self.places).filter_map(move |place| Some((place, spread(self.of(arm, place))?)))
    }
}

/// The mean, the least and the greatest of some results.
pub fn spread(results: &[f64]) -> Option<[f64; 3]> {
    let mean = results.iter().sum::<f64>() / results.len() as f64;
    let least = results.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = results.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (!results.is_empty()).then_some([mean, least, greatest])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_kept_apart_and_summed_up() {
        let mut trials = Trials::new(2, 3);
        trials.add(1, 2, 0.5);
        assert_eq!((trials.mean(1, 2, 2), trials.of(0, 2).len()), (None, 0));
        trials.add(1, 2, 0.75);
        assert_eq!(trials.mean(1, 2, 2), Some(0.625));
        assert_eq!(trials.spread(1).collect::<Vec<_>>(), [(2, [0.625, 0.5, 0.75])]);
    }
}
