//! The consoles of the offices. Simple but whole: every step of the chain can be taken here.

pub mod announcements;
pub mod bottlenecks;
pub mod cases;
pub mod feeds;
pub mod home;
pub mod import;
pub mod inquiries;
pub mod marked;
pub mod offices;
pub mod packs;
pub mod provinces;
pub mod publications;
pub mod queue;
pub mod reissue;
pub mod runs;
pub mod search;
pub mod sessions;
mod story;
pub mod takeover;
pub mod tasks;
