//! `GET /api/v1/estimate`: when it will be there, for a case of which so much is known. Nothing that
//! is asked or told is personal, so it may stand in an address.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::verdict::{Kind, Stage};
use jiff::civil::Date;
use serde::Deserialize;

use super::super::{
    App, FieldError, Problem,
    lang::{self, Sentences},
};
use super::query::category;
use crate::{
    clock,
    estimate::{Question, Wrong},
    outlook::Where,
};

/// What may be asked; all but `exam_date` may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub(in crate::web) province: String,
    pub(in crate::web) authority: String,
    pub(in crate::web) institution: String,
    pub(in crate::web) category: String,
    pub(in crate::web) item: String,
    pub(in crate::web) kind: String,
    pub(in crate::web) exam_date: String,
    pub(in crate::web) stage: String,
    pub(in crate::web) since: String,
    pub(in crate::web) as_of: String,
}

/// A field that cannot be read, and the code of its sentence.
pub(in crate::web) type Mistake = (&'static str, &'static str);

/// Answers.
pub async fn give(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let t = app.sentences(lang::of(&headers));
    let (place, question) = match asked.question(&app) {
        Ok(question) => question,
        Err(mistakes) => return problem(t, &mistakes),
    };
    match app.expect(&place, question) {
        Ok(answer) => Json(&*answer).into_response(),
        Err(wrong) => problem(t, &[mistake(wrong)]),
    }
}

fn problem(t: &Sentences, mistakes: &[Mistake]) -> Response {
    let told = mistakes.iter().map(|(field, code)| FieldError {
        field,
        code,
        message: t.word("field", code),
    });
    Problem::fields(t.say("problem-fields"), told.collect()).into_response()
}

/// Days that contradict each other, by field.
pub fn mistake(wrong: Wrong) -> Mistake {
    match wrong {
        Wrong::SinceBeforeExam => ("since", "since_before_exam"),
        Wrong::SinceAhead => ("since", "since_ahead"),
        Wrong::NoScoring => ("stage", "stage_without_exam"),
        Wrong::Far => ("exam_date", "date_far"),
    }
}

impl Asked {
    /// The question, all that is wrong told at once.
    ///
    /// # Errors
    /// The fields that cannot be read.
    pub fn question(&self, app: &App) -> Result<(Where, Question), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let today = domain::event::legal_day(clock::now());
        let exam = day(&self.exam_date, "exam_date", &mut mistakes);
        if exam.is_none() && mistakes.is_empty() {
            mistakes.push(("exam_date", "date_missing"));
        }
        let since = day(&self.since, "since", &mut mistakes);
        let as_of = day(&self.as_of, "as_of", &mut mistakes).unwrap_or(today);
        let kind = word::<Kind>(&self.kind).unwrap_or_else(|()| {
            mistakes.push(("kind", "kind_unknown"));
            None
        });
        let stage = word::<Stage>(&self.stage).unwrap_or_else(|()| {
            mistakes.push(("stage", "stage_unknown"));
            None
        });
        if !self.category.is_empty() && category(&self.category).is_none() {
            mistakes.push(("category", "category_unknown"));
        }
        let known = |code: &str| app.registry.catalogue().item(&code.into()).is_some();
        if !self.item.is_empty() && !known(&self.item) {
            mistakes.push(("item", "item_unknown"));
        }
        let given = |code: &str| Some(code.trim().to_owned()).filter(|code| !code.is_empty());
        let place = Where {
            province: given(&self.province),
            authority: given(&self.authority),
            institution: given(&self.institution),
        };
        match exam {
            Some(exam) if mistakes.is_empty() => {
                let question = Question {
                    exam,
                    kind: kind.unwrap_or(Kind::Initial),
                    stage,
                    since,
                    as_of,
                    place: Vec::new(),
                };
                Ok((place, question))
            }
            _ => Err(mistakes),
        }
    }
}

fn day(text: &str, field: &'static str, mistakes: &mut Vec<Mistake>) -> Option<Date> {
    if text.trim().is_empty() {
        return None;
    }
    let day = text.trim().parse().ok();
    if day.is_none() {
        mistakes.push((field, "date_malformed"));
    }
    day
}

/// A word of the glossary; none where nothing is written.
fn word<T: for<'d> Deserialize<'d>>(text: &str) -> Result<Option<T>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map(Some).map_err(|_| ())
}
