//! `POST /api/v1/query`: the public question for programs, with a captcha or a key.

use std::{borrow::Cow, sync::Arc};

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
    verdict::{Certainty, CertificateShown, Contacts, NextStep, Verdict},
    whynot::{Reason, Weighed},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{
    App, FieldError, Problem,
    ask::{By, Stopped},
    feeds::FeedTold,
    guard,
    guard::Peer,
    lang::{self, Sentences},
    narrow::Fields,
    whynot::{self, Words},
};
use super::progress;
use crate::{
    clock,
    registry::{Answered, Narrowed, National, Query},
};

/// The longest question.
const LONGEST: usize = 8 * 1024;
/// The longest admission-ticket number anybody may type.
pub const LONGEST_TICKET: usize = 40;

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow, default)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    doc_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    doc_number: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    ticket: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    exam_day: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    institution: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    province: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    item: Option<Cow<'a, str>>,
    #[serde(default)]
    captcha: Option<Solved>,
}

impl Asked<'_> {
    fn fields(&self) -> Fields<'_> {
        Fields {
            exam_day: self.exam_day.as_deref().unwrap_or_default(),
            institution: self.institution.as_deref().unwrap_or_default(),
            province: self.province.as_deref().unwrap_or_default(),
            item: self.item.as_deref().unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
struct Solved {
    id: String,
    answer: String,
}

/// The sentences of the hot answer, rendered once.
pub struct Told {
    causes: Vec<(Reason, Words)>,
    steps: Vec<(NextStep, String)>,
}

/// A cause as it is told to a program.
#[derive(Serialize)]
struct CauseReply<'a> {
    #[serde(flatten)]
    weighed: &'a Weighed,
    text: Cow<'a, str>,
    means: Cow<'a, str>,
    what_to_do: Cow<'a, str>,
}

impl Told {
    /// Renders the sentences of a language.
    #[must_use]
    pub fn new(t: &Sentences) -> Self {
        let names = whynot::Names {
            province: &|code| code.to_owned(),
            office: &|code| code.to_string(),
        };
        let steps = super::super::public::query::STEPS
            .map(|(s, key)| (s, t.say(&format!("step-{key}"))))
            .to_vec();
        Self {
            causes: whynot::UNTOLD
                .map(|reason| {
                    let words = whynot::words(t, &reason, &names);
                    (reason, words)
                })
                .to_vec(),
            steps,
        }
    }

    fn cause<'a>(&'a self, app: &App, t: &Sentences, weighed: &'a Weighed) -> CauseReply<'a> {
        let known = self.causes.iter().find(|(r, _)| *r == weighed.reason);
        let [text, means, what_to_do] = match known {
            Some((_, words)) => {
                [&words.text, &words.means, &words.what_to_do].map(|s| Cow::from(s.as_str()))
            }
            None => {
                let words = app.why(t, weighed);
                [words.text, words.means, words.what_to_do].map(Cow::from)
            }
        };
        CauseReply {
            weighed,
            text,
            means,
            what_to_do,
        }
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
    progress: Vec<progress::Reply<'a>>,
    /// What is certain or possible, the most certain first.
    causes: Vec<CauseReply<'a>>,
    /// What the facts exclude.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ruled_out: Vec<CauseReply<'a>>,
    #[serde(skip_serializing_if = "Contacts::is_empty")]
    contacts: &'a Contacts,
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
    /// Of this node's own, where its journal goes to a nation.
    #[serde(skip_serializing_if = "Option::is_none")]
    national: Option<NationalReply>,
}

#[derive(Serialize)]
struct NationalReply {
    #[serde(flatten)]
    national: National,
    next_slot: Option<Timestamp>,
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
    let Read {
        query,
        narrowed,
        captcha,
    } = read(app, headers, body, keyed)?;
    // Without a key there is a captcha: `query` has seen to it.
    if let Some(solved) = &captcha {
        admit(app, peer, headers, solved, t)?;
    }
    let answered = app
        .ask(&query, narrowed, if keyed { By::Key } else { By::Captcha })
        .await
        .map_err(|stopped| match stopped {
            Stopped::Wait(seconds) => too_many(t, "trouble-too-many-person", seconds),
            Stopped::Trouble(trouble) => {
                let (status, key) = trouble.told();
                stop(t, status, "unavailable", key)
            }
        })?;
    serde_json::to_vec(&reply(app, &answered, code)).map_err(|_| {
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
    narrowed: Narrowed,
    captcha: Option<Solved>,
}

fn read(app: &App, headers: &HeaderMap, body: &[u8], keyed: bool) -> Result<Read, Box<Problem>> {
    let t = app.sentences(lang::of(headers));
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
    let (query, narrowed) = query(app, &asked, keyed, t)?;
    let captcha = asked.captcha.filter(|_| !keyed);
    Ok(Read {
        query,
        narrowed,
        captcha,
    })
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

fn reply<'a>(app: &'a App, answered: &'a Answered, code: lang::Code) -> Reply<'a> {
    let (answer, now) = (&answered.answer, clock::now());
    let (told, t) = (app.told(code), app.sentences(code));
    let today = domain::event::legal_day(now);
    let homes = app.homes(&answered.homes, now);
    let certificates = answer.certificates.iter().zip(homes.certificates);
    let mut national = answered.national.iter();
    let running = answer.progress.iter().zip(homes.progress);
    let causes = |excluded: bool| {
        let all = answer.causes.iter();
        all.filter(move |w| (w.certainty == Certainty::RuledOut) == excluded)
            .map(|w| told.cause(app, t, w))
            .collect()
    };
    Reply {
        verdict: answer.verdict,
        certificates: certificates
            .map(|(shown, feed)| CertificateReply {
                shown,
                feed,
                national: national.next().map(|national| NationalReply {
                    national: *national,
                    next_slot: app.next_slot(now),
                }),
            })
            .collect(),
        progress: running
            .map(|(p, feed)| progress::reply(app, p, feed, told.step(p.next_step), today))
            .collect(),
        causes: causes(false),
        ruled_out: causes(true),
        contacts: &answer.contacts,
        feeds: app.old_feeds(now),
        as_of: now,
    }
}

pub(in crate::web) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, key)| key.trim())
}

/// The question from its fields, all that is wrong told at once.
fn query(
    app: &App,
    asked: &Asked<'_>,
    keyed: bool,
    t: &Sentences,
) -> Result<(Query, Narrowed), Box<Problem>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, code: &'static str| {
        let message = t.word("field", code);
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
    let narrowed = app.narrowed(asked.fields(), clock::now());
    for (field, code) in narrowed.as_ref().err().into_iter().flatten() {
        wrong(field, code);
    }
    match (category, document, name, narrowed) {
        (Some(category), Ok(document), Ok(name), Ok(narrowed)) if errors.is_empty() => {
            let ticket = ticket.map(str::to_owned);
            let query = Query {
                category,
                document,
                name,
                ticket,
            };
            Ok((query, narrowed))
        }
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
