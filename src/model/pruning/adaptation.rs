//! A trained net is taught something new by some of its weights alone (Hu, Zhang, Yi, Huang, Wang and Ma 2024, *SaRA: high-efficient
//! diffusion model fine-tuning with progressive sparse low-rank adaptation*), or by thin matrices beside them (Hu, Shen, Wallis,
//! Allen-Zhu, Li, Wang, Wang and Chen 2022, *LoRA: low-rank adaptation of large language models*).
use super::{score, select, trainee::Trainee};
use crate::{
    math::rng::{Rng, Stream},
    model::learning::{
        adam::{Adam, Settings},
        loss::Loss,
        low_rank::{self, LowRank},
        mlp::Layer,
        training::{Examples, Recipe, Training},
    },
};
use std::{ops::Range, rc::Rc};

/// What may learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learns {
    /// The smallest weights.
    Smallest,
    /// Any, by lot.
    Any,
    /// The largest.
    Largest,
    /// Thin matrices of as many numbers.
    Thin,
}

/// What came of learning something new.
#[derive(Clone, Debug)]
pub struct Change {
    /// All numbers before.
    pub before: Rc<Vec<f32>>,
    /// After.
    pub after: Rc<Vec<f32>>,
    /// How much of the change of a layer its first directions have, added up.
    pub directions: Rc<Vec<f64>>,
}

impl Change {
    /// How much each of some numbers has changed.
    pub fn of(&self, places: Range<usize>) -> Vec<f32> {
        self.after[places.clone()].iter().zip(&self.before[places]).map(|(after, before)| after - before).collect()
    }
}

/// Such a net.
#[derive(Clone)]
pub struct Adaptation {
    /// Its layers and the numbers that learn.
    pub trainee: Trainee,
    /// Its numbers after its first training.
    pub trained: Rc<Vec<f32>>,
    /// The share of the examples of what is new that was right when it was last asked.
    pub new: f64,
    /// Parts that were made of a training on what is new.
    pub parts: usize,
    learns: Learns,
    /// How strongly the change of weights is drawn to few directions.
    pull: f64,
    /// Whether the smallest weights are chosen again halfway.
    again: bool,
    adam: Adam,
    /// The thin matrices, where they are what learns.
    low: Option<Rc<LowRank>>,
    chance: Stream,
}

impl Adaptation {
    /// A net of these widths with nothing to learn yet. It is taught at this rate. The pull is on the change of its smallest weights,
    /// which may be chosen again halfway.
    pub fn new(widths: &[usize], rate: f64, (pull, again): (f64, bool), none: Stream) -> Self {
        Self {
            trainee: Trainee::new(widths, none.clone()),
            trained: Rc::default(),
            new: 0.0,
            parts: 0,
            learns: Learns::Largest,
            pull,
            again,
            adam: Adam::new(0, Settings::new(rate as f32, 0.0)),
            low: None,
            chance: none,
        }
    }

    /// Begins the first training, of all its numbers.
    pub fn begin(&mut self, recipe: Recipe, chance: &Rng) {
        self.low = None;
        self.trainee.begin_whole(recipe, chance);
    }

    /// Keeps what that came to: all else begins there.
    pub fn keep(&mut self) {
        self.trained = Rc::new(self.trainee.training.numbers.clone());
    }

    /// Begins to teach it something new, by a share of its weights. Draws at another place come from other streams.
    pub fn teach(&mut self, learns: Learns, share: f64, recipe: Recipe, (chance, place): (&Rng, usize)) {
        let net = &self.trainee.net;
        let count = (share * net.weights() as f64 + 0.5) as usize;
        let sizes = score::magnitude(&self.trained);
        let scores = match learns {
            Learns::Smallest => sizes.iter().map(|size| -size).collect(),
            Learns::Any => score::random(net, &mut chance.stream(&format!("places {place}"))),
            Learns::Largest | Learns::Thin => sizes,
        };
        let mut mask = select::share(net, &scores, share);
        net.layers().iter().flat_map(Layer::biases).for_each(|place| mask.set(place, false));
        self.low = (learns == Learns::Thin).then(|| Rc::new(LowRank::within(net, count)));
        let numbers = match &self.low {
            Some(low) => low.draw(&mut chance.stream(&format!("thin {place}"))),
            None => self.trained.to_vec(),
        };
        self.adam = Adam::new(numbers.len(), self.adam.settings);
        self.trainee.mask = Rc::new(mask);
        self.trainee.training = Training::new(numbers, recipe, chance.stream("turned order"));
        self.chance = chance.stream(&format!("layers {place}"));
        (self.learns, self.parts) = (learns, 0);
    }

    /// Asks it what it learnt first and what is new.
    pub fn ask(&mut self, first: Examples, new: Examples) {
        let used = self.used();
        self.new = self.trainee.ask_as(&used, new);
        self.trainee.ask_as(&used, first);
    }

    /// The numbers that the net has now.
    fn used(&self) -> Vec<f32> {
        let numbers = &self.trainee.training.numbers;
        self.low.as_ref().map_or_else(|| numbers.clone(), |low| low.add(numbers, &self.trained))
    }

    /// The share of its weights that may learn, or how many thin numbers there are to a weight.
    pub fn learning(&self) -> f64 {
        let Trainee { net, mask, training, .. } = &self.trainee;
        match &self.low {
            Some(_) => training.numbers.len() as f64 / net.weights() as f64,
            None => mask.density(net),
        }
    }

    /// One more of so many parts of a training on what is new, and whether it was the last.
    pub fn part(&mut self, examples: Examples, parts: usize) -> bool {
        self.parts += 1;
        let all = self.trainee.training.recipe().all_steps(examples.1.len());
        while self.trainee.training.steps() < all * self.parts / parts {
            self.descend(examples);
            if self.again && self.learns == Learns::Smallest && self.trainee.training.steps() == all / 2 {
                self.choose_again();
            }
        }
        self.parts >= parts
    }

    /// One descent on what is new. The smallest weights feel the pull.
    fn descend(&mut self, examples: Examples) {
        let used = self.used();
        let Trainee { net, mask, training, loss, .. } = &mut self.trainee;
        if let Some(low) = &self.low {
            let thin = training.numbers.clone();
            let mut gradient = vec![0.0; used.len()];
            let score = training.learn_by(examples, |(inputs, labels), by_changes| {
                let score = net.learn(&used, inputs, labels, Loss::CrossEntropy, &mut gradient);
                low.gather(&thin, &gradient, by_changes);
                score
            });
            *loss = score.loss;
        } else {
            *loss = training.learn_at(&used, net, examples, Loss::CrossEntropy).loss;
            if self.learns == Learns::Smallest && self.pull > 0.0 {
                // As in the paper, of one layer at a step.
                let layer = net.layers()[self.chance.below(net.layers().len())];
                let change: Vec<f32> = layer.weights().map(|place| used[place] - self.trained[place]).collect();
                let pull = low_rank::nuclear_gradient(layer.units, layer.inputs, &change);
                let gradient = &mut training.gradient[layer.weights()];
                gradient.iter_mut().zip(pull).for_each(|(g, pull)| *g += self.pull as f32 * pull);
            }
            mask.cut(&mut training.gradient);
        }
        training.descend_by(|numbers, gradient| self.adam.step(numbers, gradient));
    }

    /// Lets go of the weights that have grown out of the smallest.
    fn choose_again(&mut self) {
        let Trainee { net, mask, training, .. } = &mut self.trainee;
        let places: Vec<usize> = mask.places(net).collect();
        let limit = places.iter().map(|place| self.trained[*place].abs()).fold(0.0, f32::max);
        let mask = Rc::make_mut(mask);
        for place in places {
            if training.numbers[place].abs() >= limit {
                mask.set(place, false);
            }
        }
        // What has stopped must not roll on.
        self.adam = Adam::new(training.numbers.len(), self.adam.settings);
    }

    /// What the trained net has right without its smallest weights, where a share of all is cut. What it had right before stands.
    pub fn ask_without(&mut self, cut: f64, examples: Examples) -> f64 {
        let net = &self.trainee.net;
        let mut numbers = self.trained.to_vec();
        select::share(net, &score::magnitude(&self.trained), 1.0 - cut).cut(&mut numbers);
        let right = self.trainee.accuracy;
        let left = self.trainee.ask_as(&numbers, examples);
        self.trainee.accuracy = right;
        left
    }

    /// What has changed since the first training, and so many directions of a layer.
    pub fn change(&self, layer: usize, count: usize) -> Change {
        let layer = self.trainee.net.layers()[layer];
        let (before, after) = (Rc::clone(&self.trained), Rc::new(self.used()));
        let mut change = Change { before, after, directions: Rc::default() };
        let moved = change.of(layer.weights());
        change.directions = Rc::new(low_rank::first_directions(layer.units, layer.inputs, &moved, count));
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::mat::Mat, model::toy};

    fn trained(pull: f64) -> (Adaptation, Mat, Vec<u16>, Rng) {
        let rng = Rng::new(4);
        let mut chance = rng.stream("examples");
        let (inputs, labels) = toy::examples((40, 5), &mut chance, |row| row[0] > row[1]);
        let mut net = Adaptation::new(&[5, 12, 6, 2], 1e-2, (pull, false), rng.stream("none"));
        net.begin(Recipe { batch: 10, ..Recipe::usual(10) }, &rng);
        net.trainee.learn((inputs.as_ref(), &labels), usize::MAX);
        net.keep();
        (net, inputs, labels.into_iter().map(|label| 1 - label).collect(), rng)
    }

    #[test]
    fn only_what_may_learn_moves_and_it_learns() {
        for learns in [Learns::Smallest, Learns::Any, Learns::Largest, Learns::Thin] {
            let (mut net, inputs, labels, rng) = trained(0.0);
            let examples = (inputs.as_ref(), &labels[..]);
            net.teach(learns, 0.5, Recipe { batch: 40, ..Recipe::usual(60) }, (&rng, 0));
            net.ask(examples, examples);
            let before = net.new;
            while !net.part(examples, 7) {}
            assert_eq!((net.parts, net.trainee.training.steps()), (7, 60));
            let used = net.used();
            let moved = used.iter().zip(&*net.trained).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            let all = net.trainee.net.weights();
            assert!(moved > 0 && (moved <= all / 2 || learns == Learns::Thin), "{learns:?}: {moved} of {all}");
            net.ask(examples, examples);
            let after = net.new;
            assert!(after > before && net.learning() <= 0.51, "{learns:?}: {before} {after} {}", net.learning());
        }
    }

    #[test]
    fn weights_that_have_grown_are_let_go_and_a_pull_makes_directions_fewer() {
        let first = |pull: f64| {
            let (mut net, inputs, labels, rng) = trained(pull);
            net.teach(Learns::Smallest, 0.6, Recipe { batch: 40, ..Recipe::usual(80) }, (&rng, 0));
            let before = net.learning();
            net.again = true;
            while !net.part((inputs.as_ref(), &labels), 4) {}
            assert!(net.learning() < before);
            net.change(1, 3).directions[0]
        };
        assert!(first(0.05) > first(0.0));
    }
}
