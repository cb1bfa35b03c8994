//! The nightly comparison as it is told to everybody: what differs, and nothing of a case beyond its
//! number.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::page::{self, Frame};
use crate::registry::{Compared, Difference, Rows};

/// A comparison is due every night; one older than this was left out.
const OVERDUE: SignedDuration = SignedDuration::from_hours(36);

/// The last comparison of a journal, as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedTold {
    pub(super) at: Timestamp,
    pub(super) entries: u64,
    pub(super) state: &'static str,
    quarantined: u64,
    pub(super) differences: Vec<DifferenceTold>,
    more: bool,
}

/// A difference. Of a record it says on which side a row stands and not its state: whoever knows
/// the number of a case must not learn here how it ended.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum DifferenceTold {
    Short {
        here: u64,
        there: u64,
    },
    Entries {
        from: u64,
        until: u64,
    },
    Count {
        kind: Rows,
        state: String,
        here: u64,
        there: u64,
    },
    Record {
        kind: Rows,
        record: String,
        stands: &'static str,
        from: Option<u64>,
        until: Option<u64>,
    },
}

impl DifferenceTold {
    fn of(difference: &Difference) -> Self {
        match difference {
            Difference::Short { here, there } => Self::Short {
                here: *here,
                there: *there,
            },
            Difference::Entries { from, until } => Self::Entries {
                from: *from,
                until: *until,
            },
            Difference::Count {
                rows,
                state,
                here,
                there,
            } => Self::Count {
                kind: *rows,
                state: state.clone(),
                here: *here,
                there: *there,
            },
            Difference::Record {
                record,
                rows,
                here,
                there,
                entries,
            } => Self::Record {
                kind: *rows,
                record: record.to_string(),
                stands: match (here, there) {
                    (Some(_), None) => "here",
                    (None, Some(_)) => "there",
                    _ => "both",
                },
                from: entries.map(|(first, _)| first),
                until: entries.map(|(_, last)| last + 1),
            },
        }
    }

    /// In words.
    fn say(&self, f: &Frame<'_>) -> String {
        let say = |key: &str, values: &[(&str, &str)]| f.t.with(key, values);
        let last = |until: u64| until.saturating_sub(1).to_string();
        match self {
            Self::Short { here, there } => say(
                "compared-short",
                &[("here", &here.to_string()), ("there", &there.to_string())],
            ),
            Self::Entries { from, until } => say(
                "compared-entries",
                &[("from", &from.to_string()), ("to", &last(*until))],
            ),
            Self::Count {
                kind,
                state,
                here,
                there,
            } => {
                let state = match kind {
                    Rows::Case => f.word("state", state),
                    Rows::Certificate => f.word("status", state),
                    _ => String::new(),
                };
                let kind = f.word("rows", kind.word());
                let what = format!("{kind} {state}");
                say(
                    "compared-count",
                    &[
                        ("what", what.trim()),
                        ("here", &here.to_string()),
                        ("there", &there.to_string()),
                    ],
                )
            }
            Self::Record {
                kind,
                record,
                stands,
                from,
                until,
            } => {
                let what = format!("{} {record}", f.word("rows", kind.word()));
                let told = f.s1(&format!("compared-record-{stands}"), "what", what);
                match from.zip(*until) {
                    Some((from, until)) => {
                        let places = [("from", &*from.to_string()), ("to", &*last(until))];
                        format!("{told} {}", say("compared-places", &places))
                    }
                    None => told,
                }
            }
        }
    }
}

impl ComparedTold {
    /// As it stands at that moment.
    pub(super) fn of(compared: &Compared, now: Timestamp) -> Self {
        let outcome = &compared.outcome;
        let state = if !outcome.differences.is_empty() {
            "different"
        } else if now.duration_since(compared.at) > OVERDUE {
            "overdue"
        } else {
            "same"
        };
        Self {
            at: compared.at,
            entries: outcome.size,
            state,
            quarantined: outcome.set_aside,
            differences: outcome.differences.iter().map(DifferenceTold::of).collect(),
            more: outcome.more,
        }
    }

    /// When, for people.
    pub(super) fn when(&self) -> String {
        page::moment(self.at)
    }

    /// What differs, and what to do about it.
    pub(super) fn lines(&self, f: &Frame<'_>) -> Vec<String> {
        let mut lines: Vec<String> = self.differences.iter().map(|d| d.say(f)).collect();
        if self.more {
            lines.push(f.s("compared-more"));
        }
        let is_history = |d: &DifferenceTold| {
            matches!(
                d,
                DifferenceTold::Short { .. } | DifferenceTold::Entries { .. }
            )
        };
        if self.differences.iter().any(is_history) {
            lines.push(f.s("compared-do-entries"));
        } else if !lines.is_empty() {
            lines.push(f.s("compared-do-rows"));
        }
        lines
    }
}
