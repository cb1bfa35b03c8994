//! `kecha init`: makes the node of an office.

use std::error::Error;

use domain::office::Role;

use super::ask::{Folder, new_password, say};
use crate::{
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
    /// Login of the first account, which opens the others
    #[arg(long, default_value = "security")]
    security: String,
}

pub(super) fn init(args: &Init) -> Result<(), Box<dyn Error>> {
    let mut config = Config::new(&args.name, &args.province, &args.official_url);
    if let Some(database) = &args.database {
        config.database.clone_from(database);
    }
    let password = new_password()?;
    let node = Node::init(&args.folder.dir, &config, args.owner_url.as_deref())?;
    let officer = Officer {
        login: args.security.clone(),
        name: args.security.clone(),
        office: args.province.as_str().into(),
        roles: vec![Role::SecurityAdmin],
    };
    node.registry.open_account(&Account {
        officer,
        password: &password,
    })?;
    say(&format!(
        "made {}; next: `kecha account add`, `kecha office add`, `kecha serve`",
        args.folder.dir.display()
    ))
}
