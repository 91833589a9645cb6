//! What a mask leaves of a net, as a net of its own: without the inputs and units that nothing goes on from. It answers and learns
//! as the whole does under the mask, and where little is left it does so much faster.
use super::{mask::Mask, sparse_net::SparseNet};
use crate::{
    math::mat::{Mat, MatRef},
    model::learning::{
        loss::{Loss, Score},
        mlp::Mlp,
        training::{Examples, Training},
    },
};

/// A part of a net.
#[derive(Clone, Debug)]
pub struct Compact {
    /// The part as a net.
    pub net: Mlp,
    /// Which of its weights are there.
    pub mask: Mask,
    /// Inputs that it has, of those of the whole.
    inputs: Vec<usize>,
    /// The place in the whole of each of its numbers.
    places: Vec<usize>,
    /// The same without zeros, where there is little.
    sparse: Option<SparseNet>,
}

impl Compact {
    /// The part that a mask leaves. Of each layer one unit stays at least.
    pub fn new(whole: &Mlp, mask: &Mask) -> Self {
        // Units from the outputs back, and the inputs last.
        let mut kept: Vec<Vec<usize>> = vec![(0..whole.layers().last().map_or(0, |layer| layer.units)).collect()];
        for layer in whole.layers().iter().rev() {
            let units = &kept[kept.len() - 1];
            let goes_on = |input: &usize| units.iter().any(|unit| mask.keeps(layer.row(*unit).start + input));
            let mut before: Vec<usize> = (0..layer.inputs).filter(goes_on).collect();
            if before.is_empty() {
                before.push(0);
            }
            kept.push(before);
        }
        kept.reverse();
        let widths: Vec<usize> = kept.iter().map(Vec::len).collect();
        let net = Mlp::new(&widths);
        let mut places = Vec::with_capacity(net.numbers());
        for (layer, ends) in whole.layers().iter().zip(kept.windows(2)) {
            let rows = ends[1].iter().map(|unit| layer.row(*unit).start);
            places.extend(rows.flat_map(|start| ends[0].iter().map(move |input| start + input)));
            places.extend(ends[1].iter().map(|unit| layer.biases().start + unit));
        }
        let mut part = Mask::full(&net);
        places.iter().enumerate().for_each(|(at, place)| part.set(at, mask.keeps(*place)));
        Self { sparse: SparseNet::new(&net, &part), net, mask: part, inputs: kept.swap_remove(0), places }
    }

    /// Its numbers, of those of the whole.
    pub fn take(&self, whole: &[f32]) -> Vec<f32> {
        self.places.iter().map(|place| whole[*place]).collect()
    }

    /// Puts its numbers back into the whole, where all others stay.
    pub fn put(&self, numbers: &[f32], whole: &mut [f32]) {
        self.places.iter().zip(numbers).for_each(|(place, x)| whole[*place] = *x);
    }

    /// One step of a training of its numbers, in which what is not there stays so.
    pub fn step(&mut self, training: &mut Training, examples: Examples) -> Score {
        let numbers = training.numbers.clone();
        let score = training.learn_by(examples, |(batch, labels), gradient| {
            let seen = see(&self.inputs, batch);
            let seen = (seen.as_ref(), labels);
            match &mut self.sparse {
                Some(sparse) => sparse.learn(&numbers, seen, Loss::CrossEntropy, gradient),
                None => self.net.learn(&numbers, seen.0, labels, Loss::CrossEntropy, gradient),
            }
        });
        self.mask.cut(&mut training.gradient);
        training.descend(examples.1.len());
        score
    }

    /// The score of its answers.
    pub fn grade(&mut self, numbers: &[f32], examples: Examples) -> Score {
        let seen = see(&self.inputs, examples.0);
        match &mut self.sparse {
            Some(sparse) => sparse.grade(numbers, (seen.as_ref(), examples.1), Loss::CrossEntropy),
            None => self.net.grade(numbers, seen.as_ref(), examples.1, Loss::CrossEntropy),
        }
    }
}

/// Some inputs of examples, one a row.
fn see(inputs: &[usize], examples: MatRef) -> Mat {
    let mut seen = Vec::with_capacity(examples.rows * inputs.len());
    for i in 0..examples.rows {
        let row = examples.row(i);
        seen.extend(inputs.iter().map(|input| row[*input]));
    }
    Mat::new(seen, examples.rows, inputs.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::learning::training::Recipe,
        model::pruning::{score, select},
    };

    #[test]
    fn the_part_learns_what_the_whole_learns_under_the_mask() {
        let mut whole = Mlp::new(&[12, 16, 14, 3]);
        let rng = Rng::new(1);
        let mut chance = rng.stream("net");
        let inputs = Mat::new((0..480).map(|_| chance.normal() as f32).collect(), 40, 12);
        let labels: Vec<u16> = (0..40).map(|i| i % 3).collect();
        let recipe = Recipe { batch: 8, ..Recipe::usual(4) };
        for count in [0, 5, 40, 120] {
            let scores = score::random(&whole, &mut chance);
            let mask = select::global(&whole, &scores, &Mask::full(&whole), count);
            let mut part = Compact::new(&whole, &mask);
            let drawn = whole.draw(&mut chance);
            let mut plain = Training::new(drawn.clone(), recipe, rng.stream("order"));
            mask.prune(&mut plain);
            let mut small = Training::new(part.take(&plain.numbers), recipe, rng.stream("order"));
            let examples = (inputs.as_ref(), &labels[..]);
            for _ in 0..20 {
                mask.step(&mut plain, &mut whole, examples);
                part.step(&mut small, examples);
            }
            assert_eq!(
                part.grade(&small.numbers, examples).right,
                whole.grade(&plain.numbers, examples.0, &labels, Loss::CrossEntropy).right
            );
            let mut back = drawn;
            mask.cut(&mut back);
            part.put(&small.numbers, &mut back);
            for (i, (a, b)) in back.iter().zip(&plain.numbers).enumerate() {
                assert!((a - b).abs() < 1e-4, "{count}, {i}: {a} {b}");
            }
            assert!(part.net.numbers() <= whole.numbers());
        }
        assert_eq!(Compact::new(&whole, &Mask::of(&whole, [])).net.weights(), 5);
    }
}
