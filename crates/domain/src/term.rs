//! Terms: from which day to which a certificate is valid, and what falls due in between.

use jiff::{ToSpan, civil::Date};

use crate::{
    catalogue::Category,
    law::{self, Law},
};

/// The dates on a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// First valid day.
    pub valid_from: Date,
    /// Last valid day.
    pub valid_until: Date,
    /// Last day of the recheck, where the law of the day of issue has one that is still done.
    pub recheck_due: Option<Date>,
}

/// The last day of a span of `years` that begins on `from`: the day before the same day of the
/// year; where that year has no such day (29 February), the last day of the month.
#[must_use]
pub fn last_day(from: Date, years: u8) -> Date {
    let there = from.saturating_add(i32::from(years).years());
    if there.day() == from.day() {
        there.saturating_sub(1.day())
    } else {
        there
    }
}

/// The term of a certificate issued on `day`, by the law of that day.
#[must_use]
pub fn issued_on(category: Category, day: Date, law: &Law) -> Term {
    let years = match category {
        Category::SpecialOperation => law.term.value,
        Category::SafetyManagement => law.management_term.value,
    };
    Term {
        valid_from: day,
        valid_until: last_day(day, years),
        recheck_due: recheck_due(category, day, law),
    }
}

/// The recheck that a term beginning on `from` brings: none under R19, none for safety management,
/// and none where it would fall due on or after the day from which it is no longer done.
#[must_use]
pub fn recheck_due(category: Category, from: Date, law: &Law) -> Option<Date> {
    if category == Category::SafetyManagement {
        return None;
    }
    let due = last_day(from, law.recheck?.value);
    (due < law::recheck_ends()).then_some(due)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn six_years_end_on_the_day_before() {
        let day = date(2026, 11, 23);
        let term = issued_on(Category::SpecialOperation, day, law::on(day));
        assert_eq!(term.valid_until, date(2032, 11, 22));
        assert_eq!(term.recheck_due, None);
        assert_eq!(
            issued_on(Category::SafetyManagement, day, law::on(day)).valid_until,
            date(2029, 11, 22)
        );
    }

    #[test]
    fn a_term_from_a_leap_day_ends_with_the_month() {
        assert_eq!(last_day(date(2024, 2, 29), 6), date(2030, 2, 28));
        assert_eq!(last_day(date(2024, 2, 29), 4), date(2028, 2, 28));
        assert_eq!(last_day(date(2024, 3, 1), 6), date(2030, 2, 28));
    }

    #[test]
    fn a_recheck_on_or_after_the_first_of_june_2026_is_not_done() {
        let due = |day| recheck_due(Category::SpecialOperation, day, law::on(day));
        assert_eq!(due(date(2023, 5, 31)), Some(date(2026, 5, 30)));
        assert_eq!(due(date(2023, 6, 1)), Some(date(2026, 5, 31)));
        assert_eq!(due(date(2023, 6, 2)), None);
        assert_eq!(due(date(2026, 6, 1)), None);
    }
}
