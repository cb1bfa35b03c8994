//! The shipped scenarios show what they say, and a wrong scenario is told what to write.

use jiff::civil::{Date, date};
use kecha::{
    lang::{self, Code},
    simulation::{Case, Histogram, SHIPPED, Scenario, Span, What},
};

use super::{SMALL, parse, play, shipped, summary};

fn lies_within(what: &str, histogram: &Histogram, low: u32, high: u32) {
    let Span {
        low: a, high: b, ..
    } = histogram.span();
    assert!(
        low <= a && b <= high,
        "{what}: {a} to {b}, not {low} to {high}"
    );
}

/// The stage table of the brief, for any seed: nine in ten of each stage lie in its range.
#[test]
fn the_brief_comes_out() {
    let scenario = shipped("brief");
    for seed in 1..=3 {
        let told = summary(&scenario, seed);
        assert!(told.cases > 19_000 && told.under_way == 0, "{}", told.cases);
        let [scoring, qualification, making, sync] = &told.stages;
        lies_within("scoring", scoring, 1, 7);
        // Whole days: the lower end may be a day early.
        lies_within("qualification", qualification, 4, 16);
        lies_within("making", making, 4, 10);
        lies_within("sync", sync, 0, 5);
        lies_within("whole", &told.whole, 10, 45);
        let whole = told.whole.span();
        assert!((15..=30).contains(&whole.median), "{whole:?}");
        assert!(whole.high <= 30 && whole.low >= 12, "{whole:?}");
        // About 10 when all goes well; two months and more when not.
        assert!(told.whole.within(1) <= 12, "{}", told.whole.within(1));
        assert!(told.whole.within(0) <= 9, "{}", told.whole.within(0));
        assert!(told.whole.within(100) >= 45, "{}", told.whole.within(100));
        let medians = told.kinds.each_ref().map(|kind| kind.within(50));
        assert!(medians.is_sorted_by(|a, b| a >= b), "{medians:?}");
        assert!(
            medians[0] > medians[1] && medians[1] > medians[3],
            "{medians:?}"
        );
    }
}

#[test]
fn streaming_and_daily_issue_are_faster() {
    let [brief, fast] = ["brief", "fast"].map(|name| summary(&shipped(name), 1));
    for percent in [10, 25, 50, 75, 90] {
        let (slow, quick) = (brief.whole.within(percent), fast.whole.within(percent));
        assert!(quick + 5 <= slow, "{percent} %: {quick} and {slow}");
    }
    // Making and the feed give the days; the institutions are those of the brief.
    assert_eq!(fast.stages[3].within(95), 0);
    assert!(fast.stages[2].within(50) + 4 <= brief.stages[2].within(50));
    let scoring = [&brief, &fast].map(|told| told.stages[0].within(50));
    assert_eq!(scoring[0], scoring[1]);
}

/// The median working days from the report to the approval of one authority's cases that were
/// reported in a stretch of time.
fn review(
    cases: &[Case],
    authority: u16,
    from: Date,
    until: Date,
    days: &kecha::simulation::Days,
) -> u32 {
    let mut told = Histogram::default();
    for case in cases.iter().filter(|case| case.authority == authority) {
        let reported = case.day_of(What::Reported);
        if let Some((reported, approved)) = reported.zip(case.day_of(What::Approved))
            && from <= reported
            && reported < until
        {
            told.add(days.workdays(reported, approved));
        }
    }
    assert!(told.count() > 300, "{}", told.count());
    told.within(50)
}

#[test]
fn the_tripled_authority_triples() {
    let (days, play) = play(&shipped("tripled"), 1);
    let change = date(2025, 7, 1);
    let of = |authority, from, until| review(&play.cases, authority, from, until, &days);
    let before = [0, 1].map(|a| of(a, date(2024, 9, 1), date(2025, 6, 1)));
    let after = [0, 1].map(|a| of(a, change, date(2025, 12, 1)));
    assert!(after[0] * 2 <= before[0], "{before:?} {after:?}");
    assert!(after[1].abs_diff(before[1]) <= 1, "{before:?} {after:?}");
}

#[test]
fn drifting_authorities_part() {
    let (days, play) = play(&shipped("drift"), 1);
    let of = |authority, from, until| review(&play.cases, authority, from, until, &days);
    let early = [0, 1].map(|a| of(a, date(2024, 1, 1), date(2024, 5, 1)));
    let late = [0, 1].map(|a| of(a, date(2025, 9, 1), date(2026, 1, 1)));
    assert!(
        late[0] < early[0] && late[1] > early[1],
        "{early:?} {late:?}"
    );
}

#[test]
fn the_new_year_stops_both_authorities() {
    let (_, play) = play(&shipped("newyear"), 1);
    let approved = |from: Date, until: Date| {
        let days = play.cases.iter().filter_map(|c| c.day_of(What::Approved));
        days.filter(|d| from <= *d && *d <= until).count()
    };
    assert_eq!(approved(date(2024, 1, 27), date(2024, 2, 25)), 0);
    assert_eq!(approved(date(2025, 1, 14), date(2025, 2, 12)), 0);
    assert!(approved(date(2025, 3, 1), date(2025, 3, 31)) > 200);
}

#[test]
fn the_half_monthly_feed_goes_twice_a_month() {
    let (_, play) = play(&shipped("halfmonthly"), 1);
    let days = play.cases.iter().filter_map(|c| c.day_of(What::Queryable));
    let days: Vec<Date> = days.collect();
    assert!(days.len() > 5_000);
    assert!(days.iter().all(|d| matches!(d.day(), 1 | 16)));
}

#[test]
fn every_shipped_scenario_is_the_file_beside_it_and_plays() {
    let files = crate::docs::files("scenarios", ".toml");
    let mut names: Vec<String> = SHIPPED
        .iter()
        .map(|(name, _)| format!("scenarios/{name}.toml"))
        .collect();
    names.sort();
    assert_eq!(files, names);
    for (name, _) in SHIPPED {
        for code in Code::ALL {
            let called = lang::shipped(code).say(&format!("scenario-{name}"));
            let own = code == Code::En;
            assert_eq!(called == shipped(name).title, own, "{called}");
        }
        let scenario = shipped(name).with_days(40).expect("40 days");
        let (_, play) = play(&scenario, 1);
        assert!(play.cases.len() > 300, "{name}: {}", play.cases.len());
        assert!(play.cases.iter().all(|c| c.end.is_some()), "{name}");
    }
    let people: u32 = shipped("nation")
        .provinces
        .iter()
        .map(|p| u32::from(p.count) * p.candidates)
        .sum();
    assert_eq!(
        (shipped("nation").province_count(), people),
        (34, 1_000_000)
    );
}

/// What stands in the small scenario, what is written instead, and what is told of it.
type Mistake = (&'static str, &'static str, &'static [&'static str]);

const MISTAKES: &[Mistake] = &[
    (
        "days = 120",
        "dais = 120",
        &["line 4", "unknown field `dais`", "`days`"],
    ),
    (
        "seats = 20",
        "seats = 20\nrooms = 2",
        &["unknown field `rooms`"],
    ),
    (
        "seats = 20",
        "",
        &["missing field `seats`", "docs/simulation.md"],
    ),
    ("days = 120", "days = \"many\"", &["line 4", "invalid type"]),
    ("days = 120", "days = 0", &["days: 0; write 1 to 3660"]),
    (
        "2025-01-06",
        "2025-02-30",
        &["`2025-02-30` is no day", "2025-01-31"],
    ),
    (
        "2025-01-06",
        "1999-01-01",
        &["start: 1999-01-01; write 2019-01-01"],
    ),
    ("\"small\"", "\" \"", &["title: empty"]),
    (
        "\"2.1\", ",
        "\"99.1\", ",
        &["items: `99.1` is not in the catalogue"],
    ),
    (
        "daily 02:00",
        "now and then",
        &["`now and then` is no schedule", "half_monthly"],
    ),
    (
        "[\"tue\", \"sat\"]",
        "[\"tuesday\"]",
        &["`tuesday` is no weekday", "mon, tue"],
    ),
    (
        "[\"tue\", \"sat\"]",
        "[]",
        &["institutions, group 1, exam_days: none"],
    ),
    (
        "[\"tue\", \"sat\"]",
        "[\"tue\", \"tue\"]",
        &["exam_days: a weekday stands twice"],
    ),
    (
        "pass_rate = 0.8",
        "pass_rate = 80",
        &["institutions, group 1, pass_rate: 80; write 0 to 1"],
    ),
    (
        "officers = 2, per_officer = 9",
        "officers = 0, per_officer = 9",
        &["scoring, officers: 0; write 1 to 1000"],
    ),
    (
        "correction = [2, 4, 9]",
        "correction = [4, 2, 9]",
        &[
            "authorities, group 1, correction: [4, 2, 9]",
            "in this order",
        ],
    ),
    (
        "correction = [2, 4, 9]",
        "correction = [2, 4]",
        &["correction"],
    ),
    (
        "until = 2025-02-10",
        "until = 2025-01-10",
        &[
            "stops: from 2025-01-20 until 2025-01-10",
            "earlier day first",
        ],
    ),
    (
        "order = \"chance\"",
        "order = \"dice\"",
        &["unknown variant `dice`", "`first_come`"],
    ),
    (
        "seats = 20",
        "seats = 1",
        &["seats: 1 a day are 100 a year for", "write more seats"],
    ),
    (
        "initial = { share = 0.7 }",
        "initial = { share = 0 }",
        &["kinds.initial.share: 0"],
    ),
    (
        "recheck = { share = 0.2, delay = 0.8 }",
        "recheck = { share = 0.2, delay = 0 }",
        &["kinds.recheck.delay: 0"],
    ),
];

#[test]
fn a_wrong_scenario_is_told_what_to_write() {
    for (right, wrong, told) in MISTAKES {
        assert!(SMALL.contains(right), "{right}");
        let text = SMALL.replacen(right, wrong, 1);
        let error = Scenario::parse(&text).expect_err(wrong).to_string();
        for part in *told {
            assert!(error.contains(part), "{wrong}: {error}");
        }
    }
    let error = parse(SMALL).with_days(0).expect_err("no days").to_string();
    assert!(error.contains("days: 0; write 1 to 3660"), "{error}");
}

/// Every field of the file stands in its manual.
#[test]
fn the_manual_has_every_field() {
    let source = crate::docs::read("src/simulation/scenario.rs");
    let manual = crate::docs::read("docs/simulation.md");
    let named = crate::docs::quoted(&manual);
    let structs = source.split("deny_unknown_fields)]").skip(1);
    let mut fields = 0;
    for body in structs.filter_map(|text| text.split("\n}").next()) {
        for line in body.lines().filter(|line| line.starts_with("    ")) {
            let line = line.trim().trim_start_matches("pub ");
            let Some((name, _)) = line.split_once(": ") else {
                continue;
            };
            if name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                fields += 1;
                assert!(named.contains(&name), "docs/simulation.md: `{name}`");
            }
        }
    }
    assert!(fields > 45, "{fields}");
}
