//! N of M: of each M weights in a row that come into the same unit, N are there (Mishra, Latorre, Pool, Stosic, Stosic, Venkatesh,
//! Yu and Micikevicius 2021, *Accelerating sparse deep neural networks*).
use super::mask::Mask;
use crate::{
    math::mat::MatRef,
    model::learning::mlp::{Layer, Mlp},
};

/// So many of each so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// N: those that are there.
    pub kept: usize,
    /// M: weights of a group, side by side.
    pub group: usize,
}

impl Pattern {
    /// The share of the weights that goes.
    pub fn cut(&self) -> f64 {
        1.0 - self.kept as f64 / self.group as f64
    }

    /// Whether a layer is made of whole groups. One that is not stays whole.
    pub fn fits(&self, layer: &Layer) -> bool {
        layer.inputs.is_multiple_of(self.group)
    }

    /// The layers of a net that have it: all that are made of whole groups, but not the last.
    pub fn layers<'a>(&'a self, net: &'a Mlp) -> impl Iterator<Item = &'a Layer> + 'a {
        let hidden = net.layers().len().saturating_sub(1);
        net.layers().iter().take(hidden).filter(|layer| self.fits(layer))
    }

    /// For each weight of a layer of whole groups, a row for each unit, whether it is among the largest of its group.
    ///
    /// # Panics
    /// If the groups are not whole.
    pub fn keep(&self, weights: MatRef) -> Vec<bool> {
        assert!(weights.cols.is_multiple_of(self.group), "rows of {} in groups of {}", weights.cols, self.group);
        let mut kept = vec![false; weights.data.len()];
        for (weights, kept) in weights.data.chunks_exact(self.group).zip(kept.chunks_exact_mut(self.group)) {
            largest(weights, self.kept, kept);
        }
        kept
    }

    /// Lets of each group the largest weights be there; of equals the first. Returns how many places changed sides.
    pub fn project(&self, net: &Mlp, numbers: &[f32], mask: &mut Mask) -> usize {
        let mut changed = 0;
        let mut kept = vec![false; self.group];
        for layer in self.layers(net) {
            for start in layer.weights().step_by(self.group) {
                largest(&numbers[start..start + self.group], self.kept, &mut kept);
                for (place, kept) in (start..).zip(&kept) {
                    changed += usize::from(mask.keeps(place) != *kept);
                    mask.set(place, *kept);
                }
            }
        }
        changed
    }

    /// How many groups of a layer keep more weights than they may, and how many groups there are.
    pub fn broken(&self, layer: &Layer, mask: &Mask) -> (usize, usize) {
        let rows = (0..layer.units).map(|unit| layer.row(unit));
        let groups = rows
            .flat_map(|row| row.clone().step_by(self.group).map(move |start| start..(start + self.group).min(row.end)));
        groups.fold((0, 0), |(broken, all), group| {
            let there = group.filter(|place| mask.keeps(*place)).count();
            (broken + usize::from(there > self.kept), all + 1)
        })
    }
}

/// Marks the `count` largest of a few weights, by whichever of picking those that stay and those that go takes fewer passes.
fn largest(weights: &[f32], count: usize, kept: &mut [bool]) {
    let picks_those_that_stay = 2 * count <= weights.len();
    kept.fill(!picks_those_that_stay);
    let passes = if picks_those_that_stay { count } else { weights.len().saturating_sub(count) };
    for _ in 0..passes {
        let mut best: Option<usize> = None;
        for (i, w) in weights.iter().enumerate() {
            let better = best.is_none_or(|best| {
                let (size, of_best) = (w.abs(), weights[best].abs());
                // Of equals the first stays, so that the last goes.
                if picks_those_that_stay { size > of_best } else { size <= of_best }
            });
            if kept[i] != picks_those_that_stay && better {
                best = Some(i);
            }
        }
        if let Some(best) = best {
            kept[best] = picks_those_that_stay;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::pruning::select};

    #[test]
    fn each_group_keeps_its_largest_as_a_full_sort_would() {
        let mut chance = Rng::new(1).stream("weights");
        for group in [2, 4, 8, 16] {
            // Few values, so that many are equal.
            let weights: Vec<f32> = (0..group).map(|_| chance.below(4) as f32 - 1.5).collect();
            let sizes: Vec<f32> = weights.iter().map(|w| w.abs()).collect();
            for count in 0..=group {
                let mut kept = vec![false; group];
                largest(&weights, count, &mut kept);
                let wanted = select::best(&sizes, (0..group).collect(), count);
                let got: Vec<usize> = (0..group).filter(|i| kept[*i]).collect();
                assert_eq!(got, wanted, "{count} of {weights:?}");
            }
        }
    }

    #[test]
    fn groups_lie_along_the_inputs_and_layers_without_whole_groups_stay_whole() {
        let net = Mlp::new(&[8, 6, 4, 2]);
        let mut mask = Mask::full(&net);
        let numbers: Vec<f32> = (0..net.numbers()).map(|i| i as f32).collect();
        let pattern = Pattern { kept: 1, group: 4 };
        let broken = |mask: &Mask| -> Vec<_> { net.layers().iter().map(|layer| pattern.broken(layer, mask)).collect() };
        assert_eq!(broken(&mask), [(12, 12), (8, 8), (2, 2)]);
        assert_eq!(pattern.project(&net, &numbers, &mut mask), 12 * 3);
        assert_eq!(broken(&mask), [(0, 12), (8, 8), (2, 2)]);
        assert_eq!(mask.counts(&net), [12, 24, 8]);
        assert!(mask.keeps(3) && mask.keeps(7) && !mask.keeps(4));
        assert_eq!(pattern.project(&net, &numbers, &mut mask), 0);
        let kept = pattern.keep(MatRef::new(&[1., -3., 2., 0., 4., 4., 1., 5.], 1, 8));
        assert_eq!(kept, [false, true, false, false, false, false, false, true]);
    }
}
