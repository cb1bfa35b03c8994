//! `/console/cases`: the queue of the officer's office, and one case.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, Query as Asked, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    case::State as CaseState,
    deadline::Procedure,
    event::{Event, Material},
    exam::Part,
    law::Ground,
    record::RecordId,
};
use jiff::{civil::Date, tz::Offset};
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor, deadlines, expected,
        page::{self, Frame},
    },
    stops, story,
};
use crate::{
    clock,
    outlook::waiting,
    registry::{CaseFile, Command, Due, Filter, Officer},
};

/// The longest list on one page.
const MOST: u16 = 500;

/// What may be asked of the list. No name and no number: they would stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    state: String,
    session: String,
    due: String,
}

/// The word for every state in the address.
const ALL: &str = "all";

#[derive(Template)]
#[template(path = "console/cases.html")]
struct Cases<'a> {
    f: Frame<'a>,
    lines: Vec<story::Line>,
    state: String,
    session: String,
    due: String,
    states: &'static [&'static str],
    commands: Vec<&'static str>,
    told: Vec<(String, String)>,
}

/// What can be done to a case in a state, by the code of the command and the role that may.
const COMMANDS: [(&str, &str, &str); 28] = [
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
    ("issued", "print", "issuer"),
    // Behind the others: no role's own work waits for these.
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

fn commands(officer: &Officer, state: &str) -> Vec<&'static str> {
    let mut codes: Vec<_> = COMMANDS
        .iter()
        .filter(|(s, _, role)| *s == state && officer.roles.iter().any(|r| r.code() == *role))
        .map(|(_, code, _)| *code)
        .collect();
    codes.dedup();
    if state == "issued" && codes.contains(&"print") {
        codes.push("deliver");
    }
    codes
}

/// The state a role's work waits in.
fn own_state(officer: &Officer) -> &'static str {
    COMMANDS
        .iter()
        .find(|(_, _, role)| officer.roles.iter().any(|r| r.code() == *role))
        .map_or("examined", |(state, ..)| *state)
}

/// The list.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(which): Asked<Which>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, which, Vec::new()).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    which: Which,
    told: Vec<(String, String)>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let known = CaseState::WORDS.contains(&which.state.as_str()) || which.state == ALL;
    let state = if known {
        which.state
    } else {
        own_state(&officer).into()
    };
    let session = which.session.parse::<RecordId>().ok();
    let today = clock::today();
    let (due, code) = match which.due.as_str() {
        "week" => (Due::Week(today), "week"),
        "soon" => {
            let calendar = app.registry.calendar();
            let last = calendar.add_workdays(today, waiting::AHEAD).date;
            (Due::Within(today, last), "soon")
        }
        "passed" => (Due::Passed(today), "passed"),
        _ => (Due::Any, ""),
    };
    let states = if state == ALL {
        Vec::new()
    } else {
        vec![state.clone()]
    };
    let filter = Filter {
        states,
        session,
        due,
        limit: MOST,
    };
    let asking = officer.clone();
    let lines = app.run(move |r| r.cases(&asking, &filter, today)).await?;
    let mut commands = commands(&officer, &state);
    // What needs a reason of its own is done on the page of the case, never to a list.
    commands.retain(|c| !SINGLY.contains(c));
    let f = Frame::new(app, visitor, "cases-title");
    let session = session.map(|s| s.to_string()).unwrap_or_default();
    let lines = lines
        .into_iter()
        .map(|line| story::Line::of(line, &f, today));
    Ok(page::html(&Cases {
        lines: lines.collect(),
        f,
        state,
        session,
        due: code.to_owned(),
        states: &CaseState::WORDS,
        commands,
        told,
    }))
}

/// What the form sends: the fields of every command, and any number of cases.
struct Sent {
    fields: Vec<(String, String)>,
}

impl Sent {
    fn one(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.trim().to_owned())
            .unwrap_or_default()
    }

    fn cases(&self) -> Vec<RecordId> {
        self.fields
            .iter()
            .filter(|(n, _)| n == "case")
            .filter_map(|(_, v)| v.parse().ok())
            .collect()
    }

    fn ground(&self) -> Ground {
        let code = self.one("ground_code");
        if code.is_empty() {
            Ground::new(&self.one("article"), &self.one("ground"))
        } else {
            Ground::of(&code, &self.one("ground"))
        }
    }

    /// One line of the form is one thing.
    fn lines(&self, name: &str) -> Vec<String> {
        self.one(name)
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

fn procedure(code: &str) -> Option<Procedure> {
    match code {
        "hearing" => Some(Procedure::Hearing),
        "inspection" => Some(Procedure::Inspection),
        "expert_review" => Some(Procedure::ExpertReview),
        _ => None,
    }
}

fn command(sent: &Sent) -> Option<Command> {
    // Each of the two forms has a field of its own, since one officer may be shown both.
    let part = |field: &str| match sent.one(field).as_str() {
        "theory" => Some(Part::Theory),
        "practical" => Some(Part::Practical),
        _ => None,
    };
    let materials = || {
        sent.lines("materials")
            .into_iter()
            .map(|title| Material {
                title,
                sha256: String::new(),
            })
            .collect()
    };
    Some(match sent.one("command").as_str() {
        "confirm" => Command::Confirm,
        "report" => Command::Report {
            materials: materials(),
        },
        "resubmit" => Command::Resubmit {
            materials: materials(),
        },
        "ask_recheck" => Command::AskScoreRecheck {
            part: part("ask_recheck_part")?,
            reason: sent.one("reason"),
        },
        "answer_recheck" => Command::AnswerScoreRecheck {
            part: part("answer_recheck_part")?,
            score: sent.one("score").parse().ok()?,
        },
        "accept" => Command::Accept,
        "return" => Command::Return {
            missing: sent.lines("missing"),
        },
        "refuse" => Command::Refuse {
            ground: sent.ground(),
        },
        "review" => Command::Review,
        "approve" => Command::Approve,
        "reject" => Command::Reject {
            ground: sent.ground(),
        },
        "make" => Command::Make {
            batch: sent.one("batch"),
        },
        "issue" => Command::Issue,
        "print" => Command::Print,
        "deliver" => Command::Deliver,
        _ => return timed(sent),
    })
}

/// What stops the decision's limit or adds to it. What is no day and no number is refused as one
/// that was not told.
fn timed(sent: &Sent) -> Option<Command> {
    Some(match sent.one("command").as_str() {
        "begin_procedure" => Command::BeginProcedure {
            procedure: procedure(&sent.one("procedure"))?,
            until: sent.one("until").parse().unwrap_or(Date::ZERO),
            notice: sent.one("notice"),
        },
        "end_procedure" => Command::EndProcedure,
        "extend" => Command::Extend {
            days: sent.one("days").parse().unwrap_or(0),
            head: sent.one("head"),
            reason: sent.one("extend_reason"),
        },
        other => return stops::command(other, &|field| sent.one(field), sent.ground()),
    })
}

/// Does one thing to the marked cases, and tells for each what became of it.
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let sent = Sent { fields };
    let which = Which {
        state: sent.one("state"),
        session: sent.one("session"),
        due: sent.one("due"),
    };
    let t = app.sentences(visitor.lang);
    let cases = sent.cases();
    let Some(command) = command(&sent) else {
        return Err(Trouble::Malformed);
    };
    if cases.is_empty() {
        return page_of(
            &app,
            &visitor,
            which,
            vec![(String::new(), t.say("cases-none-marked"))],
        )
        .await;
    }
    let command = match command {
        Command::Make { batch } if batch.is_empty() => Command::Make {
            batch: format!("B{}", clock::today().strftime("%Y%m%d")),
        },
        other => other,
    };
    let done = app
        .run(move |r| r.command(&cases, &command, &officer, clock::now()))
        .await?;
    let told: Vec<_> = done
        .into_iter()
        .map(|d| {
            let sentence = match d.state {
                Ok(word) => t.say(&format!("state-{}", word.replace('_', "-"))),
                Err(refusal) => t.say(&format!("refusal-{}", refusal.code().replace('_', "-"))),
            };
            (d.case.to_string(), sentence)
        })
        .collect();
    let mut response = page_of(&app, &visitor, which, told).await?;
    *response.status_mut() = StatusCode::OK;
    Ok(response)
}

impl Cases<'_> {
    /// The days one may ask for.
    fn whens(&self) -> [(&'static str, String); 4] {
        [
            ("", self.f.s("cases-any-day")),
            ("week", self.f.s("cases-week")),
            ("soon", self.f.s("cases-soon")),
            ("passed", self.f.s("cases-passed")),
        ]
    }

    /// Of a list there are none to choose from: a ground is for one person.
    fn grounds(&self, _command: &str) -> Vec<stops::Choice> {
        Vec::new()
    }

    fn code<T: serde::Serialize>(&self, value: &T) -> String {
        page::code(value)
    }
}

#[derive(Template)]
#[template(path = "console/case.html")]
struct CasePage<'a> {
    f: Frame<'a>,
    file: CaseFile,
    item: String,
    institution: String,
    authority: String,
    commands: Vec<&'static str>,
    /// When it can be looked up nationwide, where that can be said.
    expected: Option<expected::Told>,
    /// What stops its card, or takes it to another authority.
    stops: stops::Shown,
}

impl CasePage<'_> {
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
        story::told(&self.f, &event.act)
    }

    /// The limits of the law at work in it.
    fn deadlines(&self) -> Vec<deadlines::Told> {
        let all = self.file.deadlines.iter();
        all.map(|d| deadlines::told(self.f.t, d)).collect()
    }

    /// What the next officer must know: the list of what is missing, a ground, an open re-check.
    fn standing(&self) -> Vec<(String, Vec<String>)> {
        story::standing(&self.f, &self.file.case.state)
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
    let file = app.run(move |r| r.case_file(&asking, id, today)).await?;
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
    commands.retain(|c| stops::leaves(&file.case, &officer, c));
    let stops = stops::Shown::of(&app, &file.case, &officer);
    let f = Frame::new(&app, &visitor, "case-title");
    let expected = app.expected_of(&file.case, today);
    Ok(page::html(&CasePage {
        expected: expected.map(|e| app.tell(f.t, &e, ("when", None))),
        f,
        file,
        item,
        institution,
        authority,
        commands,
        stops,
    }))
}
