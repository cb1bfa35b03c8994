//! A person as the register knows one: a name, a sex and one identity document.

use serde::{Deserialize, Serialize};

use crate::{document::Document, name::Name};

/// Sex as printed on the certificate (GB/T 2261.1, the two values in use on it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

/// Whoever sits an exam or holds a certificate. Prints masked, because its parts do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Normalised name.
    pub name: Name,
    /// Sex as declared, checked against the document where it tells.
    pub sex: Sex,
    /// The identity document declared at registration.
    pub document: Document,
}
