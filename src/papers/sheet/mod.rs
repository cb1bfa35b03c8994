//! Reading exam sheets: `.csv` of any size as a stream, `.xlsx` and `.xls` from memory.
//!
//! What a file is is decided by its first bytes. The readers push rows of cells, numbered as a
//! spreadsheet program shows them, into an [`Assembler`], which finds the header and tells
//! candidates from titles, totals and notes. Nothing here knows the database.
//!
//! Files are hostile until read: every limit stands in [`limits`], and no reader allocates by what
//! a file claims, only by what it holds.

mod book;
mod check;
mod error;
mod header;
mod mark;
mod ole;
mod text;
mod values;
mod write;
mod xls;
mod xls_strings;
mod xlsx;
mod xml;

use std::io::{Read, Seek, SeekFrom};

pub use check::{CheckSink, Summary, check};
use domain::roster::{Cell, RawRow};
pub use error::SheetError;
use header::{Header, Search};
pub use mark::{Marker, Remarks, candidates, sentence};

/// What a workbook may ask of us. A csv is a stream and has no limit but the length of one row.
pub mod limits {
    /// Largest workbook file.
    pub const FILE: u64 = 20 << 20;
    /// Largest total of its unpacked parts.
    pub const UNPACKED: u64 = 200 << 20;
    /// Most files inside it.
    pub const ENTRIES: usize = 1000;
    /// How many times larger than its packed form a part above [`RATIO_FROM`] may be.
    pub const RATIO: u64 = 250;
    /// Parts smaller than this are not judged by their ratio.
    pub const RATIO_FROM: u64 = 4 << 20;
    /// Last row of a workbook that may hold anything.
    pub const ROWS: u64 = 100_000;
    /// Last column that may hold anything.
    pub const COLUMNS: usize = 1024;
    /// Longest piece of XML between two marks.
    pub const XML_EVENT: usize = 1 << 20;
    /// Most pieces of XML in one workbook.
    pub const XML_EVENTS: u64 = 16_000_000;
    /// Deepest nesting of XML.
    pub const XML_DEPTH: u32 = 64;
    /// Most shared strings, and most bytes of them.
    pub const STRINGS: usize = 2_000_000;
    /// See [`STRINGS`].
    pub const STRING_BYTES: usize = 48 << 20;
    /// Most text that all cells of a workbook may show.
    pub const TEXT: usize = 256 << 20;
    /// Most cells of an old workbook that wait for the rest of their row: all of them where its
    /// rows do not come in order.
    pub const CELLS: usize = 600_000;
    /// Longest row of a csv, in bytes.
    pub const RECORD: usize = 1 << 20;
    /// The header stands among so many first rows that are not blank.
    pub const HEADER_WITHIN: usize = 30;
}

/// Which kind of file it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with separators, whatever its encoding.
    Csv,
    /// Office Open XML.
    Xlsx,
    /// The format before 2007.
    Xls,
}

/// What a row of the sheet is.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// Title, blank, total or note.
    Other,
    /// The header, or one line of it.
    Header,
    /// Somebody who sat an exam.
    Candidate(Box<RawRow>),
}

/// One row as read.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The number a spreadsheet program shows beside it.
    pub number: u64,
    /// All its cells, from column A.
    pub cells: &'a [Cell],
    /// What it is.
    pub role: Role,
}

/// What was read.
#[derive(Clone, Copy, Debug)]
pub struct SheetInfo {
    /// The kind of file.
    pub format: Format,
    /// Rows that are candidates.
    pub candidates: u64,
    /// Other visible sheets of the workbook that have a complete header and were not read.
    pub left_out: usize,
}

/// Where lines go. An error ends the reading.
pub type Sink<'a> = dyn FnMut(&Line<'_>) -> Result<(), SheetError> + 'a;

/// Decides by the first bytes what a file is.
///
/// # Errors
/// When the source cannot be read.
pub fn format_of<R: Read + Seek>(reader: &mut R) -> Result<Format, SheetError> {
    let mut magic = Vec::new();
    reader.by_ref().take(8).read_to_end(&mut magic)?;
    reader.seek(SeekFrom::Start(0))?;
    Ok(if magic.starts_with(b"PK") {
        Format::Xlsx
    } else if magic.starts_with(&ole::MAGIC) {
        Format::Xls
    } else {
        Format::Csv
    })
}

/// Reads a sheet row by row.
///
/// # Errors
/// When the file is none of the three kinds, is damaged or beyond the limits, or has no header.
pub fn read<R: Read + Seek>(mut reader: R, sink: &mut Sink<'_>) -> Result<SheetInfo, SheetError> {
    let format = format_of(&mut reader)?;
    let mut assembler = Assembler::new(sink, format != Format::Csv);
    let left_out = match format {
        Format::Csv => {
            text::read(&mut reader, &mut assembler)?;
            0
        }
        Format::Xlsx => xlsx::read(&whole(&mut reader)?, &mut assembler)?,
        Format::Xls => xls::read(&whole(&mut reader)?, &mut assembler)?,
    };
    let candidates = assembler.finish()?;
    Ok(SheetInfo {
        format,
        candidates,
        left_out,
    })
}

/// Where plain rows go: the number and the cells; false ends the reading.
pub type Rows<'a> = dyn FnMut(u64, &[Cell]) -> Result<bool, SheetError> + 'a;

/// Reads the rows of a file as they are, whatever they mean: of a workbook those of its first sheet
/// that holds any.
///
/// # Errors
/// When the file is none of the three kinds, is damaged or beyond the limits.
pub fn rows<R: Read + Seek>(mut reader: R, rows: &mut Rows<'_>) -> Result<Format, SheetError> {
    let format = format_of(&mut reader)?;
    let enough = std::cell::Cell::new(false);
    let mut sink = |line: &Line<'_>| {
        enough.set(!rows(line.number, line.cells)?);
        Ok(())
    };
    let mut assembler = Assembler::new(&mut sink, format != Format::Csv);
    assembler.plain = Some(&enough);
    match format {
        Format::Csv => text::read(&mut reader, &mut assembler)?,
        Format::Xlsx => drop(xlsx::read(&whole(&mut reader)?, &mut assembler)?),
        Format::Xls => drop(xls::read(&whole(&mut reader)?, &mut assembler)?),
    }
    Ok(format)
}

fn whole<R: Read>(reader: &mut R) -> Result<Vec<u8>, SheetError> {
    let mut bytes = Vec::new();
    reader.take(limits::FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits::FILE {
        Err(SheetError::TooLarge("file"))
    } else {
        Ok(bytes)
    }
}

/// Whether a reader should go on with this sheet of a workbook.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Stop,
}

/// Finds the header, keeps the rows above it until then, and gives every row its role.
struct Assembler<'a, 'b> {
    sink: &'a mut Sink<'b>,
    search: Search,
    header: Option<Header>,
    /// Rows above the header, kept until it is found.
    above: Vec<(u64, Vec<Cell>)>,
    candidates: u64,
    bounded: bool,
    text: usize,
    /// Only whether there is a header is asked.
    looking: bool,
    /// No header is looked for: every row goes out as it is, until whoever reads has enough.
    plain: Option<&'a std::cell::Cell<bool>>,
}

impl<'a, 'b> Assembler<'a, 'b> {
    fn new(sink: &'a mut Sink<'b>, bounded: bool) -> Self {
        let search = Search::default();
        Self {
            sink,
            search,
            header: None,
            above: Vec::new(),
            candidates: 0,
            bounded,
            text: 0,
            looking: false,
            plain: None,
        }
    }

    /// One that stops at the header of a sheet.
    fn looking(sink: &'a mut Sink<'b>) -> Self {
        Self {
            looking: true,
            ..Self::new(sink, true)
        }
    }

    /// Takes one row; the cells after the last one that holds something may be left out.
    fn row(&mut self, number: u64, cells: &[Cell]) -> Result<Flow, SheetError> {
        let cells = trimmed(cells);
        self.keep_within_limits(number, cells)?;
        if let Some(enough) = self.plain {
            self.candidates += 1;
            (self.sink)(&Line {
                number,
                cells,
                role: Role::Other,
            })?;
            return Ok(if enough.get() { Flow::Stop } else { Flow::Next });
        }
        if let Some(header) = &self.header {
            let role = header.role(cells);
            self.candidates += u64::from(matches!(role, Role::Candidate(_)));
            (self.sink)(&Line {
                number,
                cells,
                role,
            })?;
            return Ok(Flow::Next);
        }
        if cells.is_empty() {
            return Ok(Flow::Next);
        }
        if let Some(header) = self.search.look_at(cells) {
            for (above, cells) in std::mem::take(&mut self.above) {
                (self.sink)(&Line {
                    number: above,
                    cells: &cells,
                    role: Role::Other,
                })?;
            }
            (self.sink)(&Line {
                number,
                cells,
                role: Role::Header,
            })?;
            self.header = Some(header);
            return Ok(if self.looking { Flow::Stop } else { Flow::Next });
        }
        self.above.push((number, cells.to_vec()));
        Ok(if self.above.len() >= limits::HEADER_WITHIN {
            Flow::Stop
        } else {
            Flow::Next
        })
    }

    fn keep_within_limits(&mut self, number: u64, cells: &[Cell]) -> Result<(), SheetError> {
        if cells.len() > limits::COLUMNS {
            return Err(SheetError::TooWide(number));
        }
        if !self.bounded || cells.is_empty() {
            return Ok(());
        }
        if number > limits::ROWS + limits::HEADER_WITHIN as u64 {
            return Err(SheetError::TooManyRows);
        }
        self.text += cells
            .iter()
            .map(|c| if let Cell::Text(t) = c { t.len() } else { 0 })
            .sum::<usize>();
        if self.text > limits::TEXT {
            Err(SheetError::TooLarge("texts"))
        } else {
            Ok(())
        }
    }

    /// Ends one sheet of a workbook; tells whether it was the one.
    fn sheet_ends(&mut self) -> bool {
        self.above.clear();
        self.search.forget_last_row();
        match self.plain {
            Some(_) => self.candidates > 0,
            None => self.header.is_some(),
        }
    }

    fn finish(self) -> Result<u64, SheetError> {
        if self.header.is_some() {
            Ok(self.candidates)
        } else {
            Err(SheetError::NoHeader(self.search.missing()))
        }
    }
}

fn trimmed(cells: &[Cell]) -> &[Cell] {
    let end = cells
        .iter()
        .rposition(|c| !c.is_blank())
        .map_or(0, |last| last + 1);
    cells.get(..end).unwrap_or(cells)
}
