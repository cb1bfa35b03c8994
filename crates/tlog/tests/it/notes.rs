//! Keys, notes, checkpoints and cosignatures.

use std::fmt::Display;

use ed25519_dalek::Signer as _;
use tlog::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use tlog::cosignature::{CosignError, Cosigner, MAX_TIME, Witness};
use tlog::hash::Hash;
use tlog::key::{COSIGNATURE, ED25519, KeyError, KeyId};
use tlog::note::{
    MAX_BYTES, MAX_SIGNATURES, Note, NoteError, Signature, SignatureError, Signer, Verifier,
};
use tlog::tree::MAX_SIZE;

use crate::sample::{ORIGIN, WITNESS_SEED, log, witness};

/// The example of C2SP signed-note.
const C2SP_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const C2SP_NOTE: &str = "This is an example message.\n\n\
— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1\
Yu72IneyaQM=\n";

/// The keys and the note in the tests of Go's `sumdb/note`.
const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\n\
then you don't know what your problem is.\n";
const GO_SIGNATURE: &str = "— PeterNeumann \
x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

fn verifier(text: &str) -> Verifier {
    text.parse().expect("a verifier key")
}

/// It reads as what it prints, and prints what it reads.
fn note(text: &str) -> Note {
    let note = Note::parse(text.as_bytes()).expect("a note");
    assert_eq!(note.to_string(), text);
    note
}

#[test]
fn the_example_of_the_specification_verifies() {
    let key = verifier(C2SP_KEY);
    assert_eq!(key.to_string(), C2SP_KEY);
    assert_eq!(
        (key.name(), key.id().to_string().as_str()),
        ("example.com/foo", "530d903a")
    );
    let note = note(C2SP_NOTE);
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.verify(&[key]).expect("signed").len(), 1);
}

#[test]
fn the_note_of_go_is_signed_to_the_same_bytes() {
    let secret: Signer = GO_SECRET.parse().expect("a private key");
    assert_eq!(secret.expose(), GO_SECRET);
    assert_eq!(secret.public().to_string(), GO_KEY);
    let note = Note::sign(GO_TEXT, &secret).expect("a text");
    assert_eq!(note.to_string(), format!("{GO_TEXT}\n{GO_SIGNATURE}\n"));
    assert!(note.verify(&[verifier(GO_KEY)]).is_ok());
}

#[test]
fn a_private_key_does_not_print() {
    let secret: Signer = GO_SECRET.parse().expect("a private key");
    assert_eq!(format!("{secret:?}"), "SecretKey(PeterNeumann+c74f20a3)");
}

#[test]
fn what_is_not_a_key_is_refused() {
    for (key, error) in [
        ("", KeyError::Shape),
        ("example.com/foo", KeyError::Shape),
        ("example.com/foo+530d903a", KeyError::Shape),
        ("example.com/foo+530d903a+", KeyError::Shape),
        ("example.com/foo+530d903a+AQ==", KeyError::Shape),
        (
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
            KeyError::Shape,
        ),
        (
            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Id,
        ),
        (
            "example.com/foo+30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Id,
        ),
        (
            "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Id,
        ),
        (
            "example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Name,
        ),
        (
            "\u{3000}+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Name,
        ),
        (
            "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Name,
        ),
        (
            "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Type(4),
        ),
        // The point at infinity, which would accept a signature of anything by anybody.
        (
            "a+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            KeyError::Key,
        ),
    ] {
        assert_eq!(key.parse::<Verifier>(), Err(error), "{key}");
    }
    let secret = GO_SECRET.strip_prefix("PRIVATE+").expect("the prefix");
    assert_eq!(secret.parse::<Signer>().err(), Some(KeyError::Shape));
    assert_eq!(GO_KEY.parse::<Signer>().err(), Some(KeyError::Shape));
    assert_eq!(
        GO_SECRET.replace("c74f", "c74e").parse::<Signer>().err(),
        Some(KeyError::Id)
    );
    assert_eq!(GO_SECRET.parse::<Cosigner>().err(), Some(KeyError::Type(1)));
    assert_eq!(Signer::new("a+b", &[0; 32]).err(), Some(KeyError::Name));
}

#[test]
fn one_key_pair_has_another_id_for_each_use() {
    let name = "example.com/log";
    let (log, witness) = (
        Signer::new(name, &[7; 32]).expect("a name"),
        Cosigner::new(name, &[7; 32]).expect("a name"),
    );
    let public = log.public().as_bytes();
    assert_eq!(public, witness.public().as_bytes());
    assert_eq!(log.public().id(), KeyId::of(name, ED25519, public));
    assert_eq!(witness.public().id(), KeyId::of(name, COSIGNATURE, public));
    assert_ne!(log.public().id(), witness.public().id());
    let again: Cosigner = witness.expose().parse().expect("a private key");
    assert_eq!(again.public(), witness.public());
}

#[test]
fn what_is_not_a_note_is_refused() {
    let signature = GO_SIGNATURE;
    for (text, error) in [
        (String::new(), NoteError::Text),
        ("text\n".to_owned(), NoteError::Text),
        (format!("text\n{signature}\n"), NoteError::Text),
        ("text\n\n".to_owned(), NoteError::Signature(1)),
        (format!("text\n\n{signature}"), NoteError::Signature(1)),
        (
            format!("text\n\n{signature}\ntext\n"),
            NoteError::Signature(2),
        ),
        (format!("text\n\n {signature}\n"), NoteError::Signature(1)),
        (format!("text\n\n{signature} \n"), NoteError::Signature(1)),
        ("text\n\n- a AAAAAAA=\n".to_owned(), NoteError::Signature(1)),
        ("text\n\n—  AAAAAAA=\n".to_owned(), NoteError::Signature(1)),
        (
            "text\n\n— a b AAAAAAA=\n".to_owned(),
            NoteError::Signature(1),
        ),
        (
            "text\n\n— a+b AAAAAAA=\n".to_owned(),
            NoteError::Signature(1),
        ),
        // Only a key id, no padding, a stray bit.
        ("text\n\n— a AAAAAA==\n".to_owned(), NoteError::Signature(1)),
        ("text\n\n— a AAAAAAA\n".to_owned(), NoteError::Signature(1)),
        ("text\n\n— a AAAAAAB=\n".to_owned(), NoteError::Signature(1)),
        (format!("te\txt\n\n{signature}\n"), NoteError::Control),
        (format!("text\r\n\r\n{signature}\r\n"), NoteError::Control),
    ] {
        assert_eq!(Note::parse(text.as_bytes()), Err(error), "{text:?}");
    }
    assert_eq!(Note::parse(b"text\xff\n\n"), Err(NoteError::Utf8));
    note("text\n\n— a AAAAAAA=\n");
    note("\n\n— a AAAAAAA=\n");
    // Only the last empty line divides.
    assert_eq!(
        note("one\n\n\ntwo\n\n— a AAAAAAA=\n").text(),
        "one\n\n\ntwo\n"
    );
    assert_eq!(note("one\n\n\n— a AAAAAAA=\n").text(), "one\n\n");
}

#[test]
fn a_note_has_limits() {
    let line = |place: usize| format!("— key{place} AAAAAAA=\n");
    let many = |count: usize| format!("text\n\n{}", (0..count).map(line).collect::<String>());
    let mut full = note(&many(MAX_SIGNATURES));
    assert_eq!(
        Note::parse(many(MAX_SIGNATURES + 1).as_bytes()),
        Err(NoteError::TooManySignatures)
    );
    let another: Signature = GO_SIGNATURE.parse().expect("a line");
    assert_eq!(full.add(another.clone()), Err(NoteError::TooManySignatures));
    assert_eq!(full.add(full.signatures()[3].clone()), Ok(()));
    assert_eq!(full.signatures().len(), MAX_SIGNATURES);

    let long = |length: usize| format!("{}\n\n— a AAAAAAA=\n", "x".repeat(length));
    let rest = long(0).len();
    let mut longest = note(&long(MAX_BYTES - rest));
    assert_eq!(longest.add(another), Err(NoteError::TooLong));
    assert_eq!(longest.signatures().len(), 1);
    assert_eq!(
        Note::parse(long(MAX_BYTES - rest + 1).as_bytes()),
        Err(NoteError::TooLong)
    );
    let secret: Signer = GO_SECRET.parse().expect("a private key");
    assert_eq!(
        Note::sign(&long(MAX_BYTES), &secret),
        Err(NoteError::TooLong)
    );
    assert_eq!(Note::sign("no newline", &secret), Err(NoteError::Text));
    assert_eq!(Note::sign("bell \x07\n", &secret), Err(NoteError::Control));
}

#[test]
fn unknown_signatures_are_kept_and_passed_over() {
    let key = verifier(GO_KEY);
    // The same name with another id, the same id with another name.
    let others = "— PeterNeumann x08goAAA\n— someone x08go/ZJkuBS\n";
    let text = format!("{GO_TEXT}\n{others}{GO_SIGNATURE}\n");
    let mixed = note(&text);
    assert_eq!(mixed.signatures().len(), 3);
    let other_id = &mixed.signatures()[0];
    assert_ne!((other_id.name(), other_id.id()), ("PeterNeumann", key.id()));
    let verified = mixed.verify(std::slice::from_ref(&key)).expect("signed");
    assert_eq!(verified, [&mixed.signatures()[2]]);
    let unsigned = note(&format!("{GO_TEXT}\n{others}"));
    assert_eq!(unsigned.verify(&[key]), Err(SignatureError::NotSigned));
    assert_eq!(
        mixed.verify::<Verifier>(&[]),
        Err(SignatureError::NotSigned)
    );
}

#[test]
fn one_bad_signature_of_a_known_key_spoils_the_note() {
    let key = verifier(GO_KEY);
    let bad = GO_SIGNATURE.replace("JnAM=", "JnAI=");
    let text = format!("{GO_TEXT}\n{GO_SIGNATURE}\n{bad}\n");
    let name = "PeterNeumann".to_owned();
    let want = SignatureError::Bad { name, id: key.id() };
    assert_eq!(note(&text).verify(&[key]), Err(want));
}

#[test]
fn no_bit_of_a_note_can_be_turned() {
    let key = verifier(C2SP_KEY);
    for (place, byte) in C2SP_NOTE.bytes().enumerate() {
        for bit in 0..8 {
            let mut changed = C2SP_NOTE.as_bytes().to_vec();
            changed[place] = byte ^ (1 << bit);
            let note = Note::parse(&changed);
            assert!(
                note.is_err()
                    || note.is_ok_and(|note| note.verify(std::slice::from_ref(&key)).is_err())
            );
        }
    }
}

fn signed(size: u64) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, size, Hash::new([9; 32])).expect("a checkpoint");
    SignedCheckpoint::sign(checkpoint, &log()).expect("short")
}

#[test]
fn a_checkpoint_reads_only_as_it_prints() {
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint: Checkpoint = text.parse().expect("a checkpoint");
    assert_eq!(checkpoint.to_string(), text);
    assert_eq!(
        (checkpoint.origin(), checkpoint.size()),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    let more = format!("{text}one more\nand more\n");
    let extended: Checkpoint = more.parse().expect("a checkpoint");
    assert_eq!(extended.extensions(), ["one more", "and more"]);
    assert_eq!(extended.to_string(), more);
    let root = Hash::empty_root();
    for (text, error) in [
        (String::new(), CheckpointError::Lines),
        (format!("a\n1\n{root}"), CheckpointError::Lines),
        ("a\n1\n".to_owned(), CheckpointError::Lines),
        (format!("\n1\n{root}\n"), CheckpointError::Origin),
        (format!("a\tb\n1\n{root}\n"), CheckpointError::Origin),
        (format!("a\n01\n{root}\n"), CheckpointError::Size),
        (format!("a\n+1\n{root}\n"), CheckpointError::Size),
        (format!("a\n-1\n{root}\n"), CheckpointError::Size),
        (format!("a\n\n{root}\n"), CheckpointError::Size),
        (format!("a\n1 \n{root}\n"), CheckpointError::Size),
        (
            format!("a\n{}\n{root}\n", MAX_SIZE + 1),
            CheckpointError::Size,
        ),
        ("a\n1\nAAAA\n".to_owned(), CheckpointError::Root),
        (format!("a\n1\n{root} \n"), CheckpointError::Root),
        (format!("a\n1\n{root}\n\n"), CheckpointError::Extension),
        (format!("a\n1\n{root}\n\nb\n"), CheckpointError::Extension),
        (
            format!("a\n0\n{}\n", Hash::new([0; 32])),
            CheckpointError::EmptyRoot,
        ),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text:?}");
    }
    assert!(
        format!("a\n{MAX_SIZE}\n{root}\n")
            .parse::<Checkpoint>()
            .is_ok()
    );
    assert!(format!("a\n0\n{root}\n").parse::<Checkpoint>().is_ok());
    assert_eq!(
        extended.with_extension("a\nb"),
        Err(CheckpointError::Extension)
    );
}

#[test]
fn a_checkpoint_is_of_its_log_and_by_its_key() {
    let checkpoint = signed(5);
    let bytes = checkpoint.to_string();
    assert_eq!(
        SignedCheckpoint::parse(bytes.as_bytes()),
        Ok(checkpoint.clone())
    );
    let key = log().public().clone();
    assert_eq!(checkpoint.verify(ORIGIN, &key), Ok(checkpoint.claimed()));
    assert_eq!(
        checkpoint.verify("log.example/92", &key),
        Err(CheckpointError::OtherOrigin)
    );
    let stranger = Signer::new(ORIGIN, &[3; 32]).expect("a name");
    assert_eq!(
        checkpoint.verify(ORIGIN, stranger.public()),
        Err(CheckpointError::Signature(SignatureError::NotSigned))
    );
    for (place, byte) in bytes.bytes().enumerate() {
        let mut changed = bytes.as_bytes().to_vec();
        changed[place] = byte ^ 1;
        let read = SignedCheckpoint::parse(&changed);
        assert!(read.is_err() || read.is_ok_and(|read| read.verify(ORIGIN, &key).is_err()));
    }
}

#[test]
fn a_cosignature_is_over_the_time_and_the_whole_text() {
    let mut checkpoint = signed(5);
    checkpoint
        .cosign(&witness(), 1_679_315_147)
        .expect("a time");
    let line = &checkpoint.note().signatures()[1];
    assert_eq!(line.bytes().len(), 72);
    assert_eq!(line.bytes()[..8], 1_679_315_147u64.to_be_bytes());
    // The signed message, from its parts, as RFC 8032 verifies it.
    let message = format!("cosignature/v1\ntime 1679315147\n{}", checkpoint.claimed());
    let key = ed25519(witness().public().as_bytes());
    let signature = ed25519_dalek::Signature::from_slice(&line.bytes()[8..]).expect("64 bytes");
    assert!(key.verify_strict(message.as_bytes(), &signature).is_ok());

    let known = [witness().public().clone()];
    let cosigned = checkpoint.cosignatures(&known).expect("good");
    assert_eq!((cosigned.len(), cosigned[0].time), (1, 1_679_315_147));
    // The log's signature is untouched, and the line reads back.
    assert!(checkpoint.verify(ORIGIN, log().public()).is_ok());
    let again = SignedCheckpoint::parse(checkpoint.to_string().as_bytes()).expect("a checkpoint");
    assert_eq!(again, checkpoint);
}

fn ed25519(bytes: &[u8; 32]) -> ed25519_dalek::VerifyingKey {
    ed25519_dalek::VerifyingKey::from_bytes(bytes).expect("a key")
}

#[test]
fn a_cosignature_for_another_tree_or_time_is_refused() {
    let line = witness().cosign(signed(5).claimed(), 77).expect("a time");
    let known = [witness().public().clone()];
    let bad = |checkpoint: &SignedCheckpoint| {
        matches!(
            checkpoint.cosignatures(&known),
            Err(SignatureError::Bad { .. })
        )
    };
    let mut other = signed(6);
    other.add(line.clone()).expect("room");
    assert!(bad(&other));
    for (place, byte) in line.bytes().iter().enumerate() {
        let mut bytes = line.bytes().to_vec();
        bytes[place] = byte ^ 1;
        assert_eq!(known[0].time(signed(5).note().text(), &bytes), None);
    }
    assert_eq!(
        known[0].time(signed(5).note().text(), &line.bytes()[..71]),
        None
    );
    assert_eq!(known[0].time(signed(5).note().text(), &[]), None);
    assert_eq!(
        witness().cosign(signed(5).claimed(), MAX_TIME + 1).err(),
        Some(CosignError::Time)
    );
    // A stranger's line is passed over, and so is the log's own.
    let stranger: Witness = Cosigner::new("other", &[5; 32])
        .expect("a name")
        .public()
        .clone();
    assert_eq!(other.cosignatures(&[stranger]), Ok(vec![]));
}

#[test]
fn only_a_checkpoint_at_a_time_that_can_be_written_is_cosigned() {
    let key = ed25519_dalek::SigningKey::from_bytes(&WITNESS_SEED);
    let line = |text: &str, time: u64| {
        let message = format!("cosignature/v1\ntime {time}\n{text}");
        [
            time.to_be_bytes().as_slice(),
            &key.sign(message.as_bytes()).to_bytes(),
        ]
        .concat()
    };
    let (known, signed) = (witness().public().clone(), signed(5));
    let text = signed.note().text();
    assert_eq!(known.time(text, &line(text, MAX_TIME)), Some(MAX_TIME));
    assert_eq!(known.time(text, &line(text, MAX_TIME + 1)), None);
    assert_eq!(known.time("text\n", &line("text\n", 5)), None);
}

#[test]
fn a_witness_under_two_names_counts_once() {
    let two = ["first.example", "second.example"]
        .map(|name| Cosigner::new(name, &[8; 32]).expect("a name"));
    let mut checkpoint = signed(5);
    checkpoint.cosign(&two[0], 10).expect("a time");
    checkpoint.cosign(&two[1], 20).expect("a time");
    checkpoint.cosign(&two[0], 15).expect("a time");
    let known = two.map(|cosigner| cosigner.public().clone());
    let cosigned = checkpoint.cosignatures(&known).expect("good");
    assert_eq!((cosigned.len(), cosigned[0].time), (1, 20));
}

#[test]
fn errors_are_sentences() {
    let said = |error: &dyn Display| error.to_string();
    assert_eq!(
        said(&KeyError::Type(4)),
        "the key is of the type 0x04, not the one needed"
    );
    assert_eq!(
        said(&CheckpointError::Note(NoteError::Utf8)),
        "a note is UTF-8"
    );
    let bad = SignatureError::Bad {
        name: "a".into(),
        id: KeyId::new([0, 1, 2, 255]),
    };
    assert_eq!(said(&bad), "the signature of a (000102ff) does not verify");
}
