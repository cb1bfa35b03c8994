//! `/console/inquiries`: what the public asks the officer's authority, and one inquiry with its
//! story, its answer and its way to another authority.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query as Asked, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    event::Act,
    inquiry::{Line, Words},
    office::OfficeCode,
    record::RecordId,
};
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        caller::AtRecord,
        page::{self, Frame},
    },
    readings,
};
use crate::{
    clock,
    registry::{InquiryFile, InquiryLine, Purpose},
};

/// The longest list on one page.
const MOST: u16 = 200;

/// What may be asked of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    /// Anything shows those that are answered.
    done: String,
}

#[derive(Template)]
#[template(path = "console/inquiries.html")]
struct List<'a> {
    f: Frame<'a>,
    lines: Vec<InquiryLine>,
    done: bool,
}

/// The list: those that wait, the first due first; or those that are answered.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(which): Asked<Which>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let done = !which.done.is_empty();
    let lines = app
        .run(move |r| r.inquiries(&officer, !done, MOST, clock::today()))
        .await?;
    Ok(page::html(&List {
        f: Frame::new(&app, &visitor, "inquiries-title"),
        lines,
        done,
    }))
}

/// What the form of one inquiry sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    inquiry: String,
    command: String,
    answer: String,
    to: String,
    reason: String,
}

/// One event, ready to be shown.
struct Shown {
    idx: i64,
    at: String,
    what: &'static str,
    told: Vec<String>,
    who: String,
    role: &'static str,
}

/// A case or a certificate the inquiry may be about; of a certificate its last day.
struct Meant {
    id: String,
    item: String,
    state: &'static str,
    since: String,
}

#[derive(Template)]
#[template(path = "console/inquiry.html")]
struct One<'a> {
    f: Frame<'a>,
    file: InquiryFile,
    /// Who read it, the last first.
    readings: Vec<readings::Shown>,
    institution: Option<String>,
    story: Vec<Shown>,
    cases: Vec<Meant>,
    certificates: Vec<Meant>,
    others: Vec<(OfficeCode, String)>,
    sent: Sent,
    mistake: Option<String>,
}

impl One<'_> {
    fn longest(&self) -> usize {
        Words::LONGEST
    }

    fn line(&self, line: &Line) -> String {
        line.expose().to_owned()
    }
}

/// One inquiry of the officer's own authority.
pub async fn show(at: AtRecord) -> Result<Response, Trouble> {
    page_of(&at.app, &at.visitor, at.id, Sent::default(), None).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    id: RecordId,
    sent: Sent,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (file, others, readings) = app
        .run(move |r| {
            let file = r.inquiry_file(&officer, id, clock::today())?;
            r.record_reading(&officer, id, Purpose::Inquiry);
            let readings = r.readings_of(id, readings::SHOWN)?;
            Ok((file, r.other_authorities(&officer.office)?, readings))
        })
        .await?;
    let f = Frame::new(app, visitor, "inquiry-one-title");
    let question = &file.line.inquiry.question;
    let institution = question.institution.as_ref();
    let institution = institution.map(|code| app.registry.office_name(code));
    let story = file.story.iter().map(|(idx, e)| Shown {
        idx: *idx,
        at: page::moment(e.at),
        what: e.act.kind(),
        told: told(app, &e.act),
        who: e.by.officer.as_str().to_owned(),
        role: e.by.role.code(),
    });
    let cases = file.cases.iter().map(|c| Meant {
        id: c.id.to_string(),
        item: app.registry.item_name(&c.registration.item),
        state: c.state.word(),
        since: c.stage_since.to_string(),
    });
    let certificates = file.certificates.iter().map(|c| Meant {
        id: c.says.certificate.to_string(),
        item: app.registry.item_name(&c.says.item),
        state: c.status.word(),
        since: c.says.valid_until.to_string(),
    });
    let (story, cases) = (story.collect(), cases.collect());
    let certificates = certificates.collect();
    let status = page::status(mistake.is_some());
    Ok(page::with_status(
        status,
        &One {
            f,
            institution,
            story,
            cases,
            certificates,
            others,
            sent,
            mistake,
            file,
            readings: readings::told(readings),
        },
    ))
}

/// What an event says beside its name.
fn told(app: &App, act: &Act) -> Vec<String> {
    let lines = |words: &Words| words.expose().lines().map(str::to_owned).collect();
    match act {
        Act::InquiryAsked(q) => lines(&q.words),
        Act::InquiryForwarded { to, reason } => {
            let mut told = vec![app.registry.office_name(to)];
            told.extend::<Vec<String>>(lines(reason));
            told
        }
        Act::InquiryAnswered { words } | Act::InquiryReopened { words } => lines(words),
        _ => Vec::new(),
    }
}

/// The answer, or the way to another authority.
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = sent.inquiry.parse().map_err(|_| Trouble::Malformed)?;
    let typed = match sent.command.as_str() {
        "answer" => &sent.answer,
        "forward" => &sent.reason,
        _ => return Err(Trouble::Malformed),
    };
    let words = match Words::parse(typed) {
        Ok(words) => words,
        Err(e) => {
            let mistake = app.sentences(visitor.lang).word("field", e.code());
            return page_of(&app, &visitor, id, sent, Some(mistake)).await;
        }
    };
    let (forward, to) = (
        sent.command == "forward",
        OfficeCode::from(sent.to.as_str()),
    );
    let done = app
        .run(move |r| {
            if forward {
                r.forward_inquiry(id, to, words, &officer, clock::now())
            } else {
                r.answer_inquiry(id, words, &officer, clock::now())
            }
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to("/console/inquiries").into_response()),
        Err(Trouble::Refused(refusal)) => {
            let t = app.sentences(visitor.lang);
            let mistake = t.word("refusal", refusal.code());
            page_of(&app, &visitor, id, sent, Some(mistake)).await
        }
        Err(other) => Err(other),
    }
}
