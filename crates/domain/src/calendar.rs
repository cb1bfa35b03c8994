//! The working-day calendar (工作日): holidays, weekends, and the weekends that are worked instead.
//!
//! Legal terms of a licence are counted in working days without the statutory holidays
//! (行政许可法 82), and the day a term begins is not counted (民法典 201). Which days those are
//! the State Council says once a year, late: until its notice for a year is out, nobody knows the
//! make-up days, so every answer that reaches such a year says `provisional`.
//!
//! The shipped years are data with their source (`calendar/years.txt`). A notice may still take
//! off the last days of the December before it, as that for 2019 did; load the new file then.
//! Which version of the law's limits is in force on a day is a fact about that day as well: whoever
//! counts a limit out is handed both by the one value.
//!
//! Adding and counting cost a few nanoseconds whatever the distance (see `table`).

mod read;
mod table;
#[cfg(test)]
mod tests;

use alloc::{boxed::Box, vec::Vec};

use jiff::civil::Date;

use crate::{
    law::Law,
    pack::{Laws, RulePack},
};

pub use read::{CalendarError, Fault, YearFault};
use table::{Table, date_of, number_of};

/// What is known about the working days of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum YearStatus {
    /// The State Council's notice is out: holidays and make-up days are final.
    Published {
        /// 文号 and date of the notice.
        notice: Box<str>,
    },
    /// Only the days the holiday law itself fixes are known; no make-up day is.
    StatutoryOnly,
    /// Nothing is known: every Monday to Friday is taken for a working day.
    Unknown,
}

/// A year for which there is no data.
static UNKNOWN: YearStatus = YearStatus::Unknown;

impl YearStatus {
    /// The word of the data file and of JSON.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Published { .. } => "published",
            Self::StatutoryOnly => "statutory_only",
            Self::Unknown => "unknown",
        }
    }
}

/// What one day is, and because of which holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day<'a> {
    /// An ordinary working day.
    Workday,
    /// A Saturday or Sunday that is worked for the named holiday (调休上班).
    MakeUp(&'a str),
    /// An ordinary Saturday or Sunday.
    Weekend,
    /// Off by the notice, or by the holiday law where there is no notice yet.
    Holiday(&'a str),
}

impl Day<'_> {
    /// Whether offices work on it.
    #[must_use]
    pub fn is_workday(self) -> bool {
        matches!(self, Self::Workday | Self::MakeUp(_))
    }
}

/// The day a count of working days leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The day.
    pub date: Date,
    /// A counted day lies in a year whose notice is not out: the day may still move.
    pub provisional: bool,
}

/// How many working days lie between two days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The working days; negative when the second day is the earlier one.
    pub days: i64,
    /// A counted day lies in a year whose notice is not out: the figure may still change.
    pub provisional: bool,
}

/// A stretch of days named by one line of the data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first day.
    pub first: Date,
    /// The last day, itself included.
    pub last: Date,
    /// Off, or worked although it is a weekend.
    pub worked: bool,
    /// The holiday's name, as the notice writes it.
    pub name: Box<str>,
}

/// One year of the data file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    year: i16,
    status: YearStatus,
    source: Box<str>,
    stretches: Vec<Stretch>,
}

/// The working days of every day there is, with what is known about each year.
///
/// ```
/// use domain::calendar::Calendar;
/// use jiff::civil::date;
///
/// let calendar = Calendar::shipped();
/// // Accepted on the Friday before the Spring Festival of 2026; 20 working days to decide. The
/// // Saturdays 14 and 28 February are worked, 15 to 23 February are off.
/// let due = calendar.add_workdays(date(2026, 2, 13), 20);
/// assert_eq!(due.date, date(2026, 3, 19));
/// assert!(!due.provisional);
/// ```
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Ascending, each year once.
    years: Vec<Year>,
    table: Table,
    laws: Laws,
}

impl Calendar {
    /// The years this program was built with. Parses its file: call it once and keep the value.
    #[must_use]
    pub fn shipped() -> Self {
        // Cannot fail: the file is part of the program and a test parses it.
        Self::parse(include_str!("calendar/years.txt")).expect("the shipped calendar parses")
    }

    /// Reads a data file; `calendar/years.txt` shows and explains the form.
    ///
    /// # Errors
    /// The first line that is wrong, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        Ok(Self::of(read::years(text)?))
    }

    /// This calendar with the years of a further file; a year in both is taken from the file.
    ///
    /// # Errors
    /// The first line that is wrong, and what to write instead.
    pub fn with(self, text: &str) -> Result<Self, CalendarError> {
        let further = read::years(text)?;
        let mut years = self.years;
        years.retain(|old| further.iter().all(|new| new.year != old.year));
        years.extend(further);
        Ok(Self {
            laws: self.laws,
            ..Self::of(years)
        })
    }

    /// This calendar with one more version of the law's limits, in force from its own first day.
    #[must_use]
    pub fn with_pack(self, pack: &RulePack) -> Self {
        Self {
            laws: self.laws.with(pack),
            ..self
        }
    }

    /// The version of the law's limits in force on that day.
    #[must_use]
    pub fn law(&self, day: Date) -> &Law {
        self.laws.on(day)
    }

    /// Every version of the law's limits.
    #[must_use]
    pub fn laws(&self) -> &Laws {
        &self.laws
    }

    fn of(mut years: Vec<Year>) -> Self {
        years.sort_by_key(|y| y.year);
        let table = Table::of(&years);
        Self {
            years,
            table,
            laws: Laws::default(),
        }
    }

    fn year(&self, year: i16) -> Option<&Year> {
        let at = self.years.binary_search_by_key(&year, |y| y.year).ok()?;
        self.years.get(at)
    }

    /// The years there is data for, ascending.
    pub fn years(&self) -> impl Iterator<Item = (i16, &YearStatus)> {
        self.years.iter().map(|y| (y.year, &y.status))
    }

    /// What is known about a year.
    #[must_use]
    pub fn status(&self, year: i16) -> &YearStatus {
        self.year(year).map_or(&UNKNOWN, |y| &y.status)
    }

    /// Where the days of a year were taken from.
    #[must_use]
    pub fn source(&self, year: i16) -> Option<&str> {
        self.year(year).map(|y| &*y.source)
    }

    /// The holidays and worked weekends of a year, by date.
    #[must_use]
    pub fn stretches(&self, year: i16) -> &[Stretch] {
        self.year(year).map_or(&[], |y| &y.stretches)
    }

    /// Whether offices work on this day. In a year that is not published this is a best guess.
    #[must_use]
    pub fn is_workday(&self, day: Date) -> bool {
        self.table.is_workday(number_of(day))
    }

    /// What this day is, and because of which holiday.
    #[must_use]
    pub fn day(&self, day: Date) -> Day<'_> {
        let named = self
            .stretches(day.year())
            .iter()
            .find(|s| s.first <= day && day <= s.last);
        match named {
            Some(s) if s.worked => Day::MakeUp(&s.name),
            Some(s) => Day::Holiday(&s.name),
            None if self.is_workday(day) => Day::Workday,
            None => Day::Weekend,
        }
    }

    /// The working days of a year, ascending.
    pub fn workdays(&self, year: i16) -> impl Iterator<Item = Date> {
        let first = Date::new(year, 1, 1).ok();
        let days = first
            .into_iter()
            .flat_map(|d| d.series(jiff::Span::new().days(1)));
        days.take_while(move |d| d.year() == year)
            .filter(|d| self.is_workday(*d))
    }

    /// The first working day after this one.
    #[must_use]
    pub fn next_workday(&self, day: Date) -> Reached {
        self.add_workdays(day, 1)
    }

    /// This day if it is worked, else the next that is: where a term that would end on a day off
    /// ends (民法典 203).
    #[must_use]
    pub fn workday_from(&self, day: Date) -> Reached {
        if self.is_workday(day) {
            return Reached {
                date: day,
                provisional: self.unsettled(day, day),
            };
        }
        self.next_workday(day)
    }

    /// The `days`-th working day after `day`, which itself is not counted (民法典 201). Zero days
    /// lead to `day`. Stops at the last day the calendar can write, in the year 9999.
    #[must_use]
    pub fn add_workdays(&self, day: Date, days: u32) -> Reached {
        if days == 0 {
            return Reached {
                date: day,
                provisional: self.unsettled(day, day),
            };
        }
        let done = self.table.before(number_of(day) + 1);
        let date = date_of(self.table.nth(done + i64::from(days) - 1));
        let first = day.tomorrow().unwrap_or(day);
        Reached {
            date,
            provisional: self.unsettled(first, date),
        }
    }

    /// The working days after `from`, up to and with `to`: what `add_workdays` would need to get
    /// from one to the other. Negative when `to` is the earlier day.
    #[must_use]
    pub fn count_workdays(&self, from: Date, to: Date) -> Counted {
        let days = self.table.before(number_of(to) + 1) - self.table.before(number_of(from) + 1);
        let (early, late) = if from <= to { (from, to) } else { (to, from) };
        let first = if early == late {
            early
        } else {
            early.tomorrow().unwrap_or(early)
        };
        Counted {
            days,
            provisional: self.unsettled(first, late),
        }
    }

    /// Whether a day of this stretch lies in a year without a notice.
    fn unsettled(&self, first: Date, last: Date) -> bool {
        (first.year()..=last.year()).any(|year| !self.table.is_settled(year))
    }
}
