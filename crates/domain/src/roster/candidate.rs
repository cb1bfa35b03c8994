//! One row of an enrolment sheet 报名表: who wants to sit, and for what. It has no scores and no exam
//! day; the session says the day. Age, schooling and whatever else the law asks for is judged by
//! [`crate::eligibility`], together with what the register knows.

use alloc::{string::String, vec::Vec};

use super::{
    Cell, Column, RawRow, Reasons, Refused,
    fields::{document, kind, name, sex, ticket},
    manager,
};
use crate::{
    catalogue::{Catalogue, ItemCode},
    eligibility::Schooling,
    management::MaybeAppointment,
    person::Person,
    verdict::Kind,
};

/// A row that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub person: Person,
    /// For what.
    pub item: ItemCode,
    /// Why.
    pub kind: Kind,
    /// 学历; none where the cell says nothing we know.
    pub schooling: Option<Schooling>,
    /// 健康声明: the cell says yes.
    pub healthy: bool,
    /// 准考证号, where the sheet has one.
    pub ticket: Option<String>,
    /// 任职情况, of a manager.
    pub appointment: MaybeAppointment,
}

/// Reads one row; `schooling` and `health` are the cells of columns that only this sheet has.
///
/// # Errors
/// Every reason why it cannot be read.
pub fn candidate(
    raw: &RawRow,
    (schooling, health): (&Cell, &Cell),
    catalogue: &Catalogue,
) -> Result<Candidate, Vec<Refused>> {
    let mut reasons = Reasons(Vec::new());
    let name = reasons.note(Column::Name, name(raw.get(Column::Name)));
    let document = document(raw, &mut reasons);
    let sex = sex(raw, document.as_ref(), &mut reasons);
    let item = manager::item(raw, catalogue, None, &mut reasons);
    let category = item.map(|item| item.category);
    let item = item.map(|item| item.code.clone());
    let kind = if raw.has(Column::Kind) {
        reasons.note(Column::Kind, kind(raw.get(Column::Kind)))
    } else {
        Some(Kind::Initial)
    };
    let appointment = manager::appointment(raw, category, kind, &mut reasons);
    let mut reasons = reasons.0;
    reasons.sort_by_key(|reason| reason.code);
    match (name, document, sex, item, kind) {
        (Some(name), Some(document), Some(sex), Some(item), Some(kind)) if reasons.is_empty() => {
            Ok(Candidate {
                person: Person {
                    name,
                    sex,
                    document,
                },
                item,
                kind,
                schooling: schooled(schooling),
                healthy: is_yes(health),
                ticket: ticket(raw.get(Column::Ticket)),
                appointment,
            })
        }
        _ => Err(reasons),
    }
}

/// What offices write for the three that the law tells apart.
fn schooled(cell: &Cell) -> Option<Schooling> {
    let word = cell.word();
    let says = |names: &str| names.split(' ').any(|name| word.contains(name));
    if says("小学 文盲") {
        Some(Schooling::Primary)
    } else if says("初中") {
        Some(Schooling::JuniorMiddle)
    } else if says("高中 中专 中技 技校 职高 大专 专科 本科 大学 硕士 博士 研究生")
    {
        Some(Schooling::SeniorMiddle)
    } else {
        None
    }
}

fn is_yes(cell: &Cell) -> bool {
    matches!(cell.shown(), Cell::Bool(true))
        || [
            "是",
            "有",
            "已声明",
            "已签",
            "已提交",
            "合格",
            "健康",
            "√",
            "yes",
            "y",
        ]
        .contains(&cell.word().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::{super::Code, *};

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_string())
    }

    fn row(cells: &[(Column, &str)]) -> RawRow {
        let mut raw = RawRow::default();
        for (column, says) in cells {
            raw.set(*column, text(says));
        }
        raw
    }

    const GOOD: [(Column, &str); 4] = [
        (Column::Name, "试例"),
        (Column::DocNumber, "990000199001010015"),
        (Column::Item, "熔化焊接与热切割作业"),
        (Column::Ticket, "zk-17"),
    ];

    fn read(
        cells: &[(Column, &str)],
        schooling: &str,
        health: &str,
    ) -> Result<Candidate, Vec<Code>> {
        let (schooling, health) = (text(schooling), text(health));
        candidate(&row(cells), (&schooling, &health), &Catalogue::shipped())
            .map_err(|reasons| reasons.iter().map(|r| r.code).collect())
    }

    #[test]
    fn a_row_without_scores_is_a_candidate() {
        let head = "99000019900101001";
        let check = crate::document::check_character(head.as_bytes()).map_or('?', char::from);
        let number = alloc::format!("{head}{check}");
        let mut cells = GOOD;
        cells[1].1 = &number;
        let read_it = read(&cells, "高中毕业", "是").expect("a candidate");
        assert_eq!(read_it.kind, Kind::Initial);
        assert_eq!(read_it.schooling, Some(Schooling::SeniorMiddle));
        assert!(read_it.healthy);
        assert_eq!(read_it.ticket.as_deref(), Some("ZK17"));
        let silent = read(&cells, "", "否").expect("a candidate");
        assert_eq!((silent.schooling, silent.healthy), (None, false));
        for (says, wanted) in [
            ("小学", Schooling::Primary),
            ("初中毕业", Schooling::JuniorMiddle),
            ("大学本科", Schooling::SeniorMiddle),
        ] {
            let read_it = read(&cells, says, "√").expect("a candidate");
            assert_eq!(read_it.schooling, Some(wanted), "{says}");
        }
    }

    #[test]
    fn every_reason_is_told() {
        let found = read(&[(Column::Kind, "旁听")], "", "");
        let wanted = [
            Code::NameMissing,
            Code::IdMissing,
            Code::UnknownItem,
            Code::KindUnknown,
        ];
        assert_eq!(found.map(drop).map_err(|codes| codes == wanted), Err(true));
    }
}
