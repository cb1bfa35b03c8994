//! A catalogue as its file: what an office writes down, before it is judged.

use alloc::{string::String, vec::Vec};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Category;

/// The file form of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Its name, such as `CAT2026`.
    pub version: String,
    /// Whether it was compared with the official text.
    #[serde(default)]
    pub verified: bool,
    /// The first day in force; a file that is loaded as a setting needs none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Date>,
    /// The work categories 作业类别, in the order of the catalogue.
    pub groups: Vec<ListGroup>,
}

/// A work category of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListGroup {
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Which certificate.
    pub category: Category,
    /// What it holds.
    pub items: Vec<ListItem>,
}

/// An item of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListItem {
    /// Its number.
    pub code: String,
    /// Its full name.
    pub name: String,
    /// The first day an exam may be sat for it, where that is not the catalogue's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Date>,
    /// The last such day.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Date>,
}
