//! The usual time from an exam day to the query, as dates. The one place where an answer asks for
//! an estimate.

use std::sync::LazyLock;

use domain::{
    calendar::Calendar,
    verdict::{Kind, Stage},
    whynot::Usual,
};
use jiff::civil::Date;

use crate::estimate::{Estimator, Question};

/// What is known before anything was learnt from this node's own cases.
static ESTIMATOR: LazyLock<Estimator> = LazyLock::new(|| Estimator::new(Calendar::shipped()));

/// The days by which first certificates of that exam day can be looked up, at home or at a nation.
/// They are seen from the exam's day: seen from today, the usual time would run ahead of whoever
/// waits. None for a day that cannot be counted from.
pub(super) fn usual(exam_day: Date, at_the_nation: bool, calendar: &Calendar) -> Option<Usual> {
    let question = Question {
        exam: exam_day,
        kind: Kind::Initial,
        stage: None,
        since: None,
        as_of: exam_day,
        place: Vec::new(),
    };
    let answer = ESTIMATOR.ask(&question).ok()?;
    // At home it can be looked up when it is made and issued.
    let last = if at_the_nation {
        Stage::Sync
    } else {
        Stage::Making
    };
    let days = answer.stages.iter().find(|s| s.stage == last)?.workdays;
    let [by_50, by_80, by_95] = [days.p50, days.p80, days.p95].map(|days| {
        let days = u32::try_from(days).unwrap_or(0);
        calendar.add_workdays(exam_day, days)
    });
    Some(Usual {
        by_50: by_50.date,
        by_80: by_80.date,
        by_95: by_95.date,
        provisional: by_95.provisional,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_prior_lies_where_the_brief_puts_it() {
        let calendar = Calendar::shipped();
        let exam = date(2026, 3, 3);
        let of = |exam, nation| usual(exam, nation, &calendar).expect("a day that can be counted");
        for at_the_nation in [false, true] {
            let usual = of(exam, at_the_nation);
            let days = [usual.by_50, usual.by_80, usual.by_95]
                .map(|day| calendar.count_workdays(exam, day).days);
            assert!((15..=30).contains(&days[0]), "{days:?}");
            assert!(
                days[0] < days[1] && days[1] < days[2] && days[2] <= 60,
                "{days:?}"
            );
            assert!(!usual.provisional);
        }
        assert!(of(exam, false).by_80 < of(exam, true).by_80);
        assert!(of(date(2026, 12, 20), true).provisional);
    }
}
