//! The feed between a province and the nation: what crosses the line between two nodes.
//!
//! A province's office lets connections out and none in, so the province calls and the nation
//! answers. The transport says for certain which node is at the other end; it says nothing about
//! what is sent: entries are believed for the checkpoint above them, not for the line they came by.

pub mod comparison;
pub mod nation;
pub mod province;
pub mod tls;
pub mod wire;
