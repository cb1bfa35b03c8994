//! An officer's page of a case: what each event says beside its name, and what stands open; and a
//! case as a line of a queue.

use domain::{
    case::{Case, State},
    catalogue::ItemCode,
    deadline::Course,
    event::{Act, Answered, Material},
    exam::{Outcome, Part, Ruling},
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
    /// A procedure is open: nothing is decided until it has ended.
    pub held: bool,
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
            held: line.case.timing.paused().is_some(),
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
        Act::Enrolled(_)
        | Act::SeatGivenUp { .. }
        | Act::TicketGiven { .. }
        | Act::TheoryScored { .. }
        | Act::PracticalAssessed { .. }
        | Act::PracticalScored { .. } => sat(f, act),
        Act::ScoreRecheckAsked { part, reason } => vec![format!("{} {reason}", word(f, *part))],
        Act::ScoreRechecked { part, score } => vec![format!("{} {score}", word(f, *part))],
        Act::Reported { materials } => materials.iter().map(material).collect(),
        Act::Resubmitted { materials, answers } => {
            let answers = answers.iter().map(|a| answer(f, a, materials));
            answers.chain(materials.iter().map(material)).collect()
        }
        Act::OfficeSuspended(ground) | Act::OfficeResumed(ground) => vec![stated(f, ground)],
        Act::OfficeAuthorised(given) => vec![authorisation(f, given)],
        Act::Returned { missing } => missing.clone(),
        Act::Refused(ground) | Act::Rejected(ground) => vec![stated(f, ground)],
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
        other => afterwards(f, other),
    }
}

/// The same of what is done after the issue, or to a card that is made.
fn afterwards(f: &Frame<'_>, act: &Act) -> Vec<String> {
    match act {
        Act::Suspended(ground)
        | Act::Cancelled(ground)
        | Act::Withheld(ground)
        | Act::Annulled(ground) => vec![stated(f, ground)],
        Act::Revoked {
            ground,
            banned_until,
        } => {
            let ban = banned_until.map(|day| f.s1("after-banned", "day", day.to_string()));
            [Some(stated(f, ground)), ban]
                .into_iter()
                .flatten()
                .collect()
        }
        Act::Corrected {
            holder,
            evidence,
            sha256,
            ..
        } => {
            let mut lines = vec![holder.name.expose().to_owned(), evidence.clone()];
            if !sha256.is_empty() {
                lines.push(format!("SHA-256 {sha256}"));
            }
            lines
        }
        Act::ChangeProposed(act) => {
            let mut lines = vec![f.word("event", act.kind())];
            lines.extend(afterwards(f, act));
            lines
        }
        Act::ReviewExtended { years, evidence } => {
            let years = f.s1("after-years-told", "n", years.to_string());
            vec![years, evidence.clone()]
        }
        Act::TransferOffered { to, tie, reason } => {
            let tie = tie.map(|tie| f.word("tie", page::code(&tie)));
            let lines = [Some(to.to_string()), tie, Some(reason.clone())];
            lines.into_iter().flatten().collect()
        }
        Act::ProposalDeclined { reason }
        | Act::WithholdingEnded { reason }
        | Act::TransferDeclined { reason } => vec![reason.clone()],
        _ => Vec::new(),
    }
}

/// What an event of the exam says; of a score also where it comes from.
fn sat(f: &Frame<'_>, act: &Act) -> Vec<String> {
    match act {
        Act::Enrolled(seat) => {
            let mut lines = vec![
                format!("{} · {} {}", seat.on, f.s("session-seat"), seat.seat),
                format!("{} {}", f.s("case-ticket"), seat.ticket),
            ];
            if let Some(schooling) = seat.schooling {
                lines.push(f.word("schooling", schooling.code()));
            }
            let law = domain::law::on(seat.on);
            for code in &seat.remarks {
                let key = format!("eligible-{}", code.as_str().replace('_', "-"));
                lines.push(f.s1(&key, "source", law.title));
            }
            lines
        }
        Act::SeatGivenUp { reason, .. } => vec![reason.clone()],
        Act::TicketGiven { ticket } => vec![ticket.clone()],
        Act::TheoryScored {
            on, score, machine, ..
        } => vec![
            format!("{on}: {score}"),
            match machine {
                Some(machine) => {
                    let told = format!("{} {}", machine.name, page::moment(machine.at));
                    f.s1("scored-by-machine", "what", told)
                }
                None => f.s("scored-by-sheet"),
            },
        ],
        Act::PracticalAssessed { on, score, .. } => vec![format!("{on}: {score}")],
        Act::PracticalScored {
            on, score, panel, ..
        } => vec![
            format!("{on}: {score}"),
            match panel {
                None => f.s("scored-by-sheet"),
                Some(Ruling::Agreed) => f.s("scored-by-panel"),
                Some(Ruling::Resolved { reason }) => f.s1("scored-by-lead", "why", reason),
            },
        ],
        _ => Vec::new(),
    }
}

/// What the next officer must know of the state, each with its heading.
pub(super) fn standing(f: &Frame<'_>, case: &Case) -> Vec<(String, Vec<String>)> {
    let lines = |key: &str, lines: Vec<String>| vec![(f.s(key), lines)];
    match &case.state {
        State::Confirmed {
            recheck: Some(part),
            ..
        } => lines("case-recheck", vec![word(f, *part)]),
        State::Confirmed {
            outcome: Outcome::Passed,
            ..
        } => match case.exam.counts_until() {
            Some(last) => lines("case-counts-until", vec![last.to_string()]),
            None => Vec::new(),
        },
        State::Returned { missing } => lines("details-missing", missing.clone()),
        State::Reported {
            told: Some(told), ..
        } => lines("case-told", told.clone()),
        State::Refused { ground }
        | State::Rejected { ground, .. }
        | State::Annulled { ground, .. } => lines("card-ground", vec![stated(f, ground)]),
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

/// A ground with its article as the page's language cites it.
pub(super) fn stated(f: &Frame<'_>, ground: &Ground) -> String {
    let article = deadlines::source(f.t, &ground.article);
    let stated = format!("{}（{article}）", ground.words);
    if ground.addition.is_empty() {
        stated
    } else {
        format!("{stated} {}", ground.addition)
    }
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
