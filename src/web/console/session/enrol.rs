//! Enrolment: one candidate by a form, many by a sheet, open cases by their marks. The pre-check is
//! shown before anything is written; what is refused is not enrolled, what is remarked may be.

use std::{io::Cursor, sync::Arc};

use axum::{
    Extension, Form,
    extract::{Multipart, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    document::{DocType, Document},
    eligibility::Schooling,
    exam,
    management::{Appointment, MaybeAppointment, Unfit},
    name::Name,
    person::{Person, Sex},
    record::RecordId,
    roster::Cell,
    verdict::Kind,
};
use serde::Deserialize;

use super::{
    super::{
        super::{App, Trouble, Visitor, api::query::doc_type, lang::Sentences},
        sessions::Fields,
    },
    Notice, page_of, told,
};
use crate::{
    clock,
    papers::sheet::{self, SheetError, lists},
    registry::{AskedSeat, Enrolled, Looked, Officer, Registry},
};

/// What the form of one candidate holds, as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub doc_type: String,
    pub doc_number: String,
    pub name: String,
    pub sex: String,
    pub item: String,
    pub kind: String,
    pub schooling: String,
    pub healthy: String,
    pub ticket: String,
    pub industry: String,
    pub unit_type: String,
    pub employer: String,
    /// The remarks were seen.
    pub seen: String,
}

impl Typed {
    /// The candidate, or the code of the first field that cannot be read.
    pub(in crate::web) fn read(&self) -> Result<AskedSeat, &'static str> {
        let kind: DocType = doc_type(&self.doc_type).ok_or("doc_type_unknown")?;
        let document = Document::parse(kind, &self.doc_number).map_err(|e| e.code())?;
        let name = Name::parse(&self.name).map_err(|e| e.code())?;
        let said = match self.sex.as_str() {
            "male" => Some(Sex::Male),
            "female" => Some(Sex::Female),
            _ => None,
        };
        // The number tells it where it can; a passport does not.
        let sex = document.sex().or(said).ok_or("sex_missing")?;
        let ticket = exam::ticket(&self.ticket);
        Ok(AskedSeat {
            person: Person {
                name,
                sex,
                document,
            },
            item: self.item.as_str().into(),
            kind: match self.kind.as_str() {
                "renewal" => Kind::Renewal,
                "recheck" => Kind::Recheck,
                _ => Kind::Initial,
            },
            schooling: Schooling::from_code(&self.schooling),
            healthy: !self.healthy.is_empty(),
            ticket: Some(ticket).filter(|t| !t.is_empty() && t.chars().count() <= 64),
            appointment: appointment([&self.industry, &self.unit_type, &self.employer])?,
        })
    }
}

/// The appointment of a manager, as a form has it: industry, kind of unit, unit. None where nothing
/// is said.
///
/// # Errors
/// The code of the first field that is wrong.
pub(in super::super) fn appointment(fields: [&str; 3]) -> Result<MaybeAppointment, &'static str> {
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Ok(None);
    }
    let [industry, unit, employer] = fields.map(|field| Cell::Text(field.trim().to_owned()));
    let read = Appointment::read(&industry, &unit, &employer);
    let read = read.map_err(|unfit| match unfit.first() {
        Some(Unfit::Industry) => "industry_unknown",
        Some(Unfit::Unit) => "unit_type_unknown",
        _ => "employer_missing",
    });
    Ok(Some(Box::new(read?)))
}

/// What the pre-check said, refusals first, each with its article and its remedy.
fn findings(t: &Sentences, looked: &Looked) -> Vec<(String, bool)> {
    let told = looked.findings.iter().map(|found| {
        let code = found.code.as_str().replace('_', "-");
        let say = t.with(&format!("eligible-{code}"), &[("source", found.article)]);
        let remedy = t.say(&format!("eligible-do-{code}"));
        (format!("{say} {remedy}"), !found.code.is_remark())
    });
    let refusal = looked.refusal.map(|refusal| {
        let key = format!("refusal-{}", refusal.code().replace('_', "-"));
        (t.say(&key), true)
    });
    let mut all: Vec<_> = refusal.into_iter().chain(told).collect();
    all.sort_by_key(|(_, refuses)| !refuses);
    all
}

/// One candidate. Where something is found it is shown first; remarks may then be passed over.
pub async fn enrol(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let t = app.sentences(visitor.lang);
    let asked = match typed.read() {
        Ok(asked) => asked,
        Err(code) => {
            let notice = Notice {
                mistake: Some(t.say(&format!("field-{}", code.replace('_', "-")))),
                typed,
                ..Notice::default()
            };
            return page_of(&app, &visitor, id, notice, None).await;
        }
    };
    let seen = !typed.seen.is_empty();
    let job = move |r: &Registry| {
        let now = clock::now();
        let looked = r.look_at(id, &asked, &officer, now)?;
        if !looked.is_good() || !(seen || looked.findings.is_empty()) {
            return Ok((looked, None));
        }
        let mut told = r.enrol(id, &[(0, asked)], false, &officer, now)?;
        let one = told.pop();
        let looked = one.as_ref().map_or(looked, |one| one.looked.clone());
        Ok((looked, one.and_then(|one| one.seated)))
    };
    let (looked, seated) = app.run(job).await?;
    if seated.is_some() {
        return Ok(Redirect::to(&format!("/console/sessions/{id}")).into_response());
    }
    let notice = Notice {
        mistake: (!looked.is_good()).then(|| t.say("enrol-refused")),
        findings: findings(t, &looked),
        may_go_on: looked.is_good(),
        typed,
        ..Notice::default()
    };
    page_of(&app, &visitor, id, notice, None).await
}

/// Open cases that get a seat: resits, and those whose session was called off.
pub async fn again(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let cases: Vec<RecordId> = fields
        .iter()
        .filter(|(name, _)| name == "case")
        .filter_map(|(_, value)| value.parse().ok())
        .collect();
    let t = app.sentences(visitor.lang);
    let mut notice = Notice::default();
    if cases.is_empty() {
        notice.mistake = Some(t.say("cases-none-marked"));
        return page_of(&app, &visitor, id, notice, None).await;
    }
    let job = move |r: &Registry| r.seat_again(id, &cases, &officer, clock::now());
    let done = app.run(job).await?;
    for (case, looked) in done.iter().filter(|(_, looked)| !looked.is_good()) {
        let told = findings(t, looked);
        let told = told
            .into_iter()
            .map(|(say, refuses)| (format!("{case}: {say}"), refuses));
        notice.findings.extend(told);
        notice.mistake = Some(t.say("enrol-refused"));
    }
    let good = done.iter().filter(|(_, looked)| looked.is_good()).count();
    notice
        .done
        .push(t.with("enrol-done", &[("n", &good.to_string())]));
    page_of(&app, &visitor, id, notice, None).await
}

/// Frees a seat.
pub async fn give_up(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let one = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let case: RecordId = one("case").parse().map_err(|_| Trouble::NotFound)?;
    let reason = one("reason");
    let job = move |r: &Registry| r.give_up_seat(id, case, &reason, &officer, clock::now());
    let done = app.run(job).await;
    told(&app, &visitor, id, done, None).await
}

/// A sheet of candidates: looked at first, taken at once only where nothing is found.
pub async fn sheet(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    parts: Multipart,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let bytes = file_of(parts).await?;
    let job = move |r: &Registry| {
        let list = lists::candidates_of(Cursor::new(&bytes), r.catalogue());
        let rows = match list {
            Ok(rows) => rows,
            Err(e) => return Ok(Err(e)),
        };
        let told = taken(r, id, &rows, false, &officer)?;
        let waits = told.iter().any(|one| one.seated.is_none()) || refused(&rows) > 0;
        let upload = match waits {
            true => Some(r.keep_upload(&bytes, &officer, clock::now())?.to_string()),
            false => None,
        };
        Ok(Ok((rows, told, upload)))
    };
    let done = app.run(job).await?;
    let notice = sheet_told(app.sentences(visitor.lang), done);
    page_of(&app, &visitor, id, notice, None).await
}

/// The good rows of a sheet that was looked at before.
pub async fn take_sheet(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let upload = fields.iter().find(|(name, _)| name == "upload");
    let upload: RecordId = upload
        .and_then(|(_, value)| value.parse().ok())
        .ok_or(Trouble::NotFound)?;
    let job = move |r: &Registry| {
        let bytes = r.kept_upload(upload, &officer)?;
        let list = lists::candidates_of(Cursor::new(&bytes), r.catalogue());
        let rows = match list {
            Ok(rows) => rows,
            Err(e) => return Ok(Err(e)),
        };
        let told = taken(r, id, &rows, true, &officer)?;
        r.empty_upload(upload, &officer)?;
        Ok(Ok((rows, told, None)))
    };
    let done = app.run(job).await?;
    let notice = sheet_told(app.sentences(visitor.lang), done);
    page_of(&app, &visitor, id, notice, None).await
}

/// The one file of a form, after its token.
pub(super) async fn file_of(mut parts: Multipart) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| Trouble::Malformed)? {
        if part.name() == Some("sheet") {
            bytes = part.bytes().await.map_err(|_| Trouble::TooLarge)?.to_vec();
        }
    }
    Ok(bytes)
}

type Rows = Vec<lists::CandidateRow>;

fn refused(rows: &Rows) -> usize {
    rows.iter().filter(|(_, read)| read.is_err()).count()
}

/// Rows with remarks wait for the clerk, too: `take` says that they were seen.
fn taken(
    r: &Registry,
    id: RecordId,
    rows: &Rows,
    take: bool,
    by: &Officer,
) -> crate::registry::Result<Vec<Enrolled>> {
    let asked: Vec<(u64, AskedSeat)> = rows
        .iter()
        .filter_map(|(row, read)| {
            let one = read.as_ref().ok()?.clone();
            let asked = AskedSeat {
                person: one.person,
                item: one.item,
                kind: one.kind,
                schooling: one.schooling,
                healthy: one.healthy,
                ticket: one.ticket,
                appointment: one.appointment,
            };
            Some((*row, asked))
        })
        .collect();
    let now = clock::now();
    if take {
        return r.enrol(id, &asked, true, by, now);
    }
    let looked = r.look_at_all(id, &asked, by, now)?;
    let clean = looked
        .iter()
        .all(|one| one.looked.findings.is_empty() && one.looked.is_good());
    if clean && refused(rows) == 0 && !asked.is_empty() {
        return r.enrol(id, &asked, false, by, now);
    }
    Ok(looked)
}

type Told = Result<(Rows, Vec<Enrolled>, Option<String>), SheetError>;

fn sheet_told(t: &Sentences, done: Told) -> Notice {
    let (rows, told, upload) = match done {
        Ok(done) => done,
        Err(e) => {
            return Notice {
                mistake: Some(e.sentence(t)),
                ..Notice::default()
            };
        }
    };
    let mut notice = Notice {
        upload,
        ..Notice::default()
    };
    let unread = rows.iter().filter_map(|(row, read)| {
        let reasons = read.as_ref().err()?;
        let why = reasons.iter().map(|r| {
            let why = sheet::sentence(r.code, t);
            t.with(
                "import-reason",
                &[("column", r.column.header()), ("why", &*why)],
            )
        });
        Some((*row, why.collect::<Vec<_>>().join(" / ")))
    });
    notice.rows.extend(unread);
    for one in &told {
        let said = findings(t, &one.looked);
        if !said.is_empty() {
            let said: Vec<_> = said.into_iter().map(|(say, _)| say).collect();
            notice.rows.push((one.row, said.join(" / ")));
        }
    }
    notice.rows.sort();
    let seated = told.iter().filter(|one| one.seated.is_some()).count();
    let good = told.iter().filter(|one| one.looked.is_good()).count();
    let (key, n) = match notice.upload {
        Some(_) => ("enrol-sheet-waits", good),
        None => ("enrol-done", seated),
    };
    notice.done.push(t.with(key, &[("n", &n.to_string())]));
    notice
}
