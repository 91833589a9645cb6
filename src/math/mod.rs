//! Floor 1: numbers only. Knows no experiment, no clock, no serde.
//!
//! Everything here gives the same bits natively and in wasm, with and without SIMD:
//!
//! - [`scalar`]: the one doorway to transcendentals
//! - [`decimal`]: reading and writing real numbers
//! - [`formula`]: formulas of two whole numbers, modulo a number
//! - [`rng`]: random numbers in named streams
//! - [`simd`]: four lanes, the only file of the crate with `unsafe`
//! - [`mat`]: row-major matrices and strided views of them
//! - [`line`]: the line that is nearest to points
//! - [`mean`]: means as their numbers come in, and their standard errors
//! - [`normal`]: averages over a standard normal number
//! - [`plane`]: the plane through three states
//! - [`kernels`]: the hot f32 loops: products and softmax
//! - [`order`]: places in a list by falling value
//! - [`special`]: digamma, trigamma, odd factorials and the incomplete beta function
//! - [`linalg`]: small f64 linear algebra, the only file that names nalgebra
pub mod decimal;
pub mod formula;
pub mod kernels;
pub mod linalg;
pub mod line;
pub mod mat;
pub mod mean;
pub mod normal;
pub mod order;
pub mod plane;
pub mod rng;
pub mod scalar;
pub mod simd;
pub mod special;
