//! `/api/v1`: the same answers for programs.

pub mod captcha;
pub mod document;
pub mod estimate;
pub mod inquiry;
pub mod office;
mod progress;
pub mod public;
pub mod query;
pub mod told;

use axum::response::{IntoResponse, Response};

use super::{Problem, Trouble, lang::Sentences};

/// `GET /healthz`: the program answers. The constant reply of the benchmark.
pub async fn health() -> &'static str {
    "ok\n"
}

/// A trouble as problem+json.
#[must_use]
pub fn trouble(t: &Sentences, trouble: Trouble) -> Response {
    let (status, key) = trouble.told();
    let (code, title) = match trouble {
        Trouble::Refused(refusal) => (refusal.code(), t.word("refusal", refusal.code())),
        _ => (code_of(trouble), t.say(key)),
    };
    Problem::new(status, code, title).into_response()
}

fn code_of(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::NotFound => "not_found",
        Trouble::Forbidden => "forbidden",
        Trouble::Forged => "forged",
        Trouble::TooLarge => "too_large",
        Trouble::Malformed => "malformed",
        Trouble::TooMany | Trouble::TooManyMisses => "too_many",
        Trouble::Refused(_) => "refused",
        Trouble::Conflict => "conflict",
        Trouble::Busy => "busy",
        Trouble::StandsStill => "stands_still",
        Trouble::Unknown => "unknown_outcome",
        Trouble::Internal(_) => "internal",
    }
}
