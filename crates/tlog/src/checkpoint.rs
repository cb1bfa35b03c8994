//! Checkpoints: the size and root of a log at one moment, signed (C2SP tlog-checkpoint).

use std::fmt;
use std::str::FromStr;

use crate::hash::Hash;
use crate::note::{Note, NoteError, Signature, SignatureError, Signer, Verifier};
use crate::tree::MAX_SIZE;

/// What a checkpoint says. Prints and reads as the text of the note: a line for the origin, one for
/// the size, one for the root, and one for each extension, each with its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

/// A checkpoint in its note, with the signatures of the log and of those who cosigned. It prints
/// the bytes a log serves at `checkpoint`, exactly as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

/// Why something is not a checkpoint, or not the one that was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// It is not a signed note.
    Note(NoteError),
    /// The text has fewer than three lines or does not end in a newline.
    Lines,
    /// The origin is empty or has a newline or a control character.
    Origin,
    /// The size is not a decimal number without zeroes in front, or is above [`MAX_SIZE`].
    Size,
    /// The root is not 32 bytes in base64.
    Root,
    /// There are no leaves, and the root is not [`Hash::empty_root`].
    EmptyRoot,
    /// An extension line is empty or has a newline or a control character.
    Extension,
    /// It is the checkpoint of another log.
    OtherOrigin,
    /// The log did not sign it.
    Signature(SignatureError),
}

impl Checkpoint {
    /// The checkpoint of a log with that name, size and root.
    ///
    /// The origin should be the log's address without `https://` and without a slash at the end
    /// (C2SP tlog-tiles, "Parameters"), and the name of the log's key the same.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`], [`CheckpointError::Size`], [`CheckpointError::EmptyRoot`].
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if !is_line(origin) {
            return Err(CheckpointError::Origin);
        }
        if size > MAX_SIZE {
            return Err(CheckpointError::Size);
        }
        if size == 0 && root != Hash::empty_root() {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// The same with one more extension line. C2SP advises against them: nobody audits what they
    /// say.
    ///
    /// # Errors
    /// [`CheckpointError::Extension`].
    pub fn with_extension(mut self, line: &str) -> Result<Self, CheckpointError> {
        if !is_line(line) {
            return Err(CheckpointError::Extension);
        }
        self.extensions.push(line.to_owned());
        Ok(self)
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The lines after the root, which mean nothing here.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

/// Whether a text can be a line of a checkpoint: something, and no control character.
fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| byte < b' ')
}

/// Reads a number as C2SP writes them: decimal digits, no zero in front unless it is 0 itself, and
/// not above [`MAX_SIZE`].
pub(crate) fn number(text: &str) -> Option<u64> {
    let value: u64 = text.parse().ok().filter(|value| *value <= MAX_SIZE)?;
    (value.to_string() == text).then_some(value)
}

impl SignedCheckpoint {
    /// Signs a checkpoint. Sign only what extends every checkpoint this key signed before.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when it would be too long.
    pub fn sign(checkpoint: Checkpoint, log: &Signer) -> Result<Self, CheckpointError> {
        let note = Note::sign(&checkpoint.to_string(), log)?;
        Ok(Self { checkpoint, note })
    }

    /// Reads a checkpoint from the bytes a log serves.
    ///
    /// # Errors
    /// Every one of [`CheckpointError`] but the last two.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok(Self {
            checkpoint: note.text().parse()?,
            note,
        })
    }

    /// What it says, whoever wrote it. To rely on it, use what [`verify`](Self::verify) returns.
    pub fn claimed(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note, with all its signatures.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Checks that it is of the log with this origin and signed with this key.
    ///
    /// # Errors
    /// [`CheckpointError::OtherOrigin`], [`CheckpointError::Signature`].
    pub fn verify(&self, origin: &str, log: &Verifier) -> Result<&Checkpoint, CheckpointError> {
        if self.checkpoint.origin != origin {
            return Err(CheckpointError::OtherOrigin);
        }
        self.note
            .verify(std::slice::from_ref(log))
            .map_err(CheckpointError::Signature)?;
        Ok(&self.checkpoint)
    }

    /// Adds a signature line, for example a cosignature that came back from a witness. It is not
    /// checked here.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when it would be too long; nothing is added.
    pub fn add(&mut self, signature: Signature) -> Result<(), CheckpointError> {
        Ok(self.note.add(signature)?)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(CheckpointError::Lines)?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        let size = number(size).ok_or(CheckpointError::Size)?;
        let root = root.parse().map_err(|_| CheckpointError::Root)?;
        lines.try_fold(Self::new(origin, size, root)?, Self::with_extension)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl From<NoteError> for CheckpointError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note(error) => return error.fmt(f),
            Self::Signature(error) => return error.fmt(f),
            Self::Lines => "a checkpoint has at least three lines, each with its newline",
            Self::Origin => "the origin is empty or has a control character",
            Self::Size => "the size is not a number of leaves",
            Self::Root => "the root is not 32 bytes in base64",
            Self::EmptyRoot => "the root is not that of a tree without leaves",
            Self::Extension => "an extension line is empty or has a control character",
            Self::OtherOrigin => "this is the checkpoint of another log",
        })
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Note(error) => Some(error),
            Self::Signature(error) => Some(error),
            _ => None,
        }
    }
}
