//! The integration tests, one binary.

mod docs;
mod documents;
mod layers;
mod tamper;
