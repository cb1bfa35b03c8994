//! The demonstration answers as its samples say.

use std::sync::Arc;

use domain::{
    document::{DocType, Document},
    name::Name,
    verdict::Certainty,
};

use super::*;
use crate::registry::{Around, Narrowed, Query};

/// Every sample is answered as it says, with the ticket and without, and nothing is at fault.
#[test]
fn every_situation_is_answered_as_the_table_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, tour) = open_or_make(folder.path(), 0, 3, &mut |_, _| {}).expect("made");
    let checked = node.registry.check(&mut |_, _| {}).expect("checked");
    assert_eq!(checked.faults, []);
    assert!(tour.samples.len() > 30);
    inquiries_stand(&node, &tour);
    answers(node.registry, &tour);
}

fn answers(registry: Registry, tour: &Tour) {
    let registry = Arc::new(registry);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for sample in &tour.samples {
        for ticket in [None, sample.ticket.clone()] {
            let with = ticket.is_some();
            let query = Query {
                category: sample.category,
                document: Document::parse(DocType::ResidentId, &sample.doc_number)
                    .expect("a number"),
                name: Name::parse(&sample.name).expect("a name"),
                ticket,
            };
            let around = Around {
                narrowed: Narrowed {
                    exam_day: sample.add.exam_day,
                    institution: sample.add.institution.clone(),
                    ..Narrowed::default()
                },
                ..Around::default()
            };
            let answer = runtime.block_on(registry.ask_around(&query, clock::now(), &around));
            let answer = answer.expect("an answer").answer;
            assert_eq!(answer.verdict, sample.verdict, "{}", sample.situation);
            let told = answer.progress.first().map(|p| p.stage);
            assert_eq!(told, sample.stage, "{}", sample.situation);
            let fact = with && sample.situation == "details_mismatch";
            assert_eq!(answer.mismatch_is_fact, fact, "{}", sample.situation);
            let causes: Vec<Cause> = answer.causes.iter().map(|w| w.code).collect();
            assert_eq!(causes == [Cause::DetailsMismatch], fact);
            let mut all = answer.causes.iter();
            let late = |w: &&domain::whynot::Weighed| {
                (w.code, w.certainty) == (Cause::InstitutionProblem, Certainty::Certain)
            };
            let wanted = sample.cause == Some(Cause::InstitutionProblem);
            assert_eq!(all.any(|w| late(&w)), wanted, "{}", sample.situation);
            let details = answer.progress.first().and_then(|p| p.details.as_ref());
            if let Some(details) = details {
                let failed = ["not_passed", "refused", "rejected"];
                let says_no = failed.contains(&details.state.as_str());
                assert_eq!(details.cause.is_some(), says_no, "{}", sample.situation);
            }
        }
    }
}

/// One inquiry waits past its limit, one is answered, and both can be followed.
fn inquiries_stand(node: &Node, tour: &Tour) {
    let states = tour.inquiries.iter().map(|i| {
        let reference = i.reference.parse().expect("a reference");
        let passcode = i.passcode.parse().expect("a passcode");
        let tracked = node.registry.track(reference, Some(passcode));
        let tracked = tracked.expect("asked").expect("an inquiry");
        assert!(tracked.proved);
        (
            tracked.state(),
            tracked.due.map(|(day, _)| day < clock::today()),
        )
    });
    let states: Vec<_> = states.collect();
    assert_eq!(states, [("asked", Some(true)), ("answered", None)]);
}

/// With simulated months beside, the samples stay what they are, nothing is at fault, and most of
/// the simulated cases are through.
#[test]
fn a_past_changes_no_answer() {
    let day = date(2026, 11, 24);
    for place in [PLACES[0], PLACES[2]] {
        let calendar = domain::calendar::Calendar::shipped();
        let past = history::cast(40, (3, place), day, &calendar).expect("a past");
        assert_eq!(past.len(), 40);
        let issued = past.iter().filter(|m| m.situation.steps.len() > 7).count();
        assert!((20..40).contains(&issued), "{issued}");
        let exams = past.iter().map(|m| m.exam);
        let (first, last) = (exams.clone().min(), exams.max());
        assert!(first < Some(date(2026, 6, 1)) && last > Some(date(2026, 10, 25)));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let crowd = Crowd {
        people: 0,
        history: 40,
    };
    let made = open_or_make_in(PLACES[0], folder.path(), crowd, 3, &mut |_, _| {});
    let (node, tour) = made.expect("made");
    let checked = node.registry.check(&mut |_, _| {}).expect("checked");
    assert_eq!(checked.faults, []);
    answers(node.registry, &tour);
}

#[test]
fn a_folder_is_made_once_and_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, first) = open_or_make(folder.path(), 0, 3, &mut |_, _| {}).expect("made");
    drop(node);
    let (node, again) = open_or_make(folder.path(), 0, 4, &mut |_, _| {}).expect("opened");
    assert!(node.is_demo());
    assert_eq!(first.api_key, again.api_key);
}
