//! A running case as a program is told of it.

use domain::verdict::{Details, ItemShown, Kind, Note, ProgressShown, Stage};
use jiff::civil::Date;
use serde::Serialize;

use super::super::{App, expected::Short, feeds::FeedTold};

#[derive(Serialize)]
pub(super) struct Reply<'a> {
    case: &'a str,
    item: &'a ItemShown,
    kind: Kind,
    stage: Stage,
    since: Date,
    held_by: &'a str,
    telephone: &'a str,
    due: Option<Date>,
    overdue: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    due_provisional: bool,
    note: Option<Note>,
    next_step: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Details>,
    /// When it can be looked up nationwide; none for what is over or not passed.
    estimate: Option<Short>,
    /// Of a copy: what the province recorded later is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<FeedTold>,
}

/// Puts a case into the answer, with what is expected of it.
pub(super) fn reply<'a>(
    app: &App,
    p: &'a ProgressShown,
    feed: Option<FeedTold>,
    next_step: &'a str,
    today: Date,
) -> Reply<'a> {
    let province = feed.as_ref().map(|feed| feed.province.as_str());
    let expected = app.expected(p, province, today);
    Reply {
        case: &p.case,
        item: &p.item,
        kind: p.kind,
        stage: p.stage,
        since: p.since,
        held_by: &p.held_by,
        telephone: &p.telephone,
        due: p.due,
        overdue: p.overdue,
        due_provisional: p.due_provisional,
        note: p.note,
        next_step,
        details: p.details.as_deref(),
        estimate: expected.map(|e| Short::from(&*e.answer)),
        feed,
    }
}
