//! From the seat to the score that stands: panels, resits and their tickets, and results that run
//! out.

use domain::{
    case::State,
    event::Act,
    exam::{Machine, Part, Ruling},
    office::{By, Role},
    refusal::Refusal,
    verdict::Kind,
};
use jiff::civil::{Date, date};

use super::{
    acts::{self, record},
    story::{Story, at, by, later},
};

const EXAM: Date = date(2026, 11, 2);

fn named(role: Role, name: &str) -> By {
    By {
        officer: name.into(),
        ..by(role)
    }
}

fn scored(on: Date, score: u8, panel: Ruling) -> Act {
    Act::PracticalScored {
        session: record(9),
        on,
        score,
        panel: Some(panel),
    }
}

/// Theory passed and one mark of two given.
fn one_mark() -> Story {
    let story = Story::of(Kind::Initial, EXAM)
        .then(acts::enrolled(EXAM.tomorrow().expect("a day")))
        .then(acts::theory(EXAM, 90));
    story.then_by(acts::assessed(EXAM, 90), named(Role::Assessor, "one"))
}

fn refused(story: &Story, act: Act, by: By) -> Option<Refusal> {
    story.tries(act, by, 1).err()
}

#[test]
fn nobody_marks_twice_and_nothing_else_scores_meanwhile() {
    let story = one_mark();
    let mark = |name| {
        refused(
            &story,
            acts::assessed(EXAM, 88),
            named(Role::Assessor, name),
        )
    };
    assert_eq!(mark("one"), Some(Refusal::AlreadyAssessed));
    assert_eq!(mark("two"), None);
    let clerk = by(Role::InstitutionClerk);
    let sheet = acts::practical(EXAM, 90);
    assert_eq!(refused(&story, sheet, clerk), Some(Refusal::PanelOpen));
    let lead = by(Role::InstitutionLead);
    let confirm = refused(&story, Act::ScoresConfirmed, lead);
    assert_eq!(confirm, Some(Refusal::PanelOpen));
    let early = scored(EXAM, 90, Ruling::Agreed);
    let early = refused(&story, early, named(Role::Assessor, "one"));
    assert_eq!(early, Some(Refusal::PanelOpen));
}

#[test]
fn a_panel_that_agrees_is_confirmed_by_another() {
    let two = || named(Role::Assessor, "two");
    let story = one_mark().then_by(acts::assessed(EXAM, 86), two());
    let stands = story.then_by(scored(EXAM, 88, Ruling::Agreed), two());
    assert_eq!(
        stands.case.exam.last(Part::Practical).map(|a| a.score),
        Some(88)
    );
    assert_eq!(stands.case.panel, None);
    for name in ["one", "two"] {
        let same = named(Role::InstitutionLead, name);
        let found = refused(&stands, Act::ScoresConfirmed, same);
        assert_eq!(found, Some(Refusal::SecondPersonRequired), "{name}");
    }
    let passed = stands.then(Act::ScoresConfirmed);
    assert_eq!(passed.case.state.word(), "passed");
}

#[test]
fn what_differs_is_resolved_by_the_lead() {
    let story = one_mark().then_by(acts::assessed(EXAM, 70), named(Role::Assessor, "two"));
    let reason = || Ruling::Resolved {
        reason: "the film shows it".into(),
    };
    let one = named(Role::InstitutionLead, "one");
    let found = refused(&story, scored(EXAM, 80, reason()), one);
    assert_eq!(found, Some(Refusal::SecondPersonRequired));
    let agreed = scored(EXAM, 80, Ruling::Agreed);
    let found = refused(&story, agreed, named(Role::Assessor, "two"));
    assert_eq!(found, Some(Refusal::ScoreDiffers));
    let stands = story.then(scored(EXAM, 82, reason()));
    // Who chose between two scores of others may confirm: he entered none.
    let passed = stands.then(Act::ScoresConfirmed);
    assert_eq!(passed.case.state.word(), "passed");
}

#[test]
fn no_practical_without_theory() {
    let story = Story::of(Kind::Initial, EXAM);
    let mark = || acts::assessed(EXAM, 90);
    let found = refused(&story, mark(), by(Role::Assessor));
    assert_eq!(found, Some(Refusal::TheoryNotPassed));
    let failed = story.then(acts::theory(EXAM, 79));
    let found = refused(&failed, mark(), by(Role::Assessor));
    assert_eq!(found, Some(Refusal::TheoryNotPassed));
}

#[test]
fn a_machine_gives_its_own_day() {
    let story = Story::of(Kind::Initial, EXAM);
    let given = |on: Date| Act::TheoryScored {
        session: record(9),
        on: EXAM,
        score: 90,
        machine: Some(Machine {
            name: "07".into(),
            at: at(on),
        }),
    };
    let clerk = || by(Role::InstitutionClerk);
    let found = refused(&story, given(date(2026, 11, 1)), clerk());
    assert_eq!(found, Some(Refusal::SessionDiffers));
    let once = story.then(given(EXAM));
    let again = refused(&once, given(EXAM), clerk());
    assert_eq!(again, Some(Refusal::AlreadyImported));
}

#[test]
fn a_resit_has_a_seat_and_a_ticket_of_its_own() {
    let failed = Story::of(Kind::Initial, EXAM).confirmed(90, 70);
    let ahead = date(2026, 12, 1);
    let seat_at = |session, on, ticket: &str| {
        let Act::Enrolled(mut seat) = acts::enrolled_with(on, ticket) else {
            unreachable!("it is one");
        };
        seat.session = record(session);
        Act::Enrolled(seat)
    };
    let seated = failed.then(seat_at(10, ahead, "T2"));
    assert!(seated.case.has_ticket("T1") && seated.case.has_ticket("T2"));
    assert!(!seated.case.has_ticket("T3"));
    let again = refused(
        &seated,
        seat_at(11, date(2026, 12, 8), "T3"),
        by(Role::InstitutionClerk),
    );
    assert_eq!(again, Some(Refusal::AlreadyEnrolled));
    let given_up = Act::SeatGivenUp {
        session: record(10),
        reason: "ill".into(),
    };
    let free = seated.then(given_up);
    assert_eq!(free.case.seat, None);
    free.then(seat_at(11, date(2026, 12, 8), "T3"));
}

#[test]
fn who_has_used_up_r30_gets_no_seat() {
    let day = date(2026, 3, 2);
    let mut story = Story::of(Kind::Initial, day).confirmed(90, 70);
    let today = story.today();
    story = story
        .then(acts::practical(today, 71))
        .then(Act::ScoresConfirmed);
    let clerk = || by(Role::InstitutionClerk);
    let r30 = refused(&story, acts::enrolled(date(2026, 5, 31)), clerk());
    assert_eq!(r30, Some(Refusal::NoSittingLeft));
    // R19 allows five practicals, and the two count among them.
    let r19 = refused(&story, acts::enrolled(date(2026, 6, 1)), clerk());
    assert_eq!(r19, None);
}

/// 12 months, and the last day still counts.
#[test]
fn a_result_runs_out() {
    let story = Story::of(Kind::Initial, EXAM).confirmed(90, 90);
    let last = date(2027, 11, 2);
    assert_eq!(story.case.exam.counts_until(), Some(last));
    let report = || Act::Reported { materials: vec![] };
    let on = |day: Date, act: Act| {
        let mut moved = story.case.clone();
        moved.last = at(day);
        moved.act(act.clone(), by(act.roles()[0]), at(day))
    };
    assert!(on(last, report()).is_ok());
    let after = last.tomorrow().expect("a day");
    assert_eq!(on(after, report()).err(), Some(Refusal::ResultRunOut));
    // Then it may be sat again, or give way to a new registration; before, it may not.
    let resit = || acts::theory(after, 90);
    assert!(on(after, resit()).is_ok());
    let close = on(after, Act::Closed).map(|(case, _)| case.state);
    assert_eq!(close, Ok(State::Closed));
    assert_eq!(on(last, Act::Closed).err(), Some(Refusal::WrongState));
    let early = story.tries(acts::theory(EXAM, 90), by(Role::InstitutionClerk), 1);
    assert_eq!(early.err(), Some(Refusal::WrongState));
    assert!(later(at(last), 1) > at(last));
}

/// A case whose score is being checked again does not give way to a new one: the answer may be a
/// pass. It could be closed, also by another institution.
#[test]
fn what_is_checked_again_is_not_closed() {
    let asked = Act::ScoreRecheckAsked {
        part: Part::Theory,
        reason: "漏题".into(),
    };
    let story = Story::of(Kind::Initial, EXAM).confirmed(79, 90).then(asked);
    let close = |story: &Story| {
        let (by, act) = (by(Role::InstitutionClerk), Act::Closed);
        story.tries(act, by, 1).map(|(case, _)| case.state)
    };
    assert_eq!(close(&story), Err(Refusal::ScoreRecheckOpen));
    let answer = Act::ScoreRechecked {
        part: Part::Theory,
        score: 79,
    };
    assert_eq!(close(&story.then(answer)), Ok(State::Closed));
}
