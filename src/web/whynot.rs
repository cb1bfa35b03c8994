//! The causes of a miss in words: what each means and what to do, for pages and programs.

use domain::{
    office::OfficeCode,
    verdict::Cause,
    whynot::{LastDay, Reason, Weighed},
};

use super::{App, deadlines, lang::Sentences};

/// Every cause and the key of its sentences.
pub const CAUSES: [(Cause, &str); 5] = [
    (Cause::TooEarly, "too-early"),
    (Cause::DetailsMismatch, "details-mismatch"),
    (Cause::NotPassedOrNotEligible, "not-passed-or-not-eligible"),
    (Cause::AwaitingSync, "awaiting-sync"),
    (Cause::InstitutionProblem, "institution-problem"),
];

/// What is said of a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Its name.
    pub text: String,
    /// What the facts make of it.
    pub means: String,
    /// What to do.
    pub what_to_do: String,
}

/// Names that a reason gives only as codes.
pub(super) struct Names<'a> {
    pub province: &'a dyn Fn(&str) -> String,
    pub office: &'a dyn Fn(&OfficeCode) -> String,
}

/// The key of a cause's sentences.
pub(super) fn key(cause: Cause) -> &'static str {
    CAUSES.iter().find(|(c, _)| *c == cause).map_or("", |c| c.1)
}

/// The permanent code of a reason.
#[must_use]
pub fn code(reason: &Reason) -> String {
    let value = serde_json::to_value(reason).unwrap_or_default();
    let code = value.get("reason").and_then(|code| code.as_str());
    code.unwrap_or_default().to_owned()
}

/// The reasons that are told to whoever added nothing: their sentences hold no value, and are
/// rendered once.
pub(super) const UNTOLD: [Reason; 6] = [
    Reason::DayUntold,
    Reason::DetailsUnchecked,
    Reason::ResultUntold,
    Reason::CopiesCurrent,
    Reason::InstitutionUntold,
    Reason::RegisteredOtherwise,
];

impl App {
    /// A cause in words.
    pub(super) fn why(&self, t: &Sentences, weighed: &Weighed) -> Words {
        let province = |code: &str| self.province_name(code);
        let office = |code: &OfficeCode| self.registry.office_name(code);
        let names = Names {
            province: &province,
            office: &office,
        };
        words(t, &weighed.reason, &names)
    }
}

/// A reason in words.
pub(super) fn words(t: &Sentences, reason: &Reason, names: &Names<'_>) -> Words {
    let cause = key(reason.weight().0);
    let code = code(reason).replace('_', "-");
    // The article in the words of the language.
    let held = values(reason, names)
        .into_iter()
        .map(|(name, value)| match name {
            "source" => (name, deadlines::source(t, &value)),
            _ => (name, value),
        });
    let held: Vec<Value> = held.collect();
    let values: Vec<(&str, &str)> = held.iter().map(|(name, v)| (*name, v.as_str())).collect();
    let text = match reason {
        Reason::RegisteredOtherwise => "cause-mismatch-fact".to_owned(),
        // Nobody knows whether it is issued: the copy ends before that could be seen.
        Reason::CopyEndsBefore { .. } | Reason::ProvinceNotFollowed { .. } => {
            "cause-copy-ends".to_owned()
        }
        _ => format!("cause-{cause}"),
    };
    let mut means = t.with(&format!("why-{code}"), &values);
    for key in remarks(reason) {
        // A Chinese stop has its room in itself.
        if means.ends_with('.') {
            means.push(' ');
        }
        means.push_str(&t.say(key));
    }
    let own = format!("why-{code}-do");
    let what_to_do = if t.has(&own) {
        t.with(&own, &values)
    } else {
        t.say(&format!("{text}-do"))
    };
    Words {
        text: t.say(&text),
        means,
        what_to_do,
    }
}

type Value = (&'static str, String);

fn values(reason: &Reason, names: &Names<'_>) -> Vec<Value> {
    match reason {
        Reason::ExamToCome { exam_day } => vec![("day", exam_day.to_string())],
        Reason::WithinUsual {
            look_again,
            by_80,
            by_95,
            ..
        } => vec![
            ("day", look_again.to_string()),
            ("most", by_80.to_string()),
            ("all", by_95.to_string()),
        ],
        Reason::BeyondUsual { by_80, by_95, .. } => {
            vec![("most", by_80.to_string()), ("all", by_95.to_string())]
        }
        Reason::CopyOld { provinces } => {
            let names: Vec<String> = provinces.iter().map(|p| (names.province)(p)).collect();
            vec![("provinces", names.join("、"))]
        }
        Reason::CopyEndsBefore {
            province,
            complete_to,
        } => vec![
            ("province", (names.province)(province)),
            ("day", complete_to.to_string()),
        ],
        Reason::ProvinceNotFollowed { province } => {
            vec![("province", (names.province)(province))]
        }
        Reason::InstitutionUnclear { offices } => {
            let names: Vec<String> = offices.iter().map(|o| (names.office)(o)).collect();
            vec![("offices", names.join("、"))]
        }
        Reason::SessionPending { limit }
        | Reason::SessionOverdue { limit }
        | Reason::ScoresPending { limit }
        | Reason::ScoresOverdue { limit } => last_day(limit).to_vec(),
        Reason::SessionUnseen { complete_to, limit } => {
            let copy = ("copy", complete_to.to_string());
            last_day(limit).into_iter().chain([copy]).collect()
        }
        _ => Vec::new(),
    }
}

fn last_day(limit: &LastDay) -> [Value; 3] {
    [
        ("day", limit.date.to_string()),
        ("n", limit.workdays.to_string()),
        ("source", limit.source.clone()),
    ]
}

/// What is to be said beside: a limit whose text was not seen, holidays that are not published.
fn remarks(reason: &Reason) -> Vec<&'static str> {
    let (provisional, unverified) = match reason {
        Reason::WithinUsual { provisional, .. } | Reason::BeyondUsual { provisional, .. } => {
            (*provisional, false)
        }
        Reason::SessionPending { limit }
        | Reason::SessionOverdue { limit }
        | Reason::ScoresPending { limit }
        | Reason::ScoresOverdue { limit }
        | Reason::SessionUnseen { limit, .. } => (limit.provisional, !limit.verified),
        _ => (false, false),
    };
    [
        (provisional, "why-provisional"),
        (unverified, "why-unverified"),
    ]
    .into_iter()
    .filter_map(|(said, key)| said.then_some(key))
    .collect()
}
