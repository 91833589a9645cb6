//! The energy of a dense memory on the plane through three binary states, exact and quick however many memories vote.
//!
//! At a place of the plane the overlap with a memory is `z = Σ_k p_k y_k`: four numbers `p` of the memory, four `y` of the place
//! ([`BinaryPlane`]). A sum of powers `Σ_μ z_μⁿ` is then a polynomial of the four `y`, whose coefficients are sums over the
//! memories that are taken once. Of exponential votes only those count that come near to N somewhere on the plane.
use super::{atlas::BinaryPlane, dense::Interaction};
use crate::math::mat::Mat;

/// Votes of e⁻⁴⁰ and less do not show.
const FAINT: f64 = 40.0;

/// `E = -Σ_μ F(z_μ)` at the places of a plane, in the units of [`Interaction::vote`].
#[derive(Clone, Debug)]
pub struct VotePlane {
    units: usize,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// Powers of the four numbers of a place, and the coefficient of their product.
    Polynomial(Vec<([u32; 4], f64)>),
    /// The four numbers of each memory that can be heard.
    Votes(Interaction, Vec<[f64; 4]>),
}

impl VotePlane {
    /// Of the first `count` rows of patterns (K, N).
    pub fn new(plane: &BinaryPlane, patterns: &Mat, count: usize, interaction: Interaction) -> Self {
        let units = patterns.cols;
        let parts = (0..count).map(|mu| plane.parts(patterns.row(mu)));
        let form = match interaction {
            Interaction::Power(n) => Form::Polynomial(polynomial(parts, n, units)),
            Interaction::Exponential => {
                let heard = |parts: &[f64; 4]| parts.iter().map(|p| p.abs()).sum::<f64>() > units as f64 - FAINT;
                Form::Votes(interaction, parts.filter(heard).collect())
            }
            Interaction::Rectified(_) => Form::Votes(interaction, parts.collect()),
        };
        Self { units, form }
    }

    /// `E` where the place has these four numbers ([`BinaryPlane::numbers`]).
    pub fn energy(&self, numbers: &[f64; 4]) -> f64 {
        match &self.form {
            Form::Polynomial(terms) => -terms.iter().map(|(powers, c)| c * monomial(numbers, *powers)).sum::<f64>(),
            Form::Votes(interaction, votes) => {
                let overlap = |parts: &[f64; 4]| parts.iter().zip(numbers).map(|(p, y)| p * y).sum::<f64>();
                -votes.iter().map(|parts| interaction.vote(overlap(parts), self.units)).sum::<f64>()
            }
        }
    }
}

/// `Π_k y_k^(n_k)`.
fn monomial(numbers: &[f64; 4], powers: [u32; 4]) -> f64 {
    let power = |(y, n): (&f64, u32)| (0..n).fold(1.0, |product, _| product * y);
    numbers.iter().zip(powers).map(power).product()
}

/// The terms of `Σ_μ (Σ_k p_k y_k / N)ⁿ`: for each way of sharing n among the four, how often it comes, times the sum of the
/// products of the memories' numbers.
fn polynomial(parts: impl Iterator<Item = [f64; 4]>, n: u32, units: usize) -> Vec<([u32; 4], f64)> {
    let mut terms: Vec<([u32; 4], f64)> = Vec::new();
    for a in 0..=n {
        for b in 0..=n - a {
            for c in 0..=n - a - b {
                terms.push(([a, b, c, n - a - b - c], 0.0));
            }
        }
    }
    for parts in parts {
        let shares = parts.map(|p| p / units as f64);
        terms.iter_mut().for_each(|(powers, sum)| *sum += monomial(&shares, *powers));
    }
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    for (powers, sum) in &mut terms {
        *sum *= factorial(n) / powers.iter().map(|n| factorial(*n)).product::<f64>();
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::rules::random_patterns};

    #[test]
    fn energies_are_the_sum_of_all_votes_at_any_place() {
        let mut stream = Rng::new(1).stream("patterns");
        let patterns = random_patterns(200, 64, &mut stream);
        let plane = BinaryPlane::through([3, 0, 7].map(|mu| patterns.row(mu)));
        for interaction in [2, 3, 4, 6]
            .map(Interaction::Power)
            .into_iter()
            .chain([Interaction::Rectified(3), Interaction::Exponential])
        {
            let votes = VotePlane::new(&plane, &patterns, 150, interaction);
            for (x, y) in [(0.2, 0.7), (0.5, 0.5), (0.9, 0.1), (0.33, 0.61)] {
                let numbers = plane.numbers(x, y);
                let overlap = |mu| plane.parts(patterns.row(mu)).iter().zip(numbers).map(|(p, y)| p * y).sum::<f64>();
                let expected = -(0..150).map(|mu| interaction.vote(overlap(mu), 64)).sum::<f64>();
                let got = votes.energy(&numbers);
                assert!((got - expected).abs() < 1e-9, "{interaction:?} at {x} {y}: {got} and {expected}");
            }
        }
    }
}
