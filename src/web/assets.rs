//! Our own style sheet and script, compiled in; they change with the program only.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};

use super::Trouble;

/// `GET /static/{file}`
pub async fn serve(Path(file): Path<String>) -> Result<Response, Trouble> {
    let (kind, text) = match file.as_str() {
        "kecha.css" => (
            "text/css; charset=utf-8",
            include_str!("../../static/kecha.css"),
        ),
        "chart.css" => ("text/css; charset=utf-8", crate::chart::STYLE),
        "manual.css" => (
            "text/css; charset=utf-8",
            include_str!("../../static/manual.css"),
        ),
        "kecha.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../../static/kecha.js"),
        ),
        "task.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../../static/task.js"),
        ),
        "desk.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../../static/desk.js"),
        ),
        "kecha.svg" => ("image/svg+xml", include_str!("../../static/kecha.svg")),
        _ => return Err(Trouble::NotFound),
    };
    Ok((
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=3600"),
        ],
        text,
    )
        .into_response())
}
