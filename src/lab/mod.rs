//! Floor 3: the contract between experiments and everything that shows them.
//!
//! Knows no experiment, no browser and no command line.
mod claim;
mod experiment;
mod gesture;
mod inputs;
mod params;
mod view;

pub use claim::{Claim, Descent, Scale, Verdict};
pub use experiment::{Begun, Entry, Experiment, Live, Metric, Paper, Preset, Start, Status, Wing};
pub use gesture::{GRAIN, Gesture, Hand};
pub use inputs::{Image, Inputs};
pub use params::{Fault, Kind, Param, Pick, Value, Values, nearest};
pub use view::{Axis, Glyphs, Mark, Place, Series, Shape, View};
