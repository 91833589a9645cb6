//! Random patterns on a sphere, of which more and more are stored: how many of them one update of a modern Hopfield network
//! finds from a noisy cue (Ramsauer et al. 2021).
//!
//! Patterns are drawn one by one and kept nowhere: the softmax over them is summed as they come, beside the greatest
//! exponent so far. So a hundred thousand of them need no memory.
use crate::math::{kernels::dot64, rng::Stream, scalar};

/// Numbers of patterns at which it is asked what is found.
pub const COUNTS: [usize; 4] = [100, 1000, 10_000, 100_000];
/// Cues, each of a pattern of its own.
const CUES: usize = 20;
/// The deviation of the noise in each number of a cue.
const NOISE: f64 = 0.5;
/// A pattern is found where what is retrieved is nearer than this share of the radius.
const NEAR: f64 = 0.05;

/// A cue, and what it has retrieved so far.
#[derive(Clone, Debug)]
struct Cue {
    pattern: Vec<f32>,
    state: Vec<f32>,
    greatest: f64,
    /// The sum of the weights, over that of the greatest, and of the patterns with them.
    total: f64,
    sum: Vec<f64>,
}

impl Cue {
    fn meet(&mut self, pattern: &[f32]) {
        let z = dot64(pattern, &self.state);
        if z > self.greatest {
            let shrink = scalar::exp(self.greatest - z);
            self.total *= shrink;
            self.sum.iter_mut().for_each(|sum| *sum *= shrink);
            self.greatest = z;
        }
        // Smaller weights do not show.
        if z > self.greatest - 60.0 {
            let weight = scalar::exp(z - self.greatest);
            self.total += weight;
            self.sum.iter_mut().zip(pattern).for_each(|(sum, x)| *sum += weight * f64::from(*x));
        }
    }

    fn found(&self) -> bool {
        let gap = |(sum, x): (&f64, &f32)| sum / self.total - f64::from(*x);
        let square: f64 = self.sum.iter().zip(&self.pattern).map(gap).map(|gap| gap * gap).sum();
        square.sqrt() < NEAR * (self.pattern.len() as f64).sqrt()
    }
}

/// Patterns of d numbers on the sphere of radius √d, asked with a sharpness of 1.
#[derive(Clone, Debug)]
pub struct Sphere {
    d: usize,
    cues: Vec<Cue>,
    drawn: usize,
    found: Vec<f64>,
    stream: Stream,
}

/// A random point on the sphere of radius √d.
fn point(d: usize, stream: &mut Stream) -> Vec<f32> {
    let x: Vec<f32> = (0..d).map(|_| stream.normal() as f32).collect();
    let scale = ((d as f64) / dot64(&x, &x)).sqrt() as f32;
    x.into_iter().map(|x| scale * x).collect()
}

impl Sphere {
    /// With the patterns that the cues are of.
    pub fn new(d: usize, mut stream: Stream) -> Self {
        let patterns: Vec<Vec<f32>> = (0..CUES).map(|_| point(d, &mut stream)).collect();
        let mut cue = |pattern: &Vec<f32>| Cue {
            pattern: pattern.clone(),
            state: pattern.iter().map(|x| x + (NOISE * stream.normal()) as f32).collect(),
            greatest: -1e300,
            total: 0.0,
            sum: vec![0.0; d],
        };
        let mut cues: Vec<Cue> = patterns.iter().map(&mut cue).collect();
        for pattern in &patterns {
            cues.iter_mut().for_each(|cue| cue.meet(pattern));
        }
        Self { d, cues, drawn: CUES, found: Vec::new(), stream }
    }

    /// d.
    pub fn numbers(&self) -> usize {
        self.d
    }

    /// The share of the cues whose pattern is found, for each of the first [`COUNTS`].
    pub fn found(&self) -> &[f64] {
        &self.found
    }

    /// Whether all of them are stored.
    pub fn full(&self) -> bool {
        self.found.len() == COUNTS.len()
    }

    /// Stores up to so many patterns more.
    pub fn store(&mut self, patterns: usize) {
        for _ in 0..patterns {
            if self.full() {
                return;
            }
            let pattern = point(self.d, &mut self.stream);
            self.cues.iter_mut().for_each(|cue| cue.meet(&pattern));
            self.drawn += 1;
            if self.drawn == COUNTS[self.found.len()] {
                let found = self.cues.iter().filter(|cue| cue.found()).count();
                self.found.push(found as f64 / CUES as f64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::memory::hopfield::Memory,
    };

    #[test]
    fn what_comes_one_by_one_is_the_update_of_all() {
        let (d, mut stream) = (16, Rng::new(1).stream("sphere"));
        let mut sphere = Sphere::new(d, stream.clone());
        // The same numbers, drawn by hand.
        let mut patterns: Vec<f32> = (0..CUES).flat_map(|_| point(d, &mut stream)).collect();
        (0..CUES * d).for_each(|_| _ = stream.normal());
        patterns.extend((CUES..99).flat_map(|_| point(d, &mut stream)));
        sphere.store(99 - CUES);
        let memory = Memory::new(Mat::new(patterns, 99, d));
        for cue in &sphere.cues {
            let state: Vec<f64> = cue.state.iter().map(|x| f64::from(*x)).collect();
            let update = memory.update64(1.0, &state);
            for (sum, x) in cue.sum.iter().zip(&update) {
                assert!((sum / cue.total - x).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn sixteen_numbers_are_soon_full_and_thirty_two_are_not() {
        let found = |d: usize| {
            let mut sphere = Sphere::new(d, Rng::new(2).stream("sphere"));
            sphere.store(10_000);
            sphere.found().to_vec()
        };
        let (few, more) = (found(16), found(32));
        assert!(few[0] > 0.6 && few[1] < 0.6 && few[2] < 0.1, "{few:?}");
        assert!(more.iter().all(|share| *share > 0.9), "{more:?}");
    }
}
