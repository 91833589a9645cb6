//! Networks of units that are +1 or -1, with symmetric couplings (Hopfield 1982, *Neural networks and physical systems
//! with emergent collective computational abilities*).
//!
//! With couplings W, whose diagonal is empty, and a state s,
//!
//! - the field of a unit is `h_i = Σ_j W_ij s_j`
//! - the energy is `E(s) = -½ sᵀ W s`, and turning unit i over changes it by `2 s_i h_i`
//!
//! Fields are kept and mended at each flip, so asking a unit costs nothing but a comparison.
use super::rules::Couplings;
use crate::math::{
    kernels::{axpy, gemv},
    rng::Stream,
    scalar,
};

/// A state with its fields.
#[derive(Clone, Debug)]
pub struct Spins {
    state: Vec<f32>,
    /// `Σ_j weights_ij s_j`: the fields before [`Couplings::scale`].
    fields: Vec<f32>,
    order: Vec<u32>,
    /// Who of the order is asked next.
    next: usize,
}

impl Spins {
    /// A state (N), each +1 or -1, under couplings.
    ///
    /// # Panics
    /// If the state has another length than a row of the couplings.
    pub fn new(couplings: &Couplings, state: Vec<f32>) -> Self {
        let n = state.len();
        let mut spins = Self { state, fields: vec![0.0; n], order: (0..n as u32).collect(), next: 0 };
        spins.renew(couplings);
        spins
    }

    /// The state (N).
    pub fn state(&self) -> &[f32] {
        &self.state
    }

    /// Puts another state in place of this one.
    ///
    /// # Panics
    /// If it has another length.
    pub fn put(&mut self, couplings: &Couplings, state: &[f32]) {
        self.state.copy_from_slice(state);
        self.renew(couplings);
    }

    /// Computes the fields anew. Those of couplings that are whole numbers stay exact by themselves; of others each flip
    /// leaves a rounding.
    pub fn renew(&mut self, couplings: &Couplings) {
        gemv(couplings.weights.as_ref(), &self.state, &mut self.fields);
    }

    /// `h_i`.
    pub fn field(&self, couplings: &Couplings, i: usize) -> f64 {
        couplings.scale * f64::from(self.fields[i])
    }

    /// `E(s)`.
    pub fn energy(&self, couplings: &Couplings) -> f64 {
        let terms = self.state.iter().zip(&self.fields).map(|(s, h)| f64::from(*s) * f64::from(*h));
        -0.5 * couplings.scale * terms.sum::<f64>()
    }

    /// `m = (1 / N) Σ_i x_i s_i`, the overlap with a pattern.
    pub fn overlap(&self, pattern: &[f32]) -> f64 {
        let terms = self.state.iter().zip(pattern).map(|(s, x)| f64::from(*s) * f64::from(*x));
        terms.sum::<f64>() / self.state.len() as f64
    }

    /// Turns unit i over.
    pub fn flip(&mut self, couplings: &Couplings, i: usize) {
        self.state[i] = -self.state[i];
        axpy(2.0 * self.state[i], couplings.weights.row(i), &mut self.fields);
    }

    /// Whether no unit would leave its state: each agrees with its field, or has none.
    pub fn rests(&self) -> bool {
        self.state.iter().zip(&self.fields).all(|(s, h)| s * h >= 0.0)
    }

    /// One sweep at temperature 0: every unit once, in a random order, takes the sign of its field, and keeps its state
    /// where the field is 0. Returns how many turned over.
    pub fn sweep(&mut self, couplings: &Couplings, order: &mut Stream) -> usize {
        self.ask(couplings, self.state.len(), order)
    }

    /// A part of a sweep at temperature 0: the next `count` units of its order are asked.
    pub fn ask(&mut self, couplings: &Couplings, count: usize, order: &mut Stream) -> usize {
        self.each_in_turn(couplings, count, order, |agreement, _| agreement < 0.0)
    }

    /// One sweep of the heat bath at a temperature above 0: a unit is +1 with probability `1 / (1 + exp(-2 h_i / T))`.
    /// Returns how many turned over.
    pub fn sweep_heated(&mut self, couplings: &Couplings, temperature: f64, chance: &mut Stream) -> usize {
        self.ask_heated(couplings, temperature, self.state.len(), chance)
    }

    /// A part of a sweep of the heat bath: the next `count` units of its order are asked.
    pub fn ask_heated(&mut self, couplings: &Couplings, temperature: f64, count: usize, chance: &mut Stream) -> usize {
        let steepness = 2.0 * couplings.scale / temperature;
        self.each_in_turn(couplings, count, chance, |agreement, chance| {
            let x = steepness * f64::from(agreement);
            let drawn = f64::from(chance.next_u32()) / 4_294_967_296.0;
            // 1 / (1 + exp(x)) is less than 1 / (2 + x + x²/2 + x³/6): most draws are over that, and need no exp.
            let surely_less = x > 0.0 && drawn * (2.0 + x * (1.0 + x * (0.5 + x / 6.0))) >= 1.0;
            !surely_less && drawn * (1.0 + scalar::exp(x)) < 1.0
        })
    }

    /// Asks the next units of a random order whether they turn over, given how far each agrees with its field. Every unit
    /// has been asked once before there is a new order.
    fn each_in_turn(
        &mut self,
        couplings: &Couplings,
        count: usize,
        stream: &mut Stream,
        turns: impl Fn(f32, &mut Stream) -> bool,
    ) -> usize {
        let mut flips = 0;
        for _ in 0..count {
            if self.next == 0 {
                stream.shuffle(&mut self.order);
            }
            let i = self.order[self.next] as usize;
            self.next = (self.next + 1) % self.order.len();
            if turns(self.fields[i] * self.state[i], stream) {
                self.flip(couplings, i);
                flips += 1;
            }
        }
        flips
    }

    /// All units at once take the sign of their field. Returns how many turned over. Two states may take turns for ever.
    pub fn update_together(&mut self, couplings: &Couplings) -> usize {
        let mut flips = 0;
        for (s, h) in self.state.iter_mut().zip(&self.fields) {
            if *s * *h < 0.0 {
                *s = -*s;
                flips += 1;
            }
        }
        self.renew(couplings);
        flips
    }

    /// Sweeps at temperature 0 until no unit turns over, at most `most` times. Returns how many sweeps it took.
    pub fn settle(&mut self, couplings: &Couplings, order: &mut Stream, most: usize) -> usize {
        (1..=most).find(|_| self.sweep(couplings, order) == 0).unwrap_or(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::rules};

    #[test]
    fn fields_follow_the_flips_and_energy_falls_by_what_theory_says() {
        let mut stream = Rng::new(1).stream("patterns");
        let patterns = rules::random_patterns(7, 60, &mut stream);
        let couplings = rules::hebb(&patterns);
        let mut spins = Spins::new(&couplings, rules::random_patterns(1, 60, &mut stream).data);
        for i in [3, 59, 3, 17] {
            let expected = spins.energy(&couplings) + 2.0 * f64::from(spins.state()[i]) * spins.field(&couplings, i);
            spins.flip(&couplings, i);
            let fresh = Spins::new(&couplings, spins.state().to_vec());
            assert_eq!(spins.fields, fresh.fields);
            assert!((spins.energy(&couplings) - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn sweeps_at_rest_never_raise_the_energy_and_end_at_rest() {
        let mut stream = Rng::new(2).stream("patterns");
        let couplings = rules::storkey(&rules::random_patterns(20, 80, &mut stream));
        for _ in 0..20 {
            let mut spins = Spins::new(&couplings, rules::random_patterns(1, 80, &mut stream).data);
            let mut before = spins.energy(&couplings);
            while spins.sweep(&couplings, &mut stream) > 0 {
                assert!(spins.energy(&couplings) < before);
                before = spins.energy(&couplings);
            }
            assert!(spins.rests());
        }
    }

    /// Two units with one coupling w: the heat bath visits (s, s) with probability e^(w/T) / (e^(w/T) + e^(-w/T)).
    #[test]
    fn the_heat_bath_visits_states_as_boltzmann_says() {
        let patterns = crate::math::mat::Mat::new(vec![1.0, 1.0], 1, 2);
        let couplings = rules::hebb(&patterns); // w = ½
        let mut chance = Rng::new(3).stream("heat");
        for temperature in [0.1, 0.5, 2.0] {
            let mut spins = Spins::new(&couplings, vec![1.0, -1.0]);
            let sweeps = 20_000;
            let mut aligned = 0;
            for _ in 0..sweeps {
                spins.sweep_heated(&couplings, temperature, &mut chance);
                aligned += u32::from(spins.state()[0] * spins.state()[1] > 0.0);
            }
            let expected = 1.0 / (1.0 + scalar::exp(-2.0 * 0.5 / temperature));
            let share = f64::from(aligned) / f64::from(sweeps);
            let deviation = (expected * (1.0 - expected) / f64::from(sweeps)).sqrt();
            // Neighbouring sweeps are alike: three deviations of that many draws, twice.
            assert!((share - expected).abs() < 6.0 * deviation + 1e-3, "T {temperature}: {share} and {expected}");
        }
    }

    #[test]
    fn together_two_states_can_take_turns_for_ever() {
        let couplings = rules::hebb(&crate::math::mat::Mat::new(vec![1.0, 1.0], 1, 2));
        let mut spins = Spins::new(&couplings, vec![1.0, -1.0]);
        for _ in 0..3 {
            assert_eq!(spins.update_together(&couplings), 2);
        }
    }
}
