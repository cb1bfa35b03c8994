//! A story told act by act: each by an officer of the role's own name, a day after the last.

use domain::{
    case::Case,
    certificate::Certificate,
    event::{Act, Event, legal_day},
    office::{By, OfficeKind, Role},
    refusal::Refusal,
    verdict::Kind,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

use super::acts::{self, AUTHORITY, CASE, INSTITUTION};

/// Ten o'clock in China on that day.
pub fn at(day: Date) -> Timestamp {
    let moment = day.at(10, 0, 0, 0);
    Offset::constant(8).to_timestamp(moment).expect("a moment")
}

pub fn later(at: Timestamp, days: i64) -> Timestamp {
    at + SignedDuration::from_hours(24 * days)
}

/// The officer who is named like the role, in the office the role belongs to.
pub fn by(role: Role) -> By {
    let office = match role.office() {
        Some(OfficeKind::Institution) => INSTITUTION,
        Some(OfficeKind::Authority) | None => AUTHORITY,
    };
    By {
        officer: role.code().into(),
        office: office.into(),
        role,
    }
}

/// Who does an act when nothing else is said.
pub fn duty(act: &Act) -> By {
    by(act.roles()[0])
}

/// A certificate after an act on that day; what takes two officers is proposed first.
pub fn changed(certificate: &Certificate, act: Act, day: Date) -> Result<Certificate, Refusal> {
    let mut before = certificate.clone();
    if matches!(
        act,
        Act::Corrected { .. } | Act::Revoked { .. } | Act::Cancelled(_)
    ) {
        let proposed = acts::proposed(act.clone());
        let by = duty(&proposed);
        before = before.act(proposed, by, at(day))?.0;
    }
    let by = duty(&act);
    before.act(act, by, at(day)).map(|(c, _)| c)
}

#[derive(Clone)]
pub struct Story {
    pub case: Case,
    pub events: Vec<Event>,
}

impl Story {
    /// Registered on `day`, for an exam on that day.
    pub fn of(kind: Kind, day: Date) -> Self {
        let registration = acts::registration(kind);
        let by = by(Role::InstitutionClerk);
        let begun = Case::register(acts::record(CASE), registration, day, by, at(day));
        let (case, event) = begun.expect("a registration");
        Self {
            case,
            events: vec![event],
        }
    }

    pub fn today(&self) -> Date {
        legal_day(self.case.last)
    }

    /// Tries an act, `days` after the last one.
    pub fn tries(&self, act: Act, by: By, days: i64) -> Result<(Case, Event), Refusal> {
        self.case.clone().act(act, by, later(self.case.last, days))
    }

    /// The act is done the day after, by whoever is on duty.
    pub fn then(self, act: Act) -> Self {
        let by = duty(&act);
        self.then_by(act, by)
    }

    pub fn then_by(mut self, act: Act, by: By) -> Self {
        let kind = act.kind();
        match self.tries(act, by, 1) {
            Ok((case, event)) => {
                self.case = case;
                self.events.push(event);
                self
            }
            Err(e) => panic!("{kind} in {}: {e}", self.case.state.word()),
        }
    }

    /// Both parts sat on the day of the last act.
    pub fn sat(self, theory: u8, practical: u8) -> Self {
        let day = self.today();
        self.then(acts::theory(day, theory))
            .then(acts::practical(day, practical))
    }

    pub fn confirmed(self, theory: u8, practical: u8) -> Self {
        self.sat(theory, practical).then(Act::ScoresConfirmed)
    }

    pub fn reported(self) -> Self {
        self.confirmed(90, 80)
            .then(Act::Reported { materials: vec![] })
    }

    pub fn accepted(self) -> Self {
        self.reported().then(Act::Accepted)
    }

    pub fn reviewed(self) -> Self {
        self.accepted().then(Act::Reviewed)
    }

    pub fn made(self) -> Self {
        self.reviewed().then(Act::Approved).then(acts::made())
    }

    pub fn issued(self) -> Self {
        let made = self.made();
        let grant = acts::grant(legal_day(later(made.case.last, 1)));
        made.then(Act::CertificateIssued(grant))
    }
}
