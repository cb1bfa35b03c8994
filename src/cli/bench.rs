//! `kecha bench`: fills a demonstration for measurements, and prints questions to ask it.
//!
//! An office's node is never filled with invented people.

mod backlog;
mod desk;
mod latency;
mod pair;

use std::{
    error::Error,
    io::{self, BufWriter, Write},
    path::PathBuf,
    time::Instant,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::ask::{bar, json as print, say};
use crate::{
    clock,
    demo::{load, people},
    node::{DEMO, Node},
    sync::wire,
};

/// Arguments of `kecha bench`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Fill a demonstration through the register
    Load(Load),
    /// Let a new nation follow a filled demonstration, without a network between
    Feed(Feed),
    /// The same over the real line, each in a process of its own, with the memory they take
    Backlog(backlog::Args),
    /// The province's side of `backlog`
    #[command(hide = true)]
    BacklogProvince(backlog::Side),
    /// Measure an authority's queues, with a million cases under way
    Desk(desk::Args),
    /// Measure from the issue in a province to the answer at the nation
    Latency(latency::Args),
    /// Print questions for people that `load` made, one JSON body a line
    Bodies(Bodies),
}

/// Arguments of `kecha bench load`.
#[derive(clap::Args)]
pub(super) struct Load {
    /// The demonstration's folder; made when it is not there
    #[arg(long, value_name = "FOLDER", default_value = "kecha-bench")]
    dir: PathBuf,
    /// So many people with their whole story, from the sheet to the delivered card
    #[arg(long, default_value_t = 0)]
    people: u64,
    /// So many certificates taken over from a former register, one event each
    #[arg(long, default_value_t = 0)]
    taken_over: u64,
    /// A new demonstration on PostgreSQL: the address with the server's role
    #[arg(long, requires = "owner_url")]
    database: Option<String>,
    /// The address with the role that shall own the tables
    #[arg(long)]
    owner_url: Option<String>,
    /// Another seed makes other people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of `kecha bench feed`.
#[derive(clap::Args)]
pub(super) struct Feed {
    /// The province: a demonstration that `load` filled
    #[arg(long, value_name = "FOLDER", default_value = "kecha-bench")]
    dir: PathBuf,
    /// The nation's folder, a new one
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// The nation on PostgreSQL: the address with the server's role
    #[arg(long, requires = "owner_url")]
    database: Option<String>,
    /// The address with the role that shall own the tables
    #[arg(long)]
    owner_url: Option<String>,
}

/// Arguments of `kecha bench bodies`.
#[derive(clap::Args)]
pub(super) struct Bodies {
    /// Of the first so many people
    #[arg(long)]
    people: u64,
    /// How many questions
    #[arg(long, default_value_t = 10_000)]
    count: u64,
    /// The seed they were made with
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    match args {
        Args::Load(args) => fill(args),
        Args::Feed(args) => feed(args),
        Args::Backlog(args) => backlog::run(args),
        Args::BacklogProvince(side) => backlog::province(side),
        Args::Desk(args) => desk::run(args),
        Args::Latency(args) => latency::run(args),
        Args::Bodies(args) => bodies(args),
    }
}

/// Reading and taking overlap, as they do between two nodes.
fn feed(args: &Feed) -> Result<(), Box<dyn Error>> {
    let province = Node::open(&args.dir)?.registry;
    let postgres = args.database.as_deref().zip(args.owner_url.as_deref());
    let nation = Node::init_demo(&args.into, postgres)?.registry;
    let key = province.log_key().parse().map_err(|e| format!("{e}"))?;
    let follows = nation.follow_province("91", key)?;
    let all = province.entries()?;
    let bar = bar();
    bar.set_length(all);
    let began = Instant::now();
    let (give, take) = std::sync::mpsc::sync_channel(2);
    let held = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut at = 0;
            while let Ok(Some(page)) = province.page(at, wire::MOST) {
                at = page.end();
                if give.send(wire::encode(&page)).is_err() {
                    return;
                }
            }
        });
        for bytes in take {
            let page = wire::decode(&bytes)?;
            let answer = nation.follow(&follows, &page, clock::now())?;
            if let Some(hold) = answer.hold {
                return Err(format!("on hold: {}", hold.code()).into());
            }
            bar.set_position(answer.entries);
        }
        Ok::<_, Box<dyn Error>>(())
    });
    held?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let rate = all as f64 / seconds;
    say(&format!(
        "{all} events in {seconds:.1} s, {rate:.0} a second"
    ))
}

fn fill(args: &Load) -> Result<(), Box<dyn Error>> {
    let node = if args.dir.join(DEMO).exists() {
        Node::open(&args.dir)?
    } else {
        let postgres = args.database.as_deref().zip(args.owner_url.as_deref());
        Node::init_demo(&args.dir, postgres)?
    };
    if !node.is_demo() {
        return Err("this is an office's node: it is not filled with invented people".into());
    }
    let key = load::prepare(&node.registry)?;
    let first = load::count(&node.registry)?;
    let told = [("people", args.people), ("taken_over", args.taken_over)];
    let mut figures = serde_json::Map::new();
    let mut next = first;
    for (what, count) in told.into_iter().filter(|(_, count)| *count > 0) {
        let bar = bar();
        bar.set_length(count);
        let began = Instant::now();
        let numbers = next..next + count;
        let mut progress = |done: u64| bar.set_position(done);
        let events = if what == "people" {
            load::stories(
                &node.registry,
                args.seed,
                numbers,
                clock::today(),
                &mut progress,
            )?
        } else {
            load::formers(
                &node.registry,
                args.seed,
                numbers,
                clock::now(),
                &mut progress,
            )?
        };
        next += count;
        let seconds = began.elapsed().as_secs_f64();
        bar.finish_and_clear();
        #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
        let rate = count as f64 / seconds;
        if !args.json {
            say(&format!(
                "{what}: {count} in {seconds:.1} s, {rate:.0} a second, {events} events"
            ))?;
        }
        let figure =
            json!({ "count": count, "seconds": seconds, "per_second": rate, "events": events });
        figures.insert(what.to_owned(), figure);
    }
    figures.insert("all".to_owned(), json!(next));
    figures.insert("api_key".to_owned(), json!(key));
    if args.json {
        print(&figures)
    } else {
        say(&format!("people in the store: {next}; API key {key}"))
    }
}

fn bodies(args: &Bodies) -> Result<(), Box<dyn Error>> {
    if args.people == 0 {
        return Err("--people: at least one".into());
    }
    let mut rng = StdRng::seed_from_u64(args.seed);
    let mut out = BufWriter::new(io::stdout().lock());
    for _ in 0..args.count {
        let person = people::person(args.seed, rng.random_range(0..args.people));
        let body = json!({
            "category": "special_operation",
            "doc_type": "resident_id",
            "doc_number": person.document.expose(),
            "name": person.name.expose(),
        });
        writeln!(out, "{body}")?;
    }
    out.flush()?;
    Ok(())
}
