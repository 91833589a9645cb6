//! Examples for tests: normal numbers, of two classes.
use crate::math::{mat::Mat, rng::Stream};

/// So many examples of so many normal numbers each, and for each its class: 1 if `is` holds of it, else 0.
pub fn examples((rows, cols): (usize, usize), chance: &mut Stream, is: impl Fn(&[f32]) -> bool) -> (Mat, Vec<u16>) {
    let inputs = Mat::new((0..rows * cols).map(|_| chance.normal() as f32).collect(), rows, cols);
    let labels = inputs.data.chunks_exact(cols).map(|row| u16::from(is(row))).collect();
    (inputs, labels)
}
