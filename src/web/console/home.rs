//! `/console`: what waits for the officer.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use domain::office::Role;

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::clock;

#[derive(Template)]
#[template(path = "console/home.html")]
struct Home<'a> {
    f: Frame<'a>,
    office: String,
    counts: Vec<(String, i64)>,
    /// Inquiries that wait and those overdue, for whoever answers them.
    inquiries: Option<(i64, i64)>,
}

/// The officer's first page: how many cases of the office are in each state.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let code = officer.office.clone();
    let counts = app.run(move |r| r.counts(&code)).await?;
    let inquiries = if officer.roles.contains(&Role::AcceptanceOfficer) {
        let code = officer.office.clone();
        let counted = app.run(move |r| r.inquiry_counts(&code, clock::today()));
        Some(counted.await?)
    } else {
        None
    };
    let office = app.registry.office_name(&officer.office);
    Ok(page::html(&Home {
        f: Frame::new(&app, &visitor, "console-title"),
        office,
        counts,
        inquiries,
    }))
}
