//! What is played: the scenario file. Each field is explained in `docs/simulation.md`.
//!
//! Unknown fields are refused by the reader, with their line; what is out of bounds is refused by
//! [`check`], with its place. Both say what to write instead.

mod check;

use std::fmt;

use domain::{calendar::Calendar, catalogue::Catalogue, verdict::Kind};
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::schedule::{self, Schedule};

/// A scenario, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a few words.
    pub title: String,
    /// The first day that counts.
    #[serde(deserialize_with = "date")]
    pub start: Date,
    /// On so many days from then on candidates come.
    pub days: u16,
    /// On so many days before, too; those cases fill the desks and are not told of.
    #[serde(default = "days_90")]
    pub warm_up: u16,
    /// So many days more the offices work on, or until nothing is left.
    #[serde(default = "days_365")]
    pub follow: u16,
    /// The items that are examined, in equal parts.
    pub items: Vec<String>,
    /// How much busier or calmer each month is.
    #[serde(default = "even")]
    pub season: [f64; 12],
    /// What people come for.
    pub kinds: Kinds,
    /// Groups of provinces.
    pub provinces: Vec<Provinces>,
    /// Groups of institutions, in every province the same.
    pub institutions: Vec<Institutions>,
    /// Groups of authorities, in every province the same.
    pub authorities: Vec<Authorities>,
}

/// Provinces that are alike.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provinces {
    /// How many.
    #[serde(default = "one")]
    pub count: u16,
    /// People a year in each.
    pub candidates: u32,
    /// When their entries go to the nation.
    pub feed: Schedule,
    /// How fast their offices are, beside those of other provinces.
    #[serde(default = "unit")]
    pub speed: f64,
}

/// Share and pace of each kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    initial: KindShare,
    #[serde(default)]
    recheck: KindShare,
    #[serde(default)]
    renewal: KindShare,
    #[serde(default)]
    replacement: KindShare,
    #[serde(default)]
    reissue: KindShare,
}

/// One kind.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindShare {
    /// Its share of the people; the shares need not add up to one.
    pub share: f64,
    /// Its delays, beside those of a first issue.
    #[serde(default = "unit")]
    pub delay: f64,
}

impl Default for KindShare {
    fn default() -> Self {
        let (share, delay) = (0.0, 1.0);
        Self { share, delay }
    }
}

/// Institutions that are alike.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institutions {
    /// How many in a province.
    pub count: u16,
    /// Their part of the province's people, beside the other groups.
    #[serde(default = "unit")]
    pub share: f64,
    /// The weekdays with exams.
    #[serde(deserialize_with = "weekdays")]
    pub exam_days: Vec<Weekday>,
    /// Seats on an exam day.
    pub seats: u32,
    /// How many of a hundred pass, as a share.
    pub pass_rate: f64,
    /// Part of the sessions that are reported late.
    #[serde(default)]
    pub late: f64,
    /// So many working days later.
    #[serde(default)]
    pub late_by: Delay,
    /// Entering and confirming scores.
    pub scoring: Desk,
    /// Reporting to the authority.
    pub reporting: Desk,
    /// How their speed changes.
    #[serde(default)]
    pub pace: Pace,
}

/// Authorities that are alike; an institution reports to one of them, in turn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorities {
    /// How many in a province.
    pub count: u16,
    /// Part of the reports that are complete.
    pub complete: f64,
    /// The same of what is handed in again.
    #[serde(default = "unit")]
    pub complete_again: f64,
    /// What an applicant needs to complete a report.
    #[serde(default)]
    pub correction: Delay,
    /// Part of the cases with an inspection or an expert's opinion.
    #[serde(default)]
    pub inspected: f64,
    /// What that takes.
    #[serde(default)]
    pub inspection: Delay,
    /// Part of the cases that are approved.
    #[serde(default = "unit")]
    pub approved: f64,
    /// Days on which the office stands still.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// Accepting and returning.
    pub acceptance: Desk,
    /// The first officer.
    pub review: Desk,
    /// The second officer.
    pub approval: Desk,
    /// Making cards.
    pub making: Desk,
    /// Issuing.
    pub issue: Desk,
    /// How their speed changes.
    #[serde(default)]
    pub pace: Pace,
}

/// A desk: some officers with the same work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// How many officers.
    pub officers: u32,
    /// What one does on a day at speed 1.
    pub per_officer: u32,
    /// Part of the days on which an officer is absent.
    #[serde(default)]
    pub absence: f64,
    /// Working days from the case's coming until it can be done at all.
    pub delay: Delay,
    /// The weekdays on which it is done; all working days when there are none.
    #[serde(default, deserialize_with = "weekdays")]
    pub days: Vec<Weekday>,
    /// Which case is taken first.
    #[serde(default)]
    pub order: Order,
}

/// Which case an officer takes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// What came first.
    #[default]
    FirstCome,
    /// What began first.
    Oldest,
    /// What came last.
    Newest,
    /// Any.
    Chance,
}

/// Low, likely and high, in working days.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Delay(pub [f64; 3]);

/// From the first day to the last, both included.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The first day.
    #[serde(deserialize_with = "date")]
    pub from: Date,
    /// The last day.
    #[serde(deserialize_with = "date")]
    pub until: Date,
}

/// How speed differs and changes. Speed divides delays and multiplies what officers do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// How far the offices of a group lie apart: about the share that is usual.
    #[serde(default)]
    pub spread: f64,
    /// The change in a year: 0.2 is a fifth faster.
    #[serde(default)]
    pub drift: f64,
    /// How far speed wanders from month to month.
    #[serde(default)]
    pub wander: f64,
    /// What is changed on a day.
    #[serde(default)]
    pub changes: Vec<Speed>,
}

/// From a day on, so many times as fast.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speed {
    /// From this day on.
    #[serde(deserialize_with = "date")]
    pub on: Date,
    /// So many times.
    pub speed: f64,
}

/// What is wrong with a scenario, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError(String);

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let read: Self = toml::from_str(text).map_err(|e| {
            ScenarioError(format!(
                "{}\nEvery field is explained in docs/simulation.md.",
                e.to_string().trim_end()
            ))
        })?;
        read.checked()
    }

    /// The same with another number of days on which candidates come.
    ///
    /// # Errors
    /// The number is out of bounds.
    pub fn with_days(mut self, days: u16) -> Result<Self, ScenarioError> {
        self.days = days;
        self.checked()
    }

    /// The same from another day on, so that it reaches the day one needs.
    ///
    /// # Errors
    /// The day is out of bounds.
    pub fn with_start(mut self, start: Date) -> Result<Self, ScenarioError> {
        self.start = start;
        self.checked()
    }

    fn checked(self) -> Result<Self, ScenarioError> {
        check::scenario(&self, &Catalogue::shipped(), &Calendar::shipped())
            .map_err(ScenarioError)?;
        Ok(self)
    }

    /// How many provinces it has.
    #[must_use]
    pub fn province_count(&self) -> u16 {
        self.provinces.iter().map(|group| group.count).sum()
    }

    /// The group a province belongs to.
    #[must_use]
    pub(super) fn group_of(&self, province: u16) -> &Provinces {
        let mut left = province;
        for group in &self.provinces {
            if left < group.count {
                return group;
            }
            left -= group.count;
        }
        // Cannot fail: a checked scenario has a group, and `province` is below the count.
        &self.provinces[0]
    }

    /// The code of an item.
    #[must_use]
    pub fn item(&self, at: u16) -> &str {
        self.items.get(usize::from(at)).map_or("", String::as_str)
    }
}

impl Kinds {
    /// Share and pace of a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> KindShare {
        match kind {
            Kind::Initial => self.initial,
            Kind::Recheck => self.recheck,
            Kind::Renewal => self.renewal,
            Kind::Replacement => self.replacement,
            Kind::Reissue => self.reissue,
        }
    }
}

fn one() -> u16 {
    1
}

fn unit() -> f64 {
    1.0
}

fn days_90() -> u16 {
    90
}

fn days_365() -> u16 {
    365
}

fn even() -> [f64; 12] {
    [1.0; 12]
}

/// A day, with or without quotation marks.
fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(day) => day.to_string(),
        other => other.to_string(),
    };
    let wrong = |_| D::Error::custom(format!("`{text}` is no day; write it as 2025-01-31"));
    text.parse().map_err(wrong)
}

fn weekdays<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Weekday>, D::Error> {
    let words = Vec::<String>::deserialize(from)?;
    let known = |word: &String| {
        schedule::weekday(word).ok_or_else(|| {
            D::Error::custom(format!(
                "`{word}` is no weekday; write mon, tue, wed, thu, fri, sat or sun"
            ))
        })
    };
    words.iter().map(known).collect()
}
