//! Pictures and what is left of them at half their height and width: what a net that enlarges learns from.
use crate::math::mat::Mat;

/// Pictures, small and large, one a row.
#[derive(Clone, Debug)]
pub struct Zoom {
    /// Each pixel the mean of four.
    pub small: Mat,
    /// Each of those four times: the plain enlargement.
    pub plain: Mat,
    /// The truth.
    pub large: Mat,
}

impl Zoom {
    /// Of square pictures whose side is even.
    ///
    /// # Panics
    /// If a row is no such picture.
    pub fn new(large: Mat) -> Self {
        let side = large.cols.isqrt();
        assert!(
            side * side == large.cols && side.is_multiple_of(2),
            "a square of even side, not {} pixels",
            large.cols
        );
        let half = side / 2;
        let (mut small, mut plain) = (Mat::zeros(large.rows, half * half), Mat::zeros(large.rows, large.cols));
        for i in 0..large.rows {
            for (pixel, ink) in large.row(i).iter().enumerate() {
                small.row_mut(i)[pixel / side / 2 * half + pixel % side / 2] += 0.25 * ink;
            }
            for pixel in 0..large.cols {
                plain.row_mut(i)[pixel] = small.row(i)[pixel / side / 2 * half + pixel % side / 2];
            }
        }
        Self { small, plain, large }
    }

    /// Some of the pictures.
    #[must_use]
    pub fn some(&self, places: impl IntoIterator<Item = usize>) -> Self {
        let rows: Vec<&[f32]> = places.into_iter().map(|place| self.large.row(place)).collect();
        Self::new(Mat::new(rows.concat(), rows.len(), self.large.cols))
    }

    /// The plain enlargements with something added to each pixel; ink is from 0 to 1.
    pub fn with(&self, added: &[f32]) -> Vec<f32> {
        self.plain.data.iter().zip(added).map(|(plain, added)| (plain + added).clamp(0.0, 1.0)).collect()
    }

    /// What is to be added to the plain enlargement, pixel by pixel.
    pub fn missing(&self) -> Mat {
        let data = self.large.data.iter().zip(&self.plain.data).map(|(truth, plain)| truth - plain);
        Mat::new(data.collect(), self.large.rows, self.large.cols)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_pixels_become_one_and_come_back_as_their_mean() {
        let large = Mat::new((0..16).map(|i| i as f32).collect(), 1, 16);
        let zoom = Zoom::new(large);
        assert_eq!(zoom.small.data, [2.5, 4.5, 10.5, 12.5]);
        assert_eq!(zoom.plain.data[..6], [2.5, 2.5, 4.5, 4.5, 2.5, 2.5]);
        assert_eq!(zoom.missing().data[..5], [-2.5, -1.5, -2.5, -1.5, 1.5]);
        let pale = Zoom::new(Mat::new((0..32).map(|i| i as f32 / 32.0).collect(), 2, 16));
        let second = pale.some([1]);
        assert_eq!((second.large.row(0), second.plain.row(0)), (pale.large.row(1), pale.plain.row(1)));
        assert_eq!(second.with(&second.missing().data), second.large.data);
    }
}
