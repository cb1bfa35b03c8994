//! Papers that come in and go out: exam sheets, and event logs of strangers.

pub mod log;
pub mod sheet;
