//! Two pairs of eyes, offices held apart, and the role each act needs.

use domain::{
    batch::Batch,
    event::{Act, Event, legal_day},
    exam::Part,
    law,
    office::{By, Role},
    refusal::Refusal,
    verdict::Kind,
};
use jiff::civil::date;

use super::{
    acts::{self, AUTHORITY, BATCH, every, ground, record},
    story::{Story, at, by, duty, later},
};

/// Each act once, with the roles that may do it.
const ROLES: &str = "
system_admin: office_entered office_authorised office_suspended office_resumed feed_resumed \
    factor_enrolled publication_proposed publication_approved publication_withdrawn
institution_clerk: session_opened sheet_imported registered theory_scored practical_scored \
    score_recheck_asked closed reported resubmitted session_planned session_changed \
    session_cancelled enrolled seat_given_up ticket_given factor_enrolled
institution_lead: scores_confirmed score_rechecked reported resubmitted session_planned \
    session_changed session_cancelled factor_enrolled
assessor: practical_assessed factor_enrolled
acceptance_officer: accepted returned refused inquiry_forwarded inquiry_answered registered closed \
    reported resubmitted transfer_offered transferred transfer_declined factor_enrolled
reviewer: reviewed procedure_begun procedure_ended change_proposed proposal_declined withheld \
    factor_enrolled
approver: approved rejected procedure_begun procedure_ended decision_extended batch_released \
    corrected suspended resumed revoked cancelled change_proposed proposal_declined \
    review_extended withheld withholding_ended annulled factor_enrolled difference_kept
issuer: withheld change_proposed made certificate_issued renewed rechecked replaced reissued printed \
    proposal_declined \
    card_spoiled delivered batch_proposed batch_closed taken_over factor_enrolled
clock: deemed_accepted lapsed feed_held
asker: inquiry_asked inquiry_reopened
security_admin: account_opened role_granted role_withdrawn account_closed factor_reset \
    factor_enrolled
audit_admin: factor_enrolled
machine: account_opened
";

#[test]
fn each_act_needs_its_role() {
    let table: Vec<(&str, Vec<&str>)> = ROLES
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(role, acts)| (role, acts.split_whitespace().collect()))
        .collect();
    let day = date(2026, 11, 2);
    let roles: Vec<Role> = Role::ALL
        .into_iter()
        .chain([Role::Machine, Role::Clock, Role::Asker])
        .collect();
    assert_eq!(roles.len(), table.len());
    for act in every(day, &acts::grant(day)) {
        for role in &roles {
            let (_, may) = table
                .iter()
                .find(|(code, _)| *code == role.code())
                .expect("every role has a line");
            let event = Event {
                at: at(day),
                by: by(*role),
                law: law::on(day).name,
                record: record(1),
                act: act.clone(),
            };
            let wanted = may
                .contains(&act.kind())
                .then_some(())
                .ok_or(Refusal::RoleNotAllowed);
            assert_eq!(event.check_role(), wanted, "{} by {role:?}", act.kind());
        }
    }
}

fn asked() -> Act {
    Act::ScoreRecheckAsked {
        part: Part::Theory,
        reason: String::new(),
    }
}

fn answered() -> Act {
    Act::ScoreRechecked {
        part: Part::Theory,
        score: 91,
    }
}

/// `act` done by somebody who already had a hand in the case under another role.
fn tried_by(story: &Story, officer: &str, act: Act) -> Result<&'static str, Refusal> {
    let by = By {
        officer: officer.into(),
        ..duty(&act)
    };
    story.tries(act, by, 1).map(|(case, _)| case.state.word())
}

/// What was done, where it led, who did it, and what that person may not do now.
fn second_looks() -> Vec<(&'static str, Story, &'static str, Act)> {
    let new = || Story::of(Kind::Initial, date(2026, 11, 2));
    let (clerk, lead) = ("institution_clerk", "institution_lead");
    let rechecked = new().confirmed(90, 80).then(asked());
    let answer = rechecked.clone().then(answered());
    let answer = answer.then(Act::Reported { materials: vec![] });
    let answer = answer.then(Act::Accepted);
    let reject = Act::Rejected(ground());
    vec![
        ("entered", new().sat(90, 80), clerk, Act::ScoresConfirmed),
        ("asked", rechecked, clerk, answered()),
        ("entered", new().accepted(), clerk, Act::Reviewed),
        ("confirmed", new().accepted(), lead, Act::Reviewed),
        ("answered", answer, lead, Act::Reviewed),
        ("entered", new().reviewed(), clerk, Act::Approved),
        ("confirmed", new().reviewed(), lead, Act::Approved),
        ("reviewed", new().reviewed(), "reviewer", Act::Approved),
        ("reviewed", new().reviewed(), "reviewer", reject),
    ]
}

#[test]
fn whoever_had_a_hand_in_it_does_not_look_at_it_again() {
    for (did, story, officer, act) in second_looks() {
        let what = format!("{} by who {did}", act.kind());
        let tried = tried_by(&story, officer, act.clone());
        assert_eq!(tried, Err(Refusal::SecondPersonRequired), "{what}");
        assert!(tried_by(&story, "somebody else", act).is_ok(), "{what}");
    }
}

/// Whoever entered the first sitting is bound by it in a resit that another entered.
#[test]
fn a_resit_frees_nobody() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).confirmed(90, 70);
    let day = legal_day(later(story.case.last, 1));
    let other = By {
        officer: "another clerk".into(),
        ..by(Role::InstitutionClerk)
    };
    let story = story.then_by(acts::practical(day, 85), other);
    for first in ["institution_clerk", "another clerk"] {
        let tried = tried_by(&story, first, Act::ScoresConfirmed);
        assert_eq!(tried, Err(Refusal::SecondPersonRequired), "{first}");
    }
}

#[test]
fn a_take_over_needs_a_second_officer() {
    let day = date(2026, 11, 2);
    let event = |act: Act, by: By| Event {
        at: at(day),
        by,
        law: law::on(day).name,
        record: record(BATCH),
        act,
    };
    let propose = Act::BatchProposed {
        authority: AUTHORITY.into(),
        sha256: String::new(),
        count: 1,
    };
    let batch = Batch::begun(&event(propose, by(Role::Issuer))).expect("a batch");
    let same = By {
        officer: "issuer".into(),
        ..by(Role::Approver)
    };
    let released = batch.clone().after(&event(Act::BatchReleased, same));
    assert_eq!(released.err(), Some(Refusal::SecondPersonRequired));
    assert!(
        batch
            .after(&event(Act::BatchReleased, by(Role::Approver)))
            .is_ok()
    );
}

/// Every step of a whole chain, tried by the same role of an office that the case is not with.
#[test]
fn a_case_belongs_to_its_two_offices() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).issued();
    let mut case = None;
    for event in &story.events {
        let mut stranger = event.clone();
        stranger.by.office = "9999".into();
        let (tried, next) = match case {
            None => (
                domain::case::Case::begun(&stranger).err(),
                domain::case::Case::begun(event),
            ),
            Some(before) => {
                let before: domain::case::Case = before;
                (before.clone().after(&stranger).err(), before.after(event))
            }
        };
        assert_eq!(tried, Some(Refusal::NotThisOffice), "{}", event.act.kind());
        case = Some(next.expect("its own office"));
    }
    assert_eq!(case.as_ref(), Some(&story.case), "the fold is the case");
}

#[test]
fn one_office_does_not_examine_and_decide() {
    let mut registration = acts::registration(Kind::Initial);
    registration.authority = registration.institution.clone();
    let day = date(2026, 11, 2);
    let by = by(Role::InstitutionClerk);
    let begun = domain::case::Case::register(record(1), registration, day, by, at(day));
    assert_eq!(begun.err(), Some(Refusal::NotThisOffice));
}

/// An event dated before the one it follows, or about another record, changes nothing.
#[test]
fn events_come_in_order_and_to_their_own_record() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).sat(90, 80);
    let act = Act::ScoresConfirmed;
    let early = story.tries(act.clone(), duty(&act), -1).err();
    assert_eq!(early, Some(Refusal::OutOfOrder));
    let (_, mut event) = story.tries(act.clone(), duty(&act), 1).expect("confirmed");
    event.record = record(77);
    assert_eq!(story.case.after(&event).err(), Some(Refusal::Unknown));
}
