//! `kecha key`: keys of programs that query instead of people with a captcha, and of programs that
//! act for an office.

use std::error::Error;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::office::Role;
use jiff::SignedDuration;

use super::ask::{As, Folder, say};
use crate::{
    clock::{self, Chance},
    node::Node,
    registry::NewProgram,
};

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
    /// Make a key for a program that acts for an office: it is printed once
    Make {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Whose program it is
        #[arg(long)]
        label: String,
        /// The code of the office
        #[arg(long)]
        office: String,
        /// Its roles, separated by commas: `institution_clerk` or `acceptance_officer`
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<String>,
        /// So many days it is in force
        #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u16).range(1..=400))]
        days: u16,
    },
    /// Print the keys of programs that act for an office
    Made {
        #[command(flatten)]
        folder: Folder,
    },
    /// End such a key at once
    Unmake {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its number, as the list prints it
        number: String,
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
        Args::Make {
            folder,
            by,
            label,
            office,
            roles,
            days,
        } => {
            let node = folder.open()?;
            let by = by.sign_in(&node)?;
            let mut known = Vec::with_capacity(roles.len());
            for role in roles {
                let role = Role::from_code(role);
                known.push(role.ok_or("--roles: no such role; see docs/permissions.md")?);
            }
            let now = clock::now();
            let new = NewProgram {
                label: label.clone(),
                office: office.as_str().into(),
                roles: known,
                expires: now + SignedDuration::from_hours(24 * i64::from(*days)),
            };
            say(&node.registry.make_office_key(&new, &by, now)?)
        }
        Args::Made { folder } => made(&folder.open()?),
        Args::Unmake { folder, by, number } => {
            let node = folder.open()?;
            let by = by.sign_in(&node)?;
            node.registry.end_office_key(number, &by, clock::now())?;
            say(&format!("ended {number}"))
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

fn made(node: &Node) -> Result<(), Box<dyn Error>> {
    let now = clock::now();
    for key in node.registry.office_keys()? {
        let word = match (key.ended, key.expires <= now) {
            (true, _) => "ended",
            (false, true) => "expired",
            (false, false) => "in force",
        };
        let officer = &key.officer;
        let roles: Vec<_> = officer.roles.iter().map(|role| role.code()).collect();
        let until = domain::event::legal_day(key.expires);
        say(&format!(
            "{}\t{}\t{}\t{}\t{word}\tuntil {until}",
            key.number,
            officer.office,
            roles.join(","),
            officer.name
        ))?;
    }
    Ok(())
}

fn keeper(node: &Node, by: &As) -> Result<(), Box<dyn Error>> {
    if by.sign_in(node)?.roles.contains(&Role::SystemAdmin) {
        Ok(())
    } else {
        Err("only an account with the role system_admin keeps the keys of programs".into())
    }
}
