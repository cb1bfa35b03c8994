//! The right edge of a tree: all that is needed to append and to know the root.
//!
//! A tree of n leaves is a row of perfect trees, one for every bit that is set in n, the largest
//! first. Their roots (at most 63) are the *frontier*, also called a compact range. Appending costs
//! two hashes on average and the root a few more, however large the tree is.

use std::fmt;

use crate::hash::Hash;
use crate::tree::{MAX_SIZE, ReadError, Run, peaks, root_of_peaks};

/// The frontier of a tree. Two trees with equal frontiers have equal leaves.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    // One root for every set bit of `size`, the largest tree first.
    peaks: Vec<Hash>,
}

/// A node that tiles hold at a level above the leaves: the root of a perfect tree over
/// 256^`level` leaves.
///
/// A store that keeps the leaf hashes and these nodes can answer every [`Run`] of every tile and
/// every proof; it has about one node for 255 leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The level of the tile the node belongs to: 1 to 7. Its height in the tree is 8 · level.
    pub level: u8,
    /// Its place within the level: it covers the leaves from index · 256^level on.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Why a frontier does not take a leaf or does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontierError {
    /// The tree has, or claims to have, more than [`MAX_SIZE`] leaves.
    TooLarge,
    /// The bytes are not 8 for the size and 32 for each of its set bits.
    Length {
        /// How many bytes there should be.
        want: usize,
        /// How many there are.
        have: usize,
    },
}

impl Frontier {
    /// The frontier of the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the tree has; the index the next leaf will get.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash and returns its index.
    ///
    /// # Errors
    /// [`FrontierError::TooLarge`] when the tree is full; nothing is changed.
    pub fn append(&mut self, leaf: Hash) -> Result<u64, FrontierError> {
        self.append_with(leaf, |_| ())
    }

    /// Appends a leaf hash, hands each tile node it completes to `completed`, lowest level first,
    /// and returns the leaf's index.
    ///
    /// # Errors
    /// [`FrontierError::TooLarge`] when the tree is full; nothing is changed.
    pub fn append_with(
        &mut self,
        leaf: Hash,
        mut completed: impl FnMut(Node),
    ) -> Result<u64, FrontierError> {
        if self.size >= MAX_SIZE {
            return Err(FrontierError::TooLarge);
        }
        let index = self.size;
        let mut hash = leaf;
        // Like adding one to a binary number: every bit that is set carries into the next, and the
        // perfect tree that stood for it is merged with what was just completed.
        let mut height: u8 = 0;
        while (index >> height) & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = Hash::node(&left, &hash);
            height += 1;
            if height.is_multiple_of(8) {
                completed(Node {
                    level: height / 8,
                    index: index >> height,
                    hash,
                });
            }
        }
        self.peaks.push(hash);
        self.size += 1;
        Ok(index)
    }

    /// Appends many leaf hashes, as [`append_with`](Self::append_with) does one by one.
    ///
    /// # Errors
    /// [`FrontierError::TooLarge`] when the tree is full; the leaves before are appended.
    pub fn append_all(
        &mut self,
        leaves: impl IntoIterator<Item = Hash>,
        mut completed: impl FnMut(Node),
    ) -> Result<(), FrontierError> {
        for leaf in leaves {
            self.append_with(leaf, &mut completed)?;
        }
        Ok(())
    }

    /// The root of the tree (RFC 6962, section 2.1: MTH).
    pub fn root(&self) -> Hash {
        root_of_peaks(&self.peaks)
    }

    /// The frontier of the first `size` leaves of a tree whose hashes `read` has; see
    /// [`Run`] for what is asked of it.
    ///
    /// # Errors
    /// [`ReadError::Size`] above [`MAX_SIZE`], [`ReadError::Length`] when `read` gives more or
    /// fewer hashes than asked, [`ReadError::Source`] with its own error.
    pub fn read<E>(
        size: u64,
        mut read: impl FnMut(Run) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, ReadError<E>> {
        Ok(Self {
            size,
            peaks: peaks(0..size, &mut read)?,
        })
    }

    /// The frontier as bytes: the size (8 bytes, big-endian), then the 32 bytes of each perfect
    /// tree's root, the largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.peaks.iter().flat_map(|peak| peak.as_bytes()));
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. The hashes are believed: compare the
    /// [`root`](Self::root) with a checkpoint's when the bytes come from where they can change.
    ///
    /// # Errors
    /// Those of [`FrontierError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let have = bytes.len();
        let Some((size, rest)) = bytes.split_first_chunk::<8>() else {
            return Err(FrontierError::Length { want: 8, have });
        };
        let size = u64::from_be_bytes(*size);
        if size > MAX_SIZE {
            return Err(FrontierError::TooLarge);
        }
        let (peaks, odd) = rest.as_chunks::<{ Hash::LEN }>();
        let want = size.count_ones() as usize;
        if peaks.len() != want || !odd.is_empty() {
            return Err(FrontierError::Length {
                want: 8 + want * Hash::LEN,
                have,
            });
        }
        Ok(Self {
            size,
            peaks: peaks.iter().copied().map(Hash::new).collect(),
        })
    }
}

impl fmt::Display for FrontierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "a tree has at most {MAX_SIZE} leaves"),
            Self::Length { want, have } => {
                write!(f, "the frontier should have {want} bytes and has {have}")
            }
        }
    }
}

impl std::error::Error for FrontierError {}
