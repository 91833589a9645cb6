//! Places in a list by the values there; of equals the first comes first.

/// Indices by falling value; of equals the first comes first. Each costs one pass over the values.
pub fn strongest(values: &[f64]) -> impl Iterator<Item = usize> {
    let order = |a: &usize, b: &usize| values[*b].total_cmp(&values[*a]).then(a.cmp(b));
    let after = move |last: Option<usize>| {
        let left = (0..values.len()).filter(|i| last.is_none_or(|last| order(&last, i).is_lt()));
        left.min_by(order)
    };
    std::iter::successors(after(None), move |last| after(Some(*last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_come_in_order_and_equals_by_index() {
        assert_eq!(strongest(&[1.0, 3.0, -2.0, 3.0, 1.0]).collect::<Vec<_>>(), [1, 3, 0, 4, 2]);
        assert_eq!(strongest(&[]).next(), None);
    }
}
