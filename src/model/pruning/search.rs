//! Masks that are searched for while the weights stay as they are (Zhang, Lin, Xu, Chao and Ji 2021, *Lottery jackpots exist in
//! pre-trained models*).
//!
//! Each weight has a worth. Those that are worth most are there, as many in each layer as at first. A worth is learnt as if every
//! weight were there in proportion to it: its gradient is that by the weight as it is used, times the weight.
use super::{mask::Mask, select};
use crate::model::learning::{
    loss::Loss,
    mlp::Mlp,
    training::{Examples, Recipe, Training},
};

/// What a weight is worth at the start, whether it is there or not: so close to each other that soon each may change sides.
const THERE: f32 = 1.0;
const AWAY: f32 = 0.99;

/// A worth for each number of a net. Those of biases are of no use.
pub fn worths(net: &Mlp, mask: &Mask) -> Vec<f32> {
    (0..net.numbers()).map(|place| if mask.keeps(place) { THERE } else { AWAY }).collect()
}

/// How worths are learnt: at the rate 0.1 with a momentum of 0.9, down half a cosine.
pub const fn recipe(epochs: usize) -> Recipe {
    Recipe { rate: 0.1, ..Recipe::usual(epochs) }
}

/// The share of a layer that may change sides at `t` of the search: less and less, `(1 - t)⁴`, but one weight at least. The paper
/// has other courses; all that matters is that the mask comes to rest.
pub fn may_swap(t: f64) -> f64 {
    let left = (1.0 - t).max(0.0);
    left * left * left * left
}

/// Learns worths from a batch, moves the mask, and returns how many pairs changed sides and the loss. The training holds the worths;
/// the weights do not change.
///
/// # Panics
/// If there are not as many weights or worths as in the net.
pub fn step(
    net: &mut Mlp,
    weights: &[f32],
    mask: &mut Mask,
    training: &mut Training,
    examples: Examples,
) -> (usize, f64) {
    let mut used = weights.to_vec();
    mask.cut(&mut used);
    let loss = training.learn_at(&used, net, examples, Loss::CrossEntropy).loss;
    training.gradient.iter_mut().zip(weights).for_each(|(g, w)| *g *= w);
    let share = may_swap(training.progress(examples.1.len()));
    training.descend(examples.1.len());
    (swap(net, mask, &training.numbers, share), loss)
}

/// Lets weights outside of the mask that are worth more than some inside take their places, at most so large a share of each
/// layer and one at least: those that are worth most for those that are worth least. Returns how many did.
pub fn swap(net: &Mlp, mask: &mut Mask, worths: &[f32], share: f64) -> usize {
    let less: Vec<f32> = worths.iter().map(|worth| -worth).collect();
    let mut swapped = 0;
    for layer in net.layers() {
        let best = select::best(worths, layer.weights().collect(), mask.count(layer));
        let mut wanted = vec![false; layer.inputs * layer.units];
        best.iter().for_each(|place| wanted[place - layer.start] = true);
        let comes: Vec<usize> = best.into_iter().filter(|place| !mask.keeps(*place)).collect();
        let goes = layer.weights().filter(|place| mask.keeps(*place) && !wanted[place - layer.start]).collect();
        let count = comes.len().min(((share * wanted.len() as f64) as usize).max(1));
        let comes = select::best(worths, comes, count);
        select::best(&less, goes, count).into_iter().for_each(|place| mask.set(place, false));
        comes.into_iter().for_each(|place| mask.set(place, true));
        swapped += count;
    }
    swapped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::toy};

    #[test]
    fn those_worth_most_come_in_for_those_worth_least() {
        let net = Mlp::new(&[3, 2]);
        let mut mask = Mask::of(&net, [0, 1, 2]);
        let worths = [3.0, 1.0, 2.0, 5.0, 4.0, 0.0, 9.0, 9.0];
        assert_eq!(swap(&net, &mut mask, &worths, 0.0), 1);
        assert_eq!(mask.places(&net).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(swap(&net, &mut mask, &worths, 1.0), 1);
        assert_eq!(mask.places(&net).collect::<Vec<_>>(), [0, 3, 4]);
        assert_eq!(swap(&net, &mut mask, &worths, 1.0), 0);
    }

    #[test]
    fn a_search_lowers_the_loss_and_keeps_each_layer_s_number() {
        let mut net = Mlp::new(&[6, 16, 3]);
        let mut chance = Rng::new(1).stream("net");
        let weights = net.draw(&mut chance);
        let (inputs, labels) = toy::examples((60, 6), &mut chance, |row| row[0] > 0.0);
        let examples = (inputs.as_ref(), &labels[..]);
        let mut mask = Mask::of(&net, (0..96).step_by(2).chain((112..160).step_by(3)));
        let (counts, recipe) = (mask.counts(&net), recipe(40));
        let mut training = Training::new(worths(&net, &mask), recipe, chance);
        let mut losses = Vec::new();
        while !training.is_over(60) {
            losses.push(step(&mut net, &weights, &mut mask, &mut training, examples).1);
        }
        assert_eq!(mask.counts(&net), counts);
        assert!(losses[losses.len() - 1] < 0.7 * losses[0], "{losses:?}");
    }
}
