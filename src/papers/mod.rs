//! Papers that come in and go out: exam sheets, and event logs of strangers.

pub mod bundle;
pub mod log;
pub mod picture;
pub mod sheet;
