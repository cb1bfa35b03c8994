//! Random walks through the law: whatever a few people try, in any order, what came of it holds.

use std::collections::BTreeSet;

use domain::{
    case::{Case, State},
    event::{Act, Event, legal_day},
    office::By,
    verdict::Kind,
};
use jiff::civil::date;
use proptest::prelude::*;

use super::{
    acts::{every, grant},
    story::{Story, duty, later},
};

/// Few enough that they meet themselves, enough for a chain to come to its end.
const PEOPLE: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Who did an act, of the acts with this word.
fn who<'a>(events: &'a [Event], kinds: &[&str]) -> BTreeSet<&'a str> {
    events
        .iter()
        .filter(|e| kinds.contains(&e.act.kind()))
        .map(|e| e.by.officer.as_str())
        .collect()
}

/// Tries what was drawn; what the law refuses leaves the case as it was.
fn walk(steps: &[(usize, usize, i64)]) -> Story {
    let mut story = Story::of(Kind::Initial, date(2026, 11, 2));
    for (what, officer, days) in steps {
        let day = legal_day(later(story.case.last, *days));
        let acts = every(day, &grant(day));
        let likely = likely(&story.case.state);
        // Every third try is anything at all, the others are what may follow.
        let act = match likely.get(what % (likely.len() + 1)) {
            Some(kind) => acts.iter().find(|act| act.kind() == *kind),
            None => acts.get(what % acts.len()),
        };
        let act: Act = act.expect("an act").clone();
        let by = By {
            officer: PEOPLE[officer % PEOPLE.len()].into(),
            ..duty(&act)
        };
        if let Ok((case, event)) = story.tries(act, by, *days) {
            story.case = case;
            story.events.push(event);
        }
    }
    story
}

fn likely(state: &State) -> &'static [&'static str] {
    match state {
        State::Registered => &["theory_scored", "practical_scored", "enrolled"],
        State::Examined => &["theory_scored", "practical_scored", "scores_confirmed"],
        State::Confirmed { .. } => &["practical_scored", "score_rechecked", "reported"],
        State::Reported { .. } => &["accepted", "returned", "deemed_accepted"],
        State::Returned { .. } => &["resubmitted"],
        State::Accepted { .. } => &["reviewed", "procedure_begun", "procedure_ended"],
        State::Reviewed { .. } => &["approved", "procedure_ended", "decision_extended"],
        State::Approved { .. } => &["made"],
        State::Made { .. } => &[
            "certificate_issued",
            "withheld",
            "withholding_ended",
            "annulled",
        ],
        State::Issued { .. } => &["printed", "delivered", "card_spoiled"],
        State::Refused { .. } | State::Rejected { .. } | State::Annulled { .. } | State::Closed => {
            &["closed"]
        }
    }
}

proptest! {
    #[test]
    fn what_came_of_it_holds(
        steps in proptest::collection::vec((0_usize..90, 0_usize..5, 0_i64..9), 0..60)
    ) {
        let story = walk(&steps);
        let events = &story.events;

        // The events alone give the same case again, also when they were kept and read.
        let mut folded: Option<Case> = None;
        for event in events {
            let read = Event::from_bytes(&event.to_bytes()).expect("what was written");
            prop_assert_eq!(&read, event);
            folded = Some(match folded {
                None => Case::begun(&read).expect("a beginning"),
                Some(case) => case.after(&read).expect("what was lawful once"),
            });
        }
        prop_assert_eq!(folded.as_ref(), Some(&story.case));
        let kept = serde_json::to_string(&story.case).expect("a case");
        let read: Case = serde_json::from_str(&kept).expect("the case");
        prop_assert_eq!(&read, &story.case);

        // One limit runs at most, and nothing was decided while it stood still.
        let timing = &story.case.timing;
        let ended = timing.spans.iter().rev().skip(1).all(|span| span.end.is_some());
        prop_assert!(ended, "{:?}", timing);
        if let Some(pause) = timing.paused() {
            let word = story.case.state.word();
            prop_assert!(word == "accepted" || word == "reviewed", "{:?} in {}", pause, word);
        }

        // Whoever confirmed had entered nothing; the two who decide are two and did neither.
        let entered = who(
            events,
            &["theory_scored", "practical_scored", "practical_assessed", "score_recheck_asked"],
        );
        let confirmed = who(events, &["scores_confirmed", "score_rechecked"]);
        let reviewed = who(events, &["reviewed"]);
        let decided = who(events, &["approved", "rejected"]);
        for one in &decided {
            prop_assert!(!reviewed.contains(one));
        }
        for one in reviewed.union(&decided) {
            prop_assert!(!entered.contains(one) && !confirmed.contains(one));
        }
        // Whoever holds a card back does not annul the approval, and nothing goes on meanwhile.
        let mut withheld = None;
        for event in events {
            match &event.act {
                Act::Withheld(_) => withheld = Some(&event.by.officer),
                Act::WithholdingEnded { .. } => withheld = None,
                Act::Annulled(_) => prop_assert_ne!(withheld.take(), Some(&event.by.officer)),
                Act::Printed | Act::Delivered { .. } => prop_assert_eq!(withheld, None),
                act => prop_assert!(act.grant().is_none() || withheld.is_none()),
            }
        }
        if story.case.state.certificate().is_some() {
            let people = [&entered, &confirmed, &reviewed, &decided];
            prop_assert!(people.iter().all(|p| !p.is_empty()));
            let all: BTreeSet<_> = people.into_iter().flatten().collect();
            prop_assert!(all.len() >= 4);
        }
    }
}

/// The walks get somewhere: else the property above would hold of nothing.
#[test]
fn a_walk_can_reach_the_end() {
    let mut steps = Vec::new();
    for officer in [0, 0, 1, 0, 2, 2, 3, 4, 4, 4, 4] {
        steps.push(officer);
    }
    let whats = [0, 1, 2, 2, 0, 0, 0, 0, 0, 0, 1];
    let steps: Vec<_> = whats.iter().zip(steps).map(|(w, o)| (*w, o, 1)).collect();
    let story = walk(&steps);
    assert!(
        story.case.state.certificate().is_some(),
        "{}",
        story.case.state.word()
    );
}
