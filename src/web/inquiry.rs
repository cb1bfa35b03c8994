//! An inquiry from what was typed, for the page and for programs; and the limits on asking.

use std::sync::Arc;

use domain::{
    document::Document,
    inquiry::{Line, Passcode, Reference, Subject, Whom, Words},
    name::Name,
    office::OfficeKind,
};

use super::{App, Trouble, api::query::doc_type};
use crate::{
    clock,
    registry::{Attached, Inquiring, Taken, Tracked},
};

/// The fields of a question as they were typed.
#[derive(Clone, Debug, Default)]
pub struct Typed<'a> {
    pub to: &'a str,
    pub subject: &'a str,
    pub words: &'a str,
    pub contact: &'a str,
    pub doc_type: &'a str,
    pub doc_number: &'a str,
    pub name: &'a str,
    pub ticket: &'a str,
    pub institution: &'a str,
    pub exam_day: &'a str,
}

/// A field that is wrong, by its name and the code of what is wrong with it.
pub type Wrong = (&'static str, &'static str);

/// Offices by code and name.
pub type Offices = Vec<(String, String)>;

/// The offices of this node that a question may name: authorities, institutions.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub authorities: Offices,
    pub institutions: Offices,
}

/// Reads a question; all that is wrong is told at once. What an answer handed on takes the place of
/// what would be typed about the person.
///
/// # Errors
/// Every field that is wrong.
pub fn read(
    typed: &Typed<'_>,
    attached: Option<Attached>,
    known: &Known,
) -> Result<Inquiring, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let subject = Subject::from_code(typed.subject);
    if subject.is_none() {
        wrong.push(("subject", "subject_unknown"));
    }
    let case = attached.as_ref().and_then(|a| a.case);
    let to = one_of(&known.authorities, typed.to, "to", &mut wrong);
    if to.is_none() && case.is_none() && typed.to.trim().is_empty() {
        wrong.push(("to", "office_unknown"));
    }
    let institution = one_of(
        &known.institutions,
        typed.institution,
        "institution",
        &mut wrong,
    );
    let exam_day = exam_day(typed.exam_day, &mut wrong);
    let (whom, ticket) = match attached {
        Some(a) => (Some(a.whom), a.ticket),
        None => (
            whom(typed, &mut wrong),
            line(typed.ticket, "ticket", &mut wrong),
        ),
    };
    let contact = line(typed.contact, "contact", &mut wrong);
    let words = Words::parse(typed.words);
    if let Err(e) = words {
        wrong.push(("words", e.code()));
    }
    match (subject, words) {
        (Some(subject), Ok(words)) if wrong.is_empty() => Ok(Inquiring {
            to: to.map(|code| code.as_str().into()),
            subject,
            words,
            contact,
            whom,
            ticket,
            case,
            institution: institution.map(|code| code.as_str().into()),
            exam_day,
        }),
        _ => Err(wrong),
    }
}

fn one_of(
    offices: &Offices,
    typed: &str,
    field: &'static str,
    wrong: &mut Vec<Wrong>,
) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let found = offices.iter().find(|(code, _)| code == typed);
    if found.is_none() {
        wrong.push((field, "office_unknown"));
    }
    found.map(|(code, _)| code.clone())
}

fn exam_day(typed: &str, wrong: &mut Vec<Wrong>) -> Option<jiff::civil::Date> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let day = typed.parse().ok().filter(|day| *day <= clock::today());
    if day.is_none() {
        wrong.push(("exam_day", "exam_day_invalid"));
    }
    day
}

/// Nobody, or name and number together.
fn whom(typed: &Typed<'_>, wrong: &mut Vec<Wrong>) -> Option<Whom> {
    if typed.name.trim().is_empty() && typed.doc_number.trim().is_empty() {
        return None;
    }
    let name = Name::parse(typed.name);
    if let Err(e) = &name {
        wrong.push(("name", e.code()));
    }
    let Some(kind) = doc_type(typed.doc_type) else {
        wrong.push(("doc_type", "doc_type_unknown"));
        return None;
    };
    match (Document::parse(kind, typed.doc_number), name) {
        (Ok(document), Ok(name)) => Some(Whom { name, document }),
        (Err(e), _) => {
            wrong.push(("doc_number", e.code()));
            None
        }
        _ => None,
    }
}

fn line(typed: &str, field: &'static str, wrong: &mut Vec<Wrong>) -> Option<Line> {
    if typed.trim().is_empty() {
        return None;
    }
    match Line::parse(typed) {
        Ok(line) => Some(line),
        Err(e) => {
            wrong.push((field, e.code()));
            None
        }
    }
}

/// Reads the two numbers; the passcode may be left out.
///
/// # Errors
/// Every one that is wrong.
pub fn numbers(
    reference: &str,
    passcode: &str,
) -> Result<(Reference, Option<Passcode>), Vec<Wrong>> {
    let mut wrong = Vec::new();
    let reference = reference.parse::<Reference>();
    if reference.is_err() {
        wrong.push(("reference", "reference_invalid"));
    }
    let passcode = Some(passcode.trim())
        .filter(|p| !p.is_empty())
        .map(str::parse::<Passcode>)
        .transpose();
    if passcode.is_err() {
        wrong.push(("passcode", "passcode_invalid"));
    }
    match (reference, passcode) {
        (Ok(reference), Ok(passcode)) => Ok((reference, passcode)),
        _ => Err(wrong),
    }
}

/// Why a question was not taken, or an inquiry not shown.
pub enum Stopped {
    /// Too many from one address; so many seconds to wait.
    Address(u64),
    /// Too many about one person or ticket, or too many wrong passcodes on one reference.
    Target(u64),
    /// The register's trouble.
    Trouble(Trouble),
}

impl App {
    /// The offices of this node that a question may name.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn known_offices(self: &Arc<Self>) -> Result<Known, Trouble> {
        self.run(|r| {
            let named = |kind| {
                let offices = r.own_offices(kind)?.into_iter();
                let pairs = offices.map(|o| (o.code.as_str().to_owned(), o.name));
                Ok::<Offices, crate::registry::Error>(pairs.collect())
            };
            Ok(Known {
                authorities: named(OfficeKind::Authority)?,
                institutions: named(OfficeKind::Institution)?,
            })
        })
        .await
    }

    /// Takes a question in, if there were not too many from that address or about that person;
    /// `from` is none for a program with a key.
    ///
    /// # Errors
    /// `Address` and `Target` with how long to wait.
    pub(super) async fn inquire(
        self: &Arc<Self>,
        asked: Inquiring,
        from: Option<std::net::IpAddr>,
    ) -> Result<Taken, Stopped> {
        let target = self
            .registry
            .target_digest(asked.whom.as_ref(), asked.ticket.as_ref());
        if let Some(target) = &target {
            self.limits.targets.open(target).map_err(Stopped::Target)?;
        }
        if let Some(from) = from {
            self.limits.inquiry(from).map_err(Stopped::Address)?;
        }
        if let Some(target) = target {
            self.limits.targets.miss(target).map_err(Stopped::Target)?;
        }
        self.run(move |r| r.inquire(&asked, clock::now()))
            .await
            .map_err(Stopped::Trouble)
    }

    /// Looks an inquiry up; a wrong passcode is counted against its reference.
    ///
    /// # Errors
    /// `Target` after too many of them.
    pub(super) async fn track(
        self: &Arc<Self>,
        reference: Reference,
        passcode: Option<Passcode>,
    ) -> Result<Option<Tracked>, Stopped> {
        let digest = self.registry.reference_digest(reference);
        if passcode.is_some() {
            self.limits
                .passcodes
                .open(&digest)
                .map_err(Stopped::Target)?;
        }
        let tracked = self
            .run(move |r| r.track(reference, passcode))
            .await
            .map_err(Stopped::Trouble)?;
        if tracked.as_ref().is_some_and(|t| t.wrong) {
            self.limits
                .passcodes
                .miss(digest)
                .map_err(Stopped::Target)?;
        }
        Ok(tracked)
    }
}
