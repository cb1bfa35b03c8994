//! A case 办件: one person's way to one certificate, from registration to issue.
//!
//! The state is an enum that carries its data. [`Case::act`] is the only command: it consumes the
//! case and returns the next one with the event to record, or a refusal. [`Case::after`] is the
//! same step from the other side: it folds a recorded event, with every check of the law in it, so
//! a node that only copies events finds out by itself when one of them is not lawful.
//! `docs/states.md` draws the arrows; a test compares them with this file.

use alloc::{boxed::Box, string::String, vec::Vec};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    certificate::number_for,
    event::{Act, Event, Grant, Registration},
    exam::{Attempt, Exam, Outcome, Part},
    law::{self, Ground, LawName},
    office::{By, OfficerId},
    record::RecordId,
    refusal::Refusal,
    term,
    verdict::{Kind, Stage},
};

/// The story of one case so far, folded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its record number; may be shown, nothing personal is in it.
    pub id: RecordId,
    /// Who, for what, where.
    pub registration: Registration,
    /// Every sitting.
    pub exam: Exam,
    /// Who entered scores; none of them may confirm.
    pub entered_by: Vec<OfficerId>,
    /// The day the case entered its stage.
    pub stage_since: Date,
    /// The day scores were first published; from then on the public is told no more about scoring.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<Date>,
    /// When the last event happened.
    pub last: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// Where a case stands, with what only that state knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Enrolled, nothing scored.
    Registered,
    /// At least one part scored, not confirmed.
    Examined,
    /// Scores confirmed and published.
    Confirmed {
        /// Who confirmed.
        by: OfficerId,
        /// What the scores add up to.
        outcome: Outcome,
        /// A score re-check is open on this part.
        recheck: Option<Part>,
    },
    /// Handed in to the authority.
    Reported {
        /// The day of receipt: limits run from it.
        on: Date,
        /// The complete list it was once returned with.
        told: Option<Vec<String>>,
    },
    /// Back at the institution with everything that is missing.
    Returned {
        /// The list.
        missing: Vec<String>,
    },
    /// Not accepted.
    Refused {
        /// Why.
        ground: Ground,
    },
    /// Accepted, by an officer or by silence.
    Accepted {
        /// The day of acceptance: the decision clock runs from it.
        on: Date,
        /// By silence.
        deemed: bool,
    },
    /// Reviewed by the first officer.
    Reviewed {
        /// The day of acceptance.
        accepted: Date,
        /// The first officer.
        reviewer: OfficerId,
    },
    /// Rejected by the second officer.
    Rejected {
        /// Why.
        ground: Ground,
        /// The two.
        officers: [OfficerId; 2],
    },
    /// Approved by the second officer.
    Approved {
        /// Reviewer, approver.
        officers: [OfficerId; 2],
    },
    /// The card is made.
    Made {
        /// Reviewer, approver.
        officers: [OfficerId; 2],
        /// The batch it was made in.
        batch: String,
    },
    /// The certificate is issued.
    Issued {
        /// Its record.
        certificate: RecordId,
        /// Printed.
        printed: bool,
        /// Handed over.
        delivered: bool,
    },
    /// Another case took its place.
    Closed,
}

impl State {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Examined => "examined",
            Self::Confirmed {
                outcome: Outcome::Passed,
                ..
            } => "passed",
            Self::Confirmed { .. } => "not_passed",
            Self::Reported { .. } => "reported",
            Self::Returned { .. } => "returned",
            Self::Refused { .. } => "refused",
            Self::Accepted { .. } => "accepted",
            Self::Reviewed { .. } => "reviewed",
            Self::Rejected { .. } => "rejected",
            Self::Approved { .. } => "approved",
            Self::Made { .. } => "made",
            Self::Issued { .. } => "issued",
            Self::Closed => "closed",
        }
    }

    /// Every word, in the order of the chain.
    pub const WORDS: [&'static str; 14] = [
        "registered",
        "examined",
        "passed",
        "not_passed",
        "reported",
        "returned",
        "refused",
        "accepted",
        "reviewed",
        "rejected",
        "approved",
        "made",
        "issued",
        "closed",
    ];

    /// The stage, while the case is running.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Self::Registered | Self::Examined | Self::Confirmed { .. } => Some(Stage::Scoring),
            Self::Reported { .. }
            | Self::Returned { .. }
            | Self::Refused { .. }
            | Self::Accepted { .. }
            | Self::Reviewed { .. }
            | Self::Rejected { .. } => Some(Stage::Qualification),
            Self::Approved { .. } | Self::Made { .. } => Some(Stage::Making),
            Self::Issued { .. } | Self::Closed => None,
        }
    }
}

impl Case {
    /// 报名: opens a case.
    ///
    /// # Errors
    /// The refusals of [`Case::begun`].
    pub fn register(
        id: RecordId,
        registration: Registration,
        exam_day: Date,
        by: By,
        at: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        let act = Act::Registered(Box::new(registration));
        let event = Event {
            at,
            by,
            law: law::on(exam_day).name,
            record: id,
            act,
        };
        Ok((Self::begun(&event)?, event))
    }

    /// Folds the first event of a case.
    ///
    /// # Errors
    /// `WrongState` for any other event, `RoleNotAllowed`, `NotThisOffice`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        let Act::Registered(registration) = &event.act else {
            return Err(Refusal::WrongState);
        };
        if event.by.office != registration.institution {
            return Err(Refusal::NotThisOffice);
        }
        if registration.kind == Kind::Recheck && event.law != LawName::R30 {
            return Err(Refusal::KindNotInForce);
        }
        Ok(Self {
            id: event.record,
            registration: (**registration).clone(),
            exam: Exam::default(),
            entered_by: Vec::new(),
            stage_since: event.day(),
            published: None,
            last: event.at,
            state: State::Registered,
        })
    }

    /// Does something to the case now.
    ///
    /// # Errors
    /// Why the law does not allow it; the case given in is then gone, so load it anew.
    pub fn act(self, act: Act, by: By, at: Timestamp) -> Result<(Self, Event), Refusal> {
        let law = self.law_of(&act, at);
        let event = Event {
            at,
            by,
            law,
            record: self.id,
            act,
        };
        Ok((self.after(&event)?, event))
    }

    /// The rule pack for an act on this case: an exam's by the day of the exam, acceptance by the
    /// day of the report, decision by the day of acceptance, the rest by the day of the act.
    #[must_use]
    pub fn law_of(&self, act: &Act, at: Timestamp) -> LawName {
        let today = crate::event::legal_day(at);
        let day = match (act, &self.state) {
            (Act::TheoryScored { on, .. } | Act::PracticalScored { on, .. }, _) => *on,
            (
                Act::ScoresConfirmed | Act::ScoreRecheckAsked { .. } | Act::ScoreRechecked { .. },
                _,
            ) => self.exam.last_day().unwrap_or(today),
            (_, State::Reported { on, .. } | State::Accepted { on, .. }) => *on,
            (_, State::Reviewed { accepted, .. }) => *accepted,
            _ => today,
        };
        law::on(day).name
    }

    /// Folds one more event, with every check of the law.
    ///
    /// # Errors
    /// Why the event is not lawful here.
    pub fn after(self, event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        if event.law != self.law_of(&event.act, event.at) {
            return Err(Refusal::WrongLaw);
        }
        self.check_office(event)?;
        let next = match &event.act {
            Act::TheoryScored { session, on, score } => self.scored(
                event,
                Attempt {
                    part: Part::Theory,
                    session: *session,
                    on: *on,
                    score: *score,
                },
            ),
            Act::PracticalScored { session, on, score } => self.scored(
                event,
                Attempt {
                    part: Part::Practical,
                    session: *session,
                    on: *on,
                    score: *score,
                },
            ),
            Act::ScoresConfirmed | Act::ScoreRecheckAsked { .. } | Act::ScoreRechecked { .. } => {
                self.confirming(event)
            }
            Act::Reported { .. } | Act::Resubmitted { .. } | Act::Closed => self.reporting(event),
            Act::Accepted | Act::DeemedAccepted | Act::Returned { .. } | Act::Refused(_) => {
                self.accepting(event)
            }
            Act::Reviewed | Act::Approved | Act::Rejected(_) => self.deciding(event),
            _ => self.making(event),
        }?;
        Ok(Self {
            last: event.at,
            ..next
        })
    }

    fn check_office(&self, event: &Event) -> Result<(), Refusal> {
        use crate::office::OfficeKind;
        let r = &self.registration;
        let ours = match event.by.role.office() {
            Some(OfficeKind::Institution) => event.by.office == r.institution,
            Some(OfficeKind::Authority) => event.by.office == r.authority,
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
    fn scored(mut self, event: &Event, attempt: Attempt) -> Result<Self, Refusal> {
        match &self.state {
            State::Registered | State::Examined => {}
            State::Confirmed {
                outcome: Outcome::NotPassed { .. },
                recheck: None,
                ..
            } => {}
            _ => return Err(Refusal::WrongState),
        }
        if attempt.on > event.day() {
            return Err(Refusal::ExamInFuture);
        }
        if attempt.score > 100 {
            return Err(Refusal::ScoreOutOfRange);
        }
        if self
            .exam
            .last(attempt.part)
            .is_some_and(|a| a.on >= attempt.on)
        {
            return Err(Refusal::AlreadyImported);
        }
        if !self.exam.may_sit(attempt.part, attempt.on) {
            return Err(Refusal::NoSittingLeft);
        }
        if self.published.is_none() {
            self.stage_since = self
                .exam
                .last_day()
                .map_or(attempt.on, |d| d.max(attempt.on));
        }
        self.exam.attempts.push(attempt);
        if !self.entered_by.contains(&event.by.officer) {
            self.entered_by.push(event.by.officer.clone());
        }
        Ok(Self {
            state: State::Examined,
            ..self
        })
    }

    fn confirming(mut self, event: &Event) -> Result<Self, Refusal> {
        match (&event.act, self.state) {
            (Act::ScoresConfirmed, State::Examined) => {
                if self.entered_by.contains(&event.by.officer) {
                    return Err(Refusal::SecondPersonRequired);
                }
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
                if *score > 100 {
                    return Err(Refusal::ScoreOutOfRange);
                }
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

    fn reporting(self, event: &Event) -> Result<Self, Refusal> {
        let on = event.day();
        match (&event.act, &self.state) {
            (
                Act::Reported { .. },
                State::Confirmed {
                    outcome: Outcome::Passed,
                    recheck: None,
                    ..
                },
            ) => Ok(Self {
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
            (Act::Resubmitted { .. }, State::Returned { missing }) => {
                let told = Some(missing.clone());
                Ok(Self {
                    state: State::Reported { on, told },
                    ..self
                })
            }
            (
                Act::Closed,
                State::Confirmed {
                    outcome: Outcome::NotPassed { .. },
                    ..
                }
                | State::Refused { .. }
                | State::Rejected { .. },
            ) => Ok(Self {
                state: State::Closed,
                ..self
            }),
            _ => Err(Refusal::WrongState),
        }
    }

    fn accepting(self, event: &Event) -> Result<Self, Refusal> {
        let State::Reported { on, .. } = &self.state else {
            return Err(Refusal::WrongState);
        };
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
                State::Returned {
                    missing: missing.clone(),
                }
            }
            Act::Refused(ground) => State::Refused {
                ground: stated(ground)?,
            },
            _ => return Err(Refusal::WrongState),
        };
        Ok(Self { state, ..self })
    }

    fn deciding(self, event: &Event) -> Result<Self, Refusal> {
        let officer = &event.by.officer;
        let state = match (&event.act, &self.state) {
            (Act::Reviewed, State::Accepted { on, .. }) => State::Reviewed {
                accepted: *on,
                reviewer: officer.clone(),
            },
            (Act::Approved | Act::Rejected(_), State::Reviewed { reviewer, .. }) => {
                if reviewer == officer || self.entered_by.contains(officer) {
                    return Err(Refusal::SecondPersonRequired);
                }
                let officers = [reviewer.clone(), officer.clone()];
                match &event.act {
                    Act::Rejected(ground) => State::Rejected {
                        ground: stated(ground)?,
                        officers,
                    },
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
            state,
            ..self
        })
    }

    fn making(self, event: &Event) -> Result<Self, Refusal> {
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
            (act, State::Made { .. }) if act.grant().is_some() => {
                let grant = act.grant().ok_or(Refusal::WrongState)?;
                self.check_grant(act, grant, event)?;
                State::Issued {
                    certificate: grant.certificate,
                    printed: false,
                    delivered: false,
                }
            }
            (
                Act::Printed,
                State::Issued {
                    certificate,
                    printed: false,
                    delivered,
                },
            ) => State::Issued {
                certificate: *certificate,
                printed: true,
                delivered: *delivered,
            },
            (
                Act::Delivered,
                State::Issued {
                    certificate,
                    printed: true,
                    delivered: false,
                },
            ) => State::Issued {
                certificate: *certificate,
                printed: true,
                delivered: true,
            },
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
            && grant.number == number_for(r.category, &r.person.document);
        let right_act = matches!(
            (act, r.kind),
            (Act::CertificateIssued(_), Kind::Initial | Kind::Renewal)
                | (Act::Renewed(_), Kind::Renewal)
                | (Act::Rechecked(_), Kind::Recheck)
                | (Act::Replaced(_), Kind::Replacement)
                | (Act::Reissued(_), Kind::Reissue)
        );
        if !same || !right_act {
            return Err(Refusal::CertificateDiffers);
        }
        if matches!(act, Act::CertificateIssued(_) | Act::Renewed(_)) {
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

fn confirmed(exam: &Exam, by: &OfficerId, recheck: Option<Part>) -> State {
    State::Confirmed {
        by: by.clone(),
        outcome: exam.outcome(),
        recheck,
    }
}

/// A ground that says something.
pub(crate) fn stated(ground: &Ground) -> Result<Ground, Refusal> {
    if ground.words.trim().is_empty() || ground.article.trim().is_empty() {
        return Err(Refusal::GroundMissing);
    }
    Ok(ground.clone())
}
