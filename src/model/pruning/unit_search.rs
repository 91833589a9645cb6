//! Runs of a random search (Farahani 2024, *Random search as a baseline for sparse neural network architecture search*) over nets of
//! some of the units of a large one: many are drawn and asked, some by lot are trained, and so are those with the least loss.
use super::{
    mask::Mask,
    random_search::{ANY, Found, Trained, error, mean},
    subnet,
    trainee::Trainee,
};
use crate::{
    math::rng::{Rng, Stream},
    model::learning::{
        loss::Loss,
        mlp::Mlp,
        training::{Examples, Recipe},
    },
};
use std::rc::Rc;

/// Shares of units that are kept.
pub const KEPT: [f64; 4] = [0.0625, 0.125, 0.25, 0.5];
/// Nets that are drawn.
pub const POOL: usize = 300;
/// Numbers of nets tried of which the best is trained. Those up to [`ANY`] are among the first.
pub const TRIALS: [usize; 5] = [1, 4, ANY, 60, POOL];
/// Those that must be trained beside.
const BEYOND: [usize; 2] = [60, POOL];
/// Nets of a share that are trained.
pub const TRAINED: usize = ANY + BEYOND.len();

/// A part of a run.
#[derive(Clone, Copy, Debug)]
pub enum Job {
    /// The whole net is trained.
    Whole,
    /// Nets of a share are drawn and asked.
    Draw(usize),
    /// One is trained: of those by lot, or the best of those beyond.
    Train(usize, usize),
}

impl Job {
    /// Parts of a run in their order.
    pub fn all() -> Vec<Self> {
        let of = |place: usize| {
            let trained = (0..TRAINED).map(move |number| Self::Train(place, number));
            [Self::Draw(place)].into_iter().chain(trained)
        };
        [Self::Whole].into_iter().chain((0..KEPT.len()).flat_map(of)).collect()
    }
}

/// What is searched, and what was found so far.
#[derive(Clone, Debug)]
pub struct Search {
    rng: Rng,
    /// The large net and what it was drawn with in this run.
    parent: Mlp,
    drawn: Rc<Vec<f32>>,
    /// The net in training.
    pub trainee: Trainee,
    /// What it had right after each epoch.
    course: Vec<f64>,
    /// By run, and by share.
    found: Vec<[Found; KEPT.len()]>,
    /// What whole nets have right, run by run.
    pub whole: Vec<f64>,
}

impl Search {
    /// A search in a large net of these widths.
    pub fn new(widths: &[usize], rng: &Rng, none: Stream) -> Self {
        Self {
            rng: rng.clone(),
            parent: Mlp::new(widths),
            drawn: Rc::default(),
            trainee: Trainee::new(&[1, 1], none),
            course: Vec::new(),
            found: Vec::new(),
            whole: Vec::new(),
        }
    }

    fn chance(&self, run: usize) -> Rng {
        self.rng.child(&format!("run {run}"))
    }

    /// The units that a net keeps: those of a run and a share are numbered in their order.
    pub fn units(&self, run: usize, place: usize, net: usize) -> Vec<Vec<usize>> {
        let mut chance = self.chance(run).stream(&format!("units {place} {net}"));
        subnet::choose(&self.parent, KEPT[place], &mut chance)
    }

    /// Begins a part.
    pub fn begin(&mut self, run: usize, job: Job, recipe: Recipe) {
        let chance = self.chance(run);
        let (kept, numbers, name) = match job {
            Job::Whole => {
                self.drawn = Rc::new(self.parent.draw(&mut chance.stream("weights")));
                self.found.push(<[Found; KEPT.len()]>::default());
                (1.0, self.drawn.to_vec(), "whole".to_owned())
            }
            Job::Draw(place) => {
                self.trainee = Trainee::new(&subnet::widths(&self.parent, KEPT[place]), chance.stream("none"));
                return;
            }
            Job::Train(place, number) => {
                let net = self.turn(run, place, number);
                let numbers = subnet::take(&self.parent, &self.drawn, &self.units(run, place, net));
                (KEPT[place], numbers, format!("{place} {net}"))
            }
        };
        self.trainee = Trainee::new(&subnet::widths(&self.parent, kept), chance.stream("none"));
        let full = Rc::new(Mask::full(&self.trainee.net));
        self.trainee.begin(numbers, full, recipe, chance.stream(&format!("order {name}")));
        self.course.clear();
    }

    /// Which of the nets that were drawn is trained as that number.
    fn turn(&self, run: usize, place: usize, number: usize) -> usize {
        match number.checked_sub(ANY) {
            Some(beyond) => self.found[run][place].best(BEYOND[beyond]).unwrap_or(0),
            None => number,
        }
    }

    /// Asks so many more nets that were not trained; whether all are.
    pub fn ask(&mut self, run: usize, place: usize, count: usize, (inputs, labels): Examples) -> bool {
        let known = self.found[run][place].losses.len();
        for number in known..(known + count).min(POOL) {
            let numbers = subnet::take(&self.parent, &self.drawn, &self.units(run, place, number));
            let loss = self.trainee.net.grade(&numbers, inputs, labels, Loss::CrossEntropy).loss;
            self.found[run][place].losses.push(loss);
        }
        self.found[run][place].losses.len() == POOL
    }

    /// Trains the net on, and asks it after each epoch; whether it is trained.
    pub fn train(&mut self, batches: usize, train: Examples, test: Examples) -> bool {
        let epoch = self.trainee.training.recipe().steps(train.1.len());
        let mut over = false;
        for _ in 0..batches {
            over = self.trainee.learn(train, 1);
            if self.trainee.training.steps().is_multiple_of(epoch) {
                self.course.push(self.trainee.ask(test));
            }
            if over {
                break;
            }
        }
        over
    }

    /// Writes down what came of a part.
    pub fn keep(&mut self, run: usize, job: Job) {
        let right = self.trainee.accuracy;
        match job {
            Job::Draw(_) => {}
            Job::Whole => self.whole.push(right),
            Job::Train(place, number) => {
                let enough = self.course.iter().position(|then| *then >= 0.9 * right);
                let epochs = enough.map_or(self.course.len(), |epoch| epoch + 1) as f64;
                let net = self.turn(run, place, number);
                self.found[run][place].trained.push(Trained { net, right, epochs });
            }
        }
    }

    /// What came of a share of units, run by run.
    pub fn of(&self, place: usize) -> Vec<&Found> {
        self.found.iter().map(|found| &found[place]).collect()
    }

    /// What the chosen nets of each run come to, as far as they are known.
    pub fn chosen(&self, place: usize, tried: usize, what: impl Fn(&Trained) -> f64) -> Vec<f64> {
        self.of(place).into_iter().filter_map(|found| found.chosen(tried).map(&what)).collect()
    }

    /// What nets by lot come to in each run.
    pub fn any(&self, place: usize, what: impl Fn(&Trained) -> f64) -> Vec<f64> {
        self.of(place).into_iter().filter_map(|found| found.any(&what)).collect()
    }

    /// The mean difference between the chosen nets and any, over the runs, once all are trained.
    pub fn gain(&self, place: usize, tried: usize, what: impl Fn(&Trained) -> f64) -> Option<f64> {
        let over = self.of(place).into_iter().filter(|found| found.trained.len() == TRAINED);
        mean(over.filter_map(|found| found.gain(tried, &what)))
    }

    /// Of all shares the difference that is farthest from nothing of what the chosen nets have right, with its standard error.
    pub fn farthest_gain(&self, tried: usize) -> Option<[f64; 2]> {
        let gain = |place: usize| self.gain(place, tried, |trained| trained.right);
        let known = (0..KEPT.len()).filter_map(|place| Some([gain(place)?, error(&self.of(place))?]));
        known.max_by(|[a, _], [b, _]| a.abs().total_cmp(&b.abs()))
    }

    /// The mean over all shares of how much more the chosen nets have right than any, with its standard error.
    pub fn mean_gain(&self, tried: usize) -> Option<[f64; 2]> {
        let places = 0..KEPT.len();
        let gains: Option<f64> = places.clone().map(|place| self.gain(place, tried, |trained| trained.right)).sum();
        let squares: Option<f64> = places.map(|place| error(&self.of(place)).map(|error| error * error)).sum();
        Some([gains?, squares?.sqrt()].map(|sum| sum / KEPT.len() as f64))
    }

    /// The mean over the runs of the least loss before training of the first nets of a share.
    pub fn start(&self, place: usize, tried: usize) -> Option<f64> {
        mean(self.of(place).into_iter().filter_map(|found| found.best(tried).map(|net| found.losses[net])))
    }

    /// The mean loss of all nets of a share before training.
    pub fn mean_start(&self, place: usize) -> Option<f64> {
        mean(self.of(place).into_iter().flat_map(|found| found.losses.iter().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::toy;

    #[test]
    fn a_run_asks_all_and_trains_the_first_and_the_best() {
        let rng = Rng::new(2);
        let mut chance = rng.stream("examples");
        let (inputs, labels) = toy::examples((30, 4), &mut chance, |row| row[0] > row[1]);
        let examples = (inputs.as_ref(), &labels[..]);
        let mut search = Search::new(&[4, 16, 16, 2], &rng, rng.stream("none"));
        for job in Job::all().into_iter().take(1 + 1 + TRAINED) {
            search.begin(0, job, Recipe::usual(4));
            match job {
                Job::Draw(place) => while !search.ask(0, place, 70, examples) {},
                _ => while !search.train(1, examples, examples) {},
            }
            search.keep(0, job);
        }
        let found = search.of(0)[0];
        assert_eq!((found.losses.len(), found.trained.len(), search.whole.len()), (POOL, TRAINED, 1));
        // Each of them kept as many units, and the best is the best.
        assert!(search.units(0, 0, 7).iter().all(|units| units.len() == 1));
        let least = found.losses.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((search.start(0, POOL).unwrap() - least).abs() < 1e-12);
        assert_eq!(found.losses.iter().position(|loss| loss.to_bits() == least.to_bits()), found.best(POOL));
        assert_eq!(found.trained[ANY + 1].net, found.best(POOL).unwrap());
        assert!(search.mean_start(0).unwrap() > least && search.gain(0, 60, |trained| trained.epochs).is_some());
        assert!(search.gain(1, 60, |trained| trained.right).is_none() && search.mean_gain(60).is_none());
        assert_eq!(search.farthest_gain(60).map(|[gain, _]| gain), search.gain(0, 60, |trained| trained.right));
    }
}
