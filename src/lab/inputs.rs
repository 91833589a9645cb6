//! What a run reads besides its parameters: pictures the user brought and files the project bundles.
use super::{Fault, Param};
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
}

impl Inputs {
    /// Adds a picture under an image parameter.
    pub fn push_image(&mut self, param: &'static Param, image: Image) {
        match self.images.iter_mut().find(|(name, _)| *name == param.name) {
            Some((_, list)) => list.push(image),
            None => self.images.push((param.name, vec![image])),
        }
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
