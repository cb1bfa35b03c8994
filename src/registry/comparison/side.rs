//! What one side has, computed from its own rows.
//!
//! The nation's copy may lie weeks behind the journal at home, and both may move on meanwhile. So
//! both count as of one entry: a row whose record was not touched since is what it was then, and
//! of the few records that were, the row of then is folded from their events. What it costs is one
//! reading of the commitments and rows, and the events since that entry.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{calendar::Calendar, event::Event, fold::Record, record::RecordId, session::Session};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tlog::{frontier::Frontier, hash::Hash};

use super::{BUCKETS, Difference, Figures, Outcome, RowSaid, Rows, Said, Side, Step, out_of_step};
use crate::registry::{
    Error, Province, Registry, Result,
    entry::entry_aad,
    log::Head,
    store::{Ask, Param, Reader, Row},
    tables::{CaseRow, CertificateRow, InquiryRow},
    work::OWN,
};

const COMMITMENTS: &str = "-- comparison::commitments
SELECT idx, commitment FROM journal WHERE feed = $1 AND idx >= $2 AND idx < $3
ORDER BY idx LIMIT 4000";
const SINCE: &str = "-- comparison::since
SELECT idx, body FROM sealed WHERE feed = $1 AND idx >= $2 ORDER BY idx LIMIT 1000";
const STORY: &str = "-- comparison::story
SELECT s.idx, b.body FROM subject s JOIN sealed b ON b.idx = s.idx AND b.feed = s.feed
WHERE s.record = $1 AND s.feed = $2 AND s.idx < $3 ORDER BY s.idx";
const SET_ASIDE: &str = "-- comparison::set_aside
SELECT idx FROM quarantine WHERE feed = $1 AND idx < $2 ORDER BY idx";
const ONE: &str = "-- comparison::one
SELECT idx, body FROM sealed WHERE feed = $1 AND idx = $2";
const TOUCHED: &str = "-- comparison::touched
SELECT MIN(idx), MAX(idx) FROM subject WHERE record = $1 AND feed = $2 AND idx < $3";

/// A page of rows of a kind, in the order of their records; which column is the state.
const TABLES: [(Rows, Option<usize>, &str); 10] = [
    (
        Rows::Office,
        None,
        "-- comparison::offices
SELECT record, version, code, body FROM offices
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Session,
        None,
        "-- comparison::sessions
SELECT record, version, institution, held_on, slot, body FROM sessions
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Sheet,
        None,
        "-- comparison::sheets
SELECT record, version, institution, sha256, taken, refused FROM sheets
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Batch,
        None,
        "-- comparison::batches
SELECT record, version, authority, body FROM batches
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Account,
        None,
        "-- comparison::accounts
SELECT record, version, login, body FROM accounts
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Halt,
        None,
        "-- comparison::halts
SELECT record, version, province, body FROM halts
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Case,
        Some(2),
        "-- comparison::cases
SELECT record, version, state, category, item, kind, institution, authority, session, since, made_in,
card FROM cases WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Certificate,
        Some(5),
        "-- comparison::certificates
SELECT record, version, category, item, authority, status, valid_until, taken_over, lapses_after
FROM certificates WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Inquiry,
        None,
        "-- comparison::inquiries
SELECT record, version, office, state, since
FROM inquiries WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
    (
        Rows::Publication,
        None,
        "-- comparison::publications
SELECT record, version, kind, body FROM publications
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 1000",
    ),
];

impl Registry {
    /// Begins to compare: the nation as of its last entry, of the province whose copy it keeps; a
    /// province (no `copy`) its own journal as of the entry the nation named.
    ///
    /// # Errors
    /// What the database says.
    pub fn comparing(&self, copy: Option<&Province>, nation: Option<&Figures>) -> Result<Side> {
        let feed = copy.map_or(OWN, |province| province.feed);
        self.store.read(|r| {
            let have = Head::read(r, feed)?.entries().unsigned_abs();
            let size = nation.map_or(have, |f| f.size.min(have));
            let set_aside = match nation {
                Some(figures) => figures.set_aside.clone(),
                None => set_aside(r, feed, size)?,
            };
            let left_out = self.touched_by(r, feed, &set_aside)?;
            let (root, ranges) = roots(r, feed, (0, size))?;
            let mut own = Figures {
                size,
                root,
                ranges,
                counts: BTreeMap::new(),
                sums: vec![0; usize::from(BUCKETS)],
                set_aside,
            };
            self.each_row(r, (feed, size), &left_out, &mut |row| {
                let states = own.counts.entry(row.rows).or_default();
                *states.entry(row.state.clone()).or_default() += 1;
                let sum = &mut own.sums[usize::from(bucket(row.record))];
                *sum = sum.wrapping_add(row.digest);
            })?;
            let outcome = Outcome {
                size,
                set_aside: own.set_aside.len() as u64,
                differences: Vec::new(),
                more: false,
            };
            Ok(Side {
                feed,
                own,
                left_out,
                step: Step::Figures,
                until: size,
                buckets: Vec::new(),
                outcome,
            })
        })
    }

    /// What this side says in the present step.
    ///
    /// # Errors
    /// What the database says.
    pub fn says(&self, side: &Side) -> Result<Said> {
        match &side.step {
            Step::Figures => Ok(Said::Figures(Box::new(side.own.clone()))),
            Step::Roots(from, until) => self.store.read(|r| {
                let (_, ranges) = roots(r, side.feed, (*from, *until))?;
                Ok(Said::Roots(ranges))
            }),
            Step::Rows(buckets) => self.store.read(|r| {
                let mut rows = Vec::new();
                let of = (side.feed, side.own.size);
                self.each_row(r, of, &side.left_out, &mut |row| {
                    if buckets.contains(&bucket(row.record)) {
                        rows.push(row);
                    }
                })?;
                Ok(Said::Rows(rows))
            }),
            Step::Done => Err(out_of_step()),
        }
    }

    /// Hears what the other side says in the same step, and goes on to the next.
    ///
    /// # Errors
    /// What the database says, or that the other side said something else.
    pub fn hears(&self, side: &mut Side, own: &Said, theirs: &Said) -> Result<()> {
        match (side.step.clone(), own, theirs) {
            (Step::Figures, _, Said::Figures(theirs)) => side.hears_figures(theirs),
            (Step::Roots(from, until), Said::Roots(own), Said::Roots(theirs)) => {
                side.narrows(from, until, own, theirs);
            }
            (Step::Rows(_), Said::Rows(own), Said::Rows(theirs)) => {
                let mut found = side.hears_rows(own, theirs);
                self.store.read(|r| locate(r, side, &mut found))?;
                side.outcome.differences.append(&mut found);
                side.step = Step::Done;
            }
            _ => return Err(out_of_step()),
        }
        Ok(())
    }

    /// Each row as it was when the journal had so many entries.
    fn each_row(
        &self,
        r: &mut Reader<'_>,
        (feed, size): (i64, u64),
        left_out: &HashSet<RecordId>,
        tell: &mut dyn FnMut(RowSaid),
    ) -> Result<()> {
        let moved_on = self.moved_on(r, feed, size)?;
        for (rows, state, sql) in TABLES {
            let mut after = -1_i64;
            loop {
                let page = r.query(sql, &[feed.into(), after.into()])?;
                let Some(last) = page.last() else { break };
                after = last.int(0)?;
                for row in &page {
                    let record = RecordId::from_i64(row.int(0)?);
                    if !left_out.contains(&record) && !moved_on.contains_key(&record) {
                        tell(said(rows, state, row)?);
                    }
                }
            }
        }
        let then = moved_on.into_values().flatten();
        then.filter(|row| !left_out.contains(&row.record))
            .for_each(tell);
        Ok(())
    }

    /// The records that were touched since, each with its row as it was then.
    fn moved_on(
        &self,
        r: &mut Reader<'_>,
        feed: i64,
        size: u64,
    ) -> Result<HashMap<RecordId, Option<RowSaid>>> {
        let mut since: HashMap<RecordId, Option<RowSaid>> = HashMap::new();
        let mut next = i64::try_from(size).unwrap_or(i64::MAX);
        let then = next;
        loop {
            let page = r.query(SINCE, &[feed.into(), next.into()])?;
            let Some(last) = page.last() else { break };
            next = last.int(0)? + 1;
            for row in &page {
                let subjects = self.event(feed, row).map(|event| event.subjects());
                let (own, other) = subjects.unwrap_or((RecordId::from_raw(0), None));
                for id in [Some(own), other].into_iter().flatten() {
                    since.entry(id).or_default();
                }
            }
        }
        for (id, row) in &mut since {
            let mut record = None;
            let mut touched = 0;
            for entry in r.query(STORY, &[id.as_i64().into(), feed.into(), then.into()])? {
                let Some(event) = self.event(feed, &entry) else {
                    continue;
                };
                let folded = match record.take() {
                    Some(record) => Record::after(record, &event),
                    None => Record::begun(*id, &event),
                };
                record = folded.ok();
                touched += 1;
            }
            *row = record.map(|record| folded(*id, &record, self.calendar(), touched));
        }
        Ok(since)
    }

    /// The records that some entries touch.
    fn touched_by(
        &self,
        r: &mut Reader<'_>,
        feed: i64,
        entries: &[u64],
    ) -> Result<HashSet<RecordId>> {
        let mut records = HashSet::new();
        for idx in entries {
            let idx = i64::try_from(*idx).unwrap_or(i64::MAX);
            let row = r.query_opt(ONE, &[feed.into(), idx.into()])?;
            let subjects = row.and_then(|row| Some(self.event(feed, &row)?.subjects()));
            let (own, other) = subjects.unwrap_or((RecordId::from_raw(0), None));
            records.extend([Some(own), other].into_iter().flatten());
        }
        Ok(records)
    }

    /// The event of a row of `idx` and sealed bytes; none where they are no longer one.
    fn event(&self, feed: i64, row: &Row) -> Option<Event> {
        let (idx, body) = (row.int(0).ok()?, row.opt_blob(1).ok()??);
        let bytes = self.keyring.open(&entry_aad(feed, idx), body).ok()?;
        Event::from_bytes(&bytes).ok()
    }
}

fn bucket(record: RecordId) -> u16 {
    // Cannot fail: the remainder is below the number of buckets.
    u16::try_from(record.as_i64().unsigned_abs() % u64::from(BUCKETS)).unwrap_or_default()
}

fn set_aside(r: &mut Reader<'_>, feed: i64, size: u64) -> Result<Vec<u64>> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let rows = r.query(SET_ASIDE, &[feed.into(), size.into()])?;
    rows.iter()
        .map(|row| Ok(row.int(0)?.unsigned_abs()))
        .collect()
}

/// The root of a stretch, and those of its ranges, made from the commitments. An entry that is
/// missing leaves its range empty.
fn roots(
    r: &mut Reader<'_>,
    feed: i64,
    (from, until): (u64, u64),
) -> Result<(String, Vec<String>)> {
    let full = |_| Error::Internal("comparison::roots");
    let index = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let length = super::span(from, until);
    let mut all = Frontier::new();
    let mut ranges = Vec::new();
    let mut begins = from;
    while begins < until {
        let ends = (begins + length).min(until);
        let mut range = Frontier::new();
        let mut next = index(begins);
        loop {
            let page = r.query(COMMITMENTS, &[feed.into(), next.into(), index(ends).into()])?;
            let Some(last) = page.last() else { break };
            next = last.int(0)? + 1;
            for row in &page {
                let leaf = Hash::leaf(row.blob(1)?);
                all.append(leaf).map_err(full)?;
                range.append(leaf).map_err(full)?;
            }
        }
        ranges.push(range.root().to_string());
        begins = ends;
    }
    Ok((all.root().to_string(), ranges))
}

/// By what is kept here, which entries touch the records that differ.
fn locate(r: &mut Reader<'_>, side: &Side, found: &mut [Difference]) -> Result<()> {
    let size = i64::try_from(side.own.size).unwrap_or(i64::MAX);
    for difference in found {
        if let Difference::Record {
            record, entries, ..
        } = difference
        {
            let asked = [record.as_i64().into(), side.feed.into(), size.into()];
            let row = r.query_one(TOUCHED, &asked)?;
            let places = row.opt_int(0)?.zip(row.opt_int(1)?);
            *entries = places.map(|(a, b)| (a.unsigned_abs(), b.unsigned_abs()));
        }
    }
    Ok(())
}

/// A row as it is kept.
fn said(rows: Rows, state: Option<usize>, row: &Row) -> Result<RowSaid> {
    let record = RecordId::from_i64(row.int(0)?);
    let state = match state {
        Some(column) => row.text(column)?.to_owned(),
        None => String::new(),
    };
    let columns = (1..).map_while(|n| row.param(n));
    let digest = digest(rows, record, columns);
    Ok(RowSaid {
        record,
        rows,
        state,
        digest,
    })
}

/// A row as it would be kept of a record with so many entries.
fn folded(record: RecordId, folded: &Record, calendar: &Calendar, touched: i64) -> RowSaid {
    let of = |rows, state: &str, columns: &[Param<'_>]| RowSaid {
        record,
        rows,
        state: state.to_owned(),
        digest: digest(rows, record, columns.iter().copied()),
    };
    let whole = |rows, (word, body): (&str, String)| {
        of(rows, "", &[touched.into(), word.into(), (&body).into()])
    };
    // A dossier's key is each node's own.
    let nobody = [0; 16];
    match folded {
        Record::Case(case) => {
            // Without the day it is due, which is counted on each node's own calendar, and without what
            // only finds a row.
            let row = CaseRow::of(case, calendar, OWN, nobody, touched);
            let p = row.params();
            let columns = [&p[2..3], &p[4..12], &p[14..16]].concat();
            of(Rows::Case, case.state.word(), &columns)
        }
        Record::Certificate(certificate) => {
            let row = CertificateRow::of(certificate, OWN, nobody, touched);
            let p = row.params();
            let columns = [&p[2..3], &p[4..11]].concat();
            of(Rows::Certificate, certificate.status.word(), &columns)
        }
        Record::Session(s) => {
            let texts = session_texts(s);
            let columns = [touched.into()].into_iter();
            let columns: Vec<_> = columns.chain(texts.iter().map(Into::into)).collect();
            of(Rows::Session, "", &columns)
        }
        Record::Sheet(s) => {
            let (institution, sha256) = (s.institution.as_str().into(), (&s.sha256).into());
            let (taken, refused) = (s.taken.into(), s.refused.into());
            let columns = [1_i64.into(), institution, sha256, taken, refused];
            of(Rows::Sheet, "", &columns)
        }
        Record::Inquiry(inquiry) => {
            // Its digests are each node's own.
            let row = InquiryRow::compared(inquiry);
            let [office, state, since] = &row;
            let columns = [touched.into(), office.into(), state.into(), since.into()];
            of(Rows::Inquiry, "", &columns)
        }
        Record::Office(o) => whole(Rows::Office, (o.code.as_str(), body(o))),
        Record::Account(a) => whole(Rows::Account, (a.login.as_str(), body(a))),
        Record::Halt(h) => whole(Rows::Halt, (h.held.province.as_str(), body(h))),
        Record::Batch(b) => whole(Rows::Batch, (b.authority.as_str(), body(b))),
        Record::Publication(p) => {
            let kind = p.proposal.content.word();
            whole(Rows::Publication, (kind, body(p)))
        }
    }
}

/// A record as its row keeps it whole.
fn body<T: Serialize>(record: &T) -> String {
    serde_json::to_string(record).unwrap_or_default()
}

fn digest<'p>(rows: Rows, record: RecordId, columns: impl Iterator<Item = Param<'p>>) -> u64 {
    let mut hash = Sha256::new();
    hash.update(rows.word());
    hash.update(record.as_i64().to_be_bytes());
    for column in columns {
        let length = |n: usize| (n as u64).to_be_bytes();
        match column {
            Param::Null => hash.update([0]),
            Param::Int(n) => {
                hash.update([1]);
                hash.update(n.to_be_bytes());
            }
            Param::Text(text) => {
                hash.update([2]);
                hash.update(length(text.len()));
                hash.update(text);
            }
            Param::Blob(bytes) => {
                hash.update([3]);
                hash.update(length(bytes.len()));
                hash.update(bytes);
            }
        }
    }
    let digest = hash.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

/// What a session's row says beside its numbers.
fn session_texts(s: &Session) -> [String; 4] {
    let (institution, on) = (s.institution.to_string(), s.on.to_string());
    [institution, on, s.slot(), body(s)]
}
