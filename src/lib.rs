//! Attractor.
pub mod math;
