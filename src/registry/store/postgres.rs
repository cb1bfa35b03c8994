//! PostgreSQL behind the store: one connection that writes, a few that read, and the shared ones
//! of the hot look-up.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::error::name_of;
use super::link::Link;
use super::{Error, Result};

/// Connections for readers; a reader waits for a free one no longer than `FREE`.
const READERS: usize = 8;
const FREE: Duration = Duration::from_secs(10);
/// Shared connections of the hot look-up. Each carries many questions at once.
const HOT: usize = 4;
/// The longest a look-up may take, and a connection for it.
const ANSWER: Duration = Duration::from_secs(5);

const BEGIN: &str = "-- store::begin
BEGIN; SELECT entries FROM heads WHERE feed = 0 FOR UPDATE";
const READ: &str = "-- store::read
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const END: &str = "-- store::read
COMMIT";

/// One PostgreSQL database.
pub(super) struct Engine {
    config: Config,
    pub writer: Mutex<Option<Link>>,
    pool: Mutex<Pool>,
    freed: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Link>,
    open: usize,
}

/// Reads an address; what is wrong with it is not repeated, it may hold a password.
pub(super) fn parse(url: &str) -> Result<Config> {
    let mut config: Config = url.parse().map_err(|_| {
        Error::Refused(
            "the database address cannot be read: it should look like \
             postgres://role@host:5432/kecha"
                .to_owned(),
        )
    })?;
    config.application_name("kecha");
    // Of several hosts the one that accepts writes, for readers too: a standby that lags would
    // still call a revoked certificate valid.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    config.connect_timeout(ANSWER);
    config.tcp_user_timeout(Duration::from_secs(30));
    config.keepalives_idle(Duration::from_secs(30));
    Ok(config)
}

impl Engine {
    pub fn new(config: Config, link: Link) -> Self {
        Self {
            config,
            writer: Mutex::new(Some(link)),
            pool: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Takes the turn. A connection found broken here is replaced once; nothing was begun on it.
    pub fn begin(&self, writer: &mut Option<Link>) -> Result<()> {
        if let Some(link) = writer.as_mut().filter(|link| link.is_whole()) {
            match link.begin(BEGIN) {
                Ok(()) => return Ok(()),
                Err(Error::Broken { .. }) => {}
                Err(error) => {
                    // Its transaction is in an unknown state; closing it rolls back.
                    *writer = None;
                    return Err(error);
                }
            }
        }
        *writer = None;
        let mut link = Link::open(&self.config)?;
        link.begin(BEGIN)?;
        *writer = Some(link);
        Ok(())
    }

    /// Lends a connection that reads one snapshot. It goes back whole or not at all.
    pub fn with_reader<T, E: From<Error>>(
        &self,
        ask: impl FnOnce(&mut Link) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.lend()?;
        let begun = match lent.link.as_mut() {
            Some(link) => link.batch(READ),
            None => Err(Error::Broken {
                doing: name_of(READ).to_owned(),
            }),
        };
        match begun {
            Ok(()) => {}
            Err(Error::Broken { .. }) => {
                lent.link = None;
                let mut link = Link::open(&self.config)?;
                link.batch(READ)?;
                lent.link = Some(link);
            }
            Err(error) => return Err(error.into()),
        }
        // Taken out, so that a panic in `ask` closes the connection instead of returning it.
        let Some(mut link) = lent.link.take() else {
            return Err(Error::Broken {
                doing: name_of(READ).to_owned(),
            }
            .into());
        };
        let answer = ask(&mut link);
        if link.batch(END).is_ok() && link.is_whole() {
            lent.link = Some(link);
        }
        answer
    }

    fn lend(&self) -> Result<Lent<'_>> {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |pool: &mut Pool| pool.idle.is_empty() && pool.open >= READERS;
        let (mut pool, wait) = self
            .freed
            .wait_timeout_while(pool, FREE, full)
            .unwrap_or_else(PoisonError::into_inner);
        if wait.timed_out() {
            return Err(Error::Busy);
        }
        let link = pool.idle.pop();
        pool.open += usize::from(link.is_none());
        drop(pool);
        Ok(Lent { engine: self, link })
    }
}

/// A place in the pool, and the connection that stands in it if there is one.
struct Lent<'e> {
    engine: &'e Engine,
    link: Option<Link>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self
            .engine
            .pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match self.link.take() {
            Some(link) => pool.idle.push(link),
            None => pool.open -= 1,
        }
        drop(pool);
        self.engine.freed.notify_one();
    }
}

/// The hot look-up: questions of many visitors on few connections, without waiting for each
/// other's answers.
pub(super) struct Hot {
    config: Config,
    sql: &'static str,
    next: AtomicUsize,
    places: [Place; HOT],
}

#[derive(Default)]
struct Place {
    open: RwLock<Option<Arc<Line>>>,
    /// Held by the one who connects; `tries` tells those who waited that it was tried.
    connecting: tokio::sync::Mutex<()>,
    tries: AtomicU64,
}

struct Line {
    client: Client,
    statement: Statement,
}

impl Hot {
    pub fn new(config: Config, sql: &'static str) -> Self {
        Self {
            config,
            sql,
            next: AtomicUsize::new(0),
            places: Default::default(),
        }
    }

    /// Asks once, and once more on a new connection if the first one broke: asking changes
    /// nothing, so it may be repeated.
    pub async fn get(&self, key: &[u8]) -> Result<Vec<(i64, Vec<u8>)>> {
        let place = &self.places[self.next.fetch_add(1, Ordering::Relaxed) % HOT];
        for _ in 0..2 {
            let line = self.line(place).await?;
            let key = super::Param::Blob(key);
            let params: [&(dyn ToSql + Sync); 1] = [&key];
            let asked = line.client.query(&line.statement, &params);
            let Ok(answer) = tokio::time::timeout(ANSWER, asked).await else {
                return Err(Error::Busy);
            };
            match answer {
                Ok(rows) => {
                    let found = rows
                        .iter()
                        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
                    return found
                        .collect::<std::result::Result<_, tokio_postgres::Error>>()
                        .map_err(|_| Error::misuse(name_of(self.sql), "not bytes"));
                }
                Err(error) if line.client.is_closed() || is_parting(&error) => {
                    place.leave(&line);
                }
                Err(error) => {
                    let code = error.code().map_or("no code", |code| code.code());
                    return Err(Error::misuse(name_of(self.sql), code));
                }
            }
        }
        Err(self.broken())
    }

    async fn line(&self, place: &Place) -> Result<Arc<Line>> {
        let tries = place.tries.load(Ordering::Acquire);
        if let Some(line) = place.whole() {
            return Ok(line);
        }
        let _turn = place.connecting.lock().await;
        if let Some(line) = place.whole() {
            return Ok(line);
        }
        if place.tries.load(Ordering::Acquire) != tries {
            // Somebody tried while this one waited, and failed: one attempt speaks for all.
            return Err(self.broken());
        }
        let opened = tokio::time::timeout(ANSWER, self.connect()).await;
        place.tries.fetch_add(1, Ordering::AcqRel);
        let line = Arc::new(opened.map_err(|_| self.broken())??);
        *place.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&line));
        Ok(line)
    }

    async fn connect(&self) -> Result<Line> {
        let broken = |_| self.broken();
        let (client, connection) = self.config.connect(NoTls).await.map_err(broken)?;
        // Ends with the connection; the client then says that it is closed.
        tokio::spawn(async move { drop(connection.await) });
        let statement = client.prepare(self.sql).await.map_err(|error| {
            let code = error.code().map_or("no code", |code| code.code());
            Error::misuse(name_of(self.sql), code)
        })?;
        Ok(Line { client, statement })
    }

    fn broken(&self) -> Error {
        Error::Broken {
            doing: name_of(self.sql).to_owned(),
        }
    }
}

/// Whether the connection ends with this error: it closed, or the server said that it will.
fn is_parting(error: &tokio_postgres::Error) -> bool {
    let code = error.code().map(|code| code.code());
    error.is_closed() || code.is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
}

impl Place {
    /// Gives a broken line up, unless somebody put a new one in its place already.
    fn leave(&self, line: &Arc<Line>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|held| Arc::ptr_eq(held, line)) {
            *open = None;
        }
    }

    fn whole(&self) -> Option<Arc<Line>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref()
            .filter(|line| !line.client.is_closed())
            .map(Arc::clone)
    }
}
