//! Cases: the queue, one of them, and the commands.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{
    case::State as CaseState, catalogue::Category, deadline::Deadline, exam::Attempt,
    material::MaterialKind, record::RecordId, verdict::Kind,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::{
        super::{App, console::cases as desk, lang, page::code},
        told::{shape, words},
    },
    Fail, Params, cursor, json, limit, params, place, record, wrong,
};
use crate::{
    clock,
    registry::{
        CaseFile, CaseLine, Due, Kept, MaterialFile, Officer, Only, Program, Purpose, Queue,
        QueuePlace, Registry, Sort, sunday,
    },
};

fn kinds() -> Value {
    let all: Vec<String> = Registry::kinds().iter().map(code).collect();
    words(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(super) fn materials() -> Value {
    words(&MaterialKind::ALL.map(MaterialKind::code))
}

shape! {
    /// Which cases.
    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct CasesAsked {
        /// States, separated by commas; all when it is left out.
        state: Option<String>,
        /// Only of this item.
        item: Option<String>,
        /// Only of this kind.
        kind: Option<String> = kinds(),
        /// Only of this institution, by its code.
        institution: Option<String>,
        /// Only of this exam session.
        session: Option<RecordId>,
        /// Only what is due by law: `passed`, or `week` for today to Sunday.
        due: Option<String> = words(&["passed", "week"]),
        /// The order.
        sort: Option<String> = words(&Sort::ALL.map(|(_, word)| word)),
        /// Behind the page that named this.
        after: Option<String>,
        /// So many lines at most, 50 when it is left out.
        limit: Option<u16> = serde_json::json!({"type": "integer", "minimum": 1, "maximum": 200}),
    }
}

shape! {
    /// A case in a list. Nobody is named in it.
    #[derive(Debug, Serialize)]
    pub struct CaseTold {
        /// Its number.
        case: RecordId,
        /// Where it stands.
        state: &'static str = words(&CaseState::WORDS),
        /// Which of the two certificates it is about.
        category: String,
        /// Why it runs.
        kind: String = kinds(),
        /// The item's code.
        item: String,
        /// The code of the institution.
        institution: String,
        /// The code of the authority.
        authority: String,
        /// The exam session of the last seat or sitting.
        session: Option<RecordId>,
        /// The day its stage began.
        since: Date,
        /// The day something must be done by law.
        due: Option<Date>,
    }
}

impl CaseTold {
    fn of(line: &CaseLine) -> Self {
        let r = &line.case.registration;
        Self {
            case: line.case.id,
            state: line.case.state.word(),
            category: code::<Category>(&r.category),
            kind: code::<Kind>(&r.kind),
            item: r.item.as_str().to_owned(),
            institution: r.institution.as_str().to_owned(),
            authority: r.authority.as_str().to_owned(),
            session: line.case.session(),
            since: line.case.stage_since,
            due: line.deadline.as_ref().and_then(|d| d.due),
        }
    }
}

shape! {
    /// A page of cases.
    #[derive(Debug, Serialize)]
    pub struct CasesPage {
        /// Its lines.
        cases: Vec<CaseTold>,
        /// The next page begins behind it; null at the end.
        next: Option<String>,
    }
}

impl CasesAsked {
    /// The states, each once; all of them where none is named.
    fn states(&self) -> Option<Vec<&'static str>> {
        let Some(state) = &self.state else {
            return Some(CaseState::WORDS.to_vec());
        };
        let known = |s: &str| CaseState::WORDS.into_iter().find(|word| *word == s.trim());
        let mut states: Vec<_> = state.split(',').map(known).collect::<Option<_>>()?;
        states.sort_unstable();
        states.dedup();
        Some(states)
    }

    fn kind(&self) -> Option<Option<Kind>> {
        let Some(word) = &self.kind else {
            return Some(None);
        };
        let mut kinds = Registry::kinds().into_iter();
        kinds.find(|k| code(k) == *word).map(Some)
    }

    fn sort(&self) -> Option<Sort> {
        let Some(word) = &self.sort else {
            return Some(Sort::Due);
        };
        let mut all = Sort::ALL.into_iter();
        all.find(|(_, w)| w == word).map(|(sort, _)| sort)
    }

    fn due(&self, today: Date) -> Option<Due> {
        match self.due.as_deref() {
            None => Some(Due::Any),
            Some("passed") => Some(Due::Passed(today)),
            Some("week") => Some(Due::Within(today, sunday(today))),
            Some(_) => None,
        }
    }

    /// The queue from its beginning, or the field that cannot be read.
    fn queue(&self, today: Date) -> Result<Queue, &'static str> {
        let (states, kind) = (self.states().ok_or("state")?, self.kind().ok_or("kind")?);
        let (sort, due) = (self.sort().ok_or("sort")?, self.due(today).ok_or("due")?);
        Ok(Queue {
            states,
            due,
            only: Only {
                item: self.item.as_deref().map(Into::into),
                kind,
                category: None,
                institution: self.institution.as_deref().map(Into::into),
                session: self.session,
            },
            sort,
            ..Queue::default()
        })
    }

    /// The list that a page is of: a cursor of one list means nothing in another.
    fn list(&self, queue: &Queue) -> String {
        let (states, kind, sort) = (&queue.states, &queue.only.kind, &queue.sort);
        format!(
            "{states:?} {:?} {kind:?} {:?} {:?} {:?} {sort:?}",
            self.item, self.institution, self.session, self.due
        )
    }
}

/// The queue of the office.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    asked: Params<CasesAsked>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let (asked, today) = (params(asked, t)?, clock::today());
    let queue = asked.queue(today);
    let mut queue = queue.map_err(|field| wrong(t, field, "filter_invalid"))?;
    let list = asked.list(&queue);
    let officer = program.officer;
    if let Some(given) = &asked.after {
        let found = place(&app, &officer, &list, given);
        let found = found.and_then(|written| QueuePlace::read(&written));
        queue.after = Some(found.ok_or_else(|| wrong(t, "after", "cursor_invalid"))?);
    }
    queue.limit = limit(t, asked.limit)?;
    let asking = officer.clone();
    let page = app.run(move |r| r.queue(&asking, &queue, today)).await?;
    let next = page
        .next
        .map(|at| cursor(&app, &officer, &list, &at.written()));
    let cases = page.lines.iter().map(|(line, _)| CaseTold::of(line));
    let cases = cases.collect();
    Ok(json(StatusCode::OK, CasesPage { cases, next }))
}

shape! {
    /// A sitting.
    #[derive(Debug, Serialize)]
    pub struct ScoreTold {
        /// Which part.
        part: String = words(&["theory", "practical"]),
        /// In which session.
        session: RecordId,
        /// On which day.
        on: Date,
        /// Points of 100.
        score: u8,
    }
}

shape! {
    /// A limit of the law at work in a case.
    #[derive(Debug, Serialize)]
    pub struct LimitTold {
        /// What must be done.
        duty: String,
        /// Who must do it.
        who: String = words(&["institution", "authority"]),
        /// The last day; null while a procedure is open.
        due: Option<Date>,
        /// Working days left, below zero by how many it was missed; null once it is done.
        left: Option<i64>,
    }
}

shape! {
    /// A file with a case.
    #[derive(Debug, Serialize)]
    pub struct MaterialTold {
        /// Its number in the case.
        nr: i64,
        /// What it is.
        kind: String = materials(),
        /// Which sheet of it.
        page: i64,
        /// SHA-256 of the picture that is kept, which was made anew from what was sent.
        sha256: String,
        /// It stands in a report.
        reported: bool,
    }
}

shape! {
    /// One case with the person it is about. That it was read is recorded.
    #[derive(Debug, Serialize)]
    pub struct CaseFileTold {
        /// The case.
        case: CaseTold,
        /// How many entries have touched it: what `If-Match` compares.
        version: i64,
        /// The person's name.
        name: String,
        /// The kind of document.
        doc_type: String,
        /// Its number, masked.
        doc_number: String,
        /// The admission-ticket numbers, the last one last.
        tickets: Vec<String>,
        /// Every sitting, oldest first.
        scores: Vec<ScoreTold>,
        /// What the authority lists as missing, while the case is returned.
        missing: Vec<String>,
        /// The files with it.
        materials: Vec<MaterialTold>,
        /// Materials that the law of the day asks for and that are not there.
        lacking: Vec<String>,
        /// The limits of the law at work, oldest first.
        limits: Vec<LimitTold>,
        /// What this program can do to it now.
        commands: Vec<&'static str>,
    }
}

impl ScoreTold {
    fn of(sat: &Attempt) -> Self {
        Self {
            part: code(&sat.part),
            session: sat.session,
            on: sat.on,
            score: sat.score,
        }
    }
}

impl LimitTold {
    fn of(limit: &Deadline) -> Self {
        Self {
            duty: code(&limit.duty),
            who: code(&limit.who),
            due: limit.due,
            left: limit.left,
        }
    }
}

impl MaterialTold {
    fn of(one: &Kept) -> Self {
        Self {
            nr: one.nr,
            kind: one.kind.code().to_owned(),
            page: one.page,
            sha256: one.sha256.clone(),
            reported: one.reported,
        }
    }
}

impl CaseFileTold {
    fn of(version: i64, file: &CaseFile, materials: &MaterialFile, by: &Officer) -> Self {
        let case = &file.case;
        let r = &case.registration;
        let mut commands = desk::commands(by, case.state.word());
        let programs = desk::for_programs();
        commands.retain(|code| programs.contains(code));
        let line = CaseLine {
            institution: String::new(),
            item: String::new(),
            deadline: file.deadlines.iter().rfind(|d| d.left.is_some()).cloned(),
            case: case.clone(),
        };
        let tickets = [&r.ticket].into_iter().chain(&case.more_tickets);
        let counting = materials.kept.iter().filter(|one| one.counts);
        let lacking = materials.lacking.iter().map(|k| k.code().to_owned());
        Self {
            case: CaseTold::of(&line),
            version,
            name: r.person.name.expose().to_owned(),
            doc_type: code(&r.person.document.kind()),
            doc_number: r.person.document.to_string(),
            tickets: tickets.cloned().collect(),
            scores: case.exam.attempts.iter().map(ScoreTold::of).collect(),
            missing: match &case.state {
                CaseState::Returned { missing } => missing.clone(),
                _ => Vec::new(),
            },
            materials: counting.map(MaterialTold::of).collect(),
            lacking: lacking.collect(),
            limits: file.deadlines.iter().map(LimitTold::of).collect(),
            commands,
        }
    }
}

/// One case.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let id = record(&id)?;
    let (officer, today) = (program.officer, clock::today());
    let asking = officer.clone();
    let (version, file, materials) = app
        .run(move |r| {
            // Read before the rest: what is newer than it says is refused, and not passed over.
            let version = r.case_version(&asking, id)?;
            let file = r.case_file(&asking, id, today)?;
            r.record_reading(&asking, id, Purpose::Program);
            Ok((version, file, r.materials(&asking, id, today)?))
        })
        .await?;
    let told = CaseFileTold::of(version, &file, &materials, &officer);
    let mut response = json(StatusCode::OK, told);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}
