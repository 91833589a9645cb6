//! Networks before they have learnt: signals, kernels and functions of random weights.
pub mod bands;
pub mod deep;
pub mod gaussian_process;
pub mod kolmogorov;
pub mod network_kernel;
pub mod passage;
pub mod scale_mixture;
pub mod scale_trial;
pub mod strength;
pub mod student;
