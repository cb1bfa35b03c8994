//! The law by table: every act in every state, who may do what, which pack of rules an act is
//! under, and what each asker is told.
//!
//! The tables are written out and compared with what the code does, so that an arrow that is lost
//! and one that is added both fail.

mod account;
mod acts;
mod after;
mod asked;
mod cards;
mod deadlines;
mod eyes;
mod inquiry;
mod management;
mod packs;
mod publications;
mod rows;
mod seats;
mod states;
mod story;
mod walks;
mod whynot;
