//! A publication 发布: a pack or an announcement that one officer proposes and another approves.
//!
//! What is proposed stands whole in its event, so that the second officer approves exactly that,
//! and whoever reads the journal later sees what was in force. Nothing of it is ever edited.

use alloc::string::String;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::List,
    event::{Act, Event},
    inquiry::{Line, Words},
    office::OfficerId,
    pack::RulePack,
    record::RecordId,
    refusal::Refusal,
};

/// What an announcement 公告 says in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Its title.
    pub title: Line,
    /// Its words.
    pub words: Words,
}

/// An announcement 公告: shown to everybody from one day until another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// In Chinese.
    pub zh: Said,
    /// In English.
    pub en: Said,
    /// The first day it is shown.
    pub from: Date,
    /// The last one.
    pub until: Date,
}

impl Announcement {
    /// Whether it is shown on that day.
    #[must_use]
    pub fn is_shown_on(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A version of a law's limits.
    RulePack(RulePack),
    /// A version of the catalogue.
    Catalogue(List),
    /// An announcement.
    Announcement(Announcement),
}

impl Content {
    /// The permanent word of its kind.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::RulePack(_) => "rule_pack",
            Self::Catalogue(_) => "catalogue",
            Self::Announcement(_) => "announcement",
        }
    }

    /// The first day in force, or shown.
    #[must_use]
    pub fn from(&self) -> Option<Date> {
        match self {
            Self::RulePack(pack) => Some(pack.from),
            Self::Catalogue(list) => list.from,
            Self::Announcement(a) => Some(a.from),
        }
    }

    /// Whether it can still be published on that day. A pack needs a first day that lies ahead, so
    /// that no day that has begun changes what it says.
    fn is_in_time(&self, day: Date) -> bool {
        match self {
            Self::RulePack(_) | Self::Catalogue(_) => self.from().is_some_and(|from| from > day),
            Self::Announcement(a) => a.from <= a.until && a.until >= day,
        }
    }
}

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// All of it.
    pub content: Content,
    /// SHA-256 of the file that it was read from, hexadecimal; empty where there was none.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub sha256: String,
}

/// Where a publication stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for a second officer.
    Proposed,
    /// Approved.
    Approved {
        /// By whom.
        by: OfficerId,
        /// When.
        on: Date,
    },
    /// Taken back, and why.
    Withdrawn {
        /// By whom.
        by: OfficerId,
        /// When.
        on: Date,
        /// Whether it had been approved.
        approved: bool,
    },
}

/// A publication, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Its record.
    pub id: RecordId,
    /// What was proposed.
    pub proposal: Proposal,
    /// By whom.
    pub proposed_by: OfficerId,
    /// When.
    pub proposed_on: Date,
    /// Where it stands.
    pub state: State,
    /// When the last event happened.
    pub last: Timestamp,
}

impl Publication {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.state {
            State::Proposed => "proposed",
            State::Approved { .. } => "approved",
            State::Withdrawn { .. } => "withdrawn",
        }
    }

    /// What it publishes, once it is approved and while it is not withdrawn.
    #[must_use]
    pub fn published(&self) -> Option<&Content> {
        matches!(self.state, State::Approved { .. }).then_some(&self.proposal.content)
    }

    /// Folds the proposal.
    ///
    /// # Errors
    /// `WrongState` for any other event, `FirstDayPassed`, `RoleNotAllowed`, `WrongLaw`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::PublicationProposed(proposal) = &event.act else {
            return Err(Refusal::WrongState);
        };
        if !proposal.content.is_in_time(event.day()) {
            return Err(Refusal::FirstDayPassed);
        }
        Ok(Self {
            id: event.record,
            proposal: (**proposal).clone(),
            proposed_by: event.by.officer.clone(),
            proposed_on: event.day(),
            state: State::Proposed,
            last: event.at,
        })
    }

    /// Folds the approval, or that it is taken back.
    ///
    /// # Errors
    /// `SecondPersonRequired`, `FirstDayPassed`, `GroundMissing`, `WrongState` (a pack that was
    /// approved is followed by another and never taken back), `OutOfOrder`, `RoleNotAllowed`,
    /// `WrongLaw`, `Unknown` for another record's event.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        if event.record != self.id {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        event.check_law_of_day()?;
        let (by, on) = (event.by.officer.clone(), event.day());
        let is_pack = !matches!(self.proposal.content, Content::Announcement(_));
        self.state = match (&self.state, &event.act) {
            (State::Proposed, Act::PublicationApproved) => {
                if by == self.proposed_by {
                    return Err(Refusal::SecondPersonRequired);
                }
                if !self.proposal.content.is_in_time(on) {
                    return Err(Refusal::FirstDayPassed);
                }
                State::Approved { by, on }
            }
            (State::Approved { .. }, Act::PublicationWithdrawn { .. }) if is_pack => {
                return Err(Refusal::WrongState);
            }
            (
                before @ (State::Proposed | State::Approved { .. }),
                Act::PublicationWithdrawn { ground },
            ) => {
                if ground.trim().is_empty() {
                    return Err(Refusal::GroundMissing);
                }
                let approved = matches!(before, State::Approved { .. });
                State::Withdrawn { by, on, approved }
            }
            _ => return Err(Refusal::WrongState),
        };
        self.last = event.at;
        Ok(self)
    }
}
