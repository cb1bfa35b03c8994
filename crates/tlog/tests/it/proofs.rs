//! Proofs to carry away.

use tlog::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use tlog::cosignature::Cosigner;
use tlog::hash::Hash;
use tlog::note::{Signature, SignatureError, Signer};
use tlog::proof::{MAX_BYTES, MAX_HASHES, Proof, ProofError, Trust};
use tlog::tree::{MAX_SIZE, VerifyError, inclusion};

use crate::sample::{ORIGIN, Store, WITNESS_SEED, entry, log, witness};

const TIME: u64 = 1_780_000_000;

/// A proof of an entry of the sample log of that size, cosigned by the sample witness.
fn proof(index: u64, size: u64, extra: &[u8]) -> Proof {
    let store = Store::of(size);
    let checkpoint = Checkpoint::new(ORIGIN, size, store.frontier.root()).expect("a checkpoint");
    let mut signed = SignedCheckpoint::sign(checkpoint, &log()).expect("short");
    signed.cosign(&witness(), TIME).expect("a time");
    let hashes = inclusion(index, size, |run| store.read(run)).expect("a proof");
    Proof::new(extra, index, hashes, signed).expect("short")
}

/// What `proof` is believed with: the log, and all of its witnesses.
fn verify(proof: &Proof, index: u64) -> Result<u64, ProofError> {
    let (log, witnesses) = (log().public().clone(), [witness().public().clone()]);
    let trust = Trust {
        origin: ORIGIN,
        log: &log,
        witnesses: &witnesses,
        quorum: 1,
    };
    Ok(proof.verify(&Hash::leaf(&entry(index)), &trust)?[0].time)
}

#[test]
fn a_proof_has_the_exact_text() {
    let (leaf, checkpoint) = (
        Hash::leaf(&entry(1)),
        proof(0, 2, b"").checkpoint().to_string(),
    );
    assert_eq!(
        proof(0, 2, b"").to_string(),
        format!("c2sp.org/tlog-proof@v1\nindex 0\n{leaf}\n\n{checkpoint}")
    );
    assert_eq!(
        proof(0, 2, b"salt").to_string(),
        format!("c2sp.org/tlog-proof@v1\nextra c2FsdA==\nindex 0\n{leaf}\n\n{checkpoint}")
    );
    // The only entry of a log needs no hashes; the empty line stays.
    let checkpoint = proof(0, 1, b"").checkpoint().to_string();
    assert_eq!(
        proof(0, 1, b"").to_string(),
        format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{checkpoint}")
    );
}

#[test]
fn a_proof_is_believed_without_asking_anybody() {
    for (index, size) in [
        (0, 1),
        (0, 2),
        (1, 2),
        (4, 5),
        (255, 256),
        (256, 257),
        (300, 600),
    ] {
        for extra in [b"".as_slice(), b"\0", b"some more"] {
            let proof = proof(index, size, extra);
            let again: Proof = proof.to_string().parse().expect("a proof");
            assert_eq!(again, proof);
            assert_eq!((again.extra(), again.index()), (extra, index));
            assert_eq!(verify(&again, index), Ok(TIME));
            let other = verify(&again, index + 1);
            assert_eq!(other, Err(ProofError::Inclusion(VerifyError::Root)));
        }
    }
}

#[test]
fn no_bit_of_a_proof_can_be_turned() {
    let text = proof(4, 7, b"").to_string();
    for (place, byte) in text.bytes().enumerate() {
        for bit in 0..8 {
            let mut changed = text.as_bytes().to_vec();
            changed[place] = byte ^ (1 << bit);
            let read = Proof::parse(&changed);
            let refused = read.is_err() || read.is_ok_and(|read| verify(&read, 4).is_err());
            assert!(refused, "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn no_line_of_a_proof_can_go_come_or_move() {
    let text = proof(4, 7, b"").to_string();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // The two signatures at the end may stand in any order, and twice.
    let signatures = lines.len() - 2;
    let refused = |lines: &[&str]| {
        let read = Proof::parse(lines.concat().as_bytes());
        read.is_err() || read.is_ok_and(|read| verify(&read, 4).is_err())
    };
    assert!(!refused(&lines));
    for place in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(place);
        assert!(refused(&without), "without line {place}");
        for to in 0..=lines.len() {
            let mut twice = lines.clone();
            twice.insert(to, lines[place]);
            assert_eq!(
                refused(&twice),
                place < signatures || to < signatures,
                "{place} to {to}"
            );
        }
        for other in (0..place).filter(|other| lines[*other] != lines[place]) {
            let mut exchanged = lines.clone();
            exchanged.swap(place, other);
            assert_eq!(
                refused(&exchanged),
                other < signatures,
                "{place} and {other}"
            );
        }
    }
}

const HEAD: &str = "c2sp.org/tlog-proof@v1\n";

/// The only proof a log of one entry has, from its checkpoint on.
fn tail() -> String {
    proof(0, 1, b"").checkpoint().to_string()
}

#[test]
fn a_head_that_is_not_one_is_refused() {
    let checkpoint = tail();
    for (head, error) in [
        ("c2sp.org/tlog-proof@v2\nindex 0\n", ProofError::Header),
        ("c2sp.org/tlog-proof@v1\r\nindex 0\r\n", ProofError::Header),
        ("", ProofError::Header),
        ("c2sp.org/tlog-proof@v1\n", ProofError::Index),
        ("c2sp.org/tlog-proof@v1\nextra AA==\n", ProofError::Index),
        (
            "c2sp.org/tlog-proof@v1\nextra \nindex 0\n",
            ProofError::Extra,
        ),
        (
            "c2sp.org/tlog-proof@v1\nextra AA\nindex 0\n",
            ProofError::Extra,
        ),
        (
            "c2sp.org/tlog-proof@v1\nextra AB==\nindex 0\n",
            ProofError::Extra,
        ),
        (
            "c2sp.org/tlog-proof@v1\nextra\nindex 0\n",
            ProofError::Index,
        ),
        (
            "c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 0\n",
            ProofError::Index,
        ),
        ("c2sp.org/tlog-proof@v1\nindex 00\n", ProofError::Index),
        ("c2sp.org/tlog-proof@v1\nindex +1\n", ProofError::Index),
        ("c2sp.org/tlog-proof@v1\nindex  1\n", ProofError::Index),
        (
            "c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n",
            ProofError::Index,
        ),
        (
            "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n",
            ProofError::Hash(1),
        ),
    ] {
        assert_eq!(
            format!("{head}\n{checkpoint}").parse::<Proof>(),
            Err(error),
            "{head:?}"
        );
    }
    let many = |count| format!("{HEAD}index 0\n{}\n{checkpoint}", lines(count));
    assert!(many(MAX_HASHES).parse::<Proof>().is_ok());
    assert_eq!(many(64).parse::<Proof>(), Err(ProofError::Hash(64)));
    assert_eq!(Proof::parse(b"\xff"), Err(ProofError::Header));
    assert_eq!(
        Proof::parse(&vec![b'a'; MAX_BYTES + 1]),
        Err(ProofError::TooLong)
    );
}

fn lines(count: usize) -> String {
    format!("{}\n", Hash::empty_root()).repeat(count)
}

#[test]
fn a_proof_ends_with_its_checkpoint() {
    let checkpoint = tail();
    for (tail, error) in [
        ("", ProofError::NoCheckpoint),
        ("\n", ProofError::Hash(1)),
        ("\n\n", ProofError::NoCheckpoint),
    ] {
        assert_eq!(
            format!("{HEAD}index 0{tail}").parse::<Proof>(),
            Err(error),
            "{tail:?}"
        );
    }
    for tail in [
        format!("\n{checkpoint}"),
        format!("{checkpoint}\n"),
        checkpoint.trim_end().to_owned(),
        checkpoint.replacen("\n\n", "\n", 1),
    ] {
        let read = format!("{HEAD}index 0\n\n{tail}").parse::<Proof>();
        assert!(matches!(read, Err(ProofError::Checkpoint(_))), "{tail:?}");
    }
}

#[test]
fn a_proof_that_could_not_be_read_is_not_made() {
    let signed = proof(0, 1, b"").checkpoint().clone();
    let new = |extra: &[u8], index, hashes| Proof::new(extra, index, hashes, signed.clone()).err();
    assert_eq!(
        new(&vec![0; MAX_BYTES], 0, vec![]),
        Some(ProofError::TooLong)
    );
    assert_eq!(new(b"", MAX_SIZE + 1, vec![]), Some(ProofError::Index));
    assert_eq!(
        new(b"", 0, vec![Hash::empty_root(); 64]),
        Some(ProofError::Hash(64))
    );
}

#[test]
fn trust_is_asked_for_piece_by_piece() {
    let proof = proof(2, 5, b"");
    let (key, leaf) = (log().public().clone(), Hash::leaf(&entry(2)));
    let known = [witness().public().clone()];
    let trust = Trust {
        origin: ORIGIN,
        log: &key,
        witnesses: &known,
        quorum: 1,
    };
    assert!(proof.verify(&leaf, &trust).is_ok());
    assert_eq!(
        proof.verify(
            &leaf,
            &Trust {
                origin: "log.example/92",
                ..trust
            }
        ),
        Err(ProofError::Checkpoint(CheckpointError::OtherOrigin))
    );
    let other = Signer::new(ORIGIN, &[4; 32])
        .expect("a name")
        .public()
        .clone();
    assert_eq!(
        proof.verify(
            &leaf,
            &Trust {
                log: &other,
                ..trust
            }
        ),
        Err(ProofError::Checkpoint(CheckpointError::Signature(
            SignatureError::NotSigned
        )))
    );
    assert_eq!(
        proof.verify(&leaf, &Trust { quorum: 2, ..trust }),
        Err(ProofError::Quorum { want: 2, have: 1 })
    );
    // No witness is needed where none is asked for.
    let alone = Trust {
        witnesses: &[],
        quorum: 0,
        ..trust
    };
    assert_eq!(proof.verify(&leaf, &alone), Ok(vec![]));
}

/// The same proof with one more signature line.
fn with(proof: &Proof, line: Signature) -> Proof {
    let mut signed = proof.checkpoint().clone();
    signed.add(line).expect("room");
    Proof::new(
        proof.extra(),
        proof.index(),
        proof.hashes().to_vec(),
        signed,
    )
    .expect("short")
}

#[test]
fn a_false_line_of_a_known_witness_spoils_a_proof_that_needs_none() {
    let good = proof(2, 5, b"");
    let other_tree = proof(0, 1, b"");
    let line = witness()
        .cosign(other_tree.checkpoint().claimed(), TIME)
        .expect("a time");
    let (key, known) = (log().public().clone(), [witness().public().clone()]);
    let trust = Trust {
        origin: ORIGIN,
        log: &key,
        witnesses: &known,
        quorum: 0,
    };
    let refused = with(&good, line).verify(&Hash::leaf(&entry(2)), &trust);
    assert!(matches!(
        refused,
        Err(ProofError::Witness(SignatureError::Bad { .. }))
    ));
}

#[test]
fn one_witness_under_two_names_is_no_quorum_of_two() {
    let good = proof(2, 5, b"");
    let twin = Cosigner::new("twin.example", &WITNESS_SEED).expect("a name");
    let line = twin
        .cosign(good.checkpoint().claimed(), TIME)
        .expect("a time");
    let key = log().public().clone();
    let known = [witness().public().clone(), twin.public().clone()];
    let trust = Trust {
        origin: ORIGIN,
        log: &key,
        witnesses: &known,
        quorum: 2,
    };
    assert_eq!(
        with(&good, line).verify(&Hash::leaf(&entry(2)), &trust),
        Err(ProofError::Quorum { want: 2, have: 1 })
    );
}
