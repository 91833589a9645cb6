//! The kernels of floor 1 against references of a few lines.
#![expect(clippy::float_cmp, reason = "exact results are promised, and tested exactly")]

use attractor::math::kernels::{
    Csr, Fours, NofM, Packed, Pairs, Panel, Sparse, Workspace, axpy, dot, dot64, exp_in_place, gemm, gemm_packed, gemv,
    gemv_transposed, log_sum_exp, softmax, softmax_rows,
};
use attractor::math::linalg::{matmul, symmetric_eigenvalues};
use attractor::math::mat::{Mat, View};
use attractor::math::rng::Rng;
use attractor::math::scalar;
use attractor::math::simd::{F32x4, ROUNDING};
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

/// What a kernel may lose against f64: a rounding for each term, of the size of the terms.
fn close(got: f32, wanted: f64, terms: f64) -> bool {
    (f64::from(got) - wanted).abs() <= 1e-7 * (1.0 + terms)
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
        gemm_packed(a, &Packed::new(b), &mut c, &mut workspace);
        prop_assert_eq!(&bits(&c), &wanted);
        // A single row or column has the order of gemv.
        if m > 1 && n > 1 {
            c.fill(f32::NAN);
            gemm(a, b, &mut c, &mut workspace);
            prop_assert_eq!(&bits(&c), &wanted);
        }
    }

    #[test]
    fn gemm_of_a_single_row_or_column_is_gemv(
        m in length(), k in depth(), flip: bool,
    ) {
        let (a, x) = (matrix("a", m, k), matrix("x", k, 1));
        let at = Mat::new((0..k * m).map(|i| a.data[i % m * k + i / m]).collect(), k, m);
        let view = if flip { at.transposed() } else { a.view() };
        let mut wanted = vec![f32::NAN; m];
        // A single number is a dot product, whichever way its row lies.
        if flip && m != 1 {
            gemv_transposed(at.as_ref(), &x.data, &mut wanted);
        } else {
            gemv(a.as_ref(), &x.data, &mut wanted);
        }
        let mut workspace = Workspace::default();
        let mut y = vec![f32::NAN; m];
        gemm(view, x.view(), &mut y, &mut workspace);
        prop_assert_eq!(bits(&y), bits(&wanted));
        y.fill(f32::NAN);
        gemm(x.transposed(), view.transposed(), &mut y, &mut workspace);
        prop_assert_eq!(bits(&y), bits(&wanted));
    }

    #[test]
    fn gemm_takes_views_of_any_stride(m in 2..9_usize, n in 2..20_usize, k in 0..40_usize) {
        // Every other row and every third column of larger matrices.
        let (a, b) = (matrix("a", 2 * m, 3 * k), matrix("b", 2 * k, 3 * n));
        let thin = |x: &Mat| -> Mat {
            let kept = |r: usize| (0..x.cols / 3).map(move |c| (2 * r, 3 * c));
            let data = (0..x.rows / 2).flat_map(kept).map(|(r, c)| x.row(r)[c]).collect();
            Mat::new(data, x.rows / 2, x.cols / 3)
        };
        let a_view = View { data: &a.data, rows: m, cols: k, row_stride: 6 * k, col_stride: 3 };
        let b_view = View { data: &b.data, rows: k, cols: n, row_stride: 6 * n, col_stride: 3 };
        let mut c = vec![f32::NAN; m * n];
        gemm(a_view, b_view, &mut c, &mut Workspace::default());
        prop_assert_eq!(bits(&c), bits(&naive_gemm(thin(&a).view(), thin(&b).view())));
    }

    #[test]
    fn gemv_has_the_bits_of_dot(m in length(), k in depth()) {
        let (a, x) = (matrix("a", m, k), numbers("x", k));
        let mut y = vec![f32::NAN; m];
        gemv(a.as_ref(), &x, &mut y);
        let wanted: Vec<f32> = (0..m).map(|i| dot(a.row(i), &x)).collect();
        prop_assert_eq!(bits(&y), bits(&wanted));
    }

    #[test]
    fn gemv_transposed_has_the_bits_of_the_plain_sum(m in length(), k in depth()) {
        let (a, x) = (matrix("a", m, k), matrix("x", m, 1));
        let mut y = vec![f32::NAN; k];
        gemv_transposed(a.as_ref(), &x.data, &mut y);
        prop_assert_eq!(bits(&y), bits(&naive_gemm(a.transposed(), x.view())));
    }

    #[test]
    fn dot_and_dot64_and_axpy_are_what_they_say(k in depth()) {
        let (a, b) = (numbers("a", k), numbers("b", k));
        let wanted = naive_dot(&a, &b);
        let size: f64 = a.iter().zip(&b).map(|(a, b)| f64::from((a * b).abs())).sum();
        prop_assert!(close(dot(&a, &b), wanted, size * 2.0), "{} for {wanted}", dot(&a, &b));
        prop_assert!((dot64(&a, &b) - wanted).abs() <= 1e-14 * size);
        let mut y = b.clone();
        axpy(0.5, &a, &mut y);
        for ((y, a), b) in y.iter().zip(&a).zip(&b) {
            prop_assert_eq!(y.to_bits(), (b + 0.5 * a).to_bits());
        }
    }

    #[test]
    fn softmax_and_log_sum_exp_follow_f64(
        n in 1..200_usize, beta in prop_oneof![-4.0..4.0_f32, Just(0.01), Just(32.0)],
    ) {
        prop_assume!(beta != 0.0);
        let z = numbers("z", n);
        let log = naive_log_sum_exp(beta, &z);
        let size = f64::from(z.iter().fold(0.0_f32, |m, z| m.max(z.abs()))) + log.abs();
        let terms = 4.0 * (size + f64::from(1.0 / beta).abs());
        prop_assert!(close(log_sum_exp(beta, &z), log, terms));
        let mut weights = z.clone();
        prop_assert_eq!(softmax(beta, &mut weights).to_bits(), log_sum_exp(beta, &z).to_bits());
        for (weight, wanted) in weights.iter().zip(naive_softmax(beta, &z)) {
            // The exponent `beta z` itself is rounded, which counts in the exponential.
            let slack = 4.0 * f64::from(beta.abs()) * size * wanted + 4.0 * wanted;
            prop_assert!((f64::from(*weight) - wanted).abs() <= 1e-7 * slack + 1e-26);
        }
    }

    #[test]
    fn four_lanes_have_the_bits_of_four_numbers(
        a in prop::array::uniform4(any::<f32>()), b in prop::array::uniform4(any::<f32>()),
    ) {
        let (x, y) = (F32x4::load(&a), F32x4::load(&b));
        let each = |f: fn(f32, f32) -> f32| std::array::from_fn(|i| f(a[i], b[i]));
        prop_assert!(same(x + y, each(|a, b| a + b)));
        prop_assert!(same(x - y, each(|a, b| a - b)));
        prop_assert!(same(x * y, each(|a, b| a * b)));
        prop_assert!(same(x / y, each(|a, b| a / b)));
        let greater = each(|a, b| if a > b { a } else { b });
        prop_assert!(same(x.max(y), greater));
        let less = each(|a, b| if a < b { a } else { b });
        prop_assert!(same(x.min(y), less));
        let zeroed = each(|a, b| if a < b { 0.0 } else { b });
        prop_assert!(same(y.zero_where_below(x, y), zeroed));
        prop_assert!(same(F32x4::splat(a[0]), [a[0]; 4]));
        let sum = (a[0] + a[2]) + (a[1] + a[3]);
        prop_assert!(x.sum().to_bits() == sum.to_bits() || sum.is_nan());
        let block = F32x4::transpose([x, y, x + y, x - y]);
        for (i, column) in block.into_iter().enumerate() {
            prop_assert!(same(column, [a[i], b[i], a[i] + b[i], a[i] - b[i]]));
        }
        let mut stored = [0.0; 4];
        x.store(&mut stored);
        prop_assert_eq!(bits(&stored), bits(&a));
        for count in 0..4 {
            let mut some = vec![0.0; count];
            F32x4::load_partial(&a[..count]).store_partial(&mut some);
            prop_assert_eq!(bits(&some), bits(&a[..count]));
        }
    }

    #[test]
    fn scale_multiplies_by_a_power_of_two(x in 1.0..2.0_f32, n in -126..=127_i32) {
        let power = F32x4::splat(n as f32 + ROUNDING);
        let wanted = f64::from(x) * scalar::pow(2.0, f64::from(n));
        prop_assert!(same(F32x4::splat(x).scale(power), [wanted as f32; 4]));
    }
}

/// A matrix of which about a share is left, at most so many of each four in a row.
fn thinned(m: usize, k: usize, left: f64, most: usize) -> Mat {
    let mut stream = Rng::new(8).stream("mask");
    let mut thinned = matrix("a", m, k);
    for row in thinned.data.chunks_mut(k.max(1)) {
        for group in row.chunks_mut(4) {
            let mut held = 0;
            for w in group {
                held += 1;
                if held > most || stream.uniform() >= left {
                    (*w, held) = (0.0, held - 1);
                }
            }
        }
    }
    thinned
}

/// Every form of the matrix, by its name; those of groups only where no group of four has more than two.
fn forms(a: &Mat, groups: bool) -> Vec<(&'static str, Box<dyn Sparse>)> {
    let a = a.as_ref();
    let mut forms: Vec<(_, Box<dyn Sparse>)> = vec![
        ("csr", Box::new(Csr::new(a))),
        ("pairs", Box::new(Pairs::new(a))),
        ("fours", Box::new(Fours::new(a))),
        ("4:4", Box::new(NofM::<4, 4>::new(a))),
        ("16:16", Box::new(NofM::<16, 16>::new(a))),
    ];
    if groups {
        forms.push(("2:4", Box::new(NofM::<2, 4>::new(a))));
        forms.push(("4:8", Box::new(NofM::<4, 8>::new(a))));
    }
    forms
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sparse_products_have_the_bits_of_the_dense_one(
        m in length(), n in length(), k in length(), left in 0.0..1.0_f64, groups: bool,
    ) {
        let a = thinned(m, k, left, if groups { 2 } else { 4 });
        let b = matrix("b", k, n);
        let wanted = bits(&naive_gemm(a.view(), b.view()));
        let mut panel = Panel::default();
        for (name, form) in forms(&a, groups) {
            prop_assert_eq!(form.size(), (m, k));
            let mut c = vec![f32::NAN; m * n];
            // Twice: what is left in the panel from before must not matter.
            form.times(b.as_ref(), &mut c, &mut panel);
            form.times(b.as_ref(), &mut c, &mut panel);
            prop_assert_eq!(&bits(&c), &wanted, "{}", name);
        }
    }

    #[test]
    fn sparse_products_with_a_vector_follow_f64(
        m in length(), k in depth(), left in 0.0..1.0_f64, groups: bool,
    ) {
        let a = thinned(m, k, left, if groups { 2 } else { 4 });
        let x = numbers("x", k);
        for (name, form) in forms(&a, groups) {
            let mut y = vec![f32::NAN; m];
            form.times_vector(&x, &mut y);
            for (i, y) in y.iter().enumerate() {
                let size: f64 = a.row(i).iter().zip(&x).map(|(a, x)| f64::from((a * x).abs())).sum();
                let wanted = naive_dot(a.row(i), &x);
                prop_assert!(close(*y, wanted, 2.0 * size), "{}: {} for {}", name, y, wanted);
            }
        }
    }
}

#[test]
#[should_panic(expected = "sparse product: got more than 1 of 4")]
fn more_than_n_of_m_are_refused() {
    NofM::<1, 4>::new(matrix("a", 2, 4).as_ref());
}

/// Bit for bit, save that a NaN may be any NaN.
fn same(lanes: F32x4, wanted: [f32; 4]) -> bool {
    let equal = |(x, y): (&f32, &f32)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    lanes.as_array().iter().zip(&wanted).all(equal)
}

/// Every 1009th f32 from 0 to `last`, with its sign.
fn floats_up_to(last: f32) -> impl Iterator<Item = f32> {
    (0..=last.abs().to_bits()).step_by(1009).map(move |b| f32::from_bits(b).copysign(last))
}

#[test]
fn exp_has_relative_error_below_2e_7() {
    let inputs: Vec<f32> = floats_up_to(-87.3).chain(floats_up_to(88.7)).collect();
    let mut results = inputs.clone();
    exp_in_place(&mut results);
    for (&x, &got) in inputs.iter().zip(&results) {
        let wanted = scalar::exp(f64::from(x));
        let error = (f64::from(got) / wanted - 1.0).abs();
        assert!(error < 2e-7, "exp({x}): got {got}, wanted {wanted}, error {error:e}");
    }
}

#[test]
fn exp_reaches_zero_and_infinity_and_keeps_nan() {
    let mut z = [f32::NEG_INFINITY, -1e30, -104.0, 0.0, 88.8, 1e30, f32::INFINITY, f32::NAN];
    exp_in_place(&mut z);
    assert_eq!(z[..7], [0.0, 0.0, 0.0, 1.0, f32::INFINITY, f32::INFINITY, f32::INFINITY]);
    assert!(z[7].is_nan());
    let mut denormal = [-100.0];
    exp_in_place(&mut denormal);
    assert!((f64::from(denormal[0]) - scalar::exp(-100.0)).abs() < 1.5e-45);
}

#[test]
fn softmax_weights_below_e_to_minus_60_are_exactly_zero() {
    for beta in [0.5_f32, 1.0, 8.0] {
        let mut z: Vec<f32> = (0..97).map(|i| -(i as f32) / beta).collect();
        softmax(beta, &mut z);
        for (i, weight) in z.iter().enumerate() {
            assert_eq!(*weight == 0.0, i > 60, "beta {beta}, entry {i}: {weight}");
        }
    }
}

#[test]
fn softmax_meets_its_edges() {
    assert_eq!(log_sum_exp(2.0, &[]), f32::NEG_INFINITY);
    assert_eq!(softmax(2.0, &mut []), f32::NEG_INFINITY);
    let mut one = [-3.5];
    assert_eq!(softmax(2.0, &mut one), -3.5);
    assert_eq!(one, [1.0]);
    let mut equal = [1.0, -7.0, 300.0, 2.0, 5.0];
    assert_eq!(softmax(0.0, &mut equal), f32::INFINITY);
    assert_eq!(equal, [0.2; 5]);
    let mut masked = [0.0, f32::NEG_INFINITY, 0.0];
    softmax(1.0, &mut masked);
    assert_eq!(masked, [0.5, 0.0, 0.5]);
    let mut lost = [0.0, f32::NAN, 1.0, 2.0, 3.0];
    softmax(1.0, &mut lost);
    assert!(lost.iter().all(|x| x.is_nan()), "a NaN must not be hidden: {lost:?}");
}

#[test]
fn softmax_rows_is_softmax_of_each_row() {
    let mut all = numbers("rows", 7 * 13);
    let mut each = all.clone();
    softmax_rows(3.0, &mut all, 13);
    each.chunks_mut(13).for_each(|row| _ = softmax(3.0, row));
    assert_eq!(bits(&all), bits(&each));
    softmax_rows(3.0, &mut [], 0);
}

#[test]
#[should_panic(expected = "gemv: x: got length 3, wanted 2")]
fn a_shape_that_does_not_fit_is_named() {
    gemv(Mat::zeros(4, 2).as_ref(), &[0.0; 3], &mut [0.0; 4]);
}

#[test]
fn eigenvalues_come_greatest_first() {
    // Eigenvalues 2 - 2 cos(i pi / 4) for i = 1, 2, 3: a string of three beads.
    let values = symmetric_eigenvalues(3, &[2.0, -1.0, 0.0, -1.0, 2.0, -1.0, 0.0, -1.0, 2.0]);
    let root = scalar::sqrt(2.0);
    for (got, wanted) in values.iter().zip([2.0 + root, 2.0, 2.0 - root]) {
        assert!((got - wanted).abs() < 1e-14, "got {values:?}");
    }
}

#[test]
fn matmul_is_row_major() {
    let product = matmul(2, 3, 1, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1.0, 10.0, 100.0]);
    assert_eq!(product, [321.0, 654.0]);
}
