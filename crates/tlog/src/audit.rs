//! Recomputing a whole tree from its tiles, for someone who believes nobody.
//!
//! The auditor begins with what was signed, sizes and roots; fetches the tiles in the order
//! [`Audit::next_tile`] asks for; and at the end knows that every leaf in the tiles of level 0 is
//! under the largest signed root, that every smaller signed root is the root of the first leaves of
//! the same tree (nothing was changed or removed between them), and that every tile above holds
//! what the tiles below it hash to. It keeps at most 256 hashes per level, whatever the size.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use crate::frontier::{Frontier, Node};
use crate::hash::Hash;
use crate::tile::{Kind, LEVELS, Tile, TileError, WIDTH};
use crate::tree::MAX_SIZE;

/// An audit under way. See the [module](self).
#[derive(Clone, Debug)]
pub struct Audit {
    // The signed roots not yet reached, by size.
    heads: BTreeMap<u64, Hash>,
    order: Order,
    frontier: Frontier,
    // For each level the hashes that were computed and not yet compared with their tile.
    computed: [VecDeque<Hash>; LEVELS as usize],
}

/// What an audit found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditError {
    /// Two different roots are signed for the same size: the log has shown two histories.
    Fork {
        /// The size.
        size: u64,
    },
    /// A signed tree is larger than [`MAX_SIZE`].
    TooLarge,
    /// The content is not that of a tile of this width.
    Tile {
        /// The tile.
        tile: Tile,
        /// What is wrong with it.
        error: TileError,
    },
    /// A hash in a tile above the leaves is not the one the tiles below give.
    Differs {
        /// The tile.
        tile: Tile,
        /// The place of the first hash that differs, from 0.
        place: usize,
    },
    /// The first `size` leaves do not have the signed root.
    Root {
        /// The size.
        size: u64,
    },
    /// More tiles were given than the tree has.
    TooMany,
    /// The audit was finished before this tile was given.
    Missing(Tile),
}

impl Audit {
    /// Begins an audit of everything that was signed: the size and root of each checkpoint, in any
    /// order. The largest is the tree that will be read. Check the signatures first.
    ///
    /// # Errors
    /// [`AuditError::Fork`], [`AuditError::TooLarge`], and [`AuditError::Root`] for a tree without
    /// leaves with another root than [`Hash::empty_root`].
    pub fn new(signed: impl IntoIterator<Item = (u64, Hash)>) -> Result<Self, AuditError> {
        let mut heads = BTreeMap::new();
        for (size, root) in signed {
            if size > MAX_SIZE {
                return Err(AuditError::TooLarge);
            }
            if heads.insert(size, root).is_some_and(|other| other != root) {
                return Err(AuditError::Fork { size });
            }
        }
        if heads
            .remove(&0)
            .is_some_and(|root| root != Hash::empty_root())
        {
            return Err(AuditError::Root { size: 0 });
        }
        let size = heads.last_key_value().map_or(0, |(size, _)| *size);
        let computed = Default::default();
        Ok(Self {
            heads,
            order: Order::new(size),
            frontier: Frontier::new(),
            computed,
        })
    }

    /// The tile whose content the audit needs next; none when it has seen all.
    pub fn next_tile(&self) -> Option<Tile> {
        self.order.clone().next()
    }

    /// All tiles still needed, in order, for someone who fetches ahead.
    pub fn remaining(&self) -> impl Iterator<Item = Tile> + use<> {
        self.order.clone()
    }

    /// Takes the content of [`next_tile`](Self::next_tile).
    ///
    /// # Errors
    /// What is wrong with it. After an error the audit is over.
    pub fn give(&mut self, content: &[u8]) -> Result<(), AuditError> {
        let tile = self.order.next().ok_or(AuditError::TooMany)?;
        let hashes = tile
            .decode(content)
            .map_err(|error| AuditError::Tile { tile, error })?;
        match tile.kind() {
            Kind::Hashes { level: 0 } | Kind::Entries => self.append(hashes),
            Kind::Hashes { level } => self.compare(tile, level, &hashes),
        }
    }

    /// Ends the audit and returns the frontier of the tree, to which later leaves can be appended.
    ///
    /// # Errors
    /// [`AuditError::Missing`] when tiles are still to come.
    pub fn finish(mut self) -> Result<Frontier, AuditError> {
        match self.order.next() {
            Some(tile) => Err(AuditError::Missing(tile)),
            None => Ok(self.frontier),
        }
    }

    fn append(&mut self, leaves: Vec<Hash>) -> Result<(), AuditError> {
        let computed = &mut self.computed;
        let mut keep = |node: Node| {
            if let Some(level) = computed.get_mut(usize::from(node.level)) {
                level.push_back(node.hash);
            }
        };
        for leaf in leaves {
            self.frontier
                .append_with(leaf, &mut keep)
                .map_err(|_| AuditError::TooLarge)?;
            let size = self.frontier.size();
            if let Some(root) = self.heads.remove(&size)
                && root != self.frontier.root()
            {
                return Err(AuditError::Root { size });
            }
        }
        Ok(())
    }

    fn compare(&mut self, tile: Tile, level: u8, hashes: &[Hash]) -> Result<(), AuditError> {
        let computed = self.computed.get_mut(usize::from(level));
        let Some(computed) = computed else {
            return Err(AuditError::Differs { tile, place: 0 });
        };
        for (place, hash) in hashes.iter().enumerate() {
            if computed.pop_front() != Some(*hash) {
                return Err(AuditError::Differs { tile, place });
            }
        }
        Ok(())
    }
}

/// The tiles of a tree in the order in which they can be checked: each after those it is made of.
#[derive(Clone, Debug)]
struct Order {
    size: u64,
    // How many full tiles of each level were asked for.
    full: [u64; LEVELS as usize],
    // The level whose partial tile is next, when all full ones are done.
    partial: u8,
}

impl Order {
    fn new(size: u64) -> Self {
        Self {
            size,
            full: [0; LEVELS as usize],
            partial: 0,
        }
    }

    /// A full tile above the leaves whose 256 tiles below were all asked for, or the next of the
    /// leaves.
    fn next_full(&mut self) -> Option<Tile> {
        let leaves = self.size / u64::from(WIDTH);
        for level in (0..LEVELS).rev() {
            let at = usize::from(level);
            let ready = if at == 0 {
                leaves
            } else {
                self.full[at - 1] / u64::from(WIDTH)
            };
            if self.full[at] < ready {
                self.full[at] += 1;
                return Tile::hashes(level, self.full[at] - 1, WIDTH).ok();
            }
        }
        None
    }
}

impl Iterator for Order {
    type Item = Tile;

    fn next(&mut self) -> Option<Tile> {
        if let Some(tile) = self.next_full() {
            return Some(tile);
        }
        while self.partial < LEVELS {
            let level = self.partial;
            self.partial += 1;
            let hashes = self.size >> (8 * level);
            let width = u16::from(hashes.to_be_bytes()[7]);
            // Empty tiles are refused by `hashes`: a level that ends on an edge has no partial one.
            if let Ok(tile) = Tile::hashes(level, hashes / u64::from(WIDTH), width) {
                return Some(tile);
            }
        }
        None
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fork { size } => write!(f, "two different roots are signed for {size} leaves"),
            Self::TooLarge => write!(f, "a tree has at most {MAX_SIZE} leaves"),
            Self::Tile { tile, error } => write!(f, "{tile}: {error}"),
            Self::Differs { tile, place } => {
                write!(
                    f,
                    "{tile}: hash {place} is not what the tiles below it give"
                )
            }
            Self::Root { size } => {
                write!(
                    f,
                    "the first {size} leaves do not have the root that was signed"
                )
            }
            Self::TooMany => f.write_str("the tree has no further tile"),
            Self::Missing(tile) => write!(f, "{tile} was not given"),
        }
    }
}

impl std::error::Error for AuditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tile { error, .. } => Some(error),
            _ => None,
        }
    }
}
