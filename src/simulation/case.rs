//! A case of a run: who, where, and every event with its day.

use std::fmt;

use domain::verdict::{Kind, Stage};
use jiff::civil::{Date, DateTime};

/// Where a case can wait, in the order of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The institution enters and confirms the scores.
    Scoring,
    /// The institution reports.
    Reporting,
    /// The authority accepts, or returns with the complete list.
    Acceptance,
    /// The applicant completes what was missing.
    Correction,
    /// The first officer.
    Review,
    /// The second officer.
    Approval,
    /// The card is made, in a batch.
    Making,
    /// It is issued.
    Issue,
    /// The entry waits for the feed's slot.
    Sync,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Scoring,
        Self::Reporting,
        Self::Acceptance,
        Self::Correction,
        Self::Review,
        Self::Approval,
        Self::Making,
        Self::Issue,
        Self::Sync,
    ];

    /// The permanent word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Scoring => "scoring",
            Self::Reporting => "reporting",
            Self::Acceptance => "acceptance",
            Self::Correction => "correction",
            Self::Review => "review",
            Self::Approval => "approval",
            Self::Making => "making",
            Self::Issue => "issue",
            Self::Sync => "sync",
        }
    }

    /// The stage of the chain it is part of.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::Scoring => Stage::Scoring,
            Self::Making | Self::Issue => Stage::Making,
            Self::Sync => Stage::Sync,
            _ => Stage::Qualification,
        }
    }
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Found by the national query.
    Queryable,
    /// The exam was not passed.
    NotPassed,
    /// The second officer said no.
    Rejected,
}

/// What happened: the words of the journal, and `queryable`, which is the nation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "words of the journal, see the glossary")]
pub enum What {
    Registered,
    TheoryScored,
    PracticalScored,
    ScoresConfirmed,
    Reported,
    Returned,
    Resubmitted,
    Accepted,
    Reviewed,
    Approved,
    Rejected,
    Made,
    /// The act that ends the case in a certificate; its word depends on the kind.
    Granted,
    /// Under a checkpoint of the nation.
    Queryable,
}

impl What {
    /// The permanent word, as the journal writes it.
    #[must_use]
    pub fn word(self, kind: Kind) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::TheoryScored => "theory_scored",
            Self::PracticalScored => "practical_scored",
            Self::ScoresConfirmed => "scores_confirmed",
            Self::Reported => "reported",
            Self::Returned => "returned",
            Self::Resubmitted => "resubmitted",
            Self::Accepted => "accepted",
            Self::Reviewed => "reviewed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Made => "made",
            Self::Granted => match kind {
                Kind::Initial => "certificate_issued",
                Kind::Recheck => "rechecked",
                Kind::Renewal => "renewed",
                Kind::Replacement => "replaced",
                Kind::Reissue => "reissued",
            },
            Self::Queryable => "queryable",
        }
    }
}

/// One event: what, on which day, at which minute of it (time of China).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// What.
    pub what: What,
    /// The day.
    pub on: Date,
    /// The minute of the day.
    pub minute: u16,
}

impl Dated {
    /// Day and time, in China.
    #[must_use]
    pub fn at(&self) -> DateTime {
        let hour = i8::try_from(self.minute / 60).unwrap_or(0);
        let minute = i8::try_from(self.minute % 60).unwrap_or(0);
        self.on.at(hour, minute, 0, 0)
    }
}

/// A case with its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its number in its province, from 0, by the day it began.
    pub number: u32,
    /// The province, from 0.
    pub province: u16,
    /// The issuing authority, from 0, within the province.
    pub authority: u16,
    /// The institution, from 0, within the province.
    pub institution: u16,
    /// Why.
    pub kind: Kind,
    /// For what: the place in the scenario's `items`.
    pub item: u16,
    /// The day of the exam; of the application where there is no exam.
    pub exam_date: Date,
    /// What happened, in order.
    pub events: Vec<Dated>,
    /// How it ended; none while it is under way.
    pub end: Option<End>,
}

/// An office of a run, as logs write it: `P03-A2` and `P03-I07`.
pub struct OfficeName {
    province: u16,
    kind: char,
    number: u16,
}

impl OfficeName {
    pub(super) fn new(province: u16, kind: char, number: u16) -> Self {
        Self {
            province,
            kind,
            number,
        }
    }
}

impl fmt::Display for OfficeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (province, number) = (self.province + 1, self.number + 1);
        write!(f, "P{province:02}-{}{number:02}", self.kind)
    }
}

impl Case {
    /// The authority's name.
    #[must_use]
    pub fn authority_name(&self) -> OfficeName {
        OfficeName::new(self.province, 'A', self.authority)
    }

    /// The institution's name.
    #[must_use]
    pub fn institution_name(&self) -> OfficeName {
        OfficeName::new(self.province, 'I', self.institution)
    }

    /// The last day on which this happened.
    #[must_use]
    pub fn day_of(&self, what: What) -> Option<Date> {
        let found = self.events.iter().rev().find(|e| e.what == what);
        found.map(|e| e.on)
    }

    /// Whether a kind is decided without an exam.
    #[must_use]
    pub fn without_exam(kind: Kind) -> bool {
        matches!(kind, Kind::Replacement | Kind::Reissue)
    }
}
