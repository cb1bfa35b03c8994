//! A transparency log: a list to which one can only append, and which anybody can check.
//!
//! The log's owner signs, again and again, how many entries there are and the root of the hash tree
//! over them. With that, a stranger can check that an entry is in the list ([`tree::inclusion`]),
//! that a later list continues an earlier one ([`tree::consistency`]), and recompute it all from
//! the published tiles ([`audit`]), without believing the owner. Whoever has seen a signed root
//! holds the owner to it.
//!
//! The bytes are those of the C2SP specifications, so other people's programs read them:
//! [signed-note](https://c2sp.org/signed-note),
//! [tlog-checkpoint](https://c2sp.org/tlog-checkpoint), [tlog-tiles](https://c2sp.org/tlog-tiles),
//! [tlog-cosignature](https://c2sp.org/tlog-cosignature) and
//! [tlog-proof](https://c2sp.org/tlog-proof), over the tree of RFC 6962 (RFC 9162).
//!
//! There is no input or output, no clock and no randomness here: functions take bytes, hashes and
//! closures that read hashes, and no input makes them panic.
//!
//! # Example
//!
//! A log of three entries, a witness, and a proof for a stranger:
//!
//! ```
//! use tlog::checkpoint::{Checkpoint, SignedCheckpoint};
//! use tlog::cosignature::{Cosigner, Witness};
//! use tlog::frontier::Frontier;
//! use tlog::hash::Hash;
//! use tlog::note::{Signer, Verifier};
//! use tlog::proof::{Proof, Trust};
//! use tlog::tree;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The log appends. It needs the frontier for that, and the leaf hashes for proofs.
//! let leaves: Vec<Hash> =
//!     ["one", "two", "three"].iter().map(|entry| Hash::leaf(entry.as_bytes())).collect();
//! let mut frontier = Frontier::new();
//! frontier.append_all(leaves.clone(), |_node| { /* a database stores it */ })?;
//!
//! // It signs what it has. (A real seed is random.)
//! let log = Signer::new("example.com/log", &[1; 32])?;
//! let checkpoint = Checkpoint::new("example.com/log", frontier.size(), frontier.root())?;
//! let mut signed = SignedCheckpoint::sign(checkpoint, &log)?;
//!
//! // A witness that saw this tree continue what it saw before adds its signature.
//! let witness = Cosigner::new("witness.example", &[2; 32])?;
//! signed.cosign(&witness, 1_780_000_000)?;
//!
//! // The log makes a proof that its second entry is in the tree, as a text to carry away.
//! let hashes = tree::inclusion(1, 3, |run| {
//!     let from = usize::try_from(run.first)?;
//!     let hashes = leaves.get(from..from + usize::from(run.count)).unwrap_or_default();
//!     Ok::<_, std::num::TryFromIntError>(hashes.to_vec())
//! })?;
//! let text = Proof::new(b"", 1, hashes, signed)?.to_string();
//!
//! // A stranger has the entry, the proof, and the two public keys.
//! let log: Verifier = log.public().to_string().parse()?;
//! let witnesses: [Witness; 1] = [witness.public().to_string().parse()?];
//! let trust = Trust { origin: "example.com/log", log: &log, witnesses: &witnesses, quorum: 1 };
//! let proof: Proof = text.parse()?;
//! let cosigned = proof.verify(&Hash::leaf(b"two"), &trust)?;
//! assert_eq!(cosigned[0].time, 1_780_000_000);
//!
//! assert!(proof.verify(&Hash::leaf(b"another"), &trust).is_err());
//! # Ok(())
//! # }
//! ```

pub mod audit;
pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
pub mod frontier;
pub mod hash;
pub mod key;
pub mod list;
pub mod note;
pub mod proof;
pub mod tile;
pub mod tree;
