//! When a province's entries go to the nation: at once, or at slots of its own. The schedule holds
//! back routine entries only; what is urgent takes everything before it along.

use std::{fmt, str::FromStr};

use domain::event::legal_day;
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

/// A province's schedule. The time of day is that of China.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Schedule {
    /// As soon as it is recorded.
    Streaming,
    /// Every day at that time.
    Daily(Time),
    /// Every week on that day, at that time.
    Weekly(Weekday, Time),
    /// On the 1st and the 16th, at that time.
    HalfMonthly(Time),
}

/// A streaming copy may be so old before it counts as late.
pub const STREAMING_LATE: SignedDuration = SignedDuration::from_secs(60);
/// A slot may have passed so long before a copy counts as late.
pub const SLOT_LATE: SignedDuration = SignedDuration::from_mins(5);

impl Schedule {
    /// The permanent word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Daily(_) => "daily",
            Self::Weekly(..) => "weekly",
            Self::HalfMonthly(_) => "half_monthly",
        }
    }

    fn at(&self, day: Date) -> Option<Timestamp> {
        let (is_slot, time) = match self {
            Self::Streaming => return None,
            Self::Daily(time) => (true, time),
            Self::Weekly(weekday, time) => (day.weekday() == *weekday, time),
            Self::HalfMonthly(time) => (matches!(day.day(), 1 | 16), time),
        };
        let at = Offset::constant(8).to_timestamp(day.to_datetime(*time));
        at.ok().filter(|_| is_slot)
    }

    /// The last slot at or before a moment; none when streaming.
    #[must_use]
    pub fn last_slot(&self, now: Timestamp) -> Option<Timestamp> {
        let today = legal_day(now);
        let days = (0..32_i64).filter_map(|back| today.checked_sub(back.days()).ok());
        days.filter_map(|day| self.at(day))
            .find(|slot| *slot <= now)
    }

    /// The first slot after a moment; none when streaming.
    #[must_use]
    pub fn next_slot(&self, now: Timestamp) -> Option<Timestamp> {
        let today = legal_day(now);
        let days = (0..32_i64).filter_map(|on| today.checked_add(on.days()).ok());
        days.filter_map(|day| self.at(day)).find(|slot| *slot > now)
    }

    /// Whether a copy that is complete to `complete_to` is later than the schedule allows.
    #[must_use]
    pub fn is_late(&self, complete_to: Timestamp, now: Timestamp) -> bool {
        match self.last_slot(now) {
            None => now.duration_since(complete_to) > STREAMING_LATE,
            Some(slot) => complete_to < slot && now.duration_since(slot) > SLOT_LATE,
        }
    }
}

/// A text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSchedule(String);

impl fmt::Display for NoSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no schedule: streaming, daily 02:00, weekly mon 02:00 or half_monthly 02:00",
            self.0
        )
    }
}

impl std::error::Error for NoSchedule {}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// The weekday with that word: `mon` to `sun`.
#[must_use]
pub fn weekday(word: &str) -> Option<Weekday> {
    let found = WEEKDAYS.iter().find(|(known, _)| *known == word);
    found.map(|(_, weekday)| *weekday)
}

impl FromStr for Schedule {
    type Err = NoSchedule;

    fn from_str(text: &str) -> Result<Self, NoSchedule> {
        let wrong = || NoSchedule(text.to_owned());
        let time = |text: &str| -> Result<Time, NoSchedule> {
            let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
            let number = |digits: &str| digits.parse::<i8>().map_err(|_| wrong());
            Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| wrong())
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["streaming"] => Ok(Self::Streaming),
            ["daily", at] => Ok(Self::Daily(time(at)?)),
            ["half_monthly", at] => Ok(Self::HalfMonthly(time(at)?)),
            ["weekly", day, at] => {
                let day = weekday(day).ok_or_else(wrong)?;
                Ok(Self::Weekly(day, time(at)?))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: &Time| format!("{:02}:{:02}", time.hour(), time.minute());
        match self {
            Self::Streaming => f.write_str("streaming"),
            Self::Daily(at) => write!(f, "daily {}", time(at)),
            Self::HalfMonthly(at) => write!(f, "half_monthly {}", time(at)),
            Self::Weekly(day, at) => {
                let word = WEEKDAYS.iter().find(|(_, d)| d == day).map_or("", |w| w.0);
                write!(f, "weekly {word} {}", time(at))
            }
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = NoSchedule;
    fn try_from(text: String) -> Result<Self, NoSchedule> {
        text.parse()
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment in China.
    fn at(text: &str) -> Timestamp {
        format!("{text}+08:00").parse().expect("a moment")
    }

    fn schedule(text: &str) -> Schedule {
        text.parse().expect("a schedule")
    }

    #[test]
    fn slots_before_and_after() {
        for (text, now, last, next) in [
            (
                "daily 02:00",
                "2026-11-24T01:59:59",
                "2026-11-23T02:00:00",
                "2026-11-24T02:00:00",
            ),
            (
                "daily 02:00",
                "2026-11-24T02:00:00",
                "2026-11-24T02:00:00",
                "2026-11-25T02:00:00",
            ),
            (
                "weekly mon 18:30",
                "2026-11-24T12:00:00",
                "2026-11-23T18:30:00",
                "2026-11-30T18:30:00",
            ),
            (
                "half_monthly 00:00",
                "2026-11-30T23:00:00",
                "2026-11-16T00:00:00",
                "2026-12-01T00:00:00",
            ),
            (
                "half_monthly 08:00",
                "2026-12-01T07:59:00",
                "2026-11-16T08:00:00",
                "2026-12-01T08:00:00",
            ),
        ] {
            let schedule = schedule(text);
            assert_eq!(schedule.last_slot(at(now)), Some(at(last)), "{text} {now}");
            assert_eq!(schedule.next_slot(at(now)), Some(at(next)), "{text} {now}");
            assert_eq!(schedule.to_string(), text);
        }
        assert_eq!(
            Schedule::Streaming.last_slot(at("2026-11-24T00:00:00")),
            None
        );
    }

    #[test]
    fn late_by_its_own_schedule() {
        let streaming = Schedule::Streaming;
        let now = at("2026-11-24T02:04:00");
        assert!(!streaming.is_late(at("2026-11-24T02:03:00"), now));
        assert!(streaming.is_late(at("2026-11-24T02:02:59"), now));
        let daily = schedule("daily 02:00");
        let yesterday = at("2026-11-23T02:00:01");
        assert!(
            !daily.is_late(yesterday, now),
            "the slot passed four minutes ago"
        );
        assert!(daily.is_late(yesterday, at("2026-11-24T02:05:01")));
        assert!(!daily.is_late(at("2026-11-24T02:00:30"), at("2026-11-25T01:00:00")));
    }

    #[test]
    fn what_is_no_schedule() {
        for text in [
            "",
            "hourly",
            "daily",
            "daily 25:00",
            "daily 2",
            "weekly 02:00",
            "weekly xyz 02:00",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
