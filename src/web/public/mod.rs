//! The pages anybody may see.

pub mod home;
pub mod log;
pub mod login;
pub mod query;
