//! Stories that read like the procedure, each on both databases.

use domain::{
    case::State,
    catalogue::Category,
    event::Act,
    law::Ground,
    office::Role,
    person::{Person as Holder, Sex},
    refusal::Refusal,
    roster::Code,
    verdict::{Cause, Note, Stage, StatusWord, Verdict},
};
use jiff::civil::{Date, date};
use kecha::{
    intake::Reason,
    registry::{self, Command, FormerRow, Imported, Lost},
};

use crate::{
    house::{House, on_both},
    office::{self, Person, UNIT, WELDING, WIRING, ground, managers, sheet},
};

const MONDAY: Date = date(2026, 11, 2);

fn passed(person: &Person, item: &str, on: Date) -> String {
    person.line(item, "初领", on, "86", "91")
}

on_both! {
    /// 一次告知: what is missing is told once and completely; a second list may not add to it.
    fn a_return_is_told_once_and_completely(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), false);
        let case = day.case(&wang, "examined");
        let ticket = Some(case.registration.ticket.as_str());
        day.reports(case.id);
        let list = |items: &[&str]| Command::Return {
            missing: items.iter().map(|i| (*i).to_owned()).collect(),
        };
        assert_eq!(day.does("desk", list(&["  "]), case.id), Err(Refusal::ListMissing));
        let first = ["学历证明", "体检表"];
        assert_eq!(day.does("desk", list(&first), case.id), Ok("returned"));
        let told = day.asks(&wang, ticket);
        assert_eq!(told.progress[0].details.as_ref().map(|d| d.missing.len()), Some(2));
        let again = Command::Resubmit { materials: Vec::new(), answers: Vec::new() };
        assert_eq!(day.does("clerk", again, case.id), Ok("reported"));
        let more = list(&["学历证明", "照片"]);
        assert_eq!(day.does("desk", more, case.id), Err(Refusal::ListMissing));
        assert_eq!(day.does("desk", list(&["体检表"]), case.id), Ok("returned"));
    }

    /// A queue longer than a page is worked through to its end: nobody is left out, nobody comes
    /// twice, whether or not the command takes the case out of the state.
    fn a_long_queue_is_worked_through(house: &House) {
        let day = house.on(MONDAY);
        let people: Vec<_> = (1..=5).map(|n| Person::new("王一", n)).collect();
        let lines: Vec<_> = people.iter().map(|p| passed(p, WELDING, MONDAY)).collect();
        day.imports(&sheet(&lines), false);
        let (registry, lead) = (house.registry(), house.officer("lead"));
        let walk = |state: &str, command: Option<Command>| {
            let (mut seen, mut at) = (Vec::new(), None);
            loop {
                let page = registry.case_numbers(&lead, state, at.as_ref(), 2).expect("a page");
                if page.0.is_empty() {
                    return seen;
                }
                for case in &page.0 {
                    if let Some(command) = &command {
                        assert_eq!(day.does("lead", command.clone(), *case), Ok("passed"));
                    }
                }
                seen.extend(page.0);
                at = page.1;
            }
        };
        let waiting = walk("examined", None);
        let each: std::collections::BTreeSet<_> = waiting.iter().collect();
        assert_eq!((waiting.len(), each.len()), (5, 5));
        assert_eq!(walk("examined", Some(Command::Confirm)), waiting);
        assert_eq!(walk("examined", None), []);
        assert_eq!(walk("passed", None), waiting);
        let others = registry.case_numbers(&house.officer("desk"), "passed", None, 9);
        assert_eq!(others.expect("the authority's").0, waiting);
        let none = registry.case_numbers(&house.officer("keeper"), "passed", None, 9);
        assert_eq!(none.expect("no cases of its own").0, []);
    }

    /// 视为受理: five working days of silence, and the report counts as accepted from its day.
    fn silence_is_acceptance(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), false);
        let case = day.case(&wang, "examined");
        day.reports(case.id);
        let deem = |on: Date| house.registry().deem_accepted(house.on(on).now);
        // Monday, reported; the fifth working day after it is the next Monday, which still counts.
        assert_eq!(deem(date(2026, 11, 9)).expect("the clock"), []);
        assert_eq!(deem(date(2026, 11, 10)).expect("the clock"), [case.id]);
        assert_eq!(deem(date(2026, 11, 10)).expect("the clock"), []);
        let state = day.case(&wang, "accepted").state;
        assert_eq!(state, State::Accepted { on: MONDAY, deemed: true });
        let later = house.on(date(2026, 11, 11));
        let list = Command::Return { missing: vec!["照片".to_owned()] };
        assert_eq!(later.does("desk", list, case.id), Err(Refusal::WrongState));
        assert_eq!(later.does("first", Command::Review, case.id), Ok("reviewed"));
    }

    /// Silence over a holiday is longer: 1 to 7 October 2026 are no working days.
    fn a_holiday_is_no_silence(house: &House) {
        let (wang, reported) = (Person::new("王一", 1), date(2026, 9, 29));
        let day = house.on(reported);
        day.imports(&sheet(&[passed(&wang, WELDING, reported)]), false);
        day.reports(day.case(&wang, "examined").id);
        let last = house.registry().calendar().add_workdays(reported, 5).date;
        assert!(last >= date(2026, 10, 10), "{last} is too early");
        let deem = |on: Date| house.registry().deem_accepted(house.on(on).now).expect("the clock");
        assert_eq!(deem(last).len(), 0);
        assert_eq!(deem(last.tomorrow().expect("a day")).len(), 1);
    }

    /// The same bytes twice change nothing; the same scores in another file are refused as such.
    fn a_sheet_is_taken_once(house: &House) {
        let (wang, li, day) = (Person::new("王一", 1), Person::new("李二", 2), house.on(MONDAY));
        let mut wrong = passed(&li, WELDING, MONDAY);
        wrong = wrong.replace(",91", ",101");
        let file = sheet(&[passed(&wang, WELDING, MONDAY), wrong]);
        let first = day.imports(&file, false);
        assert!(matches!(first.outcome, Imported::Unconfirmed { good: 1, .. }), "{first:?}");
        assert_eq!(day.asks(&wang, None).verdict, Verdict::NotFound);
        let reasons = &first.not_taken[0];
        let Reason::Sheet(codes) = &reasons.reason else { panic!("{reasons:?}") };
        assert_eq!((reasons.row, codes[0].code), (3, Code::ScoreOutOfRange));
        let second = day.imports(&file, true);
        assert!(matches!(second.outcome, Imported::Done { taken: 1, .. }), "{second:?}");
        let case = day.case(&wang, "examined");
        let third = day.imports(&file, true);
        assert_eq!(third.outcome, Imported::Already { taken: 1 });
        let other = day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), true);
        assert_eq!(other.not_taken[0].reason, Reason::Register(Refusal::AlreadyImported));
        assert_eq!(day.case(&wang, "examined"), case);
    }

    /// A failed part is sat again, and the case goes on; the public cannot tell it from a pass.
    fn a_resit_goes_on_with_the_case(house: &House) {
        let (wang, li, day) = (Person::new("王一", 1), Person::new("李二", 2), house.on(MONDAY));
        let failed = wang.line(WELDING, "初领", MONDAY, "90", "79");
        day.imports(&sheet(&[failed, passed(&li, WELDING, MONDAY)]), false);
        let (case, other) = (day.case(&wang, "examined"), day.case(&li, "examined"));
        assert_eq!(day.does("lead", Command::Confirm, case.id), Ok("not_passed"));
        assert_eq!(day.does("lead", Command::Confirm, other.id), Ok("passed"));
        let shown = |who: &Person| {
            let mut told = day.asks(who, None).progress.remove(0);
            told.case.clear();
            told
        };
        assert_eq!(shown(&wang), shown(&li));
        assert_eq!(shown(&wang).note, Some(Note::ResultWithTicket));
        let report = Command::Report { materials: Vec::new() };
        assert_eq!(day.does("clerk", report, case.id), Err(Refusal::NotPassed));
        let later = house.on(date(2026, 11, 20));
        let resit = wang.line(WELDING, "初领", date(2026, 11, 19), "", "80");
        later.imports(&sheet(&[resit]), false);
        assert_eq!(later.case(&wang, "examined").id, case.id);
        later.finishes(case.id);
        assert_eq!(later.asks(&wang, None).verdict, Verdict::Found);
    }

    /// One person, two items: a certificate for one beside the way to the other.
    fn one_person_has_two_items(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), false);
        let welding = day.case(&wang, "examined");
        day.finishes(welding.id);
        day.imports(&sheet(&[passed(&wang, WIRING, MONDAY)]), false);
        let wiring = day.case(&wang, "examined");
        let told = day.asks(&wang, Some(&welding.registration.ticket));
        assert_eq!((told.verdict, told.certificates.len()), (Verdict::Found, 1));
        assert_eq!(told.progress[0].stage, Stage::Scoring);
        assert!(told.progress[0].details.is_none(), "the other item's ticket was not typed");
        day.finishes(wiring.id);
        let told = day.asks(&wang, None);
        assert_eq!((told.certificates.len(), told.progress.len()), (2, 0));
        let numbers: Vec<_> = told.certificates.iter().map(|c| c.number.clone()).collect();
        assert_eq!(numbers, vec![format!("T{}", wang.number); 2]);
        let again = day.imports(&sheet(&[passed(&wang, WELDING, date(2026, 11, 1))]), true);
        assert_eq!(again.not_taken[0].reason, Reason::Register(Refusal::CertificateExists));
    }

    /// 复审 ended on 2026-06-01: an exam on the day before still counts, one on the day does not.
    fn no_recheck_from_june_2026(house: &House) {
        let (wang, last) = (Person::new("王一", 1), date(2026, 5, 31));
        take_over(house, &wang, last);
        let (day, first) = (house.on(date(2026, 6, 3)), date(2026, 6, 1));
        let refused = day.imports(&sheet(&[wang.line(WELDING, "复审", first, "90", "90")]), true);
        let Reason::Sheet(codes) = &refused.not_taken[0].reason else { panic!("{refused:?}") };
        assert_eq!(codes[0].code, Code::KindNotInForce);
        let day = house.on(last);
        let taken = day.imports(&sheet(&[wang.line(WELDING, "复审", last, "90", "90")]), true);
        assert!(matches!(taken.outcome, Imported::Done { taken: 1, .. }), "{taken:?}");
        let before = day.asks(&wang, None).certificates.remove(0);
        assert_eq!(before.next_due, Some(last));
        day.finishes(day.case(&wang, "examined").id);
        let after = day.asks(&wang, None).certificates.remove(0);
        assert_eq!((after.status, after.valid_until), (StatusWord::Valid, before.valid_until));
        assert_eq!(after.next_due, Some(before.valid_until), "no recheck is left");
        let later = house.on(date(2027, 1, 4)).asks(&wang, None).certificates.remove(0);
        assert_eq!(later.status, StatusWord::Valid);
    }

    /// Not rechecked by the day it was due before June 2026, a certificate lapsed by law; one whose
    /// recheck would be due later did not.
    fn a_missed_recheck_lapses_by_law(house: &House) {
        let (wang, li) = (Person::new("王一", 1), Person::new("李二", 2));
        take_over(house, &wang, date(2026, 5, 30));
        take_over(house, &li, date(2026, 6, 1));
        let status = |who, on| house.on(on).asks(who, None).certificates[0].status;
        assert_eq!(status(&wang, date(2026, 5, 30)), StatusWord::Valid);
        assert_eq!(status(&wang, date(2026, 5, 31)), StatusWord::Lapsed);
        assert_eq!(status(&li, date(2026, 6, 2)), StatusWord::Valid);
    }

    /// What the day does becomes part of the story, once, a bounded number at a time; a recheck
    /// under way holds it back.
    fn a_lapse_is_recorded(house: &House) {
        let [wang, li, zhao, qian] = [1, 2, 3, 4].map(|n| Person::new("王一", n));
        let due = date(2026, 5, 29);
        for (who, due) in [(&wang, due), (&li, date(2026, 6, 1)), (&zhao, due), (&qian, due)] {
            take_over(house, who, due);
        }
        let sat = house.on(due);
        sat.imports(&sheet(&[zhao.line(WELDING, "复审", due, "90", "90")]), false);
        let registry = house.registry();
        let look = |day: Date| {
            let (mut lapsed, mut at) = (Vec::new(), None);
            loop {
                let now = house.on(day).now;
                let one = registry.record_lapses(now, at.as_ref(), 1).expect("the clock");
                lapsed.extend(one.0);
                at = one.1;
                if at.is_none() {
                    lapsed.sort();
                    return lapsed;
                }
            }
        };
        let second = house.officer("second");
        let of = |who: &Person| {
            let name = domain::name::Name::parse(&who.name).expect("a name");
            let held = registry.certificates_of(&second, &who.document(), &name).expect("asked");
            held[0].says.certificate
        };
        assert_eq!(look(due), []);
        let mut wanted = vec![of(&wang), of(&qian)];
        wanted.sort();
        let next = date(2026, 5, 30);
        let before = house.on(next).asks(&wang, None);
        assert_eq!(look(next), wanted);
        assert_eq!(look(next), []);
        assert_eq!(house.on(next).asks(&wang, None), before, "the day had said it");
        let (_, last) = registry.certificate_file(&second, of(&wang)).expect("a file").story.pop()
            .expect("a story");
        assert_eq!((last.act, last.by.role), (Act::Lapsed, Role::Clock));
        house.on(next).finishes(sat.case(&zhao, "examined").id);
        assert_eq!(look(date(2026, 6, 2)), [], "rechecked in the end");
        assert_eq!(house.on(MONDAY).asks(&zhao, None).certificates[0].status, StatusWord::Valid);
        let over = house.on(date(2029, 6, 1)).asks(&wang, None);
        assert_eq!(over.certificates[0].status, StatusWord::Expired);
    }

    /// A certificate of the former register says so, and a renewal keeps its first day.
    fn a_former_certificate_is_renewed(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        take_over(house, &wang, date(2026, 6, 30));
        let former = day.asks(&wang, None).certificates.remove(0);
        assert!(former.taken_over);
        let line = wang.line(WELDING, "期满换证", MONDAY, "90", "90");
        day.imports(&sheet(&[line]), false);
        day.finishes(day.case(&wang, "examined").id);
        let told = day.asks(&wang, None);
        assert_eq!(told.certificates.len(), 1, "it is the same one");
        let new = &told.certificates[0];
        assert_eq!((new.first_issued, new.valid_from), (former.first_issued, MONDAY));
        assert_eq!(new.valid_until, date(2032, 11, 1));
    }

    /// 补证: a lost card is made again without an exam; item, term and number stay.
    fn a_lost_card_is_made_again(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        let lost = |on: Date| {
            let lost = Lost {
                document: wang.document(),
                name: domain::name::Name::parse(&wang.name).expect("a name"),
                item: "2.1".into(),
                materials: Vec::new(),
                appointment: None,
            };
            let now = house.on(on).now;
            house.registry().ask_reissue(&lost, &house.officer("clerk"), now)
        };
        let none = lost(MONDAY).expect_err("there is no certificate yet");
        assert!(matches!(none, registry::Error::Refused(Refusal::NoFormerCertificate)));
        day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), false);
        day.finishes(day.case(&wang, "examined").id);
        let before = day.asks(&wang, None).certificates.remove(0);
        let later = date(2028, 2, 1);
        let (day, case) = (house.on(later), lost(later).expect("a case"));
        let again = lost(later).expect_err("one is running");
        assert!(matches!(again, registry::Error::Refused(Refusal::CaseRunning)));
        let told = day.asks(&wang, None);
        assert_eq!((told.verdict, told.progress[0].stage), (Verdict::Found, Stage::Qualification));
        for (login, command, word) in [
            ("desk", Command::Accept, "accepted"),
            ("first", Command::Review, "reviewed"),
            ("second", Command::Approve, "approved"),
            ("maker", Command::Make { batch: "B2".to_owned() }, "made"),
            ("maker", Command::Issue, "issued"),
        ] {
            assert_eq!(day.does(login, command, case), Ok(word));
        }
        assert_eq!(day.asks(&wang, None).certificates, [before]);
        lost(date(2028, 3, 1)).expect("it may be lost again");
    }

    /// Whoever reviewed does not approve; what is decided without a ground is not decided.
    fn two_pairs_of_eyes(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), false);
        let case = day.case(&wang, "examined");
        day.reports(case.id);
        assert_eq!(day.does("desk", Command::Accept, case.id), Ok("accepted"));
        assert_eq!(day.does("both", Command::Review, case.id), Ok("reviewed"));
        let alone = day.does("both", Command::Approve, case.id);
        assert_eq!(alone, Err(Refusal::SecondPersonRequired));
        let mut empty = ground();
        empty.words.clear();
        let reject = |ground| day.does("second", Command::Reject { ground }, case.id);
        assert_eq!(reject(empty), Err(Refusal::GroundMissing));
        assert_eq!(reject(ground()), Ok("rejected"));
        let public = day.asks(&wang, None).progress.remove(0);
        assert_eq!(public.note, Some(Note::DetailsWithTicket));
        assert!(public.details.is_none());
        let told = day.asks(&wang, Some(&case.registration.ticket)).progress.remove(0);
        assert_eq!(told.details.and_then(|d| d.ground), Some(ground()));
    }

    /// 安全生产知识和管理能力: three years, a number without T, and a query of its own.
    fn the_other_certificate(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        let line = wang.line("主要负责人", "初领", MONDAY, "86", "");
        day.imports(&managers(&[format!("{line},{UNIT}")]), false);
        day.finishes(day.case(&wang, "examined").id);
        let other = day.asks(&wang, None);
        assert_eq!((other.verdict, other.causes.len()), (Verdict::NotFound, 4));
        assert!(other.causes.iter().all(|w| w.code != Cause::AwaitingSync));
        let told = day.asks_for(Category::SafetyManagement, &wang, None).certificates.remove(0);
        assert_eq!((told.number, told.valid_until), (wang.number, date(2029, 11, 1)));
    }

    /// Suspended and revoked: the word is public, the ground is for the holder of the ticket.
    fn a_ground_is_told_with_the_ticket(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[passed(&wang, WELDING, MONDAY)]), false);
        let case = day.case(&wang, "examined");
        day.finishes(case.id);
        let State::Issued { certificate, .. } = day.case(&wang, "issued").state else {
            panic!("issued");
        };
        let change = |login: &str, act| {
            let (first, by) = (house.officer("first"), house.officer(login));
            office::changes(house.registry(), certificate, act, (&first, &by), day.now)
        };
        assert!(change("maker", Act::Suspended(ground())).is_err());
        change("second", Act::Suspended(ground())).expect("the approver may");
        let public = day.asks(&wang, None).certificates.remove(0);
        assert_eq!((public.status, public.ground), (StatusWord::Suspended, None));
        let ticket = Some(case.registration.ticket.as_str());
        let own = day.asks(&wang, ticket).certificates.remove(0);
        assert_eq!(own.ground, Some(ground()));
        let revoke = Act::Revoked { ground: Ground::of("fraud", ""), banned_until: None };
        change("second", revoke).expect("a revocation");
        let public = day.asks(&wang, None).certificates.remove(0);
        assert_eq!((public.status, public.ground, public.since), (StatusWord::Revoked, None, None));
        let own = day.asks(&wang, ticket).certificates.remove(0);
        let ground = own.ground.expect("a ground");
        assert_eq!((ground.code.as_str(), own.since), ("fraud", Some(MONDAY)));
        // The ban is the ground's, and bars a new application until its last day.
        let again = sheet(&[passed(&wang, WIRING, date(2026, 11, 3))]);
        let later = house.on(date(2026, 11, 4));
        let refused = later.imports(&again, true);
        assert!(matches!(refused.outcome, Imported::Done { taken: 0, .. }), "{refused:?}");
    }
}

/// A certificate of the former register, for welding, of a term of six years that runs on.
fn take_over(house: &House, person: &Person, recheck_due: Date) {
    let (registry, now) = (house.registry(), house.on(date(2026, 1, 5)).now);
    let (maker, second) = (house.officer("maker"), house.officer("second"));
    let batch = registry
        .propose_batch(&"0".repeat(64), 1, &maker, now)
        .expect("a batch");
    registry
        .release_batch(batch, &second, now)
        .expect("a release");
    let row = FormerRow {
        holder: Holder {
            name: domain::name::Name::parse(&person.name).expect("a name"),
            sex: Sex::Male,
            document: person.document(),
        },
        item: "2.1".into(),
        first_issued: date(2023, 6, 1),
        valid_from: date(2023, 6, 1),
        valid_until: date(2029, 5, 31),
        recheck_due: Some(recheck_due),
        appointment: None,
    };
    let taken = registry.take_over(batch, &mut [row].into_iter(), &maker, now);
    assert_eq!(taken.expect("a take-over"), 1);
}
