//! Dated stories of so many people of one province, up to a day: what a demonstration plays.

use jiff::civil::Date;

use super::{case::Case, days::Days, province::play, scenario::Scenario};

/// The last `count` cases of the scenario's first province that began by `today`, each told as far
/// as that day. A case whose end lies after it is under way. Fewer come back where fewer began.
///
/// The scenario must reach so far: its `start` and `days` say when people come.
#[must_use]
pub fn histories(scenario: &Scenario, seed: u64, count: usize, today: Date) -> Vec<Case> {
    let days = Days::of(scenario);
    let mut cases = play(scenario, &days, seed, 0, &mut |_| ()).cases;
    cases.retain(|case| case.exam_date <= today);
    let mut cases = cases.split_off(cases.len().saturating_sub(count));
    for (number, case) in (0..).zip(&mut cases) {
        case.number = number;
        let all = case.events.len();
        case.events.retain(|event| event.on <= today);
        if case.events.len() < all {
            case.end = None;
        }
    }
    cases
}
