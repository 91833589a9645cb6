//! A network that can learn lazily or richly, by the scale of its output (Kumar, Bordelon, Gershman and Pehlevan 2024,
//! *Grokking as the transition from lazy to rich training dynamics*).
//!
//! `f(x) = (α / N) Σ φ(wᵢ·x)` with `φ(u) = u + (ε / 2) u²` and no weights above, less what it gives at the start. It learns
//! `y = (β·x)² / 2` from `x ~ N(0, I / D)`, where `|β|² = D`, by plain gradient descent on `Σ e² / 2P` for the residuals
//! `e = f - y`, in steps of `ηN / α²`. That makes `α Δwᵢ = -η (g + ε G wᵢ)` with the means `g = ⟨e x⟩` and `G = ⟨e x xᵀ⟩`.
//!
//! What is kept of unit i is therefore `vᵢ = α (wᵢ - wᵢ(0))`. It is as large for every α, and with the pull `1 / α = 0` the
//! same lines are the lazy limit itself: features that stay as they are drawn, a model linear in v. All that the output
//! sees of the units is a vector and a matrix, `e(x) = b·x + xᵀ S x / 2`, so that the error on all inputs there are has a
//! closed form.
use crate::math::{
    kernels::{Workspace, dot, dot64, gemm, gemv_transposed},
    mat::{Mat, MatRef},
    rng::Rng,
};
use std::rc::Rc;

/// ε, how much of a unit is its square.
pub const CURVATURE: f32 = 0.25;
/// `⟨y²⟩` over all inputs; losses are counted in it.
const TARGET_SQUARE: f64 = 0.75;

/// What is to be learned, and from what.
#[derive(Clone, Debug)]
pub struct Task {
    /// β: D numbers in ascending order, which only names the inputs; `|β|² = D`.
    pub direction: Vec<f32>,
    /// (P, D) examples.
    pub inputs: Mat,
}

impl Task {
    /// Draws a direction and that many examples of `dimension` inputs.
    pub fn draw(examples: usize, dimension: usize, rng: &Rng) -> Self {
        let mut chance = rng.stream("direction");
        let mut direction: Vec<f64> = (0..dimension).map(|_| chance.normal()).collect();
        direction.sort_by(f64::total_cmp);
        let square: f64 = direction.iter().map(|b| b * b).sum();
        let scale = (dimension as f64 / square).sqrt();
        let mut chance = rng.stream("examples");
        let deviation = 1.0 / (dimension as f64).sqrt();
        let inputs = (0..examples * dimension).map(|_| (deviation * chance.normal()) as f32).collect();
        Self {
            direction: direction.into_iter().map(|b| (scale * b) as f32).collect(),
            inputs: Mat::new(inputs, examples, dimension),
        }
    }

    /// Weights of `units` units to start from, (N, D): normal numbers, of which the share ρ² of the square is along β or
    /// against it. `alignment` is ρ, from 0 to 1.
    pub fn units(&self, units: usize, alignment: f64, rng: &Rng) -> Mat {
        let mut chance = rng.stream("units");
        let rest = (1.0 - alignment * alignment).sqrt();
        let mut weights = Mat::zeros(units, self.direction.len());
        for i in 0..units {
            let along = if chance.uniform() < 0.5 { alignment } else { -alignment };
            for (w, b) in weights.row_mut(i).iter_mut().zip(&self.direction) {
                *w = (rest * chance.normal() + along * f64::from(*b)) as f32;
            }
        }
        weights
    }
}

/// Mean squared residuals in units of `⟨y²⟩`: 1 for a network that says nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// On the examples.
    pub train: f64,
    /// On all inputs there are, exactly.
    pub test: f64,
}

/// A network in training.
#[derive(Clone, Debug)]
pub struct Net {
    /// `1 / α`; 0 is the lazy limit.
    pull: f32,
    start: Rc<Mat>,
    /// v, (N, D).
    moved: Mat,
    /// b, (D).
    linear: Vec<f32>,
    /// S, (D, D).
    error: Mat,
    /// e of each example.
    residuals: Vec<f32>,
    losses: Losses,
}

/// Room for what a step works out, for any network on one task.
#[derive(Debug, Default)]
pub struct Scratch {
    workspace: Workspace,
    examples: Vec<f32>,
    units: Vec<f32>,
    products: Vec<f32>,
    square: Vec<f32>,
    gradient: Vec<f32>,
}

impl Clone for Scratch {
    /// Empty: nothing in it outlives a step, and a run is copied often.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Scratch {
    fn fit(&mut self, examples: usize, units: usize, dimension: usize) {
        self.examples.resize(examples * dimension, 0.0);
        self.units.resize(units * dimension, 0.0);
        self.products.resize(units * dimension, 0.0);
        self.square.resize(dimension * dimension, 0.0);
        self.gradient.resize(dimension, 0.0);
    }
}

/// `A + scale B`, element by element.
fn sum(a: &[f32], scale: f32, b: &[f32], out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a + scale * b;
    }
}

impl Net {
    /// A network before training, from its start weights; `pull` is `1 / α`.
    pub fn new(pull: f32, start: Rc<Mat>, task: &Task, scratch: &mut Scratch) -> Self {
        let (examples, dimension) = (task.inputs.rows, task.inputs.cols);
        let mut net = Self {
            pull,
            moved: Mat::zeros(start.rows, dimension),
            start,
            linear: vec![0.0; dimension],
            error: Mat::zeros(dimension, dimension),
            residuals: vec![0.0; examples],
            losses: Losses { train: 0.0, test: 0.0 },
        };
        net.observe(task, scratch);
        net
    }

    /// One step of gradient descent on all examples; `rate` is η.
    pub fn step(&mut self, rate: f32, task: &Task, scratch: &mut Scratch) {
        self.descend(rate, task, scratch);
        self.observe(task, scratch);
    }

    /// The losses as of now.
    pub fn losses(&self) -> Losses {
        self.losses
    }

    fn descend(&mut self, rate: f32, task: &Task, scratch: &mut Scratch) {
        let (examples, dimension) = (task.inputs.rows, task.inputs.cols);
        scratch.fit(examples, self.start.rows, dimension);
        let Scratch { workspace, examples: weighted, units: features, products, square, gradient } = scratch;
        let share = 1.0 / examples as f32;
        let rows = weighted.chunks_exact_mut(dimension).zip(task.inputs.data.chunks_exact(dimension));
        for ((row, x), e) in rows.zip(&self.residuals) {
            row.iter_mut().zip(x).for_each(|(out, x)| *out = share * e * x);
        }
        let weighted = MatRef::new(weighted, examples, dimension);
        gemm(task.inputs.transposed(), weighted.view(), square, workspace);
        gemv_transposed(task.inputs.as_ref(), &self.residuals, gradient);
        sum(&self.start.data, self.pull, &self.moved.data, features);
        let features = MatRef::new(features, self.start.rows, dimension);
        let square = MatRef::new(square, dimension, dimension);
        gemm(features.view(), square.view(), products, workspace);
        for (row, product) in self.moved.data.chunks_exact_mut(dimension).zip(products.chunks_exact(dimension)) {
            for ((v, g), product) in row.iter_mut().zip(&*gradient).zip(product) {
                *v -= rate * (share * g + CURVATURE * product);
            }
        }
    }

    fn observe(&mut self, task: &Task, scratch: &mut Scratch) {
        let (examples, dimension, units) = (task.inputs.rows, task.inputs.cols, self.start.rows);
        scratch.fit(examples, units, dimension);
        let Scratch { workspace, examples: images, units: middle, square, .. } = scratch;
        // α (wwᵀ - w(0)w(0)ᵀ) is what the weights half-way between make with v, and its transpose.
        sum(&self.start.data, 0.5 * self.pull, &self.moved.data, middle);
        let middle = MatRef::new(middle, units, dimension);
        gemm(middle.transposed(), self.moved.view(), square, workspace);
        let scale = CURVATURE / units as f32;
        for (j, (row, along)) in self.error.data.chunks_exact_mut(dimension).zip(&task.direction).enumerate() {
            for (k, (s, across)) in row.iter_mut().zip(&task.direction).enumerate() {
                *s = scale * (square[j * dimension + k] + square[k * dimension + j]) - along * across;
            }
        }
        self.linear.fill(0.0);
        for row in self.moved.data.chunks_exact(dimension) {
            self.linear.iter_mut().zip(row).for_each(|(b, v)| *b += v);
        }
        self.linear.iter_mut().for_each(|b| *b /= units as f32);

        gemm(task.inputs.view(), self.error.view(), images, workspace);
        for ((i, e), image) in self.residuals.iter_mut().enumerate().zip(images.chunks_exact(dimension)) {
            let x = task.inputs.row(i);
            *e = dot(x, &self.linear) + 0.5 * dot(x, image);
        }
        let train = dot64(&self.residuals, &self.residuals) / examples as f64;
        self.losses = Losses { train: train / TARGET_SQUARE, test: self.error_square() / TARGET_SQUARE };
    }

    /// `⟨e²⟩` over all inputs: by Isserlis' theorem `|b|² / D + (2 |S|² + (tr S)²) / 4D²`.
    fn error_square(&self) -> f64 {
        let dimension = self.linear.len();
        let d = dimension as f64;
        let trace: f64 = (0..dimension).map(|j| f64::from(self.error.row(j)[j])).sum();
        let square = dot64(&self.error.data, &self.error.data);
        dot64(&self.linear, &self.linear) / d + (2.0 * square + trace * trace) / (4.0 * d * d)
    }

    /// What the network has learned so far of `ββᵀ`, (D, D).
    pub fn learned(&self, task: &Task, out: &mut [f32]) {
        let pairs = task.direction.iter().flat_map(|along| task.direction.iter().map(move |across| along * across));
        for ((out, s), target) in out.iter_mut().zip(&self.error.data).zip(pairs) {
            *out = s + target;
        }
    }

    /// How well the features point along the target: the mean over units of the squared cosine between w and β, which is
    /// `1 / D` for random ones.
    pub fn alignment(&self, task: &Task) -> f64 {
        let dimension = task.direction.len();
        let rows = self.start.data.chunks_exact(dimension).zip(self.moved.data.chunks_exact(dimension));
        let cosine = |(start, moved): (&[f32], &[f32])| {
            let (mut square, mut along) = (0.0, 0.0);
            for ((w, v), b) in start.iter().zip(moved).zip(&task.direction) {
                let w = w + self.pull * v;
                square += f64::from(w * w);
                along += f64::from(w * b);
            }
            along * along / (square * dimension as f64)
        };
        rows.map(cosine).sum::<f64>() / self.start.rows as f64
    }

    /// How far the weights are from where they started, in units of their length there.
    pub fn travel(&self) -> f64 {
        let moved = dot64(&self.moved.data, &self.moved.data) / dot64(&self.start.data, &self.start.data);
        f64::from(self.pull) * moved.sqrt()
    }
}
