//! `kecha feed`: the keys two nodes exchange, and how far each copy reaches.

use std::error::Error;

use super::ask::{Folder, json, say};
use crate::sync::tls::Identity;

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
