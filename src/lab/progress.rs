//! Progress measures of a net that groks modular arithmetic (Nanda, Chan, Lieberum, Smith and Steinhardt 2023): what it has to
//! pay for the strong waves of its answers alone, and for the rest of them.
use super::{
    Axis, Claim, Metric, Place, Shape, Unmeasured, View,
    wait::{self, Wait},
};
use crate::math::decimal::short;

/// The loss on what it never saw.
pub const TEST_LOSS: Metric = Metric::new("test-loss", "test loss", "The loss on the unseen pairs.");
/// The loss on what it is trained on.
pub const TRAIN_LOSS: Metric =
    Metric::new("train-loss", "training loss", "The loss on the training pairs, of the same weights.");
/// The loss of the key waves.
pub const RESTRICTED: Metric =
    Metric::new("restricted", "restricted loss", "The loss on all pairs of the key waves of the answers alone.");
/// The loss of the rest.
pub const EXCLUDED: Metric =
    Metric::new("excluded", "excluded loss", "The training loss without the waves that are key at this step.");

/// Metrics of a net that groks: what is right and what there is to pay, then those of its own, then the wait.
/// [`measure`] has their numbers.
///
/// # Panics
/// If there are not as many as are asked for, when the program is built.
pub const fn metrics<const OWN: usize, const ALL: usize>(own: [Metric; OWN]) -> [Metric; ALL] {
    let first = [wait::TEST, wait::TRAIN, TEST_LOSS, TRAIN_LOSS, RESTRICTED, EXCLUDED];
    let last = [wait::BY_HEART, wait::UNDERSTOOD, wait::WAIT];
    assert!(ALL == first.len() + OWN + last.len());
    let mut all = [wait::TEST; ALL];
    let mut i = 0;
    while i < ALL {
        all[i] = match i {
            _ if i < first.len() => first[i],
            _ if i < first.len() + OWN => own[i - first.len()],
            _ => last[i - first.len() - OWN],
        };
        i += 1;
    }
    all
}

/// The numbers of [`metrics`]: shares right of the unseen and of the training pairs; losses on the unseen and the training pairs,
/// restricted and excluded; those of its own; and the wait.
pub fn measure(
    wait: &Wait,
    right: [f64; 2],
    losses: [f64; 4],
    own: impl IntoIterator<Item = f64>,
) -> impl Iterator<Item = f64> {
    right.into_iter().chain(losses).chain(own).chain(wait.measure())
}

const NO_ORDER: &str = "There is no one order of the numbers along which this operation is a sum.";

/// When two losses first were no more than half of what they were at the start: that of the key waves, and that on the unseen.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Whether the numbers have an order along which the operation is a sum; else there are no waves to tell of.
    ordered: bool,
    start: [f64; 2],
    halved: [Option<usize>; 2],
}

impl Progress {
    /// Of the restricted loss and the test loss at the start.
    pub fn new(ordered: bool, start: [f64; 2]) -> Self {
        Self { ordered, start, halved: [None; 2] }
    }

    /// What both are after a step.
    pub fn see(&mut self, step: usize, losses: [f64; 2]) {
        for ((halved, loss), start) in self.halved.iter_mut().zip(losses).zip(self.start) {
            *halved = halved.or((loss <= 0.5 * start).then_some(step));
        }
    }

    /// All four losses over the steps.
    pub fn view(&self, steps: Axis, heights: Axis) -> View {
        let losses = [
            (TEST_LOSS.name, "unseen pairs"),
            (TRAIN_LOSS.name, "training pairs"),
            (RESTRICTED.name, "restricted"),
            (EXCLUDED.name, "excluded"),
        ];
        let known = &losses[..if self.ordered { 4 } else { 2 }];
        View::new("Loss", Place::Main, Shape::over_steps(steps, heights, known))
    }

    /// What the restricted and the excluded loss are, of so many key waves of so many. `silent` is what a net has to pay that says
    /// nothing, where that is all that there is to pay without key waves.
    pub fn caption(
        &self,
        (keys, all): (usize, usize),
        (restricted, excluded): (f64, f64),
        silent: Option<f64>,
    ) -> String {
        if !self.ordered {
            return "No order of the numbers makes this operation a sum, so there are no key waves to keep or to take away."
                .into();
        }
        let kept = if keys == all {
            "what depends on the sum alone, as all frequencies are strong".to_owned()
        } else {
            format!("the {keys} strong waves of {all}")
        };
        let most = match silent {
            Some(loss) => format!(" It cannot rise above {}, the loss of a net that answers nothing.", short(loss)),
            None => String::new(),
        };
        format!(
            "Restricted loss, {}: of the answers only {kept}. Excluded loss, {}: the training pairs without that.{most}",
            short(restricted),
            short(excluded)
        )
    }

    /// A claim about the waves of a net once it understands.
    pub fn once_understood(&self, claim: Claim, wait: &Wait, measured: impl FnOnce(Claim) -> Claim) -> Claim {
        let understood = wait.understanding();
        match understood {
            _ if !self.ordered => claim.unmeasured(Unmeasured::NotHere(NO_ORDER.into())),
            Ok(_) => measured(claim),
            Err(why) => claim.unmeasured(why),
        }
    }

    /// The claim that the waves are right before the answers are.
    pub fn waves_are_first(&self, source: &'static str, wait: &Wait) -> Claim {
        let claim = Claim::new("The waves in its answers are right before the answers are.", source)
            .expect(1.1, f64::INFINITY, "test loss halves at least 1.1 times as late as restricted loss")
            .on_log((0.1, "later"), (10.0, "10 times"));
        match self.halved {
            _ if !self.ordered => claim.not_here(NO_ORDER),
            [Some(restricted), Some(test)] => claim.measured(
                test as f64 / restricted as f64,
                format!("restricted at step {restricted}, test loss at {test}"),
            ),
            _ if wait.gave_up() => claim.not_here("It never understood."),
            [Some(restricted), None] => {
                claim.because(format!("Restricted loss halved by step {restricted}. Test loss did not yet."))
            }
            _ => claim.because("Neither has halved yet."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Verdict, wait::Terms};

    #[test]
    fn own_metrics_stand_between_the_losses_and_the_wait() {
        let all: [Metric; 10] = metrics([Metric::new("own", "own", "")]);
        let names = all.map(|metric| metric.name);
        let expected = ["test", "train", "test-loss", "train-loss", "restricted", "excluded", "own"];
        assert_eq!((&names[..7], &names[7..]), (&expected[..], &["by-heart", "understood", "wait"][..]));
        let wait = Wait::new(Terms { known: 1.0, understood: 0.9, beyond: 0.5, patience: 6, steps: 50 });
        let row: Vec<f64> = measure(&wait, [1.0, 2.0], [3.0, 4.0, 5.0, 6.0], [7.0]).collect();
        assert_eq!(row, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_loss_is_halved_once() {
        let wait = Wait::new(Terms { known: 1.0, understood: 0.9, beyond: 0.5, patience: 6, steps: 50 });
        let mut progress = Progress::new(true, [4.0, 1.0]);
        for (step, losses) in [[3.0, 2.0], [2.0, 0.6], [3.0, 0.6], [1.0, 0.5]].into_iter().enumerate() {
            assert_eq!(progress.waves_are_first("nowhere", &wait).verdict(), Verdict::NotYet);
            progress.see(step + 1, losses);
        }
        assert_eq!(progress.waves_are_first("nowhere", &wait).measured.map(|(x, _)| x), Some(2.0));
        assert_eq!(Progress::new(false, [1.0; 2]).waves_are_first("nowhere", &wait).verdict(), Verdict::NotHere);
    }
}
