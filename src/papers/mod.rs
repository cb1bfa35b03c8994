//! Papers that come in and go out: exam sheets, event logs of strangers, and what is printed.

pub mod bundle;
pub mod log;
pub mod picture;
pub mod print;
pub mod sheet;
