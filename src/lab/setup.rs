//! What no step of a study changes: the examples and all chance.
use super::{Claim, DATA, Fault, HARD_DATA, Param, Start, digits, hard_samples, samples, study::OF_DIGITS};
use crate::{
    data::Split,
    math::{mat::MatRef, rng::Rng},
};

/// What the nets of a study learn from and are asked, and the chance of its runs.
pub struct Setup {
    /// Examples.
    pub split: Split,
    /// Whether they are digits.
    pub digits: bool,
    /// All chance.
    pub rng: Rng,
}

impl Setup {
    /// With the examples that [`DATA`] says.
    ///
    /// # Errors
    /// If their file is not as it should be.
    pub fn new(start: &Start) -> Result<Self, Vec<Fault>> {
        Ok(Self::with(start, samples(start)?, &DATA))
    }

    /// The same for [`HARD_DATA`].
    ///
    /// # Errors
    /// As [`Setup::new`].
    pub fn hard(start: &Start) -> Result<Self, Vec<Fault>> {
        Ok(Self::with(start, hard_samples(start)?, &HARD_DATA))
    }

    /// The same with digits, whatever the settings are.
    ///
    /// # Errors
    /// As [`Setup::new`].
    pub fn of_digits(start: &Start) -> Result<Self, Vec<Fault>> {
        Ok(Self { split: digits(start)?, digits: true, rng: start.rng.clone() })
    }

    fn with(start: &Start, split: Split, data: &'static Param) -> Self {
        Self { split, digits: start.values.choice(data) == "digits", rng: start.rng.clone() }
    }

    /// What is learnt from.
    pub fn train(&self) -> (MatRef<'_>, &[u16]) {
        self.split.train.both()
    }

    /// What nets are asked.
    pub fn test(&self) -> (MatRef<'_>, &[u16]) {
        self.split.test.both()
    }

    /// How many examples there are to learn from.
    pub fn examples(&self) -> usize {
        self.split.train.labels.len()
    }

    /// Numbers of an example.
    pub fn inputs(&self) -> usize {
        self.split.train.inputs.cols
    }

    /// The chance of a run.
    pub fn chance(&self, run: usize) -> Rng {
        self.rng.child(&format!("run {run}"))
    }

    /// A claim whose numbers are those of the digits.
    pub fn of_digits_only(&self, claim: Claim) -> Claim {
        claim.only_if(self.digits, OF_DIGITS)
    }
}
