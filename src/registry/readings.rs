//! Who read whose file: a row for every time a person's case, certificate or inquiry was shown.
//!
//! Whoever reads does not wait for the writer's turn. A reading waits in memory until it is written
//! (every half second by the server, at once on the command line); a process that is killed forgets
//! those of its last half second.

use std::{
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::record::RecordId;
use jiff::Timestamp;

use super::{
    Error, Officer, Registry, Result,
    store::{Ask, Insert, Kind as Column, OnConflict, Param, Row},
};
use crate::clock;

/// Where a person's file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The page of a case.
    Case,
    /// The page of a certificate.
    Certificate,
    /// The page of an inquiry.
    Inquiry,
    /// Found by a search, by its number or the person's name.
    Search,
    /// The candidates of an exam session.
    Session,
    /// A list that was taken away as a file.
    Export,
    /// Something printed.
    Print,
    /// The command line of the machine.
    CommandLine,
    /// A program of the office.
    Program,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Case,
        Self::Certificate,
        Self::Inquiry,
        Self::Search,
        Self::Session,
        Self::Export,
        Self::Print,
        Self::CommandLine,
        Self::Program,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Certificate => "certificate",
            Self::Inquiry => "inquiry",
            Self::Search => "search",
            Self::Session => "session",
            Self::Export => "export",
            Self::Print => "print",
            Self::CommandLine => "command_line",
            Self::Program => "program",
        }
    }
}

/// A reading that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub login: String,
    /// Of which office.
    pub office: String,
    /// What was shown.
    pub record: RecordId,
    /// Where, as [`Purpose::code`] writes it.
    pub purpose: String,
}

/// Readings that are not written yet.
#[derive(Default)]
pub(super) struct Unwritten(Mutex<Vec<ReadLine>>);

impl Unwritten {
    fn lock(&self) -> MutexGuard<'_, Vec<ReadLine>> {
        // Every change of the list is one call: a panic leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of interest, the last first.
    fn some(&self, wanted: impl Fn(&ReadLine) -> bool) -> Vec<ReadLine> {
        let waiting = self.lock();
        waiting
            .iter()
            .rev()
            .filter(|l| wanted(l))
            .cloned()
            .collect()
    }
}

const PUT: Insert<6> = Insert {
    name: "readings::append",
    table: "readings",
    columns: [
        ("id", Column::Int),
        ("at", Column::Int),
        ("login", Column::Text),
        ("office", Column::Text),
        ("record", Column::Int),
        ("purpose", Column::Text),
    ],
    on_conflict: OnConflict::Refuse,
};
const OF_RECORD: &str = "-- readings::of_record
SELECT at, login, office, record, purpose FROM readings
WHERE record = $1 ORDER BY at DESC, id DESC LIMIT $2";
const BEFORE: &str = "-- readings::before
SELECT at, login, office, record, purpose, id FROM readings
WHERE at <= $1 AND (at < $1 OR id < $2) ORDER BY at DESC, id DESC LIMIT $3";
const BY_LOGIN: &str = "-- readings::by_login
SELECT at, login, office, record, purpose, id FROM readings
WHERE at <= $1 AND (at < $1 OR id < $2) AND login = $4 ORDER BY at DESC, id DESC LIMIT $3";

/// A place in a list whose last row comes first. Many rows may be of one moment, as those of a list
/// that was taken away: the row's number tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    at: i64,
    id: i64,
}

impl Mark {
    /// Before everything.
    pub const NEWEST: Self = Self {
        at: i64::MAX,
        id: i64::MAX,
    };

    pub(super) fn new(at: i64, id: i64) -> Self {
        Self { at, id }
    }

    pub(super) fn asked(self) -> [Param<'static>; 2] {
        [self.at.into(), self.id.into()]
    }

    /// As it stands in an address.
    #[must_use]
    pub fn written(self) -> String {
        format!("{}.{}", self.at, self.id)
    }

    /// Read from an address; before everything where it is none.
    #[must_use]
    pub fn read(written: &str) -> Self {
        let parts = written.split_once('.');
        let read = parts.and_then(|(at, id)| Some(Self::new(at.parse().ok()?, id.parse().ok()?)));
        read.unwrap_or(Self::NEWEST)
    }
}

impl Registry {
    /// Notes that an officer was shown a person's case, certificate or inquiry. To be called by
    /// whatever shows one.
    pub fn record_reading(&self, by: &Officer, record: RecordId, purpose: Purpose) {
        self.record_readings(by, &[record], purpose);
    }

    /// The same for many at once, as in a list that is taken away.
    pub fn record_readings(&self, by: &Officer, records: &[RecordId], purpose: Purpose) {
        let at = clock::now();
        let line = |record: &RecordId| ReadLine {
            at,
            login: by.login.clone(),
            office: by.office.as_str().to_owned(),
            record: *record,
            purpose: purpose.code().to_owned(),
        };
        self.unwritten.lock().extend(records.iter().map(line));
    }

    /// Writes the readings that wait.
    ///
    /// # Errors
    /// What the database says; then they wait on.
    pub fn write_readings(&self) -> Result<()> {
        let taken = mem::take(&mut *self.unwritten.lock());
        if taken.is_empty() {
            return Ok(());
        }
        let done = self.append_readings(&taken);
        if done.is_err() {
            self.unwritten.lock().splice(0..0, taken);
        }
        done
    }

    fn append_readings(&self, lines: &[ReadLine]) -> Result<()> {
        let first = self.serials(lines[0].at, lines.len());
        let rows: Vec<[Param<'_>; 6]> = (first..)
            .zip(lines)
            .map(|(id, line)| {
                [
                    id.into(),
                    line.at.as_millisecond().into(),
                    (&line.login).into(),
                    (&line.office).into(),
                    line.record.as_i64().into(),
                    (&line.purpose).into(),
                ]
            })
            .collect();
        let mut tx = self.store.begin()?;
        tx.insert_many(&PUT, &rows)?;
        Ok(tx.commit()?)
    }

    /// The first of so many numbers for rows that nothing refers to: milliseconds, then chance, and
    /// always above those that this process gave before, so that they tell the order.
    pub(super) fn serials(&self, at: Timestamp, count: usize) -> i64 {
        static LAST: AtomicI64 = AtomicI64::new(0);
        let count = i64::try_from(count).unwrap_or(i64::MAX >> 1);
        let chance = (self.chance.u64() & 0xF_FFFF).cast_signed();
        let chosen = at.as_millisecond() << 20 | chance;
        let after = |last: i64| Some(chosen.max(last + 1) + count - 1);
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        chosen.max(last.unwrap_or(chosen) + 1)
    }

    /// Who read one record, the last first.
    ///
    /// # Errors
    /// What the database says.
    pub fn readings_of(&self, record: RecordId, limit: u32) -> Result<Vec<ReadLine>> {
        let asked = [record.as_i64().into(), i64::from(limit).into()];
        let waiting = self.unwritten.some(|line| line.record == record);
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(OF_RECORD, &asked)?))?;
        joined(waiting, &rows, limit)
    }

    /// Who read what before a place of the list, the last first, and where the list goes on; of one
    /// officer, where a login is given. What waits stands above the first rows.
    ///
    /// # Errors
    /// What the database says.
    pub fn readings(
        &self,
        before: Mark,
        login: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<ReadLine>, Option<Mark>)> {
        let mut all = match before {
            Mark::NEWEST => self
                .unwritten
                .some(|line| login.is_none_or(|login| line.login == login)),
            _ => Vec::new(),
        };
        let [at, id] = before.asked();
        let most = i64::from(limit).into();
        let rows = self.store.read(|r| {
            Ok::<_, Error>(match login {
                Some(login) => r.query(BY_LOGIN, &[at, id, most, login.into()])?,
                None => r.query(BEFORE, &[at, id, most])?,
            })
        })?;
        let full = rows.len() as u64 == u64::from(limit);
        let last = rows.last().filter(|_| full);
        let next = last.map(|row| Ok::<_, Error>(Mark::new(row.int(0)?, row.int(5)?)));
        for row in &rows {
            all.push(line(row)?);
        }
        Ok((all, next.transpose()?))
    }
}

/// What waits is newer than what is written.
fn joined(waiting: Vec<ReadLine>, rows: &[Row], limit: u32) -> Result<Vec<ReadLine>> {
    let written: Vec<ReadLine> = rows.iter().map(line).collect::<Result<_>>()?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(waiting.into_iter().chain(written).take(most).collect())
}

fn line(row: &Row) -> Result<ReadLine> {
    Ok(ReadLine {
        at: Timestamp::from_millisecond(row.int(0)?).unwrap_or(Timestamp::UNIX_EPOCH),
        login: row.text(1)?.to_owned(),
        office: row.text(2)?.to_owned(),
        record: RecordId::from_i64(row.int(3)?),
        purpose: row.text(4)?.to_owned(),
    })
}
