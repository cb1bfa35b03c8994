//! The pages anybody may see.

pub mod clock;
pub mod home;
pub mod log;
pub mod login;
pub mod query;
