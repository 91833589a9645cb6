//! Blocks of rows: units side by side share which inputs they have, so that a kernel reads each input once for all of them
//! (Xu, Liu, Xu, Wang, Li, Yan and others 2023, *SparseByteNN*).
use super::select;
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
    let mut kept = vec![false; sums.len()];
    select::best(&sums, (0..sums.len()).collect(), count).into_iter().for_each(|place| kept[place] = true);
    (0..weights.rows).flat_map(|i| &kept[i / rows * cols..][..cols]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::mat::Mat;

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
