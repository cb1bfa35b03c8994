//! `/console/offices`: the directory.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::office::{Office, OfficeKind, Past};
use jiff::civil::Date;

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    office::{Group, Sent, authorisation, scope},
};
use crate::clock;

#[derive(Template)]
#[template(path = "console/offices.html")]
struct Offices<'a> {
    f: Frame<'a>,
    offices: Vec<Office>,
    authorities: Vec<(String, String)>,
    scope: Vec<Group>,
    sent: Sent,
    mistake: Option<String>,
    today: Date,
}

impl Offices<'_> {
    /// The end of the key of what an office may do today.
    fn standing(&self, office: &Office) -> &'static str {
        standing(office, self.today)
    }
}

/// What an office may do today, as the end of a key.
pub fn standing(office: &Office, today: Date) -> &'static str {
    if office.suspended.is_some() {
        return "suspended";
    }
    match (&office.authorisation, office.kind) {
        (_, OfficeKind::Authority) => "entered",
        (Some(given), _) if today < given.from => "ahead",
        (Some(given), _) if today <= given.until => "authorised",
        (Some(_), _) => "over",
        (None, _) => "none",
    }
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
    let authorities = offices.iter().filter(|o| o.kind == OfficeKind::Authority);
    page::with_status(
        status,
        &Offices {
            f: Frame::new(app, visitor, "offices-title"),
            authorities: authorities
                .map(|o| (o.code.to_string(), o.name.clone()))
                .collect(),
            scope: scope(app, &sent.items()),
            offices,
            sent,
            mistake,
            today: clock::today(),
        },
    )
}

/// Enters an office.
pub async fn enter(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (sent, t) = (Sent(fields), app.sentences(visitor.lang));
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
            let sentence = t.word("refusal", refusal.code());
            Ok(page_of(&app, &visitor, sent, Some(sentence)))
        }
        Err(other) => Err(other),
    }
}

fn read(app: &App, sent: &Sent) -> Result<Office, &'static str> {
    let kind = match sent.one("kind") {
        "authority" => OfficeKind::Authority,
        "institution" => OfficeKind::Institution,
        _ => return Err("office-kind-missing"),
    };
    let (code, name) = (sent.one("code"), sent.one("name"));
    if code.is_empty() || name.is_empty() {
        return Err("office-name-missing");
    }
    // It becomes part of an address.
    if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("office-code-invalid");
    }
    // An entry of one province's journal is that province's: another's offices come with its feed.
    let province = app.config.as_ref().map(|c| c.province.as_str());
    if province.is_some_and(|province| !code.starts_with(province)) {
        return Err("office-code-elsewhere");
    }
    let authorisation = match kind {
        OfficeKind::Authority => None,
        OfficeKind::Institution => Some(authorisation(app, sent)?),
    };
    let reports_to = Some(sent.one("reports_to")).filter(|c| !c.is_empty());
    let is_authority = |code: &str| {
        let office = app.registry.office(&code.into());
        office.is_some_and(|o| o.kind == OfficeKind::Authority)
    };
    if kind == OfficeKind::Institution && !reports_to.is_some_and(is_authority) {
        return Err("office-authority-unknown");
    }
    Ok(Office {
        code: code.into(),
        name: name.to_owned(),
        kind,
        telephone: sent.one("telephone").to_owned(),
        reports_to: reports_to
            .filter(|_| kind == OfficeKind::Institution)
            .map(Into::into),
        authorisation,
        suspended: None,
        past: Past::default(),
    })
}
