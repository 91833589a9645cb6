//! Ways to store random patterns: what one network of each does, and what is known of how many it holds.
//!
//! P random patterns of N units of ±1. The load is `P / N` for couplings between pairs, `P / N^(n-1)` where n units meet, and
//! `ln P / N` where votes grow exponentially. A probe starts at a pattern, with some units turned over, and settles at
//! temperature 0.
use super::{
    dense::{Dense, Interaction, rate},
    rules::{self, Couplings},
    spins::Spins,
};
use crate::math::{mat::Mat, rng::Stream, scalar};
use std::f64::consts::LN_2;

/// Probes of each network.
pub const PROBES: usize = 16;
/// Dreams for each unit, and how much each weakens: three hundred for 128 units.
const DREAMS: (f64, f32) = (2.35, 0.01);
/// Rounds after which the perceptron stops.
const ROUNDS: usize = 200;
/// About how many patterns are drawn at the most where votes are exponential.
const MOST_PATTERNS: f64 = 65536.0;
/// Sweeps after which a probe that does not settle is taken as it is.
const SWEEPS: usize = 60;

/// How patterns are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Hebb's rule.
    Hebb,
    /// Storkey's.
    Storkey,
    /// Projection, or the pseudo-inverse.
    Projection,
    /// The perceptron, with couplings that are the same in both directions, for 200 rounds at the most.
    Perceptron,
    /// Hebb's rule and dreams after it, 2.35 for each unit.
    Unlearning,
    /// No couplings: each pattern votes.
    Votes(Interaction),
}

impl Rule {
    /// The most units that are taken, where probes start with a share of theirs turned over: beyond it patterns are too many.
    pub fn most_units(self, turned: f64) -> usize {
        match self {
            Self::Unlearning | Self::Votes(Interaction::Power(3) | Interaction::Rectified(3)) => 128,
            Self::Perceptron | Self::Votes(Interaction::Power(4) | Interaction::Rectified(4)) => 64,
            Self::Votes(Interaction::Power(_) | Interaction::Rectified(_)) => 32,
            Self::Votes(Interaction::Exponential) => (scalar::ln(MOST_PATTERNS) / most_exponent(turned)) as usize,
            Self::Hebb | Self::Storkey | Self::Projection => usize::MAX,
        }
    }

    /// The couplings of these patterns; none where patterns vote.
    fn learn(self, patterns: &Mat, stream: &mut Stream) -> Result<Couplings, Interaction> {
        match self {
            Self::Hebb => Ok(rules::hebb(patterns)),
            Self::Storkey => Ok(rules::storkey(patterns)),
            Self::Projection => Ok(rules::projection(patterns)),
            Self::Perceptron => Ok(rules::perceptron(patterns, 1.0, ROUNDS).couplings),
            Self::Unlearning => {
                let (dreams, weakens) = DREAMS;
                Ok(rules::unlearning(patterns, (dreams * patterns.cols as f64) as usize, weakens, stream))
            }
            Self::Votes(interaction) => Err(interaction),
        }
    }
}

/// The greatest `ln P / N` with exponential votes: beyond the end of recall, and no more patterns than there are states.
fn most_exponent(turned: f64) -> f64 {
    (1.3 * rate(1.0 - 2.0 * turned)).min(LN_2)
}

/// What one network did.
#[derive(Clone, Copy, Debug)]
pub struct Probed {
    /// Mean overlap of its probes after settling.
    pub overlap: f32,
    /// The share of them that came back whole.
    pub whole: f32,
    /// Units of all of them that wanted to leave at once.
    pub wrong: u32,
}

/// A rule, the size of its networks, and how their probes begin.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    /// The rule.
    pub rule: Rule,
    /// Units.
    pub n: usize,
    /// Units of a probe that are turned over.
    pub flips: usize,
}

impl Storage {
    /// Networks of N units, or of the most that the rule takes, whose probes have a share of theirs turned over.
    pub fn new(rule: Rule, n: usize, turned: f64) -> Self {
        let n = n.min(rule.most_units(turned));
        Self { rule, n, flips: (turned * n as f64 + 0.5) as usize }
    }

    /// The share of units turned over, by whole units.
    pub fn turned(&self) -> f64 {
        self.flips as f64 / self.n as f64
    }

    /// Whether votes grow exponentially.
    pub fn exponential(&self) -> bool {
        self.rule == Rule::Votes(Interaction::Exponential)
    }

    /// P for a load of 1 where the load is a share: N, N², N³.
    fn unit(&self) -> f64 {
        let power = match self.rule {
            Rule::Votes(Interaction::Power(order) | Interaction::Rectified(order)) => order - 1,
            _ => 1,
        };
        (0..power).fold(1.0, |product, _| product * self.n as f64)
    }

    /// The load of so many patterns.
    pub fn load_of(&self, patterns: usize) -> f64 {
        if self.exponential() { scalar::ln(patterns as f64) / self.n as f64 } else { patterns as f64 / self.unit() }
    }

    /// The patterns of a load, one at the least.
    pub fn patterns(&self, load: f64) -> usize {
        let count = if self.exponential() { scalar::exp(load * self.n as f64) } else { load * self.unit() };
        ((count + 0.5) as usize).max(1)
    }

    /// The load up to which patterns stay whole, by the law of the rule for large N: `1 / (2 ln N)` (Hebb), `1 / √(2 ln N)`
    /// (Storkey), 1 (projection, perceptron), that of [`Interaction::capacity`] (votes). Dreams have that of Hebb's rule.
    pub fn law(&self) -> f64 {
        match self.rule {
            Rule::Votes(interaction @ (Interaction::Power(_) | Interaction::Rectified(_))) => {
                interaction.capacity(self.n, 0.0).unwrap_or(0.0) / self.unit()
            }
            Rule::Votes(Interaction::Exponential) => 0.5 * rate(1.0 - 2.0 * self.turned()),
            Rule::Storkey => rules::storkey_capacity(self.n) / self.n as f64,
            Rule::Projection | Rule::Perceptron => 1.0,
            Rule::Hebb | Rule::Unlearning => rules::hebb_capacity(self.n) / self.n as f64,
        }
    }

    /// A load well beyond that law, where nothing is left to be seen.
    pub fn end(&self) -> f64 {
        match self.rule {
            Rule::Hebb => 0.24,
            Rule::Storkey | Rule::Unlearning => 0.6,
            Rule::Projection => 1.0,
            Rule::Perceptron => 1.8,
            Rule::Votes(Interaction::Exponential) => most_exponent(self.turned()),
            // Three times what the law of whole patterns allows.
            Rule::Votes(_) => 3.0 * self.law(),
        }
    }

    /// The chance that a random pattern lies as near to a probe as its own does: a binomial tail.
    pub fn as_near(&self) -> f64 {
        let mut term = scalar::pow(0.5, self.n as f64);
        let mut tail = term;
        for k in 1..=self.flips {
            term *= (self.n - k + 1) as f64 / k as f64;
            tail += term;
        }
        tail
    }

    /// `P_wrong`, the chance that a unit of a pattern wants to leave it, as far as there is a formula: for Hebb's rule
    /// [`rules::crosstalk_error`], for powers [`Interaction::one_step_error`].
    pub fn wrong(&self, load: f64) -> Option<f64> {
        match self.rule {
            Rule::Votes(interaction) => interaction.one_step_error(self.n, self.patterns(load)),
            Rule::Hebb => Some(rules::crosstalk_error(self.n, self.patterns(load))),
            _ => None,
        }
    }

    /// The chance that a pattern stays whole, `(1 - P_wrong)^N`, as far as theory gives `P_wrong`; with exponential votes
    /// that no other pattern lies as near to the probe.
    pub fn chance_whole(&self, load: f64) -> Option<f64> {
        if self.exponential() {
            return Some(scalar::pow(1.0 - self.as_near(), self.patterns(load) as f64 - 1.0));
        }
        self.wrong(load).map(|wrong| scalar::pow(1.0 - wrong, self.n as f64))
    }

    /// The load up to which that chance is a half, where there is a formula.
    pub fn half_whole(&self) -> Option<f64> {
        self.chance_whole(0.0)?;
        let (mut low, mut high) = (0.0, 2.0 * self.end());
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let stays = self.chance_whole(middle).is_some_and(|chance| chance >= 0.5);
            if stays { low = middle } else { high = middle }
        }
        Some(low)
    }

    /// The load up to which one step brings a probe nearer to its pattern under projection. A probe of overlap m meets
    /// a signal `m (1 - alpha)` and a noise of variance `alpha (1 - alpha) (1 - m²)`, so that its overlap becomes
    /// `erf(m √(1 - alpha) / √(2 alpha (1 - m²)))`; the load is where that is m again.
    pub fn first_step_helps(&self) -> f64 {
        let m = 1.0 - 2.0 * self.turned();
        let (mut low, mut high) = (0.0, 6.0);
        for _ in 0..60 {
            let x = 0.5 * (low + high);
            if scalar::erf(x) < m { low = x } else { high = x }
        }
        1.0 / (1.0 + 2.0 * low * low * (1.0 - m * m) / (m * m))
    }

    /// What one network does at a load.
    pub fn probe(&self, load: f64, stream: &mut Stream) -> Probed {
        let (n, p) = (self.n, self.patterns(load));
        let patterns = rules::random_patterns(p, n, stream);
        let (mut overlap, mut whole, mut wrong) = (0.0, 0.0, 0);
        let mut count = |m: f64| {
            overlap += m / PROBES as f64;
            whole += if m > 1.0 - 1e-9 { 1.0 / PROBES as f64 } else { 0.0 };
        };
        match self.rule.learn(&patterns, stream) {
            Ok(couplings) => {
                for k in 0..PROBES {
                    let pattern = patterns.row(k % p);
                    let mut cue = pattern.to_vec();
                    stream.choose(self.flips, n).into_iter().for_each(|i| cue[i] = -cue[i]);
                    let mut spins = Spins::new(&couplings, cue);
                    let leaves = |i: &usize| spins.field(&couplings, *i) * f64::from(spins.state()[*i]) < 0.0;
                    wrong += (0..n).filter(leaves).count();
                    spins.settle(&couplings, stream, SWEEPS);
                    count(spins.overlap(pattern));
                }
            }
            Err(interaction) => {
                let memory = Dense::new(&patterns, interaction);
                for k in 0..PROBES {
                    let pattern = memory.pattern(k % p);
                    let mut state = memory.state(pattern.clone());
                    stream.choose(self.flips, n).into_iter().for_each(|i| memory.flip(&mut state, i));
                    wrong += (0..n).filter(|i| memory.field(&state, *i) * f64::from(state.spins[*i]) < 0.0).count();
                    memory.settle(&mut state, stream, SWEEPS);
                    count(state.spins.iter().zip(&pattern).map(|(s, x)| f64::from(s * x)).sum::<f64>() / n as f64);
                }
            }
        }
        Probed { overlap: overlap as f32, whole: whole as f32, wrong: wrong as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const RULES: [Rule; 8] = [
        Rule::Hebb,
        Rule::Storkey,
        Rule::Projection,
        Rule::Perceptron,
        Rule::Unlearning,
        Rule::Votes(Interaction::Power(3)),
        Rule::Votes(Interaction::Rectified(4)),
        Rule::Votes(Interaction::Exponential),
    ];

    #[test]
    fn a_load_is_a_number_of_patterns_and_back() {
        for rule in RULES {
            let storage = Storage::new(rule, 40, 0.1);
            for patterns in [1, 2, 7, 30] {
                assert_eq!(storage.patterns(storage.load_of(patterns)), patterns, "{rule:?}");
            }
            assert!(storage.law() < storage.end() || storage.law() >= 1.0, "{rule:?}");
        }
    }

    #[test]
    fn one_pattern_alone_stays_and_its_probes_come_back() {
        let mut stream = Rng::new(1).stream("one");
        for rule in RULES {
            let storage = Storage::new(rule, 40, 0.1);
            let Probed { overlap, whole, .. } = storage.probe(storage.load_of(1), &mut stream);
            assert_eq!((overlap, whole), (1.0, 1.0), "{rule:?}");
        }
    }

    #[test]
    fn half_of_the_patterns_are_whole_where_the_chance_is_a_half() {
        let mut stream = Rng::new(2).stream("half");
        for rule in [Rule::Hebb, Rule::Votes(Interaction::Power(3))] {
            let storage = Storage::new(rule, 100, 0.0);
            let half = storage.half_whole().expect("there is a formula");
            assert!((storage.chance_whole(half).unwrap_or(0.0) - 0.5).abs() < 0.1, "{rule:?}");
            let mut mean = |load: f64| (0..12).map(|_| storage.probe(load, &mut stream).whole).sum::<f32>() / 12.0;
            let (before, after) = (mean(0.6 * half), mean(1.6 * half));
            assert!(before > 0.8 && after < 0.3, "{rule:?}: {before} {after}");
        }
        assert!(Storage::new(Rule::Storkey, 100, 0.0).half_whole().is_none());
    }

    #[test]
    fn projection_is_drawn_nearer_up_to_about_half_of_its_load_with_a_tenth_turned_over() {
        let end = Storage::new(Rule::Projection, 200, 0.1).first_step_helps();
        assert!((0.4..0.6).contains(&end), "{end}");
    }
}
