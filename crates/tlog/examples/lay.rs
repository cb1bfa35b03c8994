//! Lays out a log as files, at the paths a server would serve:
//! `cargo run -p tlog --example lay -- DIR SIZE... [--fork]` (sizes ascending).
//!
//! `checkpoint` is that of the last size, `checkpoint.SIZE` that of each; all are cosigned. The
//! partial tiles of every size are there. `key` and `witness` are the verifier keys, and
//! `INDEX.tlog-proof` are proofs under the last checkpoint of the first and last entry and of one
//! between. The entries are the sample log's of `docs/log.md`; with `--fork` the last is another
//! one, so that its checkpoint contradicts that of the honest log of the same size.

use std::error::Error;
use std::fs;
use std::path::Path;

use tlog::bundle;
use tlog::checkpoint::{Checkpoint, SignedCheckpoint};
use tlog::hash::Hash;
use tlog::proof::Proof;
use tlog::tile::{new_bundles, new_tiles};
use tlog::tree;

#[path = "../tests/it/sample.rs"]
mod sample;

use sample::{ORIGIN, Store, entry, log, witness};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: lay DIR SIZE...")?;
    let folder = Path::new(&folder);
    let (options, sizes): (Vec<_>, Vec<_>) = arguments.partition(|it| it == "--fork");
    let sizes = sizes
        .iter()
        .map(|size| size.parse())
        .collect::<Result<Vec<u64>, _>>()?;
    if !sizes.is_sorted_by(|one, next| one < next) || sizes.first().is_none_or(|size| *size == 0) {
        return Err("the sizes do not ascend from 1".into());
    }
    let last = sizes.last().copied().unwrap_or_default();
    let fork = !options.is_empty();
    let entry_at = |index| {
        entry(if fork && index == last - 1 {
            last
        } else {
            index
        })
    };
    let mut store = Store::of(last - 1);
    store.append(Hash::leaf(&entry_at(last - 1)));
    let mut old = 0;
    for size in sizes {
        lay_tiles(folder, &store, old, size, &entry_at)?;
        write(
            folder,
            &format!("checkpoint.{size}"),
            checkpoint(&store, size)?.to_string(),
        )?;
        old = size;
    }
    write(folder, "checkpoint", checkpoint(&store, last)?.to_string())?;
    for index in [0, last / 2, last - 1] {
        let hashes = tree::inclusion(index, last, |run| store.read(run))?;
        let proof = Proof::new(b"", index, hashes, checkpoint(&store, last)?)?;
        write(folder, &format!("{index}.tlog-proof"), proof.to_string())?;
    }
    write(folder, "key", format!("{}\n", log().public()))?;
    write(folder, "witness", format!("{}\n", witness().public()))
}

fn checkpoint(store: &Store, size: u64) -> Result<SignedCheckpoint, Box<dyn Error>> {
    let root = tree::root(size, |run| store.read(run))?;
    let mut signed = SignedCheckpoint::sign(Checkpoint::new(ORIGIN, size, root)?, &log())?;
    signed.cosign(&witness(), 1_780_000_000)?;
    Ok(signed)
}

fn lay_tiles(
    folder: &Path,
    store: &Store,
    old: u64,
    new: u64,
    entry_at: &impl Fn(u64) -> [u8; 32],
) -> Result<(), Box<dyn Error>> {
    for tile in new_tiles(old, new) {
        write(folder, &tile.to_string(), tile.read(|run| store.read(run))?)?;
    }
    for tile in new_bundles(old, new) {
        let run = tile.run();
        let entries = (run.first..run.first + u64::from(run.count)).map(entry_at);
        write(folder, &tile.to_string(), bundle::encode(entries)?)?;
    }
    Ok(())
}

fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    Ok(fs::write(path, content)?)
}
