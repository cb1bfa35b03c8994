//! What an authority does to a certificate after its issue.
//!
//! What takes it away, or says that somebody else holds it, is proposed by one officer and decided
//! by another. Only what could be decided on the day is proposed, and only what was proposed is
//! decided; the one who proposed it may take it back.

use alloc::{boxed::Box, string::ToString};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Certificate, Status, number_for, shares_name_or_document};
use crate::{
    event::{Act, Event},
    law::{
        self, Ground, Limit, Unit,
        grounds::{self, For},
    },
    office::{OfficerId, Role},
    person::Person,
    refusal::Refusal,
};

/// Years in the trade after which a review may be put off to the end of the term.
pub const LONG_SERVICE: Limit = Limit {
    value: 10,
    unit: Unit::Years,
    source: "R30 art. 21",
    verified: true,
    text: "",
};

/// What was proposed, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// A correction, a revocation or a cancellation, as it will be if somebody decides it.
    pub act: Box<Act>,
    /// Who may not decide it.
    pub by: OfficerId,
    /// The day.
    pub on: Date,
}

impl Proposal {
    /// The act that decides it on that day: a ban runs from the decision.
    #[must_use]
    pub fn decided_on(&self, day: Date, certificate: &Certificate) -> Act {
        let bare = |ground: &Ground| Ground::of(&ground.code, &ground.addition);
        let act = match &*self.act {
            Act::Revoked { ground, .. } => Act::Revoked {
                ground: bare(ground),
                banned_until: None,
            },
            Act::Cancelled(ground) => Act::Cancelled(bare(ground)),
            act => act.clone(),
        };
        // What the law of today does not know any more is refused as it was proposed.
        let proposed = |_| (*self.act).clone();
        certificate.filled(act, day).unwrap_or_else(proposed)
    }

    /// Whether that is what was proposed. The law of the day of the decision gives the article and
    /// the ban, so a ground is the same when its code and its addition are.
    fn is(&self, act: &Act) -> bool {
        let same = |a: &Ground, b: &Ground| (&a.code, &a.addition) == (&b.code, &b.addition);
        match (&*self.act, act) {
            (Act::Revoked { ground: a, .. }, Act::Revoked { ground: b, .. })
            | (Act::Cancelled(a), Act::Cancelled(b)) => same(a, b),
            (proposed, decided) => proposed == decided,
        }
    }
}

impl Certificate {
    /// What a ground for an act on it is chosen by.
    #[must_use]
    pub fn choice<'a>(&self, act: &'a str, day: Date) -> For<'a> {
        For {
            act,
            category: self.says.category,
            day,
            kind: None,
            status: Some(self.status_on(day)),
        }
    }

    pub(super) fn changed(self, event: &Event) -> Result<Self, Refusal> {
        // A lapse is the work of time; every other change is decided by the authority that issued.
        if event.by.role != Role::Clock && event.by.office != self.says.authority {
            return Err(Refusal::NotThisOffice);
        }
        let day = event.day();
        match &event.act {
            Act::ChangeProposed(act) => self.proposed(act, event),
            Act::ProposalDeclined { reason } => {
                if reason.trim().is_empty() {
                    return Err(Refusal::GroundMissing);
                }
                let mut declined = self;
                let proposal = declined.proposal.take().ok_or(Refusal::NotProposed)?;
                // An issuer judges nobody's proposal, but may take the own one back.
                if event.by.role == Role::Issuer && proposal.by != event.by.officer {
                    return Err(Refusal::RoleNotAllowed);
                }
                Ok(declined)
            }
            Act::Corrected { .. } | Act::Revoked { .. } | Act::Cancelled(_) => {
                let mut decided = self.decided(&event.act, day)?;
                let proposal = decided.proposal.take();
                let proposal = proposal.filter(|p| p.is(&event.act));
                if proposal.ok_or(Refusal::NotProposed)?.by == event.by.officer {
                    return Err(Refusal::SecondPersonRequired);
                }
                Ok(decided)
            }
            Act::ReviewExtended { years, evidence } => self.review_extended(*years, evidence, day),
            act => {
                let status = self.turned(act, day)?;
                Ok(Self {
                    status,
                    since: day,
                    ..self
                })
            }
        }
    }

    /// The act with its grounds and its ban as the law of the day has them, where only a code was
    /// named.
    ///
    /// # Errors
    /// `GroundUnknown`.
    pub fn filled(&self, act: Act, day: Date) -> Result<Act, Refusal> {
        let of = |ground: &Ground, kind: &str| ground.filled(&self.choice(kind, day));
        Ok(match act {
            Act::Suspended(ground) => Act::Suspended(of(&ground, "suspended")?),
            Act::Cancelled(ground) => Act::Cancelled(of(&ground, "cancelled")?),
            Act::Revoked { ground, .. } => {
                let entry = grounds::coded(&ground.code, &self.choice("revoked", day));
                Act::Revoked {
                    ground: of(&ground, "revoked")?,
                    banned_until: entry.and_then(|e| e.banned_until(day)),
                }
            }
            Act::ChangeProposed(act) => Act::ChangeProposed(Box::new(self.filled(*act, day)?)),
            other => other,
        })
    }

    fn proposed(self, act: &Act, event: &Event) -> Result<Self, Refusal> {
        let decidable = matches!(
            act,
            Act::Corrected { .. } | Act::Revoked { .. } | Act::Cancelled(_)
        );
        if !decidable {
            return Err(Refusal::WrongState);
        }
        if self.proposal.is_some() {
            return Err(Refusal::ProposalOpen);
        }
        // What could not be decided today is not proposed.
        self.clone().decided(act, event.day())?;
        let proposal = Proposal {
            act: Box::new(act.clone()),
            by: event.by.officer.clone(),
            on: event.day(),
        };
        Ok(Self {
            proposal: Some(proposal),
            ..self
        })
    }

    /// A correction, revocation or cancellation, whoever decides it.
    fn decided(self, act: &Act, day: Date) -> Result<Self, Refusal> {
        let status = match (act, &self.status) {
            (Act::Cancelled(_), Status::Cancelled { .. }) => {
                return Err(Refusal::CertificateEnded);
            }
            // A revoked certificate is then cancelled (R30 art. 31).
            (Act::Cancelled(ground), status) => {
                grounds::chosen(ground, &self.choice("cancelled", day))?;
                Status::Cancelled {
                    ground: ground.clone(),
                    banned_until: match status {
                        Status::Revoked { banned_until, .. } => *banned_until,
                        _ => None,
                    },
                }
            }
            (_, Status::Revoked { .. } | Status::Cancelled { .. }) => {
                return Err(Refusal::CertificateEnded);
            }
            (
                Act::Revoked {
                    ground,
                    banned_until,
                },
                _,
            ) => {
                let entry = grounds::chosen(ground, &self.choice("revoked", day))?;
                // The ban is the law's: none where it names none, none shorter and none longer.
                if entry.and_then(|e| e.banned_until(day)) != *banned_until {
                    return Err(Refusal::TermDiffers);
                }
                Status::Revoked {
                    ground: ground.clone(),
                    banned_until: *banned_until,
                }
            }
            (_, Status::Lapsed) => return Err(Refusal::CertificateEnded),
            (
                Act::Corrected {
                    holder,
                    number,
                    evidence,
                    ..
                },
                _,
            ) => return self.corrected(holder, number, evidence),
            _ => return Err(Refusal::WrongState),
        };
        Ok(Self {
            status,
            since: day,
            ..self
        })
    }

    fn turned(&self, act: &Act, day: Date) -> Result<Status, Refusal> {
        Ok(match (act, &self.status) {
            (Act::Suspended(ground), Status::Valid) => {
                grounds::chosen(ground, &self.choice("suspended", day))?;
                Status::Suspended {
                    ground: ground.clone(),
                }
            }
            (Act::Suspended(_), Status::Suspended { .. }) => return Err(Refusal::AlreadySuspended),
            (Act::Resumed, Status::Suspended { .. }) => Status::Valid,
            (Act::Resumed, Status::Valid) => return Err(Refusal::NotSuspended),
            (Act::Lapsed, Status::Valid | Status::Suspended { .. }) => {
                if !self.missed_recheck(day) {
                    return Err(Refusal::NotDueYet);
                }
                Status::Lapsed
            }
            (_, Status::Revoked { .. } | Status::Cancelled { .. } | Status::Lapsed) => {
                return Err(Refusal::CertificateEnded);
            }
            _ => return Err(Refusal::WrongState),
        })
    }

    fn corrected(mut self, holder: &Person, number: &str, evidence: &str) -> Result<Self, Refusal> {
        if evidence.trim().is_empty() {
            return Err(Refusal::GroundMissing);
        }
        // A correction puts one thing right; two at once would hand it to somebody else.
        if number != number_for(self.says.category, &holder.document)
            || !shares_name_or_document(&self.says.holder, holder)
        {
            return Err(Refusal::CertificateDiffers);
        }
        self.says.holder = holder.clone();
        self.says.number = number.to_string();
        Ok(self)
    }

    /// R30 art. 21, only while there are rechecks and only for one that is still to be done.
    fn review_extended(mut self, years: u8, evidence: &str, day: Date) -> Result<Self, Refusal> {
        match &self.status {
            Status::Valid if self.missed_recheck(day) => return Err(Refusal::CertificateEnded),
            Status::Valid => {}
            Status::Suspended { .. } => return Err(Refusal::CertificateSuspended),
            _ => return Err(Refusal::CertificateEnded),
        }
        let due = self.says.recheck_due.ok_or(Refusal::KindNotInForce)?;
        if law::on(day).recheck.is_none() || due >= law::recheck_ends() {
            return Err(Refusal::KindNotInForce);
        }
        if years < LONG_SERVICE.value {
            return Err(Refusal::YearsTooFew);
        }
        if evidence.trim().is_empty() {
            return Err(Refusal::GroundMissing);
        }
        self.says.recheck_due = None;
        Ok(self)
    }
}
