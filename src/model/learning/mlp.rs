//! Multilayer perceptrons: layers of products, biases and ReLU, with one output a class, and their exact gradients.
//!
//! A layer is `z = W x + b`, with a row of W for each unit: what a row holds is all that comes into one unit. All weights and
//! biases of a net stand in one list, layer after layer, so that optimisers, masks and snapshots need not know of layers.
//! The list is handed in: what a net computes with need not be what is trained.
use super::loss::{Loss, Score};
use crate::math::{
    kernels::{Workspace, gemm},
    mat::MatRef,
    rng::Stream,
};
use std::ops::Range;

/// One layer: where its numbers are in the list of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Numbers that come in.
    pub inputs: usize,
    /// Units.
    pub units: usize,
    /// Where its weights begin; its biases follow them.
    pub start: usize,
}

impl Layer {
    /// Its weights, a row for each unit.
    pub fn weights(&self) -> Range<usize> {
        self.start..self.start + self.inputs * self.units
    }

    /// Its biases.
    pub fn biases(&self) -> Range<usize> {
        let end = self.weights().end;
        end..end + self.units
    }

    /// The weights that come into one unit.
    pub fn row(&self, unit: usize) -> Range<usize> {
        let start = self.start + unit * self.inputs;
        start..start + self.inputs
    }
}

/// What answers and can be taught: a net whose numbers are handed in.
pub trait Net {
    /// The outputs for rows of inputs, a row for each.
    ///
    /// # Panics
    /// If the numbers or the inputs are not as many as the net has.
    fn outputs(&mut self, numbers: &[f32], inputs: MatRef) -> &mut [f32];

    /// The gradient by every number, where the last [`Net::outputs`] for these inputs was replaced by the gradient of the loss
    /// by each output.
    ///
    /// # Panics
    /// If the gradient has another length than the numbers.
    fn backward(&mut self, numbers: &[f32], inputs: MatRef, gradient: &mut [f32]);
}

impl Net for Mlp {
    fn outputs(&mut self, numbers: &[f32], inputs: MatRef) -> &mut [f32] {
        Self::outputs(self, numbers, inputs)
    }

    fn backward(&mut self, numbers: &[f32], inputs: MatRef, gradient: &mut [f32]) {
        Self::backward(self, numbers, inputs, gradient);
    }
}

/// A net of some widths; its numbers are elsewhere.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    work: Work,
}

/// Memory that is kept from step to step. It is no part of the net: a copy begins without.
#[derive(Debug, Default)]
struct Work {
    /// What leaves each layer: after ReLU, but for the last.
    out: Vec<Vec<f32>>,
    errors: Vec<f32>,
    earlier: Vec<f32>,
    packing: Workspace,
}

impl Clone for Work {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Mlp {
    /// The net of these widths: of the inputs, of each hidden layer, and the number of classes.
    pub fn new(widths: &[usize]) -> Self {
        let mut start = 0;
        let layers = widths.windows(2).map(|pair| {
            let layer = Layer { inputs: pair[0], units: pair[1], start };
            start = layer.biases().end;
            layer
        });
        Self { layers: layers.collect(), work: Work::default() }
    }

    /// The widths of the widest net of two hidden layers, the second half as wide as the first, that has at most so many numbers.
    pub fn widest(inputs: usize, classes: usize, numbers: usize) -> [usize; 4] {
        let widths = |units: usize| [inputs, units, units / 2, classes];
        let fits = |units: &usize| Self::new(&widths(*units)).numbers() <= numbers;
        widths((2..=1000).take_while(fits).last().unwrap_or(2))
    }

    /// Its layers, from the inputs on.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Weights and biases.
    pub fn numbers(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases().end)
    }

    /// Weights alone.
    pub fn weights(&self) -> usize {
        self.layers.iter().map(|layer| layer.inputs * layer.units).sum()
    }

    /// Normal weights with the variance `2 / inputs` and no biases (He, Zhang, Ren and Sun 2015, *Delving deep into
    /// rectifiers*, equation 10).
    pub fn draw(&self, chance: &mut Stream) -> Vec<f32> {
        let mut numbers = vec![0.0; self.numbers()];
        for layer in &self.layers {
            let spread = (2.0 / layer.inputs as f64).sqrt();
            numbers[layer.weights()].iter_mut().for_each(|w| *w = (spread * chance.normal()) as f32);
        }
        numbers
    }

    /// The outputs for rows of inputs, a row for each.
    ///
    /// # Panics
    /// If the numbers or the inputs are not as many as the net has.
    pub fn outputs(&mut self, numbers: &[f32], inputs: MatRef) -> &mut [f32] {
        assert_eq!(numbers.len(), self.numbers(), "numbers of the net");
        let Work { out, packing, .. } = &mut self.work;
        out.resize_with(self.layers.len(), Vec::new);
        let mut before = inputs;
        let mut rest = &mut out[..];
        for (i, layer) in self.layers.iter().enumerate() {
            let (mine, later) = rest.split_at_mut(1);
            let z = &mut mine[0];
            z.resize(inputs.rows * layer.units, 0.0);
            let weights = MatRef::new(&numbers[layer.weights()], layer.units, layer.inputs);
            gemm(before.view(), weights.transposed(), z, packing);
            let biases = &numbers[layer.biases()];
            let hidden = i + 1 < self.layers.len();
            for row in z.chunks_exact_mut(layer.units) {
                row.iter_mut().zip(biases).for_each(|(z, b)| *z += b);
                if hidden {
                    row.iter_mut().for_each(|z| *z = if *z > 0.0 { *z } else { 0.0 });
                }
            }
            before = MatRef::new(&mine[0], inputs.rows, layer.units);
            rest = later;
        }
        out.last_mut().map_or(&mut [], |z| &mut z[..])
    }

    /// What left each layer of the last [`Mlp::outputs`], the outputs among them.
    pub fn left(&self, layer: usize) -> &[f32] {
        &self.work.out[layer]
    }

    /// The score of the outputs for rows of inputs.
    ///
    /// # Panics
    /// As [`Mlp::outputs`], or if there is not one label for each row.
    pub fn grade(&mut self, numbers: &[f32], inputs: MatRef, labels: &[u16], loss: Loss) -> Score {
        let classes = self.layers.last().map_or(0, |layer| layer.units);
        loss.grade(self.outputs(numbers, inputs), labels, classes)
    }

    /// The same, and the gradient of the loss by every number, also by those that are 0.
    ///
    /// # Panics
    /// As [`Mlp::grade`], or if the gradient has another length than the numbers.
    pub fn learn(
        &mut self,
        numbers: &[f32],
        inputs: MatRef,
        labels: &[u16],
        loss: Loss,
        gradient: &mut [f32],
    ) -> Score {
        let score = self.grade(numbers, inputs, labels, loss);
        self.backward(numbers, inputs, gradient);
        score
    }

    /// The share of examples that it has right.
    ///
    /// # Panics
    /// As [`Mlp::grade`].
    pub fn share_right(&mut self, numbers: &[f32], (inputs, labels): (MatRef, &[u16])) -> f64 {
        let score = self.grade(numbers, inputs, labels, Loss::CrossEntropy);
        score.right as f64 / labels.len().max(1) as f64
    }

    /// The gradient by every number, where the last [`Mlp::outputs`] for these inputs was replaced by the gradient of the loss
    /// by each output.
    ///
    /// # Panics
    /// If the gradient has another length than the numbers.
    pub fn backward(&mut self, numbers: &[f32], inputs: MatRef, gradient: &mut [f32]) {
        assert_eq!(gradient.len(), numbers.len(), "gradient");
        let Work { out, errors, earlier, packing } = &mut self.work;
        let rows = inputs.rows;
        errors.clear();
        errors.extend_from_slice(out.last().map_or(&[], |z| &z[..]));
        for (i, layer) in self.layers.iter().enumerate().rev() {
            let delta = MatRef::new(errors, rows, layer.units);
            let before = i.checked_sub(1).map_or(inputs, |i| MatRef::new(&out[i], rows, layer.inputs));
            gemm(delta.transposed(), before.view(), &mut gradient[layer.weights()], packing);
            let biases = &mut gradient[layer.biases()];
            biases.fill(0.0);
            for row in errors.chunks_exact(layer.units) {
                biases.iter_mut().zip(row).for_each(|(sum, error)| *sum += error);
            }
            if i > 0 {
                earlier.resize(rows * layer.inputs, 0.0);
                let weights = MatRef::new(&numbers[layer.weights()], layer.units, layer.inputs);
                gemm(MatRef::new(errors, rows, layer.units).view(), weights.view(), earlier, packing);
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

    /// The mean loss in f64, as it is written.
    fn plain(net: &Mlp, numbers: &[f64], inputs: &Mat, labels: &[u16]) -> f64 {
        let mut sum = 0.0;
        for (i, label) in labels.iter().enumerate() {
            let mut x: Vec<f64> = inputs.row(i).iter().copied().map(f64::from).collect();
            for (l, layer) in net.layers().iter().enumerate() {
                let unit = |j: usize| {
                    let z = layer.row(j).zip(&x).map(|(at, x)| numbers[at] * x).sum::<f64>()
                        + numbers[layer.biases().start + j];
                    if l + 1 < net.layers().len() { z.max(0.0) } else { z }
                };
                x = (0..layer.units).map(unit).collect();
            }
            let target = |c: usize| if c == usize::from(*label) { 1.0 } else { 0.0 };
            sum += x.iter().enumerate().map(|(c, z)| (z - target(c)) * (z - target(c))).sum::<f64>() / x.len() as f64;
        }
        sum / labels.len() as f64
    }

    #[test]
    fn the_gradient_is_that_of_the_formula_also_where_weights_are_0() {
        let mut net = Mlp::new(&[5, 7, 6, 3]);
        let mut chance = Rng::new(3).stream("net");
        let mut numbers = net.draw(&mut chance);
        numbers.iter_mut().step_by(3).for_each(|w| *w = 0.0);
        for layer in net.layers() {
            numbers[layer.biases()].iter_mut().for_each(|b| *b = 0.3 * chance.normal() as f32);
        }
        let inputs = Mat::new((0..20).map(|_| chance.normal() as f32).collect(), 4, 5);
        let labels = [0, 2, 1, 2];
        let mut gradient = vec![0.0; numbers.len()];
        let score = net.learn(&numbers, inputs.as_ref(), &labels, Loss::Square, &mut gradient);
        let wide: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
        assert!((score.loss - plain(&net, &wide, &inputs, &labels)).abs() < 1e-6);
        for (i, g) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut moved = wide.clone();
                moved[i] += by;
                plain(&net, &moved, &inputs, &labels)
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((f64::from(*g) - slope).abs() < 1e-5, "{i}: {g} and {slope}");
        }
    }

    #[test]
    fn numbers_are_counted_and_each_has_one_place() {
        let net = Mlp::new(&[64, 128, 64, 10]);
        assert_eq!((net.weights(), net.numbers()), (17_024, 17_226));
        let mut next = 0;
        for layer in net.layers() {
            assert_eq!((layer.weights().start, layer.weights().end), (next, layer.biases().start));
            assert_eq!(layer.row(layer.units - 1).end, layer.weights().end);
            next = layer.biases().end;
        }
    }

    #[test]
    fn the_widest_net_has_no_more_numbers_than_it_may() {
        let large = Mlp::new(&[40, 256, 128, 10]);
        let budget = 2214 + large.numbers() - large.weights();
        assert_eq!(Mlp::widest(40, 10, budget), [40, 39, 19, 10]);
        assert_eq!(Mlp::widest(40, 10, 0), [40, 2, 1, 10]);
    }
}
