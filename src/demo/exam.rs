//! An exam day of the demonstration: one session held today with theory in and the panel still to
//! score, and one a week ahead with seats free. So every page of a session has something to do.

use domain::{
    document::{DocType, Document, check_character},
    eligibility::Schooling,
    exam::Machine,
    name::Name,
    person::{Person, Sex},
    verdict::Kind,
};
use jiff::{Timestamp, civil::Date};

use super::{Staff, play};
use crate::{
    node::NodeError,
    registry::{AskedSeat, MachineRow, Planned, Registry},
};

const NAMES: [&str; 4] = ["示例报", "示例考", "示例评", "示例座"];
/// What is sat.
const ITEM: &str = "2.1";

/// Plans both sessions and holds the first as far as theory.
///
/// # Errors
/// What the register says.
pub fn hold(registry: &Registry, staff: &Staff, now: Timestamp) -> Result<(), NodeError> {
    let today = domain::event::legal_day(now);
    let ahead = |days: i64| today.saturating_add(jiff::Span::new().days(days));
    let before = play::at(ahead(-7), 0);
    let clerk = &staff.clerks[0];
    let held = registry.plan_session(&plan(staff, today), clerk, before)?;
    registry.plan_session(&plan(staff, ahead(7)), clerk, before)?;
    let asked: Vec<(u64, AskedSeat)> = (1..).zip(NAMES.iter().filter_map(|n| asks(n))).collect();
    registry.enrol(held, &asked, true, clerk, before)?;
    let file = registry.session_file(clerk, held)?;
    let scores = [92, 85, 78];
    let tickets = file
        .lines
        .iter()
        .filter_map(|line| line.case.ticket_in(held));
    let rows = (1..).zip(tickets).zip(scores);
    let rows: Vec<MachineRow> = rows
        .map(|((row, ticket), score)| MachineRow {
            row,
            ticket: ticket.to_owned(),
            score,
            machine: Machine {
                name: format!("{row:02}"),
                at: now,
            },
        })
        .collect();
    registry.take_theory(held, (&rows, 0), None, clerk, now)?;
    Ok(())
}

fn plan(staff: &Staff, on: Date) -> Planned {
    Planned {
        on,
        begins: "09:00".to_owned(),
        place: "示例考点一号楼".to_owned(),
        items: vec![ITEM.into()],
        invigilators: vec!["示例监考".to_owned()],
        assessors: staff
            .assessors
            .iter()
            .map(|o| o.login.as_str().into())
            .collect(),
        seats: 30,
    }
}

/// Somebody invented, with an address code of no place.
fn asks(name: &str) -> Option<AskedSeat> {
    let serial = NAMES.iter().position(|one| *one == name)?;
    let head = format!("99000019900303{:03}", 801 + 2 * serial);
    let check = check_character(head.as_bytes()).map(char::from)?;
    Some(AskedSeat {
        person: Person {
            name: Name::parse(name).ok()?,
            sex: Sex::Male,
            document: Document::parse(DocType::ResidentId, &format!("{head}{check}")).ok()?,
        },
        item: ITEM.into(),
        kind: Kind::Initial,
        schooling: Some(Schooling::JuniorMiddle),
        healthy: true,
        ticket: None,
        appointment: None,
    })
}
