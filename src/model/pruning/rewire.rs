//! Masks that move while a net is trained: every now and then each layer loses its smallest weights and gets as many new ones,
//! which begin at 0.
use super::{mask::Mask, select, trainee::Trainee};
use crate::{
    math::{rng::Stream, scalar},
    model::learning::{
        loss::Loss,
        mlp::Mlp,
        training::{Examples, Training},
    },
};
use std::{f64::consts::PI, ops::Range, rc::Rc};

/// Where new weights are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grow {
    /// Anywhere: sparse evolutionary training (Mocanu et al. 2018, *Scalable training of artificial neural networks with
    /// adaptive sparse connectivity inspired by network science*).
    Anywhere,
    /// Where the gradient is steepest (Evci, Gale, Menick, Castro and Elsen 2020, *Rigging the lottery: making all tickets
    /// winners*).
    Steepest,
}

/// When how many weights move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rewiring {
    /// Where new weights are put.
    pub grow: Grow,
    /// The share that moves at first.
    pub moved: f64,
    /// Descents from one move to the next.
    pub every: usize,
    /// The share of the training after which masks stay.
    pub end: f64,
}

impl Rewiring {
    /// One descent, before which the mask moves where it is due, and whether it did.
    pub fn step(&self, trainee: &mut Trainee, examples: Examples, chance: &mut Stream) -> bool {
        let count = examples.1.len();
        let steps = trainee.training.steps();
        let progress = trainee.training.progress(count) / self.end;
        if steps == 0 || !steps.is_multiple_of(self.every) || progress >= 1.0 {
            trainee.learn(examples, 1);
            return false;
        }
        let Trainee { net, mask, training, loss, .. } = trainee;
        *loss = training.learn(net, examples, Loss::CrossEntropy).loss;
        rewire(net, Rc::make_mut(mask), training, moving(self.moved, progress), self.grow, chance);
        mask.cut(&mut training.gradient);
        training.descend(count);
        true
    }
}

/// The share of the weights of a layer that move at `t` of the way: `α (1 + cos πt) / 2` (Evci et al. 2020, equation 1). After
/// the end of the way it is 0.
pub fn moving(alpha: f64, t: f64) -> f64 {
    if t >= 1.0 { 0.0 } else { 0.5 * alpha * (1.0 + scalar::cos(PI * t)) }
}

/// Moves that share of the weights of each layer, and returns how many that were. The gradient of the training must be that by
/// every weight. Weights that were dropped may come back at once, at 0.
pub fn rewire(
    net: &Mlp,
    mask: &mut Mask,
    training: &mut Training,
    share: f64,
    grow: Grow,
    chance: &mut Stream,
) -> usize {
    let sizes: Vec<f32> = training.numbers.iter().map(|w| w.abs()).collect();
    let worth: Vec<f32> = match grow {
        Grow::Anywhere => (0..net.numbers()).map(|_| chance.uniform() as f32).collect(),
        Grow::Steepest => training.gradient.iter().map(|g| g.abs()).collect(),
    };
    let mut moved = 0;
    for layer in net.layers() {
        let come = exchange(mask.kept_mut(), layer.weights(), &sizes, &worth, share);
        for place in &come {
            training.numbers[*place] = 0.0;
            training.descent.speeds[*place] = 0.0;
        }
        moved += come.len();
    }
    mask.prune(training);
    moved
}

/// Of what is there of a part, lets that share of the smallest go and as many come where they are worth most. Returns the places that
/// came; what has just gone may be among them.
pub fn exchange(kept: &mut [bool], part: Range<usize>, sizes: &[f32], worth: &[f32], share: f64) -> Vec<usize> {
    let there: Vec<usize> = part.clone().filter(|place| kept[*place]).collect();
    let gone = (share * there.len() as f64) as usize;
    let stay = select::best(sizes, there.clone(), there.len() - gone);
    there.into_iter().for_each(|place| kept[place] = false);
    stay.into_iter().for_each(|place| kept[place] = true);
    let come = select::best(worth, part.filter(|place| !kept[*place]).collect(), gone);
    come.iter().for_each(|place| kept[*place] = true);
    come
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::learning::training::Recipe};

    #[test]
    fn each_layer_keeps_its_number_and_what_is_new_begins_at_0() {
        let net = Mlp::new(&[6, 8, 4]);
        let rng = Rng::new(1);
        for grow in [Grow::Anywhere, Grow::Steepest] {
            let mut chance = rng.stream("chance");
            let mut training = Training::new(net.draw(&mut chance), Recipe::usual(1), rng.stream("order"));
            training.gradient.iter_mut().for_each(|g| *g = chance.normal() as f32);
            training.descent.speeds.fill(1.0);
            let mut mask = Mask::of(
                &net,
                (0..net.numbers()).filter(|place| place % 3 == 0 && *place < 48 || *place > 60 && *place < 80),
            );
            mask.prune(&mut training);
            let (before, counts) = (mask.clone(), mask.counts(&net));
            let least = |mask: &Mask| {
                let sizes = net.layers()[0]
                    .weights()
                    .filter(|place| mask.keeps(*place))
                    .map(|place| training.numbers[place].abs());
                sizes.fold(f32::INFINITY, f32::min)
            };
            let smallest = least(&mask);
            let steep = training.gradient.clone();
            let moved = rewire(&net, &mut mask, &mut training, 0.25, grow, &mut chance);
            assert_eq!((mask.counts(&net), moved), (counts, 4 + 4), "{grow:?}");
            let new: Vec<usize> = mask.places(&net).filter(|place| !before.keeps(*place)).collect();
            assert!(
                !new.is_empty()
                    && new.iter().all(|place| training.numbers[*place].to_bits() == 0
                        && training.descent.speeds[*place].to_bits() == 0)
            );
            assert!(training.numbers.iter().all(|w| w.abs().to_bits() != smallest.to_bits()), "the smallest is gone");
            if grow == Grow::Steepest {
                let free =
                    net.layers()[0].weights().filter(|place| !mask.keeps(*place)).map(|place| steep[place].abs());
                let most_left = free.fold(0.0, f32::max);
                let new_there = new.iter().filter(|place| **place < 48).map(|place| steep[*place].abs());
                assert!(new_there.fold(f32::INFINITY, f32::min) >= most_left);
            }
        }
        assert!((moving(0.3, 0.0) - 0.3).abs() < 1e-12 && moving(0.3, 0.999) < 1e-5 && moving(0.3, 1.0) == 0.0);
    }
}
