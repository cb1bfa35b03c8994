//! Tiles: the tree and its entries as files that never change (C2SP tlog-tiles).
//!
//! A tile of level L holds up to 256 neighbouring hashes of the height 8 · L. A full one never
//! changes; the last one of each level may be partial, has its width in its address, and is
//! replaced by a wider one as the tree grows.

use std::fmt;
use std::str::FromStr;

use crate::hash::Hash;
use crate::tree::{ReadError, Run, read_run};

/// How many hashes a full tile has.
pub const WIDTH: u16 = 256;

/// How many levels of tiles a tree of [`MAX_SIZE`](crate::tree::MAX_SIZE) leaves can have.
pub const LEVELS: u8 = 8;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Hashes of the height 8 · level; at level 0 the leaf hashes. The level is 0 to 63, of which
    /// a tree can have the first [`LEVELS`].
    Hashes {
        /// The level.
        level: u8,
    },
    /// The entries themselves, a [bundle](crate::bundle) that goes with a tile of level 0.
    Entries,
}

/// The address of a tile. It prints and reads as the path below the log's address, without a slash
/// in front: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: Kind,
    index: u64,
    width: u16,
}

/// Why something is not a tile's address or a tile's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileError {
    /// The path is not written the one way it can be.
    Path,
    /// The level is above 63.
    Level,
    /// The width is not 1 to 256.
    Width,
    /// The last hash of the tile would have an index that 64 bits do not hold.
    Index,
    /// The content is not 32 bytes for each hash.
    Length {
        /// How many bytes there should be.
        want: usize,
        /// How many there are.
        have: usize,
    },
}

impl Tile {
    /// The tile at a level and index, with that many hashes; 256 is a full tile.
    ///
    /// # Errors
    /// [`TileError::Level`], [`TileError::Width`], [`TileError::Index`].
    pub fn hashes(level: u8, index: u64, width: u16) -> Result<Self, TileError> {
        if level > 63 {
            return Err(TileError::Level);
        }
        Self::new(Kind::Hashes { level }, index, width)
    }

    /// The entry bundle of that index, with that many entries; 256 is a full bundle.
    ///
    /// # Errors
    /// [`TileError::Width`], [`TileError::Index`].
    pub fn entries(index: u64, width: u16) -> Result<Self, TileError> {
        Self::new(Kind::Entries, index, width)
    }

    fn new(kind: Kind, index: u64, width: u16) -> Result<Self, TileError> {
        if !(1..=WIDTH).contains(&width) {
            return Err(TileError::Width);
        }
        if index > u64::MAX / u64::from(WIDTH) {
            return Err(TileError::Index);
        }
        Ok(Self { kind, index, width })
    }

    /// What the tile holds.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its index within the level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// The hashes it holds, or for a bundle those of its entries, as a run of a level.
    pub fn run(&self) -> Run {
        let level = match self.kind {
            Kind::Hashes { level } => level,
            Kind::Entries => 0,
        };
        Run {
            level,
            first: self.index << 8,
            count: self.width,
        }
    }

    /// Whether a tree of that size has everything the tile holds. A log serves no other tile.
    pub fn is_within(&self, size: u64) -> bool {
        let Run {
            level,
            first,
            count,
        } = self.run();
        let have = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        first
            .checked_add(u64::from(count))
            .is_some_and(|end| end <= have)
    }

    /// The content of a tile of hashes, from the function that reads hashes; of a bundle, the
    /// level-0 tile that goes with it. Ask [`is_within`](Self::is_within) first.
    ///
    /// # Errors
    /// [`ReadError::Length`] and [`ReadError::Source`].
    pub fn read<E>(
        &self,
        mut read: impl FnMut(Run) -> Result<Vec<Hash>, E>,
    ) -> Result<Vec<u8>, ReadError<E>> {
        Ok(encode(&read_run(self.run(), &mut read)?))
    }

    /// The hashes in a tile's content.
    ///
    /// # Errors
    /// [`TileError::Length`] unless there are exactly as many as the tile is wide.
    pub fn decode(&self, content: &[u8]) -> Result<Vec<Hash>, TileError> {
        let (want, have) = (usize::from(self.width) * Hash::LEN, content.len());
        if want != have {
            return Err(TileError::Length { want, have });
        }
        Ok(content
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(Hash::new)
            .collect())
    }
}

/// The content of a tile of hashes: one after the other, nothing between.
pub fn encode(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(Hash::as_bytes).copied().collect()
}

/// The tiles of hashes of a tree of that size: by level, then by index. A level's last tile is
/// partial unless the size falls on its edge; there are no empty tiles.
pub fn tiles(size: u64) -> impl Iterator<Item = Tile> {
    new_tiles(0, size)
}

/// The tiles of hashes that a tree has and its beginning of `old` leaves has not: new ones and
/// those that became wider. None when `old` is not smaller.
pub fn new_tiles(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    (0..LEVELS).flat_map(move |level| {
        row(
            Kind::Hashes { level },
            old >> (8 * level),
            new >> (8 * level),
        )
    })
}

/// The entry bundles of a tree of that size.
pub fn bundles(size: u64) -> impl Iterator<Item = Tile> {
    new_bundles(0, size)
}

/// The entry bundles that a tree has and its beginning of `old` leaves has not.
pub fn new_bundles(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    row(Kind::Entries, old, new)
}

/// How many tiles of hashes a tree of that size has, for a progress bar.
pub fn count(size: u64) -> u64 {
    (0..LEVELS)
        .map(|level| (size >> (8 * level)).div_ceil(u64::from(WIDTH)))
        .sum()
}

/// The tiles of one level that hold the hashes from `old` to `new`.
fn row(kind: Kind, old: u64, new: u64) -> impl Iterator<Item = Tile> {
    let full = u64::from(WIDTH);
    let end = if old < new { new.div_ceil(full) } else { 0 };
    (old / full..end).map(move |index| {
        // Only the last tile can be narrower than a full one.
        let width = u16::try_from(new - index * full).map_or(WIDTH, |width| width.min(WIDTH));
        Tile { kind, index, width }
    })
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Hashes { level } => write!(f, "tile/{level}/")?,
            Kind::Entries => f.write_str("tile/entries/")?,
        }
        // Three digits to a folder, so that none has more than a thousand things in it; all but
        // the last group begin with an x, so that no folder has the name of a tile.
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.width < WIDTH {
            write!(f, ".p/{}", self.width)
        } else {
            Ok(())
        }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    /// Reads a path, which must be exactly what the tile prints as: no zero in front of a number,
    /// no group of zeroes in front of an index, no width on a full tile.
    fn from_str(path: &str) -> Result<Self, TileError> {
        let rest = path.strip_prefix("tile/").ok_or(TileError::Path)?;
        let (level, rest) = rest.split_once('/').ok_or(TileError::Path)?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().map_err(|_| TileError::Path)?),
            None => (rest, WIDTH),
        };
        let index = parse_index(index).ok_or(TileError::Path)?;
        let tile = match level {
            "entries" => Self::entries(index, width)?,
            _ => Self::hashes(level.parse().map_err(|_| TileError::Path)?, index, width)?,
        };
        // Whatever else the reading above forgave, a sign or a zero in front, is caught here.
        if tile.to_string() != path {
            return Err(TileError::Path);
        }
        Ok(tile)
    }
}

/// Reads `x001/x234/067` as 1234067.
fn parse_index(path: &str) -> Option<u64> {
    path.split('/').try_fold(0u64, |index, group| {
        let digits = group.strip_prefix('x').unwrap_or(group);
        index
            .checked_mul(1000)?
            .checked_add(u64::from(digits.parse::<u16>().ok()?))
    })
}

impl fmt::Display for TileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("this is not the path of a tile"),
            Self::Level => f.write_str("a tile's level is 0 to 63"),
            Self::Width => f.write_str("a tile has 1 to 256 hashes"),
            Self::Index => f.write_str("the tile's index is too large"),
            Self::Length { want, have } => {
                write!(f, "the tile should have {want} bytes and has {have}")
            }
        }
    }
}

impl std::error::Error for TileError {}
