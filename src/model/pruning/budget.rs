//! What a net costs to keep and to ask: weights, bytes with what it takes to say where they are, and operations.
use super::{group::Pattern, ratio};
use crate::model::learning::mlp::{Layer, Mlp};

/// Bits of a weight: a float of 32 bits.
const WEIGHT: usize = 32;

/// The cost of a net of which so many weights of each layer are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Weights that are there.
    pub weights: usize,
    /// Multiplications and additions for one example, those of the biases left out.
    pub operations: usize,
    /// Bytes of all ways to store it, biases among them, with what each is called.
    pub stores: Vec<(&'static str, f64)>,
}

impl Budget {
    /// The cost where `counts` says how many weights of each layer are there. Where they keep a pattern, room for each group is
    /// one more way to store it: as many weights as it may have, and for each where in the group it is.
    pub fn of(net: &Mlp, counts: &[usize], pattern: Option<Pattern>) -> Self {
        let layers = || net.layers().iter().zip(counts);
        let biases: usize = net.layers().iter().map(|layer| layer.units).sum();
        let bytes = |bits: usize| (bits + WEIGHT * biases) as f64 / 8.0;
        let weights: usize = counts.iter().sum();
        let rows = |(layer, count): (&Layer, &usize)| {
            count * (WEIGHT + index(layer.inputs)) + (layer.units + 1) * index(count + 1)
        };
        let mut stores = vec![
            ("a full table", bytes(WEIGHT * net.weights())),
            ("compressed rows", bytes(layers().map(rows).sum())),
            ("a bitmap", bytes(net.weights() + WEIGHT * weights)),
        ];
        if let Some(Pattern { kept, group }) = pattern {
            let groups = |layer: &Layer| layer.units * layer.inputs.div_ceil(group);
            let slots = kept * net.layers().iter().map(groups).sum::<usize>();
            stores.push(("groups", bytes(slots * (WEIGHT + index(group)))));
        }
        Self { weights, operations: 2 * weights, stores }
    }

    /// The bytes of one of the ways, as a share of those of a full table.
    pub fn share(&self, store: usize) -> f64 {
        self.stores[store].1 / self.stores[0].1
    }

    /// That share, for cuts that take as much of each layer but one that is locked, from nothing to all in so many parts.
    pub fn curve(net: &Mlp, store: usize, parts: usize, locked: Option<usize>) -> impl Iterator<Item = (f64, f64)> {
        (0..=parts).map(move |part| {
            let cut = part as f64 / parts as f64;
            let mut counts = ratio::uniform(net, 1.0 - cut);
            if let Some(i) = locked {
                counts[i] = net.layers()[i].weights().len();
            }
            (cut, Self::of(net, &counts, None).share(store))
        })
    }

    /// The way to store it that takes the fewest bytes.
    pub fn best(&self) -> (&'static str, f64) {
        let least =
            |best: (&'static str, f64), store: &(&'static str, f64)| if store.1 < best.1 { *store } else { best };
        self.stores.iter().fold(("", f64::INFINITY), least)
    }
}

/// Bits that tell so many places apart.
fn index(places: usize) -> usize {
    (usize::BITS - places.saturating_sub(1).leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_values_places_and_biases() {
        assert_eq!([1, 2, 3, 4, 5, 64, 65].map(index), [0, 1, 2, 2, 3, 6, 7]);
        let net = Mlp::new(&[64, 16, 8]);
        let budget = Budget::of(&net, &[100, 20], None);
        let biases = 24.0 * 4.0;
        // 17 and 9 starts of rows of 7 and 5 bits, columns of 6 and 4 bits.
        let rows = f64::from(100 * 38 + 17 * 7 + 20 * 36 + 9 * 5) / 8.0;
        let stores = [4.0 * 1152.0 + biases, rows + biases, 1152.0 / 8.0 + 480.0 + biases];
        assert_eq!(budget.stores.iter().map(|store| store.1).collect::<Vec<_>>(), stores);
        assert_eq!((budget.weights, budget.operations, budget.best().0), (120, 240, "compressed rows"));
        assert_eq!(Budget::of(&net, &[1024, 128], None).best().0, "a full table");
        // Rows pay when more than they need to say where weights are is gone.
        let curve: Vec<(f64, f64)> = Budget::curve(&net, 1, 4, None).collect();
        assert!(curve[0].1 > 1.0 && curve[2].1 < 1.0 && (curve[3].0 - 0.75).abs() < 1e-12, "{curve:?}");
        // With the first layer locked only the second one goes.
        let locked = Budget::curve(&net, 2, 1, Some(0)).last().map(|(_, share)| share);
        assert_eq!(locked, Some(Budget::of(&net, &[1024, 0], None).share(2)));
        let groups = Budget::of(&net, &[512, 64], Some(Pattern { kept: 2, group: 4 }));
        assert!((groups.stores[3].1 - (576.0 * 34.0 / 8.0 + biases)).abs() < 1e-9);
    }
}
