//! An estimate where people see it: in words first, then as a picture, then with its reasons.
//!
//! The estimate of a running case is made from what the public is told of it, and of its offices,
//! which are the same in every state. So it cannot tell what the public may not know.

use std::sync::Arc;

use domain::{
    calendar::Calendar,
    case::{Case, State},
    exam::Outcome,
    law::Limit,
    verdict::{Cause, Kind, Note, ProgressShown, Stage},
};
use jiff::civil::Date;
use serde::Serialize;

use super::{App, deadlines, lang::Sentences, page};
use crate::{
    chart::{self, Reach, Timeline},
    estimate::{Answer, By, Question},
    outlook::Where,
};

/// An estimate on a page.
pub(super) struct Told {
    /// Between which days, and by when nearly all are there.
    pub says: String,
    /// The timeline with its table, as HTML.
    pub picture: String,
    /// What it rests on, and how far it goes.
    pub reasons: Vec<String>,
    /// How earlier dates held; none while none were counted.
    pub record: Option<String>,
    /// Of those that came into the stage on that day 19 in 20 should be there by now.
    pub outstayed: bool,
}

/// An estimate as a program is told of a running case.
#[derive(Serialize)]
pub(super) struct Short {
    by: By,
    provisional: bool,
    level: &'static str,
    sample: usize,
}

impl From<&Answer> for Short {
    fn from(answer: &Answer) -> Self {
        Self {
            by: answer.by.clone(),
            provisional: answer.provisional,
            level: answer.level,
            sample: answer.sample,
        }
    }
}

/// A question with its answer.
pub(super) struct Expected {
    pub question: Question,
    pub answer: Arc<Answer>,
    /// See [`Told::outstayed`].
    pub outstayed: bool,
}

impl App {
    /// What is expected of a running case, as it is told to an asker; none for one that is over,
    /// that has not passed, whose exam is not sat or that is being verified.
    pub(super) fn expected(
        &self,
        shown: &ProgressShown,
        province: Option<&str>,
        today: Date,
    ) -> Option<Expected> {
        let is_told = shown.details.is_some();
        let unsat = shown.stage == Stage::Scoring
            && shown.due.is_none()
            && shown.note.is_none()
            && !is_told;
        let lost = shown
            .details
            .as_ref()
            .is_some_and(|d| d.cause == Some(Cause::NotPassedOrNotEligible));
        if unsat || lost || shown.note == Some(Note::UnderVerification) {
            return None;
        }
        let place = self.place(
            shown.authority.as_ref().map(|o| o.as_str()),
            shown.institution.as_ref().map(|o| o.as_str()),
            province,
        );
        let stands = (shown.stage, shown.since);
        let expected = self.running(&place, shown.kind, stands, today)?;
        if let Ok(case) = shown.case.parse() {
            self.shown(case, shown.stage, &place, &expected.answer);
        }
        Some(expected)
    }

    /// The same for the officer who has the case before him.
    pub(super) fn expected_of(&self, case: &Case, today: Date) -> Option<Expected> {
        let lost = match &case.state {
            State::Confirmed { outcome, .. } => matches!(outcome, Outcome::NotPassed { .. }),
            State::Registered
            | State::Refused { .. }
            | State::Rejected { .. }
            | State::Annulled { .. } => true,
            _ => false,
        };
        let stage = case.state.stage().filter(|_| !lost)?;
        let r = &case.registration;
        let place = self.place(
            Some(r.authority.as_str()),
            Some(r.institution.as_str()),
            None,
        );
        let stands = (stage, case.stage_since);
        let expected = self.running(&place, r.kind, stands, today)?;
        self.shown(case.id, stage, &place, &expected.answer);
        Some(expected)
    }

    /// Where a case is; without a province it is a case of this node's own.
    fn place(
        &self,
        authority: Option<&str>,
        institution: Option<&str>,
        province: Option<&str>,
    ) -> Where {
        let own = self.config.as_ref().map(|c| c.province.as_str());
        Where {
            province: province.or(own).map(str::to_owned),
            authority: authority.map(str::to_owned),
            institution: institution.map(str::to_owned),
        }
    }

    fn running(
        &self,
        place: &Where,
        kind: Kind,
        (stage, since): (Stage, Date),
        today: Date,
    ) -> Option<Expected> {
        // The day of the exam is not told: days are counted from the stage's first.
        let question = Question {
            exam: since,
            kind,
            stage: Some(stage),
            since: Some(since),
            as_of: today,
            place: Vec::new(),
        };
        let answer = self.expect(place, question.clone()).ok()?;
        // An estimate of today never lies behind: what counts is how it looked when the stage began.
        let then = Question {
            as_of: since,
            ..question.clone()
        };
        let outstayed = since < today
            && self
                .expect(place, then)
                .is_ok_and(|then| then.by.p95 < today.to_string());
        Some(Expected {
            question,
            answer,
            outstayed,
        })
    }

    /// An estimate in words, with its picture; `id` is unique in the page, and so is the picture's
    /// name: that of the item where a page may hold several.
    pub(super) fn tell(
        &self,
        t: &Sentences,
        expected: &Expected,
        (id, item): (&str, Option<&str>),
    ) -> Told {
        let calendar = self.registry.calendar();
        let title = match item {
            Some(item) => t.with("when-picture-of", &[("item", item)]),
            None => t.say("when-picture"),
        };
        let Expected {
            question, answer, ..
        } = expected;
        Told {
            outstayed: expected.outstayed,
            says: says(t, answer, question.as_of),
            picture: chart::figure(&timeline(t, title, expected, calendar), t, id),
            reasons: reasons(t, answer),
            record: answer.track_record.map(|share| {
                let share = format!("{:.0}", share * 100.0);
                t.with("when-record", &[("share", &share)])
            }),
        }
    }
}

fn date(text: &str, otherwise: Date) -> Date {
    text.parse().unwrap_or(otherwise)
}

/// A day in a sentence; its year where it is another than that of today.
fn day(t: &Sentences, day: Date, today: Date) -> String {
    let said = chart::day(day, t);
    if day.year() == today.year() {
        return said;
    }
    let year = day.year().to_string();
    t.with("when-day-year", &[("day", &said), ("year", &year)])
}

/// The sentence that stands first.
fn says(t: &Sentences, answer: &Answer, today: Date) -> String {
    let most = date(&answer.by.p80, answer.earliest);
    let nearly = date(&answer.by.p95, most);
    let first = answer.earliest.max(today).min(most);
    let said = [first, most, nearly].map(|d| day(t, d, today));
    let values = [
        ("first", &*said[0]),
        ("most", &*said[1]),
        ("nearly", &*said[2]),
    ];
    let key = if first == most {
        "when-says-day"
    } else {
        "when-says"
    };
    t.with(key, &values)
}

/// What it rests on, and how far it goes.
fn reasons(t: &Sentences, answer: &Answer) -> Vec<String> {
    let n = answer.sample.to_string();
    let mut told = vec![t.with(&format!("when-level-{}", answer.level), &[("n", &n)])];
    if !answer.unsettled.is_empty() {
        let years: Vec<String> = answer.unsettled.iter().map(i16::to_string).collect();
        told.push(t.with("when-provisional", &[("years", &years.join("、"))]));
    }
    told.push(t.say("when-if"));
    told
}

/// The stages that are still to be passed, and the whole.
fn timeline(t: &Sentences, title: String, expected: &Expected, calendar: &Calendar) -> Timeline {
    let Expected {
        question, answer, ..
    } = expected;
    let first = question.since.unwrap_or(question.exam);
    let days = |by: &By| [&by.p50, &by.p80, &by.p95].map(|text| date(text, first));
    let mut start = first;
    let mut rows = Vec::new();
    for stage in &answer.stages {
        let by = days(&stage.by);
        let word = page::code(&stage.stage);
        rows.push(Reach {
            name: t.say(&format!("stage-{word}")),
            start,
            by,
            done: None,
            whole: false,
        });
        start = by[0];
    }
    let whole = days(&answer.by);
    rows.push(Reach {
        name: t.say("when-whole"),
        start: first,
        by: whole,
        done: None,
        whole: true,
    });
    let (from, last) = (first.min(question.as_of), whole[2].max(question.as_of));
    Timeline {
        title,
        rows,
        today: Some(question.as_of),
        days_off: chart::days_off(calendar, from, last, t),
        provisional_from: chart::provisional_from(calendar, from, last),
    }
}

/// The limits of the law on what is still to be done, with the last day where it can be counted.
pub(super) fn limits(t: &Sentences, question: &Question, calendar: &Calendar) -> Vec<String> {
    let first = if matches!(question.kind, Kind::Replacement | Kind::Reissue) {
        Stage::Qualification
    } else {
        Stage::Scoring
    };
    let here = question.stage.unwrap_or(first);
    let began = match question.stage {
        None | Some(Stage::Scoring) => Some(question.since.unwrap_or(question.exam)),
        Some(_) => question.since,
    };
    let law = calendar.law(began.unwrap_or(question.exam));
    let all: [(Stage, &str, Limit); 4] = [
        (Stage::Scoring, "duty-publish-scores", law.publish_scores),
        (Stage::Qualification, "duty-accept", law.accept),
        (Stage::Qualification, "duty-decide", law.decide),
        (Stage::Making, "duty-deliver", law.deliver),
    ];
    let ahead = all.into_iter().filter(|(stage, ..)| *stage >= here);
    ahead
        .map(|(stage, duty, limit)| {
            // The decision's limit runs from an acceptance that is not known.
            let from = began.filter(|_| stage == here && duty != "duty-decide");
            let last = from.map(|day| calendar.add_workdays(day, u32::from(limit.value)));
            let day = last
                .as_ref()
                .map(|r| r.date.to_string())
                .unwrap_or_default();
            let values = [
                ("what", &*t.say(duty)),
                ("n", &*limit.value.to_string()),
                ("source", &*deadlines::source(t, limit.source)),
                ("day", &*day),
            ];
            let mut said = match last {
                Some(_) => t.with("when-limit-by", &values),
                None => t.with("when-limit", &values),
            };
            if !limit.verified {
                said.push_str(&t.say("when-limit-unverified"));
            }
            said
        })
        .collect()
}
