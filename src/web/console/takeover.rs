//! `/console/takeover`: a former register comes in. The file streams into sealed parts, an officer
//! says what its columns mean, a check shows what would become of every row, one officer proposes
//! the batch and another releases it, and the rows are taken in the background.

pub mod differences;

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{batch::Batch, former::Field, record::RecordId};

use super::super::{
    App, Trouble, Visitor,
    caller::AtRecord,
    guard::OwnUpload,
    page::{self, Frame, moment},
};
use crate::{
    clock,
    registry::{self, Draft, FileReader, Officer, Opening, Registry, Takeover, Task},
    takeover::{Plan, Summary, open_header},
    tasks::Kind,
};

/// The largest file: some five million rows.
const LARGEST: u64 = 1 << 30;
/// Bytes that go into the register at once.
const PIECE: usize = 1 << 20;

/// A take-over as a line of the list.
struct Line {
    id: RecordId,
    at: String,
    login: String,
    word: &'static str,
    rows: u32,
    count: u32,
}

#[derive(Template)]
#[template(path = "console/takeovers.html")]
struct List<'a> {
    f: Frame<'a>,
    lines: Vec<Line>,
    mistake: Option<String>,
}

/// A column of the file and what it means.
struct Column {
    at: usize,
    header: String,
    field: &'static str,
}

/// A word of the file that nobody understood, and what the officer has said it means.
struct Word {
    field: &'static str,
    key: String,
    word: String,
    count: u64,
    meant: String,
}

#[derive(Template)]
#[template(path = "console/takeover.html")]
struct One<'a> {
    f: Frame<'a>,
    t: Takeover,
    at: String,
    columns: Vec<Column>,
    words: Vec<Word>,
    summary: Option<Summary>,
    /// Faults with how often they stand and the first rows.
    faults: Vec<(String, u64, String)>,
    batch: Option<Batch>,
    task: Option<Task>,
    mistake: Option<String>,
}

impl One<'_> {
    fn fields(&self) -> [&'static str; Field::ALL.len()] {
        Field::ALL.map(Field::code)
    }

    fn running(&self) -> bool {
        self.task.as_ref().is_some_and(|t| !t.state.is_over())
    }

    fn differing(&self) -> bool {
        self.t.differing > 0
    }
}

/// The authority's take-overs, and the form for a file.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    listed(&app, &visitor, None).await
}

async fn listed(
    app: &Arc<App>,
    visitor: &Visitor,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (takeovers, batches) = app
        .run(move |r| Ok((r.takeovers(&officer.office)?, r.batches(&officer)?)))
        .await?;
    let line = |t: Takeover| {
        let batch = batches.iter().find(|b| Some(b.id) == t.batch);
        Line {
            id: t.id,
            at: moment(t.at),
            login: t.login,
            word: batch.map_or("prepared", Batch::word),
            rows: t.rows,
            count: batch.map_or(0, |b| b.count),
        }
    };
    let status = page::status(mistake.is_some());
    let page = List {
        f: Frame::new(app, visitor, "takeover-title"),
        lines: takeovers.into_iter().map(line).collect(),
        mistake,
    };
    Ok(page::with_status(status, &page))
}

/// Takes a file in, piece by piece.
pub async fn bring(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    OwnUpload(mut parts): OwnUpload,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let words = app.sentences(visitor.lang);
    while let Some(mut part) = parts.next_field().await.map_err(|_| Trouble::Malformed)? {
        if part.name() != Some("sheet") {
            continue;
        }
        let (office, login) = (officer.office.clone(), officer.login.clone());
        let begun = app.run(move |r| r.begin_file(&office, &login, "", clock::now()));
        let mut draft = begun.await?;
        let mut piece = Vec::with_capacity(PIECE);
        while let Some(bytes) = part.chunk().await.map_err(|_| Trouble::Malformed)? {
            piece.extend_from_slice(&bytes);
            if piece.len() >= PIECE {
                draft = written(&app, draft, std::mem::take(&mut piece)).await?;
            }
            if draft.size() > LARGEST {
                return Err(Trouble::TooLarge);
            }
        }
        draft = written(&app, draft, piece).await?;
        if draft.size() == 0 {
            break;
        }
        return match app.run(move |r| brought(r, draft, &officer)).await? {
            Ok(id) => Ok(there(id)),
            Err(e) => listed(&app, &visitor, Some(e.sentence(words))).await,
        };
    }
    listed(&app, &visitor, Some(words.say("import-no-file"))).await
}

async fn written(app: &Arc<App>, mut draft: Draft, piece: Vec<u8>) -> Result<Draft, Trouble> {
    let writing = move |r: &Registry| {
        draft.write(r, &piece)?;
        Ok(draft)
    };
    app.run(writing).await
}

/// The file is whole: its header is read, and the meaning of its columns guessed.
fn brought(
    r: &Registry,
    draft: Draft,
    by: &Officer,
) -> registry::Result<Result<RecordId, crate::papers::sheet::SheetError>> {
    let file = draft.finish(r)?;
    let (_, first) = match open_header(FileReader::new(r, file.clone())) {
        Ok(first) => first,
        Err(e) => {
            r.empty_file(file.id)?;
            return Ok(Err(e));
        }
    };
    let mut plan = Plan::guess(&first);
    if let Some(last) = r.last_takeover_plan(&by.office)? {
        plan.learn(&Plan::from_json(&last));
    }
    let brought = r.bring_takeover(Some(file.id), &plan.to_json(), by, clock::now())?;
    Ok(Ok(brought))
}

/// One take-over.
pub async fn show(at: AtRecord) -> Result<Response, Trouble> {
    shown(&at, None).await
}

/// To the page of a take-over, as it is now.
fn there(id: RecordId) -> Response {
    Redirect::to(&format!("/console/takeover/{id}")).into_response()
}

/// To the task that works on it.
fn at_work(task: RecordId) -> Response {
    Redirect::to(&format!("/console/tasks/{task}")).into_response()
}

async fn shown(at: &AtRecord, mistake: Option<String>) -> Result<Response, Trouble> {
    let id = at.id;
    let (t, batch, task) = at
        .run(move |r, by| {
            let t = r.takeover(id, &by.office)?;
            let mut batches = r.batches(by)?.into_iter();
            let batch = batches.find(|b| Some(b.id) == t.batch);
            let task = t.task.map(|task| r.task(task, &by.office));
            Ok((t, batch, task.transpose()?))
        })
        .await?;
    let f = Frame::new(&at.app, &at.visitor, "takeover-title");
    let plan = Plan::from_json(&t.plan);
    let summary = Summary::from_json(&t.summary);
    let faults = summary.as_ref().map(|s| faults(&f, s)).unwrap_or_default();
    let status = page::status(mistake.is_some());
    let page = One {
        at: moment(t.at),
        columns: columns(&plan),
        words: words(&plan, summary.as_ref()),
        f,
        t,
        summary,
        faults,
        batch,
        task,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

fn columns(plan: &Plan) -> Vec<Column> {
    let meaning = |at: usize| plan.columns.iter().find(|(_, place)| **place == at);
    let headers = plan.headers.iter().enumerate();
    headers
        .map(|(at, header)| Column {
            at,
            header: header.clone(),
            field: meaning(at).map_or("", |(field, _)| field.code()),
        })
        .collect()
}

/// What is not understood, and what was explained before.
fn words(plan: &Plan, summary: Option<&Summary>) -> Vec<Word> {
    let mut all: BTreeMap<(Field, String), u64> = BTreeMap::new();
    for (field, words) in &plan.words {
        all.extend(words.keys().map(|word| ((*field, word.clone()), 0)));
    }
    for (field, words) in summary.iter().flat_map(|s| &s.words) {
        all.extend(words.iter().map(|(word, n)| ((*field, word.clone()), *n)));
    }
    let meant = |field: &Field, word: &str| {
        let words = plan.words.get(field);
        words.and_then(|w| w.get(word)).cloned().unwrap_or_default()
    };
    all.into_iter()
        .map(|((field, word), count)| Word {
            field: field.code(),
            key: format!("word.{}.{word}", field.code()),
            meant: meant(&field, &word),
            word,
            count,
        })
        .collect()
}

fn faults(f: &Frame<'_>, summary: &Summary) -> Vec<(String, u64, String)> {
    let told = summary.faults.iter().map(|(key, count)| {
        let (field, code) = key.split_once(' ').unwrap_or((key, ""));
        let rows: Vec<String> = summary
            .first
            .get(key)
            .map_or_else(Vec::new, |rows| rows.iter().map(u64::to_string).collect());
        let sentence = f.t.with(
            "import-reason",
            &[
                ("column", &f.word("former", field)),
                ("why", &f.word("row", code)),
            ],
        );
        (sentence, *count, rows.join(", "))
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    told
}

/// Keeps what columns and words mean, and begins a check.
pub async fn plan(
    at: AtRecord,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let id = at.id;
    let planned = at
        .run(move |r, by| {
            let t = r.takeover(id, &by.office)?;
            let plan = said(Plan::from_json(&t.plan), &sent);
            let missing = plan.missing();
            if missing.is_empty() {
                r.plan_takeover(id, &plan.to_json(), by)?;
                let task = begin(r, Kind::TakeoverCheck, id, 0, by)?;
                return Ok(Ok(task));
            }
            Ok(Err(missing))
        })
        .await?;
    match planned {
        Ok(task) => Ok(at_work(task)),
        Err(missing) => {
            let words = at.t();
            let names = missing.iter().map(|f| words.word("former", f.code()));
            let names = names.collect::<Vec<_>>().join("、");
            let told = words.with("takeover-missing", &[("columns", &names)]);
            shown(&at, Some(told)).await
        }
    }
}

/// The plan as the form says it: of two columns with one meaning the first.
fn said(mut plan: Plan, sent: &[(String, String)]) -> Plan {
    plan.columns.clear();
    plan.words.clear();
    let field = |code: &str| Field::ALL.into_iter().find(|f| f.code() == code);
    for (key, value) in sent {
        if let Some(at) = key.strip_prefix("column.") {
            if let (Ok(at), Some(field)) = (at.parse::<usize>(), field(value)) {
                plan.columns.entry(field).or_insert(at);
            }
        } else if let Some((code, word)) = key
            .strip_prefix("word.")
            .and_then(|rest| rest.split_once('.'))
            && let Some(field) = field(code)
            && !value.trim().is_empty()
        {
            let words = plan.words.entry(field).or_default();
            words.insert(word.to_owned(), value.trim().to_owned());
        }
    }
    plan
}

/// Opens a task about a take-over.
fn begin(
    r: &Registry,
    kind: Kind,
    id: RecordId,
    of: u64,
    by: &Officer,
) -> registry::Result<RecordId> {
    let t = r.takeover(id, &by.office)?;
    if let Some(task) = t.task {
        let task = r.task(task, &by.office)?;
        if !task.state.is_over() {
            return Ok(task.id);
        }
    }
    let input = id.to_string();
    let opening = Opening {
        kind: kind.word(),
        input: input.as_bytes(),
        of,
    };
    let task = r.open_task(&opening, by, clock::now())?;
    r.takeover_worked(id, task)?;
    Ok(task)
}

/// Proposes the batch.
pub async fn propose(at: AtRecord) -> Result<Response, Trouble> {
    let id = at.id;
    let proposed = at
        .run(move |r, by| {
            let t = r.takeover(id, &by.office)?;
            let summary = Summary::from_json(&t.summary).filter(|s| s.rows > 0);
            let (Some(summary), Some(file)) = (summary, t.file) else {
                return Ok(false);
            };
            let rows = u32::try_from(summary.rows);
            let rows = rows.map_err(|_| registry::Error::Internal("takeover::propose"))?;
            let sha256 = r.file(file)?.sha256;
            r.propose_takeover(id, &sha256, rows, by, clock::now())?;
            Ok(true)
        })
        .await?;
    if proposed {
        Ok(there(id))
    } else {
        let told = at.t().say("takeover-check-first");
        shown(&at, Some(told)).await
    }
}

/// Releases the batch; a refusal is told on the page.
pub async fn release(at: AtRecord) -> Result<Response, Trouble> {
    let id = at.id;
    let released = at
        .run(move |r, by| {
            let t = r.takeover(id, &by.office)?;
            let batch = t.batch.ok_or(registry::Error::NotFound)?;
            r.release_batch(batch, by, clock::now())
        })
        .await;
    done(&at, released).await
}

/// Begins to take the rows, or goes on after a stop.
pub async fn take(at: AtRecord) -> Result<Response, Trouble> {
    let id = at.id;
    let begun = at
        .run(move |r, by| {
            let t = r.takeover(id, &by.office)?;
            let mut batches = r.batches(by)?.into_iter();
            let batch = batches.find(|b| Some(b.id) == t.batch);
            let batch = batch.ok_or(registry::Error::NotFound)?;
            if batch.released_by.is_none() {
                return Err(domain::refusal::Refusal::BatchNotReleased.into());
            }
            begin(r, Kind::TakeoverTake, id, batch.count.into(), by)
        })
        .await;
    match begun {
        Ok(task) => Ok(at_work(task)),
        Err(trouble) => done(&at, Err(trouble)).await,
    }
}

/// Back to the page, with what the law says against it where it does.
async fn done(at: &AtRecord, did: Result<(), Trouble>) -> Result<Response, Trouble> {
    match did {
        Ok(()) => Ok(there(at.id)),
        Err(Trouble::Refused(refusal)) => shown(at, Some(at.why(refusal))).await,
        Err(other) => Err(other),
    }
}
