//! Tiles, bundles, and the audit of a whole tree.

use std::collections::HashMap;

use tlog::audit::{Audit, AuditError};
use tlog::bundle::{self, BundleError};
use tlog::hash::Hash;
use tlog::tile::{self, Kind, Tile, TileError, bundles, new_tiles, tiles};
use tlog::tree::{MAX_SIZE, ReadError};

use crate::sample::Store;

#[test]
fn paths_are_those_of_tlog_tiles() {
    let hashes = |level, index, width| Tile::hashes(level, index, width).expect("a tile");
    let entries = |index, width| Tile::entries(index, width).expect("a bundle");
    for (tile, path) in [
        (hashes(0, 0, 256), "tile/0/000"),
        (hashes(0, 0, 1), "tile/0/000.p/1"),
        (hashes(1, 273, 112), "tile/1/273.p/112"),
        (hashes(0, 999, 256), "tile/0/999"),
        (hashes(0, 1000, 256), "tile/0/x001/000"),
        // The example of the specification.
        (hashes(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (hashes(63, 1_234_067, 255), "tile/63/x001/x234/067.p/255"),
        (entries(0, 256), "tile/entries/000"),
        (
            entries(1_000_000_000, 7),
            "tile/entries/x001/x000/x000/000.p/7",
        ),
        (
            hashes(0, u64::MAX / 256, 256),
            "tile/0/x072/x057/x594/x037/x927/935",
        ),
    ] {
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile), "{path}");
    }
}

#[test]
fn a_path_has_one_way_of_being_written() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x1/000",
        "tile/0/x001//000",
        "tile/0/x001/000/",
        "tile/00/000",
        "tile/+0/000",
        "tile/-1/000",
        "tile/0/+00",
        "tile/0/x+01/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/256",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000.P/1",
        "tile/Entries/000",
        "tile/data/000",
        "tile/8/0/000",
        "/tile/0/000",
        "tile//000",
        "tile/0/../000",
        "tile/0/٣٠٠",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(path.parse::<Tile>().is_err(), "{path}");
    }
    assert_eq!("tile/0/000.p/0".parse::<Tile>(), Err(TileError::Width));
    assert_eq!("tile/0/000.p/257".parse::<Tile>(), Err(TileError::Width));
    assert_eq!("tile/64/000".parse::<Tile>(), Err(TileError::Level));
    assert_eq!(
        "tile/0/x072/x057/x594/x037/x927/936".parse::<Tile>(),
        Err(TileError::Index)
    );
}

#[test]
fn the_tree_of_70000_has_the_tiles_the_specification_counts() {
    let all: Vec<Tile> = tiles(70_000).collect();
    let full = |level| {
        all.iter()
            .filter(|t| is_level(t, level) && t.width() == 256)
            .count()
    };
    let partial = |level| {
        let narrow = all.iter().filter(|t| is_level(t, level) && t.width() < 256);
        narrow.map(|t| (t.index(), t.width())).collect::<Vec<_>>()
    };
    assert_eq!((full(0), partial(0)), (273, vec![(273, 112)]));
    assert_eq!((full(1), partial(1)), (1, vec![(1, 17)]));
    assert_eq!((full(2), partial(2)), (0, vec![(0, 1)]));
    assert_eq!(all.len(), 277);
    assert_eq!(tile::count(70_000), 277);
    let paths = |size| tiles(size).map(|t| t.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(paths(1), ["tile/0/000.p/1"]);
    assert!(paths(0).is_empty());
    let entries: Vec<String> = bundles(257).map(|t| t.to_string()).collect();
    assert_eq!(entries, ["tile/entries/000", "tile/entries/001.p/1"]);
}

fn is_level(tile: &Tile, level: u8) -> bool {
    tile.kind() == Kind::Hashes { level }
}

#[test]
fn the_tiles_of_every_size_are_those_it_has_hashes_for() {
    for size in (0..1300).chain([65_535, 65_536, 65_537, 131_072, 16_777_216 + 70_000]) {
        let all: Vec<Tile> = tiles(size).collect();
        assert_eq!(all.len() as u64, tile::count(size));
        assert!(all.iter().all(|tile| tile.is_within(size)));
        for level in 0..4 {
            // floor(s / 256^l) hashes, the last tile with floor(s / 256^l) mod 256.
            let hashes = size / 256u64.pow(u32::from(level));
            let of_level: Vec<_> = all.iter().filter(|t| is_level(t, level)).collect();
            let sum: u64 = of_level.iter().map(|t| u64::from(t.width())).sum();
            assert_eq!(sum, hashes, "level {level} of {size}");
            assert!(
                of_level
                    .iter()
                    .map(|t| t.index())
                    .eq(0..hashes.div_ceil(256))
            );
            let (last, width) = (hashes / 256, u16::try_from(hashes % 256).expect("small"));
            let wider = Tile::hashes(level, last, width + 1).expect("a tile");
            assert!(!wider.is_within(size));
        }
    }
    assert!(!Tile::hashes(63, 0, 1).expect("a tile").is_within(u64::MAX));
    assert!(
        !Tile::hashes(0, u64::MAX / 256, 256)
            .expect("a tile")
            .is_within(MAX_SIZE)
    );
}

#[test]
fn new_tiles_and_old_tiles_are_all_tiles() {
    for (old, new) in [
        (0, 600),
        (1, 2),
        (255, 256),
        (256, 257),
        (300, 300),
        (600, 300),
        (300, 70_000),
    ] {
        let before: Vec<Tile> = tiles(old).collect();
        let added: Vec<Tile> = new_tiles(old, new).collect();
        let want: Vec<Tile> = match old < new {
            true => tiles(new).filter(|tile| !before.contains(tile)).collect(),
            false => vec![],
        };
        assert_eq!(added, want, "{old} to {new}");
    }
}

#[test]
fn a_tile_holds_what_the_store_has() {
    let store = Store::of(70_000);
    let tile: Tile = "tile/1/001.p/17".parse().expect("a tile");
    let content = tile.read(|run| store.read(run)).expect("there");
    assert_eq!(content.len(), 17 * 32);
    let hashes = tile.decode(&content).expect("hashes");
    assert_eq!(tile::encode(&hashes), content);
    // The hash at place 5 is the root of the full tile 261 below.
    let below: Tile = "tile/0/261".parse().expect("a tile");
    let below = below
        .decode(&below.read(|run| store.read(run)).expect("there"))
        .expect("hashes");
    let mut tree = Store::default();
    below.into_iter().for_each(|leaf| tree.append(leaf));
    assert_eq!(hashes[5], tree.frontier.root());
    assert_eq!(
        tile.decode(&content[1..]),
        Err(TileError::Length {
            want: 17 * 32,
            have: 17 * 32 - 1
        })
    );
    let wider: Tile = "tile/1/001.p/18".parse().expect("a tile");
    assert!(matches!(
        wider.read(|run| store.read(run)),
        Err(ReadError::Source(_))
    ));
}

#[test]
fn bundles_say_how_long_each_entry_is() {
    let content = bundle::encode(["", "a", "kecha"]).expect("short");
    assert_eq!(content, b"\0\0\0\x01a\0\x05kecha");
    let entries: [&[u8]; 3] = [b"", b"a", b"kecha"];
    assert_eq!(bundle::decode(&content, 3), Ok(entries.to_vec()));
    let leaves = entries.map(Hash::leaf);
    assert_eq!(bundle::check(&content, &leaves), Ok(entries.to_vec()));

    let count = |want, have| Err(BundleError::Count { want, have });
    assert_eq!(bundle::decode(&content, 4), count(4, 3));
    assert_eq!(bundle::decode(&content, 2), count(2, 3));
    // It does not read on to count what it will not take.
    assert_eq!(bundle::decode(&content, 1), count(1, 2));
    assert_eq!(
        bundle::decode(&content[..content.len() - 1], 3),
        Err(BundleError::Cut(2))
    );
    assert_eq!(bundle::decode(&content[..3], 2), Err(BundleError::Cut(1)));
    let other = bundle::encode(["", "b", "kecha"]).expect("short");
    assert_eq!(bundle::check(&other, &leaves), Err(BundleError::Leaf(1)));
    let long = vec![0; 65_536];
    assert_eq!(
        bundle::encode([&long[1..], &long]),
        Err(BundleError::EntryTooLong(1))
    );
}

/// The tiles of the sample log of that size, by path.
fn published(store: &Store, size: u64) -> HashMap<String, Vec<u8>> {
    let content = |tile: Tile| tile.read(|run| store.read(run)).expect("there");
    tiles(size)
        .map(|tile| (tile.to_string(), content(tile)))
        .collect()
}

/// Audits a log from its tiles, as an outsider would.
fn audit(
    heads: &[(u64, Hash)],
    published: &HashMap<String, Vec<u8>>,
) -> Result<tlog::frontier::Frontier, AuditError> {
    let mut audit = Audit::new(heads.iter().copied())?;
    let ahead: Vec<Tile> = audit.remaining().collect();
    let mut asked = Vec::new();
    while let Some(tile) = audit.next_tile() {
        asked.push(tile);
        audit.give(&published[&tile.to_string()])?;
    }
    assert_eq!(asked, ahead);
    assert_eq!(asked.len(), published.len());
    audit.finish()
}

#[test]
fn an_honest_log_passes_the_audit() {
    for size in (0..=600).chain([65_535, 65_536, 65_537, 70_000, 140_000]) {
        let store = Store::of(size);
        let frontier = audit(&[(size, store.frontier.root())], &published(&store, size));
        assert_eq!(frontier, Ok(store.frontier));
    }
}

#[test]
fn every_signed_root_is_compared() {
    let store = Store::of(66_000);
    let tiles = published(&store, 66_000);
    let sizes = [0, 1, 2, 255, 256, 257, 600, 65_535, 65_536, 65_537, 66_000];
    let heads = sizes.map(|size| (size, Store::of(size).frontier.root()));
    assert!(audit(&heads, &tiles).is_ok());
    for place in 0..heads.len() {
        let mut changed = heads;
        changed[place].1 = Hash::node(&changed[place].1, &changed[place].1);
        assert_eq!(
            audit(&changed, &tiles),
            Err(AuditError::Root { size: sizes[place] })
        );
        let both = [heads.as_slice(), &[changed[place]]].concat();
        let found = audit(&both, &tiles);
        let size = sizes[place];
        assert_eq!(found, Err(AuditError::Fork { size }));
    }
    assert_eq!(
        Audit::new([(MAX_SIZE + 1, Hash::empty_root())]).err(),
        Some(AuditError::TooLarge)
    );
}

#[test]
fn any_changed_hash_in_any_tile_is_found() {
    let size = 66_000;
    let store = Store::of(size);
    let honest = published(&store, size);
    let heads = [(size, store.frontier.root())];
    for tile in tiles(size).filter(|t| t.index() % 97 == 0 || t.width() < 256 || !is_level(t, 0)) {
        let path = tile.to_string();
        for place in [0, usize::from(tile.width()) - 1] {
            let mut changed = honest.clone();
            let content = changed.get_mut(&path).expect("published");
            content[place * 32 + 13] ^= 0x10;
            let found = audit(&heads, &changed).err();
            // A changed leaf is noticed where the tile above, or the root, stops matching.
            let noticed = match tile.kind() {
                Kind::Hashes { level: 0 } => matches!(
                    found,
                    Some(AuditError::Differs { .. } | AuditError::Root { .. })
                ),
                _ => found == Some(AuditError::Differs { tile, place }),
            };
            assert!(noticed, "{path} at {place}: {found:?}");
        }
        let mut shorter = honest.clone();
        shorter.get_mut(&path).expect("published").pop();
        assert!(
            matches!(audit(&heads, &shorter), Err(AuditError::Tile { tile: at, .. }) if at == tile)
        );
    }
}

#[test]
fn an_audit_takes_neither_more_nor_fewer_tiles() {
    let store = Store::of(257);
    let mut audit = Audit::new([(257, store.frontier.root())]).expect("a head");
    let missing = audit.next_tile().expect("a tile");
    assert_eq!(audit.clone().finish(), Err(AuditError::Missing(missing)));
    while let Some(tile) = audit.next_tile() {
        audit
            .give(&tile.read(|run| store.read(run)).expect("there"))
            .expect("honest");
    }
    assert_eq!(audit.give(&[]), Err(AuditError::TooMany));
}
