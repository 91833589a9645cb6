//! The IDX format of the MNIST files: a big-endian header, then bytes. Parts may follow each other in one file.

/// One part of an IDX file: unsigned bytes with up to three dimensions.
#[derive(Debug, PartialEq, Eq)]
pub struct Idx<'a> {
    /// Sizes, outermost first.
    pub sizes: Vec<usize>,
    /// As many bytes as the product of the sizes.
    pub bytes: &'a [u8],
}

/// Why some bytes are not IDX.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum IdxError {
    #[error("the header says {0:#010x}, which is not unsigned bytes in one to three dimensions (0x0000080N)")]
    Magic(u32),
    #[error("the file has {got} bytes where its header announces {wanted}")]
    Short { got: usize, wanted: usize },
}

impl<'a> Idx<'a> {
    /// Reads one part and returns it with the bytes behind it.
    ///
    /// # Errors
    /// If the header is not IDX of bytes, or the content ends early.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), IdxError> {
        let word = |at: usize| match bytes.get(at..at + 4) {
            Some(four) => Ok(u32::from_be_bytes([four[0], four[1], four[2], four[3]])),
            None => Err(IdxError::Short { got: bytes.len(), wanted: at + 4 }),
        };
        let magic = word(0)?;
        let dimensions = (magic & 0xff) as usize;
        if magic >> 8 != 8 || !(1..=3).contains(&dimensions) {
            return Err(IdxError::Magic(magic));
        }
        let sizes = (0..dimensions).map(|i| Ok(word(4 + 4 * i)? as usize)).collect::<Result<Vec<_>, _>>()?;
        let head = 4 + 4 * dimensions;
        let wanted = sizes.iter().fold(1usize, |product, size| product.saturating_mul(*size)).saturating_add(head);
        match bytes.get(head..wanted) {
            Some(content) => Ok((Self { sizes, bytes: content }, &bytes[wanted..])),
            None => Err(IdxError::Short { got: bytes.len(), wanted }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other() {
        let file = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9, 0, 0, 8, 1, 0, 0, 0, 1, 5];
        let (first, rest) = Idx::read(&file).unwrap();
        assert_eq!(first, Idx { sizes: vec![1, 2], bytes: &[7, 9] });
        assert_eq!(Idx::read(rest).unwrap().0, Idx { sizes: vec![1], bytes: &[5] });
    }

    #[test]
    fn short_and_foreign_files_are_named() {
        assert_eq!(Idx::read(&[0, 0, 8, 1, 0, 0, 0, 9, 1]).unwrap_err(), IdxError::Short { got: 9, wanted: 17 });
        assert_eq!(Idx::read(b"\x89PNG").unwrap_err(), IdxError::Magic(0x8950_4e47));
        assert_eq!(Idx::read(&[0, 0]).unwrap_err(), IdxError::Short { got: 2, wanted: 4 });
        let huge = [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255];
        assert!(matches!(Idx::read(&huge).unwrap_err(), IdxError::Short { .. }));
    }
}
