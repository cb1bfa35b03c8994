//! The law is chosen act by act: what counts is the day of the exam, of the report, of the
//! acceptance, or of the act itself.

use domain::{
    case::Case,
    catalogue::Category,
    certificate::Certificate,
    dossier::Dossier,
    event::{Act, Event, legal_day},
    exam::{Outcome, Part},
    law::{self, LawName, grounds},
    office::Role,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::civil::{Date, date};

use super::{
    acts::{self, CERTIFICATE, ground, record},
    story::{Story, at, by, changed, duty, later},
};

const LAST_OF_R30: Date = date(2026, 5, 31);

/// The pack of each event, as `act:pack`.
fn packs(story: &Story) -> Vec<String> {
    let pack = |e: &Event| format!("{}:{:?}", e.act.kind(), e.law);
    story.events.iter().map(pack).collect()
}

/// A chain of one act a day across the change: only what is new by its own day is under R19.
#[test]
fn a_chain_across_the_first_of_june() {
    // Registered on 29 May, theory 30 May for an exam on the 29th, and so on, a day each.
    let story = Story::of(Kind::Initial, date(2026, 5, 29)).issued();
    assert_eq!(
        packs(&story),
        [
            "registered:R30",
            "theory_scored:R30",
            "practical_scored:R30",
            // Confirmed on 1 June, the exam's limits are those of its day.
            "scores_confirmed:R30",
            // Reported on 2 June.
            "reported:R19",
            "accepted:R19",
            "reviewed:R19",
            "approved:R19",
            "made:R19",
            "certificate_issued:R19",
        ]
    );
    let story = Story::of(Kind::Initial, date(2026, 5, 26)).issued();
    assert_eq!(
        packs(&story)[4..],
        [
            "reported:R30",
            // Reported on 30 May and accepted on the 31st: the review of 1 June and the decision
            // of the 2nd are under the law of the acceptance.
            "accepted:R30",
            "reviewed:R30",
            "approved:R30",
            "made:R19",
            "certificate_issued:R19",
        ]
    );
    let story = Story::of(Kind::Initial, date(2026, 5, 27)).issued();
    // Reported on 31 May, so accepted under R30 on 1 June; reviewed under the law of 1 June.
    assert_eq!(
        packs(&story)[4..7],
        ["reported:R30", "accepted:R30", "reviewed:R19"]
    );
}

#[test]
fn an_event_under_another_pack_is_refused() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).accepted();
    let (_, mut event) = story
        .tries(Act::Reviewed, duty(&Act::Reviewed), 1)
        .expect("a review");
    event.law = LawName::R30;
    assert_eq!(story.case.after(&event).err(), Some(Refusal::WrongLaw));
}

/// So many failed sittings of one part, one a day, until the law allows no more.
fn sittings(mut story: Story, part: Part) -> usize {
    for count in 0..12 {
        let day = legal_day(later(story.case.last, 1));
        let act = match part {
            Part::Theory => acts::theory(day, 70),
            Part::Practical => acts::practical(day, 70),
        };
        match story.tries(act.clone(), duty(&act), 1) {
            Ok(_) => story = story.then(act).then(Act::ScoresConfirmed),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::NoSittingLeft);
                return count;
            }
        }
    }
    usize::MAX
}

#[test]
fn one_resit_under_r30_and_five_practical_sittings_under_r19() {
    let r30 = || Story::of(Kind::Initial, date(2025, 3, 3));
    let r19 = || Story::of(Kind::Initial, date(2026, 9, 1));
    assert_eq!(sittings(r30(), Part::Theory), 2);
    assert_eq!(sittings(r30(), Part::Practical), 2);
    assert_eq!(sittings(r19(), Part::Theory), usize::MAX);
    assert_eq!(sittings(r19(), Part::Practical), 5);
}

#[test]
fn what_is_left_is_told_under_the_law_of_the_exam() {
    for (day, theory, practical, left) in [
        (date(2025, 3, 3), 79, 0, Some(1)),
        (date(2025, 3, 3), 80, 79, Some(1)),
        (date(2026, 9, 1), 79, 0, None),
        (date(2026, 9, 1), 80, 79, Some(4)),
    ] {
        let story = Story::of(Kind::Initial, day).confirmed(theory, practical);
        let outcome = story.case.exam.outcome();
        assert_eq!(
            outcome,
            Outcome::NotPassed { resits_left: left },
            "{day} {theory}"
        );
    }
}

#[test]
fn no_recheck_begins_or_is_sat_under_r19() {
    let register = |day| {
        let registration = acts::registration(Kind::Recheck);
        let by = by(Role::InstitutionClerk);
        Case::register(record(1), registration, day, by, at(day)).err()
    };
    assert_eq!(register(LAST_OF_R30), None);
    assert_eq!(register(date(2026, 6, 1)), Some(Refusal::KindNotInForce));
    let story = Story::of(Kind::Recheck, LAST_OF_R30);
    for (day, wanted) in [
        (LAST_OF_R30, None),
        (date(2026, 6, 1), Some(Refusal::KindNotInForce)),
    ] {
        let act = acts::theory(day, 90);
        assert_eq!(
            story.tries(act.clone(), duty(&act), 1).err(),
            wanted,
            "{day}"
        );
    }
}

#[test]
fn a_sitting_is_neither_ahead_nor_again_nor_beyond_a_hundred() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).confirmed(70, 0);
    let (sat, today) = (date(2026, 11, 2), legal_day(later(story.case.last, 1)));
    for (act, wanted) in [
        (
            acts::theory(today.tomorrow().expect("a day"), 90),
            Refusal::ExamInFuture,
        ),
        (acts::theory(sat, 90), Refusal::AlreadyImported),
        (acts::theory(today, 101), Refusal::ScoreOutOfRange),
    ] {
        assert_eq!(story.tries(act.clone(), duty(&act), 1).err(), Some(wanted));
    }
}

/// Silence is acceptance from the day of receipt, and no earlier than the law's days.
#[test]
fn silence() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).reported();
    let received = story.today();
    let act = Act::DeemedAccepted;
    for (days, wanted) in [
        (4, Some(Refusal::NotDueYet)),
        (5, Some(Refusal::NotDueYet)),
        (6, None),
    ] {
        assert_eq!(
            story.tries(act.clone(), duty(&act), days).err(),
            wanted,
            "{days}"
        );
    }
    let (case, _) = story.tries(act.clone(), duty(&act), 6).expect("deemed");
    let wanted = domain::case::State::Accepted {
        on: received,
        deemed: true,
    };
    assert_eq!(case.state, wanted);
}

/// What is missing is told once and completely (R30 art. 17).
#[test]
fn what_the_first_list_left_out_is_not_asked_for_later() {
    let returned = |missing: &[&str]| Act::Returned {
        missing: missing.iter().map(ToString::to_string).collect(),
    };
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).reported();
    for nothing in [&[][..], &[" "]] {
        let act = returned(nothing);
        let tried = story.tries(act.clone(), duty(&act), 1).err();
        assert_eq!(tried, Some(Refusal::ListMissing));
    }
    let story = story
        .then(returned(&["照片", "学历证明"]))
        .then(Act::Resubmitted {
            materials: vec![],
            answers: vec![],
        });
    for (list, wanted) in [
        (&["照片"][..], None),
        (&["照片", "体检证明"], Some(Refusal::ListMissing)),
    ] {
        let act = returned(list);
        assert_eq!(
            story.tries(act.clone(), duty(&act), 1).err(),
            wanted,
            "{list:?}"
        );
    }
}

#[test]
fn a_certificate_says_what_its_case_says_for_as_long_as_the_law_says() {
    let story = Story::of(Kind::Initial, date(2026, 11, 2)).made();
    let day = legal_day(later(story.case.last, 1));
    let other = || acts::person("另人", "99000019900101003");
    type Change = fn(&mut domain::event::Grant, domain::person::Person);
    let changes: [(&str, Change, Refusal); 7] = [
        ("holder", |g, p| g.holder = p, Refusal::CertificateDiffers),
        (
            "item",
            |g, _| g.item = "2.2".into(),
            Refusal::CertificateDiffers,
        ),
        (
            "number",
            |g, _| g.number.push('0'),
            Refusal::CertificateDiffers,
        ),
        (
            "authority",
            |g, _| g.authority = "9999".into(),
            Refusal::CertificateDiffers,
        ),
        (
            "until",
            |g, _| g.valid_until = date(2040, 1, 1),
            Refusal::TermDiffers,
        ),
        (
            "from",
            |g, _| g.valid_from = date(2026, 11, 1),
            Refusal::TermDiffers,
        ),
        (
            "recheck",
            |g, _| g.recheck_due = Some(date(2029, 1, 1)),
            Refusal::TermDiffers,
        ),
    ];
    for (what, change, wanted) in changes {
        let mut grant = acts::grant(day);
        change(&mut grant, other());
        let act = Act::CertificateIssued(grant);
        let tried = story.tries(act.clone(), duty(&act), 1).err();
        assert_eq!(tried, Some(wanted), "{what}");
    }
}

fn certificate(day: Date) -> Certificate {
    let act = Act::CertificateIssued(acts::grant(day));
    let event = Event {
        at: at(day),
        by: duty(&act),
        law: law::on(day).name,
        record: record(1),
        act,
    };
    Certificate::begun(&event).expect("a certificate")
}

/// The status on a day follows from the day; a recheck that would fall due on or after the first of
/// June 2026 is not done, and nobody lapses by it.
#[test]
fn what_time_does_to_a_certificate() {
    use StatusWord::{Expired, Lapsed, Suspended, Valid};
    let due_in_may = certificate(date(2023, 5, 10));
    let due_in_june = certificate(date(2023, 6, 10));
    let new = certificate(date(2026, 11, 2));
    for (certificate, day, status, next) in [
        (&due_in_may, date(2026, 5, 9), Valid, Some(date(2026, 5, 9))),
        (&due_in_may, date(2026, 5, 10), Lapsed, None),
        (
            &due_in_june,
            date(2026, 6, 30),
            Valid,
            Some(date(2029, 6, 9)),
        ),
        (&new, date(2032, 11, 1), Valid, Some(date(2032, 11, 1))),
        (&new, date(2032, 11, 2), Expired, None),
    ] {
        assert_eq!(certificate.status_on(day), status, "{day}");
        assert_eq!(certificate.next_due(day), next, "{day}");
    }
    let suspended = changed(&new, Act::Suspended(ground()), date(2026, 12, 1)).expect("suspended");
    assert_eq!(suspended.status_on(date(2026, 12, 1)), Suspended);
    assert_eq!(suspended.status_on(date(2032, 11, 2)), Expired);
    let lapse = |c: &Certificate, day| changed(c, Act::Lapsed, day).err();
    assert_eq!(
        lapse(&due_in_may, date(2026, 5, 9)),
        Some(Refusal::NotDueYet)
    );
    assert_eq!(lapse(&due_in_may, date(2026, 5, 10)), None);
    assert_eq!(due_in_may.lapses_after(), Some(date(2026, 5, 9)));
    assert_eq!(due_in_june.lapses_after(), None);
    // What is told does not depend on whether anybody recorded it.
    let recorded = changed(&due_in_may, Act::Lapsed, date(2026, 5, 10)).expect("lapsed");
    assert_eq!(recorded.lapses_after(), None);
    for day in [date(2026, 5, 10), date(2029, 5, 9), date(2029, 5, 10)] {
        assert_eq!(recorded.status_on(day), due_in_may.status_on(day), "{day}");
    }
    assert_eq!(recorded.status_on(date(2029, 5, 10)), Expired);
    assert_eq!(
        lapse(&due_in_june, date(2028, 1, 1)),
        Some(Refusal::NotDueYet)
    );
}

/// A ban lasts as long as its ground says, from the decision on, and outlives the cancellation that
/// follows the revocation.
#[test]
fn a_ban_runs_out() {
    let (day, last) = (date(2026, 12, 1), date(2029, 12, 1));
    let valid = certificate(date(2026, 11, 2));
    let fraud = |banned_until| Act::Revoked {
        ground: acts::listed("revoked", "fraud", day),
        banned_until,
    };
    for until in [None, Some(day), Some(date(2029, 12, 2))] {
        let tried = changed(&valid, fraud(until), day).err();
        assert_eq!(tried, Some(Refusal::TermDiffers), "{until:?}");
    }
    let revoked = changed(&valid, fraud(Some(last)), day).expect("revoked");
    let wanted = revoked.choice("cancelled", day);
    let after = grounds::coded("after_revocation", &wanted)
        .expect("one")
        .ground("");
    let cancelled = changed(&revoked, Act::Cancelled(after.clone()), day).expect("cancelled");
    for certificate in [revoked, cancelled] {
        assert!(certificate.bans_on(last));
        assert!(!certificate.bans_on(date(2029, 12, 2)));
    }
    let without = changed(&valid, acts::revoked(day), day).expect("revoked");
    assert!(!without.bans_on(day));
    let not_yet = changed(&valid, Act::Cancelled(after), day).err();
    assert_eq!(not_yet, Some(Refusal::GroundUnknown), "it was not revoked");
}

/// After an ended certificate a new one of the same item may stand beside it; a renewal is about
/// that one, whichever came first.
#[test]
fn a_renewal_is_about_the_certificate_that_has_not_ended() {
    let numbered = |n: u64, day: Date| {
        let mut certificate = certificate(day);
        certificate.says.certificate = record(n);
        certificate
    };
    let (early, late) = (date(2026, 7, 1), date(2026, 11, 2));
    let ended = |c: Certificate| changed(&c, acts::revoked(late), late).expect("revoked");
    for (pair, wanted) in [
        ([ended(numbered(1, early)), numbered(2, late)], 2),
        ([numbered(1, early), ended(numbered(2, late))], 1),
        ([numbered(1, early), numbered(2, late)], 2),
        ([ended(numbered(1, early)), ended(numbered(2, late))], 2),
    ] {
        let mut dossier = Dossier::default();
        pair.into_iter().for_each(|c| dossier.put_certificate(c));
        let former = dossier.former(Category::SpecialOperation, &"2.1".into());
        assert_eq!(former.map(|c| c.says.certificate), Some(record(wanted)));
        assert!(
            dossier
                .former(Category::SpecialOperation, &"2.2".into())
                .is_none()
        );
    }
}

/// Whoever loses a certificate, or is not let in, is told why and by which article.
#[test]
fn a_decision_against_somebody_names_its_ground() {
    let silent = || domain::law::Ground::new("R30 art. 30", " ");
    let valid = certificate(date(2026, 11, 2));
    let day = date(2026, 12, 1);
    for act in [
        Act::Suspended(silent()),
        Act::Cancelled(silent()),
        Act::Revoked {
            ground: silent(),
            banned_until: None,
        },
    ] {
        let kind = act.kind();
        assert_eq!(
            changed(&valid, act, day).err(),
            Some(Refusal::GroundMissing),
            "{kind}"
        );
    }
    let new = || Story::of(Kind::Initial, date(2026, 11, 2));
    for (story, act) in [
        (new().reported(), Act::Refused(silent())),
        (new().reviewed(), Act::Rejected(silent())),
    ] {
        let tried = story.tries(act.clone(), duty(&act), 1).err();
        assert_eq!(tried, Some(Refusal::GroundMissing), "{}", act.kind());
    }
}

/// Another authority changes nothing of a certificate that it did not issue; time may.
#[test]
fn only_the_issuer_changes_a_certificate() {
    let valid = certificate(date(2023, 5, 10));
    let now = at(date(2026, 5, 20));
    let kinds = "corrected suspended revoked cancelled lapsed";
    for act in acts::some(date(2026, 5, 20), &valid.says, kinds) {
        let mut stranger = duty(&act);
        stranger.office = "9999".into();
        let kind = act.kind();
        let wanted = (kind != "lapsed").then_some(Refusal::NotThisOffice);
        assert_eq!(
            valid.clone().act(act, stranger, now).err(),
            wanted,
            "{kind}"
        );
    }
    assert_eq!(valid.says.certificate, record(CERTIFICATE));
}

/// What a replacement replaces is named by its registration, and by no other kind of case.
#[test]
fn a_replacement_replaces_the_certificate_it_names() {
    let day = date(2026, 11, 2);
    let begin = |kind, replaces| {
        let registration = domain::event::Registration {
            replaces,
            ..acts::registration(kind)
        };
        let by = by(Role::InstitutionClerk);
        Case::register(record(acts::CASE), registration, day, by, at(day))
    };
    let certificate = record(CERTIFICATE);
    for kind in [Kind::Initial, Kind::Renewal, Kind::Reissue] {
        let tried = begin(kind, Some(certificate)).err();
        assert_eq!(tried, Some(Refusal::CertificateDiffers), "{kind:?}");
    }
    for (named, wanted) in [
        (None, None),
        (Some(certificate), None),
        (Some(record(99)), Some(Refusal::CertificateDiffers)),
    ] {
        let (mut case, event) = begin(Kind::Replacement, named).expect("registered");
        assert_eq!(Event::from_bytes(&event.to_bytes()).ok(), Some(event));
        for act in acts::some(
            day,
            &acts::grant(day),
            "reported accepted reviewed approved made",
        ) {
            let by = duty(&act);
            case = case.act(act, by, at(day)).expect("on its way").0;
        }
        let act = Act::Replaced(acts::grant(day));
        let by = duty(&act);
        assert_eq!(case.act(act, by, at(day)).err(), wanted, "{named:?}");
    }
}
