//! `kecha takeover`: certificates of a former register come in as a batch. One officer proposes the
//! file, another releases it, then it is taken; the journal keeps the file's digest and both names.

mod former;

use std::{
    error::Error,
    fs::File,
    path::{Path, PathBuf},
};

use domain::{batch::Batch, record::RecordId, refusal::Refusal};

use super::{
    ask::{As, Folder, say},
    import::progress,
};
use crate::{
    clock,
    node::Node,
    registry::{self, FormerRow, Officer},
};
use former::{Former, Hashing};

/// Certificates of one transaction.
const AT_ONCE: usize = 10_000;
/// Faults that are printed; a file of another shape has one in every line.
const TOLD: usize = 100;

/// Arguments of `kecha takeover`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    by: As,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Issuer: check a csv and propose it as a batch. Header: name,sex,doc_type,doc_number,item,
    /// first_issued,valid_from,valid_until,recheck_due
    Propose {
        /// The csv, UTF-8
        file: PathBuf,
    },
    /// Approver: release a batch that another officer proposed
    Release {
        /// The batch
        batch: RecordId,
    },
    /// Issuer: take the certificates of a released batch; goes on where it was interrupted
    Take {
        /// The batch
        batch: RecordId,
        /// The very file that was proposed
        file: PathBuf,
    },
    /// The batches of the officer's own authority
    List,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    match &args.what {
        What::Propose { file } => {
            let (sha256, count) = checked(&node, file)?;
            let batch = node
                .registry
                .propose_batch(&sha256, count, &by, clock::now())?;
            say(&format!(
                "{batch}\tproposed\t{count} certificates\t{sha256}"
            ))
        }
        What::Release { batch } => {
            node.registry.release_batch(*batch, &by, clock::now())?;
            say(&format!("{batch}\treleased"))
        }
        What::Take { batch, file } => take(&node, &by, *batch, file),
        What::List => {
            for b in node.registry.batches(&by)? {
                say(&format!(
                    "{}\t{}\t{} of {}\t{}",
                    b.id,
                    b.word(),
                    b.taken,
                    b.count,
                    b.sha256
                ))?;
            }
            Ok(())
        }
    }
}

fn open(file: &Path) -> Result<(File, u64), Box<dyn Error>> {
    let named = |e| format!("{}: {e}", file.display());
    let source = File::open(file).map_err(named)?;
    let bytes = source.metadata().map_err(named)?.len();
    Ok((source, bytes))
}

/// Reads all of a file: its digest, and how many certificates it holds when no line is wrong.
fn checked(node: &Node, file: &Path) -> Result<(String, u32), Box<dyn Error>> {
    let (source, bytes) = open(file)?;
    let bar = progress(bytes);
    let mut hashing = Hashing::new(bar.wrap_read(source));
    let mut former = Former::new(&mut hashing, node.registry.catalogue(), clock::today())?;
    let (mut count, mut wrong) = (0_u32, 0_usize);
    while let Some(row) = former.next()? {
        match row {
            Ok(_) => count = count.saturating_add(1),
            Err(fault) => {
                wrong += 1;
                if wrong <= TOLD {
                    bar.suspend(|| say(&fault.to_string()))?;
                }
            }
        }
    }
    bar.finish_and_clear();
    if wrong > 0 {
        return Err(format!("{wrong} rows are wrong: put them right first").into());
    }
    if count == 0 {
        return Err("the file holds no certificate".into());
    }
    Ok((hashing.finish(), count))
}

fn take(node: &Node, by: &Officer, id: RecordId, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut batches = node.registry.batches(by)?.into_iter();
    let batch: Batch = batches
        .find(|b| b.id == id)
        .ok_or("this authority has no such batch")?;
    let (sha256, _) = checked(node, file)?;
    if sha256 != batch.sha256 {
        return Err("this is not the file that was proposed: its SHA-256 is another".into());
    }
    let (source, bytes) = open(file)?;
    let bar = progress(bytes);
    let mut former = Former::new(
        bar.wrap_read(source),
        node.registry.catalogue(),
        clock::today(),
    )?;
    // What an interrupted run has taken stands in the batch; the file's order is fixed.
    for _ in 0..batch.taken {
        former.next()?;
    }
    let mut taken = batch.taken;
    loop {
        let mut rows: Vec<(u64, FormerRow)> = Vec::with_capacity(AT_ONCE);
        while rows.len() < AT_ONCE
            && let Some(row) = former.next()?
        {
            rows.push(row.map_err(|wrong| wrong.to_string())?);
        }
        if rows.is_empty() {
            break;
        }
        taken += take_rows(node, by, id, rows)?;
    }
    bar.finish_and_clear();
    say(&format!("{id}\t{taken} of {} taken over", batch.count))
}

fn take_rows(
    node: &Node,
    by: &Officer,
    id: RecordId,
    rows: Vec<(u64, FormerRow)>,
) -> Result<u32, Box<dyn Error>> {
    let mut at = 0;
    let mut rows = rows.into_iter().map(|(row, former)| {
        at = row;
        former
    });
    let taken = node.registry.take_over(id, &mut rows, by, clock::now());
    drop(rows);
    taken.map_err(|e| match e {
        registry::Error::Refused(refusal) => format!(
            "row {at}\t{}\trefused: {refusal}; nothing of this part was taken",
            column(refusal)
        )
        .into(),
        other => other.into(),
    })
}

/// The column a refusal of the register is about.
fn column(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NameConflict => "name",
        Refusal::CertificateExists => "item",
        Refusal::TermDiffers => "valid_from",
        _ => "",
    }
}
