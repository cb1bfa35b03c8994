//! A take-over as the desk prepares it: the file, the meaning of its columns, what a check found,
//! and how far it is. None of it is a record; the batch is.

use domain::{event::Act, office::OfficeCode, record::RecordId, refusal::Refusal};
use jiff::Timestamp;

use super::propose;
use crate::registry::{
    Error, Officer, Registry, Result,
    store::{Ask, Row},
    work::Work,
};

const BRING: &str = "-- takeovers::bring
INSERT INTO takeovers (id, office, login, at, file, plan, summary, task, batch, position, rows,
skipped, differing, faulty) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, 0, 0, 0, 0, 0)";
const OF_OFFICE: &str = "-- takeovers::of_office
SELECT id, office, login, at, file, plan, summary, task, batch, position, rows, skipped, differing,
faulty FROM takeovers WHERE office = $1 ORDER BY id DESC LIMIT 200";
const ONE: &str = "-- takeovers::one
SELECT id, office, login, at, file, plan, summary, task, batch, position, rows, skipped, differing,
faulty FROM takeovers WHERE id = $1";
const OF_BATCH: &str = "-- takeovers::of_batch\nSELECT id FROM takeovers WHERE batch = $1";
const PLAN: &str = "-- takeovers::plan
UPDATE takeovers SET plan = $2, summary = NULL WHERE id = $1 AND batch IS NULL";
const SUM_UP: &str = "-- takeovers::sum_up\nUPDATE takeovers SET summary = $2 WHERE id = $1";
const WORKED: &str = "-- takeovers::worked\nUPDATE takeovers SET task = $2 WHERE id = $1";
const PROPOSED: &str = "-- takeovers::proposed
UPDATE takeovers SET batch = $2 WHERE id = $1 AND batch IS NULL";
const KEEP_PLAN: &str = "-- takeovers::keep_plan
INSERT INTO takeover_plans (office, plan) VALUES ($1, $2)
ON CONFLICT (office) DO UPDATE SET plan = excluded.plan";
const LAST_PLAN: &str =
    "-- takeovers::last_plan\nSELECT plan FROM takeover_plans WHERE office = $1";

/// A take-over as its authority sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Its number.
    pub id: RecordId,
    /// Whose former register it was.
    pub office: OfficeCode,
    /// Who brought the file.
    pub login: String,
    /// When.
    pub at: Timestamp,
    /// The sealed file; none when it is read from a disk.
    pub file: Option<RecordId>,
    /// What its columns and words mean, as `crate::takeover` writes it.
    pub plan: String,
    /// What the last check found; empty before the first.
    pub summary: String,
    /// The last task about it.
    pub task: Option<RecordId>,
    /// The batch, once proposed.
    pub batch: Option<RecordId>,
    /// The last row of the file that was decided on.
    pub position: u64,
    /// Rows decided on.
    pub rows: u32,
    /// Of them there already.
    pub skipped: u32,
    /// There already with other data.
    pub differing: u32,
    /// Wrong in themselves.
    pub faulty: u32,
}

fn aad(what: &str, whose: &str) -> Vec<u8> {
    [what, whose].concat().into_bytes()
}

fn of_row(registry: &Registry, row: &Row) -> Result<Takeover> {
    let wrong = |_| Error::Internal("takeover::desk");
    let number = |at: usize| u32::try_from(row.int(at)?).map_err(wrong);
    let id = RecordId::from_i64(row.int(0)?);
    let whose = id.to_string();
    Ok(Takeover {
        id,
        office: row.text(1)?.into(),
        login: row.text(2)?.to_owned(),
        at: Timestamp::from_millisecond(row.int(3)?)
            .map_err(|_| Error::Internal("takeover::desk"))?,
        file: row.opt_int(4)?.map(RecordId::from_i64),
        plan: registry.text(&aad("plan", &whose), row.blob(5)?)?,
        summary: match row.opt_blob(6)? {
            Some(sealed) => registry.text(&aad("summary", &whose), sealed)?,
            None => String::new(),
        },
        task: row.opt_int(7)?.map(RecordId::from_i64),
        batch: row.opt_int(8)?.map(RecordId::from_i64),
        position: row.int(9)?.unsigned_abs(),
        rows: number(10)?,
        skipped: number(11)?,
        differing: number(12)?,
        faulty: number(13)?,
    })
}

/// A take-over inside a writer's turn.
pub(super) fn load(work: &mut Work<'_>, id: RecordId) -> Result<Takeover> {
    let row = work.tx.query_opt(ONE, &[id.as_i64().into()])?;
    of_row(work.registry, &row.ok_or(Error::NotFound)?)
}

/// Only whoever may propose a batch brings a file.
fn may(by: &Officer) -> Result<()> {
    let act = Act::BatchProposed {
        authority: by.office.clone(),
        sha256: String::new(),
        count: 0,
    };
    by.acting(&act).map(drop)
}

impl Registry {
    /// Sealed text.
    fn text(&self, purpose: &[u8], sealed: &[u8]) -> Result<String> {
        let bytes = self.keyring.open(purpose, sealed);
        let bytes = bytes.map_err(|_| Error::Sealed("a take-over"))?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Error::Internal("takeover::desk"))
    }

    /// A file is brought: a sealed one, or one that stays on a disk.
    ///
    /// # Errors
    /// `RoleNotAllowed`; what the database says.
    pub fn bring_takeover(
        &self,
        file: Option<RecordId>,
        plan: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        may(by)?;
        let mut work = self.work()?;
        let id = work.new_record();
        let sealed = self.seal(&aad("plan", &id.to_string()), plan.as_bytes());
        let row = [
            id.as_i64().into(),
            by.office.as_str().into(),
            (&by.login).into(),
            now.as_millisecond().into(),
            file.map(RecordId::as_i64).into(),
            (&sealed).into(),
        ];
        work.tx.execute(BRING, &row)?;
        work.commit()?;
        Ok(id)
    }

    /// The take-overs of an authority, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn takeovers(&self, office: &OfficeCode) -> Result<Vec<Takeover>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(OF_OFFICE, &[office.as_str().into()])?))?;
        rows.iter().map(|row| of_row(self, row)).collect()
    }

    /// One take-over of an authority.
    ///
    /// # Errors
    /// `NotFound`, also for another authority's.
    pub fn takeover(&self, id: RecordId, office: &OfficeCode) -> Result<Takeover> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(ONE, &[id.as_i64().into()])?))?;
        let found = of_row(self, &row.ok_or(Error::NotFound)?)?;
        if found.office == *office {
            Ok(found)
        } else {
            Err(Error::NotFound)
        }
    }

    /// The take-over that a batch was proposed from.
    ///
    /// # Errors
    /// `NotFound`, also for another authority's.
    pub fn takeover_of(&self, batch: RecordId, office: &OfficeCode) -> Result<Takeover> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(OF_BATCH, &[batch.as_i64().into()])?))?;
        let id = row.ok_or(Error::NotFound)?.int(0)?;
        self.takeover(RecordId::from_i64(id), office)
    }

    /// Keeps what columns and words mean, for this file and for the next one of the authority. What
    /// an earlier check found counts no more.
    ///
    /// # Errors
    /// `WrongState` once the batch is proposed: the second officer releases what was checked.
    /// `Conflict` while a check runs: what it finds is about the plan that it began with.
    pub fn plan_takeover(&self, id: RecordId, plan: &str, by: &Officer) -> Result<()> {
        may(by)?;
        if let Some(task) = self.takeover(id, &by.office)?.task
            && !self.task(task, &by.office)?.state.is_over()
        {
            return Err(Error::Conflict);
        }
        let office = by.office.as_str();
        let own = self.seal(&aad("plan", &id.to_string()), plan.as_bytes());
        let last = self.seal(&aad("last plan", office), plan.as_bytes());
        let mut tx = self.store.begin()?;
        if tx.execute(PLAN, &[id.as_i64().into(), (&own).into()])? == 0 {
            return Err(Refusal::WrongState.into());
        }
        tx.execute(KEEP_PLAN, &[office.into(), (&last).into()])?;
        Ok(tx.commit()?)
    }

    /// How the authority's columns were last read.
    ///
    /// # Errors
    /// What the database says.
    pub fn last_takeover_plan(&self, office: &OfficeCode) -> Result<Option<String>> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(LAST_PLAN, &[office.as_str().into()])?))?;
        row.map(|row| self.text(&aad("last plan", office.as_str()), row.blob(0)?))
            .transpose()
    }

    /// Keeps what a check by that plan found. Tells whether it is still the plan: the second officer
    /// releases what was checked, and a longer check may end after another plan was laid.
    ///
    /// # Errors
    /// `NotFound`; what the database says.
    pub fn sum_up_takeover(&self, id: RecordId, plan: &str, summary: &str) -> Result<bool> {
        let sealed = self.seal(&aad("summary", &id.to_string()), summary.as_bytes());
        let mut work = self.work()?;
        if load(&mut work, id)?.plan != plan {
            return Ok(false);
        }
        let row = [id.as_i64().into(), (&sealed).into()];
        work.tx.change_one(SUM_UP, &row)?;
        work.commit()?;
        Ok(true)
    }

    /// Keeps which task is at it.
    ///
    /// # Errors
    /// What the database says.
    pub fn takeover_worked(&self, id: RecordId, task: RecordId) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.change_one(WORKED, &[id.as_i64().into(), task.as_i64().into()])?;
        Ok(tx.commit()?)
    }

    /// Proposes the batch of a take-over: the digest of its file, and so many rows.
    ///
    /// # Errors
    /// `RoleNotAllowed`; `WrongState` when it is proposed already.
    pub fn propose_takeover(
        &self,
        id: RecordId,
        sha256: &str,
        rows: u32,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        self.takeover(id, &by.office)?;
        let mut work = self.work()?;
        let batch = propose(&mut work, sha256, rows, by, now)?;
        let row = [id.as_i64().into(), batch.as_i64().into()];
        if work.tx.execute(PROPOSED, &row)? == 0 {
            return Err(Refusal::WrongState.into());
        }
        work.commit()?;
        Ok(batch)
    }
}
