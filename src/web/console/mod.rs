//! The consoles of the offices. Simple but whole: every step of the chain can be taken here.

mod accepting;
pub mod bottlenecks;
pub mod bundle;
pub mod cases;
pub mod feeds;
pub mod home;
pub mod import;
pub mod inquiries;
pub mod marked;
pub mod materials;
pub mod office;
pub mod offices;
pub mod queue;
pub mod reissue;
pub mod runs;
pub mod search;
pub mod second_lists;
mod sent;
pub mod sessions;
mod story;
pub mod takeover;
pub mod tasks;
