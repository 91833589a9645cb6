//! Studies: trainings that are compared. Each is of an arm, a way to do it, at a place, how much of something there is; and
//! all of it is done in several runs, one training after another.
use super::{Axis, Claim, Metric, Param, Plot, Series, Shape, Status};
use crate::math::{
    decimal::{fixed, percent},
    mean::Mean,
    order::nearest_by_ratio,
};
use std::rc::Rc;

/// How fair controls begin.
pub static STARTS: Param = Param::choice(
    "starts",
    "Starts",
    &[("fair", "Fair"), ("plain", "Plain")],
    "A unit that has lost most of its inputs gets too weak a sum. A fair start makes up for that, a plain one does not.",
);

/// How often each training sees all examples.
pub const fn epochs(default: i64) -> Param {
    Param::int("epochs", "Epochs", (2, default, 30), "How often each training sees all examples.")
}

/// How often all of it is done.
pub const fn runs(default: i64) -> Param {
    Param::int("runs", "Runs", (1, default, 5), "How often all of it is done, from other weights each time.")
}

/// Why a claim whose bound is of the digits says nothing of other data.
pub const OF_DIGITS: &str = "The numbers are those of the digits.";
/// A claim about a share of the weights that is left under a preset, and under others is not.
pub fn at_density(claim: Claim, now: f64, wanted: f64, preset: &'static str) -> Claim {
    let about = format!("this is about {} of the weights.", percent(wanted, 0));
    claim.press_unless((now - wanted).abs() < 1e-6, preset, &about)
}
/// Why a claim says nothing of short trainings.
pub const FEW_EPOCHS: &str = "So few epochs do not train a net.";

/// What the net in training has right.
pub const RIGHT: Metric =
    Metric::new("accuracy", "test examples right", "The share of unseen examples that the net in training has right.");
/// Its loss.
pub const LOSS: Metric = Metric::new("loss", "loss", "Its loss on the last batch, before the step made of it.");
/// Its density.
pub const LEFT: Metric = Metric::new("left", "weights left", "The share of its weights that are left.");
/// How far the study is.
pub const TRAINED: Metric = Metric::new("trained", "trainings", "How many trainings are over.");

/// What a study of one net at a time reports.
pub const IN_TRAINING: [Metric; 4] = [RIGHT, LOSS, LEFT, TRAINED];

/// One training of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Which run, from 0.
    pub run: usize,
    /// Which arm.
    pub arm: usize,
    /// Which place.
    pub place: usize,
}

/// What came of the trainings so far.
#[derive(Clone, Debug)]
pub struct Study {
    arms: &'static [&'static str],
    places: Rc<[f64]>,
    /// Arms and places of a run, in their order.
    cells: Rc<[(usize, usize)]>,
    runs: usize,
    /// By arm and place, one for each run.
    results: Vec<Vec<f64>>,
    done: usize,
}

impl Study {
    /// A study of these arms at these places, which are above 0, where each run trains what `cells` says, as (arm, place).
    pub fn new(
        arms: &'static [&'static str],
        places: &[f64],
        cells: impl IntoIterator<Item = (usize, usize)>,
        runs: usize,
    ) -> Self {
        let results = vec![Vec::new(); arms.len() * places.len()];
        Self { arms, places: places.into(), cells: cells.into_iter().collect(), runs, results, done: 0 }
    }

    /// The same where each run trains every arm at every place, place after place.
    pub fn crossed(arms: &'static [&'static str], places: &[f64], runs: usize) -> Self {
        let cells = (0..places.len()).flat_map(|place| (0..arms.len()).map(move |arm| (arm, place)));
        Self::new(arms, places, cells, runs)
    }

    /// The training that is its turn; the last one when all are over.
    pub fn now(&self) -> Trial {
        let done = self.done.min(self.trials().saturating_sub(1));
        let (run, cell) = (done / self.cells.len().max(1), done % self.cells.len().max(1));
        let (arm, place) = self.cells.get(cell).copied().unwrap_or_default();
        Trial { run, arm, place }
    }

    /// Writes down the share that was right after the training whose turn it was.
    pub fn add(&mut self, result: f64) -> Status {
        let Trial { arm, place, .. } = self.now();
        self.results[arm * self.places.len() + place].push(result);
        self.done += 1;
        if self.is_over() {
            Status::Ended("all runs over")
        } else if self.done == self.cells.len() {
            Status::Passed("first run over")
        } else {
            Status::Running
        }
    }

    /// The same of trainings that were side by side, in the order of their turns.
    pub fn add_all(&mut self, results: impl IntoIterator<Item = f64>) -> Status {
        let mut status = Status::Running;
        for result in results {
            let now = self.add(result);
            status = if now == Status::Running { status } else { now };
        }
        status
    }

    /// What each run trains, as (arm, place).
    pub fn cells(&self) -> &[(usize, usize)] {
        &self.cells
    }

    /// Trainings of all runs.
    pub fn trials(&self) -> usize {
        self.cells.len() * self.runs
    }

    /// Steps of all of them, by those of a cell.
    pub fn steps(&self, of: impl Fn(usize, usize) -> usize) -> u64 {
        let run: usize = self.cells.iter().map(|(arm, place)| of(*arm, *place)).sum();
        (self.runs * run) as u64
    }

    /// How often all of it is done.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Trainings that are over.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Whether all are.
    pub fn is_over(&self) -> bool {
        self.done >= self.trials()
    }

    /// The places.
    pub fn places(&self) -> &[f64] {
        &self.places
    }

    /// The place that is nearest to `x` by its ratio.
    pub fn nearest(&self, x: f64) -> usize {
        nearest_by_ratio(&self.places, x)
    }

    /// What the arms are called.
    pub fn arms(&self) -> &'static [&'static str] {
        self.arms
    }

    /// Where along the places something is known of an arm: the mean, the least and the greatest of the runs so far.
    pub fn known(&self, arm: usize) -> impl Iterator<Item = (f64, [f64; 3])> {
        self.places.iter().enumerate().filter_map(move |(place, x)| Some((*x, self.so_far((arm, place))?)))
    }

    /// What came of an arm at a place so far.
    fn of(&self, arm: usize, place: usize) -> &[f64] {
        if place < self.places.len() { &self.results[arm * self.places.len() + place] } else { &[] }
    }

    /// The mean over all runs, once they are over.
    pub fn mean(&self, (arm, place): (usize, usize)) -> Option<f64> {
        let results = self.of(arm, place);
        if results.len() < self.runs { None } else { spread(results).map(|[mean, ..]| mean) }
    }

    /// Those of some cells, once all of them are known.
    pub fn means(&self, cells: impl IntoIterator<Item = (usize, usize)>) -> Option<Vec<f64>> {
        cells.into_iter().map(|cell| self.mean(cell)).collect()
    }

    /// That mean in words, with its standard error.
    pub fn estimate(&self, cell: (usize, usize)) -> Option<(f64, String)> {
        let mean = self.mean(cell)?;
        let (arm, place) = cell;
        Some((mean, format!("{}{}", percent(mean, 1), give_or_take(self.of(arm, place)))))
    }

    /// How far the mean of a cell is above that of another, once all runs are over, with the standard error of that.
    pub fn against(&self, a: (usize, usize), b: (usize, usize)) -> Option<(f64, String)> {
        let (gap, text) = against(self.mean(a), self.mean(b))?;
        let pairs = self.of(a.0, a.1).iter().zip(self.of(b.0, b.1));
        let gaps: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
        Some((gap, format!("{text}{}", give_or_take(&gaps))))
    }

    /// How many times as large.
    pub fn ratio(&self, a: (usize, usize), b: (usize, usize)) -> Option<(f64, String)> {
        let (x, y) = self.mean(a).zip(self.mean(b))?;
        self.against(a, b).map(|(_, text)| (x / y, text))
    }

    /// The mean, the least and the greatest of the runs that have come so far.
    pub fn so_far(&self, (arm, place): (usize, usize)) -> Option<[f64; 3]> {
        spread(self.of(arm, place))
    }

    /// The chart of all arms along the places: means with whiskers from the least to the greatest.
    pub fn chart(&self, x: Axis, y: Axis) -> Shape {
        let series = self.arms.iter().map(|arm| Series::spread(arm, self.places.len()));
        Shape::Lines { x, y, series: series.collect(), marks: Vec::new(), field: None }
    }

    /// Writes its points, and where along the places the run is; other series may follow.
    pub fn plot<'a>(&self, slot: &'a mut [f32], x: f64) -> Plot<'a> {
        let mut plot = Plot::new(slot, x);
        for arm in 0..self.arms.len() {
            plot.spread(self.places.len(), self.known(arm));
        }
        plot
    }

    /// One of the runs in words.
    pub fn run(&self, run: usize) -> String {
        format!("Run {} of {}", run + 1, self.runs)
    }

    /// What is done, in a sentence: which training it is, or that all are over.
    pub fn caption(&self, place: impl Fn(usize) -> String) -> String {
        let now = self.now();
        if self.is_over() && self.runs == 1 {
            "One run alone. More of them would show how much is chance.".into()
        } else if self.is_over() {
            format!(
                "Means of {} runs, with whiskers from the least to the greatest. A claim's ± is the standard error.",
                self.runs
            )
        } else {
            format!("{}: {} at {}.", self.run(now.run), self.arms[now.arm], place(now.place))
        }
    }

    /// The claim that `a` is better than `b` by so many points at least, or worse by so many at most where `least` is below 0.
    pub fn gap(&self, says: &str, source: &'static str, a: (usize, usize), b: (usize, usize), least: f64) -> Claim {
        gap(says, source, least).found(self.against(a, b), NOT_YET)
    }

    /// The claim that a mean is in some range.
    pub fn level(&self, says: &str, source: &'static str, cell: (usize, usize), (from, to): (f64, f64)) -> Claim {
        let text = match (from > 0.0, to < 1.0) {
            (true, true) => format!("{} to {}", percent(from, 0), percent(to, 0)),
            (true, false) => format!("at least {}", percent(from, 0)),
            _ => format!("at most {}", percent(to, 0)),
        };
        let claim = Claim::new(says, source).expect(from, to, &text).on((0.0, "0 %"), (1.0, "100 %"));
        claim.found(self.estimate(cell), NOT_YET)
    }
}

/// Parts of all runs, one after the other, where they are of several kinds.
#[derive(Clone, Debug)]
pub struct Plan<Part> {
    /// With the run of each.
    parts: Rc<[(usize, Part)]>,
    done: usize,
}

impl<Part: Copy> Plan<Part> {
    /// What each of so many runs does.
    pub fn new(runs: usize, parts: impl Fn(usize) -> Vec<Part>) -> Self {
        let all = (0..runs).flat_map(|run| parts(run).into_iter().map(move |part| (run, part)));
        Self { parts: all.collect(), done: 0 }
    }

    /// The run and the part whose turn it is; the last one when all are over.
    ///
    /// # Panics
    /// If there are none.
    pub fn now(&self) -> (usize, Part) {
        self.parts[self.done.min(self.parts.len() - 1)]
    }

    /// Goes on to the next part, and whether there is one.
    pub fn go_on(&mut self) -> bool {
        self.done += 1;
        !self.is_over()
    }

    /// Whether the part whose turn it is is the first of its run.
    pub fn begins_run(&self) -> bool {
        self.done == 0 || self.parts[self.done - 1].0 < self.now().0
    }

    /// Whether all are over.
    pub fn is_over(&self) -> bool {
        self.done >= self.parts.len()
    }

    /// How often all of it is done.
    pub fn runs(&self) -> usize {
        self.parts.last().map_or(0, |(run, _)| run + 1)
    }

    /// Steps of all parts, by those of each.
    pub fn steps(&self, of: impl Fn(Part) -> usize) -> u64 {
        self.parts.iter().map(|(_, part)| of(*part) as u64).sum()
    }
}

/// The axis of shares of examples that are right.
pub fn share_right() -> Axis {
    Axis::linear("share right", 0.0, 1.0)
}

/// What a claim says that waits for a training.
pub const NOT_YET: &str = "Not all runs have come so far.";

/// The claim that a share is above another by so many points at least, or below by so many at most where `least` is below 0.
pub fn gap(says: &str, source: &'static str, least: f64) -> Claim {
    let points = 100.0 * least.abs();
    let points = fixed(points, u32::from((points - points.round()).abs() > 1e-9));
    let unit = if points == "1" { "point" } else { "points" };
    let text = match least {
        x if x < 0.0 => format!("at most {points} {unit} worse"),
        x if x > 0.0 => format!("at least {points} {unit} better"),
        _ => "no worse".into(),
    };
    let most = match least {
        x if x < 0.0 => (0.2, "20 points"),
        x if x < 0.1 => (0.5, "50 points"),
        _ => (1.0, "100 points"),
    };
    Claim::new(says, source).expect(least, 1.0, &text).on((-0.2, "−20 points"), most)
}

/// How far a share is above another, once both are known, and how a claim tells of it.
pub fn against(a: Option<f64>, b: Option<f64>) -> Option<(f64, String)> {
    let (a, b) = a.zip(b)?;
    Some((a - b, format!("{} against {}", percent(a, 1), percent(b, 1))))
}

/// How far the mean of results of several runs is off by chance: its standard error, where there is more than one.
pub fn standard_error(results: &[f64]) -> Option<f64> {
    (results.len() > 1).then(|| Mean::of(results.iter().copied()).error())
}

/// That of shares in points, as it stands behind their mean.
fn give_or_take(results: &[f64]) -> String {
    standard_error(results).map_or_else(String::new, |error| format!(", ± {}", fixed(100.0 * error, 1)))
}

/// The mean, the least and the greatest of some results.
pub fn spread(results: &[f64]) -> Option<[f64; 3]> {
    Mean::of(results.iter().copied()).spread()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Verdict;

    #[test]
    fn each_training_has_its_turn_and_a_gap_waits_for_all_runs() {
        let mut study = Study::new(&["a", "b"], &[0.1, 0.4], [(0, 0), (0, 1), (1, 1)], 2);
        let gap = |study: &Study| study.gap("a is better than b", "", (0, 1), (1, 1), 0.1);
        assert_eq!((study.trials(), study.nearest(0.19), study.nearest(0.21)), (6, 0, 1));
        let mut said = Vec::new();
        for (i, result) in [0.5, 0.75, 0.5, 0.25, 0.625, 0.25].into_iter().enumerate() {
            assert_eq!(gap(&study).verdict(), Verdict::NotYet);
            let (arm, place) = [(0, 0), (0, 1), (1, 1)][i % 3];
            assert_eq!(study.now(), Trial { run: i / 3, arm, place });
            said.push(study.add(result));
        }
        assert_eq!(
            (said[1], said[2], said[5]),
            (Status::Running, Status::Passed("first run over"), Status::Ended("all runs over"))
        );
        assert_eq!((study.mean((0, 0)), study.mean((1, 0)), study.mean((0, 7))), (Some(0.375), None, None));
        let measured = Some((0.6875 - 0.375, "68.8\u{a0}% against 37.5\u{a0}%, ± 6.3".into()));
        assert_eq!(gap(&study).measured, measured);
        assert_eq!(study.level("", "", (0, 1), (0.7, 1.0)).verdict(), Verdict::Differs);
        assert_eq!((study.means([(0, 0), (1, 1)]), study.means([(0, 0), (1, 0)])), (Some(vec![0.375; 2]), None));
        assert_eq!(Study::crossed(&["a", "b"], &[1.0, 2.0], 3).cells(), [(0, 0), (1, 0), (0, 1), (1, 1)]);
        assert_eq!((study.steps(|arm, place| 10 * arm + place), study.run(1)), (2 * 12, "Run 2 of 2".into()));
    }

    #[test]
    fn parts_follow_each_other_through_all_runs() {
        let mut plan = Plan::new(2, |run| if run == 0 { vec![5, 2, 3] } else { vec![5, 2] });
        assert_eq!((plan.runs(), plan.steps(|part| part)), (2, 17));
        let mut seen = vec![plan.now()];
        while plan.go_on() {
            seen.push(plan.now());
        }
        assert_eq!(seen, [(0, 5), (0, 2), (0, 3), (1, 5), (1, 2)]);
        assert!(plan.is_over() && plan.now() == (1, 2));
    }

    #[test]
    fn a_spread_is_the_mean_the_least_and_the_greatest() {
        assert_eq!((spread(&[]), spread(&[0.5, 1.0, 0.75])), (None, Some([0.75, 0.5, 1.0])));
        assert_eq!(standard_error(&[0.5]), None);
        let error = standard_error(&[1.0, 3.0, 2.0, 2.0]).unwrap_or_default();
        assert!((error - (1.0_f64 / 6.0).sqrt()).abs() < 1e-12);
    }
}
