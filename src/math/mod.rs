//! Floor 1: numbers only. Knows no experiment, no clock, no serde.
