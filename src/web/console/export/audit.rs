//! What the audit administrator looks at, as files: who read whose file, and what happened at the door.

use std::sync::Arc;

use axum::{Extension, Form, extract::State, response::Response};

use super::{
    super::super::{App, Trouble, Visitor, page},
    Sent, file, text,
};
use crate::registry::Mark;

/// Rows of one question to the register.
const PAGE: u32 = 1_000;

/// Who read whose file, the last first; of one officer, where a login is given.
pub async fn readings(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let sent = Sent { fields };
    let (format, officer) = (sent.one("format"), sent.one("officer"));
    file(&app, &visitor, ("readings", &format), move |w| {
        w.head(&[
            "case-when",
            "account-login",
            "account-office",
            "reading-record",
            "reading-purpose",
        ])?;
        let login = Some(officer.as_str()).filter(|login| !login.is_empty());
        let (registry, mut before) = (w.registry(), Mark::NEWEST);
        loop {
            let (lines, next) = registry.readings(before, login, PAGE)?;
            for line in lines {
                let cells = [
                    text(page::moment(line.at)),
                    text(line.login),
                    text(line.office),
                    text(line.record.to_string()),
                    w.word("purpose", &line.purpose),
                ];
                w.list.row(&cells)?;
            }
            match next {
                Some(place) => before = place,
                None => return Ok(()),
            }
        }
    })
}

/// What happened at the door, the last first.
pub async fn log_ins(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("log-ins", &format), |w| {
        w.head(&[
            "case-when",
            "account-login",
            "case-what",
            "door-address",
            "door-by",
        ])?;
        let (registry, mut before) = (w.registry(), Mark::NEWEST);
        loop {
            let (lines, next) = registry.doors(before, PAGE)?;
            for line in lines {
                let cells = [
                    text(page::moment(line.at)),
                    text(line.login),
                    w.word("door", &line.what),
                    text(line.address),
                    text(line.by),
                ];
                w.list.row(&cells)?;
            }
            match next {
                Some(place) => before = place,
                None => return Ok(()),
            }
        }
    })
}
