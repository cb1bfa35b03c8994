//! `GET /api/v1/captcha`: opens a challenge.

use std::sync::Arc;

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::super::{App, Problem, guard, guard::Peer, lang};
use crate::clock;

#[derive(Serialize)]
struct Given {
    id: String,
    image: String,
}

/// The number of a challenge and its picture.
pub async fn give(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
) -> Response {
    if let Err(wait) = app.limits.question(guard::client(&app, &headers, peer)) {
        let title = app.sentences(lang::of(&headers)).say("trouble-too-many");
        let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", title);
        problem.retry_after = Some(wait);
        return problem.into_response();
    }
    let (id, image) = app.chance.with(|rng| {
        let id = app.captchas.open(rng, clock::now());
        let image = app.captchas.data_uri(&id, rng).unwrap_or_default();
        (id, image)
    });
    Json(Given { id, image }).into_response()
}
