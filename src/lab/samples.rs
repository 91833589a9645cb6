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

/// How many signals are learnt from and asked.
const SIGNALS: (usize, usize) = (4000, 1000);

/// The files that the data are read from.
pub fn sample_files(values: &Values) -> Vec<&'static File> {
    if values.choice(&DATA) == "digits" { vec![&SMALL_DIGITS] } else { Vec::new() }
}

/// The data of a run, in the order of its seed.
///
/// # Errors
/// If the file is not as it should be.
pub fn samples(start: &Start) -> Result<Split, Vec<Fault>> {
    if start.values.choice(&DATA) != "digits" {
        return Ok(data::signals(SIGNALS.0, SIGNALS.1, &mut start.rng.stream("signals")));
    }
    let read = data::small_digits(start.inputs.file(&SMALL_DIGITS), &mut start.rng.stream("split"));
    read.map_err(|error| vec![Fault::new(SMALL_DIGITS.name, "", &error.to_string())])
}
