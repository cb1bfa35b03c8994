//! One row of a former register's list: either a [`FormerRow`] or every reason why not, and how it
//! meets what is already there about the same person.

use alloc::{string::String, vec::Vec};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Catalogue, Category, ItemCode},
    certificate::Certificate,
    dossier::Dossier,
    management::MaybeAppointment,
    person::Person,
    record::RecordId,
    roster::{self, Cell, Code, Column, RawRow, Reasons},
    verdict::StatusWord,
};

/// One certificate of a former register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerRow {
    /// Holder.
    pub holder: Person,
    /// For what.
    pub item: ItemCode,
    /// 初领日期
    pub first_issued: Date,
    /// First valid day.
    pub valid_from: Date,
    /// Last valid day.
    pub valid_until: Date,
    /// Last day of the recheck, where the card names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recheck_due: Option<Date>,
    /// 任职情况, of a manager, where the list tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub appointment: MaybeAppointment,
}

/// The columns of such a list that mean something to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 姓名
    Name,
    /// 性别; may be absent where the number tells it.
    Sex,
    /// 证件类型; where it is absent every number is a resident ID.
    DocType,
    /// 证件号码
    DocNumber,
    /// 操作项目
    Item,
    /// 初领日期; where it is absent it is the first valid day.
    FirstIssued,
    /// 有效期起
    ValidFrom,
    /// 有效期止
    ValidUntil,
    /// 复审日期; may be absent or empty.
    RecheckDue,
    /// 行业类别, of a manager; may be absent, as the next two.
    Industry,
    /// 单位类型
    UnitType,
    /// 任职单位
    Employer,
}

impl Field {
    /// All of them, in the order in which lists are made.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::Sex,
        Self::DocType,
        Self::DocNumber,
        Self::Item,
        Self::FirstIssued,
        Self::ValidFrom,
        Self::ValidUntil,
        Self::RecheckDue,
        Self::Industry,
        Self::UnitType,
        Self::Employer,
    ];

    /// The permanent word, which is also the header of our own lists.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sex => "sex",
            Self::DocType => "doc_type",
            Self::DocNumber => "doc_number",
            Self::Item => "item",
            Self::FirstIssued => "first_issued",
            Self::ValidFrom => "valid_from",
            Self::ValidUntil => "valid_until",
            Self::RecheckDue => "recheck_due",
            Self::Industry => "industry",
            Self::UnitType => "unit_type",
            Self::Employer => "employer",
        }
    }

    /// The headers that offices use for it, folded as [`Field::guess`] folds them.
    fn headers(self) -> &'static str {
        match self {
            Self::Name => "姓名 持证人 持证人姓名 人员姓名 证书持有人 学员姓名",
            Self::Sex => "性别",
            Self::DocType => "证件类型 证件类别 证件种类 身份证件类型",
            Self::DocNumber => {
                "证件号码 身份证号 身份证号码 公民身份号码 证件号 身份证 身份证件号码 居民身份证号码"
            }
            Self::Item => {
                "操作项目 准操项目 作业项目 操作项目代码 操作项目名称 项目代码 项目名称 工种 准操项目名称 人员类型 资格类型 人员类别"
            }
            Self::FirstIssued => "初领日期 初次领证日期 初次取证日期 首次发证日期 初次发证日期",
            Self::ValidFrom => {
                "有效期起 有效期开始日期 有效期起始日期 有效期限起 有效开始日期 发证日期 签发日期 起始日期 有效期自"
            }
            Self::ValidUntil => {
                "有效期止 有效期截止日期 有效期结束日期 有效期限止 有效期至 截止日期 到期日期 有效截止日期 失效日期 有效期限"
            }
            Self::RecheckDue => "复审日期 应复审日期 下次复审日期 应复审时间 复审截止日期 复审时间",
            Self::Industry => "行业类别 行业类型 行业 所属行业",
            Self::UnitType => "单位类型 单位类别 企业类型",
            Self::Employer => "任职单位 工作单位 单位名称 所在单位 企业名称 单位",
        }
    }

    /// The column that a header names: its own word, or one that offices use. Blanks, signs and
    /// what stands in brackets do not count.
    #[must_use]
    pub fn guess(header: &str) -> Option<Self> {
        let mut depth = 0_u32;
        let mut plain = String::new();
        for c in header.chars().map(crate::document::narrow) {
            match c {
                '(' | '[' | '【' => depth += 1,
                ')' | ']' | '】' => depth = depth.saturating_sub(1),
                '_' if depth == 0 => plain.push('_'),
                _ if depth == 0 && c.is_alphanumeric() => plain.extend(c.to_lowercase()),
                _ => {}
            }
        }
        Self::ALL.into_iter().find(|field| {
            let mut words = field.headers().split(' ');
            field.code() == plain || words.any(|word| word == plain)
        })
    }

    /// Whether a list without it cannot be read.
    #[must_use]
    pub fn is_needed(self) -> bool {
        matches!(
            self,
            Self::Name | Self::DocNumber | Self::Item | Self::ValidFrom | Self::ValidUntil
        )
    }
}

/// The cells of one row by meaning; a column that the list does not have is `None`.
#[derive(Clone, Debug, Default)]
pub struct RawFormer([Option<Cell>; Field::ALL.len()]);

impl RawFormer {
    /// Puts a cell under its column.
    pub fn set(&mut self, field: Field, cell: Cell) {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = Some(cell);
        }
    }

    /// The cell under a column; none where the list has no such column.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Cell> {
        self.0.get(field as usize).and_then(Option::as_ref)
    }

    fn take(&mut self, field: Field) -> Option<Cell> {
        self.0.get_mut(field as usize).and_then(Option::take)
    }
}

/// One reason and the column it is about. The code is a permanent word: one of an exam sheet's
/// row, or one of the four of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// Where.
    pub field: Field,
    /// Why.
    pub code: &'static str,
}

/// A day that cannot be read.
pub const DAY_INVALID: &str = "day_invalid";
/// A first issue that lies in the future.
pub const DAY_IN_FUTURE: &str = "day_in_future";
/// A term that begins before the first issue.
pub const BEFORE_FIRST_ISSUE: &str = "before_first_issue";
/// A term that ends before it begins.
pub const ENDS_BEFORE_START: &str = "ends_before_start";

/// The codes that only such a list has.
pub const DAY_CODES: [&str; 4] = [
    DAY_INVALID,
    DAY_IN_FUTURE,
    BEFORE_FIRST_ISSUE,
    ENDS_BEFORE_START,
];

/// Reads and judges one row, looked at alone.
///
/// # Errors
/// Every reason why it cannot be taken.
pub fn judge(
    mut raw: RawFormer,
    catalogue: &Catalogue,
    today: Date,
) -> Result<FormerRow, Vec<Fault>> {
    let mut person = RawRow::default();
    for (field, column) in [
        (Field::Name, Column::Name),
        (Field::Sex, Column::Sex),
        (Field::DocType, Column::DocType),
        (Field::DocNumber, Column::DocNumber),
    ] {
        if let Some(cell) = raw.take(field) {
            person.set(column, spoken(field, cell));
        }
    }
    let mut reasons = Reasons(Vec::new());
    let name = reasons.note(Column::Name, roster::name(person.get(Column::Name)));
    let document = roster::document(&person, &mut reasons);
    let sex = roster::sex(&person, document.as_ref(), &mut reasons);
    let item = raw.get(Field::Item).and_then(|cell| item(cell, catalogue));
    if item.is_none() {
        reasons.add(Code::UnknownItem, Column::Item);
    }
    let mut faults: Vec<Fault> = reasons.0.iter().map(of_roster).collect();
    let days = days(&raw, today, &mut faults);
    let appointment = appointment(&raw, item.as_ref(), catalogue, &mut faults);
    match (name, document, sex, item, days) {
        (Some(name), Some(document), Some(sex), Some(item), Some(days)) if faults.is_empty() => {
            Ok(FormerRow {
                holder: Person {
                    name,
                    sex,
                    document,
                },
                item,
                first_issued: days.0,
                valid_from: days.1,
                valid_until: days.2,
                recheck_due: days.3,
                appointment,
            })
        }
        _ => Err(faults),
    }
}

/// The appointment of a manager, where a cell says anything of it.
fn appointment(
    raw: &RawFormer,
    item: Option<&ItemCode>,
    catalogue: &Catalogue,
    faults: &mut Vec<Fault>,
) -> MaybeAppointment {
    let category = item.and_then(|item| catalogue.category(item));
    if category != Some(Category::SafetyManagement) {
        return None;
    }
    let cell = |field| raw.get(field).unwrap_or(&Cell::Empty);
    let cells = [Field::Industry, Field::UnitType, Field::Employer].map(cell);
    if cells.iter().all(|cell| cell.shown().is_blank()) {
        return None;
    }
    let told = |(code, column): (Code, Column)| Fault {
        field: field_of(column),
        code: code.as_str(),
    };
    let read = roster::appointment_of(cells);
    read.map_err(|all| faults.extend(all.into_iter().map(told)))
        .ok()
        .flatten()
}

/// Our own lists write codes where others write words.
fn spoken(field: Field, cell: Cell) -> Cell {
    let Cell::Text(text) = &cell else {
        return cell;
    };
    let word = match (field, text.trim()) {
        (Field::DocType, "resident_id") => "居民身份证",
        (Field::DocType, "hmt_residence_permit") => "港澳台居民居住证",
        (Field::DocType, "foreign_permanent_resident") => "外国人永久居留身份证",
        (Field::DocType, "passport") => "护照",
        (Field::DocType, "officer_card") => "军官证",
        _ => return cell,
    };
    Cell::Text(word.into())
}

/// An item by its number or its name; a spreadsheet makes a number of `2.1`.
fn item(cell: &Cell, catalogue: &Catalogue) -> Option<ItemCode> {
    let numbered = |code: &str| catalogue.item(&code.trim().into()).map(|i| i.code.clone());
    match cell.shown() {
        Cell::Text(text) => {
            let named = || catalogue.find(text).map(|item| item.code.clone());
            numbered(text).or_else(named)
        }
        Cell::Number(n) => {
            let word = alloc::format!("{n}");
            // 1.10 becomes 1.1 on the way: only a number that can be one item alone is believed.
            let longer = numbered(&alloc::format!("{word}0"));
            if longer.is_some() {
                None
            } else {
                numbered(&word)
            }
        }
        _ => None,
    }
}

fn of_roster(refused: &roster::Refused) -> Fault {
    Fault {
        field: field_of(refused.column),
        code: refused.code.as_str(),
    }
}

fn field_of(column: Column) -> Field {
    match column {
        Column::Name => Field::Name,
        Column::Sex => Field::Sex,
        Column::DocType => Field::DocType,
        Column::Item => Field::Item,
        Column::Industry => Field::Industry,
        Column::UnitType => Field::UnitType,
        Column::Employer => Field::Employer,
        _ => Field::DocNumber,
    }
}

/// First issue, first and last valid day, and the recheck where there is one.
type Days = (Date, Date, Date, Option<Date>);

fn days(raw: &RawFormer, today: Date, faults: &mut Vec<Fault>) -> Option<Days> {
    let day = |field: Field| {
        let cell = raw.get(field).filter(|cell| !cell.shown().is_blank());
        cell.map(|cell| roster::day_of(cell).ok_or(field))
    };
    let needed = |field: Field| day(field).unwrap_or(Err(field));
    let (from, until) = (needed(Field::ValidFrom), needed(Field::ValidUntil));
    let first = day(Field::FirstIssued).unwrap_or(from.map_err(|_| Field::ValidFrom));
    let recheck = day(Field::RecheckDue).transpose();
    let mut wrong = |field, code| faults.push(Fault { field, code });
    if let (Ok(first), Ok(from), Ok(until), Ok(recheck)) = (first, from, until, recheck) {
        if first > today {
            wrong(Field::FirstIssued, DAY_IN_FUTURE);
        }
        if from < first {
            wrong(Field::ValidFrom, BEFORE_FIRST_ISSUE);
        }
        if until < from {
            wrong(Field::ValidUntil, ENDS_BEFORE_START);
        }
        return Some((first, from, until, recheck));
    }
    let read = [first.err(), from.err(), until.err(), recheck.err()];
    let mut fields: Vec<Field> = read.into_iter().flatten().collect();
    fields.dedup();
    fields.into_iter().for_each(|f| wrong(f, DAY_INVALID));
    None
}

/// How a row meets what is already there about the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meets {
    /// There is nothing it stands against.
    Nothing,
    /// The same certificate is there.
    Same(RecordId),
    /// One for the same item is there that says something else.
    Differs(RecordId),
}

impl FormerRow {
    /// How it meets a dossier. A certificate that has ended may stand beside its successor; two in
    /// force for one item may not, and one term is one certificate.
    #[must_use]
    pub fn meets(&self, dossier: &Dossier, today: Date) -> Meets {
        let of_item = || {
            let all = dossier.certificates.iter();
            all.filter(|c| c.says.item == self.item)
        };
        if let Some(same) = of_item().find(|c| self.is(c)) {
            return Meets::Same(same.says.certificate);
        }
        let stands_against = |c: &&Certificate| {
            let in_force = matches!(
                c.status_on(today),
                StatusWord::Valid | StatusWord::Suspended
            );
            let one_term =
                c.says.valid_from == self.valid_from && c.says.valid_until == self.valid_until;
            one_term || (in_force && self.valid_until >= today)
        };
        match of_item().find(stands_against) {
            Some(other) => Meets::Differs(other.says.certificate),
            None => Meets::Nothing,
        }
    }

    fn is(&self, c: &Certificate) -> bool {
        let says = &c.says;
        (says.first_issued, says.valid_from, says.valid_until)
            == (self.first_issued, self.valid_from, self.valid_until)
            && says.recheck_due == self.recheck_due
            && says.holder.sex == self.holder.sex
            // A list that says nothing of it contradicts nothing.
            && (self.appointment.is_none() || says.appointment == self.appointment)
    }
}

#[cfg(test)]
#[path = "former_tests.rs"]
mod tests;
