//! `/console/packs/{id}` and what is decided there: one publication, whole, with its story.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    catalogue::{Catalogue, List},
    event::{Act, Event},
    law::Limit,
    pack::RulePack,
    publication::{Announcement, Content, Publication, State as Stands},
    record::RecordId,
};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    caller::AtRecord,
    deadlines,
    page::{self, Frame},
};
use crate::{clock, packs, registry::Published};

/// A publication in a list.
pub(super) struct Line {
    pub id: String,
    /// Empty for this node's own.
    pub province: String,
    pub kind: &'static str,
    pub name: String,
    pub from: String,
    pub until: String,
    pub state: &'static str,
    pub proposed: (String, String),
    pub decided: Option<(String, String)>,
    pub sha256: String,
}

/// A publication as the lists show it.
pub(super) fn line(app: &App, one: &Published) -> Line {
    let Published {
        province,
        publication: p,
    } = one;
    let content = &p.proposal.content;
    let decided = match &p.state {
        Stands::Proposed => None,
        Stands::Approved { by, on } | Stands::Withdrawn { by, on, .. } => {
            Some((by.as_str().to_owned(), on.to_string()))
        }
    };
    Line {
        id: p.id.to_string(),
        province: match province.as_str() {
            "" => String::new(),
            code => app.province_name(code),
        },
        kind: content.word(),
        name: packs::name(content),
        from: content.from().map(|d| d.to_string()).unwrap_or_default(),
        until: match content {
            Content::Announcement(a) => a.until.to_string(),
            _ => String::new(),
        },
        state: p.word(),
        proposed: (p.proposed_by.as_str().to_owned(), p.proposed_on.to_string()),
        decided,
        sha256: p.proposal.sha256.clone(),
    }
}

/// A limit of a pack beside the one in force.
struct LimitRow {
    name: String,
    value: String,
    before: Option<String>,
    source: String,
    text: String,
    verified: bool,
}

/// An item of a catalogue beside the one in force.
struct ItemRow {
    code: String,
    name: String,
    days: String,
    is_new: bool,
}

/// One event, ready to be shown.
struct Shown {
    idx: i64,
    at: String,
    what: &'static str,
    ground: String,
    who: String,
    role: &'static str,
}

#[derive(Template)]
#[template(path = "console/publication.html")]
struct One<'a> {
    f: Frame<'a>,
    line: Line,
    limits: Vec<LimitRow>,
    items: Vec<ItemRow>,
    /// Of each language the title and the words.
    said: Vec<(&'static str, String, Vec<String>)>,
    story: Vec<Shown>,
    may_approve: bool,
    may_withdraw: bool,
    is_own: bool,
    mistake: Option<String>,
    sent: Decision,
}

/// What the form of a decision sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    publication: String,
    command: String,
    ground: String,
}

/// The page.
pub async fn show(at: AtRecord) -> Result<Response, Trouble> {
    page_of(&at.app, &at.visitor, at.id, Decision::default(), None).await
}

/// A second officer approves it, or somebody takes it back.
pub async fn decide(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Decision>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = sent.publication.parse().map_err(|_| Trouble::Malformed)?;
    let Decision {
        command, ground, ..
    } = sent.clone();
    let done = app.run(move |r| match command.as_str() {
        "approve" => r.approve_publication(id, &officer, clock::now()).map(Some),
        "withdraw" => r
            .withdraw_publication(id, &ground, &officer, clock::now())
            .map(Some),
        _ => Ok(None),
    });
    match done.await {
        Ok(Some(())) => Ok(Redirect::to(&format!("/console/packs/{id}")).into_response()),
        Ok(None) => Err(Trouble::Malformed),
        Err(Trouble::Refused(refusal)) => {
            let f = Frame::new(&app, &visitor, "packs-title");
            let said = f.word("refusal", refusal.code());
            page_of(&app, &visitor, id, sent, Some(said)).await
        }
        Err(other) => Err(other),
    }
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    id: RecordId,
    sent: Decision,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let (publication, story) = app.run(move |r| r.publication(id)).await?;
    let f = Frame::new(app, visitor, "publication-title");
    let (mut limits, mut items, mut said) = (Vec::new(), Vec::new(), Vec::new());
    match &publication.proposal.content {
        Content::RulePack(pack) => limits = limit_rows(app, &f, pack),
        Content::Catalogue(list) => items = item_rows(list, app.registry.catalogue()),
        Content::Announcement(a) => said = both(a),
    }
    let story = story.iter().map(shown).collect();
    let (may_approve, may_withdraw, is_own) = may(visitor, &publication);
    let status = page::status(mistake.is_some());
    let province = String::new();
    let one = Published {
        province,
        publication,
    };
    let page = One {
        line: line(app, &one),
        limits,
        items,
        said,
        story,
        may_approve,
        may_withdraw,
        is_own,
        mistake,
        sent,
        f,
    };
    Ok(page::with_status(status, &page))
}

fn shown((idx, event): &(i64, Event)) -> Shown {
    Shown {
        idx: *idx,
        at: page::moment(event.at),
        what: event.act.kind(),
        ground: match &event.act {
            Act::PublicationWithdrawn { ground } => ground.clone(),
            _ => String::new(),
        },
        who: event.by.officer.as_str().to_owned(),
        role: event.by.role.code(),
    }
}

/// What an announcement says in each language.
fn both(a: &Announcement) -> Vec<(&'static str, String, Vec<String>)> {
    let said = [("zh-CN", &a.zh), ("en", &a.en)].map(|(tongue, one)| {
        let words = one.words.expose().lines().map(str::to_owned);
        (tongue, one.title.expose().to_owned(), words.collect())
    });
    said.into()
}

/// Whether whoever looks may approve it, may take it back, and proposed it.
fn may(visitor: &Visitor, p: &Publication) -> (bool, bool, bool) {
    let Some(officer) = &visitor.officer else {
        return (false, false, false);
    };
    let roles = Act::PublicationApproved.roles();
    let keeps = officer.roles.iter().any(|role| roles.contains(role));
    let is_own = p.proposed_by.as_str() == officer.login;
    let is_news = matches!(p.proposal.content, Content::Announcement(_));
    let waits = keeps && p.state == Stands::Proposed;
    let shown = keeps && is_news && matches!(p.state, Stands::Approved { .. });
    (waits && !is_own, waits || shown, is_own)
}

/// Every limit of the pack, and the number before it where that is another.
fn limit_rows(app: &App, f: &Frame<'_>, pack: &RulePack) -> Vec<LimitRow> {
    let before = app.registry.calendar().law(clock::today()).limits();
    let before = |name: &str| -> Option<Limit> {
        let found = before.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, limit)| *limit)
    };
    let value = |value: u8, unit| {
        let unit = f.word("unit", page::code(&unit));
        format!("{value} {unit}")
    };
    let rows = pack.limits.iter().map(|(name, limit)| {
        let (now, old) = (value(limit.value, limit.unit), before(name));
        let old = old.map(|limit| value(limit.value, limit.unit));
        LimitRow {
            name: f.word("limit", name),
            before: old.filter(|old| *old != now),
            value: now,
            source: deadlines::source(f.t, &limit.source),
            text: limit.text.clone(),
            verified: limit.verified,
        }
    });
    rows.collect()
}

/// Every item of the list; whether the catalogue in force has it.
fn item_rows(list: &List, known: &Catalogue) -> Vec<ItemRow> {
    let Ok(next) = Catalogue::of(list) else {
        return Vec::new();
    };
    let rows = next.items.iter().map(|item| {
        let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
        ItemRow {
            code: item.code.as_str().to_owned(),
            name: item.name.clone(),
            days: match (item.from, item.until) {
                (None, None) => String::new(),
                (from, until) => format!("{} – {}", day(from), day(until)),
            },
            is_new: known.item(&item.code).is_none(),
        }
    });
    rows.collect()
}
