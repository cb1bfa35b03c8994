//! Whoever comes again: after a "no", after an approval that was annulled, after a day called off.

use super::*;
use domain::law::Ground;
use kecha::clock;
use std::process::Command as Process;

/// What a look before enrolment finds.
fn found(house: &House, session: RecordId, person: &Person, on: Date) -> Vec<Code> {
    let by = house.officer("clerk");
    let looked = house
        .registry()
        .look_at(session, &asks(person), &by, noon(on));
    let looked = looked.expect("a look");
    assert_eq!(looked.refusal, None);
    looked.findings.iter().map(|f| f.code).collect()
}

on_both! {
    /// False material bars the next application for a year (行政许可法 art. 78), at the seat of a
    /// session as on a sheet. There the case that brought the ban was put aside before it was asked.
    fn a_ban_of_a_refusal_is_seen_before_a_seat_is_given(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[wang.line(WELDING, "初领", MONDAY, "90", "90")]), false);
        let case = day.case(&wang, "examined").id;
        day.reports(case);
        let refuse = Command::Refuse { ground: Ground::of("false_material", "") };
        assert_eq!(day.does("desk", refuse, case), Ok("refused"));
        assert_eq!(found(house, plans(house, EXAM), &wang, MONDAY), [Code::UnderBan]);
        let (by, later) = (house.officer("clerk"), date(2027, 11, 3));
        let next = house.registry().plan_session(&planned(date(2027, 11, 10)), &by, noon(later));
        assert_eq!(found(house, next.expect("a session"), &wang, later), []);
    }

    /// The case whose approval was annulled stood in the way of every resit of the next one.
    fn who_was_annulled_begins_anew_and_sits_again(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[wang.line(WELDING, "初领", MONDAY, "90", "90")]), false);
        let case = day.case(&wang, "examined").id;
        day.reports(case);
        for (login, command) in [
            ("desk", Command::Accept),
            ("first", Command::Review),
            ("second", Command::Approve),
            ("maker", Command::Make { batch: "B1".to_owned() }),
            ("maker", Command::Withhold { ground: Ground::of("under_examination", "") }),
            ("second", Command::Annul { ground: Ground::of("not_eligible", "") }),
        ] {
            day.does(login, command, case).expect("done");
        }
        let session = plans(house, EXAM);
        assert_eq!(enrols(house, session, vec![asks(&wang)], MONDAY), [None]);
        let next = house.on(EXAM);
        let case = next.case(&wang, "registered");
        theory(house, session, &case.registration.ticket, 60, EXAM).expect("theory");
        assert_eq!(next.does("lead", Command::Confirm, case.id), Ok("not_passed"));
        let (by, resit) = (house.officer("clerk"), planned(date(2026, 11, 20)));
        let session = house.registry().plan_session(&resit, &by, noon(EXAM)).expect("a plan");
        let told = house.registry().seat_again(session, &[case.id], &by, noon(EXAM));
        let told = told.expect("told");
        assert!(told[0].1.is_good() && told[0].1.resit, "{told:?}");
    }

    fn nobody_is_scored_in_a_session_that_was_called_off(house: &House) {
        let (wang, session) = (Person::new("王一", 1), plans(house, EXAM));
        enrols(house, session, vec![asks(&wang)], MONDAY);
        let ticket = house.on(MONDAY).case(&wang, "registered").registration.ticket;
        let by = house.officer("clerk");
        let off = house.registry().cancel_session(session, "停电", &by, noon(MONDAY));
        off.expect("called off");
        let scored = theory(house, session, &ticket, 90, EXAM);
        assert_eq!(scored, Err(Refusal::SessionCancelled));
    }
}

/// The page let nobody choose the one ground of a refusal that brings a ban.
#[test]
fn a_refusal_for_false_material_is_chosen_on_the_page() {
    let house = House::sqlite().expect("a house");
    let (wang, today) = (Person::new("王一", 1), clock::today());
    let day = house.on(today);
    let line = wang.line(WELDING, "初领", MONDAY, "90", "90");
    day.imports(&sheet(&[line]), false);
    let case = day.case(&wang, "examined").id;
    day.reports(case);
    let mut desk = house.browser("desk");
    let page = desk.get(&format!("/console/cases/{case}")).text;
    assert!(page.contains("value=\"false_material\""), "{page}");
    let id = case.to_string();
    let fields = [
        ("command", "refuse"),
        ("case", &*id),
        ("acceptance_code", "false_material"),
        ("ground", "学历证书系伪造"),
    ];
    assert_eq!(desk.post("/console/cases", &fields).status, 200);
    let officer = house.officer("desk");
    let file = house.registry().case_file(&officer, case, today);
    let refused = file.expect("a case").case;
    let State::Refused { ground } = &refused.state else {
        panic!("{:?}", refused.state);
    };
    assert_eq!(ground.code, "false_material");
    assert_eq!(ground.addition, "学历证书系伪造");
    assert!(refused.bans_on(today), "for a year");
    house.close();
}

/// An assessor at the machine saw the other's score before his own was in.
#[test]
fn the_program_shows_no_score_that_the_page_hides() {
    let house = House::sqlite().expect("a house");
    let (wang, session) = (Person::new("王一", 1), plans(&house, EXAM));
    enrols(&house, session, vec![asks(&wang)], MONDAY);
    let case = house.on(EXAM).case(&wang, "registered");
    theory(&house, session, &case.registration.ticket, 90, EXAM).expect("theory");
    assesses(&house, "one", session, case.id, 87).expect("a score");
    let folder = house.file().parent().expect("a folder").to_owned();
    let show = || {
        let output = Process::new(env!("CARGO_BIN_EXE_kecha"))
            .args(["case", "--as", "two", "--dir"])
            .arg(&folder)
            .args(["show", &case.id.to_string()])
            .env("KECHA_PASSWORD", PASSWORD)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let tells = |shown: &str| shown.replace(' ', "").contains("\"score\":87");
    let waiting = show();
    assert!(waiting.contains("\"panel\"") && waiting.contains("theory_scored"));
    assert!(!tells(&waiting), "{waiting}");
    assesses(&house, "two", session, case.id, 60).expect("a score");
    assert!(tells(&show()), "all are in");
    house.close();
}
