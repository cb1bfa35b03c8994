//! `POST /console/cases/confirm`: what will happen to the marked cases, before it does. A case that
//! somebody should look at stands apart and is not ticked.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, Form, extract::State, response::Response};
use domain::{
    case::{Case, State as CaseState},
    deadline::Course,
    event::{Act, Event},
    verdict::Kind,
};
use jiff::{ToSpan, civil::Date};

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    accepting, cases,
    queue::{self, Which},
    sent::{self, Sent},
    story,
};
use crate::{
    clock,
    registry::{Officer, Registry, may_decide},
};

/// One case of the list.
struct Chosen {
    line: story::Line,
    /// What to look at, by the end of its key.
    flags: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "console/marked.html")]
struct Marked<'a> {
    f: Frame<'a>,
    which: Which,
    command: String,
    /// What the command needs beside the cases.
    fields: Vec<(String, String)>,
    plain: Vec<Chosen>,
    apart: Vec<Chosen>,
    /// The command is none of the state they are in.
    left: Vec<Chosen>,
}

/// The page before a command to many.
pub async fn confirm(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let sent = Sent { fields };
    let which = Which::sent(&sent);
    let (command, marked) = (sent.one("command"), sent.cases());
    let t = app.sentences(visitor.lang);
    if marked.is_empty() {
        let told = accepting::Told::nothing(t.say("cases-none-marked"));
        return queue::page_of(&app, &visitor, which, told).await;
    }
    if sent::command(&sent).is_none() {
        return Err(Trouble::Malformed);
    }
    let today = clock::today();
    let asking = officer.clone();
    let found = app.run(move |r| r.marked(&asking, &marked, today)).await?;
    let f = Frame::new(&app, &visitor, "marked-title");
    let (mut plain, mut apart, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (line, story) in found {
        let state = line.case.state.word();
        let lawful = cases::to_many(&officer, state).contains(&command.as_str());
        let flags = flags(
            &app.registry,
            &line.case,
            &story,
            (&officer, &command),
            today,
        );
        let line = story::Line::of(line, &f, today);
        let to = match (lawful, flags.is_empty()) {
            (false, _) => &mut left,
            (true, true) => &mut plain,
            (true, false) => &mut apart,
        };
        to.push(Chosen { line, flags });
    }
    Ok(page::html(&Marked {
        fields: sent.of_command(),
        command,
        plain,
        apart,
        left,
        which,
        f,
    }))
}

/// What somebody should look at before the command is given.
pub(super) fn flags(
    registry: &Registry,
    case: &Case,
    story: &[Event],
    (officer, command): (&Officer, &str),
    today: Date,
) -> Vec<&'static str> {
    let lists: Vec<&Vec<String>> = story
        .iter()
        .filter_map(|event| match &event.act {
            Act::Returned { missing } => Some(missing),
            _ => None,
        })
        .collect();
    let checks_scores = |event: &Event| {
        matches!(
            event.act,
            Act::ScoreRecheckAsked { .. } | Act::ScoreRechecked { .. }
        )
    };
    let materials = story.iter().rev().find_map(|event| match &event.act {
        Act::Reported { materials } | Act::Resubmitted { materials, .. } => Some(materials.len()),
        _ => None,
    });
    let deadline = domain::deadline::current(case, registry.calendar(), today);
    let missed = deadline
        .as_ref()
        .is_some_and(|d| d.course == Course::Missed);
    let tomorrow = today.saturating_add(1.day());
    let near = deadline.as_ref().and_then(|d| d.due);
    let deemed = matches!(case.state, CaseState::Accepted { deemed: true, .. });
    let decides = matches!(command, "approve" | "review");
    let all = [
        (missed, "passed"),
        (!missed && near.is_some_and(|day| day <= tomorrow), "near"),
        (!lists.is_empty(), "returned"),
        (lists.windows(2).any(|two| two[0] != two[1]), "lists"),
        (story.iter().any(checks_scores), "recheck"),
        (materials == Some(0), "materials"),
        (!authorised(registry, case), "authorised"),
        (deemed, "deemed"),
        (case.timing.paused().is_some(), "paused"),
        (decides && !may_decide(case, officer), "eyes"),
    ];
    let told = all.into_iter().filter(|(is, _)| *is);
    told.map(|(_, flag)| flag).collect()
}

/// Whether the institution was authorised for the item on the day of the exam.
fn authorised(registry: &Registry, case: &Case) -> bool {
    let r = &case.registration;
    if matches!(r.kind, Kind::Replacement | Kind::Reissue) {
        return true;
    }
    let office = registry.office(&r.institution);
    let day = case.exam.last_day();
    day.zip(office)
        .is_some_and(|(day, office)| office.could_examine(&r.item, day))
}
