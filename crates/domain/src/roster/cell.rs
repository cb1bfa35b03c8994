//! Cells, columns and rows as they stand in a sheet, before anything is judged.

use alloc::{boxed::Box, string::String};

use jiff::civil::Date;

use crate::document::{is_blank, narrow};

/// A cell as a spreadsheet program holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing in it.
    #[default]
    Empty,
    /// Text, as typed.
    Text(String),
    /// A number without a date format.
    Number(f64),
    /// A number with a date format, its time of day dropped.
    Date(Date),
    /// TRUE or FALSE.
    Bool(bool),
    /// A formula, with the value the last program left in it.
    Formula(Box<Cell>),
    /// An error value such as `#N/A`.
    Error(String),
}

impl Cell {
    /// Whether a reader of the sheet sees nothing here.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(is_blank),
            _ => false,
        }
    }

    /// The value that is shown: of a formula, what it gave.
    #[must_use]
    pub fn shown(&self) -> &Self {
        match self {
            Self::Formula(value) => value.shown(),
            other => other,
        }
    }

    /// The text that is shown, blanks dropped and full-width signs narrowed; nothing for other
    /// values.
    #[must_use]
    pub fn word(&self) -> String {
        match self.shown() {
            Self::Text(text) => text.chars().filter(|c| !is_blank(*c)).map(narrow).collect(),
            _ => String::new(),
        }
    }
}

/// The columns of an exam sheet that mean something to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// 姓名
    Name,
    /// 性别
    Sex,
    /// 证件类型
    DocType,
    /// 证件号码
    DocNumber,
    /// 操作项目
    Item,
    /// 申请类型
    Kind,
    /// 考试日期
    ExamDate,
    /// 理论成绩
    Theory,
    /// 实操成绩
    Practical,
    /// 准考证号
    Ticket,
    /// 人员类型, which is the item of a manager
    Role,
    /// 行业类别
    Industry,
    /// 单位类型
    UnitType,
    /// 任职单位
    Employer,
}

impl Column {
    /// All of them, in the order in which sheets are made.
    pub const ALL: [Self; 14] = [
        Self::Name,
        Self::Sex,
        Self::DocType,
        Self::DocNumber,
        Self::Item,
        Self::Kind,
        Self::ExamDate,
        Self::Theory,
        Self::Practical,
        Self::Ticket,
        Self::Role,
        Self::Industry,
        Self::UnitType,
        Self::Employer,
    ];

    /// The header our own sheets use.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::Sex => "性别",
            Self::DocType => "证件类型",
            Self::DocNumber => "证件号码",
            Self::Item => "操作项目",
            Self::Kind => "申请类型",
            Self::ExamDate => "考试日期",
            Self::Theory => "理论成绩",
            Self::Practical => "实操成绩",
            Self::Ticket => "准考证号",
            Self::Role => "人员类型",
            Self::Industry => "行业类别",
            Self::UnitType => "单位类型",
            Self::Employer => "任职单位",
        }
    }
}

/// The cells of one row by meaning; a column that the sheet does not have is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRow {
    cells: [Option<Cell>; Column::ALL.len()],
}

impl RawRow {
    /// Puts a cell under its column.
    pub fn set(&mut self, column: Column, cell: Cell) {
        if let Some(place) = self.cells.get_mut(column as usize) {
            *place = Some(cell);
        }
    }

    /// The cell under a column; empty where there is none.
    #[must_use]
    pub fn get(&self, column: Column) -> &Cell {
        const NOTHING: &Cell = &Cell::Empty;
        self.cells
            .get(column as usize)
            .and_then(Option::as_ref)
            .unwrap_or(NOTHING)
    }

    /// Whether the sheet has this column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.cells.get(column as usize).is_some_and(Option::is_some)
    }
}
