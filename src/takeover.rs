//! A former register's list from its bytes into the register: what its columns mean, a check that
//! changes nothing, and the taking of its rows.
//!
//! The list is read on a thread of its own, a thousand rows at a time, so that reading and judging
//! overlap with what the register does, and a list of any length goes through in the same memory.
//! Each turn of the writer takes [`AT_ONCE`] rows and saves how far it came.

mod check;
mod plan;
mod reading;

use std::{fmt, io};

use domain::record::RecordId;
use jiff::Timestamp;

pub use check::{Checking, Summary};
pub use plan::Plan;
pub use reading::{Hashing, Judged, Reading, open_header};

use crate::{
    papers::sheet::SheetError,
    registry::{self, Merged, Officer, Registry},
};

/// Rows of one turn of the writer. The keys of people fall all over their tables, so the more rows
/// are written at once, the more of them share a page: 30,000 instead of 10,000 halve what is
/// written for a million, and others wait for their turn a little over a second.
pub const AT_ONCE: usize = 30_000;

/// Why a list could not be worked on.
#[derive(Debug)]
pub enum TakeoverError {
    /// It cannot be read.
    Sheet(SheetError),
    /// The register's trouble.
    Register(registry::Error),
}

impl fmt::Display for TakeoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sheet(e) => e.fmt(f),
            Self::Register(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for TakeoverError {}

impl From<SheetError> for TakeoverError {
    fn from(e: SheetError) -> Self {
        Self::Sheet(e)
    }
}

impl From<io::Error> for TakeoverError {
    fn from(e: io::Error) -> Self {
        Self::Sheet(e.into())
    }
}

impl From<registry::Error> for TakeoverError {
    fn from(e: registry::Error) -> Self {
        Self::Register(e)
    }
}

/// A batch while its rows are taken.
pub struct Taking {
    takeover: RecordId,
    by: Officer,
    reading: Reading,
    merged: Merged,
}

impl Taking {
    /// Goes on where the take-over stands; `reading` begins after its position.
    #[must_use]
    pub fn new(takeover: RecordId, by: Officer, reading: Reading) -> Self {
        Self {
            takeover,
            by,
            reading,
            merged: Merged::default(),
        }
    }

    /// What became of rows since it was begun.
    #[must_use]
    pub fn merged(&self) -> Merged {
        self.merged
    }

    /// One turn of the writer; at the end of the list the batch is closed. Tells whether there is
    /// more.
    ///
    /// # Errors
    /// A list that cannot be read further, or the register's trouble; then nothing of the turn was
    /// done.
    pub fn step(&mut self, registry: &Registry, now: Timestamp) -> Result<bool, TakeoverError> {
        let judged = self.reading.next(AT_ONCE)?;
        if judged.is_empty() {
            registry.close_takeover(self.takeover, &self.by, now)?;
            return Ok(false);
        }
        let rows = judged.into_iter().map(|j| (j.number, j.outcome.ok()));
        let now = registry.merge_rows(self.takeover, rows.collect(), &self.by, now)?;
        self.merged.taken += now.taken;
        self.merged.skipped += now.skipped;
        self.merged.differing += now.differing;
        self.merged.faulty += now.faulty;
        Ok(true)
    }
}
