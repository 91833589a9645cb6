//! Parameter sharing: every weight of a net is a copy of one of a few stored numbers, times a sign and a factor of its layer
//! (Desai and Shrivastava 2023, *In defense of parameter sharing for model-compression*). Which number, and with which sign, is
//! drawn once from a seed, as a hash would say it, so that no places need to be stored. Biases are stored as they are.
use super::compact::Compact;
use crate::{
    math::rng::Stream,
    model::learning::{
        loss::{Loss, Score},
        mlp::Mlp,
        training::{Examples, Training},
    },
};
use std::rc::Rc;

/// Which stored number a weight is a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// All weights in a row are folded: each stretch as long as the store is laid on it, turned by some number of places. So all
    /// numbers are used as often, and a store as large as the net is the net.
    Folded,
    /// Any, by lot: some numbers are used more often than others, and some not at all.
    Scattered,
}

/// How a net is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Storage {
    /// How many numbers all weights together have.
    pub values: usize,
    /// Which of them each is a copy of.
    pub mapping: Mapping,
    /// How far apart they are drawn at the start: their standard deviation.
    pub spread: f64,
    /// Whether their gradients are divided by `(Σ λ)² / n`, where λ are the factors of the n copies of a number. So copies move
    /// as far as weights of their own would, whatever the spread.
    pub scaled: bool,
}

/// A net whose weights are copies. What is trained is a list of the stored numbers, with the biases after them.
#[derive(Clone, Debug)]
pub struct Sharing {
    storage: Storage,
    /// For each number of the net, what it is a copy of and its factor. That of a bias is 1.
    sources: Vec<u32>,
    factors: Vec<f32>,
    /// What the gradient of each trained number is multiplied with.
    strides: Vec<f32>,
}

/// A net of few numbers: made of stored ones, or what a mask leaves of it.
#[derive(Clone, Debug)]
pub enum Form {
    /// All weights are copies.
    Shared(Rc<Sharing>),
    /// Most weights are not there.
    Part(Box<Compact>),
}

impl Form {
    /// The score of its answers; `net` is the whole net.
    pub fn grade(&mut self, net: &mut Mlp, numbers: &[f32], examples: Examples) -> Score {
        match self {
            Self::Shared(sharing) => sharing.grade(net, numbers, examples),
            Self::Part(part) => part.grade(numbers, examples),
        }
    }

    /// One step of a training of its numbers.
    pub fn step(&mut self, net: &mut Mlp, training: &mut Training, examples: Examples) -> Score {
        match self {
            Self::Shared(sharing) => sharing.step(net, training, examples),
            Self::Part(part) => part.step(training, examples),
        }
    }
}

/// Keeps a division by 0 away where a number has no copies.
const SMALL: f64 = 1e-3;

impl Sharing {
    /// Draws which weight is a copy of what.
    ///
    /// # Panics
    /// If nothing is stored.
    pub fn new(net: &Mlp, storage: Storage, chance: &mut Stream) -> Self {
        let values = storage.values;
        let (mut sources, mut factors) = (Vec::new(), Vec::new());
        let (mut within, mut turn, mut bias) = (0, 0, values);
        for layer in net.layers() {
            // A copy is as strong as the layer's weights are usually drawn.
            let factor = ((2.0 / layer.inputs as f64).sqrt() / storage.spread) as f32;
            for _ in layer.weights() {
                if within == 0 {
                    turn = chance.below(values);
                }
                let source = match storage.mapping {
                    Mapping::Folded => (turn + within) % values,
                    Mapping::Scattered => chance.below(values),
                };
                within = (within + 1) % values;
                sources.push(source as u32);
                factors.push(if chance.next_u32() & 1 == 0 { factor } else { -factor });
            }
            for _ in layer.biases() {
                sources.push(bias as u32);
                factors.push(1.0);
                bias += 1;
            }
        }
        let mut strides = vec![1.0; bias];
        if storage.scaled {
            let mut copies = vec![(0.0, 0.0); bias];
            for (source, factor) in sources.iter().zip(&factors) {
                let (sum, count) = &mut copies[*source as usize];
                *sum += f64::from(factor.abs());
                *count += 1.0;
            }
            for (stride, (sum, count)) in strides.iter_mut().zip(&copies).take(values) {
                *stride = if *sum > 0.0 { ((count + SMALL) / (sum * sum)) as f32 } else { 0.0 };
            }
        }
        Self { storage, sources, factors, strides }
    }

    /// How it is stored.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Numbers to begin with: normal ones, and no biases.
    pub fn draw(&self, chance: &mut Stream) -> Vec<f32> {
        let mut stored = vec![0.0; self.strides.len()];
        stored[..self.storage.values].iter_mut().for_each(|z| *z = (self.storage.spread * chance.normal()) as f32);
        stored
    }

    /// What the number of the net at a place is a copy of, and its factor.
    pub fn source(&self, place: usize) -> (usize, f32) {
        (self.sources[place] as usize, self.factors[place])
    }

    /// All numbers of the net.
    pub fn copies(&self, stored: &[f32]) -> Vec<f32> {
        self.sources.iter().zip(&self.factors).map(|(source, factor)| factor * stored[*source as usize]).collect()
    }

    /// The gradient by what is stored, of that by all numbers of the net, scaled where it is to be.
    ///
    /// # Panics
    /// If there are not as many numbers as are stored.
    pub fn gather(&self, gradient: &[f32], sums: &mut [f32]) {
        sums.fill(0.0);
        for ((source, factor), g) in self.sources.iter().zip(&self.factors).zip(gradient) {
            sums[*source as usize] += factor * g;
        }
        assert_eq!(sums.len(), self.strides.len(), "numbers that are stored");
        sums.iter_mut().zip(&self.strides).for_each(|(sum, stride)| *sum *= stride);
    }

    /// The score of the answers that stored numbers give.
    pub fn grade(&self, net: &mut Mlp, stored: &[f32], examples: Examples) -> Score {
        net.grade(&self.copies(stored), examples.0, examples.1, Loss::CrossEntropy)
    }

    /// One step of a training of what is stored.
    pub fn step(&self, net: &mut Mlp, training: &mut Training, examples: Examples) -> Score {
        let copies = self.copies(&training.numbers);
        let mut gradient = vec![0.0; copies.len()];
        let score = training.learn_by(examples, |(inputs, labels), sums| {
            let score = net.learn(&copies, inputs, labels, Loss::CrossEntropy, &mut gradient);
            self.gather(&gradient, sums);
            score
        });
        training.descend(examples.1.len());
        score
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::learning::{mlp::Layer, training::Recipe},
    };

    fn storage(values: usize, mapping: Mapping) -> Storage {
        Storage { values, mapping, spread: 0.25, scaled: true }
    }

    fn uses(net: &Mlp, sharing: &Sharing) -> Vec<usize> {
        let mut uses = vec![0; sharing.storage.values];
        let places = net.layers().iter().flat_map(Layer::weights);
        places.for_each(|place| uses[sharing.source(place).0] += 1);
        uses
    }

    fn task(chance: &mut Stream) -> (Mat, Vec<u16>) {
        let inputs = Mat::new((0..60).map(|_| chance.normal() as f32).collect(), 12, 5);
        (inputs, (0..12).map(|i| i % 3).collect())
    }

    #[test]
    fn folds_use_every_number_as_often_and_lots_do_not() {
        let net = Mlp::new(&[5, 8, 3]);
        let mut chance = Rng::new(1).stream("places");
        for values in [1, 7, 10, 64] {
            let folded = uses(&net, &Sharing::new(&net, storage(values, Mapping::Folded), &mut chance));
            let (least, most) = (folded.iter().min().unwrap(), folded.iter().max().unwrap());
            assert!(most - least <= 1 && folded.iter().sum::<usize>() == 64, "{values}: {folded:?}");
        }
        let scattered = uses(&net, &Sharing::new(&net, storage(64, Mapping::Scattered), &mut chance));
        assert!(scattered.contains(&0) && scattered.iter().sum::<usize>() == 64);
    }

    #[test]
    fn the_gradient_is_that_by_what_is_stored() {
        let mut net = Mlp::new(&[5, 8, 3]);
        let mut chance = Rng::new(2).stream("net");
        let (inputs, labels) = task(&mut chance);
        for mapping in [Mapping::Folded, Mapping::Scattered] {
            let plain = Storage { scaled: false, ..storage(9, mapping) };
            let sharing = Sharing::new(&net, plain, &mut chance);
            let mut stored = sharing.draw(&mut chance);
            stored.iter_mut().skip(9).for_each(|bias| *bias = chance.normal() as f32);
            let mut gradient = vec![0.0; net.numbers()];
            net.learn(&sharing.copies(&stored), inputs.as_ref(), &labels, Loss::CrossEntropy, &mut gradient);
            let mut sums = vec![0.0; stored.len()];
            sharing.gather(&gradient, &mut sums);
            for (k, g) in sums.iter().enumerate() {
                let mut loss = |by: f32| {
                    let mut moved = stored.clone();
                    moved[k] += by;
                    net.grade(&sharing.copies(&moved), inputs.as_ref(), &labels, Loss::CrossEntropy).loss
                };
                let slope = (loss(1e-3) - loss(-1e-3)) / 2e-3;
                assert!((f64::from(*g) - slope).abs() < 5e-3 * (1.0 + slope.abs()), "{mapping:?} {k}: {g} {slope}");
            }
        }
    }

    #[test]
    fn a_store_as_large_as_the_net_learns_as_the_net_does() {
        let mut net = Mlp::new(&[5, 8, 3]);
        let rng = Rng::new(3);
        let (inputs, labels) = task(&mut rng.stream("task"));
        let examples = (inputs.as_ref(), &labels[..]);
        let sharing = Sharing::new(&net, storage(net.weights(), Mapping::Folded), &mut rng.stream("places"));
        assert!(uses(&net, &sharing).iter().all(|uses| *uses == 1));
        let stored = sharing.draw(&mut rng.stream("numbers"));
        let recipe = Recipe { batch: 4, ..Recipe::usual(5) };
        let mut plain = Training::new(sharing.copies(&stored), recipe, rng.stream("order"));
        let mut shared = Training::new(stored, recipe, rng.stream("order"));
        for _ in 0..15 {
            sharing.step(&mut net, &mut shared, examples);
            plain.learn(&mut net, examples, Loss::CrossEntropy);
            plain.descend(12);
        }
        for (a, b) in sharing.copies(&shared.numbers).iter().zip(&plain.numbers) {
            assert!((a - b).abs() < 5e-3, "{a} {b}");
        }
    }

    #[test]
    fn with_the_scaler_the_spread_at_the_start_does_not_matter() {
        let mut net = Mlp::new(&[5, 8, 3]);
        let rng = Rng::new(4);
        let (inputs, labels) = task(&mut rng.stream("task"));
        let mut learnt = |spread: f64, scaled: bool| {
            let storage = Storage { spread, scaled, ..storage(9, Mapping::Folded) };
            let sharing = Sharing::new(&net, storage, &mut rng.stream("places"));
            let stored = sharing.draw(&mut rng.stream("numbers"));
            let mut training = Training::new(stored, Recipe::usual(20), rng.stream("order"));
            for _ in 0..20 {
                sharing.step(&mut net, &mut training, (inputs.as_ref(), &labels));
            }
            sharing.copies(&training.numbers)
        };
        // Powers of 2 round alike.
        assert_eq!(learnt(0.5, true), learnt(1.0 / 256.0, true));
        assert!(learnt(0.5, false) != learnt(0.25, false));
    }
}
