//! Back-tests on event logs of several kinds, made here.

use forecast::log::{Backtest, Case, Fault, backtest};

use crate::province::Chance;

/// A log of so many cases: begun at even times, with activities from 0, the last one an end.
fn log(cases: u32, seed: u64, mut case: impl FnMut(f64, &mut Chance) -> Case) -> Vec<Case> {
    let mut chance = Chance::new(seed);
    (0..cases)
        .map(|n| case(f64::from(n) * 0.1, &mut chance))
        .collect()
}

/// A case that goes on to activity 2 at once or waits at 1, with a heavy tail.
fn ordinary(start: f64, pace: f64, chance: &mut Chance) -> Case {
    let mut events = vec![(start, 0)];
    let mut at = start;
    let slow = chance.unit() < 0.3;
    at += pace * (0.4 * chance.normal()).exp();
    events.push((at, if slow { 1 } else { 2 }));
    at += pace * if slow { 8.0 } else { 1.0 } * (1.1 * chance.normal()).exp();
    events.push((at, 3));
    at += pace * 0.2 * chance.unit();
    events.push((at, 4));
    Case { events }
}

fn run(cases: &[Case]) -> Backtest {
    let mut last = 0.0;
    let found = backtest(cases, 0.2, &mut |done| {
        assert!(done >= last, "progress goes on");
        last = done;
    });
    assert!((last - 1.0).abs() < 1e-9);
    found.expect("a back-test")
}

fn holds(found: &Backtest) {
    for (level, held) in [0.5, 0.8, 0.9, 0.95].into_iter().zip(&found.coverage[1..]) {
        assert!((held - level).abs() < 0.06, "{level}: {found:?}");
    }
    assert!((found.coverage[3] - 0.9).abs() < 0.04, "{found:?}");
    beats(found);
}

fn beats(found: &Backtest) {
    let loss = found.pinball;
    assert!(
        loss.model < loss.global.min(loss.last_activity),
        "{found:?}"
    );
}

#[test]
fn heavy_tails() {
    let cases = log(1500, 11, |start, chance| ordinary(start, 1.0, chance));
    let found = run(&cases);
    assert_eq!(found.cases.test, 300);
    assert_eq!(found.cases.train + found.cases.censored, 1200);
    // Four events each, and the last one does not count.
    assert_eq!(found.prefixes, 900);
    holds(&found);
}

#[test]
fn speeds_that_drift() {
    let cases = log(1500, 12, |start, chance| {
        ordinary(start, 1.0 + 0.3 * (start / 25.0).sin(), chance)
    });
    let found = run(&cases);
    assert!((found.coverage[3] - 0.9).abs() < 0.06, "{found:?}");
    beats(&found);
}

#[test]
fn ties_at_zero() {
    let cases = log(1200, 13, |start, chance| {
        let mut case = ordinary(start, 1.0, chance);
        // In half of the cases the last three events happen at one moment.
        if chance.unit() < 0.5 {
            let at = case.events[1].0;
            case.events[2].0 = at;
            case.events[3].0 = at;
        }
        case
    });
    let found = run(&cases);
    assert!((found.coverage[3] - 0.9).abs() < 0.05, "{found:?}");
    beats(&found);
}

#[test]
fn thousands_of_activities() {
    let cases = log(1500, 14, |start, chance| {
        let mut case = ordinary(start, 1.0, chance);
        // What happened in the middle has a name of its own, so it tells nothing.
        case.events[1].1 = 100 + u32::try_from(chance.below(5000)).unwrap();
        case
    });
    let found = run(&cases);
    assert!((found.coverage[3] - 0.9).abs() < 0.05, "{found:?}");
    beats(&found);
}

#[test]
fn whole_days() {
    let cases = log(1500, 15, |start, chance| {
        let mut case = ordinary(start, 3.0, chance);
        for event in &mut case.events {
            event.0 = event.0.floor();
        }
        case
    });
    let found = run(&cases);
    assert!((found.coverage[3] - 0.9).abs() < 0.05, "{found:?}");
    beats(&found);
}

#[test]
fn few_cases() {
    let cases = log(30, 16, |start, chance| ordinary(start * 50.0, 1.0, chance));
    let found = run(&cases);
    assert_eq!((found.cases.test, found.prefixes), (6, 18));
    assert!(found.pinball.model.is_finite());
}

/// What becomes of earlier cases after the first test case has begun is not known to the forecast.
#[test]
fn nothing_is_learnt_from_later() {
    let mut cases = log(600, 17, |start, chance| ordinary(start, 1.0, chance));
    let begin = cases[480].start();
    // One end of the log for both.
    cases[599].events.push((1e4, 4));
    let plain = run(&cases);
    let mut touched = 0;
    for case in &mut cases[..480] {
        for event in &mut case.events {
            if event.0 >= begin {
                event.0 = begin + (event.0 - begin) * 7.0 + 1.0;
                event.1 = 9;
                touched += 1;
            }
        }
    }
    assert!(touched > 20 && plain.cases.censored > 5, "{touched}");
    assert_eq!(run(&cases), plain);
}

#[test]
fn logs_with_nothing_to_learn_or_ask() {
    let at = |times: &[f64]| Case {
        events: times.iter().map(|time| (*time, 0)).collect(),
    };
    let all_at_once = vec![at(&[0.0, 1.0]), at(&[0.0, 2.0])];
    assert_eq!(
        backtest(&all_at_once, 0.2, &mut |_| {}),
        Err(Fault::OneStart)
    );
    assert_eq!(backtest(&[], 0.2, &mut |_| {}), Err(Fault::OneStart));
    let overlapping = vec![at(&[0.0, 9.0]), at(&[1.0, 9.0]), at(&[2.0, 9.0])];
    let fault = backtest(&overlapping, 0.2, &mut |_| {});
    assert_eq!(fault, Err(Fault::NothingFinished));
    let single = vec![at(&[0.0, 1.0]), at(&[2.0, 3.0]), at(&[4.0])];
    assert_eq!(
        backtest(&single, 0.2, &mut |_| {}),
        Err(Fault::NothingToAsk)
    );
}
