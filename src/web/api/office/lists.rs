//! What else an office's program reads: its own key, the certificates of its authority, the long
//! work of its office.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::record::RecordId;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    super::{
        super::{App, lang, page::code},
        told::{shape, words},
    },
    Fail, PageAsked, Params, cursor, json, limit, params, record,
};
use crate::registry::{CertificatesReached, Program, Purpose, Task, TaskState};

shape! {
    /// The key that asks.
    #[derive(Debug, Serialize)]
    pub struct KeyTold {
        /// Its number: the first characters of the key.
        number: String,
        /// The account it acts as.
        login: String,
        /// Whose program it is.
        label: String,
        /// The code of the office it acts for.
        office: String,
        /// The roles it acts in.
        roles: Vec<&'static str>,
        /// From then on it is not in force.
        expires: Timestamp,
    }
}

/// The key that asks: a program's first call, which changes nothing.
pub async fn own_key(Extension(program): Extension<Program>) -> Response {
    let officer = program.officer;
    let told = KeyTold {
        number: program.number,
        roles: officer.roles.iter().map(|role| role.code()).collect(),
        office: officer.office.as_str().to_owned(),
        login: officer.login,
        label: officer.name,
        expires: program.expires,
    };
    json(StatusCode::OK, told)
}

shape! {
    /// A certificate.
    #[derive(Debug, Serialize)]
    pub struct CertificateTold {
        /// Its record.
        certificate: RecordId,
        /// The holder's name.
        name: String,
        /// The number of the holder's document, masked.
        doc_number: String,
        /// Which of the two certificates.
        category: String,
        /// The item's code.
        item: String,
        /// What it is now.
        status: &'static str,
        /// First issued.
        first_issued: Date,
        /// First valid day.
        valid_from: Date,
        /// Last valid day.
        valid_until: Date,
    }
}

shape! {
    /// A page of certificates, those that run out first come first. That they were read is recorded.
    #[derive(Debug, Serialize)]
    pub struct CertificatesPage {
        /// Its lines.
        certificates: Vec<CertificateTold>,
        /// The next page begins behind it; null at the end.
        next: Option<String>,
    }
}

/// The certificates of the authority.
pub async fn certificates(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    asked: Params<PageAsked>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let (asked, officer, list) = (params(asked, t)?, program.officer, "certificates");
    let after = asked.behind(&app, t, (&officer, list), CertificatesReached::read)?;
    let most = limit(t, asked.limit)?;
    let asking = officer.clone();
    let (page, next) = app
        .run(move |r| {
            let (page, next) = r.certificates_page(&asking, after.as_ref(), most)?;
            let read: Vec<_> = page.iter().map(|c| c.says.certificate).collect();
            r.record_readings(&asking, &read, Purpose::Program);
            Ok((page, next))
        })
        .await?;
    let told = page.iter().map(|one| CertificateTold {
        certificate: one.says.certificate,
        name: one.says.holder.name.expose().to_owned(),
        doc_number: one.says.holder.document.to_string(),
        category: code(&one.says.category),
        item: one.says.item.as_str().to_owned(),
        status: one.status.word(),
        first_issued: one.says.first_issued,
        valid_from: one.says.valid_from,
        valid_until: one.says.valid_until,
    });
    let told = CertificatesPage {
        certificates: told.collect(),
        next: next.map(|at| cursor(&app, &officer, list, &at.written())),
    };
    Ok(json(StatusCode::OK, told))
}

shape! {
    /// Long work of the office.
    #[derive(Debug, Serialize)]
    pub struct TaskTold {
        /// Its number.
        task: RecordId,
        /// What is done.
        kind: String,
        /// How far it is.
        state: &'static str = words(&TaskState::ALL.map(TaskState::word)),
        /// Pieces done.
        done: u64,
        /// All of them; 0 while that is not known.
        of: u64,
        /// When it was begun.
        begun: Timestamp,
        /// When it was last heard of.
        updated: Timestamp,
    }
}

impl From<Task> for TaskTold {
    fn from(task: Task) -> Self {
        Self {
            task: task.id,
            kind: task.kind,
            state: task.state.word(),
            done: task.done,
            of: task.of,
            begun: task.begun,
            updated: task.updated,
        }
    }
}

shape! {
    /// A page of the office's tasks, newest first.
    #[derive(Debug, Serialize)]
    pub struct TasksTold {
        /// Each.
        tasks: Vec<TaskTold>,
        /// The next page begins behind it; null at the end.
        next: Option<String>,
    }
}

/// The office's long work.
pub async fn tasks(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    asked: Params<PageAsked>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let (asked, officer, list) = (params(asked, t)?, program.officer, "tasks");
    let after = asked.behind(&app, t, (&officer, list), |written| written.parse().ok())?;
    let (most, office) = (limit(t, asked.limit)?, officer.office.clone());
    // One more than is told says whether there is one.
    let read = app.run(move |r| r.tasks_of(&office, after, most + 1));
    let mut tasks: Vec<Task> = read.await?;
    let more = tasks.len() > most;
    tasks.truncate(most);
    let last = tasks.last().filter(|_| more);
    let told = TasksTold {
        next: last.map(|task| cursor(&app, &officer, list, &task.id.to_string())),
        tasks: tasks.into_iter().map(TaskTold::from).collect(),
    };
    Ok(json(StatusCode::OK, told))
}

/// One of it.
pub async fn task(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let id = record(&id)?;
    let office = program.officer.office;
    let task = app.run(move |r| r.task(id, &office)).await?;
    Ok(json(StatusCode::OK, TaskTold::from(task)))
}
