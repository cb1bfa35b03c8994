//! Reading the journal ahead of whoever folds it: one thread asks, opens, compares and parses, the
//! other folds, in order.

use std::{sync::mpsc::sync_channel, thread};

use domain::event::Event;

use crate::registry::{
    Error, Registry, Result,
    entry::{UNREADABLE, entry_aad},
    store::{Ask, Row},
};

const PAGE: &str = "-- rebuild::page
SELECT j.idx, j.at, j.kind, j.commitment, s.salt, s.body FROM journal j JOIN sealed s
ON s.idx = j.idx AND s.feed = j.feed WHERE j.feed = $1 AND j.idx >= $2 ORDER BY j.idx LIMIT 1000";

const UNCOUNTED: &str = "the head does not count it";

/// Pages that wait.
const AHEAD: usize = 4;

/// An entry as it was read.
pub(super) struct Read {
    pub idx: i64,
    pub commitment: [u8; 32],
    /// None where the bytes are no event that this program knows.
    pub event: Option<Event>,
}

/// Reads a whole journal, page by page, and hands each page on.
pub(super) fn read_ahead(
    registry: &Registry,
    feed: i64,
    entries: i64,
    mut take: impl FnMut(Vec<Read>) -> Result<()>,
) -> Result<()> {
    thread::scope(|scope| {
        let (sender, pages) = sync_channel(AHEAD);
        let reader = scope.spawn(move || {
            registry.store.read(|r| {
                let mut next = 0;
                while next < entries {
                    let rows = r.query(PAGE, &[feed.into(), next.into()])?;
                    let mut page = Vec::with_capacity(rows.len());
                    for row in &rows {
                        if next == entries {
                            return Err(broken(feed, next, UNCOUNTED));
                        }
                        page.push(registry.read(feed, next, row)?);
                        next += 1;
                    }
                    if page.is_empty() {
                        return Err(broken(feed, next, "it is missing"));
                    }
                    if sender.send(page).is_err() {
                        // Whoever folds has stopped, and says why.
                        return Ok(());
                    }
                }
                let more = r.query(PAGE, &[feed.into(), next.into()])?;
                if more.is_empty() {
                    Ok(())
                } else {
                    Err(broken(feed, next, UNCOUNTED))
                }
            })
        });
        let done = pages.iter().try_for_each(&mut take);
        drop(pages);
        match (done, reader.join()) {
            (Ok(()), Ok(read)) => read,
            (Err(error), Ok(_)) => Err(error),
            // A panic goes on where it would have without the thread.
            (_, Err(panic)) => std::panic::resume_unwind(panic),
        }
    })
}

fn broken(feed: i64, at: i64, what: &str) -> Error {
    Error::Setup(format!(
        "journal {feed}, entry {at}: {what}; a journal that is not whole cannot be rebuilt from \
         (`kecha journal verify` tells more)"
    ))
}

impl Registry {
    /// The entry of a row, which must be the next and the bytes that were committed to.
    fn read(&self, feed: i64, next: i64, row: &Row) -> Result<Read> {
        let idx = row.int(0)?;
        if idx != next {
            return Err(broken(feed, next, "it is missing"));
        }
        let (Some(salt), Some(body)) = (row.opt_blob(4)?, row.opt_blob(5)?) else {
            return Err(broken(feed, idx, "its bytes were destroyed"));
        };
        let bytes = self
            .keyring
            .open(&entry_aad(feed, idx), body)
            .map_err(|_| broken(feed, idx, "its sealed bytes do not open"))?;
        let salt: &[u8; 16] = salt
            .try_into()
            .map_err(|_| broken(feed, idx, "its salt is not one"))?;
        let commitment = tlog::hash::commitment(salt, &bytes);
        if row.blob(3)? != commitment {
            return Err(broken(feed, idx, "its bytes are not those committed to"));
        }
        let event = match row.text(2)? {
            UNREADABLE => None,
            kind => {
                let event = Event::from_bytes(&bytes).ok();
                let same = event
                    .filter(|e| e.act.kind() == kind && Ok(e.at.as_millisecond()) == row.int(1));
                let other = || broken(feed, idx, "its row says something else than its bytes");
                Some(same.ok_or_else(other)?)
            }
        };
        Ok(Read {
            idx,
            commitment,
            event,
        })
    }
}
