//! A layer on the table: all methods at all shares, one after another, judged by what the layer then says; and what the net has
//! right all of whose layers went under the knife. Nothing is trained.
use super::{
    dsnot::Rule,
    layer::{Knife, Layer, Unit, Worth},
    trainee::Trainee,
};
use crate::{math::mat::MatRef, model::learning::training::Examples};
use std::{ops::Range, rc::Rc};

/// Shares of each unit's weights that are cut.
pub const CUTS: [f64; 4] = [0.5, 0.6, 0.7, 0.8];

/// Methods: cuts by size and by Wanda, swaps after a cut, and weights that make up for others.
pub const METHODS: usize = 4;
/// By size.
pub const MAGNITUDE: usize = 0;
/// By Wanda.
pub const WANDA: usize = 1;
/// Swaps.
pub const SWAPPED: usize = 2;
/// Weights that stay make up for those that went.
pub const SPARSE_GPT: usize = 3;
/// Surgeries in all.
pub const SURGERIES: usize = CUTS.len() * METHODS;

/// A net whose layers are cut, and what it is asked.
pub type Patient<'a> = (&'a mut Trainee, Examples<'a>);

/// A layer, and what came of its surgeries so far.
#[derive(Clone, Debug)]
pub struct Surgery {
    /// The layer on the table.
    pub layer: Rc<Layer>,
    /// All layers of the net, where there is one that is trained.
    pub all: Rc<Vec<Rc<Layer>>>,
    /// By which worth weights are cut before swaps.
    pub first: Worth,
    /// How they are swapped.
    pub rule: Rule,
    /// Which of [`CUTS`] is looked at.
    pub cut: usize,
    /// Units at this share, those that are off the most first.
    pub units: Rc<Vec<Unit>>,
    most: usize,
    done: usize,
    errors: [[f64; METHODS]; CUTS.len()],
    right: [[f64; METHODS]; CUTS.len()],
}

impl Surgery {
    /// A layer that nothing was done to yet; units are looked at with up to so many swaps.
    pub fn new(layer: Layer, first: Worth, rule: Rule, cut: usize, most: usize) -> Self {
        let (all, units) = Default::default();
        let (errors, right) = Default::default();
        let mut table = Self { layer: Rc::new(layer), all, first, rule, cut, units, most, done: 0, errors, right };
        table.look();
        table
    }

    /// Lays another layer on the table.
    pub fn lay(&mut self, layer: Rc<Layer>) {
        self.layer = layer;
        self.look();
    }

    /// Lays a layer of a net on the table, as it is in training.
    pub fn lay_within(&mut self, trainee: &mut Trainee, at: usize, [learnt, asked]: [MatRef; 2]) {
        let Trainee { net, training, .. } = trainee;
        self.lay(Rc::new(Layer::within(net, &training.numbers, [learnt, asked], at)));
    }

    /// Takes in all layers of a net that is trained, and lays one of them on the table.
    pub fn admit(&mut self, trainee: &mut Trainee, at: usize, [learnt, asked]: [MatRef; 2]) {
        let Trainee { net, training, .. } = trainee;
        let layers = 0..net.layers().len();
        let of = |at| Rc::new(Layer::within(net, &training.numbers, [learnt, asked], at));
        self.all = Rc::new(layers.map(of).collect());
        self.lay(Rc::clone(&self.all[at]));
    }

    /// After each swap of one of the units, as if there were no tolerance: what its mean is off by, and the root of its mean square
    /// error on unseen examples; both as shares of the root of the mean square of its sum.
    pub fn course(&self, unit: usize) -> Vec<[f64; 2]> {
        let on = Rule { most: self.most, tolerance: 0.0, ..self.rule };
        let of = |unit: &Unit| self.layer.course(unit.place, &unit.kept, on);
        self.units.get(unit).map_or_else(Vec::new, of)
    }

    /// The root of the mean square of the sum of one of the units.
    pub fn size(&self, unit: usize) -> f64 {
        self.units.get(unit).map_or(f64::MIN_POSITIVE, |unit| self.layer.size(unit.place))
    }

    /// After how many swaps it is left alone.
    pub fn stop(&self, unit: usize) -> usize {
        self.units.get(unit).map_or(0, |unit| unit.swaps.all.len())
    }

    /// Units that are off by more than the tolerance after so many swaps.
    pub fn off(&self, swaps: usize) -> usize {
        self.units.iter().filter(|unit| unit.swaps.off_after(swaps).abs() > self.rule.tolerance).count()
    }

    /// Cuts the units at the share that is looked at.
    pub fn look(&mut self) {
        let all = Rule { most: self.most, ..self.rule };
        self.units = Rc::new(self.layer.units(self.first, CUTS[self.cut], all));
    }

    /// Whether all surgeries are done.
    pub fn is_over(&self) -> bool {
        self.done == SURGERIES
    }

    /// Does the next surgery.
    pub fn go_on(&mut self, patient: Option<Patient>) {
        if !self.is_over() {
            self.operate(self.done, patient);
            self.done += 1;
        }
    }

    /// Does again what was done, of some methods.
    pub fn again(&mut self, methods: &[usize], mut patient: Option<Patient>) {
        self.look();
        for surgery in (0..self.done).filter(|surgery| methods.contains(&(surgery % METHODS))) {
            self.operate(surgery, patient.as_mut().map(|(trainee, test)| (&mut **trainee, *test)));
        }
    }

    /// Does one surgery and judges it. How right the net is after swaps is asked only at the share that is looked at, so that
    /// settings of swaps can be dragged.
    fn operate(&mut self, surgery: usize, patient: Option<Patient>) {
        let (place, method) = (surgery / METHODS, surgery % METHODS);
        self.errors[place][method] = self.layer.error(&self.layer.after(self.knife(method), CUTS[place]));
        if let (true, Some(patient)) = (method != SWAPPED || place == self.cut, patient) {
            self.ask(place, method, patient);
        }
    }

    /// Asks the net all of whose layers went under the knife.
    pub fn ask(&mut self, place: usize, method: usize, (trainee, test): Patient) {
        let mut numbers = trainee.training.numbers.clone();
        for (layer, at) in self.all.iter().zip(trainee.net.layers()) {
            numbers[at.weights()].copy_from_slice(&layer.after(self.knife(method), CUTS[place]).data);
        }
        self.right[place][method] = trainee.ask_as(&numbers, test);
    }

    fn knife(&self, method: usize) -> Knife {
        match method {
            SPARSE_GPT => Knife::MakeUp,
            MAGNITUDE => Knife::Cut(Worth::Size),
            WANDA => Knife::Cut(Worth::Wanda),
            _ => Knife::Swap(self.first, self.rule),
        }
    }

    /// The error of a method at a share, once it is known.
    pub fn error(&self, place: usize, method: usize) -> Option<f64> {
        (place * METHODS + method < self.done).then(|| self.errors[place][method])
    }

    /// What the net has right after it, once it is known.
    pub fn right(&self, place: usize, method: usize) -> Option<f64> {
        self.error(place, method).map(|_| self.right[place][method])
    }

    /// The greatest ratio of the errors of two methods over some shares, once all of them are known.
    pub fn ratio(&self, mut places: Range<usize>, [a, b]: [usize; 2]) -> Option<f64> {
        places.try_fold(0.0, |most, place| Some(f64::max(most, self.error(place, a)? / self.error(place, b)?)))
    }

    /// Swaps of a unit that are made, in the mean.
    pub fn made(&self) -> f64 {
        let made: usize = self.units.iter().map(|unit| unit.swaps.all.len().min(self.rule.most)).sum();
        made as f64 / self.units.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::pruning::outliers::MadeLayer};

    #[test]
    fn surgeries_come_one_after_another_and_swaps_follow_their_rule() {
        let made = MadeLayer::uneven(&Rng::new(1));
        let layer = Layer::new(made.weights.clone(), made.inputs(10.0));
        let rule = Rule { caution: 1.0, tolerance: 0.1, most: 20 };
        let mut table = Surgery::new(layer, Worth::Wanda, rule, 2, 50);
        assert_eq!((table.error(0, 0), table.ratio(0..1, [0, 1])), (None, None));
        (0..=SURGERIES).for_each(|_| table.go_on(None));
        let errors = |table: &Surgery| (0..METHODS).map(|method| table.error(1, method)).collect::<Vec<_>>();
        let before = errors(&table);
        assert!(table.is_over() && before[SWAPPED] < before[WANDA] && before[WANDA] < before[MAGNITUDE], "{before:?}");
        assert!(table.made() > 0.5);
        let [a, b] = [0, 1].map(|place| table.error(place, SWAPPED).unwrap() / table.error(place, WANDA).unwrap());
        assert_eq!(table.ratio(0..2, [SWAPPED, WANDA]), Some(a.max(b)));
        // Swaps bring the mean of the first unit down until it is left alone.
        let (course, stop) = (table.course(0), table.stop(0));
        assert!(stop > 0 && course[stop][0].abs() < course[0][0].abs() && table.size(0) > 0.0);
        assert!(table.off(20) < table.off(0) && table.course(1000).is_empty());
        // Without swaps it is the cut that they begin at.
        table.rule = Rule { most: 0, ..rule };
        table.again(&[SWAPPED], None);
        let after = errors(&table);
        assert_eq!((after[SWAPPED], after[WANDA], table.made()), (before[WANDA], before[WANDA], 0.0));
    }
}
