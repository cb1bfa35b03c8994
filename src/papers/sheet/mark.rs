//! The answer to an institution: its own sheet again, with what is wrong written beside each row.
//!
//! What was text is written as text and never as a formula: in a workbook by its type, in a csv by
//! an apostrophe before whatever a spreadsheet program would take for a formula.

use std::io::Write;

use domain::{
    catalogue::Catalogue,
    document::{is_blank, narrow},
    roster::{Cell, Code, Column, Judged, Refused},
};

use super::{Format, Line, Role, SheetError, write::BookWriter};
use crate::lang::{self, Sentences};

/// Writes rows with a remark before each.
pub struct Remarks<W: Write>(Body<W>);

enum Body<W: Write> {
    Text {
        out: W,
        last_row: u64,
        started: bool,
    },
    Book(Box<BookWriter<W>>),
}

impl<W: Write> Remarks<W> {
    /// Begins; a csv is answered by a csv, a workbook by an `.xlsx`.
    #[must_use]
    pub fn new(out: W, format: Format) -> Self {
        Self(if format == Format::Csv {
            Body::Text {
                out,
                last_row: 0,
                started: false,
            }
        } else {
            Body::Book(Box::new(BookWriter::new(out)))
        })
    }

    /// Adds one row, below all before it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(
        &mut self,
        number: u64,
        remark: &str,
        cells: &[Cell],
        wrong: bool,
    ) -> Result<(), SheetError> {
        match &mut self.0 {
            Body::Text {
                out,
                last_row,
                started,
            } => {
                let mut text = String::new();
                if !*started {
                    // The mark by which spreadsheet programs know UTF-8.
                    text.push('\u{FEFF}');
                    *started = true;
                }
                for _ in last_row.saturating_add(1)..number {
                    text.push_str("\r\n");
                }
                *last_row = number;
                csv_field(remark, &mut text);
                for cell in cells {
                    text.push(',');
                    csv_field(&harmless(cell), &mut text);
                }
                text.push_str("\r\n");
                Ok(out.write_all(text.as_bytes())?)
            }
            Body::Book(book) => book.row(number, remark, cells, wrong),
        }
    }

    /// Ends the sheet and gives back where it was written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, SheetError> {
        let mut out = match self.0 {
            Body::Text { out, .. } => out,
            Body::Book(book) => book.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

/// Writes a marked sheet while the check runs, row by row.
pub struct Marker<'a, W: Write> {
    catalogue: &'a Catalogue,
    rows: Remarks<W>,
}

impl<'a, W: Write> Marker<'a, W> {
    /// Begins; a csv is answered by a csv, a workbook by an `.xlsx`.
    #[must_use]
    pub fn new(out: W, format: Format, catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            rows: Remarks::new(out, format),
        }
    }

    /// Adds one row as it comes from the check.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn line(&mut self, line: &Line<'_>, judged: Option<&Judged>) -> Result<(), SheetError> {
        let reasons: &[Refused] = match judged.map(|j| &j.outcome) {
            Some(Err(reasons)) => reasons,
            _ => &[],
        };
        let remark = remark(line, judged, reasons, self.catalogue);
        let wrong = !reasons.is_empty();
        self.rows.row(line.number, &remark, line.cells, wrong)
    }

    /// Ends the sheet and gives back where it was written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, SheetError> {
        self.rows.finish()
    }
}

/// What stands in the first column: the sentences of all reasons, or that the row is good.
fn remark(
    line: &Line<'_>,
    judged: Option<&Judged>,
    reasons: &[Refused],
    catalogue: &Catalogue,
) -> String {
    // The sheet goes back to a Chinese institution, whoever looks at the console.
    let words = lang::shipped(lang::Code::Zh);
    match (&line.role, judged) {
        (Role::Header, _) => "校验结果".to_owned(),
        (Role::Candidate(raw), Some(_)) if !reasons.is_empty() => {
            let sentences: Vec<String> = reasons
                .iter()
                .map(|r| {
                    let meant = if r.code == Code::UnknownItem {
                        candidates(raw.get(Column::Item), catalogue, words)
                    } else {
                        String::new()
                    };
                    format!(
                        "{}：{}{meant}（{}）",
                        r.column.header(),
                        sentence(r.code, words),
                        r.code.as_str()
                    )
                })
                .collect();
            sentences.join("；")
        }
        (Role::Candidate(_), Some(_)) => "通过".to_owned(),
        _ => String::new(),
    }
}

/// The items that a trade name may mean, as the end of a sentence.
#[must_use]
pub fn candidates(cell: &Cell, catalogue: &Catalogue, words: &Sentences) -> String {
    let names: Vec<String> = catalogue
        .candidates(&cell.word())
        .iter()
        .map(|item| format!("{} {}", item.code.as_str(), item.name))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        words.with("row-candidates", &[("items", &names.join("、"))])
    }
}

/// A cell as csv text that no spreadsheet program takes for a formula.
fn harmless(cell: &Cell) -> String {
    match cell.shown() {
        Cell::Empty | Cell::Formula(_) => String::new(),
        Cell::Number(n) => n.to_string(),
        Cell::Bool(b) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        Cell::Date(day) => day.to_string(),
        Cell::Text(text) | Cell::Error(text) => {
            let control = text.starts_with(['\t', '\r', '\n']);
            let first = text.chars().find(|c| !is_blank(*c)).map(narrow);
            let sign = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@'));
            if control || (sign && text.trim().parse::<f64>().is_err()) {
                format!("'{text}")
            } else {
                text.clone()
            }
        }
    }
}

fn csv_field(text: &str, out: &mut String) {
    if text.contains([',', '"', '\n', '\r', '\t', ';']) || text.starts_with(' ') {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

/// What is wrong and what to do about it, for one code.
#[must_use]
pub fn sentence(code: Code, words: &Sentences) -> String {
    words.say(&format!("row-{}", code.as_str().replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_back_as_a_formula() {
        for (text, wanted) in [
            ("=1+1", "'=1+1"),
            ("＝1+1", "'＝1+1"),
            ("+8613800000000x", "'+8613800000000x"),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("\tx", "'\tx"),
            ("-1", "-1"),
            ("张三", "张三"),
        ] {
            assert_eq!(harmless(&Cell::Text(text.into())), wanted);
        }
        assert_eq!(harmless(&Cell::Number(-1.0)), "-1");
    }
}
