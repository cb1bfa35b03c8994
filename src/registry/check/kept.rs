//! What is kept, row by row, beside what the journal adds up to.

use std::collections::HashMap;

use domain::{
    case::Case,
    certificate::Certificate,
    dossier::Dossier,
    fold::Record,
    office::{Session, Sheet},
    person::Person,
    record::RecordId,
};

use super::{Fault, Folded};
use crate::registry::{
    Registry, Result,
    store::{Ask, Param, Reader, Row},
    tables::{self, CaseRow, CertificateRow},
    work::{Key, OWN},
};

const CASE: &str = "-- check::case
SELECT feed, record, version, dossier, state, category, item, kind, institution, authority, session, since, made_in
FROM cases WHERE record = $1 AND feed = $2";
const CERTIFICATE: &str = "-- check::certificate
SELECT feed, record, version, dossier, category, item, authority, status, valid_until, taken_over,
lapses_after FROM certificates WHERE record = $1 AND feed = $2";
const OFFICE: &str =
    "-- check::office\nSELECT version, code, body FROM offices WHERE record = $1 AND feed = $2";
const BATCH: &str =
    "-- check::batch\nSELECT version, authority, body FROM batches WHERE record = $1 AND feed = $2";
const SESSION: &str =
    "-- check::session\nSELECT institution, held_on FROM sessions WHERE record = $1 AND feed = $2";
const SHEET: &str = "-- check::sheet\nSELECT institution, sha256, taken, refused FROM sheets WHERE record = $1 AND feed = $2";
const SUBJECT: &str = "-- check::subject
SELECT COUNT(*), COALESCE(CAST(SUM(idx) AS BIGINT), 0) FROM subject WHERE record = $1 AND feed = $2";

/// How many rows a table has.
const COUNTS: [(&str, &str); 10] = [
    (
        "cases",
        "-- check::cases\nSELECT COUNT(*) FROM cases WHERE feed = $1",
    ),
    (
        "certificates",
        "-- check::certificates\nSELECT COUNT(*) FROM certificates WHERE feed = $1",
    ),
    (
        "offices",
        "-- check::offices\nSELECT COUNT(*) FROM offices WHERE feed = $1",
    ),
    (
        "sessions",
        "-- check::sessions\nSELECT COUNT(*) FROM sessions WHERE feed = $1",
    ),
    (
        "sheets",
        "-- check::sheets\nSELECT COUNT(*) FROM sheets WHERE feed = $1",
    ),
    (
        "batches",
        "-- check::batches\nSELECT COUNT(*) FROM batches WHERE feed = $1",
    ),
    (
        "tickets",
        "-- check::tickets\nSELECT COUNT(*) FROM tickets WHERE feed = $1",
    ),
    (
        "people",
        "-- check::people\nSELECT COUNT(*) FROM people WHERE feed = $1",
    ),
    (
        "dossiers",
        "-- check::dossiers\nSELECT COUNT(*) FROM dossiers WHERE feed = $1",
    ),
    (
        "subject",
        "-- check::subjects\nSELECT COUNT(*) FROM subject WHERE feed = $1",
    ),
];

/// Rows the journal accounts for, counted while the records are compared.
#[derive(Default)]
struct Due {
    kinds: [i64; 6],
    /// How many records lie in each dossier.
    lie: HashMap<Key, usize>,
}

impl Registry {
    /// Compares every record, and counts every table: a row too many is a fault, too.
    pub(super) fn compare(
        &self,
        r: &mut Reader<'_>,
        folded: &Folded,
        faults: &mut Vec<Fault>,
    ) -> Result<()> {
        let mut due = Due::default();
        for (id, (record, touched, places)) in &folded.records {
            let story = r.query_one(SUBJECT, &[id.as_i64().into(), OWN.into()])?;
            let told = (story.int(0)?, story.int(1)?) == (*touched, *places);
            if !told || !self.is_kept(r, folded, *id, record, *touched, &mut due)? {
                faults.push(Fault::Record { record: *id });
            }
        }
        self.compare_people(r, folded, &due, faults)?;
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let [cases, certificates, offices, sessions, sheets, batches] = due.kinds;
        let (people, dossiers) = (size(folded.people.len()), size(folded.dossiers.len()));
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
        ];
        for ((table, sql), wanted) in COUNTS.into_iter().zip(wanted) {
            if r.query_one(sql, &[OWN.into()])?.int(0)? != wanted {
                faults.push(Fault::Table { table });
            }
        }
        Ok(())
    }

    /// Compares under which dossier each document stands, and that no dossier holds more than the
    /// records that lie in it.
    fn compare_people(
        &self,
        r: &mut Reader<'_>,
        folded: &Folded,
        due: &Due,
        faults: &mut Vec<Fault>,
    ) -> Result<()> {
        let mut right = true;
        for (document, key) in &folded.people {
            let row = r.query_opt(tables::PERSON, &[Param::Blob(document), OWN.into()])?;
            right &= says(row, &[Param::Blob(key)]);
        }
        if !right {
            faults.push(Fault::Table { table: "people" });
        }
        right = true;
        for key in &folded.dossiers {
            let wanted = due.lie.get(key).copied().unwrap_or(0);
            let kept = self.dossier(r, key)?;
            right &= kept.is_some_and(|d| d.cases.len() + d.certificates.len() == wanted);
        }
        if !right {
            faults.push(Fault::Table { table: "dossiers" });
        }
        Ok(())
    }

    fn is_kept(
        &self,
        r: &mut Reader<'_>,
        folded: &Folded,
        id: RecordId,
        record: &Record,
        touched: i64,
        due: &mut Due,
    ) -> Result<bool> {
        let mut of = |sql: &'static str| r.query_opt(sql, &[id.as_i64().into(), OWN.into()]);
        match record {
            Record::Case(case) => {
                due.kinds[0] += 1;
                let ended = case.state.certificate();
                let beside = ended.and_then(|id| folded.records.get(&id));
                // A case that ended in a certificate lies beside it.
                let person = match beside {
                    Some((Record::Certificate(c), ..)) => &c.says.holder,
                    _ => &case.registration.person,
                };
                let key = self.lies(person, due);
                self.case_is_kept(r, case, key, touched)
            }
            Record::Certificate(certificate) => {
                due.kinds[1] += 1;
                let key = self.lies(&certificate.says.holder, due);
                self.certificate_is_kept(r, certificate, key, touched)
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
        key: Key,
        touched: i64,
    ) -> Result<bool> {
        let row = r.query_opt(CASE, &[case.id.as_i64().into(), OWN.into()])?;
        let ticket = self.keyring.ticket_key(&case.registration.ticket);
        let ticket = r.query_opt(tables::TICKET, &[Param::Blob(&ticket), OWN.into()])?;
        let dossier = self.dossier(r, &key)?;
        let wanted = CaseRow::of(case, OWN, key, touched);
        Ok(says(row, &wanted.params())
            && says(ticket, &[case.id.as_i64().into()])
            && dossier.is_some_and(|d| d.case(case.id) == Some(case)))
    }

    fn certificate_is_kept(
        &self,
        r: &mut Reader<'_>,
        certificate: &Certificate,
        key: Key,
        touched: i64,
    ) -> Result<bool> {
        let id = certificate.says.certificate;
        let row = r.query_opt(CERTIFICATE, &[id.as_i64().into(), OWN.into()])?;
        let dossier = self.dossier(r, &key)?;
        let wanted = CertificateRow::of(certificate, OWN, key, touched);
        Ok(says(row, &wanted.params())
            && dossier.is_some_and(|d| d.certificate(id) == Some(certificate)))
    }

    /// The person's dossier, in which one record more lies.
    fn lies(&self, person: &Person, due: &mut Due) -> Key {
        let key = self.keyring.dossier_key(&person.document, &person.name);
        *due.lie.entry(key).or_default() += 1;
        key
    }

    fn dossier(&self, r: &mut Reader<'_>, key: &Key) -> Result<Option<Dossier>> {
        let Some(row) = r.query_opt(tables::DOSSIER, &[key.into(), OWN.into()])? else {
            return Ok(None);
        };
        Ok(self.open_dossier(OWN, key, row.blob(0)?).ok())
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
