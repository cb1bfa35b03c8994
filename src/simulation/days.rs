//! The days of a run, numbered, with the working days among them.

use domain::calendar::{Calendar, Day};
use jiff::{ToSpan, civil::Date};

use super::scenario::Scenario;

/// People register before the exam, so there are days before the first exam.
const LEAD: u32 = 45;

/// Every day from the first of the warm-up to the last that offices work on.
pub struct Days {
    first: Date,
    /// The first day on which candidates come.
    opens: u32,
    /// Days from `first` to the first day that counts.
    start: u32,
    /// The day after the last on which candidates come.
    closes: u32,
    days: Vec<Known>,
    /// The numbers of the working days, ascending.
    worked: Vec<u32>,
}

/// What is known of one day.
struct Known {
    date: Date,
    is_workday: bool,
    is_holiday: bool,
    /// Working days up to and with this day.
    rank: u32,
}

impl Days {
    /// The days of a scenario, on the shipped calendar.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let calendar = Calendar::shipped();
        let opens = LEAD;
        let start = opens + u32::from(scenario.warm_up);
        let closes = start + u32::from(scenario.days);
        let all = closes + u32::from(scenario.follow);
        let first = scenario.start.saturating_sub(i64::from(start).days());
        let mut days = Vec::new();
        let mut worked = Vec::new();
        let mut rank = 0;
        for number in 0..all {
            let date = first.saturating_add(i64::from(number).days());
            let is_workday = calendar.is_workday(date);
            if is_workday {
                rank += 1;
                worked.push(number);
            }
            days.push(Known {
                date,
                is_workday,
                is_holiday: matches!(calendar.day(date), Day::Holiday(_)),
                rank,
            });
        }
        Self {
            first,
            opens,
            start,
            closes,
            days,
            worked,
        }
    }

    fn known(&self, day: u32) -> Option<&Known> {
        self.days.get(usize::try_from(day).ok()?)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.days.len()).unwrap_or(u32::MAX)
    }

    /// The first day on which candidates come.
    #[must_use]
    pub fn opens(&self) -> u32 {
        self.opens
    }

    /// The first day that counts; those before it only fill the desks.
    #[must_use]
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The day after the last on which candidates come.
    #[must_use]
    pub fn closes(&self) -> u32 {
        self.closes
    }

    /// The date of a day.
    #[must_use]
    pub fn date(&self, day: u32) -> Date {
        match self.known(day) {
            Some(known) => known.date,
            None => self.first.saturating_add(i64::from(day).days()),
        }
    }

    /// The number of a date; none before the first day.
    #[must_use]
    pub fn number(&self, date: Date) -> Option<u32> {
        u32::try_from((date - self.first).get_days()).ok()
    }

    /// Whether offices work.
    #[must_use]
    pub fn is_workday(&self, day: u32) -> bool {
        self.known(day).is_some_and(|k| k.is_workday)
    }

    /// Whether the State Council made it a day off.
    #[must_use]
    pub fn is_holiday(&self, day: u32) -> bool {
        self.known(day).is_some_and(|k| k.is_holiday)
    }

    /// The so-manieth working day after a day; the day itself for none. After the last day there
    /// is one more, on which nothing happens.
    #[must_use]
    pub fn after(&self, day: u32, workdays: u32) -> u32 {
        if workdays == 0 {
            return day;
        }
        let done = self.known(day).map_or(u32::MAX, |k| k.rank);
        let at = usize::try_from(done.saturating_add(workdays - 1)).ok();
        let found = at.and_then(|at| self.worked.get(at));
        found.copied().unwrap_or_else(|| self.count())
    }

    /// The working days after `from`, up to and with `to`.
    #[must_use]
    pub fn between(&self, from: u32, to: u32) -> u32 {
        let rank = |day: u32| self.known(day).map_or(0, |k| k.rank);
        rank(to).saturating_sub(rank(from))
    }

    /// The working days between two dates of this run.
    #[must_use]
    pub fn workdays(&self, from: Date, to: Date) -> u32 {
        match (self.number(from), self.number(to)) {
            (Some(from), Some(to)) => self.between(from, to),
            _ => 0,
        }
    }

    /// The last working day at or before a day; the first day when there is none.
    #[must_use]
    pub fn worked_by(&self, day: u32) -> u32 {
        let at = self.worked.partition_point(|d| *d <= day);
        let last = at.checked_sub(1).and_then(|at| self.worked.get(at));
        last.copied().unwrap_or(0)
    }

    /// Whether work that is done on these weekdays is done on this day: the day itself, or one of
    /// the days off before it, is such a weekday. So Friday's batch is not lost when Friday is off.
    #[must_use]
    pub fn is_batch_day(&self, day: u32, weekdays: &[jiff::civil::Weekday]) -> bool {
        if weekdays.is_empty() || !self.is_workday(day) {
            return weekdays.is_empty() && self.is_workday(day);
        }
        let mut at = day;
        loop {
            if weekdays.contains(&self.date(at).weekday()) {
                return true;
            }
            match at.checked_sub(1) {
                Some(before) if !self.is_workday(before) => at = before,
                _ => return false,
            }
        }
    }
}
