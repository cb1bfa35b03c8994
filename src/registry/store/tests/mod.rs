//! The store's tests. Every test in `common` runs once on each database from the same text; what
//! only one database can do wrong stands in `postgres_only`.

mod common;
mod guards;
mod house;
mod postgres_only;
