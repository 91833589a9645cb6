//! The modern Hopfield network with continuous states (Ramsauer et al. 2021, *Hopfield Networks is All You Need*).
//!
//! N patterns `x_i` of d numbers are the rows of a matrix X. With the inverse temperature `beta`,
//!
//! - `lse(beta, z) = (1 / beta) ln Σ exp(beta z_i)`
//! - `E(ξ) = -lse(beta, X ξ) + ½ ξ·ξ + (1 / beta) ln N + ½ M²`, with M the length of the longest pattern (equation 2)
//! - `f(ξ) = Xᵀ softmax(beta X ξ)` (equation 3), a step that never raises E (theorem 1)
//!
//! The f32 half runs on the kernels; the f64 half, told by `64` in its names, is the measure for what is claimed.
use crate::math::{
    kernels::{Packed, Workspace, dot64, gemm_packed, gemv, gemv_transposed, softmax, softmax_rows},
    linalg,
    mat::Mat,
    order, scalar,
};

/// Stored patterns.
#[derive(Clone, Debug)]
pub struct Memory {
    /// (N, d), one pattern a row.
    pub patterns: Mat,
    /// M: the length of the longest pattern.
    pub longest: f64,
}

impl Memory {
    /// Stores the rows of a matrix.
    pub fn new(patterns: Mat) -> Self {
        let length = |i| dot64(patterns.row(i), patterns.row(i)).sqrt();
        let longest = (0..patterns.rows).map(length).fold(0.0, f64::max);
        Self { patterns, longest }
    }

    /// N.
    pub fn count(&self) -> usize {
        self.patterns.rows
    }

    /// `f(ξ) = Xᵀ softmax(beta X ξ)`: writes the weights (N) and the new state (d).
    pub fn update(&self, beta: f32, state: &[f32], weights: &mut [f32], out: &mut [f32]) {
        gemv(self.patterns.as_ref(), state, weights);
        softmax(beta, weights);
        gemv_transposed(self.patterns.as_ref(), weights, out);
    }

    /// `X ξ` (N).
    pub fn overlaps64(&self, state: &[f32]) -> Vec<f64> {
        (0..self.count()).map(|i| dot64(self.patterns.row(i), state)).collect()
    }

    /// `E(ξ)` from the overlaps `z = X ξ` and `square = ξ·ξ`.
    pub fn energy64(&self, beta: f64, z: &[f64], square: f64) -> f64 {
        -lse64(beta, z) + 0.5 * square + self.energy_constant(beta)
    }

    /// The part of E that is the same for every state: `(1 / beta) ln N + ½ M²`.
    pub fn energy_constant(&self, beta: f64) -> f64 {
        scalar::ln(self.count() as f64) / beta + 0.5 * self.longest * self.longest
    }

    /// `f(ξ)` in f64.
    pub fn update64(&self, beta: f64, state: &[f64]) -> Vec<f64> {
        let z: Vec<f64> = (0..self.count()).map(|i| mixed_dot(self.patterns.row(i), state)).collect();
        let mut out = vec![0.0; state.len()];
        for (i, p) in softmax64(beta, &z).into_iter().enumerate() {
            out.iter_mut().zip(self.patterns.row(i)).for_each(|(o, x)| *o += p * f64::from(*x));
        }
        out
    }

    /// `Δ_i = min over j ≠ i of (x_i·x_i - x_i·x_j)` (definition 2): how far pattern i stands from the others.
    /// Infinite for a single pattern.
    pub fn separation(&self, i: usize) -> f64 {
        let row = self.patterns.row(i);
        let own = dot64(row, row);
        let others = (0..self.count()).filter(|j| *j != i);
        others.map(|j| own - dot64(row, self.patterns.row(j))).fold(f64::INFINITY, f64::min)
    }

    /// The separation beyond which a pattern counts as well separated (appendix A.1.5):
    /// `2 / (beta N) + (1 / beta) ln(2 (N - 1) N beta M²)`.
    pub fn separation_needed(&self, beta: f64) -> f64 {
        let n = self.count() as f64;
        let inner = 2.0 * (n - 1.0) * n * beta * self.longest * self.longest;
        2.0 / (beta * n) + scalar::ln(inner.max(f64::MIN_POSITIVE)) / beta
    }

    /// The radius of the ball around a well separated pattern that f maps into itself (appendix A.1.5): `1 / (beta N M)`.
    pub fn ball(&self, beta: f64) -> f64 {
        1.0 / (beta * self.count() as f64 * self.longest)
    }

    /// Holds theorem 5 against pattern i: the retrieval error of one update from the rim of the ball, towards the
    /// nearest other pattern, and the bound `2 (N - 1) M exp(-beta (Δ_i - 2 M max(|ξ - x_i|, |x_i* - x_i|)))`.
    /// `None` where the pattern is not well separated or there is only one.
    pub fn retrieval_error(&self, beta: f64, i: usize) -> Option<(f64, f64)> {
        let separation = self.separation(i);
        if self.count() < 2 || separation < self.separation_needed(beta) {
            return None;
        }
        let pattern = wide(self.patterns.row(i));
        let overlap = |j: &usize| dot64(self.patterns.row(i), self.patterns.row(*j));
        let others = (0..self.count()).filter(|j| *j != i);
        let nearest = others.max_by(|a, b| overlap(a).total_cmp(&overlap(b)))?;
        let towards: Vec<f64> =
            self.patterns.row(nearest).iter().zip(&pattern).map(|(y, x)| f64::from(*y) - x).collect();
        let reach = self.ball(beta) / length64(&towards).max(f64::MIN_POSITIVE);
        let cue: Vec<f64> = pattern.iter().zip(&towards).map(|(x, t)| x + reach * t).collect();
        let mut fixed = pattern.clone();
        for _ in 0..50 {
            let next = self.update64(beta, &fixed);
            let moved = distance64(&next, &fixed);
            fixed = next;
            if moved < 1e-14 * self.longest {
                break;
            }
        }
        let away = distance64(&cue, &pattern).max(distance64(&fixed, &pattern));
        let exponent = -beta * (separation - 2.0 * self.longest * away);
        let bound = 2.0 * (self.count() as f64 - 1.0) * self.longest * scalar::exp(exponent);
        Some((distance64(&self.update64(beta, &cue), &pattern), bound))
    }

    /// The greatest share of its bound that the retrieval error reaches among the first `most` patterns, and how many of
    /// them the theorem speaks of.
    pub fn greatest_share_of_bound(&self, beta: f64, most: usize) -> (usize, f64) {
        let checked = (0..self.count()).take(most).filter_map(|i| self.retrieval_error(beta, i));
        // A bound below the rounding of f64 cannot be tested: there the error is nothing but rounding.
        let shares = checked.map(|(error, bound)| error / bound.max(1e-14 * self.longest));
        shares.fold((0, 0.0), |(count, greatest), share| (count + 1, share.max(greatest)))
    }

    /// How far one full update from a state misses pattern i, in units of M.
    pub fn one_update_error(&self, beta: f64, state: &[f32], i: usize) -> f64 {
        distance64(&self.update64(beta, &wide(state)), &wide(self.patterns.row(i))) / self.longest
    }

    /// The greatest difference between the update of a state and attention `softmax(beta Q Kᵀ) V` with the state as query
    /// and the patterns as keys and values (equation 10), computed by matrix products in f64.
    pub fn attention_gap(&self, beta: f64, state: &[f32]) -> f64 {
        let (n, d) = (self.count(), self.patterns.cols);
        let (query, values) = (wide(state), wide(&self.patterns.data));
        // With one query `Q Kᵀ` is `K Qᵀ` as a column, which leaves the keys where they lie.
        let attention = softmax64(beta, &linalg::matmul(n, d, 1, &values, &query));
        let answer = linalg::matmul(1, n, d, &attention, &values);
        let update = self.update64(beta, &query);
        answer.iter().zip(&update).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    /// All products `x_i·x_j` (N, N).
    pub fn gram(&self) -> Mat {
        let n = self.count();
        let mut gram = Mat::zeros(n, n);
        let packed = Packed::new(self.patterns.transposed());
        gemm_packed(self.patterns.view(), &packed, &mut gram.data, &mut Workspace::default());
        gram
    }
}

/// `beta_c = 1 / λ`, with λ the greatest eigenvalue of the covariance of the patterns: below it the average of all
/// patterns is a stable state (linearise f at uniform weights). From the Gram matrix (N, N), whose centred form divided
/// by N has the covariance's non-zero eigenvalues; by power iteration. `None` where all patterns are equal.
pub fn critical_beta(gram: &Mat) -> Option<f64> {
    let n = gram.rows;
    let mean: Vec<f64> = (0..n).map(|i| gram.row(i).iter().map(|g| f64::from(*g)).sum::<f64>() / n as f64).collect();
    let all = mean.iter().sum::<f64>() / n as f64;
    // A start that is not orthogonal to anything in particular, and the same everywhere.
    let mut vector: Vec<f64> = (0..n).map(|i| 1.0 + (i * 7919 % 101) as f64 / 101.0).collect();
    let mut value = 0.0;
    for _ in 0..200 {
        let sum: f64 = vector.iter().sum();
        let means: f64 = vector.iter().zip(&mean).map(|(v, m)| v * m).sum();
        let next: Vec<f64> =
            (0..n).map(|i| (mixed_dot(gram.row(i), &vector) - mean[i] * sum - means + all * sum) / n as f64).collect();
        let length = length64(&next);
        if length <= 1e-12 * all.abs().max(1e-12) {
            return None;
        }
        let before = value;
        value = length / length64(&vector);
        vector = next.iter().map(|x| x / length).collect();
        if (value - before).abs() < 1e-10 * value {
            break;
        }
    }
    Some(1.0 / value)
}

/// How many patterns share the state that is reached from pattern `start`: `exp` of the entropy of its weights.
/// The run happens among overlaps alone: if `ξ = Xᵀ p` then `X ξ = G p`.
pub fn shared_by(gram: &Mat, start: usize, beta: f32) -> f32 {
    let mut z = gram.row(start).to_vec();
    let mut weights = z.clone();
    let mut next = z.clone();
    for _ in 0..60 {
        weights.copy_from_slice(&z);
        softmax(beta, &mut weights);
        gemv(gram.as_ref(), &weights, &mut next);
        let moved = z.iter().zip(&next).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        std::mem::swap(&mut z, &mut next);
        if moved < 1e-6 {
            break;
        }
    }
    effective_number(&weights)
}

/// How far one state lies from another.
pub fn distance(a: &[f32], b: &[f32]) -> f64 {
    let square = |(x, y): (&f32, &f32)| (f64::from(*x) - f64::from(*y)) * (f64::from(*x) - f64::from(*y));
    a.iter().zip(b).map(square).sum::<f64>().sqrt()
}

/// The cosine of the angle between two states: 1 where they point alike, 0 where one of them is zero.
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let lengths = (dot64(a, a) * dot64(b, b)).sqrt();
    if lengths > 0.0 { dot64(a, b) / lengths } else { 0.0 }
}

/// `exp(-Σ p ln p)`: N for equal weights, 1 for a single one.
pub fn effective_number(weights: &[f32]) -> f32 {
    let entropy: f64 = weights.iter().filter(|p| **p > 0.0).map(|p| f64::from(-*p) * scalar::ln(f64::from(*p))).sum();
    scalar::exp(entropy) as f32
}

/// `(1 / beta) ln Σ exp(beta z_i)`.
pub fn lse64(beta: f64, z: &[f64]) -> f64 {
    let top = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + scalar::ln(z.iter().map(|z| scalar::exp(beta * (z - top))).sum()) / beta
}

/// `exp(beta z_i) / Σ exp(beta z_j)`.
pub fn softmax64(beta: f64, z: &[f64]) -> Vec<f64> {
    let top = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = z.iter().map(|z| scalar::exp(beta * (z - top))).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// Queries and what became of them.
pub struct Recall<T> {
    /// (q, d): the retrieved states.
    pub states: Vec<T>,
    /// For each query: the pattern with the greatest weight at the end, that weight, energy before and after.
    pub found: Vec<Found>,
}

/// What one query found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The index of the pattern with the greatest softmax weight in the retrieved state; ties go to the first.
    pub nearest: usize,
    /// That weight.
    pub weight: f64,
    /// `E` of the query and of the retrieved state.
    pub energy: (f64, f64),
}

/// Recalls many queries (q, d) at once with the f32 kernels, by `updates` steps of f.
pub fn recall(memory: &Memory, queries: &[f32], beta: f32, updates: usize) -> Recall<f32> {
    let (n, d) = (memory.count(), memory.patterns.cols);
    let q = queries.len() / d.max(1);
    let (keys, values) = (Packed::new(memory.patterns.transposed()), Packed::new(memory.patterns.view()));
    let mut workspace = Workspace::default();
    let mut states = Mat::new(queries.to_vec(), q, d);
    let mut weights = Mat::zeros(q, n);
    for _ in 0..updates {
        gemm_packed(states.view(), &keys, &mut weights.data, &mut workspace);
        softmax_rows(beta, &mut weights.data, n);
        gemm_packed(weights.view(), &values, &mut states.data, &mut workspace);
    }
    let look = |state: &[f32]| {
        let z = memory.overlaps64(state);
        (memory.energy64(beta.into(), &z, dot64(state, state)), z)
    };
    let found = (0..q).map(|i| found(beta.into(), look(&queries[i * d..(i + 1) * d]).0, look(states.row(i)))).collect();
    Recall { states: states.data, found }
}

/// The same in f64: patterns (n, d), queries (q, d).
pub fn recall64(patterns: &[f64], d: usize, queries: &[f64], beta: f64, updates: usize) -> Recall<f64> {
    let rows: Vec<&[f64]> = patterns.chunks_exact(d).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let longest = rows.iter().map(|row| dot(row, row)).fold(0.0, f64::max);
    let constant = scalar::ln(rows.len() as f64) / beta + 0.5 * longest;
    let look = |state: &[f64]| {
        let z: Vec<f64> = rows.iter().map(|row| dot(row, state)).collect();
        (-lse64(beta, &z) + 0.5 * dot(state, state) + constant, z)
    };
    let mut states = Vec::with_capacity(queries.len());
    let mut all = Vec::new();
    for query in queries.chunks_exact(d) {
        let mut state = query.to_vec();
        for _ in 0..updates {
            let weights = softmax64(beta, &look(&state).1);
            state.fill(0.0);
            for (row, p) in rows.iter().zip(weights) {
                state.iter_mut().zip(*row).for_each(|(s, x)| *s += p * x);
            }
        }
        all.push(found(beta, look(query).0, look(&state)));
        states.extend(state);
    }
    Recall { states, found: all }
}

fn found(beta: f64, before: f64, (after, z): (f64, Vec<f64>)) -> Found {
    let weights = softmax64(beta, &z);
    let nearest = order::strongest(&weights).next().unwrap_or(0);
    Found { nearest, weight: weights.get(nearest).copied().unwrap_or(0.0), energy: (before, after) }
}

/// The same numbers as f64.
fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|x| f64::from(*x)).collect()
}

fn mixed_dot(a: &[f32], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * b).sum()
}

fn length64(a: &[f64]) -> f64 {
    a.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn distance64(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    /// Patterns on a sphere of radius sqrt(d), as the seeds of the acceptance numbers have them.
    fn sphere(n: usize, d: usize, seed: u32) -> Memory {
        let mut stream = Rng::new(seed).stream("sphere");
        let mut patterns = Mat::zeros(n, d);
        for i in 0..n {
            let row: Vec<f64> = (0..d).map(|_| stream.normal()).collect();
            let scale = (d as f64).sqrt() / length64(&row);
            patterns.row_mut(i).iter_mut().zip(&row).for_each(|(p, x)| *p = (x * scale) as f32);
        }
        Memory::new(patterns)
    }

    #[test]
    fn the_retrieval_error_stays_under_the_bound_of_theorem_5() {
        for (n, d, beta) in [(200, 32, 1.0), (1000, 64, 1.0), (1000, 64, 0.5)] {
            let memory = sphere(n, d, 1);
            let checked: Vec<(f64, f64)> = (0..60).filter_map(|i| memory.retrieval_error(beta, i)).collect();
            assert!(checked.len() >= 30, "n {n} d {d} beta {beta}: {} of 60 are well separated", checked.len());
            assert!(checked.iter().all(|(error, bound)| error <= bound), "n {n} d {d} beta {beta}");
        }
    }

    #[test]
    fn one_update_retrieves_from_half_a_unit_of_noise_a_coordinate() {
        for (n, d, least) in [(100, 32, 1.0), (10_000, 32, 0.97), (1000, 64, 1.0), (100, 16, 0.75)] {
            let memory = sphere(n, d, 2);
            let mut noise = Rng::new(3).stream("noise");
            let (mut weights, mut out) = (vec![0.0; n], vec![0.0; d]);
            let trials = 40;
            let good = (0..trials).filter(|i| {
                let pattern = memory.patterns.row(*i);
                let cue: Vec<f32> = pattern.iter().map(|x| x + 0.5 * noise.normal() as f32).collect();
                memory.update(1.0, &cue, &mut weights, &mut out);
                let error: f32 = out.iter().zip(pattern).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
                error < 0.05 * (d as f32).sqrt()
            });
            let share = good.count() as f64 / trials as f64;
            assert!(share >= least, "n {n} d {d}: {share}");
        }
    }

    #[test]
    fn critical_beta_is_one_over_the_greatest_eigenvalue_of_the_covariance() {
        let memory = sphere(30, 8, 4);
        let gram = memory.gram();
        let n = gram.rows;
        let mean = |i: usize| gram.row(i).iter().map(|g| f64::from(*g)).sum::<f64>() / n as f64;
        let all = (0..n).map(mean).sum::<f64>() / n as f64;
        let mut centred = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                centred[i * n + j] = (f64::from(gram.row(i)[j]) - mean(i) - mean(j) + all) / n as f64;
            }
        }
        let known = 1.0 / linalg::symmetric_eigenvalues(n, &centred)[0];
        let ours = critical_beta(&gram).expect("the patterns differ");
        assert!((ours / known - 1.0).abs() < 1e-4, "{ours} and {known}");
        assert_eq!(critical_beta(&Memory::new(Mat::new(vec![1.0; 12], 3, 4)).gram()), None);
    }

    #[test]
    fn the_energy_lies_between_0_and_2_m_squared_and_never_rises() {
        let memory = sphere(50, 16, 5);
        let mut noise = Rng::new(6).stream("start");
        for beta in [0.05_f32, 0.3, 1.0, 4.0] {
            let mut state: Vec<f32> =
                memory.patterns.row(0).iter().map(|x| 0.5 * x + noise.normal() as f32 * 0.3).collect();
            let (mut weights, mut next) = (vec![0.0; 50], vec![0.0; 16]);
            let energy = |state: &[f32]| memory.energy64(beta.into(), &memory.overlaps64(state), dot64(state, state));
            let mut before = energy(&state);
            for _ in 0..30 {
                memory.update(beta, &state, &mut weights, &mut next);
                std::mem::swap(&mut state, &mut next);
                let now = energy(&state);
                assert!(now <= before + 1e-9 && now >= -1e-9 && now <= 2.0 * memory.longest * memory.longest);
                before = now;
            }
        }
    }

    #[test]
    fn batches_singles_and_f64_agree() {
        let memory = sphere(37, 24, 7);
        let mut stream = Rng::new(8).stream("queries");
        let queries: Vec<f32> = (0..5 * 24).map(|_| stream.normal() as f32).collect();
        let batch = recall(&memory, &queries, 0.7, 2);
        let exact = recall64(&wide(&memory.patterns.data), 24, &wide(&queries), f64::from(0.7_f32), 2);
        for (a, b) in batch.states.iter().zip(&exact.states) {
            assert!((f64::from(*a) - b).abs() < 1e-4, "{a} and {b}");
        }
        for (a, b) in batch.found.iter().zip(&exact.found) {
            assert_eq!(a.nearest, b.nearest);
            assert!((a.weight - b.weight).abs() < 1e-4 && (a.energy.1 - b.energy.1).abs() < 1e-4);
        }
    }
}
