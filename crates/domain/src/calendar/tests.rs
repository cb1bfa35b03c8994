extern crate std;

use alloc::string::ToString;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::*;

/// The same questions answered by walking day by day through the lines of the file.
struct Walker(Calendar);

static WALKER: LazyLock<Walker> = LazyLock::new(|| Walker(Calendar::shipped()));

impl Walker {
    fn worked(&self, day: Date) -> bool {
        let named = self
            .0
            .stretches(day.year())
            .iter()
            .find(|s| s.first <= day && day <= s.last);
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        named.map_or(!weekend, |s| s.worked)
    }

    fn settled(&self, day: Date) -> bool {
        matches!(self.0.status(day.year()), YearStatus::Published { .. })
    }

    fn add(&self, mut day: Date, mut days: u32) -> Reached {
        let mut provisional = days == 0 && !self.settled(day);
        while days > 0 {
            day += 1.day();
            provisional |= !self.settled(day);
            days -= u32::from(self.worked(day));
        }
        Reached {
            date: day,
            provisional,
        }
    }

    fn count(&self, from: Date, to: Date) -> i64 {
        let (early, late) = if from <= to { (from, to) } else { (to, from) };
        let mut days = 0;
        let mut day = early;
        while day < late {
            day += 1.day();
            days += i64::from(self.worked(day));
        }
        if from <= to { days } else { -days }
    }
}

#[test]
fn each_published_year_has_the_workdays_that_were_counted() {
    let calendar = Calendar::shipped();
    let counted: [(i16, usize); 9] = [
        (2018, 250),
        (2019, 250),
        (2020, 249),
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ];
    for (year, days) in counted {
        assert_eq!(calendar.workdays(year).count(), days, "{year}");
        assert_eq!(calendar.status(year).code(), "published");
    }
    assert_eq!(calendar.status(2027), &YearStatus::StatutoryOnly);
    assert_eq!(calendar.status(2028), &YearStatus::Unknown);
    let statutory = calendar.stretches(2027).iter();
    let days: i64 = statutory
        .map(|s| number_of(s.last) - number_of(s.first) + 1)
        .sum();
    assert_eq!(days, 13, "the holiday law has thirteen days");
}

#[test]
fn the_notice_for_2026_is_read_as_it_is_written() {
    let calendar = Calendar::shipped();
    let YearStatus::Published { notice } = calendar.status(2026) else {
        panic!("published")
    };
    assert_eq!(&**notice, "国办发明电〔2025〕7号（2025-11-04）");
    assert_eq!(calendar.day(date(2026, 1, 2)), Day::Holiday("元旦"));
    assert_eq!(calendar.day(date(2026, 1, 4)), Day::MakeUp("元旦"));
    assert_eq!(calendar.day(date(2026, 2, 28)), Day::MakeUp("春节"));
    assert_eq!(calendar.day(date(2026, 3, 1)), Day::Weekend);
    assert_eq!(calendar.day(date(2026, 3, 2)), Day::Workday);
    assert_eq!(
        calendar.next_workday(date(2026, 9, 30)).date,
        date(2026, 10, 8)
    );
    assert_eq!(
        calendar.workday_from(date(2026, 10, 10)).date,
        date(2026, 10, 10)
    );
    assert_eq!(
        calendar.workday_from(date(2026, 10, 11)).date,
        date(2026, 10, 12)
    );
}

#[test]
fn an_answer_that_reaches_a_year_without_notice_is_provisional() {
    let calendar = Calendar::shipped();
    let last = date(2026, 12, 31);
    assert!(!calendar.add_workdays(last, 0).provisional);
    assert_eq!(
        calendar.add_workdays(last, 1),
        Reached {
            date: date(2027, 1, 4),
            provisional: true
        }
    );
    assert!(!calendar.count_workdays(date(2026, 1, 1), last).provisional);
    assert!(calendar.count_workdays(last, date(2027, 1, 1)).provisional);
    // The first day is not counted, so a year that is not counted does not matter.
    assert!(!calendar.add_workdays(date(2017, 12, 31), 1).provisional);
    assert!(calendar.add_workdays(date(2017, 12, 29), 1).provisional);
}

#[test]
fn the_ends_of_time_hold_still() {
    let calendar = Calendar::shipped();
    assert_eq!(
        calendar.add_workdays(Date::MAX, u32::MAX),
        Reached {
            date: Date::MAX,
            provisional: true
        }
    );
    assert_eq!(
        calendar.add_workdays(date(2026, 1, 1), u32::MAX).date,
        Date::MAX
    );
    let all = calendar.count_workdays(Date::MIN, Date::MAX);
    assert_eq!(
        all.days,
        -calendar.count_workdays(Date::MAX, Date::MIN).days
    );
    assert!(all.provisional);
}

#[test]
fn a_further_file_brings_the_notice_for_2027() {
    let notice = "year 2027 published\nnotice 国办发明电〔2026〕1号\nsource by hand\n\
                  off 02-05..02-11 春节\nwork 02-14 春节\n";
    let calendar = Calendar::shipped().with(notice).expect("parses");
    assert_eq!(calendar.status(2027).code(), "published");
    assert!(calendar.is_workday(date(2027, 2, 14)));
    assert!(!calendar.add_workdays(date(2026, 12, 31), 20).provisional);
    assert_eq!(calendar.workdays(2026).count(), 248);
    // A gap stays unknown and the years around it keep their days.
    let gap = Calendar::shipped()
        .with(&notice.replace("2027", "2032"))
        .expect("parses");
    assert_eq!(gap.status(2030), &YearStatus::Unknown);
    assert!(gap.add_workdays(date(2029, 12, 31), 3).provisional);
    assert!(!gap.add_workdays(date(2031, 12, 31), 3).provisional);
}

/// A file with one fault, the line it is on, and a piece of what must be said.
const WRONG: [(&str, usize, &str); 18] = [
    (
        "",
        1,
        "no year; begin with a line such as `year 2027 published`",
    ),
    (
        "off 01-01 x",
        1,
        "put a line such as `year 2027 published` above",
    ),
    (
        "year 27 published",
        1,
        "`27` is no year; write one from 1949 to 2199",
    ),
    (
        "year 2027 final",
        1,
        "`final` is no status; write published or",
    ),
    (
        "year 2027 published\nsource s\noff 01-01 x",
        1,
        "names no notice",
    ),
    (
        "year 2027 published\nnotice n\nsource s",
        1,
        "has no holiday",
    ),
    (
        "year 2027 published\nnotice n\noff 01-01 x",
        1,
        "add a line `source`",
    ),
    ("year 2027 published\nnotice", 2, "nothing follows"),
    (
        "year 2027 statutory_only\nnotice n",
        2,
        "write `year 2027 published`",
    ),
    (
        "year 2027 statutory_only\nwork 01-02 x",
        2,
        "remove the line",
    ),
    ("{head}holiday 01-02 x", 6, "`holiday` is not known"),
    (
        "{head}off 02-29 x",
        6,
        "`02-29` is no day of the year; write MM-DD",
    ),
    ("{head}off 2-5 x", 6, "is no day of the year"),
    ("{head}off 02-08..02-05 x", 6, "write the earlier day first"),
    ("{head}off 02-08", 6, "has no name"),
    (
        "{head}work 01-04 x",
        6,
        "2027-01-04 is no Saturday or Sunday",
    ),
    (
        "{head}work 01-01 x",
        6,
        "2027-01-01 is named by an earlier line",
    ),
    (
        "{head}\nyear 2027 published",
        7,
        "2027 is in the file twice",
    ),
];

#[test]
fn a_wrong_line_is_named_with_its_remedy() {
    let head = "# a file\nyear 2027 published\nnotice n\nsource s\noff 01-01 元旦\n";
    for (text, line, says) in WRONG {
        let text = text.replace("{head}", head);
        let error = Calendar::parse(&text).expect_err(&text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let windows = "\u{feff}".to_string() + &head.replace('\n', "\r\n");
    assert!(Calendar::parse(&windows).is_ok());
}

#[test]
fn a_million_days_are_added_as_the_walker_adds_them() {
    let Walker(calendar) = &*WALKER;
    // Every working day there is, found by walking; then adding is taking a later entry.
    let mut worked = Vec::new();
    let mut day = date(2015, 12, 31);
    while day < date(2031, 1, 1) {
        day = WALKER.add(day, 1).date;
        worked.push(day);
    }
    let mut compared = 0_u32;
    let mut passed = 0;
    for day in date(2016, 1, 1)
        .series(1.day())
        .take_while(|d| *d < date(2029, 1, 1))
    {
        passed += usize::from(worked.get(passed).is_some_and(|next| *next <= day));
        for (days, reached) in (1..=211).zip(worked.iter().skip(passed)) {
            assert_eq!(
                calendar.add_workdays(day, days).date,
                *reached,
                "{day} + {days}"
            );
            compared += 1;
        }
    }
    assert!(compared >= 1_000_000, "{compared}");
}

fn any_day() -> impl Strategy<Value = Date> {
    (2010_i16..2040, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| date(y, m, d))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_agrees_with_the_walker(day in any_day(), days in 0_u32..600) {
        prop_assert_eq!(WALKER.0.add_workdays(day, days), WALKER.add(day, days));
    }

    #[test]
    fn counting_agrees_with_the_walker(from in any_day(), to in any_day()) {
        let walker = &*WALKER;
        prop_assert_eq!(walker.0.count_workdays(from, to).days, walker.count(from, to));
        prop_assert_eq!(walker.0.is_workday(from), walker.worked(from));
        prop_assert_eq!(walker.0.day(from).is_workday(), walker.worked(from));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(year|off|work|notice|source|#| |\n|20[0-9]{2}|[01][0-9]-[0-3][0-9]|\\.\\.|published|\\PC){0,40}") {
        let _ = Calendar::parse(&text);
    }
}
