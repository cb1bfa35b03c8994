//! `kecha pack`: versions of the law's limits and of the catalogue, from files. One officer proposes,
//! another approves.

use std::{error::Error, path::PathBuf};

use domain::{
    publication::{Content, Proposal},
    record::RecordId,
};
use sha2::{Digest, Sha256};

use super::ask::{As, Folder, line, read, say, words};
use crate::{clock, packs};

/// Arguments of `kecha pack`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Say everything that is wrong with a file beside what is in force; changes nothing
    Check {
        #[command(flatten)]
        folder: Folder,
        /// The file, TOML
        file: PathBuf,
    },
    /// Propose what a file says; prints the record and the file's SHA-256
    Propose {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// The file, TOML
        file: PathBuf,
    },
    /// Approve what another officer has proposed
    Approve {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its record
        pack: RecordId,
    },
    /// Take back what is not approved yet. The reason is read from standard input, one line
    Withdraw {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its record
        pack: RecordId,
    },
    /// List what was published here and in the provinces that are followed: province, record,
    /// kind, name, first day, state, SHA-256
    List {
        #[command(flatten)]
        folder: Folder,
    },
    /// Print one in the form of its file: by its record, or one of the program's own, such as
    /// R19-1.toml, which a node is not needed for
    Show {
        #[command(flatten)]
        folder: Folder,
        /// Its record, or the name of a shipped file
        pack: String,
    },
}

pub(super) fn run(command: &Args) -> Result<(), Box<dyn Error>> {
    let now = clock::now();
    match command {
        Args::Check { folder, file } => check(folder, file),
        Args::Propose { folder, by, file } => {
            let (content, sha256) = content(file)?;
            check(folder, file)?;
            let node = folder.open()?;
            let by = by.sign_in(&node)?;
            let proposal = Proposal { content, sha256 };
            let sha256 = proposal.sha256.clone();
            let id = node.registry.propose_publication(proposal, &by, now)?;
            say(&format!("{id}\t{sha256}"))
        }
        Args::Approve { folder, by, pack } => {
            let node = folder.open()?;
            let by = by.sign_in(&node)?;
            node.registry.approve_publication(*pack, &by, now)?;
            say(&format!("{pack}\tapproved"))
        }
        Args::Withdraw { folder, by, pack } => {
            let node = folder.open()?;
            let by = by.sign_in(&node)?;
            let ground = line("reason: ")?;
            let registry = &node.registry;
            registry.withdraw_publication(*pack, &ground, &by, now)?;
            say(&format!("{pack}\twithdrawn"))
        }
        Args::List { folder } => list(folder),
        Args::Show { folder, pack } => show(folder, pack),
    }
}

/// What a file says, and its digest.
fn content(file: &std::path::Path) -> Result<(Content, String), Box<dyn Error>> {
    let bytes = read(file)?;
    let shown = file.display();
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{shown}: is not UTF-8"))?;
    let content = packs::read(text).map_err(|e| format!("{shown}: {e}"))?;
    Ok((content, packs::hex(&Sha256::digest(&bytes))))
}

fn check(folder: &Folder, file: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let (content, _) = content(file)?;
    let registry = folder.open()?.registry;
    let faults = registry.publication_faults(&content, clock::today())?;
    if faults.is_empty() {
        return Ok(());
    }
    let faults = faults.iter().map(|fault| {
        let key = format!("pack-fault-{}", fault.code.replace('_', "-"));
        format!("{}: {}", fault.place, words().say(&key))
    });
    let faults: Vec<String> = faults.collect();
    Err(format!("{}\n{}", file.display(), faults.join("\n")).into())
}

fn list(folder: &Folder) -> Result<(), Box<dyn Error>> {
    for (name, text) in packs::SHIPPED {
        let digest = packs::hex(&Sha256::digest(text.as_bytes()));
        say(&format!("\t\tshipped\t{name}\t\tin force\t{digest}"))?;
    }
    for one in folder.open()?.registry.publications()? {
        let (p, content) = (&one.publication, &one.publication.proposal.content);
        let from = content.from().map(|day| day.to_string());
        say(&format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            one.province,
            p.id,
            content.word(),
            packs::name(content),
            from.unwrap_or_default(),
            p.word(),
            p.proposal.sha256
        ))?;
    }
    Ok(())
}

fn show(folder: &Folder, pack: &str) -> Result<(), Box<dyn Error>> {
    if let Some((_, text)) = packs::SHIPPED.iter().find(|(name, _)| *name == pack) {
        return say(text.trim_end());
    }
    let id: RecordId = pack.parse()?;
    let (publication, _) = folder.open()?.registry.publication(id)?;
    say(packs::write(&publication.proposal.content).trim_end())
}
