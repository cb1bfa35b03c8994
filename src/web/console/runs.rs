//! `/console/runs`: making cards. What waits is marked and becomes a run; a run is issued, printed,
//! handed over, and has its page with its cards and what happened to them.

mod page_of_run;
mod sent;

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query as Asked, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::case::Card;
use serde::Deserialize;

pub use self::page_of_run::{deliver, issue, print, show, sign_list, spoil};
use self::sent::Sent;
pub(super) use self::sent::path;
use super::{
    super::{
        App, Trouble, Visitor, deadlines,
        page::{self, Frame},
    },
    story,
};
use crate::{
    clock,
    registry::{CaseLine, Command, Filter, Run, RunCard, sunday},
};

/// The longest list on one page.
const MOST: u16 = 500;

/// Which of the waiting cases: of one item, of one institution.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    item: String,
    institution: String,
    /// Runs that are over, instead of those that are not.
    over: String,
}

#[derive(Template)]
#[template(path = "console/runs.html")]
struct Runs<'a> {
    f: Frame<'a>,
    which: Which,
    lines: Vec<story::Line>,
    /// What can be chosen from: code and name.
    items: Vec<(String, String)>,
    institutions: Vec<(String, String)>,
    runs: Vec<Run>,
    counts: [i64; 4],
    told: Vec<(String, String)>,
}

/// What waits for its card, and the runs.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(which): Asked<Which>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, which, Vec::new()).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    which: Which,
    told: Vec<(String, String)>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let today = clock::today();
    let over = !which.over.is_empty();
    let (waiting, runs, cupboard) = app
        .run(move |r| {
            let filter = Filter {
                states: vec!["approved".to_owned()],
                limit: MOST,
                ..Filter::default()
            };
            Ok((
                r.cases(&officer, &filter, today)?,
                r.runs(&officer, over)?,
                r.cupboard(&officer, Card::Printed, 0, today)?,
            ))
        })
        .await?;
    let items = choices(&waiting, |l| (l.case.registration.item.as_str(), &l.item));
    let institutions = choices(&waiting, |l| {
        (l.case.registration.institution.as_str(), &l.institution)
    });
    let f = Frame::new(app, visitor, "runs-title");
    let fits = |chosen: &str, has: &str| chosen.is_empty() || chosen == has;
    let lines = waiting.into_iter().filter(|l| {
        let r = &l.case.registration;
        fits(&which.item, r.item.as_str()) && fits(&which.institution, r.institution.as_str())
    });
    Ok(page::html(&Runs {
        lines: lines.map(|l| story::Line::of(l, &f, today)).collect(),
        f,
        which,
        items,
        institutions,
        runs,
        counts: cupboard.counts,
        told,
    }))
}

/// The different values among the lines, by code.
fn choices<'l>(
    lines: &'l [CaseLine],
    of: impl Fn(&'l CaseLine) -> (&'l str, &'l String),
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in lines {
        let (code, name) = of(line);
        if !all.iter().any(|(c, _)| c == code) {
            all.push((code.to_owned(), name.clone()));
        }
    }
    all.sort();
    all
}

/// Makes the marked cards, as one run, and goes to its page.
pub async fn make(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let sent = Sent { fields };
    let t = app.sentences(visitor.lang);
    let which = Which {
        item: sent.one("item"),
        institution: sent.one("institution"),
        over: String::new(),
    };
    let cases = sent.cases();
    if cases.is_empty() {
        let told = vec![(String::new(), t.say("cases-none-marked"))];
        return page_of(&app, &visitor, which, told).await;
    }
    let made = Command::Make {
        batch: String::new(),
    };
    let asking = officer.clone();
    let (done, number) = app
        .run(move |r| {
            let done = r.command(&cases, &made, &officer, clock::now())?;
            let first = done.iter().find(|d| d.state.is_ok()).map(|d| d.case);
            let Some(first) = first else {
                return Ok((done, None));
            };
            let file = r.case_file(&asking, first, clock::today())?;
            let number = file.case.state.card().map(|(run, _)| run.to_owned());
            Ok((done, number))
        })
        .await?;
    let refused = sent::refusals(t, &done);
    match number {
        Some(number) if refused.is_empty() => Ok(Redirect::to(&path(&number)).into_response()),
        _ => page_of(&app, &visitor, which, refused).await,
    }
}

/// A card as a line of a table.
struct CardLine {
    card: RunCard,
    item: String,
    institution: String,
    due: String,
    left: String,
    risk: &'static str,
}

impl CardLine {
    fn of(card: RunCard, app: &App, f: &Frame<'_>) -> Self {
        let r = &card.case.registration;
        let today = clock::today();
        let (mut due, mut left, mut risk) = (String::new(), String::new(), "");
        if let Some(deadline) = &card.deadline {
            left = deadlines::left(f.t, deadline);
            due = deadline.due.map(|day| day.to_string()).unwrap_or_default();
            risk = match deadline.due {
                Some(day) if day < today => "missed",
                Some(day) if day <= sunday(today) => "soon",
                _ => "",
            };
        }
        Self {
            item: app.registry.item_name(&r.item),
            institution: app.registry.office_name(&r.institution),
            card,
            due,
            left,
            risk,
        }
    }

    /// The holder's name; that of the certificate, where there is one.
    fn name(&self) -> &str {
        let person = match &self.card.certificate {
            Some(certificate) => &certificate.says.holder,
            None => &self.card.case.registration.person,
        };
        person.name.expose()
    }
}

/// Which step the cupboard is looked at for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Step {
    card: String,
}

#[derive(Template)]
#[template(path = "console/cupboard.html")]
struct CupboardPage<'a> {
    f: Frame<'a>,
    step: Card,
    steps: [Card; 3],
    counts: [i64; 4],
    lines: Vec<CardLine>,
}

/// What is still here: not issued, not printed, not fetched; first what is due first.
pub async fn cupboard(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(step): Asked<Step>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let steps = [Card::Made, Card::Issued, Card::Printed];
    let step = Card::from_word(&step.card)
        .filter(|card| steps.contains(card))
        .unwrap_or(Card::Printed);
    let today = clock::today();
    let cupboard = app
        .run(move |r| r.cupboard(&officer, step, MOST, today))
        .await?;
    let f = Frame::new(&app, &visitor, "cupboard-title");
    let lines = cupboard.cards.into_iter();
    Ok(page::html(&CupboardPage {
        lines: lines.map(|card| CardLine::of(card, &app, &f)).collect(),
        f,
        step,
        steps,
        counts: cupboard.counts,
    }))
}

impl CupboardPage<'_> {
    fn count(&self, card: &Card) -> i64 {
        let at = Card::ALL.into_iter().position(|c| c == *card);
        at.map_or(0, |at| self.counts[at])
    }
}
