//! `kecha query`: the public question, asked of a node's folder. Number and name are read from
//! standard input, one line each, so that they stand in no command line and no shell history.

use std::{error::Error, sync::Arc};

use domain::{
    catalogue::Category,
    document::{DocType, Document},
    name::Name,
};

use super::ask::{Folder, json, line};
use crate::{clock, registry::Query};

/// Arguments of `kecha query`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// Which certificate
    #[arg(long, default_value = "special_operation", value_parser = ["special_operation", "safety_management"])]
    category: String,
    /// Which kind of document
    #[arg(long, default_value = "resident_id", value_parser = ["resident_id", "hmt_residence_permit", "foreign_permanent_resident", "passport", "officer_card"])]
    doc_type: String,
    /// Ask for the admission-ticket number, too
    #[arg(long)]
    ticket: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let kind = match args.doc_type.as_str() {
        "hmt_residence_permit" => DocType::HmtResidencePermit,
        "foreign_permanent_resident" => DocType::ForeignPermanentResident,
        "passport" => DocType::Passport,
        "officer_card" => DocType::OfficerCard,
        _ => DocType::ResidentId,
    };
    let category = match args.category.as_str() {
        "safety_management" => Category::SafetyManagement,
        _ => Category::SpecialOperation,
    };
    let document = Document::parse(kind, &line("document number: ")?)
        .map_err(|e| format!("document number: {}", e.code()))?;
    let name = Name::parse(&line("name: ")?).map_err(|e| format!("name: {}", e.code()))?;
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
