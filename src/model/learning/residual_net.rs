//! Residual nets with layer norm: the perceptrons of a transformer without its attention (Vaswani et al. 2017, *Attention is all
//! you need*; Ba, Kiros and Hinton 2016, *Layer normalization*), and their exact gradients.
//!
//! A block is `y = x + V ReLU(K LN(x) + b) + c`. Before the blocks stands a layer that makes a stream of the inputs, after them one
//! that makes classes of it, with a layer norm before it. A layer norm has no numbers of its own: what it would gain and add is in K and b. Of what leaves the
//! ReLU only the largest may be kept (Li et al. 2023, *The lazy neuron phenomenon: on emergence of activation sparsity in
//! transformers*).
use super::{
    loss::{Loss, Score},
    mlp::Layer,
    training::Examples,
};
use crate::math::{
    kernels::{Workspace, gemm},
    mat::MatRef,
    rng::Stream,
};

/// Keeps a division by 0 away.
const SMALL: f32 = 1e-5;

/// A net of some blocks; its numbers are elsewhere, as those of an [`super::mlp::Mlp`].
#[derive(Clone, Debug)]
pub struct ResidualNet {
    /// The first layer, two of each block (K and V), and the last.
    layers: Vec<Layer>,
    /// How many neurons of a block may be active for an example: those that are most.
    pub kept: usize,
    work: Work,
}

/// Memory that is kept from step to step. It is no part of the net: a copy begins without.
#[derive(Debug, Default)]
struct Work {
    stream: Vec<f32>,
    outputs: Vec<f32>,
    /// Of each block, and of the last layer where that is all there is: what its layer norm made, one over the deviation of each row, what left the ReLU, and the gradient by it.
    normal: Vec<Vec<f32>>,
    scales: Vec<Vec<f32>>,
    active: Vec<Vec<f32>>,
    slopes: Vec<Vec<f32>>,
    errors: Vec<f32>,
    spare: Vec<f32>,
    order: Vec<u32>,
    packing: Workspace,
}

impl Clone for Work {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl ResidualNet {
    /// The net of so many inputs, a stream of that width, so many blocks of so many hidden neurons, and so many classes. All neurons
    /// may be active.
    pub fn new(inputs: usize, width: usize, (blocks, hidden): (usize, usize), classes: usize) -> Self {
        let mut start = 0;
        let block = [(width, hidden), (hidden, width)];
        let shapes = [(inputs, width)].into_iter().chain((0..blocks).flat_map(|_| block)).chain([(width, classes)]);
        let layers = shapes.map(|(inputs, units)| {
            let layer = Layer { inputs, units, start };
            start = layer.biases().end;
            layer
        });
        Self { layers: layers.collect(), kept: usize::MAX, work: Work::default() }
    }

    /// Blocks.
    pub fn blocks(&self) -> usize {
        self.layers.len() / 2 - 1
    }

    /// Hidden neurons of each block.
    pub fn hidden(&self) -> usize {
        self.layers[1].units
    }

    /// Weights and biases.
    pub fn numbers(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases().end)
    }

    /// Normal weights with the variance `1 / inputs`, twice that for the classes, and no biases.
    pub fn draw(&self, chance: &mut Stream) -> Vec<f32> {
        let mut numbers = vec![0.0; self.numbers()];
        let last = self.layers.len() - 1;
        for (i, layer) in self.layers.iter().enumerate() {
            let power = if i == last { 2.0 } else { 1.0 };
            let spread = (power / layer.inputs as f64).sqrt();
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
        let (rows, blocks, kept) = (inputs.rows, self.blocks(), self.kept);
        let Work { stream, outputs, normal, scales, active, spare, order, packing, .. } = &mut self.work;
        normal.resize_with(blocks + 1, Vec::new);
        scales.resize_with(blocks + 1, Vec::new);
        active.resize_with(blocks, Vec::new);
        forward(&self.layers[0], numbers, inputs, stream, packing);
        for block in 0..blocks {
            let [up, down] = [self.layers[1 + 2 * block], self.layers[2 + 2 * block]];
            let (normal, active) = (&mut normal[block], &mut active[block]);
            normalise(stream, up.inputs, normal, &mut scales[block]);
            forward(&up, numbers, MatRef::new(normal, rows, up.inputs), active, packing);
            for row in active.chunks_exact_mut(up.units) {
                row.iter_mut().for_each(|a| *a = if *a > 0.0 { *a } else { 0.0 });
                if kept < up.units {
                    keep_largest(row, kept, order);
                }
            }
            forward(&down, numbers, MatRef::new(active, rows, down.inputs), spare, packing);
            stream.iter_mut().zip(&*spare).for_each(|(x, y)| *x += y);
        }
        let last = self.layers[self.layers.len() - 1];
        normalise(stream, last.inputs, &mut normal[blocks], &mut scales[blocks]);
        forward(&last, numbers, MatRef::new(&normal[blocks], rows, last.inputs), outputs, packing);
        outputs
    }

    /// What left the ReLU of a block at the last [`ResidualNet::outputs`]: a row for each example, a number for each neuron.
    pub fn active(&self, block: usize) -> &[f32] {
        &self.work.active[block]
    }

    /// The share of neurons of a block that were active then.
    pub fn density(&self, block: usize) -> f64 {
        let active = self.active(block);
        active.iter().filter(|a| **a > 0.0).count() as f64 / active.len().max(1) as f64
    }

    /// How often each neuron of a block was active then, as shares of the examples, the busiest first: of all of them so many, as far from
    /// one another in that order.
    pub fn rates(&self, block: usize, count: usize) -> Vec<f32> {
        let (active, hidden) = (self.active(block), self.hidden());
        let mut counts = vec![0_u32; hidden];
        for row in active.chunks_exact(hidden) {
            counts.iter_mut().zip(row).for_each(|(count, a)| *count += u32::from(*a > 0.0));
        }
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let examples = (active.len() / hidden).max(1) as f32;
        (0..count).map(|i| counts[i * (hidden - 1) / (count - 1).max(1)] as f32 / examples).collect()
    }

    /// The gradient of the loss by what left the ReLU of a block at the last [`ResidualNet::learn`], and 0 by what was not active.
    pub fn slopes(&self, block: usize) -> &[f32] {
        &self.work.slopes[block]
    }

    /// The score of the outputs for rows of inputs, by cross-entropy.
    ///
    /// # Panics
    /// As [`ResidualNet::outputs`], or if there is not one label for each row.
    pub fn grade(&mut self, numbers: &[f32], (inputs, labels): Examples) -> Score {
        let classes = self.layers[self.layers.len() - 1].units;
        Loss::CrossEntropy.grade(self.outputs(numbers, inputs), labels, classes)
    }

    /// The same, and the gradient of the loss by every number. What is not active has no part in it.
    ///
    /// # Panics
    /// As [`ResidualNet::grade`], or if the gradient has another length than the numbers.
    pub fn learn(&mut self, numbers: &[f32], examples: Examples, gradient: &mut [f32]) -> Score {
        let score = self.grade(numbers, examples);
        assert_eq!(gradient.len(), numbers.len(), "gradient");
        let inputs = examples.0;
        let (rows, blocks) = (inputs.rows, self.blocks());
        let Work { outputs, normal, scales, active, slopes, errors, spare, packing, .. } = &mut self.work;
        slopes.resize_with(blocks, Vec::new);
        let last = self.layers[self.layers.len() - 1];
        let stream = MatRef::new(&normal[blocks], rows, last.inputs);
        backward(&last, numbers, (stream, &outputs[..]), gradient, Some(&mut *spare), packing);
        errors.clear();
        errors.resize(rows * last.inputs, 0.0);
        through_norm(spare, last.inputs, &normal[blocks], &scales[blocks], errors);
        for block in (0..blocks).rev() {
            let [up, down] = [self.layers[1 + 2 * block], self.layers[2 + 2 * block]];
            let (normal, active, slopes) = (&normal[block], &active[block], &mut slopes[block]);
            let spoken = MatRef::new(active, rows, down.inputs);
            backward(&down, numbers, (spoken, &errors[..]), gradient, Some(&mut *slopes), packing);
            slopes.iter_mut().zip(active).for_each(|(slope, a)| *slope = if *a > 0.0 { *slope } else { 0.0 });
            let heard = MatRef::new(normal, rows, up.inputs);
            backward(&up, numbers, (heard, &slopes[..]), gradient, Some(&mut *spare), packing);
            through_norm(spare, up.inputs, normal, &scales[block], errors);
        }
        backward(&self.layers[0], numbers, (inputs, &errors[..]), gradient, None, packing);
        score
    }
}

/// What leaves a layer for rows of inputs.
fn forward(layer: &Layer, numbers: &[f32], inputs: MatRef, out: &mut Vec<f32>, packing: &mut Workspace) {
    out.resize(inputs.rows * layer.units, 0.0);
    let weights = MatRef::new(&numbers[layer.weights()], layer.units, layer.inputs);
    gemm(inputs.view(), weights.transposed(), out, packing);
    for row in out.chunks_exact_mut(layer.units) {
        row.iter_mut().zip(&numbers[layer.biases()]).for_each(|(z, b)| *z += b);
    }
}

/// The gradient by the numbers of a layer, of its inputs and the gradient by what left it; and that by its inputs, where it is asked.
fn backward(
    layer: &Layer,
    numbers: &[f32],
    (inputs, errors): (MatRef, &[f32]),
    gradient: &mut [f32],
    earlier: Option<&mut Vec<f32>>,
    packing: &mut Workspace,
) {
    let errors = MatRef::new(errors, inputs.rows, layer.units);
    gemm(errors.transposed(), inputs.view(), &mut gradient[layer.weights()], packing);
    let biases = &mut gradient[layer.biases()];
    biases.fill(0.0);
    for row in errors.data.chunks_exact(layer.units) {
        biases.iter_mut().zip(row).for_each(|(sum, error)| *sum += error);
    }
    if let Some(earlier) = earlier {
        earlier.resize(inputs.rows * layer.inputs, 0.0);
        let weights = MatRef::new(&numbers[layer.weights()], layer.units, layer.inputs);
        gemm(errors.view(), weights.view(), earlier, packing);
    }
}

/// Brings each row to a mean of 0 and a variance of 1, and keeps one over its deviation.
fn normalise(stream: &[f32], width: usize, normal: &mut Vec<f32>, scales: &mut Vec<f32>) {
    normal.clear();
    scales.clear();
    let share = 1.0 / width as f32;
    for row in stream.chunks_exact(width) {
        let mean = share * row.iter().sum::<f32>();
        let variance = share * row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>();
        let scale = 1.0 / (variance + SMALL).sqrt();
        normal.extend(row.iter().map(|x| scale * (x - mean)));
        scales.push(scale);
    }
}

/// Adds to `errors` the gradient by what came into a layer norm, of that by what left it.
fn through_norm(slopes: &[f32], width: usize, normal: &[f32], scales: &[f32], errors: &mut [f32]) {
    let share = 1.0 / width as f32;
    let rows = slopes.chunks_exact(width).zip(normal.chunks_exact(width)).zip(scales);
    for (errors, ((slopes, normal), scale)) in errors.chunks_exact_mut(width).zip(rows) {
        let plain = share * slopes.iter().sum::<f32>();
        let along = share * slopes.iter().zip(normal).map(|(g, x)| g * x).sum::<f32>();
        for ((error, g), x) in errors.iter_mut().zip(slopes).zip(normal) {
            *error += scale * (g - plain - x * along);
        }
    }
}

/// Puts 0 in place of all but the `kept` largest numbers, of which none is below 0; of equals the first stays.
fn keep_largest(row: &mut [f32], kept: usize, order: &mut Vec<u32>) {
    order.clear();
    order.extend((0..row.len() as u32).filter(|i| row[*i as usize] > 0.0));
    if kept < order.len() {
        let larger = |a: &u32, b: &u32| row[*b as usize].total_cmp(&row[*a as usize]).then(a.cmp(b));
        order.select_nth_unstable_by(kept, larger);
        order[kept..].iter().for_each(|i| row[*i as usize] = 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng, scalar};

    fn task(kept: usize) -> (ResidualNet, Vec<f32>, Mat, Vec<u16>) {
        let mut net = ResidualNet::new(5, 6, (2, 9), 3);
        net.kept = kept;
        let mut chance = Rng::new(7).stream("net");
        let mut numbers = net.draw(&mut chance);
        numbers.iter_mut().for_each(|w| *w += 0.2 * chance.normal() as f32);
        let inputs = Mat::new((0..40).map(|_| chance.normal() as f32).collect(), 8, 5);
        (net, numbers, inputs, (0..8).map(|i| i % 3).collect())
    }

    /// The mean loss in f64, as it is written; `moved` is added to the active numbers of a block.
    fn plain(
        net: &ResidualNet,
        numbers: &[f64],
        inputs: &Mat,
        labels: &[u16],
        moved: Option<(usize, usize, f64)>,
    ) -> f64 {
        let through = |layer: &Layer, x: &[f64]| -> Vec<f64> {
            let unit = |j: usize| layer.row(j).zip(x).map(|(at, x)| numbers[at] * x).sum::<f64>();
            (0..layer.units).map(|j| unit(j) + numbers[layer.biases().start + j]).collect()
        };
        let norm = |x: &[f64]| -> Vec<f64> {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / x.len() as f64;
            x.iter().map(|x| (x - mean) / (variance + f64::from(SMALL)).sqrt()).collect()
        };
        let each = labels.iter().enumerate().map(|(i, label)| {
            let row: Vec<f64> = inputs.row(i).iter().copied().map(f64::from).collect();
            let mut x = through(&net.layers[0], &row);
            for block in 0..net.blocks() {
                let normal = norm(&x);
                let up = &net.layers[1 + 2 * block];
                let a: Vec<f64> = through(up, &normal).into_iter().map(|a| a.max(0.0)).collect();
                let larger = |j: usize| a.iter().filter(|other| **other > a[j]).count();
                let mut a: Vec<f64> = (0..a.len()).map(|j| if larger(j) < net.kept { a[j] } else { 0.0 }).collect();
                if let Some((at, place, by)) = moved
                    && at == block
                    && place / up.units == i
                {
                    a[place % up.units] += by;
                }
                let y = through(&net.layers[2 + 2 * block], &a);
                x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
            }
            let z = through(net.layers.last().unwrap(), &norm(&x));
            scalar::ln(z.iter().map(|z| scalar::exp(*z)).sum::<f64>()) - z[usize::from(*label)]
        });
        each.sum::<f64>() / labels.len() as f64
    }

    #[test]
    fn gradients_are_those_of_the_formula_with_all_neurons_and_with_the_largest_alone() {
        for kept in [usize::MAX, 2] {
            let (mut net, numbers, inputs, labels) = task(kept);
            let mut gradient = vec![0.0; numbers.len()];
            let score = net.learn(&numbers, (inputs.as_ref(), &labels), &mut gradient);
            let wide: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
            assert!((score.loss - plain(&net, &wide, &inputs, &labels, None)).abs() < 1e-5);
            for (i, g) in gradient.iter().enumerate() {
                let loss = |by: f64| {
                    let mut moved = wide.clone();
                    moved[i] += by;
                    plain(&net, &moved, &inputs, &labels, None)
                };
                let slope = (loss(1e-6) - loss(-1e-6)) / 2e-6;
                assert!((f64::from(*g) - slope).abs() < 1e-4, "{kept} {i}: {g} and {slope}");
            }
            for block in 0..2 {
                for (place, (g, a)) in net.slopes(block).iter().zip(net.active(block)).enumerate() {
                    let loss = |by: f64| plain(&net, &wide, &inputs, &labels, Some((block, place, by)));
                    let slope = if *a > 0.0 { (loss(1e-6) - loss(-1e-6)) / 2e-6 } else { 0.0 };
                    assert!((f64::from(*g) - slope).abs() < 1e-4, "{kept} {block} {place}: {g} and {slope}");
                }
            }
        }
    }

    #[test]
    fn at_most_so_many_are_active_and_they_are_the_largest() {
        let (mut net, numbers, inputs, _) = task(usize::MAX);
        net.outputs(&numbers, inputs.as_ref());
        let all = net.active(0).to_vec();
        net.kept = 3;
        net.outputs(&numbers, inputs.as_ref());
        for (all, some) in all.chunks(9).zip(net.active(0).chunks(9)) {
            let mut sorted = all.to_vec();
            sorted.sort_by(|a, b| b.total_cmp(a));
            for (a, b) in all.iter().zip(some) {
                assert_eq!(b.to_bits(), if *a >= sorted[2] { a.to_bits() } else { 0 });
            }
        }
        assert!(net.density(0) <= 3.0 / 9.0);
        let mut row = [1.0, 2.0, 2.0, 0.0, 2.0];
        keep_largest(&mut row, 2, &mut Vec::new());
        assert_eq!(row.map(f32::to_bits), [0.0_f32, 2.0, 2.0, 0.0, 0.0].map(f32::to_bits));
    }
}
