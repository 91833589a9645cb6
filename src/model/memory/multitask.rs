//! Patterns with blank entries: several of them fit into one state of the units at once.
//!
//! An entry of a pattern is 0 with probability d, the dilution, else +1 or -1 alike. K of them are stored by Hebb's rule
//! among N units that are +1 or -1. With the overlaps `m_μ = (1 / N) Σ_i x_i^μ s_i`
//!
//! - the energy is `E / N = -½ Σ_μ m_μ²`
//! - the field of a unit is `h_i = Σ_μ x_i^μ m_μ - s_i (1 / N) Σ_μ (x_i^μ)²`; the last term takes the unit itself out
//!
//! A unit is known by its column, its entries in all K patterns, of which there are `3^K`. Units of one column have one
//! field, so a sweep costs N draws and `3^K` fields, and theory for many units is a sum over columns ([`MeanField`]).
//!
//! Agliari, Barra, Galluzzi, Guerra and Moauro 2012, *Multitasking associative networks*.
use crate::math::{
    kernels::{gemv, gemv_transposed},
    mat::Mat,
    order::strongest,
    plane::Plane,
    rng::Stream,
    scalar,
};

/// The most patterns there can be.
pub const MOST: usize = 6;

/// A number for each pattern; those beyond the last pattern are 0.
pub type Overlaps = [f64; MOST];

/// The overlaps of the staircase: pattern 1 has all its units, each next one those that all before left blank,
/// `m_μ = (1 - d) d^(μ-1)`.
pub fn staircase(k: usize, dilution: f64) -> Overlaps {
    let mut left = 1.0 - dilution;
    let mut step = |mu| {
        let m = if mu < k { left } else { 0.0 };
        left *= dilution;
        m
    };
    std::array::from_fn(&mut step)
}

/// Up to which dilution the staircase is at rest without heat: pattern 1 must outvote all others together,
/// `1 - 2 d + d^K > 0`.
pub fn critical_dilution(k: usize) -> f64 {
    let holds = |d: f64| 1.0 - 2.0 * d + scalar::pow(d, k as f64) > 0.0;
    // At d = 1 the difference is 0 for every K; the root that is sought lies below it, and for K = 2 there is none.
    let (mut left, mut right) = (0.0, 0.999);
    if holds(right) {
        return 1.0;
    }
    for _ in 0..40 {
        let middle = 0.5 * (left + right);
        if holds(middle) { left = middle } else { right = middle }
    }
    left
}

/// `ρ = (1 - r²) / (M r²)`: how noisy M examples of quality r leave a pattern.
pub fn example_noise(quality: f64, examples: f64) -> f64 {
    (1.0 - quality * quality) / (examples * quality * quality)
}

/// What theory says of the overlap with one pattern learnt from examples, without heat: `(1 - d) erf √(1 / 2ρ)`.
pub fn learnt_overlap(dilution: f64, noise: f64) -> f64 {
    (1.0 - dilution) * if noise > 0.0 { scalar::erf((0.5 / noise).sqrt()) } else { 1.0 }
}

// --- theory ---------------------------------------------------------------------------------------------------------

/// The theory for infinitely many units: `m_μ = ⟨x_μ tanh(x·m / T)⟩` over the columns.
#[derive(Clone, Debug)]
pub struct MeanField {
    k: usize,
    /// One of each two opposite columns, with the probability of both; the blank one says nothing.
    columns: Vec<(Overlaps, f64)>,
}

impl MeanField {
    /// For K patterns, at most [`MOST`].
    pub fn new(k: usize, dilution: f64) -> Self {
        let column = |code: usize| {
            let entries: Overlaps = std::array::from_fn(|mu| if mu < k { entry(code, mu) } else { 0.0 });
            let first = entries.iter().find(|x| **x != 0.0);
            let factor = |x: f64| if x == 0.0 { dilution } else { 0.5 * (1.0 - dilution) };
            let probability = entries[..k].iter().fold(2.0, |product, x| product * factor(*x));
            (first == Some(&1.0)).then_some((entries, probability))
        };
        Self { k, columns: (0..columns(k)).filter_map(column).collect() }
    }

    /// One turn of the equations.
    pub fn turn(&self, m: &Overlaps, temperature: f64) -> Overlaps {
        let mut next = [0.0; MOST];
        for (entries, probability) in &self.columns {
            let held = probability * response(product(entries, m), temperature);
            next.iter_mut().zip(entries).for_each(|(m, x)| *m += held * x);
        }
        next
    }

    /// `½ Σ m² - T ⟨ln 2 cosh(x·m / T)⟩`, without the share of the blank column, which is the same for all m.
    pub fn free_energy(&self, m: &Overlaps, temperature: f64) -> f64 {
        let term = |h: f64| {
            let h = h.abs();
            if temperature > 0.0 { h + temperature * scalar::ln_1p(scalar::exp(-2.0 * h / temperature)) } else { h }
        };
        let held: f64 = self.columns.iter().map(|(entries, p)| p * term(product(entries, m))).sum();
        0.5 * product(m, m) - held
    }

    /// Where the equations lead from m: a solution that is a valley of the free energy.
    ///
    /// The equations are iterated; after a few turns Newton's method goes ahead wherever it leads lower.
    pub fn settle(&self, mut m: Overlaps, temperature: f64) -> Overlaps {
        for turn in 0..PATIENCE {
            let next = self.turn(&m, temperature);
            let gap: Overlaps = std::array::from_fn(|mu| next[mu] - m[mu]);
            if gap.iter().all(|gap| gap.abs() < 1e-7) {
                return next;
            }
            let newton = temperature > 0.0 && turn >= 5;
            let ahead = if newton { self.newton(&m, &gap, temperature) } else { None };
            m = ahead.unwrap_or(next);
        }
        m
    }

    /// `m + (1 - A + λ)⁻¹ gap`, with the curvature `A_μν = (1 / T) ⟨x_μ x_ν (1 - tanh²)⟩` and the least λ tried that makes
    /// the step one downhill; none where no such step leads lower.
    fn newton(&self, m: &Overlaps, gap: &Overlaps, temperature: f64) -> Option<Overlaps> {
        let mut hessian = [[0.0; MOST]; MOST];
        for (entries, probability) in &self.columns {
            let t = response(product(entries, m), temperature);
            let weight = probability * (1.0 - t * t) / temperature;
            if weight < 1e-12 {
                continue;
            }
            for (row, x) in hessian.iter_mut().zip(entries) {
                row.iter_mut().zip(entries).for_each(|(a, y)| *a -= weight * x * y);
            }
        }
        let here = self.free_energy(m, temperature);
        let mut lift = 1.0;
        for more in [0.02, 0.08, 0.4] {
            (0..MOST).for_each(|mu| hessian[mu][mu] += lift);
            lift = more;
            let Some(by) = solve(&hessian, gap) else { continue };
            let ahead: Overlaps = std::array::from_fn(|mu| m[mu] + by[mu]);
            if ahead.iter().all(|m| m.abs() <= 1.0) && self.free_energy(&ahead, temperature) < here {
                return Some(ahead);
            }
        }
        None
    }

    /// The state of least free energy of those that the staircase, equal overlaps and a single pattern lead to, its
    /// overlaps from the greatest to the least.
    pub fn equilibrium(k: usize, dilution: f64, temperature: f64) -> Overlaps {
        let theory = Self::new(k, dilution);
        if temperature >= 1.0 - dilution {
            return [0.0; MOST];
        }
        let steps = staircase(k, dilution);
        let m = theory.settle(steps, temperature);
        // A slope breaks the symmetry: equal overlaps stay only where they are a valley.
        let slope: Overlaps =
            std::array::from_fn(|mu| if mu < k { 0.4 * (1.0 - dilution) * (1.1 - 0.05 * mu as f64) } else { 0.0 });
        let level = theory.settle(slope, temperature);
        let lower = theory.free_energy(&level, temperature) < theory.free_energy(&m, temperature) - 1e-9;
        sorted(if lower { level } else { m })
    }

    /// How many patterns.
    pub fn patterns(&self) -> usize {
        self.k
    }
}

/// Turns of the equations after which a solution is taken as it is.
const PATIENCE: usize = 150;

/// From the greatest to the least, without signs.
pub fn sorted(m: Overlaps) -> Overlaps {
    let mut m = m.map(f64::abs);
    m.sort_by(|a, b| b.total_cmp(a));
    m
}

fn product(a: &Overlaps, b: &Overlaps) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The mean state of a unit in a field.
fn response(h: f64, temperature: f64) -> f64 {
    if temperature > 0.0 {
        return 1.0 - 2.0 / (scalar::exp(2.0 * h / temperature) + 1.0);
    }
    // Fields that cancel do so but for rounding.
    if h.abs() < 1e-9 { 0.0 } else { h.signum() }
}

/// `a⁻¹ b` by Cholesky's factors; none where a is not positive.
fn solve(a: &[[f64; MOST]; MOST], b: &Overlaps) -> Option<Overlaps> {
    let mut l = [[0.0; MOST]; MOST];
    for i in 0..MOST {
        for j in 0..=i {
            let rest = a[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            if i == j && rest < 1e-4 {
                return None;
            }
            l[i][j] = if i == j { rest.sqrt() } else { rest / l[j][j] };
        }
    }
    let mut x = *b;
    for i in 0..MOST {
        x[i] = (x[i] - (0..i).map(|k| l[i][k] * x[k]).sum::<f64>()) / l[i][i];
    }
    for i in (0..MOST).rev() {
        x[i] = (x[i] - (i + 1..MOST).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
    }
    Some(x)
}

// --- columns --------------------------------------------------------------------------------------------------------

fn columns(k: usize) -> usize {
    3_usize.pow(k as u32)
}

/// The entry of pattern mu in a column: the digits of its number to base 3 are blank, +1, -1.
fn entry(code: usize, mu: usize) -> f64 {
    match code / columns(mu) % 3 {
        0 => 0.0,
        1 => 1.0,
        _ => -1.0,
    }
}

/// K patterns of N units that can be diluted more and less: an entry that is blank at one dilution is so at any greater.
#[derive(Clone, Debug)]
pub struct Patterns {
    k: usize,
    /// For each unit and pattern the sign, and the dilution from which on the entry is blank.
    entries: Vec<(f32, f32)>,
}

impl Patterns {
    /// Blank entries from the stream, signs from `sign(unit, pattern, stream)`.
    pub fn new(n: usize, k: usize, stream: &mut Stream, sign: impl Fn(usize, usize, &mut Stream) -> f32) -> Self {
        let mut entries = Vec::with_capacity(n * k);
        for i in 0..n {
            for mu in 0..k {
                entries.push((sign(i, mu, stream), stream.uniform() as f32));
            }
        }
        Self { k, entries }
    }

    /// With random signs.
    pub fn random(n: usize, k: usize, stream: &mut Stream) -> Self {
        Self::new(n, k, stream, |_, _, stream| if stream.next_u32() >> 31 == 0 { 1.0 } else { -1.0 })
    }

    /// The column of each unit at a dilution.
    pub fn columns(&self, dilution: f64) -> Vec<u16> {
        let digit = |&(sign, blank): &(f32, f32)| {
            if f64::from(blank) < dilution {
                0
            } else if sign > 0.0 {
                1
            } else {
                2
            }
        };
        let code = |unit: &[(f32, f32)]| unit.iter().rev().fold(0, |code, entry| 3 * code + digit(entry));
        self.entries.chunks_exact(self.k).map(code).collect()
    }
}

// --- the network ----------------------------------------------------------------------------------------------------

/// Units under K diluted patterns.
#[derive(Clone, Debug)]
pub struct Network {
    k: usize,
    columns: std::rc::Rc<Vec<u16>>,
    state: Vec<i8>,
    /// `N m_μ`.
    sums: [i32; MOST],
}

impl Network {
    /// Units in a state, each +1 or -1, that belong to those columns.
    ///
    /// # Panics
    /// If there are not as many columns as units.
    pub fn new(k: usize, columns: Vec<u16>, state: Vec<i8>) -> Self {
        assert_eq!(columns.len(), state.len(), "a column for each unit");
        let mut network = Self { k, columns: std::rc::Rc::new(columns), state, sums: [0; MOST] };
        network.count();
        network
    }

    /// Units in a random state.
    pub fn random(k: usize, columns: Vec<u16>, stream: &mut Stream) -> Self {
        let state = columns.iter().map(|_| if stream.next_u32() >> 31 == 0 { 1 } else { -1 }).collect();
        Self::new(k, columns, state)
    }

    /// The state of the staircase: each unit follows the first pattern that is not blank there, and chance where all are.
    pub fn staircase(k: usize, columns: Vec<u16>, stream: &mut Stream) -> Self {
        let follow = |column: &u16| {
            let first = (0..k).map(|mu| entry((*column).into(), mu)).find(|x| *x != 0.0);
            first.map_or(if stream.next_u32() >> 31 == 0 { 1 } else { -1 }, |x| x as i8)
        };
        let state = columns.iter().map(follow).collect();
        Self::new(k, columns, state)
    }

    /// Puts other columns in place of these; the state stays.
    ///
    /// # Panics
    /// If there are not as many columns as units.
    pub fn put(&mut self, columns: Vec<u16>) {
        assert_eq!(columns.len(), self.state.len(), "a column for each unit");
        self.columns = std::rc::Rc::new(columns);
        self.count();
    }

    /// The state of each unit.
    pub fn state(&self) -> &[i8] {
        &self.state
    }

    /// The entry of a pattern at a unit.
    pub fn entry(&self, i: usize, mu: usize) -> f64 {
        entry(self.columns[i].into(), mu)
    }

    /// `m_μ`, with its sign.
    pub fn overlaps(&self) -> Overlaps {
        self.sums.map(|sum| f64::from(sum) / self.state.len() as f64)
    }

    /// Energy for each unit.
    pub fn energy(&self) -> f64 {
        let m = self.overlaps();
        -0.5 * product(&m, &m)
    }

    /// All units at once choose anew: +1 with probability `1 / (1 + exp(-2 h / T))`, without heat the sign of the field,
    /// and their old state where it is 0. Returns how many turned over.
    pub fn sweep(&mut self, temperature: f64, chance: &mut Stream) -> usize {
        // For each column and state, how many of 2^32 draws make the unit +1.
        let mut odds = Vec::with_capacity(2 * columns(self.k));
        for code in 0..columns(self.k) {
            let entries: Overlaps = std::array::from_fn(|mu| if mu < self.k { entry(code, mu) } else { 0.0 });
            let field = product(&entries, &self.sums.map(f64::from));
            let own = product(&entries, &entries);
            for s in [-1.0, 1.0] {
                // Whole numbers: N times the field.
                let h = field - s * own;
                let share = if temperature > 0.0 {
                    1.0 / (1.0 + scalar::exp(-2.0 * h / (temperature * self.state.len() as f64)))
                } else if h == 0.0 {
                    0.5 + 0.5 * s
                } else {
                    0.5 + 0.5 * h.signum()
                };
                odds.push((share * 4_294_967_296.0) as u64);
            }
        }
        let mut flips = 0;
        for (s, column) in self.state.iter_mut().zip(self.columns.iter()) {
            let odds = odds[2 * usize::from(*column) + usize::from(*s > 0)];
            let next = if u64::from(chance.next_u32()) < odds { 1 } else { -1 };
            flips += usize::from(next != *s);
            *s = next;
        }
        self.count();
        flips
    }

    /// Sweeps from heat down to a temperature, evenly.
    pub fn cool(&mut self, from: f64, to: f64, sweeps: u32, chance: &mut Stream) {
        for sweep in 0..sweeps {
            self.sweep(cooling(from, to, sweep, sweeps), chance);
        }
    }

    /// The plane through the two patterns that are strongest now, with the signs of their overlaps and blanks as 0, and the
    /// staircase over all patterns in that order; it gives their places too. Where all are blank the staircase is as the state.
    pub fn plane(&self) -> (EnergyPlane, [(f32, f32); 3]) {
        let m = self.overlaps();
        let order: Vec<usize> = strongest(&m.map(f64::abs)[..self.k]).collect();
        let signed = |i: usize, mu: usize| self.entry(i, mu) * if m[mu] < 0.0 { -1.0 } else { 1.0 };
        let units = 0..self.state.len();
        let pattern = |mu: usize| -> Vec<f32> { units.clone().map(|i| signed(i, mu) as f32).collect() };
        let follow = |i: usize| order.iter().map(|mu| signed(i, *mu)).find(|x| *x != 0.0);
        let staircase: Vec<f32> =
            units.clone().map(|i| follow(i).map_or(f32::from(self.state[i]), |x| x as f32)).collect();
        let corners = [pattern(order[0]), pattern(order[self.k.min(2) - 1]), staircase];
        let [a, b, c] = &corners;
        let plane = Plane::through(a, b, c, (self.state.len() as f64).sqrt());
        let mut found = vec![(0, 0); columns(self.k)];
        for (unit, column) in self.columns.iter().enumerate() {
            let (count, example) = &mut found[usize::from(*column)];
            (*count, *example) = (*count + 1, unit);
        }
        let share = |(code, (count, unit)): (usize, &(usize, usize))| {
            let share = *count as f64 / self.state.len() as f64;
            let brings: Overlaps = std::array::from_fn(|mu| if mu < self.k { share * entry(code, mu) } else { 0.0 });
            (brings, *unit)
        };
        let all = found.iter().enumerate().map(share);
        // A unit that is blank in all patterns brings nothing.
        let columns = all.filter(|(brings, _)| brings.iter().any(|x| *x != 0.0)).collect();
        let places = corners.map(|x| plane.place(&x));
        (EnergyPlane { columns, plane }, places)
    }

    fn count(&mut self) {
        let mut held = vec![0; columns(self.k)];
        self.state.iter().zip(self.columns.iter()).for_each(|(s, column)| held[usize::from(*column)] += i32::from(*s));
        self.sums = [0; MOST];
        for (code, held) in held.iter().enumerate() {
            (0..self.k).for_each(|mu| self.sums[mu] += entry(code, mu) as i32 * held);
        }
    }
}

/// The exact energy of real states on a plane, `-½ Σ_μ m_μ²` for each unit. A number beyond ±1, which no unit has, is cut there.
#[derive(Clone, Debug)]
pub struct EnergyPlane {
    plane: Plane,
    /// Of each column that units have: what they bring to all overlaps at +1, and one of them. On the plane they are alike.
    columns: Vec<(Overlaps, usize)>,
}

impl EnergyPlane {
    /// Where a state falls, from the top left of what is shown.
    pub fn place(&self, state: &[i8]) -> (f32, f32) {
        self.plane.place(&state.iter().map(|s| f32::from(*s)).collect::<Vec<f32>>())
    }

    /// At (x, y) in 0..=1 from the top left of what is shown.
    pub fn energy(&self, (x, y): (f64, f64)) -> f64 {
        let (u, v) = self.plane.at(x, y);
        let Plane { centre, across, up, .. } = &self.plane;
        let mut m: Overlaps = [0.0; MOST];
        for (brings, unit) in &self.columns {
            let number = f64::from(centre[*unit]) + u * f64::from(across[*unit]) + v * f64::from(up[*unit]);
            let number = number.clamp(-1.0, 1.0);
            m.iter_mut().zip(brings).for_each(|(m, share)| *m += share * number);
        }
        -0.5 * product(&m, &m)
    }
}

/// The temperature of a sweep on the way from one to another: even steps, the last sweep at the end.
pub fn cooling(from: f64, to: f64, sweep: u32, sweeps: u32) -> f64 {
    if sweep + 1 >= sweeps { to } else { from + (to - from) * f64::from(sweep + 1) / f64::from(sweeps) }
}

// --- learning from examples -----------------------------------------------------------------------------------------

/// M noisy examples of each of K patterns: an entry of an example is that of its pattern, turned over with probability
/// `(1 - r) / 2`. Blanks stay blank.
pub struct Examples {
    k: usize,
    /// (K M, N), those of a pattern after each other.
    all: Mat,
    /// (K, N): their means.
    means: Mat,
}

impl Examples {
    /// Examples of those patterns (K, N).
    pub fn of(patterns: &Mat, quality: f64, count: usize, stream: &mut Stream) -> Self {
        let (k, n) = (patterns.rows, patterns.cols);
        let mut all = Mat::zeros(k * count, n);
        let mut means = Mat::zeros(k, n);
        let kept = ((0.5 + 0.5 * quality) * 4_294_967_296.0) as u64;
        for row in 0..k * count {
            let mu = row / count;
            let mean = means.row_mut(mu);
            for ((eta, x), mean) in all.row_mut(row).iter_mut().zip(patterns.row(mu)).zip(mean) {
                *eta = if u64::from(stream.next_u32()) < kept { *x } else { -x };
                *mean += *eta;
            }
        }
        means.data.iter_mut().for_each(|mean| *mean /= count as f32);
        Self { k, all, means }
    }

    /// The state in which units at rest end that start in another, under the couplings of a teacher, who says which
    /// examples are of one pattern and so stores their mean, or of none, where each example is stored.
    pub fn recall(&self, teacher: bool, start: &[f32]) -> Vec<f32> {
        let memory = if teacher { &self.means } else { &self.all };
        // What a unit says to itself: the sum of squares of its column, the same for each example of a pattern.
        let weight = self.k as f32 / memory.rows as f32;
        let n = start.len();
        let mut own = vec![0.0; n];
        for row in 0..memory.rows {
            own.iter_mut().zip(memory.row(row)).for_each(|(own, x)| *own += weight * x * x);
        }
        let mut state = start.to_vec();
        let mut overlaps = vec![0.0; memory.rows];
        let mut fields = vec![0.0; n];
        for _ in 0..TRIES {
            gemv(memory.as_ref(), &state, &mut overlaps);
            gemv_transposed(memory.as_ref(), &overlaps, &mut fields);
            let mut flips = 0;
            for ((s, h), own) in state.iter_mut().zip(&fields).zip(&own) {
                // The sums are of whole numbers in thousands: what is left of a field of 0 is rounding.
                let agreement = weight * h * *s - own;
                if agreement < -1e-3 {
                    *s = -*s;
                    flips += 1;
                }
            }
            if flips == 0 {
                break;
            }
        }
        state
    }
}

/// The greatest of the overlaps of a state with patterns, without its sign: of the one that came back best.
pub fn best_overlap(patterns: &Mat, state: &[f32]) -> f64 {
    let mut sums = vec![0.0; patterns.rows];
    gemv(patterns.as_ref(), state, &mut sums);
    sums.iter().fold(0.0, |most, sum| f64::from(sum.abs()).max(most)) / state.len() as f64
}

/// Sweeps after which units that do not rest are taken as they are.
const TRIES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    // Figures without another source are from a prototype.

    fn near(m: &Overlaps, wanted: &[f64], tolerance: f64) -> bool {
        m.iter().zip(wanted).all(|(m, wanted)| (m - wanted).abs() <= tolerance)
    }

    #[test]
    fn the_staircase_breaks_where_the_first_pattern_is_outvoted() {
        assert!(near(&staircase(3, 0.4), &[0.6, 0.24, 0.096, 0.0], 1e-12));
        for (k, edge) in [(2, 1.0), (3, 0.618), (5, 0.519), (6, 0.509)] {
            assert!((critical_dilution(k) - edge).abs() < 1e-3, "{k}: {}", critical_dilution(k));
        }
        for k in 3..=MOST {
            let stays = |d: f64| near(&MeanField::new(k, d).turn(&staircase(k, d), 0.0), &staircase(k, d), 1e-9);
            assert!(stays(critical_dilution(k) - 0.01) && !stays(critical_dilution(k) + 0.01), "{k}");
        }
    }

    #[test]
    fn theory_is_that_of_the_iterated_equations() {
        for (dilution, wanted) in [
            (0.25, [0.750, 0.177, 0.0, 0.0, 0.0]),
            (0.5, [0.495, 0.244, 0.114, 0.002, 0.001]),
            (0.75, [0.155, 0.155, 0.155, 0.155, 0.155]),
        ] {
            let m = MeanField::equilibrium(5, dilution, 0.1);
            assert!(near(&m, &wanted, 0.003), "{dilution}: {m:?}");
        }
    }

    #[test]
    fn equilibria_solve_the_equations_and_lie_in_a_valley() {
        for k in 2..=MOST {
            for (dilution, temperature) in [(0.1, 0.3), (0.4, 0.1), (0.55, 0.1), (0.6, 0.05), (0.65, 0.1), (0.7, 0.2)] {
                let theory = MeanField::new(k, dilution);
                let m = MeanField::equilibrium(k, dilution, temperature);
                let again = theory.turn(&m, temperature);
                assert!(near(&again, &m, 1e-4), "{k} {dilution} {temperature}: {m:?} and {again:?}");
                for mu in 0..k {
                    for by in [-0.01, 0.01] {
                        let mut moved = m;
                        moved[mu] += by;
                        let rise = theory.free_energy(&moved, temperature) - theory.free_energy(&m, temperature);
                        assert!(rise > -1e-6, "{k} {dilution} {temperature}: {rise}");
                    }
                }
            }
            assert!(near(&MeanField::equilibrium(k, 0.7, 0.31), &[0.0; MOST], 0.0), "above 1 - d all melt");
            assert!(MeanField::equilibrium(k, 0.7, 0.27)[0] > 0.05, "below they do not");
        }
    }

    fn mean(runs: u32, run: impl Fn(&Rng) -> Overlaps) -> Overlaps {
        let mut sum = [0.0; MOST];
        for seed in 1..=runs {
            sum.iter_mut().zip(run(&Rng::new(seed))).for_each(|(sum, m)| *sum += m / f64::from(runs));
        }
        sum
    }

    #[test]
    fn at_rest_the_staircase_stays_below_its_edge_and_moves_beyond_it() {
        let end = |k, dilution, rng: &Rng| {
            let mut stream = rng.stream("units");
            let columns = Patterns::random(2000, k, &mut stream).columns(dilution);
            let mut network = Network::staircase(k, columns, &mut stream);
            network.cool(0.0, 0.0, 50, &mut stream);
            network.overlaps()
        };
        for (k, dilution) in [(3, 0.25), (3, 0.4), (5, 0.4), (2, 0.8)] {
            for seed in 1..=5 {
                let m = end(k, dilution, &Rng::new(seed));
                // Four deviations of the share of blanks among 2000 units, at most.
                let noise = 4.0 * (dilution * (1.0 - dilution) / 2000.0).sqrt();
                assert!((m[0] - (1.0 - dilution)).abs() < 0.03_f64.max(noise), "{k} {dilution}: {m:?}");
            }
        }
        let m = mean(20, |rng| end(5, 0.6, rng));
        assert!(m[0] < 0.36, "{m:?}, the staircase has 0.4");
    }

    #[test]
    fn cooled_from_heat_a_network_finds_the_staircase() {
        let m = mean(8, |rng| {
            let mut stream = rng.stream("units");
            let columns = Patterns::random(1500, 5, &mut stream).columns(0.3);
            let mut network = Network::random(5, columns, &mut stream);
            network.cool(0.77, 0.0, 150, &mut stream);
            sorted(network.overlaps())
        });
        assert!(near(&m, &[0.700, 0.210, 0.063, 0.019, 0.006], 0.03), "{m:?}");
    }

    #[test]
    fn a_little_warm_overlaps_are_those_of_theory_and_equal_where_blanks_are_many() {
        let warm = |dilution: f64| {
            mean(4, |rng| {
                let mut stream = rng.stream("units");
                let columns = Patterns::random(10_000, 5, &mut stream).columns(dilution);
                let mut network = Network::random(5, columns, &mut stream);
                network.cool(1.1 * (1.0 - dilution), 0.1, 100, &mut stream);
                let mut sum = [0.0; MOST];
                for _ in 0..300 {
                    network.sweep(0.1, &mut stream);
                    sum.iter_mut().zip(network.overlaps()).for_each(|(sum, m)| *sum += m / 300.0);
                }
                let m = sorted(sum);
                let ratio = m[0] / m[4];
                assert!(if dilution > 0.7 { ratio < 2.2 } else { ratio > 20.0 }, "{dilution}: {m:?}");
                m
            })
        };
        let mild = warm(0.25);
        assert!(near(&mild, &[0.75, 0.19, 0.01, 0.01, 0.01], 0.02), "{mild:?}");
        let strong = warm(0.75);
        let average = strong.iter().sum::<f64>() / 5.0;
        assert!((average / 0.155 - 1.0).abs() < 0.05, "{strong:?}");
    }

    #[test]
    fn learning_with_and_without_a_teacher_needs_as_many_examples() {
        let (n, k, dilution, quality) = (1000, 3, 0.25, 0.2);
        for (count, wanted) in [(25, 0.32), (50, 0.53), (100, 0.67), (200, 0.72), (400, 0.74)] {
            let [with, without, ..] = mean(12, |rng| {
                let mut stream = rng.stream("units");
                let network = Network::random(k, Patterns::random(n, k, &mut stream).columns(dilution), &mut stream);
                let entries = (0..k * n).map(|j| network.entry(j % n, j / n) as f32).collect();
                let patterns = Mat::new(entries, k, n);
                let states = network.state().iter().zip(patterns.row(0));
                let start: Vec<f32> = states.map(|(s, x)| if *x == 0.0 { f32::from(*s) } else { *x }).collect();
                let examples = Examples::of(&patterns, quality, count, &mut stream);
                let overlap = |teacher| best_overlap(&patterns, &examples.recall(teacher, &start));
                [overlap(true), overlap(false), 0.0, 0.0, 0.0, 0.0]
            });
            assert!((with - without).abs() < 0.08, "{count}: {with} and {without}");
            // Of one network of the prototype: at 25 and 50 examples networks differ by as much.
            assert!((with - wanted).abs() < 0.1 && (without - wanted).abs() < 0.1, "{count}: {with}, {without}");
            let theory = learnt_overlap(dilution, example_noise(quality, count as f64));
            assert!(with < theory + 0.01, "{count}: other patterns only disturb");
        }
        // The overlaps of theory and its threshold: m = 0.95 at a noise of 0.26, which is 92 examples.
        for (count, wanted) in [(25.0, 0.52), (50.0, 0.64), (100.0, 0.72), (200.0, 0.75), (400.0, 0.75)] {
            assert!((learnt_overlap(dilution, example_noise(quality, count)) - wanted).abs() < 0.006);
        }
        assert!((example_noise(quality, 92.0) - 0.26).abs() < 0.002);
        assert!((learnt_overlap(0.0, 0.26) - 0.95).abs() < 0.001);
    }

    #[test]
    fn more_dilution_only_adds_blanks_and_their_share_is_the_dilution() {
        let patterns = Patterns::random(5000, 4, &mut Rng::new(1).stream("blanks"));
        let (less, more) = (patterns.columns(0.3), patterns.columns(0.6));
        let (less, more) = (Network::new(4, less, vec![1; 5000]), Network::new(4, more, vec![1; 5000]));
        let mut blank = 0;
        for i in 0..5000 {
            for mu in 0..4 {
                let (now, was) = (more.entry(i, mu) as i32, less.entry(i, mu) as i32);
                assert!(now == 0 || now == was);
                blank += u32::from(more.entry(i, mu) == 0.0);
            }
        }
        assert!((f64::from(blank) / 20_000.0 - 0.6).abs() < 0.015);
    }

    #[test]
    fn on_the_plane_a_corner_has_the_energy_of_its_state_and_the_staircase_is_the_lowest() {
        let mut stream = Rng::new(3).stream("plane");
        let columns = Patterns::random(600, 4, &mut stream).columns(0.5);
        let mut network = Network::random(4, columns.clone(), &mut stream);
        network.cool(0.6, 0.0, 60, &mut stream);
        let (plane, places) = network.plane();
        let at = |(x, y): (f32, f32)| plane.energy((x.into(), y.into()));
        let order: Vec<usize> = strongest(&network.overlaps().map(f64::abs)).collect();
        // The strongest pattern alone, blanks at 0: its overlap with itself is the share of units that are not blank.
        let m: Overlaps = std::array::from_fn(|mu| {
            (0..600).map(|i| network.entry(i, mu) * network.entry(i, order[0])).sum::<f64>() / 600.0
        });
        assert!((at(places[0]) + 0.5 * product(&m, &m)).abs() < 1e-5, "{} and {m:?}", at(places[0]));
        assert!(at(places[2]) < at(places[0]) && at(places[2]) < at(places[1]), "{:?}", places.map(at));
        // The state at rest is hardly off the staircase.
        assert!((at(plane.place(network.state())) - network.energy()).abs() < 0.02);
    }
}
