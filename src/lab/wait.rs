//! The wait of grokking: when a net first knew all that it is trained on by heart, when it understood what it never saw, and how
//! many times as many steps that took.
//!
//! A [`Wait`] is told after each step what is right. It answers with the marks of the scrubber and of the chart, with metrics,
//! with claims, and with the step at which the run is over.
use super::{Axis, Claim, Metric, Place, Plot, Series, Shape, Status, Unmeasured, View};
use crate::math::decimal::{fixed, percent};

/// What it has right of what it never saw.
pub const TEST: Metric =
    Metric::new("test", "unseen pairs right", "The share of the pairs it was never shown that it has right.");
/// What it has right of what it is trained on.
pub const TRAIN: Metric =
    Metric::new("train", "training pairs right", "The share of the training pairs that it has right.");
/// When it knew all by heart.
pub const BY_HEART: Metric =
    Metric::new("by-heart", "step of by heart", "When all training pairs were right for the first time; 0 before.")
        .or_never();
/// When it understood.
pub const UNDERSTOOD: Metric =
    Metric::new("understood", "step of understanding", "When 99 % of the unseen pairs were right; 0 before.")
        .or_never();
/// Their ratio.
pub const WAIT: Metric =
    Metric::new("wait", "the wait", "How many times as many steps understanding took; 0 before.").or_never();

const FIRST_BY_HEART: &str = "It must know all by heart first.";
/// So many times as many steps are long.
const LONG: f64 = 4.0;

/// What counts as knowing, and how long a run goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The share of what it is trained on that is right once it knows that by heart.
    pub known: f64,
    /// The share of the unseen that is right once it understands.
    pub understood: f64,
    /// For so many times the steps that this took a run goes on.
    pub beyond: f64,
    /// A run in which nothing drives the net to understand ends here.
    pub patience: usize,
    /// Any other ends here.
    pub steps: usize,
}

/// How far a net has come.
#[derive(Clone, Debug)]
pub struct Wait {
    terms: Terms,
    step: usize,
    /// When it first knew all by heart, and the share of the unseen that it had right then.
    by_heart: Option<(usize, f64)>,
    understood: Option<usize>,
    /// Whether anything, such as weight decay, drives it to understand: at a step so far, and at the next one.
    driven: bool,
    drives: bool,
    /// The run ends no earlier.
    until: usize,
}

impl Wait {
    /// Before the first step; nothing drives it.
    pub fn new(terms: Terms) -> Self {
        Self { terms, step: 0, by_heart: None, understood: None, driven: false, drives: false, until: 0 }
    }

    /// Whether anything drives it to understand from now on.
    pub fn drive(&mut self, drives: bool) {
        self.drives = drives;
    }

    /// The run was touched, and goes on for so many steps at least.
    pub fn hold(&mut self, steps: usize) {
        self.until = self.step + steps;
    }

    /// Whether it knows all by heart with this share of what it is trained on, for the first time.
    pub fn is_by_heart(&self, trained: f64) -> bool {
        self.by_heart.is_none() && trained >= self.terms.known
    }

    /// One more step is over; what is right of what it is trained on and of the unseen.
    pub fn pass(&mut self, trained: f64, unseen: f64) -> Status {
        self.step += 1;
        self.driven |= self.drives;
        if self.is_by_heart(trained) {
            self.by_heart = Some((self.step, unseen));
            return Status::Passed("by heart");
        }
        if self.understood.is_none() && unseen >= self.terms.understood {
            self.understood = Some(self.step);
            return Status::Passed("understood");
        }
        if !self.is_over() {
            return Status::Running;
        }
        Status::Ended(match (self.by_heart, self.understood) {
            (_, Some(_)) => "end",
            // It is on its way.
            (Some(_), None) if unseen >= 0.5 => "not yet understood",
            (Some(_), None) => "by heart only",
            (None, None) => "not by heart",
        })
    }

    /// Steps that are over.
    pub fn step(&self) -> usize {
        self.step
    }

    /// When it first knew all by heart.
    pub fn by_heart(&self) -> Option<usize> {
        self.by_heart.map(|(step, _)| step)
    }

    /// When it first understood.
    pub fn understood(&self) -> Option<usize> {
        self.understood
    }

    /// How many times as many steps it took to understand.
    pub fn times(&self) -> Option<f64> {
        Some(self.understood? as f64 / self.by_heart()? as f64)
    }

    /// The step at which the run is over, where it is known.
    pub fn due(&self) -> Option<u64> {
        let end = match self.understood {
            Some(understood) => understood + (self.terms.beyond * understood as f64) as usize,
            None if self.driven || self.drives => return None,
            None => self.terms.patience,
        };
        Some(end.max(self.until).min(self.terms.steps) as u64)
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        self.step as u64 >= self.due().unwrap_or(self.terms.steps as u64)
    }

    /// Whether it is, and the net has not understood.
    pub fn gave_up(&self) -> bool {
        self.understood.is_none() && self.is_over()
    }

    /// When it understood; else why nothing was measured that needs this.
    ///
    /// # Errors
    /// If it has not understood.
    pub fn understanding(&self) -> Result<usize, Unmeasured> {
        match self.understood {
            Some(step) => Ok(step),
            None if self.gave_up() => Err(Unmeasured::NotHere("It never understood.".into())),
            None => Err(Unmeasured::NotYet("It has not understood yet.".into())),
        }
    }

    /// The numbers of [`BY_HEART`], [`UNDERSTOOD`] and [`WAIT`].
    pub fn measure(&self) -> [f64; 3] {
        let step = |step: Option<usize>| step.unwrap_or(0) as f64;
        [step(self.by_heart()), step(self.understood), self.times().unwrap_or(0.0)]
    }

    /// What is right, in the metrics [`TEST`] and [`TRAIN`], with the wait between both moments. [`Wait::draw`] fills it.
    pub fn view(&self) -> View {
        let series = [
            Series::metric("test", "unseen pairs"),
            Series::metric("train", "training pairs"),
            Series::curve("the wait", 2),
            Series::spread("by heart", 1),
            Series::spread("understood", 1),
        ];
        let right = Shape::lines(self.axis(), Axis::linear("share right", 0.0, 1.0), series);
        View::new("Share of pairs that are right", Place::Main, right)
    }

    /// The axis of steps.
    pub fn axis(&self) -> Axis {
        Axis::log("step, log scale", 1.0, self.terms.patience as f64)
    }

    /// The marks of [`Wait::view`].
    pub fn draw(&self, slot: &mut [f32]) {
        let mut plot = Plot::new(slot, 0.0);
        let step = |step: usize| step as f32;
        let wait = self.by_heart().zip(self.understood).map(|(from, to)| [step(from), step(to)]);
        plot.curve(2, wait.into_iter().flatten().map(|step| [step, 0.5]));
        self.dots(&mut plot);
    }

    /// Both moments: two series of one spread each.
    pub fn dots(&self, plot: &mut Plot) {
        for (at, height) in [(self.by_heart(), 1.0), (self.understood, self.terms.understood)] {
            plot.curve(1, at.map(|at| [at as f32, height as f32, 0.0, 1.0]));
        }
    }

    /// How things are, in a sentence: what is right of how many training pairs, and of how many others.
    pub fn now(&self, (trained, pairs): (f64, usize), (unseen, others): (f64, usize)) -> String {
        format!(
            "Step {}: it has {} of its {pairs} training pairs right, and {} of the {others} others.",
            self.step,
            nearly(trained),
            nearly(unseen)
        )
    }

    /// What has happened, in a sentence, with a space before it; nothing before it knows all by heart.
    pub fn story(&self) -> String {
        match (self.by_heart(), self.understood, self.times()) {
            (Some(by_heart), Some(understood), Some(times)) => {
                format!(
                    " By heart at step {by_heart}, understood at step {understood}: {} times as many.",
                    fixed(times, 1)
                )
            }
            (Some(by_heart), ..) => format!(" By heart at step {by_heart}."),
            _ => String::new(),
        }
    }

    /// The claim that it understands long after it knows all by heart. `why` says why it has not understood. If nobody could
    /// expect it to, a run that gave up says nothing of the claim.
    pub fn is_long(&self, says: &str, source: &'static str, why: &str, expected: bool) -> Claim {
        let claim = Claim::new(says, source)
            .expect(LONG, f64::INFINITY, "at least 4 times as many steps")
            .on_log((1.0, "not at all"), (100.0, "100 times"));
        match (self.by_heart(), self.understood, self.times()) {
            (Some(by_heart), Some(understood), Some(times)) => {
                claim.measured(times, format!("{} times: steps {by_heart} and {understood}", fixed(times, 1)))
            }
            (Some(by_heart), ..) => {
                let why = format!("By heart at step {by_heart}, not understood at {}. {why}", self.step);
                match self.gave_up() {
                    true if !expected => claim.not_here(why.trim_end()),
                    true => claim.measured(1.0, format!("not at all in {} steps", self.step)).because(why.trim_end()),
                    false => claim.because(why.trim_end()),
                }
            }
            _ => claim.because(FIRST_BY_HEART),
        }
    }

    /// The claim that it has at most so much of the unseen right when it knows all by heart.
    pub fn guesses(&self, says: &str, source: &'static str, most: f64) -> Claim {
        let claim = Claim::new(says, source)
            .expect(0.0, most, &format!("at most {} of unseen pairs right", percent(most, 0)))
            .on((0.0, "0 %"), (1.0, "100 %"));
        claim.found(self.by_heart.map(|(_, unseen)| (unseen, percent(unseen, 1))), FIRST_BY_HEART)
    }
}

/// A share that is said to be all only if it is.
fn nearly(share: f64) -> String {
    if (0.99..1.0).contains(&share) { percent(share.min(0.999), 1) } else { percent(share, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Verdict;

    const TERMS: Terms = Terms { known: 1.0, understood: 0.9, beyond: 0.5, patience: 6, steps: 50 };

    fn claim(wait: &Wait, expected: bool) -> Claim {
        wait.is_long("It waits.", "nowhere", "Wait.", expected)
    }

    #[test]
    fn both_moments_are_marked_once_and_the_run_goes_on_for_half_as_long_again() {
        let mut wait = Wait::new(TERMS);
        wait.drive(true);
        let shares = [(0.5, 0.0), (1.0, 0.25), (1.0, 0.9), (0.9, 0.5), (1.0, 1.0)];
        let said = shares.map(|(trained, unseen)| wait.pass(trained, unseen));
        let (by_heart, understood) = (Status::Passed("by heart"), Status::Passed("understood"));
        assert_eq!(said, [Status::Running, by_heart, understood, Status::Ended("end"), Status::Ended("end")]);
        assert_eq!((wait.measure(), wait.due(), wait.understanding()), ([2.0, 3.0, 1.5], Some(4), Ok(3)));
        assert_eq!(claim(&wait, true).verdict(), Verdict::Differs);
        assert_eq!(wait.guesses("It guesses.", "nowhere", 0.1).measured, Some((0.25, percent(0.25, 1))));
    }

    #[test]
    fn patience_ends_only_what_nothing_ever_drove() {
        let mut wait = Wait::new(TERMS);
        assert_eq!(claim(&wait, true).verdict(), Verdict::NotYet);
        for _ in 0..5 {
            wait.pass(1.0, 0.0);
        }
        assert!(
            !wait.gave_up() && wait.understanding() == Err(Unmeasured::NotYet("It has not understood yet.".into()))
        );
        assert_eq!((wait.pass(1.0, 0.0), wait.gave_up()), (Status::Ended("by heart only"), true));
        assert_eq!(
            [true, false].map(|expected| claim(&wait, expected).verdict()),
            [Verdict::Differs, Verdict::NotHere]
        );
        wait.hold(10);
        assert_eq!((wait.due(), wait.gave_up()), (Some(16), false));
        wait.drive(true);
        wait.pass(1.0, 0.0);
        wait.drive(false);
        assert_eq!(wait.due(), None);
    }
}
