//! What masks have in common, beside what they would have by chance: a share says little without it.
use super::mask::Mask;
use crate::model::learning::mlp::Mlp;

/// Pairs of masks, as sums of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlap {
    shared: f64,
    by_chance: f64,
    all: f64,
}

impl Overlap {
    /// Of one pair.
    pub fn of(net: &Mlp, a: &Mask, b: &Mask) -> Self {
        let mut overlap = Self::default();
        overlap.add(net, a, b);
        overlap
    }

    /// One more pair.
    pub fn add(&mut self, net: &Mlp, a: &Mask, b: &Mask) {
        self.shared += a.shared(b, net) as f64;
        for layer in net.layers() {
            let (a, b) = (a.count(layer) as f64, b.count(layer) as f64);
            self.by_chance += a * b / (layer.inputs * layer.units) as f64;
            self.all += 0.5 * (a + b);
        }
    }

    /// The share of their weights that they have in common, and what it would be if as many in each layer were at random places;
    /// nothing where no weight is there.
    pub fn shares(&self) -> Option<(f64, f64)> {
        (self.all > 0.0).then(|| (self.shared / self.all, self.by_chance / self.all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_a_share_in_common_and_one_by_chance() {
        let net = Mlp::new(&[4, 2, 2]);
        let a = Mask::of(&net, [0, 1, 2, 3, 10]);
        let b = Mask::of(&net, [2, 3, 4, 5, 11]);
        // Four of eight and one of four in each layer.
        assert_eq!(Overlap::of(&net, &a, &b).shares(), Some((0.4, 2.25 / 5.0)));
        assert_eq!(Overlap::of(&net, &a, &a).shares().map(|(shared, _)| shared), Some(1.0));
        assert_eq!(Overlap::of(&net, &Mask::of(&net, []), &Mask::of(&net, [])).shares(), None);
    }
}
