//! What a use case may end in beside success: a refusal of the domain, or one of a few troubles.

use std::fmt;

use domain::refusal::Refusal;

use super::store;

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do what was asked. No variant carries a person's data.
#[derive(Debug)]
pub enum Error {
    /// The domain says no.
    Refused(Refusal),
    /// There is no such record, or it is not this office's to see.
    NotFound,
    /// Somebody changed the record meanwhile, or it exists already.
    Conflict,
    /// The database's turn did not come in time; nothing was written.
    Busy,
    /// The node was set back to an older state: it writes nothing until a person decides.
    StandsStill,
    /// It is not known whether the write was stored; look before doing it again.
    Unknown,
    /// The register refuses to run; the sentence names the remedy.
    Setup(String),
    /// Sealed bytes do not open: a wrong key, or somebody changed them.
    Sealed(&'static str),
    /// A fault of this program; the place.
    Internal(&'static str),
    /// The database failed; what it was doing.
    Store(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict { .. } => Self::Conflict,
            store::Error::Busy => Self::Busy,
            store::Error::Unknown => Self::Unknown,
            store::Error::Refused(sentence) => Self::Setup(sentence),
            other => Self::Store(other.to_string()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::NotFound => f.write_str("no such record"),
            Self::Conflict => f.write_str("changed meanwhile, or there already: load it anew"),
            Self::Busy => f.write_str("busy: try again"),
            Self::StandsStill => f.write_str(
                "this node was set back to an older state: it writes nothing until a person decides",
            ),
            Self::Unknown => {
                f.write_str("it is not known whether this was stored: look before doing it again")
            }
            Self::Setup(sentence) => f.write_str(sentence),
            Self::Sealed(what) => write!(f, "{what} does not open: wrong key, or changed bytes"),
            Self::Internal(place) => write!(f, "a fault of this program at {place}"),
            Self::Store(what) => write!(f, "the database failed: {what}"),
        }
    }
}

impl std::error::Error for Error {}
