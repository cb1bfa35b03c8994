//! One cell at a time: what it says, or the code of what is wrong with it.

use alloc::string::String;

use jiff::civil::Date;

use super::{Cell, Code, Column, RawRow, Reasons};
use crate::{
    document::{DocType, Document, DocumentError, QUOTES, is_blank, narrow},
    law,
    name::Name,
    person::Sex,
    retirement::{self, Post},
    verdict::Kind,
};

/// A spreadsheet keeps fifteen digits of a number; from here on some are lost.
const KEPT_EXACTLY: f64 = 1e15;

pub(crate) fn name(cell: &Cell) -> Result<Name, Code> {
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

pub(crate) fn document(raw: &RawRow, reasons: &mut Reasons) -> Option<Document> {
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
        | "临时居民身份证"
        | "临时身份证"
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
pub(crate) fn sex(raw: &RawRow, document: Option<&Document>, reasons: &mut Reasons) -> Option<Sex> {
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

pub(super) fn judge_age(
    document: &Document,
    declared: Option<Sex>,
    day: Date,
    reasons: &mut Reasons,
) {
    let (Some(birth), Some(sex)) = (document.birth_date(), declared.or_else(|| document.sex()))
    else {
        return;
    };
    if !retirement::has_reached(law::on(day).youngest.value.into(), birth, day) {
        reasons.add(Code::UnderAge, Column::DocNumber);
    }
    let latest = retirement::latest_age(sex, birth, Post::Unknown, day);
    if retirement::is_above(latest, birth, day) {
        reasons.add(Code::OverRetirementAge, Column::DocNumber);
    }
}

/// Only the words that the rules list; a word such as 旁听 is not an application.
pub(super) fn kind(cell: &Cell) -> Result<Kind, Code> {
    match cell.word().as_str() {
        "初领" => Ok(Kind::Initial),
        "复审" => Ok(Kind::Recheck),
        "换证" | "延期换证" | "期满换证" => Ok(Kind::Renewal),
        _ => Err(Code::KindUnknown),
    }
}

/// The day a cell says, in any of the usual spellings.
pub(crate) fn day_of(cell: &Cell) -> Option<Date> {
    match cell.shown() {
        Cell::Date(day) => Some(*day),
        Cell::Text(text) => written_date(text),
        // 20261120 typed into a cell is a number to the spreadsheet.
        Cell::Number(n) if (10_000_101.0..=99_991_231.0).contains(n) => {
            written_date(&alloc::format!("{n}"))
        }
        _ => None,
    }
}

pub(super) fn exam_date(cell: &Cell, today: Date, reasons: &mut Reasons) -> Option<Date> {
    let day = reasons.note(Column::ExamDate, day_of(cell).ok_or(Code::ExamDateInvalid))?;
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
    let text = without_time(narrowed.trim().trim_matches(QUOTES));
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
pub(super) fn score(cell: &Cell) -> Result<Option<u8>, Code> {
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
    let text = narrowed.trim().trim_matches(QUOTES).trim();
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

pub(super) fn ticket(cell: &Cell) -> Option<String> {
    match cell.shown() {
        Cell::Text(text) => Some(crate::exam::ticket(text)),
        Cell::Number(n) => Some(alloc::format!("{n}")),
        _ => None,
    }
    .filter(|text: &String| !text.is_empty() && text.chars().count() <= 64)
}
