//! `/console/certificates/{id}`: one certificate with its story, what can be done about it today by
//! this officer, and why the rest cannot.
//!
//! Each kind of act has an address of its own, so that a guard can ask more for one than for another.

mod acts;
mod told;

use askama::Template;
use axum::{
    Form,
    extract::Multipart,
    response::{IntoResponse, Redirect, Response},
};
use domain::{management::is_extension, verdict::Kind};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use self::{
    acts::{Job, job},
    told::{Offer, Shown, Version},
};
use super::{
    super::{
        Trouble,
        caller::AtRecord,
        page::{self, Frame},
    },
    readings,
};
use crate::{
    clock,
    registry::{Held, Officer, Purpose, Registry},
};

/// What the forms send.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    command: String,
    ground_code: String,
    addition: String,
    article: String,
    ground: String,
    reason: String,
    doc_type: String,
    doc_number: String,
    name: String,
    evidence: String,
    years: String,
    institution: String,
    materials: String,
    /// Of the file that came with it; never typed.
    #[serde(skip)]
    sha256: String,
}

#[derive(Template)]
#[template(path = "console/certificate.html")]
struct Page<'a> {
    f: Frame<'a>,
    held: Held,
    /// Who read it, the last first.
    readings: Vec<readings::Shown>,
    item: String,
    authority: String,
    status: String,
    /// Why it is so, and since when.
    reason: Option<String>,
    next_due: Option<String>,
    banned_until: Option<String>,
    offers: Vec<Offer>,
    versions: Vec<Version>,
    /// A correction that waits: what stands there and what would.
    sides: Option<[Version; 2]>,
    proposal: Vec<String>,
    story: Vec<Shown>,
    institutions: Vec<(String, String)>,
    law: String,
    window: String,
    sent: Sent,
    mistake: Option<String>,
}

impl Page<'_> {
    fn types(&self) -> [(&'static str, String); 5] {
        [
            "resident_id",
            "hmt_residence_permit",
            "foreign_permanent_resident",
            "passport",
            "officer_card",
        ]
        .map(|code| (code, self.f.word("doc", code)))
    }

    /// It is extended without an exam.
    fn extends(&self) -> bool {
        is_extension(self.held.file.certificate.says.category, Kind::Renewal)
    }

    /// What to say of an offer: an extension is no renewal with an exam.
    fn say(&self, key: &str, offer: &Offer) -> String {
        match offer.command {
            "renewal" if self.extends() => self.f.word(key, "extension"),
            command => self.f.word(key, command),
        }
    }

    /// The mistake in the form of that command.
    fn wrong(&self, command: &str) -> Option<&String> {
        let here = self.sent.command == command;
        self.mistake.as_ref().filter(|_| here)
    }

    /// A mistake in a form that is not offered any more.
    fn lost(&self) -> Option<&String> {
        let offered = |o: &Offer| o.refusal.is_none() && o.command == self.sent.command;
        let shown = self.offers.iter().any(offered);
        self.mistake.as_ref().filter(|_| !shown)
    }
}

/// One certificate of the officer's own authority.
pub async fn show(at: AtRecord) -> Result<Response, Trouble> {
    page_of(&at, Sent::default(), None).await
}

async fn page_of(at: &AtRecord, sent: Sent, mistake: Option<String>) -> Result<Response, Trouble> {
    let (app, id, today) = (&at.app, at.id, clock::today());
    let job = move |r: &Registry, by: &Officer| {
        let held = r.holding(by, id, today)?;
        r.record_reading(by, id, Purpose::Certificate);
        Ok((held, r.readings_of(id, readings::SHOWN)?))
    };
    let (held, read) = at.run(job).await?;
    let f = Frame::new(app, &at.visitor, "certificate-title");
    let c = &held.file.certificate;
    let status = page::status(mistake.is_some());
    let institutions = app.registry.offices().into_iter().filter(|o| {
        o.reports_to.as_ref() == Some(&c.says.authority) && o.may_examine(&c.says.item, today)
    });
    let page = Page {
        item: app.registry.item_name(&c.says.item),
        authority: app.registry.office_name(&c.says.authority),
        status: page::code(&c.status_on(today)),
        reason: told::reason(&f, c, today),
        next_due: c.next_due(today).map(|day| day.to_string()),
        banned_until: told::ban(c).map(|day| day.to_string()),
        offers: told::offers(&f, &app.registry, &held, &at.officer),
        versions: told::versions(&f, &held),
        sides: told::sides(&f, c),
        proposal: told::proposal(&f, c, today),
        story: told::story(&f, &held),
        institutions: institutions
            .map(|o| (o.code.as_str().to_owned(), o.name))
            .collect(),
        law: told::law(&f, today),
        window: told::window(&f, c, today),
        held,
        readings: readings::told(read),
        f,
        sent,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

/// Does what a form asks, or shows it again with what is wrong.
async fn perform(at: AtRecord, sent: Sent, allowed: &[&str]) -> Result<Response, Trouble> {
    if !allowed.contains(&sent.command.as_str()) {
        return Err(Trouble::Malformed);
    }
    let (id, asked) = (at.id, sent.clone());
    let done = at
        .run(move |r, by| {
            let says = r.certificate_file(by, id)?.certificate.says;
            let job = match job(&asked, id, &says) {
                Ok(job) => job,
                Err(code) => return Ok(Err(code)),
            };
            let now = clock::now();
            Ok(Ok(match job {
                Job::Act(act) => {
                    r.change_certificate(id, *act, by, now)?;
                    format!("/console/certificates/{id}")
                }
                Job::Decide => {
                    r.decide(id, by, now)?;
                    format!("/console/certificates/{id}")
                }
                Job::Take(asked) => {
                    let case = r.take_application(&asked, by, now)?;
                    format!("/console/cases/{case}")
                }
                Job::Extend(card) => {
                    let case = r.ask_extension(&card, by, now)?;
                    format!("/console/cases/{case}")
                }
                Job::Again(card, becomes) => {
                    let case = match becomes {
                        Some(new) => r.ask_replacement(&card, &new, by, now)?,
                        None => r.ask_reissue(&card, by, now)?,
                    };
                    format!("/console/cases/{case}")
                }
            }))
        })
        .await;
    let mistake = match done {
        Ok(Ok(to)) => return Ok(Redirect::to(&to).into_response()),
        Ok(Err(code)) => at.t().word("field", code),
        Err(Trouble::Refused(refusal)) => at.why(refusal),
        Err(other) => return Err(other),
    };
    page_of(&at, sent, Some(mistake)).await
}

/// Proposes a revocation or a cancellation.
pub async fn propose(at: AtRecord, Form(sent): Form<Sent>) -> Result<Response, Trouble> {
    perform(at, sent, &["revoke", "cancel"]).await
}

/// Proposes a correction, with a copy of what shows it: only its digest is kept.
pub async fn correct(at: AtRecord, mut parts: Multipart) -> Result<Response, Trouble> {
    let mut sent = Sent {
        command: "correct".to_owned(),
        ..Sent::default()
    };
    while let Some(part) = parts.next_field().await.map_err(|_| Trouble::Malformed)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| Trouble::TooLarge)?;
        if name == "file" {
            if !bytes.is_empty() {
                let digest = Sha256::digest(&bytes);
                sent.sha256 = digest.iter().map(|b| format!("{b:02x}")).collect();
            }
            continue;
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Trouble::Malformed)?;
        match name.as_str() {
            "doc_type" => sent.doc_type = text,
            "doc_number" => sent.doc_number = text,
            "name" => sent.name = text,
            "evidence" => sent.evidence = text,
            _ => {}
        }
    }
    perform(at, sent, &["correct"]).await
}

/// Decides what another officer proposed.
pub async fn decide(at: AtRecord, Form(sent): Form<Sent>) -> Result<Response, Trouble> {
    perform(at, sent, &["decide"]).await
}

/// Does not do what was proposed.
pub async fn decline(at: AtRecord, Form(sent): Form<Sent>) -> Result<Response, Trouble> {
    perform(at, sent, &["decline"]).await
}

/// Suspends, resumes, or puts a review off.
pub async fn change(at: AtRecord, Form(sent): Form<Sent>) -> Result<Response, Trouble> {
    let allowed = ["suspend", "resume", "extend_review"];
    perform(at, sent, &allowed).await
}

/// Takes an application at the counter.
pub async fn take(at: AtRecord, Form(sent): Form<Sent>) -> Result<Response, Trouble> {
    let allowed = ["recheck", "renewal", "reissue", "replacement"];
    perform(at, sent, &allowed).await
}
