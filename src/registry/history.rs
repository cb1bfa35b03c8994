//! What statistics may know of a case: which step it took on which day, at which offices. Nothing
//! here says whose case it is.
//!
//! The journal is read from where the last reading ended, so a day's entries are read once. An
//! entry in quarantine changed nothing and is passed over; bytes that do not open are a matter for
//! `kecha journal verify` and are passed over, too.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use domain::{
    catalogue::{Category, ItemCode},
    event::{Act, Event},
    exam::{Attempt, Exam, Outcome},
    office::OfficeCode,
    record::RecordId,
    verdict::Kind,
};
use jiff::{Timestamp, civil::Date};
use tlog::checkpoint::SignedCheckpoint;

use super::{
    Registry, Result,
    entry::{UNREADABLE, entry_aad},
    store::{Ask, Reader},
};

/// Where and for what a case is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The province whose journal it stands in; empty for the node's own.
    pub province: String,
    /// Who decides.
    pub authority: OfficeCode,
    /// Who examines and reports.
    pub institution: OfficeCode,
    /// Why it is applied for.
    pub kind: Kind,
    /// Which of the two certificates.
    pub category: Category,
    /// For what.
    pub item: ItemCode,
}

/// What happened to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It was registered.
    Registered(Box<Place>),
    /// Its last exam part was sat; the milestone's day is the day of the exam.
    Sat,
    /// Its scores were confirmed, and both parts are passed.
    Confirmed,
    /// Its scores were confirmed, and it has not passed.
    NotPassed,
    /// It was reported, or reported again.
    Reported,
    /// It was returned with everything that is missing.
    Returned,
    /// It was accepted, by an officer or by silence.
    Accepted,
    /// It was approved.
    Approved,
    /// Its certificate was issued.
    Issued,
    /// The entry that issued it came under a checkpoint that the nation cosigned: it can be looked
    /// up nationwide.
    National,
    /// It ended without a certificate.
    Ended,
}

/// One step of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The case.
    pub case: RecordId,
    /// The legal day.
    pub day: Date,
    /// What happened.
    pub passed: Passed,
}

/// How far each journal was read, and what a reading must remember from one time to the next.
#[derive(Debug, Default)]
pub struct Reading {
    /// The next entry of each journal.
    next: BTreeMap<i64, i64>,
    /// What cases that are not reported have sat.
    exams: HashMap<RecordId, Exam>,
    /// Issued, and not yet cosigned by the nation: entries and cases, by journal.
    waiting: BTreeMap<i64, VecDeque<(i64, RecordId)>>,
}

/// Entries read in one go.
const STEP: i64 = 5_000;

const JOURNALS: &str = "-- history::journals
SELECT h.feed, f.code, h.entries FROM heads h JOIN feeds f ON f.feed = h.feed ORDER BY h.feed";
const AT: &str = "-- history::at\nSELECT at FROM journal WHERE feed = $1 AND idx = $2";
const PAGE: &str = "-- history::page
SELECT j.idx, j.kind, s.body FROM journal j JOIN sealed s ON s.feed = j.feed AND s.idx = j.idx
WHERE j.feed = $1 AND j.idx >= $2 AND j.idx < $3 ORDER BY j.idx";
const HELD_BACK: &str = "-- history::held_back
SELECT idx FROM quarantine WHERE feed = $1 AND idx >= $2 AND idx < $3";
const RECEIPT: &str = "-- history::receipt
SELECT size, note FROM cosigned WHERE feed = $1 AND size > $2 ORDER BY size LIMIT 1";

impl Registry {
    /// Reads what happened since the last reading, the oldest first, and gives each page of
    /// milestones to `take`. Entries recorded before `from` are passed over when a journal is read
    /// for the first time.
    ///
    /// # Errors
    /// What the database says; what was given before stays given.
    pub fn milestones(
        &self,
        reading: &mut Reading,
        from: Timestamp,
        take: &mut dyn FnMut(Vec<Milestone>),
    ) -> Result<()> {
        let journals = self.store.read(|r| {
            let rows = r.query(JOURNALS, &[])?;
            let of = |row: &super::store::Row| {
                Ok::<_, super::Error>((row.int(0)?, row.text(1)?.to_owned(), row.int(2)?))
            };
            rows.iter().map(of).collect::<Result<Vec<_>>>()
        })?;
        for (feed, province, entries) in journals {
            let mut next = match reading.next.get(&feed) {
                Some(next) => *next,
                None => self.store.read(|r| first_since(r, feed, entries, from))?,
            };
            while next < entries {
                let end = entries.min(next + STEP);
                take(
                    self.store
                        .read(|r| self.read_milestones(r, reading, (feed, &province), next..end))?,
                );
                next = end;
                reading.next.insert(feed, next);
            }
            reading.next.insert(feed, next);
            let arrived = self.store.read(|r| arrived(r, reading, feed))?;
            if !arrived.is_empty() {
                take(arrived);
            }
        }
        Ok(())
    }

    fn read_milestones(
        &self,
        r: &mut Reader<'_>,
        reading: &mut Reading,
        (feed, province): (i64, &str),
        run: std::ops::Range<i64>,
    ) -> Result<Vec<Milestone>> {
        let place = [feed.into(), run.start.into(), run.end.into()];
        let mut held_back = HashSet::new();
        for row in r.query(HELD_BACK, &place)? {
            held_back.insert(row.int(0)?);
        }
        let mut found = Vec::new();
        for row in r.query(PAGE, &place)? {
            let idx = row.int(0)?;
            if row.text(1)? == UNREADABLE || held_back.contains(&idx) {
                continue;
            }
            let opened = row
                .opt_blob(2)?
                .and_then(|body| self.keyring.open(&entry_aad(feed, idx), body).ok());
            let Some(event) = opened.and_then(|bytes| Event::from_bytes(&bytes).ok()) else {
                continue;
            };
            let Some((day, passed)) = reading.passed(&event, province) else {
                continue;
            };
            if passed == Passed::Issued {
                let waiting = reading.waiting.entry(feed).or_default();
                waiting.push_back((idx, event.record));
            }
            found.push(Milestone {
                case: event.record,
                day,
                passed,
            });
        }
        Ok(found)
    }
}

/// The cases whose entry is now under a cosigned checkpoint, each with the day of the first.
fn arrived(r: &mut Reader<'_>, reading: &mut Reading, feed: i64) -> Result<Vec<Milestone>> {
    let mut found = Vec::new();
    let Some(waiting) = reading.waiting.get_mut(&feed) else {
        return Ok(found);
    };
    while let Some((idx, _)) = waiting.front() {
        let Some(row) = r.query_opt(RECEIPT, &[feed.into(), (*idx).into()])? else {
            break;
        };
        let (size, day) = (row.int(0)?, cosigned_on(row.text(1)?));
        while let Some((_, case)) = waiting.pop_front_if(|(idx, _)| *idx < size) {
            found.extend(day.map(|day| Milestone {
                case,
                day,
                passed: Passed::National,
            }));
        }
    }
    Ok(found)
}

/// The day a checkpoint was cosigned on, as its cosignature says: a line that begins with 8 bytes of
/// time. Whether it is a good one was seen when it was kept.
fn cosigned_on(note: &str) -> Option<Date> {
    let note = SignedCheckpoint::parse(note.as_bytes()).ok()?;
    let lines = note
        .note()
        .signatures()
        .iter()
        .map(tlog::note::Signature::bytes);
    let times = lines.filter(|bytes| bytes.len() == 72).filter_map(|bytes| {
        let seconds = i64::from_be_bytes(bytes.first_chunk().copied()?);
        Timestamp::from_second(seconds).ok()
    });
    times.min().map(domain::event::legal_day)
}

/// The first entry recorded at or after a moment: times of a journal do not step back.
fn first_since(r: &mut Reader<'_>, feed: i64, entries: i64, from: Timestamp) -> Result<i64> {
    let (mut low, mut high) = (0, entries);
    while low < high {
        let middle = i64::midpoint(low, high);
        let row = r.query_opt(AT, &[feed.into(), middle.into()])?;
        let at = row.map_or(Ok(0), |row| row.int(0))?;
        if at < from.as_millisecond() {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

impl Reading {
    /// What an event is for the statistics, and on which day.
    fn passed(&mut self, event: &Event, province: &str) -> Option<(Date, Passed)> {
        let today = event.day();
        if let Some(sat) = Attempt::of(&event.act) {
            let exam = self.exams.entry(event.record).or_default();
            exam.attempts.push(sat);
            return Some((exam.last_day().unwrap_or(sat.on), Passed::Sat));
        }
        let passed = match &event.act {
            Act::Registered(r) => Passed::Registered(Box::new(Place {
                province: province.to_owned(),
                authority: r.authority.clone(),
                institution: r.institution.clone(),
                kind: r.kind,
                category: r.category,
                item: r.item.clone(),
            })),
            Act::ScoreRechecked { part, score } => {
                let exam = self.exams.get_mut(&event.record)?;
                let last = exam.attempts.iter_mut().rev().find(|a| a.part == *part)?;
                last.score = *score;
                match exam.outcome() {
                    Outcome::Passed => Passed::Confirmed,
                    Outcome::NotPassed { .. } => Passed::NotPassed,
                }
            }
            Act::ScoresConfirmed => match self.exams.get(&event.record)?.outcome() {
                Outcome::Passed => Passed::Confirmed,
                Outcome::NotPassed { .. } => Passed::NotPassed,
            },
            Act::Reported { .. } | Act::Resubmitted { .. } => {
                self.exams.remove(&event.record);
                Passed::Reported
            }
            Act::Returned { .. } => Passed::Returned,
            Act::Accepted | Act::DeemedAccepted => Passed::Accepted,
            Act::Approved => Passed::Approved,
            Act::Refused(_) | Act::Rejected(_) | Act::Closed => {
                self.exams.remove(&event.record);
                Passed::Ended
            }
            act if act.grant().is_some() => Passed::Issued,
            _ => return None,
        };
        Some((today, passed))
    }
}
