//! Nets of some of another's hidden units, with the weights that these had.
use crate::{
    math::rng::Stream,
    model::learning::mlp::{Layer, Mlp},
};

/// So large a share of the units of each hidden layer, but one at least, in their order, by lot.
pub fn choose(net: &Mlp, share: f64, chance: &mut Stream) -> Vec<Vec<usize>> {
    let hidden = &net.layers()[..net.layers().len() - 1];
    let some = |layer: &Layer| {
        let mut units = chance.choose(count(layer.units, share), layer.units);
        units.sort_unstable();
        units
    };
    hidden.iter().map(some).collect()
}

fn count(units: usize, share: f64) -> usize {
    ((share * units as f64) as usize).clamp(1, units)
}

/// The widths of a net that has such a share of the units of each hidden layer.
pub fn widths(net: &Mlp, share: f64) -> Vec<usize> {
    let last = net.layers().len() - 1;
    let units = net.layers().iter().enumerate();
    let units = units.map(|(i, layer)| if i < last { count(layer.units, share) } else { layer.units });
    net.layers().first().map(|layer| layer.inputs).into_iter().chain(units).collect()
}

/// The numbers of the net of these hidden units. Weights of units that have lost inputs are multiplied with
/// `√(inputs / kept inputs)`, so that sums are as strong as before.
///
/// # Panics
/// If there are not as many numbers as in the net, or units for each hidden layer.
pub fn take(net: &Mlp, numbers: &[f32], units: &[Vec<usize>]) -> Vec<f32> {
    assert_eq!((numbers.len(), units.len() + 1), (net.numbers(), net.layers().len()), "numbers and hidden layers");
    let mut out = Vec::new();
    for (i, layer) in net.layers().iter().enumerate() {
        let all = |count: usize| (0..count).collect::<Vec<usize>>();
        let inputs = if i == 0 { all(layer.inputs) } else { units[i - 1].clone() };
        let mine = if i == units.len() { all(layer.units) } else { units[i].clone() };
        let scale = (layer.inputs as f64 / inputs.len() as f64).sqrt() as f32;
        for unit in &mine {
            let row = &numbers[layer.row(*unit)];
            out.extend(inputs.iter().map(|input| scale * row[*input]));
        }
        out.extend(mine.iter().map(|unit| numbers[layer.biases()][*unit]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    #[test]
    fn the_small_net_says_what_the_large_one_says_without_the_other_units() {
        let net = Mlp::new(&[6, 8, 4, 3]);
        let mut chance = Rng::new(3).stream("net");
        let mut numbers = net.draw(&mut chance);
        numbers.iter_mut().for_each(|x| *x += 0.1);
        let units = choose(&net, 0.5, &mut chance);
        assert_eq!(units.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
        let small = take(&net, &numbers, &units);
        let widths = widths(&net, 0.5);
        assert_eq!(widths, [6, 4, 2, 3]);
        // Units that are not chosen say nothing, and what comes from the others is made up for.
        let mut large = numbers.clone();
        for (i, layer) in net.layers().iter().enumerate().skip(1) {
            for unit in 0..layer.units {
                for (input, place) in layer.row(unit).enumerate() {
                    large[place] *= if units[i - 1].contains(&input) { 2.0_f32.sqrt() } else { 0.0 };
                }
            }
        }
        let inputs = Mat::new((0..30).map(|_| chance.normal() as f32).collect(), 5, 6);
        let of = |net: &mut Mlp, numbers: &[f32]| net.outputs(numbers, inputs.as_ref()).to_vec();
        let (a, b) = (of(&mut Mlp::new(&widths), &small), of(&mut net.clone(), &large));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5), "{a:?} {b:?}");
    }

    #[test]
    fn all_units_are_the_net_itself_and_one_is_always_left() {
        let net = Mlp::new(&[2, 5, 3, 2]);
        let mut chance = Rng::new(1).stream("net");
        let numbers = net.draw(&mut chance);
        assert_eq!(take(&net, &numbers, &choose(&net, 1.0, &mut chance)), numbers);
        assert_eq!(widths(&net, 0.01), [2, 1, 1, 2]);
    }
}
