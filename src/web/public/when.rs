//! `/when`: when will it be there? Nothing that is asked is about a person, so it may stand in the
//! address, and the page can be kept and sent on.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Query as Fields, State},
    http::{StatusCode, Uri},
    response::Response,
};
use domain::{
    catalogue::Category,
    office::{Office, OfficeKind},
};

use super::{
    super::{
        App, Visitor,
        api::estimate::{self, Asked},
        expected::{self, Expected},
        page::{self, Frame},
    },
    inquiry::{Mistake, mistake_of, mistakes},
};
use crate::{clock, estimate::Question};

/// So many institutions at most are offered to choose from; beyond, one types.
const OFFERED: usize = 300;

#[derive(Template)]
#[template(path = "public/when.html")]
struct WhenPage<'a> {
    f: Frame<'a>,
    asked: &'a Asked,
    offices: Offices,
    /// Number and name of every item, by certificate.
    items: [(&'static str, Vec<(String, String)>); 2],
    mistakes: Vec<Mistake>,
    told: Option<Shown>,
}

/// What can be chosen.
struct Offices {
    provinces: Vec<(String, String)>,
    authorities: Vec<(String, String)>,
    institutions: Vec<String>,
}

/// An answer on the page.
struct Shown {
    e: expected::Told,
    /// The limits of the law on what is still to be done.
    limits: Vec<String>,
    /// When entries go from the province to the nation.
    schedule: Option<String>,
}

impl WhenPage<'_> {
    fn mistake(&self, field: &str) -> Option<&str> {
        mistake_of(&self.mistakes, field)
    }

    fn kinds(&self) -> [&'static str; 5] {
        ["initial", "recheck", "renewal", "replacement", "reissue"]
    }

    fn stages(&self) -> [&'static str; 4] {
        ["scoring", "qualification", "making", "sync"]
    }

    /// Something is given that is hidden at first.
    fn knows_more(&self) -> bool {
        !self.asked.stage.is_empty() || !self.asked.since.is_empty()
    }
}

/// The form, and the answer where something is asked.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    uri: Uri,
    Fields(asked): Fields<Asked>,
) -> Response {
    let f = Frame::new(&app, &visitor, "when-title");
    let is_asked = uri.query().is_some_and(|query| !query.is_empty());
    let answered = is_asked.then(|| answer(&app, &f, &asked));
    let (status, told, wrong) = match answered {
        None => (StatusCode::OK, None, Vec::new()),
        Some(Ok(told)) => (StatusCode::OK, Some(told), Vec::new()),
        Some(Err(wrong)) => (StatusCode::UNPROCESSABLE_ENTITY, None, wrong),
    };
    let mistakes = mistakes(f.t, &wrong);
    let page = WhenPage {
        offices: offices(&app),
        items: items(&app),
        asked: &asked,
        mistakes,
        told,
        f,
    };
    page::with_status(status, &page)
}

fn answer(app: &App, f: &Frame<'_>, asked: &Asked) -> Result<Shown, Vec<estimate::Mistake>> {
    let words = asked.institution.trim();
    let office = app
        .registry
        .institution(words)
        .filter(|_| !words.is_empty());
    let unlisted = !words.is_empty() && office.is_none();
    let (mut place, question) = match asked.question(app) {
        Ok(read) if !unlisted => read,
        other => {
            let mut wrong = other.err().unwrap_or_default();
            if unlisted {
                wrong.push(("institution", "office_unknown"));
            }
            return Err(wrong);
        }
    };
    place.institution = office.as_ref().map(|o| o.code.to_string());
    let reports_to = office.and_then(|o| o.reports_to);
    place.authority = reports_to.map(|o| o.to_string()).or(place.authority);
    let answer = app
        .expect(&place, question.clone())
        .map_err(|wrong| vec![estimate::mistake(wrong)])?;
    let expected = Expected {
        question,
        answer,
        // Nobody's case is asked about.
        outstayed: false,
    };
    let calendar = app.registry.calendar();
    Ok(Shown {
        limits: expected::limits(f.t, &expected.question, calendar),
        schedule: schedule(app, f, place.province.as_deref(), &expected.question),
        e: app.tell(f.t, &expected, ("when", None)),
    })
}

/// When entries go from the province to the nation, with the next time where it is known.
fn schedule(app: &App, f: &Frame<'_>, province: Option<&str>, asked: &Question) -> Option<String> {
    let followed = app
        .followed
        .iter()
        .find(|p| Some(p.code.as_str()) == province);
    let schedule = followed.map(|p| p.schedule).or(app.nation)?;
    let when = f.word("feed-schedule", schedule.word());
    let now = clock::now();
    let today = asked.as_of == domain::event::legal_day(now);
    let slot = schedule.next_slot(now).filter(|_| today).map(page::moment);
    Some(match slot {
        Some(slot) => {
            f.t.with("when-schedule-next", &[("when", &when), ("slot", &slot)])
        }
        None => f.s1("when-schedule", "when", when),
    })
}

fn offices(app: &App) -> Offices {
    let all = app.registry.offices();
    let of = |kind| all.iter().filter(move |o: &&Office| o.kind == kind);
    let provinces = app.followed.iter();
    Offices {
        provinces: provinces
            .map(|p| (p.code.clone(), p.name.clone()))
            .collect(),
        authorities: of(OfficeKind::Authority)
            .map(|o| (o.code.to_string(), o.name.clone()))
            .collect(),
        institutions: of(OfficeKind::Institution)
            .map(|o| o.name.clone())
            .take(OFFERED)
            .collect(),
    }
}

fn items(app: &App) -> [(&'static str, Vec<(String, String)>); 2] {
    let of = |category| {
        let items = app.registry.catalogue().items.iter();
        let items = items.filter(|item| item.category == category);
        items
            .map(|item| (item.code.as_str().to_owned(), item.name.clone()))
            .collect()
    };
    [
        ("special-operation", of(Category::SpecialOperation)),
        ("safety-management", of(Category::SafetyManagement)),
    ]
}
