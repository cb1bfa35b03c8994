//! Why not yet: each cause by the facts that decide it.

use domain::{
    calendar::Calendar,
    catalogue::ItemCode,
    law::Ground,
    office::{Authorisation, Office, OfficeCode, OfficeKind},
    verdict::{Cause, Certainty},
    whynot::{Copied, Facts, Found, Held, LastDay, Listed, Reason, Usual, Weighed, weigh},
};
use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, date},
};

use super::story::at;

const TODAY: Date = date(2026, 11, 24);
/// A Tuesday; ten working days later is 17 November.
const EXAM: Date = date(2026, 11, 3);
const LIMIT: Date = date(2026, 11, 17);
const NOTHING: Facts<'_> = Facts {
    now: jiff::Timestamp::UNIX_EPOCH,
    ticket_is_own: false,
    ticket_is_anothers: false,
    exam_day: None,
    usual: None,
    item: None,
    province: None,
    institution: None,
    copies: &[],
};

fn facts<'a>() -> Facts<'a> {
    Facts {
        now: at(TODAY),
        ..NOTHING
    }
}

fn told(facts: &Facts<'_>) -> Vec<Weighed> {
    let all = weigh(facts, &Calendar::shipped());
    for pair in all.windows(2) {
        assert!(pair[0].certainty <= pair[1].certainty, "{all:?}");
    }
    for one in &all {
        assert_eq!((one.code, one.certainty), one.reason.weight());
    }
    all
}

/// The reason of one cause.
fn of(facts: &Facts<'_>, cause: Cause) -> Reason {
    let all = told(facts);
    let mut of = all.into_iter().filter(|w| w.code == cause);
    let one = of.next().expect("the cause is weighed");
    assert!(of.next().is_none(), "once");
    one.reason
}

fn limit() -> LastDay {
    let law = domain::law::on(EXAM).publish_scores;
    assert_eq!(law.value, 10);
    LastDay {
        date: LIMIT,
        workdays: 10,
        source: law.source.into(),
        verified: law.verified,
        provisional: false,
    }
}

fn copy(province: &str, days_old: i64) -> Copied {
    let now = at(TODAY);
    let age = SignedDuration::from_hours(24 * days_old);
    Copied {
        province: province.into(),
        complete_to: now.checked_sub(age).expect("a moment"),
    }
}

fn school() -> Office {
    Office {
        code: "9911".into(),
        name: "第一考试点".into(),
        kind: OfficeKind::Institution,
        telephone: "1".into(),
        reports_to: Some("9901".into()),
        authorisation: Some(Authorisation {
            number: "1".into(),
            items: vec!["2.1".into()],
            from: date(2026, 1, 1),
            until: date(2026, 12, 31),
        }),
        suspended: None,
        past: domain::office::Past::default(),
    }
}

#[test]
fn who_adds_nothing_is_told_what_is_possible() {
    let reasons: Vec<_> = told(&facts()).into_iter().map(|w| w.reason).collect();
    let wanted = [
        Reason::DayUntold,
        Reason::DetailsUnchecked,
        Reason::ResultUntold,
        Reason::InstitutionUntold,
    ];
    assert_eq!(reasons, wanted);
    assert!(reasons.iter().all(|r| r.weight().1 == Certainty::Possible));
}

#[test]
fn too_early_until_eighty_of_a_hundred_are_there() {
    let day = |n: i32| EXAM.checked_add(n.days()).expect("a day");
    let usual = Usual {
        by_50: day(20),
        by_80: day(30),
        by_95: day(40),
        provisional: false,
    };
    let on = |today: Date| {
        let facts = Facts {
            now: at(today),
            exam_day: Some(EXAM),
            usual: Some(usual),
            ..NOTHING
        };
        (
            of(&facts, Cause::TooEarly),
            of(&facts, Cause::NotPassedOrNotEligible),
        )
    };
    let exam_day = EXAM;
    let to_come = (Reason::ExamToCome { exam_day }, Reason::NothingSatYet);
    assert_eq!(on(day(-1)), to_come);
    for (today, again) in [(0, 20), (19, 20), (20, 30), (29, 30), (30, 40)] {
        let within = Reason::WithinUsual {
            look_again: day(again),
            by_80: day(30),
            by_95: day(40),
            provisional: false,
        };
        assert_eq!(within.weight().1, Certainty::Certain);
        assert!(!within.is_overdue(day(today)));
        assert_eq!(on(day(today)), (within, Reason::ResultUntold), "{today}");
    }
    for (today, overdue) in [(31, false), (40, false), (41, true)] {
        let (reason, _) = on(day(today));
        assert_eq!(reason.weight(), (Cause::TooEarly, Certainty::RuledOut));
        assert_eq!(reason.is_overdue(day(today)), overdue, "{today}");
    }
}

#[test]
fn a_ticket_decides_the_mismatch() {
    let own = Facts {
        ticket_is_own: true,
        ..facts()
    };
    let matches = of(&own, Cause::DetailsMismatch);
    assert_eq!(matches, Reason::TicketMatches);
    assert_eq!(matches.weight().1, Certainty::RuledOut);
    // Whatever else is known, it is the only cause.
    let copies = [copy("91", 9)];
    let office = Office {
        suspended: Some(Ground::new("1", "1")),
        ..school()
    };
    let anothers = Facts {
        ticket_is_anothers: true,
        exam_day: Some(EXAM),
        copies: &copies,
        institution: Some(Found::Listed(Listed {
            office: &office,
            home: None,
            session: None,
        })),
        ..facts()
    };
    let reasons: Vec<_> = told(&anothers).into_iter().map(|w| w.reason).collect();
    assert_eq!(reasons, [Reason::RegisteredOtherwise]);
}

#[test]
fn sync_is_a_cause_only_where_copies_are() {
    assert!(told(&facts()).iter().all(|w| w.code != Cause::AwaitingSync));
    let copies = [copy("91", 0), copy("93", 8)];
    let with = |province, exam_day| {
        let facts = Facts {
            province,
            exam_day,
            copies: &copies,
            ..facts()
        };
        of(&facts, Cause::AwaitingSync)
    };
    let old = Reason::CopyOld {
        provinces: vec!["93".into()],
    };
    let ends = Reason::CopyEndsBefore {
        province: "93".into(),
        complete_to: date(2026, 11, 16),
    };
    let unknown = Reason::ProvinceNotFollowed {
        province: "94".into(),
    };
    let (before, after) = (Some(date(2026, 11, 16)), Some(date(2026, 11, 17)));
    let to_come = Some(date(2026, 11, 30));
    for (province, exam_day, wanted) in [
        (None, None, &old),
        (None, after, &old),
        (Some("93"), None, &old),
        (Some("93"), before, &old),
        (Some("93"), after, &ends),
        (Some("93"), to_come, &old),
        (Some("91"), after, &Reason::CopiesCurrent),
        (Some("94"), after, &unknown),
    ] {
        assert_eq!(
            with(province, exam_day),
            *wanted,
            "{province:?} {exam_day:?}"
        );
    }
}

/// An institution as it is found, with what is known of its session.
fn problem(office: &Office, exam_day: Option<Date>, item: &str, session: Option<bool>) -> Reason {
    let item = ItemCode::from(item);
    let session = session.map(|published| Held { published });
    let facts = Facts {
        exam_day,
        item: Some(&item),
        institution: Some(Found::Listed(Listed {
            office,
            home: None,
            session,
        })),
        ..facts()
    };
    of(&facts, Cause::InstitutionProblem)
}

#[test]
fn an_institution_may_or_may_not() {
    let school = school();
    let mut suspended = school.clone();
    suspended.suspended = Some(Ground::new("1", "1"));
    let mut never = school.clone();
    never.authorisation = None;
    for (office, day, item, wanted) in [
        (&school, None, "2.1", Reason::InstitutionInOrder),
        (
            &school,
            Some(date(2026, 11, 25)),
            "2.1",
            Reason::InstitutionInOrder,
        ),
        (&school, None, "1.1", Reason::NotAuthorised),
        (&school, Some(EXAM), "1.1", Reason::NotAuthorised),
        (
            &school,
            Some(date(2025, 12, 31)),
            "2.1",
            Reason::NotAuthorised,
        ),
        (
            &school,
            Some(date(2027, 1, 1)),
            "2.1",
            Reason::NotAuthorised,
        ),
        (&never, None, "2.1", Reason::NotAuthorised),
        (&suspended, Some(EXAM), "2.1", Reason::InstitutionSuspended),
    ] {
        assert_eq!(
            problem(office, day, item, Some(true)),
            wanted,
            "{day:?} {item}"
        );
    }
}

#[test]
fn a_session_is_late_after_the_last_day() {
    let school = school();
    let on = |exam: Date, session| problem(&school, Some(exam), "2.1", session);
    let limit = limit();
    let overdue = Reason::SessionOverdue {
        limit: limit.clone(),
    };
    assert_eq!(on(EXAM, None), overdue);
    assert!(overdue.is_overdue(TODAY));
    assert_eq!(on(EXAM, Some(false)), Reason::ScoresOverdue { limit });
    assert_eq!(on(EXAM, Some(true)), Reason::ScoresPublished);
    // Ten working days after the 10th is today: the last day still counts.
    for exam in [date(2026, 11, 10), TODAY] {
        for (session, waits) in [(None, "session_pending"), (Some(false), "scores_pending")] {
            let reason = on(exam, session);
            assert_eq!(reason.weight().1, Certainty::Possible, "{exam}");
            let code = serde_json::to_value(&reason).expect("JSON");
            assert_eq!(code["reason"], waits);
            assert!(!reason.is_overdue(TODAY));
        }
    }
    let before = on(date(2026, 11, 9), None);
    assert_eq!(before.weight().1, Certainty::Certain);
}

/// What a copy does not reach may have happened.
#[test]
fn of_a_copy_only_what_it_reaches_is_missing() {
    let school = school();
    for (days_old, certain) in [(0, true), (6, true), (7, false), (12, false)] {
        let copies = [copy("91", days_old), copy("92", 100)];
        let facts = Facts {
            exam_day: Some(EXAM),
            copies: &copies,
            institution: Some(Found::Listed(Listed {
                office: &school,
                home: Some("91"),
                session: None,
            })),
            ..facts()
        };
        let reason = of(&facts, Cause::InstitutionProblem);
        let unseen = matches!(reason, Reason::SessionUnseen { .. });
        assert_eq!(
            reason.weight().1 == Certainty::Certain,
            certain,
            "{days_old}"
        );
        assert_eq!(unseen, !certain, "{days_old}: {reason:?}");
        // The other province's copy is nobody's concern here.
        let sync = of(&facts, Cause::AwaitingSync);
        assert_eq!(sync == Reason::CopiesCurrent, days_old == 0, "{sync:?}");
    }
    for (days_old, wanted) in [
        (0, Reason::InstitutionUnlisted),
        (1, Reason::InstitutionUnseen),
    ] {
        let copies = [copy("91", days_old)];
        let facts = Facts {
            copies: &copies,
            institution: Some(Found::Unlisted),
            ..facts()
        };
        assert_eq!(of(&facts, Cause::InstitutionProblem), wanted);
    }
    let codes: [OfficeCode; 2] = ["1".into(), "2".into()];
    let facts = Facts {
        institution: Some(Found::Several(&codes)),
        ..facts()
    };
    let offices = codes.to_vec();
    let unclear = Reason::InstitutionUnclear { offices };
    assert_eq!(of(&facts, Cause::InstitutionProblem), unclear);
}
