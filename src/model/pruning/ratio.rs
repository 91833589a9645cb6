//! How many weights each layer keeps.
use crate::model::learning::mlp::{Layer, Mlp};

/// The same share of each layer.
pub fn uniform(net: &Mlp, density: f64) -> Vec<usize> {
    net.layers().iter().map(|layer| rounded(density, layer)).collect()
}

/// Shares in proportion to `(inputs + units) / (inputs · units)`, so that small layers keep more (Mocanu et al. 2018, *Scalable
/// training of artificial neural networks with adaptive sparse connectivity inspired by network science*). A layer that would
/// keep more than it has keeps all, and the rest is shared out among the others.
pub fn erdos_renyi(net: &Mlp, density: f64) -> Vec<usize> {
    let raw = |layer: &Layer| (layer.inputs + layer.units) as f64 / (layer.inputs * layer.units) as f64;
    let size = |layer: &Layer| (layer.inputs * layer.units) as f64;
    let mut full = vec![false; net.layers().len()];
    loop {
        let open = || net.layers().iter().zip(&full).filter(|(_, full)| !**full).map(|(layer, _)| layer);
        let taken: f64 = net.layers().iter().zip(&full).filter(|(_, full)| **full).map(|(layer, _)| size(layer)).sum();
        let scale =
            (density * net.weights() as f64 - taken) / open().map(|layer| raw(layer) * size(layer)).sum::<f64>();
        let most = open().map(raw).fold(0.0, f64::max);
        if scale * most <= 1.0 || open().next().is_none() {
            let share = |(layer, full): (&Layer, &bool)| rounded(if *full { 1.0 } else { scale * raw(layer) }, layer);
            return net.layers().iter().zip(&full).map(share).collect();
        }
        let over = |layer: &Layer| raw(layer) >= most;
        let now: Vec<bool> = net.layers().iter().zip(&full).map(|(layer, full)| *full || over(layer)).collect();
        full = now;
    }
}

/// A share of a layer in whole weights.
fn rounded(share: f64, layer: &Layer) -> usize {
    let size = layer.inputs * layer.units;
    ((share.max(0.0) * size as f64 + 0.5) as usize).min(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_met_and_small_layers_keep_more() {
        let net = Mlp::new(&[64, 256, 128, 10]);
        for density in [0.02, 0.05, 0.2, 0.5, 0.9, 1.0] {
            for counts in [uniform(&net, density), erdos_renyi(&net, density)] {
                let sum: usize = counts.iter().sum();
                let wanted = density * net.weights() as f64;
                assert!((sum as f64 - wanted).abs() <= 1.5, "{density}: {counts:?} of {wanted}");
            }
            let shares: Vec<f64> = erdos_renyi(&net, density)
                .iter()
                .zip(net.layers())
                .map(|(count, layer)| *count as f64 / (layer.inputs * layer.units) as f64)
                .collect();
            assert!(shares[2] >= shares[0] && shares[0] >= shares[1], "{density}: {shares:?}");
        }
        assert_eq!(erdos_renyi(&net, 0.2)[2], 1280, "the last layer is full");
    }
}
