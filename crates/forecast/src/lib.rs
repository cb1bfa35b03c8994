//! temp
pub mod axis;
mod cell;
pub mod chain;
mod distribution;
pub mod hazard;
pub mod log;
mod model;
mod number;
mod track;
mod walk;
pub use axis::{Axis, Week};
pub use cell::Memory;
pub use chain::{Chain, Outcome, Step, To};
pub use distribution::{Distribution, pinball};
pub use model::{Estimate, Model, Place, SPEAKS, Speeds};
pub use track::{LEVELS, Track, held};
pub use walk::{Forecast, HORIZON, Situation};
pub mod brief;
