//! The law of operator certificates as values: people, exams, cases, certificates, terms.
//!
//! Everything here takes values and returns values. There is no clock, no file, no network and no
//! randomness: `#![no_std]` makes them unreachable, so a rule that a lawyer may question can be
//! tested in microseconds. Words follow `GLOSSARY.md`.
#![no_std]

extern crate alloc;

pub mod catalogue;
pub mod document;
pub mod name;
pub mod person;
pub mod retirement;
pub mod roster;
pub mod verdict;
