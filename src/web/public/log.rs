//! `/log/…`: the public log at the addresses of C2SP tlog-tiles. Commitments only, so it may be open
//! to the world.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::super::{App, Trouble};

/// A tile never changes: what it is of has its size in the path.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The signed checkpoint of the journal as it is now.
pub async fn checkpoint(State(app): State<Arc<App>>) -> Result<Response, Trouble> {
    let signed = app.run(crate::registry::Registry::checkpoint).await?;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, plain)], signed).into_response())
}

/// Where a page of the list begins.
#[derive(serde::Deserialize)]
pub struct From {
    #[serde(default)]
    from: u64,
}

/// The checkpoints that somebody else has signed too, oldest first, a page of them.
pub async fn cosigned(
    State(app): State<Arc<App>>,
    Query(page): Query<From>,
) -> Result<Response, Trouble> {
    let list = app.run(move |r| r.cosigned(page.from)).await?;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, plain)], list).into_response())
}

/// The key that checks it.
pub async fn key(State(app): State<Arc<App>>) -> String {
    format!("{}\n", app.registry.log_key())
}

/// Hashes, or the commitments themselves.
pub async fn tile(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
) -> Result<Response, Trouble> {
    let path = format!("tile/{path}");
    let content = app.run(move |r| r.tile(&path)).await?;
    let content = content.ok_or(Trouble::NotFound)?;
    let bytes = HeaderValue::from_static("application/octet-stream");
    let headers = [
        (header::CONTENT_TYPE, bytes),
        (header::CACHE_CONTROL, FOR_EVER),
    ];
    Ok((headers, content).into_response())
}
