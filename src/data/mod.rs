//! Floor 2: bundled pictures and how their files are read. Slices out; knows no model.
//!
//! The files lie in `www/data`, so that the page fetches what the native binary includes. `NOTICES.md` names their
//! sources and licences.
#[cfg(not(target_arch = "wasm32"))]
mod bundled;
mod choices;
mod clusters;
mod families;
mod idx;
mod parity;
mod pictures;
mod samples;
mod signals;
mod zoom;

pub use choices::{Choices, Crowd};
pub use clusters::Clusters;
pub use families::families;
pub use idx::{Idx, IdxError};
pub use parity::parity;
pub use pictures::{DIGITS, MORE_DIGITS, PHOTO_NAMES, PHOTOS, Pictures, digit_files, digits, paint, photos, resize};
pub use samples::{SMALL_DIGITS, Samples, Split, small_digits, small_ink};
pub use signals::signals;
pub use zoom::Zoom;

/// A file that the project bundles: gzip on the wire, handed to a run inflated.
#[derive(Debug)]
pub struct File {
    /// Its name in `www/data`.
    pub name: &'static str,
}
