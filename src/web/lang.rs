//! The language a visitor reads.

use axum::http::{HeaderMap, header};

use super::guard::cookie;
pub use crate::lang::{Code, Sentences};

/// The cookie that remembers the choice.
pub const COOKIE: &str = "kecha_lang";

/// The language a visitor reads: the choice, else what the browser asks for, else Chinese.
#[must_use]
pub fn of(headers: &HeaderMap) -> Code {
    if let Some(code) = cookie(headers, COOKIE).and_then(Code::from_tag) {
        return code;
    }
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    for tag in asked.split(',') {
        let tag = tag.split(';').next().unwrap_or_default().trim();
        if tag.starts_with("zh") {
            return Code::Zh;
        }
        if tag.starts_with("en") {
            return Code::En;
        }
    }
    Code::Zh
}
