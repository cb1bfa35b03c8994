//! `/inquiry/follow`: where an inquiry stands. The two numbers are posted and never stand in an
//! address. The reference alone shows state and dates; with the passcode also what was said.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::inquiry::Words;
use serde::Deserialize;

use super::{
    super::{
        App, Trouble, Visitor,
        guard::{self, Peer},
        inquiry::{self, Stopped},
        page::{self, Frame},
    },
    inquiry::{Mistake, mistake_of, mistakes, one},
};
use crate::{clock, registry::Tracked};

/// What the forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    reference: String,
    passcode: String,
    words: String,
}

/// One step of the story, ready to be shown.
struct Shown {
    what: &'static str,
    on: String,
    office: String,
    words: Option<String>,
}

#[derive(Template)]
#[template(path = "public/follow.html")]
struct FollowPage<'a> {
    f: Frame<'a>,
    sent: &'a Sent,
    tracked: Option<Tracked>,
    office: String,
    steps: Vec<Shown>,
    mistakes: Vec<Mistake>,
}

impl FollowPage<'_> {
    fn mistake(&self, field: &str) -> Option<&str> {
        mistake_of(&self.mistakes, field)
    }

    fn longest(&self) -> usize {
        Words::LONGEST
    }

    /// The limit has passed without an answer.
    fn overdue(&self) -> bool {
        let due = self.tracked.as_ref().and_then(|t| t.due);
        due.is_some_and(|(day, _)| day < clock::today())
    }
}

fn page_of(
    app: &App,
    visitor: &Visitor,
    sent: &Sent,
    tracked: Option<Tracked>,
    (status, mistakes): (StatusCode, Vec<Mistake>),
) -> Response {
    let name = |code| app.registry.office_name(code);
    let office = tracked.as_ref().map(|t| name(t.office()));
    let steps = tracked.iter().flat_map(Tracked::steps).map(|s| Shown {
        what: s.what,
        on: s.on.to_string(),
        office: name(s.office),
        words: s.words.map(|w| w.expose().to_owned()),
    });
    let steps = steps.collect();
    page::with_status(
        status,
        &FollowPage {
            f: Frame::new(app, visitor, "follow-title"),
            sent,
            office: office.unwrap_or_default(),
            steps,
            tracked,
            mistakes,
        },
    )
}

/// The form.
pub async fn form(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    let nothing = (StatusCode::OK, Vec::new());
    page_of(&app, &visitor, &Sent::default(), None, nothing)
}

/// Where it stands.
pub async fn show(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let from = guard::client(&app, &headers, peer);
    app.limits.question(from).map_err(|_| Trouble::TooMany)?;
    tell(&app, &visitor, &sent, (StatusCode::OK, Vec::new())).await
}

/// Shows what the two numbers lead to, with what is wrong in another field.
async fn tell(
    app: &Arc<App>,
    visitor: &Visitor,
    sent: &Sent,
    told: (StatusCode, Vec<Mistake>),
) -> Result<Response, Trouble> {
    let t = app.sentences(visitor.lang);
    let (reference, passcode) = match inquiry::numbers(&sent.reference, &sent.passcode) {
        Ok(numbers) => numbers,
        Err(wrong) => {
            let told = (StatusCode::UNPROCESSABLE_ENTITY, mistakes(t, &wrong));
            return Ok(page_of(app, visitor, sent, None, told));
        }
    };
    let seen = app.track(reference, passcode).await;
    tell_seen(app, visitor, sent, seen, told)
}

/// Shows what was found, or that it was not.
fn tell_seen(
    app: &App,
    visitor: &Visitor,
    sent: &Sent,
    seen: Result<Option<Tracked>, Stopped>,
    told: (StatusCode, Vec<Mistake>),
) -> Result<Response, Trouble> {
    let t = app.sentences(visitor.lang);
    let (status, field, key) = match seen {
        Ok(Some(tracked)) if tracked.wrong => {
            (StatusCode::FORBIDDEN, "passcode", "field-passcode-wrong")
        }
        Ok(Some(tracked)) => return Ok(page_of(app, visitor, sent, Some(tracked), told)),
        Ok(None) => (
            StatusCode::NOT_FOUND,
            "reference",
            "field-reference-unknown",
        ),
        Err(Stopped::Trouble(trouble)) => return Err(trouble),
        Err(Stopped::Address(_) | Stopped::Target(_)) => {
            (StatusCode::TOO_MANY_REQUESTS, "passcode", "follow-too-many")
        }
    };
    Ok(page_of(
        app,
        visitor,
        sent,
        None,
        (status, one(field, t.say(key))),
    ))
}

/// The asker asks back.
pub async fn again(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let from = guard::client(&app, &headers, peer);
    app.limits.question(from).map_err(|_| Trouble::TooMany)?;
    let t = app.sentences(visitor.lang);
    let fine = (StatusCode::OK, Vec::new());
    let Ok((reference, Some(passcode))) = inquiry::numbers(&sent.reference, &sent.passcode) else {
        return tell(&app, &visitor, &sent, fine).await;
    };
    let words = match Words::parse(&sent.words) {
        Ok(words) => words,
        Err(e) => {
            let told = mistakes(t, &[("words", e.code())]);
            let told = (StatusCode::UNPROCESSABLE_ENTITY, told);
            return tell(&app, &visitor, &sent, told).await;
        }
    };
    // A wrong passcode is counted and told as such before anything is written.
    let seen = app.track(reference, Some(passcode)).await;
    if !matches!(&seen, Ok(Some(t)) if t.proved && t.own) {
        return tell_seen(&app, &visitor, &sent, seen, fine);
    }
    app.run(move |r| r.ask_back(reference, passcode, &words, clock::now()))
        .await?;
    let sent = Sent {
        words: String::new(),
        ..sent
    };
    tell(&app, &visitor, &sent, fine).await
}
