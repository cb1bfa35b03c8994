//! One row of an exam machine's file: ticket, score, moment, machine.

use alloc::string::{String, ToString};

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use super::{
    Cell,
    fields::{score, ticket},
};
use crate::{document::is_blank, exam::Machine};

/// A row that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineScore {
    /// The admission ticket, normalised.
    pub ticket: String,
    /// Points of 100.
    pub score: u8,
    /// Which machine, and when.
    pub machine: Machine,
}

/// Why a row cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// No ticket.
    Ticket,
    /// No whole number from 0 to 100.
    Score,
    /// No day and hour such as `2026-11-20 09:35`.
    Moment,
    /// No name or number of a machine.
    Machine,
}

impl Unread {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ticket, Self::Score, Self::Moment, Self::Machine];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Score => "score",
            Self::Moment => "moment",
            Self::Machine => "machine",
        }
    }
}

/// Reads one row.
///
/// # Errors
/// The first cell that cannot be read.
pub fn machine_score(
    number: &Cell,
    points: &Cell,
    moment: &Cell,
    machine: &Cell,
) -> Result<MachineScore, Unread> {
    let ticket = ticket(number).ok_or(Unread::Ticket)?;
    // A machine that saw nobody has nothing to say.
    let score = match score(points) {
        Ok(Some(score)) => score,
        Ok(None) | Err(_) => return Err(Unread::Score),
    };
    let at = read_moment(moment).ok_or(Unread::Moment)?;
    let name = match machine.shown() {
        Cell::Text(text) => text.trim().to_string(),
        Cell::Number(n) => n.to_string(),
        _ => String::new(),
    };
    if name.is_empty() || name.chars().count() > 40 {
        return Err(Unread::Machine);
    }
    let machine = Machine { name, at };
    Ok(MachineScore {
        ticket,
        score,
        machine,
    })
}

/// A moment in China. A workbook's date cell has lost its hour when it comes here and counts from
/// the beginning of its day.
fn read_moment(cell: &Cell) -> Option<Timestamp> {
    let there: DateTime = match cell.shown() {
        Cell::Date(day) => day.at(0, 0, 0, 0),
        Cell::Text(text) => {
            let text = text.trim_matches(is_blank).replace('/', "-");
            text.parse().ok().filter(|_| text.contains(':'))?
        }
        _ => return None,
    };
    Offset::constant(8).to_timestamp(there).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_string())
    }

    #[test]
    fn a_row_is_read_or_says_what_is_wrong() {
        let read = |ticket, score, moment, machine| {
            machine_score(&text(ticket), &text(score), &text(moment), &text(machine))
        };
        let good = read(" zk-17", "85", "2026-11-20 09:35:20", " 07 ").expect("a row");
        assert_eq!((good.ticket.as_str(), good.score), ("ZK17", 85));
        assert_eq!(good.machine.name, "07");
        assert_eq!(good.machine.at.to_string(), "2026-11-20T01:35:20Z");
        let minute = read("1", "0", "2026/11/20 09:35", "A").expect("a row");
        assert_eq!(minute.machine.at.to_string(), "2026-11-20T01:35:00Z");
        for (ticket, score, moment, machine, wrong) in [
            ("", "85", "2026-11-20 09:35", "1", Unread::Ticket),
            ("1", "", "2026-11-20 09:35", "1", Unread::Score),
            ("1", "缺考", "2026-11-20 09:35", "1", Unread::Score),
            ("1", "101", "2026-11-20 09:35", "1", Unread::Score),
            ("1", "85", "2026-11-20", "1", Unread::Moment),
            ("1", "85", "morning", "1", Unread::Moment),
            ("1", "85", "2026-11-20 09:35", " ", Unread::Machine),
        ] {
            assert_eq!(
                read(ticket, score, moment, machine),
                Err(wrong),
                "{wrong:?}"
            );
        }
    }
}
