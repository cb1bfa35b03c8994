//! The nightly comparison of a journal at home with its copy at the nation: are the entries the same,
//! and do the rows that were made of them agree?
//!
//! Each side computes from its own rows, as of the same entry: the nation's last (`side`). Both say
//! the same things in the same order and hear the other's, so each finds on its own what differs:
//! figures first; then, where roots differ, smaller and smaller ranges down to the first entry; then,
//! where rows differ, the rows themselves. Nothing here decides who is right: that is for
//! `kecha journal verify`, which needs no other side.

mod kept;
mod side;

use std::collections::{BTreeMap, HashSet};

use domain::record::RecordId;
use serde::{Deserialize, Serialize};

pub use self::kept::Compared;
use super::Error;

/// Into so many ranges a stretch of entries is divided.
const RANGES: u64 = 64;
/// Over so many buckets the rows are spread; a prime, for record numbers count up.
const BUCKETS: u16 = 1021;
/// Of so many buckets the rows are exchanged, and so many records are named.
const LOOKED_INTO: usize = 8;
const NAMED: usize = 20;

/// What kind of record a row keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// Offices.
    Office,
    /// Exam sessions.
    Session,
    /// Imported sheets.
    Sheet,
    /// Take-over batches.
    Batch,
    /// Accounts.
    Account,
    /// Halts.
    Halt,
    /// Cases, by their state.
    Case,
    /// Certificates, by their status.
    Certificate,
    /// Inquiries.
    Inquiry,
    /// Packs and announcements.
    Publication,
}

impl Rows {
    /// The permanent word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Session => "session",
            Self::Sheet => "sheet",
            Self::Batch => "batch",
            Self::Account => "account",
            Self::Halt => "halt",
            Self::Case => "case",
            Self::Certificate => "certificate",
            Self::Inquiry => "inquiry",
            Self::Publication => "publication",
        }
    }
}

/// What one side has of the first so many entries of a journal, and of the rows made of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// So many entries.
    pub size: u64,
    /// The root of the tree over their commitments.
    root: String,
    /// The roots of its ranges, each as long as the first.
    ranges: Vec<String>,
    /// How many rows of each kind and state.
    pub counts: BTreeMap<Rows, BTreeMap<String, u64>>,
    /// Of each bucket the sum of its rows' digests.
    sums: Vec<u64>,
    /// Entries that the nation holds in quarantine: the records they touch are left out on both
    /// sides.
    pub set_aside: Vec<u64>,
}

/// A row, as one side has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowSaid {
    record: RecordId,
    rows: Rows,
    state: String,
    /// The digest of all its columns that are the same on every node.
    digest: u64,
}

/// What one side says in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The province wants to compare.
    Begin,
    /// What there is.
    Figures(Box<Figures>),
    /// The roots of the ranges of a stretch.
    Roots(Vec<String>),
    /// The rows of some buckets.
    Rows(Vec<RowSaid>),
}

/// Something that is not the same on both sides. `here` is the side that tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// The journal at home has fewer entries than its copy.
    Short {
        /// Entries here.
        here: u64,
        /// Entries there.
        there: u64,
    },
    /// The entries differ, first and last within this range.
    Entries {
        /// The first that differs.
        from: u64,
        /// The last is before this one.
        until: u64,
    },
    /// Not as many rows.
    Count {
        /// Of this kind.
        rows: Rows,
        /// In this state.
        state: String,
        /// So many here.
        here: u64,
        /// So many there.
        there: u64,
    },
    /// A row that is not the same, or is on one side only.
    Record {
        /// The record.
        record: RecordId,
        /// Its kind.
        rows: Rows,
        /// Its state here; none where there is no row.
        here: Option<String>,
        /// Its state there.
        there: Option<String>,
        /// The first and the last entry that touch it, by what is kept here.
        entries: Option<(u64, u64)>,
    },
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The entries that were compared.
    pub size: u64,
    /// Entries the nation holds in quarantine.
    pub set_aside: u64,
    /// What is not the same; nothing when the two agree.
    pub differences: Vec<Difference>,
    /// More records differ than are named.
    #[serde(default)]
    pub more: bool,
}

/// What is to be said next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Figures,
    Roots(u64, u64),
    Rows(Vec<u16>),
    Done,
}

/// One side of a comparison that is under way.
pub struct Side {
    feed: i64,
    own: Figures,
    left_out: HashSet<RecordId>,
    step: Step,
    /// The end of the last range that differs.
    until: u64,
    /// Buckets that are to be looked into when the entries are done.
    buckets: Vec<u16>,
    outcome: Outcome,
}

/// How long each range of a stretch is.
fn span(from: u64, until: u64) -> u64 {
    (until - from).div_ceil(RANGES).max(1)
}

impl Side {
    /// Whether everything was said.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.step == Step::Done
    }

    /// What this side has.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.own
    }

    fn hears_figures(&mut self, theirs: &Figures) {
        let own = &self.own;
        let found = &mut self.outcome.differences;
        if own.size != theirs.size {
            let (here, there) = (own.size, theirs.size);
            found.push(Difference::Short { here, there });
            self.step = Step::Done;
            return;
        }
        let none = BTreeMap::new();
        let kinds = own.counts.keys().chain(theirs.counts.keys());
        for rows in kinds.collect::<std::collections::BTreeSet<_>>() {
            let of = |f: &Figures| f.counts.get(rows).unwrap_or(&none).clone();
            let (here, there) = (of(own), of(theirs));
            let states: std::collections::BTreeSet<_> = here.keys().chain(there.keys()).collect();
            for state in states {
                let of = |counts: &BTreeMap<String, u64>| counts.get(state).copied().unwrap_or(0);
                let (here, there) = (of(&here), of(&there));
                if here != there {
                    let (rows, state) = (*rows, state.clone());
                    found.push(Difference::Count {
                        rows,
                        state,
                        here,
                        there,
                    });
                }
            }
        }
        let sums = (0..BUCKETS).zip(own.sums.iter().zip(&theirs.sums));
        let other = sums.filter(|(_, (a, b))| a != b);
        self.buckets = other.map(|(bucket, _)| bucket).collect();
        self.outcome.more = self.buckets.len() > LOOKED_INTO;
        self.buckets.truncate(LOOKED_INTO);
        let roots = own.ranges.clone();
        if own.root == theirs.root {
            self.looks_into_rows();
        } else {
            let (all, length) = (own.size, span(0, own.size));
            let differ = |(a, b): (&String, &String)| a != b;
            let last = roots.iter().zip(&theirs.ranges).rposition(differ);
            let last = last.map_or(all, |n| (n as u64 + 1) * length);
            self.until = last.min(all);
            self.narrows(0, all, &roots, &theirs.ranges);
        }
    }

    fn looks_into_rows(&mut self) {
        self.step = if self.buckets.is_empty() {
            Step::Done
        } else {
            Step::Rows(self.buckets.clone())
        };
    }

    /// Goes on in the first range that differs, or says that it is one entry.
    fn narrows(&mut self, from: u64, until: u64, own: &[String], theirs: &[String]) {
        let length = span(from, until);
        let first = own.iter().zip(theirs).position(|(a, b)| a != b);
        let begins = first.map_or(from, |n| from + n as u64 * length);
        if first.is_some() && length > 1 {
            self.step = Step::Roots(begins, (begins + length).min(until));
            return;
        }
        let (from, until) = (begins, self.until);
        let found = Difference::Entries { from, until };
        self.outcome.differences.push(found);
        self.looks_into_rows();
    }

    fn hears_rows(&mut self, own: &[RowSaid], theirs: &[RowSaid]) -> Vec<Difference> {
        let by = |rows: &[RowSaid]| -> BTreeMap<(Rows, RecordId), RowSaid> {
            let keyed = rows.iter().map(|row| ((row.rows, row.record), row.clone()));
            keyed.collect()
        };
        let (own, theirs) = (by(own), by(theirs));
        let all: std::collections::BTreeSet<_> = own.keys().chain(theirs.keys()).collect();
        let differ = all
            .into_iter()
            .filter(|key| own.get(key) != theirs.get(key));
        let state = |row: Option<&RowSaid>| row.map(|row| row.state.clone());
        let mut found: Vec<Difference> = differ
            .map(|key| Difference::Record {
                record: key.1,
                rows: key.0,
                here: state(own.get(key)),
                there: state(theirs.get(key)),
                entries: None,
            })
            .collect();
        self.outcome.more |= found.len() > NAMED;
        found.truncate(NAMED);
        found
    }
}

/// The other side says something that is not due.
fn out_of_step() -> Error {
    Error::Internal("comparison: the other side is out of step")
}
