//! What came of each comparison, and the wish for one: the nation cannot call a province, so it
//! leaves word, and the province asks with its next signed head.

use jiff::Timestamp;

use super::{Outcome, Side};
use crate::registry::{Error, Province, Registry, Result, store::Ask, work::OWN};

const KEEP: &str = "-- comparisons::keep
INSERT INTO comparisons (feed, at, outcome) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const LAST: &str = "-- comparisons::last
SELECT f.code, c.at, c.outcome FROM comparisons c JOIN feeds f ON f.feed = c.feed
WHERE c.at = (SELECT MAX(at) FROM comparisons o WHERE o.feed = c.feed) ORDER BY f.code";
const LAST_OWN: &str = "-- comparisons::last_own
SELECT COALESCE(MAX(at), 0) FROM comparisons WHERE feed = 0";
const WISH: &str = "-- comparisons::wish
INSERT INTO comparison_wishes (feed, after)
SELECT f.feed, COALESCE((SELECT MAX(c.at) FROM comparisons c WHERE c.feed = f.feed), 0)
FROM feeds f WHERE f.code = $1 AND f.feed > 0
ON CONFLICT (feed) DO UPDATE SET after = excluded.after";
const WISHED: &str = "-- comparisons::wished
SELECT COUNT(*) FROM comparison_wishes w WHERE w.feed = $1
AND w.after >= (SELECT COALESCE(MAX(c.at), 0) FROM comparisons c WHERE c.feed = w.feed)";

/// The last comparison of a journal.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Compared {
    /// The code of the province whose copy was compared; empty for this node's own journal.
    pub province: String,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
}

impl Registry {
    /// Keeps what came of a comparison, and raises the alarm where the two differ.
    ///
    /// # Errors
    /// What the database says.
    pub fn keep_comparison(&self, side: Side, now: Timestamp) -> Result<Outcome> {
        let outcome = side.outcome;
        let text =
            serde_json::to_string(&outcome).map_err(|_| Error::Internal("comparisons::keep"))?;
        let mut tx = self.store.begin()?;
        let at = now.as_millisecond();
        tx.execute(KEEP, &[side.feed.into(), at.into(), (&text).into()])?;
        tx.commit()?;
        for difference in &outcome.differences {
            tracing::error!(feed = side.feed, ?difference, "nation and province differ");
        }
        Ok(outcome)
    }

    /// The last comparison of each journal that was compared: the own one first.
    ///
    /// # Errors
    /// What the database says.
    pub fn comparisons(&self) -> Result<Vec<Compared>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(LAST, &[])?))?;
        rows.iter()
            .map(|row| {
                let broken = || Error::Internal("comparisons::last");
                Ok(Compared {
                    province: row.text(0)?.to_owned(),
                    at: Timestamp::from_millisecond(row.int(1)?).map_err(|_| broken())?,
                    outcome: serde_json::from_str(row.text(2)?).map_err(|_| broken())?,
                })
            })
            .collect()
    }

    /// When the own journal was last compared with the nation's copy; 1970 when it never was.
    ///
    /// # Errors
    /// What the database says.
    pub fn last_compared(&self) -> Result<Timestamp> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_one(LAST_OWN, &[])?))?;
        Timestamp::from_millisecond(row.int(0)?)
            .map_err(|_| Error::Internal("comparisons::last_own"))
    }

    /// Leaves word that a province's copy is to be compared.
    ///
    /// # Errors
    /// `NotFound` for a province that is not followed; what the database says.
    pub fn wish_comparison(&self, code: &str) -> Result<()> {
        let mut tx = self.store.begin()?;
        if tx.execute(WISH, &[code.into()])? == 0 {
            return Err(Error::NotFound);
        }
        Ok(tx.commit()?)
    }

    /// Whether somebody here waits for a comparison of this copy.
    ///
    /// # Errors
    /// What the database says.
    pub fn wishes_comparison(&self, province: &Province) -> Result<bool> {
        debug_assert_ne!(province.feed, OWN);
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_one(WISHED, &[province.feed.into()])?))?;
        Ok(row.int(0)? > 0)
    }
}
