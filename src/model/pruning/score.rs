//! What a weight is worth: the larger, the sooner it stays. All scores are of a net in its list of numbers; those of biases say
//! nothing.
use super::{mask::Mask, select};
use crate::{
    math::{kernels::dot64, rng::Stream, scalar},
    model::learning::{loss::Loss, mlp::Mlp, training::Examples},
};

/// `|w|`
pub fn magnitude(numbers: &[f32]) -> Vec<f32> {
    numbers.iter().map(|w| w.abs()).collect()
}

/// So many of the sizes of all weights in their order, from small to large, as far from one another in it.
pub fn sizes(net: &Mlp, numbers: &[f32], count: usize) -> Vec<f32> {
    let mut sizes: Vec<f32> =
        net.layers().iter().flat_map(|layer| &numbers[layer.weights()]).map(|w| w.abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    (1..=count).map(|i| sizes[i * sizes.len() / (count + 1)]).collect()
}

/// Such sizes by the share of weights that are smaller, for a chart whose least size is `least`.
pub fn by_share(sizes: Vec<f32>, least: f64) -> impl Iterator<Item = [f32; 2]> {
    let all = (sizes.len() + 1) as f32;
    sizes.into_iter().enumerate().map(move |(i, size)| [(i + 1) as f32 / all, size.max(least as f32)])
}

/// Nothing but chance, from 0 to 1.
pub fn random(net: &Mlp, chance: &mut Stream) -> Vec<f32> {
    (0..net.numbers()).map(|_| chance.uniform() as f32).collect()
}

/// `|g w|`: how much the loss changes when the weight goes, to first order (Lee, Ajanthan and Torr 2019, *SNIP: single-shot
/// network pruning based on connection sensitivity*).
pub fn snip(net: &mut Mlp, numbers: &[f32], examples: Examples) -> Vec<f32> {
    let mut gradient = vec![0.0; numbers.len()];
    net.learn(numbers, examples.0, examples.1, Loss::CrossEntropy, &mut gradient);
    numbers.iter().zip(&gradient).map(|(w, g)| (w * g).abs()).collect()
}

/// How much the outputs are divided by before the loss, for [`grasp`].
const TEMPERATURE: f32 = 200.0;

/// `w (H g)`, where H is the curvature of the loss: weights stay whose going would weaken the gradient most (Wang, Zhang and
/// Grosse 2020, *Picking winning tickets before training by preserving gradient flow*). There the score is `-w (H g)`, and the
/// greatest go. `H g` is a difference of two gradients, and outputs are divided by 200 first.
pub fn grasp(net: &mut Mlp, numbers: &[f32], examples: Examples) -> Vec<f32> {
    let gradient = |net: &mut Mlp, numbers: &[f32]| {
        let classes = net.layers().last().map_or(0, |layer| layer.units);
        let outputs = net.outputs(numbers, examples.0);
        outputs.iter_mut().for_each(|z| *z /= TEMPERATURE);
        Loss::CrossEntropy.grade(outputs, examples.1, classes);
        outputs.iter_mut().for_each(|error| *error /= TEMPERATURE);
        let mut gradient = vec![0.0; numbers.len()];
        net.backward(numbers, examples.0, &mut gradient);
        gradient
    };
    let here = gradient(net, numbers);
    let length = dot64(&here, &here).sqrt();
    let reach = if length > 0.0 { (STRIDE / length) as f32 } else { 0.0 };
    let there: Vec<f32> = numbers.iter().zip(&here).map(|(w, g)| w + reach * g).collect();
    let there = gradient(net, &there);
    numbers.iter().zip(there.iter().zip(&here)).map(|(w, (there, here))| w * (there - here)).collect()
}

/// How far the second gradient of [`grasp`] is taken from the first.
const STRIDE: f64 = 0.01;

/// What of the net without biases would be left at a density, by all paths from inputs to outputs through the weights that
/// are left: `w ∂R/∂w` for the sum R of all paths' products of `|w|` (Tanaka, Kunin, Yamins and Ganguli 2020, *Pruning neural
/// networks without any data by iteratively conserving synaptic flow*). Weights go in as many rounds, each time the same
/// share of those left, so that no layer loses all it has.
pub fn synflow(net: &Mlp, numbers: &[f32], density: f64, rounds: u32) -> Mask {
    let sizes = magnitude(numbers);
    let mut mask = Mask::full(net);
    for round in 1..=rounds {
        let left = scalar::pow(density, f64::from(round) / f64::from(rounds));
        let mut kept = sizes.clone();
        mask.cut(&mut kept);
        let count = (left * net.weights() as f64 + 0.5) as usize;
        mask = select::global(net, &flow(net, &kept), &mask, count);
    }
    mask
}

/// `w ∂R/∂w` for each weight.
fn flow(net: &Mlp, sizes: &[f32]) -> Vec<f32> {
    let mut scores = vec![0.0; sizes.len()];
    // What reaches each unit from the inputs, layer by layer, and what goes on from it to the outputs.
    let mut reaching = vec![vec![1.0; net.layers().first().map_or(0, |layer| layer.inputs)]];
    for layer in net.layers() {
        let before = &reaching[reaching.len() - 1];
        let sum = |unit: usize| sizes[layer.row(unit)].iter().zip(before).map(|(w, x)| f64::from(*w) * x).sum();
        let next: Vec<f64> = (0..layer.units).map(sum).collect();
        reaching.push(next);
    }
    let mut going = vec![1.0; net.layers().last().map_or(0, |layer| layer.units)];
    for (layer, before) in net.layers().iter().zip(&reaching).rev() {
        let mut earlier = vec![0.0; layer.inputs];
        for (unit, on) in going.iter().enumerate() {
            for ((place, x), sum) in layer.row(unit).zip(before).zip(&mut earlier) {
                let w = f64::from(sizes[place]);
                scores[place] = (w * x * on) as f32;
                *sum += w * on;
            }
        }
        going = earlier;
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::MatRef, rng::Rng};

    fn task(net: &Mlp, chance: &mut Stream) -> (Vec<f32>, Vec<f32>, Vec<u16>) {
        let inputs = (0..12 * net.layers()[0].inputs).map(|_| chance.normal() as f32).collect();
        (net.draw(chance), inputs, (0..12).map(|i| i % 3).collect())
    }

    #[test]
    fn sizes_are_those_of_weights_alone_and_rise() {
        let net = Mlp::new(&[3, 2, 1]);
        // Six weights, two biases, two weights and a bias.
        let numbers = [-5.0, 1.0, -2.0, 8.0, 3.0, -7.0, 90.0, 90.0, 6.0, -4.0, 90.0];
        assert_eq!(sizes(&net, &numbers, 3), [3.0, 5.0, 7.0]);
        assert_eq!(sizes(&net, &numbers, 1), [5.0]);
    }

    #[test]
    fn a_weight_with_a_large_share_of_the_loss_stays_under_snip() {
        let mut net = Mlp::new(&[4, 6, 3]);
        let mut chance = Rng::new(2).stream("net");
        let (numbers, inputs, labels) = task(&net, &mut chance);
        let examples = (MatRef::new(&inputs, 12, 4), &labels[..]);
        let scores = snip(&mut net, &numbers, examples);
        let loss = |net: &mut Mlp, numbers: &[f32]| net.grade(numbers, examples.0, &labels, Loss::CrossEntropy).loss;
        let before = loss(&mut net, &numbers);
        for place in net.layers()[0].weights() {
            // A weight that shrinks by a thousandth changes the loss by a thousandth of its score.
            let mut moved = numbers.clone();
            moved[place] *= 0.999;
            let change = (loss(&mut net, &moved) - before).abs() * 1000.0;
            assert!(
                (change - f64::from(scores[place])).abs() < 2e-3 + 0.05 * change,
                "{place}: {change} {}",
                scores[place]
            );
        }
    }

    #[test]
    fn synaptic_flow_is_conserved_by_layers_and_its_masks_leave_paths() {
        let net = Mlp::new(&[5, 8, 7, 3]);
        let mut chance = Rng::new(4).stream("net");
        let numbers = net.draw(&mut chance);
        let scores = flow(&net, &magnitude(&numbers));
        // What flows into a unit flows out of it, and all layers pass on the same.
        let (first, second) = (net.layers()[0], net.layers()[1]);
        for unit in 0..first.units {
            let flows_in: f32 = scores[first.row(unit)].iter().sum();
            let flows_out: f32 = (0..second.units).map(|next| scores[second.row(next).start + unit]).sum();
            assert!((flows_in / flows_out - 1.0).abs() < 1e-4, "{unit}: {flows_in} {flows_out}");
        }
        let mask = synflow(&net, &numbers, 0.1, 50);
        let wanted = (0.1 * net.weights() as f64 + 0.5) as usize;
        assert_eq!(mask.counts(&net).iter().sum::<usize>(), wanted);
        assert!(mask.counts(&net).iter().all(|count| *count > 0), "no layer is empty: {:?}", mask.counts(&net));
    }

    #[test]
    fn grasp_is_the_change_of_the_gradients_square_when_a_weight_shrinks() {
        let mut net = Mlp::new(&[4, 6, 3]);
        let mut chance = Rng::new(7).stream("net");
        let (numbers, inputs, labels) = task(&net, &mut chance);
        let examples = (MatRef::new(&inputs, 12, 4), &labels[..]);
        let scores = grasp(&mut net, &numbers, examples);
        // The derivative of |g|² / 2 by w is (H g): a curvature of a quadratic loss would make it exact.
        let square = |net: &mut Mlp, numbers: &[f32]| {
            let outputs = net.outputs(numbers, examples.0);
            outputs.iter_mut().for_each(|z| *z /= TEMPERATURE);
            Loss::CrossEntropy.grade(outputs, &labels, 3);
            outputs.iter_mut().for_each(|error| *error /= TEMPERATURE);
            let mut gradient = vec![0.0; numbers.len()];
            net.backward(numbers, examples.0, &mut gradient);
            dot64(&gradient, &gradient)
        };
        let length = square(&mut net, &numbers).sqrt();
        let layer = net.layers()[1];
        for place in layer.weights() {
            let moved = |net: &mut Mlp, by: f32| {
                let mut moved = numbers.clone();
                moved[place] += by;
                square(net, &moved)
            };
            let slope = (moved(&mut net, 1e-2) - moved(&mut net, -1e-2)) / 2e-2 / 2.0;
            let wanted = slope * f64::from(numbers[place]) * STRIDE / length;
            let got = f64::from(scores[place]);
            assert!((got - wanted).abs() < 0.05 * wanted.abs() + 1e-7, "{place}: {got} {wanted}");
        }
    }
}
