//! One row of an exam sheet: either a [`Row`] of normalised values or every reason why not.
//!
//! The document type is what its column says and is never guessed. A document number that is
//! refused yields only its own code, because age and sex cannot be judged on it. What is noticed
//! only across rows, a row given twice, is the caller's: it keeps the set of [`Judged::key`].

use alloc::{boxed::Box, string::String, vec::Vec};

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    catalogue::{Catalogue, ItemCode},
    document::{DocType, Document, DocumentError, is_blank, narrow},
    name::Name,
    person::Sex,
    retirement::{self, Post},
    verdict::Kind,
};

/// From this day on no recheck is done any more (R19, 应急管理部令第19号, in force 2026-06-01).
const RECHECK_ENDED: Date = jiff::civil::date(2026, 6, 1);
/// R30 art. 4: at least this old on the day of the exam.
const YOUNGEST: i32 = 18;
/// A spreadsheet keeps fifteen digits of a number; from here on some are lost.
const KEPT_EXACTLY: f64 = 1e15;

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
}

impl Column {
    /// All of them, in the order in which sheets are made.
    pub const ALL: [Self; 10] = [
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

/// Every reason to refuse a row. The text of [`Code::as_str`] is permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "the variants are the codes, explained in the import manual"
)]
pub enum Code {
    NameMissing,
    NameInvalid,
    SexUnknown,
    DocTypeUnknown,
    IdMissing,
    IdLength,
    IdCheckDigit,
    IdBirthDate,
    IdPrecisionLost,
    SexMismatch,
    UnderAge,
    OverRetirementAge,
    UnknownItem,
    KindUnknown,
    KindNotInForce,
    ExamDateInvalid,
    ExamDateInFuture,
    ScoreNotANumber,
    ScoreOutOfRange,
    DuplicateRow,
}

impl Code {
    /// All codes, in the order in which a row's reasons are told.
    pub const ALL: [Self; 20] = [
        Self::NameMissing,
        Self::NameInvalid,
        Self::SexUnknown,
        Self::DocTypeUnknown,
        Self::IdMissing,
        Self::IdLength,
        Self::IdCheckDigit,
        Self::IdBirthDate,
        Self::IdPrecisionLost,
        Self::SexMismatch,
        Self::UnderAge,
        Self::OverRetirementAge,
        Self::UnknownItem,
        Self::KindUnknown,
        Self::KindNotInForce,
        Self::ExamDateInvalid,
        Self::ExamDateInFuture,
        Self::ScoreNotANumber,
        Self::ScoreOutOfRange,
        Self::DuplicateRow,
    ];

    /// The permanent code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NameMissing => "name_missing",
            Self::NameInvalid => "name_invalid",
            Self::SexUnknown => "sex_unknown",
            Self::DocTypeUnknown => "doc_type_unknown",
            Self::IdMissing => "id_missing",
            Self::IdLength => "id_length",
            Self::IdCheckDigit => "id_check_digit",
            Self::IdBirthDate => "id_birth_date",
            Self::IdPrecisionLost => "id_precision_lost",
            Self::SexMismatch => "sex_mismatch",
            Self::UnderAge => "under_age",
            Self::OverRetirementAge => "over_retirement_age",
            Self::UnknownItem => "unknown_item",
            Self::KindUnknown => "kind_unknown",
            Self::KindNotInForce => "kind_not_in_force",
            Self::ExamDateInvalid => "exam_date_invalid",
            Self::ExamDateInFuture => "exam_date_in_future",
            Self::ScoreNotANumber => "score_not_a_number",
            Self::ScoreOutOfRange => "score_out_of_range",
            Self::DuplicateRow => "duplicate_row",
        }
    }
}

/// One reason and the column it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub code: Code,
    /// Where.
    pub column: Column,
}

/// A row that passed every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 姓名
    pub name: Name,
    /// 性别
    pub sex: Sex,
    /// 证件
    pub document: Document,
    /// 操作项目
    pub item: ItemCode,
    /// 申请类型
    pub kind: Kind,
    /// 考试日期
    pub exam_date: Date,
    /// 理论成绩; none when absent (缺考)
    pub theory: Option<u8>,
    /// 实操成绩
    pub practical: Option<u8>,
    /// 准考证号, where the sheet has one
    pub ticket: Option<String>,
}

/// What makes two rows the same row: document, item, kind and day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowKey(Document, ItemCode, Kind, Date);

/// The answer about one row, looked at alone.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The values, or every reason why not.
    pub outcome: Result<Row, Vec<Refused>>,
    /// Present whenever document, item, kind and day are all legible, refused or not.
    pub key: Option<RowKey>,
}

impl Judged {
    /// Refuses the row because an earlier one had the same key.
    pub fn refuse_as_duplicate(&mut self) {
        let again = Refused {
            code: Code::DuplicateRow,
            column: Column::DocNumber,
        };
        match &mut self.outcome {
            Ok(_) => self.outcome = Err(Vec::from([again])),
            Err(reasons) => reasons.push(again),
        }
    }
}

/// The accepted row as the import answer prints it.
#[derive(Serialize)]
pub struct Accepted<'a> {
    name: &'a str,
    sex: Sex,
    doc_type: DocType,
    doc_number: &'a str,
    item: &'a ItemCode,
    kind: Kind,
    exam_date: Date,
    theory: Option<u8>,
    practical: Option<u8>,
}

impl Row {
    /// The fields of the import answer, in full.
    #[must_use]
    pub fn expose(&self) -> Accepted<'_> {
        Accepted {
            name: self.name.expose(),
            sex: self.sex,
            doc_type: self.document.kind(),
            doc_number: self.document.expose(),
            item: &self.item,
            kind: self.kind,
            exam_date: self.exam_date,
            theory: self.theory,
            practical: self.practical,
        }
    }
}

/// Collects reasons while fields are read.
struct Reasons(Vec<Refused>);

impl Reasons {
    fn note<T>(&mut self, column: Column, read: Result<T, Code>) -> Option<T> {
        read.map_err(|code| self.add(code, column)).ok()
    }

    fn add(&mut self, code: Code, column: Column) {
        self.0.push(Refused { code, column });
    }
}

/// Reads and judges one row by the law of its exam day.
#[must_use]
pub fn judge(raw: &RawRow, catalogue: &Catalogue, today: Date) -> Judged {
    let mut reasons = Reasons(Vec::new());
    let name = reasons.note(Column::Name, name(raw.get(Column::Name)));
    let document = document(raw, &mut reasons);
    let sex = sex(raw, document.as_ref(), &mut reasons);
    let exam_date = exam_date(raw.get(Column::ExamDate), today, &mut reasons);
    if let (Some(document), Some(day)) = (&document, exam_date) {
        judge_age(document, sex, day, &mut reasons);
    }
    let item = raw.get(Column::Item).shown();
    let item = match item {
        Cell::Text(text) => catalogue.find(text).map(|item| item.code.clone()),
        _ => None,
    };
    if item.is_none() {
        reasons.add(Code::UnknownItem, Column::Item);
    }
    let kind = reasons.note(Column::Kind, kind(raw.get(Column::Kind)));
    if kind == Some(Kind::Recheck) && exam_date.is_some_and(|day| day >= RECHECK_ENDED) {
        reasons.add(Code::KindNotInForce, Column::Kind);
    }
    let theory = reasons.note(Column::Theory, score(raw.get(Column::Theory)));
    let practical = reasons.note(Column::Practical, score(raw.get(Column::Practical)));
    let mut reasons = reasons.0;
    reasons.sort_by_key(|r| r.code);

    let key = match (&document, &item, kind, exam_date) {
        (Some(d), Some(i), Some(k), Some(day)) => Some(RowKey(d.clone(), i.clone(), k, day)),
        _ => None,
    };
    let fields = (
        name, sex, document, item, kind, exam_date, theory, practical,
    );
    let outcome = match fields {
        (
            Some(name),
            Some(sex),
            Some(document),
            Some(item),
            Some(kind),
            Some(exam_date),
            Some(theory),
            Some(practical),
        ) if reasons.is_empty() => {
            let ticket = ticket(raw.get(Column::Ticket));
            Ok(Row {
                name,
                sex,
                document,
                item,
                kind,
                exam_date,
                theory,
                practical,
                ticket,
            })
        }
        _ => Err(reasons),
    };
    Judged { outcome, key }
}

fn name(cell: &Cell) -> Result<Name, Code> {
    match cell {
        Cell::Empty => Err(Code::NameMissing),
        Cell::Text(text) => Name::parse(text).map_err(|e| match e {
            crate::name::NameError::Missing => Code::NameMissing,
            crate::name::NameError::Invalid => Code::NameInvalid,
        }),
        // A formula is refused whatever it gave: the next program may compute something else.
        _ => Err(Code::NameInvalid),
    }
}

fn document(raw: &RawRow, reasons: &mut Reasons) -> Option<Document> {
    let cell = raw.get(Column::DocNumber);
    if cell.shown().is_blank() {
        reasons.add(Code::IdMissing, Column::DocNumber);
        return None;
    }
    let declared = if raw.has(Column::DocType) {
        reasons.note(Column::DocType, doc_type(raw.get(Column::DocType)))?
    } else {
        DocType::ResidentId
    };
    let typed = reasons.note(Column::DocNumber, number_text(cell.shown()))?;
    let parsed = Document::parse(declared, &typed).map_err(|e| match e {
        DocumentError::Missing => Code::IdMissing,
        DocumentError::Length => Code::IdLength,
        DocumentError::CheckDigit => Code::IdCheckDigit,
        DocumentError::BirthDate => Code::IdBirthDate,
    });
    reasons.note(Column::DocNumber, parsed)
}

/// The digits of a number cell, unless a spreadsheet has already lost some of them.
fn number_text(cell: &Cell) -> Result<String, Code> {
    match cell {
        Cell::Text(text) if is_scientific(text) => Err(Code::IdPrecisionLost),
        Cell::Text(text) => Ok(text.clone()),
        Cell::Number(n) if !n.is_finite() => Err(Code::IdLength),
        Cell::Number(n) if libm_abs(*n) >= KEPT_EXACTLY => Err(Code::IdPrecisionLost),
        Cell::Number(n) => Ok(alloc::format!("{n}")),
        _ => Err(Code::IdLength),
    }
}

fn libm_abs(n: f64) -> f64 {
    if n < 0.0 { -n } else { n }
}

/// `9.98272E+17`: what a text export leaves of a number cell with eighteen digits.
fn is_scientific(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !is_blank(*c)).map(narrow).collect();
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let plain = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(plain)
        && digits(whole)
        && digits(part)
        && (mantissa.contains('.') || exponent.starts_with('+'))
}

fn doc_type(cell: &Cell) -> Result<DocType, Code> {
    let word = cell.word();
    Ok(match word.as_str() {
        "居民身份证"
        | "身份证"
        | "中国居民身份证"
        | "中华人民共和国居民身份证"
        | "二代身份证"
        | "第二代居民身份证"
        | "第二代身份证"
        | "居民身份证号"
        | "身份证件" => DocType::ResidentId,
        "港澳台居民居住证"
        | "港澳台居住证"
        | "港澳居民居住证"
        | "台湾居民居住证"
        | "港澳台证"
        | "中华人民共和国港澳居民居住证"
        | "中华人民共和国台湾居民居住证" => DocType::HmtResidencePermit,
        "外国人永久居留身份证"
        | "外国人永久居留证"
        | "外国人居留证"
        | "永久居留证"
        | "永久居留身份证"
        | "中华人民共和国外国人永久居留身份证" => {
            DocType::ForeignPermanentResident
        }
        "护照" | "普通护照" | "因私护照" | "外国护照" | "中国护照" | "外籍护照" => {
            DocType::Passport
        }
        "军官证" | "军人证" | "军人证件" | "军人身份证件" | "中国人民解放军军官证" => {
            DocType::OfficerCard
        }
        _ => return Err(Code::DocTypeUnknown),
    })
}

/// The declared sex, compared with the number where it tells; a sheet without the column is
/// answered by the number.
fn sex(raw: &RawRow, document: Option<&Document>, reasons: &mut Reasons) -> Option<Sex> {
    let told = document.and_then(Document::sex);
    if !raw.has(Column::Sex) && (told.is_some() || document.is_none()) {
        return told;
    }
    let declared = match raw.get(Column::Sex).word().to_lowercase().as_str() {
        "男" | "男性" | "male" | "m" => Ok(Sex::Male),
        "女" | "女性" | "female" | "f" => Ok(Sex::Female),
        _ => Err(Code::SexUnknown),
    };
    let declared = reasons.note(Column::Sex, declared)?;
    if told.is_some_and(|told| told != declared) {
        reasons.add(Code::SexMismatch, Column::Sex);
    }
    Some(declared)
}

fn judge_age(document: &Document, declared: Option<Sex>, day: Date, reasons: &mut Reasons) {
    let (Some(birth), Some(sex)) = (document.birth_date(), declared.or_else(|| document.sex()))
    else {
        return;
    };
    if !retirement::has_reached(YOUNGEST, birth, day) {
        reasons.add(Code::UnderAge, Column::DocNumber);
    }
    let latest = retirement::latest_age(sex, birth, Post::Unknown, day);
    if retirement::is_above(latest, birth, day) {
        reasons.add(Code::OverRetirementAge, Column::DocNumber);
    }
}

/// Only the words that the rules list; a word such as 旁听 is not an application.
fn kind(cell: &Cell) -> Result<Kind, Code> {
    match cell.word().as_str() {
        "初领" => Ok(Kind::Initial),
        "复审" => Ok(Kind::Recheck),
        "换证" | "延期换证" | "期满换证" => Ok(Kind::Renewal),
        _ => Err(Code::KindUnknown),
    }
}

fn exam_date(cell: &Cell, today: Date, reasons: &mut Reasons) -> Option<Date> {
    let read = match cell.shown() {
        Cell::Date(day) => Some(*day),
        Cell::Text(text) => written_date(text),
        // 20261120 typed into a cell is a number to the spreadsheet.
        Cell::Number(n) if (10_000_101.0..=99_991_231.0).contains(n) => {
            written_date(&alloc::format!("{n}"))
        }
        _ => None,
    };
    let day = reasons.note(Column::ExamDate, read.ok_or(Code::ExamDateInvalid))?;
    if day > today {
        reasons.add(Code::ExamDateInFuture, Column::ExamDate);
    }
    Some(day)
}

/// 2026-11-20, 2026/11/20, 2026.11.20, 20261120, 2026年11月20日; a time of day after it is ignored.
fn written_date(text: &str) -> Option<Date> {
    let narrowed: String = text
        .chars()
        .map(|c| if is_blank(c) { ' ' } else { narrow(c) })
        .collect();
    let text = without_time(narrowed.trim());
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return date_of(text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    }
    if let Some(chinese) = text.strip_suffix('日') {
        let (year, rest) = chinese.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        return date_of(year, month, day);
    }
    let sign = text
        .chars()
        .find(|c| !c.is_ascii_digit())
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(sign);
    let found = date_of(parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() { None } else { found }
}

/// Drops ` 09:30:00`, ` 上午9:30`, `T00:00:00` and the like from the end.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let start = text
        .get(..colon)
        .and_then(|head| head.rfind([' ', 'T', 't', '日']));
    let Some(start) = start else { return text };
    let keep = if text.get(start..).is_some_and(|r| r.starts_with('日')) {
        start + '日'.len_utf8()
    } else {
        start
    };
    let tail_is_time = text.get(keep..).is_some_and(|tail| {
        tail.chars()
            .all(|c| c.is_ascii_digit() || " :.TtZz+上下午AaPpMm".contains(c))
    });
    if tail_is_time {
        text.get(..keep).unwrap_or(text).trim_end()
    } else {
        text
    }
}

fn date_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |s: &str, most: usize| {
        (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
    };
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A whole number of 0 to 100; none for an empty cell and for 缺考.
fn score(cell: &Cell) -> Result<Option<u8>, Code> {
    match (cell, cell.shown()) {
        (Cell::Empty, _) => Ok(None),
        // A formula that was never computed is not the same as an empty cell.
        (Cell::Formula(_), Cell::Empty) => Err(Code::ScoreNotANumber),
        (_, Cell::Number(n)) => whole_score(*n).map(Some),
        (_, Cell::Text(text)) => written_score(text),
        _ => Err(Code::ScoreNotANumber),
    }
}

fn written_score(text: &str) -> Result<Option<u8>, Code> {
    let narrowed: String = text
        .chars()
        .map(|c| if is_blank(c) { ' ' } else { narrow(c) })
        .collect();
    let text = narrowed.trim();
    if text.is_empty() || text.split(' ').collect::<String>() == "缺考" {
        return Ok(None);
    }
    let text = text.strip_suffix('分').unwrap_or(text).trim_end();
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return Err(Code::ScoreNotANumber);
    }
    text.parse::<f64>()
        .map_err(|_| Code::ScoreNotANumber)
        .and_then(whole_score)
        .map(Some)
}

fn whole_score(n: f64) -> Result<u8, Code> {
    // Looked up instead of cast: what is not one of the 101 whole numbers is out of range.
    (0..=100_u8)
        .find(|whole| f64::from(*whole) == n)
        .ok_or(Code::ScoreOutOfRange)
}

fn ticket(cell: &Cell) -> Option<String> {
    match cell.shown() {
        Cell::Text(text) => Some(text.chars().filter(|c| !is_blank(*c)).map(narrow).collect()),
        Cell::Number(n) => Some(alloc::format!("{n}")),
        _ => None,
    }
    .filter(|text: &String| !text.is_empty() && text.chars().count() <= 64)
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
