//! Nets that are cut while they learn (Zhu and Gupta 2017, *To prune, or not to prune: exploring the efficacy of pruning for model
//! compression*): little by little along a cubic course or one of the hand, or at once; beside the whole net and a small dense one
//! of as many numbers. They take turns.
use super::{
    schedule::{Growth, through},
    score, select,
    trainee::Trainee,
};
use crate::{
    math::rng::{Rng, Stream},
    model::learning::{
        mlp::Mlp,
        training::{Examples, Recipe},
    },
};
use std::rc::Rc;

/// The net that is cut along the cubic course.
pub const CUBIC: usize = 0;
/// Along that of the hand.
pub const OWN: usize = 1;
/// At once.
pub const ONCE: usize = 2;
/// The small dense net.
pub const SMALL: usize = 3;
/// The whole one.
pub const WHOLE: usize = 4;
/// How they take turns. Those before the small one are cut.
const TURNS: [usize; 5] = [WHOLE, CUBIC, OWN, ONCE, SMALL];

/// Where cuts lie on the way of a training, and where the one at once is.
const FROM: f64 = 0.1;
const TO: f64 = 0.6;
const ONCE_AT: f64 = 0.7;

/// What the hand says of cuts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cuts {
    /// Its course is two straight lines through this point: a share of the training, and the share of what goes in all.
    pub point: (f64, f64),
    /// Descents from one cut to the next.
    pub every: usize,
}

impl Cuts {
    /// Of what a net loses in all, the share that it has lost at `t` of its training.
    pub fn course(&self, net: usize, t: f64) -> f64 {
        let way = |t: f64| (t - FROM) / (TO - FROM);
        match net {
            CUBIC => Growth::Cubic.at(way(t)),
            OWN => through(way(t), (way(self.point.0), self.point.1)),
            ONCE => Growth::AtOnce.at(t / ONCE_AT),
            _ => 0.0,
        }
    }
}

/// One of the nets.
#[derive(Clone)]
pub struct Gradual {
    /// The net.
    pub trainee: Trainee,
    /// Its loss after each turn.
    pub losses: Vec<f32>,
    /// What was right after each epoch.
    pub right: Vec<f32>,
}

impl Gradual {
    fn new(widths: &[usize], none: Stream) -> Self {
        Self { trainee: Trainee::new(widths, none), losses: Vec::new(), right: Vec::new() }
    }

    fn begin(&mut self, recipe: Recipe, chance: &Rng) {
        self.trainee.begin_whole(recipe, chance);
        self.losses.clear();
        self.right.clear();
    }

    /// Cuts its smallest weights until this share is gone; what is gone stays so.
    fn cut(&mut self, share: f64) {
        let Trainee { net, mask, training, .. } = &mut self.trainee;
        let left = left(net, share);
        if left < mask.counts(net).iter().sum() {
            let cut = select::global(net, &score::magnitude(&training.numbers), mask, left);
            cut.prune(training);
            *mask = Rc::new(cut);
        }
    }
}

/// How many weights of a net are left after a cut.
fn left(net: &Mlp, cut: f64) -> usize {
    ((1.0 - cut) * net.weights() as f64 + 0.5) as usize
}

/// All of them.
#[derive(Clone)]
pub struct GradualNets {
    /// By their numbers above.
    pub all: Vec<Gradual>,
    /// The share of the weights that is cut in the end.
    pub cut: f64,
    recipe: Recipe,
    /// Whose turn it is, by [`TURNS`].
    turn: usize,
}

impl GradualNets {
    /// Nets of these widths, but for the small one, with nothing to learn yet.
    pub fn new(widths: [usize; 4], cut: f64, recipe: Recipe, none: &Stream) -> Self {
        let net = Mlp::new(&widths);
        let small = Mlp::widest(widths[0], widths[3], left(&net, cut) + net.numbers() - net.weights());
        let of = |at: usize| Gradual::new(if at == SMALL { &small } else { &widths }, none.clone());
        Self { all: (0..TURNS.len()).map(of).collect(), cut, recipe, turn: 0 }
    }

    /// Begins a run.
    pub fn begin(&mut self, chance: &Rng) {
        for at in [WHOLE, SMALL] {
            self.all[at].begin(self.recipe, chance);
        }
        (0..SMALL).for_each(|at| self.all[at] = self.all[WHOLE].clone());
    }

    /// So many descents of the net whose turn it is, and whether all are trained. Up to its first cut it is the whole net.
    pub fn step(&mut self, (train, test): (Examples, Examples), cuts: Cuts, batches: usize) -> bool {
        let at = TURNS[self.turn];
        if self.is_whole(at, cuts, train.1.len()) {
            self.all[at] = self.all[WHOLE].clone();
        } else {
            self.train(at, (train, test), cuts, batches);
        }
        self.turn = (self.turn + 1) % TURNS.len();
        self.turn == 0 && self.all[WHOLE].trainee.training.is_over(train.1.len())
    }

    /// Whether nothing is cut of a net up to where the whole one is by now.
    fn is_whole(&self, at: usize, cuts: Cuts, count: usize) -> bool {
        let [Trainee { mask, .. }, whole] = [at, WHOLE].map(|at| &self.all[at].trainee);
        let t = whole.training.steps() as f64 / self.recipe.all_steps(count) as f64;
        at < SMALL && Rc::ptr_eq(mask, &whole.mask) && cuts.course(at, t) <= 0.0
    }

    /// Some descents of a net, with the cuts that are due, and what comes of them.
    fn train(&mut self, at: usize, (train, test): (Examples, Examples), cuts: Cuts, batches: usize) {
        let count = train.1.len();
        let (total, epoch) = (self.recipe.all_steps(count), self.recipe.steps(count));
        let net = &mut self.all[at];
        for _ in 0..batches {
            if net.trainee.training.steps() < total {
                net.trainee.learn(train, 1);
                let steps = net.trainee.training.steps();
                if steps.is_multiple_of(cuts.every) || steps == total {
                    net.cut(self.cut * cuts.course(at, steps as f64 / total as f64));
                }
            }
        }
        net.losses.push(net.trainee.loss as f32);
        if net.trainee.training.steps().is_multiple_of(epoch) {
            net.right.push(net.trainee.ask(test) as f32);
        }
    }

    /// Kilobytes of a net when it is trained: its numbers, and where its weights are. Those are told for free, in a bit for each that
    /// could be there, or in one or two bytes for each that is.
    pub fn kilobytes(&self, at: usize, code: usize) -> f64 {
        let net = &self.all[at].trainee.net;
        if at >= SMALL {
            return 4.0 * net.numbers() as f64 / 1000.0;
        }
        let (weights, biases) = (net.weights() as f64, (net.numbers() - net.weights()) as f64);
        let left = left(net, self.cut) as f64;
        let places = [0.0, weights / 8.0, left, 2.0 * left][code];
        (4.0 * (left + biases) + places) / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::toy;

    #[test]
    fn a_net_is_the_whole_one_until_its_first_cut_and_all_end_with_as_many_weights() {
        let rng = Rng::new(6);
        let (inputs, labels) = toy::examples((96, 6), &mut rng.stream("examples"), |row| row[0] > row[1]);
        let examples = (inputs.as_ref(), &labels[..]);
        let cuts = Cuts { point: (0.35, 0.5), every: 2 };
        let mut nets = GradualNets::new([6, 20, 10, 2], 0.75, Recipe::usual(20), &rng.stream("none"));
        nets.begin(&rng);
        let mut early = true;
        loop {
            let over = nets.step((examples, examples), cuts, 2);
            let [cubic, once, whole] = [CUBIC, ONCE, WHOLE].map(|at| &nets.all[at].trainee.training);
            // Its turn comes after that of the whole net.
            if cubic.steps() == whole.steps() && whole.steps() < 4 {
                early &= cubic.numbers == whole.numbers && once.steps() <= whole.steps();
            }
            if over {
                break;
            }
        }
        let left = |at: usize| nets.all[at].trainee.mask.counts(&nets.all[at].trainee.net).iter().sum::<usize>();
        assert!(early);
        assert_eq!([CUBIC, OWN, ONCE, WHOLE].map(left), [85, 85, 85, 340]);
        assert_eq!([CUBIC, SMALL].map(|at| (nets.all[at].right.len(), nets.all[at].losses.len())), [(20, 20); 2]);
        // As many numbers, but for what whole units do not fill.
        let [cut, small] = [CUBIC, SMALL].map(|at| nets.kilobytes(at, 0));
        assert!(small <= cut && small > 0.7 * cut && nets.kilobytes(CUBIC, 3) > nets.kilobytes(CUBIC, 1));
    }

    #[test]
    fn courses_rise_from_nothing_to_all() {
        let cuts = Cuts { point: (0.35, 0.5), every: 20 };
        for net in [CUBIC, OWN, ONCE] {
            assert!(cuts.course(net, FROM).abs() < 1e-12 && (cuts.course(net, ONCE_AT) - 1.0).abs() < 1e-12);
        }
        assert!((cuts.course(OWN, 0.2) - 0.2).abs() < 1e-12 && cuts.course(CUBIC, 0.35) > 0.8);
    }
}
