//! `/console/tasks`: long work of the office, with its progress. The page of one loads itself anew
//! while the work goes on, and finds it where it is after a restart of the program.

use std::{io, sync::Arc};

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::record::RecordId;

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame, moment},
    stream,
};
use crate::{
    clock,
    registry::{self, FileReader, Officer, Task, TaskState},
    tasks::Kind,
};

/// So many of an office's last tasks are listed.
const LISTED: usize = 100;

#[derive(Template)]
#[template(path = "console/tasks.html")]
struct List<'a> {
    f: Frame<'a>,
    /// Each with the moment it was begun.
    tasks: Vec<(Task, String)>,
}

#[derive(Template)]
#[template(path = "console/task.html")]
struct One<'a> {
    f: Frame<'a>,
    t: Task,
    /// When it was begun, and last heard of.
    times: (String, String),
    said: String,
    mine: bool,
    /// What it left is this officer's to fetch.
    fetches: bool,
    /// The page it was begun on.
    back: Option<String>,
}

/// Whether the file a task has left is for the officer: it names people, and the page of a task is
/// for the whole office.
fn fetches(task: &Task, officer: &Officer) -> bool {
    Kind::of(&task.kind).is_some_and(|kind| kind.is_for(officer))
}

/// The office's tasks, newest first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let tasks = app
        .run(move |r| r.tasks_of(&officer.office, None, LISTED))
        .await?;
    let f = Frame::new(&app, &visitor, "tasks-title");
    let with_moment = |task: Task| {
        let begun = moment(task.begun);
        (task, begun)
    };
    let tasks = tasks.into_iter().map(with_moment).collect();
    Ok(page::html(&List { f, tasks }))
}

/// One task.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let by = officer.clone();
    let (t, back) = app
        .run(move |r| {
            let task = r.task(id, &by.office)?;
            let back = r.takeovers(&by.office)?;
            let back = back.into_iter().find(|t| t.task == Some(id));
            Ok((task, back))
        })
        .await?;
    let f = Frame::new(&app, &visitor, "tasks-title");
    let said = said(&f, &t);
    let mine = t.login == officer.login;
    let fetches = t.result.is_some() && fetches(&t, &officer);
    // The whole office sees how far the work is; its page is for those who do it.
    let back = back.filter(|_| f.is("issuer") || f.is("approver"));
    let back = back.map(|t| format!("/console/takeover/{}", t.id));
    Ok(page::html(&One {
        f,
        times: (moment(t.begun), moment(t.updated)),
        t,
        said,
        mine,
        fetches,
        back,
    }))
}

/// How it ended, as a sentence: of the task, of a sheet that cannot be read, or of the law.
fn said(f: &Frame<'_>, task: &Task) -> String {
    let word = task.message.as_str();
    if word.is_empty() {
        String::new()
    } else if word.starts_with("sheet_") {
        f.s1("task-said-sheet", "code", word)
    } else if task.state == TaskState::Failed
        && domain::refusal::Refusal::ALL
            .iter()
            .any(|r| r.code() == word)
    {
        f.word("refusal", word)
    } else {
        f.word("task-said", word)
    }
}

/// Stops a task that the officer began.
pub async fn stop(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    app.run(move |r| {
        r.task(id, &officer.office)?;
        r.stop_task(id, &officer, clock::now())
    })
    .await?;
    Ok(Redirect::to(&format!("/console/tasks/{id}")).into_response())
}

/// The file a task has left.
pub async fn result(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let file = app
        .run(move |r| {
            let task = r.task(id, &officer.office)?;
            if !fetches(&task, &officer) {
                return Err(registry::Error::NotFound);
            }
            r.file(task.result.ok_or(registry::Error::NotFound)?)
        })
        .await?;
    let kind = file.kind.clone();
    let registry = Arc::clone(&app.registry);
    // A list of faults may be as long as the list itself: it is never held in memory.
    let body = stream::body(move |mut pipe| {
        let mut reader = FileReader::new(registry, file);
        io::copy(&mut reader, &mut pipe).map_err(|e| e.to_string())?;
        Ok(pipe)
    });
    let of_csv = "text/csv; charset=utf-8";
    let of_book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let head = [
        (
            header::CONTENT_TYPE,
            if kind == "csv" { of_csv } else { of_book }.to_owned(),
        ),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.{kind}\""),
        ),
    ];
    Ok((head, body).into_response())
}
