//! A layer on its way to the knife and beyond: where it comes from, all surgeries on it, and trials in the end. It is that of a net,
//! which is trained first and meanwhile looked at, or one that is made.
use super::{
    dsnot::Rule,
    layer::{Layer, Worth},
    outliers::MadeLayer,
    surgery::{CUTS, MAGNITUDE, Patient, SPARSE_GPT, SURGERIES, SWAPPED, Surgery, WANDA},
    trainee::Trainee,
    trials::{self, TRIALS},
};
use crate::{math::rng::Rng, model::learning::training::Examples};
use std::rc::Rc;

/// Sizes of outliers of which errors are known, the greatest last.
pub const SIZES: [f64; 6] = [1.0, 2.0, 4.0, 8.0, 15.0, 30.0];
/// Batches of a step while the net is trained.
pub const BATCHES: usize = 7;

/// Where the layer comes from.
#[derive(Clone)]
pub enum Origin {
    /// A net that is trained, which of its layers it is, and what the net has right before any surgery.
    Net(Box<Trainee>, usize, f64),
    /// It is made, with outliers. Errors by size and by Wanda, for each of [`SIZES`] and each share.
    Uneven(Rc<MadeLayer>, Rc<[[[f64; 2]; CUTS.len()]; SIZES.len()]>),
    /// It is made, with inputs that are all alike.
    Even,
}

/// How far a step has brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In the midst of training, surgeries or trials.
    On,
    /// The net is trained now.
    Trained,
    /// All surgeries are done now.
    Cut,
    /// All trials are made.
    Over,
}

/// How it is cut, and how swaps are made.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// By which worth weights are cut before swaps.
    pub first: Worth,
    /// How they are swapped.
    pub rule: Rule,
    /// Which share is looked at, of [`CUTS`].
    pub cut: usize,
    /// With up to how many swaps units are looked at.
    pub most: usize,
}

/// Such a layer.
#[derive(Clone)]
pub struct Operation {
    /// Surgeries on it.
    pub table: Surgery,
    /// Where it comes from.
    pub origin: Origin,
    /// What the trials came to, as far as they were made.
    pub trials: Vec<f64>,
    rng: Rng,
}

impl Operation {
    /// That layer of a net whose training begins, looked at by what it is asked.
    pub fn of_net(mut trainee: Trainee, at: usize, test: Examples, manner: Manner, rng: &Rng) -> Self {
        let layer = Layer::within(&mut trainee.net, &trainee.training.numbers, [test.0; 2], at);
        Self::new(layer, Origin::Net(Box::new(trainee), at, 0.0), manner, rng)
    }

    /// A made layer with outliers that many times as large.
    pub fn uneven(times: f64, manner: Manner, rng: &Rng) -> Self {
        let made = MadeLayer::uneven(rng);
        let layer = Layer::new(made.weights.clone(), made.inputs(times));
        let errors = SIZES.map(|size| trials::by_outliers(&made, size));
        Self::new(layer, Origin::Uneven(Rc::new(made), Rc::new(errors)), manner, rng)
    }

    /// A made layer without.
    pub fn even(manner: Manner, rng: &Rng) -> Self {
        let made = MadeLayer::even(rng);
        let inputs = made.inputs(1.0);
        Self::new(Layer::new(made.weights, inputs), Origin::Even, manner, rng)
    }

    fn new(layer: Layer, origin: Origin, Manner { first, rule, cut, most }: Manner, rng: &Rng) -> Self {
        Self { table: Surgery::new(layer, first, rule, cut, most), origin, trials: Vec::new(), rng: rng.clone() }
    }

    /// The layer on the table, and the net that it is of, if that is to be asked.
    fn table<'a>(&'a mut self, test: Option<Examples<'a>>) -> (&'a mut Surgery, Option<Patient<'a>>) {
        let patient = match (&mut self.origin, test) {
            (Origin::Net(trainee, ..), Some(test)) => Some((&mut **trainee, test)),
            _ => None,
        };
        (&mut self.table, patient)
    }

    /// Whether it is of a net.
    pub fn is_of_net(&self) -> bool {
        matches!(self.origin, Origin::Net(..))
    }

    /// Whether nothing has to be trained any more.
    pub fn is_trained(&self) -> bool {
        !self.is_of_net() || !self.table.all.is_empty()
    }

    /// One step, with what a net learns and is asked: some batches, a surgery, or a trial.
    pub fn step(&mut self, examples: Option<[Examples; 2]>) -> Stage {
        if let (false, Some([train, test])) = (self.is_trained(), examples) {
            return self.learn(train, test);
        }
        if !self.table.is_over() {
            let (table, patient) = self.table(examples.map(|[_, test]| test));
            table.go_on(patient);
            return if table.is_over() { Stage::Cut } else { Stage::On };
        }
        if self.trials.len() < TRIALS {
            self.trials.push(trials::attempt(self.trials.len(), &self.table.layer, &self.rng));
        }
        if self.trials.len() < TRIALS { Stage::On } else { Stage::Over }
    }

    /// Trains the net. After an epoch it is asked, and its layer is laid on the table.
    fn learn(&mut self, train: Examples, test: Examples) -> Stage {
        let Origin::Net(trainee, at, right) = &mut self.origin else { return Stage::On };
        let over = trainee.learn(train, BATCHES);
        let epoch = trainee.training.recipe().steps(train.1.len());
        if !over && !trainee.training.steps().is_multiple_of(epoch) {
            return Stage::On;
        }
        *right = trainee.ask(test);
        if over {
            self.table.admit(trainee, *at, [train.0, test.0]);
            return Stage::Trained;
        }
        // Only to be looked at meanwhile: the fewer examples will do.
        self.table.lay_within(trainee, *at, [test.0; 2]);
        Stage::On
    }

    /// Steps of all of it, where there are so many examples to learn from.
    pub fn steps(&self, examples: usize) -> usize {
        let training = match &self.origin {
            Origin::Net(trainee, ..) => trainee.training.recipe().all_steps(examples).div_ceil(BATCHES),
            _ => 0,
        };
        training + SURGERIES + TRIALS
    }

    /// What the net has right after swaps at the share that is looked at, once it is known.
    pub fn right(&self) -> Option<f64> {
        self.table.right(self.table.cut, SWAPPED)
    }

    /// How many swaps a unit makes, in the mean, once nothing has to be trained.
    pub fn made(&self) -> Option<f64> {
        self.is_trained().then(|| self.table.made())
    }

    /// What it has right before any surgery.
    pub fn whole(&self) -> f64 {
        if let Origin::Net(_, _, right) = self.origin { right } else { 0.0 }
    }

    /// Outliers become so many times as large, and what was done is done again.
    pub fn enlarge(&mut self, times: f64) {
        if let Origin::Uneven(made, _) = &self.origin {
            self.table.layer = Rc::new(Layer::new(made.weights.clone(), made.inputs(times)));
            self.table.again(&[MAGNITUDE, WANDA, SWAPPED, SPARSE_GPT], None);
        }
    }

    /// Looks at another share, and asks the net after its swaps.
    pub fn look(&mut self, cut: usize, test: Option<Examples>) {
        let (table, patient) = self.table(test);
        table.cut = cut;
        table.look();
        if let (true, Some(patient)) = (table.error(cut, SWAPPED).is_some(), patient) {
            table.ask(cut, SWAPPED, patient);
        }
    }

    /// Swaps in another way.
    pub fn swap(&mut self, first: Worth, rule: Rule, test: Option<Examples>) {
        let (table, patient) = self.table(test);
        (table.first, table.rule) = (first, rule);
        table.again(&[SWAPPED], patient);
    }

    /// The error of a method at the share that is looked at, once it is known.
    pub fn error(&self, method: usize) -> Option<f64> {
        self.table.error(self.table.cut, method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{learning::training::Recipe, toy};

    const RULE: Rule = Rule { caution: 1.0, tolerance: 0.01, most: 10 };
    const MANNER: Manner = Manner { first: Worth::Wanda, rule: RULE, cut: 1, most: 20 };

    fn stages(operation: &mut Operation, examples: Option<[Examples; 2]>) -> (usize, Vec<Stage>) {
        let (mut steps, mut seen) = (0, Vec::new());
        while seen.last() != Some(&Stage::Over) {
            let stage = operation.step(examples);
            steps += 1;
            seen.extend((stage != Stage::On).then_some(stage));
        }
        (steps, seen)
    }

    #[test]
    fn a_net_is_trained_then_cut_in_all_ways_and_asked_after_other_swaps() {
        let rng = Rng::new(3);
        let (inputs, labels) = toy::examples((96, 8), &mut rng.stream("examples"), |row| row[0] > row[1]);
        let examples = (inputs.as_ref(), &labels[..]);
        let mut trainee = Trainee::new(&[8, 20, 12, 2], rng.stream("none"));
        trainee.begin_whole(Recipe { batch: 16, ..Recipe::usual(40) }, &rng);
        let mut operation = Operation::of_net(trainee, 1, examples, MANNER, &rng);
        assert!(!operation.is_trained() && operation.error(MAGNITUDE).is_none() && operation.made().is_none());
        let (steps, seen) = stages(&mut operation, Some([examples; 2]));
        assert_eq!((steps, seen), (operation.steps(96), vec![Stage::Trained, Stage::Cut, Stage::Over]));
        assert!(operation.whole() > 0.7 && operation.right() > Some(0.0) && operation.trials.len() == TRIALS);
        operation.swap(Worth::Size, Rule { most: 0, ..RULE }, Some(examples));
        let [swapped, size, wanda] = [SWAPPED, MAGNITUDE, WANDA].map(|method| operation.error(method));
        assert_eq!(swapped, size, "without swaps it is the cut");
        operation.look(2, Some(examples));
        assert!(operation.error(WANDA) > wanda, "more is cut");
    }

    #[test]
    fn outliers_are_enlarged_where_there_are_any() {
        let rng = Rng::new(4);
        for (mut operation, moved) in
            [(Operation::uneven(1.0, MANNER, &rng), true), (Operation::even(MANNER, &rng), false)]
        {
            assert!(operation.is_trained() && operation.whole().abs() < 1e-12);
            assert_eq!(stages(&mut operation, None).0, operation.steps(0));
            let before = operation.error(WANDA);
            operation.enlarge(10.0);
            assert_eq!(operation.error(WANDA) != before, moved);
        }
    }
}
