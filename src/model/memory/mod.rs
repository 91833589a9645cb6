//! Associative memories: what they hold, how they recall, and what theory says of it.
pub mod atlas;
pub mod bags;
pub mod dense;
pub mod dilution;
pub mod filling;
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
