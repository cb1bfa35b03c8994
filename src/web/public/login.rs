//! `/login`, `/logout`: officers come and go.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    guard::{self, Peer, SESSION},
    page::{self, Frame},
};
use crate::{clock, registry::digest};

#[derive(Template)]
#[template(path = "public/login.html")]
struct Login<'a> {
    f: Frame<'a>,
    user: &'a str,
    failed: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    user: String,
    password: String,
}

/// The form.
pub async fn form(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    page::html(&Login {
        f: Frame::new(&app, &visitor, "login-title"),
        user: "",
        failed: false,
    })
}

/// Signs in: at most two passwords are hashed at once, and an address may try only so often. An
/// account that many wrong passwords were tried on opens to none for a while (等保三级 8.1.4.1).
pub async fn sign_in(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    app.limits
        .sign_in(guard::client(&app, &headers, peer))
        .map_err(|_| Trouble::TooMany)?;
    let mut account = [0; 16];
    account.copy_from_slice(&digest(sent.user.trim())[..16]);
    app.limits
        .logins
        .open(&account)
        .map_err(|_| Trouble::TooMany)?;
    let turn = app.hashing.acquire().await.map_err(|_| Trouble::Busy)?;
    let (user, password) = (sent.user.trim().to_owned(), sent.password);
    let login = user.clone();
    let officer = app.run(move |r| r.authenticate(&login, &password)).await?;
    drop(turn);
    let Some(officer) = officer else {
        app.limits
            .logins
            .miss(account)
            .map_err(|_| Trouble::TooMany)?;
        let f = Frame::new(&app, &visitor, "login-title");
        return Ok(page::with_status(
            StatusCode::FORBIDDEN,
            &Login {
                f,
                user: &user,
                failed: true,
            },
        ));
    };
    // A new session at every sign-in: whoever knew an old cookie gains nothing.
    let token = app.random_token();
    let kept = digest(&token);
    app.run(move |r| r.open_session(&officer.login, &kept, clock::now()))
        .await?;
    let mut response = Redirect::to("/console").into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, app.set_cookie(SESSION, &token));
    Ok(response)
}

/// Signs out.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    if let Some(token) = guard::cookie(&headers, SESSION) {
        let kept = digest(token);
        app.run(move |r| r.end_session(&kept)).await?;
    }
    let mut response = Redirect::to("/login").into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, app.set_cookie(SESSION, ""));
    Ok(response)
}
