//! The SQLite driver: one connection that writes, and one for each thread that reads.
//!
//! Readers live in their thread, so that a look-up is a function call (3 to 6 µs) and takes no
//! lock. A writer waits for its turn in this process at a mutex and for other processes (the
//! server and a command line on one file) at `BEGIN IMMEDIATE` under the busy timeout.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ffi};

use super::error::name_of;
use super::insert::Plan;
use super::{Error, Param, Result, Row, Value};

/// How long a turn is waited for, in milliseconds.
const BUSY_MS: u32 = 10_000;

/// For the connection that writes. `recursive_triggers` makes `INSERT OR REPLACE` meet the
/// guards too; page_size must stand before the first write. A checkpoint after 64 MB instead of
/// the usual 4 MB: a bulk transaction alone fills 4 MB, and each checkpoint waits for the disk
/// (measured: 1.5 to 2 times the events a second).
const WRITER: &str = "
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -64000;
PRAGMA wal_autocheckpoint = 16000;
PRAGMA journal_size_limit = 67108864;
";

/// For a connection that reads: the file is mapped (2 GiB, the most SQLite allows), and a big
/// cache beside that measured slower.
const READER: &str = "
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
PRAGMA mmap_size = 2147418112;
PRAGMA cache_size = -2000;
";

/// One SQLite file.
pub(super) struct Engine {
    path: PathBuf,
    /// Tells this store's readers from another's in the thread's own list.
    id: u64,
    /// Lives as long as the store; a thread drops the readers of stores that are gone.
    alive: Arc<()>,
    pub writer: Mutex<Connection>,
}

struct Slot {
    id: u64,
    alive: Weak<()>,
    connection: Connection,
}

thread_local! {
    static READERS: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Engine {
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Refused(
                "there is no registry at the configured path: check the path, or make a new one \
                 with `kecha init`"
                    .to_owned(),
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            alive: Arc::new(()),
            writer: Mutex::new(open_writer(path)?),
        })
    }

    /// Lends this thread's reader. It is taken out of its place meanwhile, so a read inside a
    /// read gets a connection of its own.
    pub fn with_reader<T>(&self, ask: impl FnOnce(&Connection) -> T) -> Result<T> {
        let own = READERS.with_borrow_mut(|slots| {
            slots
                .iter()
                .position(|slot| slot.id == self.id)
                .map(|at| slots.swap_remove(at))
        });
        let slot = match own {
            Some(slot) => slot,
            None => Slot {
                id: self.id,
                alive: Arc::downgrade(&self.alive),
                connection: open_reader(&self.path)?,
            },
        };
        let answer = ask(&slot.connection);
        READERS.with_borrow_mut(|slots| {
            if !slots.iter().any(|other| other.id == slot.id) {
                slots.push(slot);
                slots.retain(|slot| slot.alive.strong_count() > 0);
            }
        });
        Ok(answer)
    }

    /// What each feed has under a key. The reader stays in its place: nothing is called from in here that
    /// could want it too.
    pub fn lookup(&self, sql: &'static str, key: &[u8]) -> Result<Vec<(i64, Vec<u8>)>> {
        let found = READERS.with_borrow(|slots| {
            let slot = slots.iter().find(|slot| slot.id == self.id)?;
            Some(find(&slot.connection, sql, key))
        });
        match found {
            Some(found) => found,
            None => self.with_reader(|connection| find(connection, sql, key))?,
        }
    }
}

fn find(connection: &Connection, sql: &str, key: &[u8]) -> Result<Vec<(i64, Vec<u8>)>> {
    let failed = |error| failed(name_of(sql), &error);
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query([key]).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let feed = row.get(0).map_err(failed)?;
        let body = row.get_ref(1).map_err(failed)?;
        let bytes = body
            .as_blob()
            .map_err(|_| Error::misuse(name_of(sql), "not bytes"))?;
        found.push((feed, bytes.to_vec()));
    }
    Ok(found)
}

pub(super) fn open_writer(path: &Path) -> Result<Connection> {
    let doing = |error: rusqlite::Error| failed("store::open", &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(doing)?;
    connection
        .busy_timeout(std::time::Duration::from_millis(BUSY_MS.into()))
        .map_err(doing)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)
        .map_err(doing)?;
    connection.execute_batch(WRITER).map_err(doing)?;
    connection.set_prepared_statement_cache_capacity(256);
    let mode: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .map_err(doing)?;
    if mode != "wal" {
        return Err(Error::Refused(
            "the registry's file cannot be kept in WAL mode: put it on a local disk, not on a \
             network share"
                .to_owned(),
        ));
    }
    Ok(connection)
}

/// Makes an empty file that only this account can read, if there is none yet.
pub(super) fn create_file(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::Refused(format!(
            "the registry's file cannot be made ({}): check that its folder exists and may be \
             written",
            error.kind()
        ))),
    }
}

fn open_reader(path: &Path) -> Result<Connection> {
    let doing = |error: rusqlite::Error| failed("store::read", &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(doing)?;
    connection
        .busy_timeout(std::time::Duration::from_millis(BUSY_MS.into()))
        .map_err(doing)?;
    connection.execute_batch(READER).map_err(doing)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Param::Null => ValueRef::Null,
            Param::Int(n) => ValueRef::Integer(n),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// SQLite numbers `$2` by where it stands in the text, PostgreSQL by the figure. The figure
/// counts here too.
fn bind(statement: &mut Statement<'_>, name: &str, params: &[Param<'_>]) -> Result<()> {
    let count = statement.parameter_count();
    if count != params.len() {
        return Err(Error::misuse(name, "has another number of parameters"));
    }
    for place in 1..=count {
        let figure = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$'));
        let figure: Option<usize> = figure.and_then(|figure| figure.parse().ok());
        let param = figure.and_then(|n| params.get(n.checked_sub(1)?));
        let Some(param) = param else {
            return Err(Error::misuse(name, "has a parameter that is not $1, $2, …"));
        };
        bind_one(statement, name, place, *param)?;
    }
    Ok(())
}

fn bind_one(
    statement: &mut Statement<'_>,
    name: &str,
    place: usize,
    param: Param<'_>,
) -> Result<()> {
    if let Param::Text(text) = param
        && text.as_bytes().contains(&0)
    {
        return Err(Error::misuse(name, "was given text with a NUL"));
    }
    statement
        .raw_bind_parameter(place, param)
        .map_err(|error| failed(name, &error))
}

pub(super) fn execute(connection: &Connection, sql: &str, params: &[Param<'_>]) -> Result<u64> {
    let name = name_of(sql);
    let mut statement = connection
        .prepare_cached(sql)
        .map_err(|error| failed(name, &error))?;
    bind(&mut statement, name, params)?;
    let changed = statement
        .raw_execute()
        .map_err(|error| failed(name, &error))?;
    u64::try_from(changed).map_err(|_| Error::misuse(name, "changed too many rows"))
}

pub(super) fn query(connection: &Connection, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
    let name = name_of(sql);
    let failed = |error| failed(name, &error);
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    bind(&mut statement, name, params)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut answer = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let values: Result<Vec<Value>> = (0..columns)
            .map(|at| own(name, row.get_ref(at).map_err(failed)?))
            .collect();
        answer.push(Row(values?));
    }
    Ok(answer)
}

fn own(name: &str, value: ValueRef<'_>) -> Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Text(text) => Value::Text(
            String::from_utf8(text.to_vec())
                .map_err(|_| Error::misuse(name, "text is not UTF-8"))?,
        ),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(_) => return Err(Error::misuse(name, "gave a number that is not whole")),
    })
}

pub(super) fn batch(connection: &Connection, sql: &str) -> Result<()> {
    connection
        .execute_batch(sql)
        .map_err(|error| failed(name_of(sql), &error))
}

pub(super) fn insert_many(
    connection: &Connection,
    plan: &Plan<'_>,
    rows: &[Param<'_>],
) -> Result<u64> {
    if cfg!(debug_assertions) {
        plan.check_rows(rows)?;
    }
    let failed = |error| failed(plan.name, &error);
    let mut statement = connection
        .prepare_cached(&plan.single_sql())
        .map_err(failed)?;
    let width = plan.columns.len();
    let mut stored = 0_u64;
    for row in rows.chunks_exact(width) {
        // The text was made by `single_sql`: its figures stand in order.
        for (at, param) in row.iter().enumerate() {
            bind_one(&mut statement, plan.name, at + 1, *param)?;
        }
        if plan.guarded() {
            bind_one(&mut statement, plan.name, width + 1, Param::Int(plan.step))?;
        }
        stored += u64::from(statement.raw_execute().map_err(failed)? > 0);
    }
    Ok(stored)
}

/// What a failed commit means: refused for sure, or nobody knows.
pub(super) fn commit(connection: &Connection) -> Result<()> {
    connection.execute_batch("COMMIT").map_err(|error| {
        match error.sqlite_error().map(|error| error.extended_code & 0xff) {
            Some(ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED) => Error::Busy,
            Some(ffi::SQLITE_CONSTRAINT | ffi::SQLITE_FULL) => failed("store::commit", &error),
            _ => Error::Unknown,
        }
    })
}

/// Keeps SQLite's code and drops its words.
fn failed(name: &str, error: &rusqlite::Error) -> Error {
    let Some(error) = error.sqlite_error() else {
        return Error::misuse(name, "does not fit its parameters or its answer");
    };
    let statement = name.to_owned();
    match error.extended_code {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_ROWID => Error::Conflict { statement },
        ffi::SQLITE_CONSTRAINT_TRIGGER => Error::Guarded { statement },
        code => match code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Error::Busy,
            _ => Error::Other {
                statement,
                code: format!("SQLite error {code}"),
            },
        },
    }
}
