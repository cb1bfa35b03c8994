//! One bit a day and a running count every 64 days: counting and adding without walking.
//!
//! Days are numbered from 1970-01-01. Inside the table a day's rank is a look-up and a popcount;
//! outside it weekends alone decide, and those are arithmetic. Everything else in the calendar is
//! a sum or a difference of ranks.

use alloc::{vec, vec::Vec};

use jiff::civil::Date;

use super::{Year, YearStatus};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Days since 1970-01-01. The difference of two `Date`s always fits.
pub(super) fn number_of(day: Date) -> i64 {
    i64::from((day - EPOCH).get_days())
}

/// The day with this number, or the last (first) day there is when it lies beyond.
pub(super) fn date_of(number: i64) -> Date {
    let days = number.clamp(number_of(Date::MIN), number_of(Date::MAX));
    EPOCH.saturating_add(jiff::Span::new().days(days))
}

/// Mondays to Fridays from a fixed Monday up to, not with, this day.
fn weekdays_before(number: i64) -> i64 {
    // 1969-12-29 was a Monday.
    let days = number + 3;
    days.div_euclid(7) * 5 + days.rem_euclid(7).min(5)
}

/// The Monday to Friday that has so many before it.
fn nth_weekday(n: i64) -> i64 {
    n.div_euclid(5) * 7 + n.rem_euclid(5) - 3
}

/// The days from the first year with data to the last.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The number of its first day, a 1 January.
    start: i64,
    /// The number of the day after its last.
    end: i64,
    /// A set bit is a working day; the lowest bit is the earliest day.
    bits: Vec<u64>,
    /// The working days before each word of `bits`.
    before: Vec<i64>,
    /// The working days of the whole table.
    total: i64,
    first_year: i16,
    /// For each year from `first_year`, whether its notice is out.
    settled: Vec<bool>,
}

impl Table {
    /// `years` ascend; what lies between them is filled by the weekend rule.
    pub(super) fn of(years: &[Year]) -> Self {
        let first_year = years.first().map_or(1970, |y| y.year);
        let last_year = years.last().map_or(first_year, |y| y.year);
        let start = number_of(january(first_year));
        let end = number_of(january(last_year.saturating_add(1)));
        let words = usize::try_from((end - start).div_euclid(64) + 1).unwrap_or(0);
        let mut table = Self {
            start,
            end,
            bits: vec![0; words],
            before: Vec::with_capacity(words),
            total: 0,
            first_year,
            settled: (first_year..=last_year)
                .map(|n| {
                    let published = |y: &Year| matches!(y.status, YearStatus::Published { .. });
                    years.iter().any(|y| y.year == n && published(y))
                })
                .collect(),
        };
        for number in start..end {
            table.set(
                number,
                weekdays_before(number + 1) > weekdays_before(number),
            );
        }
        for stretch in years.iter().flat_map(|y| &y.stretches) {
            for number in number_of(stretch.first)..=number_of(stretch.last) {
                table.set(number, stretch.worked);
            }
        }
        for word in &table.bits {
            table.before.push(table.total);
            table.total += i64::from(word.count_ones());
        }
        table
    }

    /// The word and the bit of a day inside the table.
    fn place(&self, number: i64) -> Option<(usize, u32)> {
        let offset = u32::try_from(number - self.start)
            .ok()
            .filter(|_| number < self.end)?;
        Some((usize::try_from(offset / 64).ok()?, offset % 64))
    }

    fn set(&mut self, number: i64, worked: bool) {
        if let Some((word, bit)) = self.place(number)
            && let Some(bits) = self.bits.get_mut(word)
        {
            *bits = *bits & !(1 << bit) | u64::from(worked) << bit;
        }
    }

    pub(super) fn is_workday(&self, number: i64) -> bool {
        self.before(number + 1) > self.before(number)
    }

    /// The working days from the table's start up to, not with, this day; negative before it.
    pub(super) fn before(&self, number: i64) -> i64 {
        if let Some((word, bit)) = self.place(number)
            && let (Some(bits), Some(before)) = (self.bits.get(word), self.before.get(word))
        {
            return before + i64::from((bits & ((1 << bit) - 1)).count_ones());
        }
        let (edge, known) = if number < self.start {
            (self.start, 0)
        } else {
            (self.end, self.total)
        };
        known + weekdays_before(number) - weekdays_before(edge)
    }

    /// The working day that has so many before it: the inverse of `before`.
    pub(super) fn nth(&self, n: i64) -> i64 {
        if n < 0 {
            return nth_weekday(weekdays_before(self.start) + n);
        }
        if n >= self.total {
            return nth_weekday(weekdays_before(self.end) + n - self.total);
        }
        let word = self
            .before
            .partition_point(|before| *before <= n)
            .saturating_sub(1);
        let mut bits = self.bits.get(word).copied().unwrap_or(0);
        for _ in self.before.get(word).copied().unwrap_or(0)..n {
            bits &= bits.wrapping_sub(1);
        }
        let words = i64::try_from(word).unwrap_or(0);
        self.start + words * 64 + i64::from(bits.trailing_zeros())
    }

    /// Whether the notice for a year is out.
    pub(super) fn is_settled(&self, year: i16) -> bool {
        let place = usize::try_from(i32::from(year) - i32::from(self.first_year));
        place.is_ok_and(|at| self.settled.get(at).copied().unwrap_or(false))
    }
}

fn january(year: i16) -> Date {
    Date::new(year, 1, 1).unwrap_or(Date::MAX)
}
