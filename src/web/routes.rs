//! Every address this program answers, and who may call it: one line each.
//!
//! The line carries the guard, so no handler checks a role. What needs the case itself ("not your
//! own entry") is a rule of the domain and not of a route. `docs/permissions.md` is printed from
//! these lines; a test calls each of them as each role.

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};
use domain::office::Role;
use domain::office::Role::{
    AcceptanceOfficer, Admin, Approver, Auditor, InstitutionClerk, InstitutionLead, Issuer,
    Reviewer,
};

use super::{App, api, assets, console, feeds, guard, public, track};

/// Who may call an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody; a form is still protected against forgery.
    Public,
    /// Anybody, by a program: no cookie counts, so there is nothing to forge.
    Program,
    /// Whoever is signed in.
    Staff,
    /// Whoever is signed in with one of these roles.
    Only(&'static [Role]),
}

/// One address.
pub struct Row {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    handler: MethodRouter<Arc<App>>,
}

/// All addresses.
#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    fn get<H, T>(mut self, path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.0.push(Row {
            method: "GET",
            path,
            who,
            handler: get(handler),
        });
        self
    }

    fn post<H, T>(mut self, path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.0.push(Row {
            method: "POST",
            path,
            who,
            handler: post(handler),
        });
        self
    }

    /// The lines.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// The table as something that answers, each line behind its guard.
    pub fn into_router(self, app: &Arc<App>) -> Router<Arc<App>> {
        let mut router = Router::new();
        for row in self.0 {
            let bare = row.who == Who::Program;
            let handler = if bare {
                row.handler
            } else {
                row.handler
                    .layer(from_fn_with_state((Arc::clone(app), row.who), guard::check))
            };
            router = router.route(row.path, handler);
        }
        router
    }
}

const INSTITUTION: Who = Who::Only(&[InstitutionClerk, InstitutionLead]);
const INQUIRIES: Who = Who::Only(&[AcceptanceOfficer]);
const OFFICES: Who = Who::Only(&[
    InstitutionClerk,
    InstitutionLead,
    AcceptanceOfficer,
    Reviewer,
    Approver,
    Issuer,
]);

/// Every address this program answers, and who may call it.
#[must_use]
pub fn table() -> Table {
    Table::default()
        .get("/", Who::Public, public::home::show)
        .get("/query", Who::Public, public::query::form)
        .post("/query", Who::Public, public::query::ask)
        .post("/query/narrow", Who::Public, public::narrow::ask)
        .get("/when", Who::Public, public::when::show)
        .get("/inquiry", Who::Public, public::inquiry::form)
        .post("/inquiry", Who::Public, public::inquiry::ask)
        .post("/inquiry/about", Who::Public, public::inquiry::about)
        .get("/inquiry/follow", Who::Public, public::follow::form)
        .post("/inquiry/follow", Who::Public, public::follow::show)
        .post("/inquiry/again", Who::Public, public::follow::again)
        .get("/captcha/{id}", Who::Program, public::query::picture)
        .get("/login", Who::Public, public::login::form)
        .post("/login", Who::Public, public::login::sign_in)
        .post("/logout", Who::Staff, public::login::sign_out)
        .get("/lang/{code}", Who::Program, public::home::language)
        .get("/healthz", Who::Program, api::health)
        .get("/static/{file}", Who::Program, assets::serve)
        .get("/log/checkpoint", Who::Program, public::log::checkpoint)
        .get("/log/cosigned", Who::Program, public::log::cosigned)
        .get("/log/key", Who::Program, public::log::key)
        .get("/log/tile/{*path}", Who::Program, public::log::tile)
        .get("/feeds", Who::Public, feeds::show)
        .get("/api/v1/feeds", Who::Program, feeds::give)
        .get("/api/v1/estimate", Who::Program, api::estimate::give)
        .get("/when/record", Who::Public, track::show)
        .get("/api/v1/track-record", Who::Program, track::give)
        .get("/api/v1/captcha", Who::Program, api::captcha::give)
        .post("/api/v1/query", Who::Program, api::query::ask)
        .post("/api/v1/inquiry", Who::Program, api::inquiry::ask)
        .post("/api/v1/inquiry/status", Who::Program, api::inquiry::status)
        .post("/api/v1/inquiry/again", Who::Program, api::inquiry::again)
        .desks()
}

/// What only a demonstration answers beside: its clock can be moved on.
#[must_use]
pub fn demonstration() -> Table {
    Table::default().post("/demo/clock", Who::Public, public::clock::move_on)
}

impl Table {
    /// Both tables as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The pages of those who are signed in.
    fn desks(self) -> Self {
        self.get("/console", Who::Staff, console::home::show)
            .get(
                "/console/bottlenecks",
                Who::Staff,
                console::bottlenecks::show,
            )
            .get("/console/cases", OFFICES, console::cases::list)
            .post("/console/cases", OFFICES, console::cases::act)
            .get("/console/cases/{id}", OFFICES, console::cases::show)
            .get(
                "/console/import",
                Who::Only(&[InstitutionClerk]),
                console::import::form,
            )
            .post(
                "/console/import",
                Who::Only(&[InstitutionClerk]),
                console::import::check,
            )
            .post(
                "/console/import/take",
                Who::Only(&[InstitutionClerk]),
                console::import::take,
            )
            .post(
                "/console/import/marked",
                Who::Only(&[InstitutionClerk]),
                console::import::marked,
            )
            .get(
                "/console/reissue",
                Who::Only(&[InstitutionClerk]),
                console::reissue::form,
            )
            .post(
                "/console/reissue",
                Who::Only(&[InstitutionClerk]),
                console::reissue::ask,
            )
            .get("/console/inquiries", INQUIRIES, console::inquiries::list)
            .post("/console/inquiries", INQUIRIES, console::inquiries::act)
            .get(
                "/console/inquiries/{id}",
                INQUIRIES,
                console::inquiries::show,
            )
            .get("/console/sessions", INSTITUTION, console::sessions::list)
            .keeping()
    }

    /// What is published to everybody, and the provinces side by side.
    fn publishing(self) -> Self {
        const LOOKS: Who = Who::Only(&[Admin, Auditor]);
        const KEEPS: Who = Who::Only(&[Admin]);
        self.get("/console/provinces", LOOKS, console::provinces::show)
            .get("/console/packs", LOOKS, console::packs::show)
            .post("/console/packs", KEEPS, console::packs::propose)
            .get("/console/packs/{id}", LOOKS, console::publications::show)
            .post(
                "/console/publications",
                KEEPS,
                console::publications::decide,
            )
            .get(
                "/console/announcements",
                LOOKS,
                console::announcements::show,
            )
            .post(
                "/console/announcements",
                KEEPS,
                console::announcements::propose,
            )
    }

    /// The pages of those who keep the node and of those who look on.
    fn keeping(self) -> Self {
        self.get(
            "/console/offices",
            Who::Only(&[Admin, Auditor]),
            console::offices::list,
        )
        .post(
            "/console/offices",
            Who::Only(&[Admin]),
            console::offices::enter,
        )
        .get(
            "/console/feeds",
            Who::Only(&[Admin, Auditor]),
            console::feeds::show,
        )
        .post(
            "/console/feeds/resume",
            Who::Only(&[Admin]),
            console::feeds::resume,
        )
        .post(
            "/console/feeds/seen",
            Who::Only(&[Admin]),
            console::feeds::see,
        )
        .publishing()
    }
}
