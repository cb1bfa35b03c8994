//! `/api/v1/inquiry`: a question to the authority, for programs: asked with a captcha or a key,
//! looked up and asked back with its two numbers.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::inquiry::{Passcode, Reference, Words};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    super::{
        App, FieldError, Problem, guard,
        guard::Peer,
        inquiry::{self, Stopped, Typed, Wrong},
        lang::{self, Sentences},
    },
    query::bearer,
    trouble,
};
use crate::{
    clock,
    registry::{Taken, Tracked},
};

/// The longest question.
const LONGEST: usize = 16 * 1024;

/// A problem as the answer it becomes.
type Told<T> = Result<T, Box<Response>>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    to: String,
    subject: String,
    words: String,
    contact: String,
    doc_type: String,
    doc_number: String,
    name: String,
    ticket: String,
    institution: String,
    exam_day: String,
    captcha: Option<Solved>,
}

#[derive(Deserialize)]
struct Solved {
    id: String,
    answer: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Numbers {
    reference: String,
    passcode: String,
    words: String,
}

#[derive(Serialize)]
struct TakenReply {
    reference: String,
    /// Told this once; null where the same question is open already.
    passcode: Option<String>,
    office: String,
    due: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    due_provisional: bool,
}

#[derive(Serialize)]
struct StatusReply {
    state: &'static str,
    subject: &'static str,
    office: String,
    due: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    due_provisional: bool,
    story: Vec<StepReply>,
}

#[derive(Serialize)]
struct StepReply {
    act: &'static str,
    on: String,
    office: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

fn stop(t: &Sentences, status: StatusCode, code: &'static str, key: &str) -> Box<Response> {
    Box::new(Problem::new(status, code, t.say(key)).into_response())
}

fn too_many(t: &Sentences, key: &str, wait: u64) -> Box<Response> {
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", t.say(key));
    problem.retry_after = Some(wait);
    Box::new(problem.into_response())
}

fn fields(t: &Sentences, wrong: Vec<Wrong>) -> Box<Response> {
    let errors = wrong.into_iter().map(|(field, code)| FieldError {
        field,
        code,
        message: t.word("field", code),
    });
    Box::new(Problem::fields(t.say("problem-fields"), errors.collect()).into_response())
}

fn read<T: DeserializeOwned>(t: &Sentences, headers: &HeaderMap, body: &[u8]) -> Told<T> {
    if body.len() > LONGEST {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(stop(t, status, "too_large", "trouble-too-large"));
    }
    let json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
    if !json {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(stop(t, status, "media_type", "problem-media-type"));
    }
    serde_json::from_slice(body)
        .map_err(|_| stop(t, StatusCode::BAD_REQUEST, "malformed", "trouble-malformed"))
}

/// Takes a question in.
pub async fn ask(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match taken(&app, peer, &headers, &body).await {
        Ok(reply) => (StatusCode::CREATED, Json(reply)).into_response(),
        Err(problem) => *problem,
    }
}

async fn taken(
    app: &Arc<App>,
    peer: std::net::SocketAddr,
    headers: &HeaderMap,
    body: &[u8],
) -> Told<TakenReply> {
    let t = app.sentences(lang::of(headers));
    let keyed = match bearer(headers) {
        Some(key) if app.knows_key(key) => true,
        Some(_) => {
            let status = StatusCode::UNAUTHORIZED;
            return Err(stop(t, status, "key_unknown", "problem-key"));
        }
        None => false,
    };
    let asked: Asked = read(t, headers, body)?;
    let known = app.known_offices().await.map_err(|e| told(t, e))?;
    let mut wrong = Vec::new();
    let question = inquiry::read(&asked.typed(), None, &known).map_err(|w| wrong.extend(w));
    if !keyed && asked.captcha.is_none() {
        wrong.push(("captcha", "captcha_missing"));
    }
    let question = match question {
        Ok(question) if wrong.is_empty() => question,
        _ => return Err(fields(t, wrong)),
    };
    let from = guard::client(app, headers, peer);
    if let Some(solved) = asked.captcha.as_ref().filter(|_| !keyed) {
        app.limits
            .question(from)
            .map_err(|wait| too_many(t, "trouble-too-many", wait))?;
        if !app.captchas.spend(&solved.id, &solved.answer, clock::now()) {
            let status = StatusCode::FORBIDDEN;
            return Err(stop(t, status, "captcha_failed", "problem-captcha"));
        }
    }
    let taken = app.inquire(question, (!keyed).then_some(from)).await;
    match taken {
        Ok(taken) => Ok(TakenReply::of(&taken)),
        Err(stopped) => Err(refused(t, stopped)),
    }
}

fn refused(t: &Sentences, stopped: Stopped) -> Box<Response> {
    match stopped {
        Stopped::Address(wait) => too_many(t, "inquiry-too-many", wait),
        Stopped::Target(wait) => too_many(t, "inquiry-too-many-target", wait),
        Stopped::Trouble(trouble) => told(t, trouble),
    }
}

fn told(t: &Sentences, trouble_: super::super::Trouble) -> Box<Response> {
    Box::new(trouble(t, trouble_))
}

impl Asked {
    fn typed(&self) -> Typed<'_> {
        Typed {
            to: &self.to,
            subject: &self.subject,
            words: &self.words,
            contact: &self.contact,
            doc_type: &self.doc_type,
            doc_number: &self.doc_number,
            name: &self.name,
            ticket: &self.ticket,
            institution: &self.institution,
            exam_day: &self.exam_day,
        }
    }
}

impl TakenReply {
    fn of(taken: &Taken) -> Self {
        Self {
            reference: taken.reference.spelled(),
            passcode: taken.passcode.map(Passcode::spelled),
            office: taken.office.clone(),
            due: taken.due.0.to_string(),
            due_provisional: !taken.due.1,
        }
    }
}

/// Where an inquiry stands.
pub async fn status(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let t = app.sentences(lang::of(&headers));
    match looked_up(&app, peer, &headers, &body).await {
        Ok((_, _, tracked)) => Json(StatusReply::of(&app, &tracked)).into_response(),
        Err(Ok(problem)) => *problem,
        Err(Err(stopped)) => *refused(t, stopped),
    }
}

type LookedUp = (Reference, Numbers, Tracked);

/// The inquiry of the two numbers, or the problem.
async fn looked_up(
    app: &Arc<App>,
    peer: std::net::SocketAddr,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<LookedUp, Result<Box<Response>, Stopped>> {
    let t = app.sentences(lang::of(headers));
    let from = guard::client(app, headers, peer);
    app.limits
        .question(from)
        .map_err(|wait| Ok(too_many(t, "trouble-too-many", wait)))?;
    let sent: Numbers = read(t, headers, body).map_err(Ok)?;
    let (reference, passcode) =
        inquiry::numbers(&sent.reference, &sent.passcode).map_err(|wrong| Ok(fields(t, wrong)))?;
    match app.track(reference, passcode).await.map_err(Err)? {
        Some(tracked) if tracked.wrong => {
            let status = StatusCode::FORBIDDEN;
            Err(Ok(stop(
                t,
                status,
                "passcode_wrong",
                "field-passcode-wrong",
            )))
        }
        Some(tracked) => Ok((reference, sent, tracked)),
        None => {
            let status = StatusCode::NOT_FOUND;
            let key = "field-reference-unknown";
            Err(Ok(stop(t, status, "reference_unknown", key)))
        }
    }
}

impl StatusReply {
    fn of(app: &App, tracked: &Tracked) -> Self {
        let name = |code| app.registry.office_name(code);
        let story = tracked.steps().into_iter().map(|step| StepReply {
            act: step.what,
            on: step.on.to_string(),
            office: name(step.office),
            words: step.words.map(|w| w.expose().to_owned()),
        });
        Self {
            state: tracked.state(),
            subject: tracked.subject().code(),
            office: name(tracked.office()),
            due: tracked.due.map(|(day, _)| day.to_string()),
            due_provisional: tracked.due.is_some_and(|(_, sure)| !sure),
            story: story.collect(),
        }
    }
}

/// The asker asks back, and is told where the inquiry then stands.
pub async fn again(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match asked_back(&app, peer, &headers, &body).await {
        Ok(reply) => Json(reply).into_response(),
        Err(problem) => *problem,
    }
}

async fn asked_back(
    app: &Arc<App>,
    peer: std::net::SocketAddr,
    headers: &HeaderMap,
    body: &[u8],
) -> Told<StatusReply> {
    let t = app.sentences(lang::of(headers));
    let found = looked_up(app, peer, headers, body).await;
    let (reference, sent, _) =
        found.map_err(|e| e.unwrap_or_else(|stopped| refused(t, stopped)))?;
    let Ok(passcode) = sent.passcode.parse::<Passcode>() else {
        return Err(fields(t, vec![("passcode", "passcode_invalid")]));
    };
    let words = Words::parse(&sent.words).map_err(|e| fields(t, vec![("words", e.code())]))?;
    app.run(move |r| r.ask_back(reference, passcode, &words, clock::now()))
        .await
        .map_err(|e| told(t, e))?;
    let tracked = app.track(reference, Some(passcode)).await;
    match tracked.map_err(|stopped| refused(t, stopped))? {
        Some(tracked) => Ok(StatusReply::of(app, &tracked)),
        None => Err(told(t, super::super::Trouble::NotFound)),
    }
}
