//! `kecha journal`: the journal checked, made good, and audited by somebody else.

mod audit;
mod fetch;
#[cfg(test)]
mod tests;

use std::error::Error;

use tlog::{cosignature::Witness, note::Verifier};

use super::ask::{Folder, bar, json, say};
use crate::{
    node::Node,
    registry::{Fault, Found, Keys, Left},
};

/// Arguments of `kecha journal`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Fold every journal anew, the copies of provinces too, and compare it with what is kept
    Verify {
        #[command(flatten)]
        folder: Folder,
    },
    /// Make every row again from the journal
    Rebuild {
        #[command(flatten)]
        folder: Folder,
    },
    /// Print the key that checks this node's checkpoints
    Key {
        #[command(flatten)]
        folder: Folder,
        /// Print the key this node cosigns the checkpoints of others with
        #[arg(long)]
        witness: bool,
    },
    /// Read a public log, whole, as an outsider, and recompute its tree
    Audit(Box<Audit>),
}

/// Arguments of `kecha journal audit`.
#[derive(clap::Args)]
pub(super) struct Audit {
    /// The log's address, such as `https://kecha.example/log`
    url: String,
    /// The log's key, as `kecha journal key` prints it
    #[arg(long, value_name = "KEY")]
    key: Verifier,
    /// The key of a witness that must have signed; may be repeated
    #[arg(long, value_name = "KEY")]
    witness: Vec<Witness>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    match args {
        Args::Verify { folder } => verify(folder),
        Args::Rebuild { folder } => rebuild(folder),
        Args::Key { folder, witness } => {
            let registry = folder.open()?.registry;
            if *witness {
                say(&registry.witness_key().to_string())
            } else {
                say(&registry.log_key())
            }
        }
        Args::Audit(args) => audit(args),
    }
}

fn audit(args: &Audit) -> Result<(), Box<dyn Error>> {
    let log = fetch::Log::at(&args.url)?;
    let keys = audit::Keys {
        log: &args.key,
        witnesses: &args.witness,
    };
    let bar = bar();
    let audited = audit::audit(&log, &keys, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    if args.json {
        json(&audited)?;
    } else {
        for fault in &audited.faults {
            say(&format!("{}: {}", fault.what, fault.says))?;
        }
        say(&format!(
            "{}: {} entries, {} tiles, {} cosigned checkpoints, {} faults",
            audited.origin,
            audited.entries,
            audited.tiles,
            audited.cosigned,
            audited.faults.len()
        ))?;
    }
    if audited.faults.is_empty() {
        Ok(())
    } else {
        Err("the log is not in order".into())
    }
}

/// The keys of the other ends of the feed, as the node's settings name them; a demonstration has
/// none.
fn keys(node: &Node) -> Result<Keys, String> {
    let Some(config) = &node.config else {
        return Ok(Keys::default());
    };
    let mut keys = Keys::default();
    for p in &config.provinces {
        let key = p.log_key.parse();
        let key = key.map_err(|e| format!("province {}: `log_key`: {e}", p.code))?;
        keys.provinces.insert(p.code.clone(), key);
    }
    if let Some(nation) = &config.nation {
        let key = nation.witness_key.parse();
        keys.nation = Some(key.map_err(|e| format!("`witness_key`: {e}"))?);
    }
    Ok(keys)
}

fn verify(folder: &Folder) -> Result<(), Box<dyn Error>> {
    let node = folder.open()?;
    let bar = bar();
    let checked = node.registry.check_by(&keys(&node)?, &mut |done, all| {
        bar.set_length(all.unsigned_abs());
        bar.set_position(done.unsigned_abs());
    })?;
    bar.finish_and_clear();
    for Found { province, fault } in &checked.faults {
        let place = if province.is_empty() {
            String::new()
        } else {
            format!("province {province}: ")
        };
        let what = match fault {
            Fault::Gap { at } => format!("entry {at}: a gap, or the head does not count it"),
            Fault::Entry { at } => format!("entry {at}: not the bytes that were committed to"),
            Fault::Unlawful { at, refusal } => format!("entry {at}: breaks the law ({refusal})"),
            Fault::SetAside { at } => {
                format!("entry {at}: in quarantine, and nothing speaks against it")
            }
            Fault::Tree { what } => {
                format!("log: the {what} is not what the entries give")
            }
            Fault::Table { table } => {
                format!("table {table}: rows that no event accounts for, or too few")
            }
            Fault::Record { record } => format!("record {record}: not what its events add up to"),
        };
        say(&format!("{place}{what}"))?;
    }
    say(&format!(
        "{} entries, {} records, {} faults",
        checked.entries,
        checked.records,
        checked.faults.len()
    ))?;
    if checked.faults.is_empty() {
        Ok(())
    } else {
        Err("the register is not in order".into())
    }
}

fn rebuild(folder: &Folder) -> Result<(), Box<dyn Error>> {
    let node = Node::open_unread(&folder.dir)?;
    let bar = bar();
    let began = std::time::Instant::now();
    let aside = node.folder.join("rebuild.db");
    let rebuilt = node.registry.rebuild(&aside, &mut |done, all| {
        bar.set_length(all.unsigned_abs());
        bar.set_position(done.unsigned_abs());
    })?;
    let seconds = began.elapsed().as_secs_f64();
    bar.finish_and_clear();
    for (table, rows) in &rebuilt.written {
        say(&format!("table {table}: {rows} rows put right"))?;
    }
    for left in &rebuilt.left {
        say(&told(left))?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let rate = rebuilt.entries as f64 / seconds;
    say(&format!(
        "{} entries in {seconds:.1} s, {rate:.0} a second; {} things left to a person",
        rebuilt.entries,
        rebuilt.left.len()
    ))?;
    if rebuilt.left.is_empty() {
        Ok(())
    } else {
        Err("something is left that no rebuild may change".into())
    }
}

fn told(left: &Left) -> String {
    match left {
        Left::Unlawful { feed, at, refusal } => {
            format!("journal {feed}, entry {at}: breaks the law ({refusal}), not applied")
        }
        Left::Unaccounted { table, rows, first } => {
            let first = first
                .as_ref()
                .map_or_else(String::new, |key| format!(", the first {key}"));
            format!(
                "table {table}: {rows} rows that no event accounts for{first}; left as they are"
            )
        }
        Left::Fixed { table, rows } => {
            format!("table {table}: {rows} wrong rows that nobody may change; left as they are")
        }
        Left::Checkpoint { feed } => {
            format!("journal {feed}: the signed checkpoint is of another tree; left as it is")
        }
    }
}
