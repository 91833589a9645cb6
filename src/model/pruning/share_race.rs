//! Shared numbers against other ways to store little (Desai and Shrivastava 2023, *In defense of parameter sharing for
//! model-compression*): tickets that are cut in rounds, masks that are chosen before training, and small nets. And shared numbers
//! that begin small or large, with the gradient scaler and without.
use super::{
    compact::Compact,
    mask::Mask,
    score, select,
    share::{Form, Mapping, Sharing, Storage},
    start,
};
use crate::{
    math::{
        mat::MatRef,
        rng::{Rng, Stream},
        scalar,
    },
    model::learning::{
        mlp::Mlp,
        training::{Examples, Recipe, Training},
    },
};
use std::rc::Rc;

/// How many times fewer numbers are stored.
pub const TIMES: [f64; 5] = [1.0, 20.0, 100.0, 500.0, 1000.0];
/// The two rates.
pub const LEARNING: [f64; 2] = [0.05, 0.15];
/// Rounds of SynFlow, and the share of what is left that goes at a round of a ticket, at most.
const ROUNDS: u32 = 100;
const REMOVED: f64 = 0.3;
/// How far apart stored numbers are at the start.
const SPREAD: f64 = 0.0625;
/// Other spreads, how many times fewer numbers are stored then, and for how long it is tried. Powers of 2 round alike.
pub const SPREADS: [f64; 5] = [1.0 / 256.0, 1.0 / 64.0, 1.0 / 16.0, 0.25, 0.5];
/// How many times fewer numbers are stored then.
pub const SPREAD_TIMES: f64 = 20.0;
/// For how long it is tried.
pub const SPREAD_EPOCHS: usize = 2;

/// Arms of the race: numbers that are shared.
pub const SHARED: usize = 0;
/// A mask that is cut in rounds.
pub const TICKET: usize = 1;
/// One that keeps paths through the net.
pub const SYNFLOW: usize = 2;
/// One of the weights that the loss feels at the start.
pub const SNIP: usize = 3;
/// A dense net of as many weights.
pub const SMALL: usize = 4;
/// Arms of the spreads: with the scaler.
pub const SCALED: usize = 0;
/// Without it.
pub const BARE: usize = 1;

/// One training.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Whether it is of the spreads instead of the race.
    pub spreads: bool,
    /// Its arm and place there.
    pub cell: (usize, usize),
    /// Its learning rate.
    pub rate: f64,
    /// How many times fewer numbers it has.
    pub fewer: f64,
    /// Its length.
    pub epochs: usize,
    /// Whether it is the last of its cell.
    pub last: bool,
}

impl Job {
    /// The trainings of a run in their order. Spreads are tried in the first one.
    pub fn all(run: usize, epochs: usize, rates: &[f64]) -> Vec<Self> {
        // Shared numbers learn fast: of two rates they are given that alone, which is no favour.
        let fastest = rates[rates.len() - 1];
        let job = |cell: (usize, usize), rate: f64| Self {
            spreads: false,
            cell,
            rate,
            fewer: TIMES[cell.1],
            epochs,
            last: rate >= fastest,
        };
        let at_rates = |arm: usize, place: usize| rates.iter().map(move |rate| job((arm, place), *rate));
        let mut jobs: Vec<Self> = (0..TIMES.len()).rev().map(|place| job((SHARED, place), fastest)).collect();
        if run == 0 {
            let cells = [SCALED, BARE].into_iter().flat_map(|arm| (0..SPREADS.len()).map(move |place| (arm, place)));
            jobs.extend(cells.map(|cell| Self {
                spreads: true,
                fewer: SPREAD_TIMES,
                epochs: SPREAD_EPOCHS,
                last: true,
                ..job(cell, LEARNING[0])
            }));
        }
        for place in 0..TIMES.len() {
            // From the place before in rounds that each remove as large a share of what is left.
            let ratio = if place == 0 { 1.0 } else { TIMES[place] / TIMES[place - 1] };
            let rounds = (scalar::ln(ratio) / -scalar::ln(1.0 - REMOVED)) as usize + 1;
            for job in at_rates(TICKET, place) {
                let fewer = |round: usize| job.fewer * scalar::pow(ratio, round as f64 / rounds as f64 - 1.0);
                let short = |round| Self { fewer: fewer(round), epochs: epochs.div_ceil(2), last: false, ..job };
                jobs.extend((1..rounds).map(short).chain([job]));
            }
        }
        let rivals = (1..TIMES.len()).flat_map(|place| [SYNFLOW, SNIP, SMALL].map(|arm| (arm, place)));
        jobs.extend(rivals.flat_map(|(arm, place)| at_rates(arm, place)));
        jobs
    }

    /// How it is trained.
    pub fn recipe(&self) -> Recipe {
        Recipe { rate: self.rate, ..Recipe::usual(self.epochs) }
    }

    /// Whether it is a round on the way to a place.
    pub fn is_on_the_way(&self) -> bool {
        !self.spreads && self.fewer < TIMES[self.cell.1]
    }

    /// Which of the two rates it has.
    fn of_rates(&self) -> usize {
        usize::from(self.rate > LEARNING[0])
    }
}

/// The net that all of them are held against, and what is known beforehand.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Its layers.
    pub net: Mlp,
    /// How stored numbers are copied.
    pub mapping: Mapping,
    /// Some examples of each class, for SNIP.
    pub few: (Vec<f32>, Vec<u16>),
}

impl Whole {
    /// How many numbers are stored where there are so many times fewer.
    pub fn count(&self, fewer: f64) -> usize {
        ((self.net.weights() as f64 / fewer + 0.5) as usize).max(1)
    }

    /// Biases, which all nets keep.
    pub fn biases(&self) -> usize {
        self.net.numbers() - self.net.weights()
    }

    /// Weights that a training stores.
    pub fn stored(&self, job: &Job) -> usize {
        if job.cell.0 == SMALL && !job.spreads { self.small(job.fewer).weights() } else { self.count(job.fewer) }
    }

    /// The small net that may store as much, with all biases.
    fn small(&self, fewer: f64) -> Mlp {
        let layers = self.net.layers();
        let (inputs, classes) = (layers[0].inputs, layers[layers.len() - 1].units);
        Mlp::new(&Mlp::widest(inputs, classes, self.count(fewer) + self.biases()))
    }

    /// Products of weights that an answer takes.
    pub fn products(&self, arm: usize, place: usize) -> usize {
        match arm {
            SHARED => self.net.weights(),
            SMALL => self.small(TIMES[place]).weights(),
            _ => self.count(TIMES[place]),
        }
    }
}

/// A net that is stored: how, and its numbers.
pub type Stored = (Rc<Sharing>, Rc<Vec<f32>>);

/// Where the rounds of a ticket are: its mask, and how large its weights were in the end.
type Ticket = Option<(Rc<Mask>, Rc<Vec<f32>>)>;

/// The net in training.
#[derive(Clone)]
pub struct ShareRace {
    /// What it is held against.
    pub whole: Rc<Whole>,
    net: Mlp,
    form: Form,
    mask: Rc<Mask>,
    training: Training,
    /// The loss on its last batch, as long as that is finite.
    pub loss: f64,
    /// Whether its numbers have left all bounds.
    lost: bool,
    /// The weights that the masks of this run begin with, and its tickets, one for each rate.
    drawn: Rc<Vec<f32>>,
    tickets: [Ticket; 2],
}

impl ShareRace {
    /// A race in which nothing is trained yet.
    pub fn new(whole: Whole, none: Stream) -> Self {
        let net = whole.net.clone();
        Self {
            form: Form::Part(Box::new(Compact::new(&net, &Mask::of(&net, [])))),
            mask: Rc::new(Mask::full(&net)),
            training: Training::new(Vec::new(), Recipe::usual(0), none),
            loss: 0.0,
            lost: false,
            drawn: Rc::default(),
            tickets: Default::default(),
            net,
            whole: Rc::new(whole),
        }
    }

    /// Draws the weights of a run.
    pub fn begin_run(&mut self, chance: &Rng) {
        self.drawn = Rc::new(self.whole.net.draw(&mut chance.stream("weights")));
        self.tickets = Default::default();
    }

    /// Begins a training.
    pub fn begin(&mut self, job: &Job, chance: &Rng) {
        self.lost = false;
        let (arm, place) = job.cell;
        // All spreads see the examples in one order.
        let order = if job.spreads { "order".into() } else { format!("order {arm} {place}") };
        let order = chance.stream(&order);
        let (numbers, form) = if job.spreads || arm == SHARED {
            let (sharing, stored) = self.share(job, chance);
            (stored, Form::Shared(Rc::new(sharing)))
        } else {
            let (part, numbers) = self.thin(job, chance);
            (part.take(&numbers), Form::Part(Box::new(part)))
        };
        self.training = Training::new(numbers, job.recipe(), order);
        self.form = form;
    }

    /// Stored numbers, and where they are copied to.
    fn share(&self, job: &Job, chance: &Rng) -> (Sharing, Vec<f32>) {
        let (arm, place) = job.cell;
        let storage = Storage {
            values: self.whole.count(job.fewer),
            mapping: self.whole.mapping,
            spread: if job.spreads { SPREADS[place] } else { SPREAD },
            scaled: !job.spreads || arm == SCALED,
        };
        let store = if job.spreads { "spreads".into() } else { format!("store {place}") };
        let sharing = Sharing::new(&self.whole.net, storage, &mut chance.stream(&format!("places {store}")));
        let stored = sharing.draw(&mut chance.stream(&format!("numbers {store}")));
        (sharing, stored)
    }

    /// The part of a net that a rival has, and the numbers of that net.
    fn thin(&mut self, job: &Job, chance: &Rng) -> (Compact, Vec<f32>) {
        let (arm, place) = job.cell;
        let (net, mut numbers) = if arm == SMALL {
            let net = self.whole.small(job.fewer);
            let drawn = net.draw(&mut chance.stream(&format!("small {place}")));
            self.mask = Rc::new(Mask::full(&net));
            (net, drawn)
        } else {
            self.mask = self.choose(job);
            (self.whole.net.clone(), self.drawn.to_vec())
        };
        if arm == SNIP {
            start::make_up(&net, &mut numbers, &self.mask);
        }
        self.mask.cut(&mut numbers);
        (Compact::new(&net, &self.mask), numbers)
    }

    /// The mask of a rival.
    fn choose(&self, job: &Job) -> Rc<Mask> {
        let (net, count) = (&self.whole.net, self.whole.count(job.fewer));
        let full = || Mask::full(net);
        Rc::new(match (job.cell.0, &self.tickets[job.of_rates()]) {
            (TICKET, Some((mask, sizes))) => select::global(net, sizes, mask, count),
            (TICKET, None) => full(),
            (SNIP, _) => {
                let (inputs, labels) = &self.whole.few;
                let few = MatRef::new(inputs, labels.len(), net.layers()[0].inputs);
                select::global(net, &score::snip(&mut net.clone(), &self.drawn, (few, &labels[..])), &full(), count)
            }
            _ => score::synflow(net, &self.drawn, 1.0 / job.fewer, ROUNDS),
        })
    }

    /// Learns from at most so many batches. A net whose numbers have left all bounds learns no more.
    pub fn learn(&mut self, examples: Examples, batches: usize) {
        for _ in 0..batches {
            if self.lost || self.training.is_over(examples.1.len()) {
                break;
            }
            let loss = self.form.step(&mut self.net, &mut self.training, examples).loss;
            self.lost = !loss.is_finite();
            self.loss = if self.lost { self.loss } else { loss };
        }
    }

    /// The share that the net in training has right.
    pub fn ask(&mut self, examples: Examples) -> f64 {
        if self.lost {
            return 0.0;
        }
        let score = self.form.grade(&mut self.net, &self.training.numbers, examples);
        score.right as f64 / examples.1.len().max(1) as f64
    }

    /// Keeps what the next round of a ticket needs, after a round.
    pub fn keep(&mut self, job: &Job) {
        if let (false, TICKET, Form::Part(part)) = (job.spreads, job.cell.0, &self.form) {
            // What nothing goes on from has kept the value that it began with.
            let mut numbers = self.drawn.to_vec();
            self.mask.cut(&mut numbers);
            part.put(&self.training.numbers, &mut numbers);
            self.tickets[job.of_rates()] = Some((Rc::clone(&self.mask), Rc::new(score::magnitude(&numbers))));
        }
    }

    /// What is in training, where it is stored numbers of the race.
    pub fn stored(&self, job: &Job) -> Option<Stored> {
        match &self.form {
            Form::Shared(sharing) if !job.spreads && !self.lost => {
                Some((Rc::clone(sharing), Rc::new(self.training.numbers.clone())))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::toy;

    #[test]
    fn rounds_lead_from_place_to_place_and_remove_no_more_than_they_may() {
        let jobs = Job::all(0, 2, &LEARNING[..1]);
        let rounds: Vec<f64> =
            jobs.iter().filter(|job| job.cell.0 == TICKET && !job.spreads).map(|job| job.fewer).collect();
        assert!(
            rounds.windows(2).all(|pair| pair[1] > pair[0] && pair[0] / pair[1] >= 1.0 - REMOVED - 1e-9),
            "{rounds:?}"
        );
        assert!(TIMES.iter().all(|times| rounds.contains(times)));
        // Each cell ends once.
        let ends = jobs.iter().filter(|job| job.last && !job.spreads && !job.is_on_the_way()).count();
        assert_eq!(ends, 2 * TIMES.len() + 3 * (TIMES.len() - 1));
    }

    #[test]
    fn all_rivals_store_as_much_and_learn() {
        let rng = Rng::new(5);
        let mut chance = rng.stream("examples");
        let (inputs, labels) = toy::examples((60, 6), &mut chance, |row| row[0] > row[3]);
        let examples = (inputs.as_ref(), &labels[..]);
        let few = (inputs.data[..6 * 10].to_vec(), labels[..10].to_vec());
        let whole = Whole { net: Mlp::new(&[6, 40, 20, 2]), mapping: Mapping::Folded, few };
        let count = whole.count(20.0);
        let mut race = ShareRace::new(whole, rng.stream("none"));
        race.begin_run(&rng);
        for arm in [SHARED, TICKET, SYNFLOW, SNIP, SMALL] {
            let job = Job { spreads: false, cell: (arm, 1), rate: LEARNING[1], fewer: 20.0, epochs: 60, last: true };
            if arm == TICKET {
                // A ticket is cut from the training before.
                let first = Job { cell: (TICKET, 0), fewer: 1.0, ..job };
                race.begin(&first, &rng);
                race.learn(examples, usize::MAX);
                race.keep(&first);
            }
            race.begin(&job, &rng);
            let before = race.ask(examples);
            race.learn(examples, usize::MAX);
            match arm {
                SHARED => assert_eq!(race.stored(&job).map(|(sharing, _)| sharing.storage().values), Some(count)),
                SMALL => assert!(race.whole.stored(&job) <= count + race.whole.biases()),
                _ => assert_eq!(race.mask.counts(&race.whole.net).iter().sum::<usize>(), count, "{arm}"),
            }
            assert!(race.loss.is_finite() && race.ask(examples) >= before.min(0.6), "{arm}");
        }
    }
}
