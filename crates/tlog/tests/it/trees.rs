//! Roots, frontiers, inclusion and consistency.

use proptest::prelude::*;
use tlog::frontier::{Frontier, FrontierError};
use tlog::hash::{Hash, HashError, commitment};
use tlog::tree::{
    MAX_SIZE, ReadError, Run, VerifyError, consistency, inclusion, root, verify_consistency,
    verify_inclusion,
};

use crate::naive::Naive;
use crate::sample::Store;

/// The largest tree that is tried with every index and every older size.
const LARGEST: u64 = 600;

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

fn hash(text: &str) -> Hash {
    Hash::try_from(hex(text).as_slice()).expect("32 bytes")
}

/// The tree that the tests of Certificate Transparency logs use everywhere.
const CT_ENTRIES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const CT_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn the_reference_tree_of_certificate_transparency() {
    let mut store = Store::default();
    assert_eq!(store.frontier.root(), hash(CT_ROOTS[0]));
    for (entry, root) in CT_ENTRIES.iter().zip(&CT_ROOTS[1..]) {
        store.append(Hash::leaf(&hex(entry)));
        assert_eq!(store.frontier.root(), hash(root));
    }
    let path = |index, size| inclusion(index, size, |run| store.read(run)).expect("a path");
    assert_eq!(
        path(5, 8),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
        .map(hash)
    );
    assert_eq!(path(0, 1), []);
    let proof = consistency(6, 8, |run| store.read(run)).expect("a proof");
    assert_eq!(
        proof,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
        .map(hash)
    );
}

#[test]
fn a_commitment_is_the_hash_of_salt_and_event() {
    // SHA-256("abc") with the salt's bytes in front of the event's, and nothing between.
    let salt = *b"abcdbcdecdefdefg";
    let event = b"efghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_eq!(
        commitment(&salt, event).as_slice(),
        hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    );
}

#[test]
fn a_hash_reads_only_as_it_prints() {
    let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(Hash::empty_root().to_string(), empty);
    assert_eq!(empty.parse(), Ok(Hash::empty_root()));
    // Without padding, with a bit set that no byte needs, with a newline, in the other alphabet.
    for wrong in [
        &empty[..43],
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
        "",
        "é",
    ] {
        assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
    }
    assert_eq!(format!("{empty}\n").parse::<Hash>(), Err(HashError::Base64));
    assert_eq!(
        empty.replace('+', "-").replace('/', "_").parse::<Hash>(),
        Err(HashError::Base64)
    );
    assert_eq!("AAAA".parse::<Hash>(), Err(HashError::Length(3)));
}

#[test]
fn every_root_and_frontier_up_to_600_leaves() {
    let (all, mut naive, mut frontier) = (Store::of(LARGEST), Naive::new(), Frontier::new());
    for size in 0..=LARGEST {
        let want = naive.root(0, size);
        assert_eq!(frontier.size(), size);
        assert_eq!(frontier.root(), want);
        assert_eq!(root(size, |run| all.read(run)), Ok(want));
        assert_eq!(
            Frontier::read(size, |run| all.read(run)),
            Ok(frontier.clone())
        );
        let bytes = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(&bytes), Ok(frontier.clone()));
        for cut in 0..bytes.len() {
            assert!(Frontier::from_bytes(&bytes[..cut]).is_err());
        }
        assert!(Frontier::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
        frontier
            .append(Hash::leaf(&crate::sample::entry(size)))
            .expect("room");
    }
}

#[test]
fn the_nodes_told_are_the_roots_of_full_tiles() {
    let size = 2 * 65_536 + 300;
    let mut nodes = Vec::new();
    let mut frontier = Frontier::new();
    let leaves = (0..size).map(|index| Hash::leaf(&crate::sample::entry(index)));
    frontier
        .append_all(leaves, |node| nodes.push(node))
        .expect("room");
    let mut naive = Naive::new();
    for node in &nodes {
        let width = 1 << (8 * node.level);
        assert_eq!(
            node.hash,
            naive.root(node.index * width, (node.index + 1) * width)
        );
    }
    let indexes = |level| {
        nodes
            .iter()
            .filter(move |n| n.level == level)
            .map(|n| n.index)
    };
    assert!(indexes(1).eq(0..513));
    assert!(indexes(2).eq(0..2));
    assert_eq!(nodes.len(), 515);
}

/// Every proof of every index, split over four tests so that they run beside each other.
fn every_inclusion(part: u64) {
    let (all, mut naive) = (Store::of(LARGEST), Naive::new());
    for size in (1..=LARGEST).filter(|size| size % 4 == part) {
        let root = naive.root(0, size);
        for index in 0..size {
            let proof = inclusion(index, size, |run| all.read(run)).expect("a proof");
            assert_eq!(proof, naive.path(index, 0, size), "{index} in {size}");
            let leaf = naive.root(index, index + 1);
            assert_eq!(verify_inclusion(index, size, &leaf, &proof, &root), Ok(()));
            // Another leaf is not there, and the leaf is nowhere else.
            assert_eq!(
                verify_inclusion(index, size, &Hash::empty_root(), &proof, &root),
                Err(VerifyError::Root)
            );
            if size > 1 {
                let other = (index + 1) % size;
                assert!(verify_inclusion(other, size, &leaf, &proof, &root).is_err());
            }
        }
    }
}

#[test]
fn every_inclusion_up_to_600_leaves_sizes_4n() {
    every_inclusion(0);
}

#[test]
fn every_inclusion_up_to_600_leaves_sizes_4n_and_1() {
    every_inclusion(1);
}

#[test]
fn every_inclusion_up_to_600_leaves_sizes_4n_and_2() {
    every_inclusion(2);
}

#[test]
fn every_inclusion_up_to_600_leaves_sizes_4n_and_3() {
    every_inclusion(3);
}

#[test]
fn consistency_from_every_older_size() {
    let (all, mut naive) = (Store::of(LARGEST), Naive::new());
    // All up to one full tile and some more, then every seventh.
    for new in (0..300).chain((300..=LARGEST).step_by(7)) {
        let new_root = naive.root(0, new);
        for old in 0..=new {
            let old_root = naive.root(0, old);
            let proof = consistency(old, new, |run| all.read(run)).expect("a proof");
            if old > 0 {
                assert_eq!(proof, naive.subproof(old, 0, new, true), "{old} to {new}");
            }
            assert_eq!(
                verify_consistency(old, new, &old_root, &new_root, &proof),
                Ok(())
            );
            let other = Hash::node(&old_root, &new_root);
            assert!(verify_consistency(old, new, &other, &new_root, &proof).is_err());
            if old > 0 {
                assert!(verify_consistency(old, new, &old_root, &other, &proof).is_err());
            }
        }
    }
}

#[test]
fn the_sizes_must_fit() {
    let nothing = |_: Run| Err("not asked");
    assert_eq!(inclusion(3, 3, nothing), Err(ReadError::Size));
    assert_eq!(inclusion(0, 0, nothing), Err(ReadError::Size));
    assert_eq!(inclusion(0, MAX_SIZE + 1, nothing), Err(ReadError::Size));
    assert_eq!(consistency(4, 3, nothing), Err(ReadError::Size));
    assert_eq!(consistency(1, u64::MAX, nothing), Err(ReadError::Size));
    assert_eq!(root(MAX_SIZE + 1, nothing), Err(ReadError::Size));
    assert_eq!(root(1, nothing), Err(ReadError::Source("not asked")));
    let run = Run {
        level: 0,
        first: 0,
        count: 1,
    };
    assert_eq!(
        root(1, |_| Ok::<_, String>(vec![])),
        Err(ReadError::Length(run))
    );
    assert_eq!(
        root(1, |_| Ok::<_, String>(vec![run_hash(); 2])),
        Err(ReadError::Length(run))
    );
    let zero = Hash::new([0; 32]);
    assert_eq!(
        verify_inclusion(1, 1, &zero, &[], &zero),
        Err(VerifyError::Size)
    );
    assert_eq!(
        verify_consistency(2, 1, &zero, &zero, &[]),
        Err(VerifyError::Size)
    );
    assert_eq!(
        verify_consistency(1, 2, &zero, &zero, &[]),
        Err(VerifyError::TooShort)
    );
    assert_eq!(
        verify_consistency(1, 1, &zero, &zero, &[zero]),
        Err(VerifyError::TooLong)
    );
    assert_eq!(
        verify_consistency(0, 5, &zero, &zero, &[]),
        Err(VerifyError::OldRoot)
    );
    assert_eq!(
        verify_consistency(0, 5, &Hash::empty_root(), &zero, &[]),
        Ok(())
    );
}

/// Hashes that fit together, in proofs that do not fit the sizes.
#[test]
fn a_proof_has_the_length_its_sizes_call_for() {
    let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(|byte| Hash::new([byte; 32]));
    let (ab, cd) = (Hash::node(&a, &b), Hash::node(&c, &d));
    // A root is not a leaf of its own tree, and a leaf alone has no sibling.
    assert_eq!(
        verify_inclusion(0, 2, &ab, &[], &ab),
        Err(VerifyError::TooShort)
    );
    assert_eq!(
        verify_inclusion(0, 1, &b, &[a], &ab),
        Err(VerifyError::TooLong)
    );
    let (three, four) = (Hash::node(&ab, &c), Hash::node(&ab, &cd));
    assert_eq!(verify_consistency(3, 4, &three, &four, &[c, d, ab]), Ok(()));
    assert_eq!(
        verify_consistency(3, 4, &c, &cd, &[c, d]),
        Err(VerifyError::TooShort)
    );
    let (three, four) = (Hash::node(&e, &three), Hash::node(&e, &four));
    let long = verify_consistency(3, 4, &three, &four, &[c, d, ab, e]);
    assert_eq!(long, Err(VerifyError::TooLong));
}

fn run_hash() -> Hash {
    Hash::new([7; 32])
}

#[test]
fn a_full_tree_takes_no_more() {
    let mut bytes = MAX_SIZE.to_be_bytes().to_vec();
    bytes.extend([5; 63 * 32]);
    let mut frontier = Frontier::from_bytes(&bytes).expect("63 hashes");
    let before = frontier.clone();
    assert_eq!(frontier.append(run_hash()), Err(FrontierError::TooLarge));
    assert_eq!(frontier, before);
    bytes[0] = 0x80;
    assert_eq!(Frontier::from_bytes(&bytes), Err(FrontierError::TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bit of any hash of a proof, and any hash more or less, and the proof is none.
    #[test]
    fn a_changed_inclusion_proof_is_refused(
        size in 2u64..3000, at: prop::sample::Index, line: prop::sample::Index, bit in 0usize..256,
    ) {
        let store = store_of_3000();
        let index = at.index(usize::try_from(size).expect("small")) as u64;
        let root = root(size, |run| store.read(run)).expect("a root");
        let leaf = Hash::leaf(&crate::sample::entry(index));
        let proof = inclusion(index, size, |run| store.read(run)).expect("a proof");
        prop_assert_eq!(verify_inclusion(index, size, &leaf, &proof, &root), Ok(()));
        for changed in changes(&proof, line.index(proof.len()), bit) {
            prop_assert!(verify_inclusion(index, size, &leaf, &changed, &root).is_err());
        }
    }

    #[test]
    fn a_changed_consistency_proof_is_refused(
        new in 2u64..3000, at: prop::sample::Index, line: prop::sample::Index, bit in 0usize..256,
    ) {
        let store = store_of_3000();
        let old = 1 + at.index(usize::try_from(new).expect("small") - 1) as u64;
        let roots = [old, new].map(|size| root(size, |run| store.read(run)).expect("a root"));
        let proof = consistency(old, new, |run| store.read(run)).expect("a proof");
        prop_assert_eq!(verify_consistency(old, new, &roots[0], &roots[1], &proof), Ok(()));
        for changed in changes(&proof, line.index(proof.len()), bit) {
            prop_assert!(verify_consistency(old, new, &roots[0], &roots[1], &changed).is_err());
        }
    }
}

fn store_of_3000() -> &'static Store {
    static STORE: std::sync::LazyLock<Store> = std::sync::LazyLock::new(|| Store::of(3000));
    &STORE
}

/// The proof with a bit turned, without a hash, with one twice, and with two exchanged.
fn changes(proof: &[Hash], line: usize, bit: usize) -> Vec<Vec<Hash>> {
    let mut bytes = *proof[line].as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    let mut turned = proof.to_vec();
    turned[line] = Hash::new(bytes);
    let mut shorter = proof.to_vec();
    shorter.remove(line);
    let mut longer = proof.to_vec();
    longer.insert(line, proof[line]);
    let mut changes = vec![turned, shorter, longer];
    if line > 0 {
        let mut exchanged = proof.to_vec();
        exchanged.swap(0, line);
        changes.push(exchanged);
    }
    changes
}
