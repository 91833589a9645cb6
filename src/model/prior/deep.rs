//! Deep networks as they are initialised: how strong a signal is after many random layers (Roberts, Yaida and Hanin 2022,
//! *The Principles of Deep Learning Theory*; also known as PDLT).
//!
//! A net of width n has `z¹ = W¹ x` and `zˡ⁺¹ = Wˡ⁺¹ σ(zˡ)` with independent normal weights of variance `C / fan-in` and no
//! bias; the input has the mean square 1. The strength of a layer is `q = |z|² / n`.
//!
//! No weight is ever drawn. Given a layer, its weights up are independent of it, so the n sums of the next are exactly
//! independent normal numbers of the variance `v = C |σ(z)|² / n`. That is n numbers a layer instead of n², and the same
//! numbers serve every C and σ.
use crate::math::{
    normal::each_normal,
    rng::Stream,
    scalar,
    special::{digamma, trigamma},
};

/// What a unit makes of its sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `σ(z) = z`.
    Linear,
    /// `σ(z) = max(z, 0)`.
    Relu,
    /// `σ(z) = tanh z`.
    Tanh,
}

/// Averages over normal sums of one variance K.
#[derive(Clone, Copy, Debug)]
struct Averages {
    /// `g(K) = ⟨σ²⟩`.
    square: f64,
    /// Its first and second derivative by K.
    slope: f64,
    bend: f64,
    /// `⟨σ⁴⟩`.
    fourth: f64,
}

impl Activation {
    /// The C at which weak signals neither grow nor shrink.
    pub fn critical(self) -> f64 {
        if self == Self::Relu { 2.0 } else { 1.0 }
    }

    /// Whether `σ(c z) = c σ(z)` for `c > 0`: then C and all layers but one only multiply.
    pub fn is_homogeneous(self) -> bool {
        self != Self::Tanh
    }

    fn averages(self, k: f64) -> Averages {
        match self {
            Self::Linear => Averages { square: k, slope: 1.0, bend: 0.0, fourth: 3.0 * k * k },
            Self::Relu => Averages { square: 0.5 * k, slope: 0.5, bend: 0.0, fourth: 1.5 * k * k },
            Self::Tanh => {
                // By parts `dg/dK = ⟨(σ²)''⟩ / 2` and `d²g/dK² = ⟨(σ²)''''⟩ / 4`, and these are polynomials in tanh².
                let mut all = Averages { square: 0.0, slope: 0.0, bend: 0.0, fourth: 0.0 };
                // For tanh(√K z) the error falls as exp(-π² / (h √K)) with the step h: below 10⁻¹² for K up to 3.
                each_normal(0.2, 42, |z, weight| {
                    let t = scalar::tanh(k.sqrt() * z);
                    let t2 = t * t;
                    all.square += weight * t2;
                    all.slope += weight * (1.0 - t2) * (1.0 - 3.0 * t2);
                    all.bend += weight * (-4.0 + t2 * (34.0 + t2 * (-60.0 + t2 * 30.0)));
                    all.fourth += weight * t2 * t2;
                });
                all
            }
        }
    }
}

/// What theory says of one layer, up to the first order in 1 / n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// K, the mean strength for endless width.
    pub kernel: f64,
    /// n times how much stronger a layer of finite width is, as a share of K.
    pub shift: f64,
    /// n times the variance of v, the variance that a net gives its layer, as a share of K².
    pub vertex: f64,
}

impl Layer {
    /// The mean of q in units of K.
    pub fn mean(&self, n: usize) -> f64 {
        1.0 + self.shift / n as f64
    }

    /// The variance of q in units of its squared mean, which is that of ln q too.
    pub fn variance(&self, n: usize) -> f64 {
        (self.vertex + 2.0) / n as f64
    }
}

/// Layers 1 to `depth`: `K ← C g(K)` from `K = C`, and around it the recursions of the mean and variance of v, which a
/// net hands on as `v ← (C / n) Σ σ²`.
pub fn theory(activation: Activation, c: f64, depth: usize) -> Vec<Layer> {
    let first = Layer { kernel: c, shift: 0.0, vertex: 0.0 };
    let up = |layer: &Layer| {
        let k = layer.kernel;
        let Averages { square, slope, bend, fourth } = activation.averages(k);
        // Logarithmic derivatives: K itself may be as small as 10⁻⁴⁰.
        let pull = slope * k / square;
        Some(Layer {
            kernel: c * square,
            shift: pull * layer.shift + 0.5 * bend * k * k / square * layer.vertex,
            vertex: pull * pull * layer.vertex + fourth / (square * square) - 1.0,
        })
    };
    std::iter::successors(Some(first), up).take(depth).collect()
}

/// One layer of a homogeneous net multiplies the strength by `F = χ²_k / ⟨χ²_k⟩`, where k of its n units are not silent.
/// Its moments, exact for every width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// Mean and variance of ln F, given that one unit is not silent.
    pub log: (f64, f64),
    /// `⟨F²⟩`, `⟨F³⟩` and `⟨F⁴⟩`; `⟨F⟩` is 1.
    pub moments: [f64; 3],
}

impl Factor {
    /// All n units speak: linear ones, and the sums of any layer.
    pub fn linear(n: usize) -> Self {
        Self::of(n as f64, std::iter::once((n, 1.0)))
    }

    /// Each unit of n is silent in half of all cases.
    pub fn relu(n: usize) -> Self {
        let share = |k: usize, p: f64| p * (n - k) as f64 / (k + 1) as f64;
        let none = scalar::pow(0.5, n as f64);
        let speaking = std::iter::successors(Some((0, none)), |(k, p)| Some((k + 1, share(*k, *p))));
        Self::of(0.5 * n as f64, speaking.take(n + 1).skip(1))
    }

    /// From the mean of k, and every k above 0 with its chance.
    fn of(mean: f64, speaking: impl Iterator<Item = (usize, f64)>) -> Self {
        let (mut alive, mut log, mut square, mut within) = (0.0, 0.0, 0.0, 0.0);
        let mut moments = [0.0; 3];
        for (k, p) in speaking {
            let k = k as f64;
            let at = digamma(0.5 * k) - scalar::ln(0.5 * mean);
            alive += p;
            log += p * at;
            square += p * at * at;
            within += p * trigamma(0.5 * k);
            let mut moment = p * k / mean;
            for (order, sum) in moments.iter_mut().enumerate() {
                moment *= (k + 2.0 * (order + 1) as f64) / mean;
                *sum += moment;
            }
        }
        let log = log / alive;
        Self { log: (log, (square + within) / alive - log * log), moments }
    }
}

/// The factors of a homogeneous net: the same at each layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Of the units of a layer below.
    below: Factor,
    /// Of the sums of the layer itself.
    sums: Factor,
}

impl Factors {
    /// For width n. `None` for tanh, which has no exact law.
    pub fn new(activation: Activation, n: usize) -> Option<Self> {
        let below = match activation {
            Activation::Linear => Factor::linear(n),
            Activation::Relu => Factor::relu(n),
            Activation::Tanh => return None,
        };
        Some(Self { below, sums: Factor::linear(n) })
    }

    /// What they make of the strength at a layer from 1.
    pub fn product(&self, layer: usize) -> Product {
        let Self { below, sums } = self;
        let times = (layer - 1) as f64;
        let mean = |of: fn(&Factor) -> f64| times * of(below) + of(sums);
        Product {
            log: (mean(|factor| factor.log.0), mean(|factor| factor.log.1)),
            moments: std::array::from_fn(|i| scalar::pow(below.moments[i], times) * sums.moments[i]),
            kurtosis: 3.0 * scalar::pow(below.moments[0], times),
        }
    }
}

/// The exact law of `q / K` after some layers of a homogeneous net.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Product {
    /// Mean and variance of its logarithm in nets that are not silent.
    pub log: (f64, f64),
    /// Its second, third and fourth moment; the first is 1.
    pub moments: [f64; 3],
    /// The kurtosis of a single unit's sum: 3 in a normal law.
    pub kurtosis: f64,
}

/// One random net: its normal numbers, for any C and σ.
#[derive(Clone, Debug)]
pub struct Net {
    width: usize,
    /// (depth, width).
    normals: Vec<f64>,
    /// The mean square of the numbers of each layer.
    squares: Vec<f64>,
}

impl Net {
    /// Draws one.
    pub fn draw(width: usize, depth: usize, chance: &mut Stream) -> Self {
        let normals: Vec<f64> = (0..width * depth).map(|_| chance.normal()).collect();
        let squares = normals.chunks_exact(width).map(|layer| mean(layer, |g| g * g)).collect();
        Self { width, normals, squares }
    }

    /// The variance v of each layer's sums. It is 0 from where all units are silent.
    pub fn forward(&self, activation: Activation, c: f64) -> impl Iterator<Item = f64> {
        let mut v = c;
        self.normals.chunks_exact(self.width).map(move |layer| {
            let here = v;
            // Where a scale passes through, it stays apart: a signal of 10⁻⁴⁰ keeps all its digits.
            v = c * match activation {
                Activation::Linear => here * mean(layer, |g| g * g),
                Activation::Relu => here * mean(layer, |g| g.max(0.0) * g.max(0.0)),
                Activation::Tanh => mean(layer, |g| tanh_squared(here * g * g)),
            };
            here
        })
    }

    /// The numbers of a layer from 1: its sums in units of √v.
    pub fn normals(&self, layer: usize) -> &[f64] {
        &self.normals[(layer - 1) * self.width..][..self.width]
    }

    /// The strength q of a layer from 1 in units of v.
    pub fn square(&self, layer: usize) -> f64 {
        self.squares[layer - 1]
    }
}

/// `tanh² x` from `x²`, to 10⁻⁸ of itself up to `x = 16`. Lambert's continued fraction at x / 4, down to its 9, as p / q;
/// then twice `tanh² 2y = 4 s / (1 + s)²` for `s = tanh² y`, and one division for all. A call of `tanh` takes ten times as long.
fn tanh_squared(x2: f64) -> f64 {
    let u = x2 / 16.0;
    let (p, q) = (945.0 + u * (105.0 + u), 945.0 + u * (420.0 + u * 15.0));
    let (p, q) = (u * p * p, q * q);
    let (p, q) = (4.0 * p * q, (p + q) * (p + q));
    4.0 * p * q / ((p + q) * (p + q))
}

/// In four running sums, so that four numbers go together.
fn mean(numbers: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    let (fours, rest) = numbers.as_chunks::<4>();
    for four in fours {
        sums.iter_mut().zip(four).for_each(|(sum, x)| *sum += of(*x));
    }
    let rest: f64 = rest.iter().map(|x| of(*x)).sum();
    ((sums[0] + sums[2]) + (sums[1] + sums[3]) + rest) / numbers.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn the_square_of_tanh_keeps_its_digits_near_zero_and_far_away() {
        for x in [1e-20, 1e-3, 0.3, 1.0, 2.5, 4.0, 6.0, 9.0, 15.9] {
            let tanh = scalar::tanh(x);
            assert!((tanh_squared(x * x) / (tanh * tanh) - 1.0).abs() < 1e-8, "{x}");
        }
        assert!(tanh_squared(0.0).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn kernels_follow_their_recursion() {
        let at = |activation, c, layer: usize| theory(activation, c, layer)[layer - 1].kernel;
        for (c, wanted) in [(1.6, 2.66e-4), (2.0, 2.0), (2.4, 2940.0)] {
            let got = at(Activation::Relu, c, 40);
            assert!((got / wanted - 1.0).abs() < 2e-3, "C {c}: {got}");
        }
        // Figures of a prototype in another language; for many layers it is 1 / 2l.
        for (layer, wanted) in [(10, 0.0580), (30, 0.0178), (60, 0.0086)] {
            let got = at(Activation::Tanh, 1.0, layer);
            assert!((got - wanted).abs() < 1e-4, "layer {layer}: {got}");
        }
        let deep = at(Activation::Tanh, 1.0, 4000) * 8000.0;
        assert!((deep - 1.0).abs() < 0.01, "{deep}");
    }

    #[test]
    fn derivatives_of_the_kernel_are_those_of_its_differences() {
        let g = |k: f64| Activation::Tanh.averages(k).square;
        for k in [0.05, 0.5, 2.5] {
            let h = 1e-3 * k;
            let at = Activation::Tanh.averages(k);
            assert!(((g(k + h) - g(k - h)) / (2.0 * h) - at.slope).abs() < 1e-5, "{k}: {at:?}");
            assert!(((g(k + h) - 2.0 * g(k) + g(k - h)) / (h * h) - at.bend).abs() < 1e-4, "{k}: {at:?}");
        }
    }

    #[test]
    fn the_vertex_grows_by_2_5_or_two_thirds_a_layer() {
        for (activation, a, tolerance) in
            [(Activation::Linear, 2.0, 1e-9), (Activation::Relu, 5.0, 1e-9), (Activation::Tanh, 2.0 / 3.0, 0.01)]
        {
            let vertex = theory(activation, activation.critical(), 1000)[999].vertex / 999.0;
            assert!((vertex - a).abs() < tolerance, "{activation:?}: {vertex}");
        }
    }

    #[test]
    fn exact_moments_are_the_closed_forms() {
        for (activation, a) in [(Activation::Linear, 2.0), (Activation::Relu, 5.0)] {
            for (n, layer) in [(8, 1), (32, 8), (64, 16), (256, 64)] {
                let product = Factors::new(activation, n).expect("homogeneous").product(layer);
                let wide = n as f64;
                let grown = scalar::pow(1.0 + a / wide, (layer - 1) as f64);
                assert!((product.moments[0] / (grown * (1.0 + 2.0 / wide)) - 1.0).abs() < 1e-9);
                assert!((product.kurtosis / (3.0 * grown) - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn logarithmic_laws_are_those_of_the_prototype() {
        let log = |activation, n, layer| Factors::new(activation, n).expect("homogeneous").product(layer).log;
        let (mean, variance) = log(Activation::Linear, 16, 16);
        assert!((mean + 1.02).abs() < 0.005 && (variance - 2.13).abs() < 0.005, "{mean} {variance}");
        let (mean, variance) = log(Activation::Linear, 32, 32);
        assert!((mean + 1.01).abs() < 0.005 && (variance - 2.06).abs() < 0.01, "{mean} {variance}");
        let (_, variance) = log(Activation::Relu, 32, 16);
        assert!((variance - 2.73).abs() < 0.01, "{variance}");
    }

    /// The strength of each layer of a net whose weights are all drawn.
    fn with_weights(activation: Activation, c: f64, n: usize, depth: usize, chance: &mut Stream) -> Vec<f64> {
        let mut below = vec![1.0; n];
        let mut strengths = Vec::new();
        for _ in 0..depth {
            let scale = (c / n as f64).sqrt();
            let sum = |chance: &mut Stream| below.iter().map(|x| scale * chance.normal() * x).sum::<f64>();
            let sums: Vec<f64> = (0..n).map(|_| sum(chance)).collect();
            strengths.push(mean(&sums, |z| z * z));
            let of = |z: f64| match activation {
                Activation::Linear => z,
                Activation::Relu => z.max(0.0),
                Activation::Tanh => scalar::tanh(z),
            };
            below = sums.into_iter().map(of).collect();
        }
        strengths
    }

    #[test]
    fn nets_without_weights_are_spread_as_nets_with_weights() {
        let (n, depth, nets) = (16, 8, 1500);
        for activation in [Activation::Linear, Activation::Relu, Activation::Tanh] {
            let c = activation.critical();
            let mut chance = Rng::new(1).stream("weights");
            let drawn: Vec<f64> =
                (0..nets).map(|_| scalar::ln(with_weights(activation, c, n, depth, &mut chance)[depth - 1])).collect();
            let last = |chance: &mut Stream| {
                let net = Net::draw(n, depth, chance);
                scalar::ln(net.forward(activation, c).last().expect("layers") * net.square(depth))
            };
            let short: Vec<f64> = (0..nets).map(|_| last(&mut chance)).collect();
            let spread = |logs: &[f64]| {
                let middle = mean(logs, |x| x);
                (middle, mean(logs, |x| (x - middle) * (x - middle)))
            };
            let ((a, va), (b, vb)) = (spread(&drawn), spread(&short));
            // Four standard errors of a difference.
            let few = 2.0 / f64::from(nets);
            assert!((a - b).abs() < 4.0 * (few * va).sqrt(), "{activation:?}: {a} {b}");
            assert!((va - vb).abs() < 4.0 * (2.0 * few).sqrt() * va, "{activation:?}: {va} {vb}");
        }
    }

    #[test]
    fn first_order_theory_holds_for_wide_tanh_nets() {
        let (n, depth, nets) = (64, 24, 1500);
        let layer = theory(Activation::Tanh, 1.0, depth)[depth - 1];
        let mut chance = Rng::new(2).stream("nets");
        let strengths: Vec<f64> = (0..nets)
            .map(|_| {
                let net = Net::draw(n, depth, &mut chance);
                net.forward(Activation::Tanh, 1.0).last().expect("layers") * net.square(depth) / layer.kernel
            })
            .collect();
        let middle = mean(&strengths, |q| q);
        let variance = mean(&strengths, |q| (q / middle - 1.0) * (q / middle - 1.0));
        let few = f64::from(nets);
        assert!((middle - layer.mean(n)).abs() < 3.0 * (variance / few).sqrt() + 0.02, "{middle} {layer:?}");
        assert!((variance / layer.variance(n) - 1.0).abs() < 0.2, "{variance} {layer:?}");
    }
}
