//! `/query`: the public question as a page. The form is posted and the answer is the reply to the
//! post, so the address bar never carries a number or a name.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{document::Document, name::Name, verdict::NextStep};
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        api::query::{LONGEST_TICKET, category, doc_type},
        ask::{By, Stopped},
        guard::{self, Peer},
        lang::Sentences,
        narrow::Fields,
        page::{self, Frame},
    },
    answer,
};
use crate::{
    clock,
    registry::{Narrowed, Query},
};

/// Every next step and the key of its sentence.
pub const STEPS: [(NextStep, &str); 9] = [
    (NextStep::WaitForScores, "wait-for-scores"),
    (NextStep::WaitForDecision, "wait-for-decision"),
    (NextStep::WaitForMaking, "wait-for-making"),
    (NextStep::AskWithTicket, "ask-with-ticket"),
    (NextStep::WaitForReport, "wait-for-report"),
    (NextStep::Resit, "resit"),
    (NextStep::RegisterAgain, "register-again"),
    (NextStep::HandInMissing, "hand-in-missing"),
    (NextStep::Appeal, "appeal"),
];

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    pub(super) category: String,
    pub(super) doc_type: String,
    pub(super) doc_number: String,
    pub(super) name: String,
    pub(super) ticket: String,
    captcha_id: String,
    captcha: String,
    /// The button that asks for another picture.
    again: String,
    /// What narrows a miss down.
    pub(super) exam_day: String,
    pub(super) institution: String,
    pub(super) province: String,
    pub(super) item: String,
    /// Given with a miss: the same question needs no other captcha.
    pub(super) slip: String,
}

impl Sent {
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields {
            exam_day: &self.exam_day,
            institution: &self.institution,
            province: &self.province,
            item: &self.item,
        }
    }
}

/// A mistake beside its field.
pub(super) struct Mistake {
    pub(super) field: &'static str,
    pub(super) sentence: String,
}

#[derive(Template)]
#[template(path = "public/query.html")]
struct FormPage<'a> {
    f: Frame<'a>,
    sent: &'a Sent,
    captcha: String,
    /// What was typed for a picture that is still to be answered.
    typed: &'a str,
    mistakes: Vec<Mistake>,
}

impl FormPage<'_> {
    fn mistake(&self, field: &str) -> Option<&str> {
        self.mistakes
            .iter()
            .find(|m| m.field == field)
            .map(|m| m.sentence.as_str())
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
}

/// The form.
pub async fn form(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    let sent = Sent {
        category: "special_operation".into(),
        doc_type: "resident_id".into(),
        ..Sent::default()
    };
    form_again(&app, &visitor, &sent, Vec::new(), StatusCode::OK)
}

pub(super) fn form_again(
    app: &App,
    visitor: &Visitor,
    sent: &Sent,
    mistakes: Vec<Mistake>,
    status: StatusCode,
) -> Response {
    // A slip in another field does not use the picture up, nor what was read in it.
    let now = clock::now();
    let kept = sent.again.is_empty() && app.captchas.is_open(&sent.captcha_id, now);
    let (captcha, typed) = if kept {
        (sent.captcha_id.clone(), sent.captcha.trim())
    } else {
        (app.chance.with(|rng| app.captchas.open(rng, now)), "")
    };
    let f = Frame::new(app, visitor, "query-title");
    page::with_status(
        status,
        &FormPage {
            f,
            sent,
            captcha,
            typed,
            mistakes,
        },
    )
}

/// The picture of an open challenge.
pub async fn picture(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let png = app
        .chance
        .with(|rng| app.captchas.draw(&id, rng))
        .ok_or(Trouble::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// The answer.
pub async fn ask(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    if !sent.again.is_empty() {
        return Ok(form_again(
            &app,
            &visitor,
            &sent,
            Vec::new(),
            StatusCode::OK,
        ));
    }
    let t = app.sentences(visitor.lang);
    let query = match with_captcha(&sent, t) {
        Ok(query) => query,
        Err(mistakes) => {
            return Ok(form_again(
                &app,
                &visitor,
                &sent,
                mistakes,
                StatusCode::UNPROCESSABLE_ENTITY,
            ));
        }
    };
    app.limits
        .question(guard::client(&app, &headers, peer))
        .map_err(|_| Trouble::TooMany)?;
    if !app
        .captchas
        .spend(&sent.captcha_id, &sent.captcha, clock::now())
    {
        let mistakes = vec![Mistake {
            field: "captcha",
            sentence: t.say("problem-captcha"),
        }];
        return Ok(form_again(
            &app,
            &visitor,
            &sent,
            mistakes,
            StatusCode::FORBIDDEN,
        ));
    }
    let answered = app
        .ask(&query, Narrowed::default(), By::Captcha)
        .await
        .map_err(trouble)?;
    Ok(answer::told(
        &app,
        &visitor,
        &sent,
        &query,
        &answered,
        Vec::new(),
    ))
}

pub(super) fn trouble(stopped: Stopped) -> Trouble {
    match stopped {
        Stopped::Wait(_) => Trouble::TooManyMisses,
        Stopped::Trouble(trouble) => trouble,
    }
}

/// What is wrong, to stand beside its field.
pub(super) fn beside(t: &Sentences, field: &'static str, code: &str) -> Mistake {
    let key = format!("field-{}", code.replace('_', "-"));
    let sentence = t.say(&key);
    Mistake { field, sentence }
}

/// The question of the fields; what was read in the picture must be there, too.
fn with_captcha(sent: &Sent, t: &Sentences) -> Result<Query, Vec<Mistake>> {
    let asked = query(sent, t);
    if !sent.captcha.trim().is_empty() {
        return asked;
    }
    let mut mistakes = asked.err().unwrap_or_default();
    mistakes.push(beside(t, "captcha", "captcha_missing"));
    Err(mistakes)
}

/// The question of the fields, but for the captcha.
pub(super) fn query(sent: &Sent, t: &Sentences) -> Result<Query, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut wrong = |field: &'static str, code: &str| mistakes.push(beside(t, field, code));
    let category = category(&sent.category);
    if category.is_none() {
        wrong("category", "category_unknown");
    }
    let kind = doc_type(&sent.doc_type);
    if kind.is_none() {
        wrong("doc_type", "doc_type_unknown");
    }
    let document = kind.map(|kind| Document::parse(kind, &sent.doc_number));
    if let Some(Err(e)) = &document {
        wrong("doc_number", e.code());
    }
    let name = Name::parse(&sent.name);
    if let Err(e) = &name {
        wrong("name", e.code());
    }
    if sent.ticket.trim().chars().count() > LONGEST_TICKET {
        wrong("ticket", "ticket_length");
    }
    let ticket = Some(sent.ticket.trim())
        .filter(|t| !t.is_empty())
        .map(str::to_owned);
    match (category, document, name) {
        (Some(category), Some(Ok(document)), Ok(name)) if mistakes.is_empty() => Ok(Query {
            category,
            document,
            name,
            ticket,
        }),
        _ => Err(mistakes),
    }
}
