//! Ways in which a net that answers with numbers becomes sparse: small weights shrink while it learns, softly (Wang, Wang, Zhang, Fu
//! and Tao 2023, *Iterative soft shrinkage learning for efficient image super-resolution*) or to nothing at once, it is cut after
//! its training, or begins with weights at places by lot. All of them learn equally long.
use super::{
    mask::Mask,
    ratio, score, select, shrinkage,
    shrinking::{Shrink, Shrinking},
    start,
};
use crate::{
    math::{
        mat::MatRef,
        rng::{Rng, Stream},
    },
    model::learning::rate::Course,
};
use std::rc::Rc;

/// Examples of a descent.
const BATCH: usize = 64;
const RATE: f64 = 1e-3;
/// The share of a training after which places are fixed.
const FIXED: f64 = 0.4;

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Small weights keep most of their size.
    Soft,
    /// They are gone.
    Hard,
    /// It goes on from the whole net, cut.
    After,
    /// Places by lot, from the start.
    Lot,
    /// All weights stay.
    Whole,
}

/// All of them.
pub const WAYS: [Way; 5] = [Way::Soft, Way::Hard, Way::After, Way::Lot, Way::Whole];

/// The sizes of some weights of a layer, and that of the greatest that would go.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Spread evenly over the layer.
    pub some: Vec<f32>,
    /// The line between what stays and what goes.
    pub limit: f32,
}

/// A net on one of these ways.
#[derive(Clone, Debug)]
pub struct Sparsifying {
    /// The net.
    pub pupil: Shrinking,
    /// The whole net when places are fixed.
    half: Rc<Vec<f32>>,
    /// Its way.
    pub way: Way,
    /// The share of the weights of each layer that will be left.
    kept: f64,
    epochs: usize,
    /// Steps of an epoch.
    epoch: usize,
}

impl Sparsifying {
    /// A net of these widths that will see so many examples so often.
    pub fn new(widths: &[usize], examples: usize, epochs: usize, none: Stream) -> Self {
        let pupil = Shrinking::new(widths, BATCH, none);
        Self { pupil, half: Rc::default(), way: Way::Whole, kept: 1.0, epochs, epoch: examples.div_ceil(BATCH) }
    }

    /// Begins a training. Places by lot at another `place` come from another stream.
    pub fn begin(&mut self, way: Way, kept: f64, (chance, place): (&Rng, usize)) {
        (self.way, self.kept) = (way, kept);
        let net = &self.pupil.net;
        let mut numbers = net.draw(&mut chance.stream("weights"));
        let mut mask = Mask::full(net);
        let counts = ratio::uniform(net, kept);
        match way {
            Way::Lot => {
                mask = select::by_lot(net, &counts, &mut chance.stream(&format!("places {place}")));
                start::make_up(net, &mut numbers, &mask);
            }
            Way::After => {
                mask = select::by_layer(net, &score::magnitude(&self.half), &mask, &counts);
                numbers = self.half.to_vec();
                mask.cut(&mut numbers);
            }
            Way::Soft | Way::Hard | Way::Whole => {}
        }
        self.pupil.begin(numbers, mask, BATCH, chance.stream("order"));
    }

    /// Steps of a training after which places are fixed, and all of them.
    fn stages(&self) -> (usize, usize) {
        let fixed = ((FIXED * self.epochs as f64 + 0.5) as usize).max(1);
        (fixed * self.epoch, self.epochs * self.epoch)
    }

    /// Steps that a training takes. One that goes on from the whole net takes the rest.
    pub fn takes(&self, way: Way) -> usize {
        let (fixed, all) = self.stages();
        if way == Way::After { all - fixed } else { all }
    }

    /// Steps of the training, with those of the whole net where it began from that.
    fn steps(&self) -> usize {
        self.pupil.training.steps() + if self.way == Way::After { self.stages().0 } else { 0 }
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.steps() >= self.stages().1
    }

    /// Whether places are fixed by now.
    pub fn is_fixed(&self) -> bool {
        self.steps() >= self.stages().0
    }

    /// The epoch that has just ended, if one has.
    pub fn ended(&self) -> Option<usize> {
        self.steps().is_multiple_of(self.epoch).then_some(self.steps() / self.epoch)
    }

    /// One descent, after which small weights keep `factor` of their size, where they shrink softly.
    pub fn descend(&mut self, inputs: MatRef, targets: MatRef, factor: f64) {
        let (fixed, all) = self.stages();
        let at = self.steps();
        let rest = at.saturating_sub(fixed) as f64 / (all - fixed).max(1) as f64;
        let factor = if self.way == Way::Soft { factor as f32 } else { 0.0 };
        let shrinks = !self.is_fixed() && matches!(self.way, Way::Soft | Way::Hard);
        let shrink = shrinks.then_some(Shrink { kept: self.kept, factor });
        self.pupil.learn(inputs, targets, RATE * Course::Cosine.at(rest), shrink);
        if at + 1 == fixed {
            match self.way {
                Way::Soft | Way::Hard => self.pupil.fix(),
                Way::Whole => self.half = Rc::new(self.pupil.training.numbers.clone()),
                Way::After | Way::Lot => {}
            }
        }
    }

    /// How many weights came back, as a share of those that are left, since this was asked last.
    pub fn returned(&mut self) -> f64 {
        let back = std::mem::take(&mut self.pupil.back);
        back as f64 / (self.kept * self.pupil.net.weights() as f64)
    }

    /// The sizes of some weights of a layer, of which none is less than `least`.
    pub fn sizes(&self, layer: usize, count: usize, least: f32) -> Sizes {
        let weights = &self.pupil.training.numbers[self.pupil.net.layers()[layer].weights()];
        let some = weights.iter().step_by(weights.len() / count).take(count).map(|w| w.abs().max(least));
        Sizes { some: some.collect(), limit: shrinkage::limit(weights, self.kept).0.max(least) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::mat::Mat;

    #[test]
    fn every_way_ends_with_as_many_weights_and_learns_as_long() {
        let rng = Rng::new(6);
        let mut chance = rng.stream("examples");
        let inputs = Mat::new((0..3 * 128).map(|_| chance.normal() as f32).collect(), 128, 3);
        let targets = Mat::new(inputs.data.chunks_exact(3).map(|row| row[0] - 2.0 * row[1]).collect(), 128, 1);
        let mut net = Sparsifying::new(&[3, 20, 10, 1], 128, 10, rng.stream("none"));
        let mut whole = None;
        for way in WAYS.into_iter().rev() {
            net.begin(way, 0.2, (&rng, 0));
            let (mut steps, mut epochs) = (0, Vec::new());
            while !net.is_over() {
                net.descend(inputs.as_ref(), targets.as_ref(), 0.9);
                epochs.extend(net.ended());
                steps += 1;
            }
            assert_eq!((steps, epochs.last()), (net.takes(way), Some(&10)), "{way:?}");
            let left = net.pupil.mask.counts(&net.pupil.net);
            let wanted = if way == Way::Whole { vec![60, 200, 10] } else { vec![12, 40, 2] };
            assert_eq!(left, wanted, "{way:?}");
            let there =
                net.pupil.cut().iter().zip(&net.pupil.training.numbers).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(there || way == Way::Whole, "{way:?}: what is gone is gone");
            // What came back is told once.
            assert!((0.0..1.0).contains(&net.returned()) && net.returned() < 1e-12, "{way:?}");
            whole = whole.or(Some(net.pupil.loss));
        }
        let sizes = net.sizes(1, 50, 1e-4);
        let above = sizes.some.iter().filter(|size| **size > sizes.limit).count();
        assert!((5..=15).contains(&above) && whole.is_some_and(f64::is_finite), "{above}");
    }
}
