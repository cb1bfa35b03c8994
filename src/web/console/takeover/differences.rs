//! `/console/takeover/{id}/differences`: what the file says and what is there, side by side, field by
//! field; a person decides.

use askama::Template;
use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    certificate::Certificate, former::FormerRow, management::Appointment, record::RecordId,
};
use serde::Deserialize;

use super::page;
use crate::{
    clock,
    registry::{self, Officer, Purpose, Registry, Settling, TakeoverDifference},
    web::{
        Trouble,
        caller::AtRecord,
        page::{Frame, code},
    },
};

/// Differences of one page.
const PAGE: u32 = 20;

/// Which page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct From {
    after: u32,
}

/// A decision.
#[derive(Deserialize)]
pub struct Sent {
    row: u32,
    keep: String,
    #[serde(default)]
    reason: String,
}

/// One field of both.
struct Field {
    name: &'static str,
    file: String,
    ours: Vec<String>,
    same: bool,
}

struct Shown {
    row: u32,
    why: String,
    state: String,
    login: String,
    elsewhere: bool,
    ours: Vec<RecordId>,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "console/takeover-differences.html")]
struct List<'a> {
    f: Frame<'a>,
    id: RecordId,
    all: Vec<Shown>,
    /// Decided for the file and not taken yet.
    cleared: bool,
    next: Option<u32>,
    mistake: Option<(u32, String)>,
}

impl List<'_> {
    fn wrong(&self, row: &u32) -> Option<&str> {
        let told = self.mistake.as_ref().filter(|(at, _)| at == row);
        told.map(|(_, sentence)| sentence.as_str())
    }
}

/// A page of differences.
pub async fn list(at: AtRecord, Query(from): Query<From>) -> Result<Response, Trouble> {
    listed(&at, from.after, None).await
}

/// The batch of a take-over.
fn batch(r: &Registry, id: RecordId, by: &Officer) -> registry::Result<RecordId> {
    let batch = r.takeover(id, &by.office)?.batch;
    batch.ok_or(registry::Error::NotFound)
}

async fn listed(
    at: &AtRecord,
    after: u32,
    mistake: Option<(u32, String)>,
) -> Result<Response, Trouble> {
    let id = at.id;
    let (all, more) = at
        .run(move |r, by| {
            let batch = batch(r, id, by)?;
            let mut all = r.differences(batch, by, after, PAGE + 1)?;
            let more = all.len() > PAGE as usize;
            all.truncate(PAGE as usize);
            // Whole certificates stand there, with their holders' numbers; several rows may stand
            // against one.
            let ours = all.iter().flat_map(|d| &d.ours);
            let mut read: Vec<_> = ours.map(|c| c.says.certificate).collect();
            read.sort_unstable();
            read.dedup();
            r.record_readings(by, &read, Purpose::Certificate);
            Ok((all, more))
        })
        .await?;
    let f = Frame::new(&at.app, &at.visitor, "takeover-differences");
    let status = page::status(mistake.is_some());
    let page = List {
        next: all.last().map(|d| d.row).filter(|_| more),
        cleared: all.iter().any(|d| d.state == "file"),
        all: all.into_iter().map(|d| side_by_side(&f, d)).collect(),
        f,
        id,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

fn side_by_side(f: &Frame<'_>, d: TakeoverDifference) -> Shown {
    let file = said(f, &d.file);
    let ours: Vec<Vec<String>> = d.ours.iter().map(|c| said(f, &as_row(c))).collect();
    let fields = domain::former::Field::ALL;
    let fields = fields.iter().enumerate().map(|(at, field)| {
        let theirs = file[at].clone();
        let ours: Vec<String> = ours.iter().map(|all| all[at].clone()).collect();
        Field {
            name: field.code(),
            same: ours.iter().all(|our| *our == theirs),
            file: theirs,
            ours,
        }
    });
    Shown {
        row: d.row,
        why: d.why,
        state: d.state,
        login: d.login,
        elsewhere: d.elsewhere,
        fields: fields.collect(),
        ours: d.ours.iter().map(|c| c.says.certificate).collect(),
    }
}

/// A certificate as the list would write it.
fn as_row(c: &Certificate) -> FormerRow {
    let says = &c.says;
    FormerRow {
        holder: says.holder.clone(),
        item: says.item.clone(),
        first_issued: says.first_issued,
        valid_from: says.valid_from,
        valid_until: says.valid_until,
        recheck_due: says.recheck_due,
        appointment: says.appointment.clone(),
    }
}

/// The fields in the order of [`domain::former::Field::ALL`].
fn said(f: &Frame<'_>, row: &FormerRow) -> Vec<String> {
    let holder = &row.holder;
    let told = |say: &dyn Fn(&Appointment) -> String| {
        row.appointment.as_deref().map_or_else(String::new, say)
    };
    vec![
        holder.name.expose().to_owned(),
        f.word("sex", code(&holder.sex)),
        f.word("doc", code(&holder.document.kind())),
        holder.document.expose().to_owned(),
        row.item.as_str().to_owned(),
        row.first_issued.to_string(),
        row.valid_from.to_string(),
        row.valid_until.to_string(),
        row.recheck_due
            .map_or_else(String::new, |day| day.to_string()),
        told(&|a| f.word("industry", a.industry.code())),
        told(&|a| f.word("unit", a.unit.code())),
        told(&|a| a.employer.clone()),
    ]
}

/// Decides on one.
pub async fn settle(at: AtRecord, Form(sent): Form<Sent>) -> Result<Response, Trouble> {
    let id = at.id;
    let reason = sent.reason.trim().to_owned();
    let how = match sent.keep.as_str() {
        "ours" => Settling::Ours { reason },
        "file" => Settling::File { evidence: reason },
        _ => return Err(Trouble::Malformed),
    };
    let row = sent.row;
    let settled = at
        .run(move |r, by| {
            let batch = batch(r, id, by)?;
            r.settle_difference(batch, row, &how, by, clock::now())
        })
        .await;
    let after = row.saturating_sub(1);
    match settled {
        Ok(()) => {
            let to = format!("/console/takeover/{id}/differences?after={after}");
            Ok(Redirect::to(&to).into_response())
        }
        Err(Trouble::Refused(refusal)) => listed(&at, after, Some((row, at.why(refusal)))).await,
        Err(other) => Err(other),
    }
}

/// Takes over what was decided for the file.
pub async fn take(at: AtRecord) -> Result<Response, Trouble> {
    let id = at.id;
    at.run(move |r, by| {
        let batch = batch(r, id, by)?;
        r.take_settled(batch, by, clock::now())
    })
    .await?;
    Ok(Redirect::to(&format!("/console/takeover/{id}/differences")).into_response())
}
