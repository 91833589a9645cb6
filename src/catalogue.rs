//! Floor 5: the list of experiments, by name.
use crate::{
    experiments::ALL,
    lab::{Entry, Fault},
};

/// Every experiment, in the order of the gallery.
pub fn all() -> &'static [&'static Entry] {
    ALL
}

/// The experiment of that name.
///
/// # Errors
/// If there is none, with the nearest name that there is.
pub fn find(id: &str) -> Result<&'static Entry, Fault> {
    let found = ALL.iter().find(|entry| entry.id == id).copied();
    found.ok_or_else(|| {
        Fault::new("id", id, "must be an experiment, one of those that `attractor list` shows")
            .near(id, ALL.iter().map(|entry| entry.id))
    })
}
