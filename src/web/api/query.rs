//! `POST /api/v1/query`: the public question for programs, with a captcha or a key.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    catalogue::Category,
    document::{DocType, Document},
    name::Name,
    verdict::{
        Cause, CertificateShown, Details, ItemShown, Kind, NextStep, Note, ProgressShown, Stage,
        Verdict,
    },
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::super::{
    App, FieldError, Problem,
    feeds::FeedTold,
    guard,
    guard::Peer,
    lang::{self, Sentences},
};
use crate::{
    clock,
    registry::{Answered, Query},
};

/// The longest question.
const LONGEST: usize = 8 * 1024;
/// The longest admission-ticket number anybody may type.
pub const LONGEST_TICKET: usize = 40;

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow, default)]
    category: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    doc_type: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    doc_number: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    ticket: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    captcha: Option<Solved>,
}

#[derive(Deserialize)]
struct Solved {
    id: String,
    answer: String,
}

/// The sentences of the hot answer, rendered once.
pub struct Told {
    causes: Vec<(Cause, CauseTold)>,
    mismatch_fact: CauseTold,
    steps: Vec<(NextStep, String)>,
}

#[derive(Clone, Serialize)]
struct CauseTold {
    code: Cause,
    text: String,
    what_to_do: String,
}

impl Told {
    /// Renders the sentences of a language.
    #[must_use]
    pub fn new(t: &Sentences) -> Self {
        let told = |code: Cause, key: &str| CauseTold {
            code,
            text: t.say(&format!("cause-{key}")),
            what_to_do: t.say(&format!("cause-{key}-do")),
        };
        let causes = super::super::public::query::CAUSES
            .map(|(c, key)| (c, told(c, key)))
            .to_vec();
        let steps = super::super::public::query::STEPS
            .map(|(s, key)| (s, t.say(&format!("step-{key}"))))
            .to_vec();
        Self {
            causes,
            mismatch_fact: told(Cause::DetailsMismatch, "mismatch-fact"),
            steps,
        }
    }

    fn cause(&self, cause: Cause, fact: bool) -> Option<&CauseTold> {
        if fact && cause == Cause::DetailsMismatch {
            return Some(&self.mismatch_fact);
        }
        self.causes
            .iter()
            .find(|(c, _)| *c == cause)
            .map(|(_, told)| told)
    }

    fn step(&self, step: NextStep) -> &str {
        self.steps
            .iter()
            .find(|(s, _)| *s == step)
            .map_or("", |(_, text)| text)
    }
}

#[derive(Serialize)]
struct Reply<'a> {
    verdict: Verdict,
    certificates: Vec<CertificateReply<'a>>,
    progress: Vec<ProgressReply<'a>>,
    causes: Vec<&'a CauseTold>,
    feeds: Vec<FeedTold>,
    as_of: Timestamp,
}

#[derive(Serialize)]
struct CertificateReply<'a> {
    #[serde(flatten)]
    shown: &'a CertificateShown,
    /// Of a copy that is not of this minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<FeedTold>,
}

#[derive(Serialize)]
struct ProgressReply<'a> {
    case: &'a str,
    item: &'a ItemShown,
    kind: Kind,
    stage: Stage,
    since: Date,
    held_by: &'a str,
    due: Option<Date>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    due_provisional: bool,
    note: Option<Note>,
    next_step: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Details>,
    /// Of a copy: what the province recorded later is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<FeedTold>,
}

/// Answers a question.
pub async fn ask(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let code = lang::of(&headers);
    match answer(&app, peer, &headers, &body, code).await {
        Ok(bytes) => {
            let mut response = bytes.into_response();
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            response
        }
        Err(problem) => problem.into_response(),
    }
}

/// A problem with a status, a code and a sentence.
fn stop(t: &Sentences, status: StatusCode, code: &'static str, key: &str) -> Box<Problem> {
    Box::new(Problem::new(status, code, t.say(key)))
}

fn too_many(t: &Sentences, key: &str, seconds: u64) -> Box<Problem> {
    let mut problem = stop(t, StatusCode::TOO_MANY_REQUESTS, "too_many", key);
    problem.retry_after = Some(seconds);
    problem
}

async fn answer(
    app: &Arc<App>,
    peer: std::net::SocketAddr,
    headers: &HeaderMap,
    body: &[u8],
    code: lang::Code,
) -> Result<Vec<u8>, Box<Problem>> {
    let t = app.sentences(code);
    let keyed = match bearer(headers) {
        Some(key) if app.knows_key(key) => true,
        Some(_) => {
            return Err(stop(
                t,
                StatusCode::UNAUTHORIZED,
                "key_unknown",
                "problem-key",
            ));
        }
        None => false,
    };
    let Read { query, captcha } = read(headers, body, keyed, t)?;
    // Without a key there is a captcha: `query` has seen to it.
    if let Some(solved) = &captcha {
        admit(app, peer, headers, solved, t)?;
    }
    let answered = app
        .ask(&query, keyed)
        .await
        .map_err(|stopped| match stopped {
            Stopped::Wait(seconds) => too_many(t, "trouble-too-many-person", seconds),
            Stopped::Trouble(trouble) => {
                let (status, key) = trouble.told();
                stop(t, status, "unavailable", key)
            }
        })?;
    serde_json::to_vec(&reply(app, &answered, app.told(code))).map_err(|_| {
        stop(
            t,
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "trouble-internal",
        )
    })
}

/// A question that was read, and the captcha it must be paid with where no key was shown.
struct Read {
    query: Query,
    captcha: Option<Solved>,
}

fn read(
    headers: &HeaderMap,
    body: &[u8],
    keyed: bool,
    t: &Sentences,
) -> Result<Read, Box<Problem>> {
    if body.len() > LONGEST {
        return Err(stop(
            t,
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "trouble-too-large",
        ));
    }
    let json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
    if !json {
        return Err(stop(
            t,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "problem-media-type",
        ));
    }
    let asked: Asked<'_> = serde_json::from_slice(body)
        .map_err(|_| stop(t, StatusCode::BAD_REQUEST, "malformed", "trouble-malformed"))?;
    let query = query(&asked, keyed, t)?;
    let captcha = asked.captcha.filter(|_| !keyed);
    Ok(Read { query, captcha })
}

/// Lets a visitor without a key through. Format was checked before, so a slip of the finger does
/// not use the challenge up.
fn admit(
    app: &App,
    peer: std::net::SocketAddr,
    headers: &HeaderMap,
    solved: &Solved,
    t: &Sentences,
) -> Result<(), Box<Problem>> {
    app.limits
        .question(guard::client(app, headers, peer))
        .map_err(|wait| too_many(t, "trouble-too-many", wait))?;
    if app.captchas.spend(&solved.id, &solved.answer, clock::now()) {
        Ok(())
    } else {
        Err(stop(
            t,
            StatusCode::FORBIDDEN,
            "captcha_failed",
            "problem-captcha",
        ))
    }
}

fn reply<'a>(app: &App, answered: &'a Answered, told: &'a Told) -> Reply<'a> {
    let (answer, now) = (&answered.answer, clock::now());
    let homes = app.homes(&answered.homes, now);
    let certificates = answer.certificates.iter().zip(homes.certificates);
    let running = answer.progress.iter().zip(homes.progress);
    Reply {
        verdict: answer.verdict,
        certificates: certificates
            .map(|(shown, feed)| CertificateReply { shown, feed })
            .collect(),
        progress: running.map(|(p, feed)| progress(p, feed, told)).collect(),
        causes: answer
            .causes
            .iter()
            .filter_map(|c| told.cause(*c, answer.mismatch_is_fact))
            .collect(),
        feeds: app.old_feeds(now),
        as_of: now,
    }
}

fn progress<'a>(p: &'a ProgressShown, feed: Option<FeedTold>, told: &'a Told) -> ProgressReply<'a> {
    ProgressReply {
        case: &p.case,
        item: &p.item,
        kind: p.kind,
        stage: p.stage,
        since: p.since,
        held_by: &p.held_by,
        due: p.due,
        due_provisional: p.due_provisional,
        note: p.note,
        next_step: told.step(p.next_step),
        details: p.details.as_deref(),
        feed,
    }
}

/// Why a question was not answered.
pub enum Stopped {
    /// Too many misses on this person.
    Wait(u64),
    /// The register's trouble.
    Trouble(super::super::Trouble),
}

impl App {
    /// Asks the register, and counts misses against the person asked for: a wrong name unless the
    /// asker has a key, a wrong ticket in any case. A person closed by wrong names is still told to
    /// whoever has the ticket.
    ///
    /// # Errors
    /// `Wait` when there were too many misses.
    pub async fn ask(self: &Arc<Self>, query: &Query, keyed: bool) -> Result<Answered, Stopped> {
        let ticketed = query.ticket.is_some();
        let counted = !keyed || ticketed;
        let document = counted.then(|| self.registry.asker(query).document);
        let mut closed = None;
        if let Some(document) = &document {
            if !keyed {
                closed = self.limits.names.open(document).err();
            }
            if ticketed {
                self.limits.tickets.open(document).map_err(Stopped::Wait)?;
            }
        }
        if let Some(wait) = closed.filter(|_| !ticketed) {
            return Err(Stopped::Wait(wait));
        }
        let feeds_behind = !self.old_feeds(clock::now()).is_empty();
        let answered = self
            .registry
            .ask_with_ticket(query, clock::now(), feeds_behind)
            .await
            .map_err(|e| Stopped::Trouble(e.into()))?;
        if let Some(document) = document {
            if !keyed && answered.answer.verdict == Verdict::NotFound {
                self.limits.names.miss(document).map_err(Stopped::Wait)?;
            }
            if answered.wrong_ticket {
                self.limits.tickets.miss(document).map_err(Stopped::Wait)?;
            }
        }
        match closed.filter(|_| answered.wrong_ticket) {
            Some(wait) => Err(Stopped::Wait(wait)),
            None => Ok(answered),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, key)| key.trim())
}

/// The question from its fields, all that is wrong told at once.
fn query(asked: &Asked<'_>, keyed: bool, t: &Sentences) -> Result<Query, Box<Problem>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, code: &'static str| {
        let message = t.say(&format!("field-{}", code.replace('_', "-")));
        errors.push(FieldError {
            field,
            code,
            message,
        });
    };
    let category = asked.category.as_deref().and_then(category);
    let doc_type = asked.doc_type.as_deref().and_then(doc_type);
    if category.is_none() {
        wrong("category", "category_unknown");
    }
    if doc_type.is_none() {
        wrong("doc_type", "doc_type_unknown");
    }
    let number = asked.doc_number.as_deref().unwrap_or_default();
    let document = Document::parse(doc_type.unwrap_or(DocType::ResidentId), number);
    if let Err(e) = &document {
        wrong("doc_number", e.code());
    }
    let name = Name::parse(asked.name.as_deref().unwrap_or_default());
    if let Err(e) = &name {
        wrong("name", e.code());
    }
    let ticket = asked.ticket.as_deref().filter(|t| !t.trim().is_empty());
    if ticket.is_some_and(|t| t.chars().count() > LONGEST_TICKET) {
        wrong("ticket", "ticket_length");
    }
    if !keyed && asked.captcha.is_none() {
        wrong("captcha", "captcha_missing");
    }
    match (category, document, name) {
        (Some(category), Ok(document), Ok(name)) if errors.is_empty() => Ok(Query {
            category,
            document,
            name,
            ticket: ticket.map(str::to_owned),
        }),
        _ => Err(Box::new(Problem::fields(t.say("problem-fields"), errors))),
    }
}

/// A category by its code.
#[must_use]
pub fn category(code: &str) -> Option<Category> {
    match code {
        "special_operation" => Some(Category::SpecialOperation),
        "safety_management" => Some(Category::SafetyManagement),
        _ => None,
    }
}

/// A kind of document by its code.
#[must_use]
pub fn doc_type(code: &str) -> Option<DocType> {
    match code {
        "resident_id" => Some(DocType::ResidentId),
        "hmt_residence_permit" => Some(DocType::HmtResidencePermit),
        "foreign_permanent_resident" => Some(DocType::ForeignPermanentResident),
        "passport" => Some(DocType::Passport),
        "officer_card" => Some(DocType::OfficerCard),
        _ => None,
    }
}
