//! Take-over: certificates of a former register, in a batch that one officer proposes and another
//! releases. Their exam is not in this journal, and they say so wherever they are shown.

use domain::{
    batch::Batch,
    catalogue::ItemCode,
    certificate::{Certificate, number_for},
    dossier::Dossier,
    event::{Act, Event, Former, Grant},
    law,
    person::Person,
    record::RecordId,
    verdict::StatusWord,
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Officer, Registry, Result, chain,
    work::{Kept, Work},
};

/// One certificate of a former register.
#[derive(Clone, Debug)]
pub struct FormerRow {
    /// Holder.
    pub holder: Person,
    /// For what.
    pub item: ItemCode,
    /// 初领日期
    pub first_issued: Date,
    /// First valid day.
    pub valid_from: Date,
    /// Last valid day.
    pub valid_until: Date,
    /// Last day of the recheck, where the card names one.
    pub recheck_due: Option<Date>,
}

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
        let act = Act::BatchProposed {
            authority: by.office.clone(),
            sha256: sha256.to_owned(),
            count,
        };
        let event = chain::event(work.new_record(), act, by, now)?;
        let batch = Batch::begun(&event)?;
        work.journal(&event)?;
        work.batches.insert(
            batch.id,
            Kept {
                value: batch,
                version: 0,
                touched: 1,
                moved: false,
            },
        );
        work.commit()?;
        Ok(event.record)
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
        for row in rows {
            let category = self
                .catalogue()
                .category(&row.item)
                .ok_or(domain::refusal::Refusal::Unknown)?;
            let key = work.dossier_of(&row.holder)?;
            let today = domain::event::legal_day(now);
            if held(&work.dossier(&key)?.value, &row, today) {
                return Err(domain::refusal::Refusal::CertificateExists.into());
            }
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
            };
            let act = Act::TakenOver(Box::new(Former { batch, grant }));
            let event = Event {
                at: now,
                by: by.acting(&act)?,
                law: law::on(today).name,
                record: certificate,
                act,
            };
            fold_batch(&mut work, batch, &event)?;
            let certificate = Certificate::begun(&event)?;
            work.put_former(key, certificate, &event)?;
            taken += 1;
            work.flush_if_full()?;
        }
        work.commit()?;
        Ok(taken)
    }
}

/// A former register may hold one that has ended beside its successor, but not two in force, and
/// no line twice.
fn held(dossier: &Dossier, row: &FormerRow, today: Date) -> bool {
    dossier.certificates.iter().any(|c| {
        let in_force = matches!(
            c.status_on(today),
            StatusWord::Valid | StatusWord::Suspended
        );
        let same = c.says.valid_from == row.valid_from && c.says.valid_until == row.valid_until;
        c.says.item == row.item && (same || (in_force && row.valid_until >= today))
    })
}

fn fold_batch(work: &mut Work<'_>, id: RecordId, event: &Event) -> Result<()> {
    work.batch(id)?;
    let Some(kept) = work.batches.remove(&id) else {
        return Err(Error::NotFound);
    };
    let value = kept.value.after(event)?;
    work.batches.insert(
        id,
        Kept {
            value,
            version: kept.version,
            touched: kept.touched + 1,
            moved: false,
        },
    );
    Ok(())
}
