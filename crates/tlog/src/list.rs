//! A list of signed checkpoints as one text: what a log publishes of the states it was cosigned in.
//!
//! Each note stands behind a line `== <size> <bytes>`: the size of its tree and the length of the
//! note in bytes. A note holds an empty line itself, so no empty line could part two of them; the
//! length can.

use std::fmt::{self, Write};

use crate::checkpoint::{CheckpointError, SignedCheckpoint};

/// Why a text is no list of signed checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError {
    /// The line before the note of that place, from 0, is not `== <size> <bytes>`.
    Line(usize),
    /// The text ends within the note of that place.
    Cut(usize),
    /// The note of that place is not one.
    Note(usize, CheckpointError),
    /// The line says another size than its note.
    Size(usize),
    /// The size is not larger than the one before.
    Order(usize),
}

/// The text of a list. The notes are taken as they are.
pub fn encode<'a>(notes: impl IntoIterator<Item = (u64, &'a str)>) -> String {
    let mut text = String::new();
    for (size, note) in notes {
        // Cannot fail: writing to a string never does.
        let _ = write!(text, "== {size} {}\n{note}", note.len());
    }
    text
}

/// Reads a list; the sizes must ascend. Signatures are not checked.
///
/// # Errors
/// What is wrong first, and where.
pub fn decode(text: &str) -> Result<Vec<SignedCheckpoint>, ListError> {
    let mut notes: Vec<SignedCheckpoint> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let place = notes.len();
        let (line, after) = rest.split_once('\n').ok_or(ListError::Line(place))?;
        let numbers = line.strip_prefix("== ").and_then(|n| n.split_once(' '));
        let (size, bytes) = numbers.ok_or(ListError::Line(place))?;
        let size: u64 = number(size).ok_or(ListError::Line(place))?;
        let bytes = number(bytes).and_then(|n| usize::try_from(n).ok());
        let bytes = bytes.ok_or(ListError::Line(place))?;
        let (note, after) = after.split_at_checked(bytes).ok_or(ListError::Cut(place))?;
        let note = SignedCheckpoint::parse(note.as_bytes())
            .map_err(|error| ListError::Note(place, error))?;
        if note.claimed().size() != size {
            return Err(ListError::Size(place));
        }
        if notes.last().is_some_and(|n| n.claimed().size() >= size) {
            return Err(ListError::Order(place));
        }
        notes.push(note);
        rest = after;
    }
    Ok(notes)
}

/// A number has one way of being written.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|n: &u64| n.to_string() == text)
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(place) => {
                write!(f, "note {place} has no line `== <size> <bytes>` before it")
            }
            Self::Cut(place) => write!(f, "the text ends within note {place}"),
            Self::Note(place, error) => write!(f, "note {place}: {error}"),
            Self::Size(place) => write!(f, "note {place} is of another size than its line says"),
            Self::Order(place) => write!(f, "note {place} is not larger than the one before"),
        }
    }
}

impl std::error::Error for ListError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Note(_, error) => Some(error),
            _ => None,
        }
    }
}
