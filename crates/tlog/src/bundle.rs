//! Entry bundles: the entries that go with a tile of level 0, each with its length in front
//! (C2SP tlog-tiles, "Log entries").

use std::fmt;

use crate::hash::Hash;

/// Why some entries do not make a bundle, or some bytes are not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// An entry is longer than the 65,535 bytes its length can say. Entries count from 0.
    EntryTooLong(usize),
    /// The bytes end within this entry.
    Cut(usize),
    /// There are more or fewer entries than there should be.
    Count {
        /// How many there should be.
        want: usize,
        /// How many there are, or one more than wanted when there are more.
        have: usize,
    },
    /// This entry does not hash to its leaf.
    Leaf(usize),
}

/// The content of a bundle: for each entry its length as two big-endian bytes, then the entry.
///
/// # Errors
/// [`BundleError::EntryTooLong`].
pub fn encode<T: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = T>,
) -> Result<Vec<u8>, BundleError> {
    let mut content = Vec::new();
    for (place, entry) in entries.into_iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(place))?;
        content.extend(length.to_be_bytes());
        content.extend(entry);
    }
    Ok(content)
}

/// The entries in a bundle's content, `width` of them.
///
/// # Errors
/// [`BundleError::Cut`], [`BundleError::Count`].
pub fn decode(content: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let want = usize::from(width);
    let mut entries = Vec::with_capacity(want);
    let mut rest = content;
    while !rest.is_empty() {
        let place = entries.len();
        if place == want {
            return Err(BundleError::Count {
                want,
                have: place + 1,
            });
        }
        let (length, after) = rest.split_first_chunk().ok_or(BundleError::Cut(place))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after
            .split_at_checked(length)
            .ok_or(BundleError::Cut(place))?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() != want {
        return Err(BundleError::Count {
            want,
            have: entries.len(),
        });
    }
    Ok(entries)
}

/// Checks a bundle against the leaf hashes of its tile of level 0 and returns its entries.
///
/// # Errors
/// Those of [`decode`], and [`BundleError::Leaf`] for the first entry that differs.
pub fn check<'a>(content: &'a [u8], leaves: &[Hash]) -> Result<Vec<&'a [u8]>, BundleError> {
    let want = leaves.len();
    // More leaves than a tile has are more than any bundle can have.
    let width = u16::try_from(want).map_err(|_| BundleError::Count { want, have: 0 })?;
    let entries = decode(content, width)?;
    for (place, (entry, leaf)) in entries.iter().zip(leaves).enumerate() {
        if Hash::leaf(entry) != *leaf {
            return Err(BundleError::Leaf(place));
        }
    }
    Ok(entries)
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntryTooLong(place) => write!(f, "entry {place} has more than 65535 bytes"),
            Self::Cut(place) => write!(f, "the bundle ends within entry {place}"),
            Self::Count { want, have } => {
                write!(f, "the bundle should have {want} entries and has {have}")
            }
            Self::Leaf(place) => write!(f, "entry {place} is not the one the tree has there"),
        }
    }
}

impl std::error::Error for BundleError {}
