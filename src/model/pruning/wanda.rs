//! Pruning by weights and activations (Sun, Liu, Bair and Kolter 2024, *A simple and effective pruning approach for large
//! language models*): a weight is worth its size times that of its input, and is compared with those of the same unit only.
use super::select;

/// `|w| · ‖x‖` for the weights of one unit.
pub fn scores(row: &[f32], sizes: &[f32]) -> Vec<f32> {
    row.iter().zip(sizes).map(|(w, size)| w.abs() * size).collect()
}

/// Which weights of a unit are the `count` best by their scores.
pub fn kept(scores: &[f32], count: usize) -> Vec<bool> {
    let mut kept = vec![false; scores.len()];
    select::best(scores, (0..scores.len()).collect(), count).into_iter().for_each(|place| kept[place] = true);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_weight_on_a_strong_input_stays() {
        let row = [0.5, -0.1, 0.3, 0.2];
        assert_eq!(kept(&scores(&row, &[1.0; 4]), 2), [true, false, true, false]);
        assert_eq!(kept(&scores(&row, &[1.0, 10.0, 1.0, 1.0]), 2), [true, true, false, false]);
    }
}
