//! The steps of a case, one function for each leg of the way; each checks all of its law.

use alloc::vec::Vec;

use jiff::civil::Date;

use super::{Case, State, card, seat::no_panel};
use crate::{
    certificate::number_for,
    event::{Act, Event, Grant, legal_day},
    exam::{Attempt, Exam, Outcome, Part},
    law, management, material,
    office::{OfficeKind, OfficerId, Role},
    refusal::Refusal,
    term,
    verdict::Kind,
};

impl Case {
    /// Whose case it is.
    pub(super) fn check_office(&self, event: &Event) -> Result<(), Refusal> {
        let r = &self.registration;
        let ours = match event.by.role.office() {
            // A case that has come to an end gives way to a new one, which may be elsewhere.
            Some(_) if matches!(event.act, Act::Closed) => true,
            Some(OfficeKind::Institution) => event.by.office == r.institution,
            Some(OfficeKind::Authority) => match &event.act {
                Act::Reported { .. } | Act::Resubmitted { .. } => {
                    self.at_the_counter() && event.by.office == r.authority
                }
                Act::Transferred => self.transfer.is_none() || self.offered_to(&event.by.office),
                Act::TransferDeclined { .. } => {
                    event.by.office == r.authority || self.offered_to(&event.by.office)
                }
                _ => event.by.office == r.authority,
            },
            None => true,
        };
        if ours {
            Ok(())
        } else {
            Err(Refusal::NotThisOffice)
        }
    }

    /// A sitting. After a confirmed failure it is a resit; the stage then keeps its first day, so
    /// that the public cannot tell from it.
    pub(super) fn scored(mut self, event: &Event) -> Result<Self, Refusal> {
        let attempt = Attempt::of(&event.act).ok_or(Refusal::WrongState)?;
        self.may_be_scored(event, attempt.part, attempt.on, attempt.score)?;
        match &event.act {
            Act::TheoryScored {
                machine: Some(machine),
                ..
            } if legal_day(machine.at) != attempt.on || machine.at > event.at => {
                return Err(Refusal::SessionDiffers);
            }
            Act::PracticalScored { panel, .. } => {
                let sat = (attempt.session, attempt.on);
                self.ruled(event, sat, (attempt.score, panel.as_ref()))?;
            }
            _ => {}
        }
        if self.published.is_none() {
            self.stage_since = self
                .exam
                .last_day()
                .map_or(attempt.on, |d| d.max(attempt.on));
        }
        self.exam.attempts.push(attempt);
        // Who chose between an assessor's score and another's entered none of his own.
        let chose = matches!(event.by.role, Role::InstitutionLead);
        if !chose {
            note(&mut self.entered_by, &event.by.officer);
        }
        Ok(Self {
            state: State::Examined,
            ..self
        })
    }

    /// What every score needs, whoever gives it. A part is scored once each time it is sat; from
    /// then on only a re-check changes it.
    pub(super) fn may_be_scored(
        &self,
        event: &Event,
        part: Part,
        on: Date,
        score: u8,
    ) -> Result<(), Refusal> {
        if !matches!(self.state, State::Registered | State::Examined) && !self.may_resit(on) {
            return Err(Refusal::WrongState);
        }
        if on > event.day() {
            return Err(Refusal::ExamInFuture);
        }
        // The registration only says by which law; the day of the exam settles it.
        if self.registration.kind == Kind::Recheck && law::on(on).recheck.is_none() {
            return Err(Refusal::KindNotInForce);
        }
        if !self.exam.parts().contains(&part) {
            return Err(Refusal::NoPracticalPart);
        }
        if score > 100 {
            return Err(Refusal::ScoreOutOfRange);
        }
        if self.exam.last(part).is_some_and(|a| a.on >= on) {
            return Err(Refusal::AlreadyImported);
        }
        if self.exam.may_sit(part, on) {
            Ok(())
        } else {
            Err(Refusal::NoSittingLeft)
        }
    }

    pub(super) fn confirming(mut self, event: &Event) -> Result<Self, Refusal> {
        match (&event.act, self.state) {
            (Act::ScoresConfirmed, State::Examined) => {
                no_panel(self.panel.as_ref())?;
                if self.entered_by.contains(&event.by.officer) {
                    return Err(Refusal::SecondPersonRequired);
                }
                note(&mut self.confirmed_by, &event.by.officer);
                self.published = self.published.or(Some(event.day()));
                self.state = confirmed(&self.exam, &event.by.officer, None);
            }
            (
                Act::ScoreRecheckAsked { part, .. },
                State::Confirmed {
                    by, recheck: None, ..
                },
            ) => {
                if self.exam.last(*part).is_none() {
                    return Err(Refusal::NothingScored);
                }
                note(&mut self.entered_by, &event.by.officer);
                self.state = confirmed(&self.exam, &by, Some(*part));
            }
            (Act::ScoreRecheckAsked { .. }, State::Confirmed { .. }) => {
                return Err(Refusal::ScoreRecheckOpen);
            }
            (
                Act::ScoreRechecked { part, score },
                State::Confirmed {
                    recheck: Some(open),
                    ..
                },
            ) if open == *part => {
                // A score may change here, so it takes another than those who entered and asked.
                if self.entered_by.contains(&event.by.officer) {
                    return Err(Refusal::SecondPersonRequired);
                }
                if *score > 100 {
                    return Err(Refusal::ScoreOutOfRange);
                }
                note(&mut self.confirmed_by, &event.by.officer);
                if let Some(a) = self
                    .exam
                    .attempts
                    .iter_mut()
                    .rev()
                    .find(|a| a.part == *part)
                {
                    a.score = *score;
                }
                self.state = confirmed(&self.exam, &event.by.officer, None);
            }
            (Act::ScoreRechecked { .. }, State::Confirmed { .. }) => {
                return Err(Refusal::NoScoreRecheckOpen);
            }
            (Act::ScoresConfirmed, State::Registered) => return Err(Refusal::NothingScored),
            _ => return Err(Refusal::WrongState),
        }
        Ok(self)
    }

    pub(super) fn reporting(self, event: &Event) -> Result<Self, Refusal> {
        let on = event.day();
        match (&event.act, &self.state) {
            (
                Act::Reported { .. },
                State::Confirmed {
                    outcome: Outcome::Passed,
                    recheck: None,
                    ..
                },
            ) if self.has_run_out(on) => Err(Refusal::ResultRunOut),
            (Act::Reported { .. }, passed) if passed.may_be_reported() => Ok(Self {
                stage_since: on,
                state: State::Reported { on, told: None },
                ..self
            }),
            (
                Act::Reported { .. },
                State::Confirmed {
                    outcome: Outcome::Passed,
                    ..
                },
            ) => Err(Refusal::ScoreRecheckOpen),
            (Act::Reported { .. }, State::Confirmed { .. }) => Err(Refusal::NotPassed),
            // Changed data and a lost card need no exam (R30 art. 20): the term stays as it is.
            (Act::Reported { .. }, State::Registered) if self.registration.needs_no_exam() => {
                Ok(Self {
                    stage_since: on,
                    state: State::Reported { on, told: None },
                    ..self
                })
            }
            (Act::Resubmitted { materials, answers }, State::Returned { missing }) => {
                material::answer(missing, answers, materials)?;
                let told = Some(missing.clone());
                Ok(Self {
                    state: State::Reported { on, told },
                    ..self
                })
            }
            // What is still being checked again has not come to its end.
            (Act::Closed, state) if state.is_checked_again() => Err(Refusal::ScoreRecheckOpen),
            (
                Act::Closed,
                State::Confirmed {
                    outcome: Outcome::NotPassed { .. },
                    ..
                }
                | State::Refused { .. }
                | State::Rejected { .. }
                | State::Annulled { .. },
            ) => Ok(Self {
                state: State::Closed,
                ..self
            }),
            // What counts no more gives way to a new registration, too.
            (Act::Closed, State::Confirmed { .. }) if self.may_resit(on) => Ok(Self {
                state: State::Closed,
                ..self
            }),
            _ => Err(Refusal::WrongState),
        }
    }

    pub(super) fn accepting(self, event: &Event) -> Result<Self, Refusal> {
        let State::Reported { on, told } = &self.state else {
            return Err(Refusal::WrongState);
        };
        // What is offered to another authority is answered by nobody else; silence is.
        let silence = matches!(event.act, Act::DeemedAccepted);
        if self.transfer.is_some() && !silence {
            return Err(Refusal::TransferOpen);
        }
        let mut banned_until = self.banned_until;
        let state = match &event.act {
            Act::Accepted => State::Accepted {
                on: event.day(),
                deemed: false,
            },
            // Silence is acceptance from the day of receipt (R30 art. 17, 行政许可法 art. 32); the
            // registry asks the calendar first, this is the floor that no calendar can lower.
            Act::DeemedAccepted => {
                let days = i64::from(law::on(*on).accept.value);
                let waited = event
                    .day()
                    .since(*on)
                    .map_or(0, |span| i64::from(span.get_days()));
                if waited <= days {
                    return Err(Refusal::NotDueYet);
                }
                State::Accepted {
                    on: *on,
                    deemed: true,
                }
            }
            Act::Returned { missing } => {
                if missing.iter().all(|m| m.trim().is_empty()) {
                    return Err(Refusal::ListMissing);
                }
                // 一次告知 (R30 art. 17, 行政许可法 art. 32): what the first list left out can no
                // longer be asked for.
                if told
                    .as_ref()
                    .is_some_and(|told| missing.iter().any(|m| !told.contains(m)))
                {
                    return Err(Refusal::ListMissing);
                }
                State::Returned {
                    missing: missing.clone(),
                }
            }
            Act::Refused(ground) => {
                let entry = self.judge(ground, event)?;
                banned_until = entry.and_then(|e| e.banned_until(event.day()));
                State::Refused {
                    ground: ground.clone(),
                }
            }
            _ => return Err(Refusal::WrongState),
        };
        Ok(Self {
            transfer: None,
            banned_until,
            state,
            ..self
        })
    }

    /// Review and decision. Whoever examined does neither, also after a move to the authority, so
    /// that four people stand behind every certificate.
    pub(super) fn deciding(self, event: &Event) -> Result<Self, Refusal> {
        // Neither conclusion is drawn before the facts that it must rest on are in.
        if self.timing.paused().is_some() {
            return Err(Refusal::ProcedureOpen);
        }
        let officer = &event.by.officer;
        let mut banned_until = self.banned_until;
        let examined = self.entered_by.contains(officer) || self.confirmed_by.contains(officer);
        let state = match (&event.act, &self.state) {
            (Act::Reviewed, State::Accepted { on, .. }) => {
                if examined {
                    return Err(Refusal::SecondPersonRequired);
                }
                State::Reviewed {
                    accepted: *on,
                    reviewer: officer.clone(),
                }
            }
            (Act::Approved | Act::Rejected(_), State::Reviewed { reviewer, .. }) => {
                if reviewer == officer || examined {
                    return Err(Refusal::SecondPersonRequired);
                }
                let officers = [reviewer.clone(), officer.clone()];
                match &event.act {
                    Act::Rejected(ground) => {
                        let entry = self.judge(ground, event)?;
                        banned_until = entry.and_then(|e| e.banned_until(event.day()));
                        State::Rejected {
                            ground: ground.clone(),
                            officers,
                        }
                    }
                    _ => State::Approved { officers },
                }
            }
            _ => return Err(Refusal::WrongState),
        };
        let stage_since = if matches!(state, State::Approved { .. }) {
            event.day()
        } else {
            self.stage_since
        };
        Ok(Self {
            stage_since,
            banned_until,
            state,
            ..self
        })
    }

    pub(super) fn making(self, event: &Event) -> Result<Self, Refusal> {
        let goes_on = event.act.grant().is_some()
            || matches!(event.act, Act::Printed | Act::Delivered { .. });
        if self.withheld.is_some() && goes_on {
            return Err(Refusal::CardWithheld);
        }
        let state = match (&event.act, &self.state) {
            (Act::Made { batch, number }, State::Approved { officers }) => {
                if *number
                    != number_for(
                        self.registration.category,
                        &self.registration.person.document,
                    )
                {
                    return Err(Refusal::CertificateDiffers);
                }
                State::Made {
                    officers: officers.clone(),
                    batch: batch.clone(),
                }
            }
            (act, State::Made { batch, .. }) if act.grant().is_some() => {
                let grant = act.grant().ok_or(Refusal::WrongState)?;
                self.check_grant(act, grant, event)?;
                State::Issued {
                    certificate: grant.certificate,
                    batch: batch.clone(),
                    printed: false,
                    delivered: false,
                }
            }
            (act, state @ State::Issued { .. }) => card::after(act, state)?,
            _ => return Err(Refusal::WrongState),
        };
        Ok(Self { state, ..self })
    }

    /// A certificate says what its case says, and for as long as the law says.
    fn check_grant(&self, act: &Act, grant: &Grant, event: &Event) -> Result<(), Refusal> {
        let r = &self.registration;
        let same = grant.holder == r.person
            && grant.category == r.category
            && grant.item == r.item
            && grant.authority == r.authority
            && grant.appointment == r.appointment
            && r.replaces.is_none_or(|id| id == grant.certificate)
            && grant.number == number_for(r.category, &r.person.document);
        let right_act = matches!(
            (act, r.kind),
            (Act::CertificateIssued(_), Kind::Initial | Kind::Renewal)
                | (Act::Renewed(_), Kind::Renewal)
                | (Act::Rechecked(_), Kind::Recheck)
                | (Act::Replaced(_), Kind::Replacement)
                | (Act::Reissued(_), Kind::Reissue)
        );
        // An extension goes on from a certificate, which says from when to when.
        let extends = management::is_extension(r.category, r.kind);
        if extends && !matches!(act, Act::Renewed(_)) {
            return Err(Refusal::NoFormerCertificate);
        }
        if !same || !right_act {
            return Err(Refusal::CertificateDiffers);
        }
        if matches!(act, Act::CertificateIssued(_) | Act::Renewed(_)) && !extends {
            let term = term::issued_on(r.category, event.day(), law::named(event.law));
            let first = grant.first_issued <= grant.valid_from
                && (matches!(act, Act::Renewed(_)) || grant.first_issued == grant.valid_from);
            if grant.valid_from != term.valid_from
                || grant.valid_until != term.valid_until
                || grant.recheck_due != term.recheck_due
                || !first
            {
                return Err(Refusal::TermDiffers);
            }
        }
        Ok(())
    }
}

/// Puts a person on a list once.
pub(super) fn note(people: &mut Vec<OfficerId>, officer: &OfficerId) {
    if !people.contains(officer) {
        people.push(officer.clone());
    }
}

fn confirmed(exam: &Exam, by: &OfficerId, recheck: Option<Part>) -> State {
    State::Confirmed {
        by: by.clone(),
        outcome: exam.outcome(),
        recheck,
    }
}
