//! Cuts that leave what a sparse product can use: blocks of rows that share their columns, or N of each M weights in a row.
use super::{block, group::Pattern, mask::Mask};
use crate::{
    math::{
        kernels::{Csr, Fours, NofM, Pairs, Sparse},
        mat::{Mat, MatRef},
    },
    model::learning::mlp::Mlp,
};
use std::rc::Rc;

/// How weights are cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// Of the blocks of so many rows this share goes.
    Blocks(usize, f64),
    /// Of each group so many stay.
    Groups(Pattern),
}

impl Cut {
    /// Which weights stay.
    ///
    /// # Panics
    /// If blocks have no rows, or groups are not whole.
    pub fn keep(self, weights: MatRef) -> Vec<bool> {
        match self {
            Self::Blocks(rows, share) => block::keep(weights, rows, 1.0 - share),
            Self::Groups(pattern) => pattern.keep(weights),
        }
    }

    /// The weights that stay, and zeros.
    ///
    /// # Panics
    /// As [`Cut::keep`].
    pub fn thin(self, weights: &Mat) -> Mat {
        let kept = self.keep(weights.as_ref());
        let data = weights.data.iter().zip(kept).map(|(w, kept)| if kept { *w } else { 0.0 });
        Mat::new(data.collect(), weights.rows, weights.cols)
    }

    /// What a kernel reads of them: single weights where no kernel is made for such blocks or groups.
    pub fn form(self, thinned: MatRef) -> Rc<dyn Sparse> {
        match self {
            Self::Blocks(2, _) => Rc::new(Pairs::new(thinned)),
            Self::Blocks(4, _) => Rc::new(Fours::new(thinned)),
            Self::Groups(Pattern { kept: 3, group: 4 }) => Rc::new(NofM::<3, 4>::new(thinned)),
            Self::Groups(Pattern { kept: 2, group: 4 }) => Rc::new(NofM::<2, 4>::new(thinned)),
            Self::Groups(Pattern { kept: 1, group: 4 }) => Rc::new(NofM::<1, 4>::new(thinned)),
            Self::Groups(Pattern { kept: 1, group: 8 }) => Rc::new(NofM::<1, 8>::new(thinned)),
            Self::Groups(Pattern { kept: 1, group: 16 }) => Rc::new(NofM::<1, 16>::new(thinned)),
            _ => Rc::new(Csr::new(thinned)),
        }
    }

    /// The mask of a net whose layers are cut alike, but for the last.
    ///
    /// # Panics
    /// As [`Cut::keep`].
    pub fn mask(self, net: &Mlp, numbers: &[f32]) -> Mask {
        let mut mask = Mask::full(net);
        let hidden = net.layers().len().saturating_sub(1);
        for layer in &net.layers()[..hidden] {
            let weights = MatRef::new(&numbers[layer.weights()], layer.units, layer.inputs);
            layer.weights().zip(self.keep(weights)).for_each(|(place, kept)| mask.set(place, kept));
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{kernels::Panel, rng::Rng};

    #[test]
    fn each_form_is_that_of_what_stays() {
        let mut chance = Rng::new(1).stream("weights");
        let mut matrix = |rows, cols| Mat::new((0..rows * cols).map(|_| chance.normal() as f32).collect(), rows, cols);
        let (weights, columns) = (matrix(12, 16), matrix(16, 5));
        let groups = [(3, 4), (2, 4), (1, 4), (1, 8), (1, 16), (5, 8)];
        let groups = groups.map(|(kept, group)| (Cut::Groups(Pattern { kept, group }), kept as f64 / group as f64));
        let blocks = [1, 2, 3, 4].map(|rows| (Cut::Blocks(rows, 0.75), 0.25));
        for (cut, density) in groups.into_iter().chain(blocks) {
            let thinned = cut.thin(&weights);
            let left = thinned.data.iter().filter(|w| **w != 0.0).count();
            assert_eq!(left, (density * 192.0) as usize, "{cut:?}");
            let mut product = vec![0.0; 60];
            cut.form(thinned.as_ref()).times(columns.as_ref(), &mut product, &mut Panel::default());
            for (at, x) in product.iter().enumerate() {
                let sum: f32 = (0..16).map(|k| thinned.row(at / 5)[k] * columns.row(k)[at % 5]).sum();
                assert!((sum - x).abs() < 1e-5, "{cut:?}: {sum} {x}");
            }
        }
    }

    #[test]
    fn the_last_layer_stays_whole() {
        let net = Mlp::new(&[8, 8, 4]);
        let numbers = net.draw(&mut Rng::new(2).stream("net"));
        assert_eq!(Cut::Blocks(2, 0.5).mask(&net, &numbers).counts(&net), [32, 32]);
    }
}
