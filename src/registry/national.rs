//! Whether a certificate of this province can be looked up nationwide yet: it is below a checkpoint
//! of the own journal that the nation cosigned. Two numbers in memory answer for nearly everybody;
//! only while the nation lacks entries is a certificate's own place in the journal looked up.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{event::legal_day, record::RecordId};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    Error, Registry, Result,
    store::{Ask, Param},
};

/// How many entries the own journal has, and how many of them the nation. Both only grow.
#[derive(Default)]
pub(super) struct Reach {
    entries: AtomicU64,
    national: AtomicU64,
}

impl Reach {
    pub(super) fn entries_are(&self, entries: u64) {
        self.entries.fetch_max(entries, Ordering::AcqRel);
    }

    pub(super) fn nation_has(&self, entries: u64) {
        self.national.fetch_max(entries, Ordering::AcqRel);
    }
}

/// Where a certificate stands on its way to the nation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct National {
    /// The nation tells it as it is told here.
    pub queryable: bool,
    /// The day of the newest entry about it; only where that entry is not at the nation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_on: Option<Date>,
    /// That entry's place in the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// So many entries the nation has, counted from the first.
    pub nation_entries: u64,
}

const NEWEST: &str = "-- national::newest
SELECT s.idx, j.at FROM subject s JOIN journal j ON j.feed = s.feed AND j.idx = s.idx
WHERE s.record = $1 AND s.feed = 0 ORDER BY s.idx DESC LIMIT 1";

impl Registry {
    /// Reads how far the journal reaches: another process may have written, or this one just began.
    ///
    /// # Errors
    /// What the database says.
    pub fn refresh_reach(&self) -> Result<()> {
        self.reach.entries_are(self.entries()?);
        let national = self.acknowledged()?;
        self.reach.nation_has(national.map_or(0, |(size, _)| size));
        Ok(())
    }

    /// Where each of these certificates of the own register stands.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn national(self: &Arc<Self>, ids: Vec<RecordId>) -> Result<Vec<National>> {
        let nation_entries = self.reach.national.load(Ordering::Acquire);
        let there = National {
            queryable: true,
            recorded_on: None,
            entry: None,
            nation_entries,
        };
        if ids.is_empty() || nation_entries >= self.reach.entries.load(Ordering::Acquire) {
            return Ok(vec![there; ids.len()]);
        }
        let registry = Arc::clone(self);
        let look = move || ids.iter().map(|id| registry.newest(*id, there)).collect();
        let looked = tokio::task::spawn_blocking(look);
        looked.await.map_err(|_| Error::Internal("national"))?
    }

    fn newest(&self, id: RecordId, there: National) -> Result<National> {
        let record = Param::Int(id.as_i64());
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(NEWEST, &[record])?))?;
        let row = row.ok_or(Error::Internal("national::newest"))?;
        let entry = row.int(0)?.unsigned_abs();
        if entry < there.nation_entries {
            return Ok(there);
        }
        let at = Timestamp::from_millisecond(row.int(1)?);
        Ok(National {
            queryable: false,
            recorded_on: at.ok().map(legal_day),
            entry: Some(entry),
            ..there
        })
    }
}
