//! `/console/cases`: what is done to cases, and one case.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State},
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

use super::{
    super::{
        App, Trouble, Visitor, deadlines, expected,
        page::{self, Frame},
    },
    queue::{Which, page_of},
    story,
};
use crate::{
    clock,
    registry::{CaseFile, Command, Officer},
};

/// What can be done to a case in a state, by the code of the command and the role that may.
const COMMANDS: [(&str, &str, &str); 27] = [
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

/// What the form sends: the fields of every command, and any number of cases.
pub(super) struct Sent {
    pub fields: Vec<(String, String)>,
}

/// What belongs to a command and not to the cases it is given to.
const OF_COMMAND: [&str; 2] = ["batch", "materials"];

impl Sent {
    pub fn one(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.trim().to_owned())
            .unwrap_or_default()
    }

    /// What a command to many needs beside the cases.
    pub fn of_command(&self) -> Vec<(String, String)> {
        let own = self.fields.iter();
        let own = own.filter(|(name, value)| {
            OF_COMMAND.contains(&name.as_str()) && !value.trim().is_empty()
        });
        own.cloned().collect()
    }

    pub fn cases(&self) -> Vec<RecordId> {
        self.fields
            .iter()
            .filter(|(n, _)| n == "case")
            .filter_map(|(_, v)| v.parse().ok())
            .collect()
    }

    fn ground(&self) -> Ground {
        Ground {
            article: self.one("article"),
            words: self.one("ground"),
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

pub(super) fn command(sent: &Sent) -> Option<Command> {
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
        _ => return None,
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
    let which = Which::sent(&sent);
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
    page_of(&app, &visitor, which, told).await
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
}

impl CasePage<'_> {
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
    }))
}
