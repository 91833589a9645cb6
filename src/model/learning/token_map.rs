//! A map of tokens that stand for numbers that go round: the plane through which they turn most (Nanda, Chan, Lieberum, Smith and
//! Steinhardt 2023, *Progress measures for grokking via mechanistic interpretability*).
use super::waves::{self, Waves};
use crate::math::{kernels::Workspace, linalg::symmetric_eigen, mat::MatRef, order::strongest, scalar};
use std::f64::consts::TAU;

/// Directions in which tokens are spread widest, among which the map chooses its two.
const WIDEST: usize = 8;

/// Tokens on the plane, and the waves in them.
#[derive(Clone, Debug)]
pub struct TokenMap {
    /// Each token, in the order of the rows; the farthest from the middle is at 1.
    pub places: Vec<[f32; 2]>,
    /// How many rows apart are those that the map puts side by side.
    pub stride: usize,
    /// How round the map is: 1 if all are as far from its middle.
    pub round: f64,
    /// The share of each frequency in the tokens.
    pub shares: Vec<f64>,
    /// How unequal these are.
    pub gini: f64,
}

impl TokenMap {
    /// Of a row for each place of the ring; `None` if numbers are not finite.
    pub fn new(tokens: MatRef, ring: &Waves) -> Option<Self> {
        let power = ring.in_all(&ring.powers(tokens, &mut Workspace::default()));
        let all = power.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let gini = waves::gini(&power.iter().map(|power| power.sqrt()).collect::<Vec<f64>>());

        // The directions in which tokens are spread widest, from their products with each other.
        let n = tokens.rows;
        let mean: Vec<f64> =
            (0..tokens.cols).map(|j| (0..n).map(|i| f64::from(tokens.row(i)[j])).sum::<f64>() / n as f64).collect();
        let row = |i: usize| tokens.row(i).iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean);
        let mut products = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let dot = row(i).zip(row(j)).map(|(x, y)| x * y).sum::<f64>();
                (products[i * n + j], products[j * n + i]) = (dot, dot);
            }
        }
        if !products.iter().all(|x| x.is_finite()) {
            return None;
        }
        let found = symmetric_eigen(n, &products);
        // What there is of a wave in the widest of them: of noise little, as a wave is one of many directions.
        let k = strongest(&power).next().unwrap_or(0) + 1;
        let seen = |phase: f64| {
            let wave = |x: usize| scalar::cos(TAU * (k * x % n) as f64 / n as f64 - phase);
            let mut seen = vec![0.0; n];
            for (_, along) in found.iter().take(WIDEST) {
                let part = along.iter().enumerate().map(|(x, value)| value * wave(x)).sum::<f64>();
                seen.iter_mut().zip(along).for_each(|(sum, value)| *sum += part * value);
            }
            seen
        };
        let map: Vec<[f64; 2]> = seen(0.0).into_iter().zip(seen(0.25 * TAU)).map(|(x, y)| [x, y]).collect();
        let distances: Vec<f64> = map.iter().map(|[x, y]| (x * x + y * y).sqrt()).collect();
        let most = distances.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let middle = distances.iter().sum::<f64>() / n as f64;
        let off = distances.iter().map(|d| (d - middle) * (d - middle)).sum::<f64>() / n as f64;
        Some(Self {
            places: map.into_iter().map(|place| place.map(|x| (x / most) as f32)).collect(),
            stride: (1..n).find(|stride| stride * k % n == 1).unwrap_or(1),
            round: (1.0 - off.sqrt() / middle.max(f64::MIN_POSITIVE)).max(0.0),
            shares: power.iter().map(|power| power / all).collect(),
            gini,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    /// Noise of 24 numbers a token, and a circle of some frequency in two of them.
    fn tokens(n: usize, frequency: usize, radius: f64) -> Mat {
        let mut chance = Rng::new(1).stream("tokens");
        let mut tokens = Mat::zeros(n, 24);
        for x in 0..n {
            let angle = TAU * (frequency * x % n) as f64 / n as f64;
            let row = tokens.row_mut(x);
            row.iter_mut().for_each(|out| *out = 0.1 * chance.normal() as f32);
            row[3] += (radius * scalar::cos(angle)) as f32;
            row[7] += (radius * scalar::sin(angle)) as f32;
        }
        tokens
    }

    #[test]
    fn a_circle_is_found_round_and_noise_is_not() {
        let (n, ring) = (31, Waves::new(31));
        let map = TokenMap::new(tokens(n, 5, 1.0).as_ref(), &ring).unwrap();
        let noise = TokenMap::new(tokens(n, 5, 0.0).as_ref(), &ring).unwrap();
        assert!(map.round > 0.8 && map.shares[4] > 0.8 && noise.round < 0.7, "{} {}", map.round, noise.round);
        assert!(map.gini > noise.gini + 0.15, "{} {}", map.gini, noise.gini);
        // Five times the stride is once around and one place on.
        assert_eq!(map.stride * 5 % n, 1);
        let mut broken = tokens(n, 5, 1.0);
        broken.data[0] = f32::NAN;
        assert!(TokenMap::new(broken.as_ref(), &ring).is_none());
    }
}
