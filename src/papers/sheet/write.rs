//! Writes an `.xlsx` row by row: what was written is let go, so the size of the sheet costs nothing,
//! and nothing of it lies in a file beside. Text is text by its type and never a formula.

use std::io::Write;

use domain::roster::Cell;
use jiff::civil::{Date, date};
use zip::{
    CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions, write::StreamWriter,
};

use super::SheetError;

/// A cell holds 32,767 characters and no more.
const LONGEST: usize = 32_000;
/// The first day whose serial number every program agrees on.
const FIRST_DAY: Date = date(1900, 3, 1);

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The parts beside the sheet.
const PARTS: [(&str, &str); 5] = [
    ("[Content_Types].xml", include_str!("parts/types.xml")),
    ("_rels/.rels", include_str!("parts/package.rels")),
    ("xl/workbook.xml", include_str!("parts/workbook.xml")),
    (
        "xl/_rels/workbook.xml.rels",
        include_str!("parts/workbook.rels"),
    ),
    ("xl/styles.xml", include_str!("parts/styles.xml")),
];
/// Places in the list of `parts/styles.xml`.
const WRONG: u8 = 1;
/// See [`WRONG`].
const DAY: [u8; 2] = [2, 3];

/// A workbook of one sheet while it is written.
pub(super) struct BookWriter<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    last_row: Option<u64>,
    row: String,
}

fn output(e: ZipError) -> SheetError {
    SheetError::Output(e.to_string())
}

impl<W: Write> BookWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            zip: ZipWriter::new_stream(out),
            last_row: None,
            row: String::new(),
        }
    }

    fn part(&mut self, name: &str) -> Result<(), SheetError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(output)
    }

    fn begin(&mut self) -> Result<(), SheetError> {
        for (name, text) in PARTS {
            self.part(name)?;
            self.zip.write_all(text.as_bytes())?;
        }
        self.part("xl/worksheets/sheet1.xml")?;
        let start = format!("{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetData>");
        Ok(self.zip.write_all(start.as_bytes())?)
    }

    /// Writes one row, below all that were written: a remark in the first column, then the cells.
    pub(super) fn row(
        &mut self,
        number: u64,
        remark: &str,
        cells: &[Cell],
        wrong: bool,
    ) -> Result<(), SheetError> {
        self.open(number)?;
        self.text(number, 0, remark, if wrong { WRONG } else { 0 });
        for (column, cell) in cells.iter().enumerate() {
            self.cell(number, column + 1, cell, wrong);
        }
        self.close()
    }

    /// Writes one row of a list, below all that were written.
    pub(super) fn line(&mut self, number: u64, cells: &[Cell]) -> Result<(), SheetError> {
        self.open(number)?;
        for (column, cell) in cells.iter().enumerate() {
            self.cell(number, column, cell, false);
        }
        self.close()
    }

    fn open(&mut self, number: u64) -> Result<(), SheetError> {
        match self.last_row {
            None => self.begin()?,
            Some(last) if last >= number => {
                return Err(SheetError::Output(format!("row {number} came twice")));
            }
            Some(_) => {}
        }
        self.last_row = Some(number);
        self.row.clear();
        self.row.push_str(&format!("<row r=\"{number}\">"));
        Ok(())
    }

    fn close(&mut self) -> Result<(), SheetError> {
        self.row.push_str("</row>");
        Ok(self.zip.write_all(self.row.as_bytes())?)
    }

    /// How much of it is held back.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.row.capacity()
    }

    fn cell(&mut self, row: u64, column: usize, cell: &Cell, wrong: bool) {
        match cell.shown() {
            Cell::Empty | Cell::Formula(_) => {}
            Cell::Number(n) if !n.is_finite() => self.text(row, column, &n.to_string(), 0),
            Cell::Number(n) => self.value(row, column, "", &n.to_string()),
            Cell::Bool(b) => self.value(row, column, " t=\"b\"", if *b { "1" } else { "0" }),
            Cell::Text(text) | Cell::Error(text) => self.text(row, column, text, 0),
            Cell::Date(day) => match serial(*day) {
                Some(days) => {
                    let style = format!(" s=\"{}\"", DAY[usize::from(wrong)]);
                    self.value(row, column, &style, &days.to_string());
                }
                None => self.text(row, column, &day.to_string(), 0),
            },
        }
    }

    fn value(&mut self, row: u64, column: usize, kind: &str, value: &str) {
        let at = letters(column);
        self.row
            .push_str(&format!("<c r=\"{at}{row}\"{kind}><v>{value}</v></c>"));
    }

    fn text(&mut self, row: u64, column: usize, text: &str, style: u8) {
        if text.is_empty() {
            return;
        }
        let at = letters(column);
        self.row.push_str(&format!(
            "<c r=\"{at}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
        ));
        escape(text, &mut self.row);
        self.row.push_str("</t></is></c>");
    }

    /// Ends the sheet and gives back where it was written.
    pub(super) fn finish(mut self) -> Result<W, SheetError> {
        if self.last_row.is_none() {
            self.begin()?;
        }
        self.zip.write_all(b"</sheetData></worksheet>")?;
        Ok(self.zip.finish().map_err(output)?.into_inner())
    }
}

fn serial(day: Date) -> Option<i32> {
    let days = date(1899, 12, 30).until(day).ok()?.get_days();
    (day >= FIRST_DAY).then_some(days)
}

/// `A` to `Z`, then `AA`.
fn letters(mut column: usize) -> String {
    let mut all = Vec::new();
    loop {
        all.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column % 26]));
        match (column / 26).checked_sub(1) {
            Some(more) => column = more,
            None => return all.iter().rev().collect(),
        }
    }
}

/// Text for XML. What XML cannot hold is written as workbooks do, `_x001F_`, and what looks like
/// that is kept from being read so.
fn escape(text: &str, out: &mut String) {
    let mut ahead = text.chars();
    for c in text.chars().take(LONGEST) {
        ahead.next();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' => out.push(c),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            '_' if looks_escaped(ahead.clone()) => out.push_str("_x005F_"),
            c if c < ' ' => out.push_str(&format!("_x{:04X}_", u32::from(c))),
            c => out.push(c),
        }
    }
}

/// Whether `x000D_` or the like follows.
fn looks_escaped(mut after: impl Iterator<Item = char>) -> bool {
    after.next() == Some('x')
        && (0..4).all(|_| after.next().is_some_and(|c| c.is_ascii_hexdigit()))
        && after.next() == Some('_')
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::papers::sheet::{Assembler, xlsx};

    fn read_back(bytes: &[u8]) -> Vec<(u64, Vec<Cell>)> {
        let mut rows = Vec::new();
        let mut sink = |line: &crate::papers::sheet::Line<'_>| {
            rows.push((line.number, line.cells.to_vec()));
            Ok(())
        };
        let mut assembler = Assembler::new(&mut sink, true);
        xlsx::read(bytes, &mut assembler).expect("a workbook");
        rows
    }

    #[test]
    fn what_is_written_reads_back() {
        let head: Vec<Cell> = ["姓名", "身份证号", "准操项目", "类型", "考试日期", "理论"]
            .map(|word| Cell::Text(word.into()))
            .into();
        let odd = [
            "=1+1",
            " a  b ",
            "<&>\"'",
            "a\r\nb\u{1F}",
            "_x000D_ and _x",
            "𬀪㛃",
        ];
        let mut cells: Vec<Cell> = odd.map(|text| Cell::Text(text.into())).into();
        cells.extend([
            Cell::Number(998_272_200_504_109_708.0),
            Cell::Number(-0.5),
            Cell::Bool(true),
            Cell::Date(date(2026, 11, 20)),
            Cell::Date(date(1900, 3, 1)),
        ]);
        let mut book = BookWriter::new(Vec::new());
        book.row(2, "校验结果", &head, false).expect("a row");
        book.row(5, "通过", &cells, true).expect("a row");
        assert!(book.row(5, "", &cells, true).is_err());
        let bytes = book.finish().expect("a file");
        let rows = read_back(&bytes);
        let numbers: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 5]);
        assert_eq!(rows[1].1[1..], cells[..]);
        assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_ok());
    }

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), name);
        }
    }
}
