//! The store: a very small executor over two databases, SQLite and PostgreSQL.
//!
//! One SQL text serves both. It may use `$1`, `TEXT`, whole numbers and bytes, `ON CONFLICT`,
//! `RETURNING` and `COUNT`; times are UTC milliseconds, days `YYYY-MM-DD`; no JSON, no `now()`,
//! and a sum is `CAST(SUM(…) AS BIGINT)`. Each statement is a constant whose first line names the
//! function it belongs to (`-- cases::load`); that name is all an error tells of it.
//!
//! There is one writer at a time: [`Store::begin`] waits for the turn, and what is read inside is
//! what is changed. Readers are never blocked and see one snapshot. All of it is synchronous and
//! belongs on a blocking thread; only [`Lookup`] may be called from an asynchronous one.

mod error;
mod insert;
mod link;
mod postgres;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use error::{Error, Result};
pub use insert::{Insert, Kind, OnConflict};
pub use value::{Param, Row, Value};

use insert::Plan;
use link::Link;

/// The hot look-up's statement.
const LOOKUP: &str = "-- store::lookup
SELECT feed, body FROM dossiers WHERE key = $1 ORDER BY feed";

/// Where the registry's rows are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL address; it may hold a password and is never printed.
    Postgres(String),
}

impl StoreConfig {
    /// `postgres://…` is PostgreSQL, everything else the path of a file.
    #[must_use]
    pub fn from_address(address: &str) -> Self {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Self::Postgres(address.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(address))
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}

/// The open database.
pub struct Store {
    engine: Engine,
    lookup: Lookup,
}

enum Engine {
    Sqlite(Arc<sqlite::Engine>),
    Postgres(Box<postgres::Engine>),
}

/// One connection of either kind, for one statement.
enum Session<'a> {
    Sqlite(&'a Connection),
    Postgres(&'a mut Link),
}

impl Session<'_> {
    fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => sqlite::batch(connection, sql),
            Self::Postgres(link) => link.batch(sql),
        }
    }

    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        debug_assert!(sql.starts_with("-- "), "a statement begins with its name");
        match self {
            Self::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Self::Postgres(link) => link.execute(sql, params),
        }
    }

    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        debug_assert!(sql.starts_with("-- "), "a statement begins with its name");
        match self {
            Self::Sqlite(connection) => sqlite::query(connection, sql, params),
            Self::Postgres(link) => link.query(sql, params),
        }
    }

    fn insert_many(&mut self, plan: &Plan<'_>, rows: &[Param<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => sqlite::insert_many(connection, plan, rows),
            Self::Postgres(link) => link.insert_many(plan, rows),
        }
    }
}

impl Store {
    /// Makes the tables, or adds what a newer program needs, and sets the guards. On PostgreSQL
    /// the address is the owner's and `app_role` the role the server will run as; SQLite needs
    /// no role. Doing it again changes nothing.
    pub fn migrate(config: &StoreConfig, app_role: Option<&str>) -> Result<()> {
        Self::migrate_with(config, app_role, schema::FILES)
    }

    fn migrate_with(
        config: &StoreConfig,
        app_role: Option<&str>,
        files: &[schema::File],
    ) -> Result<()> {
        match config {
            StoreConfig::Sqlite(path) => {
                sqlite::create_file(path)?;
                let connection = sqlite::open_writer(path)?;
                sqlite::batch(&connection, "-- store::migrate\nBEGIN IMMEDIATE")?;
                // On an error the connection closes here, which rolls back.
                schema::migrate(&mut Session::Sqlite(&connection), files, None)?;
                sqlite::commit(&connection)
            }
            StoreConfig::Postgres(url) => {
                let mut link = Link::open(&postgres::parse(url)?)?;
                link.batch("-- store::migrate\nBEGIN; SELECT pg_advisory_xact_lock(5423167804)")?;
                schema::migrate(&mut Session::Postgres(&mut link), files, app_role)?;
                link.commit()
            }
        }
    }

    /// Opens a registry that [`Store::migrate`] made. Refuses tables it does not know, and on
    /// PostgreSQL a role that could change the journal.
    pub fn open(config: &StoreConfig) -> Result<Self> {
        Self::open_with(config, schema::FILES)
    }

    fn open_with(config: &StoreConfig, files: &[schema::File]) -> Result<Self> {
        match config {
            StoreConfig::Sqlite(path) => Self::open_sqlite(path, files),
            StoreConfig::Postgres(url) => {
                let config = postgres::parse(url)?;
                let mut link = Link::open(&config)?;
                schema::check(&mut Session::Postgres(&mut link), files)?;
                let hot = Arc::new(postgres::Hot::new(config.clone(), LOOKUP));
                let engine = Box::new(postgres::Engine::new(config, link));
                Ok(Self {
                    engine: Engine::Postgres(engine),
                    lookup: Lookup(Way::Postgres(hot)),
                })
            }
        }
    }

    fn open_sqlite(path: &Path, files: &[schema::File]) -> Result<Self> {
        let engine = Arc::new(sqlite::Engine::open(path)?);
        let writer = engine.writer.lock().unwrap_or_else(PoisonError::into_inner);
        schema::check(&mut Session::Sqlite(&writer), files)?;
        drop(writer);
        let lookup = Lookup(Way::Sqlite(Arc::clone(&engine)));
        Ok(Self {
            engine: Engine::Sqlite(engine),
            lookup,
        })
    }

    /// Waits for the writer's turn and begins. Dropping the transaction rolls it back.
    pub fn begin(&self) -> Result<Tx<'_>> {
        let turn = match &self.engine {
            Engine::Sqlite(engine) => {
                // A panic under the lock rolled its transaction back on the way out.
                let writer = engine.writer.lock().unwrap_or_else(PoisonError::into_inner);
                sqlite::batch(&writer, "-- store::begin\nBEGIN IMMEDIATE")?;
                Turn::Sqlite(writer)
            }
            Engine::Postgres(engine) => {
                let mut writer = engine.writer.lock().unwrap_or_else(PoisonError::into_inner);
                engine.begin(&mut writer)?;
                Turn::Postgres(writer)
            }
        };
        Ok(Tx {
            turn,
            failed: false,
            ended: false,
        })
    }

    /// Asks any number of questions of one snapshot.
    pub fn read<T, E: From<Error>>(
        &self,
        ask: impl FnOnce(&mut Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.with_reader(|connection| {
                sqlite::batch(connection, "-- store::read\nBEGIN")?;
                let ending = Ending(connection);
                let answer = ask(&mut Reader(Session::Sqlite(ending.0)));
                drop(ending);
                answer
            })?,
            Engine::Postgres(engine) => {
                engine.with_reader(|link| ask(&mut Reader(Session::Postgres(link))))
            }
        }
    }

    /// The hot look-up, for those who answer visitors.
    #[must_use]
    pub fn lookups(&self) -> Lookup {
        self.lookup.clone()
    }
}

/// Ends a reader's snapshot whatever happens.
struct Ending<'c>(&'c Connection);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        // Cannot fail in a way that matters: a connection still in a transaction is not used
        // again, because its next BEGIN is refused.
        drop(sqlite::batch(self.0, "-- store::read\nCOMMIT"));
    }
}

/// The question every visitor asks: what each feed has under a key. Cheap to clone; may be awaited on an
/// asynchronous thread: SQLite answers in place, PostgreSQL over a few shared connections.
#[derive(Clone)]
pub struct Lookup(Way);

#[derive(Clone)]
enum Way {
    Sqlite(Arc<sqlite::Engine>),
    Postgres(Arc<postgres::Hot>),
}

impl Lookup {
    /// Whether it is answered in place: some tests say of which database they speak.
    #[cfg(test)]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Way::Sqlite(_))
    }

    /// What each feed has under this key: seldom more than one.
    pub async fn get(&self, key: &[u8]) -> Result<Vec<(i64, Vec<u8>)>> {
        match &self.0 {
            Way::Sqlite(engine) => engine.lookup(LOOKUP, key),
            Way::Postgres(hot) => hot.get(key).await,
        }
    }
}

/// What may be asked inside a transaction and of a snapshot alike.
pub trait Ask {
    /// All rows of the answer.
    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>>;

    /// The one row, or none; more than one is an error.
    fn query_opt(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<Row>> {
        let mut rows = self.query(sql, params)?;
        let row = rows.pop();
        if rows.is_empty() {
            Ok(row)
        } else {
            Err(Error::misuse(error::name_of(sql), "gave more than one row"))
        }
    }

    /// The one row there must be.
    fn query_one(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Row> {
        self.query_opt(sql, params)?
            .ok_or_else(|| Error::misuse(error::name_of(sql), "gave no row"))
    }
}

/// A snapshot to ask.
pub struct Reader<'a>(Session<'a>);

impl Ask for Reader<'_> {
    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        self.0.query(sql, params)
    }
}

/// The writer's turn.
///
/// After a statement failed nothing more can be done in it and [`Tx::commit`] stores nothing:
/// PostgreSQL would end it so anyway, SQLite is held to the same.
pub struct Tx<'s> {
    turn: Turn<'s>,
    failed: bool,
    ended: bool,
}

enum Turn<'s> {
    Sqlite(MutexGuard<'s, Connection>),
    Postgres(MutexGuard<'s, Option<Link>>),
}

impl Tx<'_> {
    fn run<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Session<'_>) -> Result<T>,
    ) -> Result<T> {
        if self.failed {
            return Err(Error::misuse(
                name,
                "an earlier statement of this transaction failed",
            ));
        }
        let mut session = match &mut self.turn {
            Turn::Sqlite(connection) => Session::Sqlite(connection),
            Turn::Postgres(writer) => match writer.as_mut() {
                Some(link) => Session::Postgres(link),
                None => {
                    return Err(Error::Broken {
                        doing: name.to_owned(),
                    });
                }
            },
        };
        let done = work(&mut session);
        self.failed = done.is_err();
        done
    }

    /// Runs a statement; tells how many rows it changed.
    pub fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        self.run(error::name_of(sql), |session| session.execute(sql, params))
    }

    /// Runs a statement that must change exactly one row: the guarded update, whose `WHERE` names
    /// the version that was read. Any other number is [`Error::Conflict`].
    pub fn change_one(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<()> {
        let name = error::name_of(sql);
        self.run(name, |session| match session.execute(sql, params)? {
            1 => Ok(()),
            _ => Err(Error::Conflict {
                statement: name.to_owned(),
            }),
        })
    }

    /// Stores many rows; tells how many. Fewer than given is an error.
    pub fn insert_many<const N: usize>(
        &mut self,
        insert: &Insert<N>,
        rows: &[[Param<'_>; N]],
    ) -> Result<u64> {
        self.insert_many_by(insert, 1, rows)
    }

    /// The same, where each stored row's version must be `step` behind the new one's: a record
    /// that several events of this transaction touched is saved once.
    pub fn insert_many_by<const N: usize>(
        &mut self,
        insert: &Insert<N>,
        step: i64,
        rows: &[[Param<'_>; N]],
    ) -> Result<u64> {
        let plan = Plan {
            name: insert.name,
            table: insert.table,
            columns: &insert.columns,
            on_conflict: insert.on_conflict,
            step,
        };
        self.run(insert.name, |session| {
            if rows.is_empty() {
                return Ok(0);
            }
            plan.check_count(session.insert_many(&plan, rows.as_flattened())?, rows.len())
        })
    }

    /// Stores it all, or says that nothing was stored, or ([`Error::Unknown`]) that nobody knows.
    pub fn commit(mut self) -> Result<()> {
        if self.failed {
            return Err(Error::misuse(
                "store::commit",
                "a statement failed: nothing was stored",
            ));
        }
        match &mut self.turn {
            Turn::Sqlite(connection) => {
                sqlite::commit(connection)?;
                self.ended = true;
                Ok(())
            }
            Turn::Postgres(writer) => {
                let Some(link) = writer.as_mut() else {
                    return Err(Error::Unknown);
                };
                let fate = link.commit();
                self.ended = true;
                if fate.is_err() {
                    **writer = None;
                }
                fate
            }
        }
    }
}

impl Ask for Tx<'_> {
    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        self.run(error::name_of(sql), |session| session.query(sql, params))
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        match &mut self.turn {
            // A failure that rolled back by itself leaves nothing to roll back.
            Turn::Sqlite(connection) if connection.is_autocommit() => {}
            Turn::Sqlite(connection) => {
                drop(sqlite::batch(connection, "-- store::rollback\nROLLBACK"));
            }
            Turn::Postgres(writer) => {
                let rolled_back = writer.as_mut().is_some_and(|link| {
                    link.is_whole() && link.batch("-- store::rollback\nROLLBACK").is_ok()
                });
                if !rolled_back {
                    **writer = None;
                }
            }
        }
    }
}
