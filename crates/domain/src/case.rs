//! A case 办件: one person's way to one certificate, from registration to issue.
//!
//! The state is an enum that carries its data. [`Case::act`] is the only command: it consumes the
//! case and returns the next one with the event to record, or a refusal. [`Case::after`] is the
//! same step from the other side: it folds a recorded event, with every check of the law in it, so
//! a node that only copies events finds out by itself when one of them is not lawful.
//! `docs/states.md` draws the arrows; a test compares them with this file.

mod card;
pub mod panel;
mod procedure;
mod seat;
mod step;
mod transfer;
mod withhold;

use alloc::{boxed::Box, string::String, vec, vec::Vec};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    seat::Seat,
    transfer::{Tie, Transfer},
    withhold::Withholding,
};
use crate::{
    deadline::Timing,
    event::{Act, Event, Registration},
    exam::{Exam, Outcome, Part},
    law::{self, Ground, LawName},
    management,
    office::{By, OfficerId, Role},
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, Stage},
};

pub use card::{Card, Handover};

/// The story of one case so far, folded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its record number; may be shown, nothing personal is in it.
    pub id: RecordId,
    /// Who, for what, where.
    pub registration: Registration,
    /// Every sitting.
    pub exam: Exam,
    /// Who entered scores or asked for a score re-check; none of them may confirm or answer.
    pub entered_by: Vec<OfficerId>,
    /// Who confirmed scores or answered a re-check; with those who entered, none may decide.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub confirmed_by: Vec<OfficerId>,
    /// The day the case entered its stage.
    pub stage_since: Date,
    /// The day scores were first published; from then on the public is told no more about scoring.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<Date>,
    /// The seat that was given last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seat: Option<Seat>,
    /// Admission tickets beside the first: a resit has one of its own.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub more_tickets: Vec<String>,
    /// The panel at work, while its practical score does not stand.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub panel: Option<panel::Panel>,
    /// Which limits of the law began and ended, and the time that does not count.
    #[serde(default)]
    pub timing: Timing,
    /// The other authority it was offered to, and that has not answered yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transfer: Option<Transfer>,
    /// Why its card is held back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub withheld: Option<Withholding>,
    /// Last day of the ban that its refusal brought (行政许可法 art. 78).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub banned_until: Option<Date>,
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
        /// The run its card was made in.
        batch: String,
        /// Printed.
        printed: bool,
        /// Handed over.
        delivered: bool,
    },
    /// The approval was annulled before the certificate was issued.
    Annulled {
        /// Why.
        ground: Ground,
        /// Who held the card back, and who annulled.
        officers: [OfficerId; 2],
    },
    /// Another case took its place.
    Closed,
}

impl State {
    /// The run the card is made in, and how far the card is; none before there is one.
    #[must_use]
    pub fn card(&self) -> Option<(&str, Card)> {
        match self {
            Self::Made { batch, .. } => Some((batch, Card::Made)),
            Self::Issued {
                batch,
                printed,
                delivered,
                ..
            } => {
                let card = match (printed, delivered) {
                    (_, true) => Card::Delivered,
                    (true, false) => Card::Printed,
                    (false, false) => Card::Issued,
                };
                Some((batch, card))
            }
            _ => None,
        }
    }

    /// The certificate the case ended in.
    #[must_use]
    pub fn certificate(&self) -> Option<RecordId> {
        match self {
            Self::Issued { certificate, .. } => Some(*certificate),
            _ => None,
        }
    }

    /// Whether nothing more can come of the case: it ended in a certificate, in a "no", or in
    /// another case.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Issued { .. }
                | Self::Closed
                | Self::Refused { .. }
                | Self::Rejected { .. }
                | Self::Annulled { .. }
        )
    }

    /// Whether scores are confirmed, passed, and none is being checked again.
    pub(crate) fn may_be_reported(&self) -> bool {
        let passed = Outcome::Passed;
        matches!(self, Self::Confirmed { outcome, recheck: None, .. } if *outcome == passed)
    }

    /// Whether a score is being checked again.
    pub(crate) fn is_checked_again(&self) -> bool {
        matches!(self, Self::Confirmed { recheck, .. } if recheck.is_some())
    }

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
            Self::Annulled { .. } => "annulled",
            Self::Closed => "closed",
        }
    }

    /// Every word, in the order of the chain.
    pub const WORDS: [&'static str; 15] = [
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
        "annulled",
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
            // Annulled looks to the public like a card that takes long.
            Self::Approved { .. } | Self::Made { .. } | Self::Annulled { .. } => {
                Some(Stage::Making)
            }
            Self::Issued { .. } | Self::Closed => None,
        }
    }

    /// The stage of a state by its word: where only words are kept.
    #[must_use]
    pub fn stage_of(word: &str) -> Option<Stage> {
        match word {
            "registered" | "examined" | "passed" | "not_passed" => Some(Stage::Scoring),
            "reported" | "returned" | "refused" | "accepted" | "reviewed" | "rejected" => {
                Some(Stage::Qualification)
            }
            "approved" | "made" | "annulled" => Some(Stage::Making),
            _ => None,
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
        let r = registration;
        let counter = event.by.role == Role::AcceptanceOfficer;
        // Teaching and examining are kept apart from deciding: one office is never both. What needs
        // no exam is asked of the authority itself (R30 art. 20); the rest of what it takes at the
        // counter goes to an institution to be examined.
        let ours = if counter {
            let no_exam = r.needs_no_exam();
            event.by.office == r.authority
                && r.kind != Kind::Initial
                && no_exam == (r.institution == r.authority)
        } else {
            event.by.office == r.institution && r.institution != r.authority
        };
        if !ours {
            return Err(Refusal::NotThisOffice);
        }
        if registration.replaces.is_some() && registration.kind != Kind::Replacement {
            return Err(Refusal::CertificateDiffers);
        }
        if registration.kind == Kind::Recheck && event.law != LawName::R30 {
            return Err(Refusal::KindNotInForce);
        }
        management::check(registration)?;
        Ok(Self {
            id: event.record,
            registration: (**registration).clone(),
            exam: Exam::of(registration.category),
            // Who takes an application does not decide it.
            entered_by: if counter {
                vec![event.by.officer.clone()]
            } else {
                Vec::new()
            },
            confirmed_by: Vec::new(),
            stage_since: event.day(),
            published: None,
            seat: None,
            more_tickets: Vec::new(),
            panel: None,
            timing: Timing::default(),
            transfer: None,
            withheld: None,
            banned_until: None,
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
        law::on(self.law_day(act, at)).name
    }

    /// The day that chooses the rule pack for an act on this case.
    #[must_use]
    pub fn law_day(&self, act: &Act, at: Timestamp) -> Date {
        let today = crate::event::legal_day(at);
        match (act, &self.state) {
            (
                Act::TheoryScored { on, .. }
                | Act::PracticalScored { on, .. }
                | Act::PracticalAssessed { on, .. },
                _,
            ) => *on,
            (Act::Enrolled(enrolment), _) => enrolment.on,
            (
                Act::ScoresConfirmed | Act::ScoreRecheckAsked { .. } | Act::ScoreRechecked { .. },
                _,
            ) => self.exam.last_day().unwrap_or(today),
            _ => self.law_day_now(today),
        }
    }

    /// Folds one more event, with every check of the law.
    ///
    /// # Errors
    /// Why the event is not lawful here.
    pub fn after(self, event: &Event) -> Result<Self, Refusal> {
        if event.record != self.id {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        if event.law != self.law_of(&event.act, event.at) {
            return Err(Refusal::WrongLaw);
        }
        self.check_office(event)?;
        let next = match &event.act {
            Act::Enrolled(_) | Act::SeatGivenUp { .. } | Act::TicketGiven { .. } => {
                self.seating(event)
            }
            Act::PracticalAssessed {
                session,
                on,
                score,
                of,
            } => self.assessed(event, (*session, *on), (*score, *of)),
            Act::TheoryScored { .. } | Act::PracticalScored { .. } => self.scored(event),
            Act::ScoresConfirmed | Act::ScoreRecheckAsked { .. } | Act::ScoreRechecked { .. } => {
                self.confirming(event)
            }
            Act::Reported { .. } | Act::Resubmitted { .. } | Act::Closed => self.reporting(event),
            Act::Accepted | Act::DeemedAccepted | Act::Returned { .. } | Act::Refused(_) => {
                self.accepting(event)
            }
            Act::ProcedureBegun { .. } | Act::ProcedureEnded | Act::DecisionExtended { .. } => {
                self.timed(event)
            }
            Act::Reviewed | Act::Approved | Act::Rejected(_) => self.deciding(event),
            Act::TransferOffered { .. } | Act::Transferred | Act::TransferDeclined { .. } => {
                self.transferring(event)
            }
            Act::Withheld(_) | Act::WithholdingEnded { .. } | Act::Annulled(_) => {
                self.withholding(event)
            }
            _ => self.making(event),
        }?;
        let timing = next.timing.after(event, &next.state);
        Ok(Self {
            last: event.at,
            timing,
            ..next
        })
    }
}

/// A ground that says something.
pub(crate) fn stated(ground: &Ground) -> Result<Ground, Refusal> {
    if ground.words.trim().is_empty() || ground.article.trim().is_empty() {
        return Err(Refusal::GroundMissing);
    }
    Ok(ground.clone())
}
