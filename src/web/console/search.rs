//! `/console/search`: a case or a certificate by its number, or a person's by the name. What was
//! typed comes in the body of the form and stands in no address.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, Form, extract::State, response::Response};
use domain::office::OfficeKind;
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    story,
};
use crate::{
    clock,
    registry::{Purpose, Registry, SearchFound},
};

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    sought: String,
}

/// A certificate that was found.
struct Held {
    id: String,
    holder: String,
    number: String,
    item: String,
    authority: String,
    status: String,
    until: String,
}

#[derive(Template)]
#[template(path = "console/search.html")]
struct Search<'a> {
    f: Frame<'a>,
    sought: String,
    asked: bool,
    mistake: bool,
    cases: Vec<story::Line>,
    certificates: Vec<Held>,
    more: bool,
    is_authority: bool,
}

/// The form.
pub async fn form(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    page::html(&Search {
        f: Frame::new(&app, &visitor, "search-title"),
        sought: String::new(),
        asked: false,
        mistake: false,
        cases: Vec::new(),
        certificates: Vec::new(),
        more: false,
        is_authority: is_authority(&app, &visitor),
    })
}

/// What was found.
pub async fn find(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let today = clock::today();
    let sought = sent.sought.trim().to_owned();
    let mistake = sought.is_empty() || sought.chars().count() > 100;
    let found = if mistake {
        SearchFound::default()
    } else {
        let typed = sought.clone();
        let job = move |r: &Registry| {
            let found = r.search(&officer, &typed, today)?;
            let cases = found.cases.iter().map(|line| line.case.id);
            let read: Vec<_> = cases
                .chain(found.certificates.iter().map(|c| c.says.certificate))
                .collect();
            r.record_readings(&officer, &read, Purpose::Search);
            Ok(found)
        };
        app.run(job).await?
    };
    let f = Frame::new(&app, &visitor, "search-title");
    let lines = found.cases.into_iter();
    let held = found.certificates.into_iter().map(|c| Held {
        id: c.says.certificate.to_string(),
        holder: c.says.holder.name.expose().to_owned(),
        number: c.says.number.clone(),
        item: app.registry.item_name(&c.says.item),
        authority: app.registry.office_name(&c.says.authority),
        status: page::code(&c.status_on(today)),
        until: c.says.valid_until.to_string(),
    });
    Ok(page::html(&Search {
        sought,
        asked: !mistake,
        mistake,
        cases: lines.map(|l| story::Line::of(l, &f, today)).collect(),
        certificates: held.collect(),
        more: found.more,
        is_authority: is_authority(&app, &visitor),
        f,
    }))
}

fn is_authority(app: &App, visitor: &Visitor) -> bool {
    let officer = visitor.officer.as_ref();
    let office = officer.and_then(|o| app.registry.office(&o.office));
    office.is_some_and(|o| o.kind == OfficeKind::Authority)
}
