//! Every address this program answers, and who may call it: one line each.
//!
//! The line carries the guard, so no handler checks a role. What needs the case itself ("not your
//! own entry") is a rule of the domain and not of a route. `docs/permissions.md` is printed from
//! these lines; a test calls each of them as each role.

mod programs;
mod table;

use domain::office::Role::{
    AcceptanceOfficer, Approver, Assessor, AuditAdmin, InstitutionClerk, InstitutionLead, Issuer,
    Reviewer, SecurityAdmin, SystemAdmin,
};

pub use self::table::{Fresh, Gate, Row, Table, Who};
use super::{api, assets, console, print, public};

const INSTITUTION: Who = Who::Only(&[InstitutionClerk, InstitutionLead]);
const SESSIONS: Who = Who::Only(&[
    InstitutionClerk,
    InstitutionLead,
    Assessor,
    AcceptanceOfficer,
    Reviewer,
    Approver,
]);
const SECURITY: Who = Who::Only(&[SecurityAdmin]);
const ACCOUNTS: Who = Who::Only(&[SecurityAdmin, AuditAdmin]);
const AUDIT: Who = Who::Only(&[AuditAdmin]);
const BRINGS: Who = Who::Only(&[Issuer]);
const RELEASES: Who = Who::Only(&[Approver]);
const TAKEOVER: Who = Who::Only(&[Approver, Issuer]);
const ISSUER: Who = Who::Only(&[Issuer]);
const INQUIRIES: Who = Who::Only(&[AcceptanceOfficer]);
const AUTHORITY: Who = Who::Only(&[AcceptanceOfficer, Reviewer, Approver, Issuer]);
const KEEPERS: Who = Who::Only(&[SystemAdmin, AuditAdmin]);
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
        .get("/login/code", Who::Entering, public::login::code_form)
        .post("/login/code", Who::Entering, public::login::give_code)
        .get("/login/factor", Who::Entering, public::factor::form)
        .post("/login/factor", Who::Entering, public::factor::enrol)
        .post("/logout", Who::Entering, public::login::sign_out)
        .get("/lang/{code}", Who::Program, public::home::language)
        .get("/healthz", Who::Program, api::health)
        .get("/static/{file}", Who::Program, assets::serve)
        .get("/log/checkpoint", Who::Program, public::log::checkpoint)
        .get("/log/cosigned", Who::Program, public::log::cosigned)
        .get("/log/key", Who::Program, public::log::key)
        .get("/log/tile/{*path}", Who::Program, public::log::tile)
        .get("/offices", Who::Public, public::offices::show)
        .get("/manual/{office}", Who::Public, public::manual::show)
        .get(
            "/manual/pictures/{file}",
            Who::Program,
            public::manual::picture,
        )
        .get("/feeds", Who::Public, super::feeds::show)
        .get("/when/record", Who::Public, super::track::show)
        .programs()
        .desks()
}

/// What only a demonstration answers beside: its clock can be moved on.
#[must_use]
pub fn demonstration() -> Table {
    Table::default().post("/demo/clock", Who::Public, public::clock::move_on)
}

impl Table {
    /// The pages of those who are signed in.
    #[expect(clippy::too_many_lines, reason = "one line for each address")]
    fn desks(self) -> Self {
        self.get("/console", Who::Staff, console::home::show)
            .get(
                "/console/bottlenecks",
                Who::Staff,
                console::bottlenecks::show,
            )
            .get("/console/cases", OFFICES, console::queue::list)
            .post("/console/cases", OFFICES, console::cases::act)
            .fresh(Fresh::For(&["issue"]))
            .post("/console/cases/confirm", OFFICES, console::marked::confirm)
            .post("/console/cases/claim", OFFICES, console::queue::claim)
            .get("/console/cases/sheet", OFFICES, console::sheet::form)
            .post("/console/cases/sheet", OFFICES, console::sheet::take)
            .post("/console/cases/export", OFFICES, console::export::cases)
            .post("/console/views", OFFICES, console::queue::keep)
            .get("/console/search", OFFICES, console::search::form)
            .post("/console/search", OFFICES, console::search::find)
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
            .post(
                "/console/inquiries/export",
                INQUIRIES,
                console::export::inquiries,
            )
            .post(
                "/console/certificates/export",
                AUTHORITY,
                console::export::certificates,
            )
            .sessions()
            .long_work()
            .making()
            .materials()
            .after()
            .keeping()
    }

    /// What is published to everybody, and the provinces side by side.
    fn publishing(self) -> Self {
        const LOOKS: Who = Who::Only(&[SystemAdmin, AuditAdmin]);
        const KEEPS: Who = Who::Only(&[SystemAdmin]);
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

    /// The pages of those who make cards; `issue` is the one that gives somebody a certificate.
    fn making(self) -> Self {
        use console::runs;
        self.get("/console/runs", ISSUER, runs::list)
            .post("/console/runs", ISSUER, runs::make)
            .get("/console/cupboard", ISSUER, runs::cupboard)
            .get("/console/runs/{run}", ISSUER, runs::show)
            .post("/console/runs/{run}/issue", ISSUER, runs::issue)
            .fresh(Fresh::Always)
            .post("/console/runs/{run}/print", ISSUER, runs::print)
            .post("/console/runs/{run}/spoil", ISSUER, runs::spoil)
            .post("/console/runs/{run}/deliver", ISSUER, runs::deliver)
            .get("/console/runs/{run}/list.pdf", ISSUER, runs::sign_list)
    }

    /// What reports bring, and what became of lists.
    fn materials(self) -> Self {
        self.get("/console/materials", INSTITUTION, console::bundle::form)
            .post("/console/materials", INSTITUTION, console::bundle::take)
            .post(
                "/console/materials/report",
                INSTITUTION,
                console::bundle::report,
            )
            .get(
                "/console/cases/{id}/materials",
                OFFICES,
                console::materials::show,
            )
            .post(
                "/console/cases/{id}/materials",
                INSTITUTION,
                console::materials::put,
            )
            .get(
                "/console/cases/{id}/materials/{nr}",
                OFFICES,
                console::materials::view,
            )
            .post(
                "/console/cases/{id}/answers",
                INSTITUTION,
                console::materials::answer,
            )
            .get(
                "/console/second-lists",
                Who::Only(&[Approver]),
                console::second_lists::list,
            )
    }

    /// Background tasks, and the take-over of former registers.
    fn long_work(self) -> Self {
        use console::{takeover, tasks};
        self.get("/console/tasks", Who::Staff, tasks::list)
            .get("/console/tasks/{id}", Who::Staff, tasks::show)
            .post("/console/tasks/{id}/stop", Who::Staff, tasks::stop)
            .get("/console/tasks/{id}/result", Who::Staff, tasks::result)
            .get("/console/takeover", TAKEOVER, takeover::list)
            .upload("/console/takeover", BRINGS, takeover::bring)
            .get("/console/takeover/{id}", TAKEOVER, takeover::show)
            .post("/console/takeover/{id}/plan", BRINGS, takeover::plan)
            .post("/console/takeover/{id}/propose", BRINGS, takeover::propose)
            .post(
                "/console/takeover/{id}/release",
                RELEASES,
                takeover::release,
            )
            .fresh(Fresh::Always)
            .post("/console/takeover/{id}/take", BRINGS, takeover::take)
            .get(
                "/console/takeover/{id}/differences",
                TAKEOVER,
                takeover::differences::list,
            )
            .post(
                "/console/takeover/{id}/differences",
                TAKEOVER,
                takeover::differences::settle,
            )
            .fresh(Fresh::Always)
            .post(
                "/console/takeover/{id}/settled",
                BRINGS,
                takeover::differences::take,
            )
    }

    /// Exam sessions: from the plan to the confirmed scores.
    fn sessions(self) -> Self {
        use console::{session, sessions, speed};
        let clerk = Who::Only(&[InstitutionClerk]);
        let lead = Who::Only(&[InstitutionLead]);
        let panel = Who::Only(&[Assessor]);
        self.get("/console/sessions", SESSIONS, sessions::list)
            .post("/console/sessions", INSTITUTION, sessions::plan)
            .get("/console/sessions/{id}", SESSIONS, session::show)
            .post("/console/sessions/{id}/plan", INSTITUTION, session::change)
            .post(
                "/console/sessions/{id}/cancel",
                INSTITUTION,
                session::cancel,
            )
            .post("/console/sessions/{id}/enrol", clerk, session::enrol)
            .post("/console/sessions/{id}/again", clerk, session::again)
            .post("/console/sessions/{id}/seat", clerk, session::give_up)
            .post("/console/sessions/{id}/sheet", clerk, session::sheet)
            .post(
                "/console/sessions/{id}/sheet/take",
                clerk,
                session::take_sheet,
            )
            .post("/console/sessions/{id}/theory", clerk, session::theory)
            .post("/console/sessions/{id}/assess", panel, session::assess)
            .post("/console/sessions/{id}/resolve", lead, session::resolve)
            .post("/console/sessions/{id}/confirm", lead, session::confirm)
            .get(
                "/console/sessions/{id}/tickets.pdf",
                INSTITUTION,
                print::session_tickets,
            )
            .get(
                "/console/cases/{id}/ticket.pdf",
                INSTITUTION,
                print::case_ticket,
            )
            .post(
                "/console/sessions/export",
                SESSIONS,
                console::export::sessions,
            )
            .get("/console/speed", INSTITUTION, speed::show)
    }

    /// What is done to a certificate after its issue. Proposing and deciding are two addresses.
    fn after(self) -> Self {
        use console::certificate;
        const PROPOSE: Who = Who::Only(&[Reviewer, Approver]);
        self.get(
            "/console/certificates",
            AUTHORITY,
            console::certificates::list,
        )
        .get("/console/certificates/{id}", AUTHORITY, certificate::show)
        .post(
            "/console/certificates/{id}/propose",
            PROPOSE,
            certificate::propose,
        )
        .post(
            "/console/certificates/{id}/correct",
            PROPOSE,
            certificate::correct,
        )
        .post(
            "/console/certificates/{id}/decide",
            Who::Only(&[Approver]),
            certificate::decide,
        )
        .fresh(Fresh::Always)
        .post(
            "/console/certificates/{id}/decline",
            PROPOSE,
            certificate::decline,
        )
        .post(
            "/console/certificates/{id}/change",
            Who::Only(&[Approver]),
            certificate::change,
        )
        .post(
            "/console/certificates/{id}/take",
            Who::Only(&[AcceptanceOfficer]),
            certificate::take,
        )
    }

    /// The pages of those who keep the node and of those who look on.
    fn keeping(self) -> Self {
        self.get("/console/me", Who::Staff, console::me::show)
            .post("/console/me", Who::Staff, console::me::act)
            .get("/console/accounts", ACCOUNTS, console::accounts::list)
            .post("/console/accounts", SECURITY, console::accounts::open)
            .fresh(Fresh::Always)
            .get("/console/accounts/{id}", ACCOUNTS, console::accounts::show)
            .post("/console/accounts/{id}", SECURITY, console::accounts::act)
            .fresh(Fresh::Always)
            .post(
                "/console/accounts/export",
                ACCOUNTS,
                console::export::accounts,
            )
            .get("/console/keys", ACCOUNTS, console::keys::list)
            .post("/console/keys", SECURITY, console::keys::act)
            .fresh(Fresh::Always)
            .get("/console/log-ins", AUDIT, console::log_ins::list)
            .post("/console/log-ins/export", AUDIT, console::export::log_ins)
            .get("/console/readings", AUDIT, console::readings::list)
            .post("/console/readings/export", AUDIT, console::export::readings)
            .directory()
    }

    /// The directory of offices, and the feeds.
    fn directory(self) -> Self {
        self.get(
            "/console/offices",
            Who::Only(&[SystemAdmin, AuditAdmin]),
            console::offices::list,
        )
        .post(
            "/console/offices",
            Who::Only(&[SystemAdmin]),
            console::offices::enter,
        )
        .post("/console/offices/export", KEEPERS, console::export::offices)
        .post("/console/feeds/export", KEEPERS, console::export::feeds)
        .get(
            "/console/offices/{code}",
            Who::Only(&[SystemAdmin, AuditAdmin]),
            console::office::show,
        )
        .post(
            "/console/offices/{code}",
            Who::Only(&[SystemAdmin]),
            console::office::change,
        )
        .get(
            "/console/feeds",
            Who::Only(&[SystemAdmin, AuditAdmin]),
            console::feeds::show,
        )
        .post(
            "/console/feeds/resume",
            Who::Only(&[SystemAdmin]),
            console::feeds::resume,
        )
        .post(
            "/console/feeds/seen",
            Who::Only(&[SystemAdmin]),
            console::feeds::see,
        )
        .publishing()
    }
}
