//! What stands before every page: who is signed in, whether the line of the table admits them, and
//! whether a form was sent from one of our own pages.
//!
//! A form is believed when its hidden token belongs to the cookie of the browser that sends it and
//! when the browser does not say that another site sent it. Without cookies there is no sending.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{
    App, again,
    error::Trouble,
    routes::{Fresh, Who},
};
use crate::{
    clock,
    registry::{Officer, SignedIn, Stage, digest},
};

/// The longest form; a sheet may be larger.
const FORM: usize = 256 * 1024;
/// The largest sheet a browser may send; larger ones go through `kecha import`.
pub const SHEET: usize = 21 * 1024 * 1024;

/// Who asks, put into the request by the guard.
#[derive(Clone)]
pub struct Visitor {
    /// The signed-in officer.
    pub officer: Option<Officer>,
    /// Whose browser it is and how far it has come; also before the second factor.
    pub entering: Option<Entering>,
    /// The hidden token for forms on the page.
    pub token: String,
    /// The page's language.
    pub lang: super::lang::Code,
}

/// A browser that a password was given in.
#[derive(Clone)]
pub struct Entering {
    /// Whose it is, how far it has come, and when a password or a code was last given.
    pub signed: SignedIn,
    /// The digest of its cookie.
    pub session: [u8; 32],
}

/// So long a password or a code counts for what needs a fresh one.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// The cookie of a signed-in browser.
pub const SESSION: &str = "kecha";
/// The cookie that forms of anonymous visitors are bound to.
const ANONYMOUS: &str = "kecha_form";

/// A cookie's value.
#[must_use]
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}

impl App {
    /// `Set-Cookie` for a session or an anonymous form.
    #[must_use]
    pub fn set_cookie(&self, name: &str, value: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = if value.is_empty() { "; Max-Age=0" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// A random cookie value of 256 bits.
    #[must_use]
    pub fn random_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>())
    }

    fn form_token(&self, bound_to: &str) -> String {
        // Cannot fail: HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.registry.session_key()) else {
            return String::new();
        };
        mac.update(b"form");
        mac.update(bound_to.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// The guard of one line of the table.
pub async fn check(
    State((app, who, fresh, streams)): State<(Arc<App>, Who, Fresh, bool)>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(&app, (who, fresh), streams, &mut request).await {
        Ok(set) => {
            let mut response = next.run(request).await;
            if let Some(set) = set {
                response.headers_mut().append(header::SET_COOKIE, set);
            }
            response
        }
        Err(response) => *response,
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one question after the other; what is asked first matters"
)]
async fn admit(
    app: &Arc<App>,
    (who, fresh): (Who, Fresh),
    streams: bool,
    request: &mut Request,
) -> Result<Option<HeaderValue>, Box<Response>> {
    let session = cookie(request.headers(), SESSION).map(str::to_owned);
    let entering = match &session {
        Some(token) => {
            let session = digest(token);
            let signed = app.signed_in(session).await.map_err(refuse)?;
            signed.map(|signed| Entering { signed, session })
        }
        None => None,
    };
    let mut set = None;
    let bound_to = match (&entering, session) {
        (Some(_), Some(token)) => token,
        _ => match cookie(request.headers(), ANONYMOUS) {
            Some(anonymous) => anonymous.to_owned(),
            None => {
                let fresh = app.random_token();
                set = Some(app.set_cookie(ANONYMOUS, &fresh));
                fresh
            }
        },
    };
    let token = app.form_token(&bound_to);
    let mut form = Bytes::new();
    if request.method() == Method::POST {
        let full = |e: &Entering| e.signed.stage == Stage::Full;
        // Who is not signed in has no sheet to send, and would fill the memory with it.
        let most = match entering.as_ref().is_some_and(full) {
            true => SHEET,
            false => FORM,
        };
        let own = own_form(request, (&token, most), streams).await;
        form = own.map_err(refuse)?;
    }
    let stage = entering.as_ref().map(|e| e.signed.stage);
    let full = entering.as_ref().filter(|e| e.signed.stage == Stage::Full);
    let officer = full.map(|e| e.signed.officer.clone());
    let allowed = match (who, &officer) {
        (Who::Public | Who::Program, _) | (Who::Staff, Some(_)) => true,
        (Who::Entering, _) if stage.is_some() => true,
        (Who::Only(roles), Some(o)) => roles.iter().any(|r| o.roles.contains(r)),
        (_, None) => {
            let next = match stage {
                Some(Stage::Code) => "/login/code",
                Some(Stage::Enrol) => "/login/factor",
                _ => "/login",
            };
            return Err(Box::new(Redirect::to(next).into_response()));
        }
        (Who::Entering, Some(_)) => true,
        // Its own guard stands before such a line.
        (Who::Key(_), Some(_)) => false,
    };
    if !allowed {
        return Err(refuse(Trouble::Forbidden));
    }
    let lang = super::lang::of(request.headers());
    if let Some(entering) = full
        && request.method() == Method::POST
        && wants(fresh, &form)
        && clock::now().duration_since(entering.signed.fresh) > FRESH
    {
        let visitor = Visitor {
            officer: officer.clone(),
            entering: Some(entering.clone()),
            token: token.clone(),
            lang,
        };
        let place = (
            request.uri().path().to_owned(),
            again::address(app, request),
        );
        again::confirm(app, &visitor, entering, place, &form).await?;
    }
    if officer.is_some() {
        app.refresh_alarms().await;
    }
    request.extensions_mut().insert(Visitor {
        officer,
        entering,
        token,
        lang,
    });
    Ok(set)
}

fn refuse(trouble: Trouble) -> Box<Response> {
    Box::new(trouble.into_response())
}

/// Refuses a form that another site sent or that carries another browser's token.
async fn own_form(
    request: &mut Request,
    (token, most): (&str, usize),
    streams: bool,
) -> Result<Bytes, Trouble> {
    let headers = request.headers();
    let site = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
    if site.is_some_and(|s| s != "same-origin" && s != "none") {
        return Err(Trouble::Forged);
    }
    let host = headers
        .get(header::HOST)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
    if origin.is_some_and(|o| o.split_once("://").is_none_or(|(_, h)| h != host)) {
        return Err(Trouble::Forged);
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let multipart = kind.starts_with("multipart/form-data");
    if multipart && streams {
        // `OwnUpload` finds the token before it lets anything else be read.
        return Ok(Bytes::new());
    }
    let limit = if multipart { most } else { FORM };
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let bytes = to_bytes(body, limit).await.map_err(|_| Trouble::TooLarge)?;
    let sent = if multipart {
        part_token(&bytes)
    } else {
        form_token_of(&bytes)
    };
    let same = sent.is_some_and(|s| bool::from(s.as_bytes().ct_eq(token.as_bytes())));
    *request.body_mut() = Body::from(bytes.clone());
    if multipart {
        // It was measured here; the library's own limit of 2 MB is below that of a sheet.
        DefaultBodyLimit::disable().apply(request);
    }
    if same {
        Ok(bytes)
    } else {
        Err(Trouble::Forged)
    }
}

/// Whether a line needs a fresh sign-in for what this form asks.
fn wants(fresh: Fresh, form: &Bytes) -> bool {
    match fresh {
        Fresh::Never => false,
        Fresh::Always => true,
        Fresh::For(commands) => again::fields(form)
            .iter()
            .any(|(name, value)| name == "command" && commands.contains(&value.trim())),
    }
}

/// A form with a file of any size, its token found and right: what is left are its other parts.
pub struct OwnUpload(pub Multipart);

impl FromRequest<Arc<App>> for OwnUpload {
    type Rejection = Trouble;

    async fn from_request(mut request: Request, app: &Arc<App>) -> Result<Self, Trouble> {
        let visitor = request.extensions().get::<Visitor>().cloned();
        let visitor = visitor.ok_or(Trouble::Forbidden)?;
        // The handler counts what comes and has a limit of its own.
        DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, app).await;
        let mut parts = parts.map_err(|_| Trouble::Malformed)?;
        let first = parts.next_field().await.map_err(|_| Trouble::Malformed)?;
        let Some(mut first) = first.filter(|part| part.name() == Some("token")) else {
            return Err(Trouble::Forged);
        };
        let mut sent = Vec::new();
        while let Some(bytes) = first.chunk().await.map_err(|_| Trouble::Malformed)? {
            sent.extend_from_slice(&bytes);
            if sent.len() > FORM {
                return Err(Trouble::TooLarge);
            }
        }
        drop(first);
        if bool::from(sent.ct_eq(visitor.token.as_bytes())) {
            Ok(Self(parts))
        } else {
            Err(Trouble::Forged)
        }
    }
}

/// The token of a form; it needs no decoding, being base64url.
fn form_token_of(bytes: &Bytes) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.split('&')
        .find_map(|pair| pair.strip_prefix("token="))
        .map(str::to_owned)
}

/// The token of a multipart form: its first part.
fn part_token(bytes: &Bytes) -> Option<String> {
    let head = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(head);
    let after = text.split_once("name=\"token\"")?.1;
    let value = after.split_once("\r\n\r\n")?.1;
    Some(value.split_once("\r\n")?.0.to_owned())
}

/// The address limits are counted by: the peer's, or the one a trusted proxy names.
#[must_use]
pub fn client(app: &App, headers: &HeaderMap, peer: SocketAddr) -> std::net::IpAddr {
    let peer = peer.ip();
    if !app.trusted_proxies.contains(&peer) {
        return peer;
    }
    let named = headers.get("x-forwarded-for").and_then(|v| v.to_str().ok());
    named
        .and_then(|v| v.rsplit(',').next())
        .and_then(|v| v.trim().parse().ok())
        .unwrap_or(peer)
}

/// The peer of the connection.
pub type Peer = ConnectInfo<SocketAddr>;
