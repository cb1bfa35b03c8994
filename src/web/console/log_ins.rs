//! `/console/log-ins`: what happened at the door, for the audit administrator.

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
use crate::registry::Mark;

/// So many on a page.
const MOST: u32 = 200;

/// Which part of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    before: String,
}

/// Something that happened.
struct Line {
    at: String,
    login: String,
    what: String,
    address: String,
    by: String,
}

#[derive(Template)]
#[template(path = "console/log-ins.html")]
struct LogIns<'a> {
    f: Frame<'a>,
    lines: Vec<Line>,
    /// Where the next page begins, where there is one.
    older: Option<String>,
}

/// Everything, the last first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(which): Asked<Which>,
) -> Result<Response, Trouble> {
    let before = Mark::read(&which.before);
    let (doors, older) = app.run(move |r| r.doors(before, MOST)).await?;
    let lines = doors.into_iter().map(|line| Line {
        at: page::moment(line.at),
        login: line.login,
        what: line.what,
        address: line.address,
        by: line.by,
    });
    let page = LogIns {
        lines: lines.collect(),
        f: Frame::new(&app, &visitor, "log-ins-title"),
        older: older.map(Mark::written),
    };
    Ok(page::html(&page))
}
