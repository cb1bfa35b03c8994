//! The tree as RFC 6962 defines it, by recursion and without any thought of speed.

use std::collections::HashMap;

use tlog::hash::Hash;

use crate::sample::entry;

/// The definitions of RFC 6962, section 2.1, over the sample log's entries.
pub struct Naive {
    known: HashMap<(u64, u64), Hash>,
}

impl Naive {
    pub fn new() -> Self {
        Self {
            known: HashMap::new(),
        }
    }

    /// MTH(D[low:high]).
    pub fn root(&mut self, low: u64, high: u64) -> Hash {
        if let Some(hash) = self.known.get(&(low, high)) {
            return *hash;
        }
        let hash = match high - low {
            0 => Hash::empty_root(),
            1 => Hash::leaf(&entry(low)),
            size => {
                let middle = low + k(size);
                Hash::node(&self.root(low, middle), &self.root(middle, high))
            }
        };
        self.known.insert((low, high), hash);
        hash
    }

    /// PATH(index, D[low:high]).
    pub fn path(&mut self, index: u64, low: u64, high: u64) -> Vec<Hash> {
        if high - low == 1 {
            return vec![];
        }
        let k = k(high - low);
        let (mut path, last) = if index < k {
            (self.path(index, low, low + k), self.root(low + k, high))
        } else {
            (self.path(index - k, low + k, high), self.root(low, low + k))
        };
        path.push(last);
        path
    }

    /// SUBPROOF(m, D[low:high], whole).
    pub fn subproof(&mut self, m: u64, low: u64, high: u64, whole: bool) -> Vec<Hash> {
        if m == high - low {
            return if whole {
                vec![]
            } else {
                vec![self.root(low, high)]
            };
        }
        let k = k(high - low);
        let (mut proof, last) = if m <= k {
            (
                self.subproof(m, low, low + k, whole),
                self.root(low + k, high),
            )
        } else {
            (
                self.subproof(m - k, low + k, high, false),
                self.root(low, low + k),
            )
        };
        proof.push(last);
        proof
    }
}

/// The largest power of two smaller than `size`.
fn k(size: u64) -> u64 {
    let mut k = 1;
    while k * 2 < size {
        k *= 2;
    }
    k
}
