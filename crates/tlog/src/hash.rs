//! The hashes of the tree: SHA-256 with one byte in front that tells a leaf from a node
//! (RFC 6962, section 2.1; RFC 9162, section 2.1.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A SHA-256 value that names a leaf, a node or a whole tree.
///
/// Prints as the 44 characters of standard base64 that checkpoints and proofs carry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// Why some bytes or some text are not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashError {
    /// A hash has 32 bytes; these were so many.
    Length(usize),
    /// The text is not canonical standard base64 (RFC 4648, section 4) with its padding.
    Base64,
}

impl Hash {
    /// The length of a hash in bytes.
    pub const LEN: usize = 32;

    /// A hash that was computed elsewhere.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of a leaf: SHA-256(0x00 ‖ entry). RFC 6962, section 2.1.
    pub fn leaf(entry: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update([0])
                .chain_update(entry)
                .finalize()
                .into(),
        )
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). RFC 6962, section 2.1.
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut message = [1; 65];
        message[1..33].copy_from_slice(&left.0);
        message[33..].copy_from_slice(&right.0);
        Self(Sha256::digest(message).into())
    }

    /// The root of the tree without leaves: SHA-256 of nothing. RFC 6962, section 2.1.
    pub fn empty_root() -> Self {
        Self(Sha256::digest([]).into())
    }
}

/// The entry a log of secrets publishes in place of an event: SHA-256(salt ‖ event).
///
/// The public log then holds nothing that can be found by trying likely events: without the 16
/// random bytes of salt, which are kept apart and shown only together with the event, the value
/// tells nothing. The leaf is [`Hash::leaf`] of these 32 bytes. This is Kecha's use of the log
/// (`docs/log.md`), not part of the C2SP formats; another log may put any bytes into an entry.
pub fn commitment(salt: &[u8; 16], event: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(event)
        .finalize()
        .into()
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = STANDARD.decode(text).map_err(|_| HashError::Base64)?;
        Self::try_from(bytes.as_slice())
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = HashError;

    fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| HashError::Length(bytes.len()))
    }
}

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(have) => write!(f, "a hash has 32 bytes, not {have}"),
            Self::Base64 => f.write_str("a hash is written in standard base64 with padding"),
        }
    }
}

impl std::error::Error for HashError {}
