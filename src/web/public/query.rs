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
use domain::{
    document::Document,
    name::Name,
    verdict::{
        Answer, Cause, CertificateShown, NextStep, ProgressShown, Stage, StatusWord, Verdict,
    },
};
use jiff::civil::Date;
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    api::query::{LONGEST_TICKET, Stopped, category, doc_type},
    deadlines,
    feeds::{FeedTold, HomesTold},
    guard::{self, Peer},
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Answered, Query},
};

/// Every cause and the key of its sentences.
pub const CAUSES: [(Cause, &str); 5] = [
    (Cause::TooEarly, "too-early"),
    (Cause::DetailsMismatch, "details-mismatch"),
    (Cause::NotPassedOrNotEligible, "not-passed-or-not-eligible"),
    (Cause::AwaitingSync, "awaiting-sync"),
    (Cause::InstitutionProblem, "institution-problem"),
];

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
    category: String,
    doc_type: String,
    doc_number: String,
    name: String,
    ticket: String,
    captcha_id: String,
    captcha: String,
    /// The button that asks for another picture.
    again: String,
}

/// A mistake beside its field.
struct Mistake {
    field: &'static str,
    sentence: String,
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

#[derive(Template)]
#[template(path = "public/answer.html")]
struct AnswerPage<'a> {
    f: Frame<'a>,
    sent: &'a Sent,
    answer: &'a Answer,
    /// The copies that the answer is told from.
    homes: HomesTold,
    as_of: String,
    today: Date,
    /// Copies that are more than a minute old, where something was not found here.
    feeds: Vec<FeedTold>,
}

impl AnswerPage<'_> {
    /// Whether that day has gone by; it follows from the public day alone.
    fn overdue(&self, due: &Date) -> bool {
        *due < self.today
    }

    /// The limits of the law at work in a case; told with its ticket alone.
    fn deadlines(&self, shown: &ProgressShown) -> Vec<deadlines::Told> {
        let details = shown.details.iter().flat_map(|d| &d.deadlines);
        details.map(|d| deadlines::told(self.f.t, d)).collect()
    }

    fn verdict(&self) -> &'static str {
        match self.answer.verdict {
            Verdict::Found => "found",
            Verdict::InProgress => "in-progress",
            Verdict::NotFound => "not-found",
        }
    }

    /// The verdict, or `attention` where a certificate was found that does not permit work: no
    /// page begins with a green tick over a revoked certificate.
    fn tone(&self) -> &'static str {
        let valid = |c: &CertificateShown| c.status == StatusWord::Valid;
        match self.answer.verdict {
            Verdict::Found if !self.answer.certificates.iter().all(valid) => "attention",
            _ => self.verdict(),
        }
    }

    /// What stands below the verdict.
    fn lead(&self) -> &'static str {
        if self.answer.mismatch_is_fact {
            "mismatch"
        } else {
            self.tone()
        }
    }

    fn code<T: serde::Serialize>(&self, value: &T) -> String {
        page::code(value)
    }

    fn causes(&self) -> Vec<(String, String)> {
        let key = |c: &Cause| {
            CAUSES
                .iter()
                .find(|(k, _)| k == c)
                .map_or("", |(_, key)| *key)
        };
        self.answer
            .causes
            .iter()
            .map(|c| {
                if self.answer.mismatch_is_fact {
                    "mismatch-fact"
                } else {
                    key(c)
                }
            })
            .map(|key| {
                (
                    self.f.s(&format!("cause-{key}")),
                    self.f.s(&format!("cause-{key}-do")),
                )
            })
            .collect()
    }

    /// What is to be known of the copy a certificate is told from, when it is not of this minute.
    fn certificate_sync(&self, index: &usize) -> Option<String> {
        let feed = self.homes.certificates.get(*index)?.as_ref()?;
        Some(feed.story(&self.f))
    }

    /// The last stage in words, where a case is told from a copy.
    fn progress_sync(&self, index: &usize) -> Option<String> {
        let feed = self.homes.progress.get(*index)?.as_ref()?;
        Some(feed.story(&self.f))
    }

    fn step(&self, p: &ProgressShown) -> String {
        let key = STEPS
            .iter()
            .find(|(s, _)| *s == p.next_step)
            .map_or("", |(_, key)| *key);
        self.f.s(&format!("step-{key}"))
    }

    /// The four stages with what each is on the timeline: done, now or ahead.
    fn stages(&self, p: &ProgressShown) -> [(&'static str, &'static str); 4] {
        let all = [
            (Stage::Scoring, "scoring"),
            (Stage::Qualification, "qualification"),
            (Stage::Making, "making"),
            (Stage::Sync, "sync"),
        ];
        all.map(|(stage, word)| {
            let place = match stage.cmp(&p.stage) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "ahead",
            };
            (word, place)
        })
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

fn form_again(
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
    let query = match query(&sent, &|code| {
        t.say(&format!("field-{}", code.replace('_', "-")))
    }) {
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
        .ask(&query, false)
        .await
        .map_err(|stopped| match stopped {
            Stopped::Wait(_) => Trouble::TooManyMisses,
            Stopped::Trouble(trouble) => trouble,
        })?;
    Ok(told(&app, &visitor, &sent, &answered))
}

fn told(app: &App, visitor: &Visitor, sent: &Sent, answered: &Answered) -> Response {
    let (answer, now) = (&answered.answer, clock::now());
    let feeds = match answer.verdict {
        Verdict::Found => Vec::new(),
        Verdict::InProgress | Verdict::NotFound => app.old_feeds(now),
    };
    page::html(&AnswerPage {
        f: Frame::new(app, visitor, "answer-title"),
        sent,
        answer,
        homes: app.homes(&answered.homes, now),
        as_of: page::moment(now),
        today: domain::event::legal_day(now),
        feeds,
    })
}

fn query(sent: &Sent, say: &dyn Fn(&str) -> String) -> Result<Query, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut wrong = |field: &'static str, code: &str| {
        mistakes.push(Mistake {
            field,
            sentence: say(code),
        })
    };
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
    if sent.captcha.trim().is_empty() {
        wrong("captcha", "captcha_missing");
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
