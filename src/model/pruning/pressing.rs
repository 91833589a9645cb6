//! A net whose hidden units are pressed while it learns, until some of them are gone: by the envelope of nets with at most k units
//! (Refael, Arbel and Huleihel 2022), by the group lasso, or to the k largest from the first step on. Then units stay or are
//! gone, and what is left trains on.
use super::{envelope, mask::Mask, trainee::Trainee, units};
use crate::{
    math::rng::{Rng, Stream},
    model::learning::training::{Examples, Recipe},
};
use std::rc::Rc;

/// The share of a training after which the pressure is full, and after which units are chosen and there is none.
const RAMP: f64 = 0.3;
const PRESSED: f64 = 0.7;

/// How units are pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// By a penalty that is told how many are to be left.
    Envelope,
    /// By one that is told how hard to press.
    Lasso,
    /// The largest stay.
    Largest,
    /// Not at all.
    No,
}

/// Such a net of two hidden layers.
#[derive(Clone, Debug)]
pub struct Pressing {
    /// The net.
    pub trainee: Trainee,
    /// Units that were left when they were chosen, once they were.
    pub chosen: Option<[usize; 2]>,
    press: Press,
}

impl Pressing {
    /// A net with nothing to learn.
    pub fn none(chance: Stream) -> Self {
        Self { trainee: Trainee::new(&[1, 1], chance), chosen: None, press: Press::No }
    }

    /// A net of these widths at its start, whose weights come from the stream of that name.
    pub fn new(press: Press, widths: &[usize], weights: &str, recipe: Recipe, chance: &Rng) -> Self {
        let mut trainee = Trainee::new(widths, chance.stream("none"));
        let numbers = trainee.net.draw(&mut chance.stream(weights));
        let full = Rc::new(Mask::full(&trainee.net));
        trainee.begin(numbers, full, recipe, chance.stream("order"));
        Self { trainee, chosen: None, press }
    }

    /// The length of a step along a penalty.
    pub fn length(&self, examples: usize, pressure: f64) -> f64 {
        let training = &self.trainee.training;
        let (recipe, t) = (training.recipe(), training.progress(examples));
        recipe.rate * recipe.course.at(t) * pressure * (t / RAMP).min(1.0)
    }

    /// One descent and one step along the penalty, to so many units of each hidden layer. Returns how far the latter was from the
    /// exact one, where that is asked.
    pub fn descend(&mut self, examples: Examples, kept: [usize; 2], pressure: f64, asked: bool) -> f64 {
        let count = examples.1.len();
        let by = self.length(count, pressure);
        self.trainee.learn(examples, 1);
        let Trainee { net, training, .. } = &mut self.trainee;
        if self.press == Press::No || self.chosen.is_some() {
            return 0.0;
        }
        let mut residual = 0.0_f64;
        for (layer, kept) in units::hidden(net).iter().zip(kept) {
            let sizes = units::sizes(layer, &training.numbers);
            let factors = match self.press {
                Press::Envelope => envelope::step(&sizes, kept, by),
                Press::Lasso => units::lasso(&sizes, by),
                Press::Largest | Press::No => units::largest(&sizes, kept),
            };
            units::scale(layer, &mut training.numbers, &factors);
            if asked && self.press == Press::Envelope && by > 0.0 {
                // In double precision: of a short step the rounding of weights would be a large part.
                let after: Vec<f64> = sizes.iter().zip(&factors).map(|(size, factor)| size * factor).collect();
                residual = residual.max(envelope::residual(&sizes, &after, kept, by));
            }
        }
        if training.progress(count) >= PRESSED {
            self.choose(kept);
        }
        residual
    }

    /// From here on units stay or are gone.
    fn choose(&mut self, kept: [usize; 2]) {
        self.chosen = Some(self.left());
        let Trainee { net, mask, training, .. } = &mut self.trainee;
        if self.press == Press::Envelope {
            for (layer, kept) in units::hidden(net).iter().zip(kept) {
                let factors = units::largest(&units::sizes(layer, &training.numbers), kept);
                units::scale(layer, &mut training.numbers, &factors);
            }
        }
        *mask = Rc::new(units::mask(net, &training.numbers));
        mask.prune(training);
    }

    /// Units of each hidden layer that are left.
    pub fn left(&self) -> [usize; 2] {
        let layers = units::hidden(&self.trainee.net);
        [0, 1].map(|i| layers.get(i).map_or(0, |layer| units::count(layer, &self.trainee.training.numbers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{learning::rate::Course, toy};

    #[test]
    fn every_press_but_the_lasso_leaves_what_is_wanted_and_what_is_gone_stays_so() {
        let rng = Rng::new(7);
        let mut chance = rng.stream("examples");
        let (inputs, labels) = toy::examples((128, 6), &mut chance, |row| row[0] > row[1]);
        let examples = (inputs.as_ref(), &labels[..]);
        let recipe = Recipe { course: Course::FlatThenLinear, ..Recipe::usual(60) };
        for press in [Press::Envelope, Press::Lasso, Press::Largest, Press::No] {
            let mut net = Pressing::new(press, &[6, 24, 12, 2], "weights", recipe, &rng);
            assert!(net.length(128, 0.5).abs() < 1e-12, "no pressure at the start");
            let (mut residual, mut then) = (0.0_f64, None);
            while !net.trainee.training.is_over(128) {
                residual = residual.max(net.descend(examples, [6, 3], 0.5, true));
                then = then.or(net.chosen.map(|_| net.left()));
            }
            let wanted = if press == Press::No { [24, 12] } else { [6, 3] };
            assert!(press == Press::Lasso || net.left() == wanted, "{press:?} {:?}", net.left());
            assert!(then.is_none_or(|then| then == net.left()) && then.is_some() == (press != Press::No));
            assert!(residual < 1e-4 && (residual > 0.0) == (press == Press::Envelope), "{press:?} {residual}");
        }
    }
}
