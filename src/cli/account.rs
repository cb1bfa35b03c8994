//! `kecha account`: accounts of officers.

use std::error::Error;

use domain::office::Role;

use super::ask::{As, Folder, new_password, say};
use crate::{
    clock,
    node::Node,
    registry::{Account, Duty, Officer},
};

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
    /// Grant a role
    Grant(Change),
    /// Take a role back
    Withdraw(Change),
    /// Open an account again that failures to sign in have locked
    Unlock {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Login of the account
        login: String,
    },
    /// Take the second factor away, as when the telephone is lost; the officer enrols another at the
    /// next sign-in
    ResetFactor {
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

/// Arguments of `kecha account grant` and `kecha account withdraw`.
#[derive(clap::Args)]
pub(super) struct Change {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    by: As,
    /// Login of the account
    login: String,
    /// Role code, such as reviewer
    role: String,
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
                above(&node, &officer, login)?;
            }
            let password = new_password()?;
            node.registry
                .set_password(login, &password, &officer.login, clock::now())?;
            say(&format!("changed {login}; its browsers are signed out"))
        }
        Args::Close { folder, by, login } => {
            change(&folder.open()?, by, login, Duty::Close)?;
            say(&format!("closed {login}"))
        }
        Args::Grant(c) => {
            let role = role(&c.role)?;
            change(&c.folder.open()?, &c.by, &c.login, Duty::Grant(role))?;
            say(&format!("{} is {}", c.login, role.code()))
        }
        Args::Withdraw(c) => {
            let role = role(&c.role)?;
            change(&c.folder.open()?, &c.by, &c.login, Duty::Withdraw(role))?;
            say(&format!("{} is {} no more", c.login, role.code()))
        }
        Args::Unlock { folder, by, login } => {
            let node = folder.open()?;
            let officer = by.sign_in(&node)?;
            above(&node, &officer, login)?;
            node.registry.unlock(login, &officer.login, clock::now())?;
            say(&format!("unlocked {login}"))
        }
        Args::ResetFactor { folder, by, login } => {
            change(&folder.open()?, by, login, Duty::ResetFactor)?;
            say(&format!("{login} has no second factor any more"))
        }
        Args::Add(args) => add(args),
    }
}

fn add(args: &Add) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
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
    let account = Account {
        officer,
        password: &password,
    };
    node.registry
        .open_account(&account, Some(&by), clock::now())?;
    say(&format!("opened {}", args.login))
}

/// Does something to an account that its record keeps.
fn change(node: &Node, by: &As, login: &str, what: Duty) -> Result<(), Box<dyn Error>> {
    let officer = by.sign_in(node)?;
    let now = clock::now();
    Ok(node.registry.change_account(login, what, &officer, now)?)
}

/// Whether an officer keeps the account of another: what no event records asks here.
fn above(node: &Node, officer: &Officer, login: &str) -> Result<(), Box<dyn Error>> {
    if !officer.roles.contains(&Role::SecurityAdmin) {
        return Err("only an account with the role security_admin keeps accounts".into());
    }
    let account = node.registry.officer(login)?;
    Ok(node
        .registry
        .stands_above(&officer.office, &account.office)?)
}

fn role(code: &str) -> Result<Role, String> {
    Role::from_code(code).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.iter().map(|r| r.code()).collect();
        format!("--roles: {code} is none of {}", all.join(", "))
    })
}
