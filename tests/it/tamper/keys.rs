//! Whose signatures a checkpoint must bear, where the settings name the keys.

use std::collections::HashMap;

use kecha::registry::Keys;
use tlog::cosignature::{Cosigner, Witness};

use super::*;

/// Who holds the keys of the nation can seal and cosign a history of his own, but not sign it.
#[test]
fn a_copy_must_be_signed_by_the_province_where_its_key_is_given() {
    let copies = Copies::new();
    let node = Node::open(copies.folder.path()).expect("opened");
    let other = Signer::new(copies.key.name(), &[9; 32]).expect("a key");
    let faults = |key: &Verifier| {
        let keys = Keys {
            provinces: HashMap::from([("91".to_owned(), key.clone())]),
            nation: None,
        };
        let checked = node.registry.check_by(&keys, &mut |_, _| {});
        checked.expect("checked").faults
    };
    assert_eq!(faults(&copies.key), []);
    let faults = faults(other.public());
    for what in ["cosigned", "checkpoint"] {
        let found = Found {
            province: "91".to_owned(),
            fault: Fault::Tree { what },
        };
        assert!(faults.contains(&found), "{what}: {faults:?}");
    }
    assert!(faults.iter().all(|found| found.province == "91"));
}

/// What came back of a province's own journal must be cosigned by the nation it is told of: with a
/// checkpoint that somebody else cosigned, a province would believe it is queryable nationwide.
#[test]
fn what_came_back_must_be_cosigned_by_the_nation_where_its_key_is_given() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let (node, _) = demo::open_or_make(folders[0].path(), 0, 5, &mut |_, _| {}).expect("made");
    let nation = Node::init_demo(folders[1].path(), None)
        .expect("made")
        .registry;
    let key = node.registry.log_key().parse().expect("a key");
    let follows = nation.follow_province("91", key).expect("entered");
    let page = node.registry.page(0, 50).expect("read").expect("entries");
    let answer = nation.follow(&follows, &page, clock::now());
    let answer = answer.expect("answered");
    let held = node
        .registry
        .acknowledge(&answer, nation.witness_key(), clock::now());
    assert_eq!(held.expect("kept"), None);
    let other = Cosigner::new(nation.witness_key().name(), &[9; 32]).expect("a key");
    let faults = |key: &Witness| {
        let keys = Keys {
            nation: Some(key.clone()),
            ..Keys::default()
        };
        let checked = node.registry.check_by(&keys, &mut |_, _| {});
        checked.expect("checked").faults
    };
    assert_eq!(faults(nation.witness_key()), []);
    let found = Found {
        province: String::new(),
        fault: Fault::Tree { what: "cosigned" },
    };
    assert_eq!(faults(other.public()), [found]);
}
