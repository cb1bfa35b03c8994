//! `/console/speed`: how fast an institution scores, reports and corrects, month by month, beside
//! all institutions of this node and beside the limit of the law.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use domain::law;

use super::super::{
    App, Trouble, Visitor, deadlines,
    lang::Sentences,
    page::{self, Frame},
};
use crate::{
    chart::{self, Line, Lines},
    clock,
    outlook::waiting::{OF_INSTITUTION, STEPS, Scope, Stays, View},
};

/// One step: the own median of three months, that of all, and the limit where the law sets one.
struct Step {
    name: String,
    own: String,
    all: String,
    limit: String,
    slower: bool,
}

#[derive(Template)]
#[template(path = "console/speed.html")]
struct Speed<'a> {
    f: Frame<'a>,
    office: String,
    steps: Vec<Step>,
    figures: Vec<String>,
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.as_ref().ok_or(Trouble::Forbidden)?;
    let today = clock::today();
    let (own, all) = {
        let outlook = app.outlook.read().unwrap_or_else(PoisonError::into_inner);
        let own = outlook.view(&Scope::Institution(officer.office.clone()), today);
        (own, outlook.view(&Scope::All, today))
    };
    let f = Frame::new(&app, &visitor, "speed-title");
    let limit = law::on(today).publish_scores;
    let t = f.t;
    let steps = OF_INSTITUTION.iter().map(|step| {
        let (mine, theirs) = (lately(&own, *step), lately(&all, *step));
        Step {
            name: name(t, *step),
            own: days(&mine),
            all: days(&theirs),
            // Only publishing has a limit of the law; the others are the institution's own.
            limit: if STEPS[*step] == "scoring" {
                t.with(
                    "speed-limit",
                    &[
                        ("n", &limit.value.to_string()),
                        ("source", &*deadlines::source(t, limit.source)),
                    ],
                )
            } else {
                String::new()
            },
            slower: mine.median() > theirs.median() && mine.median().is_some(),
        }
    });
    let steps = steps.collect();
    let pictures = OF_INSTITUTION
        .iter()
        .filter_map(|step| picture(t, *step, &own, &all))
        .zip(["one", "two", "three"])
        .map(|(lines, id)| chart::figure(&lines, t, id));
    let figures = pictures.collect();
    Ok(page::html(&Speed {
        office: app.registry.office_name(&officer.office),
        steps,
        figures,
        f,
    }))
}

fn name(t: &Sentences, step: usize) -> String {
    t.say(&format!("waits-{}", STEPS[step]))
}

fn lately(view: &View, step: usize) -> Stays {
    let mut stays = Stays::default();
    for group in &view.groups {
        stays.join(&group.lately.steps[step]);
    }
    stays
}

fn days(stays: &Stays) -> String {
    stays
        .median()
        .map_or_else(|| "–".to_owned(), |days| days.to_string())
}

/// The own median and that of all, by month; none where the own is not known of any.
fn picture(t: &Sentences, step: usize, own: &View, all: &View) -> Option<Lines> {
    let of = |view: &View, at: (i16, i8)| {
        let mut months = view.months.iter();
        let found = months.find(|(month, _)| *month == at);
        found
            .and_then(|(_, paces)| paces.steps[step].median())
            .map(f64::from)
    };
    let months: Vec<_> = all.months.iter().map(|(month, _)| *month).collect();
    let line = |key: &str, view: &View| Line {
        name: t.say(key),
        values: months.iter().map(|month| of(view, *month)).collect(),
    };
    let lines = [line("speed-own", own), line("speed-all", all)];
    if lines[0].values.iter().all(Option::is_none) {
        return None;
    }
    let mut year = None;
    let labels = months.iter().map(|(y, m)| {
        let is_new = year.replace(*y) != Some(*y);
        chart::month(*y, *m, is_new, t)
    });
    Some(Lines {
        title: name(t, step),
        of: t.say("chart-month"),
        unit: t.say("chart-median-workdays"),
        labels: labels.collect(),
        marks: months
            .iter()
            .map(|(y, m)| format!("{y:04}-{m:02}"))
            .collect(),
        lines: lines.to_vec(),
    })
}
