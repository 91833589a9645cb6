//! A net under a mask that computes with what is there and with nothing else. Where little is there, it learns and answers many times
//! faster than the whole net with zeros, and to the same bits: all its sums have the same order.
use super::mask::Mask;
use crate::{
    math::{
        kernels::{Csr, Panel, Sparse},
        mat::MatRef,
    },
    model::learning::{
        loss::{Loss, Score},
        mlp::{Layer, Mlp, Net},
        training::{Examples, Training},
    },
};
use std::mem;

/// The density above which dense products are faster.
const DENSEST: f64 = 0.35;

/// What a mask leaves of a net.
#[derive(Clone, Debug)]
pub struct SparseNet {
    layers: Vec<Links>,
    work: Work,
    /// For a single example: products with a vector have another order of sums.
    whole: Mlp,
    mask: Mask,
}

/// What is there of a layer: from its inputs to its units, and back.
#[derive(Clone, Debug)]
struct Links {
    layer: Layer,
    to: Csr,
    back: Csr,
    /// The place of each weight in the list of the net, in both orders.
    places: [Vec<u32>; 2],
}

/// Memory that is kept from step to step. It is no part of the net: a copy begins without.
///
/// All but the answers stand the other way round than in a dense net: a row for each unit, with a number for each example.
#[derive(Debug, Default)]
struct Work {
    inputs: Vec<f32>,
    out: Vec<Vec<f32>>,
    answers: Vec<f32>,
    errors: Vec<f32>,
    earlier: Vec<f32>,
    products: Vec<f32>,
    panel: Panel,
}

impl Clone for Work {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Links {
    fn new(layer: Layer, mask: &Mask) -> Self {
        let mut rows = vec![Vec::new(); layer.units];
        let mut columns = vec![Vec::new(); layer.inputs];
        let mut places: [Vec<u32>; 2] = Default::default();
        for (unit, row) in rows.iter_mut().enumerate() {
            let there = layer.row(unit).enumerate().filter(|(_, place)| mask.keeps(*place));
            for (input, place) in there {
                row.push(input as u32);
                columns[input].push(unit as u32);
                places[0].push(place as u32);
            }
        }
        let back = columns.iter().enumerate().flat_map(|(input, units)| units.iter().map(move |unit| (input, unit)));
        places[1] = back.map(|(input, unit)| (layer.row(*unit as usize).start + input) as u32).collect();
        Self { layer, to: Csr::at(&rows, layer.inputs), back: Csr::at(&columns, layer.units), places }
    }
}

impl SparseNet {
    /// What the mask leaves, if that is so little that it is worth it.
    pub fn new(net: &Mlp, mask: &Mask) -> Option<Self> {
        // A single unit is the dense net's affair: it has another order of sums for products with a vector.
        let slim = net.layers().iter().any(|layer| layer.inputs < 2 || layer.units < 2);
        let worth = !slim && mask.density(net) <= DENSEST;
        let links = |layer: &Layer| Links::new(*layer, mask);
        worth.then(|| Self {
            layers: net.layers().iter().map(links).collect(),
            work: Work::default(),
            whole: Mlp::clone(net),
            mask: mask.clone(),
        })
    }

    /// One step of a training whose numbers are 0 where nothing is, and stay so.
    pub fn step(&mut self, training: &mut Training, examples: Examples) -> Score {
        let numbers = mem::take(&mut training.numbers);
        let score =
            training.learn_by(examples, |batch, gradient| self.learn(&numbers, batch, Loss::CrossEntropy, gradient));
        training.numbers = numbers;
        training.descend(examples.1.len());
        score
    }

    /// The score of its answers, as [`Mlp::grade`] has it of numbers that are 0 where nothing is.
    ///
    /// # Panics
    /// If the numbers or the inputs are not as many as the net has, or if there is not one label for each row.
    pub fn grade(&mut self, numbers: &[f32], (inputs, labels): Examples, loss: Loss) -> Score {
        let classes = self.layers.last().map_or(0, |links| links.layer.units);
        loss.grade(self.outputs(numbers, inputs), labels, classes)
    }

    /// The same, and the gradient of the loss by every number that is there; by others it is 0.
    ///
    /// # Panics
    /// As [`SparseNet::grade`], or if the gradient has another length than the numbers.
    pub fn learn(&mut self, numbers: &[f32], (inputs, labels): Examples, loss: Loss, gradient: &mut [f32]) -> Score {
        let score = self.grade(numbers, (inputs, labels), loss);
        self.backward(numbers, inputs, gradient);
        score
    }
}

impl Net for SparseNet {
    fn outputs(&mut self, numbers: &[f32], inputs: MatRef) -> &mut [f32] {
        if inputs.rows < 2 {
            return self.whole.outputs(numbers, inputs);
        }
        let Work { inputs: turned, out, answers, panel, .. } = &mut self.work;
        let (rows, last) = (inputs.rows, self.layers.len() - 1);
        turn(inputs, turned);
        out.resize_with(self.layers.len(), Vec::new);
        let (mut before, mut rest) = (MatRef::new(turned, inputs.cols, rows), &mut out[..]);
        for (i, Links { layer, to, places, .. }) in self.layers.iter_mut().enumerate() {
            let (mine, later) = rest.split_at_mut(1);
            let z = &mut mine[0];
            z.resize(layer.units * rows, 0.0);
            to.fill(places[0].iter().map(|place| numbers[*place as usize]));
            to.times(before, z, panel);
            for (row, bias) in z.chunks_exact_mut(rows).zip(&numbers[layer.biases()]) {
                row.iter_mut().for_each(|z| *z += bias);
                if i < last {
                    row.iter_mut().for_each(|z| *z = if *z > 0.0 { *z } else { 0.0 });
                }
            }
            before = MatRef::new(&mine[0], layer.units, rows);
            rest = later;
        }
        turn(before, answers);
        answers
    }

    fn backward(&mut self, numbers: &[f32], inputs: MatRef, gradient: &mut [f32]) {
        assert_eq!(gradient.len(), numbers.len(), "gradient");
        if inputs.rows < 2 {
            self.whole.backward(numbers, inputs, gradient);
            return self.mask.cut(gradient);
        }
        gradient.fill(0.0);
        let Work { inputs: turned, out, answers, errors, earlier, products, panel } = &mut self.work;
        let rows = inputs.rows;
        turn(MatRef::new(answers, rows, answers.len() / rows), errors);
        for (i, Links { layer, to, back, places }) in self.layers.iter_mut().enumerate().rev() {
            let before = i.checked_sub(1).map_or(&turned[..], |i| &out[i]);
            let delta = MatRef::new(errors, layer.units, rows);
            products.resize(places[0].len(), 0.0);
            to.sampled(delta, MatRef::new(before, layer.inputs, rows), products);
            places[0].iter().zip(&*products).for_each(|(place, product)| gradient[*place as usize] = *product);
            for (sum, row) in gradient[layer.biases()].iter_mut().zip(errors.chunks_exact(rows)) {
                row.iter().for_each(|error| *sum += error);
            }
            if i > 0 {
                earlier.resize(layer.inputs * rows, 0.0);
                back.fill(places[1].iter().map(|place| numbers[*place as usize]));
                back.times(delta, earlier, panel);
                earlier.iter_mut().zip(before).for_each(|(error, z)| *error = if *z > 0.0 { *error } else { 0.0 });
                mem::swap(errors, earlier);
            }
        }
    }
}

/// Writes the transpose of a matrix.
fn turn(matrix: MatRef, turned: &mut Vec<f32>) {
    turned.resize(matrix.data.len(), 0.0);
    for (column, out) in turned.chunks_exact_mut(matrix.rows).enumerate() {
        out.iter_mut().enumerate().for_each(|(row, x)| *x = matrix.data[row * matrix.cols + column]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::pruning::{score, select},
    };

    #[test]
    fn it_has_the_bits_of_the_whole_net_with_zeros() {
        let mut net = Mlp::new(&[13, 24, 18, 5]);
        let mut chance = Rng::new(1).stream("net");
        for (count, rows) in [(0, 7), (9, 64), (60, 2), (90, 1), (140, 33)] {
            let inputs = Mat::new((0..13 * rows).map(|_| chance.normal() as f32).collect(), rows, 13);
            let labels: Vec<u16> = (0..rows as u16).map(|i| i % 5).collect();
            let mask = select::global(&net, &score::random(&net, &mut chance), &Mask::full(&net), count);
            let mut sparse = SparseNet::new(&net, &mask).expect("little is there");
            let mut numbers = net.draw(&mut chance);
            for layer in net.layers() {
                numbers[layer.biases()].iter_mut().for_each(|b| *b = 0.2 * chance.normal() as f32);
            }
            mask.cut(&mut numbers);
            let (mut wanted, mut got) = (vec![7.0; numbers.len()], vec![7.0; numbers.len()]);
            let dense = net.learn(&numbers, inputs.as_ref(), &labels, Loss::CrossEntropy, &mut wanted);
            mask.cut(&mut wanted);
            let score = sparse.learn(&numbers, (inputs.as_ref(), &labels), Loss::CrossEntropy, &mut got);
            assert_eq!((score.right, score.loss.to_bits()), (dense.right, dense.loss.to_bits()));
            let bits = |numbers: &[f32]| -> Vec<u32> { numbers.iter().map(|x| x.to_bits()).collect() };
            assert_eq!(bits(&got), bits(&wanted), "{count} weights, {rows} examples");
        }
    }

    #[test]
    fn a_dense_net_and_one_of_single_units_stay_dense() {
        let net = Mlp::new(&[4, 6, 3]);
        assert!(SparseNet::new(&net, &Mask::full(&net)).is_none());
        let slim = Mlp::new(&[4, 1, 3]);
        assert!(SparseNet::new(&slim, &Mask::of(&slim, [0])).is_none());
    }
}
