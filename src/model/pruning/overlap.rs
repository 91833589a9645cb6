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
    /// Of one pair, each chosen among the weights that another mask has: where these are few, chance alone has much in common.
    pub fn of(net: &Mlp, masks: [&Mask; 2], among: [&Mask; 2]) -> Self {
        let mut overlap = Self::default();
        overlap.add(net, masks, among);
        overlap
    }

    /// One more pair.
    pub fn add(&mut self, net: &Mlp, [a, b]: [&Mask; 2], [from, others]: [&Mask; 2]) {
        self.shared += a.shared(b, net) as f64;
        for layer in net.layers() {
            let [a, b, from_a, from_b] = [a, b, from, others].map(|mask| mask.count(layer) as f64);
            // A place that both may have is taken with the one share, and with the other.
            self.by_chance += a * b * from.shared_in(others, layer) as f64 / (from_a * from_b).max(1.0);
            self.all += 0.5 * (a + b);
        }
    }

    /// The share of their weights that they have in common, and what it would be if as many in each layer were at random places of
    /// those that they are chosen among; nothing where no weight is there.
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
        let [full, none] = [Mask::full(&net), Mask::of(&net, [])];
        let shares = |masks| Overlap::of(&net, masks, [&full; 2]).shares();
        assert_eq!(shares([&a, &b]), Some((0.4, 2.25 / 5.0)));
        assert_eq!(shares([&a, &a]).map(|(shared, _)| shared), Some(1.0));
        assert_eq!(shares([&none, &none]), None);
    }

    #[test]
    fn among_few_weights_chance_has_more_in_common() {
        let net = Mlp::new(&[4, 2]);
        let [a, b] = [[0, 1], [1, 2]].map(|places| Mask::of(&net, places));
        let [four, three] = [&[0, 1, 2, 3][..], &[1, 2, 7]].map(|places| Mask::of(&net, places.iter().copied()));
        // Of two of four each half is in the other.
        assert_eq!(Overlap::of(&net, [&a, &b], [&four, &four]).shares(), Some((0.5, 0.5)));
        // Two places are in both: each is in a with 2 / 4 and in b with 2 / 3.
        assert_eq!(Overlap::of(&net, [&a, &b], [&four, &three]).shares(), Some((0.5, 2.0 / 3.0 / 2.0)));
    }
}
