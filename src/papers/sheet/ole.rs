//! The compound file around an `.xls`: finds one stream and copies it, whatever the tables claim.

use super::SheetError;

/// The first eight bytes of every compound file.
pub(super) const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
const ENTRY: usize = 128;

/// Little-endian numbers out of a slice; nothing beyond its end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

/// See [`u16_at`].
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

fn broken(what: &str) -> SheetError {
    SheetError::Damaged(what.to_owned())
}

struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
}

struct Entry {
    root: bool,
    name: String,
    start: u32,
    size: usize,
}

/// The workbook stream, whichever of its two names it has.
pub(super) fn workbook(bytes: &[u8]) -> Result<Vec<u8>, SheetError> {
    let shift = |at: usize| u16_at(bytes, at).map(u32::from);
    let (Some(shift @ (9 | 12)), Some(mini_shift @ 6)) = (shift(30), shift(32)) else {
        return Err(broken("the head of the compound file is wrong"));
    };
    let fat = fat(bytes, 1 << shift)?;
    let file = Compound {
        bytes,
        sector: 1 << shift,
        fat,
    };
    let directory_start = u32_at(bytes, 48).ok_or_else(|| broken("no directory"))?;
    let directory = file.chain(directory_start, bytes.len())?;
    let entries: Vec<Entry> = directory.chunks_exact(ENTRY).filter_map(entry).collect();
    let named = |wanted: &str| entries.iter().find(|e| e.name.eq_ignore_ascii_case(wanted));
    if named("EncryptedPackage").is_some() {
        return Err(SheetError::Encrypted);
    }
    let Some(found) = named("Workbook").or_else(|| named("Book")) else {
        return Err(if named("WordDocument").is_some() {
            SheetError::Unsupported("word")
        } else {
            SheetError::NotASheet
        });
    };
    let cutoff = u32_at(bytes, 56).unwrap_or(4096) as usize;
    let stream = if found.size < cutoff {
        // Known by its kind: some writers give it another name.
        let root = entries.iter().find(|e| e.root);
        let root = root.ok_or_else(|| broken("no root"))?;
        let inner = Compound {
            bytes: &file.chain(root.start, bytes.len())?,
            sector: 1 << mini_shift,
            fat: file.mini_fat()?,
        };
        inner.mini_chain(found.start, found.size)?
    } else {
        file.chain(found.start, found.size)?
    };
    if stream.len() < found.size {
        Err(broken("a stream is cut off"))
    } else {
        Ok(stream)
    }
}

fn entry(raw: &[u8]) -> Option<Entry> {
    let length = usize::from(u16_at(raw, 64)?).min(64).saturating_sub(2);
    let units = (0..length / 2).filter_map(|i| u16_at(raw, i * 2));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    let kind = raw.get(66)?;
    let (start, size) = (u32_at(raw, 116)?, u32_at(raw, 120)?);
    let found = Entry {
        root: *kind == 5,
        name: String::from_utf16_lossy(&units),
        start,
        size: usize::try_from(size).ok()?,
    };
    matches!(kind, 2 | 5).then_some(found)
}

/// The allocation table, from the list in the header and the sectors that continue it.
fn fat(bytes: &[u8], sector: usize) -> Result<Vec<u32>, SheetError> {
    let sectors = bytes.len() / sector;
    let mut lists: Vec<u32> = (0..109).filter_map(|i| u32_at(bytes, 76 + i * 4)).collect();
    let mut next = u32_at(bytes, 68).unwrap_or(END_OF_CHAIN);
    let mut steps = 0;
    while next < END_OF_CHAIN - 3 {
        steps += 1;
        if steps > sectors {
            return Err(broken("a chain of sectors is a ring"));
        }
        let at = offset(next, sector);
        let count = sector / 4 - 1;
        lists.extend((0..count).filter_map(|i| u32_at(bytes, at.saturating_add(i * 4))));
        next = u32_at(bytes, at.saturating_add(count * 4)).unwrap_or(END_OF_CHAIN);
    }
    let mut fat = Vec::new();
    for list in lists.into_iter().filter(|l| *l < END_OF_CHAIN - 3) {
        let at = offset(list, sector);
        if at + sector > bytes.len() || fat.len() > sectors + sector {
            return Err(broken("the sector table is cut off"));
        }
        fat.extend((0..sector / 4).filter_map(|i| u32_at(bytes, at + i * 4)));
    }
    Ok(fat)
}

/// Where a sector begins; the header takes the place of one.
fn offset(sector: u32, size: usize) -> usize {
    (sector as usize).saturating_add(1).saturating_mul(size)
}

impl Compound<'_> {
    /// Copies a chain of sectors, at most `wanted` bytes. A chain cannot be longer than the file.
    fn chain(&self, start: u32, wanted: usize) -> Result<Vec<u8>, SheetError> {
        self.copy(start, wanted, |sector| offset(sector, self.sector))
    }

    /// The same inside the stream of small sectors, which has no header.
    fn mini_chain(&self, start: u32, wanted: usize) -> Result<Vec<u8>, SheetError> {
        self.copy(start, wanted, |sector| {
            (sector as usize).saturating_mul(self.sector)
        })
    }

    fn copy(
        &self,
        start: u32,
        wanted: usize,
        place: impl Fn(u32) -> usize,
    ) -> Result<Vec<u8>, SheetError> {
        let wanted = wanted.min(self.bytes.len());
        let mut out = Vec::new();
        let mut next = start;
        while next != END_OF_CHAIN && next != FREE && out.len() < wanted {
            let at = place(next);
            let end = at.saturating_add(self.sector).min(self.bytes.len());
            let piece = self.bytes.get(at..end).filter(|p| !p.is_empty());
            out.extend_from_slice(piece.ok_or_else(|| broken("a sector lies outside the file"))?);
            next = self
                .fat
                .get(next as usize)
                .copied()
                .ok_or_else(|| broken("a chain of sectors is broken"))?;
        }
        out.truncate(wanted);
        Ok(out)
    }

    fn mini_fat(&self) -> Result<Vec<u32>, SheetError> {
        let start = u32_at(self.bytes, 60).unwrap_or(END_OF_CHAIN);
        let raw = self.chain(start, self.bytes.len())?;
        Ok((0..raw.len() / 4)
            .filter_map(|i| u32_at(&raw, i * 4))
            .collect())
    }
}
