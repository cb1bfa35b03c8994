//! How much of each province is here.

use super::{Error, Registry, Result, store::Ask};

/// What lies under one journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// The province's code; empty for this node's own.
    pub province: String,
    /// Entries.
    pub entries: u64,
    /// Cases, ended ones too.
    pub cases: u64,
    /// Certificates, ended ones too.
    pub certificates: u64,
}

const ALL: &str = "-- sizes::all
SELECT f.code, COALESCE(h.entries, 0),
(SELECT COUNT(*) FROM cases c WHERE c.feed = f.feed),
(SELECT COUNT(*) FROM certificates c WHERE c.feed = f.feed)
FROM feeds f LEFT JOIN heads h ON h.feed = f.feed ORDER BY f.code";

impl Registry {
    /// What lies under each journal, this node's own first.
    ///
    /// # Errors
    /// What the database says.
    pub fn sizes(&self) -> Result<Vec<Size>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        rows.iter()
            .map(|row| {
                Ok(Size {
                    province: row.text(0)?.to_owned(),
                    entries: row.int(1)?.unsigned_abs(),
                    cases: row.int(2)?.unsigned_abs(),
                    certificates: row.int(3)?.unsigned_abs(),
                })
            })
            .collect()
    }
}
