//! `POST /console/…/export`: every list as a file. A file is written from the same questions as the
//! page, so nobody finds in it what the page would not show; it is streamed, whatever its length.

mod audit;

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    document::Document, event::legal_day, exam::Part, office::OfficeKind, person::Person,
    roster::Cell,
};
use jiff::civil::Date;

pub use self::audit::{log_ins, readings};
use super::{
    super::{
        App, Trouble, Visitor,
        lang::{Code, Sentences},
        page::code,
        stream::{self, Pipe},
    },
    accounts,
    queue::Which,
    sent::Sent,
};
use crate::{
    clock,
    papers::sheet::{Format, ListWriter},
    registry::{CaseLine, Officer, Purpose, Registry},
};

/// Cases of one question to the register.
const PAGE: usize = 500;

/// What a list is written with.
struct Writing {
    app: Arc<App>,
    lang: Code,
    officer: Officer,
    today: Date,
    list: ListWriter<Pipe>,
}

type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;

impl Writing {
    fn t(&self) -> &Sentences {
        self.app.sentences(self.lang)
    }

    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.app.registry)
    }

    fn word(&self, prefix: &str, code: &str) -> Cell {
        text(
            self.t()
                .say(&format!("{prefix}-{}", code.replace('_', "-"))),
        )
    }

    fn head(&mut self, keys: &[&str]) -> Done {
        let cells: Vec<Cell> = keys.iter().map(|key| text(self.t().say(key))).collect();
        Ok(self.list.row(&cells)?)
    }
}

fn text(words: impl Into<String>) -> Cell {
    Cell::Text(words.into())
}

fn number(n: impl Into<f64>) -> Cell {
    Cell::Number(n.into())
}

fn day(day: Option<Date>) -> Cell {
    day.map_or(Cell::Empty, Cell::Date)
}

/// Numbers that fit a cell; more is not counted here.
fn count(n: i64) -> Cell {
    number(i32::try_from(n).unwrap_or(i32::MAX))
}

/// The file of a list, in the format and language that were asked for.
fn file(
    app: &Arc<App>,
    visitor: &Visitor,
    (name, format): (&str, &str),
    write: impl FnOnce(&mut Writing) -> Done + Send + 'static,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (format, end, kind) = match format {
        "csv" => (Format::Csv, "csv", "text/csv; charset=utf-8"),
        _ => (
            Format::Xlsx,
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let today = clock::today();
    let disposition = format!("attachment; filename=\"{name}-{today}.{end}\"");
    let (app, lang) = (Arc::clone(app), visitor.lang);
    let body = stream::body(move |pipe| {
        let list = ListWriter::new(pipe, format).map_err(|e| format!("{e:?}"))?;
        let mut writing = Writing {
            app,
            lang,
            officer,
            today,
            list,
        };
        write(&mut writing).map_err(|e| e.to_string())?;
        writing.list.finish().map_err(|e| format!("{e:?}"))
    });
    let head = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((head, body).into_response())
}

/// The cases of a queue, with its filters, to its end.
pub async fn cases(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let sent = Sent { fields };
    let which = Which::sent(&sent).anew();
    file(&app, &visitor, ("cases", &sent.one("format")), move |w| {
        w.head(&[
            "case-number",
            "case-ticket",
            "card-holder",
            "query-doc-type",
            "query-doc-number",
            "list-item-code",
            "card-item",
            "case-kind",
            "case-institution",
            "case-state",
            "case-since",
            "deadline-due",
            "part-theory",
            "part-practical",
            "list-in-hand",
            "card-industry",
            "card-unit-type",
            "card-employer",
        ])?;
        let registry = w.registry();
        let mut queue = which.queue(&registry, &w.officer, w.today);
        queue.limit = PAGE;
        loop {
            let page = registry.queue(&w.officer, &queue, w.today)?;
            let taken: Vec<_> = page.lines.iter().map(|(line, _)| line.case.id).collect();
            registry.record_readings(&w.officer, &taken, Purpose::Export);
            for (line, claimed) in &page.lines {
                let cells = case_row(w, line, claimed.as_deref());
                w.list.row(&cells)?;
            }
            match page.next {
                Some(place) => queue.after = Some(place),
                None => return Ok(()),
            }
        }
    })
}

fn document(document: &Document, w: &Writing) -> [Cell; 2] {
    [
        w.word("doc", &code(&document.kind())),
        text(document.expose()),
    ]
}

fn person(person: &Person, w: &Writing) -> Vec<Cell> {
    let mut cells = vec![text(person.name.expose())];
    cells.extend(document(&person.document, w));
    cells
}

fn case_row(w: &Writing, line: &CaseLine, claimed: Option<&str>) -> Vec<Cell> {
    let r = &line.case.registration;
    let score = |part: Part| {
        let sat = line.case.exam.attempts.iter().rev();
        let mut of = sat.filter(|attempt| attempt.part == part);
        of.next().map_or(Cell::Empty, |a| number(a.score))
    };
    let mut cells = vec![text(line.case.id.to_string()), text(&*r.ticket)];
    cells.extend(person(&r.person, w));
    cells.extend([
        text(r.item.as_str()),
        text(&*line.item),
        w.word("kind", &code(&r.kind)),
        text(&*line.institution),
        w.word("state", line.case.state.word()),
        Cell::Date(line.case.stage_since),
        day(line.deadline.as_ref().and_then(|d| d.due)),
        score(Part::Theory),
        score(Part::Practical),
        claimed.map_or(Cell::Empty, text),
    ]);
    // Of managers only; the cells of others are empty.
    if let Some(a) = &r.appointment {
        let (industry, unit) = (
            w.word("industry", a.industry.code()),
            w.word("unit", a.unit.code()),
        );
        cells.extend([industry, unit, text(&*a.employer)]);
    }
    cells
}

/// The sessions of an institution, or those registered with an authority, with their cases by state.
pub async fn sessions(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("sessions", &format), |w| {
        w.head(&[
            "list-session",
            "session-day",
            "case-institution",
            "session-place",
            "case-state",
            "console-number",
        ])?;
        let (registry, mut after) = (w.registry(), None);
        loop {
            let (lines, next) = registry.sessions_page(&w.officer, after, PAGE)?;
            for line in &lines {
                let place = line.session.plan.as_ref();
                let place = place.map(|plan| text(format!("{} {}", plan.begins, plan.place)));
                let session = [
                    text(line.session.id.to_string()),
                    Cell::Date(line.session.on),
                    text(registry.office_name(&line.session.institution)),
                    place.unwrap_or_default(),
                ];
                // One in which nobody has a seat yet is a line, too.
                if line.states.is_empty() {
                    w.list.row(&session)?;
                }
                for (state, n) in &line.states {
                    let counted = [w.word("state", state), count(*n)];
                    w.list.row(&[&session[..], &counted].concat())?;
                }
            }
            match next {
                Some(place) => after = Some(place),
                None => return Ok(()),
            }
        }
    })
}

/// The directory of offices.
pub async fn offices(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("offices", &format), |w| {
        w.head(&[
            "office-code",
            "office-name",
            "office-kind",
            "office-telephone",
            "office-reports-to",
            "office-number",
            "office-items",
            "office-from",
            "office-until",
        ])?;
        for o in w.registry().offices() {
            let kind = match o.kind {
                OfficeKind::Authority => "office-authority",
                OfficeKind::Institution => "office-institution",
            };
            let under = o.reports_to.as_ref().map(|code| code.as_str().to_owned());
            let mut cells = vec![
                text(o.code.as_str()),
                text(&*o.name),
                text(w.t().say(kind)),
                text(&*o.telephone),
                under.map_or(Cell::Empty, text),
            ];
            if let Some(a) = &o.authorisation {
                let items: Vec<&str> = a.items.iter().map(|item| item.as_str()).collect();
                cells.extend([text(&*a.number), text(items.join(" "))]);
                cells.extend([Cell::Date(a.from), Cell::Date(a.until)]);
            }
            w.list.row(&cells)?;
        }
        Ok(())
    })
}

/// The accounts that may sign in, of the offices whose accounts the officer sees.
pub async fn accounts(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("accounts", &format), |w| {
        w.head(&[
            "list-login",
            "list-name",
            "office-code",
            "office-name",
            "list-roles",
        ])?;
        let registry = w.registry();
        for o in registry.accounts()? {
            if !accounts::sees(&w.app, &w.officer, &o.office) {
                continue;
            }
            let t = w.t();
            let role = |code: &str| t.say(&format!("role-{}", code.replace('_', "-")));
            let roles: Vec<String> = o.roles.iter().map(|r| role(r.code())).collect();
            let cells = [
                text(&*o.login),
                text(&*o.name),
                text(o.office.as_str()),
                text(registry.office_name(&o.office)),
                text(roles.join(" ")),
            ];
            w.list.row(&cells)?;
        }
        Ok(())
    })
}

/// The inquiries that lie with the officer's authority, open ones first.
pub async fn inquiries(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("inquiries", &format), |w| {
        w.head(&[
            "inquiry-reference",
            "inquiry-subject",
            "case-state",
            "inquiry-asked",
            "inquiry-due",
        ])?;
        for open in [true, false] {
            let lines = w
                .registry()
                .inquiries(&w.officer, open, u16::MAX, w.today)?;
            for line in lines {
                let inquiry = &line.inquiry;
                let cells = [
                    text(inquiry.question.reference.to_string()),
                    w.word("subject", inquiry.question.subject.code()),
                    w.word("inquiry-state", inquiry.state.word()),
                    Cell::Date(inquiry.asked),
                    day(line.due.map(|(day, _)| day)),
                ];
                w.list.row(&cells)?;
            }
        }
        Ok(())
    })
}

/// The certificates that the officer's authority issued or took over.
pub async fn certificates(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("certificates", &format), |w| {
        w.head(&[
            "card-number",
            "card-holder",
            "query-doc-type",
            "query-doc-number",
            "list-item-code",
            "card-item",
            "case-state",
            "card-first",
            "list-from",
            "list-until",
        ])?;
        let registry = w.registry();
        let mut after = None;
        loop {
            let (page, next) = registry.certificates_page(&w.officer, after.as_ref(), PAGE)?;
            let taken: Vec<_> = page.iter().map(|c| c.says.certificate).collect();
            registry.record_readings(&w.officer, &taken, Purpose::Export);
            for c in &page {
                let says = &c.says;
                let mut cells = vec![text(&*says.number)];
                cells.extend(person(&says.holder, w));
                cells.extend([
                    text(says.item.as_str()),
                    text(registry.item_name(&says.item)),
                    w.word("status", &code(&c.status_on(w.today))),
                    Cell::Date(says.first_issued),
                    Cell::Date(says.valid_from),
                    Cell::Date(says.valid_until),
                ]);
                w.list.row(&cells)?;
            }
            match next {
                Some(place) => after = Some(place),
                None => return Ok(()),
            }
        }
    })
}

/// The feeds of a nation.
pub async fn feeds(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let format = Sent { fields }.one("format");
    file(&app, &visitor, ("feeds", &format), |w| {
        w.head(&[
            "list-code",
            "feeds-province",
            "list-entries",
            "list-complete-to",
            "list-quarantined",
            "list-held",
        ])?;
        for mark in w.registry().watermarks()? {
            let counted = |n: u64| count(i64::try_from(n).unwrap_or(i64::MAX));
            let held = mark
                .hold
                .map(|(hold, since)| format!("{} {}", hold.code(), legal_day(since)));
            let cells = [
                text(&*mark.code),
                text(w.app.province_name(&mark.code)),
                counted(mark.entries),
                Cell::Date(legal_day(mark.complete_to)),
                counted(mark.quarantined),
                held.map_or(Cell::Empty, text),
            ];
            w.list.row(&cells)?;
        }
        Ok(())
    })
}
