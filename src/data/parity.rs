//! Sparse parity: strings of signs, of which only a few matter. The class is whether an odd number of these is plus.
use super::{Samples, Split};
use crate::math::{mat::Mat, rng::Stream};

/// So many strings of `inputs` signs to learn from and so many to be asked. The first `relevant` signs make the class; all
/// signs are drawn alike.
pub fn parity(inputs: usize, relevant: usize, (learnt, asked): (usize, usize), chance: &mut Stream) -> Split {
    let mut draw = |count: usize| {
        let mut signs = Vec::with_capacity(count * inputs);
        let mut labels = Vec::with_capacity(count);
        for _ in 0..count {
            let mut odd = 0;
            for i in 0..inputs {
                let plus = chance.below(2);
                signs.push(if plus == 1 { 1.0 } else { -1.0 });
                odd ^= if i < relevant { plus as u16 } else { 0 };
            }
            labels.push(odd);
        }
        Samples { inputs: Mat::new(signs, count, inputs), labels }
    };
    Split { train: draw(learnt), test: draw(asked) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn the_class_is_the_product_of_the_first_signs_and_both_are_as_frequent() {
        let split = parity(6, 3, (500, 1000), &mut Rng::new(1).stream("signs"));
        for (row, label) in split.test.inputs.data.chunks_exact(6).zip(&split.test.labels) {
            // Three signs have a product of 1 where an odd number of them is plus.
            assert_eq!(row[0] * row[1] * row[2] > 0.0, *label == 1);
        }
        let odd: u16 = split.test.labels.iter().sum();
        assert!((450..550).contains(&odd) && split.train.labels.len() == 500, "{odd}");
    }
}
