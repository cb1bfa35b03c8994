//! Reads the calendar's data file. Every refusal names the line and what to write instead.

use alloc::{boxed::Box, string::ToString, vec::Vec};
use core::fmt;

use jiff::civil::{Date, Weekday};

use super::{Stretch, Year, YearStatus};

/// The years a file may speak of; anything else is a slip of the hand.
const SENSIBLE: core::ops::RangeInclusive<i16> = 1949..=2199;

/// What is wrong with a data file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file has no `year` line.
    Empty,
    /// The line begins with a word the form does not have.
    Word(Box<str>),
    /// Something stands before the first `year` line.
    NoYear,
    /// The year is no number, or none a calendar can be about.
    Year(Box<str>),
    /// The status is neither of the two.
    Status(Box<str>),
    /// A year as a whole.
    Of(i16, YearFault),
    /// `notice` or `source` with nothing behind it.
    Blank,
    /// Not a day of the year.
    Day(Box<str>),
    /// A stretch that ends before it begins.
    Backwards,
    /// The holiday's name is missing.
    Unnamed,
    /// A worked day that is no Saturday or Sunday, and so is worked anyway.
    NotWeekend(Date),
    /// The day is named by an earlier line.
    Twice(Date),
}

/// What can be wrong with a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearFault {
    /// The file has it already.
    Twice,
    /// It is published and has no notice.
    NoticeMissing,
    /// A notice, where it is said to have none.
    NoticeUnexpected,
    /// It does not say where its days come from.
    SourceMissing,
    /// It is published and has not a single holiday: the file was cut off.
    NothingOff,
    /// A worked weekend, where the notice is not out.
    WorkUnpublished,
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl core::error::Error for CalendarError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no year; begin with a line such as `year 2027 published`"),
            Self::Word(word) => {
                write!(
                    f,
                    "`{word}` is not known; a line begins with year, notice, source, off, work or #"
                )
            }
            Self::NoYear => {
                f.write_str("no year yet; put a line such as `year 2027 published` above")
            }
            Self::Year(word) => {
                let (first, last) = (SENSIBLE.start(), SENSIBLE.end());
                write!(f, "`{word}` is no year; write one from {first} to {last}")
            }
            Self::Status(word) => {
                write!(
                    f,
                    "`{word}` is no status; write published or statutory_only after the year"
                )
            }
            Self::Of(year, fault) => fault.said_of(*year, f),
            Self::Blank => f.write_str("nothing follows; write the text behind the word"),
            Self::Day(word) => {
                write!(
                    f,
                    "`{word}` is no day of the year; write MM-DD or MM-DD..MM-DD, for example 10-01..10-07"
                )
            }
            Self::Backwards => {
                f.write_str("the stretch ends before it begins; write the earlier day first")
            }
            Self::Unnamed => f.write_str("the holiday has no name; write it behind the day"),
            Self::NotWeekend(day) => {
                write!(
                    f,
                    "{day} is no Saturday or Sunday and is worked anyway; check the day"
                )
            }
            Self::Twice(day) => write!(f, "{day} is named by an earlier line; leave one of them"),
        }
    }
}

impl YearFault {
    fn said_of(self, year: i16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = match self {
            Self::Twice => "is in the file twice; leave one of them",
            Self::NoticeMissing => {
                "is published but names no notice; add a line `notice` with its 文号"
            }
            Self::NoticeUnexpected => {
                return write!(
                    f,
                    "{year} is statutory_only but names a notice; write `year {year} published`"
                );
            }
            Self::SourceMissing => "does not say where its days come from; add a line `source`",
            Self::NothingOff => "is published but has no holiday; add its `off` lines",
            Self::WorkUnpublished => {
                "is statutory_only: only a notice makes a weekend worked; remove the line"
            }
        };
        write!(f, "{year} {told}")
    }
}

/// A year while its lines are read.
struct Draft {
    line: usize,
    year: i16,
    published: bool,
    notice: Option<Box<str>>,
    source: Option<Box<str>>,
    stretches: Vec<Stretch>,
}

impl Draft {
    fn open(line: usize, rest: &str, done: &[Year]) -> Result<Self, Fault> {
        let (word, status) = cut(rest);
        let year: i16 = word.parse().map_err(|_| Fault::Year(word.into()))?;
        if !SENSIBLE.contains(&year) {
            return Err(Fault::Year(word.into()));
        }
        if done.iter().any(|y| y.year == year) {
            return Err(Fault::Of(year, YearFault::Twice));
        }
        let published = match status {
            "published" => true,
            "statutory_only" => false,
            other => return Err(Fault::Status(other.into())),
        };
        Ok(Self {
            line,
            year,
            published,
            notice: None,
            source: None,
            stretches: Vec::new(),
        })
    }

    fn take(&mut self, word: &str, rest: &str) -> Result<(), Fault> {
        match word {
            "notice" if !self.published => Err(Fault::Of(self.year, YearFault::NoticeUnexpected)),
            "notice" => text(rest).map(|t| self.notice = Some(t)),
            "source" => text(rest).map(|t| self.source = Some(t)),
            "off" => self.stretch(rest, false),
            "work" if !self.published => Err(Fault::Of(self.year, YearFault::WorkUnpublished)),
            "work" => self.stretch(rest, true),
            other => Err(Fault::Word(other.into())),
        }
    }

    fn stretch(&mut self, rest: &str, worked: bool) -> Result<(), Fault> {
        let (days, name) = cut(rest);
        let (first, last) = days.split_once("..").unwrap_or((days, days));
        let day = |text: &str| day(self.year, text).ok_or_else(|| Fault::Day(days.into()));
        let (first, last) = (day(first)?, day(last)?);
        if last < first {
            return Err(Fault::Backwards);
        }
        if name.is_empty() {
            return Err(Fault::Unnamed);
        }
        if let Some(named) = self
            .stretches
            .iter()
            .find(|s| s.first <= last && first <= s.last)
        {
            return Err(Fault::Twice(named.first.max(first)));
        }
        if worked {
            let weekend = |d: Date| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
            let mut days = first
                .series(jiff::Span::new().days(1))
                .take_while(|d| *d <= last);
            if let Some(day) = days.find(|d| !weekend(*d)) {
                return Err(Fault::NotWeekend(day));
            }
        }
        self.stretches.push(Stretch {
            first,
            last,
            worked,
            name: name.into(),
        });
        Ok(())
    }

    fn close(mut self) -> Result<Year, CalendarError> {
        let (line, year) = (self.line, self.year);
        let wrong = |fault| CalendarError { line, fault };
        let source = self
            .source
            .ok_or_else(|| wrong(Fault::Of(year, YearFault::SourceMissing)))?;
        let status = match self.notice {
            Some(notice) => YearStatus::Published { notice },
            None if self.published => return Err(wrong(Fault::Of(year, YearFault::NoticeMissing))),
            None => YearStatus::StatutoryOnly,
        };
        if self.stretches.iter().all(|s| s.worked) {
            return Err(wrong(Fault::Of(year, YearFault::NothingOff)));
        }
        self.stretches.sort_by_key(|s| s.first);
        Ok(Year {
            year,
            status,
            source,
            stretches: self.stretches,
        })
    }
}

/// The years of a data file, in its order.
pub(super) fn years(text: &str) -> Result<Vec<Year>, CalendarError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut done = Vec::new();
    let mut draft: Option<Draft> = None;
    for (at, line) in text.lines().enumerate() {
        let at = at + 1;
        let wrong = |fault| CalendarError { line: at, fault };
        match cut(line) {
            ("", _) => {}
            (word, _) if word.starts_with('#') => {}
            ("year", rest) => {
                if let Some(draft) = draft.take() {
                    done.push(draft.close()?);
                }
                draft = Some(Draft::open(at, rest, &done).map_err(wrong)?);
            }
            (word, rest) => {
                let draft = draft.as_mut().ok_or_else(|| wrong(Fault::NoYear))?;
                draft.take(word, rest).map_err(wrong)?;
            }
        }
    }
    let last = draft.ok_or(CalendarError {
        line: 1,
        fault: Fault::Empty,
    })?;
    done.push(last.close()?);
    Ok(done)
}

/// The first word, and the rest without the blanks around it.
fn cut(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once(char::is_whitespace)
        .map_or((line, ""), |(word, rest)| (word, rest.trim()))
}

fn text(rest: &str) -> Result<Box<str>, Fault> {
    if rest.is_empty() {
        Err(Fault::Blank)
    } else {
        Ok(rest.to_string().into())
    }
}

/// `MM-DD`, two digits each.
fn day(year: i16, text: &str) -> Option<Date> {
    let (month, day) = text.split_once('-')?;
    let two = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && part.len() == 2;
    if !two(month) || !two(day) {
        return None;
    }
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}
