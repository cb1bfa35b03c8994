//! Reads a sheet and judges every candidate of it, in one pass and constant memory.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    io::{Read, Seek},
};

use domain::{
    catalogue::Catalogue,
    roster::{Judged, judge},
};
use jiff::civil::Date;

use super::{Format, Line, Role, SheetError, read};

/// What came out of a check.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// The kind of file.
    pub format: Format,
    /// Rows that can be taken.
    pub accepted: u64,
    /// Rows that cannot.
    pub refused: u64,
    /// Other sheets of the workbook that look like it and were not read.
    pub left_out: usize,
}

/// Where rows and judgements go. An error ends the check.
pub type CheckSink<'a> = dyn FnMut(&Line<'_>, Option<&Judged>) -> Result<(), SheetError> + 'a;

/// Checks a sheet. The sink gets every row in order, a candidate with its judgement.
///
/// Rows that were seen are remembered as hashes of eight bytes, so that millions fit; two of two
/// million share one with a chance of one in ten million.
///
/// # Errors
/// When the file cannot be read as a sheet, or the sink fails.
pub fn check<R: Read + Seek>(
    reader: R,
    catalogue: &Catalogue,
    today: Date,
    sink: &mut CheckSink<'_>,
) -> Result<Summary, SheetError> {
    let mut seen: HashSet<u64> = HashSet::new();
    let (mut accepted, mut refused) = (0, 0);
    let info = read(reader, &mut |line| {
        let Role::Candidate(raw) = &line.role else {
            return sink(line, None);
        };
        let mut judged = judge(raw, catalogue, today);
        if let Some(key) = &judged.key {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            if !seen.insert(hasher.finish()) {
                judged.refuse_as_duplicate();
            }
        }
        *(if judged.outcome.is_ok() {
            &mut accepted
        } else {
            &mut refused
        }) += 1;
        sink(line, Some(&judged))
    })?;
    Ok(Summary {
        format: info.format,
        accepted,
        refused,
        left_out: info.left_out,
    })
}
