//! `kecha query`: the public question, asked of a node's folder. Number and name are read from
//! standard input, one line each, so that they stand in no command line and no shell history.

use std::{error::Error, sync::Arc};

use super::ask::{Folder, Whom, json, line};
use crate::{clock, registry::Query};

/// Arguments of `kecha query`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    whom: Whom,
    /// Ask for the admission-ticket number, too
    #[arg(long)]
    ticket: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let category = args.whom.category()?;
    let (document, name) = args.whom.ask()?;
    let ticket = if args.ticket {
        Some(line("admission-ticket number: ")?)
    } else {
        None
    };
    let query = Query {
        category,
        document,
        name,
        ticket,
    };
    let registry = Arc::new(node.registry);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let answer = runtime.block_on(registry.ask(&query, clock::now()))?;
    json(&answer)
}
