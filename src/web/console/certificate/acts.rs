//! From what a form sends to what is asked of the register.

use domain::{
    certificate::number_for,
    document::Document,
    event::{Act, Grant, Material},
    law::Ground,
    management::is_extension,
    name::Name,
    person::Person,
    record::RecordId,
    verdict::Kind,
};

use super::{super::super::api::query::doc_type, Sent};
use crate::registry::{AtCounter, Becomes, Lost};

/// What is asked.
pub(super) enum Job {
    /// An act on the certificate.
    Act(Box<Act>),
    /// To decide what was proposed.
    Decide,
    /// A recheck or a renewal.
    Take(AtCounter),
    /// An extension of a safety-management certificate.
    Extend(Lost),
    /// A reissue, or a replacement for one whose details became others.
    Again(Lost, Option<Becomes>),
}

/// What the form asks.
///
/// # Errors
/// The code of the field that is wrong.
pub(super) fn job(sent: &Sent, id: RecordId, says: &Grant) -> Result<Job, &'static str> {
    let act = |act| Ok(Job::Act(Box::new(act)));
    let proposed = |inner| act(Act::ChangeProposed(Box::new(inner)));
    match sent.command.as_str() {
        "suspend" => act(Act::Suspended(ground(sent))),
        "resume" => act(Act::Resumed),
        "revoke" => proposed(Act::Revoked {
            ground: ground(sent),
            banned_until: None,
        }),
        "cancel" => proposed(Act::Cancelled(ground(sent))),
        "correct" => {
            let new = becomes(sent)?;
            let number = number_for(says.category, &new.document);
            let holder = Box::new(Person {
                sex: new.document.sex().unwrap_or(says.holder.sex),
                name: new.name,
                document: new.document,
            });
            proposed(Act::Corrected {
                holder,
                number,
                evidence: sent.evidence.trim().to_owned(),
                sha256: sent.sha256.clone(),
            })
        }
        "decline" => act(Act::ProposalDeclined {
            reason: sent.reason.trim().to_owned(),
        }),
        "extend_review" => act(Act::ReviewExtended {
            // What is no number is too few.
            years: sent.years.trim().parse().unwrap_or(0),
            evidence: sent.evidence.trim().to_owned(),
        }),
        "renewal" if is_extension(says.category, Kind::Renewal) => {
            Ok(Job::Extend(card(sent, says)))
        }
        "recheck" | "renewal" => Ok(Job::Take(AtCounter {
            certificate: id,
            kind: if sent.command == "recheck" {
                Kind::Recheck
            } else {
                Kind::Renewal
            },
            institution: sent.institution.as_str().into(),
        })),
        "reissue" => Ok(Job::Again(card(sent, says), None)),
        "replacement" => Ok(Job::Again(card(sent, says), Some(becomes(sent)?))),
        _ => Ok(Job::Decide),
    }
}

fn ground(sent: &Sent) -> Ground {
    if sent.ground_code.is_empty() {
        Ground::new(sent.article.trim(), sent.ground.trim())
    } else {
        Ground::of(&sent.ground_code, &sent.addition)
    }
}

/// The right name and document, as typed.
fn becomes(sent: &Sent) -> Result<Becomes, &'static str> {
    let kind = doc_type(&sent.doc_type).ok_or("doc_type_unknown")?;
    Ok(Becomes {
        document: Document::parse(kind, &sent.doc_number).map_err(|e| e.code())?,
        name: Name::parse(&sent.name).map_err(|e| e.code())?,
    })
}

fn card(sent: &Sent, says: &Grant) -> Lost {
    let lines = sent.materials.lines().map(str::trim);
    Lost {
        document: says.holder.document.clone(),
        name: says.holder.name.clone(),
        item: says.item.clone(),
        materials: lines
            .filter(|line| !line.is_empty())
            .map(Material::named)
            .collect(),
        appointment: None,
    }
}
