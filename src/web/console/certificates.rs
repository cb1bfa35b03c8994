//! `/console/certificates`: the certificates of an authority, and what waits for a second officer or
//! was offered by another authority.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State},
    response::Response,
};
use domain::{case::Case, record::RecordId};
use jiff::ToSpan;
use serde::Deserialize;

use super::super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Asked, CertificateLine},
};

/// The longest list on one page.
const MOST: u16 = 200;

/// What may be asked of the list. No name and no number: they would stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    state: String,
    due: String,
    after: String,
}

/// The recorded states, and expiry, which follows from the day.
const STATES: [&str; 6] = [
    "valid",
    "suspended",
    "expired",
    "lapsed",
    "revoked",
    "cancelled",
];

/// A case that another authority offers.
struct Offered {
    case: Case,
    item: String,
    from: String,
}

#[derive(Template)]
#[template(path = "console/certificates.html")]
struct List<'a> {
    f: Frame<'a>,
    lines: Vec<CertificateLine>,
    proposals: Vec<CertificateLine>,
    offered: Vec<Offered>,
    state: String,
    due: String,
    /// Where the next page begins.
    next: Option<String>,
    today: jiff::civil::Date,
}

impl List<'_> {
    fn states(&self) -> [&'static str; 6] {
        STATES
    }

    /// The days one may ask for.
    fn whens(&self) -> [(&'static str, String); 5] {
        [
            ("", self.f.s("cases-any-day")),
            ("3", self.f.s1("certificates-within", "n", "3")),
            ("6", self.f.s1("certificates-within", "n", "6")),
            ("12", self.f.s1("certificates-within", "n", "12")),
            ("recheck", self.f.s("certificates-recheck")),
        ]
    }

    fn status(&self, line: &CertificateLine) -> String {
        page::code(&line.certificate.status_on(self.today))
    }
}

/// What the address asks of the register.
fn asked(which: &Which) -> Asked {
    let today = clock::today();
    let mut asked = Asked {
        limit: MOST,
        after: after(&which.after),
        ..Asked::default()
    };
    let yesterday = today.yesterday().unwrap_or(today);
    let ahead = |months: i64| (today, today.saturating_add(months.months()));
    match which.due.as_str() {
        "3" => asked.days = Some(ahead(3)),
        "6" => asked.days = Some(ahead(6)),
        "12" => asked.days = Some(ahead(12)),
        "recheck" => {
            asked.rechecks = true;
            asked.days = Some(ahead(6));
        }
        _ => {}
    }
    match which.state.as_str() {
        // What runs is first; what ended long ago would hide it.
        "expired" => {
            asked.states = vec!["valid", "suspended", "lapsed"];
            asked.days = Some((jiff::civil::Date::ZERO, yesterday));
        }
        "valid" | "suspended" | "lapsed" => {
            asked.days = asked.days.or(Some((today, jiff::civil::Date::MAX)));
            asked.states = STATES
                .iter()
                .copied()
                .filter(|s| *s == which.state)
                .collect();
        }
        "revoked" | "cancelled" => {
            asked.states = STATES
                .iter()
                .copied()
                .filter(|s| *s == which.state)
                .collect();
        }
        _ => {}
    }
    asked
}

/// The line after which a page begins: its day and its record.
fn after(text: &str) -> Option<(String, RecordId)> {
    let (day, record) = text.split_once('.')?;
    let day: jiff::civil::Date = day.parse().ok()?;
    Some((day.to_string(), record.parse().ok()?))
}

/// The list.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Query(which): Query<Which>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let asked = asked(&which);
    let rechecks = asked.rechecks;
    let job = move |r: &crate::registry::Registry| {
        Ok((
            r.certificates(&officer, &asked)?,
            r.proposals(&officer)?,
            r.offered(&officer)?,
        ))
    };
    let (lines, proposals, offered) = app.run(job).await?;
    let offered = offered.into_iter().map(|case| Offered {
        item: app.registry.item_name(&case.registration.item),
        from: app.registry.office_name(&case.registration.authority),
        case,
    });
    let offered = offered.collect();
    let last = lines.last().filter(|_| lines.len() == usize::from(MOST));
    let next = last.map(|line| {
        let says = &line.certificate.says;
        let day = if rechecks {
            says.recheck_due.unwrap_or(says.valid_until)
        } else {
            says.valid_until
        };
        format!("{day}.{}", says.certificate)
    });
    let known = |word: String, all: &[&str]| {
        if all.contains(&word.as_str()) {
            word
        } else {
            String::new()
        }
    };
    Ok(page::html(&List {
        f: Frame::new(&app, &visitor, "certificates-title"),
        lines,
        proposals,
        offered,
        state: known(which.state, &STATES),
        due: known(which.due, &["3", "6", "12", "recheck"]),
        next,
        today: clock::today(),
    }))
}
