//! Random networks that are given scales, and answers to functions that are: what comes out, counted beside what the laws of
//! [`super::scale_mixture`] say.
use super::{
    gaussian_process::Regression,
    kolmogorov::Cells,
    network_kernel::{draw, kernel, kernels},
    scale_mixture::InverseGamma,
    student,
};
use crate::math::{
    mean::Mean,
    rng::{Rng, Stream},
    scalar::{atan, cos, erfc, ln, ln_1p, sin},
};
use std::{
    f64::consts::{FRAC_1_SQRT_2, PI, TAU},
    rc::Rc,
};

/// Values of a function that are told.
pub const TOLD: usize = 8;
/// What a band should hold.
pub const SHARE: f64 = 0.95;
/// How far from 0 a normal number goes with that share.
pub const NORMAL: f64 = 1.959_963_984_540_054;
/// Bars of the sizes of outputs, and their width in units of the scale of t.
pub const BARS: usize = 30;
/// See [`BARS`].
pub const BAR: f64 = 0.5;
/// From here on an output is far, in the same units.
pub const FAR: f64 = 4.0;
/// Classes of functions by their scale, and their width in the same units.
pub const CLASSES: usize = 16;
/// See [`CLASSES`].
pub const CLASS: f64 = 0.25;
/// The noise on what is told: its variance beside that of the kernel, with the same scale.
pub const NOISE: f64 = 0.04;
const CELLS: usize = 1024;

/// A function of scale 1, foretold from some of its values.
pub struct Foretold {
    /// `yᵀ K⁻¹ y` of what was told.
    pub surprise: f64,
    /// The mean of `½ ln V` over the places.
    pub spread: f64,
    /// How far the true values are from the mean, in units of `√V`.
    pub misses: Vec<f64>,
}

/// What a step draws, without scales.
pub struct Batch {
    /// Two outputs of each network, in units of the root of their kernel, and the correlation that they should have.
    pub pairs: Vec<[f64; 2]>,
    correlation: f64,
    /// Functions of networks of their own.
    pub functions: Vec<Foretold>,
}

/// Networks and functions that are drawn at a time, where networks have one layer of 256 units.
const NETWORKS: usize = 100;
const FUNCTIONS: usize = 8;
/// The two inputs whose outputs are counted. In the first layer they are at right angles.
const PAIR: [f64; 2] = [-0.5, 1.0];

/// Networks of one kind.
pub struct Networks {
    depth: usize,
    /// Units in a layer.
    pub width: usize,
    /// Inputs at which functions are drawn.
    pub grid: Vec<f64>,
    /// The kernel between them.
    kernels: Vec<f64>,
    /// Roots of the kernel at the two inputs.
    roots: [f64; 2],
    /// What the kernel says is the correlation of the outputs there.
    pub correlation: f64,
}

impl Networks {
    /// With `depth` layers of `width` units, and functions on the grid: more inputs than [`TOLD`].
    pub fn new(depth: usize, width: usize, grid: Vec<f64>) -> Self {
        let roots = PAIR.map(|x| kernel(depth, x, x).sqrt());
        let correlation = kernel(depth, PAIR[0], PAIR[1]) / (roots[0] * roots[1]);
        Self { depth, width, kernels: kernels(depth, &grid), grid, roots, correlation }
    }

    /// Draws about as many as take a few milliseconds, from two streams of `chance`.
    pub fn draw(&self, chance: &Rng) -> Batch {
        let layers = self.width * self.depth;
        let mut stream = chance.stream("networks");
        let networks = (NETWORKS * 256 / layers).clamp(4, NETWORKS);
        let pairs = (0..networks).map(|_| {
            let outputs = draw(self.depth, self.width, &PAIR, &mut stream);
            [outputs[0] / self.roots[0], outputs[1] / self.roots[1]]
        });
        let pairs = pairs.collect();
        // A later layer costs some four times as much as the first.
        let functions = (FUNCTIONS * 256 / (self.width * (4 * self.depth - 3))).clamp(1, FUNCTIONS);
        let mut stream = chance.stream("functions");
        let functions = (0..functions).map(|_| {
            let f = draw(self.depth, self.width, &self.grid, &mut stream);
            let mut told = stream.choose(TOLD, self.grid.len());
            told.sort_unstable();
            let heard: Vec<f64> = told.iter().map(|i| f[*i] + NOISE.sqrt() * stream.normal()).collect();
            self.foretell(&f, &told, &heard)
        });
        Batch { pairs, correlation: self.correlation, functions: functions.collect() }
    }

    /// Foretells a function from values at some places of the grid.
    fn foretell(&self, f: &[f64], told: &[usize], heard: &[f64]) -> Foretold {
        let between = |i: usize, j: usize| self.kernels[i * self.grid.len() + j];
        let noisy = |i: usize, j: usize| between(i, j) + if i == j { NOISE } else { 0.0 };
        let known: Vec<f64> = told.iter().flat_map(|i| told.iter().map(move |j| noisy(*i, *j))).collect();
        let regression = Regression::new(&known, heard);
        let mut spread = 0.0;
        let others = (0..self.grid.len()).filter(|i| !told.contains(i));
        let misses = others.map(|i| {
            let (mean, variance) = regression.at(told.iter().map(|j| between(i, *j)), between(i, i));
            spread += 0.5 * ln(variance);
            (f[i] - mean) / variance.sqrt()
        });
        let misses: Vec<f64> = misses.collect();
        Foretold { surprise: regression.surprise(), spread: spread / misses.len() as f64, misses }
    }
}

/// What the batches say under a prior of the scale.
#[derive(Clone)]
pub struct Tally {
    /// The prior of the scale.
    pub prior: InverseGamma,
    /// The angle of the t whose cells are counted, and its chance below the upper edge of each.
    law: Rc<Vec<f64>>,
    /// Half the mixture's band for a place where the scale after the data is 1.
    pub half: f64,
    /// Angles of the first outputs.
    pub outputs: Cells,
    /// The chance of a smaller radius of both outputs.
    pub circle: Cells,
    /// First outputs by their size.
    pub bars: [u32; BARS],
    /// How many networks were counted.
    pub networks: u32,
    /// Those whose first output is further than [`FAR`] from 0.
    pub far: u32,
    /// Products of the two outputs at scale 1.
    pub products: Mean,
    /// For each class of scales what the mixture's band covers, and the Gaussian one.
    pub covered: [[Mean; 2]; CLASSES],
    /// The same over all functions.
    pub coverage: [Mean; 2],
    /// For functions whose scale is above its mean: how much more of a function the mixture's band holds.
    pub more: Mean,
    /// `-ln p` of a value for the mixture and for the Gaussian process.
    pub losses: [Mean; 2],
    /// How much less the mixture's is.
    pub gain: Mean,
}

/// The edge of a cell as a number of the t.
fn edge(nu: f64, cell: usize) -> f64 {
    let angle = PI * ((cell as f64 + 1.0) / CELLS as f64 - 0.5);
    nu.sqrt() * sin(angle) / cos(angle).max(1e-300)
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(prior: InverseGamma) -> Self {
        let nu = prior.degrees();
        let chance = |cell: usize| if cell + 1 == CELLS { 1.0 } else { student::below(nu, edge(nu, cell)) };
        Self {
            prior,
            law: Rc::new((0..CELLS).map(chance).collect()),
            half: student::half_width(nu + TOLD as f64, SHARE),
            outputs: Cells::new(CELLS),
            circle: Cells::new(CELLS),
            bars: [0; BARS],
            networks: 0,
            far: 0,
            products: Mean::default(),
            covered: [[Mean::default(); 2]; CLASSES],
            coverage: [Mean::default(); 2],
            more: Mean::default(),
            losses: [Mean::default(); 2],
            gain: Mean::default(),
        }
    }

    /// Gives each network and each function of a batch a scale, and counts what comes out.
    pub fn count(&mut self, batch: &Batch, stream: &mut Stream) {
        let nu = self.prior.degrees();
        let rest = 1.0 - batch.correlation * batch.correlation;
        for [x, y] in &batch.pairs {
            let scale2 = self.prior.draw(stream) / self.prior.scale2();
            let z = scale2.sqrt() * x;
            self.networks += 1;
            self.outputs.count(0.5 + atan(z / nu.sqrt()) / PI);
            self.far += u32::from(z.abs() > FAR);
            if let Some(bar) = self.bars.get_mut((z.abs() / BAR) as usize) {
                *bar += 1;
            }
            // The part of the second output that the first says nothing of: without correlation, but with the same scale.
            let apart = y - batch.correlation * x;
            let r2 = scale2 * (x * x + apart * apart / rest);
            self.circle.count(1.0 - student::beyond_circle(nu, r2));
            self.products.add(x * y);
        }
        let fixed = self.prior.mean();
        for function in &batch.functions {
            self.count_function(function, self.prior.draw(stream), fixed);
        }
    }

    fn count_function(&mut self, function: &Foretold, scale2: f64, fixed: Option<f64>) {
        let after = self.prior.after(TOLD, scale2 * function.surprise);
        let (nu, known2) = (after.degrees(), after.scale2());
        let places = function.misses.len() as f64;
        let within = |half2: f64| function.misses.iter().filter(|z| scale2 * *z * *z < half2).count() as f64 / places;
        let logs: f64 = function.misses.iter().map(|z| ln_1p(scale2 * z * z / (nu * known2))).sum();
        let mixture = function.spread + 0.5 * ln(known2) - student::log_top(nu) + 0.5 * (nu + 1.0) * logs / places;
        let class = ((scale2 / self.prior.scale2()).sqrt() / CLASS) as usize;
        let mut cover = |which: usize, share: f64| {
            self.coverage[which].add(share);
            if let Some(class) = self.covered.get_mut(class) {
                class[which].add(share);
            }
        };
        let mine = within(self.half * self.half * known2);
        cover(0, mine);
        self.losses[0].add(mixture);
        if let Some(fixed) = fixed {
            let other = within(NORMAL * NORMAL * fixed);
            cover(1, other);
            if scale2 > fixed {
                self.more.add(mine - other);
            }
            let squares: f64 = function.misses.iter().map(|z| z * z).sum();
            let gaussian = function.spread + 0.5 * ln(TAU * fixed) + 0.5 * scale2 * squares / (places * fixed);
            self.losses[1].add(gaussian);
            self.gain.add(gaussian - mixture);
        }
    }

    /// The distance of the outputs from t, and from the normal law of equal variance, if there is one.
    pub fn distances(&self) -> (f64, Option<f64>) {
        let nu = self.prior.degrees();
        let normal = |spread: f64| {
            let below = move |cell: usize| 0.5 * erfc(-edge(nu, cell) / spread * FRAC_1_SQRT_2);
            self.outputs.distance((0..CELLS - 1).map(below))
        };
        (self.outputs.distance(self.law.iter().copied()), self.spread().map(normal))
    }

    /// The distance of the radius of two outputs from what it is when they share one scale.
    pub fn distance_of_the_circle(&self) -> f64 {
        self.circle.distance((1..=CELLS).map(|i| i as f64 / CELLS as f64))
    }

    /// The standard deviation of the outputs in units of the scale of t, if they have one.
    pub fn spread(&self) -> Option<f64> {
        self.prior.mean().map(|mean| (mean / self.prior.scale2()).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misses_of_wide_networks_have_mean_square_1_and_the_surprise_that_of_what_was_told() {
        let grid = (0..41).map(|i| f64::from(i) / 10.0 - 2.0).collect();
        let networks = Networks::new(1, 256, grid);
        let (mut squares, mut surprise) = (Mean::default(), Mean::default());
        for step in 0..100 {
            for function in networks.draw(&Rng::new(step)).functions {
                assert_eq!(function.misses.len(), 41 - TOLD);
                squares.add(function.misses.iter().map(|z| z * z).sum::<f64>() / function.misses.len() as f64);
                surprise.add(function.surprise);
            }
        }
        assert!((squares.mean() - 1.0).abs() < 4.0 * squares.error(), "{} ± {}", squares.mean(), squares.error());
        assert!((surprise.mean() - TOLD as f64).abs() < 4.0 * surprise.error(), "{}", surprise.mean());
    }

    #[test]
    fn bands_hold_their_share_on_average_and_losses_are_those_of_the_formulas() {
        let prior = InverseGamma { a: 4.0, b: 4.0 };
        let mut tally = Tally::new(prior);
        let mut stream = Rng::new(1).stream("functions");
        let functions = (0..20_000).map(|_| Foretold {
            surprise: (0..TOLD).map(|_| stream.normal()).map(|y| y * y).sum(),
            spread: 0.0,
            misses: vec![stream.normal(), stream.normal()],
        });
        let batch = Batch { pairs: Vec::new(), correlation: 0.0, functions: functions.collect() };
        tally.count(&batch, &mut Rng::new(1).stream("scales"));
        let near = |mean: Mean, law: f64| {
            assert!((mean.mean() - law).abs() < 4.0 * mean.error(), "{}, wanted {law}", mean.mean());
        };
        let normal = student::beyond(prior.degrees(), NORMAL * tally.spread().unwrap());
        near(tally.coverage[0], SHARE);
        near(tally.coverage[1], 1.0 - normal);
        near(tally.losses[0], prior.mixture_loss(TOLD));
        near(tally.losses[1], prior.fixed_loss().unwrap());
        near(tally.more, prior.advantage(TOLD, tally.half, NORMAL).unwrap());
    }
}
