//! `kecha feed`: the keys two nodes exchange, and how far each copy reaches.

use std::{error::Error, sync::Arc, time::Duration};

use super::{
    ask::{Folder, bar, json, say},
    node::caller,
};
use crate::{
    clock,
    node::Node,
    registry::{Compared, Difference, Outcome, Registry},
    sync::{comparison, tls::Identity},
};

/// Arguments of `kecha feed`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Print the keys that the other end writes into its settings
    Key {
        #[command(flatten)]
        folder: Folder,
    },
    /// Print how far the copy of each followed province reaches
    Status {
        #[command(flatten)]
        folder: Folder,
        /// As JSON
        #[arg(long)]
        json: bool,
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
            let registry = folder.open()?.registry;
            let marks = registry.watermarks()?;
            if *as_json {
                let feeds = marks.iter().map(|m| {
                    serde_json::json!({
                        "province": m.code,
                        "entries": m.entries,
                        "complete_to": m.complete_to,
                        "hold": m.hold.map(|(hold, _)| hold.code()),
                        "held_since": m.hold.map(|(_, since)| since),
                        "quarantined": m.quarantined,
                    })
                });
                return json(&feeds.collect::<Vec<_>>());
            }
            if let Some((size, _)) = registry.acknowledged()? {
                say(&format!(
                    "own journal: {} entries, {size} cosigned",
                    registry.entries()?
                ))?;
            }
            for m in marks {
                let state = match m.hold {
                    Some((hold, since)) => format!("on hold since {since}: {}", hold.code()),
                    None => "flows".to_owned(),
                };
                say(&format!(
                    "{}\t{} entries\tcomplete to {}\t{} in quarantine\t{state}",
                    m.code, m.entries, m.complete_to, m.quarantined
                ))?;
            }
            Ok(())
        }
    }
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
