//! Sheets of an `.xls` (BIFF8, and BIFF5 of the nineties): records in order, cells as they are.
//!
//! Only cells that hold something are kept, and only until their row is complete, so neither the
//! area that a sheet claims nor the number of its cells costs anything.

use std::collections::HashMap;

use domain::roster::Cell;
use encoding_rs::{Encoding, GBK};

use super::{
    Assembler, Flow, Line, SheetError,
    book::Strings,
    limits,
    ole::{self, u16_at, u32_at},
    values::{self, error_text, is_builtin_date, is_date_format},
    xls_strings::{Pieces, shared_strings},
};

/// Record numbers, as in the published format.
mod record {
    pub const FORMULA: [u16; 3] = [0x0006, 0x0206, 0x0406];
    pub const EOF: u16 = 0x000A;
    pub const DATE_1904: u16 = 0x0022;
    pub const FILE_PASS: u16 = 0x002F;
    pub const CONTINUE: u16 = 0x003C;
    pub const CODE_PAGE: u16 = 0x0042;
    pub const BOUND_SHEET: u16 = 0x0085;
    pub const MUL_RK: u16 = 0x00BD;
    pub const RICH_STRING: u16 = 0x00D6;
    pub const XF: u16 = 0x00E0;
    pub const SST: u16 = 0x00FC;
    pub const LABEL_SST: u16 = 0x00FD;
    pub const NUMBER: u16 = 0x0203;
    pub const LABEL: u16 = 0x0204;
    pub const BOOL_ERR: u16 = 0x0205;
    pub const STRING: u16 = 0x0207;
    pub const RK: u16 = 0x027E;
    pub const FORMAT: u16 = 0x041E;
    pub const BOF: u16 = 0x0809;

    /// Whether a record is about a cell: its row stands first in it.
    pub fn is_cell(kind: u16) -> bool {
        let one = [LABEL_SST, LABEL, RICH_STRING, NUMBER, RK, BOOL_ERR, MUL_RK];
        one.contains(&kind) || FORMULA.contains(&kind)
    }
}

/// Most records looked at in one file, over all its sheets.
const RECORDS: usize = 6_000_000;

/// Reads the first sheet with a header; gives how many more there are.
pub(super) fn read(bytes: &[u8], assembler: &mut Assembler<'_, '_>) -> Result<usize, SheetError> {
    let stream = ole::workbook(bytes)?;
    let mut left = RECORDS;
    let book = Globals::read(&stream, &mut left)?;
    let shown = book.sheets.iter().filter(|s| !s.hidden);
    let hidden = book.sheets.iter().filter(|s| s.hidden);
    for sheet in shown.chain(hidden).take(limits::ENTRIES) {
        Sheet::read(&stream, sheet.at, &book, &mut left, assembler)?;
        if assembler.sheet_ends() {
            let others = book.sheets.iter().filter(|s| !s.hidden && s.at != sheet.at);
            let others = others.take(limits::ENTRIES);
            // A sheet that cannot be read is not one that was forgotten.
            return Ok(others
                .filter(|s| has_header(&stream, s, &book, &mut left).unwrap_or(false))
                .count());
        }
    }
    Ok(0)
}

fn has_header(
    stream: &[u8],
    sheet: &Listed,
    book: &Globals,
    left: &mut usize,
) -> Result<bool, SheetError> {
    let mut nowhere = |_: &Line<'_>| Ok(());
    let mut looking = Assembler::looking(&mut nowhere);
    Sheet::read(stream, sheet.at, book, left, &mut looking)?;
    Ok(looking.sheet_ends())
}

/// One record: its number and its bytes.
type Record<'a> = (u16, &'a [u8]);

struct Records<'a, 'b> {
    stream: &'a [u8],
    at: usize,
    left: &'b mut usize,
}

impl<'a> Records<'a, '_> {
    fn next(&mut self) -> Result<Option<Record<'a>>, SheetError> {
        *self.left = self
            .left
            .checked_sub(1)
            .ok_or(SheetError::TooLarge("records"))?;
        let (Some(kind), Some(length)) = (
            u16_at(self.stream, self.at),
            u16_at(self.stream, self.at + 2),
        ) else {
            return Ok(None);
        };
        let start = self.at + 4;
        let end = start + usize::from(length);
        let Some(data) = self.stream.get(start..end) else {
            return Err(SheetError::Damaged("a record is cut off".into()));
        };
        self.at = end;
        Ok(Some((kind, data)))
    }

    /// The number of the record to come.
    fn peek(&self) -> Option<u16> {
        u16_at(self.stream, self.at)
    }
}

struct Listed {
    at: usize,
    hidden: bool,
}

/// What stands before the sheets.
struct Globals {
    wide: bool,
    pages: &'static Encoding,
    from_1904: bool,
    strings: Strings,
    sheets: Vec<Listed>,
    /// The format number of each cell style.
    styles: Vec<u32>,
    custom: HashMap<u32, bool>,
}

impl Globals {
    fn read(stream: &[u8], left: &mut usize) -> Result<Self, SheetError> {
        let mut book = Self {
            wide: true,
            pages: GBK,
            from_1904: false,
            strings: Strings::new(),
            sheets: Vec::new(),
            styles: Vec::new(),
            custom: HashMap::new(),
        };
        let mut records = Records {
            stream,
            at: 0,
            left,
        };
        match records.next()? {
            Some((record::BOF, data)) => match u16_at(data, 0) {
                Some(0x0600) => {}
                Some(0x0500) => book.wide = false,
                _ => return Err(SheetError::Unsupported("old-xls")),
            },
            _ => return Err(SheetError::Unsupported("old-xls")),
        }
        while let Some((kind, data)) = records.next()? {
            match kind {
                record::EOF => break,
                record::FILE_PASS => return Err(SheetError::Encrypted),
                record::DATE_1904 => book.from_1904 = u16_at(data, 0) == Some(1),
                record::CODE_PAGE => book.pages = pages(u16_at(data, 0).unwrap_or(936)),
                record::BOUND_SHEET => book.sheets.extend(bound_sheet(data)),
                record::XF if book.styles.len() < 65_536 => {
                    book.styles.push(u16_at(data, 2).map_or(0, u32::from));
                }
                record::FORMAT => {
                    if let Some(id) = u16_at(data, 0) {
                        let text = book.text(data.get(2..).unwrap_or_default(), book.wide);
                        book.custom.insert(u32::from(id), is_date_format(&text));
                    }
                }
                record::SST => {
                    let mut pieces = vec![data];
                    while records.peek() == Some(record::CONTINUE) {
                        let Some((_, more)) = records.next()? else {
                            break;
                        };
                        pieces.push(more);
                    }
                    shared_strings(&pieces, &mut book.strings)?;
                }
                _ => {}
            }
        }
        Ok(book)
    }

    fn is_date(&self, style: u16) -> bool {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or(0);
        self.custom
            .get(&format)
            .copied()
            .unwrap_or_else(|| is_builtin_date(format))
    }

    /// A string inside a record: with a length of two bytes or one, in two-byte units, in their
    /// low halves, or in the code page of an old file.
    fn text(&self, data: &[u8], two: bool) -> String {
        let (length, rest) = if two {
            (
                u16_at(data, 0).map_or(0, usize::from),
                data.get(2..).unwrap_or_default(),
            )
        } else {
            (
                data.first().map_or(0, |b| usize::from(*b)),
                data.get(1..).unwrap_or_default(),
            )
        };
        if !self.wide {
            let end = length.min(rest.len());
            return self
                .pages
                .decode(rest.get(..end).unwrap_or_default())
                .0
                .into_owned();
        }
        let mut pieces = Pieces {
            pieces: &[rest],
            index: 0,
            at: 1,
        };
        let flags = rest.first().copied().unwrap_or(0);
        pieces
            .characters(length, flags & 1 == 1)
            .unwrap_or_default()
    }
}

fn pages(number: u16) -> &'static Encoding {
    let label: &[u8] = match number {
        950 => b"big5",
        932 => b"shift_jis",
        949 => b"euc-kr",
        1252 | 0x8001 => b"windows-1252",
        65001 => b"utf-8",
        _ => b"gbk",
    };
    Encoding::for_label(label).unwrap_or(GBK)
}

/// Where a sheet begins; charts and macro sheets are passed over.
fn bound_sheet(data: &[u8]) -> Option<Listed> {
    let at = usize::try_from(u32_at(data, 0)?).ok()?;
    (*data.get(5)? == 0).then_some(Listed {
        at,
        hidden: *data.get(4)? & 3 != 0,
    })
}

/// A cell as it is kept until rows are made: shared strings stay numbers.
enum Kept {
    Value(Cell),
    Shared(u32),
}

#[derive(Default)]
struct Sheet {
    cells: Vec<(u16, u16, Kept)>,
    /// A formula whose text comes in a later record.
    waiting: Option<usize>,
}

/// Whether the rows of a sheet come one after the other, as every known program writes them.
fn in_order(stream: &[u8], at: usize) -> Result<bool, SheetError> {
    let mut left = RECORDS;
    let mut records = Records {
        stream,
        at,
        left: &mut left,
    };
    let (mut depth, mut last) = (0_u32, 0);
    while let Some((kind, data)) = records.next()? {
        match kind {
            record::BOF => depth += 1,
            record::EOF if depth <= 1 => return Ok(true),
            record::EOF => depth -= 1,
            kind if depth == 1 && record::is_cell(kind) => {
                let row = u16_at(data, 0).unwrap_or(last);
                if row < last {
                    return Ok(false);
                }
                last = row;
            }
            _ => {}
        }
    }
    Ok(true)
}

impl Sheet {
    /// Reads one sheet into the assembler. Rows that come in order are let go one by one.
    fn read(
        stream: &[u8],
        at: usize,
        book: &Globals,
        left: &mut usize,
        assembler: &mut Assembler<'_, '_>,
    ) -> Result<(), SheetError> {
        let ordered = in_order(stream, at)?;
        let mut records = Records { stream, at, left };
        let mut sheet = Self::default();
        let mut depth = 0_u32;
        while let Some((kind, data)) = records.next()? {
            match kind {
                record::BOF => depth += 1,
                record::EOF => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        sheet.cells.sort_by_key(|(row, column, _)| (*row, *column));
                        push(&mut sheet.cells, book, assembler)?;
                        return Ok(());
                    }
                }
                // Charts inside the sheet have records of their own.
                _ if depth == 1 => {
                    if ordered && sheet.is_done_before(kind, data) {
                        sheet.waiting = None;
                        if push(&mut sheet.cells, book, assembler)? == Flow::Stop {
                            return Ok(());
                        }
                    }
                    sheet.cell(kind, data, book);
                }
                _ => {}
            }
            if sheet.cells.len() > limits::CELLS {
                return Err(SheetError::TooLarge("cells"));
            }
        }
        Err(SheetError::Damaged("a sheet has no end".into()))
    }

    /// Whether a record begins another row than that of the cells at hand.
    fn is_done_before(&self, kind: u16, data: &[u8]) -> bool {
        let row = u16_at(data, 0).filter(|_| record::is_cell(kind));
        row.is_some_and(|row| self.cells.first().is_some_and(|(at, _, _)| *at != row))
    }

    fn cell(&mut self, kind: u16, data: &[u8], book: &Globals) {
        let text_at = |at: usize| book.text(data.get(at..).unwrap_or_default(), true);
        if kind == record::STRING {
            if let Some(slot) = self.waiting.take().and_then(|i| self.cells.get_mut(i)) {
                slot.2 = Kept::Value(Cell::Formula(Box::new(Cell::Text(text_at(0)))));
            }
            return;
        }
        let (Some(row), Some(column), Some(style)) =
            (u16_at(data, 0), u16_at(data, 2), u16_at(data, 4))
        else {
            return;
        };
        let number = |n: f64, style: u16| values::number(n, book.is_date(style), book.from_1904);
        let value = match kind {
            record::LABEL_SST => u32_at(data, 6).map(Kept::Shared),
            record::LABEL | record::RICH_STRING => Some(Kept::Value(Cell::Text(text_at(6)))),
            record::NUMBER => f64_at(data, 6).map(|n| Kept::Value(number(n, style))),
            record::RK => u32_at(data, 6).map(|rk| Kept::Value(number(rk_number(rk), style))),
            record::BOOL_ERR => data.get(6).map(|v| {
                let error = data.get(7) == Some(&1);
                let found = if error {
                    Cell::Error(error_text(*v).into())
                } else {
                    Cell::Bool(*v != 0)
                };
                Kept::Value(found)
            }),
            record::MUL_RK => {
                let mut at = 4;
                let mut column = column;
                // The last two bytes repeat the last column.
                while at + 8 <= data.len() {
                    if let (Some(style), Some(rk)) = (u16_at(data, at), u32_at(data, at + 2)) {
                        self.cells
                            .push((row, column, Kept::Value(number(rk_number(rk), style))));
                    }
                    at += 6;
                    column = column.saturating_add(1);
                }
                None
            }
            formula if record::FORMULA.contains(&formula) => {
                let result = data.get(6..14).unwrap_or_default();
                let shown = formula_result(result, |n| number(n, style));
                if result.get(6..) == Some(&[0xFF, 0xFF]) && result.first() == Some(&0) {
                    self.waiting = Some(self.cells.len());
                }
                Some(Kept::Value(Cell::Formula(Box::new(shown))))
            }
            _ => None,
        };
        if let Some(value) = value {
            self.cells.push((row, column, value));
        }
    }
}

fn formula_result(result: &[u8], number: impl Fn(f64) -> Cell) -> Cell {
    if result.get(6..) != Some(&[0xFF, 0xFF]) {
        return f64_at(result, 0).map_or(Cell::Empty, number);
    }
    match (result.first(), result.get(2)) {
        (Some(1), Some(value)) => Cell::Bool(*value != 0),
        (Some(2), Some(code)) => Cell::Error(error_text(*code).into()),
        _ => Cell::Empty,
    }
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?))
}

/// A number packed into thirty bits: the top of a float or an integer, perhaps times a hundred.
fn rk_number(rk: u32) -> f64 {
    let value = if rk & 2 == 2 {
        f64::from(rk.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(rk & 0xFFFF_FFFC) << 32)
    };
    if rk & 1 == 1 { value / 100.0 } else { value }
}

/// Gives the rows of some cells, sorted by row, to the assembler.
fn push(
    cells: &mut Vec<(u16, u16, Kept)>,
    book: &Globals,
    assembler: &mut Assembler<'_, '_>,
) -> Result<Flow, SheetError> {
    let mut line: Vec<Cell> = Vec::new();
    let mut current: Option<u16> = None;
    for (row, column, kept) in cells.drain(..) {
        if current.is_some_and(|c| c != row) {
            let flow = assembler.row(u64::from(current.unwrap_or(0)) + 1, &line)?;
            line.clear();
            if flow == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        current = Some(row);
        let column = usize::from(column);
        if column >= limits::COLUMNS {
            return Err(SheetError::TooWide(u64::from(row) + 1));
        }
        if line.len() <= column {
            line.resize(column + 1, Cell::Empty);
        }
        let cell = match kept {
            Kept::Value(cell) => cell,
            Kept::Shared(index) => {
                let text = book.strings.get(index as usize).unwrap_or_default();
                if text.is_empty() {
                    Cell::Empty
                } else {
                    Cell::Text(text.to_owned())
                }
            }
        };
        if let Some(place) = line.get_mut(column) {
            *place = cell;
        }
    }
    match current {
        Some(row) => assembler.row(u64::from(row) + 1, &line),
        None => Ok(Flow::Next),
    }
}
