//! Attractor: associative memory and sparse networks as a playground.
//!
//! # The house
//!
//! **One experiment is one file.** A file in [`experiments`] holds its descriptor, parameters, state, step, views,
//! claims and test; one explicit list names the files. The gallery, the form, the links, `attractor list`, the golden
//! rows, the law tests and the browser test are made from that list.
//!
//! A file uses only floors below its own; `tests/floors.rs` holds it.
//!
//! | floor | module | what it is, and what it must not know |
//! |---|---|---|
//! | 1 | [`math`] | numbers only: no experiment, no serde, no clock |
//! | 2 | [`data`], [`model`] | bundled data and seeded generators; memories, training, pruning, random networks. Not each other |
//! | 3 | [`lab`] | the contract: experiment, view, parameter, gesture, claim, inputs. Knows no experiment |
//! | 4 | [`experiments`] | one file each, and the list. Never each other: what two need moves down to `model` |
//! | 5 | [`catalogue`], [`link`], [`session`], [`sweep`] | the list as data; the permalink; a run; a grid of runs |
//! | 6 | `main.rs`, `wasm.rs` | the native face and the browser face: no logic |
//!
//! Absent on purpose: threads, async, globals, clocks and files below floor 6, `HashMap`, JavaScript per experiment. A run that is
//! about time itself is handed a clock; what it reads there is outside of its digest.
//!
//! # The same bits everywhere
//!
//! A run is a pure function of version, id, parameters, inputs, seed and gestures. Transcendentals go through
//! [`math::scalar`]; sums have a fixed order; chance comes from named streams of [`math::rng`]. The digest of a run is
//! therefore equal natively, in Node and in browsers, with and without SIMD.
pub mod catalogue;
pub mod data;
pub mod experiments;
pub mod lab;
pub mod link;
pub mod math;
pub mod model;
pub mod session;
pub mod sweep;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
