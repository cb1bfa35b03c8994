//! Times as people and programs write them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

/// A moment of a log: the clock of the place where it was written, and how far that is from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// As written.
    pub clock: DateTime,
    /// The offset, if one was written.
    pub offset: Option<Offset>,
}

impl Moment {
    /// The moment on the line of time, in seconds. Without an offset the clock is taken for UTC:
    /// only differences matter.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let offset = self.offset.unwrap_or(Offset::UTC);
        offset
            .to_timestamp(self.clock)
            .map_or(0.0, |at| at.as_duration().as_secs_f64())
    }

    /// The clock in China at that moment. Without an offset it was written there.
    #[must_use]
    pub fn in_china(&self) -> DateTime {
        let Some(offset) = self.offset else {
            return self.clock;
        };
        let at = offset.to_timestamp(self.clock);
        at.map_or(self.clock, |at| Offset::constant(8).to_datetime(at))
    }

    /// The same with day and month the other way round, where that is a day.
    pub(super) fn turned(&self, [first, second]: [u8; 2]) -> Self {
        let number = |n: u8| i8::try_from(n).unwrap_or(0);
        let date = Date::new(self.clock.year(), number(first), number(second));
        Self {
            clock: date.map_or(self.clock, |date| date.to_datetime(self.clock.time())),
            ..*self
        }
    }
}

/// Whether days or months come first in dates such as 03/04/2026: decided by the whole column.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Order {
    day_first: usize,
    month_first: usize,
}

impl Order {
    pub(super) fn see(&mut self, [first, second]: [u8; 2]) {
        self.day_first += usize::from(first > 12);
        self.month_first += usize::from(second > 12);
    }

    pub(super) fn is_month_first(self) -> bool {
        self.month_first > self.day_first
    }
}

/// Reads a time; beside it, where it is not said which is the day and which the month, the two as
/// they stand.
pub(super) fn read(text: &str) -> Option<(Moment, Option<[u8; 2]>)> {
    let text = text.trim().trim_matches(['"', '\'']);
    if let Ok(pieces) = jiff::fmt::temporal::DateTimeParser::new().parse_datetime(text) {
        // Digits alone are a number of seconds, or a date without signs.
        if !text.ends_with(['Z', 'z']) && !has_offset(text) {
            return number(text).or_else(|| Some((plain(pieces), None)));
        }
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        let offset = offset_of(text).unwrap_or(Offset::UTC);
        let clock = offset.to_datetime(at);
        return Some((
            Moment {
                clock,
                offset: Some(offset),
            },
            None,
        ));
    }
    number(text).or_else(|| loose(text))
}

fn plain(clock: DateTime) -> Moment {
    Moment {
        clock,
        offset: None,
    }
}

/// Where the offset begins: a sign after a colon or after `T` and digits.
fn offset_at(text: &str) -> Option<usize> {
    let time = text
        .find(['T', 't', ' '])
        .filter(|at| text[*at..].contains(':'))?;
    let sign = text[time + 1..].find(['+', '-'])?;
    Some(time + 1 + sign)
}

fn has_offset(text: &str) -> bool {
    offset_at(text).is_some()
}

fn offset_of(text: &str) -> Option<Offset> {
    let written = &text[offset_at(text)?..];
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?;
    let seconds = (hours * 60 + minutes) * 60;
    let signed = if written.starts_with('-') {
        -seconds
    } else {
        seconds
    };
    Offset::from_seconds(signed).ok()
}

/// Seconds, milliseconds or microseconds since 1970, or a date and time without signs.
fn number(text: &str) -> Option<(Moment, Option<[u8; 2]>)> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to)?.parse::<i16>().ok();
    let small = |from, to| i8::try_from(part(from, to)?).ok();
    if whole.len() == 8 || whole.len() == 14 {
        let date = Date::new(part(0, 4)?, small(4, 6)?, small(6, 8)?).ok()?;
        let time = if whole.len() == 14 {
            Time::new(small(8, 10)?, small(10, 12)?, small(12, 14)?, 0).ok()?
        } else {
            Time::midnight()
        };
        return Some((plain(date.to_datetime(time)), None));
    }
    let value: i64 = whole.parse().ok()?;
    let at = match whole.len() {
        ..=11 if text.parse::<f64>().is_ok() => Timestamp::from_second(value).ok()?,
        12..=14 => Timestamp::from_millisecond(value).ok()?,
        15..=17 => Timestamp::from_microsecond(value).ok()?,
        18..=19 => Timestamp::from_nanosecond(i128::from(value)).ok()?,
        _ => return None,
    };
    Some((
        Moment {
            clock: Offset::UTC.to_datetime(at),
            offset: Some(Offset::UTC),
        },
        None,
    ))
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A date in three parts with any signs between, then perhaps a time, `AM` or `PM`, an offset.
fn loose(text: &str) -> Option<(Moment, Option<[u8; 2]>)> {
    let mut parts = text
        .split(['T', 't', ' ', ','])
        .filter(|part| !part.is_empty());
    let mut pieces: Vec<&str> = Vec::new();
    let mut rest: Vec<&str> = Vec::new();
    // The date ends when it has three parts: 04-Mar-2012, 4 Mar 2012, 2012/03/04, Mar 4, 2012.
    for part in parts.by_ref() {
        // Signs after the date belong to the time: 04-03-2012:11.30.
        let (date, time) = part
            .split_once(':')
            .filter(|_| pieces.is_empty() && part.len() > 8)
            .filter(|(date, _)| date.chars().filter(|c| "-/.".contains(*c)).count() == 2)
            .map_or((part, None), |(date, time)| (date, Some(time)));
        pieces.extend(
            date.split(['-', '/', '.', '年', '月', '日'])
                .filter(|p| !p.is_empty()),
        );
        rest.extend(time);
        if pieces.len() >= 3 {
            break;
        }
    }
    rest.extend(parts);
    let &[a, b, c] = pieces.as_slice() else {
        return None;
    };
    let (date, open) = date_of(a, b, c)?;
    let (time, offset) = time_of(&rest)?;
    let clock = date.to_datetime(time);
    Some((Moment { clock, offset }, open))
}

/// The date of three parts.
fn date_of(a: &str, b: &str, c: &str) -> Option<(Date, Option<[u8; 2]>)> {
    let small = |text: &str| text.parse::<i8>().ok();
    let year = |text: &str| {
        let year = text.parse::<i16>().ok()?;
        Some(if text.len() <= 2 { 2000 + year } else { year })
    };
    let month = |text: &str| {
        let begins = |name: &&str| text.to_ascii_lowercase().starts_with(*name);
        let at = MONTHS.iter().position(begins)?;
        i8::try_from(at + 1).ok()
    };
    if let Some(month) = month(b) {
        let long = a.len() == 4;
        let (y, d) = if long { (a, c) } else { (c, a) };
        return Some((Date::new(year(y)?, month, small(d)?).ok()?, None));
    }
    if let Some(month) = month(a) {
        return Some((Date::new(year(c)?, month, small(b)?).ok()?, None));
    }
    if a.len() == 4 {
        return Some((Date::new(year(a)?, small(b)?, small(c)?).ok()?, None));
    }
    let (first, second) = (small(a)?, small(b)?);
    let pair = [u8::try_from(first).ok()?, u8::try_from(second).ok()?];
    let (day, month) = if second > 12 {
        (second, first)
    } else {
        (first, second)
    };
    Some((Date::new(year(c)?, month, day).ok()?, Some(pair)))
}

/// The time of day in what follows a date.
fn time_of(rest: &[&str]) -> Option<(Time, Option<Offset>)> {
    let Some(first) = rest.first() else {
        return Some((Time::midnight(), None));
    };
    let (clock, offset) = match first.find(['+', '-', 'Z', 'z']) {
        Some(at) => (&first[..at], offset_after(&first[at..])),
        None => (
            *first,
            rest.iter().skip(1).find_map(|part| offset_after(part)),
        ),
    };
    let lower: Vec<String> = rest.iter().map(|part| part.to_ascii_lowercase()).collect();
    let half = |word: &str| lower.iter().any(|part| part.ends_with(word));
    let digits = clock.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let mut parts = digits.split([':', '.']);
    let mut next = || parts.next().map_or(Some(0), |part| part.parse::<i8>().ok());
    let (mut hour, minute, second) = (next()?, next()?, next()?);
    if half("pm") && hour < 12 {
        hour += 12;
    } else if half("am") && hour == 12 {
        hour = 0;
    }
    let fraction = digits.split([':', '.']).nth(3).unwrap_or("0");
    let nanos: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let time = if hour == 24 && minute == 0 {
        Time::MAX
    } else {
        Time::new(hour, minute, second, nanos).ok()?
    };
    Some((time, offset))
}

fn offset_after(text: &str) -> Option<Offset> {
    match text.chars().next()? {
        'Z' | 'z' => Some(Offset::UTC),
        '+' | '-' => offset_of(&format!("T:{text}")),
        _ => None,
    }
}
