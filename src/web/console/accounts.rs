//! `/console/accounts`: who is on duty, for the security administrator, who opens, grants,
//! withdraws, closes and unlocks; and to look at, for the audit administrator.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    event::Act,
    office::{OfficeCode, OfficerId, Role},
    record::RecordId,
};

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Account, AccountFile, Duty, Officer},
};

/// One account in the list.
struct Line {
    id: String,
    login: String,
    name: String,
    office: String,
    roles: Vec<&'static str>,
    factor: bool,
    state: &'static str,
}

/// What the form of a new account sends.
#[derive(Clone, Debug, Default)]
struct Sent {
    login: String,
    name: String,
    office: String,
    roles: Vec<String>,
}

impl Sent {
    fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|sent| sent == role)
    }
}

#[derive(Template)]
#[template(path = "console/accounts.html")]
struct Accounts<'a> {
    f: Frame<'a>,
    lines: Vec<Line>,
    offices: Vec<(OfficeCode, String)>,
    roles: Vec<&'static str>,
    sent: Sent,
    mistake: Option<String>,
}

/// Every account that this officer keeps, or looks at.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, Sent::default(), None).await
}

/// Whether an officer sees the accounts of an office: the audit administrator sees all.
pub(super) fn sees(app: &App, officer: &Officer, office: &OfficeCode) -> bool {
    officer.roles.contains(&Role::AuditAdmin)
        || app.registry.stands_above(&officer.office, office).is_ok()
}

fn office_name(app: &App, code: &OfficeCode) -> String {
    match app.registry.office(code) {
        Some(office) => format!("{code} {}", office.name),
        None => code.as_str().to_owned(),
    }
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: Sent,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.as_ref().ok_or(Trouble::Forbidden)?;
    let (accounts, locked) = app.run(|r| Ok((r.all_accounts()?, r.locked()?))).await?;
    let seen = accounts
        .into_iter()
        .filter(|a| sees(app, officer, &a.office));
    let lines = seen.map(|a| Line {
        id: a.id.to_string(),
        state: if locked.iter().any(|login| login == a.login.as_str()) {
            "locked"
        } else {
            a.word()
        },
        roles: a.roles().iter().map(|r| r.code()).collect(),
        office: office_name(app, &a.office),
        login: a.login.as_str().to_owned(),
        name: a.name,
        factor: a.factor,
    });
    let mut offices = vec![(officer.office.clone(), office_name(app, &officer.office))];
    for office in app.registry.offices() {
        if office.code != officer.office && sees(app, officer, &office.code) {
            let name = office_name(app, &office.code);
            offices.push((office.code, name));
        }
    }
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = Accounts {
        lines: lines.collect(),
        f: Frame::new(app, visitor, "accounts-title"),
        offices,
        roles: Role::ALL.iter().map(|r| r.code()).collect(),
        sent,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

type Fields = Vec<(String, String)>;

fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    let found = fields.iter().find(|(n, _)| n == name);
    found.map_or("", |(_, value)| value.trim())
}

/// A password as it was typed: at the door no blank is taken away either.
fn password(fields: &Fields) -> String {
    let found = fields.iter().find(|(n, _)| n == "password");
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Opens an account.
pub async fn open(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let by = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let named = fields.iter().filter(|(name, _)| name == "role");
    let sent = Sent {
        login: field(&fields, "login").to_owned(),
        name: field(&fields, "name").to_owned(),
        office: field(&fields, "office").to_owned(),
        roles: named.map(|(_, role)| role.clone()).collect(),
    };
    let t = app.sentences(visitor.lang);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if sent.login.is_empty() || !sent.login.chars().all(plain) || sent.name.is_empty() {
        let mistake = Some(t.say("account-login-unfit"));
        return page_of(&app, &visitor, sent, mistake).await;
    }
    let officer = Officer {
        login: sent.login.clone(),
        name: sent.name.clone(),
        office: sent.office.as_str().into(),
        roles: sent
            .roles
            .iter()
            .filter_map(|r| Role::from_code(r))
            .collect(),
    };
    let password = password(&fields);
    let opened = app.run(move |r| {
        let account = Account {
            officer,
            password: &password,
        };
        r.open_account(&account, Some(&by), clock::now())
    });
    match opened.await {
        Ok(id) => Ok(Redirect::to(&format!("/console/accounts/{id}")).into_response()),
        Err(Trouble::Refused(refusal)) => {
            let mistake = t.say(&format!("refusal-{}", refusal.code().replace('_', "-")));
            page_of(&app, &visitor, sent, Some(mistake)).await
        }
        Err(other) => Err(other),
    }
}

/// An event of an account's story.
struct Told {
    idx: i64,
    at: String,
    what: &'static str,
    roles: Vec<&'static str>,
    who: String,
    role: &'static str,
}

#[derive(Template)]
#[template(path = "console/account.html")]
struct One<'a> {
    f: Frame<'a>,
    id: String,
    login: String,
    name: String,
    office: String,
    factor: bool,
    closed: bool,
    locked: bool,
    /// Held, since when.
    held: Vec<(&'static str, String)>,
    /// Those that could be granted.
    others: Vec<&'static str>,
    story: Vec<Told>,
    browsers: usize,
    /// Whether the officer who looks may do something here.
    keeps: bool,
    mistake: Option<String>,
}

/// One account with its story.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    one(&app, &visitor, id, None).await
}

/// The account, where this officer may see it.
async fn file(app: &Arc<App>, officer: &Officer, id: RecordId) -> Result<AccountFile, Trouble> {
    let file = app.run(move |r| r.account_file(id)).await?;
    if sees(app, officer, &file.account.office) {
        Ok(file)
    } else {
        Err(Trouble::NotFound)
    }
}

async fn one(
    app: &Arc<App>,
    visitor: &Visitor,
    id: RecordId,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.as_ref().ok_or(Trouble::Forbidden)?;
    let AccountFile { account, story } = file(app, officer, id).await?;
    let login = account.login.clone();
    let (locked, browsers) = app
        .run(move |r| {
            let browsers = r.browsers(login.as_str(), clock::now())?.len();
            Ok((r.is_locked(login.as_str())?, browsers))
        })
        .await?;
    let held: Vec<_> = account.spans.iter().filter(|s| s.until.is_none()).collect();
    let fits = |role: &&Role| {
        !held.iter().any(|s| s.role == **role) && app.registry.role_fits(&account.office, **role)
    };
    let page = One {
        id: id.to_string(),
        office: office_name(app, &account.office),
        others: Role::ALL.iter().filter(fits).map(|r| r.code()).collect(),
        held: held
            .iter()
            .map(|s| (s.role.code(), page::moment(s.from)))
            .collect(),
        story: story.iter().map(|(idx, e)| told(*idx, e)).collect(),
        keeps: officer.roles.contains(&Role::SecurityAdmin)
            && account.login != OfficerId::from(officer.login.as_str()),
        f: Frame::new(app, visitor, "account-title"),
        login: account.login.as_str().to_owned(),
        name: account.name,
        factor: account.factor,
        closed: account.closed,
        locked,
        browsers,
        mistake,
    };
    let status = if page.mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(page::with_status(status, &page))
}

fn told(idx: i64, event: &domain::event::Event) -> Told {
    let roles = match &event.act {
        Act::AccountOpened(opening) => opening.roles.iter().map(|r| r.code()).collect(),
        Act::RoleGranted { role } | Act::RoleWithdrawn { role } => vec![role.code()],
        _ => Vec::new(),
    };
    Told {
        idx,
        at: page::moment(event.at),
        what: event.act.kind(),
        roles,
        who: event.by.officer.as_str().to_owned(),
        role: event.by.role.code(),
    }
}

/// Does something to an account.
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let by = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let login = file(&app, &by, id).await?.account.login;
    // What no event records is no less another's to do.
    if login.as_str() == by.login {
        return Err(Trouble::Refused(domain::refusal::Refusal::OwnAccount));
    }
    let role = |name: &str| Role::from_code(field(&fields, name)).ok_or(Trouble::Malformed);
    let duty = match field(&fields, "command") {
        "grant" => Some(Duty::Grant(role("grant")?)),
        "withdraw" => Some(Duty::Withdraw(role("withdraw")?)),
        "close" => Some(Duty::Close),
        "reset_factor" => Some(Duty::ResetFactor),
        "unlock" | "sign_out" | "password" => None,
        _ => return Err(Trouble::Malformed),
    };
    let command = field(&fields, "command").to_owned();
    let password = password(&fields);
    let done = app
        .run(move |r| {
            let (login, now) = (login.as_str(), clock::now());
            match (duty, command.as_str()) {
                (Some(duty), _) => r.change_account(login, duty, &by, now),
                (None, "unlock") => r.unlock(login, &by.login, now),
                (None, "password") => r.set_password(login, &password, &by.login, now),
                (None, _) => r.sign_out(login, None, &by.login, now),
            }
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/console/accounts/{id}")).into_response()),
        Err(Trouble::Refused(refusal)) => {
            let t = app.sentences(visitor.lang);
            let mistake = t.say(&format!("refusal-{}", refusal.code().replace('_', "-")));
            one(&app, &visitor, id, Some(mistake)).await
        }
        Err(other) => Err(other),
    }
}
