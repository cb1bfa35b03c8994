//! Take-over: certificates of a former register, in a batch that one officer proposes and another
//! releases. Their exam is not in this journal, and they say so wherever they are shown.

mod desk;
mod differences;
mod merge;

use domain::{
    batch::Batch,
    certificate::{Certificate, number_for},
    event::{Act, Event, Former, Grant},
    law,
    record::RecordId,
};
use jiff::Timestamp;

pub use desk::Takeover;
pub use differences::{Difference, Settled, Settling};
pub use domain::former::FormerRow;
pub use merge::{Merged, Predicted};

use super::{
    Officer, Registry, Result, chain,
    work::{Kept, Key, Work},
};

impl Registry {
    /// Proposes a batch: the digest of the source and how many certificates it holds.
    ///
    /// # Errors
    /// `RoleNotAllowed`.
    pub fn propose_batch(
        &self,
        sha256: &str,
        count: u32,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        let id = propose(&mut work, sha256, count, by, now)?;
        work.commit()?;
        Ok(id)
    }

    /// Releases a batch; another officer than the one who proposed it.
    ///
    /// # Errors
    /// `SecondPersonRequired`, `RoleNotAllowed`, `NotFound`.
    pub fn release_batch(&self, id: RecordId, by: &Officer, now: Timestamp) -> Result<()> {
        let mut work = self.work()?;
        let event = chain::event(id, Act::BatchReleased, by, now)?;
        fold_batch(&mut work, id, &event)?;
        work.journal(&event)?;
        work.commit()
    }

    /// Takes over certificates of a released batch, all of them or none. Long sources come in
    /// several calls.
    ///
    /// # Errors
    /// `BatchNotReleased`, `BatchFull`, `NameConflict`, `CertificateExists` when the holder has one
    /// in force for the item; then nothing of the call is taken.
    pub fn take_over(
        &self,
        batch: RecordId,
        rows: &mut dyn Iterator<Item = FormerRow>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<u32> {
        let mut work = self.work()?;
        let mut taken = 0;
        let today = domain::event::legal_day(now);
        for row in rows {
            let key = work.dossier_of(&row.holder)?;
            let met = row.meets(&work.dossier(&key)?.value, today);
            if met != domain::former::Meets::Nothing {
                return Err(domain::refusal::Refusal::CertificateExists.into());
            }
            take_one(&mut work, batch, key, row, by, now)?;
            taken += 1;
            work.flush_if_full()?;
        }
        work.commit()?;
        Ok(taken)
    }
}

fn propose(
    work: &mut Work<'_>,
    sha256: &str,
    count: u32,
    by: &Officer,
    now: Timestamp,
) -> Result<RecordId> {
    let act = Act::BatchProposed {
        authority: by.office.clone(),
        sha256: sha256.to_owned(),
        count,
    };
    let event = chain::event(work.new_record(), act, by, now)?;
    let mut batch = Kept::new(Batch::begun(&event)?);
    batch.touched = 1;
    work.journal(&event)?;
    work.batches.insert(event.record, batch);
    Ok(event.record)
}

/// Records one certificate of a batch, into the dossier that was found for it.
fn take_one(
    work: &mut Work<'_>,
    batch: RecordId,
    key: Key,
    row: FormerRow,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let category = work
        .registry
        .catalogue()
        .category(&row.item)
        .ok_or(domain::refusal::Refusal::Unknown)?;
    let certificate = work.new_record();
    let grant = Grant {
        certificate,
        number: number_for(category, &row.holder.document),
        holder: row.holder,
        category,
        item: row.item,
        first_issued: row.first_issued,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        recheck_due: row.recheck_due,
        authority: by.office.clone(),
        appointment: row.appointment,
    };
    let act = Act::TakenOver(Box::new(Former { batch, grant }));
    let event = Event {
        at: now,
        by: by.acting(&act)?,
        law: law::on(domain::event::legal_day(now)).name,
        record: certificate,
        act,
    };
    fold_batch(work, batch, &event)?;
    let certificate = Certificate::begun(&event)?;
    work.put_former(key, certificate, &event)
}

fn fold_batch(work: &mut Work<'_>, id: RecordId, event: &Event) -> Result<()> {
    let kept = work.batch(id)?;
    kept.value = kept.value.clone().after(event)?;
    kept.touched += 1;
    Ok(())
}
