//! An officer's page of a case: what each event says beside its name, and what stands open.

use domain::{
    case::State,
    event::{Act, Material},
    exam::Part,
    law::Ground,
};

use super::super::page::Frame;

/// What an event says beside its name, one line each.
pub(super) fn told(f: &Frame<'_>, act: &Act) -> Vec<String> {
    match act {
        Act::TheoryScored { on, score, .. } | Act::PracticalScored { on, score, .. } => {
            vec![format!("{on}: {score}")]
        }
        Act::ScoreRecheckAsked { part, reason } => vec![format!("{} {reason}", word(f, *part))],
        Act::ScoreRechecked { part, score } => vec![format!("{} {score}", word(f, *part))],
        Act::Reported { materials } | Act::Resubmitted { materials } => {
            materials.iter().map(material).collect()
        }
        Act::Returned { missing } => missing.clone(),
        Act::Refused(ground) | Act::Rejected(ground) => vec![stated(ground)],
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

fn material(material: &Material) -> String {
    if material.sha256.is_empty() {
        material.title.clone()
    } else {
        format!("{} SHA-256 {}", material.title, material.sha256)
    }
}
