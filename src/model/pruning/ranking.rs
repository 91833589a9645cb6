//! All weights of a net in the order of what they are worth, made once: any cut is then one walk along it, fast enough to follow
//! a hand.
use super::{group::Pattern, mask::Mask};
use crate::{
    math::order,
    model::learning::mlp::{Layer, Mlp},
};

/// Weights from the best on; of equals the first place comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    order: Vec<u32>,
}

/// Who competes with whom for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All weights of the net.
    Net,
    /// The weights of each layer, which all keep the same share.
    Layers,
    /// All weights of the net, and of each group no more stay than the pattern lets.
    Groups(Pattern),
}

/// How much of a net stays, and where.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// The share of the weights that stays, of the layers that are not locked.
    pub left: f64,
    /// Who competes with whom.
    pub scope: Scope,
    /// A layer that is spared.
    pub locked: Option<usize>,
    /// No weight stays that is not there.
    pub among: &'a Mask,
}

impl Ranking {
    /// Weights by their scores, the larger the better.
    pub fn of(net: &Mlp, scores: &[f32]) -> Self {
        let places = net.layers().iter().flat_map(Layer::weights);
        let mut ranks: Vec<u64> = places.map(|place| order::rank(scores[place], place)).collect();
        ranks.sort_unstable();
        Self { order: ranks.into_iter().map(|rank| rank as u32).collect() }
    }

    /// What stays of a net.
    ///
    /// # Panics
    /// If the order is of another net.
    pub fn keep(&self, net: &Mlp, cut: &Cut) -> Mask {
        let layers = net.layers();
        let room = |size: usize| (cut.left * size as f64 + 0.5) as usize;
        let by_layer = cut.scope == Scope::Layers;
        let open = layers.iter().enumerate().filter(|(i, _)| cut.locked != Some(*i));
        let mut rooms: Vec<usize> = if by_layer {
            layers.iter().map(|layer| room(layer.weights().len())).collect()
        } else {
            vec![room(open.map(|(_, layer)| layer.weights().len()).sum())]
        };
        let mut in_group = vec![0_usize; if matches!(cut.scope, Scope::Groups(_)) { net.numbers() } else { 0 }];
        let stays = |place: &usize| {
            let i = layers.partition_point(|layer| layer.biases().end <= *place);
            if !cut.among.keeps(*place) || cut.locked == Some(i) {
                return cut.among.keeps(*place);
            }
            let room = &mut rooms[if by_layer { i } else { 0 }];
            if *room == 0 {
                return false;
            }
            if let Scope::Groups(Pattern { kept, group }) = cut.scope {
                let column = (place - layers[i].start) % layers[i].inputs;
                let there = &mut in_group[place - column % group];
                if *there == kept {
                    return false;
                }
                *there += 1;
            }
            *room -= 1;
            true
        };
        Mask::of(net, self.order.iter().map(|place| *place as usize).filter(stays))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::pruning::{ratio, select},
    };

    const TWO_OF_FOUR: Pattern = Pattern { kept: 2, group: 4 };

    fn task() -> (Mlp, Vec<f32>) {
        let net = Mlp::new(&[8, 12, 6]);
        let mut chance = Rng::new(3).stream("scores");
        // Few values of both signs, so that many are equal.
        let scores = (0..net.numbers()).map(|_| chance.below(9) as f32 - 4.0).collect();
        (net, scores)
    }

    #[test]
    fn a_walk_keeps_what_selections_keep() {
        let (net, scores) = task();
        let full = Mask::full(&net);
        let some = Mask::of(&net, (0..net.numbers()).filter(|place| place % 3 > 0 && net.layers()[1].start != *place));
        let some = Mask::of(&net, net.layers().iter().flat_map(Layer::weights).filter(|place| some.keeps(*place)));
        let ranking = Ranking::of(&net, &scores);
        for left in [0.0, 0.1, 0.37, 0.5, 0.9, 1.0] {
            let count = (left * net.weights() as f64 + 0.5) as usize;
            for among in [&full, &some] {
                let keep = |scope| ranking.keep(&net, &Cut { left, scope, locked: None, among });
                assert_eq!(keep(Scope::Net), select::global(&net, &scores, among, count), "{left}");
                let counts = ratio::uniform(&net, left);
                assert_eq!(keep(Scope::Layers), select::by_layer(&net, &scores, among, &counts), "{left}");
            }
        }
        let whole = Cut { left: 1.0, scope: Scope::Groups(TWO_OF_FOUR), locked: None, among: &full };
        assert_eq!(ranking.keep(&net, &whole), select::n_of_m(&net, &scores, 2, 4));
        let less = ranking.keep(&net, &Cut { left: 0.3, ..whole });
        assert_eq!(
            (
                net.layers().iter().map(|layer| TWO_OF_FOUR.broken(layer, &less).0).sum::<usize>(),
                less.counts(&net).iter().sum::<usize>()
            ),
            (0, 50)
        );
    }

    #[test]
    fn a_locked_layer_keeps_all_and_the_others_their_share() {
        let (net, scores) = task();
        let full = Mask::full(&net);
        let ranking = Ranking::of(&net, &scores);
        for scope in [Scope::Net, Scope::Layers, Scope::Groups(TWO_OF_FOUR)] {
            let mask = ranking.keep(&net, &Cut { left: 0.25, scope, locked: Some(0), among: &full });
            assert_eq!(mask.counts(&net), [96, 18], "{scope:?}");
        }
    }
}
