//! The list of cosigned checkpoints.

use tlog::checkpoint::{Checkpoint, SignedCheckpoint};
use tlog::cosignature::Cosigner;
use tlog::frontier::Frontier;
use tlog::hash::Hash;
use tlog::list::{ListError, decode, encode};
use tlog::note::Signer;

/// Cosigned checkpoints of one log, of these sizes.
fn notes(sizes: &[u64]) -> Vec<(u64, String)> {
    let log = Signer::new("log.example/99", &[1; 32]).expect("a name");
    let witness = Cosigner::new("nation.example", &[2; 32]).expect("a name");
    let of = |size: u64| {
        let mut tree = Frontier::new();
        for leaf in 0..size {
            tree.append(Hash::leaf(&leaf.to_be_bytes())).expect("small");
        }
        let text = Checkpoint::new("log.example/99", size, tree.root()).expect("a checkpoint");
        let mut note = SignedCheckpoint::sign(text, &log).expect("signed");
        note.cosign(&witness, 1_780_000_000 + size)
            .expect("cosigned");
        (size, note.to_string())
    };
    sizes.iter().copied().map(of).collect()
}

fn text(notes: &[(u64, String)]) -> String {
    encode(notes.iter().map(|(size, note)| (*size, note.as_str())))
}

#[test]
fn what_is_written_is_read_again_byte_by_byte() {
    assert_eq!(decode(""), Ok(Vec::new()));
    let notes = notes(&[1, 2, 300]);
    let text = text(&notes);
    assert!(text.starts_with("== 1 ") && text.ends_with("=\n"), "{text}");
    let read = decode(&text).expect("a list");
    let read: Vec<String> = read.iter().map(ToString::to_string).collect();
    let written: Vec<String> = notes.into_iter().map(|(_, note)| note).collect();
    assert_eq!(read, written);
}

#[test]
fn what_is_no_list_is_refused_at_its_place() {
    let good = notes(&[5, 6]);
    let whole = text(&good);
    let second = whole.rfind("== 6").expect("the second line");
    for (text, error) in [
        (whole.replacen("== 5", "==  5", 1), ListError::Line(0)),
        (whole.replacen("== 5", "== 05", 1), ListError::Line(0)),
        (whole.replacen("== 6", "=6", 1), ListError::Line(1)),
        (whole[..second + 3].to_owned(), ListError::Line(1)),
        (whole[..whole.len() - 1].to_owned(), ListError::Cut(1)),
        ("== 5 18446744073709551615\n".to_owned(), ListError::Cut(0)),
        (whole.replacen("== 5", "== 4", 1), ListError::Size(0)),
        (
            text(&[good[1].clone(), good[0].clone()]),
            ListError::Order(1),
        ),
        (
            text(&[good[0].clone(), good[0].clone()]),
            ListError::Order(1),
        ),
    ] {
        assert_eq!(decode(&text), Err(error), "{text}");
    }
    // A length that ends within the note, or within a letter of more than one byte.
    for bytes in 0..good[0].1.len() {
        let (_, note) = &good[0];
        let short = format!("== 5 {bytes}\n{note}");
        assert!(decode(&short).is_err(), "{bytes}");
    }
}
