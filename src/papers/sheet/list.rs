//! A list as a file: a head and any number of rows, written as they come, so that a million cost no
//! more memory than one. Days are days, numbers are numbers, and text is text: in a workbook by its
//! type, in a csv by an apostrophe before whatever a spreadsheet program would take for a formula.

use std::io::Write;

use domain::roster::Cell;

use super::{
    Format, SheetError,
    mark::{csv_field, harmless},
    write::BookWriter,
};

/// A list, or a sheet that goes back with a remark beside each row, while it is written.
pub struct ListWriter<W: Write> {
    body: Body<W>,
    last: u64,
}

enum Body<W: Write> {
    Text(W),
    Book(Box<BookWriter<W>>),
}

impl<W: Write> ListWriter<W> {
    /// Begins; a csv is written for [`Format::Csv`], an `.xlsx` for the others.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W, format: Format) -> Result<Self, SheetError> {
        let body = if format == Format::Csv {
            // The mark by which spreadsheet programs know UTF-8.
            out.write_all("\u{FEFF}".as_bytes())?;
            Body::Text(out)
        } else {
            Body::Book(Box::new(BookWriter::new(out)))
        };
        Ok(Self { body, last: 0 })
    }

    /// The next row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), SheetError> {
        self.last += 1;
        match &mut self.body {
            Body::Text(out) => text(out, cells.iter()),
            Body::Book(book) => book.line(self.last, cells),
        }
    }

    /// A row of somebody's own sheet, where it stood there, with a remark before it.
    ///
    /// # Errors
    /// When it cannot be written, or the rows do not come in order.
    pub fn marked(
        &mut self,
        number: u64,
        remark: &str,
        cells: &[Cell],
        wrong: bool,
    ) -> Result<(), SheetError> {
        match &mut self.body {
            Body::Text(out) => {
                for _ in self.last.saturating_add(1)..number {
                    out.write_all(b"\r\n")?;
                }
                self.last = number;
                let remark = Cell::Text(remark.to_owned());
                text(out, std::iter::once(&remark).chain(cells))
            }
            Body::Book(book) => book.row(number, remark, cells, wrong),
        }
    }

    /// Ends the file and gives back where it was written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, SheetError> {
        let mut out = match self.body {
            Body::Text(out) => out,
            Body::Book(book) => book.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

fn text<'c, W: Write>(
    out: &mut W,
    cells: impl Iterator<Item = &'c Cell>,
) -> Result<(), SheetError> {
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            line.push(',');
        }
        csv_field(&harmless(cell), &mut line);
    }
    line.push_str("\r\n");
    Ok(out.write_all(line.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};

    use jiff::civil::date;

    use super::*;
    use crate::papers::sheet::rows;

    fn written(format: Format, list: &[Vec<Cell>]) -> Vec<u8> {
        let mut writer = ListWriter::new(Vec::new(), format).expect("begun");
        for cells in list {
            writer.row(cells).expect("a row");
        }
        writer.finish().expect("a file")
    }

    fn read(bytes: Vec<u8>) -> Vec<Vec<Cell>> {
        let mut all = Vec::new();
        rows(Cursor::new(bytes), &mut |_, cells| {
            all.push(cells.to_vec());
            Ok(true)
        })
        .expect("a sheet");
        all
    }

    #[test]
    fn a_list_reads_back_with_its_types() {
        let list = [
            vec![Cell::Text("办件号".into()), Cell::Text("最迟日期".into())],
            vec![
                Cell::Text("=HYPERLINK(\"x\")".into()),
                Cell::Date(date(2026, 6, 1)),
                Cell::Number(87.0),
                Cell::Text("990101199001010018".into()),
            ],
        ];
        assert_eq!(read(written(Format::Xlsx, &list)), list);
        let text = String::from_utf8(written(Format::Csv, &list)).expect("text");
        assert_eq!(
            text,
            "\u{FEFF}办件号,最迟日期\r\n\"'=HYPERLINK(\"\"x\"\")\",2026-06-01,87,990101199001010018\r\n"
        );
    }

    /// A place that only counts.
    struct Counted(u64);

    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_of_a_long_list_waits_for_its_end() {
        let mut list = ListWriter::new(Counted(0), Format::Xlsx).expect("begun");
        let row: Vec<Cell> = (0..12)
            .map(|n| Cell::Text(format!("{n}{}", "长".repeat(40))))
            .collect();
        for _ in 0..20_000 {
            list.row(&row).expect("a row");
        }
        let Body::Book(book) = &list.body else {
            panic!("a workbook");
        };
        assert!(book.waiting() < 1 << 16, "{}", book.waiting());
        assert!(list.finish().expect("a file").0 > 1 << 16);
    }
}
