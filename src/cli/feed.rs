//! `kecha feed`: the keys two nodes exchange, how far each copy reaches, and the way back of what
//! stands still.

use std::{error::Error, sync::Arc, time::Duration};

use domain::refusal::Refusal;
use tokio::sync::Notify;

use super::{
    ask::{As, Folder, bar, json, say, words},
    node::{caller, nation},
};
use crate::{
    clock,
    node::Node,
    registry::{self, Alarm, Compared, Difference, Outcome, Quarantined, Registry},
    sync::{comparison, province, tls::Identity},
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
    /// Let a province's feed go on that stands still, or this node itself: a system_admin's decision,
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
    /// Compare counts and roots of nation and province now, each side by its own rows
    Compare {
        /// At the nation: the code of a province; every one when it is left out
        province: Option<String>,
        #[command(flatten)]
        folder: Folder,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// How long the nation waits until a province has called and both have counted.
const WAITS: Duration = Duration::from_secs(300);

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    match args {
        Args::Key { folder } => {
            let registry = folder.open()?.registry;
            let line = Identity::from_seed(registry.line_seed()).public();
            say(&format!("line_key = \"{line}\""))?;
            say(&format!("log_key = \"{}\"", registry.log_key()))?;
            say(&format!("witness_key = \"{}\"", registry.witness_key()))
        }
        Args::Compare {
            province,
            folder,
            json,
        } => compare(folder.open()?, province.as_deref(), *json),
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
    let to = nation(&config, &identity, Arc::new(Notify::new()))?;
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

fn compare(node: Node, province: Option<&str>, as_json: bool) -> Result<(), Box<dyn Error>> {
    let compared = match node.config.as_ref().and_then(|c| c.nation.clone()) {
        Some(_) if province.is_some() => {
            return Err("a province compares its own journal: name no other".into());
        }
        Some(nation) => {
            let identity = Identity::from_seed(node.registry.line_seed());
            let registry = Arc::new(node.registry);
            let runtime = tokio::runtime::Runtime::new()?;
            let outcome = runtime.block_on(async {
                let client = caller(&nation, &identity)?;
                let done = comparison::compare(&registry, &client).await;
                done.map_err(Box::<dyn Error>::from)
            })?;
            vec![Compared {
                province: String::new(),
                at: clock::now(),
                outcome,
            }]
        }
        None => called_for(&node.registry, province)?,
    };
    if as_json {
        json(&compared)?;
    } else {
        for of in &compared {
            tell(of)?;
        }
    }
    if compared.iter().all(|of| of.outcome.differences.is_empty()) {
        Ok(())
    } else {
        Err("nation and province differ".into())
    }
}

/// Leaves word, and waits until the provinces have called.
fn called_for(
    registry: &Registry,
    province: Option<&str>,
) -> Result<Vec<Compared>, Box<dyn Error>> {
    let codes: Vec<String> = match province {
        Some(code) => vec![code.to_owned()],
        None => registry.watermarks()?.into_iter().map(|m| m.code).collect(),
    };
    if codes.is_empty() {
        return Err("this node follows no province, and its settings name no nation".into());
    }
    let since: Vec<Compared> = registry.comparisons()?;
    for code in &codes {
        let wished = registry.wish_comparison(code);
        wished.map_err(|_| format!("no province {code} is followed here"))?;
    }
    let bar = bar();
    bar.set_message("a province calls every 20 seconds");
    bar.set_length(codes.len() as u64);
    let began = std::time::Instant::now();
    loop {
        let now: Vec<Compared> = registry
            .comparisons()?
            .into_iter()
            .filter(|of| codes.contains(&of.province) && !since.contains(of))
            .collect();
        bar.set_position(now.len() as u64);
        if now.len() == codes.len() {
            bar.finish_and_clear();
            return Ok(now);
        }
        if began.elapsed() > WAITS {
            return Err(format!(
                "{} of {} provinces called within five minutes: is the server running, and is \
                 each of them?",
                now.len(),
                codes.len()
            )
            .into());
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

fn tell(of: &Compared) -> Result<(), Box<dyn Error>> {
    let Outcome {
        size,
        set_aside,
        differences,
        more,
    } = &of.outcome;
    let name = if of.province.is_empty() {
        "own journal"
    } else {
        &of.province
    };
    say(&format!(
        "{name}\tcompared {}\t{size} entries\t{set_aside} in quarantine\t{} differences",
        of.at,
        differences.len()
    ))?;
    for difference in differences {
        say(&format!("    {}", in_words(difference)))?;
    }
    if *more {
        say("    and more records")?;
    }
    let entries =
        |d: &Difference| matches!(d, Difference::Entries { .. } | Difference::Short { .. });
    if differences.iter().any(entries) {
        say(
            "  keep both databases as they are; `kecha journal verify` on both says whose are changed",
        )?;
    } else if !differences.is_empty() {
        say(
            "  run `kecha journal verify` on both; `kecha journal rebuild` puts right the one it names",
        )?;
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

fn in_words(difference: &Difference) -> String {
    let none = || "no row".to_owned();
    match difference {
        Difference::Short { here, there } => format!("entries: {here} here, {there} there"),
        Difference::Entries { from, until } => {
            format!("entry {from} differs, and nothing from entry {until} on")
        }
        Difference::Count {
            rows,
            state,
            here,
            there,
        } => format!("{} {state}: {here} here, {there} there", rows.word()),
        Difference::Record {
            record,
            rows,
            here,
            there,
            entries,
        } => {
            let (here, there) = (here.clone().unwrap_or_else(none), there.clone());
            let places = entries.map_or_else(String::new, |(first, last)| {
                format!(" (entries {first} to {last})")
            });
            format!(
                "{} {record}{places}: {here} here, {} there",
                rows.word(),
                there.unwrap_or_else(none)
            )
        }
    }
}
