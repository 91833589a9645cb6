//! Sparse nets that take as much work as a dense one (Thangarasa, Saxena, Gupta and Lie 2023, *Sparse-IFT: sparse iso-FLOP
//! transformations for maximizing training efficiency*): larger layers in which as many weights are left as the dense layer has.
use crate::model::learning::mlp::Mlp;

/// How a layer is made larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Hidden layers have `1 / √(1 - s)` times as many units.
    Wide,
    /// Each layer becomes two, with a hidden layer between them whose units are as many as the work allows.
    Factorized,
}

/// The widths of the net of that family for a dense net of these widths at the sparsity `s`, and how many weights each of its layers
/// has.
pub fn transform(family: Family, dense: &[usize], s: f64) -> (Vec<usize>, Vec<usize>) {
    let left = 1.0 - s;
    match family {
        Family::Wide => {
            let last = dense.len() - 1;
            let wider = |width: usize| (width as f64 / left.sqrt() + 0.5) as usize;
            let width = |(i, width): (usize, &usize)| if i == 0 || i == last { *width } else { wider(*width) };
            let widths: Vec<usize> = dense.iter().enumerate().map(width).collect();
            (widths, dense.windows(2).map(|ends| ends[0] * ends[1]).collect())
        }
        Family::Factorized => {
            let (mut widths, mut counts) = (vec![dense[0]], Vec::new());
            for ends in dense.windows(2) {
                let (a, b) = (ends[0], ends[1]);
                let inner = ((a * b) as f64 / (left * (a + b) as f64) - 1e-9) as usize + 1;
                widths.extend([inner, b]);
                // Each half gets its share of what the dense layer has.
                let first = ((a * b * a) as f64 / (a + b) as f64 + 0.5) as usize;
                counts.extend([first, a * b - first]);
            }
            (widths, counts)
        }
    }
}

/// Products of weights that an answer of a dense net takes.
pub fn products(widths: &[usize]) -> usize {
    Mlp::new(widths).weights()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_grow_and_the_work_stays() {
        let dense = [40, 12, 12, 10];
        assert_eq!(transform(Family::Wide, &dense, 0.0), (dense.to_vec(), vec![480, 144, 120]));
        assert_eq!(transform(Family::Wide, &dense, 0.75).0, [40, 24, 24, 10]);
        assert_eq!(transform(Family::Factorized, &dense, 0.5).0, [40, 19, 12, 12, 12, 11, 10]);
        for family in [Family::Wide, Family::Factorized] {
            for s in [0.0, 0.5, 0.75, 0.9] {
                let (widths, counts) = transform(family, &dense, s);
                assert_eq!(counts.iter().sum::<usize>(), products(&dense));
                let sizes = widths.windows(2).map(|ends| ends[0] * ends[1]);
                assert!(
                    sizes.zip(&counts).all(|(size, count)| *count <= size),
                    "{family:?} {s}: {widths:?} {counts:?}"
                );
            }
        }
    }
}
