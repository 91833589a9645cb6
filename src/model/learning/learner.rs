//! How a network goes from lazy to rich: what it is like on the way, when it had fitted its examples, and when it had understood
//! (Kumar, Bordelon, Gershman and Pehlevan 2024, *Grokking as the transition from lazy to rich training dynamics*).
use super::lazy_rich::{Losses, Net, Parts, Scratch, Task};

/// The error at which a network has fitted its examples.
pub const FITTED: f64 = 0.05;
/// The error on new inputs at which it has understood.
pub const UNDERSTOOD: f64 = 0.1;
/// An error on new inputs at which nothing is left to see.
pub const LEAST: f64 = 0.02;
/// One at which training broke.
pub const BROKEN: f64 = 100.0;
/// After so many steps more it has no end, if it will.
const AWAY: usize = 1000;
/// An error on the examples that moves no weight any more, with features that turn and with those that stay.
const SILENT: [f64; 2] = [1e-6, FITTED / 5.0];

/// A network after so many steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Steps of gradient descent.
    pub step: usize,
    /// Its errors.
    pub losses: Losses,
    /// How far its features point along the target.
    pub alignment: f64,
    /// What its error on new inputs is made of.
    pub parts: Parts,
    /// How well its kernel suits the target.
    pub kernel: f64,
}

/// A network in training, and how it went.
#[derive(Clone, Debug)]
pub struct Learner {
    net: Net,
    /// At the start and wherever training was held.
    past: Vec<Moment>,
    fitted: Option<Moment>,
    understood: Option<Moment>,
}

impl Learner {
    /// Before training; it will be held up to so many times.
    pub fn new(net: Net, task: &Task, holds: usize, scratch: &mut Scratch) -> Self {
        let kernel = net.kernel_alignment(task, scratch);
        let mut past = Vec::with_capacity(holds + 1);
        past.push(moment(&net, 0, kernel, task));
        Self { net, past, fitted: None, understood: None }
    }

    /// The network.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// All moments so far, that of the start first.
    pub fn past(&self) -> &[Moment] {
        &self.past
    }

    /// The last of them.
    pub fn now(&self) -> Moment {
        self.past[self.past.len() - 1]
    }

    /// When it had fitted its examples.
    pub fn fitted(&self) -> Option<Moment> {
        self.fitted
    }

    /// When it had understood.
    pub fn understood(&self) -> Option<Moment> {
        self.understood
    }

    /// Whether its steps were too long.
    pub fn broke(&self) -> bool {
        self.now().losses.test >= BROKEN
    }

    /// Whether more steps would show nothing.
    pub fn rests(&self) -> bool {
        let Losses { train, test } = self.now().losses;
        self.broke() || test < LEAST || train < SILENT[usize::from(self.net.is_frozen())]
    }

    /// Trains to that step, and holds there.
    pub fn train(&mut self, to: usize, rate: f32, task: &Task, scratch: &mut Scratch) {
        for step in self.now().step + 1..=to {
            self.net.step(rate, task, scratch);
            let losses = self.net.losses();
            // Not so of what is no number either.
            let whole = losses.test < BROKEN && losses.train < BROKEN;
            let fits = whole && self.fitted.is_none() && losses.train < FITTED;
            let understands = whole && self.understood.is_none() && losses.test < UNDERSTOOD;
            if whole && !fits && !understands && step < to {
                continue;
            }
            let moment = if whole {
                // The kernel of features that stay does, too, and is dear.
                let stays = self.net.is_frozen();
                let kernel = if stays { self.past[0].kernel } else { self.net.kernel_alignment(task, scratch) };
                moment(&self.net, step, kernel, task)
            } else {
                Moment { step, losses: Losses { train: BROKEN, test: BROKEN }, ..self.now() }
            };
            if fits {
                self.fitted = Some(moment);
            }
            if understands {
                self.understood = Some(moment);
            }
            if !whole {
                self.run_away(rate, task, scratch);
            }
            if step == to || !whole {
                self.past.push(moment);
                return;
            }
        }
    }

    /// Steps that are too long make each error larger than the last: until that has no end.
    fn run_away(&mut self, rate: f32, task: &Task, scratch: &mut Scratch) {
        for _ in 0..AWAY {
            if !self.net.losses().test.is_finite() {
                return;
            }
            self.net.step(rate, task, scratch);
        }
    }

    /// Steps until it understood over steps until it fitted, and whether it understood; else what it waits so far.
    pub fn wait(&self) -> Option<(f64, bool)> {
        let fitted = self.fitted?.step as f64;
        let until = self.understood.map_or(self.now().step, |moment| moment.step);
        Some((until as f64 / fitted, self.understood.is_some()))
    }
}

fn moment(net: &Net, step: usize, kernel: f64, task: &Task) -> Moment {
    Moment { step, losses: net.losses(), alignment: net.alignment(task), parts: net.parts(), kernel }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;
    use std::rc::Rc;

    fn task() -> Task {
        Task::draw(60, 10, &Rng::new(1))
    }

    fn learner(pull: f32, task: &Task, scratch: &mut Scratch) -> Learner {
        let units = Rc::new(task.units(40, 0.0, &Rng::new(1)));
        Learner::new(Net::new(pull, units, task, scratch), task, 100, scratch)
    }

    #[test]
    fn moments_are_those_of_single_steps_wherever_it_is_held() {
        let (task, mut scratch) = (task(), Scratch::default());
        for pull in [0.0, 1.0] {
            let [mut single, mut held] = [(); 2].map(|()| learner(pull, &task, &mut scratch));
            (1..=300).for_each(|to| single.train(to, 2.0, &task, &mut scratch));
            [1, 7, 20, 150, 300].into_iter().for_each(|to| held.train(to, 2.0, &task, &mut scratch));
            let at = |step: usize| single.past()[step];
            assert!(held.past().iter().all(|moment| *moment == at(moment.step)), "{pull}");
            assert_eq!((held.fitted(), held.understood()), (single.fitted(), single.understood()));
            // Each is the first of its kind.
            let first = |is: fn(&Moment) -> bool| single.past().iter().copied().find(is);
            assert_eq!(single.fitted(), first(|moment| moment.losses.train < FITTED));
            assert_eq!(single.understood(), first(|moment| moment.losses.test < UNDERSTOOD));
            assert!(held.net().is_frozen() || single.fitted().is_some(), "{:?}", single.now());
            // What is known of frozen features from the start is what is found anew.
            let kernel = held.net().kernel_alignment(&task, &mut Scratch::default());
            assert_eq!(kernel.to_bits(), held.now().kernel.to_bits(), "{pull}");
        }
    }

    #[test]
    fn steps_that_are_too_long_break_it_and_no_number() {
        let (task, mut scratch) = (task(), Scratch::default());
        let mut learner = learner(4.0, &task, &mut scratch);
        learner.train(200, 1e3, &task, &mut scratch);
        assert!(learner.broke() && learner.rests() && learner.now().kernel.is_finite(), "{:?}", learner.now());
    }
}
