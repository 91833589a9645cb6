//! What a run reads besides its parameters: pictures the user brought, files the project bundles, and the time.
use super::{Clock, Fault, Param};
use crate::data::{self, File};

/// A grey picture the user brought, row-major.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: usize,
    height: usize,
    ink: Vec<u8>,
}

impl Image {
    /// A picture of `width` x `height` pixels, each a grey level from 0 for paper to 255 for ink.
    ///
    /// # Errors
    /// If there is no pixel, or not one level a pixel.
    pub fn new(width: usize, height: usize, ink: Vec<u8>) -> Result<Self, Fault> {
        if ink.is_empty() || width.checked_mul(height) != Some(ink.len()) {
            let given = format!("{} bytes for {width} x {height}", ink.len());
            return Err(Fault::new("picture", &given, "must be one byte a pixel and not empty"));
        }
        Ok(Self { width, height, ink })
    }

    /// Its middle square at `side` x `side` pixels; see [`data::resize`].
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn square(&self, side: usize) -> Vec<u8> {
        data::resize(&self.ink, self.width, self.height, side)
    }
}

/// Everything a run reads besides parameters and seed.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    images: Vec<(&'static str, Vec<Image>)>,
    files: Vec<(&'static str, Vec<u8>)>,
    /// The host's clock, where it may be read. What was read of it is no part of a run's digest.
    pub clock: Option<Clock>,
}

impl Inputs {
    /// Adds a picture under an image parameter.
    pub fn push_image(&mut self, param: &'static Param, image: Image) {
        match self.images.iter_mut().find(|(name, _)| *name == param.name) {
            Some((_, list)) => list.push(image),
            None => self.images.push((param.name, vec![image])),
        }
    }

    /// The pictures brought under an image parameter as ink, 0 for paper to 1: the middle square of each at
    /// `side` x `side` pixels.
    ///
    /// # Errors
    /// If one is of a single shade: centred it would be nothing.
    pub fn squares(&self, param: &'static Param, side: usize) -> Result<Vec<Vec<f32>>, Fault> {
        let square = |image: &Image| {
            let ink = image.square(side);
            if ink.iter().all(|x| *x == ink[0]) {
                let wanted = "must hold more than one shade in its middle square: an empty picture is no memory";
                return Err(Fault::new(param.name, "a picture of one shade", wanted));
            }
            Ok(ink.iter().map(|x| f32::from(*x) / 255.0).collect())
        };
        self.images(param).iter().map(square).collect()
    }

    /// The pictures brought under an image parameter, in the order they came.
    pub fn images(&self, param: &'static Param) -> &[Image] {
        self.images.iter().find(|(name, _)| *name == param.name).map_or(&[], |(_, list)| list)
    }

    /// Hands in the bytes of a bundled file, already inflated.
    pub fn push_file(&mut self, file: &'static File, bytes: Vec<u8>) {
        self.files.retain(|(name, _)| *name != file.name);
        self.files.push((file.name, bytes));
    }

    /// The bytes of a bundled file.
    ///
    /// # Panics
    /// If the file was not handed in: a session checks that before it starts a run.
    pub fn file(&self, file: &File) -> &[u8] {
        let found = self.files.iter().find(|(name, _)| *name == file.name);
        &found.unwrap_or_else(|| panic!("{} is read but was not handed in", file.name)).1
    }

    /// Whether a bundled file is there.
    pub fn has(&self, file: &File) -> bool {
        self.files.iter().any(|(name, _)| *name == file.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OWN: Param = Param::images("own", "Yours", 24, "");

    #[test]
    fn an_image_has_one_level_a_pixel() {
        assert!(Image::new(2, 2, vec![1, 2, 3, 4]).is_ok());
        for (width, height, pixels) in [(2, 2, 3), (0, 2, 0), (usize::MAX, 2, 4)] {
            let fault = Image::new(width, height, vec![0; pixels]).unwrap_err();
            assert_eq!(fault.wanted, "must be one byte a pixel and not empty");
        }
    }

    #[test]
    fn squares_are_ink_and_an_empty_picture_is_refused_by_name() {
        let mut inputs = Inputs::default();
        inputs.push_image(&OWN, Image::new(3, 1, vec![255, 51, 0]).unwrap());
        inputs.push_image(&OWN, Image::new(2, 2, vec![0, 255, 255, 51]).unwrap());
        assert!(inputs.squares(&OWN, 1).is_err());
        let fault = inputs.squares(&OWN, 2).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "own must hold more than one shade in its middle square: an empty picture is no memory; got \"a picture of one shade\""
        );
        let mut inputs = Inputs::default();
        inputs.push_image(&OWN, Image::new(2, 2, vec![0, 255, 255, 51]).unwrap());
        assert_eq!(inputs.squares(&OWN, 2), Ok(vec![vec![0.0, 1.0, 1.0, 0.2]]));
    }
}
