//! Soft shrinkage: after each step of a training the smallest weights of each layer lose a share of their size, and which they are is
//! decided anew, so that a weight may come back (Wang, Wang, Zhang, Fu and Tao 2023, *Iterative soft shrinkage learning for
//! efficient image super-resolution*).
use super::mask::Mask;
use crate::model::learning::mlp::Mlp;

/// Multiplies with `factor` all but the `kept` share of the largest weights of each layer, which the mask is made to have; of equals
/// the last is larger. At 0 they are gone at once: hard thresholding. Returns how many weights came back into the mask.
pub fn shrink(net: &Mlp, numbers: &mut [f32], mask: &mut Mask, kept: f64, factor: f32) -> usize {
    let mut back = 0;
    for layer in net.layers() {
        let weights = &mut numbers[layer.weights()];
        let (size, mut equal) = limit(weights, kept);
        for (place, w) in layer.weights().zip(weights) {
            let is_equal = w.abs().to_bits() == size.to_bits();
            let below = w.abs() < size || (is_equal && equal > 0);
            if below {
                equal -= usize::from(is_equal);
                *w *= factor;
            } else {
                back += usize::from(!mask.keeps(place));
            }
            mask.set(place, !below);
        }
    }
    back
}

/// The greatest size of the weights of a layer that are not among the `kept` share of the largest, and how many of them have it.
pub fn limit(weights: &[f32], kept: f64) -> (f32, usize) {
    let small = weights.len() - ((kept * weights.len() as f64 + 0.5) as usize).min(weights.len());
    if small == 0 {
        return (0.0, 0);
    }
    // Of numbers that are not negative, the bits have the order of the numbers.
    let mut sizes: Vec<u32> = weights.iter().map(|w| w.abs().to_bits()).collect();
    let (less, size, _) = sizes.select_nth_unstable(small - 1);
    let size = *size;
    let equal = less.iter().filter(|other| **other == size).count() + 1;
    (f32::from_bits(size), equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::pruning::select};

    #[test]
    fn the_largest_stay_as_a_full_sort_would_have_it_and_the_others_shrink() {
        let net = Mlp::new(&[20, 15, 10]);
        let mut chance = Rng::new(1).stream("weights");
        let numbers = net.draw(&mut chance);
        let sizes: Vec<f32> = numbers.iter().map(|w| w.abs()).collect();
        let full = Mask::full(&net);
        for kept in [0.0, 0.05, 0.3, 1.0] {
            let (mut shrunk, mut mask) = (numbers.clone(), full.clone());
            assert_eq!(shrink(&net, &mut shrunk, &mut mask, kept, 0.5), 0);
            let counts: Vec<usize> = [300.0, 150.0].iter().map(|all| (kept * all + 0.5) as usize).collect();
            assert_eq!(mask, select::by_layer(&net, &sizes, &full, &counts), "{kept}");
            for (place, (w, before)) in shrunk.iter().zip(&numbers).enumerate() {
                let factor = if mask.keeps(place) { 1.0 } else { 0.5 };
                assert!((w - factor * before).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn equals_are_counted_and_weights_that_grew_come_back() {
        let net = Mlp::new(&[4, 1]);
        let mut numbers = [1.0, -1.0, 1.0, 2.0, 0.0];
        let mut mask = Mask::full(&net);
        assert_eq!(shrink(&net, &mut numbers, &mut mask, 0.5, 0.0), 0);
        assert_eq!((numbers, mask.counts(&net)), ([0.0, 0.0, 1.0, 2.0, 0.0], vec![2]));
        numbers[0] = 3.0;
        assert_eq!(shrink(&net, &mut numbers, &mut mask, 0.5, 0.5), 1);
        assert_eq!(mask.places(&net).collect::<Vec<_>>(), [0, 3]);
    }
}
