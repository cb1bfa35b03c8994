//! Rows of a released batch meet what is there: new ones are taken, the same ones skipped, those
//! that say something else laid aside for a person. How far the file was read is saved with what
//! was done with its rows, so an interrupted take-over goes on at the next row.

use domain::{
    event::Act,
    former::{FormerRow, Meets},
    record::RecordId,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

use super::{desk, differences, fold_batch, take_one};
use crate::registry::{
    Error, Officer, Registry, Result, chain,
    store::{Ask, Param},
    tables,
    work::{OWN, Work},
};

/// The guard on the position: two who take the same batch cannot both count a row.
const ADVANCE: &str = "-- takeovers::advance
UPDATE takeovers SET position = $2, rows = rows + $3, skipped = skipped + $4,
differing = differing + $5, faulty = faulty + $6 WHERE id = $1 AND position = $7";

/// What became of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Taken over.
    pub taken: u32,
    /// There already.
    pub skipped: u32,
    /// There already with other data: a person decides.
    pub differing: u32,
    /// Wrong in themselves.
    pub faulty: u32,
}

impl Merged {
    fn rows(&self) -> u32 {
        self.taken + self.skipped + self.differing + self.faulty
    }
}

/// What would become of a row if it were taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicted {
    /// Taken; the person is known or new.
    New {
        /// Whether the person is here already.
        known: bool,
    },
    /// Skipped.
    Same,
    /// Laid aside: another name stands with the document.
    Name,
    /// Laid aside: the item's certificate says something else.
    Item,
}

impl Registry {
    /// Decides on the next rows of a take-over's file, in one transaction: a row with its number in
    /// the file, and none where it is wrong in itself. Rows at or before the position are passed
    /// over. All of them are held in memory and written at the end, each table in its own order.
    ///
    /// # Errors
    /// `BatchNotReleased`, `RoleNotAllowed`; `Conflict` when somebody else is at it.
    pub fn merge_rows(
        &self,
        takeover: RecordId,
        rows: Vec<(u64, Option<FormerRow>)>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Merged> {
        let mut work = self.work()?;
        let desk = desk::load(&mut work, takeover)?;
        if desk.office != by.office {
            return Err(Error::NotFound);
        }
        let batch = desk.batch.ok_or(Refusal::BatchNotReleased)?;
        let kept = &work.batch(batch)?.value;
        if kept.released_by.is_none() {
            return Err(Refusal::BatchNotReleased.into());
        }
        // A clock set back may not break the batch's story.
        let now = Work::not_before(now, kept.last);
        let today = domain::event::legal_day(now);
        let (mut merged, mut position) = (Merged::default(), desk.position);
        for (number, row) in rows {
            if number <= desk.position {
                continue;
            }
            position = number;
            let Some(row) = row else {
                merged.faulty += 1;
                continue;
            };
            match merge(&mut work, batch, number, row, (by, now, today))? {
                Became::Taken => merged.taken += 1,
                Became::Skipped => merged.skipped += 1,
                Became::Differing => merged.differing += 1,
            }
        }
        if position > desk.position {
            let row: [Param<'_>; 7] = [
                takeover.as_i64().into(),
                at(position).into(),
                merged.rows().into(),
                merged.skipped.into(),
                merged.differing.into(),
                merged.faulty.into(),
                at(desk.position).into(),
            ];
            work.tx.change_one(ADVANCE, &row)?;
            work.commit()?;
        }
        Ok(merged)
    }

    /// Ends a take-over: every row of its file was decided on. Done twice it is done once.
    ///
    /// # Errors
    /// `WrongState` when rows are missing.
    pub fn close_takeover(&self, takeover: RecordId, by: &Officer, now: Timestamp) -> Result<()> {
        let mut work = self.work()?;
        let desk = desk::load(&mut work, takeover)?;
        let batch = desk.batch.ok_or(Refusal::BatchNotReleased)?;
        let kept = &work.batch(batch)?.value;
        if kept.tally.is_some() {
            return Ok(());
        }
        let now = Work::not_before(now, kept.last);
        let act = Act::BatchClosed {
            skipped: desk.skipped,
            differing: desk.differing,
            faulty: desk.faulty,
        };
        let event = chain::event(batch, act, by, now)?;
        fold_batch(&mut work, batch, &event)?;
        work.journal(&event)?;
        work.commit()
    }

    /// What would become of rows if they were taken now, each looked at alone.
    ///
    /// # Errors
    /// What the database says.
    pub fn predict(&self, rows: &[FormerRow], today: Date) -> Result<Vec<Predicted>> {
        self.store.read(|r| {
            let mut told = Vec::with_capacity(rows.len());
            for row in rows {
                let holder = &row.holder;
                let document = self.keyring.document_key(&holder.document);
                let asked = [Param::Blob(&document), OWN.into()];
                let Some(known) = r.query_opt(tables::PERSON, &asked)? else {
                    told.push(Predicted::New { known: false });
                    continue;
                };
                let known = known.bytes(0)?;
                let dossier =
                    match r.query_opt(tables::DOSSIER, &[Param::Blob(&known), OWN.into()])? {
                        Some(row) => self.open_dossier(OWN, &known, row.blob(0)?)?,
                        None => domain::dossier::Dossier::default(),
                    };
                let own = known == self.keyring.dossier_key(&holder.document, &holder.name);
                told.push(match row.meets(&dossier, today) {
                    _ if !own && !dossier.is_empty() => Predicted::Name,
                    _ if !own => Predicted::New { known: false },
                    Meets::Nothing => Predicted::New { known: true },
                    Meets::Same(_) => Predicted::Same,
                    Meets::Differs(_) => Predicted::Item,
                });
            }
            Ok(told)
        })
    }
}

enum Became {
    Taken,
    Skipped,
    Differing,
}

fn merge(
    work: &mut Work<'_>,
    batch: RecordId,
    number: u64,
    row: FormerRow,
    (by, now, today): (&Officer, Timestamp, Date),
) -> Result<Became> {
    let key = match work.dossier_of(&row.holder) {
        Ok(key) => key,
        Err(Error::Refused(Refusal::NameConflict)) => {
            differences::lay_aside(work, batch, number, differences::NAME, &row)?;
            return Ok(Became::Differing);
        }
        Err(other) => return Err(other),
    };
    Ok(match row.meets(&work.dossier(&key)?.value, today) {
        Meets::Nothing => {
            take_one(work, batch, key, row, by, now)?;
            Became::Taken
        }
        Meets::Same(_) => Became::Skipped,
        Meets::Differs(_) => {
            differences::lay_aside(work, batch, number, differences::ITEM, &row)?;
            Became::Differing
        }
    })
}

fn at(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
