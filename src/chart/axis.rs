//! Marks on an axis: round numbers, and days that people know.

use jiff::{ToSpan, civil::Date};

use super::draw::width_of;
use crate::lang::Sentences;

/// A day as a label: `8 Dec`, `12月8日`.
#[must_use]
pub fn day(date: Date, words: &Sentences) -> String {
    words.with(
        "chart-date",
        &[
            ("day", &date.day().to_string()),
            (
                "month",
                &words.say(&format!("chart-month-{}", date.month())),
            ),
        ],
    )
}

/// A month as a label, with its year in January and where `year` is asked for.
#[must_use]
pub fn month(year: i16, month: i8, with_year: bool, words: &Sentences) -> String {
    let name = words.say(&format!("chart-month-{month}"));
    if with_year {
        let year = year.to_string();
        return words.with("chart-month-year", &[("month", &name), ("year", &year)]);
    }
    name
}

/// The holidays of the calendar's notices, and the key of each.
const HOLIDAYS: [(&str, &str); 7] = [
    ("元旦", "holiday-new-year"),
    ("春节", "holiday-spring"),
    ("清明节", "holiday-tombs"),
    ("劳动节", "holiday-labour"),
    ("端午节", "holiday-boats"),
    ("中秋节", "holiday-autumn"),
    ("国庆节", "holiday-national"),
];

/// A holiday's name in a language; two that fall together are named together. What the notice
/// calls by another name keeps it.
#[must_use]
pub fn holiday(name: &str, words: &Sentences) -> String {
    let known = HOLIDAYS.iter().filter(|(han, _)| name.contains(han));
    let names: Vec<String> = known.map(|(_, key)| words.say(key)).collect();
    if names.is_empty() {
        return name.to_owned();
    }
    names.join(" + ")
}

/// Days on a line from left to right.
pub(super) struct Dates {
    pub(super) first: Date,
    pub(super) last: Date,
    left: f64,
    width: f64,
}

impl Dates {
    /// A day is as wide as the next; `last` ends at the right edge.
    pub(super) fn new(first: Date, last: Date, left: f64, width: f64) -> Self {
        let last = last.max(first);
        Self {
            first,
            last,
            left,
            width,
        }
    }

    fn count(&self) -> f64 {
        f64::from((self.last - self.first).get_days() + 1)
    }

    /// Where a day begins, within the edges.
    pub(super) fn start_of(&self, date: Date) -> f64 {
        let days = f64::from((date - self.first).get_days());
        self.left + (days / self.count()).clamp(0.0, 1.0) * self.width
    }

    /// Where a day ends.
    pub(super) fn end_of(&self, date: Date) -> f64 {
        self.start_of(date.tomorrow().unwrap_or(date))
    }

    /// Mondays, or firsts of months, as close as their labels allow.
    pub(super) fn ticks(&self, size: f64, words: &Sentences) -> Vec<Date> {
        let widest = day(Date::constant(2026, 12, 28), words);
        let apart = width_of(&widest, size) + 14.0;
        let per_day = self.width / self.count();
        let to_monday = (7 - i64::from(self.first.weekday().to_monday_zero_offset())) % 7;
        let monday = self.first.saturating_add(to_monday.days());
        for weeks in [1_i64, 2, 4] {
            #[expect(clippy::cast_precision_loss, reason = "a week has seven days")]
            if per_day * (weeks * 7) as f64 >= apart {
                let days = monday.series((weeks * 7).days());
                return days.take_while(|d| *d <= self.last).collect();
            }
        }
        let first = self.first.first_of_month();
        for months in [1_i64, 2, 3, 6] {
            if per_day * 30.0 * f64::from(i32::try_from(months).unwrap_or(1)) >= apart
                || months == 6
            {
                let days = first.series(months.months());
                let inside = days.skip_while(|d| *d < self.first);
                return inside.take_while(|d| *d <= self.last).collect();
            }
        }
        Vec::new()
    }
}

/// Round marks from 0 to at least `most`, about so many.
pub(super) fn numbers(most: f64, wanted: u32) -> Vec<f64> {
    let most = if most > 0.0 { most } else { 1.0 };
    let rough = most / f64::from(wanted);
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
    let step = steps.into_iter().find(|s| *s >= rough).unwrap_or(rough);
    // Whole working days and whole cases only.
    let step = step.max(1.0);
    let mut marks = vec![0.0];
    while marks.last().is_some_and(|last| *last < most) {
        marks.push(marks.last().copied().unwrap_or(0.0) + step);
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Code, shipped};
    use jiff::civil::date;

    #[test]
    fn marks_are_round_and_reach_far_enough() {
        assert_eq!(numbers(9.0, 4), [0.0, 5.0, 10.0]);
        assert_eq!(numbers(430.0, 4), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(numbers(0.0, 4), [0.0, 1.0]);
    }

    #[test]
    fn labels_of_days_keep_apart() {
        for code in Code::ALL {
            let words = shipped(code);
            for (days, width) in [(20, 250.0), (60, 300.0), (200, 560.0), (700, 300.0)] {
                let last = date(2026, 11, 3).saturating_add(days.days());
                let axis = Dates::new(date(2026, 11, 3), last, 0.0, width);
                let ticks = axis.ticks(12.0, words);
                assert!(ticks.len() >= 2, "{days} days on {width}");
                for pair in ticks.windows(2) {
                    let apart = axis.start_of(pair[1]) - axis.start_of(pair[0]);
                    let label = width_of(&day(pair[1], words), 12.0);
                    assert!(apart >= label, "{days} days on {width}: {pair:?}");
                }
            }
        }
    }
}
