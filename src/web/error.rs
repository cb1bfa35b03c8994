//! The only place that knows HTTP's word for a "no": pages get a page, programs problem+json
//! (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::refusal::Refusal;
use serde::Serialize;

use crate::registry;

/// Why a page could not be given.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// No such page or record.
    NotFound,
    /// Signed in, but not for this.
    Forbidden,
    /// The form did not come from one of our pages.
    Forged,
    /// The body is larger than allowed.
    TooLarge,
    /// The request cannot be read.
    Malformed,
    /// Too many at once.
    TooMany,
    /// Too many wrong tries on one person.
    TooManyMisses,
    /// The domain says no.
    Refused(Refusal),
    /// Somebody else was faster.
    Conflict,
    /// The register is busy.
    Busy,
    /// The node was set back and takes nothing in until a person decides.
    StandsStill,
    /// It is not known whether it was stored.
    Unknown,
    /// A fault of ours; the visitor gets a number and nothing else.
    Internal(u32),
}

impl Trouble {
    /// Status and the key of its sentence.
    #[must_use]
    pub fn told(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "trouble-not-found"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "trouble-forbidden"),
            Self::Forged => (StatusCode::FORBIDDEN, "trouble-forged"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "trouble-too-large"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "trouble-malformed"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "trouble-too-many"),
            Self::TooManyMisses => (StatusCode::TOO_MANY_REQUESTS, "trouble-too-many-person"),
            Self::Refused(_) => (StatusCode::CONFLICT, "trouble-refused"),
            Self::Conflict => (StatusCode::CONFLICT, "trouble-conflict"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "trouble-busy"),
            Self::StandsStill => (StatusCode::SERVICE_UNAVAILABLE, "trouble-stands-still"),
            Self::Unknown => (StatusCode::SERVICE_UNAVAILABLE, "trouble-unknown"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "trouble-internal"),
        }
    }
}

impl From<registry::Error> for Trouble {
    fn from(error: registry::Error) -> Self {
        match error {
            registry::Error::Refused(refusal) => Self::Refused(refusal),
            registry::Error::NotFound => Self::NotFound,
            registry::Error::Conflict => Self::Conflict,
            registry::Error::Busy => Self::Busy,
            registry::Error::StandsStill => Self::StandsStill,
            registry::Error::Unknown => Self::Unknown,
            other => {
                // The reference links the visitor's page with this line; neither names a person.
                let reference = crate::clock::reference();
                tracing::error!(reference, error = %other, "internal error");
                Self::Internal(reference)
            }
        }
    }
}

/// The page is put around it by [`super::dress`], which knows site and language.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, _) = self.told();
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// One field that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// Its name in the request.
    pub field: &'static str,
    /// The permanent code.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
}

/// RFC 9457.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// A URI that names the kind of problem; it is not fetched.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same as a sentence.
    pub title: String,
    /// The status again.
    pub status: u16,
    /// The permanent code.
    pub code: &'static str,
    /// The first field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// All of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem without a field.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: String) -> Self {
        Self {
            kind: format!("urn:kecha:problem:{code}"),
            title,
            status: status.as_u16(),
            code,
            field: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 422: fields are wrong.
    #[must_use]
    pub fn fields(title: String, errors: Vec<FieldError>) -> Self {
        let code = errors.first().map_or("invalid", |e| e.code);
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title);
        problem.field = errors.first().map(|e| e.field);
        problem.errors = errors;
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
