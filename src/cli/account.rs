//! `kecha account`: accounts of officers.

use std::error::Error;

use domain::office::Role;

use super::ask::{As, Folder, new_password, say};
use crate::registry::{Account, Officer};

/// Arguments of `kecha account`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Open an account; its password is asked for, or read from KECHA_NEW_PASSWORD
    Add(Box<Add>),
    /// Give an account another password; it is asked for, or read from KECHA_NEW_PASSWORD. The
    /// officer of the account may, and whoever has the role security_admin
    Password {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Login of the account
        login: String,
    },
    /// Close an account for good
    Close {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Login of the account
        login: String,
    },
    /// Print the accounts
    List {
        #[command(flatten)]
        folder: Folder,
    },
}

/// Arguments of `kecha account add`.
#[derive(clap::Args)]
pub(super) struct Add {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    by: As,
    /// Login of the new account
    #[arg(long)]
    login: String,
    /// The officer's name
    #[arg(long)]
    name: String,
    /// The code of the office
    #[arg(long)]
    office: String,
    /// Role codes, such as reviewer,approver
    #[arg(long, value_delimiter = ',')]
    roles: Vec<String>,
}

pub(super) fn run(command: &Args) -> Result<(), Box<dyn Error>> {
    match command {
        Args::List { folder } => {
            for a in folder.open()?.registry.accounts()? {
                let roles: Vec<_> = a.roles.iter().map(|r| r.code()).collect();
                say(&format!(
                    "{}\t{}\t{}\t{}",
                    a.login,
                    a.office,
                    a.name,
                    roles.join(" ")
                ))?;
            }
            Ok(())
        }
        Args::Password { folder, by, login } => {
            let node = folder.open()?;
            let officer = by.sign_in(&node)?;
            if officer.login != *login {
                keeper(&officer)?;
            }
            node.registry.set_password(login, &new_password()?)?;
            say(&format!("changed {login}; its browsers are signed out"))
        }
        Args::Close { folder, by, login } => {
            let node = folder.open()?;
            let officer = by.sign_in(&node)?;
            keeper(&officer)?;
            if officer.login == *login {
                return Err(
                    "an account does not close itself: let another security_admin do it".into(),
                );
            }
            node.registry.close_account(login)?;
            say(&format!("closed {login}"))
        }
        Args::Add(args) => add(args),
    }
}

fn add(args: &Add) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    keeper(&by)?;
    let office = args.office.as_str().into();
    // Whoever keeps the node is of no office of the directory.
    if by.office != office && node.registry.office(&office).is_none() {
        return Err(format!("--office: the directory has no office {office}").into());
    }
    let roles: Result<Vec<Role>, String> = args.roles.iter().map(|r| role(r)).collect();
    let officer = Officer {
        login: args.login.clone(),
        name: args.name.clone(),
        office,
        roles: roles?,
    };
    let password = new_password()?;
    node.registry.open_account(&Account {
        officer,
        password: &password,
    })?;
    say(&format!("opened {}", args.login))
}

fn keeper(officer: &Officer) -> Result<(), Box<dyn Error>> {
    if officer.roles.contains(&Role::SecurityAdmin) {
        Ok(())
    } else {
        Err("only an account with the role security_admin keeps accounts".into())
    }
}

fn role(code: &str) -> Result<Role, String> {
    Role::from_code(code).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.iter().map(|r| r.code()).collect();
        format!("--roles: {code} is none of {}", all.join(", "))
    })
}
