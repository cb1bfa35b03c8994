//! One run: its cards, what is done with them, and what was.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    case::{Card, Handover},
    record::RecordId,
    refusal::Refusal,
};

use super::{
    super::super::{
        App, Trouble, Visitor,
        page::{self, Frame},
        print,
    },
    CardLine,
    sent::{self, Sent, path},
};
use crate::{
    clock,
    registry::{Command, Officer, Run, RunCard, RunFile, RunStep},
};

/// So many cards are in one paper; with their pictures they are held in memory.
const A_PAPER: usize = 200;

#[derive(Template)]
#[template(path = "console/run.html")]
struct RunPage<'a> {
    f: Frame<'a>,
    run: Run,
    path: String,
    lines: Vec<CardLine>,
    steps: Vec<RunStep>,
    ways: [Handover; 4],
    told: Vec<(String, String)>,
    /// A field that is wrong, and what is wrong in it.
    wrong: Option<(&'static str, String)>,
}

impl RunPage<'_> {
    fn at(&self, at: &jiff::Timestamp) -> String {
        page::moment(*at)
    }

    /// How many cards are at the step or behind it.
    fn past(&self, card: Card) -> i64 {
        let all = Card::ALL.into_iter().zip(self.run.cards);
        all.filter(|(c, _)| *c >= card).map(|(_, n)| n).sum()
    }

    fn at_step(&self, card: Card) -> i64 {
        let all = Card::ALL.into_iter().zip(self.run.cards);
        all.filter(|(c, _)| *c == card).map(|(_, n)| n).sum()
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.wrong.as_ref().is_some_and(|(f, _)| *f == field)
    }

    fn why(&self) -> &str {
        self.wrong.as_ref().map_or("", |(_, why)| why)
    }
}

/// Lines as people write them: 1–4, 7.
fn ranges(lines: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *line => *last = *line,
            _ => parts.push((*line, *line)),
        }
    }
    let written = parts.into_iter().map(|(a, b)| {
        if a == b {
            a.to_string()
        } else {
            format!("{a}–{b}")
        }
    });
    written.collect::<Vec<_>>().join(", ")
}

/// What a page says beside its run.
#[derive(Default)]
struct Says {
    told: Vec<(String, String)>,
    wrong: Option<(&'static str, String)>,
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    number: &str,
    says: Says,
) -> Result<Response, Trouble> {
    let file = load(app, visitor, number, true).await?;
    let status = if says.wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let mut f = Frame::new(app, visitor, "run-title");
    f.title = format!("{} {number}", f.title);
    let lines = file.cards.into_iter();
    let page = RunPage {
        lines: lines.map(|card| CardLine::of(card, app, &f)).collect(),
        f,
        run: file.run,
        path: path(number),
        steps: file.steps,
        ways: Handover::ALL,
        told: says.told,
        wrong: says.wrong,
    };
    Ok(page::with_status(status, &page))
}

async fn load(
    app: &Arc<App>,
    visitor: &Visitor,
    number: &str,
    told: bool,
) -> Result<RunFile, Trouble> {
    let officer = signed_in(visitor)?;
    let (number, today) = (number.to_owned(), clock::today());
    app.run(move |r| r.run(&officer, &number, told, today))
        .await
}

fn signed_in(visitor: &Visitor) -> Result<Officer, Trouble> {
    visitor.officer.clone().ok_or(Trouble::Forbidden)
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, &number, Says::default()).await
}

/// Issues the certificate of every card of the run that has none.
pub async fn issue(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
) -> Result<Response, Trouble> {
    let file = load(&app, &visitor, &number, false).await?;
    let made = file.cards.iter().filter(|c| c.card == Card::Made);
    let cases = made.map(|c| c.case.id).collect();
    act(&app, &visitor, &number, (cases, Command::Issue)).await
}

/// Does one thing to cards of the run, and comes back to its page.
async fn act(
    app: &Arc<App>,
    visitor: &Visitor,
    number: &str,
    (cases, command): (Vec<RecordId>, Command),
) -> Result<Response, Trouble> {
    let officer = signed_in(visitor)?;
    let t = app.sentences(visitor.lang);
    if cases.is_empty() {
        let told = vec![(String::new(), t.say("cases-none-marked"))];
        let says = Says { told, wrong: None };
        return page_of(app, visitor, number, says).await;
    }
    let done = app
        .run(move |r| r.command(&cases, &command, &officer, clock::now()))
        .await?;
    let told = sent::refusals(t, &done);
    if told.is_empty() {
        return Ok(Redirect::to(&path(number)).into_response());
    }
    page_of(app, visitor, number, Says { told, wrong: None }).await
}

/// Prints what is issued and not printed, from one line to another; all of it, or nothing. The
/// paper is made first: what cannot be printed is not recorded as printed.
pub async fn print(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = signed_in(&visitor)?;
    let printing = officer.clone();
    let t = app.sentences(visitor.lang);
    let sent = Sent { fields };
    let file = load(&app, &visitor, &number, false).await?;
    let bound = |name: &str, none: usize| match sent.one(name).as_str() {
        "" => Some(none),
        typed => typed.parse::<usize>().ok(),
    };
    let bounds = bound("from", 1).zip(bound("to", file.cards.len()));
    let chosen = bounds.map(|(from, to)| {
        let lies = |c: &&RunCard| c.card == Card::Issued && (from..=to).contains(&c.line);
        let cards = file.cards.iter().filter(lies).take(A_PAPER);
        cards.cloned().collect::<Vec<_>>()
    });
    let chosen = match chosen {
        Some(chosen) if !chosen.is_empty() => chosen,
        _ => {
            let wrong = Some(("from", t.say("run-nothing-to-print")));
            let told = Vec::new();
            return page_of(&app, &visitor, &number, Says { told, wrong }).await;
        }
    };
    let cases: Vec<RecordId> = chosen.iter().map(|c| c.case.id).collect();
    let printed = app
        .printed(printing, move |p| {
            let which: Vec<&RunCard> = chosen.iter().collect();
            p.cards(&file, &which)
        })
        .await?;
    if printed.is_ok() {
        let done = app
            .run(move |r| r.command_whole(&cases, &Command::Print, &officer, clock::now()))
            .await?;
        let told = sent::refusals(t, &done);
        if !told.is_empty() {
            return page_of(&app, &visitor, &number, Says { told, wrong: None }).await;
        }
    }
    Ok(print::answer(&app, visitor.lang, (printed, print::CARDS)))
}

/// The cards of the named lines were spoiled.
pub async fn spoil(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let sent = Sent { fields };
    let reason = sent.one("reason");
    if reason.is_empty() {
        return unsaid(&app, &visitor, &number, "reason").await;
    }
    let file = load(&app, &visitor, &number, false).await?;
    let typed = sent.one("line");
    let lines = typed
        .split([',', '，', '、', ' '])
        .filter(|l| !l.is_empty());
    let cases: Option<Vec<RecordId>> = lines
        .map(|line| {
            let line = line.parse::<usize>().ok()?;
            let card = file.cards.iter().find(|c| c.line == line)?;
            Some(card.case.id)
        })
        .collect();
    let Some(cases) = cases.filter(|cases| !cases.is_empty()) else {
        let why = app.sentences(visitor.lang).say("run-no-such-line");
        let (told, wrong) = (Vec::new(), Some(("line", why)));
        return page_of(&app, &visitor, &number, Says { told, wrong }).await;
    };
    let command = Command::Spoil { reason };
    act(&app, &visitor, &number, (cases, command)).await
}

/// The marked cards go into somebody's hands.
pub async fn deliver(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let sent = Sent { fields };
    let to = Handover::from_word(&sent.one("to")).ok_or(Trouble::Malformed)?;
    let note = sent.one("note");
    if note.is_empty() && matches!(to, Handover::Agent | Handover::Post) {
        return unsaid(&app, &visitor, &number, "note").await;
    }
    let command = Command::Deliver { to, note };
    act(&app, &visitor, &number, (sent.cases(), command)).await
}

async fn unsaid(
    app: &Arc<App>,
    visitor: &Visitor,
    number: &str,
    field: &'static str,
) -> Result<Response, Trouble> {
    let code = Refusal::NoteMissing.code().replace('_', "-");
    let why = app.sentences(visitor.lang).say(&format!("refusal-{code}"));
    let (told, wrong) = (Vec::new(), Some((field, why)));
    page_of(app, visitor, number, Says { told, wrong }).await
}

/// The cover and the list to sign.
pub async fn sign_list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
) -> Result<Response, Trouble> {
    let file = load(&app, &visitor, &number, false).await?;
    let printed = app
        .printed(signed_in(&visitor)?, move |p| p.sign_list(&file))
        .await?;
    Ok(print::answer(
        &app,
        visitor.lang,
        (printed, print::SIGN_LIST),
    ))
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn lines_are_written_as_people_do() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1–3, 7, 9–10");
        assert_eq!(ranges(&[]), "");
    }
}
