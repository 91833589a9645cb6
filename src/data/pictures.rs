//! Grey pictures: the bundled digits and photographs, and the resizing of a user's own.
use super::{File, Idx, IdxError};

/// 200 handwritten digits of 28 x 28, MNIST test part, each ten in a row of all classes; then their labels.
pub static DIGITS: File = File { name: "digits.idx.gz" };
/// 800 more digits, in the same order of classes.
pub static MORE_DIGITS: File = File { name: "more-digits.idx.gz" };
/// 11 photographs of 64 x 64, stored as ink (255 is black).
pub static PHOTOS: File = File { name: "photos.idx.gz" };

/// What the photographs show, in the file's order.
pub static PHOTO_NAMES: [&str; 11] =
    ["camera man", "cat", "coffee", "coins", "horse", "rocket", "clock", "bricks", "grass", "gravel", "astronaut"];

/// Pictures of one size with a name each.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// Height in pixels.
    pub rows: usize,
    /// Width in pixels.
    pub cols: usize,
    /// `names.len() * rows * cols` values from 0 (paper) to 1 (ink).
    pub ink: Vec<f32>,
    /// What each shows: "a 7", "the cat".
    pub names: Vec<String>,
}

impl Pictures {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Pixels of one picture.
    pub fn side(&self) -> usize {
        self.rows * self.cols
    }

    /// The pixels of picture `i`.
    pub fn get(&self, i: usize) -> &[f32] {
        &self.ink[i * self.side()..(i + 1) * self.side()]
    }

    /// Picture `i` at half its height and width: the mean of each four pixels.
    pub fn halved(&self, i: usize) -> Vec<f32> {
        self.moved(i, (0, 0))
    }

    /// The same after the window over the picture moved by so many pixels down and right; outside of it is paper.
    pub fn moved(&self, i: usize, (down, right): (isize, isize)) -> Vec<f32> {
        let (ink, rows, cols) = (self.get(i), self.rows / 2, self.cols / 2);
        let inside = |at: usize, by: isize, size: usize| at.checked_add_signed(by).filter(|at| *at < size);
        let at = |row: usize, col: usize| match (inside(row, down, self.rows), inside(col, right, self.cols)) {
            (Some(row), Some(col)) => ink[row * self.cols + col],
            _ => 0.0,
        };
        let mean = |i: usize| {
            let (row, col) = (2 * (i / cols), 2 * (i % cols));
            0.25 * (at(row, col) + at(row, col + 1) + at(row + 1, col) + at(row + 1, col + 1))
        };
        (0..rows * cols).map(mean).collect()
    }
}

/// The files that hold the first `count` digits.
pub fn digit_files(count: usize) -> Vec<&'static File> {
    if count > 200 { vec![&DIGITS, &MORE_DIGITS] } else { vec![&DIGITS] }
}

/// The first `count` digits of some files of digits, one after another, named "a 7" or "an 8".
///
/// # Errors
/// If a file is not images followed by labels.
pub fn digits<'a>(files: impl IntoIterator<Item = &'a [u8]>, count: usize) -> Result<Pictures, IdxError> {
    let mut all = Pictures { rows: 28, cols: 28, ..Pictures::default() };
    for file in files {
        let (images, rest) = Idx::read(file)?;
        let (labels, _) = Idx::read(rest)?;
        let take = labels.bytes.len().min(images.bytes.len() / 784).min(count - all.len());
        all.ink.extend(images.bytes[..take * 784].iter().map(|&ink| f32::from(ink) / 255.0));
        all.names.extend(
            labels.bytes[..take].iter().map(|label| format!("{} {label}", if *label == 8 { "an" } else { "a" })),
        );
    }
    Ok(all)
}

/// The first `count` photographs.
///
/// # Errors
/// If the file is not images.
pub fn photos(file: &[u8], count: usize) -> Result<Pictures, IdxError> {
    let (images, _) = Idx::read(file)?;
    let take = count.min(PHOTO_NAMES.len()).min(images.bytes.len() / 4096);
    Ok(Pictures {
        rows: 64,
        cols: 64,
        ink: images.bytes[..take * 4096].iter().map(|&ink| f32::from(ink) / 255.0).collect(),
        names: PHOTO_NAMES[..take].iter().map(|name| format!("the {name}")).collect(),
    })
}

/// Fits a grey picture of `width` x `height` into `side` x `side`: the middle square, each new pixel the mean of the
/// area it covers. In whole numbers, so that every browser makes the same picture of the same file.
///
/// # Panics
/// If `ink` is not `width * height` long or a size is 0.
pub fn resize(ink: &[u8], width: usize, height: usize, side: usize) -> Vec<u8> {
    assert!(width > 0 && height > 0 && side > 0, "a picture of {width} x {height} cannot become {side} x {side}");
    assert_eq!(ink.len(), width * height, "a picture of {width} x {height} has {} pixels", ink.len());
    let square = width.min(height);
    let (left, top) = ((width - square) / 2, (height - square) / 2);
    // Positions are counted in 1 / side of an old pixel: new pixel i covers i * square .. (i + 1) * square.
    let cover = |i: usize| {
        let (from, to) = (i * square, (i + 1) * square);
        (from / side..to.div_ceil(side)).map(move |old| {
            let part = to.min((old + 1) * side) - from.max(old * side);
            (old, part as u64)
        })
    };
    let mut out = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let mut sum = 0u64;
            for (row, tall) in cover(y) {
                for (col, wide) in cover(x) {
                    sum += u64::from(ink[(top + row) * width + left + col]) * tall * wide;
                }
            }
            let area = (square * square) as u64;
            out.push(((sum + area / 2) / area) as u8);
        }
    }
    out
}

/// A soft round brush, a fourteenth of the picture in radius, at (x, y) in 0..=1.
pub fn paint(ink: &mut [f32], rows: usize, cols: usize, (x, y): (f64, f64), value: f32) {
    let radius = (cols as f64 / 14.0).max(0.5);
    let (x, y) = (x * cols as f64 - 0.5, y * rows as f64 - 0.5);
    for row in 0..rows {
        for col in 0..cols {
            let away = ((col as f64 - x) * (col as f64 - x) + (row as f64 - y) * (row as f64 - y)).sqrt();
            let cover = (radius + 0.5 - away).clamp(0.0, 1.0) as f32;
            let pixel = &mut ink[row * cols + col];
            *pixel += cover * (value - *pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_file_reads() {
        let all = digits([DIGITS.read().as_slice(), MORE_DIGITS.read().as_slice()], 1000).unwrap();
        assert_eq!((all.len(), all.ink.len()), (1000, 784_000));
        for class in 0..10 {
            let name = format!("{} {class}", if class == 8 { "an" } else { "a" });
            assert_eq!(all.names.iter().filter(|known| **known == name).count(), 100);
            assert_eq!(all.names[..10].iter().filter(|known| **known == name).count(), 1);
        }
        assert_eq!(photos(&PHOTOS.read(), 99).unwrap().len(), 11);
    }

    #[test]
    fn resizing_keeps_a_flat_picture_and_the_mean_of_a_square_one() {
        assert!(resize(&[77; 35], 7, 5, 4).iter().all(|&ink| ink == 77));
        let ramp: Vec<u8> = (0..64).collect();
        assert_eq!(resize(&ramp, 8, 8, 8), ramp);
        assert_eq!(resize(&ramp, 8, 8, 1), [32]);
        assert_eq!(resize(&[0, 255], 2, 1, 3), [0; 9]);
    }
}
