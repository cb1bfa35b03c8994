//! Papers that come in and go out: exam sheets, event logs of strangers, and what is printed.

pub mod log;
pub mod print;
pub mod sheet;
