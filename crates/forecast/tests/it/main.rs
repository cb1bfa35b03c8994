//! The crate as a stranger uses it.

mod backtest;
mod learning;
mod logs;
mod prior;
mod province;
mod speed;
