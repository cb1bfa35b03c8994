//! `kecha certificate`: what an authority does to its certificates after their issue.

use std::error::Error;

use domain::{certificate::number_for, event::Act, person::Person, record::RecordId};
use jiff::civil::Date;

use super::ask::{self, As, DOC_TYPES, Folder, GroundArgs, Whom, day, json, say};
use crate::{
    clock,
    node::Node,
    registry::{Officer, Purpose},
};

/// Arguments of `kecha certificate`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    by: As,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The certificates of a person: record, item, last valid day, status. Number and name are
    /// read from standard input
    Find(Whom),
    /// Print one certificate with its story
    Show {
        /// Its record
        certificate: RecordId,
    },
    /// Put a wrong name or document right, one of the two. The right number and name are read from
    /// standard input
    Correct {
        /// Its record
        certificate: RecordId,
        /// What shows that it was wrong, such as the file number of the document seen
        #[arg(long)]
        evidence: String,
        /// Which kind the right document is
        #[arg(long, default_value = "resident_id", value_parser = DOC_TYPES)]
        doc_type: String,
    },
    /// 暂扣
    Suspend {
        /// Its record
        certificate: RecordId,
        #[command(flatten)]
        ground: GroundArgs,
    },
    /// End the suspension
    Resume {
        /// Its record
        certificate: RecordId,
    },
    /// 撤销
    Revoke {
        /// Its record
        certificate: RecordId,
        #[command(flatten)]
        ground: GroundArgs,
        /// Last day of the ban on a new application, where the ground brings one
        #[arg(long, value_parser = day)]
        banned_until: Option<Date>,
    },
    /// 注销
    Cancel {
        /// Its record
        certificate: RecordId,
        #[command(flatten)]
        ground: GroundArgs,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    let (id, act) = match &args.what {
        What::Find(whom) => {
            return find(&node, &by, whom);
        }
        What::Show { certificate } => {
            let file = node.registry.certificate_file(&by, *certificate)?;
            node.registry
                .record_reading(&by, *certificate, Purpose::CommandLine);
            node.registry.write_readings()?;
            let story: Vec<_> = file.story.iter().map(|(_, e)| e).collect();
            return json(&serde_json::json!({ "certificate": file.certificate, "story": story }));
        }
        What::Correct {
            certificate,
            evidence,
            doc_type,
        } => {
            let act = correction(&node, &by, *certificate, evidence, doc_type)?;
            (certificate, act)
        }
        What::Suspend {
            certificate,
            ground,
        } => (certificate, Act::Suspended(ground.ground())),
        What::Resume { certificate } => (certificate, Act::Resumed),
        What::Revoke {
            certificate,
            ground,
            banned_until,
        } => {
            let (ground, banned_until) = (ground.ground(), *banned_until);
            let act = Act::Revoked {
                ground,
                banned_until,
            };
            (certificate, act)
        }
        What::Cancel {
            certificate,
            ground,
        } => (certificate, Act::Cancelled(ground.ground())),
    };
    let kind = act.kind();
    node.registry
        .change_certificate(*id, act, &by, clock::now())?;
    say(&format!("{id}\t{kind}"))
}

/// What is right; the sex is the document's where that tells it.
fn correction(
    node: &Node,
    by: &Officer,
    id: RecordId,
    evidence: &str,
    doc_type: &str,
) -> Result<Act, Box<dyn Error>> {
    let (document, name) = ask::details(doc_type, "right ")?;
    let says = node.registry.certificate_file(by, id)?.certificate.says;
    let number = number_for(says.category, &document);
    let holder = Box::new(Person {
        name,
        sex: document.sex().unwrap_or(says.holder.sex),
        document,
    });
    Ok(Act::Corrected {
        holder,
        number,
        evidence: evidence.to_owned(),
    })
}

fn find(node: &Node, by: &Officer, whom: &Whom) -> Result<(), Box<dyn Error>> {
    let category = whom.category()?;
    let (document, name) = whom.ask()?;
    let today = clock::today();
    for c in node.registry.certificates_of(by, &document, &name)? {
        if c.says.category == category {
            let status = serde_json::to_value(c.status_on(today))?;
            say(&format!(
                "{}\t{}\t{}\t{}",
                c.says.certificate,
                c.says.item.as_str(),
                c.says.valid_until,
                status.as_str().unwrap_or_default()
            ))?;
        }
    }
    Ok(())
}
