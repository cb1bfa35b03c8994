//! Proofs: that a leaf is in a tree, and that one tree is the beginning of another.
//!
//! They are *made* from a function that reads hashes (from a database, from tile files, from the
//! net), so nobody has to hold a tree; and *checked* by the algorithms of RFC 9162, sections
//! 2.1.3.2 and 2.1.4.2, from the proof and two hashes alone. The proofs themselves are those of RFC
//! 6962, sections 2.1.1 and 2.1.2.

use std::fmt;
use std::ops::Range;

use crate::hash::Hash;

/// The most leaves a tree may have: 2^63 − 1, what a signed 64-bit number holds, so that every
/// database and every client can count them.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// Neighbouring hashes of one tile, which the reader function is asked for.
///
/// At level 0 they are the leaf hashes `first`, `first + 1`, …; at level L they are the nodes that
/// [`Frontier::append_with`](crate::frontier::Frontier::append_with) told with that level and those
/// indexes. A run never leaves its tile: `first / 256` is the tile's index, `first % 256` the
/// place of the first hash in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The level of the tile, 0 to 7.
    pub level: u8,
    /// The index of the first hash within the level.
    pub first: u64,
    /// How many hashes, 1 to 256.
    pub count: u16,
}

/// Why a root or a proof could not be made. `E` is the reader's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError<E> {
    /// The leaf is not in a tree of that size, the old tree is larger than the new one, or a tree
    /// is larger than [`MAX_SIZE`].
    Size,
    /// The reader did not give as many hashes as the run asks for.
    Length(Run),
    /// The reader failed.
    Source(E),
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The leaf is not in a tree of that size, or the old tree is larger than the new one.
    Size,
    /// The proof has more hashes than the sizes call for.
    TooLong,
    /// The proof has fewer hashes than the sizes call for.
    TooShort,
    /// The proof leads to another root than that of the (new) tree.
    Root,
    /// The proof leads to another root than that of the old tree.
    OldRoot,
}

/// The root of the first `size` leaves (RFC 6962, section 2.1: MTH).
///
/// # Errors
/// Those of [`ReadError`].
pub fn root<E>(
    size: u64,
    mut read: impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Hash, ReadError<E>> {
    Ok(root_of_peaks(&peaks(0..size, &mut read)?))
}

/// The proof that leaf `index` is in the tree of the first `size` leaves, the leaf's sibling first
/// (RFC 6962, section 2.1.1: PATH).
///
/// # Errors
/// Those of [`ReadError`].
pub fn inclusion<E>(
    index: u64,
    size: u64,
    read: impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, ReadError<E>> {
    if index >= size || size > MAX_SIZE {
        return Err(ReadError::Size);
    }
    let mut siblings = Vec::new();
    let (mut low, mut high) = (0, size);
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            siblings.push(middle..high);
            high = middle;
        } else {
            siblings.push(low..middle);
            low = middle;
        }
    }
    hashes_upward(siblings, read)
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves
/// (RFC 6962, section 2.1.2: PROOF). It is empty when the sizes are equal or `old` is 0.
///
/// # Errors
/// Those of [`ReadError`].
pub fn consistency<E>(
    old: u64,
    new: u64,
    read: impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, ReadError<E>> {
    if old > new || new > MAX_SIZE {
        return Err(ReadError::Size);
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let mut siblings = Vec::new();
    let (mut low, mut high) = (0, new);
    while old != high {
        let middle = low + split(high - low);
        if old <= middle {
            siblings.push(middle..high);
            high = middle;
        } else {
            siblings.push(low..middle);
            low = middle;
        }
    }
    // What is left ends where the old tree ends. Unless it is the whole old tree, whose root the
    // verifier has, it is the first hash of the proof.
    if low > 0 {
        siblings.push(low..high);
    }
    hashes_upward(siblings, read)
}

/// Checks that the leaf with this hash has this index in the tree of that size and root
/// (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// [`VerifyError`]: whatever it is, the leaf is not proved to be there.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), VerifyError> {
    if index >= size {
        return Err(VerifyError::Size);
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(VerifyError::TooLong);
        }
        if at & 1 == 1 || at == last {
            hash = Hash::node(sibling, &hash);
            skip_levels_without_sibling(&mut at, &mut last);
        } else {
            hash = Hash::node(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(VerifyError::TooShort);
    }
    if hash != *root {
        return Err(VerifyError::Root);
    }
    Ok(())
}

/// Checks that the tree with `old` leaves and `old_root` is the beginning of the tree with `new`
/// leaves and `new_root` (RFC 9162, section 2.1.4.2). Every tree begins with the empty one, whose
/// root must be [`Hash::empty_root`] and whose proof is empty.
///
/// # Errors
/// [`VerifyError`]: whatever it is, the new tree is not proved to continue the old one.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), VerifyError> {
    if old > new {
        return Err(VerifyError::Size);
    }
    if old == new || old == 0 {
        return verify_without_proof(old, new, old_root, new_root, proof);
    }
    // The whole old tree is one node of the new one when its size is a power of two; then the
    // proof does not repeat its root.
    let whole = old.is_power_of_two().then_some(old_root);
    let mut steps = whole.into_iter().chain(proof);
    let Some(first) = steps.next() else {
        return Err(VerifyError::TooShort);
    };
    let (mut at, mut last) = (old - 1, new - 1);
    let odd = at.trailing_ones();
    at >>= odd;
    last >>= odd;
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in steps {
        if last == 0 {
            return Err(VerifyError::TooLong);
        }
        if at & 1 == 1 || at == last {
            old_hash = Hash::node(step, &old_hash);
            new_hash = Hash::node(step, &new_hash);
            skip_levels_without_sibling(&mut at, &mut last);
        } else {
            new_hash = Hash::node(&new_hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(VerifyError::TooShort);
    }
    if old_hash != *old_root {
        return Err(VerifyError::OldRoot);
    }
    if new_hash != *new_root {
        return Err(VerifyError::Root);
    }
    Ok(())
}

/// The two cases without a proof: the same tree twice, and the empty tree before any other.
fn verify_without_proof(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), VerifyError> {
    if !proof.is_empty() {
        return Err(VerifyError::TooLong);
    }
    if old == 0 && *old_root != Hash::empty_root() {
        return Err(VerifyError::OldRoot);
    }
    if old == new && old_root != new_root {
        return Err(VerifyError::Root);
    }
    Ok(())
}

/// At the right edge a node may stand alone on its level and rise without being hashed; both
/// positions rise to the level where it is a right child. RFC 9162 shifts bit by bit here.
fn skip_levels_without_sibling(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        *at >>= 1;
        *last >>= 1;
    }
}

/// The largest power of two smaller than `size`, which is at least 2 (RFC 6962: k).
fn split(size: u64) -> u64 {
    size.next_power_of_two() / 2
}

/// The hashes of ranges that were found from the root down, in the order from the leaf up.
fn hashes_upward<E>(
    ranges: Vec<Range<u64>>,
    mut read: impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, ReadError<E>> {
    ranges
        .into_iter()
        .rev()
        .map(|r| Ok(root_of_peaks(&peaks(r, &mut read)?)))
        .collect()
}

/// The roots of the perfect trees a range of leaves consists of, the largest first. The range
/// begins where a perfect tree of at least its length may begin, as all parts of a proof do.
pub(crate) fn peaks<E>(
    range: Range<u64>,
    read: &mut impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, ReadError<E>> {
    if range.end > MAX_SIZE {
        return Err(ReadError::Size);
    }
    let size = range.end - range.start;
    let mut at = range.start;
    let mut peaks = Vec::new();
    for height in (0..63).rev().filter(|height| (size >> height) & 1 == 1) {
        peaks.push(perfect(height, at >> height, read)?);
        at += 1 << height;
    }
    Ok(peaks)
}

/// The root of the tree whose perfect trees, the largest first, have these roots.
pub(crate) fn root_of_peaks(peaks: &[Hash]) -> Hash {
    peaks
        .iter()
        .copied()
        .rev()
        .reduce(|right, left| Hash::node(&left, &right))
        .unwrap_or_else(Hash::empty_root)
}

/// The root of the perfect tree of 2^height leaves with that index among its like: the nearest
/// tile level below has at most 128 hashes of it, all in one tile.
fn perfect<E>(
    height: u8,
    index: u64,
    read: &mut impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Hash, ReadError<E>> {
    let above = height % 8;
    let run = Run {
        level: height / 8,
        first: index << above,
        count: 1 << above,
    };
    let mut hashes = read_run(run, read)?;
    for _ in 0..above {
        hashes = hashes
            .as_chunks()
            .0
            .iter()
            .map(|[l, r]| Hash::node(l, r))
            .collect();
    }
    hashes.pop().ok_or(ReadError::Length(run))
}

/// Asks the reader for a run and checks that it gave as many hashes as it should.
pub(crate) fn read_run<E>(
    run: Run,
    read: &mut impl FnMut(Run) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, ReadError<E>> {
    let hashes = read(run).map_err(ReadError::Source)?;
    if hashes.len() != usize::from(run.count) {
        return Err(ReadError::Length(run));
    }
    Ok(hashes)
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size => f.write_str("the sizes do not fit: no such leaf or tree"),
            Self::Length(Run {
                level,
                first,
                count,
            }) => {
                write!(
                    f,
                    "the reader did not give {count} hashes of level {level} from {first} on"
                )
            }
            Self::Source(error) => write!(f, "reading hashes: {error}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for ReadError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Size | Self::Length(_) => None,
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "the sizes do not fit: no such leaf, or the old tree is the larger one",
            Self::TooLong => "the proof has too many hashes for these sizes",
            Self::TooShort => "the proof has too few hashes for these sizes",
            Self::Root => "the proof does not lead to the root of the tree",
            Self::OldRoot => "the proof does not lead to the root of the old tree",
        })
    }
}

impl std::error::Error for VerifyError {}
