//! Signed notes: a text and the signatures of those who vouch for it (C2SP signed-note).
//!
//! ```text
//! This is an example message.
//!
//! — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Z[...]Yu72IneyaQM=
//! ```
//!
//! A note keeps every signature line, also those of keys it does not know, and prints exactly the
//! bytes it was read from.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::key::{ED25519, KeyId, PublicKey, SecretKey, is_name};

/// A key that checks signatures of type 0x01, Ed25519 over the text: a log's verifier key.
pub type Verifier = PublicKey<ED25519>;

/// A key that makes signatures of type 0x01: a log's private key.
pub type Signer = SecretKey<ED25519>;

/// The longest note that is read or made, in bytes.
pub const MAX_BYTES: usize = 1_000_000;

/// The most signatures a note may have; C2SP asks for at least 16.
pub const MAX_SIGNATURES: usize = 100;

/// A text with at least one signature, none of which is believed before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line. Prints and reads as the line without its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: KeyId,
    bytes: Vec<u8>,
}

/// A key that can check its own signatures, of whatever type.
pub trait Verify {
    /// Whose key it is.
    fn name(&self) -> &str;
    /// Its key id.
    fn id(&self) -> KeyId;
    /// Whether the bytes, without the key id, are its signature of a note with this text.
    fn verify(&self, text: &str, signature: &[u8]) -> bool;
}

/// Why something is not a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// It is longer than [`MAX_BYTES`].
    TooLong,
    /// It is not UTF-8.
    Utf8,
    /// It has a control character other than the newline.
    Control,
    /// The text does not end in a newline, or no empty line stands between it and the signatures.
    Text,
    /// A signature line is not one; the first is 1. A note without signatures lacks the first.
    Signature(usize),
    /// It has more than [`MAX_SIGNATURES`].
    TooManySignatures,
}

/// Why a note is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// None of the known keys signed it.
    NotSigned,
    /// A line names a known key and is not its signature.
    Bad {
        /// The name of the key.
        name: String,
        /// Its id.
        id: KeyId,
    },
}

impl Note {
    /// The note with this text, signed by one key.
    ///
    /// # Errors
    /// [`NoteError::Text`], [`NoteError::Control`], [`NoteError::TooLong`].
    pub fn sign(text: &str, signer: &Signer) -> Result<Self, NoteError> {
        check_characters(text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::Text);
        }
        let mut note = Self {
            text: text.to_owned(),
            signatures: Vec::new(),
        };
        note.add(Signature::of(
            signer.public(),
            signer.sign(text.as_bytes()).to_vec(),
        ))?;
        Ok(note)
    }

    /// Reads a note from its bytes.
    ///
    /// # Errors
    /// Those of [`NoteError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_BYTES {
            return Err(NoteError::TooLong);
        }
        let whole = str::from_utf8(bytes).map_err(|_| NoteError::Utf8)?;
        check_characters(whole)?;
        // The text may have empty lines; the last one divides.
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(NoteError::Text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Signature(1))?;
        let mut signatures = Vec::new();
        for (place, line) in lines.split('\n').enumerate() {
            if place == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(
                line.parse()
                    .map_err(|_: NoteError| NoteError::Signature(place + 1))?,
            );
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The text, with the newline at its end. Nobody is known to have said it before
    /// [`verify`](Self::verify).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in the order of their lines.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line at the end, unless the note has the very same line.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`], [`NoteError::TooLong`]; the note stays as it was.
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        if self.to_string().len() > MAX_BYTES {
            self.signatures.pop();
            return Err(NoteError::TooLong);
        }
        Ok(())
    }

    /// Checks the signatures of the known keys and returns them. Lines with another name or id are
    /// passed over.
    ///
    /// # Errors
    /// [`SignatureError::Bad`] if only one line of a known key does not verify,
    /// [`SignatureError::NotSigned`] if there is no line of a known key.
    pub fn verify<K: Verify>(&self, known: &[K]) -> Result<Vec<&Signature>, SignatureError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let mut keys = known.iter().filter(|key| signature.is_by(*key)).peekable();
            if keys.peek().is_none() {
                continue;
            }
            if !keys.all(|key| key.verify(&self.text, &signature.bytes)) {
                let Signature { name, id, .. } = signature.clone();
                return Err(SignatureError::Bad { name, id });
            }
            verified.push(signature);
        }
        if verified.is_empty() {
            Err(SignatureError::NotSigned)
        } else {
            Ok(verified)
        }
    }
}

/// UTF-8 without control characters other than the newline, as C2SP signed-note has it: those
/// below U+0020.
fn check_characters(text: &str) -> Result<(), NoteError> {
    let control = |byte: u8| byte < b' ' && byte != b'\n';
    if text.bytes().any(control) {
        Err(NoteError::Control)
    } else {
        Ok(())
    }
}

impl Signature {
    /// The line of a key's signature.
    pub(crate) fn of<const TYPE: u8>(key: &PublicKey<TYPE>, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name().to_owned(),
            id: key.id(),
            bytes,
        }
    }

    /// The name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of that key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The signature without the key id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the line names this key. That it is by this key shows [`Verify::verify`].
    pub(crate) fn is_by<K: Verify + ?Sized>(&self, key: &K) -> bool {
        self.name == key.name() && self.id == key.id()
    }
}

impl Verify for Verifier {
    fn name(&self) -> &str {
        self.name()
    }

    fn id(&self) -> KeyId {
        self.id()
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        self.signed(text.as_bytes(), signature)
    }
}

impl FromStr for Signature {
    type Err = NoteError;

    /// Reads a line without its newline. The error is always [`NoteError::Signature`] of 1.
    fn from_str(line: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Signature(1);
        let (name, text) = line
            .strip_prefix("— ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(wrong)?;
        let bytes = STANDARD.decode(text).map_err(|_| wrong)?;
        let (id, bytes) = bytes.split_first_chunk().ok_or(wrong)?;
        if !is_name(name) || bytes.is_empty() {
            return Err(wrong);
        }
        Ok(Self {
            name: name.to_owned(),
            id: KeyId::new(*id),
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_bytes().as_slice(), &self.bytes].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl fmt::Display for Note {
    /// The note's bytes, to the last newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a note has at most {MAX_BYTES} bytes"),
            Self::Utf8 => f.write_str("a note is UTF-8"),
            Self::Control => f.write_str("a note has no control characters but newlines"),
            Self::Text => {
                f.write_str("a note's text ends in a newline, and an empty line follows it")
            }
            Self::Signature(line) => write!(f, "signature line {line} is not one"),
            Self::TooManySignatures => {
                write!(f, "a note has at most {MAX_SIGNATURES} signatures")
            }
        }
    }
}

impl std::error::Error for NoteError {}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned => f.write_str("none of the known keys signed the note"),
            Self::Bad { name, id } => write!(f, "the signature of {name} ({id}) does not verify"),
        }
    }
}

impl std::error::Error for SignatureError {}
