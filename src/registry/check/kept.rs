//! What is kept, row by row, beside what the journal adds up to.

use std::collections::HashSet;

use domain::{
    case::Case,
    certificate::Certificate,
    dossier::Dossier,
    fold::Record,
    office::{Session, Sheet},
    person::Person,
    record::RecordId,
};

use super::{Fault, Folded, Found};
use crate::registry::{
    Registry, Result,
    store::{Ask, Param, Reader, Row},
    tables::{self, CaseRow, CertificateRow},
    work::Key,
};

const CASE: &str = "-- check::case
SELECT feed, record, version, dossier, state, category, item, kind, institution, authority, session, since, made_in
FROM cases WHERE record = $1 AND feed = $2";
const CERTIFICATE: &str = "-- check::certificate
SELECT feed, record, version, dossier, category, item, authority, status, valid_until, taken_over
FROM certificates WHERE record = $1 AND feed = $2";
const OFFICE: &str =
    "-- check::office\nSELECT version, code, body FROM offices WHERE record = $1 AND feed = $2";
const BATCH: &str =
    "-- check::batch\nSELECT version, authority, body FROM batches WHERE record = $1 AND feed = $2";
const SESSION: &str =
    "-- check::session\nSELECT institution, held_on FROM sessions WHERE record = $1 AND feed = $2";
const SHEET: &str = "-- check::sheet\nSELECT institution, sha256, taken, refused FROM sheets WHERE record = $1 AND feed = $2";
const SUBJECT: &str = "-- check::subject
SELECT COUNT(*), COALESCE(CAST(SUM(idx) AS BIGINT), 0) FROM subject WHERE record = $1 AND feed = $2";

/// How many rows a table has for one journal, and how many for journals that are nobody's.
macro_rules! counts {
    ($($table:literal),*) => {
        [$((
            $table,
            concat!("-- check::", $table, "\nSELECT COUNT(*) FROM ", $table, " WHERE feed = $1"),
            concat!(
                "-- check::nobodys_", $table, "\nSELECT COUNT(*) FROM ", $table,
                " WHERE feed NOT IN (SELECT feed FROM feeds)"
            ),
        )),*]
    };
}
const COUNTS: [(&str, &str, &str); 12] = counts!(
    "cases",
    "certificates",
    "offices",
    "sessions",
    "sheets",
    "batches",
    "tickets",
    "people",
    "dossiers",
    "subject",
    "journal",
    "sealed"
);

/// Rows that belong to no journal there is.
pub(super) fn nobodys(r: &mut Reader<'_>) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (table, _, sql) in COUNTS {
        if r.query_one(sql, &[])?.int(0)? != 0 {
            let (province, fault) = (String::new(), Fault::Table { table });
            found.push(Found { province, fault });
        }
    }
    Ok(found)
}

/// Rows the journal accounts for, counted while the records are compared.
#[derive(Default)]
struct Due {
    feed: i64,
    kinds: [i64; 6],
    people: HashSet<Key>,
    dossiers: HashSet<Key>,
}

impl Registry {
    /// Compares every record, and counts every table: a row too many is a fault, too.
    pub(super) fn compare(&self, r: &mut Reader<'_>, folded: &mut Folded) -> Result<()> {
        let feed = folded.feed;
        let mut due = Due {
            feed,
            ..Due::default()
        };
        for (id, told) in &folded.records {
            let story = r.query_one(SUBJECT, &[id.as_i64().into(), feed.into()])?;
            let is_told = (story.int(0)?, story.int(1)?) == (told.touched, told.places);
            let is_kept = match &told.record {
                Some(record) => self.is_kept(r, *id, record, told.version, &mut due)?,
                None => true,
            };
            if !is_told || !is_kept {
                folded.faults.push(Fault::Record { record: *id });
            }
        }
        let size = |set: &HashSet<Key>| i64::try_from(set.len()).unwrap_or(i64::MAX);
        let [cases, certificates, offices, sessions, sheets, batches] = due.kinds;
        let (people, dossiers) = (size(&due.people), size(&due.dossiers));
        let entries = folded.tree.size();
        let wanted = [
            cases,
            certificates,
            offices,
            sessions,
            sheets,
            batches,
            // Every case has a ticket.
            cases,
            people,
            dossiers,
            folded.touched,
            entries,
            entries,
        ];
        for ((table, sql, _), wanted) in COUNTS.into_iter().zip(wanted) {
            if r.query_one(sql, &[feed.into()])?.int(0)? != wanted {
                folded.faults.push(Fault::Table { table });
            }
        }
        Ok(())
    }

    fn is_kept(
        &self,
        r: &mut Reader<'_>,
        id: RecordId,
        record: &Record,
        touched: i64,
        due: &mut Due,
    ) -> Result<bool> {
        let feed = due.feed;
        let mut of = |sql: &'static str| r.query_opt(sql, &[id.as_i64().into(), feed.into()]);
        match record {
            Record::Case(case) => {
                due.kinds[0] += 1;
                self.case_is_kept(r, case, touched, due)
            }
            Record::Certificate(certificate) => {
                due.kinds[1] += 1;
                self.certificate_is_kept(r, certificate, touched, due)
            }
            Record::Office(office) => {
                due.kinds[2] += 1;
                let body = serde_json::to_string(office).unwrap_or_default();
                Ok(says(
                    of(OFFICE)?,
                    &[touched.into(), office.code.as_str().into(), (&body).into()],
                ))
            }
            Record::Session(Session {
                institution, on, ..
            }) => {
                due.kinds[3] += 1;
                let on = on.to_string();
                Ok(says(
                    of(SESSION)?,
                    &[institution.as_str().into(), (&on).into()],
                ))
            }
            Record::Sheet(s) => {
                due.kinds[4] += 1;
                Ok(sheet_is_kept(of(SHEET)?, s))
            }
            Record::Batch(batch) => {
                due.kinds[5] += 1;
                let body = serde_json::to_string(batch).unwrap_or_default();
                let authority = batch.authority.as_str();
                Ok(says(
                    of(BATCH)?,
                    &[touched.into(), authority.into(), (&body).into()],
                ))
            }
        }
    }

    fn case_is_kept(
        &self,
        r: &mut Reader<'_>,
        case: &Case,
        touched: i64,
        due: &mut Due,
    ) -> Result<bool> {
        let person = &case.registration.person;
        let Some(key) = self.person_is_kept(r, person, due)? else {
            return Ok(false);
        };
        let row = r.query_opt(CASE, &[case.id.as_i64().into(), due.feed.into()])?;
        let ticket = self.keyring.ticket_key(&case.registration.ticket);
        let ticket = r.query_opt(tables::TICKET, &[Param::Blob(&ticket), due.feed.into()])?;
        let dossier = self.dossier(r, due.feed, &key)?;
        let wanted = CaseRow::of(case, due.feed, key, touched);
        Ok(says(row, &wanted.params())
            && says(ticket, &[case.id.as_i64().into()])
            && dossier.is_some_and(|d| d.case(case.id) == Some(case)))
    }

    fn certificate_is_kept(
        &self,
        r: &mut Reader<'_>,
        certificate: &Certificate,
        touched: i64,
        due: &mut Due,
    ) -> Result<bool> {
        let Some(key) = self.person_is_kept(r, &certificate.says.holder, due)? else {
            return Ok(false);
        };
        let id = certificate.says.certificate;
        let row = r.query_opt(CERTIFICATE, &[id.as_i64().into(), due.feed.into()])?;
        let dossier = self.dossier(r, due.feed, &key)?;
        let wanted = CertificateRow::of(certificate, due.feed, key, touched);
        Ok(says(row, &wanted.params())
            && dossier.is_some_and(|d| d.certificate(id) == Some(certificate)))
    }

    /// The key of the person's dossier, when the document is listed under it.
    fn person_is_kept(
        &self,
        r: &mut Reader<'_>,
        person: &Person,
        due: &mut Due,
    ) -> Result<Option<Key>> {
        let document = self.keyring.document_key(&person.document);
        let key = self.keyring.dossier_key(&person.document, &person.name);
        due.people.insert(document);
        due.dossiers.insert(key);
        let row = r.query_opt(tables::PERSON, &[Param::Blob(&document), due.feed.into()])?;
        Ok(says(row, &[Param::Blob(&key)]).then_some(key))
    }

    fn dossier(&self, r: &mut Reader<'_>, feed: i64, key: &Key) -> Result<Option<Dossier>> {
        let Some(row) = r.query_opt(tables::DOSSIER, &[key.into(), feed.into()])? else {
            return Ok(None);
        };
        Ok(self.open_dossier(feed, key, row.blob(0)?).ok())
    }
}

/// Whether a row is there and says exactly this.
fn says(row: Option<Row>, wanted: &[Param<'_>]) -> bool {
    row.is_some_and(|row| (0..).zip(wanted).all(|(n, w)| row.param(n) == Some(*w)))
}

fn sheet_is_kept(row: Option<Row>, sheet: &Sheet) -> bool {
    says(
        row,
        &[
            sheet.institution.as_str().into(),
            (&sheet.sha256).into(),
            sheet.taken.into(),
            sheet.refused.into(),
        ],
    )
}
