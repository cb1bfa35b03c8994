//! The crate as a stranger uses it.

mod prior;
