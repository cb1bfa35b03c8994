//! One row of an exam sheet: either a [`Row`] of normalised values or every reason why not.
//!
//! The document type is what its column says and is never guessed. A document number that is
//! refused yields only its own code, because age and sex cannot be judged on it. What is noticed
//! only across rows, a row given twice, is the caller's: it keeps the set of [`Judged::key`].

mod candidate;
mod cell;
mod fields;
mod machine;
mod manager;

use alloc::{string::String, vec::Vec};

pub use candidate::{Candidate, candidate};
pub use cell::{Cell, Column, RawRow};
pub(crate) use fields::{day_of, document, name, sex};
use fields::{exam_date, judge_age, kind, score, ticket};
use jiff::civil::Date;
pub use machine::{MachineScore, Unread, machine_score};
pub(crate) use manager::read as appointment_of;
use serde::Serialize;

use crate::{
    catalogue::{Catalogue, Category, ItemCode},
    document::{DocType, Document},
    law,
    management::MaybeAppointment,
    name::Name,
    person::Sex,
    verdict::Kind,
};

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
    ItemNotOpen,
    KindUnknown,
    KindNotInForce,
    ExamDateInvalid,
    ExamDateInFuture,
    ScoreNotANumber,
    ScoreOutOfRange,
    NoPracticalPart,
    TwoItems,
    IndustryUnknown,
    UnitTypeUnknown,
    EmployerMissing,
    DuplicateRow,
}

impl Code {
    /// All codes, in the order in which a row's reasons are told.
    pub const ALL: [Self; 26] = [
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
        Self::ItemNotOpen,
        Self::KindUnknown,
        Self::KindNotInForce,
        Self::ExamDateInvalid,
        Self::ExamDateInFuture,
        Self::ScoreNotANumber,
        Self::ScoreOutOfRange,
        Self::NoPracticalPart,
        Self::TwoItems,
        Self::IndustryUnknown,
        Self::UnitTypeUnknown,
        Self::EmployerMissing,
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
            Self::ItemNotOpen => "item_not_open",
            Self::KindUnknown => "kind_unknown",
            Self::KindNotInForce => "kind_not_in_force",
            Self::ExamDateInvalid => "exam_date_invalid",
            Self::ExamDateInFuture => "exam_date_in_future",
            Self::ScoreNotANumber => "score_not_a_number",
            Self::ScoreOutOfRange => "score_out_of_range",
            Self::NoPracticalPart => "no_practical_part",
            Self::TwoItems => "two_items",
            Self::IndustryUnknown => "industry_unknown",
            Self::UnitTypeUnknown => "unit_type_unknown",
            Self::EmployerMissing => "employer_missing",
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
    /// 任职情况, of a manager
    pub appointment: MaybeAppointment,
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
pub(crate) struct Reasons(pub(crate) Vec<Refused>);

impl Reasons {
    pub(crate) fn note<T>(&mut self, column: Column, read: Result<T, Code>) -> Option<T> {
        read.map_err(|code| self.add(code, column)).ok()
    }

    pub(crate) fn add(&mut self, code: Code, column: Column) {
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
    let item = manager::item(raw, catalogue, exam_date, &mut reasons);
    let category = item.map(|item| item.category);
    // What is known of ages is said of operators (R30 art. 4).
    let operator = category != Some(Category::SafetyManagement);
    if let (Some(document), Some(day), true) = (&document, exam_date, operator) {
        judge_age(document, sex, day, &mut reasons);
    }
    let item = item.map(|item| item.code.clone());
    let kind = reasons.note(Column::Kind, kind(raw.get(Column::Kind)));
    if kind == Some(Kind::Recheck) && exam_date.is_some_and(|day| law::on(day).recheck.is_none()) {
        reasons.add(Code::KindNotInForce, Column::Kind);
    }
    let theory = reasons.note(Column::Theory, score(raw.get(Column::Theory)));
    let practical = reasons.note(Column::Practical, score(raw.get(Column::Practical)));
    if !operator && practical.flatten().is_some() {
        reasons.add(Code::NoPracticalPart, Column::Practical);
    }
    let appointment = manager::appointment(raw, category, kind, &mut reasons);
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
                appointment,
            })
        }
        _ => Err(reasons),
    };
    Judged { outcome, key }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
