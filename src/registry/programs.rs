//! Programs that act for an office: their keys, and the calls they made.
//!
//! A key is an account of its own, `machine:` and the key's number. It is opened and closed by the
//! events of any account, so that what a program did is told by the journal as what a person did.
//! No password opens it, and the domain gives it no role that decides.
//!
//! A writing call is laid down before its work begins. If the process dies in between, the same call
//! is told that nobody knows, and is not done again ([`Begun::Doubt`]).

use domain::{
    event::Act,
    office::{OfficeCode, OfficerId, Role},
    record::RecordId,
    refusal::Refusal,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Command, Done, Error, Officer, Registry, Result, accounts, digest,
    store::{Ask, Param, Row},
    tables,
};

const PUT: &str = "-- programs::put
INSERT INTO office_keys (key, number, login, office, label, made, made_by, expires, used, ended)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)";
const ALL: &str = "-- programs::all
SELECT k.number, k.login, k.label, k.made, k.made_by, k.expires, k.used, k.ended, a.body
FROM office_keys k JOIN accounts a ON a.login = k.login AND a.feed = 0 ORDER BY k.made, k.number";
const ONE: &str = "-- programs::one
SELECT k.number, k.expires, k.used, k.ended, a.body
FROM office_keys k JOIN accounts a ON a.login = k.login AND a.feed = 0 WHERE k.key = $1";
const TOUCH: &str = "-- programs::touch\nUPDATE office_keys SET used = $2 WHERE key = $1";
const LOGIN: &str = "-- programs::login\nSELECT login FROM office_keys WHERE number = $1";
const END: &str = "-- programs::end\nUPDATE office_keys SET ended = 1 WHERE number = $1";
const CALL: &str = "-- calls::one
SELECT request, at, process, status, answer FROM calls WHERE key = $1 AND name = $2";
const CALL_BEGIN: &str = "-- calls::begin
INSERT INTO calls (key, name, request, at, process, status, answer)
VALUES ($1, $2, $3, $4, $5, NULL, NULL)
ON CONFLICT (key, name) DO UPDATE SET request = excluded.request, at = excluded.at,
process = excluded.process, status = NULL, answer = NULL";
const CALL_ANSWER: &str = "-- calls::answer
UPDATE calls SET status = $3, answer = $4 WHERE key = $1 AND name = $2";
const CALL_FREE: &str = "-- calls::free\nUPDATE calls SET at = 0 WHERE key = $1 AND name = $2";
const CALL_DOUBT: &str =
    "-- calls::doubt\nUPDATE calls SET process = 0 WHERE key = $1 AND name = $2";
const CALLS_EMPTY: &str = "-- calls::empty
UPDATE calls SET answer = NULL WHERE at < $1 AND answer IS NOT NULL";

/// So long an answer is kept, and a name means the same call.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The longest a key can be in force.
const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);
/// When a key was used is noted once in this time.
const STEP: i64 = 60_000;
/// What every key begins with.
const MARK: &str = "kecha_";

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewProgram {
    /// Whose program it is.
    pub label: String,
    /// For which office it acts.
    pub office: OfficeCode,
    /// In which roles.
    pub roles: Vec<Role>,
    /// Until when.
    pub expires: Timestamp,
}

/// A key as its keeper sees it: the key itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeKey {
    /// Its first characters.
    pub number: String,
    /// The program's account.
    pub officer: Officer,
    /// When it was made.
    pub made: Timestamp,
    /// By whom.
    pub made_by: String,
    /// From then on it is not in force.
    pub expires: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// It was ended, or its account was closed.
    pub ended: bool,
}

/// A program that calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its account.
    pub officer: Officer,
    /// The number of its key.
    pub number: String,
    /// The digest of its key.
    pub key: [u8; 32],
    /// From then on it is not in force.
    pub expires: Timestamp,
}

/// What a program calls one call of its own, and what it asks for by that name.
#[derive(Clone, Copy, Debug)]
pub struct CallName {
    /// The digest of its key.
    pub key: [u8; 32],
    /// The digest of the name.
    pub name: [u8; 32],
    /// The digest of what is asked.
    pub request: [u8; 32],
}

/// What is known of a call when it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nobody has done it: it is this caller's to do.
    New,
    /// The name stands for another request.
    Other,
    /// It is being done.
    Running,
    /// It was begun and left, and nobody knows how far it came.
    Doubt,
    /// It was done, and this was the answer.
    Answered {
        /// Its status.
        status: u16,
        /// Its body.
        body: Vec<u8>,
    },
}

impl Registry {
    /// Makes a key and opens the account it acts as. The key is told this once.
    ///
    /// # Errors
    /// `ForPeople` for a role that no program holds, `RoleOfAnotherOffice`, `NotThisOffice`,
    /// `NoticeMissing` without label, role or a day to end on within 400 days.
    pub fn make_office_key(
        &self,
        new: &NewProgram,
        by: &Officer,
        now: Timestamp,
    ) -> Result<String> {
        let label = new.label.trim();
        let fits = (1..=60).contains(&label.chars().count()) && !new.roles.is_empty();
        let lasts = now < new.expires && new.expires.duration_since(now) <= LONGEST;
        if !fits || !lasts {
            return Err(Refusal::NoticeMissing.into());
        }
        let number = hex(&self.chance.bytes::<4>());
        let secret = hex(&self.chance.bytes::<32>());
        let key = format!("{MARK}{number}_{secret}");
        let officer = Officer {
            login: format!("{}{}-{number}", OfficerId::PROGRAM, new.office),
            name: label.to_owned(),
            office: new.office.clone(),
            roles: new.roles.clone(),
        };
        let kept = digest(&key);
        let mut work = self.work()?;
        work.open_account(&officer, Some(by), now)?;
        let row: [Param<'_>; 8] = [
            (&kept).into(),
            (&number).into(),
            (&officer.login).into(),
            new.office.as_str().into(),
            label.into(),
            now.as_millisecond().into(),
            (&by.login).into(),
            new.expires.as_millisecond().into(),
        ];
        work.tx.execute(PUT, &row)?;
        work.commit()?;
        Ok(key)
    }

    /// Ends a key and closes its account.
    ///
    /// # Errors
    /// `NotFound`, also for another office's key; `RoleNotAllowed`.
    pub fn end_office_key(&self, number: &str, by: &Officer, now: Timestamp) -> Result<()> {
        let mut work = self.work()?;
        let row = work.tx.query_opt(LOGIN, &[number.into()])?;
        let row = row.ok_or(Error::NotFound)?;
        let account = work.own_account(row.text(0)?)?;
        let by = by.acting(&Act::AccountClosed)?;
        // Nobody learns that another office has a key of that number.
        let above = work.registry.stands_above(&by.office, &account.office);
        above.map_err(|_| Error::NotFound)?;
        if !account.closed {
            work.follow_account(account, Act::AccountClosed, by, now)?;
        }
        work.tx.execute(END, &[number.into()])?;
        work.commit()
    }

    /// Every key there ever was, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn office_keys(&self) -> Result<Vec<OfficeKey>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        rows.iter().map(office_key).collect()
    }

    /// The program whose key this is, while it is in force.
    ///
    /// # Errors
    /// What the database says.
    pub fn program(&self, secret: &str, now: Timestamp) -> Result<Option<Program>> {
        if !secret.starts_with(MARK) {
            return Ok(None);
        }
        let key = digest(secret);
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(ONE, &[(&key).into()])?))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let account = accounts::read(row.text(4)?)?;
        let expires = moment(row.int(1)?);
        if row.int(3)? != 0 || account.closed || expires <= now {
            return Ok(None);
        }
        if now.as_millisecond() - row.int(2)? > STEP {
            let mut tx = self.store.begin()?;
            tx.execute(TOUCH, &[(&key).into(), now.as_millisecond().into()])?;
            tx.commit()?;
        }
        Ok(Some(Program {
            officer: super::staff::officer(account),
            number: row.text(0)?.to_owned(),
            key,
            expires,
        }))
    }

    /// Lays a call down before it is done, or tells what became of it before.
    ///
    /// # Errors
    /// What the database says.
    pub fn begin_call(&self, call: &CallName, process: i64, now: Timestamp) -> Result<Begun> {
        let mut tx = self.store.begin()?;
        let place = [(&call.key).into(), (&call.name).into()];
        let oldest = now.as_millisecond() - i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        if let Some(row) = tx.query_opt(CALL, &place)?
            && row.int(1)? >= oldest
        {
            if row.bytes::<32>(0)? != call.request {
                return Ok(Begun::Other);
            }
            let Some(status) = row.opt_int(3)? else {
                let same = row.int(2)? == process;
                return Ok(if same { Begun::Running } else { Begun::Doubt });
            };
            let body = self
                .keyring
                .open(&aad(call), row.blob(4)?)
                .map_err(|_| Error::Sealed("an answer"))?;
            return Ok(Begun::Answered {
                status: u16::try_from(status).unwrap_or(500),
                body: body.to_vec(),
            });
        }
        let row: [Param<'_>; 5] = [
            (&call.key).into(),
            (&call.name).into(),
            (&call.request).into(),
            now.as_millisecond().into(),
            process.into(),
        ];
        tx.execute(CALL_BEGIN, &row)?;
        tx.commit()?;
        Ok(Begun::New)
    }

    /// Keeps the answer of a call.
    ///
    /// # Errors
    /// What the database says.
    pub fn answer_call(&self, call: &CallName, status: u16, body: &[u8]) -> Result<()> {
        let sealed = self.seal(&aad(call), body);
        let row: [Param<'_>; 4] = [
            (&call.key).into(),
            (&call.name).into(),
            i64::from(status).into(),
            (&sealed).into(),
        ];
        let mut tx = self.store.begin()?;
        tx.change_one(CALL_ANSWER, &row)?;
        Ok(tx.commit()?)
    }

    /// Nothing was written for a call, which may come again; or (`doubt`) nobody knows.
    ///
    /// # Errors
    /// What the database says.
    pub fn leave_call(&self, call: &CallName, doubt: bool) -> Result<()> {
        let sql = if doubt { CALL_DOUBT } else { CALL_FREE };
        let mut tx = self.store.begin()?;
        tx.change_one(sql, &[(&call.key).into(), (&call.name).into()])?;
        Ok(tx.commit()?)
    }

    /// Empties the answers that nobody will ask for again.
    ///
    /// # Errors
    /// What the database says.
    pub fn empty_calls(&self, now: Timestamp) -> Result<()> {
        let oldest = now.as_millisecond() - i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        let mut tx = self.store.begin()?;
        tx.execute(CALLS_EMPTY, &[oldest.into()])?;
        Ok(tx.commit()?)
    }

    /// How many entries have touched a case of the officer's own office: what was read of it is
    /// still so while this is the same.
    ///
    /// # Errors
    /// `NotFound` also when it is another office's.
    pub fn case_version(&self, officer: &Officer, id: RecordId) -> Result<i64> {
        self.store.read(|r| {
            let asked = [id.as_i64().into(), super::work::OWN.into()];
            let row = r.query_opt(tables::CASE, &asked)?.ok_or(Error::NotFound)?;
            super::queue::is_own(&self.case_at(r, id)?, officer)?;
            Ok(row.int(0)?)
        })
    }

    /// Does one thing to one case, unless somebody was there since it had that version.
    ///
    /// # Errors
    /// `Conflict` when somebody was; those of [`Registry::command`].
    pub fn command_at(
        &self,
        (case, version): (RecordId, i64),
        what: &Command,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<Done>> {
        let mut work = self.work()?;
        super::queue::is_own(&work.case(case)?, by)?;
        let row = work
            .tx
            .query_one(tables::CASE, &[case.as_i64().into(), work.feed.into()])?;
        if row.int(0)? != version {
            return Err(Error::Conflict);
        }
        let done = super::chain::all(&mut work, &[case], what, by, now)?;
        work.commit()?;
        Ok(done)
    }
}

fn office_key(row: &Row) -> Result<OfficeKey> {
    let account = accounts::read(row.text(8)?)?;
    let used = row.int(6)?;
    Ok(OfficeKey {
        number: row.text(0)?.to_owned(),
        made: moment(row.int(3)?),
        made_by: row.text(4)?.to_owned(),
        expires: moment(row.int(5)?),
        used: (used != 0).then(|| moment(used)),
        ended: row.int(7)? != 0 || account.closed,
        officer: super::staff::officer(account),
    })
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What a sealed answer is bound to.
fn aad(call: &CallName) -> [u8; 70] {
    let mut aad = [0; 70];
    aad[..6].copy_from_slice(b"answer");
    aad[6..38].copy_from_slice(&call.key);
    aad[38..].copy_from_slice(&call.name);
    aad
}
