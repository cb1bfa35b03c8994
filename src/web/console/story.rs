//! An officer's page of a case: what each event says beside its name, and what stands open; and a
//! case as a line of a queue.

use domain::{
    case::{Case, State},
    catalogue::ItemCode,
    deadline::Course,
    event::{Act, Answered, Material},
    exam::Part,
    law::Ground,
    office::Authorisation,
};

use jiff::civil::Date;

use super::super::{
    deadlines,
    page::{self, Frame},
};
use crate::registry::{CaseLine, sunday};

/// A line of the list.
pub(super) struct Line {
    pub line: CaseLine,
    pub due: String,
    pub left: String,
    /// What is due.
    pub what: String,
    /// `missed`, or `soon` when it is due this week.
    pub risk: &'static str,
}

impl Line {
    pub fn of(line: CaseLine, f: &Frame<'_>, today: Date) -> Self {
        let (mut due, mut left, mut what) = (String::new(), String::new(), String::new());
        let mut risk = "";
        if let Some(deadline) = &line.deadline {
            left = deadlines::left(f.t, deadline);
            what = deadlines::what(f.t, deadline);
            due = deadline.due.map(|day| day.to_string()).unwrap_or_default();
            risk = match (deadline.course, deadline.due) {
                (Course::Missed, _) => "missed",
                (_, Some(day)) if day <= sunday(today) => "soon",
                _ => "",
            };
        }
        Self {
            line,
            due,
            left,
            what,
            risk,
        }
    }
}

/// Whether nothing could come of a command: a procedure is open or is not, or the decision was put
/// off before.
pub(super) fn stands_still(case: &Case, command: &str) -> bool {
    let paused = case.timing.paused().is_some();
    match command {
        "end_procedure" => !paused,
        "extend" => paused || case.timing.extension.is_some(),
        "begin_procedure" | "review" | "approve" | "reject" => paused,
        _ => false,
    }
}

/// What an event says beside its name, one line each.
pub(super) fn told(f: &Frame<'_>, act: &Act) -> Vec<String> {
    match act {
        Act::TheoryScored { on, score, .. } | Act::PracticalScored { on, score, .. } => {
            vec![format!("{on}: {score}")]
        }
        Act::ScoreRecheckAsked { part, reason } => vec![format!("{} {reason}", word(f, *part))],
        Act::ScoreRechecked { part, score } => vec![format!("{} {score}", word(f, *part))],
        Act::Reported { materials } => materials.iter().map(material).collect(),
        Act::Resubmitted { materials, answers } => {
            let answers = answers.iter().map(|a| answer(f, a, materials));
            answers.chain(materials.iter().map(material)).collect()
        }
        Act::OfficeSuspended(ground) | Act::OfficeResumed(ground) => vec![stated(ground)],
        Act::OfficeAuthorised(given) => vec![authorisation(f, given)],
        Act::Returned { missing } => missing.clone(),
        Act::Refused(ground) | Act::Rejected(ground) => vec![stated(ground)],
        Act::ProcedureBegun {
            procedure,
            until,
            notice,
        } => vec![
            f.word("procedure", page::code(procedure)),
            f.s1("event-until", "day", until.to_string()),
            notice.clone(),
        ],
        Act::DecisionExtended { days, head, reason } => vec![
            f.s1("deadline-extended", "n", days.to_string()),
            head.clone(),
            reason.clone(),
        ],
        Act::Made { batch, .. } => vec![batch.clone()],
        _ => Vec::new(),
    }
}

/// What the next officer must know of the state, each with its heading.
pub(super) fn standing(f: &Frame<'_>, state: &State) -> Vec<(String, Vec<String>)> {
    let lines = |key: &str, lines: Vec<String>| vec![(f.s(key), lines)];
    match state {
        State::Confirmed {
            recheck: Some(part),
            ..
        } => lines("case-recheck", vec![word(f, *part)]),
        State::Returned { missing } => lines("details-missing", missing.clone()),
        State::Reported {
            told: Some(told), ..
        } => lines("case-told", told.clone()),
        State::Refused { ground } | State::Rejected { ground, .. } => {
            lines("card-ground", vec![stated(ground)])
        }
        State::Made { batch, .. } => lines("details-batch", vec![batch.clone()]),
        State::Issued { certificate, .. } => {
            lines("case-certificate", vec![certificate.to_string()])
        }
        _ => Vec::new(),
    }
}

fn word(f: &Frame<'_>, part: Part) -> String {
    f.s(match part {
        Part::Theory => "part-theory",
        Part::Practical => "part-practical",
    })
}

fn stated(ground: &Ground) -> String {
    format!("{}（{}）", ground.words, ground.article)
}

/// What was answered to an item of the list.
pub(super) fn answer(f: &Frame<'_>, answered: &Answered, materials: &[Material]) -> String {
    let added = materials.iter().find(|m| m.sha256 == answered.sha256);
    let added = added.filter(|_| !answered.sha256.is_empty());
    let parts = [
        Some(answered.words.as_str()),
        added.map(|m| m.title.as_str()),
    ];
    let said: Vec<_> = parts
        .into_iter()
        .flatten()
        .filter(|s| !s.is_empty())
        .collect();
    let said = said.join(" · ");
    let holes = [("item", &*answered.item), ("said", &*said)];
    f.t.with("materials-answer", &holes)
}

/// An authorisation in one line.
pub(super) fn authorisation(f: &Frame<'_>, given: &Authorisation) -> String {
    let items: Vec<_> = given.items.iter().map(ItemCode::as_str).collect();
    let (from, until) = (given.from.to_string(), given.until.to_string());
    let holes = [
        ("number", &*given.number),
        ("from", &*from),
        ("until", &*until),
        ("items", &*items.join(", ")),
    ];
    f.t.with("office-authorised-line", &holes)
}

fn material(material: &Material) -> String {
    if material.sha256.is_empty() {
        material.title.clone()
    } else {
        format!("{} SHA-256 {}", material.title, material.sha256)
    }
}
