//! The csv a former register is taken over from: UTF-8, a header, one certificate a line.

use std::{
    error::Error,
    fmt,
    io::{self, BufRead, BufReader, Read},
};

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

/// The longest line, in bytes.
const LONGEST: u64 = 16 * 1024;

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
    source: BufReader<R>,
    row: u64,
    line: Vec<u8>,
    places: [usize; 9],
    cells: Vec<String>,
    catalogue: &'c Catalogue,
    today: Date,
}

impl<'c, R: Read> Former<'c, R> {
    /// Reads the header.
    pub fn new(source: R, catalogue: &'c Catalogue, today: Date) -> Result<Self, Box<dyn Error>> {
        let mut former = Self {
            source: BufReader::with_capacity(1 << 16, source),
            row: 0,
            line: Vec::new(),
            places: [0; 9],
            cells: Vec::new(),
            catalogue,
            today,
        };
        former.read_line()?;
        for (place, column) in former.places.iter_mut().zip(COLUMNS) {
            let found = former.cells.iter().position(|cell| cell == column);
            *place = found.ok_or_else(|| {
                let all = COLUMNS.join(",");
                format!("the header has no column {column}; wanted: {all}")
            })?;
        }
        Ok(former)
    }

    /// The next line with its number; what is wrong with it; none at the end.
    #[expect(clippy::type_complexity, reason = "a line, or its fault, or the end")]
    pub fn next(&mut self) -> Result<Option<Result<(u64, FormerRow), Wrong>>, Box<dyn Error>> {
        if !self.read_line()? {
            return Ok(None);
        }
        let row = self.row;
        Ok(Some(match self.former() {
            Ok(former) => Ok((row, former)),
            Err((column, why)) => Err(Wrong { row, column, why }),
        }))
    }

    /// The next line that is not blank, as cells; false at the end. The trouble with a file of
    /// another kind names the row and repeats nothing of it.
    fn read_line(&mut self) -> Result<bool, Box<dyn Error>> {
        loop {
            self.line.clear();
            let got = self
                .source
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut self.line)?;
            if got == 0 {
                return Ok(false);
            }
            self.row += 1;
            let row = self.row;
            if got as u64 == LONGEST {
                return Err(format!("row {row}: longer than any line of a register").into());
            }
            let line = std::str::from_utf8(&self.line)
                .map_err(|_| format!("row {row}: not UTF-8; save the file as UTF-8"))?;
            let line = line.trim_start_matches('\u{FEFF}').trim();
            if !line.is_empty() {
                self.cells = cells(line)
                    .ok_or_else(|| format!("row {row}: a quote stands where none can"))?;
                return Ok(true);
            }
        }
    }

    fn cell(&self, at: usize) -> &str {
        self.cells
            .get(self.places[at])
            .map_or("", |cell| cell.as_str())
    }

    fn former(&self) -> Result<FormerRow, (&'static str, String)> {
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

/// The cells of a line, blanks around them dropped; a cell with a comma in it stands in quotes, and
/// a quote in such a cell is doubled. None when a quote is not closed or stands inside a cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let mut cells = Vec::with_capacity(COLUMNS.len());
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        let after = if let Some(quoted) = rest.strip_prefix('"') {
            let (cell, after) = unquoted(quoted)?;
            cells.push(cell);
            after.trim_start()
        } else {
            let (cell, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            if cell.contains('"') {
                return None;
            }
            cells.push(cell.trim_end().to_owned());
            after
        };
        if after.is_empty() {
            return Some(cells);
        }
        rest = after.strip_prefix(',')?;
    }
}

/// What stands up to the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let (mut cell, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        rest = match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                more
            }
            None => return Some((cell.trim().to_owned(), after)),
        };
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "doc_number,name,sex,doc_type,item,first_issued,valid_from,valid_until,recheck_due\r\n";

    fn told(lines: &str) -> Vec<Result<(u64, String), String>> {
        let text = format!("\u{FEFF}{HEADER}{lines}");
        let catalogue = Catalogue::shipped();
        let today = jiff::civil::date(2026, 11, 24);
        let mut former = Former::new(text.as_bytes(), &catalogue, today).expect("a header");
        let mut told = Vec::new();
        loop {
            match former.next() {
                Ok(Some(Ok((row, former)))) => {
                    told.push(Ok((row, former.holder.name.expose().to_owned())));
                }
                Ok(Some(Err(wrong))) => told.push(Err(wrong.to_string())),
                Ok(None) => return told,
                Err(e) => {
                    told.push(Err(e.to_string()));
                    return told;
                }
            }
        }
    }

    const RIGHT: &str = "E12345678,\"SMITH\", male ,passport,2.1,2023-06-01,2023-06-01,2029-05-31,";

    #[test]
    fn a_line_in_any_order_with_blank_lines_between() {
        let line = RIGHT.to_owned();
        let told = told(&format!("{line}\r\n\r\n{line}2026-05-31"));
        let smith = "SMITH".to_owned();
        assert_eq!(told, [Ok((2, smith.clone())), Ok((4, smith))]);
    }

    #[test]
    fn what_is_wrong_names_row_and_column() {
        for (from, to, wanted) in [
            ("SMITH", "", "row 2\tname\tname_missing"),
            (" male ", "m", "row 2\tsex\tmale or female is wanted"),
            ("E12345678", "E1", "row 2\tdoc_number\tid_length"),
            ("2.1", "2.99", "row 2\titem\tthe catalogue has no such item"),
            (
                "2029-05-31",
                "2023-05-31",
                "row 2\tvalid_until\tlies before valid_from",
            ),
            (
                "2023-06-01,2023",
                "2023-06-02,2023",
                "row 2\tvalid_from\tlies before first_issued",
            ),
            (
                "2029-05-31",
                "31.5.2029",
                "row 2\tvalid_until\ta day is written YYYY-MM-DD",
            ),
            (
                "2023-06-01,2023-06",
                "2027-06-01,2027-06",
                "row 2\tfirst_issued\tlies in the future",
            ),
            ("2.1", "2\".1", "row 2: a quote stands where none can"),
            (
                "\"SMITH\"",
                "\"SMITH",
                "row 2: a quote stands where none can",
            ),
        ] {
            let told = told(&RIGHT.replacen(from, to, 1));
            assert_eq!(told, [Err(wanted.to_owned())], "{to}");
        }
    }

    #[test]
    fn cells_in_quotes() {
        let written = r#""SMITH, ANN ""A"" ", b ,, "c""#;
        let wanted = [r#"SMITH, ANN "A""#, "b", "", "c"].map(str::to_owned);
        assert_eq!(cells(written), Some(wanted.to_vec()));
        assert_eq!(cells(r#""a" b"#), None);
        assert_eq!(cells("a,"), Some(vec!["a".to_owned(), String::new()]));
    }

    #[test]
    fn a_file_of_another_kind_is_told_so() {
        let catalogue = Catalogue::shipped();
        let today = jiff::civil::date(2026, 11, 24);
        let error = |bytes: &[u8]| {
            Former::new(bytes, &catalogue, today)
                .err()
                .map(|e| e.to_string())
        };
        let no_column = error(b"name,sex\n").expect("an error");
        assert!(no_column.starts_with("the header has no column doc_type"));
        let gb = error(b"\xd0\xd5\xc3\xfb,\n").expect("an error");
        assert_eq!(gb, "row 1: not UTF-8; save the file as UTF-8");
        let long = error(&vec![b'a'; 20_000]).expect("an error");
        assert_eq!(long, "row 1: longer than any line of a register");
    }
}
