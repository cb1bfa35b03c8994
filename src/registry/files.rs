//! Files of any size in sealed parts: what an officer sends in for a long task, and what a task
//! leaves to be fetched. Nothing of them is held in memory but one part.
//!
//! What is true if the process dies: a file without a size was never whole, and nobody can read it.

use std::io::{self, Read, Seek, SeekFrom};

use domain::{office::OfficeCode, record::RecordId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Error, Registry, Result,
    store::{Ask, Param},
};

/// Bytes of one part.
const PART: usize = 1 << 20;

const BEGIN: &str = "-- files::begin
INSERT INTO files (id, office, login, at, kind, size, sha256) VALUES ($1, $2, $3, $4, $5, NULL, '')";
const PUT: &str = "-- files::put\nINSERT INTO file_parts (file, part, body) VALUES ($1, $2, $3)";
const WHOLE: &str =
    "-- files::whole\nUPDATE files SET size = $2, sha256 = $3 WHERE id = $1 AND size IS NULL";
const KEPT: &str = "-- files::kept
SELECT office, kind, size, sha256 FROM files WHERE id = $1 AND size IS NOT NULL";
const READ: &str = "-- files::part\nSELECT body FROM file_parts WHERE file = $1 AND part = $2";
const EMPTY: &str = "-- files::empty\nUPDATE file_parts SET body = NULL WHERE file = $1";

const EMPTY_BROKEN: &str = "-- files::empty_broken
UPDATE file_parts SET body = NULL WHERE body IS NOT NULL
AND file IN (SELECT id FROM files WHERE size IS NULL AND at < $1)";

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKept {
    /// Its number.
    pub id: RecordId,
    /// Whose it is.
    pub office: OfficeCode,
    /// `csv`, `xlsx`, or nothing for what an officer sent in.
    pub kind: String,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of them, hexadecimal.
    pub sha256: String,
}

/// A file that is being written. It names no register, so that it may wait between two pieces of a
/// request; every call is given the one it belongs to.
pub struct Draft {
    id: RecordId,
    waiting: Vec<u8>,
    parts: i64,
    size: u64,
    hash: Sha256,
}

impl Draft {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// Bytes written so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes; a part that is full goes into the register.
    ///
    /// # Errors
    /// What the database says.
    pub fn write(&mut self, registry: &Registry, mut bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = PART - self.waiting.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
            if self.waiting.len() == PART {
                self.put(registry)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, registry: &Registry) -> Result<()> {
        let sealed = registry.seal(&part_aad(self.id, self.parts), &self.waiting);
        let mut tx = registry.store.begin()?;
        tx.execute(
            PUT,
            &[
                self.id.as_i64().into(),
                self.parts.into(),
                Param::Blob(&sealed),
            ],
        )?;
        tx.commit()?;
        self.parts += 1;
        self.waiting.clear();
        Ok(())
    }

    /// Makes it whole.
    ///
    /// # Errors
    /// What the database says.
    pub fn finish(mut self, registry: &Registry) -> Result<FileKept> {
        if !self.waiting.is_empty() {
            self.put(registry)?;
        }
        let sha256: String = self
            .hash
            .finalize()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        let mut tx = registry.store.begin()?;
        let whole = [self.id.as_i64().into(), size.into(), (&sha256).into()];
        tx.change_one(WHOLE, &whole)?;
        tx.commit()?;
        registry.file(self.id)
    }
}

impl Registry {
    /// Begins a file of an office.
    ///
    /// # Errors
    /// What the database says.
    pub fn begin_file(
        &self,
        office: &OfficeCode,
        login: &str,
        kind: &str,
        now: Timestamp,
    ) -> Result<Draft> {
        let mut work = self.work()?;
        let id = work.new_record();
        let row = [
            id.as_i64().into(),
            office.as_str().into(),
            login.into(),
            now.as_millisecond().into(),
            kind.into(),
        ];
        work.tx.execute(BEGIN, &row)?;
        work.commit()?;
        Ok(Draft {
            id,
            waiting: Vec::with_capacity(PART),
            parts: 0,
            size: 0,
            hash: Sha256::new(),
        })
    }

    /// A whole file.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn file(&self, id: RecordId) -> Result<FileKept> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(KEPT, &[id.as_i64().into()])?))?
            .ok_or(Error::NotFound)?;
        Ok(FileKept {
            id,
            office: row.text(0)?.into(),
            kind: row.text(1)?.to_owned(),
            size: row.int(2)?.unsigned_abs(),
            sha256: row.text(3)?.to_owned(),
        })
    }

    /// Empties the parts of a file; that it was there stays known.
    ///
    /// # Errors
    /// What the database says.
    pub fn empty_file(&self, id: RecordId) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(EMPTY, &[id.as_i64().into()])?;
        Ok(tx.commit()?)
    }

    /// Empties the parts of files that were begun before a moment and never became whole: whoever sent
    /// one went away, or the program died.
    ///
    /// # Errors
    /// What the database says.
    pub fn empty_broken_files(&self, before: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(EMPTY_BROKEN, &[before.as_millisecond().into()])?;
        Ok(tx.commit()?)
    }

    fn file_part(&self, id: RecordId, part: u64) -> Result<Vec<u8>> {
        let part = i64::try_from(part).map_err(|_| Error::NotFound)?;
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(READ, &[id.as_i64().into(), part.into()])?))?
            .ok_or(Error::NotFound)?;
        let sealed = row.opt_blob(0)?.ok_or(Error::NotFound)?;
        let bytes = self
            .keyring
            .open(&part_aad(id, part), sealed)
            .map_err(|_| Error::Sealed("a file"))?;
        Ok(bytes.to_vec())
    }
}

/// Reads a whole file, part by part.
pub struct FileReader<R> {
    registry: R,
    file: FileKept,
    at: u64,
    /// The part in hand, and which it is.
    part: Option<(u64, Vec<u8>)>,
}

impl<R: AsRef<Registry>> FileReader<R> {
    /// From its beginning.
    pub fn new(registry: R, file: FileKept) -> Self {
        Self {
            registry,
            file,
            at: 0,
            part: None,
        }
    }
}

impl AsRef<Self> for Registry {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<R: AsRef<Registry>> Read for FileReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.file.size {
            return Ok(0);
        }
        let (wanted, from) = (self.at / PART as u64, self.at % PART as u64);
        if self.part.as_ref().is_none_or(|(at, _)| *at != wanted) {
            let bytes = self.registry.as_ref().file_part(self.file.id, wanted);
            self.part = Some((wanted, bytes.map_err(io::Error::other)?));
        }
        let bytes = self.part.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let rest = bytes.get(from..).unwrap_or_default();
        if rest.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl<R: AsRef<Registry>> Seek for FileReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.file.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = moved.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// What a part's sealed bytes are bound to: file and place.
fn part_aad(id: RecordId, part: i64) -> [u8; 20] {
    let mut aad = [0; 20];
    aad[..4].copy_from_slice(b"file");
    aad[4..12].copy_from_slice(&id.as_i64().to_be_bytes());
    aad[12..].copy_from_slice(&part.to_be_bytes());
    aad
}
