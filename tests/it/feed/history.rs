//! Two histories with one signature.

use kecha::registry::SignedHead;

use super::*;

/// Two histories of one length that end alike: what is sent is known already, the root is not.
#[test]
fn another_history_of_the_same_length_is_a_fork_whatever_it_repeats() {
    let signed = |crooked: &Crooked| {
        let mut other = Frontier::new();
        for event in [b"x", b"b"] {
            let leaf = Hash::leaf(&commitment(&[5; 16], event));
            other.append(leaf).expect("room");
        }
        let end = Checkpoint::new(crooked.key.public().name(), 2, other.root());
        let note = SignedCheckpoint::sign(end.expect("a checkpoint"), &crooked.key);
        note.expect("signed").to_string()
    };
    let mut crooked = Crooked::new();
    assert_eq!(crooked.sends(vec![b"a".to_vec(), b"b".to_vec()]).entries, 2);
    let page = Page {
        from: 1,
        entries: vec![Sent {
            salt: [5; 16],
            event: b"b".to_vec(),
        }],
        checkpoint: signed(&crooked),
        is_last: true,
        within: None,
    };
    let nation = &crooked.pair.nation;
    let answer = nation.follow(&crooked.follows, &page, now());
    assert_eq!(answer.expect("answered").hold, Some(Hold::Fork));

    let mut crooked = Crooked::new();
    crooked.sends(vec![b"a".to_vec(), b"b".to_vec()]);
    // Nothing is proved: the province does not know yet what the nation has.
    let head = SignedHead {
        checkpoint: signed(&crooked),
        since: 0,
        proof: Vec::new(),
    };
    let nation = &crooked.pair.nation;
    let answer = nation.follow_head(&crooked.follows, &head, now());
    assert_eq!(answer.expect("answered").hold, Some(Hold::Fork));
}
