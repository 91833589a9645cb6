//! Bags of instances, told apart by one vector for each bag (multiple instance learning): the Hopfield layer's pooling
//! (Ramsauer et al. 2021, *Hopfield networks is all you need*), beside the mean and the maximum.
//!
//! Instances x (D numbers) go through one layer, `k = relu(W x + b)` (H numbers): these are the stored patterns of a bag. A
//! learnt state pattern q is updated once, `z = Σ_i p_i k_i` with `p = softmax(β k·q)`, and only then projected, `w·z + c`.
//! The mean has equal p; the maximum takes the greatest number of each of the H. The loss is the cross-entropy of one bit.
use super::hopfield::{Memory, softmax64};
use crate::math::{
    kernels::{Workspace, axpy, dot, gemm, softmax},
    mat::Mat,
    rng::Stream,
    scalar,
};

/// How the patterns of a bag become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// One update of a learnt state among them.
    Hopfield,
    /// Their mean.
    Mean,
    /// The greatest of each number.
    Max,
}

/// A classifier of bags.
#[derive(Clone, Debug)]
pub struct Classifier {
    pooling: Pooling,
    inputs: usize,
    hidden: usize,
    /// W (H, D), b (H), q (H), w (H), c.
    weights: Vec<f32>,
}

/// What a classifier makes of bags.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `k·q` (bags, n) of Hopfield pooling at the first update, whatever β is.
    pub scores: Vec<f32>,
    /// p (bags, n); of a maximum nothing.
    pub attention: Vec<f32>,
    /// z (bags, H).
    pooled: Mat,
    /// `w·z + c` (bags); a bag is called positive above 0.
    pub logits: Vec<f32>,
}

impl Seen {
    /// The logits at another sharpness after one update of Hopfield pooling, from what each instance alone would answer
    /// (bags n): scores are no matter of β, and a bag's answer is the mean of answers, weighted by attention.
    pub fn logits_at(&self, beta: f32, size: usize, alone: &[f32]) -> Vec<f32> {
        let bags = self.scores.chunks(size).zip(alone.chunks(size));
        let logit = |(scores, alone): (&[f32], &[f32])| {
            let mut p = scores.to_vec();
            softmax(beta, &mut p);
            dot(&p, alone)
        };
        bags.map(logit).collect()
    }
}

impl Classifier {
    /// Weights drawn so that sums keep their size (He et al. 2015).
    pub fn new(pooling: Pooling, inputs: usize, hidden: usize, stream: &mut Stream) -> Self {
        let mut drawn = |count: usize, fan: usize| -> Vec<f32> {
            (0..count).map(|_| (stream.normal() * (2.0 / fan as f64).sqrt()) as f32).collect()
        };
        let (layer, state, out) = (drawn(hidden * inputs, inputs), drawn(hidden, hidden), drawn(hidden, hidden));
        let weights = [layer, vec![0.0; hidden], state, out, vec![0.0]].concat();
        Self { pooling, inputs, hidden, weights }
    }

    /// All weights, for an optimiser.
    pub fn weights(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.weights.len()
    }

    fn layer(&self) -> (Mat, &[f32]) {
        let (layer, rest) = self.weights.split_at(self.hidden * self.inputs);
        (Mat::new(layer.to_vec(), self.hidden, self.inputs), &rest[..self.hidden])
    }

    /// q (H).
    pub fn state(&self) -> &[f32] {
        &self.weights[self.hidden * (self.inputs + 1)..][..self.hidden]
    }

    fn out(&self) -> (&[f32], f32) {
        let out = &self.weights[self.hidden * (self.inputs + 2)..];
        (&out[..self.hidden], out[self.hidden])
    }

    /// What the state asks of an instance, through the layer as if it were linear: `Wᵀ q` (D).
    pub fn asked(&self) -> Vec<f32> {
        let (layer, _) = self.layer();
        (0..self.inputs).map(|i| self.state().iter().enumerate().map(|(j, q)| q * layer.row(j)[i]).sum()).collect()
    }

    /// The stored patterns of instances (rows, D).
    pub fn keys(&self, instances: &Mat) -> Mat {
        let (layer, bias) = self.layer();
        let mut keys = Mat::zeros(instances.rows, self.hidden);
        gemm(instances.view(), layer.transposed(), &mut keys.data, &mut Workspace::default());
        for key in keys.data.chunks_mut(self.hidden) {
            key.iter_mut().zip(bias).for_each(|(k, b)| *k = (*k + b).max(0.0));
        }
        keys
    }

    /// Bags of `size` instances each, one after another: which of the stored patterns are in them (bags n). Hopfield
    /// pooling updates its state so many times, at least once.
    pub fn look(&self, keys: &Mat, members: &[usize], size: usize, beta: f32, updates: usize) -> Seen {
        let bags = members.len() / size.max(1);
        let (out, shift) = self.out();
        let (mut scores, mut attention) = (Vec::new(), Vec::new());
        let mut pooled = Mat::zeros(bags, self.hidden);
        for (bag, members) in members.chunks_exact(size).enumerate() {
            let rows = || members.iter().map(|i| keys.row(*i));
            let z = pooled.row_mut(bag);
            if self.pooling == Pooling::Max {
                rows().for_each(|k| z.iter_mut().zip(k).for_each(|(z, k)| *z = z.max(*k)));
                continue;
            }
            let mut p = vec![1.0 / size as f32; size];
            if self.pooling == Pooling::Hopfield {
                p = rows().map(|k| dot(k, self.state())).collect();
                scores.extend(&p);
                softmax(beta, &mut p);
                for _ in 1..updates {
                    let mut state = vec![0.0; self.hidden];
                    rows().zip(&p).for_each(|(k, p)| axpy(*p, k, &mut state));
                    p = rows().map(|k| dot(k, &state)).collect();
                    softmax(beta, &mut p);
                }
            }
            rows().zip(&p).for_each(|(k, p)| axpy(*p, k, z));
            attention.extend(p);
        }
        let logits = (0..bags).map(|bag| dot(pooled.row(bag), out) + shift).collect();
        Seen { scores, attention, pooled, logits }
    }

    /// How far two ways to the answer `w·z` lie apart, in f64, for a bag of some of the stored patterns: one update of the
    /// state as the memory makes it, then projected; and `softmax(β Q Kᵀ) V` of attention, with the state as the query and
    /// values that were projected first, `V = K w`.
    pub fn attention_gap(&self, keys: &Mat, members: &[usize], beta: f64) -> f64 {
        let bag = members.iter().flat_map(|i| keys.row(*i).iter().copied()).collect();
        let memory = Memory::new(Mat::new(bag, members.len(), self.hidden));
        let (out, _) = self.out();
        let state: Vec<f64> = self.state().iter().copied().map(f64::from).collect();
        let update = memory.update64(beta, &state);
        let projected: f64 = update.iter().zip(out).map(|(z, w)| z * f64::from(*w)).sum();
        let attention = softmax64(beta, &memory.overlaps64(self.state()));
        let answer: f64 = attention.iter().zip(memory.overlaps64(out)).map(|(p, v)| p * v).sum();
        (projected - answer).abs()
    }

    /// What each stored pattern alone would answer, `w·k + c`.
    pub fn alone(&self, keys: &Mat) -> Vec<f32> {
        let (out, shift) = self.out();
        (0..keys.rows).map(|i| dot(keys.row(i), out) + shift).collect()
    }

    /// The mean loss over bags of `size` new instances each (bags n, D), and its gradient in the order of the weights.
    pub fn gradient(&self, instances: &Mat, size: usize, beta: f32, answers: &[bool]) -> (f64, Vec<f32>) {
        let keys = self.keys(instances);
        let seen = self.look(&keys, &(0..instances.rows).collect::<Vec<_>>(), size, beta, 1);
        let (out, _) = self.out();
        let share = 1.0 / answers.len().max(1) as f32;
        let mut loss = 0.0;
        let mut d_keys = Mat::zeros(keys.rows, self.hidden);
        let (mut d_state, mut d_out, mut d_shift) = (vec![0.0; self.hidden], vec![0.0; self.hidden], 0.0);
        for (bag, answer) in answers.iter().enumerate() {
            let logit = f64::from(seen.logits[bag]);
            let wanted = if *answer { 1.0 } else { 0.0 };
            loss += scalar::ln(1.0 + scalar::exp(-logit.abs())) + logit.max(0.0) - wanted * logit;
            let g = share * (1.0 / (1.0 + scalar::exp(-logit)) - wanted) as f32;
            d_shift += g;
            axpy(g, seen.pooled.row(bag), &mut d_out);
            let members = bag * size..(bag + 1) * size;
            if self.pooling == Pooling::Max {
                for (j, w) in out.iter().enumerate() {
                    let greatest = seen.pooled.row(bag)[j];
                    if let Some(i) = members.clone().find(|i| keys.row(*i)[j] >= greatest) {
                        d_keys.row_mut(i)[j] += g * w;
                    }
                }
                continue;
            }
            let p = &seen.attention[members.clone()];
            let d_p: Vec<f32> = members.clone().map(|i| g * dot(keys.row(i), out)).collect();
            let mean = dot(p, &d_p);
            for (i, (p, d_p)) in members.zip(p.iter().zip(&d_p)) {
                axpy(g * p, out, d_keys.row_mut(i));
                if self.pooling == Pooling::Hopfield {
                    let d_score = beta * p * (d_p - mean);
                    axpy(d_score, self.state(), d_keys.row_mut(i));
                    axpy(d_score, keys.row(i), &mut d_state);
                }
            }
        }
        for (d, k) in d_keys.data.iter_mut().zip(&keys.data) {
            *d *= if *k > 0.0 { 1.0 } else { 0.0 };
        }
        let mut layer = vec![0.0; self.hidden * self.inputs];
        gemm(d_keys.transposed(), instances.view(), &mut layer, &mut Workspace::default());
        let mut bias = vec![0.0; self.hidden];
        d_keys.data.chunks(self.hidden).for_each(|row| axpy(1.0, row, &mut bias));
        (loss * f64::from(share), [layer, bias, d_state, d_out, vec![d_shift]].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::hopfield};

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut stream = Rng::new(1).stream("bags");
        let (inputs, hidden, size, bags) = (7, 5, 4, 6);
        let instances =
            Mat::new((0..size * bags * inputs).map(|_| stream.normal() as f32).collect(), size * bags, inputs);
        let answers: Vec<bool> = (0..bags).map(|bag| bag % 2 == 0).collect();
        for pooling in [Pooling::Hopfield, Pooling::Mean, Pooling::Max] {
            let mut classifier = Classifier::new(pooling, inputs, hidden, &mut stream);
            let (_, gradient) = classifier.gradient(&instances, size, 0.7, &answers);
            let step = 1e-3;
            for (i, gradient) in gradient.iter().enumerate() {
                let mut loss = |shift: f32| {
                    let before = classifier.weights()[i];
                    classifier.weights()[i] = before + shift;
                    let (loss, _) = classifier.gradient(&instances, size, 0.7, &answers);
                    classifier.weights()[i] = before;
                    loss
                };
                let slope = (loss(step) - loss(-step)) / f64::from(2.0 * step);
                // A unit may be switched on or off between the two.
                assert!((slope - f64::from(*gradient)).abs() < 4e-3, "{pooling:?} {i}: {slope} and {gradient}");
            }
        }
    }

    #[test]
    fn an_answer_is_the_mean_of_answers_weighted_by_attention() {
        let mut stream = Rng::new(2).stream("bags");
        let instances = Mat::new((0..7 * 4).map(|_| stream.normal() as f32).collect(), 4, 7);
        let classifier = Classifier::new(Pooling::Hopfield, 7, 5, &mut stream);
        let (keys, members) = (classifier.keys(&instances), [3, 0, 2, 1, 1, 2]);
        let alone = classifier.alone(&keys);
        let alone = members.map(|i| alone[i]);
        let seen = classifier.look(&keys, &members, 3, 0.7, 1);
        for beta in [0.1, 0.7, 5.0] {
            let direct = classifier.look(&keys, &members, 3, beta, 1).logits;
            let logits = seen.logits_at(beta, 3, &alone);
            assert!(direct.iter().zip(&logits).all(|(a, b)| (a - b).abs() < 1e-5), "{beta}: {direct:?} and {logits:?}");
        }
    }

    #[test]
    fn updates_are_those_of_the_modern_hopfield_network() {
        let mut stream = Rng::new(3).stream("bags");
        let instances = Mat::new((0..7 * 6).map(|_| stream.normal() as f32).collect(), 6, 7);
        let classifier = Classifier::new(Pooling::Hopfield, 7, 5, &mut stream);
        let keys = classifier.keys(&instances);
        for updates in 1..=3 {
            let seen = classifier.look(&keys, &[0, 1, 2, 3, 4, 5], 6, 0.7, updates);
            let found = hopfield::recall(&Memory::new(keys.clone()), classifier.state(), 0.7, updates);
            assert!(seen.pooled.data.iter().zip(&found.states).all(|(a, b)| (a - b).abs() < 1e-5), "{updates}");
        }
        assert!(classifier.attention_gap(&keys, &[4, 1, 5], 0.7) < 1e-13);
    }
}
