//! Samples with a class each, to learn from and to be tested on.
use super::{File, Idx, IdxError};
use crate::math::{
    mat::{Mat, MatRef},
    rng::Stream,
};

/// 1797 handwritten digits of 8 x 8 with 17 shades of ink; then their labels.
pub static SMALL_DIGITS: File = File { name: "small-digits.idx.gz" };

/// Samples and their classes.
#[derive(Clone, Debug)]
pub struct Samples {
    /// (n, d), one sample a row.
    pub inputs: Mat,
    /// n classes, from 0.
    pub labels: Vec<u16>,
}

impl Samples {
    /// Inputs and classes, borrowed.
    pub fn both(&self) -> (MatRef<'_>, &[u16]) {
        (self.inputs.as_ref(), &self.labels)
    }

    /// The first of them, at most so many.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let rows = count.min(self.labels.len());
        let inputs = self.inputs.data[..rows * self.inputs.cols].to_vec();
        Self { inputs: Mat::new(inputs, rows, self.inputs.cols), labels: self.labels[..rows].to_vec() }
    }

    /// So many of each class, the first ones in their order.
    #[must_use]
    pub fn some_of_each(&self, count: usize, classes: usize) -> Self {
        let mut counts = vec![0; classes];
        let mut places: Vec<usize> = (0..self.labels.len()).collect();
        places.retain(|place| {
            let seen = &mut counts[usize::from(self.labels[*place])];
            *seen += 1;
            *seen <= count
        });
        let inputs = places.iter().flat_map(|place| self.inputs.row(*place)).copied().collect();
        let labels = places.iter().map(|place| self.labels[*place]).collect();
        Self { inputs: Mat::new(inputs, places.len(), self.inputs.cols), labels }
    }

    /// The same as square pictures that are turned by a quarter to the left.
    ///
    /// # Panics
    /// If the inputs make no square.
    #[must_use]
    pub fn turned(&self) -> Self {
        let pixels = self.inputs.cols;
        let side = pixels.isqrt();
        assert_eq!(side * side, pixels, "pixels of a square");
        let from = move |to: usize| to % side * side + (side - 1 - to / side);
        let pictures = self.inputs.data.chunks_exact(pixels);
        let turned = pictures.flat_map(|picture| (0..pixels).map(move |to| picture[from(to)])).collect();
        Self { inputs: Mat::new(turned, self.inputs.rows, pixels), labels: self.labels.clone() }
    }
}

/// What is learnt from, and what is only asked.
#[derive(Clone, Debug)]
pub struct Split {
    /// What is learnt from.
    pub train: Samples,
    /// What no training sees.
    pub test: Samples,
}

/// How many small digits are learnt from; the other 500 are for tests.
const LEARNT: usize = 1297;

/// The small digits in a random order: ink from 0 to 1.
///
/// # Errors
/// If the file is not images followed by labels.
pub fn small_ink(file: &[u8], chance: &mut Stream) -> Result<Split, IdxError> {
    let (images, rest) = Idx::read(file)?;
    let (labels, _) = Idx::read(rest)?;
    let pixels = 64;
    let mut order: Vec<usize> = (0..labels.bytes.len().min(images.bytes.len() / pixels)).collect();
    chance.shuffle(&mut order);
    let (learnt, asked) = order.split_at(LEARNT.min(order.len()));
    let take = |places: &[usize]| {
        let rows = places.iter().flat_map(|i| &images.bytes[i * pixels..][..pixels]);
        let inputs = Mat::new(rows.map(|ink| f32::from(*ink) / 16.0).collect(), places.len(), pixels);
        Samples { inputs, labels: places.iter().map(|i| labels.bytes[*i].into()).collect() }
    };
    Ok(Split { train: take(learnt), test: take(asked) })
}

/// The same without the mean of those that are learnt from.
///
/// # Errors
/// If the file is not images followed by labels.
pub fn small_digits(file: &[u8], chance: &mut Stream) -> Result<Split, IdxError> {
    let mut split = small_ink(file, chance)?;
    let Mat { rows, cols, .. } = split.train.inputs;
    let mut mean = vec![0.0; cols];
    for row in split.train.inputs.data.chunks_exact(cols) {
        mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    let mean: Vec<f32> = mean.iter().map(|sum| (sum / rows.max(1) as f64) as f32).collect();
    for row in split.train.inputs.data.chunks_exact_mut(cols).chain(split.test.inputs.data.chunks_exact_mut(cols)) {
        row.iter_mut().zip(&mean).for_each(|(x, mean)| *x -= mean);
    }
    Ok(split)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_puts_the_right_column_on_top() {
        let samples = Samples { inputs: Mat::new(vec![1., 2., 3., 4., 5., 6., 7., 8.], 2, 4), labels: vec![0, 1] };
        assert_eq!(samples.turned().inputs.data, [2., 4., 1., 3., 6., 8., 5., 7.]);
        let back = (0..4).fold(samples.clone(), |turned, _| turned.turned());
        assert_eq!((back.inputs.data, back.labels), (samples.inputs.data.clone(), vec![0, 1]));
        let first = samples.first(1);
        assert_eq!((first.inputs.data, first.labels), (vec![1., 2., 3., 4.], vec![0]));
        let samples = Samples { inputs: Mat::new(vec![1., 2., 3., 4.], 4, 1), labels: vec![1, 1, 0, 1] };
        let some = samples.some_of_each(2, 3);
        assert_eq!((some.inputs.data, some.labels), (vec![1., 2., 3.], vec![1, 1, 0]));
    }
}
