//! The integration tests, one binary.

mod bottlenecks;
mod comparison;
mod correction;
mod deadlines;
mod docs;
mod documents;
mod feed;
mod feed_simulation;
mod forecast;
mod halt;
mod house;
mod inquiry;
mod layers;
mod office;
mod people;
mod rebuild;
mod routes;
mod simulation;
mod story;
mod tamper;
mod tampered;
mod track;
mod turn;
mod visitor;
mod when;
mod whynot;
