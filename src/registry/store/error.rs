//! What may go wrong below the registry. No text here ever carries a value: a statement is
//! known by the comment at its head, a database's own message is reduced to its code.

use std::fmt;

/// The result of everything the store does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the database did not do as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A row of that key is there already, or the row was changed since it was read.
    Conflict {
        /// The statement's name.
        statement: String,
    },
    /// The database refused to change or remove what must stand for ever.
    Guarded {
        /// The statement's name.
        statement: String,
    },
    /// The turn, a lock or a connection did not come in time. Nothing was stored.
    Busy,
    /// The connection broke before the commit. Nothing was stored.
    Broken {
        /// What was being done.
        doing: String,
    },
    /// The commit was sent and its outcome is not known: it may have been stored, stored but
    /// not on the standby, or not. Look before doing it again; never tell anybody it was done.
    Unknown,
    /// The store refuses to run; the sentence says why and names the remedy.
    Refused(String),
    /// The statement is wrong or the database failed in some other way.
    Other {
        /// The statement's name.
        statement: String,
        /// The database's own code, or a few words of ours.
        code: String,
    },
}

impl Error {
    /// An error of our own about one statement.
    pub(super) fn misuse(statement: &str, what: &str) -> Self {
        Self::Other {
            statement: statement.to_owned(),
            code: what.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { statement } => {
                write!(
                    f,
                    "{statement}: the row exists already or was changed meanwhile"
                )
            }
            Self::Guarded { statement } => {
                write!(
                    f,
                    "{statement}: the database refuses to change this table's rows"
                )
            }
            Self::Busy => write!(f, "the database is busy: no turn came in time"),
            Self::Broken { doing } => write!(f, "{doing}: the connection to the database broke"),
            Self::Unknown => write!(f, "it is not known whether the last commit was stored"),
            Self::Refused(sentence) => f.write_str(sentence),
            Self::Other { statement, code } => write!(f, "{statement}: {code}"),
        }
    }
}

impl std::error::Error for Error {}

/// The name in the comment at a statement's head: `cases::load` of `-- cases::load\nSELECT …`.
pub(super) fn name_of(sql: &str) -> &str {
    sql.trim_start()
        .strip_prefix("-- ")
        .and_then(|rest| rest.lines().next())
        .map_or("unnamed statement", str::trim)
}
