//! `GET /console/cases`: the queues of the officer's office, page by page, with their filters, and
//! the officer's saved views of them.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query as Asked, State},
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    case::State as CaseState,
    catalogue::{Category, ItemCode},
    office::OfficeKind,
    record::RecordId,
    verdict::Kind,
};
use jiff::civil::Date;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    accepting::Told,
    cases,
    sent::Sent,
    story,
};
use crate::{
    clock,
    outlook::waiting,
    registry::{Due, NoView, Officer, Only, Queue, QueuePlace, Registry, Sort},
};

/// Lines on one page.
pub(super) const LINES: usize = 50;

/// What may be asked of the list. No name and no number: they would stand in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Which {
    pub(super) queue: String,
    pub(super) state: String,
    session: String,
    due: String,
    item: String,
    kind: String,
    category: String,
    institution: String,
    sort: String,
    after: String,
}

/// The word for every state in the address, and that for those the officer's roles act on.
const ALL: &str = "all";
const OWN: &str = "own";

/// The queues by name: each is a choice of the fields below it.
const QUEUES: [&str; 7] = ["mine", "own", "risk", "passed", "returned", "second", "all"];

impl Which {
    /// One with a queue of that name.
    pub(super) fn named(name: &str) -> Self {
        let of = |queue: &str, state: &str, due: &str| Self {
            queue: queue.to_owned(),
            state: state.to_owned(),
            due: due.to_owned(),
            ..Self::default()
        };
        match name {
            "mine" | "second" => of(name, "", ""),
            "risk" => of("", OWN, "soon"),
            "passed" => of("", OWN, "passed"),
            "returned" => of("", "returned", ""),
            "all" => of("", ALL, ""),
            _ => of("", OWN, ""),
        }
    }

    /// From a form's fields.
    pub(super) fn sent(sent: &Sent) -> Self {
        Self {
            queue: sent.one("queue"),
            state: sent.one("state"),
            session: sent.one("session"),
            due: sent.one("due"),
            item: sent.one("item"),
            kind: sent.one("kind"),
            category: sent.one("category"),
            institution: sent.one("institution"),
            sort: sent.one("sort"),
            after: sent.one("after"),
        }
    }

    fn fields(&self) -> [(&'static str, &str); 10] {
        [
            ("queue", &self.queue),
            ("state", &self.state),
            ("session", &self.session),
            ("due", &self.due),
            ("item", &self.item),
            ("kind", &self.kind),
            ("category", &self.category),
            ("institution", &self.institution),
            ("sort", &self.sort),
            ("after", &self.after),
        ]
    }

    /// The fields that say something, as a form carries them on.
    pub(super) fn said(&self) -> Vec<(&'static str, &str)> {
        let fields = self.fields().into_iter();
        fields.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// As it stands in an address.
    pub(super) fn written(&self) -> String {
        let fields = self.fields().into_iter();
        let fields = fields.filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = fields.map(|(n, v)| format!("{n}={}", encoded(v))).collect();
        pairs.join("&")
    }

    fn read(written: &str) -> Option<Self> {
        let uri: Uri = format!("/?{written}").parse().ok()?;
        let Asked(which) = Asked::<Self>::try_from_uri(&uri).ok()?;
        Some(which)
    }

    /// The same from its beginning.
    pub(super) fn anew(&self) -> Self {
        Self {
            after: String::new(),
            ..self.clone()
        }
    }

    fn behind(&self, place: &QueuePlace) -> Self {
        Self {
            after: place.written(),
            ..self.clone()
        }
    }

    /// The states it means.
    pub(super) fn states(&self, officer: &Officer) -> Vec<&'static str> {
        if self.queue == "second" {
            return vec!["reviewed"];
        }
        let known = CaseState::WORDS.iter().find(|word| **word == self.state);
        match known {
            Some(word) => vec![*word],
            None if self.state == ALL => CaseState::WORDS.to_vec(),
            None => cases::own_states(officer),
        }
    }

    /// Asked of the register.
    pub(super) fn queue(&self, registry: &Registry, officer: &Officer, today: Date) -> Queue {
        let due = match self.due.as_str() {
            "week" => Due::Week(today),
            "soon" => Due::Within(today, soon(registry, today)),
            "passed" => Due::Passed(today),
            _ => Due::Any,
        };
        let item = ItemCode::from(self.item.as_str());
        let sort = Sort::ALL.iter().find(|(_, word)| *word == self.sort);
        Queue {
            states: self.states(officer),
            mine: self.queue == "mine",
            second: self.queue == "second",
            due,
            only: Only {
                item: registry.catalogue().item(&item).map(|i| i.code.clone()),
                kind: coded::<Kind>(&self.kind),
                category: coded::<Category>(&self.category),
                institution: Some(self.institution.trim())
                    .filter(|code| !code.is_empty())
                    .map(Into::into),
                session: self.session.parse::<RecordId>().ok(),
            },
            sort: sort.map(|(sort, _)| *sort).unwrap_or_default(),
            after: QueuePlace::read(&self.after),
            limit: LINES,
        }
    }
}

/// The last day of those that are near.
pub(super) fn soon(registry: &Registry, today: Date) -> Date {
    let calendar = registry.calendar();
    calendar.add_workdays(today, waiting::AHEAD).date
}

fn coded<T: DeserializeOwned>(code: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
}

fn encoded(value: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~".contains(b);
    let one = |b: u8| match plain(&b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    value.bytes().map(one).collect()
}

/// One line, and what stands beside it.
struct Shown {
    line: story::Line,
    /// Who has it in hand.
    claimed: Option<String>,
    /// How probable it is that its limit is missed, where the outlook looks at it.
    missed: Option<String>,
}

/// What the filters offer.
struct Choices {
    items: Vec<(String, String)>,
    institutions: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/cases.html")]
struct Cases<'a> {
    f: Frame<'a>,
    lines: Vec<Shown>,
    which: Which,
    choices: Choices,
    views: Vec<(String, String)>,
    commands: Vec<&'static str>,
    told: Told,
    next: Option<String>,
    looked: Option<usize>,
    is_authority: bool,
}

/// A return and a refusal are done on the page of the case.
impl Cases<'_> {
    fn may_list(&self) -> &[String] {
        &[]
    }

    fn may_add(&self) -> bool {
        true
    }
}

impl Cases<'_> {
    /// Of a list there are none to choose from: a ground is for one person.
    fn grounds(&self, _command: &str) -> Vec<super::stops::Choice> {
        Vec::new()
    }

    /// The queues that are offered, and which of them this is.
    fn queues(&self) -> Vec<(&'static str, String, bool)> {
        let here = self.which.anew();
        let offered = QUEUES.iter().filter(|name| match **name {
            "second" => self.f.is("approver"),
            _ => true,
        });
        let one = |name: &&'static str| {
            let which = Which::named(name);
            (*name, which.written(), which == here)
        };
        offered.map(one).collect()
    }

    /// Whether a field of the filters says this.
    fn says(&self, field: &str, value: &str) -> bool {
        let mut fields = self.which.fields().into_iter();
        fields.any(|(name, said)| name == field && said == value)
    }

    fn states(&self) -> &'static [&'static str] {
        &CaseState::WORDS
    }

    fn kinds(&self) -> Vec<String> {
        Registry::kinds().iter().map(page::code).collect()
    }

    fn sorts(&self) -> Vec<&'static str> {
        let all = Sort::ALL.iter().map(|(_, word)| *word);
        all.filter(|word| self.is_authority || *word != "institution")
            .collect()
    }

    /// The heading: the queue's name, or what the filters say.
    fn heading(&self) -> String {
        let here = self.which.anew();
        let named = QUEUES.iter().find(|name| Which::named(name) == here);
        match named {
            Some(name) => self.f.word("queue", name),
            None if CaseState::WORDS.contains(&self.which.state.as_str()) => {
                self.f.word("state", &self.which.state)
            }
            None => self.f.s("queue-filtered"),
        }
    }

    /// After something was done: the first of what waits and is held up by nothing.
    fn to_open(&self) -> Option<RecordId> {
        let first = self.lines.iter().find(|shown| !shown.line.held)?;
        (!self.told.done.is_empty()).then_some(first.line.line.case.id)
    }

    fn start(&self) -> Option<String> {
        (!self.which.after.is_empty()).then(|| self.which.anew().written())
    }
}

/// The list.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Asked(which): Asked<Which>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, which, Told::default()).await
}

/// A page of the queue, with what was just done.
pub(super) async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    which: Which,
    told: Told,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let which = if which.queue.is_empty() && which.state.is_empty() {
        let state = OWN.to_owned();
        Which { state, ..which }
    } else {
        which
    };
    let today = clock::today();
    let (asking, asked) = (officer.clone(), which.clone());
    let job = move |r: &Registry| {
        let queue = asked.queue(r, &asking, today);
        Ok((r.queue(&asking, &queue, today)?, r.views(&asking)?))
    };
    let (found, views) = app.run(job).await?;
    let mut commands = Vec::new();
    for state in which.states(&officer) {
        for command in cases::to_many(&officer, state) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    let f = Frame::new(app, visitor, "cases-title");
    let risks = missed(
        app,
        found.lines.iter().map(|(line, _)| line.case.id).collect(),
    );
    let lines = found.lines.into_iter().map(|(line, claimed)| Shown {
        missed: risks
            .iter()
            .find(|r| r.0 == line.case.id)
            .map(|r| r.1.clone()),
        claimed,
        line: story::Line::of(line, &f, today),
    });
    let mut lines: Vec<_> = lines.collect();
    if which.sort.is_empty() {
        // What a procedure holds up is shown, and stands in nobody's way.
        lines.sort_by_key(|shown| shown.line.held);
    }
    let office = app.registry.office(&officer.office);
    Ok(page::html(&Cases {
        lines,
        choices: choices(app, &officer),
        is_authority: office.is_some_and(|o| o.kind == OfficeKind::Authority),
        next: found.next.map(|place| which.behind(&place).written()),
        looked: found.looked,
        which,
        views: known(views),
        commands,
        told,
        f,
    }))
}

fn missed(app: &App, cases: Vec<RecordId>) -> Vec<(RecordId, String)> {
    let outlook = app.outlook.read().unwrap_or_else(PoisonError::into_inner);
    let risks = outlook.missed(&cases).into_iter();
    risks
        .map(|(case, missed)| (case, format!("{:.0} %", missed * 100.0)))
        .collect()
}

/// The items and institutions of an office.
fn choices(app: &App, officer: &Officer) -> Choices {
    let registry = &app.registry;
    let own = registry.items_of(&officer.office);
    let items = if own.is_empty() {
        let all = registry.catalogue().items.iter();
        all.map(|item| (item.code.as_str().to_owned(), item.name.clone()))
            .collect()
    } else {
        let own = own.into_iter();
        own.map(|(code, name)| (code.as_str().to_owned(), name))
            .collect()
    };
    let offices = registry.offices().into_iter();
    let under = offices.filter(|o| o.reports_to.as_ref() == Some(&officer.office));
    Choices {
        items,
        institutions: under
            .map(|o| (o.code.as_str().to_owned(), o.name))
            .collect(),
    }
}

/// Saves a view, or gives one up.
pub async fn keep(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let sent = Sent { fields };
    let which = Which::sent(&sent).anew();
    let gives_up = sent.one("command") == "drop";
    let (name, filters) = (
        sent.one("name"),
        if gives_up {
            String::new()
        } else {
            which.written()
        },
    );
    let saved = app.run(move |r| r.save_view(&officer, (&name, &filters), clock::now()));
    match saved.await? {
        Ok(()) => Ok(Redirect::to(&format!("/console/cases?{}", which.written())).into_response()),
        Err(why) => {
            let t = app.sentences(visitor.lang);
            let why = t.say(match why {
                NoView::Name => "views-no-name",
                NoView::TooMany => "views-too-many",
            });
            page_of(&app, &visitor, which, Told::nothing(why)).await
        }
    }
}

/// Takes marked cases into hand, gives them to a colleague, or back.
pub async fn claim(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let sent = Sent { fields };
    let which = Which::sent(&sent);
    let marked = sent.cases();
    if marked.is_empty() {
        let t = app.sentences(visitor.lang);
        let told = Told::nothing(t.say("cases-none-marked"));
        return page_of(&app, &visitor, which, told).await;
    }
    let back = match sent.one("back").as_str() {
        "case" => format!("/console/cases/{}", marked[0]),
        _ => format!("/console/cases?{}", which.written()),
    };
    let to = match sent.one("claim").as_str() {
        "none" => None,
        _ => Some(officer.login.clone()),
    };
    app.run(move |r| r.claim(&marked, to.as_deref(), &officer, clock::now()))
        .await?;
    Ok(Redirect::to(&back).into_response())
}

/// The views with the address each stands for; one that cannot be read any more is left out.
pub(super) fn known(views: Vec<(String, String)>) -> Vec<(String, String)> {
    let read = |(name, filters): (String, String)| {
        let which = Which::read(&filters)?;
        Some((name, which.written()))
    };
    views.into_iter().filter_map(read).collect()
}
