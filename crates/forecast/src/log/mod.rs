//! Any event log: how long from this event to the end of the case?
//!
//! The step is "from this event to the end", on a grid of elapsed time ([`Grid`]) that is even in
//! the logarithm and has a bin of its own for every value that is frequent, zero among them. The
//! levels are the whole log, the last activity, and what else of the story so far tells
//! ([`Structure`]): the activity before, the position, the time since the start, the set of
//! activities. Each level's hazards are shrunk toward the level above, unfinished cases are
//! censored, recent cases may weigh more.
//!
//! Which structure, how fast the past fades and how strongly a level holds on to its parent is not
//! assumed. It is decided by *rehearsals*: the question of the back-test is put to earlier days of
//! the training part, with the same strict split, and the choice with the best mean score wins.
//! The same rehearsals show how often outcomes lay below each quantile, and the levels are bent to
//! it ([`Levels`]): the recalibration of Kuleshov, Fenner and Ermon (2018), with the product-limit
//! estimate because some rehearsed outcomes are themselves censored, and shrunk toward no change.
//!
//! **The prefix at the last event does not count.** Whoever asks knows whether the case is over;
//! there a forecast has nothing to tell, and a remaining time of zero would be covered for nothing.

mod backtest;
mod fit;
mod grid;
mod prefix;
mod rehearse;

pub use backtest::{Backtest, Fault, Score, Split, backtest};
pub use fit::Structure;
pub use grid::Grid;
pub use rehearse::Levels;

/// The quantiles a back-test asks for.
pub const QUANTILES: [f64; 5] = [0.1, 0.5, 0.8, 0.9, 0.95];

/// One case: when something happened and what, by the number of an activity.
///
/// Times are in any unit that runs on evenly: days, or working days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Ascending; events at the same moment in the order in which they happened.
    pub events: Vec<(f64, u32)>,
}

impl Case {
    /// The moment of the first event.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.events.first().map_or(0.0, |event| event.0)
    }

    /// The moment of the last event.
    #[must_use]
    pub fn end(&self) -> f64 {
        self.events.last().map_or(0.0, |event| event.0)
    }
}
