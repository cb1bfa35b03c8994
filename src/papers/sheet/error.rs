//! Why a file cannot be read as an exam sheet: a code for programs, a sentence for people.

use std::{fmt, io};

use domain::roster::Column;

/// A file that cannot be read. No row of it is taken.
#[derive(Debug)]
pub enum SheetError {
    /// The source failed.
    Io(io::Error),
    /// Neither text nor a workbook.
    NotASheet,
    /// A kind of file that we know and do not read.
    Unsupported(&'static str),
    /// Locked with a password.
    Encrypted,
    /// Cut off or broken inside.
    Damaged(String),
    /// Beyond a limit.
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
            Self::Output(_) => "sheet_output",
        }
    }
}

impl fmt::Display for SheetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(e) => write!(f, "读取文件失败：{e}"),
            Self::NotASheet => f.write_str("这不是表格文件，请另存为 .xlsx 或 .csv 后再试"),
            Self::Unsupported(what) => write!(f, "不支持{what}，请在表格软件中另存为 .xlsx 后再试"),
            Self::Encrypted => f.write_str("文件设有打开密码，请取消密码后再试"),
            Self::Damaged(what) => write!(f, "文件不完整或已损坏（{what}），请重新导出后再试"),
            Self::TooLarge(what) => {
                write!(f, "{what}，超过上限，请拆分后再试；大文件请另存为 .csv")
            }
            Self::ForeignXml => f.write_str("文件含有外部实体或文档类型声明，拒绝读取"),
            Self::TooWide(row) => write!(f, "第 {row} 行超过 1,024 列，请删除多余的列后再试"),
            Self::TooManyRows => {
                f.write_str("工作表超过 100,000 行，请删除多余的行，或另存为 .csv 后再试")
            }
            Self::RowTooLong(row) => write!(f, "第 {row} 行过长，可能有一个引号没有配对"),
            Self::QuoteOpen(row) => write!(
                f,
                "第 {row} 行有一个引号没有配对，其后的内容无法分行，文件也可能不完整，请核对后再试"
            ),
            Self::NoHeader(missing) => {
                let names: Vec<&str> = missing.iter().map(|c| c.header()).collect();
                write!(f, "没有找到完整的表头，缺少：{}", names.join("、"))
            }
            Self::Output(what) => write!(f, "写出结果失败：{what}"),
        }
    }
}

impl std::error::Error for SheetError {}

impl From<io::Error> for SheetError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}
