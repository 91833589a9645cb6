//! Dense associative memories: every stored pattern votes by a steep function of its overlap with the state (Krotov and
//! Hopfield 2016, *Dense associative memory for pattern recognition*; Demircigil et al. 2017, *On a model of associative
//! memory with huge storage capacity*).
//!
//! N units of ±1, K patterns `x^μ`, overlaps `z_μ = x^μ·s`, energy `E(s) = -Σ_μ F(z_μ)`. A unit takes the sign of
//! `Σ_μ [F(a_μ + x_i^μ) - F(a_μ - x_i^μ)]` with `a_μ = z_μ - x_i^μ s_i`, the energy it would save, and keeps its state
//! where that is 0. Overlaps are whole numbers, so the steps of F stand in a table.
use crate::math::{mat::Mat, rng::Stream, scalar, special::odd_factorial};

/// How a pattern's vote grows with its overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// `F(z) = z^n`. With n = 2 it is Hopfield's network; an odd n makes the negative of a pattern a hill.
    Power(u32),
    /// `F(z) = max(z, 0)^n`.
    Rectified(u32),
    /// `F(z) = exp(z)`.
    Exponential,
}

impl Interaction {
    /// `F(z)` for overlaps of N units, in units that keep it within f64: `(z / N)^n`, or `exp(z - N)`.
    pub fn vote(self, z: f64, n_units: usize) -> f64 {
        let power = |z: f64, n: u32| (0..n).fold(1.0, |product, _| product * z / n_units as f64);
        match self {
            Self::Power(n) => power(z, n),
            Self::Rectified(n) => power(z.max(0.0), n),
            Self::Exponential => scalar::exp(z - n_units as f64),
        }
    }

    /// The chance that a unit of a stored pattern leaves it at the first step, for K random patterns, where theory gives
    /// it: `½ erfc √(N^(n-1) / (2 K (2n-3)!!))` (Krotov and Hopfield 2016).
    pub fn one_step_error(self, n_units: usize, patterns: usize) -> Option<f64> {
        let room = self.room(n_units)?;
        Some(0.5 * scalar::erfc((room / (2.0 * patterns as f64)).sqrt()))
    }

    /// `N^(n-1) / (2n-3)!!`: the noise of K random patterns in a unit's field has K of it for the square of the signal. Half
    /// of the patterns say nothing where votes are rectified, so there the noise has half of it.
    fn room(self, n_units: usize) -> Option<f64> {
        let (n, share) = match self {
            Self::Power(n @ 2..) => (n, 1.0),
            Self::Rectified(n @ 2..) => (n, 2.0),
            _ => return None,
        };
        Some(share * (1..n).fold(1.0, |product, _| product * n_units as f64) / odd_factorial(2 * n as usize - 3))
    }

    /// How many random patterns theory grants N units, for large N: a power stores `N^(n-1) / (2 (2n-3)!! ln N)` without a
    /// single unit that leaves (Krotov and Hopfield 2016); the exponential vote takes `exp(N I(1 - 2 rho) / 2)` back in one
    /// step from a share rho of wrong units, at the least (Demircigil et al. 2017; [`rate`]).
    pub fn capacity(self, n_units: usize, wrong: f64) -> Option<f64> {
        let n = n_units as f64;
        match self {
            Self::Exponential => Some(scalar::exp(0.5 * n * rate(1.0 - 2.0 * wrong))),
            _ => Some(self.room(n_units)? / (2.0 * scalar::ln(n))),
        }
    }
}

/// Stored patterns and how they vote.
#[derive(Clone, Debug)]
pub struct Dense {
    interaction: Interaction,
    /// (N, K): what each pattern has at a unit.
    units: Vec<i8>,
    count: usize,
    /// `F(a + 1) - F(a - 1)` for `a` from -N to N.
    steps: Vec<f64>,
}

/// A state with its overlaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// (N), each +1 or -1.
    pub spins: Vec<i8>,
    /// `z_μ` (K).
    pub overlaps: Vec<i32>,
}

impl Dense {
    /// Stores the rows of a (K, N) matrix of +1 and -1.
    pub fn new(patterns: &Mat, interaction: Interaction) -> Self {
        let (count, n) = (patterns.rows, patterns.cols);
        let mut units = vec![0; n * count];
        for mu in 0..count {
            for (i, x) in patterns.row(mu).iter().enumerate() {
                units[i * count + mu] = if *x < 0.0 { -1 } else { 1 };
            }
        }
        let reach = n as i64;
        let vote = |z: i64| interaction.vote(z as f64, n);
        let steps = (-reach..=reach).map(|a| vote(a + 1) - vote(a - 1)).collect();
        Self { interaction, units, count, steps }
    }

    /// N.
    pub fn units(&self) -> usize {
        self.units.len() / self.count.max(1)
    }

    /// K.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Pattern μ.
    pub fn pattern(&self, mu: usize) -> Vec<i8> {
        self.units.chunks(self.count).map(|unit| unit[mu]).collect()
    }

    /// A state with its overlaps.
    pub fn state(&self, spins: Vec<i8>) -> State {
        let mut overlaps = vec![0; self.count];
        for (s, unit) in spins.iter().zip(self.units.chunks(self.count)) {
            overlaps.iter_mut().zip(unit).for_each(|(z, x)| *z += i32::from(s * x));
        }
        State { spins, overlaps }
    }

    /// `E(s)`, in the units of [`Interaction::vote`].
    pub fn energy(&self, state: &State) -> f64 {
        -state.overlaps.iter().map(|z| self.interaction.vote(f64::from(*z), self.units())).sum::<f64>()
    }

    /// The energy that unit i saves by being +1 instead of -1.
    pub fn field(&self, state: &State, i: usize) -> f64 {
        let s = i32::from(state.spins[i]);
        let zero = self.units() as i32;
        let unit = &self.units[i * self.count..][..self.count];
        let vote = |(x, z): (&i8, &i32)| {
            let x = i32::from(*x);
            f64::from(x) * self.steps[(z - x * s + zero) as usize]
        };
        // Four sums side by side: a single one waits for its last addition each time.
        let mut sums = [0.0; 4];
        let (fours, rest) = unit.as_chunks::<4>();
        let (z_fours, z_rest) = state.overlaps.as_chunks::<4>();
        for (x, z) in fours.iter().zip(z_fours) {
            sums.iter_mut().zip(x.iter().zip(z)).for_each(|(sum, pair)| *sum += vote(pair));
        }
        sums.iter().sum::<f64>() + rest.iter().zip(z_rest).map(vote).sum::<f64>()
    }

    /// Turns unit i over.
    pub fn flip(&self, state: &mut State, i: usize) {
        let s = -state.spins[i];
        state.spins[i] = s;
        let unit = &self.units[i * self.count..][..self.count];
        state.overlaps.iter_mut().zip(unit).for_each(|(z, x)| *z += i32::from(2 * s * x));
    }

    /// Every unit once, in a random order, takes the sign of its field. Returns how many turned over.
    pub fn sweep(&self, state: &mut State, stream: &mut Stream) -> usize {
        let mut order: Vec<usize> = (0..self.units()).collect();
        stream.shuffle(&mut order);
        let leaves = |i: &usize| {
            let turns = self.field(state, *i) * f64::from(state.spins[*i]) < 0.0;
            if turns {
                self.flip(state, *i);
            }
            turns
        };
        order.into_iter().filter(leaves).count()
    }

    /// All units at once take the sign of their field. Returns how many turned over.
    pub fn update_together(&self, state: &mut State) -> usize {
        let leaves = |i: &usize| self.field(state, *i) * f64::from(state.spins[*i]) < 0.0;
        let leaving: Vec<usize> = (0..self.units()).filter(leaves).collect();
        leaving.iter().for_each(|i| self.flip(state, *i));
        leaving.len()
    }

    /// Sweeps until no unit turns over, at most `most` times. Returns how many sweeps it took.
    pub fn settle(&self, state: &mut State, stream: &mut Stream, most: usize) -> usize {
        (1..=most).find(|_| self.sweep(state, stream) == 0).unwrap_or(most)
    }
}

/// `I(x) = ½ [(1 + x) ln(1 + x) + (1 - x) ln(1 - x)]`: the exponential memory takes `exp(alpha N)` patterns back in one step
/// from a share rho of wrong units for `alpha < I(1 - 2 rho) / 2` (Demircigil et al. 2017); nearest-pattern
/// decoding, which is what it does, ends at twice that exponent.
pub fn rate(x: f64) -> f64 {
    let term = |y: f64| if y > 0.0 { y * scalar::ln(y) } else { 0.0 };
    0.5 * (term(1.0 + x) + term(1.0 - x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::rules::random_patterns};

    /// The share of units of the first few stored patterns that leave them at the first step.
    fn one_step_error(interaction: Interaction, n: usize, k: usize) -> f64 {
        let mut stream = Rng::new(1).stream("patterns");
        let (networks, patterns) = (6, k.min(200));
        let mut wrong = 0;
        for _ in 0..networks {
            let memory = Dense::new(&random_patterns(k, n, &mut stream), interaction);
            let turned = |mu| memory.update_together(&mut memory.state(memory.pattern(mu)));
            wrong += (0..patterns).map(turned).sum::<usize>();
        }
        wrong as f64 / (networks * patterns * n) as f64
    }

    /// The share of cues with `flips` units turned over that come back (m above `least`), over ten networks.
    fn recalled(interaction: Interaction, n: usize, k: usize, flips: usize, steps: Option<usize>, least: f64) -> f64 {
        let mut stream = Rng::new(2).stream("patterns");
        let (networks, trials) = (10, 20);
        let mut back = 0;
        for _ in 0..networks {
            let memory = Dense::new(&random_patterns(k, n, &mut stream), interaction);
            for trial in 0..trials {
                let pattern = memory.pattern(trial % k);
                let mut state = memory.state(pattern.clone());
                stream.choose(flips, n).into_iter().for_each(|i| memory.flip(&mut state, i));
                match steps {
                    Some(steps) => (0..steps).for_each(|_| _ = memory.update_together(&mut state)),
                    None => _ = memory.settle(&mut state, &mut stream, 50),
                }
                back += usize::from(memory_overlap(&state.spins, &pattern) > least);
            }
        }
        back as f64 / f64::from(networks * trials as i32)
    }

    fn memory_overlap(a: &[i8], b: &[i8]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>() / a.len() as f64
    }

    #[test]
    fn one_step_errors_are_those_of_gaussian_crosstalk() {
        for (interaction, n, k) in [
            (Interaction::Power(3), 100, 502),
            (Interaction::Power(3), 100, 1004),
            (Interaction::Rectified(3), 100, 2008),
            (Interaction::Power(4), 40, 1286),
        ] {
            let expected = interaction.one_step_error(n, k).expect("theory gives it");
            let got = one_step_error(interaction, n, k);
            // With so few units crosstalk has longer tails than a normal one: a sixth more errors.
            assert!((got / expected - 1.0).abs() < 0.2, "{interaction:?} {k}: {got} and {expected}");
        }
        assert_eq!(Interaction::Exponential.one_step_error(100, 10), None);
    }

    /// 64 units, 6 of them turned over.
    #[test]
    fn each_order_holds_what_the_one_below_has_lost() {
        let recall = |interaction, k| recalled(interaction, 64, k, 6, None, 0.95);
        assert!(recall(Interaction::Power(2), 13) < 0.6);
        assert!(recall(Interaction::Power(3), 200) > 0.8);
        assert!(recall(Interaction::Power(3), 800) < 0.1);
        assert!(recall(Interaction::Power(4), 1000) > 0.95);
        assert!(recall(Interaction::Rectified(3), 400) > recall(Interaction::Power(3), 400) + 0.3);
    }

    #[test]
    fn the_exponential_memory_breaks_in_one_step_at_nearest_pattern_decoding() {
        // 40 units, a fifth of them turned over.
        let recall = |share: f64| {
            let k = scalar::exp(share * rate(0.6) * 40.0) as usize;
            recalled(Interaction::Exponential, 40, k, 8, Some(1), 0.999)
        };
        assert!(recall(0.5) >= 0.9);
        assert!(recall(0.9) > 0.5 && recall(1.1) < 0.5);
        assert!(recall(1.2) <= 0.15);
    }

    #[test]
    fn overlaps_and_energy_follow_the_flips_and_sweeps_run_downhill() {
        let mut stream = Rng::new(4).stream("patterns");
        for interaction in
            [Interaction::Power(2), Interaction::Rectified(3), Interaction::Power(4), Interaction::Exponential]
        {
            let memory = Dense::new(&random_patterns(30, 50, &mut stream), interaction);
            let random: Vec<i8> = random_patterns(1, 50, &mut stream).data.iter().map(|x| *x as i8).collect();
            let mut state = memory.state(random);
            let (before, saved) = (memory.energy(&state), memory.field(&state, 7));
            let was = f64::from(state.spins[7]);
            memory.flip(&mut state, 7);
            assert_eq!(state, memory.state(state.spins.clone()));
            let risen = memory.energy(&state) - before;
            assert!((risen - was * saved).abs() <= 1e-9 * before.abs(), "{interaction:?}: {risen} and {}", was * saved);
            let mut energy = memory.energy(&state);
            while memory.sweep(&mut state, &mut stream) > 0 {
                assert!(memory.energy(&state) <= energy);
                energy = memory.energy(&state);
            }
        }
    }
}
