//! How deep a signal gets through random networks, by the variance of their weights: a map of shares over variances and layers,
//! and the lines that bound it for endless width (Roberts, Yaida and Hanin 2022, *The Principles of Deep Learning Theory*).
use super::deep::{self, Activation, Net};
use crate::math::scalar;

/// The cells of a map: columns of variances, and rows of layers with the first ones at the bottom.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    /// The least and the greatest variance.
    pub variances: (f64, f64),
    /// How many columns share them.
    pub columns: usize,
    /// Layers of a network.
    pub layers: usize,
    /// How many rows share them.
    pub rows: usize,
    /// A signal has got through if its strength is within this factor of the input's.
    pub within: f64,
}

impl Plane {
    /// The variance in the middle of a column.
    fn variance(&self, column: usize) -> f64 {
        let (least, most) = self.variances;
        least + (most - least) * (column as f64 + 0.5) / self.columns as f64
    }

    /// The layer in the middle of a row, counted from the bottom.
    fn layer(&self, row: usize) -> usize {
        let each = self.layers / self.rows;
        each * row + each / 2
    }

    /// For so many variances the layer where the strength in endless width leaves the map, below and above: between layers along
    /// its logarithm. Where it does not there is no point.
    pub fn bounds(&self, activation: Activation, points: usize) -> [Vec<[f32; 2]>; 2] {
        let (least, most) = self.variances;
        let variances = || (0..points).map(|i| least + (most - least) * i as f64 / (points - 1) as f64);
        [1.0 / self.within, self.within].map(|bound| {
            let point = |c| crossing(activation, c, bound, self.layers).map(|layer| [c as f32, layer as f32]);
            variances().filter_map(point).collect()
        })
    }
}

/// The layer where the strength in endless width crosses a bound.
fn crossing(activation: Activation, c: f64, bound: f64, layers: usize) -> Option<f64> {
    let theory = deep::theory(activation, c, layers);
    let logs: Vec<f64> = std::iter::once(0.0).chain(theory.iter().map(|layer| scalar::ln(layer.kernel))).collect();
    let share = |log: f64| log / scalar::ln(bound);
    let crossing = logs.windows(2).position(|pair| share(pair[0]) < 1.0 && share(pair[1]) >= 1.0)?;
    let (before, after) = (share(logs[crossing]), share(logs[crossing + 1]));
    Some(crossing as f64 + (1.0 - before) / (after - before))
}

/// Signals that were sent through networks of several widths.
#[derive(Clone, Debug)]
pub struct Passage {
    plane: Plane,
    /// Networks of each width that were tried in a column.
    tried: Vec<u32>,
    /// Those whose signal got through: `(width, row, column)`.
    through: Vec<u16>,
}

impl Passage {
    /// No signal was sent yet.
    pub fn new(plane: Plane, widths: usize) -> Self {
        Self { plane, tried: vec![0; plane.columns], through: vec![0; widths * plane.rows * plane.columns] }
    }

    /// Sends a signal through a network, one for each width, under the variance of a column.
    pub fn send(&mut self, activation: Activation, column: usize, nets: &[Net]) {
        let Plane { columns, rows, within, .. } = self.plane;
        self.tried[column] += 1;
        for (net, through) in nets.iter().zip(self.through.chunks_exact_mut(rows * columns)) {
            let strengths: Vec<f64> = (1..)
                .zip(net.forward(activation, self.plane.variance(column)))
                .map(|(layer, v)| v * net.square(layer))
                .collect();
            for (row, through) in through.chunks_exact_mut(columns).enumerate() {
                let q = strengths[self.plane.layer(row) - 1];
                through[column] += u16::from(q > 1.0 / within && q < within);
            }
        }
    }

    /// The shares of networks of one width that a signal got through, the last layers first; -1 where none was tried.
    pub fn shares(&self, width: usize, cells: &mut [f32]) {
        let Plane { columns, rows, .. } = self.plane;
        let through = &self.through[width * rows * columns..][..rows * columns];
        for (cells, through) in cells.chunks_exact_mut(columns).zip(through.rchunks_exact(columns)) {
            for ((cell, through), tried) in cells.iter_mut().zip(through).zip(&self.tried) {
                *cell = if *tried > 0 { f32::from(*through) / *tried as f32 } else { -1.0 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const PLANE: Plane = Plane { variances: (0.5, 3.0), columns: 5, layers: 16, rows: 4, within: 100.0 };

    #[test]
    fn shares_are_those_of_signals_one_by_one_and_empty_where_none_was_sent() {
        let widths = [8, 32];
        let mut chance = Rng::new(1).stream("nets");
        let nets: Vec<Vec<Net>> =
            (0..10).map(|_| widths.map(|n| Net::draw(n, PLANE.layers, &mut chance)).into()).collect();
        let mut passage = Passage::new(PLANE, widths.len());
        for (i, nets) in nets.iter().enumerate() {
            // The first of five columns is left out.
            passage.send(Activation::Relu, 1 + i % 4, nets);
        }
        for w in 0..widths.len() {
            let mut cells = [0.0; 20];
            passage.shares(w, &mut cells);
            // Rows of layers 14, 10, 6 and 2, and the variances 0.75, 1.25, 1.75, 2.25 and 2.75.
            for (i, cell) in cells.into_iter().enumerate() {
                let (layer, column) = (14 - i / 5 * 4, i % 5);
                let sent = nets.iter().enumerate().filter(|(k, _)| 1 + k % 4 == column).map(|(_, nets)| &nets[w]);
                let strength = |net: &Net| {
                    let c = 0.75 + 0.5 * column as f64;
                    net.forward(Activation::Relu, c).nth(layer - 1).unwrap() * net.square(layer)
                };
                let got: Vec<bool> = sent.map(strength).map(|q| q > 0.01 && q < 100.0).collect();
                let share = got.iter().filter(|through| **through).count() as f32 / got.len().max(1) as f32;
                assert_eq!(cell.to_bits(), if got.is_empty() { -1.0_f32 } else { share }.to_bits(), "{w} {i}");
            }
        }
    }

    #[test]
    fn bounds_are_where_a_power_law_crosses_them() {
        // A ReLU net of endless width has the strength C (C / 2)^(l - 1).
        let [below, above] = PLANE.bounds(Activation::Relu, 6);
        let layer = |c: f64, bound: f64| 1.0 + (scalar::ln(bound) - scalar::ln(c)) / scalar::ln(0.5 * c);
        for (points, bound) in [(&below, 0.01), (&above, 100.0)] {
            assert!(!points.is_empty());
            for [c, at] in points {
                assert!((f64::from(*at) - layer(f64::from(*c), bound)).abs() < 1e-4, "{c}: {at}");
            }
        }
        assert!(below.iter().all(|[c, _]| *c < 2.0) && above.iter().all(|[c, _]| *c > 2.0));
    }
}
