//! Whatever comes in, nothing panics; and what is read prints as it was.

use proptest::prelude::*;
use tlog::audit::Audit;
use tlog::bundle;
use tlog::checkpoint::{Checkpoint, SignedCheckpoint};
use tlog::cosignature::{Cosigner, Witness};
use tlog::frontier::Frontier;
use tlog::hash::Hash;
use tlog::note::{Note, Signature, Signer, Verifier};
use tlog::proof::{Proof, Trust};
use tlog::tile::{self, Tile, bundles, new_bundles, new_tiles, tiles};
use tlog::tree::{Run, consistency, inclusion, root, verify_consistency, verify_inclusion};

use crate::sample::{ORIGIN, Store, log, witness};

/// A good proof, to be spoilt.
fn good() -> String {
    let store = Store::of(9);
    let checkpoint = Checkpoint::new(ORIGIN, 9, store.frontier.root()).expect("a checkpoint");
    let mut signed = SignedCheckpoint::sign(checkpoint, &log()).expect("short");
    signed.cosign(&witness(), 5).expect("a time");
    let hashes = inclusion(4, 9, |run| store.read(run)).expect("a proof");
    Proof::new(b"extra", 4, hashes, signed)
        .expect("short")
        .to_string()
}

/// Reads the bytes as everything they could be.
fn read_all(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        let _ = note.verify(&[log().public().clone()]);
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes) {
        assert_eq!(checkpoint.to_string().as_bytes(), bytes);
        let _ = checkpoint.cosignatures(&[witness().public().clone()]);
    }
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        let (log, known) = (log().public().clone(), [witness().public().clone()]);
        let trust = Trust {
            origin: ORIGIN,
            log: &log,
            witnesses: &known,
            quorum: 1,
        };
        let _ = proof.verify(&Hash::empty_root(), &trust);
    }
    if let Ok(frontier) = Frontier::from_bytes(bytes) {
        assert_eq!(frontier.to_bytes(), bytes);
        let _ = frontier.clone().append(frontier.root());
    }
    for width in [0, 1, 2, 256, u16::MAX] {
        if let Ok(entries) = bundle::decode(bytes, width) {
            assert_eq!(bundle::encode(entries).as_deref(), Ok(bytes));
        }
    }
    let text = String::from_utf8_lossy(bytes);
    assert!(text.parse::<Hash>().is_err() || text.len() == 44);
    for printed in [
        text.parse::<Tile>().map(|it| it.to_string()).ok(),
        text.parse::<Verifier>().map(|it| it.to_string()).ok(),
        text.parse::<Witness>().map(|it| it.to_string()).ok(),
        text.parse::<Signer>().map(|it| it.expose()).ok(),
        text.parse::<Cosigner>().map(|it| it.expose()).ok(),
        text.parse::<Signature>().map(|it| it.to_string()).ok(),
        text.parse::<Checkpoint>().map(|it| it.to_string()).ok(),
    ] {
        assert!(printed.is_none_or(|printed| printed == text));
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text_with_the_right_words(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "\n", "\n\n", " ", "+", "— ", "a", "0", "1", "00", "9223372036854775808", "x001",
                "/", "tile/", "entries", ".p/", "PRIVATE+KEY+", "AQ==", "AAAAAAA=", "c74f20a3",
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "index ", "extra ",
                "log.example/91",
                "c2sp.org/tlog-proof@v1", "\r", "é", "\u{3000}", "—",
            ]),
            0..24,
        ),
    ) {
        read_all(words.concat().as_bytes());
    }

    #[test]
    fn a_good_proof_with_pieces_cut_doubled_and_changed(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0usize..60, any::<u8>(), 0..4),
            1..5,
        ),
    ) {
        let mut bytes = good().into_bytes();
        for (at, length, byte, what) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            match what {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.insert(at, byte),
                2 => bytes[at..end].iter_mut().for_each(|b| *b = byte),
                _ => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        read_all(&bytes);
        // From the checkpoint on, it may still be one.
        if let Some(at) = bytes.windows(2).position(|pair| pair == b"\n\n") {
            read_all(&bytes[at + 2..]);
        }
    }
}

proptest! {
    // A tree of 2^63 leaves takes long to make up.
    #![proptest_config(cases(100))]

    #[test]
    fn any_sizes_and_any_proof(
        a in any::<u64>(), b in any::<u64>(), shift in 0u32..64,
        hashes in prop::collection::vec(any::<[u8; 32]>(), 0..70), give in 0usize..300,
    ) {
        let proof: Vec<Hash> = hashes.into_iter().map(Hash::new).collect();
        let (leaf, a, b) = (Hash::empty_root(), a >> shift, b >> shift);
        prop_assert!(verify_inclusion(a, b, &leaf, &proof, &leaf).is_err() || b == 1);
        let _ = verify_consistency(a, b, &leaf, &leaf, &proof);
        for size in [a, b, u64::MAX - a, 0] {
            prop_assert!(tiles(size).chain(bundles(size)).take(20).all(|t| t.is_within(size)));
            let mut new = new_tiles(a, size).chain(new_bundles(a, size)).take(20);
            prop_assert!(new.all(|t| t.is_within(size)));
            let _ = tile::count(size);
            // A reader that gives what is asked, and one that gives something else.
            let honest = |run: Run| Ok::<_, ()>(vec![leaf; usize::from(run.count)]);
            let odd = |_: Run| Ok::<_, ()>(vec![leaf; give]);
            prop_assert_eq!(root(size, honest).is_ok(), size <= tlog::tree::MAX_SIZE);
            let _ = (root(size, odd), inclusion(a, size, honest), inclusion(a, size, odd));
            let _ = (consistency(a, size, honest), consistency(b, size, odd));
            let _ = (Frontier::read(size, honest), Frontier::read(size, odd));
        }
    }

    #[test]
    fn an_audit_of_anything(
        sizes in prop::collection::vec(0u64..2000, 0..4), huge in any::<u64>(),
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
    ) {
        for last in [0, huge, huge >> 40] {
            let heads = sizes.iter().copied().chain([last]).map(|size| (size, Hash::empty_root()));
            let Ok(mut audit) = Audit::new(heads) else { continue };
            for content in &contents {
                let width = audit.next_tile().map_or(0, |tile| usize::from(tile.width()));
                let _ = audit.give(&vec![7; width * 32]);
                let _ = audit.give(content);
            }
            let _ = audit.remaining().take(300).count();
            let _ = audit.finish();
        }
    }
}
