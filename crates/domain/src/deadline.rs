//! Deadlines 法定期限: the limits of the law at work in one case, and what became of each.
//!
//! A limit is a number of a rule pack; a deadline is that number counted out: from a day, to a day,
//! for the office that must act. [`Timing`] is folded from the case's events without a calendar:
//! what began and ended, the time that does not count (行政许可法 art. 45) and the time that was
//! added (art. 42). [`of`] counts it on a calendar, as of a day; [`next`] is what a queue sorts by.
//!
//! Which version of which law sets a limit follows from the day it runs from. A pause or an extension that came when
//! the limit had passed changes nothing: no order that a node copies can heal a missed limit.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, Reached},
    case::{Case, State},
    event::{Act, Event},
    law::{self, Law, LawName, Limit},
    office::OfficeKind,
};

/// What an office must do within a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Last exam part → scores published.
    PublishScores,
    /// Report → accepted, refused, or told once all that is missing.
    Accept,
    /// Acceptance → decision.
    Decide,
    /// Decision → certificate handed over.
    Deliver,
    /// A procedure ended by the day that the applicant was told: no limit of the rule pack.
    Procedure,
}

/// What the law takes out of a decision's limit (行政许可法 art. 45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// 听证
    Hearing,
    /// 检验、检测
    Inspection,
    /// 专家评审
    ExpertReview,
}

/// Where a deadline stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Not done, and the last day has not gone by.
    Running,
    /// A procedure is open: no day is counted.
    Paused,
    /// Done in time.
    InTime,
    /// Done after the last day.
    Late,
    /// Not done, and the last day has gone by.
    Missed,
    /// The last day went by in silence, which the law takes for a "yes".
    BySilence,
}

/// What follows when a limit is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// The authority that the institution works for sees to it.
    ComplainToAuthority,
    /// It counts as accepted from the day of receipt.
    DeemedAccepted,
    /// The authority's superior office or the supervisory organ orders it (行政许可法 art. 74); and
    /// there are reconsideration and suit.
    ComplainToSuperior,
    /// Ask the authority how long it will take.
    AskAuthority,
}

/// One limit in the story: which, from when, and the day that ended it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What must be done.
    pub duty: Duty,
    /// The day it runs from; that day is not counted.
    pub from: Date,
    /// The day it was done, or recorded that silence had done it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end: Option<Date>,
    /// Silence did it.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub by_silence: bool,
}

/// A procedure, and with it time that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Which.
    pub procedure: Procedure,
    /// The day it began.
    pub from: Date,
    /// The day by which it would be over, as the applicant was told in writing.
    pub until: Date,
    /// The notice.
    pub notice: String,
    /// The day it was over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended: Option<Date>,
}

/// An extension of the decision's limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The day it was ordered.
    pub on: Date,
    /// Working days added.
    pub days: u8,
    /// Why, as the applicant was told.
    pub reason: String,
}

/// Everything in a case's story that a limit depends on. One span at most is open: the last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Oldest first.
    pub spans: Vec<Span>,
    /// Of the decision, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pauses: Vec<Pause>,
    /// Of the decision: once.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extension: Option<Extension>,
}

impl Timing {
    /// The procedure that is open now.
    #[must_use]
    pub fn paused(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.ended.is_none())
    }

    /// What is due now.
    fn open(&self) -> Option<&Span> {
        self.spans.last().filter(|span| span.end.is_none())
    }

    fn begin(&mut self, duty: Duty, from: Date) {
        self.spans.push(Span {
            duty,
            from,
            end: None,
            by_silence: false,
        });
    }

    fn end(&mut self, day: Date, by_silence: bool) {
        if let Some(span) = self.spans.last_mut().filter(|span| span.end.is_none()) {
            span.end = Some(day);
            span.by_silence = by_silence;
        }
    }

    /// One more event, which led to `state`.
    #[must_use]
    pub(crate) fn after(mut self, event: &Event, state: &State) -> Self {
        let day = event.day();
        match &event.act {
            Act::TheoryScored { on, .. } | Act::PracticalScored { on, .. } => {
                // The limit runs from the last part.
                match self.spans.last_mut().filter(|span| span.end.is_none()) {
                    Some(span) => span.from = span.from.max(*on),
                    None => self.begin(Duty::PublishScores, *on),
                }
            }
            Act::Reported { .. } | Act::Resubmitted { .. } => self.begin(Duty::Accept, day),
            Act::ScoresConfirmed
            | Act::Returned { .. }
            | Act::Refused(_)
            | Act::Rejected(_)
            | Act::Annulled(_)
            | Act::Delivered { .. } => self.end(day, false),
            // The other authority has the application from the day it takes it.
            Act::Transferred => {
                if let Some(span) = self.spans.last_mut().filter(|span| span.end.is_none())
                    && span.duty == Duty::Accept
                {
                    span.from = day;
                }
            }
            Act::Accepted | Act::DeemedAccepted => {
                self.end(day, matches!(event.act, Act::DeemedAccepted));
                // Silence is acceptance from the day of receipt.
                if let State::Accepted { on, .. } = state {
                    self.begin(Duty::Decide, *on);
                }
            }
            Act::Approved => {
                self.end(day, false);
                self.begin(Duty::Deliver, day);
            }
            Act::ProcedureBegun {
                procedure,
                until,
                notice,
            } => self.pauses.push(Pause {
                procedure: *procedure,
                from: day,
                until: *until,
                notice: notice.clone(),
                ended: None,
            }),
            Act::ProcedureEnded => {
                if let Some(pause) = self.pauses.last_mut() {
                    pause.ended = Some(day);
                }
            }
            Act::DecisionExtended { days, reason, .. } => {
                self.extension = Some(Extension {
                    on: day,
                    days: *days,
                    reason: reason.clone(),
                });
            }
            _ => {}
        }
        self
    }
}

/// One limit at work in a case, counted out as of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What must be done.
    pub duty: Duty,
    /// Which procedure, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub procedure: Option<Procedure>,
    /// Who must do it.
    pub who: OfficeKind,
    /// Where it stands.
    pub course: Course,
    /// The day it runs from; that day is not counted.
    pub from: Date,
    /// The last day; none while a procedure is open.
    pub due: Option<Date>,
    /// `due` reaches into a year whose holidays are not published yet.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub due_provisional: bool,
    /// The day it was done, or recorded that silence had done it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done: Option<Date>,
    /// Working days left; below zero by how many it was missed. None once it is done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<i64>,
    /// The limit in working days; none where the authority named a day itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<u8>,
    /// Working days that procedures took and that do not count.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub paused: u32,
    /// Working days that the head of the authority added.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub extended: u32,
    /// What the applicant was told in writing of a procedure, or of an extension.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub told: Option<String>,
    /// The law in force on the day it runs from.
    pub law: LawName,
    /// Which version of its limits.
    #[serde(skip_serializing_if = "is_first", default = "first")]
    pub version: u16,
    /// The article.
    pub source: String,
    /// Whether the text of the article was seen.
    pub verified: bool,
    /// What the article says; empty where we have no text.
    pub article: String,
    /// What follows when it is missed.
    pub follows: Follows,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(days: &u32) -> bool {
    *days == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_first(version: &u16) -> bool {
    *version == first()
}

/// The version that the program itself brings.
fn first() -> u16 {
    1
}

impl Duty {
    /// Who must do it.
    #[must_use]
    pub fn who(self) -> OfficeKind {
        match self {
            Self::PublishScores => OfficeKind::Institution,
            Self::Accept | Self::Decide | Self::Deliver | Self::Procedure => OfficeKind::Authority,
        }
    }

    fn follows(self) -> Follows {
        match self {
            Self::PublishScores => Follows::ComplainToAuthority,
            Self::Accept => Follows::DeemedAccepted,
            Self::Decide | Self::Deliver => Follows::ComplainToSuperior,
            Self::Procedure => Follows::AskAuthority,
        }
    }

    fn limit(self, law: &Law) -> Option<Limit> {
        match self {
            Self::PublishScores => Some(law.publish_scores),
            Self::Accept => Some(law.accept),
            Self::Decide => Some(law.decide),
            Self::Deliver => Some(law.deliver),
            Self::Procedure => None,
        }
    }
}

/// A limit counted out.
struct Counted<'t> {
    last: Reached,
    paused: u32,
    extended: u32,
    /// The procedure during which it stands still.
    open: Option<&'t Pause>,
}

/// Counts a span. Of the working days of a pause the first is not taken out (民法典 art. 201).
fn count<'t>(span: &Span, timing: &'t Timing, calendar: &Calendar) -> Counted<'t> {
    let limit = span.duty.limit(calendar.law(span.from));
    let base = u32::from(limit.map_or(0, |limit| limit.value));
    let mut counted = Counted {
        last: calendar.add_workdays(span.from, base),
        paused: 0,
        extended: 0,
        open: None,
    };
    if span.duty != Duty::Decide {
        return counted;
    }
    let mut extension = timing.extension.as_ref();
    let extend = |counted: &mut Counted<'_>, extension: &Extension| {
        if extension.on <= counted.last.date {
            counted.extended = u32::from(extension.days);
            let days = base + counted.paused + counted.extended;
            counted.last = calendar.add_workdays(span.from, days);
        }
    };
    for pause in &timing.pauses {
        // In the order they came: what came too late changes nothing.
        if let Some(before) = extension.take_if(|extension| extension.on < pause.from) {
            extend(&mut counted, before);
        }
        if pause.from > counted.last.date {
            continue;
        }
        let Some(ended) = pause.ended else {
            counted.open = Some(pause);
            return counted;
        };
        let days = calendar.count_workdays(pause.from, ended).days;
        counted.paused += u32::try_from(days).unwrap_or(0);
        let days = base + counted.paused + counted.extended;
        counted.last = calendar.add_workdays(span.from, days);
    }
    if let Some(extension) = extension {
        extend(&mut counted, extension);
    }
    counted
}

/// Every limit at work in the case so far, oldest first, as of `today`.
#[must_use]
pub fn of(case: &Case, calendar: &Calendar, today: Date) -> Vec<Deadline> {
    let timing = &case.timing;
    let mut deadlines = Vec::with_capacity(timing.spans.len() + timing.pauses.len());
    for span in &timing.spans {
        deadlines.push(deadline(span, timing, calendar, today));
        if span.duty == Duty::Decide {
            let told = |pause: &Pause| promised(pause, calendar, today);
            deadlines.extend(timing.pauses.iter().map(told));
        }
    }
    deadlines
}

/// The day by which something must be done next, whatever the day is: the last day of the limit
/// that runs, and of a procedure that is open the day the applicant was told.
#[must_use]
pub fn next(case: &Case, calendar: &Calendar) -> Option<Reached> {
    let span = case.timing.open()?;
    let counted = count(span, &case.timing, calendar);
    Some(counted.open.map_or(counted.last, |pause| Reached {
        date: pause.until,
        provisional: false,
    }))
}

/// The deadline that [`next`] is the day of, as of `today`.
#[must_use]
pub fn current(case: &Case, calendar: &Calendar, today: Date) -> Option<Deadline> {
    let span = case.timing.open()?;
    match count(span, &case.timing, calendar).open {
        Some(pause) => Some(promised(pause, calendar, today)),
        None => Some(deadline(span, &case.timing, calendar, today)),
    }
}

fn course(end: Option<Date>, due: Date, today: Date) -> Course {
    match end {
        Some(day) if day <= due => Course::InTime,
        Some(_) => Course::Late,
        None if today <= due => Course::Running,
        None => Course::Missed,
    }
}

fn deadline(span: &Span, timing: &Timing, calendar: &Calendar, today: Date) -> Deadline {
    let law = calendar.law(span.from);
    let limit = span.duty.limit(law);
    let source = limit.map_or("", |limit| limit.source);
    let counted = count(span, timing, calendar);
    let last = counted.last.date;
    let left = |day| calendar.count_workdays(day, last).days;
    let extension = timing.extension.as_ref();
    let extension = extension.filter(|_| counted.extended > 0);
    let (course, left) = match (&counted.open, span.end) {
        (Some(pause), None) => (Course::Paused, Some(left(pause.from))),
        (_, Some(_)) if span.by_silence => (Course::BySilence, None),
        (_, Some(_)) => (course(span.end, last, today), None),
        (None, None) => (course(None, last, today), Some(left(today))),
    };
    Deadline {
        duty: span.duty,
        procedure: None,
        who: span.duty.who(),
        course,
        from: span.from,
        due: Some(last).filter(|_| course != Course::Paused),
        due_provisional: counted.last.provisional && course != Course::Paused,
        done: span.end,
        left,
        limit: limit.map(|limit| limit.value),
        paused: counted.paused,
        extended: counted.extended,
        told: extension.map(|extension| extension.reason.clone()),
        law: law.name,
        version: law.version,
        source: source.to_string(),
        verified: limit.is_some_and(|limit| limit.verified),
        article: limit.map_or("", |limit| limit.article()).to_string(),
        follows: span.duty.follows(),
    }
}

/// The day that the applicant was told a procedure would be over.
fn promised(pause: &Pause, calendar: &Calendar, today: Date) -> Deadline {
    let source = "行政许可法 art. 45";
    let left = calendar.count_workdays(today, pause.until).days;
    Deadline {
        duty: Duty::Procedure,
        procedure: Some(pause.procedure),
        who: Duty::Procedure.who(),
        course: course(pause.ended, pause.until, today),
        from: pause.from,
        due: Some(pause.until),
        due_provisional: false,
        done: pause.ended,
        left: Some(left).filter(|_| pause.ended.is_none()),
        limit: None,
        paused: 0,
        extended: 0,
        told: Some(pause.notice.clone()),
        law: law::on(pause.from).name,
        version: calendar.law(pause.from).version,
        source: source.to_string(),
        verified: true,
        article: law::article(source).to_string(),
        follows: Duty::Procedure.follows(),
    }
}
