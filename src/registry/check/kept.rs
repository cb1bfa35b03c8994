//! What is kept, row by row, beside what the journal adds up to.

use std::collections::HashMap;

use domain::{
    case::Case, certificate::Certificate, dossier::Dossier, fold::Record, hold::Halt,
    inquiry::Inquiry, office::Sheet, person::Person, record::RecordId, session::Session,
};

use super::{Fault, Folded, Found};
use crate::registry::{
    Registry, Result,
    store::{Ask, Param, Reader, Row},
    tables::{self, CaseRow, CertificateRow, InquiryRow},
    work::{Key, OWN},
};

const CASE: &str = "-- check::case
SELECT feed, record, version, dossier, state, category, item, kind, institution, authority,
session, since, due, due_moves, made_in, card, offered_to FROM cases WHERE record = $1 AND feed = $2";
const CERTIFICATE: &str = "-- check::certificate
SELECT feed, record, version, dossier, category, item, authority, status, valid_until, taken_over,
lapses_after, proposed FROM certificates WHERE record = $1 AND feed = $2";
const OFFICE: &str =
    "-- check::office\nSELECT version, code, body FROM offices WHERE record = $1 AND feed = $2";
const BATCH: &str =
    "-- check::batch\nSELECT version, authority, body FROM batches WHERE record = $1 AND feed = $2";
const SESSION: &str = "-- check::session
SELECT version, institution, held_on, slot, body FROM sessions WHERE record = $1 AND feed = $2";
const SHEET: &str = "-- check::sheet\nSELECT institution, sha256, taken, refused FROM sheets WHERE record = $1 AND feed = $2";
const HALT: &str =
    "-- check::halt\nSELECT version, province, body FROM halts WHERE record = $1 AND feed = $2";
const ACCOUNT: &str =
    "-- check::account\nSELECT version, login, body FROM accounts WHERE record = $1 AND feed = $2";
const PUBLICATION: &str = "-- check::publication
SELECT version, kind, body FROM publications WHERE record = $1 AND feed = $2";
const STANDING: &str = "-- check::standing\nSELECT hold, halt FROM feeds WHERE code = $1";
const INQUIRY: &str = "-- check::inquiry
SELECT feed, record, version, reference, alike, office, state, since, body
FROM inquiries WHERE record = $1 AND feed = $2";
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
const COUNTS: [(&str, &str, &str); 17] = counts!(
    "cases",
    "certificates",
    "offices",
    "sessions",
    "sheets",
    "batches",
    "halts",
    "inquiries",
    "accounts",
    "publications",
    "tickets",
    "people",
    "names",
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
    kinds: [i64; 10],
    /// Tickets beside the first of each case.
    more_tickets: i64,
    /// How many records lie in each dossier.
    lie: HashMap<Key, usize>,
}

impl Due {
    /// A case, with the tickets beside its first.
    fn case(&mut self, case: &Case) {
        self.kinds[0] += 1;
        self.more_tickets += i64::try_from(case.more_tickets.len()).unwrap_or(i64::MAX);
    }
}

impl Registry {
    /// Compares every record, and counts every table: a row too many is a fault, too.
    pub(super) fn compare(&self, r: &mut Reader<'_>, folded: &mut Folded) -> Result<()> {
        let feed = folded.feed;
        let mut faults = Vec::new();
        let mut due = Due {
            feed,
            ..Due::default()
        };
        for (id, told) in &folded.records {
            let story = r.query_one(SUBJECT, &[id.as_i64().into(), feed.into()])?;
            let is_told = (story.int(0)?, story.int(1)?) == (told.touched, told.places);
            let is_kept = match &told.record {
                Some(record) => self.is_kept(r, folded, (*id, record), told.version, &mut due)?,
                None => true,
            };
            if !is_told || !is_kept {
                faults.push(Fault::Record { record: *id });
            }
        }
        self.compare_people(r, folded, &due, &mut faults)?;
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let [
            cases,
            certificates,
            offices,
            sessions,
            sheets,
            batches,
            halts,
            inquiries,
            accounts,
            publications,
        ] = due.kinds;
        let (people, dossiers) = (size(folded.people.len()), size(folded.dossiers.len()));
        let entries = folded.tree.size();
        let wanted = [
            cases,
            certificates,
            offices,
            sessions,
            sheets,
            batches,
            halts,
            inquiries,
            accounts,
            publications,
            // Every case has a ticket, and some have more.
            cases + due.more_tickets,
            people,
            size(folded.names.len()),
            dossiers,
            folded.touched,
            entries,
            entries,
        ];
        for ((table, sql, _), wanted) in COUNTS.into_iter().zip(wanted) {
            if r.query_one(sql, &[feed.into()])?.int(0)? != wanted {
                faults.push(Fault::Table { table });
            }
        }
        folded.faults.append(&mut faults);
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
            let row = r.query_opt(tables::PERSON, &[Param::Blob(document), due.feed.into()])?;
            right &= says(row, &[Param::Blob(key)]);
        }
        if !right {
            faults.push(Fault::Table { table: "people" });
        }
        right = true;
        for (key, name) in &folded.names {
            let asked = [Param::Blob(name), Param::Blob(key), due.feed.into()];
            right &= r.query_opt(tables::NAME, &asked)?.is_some();
        }
        if !right {
            faults.push(Fault::Table { table: "names" });
        }
        right = true;
        for key in &folded.dossiers {
            let wanted = due.lie.get(key).copied().unwrap_or(0);
            let kept = self.dossier(r, due.feed, key)?;
            right &= kept.is_some_and(|d| d.cases.len() + d.certificates.len() == wanted);
        }
        if !right {
            faults.push(Fault::Table { table: "dossiers" });
        }
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of record")]
    fn is_kept(
        &self,
        r: &mut Reader<'_>,
        folded: &Folded,
        (id, record): (RecordId, &Record),
        touched: i64,
        due: &mut Due,
    ) -> Result<bool> {
        let feed = folded.feed;
        let mut of = |sql: &'static str| r.query_opt(sql, &[id.as_i64().into(), feed.into()]);
        match record {
            Record::Case(case) => {
                due.case(case);
                let key = self.lies(holder(folded, case), due);
                self.case_is_kept(r, case, (feed, key), touched)
            }
            Record::Certificate(certificate) => {
                due.kinds[1] += 1;
                let key = self.lies(&certificate.says.holder, due);
                self.certificate_is_kept(r, certificate, (feed, key), touched)
            }
            Record::Office(office) => {
                due.kinds[2] += 1;
                let body = serde_json::to_string(office).unwrap_or_default();
                Ok(says(
                    of(OFFICE)?,
                    &[touched.into(), office.code.as_str().into(), (&body).into()],
                ))
            }
            Record::Session(session) => {
                due.kinds[3] += 1;
                Ok(session_is_kept(of(SESSION)?, session, touched))
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
            Record::Halt(halt) => {
                due.kinds[6] += 1;
                let row = of(HALT)?;
                Ok(halt_is_kept(row, halt, touched) && (feed != OWN || stands(r, halt)?))
            }
            Record::Account(account) => {
                due.kinds[8] += 1;
                let body = serde_json::to_string(account).unwrap_or_default();
                let login = account.login.as_str();
                Ok(says(
                    of(ACCOUNT)?,
                    &[touched.into(), login.into(), (&body).into()],
                ))
            }
            Record::Inquiry(inquiry) => {
                due.kinds[7] += 1;
                self.inquiry_is_kept(of(INQUIRY)?, inquiry, (feed, touched))
            }
            Record::Publication(publication) => {
                due.kinds[9] += 1;
                let body = serde_json::to_string(publication).unwrap_or_default();
                let kind = publication.proposal.content.word();
                let wanted = [touched.into(), kind.into(), (&body).into()];
                Ok(says(of(PUBLICATION)?, &wanted))
            }
        }
    }

    fn inquiry_is_kept(
        &self,
        row: Option<Row>,
        inquiry: &Inquiry,
        (feed, touched): (i64, i64),
    ) -> Result<bool> {
        let Some(row) = row else {
            return Ok(false);
        };
        let kept = self.open_inquiry(feed, inquiry.id, row.blob(8)?).ok();
        let wanted = InquiryRow::of(self, inquiry, feed, touched);
        Ok(kept.as_ref() == Some(inquiry) && says(Some(row), &wanted.params()))
    }

    fn case_is_kept(
        &self,
        r: &mut Reader<'_>,
        case: &Case,
        (feed, key): (i64, Key),
        touched: i64,
    ) -> Result<bool> {
        let row = r.query_opt(CASE, &[case.id.as_i64().into(), feed.into()])?;
        let first = [&case.registration.ticket].into_iter();
        let mut tickets = true;
        for ticket in first.chain(&case.more_tickets) {
            let ticket = self.keyring.ticket_key(ticket);
            let row = r.query_opt(tables::TICKET, &[Param::Blob(&ticket), feed.into()])?;
            tickets &= says(row, &[case.id.as_i64().into()]);
        }
        let dossier = self.dossier(r, feed, &key)?;
        let wanted = CaseRow::of(case, self.calendar(), feed, key, touched);
        Ok(says(row, &wanted.params())
            && tickets
            && dossier.is_some_and(|d| d.case(case.id) == Some(case)))
    }

    fn certificate_is_kept(
        &self,
        r: &mut Reader<'_>,
        certificate: &Certificate,
        (feed, key): (i64, Key),
        touched: i64,
    ) -> Result<bool> {
        let id = certificate.says.certificate;
        let row = r.query_opt(CERTIFICATE, &[id.as_i64().into(), feed.into()])?;
        let dossier = self.dossier(r, feed, &key)?;
        let wanted = CertificateRow::of(certificate, feed, key, touched);
        Ok(says(row, &wanted.params())
            && dossier.is_some_and(|d| d.certificate(id) == Some(certificate)))
    }

    /// The person's dossier, in which one record more lies.
    fn lies(&self, person: &Person, due: &mut Due) -> Key {
        let key = self.keyring.dossier_key(&person.document, &person.name);
        *due.lie.entry(key).or_default() += 1;
        key
    }

    fn dossier(&self, r: &mut Reader<'_>, feed: i64, key: &Key) -> Result<Option<Dossier>> {
        let Some(row) = r.query_opt(tables::DOSSIER, &[key.into(), feed.into()])? else {
            return Ok(None);
        };
        Ok(self.open_dossier(feed, key, row.blob(0)?).ok())
    }
}

/// Whose dossier a case lies in: one that ended in a certificate lies beside it.
fn holder<'a>(folded: &'a Folded, case: &'a Case) -> &'a Person {
    let ended = case.state.certificate();
    match ended.and_then(|id| folded.records.get(&id)?.record.as_ref()) {
        Some(Record::Certificate(c)) => &c.says.holder,
        _ => &case.registration.person,
    }
}

/// Whether what was stopped stands still for as long as nobody has let it go on.
fn stands(r: &mut Reader<'_>, halt: &Halt) -> Result<bool> {
    let row = r.query_opt(STANDING, &[halt.held.province.as_str().into()])?;
    let wanted = [halt.held.hold.code().into(), halt.id.as_i64().into()];
    Ok(halt.is_over || says(row, &wanted))
}

/// Whether a row is there and says exactly this.
fn says(row: Option<Row>, wanted: &[Param<'_>]) -> bool {
    row.is_some_and(|row| (0..).zip(wanted).all(|(n, w)| row.param(n) == Some(*w)))
}

fn halt_is_kept(row: Option<Row>, halt: &Halt, touched: i64) -> bool {
    let body = serde_json::to_string(halt).unwrap_or_default();
    let province = halt.held.province.as_str();
    says(row, &[touched.into(), province.into(), (&body).into()])
}

fn session_is_kept(row: Option<Row>, session: &Session, touched: i64) -> bool {
    let body = serde_json::to_string(session).unwrap_or_default();
    let (on, slot) = (session.on.to_string(), session.slot());
    says(
        row,
        &[
            touched.into(),
            session.institution.as_str().into(),
            (&on).into(),
            (&slot).into(),
            (&body).into(),
        ],
    )
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
