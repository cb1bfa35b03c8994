//! `/console/me`: the own account: where it is signed in, the password, the second factor.

use std::{fmt::Write, sync::Arc};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    guard::{self, Entering, Peer},
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Door, From, Stage},
};

/// A browser in the list.
struct Line {
    /// The first half of its token's digest names it.
    id: String,
    opened: String,
    seen: String,
    address: String,
    /// The one that shows the page.
    is_this: bool,
}

#[derive(Template)]
#[template(path = "console/me.html")]
struct Me<'a> {
    f: Frame<'a>,
    office: String,
    factor: bool,
    browsers: Vec<Line>,
    mistake: Option<String>,
}

/// What a form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    command: String,
    session: String,
    old: String,
    new: String,
}

fn named(token: &[u8; 32]) -> String {
    token.iter().take(16).fold(String::new(), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, None).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let Entering { signed, session } = visitor.entering.clone().ok_or(Trouble::Forbidden)?;
    let officer = signed.officer;
    let office = app.registry.office_name(&officer.office);
    let (browsers, factor) = app
        .run(move |r| {
            let browsers = r.browsers(&officer.login, clock::now())?;
            Ok((browsers, r.stage_after_password(&officer)? == Stage::Code))
        })
        .await?;
    let line = |b: &crate::registry::Browser| Line {
        id: named(&b.token),
        opened: page::moment(b.opened),
        seen: page::moment(b.seen),
        address: b.address.clone(),
        is_this: b.token == session,
    };
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = Me {
        browsers: browsers.iter().map(line).collect(),
        f: Frame::new(app, visitor, "me-title"),
        office,
        factor,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

/// Signs browsers out, or changes the password.
pub async fn act(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let login = officer.login.clone();
    match sent.command.as_str() {
        "sign_out" => {
            let one = sent.session;
            app.run(move |r| {
                let now = clock::now();
                let browsers = r.browsers(&login, now)?;
                match browsers.iter().find(|b| named(&b.token) == one) {
                    Some(b) => r.sign_out(&login, Some(&b.token), &login, now),
                    // Gone already.
                    None => Ok(()),
                }
            })
            .await?;
            Ok(Redirect::to("/console/me").into_response())
        }
        "sign_out_all" => {
            app.run(move |r| r.sign_out(&login, None, &login, clock::now()))
                .await?;
            Ok(Redirect::to("/login").into_response())
        }
        "password" => {
            let address = guard::client(&app, &headers, peer).to_string();
            password(&app, &visitor, sent, address).await
        }
        _ => Err(Trouble::Malformed),
    }
}

async fn password(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: Sent,
    address: String,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let turn = app.hashing.acquire().await.map_err(|_| Trouble::Busy)?;
    let most = app.lock_after();
    let done = app.run(move |r| {
        let (login, at) = (officer.login.as_str(), clock::now());
        if r.is_locked(login)? || r.authenticate(login, &sent.old)?.is_none() {
            let address = &address;
            let from = From { address, at };
            r.failed(login, Door::WrongPassword, from, most)?;
            return Ok(false);
        }
        r.set_password(login, &sent.new, login, at)?;
        Ok(true)
    });
    let done = done.await;
    drop(turn);
    let t = app.sentences(visitor.lang);
    match done {
        Ok(true) => Ok(Redirect::to("/login").into_response()),
        Ok(false) => page_of(app, visitor, Some(t.say("me-old-wrong"))).await,
        Err(Trouble::Refused(refusal)) => {
            let mistake = t.say(&format!("refusal-{}", refusal.code().replace('_', "-")));
            page_of(app, visitor, Some(mistake)).await
        }
        Err(other) => Err(other),
    }
}
