//! Small trials beside a surgery: how far swaps mend another cut, what outliers do to a cut by size, and how many swaps there are.
use super::{
    dsnot::Rule,
    layer::{Knife, Layer, Worth},
    outliers::MadeLayer,
    surgery::CUTS,
};
use crate::math::rng::Rng;

/// The usual rule of swaps, and one without a tolerance and with many.
const USUAL: Rule = Rule { caution: 1.0, tolerance: 0.1, most: 20 };
const EAGERLY: Rule = Rule { caution: 1.0, tolerance: 0.0, most: 50 };
/// How many times larger outliers are.
const TIMES: f64 = 10.0;

/// What is tried in the end: swaps from a cut by size.
pub const FROM_SIZE: usize = 0;
/// Swaps without a tolerance.
pub const EAGER: usize = 1;
/// Inputs of which some are far larger.
pub const UNEVEN: usize = 2;
/// Inputs that are alike.
pub const EVEN: usize = 3;
/// How many trials there are.
pub const TRIALS: usize = 4;

/// Makes one of the trials, by the usual rule: two of them on this layer, two on layers that are drawn.
pub fn attempt(trial: usize, layer: &Layer, rng: &Rng) -> f64 {
    match trial {
        FROM_SIZE => mended(layer, Worth::Size, USUAL, &CUTS[1..]),
        EAGER => mended(layer, Worth::Wanda, EAGERLY, &CUTS[1..2]),
        UNEVEN => wanda_against_size(&MadeLayer::uneven(rng), TIMES, CUTS[1]),
        _ => {
            let made = MadeLayer::even(rng);
            swaps(&Layer::new(made.weights.clone(), made.inputs(1.0)), Worth::Wanda, USUAL, CUTS[2])
        }
    }
}

/// Errors by size and by Wanda at each share, where outliers are so many times larger.
pub fn by_outliers(made: &MadeLayer, times: f64) -> [[f64; 2]; CUTS.len()] {
    let layer = Layer::new(made.weights.clone(), made.inputs(times));
    let error = |worth, cut| layer.error(&layer.after(Knife::Cut(worth), cut));
    CUTS.map(|cut| [Worth::Size, Worth::Wanda].map(|worth| error(worth, cut)))
}

/// Over some cuts, the greatest ratio of the error after swaps to that before them.
fn mended(layer: &Layer, worth: Worth, rule: Rule, cuts: &[f64]) -> f64 {
    let error = |knife, cut| layer.error(&layer.after(knife, cut));
    let ratio = |cut: &f64| error(Knife::Swap(worth, rule), *cut) / error(Knife::Cut(worth), *cut);
    cuts.iter().map(ratio).fold(0.0, f64::max)
}

/// The ratio of the error of a cut by Wanda to that by size, where outliers are so many times larger.
fn wanda_against_size(made: &MadeLayer, times: f64, cut: f64) -> f64 {
    let layer = Layer::new(made.weights.clone(), made.inputs(times));
    let [wanda, size] = [Worth::Wanda, Worth::Size].map(|worth| layer.error(&layer.after(Knife::Cut(worth), cut)));
    wanda / size
}

/// How many swaps a unit makes after a cut, in the mean.
fn swaps(layer: &Layer, worth: Worth, rule: Rule, cut: f64) -> f64 {
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
        let [size, wanda] = by_outliers(&uneven, 10.0)[1];
        assert!((wanda / size - attempt(UNEVEN, &layer(&even), &rng)).abs() < 1e-12);
        assert!(swaps(&layer(&uneven), Worth::Wanda, rule, 0.7) > 1.0);
        assert!(swaps(&layer(&even), Worth::Wanda, rule, 0.7).abs() < 1e-12);
        // No swaps mend nothing.
        let none = Rule { most: 0, ..rule };
        assert!((mended(&layer(&uneven), Worth::Size, none, &[0.5]) - 1.0).abs() < 1e-12);
    }
}
