//! `kecha feed`: the keys two nodes exchange, how far each copy reaches, and the way back of what
//! stands still.

use std::{error::Error, sync::Arc};

use domain::refusal::Refusal;

use super::{
    ask::{As, Folder, bar, json, say, words},
    node::nation,
};
use crate::{
    clock,
    node::Node,
    registry::{self, Alarm, Quarantined},
    sync::{province, tls::Identity},
};

/// Arguments of `kecha feed`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Print the keys that the other end writes into its settings
    Key {
        #[command(flatten)]
        folder: Folder,
    },
    /// Print how far the copy of each followed province reaches, what stands still, and what is in
    /// quarantine
    Status {
        #[command(flatten)]
        folder: Folder,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Let a province's feed go on that stands still, or this node itself: an admin's decision,
    /// which goes into the journal
    Resume {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// The province's code; this node itself when it is left out
        province: Option<String>,
        /// Why it may go on: what was found, and what was done
        #[arg(long)]
        ground: String,
    },
    /// At a province: take back from the nation's copy what this node signed and lost
    Recover {
        #[command(flatten)]
        folder: Folder,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    match args {
        Args::Key { folder } => {
            let registry = folder.open()?.registry;
            let line = Identity::from_seed(registry.line_seed()).public();
            say(&format!("line_key = \"{line}\""))?;
            say(&format!("log_key = \"{}\"", registry.log_key()))?;
            say(&format!("witness_key = \"{}\"", registry.witness_key()))
        }
        Args::Status {
            folder,
            json: as_json,
        } => {
            let node = folder.open()?;
            if *as_json { status(&node) } else { told(&node) }
        }
        Args::Resume {
            folder,
            by,
            province,
            ground,
        } => {
            let node = folder.open()?;
            let officer = by.sign_in(&node)?;
            let province = province.as_deref();
            let hold = resume(&node, province, ground, &officer)?;
            let key = match province {
                Some(_) => "cli-feed-resumed",
                None => "cli-node-resumed",
            };
            let why = word("feed-hold", hold.code());
            let province = province.unwrap_or_default();
            say(&words().with(key, &[("province", province), ("why", &why)]))
        }
        Args::Recover { folder } => recover(folder.open()?),
    }
}

fn resume(
    node: &Node,
    province: Option<&str>,
    ground: &str,
    officer: &registry::Officer,
) -> Result<registry::Hold, Box<dyn Error>> {
    let done = node
        .registry
        .resume_feed(province, ground, officer, clock::now());
    done.map_err(|error| match error {
        registry::Error::NotFound => "no province of that code is followed here".into(),
        registry::Error::Refused(Refusal::WrongState) => "it does not stand still".into(),
        registry::Error::Refused(refusal) => word("refusal", refusal.code()).into(),
        other => other.into(),
    })
}

fn recover(node: Node) -> Result<(), Box<dyn Error>> {
    let config = node.config.as_ref().and_then(|c| c.nation.clone());
    let config = config.ok_or("`kecha.toml` names no nation to take anything back from")?;
    let identity = Identity::from_seed(node.registry.line_seed());
    let to = nation(&config, &identity)?;
    let bar = bar();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let registry = Arc::new(node.registry);
    let done = runtime.block_on(province::recover(
        registry,
        &to.client,
        &to.witness,
        &mut |has| bar.set_position(has),
    ));
    bar.finish_and_clear();
    let (had, has) = done?;
    let (taken, has) = ((has - had).to_string(), has.to_string());
    say(&words().with("cli-recovered", &[("n", &taken), ("entries", &has)]))
}

/// The sentence of a code.
fn word(prefix: &str, code: &str) -> String {
    words().say(&format!("{prefix}-{}", code.replace('_', "-")))
}

fn alarm(alarm: &Alarm) -> serde_json::Value {
    serde_json::json!({ "hold": alarm.hold.code(), "held_since": alarm.since })
}

fn status(node: &Node) -> Result<(), Box<dyn Error>> {
    let registry = &node.registry;
    let alarms = registry.alarms()?;
    let feeds: Vec<_> = registry
        .watermarks()?
        .iter()
        .map(|m| {
            serde_json::json!({
                "province": m.code,
                "entries": m.entries,
                "complete_to": m.complete_to,
                "hold": m.hold.map(|(hold, _)| hold.code()),
                "held_since": m.hold.map(|(_, since)| since),
                "quarantined": m.quarantined,
            })
        })
        .collect();
    let quarantine: Vec<_> = registry
        .quarantine()?
        .iter()
        .map(|q| {
            serde_json::json!({
                "province": q.province,
                "entry": q.entry,
                "record": q.record,
                "refusal": q.refusal,
                "at": q.at,
                "seen": q.is_seen,
            })
        })
        .collect();
    json(&serde_json::json!({
        "own": {
            "entries": registry.entries()?,
            "cosigned": registry.acknowledged()?.map(|(size, _)| size),
            "stands_still": alarms.own.as_ref().map(alarm),
            "held_by_nation": alarms.told.as_ref().map(alarm),
        },
        "feeds": feeds,
        "quarantine": quarantine,
    }))
}

fn told(node: &Node) -> Result<(), Box<dyn Error>> {
    let registry = &node.registry;
    let alarms = registry.alarms()?;
    let since = |key: &str, of: &str, alarm: &Alarm| {
        let why = word(&format!("{of}-hold"), alarm.hold.code());
        let todo = word(&format!("{of}-todo"), alarm.hold.code());
        let time = alarm.since.to_string();
        words().with(key, &[("time", &time), ("why", &why), ("todo", &todo)])
    };
    if let Some(own) = &alarms.own {
        say(&since("cli-node-still", "feed", own))?;
        say(&words().say("standstill-todo"))?;
    }
    if let Some(told) = &alarms.told {
        say(&since("cli-held-by-nation", "told", told))?;
    }
    if let Some((size, _)) = registry.acknowledged()? {
        let (entries, size) = (registry.entries()?.to_string(), size.to_string());
        let values = [("entries", entries.as_str()), ("cosigned", &size)];
        say(&words().with("cli-own-journal", &values))?;
    }
    for m in registry.watermarks()? {
        let state = match m.hold {
            Some((hold, at)) => since(
                "cli-feed-held",
                "feed",
                &Alarm {
                    province: m.code.clone(),
                    hold,
                    since: at,
                },
            ),
            None => words().say("cli-feed-flows"),
        };
        let (entries, time) = (m.entries.to_string(), m.complete_to.to_string());
        let aside = m.quarantined.to_string();
        let values = [
            ("province", m.code.as_str()),
            ("entries", &entries),
            ("time", &time),
            ("aside", &aside),
        ];
        say(&format!("{}\t{state}", words().with("cli-feed", &values)))?;
    }
    for q in registry.quarantine()? {
        say(&set_aside(&q))?;
    }
    Ok(())
}

fn set_aside(q: &Quarantined) -> String {
    let entry = q.entry.to_string();
    let record = q.record.map_or_else(|| "–".to_owned(), |r| r.to_string());
    let why = word("refusal", &q.refusal);
    let place = if q.province.is_empty() {
        words().say("feeds-abroad")
    } else {
        q.province.clone()
    };
    let values = [
        ("place", place.as_str()),
        ("entry", &entry),
        ("record", &record),
        ("code", &q.refusal),
        ("why", &why),
    ];
    format!("{}\t{}", words().with("cli-set-aside", &values), q.at)
}
