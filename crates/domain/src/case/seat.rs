//! A case and its seat: enrolment in a planned session, resits and their tickets, and the scores of
//! the panel that sits there. The session keeps the other half ([`crate::session`]).

use alloc::{string::String, vec::Vec};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Case, State,
    panel::{Mark, Panel},
};
use crate::{
    event::{Act, Event},
    exam::{Outcome, Part, Ruling},
    record::RecordId,
    refusal::Refusal,
    session::Enrolment,
};

/// Where a candidate sits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The session.
    pub session: RecordId,
    /// Its day.
    pub on: Date,
    /// The seat's number.
    pub seat: u16,
    /// The admission ticket for it.
    pub ticket: String,
}

impl Case {
    /// Whether the law leaves something to sit on that day: a part is not passed, and every one
    /// that is not has an attempt left.
    #[must_use]
    pub fn may_sit_on(&self, on: Date) -> bool {
        let open = matches!(self.state, State::Registered | State::Examined) || self.may_resit(on);
        let parts = self.exam.parts().iter();
        let wanted = parts.filter(|part| !self.exam.passed(**part, on));
        let left = wanted.map(|part| self.exam.may_sit(*part, on));
        open && left.reduce(|one, other| one && other).unwrap_or(false)
    }

    /// Whether scores that are confirmed leave room for others: they did not pass, or what was
    /// passed counts no more on that day.
    #[must_use]
    pub fn may_resit(&self, on: Date) -> bool {
        match &self.state {
            State::Confirmed {
                outcome,
                recheck: None,
                ..
            } => *outcome != Outcome::Passed || self.has_run_out(on),
            _ => false,
        }
    }

    /// Whether the passed result counts no more on that day.
    #[must_use]
    pub fn has_run_out(&self, on: Date) -> bool {
        self.exam.counts_until().is_some_and(|last| last < on)
    }

    /// Whether that admission ticket is one of the case's own.
    #[must_use]
    pub fn has_ticket(&self, ticket: &str) -> bool {
        self.registration.ticket == ticket || self.more_tickets.iter().any(|own| own == ticket)
    }

    /// The admission ticket for a session, while the seat there is the latest.
    #[must_use]
    pub fn ticket_in(&self, session: RecordId) -> Option<&str> {
        let seat = self.seat.as_ref()?;
        (seat.session == session).then_some(seat.ticket.as_str())
    }

    /// The session of the latest seat or sitting.
    #[must_use]
    pub fn session(&self) -> Option<RecordId> {
        let sat = self.exam.attempts.last();
        match (&self.seat, sat) {
            (Some(seat), Some(sat)) if seat.on < sat.on => Some(sat.session),
            (Some(seat), _) => Some(seat.session),
            (None, sat) => sat.map(|sat| sat.session),
        }
    }

    /// The seat of a session that this day or a later one holds and that is not scored yet.
    #[must_use]
    pub fn seat_ahead(&self, today: Date) -> Option<&Seat> {
        let scored = |seat: &Seat| {
            let sat = self.exam.attempts.iter();
            sat.rev().any(|sat| sat.session == seat.session)
        };
        let seat = self.seat.as_ref();
        seat.filter(|seat| seat.on >= today && !scored(seat))
    }

    /// Whether an assessor's score must not be seen yet: those of the panel who have not scored would
    /// see it.
    #[must_use]
    pub fn hides(&self, act: &Act) -> bool {
        let (Act::PracticalAssessed { session, .. }, Some(panel)) = (act, &self.panel) else {
            return false;
        };
        panel.session == *session && panel.is_waiting()
    }

    /// As officers see it: without the scores that must not be seen yet.
    #[must_use]
    pub fn shown(mut self) -> Self {
        if let Some(panel) = self.panel.as_mut().filter(|panel| panel.is_waiting()) {
            panel.marks.clear();
        }
        self
    }

    pub(super) fn seating(mut self, event: &Event) -> Result<Self, Refusal> {
        let day = match &event.act {
            Act::Enrolled(enrolment) => enrolment.on,
            _ => event.day(),
        };
        if !matches!(self.state, State::Registered | State::Examined) && !self.may_resit(day) {
            return Err(Refusal::WrongState);
        }
        match &event.act {
            Act::Enrolled(enrolment) => self.enrolled(event, enrolment)?,
            Act::SeatGivenUp { session, .. } => {
                let here = |seat: &&Seat| seat.session == *session;
                let seat = self.seat.as_ref().filter(here);
                // Whoever was scored there sat there.
                if seat.is_none() || self.exam.attempts.iter().any(|a| a.session == *session) {
                    return Err(Refusal::NotEnrolled);
                }
                if self.panel.is_some() {
                    return Err(Refusal::PanelOpen);
                }
                self.seat = None;
            }
            Act::TicketGiven { ticket } => {
                if self.has_ticket(ticket) {
                    return Err(Refusal::TicketTaken);
                }
                self.more_tickets.push(ticket.clone());
            }
            _ => return Err(Refusal::WrongState),
        }
        Ok(self)
    }

    fn enrolled(&mut self, event: &Event, asked: &Enrolment) -> Result<(), Refusal> {
        if asked.item != self.registration.item {
            return Err(Refusal::SessionDiffers);
        }
        if asked.on < event.day() {
            return Err(Refusal::DayHasCome);
        }
        if self.panel.is_some() {
            return Err(Refusal::PanelOpen);
        }
        if self.seat_ahead(event.day()).is_some() {
            return Err(Refusal::AlreadyEnrolled);
        }
        if !self.may_sit_on(asked.on) {
            return Err(Refusal::NoSittingLeft);
        }
        if !self.has_ticket(&asked.ticket) {
            self.more_tickets.push(asked.ticket.clone());
        }
        self.seat = Some(Seat {
            session: asked.session,
            on: asked.on,
            seat: asked.seat,
            ticket: asked.ticket.clone(),
        });
        Ok(())
    }

    /// One assessor's score. Practical is sat only after theory was passed
    /// (安监总培训〔2013〕104号).
    pub(super) fn assessed(
        mut self,
        event: &Event,
        (session, on): (RecordId, Date),
        (score, of): (u8, u8),
    ) -> Result<Self, Refusal> {
        self.may_be_scored(event, Part::Practical, on, score)?;
        if !self.exam.passed(Part::Theory, on) {
            return Err(Refusal::TheoryNotPassed);
        }
        let officer = &event.by.officer;
        let panel = self.panel.get_or_insert_with(|| Panel {
            session,
            on,
            of,
            marks: Vec::new(),
        });
        if (panel.session, panel.on, panel.of) != (session, on, of) {
            return Err(Refusal::PanelOpen);
        }
        if panel.has(officer) || panel.marks.len() >= usize::from(of) {
            return Err(Refusal::AlreadyAssessed);
        }
        panel.marks.push(Mark {
            by: officer.clone(),
            score,
        });
        super::step::note(&mut self.entered_by, officer);
        Ok(Self {
            state: State::Examined,
            ..self
        })
    }

    /// A score follows from a panel that was at work, and from nothing else while one is.
    pub(super) fn ruled(
        &mut self,
        event: &Event,
        (session, on): (RecordId, Date),
        (score, ruling): (u8, Option<&Ruling>),
    ) -> Result<(), Refusal> {
        match (&self.panel, ruling) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(Refusal::ScoreDiffers),
            (Some(_), None) => Err(Refusal::PanelOpen),
            (Some(panel), Some(ruling)) => {
                if (panel.session, panel.on) != (session, on) {
                    return Err(Refusal::ScoreDiffers);
                }
                panel.rules(ruling, score, &event.by.officer)?;
                self.panel = None;
                Ok(())
            }
        }
    }
}

/// # Errors
/// `PanelOpen` while a panel is at work.
pub(super) fn no_panel(sits: Option<&Panel>) -> Result<(), Refusal> {
    match sits {
        Some(_) => Err(Refusal::PanelOpen),
        None => Ok(()),
    }
}
