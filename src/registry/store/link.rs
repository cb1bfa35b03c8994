//! One connection to PostgreSQL, used from a plain function.
//!
//! The asynchronous client is driven here rather than through its synchronous wrapper for one
//! reason: every wait has a limit. A commit that waits for a standby that is gone must neither
//! hold the writer's turn for ever nor be cancelled (a cancelled one reports success though the
//! standby has nothing); it ends by closing the socket, and the outcome is unknown.

use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls, SimpleQueryMessage, Socket, Statement,
};

use super::error::name_of;
use super::insert::{Kind, Plan};
use super::{Error, Param, Result, Row, Value};

/// The longest a connection, a statement and a commit may take.
const CONNECT: Duration = Duration::from_secs(10);
const STATEMENT: Duration = Duration::from_secs(60);
const COMMIT: Duration = Duration::from_secs(30);
/// Rows sent in one set; bounds the memory of both sides.
const SET: usize = 5_000;

/// Session settings: a lock is waited for ten seconds, a forgotten transaction dies in a minute.
const SETTINGS: &str = "-- store::connect
SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 60000";

type Result2<T> = std::result::Result<T, Fault>;
type Wire = Connection<Socket, NoTlsStream>;

/// Why a wait ended badly.
enum Fault {
    Db(tokio_postgres::Error),
    Gone,
}

pub(super) struct Link {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    client: Client,
    wire: Driven,
    statements: HashMap<String, Statement>,
    /// The longest a commit is waited for.
    pub commit_limit: Duration,
}

/// The connection's own work, done whenever somebody waits for an answer.
struct Driven {
    wire: Wire,
    /// A warning came since this was last cleared.
    warned: bool,
    ended: bool,
}

impl Driven {
    fn wait<T>(
        &mut self,
        runtime: &Runtime,
        limit: Duration,
        work: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result2<T> {
        let mut work = pin!(work);
        let both = poll_fn(|cx| {
            while !self.ended {
                match self.wire.poll_message(cx) {
                    Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => {
                        self.warned |= !is_mere_notice(&notice);
                    }
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(_)) | None) => self.ended = true,
                    Poll::Pending => break,
                }
            }
            match work.as_mut().poll(cx) {
                Poll::Ready(answer) => Poll::Ready(answer.map_err(Fault::Db)),
                Poll::Pending if self.ended => Poll::Ready(Err(Fault::Gone)),
                Poll::Pending => Poll::Pending,
            }
        });
        let answer = runtime.block_on(async { tokio::time::timeout(limit, both).await });
        answer.unwrap_or_else(|_| {
            self.ended = true;
            Err(Fault::Gone)
        })
    }
}

impl Link {
    pub fn open(config: &Config) -> Result<Self> {
        let broken = || Error::Broken {
            doing: "store::connect".to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|_| broken())?;
        let opened = runtime
            .block_on(async { tokio::time::timeout(CONNECT, config.connect(NoTls)).await })
            .map_err(|_| broken())?;
        let (client, wire) =
            opened.map_err(|error| match error.code().map(|code| code.code()) {
                Some("28P01" | "28000") => Error::Refused(
                    "the database does not admit this role: check the address, the role and its \
                 password"
                        .to_owned(),
                ),
                Some("3D000") => Error::Refused(
                    "the database named in the address does not exist: create it, then run \
                 `kecha init --owner-url …`"
                        .to_owned(),
                ),
                Some("53300") => Error::Busy,
                _ => broken(),
            })?;
        let wire = Driven {
            wire,
            warned: false,
            ended: false,
        };
        let mut link = Self {
            runtime: Some(runtime),
            client,
            wire,
            statements: HashMap::new(),
            commit_limit: COMMIT,
        };
        link.batch(SETTINGS)?;
        Ok(link)
    }

    /// Whether it can be used again.
    pub fn is_whole(&self) -> bool {
        !self.wire.ended && !self.client.is_closed()
    }

    /// Statements without parameters and without an answer.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        let Self {
            runtime: Some(runtime),
            client,
            wire,
            ..
        } = self
        else {
            return Err(gone(sql));
        };
        wire.wait(runtime, STATEMENT, client.batch_execute(sql))
            .map_err(|fault| failed(sql, &fault))
    }

    /// Begins, and waits for the lock that is the writer's turn.
    pub fn begin(&mut self, sql: &str) -> Result<()> {
        let Self {
            runtime: Some(runtime),
            client,
            wire,
            ..
        } = self
        else {
            return Err(gone(sql));
        };
        let answer = wire
            .wait(runtime, STATEMENT, client.simple_query(sql))
            .map_err(|fault| failed(sql, &fault))?;
        if answer
            .iter()
            .any(|message| matches!(message, SimpleQueryMessage::Row(_)))
        {
            Ok(())
        } else {
            Err(Error::misuse(name_of(sql), "the journal's head is missing"))
        }
    }

    /// Success is success without any warning; see `fate`.
    pub fn commit(&mut self) -> Result<()> {
        let limit = self.commit_limit;
        let Self {
            runtime: Some(runtime),
            client,
            wire,
            ..
        } = self
        else {
            return Err(Error::Unknown);
        };
        wire.warned = false;
        let work = client.batch_execute("-- store::commit\nCOMMIT");
        let answer = wire.wait(runtime, limit, work);
        let fate = fate(answer.as_ref().err(), wire.warned);
        if matches!(fate, Err(Error::Unknown)) {
            wire.ended = true;
        }
        fate
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let Self {
            runtime: Some(runtime),
            client,
            wire,
            ..
        } = self
        else {
            return Err(gone(sql));
        };
        let statement = wire
            .wait(runtime, STATEMENT, client.prepare(sql))
            .map_err(|fault| failed(sql, &fault))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        self.run(sql, &params)
    }

    fn run(&mut self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        count(sql, &statement, params)?;
        let Self {
            runtime: Some(runtime),
            client,
            wire,
            ..
        } = self
        else {
            return Err(gone(sql));
        };
        wire.wait(runtime, STATEMENT, client.execute(&statement, params))
            .map_err(|fault| failed(sql, &fault))
    }

    pub fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        let statement = self.prepared(sql)?;
        count(sql, &statement, &params)?;
        let Self {
            runtime: Some(runtime),
            client,
            wire,
            ..
        } = self
        else {
            return Err(gone(sql));
        };
        let rows = wire
            .wait(runtime, STATEMENT, client.query(&statement, &params))
            .map_err(|fault| failed(sql, &fault))?;
        rows.iter().map(|row| own(name_of(sql), row)).collect()
    }

    pub fn insert_many(&mut self, plan: &Plan<'_>, rows: &[Param<'_>]) -> Result<u64> {
        if cfg!(debug_assertions) {
            plan.check_rows(rows)?;
        }
        let sql = plan.set_sql();
        let width = plan.columns.len();
        let mut stored = 0;
        for set in rows.chunks(SET * width) {
            let columns: Vec<Column<'_, '_>> = (0..width)
                .map(|at| Column {
                    kind: plan.columns[at].1,
                    rows: set,
                    at,
                    width,
                })
                .collect();
            let mut params: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|c| c as _).collect();
            if plan.guarded() {
                params.push(&plan.step);
            }
            stored += self.run(&sql, &params)?;
        }
        Ok(stored)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // A store may be dropped inside an asynchronous task, where waiting is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the server said at the commit, read as strictly as can be. Only an error that by its
/// class rolled the transaction back is an error; a warning ("committed locally, but might not
/// have been replicated") is not success.
fn fate(fault: Option<&Fault>, warned: bool) -> Result<()> {
    match fault {
        None if warned => Err(Error::Unknown),
        None => Ok(()),
        Some(Fault::Gone) => Err(Error::Unknown),
        Some(Fault::Db(error)) => match error.code().map(|code| code.code()) {
            Some("40003") | None => Err(Error::Unknown),
            Some(code) => match code.get(..2) {
                Some("22" | "23" | "25" | "40" | "44") => Err(classed("store::commit", code)),
                _ => Err(Error::Unknown),
            },
        },
    }
}

fn is_mere_notice(notice: &DbError) -> bool {
    let mere = [
        Severity::Notice,
        Severity::Info,
        Severity::Log,
        Severity::Debug,
    ];
    notice
        .parsed_severity()
        .is_some_and(|severity| mere.contains(&severity))
}

fn gone(sql: &str) -> Error {
    Error::Broken {
        doing: name_of(sql).to_owned(),
    }
}

/// Keeps the server's code and drops its words: they may quote a value.
fn failed(sql: &str, fault: &Fault) -> Error {
    match fault {
        Fault::Gone => gone(sql),
        Fault::Db(error) => match error.code() {
            Some(code) => classed(name_of(sql), code.code()),
            None if error.is_closed() => gone(sql),
            None if std::error::Error::source(error).is_some_and(|s| s.is::<std::io::Error>()) => {
                gone(sql)
            }
            None => Error::misuse(name_of(sql), "does not fit its parameters"),
        },
    }
}

fn classed(name: &str, code: &str) -> Error {
    let statement = name.to_owned();
    match code {
        "23505" => Error::Conflict { statement },
        "42501" => Error::Guarded { statement },
        "40001" | "40P01" | "55P03" | "57014" | "53300" => Error::Busy,
        // Shut down, or no longer the primary: the next turn connects anew.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006" => {
            Error::Broken { doing: statement }
        }
        _ => Error::Other {
            statement,
            code: format!("PostgreSQL error {code}"),
        },
    }
}

fn count(sql: &str, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<()> {
    if statement.params().len() == params.len() {
        Ok(())
    } else {
        Err(Error::misuse(
            name_of(sql),
            "has another number of parameters",
        ))
    }
}

fn own(name: &str, row: &tokio_postgres::Row) -> Result<Row> {
    let odd = |_| Error::misuse(name, "gave a column that is no number, text or bytes");
    let values: Result<Vec<Value>> = row
        .columns()
        .iter()
        .enumerate()
        .map(|(at, column)| {
            Ok(match *column.type_() {
                Type::INT8 => row
                    .try_get::<_, Option<i64>>(at)
                    .map_err(odd)?
                    .map(Value::Int),
                Type::INT4 => row
                    .try_get::<_, Option<i32>>(at)
                    .map_err(odd)?
                    .map(|n| Value::Int(n.into())),
                Type::BYTEA => row
                    .try_get::<_, Option<Vec<u8>>>(at)
                    .map_err(odd)?
                    .map(Value::Blob),
                _ => row
                    .try_get::<_, Option<String>>(at)
                    .map_err(odd)?
                    .map(Value::Text),
            }
            .unwrap_or(Value::Null))
        })
        .collect();
    Ok(Row(values?))
}

type SqlResult = std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

impl ToSql for Param<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> SqlResult {
        match *self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(n) if *kind == Type::INT4 => i32::try_from(n)?.to_sql(kind, out),
            Param::Int(n) if *kind == Type::INT8 => n.to_sql(kind, out),
            Param::Text(text) if <&str as ToSql>::accepts(kind) => text.to_sql(kind, out),
            Param::Blob(bytes) if *kind == Type::BYTEA => bytes.to_sql(kind, out),
            _ => Err("a parameter of another kind".into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BYTEA].contains(kind) || <&str as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// One column of many rows, sent as an array without copying the rows.
struct Column<'a, 'p> {
    kind: Kind,
    rows: &'a [Param<'p>],
    at: usize,
    width: usize,
}

impl fmt::Debug for Column<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} column", self.kind)
    }
}

impl ToSql for Column<'_, '_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> SqlResult {
        let own = self.rows.iter().skip(self.at).step_by(self.width);
        match self.kind {
            Kind::Int => own
                .map(|param| match *param {
                    Param::Null => Ok(None),
                    Param::Int(n) => Ok(Some(n)),
                    _ => Err("a value of another kind"),
                })
                .collect::<std::result::Result<Vec<_>, _>>()?
                .to_sql(kind, out),
            Kind::Text => own
                .map(|param| match *param {
                    Param::Null => Ok(None),
                    Param::Text(text) => Ok(Some(text)),
                    _ => Err("a value of another kind"),
                })
                .collect::<std::result::Result<Vec<_>, _>>()?
                .to_sql(kind, out),
            Kind::Blob => own
                .map(|param| match *param {
                    Param::Null => Ok(None),
                    Param::Blob(bytes) => Ok(Some(bytes)),
                    _ => Err("a value of another kind"),
                })
                .collect::<std::result::Result<Vec<_>, _>>()?
                .to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY].contains(kind)
    }

    to_sql_checked!();
}
