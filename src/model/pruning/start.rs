//! Weights to begin with under a mask.
use super::mask::Mask;
use crate::model::learning::mlp::Mlp;

/// Makes up for what a mask took: what comes into a unit is multiplied with `√(inputs / kept inputs)`, so that its sum is as
/// strong as without the mask. Units that nothing comes into stay as they are.
pub fn make_up(net: &Mlp, numbers: &mut [f32], mask: &Mask) {
    for layer in net.layers() {
        for unit in 0..layer.units {
            let kept = layer.row(unit).filter(|place| mask.keeps(*place)).count();
            if kept > 0 {
                let scale = (layer.inputs as f64 / kept as f64).sqrt() as f32;
                numbers[layer.row(unit)].iter_mut().for_each(|w| *w *= scale);
            }
        }
    }
    mask.cut(numbers);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn sums_stay_as_strong_as_without_the_mask() {
        let net = Mlp::new(&[400, 50, 10]);
        let mut chance = Rng::new(1).stream("net");
        let mut numbers = net.draw(&mut chance);
        let mask = Mask::of(&net, (0..net.numbers()).filter(|_| chance.below(10) == 0).filter(|p| *p < 20_000));
        make_up(&net, &mut numbers, &mask);
        let layer = &net.layers()[0];
        let power = |unit: usize| numbers[layer.row(unit)].iter().map(|w| w * w).sum::<f32>();
        let mean = (0..50).map(power).sum::<f32>() / 50.0;
        assert!((mean - 2.0).abs() < 0.1, "{mean}");
        assert!((mask.density(&net) - 0.1).abs() < 0.02);
    }
}
