//! `kecha certificate`: what an authority does to its certificates after their issue. What takes one
//! away, or says that somebody else holds it, is proposed here by one officer and decided by another.

use std::{error::Error, path::PathBuf};

use domain::{
    certificate::number_for, event::Act, law::grounds, person::Person, record::RecordId,
    verdict::Kind,
};
use jiff::ToSpan;
use sha2::{Digest, Sha256};

use super::ask::{self, As, ChosenArgs, DOC_TYPES, Folder, Whom, json, read, say};
use crate::{
    clock,
    node::Node,
    registry::{Asked, AtCounter, CertificateLine, Officer, Purpose},
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
    /// The authority's certificates, first what ends first
    List {
        /// Only those that end within so many months
        #[arg(long)]
        months: Option<i64>,
        /// By the day of the recheck, and not by the end of the term
        #[arg(long)]
        rechecks: bool,
        /// At most so many
        #[arg(long, default_value_t = 500)]
        limit: u16,
    },
    /// What officers proposed and nobody decided yet
    Proposals,
    /// Print one certificate with its story
    Show {
        /// Its record
        certificate: RecordId,
    },
    /// The grounds that the law of today has for it: act, code, article, years of ban, words
    Grounds {
        /// Its record
        certificate: RecordId,
    },
    /// Propose to put a wrong name or document right, one of the two. The right number and name are
    /// read from standard input
    Correct {
        /// Its record
        certificate: RecordId,
        /// What shows that it was wrong, such as the file number of the document seen
        #[arg(long)]
        evidence: String,
        /// A copy of it, of which the SHA-256 is kept
        #[arg(long)]
        file: Option<PathBuf>,
        /// Which kind the right document is
        #[arg(long, default_value = "resident_id", value_parser = DOC_TYPES)]
        doc_type: String,
    },
    /// 暂扣
    Suspend {
        /// Its record
        certificate: RecordId,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// End the suspension
    Resume {
        /// Its record
        certificate: RecordId,
    },
    /// Propose to revoke it 撤销: the ground brings the ban
    Revoke {
        /// Its record
        certificate: RecordId,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// Propose to cancel it 注销
    Cancel {
        /// Its record
        certificate: RecordId,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// Decide what another officer proposed
    Decide {
        /// Its record
        certificate: RecordId,
    },
    /// Do not do what was proposed
    Decline {
        /// Its record
        certificate: RecordId,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Put the recheck off to the end of the term (R30)
    ExtendReview {
        /// Its record
        certificate: RecordId,
        /// Years in the trade
        #[arg(long)]
        years: u8,
        /// What shows them, and the lawful conduct
        #[arg(long)]
        evidence: String,
    },
    /// Take an application for a recheck or a renewal at the counter
    Take {
        /// Its record
        certificate: RecordId,
        /// Which
        #[arg(long, value_parser = ["recheck", "renewal"])]
        kind: String,
        /// Where the exam is sat
        #[arg(long)]
        institution: String,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    let Some((id, act)) = args.what.act(&node, &by)? else {
        return look(&args.what, &node, &by);
    };
    let kind = act.kind();
    node.registry
        .change_certificate(id, act, &by, clock::now())?;
    say(&format!("{id}\t{kind}"))
}

/// What only looks, and what is more than one act.
fn look(what: &What, node: &Node, by: &Officer) -> Result<(), Box<dyn Error>> {
    match what {
        What::Find(whom) => find(node, by, whom),
        What::List {
            months,
            rechecks,
            limit,
        } => {
            let today = clock::today();
            let days = months.map(|m| (today, today.saturating_add(m.months())));
            let asked = Asked {
                days,
                rechecks: *rechecks,
                limit: *limit,
                ..Asked::default()
            };
            lines(&node.registry.certificates(by, &asked)?)
        }
        What::Proposals => lines(&node.registry.proposals(by)?),
        What::Show { certificate } => {
            let file = node.registry.certificate_file(by, *certificate)?;
            node.registry
                .record_reading(by, *certificate, Purpose::CommandLine);
            node.registry.write_readings()?;
            let story: Vec<_> = file.story.iter().map(|(_, e)| e).collect();
            json(&serde_json::json!({ "certificate": file.certificate, "story": story }))
        }
        What::Grounds { certificate } => list_grounds(node, by, *certificate),
        What::Decide { certificate } => {
            let kind = node.registry.decide(*certificate, by, clock::now())?;
            say(&format!("{certificate}\t{kind}"))
        }
        What::Take {
            certificate,
            kind,
            institution,
        } => {
            let asked = AtCounter {
                certificate: *certificate,
                // Cannot fail: clap admits the two words only.
                kind: ask::coded(kind).unwrap_or(Kind::Renewal),
                institution: institution.as_str().into(),
            };
            let case = node.registry.take_application(&asked, by, clock::now())?;
            say(&format!("{case}\tregistered"))
        }
        _ => Ok(()),
    }
}

impl What {
    /// The act on a certificate; none for what is something else.
    fn act(&self, node: &Node, by: &Officer) -> Result<Option<(RecordId, Act)>, Box<dyn Error>> {
        let proposed = |act| Act::ChangeProposed(Box::new(act));
        let (id, act) = match self {
            Self::Correct {
                certificate,
                evidence,
                file,
                doc_type,
            } => {
                let paper = (evidence.as_str(), file.as_ref());
                let act = correction(node, by, *certificate, paper, doc_type)?;
                (certificate, proposed(act))
            }
            Self::Suspend {
                certificate,
                ground,
            } => (certificate, Act::Suspended(ground.ground())),
            Self::Resume { certificate } => (certificate, Act::Resumed),
            Self::Revoke {
                certificate,
                ground,
            } => {
                let act = Act::Revoked {
                    ground: ground.ground(),
                    banned_until: None,
                };
                (certificate, proposed(act))
            }
            Self::Cancel {
                certificate,
                ground,
            } => (certificate, proposed(Act::Cancelled(ground.ground()))),
            Self::Decline {
                certificate,
                reason,
            } => {
                let reason = reason.clone();
                (certificate, Act::ProposalDeclined { reason })
            }
            Self::ExtendReview {
                certificate,
                years,
                evidence,
            } => {
                let (years, evidence) = (*years, evidence.clone());
                (certificate, Act::ReviewExtended { years, evidence })
            }
            _ => return Ok(None),
        };
        Ok(Some((*id, act)))
    }
}

/// What is right; the sex is the document's where that tells it.
fn correction(
    node: &Node,
    by: &Officer,
    id: RecordId,
    (evidence, file): (&str, Option<&PathBuf>),
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
    let sha256 = match file {
        Some(path) => {
            let digest = Sha256::digest(read(path)?);
            digest.iter().map(|b| format!("{b:02x}")).collect()
        }
        None => String::new(),
    };
    Ok(Act::Corrected {
        holder,
        number,
        evidence: evidence.to_owned(),
        sha256,
    })
}

fn list_grounds(node: &Node, by: &Officer, id: RecordId) -> Result<(), Box<dyn Error>> {
    let certificate = node.registry.certificate_file(by, id)?.certificate;
    let today = clock::today();
    for act in ["suspended", "revoked", "cancelled"] {
        for entry in grounds::suitable(&certificate.choice(act, today)) {
            let ban = entry.ban.map_or(0, |ban| ban.value);
            let (code, article, words) = (entry.code, entry.source(), entry.words);
            say(&format!("{act}\t{code}\t{article}\t{ban}\t{words}"))?;
        }
    }
    Ok(())
}

fn lines(lines: &[CertificateLine]) -> Result<(), Box<dyn Error>> {
    let today = clock::today();
    for line in lines {
        let c = &line.certificate;
        let status = serde_json::to_value(c.status_on(today))?;
        say(&format!(
            "{}\t{}\t{}\t{}",
            c.says.certificate,
            c.says.item.as_str(),
            c.says.valid_until,
            status.as_str().unwrap_or_default()
        ))?;
    }
    Ok(())
}

fn find(node: &Node, by: &Officer, whom: &Whom) -> Result<(), Box<dyn Error>> {
    let category = whom.category()?;
    let (document, name) = whom.ask()?;
    let found = node.registry.certificates_of(by, &document, &name)?;
    let of = found.into_iter().filter(|c| c.says.category == category);
    let line = |certificate| CertificateLine {
        certificate,
        item: String::new(),
    };
    lines(&of.map(line).collect::<Vec<_>>())
}
