//! `/inquiry`: a question to the authority. What an answer hands on comes in a form field, sealed for
//! the browser that got the answer; nothing of it stands in an address.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::inquiry::{Line, Passcode, Subject, Whom, Words};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    feeds::FeedTold,
    guard::{self, Peer},
    inquiry::{self, Known, Stopped, Typed, Wrong},
    lang::Sentences,
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Attached, Query, Taken},
};

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
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
    attached: String,
    captcha_id: String,
    captcha: String,
    /// The button that asks for another picture.
    again: String,
}

/// A mistake beside its field.
pub(super) struct Mistake {
    pub field: &'static str,
    pub sentence: String,
}

/// The sentences of what is wrong.
pub(super) fn mistakes(t: &Sentences, wrong: &[Wrong]) -> Vec<Mistake> {
    let told = wrong.iter().map(|(field, code)| Mistake {
        field,
        sentence: t.word("field", code),
    });
    told.collect()
}

/// The sentence of a field that is wrong.
pub(super) fn mistake_of<'m>(mistakes: &'m [Mistake], field: &str) -> Option<&'m str> {
    let of_field = |m: &&Mistake| m.field == field;
    mistakes.iter().find(of_field).map(|m| m.sentence.as_str())
}

#[derive(Template)]
#[template(path = "public/inquiry.html")]
struct FormPage<'a> {
    f: Frame<'a>,
    sent: &'a Sent,
    known: Known,
    /// What an answer handed on.
    attached: Option<Attached>,
    /// Where to ask, on a node that only follows others.
    elsewhere: Vec<(String, String)>,
    captcha: String,
    /// What was typed for a picture that is still to be answered.
    typed: &'a str,
    mistakes: Vec<Mistake>,
}

impl FormPage<'_> {
    fn mistake(&self, field: &str) -> Option<&str> {
        mistake_of(&self.mistakes, field)
    }

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

    fn subjects(&self) -> [&'static str; 3] {
        Subject::ALL.map(Subject::code)
    }

    fn longest(&self) -> usize {
        Words::LONGEST
    }

    /// A case has its authority.
    fn has_case(&self) -> bool {
        self.attached.as_ref().is_some_and(|a| a.case.is_some())
    }
}

#[derive(Template)]
#[template(path = "public/inquiry-done.html")]
struct DonePage<'a> {
    f: Frame<'a>,
    taken: Taken,
}

impl DonePage<'_> {
    fn spelled(&self, passcode: &Passcode) -> String {
        passcode.spelled()
    }
}

/// What an answer hands on, as the field of its form carries it.
pub(super) fn hand_on(app: &App, visitor: &Visitor, query: &Query, case: Option<&str>) -> String {
    let whom = Whom {
        name: query.name.clone(),
        document: query.document.clone(),
    };
    let ticket = query.ticket.as_deref().and_then(|t| Line::parse(t).ok());
    let case = case.and_then(|id| id.parse().ok());
    let sealed = app
        .registry
        .attach(whom, case, ticket, &visitor.token, clock::now());
    URL_SAFE_NO_PAD.encode(sealed)
}

fn handed_on(app: &App, visitor: &Visitor, field: &str) -> Option<Attached> {
    let sealed = URL_SAFE_NO_PAD.decode(field).ok()?;
    app.registry.attached(&sealed, &visitor.token, clock::now())
}

/// The form.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    form_again(&app, &visitor, &Sent::default(), Vec::new(), StatusCode::OK).await
}

/// The form, about the query that was just answered.
pub async fn about(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let sent = Sent {
        subject: sent.subject,
        attached: sent.attached,
        ..Sent::default()
    };
    form_again(&app, &visitor, &sent, Vec::new(), StatusCode::OK).await
}

async fn form_again(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: &Sent,
    mistakes: Vec<Mistake>,
    status: StatusCode,
) -> Result<Response, Trouble> {
    let known = app.known_offices().await?;
    let elsewhere = if known.authorities.is_empty() {
        let feeds = app.feeds(clock::now());
        feeds.iter().map(FeedTold::local_inquiry).collect()
    } else {
        Vec::new()
    };
    // A slip in another field does not use the picture up, nor what was read in it.
    let now = clock::now();
    let kept = sent.again.is_empty() && app.captchas.is_open(&sent.captcha_id, now);
    let (captcha, typed) = if kept {
        (sent.captcha_id.clone(), sent.captcha.trim())
    } else {
        (app.chance.with(|rng| app.captchas.open(rng, now)), "")
    };
    Ok(page::with_status(
        status,
        &FormPage {
            f: Frame::new(app, visitor, "inquiry-title"),
            sent,
            attached: handed_on(app, visitor, &sent.attached),
            known,
            elsewhere,
            captcha,
            typed,
            mistakes,
        },
    ))
}

/// The question.
pub async fn ask(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    if !sent.again.is_empty() {
        return form_again(&app, &visitor, &sent, Vec::new(), StatusCode::OK).await;
    }
    let t = app.sentences(visitor.lang);
    let known = app.known_offices().await?;
    let attached = handed_on(&app, &visitor, &sent.attached);
    let mut wrong = Vec::new();
    let asked = inquiry::read(&sent.typed(), attached, &known).map_err(|w| wrong.extend(w));
    if sent.captcha.trim().is_empty() {
        wrong.push(("captcha", "captcha_missing"));
    }
    let asked = match asked {
        Ok(asked) if wrong.is_empty() => asked,
        _ => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_again(&app, &visitor, &sent, mistakes(t, &wrong), status).await;
        }
    };
    let from = guard::client(&app, &headers, peer);
    app.limits.question(from).map_err(|_| Trouble::TooMany)?;
    if !app
        .captchas
        .spend(&sent.captcha_id, &sent.captcha, clock::now())
    {
        let mistake = one("captcha", t.say("problem-captcha"));
        return form_again(&app, &visitor, &sent, mistake, StatusCode::FORBIDDEN).await;
    }
    let key = match app.inquire(asked, Some(from)).await {
        Ok(taken) => return Ok(done(&app, &visitor, taken)),
        Err(Stopped::Trouble(trouble)) => return Err(trouble),
        Err(Stopped::Address(_)) => "inquiry-too-many",
        Err(Stopped::Target(_)) => "inquiry-too-many-target",
    };
    let mistake = one("words", t.say(key));
    form_again(
        &app,
        &visitor,
        &sent,
        mistake,
        StatusCode::TOO_MANY_REQUESTS,
    )
    .await
}

pub(super) fn one(field: &'static str, sentence: String) -> Vec<Mistake> {
    vec![Mistake { field, sentence }]
}

fn done(app: &App, visitor: &Visitor, taken: Taken) -> Response {
    page::html(&DonePage {
        f: Frame::new(app, visitor, "inquiry-done-title"),
        taken,
    })
}

impl Sent {
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
