//! The usual time from an exam day to the query, as dates. The one place where the causes of a miss
//! ask for an estimate. It is asked with what was added to the miss, and knows of nobody.

use domain::{
    calendar::Calendar,
    verdict::{Kind, Stage},
    whynot::Usual,
};
use jiff::civil::Date;

use super::App;
use crate::{
    estimate::{Answer, Question},
    outlook::Where,
    registry::Narrowed,
};

impl App {
    /// The days by which first certificates of that exam day can be looked up, at home or at a
    /// nation, by what this node has seen. None where no day was told, or one that cannot be
    /// counted from.
    pub(super) fn usual(&self, narrowed: &Narrowed) -> Option<Usual> {
        let exam = narrowed.exam_day?;
        let words = narrowed.institution.as_deref();
        let office = words.and_then(|words| self.registry.institution(words));
        let authority = office.as_ref().and_then(|o| o.reports_to.as_ref());
        let place = Where {
            province: narrowed.province.clone(),
            authority: authority.map(ToString::to_string),
            institution: office.as_ref().map(|o| o.code.to_string()),
        };
        let answer = self.expect(&place, question(exam)).ok()?;
        let calendar = self.registry.calendar();
        of(&answer, exam, !self.followed.is_empty(), calendar)
    }
}

/// Seen from the exam's day: seen from today, the usual time would run ahead of whoever waits.
fn question(exam: Date) -> Question {
    Question {
        exam,
        kind: Kind::Initial,
        stage: None,
        since: None,
        as_of: exam,
        place: Vec::new(),
    }
}

fn of(answer: &Answer, exam: Date, at_the_nation: bool, calendar: &Calendar) -> Option<Usual> {
    // At home it can be looked up when it is made and issued.
    let last = if at_the_nation {
        Stage::Sync
    } else {
        Stage::Making
    };
    let days = answer.stages.iter().find(|s| s.stage == last)?.workdays;
    let [by_50, by_80, by_95] = [days.p50, days.p80, days.p95].map(|days| {
        let days = u32::try_from(days).unwrap_or(0);
        calendar.add_workdays(exam, days)
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
    use crate::estimate::Estimator;

    #[test]
    fn the_prior_lies_where_the_brief_puts_it() {
        let calendar = Calendar::shipped();
        let estimator = Estimator::new(Calendar::shipped());
        let exam = date(2026, 3, 3);
        let of = |exam, nation| {
            let answer = estimator.ask(&question(exam)).expect("an answer");
            of(&answer, exam, nation, &calendar).expect("a day that can be counted")
        };
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
