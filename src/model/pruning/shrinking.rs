//! A net in training to answer with numbers that is sparse, or becomes so: small weights shrink after each step until the places of
//! those that are left are fixed (Wang, Wang, Zhang, Fu and Tao 2023), or a mask holds from the start.
use super::{mask::Mask, shrinkage, sparse_net::SparseNet};
use crate::{
    math::{mat::MatRef, rng::Stream},
    model::learning::{
        mlp::{Mlp, Net},
        regression::Regression,
    },
};

/// How weights shrink after a step: the share of each layer that does not, and what the others keep of their size. At 0 they are gone
/// at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrink {
    /// Of the weights of a layer.
    pub kept: f64,
    /// Of a size.
    pub factor: f32,
}

/// Such a net.
#[derive(Clone, Debug)]
pub struct Shrinking {
    /// Its layers.
    pub net: Mlp,
    /// Its numbers and how they move.
    pub training: Regression,
    /// Which of its weights would stay if it were cut now.
    pub mask: Mask,
    /// The loss on the last batch.
    pub loss: f64,
    /// How many weights came back into the mask since somebody last set this to 0.
    pub back: usize,
    /// What the mask leaves, where that is sparse enough and stays.
    sparse: Option<SparseNet>,
}

impl Shrinking {
    /// A net of these widths with nothing to learn yet.
    pub fn new(widths: &[usize], batch: usize, chance: Stream) -> Self {
        let net = Mlp::new(widths);
        let (mask, training) = (Mask::full(&net), Regression::new(Vec::new(), batch, chance));
        Self { net, training, mask, loss: 0.0, back: 0, sparse: None }
    }

    /// Begins a training at these numbers, of which the mask has left some.
    pub fn begin(&mut self, numbers: Vec<f32>, mask: Mask, batch: usize, chance: Stream) {
        self.sparse = SparseNet::new(&self.net, &mask);
        self.mask = mask;
        self.training = Regression::new(numbers, batch, chance);
        self.back = 0;
    }

    /// Learns from a batch of examples. Where weights shrink, all of them learn; else only those of the mask.
    pub fn learn(&mut self, inputs: MatRef, targets: MatRef, rate: f64, shrink: Option<Shrink>) {
        self.loss = match &mut self.sparse {
            Some(sparse) => self.training.learn(sparse, inputs, targets),
            None => self.training.learn(&mut self.net, inputs, targets),
        };
        if shrink.is_none() {
            self.mask.cut(&mut self.training.gradient);
        }
        self.training.descend(rate);
        if let Some(Shrink { kept, factor }) = shrink {
            self.back += shrinkage::shrink(&self.net, &mut self.training.numbers, &mut self.mask, kept, factor);
        }
    }

    /// From here on the places of the weights stay as they are now.
    pub fn fix(&mut self) {
        self.mask.cut(&mut self.training.numbers);
        let gone = (0..self.net.numbers()).filter(|place| !self.mask.keeps(*place));
        self.training.forget(gone);
        self.sparse = SparseNet::new(&self.net, &self.mask);
    }

    /// Its numbers, cut as it would be.
    pub fn cut(&self) -> Vec<f32> {
        let mut cut = self.training.numbers.clone();
        self.mask.cut(&mut cut);
        cut
    }

    /// What it answers, cut as it would be.
    pub fn outputs(&mut self, inputs: MatRef) -> &[f32] {
        let cut = self.cut();
        match &mut self.sparse {
            Some(sparse) => sparse.outputs(&cut, inputs),
            None => self.net.outputs(&cut, inputs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    #[test]
    fn small_weights_shrink_until_their_places_are_fixed() {
        let rng = Rng::new(3);
        let mut chance = rng.stream("data");
        let inputs = Mat::new((0..256).map(|_| chance.normal() as f32).collect(), 64, 4);
        let targets = Mat::new(inputs.data.chunks_exact(4).map(|row| row[0] - row[2]).collect(), 64, 1);
        let mut net = Shrinking::new(&[4, 20, 1], 16, rng.stream("none"));
        let drawn = net.net.draw(&mut rng.stream("weights"));
        let full = Mask::full(&net.net);
        net.begin(drawn, full, 16, rng.stream("order"));
        let shrink = Shrink { kept: 0.25, factor: 0.9 };
        (0..100).for_each(|_| net.learn(inputs.as_ref(), targets.as_ref(), 0.01, Some(shrink)));
        assert_eq!(net.mask.counts(&net.net), [20, 5]);
        let small = |net: &Shrinking| {
            let gone = (0..net.net.numbers()).filter(|place| !net.mask.keeps(*place));
            gone.map(|place| net.training.numbers[place].abs()).fold(0.0, f32::max)
        };
        assert!(small(&net) > 0.0);
        net.fix();
        let (mask, fixed) = (net.mask.clone(), net.cut());
        (0..200).for_each(|_| net.learn(inputs.as_ref(), targets.as_ref(), 0.01, None));
        assert!(net.mask == mask && small(&net).abs() < f32::MIN_POSITIVE, "{}", small(&net));
        // What is left learns on.
        assert!(net.cut() == net.training.numbers && net.cut() != fixed && net.loss.is_finite());
        assert_eq!(net.outputs(inputs.as_ref()).len(), 64);
    }
}
