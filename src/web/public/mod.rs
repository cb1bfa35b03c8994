//! The pages anybody may see.

pub mod clock;
pub mod follow;
pub mod home;
pub mod inquiry;
pub mod log;
pub mod login;
pub mod query;
