//! Sheets of an `.xlsx`, cell by cell, never by the area they claim.

use domain::roster::Cell;
use quick_xml::events::{BytesStart, Event};

use super::{
    Assembler, Flow, Line, SheetError,
    book::{Listed, Package, Part, Workbook},
    limits,
    values::{self, unescape},
    xml::{attribute, text_of},
};

/// The last column there is, XFD.
const LAST_COLUMN: usize = 16_384;

/// Reads the first sheet with a header; gives how many more there are.
pub(super) fn read(bytes: &[u8], assembler: &mut Assembler<'_, '_>) -> Result<usize, SheetError> {
    let mut package = Package::open(bytes)?;
    let book = Workbook::read(&mut package)?;
    let shown = book.sheets.iter().filter(|s| !s.hidden);
    let hidden = book.sheets.iter().filter(|s| s.hidden);
    for listed in shown.chain(hidden) {
        if is_the_one(&mut package, &book, listed, assembler)? {
            let others = book.sheets.iter().filter(|s| !s.hidden);
            let others = others.filter(|s| s.path != listed.path);
            // A sheet that cannot be read is not one that was forgotten.
            return Ok(others
                .filter(|s| {
                    let mut nowhere = |_: &Line<'_>| Ok(());
                    let mut looking = Assembler::looking(&mut nowhere);
                    is_the_one(&mut package, &book, s, &mut looking).unwrap_or(false)
                })
                .count());
        }
    }
    Ok(0)
}

/// Reads one sheet; tells whether it has a header.
fn is_the_one(
    package: &mut Package<'_>,
    book: &Workbook,
    listed: &Listed,
    assembler: &mut Assembler<'_, '_>,
) -> Result<bool, SheetError> {
    let Some(part) = package.part(&listed.path)? else {
        return Ok(false);
    };
    Reading {
        part,
        book,
        cells: Vec::new(),
        row: 0,
        next_column: 0,
    }
    .sheet(assembler)?;
    Ok(assembler.sheet_ends())
}

/// One `c` element while it is read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    value: String,
    inline: String,
    formula: bool,
}

struct Reading<'a, 'b> {
    part: Part<'a, 'b>,
    book: &'a Workbook,
    cells: Vec<Cell>,
    row: u64,
    next_column: usize,
}

impl Reading<'_, '_> {
    fn sheet(mut self, assembler: &mut Assembler<'_, '_>) -> Result<(), SheetError> {
        let mut in_data = false;
        loop {
            match self.part.next()? {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "dimension" => refuse_absurd(&attribute(&tag, "ref")?.unwrap_or_default())?,
                    "sheetData" => in_data = true,
                    "row" if in_data => {
                        let told = attribute(&tag, "r")?.and_then(|r| r.parse::<u64>().ok());
                        self.row = told.unwrap_or(self.row + 1);
                        self.cells.clear();
                        self.next_column = 0;
                    }
                    "c" if in_data => {
                        let open = open(&tag, self.next_column)?;
                        self.cell(open)?;
                    }
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().into_inner() {
                    "row" if in_data && assembler.row(self.row, &self.cells)? == Flow::Stop => {
                        return Ok(());
                    }
                    "sheetData" => in_data = false,
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Reads to the end of one cell and puts it in its place.
    fn cell(&mut self, mut open: Open) -> Result<(), SheetError> {
        let (mut in_value, mut in_text, mut phonetic) = (false, false, false);
        loop {
            match self.part.next()? {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "v" => in_value = true,
                    "f" => open.formula = true,
                    "t" => in_text = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().into_inner() {
                    "v" => in_value = false,
                    "t" => in_text = false,
                    "rPh" => phonetic = false,
                    "c" => break,
                    _ => {}
                },
                Event::Eof => return Err(SheetError::Damaged("a cell does not end".into())),
                other if in_value || in_text => {
                    if let Some(text) = text_of(&other)? {
                        let target = if in_value {
                            &mut open.value
                        } else {
                            &mut open.inline
                        };
                        target.push_str(&text);
                        if target.len() > limits::XML_EVENT {
                            return Err(SheetError::TooLarge("text"));
                        }
                    }
                }
                _ => {}
            }
        }
        let column = open.column;
        self.next_column = column + 1;
        let cell = self.finish(open);
        if cell == Cell::Empty {
            return Ok(());
        }
        if column >= limits::COLUMNS {
            return Err(SheetError::TooWide(self.row));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    fn finish(&self, open: Open) -> Cell {
        let text = |text: &str| {
            if text.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(text.to_owned())
            }
        };
        let shown = match open.kind.as_str() {
            "s" => {
                let index = open.value.trim().parse().ok();
                text(
                    index
                        .and_then(|i| self.book.strings.get(i))
                        .unwrap_or_default(),
                )
            }
            "inlineStr" => text(&unescape(&open.inline)),
            "str" => text(&unescape(&open.value)),
            _ if open.value.trim().is_empty() => text(&unescape(&open.inline)),
            "b" => Cell::Bool(open.value.trim() == "1"),
            "e" => Cell::Error(open.value),
            "d" => {
                let day = open.value.get(..10).and_then(|d| d.parse().ok());
                day.map_or(Cell::Text(open.value), Cell::Date)
            }
            _ => match open.value.trim().parse::<f64>() {
                Ok(n) => {
                    values::number(n, self.book.styles.is_date(open.style), self.book.from_1904)
                }
                Err(_) => Cell::Text(open.value),
            },
        };
        if open.formula {
            Cell::Formula(Box::new(shown))
        } else {
            shown
        }
    }
}

fn open(tag: &BytesStart<'_>, next_column: usize) -> Result<Open, SheetError> {
    let mut open = Open {
        column: next_column,
        ..Open::default()
    };
    if let Some(at) = attribute(tag, "r")? {
        open.column = column_of(&at)
            .ok_or_else(|| SheetError::Damaged("the place of a cell is wrong".into()))?;
    }
    open.kind = attribute(tag, "t")?.unwrap_or_default().into_owned();
    open.style = attribute(tag, "s")?
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    if open.column >= LAST_COLUMN {
        Err(SheetError::TooLarge("columns"))
    } else {
        Ok(open)
    }
}

/// The column of `BC12`, counted from 0; nothing when it is no place in a sheet.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0_usize;
    for letter in letters {
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        if column > LAST_COLUMN * 64 {
            return None;
        }
    }
    column.checked_sub(1)
}

/// Nothing is allocated by this claim, but nobody who means well makes it.
fn refuse_absurd(dimension: &str) -> Result<(), SheetError> {
    let last = dimension.rsplit(':').next().unwrap_or_default();
    let column = column_of(last);
    let row: u64 = last
        .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .unwrap_or(0);
    let beyond = !last.is_empty() && column.is_none_or(|c| c >= LAST_COLUMN);
    let both = column.is_some_and(|c| c >= limits::COLUMNS) && row > limits::ROWS;
    if beyond || both {
        Err(SheetError::TooLarge("range"))
    } else {
        Ok(())
    }
}
