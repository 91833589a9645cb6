//! The strength of a signal in many random networks of one width, layer by layer: what is counted of it, and what theory says
//! (Roberts, Yaida and Hanin 2022, *The Principles of Deep Learning Theory*). Strengths q are in units of what they are in
//! networks of endless width, K.
use super::deep::{Factors, Layer, Product};
use crate::math::scalar;

/// Bins of the histogram on each side of the middle one.
pub const SIDE: usize = 30;
/// Their width in standard deviations.
pub const BIN: f64 = 0.2;

/// What was counted at one layer of all nets of one width, in units of K.
#[derive(Clone, Debug)]
pub struct Sums {
    /// How many nets.
    pub nets: f64,
    /// Those that are not silent.
    pub alive: f64,
    /// Over these the sums of ln q and of its square.
    log: f64,
    log2: f64,
    /// Over all nets the sum of q.
    pub q: f64,
    /// And that of q².
    q2: f64,
    /// Units whose sum was in each bin.
    pub bins: [u32; 2 * SIDE + 1],
}

impl Sums {
    /// Of no nets.
    pub const NONE: Self =
        Self { nets: 0.0, alive: 0.0, log: 0.0, log2: 0.0, q: 0.0, q2: 0.0, bins: [0; 2 * SIDE + 1] };

    /// Counts the layer of a net whose sums have the variance `v` in units of K.
    pub fn count(&mut self, v: f64, square: f64, normals: &[f64]) {
        let q = v * square;
        self.nets += 1.0;
        self.q += q;
        self.q2 += q * q;
        if q > 0.0 {
            let log = scalar::ln(q);
            self.alive += 1.0;
            self.log += log;
            self.log2 += log * log;
        }
        let in_bins = v.sqrt() / BIN;
        for g in normals {
            let bin = in_bins * g + (SIDE as f64 + 0.5);
            if bin >= 0.0
                && let Some(count) = self.bins.get_mut(bin as usize)
            {
                *count += 1;
            }
        }
    }

    /// Mean of ln q.
    pub fn mean_log(&self) -> f64 {
        self.log / self.alive.max(1.0)
    }

    /// Variance of ln q between nets.
    pub fn spread(&self) -> f64 {
        let mean = self.mean_log();
        (self.log2 - self.alive * mean * mean).max(0.0) / (self.alive - 1.0).max(1.0)
    }

    /// The standard error of [`Sums::spread`] for logarithms that are about normal.
    pub fn spread_error(&self, spread: f64) -> f64 {
        spread * (2.0 / (self.alive - 1.0).max(1.0)).sqrt()
    }

    /// `⟨q²⟩ / ⟨q⟩²`.
    pub fn ratio(&self) -> f64 {
        if self.q > 0.0 { self.nets * self.q2 / (self.q * self.q) } else { 1.0 }
    }
}

/// What theory says of q at one layer of nets of one width, in units of K.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// The mean of q.
    pub mean: f64,
    /// Mean and variance of ln q.
    pub log: (f64, f64),
    /// `⟨qᵏ⟩ / ⟨q⟩ᵏ` for k = 2, 3 and 4.
    moments: [f64; 3],
    /// The kurtosis of one unit.
    pub kurtosis: f64,
    /// What it leaves out, as a share: nothing where it is exact.
    pub slack: f64,
}

impl Law {
    /// Of a layer from 1 by the factors of that width, or, where it has none, by what theory says of the layer.
    pub fn new(factors: Option<&Factors>, layer: &Layer, n: usize, depth: usize) -> Self {
        if let Some(Product { log, moments, kurtosis }) = factors.map(|factors| factors.product(depth)) {
            return Self { mean: 1.0, log, moments, kurtosis, slack: 0.0 };
        }
        // The first order in 1 / n; with moments as of a log-normal number, for the errors.
        let (mean, spread) = (layer.mean(n), layer.variance(n));
        Self {
            mean,
            log: (mean - 1.0 - 0.5 * spread, spread),
            moments: [1.0, 3.0, 6.0].map(|pairs| scalar::exp(pairs * spread)),
            kurtosis: 3.0 * (1.0 + layer.vertex / n as f64),
            slack: spread * spread,
        }
    }

    /// The standard errors, as shares, of a mean over nets and of the ratio `⟨q²⟩ / ⟨q⟩²`.
    pub fn errors(&self, nets: f64) -> (f64, f64) {
        let [m2, m3, m4] = self.moments;
        let ratio = m4 / (m2 * m2) - 1.0 + 4.0 * (m2 - 1.0) - 4.0 * (m3 / m2 - 1.0);
        (((m2 - 1.0) / nets).sqrt(), (ratio / nets).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::prior::deep::{self, Activation, Net},
    };

    #[test]
    fn sums_are_those_of_the_plain_formulas_and_silent_nets_have_no_logarithm() {
        let mut sums = Sums::NONE;
        let strengths = [0.5, 2.0, 0.0, 1.5];
        strengths.iter().for_each(|q| sums.count(*q, 1.0, &[0.0, 1.0, -100.0]));
        assert_eq!((sums.nets, sums.alive, sums.q), (4.0, 3.0, 4.0));
        let logs: Vec<f64> = [0.5, 2.0, 1.5].map(scalar::ln).into();
        let mean = logs.iter().sum::<f64>() / 3.0;
        let spread = logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 2.0;
        assert!((sums.mean_log() - mean).abs() < 1e-12 && (sums.spread() - spread).abs() < 1e-12);
        let ratio = 4.0 * strengths.iter().map(|q| q * q).sum::<f64>() / 16.0;
        assert!((sums.ratio() - ratio).abs() < 1e-12);
        // Of a silent net all units are in the middle; one that is too far is in no bin.
        assert_eq!((sums.bins.iter().sum::<u32>(), sums.bins[SIDE]), (9, 6));
    }

    #[test]
    fn drawn_nets_agree_with_the_law_give_or_take_its_errors() {
        let (n, depth, nets) = (16, 8, 4000);
        let mut chance = Rng::new(1).stream("nets");
        for (activation, c) in [(Activation::Linear, 1.0), (Activation::Relu, 2.0)] {
            let theory = deep::theory(activation, c, depth);
            let mut sums = Sums::NONE;
            for _ in 0..nets {
                let net = Net::draw(n, depth, &mut chance);
                let last = net.forward(activation, c).last().unwrap_or(0.0);
                sums.count(last / theory[depth - 1].kernel, net.square(depth), net.normals(depth));
            }
            let law = Law::new(Factors::new(activation, n).as_ref(), &theory[depth - 1], n, depth);
            let (error, _) = law.errors(sums.nets);
            assert!((sums.q / sums.nets - law.mean).abs() < 4.0 * error, "{activation:?}: {} {error}", sums.q);
            let (mean, variance) = law.log;
            assert!((sums.mean_log() - mean).abs() < 4.0 * (variance / sums.alive).sqrt(), "{}", sums.mean_log());
            assert!((sums.spread() - variance).abs() < 4.0 * sums.spread_error(variance), "{}", sums.spread());
        }
    }
}
