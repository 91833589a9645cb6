//! The kernels of floor 1 against references of a few lines.

use attractor::math::kernels::{
    Packed, Workspace, axpy, dot, dot64, exp_in_place, gemm, gemm_packed, gemv, gemv_transposed, log_sum_exp, softmax,
    softmax_rows,
};
use attractor::math::mat::{Mat, View};
use attractor::math::rng::Rng;
use attractor::math::scalar;
use attractor::math::simd::F32x4;
use proptest::prelude::*;

// ---- references: what each kernel means ----

fn naive_dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn at(a: View, i: usize, j: usize) -> f32 {
    a.data[i * a.row_stride + j * a.col_stride]
}

/// In order of k, in f32: the bits that `gemm` promises.
fn naive_gemm(a: View, b: View) -> Vec<f32> {
    let element = |i, j| (0..a.cols).fold(0.0, |sum, k| sum + at(a, i, k) * at(b, k, j));
    (0..a.rows).flat_map(|i| (0..b.cols).map(move |j| element(i, j))).collect()
}

fn naive_log_sum_exp(beta: f32, z: &[f32]) -> f64 {
    let beta = f64::from(beta);
    let top = z.iter().map(|&z| beta * f64::from(z)).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = z.iter().map(|&z| scalar::exp(beta * f64::from(z) - top)).sum();
    (top + scalar::ln(sum)) / beta
}

fn naive_softmax(beta: f32, z: &[f32]) -> Vec<f64> {
    let log = naive_log_sum_exp(beta, z);
    z.iter().map(|&z| scalar::exp(f64::from(beta) * (f64::from(z) - log))).collect()
}

// ---- help ----

fn numbers(name: &str, count: usize) -> Vec<f32> {
    let mut stream = Rng::new(7).stream(name);
    (0..count).map(|_| stream.normal() as f32).collect()
}

fn matrix(name: &str, rows: usize, cols: usize) -> Mat {
    Mat::new(numbers(name, rows * cols), rows, cols)
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// Lengths around every block size of the kernels, and primes.
fn length() -> impl Strategy<Value = usize> {
    prop_oneof![0..=20_usize, prop::sample::select(vec![31, 32, 33, 97, 127, 128, 129, 255, 256])]
}

fn depth() -> impl Strategy<Value = usize> {
    prop_oneof![length(), prop::sample::select(vec![257, 509, 512, 513, 784, 1021])]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn gemm_has_the_bits_of_the_plain_sum_in_any_packing_and_transposition(
        m in length(), n in length(), k in depth(), flip_a: bool, flip_b: bool,
    ) {
        let (a, at) = (matrix("a", m, k), matrix("a", k, m));
        let (b, bt) = (matrix("b", k, n), matrix("b", n, k));
        let a = if flip_a { at.transposed() } else { a.view() };
        let b = if flip_b { bt.transposed() } else { b.view() };
        let wanted = bits(&naive_gemm(a, b));
        let mut workspace = Workspace::default();
        let mut c = vec![f32::NAN; m * n];
        gemm(a, b, &mut c, &mut workspace);
        prop_assert_eq!(&bits(&c), &wanted);
        c.fill(f32::NAN);
        gemm_packed(a, &Packed::new(b), &mut c, &mut workspace);
        prop_assert_eq!(&bits(&c), &wanted);
    }
}
