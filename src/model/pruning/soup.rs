//! Soups: nets whose weights are averaged (Wortsman et al. 2022, *Model soups: averaging weights of multiple fine-tuned models
//! improves accuracy without increasing inference time*). Nets under one mask keep it (Zimmer, Spiegel and Pokutta 2023, *Sparse
//! model soups: a recipe for improved pruning via model averaging*).
use crate::{
    math::kernels::{axpy, softmax_rows},
    model::learning::{
        loss::Loss,
        mlp::{Layer, Mlp},
        training::Examples,
    },
};

/// The mean of some nets, number by number, biases too.
///
/// # Panics
/// If they are not of one shape.
pub fn mean<N: AsRef<[f32]>>(nets: &[N]) -> Vec<f32> {
    let mut soup = vec![0.0; nets.first().map_or(0, |net| net.as_ref().len())];
    nets.iter().for_each(|net| axpy(1.0 / nets.len() as f32, net.as_ref(), &mut soup));
    soup
}

/// The share of all weights that are not 0. In a soup that is what any of its nets has.
pub fn density(net: &Mlp, numbers: &[f32]) -> f64 {
    let there = |layer: &Layer| numbers[layer.weights()].iter().filter(|w| **w != 0.0).count();
    let count: usize = net.layers().iter().map(there).sum();
    count as f64 / net.weights().max(1) as f64
}

/// The share of examples that some nets have right together, when their probabilities are averaged instead of their weights: each
/// of them is asked.
///
/// # Panics
/// If a net has not as many numbers as `net`, or the examples are not of its inputs and classes.
pub fn vote<N: AsRef<[f32]>>(net: &mut Mlp, nets: &[N], (inputs, labels): Examples) -> f64 {
    let classes = net.layers().last().map_or(0, |layer| layer.units);
    let mut sums = vec![0.0; labels.len() * classes];
    for numbers in nets {
        let shares = net.outputs(numbers.as_ref(), inputs);
        softmax_rows(1.0, shares, classes);
        axpy(1.0, shares, &mut sums);
    }
    Loss::Square.grade(&mut sums, labels, classes).right as f64 / labels.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::MatRef, rng::Rng},
        model::pruning::mask::Mask,
    };

    #[test]
    fn a_soup_keeps_a_mask_that_all_share_and_fills_one_that_they_do_not() {
        let net = Mlp::new(&[4, 3, 2]);
        let mut chance = Rng::new(1).stream("nets");
        let mut under = |mask: &Mask| {
            let mut numbers = net.draw(&mut chance);
            mask.cut(&mut numbers);
            numbers
        };
        let (mask, other) = (Mask::of(&net, [0, 5, 16]), Mask::of(&net, [1, 5, 17]));
        let (a, b, c) = (under(&mask), under(&mask), under(&other));
        assert!((density(&net, &mean(&[&a[..], &b])) - 3.0 / 18.0).abs() < 1e-12);
        assert!((density(&net, &mean(&[&a[..], &c])) - 5.0 / 18.0).abs() < 1e-12);
        assert!((mean(&[&a[..], &b])[5] - 0.5 * (a[5] + b[5])).abs() < 1e-7);
        assert_eq!(mean(&[&a[..]]), a);
    }

    #[test]
    fn a_sure_net_outvotes_two_that_hardly_know() {
        // Outputs are biases alone: for two classes.
        let mut net = Mlp::new(&[1, 2]);
        let (sure, unsure) = ([0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.1]);
        let examples = (MatRef::new(&[0.0, 0.0], 2, 1), &[0, 1][..]);
        assert!((vote(&mut net, &[sure, unsure, unsure], examples) - 0.5).abs() < 1e-12);
        let mut right = |nets: &[[f32; 4]]| vote(&mut net, nets, (MatRef::new(&[0.0], 1, 1), &[0]));
        assert!(right(&[sure, unsure, unsure]) > 0.5 && right(&[unsure, unsure]) < 0.5);
    }
}
