//! The answer to an institution: its own sheet again, with what is wrong written beside each row.
//!
//! What was text is written as text and never as a formula: in a workbook by its type, in a csv by
//! an apostrophe before whatever a spreadsheet program would take for a formula.

use std::io::Write;

use domain::{
    catalogue::Catalogue,
    document::{is_blank, narrow},
    roster::{Cell, Code, Column, Judged, Refused},
};

use super::{Format, Line, Role, SheetError, write::BookWriter};

/// Writes a marked sheet while the check runs, row by row.
pub struct Marker<'a, W: Write> {
    catalogue: &'a Catalogue,
    body: Body<W>,
}

enum Body<W: Write> {
    Text {
        out: W,
        last_row: u64,
        started: bool,
    },
    Book(Box<BookWriter<W>>),
}

impl<'a, W: Write> Marker<'a, W> {
    /// Begins; a csv is answered by a csv, a workbook by an `.xlsx`.
    #[must_use]
    pub fn new(out: W, format: Format, catalogue: &'a Catalogue) -> Self {
        let body = if format == Format::Csv {
            Body::Text {
                out,
                last_row: 0,
                started: false,
            }
        } else {
            Body::Book(Box::new(BookWriter::new(out)))
        };
        Self { catalogue, body }
    }

    /// Adds one row as it comes from the check.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn line(&mut self, line: &Line<'_>, judged: Option<&Judged>) -> Result<(), SheetError> {
        let reasons: &[Refused] = match judged.map(|j| &j.outcome) {
            Some(Err(reasons)) => reasons,
            _ => &[],
        };
        let remark = remark(line, judged, reasons, self.catalogue);
        match &mut self.body {
            Body::Text {
                out,
                last_row,
                started,
            } => {
                let mut text = String::new();
                if !*started {
                    // The mark by which spreadsheet programs know UTF-8.
                    text.push('\u{FEFF}');
                    *started = true;
                }
                for _ in last_row.saturating_add(1)..line.number {
                    text.push_str("\r\n");
                }
                *last_row = line.number;
                csv_field(&remark, &mut text);
                for cell in line.cells {
                    text.push(',');
                    csv_field(&harmless(cell), &mut text);
                }
                text.push_str("\r\n");
                Ok(out.write_all(text.as_bytes())?)
            }
            Body::Book(book) => book.row(line.number, &remark, line.cells, !reasons.is_empty()),
        }
    }

    /// Ends the sheet and gives back where it was written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, SheetError> {
        let mut out = match self.body {
            Body::Text { out, .. } => out,
            Body::Book(book) => book.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

/// What stands in the first column: the sentences of all reasons, or that the row is good.
fn remark(
    line: &Line<'_>,
    judged: Option<&Judged>,
    reasons: &[Refused],
    catalogue: &Catalogue,
) -> String {
    match (&line.role, judged) {
        (Role::Header, _) => "校验结果".to_owned(),
        (Role::Candidate(raw), Some(_)) if !reasons.is_empty() => {
            let sentences: Vec<String> = reasons
                .iter()
                .map(|r| {
                    let meant = if r.code == Code::UnknownItem {
                        candidates(raw.get(Column::Item), catalogue)
                    } else {
                        String::new()
                    };
                    format!(
                        "{}：{}{meant}（{}）",
                        r.column.header(),
                        sentence(r.code),
                        r.code.as_str()
                    )
                })
                .collect();
            sentences.join("；")
        }
        (Role::Candidate(_), Some(_)) => "通过".to_owned(),
        _ => String::new(),
    }
}

/// The items that a trade name may mean, as the end of a sentence.
#[must_use]
pub fn candidates(cell: &Cell, catalogue: &Catalogue) -> String {
    let names: Vec<String> = catalogue
        .candidates(&cell.word())
        .iter()
        .map(|item| format!("{} {}", item.code.as_str(), item.name))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("，可能是：{}", names.join("、"))
    }
}

/// A cell as csv text that no spreadsheet program takes for a formula.
fn harmless(cell: &Cell) -> String {
    match cell.shown() {
        Cell::Empty | Cell::Formula(_) => String::new(),
        Cell::Number(n) => n.to_string(),
        Cell::Bool(b) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        Cell::Date(day) => day.to_string(),
        Cell::Text(text) | Cell::Error(text) => {
            let control = text.starts_with(['\t', '\r', '\n']);
            let first = text.chars().find(|c| !is_blank(*c)).map(narrow);
            let sign = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@'));
            if control || (sign && text.trim().parse::<f64>().is_err()) {
                format!("'{text}")
            } else {
                text.clone()
            }
        }
    }
}

fn csv_field(text: &str, out: &mut String) {
    if text.contains([',', '"', '\n', '\r', '\t', ';']) || text.starts_with(' ') {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

/// What is wrong and what to do about it, for one code.
#[must_use]
pub fn sentence(code: Code) -> &'static str {
    match code {
        Code::NameMissing => "没有填写姓名，请补填",
        Code::NameInvalid => "姓名中有数字、符号、标记或公式，请按证件填写为文字",
        Code::SexUnknown => "性别应填写“男”或“女”",
        Code::DocTypeUnknown => {
            "不认识的证件类型，请按“居民身份证、港澳台居民居住证、外国人永久居留身份证、护照、军官证”填写"
        }
        Code::IdMissing => "没有填写证件号码，请补填",
        Code::IdLength => "证件号码的位数或字符不对，请核对证件",
        Code::IdCheckDigit => "证件号码的校验码不对，通常是抄错了一位，请核对证件",
        Code::IdBirthDate => "证件号码中的出生日期不存在，请核对证件",
        Code::IdPrecisionLost => {
            "证件号码被表格软件存成了数字，末几位已丢失，请把该列设为文本后重新填写"
        }
        Code::SexMismatch => "性别与证件号码不符，请核对",
        Code::UnderAge => "考试当日未满 18 周岁",
        Code::OverRetirementAge => "考试当日已超过法定退休年龄",
        Code::UnknownItem => "操作项目不在目录中，请填写目录中的全称",
        Code::KindUnknown => "不认识的申请类型，请填写“初领、复审、换证”之一",
        Code::KindNotInForce => "自 2026 年 6 月 1 日起不再办理复审，请改为换证或核对考试日期",
        Code::ExamDateInvalid => "考试日期不存在或写法不对，请写成 2026-11-20 的样子",
        Code::ExamDateInFuture => "考试日期在今天之后，请核对",
        Code::ScoreNotANumber => "成绩不是数字；未参加请留空或填写“缺考”",
        Code::ScoreOutOfRange => "成绩应为 0 到 100 的整数",
        Code::DuplicateRow => "与前面的一行重复（证件、项目、类型、日期都相同），请删除其中一行",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_back_as_a_formula() {
        for (text, wanted) in [
            ("=1+1", "'=1+1"),
            ("＝1+1", "'＝1+1"),
            ("+8613800000000x", "'+8613800000000x"),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("\tx", "'\tx"),
            ("-1", "-1"),
            ("张三", "张三"),
        ] {
            assert_eq!(harmless(&Cell::Text(text.into())), wanted);
        }
        assert_eq!(harmless(&Cell::Number(-1.0)), "-1");
    }

    #[test]
    fn every_code_has_a_sentence() {
        let mut all: Vec<&str> = Code::ALL.iter().map(|c| sentence(*c)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Code::ALL.len());
    }
}
