//! The audit against logs that are honest, crooked, and hostile.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

use tlog::{
    bundle,
    checkpoint::{Checkpoint, SignedCheckpoint},
    cosignature::{Cosigner, Witness},
    frontier::Frontier,
    hash::Hash,
    list,
    note::Signer,
    tile::Tile,
};

use super::{
    audit::{Audited, Keys, audit},
    fetch::Log,
};

const ORIGIN: &str = "log.example/99";

/// What is at each path; a redirection begins with `->`, and one that does not end with `~`.
type Site = HashMap<String, Vec<u8>>;

fn log_key() -> Signer {
    Signer::new(ORIGIN, &[1; 32]).expect("a name")
}

fn nation() -> Cosigner {
    Cosigner::new("nation.example", &[2; 32]).expect("a name")
}

/// The entries of a log; those of a fork differ in one.
fn entry(at: u64, forked: bool) -> [u8; 32] {
    let at = if forked && at == 3 { 1_000 } else { at };
    tlog::hash::commitment(&[0; 16], &at.to_be_bytes())
}

fn note(size: u64, forked: bool, cosigned: bool) -> SignedCheckpoint {
    let mut tree = Frontier::new();
    for at in 0..size {
        tree.append(Hash::leaf(&entry(at, forked))).expect("small");
    }
    let checkpoint = Checkpoint::new(ORIGIN, size, tree.root()).expect("a checkpoint");
    let mut note = SignedCheckpoint::sign(checkpoint, &log_key()).expect("signed");
    if cosigned {
        note.cosign(&nation(), 1_780_000_000 + size)
            .expect("cosigned");
    }
    note
}

/// A log of 300 entries with these notes in its list.
fn site(notes: &[SignedCheckpoint]) -> Site {
    let leaves: Vec<[u8; 32]> = (0..300).map(|at| entry(at, false)).collect();
    let mut site = Site::new();
    site.insert(
        "checkpoint".to_owned(),
        note(300, false, false).to_string().into(),
    );
    let texts: Vec<(u64, String)> = notes
        .iter()
        .map(|n| (n.claimed().size(), n.to_string()))
        .collect();
    let list = list::encode(texts.iter().map(|(size, text)| (*size, text.as_str())));
    site.insert("cosigned?from=0".to_owned(), list.into());
    if let Some((size, _)) = texts.last() {
        site.insert(format!("cosigned?from={}", size + 1), Vec::new());
    }
    for (at, part) in leaves.chunks(256).enumerate() {
        let width = u16::try_from(part.len()).expect("at most 256");
        let at = at as u64;
        let tile = Tile::hashes(0, at, width).expect("a tile");
        let hashes: Vec<u8> = part
            .iter()
            .flat_map(|e| *Hash::leaf(e).as_bytes())
            .collect();
        site.insert(tile.to_string(), hashes);
        let tile = Tile::entries(at, width).expect("a bundle");
        site.insert(tile.to_string(), bundle::encode(part).expect("short"));
    }
    let mut tree = Frontier::new();
    for leaf in &leaves[..256] {
        tree.append(Hash::leaf(leaf)).expect("small");
    }
    site.insert("tile/1/000.p/1".to_owned(), tree.root().as_bytes().to_vec());
    site
}

/// Serves it on a port of its own until the test ends.
fn serve(site: Site) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("a port"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let asked = lines.next().unwrap_or_default();
            let path = asked
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .trim_start_matches('/');
            drop(lines.find(String::is_empty));
            let mut out = &stream;
            // Whoever has seen enough hangs up, which is no failure here.
            let _ = match site.get(path).map(Vec::as_slice) {
                None => write!(
                    out,
                    "HTTP/1.1 404 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                ),
                Some([b'-', b'>', to @ ..]) => {
                    let to = String::from_utf8_lossy(to);
                    write!(
                        out,
                        "HTTP/1.1 302 There\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    )
                }
                Some(b"~") => {
                    let head = write!(out, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
                    head.and_then(|()| {
                        loop {
                            out.write_all(&[b'~'; 4096])?;
                        }
                    })
                }
                Some(content) => {
                    let length = content.len();
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                    );
                    out.write_all(head.as_bytes())
                        .and_then(|()| out.write_all(content))
                }
            };
        }
    });
    address
}

fn look(site: Site, witnesses: &[Witness]) -> Audited {
    let log = Log::at(&serve(site)).expect("an address");
    let key = log_key();
    let keys = Keys {
        log: key.public(),
        witnesses,
    };
    let mut told = (0, 0);
    let audited = audit(&log, &keys, &mut |done, all| told = (done, all));
    assert_eq!(audited.tiles, told.0);
    if audited.faults.is_empty() {
        assert_eq!(told, (3, 3));
    }
    audited
}

/// The one thing that is wrong.
fn fault(site: Site, witnesses: &[Witness]) -> String {
    let audited = look(site, witnesses);
    assert_eq!(audited.faults.len(), 1, "{:?}", audited.faults);
    format!("{}: {}", audited.faults[0].what, audited.faults[0].says)
}

#[test]
fn an_honest_log_is_in_order() {
    let nation = [nation().public().clone()];
    let all = site(&[
        note(3, false, true),
        note(256, false, true),
        note(300, false, true),
    ]);
    let audited = look(all, &nation);
    assert_eq!(audited.faults, []);
    assert_eq!((audited.entries, audited.cosigned), (300, 3));
    assert_eq!(look(site(&[]), &[]).faults, []);
}

#[test]
fn what_a_log_does_wrong_is_named() {
    let nation = [nation().public().clone()];
    let good = || site(&[note(3, false, true), note(256, false, true)]);
    let rolled_back = site(&[note(3, false, true), note(301, false, true)]);
    let text = fault(rolled_back, &nation);
    assert!(
        text.contains("300 entries, and 301") && text.contains("rolled back"),
        "{text}"
    );
    let forked = site(&[note(3, false, true), note(256, true, true)]);
    assert!(fault(forked, &nation).starts_with("checkpoint of 256 entries: "));
    let same_size = site(&[note(300, true, true)]);
    assert!(fault(same_size, &nation).contains("two different roots are signed for 300"));
    let alone = site(&[note(3, false, true), note(256, false, false)]);
    assert!(fault(alone, &nation).starts_with("cosigned checkpoint of 256 entries: no witness"));
    assert!(fault(site(&[]), &nation).contains("nation.example has signed no checkpoint"));
    for path in [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
    ] {
        let mut without = good();
        without.remove(path);
        assert_eq!(
            fault(without, &nation),
            format!("{path}: the log does not have it (404)")
        );
        let mut short = good();
        short.get_mut(path).expect("a tile").pop();
        assert!(fault(short, &nation).starts_with(path), "{path}");
        let mut turned = good();
        *turned
            .get_mut(path)
            .expect("a tile")
            .last_mut()
            .expect("a byte") ^= 1;
        let text = fault(turned, &nation);
        let bundle = path.replace("tile/0/", "tile/entries/");
        assert!(text.starts_with(&bundle), "{path}: {text}");
    }
}

#[test]
fn a_hostile_log_costs_little() {
    for path in ["checkpoint", "tile/0/000", "tile/entries/001.p/44"] {
        let mut endless = site(&[]);
        endless.insert(path.to_owned(), b"~".to_vec());
        let text = fault(endless, &[]);
        assert!(
            text.starts_with(path) && text.contains("longer than"),
            "{text}"
        );
    }
    let mut round = site(&[]);
    round.insert("checkpoint".to_owned(), b"->/checkpoint".to_vec());
    assert_eq!(
        fault(round, &[]),
        "checkpoint: it is redirected again and again"
    );
    // A tree that nobody could read is not counted tile by tile.
    let mut vast = site(&[]);
    let size = tlog::tree::MAX_SIZE;
    let checkpoint = Checkpoint::new(ORIGIN, size, Hash::leaf(b"")).expect("a checkpoint");
    let note = SignedCheckpoint::sign(checkpoint, &log_key()).expect("signed");
    vast.insert("checkpoint".to_owned(), note.to_string().into());
    assert!(fault(vast, &[]).starts_with("tile/0/001: "));
    assert!(Log::at("ftp://log.example").is_err());
    assert!(Log::at("log.example").is_err());
}
