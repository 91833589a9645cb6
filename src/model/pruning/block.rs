//! Blocks of rows: units side by side share which inputs they have, so that a kernel reads each input once for all of them
//! (Xu, Liu, Xu, Wang, Li, Yan and others 2023, *SparseByteNN*).
use crate::math::mat::MatRef;

/// For each weight of a layer, a row for each unit, whether it stays, where `rows` units in a row share their inputs. Of all
/// blocks of one input and that many units a share stays: those with the largest sums of sizes, of equals the first. With one row
/// these are the largest weights.
///
/// # Panics
/// If `rows` is 0.
pub fn keep(weights: MatRef, rows: usize, density: f64) -> Vec<bool> {
    let cols = weights.cols;
    let mut sums = vec![0.0_f32; weights.rows.div_ceil(rows) * cols];
    for i in 0..weights.rows {
        let sums = &mut sums[i / rows * cols..][..cols];
        sums.iter_mut().zip(weights.row(i)).for_each(|(sum, w)| *sum += w.abs());
    }
    let count = (density * sums.len() as f64 + 0.5) as usize;
    let kept = largest(&sums, count);
    (0..weights.rows).flat_map(|i| &kept[i / rows * cols..][..cols]).copied().collect()
}

/// Marks the `count` largest numbers; of equals the first. By the least of them, for sorting places takes longer.
fn largest(numbers: &[f32], count: usize) -> Vec<bool> {
    let Some(last) = count.min(numbers.len()).checked_sub(1) else {
        return vec![false; numbers.len()];
    };
    let mut order = numbers.to_vec();
    let (larger, least, _) = order.select_nth_unstable_by(last, |a, b| b.total_cmp(a));
    let least = *least;
    // Some that are equal to the least may have come before it.
    let mut equals = last + 1 - larger.iter().filter(|x| x.total_cmp(&least).is_gt()).count();
    let stays = |x: &f32| match x.total_cmp(&least) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal if equals > 0 => {
            equals -= 1;
            true
        }
        _ => false,
    };
    numbers.iter().map(stays).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::pruning::select,
    };

    #[test]
    fn the_largest_are_those_of_a_sort_and_the_first_of_equals_stays() {
        let mut chance = Rng::new(1).stream("numbers");
        let numbers: Vec<f32> = (0..60).map(|_| chance.below(9) as f32).collect();
        for count in [0, 1, 7, 30, 59, 60, 99] {
            let wanted = select::best(&numbers, (0..60).collect(), count);
            let kept = largest(&numbers, count);
            assert_eq!((0..60).filter(|i| kept[*i]).collect::<Vec<_>>(), wanted, "{count}");
        }
    }

    #[test]
    fn units_of_a_block_share_their_inputs_and_the_last_block_may_be_short() {
        let weights = Mat::new(vec![1., -2., 0., -4., 1., 3., 5., 0., 0.], 3, 3);
        let kept = |rows: usize, density: f64| -> Vec<usize> {
            let kept = keep(weights.as_ref(), rows, density);
            (0..9).filter(|i| kept[*i]).collect()
        };
        assert_eq!(kept(1, 1.0 / 3.0), [3, 5, 6]);
        // Sums of the first two rows: 5, 3, 3; of the third by itself 5, 0, 0.
        assert_eq!(kept(2, 0.5), [0, 1, 3, 4, 6]);
        assert_eq!(kept(4, 1.0 / 3.0), [0, 3, 6]);
        assert_eq!((kept(2, 0.0), kept(2, 1.0).len()), (vec![], 9));
    }
}
