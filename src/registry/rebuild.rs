//! Every row made again from the journal. The events are folded by the same code that folds them
//! when they happen, into an empty file beside; then both are gone through in the order of their
//! keys, and what differs is put right in one transaction.
//!
//! No row is deleted, here as elsewhere: a row that no event accounts for is told and stays, and so
//! does a wrong row of a table that is append only. Nothing is signed: whether the journal itself
//! is the one that was signed is told, and for a person to judge. A journal that is not whole is
//! no ground to rebuild on; then nothing is changed.

mod compare;
mod plan;
mod source;

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use domain::record::RecordId;
use tlog::{checkpoint::SignedCheckpoint, frontier::Frontier};

use self::source::{Read, read_ahead};
use super::{
    Error, Registry, Result,
    log::Head,
    store::{Ask, Param, Tx},
    work::Work,
};

/// What was put right, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Journal entries folded.
    pub entries: i64,
    /// For each table the rows that were wrong or missing and are right now.
    pub written: Vec<(&'static str, u64)>,
    /// What a person must look at.
    pub left: Vec<Left>,
}

/// What the journal does not account for, or forbids, and a rebuild leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// The entry breaks the law of its record and was not applied.
    Unlawful {
        /// Whose journal.
        feed: i64,
        /// The entry.
        at: i64,
        /// The refusal's code.
        refusal: &'static str,
    },
    /// Rows that no event accounts for.
    Unaccounted {
        /// The table.
        table: &'static str,
        /// How many.
        rows: u64,
        /// The key of the first, where the table has been gone through.
        first: Option<String>,
    },
    /// Wrong rows of a table that is append only.
    Fixed {
        /// The table.
        table: &'static str,
        /// How many.
        rows: u64,
    },
    /// The kept checkpoint is not of this journal's tree.
    Checkpoint {
        /// Whose journal.
        feed: i64,
    },
}

const FEEDS: &str = "-- rebuild::feeds\nSELECT feed, entries FROM heads ORDER BY feed";
const HEAD: &str = "-- rebuild::head\nSELECT frontier, checkpoint FROM heads WHERE feed = $1";
const EDGE: &str = "-- rebuild::edge\nUPDATE heads SET frontier = $2 WHERE feed = $1";
const ASIDE: &str = "-- rebuild::aside
INSERT INTO heads (feed, entries, frontier, checkpoint) VALUES ($1, 0, $2, '') ON CONFLICT DO NOTHING";
const HELD_BACK: &str = "-- rebuild::held_back\nSELECT idx FROM quarantine WHERE feed = $1";

/// Dossiers in memory before they are laid down; about as many as 100 MB hold.
const AT_HAND: usize = 20_000;

/// The file beside, taken away whatever happens. What stands in it is sealed as in the register.
struct Aside(PathBuf);

impl Aside {
    fn new(file: &Path) -> Result<Self> {
        let aside = Self(file.to_owned());
        aside.clear();
        if aside.0.exists() {
            let place = file.display();
            return Err(Error::Setup(format!("{place} is in the way: remove it")));
        }
        Ok(aside)
    }

    fn clear(&self) {
        for end in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            // What is not there need not be removed; what cannot be is seen when it is opened.
            drop(fs::remove_file(name));
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Registry {
    /// Makes every row again from the journal, with a file of its own at `aside` meanwhile.
    /// `progress` is told how many entries are done and how many there are. Others can read
    /// meanwhile, and not write.
    ///
    /// # Errors
    /// A journal that is not whole; what the database says. Then nothing was changed.
    pub fn rebuild(&self, aside: &Path, progress: &mut dyn FnMut(i64, i64)) -> Result<Rebuilt> {
        let mut tx = self.store.begin()?;
        let file = Aside::new(aside)?;
        let side = self.aside(&file.0)?;
        let mut rebuilt = Rebuilt::default();
        let mut feeds = Vec::new();
        for row in tx.query(FEEDS, &[])? {
            feeds.push((row.int(0)?, row.int(1)?));
        }
        let all = feeds.iter().map(|(_, entries)| entries).sum();
        for (feed, entries) in feeds {
            let done = rebuilt.entries;
            let mut told = |n| progress(done + n, all);
            self.rebuild_one(&mut tx, &side, (feed, entries), &mut rebuilt, &mut told)?;
        }
        drop(side);
        tx.commit()?;
        self.reload_publications()?;
        self.reload_directory()?;
        Ok(rebuilt)
    }

    fn rebuild_one(
        &self,
        tx: &mut Tx<'_>,
        side: &Self,
        (feed, entries): (i64, i64),
        rebuilt: &mut Rebuilt,
        progress: &mut dyn FnMut(i64),
    ) -> Result<()> {
        side.enter_feed(feed)?;
        let mut work = side.work_on(feed)?;
        let mut held_back = HashSet::new();
        for row in tx.query(HELD_BACK, &[feed.into()])? {
            held_back.insert(row.int(0)?);
        }
        let mut subjects = Subjects::new(feed);
        read_ahead(self, feed, entries, |read| {
            for entry in read {
                fold(&mut work, &entry, &held_back, rebuilt)?;
                subjects.add(&entry);
            }
            subjects.flush(tx)?;
            if work.dossiers.len().max(work.people.len()) >= AT_HAND {
                work.flush()?;
            }
            progress(work.head.entries());
            Ok(())
        })?;
        rebuilt.entries += entries;
        work.flush()?;
        subjects.finish(tx, rebuilt)?;
        edge(tx, feed, &work.head, rebuilt)?;
        let mut compared = compare::Compared::new(self, feed);
        compared.all(tx, &mut work.tx)?;
        compared.tell(rebuilt);
        // Kept until the file is taken away: what was folded is not read again.
        work.tx.commit()?;
        Ok(())
    }

    fn enter_feed(&self, feed: i64) -> Result<()> {
        let mut tx = self.store.begin()?;
        let empty = Frontier::new().to_bytes();
        tx.execute(ASIDE, &[feed.into(), (&empty).into()])?;
        Ok(tx.commit()?)
    }
}

/// Folds one entry, or tells why the law does not let it.
fn fold(
    work: &mut Work<'_>,
    entry: &Read,
    held_back: &HashSet<i64>,
    rebuilt: &mut Rebuilt,
) -> Result<()> {
    work.head.append(&entry.commitment)?;
    let refused = match &entry.event {
        Some(event) => match work.apply(event) {
            Ok(()) => return Ok(()),
            Err(Error::Refused(refusal)) => refusal.code(),
            Err(other) => return Err(other),
        },
        None => super::entry::UNREADABLE,
    };
    if !held_back.contains(&entry.idx) {
        rebuilt.left.push(Left::Unlawful {
            feed: work.feed,
            at: entry.idx,
            refusal: refused,
        });
    }
    Ok(())
}

/// Which entries touch which record. The table is append only: what is missing can be added.
struct Subjects {
    feed: i64,
    pairs: Vec<(i64, i64)>,
    all: u64,
    added: u64,
}

const SUBJECTS: &str = "-- rebuild::subjects\nSELECT COUNT(*) FROM subject WHERE feed = $1";

impl Subjects {
    fn new(feed: i64) -> Self {
        let pairs = Vec::new();
        let (all, added) = (0, 0);
        Self {
            feed,
            pairs,
            all,
            added,
        }
    }

    fn add(&mut self, entry: &Read) {
        let nobody = (RecordId::from_raw(0), None);
        let event = entry.event.as_ref();
        let (one, other) = event.map_or(nobody, domain::event::Event::subjects);
        let records = [Some(one), other].into_iter().flatten();
        let before = self.pairs.len();
        self.pairs.extend(records.map(|r| (r.as_i64(), entry.idx)));
        self.all += (self.pairs.len() - before) as u64;
    }

    fn flush(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        // In the order of the table, so that each of its pages is found once.
        self.pairs.sort_unstable();
        let feed = Param::Int(self.feed);
        let row = |(record, idx): &(i64, i64)| [feed, (*record).into(), (*idx).into()];
        let rows: Vec<[Param<'_>; 3]> = self.pairs.iter().map(row).collect();
        self.added += tx.insert_many(&plan::SUBJECT, &rows)?;
        self.pairs.clear();
        Ok(())
    }

    fn finish(self, tx: &mut Tx<'_>, rebuilt: &mut Rebuilt) -> Result<()> {
        let rows = tx.query_one(SUBJECTS, &[self.feed.into()])?.int(0)?;
        plan::count(&mut rebuilt.written, "subject", self.added);
        let more = rows.unsigned_abs().saturating_sub(self.all);
        if more > 0 {
            rebuilt.left.push(Left::Unaccounted {
                table: "subject",
                rows: more,
                first: None,
            });
        }
        Ok(())
    }
}

/// The right edge of the tree follows from the entries; its signature is somebody's word.
fn edge(tx: &mut Tx<'_>, feed: i64, head: &Head, rebuilt: &mut Rebuilt) -> Result<()> {
    let row = tx.query_one(HEAD, &[feed.into()])?;
    let frontier = head.frontier();
    if row.blob(0)? != frontier {
        tx.change_one(EDGE, &[feed.into(), (&frontier).into()])?;
        plan::count(&mut rebuilt.written, "heads", 1);
    }
    let signed = match row.text(1)? {
        "" => head.entries() == 0,
        note => SignedCheckpoint::parse(note.as_bytes()).is_ok_and(|note| {
            let claimed = note.claimed();
            let entries = head.entries().unsigned_abs();
            (claimed.size(), claimed.root()) == (entries, head.root())
        }),
    };
    if !signed {
        rebuilt.left.push(Left::Checkpoint { feed });
    }
    Ok(())
}
