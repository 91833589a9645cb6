//! Which neurons of a net that adds are waves, and what the net answers when some of them are cut, the noisiest or the purest
//! first (Doshi, Das, He and Gromov 2024, *To grok or not to grok: disentangling generalization and memorization on corrupted
//! algorithmic datasets*).
use super::{
    modular::Pair,
    pair_net::PairNet,
    waves::{self, Waves},
};
use crate::math::{
    kernels::Workspace,
    mat::{Mat, MatRef},
    order::strongest,
};

/// What the neurons of a net are made of.
#[derive(Clone, Debug)]
pub struct NeuronWaves {
    /// The share of each frequency in the power of each neuron: `(neuron, frequency)`.
    pub shares: Vec<f32>,
    /// How far each is one wave: `(2 IPR_E + IPR_W) / 3`, as the column of the table stands for both numbers.
    pub scores: Vec<f64>,
    /// Neurons, the lowest score first.
    pub order: Vec<usize>,
}

impl NeuronWaves {
    /// Those of a net with one table and without factors.
    ///
    /// # Panics
    /// If it has other matrices, or if there are not as many places in the ring as numbers.
    pub fn new(net: &PairNet, ring: &Waves) -> Self {
        let (p, width, count) = (net.shape().p, net.shape().hidden, ring.count());
        let (table, out) = net.weights.split_at(p * width);
        let mut outputs = Mat::zeros(p, width);
        for (j, row) in out.chunks_exact(p).enumerate() {
            row.iter().enumerate().for_each(|(q, w)| outputs.data[q * width + j] = *w);
        }
        let mut packing = Workspace::default();
        let [table, out] =
            [MatRef::new(table, p, width), outputs.as_ref()].map(|matrix| ring.powers(matrix, &mut packing));
        let sides = || table.chunks_exact(count).zip(out.chunks_exact(count));
        let score = |(table, out)| (2.0 * waves::participation(table) + waves::participation(out)) / 3.0;
        let scores: Vec<f64> = sides().map(score).collect();
        let share = |powers: &[f32], k: usize| powers[k] / powers.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let shares = sides()
            .flat_map(|(table, out)| (0..count).map(move |k| (2.0 * share(table, k) + share(out, k)) / 3.0))
            .collect();
        let falling: Vec<f64> = scores.iter().map(|score| -score).collect();
        Self { shares, order: strongest(&falling).collect(), scores }
    }
}

/// The outputs for some questions at several cuts: `see` is told how many neurons are gone, and the outputs of the others, a
/// row for each question. The first ones of `order` go first. `cuts` rise, and so the neurons come back one group after the other.
///
/// # Panics
/// If a cut is greater than the number of neurons.
pub fn at_each_cut(
    net: &PairNet,
    questions: &[Pair],
    order: &[usize],
    cuts: &[usize],
    mut see: impl FnMut(usize, &[f32]),
) {
    let mut outputs = vec![0.0; questions.len() * net.shape().p];
    let mut of_group = outputs.clone();
    let mut end = order.len();
    for cut in cuts.iter().rev() {
        if *cut < end {
            net.part(&order[*cut..end]).answer(questions, &mut of_group);
            outputs.iter_mut().zip(&of_group).for_each(|(sum, z)| *sum += z);
            end = *cut;
        }
        see(*cut, &outputs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{rng::Rng, scalar},
        model::learning::{
            modular::{Operation, Task},
            pair_net::{Activation, Shape},
        },
    };
    use std::f64::consts::TAU;

    const P: usize = 31;
    const WIDTH: usize = 12;

    fn net() -> PairNet {
        let shape = Shape { p: P, hidden: WIDTH, activation: Activation::Square, tables: 1, rank: None };
        PairNet::new(shape, 1.0, &mut Rng::new(1).stream("weights"))
    }

    #[test]
    fn a_neuron_of_waves_scores_one_and_one_side_of_it_counts_two_thirds() {
        let mut net = net();
        for x in 0..P {
            let wave = scalar::cos(TAU * (5 * x % P) as f64 / P as f64 + 0.3) as f32;
            net.weights[x * WIDTH + 7] = wave;
            net.weights[x * WIDTH + 2] = wave;
            net.weights[P * WIDTH + 7 * P + x] = wave;
        }
        let found = NeuronWaves::new(&net, &Waves::new(P));
        assert!((found.scores[7] - 1.0).abs() < 1e-5, "{:?}", found.scores);
        let noise = 3.0 * found.scores[2] - 2.0;
        assert!((1.0 / 15.0..0.4).contains(&noise), "{noise}");
        assert_eq!(found.order[WIDTH - 2..], [2, 7]);
        assert!(found.order.windows(2).all(|two| found.scores[two[0]] <= found.scores[two[1]]));
        let shares: Vec<&[f32]> = found.shares.chunks(P / 2).collect();
        assert!(shares.iter().all(|shares| (shares.iter().sum::<f32>() - 1.0).abs() < 1e-5));
        assert!(shares[7][4] > 0.999 && shares[2][4] > 0.66, "{} {}", shares[7][4], shares[2][4]);
    }

    #[test]
    fn outputs_at_a_cut_are_those_of_the_net_that_is_left() {
        let net = net();
        let task = Task::new(Operation::Add, P, 0.5, &mut Rng::new(3).stream("split"));
        let order: Vec<usize> = Rng::new(4).stream("order").choose(WIDTH, WIDTH);
        let mut seen = Vec::new();
        at_each_cut(&net, &task.train, &order, &[0, 5, 5, WIDTH], |cut, outputs| {
            let mut expected = vec![0.0; outputs.len()];
            if cut < WIDTH {
                net.part(&order[cut..]).answer(&task.train, &mut expected);
            }
            let far = outputs.iter().zip(&expected).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
            assert!(far < 1e-6, "{cut}: {far}");
            seen.push(cut);
        });
        assert_eq!(seen, [WIDTH, 5, 5, 0]);
    }
}
