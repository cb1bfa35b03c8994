//! `/console/provinces`: the provinces side by side, each on one line: how far its copy reaches, what
//! its comparison said, how much of it is here, how fast it works and how well its dates hold. What
//! is to be done about any of it stands on the pages this one leads to.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use askama::Template;
use axum::{Extension, extract::State, response::Response};

use super::super::{
    App, Trouble, Visitor,
    feeds::{ComparedTold, FeedTold},
    lang::Sentences,
    page::{self, Frame},
};
use crate::{
    chart::{self, Bars},
    clock,
    outlook::waiting::{Paces, Scope},
    registry::{Compared, Registry, Size},
    track::Board,
};

const STAGES: [&str; 4] = ["scoring", "qualification", "making", "sync"];
/// The steps in which a report is looked at, and in which one that came back waits.
const ACCEPTANCE: usize = 2;
const CORRECTION: usize = 3;

/// How far a copy reaches, and what is wrong with it.
struct Feed {
    complete_to: String,
    state: &'static str,
    why: String,
    schedule: &'static str,
    next: String,
    quarantined: u64,
}

/// One province.
struct Row {
    name: String,
    code: String,
    size: Size,
    /// None for this node's own journal.
    feed: Option<Feed>,
    compared: Option<(String, &'static str)>,
    /// Of each stage what half of the cases took at most, and nine in ten.
    speed: [String; 4],
    kept: String,
    returned: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "console/provinces.html")]
struct Provinces<'a> {
    f: Frame<'a>,
    rows: Vec<Row>,
    picture: Option<String>,
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    app.refresh_feeds().await;
    let now = clock::now();
    let (sizes, compared) = app
        .run(|r| Ok((r.sizes()?, Registry::comparisons(r)?)))
        .await?;
    let paces = paces(&app);
    let f = Frame::new(&app, &visitor, "provinces-title");
    let (feeds, board) = (app.feeds(now), app.track.board());
    let rows = sizes.into_iter().map(|size| {
        let feed = feeds.iter().find(|feed| feed.province == size.province);
        let compared = compared.iter().find(|c| c.province == size.province);
        row(&app, &f, (size, feed, compared), &paces, &board)
    });
    // A nation has no exams of its own, and a province follows nobody.
    let is_told = |row: &Row| !row.size.province.is_empty() || row.size.cases > 0;
    let rows: Vec<Row> = rows.filter(is_told).collect();
    let picture = picture(&app, f.t, &paces).map(|bars| chart::figure(&bars, f.t, "speed"));
    Ok(page::html(&Provinces { f, rows, picture }))
}

/// How long the stages took in each province in the last three months.
fn paces(app: &App) -> BTreeMap<String, Paces> {
    let view = {
        let outlook = app.outlook.read().unwrap_or_else(PoisonError::into_inner);
        outlook.view(&Scope::All, clock::today())
    };
    let mut paces: BTreeMap<String, Paces> = BTreeMap::new();
    for group in view.groups {
        let of = paces.entry(group.province).or_default();
        of.join(&group.lately);
    }
    paces
}

/// The code under which the estimates know a journal.
fn known_as<'a>(app: &'a App, size: &'a Size) -> &'a str {
    match size.province.as_str() {
        "" => app.config.as_ref().map_or("", |config| &config.province),
        code => code,
    }
}

fn row(
    app: &App,
    f: &Frame<'_>,
    (size, feed, compared): (Size, Option<&FeedTold>, Option<&Compared>),
    paces: &BTreeMap<String, Paces>,
    board: &Board,
) -> Row {
    let code = known_as(app, &size).to_owned();
    let none = Paces::default();
    let lately = paces.get(&code).unwrap_or(&none);
    let speed = [0, 1, 2, 3].map(|stage| {
        let stays = &lately.stages[stage];
        match (stays.within(50), stays.within(90)) {
            (Some(half), Some(most)) => format!("{half} / {most}"),
            _ => "–".to_owned(),
        }
    });
    let (looked_at, back) = (&lately.steps[ACCEPTANCE], &lately.steps[CORRECTION]);
    let kept = board
        .provinces
        .get(&code)
        .and_then(|share| share.inside()[1]);
    let compared = compared.map(|c| ComparedTold::of(c, clock::now()));
    let feed = feed.map(|feed| told(f, feed));
    let is_wrong = |feed: &Feed| feed.state != "current" || feed.quarantined > 0;
    Row {
        name: match size.province.as_str() {
            "" => f.s("provinces-own"),
            code => app.province_name(code),
        },
        wrong: feed.as_ref().is_some_and(is_wrong)
            || compared.as_ref().is_some_and(|c| c.state != "same"),
        code: size.province.clone(),
        size,
        feed,
        compared: compared.map(|told| (told.when(), told.state)),
        speed,
        kept: kept.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0)),
        returned: share(back.count(), looked_at.count()),
    }
}

/// A part of a whole; a dash of nothing.
fn share(part: u64, whole: u64) -> String {
    match (part * 100).checked_div(whole) {
        Some(percent) => format!("{percent} %"),
        None => "–".to_owned(),
    }
}

fn told(f: &Frame<'_>, feed: &FeedTold) -> Feed {
    Feed {
        complete_to: feed.complete(),
        state: feed.state,
        why: feed
            .hold
            .map_or_else(String::new, |hold| f.word("feed-hold", hold)),
        schedule: feed.schedule,
        next: feed.slot().unwrap_or_default(),
        quarantined: feed.quarantined,
    }
}

/// What half of the cases took in each stage, one after the other: a bar for each province. None
/// where nothing has ended.
fn picture(app: &App, t: &Sentences, paces: &BTreeMap<String, Paces>) -> Option<Bars> {
    let rows = paces.iter().map(|(code, of)| {
        let medians = of.stages.iter().map(|stays| stays.median().unwrap_or(0));
        let name = match app.province_name(code) {
            name if name.is_empty() => t.say("provinces-own"),
            name => name,
        };
        (name, medians.map(u64::from).collect::<Vec<_>>())
    });
    let rows: Vec<_> = rows
        .filter(|(_, days)| days.iter().sum::<u64>() > 0)
        .collect();
    (!rows.is_empty()).then(|| Bars {
        title: t.say("provinces-speed"),
        of: t.say("feeds-province"),
        unit: t.say("chart-median-workdays"),
        parts: STAGES
            .iter()
            .map(|s| t.say(&format!("stage-{s}")))
            .collect(),
        rows,
    })
}
