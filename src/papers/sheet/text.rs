//! Separated text of any size: the encoding and the separator are found first, then rows stream.
//!
//! Rows are numbered as a spreadsheet program would show them: a record in quotes may span lines
//! and is one row, a blank line is a row too.

use std::io::{Read, Seek, SeekFrom};

use domain::roster::Cell;
use encoding_rs::{CoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{Assembler, Flow, SheetError, limits};

const CHUNK: usize = 1 << 16;
/// Words that stand in every header.
const SURE_NAMES: [&str; 3] = ["姓名", "证件", "身份证"];

pub(super) fn read<R: Read + Seek>(
    reader: &mut R,
    assembler: &mut Assembler<'_, '_>,
) -> Result<(), SheetError> {
    let mut encoding = encoding_of(reader)?;
    let mut sample = first_text(reader, encoding)?;
    if encoding == GB18030 {
        // One damaged byte does not make a UTF-8 sheet a national one: its header still reads.
        let other = first_text(reader, UTF_8)?;
        if SURE_NAMES.iter().any(|name| other.contains(name)) {
            (encoding, sample) = (UTF_8, other);
        }
    }
    refuse_markup(&sample)?;
    let mut records = Records::new(
        separator_of(&sample),
        sample.trim_start().starts_with("sep="),
    );
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut bytes = vec![0_u8; CHUNK];
    let mut text = String::with_capacity(CHUNK * 3);
    reader.seek(SeekFrom::Start(0))?;
    loop {
        let got = reader.read(&mut bytes)?;
        let mut rest = bytes.get(..got).unwrap_or_default();
        loop {
            text.clear();
            let (result, used, _) = decoder.decode_to_string(rest, &mut text, got == 0);
            if records.feed(&text, assembler)? == Flow::Stop {
                return Ok(());
            }
            rest = rest.get(used..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if got == 0 {
            return records.end(assembler);
        }
    }
}

/// A byte-order mark decides; else zero bytes beside ASCII mean UTF-16; else what is valid UTF-8
/// from beginning to end is UTF-8, and the rest is GB 18030.
fn encoding_of<R: Read + Seek>(reader: &mut R) -> Result<&'static Encoding, SheetError> {
    let mut chunk = vec![0_u8; CHUNK];
    let mut kept = Vec::new();
    let mut first = true;
    let mut valid = true;
    loop {
        let got = reader.read(&mut chunk)?;
        let bytes = chunk.get(..got).unwrap_or_default();
        if first {
            first = false;
            if let Some((marked, _)) = Encoding::for_bom(bytes) {
                return Ok(marked);
            }
            if let Some(wide) = utf_16(bytes) {
                return Ok(wide);
            }
        }
        if bytes.contains(&0) {
            return Err(SheetError::NotASheet);
        }
        if got == 0 {
            return Ok(if valid { UTF_8 } else { GB18030 });
        }
        if valid {
            kept.extend_from_slice(bytes);
            match std::str::from_utf8(&kept) {
                Ok(_) => kept.clear(),
                // A character may be cut by the end of the chunk.
                Err(e) if e.error_len().is_none() => {
                    kept.drain(..e.valid_up_to());
                }
                Err(_) => valid = false,
            }
        }
    }
}

fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(4096) & !1)?;
    let zeros = |odd: usize| {
        sample
            .iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = sample.len() / 20 + 1;
    // Digits and separators have their zero on one side; the other side has the few of U+3000, 一
    // and the like.
    if odd >= many && even * 2 < odd {
        Some(UTF_16LE)
    } else if even >= many && odd * 2 < even {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn first_text<R: Read + Seek>(
    reader: &mut R,
    encoding: &'static Encoding,
) -> Result<String, SheetError> {
    reader.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    reader.by_ref().take(CHUNK as u64).read_to_end(&mut bytes)?;
    let mut text = String::with_capacity(CHUNK * 3);
    let (_, _, _) = encoding
        .new_decoder_with_bom_removal()
        .decode_to_string(&bytes, &mut text, false);
    Ok(text)
}

/// Web systems export pages and XML under the name of a sheet.
fn refuse_markup(sample: &str) -> Result<(), SheetError> {
    let start: String = sample
        .trim_start()
        .chars()
        .take(200)
        .collect::<String>()
        .to_lowercase();
    if start.starts_with("%pdf") {
        Err(SheetError::Unsupported("pdf"))
    } else if start.starts_with('<') {
        Err(SheetError::Unsupported("markup"))
    } else {
        Ok(())
    }
}

/// The separator that most often stands in the fullest of the first lines; where some of them name
/// a column, in the fullest of those, because a note above may be full of commas.
fn separator_of(sample: &str) -> char {
    if let Some(told) = sample
        .trim_start()
        .strip_prefix("sep=")
        .and_then(|r| r.chars().next())
    {
        return told;
    }
    // Old Macs end a line with a carriage return alone.
    let lines = || sample.split(['\n', '\r']).take(2 * limits::HEADER_WITHIN);
    let names = |line: &str| SURE_NAMES.iter().any(|name| line.contains(name));
    let named = lines().any(names);
    let count = |sign: char| {
        lines()
            .filter(|line| !named || names(line))
            .map(|line| line.matches(sign).count())
            .max()
            .unwrap_or(0)
    };
    let mut best = (',', count(','));
    for sign in ['\t', ';', '|'] {
        let found = count(sign);
        if found > best.1 {
            best = (sign, found);
        }
    }
    best.0
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the field was read.
    Start,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: its end, or the first half of a doubled one.
    QuoteSeen,
}

/// Cuts text into records; the text may come in pieces cut anywhere between two characters.
struct Records {
    separator: char,
    state: State,
    field: String,
    cells: Vec<Cell>,
    row: u64,
    bytes: usize,
    /// The last character was a carriage return: a line feed now belongs to it.
    returned: bool,
    /// The first line only names the separator and is not a row.
    skip_first: bool,
}

impl Records {
    fn new(separator: char, skip_first: bool) -> Self {
        let (state, field, cells) = (State::Start, String::new(), Vec::new());
        Self {
            separator,
            state,
            field,
            cells,
            row: 0,
            bytes: 0,
            returned: false,
            skip_first,
        }
    }

    fn feed(&mut self, text: &str, assembler: &mut Assembler<'_, '_>) -> Result<Flow, SheetError> {
        for c in text.chars() {
            if std::mem::take(&mut self.returned) && c == '\n' {
                continue;
            }
            self.bytes += c.len_utf8();
            if self.bytes > limits::RECORD {
                return Err(SheetError::RowTooLong(self.row + 1));
            }
            match (self.state, c) {
                (State::Start, '"') => self.state = State::Quoted,
                (State::Quoted, '"') => self.state = State::QuoteSeen,
                (State::Quoted, other) => self.field.push(other),
                (State::QuoteSeen, '"') => {
                    self.field.push('"');
                    self.state = State::Quoted;
                }
                (_, '\n' | '\r') => {
                    self.returned = c == '\r';
                    if self.record(assembler)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
                (_, c) if c == self.separator => self.field_ends(),
                (_, other) => {
                    self.field.push(other);
                    self.state = State::Plain;
                }
            }
        }
        Ok(Flow::Next)
    }

    fn field_ends(&mut self) {
        let text = std::mem::take(&mut self.field);
        self.cells.push(if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text)
        });
        self.state = State::Start;
    }

    fn record(&mut self, assembler: &mut Assembler<'_, '_>) -> Result<Flow, SheetError> {
        self.field_ends();
        self.bytes = 0;
        let flow = if std::mem::take(&mut self.skip_first) {
            Flow::Next
        } else {
            self.row += 1;
            assembler.row(self.row, &self.cells)?
        };
        self.cells.clear();
        Ok(flow)
    }

    fn end(mut self, assembler: &mut Assembler<'_, '_>) -> Result<(), SheetError> {
        // A quote that is never closed has swallowed every row after it: a file cut off, or a slip.
        if self.state == State::Quoted {
            return Err(SheetError::QuoteOpen(self.row + 1));
        }
        if self.bytes > 0 {
            self.record(assembler)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::papers::sheet::Sink;

    fn rows(bytes: &[u8]) -> Result<Vec<(u64, String)>, SheetError> {
        let mut seen = Vec::new();
        let sink: &mut Sink<'_> = &mut |line| {
            let first = line.cells.first().map(Cell::word).unwrap_or_default();
            seen.push((line.number, first));
            Ok(())
        };
        crate::papers::sheet::read(Cursor::new(bytes), sink)?;
        Ok(seen)
    }

    const HEAD: &str = "姓名,身份证号,准操项目,申请类型,考试日期,理论\n";

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let text = format!("标题\n\n{HEAD}\"甲\n一\",1\n\n乙,\"2\"\"3\"\r\n丙,3\r丁,4");
        let wanted = [
            (1, "标题"),
            (3, "姓名"),
            (4, "甲一"),
            (5, ""),
            (6, "乙"),
            (7, "丙"),
            (8, "丁"),
        ];
        let seen = rows(text.as_bytes()).unwrap_or_default();
        assert_eq!(seen, wanted.map(|(n, t)| (n, t.to_owned())));
    }

    #[test]
    fn every_encoding_and_separator() {
        let text = format!("{HEAD}张㛃𬀪,1\n");
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xFF, 0xFE], wide.as_slice()].concat();
        let national = GB18030.encode(&text).0.into_owned();
        let tabs = text.replace(',', "\t").into_bytes();
        let noted = format!("说明：1,2,3,4,5,6,7,8,9\n{}", text.replace(',', ";"));
        assert_eq!(
            rows(noted.as_bytes()).unwrap_or_default().last(),
            Some(&(3, "张㛃𬀪".to_owned()))
        );
        let blanks = format!("一\u{3000}二\n{text}");
        let blanks: Vec<u8> = blanks.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rows(&blanks).unwrap_or_default().len(), 3);
        let semicolons = format!("sep=;\n{}", text.replace(',', ";")).into_bytes();
        for bytes in [
            text.clone().into_bytes(),
            wide,
            marked,
            national,
            tabs,
            semicolons,
        ] {
            let seen = rows(&bytes).unwrap_or_default();
            assert_eq!(seen.last(), Some(&(2, "张㛃𬀪".to_owned())));
        }
    }

    #[test]
    fn a_damaged_byte_does_not_change_the_encoding() {
        let bytes = [format!("{HEAD}张伟,1\n李").as_bytes(), b"\xFF,2\n"].concat();
        let seen = rows(&bytes).unwrap_or_default();
        assert_eq!(
            seen.get(1..),
            Some(&[(2, "张伟".to_owned()), (3, "李\u{FFFD}".to_owned())][..])
        );
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(matches!(
            rows(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            Err(SheetError::NotASheet)
        ));
        assert!(matches!(
            rows(b"<html><table>"),
            Err(SheetError::Unsupported(_))
        ));
        assert!(matches!(rows(b""), Err(SheetError::NoHeader(_))));
        let open = format!("{HEAD}\"{}", "张".repeat(limits::RECORD));
        assert!(matches!(
            rows(open.as_bytes()),
            Err(SheetError::RowTooLong(2))
        ));
        let cut = format!("{HEAD}张三,1\n\"李四,2\n王五,3\n");
        assert!(matches!(
            rows(cut.as_bytes()),
            Err(SheetError::QuoteOpen(3))
        ));
    }
}
