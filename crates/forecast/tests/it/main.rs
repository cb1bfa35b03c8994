//! The crate as a stranger uses it.

mod backtest;
mod prior;
mod province;
