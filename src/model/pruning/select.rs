//! Which weights stay: an exact number of the best scores. Larger scores stay; of equals the first place stays.
use super::mask::Mask;
use crate::model::learning::mlp::{Layer, Mlp};

/// The `count` best of some places by their scores, in the order of the places.
///
/// # Panics
/// If a place has no score.
pub fn best(scores: &[f32], mut among: Vec<usize>, count: usize) -> Vec<usize> {
    if count < among.len() {
        let order = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
        among.select_nth_unstable_by(count, order);
        among.truncate(count);
        among.sort_unstable();
    }
    among
}

/// The `count` best weights of all layers together, among those that a mask has.
pub fn global(net: &Mlp, scores: &[f32], among: &Mask, count: usize) -> Mask {
    Mask::of(net, best(scores, among.places(net).collect(), count))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_and_the_first_of_equals_stays() {
        let scores = [1.0, 3.0, 3.0, 0.0, 3.0, 2.0];
        assert_eq!(best(&scores, (0..6).collect(), 2), [1, 2]);
        assert_eq!(best(&scores, vec![5, 4, 3], 1), [4]);
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
        let some = Mask::of(&net, [0, 1, 6]);
        assert_eq!(global(&net, &scores, &some, 2).places(&net).collect::<Vec<_>>(), [0, 6]);
    }
}
