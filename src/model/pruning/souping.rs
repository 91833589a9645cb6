//! Sparse model soups (Zimmer, Spiegel and Pokutta 2023, *Sparse model soups: a recipe for improved pruning via model averaging*):
//! a net is cut in phases. In each, several candidates are trained on from what is left, and their average begins the next
//! phase. Beside it nets go the same way alone, and nets that each have a mask of their own are averaged too.
use super::{mask::Mask, score, select, soup, trainee::Trainee};
use crate::{
    math::{
        mean::Mean,
        rng::{Rng, Stream},
        scalar,
    },
    model::learning::{
        loss::Loss,
        loss_map::{CORNERS, LossMap},
        rate::Course,
        training::{Examples, Recipe},
    },
};
use std::{mem, rc::Rc};

/// Phases of a run.
pub const PHASES: usize = 3;
/// Epochs of a whole net, and of a net that was cut.
const WHOLE_EPOCHS: usize = 15;
const EPOCHS: usize = 5;
const BATCH: usize = 16;
/// Epochs and decays of candidates, in turn, where they differ in these.
const LENGTHS: [usize; 5] = [5, 4, 6, 3, 7];
const DECAYS: [f32; 5] = [1e-4, 1e-5, 1e-3, 3e-5, 3e-4];

/// What candidates of a phase differ in, beside the order of their examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vary {
    /// Nothing.
    Nothing,
    /// How fast their weights shrink.
    Decay,
    /// How long they are trained.
    Length,
}

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// A whole net is trained.
    Whole,
    /// Number `of` of a phase is trained on from what the phase before left, cut.
    Candidate {
        /// From 0.
        phase: usize,
        /// From 0.
        of: usize,
    },
    /// The loss is asked on the plane through three nets: candidates, or two of them and one with another mask.
    Map {
        /// Whether one has another mask.
        other: bool,
    },
    /// A whole net of another start is trained.
    OtherWhole {
        /// From 0.
        of: usize,
    },
    /// It is cut and trained on.
    Other {
        /// From 0.
        of: usize,
    },
    /// A net goes alone: it is cut and trained on, from where its phase before left it.
    Alone {
        /// From 0.
        phase: usize,
        /// From 0.
        of: usize,
    },
    /// The same for a net that is trained as long as all candidates.
    Long {
        /// From 0.
        phase: usize,
    },
}

impl Job {
    /// Parts of a run in their order. Maps are drawn in the first one.
    pub fn all(run: usize, candidates: usize) -> Vec<Self> {
        let mut jobs = vec![Self::Whole];
        for phase in 0..PHASES {
            jobs.extend((0..candidates).map(|of| Self::Candidate { phase, of }));
            jobs.extend((run == 0).then_some(Self::Map { other: false }));
        }
        // What happens to masks of their own is the same in every run.
        for of in 0..if run == 0 { candidates } else { 0 } {
            jobs.extend([Self::OtherWhole { of }, Self::Other { of }]);
            jobs.extend((of == 0).then_some(Self::Map { other: true }));
        }
        jobs.extend((0..candidates).flat_map(|of| (0..PHASES).map(move |phase| Self::Alone { phase, of })));
        jobs.extend((0..PHASES).map(|phase| Self::Long { phase }));
        jobs
    }
}

/// How nets are cut and trained.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// The share of all weights that is left after all phases.
    pub density: f64,
    /// Nets of a phase.
    pub candidates: usize,
    /// What they differ in.
    pub vary: Vary,
    /// How the learning rate of a cut net moves.
    pub course: Course,
}

impl Phases {
    /// The share of all weights that is left after so many phases: each takes the same share of those left.
    pub fn left(&self, phases: usize) -> f64 {
        scalar::pow(self.density, phases as f64 / PHASES as f64)
    }

    /// How a net is trained in a part of a run.
    pub fn recipe(&self, job: Job) -> Recipe {
        let cut = Recipe { batch: BATCH, decay: DECAYS[0], course: self.course, ..Recipe::usual(EPOCHS) };
        match (job, self.vary) {
            (Job::Whole | Job::OtherWhole { .. }, _) => Recipe { epochs: WHOLE_EPOCHS, course: Course::Cosine, ..cut },
            (Job::Long { .. }, _) => Recipe { epochs: self.candidates * EPOCHS, ..cut },
            (Job::Candidate { of, .. }, Vary::Decay) => Recipe { decay: DECAYS[of % DECAYS.len()], ..cut },
            (Job::Candidate { of, .. }, Vary::Length) => Recipe { epochs: LENGTHS[of % LENGTHS.len()], ..cut },
            _ => cut,
        }
    }
}

/// What there is to write down of a part of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    /// Nothing.
    Nothing,
    /// Shares right: after the last candidate of a phase those of the average, of a candidate in the mean, of the best and of all when
    /// their probabilities are averaged; after the last net alone the means of each phase; and what the long one has.
    Right(Vec<f64>),
    /// Of the average of nets with a mask each, the share of the weights that is left and what it has right; and what is left in the
    /// average of candidates.
    Mixed([f64; 3]),
}

/// A map that is drawn.
#[derive(Debug)]
pub struct Chart {
    /// The plane.
    pub map: LossMap,
    /// The losses on it.
    pub heights: Vec<f32>,
    /// What its corners have right.
    pub rights: [f64; 3],
}

/// The nets of a run, one in training.
#[derive(Clone, Debug)]
pub struct Souping {
    /// How they are cut and trained.
    pub phases: Phases,
    /// The net in training.
    pub trainee: Trainee,
    /// Weights left and what is right in the first run, by how many nets are averaged: candidates, and nets with a mask each.
    pub pots: [Vec<[f64; 2]>; 2],
    /// Maps of the first run: through candidates, and with a net that has another mask.
    pub charts: [Option<Rc<Chart>>; 2],
    /// Candidates of the last phase, and nets with a mask each.
    pot: Vec<Rc<Vec<f32>>>,
    others: Vec<Rc<Vec<f32>>>,
    /// The whole net of this run, and what the last phase left.
    whole: Rc<Vec<f32>>,
    base: Rc<Vec<f32>>,
    /// What nets alone have right after each phase of this run.
    alone: [Vec<f64>; PHASES],
    drawing: Option<LossMap>,
}

impl Souping {
    /// Nets of these widths, none of them trained.
    pub fn new(widths: &[usize], phases: Phases, none: Stream) -> Self {
        let trainee = Trainee::new(widths, none);
        let (pots, charts, pot, others, whole, base, alone, drawing) = Default::default();
        Self { phases, trainee, pots, charts, pot, others, whole, base, alone, drawing }
    }

    /// Begins a part.
    pub fn begin(&mut self, job: Job, chance: &Rng) {
        let full = Rc::new(Mask::full(&self.trainee.net));
        let (numbers, mask, order) = match job {
            Job::Map { other } => {
                self.drawing = Some(self.map(other));
                return;
            }
            Job::Whole => (self.trainee.net.draw(&mut chance.stream("weights")), full, "whole".to_owned()),
            Job::OtherWhole { of } => {
                let drawn = self.trainee.net.draw(&mut chance.stream(&format!("other weights {of}")));
                (drawn, full, format!("other whole {of}"))
            }
            Job::Other { of } => {
                let numbers = self.trainee.training.numbers.clone();
                let mask = self.cut(&numbers, &full, PHASES - 1);
                (numbers, mask, format!("other {of}"))
            }
            Job::Candidate { phase, of } => {
                if of == 0 {
                    self.pot.clear();
                }
                self.go_on(phase, of == 0, format!("candidate {of} {phase}"))
            }
            Job::Alone { phase, of } => self.go_on(phase, true, format!("alone {of} {phase}")),
            Job::Long { phase } => self.go_on(phase, true, format!("long {phase}")),
        };
        self.trainee.begin(numbers, mask, self.phases.recipe(job), chance.stream(&order));
    }

    /// What a phase begins with: from where the one before ended, under its mask, cut further or as the last net was.
    fn go_on(&mut self, phase: usize, cuts: bool, order: String) -> (Vec<f32>, Rc<Mask>, String) {
        let full = Rc::new(Mask::full(&self.trainee.net));
        if phase == 0 {
            self.base = Rc::clone(&self.whole);
        }
        let among = if phase == 0 { &full } else { &self.trainee.mask };
        let mask = if cuts { self.cut(&self.base, among, phase) } else { Rc::clone(&self.trainee.mask) };
        (self.base.to_vec(), mask, order)
    }

    /// The largest weights of a net, as many as are left after a phase.
    fn cut(&self, numbers: &[f32], among: &Mask, phase: usize) -> Rc<Mask> {
        let net = &self.trainee.net;
        let count = (self.phases.left(phase + 1) * net.weights() as f64 + 0.5) as usize;
        Rc::new(select::global(net, &score::magnitude(numbers), among, count))
    }

    /// So many descents, or so many nets of a map, and whether the part is over.
    pub fn step(&mut self, train: Examples, test: Examples, (batches, asked): (usize, usize)) -> bool {
        match &mut self.drawing {
            Some(map) => {
                let net = &mut self.trainee.net;
                map.fill(asked, |numbers| net.grade(numbers, test.0, test.1, Loss::CrossEntropy).loss);
                map.asked() == LossMap::ASKED
            }
            None => self.trainee.work_by_epochs(train, test, batches),
        }
    }

    /// Ends a part: keeps the net that it has trained, and averages where it was the last of several.
    pub fn end(&mut self, run: usize, job: Job, test: Examples) -> Came {
        let (last, numbers) = (self.phases.candidates - 1, || Rc::new(self.trainee.training.numbers.clone()));
        match job {
            Job::Whole => self.whole = numbers(),
            Job::OtherWhole { of: 0 } => self.others.clear(),
            Job::OtherWhole { .. } => {}
            Job::Map { other } => {
                let chart = self.drawing.take().map(|map| Rc::new(self.chart(map, test)));
                self.charts[usize::from(other)] = chart;
            }
            Job::Candidate { phase, of } => {
                self.pot.push(numbers());
                if of == last {
                    let tasted = self.cook(test);
                    if (run, phase) == (0, PHASES - 1) {
                        self.pots[0] = self.stir(&self.pot.clone(), test);
                    }
                    return Came::Right(tasted.into());
                }
            }
            Job::Other { of } => {
                self.others.push(numbers());
                if of == last {
                    self.pots[1] = self.stir(&self.others.clone(), test);
                    let [[same, _], [left, right]] = [0, 1].map(|pot| self.pots[pot][last]);
                    return Came::Mixed([left, right, same]);
                }
            }
            Job::Alone { phase, of } => {
                self.base = numbers();
                self.alone[phase].push(self.trainee.accuracy);
                if (phase, of) == (PHASES - 1, last) {
                    return Came::Right(mem::take(&mut self.alone).map(|rights| Mean::of(rights).mean()).into());
                }
            }
            Job::Long { .. } => {
                self.base = numbers();
                return Came::Right(vec![self.trainee.accuracy]);
            }
        }
        Came::Nothing
    }

    /// Averages the candidates of a phase: the next one begins with that.
    fn cook(&mut self, test: Examples) -> [f64; 4] {
        let pot = self.pot.clone();
        let rights: Vec<f64> = pot.iter().map(|net| self.ask(net, test)).collect();
        let soup = soup::mean(&borrowed(&pot));
        let vote = soup::vote(&mut self.trainee.net, &borrowed(&pot), test);
        let right = self.ask(&soup, test);
        self.base = Rc::new(soup);
        let mean = rights.iter().sum::<f64>() / rights.len() as f64;
        [right, mean, rights.into_iter().fold(f64::NEG_INFINITY, f64::max), vote]
    }

    /// The weights left in the average of the first nets, and what it has right, for more and more of them.
    fn stir(&mut self, nets: &[Rc<Vec<f32>>], test: Examples) -> Vec<[f64; 2]> {
        let nets = borrowed(nets);
        let soups = (1..=nets.len()).map(|count| soup::mean(&nets[..count]));
        soups.map(|soup| [self.left(&soup), self.ask(&soup, test)]).collect()
    }

    /// An empty map of the plane through three candidates, or two of them and a net with another mask.
    fn map(&self, other: bool) -> LossMap {
        let third = if other { &self.others[0] } else { &self.pot[2] };
        LossMap::through([&self.pot[0], &self.pot[1], third].map(Rc::clone))
    }

    /// The map when all its nets are asked.
    fn chart(&mut self, map: LossMap, test: Examples) -> Chart {
        let rights = CORNERS.map(|(x, y)| self.ask(&map.net(x, y), test));
        Chart { heights: map.heights(), map, rights }
    }

    /// What a net has right that is not in training.
    pub fn ask(&mut self, numbers: &[f32], test: Examples) -> f64 {
        self.trainee.net.share_right(numbers, test)
    }

    /// The share of all weights that are not 0 in it.
    pub fn left(&self, numbers: &[f32]) -> f64 {
        soup::density(&self.trainee.net, numbers)
    }
}

/// The numbers of some nets.
fn borrowed(nets: &[Rc<Vec<f32>>]) -> Vec<&[f32]> {
    nets.iter().map(|net| &net[..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    #[test]
    fn each_phase_cuts_as_large_a_share_and_the_last_leaves_what_was_asked() {
        let phases = Phases { density: 0.125, candidates: 3, vary: Vary::Length, course: Course::Constant };
        let left = [(0, 1.0), (1, 0.5), (2, 0.25), (3, 0.125)];
        assert!(left.into_iter().all(|(phase, left)| (phases.left(phase) - left).abs() < 1e-12));
        let epochs = |of| phases.recipe(Job::Candidate { phase: 0, of }).epochs;
        assert_eq!((epochs(0), epochs(3), phases.recipe(Job::Long { phase: 1 }).epochs), (5, 3, 15));
    }

    #[test]
    fn candidates_share_the_mask_that_their_average_keeps() {
        let rng = Rng::new(3);
        let mut chance = rng.stream("examples");
        let inputs = Mat::new((0..8 * 20).map(|_| chance.normal() as f32).collect(), 20, 8);
        let labels: Vec<u16> = (0..20).map(|i| i % 3).collect();
        let examples = (inputs.as_ref(), &labels[..]);
        let phases = Phases { density: 0.125, candidates: 3, vary: Vary::Nothing, course: Course::Constant };
        let mut run = Souping::new(&[8, 10, 3], phases, rng.stream("none"));
        let weights = run.trainee.net.weights() as f64;
        for job in Job::all(0, 3) {
            run.begin(job, &rng);
            while !run.step(examples, examples, (usize::MAX, 60)) {}
            let came = run.end(0, job, examples);
            match (job, came) {
                (Job::Candidate { phase, of: 2 }, Came::Right(rights)) => {
                    let masks: Vec<f64> = run.pot.iter().map(|net| run.left(net)).collect();
                    let soup = run.left(&soup::mean(&borrowed(&run.pot)));
                    let wanted = (phases.left(phase + 1) * weights + 0.5).floor() / weights;
                    assert!(masks.iter().chain([&soup]).all(|left| (left - wanted).abs() < 1e-12), "{masks:?} {soup}");
                    let [soup, mean, best, _] = rights[..] else { panic!("{rights:?}") };
                    assert!(mean <= best + 1e-12 && soup <= 1.0);
                    assert_eq!(run.pots[0].len(), if phase == PHASES - 1 { 3 } else { 0 });
                }
                (Job::Other { of: 2 }, Came::Mixed([left, _, same])) => {
                    // Masks of their own fill the average.
                    let pot = &run.pots[1];
                    assert!(pot[0][0] < pot[1][0] && pot[1][0] <= pot[2][0] && same < left, "{pot:?}");
                }
                (Job::Map { other }, Came::Nothing) => assert!(run.charts[usize::from(other)].is_some()),
                (Job::Alone { phase: 2, of: 2 }, Came::Right(rights)) => assert_eq!(rights.len(), PHASES),
                (Job::Long { .. }, Came::Right(right)) => assert_eq!(right, [run.trainee.accuracy]),
                (_, came) => assert_eq!(came, Came::Nothing, "{job:?}"),
            }
        }
    }
}
