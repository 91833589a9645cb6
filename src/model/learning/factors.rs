//! Factors: each person and each thing is a row of numbers, and how much somebody likes a thing is the product of their rows.
//! They are learnt from pairs, so that what was chosen comes before what was not (Rendle, Freudenthaler, Gantner and
//! Schmidt-Thieme 2009, *BPR: Bayesian personalized ranking from implicit feedback*).
use crate::math::{
    kernels::{Workspace, axpy, dot, gemm, gemv},
    mat::MatRef,
    order,
    rng::Stream,
    scalar,
};
use std::ops::Range;

/// Two tables, of people and then of things; their numbers are elsewhere, a row after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Rows of the first table.
    pub users: usize,
    /// Rows of the second table.
    pub items: usize,
    /// Numbers of a row.
    pub columns: usize,
}

/// Somebody, a thing they chose, and one they did not.
pub type Triple = [u16; 3];

impl Factors {
    /// Numbers of both tables.
    pub fn numbers(&self) -> usize {
        (self.users + self.items) * self.columns
    }

    /// Where the entries of each table are.
    pub fn tables(&self) -> [Range<usize>; 2] {
        let split = self.users * self.columns;
        [0..split, split..self.numbers()]
    }

    /// Normal numbers of that spread.
    pub fn draw(&self, spread: f64, chance: &mut Stream) -> Vec<f32> {
        (0..self.numbers()).map(|_| (spread * chance.normal()) as f32).collect()
    }

    /// The mean of `-ln σ(e · (chosen - other)) + decay / 2 · (|e|² + |chosen|² + |other|²)` over triples of rows, and its
    /// gradient by every number.
    ///
    /// # Panics
    /// If the numbers or the gradient are not as many as those of the tables, or a row is not there.
    pub fn learn(&self, numbers: &[f32], triples: &[Triple], decay: f32, gradient: &mut [f32]) -> f64 {
        assert_eq!((numbers.len(), gradient.len()), (self.numbers(), self.numbers()), "numbers and gradient");
        let width = self.columns;
        let row = |at: usize| at * width..(at + 1) * width;
        let mean = 1.0 / triples.len().max(1) as f32;
        gradient.fill(0.0);
        let mut loss = 0.0;
        for [user, chosen, other] in triples {
            let places = [*user, *chosen, *other].map(usize::from);
            let [user, chosen, other] = [row(places[0]), row(self.users + places[1]), row(self.users + places[2])];
            let [e, p, n] = [&numbers[user.clone()], &numbers[chosen.clone()], &numbers[other.clone()]];
            let margin = dot(e, p) - dot(e, n);
            // σ(-margin), and -ln σ(margin), without a power that is too great.
            let small = scalar::expf(-margin.abs());
            let wrong = if margin > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
            loss += f64::from(scalar::ln_1pf(small) + (-margin).max(0.0));
            loss += f64::from(0.5 * decay * (dot(e, e) + dot(p, p) + dot(n, n)));
            let pull = mean * wrong;
            axpy(-pull, p, &mut gradient[user.clone()]);
            axpy(pull, n, &mut gradient[user.clone()]);
            axpy(mean * decay, e, &mut gradient[user]);
            axpy(-pull, e, &mut gradient[chosen.clone()]);
            axpy(mean * decay, p, &mut gradient[chosen]);
            axpy(pull, e, &mut gradient[other.clone()]);
            axpy(mean * decay, n, &mut gradient[other]);
        }
        loss * f64::from(mean)
    }

    /// How much each likes each thing, a row for each person.
    pub fn likings(&self, numbers: &[f32], packing: &mut Workspace) -> Vec<f32> {
        let (users, items) = numbers.split_at(self.users * self.columns);
        let mut out = vec![0.0; self.users * self.items];
        let items = MatRef::new(items, self.items, self.columns);
        gemm(MatRef::new(users, self.users, self.columns).view(), items.transposed(), &mut out, packing);
        out
    }

    /// How much one of them likes each thing.
    pub fn liked_by(&self, user: usize, numbers: &[f32]) -> Vec<f32> {
        let (users, items) = numbers.split_at(self.users * self.columns);
        let mut out = vec![0.0; self.items];
        gemv(MatRef::new(items, self.items, self.columns), &users[user * self.columns..][..self.columns], &mut out);
        out
    }
}

/// The `count` things that come first, the one that is liked most before all; none of those that are `known`, in rising order.
/// Of equals the first comes first.
pub fn first(likings: &[f32], known: &[u16], count: usize) -> Vec<u16> {
    let unknown = (0..likings.len() as u16).filter(|item| known.binary_search(item).is_err());
    let mut ranks: Vec<u64> = unknown.map(|item| order::rank(likings[usize::from(item)], item.into())).collect();
    if count < ranks.len() {
        ranks.select_nth_unstable(count);
        ranks.truncate(count);
    }
    ranks.sort_unstable();
    ranks.into_iter().map(|rank| rank as u16).collect()
}

/// Of what each chose without being learnt from, the share that is among the first `count` of all that they do not know: a mean
/// over all who chose anything.
///
/// # Panics
/// If there is not a row of likings for each person.
pub fn recall(likings: &[f32], learnt: &[Vec<u16>], asked: &[Vec<u16>], count: usize) -> f64 {
    let items = likings.len() / learnt.len().max(1);
    let (mut sum, mut all) = (0.0, 0.0);
    for ((known, asked), likings) in learnt.iter().zip(asked).zip(likings.chunks_exact(items.max(1))) {
        if !asked.is_empty() {
            let hits = first(likings, known, count).iter().filter(|item| asked.contains(item)).count();
            sum += hits as f64 / asked.len() as f64;
            all += 1.0;
        }
    }
    sum / f64::max(all, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const TABLES: Factors = Factors { users: 3, items: 4, columns: 5 };

    /// The mean loss in f64, as it is written.
    fn plain(numbers: &[f64], triples: &[Triple], decay: f64) -> f64 {
        let row = |at: usize| &numbers[5 * at..5 * at + 5];
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let each = triples.iter().map(|[u, i, j]| {
            let [e, p, n] = [row((*u).into()), row(3 + usize::from(*i)), row(3 + usize::from(*j))];
            scalar::ln(1.0 + scalar::exp(dot(e, n) - dot(e, p))) + 0.5 * decay * (dot(e, e) + dot(p, p) + dot(n, n))
        });
        each.sum::<f64>() / triples.len() as f64
    }

    #[test]
    fn the_gradient_is_that_of_the_formula() {
        let numbers = TABLES.draw(1.0, &mut Rng::new(1).stream("tables"));
        let triples = [[0, 1, 2], [0, 3, 1], [2, 1, 0], [2, 1, 0]];
        let mut gradient = vec![9.0; numbers.len()];
        let loss = TABLES.learn(&numbers, &triples, 0.1, &mut gradient);
        let wide: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
        assert!((loss - plain(&wide, &triples, f64::from(0.1_f32))).abs() < 1e-5);
        for (i, g) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut moved = wide.clone();
                moved[i] += by;
                plain(&moved, &triples, 0.1)
            };
            let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((f64::from(*g) - slope).abs() < 1e-5, "{i}: {g} and {slope}");
        }
        assert!(gradient[5..10].iter().all(|g| *g == 0.0), "the second person learnt nothing");
    }

    #[test]
    fn what_is_known_is_left_out_and_recall_counts_the_rest() {
        let likings = [3.0, 1.0, 2.0, 2.0, 0.0, 1.0, 2.0, 3.0];
        assert_eq!(first(&likings[..4], &[0], 2), [2, 3]);
        assert_eq!(first(&likings[..4], &[], 9), [0, 2, 3, 1]);
        let recall = recall(&likings, &[vec![0], vec![3]], &[vec![2, 1], vec![2]], 1);
        assert!((recall - 0.75).abs() < 1e-12, "{recall}");
        let tables = Factors { users: 1, items: 2, columns: 2 };
        let likings = tables.likings(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut Workspace::default());
        assert_eq!(likings, [11.0, 17.0]);
        assert_eq!(tables.liked_by(0, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), likings);
    }
}
