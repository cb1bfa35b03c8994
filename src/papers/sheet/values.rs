//! Values that both workbook formats share: serial dates, number formats, built-in format numbers.

use domain::roster::Cell;
use jiff::{Span, civil::Date};

/// The last serial number a spreadsheet shows as a date, 9999-12-31.
const LAST_SERIAL: f64 = 2_958_466.0;

/// A number cell as its format shows it: a date where the format is one, else the number.
pub(super) fn number(value: f64, is_date: bool, from_1904: bool) -> Cell {
    if is_date {
        date(value, from_1904).map_or(Cell::Number(value), Cell::Date)
    } else {
        Cell::Number(value)
    }
}

fn date(serial: f64, from_1904: bool) -> Option<Date> {
    let shifted = if from_1904 { serial + 1462.0 } else { serial };
    if !(1.0..LAST_SERIAL).contains(&shifted) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole days within the range just checked"
    )]
    let days = shifted as i64;
    // Day 60 is the 29 February 1900 that never was; before it the count is one behind.
    let days = if days < 60 { days + 1 } else { days };
    let span = Span::new().try_days(days).ok()?;
    jiff::civil::date(1899, 12, 30).checked_add(span).ok()
}

/// Whether a built-in number format shows a date (times of day alone do not count).
pub(super) fn is_builtin_date(format: u32) -> bool {
    matches!(format, 14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57 | 58)
}

/// Whether the text of a custom format shows a date: a year or a day outside quotes and brackets.
pub(super) fn is_date_format(format: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for c in format.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' | '_' | '*' if !quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            'y' | 'Y' | 'd' | 'D' if !quoted && !bracketed => return true,
            _ => {}
        }
    }
    false
}

/// The text of an error value by its number.
pub(super) fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        _ => "#ERROR!",
    }
}

/// Resolves `_x000D_`, the way workbooks write control characters.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let code = tail.get(2..6).filter(|_| tail.get(6..7) == Some("_"));
        let found = code
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        if let (Some(c), Some(after)) = (found, tail.get(7..)) {
            out.push(c);
            rest = after;
        } else {
            out.push_str("_x");
            rest = tail.get(2..).unwrap_or("");
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn serial_numbers() {
        for (serial, from_1904, wanted) in [
            (46346.0, false, Some(day(2026, 11, 20))),
            (46346.75, false, Some(day(2026, 11, 20))),
            (44884.0, true, Some(day(2026, 11, 20))),
            (1.0, false, Some(day(1900, 1, 1))),
            (61.0, false, Some(day(1900, 3, 1))),
            (0.5, false, None),
            (-4.0, false, None),
            (1e12, false, None),
            (f64::NAN, false, None),
        ] {
            assert_eq!(date(serial, from_1904), wanted, "{serial}");
        }
    }

    #[test]
    fn formats_that_show_a_date() {
        for format in [
            "yyyy-mm-dd",
            "yyyy\"年\"m\"月\"d\"日\";@",
            "[$-804]yyyy/m/d",
            "m/d/yy h:mm",
            "D-MMM",
        ] {
            assert!(is_date_format(format), "{format}");
        }
        for format in [
            "General",
            "0.00",
            "[Red]0.00",
            "0\"day\"",
            "h:mm:ss",
            "@",
            "#,##0_d",
            "\\d0",
        ] {
            assert!(!is_date_format(format), "{format}");
        }
    }

    #[test]
    fn control_characters_come_back() {
        assert_eq!(unescape("a_x000A_b_x_c_x00"), "a\nb_x_c_x00");
        assert_eq!(unescape("_x张三__x4E2D_"), "_x张三_中");
    }
}
