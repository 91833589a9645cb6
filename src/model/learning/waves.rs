//! Waves over numbers that go round: how much of each there is in weights and in answers (Gromov 2023, *Grokking modular
//! arithmetic*; Nanda, Chan, Lieberum, Smith and Steinhardt 2023, *Progress measures for grokking via mechanistic
//! interpretability*).
use crate::math::{
    kernels::{Workspace, gemm},
    mat::{Mat, MatRef},
    scalar,
};
use std::f64::consts::TAU;

/// The real waves over `n` places in a ring: cosine and sine of each frequency from 1 to `n / 2`.
#[derive(Clone, Debug)]
pub struct Waves {
    /// `2 * count` rows of `n`.
    basis: Mat,
}

impl Waves {
    /// For a ring of `n` places, at least 3.
    pub fn new(n: usize) -> Self {
        let mut basis = Mat::zeros(n / 2 * 2, n);
        for k in 1..=n / 2 {
            // At the highest frequency of an even ring there is no sine, and the cosine counts once instead of twice.
            let size = if 2 * k == n { f64::sqrt(0.5) } else { 1.0 };
            for x in 0..n {
                let angle = TAU * (k * x % n) as f64 / n as f64;
                basis.row_mut(2 * k - 2)[x] = (size * scalar::cos(angle)) as f32;
                basis.row_mut(2 * k - 1)[x] = if 2 * k == n { 0.0 } else { scalar::sin(angle) as f32 };
            }
        }
        Self { basis }
    }

    /// Places in the ring.
    pub fn places(&self) -> usize {
        self.basis.cols
    }

    /// Frequencies.
    pub fn count(&self) -> usize {
        self.basis.rows / 2
    }

    /// The power of each frequency in each column of a table that has a row for each place: `(column, frequency)`.
    pub fn powers(&self, table: MatRef, packing: &mut Workspace) -> Vec<f32> {
        let count = self.count();
        let mut parts = vec![0.0; 2 * count * table.cols];
        gemm(self.basis.view(), table.view(), &mut parts, packing);
        let part = |row: usize, j: usize| parts[row * table.cols + j];
        let power = |j: usize, k: usize| part(2 * k, j) * part(2 * k, j) + part(2 * k + 1, j) * part(2 * k + 1, j);
        (0..table.cols * count).map(|i| power(i / count, i % count)).collect()
    }

    /// How much of each frequency all columns have together, of what [`Waves::powers`] found.
    pub fn in_all(&self, powers: &[f32]) -> Vec<f64> {
        (0..self.count()).map(|k| powers.iter().skip(k).step_by(self.count()).copied().map(f64::from).sum()).collect()
    }

    /// The wave of one frequency, counted from 0, that is nearest to a column of numbers, without its mean.
    pub fn nearest(&self, column: &[f32], k: usize) -> Vec<f32> {
        let rows = [2 * k, 2 * k + 1].map(|row| self.basis.row(row));
        let parts = rows.map(|row| 2.0 / column.len() as f32 * row.iter().zip(column).map(|(b, x)| b * x).sum::<f32>());
        (0..column.len()).map(|x| parts[0] * rows[0][x] + parts[1] * rows[1][x]).collect()
    }

    /// What answers owe to waves. `means` has a row for each place in the ring: the mean outputs, one a class, of all
    /// questions whose numbers add up to it. A frequency is key if it has at least `least` of all power.
    pub fn explain(&self, means: MatRef, least: f64, packing: &mut Workspace) -> Explained {
        let (count, classes) = (self.count(), means.cols);
        let mut parts = vec![0.0; 2 * count * classes];
        gemm(self.basis.view(), means.view(), &mut parts, packing);
        let scale = 2.0 / means.rows as f32;
        parts.iter_mut().for_each(|x| *x *= scale);
        let square = |x: &f32| f64::from(*x) * f64::from(*x);
        let powers: Vec<f64> = parts.chunks(2 * classes).map(|pair| pair.iter().map(square).sum()).collect();
        let all = powers.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let shares: Vec<f64> = powers.iter().map(|power| power / all).collect();
        for (pair, share) in parts.chunks_mut(2 * classes).zip(&shares) {
            if *share < least {
                pair.fill(0.0);
            }
        }
        let mut key = vec![0.0; means.rows * classes];
        gemm(self.basis.transposed(), MatRef::new(&parts, 2 * count, classes).view(), &mut key, packing);
        let mean = |class: usize| (0..means.rows).map(|s| means.row(s)[class]).sum::<f32>() / means.rows as f32;
        Explained {
            keys: shares.iter().filter(|share| **share >= least).count(),
            shares,
            key,
            rest: (0..classes).map(mean).collect(),
        }
    }
}

/// What answers owe to waves.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The share of each frequency in all power.
    pub shares: Vec<f64>,
    /// How many frequencies are key.
    pub keys: usize,
    /// The part of the outputs that is waves of key frequencies: a row for each place in the ring.
    pub key: Vec<f32>,
    /// The mean output of each class.
    pub rest: Vec<f32>,
}

/// The inverse participation ratio of powers, `Σ P² / (Σ P)²`: 1 where all is in one of them, `1 / n` where `n` are equal.
pub fn participation(powers: &[f32]) -> f64 {
    let (mut sum, mut squares) = (0.0, 0.0);
    for power in powers.iter().copied().map(f64::from) {
        sum += power;
        squares += power * power;
    }
    if sum > 0.0 { squares / (sum * sum) } else { 0.0 }
}

/// How unequal numbers are, `mean |x - y| / (2 mean x)`: 0 where all are equal, near 1 where one has everything.
pub fn gini(numbers: &[f64]) -> f64 {
    let all: f64 = numbers.iter().sum();
    let differences: f64 = numbers.iter().flat_map(|x| numbers.iter().map(move |y| (x - y).abs())).sum();
    if all > 0.0 { differences / (2.0 * numbers.len() as f64 * all) } else { 0.0 }
}

/// The place of the greatest number, the first of equal ones.
pub fn greatest(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (i, x)| if *x > row[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn a_wave_has_all_its_power_at_its_frequency_and_noise_has_little_anywhere() {
        for n in [58, 59] {
            let waves = Waves::new(n);
            let mut chance = Rng::new(1).stream("noise");
            let columns = 200;
            let mut table = Mat::zeros(n, columns);
            for x in 0..n {
                for (j, out) in table.row_mut(x).iter_mut().enumerate() {
                    let wave = scalar::cos(TAU * 5.0 * x as f64 / n as f64 + 1.0);
                    *out = if j == 0 { wave + 3.0 } else { chance.normal() } as f32;
                }
            }
            let powers = waves.powers(table.as_ref(), &mut Workspace::default());
            let spectra: Vec<&[f32]> = powers.chunks(waves.count()).collect();
            assert!((participation(spectra[0]) - 1.0).abs() < 1e-6 && greatest(spectra[0]) == 4);
            let mean = spectra[1..].iter().map(|powers| participation(powers)).sum::<f64>() / (columns - 1) as f64;
            // Powers of noise are exponential: 2 / (count + 1) on average, here 29 frequencies.
            assert!((mean - 2.0 / 30.0).abs() < 0.005, "n = {n}: {mean}");
            let column: Vec<f32> = (0..n).map(|x| table.row(x)[0]).collect();
            let nearest = waves.nearest(&column, 4);
            assert!(nearest.iter().zip(&column).all(|(near, x)| (near + 3.0 - x).abs() < 1e-5));
            // All power of a column but that of its mean (Parseval).
            let sum: f32 = spectra[1].iter().sum();
            let column: Vec<f64> = (0..n).map(|x| f64::from(table.row(x)[1])).collect();
            let mean = column.iter().sum::<f64>() / n as f64;
            let variance = column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            assert!((f64::from(sum) * 2.0 / n as f64 / variance - 1.0).abs() < 1e-4, "n = {n}");
        }
    }

    #[test]
    fn gini_is_that_of_its_formula() {
        let numbers = [3.0_f64, 0.5, 2.0, 2.0, 7.0];
        // Of ten pairs the differences add up to 28; each counts twice, among 25.
        assert!((gini(&numbers) - 2.0 * 28.0 / 25.0 / (2.0 * 14.5 / 5.0)).abs() < 1e-12);
        assert_eq!((gini(&[1.0; 4]), gini(&[0.0, 0.0, 0.0, 5.0])), (0.0, 0.75));
    }

    #[test]
    fn answers_made_of_two_waves_are_explained_by_two() {
        let (n, waves) = (31, Waves::new(31));
        let mut means = Mat::zeros(n, n);
        for s in 0..n {
            for (c, out) in means.row_mut(s).iter_mut().enumerate() {
                let wave = |k: usize| scalar::cos(TAU * (k * (s + n - c) % n) as f64 / n as f64);
                *out = (0.3 + wave(3) + 0.5 * wave(8) + 0.01 * wave(5)) as f32;
            }
        }
        let explained = waves.explain(means.as_ref(), 0.05, &mut Workspace::default());
        assert_eq!(explained.keys, 2);
        assert!((explained.shares[2] / explained.shares[7] - 4.0).abs() < 1e-3);
        for (i, key) in explained.key.iter().enumerate() {
            let left = means.data[i] - key - explained.rest[i % n];
            assert!(left.abs() < 0.011, "{i}: {left}");
        }
    }
}
