//! What a state of a binary network is, beside the memories that it stores: one of them, a negative, a mixture or a glass.
//!
//! Only units that are alive count: a network may have lost some.
use crate::math::{decimal::fixed, mat::Mat, order::strongest};

/// From this overlap on a state counts as a memory, or as a mixture.
pub const SAME: f64 = 0.95;
/// How many memories a mixture that has a name is of: even numbers leave units that nobody decides.
const MIXED: [usize; 3] = [3, 5, 7];
/// Below this overlap with all that has a name a resting place is a glass.
const MACROSCOPIC: f64 = 0.5;

/// What a state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of the memories.
    Memory,
    /// The negative of one, which has the same energy.
    Negative,
    /// What most of some memories say at each unit, each with the sign of its overlap.
    Mixture(Vec<usize>),
    /// At rest, and like nothing that has a name.
    Glass,
    /// None of these.
    Nobody,
}

/// A state by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// What it is.
    pub kind: Kind,
    /// Which memory is the nearest to it, by the size of the overlap.
    pub nearest: usize,
    /// The overlap with that one.
    pub overlap: f64,
}

/// The overlap of two states over the units that are alive (N each).
pub fn overlap_among(state: &[f32], pattern: &[f32], alive: &[bool]) -> f64 {
    let terms = state.iter().zip(pattern).zip(alive).filter(|(_, alive)| **alive);
    let (sum, count) = terms.fold((0.0, 0), |(sum, count), ((s, x), _)| (sum + f64::from(s * x), count + 1));
    sum / f64::from(count.max(1))
}

/// The patterns (P, N) by the size of their overlap with a state, the largest first, with their overlaps.
pub fn ranked(state: &[f32], patterns: &Mat, alive: &[bool]) -> Vec<(usize, f64)> {
    let overlaps: Vec<f64> = (0..patterns.rows).map(|mu| overlap_among(state, patterns.row(mu), alive)).collect();
    let sizes: Vec<f64> = overlaps.iter().map(|m| m.abs()).collect();
    strongest(&sizes).map(|mu| (mu, overlaps[mu])).collect()
}

impl Named {
    /// What a state is beside the patterns (P, N), of which there is at least one; `rests` says whether it is at rest.
    pub fn of(state: &[f32], patterns: &Mat, alive: &[bool], rests: bool) -> Self {
        let ranked = ranked(state, patterns, alive);
        let (nearest, overlap) = ranked[0];
        let named = |kind| Self { kind, nearest, overlap };
        if overlap.abs() >= SAME {
            return named(if overlap > 0.0 { Kind::Memory } else { Kind::Negative });
        }
        let mut greatest = overlap.abs();
        for count in MIXED.into_iter().filter(|count| *count <= ranked.len()) {
            let of = &ranked[..count];
            let mixed = overlap_among(state, &mixture(patterns, of), alive);
            if mixed >= SAME {
                return named(Kind::Mixture(of.iter().map(|(mu, _)| *mu).collect()));
            }
            greatest = greatest.max(mixed);
        }
        named(if greatest < MACROSCOPIC && rests { Kind::Glass } else { Kind::Nobody })
    }

    /// A word for the scrubber.
    pub fn word(&self) -> &'static str {
        match self.kind {
            Kind::Memory => "a memory",
            Kind::Negative => "a negative",
            Kind::Mixture(_) => "a mixture",
            Kind::Glass => "a glass",
            Kind::Nobody => "nobody's state",
        }
    }

    /// The same in a sentence, with the names of the memories.
    pub fn told(&self, names: &[String]) -> String {
        let (nearest, overlap) = (&names[self.nearest], fixed(self.overlap, 2));
        match &self.kind {
            Kind::Memory => format!("It is {nearest}, with overlap {overlap}."),
            Kind::Negative => {
                format!("It is the negative of {nearest}: both are stored, for they have the same energy.")
            }
            Kind::Mixture(of) => {
                let all: Vec<&str> = of.iter().map(|mu| names[*mu].as_str()).collect();
                let (last, others) = all.split_last().unwrap_or((&"", &[]));
                format!("It is a mixture of {}: {} and {last}.", of.len(), others.join(", "))
            }
            Kind::Glass => format!(
                "It is a glass: it rests, and no memory and no mixture of 3, 5 or 7 has half of its points in common beyond \
                 chance. Nearest is {nearest}, with overlap {overlap}."
            ),
            Kind::Nobody => format!("It is nobody's. Nearest is {nearest}, with overlap {overlap}."),
        }
    }
}

/// The symmetric mixture of patterns, each with the sign of its overlap: what most of them say at each unit.
fn mixture(patterns: &Mat, of: &[(usize, f64)]) -> Vec<f32> {
    let sum = |i: usize| of.iter().map(|(mu, m)| patterns.row(*mu)[i] * m.signum() as f32).sum::<f32>();
    (0..patterns.cols).map(|i| if sum(i) > 0.0 { 1.0 } else { -1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::rules::random_patterns};

    #[test]
    fn states_have_the_name_of_what_they_are_made_of() {
        const N: usize = 501;
        let mut stream = Rng::new(1).stream("patterns");
        let patterns = random_patterns(9, N, &mut stream);
        let names: Vec<String> = (0..9).map(|mu| format!("p{mu}")).collect();
        let name = |state: &[f32], rests| Named::of(state, &patterns, &[true; N], rests);
        assert_eq!(name(patterns.row(4), true).told(&names), "It is p4, with overlap 1.00.");
        let negative: Vec<f32> = patterns.row(2).iter().map(|x| -x).collect();
        assert_eq!((name(&negative, true).word(), name(&negative, true).nearest), ("a negative", 2));
        let mixed = mixture(&patterns, &[(1, 1.0), (3, -1.0), (8, 1.0)]);
        let Kind::Mixture(mut of) = name(&mixed, true).kind else { panic!("no mixture") };
        of.sort_unstable();
        assert_eq!(of, [1, 3, 8]);
        let stranger = random_patterns(1, N, &mut stream).data;
        assert_eq!((name(&stranger, true).word(), name(&stranger, false).word()), ("a glass", "nobody's state"));
    }

    #[test]
    fn units_that_are_gone_do_not_count() {
        let (state, pattern) = ([1.0, 1.0, -1.0, 1.0], [1.0, 1.0, 1.0, -1.0]);
        assert!(overlap_among(&state, &pattern, &[true; 4]).abs() < 1e-12);
        assert!((overlap_among(&state, &pattern, &[true, true, false, false]) - 1.0).abs() < 1e-12);
        assert!(overlap_among(&state, &pattern, &[false; 4]).abs() < 1e-12);
    }
}
