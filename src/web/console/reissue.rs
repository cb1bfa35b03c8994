//! `/console/reissue`: the institution hands in what needs no exam: for a holder whose card was lost,
//! and for a manager whose certificate is to be extended.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    catalogue::ItemCode,
    document::{DocType, Document},
    event::Material,
    management::{Industry, UnitType},
    name::Name,
};
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        api::query::doc_type,
        page::{self, Frame},
    },
    session::appointment,
};
use crate::{clock, registry::Lost};

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    doc_type: String,
    doc_number: String,
    name: String,
    item: String,
    materials: String,
    /// `extension`, or a lost card.
    what: String,
    industry: String,
    unit_type: String,
    employer: String,
}

#[derive(Template)]
#[template(path = "console/reissue.html")]
struct Reissue<'a> {
    f: Frame<'a>,
    sent: Sent,
    items: Vec<(ItemCode, String)>,
    mistake: Option<String>,
}

impl Reissue<'_> {
    fn types(&self) -> [(&'static str, String); 5] {
        [
            "resident_id",
            "hmt_residence_permit",
            "foreign_permanent_resident",
            "passport",
            "officer_card",
        ]
        .map(|code| (code, self.f.word("doc", code)))
    }
}

/// The form.
pub async fn form(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    page_of(&app, &visitor, Sent::default(), None)
}

fn page_of(app: &App, visitor: &Visitor, sent: Sent, mistake: Option<String>) -> Response {
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let office = visitor.officer.as_ref().map(|o| &o.office);
    let items = office.map(|office| app.registry.items_of(office));
    page::with_status(
        status,
        &Reissue {
            f: Frame::new(app, visitor, "reissue-title"),
            sent,
            items: items.unwrap_or_default(),
            mistake,
        },
    )
}

/// Registers and reports the case, and shows it.
pub async fn ask(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let t = app.sentences(visitor.lang);
    let lost = match read(&sent) {
        Ok(lost) => lost,
        Err(code) => {
            let mistake = t.word("field", code);
            return Ok(page_of(&app, &visitor, sent, Some(mistake)));
        }
    };
    let extends = sent.what == "extension";
    let job = move |r: &crate::registry::Registry| match extends {
        true => r.ask_extension(&lost, &officer, clock::now()),
        false => r.ask_reissue(&lost, &officer, clock::now()),
    };
    match app.run(job).await {
        Ok(case) => Ok(Redirect::to(&format!("/console/cases/{case}")).into_response()),
        Err(Trouble::Refused(refusal)) => {
            let mistake = t.word("refusal", refusal.code());
            Ok(page_of(&app, &visitor, sent, Some(mistake)))
        }
        Err(other) => Err(other),
    }
}

fn read(sent: &Sent) -> Result<Lost, &'static str> {
    let kind: DocType = doc_type(&sent.doc_type).ok_or("doc_type_unknown")?;
    let materials = sent.materials.lines().map(str::trim);
    Ok(Lost {
        document: Document::parse(kind, &sent.doc_number).map_err(|e| e.code())?,
        name: Name::parse(&sent.name).map_err(|e| e.code())?,
        item: sent.item.trim().into(),
        materials: materials
            .filter(|line| !line.is_empty())
            .map(Material::named)
            .collect(),
        appointment: match sent.what.as_str() {
            "extension" => appointment([&sent.industry, &sent.unit_type, &sent.employer])?,
            _ => None,
        },
    })
}
