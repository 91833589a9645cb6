//! A net that adds and was never trained: its weights are waves that were written down (Gromov 2023, *Grokking modular
//! arithmetic*).
use super::waves::greatest;
use crate::math::{
    kernels::{Workspace, dot, gemm},
    mat::{Mat, MatRef},
    rng::Stream,
    scalar,
};
use std::f64::consts::TAU;

/// A net with squares in its one hidden layer. Neuron k has one frequency s and two phases: `U_ka = cos(w a + φ)`,
/// `V_kb = cos(w b + ψ)` and `W_kq = cos(w q + φ + ψ)`, for `w = 2 π s / p`.
#[derive(Clone, Debug)]
pub struct Written {
    /// The frequency of each neuron, from 1.
    pub frequencies: Vec<usize>,
    /// Its weights from the first number: a row for each neuron.
    pub rows: Mat,
    /// The answers to all `p * p` pairs.
    pub answers: Vec<u16>,
}

impl Written {
    /// So many neurons for the numbers below `p`. The first neurons are the same however many there are.
    pub fn new(p: usize, neurons: usize, chance: &mut Stream) -> Self {
        Self::with_sign(p, neurons, 1.0, chance)
    }

    /// The same with `sign (φ + ψ)` in W.
    fn with_sign(p: usize, neurons: usize, sign: f64, chance: &mut Stream) -> Self {
        let mut frequencies = Vec::with_capacity(neurons);
        let mut rows = [Mat::zeros(neurons, p), Mat::zeros(neurons, p), Mat::zeros(neurons, p)];
        for k in 0..neurons {
            let frequency = 1 + chance.below((p - 1) / 2);
            frequencies.push(frequency);
            let (first, second) = (TAU * chance.uniform(), TAU * chance.uniform());
            for (rows, phase) in rows.iter_mut().zip([first, second, sign * (first + second)]) {
                for (x, out) in rows.row_mut(k).iter_mut().enumerate() {
                    *out = scalar::cos(TAU * (frequency * x % p) as f64 / p as f64 + phase) as f32;
                }
            }
        }
        let [u, v, w] = rows;
        let (mut hidden, mut outputs, mut packing) = (vec![0.0; neurons * p], vec![0.0; p * p], Workspace::default());
        let mut answers = Vec::with_capacity(p * p);
        for a in 0..p {
            for ((hidden, v), k) in hidden.chunks_exact_mut(p).zip(v.data.chunks_exact(p)).zip(0..) {
                let first = u.row(k)[a];
                hidden.iter_mut().zip(v).for_each(|(out, second)| *out = (first + second) * (first + second));
            }
            gemm(MatRef::new(&hidden, neurons, p).transposed(), w.view(), &mut outputs, &mut packing);
            answers.extend(outputs.chunks_exact(p).map(|row| greatest(row) as u16));
        }
        Self { frequencies, rows: u, answers }
    }

    /// Of the neurons of a frequency the row that is most like this one, if there is any.
    pub fn most_like(&self, row: &[f32], frequency: usize) -> Option<&[f32]> {
        let of = (0..self.frequencies.len()).filter(|k| self.frequencies[*k] == frequency);
        of.map(|k| self.rows.row(k)).max_by(|a, b| dot(a, row).total_cmp(&dot(b, row)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    fn right(p: usize, neurons: usize, sign: f64, seed: u32) -> f64 {
        let net = Written::with_sign(p, neurons, sign, &mut Rng::new(seed).stream("by hand"));
        let right = net.answers.iter().enumerate().filter(|(i, q)| (i / p + i % p) % p == usize::from(**q));
        right.count() as f64 / (p * p) as f64
    }

    #[test]
    fn a_net_made_by_hand_adds_and_with_the_wrong_sign_it_guesses() {
        for seed in 1..=3 {
            // p = 31: 28 to 44 % with 16 neurons, 69 to 88 % with 32, all with 96 and more, over some seeds.
            assert!((0.15..0.6).contains(&right(31, 16, 1.0, seed)), "{}", right(31, 16, 1.0, seed));
            assert!((0.55..0.97).contains(&right(31, 32, 1.0, seed)), "{}", right(31, 32, 1.0, seed));
            assert!(right(31, 6 * 31, 1.0, seed) >= 1.0 && right(59, 6 * 59, 1.0, seed) >= 1.0);
            let wrong = right(31, 6 * 31, -1.0, seed);
            assert!(wrong < 0.1, "{wrong}");
        }
    }

    #[test]
    fn a_row_is_found_again_among_those_of_its_frequency() {
        let net = Written::new(31, 90, &mut Rng::new(1).stream("by hand"));
        for k in 0..90 {
            let found = net.most_like(net.rows.row(k), net.frequencies[k]).unwrap();
            assert!(dot(found, net.rows.row(k)) >= dot(net.rows.row(k), net.rows.row(k)) - 1e-4, "{k}");
        }
        assert!(net.most_like(net.rows.row(0), 16).is_none());
    }
}
