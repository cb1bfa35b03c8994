//! `/console/feeds`: the feeds of a nation, and at a province what the nation tells of its own; what
//! stands still, what is in quarantine, and the decision that something goes on.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    alarms::{coded, record},
    page::{self, Frame, moment},
};
use crate::{
    clock,
    registry::{Alarm, HaltTold, Quarantined, Watermark},
};

/// What stands still, in words.
struct Standing {
    why: String,
    since: String,
    todo: String,
}

/// A feed that is followed.
struct Line {
    code: String,
    name: String,
    entries: u64,
    complete_to: String,
    quarantined: u64,
    state: &'static str,
    held: Option<Standing>,
}

/// This node's own journal.
struct Own {
    entries: u64,
    cosigned: Option<u64>,
    still: Option<Standing>,
    told: Option<Standing>,
}

/// An entry in quarantine.
struct Aside {
    place: String,
    entry: u64,
    record: String,
    code: String,
    why: String,
    at: String,
    is_seen: bool,
}

/// A halt that is, or was.
struct Past {
    what: String,
    why: String,
    held: String,
    resumed: Option<(String, String, String)>,
}

/// What a person says to have looked at: of which feed, below which index.
struct ToSee {
    province: String,
    place: String,
    below: u64,
}

#[derive(Template)]
#[template(path = "console/feeds.html")]
struct Feeds<'a> {
    f: Frame<'a>,
    own: Own,
    lines: Vec<Line>,
    asides: Vec<Aside>,
    to_see: Vec<ToSee>,
    past: Vec<Past>,
    mistake: Option<String>,
    sent: Resume,
}

/// What the form of a decision sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Resume {
    province: String,
    ground: String,
}

/// What the form of a look sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct See {
    province: String,
    below: u64,
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, Resume::default(), None).await
}

/// A person lets a feed go on, or, without a province, this node itself.
pub async fn resume(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Resume>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let Resume { province, ground } = sent.clone();
    let done = app
        .run(move |r| {
            let province = Some(province.as_str()).filter(|code| !code.is_empty());
            r.resume_feed(province, &ground, &officer, clock::now())
        })
        .await;
    match done {
        Ok(_) => Ok(Redirect::to("/console/feeds").into_response()),
        Err(Trouble::Refused(refusal)) => {
            let t = app.sentences(visitor.lang);
            let why = coded(t, "refusal", refusal.code());
            page_of(&app, &visitor, sent, Some(why)).await
        }
        Err(other) => Err(other),
    }
}

/// A person has looked at what is in quarantine.
pub async fn see(State(app): State<Arc<App>>, Form(sent): Form<See>) -> Result<Response, Trouble> {
    app.run(move |r| {
        let province = Some(sent.province.as_str()).filter(|code| !code.is_empty());
        r.see_quarantined(province, sent.below)
    })
    .await?;
    Ok(Redirect::to("/console/feeds").into_response())
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: Resume,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let read = app.run(|r| {
        let cosigned = r.acknowledged()?.map(|(size, _)| size);
        let own = (r.entries()?, cosigned);
        Ok((own, r.watermarks()?, r.quarantine()?, r.halts()?))
    });
    let ((entries, cosigned), marks, asides, past) = read.await?;
    let f = Frame::new(app, visitor, "feeds-desk-title");
    let alarms = app.alarms();
    let own = Own {
        entries,
        cosigned,
        still: alarms.own.as_ref().map(|a| standing(&f, "feed", a)),
        told: alarms.told.as_ref().map(|a| standing(&f, "told", a)),
    };
    let lines = marks.into_iter().map(|mark| line(app, &f, mark)).collect();
    let to_see = to_see(app, &f, &asides);
    let asides = asides.iter().map(|one| aside(app, &f, one)).collect();
    let past = past.into_iter().map(|halt| told(app, &f, halt)).collect();
    let page = Feeds {
        own,
        lines,
        asides,
        to_see,
        past,
        mistake,
        sent,
        f,
    };
    Ok(page::with_status(status, &page))
}

fn standing(f: &Frame<'_>, of: &str, alarm: &Alarm) -> Standing {
    let said = |what| coded(f.t, &format!("{of}-{what}"), alarm.hold.code());
    Standing {
        why: said("hold"),
        since: moment(alarm.since),
        todo: said("todo"),
    }
}

fn line(app: &App, f: &Frame<'_>, mark: Watermark) -> Line {
    let held = mark.hold.map(|(hold, since)| {
        let alarm = Alarm {
            province: mark.code.clone(),
            hold,
            since,
        };
        standing(f, "feed", &alarm)
    });
    // The settings know by when it should have come.
    let told = app.feeds(clock::now());
    let told = told.iter().find(|feed| feed.province == mark.code);
    Line {
        state: told.map_or("current", |feed| feed.state),
        name: app.province_name(&mark.code),
        code: mark.code,
        entries: mark.entries,
        complete_to: moment(mark.complete_to),
        quarantined: mark.quarantined,
        held,
    }
}

fn place(app: &App, f: &Frame<'_>, province: &str) -> String {
    if province.is_empty() {
        f.s("feeds-abroad")
    } else {
        app.province_name(province)
    }
}

fn aside(app: &App, f: &Frame<'_>, one: &Quarantined) -> Aside {
    Aside {
        place: place(app, f, &one.province),
        entry: one.entry,
        record: record(one),
        code: one.refusal.clone(),
        why: coded(f.t, "refusal", &one.refusal),
        at: moment(one.at),
        is_seen: one.is_seen,
    }
}

/// One for each feed that has something new, up to the newest that the page shows.
fn to_see(app: &App, f: &Frame<'_>, asides: &[Quarantined]) -> Vec<ToSee> {
    let mut found: Vec<ToSee> = Vec::new();
    for one in asides.iter().filter(|one| !one.is_seen) {
        match found.iter_mut().find(|see| see.province == one.province) {
            Some(see) => see.below = see.below.max(one.entry + 1),
            None => found.push(ToSee {
                province: one.province.clone(),
                place: place(app, f, &one.province),
                below: one.entry + 1,
            }),
        }
    }
    found
}

fn told(app: &App, f: &Frame<'_>, halt: HaltTold) -> Past {
    let HaltTold { alarm, resumed, .. } = halt;
    Past {
        what: if alarm.province.is_empty() {
            f.s("feeds-history-own")
        } else {
            app.province_name(&alarm.province)
        },
        why: coded(f.t, "feed-hold", alarm.hold.code()),
        held: moment(alarm.since),
        resumed: resumed.map(|(at, by, ground)| (moment(at), by, ground)),
    }
}
