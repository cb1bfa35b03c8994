use alloc::string::ToString;

use super::*;

const TODAY: Date = jiff::civil::date(2026, 11, 24);

fn judged(changed: &[(Field, Option<Cell>)]) -> Result<FormerRow, Vec<Fault>> {
    let mut raw = RawFormer::default();
    for (field, text) in [
        (Field::Name, "SMITH"),
        (Field::Sex, "male"),
        (Field::DocType, "passport"),
        (Field::DocNumber, "E12345678"),
        (Field::Item, "2.1"),
        (Field::FirstIssued, "2023年6月1日"),
        (Field::ValidFrom, "2023/6/1"),
        (Field::ValidUntil, "20290531"),
    ] {
        raw.set(field, Cell::Text(text.into()));
    }
    for (field, cell) in changed {
        raw.0[*field as usize] = cell.clone();
    }
    judge(raw, &Catalogue::shipped(), TODAY)
}

fn text(text: &str) -> Option<Cell> {
    Some(Cell::Text(text.into()))
}

#[test]
fn a_row_in_the_usual_spellings() {
    let row = judged(&[]).expect("a good row");
    assert_eq!(row.first_issued.to_string(), "2023-06-01");
    assert_eq!(row.valid_until.to_string(), "2029-05-31");
    assert_eq!(row.recheck_due, None);
    let from = judged(&[(Field::FirstIssued, None)]).expect("a good row");
    assert_eq!(from.first_issued, from.valid_from);
    let day = Some(Cell::Date(jiff::civil::date(2026, 5, 31)));
    let due = judged(&[
        (Field::RecheckDue, day),
        (Field::Item, Some(Cell::Number(2.2))),
    ]);
    assert_eq!(due.expect("a good row").item.as_str(), "2.2");
}

#[test]
fn what_is_wrong_names_column_and_code() {
    for (field, cell, code) in [
        (Field::Name, text(" "), "name_missing"),
        (Field::Sex, text("both"), "sex_unknown"),
        (Field::DocType, text("卡"), "doc_type_unknown"),
        (Field::DocNumber, text("E1"), "id_length"),
        (Field::Item, text("焊工"), "unknown_item"),
        (Field::FirstIssued, text("2027-01-01"), DAY_IN_FUTURE),
        (Field::ValidFrom, text("2022-01-01"), BEFORE_FIRST_ISSUE),
        (Field::ValidUntil, text("2023-05-31"), ENDS_BEFORE_START),
        (Field::ValidUntil, text("2029-02-30"), DAY_INVALID),
        (Field::ValidUntil, text(""), DAY_INVALID),
        (Field::RecheckDue, text("soon"), DAY_INVALID),
    ] {
        let faults = judged(&[(field, cell)]).expect_err("a fault");
        assert!(
            faults.contains(&Fault { field, code }),
            "{code}: {faults:?}"
        );
    }
}

#[test]
fn a_number_that_a_spreadsheet_has_shortened_is_no_item() {
    let all = Catalogue::shipped();
    for item in &all.items {
        let Ok(number) = item.code.as_str().parse::<f64>() else {
            continue;
        };
        let read = super::item(&Cell::Number(number), &all);
        assert!(
            read.is_none_or(|code| code == item.code),
            "{}",
            item.code.as_str()
        );
    }
}

#[test]
fn headers_as_offices_write_them() {
    for (header, wanted) in [
        ("姓 名（必填）", Some(Field::Name)),
        ("有效期至", Some(Field::ValidUntil)),
        ("初领日期[yyyy-mm-dd]", Some(Field::FirstIssued)),
        ("DOC_NUMBER", Some(Field::DocNumber)),
        ("备注", None),
        ("", None),
    ] {
        assert_eq!(Field::guess(header), wanted, "{header}");
    }
    let mut words: Vec<&str> = Field::ALL
        .iter()
        .flat_map(|f| f.headers().split(' '))
        .collect();
    words.sort_unstable();
    assert!(
        words.windows(2).all(|pair| pair[0] != pair[1]),
        "one word, one field"
    );
}
