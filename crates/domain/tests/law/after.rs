//! After the issue: who decides with whom, on what ground, and what the law of the day still has.

use domain::{
    case::{Case, State, Tie},
    catalogue::Category,
    certificate::Certificate,
    deadline,
    dossier::Dossier,
    event::{Act, Event, legal_day},
    law::{self, Ground, LawName},
    office::{By, Role},
    refusal::Refusal,
    tell::{Asked, Context, answer},
    verdict::{Kind, Stage},
    whynot::Facts,
};
use jiff::{
    Span,
    civil::{Date, date},
};

use super::{
    acts::{self, AUTHORITY, CASE, ELSEWHERE, ground, record},
    story::{Story, at, by, changed, duty, later},
};

const LAST_OF_R30: Date = date(2026, 5, 31);
const FIRST_OF_R19: Date = date(2026, 6, 1);

fn issued(day: Date) -> Certificate {
    let act = Act::CertificateIssued(acts::grant(day));
    let event = Event {
        at: at(day),
        by: duty(&act),
        law: law::on(day).name,
        record: record(CASE),
        act,
    };
    Certificate::begun(&event).expect("a certificate")
}

fn named(role: Role, officer: &str) -> By {
    By {
        officer: officer.into(),
        ..by(role)
    }
}

/// Every day for five weeks around the first of June: one law before it, the other from it on.
fn around() -> impl Iterator<Item = Date> {
    let first = LAST_OF_R30.saturating_sub(Span::new().days(17));
    (0..35).map(move |n| first.saturating_add(Span::new().days(n)))
}

#[test]
fn who_proposes_does_not_decide() {
    let day = date(2026, 11, 2);
    let valid = issued(day);
    for act in [acts::revoked(day), acts::cancelled(day), acts::corrected()] {
        let kind = act.kind();
        let alone = named(Role::Approver, "one");
        let tried = valid.clone().act(act.clone(), alone.clone(), at(day)).err();
        assert_eq!(tried, Some(Refusal::NotProposed), "{kind}");
        let proposed = acts::proposed(act.clone());
        let (waiting, _) = valid
            .clone()
            .act(proposed, alone.clone(), at(day))
            .expect(kind);
        assert_eq!(waiting.status, valid.status, "nothing is decided yet");
        let again = waiting.clone().act(act.clone(), alone, at(day)).err();
        assert_eq!(again, Some(Refusal::SecondPersonRequired), "{kind}");
        // Neither may the second one decide something else.
        let other = Act::Revoked {
            ground: acts::listed("revoked", "accident", day),
            banned_until: None,
        };
        let second = named(Role::Approver, "two");
        let other = waiting.clone().act(other, second.clone(), at(day)).err();
        assert_eq!(other, Some(Refusal::NotProposed), "{kind}");
        let (decided, _) = waiting
            .clone()
            .act(act, second.clone(), at(day))
            .expect(kind);
        assert_eq!(decided.proposal, None);
        // An issuer takes back the own proposal alone.
        let issuer = named(Role::Issuer, "three");
        let others = waiting
            .clone()
            .act(acts::declined(), issuer.clone(), at(day));
        assert_eq!(others.err(), Some(Refusal::RoleNotAllowed), "{kind}");
        let own = acts::proposed(
            waiting
                .proposal
                .clone()
                .map_or_else(acts::corrected, |p| *p.act),
        );
        let (own, _) = valid.clone().act(own, issuer.clone(), at(day)).expect(kind);
        let (back, _) = own.act(acts::declined(), issuer, at(day)).expect(kind);
        assert_eq!(back.proposal, None);
        let (declined, _) = waiting.act(acts::declined(), second, at(day)).expect(kind);
        assert_eq!(declined.proposal, None);
        assert_eq!(
            (&declined.status, &declined.says),
            (&valid.status, &valid.says)
        );
    }
    let twice = acts::proposed(acts::proposed(acts::revoked(day)));
    assert_eq!(changed(&valid, twice, day).err(), Some(Refusal::WrongState));
}

/// Proposed under R30 and decided under R19: the law of the decision gives article and ban.
#[test]
fn a_proposal_is_decided_by_the_law_of_the_decision() {
    let valid = issued(date(2024, 9, 1));
    let fraud = |day: Date| {
        let act = Act::Revoked {
            ground: Ground::of("fraud", "invented"),
            banned_until: None,
        };
        valid.filled(act, day).expect("a ground")
    };
    let proposed = acts::proposed(fraud(LAST_OF_R30));
    let (waiting, _) = valid
        .clone()
        .act(proposed, by(Role::Reviewer), at(LAST_OF_R30))
        .expect("one");
    for day in around().filter(|day| *day >= LAST_OF_R30) {
        let proposal = waiting.proposal.as_ref().expect("a proposal");
        let act = proposal.decided_on(day, &waiting);
        let (decided, event) = waiting
            .clone()
            .act(act, by(Role::Approver), at(day))
            .expect("decided");
        let carried = event.law == LawName::R19;
        assert_eq!(carried, day >= FIRST_OF_R19);
        let ground = decided.ground().expect("a ground");
        assert_eq!(ground.article.ends_with("carried over"), carried, "{day}");
        assert_eq!(ground.addition, "invented");
        let last = day.saturating_add(Span::new().years(3));
        assert!(decided.bans_on(last) && !decided.bans_on(last.tomorrow().expect("a day")));
        assert_eq!(decided.since, day);
        // The ground as it was under R30 is no ground of R19.
        let old = waiting
            .clone()
            .act(fraud(LAST_OF_R30), by(Role::Approver), at(day))
            .err();
        assert_eq!(old.is_some(), day > LAST_OF_R30, "{day}");
    }
}

/// A recheck is asked for in the sixty days before it is due, and only under R30.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_may_be_asked_for_on_a_day() {
    for due in around().filter(|due| *due < FIRST_OF_R19) {
        let mut certificate = issued(date(2023, 5, 10));
        certificate.says.recheck_due = Some(due);
        for day in around() {
            let wanted = if day >= FIRST_OF_R19 {
                Err(Refusal::KindNotInForce)
            } else if day > due {
                Err(Refusal::WindowClosed)
            } else {
                Ok(())
            };
            assert_eq!(
                certificate.opens(Kind::Recheck, day),
                wanted,
                "due {due} on {day}"
            );
        }
        let early = due.saturating_sub(Span::new().days(61));
        assert_eq!(
            certificate.opens(Kind::Recheck, early),
            Err(Refusal::WindowNotOpen)
        );
    }
    let mut later = issued(date(2023, 6, 10));
    for day in around() {
        assert_eq!(
            later.opens(Kind::Recheck, day),
            Err(Refusal::KindNotInForce),
            "{day}"
        );
        later.says.recheck_due = Some(FIRST_OF_R19);
    }
    let certificate = issued(date(2026, 11, 2));
    let until = certificate.says.valid_until;
    let window = |days: i64| until.saturating_sub(Span::new().days(days));
    assert_eq!(
        certificate.opens(Kind::Renewal, window(61)),
        Err(Refusal::WindowNotOpen)
    );
    assert_eq!(certificate.opens(Kind::Renewal, window(60)), Ok(()));
    assert_eq!(certificate.opens(Kind::Renewal, until), Ok(()));
    assert_eq!(
        certificate.opens(Kind::Renewal, window(-1)),
        Err(Refusal::WindowClosed)
    );
    assert_eq!(
        certificate.opens(Kind::Reissue, window(-1)),
        Err(Refusal::CertificateEnded)
    );
    assert_eq!(
        certificate.opens(Kind::Initial, until),
        Err(Refusal::CertificateExists)
    );
    let day = date(2026, 12, 1);
    let suspended = changed(&certificate, Act::Suspended(ground()), day).expect("one");
    assert_eq!(
        suspended.opens(Kind::Reissue, day),
        Err(Refusal::CertificateSuspended)
    );
    assert_eq!(suspended.opens(Kind::Replacement, day), Ok(()));
    let ended = changed(&certificate, acts::revoked(day), day).expect("one");
    assert_eq!(
        ended.opens(Kind::Replacement, day),
        Err(Refusal::CertificateEnded)
    );
}

/// R30 art. 21: only before June 2026, only after ten years, only for a recheck still to be done.
#[test]
fn a_review_is_extended_under_the_old_law_only() {
    let mut certificate = issued(date(2023, 5, 30));
    let due = certificate.says.recheck_due.expect("a recheck");
    for day in around() {
        let tried = changed(&certificate, acts::extended_review(10), day);
        let wanted = if day >= FIRST_OF_R19 {
            // Lapsed by then: the recheck was due on 29 May.
            Some(Refusal::CertificateEnded)
        } else {
            (day > due).then_some(Refusal::CertificateEnded)
        };
        assert_eq!(tried.as_ref().err().copied(), wanted, "{day}");
        if let Ok(extended) = tried {
            assert_eq!(extended.says.recheck_due, None);
            assert_eq!(extended.next_due(day), Some(extended.says.valid_until));
            assert_eq!(extended.lapses_after(), None);
        }
    }
    let tried = changed(&certificate, acts::extended_review(9), due);
    assert_eq!(tried.err(), Some(Refusal::YearsTooFew));
    certificate.says.recheck_due = None;
    let none = changed(&certificate, acts::extended_review(10), due);
    assert_eq!(none.err(), Some(Refusal::KindNotInForce));
}

/// R30 wants a tie to the other authority; R19 does not. What counts is the day of the report.
#[test]
fn another_authority() {
    for report in around() {
        let story = Story::of(Kind::Initial, report.saturating_sub(Span::new().days(4))).reported();
        assert_eq!(story.today(), report);
        let offer = acts::offered(None);
        let bare = story.tries(offer.clone(), duty(&offer), 3);
        let wanted = (report < FIRST_OF_R19).then_some(Refusal::OtherRegion);
        assert_eq!(bare.err(), wanted, "reported on {report}");
        let tied = acts::offered(Some(Tie::HouseholdRegister));
        let (offered, _) = story.tries(tied.clone(), duty(&tied), 3).expect("a tie");
        assert!(offered.offered_to(&ELSEWHERE.into()));
        let elsewhere = By {
            office: ELSEWHERE.into(),
            ..by(Role::AcceptanceOfficer)
        };
        let taken_at = later(offered.last, 1);
        let ours = offered
            .clone()
            .act(Act::Transferred, by(Role::AcceptanceOfficer), taken_at);
        assert_eq!(ours.err(), Some(Refusal::NotThisOffice));
        let (taken, _) = offered
            .act(Act::Transferred, elsewhere.clone(), taken_at)
            .expect("taken");
        assert_eq!(taken.registration.authority, ELSEWHERE.into());
        let State::Reported { on, .. } = taken.state else {
            panic!("reported")
        };
        assert_eq!(on, legal_day(taken_at), "the limit runs anew");
        let calendar = domain::calendar::Calendar::shipped();
        let next = deadline::next(&taken, &calendar).expect("a limit");
        assert_eq!(next.date, calendar.add_workdays(on, 5).date);
        // The former authority has nothing to say any more.
        let old = taken
            .clone()
            .act(Act::Accepted, by(Role::AcceptanceOfficer), taken_at);
        assert_eq!(old.err(), Some(Refusal::NotThisOffice));
        taken
            .act(Act::Accepted, elsewhere, taken_at)
            .expect("accepted there");
    }
    let accepted = Story::of(Kind::Initial, date(2026, 11, 2)).accepted();
    let offer = acts::offered(None);
    let tried = accepted.tries(offer.clone(), duty(&offer), 1).err();
    assert_eq!(
        tried,
        Some(Refusal::WrongState),
        "who accepted it decides it"
    );
}

/// Who holds a card back does not annul the approval, and false material bars for a year.
#[test]
fn a_made_card_is_stopped() {
    let made = Story::of(Kind::Initial, date(2026, 11, 2)).made();
    let holder = named(Role::Approver, "one");
    let withheld = made.then_by(Act::Withheld(ground()), holder.clone());
    let day = legal_day(later(withheld.case.last, 1));
    let annul = Act::Annulled(acts::listed("annulled", "licence_by_fraud", day));
    let alone = withheld.tries(annul.clone(), holder, 1).err();
    assert_eq!(alone, Some(Refusal::SecondPersonRequired));
    let own = Act::Annulled(ground());
    let own = withheld.tries(own.clone(), duty(&own), 1).err();
    assert_eq!(own, Some(Refusal::GroundUnknown), "the list is closed");
    let annulled = withheld.then(annul).case;
    assert!(annulled.state.is_over());
    let last = day.saturating_add(Span::new().years(3));
    let mut dossier = Dossier::default();
    dossier.put_case(annulled);
    assert!(dossier.banned_on(Category::SpecialOperation, last));
    assert!(!dossier.banned_on(Category::SpecialOperation, last.tomorrow().expect("a day")));

    let story = Story::of(Kind::Initial, date(2026, 11, 2)).reviewed();
    let choice = story.case.choice("rejected", story.today());
    let false_material = Ground::of("false_material", "")
        .filled(&choice)
        .expect("one");
    let rejected = story.then(Act::Rejected(false_material)).case;
    assert_eq!(rejected.banned_until, Some(date(2027, 11, 9)));
}

/// The public cannot tell an annulled approval, or a card that is held back, from one that takes long.
#[test]
fn a_stopped_card_looks_like_one_that_takes_long() {
    let made = Story::of(Kind::Initial, date(2026, 11, 2)).made();
    let day = legal_day(later(made.case.last, 2));
    let withheld = made.clone().then(Act::Withheld(ground()));
    let annul = Act::Annulled(acts::listed("annulled", "not_eligible", day));
    let annulled = withheld.clone().then(annul);
    let calendar = domain::calendar::Calendar::shipped();
    let context = Context {
        today: date(2026, 12, 1),
        calendar: &calendar,
        office_name: &|o| o.to_string(),
        office_telephone: &|_| String::new(),
        item_name: &|i| i.as_str().to_owned(),
        quarantined: &|_| false,
    };
    let ask = |case: &Case, ticket: Option<&str>| {
        let mut dossier = Dossier::default();
        dossier.put_case(case.clone());
        let asked = Asked {
            category: Category::SpecialOperation,
            ticket,
            facts: Facts {
                now: at(context.today),
                ticket_is_own: ticket.is_some(),
                ticket_is_anothers: false,
                exam_day: None,
                usual: None,
                item: None,
                province: None,
                institution: None,
                copies: &[],
            },
        };
        answer(Some(&dossier), &asked, &context)
    };
    let public = ask(&made.case, None);
    assert_eq!(public.progress[0].stage, Stage::Making);
    for story in [&withheld, &annulled] {
        assert_eq!(ask(&story.case, None), public);
        let own = ask(&story.case, Some("T1")).progress.remove(0);
        assert!(own.details.is_some_and(|d| d.ground.is_some()));
    }
}

/// At the counter: who takes the application does not decide it.
#[test]
fn at_the_counter() {
    let day = date(2026, 11, 2);
    let counter = by(Role::AcceptanceOfficer);
    let register = |kind, institution: &str| {
        let mut registration = acts::registration(kind);
        registration.institution = institution.into();
        Case::register(record(CASE), registration, day, counter.clone(), at(day))
    };
    for kind in [Kind::Reissue, Kind::Replacement] {
        assert_eq!(
            register(kind, acts::INSTITUTION).err(),
            Some(Refusal::NotThisOffice)
        );
        let (case, _) = register(kind, AUTHORITY).expect("the counter takes it");
        assert!(case.at_the_counter());
        let next = |case: Case, act: Act, by: By| case.clone().act(act, by, later(case.last, 1));
        let report = Act::Reported { materials: vec![] };
        let (case, _) = next(case, report, counter.clone()).expect("reported");
        let (case, _) = next(case, Act::Accepted, counter.clone()).expect("accepted");
        let same = By {
            role: Role::Reviewer,
            ..counter.clone()
        };
        let alone = next(case.clone(), Act::Reviewed, same).err();
        assert_eq!(alone, Some(Refusal::SecondPersonRequired));
        next(case, Act::Reviewed, by(Role::Reviewer)).expect("another reviews");
    }
    for kind in [Kind::Recheck, Kind::Renewal] {
        assert_eq!(
            register(kind, AUTHORITY).err(),
            Some(Refusal::NotThisOffice)
        );
    }
    assert!(register(Kind::Renewal, acts::INSTITUTION).is_ok());
    assert_eq!(
        register(Kind::Recheck, acts::INSTITUTION).err(),
        Some(Refusal::KindNotInForce)
    );
    assert_eq!(
        register(Kind::Initial, acts::INSTITUTION).err(),
        Some(Refusal::NotThisOffice)
    );
    // An institution's clerk reports no case of the counter, and the counter none of his.
    let story = Story::of(Kind::Reissue, day);
    let report = Act::Reported { materials: vec![] };
    assert_eq!(
        story.tries(report, counter.clone(), 1).err(),
        Some(Refusal::NotThisOffice)
    );
}
