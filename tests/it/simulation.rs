//! Provinces that are played: what a run may never do, and what the shipped scenarios show.

mod charts;
mod command;
mod lawful;
mod scenarios;

use kecha::simulation::{self, Case, Days, EventLog, Play, Scenario, Summary};

/// A province with few people and scarce officers, so that queues form.
pub const SMALL: &str = r#"
title = "small"
start = "2025-01-06"
days = 120
warm_up = 0
items = ["2.1", "1.2"]
[[provinces]]
candidates = 3000
feed = "daily 02:00"
[kinds]
initial = { share = 0.7 }
recheck = { share = 0.2, delay = 0.8 }
replacement = { share = 0.05 }
reissue = { share = 0.05 }
[[institutions]]
count = 3
exam_days = ["tue", "sat"]
seats = 20
pass_rate = 0.8
late = 0.1
late_by = [5, 8, 12]
scoring = { officers = 2, per_officer = 9, delay = [1, 2, 4], absence = 0.1 }
reporting = { officers = 1, per_officer = 30, delay = [0, 1, 2], days = ["wed"] }
[[authorities]]
count = 2
complete = 0.7
complete_again = 0.8
correction = [2, 4, 9]
inspected = 0.05
inspection = [5, 8, 12]
approved = 0.95
stops = [{ from = 2025-01-20, until = 2025-02-10 }]
acceptance = { officers = 1, per_officer = 9, delay = [0, 1, 2], absence = 0.1 }
review = { officers = 2, per_officer = 3, delay = [1, 2, 4], order = "oldest" }
approval = { officers = 1, per_officer = 7, delay = [0, 1, 2], order = "chance" }
making = { officers = 1, per_officer = 40, delay = [1, 2, 3], days = ["fri"] }
issue = { officers = 1, per_officer = 20, delay = [0, 1, 2], order = "newest" }
"#;

pub fn parse(text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|e| panic!("{e}"))
}

pub fn shipped(name: &str) -> Scenario {
    parse(simulation::shipped(name).expect("a shipped scenario"))
}

/// Plays the first province.
pub fn play(scenario: &Scenario, seed: u64) -> (Days, Play) {
    let days = Days::of(scenario);
    let play = simulation::play(scenario, &days, seed, 0, &mut |_| ());
    (days, play)
}

/// Plays all and sums up.
pub fn summary(scenario: &Scenario, seed: u64) -> Summary {
    let mut summary = Summary::default();
    let all = simulation::run(scenario, seed, &mut |_| (), |days, play| {
        summary.add(days, &play);
        Ok::<_, ()>(())
    });
    all.expect("nothing that fails");
    summary
}

fn log(scenario: &Scenario, cases: &[Case]) -> String {
    let mut log = EventLog::begin(Vec::new(), scenario).expect("room");
    cases.iter().for_each(|case| log.write(case).expect("room"));
    String::from_utf8(log.end().expect("room")).expect("text")
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let scenario = parse(SMALL);
    let told = |seed| log(&scenario, &play(&scenario, seed).1.cases);
    let first = told(7);
    assert!(first.lines().count() > 5_000);
    assert_eq!(first, told(7));
    assert_ne!(first, told(8));
}

/// Provinces do not lend each other chance: the second is the same whether or not the first is
/// played.
#[test]
fn a_province_does_not_hang_on_the_others() {
    let scenario = parse(&SMALL.replace("[[provinces]]", "[[provinces]]\ncount = 3"));
    let days = Days::of(&scenario);
    let alone = simulation::play(&scenario, &days, 3, 1, &mut |_| ());
    let mut together = Vec::new();
    let all = simulation::run(&scenario, 3, &mut |_| (), |_, play| {
        together.push(play.cases);
        Ok::<_, ()>(())
    });
    all.expect("nothing that fails");
    assert_eq!(together.len(), 3);
    assert_eq!(together[1], alone.cases);
    assert_ne!(together[0].len(), together[1].len());
}
