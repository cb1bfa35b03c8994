//! `/manual/{office}`: the manuals of the three offices, written in Chinese in `docs/manual`, with
//! pictures of the running demonstration. Text and pictures are compiled in: the manual that a node
//! shows is that of its own program.
//!
//! Who looks on and who has no account yet read it too: nothing in it is about anybody.

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use self::book::Book;
use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};

mod book;
mod pictures;

pub use pictures::PICTURES;

/// The offices that have a manual, as addresses and files name them.
pub const OFFICES: [&str; 3] = ["institution", "authority", "nation"];

/// The manuals in the order of [`OFFICES`], laid out when the first is asked for.
static BOOKS: LazyLock<[Book; 3]> = LazyLock::new(|| {
    [
        include_str!("../../../docs/manual/institution.md"),
        include_str!("../../../docs/manual/authority.md"),
        include_str!("../../../docs/manual/nation.md"),
    ]
    .map(Book::of)
});

#[derive(Template)]
#[template(path = "public/manual.html")]
struct Manual<'a> {
    f: Frame<'a>,
    office: &'static str,
    book: &'static Book,
}

/// The manual of one office.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(office): Path<String>,
) -> Result<Response, Trouble> {
    let at = OFFICES.iter().position(|one| *one == office);
    let at = at.ok_or(Trouble::NotFound)?;
    Ok(page::html(&Manual {
        f: Frame::new(&app, &visitor, "manual-title"),
        office: OFFICES[at],
        book: &BOOKS[at],
    }))
}

/// One picture of a manual.
pub async fn picture(Path(file): Path<String>) -> Result<Response, Trouble> {
    let name = file.strip_suffix(".png").ok_or(Trouble::NotFound)?;
    let found = PICTURES.iter().find(|(one, _)| *one == name);
    let (_, bytes) = found.ok_or(Trouble::NotFound)?;
    let kept = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((kept, *bytes).into_response())
}
