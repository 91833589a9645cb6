//! Noisy clusters: classes of which each has several centres, made up. With enough noise no net has all of them right.
use super::{Samples, Split};
use crate::math::{mat::Mat, rng::Stream};

/// Where the centres of all classes are, and how samples lie about them.
#[derive(Clone, Copy, Debug)]
pub struct Clusters {
    /// Classes.
    pub classes: usize,
    /// Centres of each class.
    pub centres: usize,
    /// Numbers of a sample.
    pub dimensions: usize,
    /// The standard deviation of each number of a centre.
    pub spread: f64,
    /// The standard deviation of each number of a sample about its centre.
    pub noise: f64,
}

impl Clusters {
    /// So many samples to learn from and so many to be asked, of all classes in turn and of any of their centres.
    pub fn samples(&self, (learnt, asked): (usize, usize), chance: &mut Stream) -> Split {
        let centres = self.places(chance);
        let train = self.about(&centres, learnt, chance);
        Split { train, test: self.about(&centres, asked, chance) }
    }

    /// Where the centres of all classes are, one after the other.
    pub fn places(&self, chance: &mut Stream) -> Vec<f64> {
        (0..self.classes * self.centres * self.dimensions).map(|_| self.spread * chance.normal()).collect()
    }

    /// So many samples about such centres, of all classes in turn.
    ///
    /// # Panics
    /// If there are not as many centres as [`Clusters::places`] has.
    pub fn about(&self, centres: &[f64], count: usize, chance: &mut Stream) -> Samples {
        let mut numbers = Vec::with_capacity(count * self.dimensions);
        let labels: Vec<u16> = (0..count).map(|i| (i % self.classes) as u16).collect();
        for label in &labels {
            let centre = usize::from(*label) * self.centres + chance.below(self.centres);
            let centre = &centres[centre * self.dimensions..][..self.dimensions];
            numbers.extend(centre.iter().map(|x| (x + self.noise * chance.normal()) as f32));
        }
        Samples { inputs: Mat::new(numbers, count, self.dimensions), labels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn samples_lie_about_their_centres_with_the_noise_asked_for() {
        let clusters = Clusters { classes: 3, centres: 1, dimensions: 50, spread: 2.0, noise: 0.5 };
        let split = clusters.samples((30, 600), &mut Rng::new(1).stream("clusters"));
        let Samples { inputs, labels } = split.test;
        for class in 0..3 {
            let rows: Vec<&[f32]> = (0..600).filter(|i| labels[*i] == class).map(|i| inputs.row(i)).collect();
            assert_eq!(rows.len(), 200);
            let variance = |k: usize| {
                let mean = rows.iter().map(|row| row[k]).sum::<f32>() / 200.0;
                rows.iter().map(|row| (row[k] - mean) * (row[k] - mean)).sum::<f32>() / 199.0
            };
            let mean = (0..50).map(variance).sum::<f32>() / 50.0;
            assert!((mean - 0.25).abs() < 0.02, "{mean}");
        }
    }
}
