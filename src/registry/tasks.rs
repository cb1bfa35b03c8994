//! Background tasks: long work that an officer begins and the serving program does in pieces
//! (`crate::tasks`). Here is only what is kept of it.
//!
//! A task's row is no record and names nobody; what it was begun with is sealed. Progress is saved
//! after each piece and may be behind by one when the process dies: a piece done twice must leave
//! what a piece done once leaves.

use domain::{office::OfficeCode, record::RecordId};
use jiff::Timestamp;

use super::{
    Error, Officer, Registry, Result,
    store::{Ask, Param, Row},
};

const OPEN: &str = "-- tasks::open
INSERT INTO tasks (id, kind, office, login, state, done, of, message, begun, updated, result, input)
VALUES ($1, $2, $3, $4, 'waiting', 0, $5, '', $6, $6, NULL, $7)";
const OF_OFFICE: &str = "-- tasks::of_office
SELECT id, kind, office, login, state, done, of, message, begun, updated, result FROM tasks
WHERE office = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const ONE: &str = "-- tasks::one
SELECT id, kind, office, login, state, done, of, message, begun, updated, result FROM tasks
WHERE id = $1";
const UNFINISHED: &str = "-- tasks::unfinished
SELECT id, kind, office, login, state, done, of, message, begun, updated, result FROM tasks
WHERE state = 'waiting' OR state = 'running' ORDER BY id";
const INPUT: &str = "-- tasks::input\nSELECT input FROM tasks WHERE id = $1";
const GO_ON: &str = "-- tasks::go_on
UPDATE tasks SET state = 'running', done = $2, of = $3, updated = $4
WHERE id = $1 AND (state = 'waiting' OR state = 'running')";
const END: &str = "-- tasks::end
UPDATE tasks SET state = $2, message = $3, result = $4, updated = $5
WHERE id = $1 AND (state = 'waiting' OR state = 'running')";
const STOP: &str = "-- tasks::stop
UPDATE tasks SET state = 'stopped', updated = $3
WHERE id = $1 AND login = $2 AND (state = 'waiting' OR state = 'running')";

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Nobody has begun it.
    Waiting,
    /// Under way, or interrupted: it goes on where it stood.
    Running,
    /// It came to its end.
    Done,
    /// It came to an end by itself that is no success; the message says why.
    Failed,
    /// Its officer stopped it.
    Stopped,
}

impl TaskState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Stopped,
    ];

    /// The permanent word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// What a task is begun with.
pub struct Opening<'a> {
    /// The word of its kind, see `crate::tasks`.
    pub kind: &'a str,
    /// What its kind needs to know; kept sealed.
    pub input: &'a [u8],
    /// How many pieces it will be, where that is known.
    pub of: u64,
}

/// A task as its office sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub id: RecordId,
    /// The word of its kind.
    pub kind: String,
    /// Whose it is.
    pub office: OfficeCode,
    /// Who began it.
    pub login: String,
    /// How far it is.
    pub state: TaskState,
    /// Pieces done.
    pub done: u64,
    /// All of them; 0 while that is not known.
    pub of: u64,
    /// How it ended: a word of `locales/`, `task-said-…`.
    pub message: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// When it was last heard of.
    pub updated: Timestamp,
    /// The file it leaves to fetch.
    pub result: Option<RecordId>,
}

impl Task {
    /// Per cent done, where that is known.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        (self.of > 0).then(|| self.done.min(self.of).saturating_mul(100) / self.of)
    }
}

fn of_row(row: &Row) -> Result<Task> {
    let state = row.text(4)?;
    let moment =
        |at: i64| Timestamp::from_millisecond(at).map_err(|_| Error::Internal("registry::tasks"));
    Ok(Task {
        id: RecordId::from_i64(row.int(0)?),
        kind: row.text(1)?.to_owned(),
        office: row.text(2)?.into(),
        login: row.text(3)?.to_owned(),
        state: TaskState::ALL
            .into_iter()
            .find(|s| s.word() == state)
            .ok_or(Error::Internal("registry::tasks"))?,
        done: row.int(5)?.unsigned_abs(),
        of: row.int(6)?.unsigned_abs(),
        message: row.text(7)?.to_owned(),
        begun: moment(row.int(8)?)?,
        updated: moment(row.int(9)?)?,
        result: row.opt_int(10)?.map(RecordId::from_i64),
    })
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Registry {
    /// Begins a task of the officer's office.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_task(
        &self,
        opening: &Opening<'_>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        let id = work.new_record();
        let sealed = self.seal(&task_aad(id), opening.input);
        let row = [
            id.as_i64().into(),
            opening.kind.into(),
            by.office.as_str().into(),
            (&by.login).into(),
            count(opening.of).into(),
            now.as_millisecond().into(),
            Param::Blob(&sealed),
        ];
        work.tx.execute(OPEN, &row)?;
        work.commit()?;
        Ok(id)
    }

    /// The last tasks of an office, newest first; with one of them those before it.
    ///
    /// # Errors
    /// What the database says.
    pub fn tasks_of(
        &self,
        office: &OfficeCode,
        before: Option<RecordId>,
        most: usize,
    ) -> Result<Vec<Task>> {
        let before = before.map_or(i64::MAX, RecordId::as_i64);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.store.read(|r| {
            let asked = [office.as_str().into(), before.into(), most.into()];
            Ok::<_, Error>(r.query(OF_OFFICE, &asked)?)
        })?;
        rows.iter().map(of_row).collect()
    }

    /// A task of an office.
    ///
    /// # Errors
    /// `NotFound`, also for another office's.
    pub fn task(&self, id: RecordId, office: &OfficeCode) -> Result<Task> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(ONE, &[id.as_i64().into()])?))?;
        let task = of_row(&row.ok_or(Error::NotFound)?)?;
        if task.office == *office {
            Ok(task)
        } else {
            Err(Error::NotFound)
        }
    }

    /// Stops a task; only the officer who began it may. What it has done stays done.
    ///
    /// # Errors
    /// `Conflict` when it is over already or another officer's.
    pub fn stop_task(&self, id: RecordId, by: &Officer, now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        let row = [
            id.as_i64().into(),
            (&by.login).into(),
            now.as_millisecond().into(),
        ];
        tx.change_one(STOP, &row)?;
        Ok(tx.commit()?)
    }

    /// What is to be done, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn unfinished_tasks(&self) -> Result<Vec<Task>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(UNFINISHED, &[])?))?;
        rows.iter().map(of_row).collect()
    }

    /// What a task was begun with.
    ///
    /// # Errors
    /// `NotFound`; sealed bytes that do not open.
    pub fn task_input(&self, id: RecordId) -> Result<Vec<u8>> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(INPUT, &[id.as_i64().into()])?))?
            .ok_or(Error::NotFound)?;
        let bytes = self
            .keyring
            .open(&task_aad(id), row.blob(0)?)
            .map_err(|_| Error::Sealed("a task"))?;
        Ok(bytes.to_vec())
    }

    /// Saves how far a task is. Tells whether it shall go on: not when it was stopped meanwhile.
    ///
    /// # Errors
    /// What the database says.
    pub fn task_goes_on(&self, id: RecordId, done: u64, of: u64, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin()?;
        let row = [
            id.as_i64().into(),
            count(done).into(),
            count(of).into(),
            now.as_millisecond().into(),
        ];
        let changed = tx.execute(GO_ON, &row)?;
        tx.commit()?;
        Ok(changed == 1)
    }

    /// Ends a task, with the word of how it ended and the file it leaves. One that was stopped
    /// meanwhile stays stopped.
    ///
    /// # Errors
    /// What the database says.
    pub fn end_task(
        &self,
        id: RecordId,
        state: TaskState,
        message: &str,
        result: Option<RecordId>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.store.begin()?;
        let row = [
            id.as_i64().into(),
            state.word().into(),
            message.into(),
            result.map(RecordId::as_i64).into(),
            now.as_millisecond().into(),
        ];
        tx.execute(END, &row)?;
        Ok(tx.commit()?)
    }
}

/// What a task's sealed input is bound to.
fn task_aad(id: RecordId) -> [u8; 12] {
    let mut aad = *b"task\0\0\0\0\0\0\0\0";
    aad[4..].copy_from_slice(&id.as_i64().to_be_bytes());
    aad
}
