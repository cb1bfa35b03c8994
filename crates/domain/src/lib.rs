//! The law of operator certificates as values: people, exams, cases, certificates, terms.
//!
//! Everything here takes values and returns values. There is no clock, no file, no network and no
//! randomness: `#![no_std]` makes them unreachable, so a rule that a lawyer may question can be
//! tested in microseconds. Words follow `GLOSSARY.md`.
#![no_std]

extern crate alloc;

pub mod account;
pub mod batch;
pub mod calendar;
pub mod case;
pub mod catalogue;
pub mod certificate;
pub mod deadline;
pub mod document;
pub mod dossier;
pub mod eligibility;
pub mod event;
pub mod exam;
pub mod fold;
pub mod former;
pub mod hold;
pub mod inquiry;
pub mod law;
pub mod management;
pub mod material;
pub mod name;
pub mod office;
pub mod pack;
pub mod person;
pub mod publication;
pub mod record;
pub mod refusal;
pub mod retirement;
pub mod roster;
pub mod session;
pub mod tell;
pub mod term;
pub mod verdict;
pub mod whynot;
