//! `kecha journal audit`: an outsider reads a public log, whole, and believes nothing but a key.
//!
//! What is wrong with the log is a [`Fault`] and named; the first one found in the tree ends the
//! reading, since nothing above it means anything.

use serde::Serialize;
use tlog::{
    audit::{Audit, AuditError},
    bundle,
    checkpoint::{Checkpoint, SignedCheckpoint},
    cosignature::Witness,
    hash::Hash,
    list,
    note::Verifier,
    tile::{Kind, Tile},
};

use super::fetch::{Log, Unread};

/// The longest note and the longest page of the list that are read.
const NOTE: u64 = 1_000_000;
const LIST: u64 = 64 << 20;
/// As many cosigned checkpoints are read: one a minute for nineteen years.
const MOST_COSIGNED: usize = 10_000_000;
/// A bundle of full entries.
const BUNDLE: u64 = 256 * (2 + 65_535);
/// Tiles that are fetched at a time.
const AHEAD: usize = 64;

/// What was read, and what is wrong with it.
#[derive(Default, Serialize)]
pub(super) struct Audited {
    pub origin: String,
    pub entries: u64,
    pub root: String,
    pub tiles: u64,
    pub cosigned: usize,
    pub faults: Vec<Fault>,
}

/// What is wrong, and with what.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    pub what: String,
    pub says: String,
}

impl Fault {
    fn new(what: impl ToString, says: impl ToString) -> Self {
        Self {
            what: what.to_string(),
            says: says.to_string(),
        }
    }
}

impl From<Unread> for Fault {
    fn from(unread: Unread) -> Self {
        Self::new(unread.path, unread.says)
    }
}

type Sound<T> = Result<T, Fault>;

/// Whose signatures are asked for.
pub(super) struct Keys<'a> {
    pub log: &'a Verifier,
    pub witnesses: &'a [Witness],
}

/// Reads a log and tells what it is like; `progress` is told the tiles done and all of them.
pub(super) fn audit(log: &Log, keys: &Keys<'_>, progress: &mut dyn FnMut(u64, u64)) -> Audited {
    let mut audited = Audited {
        origin: keys.log.name().to_owned(),
        ..Audited::default()
    };
    if let Err(fault) = read(log, keys, &mut audited, progress) {
        audited.faults.push(fault);
    }
    audited
}

fn read(
    log: &Log,
    keys: &Keys<'_>,
    audited: &mut Audited,
    progress: &mut dyn FnMut(u64, u64),
) -> Sound<()> {
    // The list first: the log may grow meanwhile, and the checkpoint must reach over all of it.
    let cosigned = cosigned(log, keys)?;
    audited.cosigned = cosigned.len();
    let head = checkpoint(&log.get("checkpoint", NOTE)?, keys.log)
        .map_err(|says| Fault::new("checkpoint", says))?;
    audited.entries = head.size();
    audited.root = head.root().to_string();
    if let Some((size, _)) = cosigned.iter().find(|(size, _)| *size > head.size()) {
        let says = format!(
            "it counts {} entries, and {size} were cosigned before: the log was rolled back",
            head.size()
        );
        return Err(Fault::new("checkpoint", says));
    }
    let signed = cosigned.into_iter().chain([(head.size(), head.root())]);
    let mut audit = Audit::new(signed).map_err(unlike)?;
    let all = count(head.size());
    let mut order = audit.remaining();
    loop {
        let tiles: Vec<Tile> = order.by_ref().take(AHEAD).collect();
        if tiles.is_empty() {
            break;
        }
        for (tile, content) in tiles.iter().zip(log.get_all(&tiles, fetch)) {
            let (hashes, entries) = content?;
            if let Some(entries) = entries {
                compare_entries(*tile, &hashes, &entries)?;
            }
            audit.give(&hashes).map_err(unlike)?;
            audited.tiles += 1;
            progress(audited.tiles, all);
        }
    }
    audit.finish().map_err(unlike).map(drop)
}

/// How many tiles a tree has. Counted, not gone through: the size is what a stranger says.
fn count(size: u64) -> u64 {
    (0..8)
        .map(|level| (size >> (8 * level)).div_ceil(256))
        .sum()
}

/// The content of a tile, and of the bundle of entries that belongs to it.
fn fetch(log: &Log, tile: &Tile) -> Result<(Vec<u8>, Option<Vec<u8>>), Unread> {
    let hashes = log.get(&tile.to_string(), u64::from(tile.width()) * 32)?;
    let entries = match bundle_of(*tile) {
        Some(bundle) => Some(log.get(&bundle.to_string(), BUNDLE)?),
        None => None,
    };
    Ok((hashes, entries))
}

fn bundle_of(tile: Tile) -> Option<Tile> {
    let is_leaves = tile.kind() == Kind::Hashes { level: 0 };
    is_leaves
        .then(|| Tile::entries(tile.index(), tile.width()).ok())
        .flatten()
}

/// The bundle holds the entries whose leaves the tile has.
fn compare_entries(tile: Tile, hashes: &[u8], entries: &[u8]) -> Sound<()> {
    let leaves = tile.decode(hashes).map_err(|e| Fault::new(tile, e))?;
    let path = bundle_of(tile).map_or_else(String::new, |bundle| bundle.to_string());
    let found = bundle::check(entries, &leaves);
    found.map(drop).map_err(|e| Fault::new(path, e))
}

/// The size and root of every cosigned checkpoint.
fn cosigned(log: &Log, keys: &Keys<'_>) -> Sound<Vec<(u64, Hash)>> {
    let mut found: Vec<(u64, Hash)> = Vec::new();
    let mut by = vec![false; keys.witnesses.len()];
    loop {
        let from = found.last().map_or(0, |(size, _)| size + 1);
        let path = format!("cosigned?from={from}");
        let page = String::from_utf8(log.get(&path, LIST)?)
            .map_err(|_| Fault::new(&path, "it is not text"))?;
        let notes = list::decode(&page).map_err(|e| Fault::new(&path, e))?;
        if notes.is_empty() {
            break;
        }
        for note in &notes {
            let size = note.claimed().size();
            let what = format!("cosigned checkpoint of {size} entries");
            if size < from {
                return Err(Fault::new(what, "it was given before"));
            }
            let checkpoint = note.verify(keys.log.name(), keys.log);
            let checkpoint = checkpoint.map_err(|e| Fault::new(&what, e))?;
            let signed = note.cosignatures(keys.witnesses);
            let signed = signed.map_err(|e| Fault::new(&what, e))?;
            if signed.is_empty() && !keys.witnesses.is_empty() {
                return Err(Fault::new(what, "no witness that is known has signed it"));
            }
            for one in signed {
                let at = keys.witnesses.iter().position(|w| w == one.witness);
                at.and_then(|at| by.get_mut(at))
                    .into_iter()
                    .for_each(|b| *b = true);
            }
            found.push((size, checkpoint.root()));
        }
        if found.len() > MOST_COSIGNED {
            return Err(Fault::new("cosigned", "the list does not end"));
        }
    }
    match keys.witnesses.iter().zip(by).find(|(_, has)| !has) {
        Some((witness, _)) => Err(Fault::new(
            "cosigned",
            format!("{} has signed no checkpoint", witness.name()),
        )),
        None => Ok(found),
    }
}

fn checkpoint(bytes: &[u8], key: &Verifier) -> Result<Checkpoint, String> {
    let signed = SignedCheckpoint::parse(bytes).map_err(|e| e.to_string())?;
    let checkpoint = signed.verify(key.name(), key).map_err(|e| e.to_string())?;
    Ok(checkpoint.clone())
}

fn unlike(error: AuditError) -> Fault {
    let what = match error {
        AuditError::Tile { tile, .. } | AuditError::Differs { tile, .. } => tile.to_string(),
        AuditError::Root { size } => format!("checkpoint of {size} entries"),
        _ => "log".to_owned(),
    };
    Fault::new(what, error)
}
