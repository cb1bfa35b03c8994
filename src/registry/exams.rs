//! Exam sessions: planned with the authority before their day, changed and called off until it.
//!
//! Everything else of a session is beside: seats and the pre-check in [`enrol`], scores of machines
//! and panels in [`score`], what pages ask in [`read`].

mod enrol;
mod read;
mod score;

use domain::{
    case::Case,
    catalogue::ItemCode,
    event::{Act, Event, legal_day},
    law,
    office::{OfficeCode, OfficerId, Role},
    record::RecordId,
    refusal::Refusal,
    session::{Plan, Session},
};
use jiff::{Timestamp, civil::Date};

pub use self::{
    enrol::{Asked, Enrolled, Looked, Seated},
    read::{SeatLine, SessionFile, SessionsReached},
    score::{MachineRow, Scored},
};
use super::{
    Error, Officer, Registry, Result,
    store::Ask,
    tables,
    work::{Kept, Work},
};

/// What an institution plans; the authority follows from the directory.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The day.
    pub on: Date,
    /// When it begins, `HH:MM`.
    pub begins: String,
    /// Where.
    pub place: String,
    /// The items that are examined.
    pub items: Vec<ItemCode>,
    /// By name.
    pub invigilators: Vec<String>,
    /// By login.
    pub assessors: Vec<OfficerId>,
    /// How many can sit.
    pub seats: u16,
}

/// The sessions of one institution on one day.
#[derive(Default)]
pub(super) struct ExamDay {
    /// The one that sheets opened.
    opened: Option<RecordId>,
    /// The planned ones, with what each examines.
    planned: Vec<(RecordId, Vec<ItemCode>)>,
}

impl Registry {
    /// Plans a session and registers it with the authority.
    ///
    /// # Errors
    /// `DayHasCome`, `PlanIncomplete`, `NotAuthorised` for an item out of scope on that day,
    /// `NotOnPanel` for an assessor who is none, `AlreadyExists` for a second one at that hour and
    /// place, `RoleNotAllowed`.
    pub fn plan_session(
        &self,
        planned: &Planned,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        let plan = self.plan(&mut work, planned, by)?;
        work.slot_is_free(&by.office, plan.on, &plan.slot())?;
        let law = law::on(plan.on).name;
        let act = Act::SessionPlanned(Box::new(plan));
        let event = Event {
            at: now,
            by: by.acting(&act)?,
            law,
            record: work.new_record(),
            act,
        };
        let session = Session::begun(&event)?;
        work.journal(&event)?;
        work.put_session(session);
        work.commit()?;
        Ok(event.record)
    }

    /// Plans it otherwise.
    ///
    /// # Errors
    /// As [`Registry::plan_session`]; `SeatsTaken` where candidates were told otherwise,
    /// `GroundMissing`, `NotFound`.
    pub fn change_session(
        &self,
        id: RecordId,
        planned: &Planned,
        reason: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        work.own_session(id, by)?;
        let plan = Box::new(self.plan(&mut work, planned, by)?);
        let reason = reason.trim().to_owned();
        work.session_acts(id, Act::SessionChanged { plan, reason }, by, now)?;
        work.commit()
    }

    /// Calls it off.
    ///
    /// # Errors
    /// `DayHasCome`, `SessionCancelled`, `GroundMissing`, `NotFound`, `RoleNotAllowed`.
    pub fn cancel_session(
        &self,
        id: RecordId,
        reason: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        work.own_session(id, by)?;
        let reason = reason.trim().to_owned();
        work.session_acts(id, Act::SessionCancelled { reason }, by, now)?;
        work.commit()
    }

    /// The plan, when the directory and the accounts bear it.
    fn plan(&self, work: &mut Work<'_>, planned: &Planned, by: &Officer) -> Result<Plan> {
        let office = work.office(&by.office)?.cloned().ok_or(Error::NotFound)?;
        let examines = |item| office.may_examine(item, planned.on);
        if !planned.items.iter().all(examines) {
            return Err(Refusal::NotAuthorised.into());
        }
        for login in &planned.assessors {
            let known = match self.officer(login.as_str()) {
                Ok(officer) => {
                    officer.office == by.office && officer.roles.contains(&Role::Assessor)
                }
                Err(Error::NotFound) => false,
                Err(other) => return Err(other),
            };
            if !known {
                return Err(Refusal::NotOnPanel.into());
            }
        }
        let names = planned.invigilators.iter().map(|name| name.trim());
        Ok(Plan {
            authority: office.reports_to.ok_or(Refusal::NotAuthorised)?,
            on: planned.on,
            begins: planned.begins.clone(),
            place: planned.place.trim().to_owned(),
            items: planned.items.clone(),
            invigilators: names
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            assessors: planned.assessors.clone(),
            seats: planned.seats,
        })
    }
}

impl Work<'_> {
    /// A session by its number.
    pub fn session(&mut self, id: RecordId) -> Result<&mut Kept<Session>> {
        if !self.sessions.contains_key(&id) {
            let asked = [id.as_i64().into(), self.feed.into()];
            let row = self
                .tx
                .query_opt(tables::SESSION, &asked)?
                .ok_or(Error::NotFound)?;
            let value =
                serde_json::from_str(row.text(1)?).map_err(|_| Error::Internal("work::session"))?;
            self.sessions.insert(id, Kept::at(value, row.int(0)?));
        }
        // Cannot fail: it was just put in.
        self.sessions
            .get_mut(&id)
            .ok_or(Error::Internal("work::session"))
    }

    /// The same, when it is the officer's own office's: nobody learns that another's exists.
    pub(super) fn own_session(&mut self, id: RecordId, by: &Officer) -> Result<Session> {
        let session = &self.session(id)?.value;
        if session.institution == by.office {
            Ok(session.clone())
        } else {
            Err(Error::NotFound)
        }
    }

    /// A case of the officer's own institution: nobody learns that another's exists.
    pub(super) fn own_case(&mut self, id: RecordId, by: &Officer) -> Result<Case> {
        let case = self.case(id)?;
        if case.registration.institution == by.office {
            Ok(case)
        } else {
            Err(Error::NotFound)
        }
    }

    /// Keeps a session as an event has left it.
    pub fn put_session(&mut self, session: Session) {
        let kept = self
            .sessions
            .entry(session.id)
            .or_insert_with(|| Kept::new(session.clone()));
        kept.value = session;
        kept.touched += 1;
    }

    fn session_acts(&mut self, id: RecordId, act: Act, by: &Officer, now: Timestamp) -> Result<()> {
        let session = self.session(id)?.value.clone();
        let event = Event {
            at: Self::not_before(now, session.last),
            by: by.acting(&act)?,
            law: law::on(session.on).name,
            record: id,
            act,
        };
        if let Act::SessionChanged { plan, .. } = &event.act {
            self.may_change(&event, plan)?;
        }
        let session = session.after(&event)?;
        self.journal(&event)?;
        self.put_session(session);
        Ok(())
    }

    /// Two sessions of an institution do not begin at one hour in one place.
    ///
    /// # Errors
    /// `AlreadyExists`.
    pub fn slot_is_free(&mut self, institution: &OfficeCode, on: Date, slot: &str) -> Result<()> {
        self.slot_is(institution, on, slot, None)
    }

    /// The same for a session that is planned otherwise, which may keep its own.
    pub fn may_change(&mut self, event: &Event, plan: &Plan) -> Result<()> {
        let own = Some(event.record);
        self.slot_is(&event.by.office, plan.on, &plan.slot(), own)
    }

    fn slot_is(
        &mut self,
        institution: &OfficeCode,
        on: Date,
        slot: &str,
        own: Option<RecordId>,
    ) -> Result<()> {
        let there = |s: &Session| {
            (&s.institution, s.on, s.slot().as_str()) == (institution, on, slot)
                && Some(s.id) != own
        };
        let mut taken = self.sessions.values().any(|kept| there(&kept.value));
        for row in self.sessions_on(institution, on)? {
            let id = RecordId::from_i64(row.int(0)?);
            // One that is at hand was looked at as it is now.
            taken |= row.text(1)? == slot && Some(id) != own && !self.sessions.contains_key(&id);
        }
        if taken {
            return Err(Refusal::AlreadyExists.into());
        }
        Ok(())
    }

    fn sessions_on(
        &mut self,
        institution: &OfficeCode,
        on: Date,
    ) -> Result<Vec<super::store::Row>> {
        let on = on.to_string();
        let asked = [institution.as_str().into(), (&on).into(), self.feed.into()];
        Ok(self.tx.query(tables::SESSIONS_ON, &asked)?)
    }

    /// The session that a row of a sheet belongs to: the only planned one of that day that examines
    /// the item, else the one that sheets open.
    pub(super) fn session_of_row(
        &mut self,
        institution: &OfficeCode,
        (on, item): (Date, &ItemCode),
        open: impl FnOnce(RecordId) -> Event,
    ) -> Result<RecordId> {
        let at = (institution.clone(), on);
        if !self.days.contains_key(&at) {
            let mut day = ExamDay::default();
            for row in self.sessions_on(institution, on)? {
                let id = RecordId::from_i64(row.int(0)?);
                let session: Session = serde_json::from_str(row.text(2)?)
                    .map_err(|_| Error::Internal("exams::session_of_row"))?;
                match session.plan {
                    Some(plan) if session.cancelled.is_none() => {
                        day.planned.push((id, plan.items));
                    }
                    Some(_) => {}
                    None => day.opened = Some(id),
                }
            }
            self.days.insert(at.clone(), day);
        }
        let day = self.days.entry(at.clone()).or_default();
        let mut fits = day.planned.iter().filter(|(_, items)| items.contains(item));
        if let (Some((id, _)), None) = (fits.next(), fits.next()) {
            return Ok(*id);
        }
        if let Some(id) = day.opened {
            return Ok(id);
        }
        let id = self.new_record();
        let event = open(id);
        let session = Session::begun(&event)?;
        self.journal(&event)?;
        self.put_session(session);
        self.days.entry(at).or_default().opened = Some(id);
        Ok(id)
    }

    /// An admission ticket belongs to one case.
    ///
    /// # Errors
    /// `TicketTaken`.
    pub fn ticket_is_free(&mut self, ticket: &str, case: RecordId) -> Result<()> {
        match self.ticket(ticket)? {
            Some(owner) if owner != case => Err(Refusal::TicketTaken.into()),
            _ => Ok(()),
        }
    }
}

/// An admission-ticket number nobody has: the day of the exam and eight digits that cannot be
/// guessed, because whoever types it is told everything about the case.
pub(super) fn give_ticket(work: &mut Work<'_>, on: Date) -> Result<String> {
    loop {
        let tail = work.registry.chance.u64() % 100_000_000;
        let ticket = format!(
            "{:02}{:02}{:02}{tail:08}",
            on.year() % 100,
            on.month(),
            on.day()
        );
        if work.ticket(&ticket)?.is_none() {
            return Ok(ticket);
        }
    }
}

/// The moment for an event about a case and a session.
fn moment(now: Timestamp, case: Timestamp, session: Timestamp) -> Timestamp {
    Work::not_before(Work::not_before(now, case), session)
}

/// The legal day of a moment.
fn today(now: Timestamp) -> Date {
    legal_day(now)
}
