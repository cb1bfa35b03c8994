//! The nightly comparison as it is told to everybody: what differs, and nothing of a case beyond its
//! number. Cases are counted by their stage, in which the public may not tell one state from another;
//! `kecha feed compare` counts them by their state.

use std::collections::BTreeMap;

use domain::case::State;
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
    pub(in crate::web) state: &'static str,
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
    /// States that agree are left out of the sum, so it says by how many, not how many.
    Count {
        kind: Rows,
        state: String,
        by: u64,
        less: &'static str,
    },
    Record {
        kind: Rows,
        record: String,
        stands: &'static str,
        from: Option<u64>,
        until: Option<u64>,
    },
}

/// What a state is counted under.
fn counted(rows: Rows, state: &str) -> String {
    match rows {
        Rows::Case => State::stage_of(state).map_or("ended".to_owned(), |s| page::code(&s)),
        _ => state.to_owned(),
    }
}

/// What is told of what differs.
fn told(differences: &[Difference]) -> Vec<DifferenceTold> {
    let mut counts: BTreeMap<(Rows, String), (u64, u64)> = BTreeMap::new();
    for difference in differences {
        if let Difference::Count {
            rows,
            state,
            here,
            there,
        } = difference
        {
            let sum = counts.entry((*rows, counted(*rows, state))).or_default();
            *sum = (sum.0 + here, sum.1 + there);
        }
    }
    let counts = counts
        .into_iter()
        .filter(|(_, (here, there))| here != there);
    let counts = counts.map(|((kind, state), (here, there))| DifferenceTold::Count {
        kind,
        state,
        by: here.abs_diff(there),
        less: if here < there { "here" } else { "there" },
    });
    counts
        .chain(differences.iter().filter_map(DifferenceTold::of))
        .collect()
}

impl DifferenceTold {
    /// All but counts, which are told together.
    fn of(difference: &Difference) -> Option<Self> {
        Some(match difference {
            Difference::Short { here, there } => Self::Short {
                here: *here,
                there: *there,
            },
            Difference::Entries { from, until } => Self::Entries {
                from: *from,
                until: *until,
            },
            Difference::Count { .. } => return None,
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
        })
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
                by,
                less,
            } => {
                let state = match kind {
                    Rows::Case if state == "ended" => f.s("compared-ended"),
                    Rows::Case => f.word("stage", state),
                    Rows::Certificate => f.word("status", state),
                    _ => String::new(),
                };
                let kind = f.word("rows", kind.word());
                let what = format!("{kind} {state}");
                let values = [("what", what.trim()), ("by", &*by.to_string())];
                say(&format!("compared-less-{less}"), &values)
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
    pub(in crate::web) fn of(compared: &Compared, now: Timestamp) -> Self {
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
            differences: told(&outcome.differences),
            more: outcome.more,
        }
    }

    /// When, for people.
    pub(in crate::web) fn when(&self) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn count(rows: Rows, state: &str, here: u64, there: u64) -> Difference {
        Difference::Count {
            rows,
            state: state.to_owned(),
            here,
            there,
        }
    }

    /// With one case named and its state counted, everybody would know that it was rejected.
    #[test]
    fn how_a_case_stands_within_its_stage_is_not_told() {
        let within = [
            count(Rows::Case, "accepted", 4, 3),
            count(Rows::Case, "rejected", 1, 2),
        ];
        assert!(told(&within).is_empty());
        let across = [
            count(Rows::Case, "rejected", 1, 2),
            count(Rows::Case, "returned", 1, 2),
            count(Rows::Certificate, "valid", 9, 8),
        ];
        let told = serde_json::to_value(told(&across)).expect("written");
        let expected = serde_json::json!([
            {"what": "count", "kind": "case", "state": "qualification", "by": 2, "less": "here"},
            {"what": "count", "kind": "certificate", "state": "valid", "by": 1, "less": "there"},
        ]);
        assert_eq!(told, expected);
        for word in State::WORDS {
            let ended = matches!(word, "issued" | "closed");
            assert_eq!(State::stage_of(word).is_none(), ended, "{word}");
        }
    }
}
