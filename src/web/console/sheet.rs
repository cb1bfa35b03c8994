//! `/console/cases/sheet`: one thing done to the cases of a sheet: its first column holds tickets or
//! case numbers, columns with a known head what the act needs. The sheet comes back with a remark in
//! front of each row. "Only check" does nothing and says what would be done.

use std::{collections::BTreeMap, io::Cursor, sync::Arc};

use askama::Template;
use axum::{
    Extension,
    extract::{Multipart, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{record::RecordId, roster::Cell};

use super::{
    super::{
        App, Trouble, Visitor,
        lang::Sentences,
        page::{self, Frame},
    },
    cases, marked,
    sent::{self, Sent},
};
use crate::{
    clock,
    papers::sheet::{self, Format, ListWriter, SheetError},
    registry::{Officer, Registry},
};

/// At most so many cases in one sheet.
const MOST: usize = 20_000;
/// At most so many are done in one turn, so that others come in between.
const TURN: usize = 1_000;

/// What may be done by a sheet: the field each column head fills.
const HEADS: [(&str, &str); 8] = [
    ("缺少的材料", "missing"),
    ("missing", "missing"),
    ("依据条款", "article"),
    ("article", "article"),
    ("理由", "ground"),
    ("ground", "ground"),
    ("批次", "batch"),
    ("batch", "batch"),
];

/// Acts that a sheet may give to many, by the code of the command. Cards are handed out run by run,
/// by somebody who has just signed in again: a sheet does not issue.
const ACTS: [&str; 10] = [
    "confirm", "report", "resubmit", "accept", "return", "refuse", "review", "approve", "reject",
    "make",
];

#[derive(Template)]
#[template(path = "console/sheet.html")]
struct SheetPage<'a, 's> {
    f: Frame<'a>,
    acts: Vec<&'static str>,
    /// The act that was chosen.
    chosen: &'s str,
    mistake: Option<String>,
}

/// The form.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, "", None)
}

fn page_of(
    app: &App,
    visitor: &Visitor,
    chosen: &str,
    mistake: Option<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.as_ref().ok_or(Trouble::Forbidden)?;
    let status = match mistake {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = SheetPage {
        f: Frame::new(app, visitor, "sheet-title"),
        acts: acts(officer),
        chosen,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

/// What the officer's roles may do to somebody's case.
fn acts(officer: &Officer) -> Vec<&'static str> {
    let may = |act: &&'static str| {
        let mut states = domain::case::State::WORDS.iter();
        states.any(|state| cases::commands(officer, state).contains(act))
    };
    ACTS.into_iter().filter(may).collect()
}

/// A row of the sheet.
struct Row {
    number: u64,
    cells: Vec<Cell>,
    /// What the act needs, by field.
    fields: BTreeMap<&'static str, String>,
    remark: String,
    wrong: bool,
    case: Option<RecordId>,
}

/// Reads the sheet and does what is asked, row by row, or only says what would be done.
pub async fn take(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    mut parts: Multipart,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (mut bytes, mut command, mut only_check) = (Vec::new(), String::new(), false);
    while let Some(part) = parts.next_field().await.map_err(|_| Trouble::Malformed)? {
        match part.name() {
            Some("sheet") => {
                bytes = part.bytes().await.map_err(|_| Trouble::TooLarge)?.to_vec();
            }
            Some("command") => command = part.text().await.map_err(|_| Trouble::Malformed)?,
            Some("check") => only_check = true,
            _ => {}
        }
    }
    let t = app.sentences(visitor.lang);
    if !acts(&officer).contains(&command.as_str()) {
        return page_of(&app, &visitor, &command, Some(t.say("sheet-no-act")));
    }
    if bytes.is_empty() {
        return page_of(&app, &visitor, &command, Some(t.say("import-no-file")));
    }
    let (format, mut rows) = match read(&bytes) {
        Ok(read) => read,
        Err(e) => return page_of(&app, &visitor, &command, Some(e.sentence(t))),
    };
    if rows.len() > MOST {
        let many = t.with("sheet-too-many", &[("n", &MOST.to_string())]);
        return page_of(&app, &visitor, &command, Some(many));
    }
    let (asking, lang) = (Arc::clone(&app), visitor.lang);
    let job = move |r: &Registry| {
        let t = asking.sentences(lang);
        find(r, &officer, &mut rows, t)?;
        if only_check {
            check(r, &officer, &command, &mut rows, t)?;
        } else {
            act(r, &officer, &command, &mut rows, t)?;
        }
        Ok(answer(format, &rows, t))
    };
    let bytes = app.run(job).await?.map_err(|_| Trouble::Malformed)?;
    let (kind, name) = match format {
        Format::Csv => (
            "text/csv; charset=utf-8",
            "attachment; filename=\"marked.csv\"",
        ),
        _ => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"marked.xlsx\"",
        ),
    };
    let head = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((head, bytes).into_response())
}

/// A cell as the officer sees it.
fn shown(cell: &Cell) -> String {
    match cell.shown() {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Number(n) => n.to_string(),
        _ => String::new(),
    }
}

fn read(bytes: &[u8]) -> Result<(Format, Vec<Row>), SheetError> {
    let mut rows: Vec<Row> = Vec::new();
    let mut columns: Vec<Option<&'static str>> = Vec::new();
    let format = sheet::rows(Cursor::new(bytes), &mut |number, cells| {
        let words: Vec<String> = cells.iter().map(shown).collect();
        if rows.is_empty() {
            let field = |word: &String| {
                let word = word.to_lowercase();
                HEADS
                    .iter()
                    .find(|(head, _)| *head == word)
                    .map(|(_, field)| *field)
            };
            let heads: Vec<_> = words.iter().map(field).collect();
            if heads.iter().any(Option::is_some) {
                columns = heads;
            }
        }
        let told = columns.iter().zip(&words);
        let told = told.filter_map(|(field, word)| Some(((*field)?, word.clone())));
        rows.push(Row {
            number,
            cells: cells.to_vec(),
            fields: told.collect(),
            remark: String::new(),
            wrong: false,
            case: None,
        });
        // One more than may be taken is enough to say that there are too many.
        Ok(rows.len() <= MOST)
    })?;
    Ok((format, rows))
}

/// Finds the case of each row. A first row that is none is taken for the head.
fn find(
    r: &Registry,
    officer: &Officer,
    rows: &mut [Row],
    t: &Sentences,
) -> crate::registry::Result<()> {
    let mut seen = std::collections::HashSet::new();
    for (at, row) in rows.iter_mut().enumerate() {
        let written = row.cells.first().map(shown).unwrap_or_default();
        let meant = r.meant(officer, &written)?;
        let again = meant.is_some_and(|id| !seen.insert(id));
        match meant {
            Some(_) if again => (row.remark, row.wrong) = (t.say("sheet-twice"), true),
            Some(id) => row.case = Some(id),
            None if at == 0 => row.remark = t.say("sheet-remark"),
            None => (row.remark, row.wrong) = (t.say("sheet-no-case"), true),
        }
    }
    Ok(())
}

/// What would be done.
fn check(
    r: &Registry,
    officer: &Officer,
    command: &str,
    rows: &mut [Row],
    t: &Sentences,
) -> crate::registry::Result<()> {
    let today = clock::today();
    for row in rows {
        let Some(id) = row.case else { continue };
        for (line, story) in r.marked(officer, &[id], today)? {
            let state = line.case.state.word();
            let lawful = cases::commands(officer, state).contains(&command);
            let flags = marked::flags(r, &line.case, &story, (officer, command), today);
            let mut told = vec![t.say(&format!("state-{}", state.replace('_', "-")))];
            told.extend(flags.iter().map(|flag| t.say(&format!("flag-{flag}"))));
            if !lawful {
                told.push(t.say("sheet-not-now"));
            }
            (row.remark, row.wrong) = (told.join("；"), !lawful || !flags.is_empty());
        }
    }
    Ok(())
}

/// Does it. Rows that say the same are done together.
fn act(
    r: &Registry,
    officer: &Officer,
    command: &str,
    rows: &mut [Row],
    t: &Sentences,
) -> crate::registry::Result<()> {
    let mut alike: BTreeMap<BTreeMap<&'static str, String>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if row.case.is_some() {
            alike.entry(row.fields.clone()).or_default().push(at);
        }
    }
    for (fields, places) in alike {
        // A cell is one line: its things are set apart as lists are written.
        let lines = |(name, value): (&'static str, String)| match name {
            "missing" => (name.to_owned(), value.replace(['；', ';'], "\n")),
            _ => (name.to_owned(), value),
        };
        let mut all: Vec<_> = fields.into_iter().map(lines).collect();
        all.push(("command".to_owned(), command.to_owned()));
        let sent = Sent { fields: all };
        let Some(what) = sent::command_of(&sent) else {
            continue;
        };
        for places in places.chunks(TURN) {
            let ids: Vec<RecordId> = places.iter().filter_map(|at| rows[*at].case).collect();
            let done = r.command(&ids, &what, officer, clock::now())?;
            for (at, done) in places.iter().zip(done) {
                let row = &mut rows[*at];
                (row.remark, row.wrong) = match done.state {
                    Ok(word) => (t.say(&format!("state-{}", word.replace('_', "-"))), false),
                    Err(no) => {
                        let code = no.code().replace('_', "-");
                        (t.say(&format!("refusal-{code}")), true)
                    }
                };
            }
        }
    }
    Ok(())
}

fn answer(format: Format, rows: &[Row], t: &Sentences) -> Result<Vec<u8>, SheetError> {
    let mut list = ListWriter::new(Vec::new(), format)?;
    for row in rows {
        let remark = if row.remark.is_empty() {
            t.say("sheet-not-done")
        } else {
            row.remark.clone()
        };
        list.marked(row.number, &remark, &row.cells, row.wrong)?;
    }
    list.finish()
}
