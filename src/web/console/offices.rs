//! `/console/offices`: the directory.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::office::{Authorisation, Office, OfficeKind};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::clock;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    code: String,
    name: String,
    kind: String,
    telephone: String,
    reports_to: String,
    items: String,
    number: String,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "console/offices.html")]
struct Offices<'a> {
    f: Frame<'a>,
    offices: Vec<Office>,
    sent: Sent,
    mistake: Option<String>,
}

/// The list, with the form for the keeper of the directory.
pub async fn list(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    page_of(&app, &visitor, Sent::default(), None)
}

fn page_of(app: &App, visitor: &Visitor, sent: Sent, mistake: Option<String>) -> Response {
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let offices = app.registry.offices();
    page::with_status(
        status,
        &Offices {
            f: Frame::new(app, visitor, "offices-title"),
            offices,
            sent,
            mistake,
        },
    )
}

/// Enters an office.
pub async fn enter(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let t = app.sentences(visitor.lang);
    let office = match read(&app, &sent) {
        Ok(office) => office,
        Err(key) => return Ok(page_of(&app, &visitor, sent, Some(t.say(key)))),
    };
    match app
        .run(move |r| r.enter_office(office, &officer, clock::now()))
        .await
    {
        Ok(()) => Ok(Redirect::to("/console/offices").into_response()),
        Err(Trouble::Refused(refusal)) => {
            let sentence = t.say(&format!("refusal-{}", refusal.code().replace('_', "-")));
            Ok(page_of(&app, &visitor, sent, Some(sentence)))
        }
        Err(other) => Err(other),
    }
}

fn read(app: &App, sent: &Sent) -> Result<Office, &'static str> {
    let kind = match sent.kind.as_str() {
        "authority" => OfficeKind::Authority,
        "institution" => OfficeKind::Institution,
        _ => return Err("office-kind-missing"),
    };
    if sent.code.trim().is_empty() || sent.name.trim().is_empty() {
        return Err("office-name-missing");
    }
    let authorisation = match kind {
        OfficeKind::Authority => None,
        OfficeKind::Institution => Some(authorisation(app, sent)?),
    };
    let reports_to = Some(sent.reports_to.trim()).filter(|c| !c.is_empty());
    if kind == OfficeKind::Institution
        && reports_to.is_none_or(|c| app.registry.office(&c.into()).is_none())
    {
        return Err("office-authority-unknown");
    }
    Ok(Office {
        code: sent.code.trim().into(),
        name: sent.name.trim().to_owned(),
        kind,
        telephone: sent.telephone.trim().to_owned(),
        reports_to: reports_to.map(Into::into),
        authorisation,
        suspended: None,
        past: domain::office::Past::default(),
    })
}

fn authorisation(app: &App, sent: &Sent) -> Result<Authorisation, &'static str> {
    let items: Vec<_> = sent
        .items
        .split([',', '，', ' ', '、'])
        .map(str::trim)
        .filter(|i| !i.is_empty())
        .collect();
    if items.is_empty()
        || items
            .iter()
            .any(|i| app.registry.catalogue().item(&(*i).into()).is_none())
    {
        return Err("office-items-unknown");
    }
    let day = |text: &str| text.trim().parse().map_err(|_| "office-day-invalid");
    Ok(Authorisation {
        number: sent.number.trim().to_owned(),
        items: items.into_iter().map(Into::into).collect(),
        from: day(&sent.from)?,
        until: day(&sent.until)?,
    })
}
