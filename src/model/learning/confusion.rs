//! Confusions: what a net says of the examples of each class.

/// For each class a row: the shares of its examples that the net takes for each class, above 0 where that is right and below where
/// it is wrong. `outputs` has one number a class for each label; of equals the first class counts.
pub fn confusions(outputs: &[f32], labels: &[u16], classes: usize) -> Vec<f32> {
    let mut shares = vec![0.0; classes * classes];
    let mut count = vec![0.0_f32; classes];
    labels.iter().for_each(|label| count[usize::from(*label)] += 1.0);
    for (row, label) in outputs.chunks_exact(classes).zip(labels) {
        let said = (1..classes).fold(0, |best, class| if row[class] > row[best] { class } else { best });
        let label = usize::from(*label);
        let sign = if said == label { 1.0 } else { -1.0 };
        shares[classes * label + said] += sign / count[label].max(1.0);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_tells_of_the_examples_of_a_class() {
        let outputs = [0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.0, 1.0];
        assert_eq!(confusions(&outputs, &[0, 0, 0, 1], 2), [2.0 / 3.0, -1.0 / 3.0, 0.0, 1.0]);
    }
}
