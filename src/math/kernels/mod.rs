//! The hot f32 loops: slices in, slices out, nothing allocated once a [`Workspace`] has grown.
//!
//! - [`dot`], [`dot64`], [`axpy`]: vectors
//! - [`gemv`], [`gemv_transposed`]: a matrix times a vector
//! - [`gemm`], [`gemm_packed`]: a matrix times a matrix, transposes for free
//! - [`Csr`], [`Pairs`], [`Fours`], [`NofM`]: a [`Sparse`] matrix times a matrix or a vector
//! - [`softmax`], [`softmax_rows`], [`log_sum_exp`], [`exp_in_place`]
//!
//! The order of every sum is fixed and stated, so the bits are the same on every target and do not
//! depend on how the work is cut into blocks. All of them panic when shapes do not fit, naming what
//! came and what was wanted.

#![expect(clippy::inline_always, reason = "the parts of an inner loop must be in it")]

mod gemm;
mod gemv;
mod softmax;
mod sparse;
mod vector;

pub use gemm::{Packed, Workspace, gemm, gemm_packed};
pub use gemv::{gemv, gemv_transposed};
pub use softmax::{exp_in_place, log_sum_exp, softmax, softmax_rows};
pub use sparse::{Csr, Fours, NofM, Pairs, Panel, RowBlocks, Sparse};
pub use vector::{axpy, dot, dot64};

/// Stops with the kernel's name when a length is not the one its partners ask for.
#[track_caller]
fn assert_len(what: &str, got: usize, wanted: usize) {
    assert_eq!(got, wanted, "{what}: got length {got}, wanted {wanted}");
}
