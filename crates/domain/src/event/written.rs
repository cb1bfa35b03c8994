//! What follows from an event alone: its day, the records it changes, the bytes that are kept.

use alloc::vec::Vec;

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{Act, Event, Grant};
use crate::{person::Person, record::RecordId, refusal::Refusal};

impl Event {
    /// The legal day of the event: its date in China (UTC+8, no summer time).
    #[must_use]
    pub fn day(&self) -> Date {
        legal_day(self.at)
    }

    /// Every record the event changes: its own first.
    #[must_use]
    pub fn subjects(&self) -> (RecordId, Option<RecordId>) {
        let other = match &self.act {
            Act::TakenOver(former) => Some(former.batch),
            Act::Enrolled(enrolment) => Some(enrolment.session),
            Act::SeatGivenUp { session, .. } | Act::PracticalAssessed { session, .. } => {
                Some(*session)
            }
            act => act.grant().map(|g| g.certificate),
        };
        (self.record, other)
    }

    /// The bytes that are kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Cannot fail: no map with other than text keys, no failing Serialize in these types.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads kept bytes.
    ///
    /// # Errors
    /// The place and the reason, without the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The law of an act that is not part of a case is that of its day.
    ///
    /// # Errors
    /// `WrongLaw`.
    pub(crate) fn check_law_of_day(&self) -> Result<(), Refusal> {
        if self.law == crate::law::on(self.day()).name {
            Ok(())
        } else {
            Err(Refusal::WrongLaw)
        }
    }

    /// The checks every act has in common: the role may do it, and a program does only what is not
    /// for people.
    ///
    /// # Errors
    /// `RoleNotAllowed`, `ForPeople`.
    pub fn check_role(&self) -> Result<(), Refusal> {
        if !self.act.roles().contains(&self.by.role) {
            return Err(Refusal::RoleNotAllowed);
        }
        if self.by.officer.is_program() && !self.act.is_for_programs() {
            return Err(Refusal::ForPeople);
        }
        Ok(())
    }
}

impl Act {
    /// Whether a program may do it. What is not named is for people: a practical score that somebody
    /// must have seen, every decision, and what nobody has thought of yet.
    #[must_use]
    pub fn is_for_programs(&self) -> bool {
        matches!(
            self,
            Self::SessionPlanned(_)
                | Self::SessionChanged { .. }
                | Self::SessionCancelled { .. }
                | Self::Registered(_)
                | Self::Enrolled(_)
                | Self::SeatGivenUp { .. }
                | Self::TicketGiven { .. }
                | Self::TheoryScored { .. }
                | Self::ScoreRecheckAsked { .. }
                | Self::Reported { .. }
                | Self::Resubmitted { .. }
                | Self::Accepted
                | Self::Returned { .. }
                | Self::Closed
        )
    }
}

impl Act {
    /// Whether a suspended office may still do it: what it decided is carried out, who asks is
    /// answered, a holder may go elsewhere, and its officers keep their second factor.
    #[must_use]
    pub fn goes_on_suspended(&self) -> bool {
        matches!(
            self,
            Self::Printed
                | Self::CardSpoiled { .. }
                | Self::Delivered { .. }
                | Self::InquiryForwarded { .. }
                | Self::InquiryAnswered { .. }
                | Self::TransferOffered { .. }
                | Self::TransferDeclined { .. }
                | Self::FactorEnrolled
        )
    }
}

/// The date in China at that moment.
#[must_use]
pub fn legal_day(at: Timestamp) -> Date {
    Offset::constant(8).to_datetime(at).date()
}

impl Act {
    /// Whom the act brings or puts right: from then on the document stands under that name.
    #[must_use]
    pub fn names(&self) -> Option<&Person> {
        match self {
            Self::Registered(r) => Some(&r.person),
            Self::TakenOver(former) => Some(&former.grant.holder),
            Self::Corrected { holder, .. } => Some(holder),
            Self::Replaced(grant) => Some(&grant.holder),
            _ => None,
        }
    }

    /// What a certificate says, for the acts that end a case in one.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::CertificateIssued(g)
            | Self::Renewed(g)
            | Self::Rechecked(g)
            | Self::Replaced(g)
            | Self::Reissued(g) => Some(g),
            _ => None,
        }
    }
}
