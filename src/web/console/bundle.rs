//! `/console/materials`: what waits to be reported and what it lacks; and many files at once, as a
//! zip that is answered file by file.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Multipart, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{material::MaterialKind, record::RecordId, refusal::Refusal};

use super::super::{
    App, Trouble, Visitor,
    caller::file_of,
    page::{self, Frame},
};
use crate::{
    clock,
    papers::{bundle, picture},
    registry::{Demand, Due, Filter, NewMaterial, Officer, Opening, Registry, Result as Answer},
    tasks,
};

/// So many cases of each state are shown.
const MOST: u16 = 200;
/// So many files are put in by one turn of the writer: others wait no longer than that.
const AT_ONCE: usize = 50;

/// A case that waits.
struct Waiting {
    id: RecordId,
    ticket: String,
    name: String,
    item: String,
    state: &'static str,
    lacking: Vec<MaterialKind>,
}

/// What became of a file.
struct Told {
    name: String,
    taken: bool,
    sentence: String,
}

#[derive(Template)]
#[template(path = "console/bundle.html")]
struct Bundle<'a> {
    f: Frame<'a>,
    waiting: Vec<Waiting>,
    told: Vec<Told>,
    mistake: Option<String>,
    demanded: bool,
}

impl Bundle<'_> {
    fn taken(&self) -> String {
        self.told.iter().filter(|t| t.taken).count().to_string()
    }

    fn left(&self) -> String {
        self.told.iter().filter(|t| !t.taken).count().to_string()
    }

    /// Those that can be marked and reported from here.
    fn is_ready(&self, waiting: &Waiting) -> bool {
        waiting.state == "passed" && (waiting.lacking.is_empty() || !self.demanded)
    }
}

/// The list and the form.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, Vec::new(), None).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    told: Vec<Told>,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let waiting = app.run(move |r| waiting(r, &officer)).await?;
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = Bundle {
        f: Frame::new(app, visitor, "bundle-title"),
        waiting,
        told,
        mistake,
        demanded: app.registry.demand() != Demand::Shown,
    };
    Ok(page::with_status(status, &page))
}

/// What is passed and not reported, or returned: first what is due first.
fn waiting(r: &Registry, officer: &Officer) -> Answer<Vec<Waiting>> {
    let today = clock::today();
    let mut all = Vec::new();
    for state in ["returned", "passed"] {
        let filter = Filter {
            states: vec![state.to_owned()],
            session: None,
            due: Due::Any,
            limit: MOST,
        };
        let lines = r.cases(officer, &filter, today)?;
        let ids: Vec<_> = lines.iter().map(|line| line.case.id).collect();
        let lacking = r.lacking(officer, &ids, today)?;
        let both = lines.into_iter().zip(lacking);
        all.extend(both.map(|(line, lacking)| Waiting {
            id: line.case.id,
            ticket: line.case.registration.ticket.clone(),
            name: line.case.registration.person.name.expose().to_owned(),
            item: line.item,
            state,
            lacking,
        }));
    }
    Ok(all)
}

/// Reports everything that is passed, in the background.
pub async fn report(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let job = move |r: &Registry| {
        let today = clock::today();
        let counts = r.tallies(&officer, &["passed"], (today, today))?.states;
        let passed = counts.iter().find(|(state, _)| *state == "passed");
        let opening = Opening {
            kind: tasks::Kind::Report.word(),
            input: &[],
            of: passed.map_or(0, |(_, count)| count.n.unsigned_abs()),
        };
        r.open_task(&opening, &officer, clock::now())
    };
    let task = app.run(job).await?;
    Ok(Redirect::to(&format!("/console/tasks/{task}")).into_response())
}

/// Takes a zip.
pub async fn take(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    parts: Multipart,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let bytes = file_of(parts, "bundle").await?;
    let done = app.run(move |r| unpack(r, &bytes, &officer)).await?;
    let f = Frame::new(&app, &visitor, "bundle-title");
    match done {
        Ok(files) => {
            let told = files.into_iter().map(|file| file.told(&f)).collect();
            page_of(&app, &visitor, told, None).await
        }
        Err(wrong) => {
            let mistake = Some(f.word("bundle", wrong.code()));
            page_of(&app, &visitor, Vec::new(), mistake).await
        }
    }
}

/// A file of the zip, and what is to be told of it.
struct Unpacked {
    name: String,
    what: std::result::Result<(), Wrong>,
}

enum Wrong {
    Name,
    Picture(picture::PictureError),
    Register(Refusal),
}

impl Unpacked {
    fn told(self, f: &Frame<'_>) -> Told {
        let sentence = match &self.what {
            Ok(()) => f.s("bundle-taken"),
            Err(Wrong::Name) => f.s("bundle-name"),
            Err(Wrong::Picture(wrong)) => wrong.sentence(f.t),
            Err(Wrong::Register(Refusal::Unknown)) => f.s("bundle-no-case"),
            Err(Wrong::Register(refusal)) => f.word("refusal", refusal.code()),
        };
        Told {
            name: self.name,
            taken: self.what.is_ok(),
            sentence,
        }
    }
}

/// A picture that waits for the writer's turn: its place in the answer, whose, what.
struct Ready {
    at: usize,
    named: bundle::Named,
    bytes: Vec<u8>,
}

/// Looks through the zip and puts in what can be, some files at a time: a server that stops
/// meanwhile keeps what it has taken, and the same zip sent again adds only the rest.
fn unpack(
    r: &Registry,
    bytes: &[u8],
    by: &Officer,
) -> Answer<std::result::Result<Vec<Unpacked>, bundle::BundleError>> {
    let mut all: Vec<Unpacked> = Vec::new();
    let mut ready: Vec<Ready> = Vec::new();
    let mut trouble = None;
    let looked = bundle::each(bytes, &mut |file| {
        let what = match (bundle::named(&file.name), file.bytes) {
            (None, _) => Err(Wrong::Name),
            (_, None) => Err(Wrong::Picture(picture::PictureError::Damaged)),
            (Some(named), Some(sent)) => {
                let photo = named.kind == MaterialKind::Photo;
                picture::renew(&sent, photo)
                    .map_err(Wrong::Picture)
                    .map(|bytes| {
                        ready.push(Ready {
                            at: all.len(),
                            named,
                            bytes,
                        });
                    })
            }
        };
        all.push(Unpacked {
            name: file.name,
            what,
        });
        if ready.len() >= AT_ONCE && trouble.is_none() {
            trouble = put(r, &mut ready, &mut all, by).err();
        }
    });
    if let Err(wrong) = looked {
        return Ok(Err(wrong));
    }
    if let Some(trouble) = trouble {
        return Err(trouble);
    }
    put(r, &mut ready, &mut all, by)?;
    Ok(Ok(all))
}

fn put(r: &Registry, ready: &mut Vec<Ready>, all: &mut [Unpacked], by: &Officer) -> Answer<()> {
    let files: Vec<_> = ready
        .iter()
        .map(|one| {
            let new = NewMaterial {
                kind: one.named.kind,
                page: one.named.page,
                bytes: &one.bytes,
            };
            (one.named.ticket.as_str(), new)
        })
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    let done = r.put_materials(&files, by, clock::now())?;
    for (one, done) in ready.iter().zip(done) {
        if let (Err(refusal), Some(told)) = (done, all.get_mut(one.at)) {
            told.what = Err(Wrong::Register(refusal));
        }
    }
    ready.clear();
    Ok(())
}
