//! Cosignatures: someone else has seen this tree at this time, and it continues what it saw before
//! (C2SP tlog-cosignature, `cosignature/v1`, Ed25519).
//!
//! A cosignature is a signature line of type 0x04 in the checkpoint's note: 8 bytes of POSIX time,
//! big-endian, and 64 of Ed25519 over
//!
//! ```text
//! cosignature/v1
//! time 1679315147
//! example.com/behind-the-sofa
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! ```

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::key::{COSIGNATURE, KeyId, PublicKey, SecretKey};
use crate::note::{Signature, SignatureError, Verify};

/// A key that checks cosignatures: the public key of a witness.
pub type Witness = PublicKey<COSIGNATURE>;

/// A key that makes cosignatures: the private key of a witness. One key pair serves one witness,
/// since the signed message does not say its name.
pub type Cosigner = SecretKey<COSIGNATURE>;

/// The latest time that can be written: 2^63 − 1.
pub const MAX_TIME: u64 = i64::MAX as u64;

/// A cosignature that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosigned<'a> {
    /// Whose it is.
    pub witness: &'a Witness,
    /// When it was made, in seconds since 1970-01-01T00:00:00Z, as the witness says.
    pub time: u64,
}

/// Why a cosignature was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CosignError {
    /// The time is above [`MAX_TIME`].
    Time,
    /// The note has no room for another signature.
    Checkpoint(CheckpointError),
}

impl Cosigner {
    /// The signature line for a checkpoint, as of that time (seconds since 1970). Cosign only what
    /// continues the largest checkpoint of this log that was cosigned before.
    ///
    /// # Errors
    /// [`CosignError::Time`].
    pub fn cosign(&self, checkpoint: &Checkpoint, time: u64) -> Result<Signature, CosignError> {
        if time > MAX_TIME {
            return Err(CosignError::Time);
        }
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend(self.sign(message(&checkpoint.to_string(), time).as_bytes()));
        Ok(Signature::of(self.public(), bytes))
    }
}

impl Witness {
    /// The time of a cosignature of a checkpoint with this text; none if it is not one by this key.
    pub fn time(&self, text: &str, signature: &[u8]) -> Option<u64> {
        let (time, ed25519) = signature.split_first_chunk()?;
        let time = u64::from_be_bytes(*time);
        let is_one = time <= MAX_TIME
            && text.parse::<Checkpoint>().is_ok()
            && self.signed(message(text, time).as_bytes(), ed25519);
        is_one.then_some(time)
    }
}

/// What a witness signs.
fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl Verify for Witness {
    fn name(&self) -> &str {
        self.name()
    }

    fn id(&self) -> KeyId {
        self.id()
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        self.time(text, signature).is_some()
    }
}

impl SignedCheckpoint {
    /// Adds a cosignature.
    ///
    /// # Errors
    /// Those of [`CosignError`]; nothing is added.
    pub fn cosign(&mut self, cosigner: &Cosigner, time: u64) -> Result<(), CosignError> {
        let line = cosigner.cosign(self.claimed(), time)?;
        self.add(line).map_err(CosignError::Checkpoint)
    }

    /// Checks the cosignatures of the known witnesses and returns one for each key, the latest. Who
    /// is listed under two names with one key counts once. Lines of others are passed over.
    ///
    /// # Errors
    /// [`SignatureError::Bad`] if only one line of a known witness does not verify.
    pub fn cosignatures<'a>(
        &self,
        witnesses: &'a [Witness],
    ) -> Result<Vec<Cosigned<'a>>, SignatureError> {
        let mut found: Vec<Cosigned<'a>> = Vec::new();
        for line in self.note().signatures() {
            for witness in witnesses.iter().filter(|witness| line.is_by(*witness)) {
                let Some(time) = witness.time(self.note().text(), line.bytes()) else {
                    let name = line.name().to_owned();
                    return Err(SignatureError::Bad {
                        name,
                        id: line.id(),
                    });
                };
                let key = witness.as_bytes();
                match found
                    .iter_mut()
                    .find(|other| other.witness.as_bytes() == key)
                {
                    Some(other) => other.time = other.time.max(time),
                    None => found.push(Cosigned { witness, time }),
                }
            }
        }
        Ok(found)
    }
}

impl fmt::Display for CosignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.write_str("the time of a cosignature is at most 2^63 - 1 seconds"),
            Self::Checkpoint(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CosignError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Time => None,
            Self::Checkpoint(error) => Some(error),
        }
    }
}
