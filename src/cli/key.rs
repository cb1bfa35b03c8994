//! `kecha key`: keys of programs that query instead of people with a captcha.

use std::error::Error;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::office::Role;

use super::ask::{As, Folder, say};
use crate::{clock::Chance, node::Node};

/// Arguments of `kecha key`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Admit a program: its key is printed once, and only its digest is kept
    Add {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Whose program it is
        #[arg(long)]
        label: String,
    },
    /// Print the keys: number, label, whether in force
    List {
        #[command(flatten)]
        folder: Folder,
    },
    /// End a key; a running server knows it within a minute
    End {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its number, as the list prints it
        key: String,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    match args {
        Args::Add { folder, by, label } => {
            let node = folder.open()?;
            keeper(&node, by)?;
            if label.trim().is_empty() {
                return Err("--label: write whose program it is".into());
            }
            let secret = URL_SAFE_NO_PAD.encode(Chance::system().bytes::<32>());
            let key = format!("kecha_{secret}");
            node.registry.admit_key(&key, label)?;
            say(&key)
        }
        Args::List { folder } => {
            for key in folder.open()?.registry.program_keys()? {
                let word = if key.ended { "ended" } else { "in force" };
                say(&format!("{}\t{}\t{word}", key.number, key.label))?;
            }
            Ok(())
        }
        Args::End { folder, by, key } => {
            let node = folder.open()?;
            keeper(&node, by)?;
            node.registry.end_key(key)?;
            say(&format!("ended {key}"))
        }
    }
}

fn keeper(node: &Node, by: &As) -> Result<(), Box<dyn Error>> {
    if by.sign_in(node)?.roles.contains(&Role::SystemAdmin) {
        Ok(())
    } else {
        Err("only an account with the role system_admin keeps the keys of programs".into())
    }
}
