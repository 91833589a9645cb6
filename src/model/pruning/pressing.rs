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

/// Units of the two hidden layers of nets that are pressed.
pub const WIDTHS: [usize; 2] = [128, 64];

/// How many units the hidden layers are to have, where the first has `k`: the second has half as many.
pub fn wanted(k: usize) -> [usize; 2] {
    [k, (k / 2).max(1)]
}

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

/// All of them; the first two are penalties.
pub const PRESSES: [Press; 4] = [Press::Envelope, Press::Lasso, Press::Largest, Press::No];

/// Such a net of two hidden layers.
#[derive(Clone, Debug)]
pub struct Pressing {
    /// The net.
    pub trainee: Trainee,
    /// Units that were left when they were chosen, once they were.
    pub chosen: Option<[usize; 2]>,
    /// Units that are left after each step of several nets side by side.
    pub line: Vec<[f32; 2]>,
    press: Press,
}

impl Pressing {
    /// A net with nothing to learn.
    fn none(chance: Stream) -> Self {
        Self { trainee: Trainee::new(&[1, 1], chance), chosen: None, line: Vec::new(), press: Press::No }
    }

    /// A net of these widths at its start, whose weights come from the stream of that name.
    pub fn new(press: Press, widths: &[usize], weights: &str, recipe: Recipe, chance: &Rng) -> Self {
        let mut trainee = Trainee::new(widths, chance.stream("none"));
        let numbers = trainee.net.draw(&mut chance.stream(weights));
        let full = Rc::new(Mask::full(&trainee.net));
        trainee.begin(numbers, full, recipe, chance.stream("order"));
        Self { trainee, chosen: None, line: Vec::new(), press }
    }

    /// The length of a step along a penalty.
    fn length(&self, examples: usize, pressure: f64) -> f64 {
        let training = &self.trainee.training;
        let (recipe, t) = (training.recipe(), training.progress(examples));
        recipe.rate * recipe.course.at(t) * pressure * (t / RAMP).min(1.0)
    }

    /// One descent and one step along the penalty, to so many units of each hidden layer. Returns how far the latter was from the
    /// exact one, where that is asked.
    fn descend(&mut self, examples: Examples, kept: [usize; 2], pressure: f64, asked: bool) -> f64 {
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

    /// Sizes of the units of a layer, the largest first.
    pub fn sizes(&self, at: usize) -> Vec<f64> {
        let mut sizes = units::sizes(&self.trainee.net.layers()[at], &self.trainee.training.numbers);
        sizes.sort_unstable_by(|a, b| b.total_cmp(a));
        sizes
    }

    /// The shares that the envelope gives to units of such sizes, of which so many are wanted; another press gives none.
    pub fn shares(&self, sizes: &[f64], wanted: usize, examples: usize, pressure: f64) -> Vec<f64> {
        match self.press {
            Press::Envelope => envelope::shares(sizes, wanted, self.length(examples, pressure)),
            _ => Vec::new(),
        }
    }

    fn is_over(&self, examples: usize) -> bool {
        self.trainee.training.is_over(examples)
    }
}

/// Nets side by side, one for each of [`PRESSES`]. The last is small from the start.
#[derive(Clone, Debug)]
pub struct Pressings {
    /// The nets.
    pub all: Vec<Pressing>,
    /// How far a step along the envelope was from the exact one, at most.
    pub residual: f64,
}

impl Pressings {
    /// Nets with nothing to learn.
    pub fn new(none: &Stream) -> Self {
        Self { all: PRESSES.map(|_| Pressing::none(none.clone())).into(), residual: 0.0 }
    }

    /// Begins the first so many of them, with the same weights but for the small one, which has `k` units.
    pub fn begin(&mut self, count: usize, k: usize, [inputs, classes]: [usize; 2], recipe: Recipe, chance: &Rng) {
        for (net, press) in self.all.iter_mut().zip(PRESSES).take(count) {
            let (name, [first, second]) =
                if press == Press::No { ("small net", wanted(k)) } else { ("weights", WIDTHS) };
            *net = Pressing::new(press, &[inputs, first, second, classes], name, recipe, chance);
        }
    }

    /// So many descents of each that is not over, to `k` units of the first layer. After an epoch it is asked.
    pub fn step(&mut self, (train, test): (Examples, Examples), batches: usize, k: usize, pressure: f64) {
        let count = train.1.len();
        for net in &mut self.all {
            if net.is_over(count) {
                continue;
            }
            let epochs = |net: &Pressing| {
                let training = &net.trainee.training;
                training.steps() / training.recipe().steps(count)
            };
            let before = epochs(net);
            for i in 0..batches {
                if !net.is_over(count) {
                    self.residual = self.residual.max(net.descend(train, wanted(k), pressure, i == 0));
                }
            }
            if epochs(net) > before || net.is_over(count) {
                net.trainee.ask(test);
            }
            net.line.push(net.left().map(|left| left as f32));
        }
    }

    /// Whether those that are pressed by a penalty are over.
    pub fn is_over(&self, examples: usize) -> bool {
        self.all[0].is_over(examples)
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

    #[test]
    fn nets_side_by_side_begin_alike_and_those_of_a_first_pressure_stand() {
        let rng = Rng::new(3);
        let (inputs, labels) = toy::examples((96, 5), &mut rng.stream("examples"), |row| row[0] > row[1]);
        let examples = (inputs.as_ref(), &labels[..]);
        let recipe = Recipe { course: Course::FlatThenLinear, ..Recipe::usual(30) };
        let mut nets = Pressings::new(&rng.stream("none"));
        nets.begin(PRESSES.len(), 8, [5, 2], recipe, &rng);
        let before = nets.all[0].sizes(1);
        assert!(before.is_sorted_by(|a, b| a >= b) && before == nets.all[2].sizes(1));
        assert_eq!(nets.all.iter().map(Pressing::left).collect::<Vec<_>>(), [WIDTHS, WIDTHS, WIDTHS, [8, 4]]);
        let mut steps = 0;
        while !nets.is_over(96) {
            nets.step((examples, examples), 7, 8, 0.5);
            steps += 1;
        }
        assert_eq!((nets.all[0].left(), nets.all[2].left(), nets.all[1].line.len()), ([8, 4], [8, 4], steps));
        assert!(nets.residual > 0.0 && nets.all.iter().all(|net| net.trainee.accuracy > 0.5));
        let shares = |at: usize| nets.all[at].shares(&before, 4, 96, 0.5);
        assert_eq!((shares(0).len(), shares(1).len()), (before.len(), 0));
        nets.begin(2, 8, [5, 2], recipe, &rng);
        assert!(!nets.is_over(96) && nets.all[0].sizes(1) == before && nets.all[2].left() == [8, 4]);
    }
}
