//! Signed-in browsers. Who asks for a page never waits for the writer's turn: when a browser was
//! last seen is kept in memory and written by upkeep. A process that dies forgets it for the last
//! minute or two, and such a browser is signed out that much earlier.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Door, Error, From, Officer, Registry, Result, accounts,
    staff::officer,
    store::{Ask, Param},
    tables,
    work::OWN,
};

/// A browser that does nothing for so long is signed out (等保三级 8.1.4.1).
const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// And after so long in any case.
const LONGEST: SignedDuration = SignedDuration::from_hours(8);
/// The seen time is noted when it is this much older.
const SEEN_STEP: SignedDuration = SignedDuration::from_mins(1);

const OPEN: &str = "-- web_sessions::open
INSERT INTO web_sessions (token, login, opened, seen, ended, stage, fresh, address)
VALUES ($1, $2, $3, $3, 0, $4, $3, $5)";
const SESSION: &str = "-- web_sessions::load
SELECT login, opened, seen, stage, fresh FROM web_sessions WHERE token = $1 AND ended = 0";
const OF_LOGIN: &str = "-- web_sessions::of
SELECT token, opened, seen, address FROM web_sessions
WHERE login = $1 AND ended = 0 AND stage = 'full' AND opened > $2 ORDER BY opened DESC LIMIT 100";
const REFRESH: &str = "-- web_sessions::refresh
UPDATE web_sessions SET fresh = $2 WHERE token = $1 AND ended = 0";
pub(super) const END_ALL: &str =
    "-- web_sessions::end_all\nUPDATE web_sessions SET ended = 1 WHERE login = $1";
const SEEN: &str =
    "-- web_sessions::seen\nUPDATE web_sessions SET seen = $2 WHERE token = $1 AND ended = 0";
const END: &str = "-- web_sessions::end\nUPDATE web_sessions SET ended = 1 WHERE token = $1";

/// The digests of tokens, and when each was last seen where the table does not know it yet.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<[u8; 32], i64>>);

impl Seen {
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], i64>> {
        // Every change of the map is one call: a panic leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a browser has still to give before it is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing.
    Full,
    /// The code of the second factor.
    Code,
    /// A second factor, which the account's role needs and which there is not yet.
    Enrol,
}

impl Stage {
    fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Code => "code",
            Self::Enrol => "enrol",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Full, Self::Code, Self::Enrol];
        all.into_iter().find(|stage| stage.code() == code)
    }
}

/// A browser, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub officer: Officer,
    /// What is still wanted.
    pub stage: Stage,
    /// When a password or a code was last given.
    pub fresh: Timestamp,
}

/// A browser that is signed in, as its officer sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// The digest of its token.
    pub token: [u8; 32],
    /// When it was signed in.
    pub opened: Timestamp,
    /// When it last asked for something.
    pub seen: Timestamp,
    /// From where.
    pub address: String,
}

impl Registry {
    /// Signs a browser in for good; only the token's digest is kept.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_session(&self, login: &str, token: &[u8; 32], now: Timestamp) -> Result<()> {
        let from = From {
            address: "",
            at: now,
        };
        self.begin_session(login, token, Stage::Full, from)
    }

    /// Signs a browser in, as far as it has come.
    ///
    /// # Errors
    /// What the database says.
    pub fn begin_session(
        &self,
        login: &str,
        token: &[u8; 32],
        stage: Stage,
        from: From<'_>,
    ) -> Result<()> {
        let row = [
            token.into(),
            login.into(),
            Param::Int(from.at.as_millisecond()),
            stage.code().into(),
            from.address.into(),
        ];
        let mut tx = self.store.begin()?;
        tx.execute(OPEN, &row)?;
        Ok(tx.commit()?)
    }

    /// How far a browser is signed in once its officer has given the password.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn stage_after_password(&self, officer: &Officer) -> Result<Stage> {
        let asked = [officer.login.as_str().into(), OWN.into()];
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(tables::ACCOUNT_OF, &asked)?))?;
        let account = accounts::read(row.ok_or(Error::NotFound)?.text(1)?)?;
        let needs = officer.roles.iter().any(|role| role.needs_factor());
        Ok(match (account.factor, needs) {
            (true, _) => Stage::Code,
            (false, true) => Stage::Enrol,
            (false, false) => Stage::Full,
        })
    }

    /// Who is signed in with this token, unless it was idle or open too long.
    ///
    /// # Errors
    /// What the database says.
    pub fn session(&self, token: &[u8; 32], now: Timestamp) -> Result<Option<Officer>> {
        let found = self.signed_in(token, now)?;
        let full = found.filter(|signed| signed.stage == Stage::Full);
        Ok(full.map(|signed| signed.officer))
    }

    /// The same, however far the browser has come. Reads only: it goes through while an import has
    /// the writer's turn.
    ///
    /// # Errors
    /// What the database says.
    pub fn signed_in(&self, token: &[u8; 32], now: Timestamp) -> Result<Option<SignedIn>> {
        let found = self.store.read(|r| {
            let Some(row) = r.query_opt(SESSION, &[token.into()])? else {
                return Ok::<_, Error>(None);
            };
            let asked = [row.text(0)?.into(), OWN.into()];
            let account = r.query_opt(tables::ACCOUNT_OF, &asked)?;
            Ok(account.map(|account| (row, account)))
        })?;
        let Some((row, account)) = found else {
            return Ok(None);
        };
        let account = accounts::read(account.text(1)?)?;
        let age = |since: i64| SignedDuration::from_millis(now.as_millisecond() - since);
        let noted = self.seen.lock().get(token).copied();
        let (opened, seen) = (row.int(1)?, row.int(2)?.max(noted.unwrap_or(0)));
        if account.closed || age(seen) > IDLE || age(opened) > LONGEST {
            return Ok(None);
        }
        if age(seen) > SEEN_STEP {
            self.seen.lock().insert(*token, now.as_millisecond());
        }
        let stage = Stage::from_code(row.text(3)?).ok_or(Error::Internal("sessions::stage"))?;
        Ok(Some(SignedIn {
            officer: officer(account),
            stage,
            fresh: moment(row.int(4)?),
        }))
    }

    /// A password or a code was given again in this browser.
    ///
    /// # Errors
    /// What the database says.
    pub fn refresh_session(&self, token: &[u8; 32], now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(REFRESH, &[token.into(), now.as_millisecond().into()])?;
        Ok(tx.commit()?)
    }

    /// The browsers that an account is signed in with.
    ///
    /// # Errors
    /// What the database says.
    pub fn browsers(&self, login: &str, now: Timestamp) -> Result<Vec<Browser>> {
        let oldest = (now - LONGEST).as_millisecond();
        let asked = [login.into(), oldest.into()];
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(OF_LOGIN, &asked)?))?;
        let mut browsers = Vec::new();
        for row in &rows {
            let token = row.bytes(0)?;
            let noted = self.seen.lock().get(&token).copied().unwrap_or(0);
            let seen = moment(row.int(2)?.max(noted));
            if now.duration_since(seen) <= IDLE {
                browsers.push(Browser {
                    token,
                    opened: moment(row.int(1)?),
                    seen,
                    address: row.text(3)?.to_owned(),
                });
            }
        }
        Ok(browsers)
    }

    /// Signs an account's browsers out: all, or the one.
    ///
    /// # Errors
    /// `NotFound` for a browser that is not signed in with it.
    pub fn sign_out(
        &self,
        login: &str,
        one: Option<&[u8; 32]>,
        by: &str,
        at: Timestamp,
    ) -> Result<()> {
        if let Some(one) = one
            && !self.browsers(login, at)?.iter().any(|b| b.token == *one)
        {
            return Err(Error::NotFound);
        }
        let mut tx = self.store.begin()?;
        match one {
            Some(token) => tx.execute(END, &[token.into()])?,
            None => tx.execute(END_ALL, &[login.into()])?,
        };
        let own = by == login;
        let what = if own {
            Door::SignedOut
        } else {
            Door::SignedOutByOther
        };
        let from = From { address: "", at };
        self.put_door(&mut tx, login, what, from, if own { "" } else { by })?;
        Ok(tx.commit()?)
    }

    /// Writes when browsers were last seen. To be done every minute.
    ///
    /// # Errors
    /// What the database says; then it is done the next time.
    pub fn write_seen(&self) -> Result<()> {
        let noted = self.seen.lock().clone();
        if noted.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin()?;
        for (token, at) in &noted {
            tx.execute(SEEN, &[token.into(), Param::Int(*at)])?;
        }
        tx.commit()?;
        // What was seen meanwhile waits for the next time.
        let mut seen = self.seen.lock();
        seen.retain(|token, at| noted.get(token) != Some(at));
        Ok(())
    }

    /// Signs a browser out.
    ///
    /// # Errors
    /// What the database says.
    pub fn end_session(&self, token: &[u8; 32]) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(END, &[token.into()])?;
        Ok(tx.commit()?)
    }
}

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}
