//! Swapping weights of a unit without training (Zhang, Zhao, Lin, Sun, Yao, Han, Tanner, Liu and Ji 2024, *Dynamic sparse no
//! training: training-free fine-tuning for sparse LLMs*).
//!
//! What was cut shifts the mean of a unit's sum. While it is off by more than a tolerance, the weight that would shift it back
//! the most comes in, and the one that is worth least and is in the way goes out. No weight changes.
use super::{calibration::Calibration, wanda};
use crate::math::scalar;

/// When to swap, and how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// How much an input that varies is held back: the power of its variance.
    pub caution: f64,
    /// A unit whose mean is off by no more is left alone.
    pub tolerance: f64,
    /// Swaps of a unit at most.
    pub most: usize,
}

/// One swap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swap {
    /// Which weight comes in.
    pub comes: usize,
    /// Which goes out.
    pub goes: usize,
    /// What the mean is off by after it.
    pub off: f64,
}

/// All swaps of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Swaps {
    /// What the mean is off by before them: the sum of what was cut.
    pub off: f64,
    /// In their order.
    pub all: Vec<Swap>,
}

/// A rule over the inputs of a layer.
#[derive(Clone, Debug)]
pub struct Swapping<'a> {
    inputs: &'a Calibration,
    rule: Rule,
    /// By what a weight's shift of the mean is divided: `v^γ`.
    held: Vec<f64>,
}

impl<'a> Swapping<'a> {
    /// Of a layer with these inputs.
    pub fn new(inputs: &'a Calibration, rule: Rule) -> Self {
        let held = inputs.variances.iter().map(|variance| scalar::pow(*variance, rule.caution)).collect();
        Self { inputs, rule, held }
    }

    /// The swaps of a unit with these weights, some of which are there.
    pub fn of(&self, row: &[f32], kept: &[bool]) -> Swaps {
        let rule = &self.rule;
        let shifts: Vec<f64> = row.iter().zip(&self.inputs.means).map(|(w, mean)| f64::from(*w) * mean).collect();
        let off = shifts.iter().zip(kept).filter(|(_, kept)| !**kept).map(|(shift, _)| *shift).sum();
        let mut swaps = Swaps { off, all: Vec::new() };
        if off.abs() <= rule.tolerance {
            return swaps;
        }
        let worth = wanda::scores(row, &self.inputs.sizes);
        // An input that never varies is always 0 here, and shifts nothing.
        let pull = |(shift, held): (&f64, &f64)| if *held > 0.0 { shift / held } else { 0.0 };
        let pulls: Vec<f64> = shifts.iter().zip(&self.held).map(pull).collect();
        // Each weight moves once.
        let mut moved = vec![false; row.len()];
        let mut now = off;
        while now.abs() > rule.tolerance && swaps.all.len() < rule.most {
            let side = now.signum();
            let free = |i: &usize| !moved[*i];
            let comes = (0..row.len()).filter(free).filter(|i| !kept[*i] && side * pulls[*i] > 0.0);
            let comes = comes.max_by(|a, b| (side * pulls[*a]).total_cmp(&(side * pulls[*b])).then(b.cmp(a)));
            let goes = (0..row.len()).filter(free).filter(|i| kept[*i] && side * shifts[*i] < 0.0);
            let goes = goes.min_by(|a, b| worth[*a].total_cmp(&worth[*b]).then(a.cmp(b)));
            let Some((comes, goes)) = comes.zip(goes) else { break };
            now += shifts[goes] - shifts[comes];
            (moved[comes], moved[goes]) = (true, true);
            swaps.all.push(Swap { comes, goes, off: now });
        }
        swaps
    }
}

impl Swaps {
    /// What the mean is off by after so many of them.
    pub fn off_after(&self, count: usize) -> f64 {
        count.min(self.all.len()).checked_sub(1).map_or(self.off, |last| self.all[last].off)
    }

    /// Makes so many of them.
    pub fn make(&self, kept: &mut [bool], count: usize) {
        for swap in self.all.iter().take(count) {
            (kept[swap.comes], kept[swap.goes]) = (true, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    #[test]
    fn the_first_swap_is_the_one_that_the_rule_names_and_the_mean_comes_back() {
        let inputs = Calibration {
            means: vec![1.0; 5],
            variances: vec![1.0, 1.0, 4.0, 1.0, 1.0],
            sizes: vec![1.0; 5],
            products: Mat::zeros(5, 5),
        };
        let rule = Rule { caution: 1.0, tolerance: 0.1, most: 50 };
        // Cut: 0.3, and 0.4 whose input varies too much. Of those that are there two are in the way, the second is worth less.
        let row = [0.3, -0.8, 0.4, -0.5, 1.0];
        let kept = [false, true, false, true, true];
        let swaps = Swapping::new(&inputs, rule).of(&row, &kept);
        assert!((swaps.off - 0.7).abs() < 1e-6);
        assert_eq!((swaps.all.len(), swaps.all[0].comes, swaps.all[0].goes), (1, 0, 3));
        assert!((swaps.off_after(1) + 0.1).abs() < 1e-6 && (swaps.off_after(0) - 0.7).abs() < 1e-6);
        let mut after = kept;
        swaps.make(&mut after, 9);
        assert_eq!(after, [true, true, false, false, true]);
        assert_eq!(after.iter().filter(|kept| **kept).count(), 3);
        // Without caution the larger shift comes in.
        let bold = Swapping::new(&inputs, Rule { caution: 0.0, ..rule }).of(&row, &kept);
        assert_eq!(bold.all[0].comes, 2);
    }

    #[test]
    fn inputs_around_nothing_leave_all_as_it_is() {
        let mut chance = Rng::new(1).stream("inputs");
        let inputs =
            Calibration::of(Mat::new((0..64_000).map(|_| chance.normal() as f32).collect(), 1000, 64).as_ref());
        let rule = Rule { caution: 1.0, tolerance: 0.1, most: 50 };
        for _ in 0..20 {
            let row: Vec<f32> = (0..64).map(|_| (0.15 * chance.normal()) as f32).collect();
            let kept = wanda::kept(&wanda::scores(&row, &inputs.sizes), 20);
            assert!(Swapping::new(&inputs, rule).of(&row, &kept).all.is_empty());
        }
    }
}
