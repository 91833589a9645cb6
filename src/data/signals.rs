//! Signals that look like digits of one dimension, made up: ten shapes, stretched, moved, tilted and drowned in noise, after
//! Greydanus 2020, *Scaling down deep learning* (MNIST-1D). Small nets cannot learn them all, so that capacity shows.
use super::{Samples, Split};
use crate::math::{mat::Mat, rng::Stream, scalar};

/// Numbers in a signal.
pub const LENGTH: usize = 40;
/// Numbers in a signal before it is thinned to [`LENGTH`].
const FINE: usize = 72;

/// The ten shapes, twelve heights each.
const SHAPES: [[f64; 12]; 10] = [
    [5.0, 6.0, 6.5, 6.75, 7.0, 7.0, 7.0, 7.0, 6.75, 6.5, 6.0, 5.0],
    [5.0, 3.0, 3.0, 3.4, 3.8, 4.2, 4.6, 5.0, 5.4, 5.8, 5.0, 5.0],
    [5.0, 6.0, 6.5, 6.5, 6.0, 5.25, 4.75, 4.0, 3.5, 3.5, 4.0, 5.0],
    [5.0, 6.0, 6.5, 6.5, 6.0, 5.0, 5.0, 6.0, 6.5, 6.5, 6.0, 5.0],
    [5.0, 4.4, 3.8, 3.2, 2.6, 2.6, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0],
    [5.0, 3.0, 3.0, 3.0, 3.0, 5.0, 6.0, 6.5, 6.5, 6.0, 4.5, 5.0],
    [5.0, 4.0, 3.5, 3.25, 3.0, 3.0, 3.0, 3.0, 3.25, 3.5, 4.0, 5.0],
    [5.0, 7.0, 7.0, 6.6, 6.2, 5.8, 5.4, 5.0, 4.6, 4.2, 5.0, 5.0],
    [5.0, 4.0, 3.5, 3.5, 4.0, 5.0, 5.0, 4.0, 3.5, 3.5, 4.0, 5.0],
    [5.0, 4.0, 3.5, 3.5, 4.0, 5.0, 5.0, 5.0, 5.0, 4.7, 4.3, 5.0],
];

/// So many signals to learn from and so many to be asked, of all classes in turn, at a mean of 0 and a variance of 1.
pub fn signals(learnt: usize, asked: usize, chance: &mut Stream) -> Split {
    let count = learnt + asked;
    let mut all = Vec::with_capacity(count * LENGTH);
    for i in 0..count {
        all.extend(signal(&SHAPES[i % SHAPES.len()], chance));
    }
    let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
    let variance = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / all.len().max(1) as f64;
    let mut order: Vec<usize> = (0..count).collect();
    chance.shuffle(&mut order);
    let take = |places: &[usize]| {
        let numbers = places.iter().flat_map(|i| &all[i * LENGTH..][..LENGTH]);
        Samples {
            inputs: Mat::new(numbers.map(|x| ((x - mean) / variance.sqrt()) as f32).collect(), places.len(), LENGTH),
            labels: places.iter().map(|i| (i % SHAPES.len()) as u16).collect(),
        }
    };
    let (first, last) = order.split_at(learnt);
    Split { train: take(first), test: take(last) }
}

/// One signal of a shape.
fn signal(shape: &[f64; 12], chance: &mut Stream) -> Vec<f64> {
    // Numbers that are exactly 0 are where the shape is not, and are filled with noise.
    let mean = shape.iter().sum::<f64>() / 12.0;
    let spread = (shape.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / 12.0).sqrt();
    let heights = shape.map(|y| (y - shape[0]) / spread / 6.0 + 1e-8);
    let mut padded = heights.to_vec();
    padded.resize(12 + 36 + chance.below(25), 0.0);
    let scale = 1.0 + 0.4 * (chance.uniform() - 0.5);
    let mut fine: Vec<f64> = resampled(&padded, FINE).into_iter().map(|y| scale * y).collect();
    fine.rotate_right(chance.below(48));
    let noise = smoothed(&(0..FINE).map(|_| chance.normal()).collect::<Vec<_>>(), 2.0);
    for (y, noise) in fine.iter_mut().zip(noise) {
        if *y == 0.0 {
            *y = 0.25 * noise;
        }
    }
    let tilt = 0.75 * (chance.uniform() - 0.5);
    for (i, y) in fine.iter_mut().enumerate() {
        *y += 0.02 * chance.normal() - tilt * (i as f64 / (FINE - 1) as f64 - 0.5);
    }
    resampled(&fine, LENGTH)
}

/// The same line through `count` points, the first and the last in their places.
fn resampled(line: &[f64], count: usize) -> Vec<f64> {
    let at = |i: usize| {
        let place = i as f64 * (line.len() - 1) as f64 / (count - 1) as f64;
        let left = (place as usize).min(line.len() - 2);
        let share = place - left as f64;
        line[left] * (1.0 - share) + line[left + 1] * share
    };
    (0..count).map(at).collect()
}

/// Each number a mean of its neighbours by a normal curve of that width; beyond the ends the line is mirrored.
fn smoothed(line: &[f64], width: f64) -> Vec<f64> {
    let reach = (4.0 * width) as isize;
    let weights: Vec<f64> =
        (-reach..=reach).map(|i| scalar::exp(-0.5 * (i as f64 / width) * (i as f64 / width))).collect();
    let sum: f64 = weights.iter().sum();
    let count = line.len() as isize;
    let mirrored = |i: isize| {
        let inside = if i < 0 { -1 - i } else { i };
        line[if inside < count { inside } else { 2 * count - 1 - inside } as usize]
    };
    (0..count)
        .map(|i| (-reach..=reach).zip(&weights).map(|(by, weight)| weight * mirrored(i + by)).sum::<f64>() / sum)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn signals_have_all_classes_and_unit_variance_and_are_the_same_again() {
        let make = || signals(400, 100, &mut Rng::new(1).stream("signals"));
        let split = make();
        let all: Vec<f32> = [&split.train, &split.test].iter().flat_map(|part| part.inputs.data.clone()).collect();
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        let variance = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / all.len() as f32;
        assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
        for class in 0..10 {
            let count =
                [&split.train, &split.test].iter().flat_map(|part| &part.labels).filter(|l| **l == class).count();
            assert_eq!(count, 50);
        }
        assert_eq!(make().test.inputs, split.test.inputs);
    }

    #[test]
    fn a_line_that_is_resampled_keeps_its_ends_and_a_constant_stays_when_smoothed() {
        let line = [1.0, 2.0, 4.0];
        assert_eq!(resampled(&line, 5), [1.0, 1.5, 2.0, 3.0, 4.0]);
        assert!(smoothed(&[3.0; 20], 2.0).iter().all(|y| (y - 3.0).abs() < 1e-12));
    }
}
