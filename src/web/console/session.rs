//! `/console/sessions/{id}`: one exam session, with everybody in it and everything that may be done.

mod enrol;
mod score;

use askama::Template;
use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    case::{Case, State as CaseState, panel::Standing},
    catalogue::{Category, ItemCode},
    event::{Act, Event},
    exam::Part,
    law,
    management::{Industry, UnitType},
    office::OfficerId,
    record::RecordId,
};
use serde::Deserialize;

use super::{
    super::{
        Trouble,
        caller::AtRecord,
        page::{self, Frame},
    },
    sessions::{Choice, Fields, Typed, plans},
};
use crate::{
    clock,
    registry::{CaseLine, Due, Filter, Officer, Purpose, Registry, SeatLine, SessionFile},
};

pub(in crate::web) use self::enrol::Typed as CandidateTyped;
pub(super) use self::enrol::appointment;
pub use self::{
    enrol::{again, enrol, give_up, sheet, take_sheet},
    score::{assess, confirm, resolve, theory},
};

/// A candidate as the page shows them.
struct Candidate {
    line: SeatLine,
    item: String,
    ticket: String,
    theory: String,
    practical: String,
    /// The panel: how many are missing, or that they differ.
    panel: String,
    /// The lowest and the highest score of a panel that differs.
    differs: Option<(u8, u8)>,
    /// This assessor may score.
    to_assess: bool,
    /// The scores can be confirmed by this officer.
    to_confirm: bool,
    /// Why they cannot, where there are some.
    exception: String,
    /// The seat may be given up.
    seated: bool,
}

/// What is told above the page.
#[derive(Default)]
struct Notice {
    mistake: Option<String>,
    done: Vec<String>,
    /// What the pre-check said: refusals, then remarks, each with its remedy.
    findings: Vec<(String, bool)>,
    /// The form that was looked at, to be sent again as it was.
    typed: enrol::Typed,
    /// Nothing refuses: it can be sent again with the remarks seen.
    may_go_on: bool,
    /// Scores that were not taken: of which case, what was typed, why not.
    unscored: Vec<(RecordId, String, String)>,
    /// Why the lead chose so, as it was typed.
    reason: String,
    /// A sheet that waits.
    upload: Option<String>,
    rows: Vec<(u64, String)>,
}

impl Notice {
    /// Nothing was done, for this reason.
    fn wrong(why: String) -> Self {
        Self {
            mistake: Some(why),
            ..Self::default()
        }
    }
}

#[derive(Template)]
#[template(path = "console/session.html")]
struct SessionPage<'a> {
    f: Frame<'a>,
    file: SessionFile,
    institution: String,
    items: Vec<String>,
    /// Managers can be examined.
    managers: bool,
    candidates: Vec<Candidate>,
    again: Vec<CaseLine>,
    story: Vec<(String, String, String, String)>,
    /// The day has not come.
    ahead: bool,
    /// Candidates can be enrolled.
    open: bool,
    /// Results can come.
    held: bool,
    shows_cases: bool,
    typed: Typed,
    choice: Choice,
    types: [&'static str; 5],
    notice: Notice,
}

impl SessionPage<'_> {
    /// What was typed as a candidate's score and not taken, and why.
    fn unscored(&self, candidate: &Candidate) -> Option<(&str, &str)> {
        let mut all = self.notice.unscored.iter();
        let found = all.find(|(case, ..)| *case == candidate.line.case.id)?;
        Some((&found.1, &found.2))
    }

    fn any(&self, what: &str) -> bool {
        self.candidates.iter().any(|c| match what {
            "assess" => c.to_assess,
            "confirm" => c.to_confirm || !c.exception.is_empty(),
            "differs" => c.differs.is_some(),
            _ => c.seated,
        })
    }
}

/// Behind which candidate the page begins, of those without a seat.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct From {
    after: String,
}

/// One session.
pub async fn show(at: AtRecord, Query(from): Query<From>) -> Result<Response, Trouble> {
    page_at(&at, from.after.parse().ok(), Notice::default(), None).await
}

/// Back to the page, with what is refused above it.
async fn told(
    at: &AtRecord,
    done: Result<(), Trouble>,
    typed: Option<Typed>,
) -> Result<Response, Trouble> {
    match done {
        Ok(()) => Ok(there(at)),
        Err(Trouble::Refused(refusal)) => page_of(at, Notice::wrong(at.why(refusal)), typed).await,
        Err(other) => Err(other),
    }
}

/// To the page, as it is now.
fn there(at: &AtRecord) -> Response {
    Redirect::to(&format!("/console/sessions/{}", at.id)).into_response()
}

/// The first field of that name.
fn field<'f>(fields: &'f Fields, wanted: &str) -> &'f str {
    let found = fields.iter().find(|(name, _)| name == wanted);
    found.map_or("", |(_, value)| value)
}

/// The marked cases.
fn marked(fields: &Fields) -> Vec<RecordId> {
    let cases = fields.iter().filter(|(name, _)| name == "case");
    cases.filter_map(|(_, value)| value.parse().ok()).collect()
}

async fn page_of(at: &AtRecord, notice: Notice, typed: Option<Typed>) -> Result<Response, Trouble> {
    page_at(at, None, notice, typed).await
}

async fn page_at(
    at: &AtRecord,
    after: Option<RecordId>,
    notice: Notice,
    typed: Option<Typed>,
) -> Result<Response, Trouble> {
    let (id, today) = (at.id, clock::today());
    let waits = Filter {
        states: ["registered", "examined", "not_passed"]
            .map(str::to_owned)
            .to_vec(),
        session: None,
        due: Due::Any,
        limit: 500,
    };
    let job = move |r: &Registry, asking: &Officer| {
        let file = r.session_page(asking, id, after)?;
        let own = file.session.institution == asking.office;
        let again = match &file.session.plan {
            Some(plan) if own && plans(asking) && file.session.on >= today => {
                let mut lines = r.cases(asking, &waits, today)?;
                lines.retain(|line| {
                    plan.items.contains(&line.case.registration.item)
                        && line.case.seat_ahead(today).is_none()
                        && line.case.may_sit_on(file.session.on)
                        && file.session.seat_of(line.case.id).is_none()
                });
                lines.truncate(50);
                lines
            }
            _ => Vec::new(),
        };
        // Others see how many there are, and nobody's name.
        if own {
            let shown = file.lines.iter().map(|line| line.case.id);
            let shown: Vec<_> = shown.chain(again.iter().map(|line| line.case.id)).collect();
            r.record_readings(asking, &shown, Purpose::Session);
        }
        Ok((file, again))
    };
    let seen = at.run(job).await?;
    let status = page::status(notice.mistake.is_some());
    let page = built(at, seen, notice, typed);
    Ok(page::with_status(status, &page))
}

fn built(
    at: &AtRecord,
    (file, again): (SessionFile, Vec<CaseLine>),
    notice: Notice,
    typed: Option<Typed>,
) -> SessionPage<'_> {
    let (app, officer) = (&at.app, &at.officer);
    let today = clock::today();
    let f = Frame::new(app, &at.visitor, "session-title");
    let session = &file.session;
    let own = session.institution == officer.office;
    let item = |code: &ItemCode| app.registry.item_name(code);
    let planned = session.plan.as_ref();
    let items = planned.map(|plan| plan.items.iter().map(item).collect());
    let manages = |code: &ItemCode| {
        let category = app.registry.catalogue().category(code);
        category == Some(Category::SafetyManagement)
    };
    let stands = planned.is_some() && session.cancelled.is_none();
    let shows = |line: &SeatLine| {
        Candidate::of(line, &file, officer, &f, item(&line.case.registration.item))
    };
    let offices = ["institution_clerk", "institution_lead"];
    SessionPage {
        institution: app.registry.office_name(&session.institution),
        items: items.unwrap_or_default(),
        managers: planned.is_some_and(|plan| plan.items.iter().any(manages)),
        candidates: match own {
            true => file.lines.iter().map(shows).collect(),
            false => Vec::new(),
        },
        again,
        story: file.story.iter().map(|event| story(&f, event)).collect(),
        ahead: own && stands && session.on > today,
        open: own && stands && session.on >= today,
        held: own && stands && session.on <= today,
        shows_cases: officer.roles.iter().any(|r| offices.contains(&r.code())),
        typed: typed.unwrap_or_else(|| planned.map(written).unwrap_or_default()),
        choice: Choice {
            items: app.registry.items_of(&session.institution),
            assessors: file.assessors.clone(),
        },
        types: [
            "resident_id",
            "hmt_residence_permit",
            "foreign_permanent_resident",
            "passport",
            "officer_card",
        ],
        notice,
        file,
        f,
    }
}

/// A plan as its form shows it.
fn written(plan: &domain::session::Plan) -> Typed {
    Typed {
        on: plan.on.to_string(),
        begins: plan.begins.clone(),
        place: plan.place.clone(),
        items: plan.items.iter().map(|i| i.as_str().to_owned()).collect(),
        invigilators: plan.invigilators.join("\n"),
        assessors: plan.assessors.iter().map(ToString::to_string).collect(),
        seats: plan.seats.to_string(),
        reason: String::new(),
    }
}

/// When, what, who, and why.
fn story(f: &Frame<'_>, event: &Event) -> (String, String, String, String) {
    let why = match &event.act {
        Act::SessionChanged { reason, .. } | Act::SessionCancelled { reason } => reason.clone(),
        _ => String::new(),
    };
    (
        page::moment(event.at),
        f.word("event", event.act.kind()),
        event.by.officer.to_string(),
        why,
    )
}

impl Candidate {
    fn of(
        line: &SeatLine,
        file: &SessionFile,
        officer: &Officer,
        f: &Frame<'_>,
        item: String,
    ) -> Self {
        let (case, session) = (&line.case, &file.session);
        let me: OfficerId = officer.login.as_str().into();
        let is = |code: &str| officer.roles.iter().any(|role| role.code() == code);
        let here = |part| {
            let mut sat = case.exam.attempts.iter().rev();
            sat.find(|a| a.part == part && a.session == session.id)
        };
        let score = |part| here(part).map(|a| a.score.to_string()).unwrap_or_default();
        let panel = case.panel.as_ref().filter(|p| p.session == session.id);
        let standing = panel.map(|panel| panel.standing());
        let differs = match standing {
            Some(Standing::Differs { low, high }) if is("institution_lead") => Some((low, high)),
            _ => None,
        };
        let on_panel = session
            .plan
            .as_ref()
            .is_some_and(|p| p.assessors.contains(&me));
        let mine = panel.is_some_and(|panel| panel.has(&me));
        let exception = exception(case, &me, is("institution_lead"), f);
        let seated = line.seat.is_some() && case.ticket_in(session.id).is_some();
        let scored = case.exam.attempts.iter().any(|a| a.session == session.id);
        Self {
            item,
            ticket: case.ticket_in(session.id).unwrap_or_default().to_owned(),
            theory: score(Part::Theory),
            practical: score(Part::Practical),
            panel: match standing {
                Some(Standing::Waiting { left }) => f.s1("panel-waiting", "n", left.to_string()),
                Some(Standing::Differs { .. }) => f.s("panel-differs"),
                _ => String::new(),
            },
            differs,
            to_assess: on_panel
                && is("assessor")
                && seated
                && !mine
                && here(Part::Practical).is_none()
                && session.on <= clock::today()
                && case.exam.passed(Part::Theory, session.on)
                && matches!(
                    case.state,
                    CaseState::Examined | CaseState::Confirmed { .. }
                ),
            to_confirm: is("institution_lead")
                && case.state == CaseState::Examined
                && exception.is_empty(),
            exception,
            seated: is("institution_clerk") && seated && !scored && panel.is_none(),
            line: line.clone(),
        }
    }
}

/// Why this lead cannot confirm the scores of a case that waits for it; also what to look at.
fn exception(case: &Case, me: &OfficerId, leads: bool, f: &Frame<'_>) -> String {
    if !leads || case.state != CaseState::Examined {
        return String::new();
    }
    if case.panel.is_some() {
        return f.s("confirm-panel-open");
    }
    if case.entered_by.contains(me) {
        return f.s("confirm-own");
    }
    String::new()
}

impl Candidate {
    /// What the lead should see before confirming: a failed part, a part that was not sat.
    fn remark(&self, f: &Frame<'_>) -> String {
        if self.line.case.state != CaseState::Examined {
            return String::new();
        }
        let exam = &self.line.case.exam;
        let mark = |part| match exam.last(part) {
            None => Some(f.s("confirm-not-sat")),
            Some(sat) if sat.score < law::on(sat.on).pass_mark.value => Some(f.s("confirm-failed")),
            Some(_) => None,
        };
        [Part::Theory, Part::Practical]
            .into_iter()
            .filter_map(|part| {
                Some(format!(
                    "{}{}",
                    f.word("part", page::code(&part)),
                    mark(part)?
                ))
            })
            .collect::<Vec<_>>()
            .join("；")
    }
}

/// Plans the session otherwise.
pub async fn change(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (id, typed) = (at.id, Typed::of(&fields));
    let planned = match typed.read() {
        Ok(planned) => planned,
        Err(key) => {
            let wrong = Notice::wrong(at.t().say(&format!("wrong-{key}")));
            return page_of(&at, wrong, Some(typed)).await;
        }
    };
    let reason = typed.reason.clone();
    let done = at.run(move |r, by| r.change_session(id, &planned, &reason, by, clock::now()));
    told(&at, done.await, Some(typed)).await
}

/// Calls it off.
pub async fn cancel(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (id, reason) = (at.id, Typed::of(&fields).reason);
    let done = at.run(move |r, by| r.cancel_session(id, &reason, by, clock::now()));
    told(&at, done.await, None).await
}
