//! Proofs to carry away: that an entry is in a log, checked without asking anybody
//! (C2SP tlog-proof).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! index 1
//! <hash>
//! <hash>
//!
//! <the checkpoint, with all its signatures>
//! ```

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{CheckpointError, SignedCheckpoint, number};
use crate::cosignature::{Cosigned, Witness};
use crate::hash::Hash;
use crate::note::{self, SignatureError, Verifier};
use crate::tree::{MAX_SIZE, VerifyError, verify_inclusion};

/// The first line of every proof.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The longest proof that is read, in bytes.
pub const MAX_BYTES: usize = 2 * note::MAX_BYTES;

/// The most hashes a proof of inclusion can have.
pub const MAX_HASHES: usize = 63;

/// A proof that an entry is in a log. Prints and reads as the content of a `.tlog-proof` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    extra: Vec<u8>,
    index: u64,
    hashes: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

/// Whom a verifier believes.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The name of the log.
    pub origin: &'a str,
    /// The log's key.
    pub log: &'a Verifier,
    /// The witnesses that are known.
    pub witnesses: &'a [Witness],
    /// How many of them, with different keys, must have cosigned.
    pub quorum: usize,
}

/// Why something is not a proof, or does not prove what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// It is longer than [`MAX_BYTES`].
    TooLong,
    /// It is not UTF-8, or the first line is not [`HEADER`].
    Header,
    /// The extra data is empty or not base64.
    Extra,
    /// There is no line with an index, or it is not a number up to [`MAX_SIZE`].
    Index,
    /// This line of the inclusion proof, from 1, is not a hash, or is one too many.
    Hash(usize),
    /// No empty line and no checkpoint follows.
    NoCheckpoint,
    /// The checkpoint is not one, or not the log's.
    Checkpoint(CheckpointError),
    /// A witness's line is not its cosignature.
    Witness(SignatureError),
    /// Not enough witnesses cosigned.
    Quorum {
        /// How many should have.
        want: usize,
        /// How many have.
        have: usize,
    },
    /// The entry is not shown to be in the checkpoint's tree at this index.
    Inclusion(VerifyError),
}

impl Proof {
    /// A proof from its parts; `extra` may be empty. What is put together here is not checked
    /// against each other, [`verify`](Self::verify) does that.
    ///
    /// # Errors
    /// [`ProofError::Index`], [`ProofError::Hash`] of the first hash too many,
    /// [`ProofError::TooLong`].
    pub fn new(
        extra: &[u8],
        index: u64,
        hashes: Vec<Hash>,
        checkpoint: SignedCheckpoint,
    ) -> Result<Self, ProofError> {
        if index > MAX_SIZE {
            return Err(ProofError::Index);
        }
        if hashes.len() > MAX_HASHES {
            return Err(ProofError::Hash(MAX_HASHES + 1));
        }
        let proof = Self {
            extra: extra.to_vec(),
            index,
            hashes,
            checkpoint,
        };
        if proof.to_string().len() > MAX_BYTES {
            return Err(ProofError::TooLong);
        }
        Ok(proof)
    }

    /// Reads a proof from the bytes of its file.
    ///
    /// # Errors
    /// Those of [`ProofError`] up to `Checkpoint`.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > MAX_BYTES {
            return Err(ProofError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| ProofError::Header)?;
        let (head, checkpoint) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Header);
        }
        let mut extra = Vec::new();
        if let Some(line) = lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            extra = STANDARD.decode(line).map_err(|_| ProofError::Extra)?;
            // Without extra data the line is left out; it has one way of being written.
            if extra.is_empty() {
                return Err(ProofError::Extra);
            }
            lines.next();
        }
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(number);
        let index = index.ok_or(ProofError::Index)?;
        let mut hashes = Vec::new();
        for (place, line) in (1..).zip(lines) {
            let hash = line.parse().ok().filter(|_| place <= MAX_HASHES);
            hashes.push(hash.ok_or(ProofError::Hash(place))?);
        }
        if checkpoint.is_empty() {
            return Err(ProofError::NoCheckpoint);
        }
        let checkpoint =
            SignedCheckpoint::parse(checkpoint.as_bytes()).map_err(ProofError::Checkpoint)?;
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint,
        })
    }

    /// Data that goes with the proof and that nobody signed; empty when there is none.
    pub fn extra(&self) -> &[u8] {
        &self.extra
    }

    /// The index of the entry in the log. Rely on it only after [`verify`](Self::verify).
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The inclusion proof, the leaf's sibling first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The checkpoint with its signatures.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Checks that the leaf with this hash is in the log, and returns who cosigned the tree and
    /// when (C2SP tlog-proof, "Verifying a tlog proof"). The caller computes the hash from the
    /// entry it knows: for an entry's bytes [`Hash::leaf`].
    ///
    /// # Errors
    /// [`ProofError::Checkpoint`], [`ProofError::Witness`], [`ProofError::Quorum`],
    /// [`ProofError::Inclusion`].
    pub fn verify<'a>(
        &self,
        leaf: &Hash,
        trust: &Trust<'a>,
    ) -> Result<Vec<Cosigned<'a>>, ProofError> {
        let checkpoint = self
            .checkpoint
            .verify(trust.origin, trust.log)
            .map_err(ProofError::Checkpoint)?;
        let cosigned = self
            .checkpoint
            .cosignatures(trust.witnesses)
            .map_err(ProofError::Witness)?;
        if cosigned.len() < trust.quorum {
            return Err(ProofError::Quorum {
                want: trust.quorum,
                have: cosigned.len(),
            });
        }
        let (size, root) = (checkpoint.size(), checkpoint.root());
        verify_inclusion(self.index, size, leaf, &self.hashes, &root)
            .map_err(ProofError::Inclusion)?;
        Ok(cosigned)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a proof has at most {MAX_BYTES} bytes"),
            Self::Header => write!(f, "the first line is not {HEADER}"),
            Self::Extra => f.write_str("the extra data is empty or not base64"),
            Self::Index => f.write_str("the line with the index is missing or wrong"),
            Self::Hash(line) => write!(f, "line {line} of the inclusion proof is not a hash of it"),
            Self::NoCheckpoint => f.write_str("the proof has no checkpoint"),
            Self::Checkpoint(error) => error.fmt(f),
            Self::Witness(error) => error.fmt(f),
            Self::Quorum { want, have } => {
                write!(f, "{want} witnesses should have cosigned, {have} have")
            }
            Self::Inclusion(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProofError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Checkpoint(error) => Some(error),
            Self::Witness(error) => Some(error),
            Self::Inclusion(error) => Some(error),
            _ => None,
        }
    }
}
