//! Training a multilayer perceptron to answer with numbers: batch after batch, each epoch in a new order, by the mean square and
//! Adam.
use super::{
    adam::{Adam, Settings},
    mlp::Net,
};
use crate::math::{kernels::dot64, mat::MatRef, rng::Stream, scalar};

/// A net in training: its numbers, and where it stands.
#[derive(Clone, Debug)]
pub struct Regression {
    /// Weights and biases.
    pub numbers: Vec<f32>,
    /// The gradient of the last batch, by every number.
    pub gradient: Vec<f32>,
    adam: Adam,
    batch: usize,
    order: Vec<u32>,
    steps: usize,
    chance: Stream,
}

impl Regression {
    /// A training in batches of that size that begins at these numbers; the orders of examples come from the stream.
    pub fn new(numbers: Vec<f32>, batch: usize, chance: Stream) -> Self {
        let gradient = vec![0.0; numbers.len()];
        let adam = Adam::new(numbers.len(), Settings::new(0.0, 0.0));
        Self { numbers, gradient, adam, batch, order: Vec::new(), steps: 0, chance }
    }

    /// Steps that were made.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The gradient of the mean square of the next batch, which is returned.
    ///
    /// # Panics
    /// If there are no examples, or rows are not as wide as the net.
    pub fn learn(&mut self, net: &mut impl Net, inputs: MatRef, targets: MatRef) -> f64 {
        let at = self.steps % inputs.rows.div_ceil(self.batch) * self.batch;
        if at == 0 {
            self.order.clear();
            self.order.extend(0..inputs.rows as u32);
            self.chance.shuffle(&mut self.order);
        }
        let places = &self.order[at..(at + self.batch).min(inputs.rows)];
        let gather =
            |from: MatRef| -> Vec<f32> { places.iter().flat_map(|place| from.row(*place as usize)).copied().collect() };
        let (rows, wanted) = (gather(inputs), gather(targets));
        let rows = MatRef::new(&rows, places.len(), inputs.cols);
        let outputs = net.outputs(&self.numbers, rows);
        outputs.iter_mut().zip(&wanted).for_each(|(z, t)| *z -= t);
        let count = wanted.len().max(1);
        let loss = dot64(outputs, outputs) / count as f64;
        let scale = 2.0 / count as f32;
        outputs.iter_mut().for_each(|z| *z *= scale);
        net.backward(&self.numbers, rows, &mut self.gradient);
        loss
    }

    /// A step along the gradient as it is now.
    pub fn descend(&mut self, rate: f64) {
        self.adam.settings = Settings::new(rate as f32, 0.0);
        self.adam.step(&mut self.numbers, &self.gradient);
        self.steps += 1;
    }

    /// Forgets what is known of the gradients of those numbers that are cut.
    pub fn forget(&mut self, cut: impl IntoIterator<Item = usize>) {
        cut.into_iter().for_each(|place| self.adam.forget(place));
    }
}

/// The peak signal-to-noise ratio of answers from 0 to 1, in decibels; of perfect ones that of a last bit.
pub fn peak_ratio(answers: &[f32], truth: &[f32]) -> f64 {
    let off: Vec<f32> = answers.iter().zip(truth).map(|(a, b)| a - b).collect();
    let square = dot64(&off, &off) / off.len().max(1) as f64;
    -10.0 * scalar::ln(square.max(1e-12)) / std::f64::consts::LN_10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::learning::mlp::Mlp,
    };

    #[test]
    fn the_gradient_is_that_of_the_mean_square() {
        let mut net = Mlp::new(&[3, 5, 2]);
        let mut chance = Rng::new(1).stream("net");
        let numbers = net.draw(&mut chance);
        let draw = |cols: usize, chance: &mut Stream| {
            Mat::new((0..4 * cols).map(|_| chance.normal() as f32).collect(), 4, cols)
        };
        let (inputs, targets) = (draw(3, &mut chance), draw(2, &mut chance));
        let mut training = Regression::new(numbers.clone(), 4, chance);
        let loss = training.learn(&mut net, inputs.as_ref(), targets.as_ref());
        let mut square = |numbers: &[f32]| {
            let outputs = net.outputs(numbers, inputs.as_ref());
            let off = outputs.iter().zip(&targets.data).map(|(z, t)| f64::from(z - t) * f64::from(z - t));
            off.sum::<f64>() / 8.0
        };
        assert!((square(&numbers) - loss).abs() < 1e-6);
        for (i, g) in training.gradient.iter().enumerate() {
            let mut moved = |by: f32| {
                let mut moved = numbers.clone();
                moved[i] += by;
                square(&moved)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((f64::from(*g) - slope).abs() < 2e-3, "{i}: {g} and {slope}");
        }
    }

    #[test]
    fn a_tenth_off_is_twenty_decibels() {
        assert!((peak_ratio(&[0.5, 0.25], &[0.6, 0.15]) - 20.0).abs() < 1e-5);
        assert!((peak_ratio(&[0.5], &[0.5]) - 120.0).abs() < 1e-9);
    }

    #[test]
    fn it_learns_a_product_of_two_numbers() {
        let mut net = Mlp::new(&[2, 24, 1]);
        let mut chance = Rng::new(2).stream("net");
        let inputs: Vec<f32> = (0..400).map(|_| chance.uniform() as f32 - 0.5).collect();
        let targets: Vec<f32> = inputs.chunks_exact(2).map(|x| 4.0 * x[0] * x[1]).collect();
        let (inputs, targets) = (MatRef::new(&inputs, 200, 2), MatRef::new(&targets, 200, 1));
        let mut training = Regression::new(net.draw(&mut chance), 32, chance);
        let mut losses = Vec::new();
        for _ in 0..700 {
            losses.push(training.learn(&mut net, inputs, targets));
            training.descend(0.01);
        }
        assert!(losses[699] < 0.03 * losses[0], "{} {}", losses[0], losses[699]);
    }
}
