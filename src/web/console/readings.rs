//! `/console/readings`: who read whose file, for the audit administrator; and the readings of one
//! record, for its own page.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Query as Asked, State},
    response::Response,
};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::registry::{Mark, ReadLine};

/// So many are shown on the record's own page, the last ones.
pub const SHOWN: u32 = 20;
/// And so many on a page of the whole list.
const MOST: u32 = 200;

/// A reading as a page shows it.
pub struct Shown {
    /// When, in China.
    pub at: String,
    /// Who, and of which office.
    pub login: String,
    /// The office's code.
    pub office: String,
    /// The record's number.
    pub record: String,
    /// The code of where from.
    pub purpose: String,
}

/// Readings for a page.
#[must_use]
pub fn told(lines: Vec<ReadLine>) -> Vec<Shown> {
    let shown = |line: ReadLine| Shown {
        at: page::moment(line.at),
        login: line.login,
        office: line.office,
        record: line.record.to_string(),
        purpose: line.purpose,
    };
    lines.into_iter().map(shown).collect()
}

/// Which part of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    officer: String,
    before: String,
}

#[derive(Template)]
#[template(path = "console/readings.html")]
struct Readings<'a> {
    f: Frame<'a>,
    readings: Vec<Shown>,
    officer: String,
    /// Where the next page begins, where there is one.
    older: Option<String>,
}

/// Everything that was read, the last first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(which): Asked<Which>,
) -> Result<Response, Trouble> {
    let before = Mark::read(&which.before);
    let officer = which.officer.trim().to_owned();
    let wanted = officer.clone();
    let (lines, older) = app
        .run(move |r| {
            let login = Some(wanted.as_str()).filter(|login| !login.is_empty());
            r.readings(before, login, MOST)
        })
        .await?;
    let f = Frame::new(&app, &visitor, "readings-title");
    Ok(page::html(&Readings {
        f,
        readings: told(lines),
        officer,
        older: older.map(Mark::written),
    }))
}
