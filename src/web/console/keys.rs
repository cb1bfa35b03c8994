//! `/console/keys`: keys of programs that act for an office. The security administrator makes and
//! ends them as any account; the key itself is shown once, on the answer to the form.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::office::{OfficeCode, Role};
use jiff::{SignedDuration, Timestamp};

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame, moment},
};
use crate::{
    clock,
    registry::{NewProgram, OfficeKey, Officer},
};

/// For how many days a key may be made.
const DAYS: [u16; 4] = [30, 90, 180, 365];

/// A key in the list.
struct Line {
    number: String,
    label: String,
    office: String,
    login: String,
    roles: Vec<&'static str>,
    made: String,
    made_by: String,
    expires: String,
    used: Option<String>,
    state: &'static str,
    /// It can be ended by this officer.
    ends: bool,
}

/// What the form sends.
#[derive(Default)]
struct Sent {
    label: String,
    office: String,
    roles: Vec<String>,
    days: u16,
}

impl Sent {
    fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|sent| sent == role)
    }
}

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage<'a> {
    f: Frame<'a>,
    lines: Vec<Line>,
    offices: Vec<(OfficeCode, String)>,
    roles: Vec<&'static str>,
    days: [u16; 4],
    sent: Sent,
    /// The key that was made: it is told this once.
    made: Option<String>,
    mistake: Option<String>,
}

fn sees(app: &App, officer: &Officer, office: &OfficeCode) -> bool {
    officer.roles.contains(&Role::AuditAdmin)
        || app.registry.stands_above(&officer.office, office).is_ok()
}

fn line(app: &App, officer: &Officer, key: OfficeKey, now: Timestamp) -> Line {
    let state = match (key.ended, key.expires <= now) {
        (true, _) => "ended",
        (false, true) => "expired",
        (false, false) => "in_force",
    };
    Line {
        number: key.number,
        label: key.officer.name,
        office: app.registry.office_name(&key.officer.office),
        login: key.officer.login,
        roles: key.officer.roles.iter().map(|role| role.code()).collect(),
        made: moment(key.made),
        made_by: key.made_by,
        expires: moment(key.expires),
        used: key.used.map(moment),
        ends: !key.ended && officer.roles.contains(&Role::SecurityAdmin),
        state,
    }
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: Sent,
    (made, mistake): (Option<String>, Option<String>),
) -> Result<Response, Trouble> {
    let officer = visitor.officer.as_ref().ok_or(Trouble::Forbidden)?;
    let keys = app.run(|r| r.office_keys()).await?;
    let now = clock::now();
    let seen = keys
        .into_iter()
        .filter(|key| sees(app, officer, &key.officer.office));
    let lines = seen.map(|key| line(app, officer, key, now)).collect();
    let offices = app.registry.offices().into_iter();
    let offices = offices.filter(|office| sees(app, officer, &office.code));
    let programs = Role::ALL.into_iter().filter(|r| r.is_for_programs());
    let status = page::status(mistake.is_some());
    let page = KeysPage {
        lines,
        offices: offices.map(|o| (o.code, o.name)).collect(),
        roles: programs.map(Role::code).collect(),
        days: DAYS,
        sent,
        made,
        mistake,
        f: Frame::new(app, visitor, "keys-head"),
    };
    Ok(page::with_status(status, &page))
}

/// The keys this officer keeps, or looks at.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let sent = Sent {
        days: 180,
        ..Sent::default()
    };
    page_of(&app, &visitor, sent, (None, None)).await
}

/// Makes a key, or ends one.
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let by = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let one = |name: &str| {
        let found = fields.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
    };
    let number = one("end");
    if !number.is_empty() {
        app.run(move |r| r.end_office_key(&number, &by, clock::now()))
            .await?;
        return Ok(Redirect::to("/console/keys").into_response());
    }
    let roles = fields.iter().filter(|(name, _)| name == "role");
    let sent = Sent {
        label: one("label"),
        office: one("office"),
        roles: roles.map(|(_, role)| role.clone()).collect(),
        days: one("days").parse().unwrap_or_default(),
    };
    let t = app.sentences(visitor.lang);
    if !DAYS.contains(&sent.days) || sent.label.is_empty() || sent.roles.is_empty() {
        let mistake = Some(t.say("keys-incomplete"));
        return page_of(&app, &visitor, sent, (None, mistake)).await;
    }
    let now = clock::now();
    let roles = sent.roles.iter().map(|role| Role::from_code(role));
    let new = NewProgram {
        label: sent.label.clone(),
        office: sent.office.as_str().into(),
        roles: roles.collect::<Option<_>>().ok_or(Trouble::Malformed)?,
        expires: now + SignedDuration::from_hours(24 * i64::from(sent.days)),
    };
    match app.run(move |r| r.make_office_key(&new, &by, now)).await {
        Ok(key) => page_of(&app, &visitor, Sent::default(), (Some(key), None)).await,
        Err(Trouble::Refused(refusal)) => {
            let mistake = t.word("refusal", refusal.code());
            page_of(&app, &visitor, sent, (None, Some(mistake))).await
        }
        Err(other) => Err(other),
    }
}
