//! `/console`: what waits for the officer, with one way to each queue.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use domain::office::Role;

use super::{
    super::{
        App, Trouble, Visitor,
        page::{self, Frame},
    },
    cases,
    queue::{self, Which},
};
use crate::{
    clock,
    registry::{Count, Registry, Tallies},
};

/// One queue on the page.
struct Way {
    name: &'static str,
    address: String,
    count: Count,
    /// How it stands out: `missed`, `soon`, or not.
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "console/home.html")]
struct Home<'a> {
    f: Frame<'a>,
    office: String,
    ways: Vec<Way>,
    counts: Vec<(&'static str, Count)>,
    views: Vec<(String, String)>,
    /// Inquiries that wait and those overdue, for whoever answers them.
    inquiries: Option<(i64, i64)>,
}

impl Home<'_> {
    fn shown(&self, count: &Count) -> String {
        shown(&self.f, count)
    }
}

/// A count as it is shown.
fn shown(f: &Frame<'_>, count: &Count) -> String {
    if count.more {
        f.s1("count-more", "n", count.n.to_string())
    } else {
        count.n.to_string()
    }
}

/// The officer's first page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let (own, today) = (cases::own_states(&officer), clock::today());
    // An assessor scores in the session and is led to no case.
    let has_queue = |role: &Role| !role.is_administrator() && *role != Role::Assessor;
    let has_queue = officer.roles.iter().any(has_queue);
    let asking = officer.clone();
    let job = move |r: &Registry| {
        let days = (today, queue::soon(r, today));
        Ok((r.tallies(&asking, &own, days)?, r.views(&asking)?))
    };
    let (tallies, views) = app.run(job).await?;
    let inquiries = if officer.roles.contains(&Role::AcceptanceOfficer) {
        let code = officer.office.clone();
        let counted = app.run(move |r| r.inquiry_counts(&code, clock::today()));
        Some(counted.await?)
    } else {
        None
    };
    let f = Frame::new(&app, &visitor, "console-title");
    // The keepers of a node are of no office of the directory.
    let office = match app.registry.office(&officer.office) {
        Some(office) => office.name,
        None => f.site.clone(),
    };
    Ok(page::html(&Home {
        f,
        office,
        ways: if has_queue {
            ways(&tallies)
        } else {
            Vec::new()
        },
        counts: tallies.states,
        views: queue::known(views),
        inquiries,
    }))
}

fn ways(tallies: &Tallies) -> Vec<Way> {
    let back = tallies
        .states
        .iter()
        .find(|(state, _)| *state == "returned");
    let back = back.map(|(_, count)| *count).unwrap_or_default();
    let all = [
        ("own", tallies.own, ""),
        ("mine", tallies.mine, ""),
        ("risk", tallies.soon, "soon"),
        ("passed", tallies.passed, "missed"),
        ("returned", back, ""),
    ];
    let way = |(name, count, tone): (&'static str, Count, &'static str)| Way {
        name,
        address: Which::named(name).written(),
        count,
        tone: if count.n > 0 { tone } else { "" },
    };
    all.map(way).into()
}
