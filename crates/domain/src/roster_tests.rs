use alloc::{boxed::Box, string::ToString, vec};

use jiff::civil::date;

use super::*;

fn text(s: &str) -> Cell {
    if s.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(s.to_string())
    }
}

/// A row that passes: a woman of 1990, exam on 2026-11-20.
fn good() -> RawRow {
    let mut raw = RawRow::default();
    for (column, value) in [
        (Column::Name, "王小梅"),
        (Column::Sex, "女"),
        (Column::DocType, "居民身份证"),
        (Column::DocNumber, &with_check("99000119900101002")),
        (Column::Item, "压力焊"),
        (Column::Kind, "初领"),
        (Column::ExamDate, "2026-11-20"),
        (Column::Theory, "80"),
        (Column::Practical, "90分"),
    ] {
        raw.set(column, text(value));
    }
    raw
}

fn with_check(head: &str) -> String {
    let check = crate::document::check_character(head.as_bytes()).map_or('?', char::from);
    alloc::format!("{head}{check}")
}

fn with(changes: &[(Column, Cell)]) -> RawRow {
    let mut raw = good();
    for (column, cell) in changes {
        raw.set(*column, cell.clone());
    }
    raw
}

fn codes(raw: &RawRow) -> Vec<&'static str> {
    let judged = judge(raw, &Catalogue::shipped(), date(2026, 11, 23));
    judged
        .outcome
        .err()
        .unwrap_or_default()
        .iter()
        .map(|r| r.code.as_str())
        .collect()
}

#[test]
fn a_good_row_is_normalised() {
    let judged = judge(&good(), &Catalogue::shipped(), date(2026, 11, 23));
    let Ok(row) = judged.outcome else {
        panic!("{:?}", judged.outcome)
    };
    assert_eq!(
        (row.item.as_str(), row.kind, row.theory, row.practical),
        ("2.2", Kind::Initial, Some(80), Some(90))
    );
    assert!(judged.key.is_some());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_code_of_one_cell() {
    use Column::{DocNumber, DocType, ExamDate, Item, Kind, Name, Practical, Sex, Theory};
    let formula = |value: Cell| Cell::Formula(Box::new(value));
    for (column, cell, wanted) in [
        (Name, text(""), "name_missing"),
        (Name, text("\u{3000}"), "name_missing"),
        (Name, text("张3"), "name_invalid"),
        (Name, formula(text("张三")), "name_invalid"),
        (Name, formula(Cell::Empty), "name_invalid"),
        (Name, Cell::Number(7.0), "name_invalid"),
        (Sex, text("不详"), "sex_unknown"),
        (Sex, text(""), "sex_unknown"),
        (Sex, text("男"), "sex_mismatch"),
        (DocType, text("学生证"), "doc_type_unknown"),
        (DocType, text(""), "doc_type_unknown"),
        (DocNumber, text(""), "id_missing"),
        (DocNumber, text("  "), "id_missing"),
        (DocNumber, text("99000119900101"), "id_length"),
        (DocNumber, text("990001199001010020"), "id_check_digit"),
        (
            DocNumber,
            text(&with_check("99000119901301002")),
            "id_birth_date",
        ),
        (
            DocNumber,
            Cell::Number(9.982_722_005_041_097e17),
            "id_precision_lost",
        ),
        (DocNumber, text("9.98272E+17"), "id_precision_lost"),
        (DocNumber, Cell::Number(990_001_900_101_002.0), "id_length"),
        (DocNumber, Cell::Error("#N/A".to_string()), "id_length"),
        (
            DocNumber,
            text(&with_check("99000120081121002")),
            "under_age",
        ),
        (
            DocNumber,
            text(&with_check("99000120300101002")),
            "under_age",
        ),
        (
            DocNumber,
            text(&with_check("99000119600101002")),
            "over_retirement_age",
        ),
        (Item, text("焊工"), "unknown_item"),
        (Item, text(""), "unknown_item"),
        (Kind, text("旁听"), "kind_unknown"),
        (Kind, text("补证"), "kind_unknown"),
        (Kind, text(""), "kind_unknown"),
        (Kind, text("复审"), "kind_not_in_force"),
        (ExamDate, text("2026-02-30"), "exam_date_invalid"),
        (ExamDate, text("下周五"), "exam_date_invalid"),
        (ExamDate, text(""), "exam_date_invalid"),
        (ExamDate, text("2026-11"), "exam_date_invalid"),
        (ExamDate, text("11/20/2026"), "exam_date_invalid"),
        (ExamDate, text("2026-11/20"), "exam_date_invalid"),
        (ExamDate, Cell::Number(46346.0), "exam_date_invalid"),
        (ExamDate, text("2026-11-24"), "exam_date_in_future"),
        (Theory, text("优秀"), "score_not_a_number"),
        (Theory, text("#N/A"), "score_not_a_number"),
        (Theory, text("A+"), "score_not_a_number"),
        (Theory, Cell::Bool(true), "score_not_a_number"),
        (Theory, formula(Cell::Empty), "score_not_a_number"),
        (Practical, text("见附表"), "score_not_a_number"),
        (
            Practical,
            Cell::Error("#REF!".to_string()),
            "score_not_a_number",
        ),
        (Theory, Cell::Number(100.5), "score_out_of_range"),
        (Theory, Cell::Number(-1.0), "score_out_of_range"),
        (Practical, text("860"), "score_out_of_range"),
        (Practical, text("-1分"), "score_out_of_range"),
        (
            Practical,
            text("99999999999999999999"),
            "score_out_of_range",
        ),
    ] {
        assert_eq!(
            codes(&with(&[(column, cell.clone())])),
            [wanted],
            "{column:?} {cell:?}"
        );
    }
}

#[test]
fn every_way_to_write_what_is_right() {
    use Column::{DocNumber, ExamDate, Kind, Name, Practical, Sex, Theory};
    let formula = |value: Cell| Cell::Formula(Box::new(value));
    for (column, cell) in [
        (Name, text(" 王\u{3000}小梅 ")),
        (Sex, text("Female")),
        (Sex, formula(text("女"))),
        (DocNumber, formula(text(&with_check("99000119900101002")))),
        (DocNumber, text(&with_check("99000120081120002"))),
        (Kind, text(" 延期换证 ")),
        (Kind, text("期满换证")),
        (ExamDate, Cell::Date(date(2026, 11, 20))),
        (ExamDate, Cell::Number(20_261_120.0)),
        (ExamDate, text("2026/11/20")),
        (ExamDate, text("2026.11.20")),
        (ExamDate, text("２０２６年１１月２０日")),
        (ExamDate, text("2026 年 11 月 20 日")),
        (ExamDate, text("20261120")),
        (ExamDate, text("2026/1/5 8:30")),
        (ExamDate, text("2026-11-20T00:00:00")),
        (ExamDate, text("2026年11月20日 上午9:30")),
        (ExamDate, text("2026-11-23")),
        (Theory, text("")),
        (Theory, text("缺 考")),
        (Theory, text("８６ 分")),
        (Theory, text("86.0")),
        (Practical, Cell::Number(0.0)),
        (Practical, formula(Cell::Number(100.0))),
    ] {
        assert_eq!(
            codes(&with(&[(column, cell.clone())])),
            [""; 0],
            "{column:?} {cell:?}"
        );
    }
}

#[test]
fn all_reasons_are_told_and_a_refused_number_hides_what_it_would_tell() {
    let raw = with(&[
        (Column::Name, text("张3")),
        (Column::Sex, text("男")),
        (Column::DocNumber, text("990001199001010020")),
        (Column::Kind, text("旁听")),
    ]);
    assert_eq!(
        codes(&raw),
        ["name_invalid", "id_check_digit", "kind_unknown"]
    );
    let raw = with(&[
        (Column::Kind, text("复审")),
        (Column::ExamDate, text("2031-01-05")),
    ]);
    assert_eq!(codes(&raw), ["kind_not_in_force", "exam_date_in_future"]);
}

#[test]
fn the_last_day_of_the_recheck() {
    for (day, wanted) in [
        ("2026-05-31", vec![]),
        ("2026-06-01", vec!["kind_not_in_force"]),
    ] {
        let raw = with(&[(Column::Kind, text("复审")), (Column::ExamDate, text(day))]);
        assert_eq!(codes(&raw), wanted, "{day}");
    }
}

/// A catalogue may close an item: what was sat until then is still taken.
#[test]
fn an_item_that_has_ended() {
    let mut list = Catalogue::shipped().list(None);
    for item in list.groups.iter_mut().flat_map(|group| &mut group.items) {
        (item.from, item.until) = (Some(date(2026, 10, 5)), Some(date(2026, 10, 9)));
    }
    let catalogue = Catalogue::of(&list).expect("a list");
    for (day, wanted) in [
        ("2026-10-04", vec![Code::ItemNotOpen]),
        ("2026-10-05", vec![]),
        ("2026-10-09", vec![]),
        ("2026-10-10", vec![Code::ItemNotOpen]),
    ] {
        let raw = with(&[(Column::ExamDate, text(day))]);
        let judged = judge(&raw, &catalogue, date(2026, 11, 23));
        let reasons = judged.outcome.err().unwrap_or_default();
        let codes: Vec<Code> = reasons.iter().map(|r| r.code).collect();
        assert_eq!(codes, wanted, "{day}");
    }
}

#[test]
fn documents_without_a_birth_date_are_not_judged_on_age_or_sex() {
    let raw = with(&[
        (Column::DocType, text("护照")),
        (Column::DocNumber, text("E12345678")),
        (Column::Sex, text("男")),
    ]);
    assert_eq!(codes(&raw), [""; 0]);
}

#[test]
fn a_ticket_is_kept_as_it_is_compared() {
    for cell in [text(" zk－2026-０１7 "), text("ZK2026017")] {
        let judged = judge(
            &with(&[(Column::Ticket, cell)]),
            &Catalogue::shipped(),
            date(2026, 11, 23),
        );
        let ticket = judged.outcome.ok().and_then(|row| row.ticket);
        assert_eq!(ticket.as_deref(), Some("ZK2026017"));
    }
}

#[test]
fn a_duplicate_is_added_to_whatever_else_is_wrong() {
    let mut judged = judge(&good(), &Catalogue::shipped(), date(2026, 11, 23));
    judged.refuse_as_duplicate();
    let reasons = judged.outcome.err().unwrap_or_default();
    assert_eq!(
        reasons.iter().map(|r| r.code).collect::<Vec<_>>(),
        [Code::DuplicateRow]
    );
    assert!(Code::ALL.is_sorted());
}
