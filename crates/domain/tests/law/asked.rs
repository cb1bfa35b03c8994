//! What each asker is told: the public with number and name, and whoever has the ticket too.

use domain::{
    calendar::Calendar,
    case::Case,
    catalogue::{Category, ItemCode},
    certificate::Certificate,
    dossier::Dossier,
    event::{Act, Event},
    exam::Part,
    law,
    office::OfficeCode,
    record::RecordId,
    tell::{Asked, Context, answer},
    verdict::{Answer, Cause, Kind, NextStep, Note, ProgressShown, Remedy, Stage, Verdict},
    whynot::{Copied, Facts},
};
use jiff::civil::{Date, date};

use super::{
    acts::{self, ground},
    story::{Story, at, changed, duty},
};

const EXAM: Date = date(2026, 11, 2);
const TODAY: Date = date(2026, 11, 23);

/// How the question is put.
#[derive(Clone, Copy, Default)]
struct How<'a> {
    ticket: Option<&'a str>,
    of_another: bool,
    behind: bool,
    quarantined: bool,
}

const PUBLIC: How<'_> = How {
    ticket: None,
    of_another: false,
    behind: false,
    quarantined: false,
};
const TICKET: How<'_> = How {
    ticket: Some("T1"),
    ..PUBLIC
};

fn ask(dossier: Option<&Dossier>, category: Category, how: How<'_>) -> Answer {
    let calendar = Calendar::shipped();
    let office_name = |code: &OfficeCode| code.to_string();
    let office_telephone = |code: &OfficeCode| format!("tel {code}");
    let item_name = |code: &ItemCode| code.as_str().to_owned();
    let quarantined = |_: RecordId| how.quarantined;
    let context = Context {
        today: TODAY,
        calendar: &calendar,
        office_name: &office_name,
        office_telephone: &office_telephone,
        item_name: &item_name,
        quarantined: &quarantined,
    };
    let copies = how.behind.then(|| Copied {
        province: "91".into(),
        complete_to: at(EXAM),
    });
    let asked = Asked {
        category,
        ticket: how.ticket,
        facts: Facts {
            now: at(TODAY),
            ticket_is_own: false,
            ticket_is_anothers: how.of_another,
            exam_day: None,
            usual: None,
            item: None,
            province: None,
            institution: None,
            copies: copies.as_slice(),
        },
    };
    answer(dossier, &asked, &context)
}

fn causes(answer: &Answer) -> Vec<Cause> {
    answer.causes.iter().map(|w| w.code).collect()
}

fn of(case: &Case) -> Dossier {
    let mut dossier = Dossier::default();
    dossier.put_case(case.clone());
    dossier
}

/// The one case of the answer.
fn progress(story: &Story, how: How<'_>) -> ProgressShown {
    let dossier = of(&story.case);
    let mut answer = ask(Some(&dossier), Category::SpecialOperation, how);
    assert_eq!(answer.verdict, Verdict::InProgress);
    assert!(answer.certificates.is_empty() && answer.causes.is_empty());
    assert_eq!(answer.progress.len(), 1);
    answer.progress.remove(0)
}

fn new() -> Story {
    Story::of(Kind::Initial, EXAM)
}

fn returned() -> Story {
    new().reported().then(Act::Returned {
        missing: vec!["照片".into()],
    })
}

fn in_qualification() -> Vec<(&'static str, Story)> {
    vec![
        ("reported", new().reported()),
        ("returned", returned()),
        (
            "reported",
            returned().then(Act::Resubmitted {
                materials: vec![],
                answers: vec![],
            }),
        ),
        ("refused", new().reported().then(Act::Refused(ground()))),
        ("accepted", new().accepted()),
        ("reviewed", new().reviewed()),
        ("rejected", new().reviewed().then(Act::Rejected(ground()))),
    ]
}

#[test]
fn before_scores_are_confirmed_the_ticket_is_told_the_same() {
    for story in [new(), new().sat(90, 80), new().sat(30, 0)] {
        let public = progress(&story, PUBLIC);
        assert_eq!(public.stage, Stage::Scoring);
        assert_eq!(public.note, None);
        assert_eq!(public.next_step, NextStep::WaitForScores);
        assert_eq!(public.details, None);
        assert_eq!(progress(&story, TICKET), public);
    }
}

#[test]
fn passed_and_failed_alike_until_the_ticket_is_shown() {
    let (passed, failed) = (new().confirmed(90, 80), new().confirmed(90, 79));
    let public = progress(&passed, PUBLIC);
    assert_eq!(public, progress(&failed, PUBLIC));
    assert_eq!(public.stage, Stage::Scoring);
    assert_eq!(public.note, Some(Note::ResultWithTicket));
    for (story, state, practical, left, step) in [
        (&passed, "passed", 80, None, NextStep::WaitForReport),
        (&failed, "not_passed", 79, Some(4), NextStep::Resit),
    ] {
        let told = progress(story, TICKET);
        let details = told.details.expect("details");
        assert_eq!(details.state, state);
        assert_eq!(
            (details.theory, details.practical),
            (Some(90), Some(practical))
        );
        assert_eq!(details.resits_left, left);
        assert_eq!((told.next_step, told.note), (step, None));
    }
    // Asking for a score to be checked again, and a resit, look the same from outside.
    let asked = Act::ScoreRecheckAsked {
        part: Part::Practical,
        reason: String::new(),
    };
    let resit = failed.clone().then(acts::practical(date(2026, 11, 6), 85));
    for story in [failed.then(asked), resit.clone()] {
        assert_eq!(progress(&story, PUBLIC), public);
    }
    let details = progress(&resit, TICKET).details.expect("details");
    assert_eq!(details.state, "examined");
    assert_eq!(
        (details.theory, details.practical),
        (None, None),
        "not confirmed"
    );
}

#[test]
fn spent_sittings_lead_to_a_new_registration() {
    let mut story = Story::of(Kind::Initial, date(2025, 3, 3)).confirmed(70, 0);
    let day = story.today().tomorrow().expect("a day");
    story = story.then(acts::theory(day, 70)).then(Act::ScoresConfirmed);
    let told = progress(&story, TICKET);
    assert_eq!(told.details.and_then(|d| d.resits_left), Some(0));
    assert_eq!(told.next_step, NextStep::RegisterAgain);
}

#[test]
fn a_decision_is_told_with_the_ticket_alone() {
    let reported = progress(&new().reported(), PUBLIC);
    assert_eq!(reported.stage, Stage::Qualification);
    assert_eq!(reported.note, Some(Note::DetailsWithTicket));
    assert_eq!(reported.next_step, NextStep::WaitForDecision);
    for (state, story) in in_qualification() {
        assert_eq!(progress(&story, PUBLIC), reported, "{state}");
        let told = progress(&story, TICKET);
        let details = told.details.expect("details");
        assert_eq!(details.state, state);
        assert_eq!(told.note, None);
        let missing: &[&str] = if state == "returned" {
            &["照片"]
        } else {
            &[]
        };
        assert_eq!(details.missing, missing, "{state}");
        let against = matches!(state, "refused" | "rejected");
        assert_eq!(details.ground.is_some(), against, "{state}");
        let remedies: &[Remedy] = if against {
            &[Remedy::Reconsideration, Remedy::Suit]
        } else {
            &[]
        };
        assert_eq!(details.remedies, remedies, "{state}");
    }
}

#[test]
fn the_batch_is_told_with_the_ticket() {
    let (approved, made) = (new().reviewed().then(Act::Approved), new().made());
    let public = progress(&approved, PUBLIC);
    assert_eq!((public.stage, public.note), (Stage::Making, None));
    assert_eq!(progress(&made, PUBLIC), public);
    let batch = |story| progress(story, TICKET).details.and_then(|d| d.batch);
    assert_eq!(batch(&approved), None);
    assert_eq!(batch(&made).as_deref(), Some("2026-7"));
}

#[test]
fn what_is_held_back_is_told_to_nobody() {
    let all = in_qualification().into_iter().map(|(_, story)| story);
    for story in all.chain([new(), new().confirmed(90, 80), new().made()]) {
        let held = How {
            quarantined: true,
            ..PUBLIC
        };
        let public = progress(&story, held);
        assert_eq!(public.note, Some(Note::UnderVerification));
        assert_eq!(public.details, None);
        let ticket = How {
            ticket: Some("T1"),
            ..held
        };
        assert_eq!(progress(&story, ticket), public);
    }
}

fn issued() -> (Dossier, Certificate, Event) {
    let story = new().issued();
    let issue = story.events.last().expect("the issue").clone();
    let certificate = Certificate::begun(&issue).expect("a certificate");
    let mut dossier = of(&story.case);
    dossier.put_certificate(certificate.clone());
    (dossier, certificate, issue)
}

#[test]
fn a_certificate_is_found_and_its_ground_told_with_the_ticket() {
    let (mut dossier, certificate, issue) = issued();
    for (act, status) in [
        (Act::Suspended(ground()), "Suspended"),
        (acts::revoked(TODAY), "Revoked"),
        (acts::cancelled(TODAY), "Cancelled"),
    ] {
        let changed = changed(&certificate, act, TODAY).expect(status);
        dossier.put_certificate(changed);
        for (how, told) in [(PUBLIC, false), (TICKET, true)] {
            let answer = ask(Some(&dossier), Category::SpecialOperation, how);
            assert_eq!(answer.verdict, Verdict::Found);
            assert!(answer.progress.is_empty() && answer.causes.is_empty());
            let card = &answer.certificates[0];
            assert_eq!(format!("{:?}", card.status), status);
            assert_eq!(card.ground.is_some(), told, "{status}");
            assert_eq!(Some(&card.number), issue.act.grant().map(|g| &g.number));
        }
    }
    let another = How {
        ticket: Some("T2"),
        ..PUBLIC
    };
    let answer = ask(Some(&dossier), Category::SpecialOperation, another);
    assert_eq!(answer.certificates[0].ground, None);
}

#[test]
fn a_running_case_stands_beside_what_is_found() {
    let (mut dossier, _, _) = issued();
    let mut registration = acts::registration(Kind::Reissue);
    registration.ticket = "T2".into();
    let act = Act::Registered(Box::new(registration.clone()));
    let id = RecordId::from_raw(50);
    let begun = Case::register(id, registration, TODAY, duty(&act), at(TODAY));
    dossier.put_case(begun.expect("a case").0);
    let answer = ask(Some(&dossier), Category::SpecialOperation, PUBLIC);
    assert_eq!(answer.verdict, Verdict::Found);
    assert_eq!((answer.certificates.len(), answer.progress.len()), (1, 1));
    assert_eq!(answer.progress[0].kind, Kind::Reissue);
}

/// A miss gives the same causes whatever is known; only a known ticket makes the mismatch a fact.
#[test]
fn a_miss_tells_nothing_but_what_is_possible() {
    let always = [
        Cause::TooEarly,
        Cause::DetailsMismatch,
        Cause::NotPassedOrNotEligible,
        Cause::InstitutionProblem,
    ];
    let (dossier, _, _) = issued();
    let closed = of(&new().confirmed(70, 0).then(Act::Closed).case);
    let nothing = Dossier::default();
    for (dossier, category) in [
        (None, Category::SpecialOperation),
        (Some(&nothing), Category::SpecialOperation),
        (Some(&closed), Category::SpecialOperation),
        (Some(&dossier), Category::SafetyManagement),
    ] {
        for how in [PUBLIC, TICKET] {
            let answer = ask(dossier, category, how);
            assert_eq!(answer.verdict, Verdict::NotFound);
            assert_eq!(causes(&answer), always);
            assert!(!answer.mismatch_is_fact);
        }
    }
    let behind = How {
        behind: true,
        ..PUBLIC
    };
    let answer = ask(None, Category::SpecialOperation, behind);
    assert_eq!(answer.causes.len(), 5);
    assert!(causes(&answer).contains(&Cause::AwaitingSync));
    let of_another = How {
        of_another: true,
        ..TICKET
    };
    let answer = ask(None, Category::SpecialOperation, of_another);
    assert_eq!(causes(&answer), [Cause::DetailsMismatch]);
    assert!(answer.mismatch_is_fact);
    // What is found is not called a mismatch, whosever ticket it was.
    let answer = ask(Some(&dossier), Category::SpecialOperation, of_another);
    assert_eq!(answer.verdict, Verdict::Found);
    assert!(answer.causes.is_empty() && !answer.mismatch_is_fact);
}

/// The limit of a stage counts from the day the case entered it, in working days.
#[test]
fn the_day_by_which_a_stage_must_end() {
    let calendar = Calendar::shipped();
    let pack = law::on(EXAM);
    for (story, days) in [
        (new(), None),
        (new().sat(90, 80), Some(pack.publish_scores.value)),
        (new().confirmed(90, 80), None),
        (
            new().reviewed(),
            Some(pack.accept.value + pack.decide.value),
        ),
        (new().made(), Some(pack.deliver.value)),
    ] {
        let shown = progress(&story, PUBLIC);
        let due = days.map(|d| calendar.add_workdays(shown.since, d.into()).date);
        assert_eq!(shown.due, due, "{}", story.case.state.word());
    }
}
