//! The loss on the plane through three nets (Goodfellow, Vinyals and Saxe 2015, *Qualitatively characterizing neural network
//! optimization problems*, looked along lines), asked on a coarse grid, a few nets at a time.
use crate::math::kernels::dot64;
use std::rc::Rc;

/// Nets that are asked, down and across.
const DOWN: usize = 14;
const ACROSS: usize = 21;
/// Cells of the map to each, down and across.
const FINE: usize = 3;

/// Where the three nets stand on the map, left, right and above: as far from each other, about its middle.
pub const CORNERS: [(f64, f64); 3] = [(0.28, 0.69), (0.72, 0.69), (0.5, 0.12)];

/// A map of losses. Places are (x, y) in 0..=1 from the top left. They stand for what the net there has of each of the three
/// nets, so these always stand as a triangle, even where one is many times as far away as the others are from each other.
#[derive(Clone, Debug)]
pub struct LossMap {
    nets: [Rc<Vec<f32>>; 3],
    /// Those that are known, top row first.
    losses: Vec<f32>,
}

impl LossMap {
    /// Cells of the map down.
    pub const ROWS: usize = FINE * DOWN;
    /// Cells of the map across.
    pub const COLS: usize = FINE * ACROSS;
    /// Nets that are asked in all.
    pub const ASKED: usize = DOWN * ACROSS;

    /// An empty map of the plane through three nets of one shape.
    pub fn through(nets: [Rc<Vec<f32>>; 3]) -> Self {
        Self { nets, losses: Vec::new() }
    }

    /// Asks up to `count` more nets for their loss.
    pub fn fill(&mut self, count: usize, mut loss: impl FnMut(&[f32]) -> f64) {
        for node in self.losses.len()..(self.losses.len() + count).min(Self::ASKED) {
            let (row, col) = (node / ACROSS, node % ACROSS);
            let (x, y) = ((col as f64 + 0.5) / ACROSS as f64, (row as f64 + 0.5) / DOWN as f64);
            self.losses.push(loss(&self.net(x, y)) as f32);
        }
    }

    /// Nets that have been asked.
    pub fn asked(&self) -> usize {
        self.losses.len()
    }

    /// The net at a place. What is 0 in all three is 0 in it.
    pub fn net(&self, x: f64, y: f64) -> Vec<f32> {
        let ([a, b, c], [one, two, three]) = (self.shares(x, y), &self.nets);
        let mix =
            |((p, q), r): ((&f32, &f32), &f32)| (a * f64::from(*p) + b * f64::from(*q) + c * f64::from(*r)) as f32;
        one.iter().zip(&**two).zip(&**three).map(mix).collect()
    }

    /// How much of each of the three is in the net at a place: shares that sum to 1, below 0 beyond a side of the triangle.
    pub fn shares(&self, x: f64, y: f64) -> [f64; 3] {
        let [a, b, c] = CORNERS;
        let cross = |p: (f64, f64), q: (f64, f64)| (p.0 - c.0) * (q.1 - c.1) - (p.1 - c.1) * (q.0 - c.0);
        let (first, second) = (cross((x, y), b) / cross(a, b), cross(a, (x, y)) / cross(a, b));
        [first, second, 1.0 - first - second]
    }

    /// How many times as far from the first net the third one is as the second, if they are apart.
    pub fn stretch(&self) -> Option<f64> {
        let [first, second, third] = &self.nets;
        let apart = |to: &[f32]| {
            let gap: Vec<f32> = first.iter().zip(to).map(|(a, b)| a - b).collect();
            dot64(&gap, &gap).sqrt()
        };
        (apart(second) > 0.0).then(|| apart(third) / apart(second))
    }

    /// The losses at the middles of all cells, top row first: cubic curves through those that were asked (Catmull and Rom 1974,
    /// *A class of local interpolating splines*). Flat until all were.
    pub fn heights(&self) -> Vec<f32> {
        if self.losses.len() < Self::ASKED {
            return vec![0.0; Self::ROWS * Self::COLS];
        }
        let wide: Vec<f32> = self.losses.chunks_exact(ACROSS).flat_map(|row| finer(ACROSS, move |i| row[i])).collect();
        let columns = (0..Self::COLS).map(|col| finer(DOWN, |i| wide[i * Self::COLS + col]).collect::<Vec<f32>>());
        let columns: Vec<Vec<f32>> = columns.collect();
        (0..Self::ROWS).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
    }
}

/// [`FINE`] numbers for each of `count`, whose middle one it is.
fn finer(count: usize, at: impl Fn(usize) -> f32) -> impl Iterator<Item = f32> {
    (0..count * FINE).map(move |i| {
        let (left, third) = (i.div_ceil(FINE), (i + FINE - 1) % FINE);
        // The ends stand for what is beyond them.
        let near = |by: usize| at((left + by).saturating_sub(2).min(count - 1));
        let (a, b, c, d) = (near(0), near(1), near(2), near(3));
        let t = third as f32 / FINE as f32;
        b + 0.5 * t * ((c - a) + t * ((2.0 * a - 5.0 * b + 4.0 * c - d) + t * (3.0 * (b - c) + d - a)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(nets: [&[f32]; 3]) -> LossMap {
        LossMap::through(nets.map(|net| Rc::new(net.to_vec())))
    }

    fn map() -> LossMap {
        let mut map = through([&[5.0, 1.0, 0.0, 0.0], &[5.0, 0.0, 1.0, 0.0], &[5.0, 0.0, 0.0, 0.0]]);
        map.fill(usize::MAX, |net| f64::from(net[1] + 2.0 * net[2]));
        map
    }

    #[test]
    fn the_map_has_the_loss_of_the_net_at_each_place_and_what_is_0_in_all_three_stays_0() {
        let map = map();
        let heights = map.heights();
        for (row, col) in [(1, 1), (20, 31), (8, 40), (40, 61), (21, 33)] {
            let (x, y) = ((col as f64 + 0.5) / LossMap::COLS as f64, (row as f64 + 0.5) / LossMap::ROWS as f64);
            let net = map.net(x, y);
            assert!((net[0] - 5.0).abs() < 1e-5 && net[3].to_bits() == 0, "{net:?}");
            let height = heights[row * LossMap::COLS + col];
            // Cubic curves are straight where the numbers are, but for the outermost.
            assert!((height - net[1] - 2.0 * net[2]).abs() < 0.02, "{row} {col}: {height} {net:?}");
        }
    }

    #[test]
    fn shares_are_those_of_the_mix() {
        let map = map();
        for (i, (x, y)) in CORNERS.into_iter().enumerate() {
            let shares = map.shares(x, y);
            assert!((0..3).all(|k| (shares[k] - if k == i { 1.0 } else { 0.0 }).abs() < 1e-12), "{shares:?}");
        }
        assert!(map.shares(0.5, 0.5).iter().all(|share| (share - 1.0 / 3.0).abs() < 1e-12));
        let (net, shares) = (map.net(0.7, 0.2), map.shares(0.7, 0.2));
        assert!((f64::from(net[1]) - shares[0]).abs() < 1e-6 && (f64::from(net[2]) - shares[1]).abs() < 1e-6);
    }

    #[test]
    fn a_net_far_away_has_its_corner_too_and_how_far_it_is_is_told() {
        assert_eq!(through([&[0.0, 0.0], &[0.0, 2.0], &[7.0, 0.0]]).stretch(), Some(3.5));
        let mut equal = through([&[1.0, 2.0]; 3]);
        equal.fill(10, |_| 1.0);
        assert_eq!((equal.asked(), equal.stretch()), (10, None));
        equal.fill(LossMap::ASKED, |net| f64::from(net[0]));
        assert!(equal.heights().iter().all(|x| x.is_finite()));
    }
}
