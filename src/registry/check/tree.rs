//! The tree beside its entries: what was signed must be what the commitments give.

use tlog::{
    checkpoint::SignedCheckpoint,
    frontier::{Frontier, Node},
    hash::Hash,
};

use super::Fault;
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

/// How many entries the head counts.
pub(super) fn entries(r: &mut Reader<'_>) -> Result<i64> {
    Ok(r.query_one(HEAD, &[OWN.into()])?.int(0)?)
}

/// The tree over the commitments, made anew.
#[derive(Default)]
pub(crate) struct Tree {
    frontier: Frontier,
    nodes: Vec<Node>,
}

impl Tree {
    pub fn append(&mut self, commitment: &[u8]) {
        let nodes = &mut self.nodes;
        // Cannot fail: no database holds 2^63 rows.
        let _ = self
            .frontier
            .append_with(Hash::leaf(commitment), |node| nodes.push(node));
    }
}

impl Registry {
    pub(super) fn compare_tree(
        &self,
        r: &mut Reader<'_>,
        tree: Tree,
        faults: &mut Vec<Fault>,
    ) -> Result<()> {
        let head = r.query_one(HEAD, &[OWN.into()])?;
        if head.blob(1)? != tree.frontier.to_bytes() {
            faults.push(Fault::Tree { what: "frontier" });
        }
        if !self.is_signed(head.text(2)?, &tree.frontier) {
            faults.push(Fault::Tree { what: "checkpoint" });
        }
        let count = i64::try_from(tree.nodes.len()).unwrap_or(i64::MAX);
        let mut whole = r.query_one(COUNT, &[OWN.into()])?.int(0)? == count;
        for node in &tree.nodes {
            let place = [
                OWN.into(),
                i64::from(node.level).into(),
                i64::try_from(node.index).unwrap_or(i64::MAX).into(),
            ];
            let kept = r.query_opt(NODE, &place)?;
            whole &= kept.is_some_and(|row| row.blob(0) == Ok(node.hash.as_bytes()));
        }
        if !whole {
            faults.push(Fault::Tree { what: "nodes" });
        }
        Ok(())
    }

    /// Whether a checkpoint is ours and says exactly this tree; there is none of an empty one.
    fn is_signed(&self, checkpoint: &str, tree: &Frontier) -> bool {
        if tree.size() == 0 {
            return checkpoint.is_empty();
        }
        let log = self.log.public();
        SignedCheckpoint::parse(checkpoint.as_bytes()).is_ok_and(|signed| {
            signed
                .verify(log.name(), log)
                .is_ok_and(|c| (c.size(), c.root()) == (tree.size(), tree.root()))
        })
    }
}
