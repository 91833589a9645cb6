//! One network that is given one memory more, and one more: what it still recalls, against how many it holds.
//!
//! The couplings grow with each memory instead of being learnt anew, so that a memory costs a few passes over them.
//! After each one some memories are asked whether they stay, and what overlap is left when they settle.
use super::{
    rules::{self, Couplings},
    spins::Spins,
};
use crate::math::{
    kernels::{axpy, dot, gemv},
    mat::Mat,
    rng::Stream,
};

/// How a memory is added to those that are there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// Hebb's rule, a sum over memories.
    Hebb,
    /// Storkey's rule, which is made for this.
    Storkey,
    /// The projection: the part of the memory that is new becomes one direction more.
    Projection,
    /// Hebb's step, and then rounds of corrections over all memories.
    Perceptron {
        /// The most rounds for a memory.
        rounds: usize,
    },
    /// Hebb's rule, and then as many dreams, anew for each number of memories.
    Unlearning {
        /// How many.
        dreams: usize,
    },
}

/// Recall with some number of memories, each of them asked from itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recall {
    /// The mean overlap after settling.
    pub overlap: f32,
    /// The share of the memories that hold still.
    pub still: f32,
}

/// A network that is being filled.
#[derive(Clone, Debug)]
pub struct Filling {
    growth: Growth,
    /// Without those dreams that are dreamt anew. No rows where they were left out and have to be made again.
    couplings: Couplings,
    /// What the projection has on its diagonal, where the couplings are empty (N).
    diagonal: Vec<f32>,
    recalls: Vec<Recall>,
    chance: Stream,
    /// Passes over the couplings that may be spent.
    credit: isize,
}

/// Memories that are asked after each one.
const ASKED: usize = 8;
/// Recall has broken where the overlap is below this for so many memories in turn: one that fails by chance is no end.
const BROKEN: (f32, usize) = (0.9, 3);

impl Filling {
    /// A network of N units without a memory.
    pub fn new(growth: Growth, n: usize, chance: Stream) -> Self {
        let scale = if matches!(growth, Growth::Storkey | Growth::Projection) { 1.0 } else { 1.0 / n as f64 };
        let couplings = Couplings { weights: Mat::zeros(n, n), scale };
        Self { growth, couplings, diagonal: vec![0.0; n], recalls: Vec::new(), chance, credit: 0 }
    }

    /// A copy that leaves out the couplings where they are soon made again: a run keeps many copies to go back to.
    #[must_use]
    pub fn slim(&self) -> Self {
        let weights = match self.growth {
            Growth::Perceptron { .. } => self.couplings.weights.clone(),
            _ => Mat::zeros(0, 0),
        };
        Self {
            growth: self.growth,
            couplings: Couplings { weights, scale: self.couplings.scale },
            diagonal: self.diagonal.clone(),
            recalls: self.recalls.clone(),
            chance: self.chance.clone(),
            credit: self.credit,
        }
    }

    /// For each number of memories so far, from one on, what was recalled.
    pub fn recalls(&self) -> &[Recall] {
        &self.recalls
    }

    /// The number of memories from which on recall is broken, if it is.
    pub fn broke(&self) -> Option<usize> {
        let (overlap, turns) = BROKEN;
        self.recalls.windows(turns).position(|last| last.iter().all(|recall| recall.overlap < overlap)).map(|k| k + 1)
    }

    /// Adds the next of the patterns (P, N) for `passes` more passes over the couplings, up to `most` of them. What one
    /// memory costs beyond that is owed by the next call.
    pub fn fill(&mut self, patterns: &Mat, most: usize, passes: usize) {
        let most = most.min(patterns.rows);
        self.credit += passes as isize;
        while self.credit > 0 && self.recalls.len() < most {
            self.restore(patterns);
            let cost = self.grow(patterns, self.recalls.len()) + self.ask(patterns);
            self.credit -= cost as isize;
        }
        self.credit = self.credit.min(0);
    }

    /// Makes couplings that were left out again.
    fn restore(&mut self, patterns: &Mat) {
        if self.couplings.weights.rows == 0 {
            self.couplings.weights = Mat::zeros(patterns.cols, patterns.cols);
            self.diagonal.fill(0.0);
            (0..self.recalls.len()).for_each(|held| _ = self.grow(patterns, held));
        }
    }

    /// Adds a pattern to those before it. Returns about how many passes over the couplings it took.
    fn grow(&mut self, patterns: &Mat, held: usize) -> usize {
        let (weights, x) = (&mut self.couplings.weights, patterns.row(held));
        match self.growth {
            Growth::Storkey => {
                rules::storkey_adds(weights, x);
                return 3;
            }
            Growth::Projection => {
                project(weights, &mut self.diagonal, x);
                return 2;
            }
            _ => outer(weights, 1.0, x),
        }
        let mut cost = 1;
        if let Growth::Perceptron { rounds } = self.growth {
            for _ in 0..rounds {
                let all = (0..=held).map(|mu| patterns.row(mu));
                let mistakes = rules::perceptron_round(weights, all, patterns.cols as f32);
                cost += held + 1 + 2 * mistakes;
                if mistakes == 0 {
                    break;
                }
            }
        }
        cost
    }

    /// Asks some of the patterns so far, the last among them. Returns about how many passes over the couplings it took.
    fn ask(&mut self, patterns: &Mat) -> usize {
        let held = self.recalls.len() + 1;
        let (mut cost, mut dreamt) = (0, None);
        if let Growth::Unlearning { dreams } = self.growth {
            let mut couplings = self.couplings.clone();
            rules::dream(&mut couplings, dreams, 0.01, &mut self.chance);
            dreamt = Some(couplings);
            cost = 3 * dreams;
        }
        let couplings = dreamt.as_ref().unwrap_or(&self.couplings);
        let asked = ASKED.min(held);
        let mut recall = Recall { overlap: 0.0, still: 0.0 };
        for k in 1..=asked {
            let pattern = patterns.row(k * held / asked - 1);
            let mut spins = Spins::new(couplings, pattern.to_vec());
            recall.still += f32::from(u8::from(spins.rests())) / asked as f32;
            spins.settle(couplings, &mut self.chance, 50);
            recall.overlap += spins.overlap(pattern) as f32 / asked as f32;
        }
        self.recalls.push(recall);
        cost + asked
    }
}

/// `W += share x xᵀ`, with an empty diagonal.
fn outer(weights: &mut Mat, share: f32, x: &[f32]) {
    for (i, x_i) in x.iter().enumerate() {
        let row = weights.row_mut(i);
        axpy(share * x_i, x, row);
        row[i] = 0.0;
    }
}

/// Makes a projection project on x too: with the part of x that is new, `r = x - P x`, that is `P += r rᵀ / |r|²`. Nothing
/// changes where nothing is new, up to rounding.
fn project(weights: &mut Mat, diagonal: &mut [f32], x: &[f32]) {
    let mut rest = vec![0.0; x.len()];
    gemv(weights.as_ref(), x, &mut rest);
    rest.iter_mut().zip(x.iter().zip(&*diagonal)).for_each(|(r, (x, d))| *r = x - (*r + d * x));
    let size = dot(&rest, &rest);
    if size < 1e-4 * x.len() as f32 {
        return;
    }
    outer(weights, 1.0 / size, &rest);
    diagonal.iter_mut().zip(&rest).for_each(|(d, r)| *d += r * r / size);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const N: usize = 100;

    fn filled(growth: Growth, most: usize) -> (Filling, Mat) {
        let rng = Rng::new(5);
        let patterns = rules::random_patterns(160, N, &mut rng.stream("patterns"));
        let mut filling = Filling::new(growth, N, rng.stream("filling"));
        filling.fill(&patterns, most, 1_000_000);
        (filling, patterns)
    }

    #[test]
    fn couplings_that_grow_are_those_that_are_learnt_at_once() {
        for (growth, learn) in [
            (Growth::Hebb, rules::hebb as fn(&Mat) -> Couplings),
            (Growth::Storkey, rules::storkey),
            (Growth::Projection, rules::projection),
        ] {
            let (filling, patterns) = filled(growth, 20);
            let first = Mat::new(patterns.data[..20 * N].to_vec(), 20, N);
            let (grown, learnt) = (&filling.couplings, learn(&first));
            for (a, b) in grown.weights.data.iter().zip(&learnt.weights.data) {
                let gap = f64::from(*a) * grown.scale - f64::from(*b) * learnt.scale;
                assert!(gap.abs() < 1e-5, "{growth:?}: {gap}");
            }
        }
    }

    #[test]
    fn each_rule_breaks_in_its_turn() {
        let broke = |growth| filled(growth, 160).0.broke().unwrap_or(160);
        let (hebb, storkey, projection) = (broke(Growth::Hebb), broke(Growth::Storkey), broke(Growth::Projection));
        assert!((12..=22).contains(&hebb), "{hebb}");
        assert!(storkey > hebb + 10 && projection > storkey, "{hebb} {storkey} {projection}");
        assert!((90..=105).contains(&projection), "{projection}");
    }

    #[test]
    fn memories_come_as_far_as_passes_allow_and_the_rest_is_owed() {
        let rng = Rng::new(5);
        let patterns = rules::random_patterns(30, N, &mut rng.stream("patterns"));
        for growth in [Growth::Projection, Growth::Perceptron { rounds: 40 }, Growth::Unlearning { dreams: 10 }] {
            let mut slow = Filling::new(growth, N, rng.stream("filling"));
            let mut calls = 0;
            while slow.recalls().len() < 30 {
                slow.fill(&patterns, 30, 5);
                slow = slow.slim();
                calls += 1;
                assert!(calls < 10_000);
            }
            let mut fast = Filling::new(growth, N, rng.stream("filling"));
            fast.fill(&patterns, 30, 1_000_000);
            assert!(calls > 30, "{growth:?}: {calls}");
            assert_eq!(slow.recalls(), fast.recalls());
        }
    }
}
