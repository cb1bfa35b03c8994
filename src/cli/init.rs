//! `kecha init`: makes the node of an office. `kecha office`, `kecha account`: its directory.

use std::error::Error;

use domain::office::{Authorisation, Office, OfficeKind, Role};
use jiff::civil::Date;

use super::ask::{As, Folder, day, say, secret};
use crate::{
    clock,
    config::Config,
    node::Node,
    registry::{Account, Officer},
};

/// Arguments of `kecha init`.
#[derive(clap::Args)]
pub(super) struct Init {
    #[command(flatten)]
    folder: Folder,
    /// Name of the office that runs the node
    #[arg(long)]
    name: String,
    /// Code of the province, two digits
    #[arg(long)]
    province: String,
    /// The official address of the site, https://…
    #[arg(long)]
    official_url: String,
    /// PostgreSQL address with the server's role; a file in the folder when absent
    #[arg(long)]
    database: Option<String>,
    /// PostgreSQL address with the role that shall own the tables
    #[arg(long)]
    owner_url: Option<String>,
    /// Login of the first account, which keeps the directory
    #[arg(long, default_value = "admin")]
    admin: String,
}

pub(super) fn init(args: &Init) -> Result<(), Box<dyn Error>> {
    let mut config = Config::new(&args.name, &args.province, &args.official_url);
    if let Some(database) = &args.database {
        config.database.clone_from(database);
    }
    let password = new_password()?;
    let node = Node::init(&args.folder.dir, &config, args.owner_url.as_deref())?;
    let officer = Officer {
        login: args.admin.clone(),
        name: args.admin.clone(),
        office: args.province.as_str().into(),
        roles: vec![Role::Admin],
    };
    node.registry.open_account(&Account {
        officer,
        password: &password,
    })?;
    say(&format!(
        "made {}; next: `kecha office add`, `kecha account add`, `kecha serve`",
        args.folder.dir.display()
    ))
}

fn new_password() -> Result<String, Box<dyn Error>> {
    let password = match std::env::var("KECHA_NEW_PASSWORD") {
        Ok(password) => password,
        Err(_) => secret("new password (at least 10 characters): ")?,
    };
    if password.chars().count() < 10 {
        return Err("the password must have at least 10 characters".into());
    }
    Ok(password)
}

/// Arguments of `kecha office`.
#[derive(clap::Subcommand)]
pub(super) enum OfficeCommand {
    /// Enter an institution or an authority
    Add(Box<OfficeAdd>),
    /// Print the directory
    List {
        #[command(flatten)]
        folder: Folder,
    },
}

/// Arguments of `kecha office add`.
#[derive(clap::Args)]
pub(super) struct OfficeAdd {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    by: As,
    /// Its code, such as 9101
    #[arg(long)]
    code: String,
    /// Its name, as printed
    #[arg(long)]
    name: String,
    /// What it is
    #[arg(long, value_parser = ["authority", "institution"])]
    kind: String,
    /// The telephone the public is given
    #[arg(long)]
    telephone: String,
    /// An institution: the code of the authority it reports to
    #[arg(long)]
    reports_to: Option<String>,
    /// An institution: items it may examine, such as 2.1,2.2
    #[arg(long, value_delimiter = ',')]
    items: Vec<String>,
    /// An institution: number of the authorising document
    #[arg(long, default_value = "")]
    authorisation: String,
    /// An institution: first day of the authorisation
    #[arg(long, value_parser = day)]
    from: Option<Date>,
    /// An institution: last day of the authorisation
    #[arg(long, value_parser = day)]
    until: Option<Date>,
}

pub(super) fn office(command: &OfficeCommand) -> Result<(), Box<dyn Error>> {
    match command {
        OfficeCommand::Add(args) => add(args),
        OfficeCommand::List { folder } => {
            for office in folder.open()?.registry.offices() {
                say(&format!(
                    "{}\t{}\t{}",
                    office.code, office.name, office.telephone
                ))?;
            }
            Ok(())
        }
    }
}

fn add(args: &OfficeAdd) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    let kind = if args.kind == "authority" {
        OfficeKind::Authority
    } else {
        OfficeKind::Institution
    };
    for code in &args.items {
        let known = node.registry.catalogue().item(&code.as_str().into());
        known.ok_or_else(|| format!("--items: the catalogue has no item {code}"))?;
    }
    let authorisation = match (kind, args.from, args.until) {
        (OfficeKind::Institution, Some(from), Some(until)) => Some(Authorisation {
            number: args.authorisation.clone(),
            items: args.items.iter().map(|i| i.as_str().into()).collect(),
            from,
            until,
        }),
        (OfficeKind::Institution, ..) => {
            return Err("an institution needs --from and --until".into());
        }
        (OfficeKind::Authority, ..) => None,
    };
    let office = Office {
        code: args.code.as_str().into(),
        name: args.name.clone(),
        kind,
        telephone: args.telephone.clone(),
        reports_to: args.reports_to.as_deref().map(Into::into),
        authorisation,
        suspended: None,
    };
    node.registry.enter_office(office, &by, clock::now())?;
    say(&format!("entered {}", args.code))
}

/// Arguments of `kecha account`.
#[derive(clap::Subcommand)]
pub(super) enum AccountCommand {
    /// Open an account; its password is asked for, or read from KECHA_NEW_PASSWORD
    Add {
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
    },
    /// Print the accounts
    List {
        #[command(flatten)]
        folder: Folder,
    },
}

pub(super) fn account(command: &AccountCommand) -> Result<(), Box<dyn Error>> {
    match command {
        AccountCommand::List { folder } => {
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
        AccountCommand::Add {
            folder,
            by,
            login,
            name,
            office,
            roles,
        } => {
            let node = folder.open()?;
            let admin = by.sign_in(&node)?;
            if !admin.roles.contains(&Role::Admin) {
                return Err("only an account with the role admin opens accounts".into());
            }
            if node.registry.office(&office.as_str().into()).is_none() {
                return Err(format!("--office: the directory has no office {office}").into());
            }
            let roles: Result<Vec<Role>, String> = roles.iter().map(|r| role(r)).collect();
            let officer = Officer {
                login: login.clone(),
                name: name.clone(),
                office: office.as_str().into(),
                roles: roles?,
            };
            let password = new_password()?;
            node.registry.open_account(&Account {
                officer,
                password: &password,
            })?;
            say(&format!("opened {login}"))
        }
    }
}

fn role(code: &str) -> Result<Role, String> {
    Role::from_code(code).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.iter().map(|r| r.code()).collect();
        format!("--roles: {code} is none of {}", all.join(", "))
    })
}
