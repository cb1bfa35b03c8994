//! The test vectors for programs in other languages, `testdata/vectors.json`: made here, so that
//! they are what the crate does, and compared with the file, so that nobody changes it unseen.
//! `cargo run -p tlog --example vectors` prints them. Hashes are in base64, other bytes in hex.

use serde_json::{Value, json};
use tlog::bundle;
use tlog::checkpoint::{Checkpoint, SignedCheckpoint};
use tlog::frontier::Frontier;
use tlog::hash::Hash;
use tlog::key::SecretKey;
use tlog::proof::Proof;
use tlog::tile::{Kind, Tile, tiles};
use tlog::tree::{consistency, inclusion, root};

use crate::sample::{LOG_SEED, ORIGIN, Store, WITNESS_SEED, entry, event, log, salt, witness};

/// The largest tree of the vectors.
const SIZE: u64 = 70_000;

/// All vectors.
pub fn vectors() -> Value {
    let store = Store::of(SIZE);
    json!({
        "about": "Test vectors of docs/log.md. Hashes are in base64, other bytes in hex. \
                  Entry i is SHA-256(salt || event): the salt is i in 16 big-endian bytes, \
                  the event is the text \"event i\".",
        "entries": entries(),
        "node": {
            "left": Hash::leaf(&entry(0)).to_string(),
            "right": Hash::leaf(&entry(1)).to_string(),
            "hash": Hash::node(&Hash::leaf(&entry(0)), &Hash::leaf(&entry(1))).to_string(),
        },
        "roots": roots(&store),
        "frontiers": frontiers(&store),
        "inclusion": inclusions(&store),
        "consistency": consistencies(&store),
        "paths": paths(),
        "tiles": tile_lists(),
        "bundle": {
            "entries": [hex(&entry(0)), hex(&entry(1)), hex(b""), hex(b"a")],
            "content": hex(&content()),
        },
        "keys": [key(&log(), LOG_SEED), key(&witness(), WITNESS_SEED)],
        "checkpoint": checkpoint(&store),
        "proof": proof(&store),
    })
}

fn entries() -> Value {
    let told = [0u64, 1, 2, 4, 599, 69_999].map(|index| {
        json!({
            "index": index,
            "salt": hex(&salt(index)),
            "event": event(index),
            "entry": hex(&entry(index)),
            "leaf": Hash::leaf(&entry(index)).to_string(),
        })
    });
    json!(told)
}

fn roots(store: &Store) -> Value {
    json!(SIZES.map(|size| json!({"size": size, "root": root_of(store, size).to_string()})))
}

fn frontiers(store: &Store) -> Value {
    let told = [0, 1, 2, 3, 256, 600].map(|size| {
        let frontier = Frontier::read(size, |run| store.read(run)).expect("a frontier");
        json!({"size": size, "bytes": hex(&frontier.to_bytes())})
    });
    json!(told)
}

fn inclusions(store: &Store) -> Value {
    let places = [
        (0, 1),
        (1, 2),
        (2, 3),
        (4, 7),
        (255, 256),
        (256, 257),
        (299, 600),
        (65_535, SIZE),
    ];
    let told = places.map(|(index, size)| {
        let proof = inclusion(index, size, |run| store.read(run)).expect("a proof");
        json!({"index": index, "size": size, "proof": texts(proof)})
    });
    json!(told)
}

fn consistencies(store: &Store) -> Value {
    let sizes = [
        (0, 3),
        (1, 2),
        (2, 3),
        (3, 7),
        (4, 7),
        (7, 7),
        (256, 600),
        (600, 65_536),
        (65_536, SIZE),
    ];
    let told = sizes.map(|(old, new)| {
        let proof = consistency(old, new, |run| store.read(run)).expect("a proof");
        json!({"old": old, "new": new, "proof": texts(proof)})
    });
    json!(told)
}

fn paths() -> Value {
    let told = [
        "tile/0/000",
        "tile/0/000.p/1",
        "tile/1/273.p/112",
        "tile/0/x001/x234/067",
        "tile/2/x001/000.p/255",
        "tile/entries/000",
        "tile/entries/x001/x234/067.p/7",
    ];
    json!(told.map(path))
}

fn tile_lists() -> Value {
    let told = [1, 256, 257, 600].map(|size| {
        let paths: Vec<String> = tiles(size).map(|tile| tile.to_string()).collect();
        json!({"size": size, "paths": paths})
    });
    json!(told)
}

/// The sizes whose roots are told: around every edge.
const SIZES: [u64; 15] = [
    0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 600, 65_535, 65_536, SIZE,
];

fn root_of(store: &Store, size: u64) -> Hash {
    root(size, |run| store.read(run)).expect("a root")
}

fn content() -> Vec<u8> {
    let (first, second) = (entry(0), entry(1));
    let entries: [&[u8]; 4] = [&first, &second, b"", b"a"];
    bundle::encode(entries).expect("short")
}

fn path(path: &str) -> Value {
    let tile: Tile = path.parse().expect("a path");
    let level = match tile.kind() {
        Kind::Hashes { level } => json!(level),
        Kind::Entries => json!("entries"),
    };
    json!({"path": path, "level": level, "index": tile.index(), "width": tile.width()})
}

fn key<const TYPE: u8>(key: &SecretKey<TYPE>, seed: [u8; 32]) -> Value {
    json!({
        "type": TYPE,
        "name": key.public().name(),
        "seed": hex(&seed),
        "key_id": key.public().id().to_string(),
        "verifier_key": key.public().to_string(),
        "private_key": key.expose(),
    })
}

fn signed(store: &Store, size: u64) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, size, root_of(store, size)).expect("a checkpoint");
    SignedCheckpoint::sign(checkpoint, &log()).expect("short")
}

/// The time of the sample cosignature.
const TIME: u64 = 1_780_000_000;

fn checkpoint(store: &Store) -> Value {
    let mut cosigned = signed(store, 7);
    let signed = cosigned.to_string();
    cosigned.cosign(&witness(), TIME).expect("a time");
    json!({
        "text": cosigned.claimed().to_string(),
        "signed": signed,
        "time": TIME,
        "cosigned_message": format!("cosignature/v1\ntime {TIME}\n{}", cosigned.claimed()),
        "cosigned": cosigned.to_string(),
    })
}

fn proof(store: &Store) -> Value {
    let mut cosigned = signed(store, 7);
    cosigned.cosign(&witness(), TIME).expect("a time");
    let hashes = inclusion(4, 7, |run| store.read(run)).expect("a proof");
    let proof = Proof::new(&salt(4), 4, hashes, cosigned).expect("short");
    json!({"event": event(4), "salt": hex(&salt(4)), "text": proof.to_string()})
}

fn texts(hashes: Vec<Hash>) -> Vec<String> {
    hashes.iter().map(Hash::to_string).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_file_is_up_to_date() {
    let file: Value =
        serde_json::from_str(include_str!("../../testdata/vectors.json")).expect("JSON");
    assert_eq!(
        file,
        vectors(),
        "run: cargo run -p tlog --example vectors > crates/tlog/testdata/vectors.json"
    );
}

/// The example in the documentation is the one in the vectors.
#[test]
fn the_page_shows_what_the_vectors_have() {
    let page = include_str!("../../../../docs/log.md");
    // The page's examples are indented by four.
    let page: String = page
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect();
    let vectors = vectors();
    let (proof, _) = vectors["proof"]["text"]
        .as_str()
        .expect("text")
        .split_once("\n\n")
        .expect("two");
    for told in [
        vectors["checkpoint"]["cosigned"].as_str().expect("text"),
        vectors["keys"][0]["verifier_key"].as_str().expect("text"),
        vectors["keys"][1]["verifier_key"].as_str().expect("text"),
        vectors["entries"][3]["entry"].as_str().expect("text"),
        vectors["entries"][3]["leaf"].as_str().expect("text"),
        proof,
    ] {
        assert!(page.contains(told), "docs/log.md does not have: {told}");
    }
    let leaf = |index| Hash::leaf(&entry(index));
    let pair = Hash::node(&leaf(4), &leaf(5));
    let right = Hash::node(&pair, &leaf(6));
    assert!(page.contains(&pair.to_string()) && page.contains(&right.to_string()));
}
