//! `/console/import`: a sheet is looked at first, and taken when the clerk says so.
//!
//! Between the two requests the sheet lies sealed in the register; what is confirmed is exactly
//! what was shown.

use std::{io::Cursor, sync::Arc};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Multipart, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::record::RecordId;
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    caller::file_of,
    page::{self, Frame},
};
use crate::{
    clock,
    intake::{self, Intake, IntakeError, NotTaken, Reason},
    papers::sheet::{self, SheetError},
    registry::{Imported, Officer, Registry, Result},
};

#[derive(Template)]
#[template(path = "console/import.html")]
struct Import<'a> {
    f: Frame<'a>,
    upload: Option<String>,
    report: Option<Report>,
    mistake: Option<String>,
}

/// What is told of a sheet.
struct Report {
    word: &'static str,
    good: u32,
    bad: u64,
    left_out: usize,
    rows: Vec<(u64, String)>,
}

/// What the second form sends.
#[derive(Deserialize)]
pub struct Chosen {
    upload: String,
}

/// The form.
pub async fn form(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    page::html(&Import {
        f: Frame::new(&app, &visitor, "import-title"),
        upload: None,
        report: None,
        mistake: None,
    })
}

/// Looks at a sheet. One without refused rows is taken at once; any other waits for the clerk.
pub async fn check(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    parts: Multipart,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let bytes = file_of(parts, "sheet").await?;
    if bytes.is_empty() {
        return Ok(wrong(
            &app,
            &visitor,
            app.sentences(visitor.lang).say("import-no-file"),
        ));
    }
    let job = move |r: &Registry| {
        let taken = take_bytes(r, &bytes, &officer, false)?;
        let upload = match &taken {
            Ok(Intake {
                outcome: Imported::Unconfirmed { .. },
                ..
            }) => Some(r.keep_upload(&bytes, &officer, clock::now())?.to_string()),
            _ => None,
        };
        Ok((taken, upload))
    };
    let (taken, upload) = app.run(job).await?;
    Ok(told(&app, &visitor, taken, upload))
}

/// Takes the good rows of a sheet that was looked at before.
pub async fn take(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = chosen.upload.parse().map_err(|_| Trouble::NotFound)?;
    let job = move |r: &Registry| {
        let bytes = r.kept_upload(id, &officer)?;
        let taken = take_bytes(r, &bytes, &officer, true)?;
        if taken.is_ok() {
            r.empty_upload(id, &officer)?;
        }
        Ok(taken)
    };
    let taken = app.run(job).await?;
    Ok(told(&app, &visitor, taken, None))
}

/// The same sheet with the errors marked.
pub async fn marked(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = chosen.upload.parse().map_err(|_| Trouble::NotFound)?;
    let job = move |r: &Registry| {
        let bytes = r.kept_upload(id, &officer)?;
        Ok(intake::mark(&bytes, r.catalogue(), clock::today()))
    };
    let (csv, bytes) = app.run(job).await?.map_err(|_| Trouble::Malformed)?;
    let (kind, name) = if csv {
        (
            "text/csv; charset=utf-8",
            "attachment; filename=\"marked.csv\"",
        )
    } else {
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"marked.xlsx\"",
        )
    };
    Ok((
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_DISPOSITION, name),
        ],
        bytes,
    )
        .into_response())
}

type Taken = std::result::Result<Intake, SheetError>;

/// A sheet that cannot be read is told to the clerk; the register's trouble is trouble.
fn take_bytes(r: &Registry, bytes: &[u8], by: &Officer, take_good: bool) -> Result<Taken> {
    match intake::take(r, Cursor::new(bytes), by, clock::now(), take_good) {
        Ok(taken) => Ok(Ok(taken)),
        Err(IntakeError::Sheet(e)) => Ok(Err(e)),
        Err(IntakeError::Register(e)) => Err(e),
    }
}

fn wrong(app: &App, visitor: &Visitor, mistake: String) -> Response {
    let f = Frame::new(app, visitor, "import-title");
    let page = Import {
        f,
        upload: None,
        report: None,
        mistake: Some(mistake),
    };
    page::with_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn told(app: &App, visitor: &Visitor, taken: Taken, upload: Option<String>) -> Response {
    let taken = match taken {
        Ok(taken) => taken,
        Err(e) => {
            let words = app.sentences(visitor.lang);
            return wrong(app, visitor, e.sentence(words));
        }
    };
    let f = Frame::new(app, visitor, "import-title");
    let (word, good) = match taken.outcome {
        Imported::Already { taken } => ("already", taken),
        Imported::Unconfirmed { good, .. } => ("unconfirmed", good),
        Imported::Done { taken, .. } => ("done", taken),
    };
    let rows = taken
        .not_taken
        .iter()
        .map(|n| (n.row, sentence(&f, n)))
        .collect();
    page::html(&Import {
        f,
        upload,
        report: Some(Report {
            word,
            good,
            bad: taken.refused,
            left_out: taken.left_out,
            rows,
        }),
        mistake: None,
    })
}

fn sentence(f: &Frame<'_>, row: &NotTaken) -> String {
    match &row.reason {
        Reason::Sheet(reasons) => {
            let told: Vec<_> = reasons
                .iter()
                .map(|r| {
                    let why = sheet::sentence(r.code, f.t);
                    let told = [("column", r.column.header()), ("why", &*why)];
                    f.t.with("import-reason", &told)
                })
                .collect();
            told.join(" / ")
        }
        Reason::Register(refusal) => f.word("refusal", refusal.code()),
    }
}
