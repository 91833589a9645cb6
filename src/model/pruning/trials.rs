//! Small trials beside a surgery: how far swaps mend another cut, what outliers do to a cut by size, and how many swaps there are.
use super::{
    dsnot::Rule,
    layer::{Knife, Layer, Worth},
    outliers::MadeLayer,
};

/// Over some cuts, the greatest ratio of the error after swaps to that before them.
pub fn mended(layer: &Layer, worth: Worth, rule: Rule, cuts: &[f64]) -> f64 {
    let error = |knife, cut| layer.error(&layer.after(knife, cut));
    let ratio = |cut: &f64| error(Knife::Swap(worth, rule), *cut) / error(Knife::Cut(worth), *cut);
    cuts.iter().map(ratio).fold(0.0, f64::max)
}

/// The ratio of the error of a cut by Wanda to that by size, where outliers are so many times larger.
pub fn wanda_against_size(made: &MadeLayer, times: f64, cut: f64) -> f64 {
    let layer = Layer::new(made.weights.clone(), made.inputs(times));
    let [wanda, size] = [Worth::Wanda, Worth::Size].map(|worth| layer.error(&layer.after(Knife::Cut(worth), cut)));
    wanda / size
}

/// How many swaps a unit makes after a cut, in the mean.
pub fn swaps(layer: &Layer, worth: Worth, rule: Rule, cut: f64) -> f64 {
    let units = layer.units(worth, cut, rule);
    let made: usize = units.iter().map(|unit| unit.swaps.all.len().min(rule.most)).sum();
    made as f64 / units.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn swaps_mend_uneven_inputs_and_even_ones_leave_nothing_to_swap() {
        let rng = Rng::new(2);
        let rule = Rule { caution: 1.0, tolerance: 0.1, most: 20 };
        let [uneven, even] = [MadeLayer::uneven(&rng), MadeLayer::even(&rng)];
        let layer = |made: &MadeLayer| Layer::new(made.weights.clone(), made.inputs(1.0));
        assert!(mended(&layer(&uneven), Worth::Wanda, rule, &[0.6, 0.7]) < 0.95);
        assert!(wanda_against_size(&uneven, 10.0, 0.6) < 0.4);
        assert!(swaps(&layer(&uneven), Worth::Wanda, rule, 0.7) > 1.0);
        assert!(swaps(&layer(&even), Worth::Wanda, rule, 0.7).abs() < 1e-12);
        // No swaps mend nothing.
        let none = Rule { most: 0, ..rule };
        assert!((mended(&layer(&uneven), Worth::Size, none, &[0.5]) - 1.0).abs() < 1e-12);
    }
}
