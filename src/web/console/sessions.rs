//! `/console/sessions`: the institution's exam sessions with their counts.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, extract::State, response::Response};

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::registry::SessionLine;

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct Sessions<'a> {
    f: Frame<'a>,
    lines: Vec<SessionLine>,
}

/// The list.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let lines = app.run(move |r| r.sessions(&officer.office)).await?;
    Ok(page::html(&Sessions {
        f: Frame::new(&app, &visitor, "sessions-title"),
        lines,
    }))
}
