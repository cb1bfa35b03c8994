//! `/console/second-lists`: lists that asked for more than the first one did, for whoever decides in
//! the second place and so supervises the desk. The law refused them; that they were tried is shown.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, extract::State, response::Response};

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::registry::SecondList;

#[derive(Template)]
#[template(path = "console/second-lists.html")]
struct SecondLists<'a> {
    f: Frame<'a>,
    lists: Vec<SecondList>,
}

impl SecondLists<'_> {
    fn at(&self, list: &SecondList) -> String {
        page::moment(list.at)
    }
}

/// The list.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let lists = app.run(move |r| r.second_lists(&officer.office)).await?;
    Ok(page::html(&SecondLists {
        f: Frame::new(&app, &visitor, "second-lists-title"),
        lists,
    }))
}
