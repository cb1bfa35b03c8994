//! A take-over batch: certificates of a former register, released by a second officer.

use alloc::string::String;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    event::{Act, Event},
    office::{OfficeCode, OfficerId},
    record::RecordId,
    refusal::Refusal,
};

/// A batch, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its record.
    pub id: RecordId,
    /// Whose former register it was.
    pub authority: OfficeCode,
    /// SHA-256 of the source file, hexadecimal.
    pub sha256: String,
    /// How many certificates the source holds.
    pub count: u32,
    /// How many were taken over so far.
    pub taken: u32,
    /// Who proposed it.
    pub proposed_by: OfficerId,
    /// Who released it; another person.
    pub released_by: Option<OfficerId>,
    /// When the last event happened.
    pub last: Timestamp,
}

impl Batch {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.released_by {
            None => "proposed",
            Some(_) if self.taken < self.count => "released",
            Some(_) => "complete",
        }
    }

    /// Folds the proposal.
    ///
    /// # Errors
    /// `WrongState` for any other event, `NotThisOffice`, `RoleNotAllowed`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::BatchProposed {
            authority,
            sha256,
            count,
        } = &event.act
        else {
            return Err(Refusal::WrongState);
        };
        if event.by.office != *authority {
            return Err(Refusal::NotThisOffice);
        }
        Ok(Self {
            id: event.record,
            authority: authority.clone(),
            sha256: sha256.clone(),
            count: *count,
            taken: 0,
            proposed_by: event.by.officer.clone(),
            released_by: None,
            last: event.at,
        })
    }

    /// Folds one more event: the release, or one certificate taken over.
    ///
    /// # Errors
    /// `SecondPersonRequired`, `BatchNotReleased`, `BatchFull`, `NotThisOffice`, `OutOfOrder`.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        let id = match &event.act {
            Act::TakenOver(former) => former.batch,
            _ => event.record,
        };
        if id != self.id {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        event.check_law_of_day()?;
        if event.by.office != self.authority {
            return Err(Refusal::NotThisOffice);
        }
        match &event.act {
            Act::BatchReleased if self.released_by.is_none() => {
                if event.by.officer == self.proposed_by {
                    return Err(Refusal::SecondPersonRequired);
                }
                self.released_by = Some(event.by.officer.clone());
            }
            Act::TakenOver(former) => {
                if self.released_by.is_none() {
                    return Err(Refusal::BatchNotReleased);
                }
                if former.grant.authority != self.authority {
                    return Err(Refusal::NotThisOffice);
                }
                if self.taken >= self.count {
                    return Err(Refusal::BatchFull);
                }
                self.taken += 1;
            }
            _ => return Err(Refusal::WrongState),
        }
        self.last = event.at;
        Ok(self)
    }
}
