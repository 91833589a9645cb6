//! Tickets (Frankle and Carbin 2019, *The lottery ticket hypothesis*): masks that are found round after round, each by training what
//! the one before has left.
use super::{mask::Mask, overlap::Overlap, score, select};
use crate::model::learning::mlp::Mlp;
use std::rc::Rc;

/// How a net is cut after a round.
#[derive(Clone, Copy, Debug)]
pub struct Cutting {
    /// The share of the weights left that goes.
    pub removed: f64,
    /// Whether as large a share of every layer goes, or the smallest of all.
    pub by_layer: bool,
}

/// The tickets of one run.
#[derive(Clone, Debug, Default)]
pub struct Tickets {
    /// Where weights go back to.
    pub rewound: Rc<Vec<f32>>,
    /// The mask of each round, the whole net first.
    pub masks: Vec<Rc<Mask>>,
    /// The weights of the first layer after each round.
    pub fields: Vec<Rc<Vec<f32>>>,
    /// How large weights were after the first training.
    sizes: Rc<Vec<f32>>,
}

impl Tickets {
    /// A whole net that begins with these numbers.
    pub fn new(net: &Mlp, drawn: Vec<f32>) -> Self {
        Self { rewound: Rc::new(drawn), masks: vec![Rc::new(Mask::full(net))], ..Self::default() }
    }

    /// The next ticket, by the numbers that the training of the last one ended with.
    pub fn cut(&mut self, net: &Mlp, numbers: &[f32], cutting: Cutting) {
        let Some(last) = self.masks.last() else { return };
        let sizes = score::magnitude(numbers);
        let left = |count: usize| ((1.0 - cutting.removed) * count as f64 + 0.5) as usize;
        let counts = last.counts(net);
        let counts =
            if cutting.by_layer { counts.into_iter().map(left).collect() } else { vec![left(counts.iter().sum())] };
        let next = Rc::new(largest(net, &sizes, last, &counts, cutting.by_layer));
        if self.fields.is_empty() {
            self.sizes = Rc::new(sizes);
        }
        self.masks.push(next);
        self.fields.push(Rc::new(numbers[net.layers()[0].weights()].to_vec()));
    }

    /// As many weights as the ticket of a round has, cut at once after the first training.
    pub fn at_once(&self, net: &Mlp, round: usize, by_layer: bool) -> Mask {
        largest(net, &self.sizes, &Mask::full(net), &self.masks[round].counts(net), by_layer)
    }

    /// The share of its weights that the tickets of a round have in common in all runs, pair by pair, and what they would by chance.
    pub fn in_common(net: &Mlp, runs: &[Self], round: usize) -> Option<(f64, f64)> {
        let masks: Vec<&Mask> = runs.iter().filter_map(|run| run.masks.get(round).map(|mask| &**mask)).collect();
        let pairs = masks.iter().enumerate().flat_map(|(i, a)| masks[..i].iter().map(move |b| (*a, *b)));
        let (full, mut overlap) = (Mask::full(net), Overlap::default());
        pairs.for_each(|(a, b)| overlap.add(net, [a, b], [&full; 2]));
        overlap.shares()
    }
}

/// Keeps the largest weights of a mask: as many in each layer as `counts` says, or as many in all as is their sum.
fn largest(net: &Mlp, sizes: &[f32], among: &Mask, counts: &[usize], by_layer: bool) -> Mask {
    if by_layer {
        select::by_layer(net, sizes, among, counts)
    } else {
        select::global(net, sizes, among, counts.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn each_round_leaves_its_share_of_the_round_before_and_at_once_as_many() {
        let net = Mlp::new(&[8, 10, 4]);
        let mut chance = Rng::new(3).stream("numbers");
        for by_layer in [false, true] {
            let cutting = Cutting { removed: 0.5, by_layer };
            let mut run = || {
                let mut tickets = Tickets::new(&net, net.draw(&mut chance));
                (0..2).for_each(|_| tickets.cut(&net, &net.draw(&mut chance), cutting));
                tickets
            };
            let runs = [run(), run()];
            let [whole, half, quarter] = [0, 1, 2].map(|round| runs[0].masks[round].counts(&net));
            assert_eq!((whole, half.iter().sum::<usize>(), quarter.iter().sum::<usize>()), (vec![80, 40], 60, 30));
            assert!(!by_layer || quarter == [20, 10]);
            // A ticket is part of the one before, and cut at once it is others.
            let [ticket, before] = [2, 1].map(|round| &runs[0].masks[round]);
            assert_eq!(ticket.shared(before, &net), 30);
            let once = runs[0].at_once(&net, 2, by_layer);
            assert!(once.counts(&net).iter().sum::<usize>() == 30 && once != **ticket);
            assert_eq!(runs[0].at_once(&net, 1, by_layer), **before);
            let (shared, chance) = Tickets::in_common(&net, &runs, 2).unwrap();
            assert!((0.0..0.7).contains(&shared) && (0.2..0.4).contains(&chance), "{shared} {chance}");
            assert_eq!(Tickets::in_common(&net, &runs[..1], 2), None);
        }
    }
}
