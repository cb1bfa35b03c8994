//! `/api/v1` for programs that act for an office: what the console does, by the same use cases. The
//! guard ([`crate::web::programs`]) has seen to key, role, limit and repetition.

pub mod cases;
pub mod commands;
pub mod exams;
pub mod lists;

use axum::{
    Json,
    extract::{FromRequest, Query, Request, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{record::RecordId, refusal::Refusal};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{
    super::{App, FieldError, Problem, Trouble, lang::Sentences},
    told::shape,
};
use crate::registry::Officer;

/// Most things of one call.
pub const MOST: usize = 1_000;
/// Most lines of one page.
pub const PAGE: usize = 200;

shape! {
    /// Why something of many was not done.
    #[derive(Clone, Debug, Serialize)]
    pub struct Refused {
        /// The permanent code of the refusal.
        code: &'static str,
        /// The same as a sentence, in the language asked for.
        message: String,
    }
}

impl Refused {
    fn of(t: &Sentences, refusal: Refusal) -> Self {
        Self {
            code: refusal.code(),
            message: t.say(&format!("refusal-{}", refusal.code().replace('_', "-"))),
        }
    }
}

/// Why a call is not answered.
pub enum Fail {
    /// As any page.
    Trouble(Trouble),
    /// With a problem of its own.
    Problem(Box<Problem>),
}

impl From<Trouble> for Fail {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Trouble(trouble) => trouble.into_response(),
        }
    }
}

/// One field that is wrong, `at` which place of a list where it is in one.
fn wrong(t: &Sentences, field: &'static str, code: &'static str) -> Fail {
    wrong_at(t, field, code, None)
}

fn wrong_at(t: &Sentences, field: &'static str, code: &'static str, at: Option<usize>) -> Fail {
    let said = t.say(&format!("field-{}", code.replace('_', "-")));
    let message = match at {
        Some(at) => format!("{}: {said}", at + 1),
        None => said,
    };
    let error = FieldError {
        field,
        code,
        message,
    };
    let title = t.say("problem-fields");
    Fail::Problem(Box::new(Problem::fields(title, vec![error])))
}

/// A problem of a status.
fn stop(t: &Sentences, status: StatusCode, code: &'static str) -> Fail {
    let title = t.say(&format!("stopped-{}", code.replace('_', "-")));
    Fail::Problem(Box::new(Problem::new(status, code, title)))
}

/// The body of a call.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let body = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|_| Trouble::TooLarge)?;
        let read = serde_json::from_slice(&body);
        read.map(Self).map_err(|_| Trouble::Malformed)
    }
}

/// What stands behind the question mark.
type Params<T> = Result<Query<T>, QueryRejection>;

fn params<T>(read: Params<T>, t: &Sentences) -> Result<T, Fail> {
    let wrong = |_| wrong(t, "query", "filter_invalid");
    read.map(|Query(asked)| asked).map_err(wrong)
}

fn record(written: &str) -> Result<RecordId, Trouble> {
    written.parse().map_err(|_| Trouble::NotFound)
}

fn json<T: Serialize>(status: StatusCode, told: T) -> Response {
    (status, Json(told)).into_response()
}

/// How many lines a page has.
fn limit(t: &Sentences, asked: Option<u16>) -> Result<usize, Fail> {
    let limit = usize::from(asked.unwrap_or(50));
    if (1..=PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(wrong(t, "limit", "filter_invalid"))
    }
}

shape! {
    /// Which page of a list.
    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct PageAsked {
        /// Behind the page that named this.
        after: Option<String>,
        /// So many lines at most, 50 when it is left out.
        limit: Option<u16> = serde_json::json!({"type": "integer", "minimum": 1, "maximum": 200}),
    }
}

impl PageAsked {
    /// Behind which place of this list; none at its beginning.
    fn behind<T>(
        &self,
        app: &App,
        t: &Sentences,
        (officer, list): (&Officer, &str),
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Fail> {
        let Some(given) = &self.after else {
            return Ok(None);
        };
        let found = place(app, officer, list, given).and_then(|written| read(&written));
        found
            .map(Some)
            .ok_or_else(|| wrong(t, "after", "cursor_invalid"))
    }
}

/// A place in a list that only this node can name, for this account and this list.
fn tag(app: &App, officer: &Officer, list: &str, place: &str) -> [u8; 16] {
    let mut tag = [0; 16];
    // Cannot fail: HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app.registry.session_key()) else {
        return tag;
    };
    for part in ["cursor", &officer.login, list, place] {
        mac.update(&part.len().to_be_bytes());
        mac.update(part.as_bytes());
    }
    tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    tag
}

/// Writes a cursor. A place names a day, an item, an office, a record, and nobody.
fn cursor(app: &App, officer: &Officer, list: &str, place: &str) -> String {
    let tag = tag(app, officer, list, place);
    URL_SAFE_NO_PAD.encode([&tag, place.as_bytes()].concat())
}

/// Reads a cursor that was given for this list.
fn place(app: &App, officer: &Officer, list: &str, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (given, place) = bytes.split_at_checked(16)?;
    let place = String::from_utf8(place.to_vec()).ok()?;
    let own = tag(app, officer, list, &place);
    bool::from(own.ct_eq(given)).then_some(place)
}
