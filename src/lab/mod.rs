//! Floor 3: the contract between experiments and everything that shows them.
//!
//! Knows no experiment, no browser and no command line.
mod chart;
mod claim;
pub mod clock;
mod dial;
mod experiment;
mod fields;
mod figures;
mod gesture;
mod histogram;
mod inputs;
mod map;
mod noise;
mod params;
pub mod progress;
mod prose;
mod samples;
mod setup;
pub mod study;
mod view;
pub mod wait;

pub use chart::{Axis, Drawn, Field, Mark, Plot, Series};
pub use claim::{Claim, Descent, Scale, Unmeasured, Verdict};
pub use clock::Clock;
pub use dial::Dial;
pub use experiment::{Begun, Entry, Experiment, Live, Metric, Preset, Reach, Snapshot, Start, Status, Wing, fill};
pub use fields::{Fields, Left};
pub use figures::{Figure, Figures, Spot};
pub use gesture::{GRAIN, Gesture, Hand};
pub use histogram::Histogram;
pub use inputs::{Image, Inputs};
pub use map::{Corners, Map, PLANE, Way};
pub use noise::Noise;
pub use params::{Fault, Kind, Param, Pick, Value, Values, nearest};
pub use prose::{NO_THIRD_SET, Paper, Prose};
pub use samples::{DATA, HARD_DATA, digits, hard_sample_files, hard_samples, sample_files, samples};
pub use setup::Setup;
pub use view::{Glyphs, Place, Shape, View};
