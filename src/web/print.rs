//! Paper as an answer: a PDF, or a page that says why there is none.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::record::RecordId;

use super::{App, Trouble, Visitor, lang::Code, page};
use crate::{
    clock,
    printing::{self, Printer},
    registry::{CaseLine, Officer},
};

impl App {
    /// Prints on a blocking thread: a hundred cards take a while.
    ///
    /// # Errors
    /// The trouble of the thread; within, why there is no paper.
    pub(super) async fn printed(
        self: &Arc<Self>,
        officer: Officer,
        print: impl FnOnce(&Printer<'_>) -> Result<Vec<u8>, printing::Trouble> + Send + 'static,
    ) -> Result<Result<Vec<u8>, printing::Trouble>, Trouble> {
        let app = Arc::clone(self);
        let printing = tokio::task::spawn_blocking(move || {
            let official = match &app.config {
                Some(config) => config.official_url.clone(),
                None => page::OFFICIAL.to_owned(),
            };
            print(&Printer {
                registry: &app.registry,
                officer: &officer,
                on: clock::today(),
                face: app.font.face()?,
                official: &official,
                specimen: app.is_demo(),
            })
        });
        printing
            .await
            .map_err(|_| crate::registry::Error::Internal("web::print").into())
    }
}

/// A PDF under a name that says nothing of a person, or the page with the reason.
pub(super) fn answer(
    app: &App,
    lang: Code,
    (printed, name): (Result<Vec<u8>, printing::Trouble>, &'static str),
) -> Response {
    match printed {
        Ok(bytes) => pdf(bytes, name),
        Err(trouble) => {
            let sentence = trouble.told(app.sentences(lang));
            page::unprinted(app, lang, sentence)
        }
    }
}

fn pdf(bytes: Vec<u8>, name: &'static str) -> Response {
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/pdf"),
    );
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}

/// Names of files.
pub(super) const CARDS: &str = "attachment; filename=\"cards.pdf\"";
pub(super) const SIGN_LIST: &str = "attachment; filename=\"sign-list.pdf\"";
const TICKETS: &str = "attachment; filename=\"tickets.pdf\"";

/// The admission tickets of an exam session of the officer's own institution.
pub async fn session_tickets(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let printing = officer.clone();
    let (session, lines) = app
        .run(move |r| {
            let file = r.session_file(&officer, id)?;
            let lines = file.told(r, clock::today());
            Ok((file.session, lines))
        })
        .await?;
    if lines.is_empty() {
        let none = app.sentences(visitor.lang).say("print-no-candidates");
        return Ok(page::unprinted(&app, visitor.lang, none));
    }
    let printed = app
        .printed(printing, move |p| {
            p.tickets(&lines, Some(&session), Some(session.on))
        })
        .await?;
    Ok(answer(&app, visitor.lang, (printed, TICKETS)))
}

/// The admission ticket of one case.
pub async fn case_ticket(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let printing = officer.clone();
    let (file, session) = app
        .run(move |r| {
            let file = r.case_file(&officer, id, clock::today())?;
            let seat = file.case.seat.as_ref();
            let session = seat.map(|seat| r.session_file(&officer, seat.session));
            Ok((file, session.transpose()?.map(|file| file.session)))
        })
        .await?;
    let r = &file.case.registration;
    let line = CaseLine {
        institution: app.registry.office_name(&r.institution),
        item: app.registry.item_name(&r.item),
        deadline: None,
        case: file.case,
    };
    let day = line.case.exam.last_day();
    let printed = app
        .printed(printing, move |p| p.tickets(&[line], session.as_ref(), day))
        .await?;
    Ok(answer(&app, visitor.lang, (printed, TICKETS)))
}
