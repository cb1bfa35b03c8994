//! The tree beside its entries: what was signed must be what the commitments give.

use std::collections::BTreeMap;

use tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::Witness,
    frontier::{Frontier, Node},
    hash::Hash,
    note::Verifier,
};

use super::{Fault, Folded, Signed};
use crate::registry::{
    Registry, Result,
    store::{Ask, Reader},
    work::OWN,
};

const HEAD: &str =
    "-- check::head\nSELECT entries, frontier, checkpoint FROM heads WHERE feed = $1";
const COUNT: &str = "-- check::count_nodes\nSELECT COUNT(*) FROM nodes WHERE feed = $1";
const NODE: &str =
    "-- check::node\nSELECT hash FROM nodes WHERE feed = $1 AND level = $2 AND idx = $3";
const COSIGNED: &str = "-- check::cosigned
SELECT size, note FROM cosigned WHERE feed = $1 AND size > $2 AND size <= $3 UNION ALL
SELECT size, note FROM lost WHERE feed = $1 AND size > $2 AND size <= $3";
const FURTHEST: &str =
    "-- check::furthest\nSELECT COALESCE(MAX(size), 0) FROM cosigned WHERE feed = $1";

/// How many entries the head counts; none where there is no head.
pub(super) fn entries(r: &mut Reader<'_>, feed: i64) -> Result<Option<i64>> {
    let row = r.query_opt(HEAD, &[feed.into()])?;
    Ok(row.map(|row| row.int(0)).transpose()?)
}

/// The tree over the commitments, made anew.
#[derive(Default)]
pub(crate) struct Tree {
    frontier: Frontier,
    nodes: Vec<Node>,
    /// Checkpoints that were cosigned at sizes that are still to come.
    cosigned: BTreeMap<u64, Option<Hash>>,
}

impl Tree {
    pub fn size(&self) -> i64 {
        i64::try_from(self.frontier.size()).unwrap_or(i64::MAX)
    }
}

impl Folded {
    /// Lays a commitment under the tree, and compares the root with what was cosigned there.
    pub(super) fn append(&mut self, commitment: &[u8]) {
        let Tree {
            frontier,
            nodes,
            cosigned,
        } = &mut self.tree;
        // Cannot fail: no database holds 2^63 rows.
        let _ = frontier.append_with(Hash::leaf(commitment), |node| nodes.push(node));
        let said = cosigned.remove(&frontier.size());
        if said.is_some_and(|root| root != Some(frontier.root())) {
            self.faults.push(Fault::Tree { what: "cosigned" });
        }
    }
}

impl Registry {
    /// Reads what was cosigned between two sizes.
    pub(super) fn load_cosigned(
        &self,
        r: &mut Reader<'_>,
        folded: &mut Folded,
        signed: Signed<'_>,
        (after, until): (i64, i64),
    ) -> Result<()> {
        let feed = folded.feed;
        for row in r.query(COSIGNED, &[feed.into(), after.into(), until.into()])? {
            let size = row.int(0)?.unsigned_abs();
            let note = SignedCheckpoint::parse(row.text(1)?.as_bytes()).ok();
            let said = note.filter(|note| self.vouches(feed, note, signed.province));
            let said = said.filter(|note| signed.nation.is_none_or(|key| cosigned(note, key)));
            let said = said.map(|note| (note.claimed().size(), note.claimed().root()));
            let root = said.and_then(|(says, root)| (says == size).then_some(root));
            folded.tree.cosigned.insert(size, root);
        }
        Ok(())
    }

    pub(super) fn compare_tree(
        &self,
        r: &mut Reader<'_>,
        folded: &mut Folded,
        signed: Signed<'_>,
    ) -> Result<()> {
        let (feed, tree) = (folded.feed, &folded.tree);
        let mut wrong = Vec::new();
        let mut furthest = r.query_one(FURTHEST, &[feed.into()])?.int(0)?;
        // Entries were taken away that somebody has cosigned; or of a copy we have not cosigned all.
        if furthest > tree.size() || (feed != OWN && furthest < tree.size()) {
            wrong.push("cosigned");
        }
        match r.query_opt(HEAD, &[feed.into()])? {
            None => wrong.push("head"),
            Some(head) => {
                let note = SignedCheckpoint::parse(head.text(2)?.as_bytes());
                let says = note.map_or(0, |note| note.claimed().size());
                furthest = furthest.max(i64::try_from(says).unwrap_or(i64::MAX));
                if head.blob(1)? != tree.frontier.to_bytes() {
                    wrong.push("frontier");
                }
                if !self.is_signed(feed, head.text(2)?, &tree.frontier, signed.province) {
                    wrong.push("checkpoint");
                }
            }
        }
        let count = i64::try_from(tree.nodes.len()).unwrap_or(i64::MAX);
        let mut whole = r.query_one(COUNT, &[feed.into()])?.int(0)? == count;
        for node in &tree.nodes {
            let place = [
                feed.into(),
                i64::from(node.level).into(),
                i64::try_from(node.index).unwrap_or(i64::MAX).into(),
            ];
            let kept = r.query_opt(NODE, &place)?;
            whole &= kept.is_some_and(|row| row.blob(0) == Ok(node.hash.as_bytes()));
        }
        if !whole {
            wrong.push("nodes");
        }
        let size = tree.size();
        // Whatever the head counts now, more was signed.
        let gap = Fault::Gap { at: size };
        if furthest > size && !folded.faults.contains(&gap) {
            folded.faults.push(gap);
        }
        let wrong = wrong.into_iter().map(|what| Fault::Tree { what });
        folded.faults.extend(wrong);
        Ok(())
    }

    /// Whether a checkpoint says exactly this tree and is to be believed; there is none of an empty
    /// one.
    fn is_signed(
        &self,
        feed: i64,
        checkpoint: &str,
        tree: &Frontier,
        key: Option<&Verifier>,
    ) -> bool {
        if tree.size() == 0 {
            return checkpoint.is_empty();
        }
        SignedCheckpoint::parse(checkpoint.as_bytes()).is_ok_and(|signed| {
            let says = (signed.claimed().size(), signed.claimed().root());
            says == (tree.size(), tree.root()) && self.vouches(feed, &signed, key)
        })
    }

    /// Whether a checkpoint is to be believed: of the own journal by the own signature, of a copy by
    /// the own cosignature and, where it is known, by the province's key.
    fn vouches(&self, feed: i64, note: &SignedCheckpoint, key: Option<&Verifier>) -> bool {
        let by = |key: &Verifier| note.verify(key.name(), key).is_ok();
        if feed == OWN {
            return by(self.log.public());
        }
        cosigned(note, self.cosigner.public()) && key.is_none_or(by)
    }
}

fn cosigned(note: &SignedCheckpoint, key: &Witness) -> bool {
    let by_it = note.cosignatures(std::slice::from_ref(key));
    by_it.is_ok_and(|found| !found.is_empty())
}
