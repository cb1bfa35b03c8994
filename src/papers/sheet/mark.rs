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
use rust_xlsxwriter::{Color, ExcelDateTime, Format as Style, Workbook, Worksheet, XlsxError};

use super::{Format, Line, Role, SheetError};

/// Writes a marked sheet while the check runs.
pub struct Marker<'a, W: Write> {
    out: W,
    catalogue: &'a Catalogue,
    body: Body,
}

enum Body {
    Text {
        last_row: u64,
        started: bool,
    },
    Book {
        book: Box<Workbook>,
        sheet: Box<Worksheet>,
        styles: Box<Styles>,
    },
}

struct Styles {
    wrong: Style,
    day: Style,
    wrong_day: Style,
}

impl<'a, W: Write> Marker<'a, W> {
    /// Begins; a csv is answered by a csv, a workbook by an `.xlsx`.
    #[must_use]
    pub fn new(out: W, format: Format, catalogue: &'a Catalogue) -> Self {
        let body = if format == Format::Csv {
            Body::Text {
                last_row: 0,
                started: false,
            }
        } else {
            let wrong = Style::new().set_background_color(Color::RGB(0x00FF_C7CE));
            let day = Style::new().set_num_format("yyyy-mm-dd");
            let wrong_day = wrong.clone().set_num_format("yyyy-mm-dd");
            let styles = Box::new(Styles {
                wrong,
                day,
                wrong_day,
            });
            Body::Book {
                book: Box::new(Workbook::new()),
                sheet: Box::new(Worksheet::new()),
                styles,
            }
        };
        Self {
            out,
            catalogue,
            body,
        }
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
            Body::Text { last_row, started } => {
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
                self.out.write_all(text.as_bytes())?;
            }
            Body::Book { sheet, styles, .. } => {
                write_row(sheet, styles, line, !reasons.is_empty(), &remark)
                    .map_err(|e| output(&e))?;
            }
        }
        Ok(())
    }

    /// Ends the sheet and gives back where it was written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<W, SheetError> {
        if let Body::Book {
            mut book, sheet, ..
        } = self.body
        {
            book.push_worksheet(*sheet);
            let bytes = book.save_to_buffer().map_err(|e| output(&e))?;
            self.out.write_all(&bytes)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

fn output(e: &XlsxError) -> SheetError {
    SheetError::Output(e.to_string())
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

fn write_row(
    sheet: &mut Worksheet,
    styles: &Styles,
    line: &Line<'_>,
    wrong: bool,
    remark: &str,
) -> Result<(), XlsxError> {
    let Ok(row) = u32::try_from(line.number.saturating_sub(1)) else {
        return Ok(());
    };
    if !remark.is_empty() {
        if wrong {
            sheet.write_string_with_format(row, 0, remark, &styles.wrong)?;
        } else {
            sheet.write_string(row, 0, remark)?;
        }
    }
    for (column, cell) in line.cells.iter().enumerate() {
        let Ok(column) = u16::try_from(column + 1) else {
            continue;
        };
        match cell.shown() {
            Cell::Empty | Cell::Formula(_) => {}
            Cell::Number(n) => drop(sheet.write_number(row, column, *n)?),
            Cell::Bool(b) => drop(sheet.write_boolean(row, column, *b)?),
            Cell::Text(text) | Cell::Error(text) => {
                // A cell holds 32,767 characters and no more.
                let text: String = text.chars().take(32_000).collect();
                sheet.write_string(row, column, text)?;
            }
            Cell::Date(day) => {
                let style = if wrong {
                    &styles.wrong_day
                } else {
                    &styles.day
                };
                let parts = (
                    u16::try_from(day.year()),
                    u8::try_from(day.month()),
                    u8::try_from(day.day()),
                );
                if let (Ok(y), Ok(m), Ok(d)) = parts {
                    let value = ExcelDateTime::from_ymd(y, m, d)?;
                    sheet.write_datetime_with_format(row, column, &value, style)?;
                }
            }
        }
    }
    Ok(())
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
