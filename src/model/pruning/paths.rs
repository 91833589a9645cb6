//! What a mask leaves connected: units and weights that are on some path from an input to an output. The others do nothing.
use super::mask::Mask;
use crate::model::learning::mlp::Mlp;

/// Units and weights on paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// For the inputs, each hidden layer and the outputs, which of them are on a path.
    pub units: Vec<Vec<bool>>,
    /// How many weights are.
    pub weights: usize,
}

impl Paths {
    /// Those of a net under a mask.
    pub fn of(net: &Mlp, mask: &Mask) -> Self {
        let inputs = net.layers().first().map_or(0, |layer| layer.inputs);
        let mut units = vec![vec![true; inputs]];
        for layer in net.layers() {
            let before = &units[units.len() - 1];
            let reached = |unit: usize| layer.row(unit).zip(before).any(|(place, before)| *before && mask.keeps(place));
            let reached = (0..layer.units).map(reached).collect();
            units.push(reached);
        }
        let mut weights = 0;
        for (i, layer) in net.layers().iter().enumerate().rev() {
            let (before, after) = units.split_at_mut(i + 1);
            let (before, after) = (&mut before[i], &after[0]);
            let mut leads = vec![false; layer.inputs];
            for (unit, _) in after.iter().enumerate().filter(|(_, after)| **after) {
                for ((place, leads), before) in layer.row(unit).zip(&mut leads).zip(before.iter()) {
                    if *before && mask.keeps(place) {
                        *leads = true;
                        weights += 1;
                    }
                }
            }
            *before = leads;
        }
        Self { units, weights }
    }

    /// The share of the inputs, of a hidden layer or of the outputs that is on a path.
    pub fn share(&self, layer: usize) -> f64 {
        let units = &self.units[layer];
        units.iter().filter(|on| **on).count() as f64 / units.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_ends_are_on_no_path() {
        let net = Mlp::new(&[2, 3, 2]);
        // Unit 0 has an input and an output, unit 1 only an input, unit 2 only an output.
        let (first, second) = (net.layers()[0], net.layers()[1]);
        let at = |row: std::ops::Range<usize>, input: usize| row.start + input;
        let kept = [at(first.row(0), 0), at(first.row(1), 1), at(second.row(0), 0), at(second.row(1), 2)];
        let paths = Paths::of(&net, &Mask::of(&net, kept));
        assert_eq!(paths.weights, 2);
        assert_eq!(paths.units, [vec![true, false], vec![true, false, false], vec![true, false]]);
        let full = Paths::of(&net, &Mask::full(&net));
        assert_eq!((full.weights, full.share(1)), (12, 1.0));
    }
}
