//! Signed-in browsers. Who asks for a page never waits for the writer's turn: when a browser was
//! last seen is kept in memory and written by upkeep. A process that dies forgets it for the last
//! minute or two, and such a browser is signed out that much earlier.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Officer, Registry, Result,
    staff::{self, officer},
    store::{Ask, Param},
};

/// A browser that does nothing for so long is signed out (等保三级 8.1.4.1).
const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// And after so long in any case.
const LONGEST: SignedDuration = SignedDuration::from_hours(8);
/// The seen time is noted when it is this much older.
const SEEN_STEP: SignedDuration = SignedDuration::from_mins(1);

const OPEN: &str =
    "-- web_sessions::open\nINSERT INTO web_sessions (token, login, opened, seen, ended)
VALUES ($1, $2, $3, $3, 0)";
const SESSION: &str = "-- web_sessions::load\nSELECT login, opened, seen FROM web_sessions WHERE token = $1 AND ended = 0";
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

impl Registry {
    /// Signs a browser in; only the token's digest is kept.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_session(&self, login: &str, token: &[u8; 32], now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(
            OPEN,
            &[token.into(), login.into(), Param::Int(now.as_millisecond())],
        )?;
        Ok(tx.commit()?)
    }

    /// Who is signed in with this token, unless it was idle or open too long. Reads only: it goes
    /// through while an import has the writer's turn.
    ///
    /// # Errors
    /// What the database says.
    pub fn session(&self, token: &[u8; 32], now: Timestamp) -> Result<Option<Officer>> {
        let found = self.store.read(|r| {
            let Some(row) = r.query_opt(SESSION, &[token.into()])? else {
                return Ok::<_, Error>(None);
            };
            let login = row.text(0)?.to_owned();
            let staff = r.query_opt(staff::GET, &[(&login).into()])?;
            Ok(staff.map(|staff| (login, row.int(1), row.int(2), staff)))
        })?;
        let Some((login, opened, seen, staff)) = found else {
            return Ok(None);
        };
        let age = |since: i64| SignedDuration::from_millis(now.as_millisecond() - since);
        let noted = self.seen.lock().get(token).copied();
        let (opened, seen) = (opened?, seen?.max(noted.unwrap_or(0)));
        if staff.int(4)? != 0 || age(seen) > IDLE || age(opened) > LONGEST {
            return Ok(None);
        }
        if age(seen) > SEEN_STEP {
            self.seen.lock().insert(*token, now.as_millisecond());
        }
        Ok(Some(officer(
            &login,
            staff.text(0)?,
            staff.text(1)?,
            staff.text(2)?,
        )))
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
