//! Units as groups: what comes into a hidden unit, its weights and its bias, stays or goes as one.
use super::mask::Mask;
use crate::{
    math::kernels::dot64,
    model::learning::mlp::{Layer, Mlp},
};

/// The layers of a net whose units may go: all but the last.
pub fn hidden(net: &Mlp) -> &[Layer] {
    net.layers().split_last().map_or(&[], |(_, hidden)| hidden)
}

/// The size of each unit of a layer: the length of all that comes into it.
pub fn sizes(layer: &Layer, numbers: &[f32]) -> Vec<f64> {
    let biases = &numbers[layer.biases()];
    let square = |(unit, bias): (usize, &f32)| {
        let row = &numbers[layer.row(unit)];
        dot64(row, row) + f64::from(*bias) * f64::from(*bias)
    };
    biases.iter().enumerate().map(|unit| square(unit).sqrt()).collect()
}

/// How many units of a layer have anything that comes into them.
pub fn count(layer: &Layer, numbers: &[f32]) -> usize {
    sizes(layer, numbers).into_iter().filter(|size| *size > 0.0).count()
}

/// Multiplies all that comes into each unit.
pub fn scale(layer: &Layer, numbers: &mut [f32], factors: &[f64]) {
    let first = layer.biases().start;
    for (unit, factor) in factors.iter().enumerate() {
        let factor = *factor as f32;
        numbers[layer.row(unit)].iter_mut().for_each(|w| *w *= factor);
        numbers[first + unit] *= factor;
    }
}

/// What each unit is multiplied with so that the `kept` largest stay and all others go; of equals the first stays.
pub fn largest(sizes: &[f64], kept: usize) -> Vec<f64> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_unstable_by(|a, b| sizes[*b].total_cmp(&sizes[*a]).then(a.cmp(b)));
    let mut factors = vec![0.0; sizes.len()];
    order.into_iter().take(kept).for_each(|unit| factors[unit] = 1.0);
    factors
}

/// What each unit is multiplied with in a step of length `by` along the sum of all sizes: the group lasso (Yuan and Lin 2006,
/// *Model selection and estimation in regression with grouped variables*).
pub fn lasso(sizes: &[f64], by: f64) -> Vec<f64> {
    sizes.iter().map(|size| if *size > by { 1.0 - by / size } else { 0.0 }).collect()
}

/// The mask of the units that have anything that comes into them: of the others neither that nor what they lead to is there.
pub fn mask(net: &Mlp, numbers: &[f32]) -> Mask {
    let mut mask = Mask::full(net);
    for (layer, next) in hidden(net).iter().zip(&net.layers()[1..]) {
        for (unit, size) in sizes(layer, numbers).into_iter().enumerate() {
            if size > 0.0 {
                continue;
            }
            layer.row(unit).for_each(|place| mask.set(place, false));
            mask.set(layer.biases().start + unit, false);
            (0..next.units).for_each(|later| mask.set(next.row(later).start + unit, false));
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_lengths_and_units_go_as_one() {
        let net = Mlp::new(&[2, 3, 2]);
        let layer = hidden(&net)[0];
        let mut numbers: Vec<f32> =
            vec![3.0, 4.0, 1.0, 2.0, 0.0, 6.0, 0.0, 2.0, 8.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5];
        assert_eq!(sizes(&layer, &numbers), [5.0, 3.0, 10.0]);
        assert_eq!((largest(&[5.0, 3.0, 5.0], 1), largest(&[1.0, 1.0], 5)), (vec![1.0, 0.0, 0.0], vec![1.0; 2]));
        assert_eq!(lasso(&[5.0, 3.0, 10.0], 4.0), [1.0 - 0.8, 0.0, 1.0 - 0.4]);
        scale(&layer, &mut numbers, &[0.5, 0.0, 1.0]);
        assert_eq!(sizes(&layer, &numbers), [2.5, 0.0, 10.0]);
        assert_eq!(count(&layer, &numbers), 2);
        let mask = mask(&net, &numbers);
        assert_eq!(mask.counts(&net), [4, 4]);
        assert!(!mask.keeps(2) && !mask.keeps(7) && !mask.keeps(10) && !mask.keeps(13) && mask.keeps(9));
    }
}
