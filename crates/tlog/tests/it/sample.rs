//! A log to test with: entry i is the commitment to the event "event i" with i as its salt. (A real
//! salt is random; this one lets a reader recompute everything.) Examples use it too.

use tlog::cosignature::Cosigner;
use tlog::frontier::Frontier;
use tlog::hash::{Hash, commitment};
use tlog::note::Signer;
use tlog::tree::Run;

/// The name of the sample log and of its key.
pub const ORIGIN: &str = "log.example/91";

/// The seed of the sample log's key.
pub const LOG_SEED: [u8; 32] = [1; 32];

/// The name of the sample witness.
pub const WITNESS: &str = "nation.example/witness";

/// The seed of the sample witness's key.
pub const WITNESS_SEED: [u8; 32] = [2; 32];

/// The sample log's key.
pub fn log() -> Signer {
    Signer::new(ORIGIN, &LOG_SEED).expect("a name without spaces")
}

/// The sample witness's key.
pub fn witness() -> Cosigner {
    Cosigner::new(WITNESS, &WITNESS_SEED).expect("a name without spaces")
}

/// The salt of event i.
pub fn salt(index: u64) -> [u8; 16] {
    u128::from(index).to_be_bytes()
}

/// Event i.
pub fn event(index: u64) -> String {
    format!("event {index}")
}

/// Entry i.
pub fn entry(index: u64) -> [u8; 32] {
    commitment(&salt(index), event(index).as_bytes())
}

/// A run that the store does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing(pub Run);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} is not there", self.0)
    }
}

impl std::error::Error for Missing {}

/// What a database keeps: the leaf hashes, and the nodes that appending told.
#[derive(Default)]
pub struct Store {
    levels: Vec<Vec<Hash>>,
    pub frontier: Frontier,
}

impl Store {
    /// The sample log of that size.
    pub fn of(size: u64) -> Self {
        let mut store = Self::default();
        for index in 0..size {
            store.append(Hash::leaf(&entry(index)));
        }
        store
    }

    pub fn append(&mut self, leaf: Hash) {
        self.put(0, self.frontier.size(), leaf);
        let mut nodes = Vec::new();
        self.frontier
            .append_with(leaf, |node| nodes.push(node))
            .expect("the tree is not full");
        for node in nodes {
            self.put(usize::from(node.level), node.index, node.hash);
        }
    }

    /// Nodes come in order and once each; a store may rely on it.
    fn put(&mut self, level: usize, index: u64, hash: Hash) {
        if self.levels.len() <= level {
            self.levels.resize(level + 1, Vec::new());
        }
        assert_eq!(
            self.levels[level].len() as u64,
            index,
            "level {level} came out of order"
        );
        self.levels[level].push(hash);
    }

    /// Answers a run, and checks that it is one.
    pub fn read(&self, run: Run) -> Result<Vec<Hash>, Missing> {
        let last = run.first + u64::from(run.count) - 1;
        assert!(
            run.count > 0 && run.first / 256 == last / 256,
            "{run:?} leaves its tile"
        );
        let first = usize::try_from(run.first).expect("small");
        let level = self.levels.get(usize::from(run.level));
        let hashes = level.and_then(|level| level.get(first..first + usize::from(run.count)));
        hashes.map(<[Hash]>::to_vec).ok_or(Missing(run))
    }
}
