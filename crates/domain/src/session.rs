//! An exam session 考试场次: one institution, one day, one place.
//!
//! A session is planned, and so registered with the authority, before its day. One that only a
//! sheet of results tells of is opened by that sheet: it has no plan, and the authority sees that it
//! was not registered. Who sits where is kept here, so that a seat is given once and a panel is
//! the one that was planned; the other half of a seat is the case's own ([`crate::case`]).

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::ItemCode,
    eligibility::{Code, Schooling},
    event::{Act, Event},
    law,
    office::{OfficeCode, OfficerId},
    record::RecordId,
    refusal::Refusal,
};

/// Most seats of one session.
pub const MOST_SEATS: u16 = 1_000;

/// What is planned, and registered with the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The authority it is registered with.
    pub authority: OfficeCode,
    /// The day.
    pub on: Date,
    /// When it begins, `HH:MM`.
    pub begins: String,
    /// 考点: where.
    pub place: String,
    /// The items that are examined.
    pub items: Vec<ItemCode>,
    /// 监考员, by name.
    pub invigilators: Vec<String>,
    /// 考评员, by login: none where no practical part is assessed by a panel, else two or more.
    pub assessors: Vec<OfficerId>,
    /// How many can sit.
    pub seats: u16,
}

impl Plan {
    /// # Errors
    /// `PlanIncomplete` for a plan that nobody could examine by.
    pub fn check(&self) -> Result<(), Refusal> {
        let panel: BTreeSet<_> = self.assessors.iter().collect();
        let whole = !self.place.trim().is_empty()
            && is_time(&self.begins)
            && !self.items.is_empty()
            && self.invigilators.iter().any(|name| !name.trim().is_empty())
            && (1..=MOST_SEATS).contains(&self.seats)
            && panel.len() == self.assessors.len()
            // One assessor alone is no panel, and the count is kept in one byte of an event.
            && (panel.is_empty() || (2..=9).contains(&panel.len()));
        if whole {
            Ok(())
        } else {
            Err(Refusal::PlanIncomplete)
        }
    }
}

/// `HH:MM` of a day.
fn is_time(text: &str) -> bool {
    let part = |text: &str, below: u8| {
        text.len() == 2 && text.parse::<u8>().is_ok_and(|number| number < below)
    };
    text.split_once(':')
        .is_some_and(|(hour, minute)| part(hour, 24) && part(minute, 60))
}

/// 排考: one candidate's seat, with what was declared for it and what the pre-check remarked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The session.
    pub session: RecordId,
    /// Its day.
    pub on: Date,
    /// For what; the case's own item.
    pub item: ItemCode,
    /// The seat's number, from 1.
    pub seat: u16,
    /// The admission-ticket number for this session.
    pub ticket: String,
    /// 学历, as declared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub schooling: Option<Schooling>,
    /// 健康声明: the candidate declared in writing to be fit.
    pub healthy: bool,
    /// What the pre-check remarked without refusing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub remarks: Vec<Code>,
}

/// An exam session, folded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its record.
    pub id: RecordId,
    /// Who holds it.
    pub institution: OfficeCode,
    /// The day.
    pub on: Date,
    /// What was planned; none when only a sheet of results told of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plan: Option<Plan>,
    /// Why it was called off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cancelled: Option<String>,
    /// Who sits where: the case by the number of the seat.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub seated: BTreeMap<u16, RecordId>,
    /// When its last event happened.
    pub last: Timestamp,
}

impl Session {
    /// Folds the first event of a session. One that a sheet opened may lie behind; one that is
    /// planned lies ahead.
    ///
    /// # Errors
    /// `WrongState` for any other event, `NotThisOffice`, `RoleNotAllowed`, `WrongLaw`;
    /// `PlanIncomplete`, `DayHasCome`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        let (institution, on, plan) = match &event.act {
            Act::SessionOpened { institution, on } => (institution.clone(), *on, None),
            Act::SessionPlanned(plan) => (event.by.office.clone(), plan.on, Some(&**plan)),
            _ => return Err(Refusal::WrongState),
        };
        // An exam's limits are those of its day.
        if event.law != law::on(on).name {
            return Err(Refusal::WrongLaw);
        }
        if event.by.office != institution {
            return Err(Refusal::NotThisOffice);
        }
        if let Some(plan) = plan {
            plan.check()?;
            if plan.authority == institution {
                return Err(Refusal::NotThisOffice);
            }
            if on <= event.day() {
                return Err(Refusal::DayHasCome);
            }
        }
        Ok(Self {
            id: event.record,
            institution,
            on,
            plan: plan.cloned(),
            cancelled: None,
            seated: BTreeMap::new(),
            last: event.at,
        })
    }

    /// Folds one more event: a change of the plan, a seat given or given up, a panel's score.
    ///
    /// # Errors
    /// Why it is not lawful here.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        if event.by.office != self.institution {
            return Err(Refusal::NotThisOffice);
        }
        match &event.act {
            Act::SessionOpened { .. } | Act::SessionPlanned(_) => {
                return Err(Refusal::AlreadyExists);
            }
            Act::SessionChanged { plan, reason } => self.change(event, plan, reason)?,
            Act::SessionCancelled { reason } => {
                self.still_ahead(event, reason)?;
                self.cancelled = Some(reason.clone());
            }
            Act::Enrolled(enrolment) => self.seat(event.record, enrolment)?,
            Act::SeatGivenUp { session, .. } if *session == self.id => {
                let seat = self.seat_of(event.record).ok_or(Refusal::NotEnrolled)?;
                self.seated.remove(&seat);
            }
            Act::PracticalAssessed {
                session, on, of, ..
            } if *session == self.id => self.assessed(event, *on, *of)?,
            _ => return Err(Refusal::WrongState),
        }
        self.last = event.at;
        Ok(self)
    }

    /// A plan is changed and called off until its day begins, with a reason.
    fn still_ahead(&self, event: &Event, reason: &str) -> Result<&Plan, Refusal> {
        let plan = self.plan.as_ref().ok_or(Refusal::WrongState)?;
        if self.cancelled.is_some() {
            return Err(Refusal::SessionCancelled);
        }
        if event.law != law::on(self.on).name {
            return Err(Refusal::WrongLaw);
        }
        if self.on <= event.day() {
            return Err(Refusal::DayHasCome);
        }
        if reason.trim().is_empty() {
            return Err(Refusal::GroundMissing);
        }
        Ok(plan)
    }

    /// What candidates were told (the day, their seat, their item) stands while one is seated.
    fn change(&mut self, event: &Event, next: &Plan, reason: &str) -> Result<(), Refusal> {
        let plan = self.still_ahead(event, reason)?;
        next.check()?;
        if next.authority != plan.authority {
            return Err(Refusal::NotThisOffice);
        }
        if next.on <= event.day() {
            return Err(Refusal::DayHasCome);
        }
        let highest = self.seated.keys().next_back().copied().unwrap_or(0);
        let kept = plan.items.iter().all(|item| next.items.contains(item));
        let same = next.on == self.on && kept && highest <= next.seats;
        if !self.seated.is_empty() && !same {
            return Err(Refusal::SeatsTaken);
        }
        self.on = next.on;
        self.plan = Some(next.clone());
        Ok(())
    }

    fn seat(&mut self, case: RecordId, asked: &Enrolment) -> Result<(), Refusal> {
        let plan = self.plan.as_ref().ok_or(Refusal::WrongState)?;
        if self.cancelled.is_some() {
            return Err(Refusal::SessionCancelled);
        }
        if asked.session != self.id || asked.on != self.on || !plan.items.contains(&asked.item) {
            return Err(Refusal::SessionDiffers);
        }
        if self.seat_of(case).is_some() {
            return Err(Refusal::AlreadyEnrolled);
        }
        let there = (1..=plan.seats).contains(&asked.seat);
        if !there || self.seated.contains_key(&asked.seat) {
            return Err(Refusal::SessionFull);
        }
        self.seated.insert(asked.seat, case);
        Ok(())
    }

    fn assessed(&self, event: &Event, on: Date, of: u8) -> Result<(), Refusal> {
        let plan = self.plan.as_ref().ok_or(Refusal::WrongState)?;
        if self.cancelled.is_some() {
            return Err(Refusal::SessionCancelled);
        }
        if !plan.assessors.contains(&event.by.officer) {
            return Err(Refusal::NotOnPanel);
        }
        if on != self.on || usize::from(of) != plan.assessors.len() {
            return Err(Refusal::SessionDiffers);
        }
        if self.seat_of(event.record).is_none() {
            return Err(Refusal::NotEnrolled);
        }
        Ok(())
    }

    /// The seat of a case.
    #[must_use]
    pub fn seat_of(&self, case: RecordId) -> Option<u16> {
        let mut seats = self.seated.iter();
        seats.find_map(|(seat, who)| (*who == case).then_some(*seat))
    }

    /// The lowest seat that is free.
    #[must_use]
    pub fn free_seat(&self) -> Option<u16> {
        let seats = self.plan.as_ref().map_or(0, |plan| plan.seats);
        (1..=seats).find(|seat| !self.seated.contains_key(seat))
    }

    /// How many seats are free.
    #[must_use]
    pub fn seats_left(&self) -> usize {
        let seats = self.plan.as_ref().map_or(0, |plan| plan.seats);
        usize::from(seats).saturating_sub(self.seated.len())
    }

    /// What tells two sessions of one institution and day apart: nothing for the one that sheets
    /// open, hour and place for a planned one, and its own number once it was called off, so that
    /// another may take its hour and place.
    #[must_use]
    pub fn slot(&self) -> String {
        match (&self.plan, &self.cancelled) {
            (Some(_), Some(_)) => alloc::format!("called off {}", self.id),
            (Some(plan), None) => plan.slot(),
            (None, _) => String::new(),
        }
    }

    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (&self.plan, &self.cancelled) {
            (_, Some(_)) => "called_off",
            (Some(_), None) => "planned",
            (None, None) => "unplanned",
        }
    }
}

impl Plan {
    /// Hour and place, which one institution has once a day.
    #[must_use]
    pub fn slot(&self) -> String {
        let words = self.place.split_whitespace().collect::<Vec<_>>().join(" ");
        alloc::format!("{} {words}", self.begins)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
