//! The authority's side of a report: what it may ask for, on what ground it is not accepted, by when
//! silence is acceptance, and what is told of many cases at once.

use domain::{
    acceptance_ground,
    case::{Case, State},
    deadline::{Course, Duty},
    law::{self, Ground, grounds},
    material::{self, MaterialKind},
};

use super::super::page::Frame;
use crate::registry::{CaseFile, Done};

/// What may be asked for: the first time what the law of the report's day asks for, later only what
/// the first list named.
pub(super) fn choices(case: &Case) -> Vec<String> {
    match &case.state {
        State::Reported {
            told: Some(told), ..
        } => told.clone(),
        State::Reported { on, .. } => {
            let r = &case.registration;
            let needs = material::needed(law::on(*on).name, r.kind, r.category, &r.item);
            needs.iter().map(|n| n.kind.title().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// The complete list: what was ticked, then what was written, each once.
pub(super) fn list(ticked: Vec<String>, written: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for item in ticked.into_iter().chain(written) {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

/// A listed ground with the words added to it; else the one that was written. One of the law's own
/// list goes by its code: the law of the act gives its article, its words and its ban.
pub(super) fn ground(code: &str, written: Ground) -> Ground {
    if grounds::ALL.iter().any(|entry| entry.code == code) {
        return Ground::of(code, &written.words);
    }
    acceptance_ground::chosen(code, &written.words).unwrap_or(written)
}

/// By when a report is deemed accepted, while nobody has answered it.
pub(super) fn silence(f: &Frame<'_>, file: &CaseFile) -> Option<String> {
    let runs =
        |d: &&domain::deadline::Deadline| d.duty == Duty::Accept && d.course == Course::Running;
    let limit = file.deadlines.iter().rev().find(runs)?;
    let (due, left) = (limit.due?.to_string(), limit.left?.to_string());
    let holes = [("day", &*due), ("n", &*left)];
    Some(f.t.with("case-silence", &holes))
}

/// How a block stands out, its role, and its lines.
type Block<'t> = (&'static str, &'static str, &'t [(String, String)]);

/// What became of the cases that were marked: the case, and what is said of it.
#[derive(Default)]
pub(super) struct Told {
    pub done: Vec<(String, String)>,
    /// What was refused stands apart, so that nobody takes it for done.
    pub left: Vec<(String, String)>,
}

impl Told {
    /// Nothing was done, for this reason.
    pub(super) fn nothing(why: String) -> Self {
        let left = vec![(String::new(), why)];
        Self {
            left,
            ..Self::default()
        }
    }

    /// Both as the page shows them: how each stands out, its role, its lines.
    pub(super) fn both(&self) -> [Block<'_>; 2] {
        [
            ("wrong", "alert", &self.left),
            ("right", "status", &self.done),
        ]
    }
}

/// How many of many were done, in a line before the lines of each.
pub(super) fn summary(f: &Frame<'_>, done: &[Done]) -> Vec<(String, String)> {
    if done.len() < 2 {
        return Vec::new();
    }
    let good = done.iter().filter(|d| d.state.is_ok()).count();
    let (good, left) = (good.to_string(), (done.len() - good).to_string());
    let holes = [("n", &*good), ("left", &*left)];
    vec![(String::new(), f.t.with("cases-summary", &holes))]
}

/// Why a case was not done, with what it lacks.
pub(super) fn why(f: &Frame<'_>, why: String, lacking: &[MaterialKind]) -> String {
    if lacking.is_empty() {
        return why;
    }
    let kinds: Vec<_> = lacking
        .iter()
        .map(|k| f.word("material", k.code()))
        .collect();
    let what = kinds.join(", ");
    format!("{why} {}", f.s1("materials-lacking-these", "what", what))
}
