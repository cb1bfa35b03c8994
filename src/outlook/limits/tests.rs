use std::time::{Duration, Instant};

use domain::{catalogue::Category, record::RecordId, verdict::Kind};
use jiff::civil::date;

use super::*;
use crate::{
    outlook::Sources,
    registry::{Milestone, Passed, Place},
};

const TODAY: Date = date(2026, 11, 24);

/// Cases of 30 provinces with 10 authorities each, by turns; each is accepted, some on each of the
/// last working days.
fn nation(count: i64) -> Outlook {
    let mut outlook = Outlook::new(Sources::default());
    for number in 0..count {
        let (province, authority) = (11 + number % 30, number / 30 % 10);
        let place = Place {
            province: province.to_string(),
            authority: format!("{province}{authority:02}").as_str().into(),
            institution: format!("{province}{authority:02}{:02}", number % 7)
                .as_str()
                .into(),
            kind: Kind::Initial,
            category: Category::SpecialOperation,
            item: "2.1".into(),
        };
        let (sat, ahead) = (date(2026, 10, 12), i32::try_from(number % 20).unwrap());
        let since = sat.saturating_add(jiff::Span::new().days(ahead + 10));
        for (day, passed) in [
            (sat, Passed::Registered(Box::new(place))),
            (sat, Passed::Sat),
            (since, Passed::Confirmed),
            (since, Passed::Reported),
            (since, Passed::Accepted),
        ] {
            let case = RecordId::from_i64(number);
            outlook.take(Milestone { case, day, passed });
        }
    }
    outlook.begin(TODAY);
    outlook
}

/// So many decisions are due within the week, at one authority.
fn due(number: i64, due: Date) -> DueCase {
    DueCase {
        case: RecordId::from_i64(number),
        state: "accepted",
        due,
    }
}

#[test]
fn a_limit_is_the_likelier_missed_the_sooner_it_ends() {
    let outlook = nation(60);
    let soon = outlook.risk(&due(1, date(2026, 11, 24)), TODAY).unwrap();
    let later = outlook.risk(&due(1, date(2026, 12, 1)), TODAY).unwrap();
    assert!(
        soon.missed > later.missed && later.missed > 0.0,
        "{soon:?} {later:?}"
    );
    assert!(!soon.passed && soon.desk == "reviewer");
    let passed = outlook.risk(&due(1, date(2026, 11, 23)), TODAY).unwrap();
    assert!(passed.passed && (passed.missed - 1.0).abs() < 1e-12);
    // What the register says and the journal does not yet, and the other way round.
    assert_eq!(outlook.risk(&due(60, TODAY), TODAY), None);
    let reported = DueCase {
        state: "reported",
        ..due(1, TODAY)
    };
    assert_eq!(outlook.risk(&reported, TODAY), None);
}

/// What waited for the feed to begin is no stay; what came after it is.
#[test]
fn a_backlog_of_a_new_feed_teaches_nothing() {
    // Three of one province.
    let mut outlook = nation(61);
    for (number, issued, national) in [(0, 11, 23), (30, 11, 23), (60, 23, 24)] {
        for (day, passed) in [
            (issued, Passed::Approved),
            (issued, Passed::Issued),
            (national, Passed::National),
        ] {
            let (case, day) = (RecordId::from_i64(number), date(2026, 11, day));
            outlook.take(Milestone { case, day, passed });
        }
    }
    let view = outlook.view(&Scope::All, TODAY);
    let november = &view.months.last().unwrap().1;
    assert_eq!(
        (november.stages[3].count(), november.stages[3].median()),
        (1, Some(1))
    );
    assert_eq!((november.steps[5].count(), outlook.running()), (3, 58));
}

#[test]
fn each_part_holds_its_own() {
    let outlook = nation(600);
    let all = outlook.view(&Scope::All, TODAY);
    assert_eq!(all.groups.len(), 300);
    assert!(all.groups.iter().all(|g| g.in_step(4) == 2));
    assert_eq!(
        (
            all.groups[0].province.as_str(),
            all.groups[0].office.as_str()
        ),
        ("11", "1100")
    );
    // Ten days from the exam on a Monday to the Thursday after next are eight working days.
    let october = &all.months[0];
    assert_eq!(
        (october.0, october.1.stages[0].median()),
        ((2026, 10), Some(10))
    );
    let own = outlook.view(&Scope::Authority("1100".into()), TODAY);
    assert_eq!((own.groups.len(), own.until), (1, date(2026, 12, 1)));
    assert_eq!(own.groups[0].by_age().iter().sum::<u64>(), 2);
    let none = outlook.view(&Scope::Institution("110000".into()), TODAY);
    assert!(none.groups.is_empty());
}

/// The page is made from memory: the quickest of some rounds, since others use the machine, too.
#[test]
fn a_hundred_thousand_cases_are_seen_at_once() {
    let mut outlook = nation(100_000);
    let risks = (0..20_000).filter_map(|n| outlook.risk(&due(n, date(2026, 11, 27)), TODAY));
    let risks: Vec<Risk> = risks.collect();
    outlook.looked = outlook.summed(&risks);
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let view = outlook.view(&Scope::All, TODAY);
        quickest = quickest.min(began.elapsed());
        let waiting: u64 = view.groups.iter().map(|g| g.in_step(4)).sum();
        let due: u64 = view.groups.iter().map(|g| g.limits().due).sum();
        assert_eq!((waiting, due), (100_000, 20_000));
    }
    // Not optimised it may take longer, and longer still where others use the machine.
    let most = if cfg!(debug_assertions) { 1_000 } else { 100 };
    assert!(quickest <= Duration::from_millis(most), "{quickest:?}");
}
