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
/// Examples on which kernels are held against the target.
const ASKED: usize = 200;
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

/// What the error on all inputs there are is made of, in the same units: [`Losses::test`] is their sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// What is learned is too large or too small in all: `(tr S)² / 4D²`.
    pub scale: f64,
    /// It does not point along the target: `|S|² / 2D²`.
    pub direction: f64,
    /// There is a linear part, where the target has none: `|b|² / D`.
    pub linear: f64,
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
    slopes: Vec<f32>,
    kernel: Vec<f32>,
    /// `x·x'` of the examples that kernels are held against: the same for all of them.
    gram: Vec<f32>,
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

    /// Whether its features stay as they are.
    pub fn is_frozen(&self) -> bool {
        self.pull == 0.0
    }

    /// The losses as of now.
    pub fn losses(&self) -> Losses {
        self.losses
    }

    fn descend(&mut self, rate: f32, task: &Task, scratch: &mut Scratch) {
        let (examples, dimension) = (task.inputs.rows, task.inputs.cols);
        scratch.fit(examples, self.start.rows, dimension);
        let Scratch { workspace, examples: weighted, units: features, products, square, gradient, .. } = scratch;
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
        let (trace, square) = (self.trace(), dot64(&self.error.data, &self.error.data));
        dot64(&self.linear, &self.linear) / d + (2.0 * square + trace * trace) / (4.0 * d * d)
    }

    fn trace(&self) -> f64 {
        (0..self.linear.len()).map(|j| f64::from(self.error.row(j)[j])).sum()
    }

    /// The terms of the error on all inputs there are.
    pub fn parts(&self) -> Parts {
        let d = self.linear.len() as f64;
        let (trace, square) = (self.trace(), dot64(&self.error.data, &self.error.data));
        Parts {
            scale: trace * trace / (4.0 * d * d) / TARGET_SQUARE,
            direction: square / (2.0 * d * d) / TARGET_SQUARE,
            linear: dot64(&self.linear, &self.linear) / d / TARGET_SQUARE,
        }
    }

    /// How well the tangent kernel suits the target, `yᵀKy / (|K| |y|²)` over the first examples, up to [`ASKED`] of them, for
    /// `K(x, x') = x·x' ⟨(1 + ε w·x)(1 + ε w·x')⟩`, the mean over units: from 0 to 1 where all of it is the target.
    pub fn kernel_alignment(&self, task: &Task, scratch: &mut Scratch) -> f64 {
        let (units, dimension) = (self.start.rows, self.start.cols);
        let count = task.inputs.rows.min(ASKED);
        let inputs = MatRef::new(&task.inputs.data[..count * dimension], count, dimension);
        scratch.fit(task.inputs.rows, units, dimension);
        let Scratch { workspace, units: features, slopes, kernel, gram, .. } = scratch;
        sum(&self.start.data, self.pull, &self.moved.data, features);
        slopes.resize(count * units, 0.0);
        gemm(inputs.view(), MatRef::new(features, units, dimension).transposed(), slopes, workspace);
        slopes.iter_mut().for_each(|u| *u = 1.0 + CURVATURE * *u);
        let slopes = MatRef::new(slopes, count, units);
        kernel.resize(count * count, 0.0);
        gemm(slopes.view(), slopes.transposed(), kernel, workspace);
        if gram.is_empty() {
            gram.resize(count * count, 0.0);
            gemm(inputs.view(), inputs.transposed(), gram, workspace);
        }
        kernel.iter_mut().zip(&*gram).for_each(|(k, x)| *k *= x);
        let target: Vec<f32> = (0..count).map(|i| dot(inputs.row(i), &task.direction)).map(|u| 0.5 * u * u).collect();
        let along = |row: &[f32], y: &f32| f64::from(*y) * dot64(row, &target);
        let fits: f64 = kernel.chunks_exact(count).zip(&target).map(|(row, y)| along(row, y)).sum();
        fits / (dot64(kernel, kernel).sqrt() * dot64(&target, &target))
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Few inputs are long ones, so that steps are shorter than with 50 of them.
    const RATE: f64 = 2.0;

    /// Gradient descent unit by unit in f64, with weights instead of ways. The loss on the examples after `steps`.
    fn by_units(alpha: f64, task: &Task, start: &Mat, steps: usize) -> f64 {
        let (n, p, epsilon) = (start.rows as f64, task.inputs.rows as f64, f64::from(CURVATURE));
        let wide = |row: &[f32]| row.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let inputs: Vec<Vec<f64>> = (0..task.inputs.rows).map(|i| wide(task.inputs.row(i))).collect();
        let mut units: Vec<Vec<f64>> = (0..start.rows).map(|i| wide(start.row(i))).collect();
        let output = |units: &[Vec<f64>], x: &[f64]| {
            let unit = |w: &Vec<f64>| inner(w, x) + 0.5 * epsilon * inner(w, x) * inner(w, x);
            alpha / n * units.iter().map(unit).sum::<f64>()
        };
        let direction = wide(&task.direction);
        let targets: Vec<f64> =
            inputs.iter().map(|x| output(&units, x) + 0.5 * inner(&direction, x) * inner(&direction, x)).collect();
        let errors =
            |units: &[Vec<f64>]| inputs.iter().zip(&targets).map(|(x, y)| output(units, x) - y).collect::<Vec<f64>>();
        for _ in 0..steps {
            let errors = errors(&units);
            for w in &mut units {
                let before = w.clone();
                for (x, e) in inputs.iter().zip(&errors) {
                    let slope = alpha / n * (1.0 + epsilon * inner(&before, x)) * e / p;
                    w.iter_mut().zip(x).for_each(|(w, x)| *w -= RATE * n / (alpha * alpha) * slope * x);
                }
            }
        }
        errors(&units).iter().map(|e| e * e).sum::<f64>() / p / TARGET_SQUARE
    }

    fn small(rng: &Rng) -> (Task, Rc<Mat>) {
        let task = Task::draw(30, 8, rng);
        let units = Rc::new(task.units(25, 0.0, rng));
        (task, units)
    }

    fn trained(pull: f32, task: &Task, units: &Rc<Mat>, steps: usize) -> Net {
        let mut scratch = Scratch::default();
        let mut net = Net::new(pull, Rc::clone(units), task, &mut scratch);
        (0..steps).for_each(|_| net.step(RATE as f32, task, &mut scratch));
        net
    }

    #[test]
    fn a_step_is_gradient_descent_on_the_weights() {
        let (task, units) = small(&Rng::new(1));
        for alpha in [0.5, 4.0] {
            let mut scratch = Scratch::default();
            let mut net = Net::new(1.0 / alpha, Rc::clone(&units), &task, &mut scratch);
            (0..40).for_each(|_| net.step(RATE as f32, &task, &mut scratch));
            let wanted = by_units(f64::from(alpha), &task, &units, 40);
            let got = net.losses().train;
            assert!((got - wanted).abs() < 1e-3 * wanted, "α {alpha}: {got}, wanted {wanted}");
        }
    }

    #[test]
    fn parts_add_up_to_the_error_and_at_the_start_there_is_no_linear_one() {
        let (task, units) = small(&Rng::new(5));
        for steps in [0, 30] {
            let net = trained(1.0, &task, &units, steps);
            let Parts { scale, direction, linear } = net.parts();
            assert!((scale + direction + linear - net.losses().test).abs() < 1e-9, "{:?}", net.parts());
            assert_eq!(linear > 0.0, steps > 0);
            if steps == 0 {
                // What is missing is ββᵀ, with a trace and a square of D and D².
                assert!((scale - 1.0 / 3.0).abs() < 1e-6 && (direction - 2.0 / 3.0).abs() < 1e-6, "{:?}", net.parts());
            }
        }
    }

    #[test]
    fn the_kernel_is_that_of_the_gradients_of_all_weights() {
        let (task, units) = small(&Rng::new(6));
        let net = trained(0.5, &task, &units, 10);
        let wide = |row: &[f32]| row.iter().copied().map(f64::from).collect::<Vec<f64>>();
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let weights: Vec<f64> =
            net.start.data.iter().zip(&net.moved.data).map(|(w, v)| f64::from(*w) + 0.5 * f64::from(*v)).collect();
        let inputs: Vec<Vec<f64>> = (0..30).map(|i| wide(task.inputs.row(i))).collect();
        // The gradient of the output by every weight, up to a factor, as differences of units.
        let gradient = |x: &Vec<f64>| -> Vec<f64> {
            let unit = |w: &[f64]| inner(w, x) + 0.125 * inner(w, x) * inner(w, x);
            let of = |w: &[f64], j: usize| {
                let moved = |by: f64| {
                    unit(&w.iter().enumerate().map(|(k, w)| if k == j { w + by } else { *w }).collect::<Vec<_>>())
                };
                (moved(1e-4) - moved(-1e-4)) / 2e-4
            };
            weights.chunks(8).flat_map(|w| (0..8).map(move |j| of(w, j)).collect::<Vec<_>>()).collect()
        };
        let gradients: Vec<Vec<f64>> = inputs.iter().map(gradient).collect();
        let along = inputs.iter().map(|x| inner(&wide(&task.direction), x));
        let y: Vec<f64> = along.map(|u| 0.5 * u * u).collect();
        let (mut fits, mut square) = (0.0, 0.0);
        for (a, ya) in gradients.iter().zip(&y) {
            for (b, yb) in gradients.iter().zip(&y) {
                let k = inner(a, b);
                fits += ya * k * yb;
                square += k * k;
            }
        }
        let expected = fits / (square.sqrt() * inner(&y, &y));
        let got = net.kernel_alignment(&task, &mut Scratch::default());
        assert!((got - expected).abs() < 1e-4, "{got} {expected}");
    }

    #[test]
    fn no_pull_is_the_limit_of_a_large_scale() {
        let (task, units) = small(&Rng::new(2));
        let [frozen, near, far] = [0.0, 1e-4, 0.25].map(|pull| trained(pull, &task, &units, 60));
        let apart = |net: &Net| (net.losses().test - frozen.losses().test).abs();
        assert!(apart(&near) < 1e-3 && apart(&far) > 20.0 * apart(&near), "{frozen:?}");
        let random = trained(0.0, &task, &units, 0);
        assert_eq!(frozen.alignment(&task).to_bits(), random.alignment(&task).to_bits());
    }

    #[test]
    fn the_error_on_all_inputs_is_that_on_very_many() {
        let rng = Rng::new(3);
        let (task, units) = small(&rng);
        let net = trained(1.0, &task, &units, 30);
        let many = Task { inputs: Task::draw(60_000, 8, &rng.child("new")).inputs, ..task.clone() };
        // The same weights, seen by other examples.
        let mut other = Net { residuals: vec![0.0; 60_000], ..net.clone() };
        other.observe(&many, &mut Scratch::default());
        let (exact, sampled) = (net.losses().test, other.losses().train);
        assert_eq!(exact.to_bits(), other.losses().test.to_bits());
        let square = |e: &f32| f64::from(e * e) / TARGET_SQUARE;
        let spread = other.residuals.iter().map(|e| (square(e) - exact) * (square(e) - exact)).sum::<f64>();
        let error = (spread / 6e4).sqrt() / 6e4_f64.sqrt();
        assert!((exact - sampled).abs() < 4.0 * error, "{exact}, {sampled} ± {error}");
    }

    #[test]
    fn a_net_that_says_nothing_has_the_error_1_and_a_head_start_is_one() {
        let rng = Rng::new(4);
        let task = Task::draw(400, 50, &rng);
        for (start, least, most) in [(0.0, 0.016, 0.024), (0.7, 0.45, 0.55)] {
            let net = trained(0.25, &task, &Rc::new(task.units(200, start, &rng)), 0);
            assert!((net.losses().test - 1.0).abs() < 1e-5, "{:?}", net.losses());
            let alignment = net.alignment(&task);
            assert!(alignment > least && alignment < most, "{start}: {alignment}");
        }
    }
}
