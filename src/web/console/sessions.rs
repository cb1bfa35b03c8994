//! `/console/sessions`: the exam sessions an institution plans and holds, and those registered with
//! an authority.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::catalogue::ItemCode;
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Officer, Planned, SessionLine, SessionsReached},
};

/// So many sessions are on one page.
const LINES: usize = 100;

/// Fields of a form, in their order; some come more than once.
pub type Fields = Vec<(String, String)>;

/// What the form of a plan holds, as it was typed.
#[derive(Clone, Default)]
pub struct Typed {
    pub(super) on: String,
    pub(super) begins: String,
    pub(super) place: String,
    pub(super) items: Vec<String>,
    pub(super) invigilators: String,
    pub(super) assessors: Vec<String>,
    pub(super) seats: String,
    pub(super) reason: String,
}

impl Typed {
    /// What was sent.
    pub fn of(fields: &Fields) -> Self {
        let one = |name: &str| {
            let found = fields.iter().find(|(n, _)| n == name);
            found.map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
        };
        let many = |name: &str| {
            let found = fields.iter().filter(|(n, _)| n == name);
            found.map(|(_, v)| v.clone()).collect()
        };
        Self {
            on: one("on"),
            begins: one("begins"),
            place: one("place"),
            items: many("item"),
            invigilators: one("invigilators"),
            assessors: many("assessor"),
            seats: one("seats"),
            reason: one("reason"),
        }
    }

    pub(super) fn has_item(&self, code: &str) -> bool {
        self.items.iter().any(|item| item == code)
    }

    pub(super) fn has_assessor(&self, login: &str) -> bool {
        self.assessors.iter().any(|one| one == login)
    }

    /// The plan, or the key of the sentence about the first field that cannot be read.
    ///
    /// # Errors
    /// The key.
    pub fn read(&self) -> Result<Planned, &'static str> {
        if self.place.is_empty() {
            return Err("plan-place");
        }
        if self.items.is_empty() {
            return Err("plan-items");
        }
        Ok(Planned {
            on: self.on.parse().map_err(|_| "plan-on")?,
            begins: self.begins.clone(),
            place: self.place.clone(),
            items: self.items.iter().map(|code| (&**code).into()).collect(),
            invigilators: self.invigilators.lines().map(str::to_owned).collect(),
            assessors: self
                .assessors
                .iter()
                .map(|login| (&**login).into())
                .collect(),
            seats: self.seats.parse().map_err(|_| "plan-seats")?,
        })
    }
}

/// What a form of a plan can choose from.
pub struct Choice {
    pub(super) items: Vec<(ItemCode, String)>,
    pub(super) assessors: Vec<Officer>,
}

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct Sessions<'a> {
    f: Frame<'a>,
    lines: Vec<(SessionLine, String)>,
    /// Where the next page begins.
    next: Option<String>,
    plans: bool,
    typed: Typed,
    choice: Choice,
    mistake: Option<String>,
}

/// Whether the officer may plan.
pub fn plans(officer: &Officer) -> bool {
    let codes = ["institution_clerk", "institution_lead"];
    officer
        .roles
        .iter()
        .any(|role| codes.contains(&role.code()))
}

/// Behind which session the list begins.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct From {
    after: String,
}

/// The list.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Query(from): Query<From>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, from, Typed::default(), None).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    from: From,
    typed: Typed,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let may = plans(&officer);
    let asking = officer.clone();
    let after = SessionsReached::read(&from.after);
    let ((lines, next), assessors) = app
        .run(move |r| {
            let lines = r.sessions_page(&asking, after, LINES)?;
            Ok((lines, r.assessors_of(&asking.office)?))
        })
        .await?;
    let names = |line: SessionLine| {
        let name = app.registry.office_name(&line.session.institution);
        (line, name)
    };
    let status = match mistake {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(page::with_status(
        status,
        &Sessions {
            f: Frame::new(app, visitor, "sessions-title"),
            lines: lines.into_iter().map(names).collect(),
            next: next.map(SessionsReached::written),
            plans: may,
            typed,
            choice: Choice {
                items: app.registry.items_of(&officer.office),
                assessors,
            },
            mistake,
        },
    ))
}

/// Plans a session and shows it.
pub async fn plan(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let typed = Typed::of(&fields);
    let t = app.sentences(visitor.lang);
    let planned = match typed.read() {
        Ok(planned) => planned,
        Err(key) => {
            let mistake = t.say(&format!("wrong-{key}"));
            return page_of(&app, &visitor, From::default(), typed, Some(mistake)).await;
        }
    };
    let job = move |r: &crate::registry::Registry| r.plan_session(&planned, &officer, clock::now());
    match app.run(job).await {
        Ok(id) => Ok(Redirect::to(&format!("/console/sessions/{id}")).into_response()),
        Err(Trouble::Refused(refusal)) => {
            let mistake = t.say(&format!("refusal-{}", refusal.code().replace('_', "-")));
            page_of(&app, &visitor, From::default(), typed, Some(mistake)).await
        }
        Err(other) => Err(other),
    }
}
