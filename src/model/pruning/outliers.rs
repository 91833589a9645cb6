//! A layer that nothing trained, with inputs as large language models have them: of very unequal sizes, with means, in step with
//! each other, and a few of them far larger than all others.
use super::calibration::Calibration;
use crate::math::{
    mat::Mat,
    rng::{Rng, Stream},
    scalar,
};

/// Inputs of the layer.
pub const INPUTS: usize = 256;
/// Its units.
pub const UNITS: usize = 64;
/// How many of its inputs are far larger.
const OUTLIERS: usize = 6;
/// Things that move several inputs at once.
const CAUSES: usize = 32;
/// Examples to prune by, and others to judge by.
const EXAMPLES: (usize, usize) = (1297, 500);

/// A layer and its inputs, the outliers of which are still as large as the others.
#[derive(Clone, Debug)]
pub struct MadeLayer {
    /// Its weights, a row for each unit.
    pub weights: Mat,
    /// Inputs to prune by.
    pub learnt: Calibration,
    /// Inputs to judge by.
    pub unseen: Calibration,
    outliers: Vec<usize>,
}

impl MadeLayer {
    /// With unequal inputs as above.
    pub fn uneven(rng: &Rng) -> Self {
        let mut chance = rng.stream("layer");
        let mut normals = |count: usize| (0..count).map(|_| chance.normal()).collect::<Vec<f64>>();
        let sizes: Vec<f64> = normals(INPUTS).into_iter().map(|x| scalar::exp(0.5 * x)).collect();
        let means = normals(INPUTS);
        let causes: Vec<f64> = normals(INPUTS * CAUSES).into_iter().map(|x| x / (CAUSES as f64).sqrt()).collect();
        let example = |chance: &mut Stream| {
            let moved: Vec<f64> = (0..CAUSES).map(|_| chance.normal()).collect();
            let of = |(i, (size, mean)): (usize, (&f64, &f64))| {
                let common: f64 = causes[i * CAUSES..][..CAUSES].iter().zip(&moved).map(|(a, b)| a * b).sum();
                (size * (0.5 * mean + common + 0.5 * chance.normal())) as f32
            };
            sizes.iter().zip(&means).enumerate().map(of).collect::<Vec<f32>>()
        };
        Self::of(rng, example)
    }

    /// With independent normal inputs around nothing.
    pub fn even(rng: &Rng) -> Self {
        Self::of(rng, |chance| (0..INPUTS).map(|_| chance.normal() as f32).collect())
    }

    fn of(rng: &Rng, example: impl Fn(&mut Stream) -> Vec<f32>) -> Self {
        let (mut chance, mut examples) = (rng.stream("weights"), rng.stream("examples"));
        let spread = (2.0 / INPUTS as f64).sqrt();
        let weights = (0..UNITS * INPUTS).map(|_| (spread * chance.normal()) as f32).collect();
        let mut some = |count: usize| {
            let rows = (0..count).flat_map(|_| example(&mut examples));
            Calibration::of(Mat::new(rows.collect(), count, INPUTS).as_ref())
        };
        let (learnt, unseen) = (some(EXAMPLES.0), some(EXAMPLES.1));
        let outliers = rng.stream("outliers").choose(OUTLIERS, INPUTS);
        Self { weights: Mat::new(weights, UNITS, INPUTS), learnt, unseen, outliers }
    }

    /// Inputs to prune by and to judge by, with outliers so many times as large.
    pub fn inputs(&self, times: f64) -> [Calibration; 2] {
        let mut by = vec![1.0; INPUTS];
        self.outliers.iter().for_each(|i| by[*i] = times as f32);
        [self.learnt.scaled(&by), self.unseen.scaled(&by)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_inputs_are_far_larger_and_even_ones_are_alike() {
        let rng = Rng::new(1);
        let sizes = |inputs: &Calibration| inputs.sizes.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
        let layer = MadeLayer::uneven(&rng);
        let [plain, far] = [1.0, 10.0].map(|times| sizes(&layer.inputs(times)[0]));
        assert_eq!(plain.iter().zip(&far).filter(|(a, b)| **b > 9.9 * **a).count(), OUTLIERS);
        assert!(sizes(&MadeLayer::even(&rng).learnt).iter().all(|x| (x - 1.0).abs() < 0.1));
    }
}
