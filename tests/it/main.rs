//! The integration tests, one binary.

mod correction;
mod docs;
mod documents;
mod feed;
mod feed_simulation;
mod house;
mod inquiry;
mod layers;
mod office;
mod people;
mod rebuild;
mod routes;
mod story;
mod tamper;
mod turn;
mod visitor;
