//! `kecha journal verify`: every entry is what was committed to, every record what its events add
//! up to, in the node's own journal and in the copies of the provinces it follows.

use std::error::Error;

use super::ask::{Folder, bar, say};
use crate::registry::{Fault, Found};

/// Arguments of `kecha journal`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Fold every journal anew, the copies of provinces too, and compare it with what is kept
    Verify {
        #[command(flatten)]
        folder: Folder,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let Args::Verify { folder } = args;
    let node = folder.open()?;
    let bar = bar();
    let checked = node.registry.check(&mut |done, all| {
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
