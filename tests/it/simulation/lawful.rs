//! What no run may do, whatever the scenario says.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday, date};
use kecha::simulation::{Case, End, Step, What, histories};

use super::{SMALL, parse, play};

/// The step a case was in at the end of a day, told from its events alone.
fn step_on(case: &Case, day: Date) -> Option<Step> {
    let first = case.exam_date <= day;
    let mut step = first.then_some(if Case::without_exam(case.kind) {
        Step::Reporting
    } else {
        Step::Scoring
    });
    for event in case.events.iter().filter(|event| event.on <= day) {
        step = match event.what {
            What::Registered | What::TheoryScored | What::PracticalScored => continue,
            What::ScoresConfirmed if case.end == Some(End::NotPassed) => None,
            What::ScoresConfirmed => Some(Step::Reporting),
            What::Reported | What::Resubmitted => Some(Step::Acceptance),
            What::Returned => Some(Step::Correction),
            What::Accepted => Some(Step::Review),
            What::Reviewed => Some(Step::Approval),
            What::Approved => Some(Step::Making),
            What::Made => Some(Step::Issue),
            What::Granted => Some(Step::Sync),
            What::Rejected | What::Queryable => None,
        };
    }
    step
}

#[test]
fn every_case_that_came_is_somewhere() {
    // The offices stop before they are through.
    let text = SMALL.replace("warm_up = 0", "warm_up = 0\nfollow = 5");
    let (days, play) = play(&parse(&text), 1);
    assert!(play.cases.len() > 900, "{}", play.cases.len());
    for (number, inside) in play.inside.iter().enumerate() {
        let day = days.date(u32::try_from(number).expect("a small number"));
        let mut counted = [0; 9];
        for step in play.cases.iter().filter_map(|case| step_on(case, day)) {
            counted[step as usize] += 1;
        }
        assert_eq!(&counted, inside, "{day}");
    }
    let last = play.inside.last().expect("days");
    let open = play.cases.iter().filter(|case| case.end.is_none()).count();
    let still: u32 = last.iter().sum();
    assert!(open > 100, "{open}");
    assert_eq!(usize::try_from(still), Ok(open));
}

/// How often an office did something on a day.
fn done(cases: &[Case], step: Step) -> BTreeMap<(u16, Date), u32> {
    let mut counts = BTreeMap::new();
    for case in cases {
        for event in &case.events {
            let (of, office) = match event.what {
                What::ScoresConfirmed => (Step::Scoring, case.institution),
                What::Reported => (Step::Reporting, case.institution),
                What::Accepted | What::Returned => (Step::Acceptance, case.authority),
                What::Reviewed => (Step::Review, case.authority),
                What::Approved | What::Rejected => (Step::Approval, case.authority),
                What::Made => (Step::Making, case.authority),
                What::Granted => (Step::Issue, case.authority),
                _ => continue,
            };
            if of == step {
                *counts.entry((office, event.on)).or_default() += 1;
            }
        }
    }
    counts
}

#[test]
fn officers_do_no_more_than_they_can() {
    let (_, play) = play(&parse(SMALL), 2);
    for (step, most, is_scarce) in [
        (Step::Scoring, 18, true),
        (Step::Reporting, 30, true),
        (Step::Acceptance, 9, true),
        (Step::Review, 6, true),
        (Step::Approval, 7, true),
        (Step::Making, 40, false),
        (Step::Issue, 20, true),
    ] {
        let counts = done(&play.cases, step);
        let found = counts.values().copied().max().unwrap_or(0);
        assert!(found <= most, "{step:?}: {found} in a day, {most} can be");
        // A bound that is never reached would be no test of it.
        assert!(!is_scarce || found == most, "{step:?}: at most {found}");
    }
    for load in &play.loads {
        assert!(load.handled <= load.offered, "{load:?}");
    }
}

#[test]
fn a_faster_office_does_more_and_no_more_than_that() {
    let text = SMALL.replace(
        "[[authorities]]",
        "[[authorities]]\npace = { changes = [{ on = 2025-04-01, speed = 2.5 }] }",
    );
    let (_, play) = play(&parse(&text), 2);
    let counts = done(&play.cases, Step::Review);
    let most = |from: Date, until: Date| {
        let inside = counts
            .iter()
            .filter(|((_, day), _)| from <= *day && *day < until);
        inside.map(|(_, count)| *count).max().unwrap_or(0)
    };
    assert_eq!(most(date(2025, 1, 1), date(2025, 4, 1)), 6);
    assert_eq!(most(date(2025, 4, 1), date(2026, 4, 1)), 15);
}

#[test]
fn offices_work_on_their_days() {
    let (days, play) = play(&parse(SMALL), 3);
    let stop = date(2025, 1, 20)..=date(2025, 2, 10);
    let mut made = 0;
    for case in &play.cases {
        for event in &case.events {
            let on = days.number(event.on).expect("a day of the run");
            let at_the_exam = matches!(event.what, What::TheoryScored | What::PracticalScored);
            // The feed's slot comes on every day.
            if !at_the_exam && event.what != What::Queryable {
                assert!(days.is_workday(on), "{event:?}");
            }
            if at_the_exam {
                let weekday = event.on.weekday();
                assert!(matches!(weekday, Weekday::Tuesday | Weekday::Saturday));
                assert!(!days.is_holiday(on), "{event:?}");
                assert_eq!(event.on, case.exam_date);
            }
            let of_authority = !at_the_exam
                && !matches!(
                    event.what,
                    What::Registered
                        | What::ScoresConfirmed
                        | What::Reported
                        | What::Resubmitted
                        | What::Queryable
                );
            assert!(!of_authority || !stop.contains(&event.on), "{event:?}");
            if event.what == What::Made {
                made += 1;
                let fridays = [Weekday::Friday];
                assert!(days.is_batch_day(on, &fridays), "{event:?}");
            }
            if event.what == What::Queryable {
                assert_eq!(event.minute, 120);
            }
        }
    }
    assert!(made > 500, "{made}");
}

/// Friday's batch is made on the next working day when Friday is off.
#[test]
fn a_batch_day_that_is_off_is_made_up_for() {
    let (days, _) = play(&parse(SMALL), 1);
    let fridays = [Weekday::Friday];
    let is = |day| days.is_batch_day(days.number(day).expect("a day"), &fridays);
    assert!(is(date(2025, 3, 28)) && !is(date(2025, 3, 31)));
    // 2025-04-04 is Qingming; Monday the 7th is the next working day.
    assert!(!is(date(2025, 4, 4)) && is(date(2025, 4, 7)) && !is(date(2025, 4, 8)));
}

/// The arrows of `docs/states.md`, as far as a run goes.
fn may_follow(before: Option<What>, what: What) -> bool {
    use What as W;
    matches!(
        (before, what),
        (None, W::Registered)
            | (Some(W::Registered), W::TheoryScored | W::Reported)
            | (Some(W::TheoryScored), W::PracticalScored)
            | (Some(W::PracticalScored), W::ScoresConfirmed)
            | (Some(W::ScoresConfirmed), W::Reported)
            | (
                Some(W::Reported | W::Resubmitted),
                W::Accepted | W::Returned
            )
            | (Some(W::Returned), W::Resubmitted)
            | (Some(W::Accepted), W::Reviewed)
            | (Some(W::Reviewed), W::Approved | W::Rejected)
            | (Some(W::Approved), W::Made)
            | (Some(W::Made), W::Granted)
            | (Some(W::Granted), W::Queryable)
    )
}

#[test]
fn events_come_in_a_lawful_order() {
    let (_, play) = play(&parse(SMALL), 4);
    let mut seen = BTreeMap::new();
    for case in &play.cases {
        let mut before = None;
        let mut at = None;
        for event in &case.events {
            assert!(may_follow(before, event.what), "{case:?}");
            assert!(at.is_none_or(|at| at <= event.at()), "{case:?}");
            before = Some(event.what);
            at = Some(event.at());
            *seen.entry(event.what.word(case.kind)).or_insert(0) += 1;
        }
        let ends = match case.end {
            Some(End::Queryable) => What::Queryable,
            Some(End::NotPassed) => What::ScoresConfirmed,
            Some(End::Rejected) => What::Rejected,
            None => panic!("nothing is left over: {case:?}"),
        };
        assert_eq!(before, Some(ends));
        let exam = case.events.iter().any(|e| e.what == What::TheoryScored);
        assert_eq!(exam, !Case::without_exam(case.kind));
    }
    // Every word but that of a kind which this scenario has not.
    assert_eq!(seen.len(), 17, "{seen:?}");
}

/// The law of 2026 knows no recheck.
#[test]
fn nobody_sits_a_recheck_that_is_not_done_any_more() {
    let text = SMALL.replace("2025-01-06", "2026-05-01");
    let (_, play) = play(&parse(&text), 1);
    let rechecks = play
        .cases
        .iter()
        .filter(|c| c.kind == domain::verdict::Kind::Recheck);
    let last = rechecks.map(|c| c.exam_date).max().expect("some rechecks");
    assert!(last < date(2026, 6, 1), "{last}");
    assert!(
        play.cases
            .iter()
            .any(|c| c.kind == domain::verdict::Kind::Renewal)
    );
}

#[test]
fn a_history_ends_on_its_day() {
    let scenario = parse(SMALL);
    let today = date(2025, 4, 3);
    let told = histories(&scenario, 5, 200, today);
    assert_eq!(told.len(), 200);
    assert!(told.iter().all(|case| case.exam_date <= today));
    let events = || told.iter().flat_map(|case| &case.events);
    assert!(events().all(|event| event.on <= today));
    assert!(events().any(|event| event.on == today));
    let open = told.iter().filter(|case| case.end.is_none()).count();
    assert!((50..200).contains(&open), "{open}");
    // What is told until then is what happens.
    let (_, play) = play(&scenario, 5);
    let began = play
        .cases
        .iter()
        .filter(|case| case.exam_date <= today)
        .count();
    let whole = &play.cases[began - 1];
    let last = told.last().expect("cases");
    assert!(whole.events.starts_with(&last.events));
}

/// What a demonstration asks for: the last people of a province, as of a day it chooses.
#[test]
fn a_history_reaches_any_day() {
    let today = date(2026, 11, 24);
    let scenario = super::shipped("brief").with_start(date(2026, 6, 1));
    let told = histories(&scenario.expect("a scenario"), 1, 500, today);
    assert_eq!(told.len(), 500);
    let newest = told.last().expect("cases").exam_date;
    assert!(newest > date(2026, 11, 20) && newest <= today, "{newest}");
    let numbers = told.iter().map(|case| case.number);
    assert!(numbers.eq(0..500));
}
