//! Kecha 可查: the certificate chain from the exam to the public query.

pub mod chart;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod estimate;
pub mod intake;
pub mod jobs;
pub mod lang;
pub mod node;
pub mod outlook;
pub mod packs;
pub mod papers;
pub mod printing;
pub mod registry;
pub mod schedule;
pub mod simulation;
pub mod sync;
pub mod takeover;
pub mod tasks;
pub mod track;
pub mod web;
