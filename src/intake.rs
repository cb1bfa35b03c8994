//! Intake: an exam sheet goes from its bytes into the register, row by row, in one transaction.
//!
//! The paper is read three times: for its digest, by which the same bytes are known again; for its
//! own check; and, when it will be taken, with the register. Only the last has the writer's turn, so
//! that a sheet that is refused keeps nobody waiting. Nothing is kept in memory but the first rows that are refused, so that a sheet of any
//! length, right or wrong from beginning to end, goes through in the same memory.

use std::{
    fmt,
    io::{Cursor, Read, Seek, SeekFrom},
};

use domain::{catalogue::Catalogue, refusal::Refusal, roster::Refused};
use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};

use crate::{
    papers::sheet::{self, Format, Marker, SheetError},
    registry::{self, Imported, Importing, Officer, Registry},
};

/// So many rows that were not taken are told one by one; of the others only their number. Nobody
/// reads more of them, and the check answers for each.
pub const MOST_TOLD: usize = 10_000;

/// Why one row was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The sheet's own check, cell by cell.
    Sheet(Vec<Refused>),
    /// The register.
    Register(Refusal),
}

/// One row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// The row's number in the sheet.
    pub row: u64,
    /// Why.
    pub reason: Reason,
}

/// What became of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    /// What the register did.
    pub outcome: Imported,
    /// Other sheets of the workbook that look like it and were not read.
    pub left_out: usize,
    /// How many rows were not taken.
    pub refused: u64,
    /// The first of them, at most [`MOST_TOLD`], in the order of the sheet.
    pub not_taken: Vec<NotTaken>,
}

/// Why a sheet could not be looked at.
#[derive(Debug)]
pub enum IntakeError {
    /// It cannot be read.
    Sheet(SheetError),
    /// The register's trouble.
    Register(registry::Error),
}

impl fmt::Display for IntakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sheet(e) => e.fmt(f),
            Self::Register(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for IntakeError {}

impl From<SheetError> for IntakeError {
    fn from(e: SheetError) -> Self {
        Self::Sheet(e)
    }
}

impl From<registry::Error> for IntakeError {
    fn from(e: registry::Error) -> Self {
        Self::Register(e)
    }
}

/// Takes a sheet for the officer's institution. Good rows of a sheet with bad ones are taken only
/// with `take_good`; otherwise nothing is.
///
/// A sheet with bad rows and without `take_good` is not shown to the register at all: what that
/// refuses of the good rows is told when they are taken.
///
/// # Errors
/// A sheet that cannot be read, or the register's trouble; then nothing was taken.
pub fn take<R: Read + Seek>(
    registry: &Registry,
    mut sheet: R,
    by: &Officer,
    now: Timestamp,
    take_good: bool,
) -> Result<Intake, IntakeError> {
    let sha256 = digest(&mut sheet)?;
    let already = registry.sheet_taken(&sha256, by)?;
    if let Some(taken) = already {
        return Ok(Intake::of(Imported::Already { taken }));
    }
    let today = domain::event::legal_day(now);
    let mut looked = Intake::of(Imported::Done {
        taken: 0,
        refused: Vec::new(),
    });
    let summary = sheet::check(
        &mut sheet,
        registry.catalogue(),
        today,
        &mut |line, judged| {
            if let Some(Err(reasons)) = judged.map(|judged| &judged.outcome) {
                looked.leave(line.number, Reason::Sheet(reasons.clone()));
            }
            Ok(())
        },
    )?;
    looked.left_out = summary.left_out;
    if summary.refused > 0 && !take_good {
        looked.outcome = Imported::Unconfirmed {
            good: u32::try_from(summary.accepted).unwrap_or(u32::MAX),
            refused: Vec::new(),
        };
        return Ok(looked);
    }
    if summary.accepted == 0 {
        return Ok(looked);
    }
    sheet.seek(SeekFrom::Start(0)).map_err(SheetError::from)?;
    let importing = registry.begin_import(&sha256, by, now)?;
    take_rows(registry, sheet, importing, today, take_good)
}

/// The reading that has the writer's turn.
fn take_rows<R: Read + Seek>(
    registry: &Registry,
    sheet: R,
    mut importing: Importing<'_>,
    today: Date,
    take_good: bool,
) -> Result<Intake, IntakeError> {
    let mut taken = Intake::of(Imported::Already { taken: 0 });
    let mut trouble = None;
    let summary = sheet::check(sheet, registry.catalogue(), today, &mut |line, judged| {
        let Some(judged) = judged else { return Ok(()) };
        let reason = match &judged.outcome {
            Err(reasons) => Some(Reason::Sheet(reasons.clone())),
            Ok(row) => {
                let number = u32::try_from(line.number).unwrap_or(u32::MAX);
                match importing.row(number, row) {
                    Ok(refusal) => refusal.map(Reason::Register),
                    Err(e) => {
                        trouble = Some(e);
                        return Err(SheetError::Output("register".to_owned()));
                    }
                }
            }
        };
        if let Some(reason) = reason {
            taken.leave(line.number, reason);
        }
        Ok(())
    });
    if let Some(e) = trouble {
        return Err(e.into());
    }
    let summary = summary?;
    taken.left_out = summary.left_out;
    let refused = u32::try_from(summary.refused).unwrap_or(u32::MAX);
    // Somebody may have sent the same bytes meanwhile.
    if importing.already() {
        return Ok(Intake::of(importing.finish(refused, take_good)?));
    }
    taken.outcome = importing.finish(refused, take_good)?;
    Ok(taken)
}

impl Intake {
    fn of(outcome: Imported) -> Self {
        Self {
            outcome,
            left_out: 0,
            refused: 0,
            not_taken: Vec::new(),
        }
    }

    /// Counts a row that is not taken, and keeps it while there is room.
    fn leave(&mut self, row: u64, reason: Reason) {
        self.refused += 1;
        if self.not_taken.len() < MOST_TOLD {
            self.not_taken.push(NotTaken { row, reason });
        }
    }
}

/// The same sheet with the errors marked, and whether it is a csv.
///
/// # Errors
/// A sheet that cannot be read.
pub fn mark(
    bytes: &[u8],
    catalogue: &Catalogue,
    today: Date,
) -> Result<(bool, Vec<u8>), SheetError> {
    let mut source = Cursor::new(bytes);
    let format = sheet::format_of(&mut source)?;
    let mut marker = Marker::new(Vec::new(), format, catalogue);
    sheet::check(source, catalogue, today, &mut |line, judged| {
        marker.line(line, judged)
    })?;
    Ok((format == Format::Csv, marker.finish()?))
}

/// SHA-256 of the whole, in hexadecimal; leaves the reader at its beginning.
fn digest<R: Read + Seek>(sheet: &mut R) -> Result<String, SheetError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    sheet.seek(SeekFrom::Start(0))?;
    loop {
        let n = sheet.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
    }
    sheet.seek(SeekFrom::Start(0))?;
    Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}
