//! The csv a former register is taken over from: UTF-8, a header, one certificate a line.

use std::{
    error::Error,
    fmt,
    io::{self, Read},
};

use csv::StringRecord;
use domain::{
    catalogue::Catalogue,
    document::{DocType, Document},
    name::Name,
    person::{Person, Sex},
};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::super::ask::coded;
use crate::registry::FormerRow;

/// The columns, in any order. Only `recheck_due` may be empty.
pub(super) const COLUMNS: [&str; 9] = [
    "name",
    "sex",
    "doc_type",
    "doc_number",
    "item",
    "first_issued",
    "valid_from",
    "valid_until",
    "recheck_due",
];

/// What is wrong with one line; the cell itself is not repeated, it may be a person's number.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The row of the file.
    pub row: u64,
    /// The column, where it is one cell's fault.
    pub column: &'static str,
    /// Why, and what is wanted.
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}\t{}\t{}", self.row, self.column, self.why)
    }
}

/// Lines of a former register, read one by one.
pub(super) struct Former<'c, R> {
    lines: csv::Reader<R>,
    places: [usize; 9],
    record: StringRecord,
    catalogue: &'c Catalogue,
    today: Date,
}

impl<'c, R: Read> Former<'c, R> {
    /// Reads the header.
    pub fn new(source: R, catalogue: &'c Catalogue, today: Date) -> Result<Self, Box<dyn Error>> {
        let mut lines = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(source);
        let header = lines.headers().map_err(|e| unreadable(&e))?;
        let mut places = [0; 9];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let named = |h: &str| h.trim_start_matches('\u{FEFF}') == column;
            *place = header.iter().position(named).ok_or_else(|| {
                format!(
                    "the header has no column {column}; wanted: {}",
                    COLUMNS.join(",")
                )
            })?;
        }
        Ok(Self {
            lines,
            places,
            record: StringRecord::new(),
            catalogue,
            today,
        })
    }

    /// The next line with its number; what is wrong with it; none at the end.
    #[expect(clippy::type_complexity, reason = "a line, or its fault, or the end")]
    pub fn next(&mut self) -> Result<Option<Result<(u64, FormerRow), Wrong>>, Box<dyn Error>> {
        if !self
            .lines
            .read_record(&mut self.record)
            .map_err(|e| unreadable(&e))?
        {
            return Ok(None);
        }
        let row = row_of(self.record.position());
        let read = self.row().map(|former| (row, former));
        Ok(Some(read.map_err(|(column, why)| Wrong {
            row,
            column,
            why,
        })))
    }

    fn cell(&self, at: usize) -> &str {
        self.record.get(self.places[at]).unwrap_or_default()
    }

    fn row(&self) -> Result<FormerRow, (&'static str, String)> {
        let wrong = |at: usize, why: &str| (COLUMNS[at], why.to_owned());
        let name = Name::parse(self.cell(0)).map_err(|e| wrong(0, e.code()))?;
        let sex = match self.cell(1) {
            "男" => Some(Sex::Male),
            "女" => Some(Sex::Female),
            word => coded(word),
        };
        let sex = sex.ok_or_else(|| wrong(1, "male or female is wanted"))?;
        let kind: DocType = coded(self.cell(2)).ok_or_else(|| {
            wrong(
                2,
                "one of resident_id, hmt_residence_permit, foreign_permanent_resident, passport, \
                 officer_card is wanted",
            )
        })?;
        let document = Document::parse(kind, self.cell(3)).map_err(|e| wrong(3, e.code()))?;
        if document.sex().is_some_and(|told| told != sex) {
            return Err(wrong(1, "not the sex that the document number tells"));
        }
        let item = self.cell(4).into();
        if self.catalogue.category(&item).is_none() {
            return Err(wrong(4, "the catalogue has no such item"));
        }
        let [first_issued, valid_from, valid_until] = [5, 6, 7].map(|at| self.day(at));
        let (first_issued, valid_from, valid_until) = (first_issued?, valid_from?, valid_until?);
        if first_issued > self.today {
            return Err(wrong(5, "lies in the future"));
        }
        if valid_from < first_issued {
            return Err(wrong(6, "lies before first_issued"));
        }
        if valid_until < valid_from {
            return Err(wrong(7, "lies before valid_from"));
        }
        let recheck_due = if self.cell(8).is_empty() {
            None
        } else {
            Some(self.day(8)?)
        };
        let holder = Person {
            name,
            sex,
            document,
        };
        Ok(FormerRow {
            holder,
            item,
            first_issued,
            valid_from,
            valid_until,
            recheck_due,
        })
    }

    fn day(&self, at: usize) -> Result<Date, (&'static str, String)> {
        let cell = self.cell(at);
        cell.parse()
            .map_err(|_| (COLUMNS[at], "a day is written YYYY-MM-DD".to_owned()))
    }
}

/// The row as a spreadsheet program shows it: the header is the first. (The reader's own count of
/// lines is one short where lines end as on Windows.)
fn row_of(position: Option<&csv::Position>) -> u64 {
    position.map_or(0, |p| p.record() + 1)
}

/// The csv reader's own trouble, without the text of the line.
fn unreadable(e: &csv::Error) -> Box<dyn Error> {
    let row = row_of(e.position());
    match e.kind() {
        csv::ErrorKind::Utf8 { .. } => format!("row {row}: not UTF-8; save the file as UTF-8"),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("row {row}: {len} cells where the header has {expected_len}"),
        csv::ErrorKind::Io(e) => format!("row {row}: {e}"),
        _ => format!("row {row}: cannot be read as csv"),
    }
    .into()
}

/// Hashes what is read through it.
pub(super) struct Hashing<R> {
    source: R,
    hash: Sha256,
}

impl<R: Read> Hashing<R> {
    pub fn new(source: R) -> Self {
        Self {
            source,
            hash: Sha256::new(),
        }
    }

    /// SHA-256 of what was read, in hexadecimal.
    pub fn finish(self) -> String {
        let digest = self.hash.finalize();
        digest.iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}
