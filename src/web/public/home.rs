//! `/`: what this is, and which of the three certificates somebody may mean.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};

use super::super::{
    App, Visitor,
    lang::{COOKIE, Code},
    page::{self, Frame},
};

#[derive(Template)]
#[template(path = "public/home.html")]
struct Home<'a> {
    f: Frame<'a>,
}

/// The first page.
pub async fn show(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    page::html(&Home {
        f: Frame::new(&app, &visitor, "home-title"),
    })
}

/// Remembers the language and goes back to where the visitor was.
pub async fn language(Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let code = Code::from_tag(&tag).unwrap_or_default();
    let mut response = Redirect::to(&back(&headers)).into_response();
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax",
        code.tag()
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The page the visitor came from. Only the path of our own page is followed, never another site.
pub fn back(headers: &HeaderMap) -> String {
    headers
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
        .filter(|p| p.starts_with('/') && !p.starts_with("//"))
        .unwrap_or("/query")
        .to_owned()
}
