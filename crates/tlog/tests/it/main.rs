//! The tests of the crate, as a stranger would use it.

mod hostile;
mod lists;
mod naive;
mod notes;
mod oracle;
mod proofs;
mod sample;
mod tiles;
mod trees;
mod vectors;
