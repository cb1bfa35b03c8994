use domain::record::RecordId;
use jiff::civil::{Date, date};

use super::*;

fn stays(days: &[i32]) -> Stays {
    let mut stays = Stays::default();
    days.iter().for_each(|days| stays.add(*days));
    stays
}

#[test]
fn medians() {
    for (days, median) in [
        (&[][..], None),
        (&[0], Some(0)),
        (&[3, 9], Some(3)),
        (&[9, 3, 4], Some(4)),
        (&[1, 1, 1, 40, 40], Some(1)),
        // What took longer than is told apart is one day more, and what ended before it began 0.
        (&[61, 500, 900], Some(61)),
        (&[-2], Some(0)),
    ] {
        assert_eq!(stays(days).median(), median, "{days:?}");
    }
    let ten = stays(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!((ten.within(50), ten.within(90)), (Some(5), Some(9)));
    assert_eq!(stays(&[7]).within(90), Some(7));
    let mut both = stays(&[1, 2]);
    both.join(&stays(&[30, 31, 32]));
    assert_eq!((both.count(), both.median()), (5, Some(30)));
}

#[test]
fn ages() {
    let cases = [(-3, 0), (0, 0), (5, 0), (6, 1), (10, 1), (11, 2), (20, 2)];
    for (days, at) in cases.into_iter().chain([(21, 3), (40, 3), (41, 4)]) {
        assert_eq!(age(days), at, "{days}");
    }
}

fn risk(number: i64, due: Date, missed: f64, passed: bool) -> Risk {
    Risk {
        case: RecordId::from_i64(number),
        authority: "9901".into(),
        institution: "990101".into(),
        state: "accepted".to_owned(),
        desk: "reviewer",
        step: brief::DECISION,
        since: date(2026, 11, 2),
        due,
        missed,
        passed,
    }
}

#[test]
fn a_limit_that_passed_is_missed_and_no_longer_likely_to_be() {
    let (mon, tue) = (date(2026, 11, 23), date(2026, 11, 24));
    let all = [
        risk(1, mon, 1.0, true),
        risk(2, tue, 0.2, false),
        risk(3, tue, 0.9, false),
        risk(4, tue, 0.5, false),
    ];
    let mut desk = Desk::default();
    all.iter().for_each(|risk| desk.add(risk));
    assert_eq!((desk.passed, desk.due, desk.likely), (1, 3, 2));
    assert!((desk.missed - 1.6).abs() < 1e-9);
    let likely = likeliest(all.to_vec());
    let order: Vec<i64> = likely.iter().map(|r| r.case.as_i64()).collect();
    assert_eq!(order, [3, 4, 2]);
    let many = (0..200).map(|n| risk(n, tue, 0.5, false)).collect();
    assert_eq!(likeliest(many).len(), SHOWN);
}

#[test]
fn old_months_go_and_an_institution_sees_its_own_steps() {
    let mut tally = Tally::default();
    let office = OfficeCode::from("9901");
    for month in 0..20_i8 {
        let day = date(2025 + i16::from(month / 12), month % 12 + 1, 5);
        if let Some(paces) = tally.of(day, &office) {
            paces.stages[1].add(i32::from(month));
        }
    }
    assert_eq!(tally.of(date(2025, 1, 5), &office), None);
    let months = tally.months(&|_| true);
    assert_eq!((months.len(), months[0].0), (MONTHS, (2025, 9)));
    assert_eq!(months[11].1.stages[1].median(), Some(19));
    assert_eq!(tally.lately(&office, 3).stages[1].count(), 3);
    assert_eq!(tally.months(&|_| false)[0].1, Paces::default());

    let scope = Scope::Institution("990101".into());
    let other = OfficeCode::from("990102");
    assert!(scope.holds(&office, &"990101".into(), brief::SCORING));
    assert!(!scope.holds(&office, &other, brief::SCORING));
    assert!(!scope.holds(&office, &"990101".into(), brief::DECISION));
}

#[test]
fn every_state_that_waits_has_its_desk() {
    for state in domain::case::State::WORDS {
        let waits = ["registered", "examined", "reported", "accepted", "reviewed"];
        assert_eq!(desk(state).is_some(), waits.contains(&state), "{state}");
    }
    assert_eq!(stage(brief::CORRECTION), 1);
    assert_eq!(STEPS[brief::DECISION], "decision");
}
