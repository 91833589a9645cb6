//! One macrocolumn of Sparsey (Rinkus and Leveille 2017, *Superposed episodic and semantic memory via sparse distributed
//! representation*): items are stored at once, each under a code, and similar items get similar codes.
//!
//! F input bits, Q modules of K units with one winner each, binary weights that are only ever switched on. For an input x
//! with |x| active bits:
//!
//! - a unit's evidence `V = u / |x|`, with u the active bits that it has a weight from
//! - familiarity `G`, the mean over the modules of their greatest V
//! - the range of the curve `η = 1 + χ K ([G - G₀]₊ / (1 - G₀))^γ`
//! - a unit's chance to win is as `ψ(V) = 1 + (η - 1) / (1 + exp(-λ (V - mid)))`
//!
//! For something new G is near 0, ψ is flat and the code is random. For something known it is steep and the code comes back.
use crate::math::{rng::Stream, scalar};

/// Below this familiarity the curve is flat: `G₀`.
pub const FLOOR: f64 = 0.1;

/// How evidence becomes chances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// `χ`: how much a known code is preferred.
    pub range: f64,
    /// `γ`: how late familiarity counts.
    pub lateness: f64,
    /// `λ`: how steep the curve is.
    pub steepness: f64,
    /// Evidence in the middle of the curve.
    pub middle: f64,
}

impl Curve {
    /// `η` at a familiarity, with K units in a module.
    pub fn height(&self, familiarity: f64, units: usize) -> f64 {
        let above = ((familiarity - FLOOR) / (1.0 - FLOOR)).max(0.0);
        1.0 + self.range * units as f64 * if above > 0.0 { scalar::pow(above, self.lateness) } else { 0.0 }
    }

    /// `ψ(V)` on a curve of height `η`.
    pub fn weight(&self, evidence: f64, height: f64) -> f64 {
        1.0 + (height - 1.0) / (1.0 + scalar::exp(-self.steepness * (evidence - self.middle)))
    }

    /// How many winners a probe is expected to share with the code of the one stored item, of whose bits it has the share v:
    /// `Q ψ(v) / (ψ(v) + (K - 1) ψ(0))` with `G = v`.
    pub fn expected_overlap(&self, v: f64, modules: usize, units: usize) -> f64 {
        let height = self.height(v, units);
        let (same, other) = (self.weight(v, height), self.weight(0.0, height));
        modules as f64 * same / (same + (units as f64 - 1.0) * other)
    }
}

/// The winner of each module.
pub type Code = Vec<u8>;

/// How many winners two codes share.
pub fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a == b).count()
}

/// What an input meets.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// V of each unit, module after module (Q K), from 0 to 1.
    pub units: Vec<f64>,
    /// G.
    pub familiarity: f64,
    /// Operations that it took: weights that were read.
    pub cost: usize,
}

/// The weights.
#[derive(Clone, Debug)]
pub struct Macrocolumn {
    modules: usize,
    units: usize,
    /// (F, Q K), 1 where there is a weight.
    weights: Vec<u8>,
    /// How many there are.
    set: usize,
}

impl Macrocolumn {
    /// Without any weights.
    pub fn new(inputs: usize, modules: usize, units: usize) -> Self {
        Self { modules, units, weights: vec![0; inputs * modules * units], set: 0 }
    }

    /// What the active bits of an input meet. A blank input meets nothing.
    pub fn meet(&self, active: &[u16]) -> Evidence {
        let width = self.modules * self.units;
        let mut sums = vec![0_u16; width];
        let mut cost = 0;
        for bit in active {
            let row = &self.weights[usize::from(*bit) * width..][..width];
            cost += row.len();
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += u16::from(*weight));
        }
        let all = active.len().max(1) as f64;
        let units: Vec<f64> = sums.iter().map(|sum| f64::from(*sum) / all).collect();
        let greatest = units.chunks(self.units).map(|module| module.iter().copied().fold(0.0, f64::max));
        let familiarity = greatest.sum::<f64>() / self.modules.max(1) as f64;
        Evidence { units, familiarity, cost }
    }

    /// A code drawn by the curve. `draws` are one number from 0 to 1 for each module.
    pub fn draw(&self, evidence: &Evidence, curve: &Curve, draws: impl IntoIterator<Item = f64>) -> Code {
        let height = curve.height(evidence.familiarity, self.units);
        let modules = evidence.units.chunks(self.units).zip(draws);
        modules
            .map(|(module, draw)| {
                let weights: Vec<f64> = module.iter().map(|v| curve.weight(*v, height)).collect();
                let mut left = draw * weights.iter().sum::<f64>();
                let winner = weights.iter().position(|weight| {
                    left -= weight;
                    left < 0.0
                });
                winner.unwrap_or(self.units - 1) as u8
            })
            .collect()
    }

    /// The code of most evidence; among equals chance decides.
    pub fn best(&self, evidence: &Evidence, chance: &mut Stream) -> Code {
        let modules = evidence.units.chunks(self.units);
        modules
            .map(|module| {
                let most = module.iter().copied().fold(0.0, f64::max);
                let equal: Vec<usize> = (0..self.units).filter(|k| module[*k] >= most).collect();
                equal[if equal.len() > 1 { chance.below(equal.len()) } else { 0 }] as u8
            })
            .collect()
    }

    /// Stores an item under the code that its evidence gets. Returns the code, and the operations that it took: weights read,
    /// chances weighed and weights visited.
    pub fn store(&mut self, active: &[u16], curve: &Curve, draws: impl IntoIterator<Item = f64>) -> (Code, usize) {
        let evidence = self.meet(active);
        let code = self.draw(&evidence, curve, draws);
        let cost = evidence.cost + evidence.units.len() + self.learn(active, &code);
        (code, cost)
    }

    /// Switches on all weights from the active bits to the winners. Returns how many weights it looked at.
    pub fn learn(&mut self, active: &[u16], code: &[u8]) -> usize {
        let width = self.modules * self.units;
        let mut visited = 0;
        for bit in active {
            for (q, winner) in code.iter().enumerate() {
                let weight = &mut self.weights[usize::from(*bit) * width + q * self.units + usize::from(*winner)];
                self.set += usize::from(*weight == 0);
                *weight = 1;
                visited += 1;
            }
        }
        visited
    }

    /// The share of all weights that are on: they are never switched off, and beyond 0.4 little can be told apart.
    pub fn fill(&self) -> f64 {
        self.set as f64 / self.weights.len().max(1) as f64
    }

    /// For each input bit the share of the code's winners that have a weight from it: all that is stored under the code, in
    /// superposition.
    pub fn under(&self, code: &[u8]) -> impl Iterator<Item = f32> {
        self.weights.chunks(self.modules * self.units).map(move |row| {
            let on = code.iter().enumerate().filter(|(q, k)| row[q * self.units + usize::from(**k)] > 0).count();
            on as f32 / code.len().max(1) as f32
        })
    }
}

/// `count` of F bits, by chance.
pub fn random_input(inputs: usize, count: usize, stream: &mut Stream) -> Vec<u16> {
    stream.choose(count, inputs).into_iter().map(|bit| bit as u16).collect()
}

/// An input that has the share v of the bits of another, and as many bits.
pub fn alike(input: &[u16], v: f64, inputs: usize, stream: &mut Stream) -> Vec<u16> {
    let keep = (v * input.len() as f64 + 0.5) as usize;
    let kept = stream.choose(keep, input.len()).into_iter().map(|i| input[i]);
    let mut out: Vec<u16> = kept.collect();
    let others: Vec<u16> = (0..inputs as u16).filter(|bit| !input.contains(bit)).collect();
    out.extend(stream.choose(input.len() - keep, others.len()).into_iter().map(|i| others[i]));
    out
}

/// The share of random items whose own code is the one of most evidence, all of them stored in one macrocolumn, and how full
/// it is then.
pub fn recalled(
    (inputs, active): (usize, usize),
    (modules, units): (usize, usize),
    items: usize,
    curve: &Curve,
    stream: &mut Stream,
) -> (f64, f64) {
    let mut column = Macrocolumn::new(inputs, modules, units);
    let stored: Vec<(Vec<u16>, Code)> = (0..items)
        .map(|_| {
            let input = random_input(inputs, active, stream);
            let draws: Vec<f64> = (0..modules).map(|_| stream.uniform()).collect();
            let (code, _) = column.store(&input, curve, draws);
            (input, code)
        })
        .collect();
    let back = stored.iter().enumerate().filter(|(i, (input, _))| {
        let found = column.best(&column.meet(input), stream);
        nearest(&found, stored.iter().map(|(_, code)| code.as_slice())) == Some(*i)
    });
    (back.count() as f64 / items.max(1) as f64, column.fill())
}

/// Which of the codes shares most winners with this one, the first among equals.
pub fn nearest<'a>(code: &[u8], codes: impl IntoIterator<Item = &'a [u8]>) -> Option<usize> {
    let overlaps = codes.into_iter().map(|other| shared(code, other));
    overlaps.enumerate().max_by(|(i, a), (j, b)| a.cmp(b).then(j.cmp(i))).map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const CURVE: Curve = Curve { range: 20.0, lateness: 2.0, steepness: 28.0, middle: 0.5 };

    /// 144 bits, 20 of them active, 24 modules of 8 units, 200 probes.
    #[test]
    fn codes_are_as_alike_as_the_closed_form_says() {
        let mut stream = Rng::new(1).stream("probes");
        for v in [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0] {
            let probes = 200;
            let overlaps: Vec<f64> = (0..probes)
                .map(|_| {
                    let mut column = Macrocolumn::new(144, 24, 8);
                    let input = random_input(144, 20, &mut stream);
                    let code: Code = (0..24).map(|_| stream.below(8) as u8).collect();
                    column.learn(&input, &code);
                    let probe = alike(&input, v, 144, &mut stream);
                    let draws: Vec<f64> = (0..24).map(|_| stream.uniform()).collect();
                    shared(&code, &column.draw(&column.meet(&probe), &CURVE, draws)) as f64
                })
                .collect();
            let mean = overlaps.iter().sum::<f64>() / f64::from(probes);
            let spread = overlaps.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(probes - 1);
            let expected = CURVE.expected_overlap(v, 24, 8);
            let error = (spread / f64::from(probes)).sqrt().max(0.02);
            assert!((mean - expected).abs() < 4.0 * error, "v {v}: {mean} and {expected} ± {error}");
        }
        // The catalogue's values of the closed form.
        for (v, overlap) in [(0.0, 3.00), (0.4, 5.37), (0.5, 16.94), (0.7, 21.87), (1.0, 23.00)] {
            assert!((CURVE.expected_overlap(v, 24, 8) - overlap).abs() < 0.01);
        }
    }

    #[test]
    fn items_come_back_until_the_weights_are_full() {
        let mut stream = Rng::new(2).stream("items");
        let share = |size, modules, items, stream: &mut Stream| recalled(size, modules, items, &CURVE, stream).0;
        assert!(share((144, 20), (24, 8), 25, &mut stream) >= 0.96);
        assert!(share((144, 20), (24, 8), 100, &mut stream) < 0.3);
        assert!(share((400, 20), (50, 16), 200, &mut stream) >= 0.97);
        let left = share((400, 20), (50, 16), 400, &mut stream);
        assert!((0.2..0.7).contains(&left), "{left}");
    }

    #[test]
    fn the_last_item_costs_as_many_operations_as_the_first() {
        let mut stream = Rng::new(4).stream("items");
        let mut column = Macrocolumn::new(144, 24, 8);
        let costs: Vec<usize> = (0..1600)
            .map(|_| {
                let item = random_input(144, 20, &mut stream);
                column.store(&item, &CURVE, std::iter::repeat_with(|| stream.uniform())).1
            })
            .collect();
        assert!((costs[1599] as f64) < 1.3 * costs[9] as f64, "{} and {}", costs[1599], costs[9]);
        assert!(column.fill() > 0.4, "{}", column.fill());
    }

    #[test]
    fn a_blank_input_is_met_by_nothing_and_an_item_fills_its_own_weights() {
        let mut stream = Rng::new(3).stream("items");
        let mut column = Macrocolumn::new(10, 4, 5);
        assert!(column.meet(&[]).familiarity <= 0.0);
        let code = vec![0, 1, 2, 3];
        column.learn(&[1, 7], &code);
        column.learn(&[1, 7], &code);
        assert!((column.fill() - 8.0 / 200.0).abs() < 1e-12);
        let met = column.meet(&[1, 7]);
        assert!((met.familiarity - 1.0).abs() < 1e-12 && met.cost == 40);
        assert_eq!(column.best(&met, &mut stream), code);
        assert_eq!(column.under(&code).map(|x| x as u8).collect::<Vec<_>>(), [0, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
