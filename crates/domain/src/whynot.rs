//! Why not yet: which of the five causes of a miss apply, decided from facts.
//!
//! What is weighed here was added by the asker (exam day, institution, province, item) or is public
//! by nature (sessions, authorisations, how far copies reach). Nothing about the person asked for
//! goes in but whose the ticket is, and that only when one was typed. So without a ticket the answer
//! cannot tell whether the number exists: the rule is in the type of [`Facts`], not in a check.
//!
//! Of a session it is asked whether its scores were published, passed and failed alike, and never
//! whether it was reported to the authority: only those who passed are.

use alloc::{string::String, vec, vec::Vec};

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    catalogue::ItemCode,
    event::legal_day,
    office::{Office, OfficeCode},
    verdict::{Cause, Certainty},
};

/// A copy older than this is told with every answer (DESIGN §3).
pub const COPY_OLD: SignedDuration = SignedDuration::from_secs(60);

/// All that is weighed.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The moment of the question.
    pub now: Timestamp,
    /// The ticket that was typed is the asked person's own.
    pub ticket_is_own: bool,
    /// The ticket that was typed belongs to a case that is registered with other details.
    pub ticket_is_anothers: bool,
    /// The day of the exam, as the asker says.
    pub exam_day: Option<Date>,
    /// The usual time from that exam day on.
    pub usual: Option<Usual>,
    /// What the asker sat for.
    pub item: Option<&'a ItemCode>,
    /// The province, as the asker says.
    pub province: Option<&'a str>,
    /// Where the asker sat.
    pub institution: Option<Found<'a>>,
    /// The copies on this node; empty where it follows nobody.
    pub copies: &'a [Copied],
}

/// The days by which so many of a hundred certificates of an exam day can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Half of them.
    pub by_50: Date,
    /// Eighty.
    pub by_80: Date,
    /// Ninety-five.
    pub by_95: Date,
    /// They reach into a year whose holidays are not published yet.
    pub provisional: bool,
}

/// How far the copy of a province reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its code.
    pub province: String,
    /// All that it had recorded by then is here.
    pub complete_to: Timestamp,
}

impl Copied {
    fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.complete_to) > COPY_OLD
    }
}

/// What the directory says to the institution that was told.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// Nothing has that code or name.
    Unlisted,
    /// Several have it in their names.
    Several(&'a [OfficeCode]),
    /// This one.
    Listed(Listed<'a>),
}

/// An institution of the directory.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// Its entry.
    pub office: &'a Office,
    /// The province whose copy it is known from; none where it is this node's own.
    pub home: Option<&'a str>,
    /// Its session of the exam day, where one is known.
    pub session: Option<Held>,
}

/// A session that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The scores of all who sat there are published.
    pub published: bool,
}

/// The last day that the law leaves for publishing scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDay {
    /// The day; it still counts.
    pub date: Date,
    /// Working days after the exam.
    pub workdays: u8,
    /// The article it comes from.
    pub source: String,
    /// Whether the text of the article was seen.
    pub verified: bool,
    /// It lies in a year whose holidays are not published yet.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub provisional: bool,
}

/// What makes a cause certain, possible or ruled out, with what there is to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// No exam day was told.
    DayUntold,
    /// The exam is still to come.
    ExamToCome {
        /// Its day.
        exam_day: Date,
    },
    /// Not eighty of a hundred are there yet.
    WithinUsual {
        /// The next look is worthwhile on this day.
        look_again: Date,
        /// Eighty of a hundred are there by then.
        by_80: Date,
        /// Ninety-five.
        by_95: Date,
        /// The days are provisional.
        provisional: bool,
    },
    /// Eighty of a hundred were there before today.
    BeyondUsual {
        /// By then.
        by_80: Date,
        /// Ninety-five of a hundred are there by then.
        by_95: Date,
        /// The days are provisional.
        provisional: bool,
    },
    /// No ticket told whose details are registered.
    DetailsUnchecked,
    /// The ticket is registered with another number or name.
    RegisteredOtherwise,
    /// The ticket is registered with this number and name.
    TicketMatches,
    /// The result is told with the ticket only.
    ResultUntold,
    /// The exam is still to come: there is no result.
    NothingSatYet,
    /// Copies of these provinces are more than a minute old.
    CopyOld {
        /// Their codes.
        provinces: Vec<String>,
    },
    /// The copy of the province ends before the exam: nothing of it can be here.
    CopyEndsBefore {
        /// Its code.
        province: String,
        /// The last day it reaches.
        complete_to: Date,
    },
    /// The province is not followed here.
    ProvinceNotFollowed {
        /// Its code.
        province: String,
    },
    /// The copies are of this minute.
    CopiesCurrent,
    /// No institution was told.
    InstitutionUntold,
    /// The institution is not in the directory.
    InstitutionUnlisted,
    /// The institution is not in the directory, and a copy is old.
    InstitutionUnseen,
    /// Several institutions have that in their names.
    InstitutionUnclear {
        /// Their codes.
        offices: Vec<OfficeCode>,
    },
    /// Nothing is known against the institution, and no day was told or it is still to come.
    InstitutionInOrder,
    /// The institution may not act for now.
    InstitutionSuspended,
    /// The institution was not authorised for that item, or on that day.
    NotAuthorised,
    /// No session of that day is known; there is still time.
    SessionPending {
        /// So long.
        limit: LastDay,
    },
    /// No session of that day is known, and the time is over.
    SessionOverdue {
        /// Since then.
        limit: LastDay,
    },
    /// The session is known, its scores are not published; there is still time.
    ScoresPending {
        /// So long.
        limit: LastDay,
    },
    /// The session is known, its scores are not published, and the time is over.
    ScoresOverdue {
        /// Since then.
        limit: LastDay,
    },
    /// The time is over, and the copy does not reach so far: it may have been done since.
    SessionUnseen {
        /// The last day that the copy reaches.
        complete_to: Date,
        /// The time was over after this.
        limit: LastDay,
    },
    /// The session is known and its scores are published.
    ScoresPublished,
}

impl Reason {
    /// The cause it is about, and what it makes of it.
    #[must_use]
    pub fn weight(&self) -> (Cause, Certainty) {
        use Cause::{
            AwaitingSync, DetailsMismatch, InstitutionProblem, NotPassedOrNotEligible, TooEarly,
        };
        use Certainty::{Certain, Possible, RuledOut};
        match self {
            Self::DayUntold => (TooEarly, Possible),
            Self::ExamToCome { .. } | Self::WithinUsual { .. } => (TooEarly, Certain),
            Self::BeyondUsual { .. } => (TooEarly, RuledOut),
            Self::DetailsUnchecked => (DetailsMismatch, Possible),
            Self::RegisteredOtherwise => (DetailsMismatch, Certain),
            Self::TicketMatches => (DetailsMismatch, RuledOut),
            Self::ResultUntold => (NotPassedOrNotEligible, Possible),
            Self::NothingSatYet => (NotPassedOrNotEligible, RuledOut),
            Self::CopyOld { .. } => (AwaitingSync, Possible),
            Self::CopyEndsBefore { .. } | Self::ProvinceNotFollowed { .. } => {
                (AwaitingSync, Certain)
            }
            Self::CopiesCurrent => (AwaitingSync, RuledOut),
            Self::InstitutionUntold
            | Self::InstitutionUnseen
            | Self::InstitutionUnclear { .. }
            | Self::InstitutionInOrder
            | Self::SessionPending { .. }
            | Self::ScoresPending { .. }
            | Self::SessionUnseen { .. } => (InstitutionProblem, Possible),
            Self::InstitutionUnlisted
            | Self::InstitutionSuspended
            | Self::NotAuthorised
            | Self::SessionOverdue { .. }
            | Self::ScoresOverdue { .. } => (InstitutionProblem, Certain),
            Self::ScoresPublished => (InstitutionProblem, RuledOut),
        }
    }

    /// Whether a limit of the law has passed, or nineteen in twenty were there before that day:
    /// then waiting is no answer any more, and the asker may inquire.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        match self {
            Self::SessionOverdue { .. } | Self::ScoresOverdue { .. } => true,
            Self::BeyondUsual { by_95, .. } => *by_95 < today,
            _ => false,
        }
    }
}

/// A cause as it was weighed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// The cause.
    pub code: Cause,
    /// What the facts make of it.
    pub certainty: Certainty,
    /// The facts.
    #[serde(flatten)]
    pub reason: Reason,
}

impl From<Reason> for Weighed {
    fn from(reason: Reason) -> Self {
        let (code, certainty) = reason.weight();
        Self {
            code,
            certainty,
            reason,
        }
    }
}

/// Every cause that applies to this node, the most certain first. A ticket that is registered
/// otherwise leaves no question open: then it is the only one.
#[must_use]
pub fn weigh(facts: &Facts<'_>, calendar: &Calendar) -> Vec<Weighed> {
    if facts.ticket_is_anothers {
        return vec![Reason::RegisteredOtherwise.into()];
    }
    let reasons = [
        Some(too_early(facts)),
        Some(details(facts)),
        Some(result(facts)),
        sync(facts),
        Some(institution(facts, calendar)),
    ];
    let mut all: Vec<Weighed> = reasons.into_iter().flatten().map(Weighed::from).collect();
    // Stable: causes of one certainty stay in the order of the chain.
    all.sort_by_key(|w| w.certainty);
    all
}

fn too_early(facts: &Facts<'_>) -> Reason {
    let today = legal_day(facts.now);
    match (facts.exam_day, facts.usual) {
        (Some(exam_day), _) if exam_day > today => Reason::ExamToCome { exam_day },
        (Some(_), Some(usual)) => {
            let Usual {
                by_50,
                by_80,
                by_95,
                provisional,
            } = usual;
            if today > by_80 {
                return Reason::BeyondUsual {
                    by_80,
                    by_95,
                    provisional,
                };
            }
            let next = [by_50, by_80].into_iter().find(|day| *day > today);
            Reason::WithinUsual {
                look_again: next.unwrap_or(by_95),
                by_80,
                by_95,
                provisional,
            }
        }
        _ => Reason::DayUntold,
    }
}

fn details(facts: &Facts<'_>) -> Reason {
    if facts.ticket_is_own {
        Reason::TicketMatches
    } else {
        Reason::DetailsUnchecked
    }
}

fn result(facts: &Facts<'_>) -> Reason {
    match facts.exam_day {
        Some(day) if day > legal_day(facts.now) => Reason::NothingSatYet,
        _ => Reason::ResultUntold,
    }
}

impl<'a> Facts<'a> {
    /// The province that was told, or the institution's.
    fn whose(&self) -> Option<&'a str> {
        let home = match self.institution {
            Some(Found::Listed(listed)) => listed.home,
            _ => None,
        };
        home.or(self.province)
    }

    /// The copies in which the case could be.
    fn relevant(&self) -> impl Iterator<Item = &'a Copied> {
        let whose = self.whose();
        let all = self.copies.iter();
        all.filter(move |copy| whose.is_none_or(|code| copy.province == code))
    }
}

fn sync(facts: &Facts<'_>) -> Option<Reason> {
    if facts.copies.is_empty() {
        return None;
    }
    let today = legal_day(facts.now);
    if let Some(code) = facts.whose() {
        let Some(copy) = facts.relevant().next() else {
            let province = code.into();
            return Some(Reason::ProvinceNotFollowed { province });
        };
        let complete_to = legal_day(copy.complete_to);
        let held = facts.exam_day.filter(|day| *day <= today);
        if held.is_some_and(|day| complete_to < day) {
            return Some(Reason::CopyEndsBefore {
                province: copy.province.clone(),
                complete_to,
            });
        }
    }
    let old = facts.relevant().filter(|copy| copy.is_old(facts.now));
    let provinces: Vec<String> = old.map(|copy| copy.province.clone()).collect();
    Some(if provinces.is_empty() {
        Reason::CopiesCurrent
    } else {
        Reason::CopyOld { provinces }
    })
}

fn institution(facts: &Facts<'_>, calendar: &Calendar) -> Reason {
    let listed = match facts.institution {
        None => return Reason::InstitutionUntold,
        Some(Found::Unlisted) if facts.relevant().any(|copy| copy.is_old(facts.now)) => {
            return Reason::InstitutionUnseen;
        }
        Some(Found::Unlisted) => return Reason::InstitutionUnlisted,
        Some(Found::Several(codes)) => {
            let offices = codes.to_vec();
            return Reason::InstitutionUnclear { offices };
        }
        Some(Found::Listed(listed)) => listed,
    };
    if listed.office.suspended.is_some() {
        return Reason::InstitutionSuspended;
    }
    // On a day told, what the institution was authorised for then; else what it is now.
    let (now, before) = (
        &listed.office.authorisation,
        &listed.office.past.authorisations,
    );
    let before = facts.exam_day.map(|_| before.iter());
    let authorised = now.iter().chain(before.into_iter().flatten()).any(|a| {
        let that_day = facts.exam_day.is_none_or(|d| a.from <= d && d <= a.until);
        that_day && facts.item.is_none_or(|item| a.items.contains(item))
    });
    if !authorised {
        return Reason::NotAuthorised;
    }
    match facts.exam_day {
        Some(day) if day <= legal_day(facts.now) => session(facts, listed, day, calendar),
        _ => Reason::InstitutionInOrder,
    }
}

fn session(facts: &Facts<'_>, listed: Listed<'_>, day: Date, calendar: &Calendar) -> Reason {
    if listed.session.is_some_and(|session| session.published) {
        return Reason::ScoresPublished;
    }
    let law = calendar.law(day).publish_scores;
    let last = calendar.add_workdays(day, u32::from(law.value));
    let limit = LastDay {
        date: last.date,
        workdays: law.value,
        source: law.source.into(),
        verified: law.verified,
        provisional: last.provisional,
    };
    let today = legal_day(facts.now);
    // Of a copy only what it reaches can be said to be missing.
    let copy = listed.home.and_then(|_| facts.relevant().next());
    let seen_to = copy.map_or(today, |copy| legal_day(copy.complete_to));
    match (listed.session, limit.date < seen_to) {
        (Some(_), true) => Reason::ScoresOverdue { limit },
        (None, true) => Reason::SessionOverdue { limit },
        _ if limit.date < today => Reason::SessionUnseen {
            complete_to: seen_to,
            limit,
        },
        (Some(_), false) => Reason::ScoresPending { limit },
        (None, false) => Reason::SessionPending { limit },
    }
}
