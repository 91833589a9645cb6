//! How gradients flow to weights that are cut while a net learns under N:M (Bambhaniya, Yazdanbakhsh, Subramanian, Kao, Agrawal,
//! Evci and Krishna 2024, *Progressive gradient flow for robust N:M sparsity training in transformers*).
//!
//! The mask is that of the largest weights, anew at each step. A weight is used in full where it is kept and times `β` where it is
//! cut; the gradient by the weight as it is used goes to all of them.
use super::{group::Pattern, mask::Mask};
use crate::{
    math::scalar,
    model::learning::{
        loss::Loss,
        mlp::Mlp,
        training::{Examples, Training},
    },
};

/// A way to come to N:M.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flow {
    /// N:M from the first step on.
    StraightThrough,
    /// The same, and cut weights shrink by themselves at this rate (Zhou, Ma, Zhu, Liu, Zhang, Yuan, Sun and Li 2021, *Learning
    /// N:M fine-grained structured sparse neural networks from scratch*).
    Shrinking(f32),
    /// Cut weights leak through less and less: `β = 1 - p`.
    Linear,
    /// The same: `β = exp(-c p)`, with this c.
    Exponential(f64),
    /// Groups keep fewer and fewer, half as many at a time: M - 1, M / 2, M / 4, … N.
    Structure,
}

/// When a decay begins and when it is over, as shares of the training. Before it nets are whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phases {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

impl Flow {
    /// At `t` of the training: how many of a group are kept, and `β`.
    pub fn at(self, t: f64, phases: Phases, pattern: Pattern) -> (usize, f64) {
        let Pattern { kept, group } = pattern;
        if matches!(self, Self::StraightThrough | Self::Shrinking(_)) || t >= phases.to {
            return (kept, 0.0);
        }
        let whole = self == Self::Structure;
        if t < phases.from {
            return (if whole { group } else { kept }, 1.0);
        }
        let p = (t - phases.from) / (phases.to - phases.from);
        match self {
            Self::Linear => (kept, 1.0 - p),
            Self::Exponential(steep) => (kept, scalar::exp(-steep * p)),
            _ => {
                // The first width is one less than a group, then a half, a quarter, … and last the pattern's own.
                let halvings = (group / kept.max(1)).max(1).ilog2();
                let frame = ((p * f64::from(halvings + 1)) as u32).min(halvings);
                (if frame == 0 { group - 1 } else { (group >> frame).max(kept) }, 0.0)
            }
        }
    }

    /// One step, with the weights of each group and the `β` that [`Flow::at`] names. Returns how many places of the mask changed
    /// sides, and the loss.
    pub fn step(
        self,
        (kept, beta): (usize, f64),
        pattern: Pattern,
        net: &mut Mlp,
        mask: &mut Mask,
        training: &mut Training,
        examples: Examples,
    ) -> (usize, f64) {
        let changed = Pattern { kept, ..pattern }.project(net, &training.numbers, mask);
        let used = leaking(&training.numbers, mask, beta as f32);
        let loss = training.learn_at(&used, net, examples, Loss::CrossEntropy).loss;
        if let Self::Shrinking(rate) = self {
            for (place, (g, w)) in training.gradient.iter_mut().zip(&training.numbers).enumerate() {
                *g += if mask.keeps(place) { 0.0 } else { rate * w };
            }
        }
        training.descend(examples.1.len());
        (changed, loss)
    }
}

/// Numbers as they are used where what is cut leaks through.
pub fn leaking(numbers: &[f32], mask: &Mask, beta: f32) -> Vec<f32> {
    numbers.iter().enumerate().map(|(place, w)| if mask.keeps(place) { *w } else { beta * w }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::learning::training::Recipe,
    };

    const PHASES: Phases = Phases { from: 0.1, to: 0.6 };

    #[test]
    fn each_flow_begins_whole_or_cut_and_ends_at_the_pattern() {
        let pattern = Pattern { kept: 1, group: 32 };
        let flows =
            [Flow::StraightThrough, Flow::Shrinking(0.1), Flow::Linear, Flow::Exponential(5.0), Flow::Structure];
        for flow in flows {
            assert_eq!(flow.at(0.6, PHASES, pattern), (1, 0.0));
            let betas: Vec<f64> = (0..60).map(|i| flow.at(f64::from(i) / 100.0, PHASES, pattern).1).collect();
            assert!(betas.is_sorted_by(|a, b| a >= b), "{flow:?}");
        }
        let widths: Vec<usize> =
            (0..6).map(|i| Flow::Structure.at(0.1 + 0.5 * (f64::from(i) + 0.5) / 6.0, PHASES, pattern).0).collect();
        assert_eq!(widths, [31, 16, 8, 4, 2, 1]);
        assert_eq!(Flow::Structure.at(0.05, PHASES, pattern).0, 32);
        let halves = Pattern { kept: 2, group: 4 };
        assert_eq!([0.2, 0.5].map(|t| Flow::Structure.at(t, PHASES, halves).0), [3, 2]);
        assert!((Flow::Linear.at(0.35, PHASES, pattern).1 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn cut_weights_are_learnt_too_and_shrink_where_they_should() {
        let mut net = Mlp::new(&[4, 4, 2]);
        let mut chance = Rng::new(1).stream("net");
        let numbers = net.draw(&mut chance);
        let inputs = Mat::new((0..40).map(|_| chance.normal() as f32).collect(), 10, 4);
        let labels: Vec<u16> = (0..10).map(|i| i % 2).collect();
        let pattern = Pattern { kept: 2, group: 4 };
        let mut after = |flow: Flow| {
            let mut training = Training::new(numbers.clone(), Recipe::usual(1), Rng::new(2).stream("order"));
            let mut mask = Mask::full(&net);
            let examples = (inputs.as_ref(), &labels[..]);
            assert_eq!(flow.step((2, 0.0), pattern, &mut net, &mut mask, &mut training, examples).0, 8);
            (training.numbers, mask)
        };
        let ((plain, mask), (shrunk, _)) = (after(Flow::StraightThrough), after(Flow::Shrinking(1.0)));
        let cut: Vec<usize> = (0..16).filter(|place| !mask.keeps(*place)).collect();
        assert!(cut.iter().any(|place| plain[*place].to_bits() != numbers[*place].to_bits()));
        for place in 0..16 {
            let less = if mask.keeps(place) { 0.0 } else { 0.05 * numbers[place] };
            assert!((plain[place] - less - shrunk[place]).abs() < 1e-6);
        }
    }
}
