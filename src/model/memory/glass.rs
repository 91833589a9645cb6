//! The hard glass behind dense memories: energies that are sums over groups of P units (Albanese, Alemanno, Alessandrelli
//! and Barra 2022, *Replica symmetry breaking in dense Hebbian neural networks*; Gardner 1985, *Spin glasses with p-spin
//! interactions*), exactly for few units, and by one step of replica symmetry breaking for infinitely many.
//!
//! `H(s) = -Σ_S J_S Π_{i in S} s_i` over all groups S of P of N units, scaled so that `⟨H²⟩ = N / 2`. A state is the bits
//! of a number x, a bit for each unit that is -1, and then `Π_{i in S} s_i = (-1)^|S & x|`: one Walsh-Hadamard transform
//! makes the energies of all `2^N` states from the couplings, and another one all overlaps from their weights.
use super::mean_field::{bisect, greatest};
use crate::math::{rng::Stream, scalar, special::odd_factorial};
use std::f64::consts::LN_2;

/// The Walsh-Hadamard transform in place: `y_x = Σ_S (-1)^|S & x| v_S`. Twice it is `2^N` times the same.
///
/// # Panics
/// If the length is no power of two.
pub fn walsh_hadamard(values: &mut [f64]) {
    assert!(values.len().is_power_of_two(), "walsh_hadamard: got {} values, wanted a power of two", values.len());
    let mut half = 1;
    while half < values.len() {
        for block in values.chunks_exact_mut(2 * half) {
            let (left, right) = block.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// `C(n, k)`, exact below 2⁵³; 0 where k is above n.
pub fn binomial(n: usize, k: usize) -> f64 {
    if k > n { 0.0 } else { (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64) }
}

/// Energies of all `2^N` states of N units whose groups of P have independent normal couplings: the hard glass.
pub fn hard_glass(n: usize, p: usize, stream: &mut Stream) -> Vec<f64> {
    let scale = (0.5 * n as f64 / binomial(n, p)).sqrt();
    let coupling = |group: usize| if group.count_ones() as usize == p { -scale * stream.normal() } else { 0.0 };
    let mut energies: Vec<f64> = (0..1 << n).map(coupling).collect();
    walsh_hadamard(&mut energies);
    energies
}

/// Energies of all `2^N` states of N units whose groups of P were coupled by Hebb's rule from K random patterns,
/// `J_S = A Σ_μ Π_{i in S} x_i^μ`.
pub fn hebbian(n: usize, p: usize, patterns: usize, stream: &mut Stream) -> Vec<f64> {
    // How often each state is a pattern: its transform is the sum over patterns, for all groups at once.
    let mut energies = vec![0.0; 1 << n];
    (0..patterns).for_each(|_| energies[(stream.next_u32() >> (32 - n)) as usize] += 1.0);
    walsh_hadamard(&mut energies);
    let scale = hebb_scale(n, p, patterns);
    for (group, coupling) in energies.iter_mut().enumerate() {
        *coupling = if group.count_ones() as usize == p { -scale * *coupling } else { 0.0 };
    }
    walsh_hadamard(&mut energies);
    energies
}

/// A of [`hebbian`].
fn hebb_scale(n: usize, p: usize, patterns: usize) -> f64 {
    (0.5 * n as f64 / (binomial(n, p) * patterns as f64)).sqrt()
}

/// `⟨H³⟩ / N` over all states.
pub fn third_cumulant(energies: &[f64], n: usize) -> f64 {
    energies.iter().map(|e| e * e * e).sum::<f64>() / (energies.len() as f64 * n as f64)
}

/// What [`third_cumulant`] is on average over [`hebbian`] couplings: only three groups that cover each of their units twice
/// count, and there are `N! / ((N - 3P/2)! (P/2)!³)` of those; none for an odd P. For P = 2 it tends to `-1 / √alpha` with
/// `K = alpha N`, for P = 4 it dies out as `-5.2 / (√alpha N)` with `K = alpha N³`.
pub fn hebbian_third_cumulant(n: usize, p: usize, patterns: f64) -> f64 {
    if p % 2 == 1 || 3 * p / 2 > n {
        return 0.0;
    }
    let half = p / 2;
    let triples = binomial(n, half) * binomial(n - half, half) * binomial(n - p, half);
    let variance = 0.5 * n as f64 / (binomial(n, p) * patterns);
    -patterns * variance * variance.sqrt() * triples / n as f64
}

/// What a glass is at one temperature.
#[derive(Clone, Debug, PartialEq)]
pub struct Thermal {
    /// Mean energy of a unit.
    pub energy: f64,
    /// Entropy of a unit, from 0 to ln 2.
    pub entropy: f64,
    /// The chance that two states, drawn each by its weight, differ in d units, for d from 0 to N: overlap `1 - 2d / N`.
    pub overlaps: Vec<f64>,
}

/// Exact sums over all states of N units.
#[derive(Clone, Debug)]
pub struct Ensemble {
    n: usize,
    /// (N + 1, N + 1): `Σ_{|x| = d} (-1)^|S & x| / 2^N` for distance d and a group of k units.
    shells: Vec<f64>,
}

impl Ensemble {
    /// For N units.
    pub fn new(n: usize) -> Self {
        let krawtchouk = |d: usize, k: usize| -> f64 {
            let term =
                |j: usize| if j.is_multiple_of(2) { 1.0 } else { -1.0 } * binomial(k, j) * binomial(n - k, d - j);
            (0..=d.min(k)).map(term).sum()
        };
        let states = (1_u64 << n) as f64;
        let shells = (0..=n).flat_map(|d| (0..=n).map(move |k| krawtchouk(d, k) / states)).collect();
        Self { n, shells }
    }

    /// Boltzmann's weights of all energies at a temperature above 0, and what follows. `room` is written over.
    ///
    /// # Panics
    /// If there are other than `2^N` energies.
    pub fn at(&self, energies: &[f64], temperature: f64, room: &mut Vec<f64>) -> Thermal {
        assert_eq!(energies.len(), 1 << self.n, "at: one energy a state");
        let least = energies.iter().copied().fold(f64::INFINITY, f64::min);
        room.clear();
        // Weights below e^-60 change no digit.
        room.extend(energies.iter().map(|e| {
            let x = (e - least) / temperature;
            if x > 60.0 { 0.0 } else { scalar::exp(-x) }
        }));
        let sum: f64 = room.iter().sum();
        let above = room.iter().zip(energies).map(|(w, e)| w * (e - least)).sum::<f64>() / sum;
        room.iter_mut().for_each(|w| *w /= sum);
        walsh_hadamard(room);
        let mut squares = vec![0.0; self.n + 1];
        room.iter().enumerate().for_each(|(group, w)| squares[group.count_ones() as usize] += w * w);
        let shell = |row: &[f64]| row.iter().zip(&squares).map(|(k, a)| k * a).sum::<f64>().max(0.0);
        Thermal {
            energy: (least + above) / self.n as f64,
            entropy: (scalar::ln(sum) + above / temperature) / self.n as f64,
            overlaps: self.shells.chunks_exact(self.n + 1).map(shell).collect(),
        }
    }
}

/// The law of the overlap of two states of n units that share nothing, each drawn by chance: `C(n, d) / 2ⁿ` for d units apart.
pub fn strangers(n: usize) -> Vec<f64> {
    let mut share = (0..n).fold(1.0, |share, _| 0.5 * share);
    let mut next = |d: usize| {
        let now = share;
        share *= (n - d) as f64 / (d + 1) as f64;
        now
    };
    (0..=n).map(&mut next).collect()
}

/// The share of pairs whose overlap lies between, in size.
pub fn mass_between(overlaps: &[f64], low: f64, high: f64) -> f64 {
    let n = overlaps.len() - 1;
    let size = |d: usize| (1.0 - 2.0 * d as f64 / n as f64).abs();
    overlaps.iter().enumerate().filter(|(d, _)| size(*d) > low && size(*d) < high).map(|(_, p)| p).sum()
}

/// One step of replica symmetry breaking for infinitely many units, states of different valleys being at right angles:
///
/// `-βf = β²/4 [1 - P q^(P-1) + (P-1)(1-m) q^P] + ln 2 + (1/m) ln ∫Dz cosh^m(c z)`, `c = β √(P q^(P-1) / 2)`,
///
/// at rest in q, the overlap within a valley, and in m, the chance of two states to lie in different ones.
///
/// It is not iterated. For given c and m the rest condition of q, `q = ⟨tanh²(c z)⟩` with weight `cosh^m(c z)`, is a plain
/// function, and β follows from c. So no search can fall onto the solution without a glass, q = 0, which is always near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneStep {
    /// The temperature.
    pub temperature: f64,
    /// The overlap within a valley.
    pub q: f64,
    /// The chance that two states lie in different valleys.
    pub m: f64,
    /// Energy of a unit.
    pub energy: f64,
    /// Entropy of a unit.
    pub entropy: f64,
}

/// Averages over z with weight `cosh^m(c z)`.
struct Tilted {
    /// `ln ∫Dz cosh^m(c z)`.
    log_sum: f64,
    /// `⟨ln cosh(c z)⟩`.
    log_cosh: f64,
    /// `⟨tanh²(c z)⟩`.
    q: f64,
}

impl Tilted {
    fn new(c: f64, m: f64) -> Self {
        // The step resolves tanh(c z). Weights have their greatest part near z = m c.
        let step = (0.5 / c).min(0.25);
        let peak = m * c;
        let half = ((peak + 8.0) / step) as usize;
        let (mut sum, mut log_cosh, mut q) = (0.0, 0.0, 0.0);
        for k in 0..=half {
            let z = k as f64 * step;
            let e = scalar::exp(-2.0 * c * z);
            let l = c * z + scalar::ln_1p(e) - LN_2;
            let t = (1.0 - e) / (1.0 + e);
            let once = if k == 0 { 0.5 } else { 1.0 };
            let weight = once * scalar::exp(m * l - 0.5 * z * z - 0.5 * peak * peak);
            sum += weight;
            log_cosh += weight * l;
            q += weight * t * t;
        }
        // Twice for negative z.
        let whole = 2.0 * sum * step / std::f64::consts::TAU.sqrt();
        Self { log_sum: scalar::ln(whole) + 0.5 * peak * peak, log_cosh: log_cosh / sum, q: q / sum }
    }

    /// The slope of `-βf` in m.
    fn slope(&self, p: f64, c: f64, m: f64) -> f64 {
        self.log_cosh / m - self.log_sum / (m * m) - 0.5 * c * c * (p - 1.0) * self.q / p
    }
}

fn power(x: f64, n: usize) -> f64 {
    (0..n).fold(1.0, |product, _| product * x)
}

impl OneStep {
    fn at(p: usize, c: f64, m: f64) -> Self {
        let Tilted { log_sum, q, .. } = Tilted::new(c, m);
        let (order, qp) = (p as f64, power(q, p - 1));
        let temperature = (0.5 * order * qp).sqrt() / c;
        let b = 1.0 / temperature;
        let bracket = 1.0 - order * qp + (order - 1.0) * (1.0 - m) * qp * q;
        let log_z = 0.25 * b * b * bracket + LN_2 + log_sum / m;
        let energy = -0.5 * b * (1.0 - (1.0 - m) * qp * q);
        Self { temperature, q, m, energy, entropy: log_z + b * energy }
    }

    /// The solution at a field strength c: m is where the slope is 0.
    fn of_field(p: usize, c: f64) -> Self {
        let falls = |m: f64| Tilted::new(c, m).slope(p as f64, c, m) < 0.0;
        Self::at(p, c, bisect(1e-3, 1.0, falls))
    }

    /// The solutions from [`static_temperature`] down, for fields of [`FIELDS`] kinds.
    pub fn branch(p: usize) -> Vec<Self> {
        let first = static_field(p);
        let field = |k: usize| first * scalar::exp(scalar::ln(30.0 / first) * k as f64 / (FIELDS - 1) as f64);
        (0..FIELDS).map(|k| Self::of_field(p, field(k))).collect()
    }
}

/// Points of [`OneStep::branch`].
pub const FIELDS: usize = 40;

/// The field strength at which one valley begins to hold a share of all states.
fn static_field(p: usize) -> f64 {
    if p == 2 {
        return 0.2;
    }
    bisect(0.2, 8.0, |c| Tilted::new(c, 1.0).slope(p as f64, c, 1.0) < 0.0)
}

/// `T_c`: below it a few valleys hold all weight. For P = 2 it is 1, where q grows from 0.
pub fn static_temperature(p: usize) -> f64 {
    if p == 2 { 1.0 } else { OneStep::at(p, static_field(p), 1.0).temperature }
}

/// `T_d`: below it there are valleys, too many for any of them to be found. For P = 2 it is 1 as well.
pub fn dynamic_temperature(p: usize) -> f64 {
    let temperature = |c: f64| OneStep::at(p, c, 1.0).temperature;
    if p == 2 { 1.0 } else { temperature(greatest(0.2, 8.0, temperature)) }
}

/// The entropy of a unit with replica symmetry: `ln 2 - 1 / (4 T²)` with q = 0, and for P = 2 below T = 1 that of
/// Sherrington and Kirkpatrick 1975 with `q = ∫Dz tanh²(√q z / T)`.
pub fn symmetric_entropy(p: usize, temperature: f64) -> f64 {
    let b = 1.0 / temperature;
    if p > 2 || temperature >= 1.0 {
        return LN_2 - 0.25 * b * b;
    }
    // Here m is 0, and T = √q / c falls with c.
    let order = |c: f64| Tilted::new(c, 0.0).q;
    let c = bisect(1e-3, 4.0 * b, |c| order(c).sqrt() / c > temperature);
    let Tilted { log_cosh, q, .. } = Tilted::new(c, 0.0);
    let log_z = 0.25 * b * b * (1.0 - q) * (1.0 - q) + LN_2 + log_cosh;
    log_z - 0.5 * b * b * (1.0 - q * q)
}

/// `γ(y) = erf(y)^(2(P-1)) / (2 y²)`: the noise at which a pattern is recalled with `m = erf(y)` at temperature 0, if other
/// patterns are a hard glass.
fn noise_at_rest(p: usize, y: f64) -> f64 {
    power(scalar::erf(y), 2 * (p - 1)) / (2.0 * y * y)
}

/// The greatest load alpha, for `K = alpha N^(P-1)` patterns, at which patterns are recalled at temperature 0, and the overlap
/// there. For P = 2 it leaves out what other patterns answer to the state, and so it is far too high.
pub fn critical_load(p: usize) -> (f64, f64) {
    let y = greatest(1e-3, 4.0, |y| noise_at_rest(p, y));
    (noise_at_rest(p, y) / odd_factorial(2 * p - 3), scalar::erf(y))
}

/// Overlaps of recall at temperature 0 against the load: points (alpha over the critical load, m) up to the jump.
pub fn recall_line(p: usize, points: usize) -> Vec<(f64, f64)> {
    let edge = greatest(1e-3, 4.0, |y| noise_at_rest(p, y));
    let most = noise_at_rest(p, edge);
    let y = |k: usize| edge + (3.5 - edge) * (1.0 - k as f64 / (points - 1) as f64);
    (0..points).map(|k| (noise_at_rest(p, y(k)) / most, scalar::erf(y(k)))).collect()
}

/// The overlap of recall at temperature 0 at a share of the critical load; 0 above it.
pub fn recall_at(p: usize, share: f64) -> f64 {
    let edge = greatest(1e-3, 4.0, |y| noise_at_rest(p, y));
    let wanted = share * noise_at_rest(p, edge);
    if share > 1.0 { 0.0 } else { scalar::erf(bisect(edge, 40.0, |y| noise_at_rest(p, y) > wanted)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_have_no_overlap_but_for_chance() {
        let shares = strangers(16);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let square: f64 =
            shares.iter().enumerate().map(|(d, p)| p * (1.0 - d as f64 / 8.0) * (1.0 - d as f64 / 8.0)).sum();
        assert!((square - 1.0 / 16.0).abs() < 1e-12, "the variance of an overlap is 1/n");
    }
    use crate::math::rng::Rng;

    fn near(got: f64, wanted: f64, tolerance: f64) {
        assert!((got - wanted).abs() <= tolerance, "got {got}, wanted {wanted} +- {tolerance}");
    }

    #[test]
    fn the_transform_makes_the_energies_and_overlaps_that_sums_over_states_make() {
        let n = 6;
        let mut stream = Rng::new(1).stream("glass");
        let energies = hard_glass(n, 3, &mut stream);
        let mut couplings = energies.clone();
        walsh_hadamard(&mut couplings);
        for (x, energy) in energies.iter().enumerate() {
            let term = |(group, j): (usize, &f64)| if (group & x).count_ones() % 2 == 0 { *j } else { -*j };
            near(couplings.iter().enumerate().map(term).sum::<f64>() / 64.0, *energy, 1e-12);
        }
        let temperature = 0.7;
        let exact = Ensemble::new(n).at(&energies, temperature, &mut Vec::new());
        let weights: Vec<f64> = energies.iter().map(|e| scalar::exp(-e / temperature)).collect();
        let z: f64 = weights.iter().sum();
        let mut overlaps = [0.0; 7];
        for (x, w) in weights.iter().enumerate() {
            for (y, v) in weights.iter().enumerate() {
                overlaps[(x ^ y).count_ones() as usize] += w * v / (z * z);
            }
        }
        exact.overlaps.iter().zip(overlaps).for_each(|(got, wanted)| near(*got, wanted, 1e-12));
        let mean = weights.iter().zip(&energies).map(|(w, e)| w * e).sum::<f64>() / z;
        near(exact.energy, mean / 6.0, 1e-12);
        near(exact.entropy, (scalar::ln(z) + mean / temperature) / 6.0, 1e-12);
    }

    #[test]
    fn hebbian_energies_are_those_of_the_patterns_overlaps() {
        // e_3 of N signs that sum to z is (z³ - (3N - 2) z) / 6.
        let (n, k) = (8, 5);
        let energies = hebbian(n, 3, k, &mut Rng::new(2).stream("patterns"));
        let mut stream = Rng::new(2).stream("patterns");
        let patterns: Vec<u32> = (0..k).map(|_| stream.next_u32() >> 24).collect();
        for (x, energy) in energies.iter().enumerate() {
            let votes = patterns.iter().map(|pattern| {
                let z = 8.0 - 2.0 * f64::from((pattern ^ x as u32).count_ones());
                (z * z * z - 22.0 * z) / 6.0
            });
            near(*energy, -hebb_scale(n, 3, k) * votes.sum::<f64>(), 1e-9);
        }
    }

    #[test]
    fn every_sample_has_a_whole_law_of_overlaps_and_no_negative_entropy() {
        let ensemble = Ensemble::new(12);
        let mut stream = Rng::new(3).stream("glass");
        for p in [2, 3, 4, 6] {
            let energies = hard_glass(12, p, &mut stream);
            for temperature in [0.05, 0.3, 1.0] {
                let exact = ensemble.at(&energies, temperature, &mut Vec::new());
                near(exact.overlaps.iter().sum(), 1.0, 1e-9);
                assert!(exact.entropy >= 0.0 && exact.entropy <= LN_2, "{p} {temperature}: {}", exact.entropy);
            }
        }
    }

    #[test]
    fn two_body_glasses_fill_the_middle_that_four_body_ones_leave_empty() {
        let (ensemble, mut stream, mut room) = (Ensemble::new(18), Rng::new(1).stream("glass"), Vec::new());
        let mut middle = |p: usize| {
            let mut one = || {
                let energies = hard_glass(18, p, &mut stream);
                mass_between(&ensemble.at(&energies, 0.4, &mut room).overlaps, 0.3, 0.7)
            };
            (0..24).map(|_| one()).sum::<f64>() / 24.0
        };
        let mass = [2, 3, 4].map(&mut middle);
        assert!(mass[0] / mass[2] > 3.0, "{mass:?}");
    }

    #[test]
    fn the_solver_finds_the_temperatures_of_the_literature() {
        for (p, dynamic, fixed) in [(3, 0.6816, 0.6514), (4, 0.6784, 0.6169), (6, 0.7275, 0.6033)] {
            near(dynamic_temperature(p), dynamic, 0.0005);
            near(static_temperature(p), fixed, 0.0005);
        }
    }

    #[test]
    fn below_it_the_solver_is_at_rest_and_has_an_entropy() {
        let branch = OneStep::branch(3);
        let at = |branch: &[OneStep], t: f64| {
            let pair = branch.windows(2).find(|pair| pair[1].temperature <= t).expect("it reaches down there");
            let (a, b) = (pair[0], pair[1]);
            let x = (a.temperature - t) / (a.temperature - b.temperature);
            [a.m + x * (b.m - a.m), a.q + x * (b.q - a.q), a.entropy + x * (b.entropy - a.entropy)]
        };
        let got = at(&branch, 0.5);
        near(got[0], 0.710, 0.003);
        near(got[1], 0.893, 0.003);
        near(got[2], 0.060, 0.001);
        near(symmetric_entropy(3, 0.5), -0.307, 0.001);
        for (p, ground) in [(3, -0.814), (4, -0.826), (6, -0.831)] {
            let branch = OneStep::branch(p);
            assert!(branch.windows(2).all(|pair| pair[1].temperature < pair[0].temperature));
            let last = branch[FIELDS - 1];
            near(last.energy, ground, 0.002);
        }
    }

    #[test]
    fn two_body_replica_symmetry_ends_at_minus_one_over_two_pi() {
        // It rises from there as T.
        near(2.0 * symmetric_entropy(2, 0.01) - symmetric_entropy(2, 0.02), -0.5 / std::f64::consts::PI, 0.001);
        near(symmetric_entropy(2, 0.999), symmetric_entropy(2, 1.001), 0.002);
    }

    #[test]
    fn third_cumulants_are_as_counted() {
        let n = 12;
        let mut stream = Rng::new(5).stream("patterns");
        for (p, k) in [(2, 12), (3, 144), (4, 1728)] {
            let drawn: Vec<f64> = (0..100).map(|_| third_cumulant(&hebbian(n, p, k, &mut stream), n)).collect();
            let mean = drawn.iter().sum::<f64>() / 100.0;
            let error = (drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 9900.0).sqrt();
            near(mean, hebbian_third_cumulant(n, p, k as f64), 3.0 * error + 1e-9);
        }
        near(hebbian_third_cumulant(18, 2, 18.0), -0.9147, 0.0001);
        near(hebbian_third_cumulant(18, 4, 5832.0), -0.194, 0.001);
        near(hebbian_third_cumulant(10_000, 2, 1e4), -1.0, 0.001);
        near(hebbian_third_cumulant(10_000, 4, 1e12) * 1e4, -5.196, 0.01);
    }

    #[test]
    fn critical_loads_are_those_of_the_ground_state() {
        let wanted = [(3, 0.0841, 0.8385), (4, 0.01319, 0.9179), (5, 0.001_645, 0.9472), (6, 0.000_167, 0.9620)];
        for (p, load, overlap) in wanted {
            let got = critical_load(p);
            near(got.0, load, 0.003 * load);
            near(got.1, overlap, 0.0005);
        }
        near(critical_load(2).0, 2.0 / std::f64::consts::PI, 0.001);
        for (share, m) in [(0.5, 0.995), (0.7, 0.977), (0.85, 0.948)] {
            near(recall_at(3, share), m, 0.001);
        }
        near(recall_line(3, 30)[29].0, 1.0, 1e-9);
    }
}
