//! Parts of a net that go as a whole.
use crate::model::learning::mlp::Mlp;

/// The weights of one input.
pub fn of_input(net: &Mlp, input: usize) -> Vec<usize> {
    let first = net.layers().first();
    first.map_or_else(Vec::new, |layer| (0..layer.units).map(|unit| layer.row(unit).start + input).collect())
}

/// The weights of one unit: what comes into it, and what goes on from it.
pub fn of_unit(net: &Mlp, layer: usize, unit: usize) -> Vec<usize> {
    let comes = net.layers()[layer].row(unit);
    let goes = net.layers().get(layer + 1).map(|next| (0..next.units).map(|row| next.row(row).start + unit));
    comes.chain(goes.into_iter().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pruning::{mask::Mask, paths::Paths};

    #[test]
    fn without_its_weights_a_part_is_on_no_path() {
        let net = Mlp::new(&[3, 4, 2]);
        let mut mask = Mask::full(&net);
        of_unit(&net, 0, 2).into_iter().for_each(|place| mask.set(place, false));
        of_input(&net, 1).into_iter().for_each(|place| mask.set(place, false));
        assert_eq!(mask.counts(&net), [6, 6]);
        let paths = Paths::of(&net, &mask);
        assert_eq!(paths.units, [vec![true, false, true], vec![true, true, false, true], vec![true, true]]);
        assert_eq!(paths.weights, 12);
    }
}
