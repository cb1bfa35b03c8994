//! `kecha bench takeover`: a list of invented certificates is written, checked, proposed, released
//! and taken by a process of its own, which is killed half way and begun again. The figures are
//! printed, and nothing passes unless every row is there exactly once.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use domain::{former::Field, record::RecordId};
use serde_json::json;

use super::super::ask::{json as print, say};
use crate::{
    clock,
    demo::{PLACES, Staff, load, people},
    node::Node,
    registry::Registry,
    takeover::{Checking, Hashing, Plan, Reading, Summary, Taking, open_header},
};

/// Arguments of `kecha bench takeover`.
#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A new folder for the node and the list
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
    /// Certificates of the list
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Do not fold the whole journal anew at the end
    #[arg(long)]
    no_verify: bool,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of the process that takes.
#[derive(clap::Args)]
pub(in crate::cli) struct Side {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// The batch
    #[arg(long)]
    batch: RecordId,
    /// The list
    #[arg(long)]
    file: PathBuf,
}

/// Ends the process with the measurement, however that ends.
struct Taker(Child);

impl Taker {
    fn begin(node: &Path, batch: RecordId, file: &Path) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "takeover-side", "--batch", &batch.to_string()]);
        command.arg("--dir").arg(node).arg("--file").arg(file);
        Ok(Self(command.spawn()?))
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one story, from the list to the last check"
)]
pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(&args.dir)?;
    let (folder, list) = (args.dir.join("node"), args.dir.join("former.csv"));
    let node = Node::init_demo(&folder, None)?;
    load::prepare(&node.registry)?;
    let before = node.registry.entries()?;
    write_list(&list, args.rows)?;
    let staff = Staff::new(PLACES[0]);
    let (issuer, approver) = (staff.issuer(), staff.approver());

    let began = Instant::now();
    let plan = Plan::guess(&open_header(File::open(&list)?)?.1);
    let summary = check(&node.registry, &plan, &list)?;
    let checked = began.elapsed();
    wanted("good rows", summary.good, args.rows.into())?;

    let (r, now) = (&node.registry, clock::now());
    let sha256 = Hashing::new(File::open(&list)?).finish()?;
    let takeover = r.bring_takeover(None, &plan.to_json(), issuer, now)?;
    let batch = r.propose_takeover(takeover, &sha256, args.rows, issuer, now)?;
    r.release_batch(batch, approver, now)?;

    let done = || Ok::<_, Box<dyn Error>>(r.takeover(takeover, &issuer.office)?.rows);
    let began = Instant::now();
    let mut first = Taker::begin(&folder, batch, &list)?;
    let interrupted = loop {
        let rows = done()?;
        if rows >= args.rows / 2 {
            break rows;
        }
        if let Some(ended) = first.0.try_wait()? {
            return Err(format!("the first process ended by itself: {ended}").into());
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    // SIGKILL: it can tidy nothing up.
    first.0.kill()?;
    first.0.wait()?;
    let (killed, at_kill) = (began.elapsed(), done()?);
    let mut second = Taker::begin(&folder, batch, &list)?;
    let ended = second.0.wait()?;
    let taken = began.elapsed();
    if !ended.success() {
        return Err(format!("the second process ended with {ended}").into());
    }

    wanted("rows decided on", done()?.into(), args.rows.into())?;
    wanted("people", r.people()?, args.rows.into())?;
    // Proposed, released and closed, beside one for each certificate.
    let entries = r.entries()? - before;
    wanted("entries", entries, u64::from(args.rows) + 3)?;
    let mine = r.batches(issuer)?.into_iter().find(|b| b.id == batch);
    let word = mine.as_ref().map_or("", |b| b.word());
    if word != "complete" {
        return Err(format!("the batch is {word}").into());
    }
    let faults = if args.no_verify {
        None
    } else {
        let found = r.check(&mut |_, _| {})?;
        wanted("faults of the journal", found.faults.len() as u64, 0)?;
        Some(0)
    };
    let seconds = taken.as_secs_f64();
    let rate = f64::from(args.rows) / seconds;
    if args.json {
        return print(&json!({
            "rows": args.rows, "check_seconds": checked.as_secs_f64(), "seconds": seconds,
            "per_second": rate, "killed_at": at_kill, "faults": faults,
        }));
    }
    say(&format!(
        "{} rows: checked in {:.1} s; taken over in {seconds:.1} s, {rate:.0} a second, killed \
         after {:.1} s with {at_kill} (seen {interrupted}) and begun again; {} and none twice{}",
        args.rows,
        checked.as_secs_f64(),
        killed.as_secs_f64(),
        args.rows,
        if faults.is_some() {
            "; journal verified, 0 faults"
        } else {
            ""
        }
    ))
}

/// The process that takes: what `kecha takeover take` does, without an account.
pub(super) fn take(side: &Side) -> Result<(), Box<dyn Error>> {
    let node = Node::open(&side.dir)?;
    let staff = Staff::new(PLACES[0]);
    let by = staff.issuer();
    let takeover = node.registry.takeover_of(side.batch, &by.office)?;
    let mut batches = node.registry.batches(by)?.into_iter();
    let batch = batches.find(|b| b.id == side.batch).ok_or("no batch")?;
    if Hashing::new(File::open(&side.file)?).finish()? != batch.sha256 {
        return Err("another file".into());
    }
    let reading = Reading::begin(
        File::open(&side.file)?,
        Plan::from_json(&takeover.plan),
        node.registry.catalogue().clone(),
        clock::today(),
        takeover.position,
    );
    let mut taking = Taking::new(takeover.id, by.clone(), reading);
    while taking.step(&node.registry, clock::now())? {}
    Ok(())
}

fn check(registry: &Registry, plan: &Plan, list: &Path) -> Result<Summary, Box<dyn Error>> {
    let today = clock::today();
    let catalogue = registry.catalogue().clone();
    let reading = Reading::begin(File::open(list)?, plan.clone(), catalogue, today, 0);
    let format = crate::papers::sheet::Format::Csv;
    let mut checking = Checking::new(reading, plan.clone(), today, format, std::io::sink())?;
    while checking.step(registry)? {}
    Ok(checking.finish()?.0)
}

fn write_list(list: &Path, rows: u32) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create_new(list)?);
    writeln!(out, "{}", Field::ALL.map(Field::code).join(","))?;
    for number in 0..rows {
        let row = load::former(1, number.into());
        let person = people::person(1, number.into());
        let sex = match person.sex {
            domain::person::Sex::Male => "male",
            domain::person::Sex::Female => "female",
        };
        writeln!(
            out,
            "{},{sex},resident_id,{},{},{},{},{},",
            person.name.expose(),
            person.document.expose(),
            row.item.as_str(),
            row.first_issued,
            row.valid_from,
            row.valid_until
        )?;
    }
    Ok(out.flush()?)
}

fn wanted(what: &str, found: u64, wanted: u64) -> Result<(), Box<dyn Error>> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}: {found}, wanted {wanted}").into())
    }
}
