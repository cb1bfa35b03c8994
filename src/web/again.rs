//! Signing in anew before something grave: the page that asks for a password or a code carries the
//! form that was sent, so that one more press does what was wanted.

use std::{net::SocketAddr, sync::Arc};

use askama::Template;
use axum::{
    body::Bytes,
    extract::{ConnectInfo, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    App, Trouble, Visitor,
    guard::{self, Entering},
    page::{self, Frame},
};
use crate::{
    clock, config,
    registry::{Door, From, Officer},
};

/// The field of the page's password or code.
const AGAIN: &str = "again";

#[derive(Template)]
#[template(path = "console/again.html")]
struct Again<'a> {
    f: Frame<'a>,
    path: String,
    /// What was sent, to be sent once more; nothing for a file, which must be chosen again.
    fields: Vec<(String, String)>,
    failed: bool,
}

/// Goes on when the form brings a password or a code, and asks for it otherwise.
///
/// # Errors
/// The page that asks.
pub(super) async fn confirm(
    app: &Arc<App>,
    visitor: &Visitor,
    entering: &Entering,
    (path, address): (String, String),
    form: &Bytes,
) -> Result<(), Box<Response>> {
    let mut sent = fields(form);
    let given = sent.iter().find(|(name, _)| name == AGAIN);
    let given = given.map(|(_, value)| value.clone()).unwrap_or_default();
    let officer = &entering.signed.officer;
    if !given.is_empty() {
        let proved = app.proves(officer, given, &address).await;
        if proved.map_err(|t| Box::new(t.into_response()))? {
            let (session, login) = (entering.session, officer.login.clone());
            let done = app.run(move |r| {
                let at = clock::now();
                r.refresh_session(&session, at)?;
                let address = &address;
                r.succeeded(&login, Door::Again, From { address, at })
            });
            return done.await.map_err(|t| Box::new(t.into_response()));
        }
    }
    let failed = sent.iter().any(|(name, _)| name == AGAIN);
    sent.retain(|(name, _)| name != AGAIN && name != "token");
    let f = Frame::new(app, visitor, "again-title");
    let page = Again {
        f,
        path,
        fields: sent,
        failed,
    };
    Err(Box::new(page::with_status(StatusCode::FORBIDDEN, &page)))
}

/// Where a browser is, as the log of the door has it.
pub(super) fn address(app: &App, request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(String::new, |ConnectInfo(peer)| {
        guard::client(app, request.headers(), *peer).to_string()
    })
}

impl App {
    /// How many failures in a row lock an account.
    pub(super) fn lock_after(&self) -> u32 {
        let config = self.config.as_ref();
        config.map_or(config::lock_after(), |c| c.lock_after)
    }

    /// Whether the officer knows the password or has the code of the moment. A failure is counted.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn proves(
        self: &Arc<Self>,
        officer: &Officer,
        given: String,
        address: &str,
    ) -> Result<bool, Trouble> {
        let is_code = given.len() == 6 && given.bytes().all(|b| b.is_ascii_digit());
        let turn = self.hashing.acquire().await.map_err(|_| Trouble::Busy)?;
        let (login, address) = (officer.login.clone(), address.to_owned());
        let most = self.lock_after();
        let proved = self.run(move |r| {
            let from = From {
                address: &address,
                at: clock::now(),
            };
            if r.is_locked(&login)? {
                r.note_door(&login, Door::WhileLocked, from, "")?;
                return Ok(false);
            }
            let (right, wrong) = if is_code {
                let right = r.use_code(&login, &given, clock::real())?;
                (right, Door::WrongCode)
            } else {
                let right = r.authenticate(&login, &given)?.is_some();
                (right, Door::WrongPassword)
            };
            if !right {
                r.failed(&login, wrong, from, most)?;
            }
            Ok(right)
        });
        let proved = proved.await;
        drop(turn);
        proved
    }
}

/// The fields of a form, decoded.
pub(super) fn fields(form: &Bytes) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(form);
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    };
    text.split('&')
        .filter(|p| !p.is_empty())
        .map(pair)
        .collect()
}

/// `application/x-www-form-urlencoded`, as browsers send it.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(b) = bytes.next() {
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        out.push(match b {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(bytes.next()), digit(bytes.next()));
                let value = high.zip(low).map(|(high, low)| high * 16 + low);
                value.and_then(|v| u8::try_from(v).ok()).unwrap_or(b'%')
            }
            b => b,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_the_browser_meant_it() {
        let form = Bytes::from_static(b"command=issue&case=A&case=B&ground=%E4%B8%80+%26%3D%2B");
        let pairs = fields(&form);
        let wanted = [
            ("command", "issue"),
            ("case", "A"),
            ("case", "B"),
            ("ground", "一 &=+"),
        ];
        assert_eq!(pairs, wanted.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
}
