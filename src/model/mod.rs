//! Floor 2: memories, energies and landscapes. Slices in, slices out; knows no data and no experiment.
pub mod adam;
pub mod atlas;
pub mod deep;
pub mod dense;
pub mod dilution;
pub mod glass;
pub mod hopfield;
pub mod landscape;
pub mod mean_field;
pub mod multitask;
pub mod pattern;
pub mod pooling;
pub mod rules;
pub mod sparse_code;
pub mod sparsey;
pub mod spins;
pub mod teacher;
