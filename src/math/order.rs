//! Places in a list by the values there; of equals the first comes first.

use super::scalar;

/// Indices by falling value; of equals the first comes first. Each costs one pass over the values.
pub fn strongest(values: &[f64]) -> impl Iterator<Item = usize> {
    let order = |a: &usize, b: &usize| values[*b].total_cmp(&values[*a]).then(a.cmp(b));
    let after = move |last: Option<usize>| {
        let left = (0..values.len()).filter(|i| last.is_none_or(|last| order(&last, i).is_lt()));
        left.min_by(order)
    };
    std::iter::successors(after(None), move |last| after(Some(*last)))
}

/// A whole number for a place: the larger the value there, in the order of `total_cmp`, the smaller it is; of equals the first place
/// has the smallest. So sorting and selecting compare one number and nothing else. The place is in its lower half.
///
/// Places are below 2³².
pub fn rank(value: f32, place: usize) -> u64 {
    let bits = value.to_bits();
    let falls = if bits >> 31 == 1 { bits } else { !bits & (u32::MAX >> 1) };
    (u64::from(falls) << 32) | place as u64
}

/// The place of the value that is nearest to `x`; of equals the first. 0 where there are none.
pub fn nearest(values: &[f64], x: f64) -> usize {
    let away = |place: &usize| (values[*place] - x).abs();
    (0..values.len()).min_by(|a, b| away(a).total_cmp(&away(b))).unwrap_or(0)
}

/// The same by their ratio; all are above 0.
pub fn nearest_by_ratio(values: &[f64], x: f64) -> usize {
    let logarithms: Vec<f64> = values.iter().map(|value| scalar::ln(*value)).collect();
    nearest(&logarithms, scalar::ln(x))
}

/// Spearman's rank correlation of two lists, equals at the mean of their ranks; 0 where one of them is all equal.
///
/// # Panics
/// If they are not of equal length.
pub fn rank_correlation(xs: &[f64], ys: &[f64]) -> f64 {
    assert_eq!(xs.len(), ys.len(), "ranks of two lists");
    let middle = 0.5 * (xs.len() as f64 - 1.0);
    let ranks = |of: &[f64]| -> Vec<f64> {
        let count = |is: &dyn Fn(&f64) -> bool| of.iter().filter(|other| is(other)).count() as f64;
        of.iter().map(|x| count(&|y| y < x) + 0.5 * (count(&|y| y.total_cmp(x).is_eq()) - 1.0) - middle).collect()
    };
    let (xs, ys) = (ranks(xs), ranks(ys));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let size = (product(&xs, &xs) * product(&ys, &ys)).sqrt();
    if size > 0.0 { product(&xs, &ys) / size } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_agree_disagree_or_say_nothing() {
        let rank = rank_correlation;
        assert!((rank(&[1.0, 2.0, 3.0], &[-1.0, 5.0, 50.0]) - 1.0).abs() < 1e-12);
        assert!((rank(&[1.0, 2.0, 3.0], &[4.0, 3.0, 2.0]) + 1.0).abs() < 1e-12);
        assert!((rank(&[1.0, 2.0, 3.0], &[2.0, 1.0, 3.0]) - 0.5).abs() < 1e-12);
        // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / √(4.5 * 5).
        assert!((rank(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]) - 0.9_f64.sqrt()).abs() < 1e-12);
        assert!(rank(&[1.0, 1.0], &[1.0, 2.0]).abs() < 1e-12 && rank(&[], &[]).abs() < 1e-12);
    }

    #[test]
    fn ranks_of_places_are_in_the_order_of_a_full_comparison() {
        let values = [0.0, 3.0, -0.0, f32::INFINITY, -2.5, 3.0, f32::MIN_POSITIVE, -1e-40, f32::NEG_INFINITY, f32::NAN];
        let mut wanted: Vec<usize> = (0..values.len()).collect();
        wanted.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
        let mut ranks: Vec<u64> = values.iter().enumerate().map(|(place, value)| rank(*value, place)).collect();
        ranks.sort_unstable();
        assert_eq!(ranks.into_iter().map(|rank| rank as u32 as usize).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn the_nearest_by_distance_and_by_ratio() {
        let values = [1.0, 10.0, 30.0];
        assert_eq!((nearest(&values, 5.4), nearest(&values, 5.5), nearest(&values, 99.0)), (0, 0, 2));
        assert_eq!((nearest_by_ratio(&values, 3.0), nearest_by_ratio(&values, 3.3), nearest(&[], 1.0)), (0, 1, 0));
    }

    #[test]
    fn the_strongest_come_in_order_and_equals_by_index() {
        assert_eq!(strongest(&[1.0, 3.0, -2.0, 3.0, 1.0]).collect::<Vec<_>>(), [1, 3, 0, 4, 2]);
        assert_eq!(strongest(&[]).next(), None);
    }
}
