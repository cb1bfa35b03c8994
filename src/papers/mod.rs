//! Papers that come in and go out: exam sheets for now.

pub mod sheet;
