//! Pruning: which weights of a net are there, how they are chosen, and how a net begins and learns under a mask.
pub mod calibration;
pub mod dsnot;
pub mod layer;
pub mod mask;
pub mod outliers;
pub mod pair_mask;
pub mod ratio;
pub mod rewire;
pub mod schedule;
pub mod score;
pub mod search;
pub mod select;
pub mod sparse_gpt;
pub mod start;
pub mod trainee;
pub mod wanda;
