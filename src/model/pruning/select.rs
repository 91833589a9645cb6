//! Which weights stay: an exact number of the best scores. Larger scores stay; of equals the first place stays.
use super::{mask::Mask, score};
use crate::{
    math::{order, rng::Stream},
    model::learning::mlp::{Layer, Mlp},
};

/// The `count` best of some places by their scores, in the order that the places had.
///
/// # Panics
/// If a place has no score.
pub fn best(scores: &[f32], mut among: Vec<usize>, count: usize) -> Vec<usize> {
    if count < among.len() {
        let rank = |place: &usize| order::rank(scores[*place], *place);
        let mut ranks: Vec<u64> = among.iter().map(rank).collect();
        let (_, limit, _) = ranks.select_nth_unstable(count);
        among.retain(|place| rank(place) < *limit);
    }
    among
}

/// The `count` best weights of all layers together, among those that a mask has.
pub fn global(net: &Mlp, scores: &[f32], among: &Mask, count: usize) -> Mask {
    Mask::of(net, best(scores, among.places(net).collect(), count))
}

/// The best share of all weights.
pub fn share(net: &Mlp, scores: &[f32], density: f64) -> Mask {
    global(net, scores, &Mask::full(net), (density * net.weights() as f64 + 0.5) as usize)
}

/// In each layer as many as `counts` says, at places by lot.
pub fn by_lot(net: &Mlp, counts: &[usize], chance: &mut Stream) -> Mask {
    by_layer(net, &score::random(net, chance), &Mask::full(net), counts)
}

/// The best weights of each layer by itself, as many as `counts` says of each.
///
/// # Panics
/// If there is not one count for each layer.
pub fn by_layer(net: &Mlp, scores: &[f32], among: &Mask, counts: &[usize]) -> Mask {
    assert_eq!(counts.len(), net.layers().len(), "a count for each layer");
    let kept = |(layer, count): (&Layer, &usize)| {
        best(scores, layer.weights().filter(|place| among.keeps(*place)).collect(), *count)
    };
    Mask::of(net, net.layers().iter().zip(counts).flat_map(kept))
}

/// The `n` best of each group of `m` weights that follow one another in what comes into a unit: the pattern that hardware reads
/// fast (Mishra et al. 2021, *Accelerating sparse deep neural networks*). Where `m` does not divide the inputs, the last group
/// is smaller and keeps `n` too.
///
/// # Panics
/// If `m` is 0.
pub fn n_of_m(net: &Mlp, scores: &[f32], n: usize, m: usize) -> Mask {
    let rows = net.layers().iter().flat_map(|layer| (0..layer.units).map(|unit| layer.row(unit)));
    let kept = rows.flat_map(|row| {
        let starts = row.clone().step_by(m);
        starts.flat_map(move |start| best(scores, (start..(start + m).min(row.end)).collect(), n))
    });
    Mask::of(net, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn counts_are_exact_and_the_first_of_equals_stays() {
        let scores = [1.0, 3.0, 3.0, 0.0, 3.0, 2.0];
        assert_eq!(best(&scores, (0..6).collect(), 2), [1, 2]);
        assert_eq!(best(&scores, vec![5, 4, 3], 2), [5, 4]);
        assert_eq!(best(&scores, vec![0, 3], 9), [0, 3]);
    }

    #[test]
    fn layers_compete_or_each_has_its_own_number() {
        let net = Mlp::new(&[2, 2, 2]);
        let mut scores = vec![1.0; net.numbers()];
        scores[net.layers()[1].weights()].fill(2.0);
        let full = Mask::full(&net);
        assert_eq!(global(&net, &scores, &full, 5).counts(&net), [1, 4]);
        assert_eq!(by_layer(&net, &scores, &full, &[3, 2]).counts(&net), [3, 2]);
        assert_eq!(share(&net, &scores, 0.6), global(&net, &scores, &full, 5));
        let mut chance = Rng::new(1).stream("lot");
        assert_eq!(by_lot(&net, &[3, 2], &mut chance).counts(&net), [3, 2]);
        let some = Mask::of(&net, [0, 1, 6]);
        assert_eq!(global(&net, &scores, &some, 2).places(&net).collect::<Vec<_>>(), [0, 6]);
    }

    #[test]
    fn groups_lie_along_the_inputs_of_a_unit() {
        let net = Mlp::new(&[4, 2]);
        let scores = [1.0, 2.0, 4.0, 3.0, 9.0, 8.0, 0.0, 0.5, 0.0, 0.0];
        assert_eq!(n_of_m(&net, &scores, 1, 2).places(&net).collect::<Vec<_>>(), [1, 2, 4, 7]);
        assert_eq!(n_of_m(&net, &scores, 2, 3).places(&net).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 7]);
    }
}
