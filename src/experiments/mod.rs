//! Floor 4: the experiments, one file each, and the list that everything is made from.
//!
//! To add one: write its file, then add its `mod` line and its line in [`ALL`].
use crate::lab::Entry;

mod capacity;
mod hebb_letters;
mod modern_hopfield;
mod multitasking;
mod phase_diagram;

/// Every experiment, in the order of the gallery.
pub static ALL: &[&Entry] =
    &[&modern_hopfield::ENTRY, &phase_diagram::ENTRY, &capacity::ENTRY, &multitasking::ENTRY, &hebb_letters::ENTRY];
