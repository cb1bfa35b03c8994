//! Strings of an `.xls` that run over the ends of records.

use super::{SheetError, book::Strings, ole::u16_at};

/// The shared strings: one table cut into records anywhere, even inside a string, where each new
/// piece says anew how wide its characters are.
pub(super) struct Pieces<'a> {
    pub(super) pieces: &'a [&'a [u8]],
    pub(super) index: usize,
    pub(super) at: usize,
}

impl Pieces<'_> {
    fn byte(&mut self) -> Option<u8> {
        loop {
            let piece = self.pieces.get(self.index)?;
            if let Some(byte) = piece.get(self.at) {
                self.at += 1;
                return Some(*byte);
            }
            self.index += 1;
            self.at = 0;
        }
    }

    fn number(&mut self, bytes: u32) -> Option<u32> {
        (0..bytes).try_fold(0, |n, i| Some(n | u32::from(self.byte()?) << (8 * i)))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let here = self.pieces.get(self.index)?.len().saturating_sub(self.at);
            let step = here.min(count);
            self.at += step;
            count -= step;
            if count > 0 {
                self.index += 1;
                self.at = 0;
            }
        }
        Some(())
    }

    pub(super) fn characters(&mut self, count: usize, mut wide: bool) -> Option<String> {
        let mut units: Vec<u16> = Vec::new();
        while units.len() < count {
            let piece = self.pieces.get(self.index)?;
            if self.at >= piece.len() {
                self.index += 1;
                self.at = 1;
                wide = self.pieces.get(self.index)?.first()? & 1 == 1;
                continue;
            }
            if wide {
                units.push(u16_at(piece, self.at)?);
                self.at += 2;
            } else {
                units.push(u16::from(*piece.get(self.at)?));
                self.at += 1;
            }
        }
        Some(String::from_utf16_lossy(&units))
    }

    fn string(&mut self) -> Option<String> {
        let count = self.number(2)? as usize;
        let flags = self.byte()?;
        let runs = if flags & 8 == 8 {
            self.number(2)? as usize
        } else {
            0
        };
        let aid = if flags & 4 == 4 {
            self.number(4)? as usize
        } else {
            0
        };
        let text = self.characters(count, flags & 1 == 1)?;
        self.skip(runs.saturating_mul(4).saturating_add(aid))?;
        Some(text)
    }
}

pub(super) fn shared_strings(pieces: &[&[u8]], strings: &mut Strings) -> Result<(), SheetError> {
    let mut pieces = Pieces {
        pieces,
        index: 0,
        at: 4,
    };
    let count = pieces.number(4).unwrap_or(0);
    for _ in 0..count {
        let text = pieces
            .string()
            .ok_or_else(|| SheetError::Damaged("a shared text is cut off".into()))?;
        strings.push(&text)?;
    }
    Ok(())
}
