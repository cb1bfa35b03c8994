//! Why a file cannot be read as an exam sheet: a code for programs, a sentence for people.

use std::{fmt, io};

use domain::roster::Column;

use crate::lang::Sentences;

/// A file that cannot be read. No row of it is taken.
#[derive(Debug)]
pub enum SheetError {
    /// The source failed.
    Io(io::Error),
    /// Neither text nor a workbook.
    NotASheet,
    /// A kind of file that we know and do not read: `sheet-kind-…` in `locales/`.
    Unsupported(&'static str),
    /// Locked with a password.
    Encrypted,
    /// Cut off or broken inside; where, in words for whoever looks into the file.
    Damaged(String),
    /// Beyond a limit: `sheet-limit-…` in `locales/`.
    TooLarge(&'static str),
    /// XML with a document type or entities of its own.
    ForeignXml,
    /// A row reaches beyond the columns we read.
    TooWide(u64),
    /// Something stands beyond the rows we read.
    TooManyRows,
    /// A csv row longer than any real one: usually a quote that is never closed.
    RowTooLong(u64),
    /// A quote in this row of a csv is never closed: the file was cut off, or somebody typed it.
    QuoteOpen(u64),
    /// No header with all the columns that a result needs.
    NoHeader(Vec<Column>),
    /// None of the first rows names these columns of a list.
    NoColumns(&'static str),
    /// The answer could not be written.
    Output(String),
}

impl SheetError {
    /// The permanent code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "sheet_io",
            Self::NotASheet => "sheet_not_a_sheet",
            Self::Unsupported(_) => "sheet_unsupported",
            Self::Encrypted => "sheet_encrypted",
            Self::Damaged(_) => "sheet_damaged",
            Self::TooLarge(_) => "sheet_too_large",
            Self::ForeignXml => "sheet_foreign_xml",
            Self::TooWide(_) => "sheet_too_wide",
            Self::TooManyRows => "sheet_too_many_rows",
            Self::RowTooLong(_) => "sheet_row_too_long",
            Self::QuoteOpen(_) => "sheet_quote_open",
            Self::NoHeader(_) => "sheet_no_header",
            Self::NoColumns(_) => "sheet_no_columns",
            Self::Output(_) => "sheet_output",
        }
    }
}

impl SheetError {
    /// What is wrong and what to do about it.
    #[must_use]
    pub fn sentence(&self, words: &Sentences) -> String {
        let key = self.code().replace('_', "-");
        let with = |name, value: &str| words.with(&key, &[(name, value)]);
        match self {
            Self::NotASheet | Self::Encrypted | Self::ForeignXml | Self::TooManyRows => {
                words.say(&key)
            }
            Self::Io(e) => with("what", &e.to_string()),
            Self::Unsupported(kind) => with("what", &words.say(&format!("sheet-kind-{kind}"))),
            Self::TooLarge(limit) => with("what", &words.say(&format!("sheet-limit-{limit}"))),
            Self::Damaged(what) | Self::Output(what) => with("what", what),
            Self::TooWide(row) | Self::RowTooLong(row) | Self::QuoteOpen(row) => {
                with("row", &row.to_string())
            }
            Self::NoColumns(columns) => with("columns", columns),
            Self::NoHeader(missing) => {
                let names: Vec<&str> = missing.iter().map(|c| c.header()).collect();
                with("columns", &names.join("、"))
            }
        }
    }
}

/// For diagnostics; people are told [`SheetError::sentence`].
impl fmt::Display for SheetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for SheetError {}

impl From<io::Error> for SheetError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}
