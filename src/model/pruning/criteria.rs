//! Several opinions on what a weight is worth, kept side by side: some are formed at the start, others follow the training.
use super::{ranking::Ranking, score, wanda};
use crate::{
    math::{mat::MatRef, rng::Stream},
    model::learning::{mlp::Mlp, training::Examples},
};
use std::rc::Rc;

/// `|w|`
pub const SIZE: usize = 0;
/// `|w| · ‖x‖`: the size, times that of what comes in (Sun, Liu, Bair and Kolter 2024), here compared in the whole net.
pub const INPUT: usize = 1;
/// `|w| - |w₀|`: how much the weight has grown (Zhou, Lan, Liu and Yosinski 2019, *Deconstructing lottery tickets: zeros, signs,
/// and the supermask*, where it is called magnitude increase).
pub const GROWTH: usize = 2;
/// `|w₀|`
pub const FIRST: usize = 3;
/// `|g w₀|` (SNIP).
pub const SNIP: usize = 4;
/// By lot.
pub const CHANCE: usize = 5;

/// How many there are.
pub const COUNT: usize = 6;

/// Scores of all weights by each of the criteria, and the orders that they make.
#[derive(Clone, Debug)]
pub struct Criteria {
    scores: [Rc<Vec<f32>>; COUNT],
    rankings: [Rc<Ranking>; COUNT],
}

impl Criteria {
    /// Of a net that begins at these numbers; `examples` are those that SNIP is given.
    pub fn new(net: &mut Mlp, numbers: &[f32], examples: Examples, chance: &mut Stream) -> Self {
        let mut criteria = Self { scores: Default::default(), rankings: Default::default() };
        criteria.put(net, CHANCE, score::random(net, chance));
        criteria.begin(net, numbers, examples);
        criteria
    }

    /// A training begins at these numbers.
    pub fn begin(&mut self, net: &mut Mlp, numbers: &[f32], examples: Examples) {
        self.put(net, FIRST, score::magnitude(numbers));
        let snip = score::snip(net, numbers, examples);
        self.put(net, SNIP, snip);
        self.follow(net, numbers, examples.0);
    }

    /// It has come to these numbers.
    pub fn follow(&mut self, net: &mut Mlp, numbers: &[f32], inputs: MatRef) {
        let sizes = score::magnitude(numbers);
        let growth = sizes.iter().zip(&*self.scores[FIRST]).map(|(now, first)| now - first).collect();
        self.put(net, GROWTH, growth);
        let by_input = by_input(net, numbers, inputs);
        self.put(net, INPUT, by_input);
        self.put(net, SIZE, sizes);
    }

    fn put(&mut self, net: &Mlp, criterion: usize, scores: Vec<f32>) {
        self.rankings[criterion] = Rc::new(Ranking::of(net, &scores));
        self.scores[criterion] = Rc::new(scores);
    }

    /// The order by one of them.
    pub fn ranking(&self, criterion: usize) -> &Ranking {
        &self.rankings[criterion]
    }

    /// Inputs of the net from those on whose weights are worth least in sum by one of them.
    pub fn worst_inputs(&self, net: &Mlp, criterion: usize) -> Vec<usize> {
        let Some(layer) = net.layers().first() else { return Vec::new() };
        let mut sums = vec![0.0_f64; layer.inputs];
        for row in self.scores[criterion][layer.weights()].chunks_exact(layer.inputs) {
            sums.iter_mut().zip(row).for_each(|(sum, score)| *sum += f64::from(*score));
        }
        let mut order: Vec<usize> = (0..layer.inputs).collect();
        order.sort_by(|a, b| sums[*a].total_cmp(&sums[*b]));
        order
    }
}

/// The size of each weight times the root mean square of its input.
fn by_input(net: &mut Mlp, numbers: &[f32], inputs: MatRef) -> Vec<f32> {
    net.outputs(numbers, inputs);
    let mut scores = vec![0.0; numbers.len()];
    for (i, layer) in net.layers().iter().enumerate() {
        let before = i.checked_sub(1).map_or(inputs.data, |before| net.left(before));
        let mut squares = vec![0.0_f64; layer.inputs];
        for row in before.chunks_exact(layer.inputs) {
            squares.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x) * f64::from(*x));
        }
        let sizes: Vec<f32> = squares.iter().map(|sum| (sum / inputs.rows.max(1) as f64).sqrt() as f32).collect();
        for unit in 0..layer.units {
            let row = layer.row(unit);
            scores[row.clone()].copy_from_slice(&wanda::scores(&numbers[row], &sizes));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::{
            learning::mlp::Layer,
            pruning::{
                mask::Mask,
                ranking::{Cut, Scope},
            },
        },
    };

    #[test]
    fn an_input_that_is_always_0_is_worth_nothing_and_growth_is_from_the_start() {
        let mut net = Mlp::new(&[4, 6, 3]);
        let mut chance = Rng::new(2).stream("net");
        let first = net.draw(&mut chance);
        let inputs: Vec<f32> = (0..48).map(|i| if i % 4 == 1 { 0.0 } else { chance.normal() as f32 }).collect();
        let labels: Vec<u16> = (0..12).map(|i| i % 3).collect();
        let inputs = MatRef::new(&inputs, 12, 4);
        let mut criteria = Criteria::new(&mut net, &first, (inputs, &labels), &mut chance);
        for criterion in [INPUT, SNIP] {
            assert_eq!(criteria.worst_inputs(&net, criterion)[0], 1, "{criterion}");
        }
        let mut now = first.clone();
        now[7] *= -3.0;
        criteria.follow(&mut net, &now, inputs);
        let full = Mask::full(&net);
        let best = |criterion| {
            let cut = Cut { left: 1.0 / 42.0, scope: Scope::Net, locked: None, among: &full };
            criteria.ranking(criterion).keep(&net, &cut).places(&net).collect::<Vec<_>>()
        };
        assert_eq!(best(GROWTH), [7]);
        let largest = |numbers: &[f32]| {
            let weights = net.layers().iter().flat_map(Layer::weights);
            weights.max_by(|a, b| numbers[*a].abs().total_cmp(&numbers[*b].abs())).unwrap()
        };
        assert_eq!((best(FIRST), best(SIZE)), (vec![largest(&first)], vec![largest(&now)]));
    }
}
