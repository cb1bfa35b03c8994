//! 移送: a case goes to another authority, before that authority's acceptance is due from anybody.
//!
//! The holder asks for it; the authority that has the case offers it, the other one takes it. R30
//! (art. 22) admits the authority of the household register and that of the work place, so a tie to
//! it is declared; R19 admits every authority of the country. The limit of the acceptance runs
//! anew from the day the other one takes it: that is the day it has the application.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{Case, State};
use crate::{
    event::{Act, Event},
    law::LawName,
    management::is_extension,
    office::OfficeCode,
    refusal::Refusal,
};

/// What ties a holder to the region of an authority (R30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// 户籍所在地
    HouseholdRegister,
    /// 从业所在地
    WorkPlace,
}

/// A case that was offered to another authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// To which.
    pub to: OfficeCode,
    /// What ties the holder to it, where the law asks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tie: Option<Tie>,
    /// Why the holder asks for it.
    pub reason: String,
}

impl Case {
    /// Offers the case to another authority, takes it, or does not.
    pub(super) fn transferring(mut self, event: &Event) -> Result<Self, Refusal> {
        if !matches!(
            self.state,
            State::Registered
                | State::Examined
                | State::Confirmed { .. }
                | State::Reported { .. }
                | State::Returned { .. }
        ) {
            return Err(Refusal::WrongState);
        }
        match &event.act {
            Act::TransferOffered { .. } if self.transfer.is_some() => {
                return Err(Refusal::TransferOpen);
            }
            Act::TransferOffered { to, tie, reason } => {
                if *to == self.registration.authority || *to == self.registration.institution {
                    return Err(Refusal::AlreadyThisOffice);
                }
                // Only the authority that issued it extends a certificate.
                let r = &self.registration;
                if is_extension(r.category, r.kind) {
                    return Err(Refusal::NotThisOffice);
                }
                if event.law == LawName::R30 && tie.is_none() {
                    return Err(Refusal::OtherRegion);
                }
                if reason.trim().is_empty() {
                    return Err(Refusal::GroundMissing);
                }
                self.transfer = Some(Transfer {
                    to: to.clone(),
                    tie: *tie,
                    reason: reason.clone(),
                });
            }
            Act::TransferDeclined { reason } => {
                if reason.trim().is_empty() {
                    return Err(Refusal::GroundMissing);
                }
                self.transfer.take().ok_or(Refusal::NoTransferOpen)?;
            }
            _ => {
                let transfer = self.transfer.take().ok_or(Refusal::NoTransferOpen)?;
                // Taken at the counter, it goes to the counter of the other.
                if self.at_the_counter() {
                    self.registration.institution = transfer.to.clone();
                }
                self.registration.authority = transfer.to;
                if let State::Reported { on, .. } = &mut self.state {
                    *on = event.day();
                }
            }
        }
        Ok(self)
    }

    /// Whether the authority took the application itself: no institution is behind it.
    #[must_use]
    pub fn at_the_counter(&self) -> bool {
        self.registration.institution == self.registration.authority
    }

    /// Whether it was offered to that authority.
    #[must_use]
    pub fn offered_to(&self, office: &OfficeCode) -> bool {
        self.transfer.as_ref().is_some_and(|t| t.to == *office)
    }
}
