//! The log: the tree over the journal's commitments, and what is published of it (`docs/log.md`).
//!
//! The right edge of the tree and the signed checkpoint are written in the transaction that writes
//! the entries, so there is never an entry without a checkpoint above it, nor a checkpoint above an
//! entry that a crash took away. Tiles are made from the commitments and the kept tile roots.

use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    frontier::{Frontier, Node},
    hash::Hash,
    note::Signer,
    tile::{Kind, Tile},
    tree::Run,
};

use super::{
    Error, Registry, Result,
    store::{Ask, Param, Tx},
    work::OWN,
};

const HEAD: &str = "-- heads::load\nSELECT frontier, checkpoint FROM heads WHERE feed = $1";
const ADVANCE: &str = "-- heads::advance
UPDATE heads SET entries = $2, frontier = $3, checkpoint = $4 WHERE feed = $1 AND entries = $5";
const LEAVES: &str = "-- log::leaves
SELECT commitment FROM journal WHERE feed = $1 AND idx >= $2 AND idx < $3 ORDER BY idx";
const NODES: &str = "-- log::nodes
SELECT hash FROM nodes WHERE feed = $1 AND level = $2 AND idx >= $3 AND idx < $4 ORDER BY idx";

const COSIGNED: &str = "-- log::cosigned
SELECT size, note FROM cosigned WHERE feed = $1 AND size >= $2 ORDER BY size LIMIT 1000";

/// How far a journal reaches, in one turn.
pub(super) struct Head {
    frontier: Frontier,
    /// Where it was when the turn began.
    before: i64,
    /// Tile roots that were completed and are not written yet.
    nodes: Vec<Node>,
}

/// A size as the database counts.
fn size(frontier: &Frontier) -> i64 {
    // Cannot fail: a tree has at most 2^63 - 1 leaves.
    i64::try_from(frontier.size()).unwrap_or(i64::MAX)
}

impl Head {
    pub fn read(r: &mut impl Ask, feed: i64) -> Result<Self> {
        let row = r.query_one(HEAD, &[feed.into()])?;
        let frontier =
            Frontier::from_bytes(row.blob(0)?).map_err(|_| Error::Internal("log::head"))?;
        Ok(Self {
            before: size(&frontier),
            frontier,
            nodes: Vec::new(),
        })
    }

    /// The index the next entry will get.
    pub fn entries(&self) -> i64 {
        size(&self.frontier)
    }

    pub fn append(&mut self, commitment: &[u8; 32]) -> Result<()> {
        let nodes = &mut self.nodes;
        self.frontier
            .append_with(Hash::leaf(commitment), |node| nodes.push(node))
            .map_err(|_| Error::Internal("log::append"))?;
        Ok(())
    }

    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The right edge of the tree as it is kept.
    pub fn frontier(&self) -> Vec<u8> {
        self.frontier.to_bytes()
    }

    pub fn take_nodes(&mut self) -> Vec<Node> {
        std::mem::take(&mut self.nodes)
    }

    /// Signs what the turn has written, at its end.
    pub fn sign(&self, tx: &mut Tx<'_>, feed: i64, log: &Signer) -> Result<()> {
        if self.entries() == self.before {
            return Ok(());
        }
        let signed = signed(&self.frontier, log)?.to_string();
        let frontier = self.frontier.to_bytes();
        let params: [Param<'_>; 5] = [
            feed.into(),
            self.entries().into(),
            (&frontier).into(),
            (&signed).into(),
            self.before.into(),
        ];
        tx.change_one(ADVANCE, &params)?;
        Ok(())
    }
}

pub(super) fn signed(frontier: &Frontier, log: &Signer) -> Result<SignedCheckpoint> {
    Checkpoint::new(log.public().name(), frontier.size(), frontier.root())
        .and_then(|checkpoint| SignedCheckpoint::sign(checkpoint, log))
        .map_err(|_| Error::Internal("log::signed"))
}

impl Registry {
    /// The key that checks this node's checkpoints, as C2SP writes one: it may be printed anywhere.
    #[must_use]
    pub fn log_key(&self) -> String {
        self.log.public().to_string()
    }

    /// The signed checkpoint of the journal as it is now.
    ///
    /// # Errors
    /// What the database says.
    pub fn checkpoint(&self) -> Result<String> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_one(HEAD, &[OWN.into()])?))?;
        match row.text(1)? {
            "" => Ok(signed(&Frontier::new(), &self.log)?.to_string()),
            signed => Ok(signed.to_owned()),
        }
    }

    /// The cosigned checkpoints of the journal from a size on, oldest first, at most 1,000, in the
    /// form of [`tlog::list`].
    ///
    /// # Errors
    /// What the database says.
    pub fn cosigned(&self, from: u64) -> Result<String> {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(COSIGNED, &[OWN.into(), from.into()])?))?;
        let notes: Result<Vec<(u64, &str)>> = rows
            .iter()
            .map(|row| Ok((row.int(0)?.unsigned_abs(), row.text(1)?)))
            .collect();
        Ok(tlog::list::encode(notes?))
    }

    /// A tile of the journal by its path below the log's address, `tile/…`: hashes, or the
    /// commitments themselves; none for a path that is no tile, or one the journal has not filled.
    ///
    /// # Errors
    /// What the database says.
    pub fn tile(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let Ok(tile) = path.parse::<Tile>() else {
            return Ok(None);
        };
        self.store.read(|r| {
            let head = Head::read(r, OWN)?;
            if !tile.is_within(head.frontier.size()) {
                return Ok(None);
            }
            if tile.kind() == Kind::Entries {
                let entries = commitments(r, OWN, tile.run())?;
                let bundle = tlog::bundle::encode(&entries);
                return Ok(Some(bundle.map_err(|_| Error::Internal("log::tile"))?));
            }
            let content = tile.read(|run| hashes(r, OWN, run));
            Ok(Some(content.map_err(|_| Error::Internal("log::tile"))?))
        })
    }
}

/// The commitments of a run of level 0.
pub(super) fn commitments(r: &mut impl Ask, feed: i64, run: Run) -> Result<Vec<[u8; 32]>> {
    let first = i64::try_from(run.first).map_err(|_| Error::NotFound)?;
    let end = first + i64::from(run.count);
    let rows = r.query(LEAVES, &[feed.into(), first.into(), end.into()])?;
    rows.iter().map(|row| Ok(row.bytes(0)?)).collect()
}

/// The hashes of a run, for tiles and proofs.
pub(super) fn hashes(r: &mut impl Ask, feed: i64, run: Run) -> Result<Vec<Hash>> {
    if run.level == 0 {
        let entries = commitments(r, feed, run)?;
        return Ok(entries.iter().map(|entry| Hash::leaf(entry)).collect());
    }
    let first = i64::try_from(run.first).map_err(|_| Error::NotFound)?;
    let end = first + i64::from(run.count);
    let rows = r.query(
        NODES,
        &[
            feed.into(),
            i64::from(run.level).into(),
            first.into(),
            end.into(),
        ],
    )?;
    rows.iter()
        .map(|row| Ok(Hash::new(row.bytes(0)?)))
        .collect()
}
