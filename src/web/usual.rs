//! The usual time from an exam day to the query, as dates. The one place where an answer asks for
//! an estimate.

use std::sync::LazyLock;

use domain::{calendar::Calendar, whynot::Usual};
use forecast::{
    Memory, Model, Situation,
    brief::{self, Pace},
};
use jiff::civil::Date;

/// The last stage but one ends where the certificate can be looked up at home.
const MADE: usize = 2;
const SYNCED: usize = 3;

/// Working days from the exam by which so many of a hundred first certificates are there: what is
/// known before anything was learnt from this node's own cases.
struct Days([u32; 3]);

impl Days {
    fn of(stage: usize) -> Self {
        let model = Model::new(brief::chain(Pace::Initial), Memory::default());
        let at = Situation {
            step: brief::SCORING,
            since: 0,
            today: 1,
        };
        let estimate = model.estimate(model.whole(), at);
        let stages = &estimate.forecast.stages;
        let end = stages.iter().find(|(number, _)| *number == stage);
        let days = |share| end.map_or(0, |(_, by)| by.quantile(share));
        Self([0.5, 0.8, 0.95].map(|share| u32::try_from(days(share)).unwrap_or(0)))
    }
}

static AT_HOME: LazyLock<Days> = LazyLock::new(|| Days::of(MADE));
static AT_THE_NATION: LazyLock<Days> = LazyLock::new(|| Days::of(SYNCED));

/// The days by which certificates of that exam day can be looked up, here or at a nation.
pub(super) fn usual(exam_day: Date, at_the_nation: bool, calendar: &Calendar) -> Usual {
    let days = if at_the_nation {
        &*AT_THE_NATION
    } else {
        &*AT_HOME
    };
    let [by_50, by_80, by_95] = days.0.map(|n| calendar.add_workdays(exam_day, n));
    Usual {
        by_50: by_50.date,
        by_80: by_80.date,
        by_95: by_95.date,
        provisional: by_95.provisional,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_prior_lies_where_the_brief_puts_it() {
        let calendar = Calendar::shipped();
        let exam = date(2026, 3, 3);
        for at_the_nation in [false, true] {
            let usual = usual(exam, at_the_nation, &calendar);
            let days = [usual.by_50, usual.by_80, usual.by_95]
                .map(|day| calendar.count_workdays(exam, day).days);
            assert!((15..=30).contains(&days[0]), "{days:?}");
            assert!(
                days[0] < days[1] && days[1] < days[2] && days[2] <= 60,
                "{days:?}"
            );
            assert!(!usual.provisional);
        }
        assert!(usual(exam, false, &calendar).by_80 < usual(exam, true, &calendar).by_80);
        assert!(usual(date(2026, 12, 20), true, &calendar).provisional);
    }
}
