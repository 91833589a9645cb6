//! A layer that is pruned by itself, without training: what its weights are worth, what is left of them, and how far its sums on
//! unseen examples are then from what they were.
use super::{
    calibration::Calibration,
    dsnot::{Rule, Swapping, Swaps},
    score,
    sparse_gpt::Substitutes,
    wanda,
};
use crate::{
    math::mat::{Mat, MatRef},
    model::learning::mlp::Mlp,
};
use std::cell::OnceCell;

/// What a weight is worth within its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Its size.
    Size,
    /// Its size times that of its input.
    Wanda,
    /// The error that is left once others have made up for it.
    Substitutes,
}

/// How a layer is pruned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Knife {
    /// In each unit the weights that are worth least go.
    Cut(Worth),
    /// The same, and then swaps.
    Swap(Worth, Rule),
    /// Weights that stay make up for those that go.
    MakeUp,
}

/// A unit that was cut, and all swaps that it would make.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Which unit of the layer.
    pub place: usize,
    /// Which of its weights were left by the cut.
    pub kept: Vec<bool>,
    /// Its swaps.
    pub swaps: Swaps,
}

/// A layer and what comes into it.
#[derive(Debug)]
pub struct Layer {
    /// A row for each unit.
    pub weights: Mat,
    /// Inputs to prune by.
    pub learnt: Calibration,
    /// Inputs to judge by.
    pub unseen: Calibration,
    /// What the sums of all units have of those, as a mean square.
    power: f64,
    /// Found when first asked for: it takes long.
    substitutes: OnceCell<Substitutes>,
}

impl Layer {
    /// Between inputs to prune by and to judge by.
    pub fn new(weights: Mat, [learnt, unseen]: [Calibration; 2]) -> Self {
        let power = unseen.powers(weights.as_ref()).iter().sum::<f64>().max(f64::MIN_POSITIVE);
        Self { substitutes: OnceCell::new(), power, weights, learnt, unseen }
    }

    /// That layer of a net, between what comes into it of examples to prune by and to judge by.
    pub fn within(net: &mut Mlp, numbers: &[f32], examples: [MatRef; 2], at: usize) -> Self {
        let layer = net.layers()[at];
        let both = examples.map(|examples| {
            if at == 0 {
                return Calibration::of(examples);
            }
            net.outputs(numbers, examples);
            Calibration::of(MatRef::new(net.left(at - 1), examples.rows, layer.inputs))
        });
        Self::new(Mat::new(numbers[layer.weights()].to_vec(), layer.units, layer.inputs), both)
    }

    /// The root of the mean square of the sum of a unit on unseen examples.
    pub fn size(&self, unit: usize) -> f64 {
        let row = self.weights.row(unit);
        let power = self.unseen.powers(MatRef::new(row, 1, row.len())).first().copied().unwrap_or(0.0);
        f64::max(power.max(0.0).sqrt(), f64::MIN_POSITIVE)
    }

    /// All units after a cut, with their swaps: those whose means are off the most first.
    pub fn units(&self, worth: Worth, cut: f64, rule: Rule) -> Vec<Unit> {
        let swapping = Swapping::new(&self.learnt, rule);
        let of = |place: usize| {
            let kept = self.kept(place, worth, cut);
            Unit { swaps: swapping.of(self.weights.row(place), &kept), kept, place }
        };
        let mut units: Vec<Unit> = (0..self.weights.rows).map(of).collect();
        units.sort_by(|a, b| b.swaps.off.abs().total_cmp(&a.swaps.off.abs()));
        units
    }

    /// What is seen of the weights of a unit after some of its swaps: 1 where one came in, -1 where one went out, and pale what stayed, so
    /// that swaps stand out.
    pub fn shades(&self, unit: &Unit, swaps: usize) -> Vec<f32> {
        let mut kept = unit.kept.clone();
        unit.swaps.make(&mut kept, swaps);
        let row = self.weights.row(unit.place);
        let largest = row.iter().fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
        let shade = |(w, sides): (&f32, (&bool, &bool))| match sides {
            (true, false) => 1.0,
            (false, true) => -1.0,
            (true, true) => 0.3 * w / largest,
            (false, false) => 0.0,
        };
        row.iter().zip(kept.iter().zip(&unit.kept)).map(shade).collect()
    }

    /// After each swap of a unit of which some weights were kept: what its mean is off by, and the root of its mean square error on
    /// unseen examples; both as shares of its size.
    pub fn course(&self, unit: usize, kept: &[bool], rule: Rule) -> Vec<[f64; 2]> {
        let row = self.weights.row(unit);
        let swaps = Swapping::new(&self.learnt, rule).of(row, kept);
        let mut lacks = Vec::new();
        for count in 0..=swaps.all.len() {
            let mut kept = kept.to_vec();
            swaps.make(&mut kept, count);
            lacks.extend(row.iter().zip(&kept).map(|(w, kept)| if *kept { 0.0 } else { *w }));
        }
        let whole = self.size(unit);
        let errors = self.unseen.powers(MatRef::new(&lacks, lacks.len() / row.len(), row.len()));
        let shares = |(i, error): (usize, f64)| [swaps.off_after(i).abs() / whole, error.max(0.0).sqrt() / whole];
        errors.into_iter().enumerate().map(shares).collect()
    }

    fn substitutes(&self) -> &Substitutes {
        self.substitutes.get_or_init(|| Substitutes::of(&self.learnt))
    }

    /// Which weights of a unit are left when a share is cut.
    pub fn kept(&self, unit: usize, worth: Worth, cut: f64) -> Vec<bool> {
        let row = self.weights.row(unit);
        let scores = match worth {
            Worth::Size => score::magnitude(row),
            Worth::Wanda => wanda::scores(row, &self.learnt.sizes),
            Worth::Substitutes => self.substitutes().scores(row),
        };
        let goes = (cut * row.len() as f64 + 0.5) as usize;
        wanda::kept(&scores, row.len().saturating_sub(goes))
    }

    /// The weights after a share of them was cut.
    pub fn after(&self, knife: Knife, cut: f64) -> Mat {
        let (worth, rule) = match knife {
            Knife::MakeUp => return self.substitutes().prune(self.weights.as_ref(), 1.0 - cut),
            Knife::Cut(worth) => (worth, None),
            Knife::Swap(worth, rule) => (worth, Some(rule)),
        };
        let swapping = rule.map(|rule| (Swapping::new(&self.learnt, rule), rule.most));
        let mut after = self.weights.clone();
        for unit in 0..after.rows {
            let mut kept = self.kept(unit, worth, cut);
            if let Some((swapping, most)) = &swapping {
                swapping.of(self.weights.row(unit), &kept).make(&mut kept, *most);
            }
            after.row_mut(unit).iter_mut().zip(&kept).for_each(|(w, kept)| *w = if *kept { *w } else { 0.0 });
        }
        after
    }

    /// The mean square error of the sums with other weights, on unseen examples and as a share of their mean square.
    pub fn error(&self, after: &Mat) -> f64 {
        self.unseen.gap(after.as_ref(), self.weights.as_ref()) / self.power
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::pruning::outliers::MadeLayer};

    #[test]
    fn each_unit_loses_as_much_and_no_weight_changes_but_where_they_make_up() {
        let made = MadeLayer::uneven(&Rng::new(1));
        let layer = Layer::new(made.weights.clone(), made.inputs(10.0));
        let rule = Rule { caution: 1.0, tolerance: 0.1, most: 50 };
        let cuts = [Worth::Size, Worth::Wanda, Worth::Substitutes].map(Knife::Cut);
        for knife in cuts.into_iter().chain([Knife::Swap(Worth::Wanda, rule)]) {
            let after = layer.after(knife, 0.7);
            for unit in 0..after.rows {
                assert_eq!(after.row(unit).iter().filter(|w| **w != 0.0).count(), 256 - 179, "{knife:?}");
                let same = after
                    .row(unit)
                    .iter()
                    .zip(layer.weights.row(unit))
                    .all(|(a, b)| *a == 0.0 || a.to_bits() == b.to_bits());
                assert!(same, "{knife:?}");
            }
        }
        let error = |knife| layer.error(&layer.after(knife, 0.7));
        let [size, wanda, swaps, make_up] =
            [cuts[0], cuts[1], Knife::Swap(Worth::Wanda, rule), Knife::MakeUp].map(error);
        // The course of a unit ends where its swaps leave it.
        let kept = layer.kept(3, Worth::Wanda, 0.7);
        let course = layer.course(3, &kept, rule);
        let made = Swapping::new(&layer.learnt, rule).of(layer.weights.row(3), &kept);
        assert_eq!(course.len(), made.all.len() + 1);
        let units = layer.units(Worth::Wanda, 0.7, rule);
        assert!(units.is_sorted_by(|a, b| a.swaps.off.abs() >= b.swaps.off.abs()));
        let third = units.iter().find(|unit| unit.place == 3).unwrap();
        assert_eq!((&third.kept, &third.swaps), (&kept, &made));
        let strong = |shade: f32| layer.shades(third, 2).iter().filter(|x| x.to_bits() == shade.to_bits()).count();
        assert_eq!([strong(1.0), strong(-1.0)], [made.all.len().min(2); 2]);
        let [mean, _] = course[made.all.len()];
        assert!((mean * layer.size(3) - made.off_after(made.all.len()).abs()).abs() < 1e-9);
        assert!(size > 2.5 * wanda && wanda > swaps && swaps > make_up, "{size} {wanda} {swaps} {make_up}");
    }
}
