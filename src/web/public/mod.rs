//! The pages anybody may see.

mod answer;
pub mod clock;
pub mod factor;
pub mod follow;
pub mod home;
pub mod inquiry;
pub mod log;
pub mod login;
pub mod manual;
pub mod narrow;
pub mod offices;
pub mod query;
pub mod when;
