//! The bundled files inside the native binary.
use super::{DIGITS, File, MORE_DIGITS, PHOTOS, SMALL_DIGITS};
use std::io::Read;

impl File {
    /// The file's content, inflated.
    ///
    /// # Panics
    /// If the file is not one of those the binary includes: a test reads each.
    pub fn read(&self) -> Vec<u8> {
        let packed: &[u8] = match self.name {
            name if name == DIGITS.name => include_bytes!("../../www/data/digits.idx.gz"),
            name if name == MORE_DIGITS.name => include_bytes!("../../www/data/more-digits.idx.gz"),
            name if name == PHOTOS.name => include_bytes!("../../www/data/photos.idx.gz"),
            name if name == SMALL_DIGITS.name => include_bytes!("../../www/data/small-digits.idx.gz"),
            name => unreachable!("{name} is not bundled"),
        };
        let mut bytes = Vec::new();
        let read = flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes);
        read.unwrap_or_else(|error| unreachable!("{} is bundled whole: {error}", self.name));
        bytes
    }
}
