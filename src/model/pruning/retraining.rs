//! One training after another on a bench: whole, or under the cut that was tried on (Han, Pool, Tran and Dally 2015, *Learning
//! both weights and connections for efficient neural networks*; Frankle and Carbin 2019, *The lottery ticket hypothesis*).
use super::{
    bench::{Bench, Knife},
    criteria::{self, Criteria},
    mask::Mask,
    start,
    trainee::Trainee,
    twin::Twin,
};
use crate::{
    math::rng::Rng,
    model::learning::training::{Examples, Recipe},
};
use std::rc::Rc;

/// What a training begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// All weights as they are.
    Whole,
    /// Those that the cut leaves, as they are.
    Cut,
    /// Those, as they were at the start.
    Rewound,
    /// As many at the same places, drawn anew, and made up for what is gone.
    Drawn,
}

/// Of whose weights the cut beside that of the hand is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Those in training.
    Own,
    /// Those, as they were before this training.
    Earlier,
    /// Those of a net that began with others and is trained whole.
    Another,
}

/// A training.
#[derive(Clone, Copy, Debug)]
pub struct Trained {
    /// What it began with.
    pub begins: Begins,
    /// The step after which it began.
    pub from: usize,
    /// The share that was right at its first weights.
    pub before: f64,
    /// The share that was right at its last, once it is over.
    pub after: Option<f64>,
    /// The share of weights that it has.
    pub left: f64,
    /// How the net was cut.
    pub knife: Knife,
    /// Whether by size alone: nothing was locked, painted or taken with an input.
    pub plain: bool,
}

/// What the first training came to: what is right.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Whole.
    pub whole: f64,
    /// Without the smallest third.
    pub third: f64,
    /// Without half, by size and by chance.
    pub halves: [f64; 2],
}

/// Trainings, one after another.
#[derive(Clone, Debug)]
pub struct Retraining {
    /// The net that is in training.
    pub bench: Bench,
    /// What follows a training that is over, where the cut is another by then.
    pub then: Begins,
    /// Whether a rewound training is followed by one of as many weights at the same places, drawn anew.
    pub anew: bool,
    /// Epochs of each training but the first.
    pub epochs: usize,
    /// What was asked for in the middle of a training.
    pub asked: Option<Begins>,
    /// All trainings so far, with the one that goes on.
    pub trainings: Vec<Trained>,
    /// What the first one came to.
    pub found: Option<Found>,
    /// What weights were worth before the training that goes on; in the first one at the start.
    pub earlier: Rc<Criteria>,
    /// Of whose weights the cut beside is made: after a change comes a [`Retraining::stand_beside`].
    pub beside: Beside,
    twin: Option<Twin>,
    /// How the first one was trained.
    pub first_recipe: Recipe,
    first: Rc<Vec<f32>>,
    rng: Rng,
    step: usize,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// It trained.
    On,
    /// It began a training.
    Began(Begins),
    /// It ended one, and another follows.
    Over,
    /// It ended one and none follows, or there was nothing to do.
    Rest,
}

impl Retraining {
    /// The first training is that of the bench, which begins now.
    pub fn new(
        mut bench: Bench,
        (then, anew): (Begins, bool),
        beside: Beside,
        epochs: usize,
        rng: Rng,
        test: Examples,
    ) -> Self {
        let first = Rc::new(bench.trainee.training.numbers.clone());
        let before = bench.trainee.ask(test);
        let knife = bench.knife;
        let trained = Trained { begins: Begins::Whole, from: 0, before, after: None, left: 1.0, knife, plain: true };
        bench.look(test);
        let earlier = Rc::new(bench.criteria.clone());
        let first_recipe = *bench.trainee.training.recipe();
        Self {
            bench,
            then,
            anew,
            epochs,
            asked: None,
            trainings: vec![trained],
            found: None,
            earlier,
            beside,
            twin: None,
            first_recipe,
            first,
            rng,
            step: 0,
        }
    }

    /// So many batches of the training that goes on, or of the next; `some` are the examples that criteria are given.
    pub fn step(&mut self, train: Examples, test: Examples, some: Examples, batches: usize) -> Stepped {
        if self.beside == Beside::Another {
            self.stand_beside(batches, train, some);
        }
        let next = self.next(train.1.len());
        if let Some(begins) = next {
            self.take_up(begins, test, some);
        }
        self.step += 1;
        if self.is_over(train.1.len()) {
            return Stepped::Rest;
        }
        let over = self.bench.trainee.work(train, test, batches);
        let Bench { trainee, criteria, .. } = &mut self.bench;
        criteria.follow(&mut trainee.net, &trainee.training.numbers, some.0);
        self.bench.look(test);
        if over {
            self.put_down(test);
            return if self.next(train.1.len()).is_some() { Stepped::Over } else { Stepped::Rest };
        }
        next.map_or(Stepped::On, Stepped::Began)
    }

    /// Finds the weights that the cut beside is made of, so many steps of the first training on.
    pub fn stand_beside(&mut self, ahead: usize, train: Examples, some: Examples) {
        let rival = match self.beside {
            Beside::Own => None,
            Beside::Earlier => Some(Rc::clone(&self.earlier)),
            Beside::Another => {
                let Trainee { net, training, .. } = &self.bench.trainee;
                let last = net.layers().last().map(|layer| layer.units);
                let widths: Vec<usize> = net.layers().iter().map(|layer| layer.inputs).chain(last).collect();
                let fresh = || Twin::new(&widths, self.first_recipe, some, &self.rng.child("another seed"));
                let twin = self.twin.get_or_insert_with(fresh);
                // Later trainings leave it as it was after the first.
                let steps = if self.trainings.len() > 1 { usize::MAX } else { training.steps() + ahead };
                twin.catch_up(steps, train, some);
                Some(Rc::clone(&twin.criteria))
            }
        };
        self.bench.stand_beside(rival);
    }

    /// Asks for another training at the next step. A whole net in its first training goes on as it is, and one that has not begun
    /// to learn learns first.
    pub fn ask(&mut self, (begins, anew): (Begins, bool), examples: usize) {
        let first = self.trainings.len() == 1 && !self.is_over(examples);
        let goes_on = self.step == 0 || (first && begins == Begins::Whole);
        (self.then, self.anew) = (begins, anew);
        self.asked = (!goes_on).then_some(begins);
    }

    /// Whether the last training is over, of so many examples.
    pub fn is_over(&self, examples: usize) -> bool {
        self.bench.trainee.training.is_over(examples)
    }

    /// What the next step begins, if anything.
    pub fn next(&self, examples: usize) -> Option<Begins> {
        self.asked.or(self.follows().filter(|_| self.is_over(examples)))
    }

    /// What follows this training as things are, if anything.
    pub fn follows(&self) -> Option<Begins> {
        if *self.bench.mask() != *self.bench.trainee.mask {
            return (self.then != Begins::Whole).then_some(self.then);
        }
        let rewound = self.trainings.last().is_some_and(|now| now.begins == Begins::Rewound);
        (self.anew && rewound).then_some(Begins::Drawn)
    }

    /// The step at which all is over, as things are.
    pub fn due(&self, examples: usize, batches: usize) -> usize {
        let steps = |epochs: usize| Recipe::usual(epochs).all_steps(examples).div_ceil(batches);
        let from = self.trainings.last().map_or(0, |now| now.from);
        let end = (from + steps(self.bench.trainee.training.recipe().epochs)).max(self.step);
        // What was asked for begins now.
        let end = if self.asked.is_some() { self.step } else { end };
        let later = |begins| if self.anew && begins == Begins::Rewound { 2 } else { 1 };
        end + self.asked.or(self.follows()).map_or(0, later) * steps(self.epochs)
    }

    /// The first training after the first one that was cut by size alone, had such a share of weights and is over, if it began in
    /// this way; and what it came to.
    pub fn came_of(&self, begins: Begins, left: (f64, f64)) -> Option<(Trained, f64)> {
        let such = |trained: &&Trained| {
            trained.begins == begins && trained.plain && trained.left >= left.0 && trained.left <= left.1
        };
        self.trainings.iter().skip(1).filter(such).find_map(|trained| Some((*trained, trained.after?)))
    }

    /// What a training that went on under a deep cut came to, if the cut hurt: with the share that the first one had right.
    pub fn repaired(&self, most: f64) -> Option<(Trained, f64, f64)> {
        let ((trained, after), found) = self.came_of(Begins::Cut, (0.0, most)).zip(self.found)?;
        (trained.before < found.whole - 0.05).then_some((trained, after, found.whole))
    }

    /// What a ticket of so few weights came to, and what as many at the same places that were drawn anew did.
    pub fn twins(&self, most: f64) -> Option<(f64, f64)> {
        let (ticket, right) = self.came_of(Begins::Rewound, (0.0, most))?;
        let (_, drawn) = self.came_of(Begins::Drawn, (ticket.left - 1e-9, ticket.left + 1e-9))?;
        Some((right, drawn))
    }

    fn take_up(&mut self, begins: Begins, test: Examples, some: Examples) {
        let number = self.trainings.len();
        let bench = &mut self.bench;
        self.earlier = Rc::new(bench.criteria.clone());
        if self.beside == Beside::Earlier {
            bench.stand_beside(Some(Rc::clone(&self.earlier)));
        }
        let (knife, full) = (bench.knife, Mask::full(&bench.trainee.net));
        let by_size = knife.by[0] == criteria::SIZE && knife.locked.is_none() && knife.inputs < 1e-9;
        let plain = by_size && *bench.painted == full;
        let mask = if begins == Begins::Whole { full } else { bench.mask().clone() };
        let net = &mut bench.trainee.net;
        let mut numbers = match begins {
            Begins::Rewound => self.first.to_vec(),
            Begins::Drawn => net.draw(&mut self.rng.stream(&format!("weights {number}"))),
            Begins::Whole | Begins::Cut => bench.trainee.training.numbers.clone(),
        };
        if matches!(begins, Begins::Rewound | Begins::Drawn) {
            bench.criteria.begin(net, &numbers, some);
        }
        if begins == Begins::Drawn {
            start::make_up(net, &mut numbers, &mask);
        }
        let left = mask.density(net);
        let order = self.rng.stream(&format!("order {number}"));
        bench.trainee.begin(numbers, Rc::new(mask), Recipe::usual(self.epochs), order);
        let before = bench.trainee.ask(test);
        self.trainings.push(Trained { begins, from: self.step, before, after: None, left, knife, plain });
        self.asked = None;
    }

    fn put_down(&mut self, test: Examples) {
        let right = self.bench.trainee.accuracy;
        if let Some(trained) = self.trainings.last_mut() {
            trained.after = Some(right);
        }
        if self.trainings.len() == 1 {
            let third = self.bench.without(1.0 / 3.0, criteria::SIZE, test);
            let halves = [criteria::SIZE, criteria::CHANCE].map(|by| self.bench.without(0.5, by, test));
            self.found = Some(Found { whole: right, third, halves });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        learning::mlp::Mlp,
        pruning::{
            criteria::Criteria,
            ranking::{Cut, Scope},
            trainee::Trainee,
        },
        toy,
    };

    fn lab(then: Begins, beside: Beside, test: Examples) -> Retraining {
        let rng = Rng::new(5);
        let mut trainee = Trainee::new(&[6, 16, 2], rng.stream("none"));
        let first = trainee.net.draw(&mut rng.stream("weights"));
        trainee.begin(first.clone(), Rc::new(Mask::full(&trainee.net)), Recipe::usual(3), rng.stream("order"));
        let criteria = Criteria::new(&mut trainee.net, &first, test, &mut rng.stream("chance"));
        let by = [criteria::SIZE, criteria::CHANCE];
        let knife = Knife { cut: 0.5, by, scope: Scope::Net, locked: None, inputs: 0.0 };
        Retraining::new(Bench::new(trainee, criteria, knife), (then, false), beside, 2, rng, test)
    }

    #[test]
    fn a_ticket_goes_back_to_its_first_weights_and_a_deeper_cut_begins_the_next_round() {
        let mut chance = Rng::new(2).stream("inputs");
        let (inputs, labels) = toy::examples((128, 6), &mut chance, |row| row[0] > 0.0);
        let task = (inputs.as_ref(), &labels[..]);
        let mut lab = lab(Begins::Rewound, Beside::Own, task);
        let first = lab.bench.trainee.training.numbers.clone();
        assert_eq!(lab.due(128, 2), 5);
        let stepped: Vec<Stepped> = (0..3).map(|_| lab.step(task, task, task, 2)).collect();
        assert_eq!(stepped, [Stepped::On, Stepped::On, Stepped::Over]);
        let mask = lab.bench.mask().clone();
        lab.take_up(Begins::Rewound, task, task);
        let mut ticket = first;
        mask.cut(&mut ticket);
        assert_eq!(lab.bench.trainee.training.numbers, ticket);
        assert_eq!([(); 2].map(|()| lab.step(task, task, task, 2)), [Stepped::On, Stepped::Rest]);
        // The same cut again is nothing new.
        assert_eq!((lab.step(task, task, task, 2), lab.trainings.len()), (Stepped::Rest, 2));
        lab.bench.knife.cut = 0.75;
        lab.bench.show(task);
        assert_eq!(lab.step(task, task, task, 2), Stepped::Began(Begins::Rewound));
        let net = Mlp::new(&[6, 16, 2]);
        let third = &lab.bench.trainee.mask;
        assert!((third.density(&net) - 0.25).abs() < 1e-9 && third.shared(&mask, &net) == 32);
        assert!(lab.came_of(Begins::Rewound, (0.4, 0.6)).is_some_and(|(trained, _)| trained.plain));
        // As many weights were not drawn anew, nor did any cut go on as it was.
        assert!(lab.twins(1.0).is_none() && lab.repaired(1.0).is_none());
        (0..3).for_each(|_| assert!(lab.step(task, task, task, 2) != Stepped::Began(Begins::Drawn)));
        lab.ask((Begins::Drawn, false), 128);
        (0..3).for_each(|_| assert!(lab.step(task, task, task, 2) != Stepped::Began(Begins::Rewound)));
        assert!(lab.twins(0.3).is_some());
    }

    #[test]
    fn a_ticket_is_followed_by_as_many_weights_that_are_drawn_anew() {
        let mut chance = Rng::new(2).stream("inputs");
        let (inputs, labels) = toy::examples((128, 6), &mut chance, |row| row[0] > 0.0);
        let task = (inputs.as_ref(), &labels[..]);
        let mut lab = lab(Begins::Whole, Beside::Own, task);
        lab.ask((Begins::Rewound, true), 128);
        let due = lab.due(128, 2);
        while lab.step(task, task, task, 2) != Stepped::Rest {
            assert_eq!(lab.due(128, 2), due);
        }
        let begins: Vec<Begins> = lab.trainings.iter().map(|trained| trained.begins).collect();
        assert_eq!((begins, lab.step), (vec![Begins::Whole, Begins::Rewound, Begins::Drawn], due));
        assert!(lab.twins(0.5).is_some());
    }

    #[test]
    fn beside_it_stand_the_weights_before_this_training_or_those_of_another_net_that_keeps_up() {
        let mut chance = Rng::new(2).stream("inputs");
        let (inputs, labels) = toy::examples((128, 6), &mut chance, |row| row[0] > 0.0);
        let task = (inputs.as_ref(), &labels[..]);
        // The order of all weights, told by what is left of them at nine cuts.
        let net = Mlp::new(&[6, 16, 2]);
        let full = Mask::full(&net);
        let order = |criteria: &Criteria| -> Vec<Mask> {
            let cut = |part: i32| Cut { left: f64::from(part) / 10.0, scope: Scope::Net, locked: None, among: &full };
            (1..10).map(|part| criteria.ranking(criteria::SIZE).keep(&net, &cut(part))).collect()
        };
        let rival = |lab: &Retraining| lab.bench.rival().map(|rival| order(rival));
        let mut other = lab(Begins::Whole, Beside::Another, task);
        other.stand_beside(0, task, task);
        let start = rival(&other);
        assert_eq!([(); 3].map(|()| other.step(task, task, task, 2))[2], Stepped::Rest);
        assert!(rival(&other) != start && rival(&other) != Some(order(&other.bench.criteria)));
        let mut own = lab(Begins::Cut, Beside::Own, task);
        assert_eq!([(); 3].map(|()| own.step(task, task, task, 2))[2], Stepped::Over);
        assert!(rival(&own).is_none());
        let trained = Some(order(&own.bench.criteria));
        own.beside = Beside::Earlier;
        own.stand_beside(0, task, task);
        assert!(rival(&own) != trained);
        own.step(task, task, task, 2);
        assert_eq!(rival(&own), trained);
    }
}
