//! `/console/cases`: what is done to cases, and one case.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State},
    response::Response,
};
use domain::{
    acceptance_ground::{ACCEPTANCE_GROUNDS, AcceptanceGround},
    case::State as CaseState,
    event::Event,
    office::Role,
    record::RecordId,
    refusal::Refusal,
    verdict::Kind,
};
use jiff::tz::Offset;

use super::{
    super::{
        App, Trouble, Visitor, deadlines, expected,
        page::{self, Frame},
    },
    accepting::{self, Told},
    queue::{Which, page_of},
    readings,
    sent::{Sent, command_of},
    stops, story,
};
use crate::{
    clock,
    registry::{CaseFile, Officer, Purpose},
};

/// What can be done to a case in a state, by the code of the command and the role that may.
const COMMANDS: [(&str, &str, &str); 29] = [
    ("examined", "confirm", "institution_lead"),
    ("passed", "report", "institution_clerk"),
    ("passed", "report", "institution_lead"),
    ("passed", "ask_recheck", "institution_clerk"),
    ("not_passed", "ask_recheck", "institution_clerk"),
    ("passed", "answer_recheck", "institution_lead"),
    ("not_passed", "answer_recheck", "institution_lead"),
    ("returned", "resubmit", "institution_clerk"),
    ("returned", "resubmit", "institution_lead"),
    ("reported", "accept", "acceptance_officer"),
    ("reported", "return", "acceptance_officer"),
    ("reported", "refuse", "acceptance_officer"),
    ("accepted", "review", "reviewer"),
    ("reviewed", "approve", "approver"),
    ("reviewed", "reject", "approver"),
    ("approved", "make", "issuer"),
    ("made", "issue", "issuer"),
    // Behind the others: no role's own work waits for these.
    ("registered", "report", "institution_clerk"),
    ("registered", "report", "institution_lead"),
    ("accepted", "begin_procedure", "reviewer"),
    ("accepted", "begin_procedure", "approver"),
    ("accepted", "end_procedure", "reviewer"),
    ("accepted", "end_procedure", "approver"),
    ("accepted", "extend", "approver"),
    ("reviewed", "begin_procedure", "reviewer"),
    ("reviewed", "begin_procedure", "approver"),
    ("reviewed", "end_procedure", "reviewer"),
    ("reviewed", "end_procedure", "approver"),
    ("reviewed", "extend", "approver"),
];

/// Done to one case at a time.
const SINGLY: [&str; 8] = [
    "begin_procedure",
    "end_procedure",
    "extend",
    "ask_recheck",
    "answer_recheck",
    "return",
    "refuse",
    "reject",
];

pub(in crate::web) fn commands(officer: &Officer, state: &str) -> Vec<&'static str> {
    let mut codes: Vec<_> = COMMANDS
        .iter()
        .filter(|(s, _, role)| *s == state && officer.roles.iter().any(|r| r.code() == *role))
        .map(|(_, code, _)| *code)
        .collect();
    codes.dedup();
    codes
}

/// A decision, however the role is called that makes it: the domain refuses it to a program.
const FOR_PEOPLE: [&str; 1] = ["refuse"];

/// What of it a program may do that acts for an office: each code once.
pub(in crate::web) fn for_programs() -> Vec<&'static str> {
    let programs = |role: &str| Role::from_code(role).is_some_and(Role::is_for_programs);
    let all = COMMANDS.iter().filter(|(_, _, role)| programs(role));
    let mut codes: Vec<&'static str> = Vec::new();
    for (_, code, _) in all {
        if !codes.contains(code) && !FOR_PEOPLE.contains(code) {
            codes.push(code);
        }
    }
    codes
}

/// What of it can be done to many at once: what needs a reason of its own is done on the page of the
/// case, never to a list.
pub(super) fn to_many(officer: &Officer, state: &str) -> Vec<&'static str> {
    let mut codes = commands(officer, state);
    codes.retain(|code| !SINGLY.contains(code));
    codes
}

/// The states in which cases wait for each role.
const WAITS: [(&str, &[&str]); 6] = [
    ("institution_lead", &["examined", "passed", "returned"]),
    ("institution_clerk", &["passed", "returned"]),
    ("acceptance_officer", &["reported"]),
    ("reviewer", &["accepted"]),
    ("approver", &["reviewed"]),
    ("issuer", &["approved", "made"]),
];

/// The states that an officer's roles act on.
pub(super) fn own_states(officer: &Officer) -> Vec<&'static str> {
    let holds = |role: &str| officer.roles.iter().any(|r| r.code() == role);
    let own = WAITS.iter().filter(|(role, _)| holds(role));
    let mut states: Vec<&'static str> = Vec::new();
    for state in own.flat_map(|(_, states)| states.iter()) {
        if !states.contains(state) {
            states.push(state);
        }
    }
    states
}

/// Does one thing to the marked cases, and tells for each what became of it.
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let sent = Sent { fields };
    let which = Which::sent(&sent);
    let t = app.sentences(visitor.lang);
    let cases = sent.cases();
    let Some(command) = command_of(&sent) else {
        return Err(Trouble::Malformed);
    };
    if cases.is_empty() {
        return page_of(
            &app,
            &visitor,
            which,
            Told::nothing(t.say("cases-none-marked")),
        )
        .await;
    }
    let asking = officer.clone();
    let (done, lacking) = app
        .run(move |r| {
            let done = r.command(&cases, &command, &officer, clock::now())?;
            let short = done
                .iter()
                .filter(|d| d.state == Err(Refusal::MaterialMissing));
            let short: Vec<_> = short.map(|d| d.case).collect();
            let lacking = match short.is_empty() {
                true => Vec::new(),
                false => r.lacking(&asking, &short, clock::today())?,
            };
            let lacking: HashMap<_, _> = short.into_iter().zip(lacking).collect();
            Ok((done, lacking))
        })
        .await?;
    let f = Frame::new(&app, &visitor, "cases-title");
    let mut told = Told::default();
    for d in &done {
        match d.state {
            Ok(word) => told.done.push((d.case.to_string(), f.word("state", word))),
            Err(refusal) => {
                let why = f.word("refusal", refusal.code());
                let kinds = lacking.get(&d.case).map(Vec::as_slice);
                let why = accepting::why(&f, why, kinds.unwrap_or_default());
                told.left.push((d.case.to_string(), why));
            }
        }
    }
    // How many of many stands above the lines of each.
    let first = if told.done.is_empty() {
        &mut told.left
    } else {
        &mut told.done
    };
    first.splice(0..0, accepting::summary(&f, &done));
    page_of(&app, &visitor, which, told).await
}

#[derive(Template)]
#[template(path = "console/case.html")]
struct CasePage<'a> {
    f: Frame<'a>,
    file: CaseFile,
    /// Who read it, the last first.
    readings: Vec<readings::Shown>,
    item: String,
    institution: String,
    authority: String,
    commands: Vec<&'static str>,
    /// When it can be looked up nationwide, where that can be said.
    expected: Option<expected::Told>,
    /// What stops its card, or takes it to another authority.
    stops: stops::Shown,
    /// What may be asked for when it is returned.
    choices: Vec<String>,
    /// By when silence is acceptance.
    silence: Option<String>,
}

impl CasePage<'_> {
    fn may_list(&self) -> &[String] {
        &self.choices
    }

    fn acceptance_grounds(&self) -> &'static [AcceptanceGround] {
        &ACCEPTANCE_GROUNDS
    }

    /// What was left out of the first list can no longer be asked for.
    fn may_add(&self) -> bool {
        !matches!(
            self.file.case.state,
            CaseState::Reported { told: Some(_), .. }
        )
    }

    /// The grounds there are for a command.
    fn grounds(&self, command: &str) -> Vec<stops::Choice> {
        stops::grounds(&self.f, &self.file.case, command)
    }

    fn code<T: serde::Serialize>(&self, value: &T) -> String {
        page::code(value)
    }

    fn at(&self, at: &jiff::Timestamp) -> String {
        Offset::constant(8)
            .to_datetime(*at)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    /// What the event says beside its name.
    fn told(&self, event: &Event) -> Vec<String> {
        if self.file.case.hides(&event.act) {
            return vec![self.f.s("assessed-secret")];
        }
        story::told(&self.f, &event.act)
    }

    /// The page of the run its card is in.
    fn run_path(&self) -> Option<String> {
        let (run, _) = self.file.case.state.card()?;
        Some(super::runs::path(run))
    }

    /// The limits of the law at work in it.
    fn deadlines(&self) -> Vec<deadlines::Told> {
        let all = self.file.deadlines.iter();
        all.map(|d| deadlines::told(self.f.t, d)).collect()
    }

    /// What the next officer must know: the list of what is missing, a ground, an open re-check.
    fn standing(&self) -> Vec<(String, Vec<String>)> {
        story::standing(&self.f, &self.file.case)
    }
}

/// One case of the officer's own office.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let asking = officer.clone();
    let today = clock::today();
    let (file, readings) = app
        .run(move |r| {
            let file = r.case_file(&asking, id, today)?;
            r.record_reading(&asking, id, Purpose::Case);
            Ok((file, r.readings_of(id, readings::SHOWN)?))
        })
        .await?;
    let r = &file.case.registration;
    let (item, institution, authority) = (
        app.registry.item_name(&r.item),
        app.registry.office_name(&r.institution),
        app.registry.office_name(&r.authority),
    );
    let mut commands = commands(&officer, file.case.state.word());
    if let CaseState::Confirmed { recheck, .. } = &file.case.state {
        let other = if recheck.is_some() {
            "ask_recheck"
        } else {
            "answer_recheck"
        };
        commands.retain(|c| *c != other);
    }
    commands.retain(|c| !story::stands_still(&file.case, c));
    let needs_exam = !matches!(r.kind, Kind::Replacement | Kind::Reissue);
    commands.retain(|c| *c != "report" || file.case.state.word() == "passed" || !needs_exam);
    commands.retain(|c| stops::leaves(&file.case, &officer, c));
    let f = Frame::new(&app, &visitor, "case-title");
    let stops = stops::Shown::of(&app, &f, &file.case, &officer);
    let expected = app.expected_of(&file.case, today);
    Ok(page::html(&CasePage {
        choices: accepting::choices(&file.case),
        silence: accepting::silence(&f, &file),
        expected: expected.map(|e| app.tell(f.t, &e, ("when", None))),
        f,
        file,
        readings: readings::told(readings),
        item,
        institution,
        authority,
        commands,
        stops,
    }))
}
