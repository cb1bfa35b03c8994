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
    /// How many rows the source holds.
    pub count: u32,
    /// How many were taken over so far.
    pub taken: u32,
    /// Who proposed it.
    pub proposed_by: OfficerId,
    /// Who released it; another person.
    pub released_by: Option<OfficerId>,
    /// When the last event happened.
    pub last: Timestamp,
    /// What became of the rows that were not taken over, once every row was decided on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tally: Option<Tally>,
}

/// Rows of a source that were not taken over. With those that were they are all its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// There already, with the same data.
    pub skipped: u32,
    /// There already with other data, and not taken.
    pub differing: u32,
    /// Wrong in themselves.
    pub faulty: u32,
    /// So many of the differing were decided: what was there stands.
    pub kept: u32,
}

impl Tally {
    /// Differing rows that nobody has decided on.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.differing.saturating_sub(self.kept)
    }
}

impl Batch {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (&self.released_by, &self.tally) {
            (None, _) => "proposed",
            (_, Some(tally)) if tally.open() > 0 => "differing",
            (_, None) if self.taken < self.count => "released",
            _ => "complete",
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
            tally: None,
        })
    }

    /// Folds one more event: the release, one certificate taken over, the end of the source, or a
    /// difference that was decided.
    ///
    /// # Errors
    /// `SecondPersonRequired`, `BatchNotReleased`, `BatchFull`, `NotThisOffice`, `OutOfOrder`;
    /// `WrongState` for an end that does not account for every row, or a second one.
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
                match &mut self.tally {
                    None if self.taken < self.count => {}
                    // A difference was decided for the source: what it says is taken after all.
                    Some(tally) if tally.open() > 0 => tally.differing -= 1,
                    _ => return Err(Refusal::BatchFull),
                }
                self.taken += 1;
            }
            Act::BatchClosed {
                skipped,
                differing,
                faulty,
            } => self.close(*skipped, *differing, *faulty)?,
            Act::DifferenceKept { reason, .. } => {
                if reason.trim().is_empty() {
                    return Err(Refusal::GroundMissing);
                }
                let tally = self.tally.as_mut().filter(|tally| tally.open() > 0);
                tally.ok_or(Refusal::WrongState)?.kept += 1;
            }
            _ => return Err(Refusal::WrongState),
        }
        self.last = event.at;
        Ok(self)
    }

    fn close(&mut self, skipped: u32, differing: u32, faulty: u32) -> Result<(), Refusal> {
        if self.released_by.is_none() {
            return Err(Refusal::BatchNotReleased);
        }
        let told = [self.taken, skipped, differing, faulty];
        let all: u64 = told.into_iter().map(u64::from).sum();
        if self.tally.is_some() || all != u64::from(self.count) {
            return Err(Refusal::WrongState);
        }
        self.tally = Some(Tally {
            skipped,
            differing,
            faulty,
            kept: 0,
        });
        Ok(())
    }
}
