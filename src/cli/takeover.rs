//! `kecha takeover`: certificates of a former register come in as a batch. A list is checked, one
//! officer proposes it, another releases it, then it is taken; the journal keeps the file's digest
//! and both names. The list stays on the disk; whoever sends it over the web finds the same there.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use domain::{former::Field, record::RecordId};

use super::{
    ask::{As, Folder, bar, say},
    import::progress,
};
use crate::{
    clock,
    node::Node,
    registry::{Officer, Settling},
    takeover::{Checking, Hashing, Plan, Reading, Summary, Taking, open_header},
};

/// Differences that are listed at once.
const PAGE: u32 = 1_000;

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

/// A list and what its columns mean.
#[derive(clap::Args)]
struct List {
    /// The list: .csv of any size, .xlsx or .xls, told by its content
    file: PathBuf,
    /// What a column means, where its header does not tell: such as `valid_from=发证日`
    #[arg(long, value_name = "FIELD=HEADER")]
    map: Vec<String>,
    /// What a word means: such as `item:电焊=2.1`
    #[arg(long, value_name = "FIELD:WORD=MEANING")]
    word: Vec<String>,
    /// Write the rows with faults into this sheet: .csv for a .csv, else .xlsx
    #[arg(long, value_name = "OUT")]
    faults: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum What {
    /// Issuer: tell what would become of every row; change nothing
    Check {
        #[command(flatten)]
        list: List,
    },
    /// Issuer: check a list and propose it as a batch
    Propose {
        #[command(flatten)]
        list: List,
        /// Propose a list with faults: its other rows will be taken
        #[arg(long)]
        take_good: bool,
    },
    /// Approver: release a batch that another officer proposed
    Release {
        /// The batch
        batch: RecordId,
    },
    /// Issuer: take the rows of a released batch; goes on where it was interrupted
    Take {
        /// The batch
        batch: RecordId,
        /// The very file that was proposed
        file: PathBuf,
    },
    /// The batches of the officer's own authority
    List,
    /// Rows of a batch that say something else than a certificate that is there
    Differences {
        /// The batch
        batch: RecordId,
    },
    /// Approver: decide on one of them
    Settle {
        /// The batch
        batch: RecordId,
        /// The row
        row: u32,
        /// `ours`, or `file`, for which the way is cleared by a correction or a cancellation
        #[arg(long, value_parser = ["ours", "file"])]
        keep: String,
        /// Why, or the evidence
        #[arg(long)]
        reason: String,
    },
    /// Issuer: take the rows that were decided for the file
    TakeSettled {
        /// The batch
        batch: RecordId,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    match &args.what {
        What::Check { list } => told(&checked(&node, &by, list)?.1),
        What::Propose { list, take_good } => propose(&node, &by, list, *take_good),
        What::Release { batch } => {
            node.registry.release_batch(*batch, &by, clock::now())?;
            say(&format!("{batch}\treleased"))
        }
        What::Take { batch, file } => take(&node, &by, *batch, file),
        What::List => batches(&node, &by),
        What::Differences { batch } => differences(&node, &by, *batch),
        What::Settle {
            batch,
            row,
            keep,
            reason,
        } => {
            let text = reason.clone();
            let how = match keep.as_str() {
                "file" => Settling::File { evidence: text },
                _ => Settling::Ours { reason: text },
            };
            let now = clock::now();
            node.registry
                .settle_difference(*batch, *row, &how, &by, now)?;
            say(&format!("{batch}\trow {row}\t{keep}"))
        }
        What::TakeSettled { batch } => {
            let settled = node.registry.take_settled(*batch, &by, clock::now())?;
            say(&format!(
                "{batch}\t{} taken over\t{} open again",
                settled.taken, settled.again
            ))
        }
    }
}

fn open(file: &Path) -> Result<(File, u64), Box<dyn Error>> {
    let named = |e| format!("{}: {e}", file.display());
    let source = File::open(file).map_err(named)?;
    let bytes = source.metadata().map_err(named)?.len();
    Ok((source, bytes))
}

/// The file's digest, read once through.
fn digest(file: &Path) -> Result<String, Box<dyn Error>> {
    Ok(Hashing::new(open(file)?.0).finish()?)
}

/// What the columns mean: by the header, by how the authority's last list was read, and by what the
/// officer says.
fn planned(node: &Node, by: &Officer, list: &List) -> Result<Plan, Box<dyn Error>> {
    let (_, first) = open_header(open(&list.file)?.0).map_err(|e| unreadable(&list.file, &e))?;
    let mut plan = Plan::guess(&first);
    if let Some(last) = node.registry.last_takeover_plan(&by.office)? {
        plan.learn(&Plan::from_json(&last));
    }
    for said in &list.map {
        let (field, header) = said.split_once('=').unwrap_or((said, ""));
        plan.map(field_of(field)?, header)
            .ok_or_else(|| format!("--map {said}: the header has no column {header}"))?;
    }
    for said in &list.word {
        let parts = said.split_once(':').zip(said.split_once('='));
        let Some(((field, _), (word, meaning))) = parts else {
            return Err(format!("--word {said}: wanted is field:word=meaning").into());
        };
        let word = word.split_once(':').map_or("", |(_, word)| word).trim();
        let words = plan.words.entry(field_of(field)?).or_default();
        words.insert(word.to_owned(), meaning.trim().to_owned());
    }
    let missing: Vec<&str> = plan.missing().into_iter().map(Field::code).collect();
    if missing.is_empty() {
        Ok(plan)
    } else {
        let names = missing.join(", ");
        Err(format!("no column for {names}: say which with --map FIELD=HEADER").into())
    }
}

fn field_of(code: &str) -> Result<Field, Box<dyn Error>> {
    let found = Field::ALL.into_iter().find(|f| f.code() == code.trim());
    found.ok_or_else(|| {
        let all = Field::ALL.map(Field::code).join(", ");
        format!("{code}: a field is one of {all}").into()
    })
}

fn unreadable(file: &Path, e: &crate::papers::sheet::SheetError) -> String {
    format!("{}: {}", file.display(), e.sentence(super::ask::words()))
}

fn checked(node: &Node, by: &Officer, list: &List) -> Result<(Plan, Summary), Box<dyn Error>> {
    let plan = planned(node, by, list)?;
    let (source, bytes) = open(&list.file)?;
    let (format, _) = open_header(open(&list.file)?.0)?;
    let out: Box<dyn Write> = match &list.faults {
        Some(path) => Box::new(BufWriter::new(File::create_new(path)?)),
        None => Box::new(std::io::sink()),
    };
    let today = clock::today();
    let catalogue = node.registry.catalogue().clone();
    let reading = Reading::begin(source, plan.clone(), catalogue, today, 0);
    let mut checking = Checking::new(reading, plan.clone(), today, format, out)?;
    let bar = progress(bytes);
    while checking
        .step(&node.registry)
        .map_err(|e| told_of(&list.file, e))?
    {
        bar.set_position(checking.bytes().min(bytes));
    }
    bar.finish_and_clear();
    Ok((plan, checking.finish()?.0))
}

fn told_of(file: &Path, e: crate::takeover::TakeoverError) -> Box<dyn Error> {
    match e {
        crate::takeover::TakeoverError::Sheet(e) => unreadable(file, &e).into(),
        other => other.into(),
    }
}

/// The summary, and the first rows of each fault; no cell is repeated, it may be a person's number.
fn told(s: &Summary) -> Result<(), Box<dyn Error>> {
    for (key, rows) in &s.first {
        let what = key.replace(' ', "\t");
        for row in rows {
            say(&format!("row {row}\t{what}"))?;
        }
        let all = s.faults.get(key).copied().unwrap_or(0);
        if all > rows.len() as u64 {
            say(&format!("{all} rows\t{what}"))?;
        }
    }
    say(&format!(
        "{} rows: {} good ({} of people who are here), {} there already ({} twice in the list), \
         {} differ by name, {} by item, {} faulty",
        s.rows, s.good, s.known, s.same, s.twice, s.name, s.item, s.faulty
    ))
}

fn propose(node: &Node, by: &Officer, list: &List, take_good: bool) -> Result<(), Box<dyn Error>> {
    let sha256 = digest(&list.file)?;
    let (plan, summary) = checked(node, by, list)?;
    if summary.rows == 0 {
        return Err("the list holds no certificate".into());
    }
    if summary.faulty > 0 && !take_good {
        told(&summary)?;
        let n = summary.faulty;
        return Err(
            format!("{n} rows are wrong: put them right, or leave them with --take-good").into(),
        );
    }
    let now = clock::now();
    let takeover = node
        .registry
        .bring_takeover(None, &plan.to_json(), by, now)?;
    let plan = plan.to_json();
    node.registry.plan_takeover(takeover, &plan, by)?;
    node.registry
        .sum_up_takeover(takeover, &plan, &summary.to_json())?;
    let rows = u32::try_from(summary.rows)?;
    let batch = node
        .registry
        .propose_takeover(takeover, &sha256, rows, by, now)?;
    say(&format!("{batch}\tproposed\t{rows} rows\t{sha256}"))
}

fn take(node: &Node, by: &Officer, id: RecordId, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut batches = node.registry.batches(by)?.into_iter();
    let batch = batches
        .find(|b| b.id == id)
        .ok_or("this authority has no such batch")?;
    let takeover = node.registry.takeover_of(id, &by.office)?;
    if digest(file)? != batch.sha256 {
        return Err("this is not the file that was proposed: its SHA-256 is another".into());
    }
    let bar = bar();
    bar.set_length(batch.count.into());
    let reading = Reading::begin(
        open(file)?.0,
        Plan::from_json(&takeover.plan),
        node.registry.catalogue().clone(),
        clock::today(),
        takeover.position,
    );
    let mut taking = Taking::new(takeover.id, by.clone(), reading);
    while taking
        .step(&node.registry, clock::now())
        .map_err(|e| told_of(file, e))?
    {
        bar.set_position(node.registry.takeover(takeover.id, &by.office)?.rows.into());
    }
    bar.finish_and_clear();
    let t = node.registry.takeover(takeover.id, &by.office)?;
    let taken = t.rows - t.skipped - t.differing - t.faulty;
    say(&format!(
        "{id}\t{taken} of {} taken over\t{} there already\t{} differ\t{} faulty",
        batch.count, t.skipped, t.differing, t.faulty
    ))
}

fn batches(node: &Node, by: &Officer) -> Result<(), Box<dyn Error>> {
    for b in node.registry.batches(by)? {
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

/// Which rows differ, and in what; not what they say.
fn differences(node: &Node, by: &Officer, batch: RecordId) -> Result<(), Box<dyn Error>> {
    let mut after = 0;
    loop {
        let page = node.registry.differences(batch, by, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.row;
        for d in page {
            let ours: Vec<String> = d
                .ours
                .iter()
                .map(|c| c.says.certificate.to_string())
                .collect();
            say(&format!(
                "row {}\t{}\t{}\t{}",
                d.row,
                d.why,
                d.state,
                ours.join(" ")
            ))?;
        }
    }
}
