//! The tables of the records: how they are asked, and one insert for each.

mod accounts;
mod inquiries;
mod publications;
mod rows;

pub(super) use self::{
    inquiries::InquiryRow,
    rows::{CaseRow, CertificateRow, NEVER, write},
};
use super::store::{Insert, Kind as Column, OnConflict};

pub(super) const DOSSIER: &str =
    "-- dossiers::load\nSELECT body FROM dossiers WHERE key = $1 AND feed = $2";
pub(super) const PERSON: &str =
    "-- people::load\nSELECT dossier FROM people WHERE document = $1 AND feed = $2";
pub(super) const NAME: &str = "-- names::load
SELECT dossier FROM names WHERE name = $1 AND dossier = $2 AND feed = $3";
pub(super) const CASE: &str =
    "-- cases::place\nSELECT version, dossier FROM cases WHERE record = $1 AND feed = $2";
pub(super) const CERTIFICATE: &str = "-- certificates::place\nSELECT version, dossier FROM certificates WHERE record = $1 AND feed = $2";
pub(super) const TICKET: &str =
    "-- tickets::load\nSELECT record FROM tickets WHERE ticket = $1 AND feed = $2";
pub(super) const OFFICE: &str =
    "-- offices::load\nSELECT record, version, body FROM offices WHERE code = $1 AND feed = $2";
pub(super) const SESSION: &str =
    "-- sessions::load\nSELECT version, body FROM sessions WHERE record = $1 AND feed = $2";
pub(super) const SESSIONS_ON: &str = "-- sessions::on
SELECT record, slot, body FROM sessions WHERE institution = $1 AND held_on = $2 AND feed = $3";
pub(super) const BATCH: &str =
    "-- batches::load\nSELECT version, body FROM batches WHERE record = $1 AND feed = $2";
pub(super) const HALT: &str =
    "-- halts::load\nSELECT version, body FROM halts WHERE record = $1 AND feed = $2";
pub(super) const PUBLICATION: &str =
    "-- publications::load\nSELECT version, body FROM publications WHERE record = $1 AND feed = $2";

pub(super) const ACCOUNT: &str =
    "-- accounts::load\nSELECT version, body FROM accounts WHERE record = $1 AND feed = $2";
pub(super) const ACCOUNT_OF: &str =
    "-- accounts::of\nSELECT version, body FROM accounts WHERE login = $1 AND feed = $2";
pub(super) const INQUIRY: &str =
    "-- inquiries::load\nSELECT version, body FROM inquiries WHERE record = $1 AND feed = $2";

const RECORD: OnConflict = OnConflict::Replace {
    key: &["feed", "record"],
    guard: Some("version"),
};

const PUT_JOURNAL: Insert<5> = Insert {
    name: "journal::append",
    table: "journal",
    columns: [
        ("feed", Column::Int),
        ("idx", Column::Int),
        ("at", Column::Int),
        ("kind", Column::Text),
        ("commitment", Column::Blob),
    ],
    on_conflict: OnConflict::Refuse,
};
const PUT_SEALED: Insert<5> = Insert {
    name: "sealed::append",
    table: "sealed",
    columns: [
        ("feed", Column::Int),
        ("idx", Column::Int),
        ("key_id", Column::Int),
        ("salt", Column::Blob),
        ("body", Column::Blob),
    ],
    on_conflict: OnConflict::Refuse,
};
pub(super) const PUT_NODE: Insert<4> = Insert {
    name: "nodes::append",
    table: "nodes",
    columns: [
        ("feed", Column::Int),
        ("level", Column::Int),
        ("idx", Column::Int),
        ("hash", Column::Blob),
    ],
    on_conflict: OnConflict::Refuse,
};
pub(super) const PUT_SUBJECT: Insert<3> = Insert {
    name: "subject::append",
    table: "subject",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("idx", Column::Int),
    ],
    on_conflict: OnConflict::Refuse,
};
pub(super) const PUT_DOSSIER: Insert<3> = Insert {
    name: "dossiers::save",
    table: "dossiers",
    columns: [
        ("feed", Column::Int),
        ("key", Column::Blob),
        ("body", Column::Blob),
    ],
    on_conflict: OnConflict::Replace {
        key: &["key", "feed"],
        guard: None,
    },
};
pub(super) const PUT_PERSON: Insert<3> = Insert {
    name: "people::save",
    table: "people",
    columns: [
        ("feed", Column::Int),
        ("document", Column::Blob),
        ("dossier", Column::Blob),
    ],
    // A name that was put right takes the place of the wrong one.
    on_conflict: OnConflict::Replace {
        key: &["document", "feed"],
        guard: None,
    },
};
pub(super) const PUT_NAME: Insert<3> = Insert {
    name: "names::save",
    table: "names",
    columns: [
        ("feed", Column::Int),
        ("name", Column::Blob),
        ("dossier", Column::Blob),
    ],
    on_conflict: OnConflict::Keep,
};
pub(super) const PUT_TICKET: Insert<3> = Insert {
    name: "tickets::save",
    table: "tickets",
    columns: [
        ("feed", Column::Int),
        ("ticket", Column::Blob),
        ("record", Column::Int),
    ],
    on_conflict: OnConflict::Refuse,
};
pub(super) const PUT_CASE: Insert<17> = Insert {
    name: "cases::save",
    table: "cases",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("dossier", Column::Blob),
        ("state", Column::Text),
        ("category", Column::Text),
        ("item", Column::Text),
        ("kind", Column::Text),
        ("institution", Column::Text),
        ("authority", Column::Text),
        ("session", Column::Int),
        ("since", Column::Text),
        ("due", Column::Text),
        ("due_moves", Column::Int),
        ("made_in", Column::Text),
        ("card", Column::Text),
        ("offered_to", Column::Text),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_CERTIFICATE: Insert<12> = Insert {
    name: "certificates::save",
    table: "certificates",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("dossier", Column::Blob),
        ("category", Column::Text),
        ("item", Column::Text),
        ("authority", Column::Text),
        ("status", Column::Text),
        ("valid_until", Column::Text),
        ("taken_over", Column::Int),
        ("lapses_after", Column::Text),
        ("proposed", Column::Int),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_OFFICE: Insert<5> = Insert {
    name: "offices::save",
    table: "offices",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("code", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_SESSION: Insert<7> = Insert {
    name: "sessions::save",
    table: "sessions",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("institution", Column::Text),
        ("held_on", Column::Text),
        ("slot", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_SHEET: Insert<7> = Insert {
    name: "sheets::save",
    table: "sheets",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("institution", Column::Text),
        ("sha256", Column::Text),
        ("taken", Column::Int),
        ("refused", Column::Int),
    ],
    on_conflict: OnConflict::Refuse,
};
pub(super) const PUT_BATCH: Insert<5> = Insert {
    name: "batches::save",
    table: "batches",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("authority", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_HALT: Insert<5> = Insert {
    name: "halts::save",
    table: "halts",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("province", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_ACCOUNT: Insert<5> = Insert {
    name: "accounts::save",
    table: "accounts",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("login", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};

pub(super) const PUT_PUBLICATION: Insert<5> = Insert {
    name: "publications::save",
    table: "publications",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("kind", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};
pub(super) const PUT_INQUIRY: Insert<9> = Insert {
    name: "inquiries::save",
    table: "inquiries",
    columns: [
        ("feed", Column::Int),
        ("record", Column::Int),
        ("version", Column::Int),
        ("reference", Column::Blob),
        ("alike", Column::Blob),
        ("office", Column::Text),
        ("state", Column::Text),
        ("since", Column::Text),
        ("body", Column::Blob),
    ],
    on_conflict: RECORD,
};
