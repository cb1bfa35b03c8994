//! When will it be there? The chain of a case and the working-day calendar, put to `forecast`.
//!
//! A day is a number here: the count of working days since a day long ago. So a step's length in
//! days is its length in working days, and a date is found back by counting. Models learn per kind
//! of case; places are the path province, authority, institution. Without data the brief's ranges
//! speak alone.

use std::{collections::BTreeMap, fmt};

use domain::{
    calendar::Calendar,
    verdict::{Kind, Stage},
};
use forecast::{
    Distribution, Forecast, Memory, Model, Place, Situation, Track, Week,
    brief::{self, Pace},
};
use jiff::civil::{Date, date};
use serde::Serialize;

/// Day 0: the last day before the years the calendar knows.
const EPOCH: Date = date(2017, 12, 31);

/// The levels of a path of places.
const PLACES: [&str; 4] = ["nation", "province", "authority", "institution"];

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The day of the exam, or of the application where there is no exam.
    pub exam: Date,
    /// Why a certificate is applied for.
    pub kind: Kind,
    /// Where the case stands; without it all that is known is that it cannot be found yet.
    pub stage: Option<Stage>,
    /// Since when it stands there.
    pub since: Option<Date>,
    /// The day from which one looks.
    pub as_of: Date,
    /// Province, authority, institution, as far as they are known.
    pub place: Vec<String>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The case stands in its stage since a day before the exam.
    SinceBeforeExam,
    /// The case stands in its stage since a day that is still to come.
    SinceAhead,
    /// The stage does not belong to the kind.
    NoScoring,
    /// The day is outside the years that can be counted.
    Far,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SinceBeforeExam => {
                "--since is before --exam-date; give the day the stage began, after the exam"
            }
            Self::SinceAhead => {
                "--since is after the day one looks from; give an earlier day, or a later --as-of"
            }
            Self::NoScoring => {
                "a replacement or reissue has no exam to score; give --stage qualification, \
                 making or sync"
            }
            Self::Far => "--exam-date is not between 1950 and 2190; give a day in between",
        })
    }
}

impl std::error::Error for Wrong {}

/// Dates by which it is done with a probability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct By {
    /// Half are done.
    #[serde(rename = "50")]
    pub p50: String,
    /// Four in five.
    #[serde(rename = "80")]
    pub p80: String,
    /// Nineteen in twenty.
    #[serde(rename = "95")]
    pub p95: String,
}

/// Working days after the exam within which it is done with a probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Workdays {
    /// One in ten.
    #[serde(rename = "10")]
    pub p10: i32,
    /// Half.
    #[serde(rename = "50")]
    pub p50: i32,
    /// Four in five.
    #[serde(rename = "80")]
    pub p80: i32,
    /// Nine in ten.
    #[serde(rename = "90")]
    pub p90: i32,
    /// Nineteen in twenty.
    #[serde(rename = "95")]
    pub p95: i32,
}

/// One stage that is still to be passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageAnswer {
    /// Which.
    pub stage: Stage,
    /// Its end, in working days after the exam.
    pub workdays: Workdays,
    /// Its end, in dates.
    pub by: By,
}

/// The estimate. Nothing in it is personal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// When it can be looked up nationwide.
    pub by: By,
    /// The same in working days after the exam.
    pub workdays: Workdays,
    /// What lies before that.
    pub stages: Vec<StageAnswer>,
    /// So many finished cases stand behind it.
    pub sample: usize,
    /// Where they were: `prior` when there are none.
    pub level: &'static str,
    /// Whether a counted day lies in a year whose holidays are not published.
    pub provisional: bool,
    /// Why the dates may still move; absent when they may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional_reason: Option<String>,
    /// The years whose holidays are not published. For sentences.
    #[serde(skip)]
    pub unsettled: Vec<i16>,
    /// The share of earlier dates that held; none where none were given.
    pub track_record: Option<f64>,
    /// The day before which it will hardly be there: one in ten are. For sentences.
    #[serde(skip)]
    pub earliest: Date,
    /// The distribution itself, over the numbers of days. For pictures.
    #[serde(skip)]
    pub whole: Distribution,
    /// The same before the track record steered it. For the track record.
    #[serde(skip)]
    pub plain: Distribution,
    /// Why the certificate is applied for.
    #[serde(skip)]
    pub kind: Kind,
}

/// Models for each kind, on a calendar.
pub struct Estimator {
    calendar: Calendar,
    models: BTreeMap<Kind, Model>,
}

impl Estimator {
    /// One that has seen nothing.
    #[must_use]
    pub fn new(calendar: Calendar) -> Self {
        let kinds = [
            (Kind::Initial, Pace::Initial),
            (Kind::Recheck, Pace::Recheck),
            (Kind::Renewal, Pace::Renewal),
            (Kind::Replacement, Pace::WithoutExam),
            (Kind::Reissue, Pace::WithoutExam),
        ];
        let week = week(&calendar);
        let models = kinds.map(|(kind, pace)| {
            let mut model = Model::new(brief::chain(pace), Memory::default());
            model.set_week(week.clone());
            (kind, model)
        });
        Self {
            calendar,
            models: models.into_iter().collect(),
        }
    }

    /// The number of a day: a day off has the number of the working day before it.
    #[must_use]
    pub fn day(&self, date: Date) -> i32 {
        number(&self.calendar, date)
    }

    /// The number of the first day of which nothing is known on that date: on a day off nothing
    /// happens any more.
    #[must_use]
    pub fn today(&self, date: Date) -> i32 {
        self.day(date) + i32::from(!self.calendar.is_workday(date))
    }

    /// The model of a kind, to be told what happens.
    pub fn model(&mut self, kind: Kind) -> Option<&mut Model> {
        self.models.get_mut(&kind)
    }

    /// How probable it is that a case of a kind, at that place since `since`, is still in its step
    /// when `until` is over, seen from the morning of `today`.
    #[must_use]
    pub fn stays(
        &self,
        (kind, place): (Kind, &[&str]),
        (step, since): (usize, Date),
        today: Date,
        until: Date,
    ) -> f64 {
        let Some(model) = self.models.get(&kind) else {
            return 0.0;
        };
        let at = Situation {
            step,
            since: self.day(since),
            today: self.today(today),
        };
        model.stays(model.known(place), at, self.day(until))
    }

    /// The last of so many working days after a day.
    #[must_use]
    pub fn ahead(&self, today: Date, days: u32) -> Date {
        self.calendar.add_workdays(today, days).date
    }

    /// The estimate.
    ///
    /// # Errors
    /// When the days of the question contradict each other.
    pub fn ask(&self, question: &Question) -> Result<Answer, Wrong> {
        self.ask_steered(question, &Track::default())
    }

    /// The estimate, steered by what became of earlier ones. The ends of the stages before the last
    /// are steered alike, so that they stay in their order.
    ///
    /// # Errors
    /// When the days of the question contradict each other.
    pub fn ask_steered(&self, question: &Question, track: &Track) -> Result<Answer, Wrong> {
        let model = &self.models[&question.kind];
        let path: Vec<&str> = question.place.iter().map(String::as_str).collect();
        let place = model.known(&path);
        let (at, known) = self.situation(question)?;
        // A stage has steps, and in which of them the case stands is not said.
        let estimate = model.estimate_in_stage(place, at);
        let forecast = if known {
            estimate.forecast
        } else {
            self.unseen(model, place, at, question.as_of)
        };
        let exam = self.day(question.exam);
        let stages = forecast.stages.iter().map(|(stage, distribution)| {
            let told = track.steer(distribution);
            StageAnswer {
                stage: STAGES[*stage],
                workdays: workdays(&told, exam),
                by: self.by(question.exam, exam, &told),
            }
        });
        let stages = stages.collect();
        let whole = track.steer(&forecast.whole);
        let workdays = workdays(&whole, exam);
        let unsettled = self.unsettled(question, workdays.p95);
        Ok(Answer {
            by: self.by(question.exam, exam, &whole),
            workdays,
            stages,
            sample: estimate.sample,
            level: estimate.level.map_or("prior", |level| PLACES[level.min(3)]),
            provisional: !unsettled.is_empty(),
            provisional_reason: reason(&unsettled),
            unsettled,
            track_record: None,
            earliest: self.date(question.exam, workdays.p10),
            whole,
            plain: forecast.whole,
            kind: question.kind,
        })
    }

    /// Where the case stands, and whether that is known or only follows from the exam's day.
    fn situation(&self, question: &Question) -> Result<(Situation, bool), Wrong> {
        if !(1950..2190).contains(&question.exam.year())
            || !(1950..2190).contains(&question.as_of.year())
        {
            return Err(Wrong::Far);
        }
        let exam = self.day(question.exam);
        let today = self.today(question.as_of).max(exam);
        let no_exam = matches!(question.kind, Kind::Replacement | Kind::Reissue);
        let first = if no_exam {
            brief::ACCEPTANCE
        } else {
            brief::SCORING
        };
        let step = match question.stage {
            None => first,
            Some(Stage::Scoring) if no_exam => return Err(Wrong::NoScoring),
            Some(Stage::Scoring) => brief::SCORING,
            Some(Stage::Qualification) if no_exam => brief::ACCEPTANCE,
            Some(Stage::Qualification) => brief::REPORT,
            Some(Stage::Making) => brief::MAKING,
            Some(Stage::Sync) => brief::SYNC,
        };
        let since = match question.since {
            Some(since) if since < question.exam => return Err(Wrong::SinceBeforeExam),
            Some(since) if since > question.as_of => return Err(Wrong::SinceAhead),
            Some(since) => self.day(since),
            None if step == first => exam,
            // Entered today, for all that is known.
            None => today,
        };
        let at = Situation { step, since, today };
        Ok((at, question.stage.is_some()))
    }

    /// All that is known is the exam's day and that nothing can be found yet.
    fn unseen(&self, model: &Model, place: Place, at: Situation, as_of: Date) -> Forecast {
        let from = Situation {
            today: at.since,
            ..at
        };
        let today = self.today(as_of).max(at.since);
        let unseen = model.estimate(place, from).forecast.not_before(today);
        // After a year nothing is left of the forecast: then what counts is that it takes so long.
        unseen.unwrap_or_else(|| model.estimate(place, at).forecast)
    }

    fn date(&self, exam: Date, days: i32) -> Date {
        let days = u32::try_from(days).unwrap_or(0);
        self.calendar.add_workdays(exam, days).date
    }

    fn by(&self, from: Date, exam: i32, distribution: &Distribution) -> By {
        let date = |p| self.date(from, distribution.quantile(p) - exam).to_string();
        By {
            p50: date(0.5),
            p80: date(0.8),
            p95: date(0.95),
        }
    }

    /// The years that are counted in and whose holidays are not published.
    fn unsettled(&self, question: &Question, days: i32) -> Vec<i16> {
        let days = u32::try_from(days).unwrap_or(0);
        let reached = self.calendar.add_workdays(question.exam, days);
        if !reached.provisional {
            return Vec::new();
        }
        (question.exam.year()..=reached.date.year())
            .filter(|year| self.calendar.status(*year).code() != "published")
            .collect()
    }
}

/// The number of a day on a calendar, as distributions count days.
#[must_use]
pub fn number(calendar: &Calendar, date: Date) -> i32 {
    let days = calendar.count_workdays(EPOCH, date).days;
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN / 4 } else { i32::MAX / 4 })
}

/// Why the dates may still move.
fn reason(unsettled: &[i16]) -> Option<String> {
    if unsettled.is_empty() {
        return None;
    }
    let years: Vec<String> = unsettled.iter().map(i16::to_string).collect();
    Some(format!(
        "the holidays of {} are not published, so the dates may move by some days",
        years.join(", ")
    ))
}

/// The stages by their number in the chain.
const STAGES: [Stage; 4] = [
    Stage::Scoring,
    Stage::Qualification,
    Stage::Making,
    Stage::Sync,
];

fn workdays(distribution: &Distribution, exam: i32) -> Workdays {
    let days = |p| distribution.quantile(p) - exam;
    Workdays {
        p10: days(0.1),
        p50: days(0.5),
        p80: days(0.8),
        p90: days(0.9),
        p95: days(0.95),
    }
}

/// The weekday of each working day of the years the calendar knows. A weekend that is worked
/// counts as a Friday or a Monday, whichever is nearer.
fn week(calendar: &Calendar) -> Week {
    let years = calendar.years().map(|(year, _)| year);
    let days = years.flat_map(|year| calendar.workdays(year));
    let class = |day: Date| match day.weekday().to_monday_zero_offset() {
        5 => 4,
        6 => 0,
        weekday => u8::try_from(weekday).unwrap_or(0),
    };
    Week::new(1, days.map(class).collect())
}

#[cfg(test)]
mod tests;
