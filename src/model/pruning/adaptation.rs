//! A trained net is taught something new by some of its weights alone (Hu, Zhang, Yi, Huang, Wang and Ma 2024, *SaRA: high-efficient
//! diffusion model fine-tuning with progressive sparse low-rank adaptation*), or by thin matrices beside them (Hu, Shen, Wallis,
//! Allen-Zhu, Li, Wang, Wang and Chen 2022, *LoRA: low-rank adaptation of large language models*).
use super::{mask::Mask, score, select, trainee::Trainee};
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
use std::rc::Rc;

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

/// Such a net.
#[derive(Clone)]
pub struct Adaptation {
    /// Its layers and the numbers that learn.
    pub trainee: Trainee,
    /// Its numbers after its first training.
    pub trained: Rc<Vec<f32>>,
    /// How strongly the change of weights is drawn to few directions.
    pull: f64,
    adam: Adam,
    /// The thin matrices, where they are what learns.
    low: Option<Rc<LowRank>>,
    chance: Stream,
}

impl Adaptation {
    /// A net of these widths with nothing to learn yet. It is taught at this rate; the pull is on the change of its weights.
    pub fn new(widths: &[usize], rate: f64, pull: f64, none: Stream) -> Self {
        Self {
            trainee: Trainee::new(widths, none.clone()),
            trained: Rc::default(),
            pull,
            adam: Adam::new(0, Settings::new(rate as f32, 0.0)),
            low: None,
            chance: none,
        }
    }

    /// Begins the first training, of all its numbers.
    pub fn begin(&mut self, recipe: Recipe, chance: &Rng) {
        let drawn = self.trainee.net.draw(&mut chance.stream("weights"));
        let full = Rc::new(Mask::full(&self.trainee.net));
        self.low = None;
        self.trainee.begin(drawn, full, recipe, chance.stream("order"));
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
        let mut mask = select::global(net, &scores, &Mask::full(net), count);
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
    }

    /// The numbers that the net has now.
    pub fn used(&self) -> Vec<f32> {
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

    /// One descent on what is new. The smallest weights feel the pull.
    pub fn descend(&mut self, learns: Learns, examples: Examples) {
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
            if learns == Learns::Smallest && self.pull > 0.0 {
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
    pub fn choose_again(&mut self) {
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

    /// What the trained net has right without its smallest weights, where a share of all is cut.
    pub fn ask_without(&mut self, cut: f64, examples: Examples) -> f64 {
        let net = &self.trainee.net;
        let left = ((1.0 - cut) * net.weights() as f64 + 0.5) as usize;
        let mut numbers = self.trained.to_vec();
        select::global(net, &score::magnitude(&self.trained), &Mask::full(net), left).cut(&mut numbers);
        self.trainee.ask_as(&numbers, examples)
    }

    /// How much of the change of a layer its first directions have, added up.
    pub fn directions(&self, layer: usize, count: usize) -> Vec<f64> {
        let (used, layer) = (self.used(), self.trainee.net.layers()[layer]);
        let change: Vec<f32> = layer.weights().map(|place| used[place] - self.trained[place]).collect();
        low_rank::first_directions(layer.units, layer.inputs, &change, count)
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
        let mut net = Adaptation::new(&[5, 12, 6, 2], 1e-2, pull, rng.stream("none"));
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
            let before = net.trainee.ask_as(&net.used(), examples);
            (0..60).for_each(|_| net.descend(learns, examples));
            let used = net.used();
            let moved = used.iter().zip(&*net.trained).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            let all = net.trainee.net.weights();
            assert!(moved > 0 && (moved <= all / 2 || learns == Learns::Thin), "{learns:?}: {moved} of {all}");
            let after = net.trainee.ask_as(&used, examples);
            assert!(after > before && net.learning() <= 0.51, "{learns:?}: {before} {after} {}", net.learning());
        }
    }

    #[test]
    fn weights_that_have_grown_are_let_go_and_a_pull_makes_directions_fewer() {
        let first = |pull: f64| {
            let (mut net, inputs, labels, rng) = trained(pull);
            net.teach(Learns::Smallest, 0.6, Recipe { batch: 40, ..Recipe::usual(80) }, (&rng, 0));
            let before = net.learning();
            (0..80).for_each(|_| net.descend(Learns::Smallest, (inputs.as_ref(), &labels)));
            let directions = net.directions(1, 3);
            net.choose_again();
            assert!(net.learning() < before);
            directions[0]
        };
        assert!(first(0.05) > first(0.0));
    }
}
