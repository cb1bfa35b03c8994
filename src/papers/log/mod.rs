//! Event logs of strangers: a csv with a column for the case, one for what happened, and one for
//! when.
//!
//! Rows come in any order. What is no row of an event (an empty case or time) is left out and
//! counted; a time that cannot be read is an error with its line, unless it is a rare one.

mod moment;

use std::{collections::HashMap, fmt, io::Read};

use csv::ByteRecord;

pub use moment::Moment;
use moment::{Order, read as moment};

/// A log whose unreadable times are more than this share is not read.
const UNREADABLE: f64 = 0.02;

/// What happened, case by case.
#[derive(Debug, Default)]
pub struct EventLog {
    /// For each case its events in the order of the file: when, and the number of the activity.
    pub cases: Vec<Vec<(Moment, u32)>>,
    /// The activities' names, by number.
    pub activities: Vec<String>,
    /// Rows without a case or a time.
    pub skipped: usize,
    /// Rows whose time could not be read: how many, and the first of them.
    pub unreadable: Option<(usize, Unreadable)>,
}

/// A time that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line of the file.
    pub line: u64,
    /// What stands there.
    pub text: String,
}

/// Why a file is no event log.
#[derive(Debug)]
pub enum LogError {
    /// It cannot be read as a csv: the library's words.
    Csv(csv::Error),
    /// It is packed, or a workbook.
    Packed,
    /// It is in UTF-16.
    Utf16,
    /// Nothing is in it.
    Empty,
    /// It has no such column.
    NoColumn {
        /// The column asked for.
        wanted: String,
        /// The option that names it.
        option: &'static str,
        /// The columns there are.
        there: Vec<String>,
    },
    /// Too many times cannot be read.
    Times {
        /// The first.
        first: Unreadable,
        /// How many.
        count: usize,
        /// Of how many rows.
        rows: usize,
    },
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv(error) => write!(f, "cannot be read as a csv: {error}"),
            Self::Packed => f.write_str("is packed or a workbook; unpack it, or save it as csv"),
            Self::Utf16 => f.write_str("is in UTF-16; save it as csv in UTF-8"),
            Self::Empty => f.write_str("has no row below a header"),
            Self::NoColumn {
                wanted,
                option,
                there,
            } => write!(
                f,
                "line 1 has no column `{wanted}`; name one of its columns with {option}: {}",
                there.join(", ")
            ),
            Self::Times { first, count, rows } => write!(
                f,
                "line {}: `{}` is no time ({count} of {rows} rows are so); write times such as \
                 2026-11-23 08:30:00 or 2026-11-23T08:30:00+08:00, or name another column with \
                 --time",
                first.line, first.text
            ),
        }
    }
}

impl std::error::Error for LogError {}

impl From<csv::Error> for LogError {
    fn from(error: csv::Error) -> Self {
        Self::Csv(error)
    }
}

/// The names of the three columns.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// Of the case.
    pub case: &'a str,
    /// Of what happened.
    pub activity: &'a str,
    /// Of when.
    pub time: &'a str,
}

/// Reads a log. `progress` is told how many bytes have been read.
///
/// # Errors
/// When it is no csv with these columns, or its times cannot be read.
pub fn read(
    mut file: impl Read,
    columns: Columns<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<EventLog, LogError> {
    let mut head = vec![0; 65_536];
    let mut filled = 0;
    while filled < head.len() {
        match file.read(&mut head[filled..]).map_err(csv::Error::from)? {
            0 => break,
            more => filled += more,
        }
    }
    head.truncate(filled);
    let head = match head.as_slice() {
        [0x1f, 0x8b, ..] | [b'P', b'K', 3 | 5, ..] | [b'B', b'Z', b'h', ..] => {
            return Err(LogError::Packed);
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(LogError::Utf16),
        // The mark that some programs put before UTF-8.
        [0xef, 0xbb, 0xbf, rest @ ..] => rest,
        whole => whole,
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(head))
        .flexible(true)
        .from_reader(head.chain(file));
    let places = places(reader.byte_headers()?, columns)?;
    // The library counts a line at its last character, and takes that of CR LF for the next row's.
    let mut reading = Reading {
        ahead: u64::from(
            head.iter()
                .position(|b| *b == b'\n')
                .is_some_and(|at| at > 0 && head[at - 1] == b'\r'),
        ),
        ..Reading::default()
    };
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row)? {
        reading.take(&row, places);
        if reading.rows.is_multiple_of(4096) {
            progress(reader.position().byte());
        }
    }
    reading.finish()
}

/// The character between cells: the one of which the header has most, outside quotes.
fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                for (character, count) in &mut counts {
                    *count += u32::from(byte == character);
                }
            }
            _ => {}
        }
    }
    // The first of equals, so a header of one column has a comma.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(character, _)| *character)
}

/// Where the three columns are: by their exact names, or else whatever the case of letters.
fn places(header: &ByteRecord, columns: Columns<'_>) -> Result<[usize; 3], LogError> {
    let there: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim().to_owned())
        .collect();
    if there.iter().all(String::is_empty) {
        return Err(LogError::Empty);
    }
    let find = |wanted: &str, option| {
        let exact = there.iter().position(|name| name == wanted.trim());
        let alike = |name: &String| name.to_lowercase() == wanted.trim().to_lowercase();
        exact
            .or_else(|| there.iter().position(alike))
            .ok_or_else(|| LogError::NoColumn {
                wanted: wanted.to_owned(),
                option,
                there: there.clone(),
            })
    };
    Ok([
        find(columns.case, "--case")?,
        find(columns.activity, "--activity")?,
        find(columns.time, "--time")?,
    ])
}

/// A log being read.
#[derive(Default)]
struct Reading {
    log: EventLog,
    /// What is to be added to the library's number of a line.
    ahead: u64,
    rows: usize,
    cases: HashMap<Box<[u8]>, usize>,
    activities: HashMap<Box<[u8]>, u32>,
    /// Times that need to know whether days or months come first, with their place in the log.
    open: Vec<(usize, usize, [u8; 2])>,
    order: Order,
}

impl Reading {
    fn take(&mut self, row: &ByteRecord, [case, activity, time]: [usize; 3]) {
        self.rows += 1;
        let cell = |at| row.get(at).map_or(&[][..], <[u8]>::trim_ascii);
        let (case, time) = (cell(case), cell(time));
        if is_nothing(case) || is_nothing(time) {
            self.log.skipped += 1;
            return;
        }
        let text = String::from_utf8_lossy(time);
        let Some((moment, open)) = moment(&text) else {
            let first = || Unreadable {
                line: row.position().map_or(0, csv::Position::line) + self.ahead,
                text: text.chars().take(60).collect(),
            };
            self.log.unreadable.get_or_insert_with(|| (0, first())).0 += 1;
            return;
        };
        let number = match self.cases.get(case) {
            Some(number) => *number,
            None => {
                self.log.cases.push(Vec::new());
                self.cases.insert(case.into(), self.log.cases.len() - 1);
                self.log.cases.len() - 1
            }
        };
        let activity = self.activity(cell(activity));
        if let Some(pair) = open {
            self.order.see(pair);
            self.open.push((number, self.log.cases[number].len(), pair));
        }
        self.log.cases[number].push((moment, activity));
    }

    fn activity(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.activities.get(name) {
            return *number;
        }
        let number = u32::try_from(self.log.activities.len()).unwrap_or(u32::MAX);
        self.activities.insert(name.into(), number);
        let name = String::from_utf8_lossy(name).into_owned();
        self.log.activities.push(name);
        number
    }

    fn finish(mut self) -> Result<EventLog, LogError> {
        if let Some((count, first)) = &self.log.unreadable {
            let bound =
                (f64::from(u32::try_from(self.rows).unwrap_or(u32::MAX)) * UNREADABLE).ceil();
            if f64::from(u32::try_from(*count).unwrap_or(u32::MAX)) > bound {
                return Err(LogError::Times {
                    first: first.clone(),
                    count: *count,
                    rows: self.rows,
                });
            }
        }
        if self.log.cases.is_empty() {
            return Err(LogError::Empty);
        }
        if self.order.is_month_first() {
            for (case, event, pair) in &self.open {
                let moment = &mut self.log.cases[*case][*event].0;
                *moment = moment.turned(*pair);
            }
        }
        Ok(self.log)
    }
}

/// What programs write where nothing is.
fn is_nothing(cell: &[u8]) -> bool {
    cell.is_empty()
        || [
            &b"null"[..],
            b"nan",
            b"nat",
            b"none",
            b"n/a",
            b"na",
            b"-",
            b"?",
        ]
        .iter()
        .any(|nothing| cell.eq_ignore_ascii_case(nothing))
}

#[cfg(test)]
mod tests;
