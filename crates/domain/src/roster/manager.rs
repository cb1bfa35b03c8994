//! The cells of a sheet that only a manager has, and the one that tells his item.

use alloc::boxed::Box;

use jiff::civil::Date;

use super::{Cell, Code, Column, RawRow, Reasons};
use crate::{
    catalogue::{Catalogue, Category, Item},
    management::{Appointment, MaybeAppointment, Unfit},
    verdict::Kind,
};

/// What a row is for: its item, or where that cell is blank its role. One row is for one of the two
/// certificates; rows of both may stand in one sheet.
pub(super) fn item<'a>(
    raw: &RawRow,
    catalogue: &'a Catalogue,
    exam: Option<Date>,
    reasons: &mut Reasons,
) -> Option<&'a Item> {
    let named = |column| match raw.get(column).shown() {
        Cell::Text(text) => catalogue.find(text),
        _ => None,
    };
    let blank = raw.get(Column::Item).shown().is_blank();
    let role = named(Column::Role).filter(|item| item.category == Category::SafetyManagement);
    let column = if blank && raw.has(Column::Role) {
        Column::Role
    } else {
        Column::Item
    };
    let found = if blank { role } else { named(Column::Item) };
    match (found, role) {
        (None, _) => reasons.add(Code::UnknownItem, column),
        // The catalogue may name a first or a last day for it.
        (Some(item), _) if exam.is_some_and(|day| !item.is_open_on(day)) => {
            reasons.add(Code::ItemNotOpen, column);
        }
        (Some(item), Some(role)) if item.code != role.code => {
            reasons.add(Code::TwoItems, Column::Role);
        }
        _ => {}
    }
    found
}

/// The appointment of a manager; an extension that says nothing of it goes on with the one on the
/// certificate. The units of operators are passed over.
pub(super) fn appointment(
    raw: &RawRow,
    category: Option<Category>,
    kind: Option<Kind>,
    reasons: &mut Reasons,
) -> MaybeAppointment {
    if category != Some(Category::SafetyManagement) {
        return None;
    }
    let cells = [Column::Industry, Column::UnitType, Column::Employer].map(|c| raw.get(c));
    if kind != Some(Kind::Initial) && cells.iter().all(|cell| cell.shown().is_blank()) {
        return None;
    }
    match read(cells) {
        Ok(appointment) => appointment,
        Err(all) => {
            all.into_iter()
                .for_each(|(code, column)| reasons.add(code, column));
            None
        }
    }
}

/// Reads the three cells, in the order industry, kind of unit, unit.
pub(crate) fn read(
    [industry, unit, employer]: [&Cell; 3],
) -> Result<MaybeAppointment, alloc::vec::Vec<(Code, Column)>> {
    let told = |unfit: Unfit| match unfit {
        Unfit::Industry => (Code::IndustryUnknown, Column::Industry),
        Unfit::Unit => (Code::UnitTypeUnknown, Column::UnitType),
        Unfit::Employer => (Code::EmployerMissing, Column::Employer),
    };
    Appointment::read(industry, unit, employer)
        .map(|appointment| Some(Box::new(appointment)))
        .map_err(|all| all.into_iter().map(told).collect())
}
