//! How a turn's work is laid into rows: one insert for each table, whole sets at a time.

use domain::{
    case::{Case, State},
    certificate::{Certificate, Origin},
    record::RecordId,
};

use super::{
    Error, Result,
    store::{Insert, Kind as Column, OnConflict, Param},
    work::{Key, Work, dossier_aad},
};

pub(super) const DOSSIER: &str = "-- dossiers::load\nSELECT body FROM dossiers WHERE key = $1";
pub(super) const PERSON: &str = "-- people::load\nSELECT dossier FROM people WHERE document = $1";
pub(super) const CASE: &str =
    "-- cases::place\nSELECT version, dossier FROM cases WHERE record = $1";
pub(super) const CERTIFICATE: &str =
    "-- certificates::place\nSELECT version, dossier FROM certificates WHERE record = $1";
pub(super) const TICKET: &str = "-- tickets::load\nSELECT record FROM tickets WHERE ticket = $1";
pub(super) const OFFICE: &str =
    "-- offices::load\nSELECT record, version, body FROM offices WHERE code = $1";
pub(super) const SESSION: &str =
    "-- sessions::load\nSELECT record FROM sessions WHERE institution = $1 AND held_on = $2";
pub(super) const BATCH: &str =
    "-- batches::load\nSELECT version, body FROM batches WHERE record = $1";

const RECORD: OnConflict = OnConflict::Replace {
    key: &["record"],
    guard: Some("version"),
};

const PUT_JOURNAL: Insert<4> = Insert {
    name: "journal::append",
    table: "journal",
    columns: [
        ("idx", Column::Int),
        ("at", Column::Int),
        ("kind", Column::Text),
        ("commitment", Column::Blob),
    ],
    on_conflict: OnConflict::Refuse,
};
const PUT_SEALED: Insert<4> = Insert {
    name: "sealed::append",
    table: "sealed",
    columns: [
        ("idx", Column::Int),
        ("key_id", Column::Int),
        ("salt", Column::Blob),
        ("body", Column::Blob),
    ],
    on_conflict: OnConflict::Refuse,
};
const PUT_SUBJECT: Insert<2> = Insert {
    name: "subject::append",
    table: "subject",
    columns: [("record", Column::Int), ("idx", Column::Int)],
    on_conflict: OnConflict::Refuse,
};
const PUT_DOSSIER: Insert<2> = Insert {
    name: "dossiers::save",
    table: "dossiers",
    columns: [("key", Column::Blob), ("body", Column::Blob)],
    on_conflict: OnConflict::Replace {
        key: &["key"],
        guard: None,
    },
};
const PUT_PERSON: Insert<2> = Insert {
    name: "people::save",
    table: "people",
    columns: [("document", Column::Blob), ("dossier", Column::Blob)],
    on_conflict: OnConflict::Refuse,
};
const PUT_TICKET: Insert<2> = Insert {
    name: "tickets::save",
    table: "tickets",
    columns: [("ticket", Column::Blob), ("record", Column::Int)],
    on_conflict: OnConflict::Refuse,
};
const PUT_CASE: Insert<12> = Insert {
    name: "cases::save",
    table: "cases",
    columns: [
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
        ("made_in", Column::Text),
    ],
    on_conflict: RECORD,
};
const PUT_CERTIFICATE: Insert<9> = Insert {
    name: "certificates::save",
    table: "certificates",
    columns: [
        ("record", Column::Int),
        ("version", Column::Int),
        ("dossier", Column::Blob),
        ("category", Column::Text),
        ("item", Column::Text),
        ("authority", Column::Text),
        ("status", Column::Text),
        ("valid_until", Column::Text),
        ("taken_over", Column::Int),
    ],
    on_conflict: RECORD,
};
const PUT_OFFICE: Insert<4> = Insert {
    name: "offices::save",
    table: "offices",
    columns: [
        ("record", Column::Int),
        ("version", Column::Int),
        ("code", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};
const PUT_SESSION: Insert<4> = Insert {
    name: "sessions::save",
    table: "sessions",
    columns: [
        ("record", Column::Int),
        ("version", Column::Int),
        ("institution", Column::Text),
        ("held_on", Column::Text),
    ],
    on_conflict: OnConflict::Refuse,
};
const PUT_SHEET: Insert<6> = Insert {
    name: "sheets::save",
    table: "sheets",
    columns: [
        ("record", Column::Int),
        ("version", Column::Int),
        ("institution", Column::Text),
        ("sha256", Column::Text),
        ("taken", Column::Int),
        ("refused", Column::Int),
    ],
    on_conflict: OnConflict::Refuse,
};
const PUT_BATCH: Insert<4> = Insert {
    name: "batches::save",
    table: "batches",
    columns: [
        ("record", Column::Int),
        ("version", Column::Int),
        ("authority", Column::Text),
        ("body", Column::Text),
    ],
    on_conflict: RECORD,
};

/// Writes everything of the turn that is not written yet.
pub(super) fn write(work: &mut Work<'_>) -> Result<()> {
    entries(work)?;
    cases(work)?;
    certificates(work)?;
    dossiers(work)?;
    people(work)?;
    directory(work)
}

fn entries(work: &mut Work<'_>) -> Result<()> {
    let key_id = i64::from(work.registry.keyring.key_id());
    let entries = &work.entries;
    let journal: Vec<[Param<'_>; 4]> = entries
        .iter()
        .map(|e| {
            [
                e.idx.into(),
                e.at.into(),
                e.kind.into(),
                (&e.commitment).into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_JOURNAL, &journal)?;
    let sealed: Vec<[Param<'_>; 4]> = entries
        .iter()
        .map(|e| {
            [
                e.idx.into(),
                key_id.into(),
                (&e.salt).into(),
                (&e.body).into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_SEALED, &sealed)?;
    let mut subjects: Vec<[Param<'_>; 2]> = Vec::with_capacity(entries.len() + 8);
    for e in entries {
        subjects.push([e.subjects.0.as_i64().into(), e.idx.into()]);
        if let Some(other) = e.subjects.1 {
            subjects.push([other.as_i64().into(), e.idx.into()]);
        }
    }
    work.tx.insert_many(&PUT_SUBJECT, &subjects)?;
    Ok(())
}

/// A case as its row: everything about it that a queue may ask for, and nothing about the person.
pub(super) struct CaseRow {
    record: i64,
    version: i64,
    dossier: Key,
    session: Option<i64>,
    since: String,
    state: &'static str,
    texts: [String; 5],
    made_in: Option<String>,
}

fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

impl CaseRow {
    pub(super) fn of(case: &Case, dossier: Key, version: i64) -> Self {
        let r = &case.registration;
        Self {
            record: case.id.as_i64(),
            version,
            dossier,
            session: case.exam.attempts.last().map(|a| a.session.as_i64()),
            since: case.stage_since.to_string(),
            state: case.state.word(),
            texts: [
                word(&r.category),
                r.item.as_str().to_owned(),
                word(&r.kind),
                r.institution.as_str().to_owned(),
                r.authority.as_str().to_owned(),
            ],
            made_in: match &case.state {
                State::Made { batch, .. } => Some(batch.clone()),
                _ => None,
            },
        }
    }

    /// The values in the order of the table's columns.
    pub(super) fn params(&self) -> [Param<'_>; 12] {
        [
            self.record.into(),
            self.version.into(),
            (&self.dossier).into(),
            self.state.into(),
            (&self.texts[0]).into(),
            (&self.texts[1]).into(),
            (&self.texts[2]).into(),
            (&self.texts[3]).into(),
            (&self.texts[4]).into(),
            self.session.into(),
            (&self.since).into(),
            self.made_in.as_ref().into(),
        ]
    }
}

fn cases(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    for (id, place) in work.cases.iter().filter(|(_, place)| place.dirty) {
        let dossier = work.dossiers.get(&place.value);
        let case = dossier
            .and_then(|d| d.value.case(*id))
            .ok_or(Error::Internal("tables::cases"))?;
        rows.push(CaseRow::of(case, place.value, place.version + 1));
    }
    let params: Vec<[Param<'_>; 12]> = rows.iter().map(CaseRow::params).collect();
    work.tx.insert_many(&PUT_CASE, &params)?;
    Ok(())
}

/// A certificate as its row.
pub(super) struct CertificateRow {
    record: i64,
    version: i64,
    dossier: Key,
    status: &'static str,
    texts: [String; 4],
    taken_over: bool,
}

impl CertificateRow {
    pub(super) fn of(c: &Certificate, dossier: Key, version: i64) -> Self {
        Self {
            record: c.says.certificate.as_i64(),
            version,
            dossier,
            status: c.status.word(),
            texts: [
                word(&c.says.category),
                c.says.item.as_str().to_owned(),
                c.says.authority.as_str().to_owned(),
                c.says.valid_until.to_string(),
            ],
            taken_over: matches!(c.origin, Origin::TakenOver(_)),
        }
    }

    /// The values in the order of the table's columns.
    pub(super) fn params(&self) -> [Param<'_>; 9] {
        [
            self.record.into(),
            self.version.into(),
            (&self.dossier).into(),
            (&self.texts[0]).into(),
            (&self.texts[1]).into(),
            (&self.texts[2]).into(),
            self.status.into(),
            (&self.texts[3]).into(),
            self.taken_over.into(),
        ]
    }
}

fn certificates(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    for (id, place) in work.certificates.iter().filter(|(_, place)| place.dirty) {
        let dossier = work.dossiers.get(&place.value);
        let certificate = dossier
            .and_then(|d| d.value.certificate(*id))
            .ok_or(Error::Internal("tables::certificates"))?;
        rows.push(CertificateRow::of(
            certificate,
            place.value,
            place.version + 1,
        ));
    }
    let params: Vec<[Param<'_>; 9]> = rows.iter().map(CertificateRow::params).collect();
    work.tx.insert_many(&PUT_CERTIFICATE, &params)?;
    Ok(())
}

fn dossiers(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    for (key, kept) in work.dossiers.iter().filter(|(_, kept)| kept.dirty) {
        let bytes =
            serde_json::to_vec(&kept.value).map_err(|_| Error::Internal("tables::dossiers"))?;
        rows.push((*key, work.registry.seal(&dossier_aad(key), &bytes)));
    }
    // In the order of the table, so that each of its pages is found once.
    rows.sort_unstable_by_key(|(key, _)| *key);
    let params: Vec<[Param<'_>; 2]> = rows
        .iter()
        .map(|(key, body)| [key.into(), body.into()])
        .collect();
    work.tx.insert_many(&PUT_DOSSIER, &params)?;
    Ok(())
}

fn people(work: &mut Work<'_>) -> Result<()> {
    work.new_people.sort_unstable();
    work.new_tickets.sort_unstable();
    let params: Vec<[Param<'_>; 2]> = work
        .new_people
        .iter()
        .map(|(d, k)| [d.into(), k.into()])
        .collect();
    work.tx.insert_many(&PUT_PERSON, &params)?;
    let params: Vec<[Param<'_>; 2]> = work
        .new_tickets
        .iter()
        .map(|(t, id)| [t.into(), id.as_i64().into()])
        .collect();
    work.tx.insert_many(&PUT_TICKET, &params)?;
    Ok(())
}

fn directory(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    for (code, (id, kept)) in work.offices.iter().filter(|(_, (_, kept))| kept.dirty) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::offices"))?;
        rows.push((id.as_i64(), kept.version + 1, code.as_str(), body));
    }
    let params: Vec<[Param<'_>; 4]> = rows
        .iter()
        .map(|(id, v, code, body)| [(*id).into(), (*v).into(), (*code).into(), body.into()])
        .collect();
    work.tx.insert_many(&PUT_OFFICE, &params)?;

    let rows: Vec<_> = work
        .new_sessions
        .iter()
        .map(|s| (s, s.on.to_string()))
        .collect();
    let params: Vec<[Param<'_>; 4]> = rows
        .iter()
        .map(|(s, on)| {
            [
                s.id.as_i64().into(),
                1_i64.into(),
                s.institution.as_str().into(),
                on.into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_SESSION, &params)?;

    let params: Vec<[Param<'_>; 6]> = work
        .sheets
        .iter()
        .map(|s| {
            [
                s.record.as_i64().into(),
                1_i64.into(),
                s.institution.as_str().into(),
                (&s.sha256).into(),
                s.taken.into(),
                s.refused.into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_SHEET, &params)?;

    let mut rows: Vec<(RecordId, i64, String, String)> = Vec::new();
    for (id, kept) in work.batches.iter().filter(|(_, kept)| kept.dirty) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::batches"))?;
        rows.push((
            *id,
            kept.version + 1,
            kept.value.authority.as_str().to_owned(),
            body,
        ));
    }
    let params: Vec<[Param<'_>; 4]> = rows
        .iter()
        .map(|(id, v, a, body)| [id.as_i64().into(), (*v).into(), a.into(), body.into()])
        .collect();
    work.tx.insert_many(&PUT_BATCH, &params)?;
    Ok(())
}
