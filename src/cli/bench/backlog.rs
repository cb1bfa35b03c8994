//! `kecha bench backlog`: a nation takes in a province's whole journal over the real line, each in
//! a process of its own, and the most memory either of them held.

use std::{
    error::Error,
    fs,
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use tokio::{net::TcpListener, runtime::Runtime, time::sleep};

use super::{
    super::{
        ask::{bar, say},
        node::{Lines, work},
        serve::start_log,
    },
    pair,
};
use crate::{
    config::{NationConfig, ProvinceConfig},
    node::Node,
};

/// Arguments of `kecha bench backlog`.
#[derive(clap::Args)]
pub(in crate::cli) struct Args {
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

/// Arguments of the province's process.
#[derive(clap::Args)]
pub(in crate::cli) struct Side {
    /// Its folder
    #[arg(long)]
    dir: PathBuf,
    /// What it knows of the nation, as JSON
    #[arg(long)]
    nation: String,
}

/// Ends the province with the measurement, however that ends.
struct Province(Child);

impl Drop for Province {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    start_log();
    let (from, all) = {
        let province = Node::open(&args.dir)?.registry;
        if province.acknowledged()?.is_some() {
            // It would rightly take the new nation for one that lost its copy, and stand still.
            return Err("this province has fed a nation already: fill another with `load`".into());
        }
        (pair::province(&province), province.entries()?)
    };
    let postgres = args.database.as_deref().zip(args.owner_url.as_deref());
    let nation = Node::init_demo(&args.into, postgres)?;
    Runtime::new()?.block_on(measure(args, nation, from, all))
}

/// The province's process: sends until it is killed.
pub(super) fn province(side: &Side) -> Result<(), Box<dyn Error>> {
    start_log();
    let node = Node::open(&side.dir)?;
    let to: NationConfig = serde_json::from_str(&side.nation)?;
    let lines = Lines {
        nation: Some(to),
        follows: None,
    };
    Runtime::new()?.block_on(async {
        let _working = work(node, lines).await?;
        std::future::pending().await
    })
}

async fn measure(
    args: &Args,
    nation: Node,
    from: ProvinceConfig,
    all: u64,
) -> Result<(), Box<dyn Error>> {
    let calls = TcpListener::bind("127.0.0.1:0").await?;
    let mut command = Command::new(std::env::current_exe()?);
    let to = serde_json::to_string(&pair::nation(&nation.registry, calls.local_addr()?))?;
    command.args(["bench", "backlog-province", "--nation", &to]);
    command.arg("--dir").arg(&args.dir);
    let lines = Lines {
        nation: None,
        follows: Some((calls, vec![from])),
    };
    let nation = work(nation, lines).await?;
    let began = Instant::now();
    let province = Province(command.spawn()?);
    let bar = bar();
    bar.set_length(all);
    let mut there = 0;
    while there < all {
        sleep(Duration::from_millis(20)).await;
        let registry = nation.app.registry.clone();
        let marks = tokio::task::spawn_blocking(move || registry.watermarks()).await??;
        let Some(mark) = marks.first() else { continue };
        if let Some((hold, _)) = mark.hold {
            return Err(format!("on hold: {}", hold.code()).into());
        }
        there = mark.entries;
        bar.set_position(there);
    }
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let rate = all as f64 / seconds;
    let province = most_memory(&province.0.id().to_string())?;
    say(&format!(
        "{all} events in {seconds:.1} s, {rate:.0} a second; most memory: province {} MB, nation \
         {} MB",
        province,
        most_memory("self")?,
    ))
}

/// The most memory a process has held so far, in MB (Linux, `VmHWM`).
fn most_memory(process: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line
        .and_then(|l| l.trim().strip_suffix(" kB"))
        .ok_or("no VmHWM in its status")?;
    Ok(kib.trim().parse::<u64>()? * 1_024 / 1_000_000)
}
