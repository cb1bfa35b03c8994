//! `/login/factor`: an officer enrols a second factor, before the first sign-in where the role needs
//! one, or from the own page.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::refusal::Refusal;
use fast_qr::{QRBuilder, convert::svg::SvgBuilder};
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        guard::{self, Entering, Peer},
        page::{self, Frame},
    },
    login,
};
use crate::{
    clock,
    registry::{
        Stage,
        factors::{self, Secret},
    },
};

#[derive(Template)]
#[template(path = "public/factor.html")]
struct Factor<'a> {
    f: Frame<'a>,
    /// The secret, for whoever cannot read the picture.
    secret: String,
    /// The picture as a `data:` address.
    picture: String,
    failed: bool,
    /// In a demonstration: the code that a telephone would show.
    shown: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    code: String,
}

/// The secret, as picture and as text, and the form for its first code.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    match entering(&visitor)? {
        Some(entering) => Ok(page_of(&app, &visitor, entering, false)),
        None => Ok(Redirect::to("/login/code").into_response()),
    }
}

/// Whoever may enrol: none where a second factor is there and its code is still wanted.
fn entering(visitor: &Visitor) -> Result<Option<&Entering>, Trouble> {
    let entering = visitor.entering.as_ref().ok_or(Trouble::Forbidden)?;
    Ok(Some(entering).filter(|e| e.signed.stage != Stage::Code))
}

fn page_of(app: &App, visitor: &Visitor, entering: &Entering, failed: bool) -> Response {
    let login = &entering.signed.officer.login;
    let secret = app.registry.offered_secret(login, &entering.session);
    let f = Frame::new(app, visitor, "factor-title");
    let picture = picture(&f.site, login, &secret);
    let shown = app
        .is_demo()
        .then(|| factors::code_at(&secret, clock::real()));
    let status = if failed {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page::with_status(
        status,
        &Factor {
            f,
            secret: factors::spelled(&secret),
            picture,
            failed,
            shown,
        },
    )
}

/// What a telephone reads: the issuer, the login, the secret. No name and no number of a person.
fn picture(issuer: &str, login: &str, secret: &Secret) -> String {
    let escaped = |text: &str| {
        let byte = |b: u8| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    let (issuer, login) = (escaped(issuer), escaped(login));
    let secret = factors::spelled(secret).replace(' ', "");
    let text = format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}");
    let svg = QRBuilder::new(text).build().map(|code| {
        let drawn = SvgBuilder::default().to_str(&code);
        format!("data:image/svg+xml;base64,{}", STANDARD.encode(drawn))
    });
    // A name too long for a picture leaves the text.
    svg.unwrap_or_default()
}

/// The first code: the telephone has the secret.
pub async fn enrol(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let Some(entering) = entering(&visitor)? else {
        return Ok(Redirect::to("/login/code").into_response());
    };
    let address = guard::client(&app, &headers, peer);
    app.limits.sign_in(address).map_err(|_| Trouble::TooMany)?;
    let (officer, session) = (entering.signed.officer.clone(), entering.session);
    let code: String = sent.code.chars().filter(|c| !c.is_whitespace()).collect();
    let by = officer.clone();
    let done = app
        .run(move |r| {
            let secret = r.offered_secret(&by.login, &session);
            r.enrol_factor(&by, &secret, &code, (clock::real(), clock::now()))
        })
        .await;
    match done {
        Ok(()) => {
            let address = address.to_string();
            login::come_in(&app, &officer, Stage::Full, address, Some(session)).await
        }
        Err(Trouble::Refused(Refusal::CodeWrong)) => Ok(page_of(&app, &visitor, entering, true)),
        Err(other) => Err(other),
    }
}
