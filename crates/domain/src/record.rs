//! The number of a record: what an event is about.

use alloc::string::String;
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A record's opaque number: 60 bits, written as twelve characters of Crockford's base 32.
/// It may stand in a URL: nothing about a person is in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "Text")]
pub struct RecordId(u64);

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Text(String);

pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS: u32 = 12;

impl RecordId {
    /// Makes one from random bits; all but the lowest 60 are dropped.
    #[must_use]
    pub fn from_raw(bits: u64) -> Self {
        Self(bits & ((1 << 60) - 1))
    }

    /// As the database keeps it.
    #[must_use]
    pub fn as_i64(self) -> i64 {
        self.0.cast_signed()
    }

    /// From what the database keeps.
    #[must_use]
    pub fn from_i64(n: i64) -> Self {
        Self::from_raw(n.cast_unsigned())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for i in (0..LETTERS).rev() {
            let letter = ALPHABET[((self.0 >> (5 * i)) & 31) as usize];
            fmt::Write::write_char(f, char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was typed is no record number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRecordId;

impl fmt::Display for NoRecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record number has twelve letters and digits, such as 3F0K9ZT41QWB")
    }
}

impl core::error::Error for NoRecordId {}

impl FromStr for RecordId {
    type Err = NoRecordId;
    fn from_str(s: &str) -> Result<Self, NoRecordId> {
        if s.len() != LETTERS as usize {
            return Err(NoRecordId);
        }
        let mut bits = 0;
        for b in s.bytes() {
            let b = b.to_ascii_uppercase();
            let digit = ALPHABET.iter().position(|&a| a == b).ok_or(NoRecordId)?;
            bits = bits << 5 | digit as u64;
        }
        Ok(Self(bits))
    }
}

impl TryFrom<Text> for RecordId {
    type Error = NoRecordId;
    fn try_from(t: Text) -> Result<Self, NoRecordId> {
        t.0.parse()
    }
}

impl From<RecordId> for Text {
    fn from(id: RecordId) -> Self {
        Self(alloc::format!("{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_back() {
        for bits in [0, 1, 31, 32, (1 << 60) - 1, 0x0123_4567_89ab_cdef] {
            let id = RecordId::from_raw(bits);
            assert_eq!(alloc::format!("{id}").parse(), Ok(id));
            assert_eq!(RecordId::from_i64(id.as_i64()), id);
        }
        assert_eq!("too short".parse::<RecordId>(), Err(NoRecordId));
        assert_eq!("UUUUUUUUUUUU".parse::<RecordId>(), Err(NoRecordId));
    }
}
