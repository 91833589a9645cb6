//! Nets whose neurons fall silent while they learn, whatever they learn, and nets of which only few neurons may be active (Li, You,
//! Bhojanapalli, Li, Rawat, Reddi and others 2023, *The lazy neuron phenomenon: on emergence of activation sparsity in transformers*).
//! They are trained one after another, watched along the way, and the widest of each task is kept to be looked at.
use crate::{
    math::rng::{Rng, Stream},
    model::learning::{
        pupil::{Lens, Look, Pupil},
        residual_net::ResidualNet,
        training::{Examples, Recipe},
    },
};
use std::rc::Rc;

/// What is learnt.
pub const TASKS: [&str; 4] = ["digits", "signals", "random labels", "endless data"];
/// The first of them.
pub const DIGITS: usize = 0;
/// The second.
pub const SIGNALS: usize = 1;
/// The third: labels of the digits by lot.
pub const RANDOM: usize = 2;
/// The last: data that never come twice.
pub const ENDLESS: usize = 3;
/// No task of its own: digits of which some have wrong labels.
pub const WRONG: usize = 4;

/// Neurons of each block, and batches in a turn of a net that wide.
pub const WIDE: [usize; 4] = [32, 128, 256, 512];
const BATCHES: [usize; WIDE.len()] = [21, 10, 5, 3];
/// What is learnt and the place of the width.
pub const CELLS: [(usize, usize); 7] =
    [(DIGITS, 1), (RANDOM, 2), (DIGITS, 0), (DIGITS, 2), (SIGNALS, 1), (SIGNALS, 3), (ENDLESS, 2)];
/// The place of the width of nets of which few neurons may be active in training, and how many that are.
const LIMITED: usize = 1;
/// How many neurons of those nets may be active.
pub const KEPT: [usize; 3] = [8, 32, WIDE[LIMITED]];

/// Classes of every task.
pub const CLASSES: usize = 10;
/// Numbers in the stream, and blocks.
const STREAM: usize = 32;
const BLOCKS: usize = 2;
/// How often a net is looked at along its training, beside its start.
pub const LOOKS: usize = 20;
/// How much is seen of it: examples and neurons of which it is told which are active, and neurons whose rates are.
pub const LENS: Lens = Lens { raster: (40, 96), rates: 64 };
/// Batches of data that never end, and how many times as often labels by lot are seen.
const BATCHES_OF_ENDLESS: usize = 750;
const BY_LOT: usize = 2;

/// What is trained: a task at the place of a width, or with wrong labels a net of which not all neurons may be active, by the place
/// of how many.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// The task.
    pub task: usize,
    /// The place of the width.
    pub place: usize,
    /// The place of how many neurons may be active.
    pub kept: Option<usize>,
}

impl Job {
    /// Those of a run: first tasks at their widths, then nets with few active neurons.
    pub fn all() -> Vec<Self> {
        let widths = CELLS.map(|(task, place)| Self { task, place, kept: None });
        let kept = (0..KEPT.len()).map(|kept| Self { task: DIGITS, place: LIMITED, kept: Some(kept) });
        widths.into_iter().chain(kept).collect()
    }

    /// Which examples are learnt from.
    pub fn learns(&self) -> usize {
        if self.kept.is_some() { WRONG } else { self.task }
    }

    /// Batches of the training, from so many examples in so many epochs.
    pub fn batches(&self, examples: usize, epochs: usize) -> usize {
        match self.task {
            ENDLESS => BATCHES_OF_ENDLESS,
            RANDOM => Recipe::usual(BY_LOT * epochs).all_steps(examples),
            _ => Recipe::usual(epochs).all_steps(examples),
        }
    }

    /// The turns that it takes to make so many.
    pub fn turns(&self, batches: usize) -> usize {
        batches.div_ceil(BATCHES[self.place])
    }
}

/// A net and its task.
#[derive(Clone, Debug)]
pub struct Learner {
    /// The task.
    pub task: usize,
    /// The net.
    pub pupil: Pupil,
}

/// All of them, and the one that is looked at.
#[derive(Clone)]
pub struct LazyNets {
    /// The net in training.
    pub learner: Learner,
    /// Where data that never end come from.
    pub chance: Stream,
    /// The task whose widest net is looked at, once that is trained; else it is the net in training.
    pub shown: Option<usize>,
    /// How many neurons of each block may be active when it is asked.
    pub most: usize,
    /// What there is to see of it.
    pub look: Rc<Look>,
    /// How far shares over what was learnt from and over what was not are apart, at most.
    pub apart: f64,
    known: [Option<Rc<Learner>>; TASKS.len()],
    batches: usize,
    job: Job,
}

impl LazyNets {
    /// No net yet.
    pub fn new(shown: Option<usize>, most: usize, none: Stream) -> Self {
        let pupil = Pupil::new(ResidualNet::new(1, 1, (BLOCKS, 1), 1), Vec::new(), 0.0, none.clone());
        Self {
            learner: Learner { task: DIGITS, pupil },
            chance: none,
            shown,
            most,
            look: Rc::default(),
            apart: 0.0,
            known: [const { None }; TASKS.len()],
            batches: 0,
            job: Job { task: DIGITS, place: 0, kept: None },
        }
    }

    /// Begins a training of so many batches of examples of so many numbers.
    pub fn begin(&mut self, job: Job, (inputs, batches): (usize, usize), rate: f64, chance: &Rng) {
        let (task, hidden) = (job.task, WIDE[job.place]);
        let name = format!("{} {hidden} {}", TASKS[task], job.kept.is_some());
        let mut net = ResidualNet::new(inputs, STREAM, (BLOCKS, hidden), CLASSES);
        net.kept = job.kept.map_or(usize::MAX, |place| KEPT[place]);
        let numbers = net.draw(&mut chance.stream(&format!("weights {name}")));
        let order = chance.stream(&format!("order {name}"));
        self.chance = chance.stream(&format!("endless {name}"));
        self.learner = Learner { task, pupil: Pupil::new(net, numbers, rate, order) };
        (self.job, self.batches) = (job, batches);
    }

    /// Batches of the next turn.
    pub fn turn(&self) -> usize {
        BATCHES[self.job.place].min(self.batches - self.learner.pupil.steps())
    }

    /// Learns from the next batch of examples; of data that never end these are the batch.
    pub fn learn(&mut self, examples: Examples) {
        if self.job.task == ENDLESS {
            self.learner.pupil.learn_once(examples);
        } else {
            self.learner.pupil.learn(examples);
        }
    }

    /// Whether it is time for a look at the net, after a turn of so many batches.
    pub fn is_due(&self, turn: usize) -> bool {
        let looks = |steps: usize| steps * LOOKS / self.batches;
        let steps = self.learner.pupil.steps();
        looks(steps) > looks(steps - turn)
    }

    /// Whether the training is over.
    pub fn is_over(&self) -> bool {
        self.learner.pupil.steps() >= self.batches
    }

    /// Writes down how active the net in training is, over what it is asked, and looks at what is looked at.
    pub fn watch<'a>(&mut self, asked: impl Fn(usize) -> Examples<'a>) {
        let Learner { task, pupil } = &mut self.learner;
        let progress = pupil.steps() as f64 / self.batches as f64;
        let look = pupil.watch(asked(*task), progress, LENS);
        if self.old().is_some() || self.most < self.learner.pupil.net.hidden() {
            self.see(asked);
        } else {
            self.look = Rc::new(look);
        }
    }

    /// The net that is looked at, if it is not the one in training.
    fn old(&self) -> Option<&Learner> {
        self.shown.and_then(|task| self.known[task].as_deref())
    }

    /// Whether the net that is looked at is the one in training.
    pub fn looks_at_training(&self) -> bool {
        self.old().is_none()
    }

    /// The net that is looked at.
    pub fn looked_at(&self) -> &Learner {
        self.old().unwrap_or(&self.learner)
    }

    /// Looks at it.
    pub fn see<'a>(&mut self, asked: impl Fn(usize) -> Examples<'a>) {
        let Learner { task, mut pupil } = self.looked_at().clone();
        self.look = Rc::new(pupil.look(asked(task), self.most, LENS));
    }

    /// The share of the neurons before the answer that were active in the end. The net is kept if it is of the first run and the
    /// widest of its task so far.
    pub fn end(&mut self, run: usize, learnt: Examples) -> f64 {
        let Learner { task, pupil } = &mut self.learner;
        let active = pupil.course.last().map_or(0.0, |shares| f64::from(shares[BLOCKS]));
        if *task != ENDLESS {
            self.apart = self.apart.max((pupil.density(learnt, BLOCKS - 1) - active).abs());
        }
        let known = &mut self.known[*task];
        if run == 0 && known.as_ref().is_none_or(|known| known.pupil.net.hidden() < pupil.net.hidden()) {
            *known = Some(Rc::new(self.learner.clone()));
        }
        active
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::toy;

    #[test]
    fn the_widest_net_of_a_task_is_kept_and_can_be_asked_with_fewer_active() {
        let rng = Rng::new(5);
        let mut chance = rng.stream("examples");
        let (inputs, labels) = toy::examples((64, 6), &mut chance, |row| row[0] > row[1]);
        let examples = (inputs.as_ref(), &labels[..]);
        let mut nets = LazyNets::new(Some(DIGITS), usize::MAX, rng.stream("none"));
        for job in Job::all().into_iter().filter(|job| job.task == DIGITS && job.kept.is_none()) {
            let batches = job.batches(64, 20);
            nets.begin(job, (6, batches), 0.01, &rng);
            nets.watch(|_| examples);
            let mut turns = 0;
            while !nets.is_over() {
                let turn = nets.turn();
                (0..turn).for_each(|_| nets.learn(examples));
                if nets.is_due(turn) {
                    nets.watch(|_| examples);
                }
                turns += 1;
            }
            assert_eq!((turns, nets.learner.pupil.steps()), (job.turns(batches), batches));
            let active = nets.end(0, examples);
            assert!((0.0..0.6).contains(&active) && nets.apart < 1e-6, "{active} {}", nets.apart);
        }
        // The first net is wider than the second, and the last the widest.
        assert_eq!(nets.looked_at().pupil.net.hidden(), 256);
        nets.most = 4;
        nets.see(|_| examples);
        assert!(nets.look.active.iter().all(|active| *active <= 4.0 / 256.0 + 1e-9), "{:?}", nets.look.active);
        nets.shown = Some(ENDLESS);
        assert_eq!(nets.looked_at().pupil.steps(), nets.learner.pupil.steps());
    }

    #[test]
    fn labels_by_lot_are_seen_twice_as_often_and_few_neurons_learn_wrong_labels() {
        let all = Job::all();
        assert_eq!(all.len(), CELLS.len() + KEPT.len());
        let batches = |task| all.iter().find(|job| job.task == task).map(|job| job.batches(100, 3));
        assert_eq!(batches(RANDOM), batches(DIGITS).map(|batches| 2 * batches));
        assert_eq!(batches(ENDLESS), Some(BATCHES_OF_ENDLESS));
        assert!(all.iter().all(|job| (job.learns() == WRONG) == job.kept.is_some()));
    }
}
