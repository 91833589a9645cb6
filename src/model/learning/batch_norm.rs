//! Multilayer perceptrons with batch norm (Ioffe and Szegedy 2015, *Batch normalization*): what comes into a hidden unit is
//! brought to a mean of 0 and a variance of 1 over the examples of a batch, or of each small part of it, a ghost (Hoffer,
//! Hubara and Soudry 2017, *Train longer, generalize better*).
//!
//! The numbers of a net are those of an [`Mlp`], whose biases are what is added after, and then the gains of all hidden units.
use super::{
    loss::{Loss, Score},
    mlp::{Layer, Mlp},
    training::Examples,
};
use crate::math::{
    kernels::{Workspace, gemm},
    mat::MatRef,
    rng::Stream,
};
use std::ops::Range;

/// Keeps a division by 0 away.
const SMALL: f32 = 1e-5;
/// How much of the running means a ghost replaces.
const NEW: f32 = 0.1;

/// A net of some widths, with the means and variances that it has seen.
#[derive(Clone, Debug)]
pub struct NormNet {
    layers: Vec<Layer>,
    numbers: usize,
    /// Of each hidden unit, layer after layer: running means and variances.
    means: Vec<f32>,
    variances: Vec<f32>,
    work: Work,
}

/// Memory that is kept from step to step. It is no part of the net: a copy begins without.
#[derive(Debug, Default)]
struct Work {
    /// What each hidden layer normalised, and what left each layer.
    normal: Vec<Vec<f32>>,
    out: Vec<Vec<f32>>,
    /// One over the standard deviation of each unit of each ghost, for each hidden layer.
    scales: Vec<Vec<f32>>,
    errors: Vec<f32>,
    earlier: Vec<f32>,
    sums: [Vec<f32>; 2],
    packing: Workspace,
}

impl Clone for Work {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl NormNet {
    /// The net of these widths: of the inputs, of each hidden layer, and the number of classes.
    pub fn new(widths: &[usize]) -> Self {
        let mlp = Mlp::new(widths);
        let layers = mlp.layers().to_vec();
        let hidden = layers.iter().rev().skip(1).map(|layer| layer.units).sum::<usize>();
        let numbers = mlp.numbers() + hidden;
        Self { layers, numbers, means: vec![0.0; hidden], variances: vec![1.0; hidden], work: Work::default() }
    }

    /// Weights, what is added, and gains.
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// Weights as [`Mlp::draw`] has them, nothing added, gains of 1. What the net has seen is forgotten.
    pub fn draw(&mut self, chance: &mut Stream) -> Vec<f32> {
        self.means.fill(0.0);
        self.variances.fill(1.0);
        let widths = self.layers.iter().map(|layer| layer.inputs).chain(self.layers.last().map(|layer| layer.units));
        let mut numbers = Mlp::new(&widths.collect::<Vec<_>>()).draw(chance);
        numbers.resize(self.numbers, 1.0);
        numbers
    }

    /// Where the units of a hidden layer are among all hidden ones.
    fn units(&self, layer: usize) -> Range<usize> {
        let start = self.layers[..layer].iter().map(|layer| layer.units).sum();
        start..start + self.layers[layer].units
    }

    /// Where the gains of a hidden layer are in the list.
    fn gains(&self, layer: usize) -> Range<usize> {
        let before = self.numbers - self.means.len();
        let units = self.units(layer);
        before + units.start..before + units.end
    }

    /// Passes inputs through a layer, without what is added.
    fn multiply(&mut self, numbers: &[f32], i: usize, inputs: MatRef) {
        let layer = self.layers[i];
        let Work { out, packing, .. } = &mut self.work;
        let (before, rest) = out.split_at_mut(i);
        let before = before.last().map_or(inputs, |x| MatRef::new(x, inputs.rows, layer.inputs));
        rest[0].resize(inputs.rows * layer.units, 0.0);
        let weights = MatRef::new(&numbers[layer.weights()], layer.units, layer.inputs);
        gemm(before.view(), weights.transposed(), &mut rest[0], packing);
    }

    fn prepare(&mut self, numbers: &[f32]) {
        assert_eq!(numbers.len(), self.numbers, "numbers of the net");
        let Work { normal, out, scales, .. } = &mut self.work;
        out.resize_with(self.layers.len(), Vec::new);
        normal.resize_with(self.layers.len(), Vec::new);
        scales.resize_with(self.layers.len(), Vec::new);
    }

    fn finish(&mut self, numbers: &[f32], inputs: MatRef) {
        let last = self.layers.len() - 1;
        self.multiply(numbers, last, inputs);
        let layer = self.layers[last];
        for row in self.work.out[last].chunks_exact_mut(layer.units) {
            row.iter_mut().zip(&numbers[layer.biases()]).for_each(|(z, b)| *z += b);
        }
    }

    /// The score of the outputs for rows of inputs, with the means and variances that were seen in training.
    ///
    /// # Panics
    /// If the numbers or the inputs are not as many as the net has, or there is not one label for each row.
    pub fn grade(&mut self, numbers: &[f32], inputs: MatRef, labels: &[u16]) -> Score {
        self.prepare(numbers);
        let last = self.layers.len() - 1;
        for i in 0..last {
            self.multiply(numbers, i, inputs);
            let (layer, units, gains) = (self.layers[i], self.units(i), self.gains(i));
            // A gain and what is added, with mean and variance in them.
            let gain: Vec<f32> = numbers[gains]
                .iter()
                .zip(&self.variances[units.clone()])
                .map(|(g, v)| g / (v + SMALL).sqrt())
                .collect();
            let shifts = numbers[layer.biases()].iter().zip(&self.means[units]);
            let shift: Vec<f32> = shifts.zip(&gain).map(|((b, mean), gain)| b - gain * mean).collect();
            for row in self.work.out[i].chunks_exact_mut(layer.units) {
                for ((z, gain), shift) in row.iter_mut().zip(&gain).zip(&shift) {
                    let y = gain * *z + shift;
                    *z = if y > 0.0 { y } else { 0.0 };
                }
            }
        }
        self.finish(numbers, inputs);
        Loss::CrossEntropy.grade(&mut self.work.out[last], labels, self.layers[last].units)
    }

    /// The score of a batch whose ghosts are of so many examples, and the gradient of the loss by every number. Each ghost has its
    /// own means and variances, which the net remembers.
    ///
    /// # Panics
    /// As [`NormNet::grade`], or if the gradient has another length than the numbers or a ghost is of no example.
    pub fn learn(&mut self, numbers: &[f32], (inputs, labels): Examples, ghost: usize, gradient: &mut [f32]) -> Score {
        assert_eq!(gradient.len(), numbers.len(), "gradient");
        self.prepare(numbers);
        let last = self.layers.len() - 1;
        for i in 0..last {
            self.multiply(numbers, i, inputs);
            self.normalise(numbers, i, ghost);
        }
        self.finish(numbers, inputs);
        let score = Loss::CrossEntropy.grade(&mut self.work.out[last], labels, self.layers[last].units);
        self.backward(numbers, inputs, ghost, gradient);
        score
    }

    /// Normalises what comes into a hidden layer, ghost by ghost.
    fn normalise(&mut self, numbers: &[f32], i: usize, ghost: usize) {
        let (layer, units, gains) = (self.layers[i], self.units(i), self.gains(i));
        let (adds, gains) = (&numbers[layer.biases()], &numbers[gains]);
        let (seen, spread) = (&mut self.means[units.clone()], &mut self.variances[units]);
        let Work { normal, out, scales, sums: [mean, scale], .. } = &mut self.work;
        let (z, normal, scales) = (&mut out[i], &mut normal[i], &mut scales[i]);
        normal.resize(z.len(), 0.0);
        scales.clear();
        for (z, normal) in z.chunks_mut(ghost * layer.units).zip(normal.chunks_mut(ghost * layer.units)) {
            let rows = z.len() / layer.units;
            let share = 1.0 / rows as f32;
            mean.clear();
            mean.resize(layer.units, 0.0);
            for row in z.chunks_exact(layer.units) {
                mean.iter_mut().zip(row).for_each(|(sum, z)| *sum += z);
            }
            mean.iter_mut().for_each(|sum| *sum *= share);
            scale.clear();
            scale.resize(layer.units, 0.0);
            for (row, normal) in z.chunks_exact(layer.units).zip(normal.chunks_exact_mut(layer.units)) {
                for (((z, x), mean), sum) in row.iter().zip(normal).zip(&*mean).zip(&mut *scale) {
                    *x = z - mean;
                    *sum += *x * *x;
                }
            }
            // The variance that is remembered is that of a sample.
            let sample = rows as f32 / (rows.max(2) - 1) as f32;
            for (((sum, mean), seen), spread) in scale.iter_mut().zip(&*mean).zip(&mut *seen).zip(&mut *spread) {
                let variance = *sum * share;
                *seen += NEW * (mean - *seen);
                *spread += NEW * (sample * variance - *spread);
                *sum = 1.0 / (variance + SMALL).sqrt();
            }
            scales.extend_from_slice(scale);
            for (row, normal) in z.chunks_exact_mut(layer.units).zip(normal.chunks_exact_mut(layer.units)) {
                let own = scale.iter().zip(gains).zip(adds);
                for ((z, x), ((scale, gain), add)) in row.iter_mut().zip(normal).zip(own) {
                    *x *= scale;
                    let y = gain * *x + add;
                    *z = if y > 0.0 { y } else { 0.0 };
                }
            }
        }
    }

    fn backward(&mut self, numbers: &[f32], inputs: MatRef, ghost: usize, gradient: &mut [f32]) {
        let rows = inputs.rows;
        let last = self.layers.len() - 1;
        let gains: Vec<Range<usize>> = (0..last).map(|i| self.gains(i)).collect();
        let Work { normal, out, scales, errors, earlier, sums: [plain, along], packing } = &mut self.work;
        errors.clear();
        errors.extend_from_slice(&out[last]);
        for (i, layer) in self.layers.iter().enumerate().rev() {
            let units = layer.units;
            if i < last {
                gradient[layer.biases()].fill(0.0);
                gradient[gains[i].clone()].fill(0.0);
                let parts = errors.chunks_mut(ghost * units).zip(normal[i].chunks(ghost * units));
                for ((errors, normal), scale) in parts.zip(scales[i].chunks_exact(units)) {
                    plain.clear();
                    plain.resize(units, 0.0);
                    along.clear();
                    along.resize(units, 0.0);
                    for (row, normal) in errors.chunks_exact(units).zip(normal.chunks_exact(units)) {
                        for (((e, x), plain), along) in row.iter().zip(normal).zip(&mut *plain).zip(&mut *along) {
                            *plain += e;
                            *along += e * x;
                        }
                    }
                    gradient[layer.biases()].iter_mut().zip(&*plain).for_each(|(g, sum)| *g += sum);
                    gradient[gains[i].clone()].iter_mut().zip(&*along).for_each(|(g, sum)| *g += sum);
                    let share = 1.0 / (errors.len() / units) as f32;
                    plain.iter_mut().chain(&mut *along).for_each(|sum| *sum *= share);
                    for (row, normal) in errors.chunks_exact_mut(units).zip(normal.chunks_exact(units)) {
                        let own = scale.iter().zip(&numbers[gains[i].clone()]).zip(plain.iter().zip(&*along));
                        for ((e, x), ((scale, gain), (plain, along))) in row.iter_mut().zip(normal).zip(own) {
                            *e = scale * gain * (*e - plain - x * along);
                        }
                    }
                }
            } else {
                let biases = &mut gradient[layer.biases()];
                biases.fill(0.0);
                for row in errors.chunks_exact(units) {
                    biases.iter_mut().zip(row).for_each(|(sum, error)| *sum += error);
                }
            }
            let before = i.checked_sub(1).map_or(inputs, |i| MatRef::new(&out[i], rows, layer.inputs));
            let delta = MatRef::new(errors, rows, units);
            gemm(delta.transposed(), before.view(), &mut gradient[layer.weights()], packing);
            if i > 0 {
                earlier.resize(rows * layer.inputs, 0.0);
                let weights = MatRef::new(&numbers[layer.weights()], units, layer.inputs);
                gemm(MatRef::new(errors, rows, units).view(), weights.view(), earlier, packing);
                earlier.iter_mut().zip(before.data).for_each(|(error, z)| *error = if *z > 0.0 { *error } else { 0.0 });
                std::mem::swap(errors, earlier);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    fn task(net: &mut NormNet, rows: usize) -> (Vec<f32>, Mat, Vec<u16>) {
        let mut chance = Rng::new(5).stream("net");
        let mut numbers = net.draw(&mut chance);
        // Whatever is added and gained: not as it is drawn.
        numbers.iter_mut().for_each(|w| *w += 0.2 * chance.normal() as f32);
        let inputs = net.layers[0].inputs;
        let x = (0..rows * inputs).map(|_| chance.normal() as f32).collect();
        (numbers, Mat::new(x, rows, inputs), (0..rows).map(|i| (i % 3) as u16).collect())
    }

    /// The mean loss in f64, as it is written, with the means and variances of each ghost.
    fn plain(net: &NormNet, numbers: &[f64], inputs: &Mat, labels: &[u16], ghost: usize) -> f64 {
        let mut sum = 0.0;
        for start in (0..inputs.rows).step_by(ghost) {
            let ghost = start..(start + ghost).min(inputs.rows);
            let row = |i: usize| inputs.row(i).iter().copied().map(f64::from).collect();
            let mut x: Vec<Vec<f64>> = ghost.clone().map(row).collect();
            for (l, layer) in net.layers.iter().enumerate() {
                let weigh = |x: &Vec<f64>, j: usize| layer.row(j).zip(x).map(|(at, x)| numbers[at] * x).sum::<f64>();
                let mut z: Vec<Vec<f64>> = x.iter().map(|x| (0..layer.units).map(|j| weigh(x, j)).collect()).collect();
                for j in 0..layer.units {
                    let add = numbers[layer.biases().start + j];
                    if l + 1 == net.layers.len() {
                        z.iter_mut().for_each(|z| z[j] += add);
                        continue;
                    }
                    let share = 1.0 / z.len() as f64;
                    let mean = z.iter().map(|z| z[j]).sum::<f64>() * share;
                    let variance = z.iter().map(|z| (z[j] - mean) * (z[j] - mean)).sum::<f64>() * share;
                    let gain = numbers[net.gains(l).start + j] / (variance + f64::from(SMALL)).sqrt();
                    z.iter_mut().for_each(|z| z[j] = (gain * (z[j] - mean) + add).max(0.0));
                }
                x = z;
            }
            for (x, label) in x.iter().zip(&labels[ghost]) {
                let all: f64 = x.iter().map(|z| crate::math::scalar::exp(*z)).sum();
                sum += crate::math::scalar::ln(all) - x[usize::from(*label)];
            }
        }
        sum / labels.len() as f64
    }

    #[test]
    fn the_gradient_is_that_of_the_formula_in_ghosts_and_whole_batches() {
        for ghost in [12, 6, 5] {
            let mut net = NormNet::new(&[4, 5, 6, 3]);
            let (numbers, inputs, labels) = task(&mut net, 12);
            let mut gradient = vec![0.0; numbers.len()];
            let score = net.learn(&numbers, (inputs.as_ref(), &labels), ghost, &mut gradient);
            let wide: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
            let loss = |numbers: &[f64]| plain(&net, numbers, &inputs, &labels, ghost);
            assert!((score.loss - loss(&wide)).abs() < 1e-5, "{} {}", score.loss, loss(&wide));
            for (i, g) in gradient.iter().enumerate() {
                let moved = |by: f64| {
                    let mut moved = wide.clone();
                    moved[i] += by;
                    loss(&moved)
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((f64::from(*g) - slope).abs() < 1e-4, "ghosts of {ghost}, {i}: {g} and {slope}");
            }
        }
    }

    #[test]
    fn what_was_seen_in_training_stands_in_when_it_is_asked() {
        let mut net = NormNet::new(&[4, 8, 3]);
        let (numbers, inputs, labels) = task(&mut net, 30);
        let mut gradient = vec![0.0; numbers.len()];
        let mut whole = 0.0;
        for _ in 0..200 {
            whole = net.learn(&numbers, (inputs.as_ref(), &labels), 30, &mut gradient).loss;
        }
        // It has seen nothing but this batch; a sample's variance is larger by one part in thirty.
        let asked = net.grade(&numbers, inputs.as_ref(), &labels).loss;
        assert!((asked - whole).abs() < 0.03, "{asked} {whole}");
        net.draw(&mut Rng::new(1).stream("again"));
        assert!(net.means.iter().all(|mean| *mean == 0.0));
    }
}
