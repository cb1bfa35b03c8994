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
use crate::{
    clock,
    registry::{Door, From, Officer, Stage, digest},
};

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
    let login = sent.user.trim().to_owned();
    let (who, address) = (
        login.clone(),
        guard::client(&app, &headers, peer).to_string(),
    );
    let locked = app.run(move |r| r.is_locked(&who)).await?;
    let turn = app.hashing.acquire().await.map_err(|_| Trouble::Busy)?;
    let (user, password, most) = (login.clone(), sent.password, app.lock_after());
    let from = address.clone();
    let officer = app
        .run(move |r| {
            let at = clock::now();
            let from = From { address: &from, at };
            // A locked account takes as long, and tells as little.
            let officer = r.authenticate(&user, &password)?.filter(|_| !locked);
            match (locked, &officer) {
                (true, _) => r.note_door(&user, Door::WhileLocked, from, "")?,
                (false, None) => r.failed(&user, Door::WrongPassword, from, most)?,
                (false, Some(_)) => {}
            }
            Ok(officer)
        })
        .await?;
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
                user: &login,
                failed: true,
            },
        ));
    };
    let asked = officer.clone();
    let stage = app.run(move |r| r.stage_after_password(&asked)).await?;
    come_in(&app, &officer, stage, address, None).await
}

/// A new session at every step of the way in: whoever knew an old cookie gains nothing.
pub(super) async fn come_in(
    app: &Arc<App>,
    officer: &Officer,
    stage: Stage,
    address: String,
    before: Option<[u8; 32]>,
) -> Result<Response, Trouble> {
    let token = app.random_token();
    let (kept, login) = (digest(&token), officer.login.clone());
    app.run(move |r| {
        let from = From {
            address: &address,
            at: clock::now(),
        };
        if let Some(before) = before {
            r.end_session(&before)?;
        }
        r.begin_session(&login, &kept, stage, from)?;
        if stage == Stage::Full {
            r.succeeded(&login, Door::SignedIn, from)?;
        }
        Ok(())
    })
    .await?;
    let next = match stage {
        Stage::Full => "/console",
        Stage::Code => "/login/code",
        Stage::Enrol => "/login/factor",
    };
    let mut response = Redirect::to(next).into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, app.set_cookie(SESSION, &token));
    Ok(response)
}

#[derive(Template)]
#[template(path = "public/code.html")]
struct CodePage<'a> {
    f: Frame<'a>,
    failed: bool,
    /// In a demonstration: the code that a telephone would show, where one is left.
    shown: Option<Option<String>>,
}

/// What the code's form sends.
#[derive(Deserialize)]
pub struct Code {
    code: String,
}

/// The form for the code of the second factor.
pub async fn code_form(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    code_page(&app, &visitor, false).await
}

async fn code_page(app: &Arc<App>, visitor: &Visitor, failed: bool) -> Result<Response, Trouble> {
    let Some(entering) = &visitor.entering else {
        return Err(Trouble::Forbidden);
    };
    let login = entering.signed.officer.login.clone();
    let shown = match app.is_demo() {
        true => Some(app.run(move |r| r.next_code(&login)).await?),
        false => None,
    };
    let f = Frame::new(app, visitor, "code-title");
    let status = if failed {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    Ok(page::with_status(status, &CodePage { f, failed, shown }))
}

/// The code: the second half of the way in.
pub async fn give_code(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Code>,
) -> Result<Response, Trouble> {
    let entering = visitor.entering.clone().ok_or(Trouble::Forbidden)?;
    if entering.signed.stage != Stage::Code {
        return Ok(Redirect::to("/console").into_response());
    }
    let address = guard::client(&app, &headers, peer);
    app.limits.sign_in(address).map_err(|_| Trouble::TooMany)?;
    let officer = &entering.signed.officer;
    let mut account = [0; 16];
    account.copy_from_slice(&digest(&officer.login)[..16]);
    let closed = |_| Trouble::TooMany;
    app.limits.logins.open(&account).map_err(closed)?;
    let code: String = sent.code.chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
    let address = address.to_string();
    if !is_code || !app.proves(officer, code, &address).await? {
        app.limits.logins.miss(account).map_err(closed)?;
        return code_page(&app, &visitor, true).await;
    }
    come_in(&app, officer, Stage::Full, address, Some(entering.session)).await
}

/// Signs out.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    if let Some(token) = guard::cookie(&headers, SESSION) {
        let kept = digest(token);
        app.run(move |r| {
            if let Some(signed) = r.signed_in(&kept, clock::now())? {
                let (login, at) = (signed.officer.login, clock::now());
                let from = From { address: "", at };
                r.note_door(&login, Door::SignedOut, from, "")?;
            }
            r.end_session(&kept)
        })
        .await?;
    }
    let mut response = Redirect::to("/login").into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, app.set_cookie(SESSION, ""));
    Ok(response)
}
