//! How each table is read in the order of its keys, and how a row is put right.

use crate::registry::{
    store::{Insert, OnConflict, Param},
    tables::{
        PUT_ACCOUNT, PUT_BATCH, PUT_CASE, PUT_CERTIFICATE, PUT_DOSSIER, PUT_HALT, PUT_INQUIRY,
        PUT_NAME, PUT_NODE, PUT_OFFICE, PUT_PERSON, PUT_PUBLICATION, PUT_SESSION, PUT_SHEET,
        PUT_SUBJECT, PUT_TICKET,
    },
};

/// A table: what is asked of it, and what is written.
pub(super) struct Table<const N: usize> {
    /// A page of rows behind a key, in its order; `$1` is the feed, then the key. The columns are
    /// those of `put`.
    pub page: &'static str,
    /// Puts a row right; [`OnConflict::Keep`] on a table that is append only.
    pub put: Insert<N>,
    /// Where in a row the key stands, and what lies before every key.
    pub key: (&'static [usize], &'static [Param<'static>]),
    /// Lends a row a name nobody has, where a second thing is unique in the table: while rows
    /// change places, and for good where a row that no event accounts for stands in the way of a
    /// right one. With it the places in a row of what is unique.
    pub park: Option<(&'static str, &'static [usize])>,
}

const fn mended<const N: usize>(insert: Insert<N>, key: &'static [&'static str]) -> Insert<N> {
    Insert {
        on_conflict: OnConflict::Replace { key, guard: None },
        ..insert
    }
}

const fn added<const N: usize>(insert: Insert<N>) -> Insert<N> {
    Insert {
        on_conflict: OnConflict::Keep,
        ..insert
    }
}

const RECORD: &[&str] = &["record", "feed"];
const LOWEST: &[Param<'static>] = &[Param::Int(i64::MIN)];
const NOTHING: &[Param<'static>] = &[Param::Blob(b"")];

pub(super) const SUBJECT: Insert<3> = added(PUT_SUBJECT);

pub(super) const OFFICES: Table<5> = Table {
    page: "-- rebuild::offices
SELECT feed, record, version, code, body FROM offices
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_OFFICE, RECORD),
    key: (&[1], LOWEST),
    park: Some((
        "-- rebuild::park_office\nUPDATE offices SET code = $3 WHERE record = $1 AND feed = $2",
        &[3],
    )),
};
pub(super) const SESSIONS: Table<7> = Table {
    page: "-- rebuild::sessions
SELECT feed, record, version, institution, held_on, slot, body FROM sessions
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_SESSION, RECORD),
    key: (&[1], LOWEST),
    park: Some((
        "-- rebuild::park_session
UPDATE sessions SET institution = $3 WHERE record = $1 AND feed = $2",
        &[3, 4, 5],
    )),
};
pub(super) const SHEETS: Table<7> = Table {
    page: "-- rebuild::sheets
SELECT feed, record, version, institution, sha256, taken, refused FROM sheets
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_SHEET, RECORD),
    key: (&[1], LOWEST),
    park: Some((
        "-- rebuild::park_sheet\nUPDATE sheets SET institution = $3 WHERE record = $1 AND feed = $2",
        &[3, 4],
    )),
};
pub(super) const BATCHES: Table<5> = Table {
    page: "-- rebuild::batches
SELECT feed, record, version, authority, body FROM batches
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_BATCH, RECORD),
    key: (&[1], LOWEST),
    park: None,
};
pub(super) const ACCOUNTS: Table<5> = Table {
    page: "-- rebuild::accounts
SELECT feed, record, version, login, body FROM accounts
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_ACCOUNT, RECORD),
    key: (&[1], LOWEST),
    park: Some((
        "-- rebuild::park_account\nUPDATE accounts SET login = $3 WHERE record = $1 AND feed = $2",
        &[3],
    )),
};
pub(super) const HALTS: Table<5> = Table {
    page: "-- rebuild::halts
SELECT feed, record, version, province, body FROM halts
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_HALT, RECORD),
    key: (&[1], LOWEST),
    park: None,
};
pub(super) const PUBLICATIONS: Table<5> = Table {
    page: "-- rebuild::publications
SELECT feed, record, version, kind, body FROM publications
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 500",
    put: mended(PUT_PUBLICATION, RECORD),
    key: (&[1], LOWEST),
    park: None,
};
pub(super) const CASES: Table<17> = Table {
    page: "-- rebuild::cases
SELECT feed, record, version, dossier, state, category, item, kind, institution, authority,
session, since, due, due_moves, made_in, card, offered_to FROM cases
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_CASE, RECORD),
    key: (&[1], LOWEST),
    park: None,
};
pub(super) const CERTIFICATES: Table<12> = Table {
    page:
        "-- rebuild::certificates
SELECT feed, record, version, dossier, category, item, authority, status, valid_until, taken_over,
lapses_after, proposed FROM certificates WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 2000",
    put: mended(PUT_CERTIFICATE, RECORD),
    key: (&[1], LOWEST),
    park: None,
};
pub(super) const PEOPLE: Table<3> = Table {
    page: "-- rebuild::people
SELECT feed, document, dossier FROM people
WHERE feed = $1 AND document > $2 ORDER BY document LIMIT 2000",
    put: mended(PUT_PERSON, &["document", "feed"]),
    key: (&[1], NOTHING),
    park: None,
};
pub(super) const TICKETS: Table<3> = Table {
    page: "-- rebuild::tickets
SELECT feed, ticket, record FROM tickets
WHERE feed = $1 AND ticket > $2 ORDER BY ticket LIMIT 2000",
    put: mended(PUT_TICKET, &["ticket", "feed"]),
    key: (&[1], NOTHING),
    park: None,
};
pub(super) const NAMES: Table<3> = Table {
    page: "-- rebuild::names
SELECT feed, name, dossier FROM names
WHERE feed = $1 AND (name > $2 OR (name = $2 AND dossier > $3)) ORDER BY name, dossier LIMIT 2000",
    put: added(PUT_NAME),
    key: (&[1, 2], &[Param::Blob(b""), Param::Blob(b"")]),
    park: None,
};
pub(super) const DOSSIERS: Table<3> = Table {
    page: "-- rebuild::dossiers
SELECT feed, key, body FROM dossiers WHERE feed = $1 AND key > $2 ORDER BY key LIMIT 500",
    put: mended(PUT_DOSSIER, &["key", "feed"]),
    key: (&[1], NOTHING),
    park: None,
};
pub(super) const INQUIRIES: Table<9> = Table {
    page: "-- rebuild::inquiries
SELECT feed, record, version, reference, alike, office, state, since, body FROM inquiries
WHERE feed = $1 AND record > $2 ORDER BY record LIMIT 500",
    put: mended(PUT_INQUIRY, RECORD),
    key: (&[1], LOWEST),
    park: None,
};
pub(super) const NODES: Table<4> = Table {
    page: "-- rebuild::nodes
SELECT feed, level, idx, hash FROM nodes
WHERE feed = $1 AND (level > $2 OR (level = $2 AND idx > $3)) ORDER BY level, idx LIMIT 2000",
    put: added(PUT_NODE),
    key: (&[1, 2], &[Param::Int(0), Param::Int(-1)]),
    park: None,
};

/// Adds to the count of a table.
pub(super) fn count(counts: &mut Vec<(&'static str, u64)>, table: &'static str, rows: u64) {
    match counts.iter_mut().find(|(name, _)| *name == table) {
        Some((_, sum)) => *sum += rows,
        None if rows > 0 => counts.push((table, rows)),
        None => {}
    }
}
