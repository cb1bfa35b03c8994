//! `/console/announcements`: what is announced to everybody, and the form of the next announcement.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    inquiry::{Line as OneLine, Words},
    publication::{Announcement, Content, Proposal, Said},
};
use jiff::civil::Date;
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    publications::{Line, line},
};
use crate::clock;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    zh_title: String,
    zh_words: String,
    en_title: String,
    en_words: String,
    from: String,
    until: String,
}

/// What is wrong in the form: each field with its sentence.
#[derive(Default)]
struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| *name == field);
        found.map(|(_, said)| said.as_str())
    }
}

#[derive(Template)]
#[template(path = "console/announcements.html")]
struct Announcements<'a> {
    f: Frame<'a>,
    lines: Vec<Line>,
    sent: Sent,
    wrong: Wrong,
    mistake: Option<String>,
}

impl Announcements<'_> {
    fn longest(&self) -> [usize; 2] {
        [OneLine::LONGEST, Words::LONGEST]
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.of(field)
    }
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, Sent::default(), Wrong::default(), None).await
}

/// Proposes an announcement; another officer approves it.
pub async fn propose(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let f = Frame::new(&app, &visitor, "announcements-title");
    let announcement = match read(&f, &sent) {
        Ok(announcement) => announcement,
        Err(wrong) => {
            let said = f.s("announcement-wrong");
            return page_of(&app, &visitor, sent, wrong, Some(said)).await;
        }
    };
    let proposal = Proposal {
        content: Content::Announcement(announcement),
        sha256: String::new(),
    };
    let done = app.run(move |r| r.propose_publication(proposal, &officer, clock::now()));
    match done.await {
        Ok(id) => Ok(Redirect::to(&format!("/console/packs/{id}")).into_response()),
        Err(Trouble::Refused(refusal)) => {
            let said = f.word("refusal", refusal.code());
            page_of(&app, &visitor, sent, Wrong::default(), Some(said)).await
        }
        Err(other) => Err(other),
    }
}

fn read(f: &Frame<'_>, sent: &Sent) -> Result<Announcement, Wrong> {
    let mut wrong = Vec::new();
    let mut said = |fields: [&'static str; 2], title: &str, words: &str| {
        let title = OneLine::parse(title).map_err(|e| wrong.push((fields[0], e.code())));
        let words = Words::parse(words).map_err(|e| wrong.push((fields[1], e.code())));
        Some(Said {
            title: title.ok()?,
            words: words.ok()?,
        })
    };
    let zh = said(["zh_title", "zh_words"], &sent.zh_title, &sent.zh_words);
    let en = said(["en_title", "en_words"], &sent.en_title, &sent.en_words);
    let mut told: Vec<(&'static str, String)> = wrong
        .into_iter()
        .map(|(field, code)| (field, f.word("field", code)))
        .collect();
    let mut day = |field, text: &str| -> Option<Date> {
        let day = text.trim().parse().ok();
        if day.is_none() {
            told.push((field, f.s("announcement-day")));
        }
        day
    };
    let (from, until) = (day("from", &sent.from), day("until", &sent.until));
    if from > until && until.is_some() {
        told.push(("until", f.s("announcement-until")));
    }
    match (zh, en, from, until) {
        (Some(zh), Some(en), Some(from), Some(until)) if told.is_empty() => Ok(Announcement {
            zh,
            en,
            from,
            until,
        }),
        _ => Err(Wrong(told)),
    }
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: Sent,
    wrong: Wrong,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let status = page::status(mistake.is_some());
    let all = app.run(crate::registry::Registry::publications).await?;
    let is_news = |content: &Content| matches!(content, Content::Announcement(_));
    let news = all
        .iter()
        .filter(|one| is_news(&one.publication.proposal.content));
    let page = Announcements {
        f: Frame::new(app, visitor, "announcements-title"),
        lines: news.map(|one| line(app, one)).collect(),
        sent,
        wrong,
        mistake,
    };
    Ok(page::with_status(status, &page))
}
