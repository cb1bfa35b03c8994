//! `kecha office`: the directory of offices.

use std::error::Error;

use domain::{
    catalogue::ItemCode,
    law::Ground,
    office::{Authorisation, Office, OfficeKind},
};
use jiff::civil::Date;

use super::ask::{As, Folder, GroundArgs, day, say};
use crate::{clock, node::Node};

/// Arguments of `kecha office`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Enter an institution or an authority
    Add(Box<Add>),
    /// Give an institution its authorisation anew, all of it
    Authorise {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its code
        code: String,
        /// Number of the authorising document
        #[arg(long)]
        authorisation: String,
        /// Items it may examine, such as 2.1,2.2
        #[arg(long, value_delimiter = ',', required = true)]
        items: Vec<String>,
        /// First day
        #[arg(long, value_parser = day)]
        from: Date,
        /// Last day
        #[arg(long, value_parser = day)]
        until: Date,
    },
    /// An office may not act for now
    Suspend {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its code
        code: String,
        #[command(flatten)]
        ground: GroundArgs,
    },
    /// It may again
    Resume {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        by: As,
        /// Its code
        code: String,
        #[command(flatten)]
        ground: GroundArgs,
    },
    /// Print the directory
    List {
        #[command(flatten)]
        folder: Folder,
    },
}

/// Arguments of `kecha office add`.
#[derive(clap::Args)]
pub(super) struct Add {
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

pub(super) fn run(command: &Args) -> Result<(), Box<dyn Error>> {
    match command {
        Args::Add(args) => add(args),
        Args::Authorise {
            folder,
            by,
            code,
            authorisation,
            items,
            from,
            until,
        } => {
            let node = folder.open()?;
            let by = by.sign_in(&node)?;
            let given = Authorisation {
                number: authorisation.clone(),
                items: known_items(&node, items)?,
                from: *from,
                until: *until,
            };
            let code = code.as_str().into();
            node.registry.authorise(&code, given, &by, clock::now())?;
            say(&format!("authorised {code}"))
        }
        Args::Suspend {
            folder,
            by,
            code,
            ground,
        } => suspend(folder, by, code, ground.ground()),
        Args::Resume {
            folder,
            by,
            code,
            ground,
        } => resume(folder, by, code, ground.ground()),
        Args::List { folder } => {
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

fn suspend(folder: &Folder, by: &As, code: &str, ground: Ground) -> Result<(), Box<dyn Error>> {
    let node = folder.open()?;
    let by = by.sign_in(&node)?;
    let office = code.into();
    node.registry
        .suspend_office(&office, ground, &by, clock::now())?;
    say(&format!("suspended {code}"))
}

fn resume(folder: &Folder, by: &As, code: &str, ground: Ground) -> Result<(), Box<dyn Error>> {
    let node = folder.open()?;
    let by = by.sign_in(&node)?;
    let office = code.into();
    node.registry
        .resume_office(&office, ground, &by, clock::now())?;
    say(&format!("resumed {code}"))
}

fn known_items(node: &Node, codes: &[String]) -> Result<Vec<ItemCode>, Box<dyn Error>> {
    let mut items = Vec::with_capacity(codes.len());
    for code in codes {
        let item: ItemCode = code.as_str().into();
        let known = node.registry.catalogue().item(&item);
        known.ok_or_else(|| format!("--items: the catalogue has no item {code}"))?;
        items.push(item);
    }
    Ok(items)
}

fn add(args: &Add) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    // An entry of one province's journal is that province's: another's offices come with its feed.
    if let Some(config) = &node.config
        && !args.code.starts_with(&config.province)
    {
        let province = &config.province;
        return Err(format!("--code: begins with {province}, the code of this province").into());
    }
    let by = args.by.sign_in(&node)?;
    let kind = if args.kind == "authority" {
        OfficeKind::Authority
    } else {
        OfficeKind::Institution
    };
    let items = known_items(&node, &args.items)?;
    let authorisation = match (kind, args.from, args.until) {
        (OfficeKind::Institution, Some(from), Some(until)) => Some(Authorisation {
            number: args.authorisation.clone(),
            items,
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
        past: domain::office::Past::default(),
    };
    node.registry.enter_office(office, &by, clock::now())?;
    say(&format!("entered {}", args.code))
}
