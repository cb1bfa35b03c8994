//! The consoles of the offices. Simple but whole: every step of the chain can be taken here.

pub mod accounts;
pub mod bottlenecks;
pub mod cases;
pub mod feeds;
pub mod home;
pub mod import;
pub mod inquiries;
pub mod log_ins;
pub mod me;
pub mod offices;
pub mod readings;
pub mod reissue;
pub mod sessions;
mod story;
