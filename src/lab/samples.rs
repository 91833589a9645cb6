//! The data that nets are trained on, as a setting that several experiments have.
use super::{Fault, Param, Start, Values};
use crate::data::{self, File, SMALL_DIGITS, Split};

/// Which data.
pub static DATA: Param = Param::choice(
    "data",
    "Data",
    &[("digits", "Digits"), ("signals", "Signals")],
    "Handwritten digits of 8 x 8 are easy. Noisy signals of 40 numbers are not.",
);

/// The same, where the hard task is the one that is meant.
pub static HARD_DATA: Param = Param::choice(
    "data",
    "Data",
    &[("signals", "Signals"), ("digits", "Digits")],
    "Noisy signals of 40 numbers are hard. Handwritten digits of 8 x 8 are easy.",
);

/// How many signals are learnt from and asked.
const SIGNALS: (usize, usize) = (4000, 1000);

/// The files that the data are read from.
pub fn sample_files(values: &Values) -> Vec<&'static File> {
    files_of(values, &DATA)
}

/// The same for [`HARD_DATA`].
pub fn hard_sample_files(values: &Values) -> Vec<&'static File> {
    files_of(values, &HARD_DATA)
}

fn files_of(values: &Values, data: &'static Param) -> Vec<&'static File> {
    if values.choice(data) == "digits" { vec![&SMALL_DIGITS] } else { Vec::new() }
}

/// The data of a run, in the order of its seed.
///
/// # Errors
/// If the file is not as it should be.
pub fn samples(start: &Start) -> Result<Split, Vec<Fault>> {
    samples_of(start, &DATA)
}

/// The same for [`HARD_DATA`].
///
/// # Errors
/// As [`samples`].
pub fn hard_samples(start: &Start) -> Result<Split, Vec<Fault>> {
    samples_of(start, &HARD_DATA)
}

fn samples_of(start: &Start, data: &'static Param) -> Result<Split, Vec<Fault>> {
    if start.values.choice(data) != "digits" {
        return Ok(data::signals(SIGNALS.0, SIGNALS.1, &mut start.rng.stream("signals")));
    }
    digits(start)
}

/// The small digits, in the order of the seed of a run.
///
/// # Errors
/// As [`samples`].
pub fn digits(start: &Start) -> Result<Split, Vec<Fault>> {
    let read = data::small_digits(start.inputs.file(&SMALL_DIGITS), &mut start.rng.stream("split"));
    read.map_err(|error| vec![Fault::new(SMALL_DIGITS.name, "", &error.to_string())])
}
