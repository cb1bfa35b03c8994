//! A list is read and judged on a thread of its own.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, sync_channel},
    },
};

use domain::{
    catalogue::Catalogue,
    former::{self, Fault, FormerRow},
    roster::Cell,
};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::Plan;
use crate::papers::sheet::{self, Format, SheetError};

/// Rows that go from the reader at once.
const PAGE: usize = 1_000;
/// The header stands among so many first rows.
const HEADER_WITHIN: usize = 30;

/// One row of a list.
#[derive(Debug)]
pub struct Judged {
    /// Its number in the file.
    pub number: u64,
    /// What it says, or what is wrong with it.
    pub outcome: Result<FormerRow, Vec<Fault>>,
    /// Its cells, where it is wrong.
    pub cells: Vec<Cell>,
}

/// Rows as they come from the reader.
pub struct Reading {
    pages: Receiver<Result<Vec<Judged>, SheetError>>,
    at: Arc<AtomicU64>,
}

impl Reading {
    /// Begins to read a list below its header, after a row of the file.
    #[must_use]
    pub fn begin<R: Read + Seek + Send + 'static>(
        source: R,
        plan: Plan,
        catalogue: Catalogue,
        today: Date,
        after: u64,
    ) -> Self {
        let (give, pages) = sync_channel(2 * super::AT_ONCE / PAGE);
        let at = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            source,
            at: Arc::clone(&at),
        };
        std::thread::spawn(move || {
            let mut page = Vec::with_capacity(PAGE);
            let first = plan.header_row.max(after);
            let read = sheet::rows(counted, &mut |number, cells| {
                if number <= first || cells.is_empty() {
                    return Ok(true);
                }
                let outcome = former::judge(plan.raw(cells), &catalogue, today);
                let cells = match &outcome {
                    Ok(_) => Vec::new(),
                    Err(_) => cells.to_vec(),
                };
                page.push(Judged {
                    number,
                    outcome,
                    cells,
                });
                if page.len() < PAGE {
                    return Ok(true);
                }
                let full = std::mem::replace(&mut page, Vec::with_capacity(PAGE));
                // Nobody takes them any more: the work was stopped.
                Ok(give.send(Ok(full)).is_ok())
            });
            let _ = give.send(read.map(|_| page));
        });
        Self { pages, at }
    }

    /// The next rows, so many or a few more; none at the end.
    ///
    /// # Errors
    /// A list that cannot be read further.
    pub fn next(&mut self, most: usize) -> Result<Vec<Judged>, SheetError> {
        let mut rows = Vec::new();
        while rows.len() < most {
            match self.pages.recv() {
                Ok(page) => rows.append(&mut page?),
                Err(_) => break,
            }
        }
        Ok(rows)
    }

    /// How many bytes were read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.at.load(Ordering::Relaxed)
    }
}

/// The first rows of a list, each with its number.
pub type Header = Vec<(u64, Vec<Cell>)>;

/// The first rows of a list, for its header, and what kind of file it is.
///
/// # Errors
/// When it cannot be read.
pub fn open_header<R: Read + Seek>(source: R) -> Result<(Format, Header), SheetError> {
    let mut first = Vec::new();
    let format = sheet::rows(source, &mut |number, cells| {
        if !cells.is_empty() {
            first.push((number, cells.to_vec()));
        }
        Ok(first.len() < HEADER_WITHIN)
    })?;
    Ok((format, first))
}

/// Tells how far it was read.
struct Counted<R> {
    source: R,
    at: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.at.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.source.seek(to)?;
        self.at.store(at, Ordering::Relaxed);
        Ok(at)
    }
}

/// Hashes what is read through it.
pub struct Hashing<R> {
    source: R,
    hash: Sha256,
}

impl<R: Read> Hashing<R> {
    /// From where the source stands.
    #[must_use]
    pub fn new(source: R) -> Self {
        let hash = Sha256::new();
        Self { source, hash }
    }

    /// Reads to the end: SHA-256 of all of it, in hexadecimal.
    ///
    /// # Errors
    /// When the source fails.
    pub fn finish(mut self) -> io::Result<String> {
        let mut buffer = vec![0; 1 << 18];
        loop {
            let n = self.source.read(&mut buffer)?;
            if n == 0 {
                let digest = self.hash.finalize();
                return Ok(digest.iter().map(|b| format!("{b:02x}")).collect());
            }
            self.hash.update(&buffer[..n]);
        }
    }
}
