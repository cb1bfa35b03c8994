//! Exam sessions: planned, filled, and scored by the machine.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    case::State as CaseState,
    exam::{self, Machine, Part},
    record::RecordId,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::{App, console::session::CandidateTyped, lang},
        told::{shape, words},
    },
    Body, Fail, MOST, PageAsked, Params, Refused, cursor, json, limit, params, record, wrong,
    wrong_at,
};
use crate::{
    clock,
    registry::{MachineRow, Planned, Program, Purpose, Registry, Scored, SessionsReached},
};

shape! {
    /// An exam session.
    #[derive(Debug, Serialize)]
    pub struct SessionTold {
        /// Its number.
        session: RecordId,
        /// The code of the institution.
        institution: String,
        /// The day.
        on: Date,
        /// When it begins, `HH:MM`; null when only a sheet of results told of it.
        begins: Option<String>,
        /// Where.
        place: Option<String>,
        /// The items that are examined.
        items: Vec<String>,
        /// How many can sit.
        seats: u16,
        /// How many have a seat.
        taken: usize,
        /// It was called off.
        cancelled: bool,
    }
}

impl SessionTold {
    fn of(session: &domain::session::Session) -> Self {
        let plan = session.plan.as_ref();
        let items = plan.iter().flat_map(|plan| &plan.items);
        Self {
            session: session.id,
            institution: session.institution.as_str().to_owned(),
            on: session.on,
            begins: plan.map(|plan| plan.begins.clone()),
            place: plan.map(|plan| plan.place.clone()),
            items: items.map(|item| item.as_str().to_owned()).collect(),
            seats: plan.map_or(0, |plan| plan.seats),
            taken: session.seated.len(),
            cancelled: session.cancelled.is_some(),
        }
    }
}

shape! {
    /// A page of sessions, latest first.
    #[derive(Debug, Serialize)]
    pub struct SessionsTold {
        /// Each.
        sessions: Vec<SessionTold>,
        /// The next page begins behind it; null at the end.
        next: Option<String>,
    }
}

/// The sessions of the institution, or those registered with the authority.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    asked: Params<PageAsked>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let (asked, officer, list) = (params(asked, t)?, program.officer, "sessions");
    let after = asked.behind(&app, t, (&officer, list), SessionsReached::read)?;
    let (most, asking) = (limit(t, asked.limit)?, officer.clone());
    let read = app.run(move |r| r.sessions_page(&asking, after, most));
    let (lines, next) = read.await?;
    let sessions = lines.iter().map(|line| SessionTold::of(&line.session));
    let told = SessionsTold {
        sessions: sessions.collect(),
        next: next.map(|at| cursor(&app, &officer, list, &at.written())),
    };
    Ok(json(StatusCode::OK, told))
}

shape! {
    /// A candidate of a session.
    #[derive(Debug, Serialize)]
    pub struct SeatTold {
        /// The seat; null for whom only a sheet of results told of.
        seat: Option<u16>,
        /// The case.
        case: RecordId,
        /// The admission-ticket number for this session.
        ticket: Option<String>,
        /// The person's name.
        name: String,
        /// The item's code.
        item: String,
        /// Where the case stands.
        state: &'static str = words(&CaseState::WORDS),
        /// The theory score of this session, once it is there.
        theory: Option<u8>,
    }
}

shape! {
    /// One session; the candidates are told to the institution alone, and that is recorded.
    #[derive(Debug, Serialize)]
    pub struct SessionFileTold {
        /// The session.
        session: SessionTold,
        /// Who sits where.
        candidates: Vec<SeatTold>,
    }
}

/// One session.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let id = record(&id)?;
    let officer = program.officer;
    let asking = officer.clone();
    let file = app
        .run(move |r| {
            let mut file = r.session_file(&asking, id)?;
            if file.session.institution != asking.office {
                file.lines.clear();
            }
            let read: Vec<_> = file.lines.iter().map(|line| line.case.id).collect();
            r.record_readings(&asking, &read, Purpose::Program);
            Ok(file)
        })
        .await?;
    let candidates = file.lines.iter().map(|line| {
        let (case, r) = (&line.case, &line.case.registration);
        let sat = case.exam.attempts.iter().rev();
        let mut here = sat.filter(|sat| sat.session == id && sat.part == Part::Theory);
        SeatTold {
            seat: line.seat,
            case: case.id,
            ticket: case.ticket_in(id).map(str::to_owned),
            name: r.person.name.expose().to_owned(),
            item: r.item.as_str().to_owned(),
            state: case.state.word(),
            theory: here.next().map(|sat| sat.score),
        }
    });
    let told = SessionFileTold {
        candidates: candidates.collect(),
        session: SessionTold::of(&file.session),
    };
    Ok(json(StatusCode::OK, told))
}

shape! {
    /// A session that is to be held.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct PlanSent {
        /// The day.
        on: Date,
        /// When it begins, `HH:MM`.
        begins: String,
        /// Where.
        place: String,
        /// The items that are examined.
        items: Vec<String>,
        /// By name.
        invigilators: Vec<String>,
        /// By login: none, or two and more.
        assessors: Vec<String>,
        /// How many can sit.
        seats: u16,
    }
}

shape! {
    /// The session that was planned.
    #[derive(Debug, Serialize)]
    pub struct Plans {
        /// Its number.
        session: RecordId,
    }
}

/// Plans a session and registers it with the authority.
pub async fn plan(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Body(sent): Body<PlanSent>,
) -> Result<Response, Fail> {
    let planned = Planned {
        on: sent.on,
        begins: sent.begins,
        place: sent.place,
        items: sent.items.iter().map(|code| code.as_str().into()).collect(),
        invigilators: sent.invigilators,
        assessors: sent
            .assessors
            .iter()
            .map(|one| one.as_str().into())
            .collect(),
        seats: sent.seats,
    };
    let job = move |r: &Registry| r.plan_session(&planned, &program.officer, clock::now());
    let session = app.run(job).await?;
    Ok(json(StatusCode::CREATED, Plans { session }))
}

shape! {
    /// One who is to be enrolled.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct CandidateSent {
        /// The name.
        name: String,
        /// The kind of document.
        doc_type: String,
        /// Its number.
        doc_number: String,
        /// `male` or `female`, where the number does not tell.
        sex: Option<String> = words(&["male", "female"]),
        /// The item's code.
        item: String,
        /// Why; `initial` when it is left out.
        kind: Option<String> = words(&["initial", "recheck", "renewal"]),
        /// The schooling, as declared.
        schooling: Option<String>,
        /// Of a manager: the industry, as `hazardous_chemicals`.
        industry: Option<String>,
        /// Of a manager: the kind of unit, as `trade`.
        unit_type: Option<String>,
        /// Of a manager: the unit, by name.
        employer: Option<String>,
        /// Declared in writing to be fit.
        healthy: bool,
        /// The admission-ticket number, where the institution gives its own.
        ticket: Option<String>,
    }
}

shape! {
    /// Candidates for a session.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct CandidatesSent {
        /// Up to 1,000.
        candidates: Vec<CandidateSent>,
        /// Seat the good ones though others are refused; else it is all or nobody.
        take_good: bool,
    }
}

shape! {
    /// What the law of the exam day says of a candidate.
    #[derive(Debug, Serialize)]
    pub struct FindingTold {
        /// The code.
        code: &'static str,
        /// The article.
        source: String,
        /// It refuses; else it is a remark.
        refuses: bool,
    }
}

shape! {
    /// What became of one candidate.
    #[derive(Debug, Serialize)]
    pub struct EnrolledTold {
        /// The place in what was sent, from 1.
        row: u64,
        /// The case; null when no seat was given.
        case: Option<RecordId>,
        /// The seat.
        seat: Option<u16>,
        /// What the register refuses.
        refused: Option<Refused>,
        /// What the law says, refusals and remarks.
        findings: Vec<FindingTold>,
    }
}

shape! {
    /// What became of each.
    #[derive(Debug, Serialize)]
    pub struct EnrolledAll {
        /// So many have a seat.
        seated: usize,
        /// Each, in the order sent.
        rows: Vec<EnrolledTold>,
    }
}

/// Enrols candidates.
pub async fn enrol(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(sent): Body<CandidatesSent>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let id = record(&id)?;
    if !(1..=MOST).contains(&sent.candidates.len()) {
        return Err(wrong(t, "candidates", "cases_count"));
    }
    let mut rows = Vec::with_capacity(sent.candidates.len());
    for (at, one) in sent.candidates.into_iter().enumerate() {
        let typed = CandidateTyped {
            doc_type: one.doc_type,
            doc_number: one.doc_number,
            name: one.name,
            sex: one.sex.unwrap_or_default(),
            item: one.item,
            kind: one.kind.unwrap_or_default(),
            schooling: one.schooling.unwrap_or_default(),
            healthy: if one.healthy {
                "1".to_owned()
            } else {
                String::new()
            },
            ticket: one.ticket.unwrap_or_default(),
            industry: one.industry.unwrap_or_default(),
            unit_type: one.unit_type.unwrap_or_default(),
            employer: one.employer.unwrap_or_default(),
            seen: String::new(),
        };
        let asked = typed.read();
        let asked = asked.map_err(|code| wrong_at(t, "candidates", code, Some(at)))?;
        rows.push((
            u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1),
            asked,
        ));
    }
    let (by, take_good) = (program.officer, sent.take_good);
    let job = move |r: &Registry| r.enrol(id, &rows, take_good, &by, clock::now());
    let told = app.run(job).await?;
    let rows = told.iter().map(|one| EnrolledTold {
        row: one.row,
        case: one.seated.as_ref().map(|seated| seated.case),
        seat: one.seated.as_ref().map(|seated| seated.seat),
        refused: one.looked.refusal.map(|refusal| Refused::of(t, refusal)),
        findings: one
            .looked
            .findings
            .iter()
            .map(|found| FindingTold {
                code: found.code.as_str(),
                source: found.article.to_owned(),
                refuses: !found.code.is_remark(),
            })
            .collect(),
    });
    let all = EnrolledAll {
        seated: told.iter().filter(|one| one.seated.is_some()).count(),
        rows: rows.collect(),
    };
    Ok(json(StatusCode::OK, all))
}

shape! {
    /// One theory score, as the exam machine gives it.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct ScoreSent {
        /// The admission ticket.
        ticket: String,
        /// Points of 100, whole.
        score: u8 = serde_json::json!({"type": "integer", "minimum": 0, "maximum": 100}),
        /// When the machine gave it.
        at: Timestamp,
        /// Which machine: up to 40 characters.
        machine: String,
    }
}

shape! {
    /// Theory scores of a session.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct ScoresSent {
        /// One, or up to 1,000.
        scores: Vec<ScoreSent>,
    }
}

shape! {
    /// What became of one score.
    #[derive(Debug, Serialize)]
    pub struct ScoredTold {
        /// The place in what was sent, from 1.
        row: u64,
        /// The case that was scored; null when it was refused.
        case: Option<RecordId>,
        /// Why it was refused.
        refused: Option<Refused>,
    }
}

shape! {
    /// What became of each. What is taken is final at once.
    #[derive(Debug, Serialize)]
    pub struct ScoredAll {
        /// So many were taken.
        taken: usize,
        /// Each, in the order sent.
        rows: Vec<ScoredTold>,
    }
}

/// Takes theory scores.
pub async fn theory(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(sent): Body<ScoresSent>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let id = record(&id)?;
    if !(1..=MOST).contains(&sent.scores.len()) {
        return Err(wrong(t, "scores", "cases_count"));
    }
    let mut rows = Vec::with_capacity(sent.scores.len());
    for (at, one) in sent.scores.into_iter().enumerate() {
        let name = one.machine.trim().to_owned();
        if !(1..=40).contains(&name.chars().count()) {
            return Err(wrong_at(t, "machine", "value_invalid", Some(at)));
        }
        rows.push(MachineRow {
            row: u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1),
            ticket: exam::ticket(&one.ticket),
            score: one.score,
            machine: Machine { name, at: one.at },
        });
    }
    let by = program.officer;
    let job = move |r: &Registry| r.take_theory(id, (&rows, 0), None, &by, clock::now());
    let scored = app.run(job).await?;
    let told = |one: &Scored| ScoredTold {
        row: one.row,
        case: one.case.ok(),
        refused: one.case.err().map(|refusal| Refused::of(t, refusal)),
    };
    let all = ScoredAll {
        taken: scored.iter().filter(|one| one.case.is_ok()).count(),
        rows: scored.iter().map(told).collect(),
    };
    Ok(json(StatusCode::OK, all))
}
