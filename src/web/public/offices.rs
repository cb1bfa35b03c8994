//! `/offices`: which institutions are authorised, for what and until when, and how fast each is.
//! What is asked is about nobody, so it may stand in the address.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{
    Extension,
    extract::{Query as Fields, State},
    response::Response,
};
use domain::{
    catalogue::ItemCode,
    office::{Office, OfficeKind},
};
use serde::Deserialize;

use super::super::{
    App, Visitor,
    console::offices::standing,
    page::{self, Frame},
};
use crate::{clock, outlook::waiting::Stays};

/// So many institutions at most are shown; beyond, one asks more closely.
const MOST: usize = 300;
/// A median of fewer cases than these says more about the cases than about the office.
const ENOUGH: u64 = 5;

/// What may be asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    item: String,
    words: String,
}

/// One institution.
struct Line {
    office: Office,
    items: Vec<String>,
    authority: String,
    standing: &'static str,
    /// Working days from the exam to the scores, and from the scores to the report.
    scores: Option<u32>,
    report: Option<u32>,
}

#[derive(Template)]
#[template(path = "public/offices.html")]
struct Offices<'a> {
    f: Frame<'a>,
    asked: Asked,
    items: Vec<(String, String)>,
    lines: Vec<Line>,
    /// There are more than are shown.
    more: bool,
}

impl Offices<'_> {
    fn days(&self, days: &Option<u32>) -> String {
        days.map_or_else(
            || "–".to_owned(),
            |n| self.f.s1("offices-days", "n", n.to_string()),
        )
    }
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Fields(asked): Fields<Asked>,
) -> Response {
    let today = clock::today();
    let item = ItemCode::from(asked.item.trim());
    let words = asked.words.trim();
    let is_meant = |o: &Office| {
        let scope = o.authorisation.as_ref().map(|a| &a.items);
        o.kind == OfficeKind::Institution
            && (item.as_str().is_empty() || scope.is_some_and(|items| items.contains(&item)))
            && (words.is_empty() || o.name.contains(words))
    };
    let mut offices: Vec<_> = app.registry.offices();
    offices.retain(is_meant);
    let more = offices.len() > MOST;
    offices.truncate(MOST);
    let lines = offices.into_iter().map(|office| line(&app, office, today));
    let page = Offices {
        lines: lines.collect(),
        f: Frame::new(&app, &visitor, "public-offices-title"),
        items: items(&app),
        asked,
        more,
    };
    page::html(&page)
}

fn items(app: &App) -> Vec<(String, String)> {
    let all = app.registry.catalogue().items.iter();
    all.map(|i| (i.code.as_str().to_owned(), i.name.clone()))
        .collect()
}

fn line(app: &App, office: Office, today: jiff::civil::Date) -> Line {
    let [scores, report] = {
        let outlook = app.outlook.read().unwrap_or_else(PoisonError::into_inner);
        outlook.pace(&office.code)
    };
    let median = |stays: &Stays| stays.median().filter(|_| stays.count() >= ENOUGH);
    let scope = office.authorisation.iter().flat_map(|a| &a.items);
    Line {
        items: scope.map(|code| app.registry.item_name(code)).collect(),
        authority: office
            .reports_to
            .as_ref()
            .map(|code| app.registry.office_name(code))
            .unwrap_or_default(),
        standing: standing(&office, today),
        scores: median(&scores),
        report: median(&report),
        office,
    }
}
