//! Floor 2: memories, energies and landscapes. Slices in, slices out; knows no data and no experiment.
pub mod hopfield;
pub mod landscape;
pub mod pattern;
