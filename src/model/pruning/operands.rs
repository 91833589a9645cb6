//! What sparse kernels are timed on: weights, and columns that they are multiplied with, drawn at random. Each product can be made
//! dense, by the fastest kernel, and sparse, of what a cut leaves.
use crate::math::{
    kernels::{Packed, Panel, Sparse, Workspace, gemm, gemm_packed, gemv},
    mat::Mat,
    rng::Stream,
};

/// The operands of a product.
#[derive(Clone, Debug)]
pub struct Operands {
    /// The left operand.
    pub weights: Mat,
    /// The same as a right operand, packed before.
    packed: Packed,
    /// The right operand. One column alone is a vector.
    pub columns: Mat,
}

impl Operands {
    /// Numbers from -1 to 1, of these rows and columns of weights and so many columns.
    pub fn draw([rows, cols, columns]: [usize; 3], chance: &mut Stream) -> Self {
        let mut matrix = |rows, cols| {
            let number = |_| (2.0 * chance.uniform() - 1.0) as f32;
            Mat::new((0..rows * cols).map(number).collect(), rows, cols)
        };
        let (weights, columns) = (matrix(rows, cols), matrix(cols, columns));
        Self { packed: Packed::new(weights.transposed()), weights, columns }
    }

    /// Numbers of the product.
    pub fn size(&self) -> usize {
        self.weights.rows * self.columns.cols
    }

    /// Billions of operations of the dense product.
    pub fn operations(&self) -> f64 {
        2e-9 * (self.weights.data.len() * self.columns.cols) as f64
    }

    /// The dense product, of weights that were packed before, or with a vector. It stands the other way round than the others: a row
    /// for each column.
    pub fn dense(&self, out: &mut [f32], work: &mut Workspace) {
        if self.columns.cols == 1 {
            gemv(self.weights.as_ref(), &self.columns.data, out);
        } else {
            gemm_packed(self.columns.transposed(), &self.packed, out, work);
        }
    }

    /// The dense product of weights that are packed as it goes.
    pub fn unpacked(&self, out: &mut [f32], work: &mut Workspace) {
        gemm(self.weights.view(), self.columns.view(), out, work);
    }

    /// The product of a form of the weights that leaves most of them out.
    pub fn sparse(&self, form: &dyn Sparse, out: &mut [f32], panel: &mut Panel) {
        if self.columns.cols == 1 {
            form.times_vector(&self.columns.data, out);
        } else {
            form.times(self.columns.as_ref(), out, panel);
        }
    }

    /// How far the sparse product is from the dense one of the same weights, against its greatest number.
    pub fn difference(&self, form: &dyn Sparse, thinned: &Mat) -> f64 {
        let (mut dense, mut sparse) = (vec![0.0; self.size()], vec![0.0; self.size()]);
        gemm(thinned.view(), self.columns.view(), &mut dense, &mut Workspace::default());
        self.sparse(form, &mut sparse, &mut Panel::default());
        let greatest = |numbers: &mut dyn Iterator<Item = f32>| numbers.fold(0.0, |most: f32, x| most.max(x.abs()));
        let apart = greatest(&mut dense.iter().zip(&sparse).map(|(a, b)| a - b));
        f64::from(apart) / f64::from(greatest(&mut dense.iter().copied())).max(1e-30)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::pruning::cut::Cut};

    #[test]
    fn all_products_are_the_plain_one() {
        for columns in [1, 9] {
            let operands = Operands::draw([6, 7, columns], &mut Rng::new(1).stream("matrices"));
            let at = |i: usize, j: usize| {
                let along = (0..7).map(|k| operands.weights.row(i)[k] * operands.columns.row(k)[j]);
                along.sum::<f32>()
            };
            let wanted: Vec<f32> = (0..6 * columns).map(|place| at(place / columns, place % columns)).collect();
            let whole = Cut::Blocks(1, 0.0).form(operands.weights.as_ref());
            let (mut work, mut panel) = (Workspace::default(), Panel::default());
            let mut made = vec![vec![7.0; operands.size()]; 3];
            operands.dense(&mut made[0], &mut work);
            operands.unpacked(&mut made[1], &mut work);
            operands.sparse(&*whole, &mut made[2], &mut panel);
            made[0] = (0..6 * columns).map(|place| made[0][place % columns * 6 + place / columns]).collect();
            for out in made {
                assert!(out.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-5), "{out:?} {wanted:?}");
            }
            assert!(operands.difference(&*whole, &operands.weights) < 1e-6);
            let other = Mat::zeros(6, 7);
            assert!(operands.difference(&*whole, &other) > 1.0);
            assert!((operands.operations() - 2e-9 * 42.0 * columns as f64).abs() < 1e-18);
        }
    }
}
