//! What a paper says, what this run measured, and whether they agree.
use crate::math::decimal::scientific;
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// One claim of a paper held against one run. Its verdict is computed from the numbers, never set.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// One sentence, without symbols where possible.
    pub says: String,
    /// Paper and place: "Ramsauer et al. 2021, theorem 4".
    pub source: &'static str,
    /// The closed interval that agrees, before tolerance. Either end may be infinite.
    pub expected: (f64, f64),
    /// How far outside the interval still agrees; in the interval's unit.
    pub tolerance: f64,
    /// The expectation in words and numbers: "at most 0.05".
    pub expected_text: String,
    /// What the run measured, once it has: the number and how to write it.
    pub measured: Option<(f64, String)>,
    /// One line: why it differs, what is missing, or why it says nothing of these settings.
    pub why: String,
    /// Whether the claim speaks of these settings at all.
    pub applies: bool,
    /// Where it does not: the preset whose run measures it, by name. It stays with a claim that was taken from that run.
    pub preset: Option<&'static str>,
    /// The rule that the card draws.
    pub scale: Scale,
}

/// The rule on a claim card.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scale {
    /// Left end.
    pub min: f64,
    /// Right end.
    pub max: f64,
    /// Drawn on a logarithmic rule; then `min > 0`.
    pub log: bool,
    /// What stands under the two ends.
    pub ends: (String, String),
}

/// Whether a run agrees with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The measured number lies where it is expected.
    Agrees,
    /// It lies elsewhere: a finding, not an error.
    Differs,
    /// Nothing was measured yet.
    NotYet,
    /// The claim says nothing of these settings.
    NotHere,
}

/// Why a claim has no number, in one line: for claims that share their reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmeasured {
    /// The run has not come so far.
    NotYet(String),
    /// These settings are not what the claim speaks of.
    NotHere(String),
}

impl Claim {
    /// A claim that nothing was measured for yet: what the paper says and where.
    pub fn new(says: &str, source: &'static str) -> Self {
        Self {
            says: says.into(),
            source,
            expected: (f64::NEG_INFINITY, f64::INFINITY),
            tolerance: 0.0,
            expected_text: String::new(),
            measured: None,
            why: String::new(),
            applies: true,
            preset: None,
            scale: Scale { min: 0.0, max: 1.0, log: false, ends: (String::new(), String::new()) },
        }
    }

    /// What agrees: a closed interval, and how to say it.
    #[must_use]
    pub fn expect(self, from: f64, to: f64, text: &str) -> Self {
        Self { expected: (from, to), expected_text: text.into(), ..self }
    }

    /// The rule on the card, from a least to a greatest number, each with what stands under that end.
    #[must_use]
    pub fn on(self, (min, low): (f64, &str), (max, high): (f64, &str)) -> Self {
        Self { scale: Scale { min, max, log: false, ends: (low.into(), high.into()) }, ..self }
    }

    /// The same with a logarithmic rule; the least number is above 0.
    #[must_use]
    pub fn on_log(self, low: (f64, &str), high: (f64, &str)) -> Self {
        let claim = self.on(low, high);
        Self { scale: Scale { log: true, ..claim.scale }, ..claim }
    }

    /// What the run measured, and how to write it.
    #[must_use]
    pub fn measured(self, value: f64, text: String) -> Self {
        Self { measured: Some((value, text)), ..self }
    }

    /// The same once there is something; until then, what is missing.
    #[must_use]
    pub fn found(self, found: Option<(f64, String)>, missing: &str) -> Self {
        match found {
            Some((value, text)) => self.measured(value, text),
            None => self.because(missing),
        }
    }

    /// One line: why it differs, or what is missing.
    #[must_use]
    pub fn because(self, why: impl Into<String>) -> Self {
        Self { why: why.into(), ..self }
    }

    /// One line: why the claim says nothing of these settings, however long the run goes on.
    #[must_use]
    pub fn not_here(self, why: impl Into<String>) -> Self {
        Self { applies: false, preset: None, ..self.because(why) }
    }

    /// The same of a claim that a preset's run measures: its name, and what the claim is about.
    #[must_use]
    pub fn press(self, preset: &'static str, about: &str) -> Self {
        Self { preset: Some(preset), ..self.not_here(format!("Press {preset}: {about}")) }
    }

    /// The same where it speaks of these settings; else, and where nothing else was in the way before, why it does not.
    #[must_use]
    pub fn only_if(self, here: bool, why: &str) -> Self {
        if here || !self.applies { self } else { Self { measured: None, ..self.not_here(why) } }
    }

    /// The same where it speaks of these settings; else it names the preset that has them, where nothing else was in the way before.
    #[must_use]
    pub fn press_unless(self, here: bool, preset: &'static str, about: &str) -> Self {
        if here || !self.applies { self } else { Self { measured: None, ..self.press(preset, about) } }
    }

    /// The same of a claim about one value of a setting.
    #[must_use]
    pub fn only_at(self, value: f64, wanted: f64, why: &str) -> Self {
        self.only_if((value - wanted).abs() < 1e-6, why)
    }

    /// Why nothing was measured.
    #[must_use]
    pub fn unmeasured(self, why: Unmeasured) -> Self {
        match why {
            Unmeasured::NotYet(why) => self.because(why),
            Unmeasured::NotHere(why) => self.not_here(why),
        }
    }

    /// That what `descent` watched only falls.
    pub fn never_rises(says: &str, source: &'static str, descent: &Descent) -> Self {
        let Descent { steps, rises, greatest } = *descent;
        let claim = Self::new(says, source).expect(0.0, 0.0, "0 rises").on((0.0, "0"), (5.0, "5 rises"));
        if steps == 0 {
            return claim.because("Take a step to test this.");
        }
        let claim = claim.measured(rises.into(), format!("{rises} in {steps} steps"));
        if rises == 0 { claim } else { claim.because(format!("The greatest rise is {}.", scientific(greatest, 1))) }
    }

    /// Agrees if the measured number lies in the expected interval, give or take the tolerance.
    pub fn verdict(&self) -> Verdict {
        match self.measured {
            None if self.applies => Verdict::NotYet,
            None => Verdict::NotHere,
            Some((x, _)) if x >= self.expected.0 - self.tolerance && x <= self.expected.1 + self.tolerance => {
                Verdict::Agrees
            }
            Some(_) => Verdict::Differs,
        }
    }
}

/// A quantity that should only fall, as far as a run has watched it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Descent {
    /// Steps watched.
    pub steps: u32,
    /// Those on which it rose.
    pub rises: u32,
    /// The greatest of the rises, in the quantity's unit.
    pub greatest: f64,
}

impl Descent {
    /// One more step, from one value to the next. A rise of no more than `rounding` is none.
    pub fn step(&mut self, from: f64, to: f64, rounding: f64) {
        self.steps += 1;
        if to - from > rounding {
            self.rises += 1;
            self.greatest = self.greatest.max(to - from);
        }
    }
}

/// Infinite ends and missing numbers become the ends of the scale and null: JSON has neither.
impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Claim", 11)?;
        out.serialize_field("says", &self.says)?;
        out.serialize_field("source", self.source)?;
        out.serialize_field("expected", &self.expected_text)?;
        out.serialize_field("measured", &self.measured.as_ref().map(|(_, text)| text))?;
        out.serialize_field("verdict", &self.verdict())?;
        out.serialize_field("tolerance", &self.tolerance)?;
        out.serialize_field("why", &self.why)?;
        out.serialize_field("preset", &self.preset)?;
        // Not `clamp`: its panic would bring the printing of any f64 into the wasm module.
        let within = |x: f64| x.max(self.scale.min).min(self.scale.max);
        out.serialize_field("band", &(within(self.expected.0), within(self.expected.1)))?;
        out.serialize_field("value", &self.measured.as_ref().map(|(x, _)| *x))?;
        out.serialize_field("scale", &self.scale)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(measured: Option<f64>) -> Claim {
        let claim =
            Claim { tolerance: 0.1, ..Claim::new("It is small.", "nowhere").expect(f64::NEG_INFINITY, 1.0, "") };
        match measured {
            Some(x) => claim.measured(x, String::new()),
            None => claim,
        }
    }

    #[test]
    fn the_verdict_follows_from_the_numbers() {
        assert_eq!(claim(None).verdict(), Verdict::NotYet);
        assert_eq!(claim(None).not_here("It is large.").verdict(), Verdict::NotHere);
        let pressed = claim(None).press("Large", "this is about large ones.");
        assert_eq!((pressed.verdict(), pressed.preset), (Verdict::NotHere, Some("Large")));
        assert_eq!(pressed.why, "Press Large: this is about large ones.");
        let (large, other) = ("this is about large ones.", claim(Some(0.0)));
        assert_eq!(other.clone().press_unless(true, "Large", large).verdict(), Verdict::Agrees);
        assert_eq!(other.clone().press_unless(false, "Large", large), pressed);
        assert_eq!(other.not_here("It is touched.").press_unless(false, "Large", large).preset, None);
        assert_eq!(pressed.not_here("It was touched.").preset, None);
        assert_eq!(claim(Some(1.05)).verdict(), Verdict::Agrees);
        assert_eq!(claim(Some(1.2)).verdict(), Verdict::Differs);
        assert_eq!(claim(Some(f64::NAN)).verdict(), Verdict::Differs);
    }

    #[test]
    fn a_descent_counts_the_rises_beyond_rounding() {
        let mut descent = Descent::default();
        let never_rises = |descent: &Descent| Claim::never_rises("It falls.", "nowhere", descent);
        assert_eq!(never_rises(&descent).verdict(), Verdict::NotYet);
        descent.step(3.0, 1.0, 0.0);
        descent.step(1.0, 1.0 + 1e-12, 1e-9);
        assert_eq!(never_rises(&descent).verdict(), Verdict::Agrees);
        descent.step(1.0, 1.5, 1e-9);
        descent.step(1.5, 1.75, 1e-9);
        let claim = never_rises(&descent);
        assert_eq!((claim.verdict(), claim.measured), (Verdict::Differs, Some((2.0, "2 in 4 steps".into()))));
        assert_eq!(claim.why, "The greatest rise is 5.0e-1.");
    }
}
