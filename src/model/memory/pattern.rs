//! Grey pictures as patterns of real numbers and back: centred, put at one length, and spoilt for a cue.
//!
//! Ink goes from 0 for the page to 1. A state is ink without its mean, in units of a length.
use crate::math::{kernels::dot64, mat::Mat};

/// How states and ink are told in each other's units.
#[derive(Clone, Copy, Debug)]
pub struct Coding {
    /// How much ink one unit of a state is.
    pub scale: f64,
    /// What grey the zero of a state is.
    pub middle: f64,
}

/// The patterns (N, d) of pictures of d pixels that lie one after the other, the coding of all and that of each. Each is centred on
/// its own mean; then each is put at length 1, or, if not `one_length`, only their mean length is. The pictures must not be
/// of one shade.
pub fn centred(ink: &[f32], d: usize, one_length: bool) -> (Mat, Coding, Vec<Coding>) {
    let n = ink.len() / d;
    let mut patterns = Mat::zeros(n, d);
    let (mut lengths, mut means) = (Vec::with_capacity(n), Vec::with_capacity(n));
    let mut middle = 0.0;
    for (i, picture) in ink.chunks_exact(d).enumerate() {
        let mean = mean(picture);
        let row = patterns.row_mut(i);
        row.iter_mut().zip(picture).for_each(|(p, x)| *p = (f64::from(*x) - mean) as f32);
        lengths.push(dot64(row, row).sqrt());
        means.push(mean);
        middle += mean / n as f64;
    }
    let scale = lengths.iter().sum::<f64>() / n as f64;
    let mut each = Vec::with_capacity(n);
    for (i, (length, middle)) in lengths.into_iter().zip(means).enumerate() {
        let scale = if one_length { length } else { scale };
        patterns.row_mut(i).iter_mut().for_each(|p| *p = (f64::from(*p) / scale) as f32);
        each.push(Coding { scale, middle });
    }
    (patterns, Coding { scale, middle }, each)
}

impl Coding {
    /// That of a state which is made of patterns in these shares: so a pattern that is retrieved looks as it did when it was stored.
    pub fn mixed(each: &[Self], shares: &[f32]) -> Self {
        let mean =
            |of: fn(&Self) -> f64| each.iter().zip(shares).map(|(coding, share)| of(coding) * f64::from(*share)).sum();
        Self { scale: mean(|coding| coding.scale), middle: mean(|coding| coding.middle) }
    }

    /// A picture as a state.
    pub fn state(&self, ink: &[f32]) -> Vec<f32> {
        let mean = mean(ink);
        ink.iter().map(|x| ((f64::from(*x) - mean) / self.scale) as f32).collect()
    }

    /// One number of a state as ink. It may lie outside of 0 to 1.
    pub fn ink(&self, x: f32) -> f32 {
        (f64::from(x) * self.scale + self.middle) as f32
    }
}

/// Spoils a picture: from pixel `shown` on it is `grey`, and then `noise`, a number for each pixel with deviation 1, is
/// added with deviation `amount`. Where noise is added, ink stays within 0 to 1.
pub fn spoil(ink: &mut [f32], shown: usize, grey: f32, noise: &[f32], amount: f64) {
    ink.iter_mut().skip(shown).for_each(|x| *x = grey);
    if amount > 0.0 {
        let noisy = |x: f32, noise: f32| (f64::from(x) + amount * f64::from(noise)) as f32;
        ink.iter_mut().zip(noise).for_each(|(x, noise)| *x = noisy(*x, *noise).clamp(0.0, 1.0));
    }
}

fn mean(ink: &[f32]) -> f64 {
    ink.iter().map(|x| f64::from(*x)).sum::<f64>() / ink.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(a: &[f32], b: &[f32]) {
        assert!(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} and {b:?}");
    }

    const INK: [f32; 8] = [0.0, 0.5, 1.0, 0.5, 0.2, 0.2, 0.2, 0.6];

    #[test]
    fn patterns_have_no_mean_and_one_length_and_read_back_as_ink() {
        let (patterns, coding, each) = centred(&INK, 4, true);
        for row in [patterns.row(0), patterns.row(1)] {
            assert!(mean(row).abs() < 1e-7 && (dot64(row, row) - 1.0).abs() < 1e-6);
        }
        assert!((coding.middle - 0.4).abs() < 1e-7);
        // What is retrieved alone looks as it was, though the pictures differ in strength.
        for (i, shares) in [[1.0, 0.0], [0.0, 1.0]].iter().enumerate() {
            let own = Coding::mixed(&each, shares);
            let back: Vec<f32> = patterns.row(i).iter().map(|x| own.ink(*x)).collect();
            assert_near(&back, &INK[4 * i..][..4]);
        }
        let half = Coding::mixed(&each, &[0.5, 0.5]);
        assert!((half.scale - coding.scale).abs() < 1e-7 && (half.middle - coding.middle).abs() < 1e-7);
        let (patterns, coding, _) = centred(&INK, 4, false);
        assert_near(patterns.row(1), &coding.state(&INK[4..]));
        let back: Vec<f32> = patterns.row(1).iter().map(|x| coding.ink(*x) - 0.1).collect();
        assert_near(&back, &INK[4..]);
    }

    #[test]
    fn a_spoilt_picture_is_grey_at_its_end_and_stays_ink() {
        let mut ink = INK;
        spoil(&mut ink, 6, 0.4, &[9.0, -9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 0.1);
        assert_near(&ink, &[0.9, 0.0, 1.0, 0.5, 0.2, 0.2, 0.4, 0.5]);
        spoil(&mut ink, 8, 0.4, &[9.0; 8], 0.0);
        assert_near(&ink[..2], &[0.9, 0.0]);
    }
}
