//! The same by other people's programs: the crates `tlog_tiles` and `signed_note`.

use proptest::prelude::*;
use proptest::sample::Index;
use signed_note::{StandardSigner, StandardVerifier, Verifier as _, VerifierList};
use tlog::checkpoint::{Checkpoint, SignedCheckpoint};
use tlog::hash::Hash;
use tlog::note::{Note, Signer, Verifier};
use tlog::tile::{Tile, new_tiles};
use tlog::tree::{consistency, inclusion, root, verify_consistency, verify_inclusion};
use tlog_tiles as theirs;

use crate::sample::{ORIGIN, Store, entry, log, witness};

/// Their store: every node of every level, in their order.
struct TheirStore(Vec<theirs::Hash>);

impl theirs::HashReader for TheirStore {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<theirs::Hash>, theirs::tlog::Error> {
        Ok(indexes
            .iter()
            .map(|index| self.0[usize::try_from(*index).expect("small")])
            .collect())
    }
}

impl TheirStore {
    fn of(size: u64) -> Self {
        let mut store = Self(Vec::new());
        for index in 0..size {
            let new = theirs::stored_hashes(index, &entry(index), &store).expect("hashes");
            store.0.extend(new);
        }
        store
    }
}

const SIZE: u64 = 1200;

fn stores() -> &'static (Store, TheirStore) {
    static STORES: std::sync::LazyLock<(Store, TheirStore)> =
        std::sync::LazyLock::new(|| (Store::of(SIZE), TheirStore::of(SIZE)));
    &STORES
}

fn ours(hash: theirs::Hash) -> Hash {
    Hash::new(hash.0)
}

fn as_theirs(hashes: &[Hash]) -> Vec<theirs::Hash> {
    hashes
        .iter()
        .map(|hash| theirs::Hash(*hash.as_bytes()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// We make the same roots and proofs, and each believes the other's.
    #[test]
    fn trees(size in 1u64..=SIZE, one in any::<Index>(), two in any::<Index>()) {
        let (store, their_store) = stores();
        let number = usize::try_from(size).expect("small");
        let (index, old) = (one.index(number) as u64, 1 + two.index(number) as u64);
        let root_of = |size| root(size, |run| store.read(run)).expect("a root");
        let their_root = theirs::tree_hash(size, their_store).expect("a root");
        prop_assert_eq!(root_of(size), ours(their_root));

        let proof = inclusion(index, size, |run| store.read(run)).expect("a proof");
        let their_proof = theirs::prove_record(size, index, their_store).expect("a proof");
        prop_assert_eq!(as_theirs(&proof), their_proof.clone());
        let leaf = Hash::leaf(&entry(index));
        let their_leaf = theirs::record_hash(&entry(index));
        let theirs_too =
            theirs::check_record(&as_theirs(&proof), size, their_root, index, their_leaf);
        prop_assert!(theirs_too.is_ok());
        let their_proof: Vec<Hash> = their_proof.into_iter().map(ours).collect();
        prop_assert!(verify_inclusion(index, size, &leaf, &their_proof, &root_of(size)).is_ok());

        let proof = consistency(old, size, |run| store.read(run)).expect("a proof");
        let their_proof = theirs::prove_tree(size, old, their_store).expect("a proof");
        prop_assert_eq!(as_theirs(&proof), their_proof.clone());
        let their_old = theirs::tree_hash(old, their_store).expect("a root");
        let theirs_too =
            theirs::check_tree(&as_theirs(&proof), size, their_root, old, their_old);
        prop_assert!(theirs_too.is_ok());
        let their_proof: Vec<Hash> = their_proof.into_iter().map(ours).collect();
        let old_root = ours(their_old);
        let ours_too = verify_consistency(old, size, &old_root, &root_of(size), &their_proof);
        prop_assert!(ours_too.is_ok());
    }

    /// The same tiles at the same places with the same content. (Their paths have Go's height in
    /// them, which C2SP leaves out.)
    #[test]
    fn tiles(old in 0u64..SIZE, new in 0u64..=SIZE) {
        let (store, their_store) = stores();
        let mut tiles: Vec<Tile> = new_tiles(old, new).collect();
        let their_tiles = if old < new { theirs::Tile::new_tiles(8, old, new) } else { vec![] };
        let mut paths: Vec<String> =
            their_tiles.iter().map(|tile| tile.path().replacen("tile/8/", "tile/", 1)).collect();
        paths.sort();
        tiles.sort_by_key(|tile| tile.to_string());
        prop_assert_eq!(tiles.iter().map(|tile| tile.to_string()).collect::<Vec<_>>(), paths);
        for their_tile in their_tiles {
            let path = their_tile.path().replacen("tile/8/", "tile/", 1);
            let tile: Tile = path.parse().expect("a tile");
            let content = tile.read(|run| store.read(run)).expect("there");
            prop_assert_eq!(content, their_tile.read_data(their_store).expect("there"));
        }
    }

    /// The same paths for any index, and the same opinion of any text that is nearly a path. (Their
    /// reader panics at levels above 63 and at the width 0, so it is shown neither.)
    #[test]
    fn paths(
        level in 0u8..=63,
        index in 0u64..1 << 55,
        width in 1u16..=256,
        text in "tile/([0-5]?[0-9]|6[0-3])/(x[0-9]{3}/){0,2}[0-9]{3}(\\.p/0?[1-9][0-9]{0,2})?",
    ) {
        let tile = Tile::hashes(level, index, width).expect("a tile");
        let their_tile = theirs::Tile::new(8, level, index, u32::from(width), false);
        let with_height = |path: &str| path.replacen("tile/", "tile/8/", 1);
        prop_assert_eq!(with_height(&tile.to_string()), their_tile.path());
        let their_opinion = theirs::Tile::from_path(&with_height(&text));
        prop_assert_eq!(text.parse::<Tile>().is_ok(), their_opinion.is_ok(), "{}", text);
    }

    /// Notes signed by one verify with the other, whatever the text, and print the same bytes.
    #[test]
    fn notes(
        seed in any::<[u8; 32]>(),
        name in "[a-z./\u{4e00}-\u{4e10}]{1,12}",
        text in "[ -~\u{4e00}-\u{9fff}\n]{0,80}\n",
    ) {
        let signer = Signer::new(&name, &seed).expect("a name");
        let note = Note::sign(&text, &signer).expect("a text");
        let bytes = note.to_string().into_bytes();
        let their_note = signed_note::Note::from_bytes(&bytes).expect("a note");
        prop_assert_eq!(their_note.text(), text.as_bytes());
        let key = StandardVerifier::new(&signer.public().to_string()).expect("a key");
        prop_assert_eq!(key.key_id().to_be_bytes(), *signer.public().id().as_bytes());
        prop_assert!(their_note.verify(&VerifierList::new(vec![Box::new(key)])).is_ok());

        let their_signer = StandardSigner::new(&signer.expose()).expect("a private key");
        let mut their_note = signed_note::Note::new(text.as_bytes(), &[]).expect("a text");
        their_note.add_sigs(&[&their_signer]).expect("a signature");
        prop_assert_eq!(their_note.to_bytes(), note.to_string().into_bytes());
        let key: Verifier = signer.public().to_string().parse().expect("a key");
        prop_assert!(Note::parse(&their_note.to_bytes()).expect("a note").verify(&[key]).is_ok());
    }

    /// The same opinion of what a checkpoint is.
    #[test]
    fn checkpoints(
        size in 1u64..1 << 62,
        root in any::<[u8; 32]>(),
        lines in prop::collection::vec("[ -~]{1,9}", 0..3),
    ) {
        let mut checkpoint = Checkpoint::new(ORIGIN, size, Hash::new(root)).expect("a checkpoint");
        let mut extension = String::new();
        for line in &lines {
            checkpoint = checkpoint.with_extension(line).expect("a line");
            extension += &format!("{line}\n");
        }
        let their_one = theirs::Checkpoint::new(ORIGIN, size, theirs::Hash(root), &extension);
        let their_bytes = their_one.expect("a checkpoint").to_bytes();
        prop_assert_eq!(their_bytes, checkpoint.to_string().into_bytes());
        let mut signed = SignedCheckpoint::sign(checkpoint, &log()).expect("short");
        signed.cosign(&witness(), 5).expect("a time");
        // A cosigned checkpoint is still a note they can read, and the log's signature holds.
        let bytes = signed.to_string().into_bytes();
        let their_note = signed_note::Note::from_bytes(&bytes).expect("a note");
        let key = StandardVerifier::new(&log().public().to_string()).expect("a key");
        let list = VerifierList::new(vec![Box::new(key)]);
        let (known, unknown) = their_note.verify(&list).expect("signed");
        prop_assert_eq!((known.len(), unknown.len()), (1, 1));
    }
}
