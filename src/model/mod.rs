//! Floor 2: memories, training, pruning, random networks. Slices in, slices out; knows no data and no experiment.
pub mod learning;
pub mod memory;
pub mod prior;
pub mod pruning;
#[cfg(test)]
mod toy;
