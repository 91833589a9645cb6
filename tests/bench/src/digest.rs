//! One number for the bits of many results, to be compared between targets.

use attractor::math::kernels::*;
use attractor::math::mat::Mat;
use attractor::math::rng::Rng;

struct Fnv(u32);

impl Fnv {
    fn add(&mut self, numbers: &[f32]) {
        for byte in numbers.iter().flat_map(|x| x.to_bits().to_le_bytes()) {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// The digest of dense and sparse products, matrix-vector products and softmax over shapes with ragged edges.
pub fn digest() -> u32 {
    let mut digest = Fnv(0x811c_9dc5);
    let mut stream = Rng::new(1).stream("digest");
    let mut matrix = |rows, cols| {
        Mat::new((0..rows * cols).map(|_| stream.normal() as f32).collect(), rows, cols)
    };
    let mut workspace = Workspace::default();
    for (m, k, n) in [(1, 784, 97), (33, 784, 101), (64, 513, 12), (130, 97, 1), (7, 3, 5)] {
        let (a, b, bt) = (matrix(m, k), matrix(k, n), matrix(n, k));
        let mut c = Mat::zeros(m, n);
        gemm(a.view(), b.view(), &mut c.data, &mut workspace);
        digest.add(&c.data);
        gemm(a.view(), bt.transposed(), &mut c.data, &mut workspace);
        digest.add(&c.data);
        gemm_packed(a.view(), &Packed::new(b.view()), &mut c.data, &mut workspace);
        digest.add(&c.data);

        let mut y = vec![0.0; m];
        gemv(a.as_ref(), &bt.data[..k], &mut y);
        digest.add(&y);
        let mut x = vec![0.0; k];
        gemv_transposed(a.as_ref(), &y, &mut x);
        digest.add(&x);
        digest.add(&[dot(&x, &bt.data[..k]), dot64(&x, &bt.data[..k]) as f32]);

        // Of the numbers below 0 none is there.
        let thin = Mat::new(a.data.iter().map(|x| x.max(0.0)).collect(), m, k);
        let (thin, mut panel) = (thin.as_ref(), Panel::default());
        let forms: [&dyn Sparse; 4] =
            [&Csr::new(thin), &Pairs::new(thin), &Fours::new(thin), &NofM::<8, 8>::new(thin)];
        for form in forms {
            form.times(b.as_ref(), &mut c.data, &mut panel);
            digest.add(&c.data);
            form.times_vector(&bt.data[..k], &mut y);
            digest.add(&y);
        }

        for beta in [0.1, 1.0, 8.0, 32.0] {
            let mut z = c.data.clone();
            digest.add(&[log_sum_exp(beta, &z)]);
            softmax_rows(beta, &mut z, n);
            digest.add(&z);
        }
        exp_in_place(&mut c.data);
        digest.add(&c.data);
    }
    digest.0
}
