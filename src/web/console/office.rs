//! `/console/offices/{code}`: one office, what it may, since when and why, and what was decided of
//! it. Here also what the form of a new office shares with it: the scope, chosen from the catalogue.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    event::Event,
    law::Ground,
    office::{Authorisation, Office, OfficeCode, OfficeKind},
};

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    story,
};
use crate::clock;

/// The items of one group, each with its code, its name, and whether it is chosen.
pub struct Group {
    /// Number and name.
    pub name: String,
    /// Its items.
    pub items: Vec<(String, String, bool)>,
}

impl Group {
    /// Something of it is chosen, so it stands open.
    pub fn is_open(&self) -> bool {
        self.items.iter().any(|(_, _, chosen)| *chosen)
    }
}

/// The catalogue, to choose a scope from.
pub fn scope(app: &App, chosen: &[String]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for item in &app.registry.catalogue().items {
        let name = format!("{} {}", item.group, item.group_name);
        if groups.last().is_none_or(|last| last.name != name) {
            groups.push(Group {
                name,
                items: Vec::new(),
            });
        }
        let code = item.code.as_str().to_owned();
        let is_chosen = chosen.contains(&code);
        if let Some(group) = groups.last_mut() {
            group.items.push((code, item.name.clone(), is_chosen));
        }
    }
    groups
}

/// What a form of the directory sends.
#[derive(Clone, Debug, Default)]
pub struct Sent(pub Vec<(String, String)>);

impl Sent {
    /// A field.
    pub fn one(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The items that are chosen, ticked or typed.
    pub fn items(&self) -> Vec<String> {
        let ticked = self.0.iter().filter(|(n, _)| n == "item");
        let typed = self.one("items").split([',', '，', ' ', '、']);
        let mut all: Vec<String> = ticked.map(|(_, code)| code.clone()).collect();
        all.extend(
            typed
                .map(str::trim)
                .filter(|i| !i.is_empty())
                .map(Into::into),
        );
        all.dedup();
        all
    }
}

/// The authorisation of a form.
///
/// # Errors
/// The key of the sentence that says what is wrong.
pub fn authorisation(app: &App, sent: &Sent) -> Result<Authorisation, &'static str> {
    let items = sent.items();
    let catalogue = app.registry.catalogue();
    let unknown = |code: &String| catalogue.item(&code.as_str().into()).is_none();
    if items.is_empty() || items.iter().any(unknown) {
        return Err("office-items-unknown");
    }
    if sent.one("number").is_empty() {
        return Err("office-number-missing");
    }
    let day = |name: &str| sent.one(name).parse().map_err(|_| "office-day-invalid");
    let given = Authorisation {
        number: sent.one("number").to_owned(),
        items: items.iter().map(|code| code.as_str().into()).collect(),
        from: day("from")?,
        until: day("until")?,
    };
    if given.from > given.until {
        return Err("office-days-turned");
    }
    Ok(given)
}

#[derive(Template)]
#[template(path = "console/office.html")]
struct OfficePage<'a> {
    f: Frame<'a>,
    office: Office,
    story: Vec<(i64, Event)>,
    reports_to: Option<String>,
    scope: Vec<Group>,
    sent: Sent,
    /// Which of the forms is wrong, and why.
    mistake: Option<(String, String)>,
}

impl OfficePage<'_> {
    fn told(&self, event: &Event) -> Vec<String> {
        story::told(&self.f, &event.act)
    }

    fn at(&self, event: &Event) -> String {
        page::moment(event.at)
    }

    fn authorised(&self, given: &Authorisation) -> String {
        story::authorisation(&self.f, given)
    }

    fn mistake_of(&self, form: &str) -> Option<&str> {
        let mistake = self.mistake.as_ref().filter(|(which, _)| which == form);
        mistake.map(|(_, sentence)| sentence.as_str())
    }

    fn kind(&self) -> &'static str {
        match self.office.kind {
            OfficeKind::Institution => "institution",
            OfficeKind::Authority => "authority",
        }
    }

    /// What can be done about its suspension.
    fn other(&self) -> &'static str {
        if self.office.suspended.is_some() {
            "resume"
        } else {
            "suspend"
        }
    }

    fn is_institution(&self) -> bool {
        self.office.kind == OfficeKind::Institution
    }
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(code): Path<String>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, code.as_str().into(), Sent::default(), None).await
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    code: OfficeCode,
    sent: Sent,
    mistake: Option<(String, String)>,
) -> Result<Response, Trouble> {
    let (office, story) = app.run(move |r| r.office_file(&code)).await?;
    let chosen = if sent.0.is_empty() {
        let given = office.authorisation.iter().flat_map(|a| &a.items);
        given.map(|i| i.as_str().to_owned()).collect()
    } else {
        sent.items()
    };
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = OfficePage {
        f: Frame::new(app, visitor, "office-title"),
        reports_to: office
            .reports_to
            .as_ref()
            .map(|c| app.registry.office_name(c)),
        scope: scope(app, &chosen),
        office,
        story,
        sent,
        mistake,
    };
    Ok(page::with_status(status, &page))
}

/// Authorises, suspends or resumes.
pub async fn change(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(code): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (sent, t) = (Sent(fields), app.sentences(visitor.lang));
    let (form, code) = (sent.one("command").to_owned(), OfficeCode::from(&*code));
    let ground = Ground::new(sent.one("article"), sent.one("ground"));
    let (office, now) = (code.clone(), clock::now());
    let done = match form.as_str() {
        "authorise" => match authorisation(&app, &sent) {
            Err(key) => {
                let mistake = Some((form, t.say(key)));
                return page_of(&app, &visitor, code, sent, mistake).await;
            }
            Ok(given) => {
                app.run(move |r| r.authorise(&office, given, &officer, now))
                    .await
            }
        },
        "suspend" => {
            app.run(move |r| r.suspend_office(&office, ground, &officer, now))
                .await
        }
        "resume" => {
            app.run(move |r| r.resume_office(&office, ground, &officer, now))
                .await
        }
        _ => return Err(Trouble::Malformed),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/console/offices/{code}")).into_response()),
        Err(Trouble::Refused(refusal)) => {
            let mistake = Some((form, t.word("refusal", refusal.code())));
            page_of(&app, &visitor, code, sent, mistake).await
        }
        Err(other) => Err(other),
    }
}
