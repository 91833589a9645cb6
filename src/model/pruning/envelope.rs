//! The envelope of nets with at most k units (Refael, Arbel and Huleihel 2022, *Learning k-level structured sparse neural networks
//! using group envelope regularization*): of all convex functions below `½ Σ n²` where at most k sizes n are not 0, and below
//! infinity elsewhere, the greatest.
//!
//! It is `S(n) = ½ min Σ n² / u` over shares u from 0 to 1 with a sum of at most k, and its conjugate is half the sum of the k
//! largest squares. All groups weigh the same here. What the functions take are the sizes of groups: a step along the envelope
//! shortens each group and does not turn it.

/// How much of each group may stay: the best shares `u = c n - by`, from 0 to 1, where c is as large as a sum of `kept` allows.
/// Those of [`value`] are those at 0. Of `kept` sizes or fewer that are not 0 all may stay.
pub fn shares(sizes: &[f64], kept: usize, by: f64) -> Vec<f64> {
    let there = || sizes.iter().copied().filter(|n| *n > 0.0);
    if there().count() <= kept {
        return sizes.iter().map(|n| if *n > 0.0 { 1.0 } else { 0.0 }).collect();
    }
    // The sum grows with c along straight lines, which bend where a share leaves 0 and where it comes to 1.
    let mut bends: Vec<(f64, f64)> = there().flat_map(|n| [(by / n, n), ((1.0 + by) / n, -n)]).collect();
    bends.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut c, mut sum, mut slope) = (0.0, 0.0, 0.0);
    for (at, turn) in bends {
        let next = sum + slope * (at - c);
        if next >= kept as f64 {
            // Where the `kept` largest are whole and no other began, the slope is 0 but for its rounding.
            c = at.min(c + (kept as f64 - sum) / slope);
            break;
        }
        (c, sum, slope) = (at, next, slope + turn);
    }
    sizes.iter().map(|n| (c * n - by).clamp(0.0, 1.0)).collect()
}

/// What each group is multiplied with in a step of length `by` along the envelope: `u / (u + by)`. For `kept` groups or fewer
/// that is `1 / (1 + by)`.
pub fn step(sizes: &[f64], kept: usize, by: f64) -> Vec<f64> {
    shares(sizes, kept, by).into_iter().map(|u| if u > 0.0 { u / (u + by) } else { 0.0 }).collect()
}

/// The envelope.
pub fn value(sizes: &[f64], kept: usize) -> f64 {
    let terms = sizes.iter().zip(shares(sizes, kept, 0.0)).filter(|(n, _)| **n > 0.0);
    0.5 * terms.map(|(n, u)| n * n / u).sum::<f64>()
}

/// Its conjugate: half the sum of the `kept` largest squares.
pub fn conjugate(sizes: &[f64], kept: usize) -> f64 {
    let mut squares: Vec<f64> = sizes.iter().map(|n| n * n).collect();
    squares.sort_unstable_by(|a, b| b.total_cmp(a));
    0.5 * squares.iter().take(kept).sum::<f64>()
}

/// How far a step of length `by` is from the best one, as a share: `S(w) + S*(y) - w·y` is 0 for `y = (before - w) / by` where the
/// step is exact, and above it elsewhere (Fenchel and Young).
pub fn residual(before: &[f64], after: &[f64], kept: usize, by: f64) -> f64 {
    let pull: Vec<f64> = before.iter().zip(after).map(|(x, w)| (x - w) / by).collect();
    let product: f64 = after.iter().zip(&pull).map(|(w, y)| w * y).sum();
    let sum = value(after, kept) + conjugate(&pull, kept);
    if sum > 0.0 { (sum - product).abs() / sum } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    fn sizes(count: usize, name: &str) -> Vec<f64> {
        let mut chance = Rng::new(1).stream(name);
        (0..count).map(|_| chance.normal().abs()).collect()
    }

    #[test]
    fn a_step_is_exact_by_the_equality_of_fenchel_and_young() {
        for case in 0..300 {
            let before = sizes(1 + case % 13, &format!("case {case}"));
            let (kept, by) = (1 + case % 5, 0.01 * (1 + case % 100) as f64);
            let factors = step(&before, kept, by);
            let after: Vec<f64> = before.iter().zip(&factors).map(|(n, factor)| n * factor).collect();
            assert!(residual(&before, &after, kept, by) < 1e-9, "case {case}: {before:?}");
            // Another point is no solution.
            let mut wrong = after.clone();
            wrong[0] += 0.1;
            assert!(residual(&before, &wrong, kept, by) > 1e-6, "case {case}: {before:?}");
        }
    }

    #[test]
    fn a_step_is_exact_where_some_stand_out_from_a_crowd_that_is_nearly_gone() {
        let mut chance = Rng::new(3).stream("crowd");
        for case in 0..300 {
            let large = (0..8).map(|_| 0.9 + 0.3 * chance.uniform()).collect::<Vec<_>>();
            let crowd = (0..56).map(|i| if i == 0 { 0.01 * chance.uniform() } else { 1e-18 * chance.uniform() });
            let before: Vec<f64> = large.into_iter().chain(crowd).collect();
            let factors = step(&before, 8, 0.02);
            assert!(factors[8..].iter().all(|factor| *factor < 1e-9), "case {case}: {before:?}");
        }
    }

    #[test]
    fn no_point_nearby_is_better_than_the_step() {
        let mut chance = Rng::new(2).stream("points");
        for case in 0..40 {
            let before = sizes(9, &format!("case {case}"));
            let (kept, by) = (1 + case % 4, 0.05 * (1 + case) as f64);
            let cost = |w: &[f64]| {
                by * value(w, kept) + 0.5 * before.iter().zip(w).map(|(x, w)| (x - w) * (x - w)).sum::<f64>()
            };
            let after: Vec<f64> = before.iter().zip(step(&before, kept, by)).map(|(n, factor)| n * factor).collect();
            for _ in 0..50 {
                let near: Vec<f64> = after.iter().map(|w| (w + 0.05 * chance.normal()).abs()).collect();
                assert!(cost(&near) >= cost(&after) - 1e-12, "case {case}");
            }
        }
    }

    #[test]
    fn with_room_for_all_it_only_shrinks_and_with_less_at_most_one_more_stays() {
        let all = sizes(12, "all");
        for (kept, by) in [(12, 0.3), (40, 0.01)] {
            assert!(step(&all, kept, by).iter().all(|factor| (factor - 1.0 / (1.0 + by)).abs() < 1e-12));
            assert!((value(&all, kept) - conjugate(&all, kept)).abs() < 1e-9);
        }
        // Where the largest stand out, they stay whole.
        let clear = [5.0, 0.1, 4.0, 0.0, 0.2];
        assert_eq!(shares(&clear, 2, 0.5), [1.0, 0.0, 1.0, 0.0, 0.0]);
        // Of equals each has the same share.
        assert!(shares(&[1.0; 8], 2, 0.1).iter().all(|u| (u - 0.25).abs() < 1e-12));
        assert_eq!((shares(&[0.0; 3], 1, 0.1), value(&[0.0; 3], 1)), (vec![0.0; 3], 0.0));
        let sum: f64 = shares(&all, 5, 0.2).iter().sum();
        assert!((sum - 5.0).abs() < 1e-9, "{sum}");
    }
}
