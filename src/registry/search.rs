//! An officer's search: by a number or a name, through keyed digests. Nothing that was typed stands
//! anywhere afterwards, and what is found is of the own office: its cases, and an authority's own
//! certificates. A certificate's number holds its holder's: by a name nobody gets that of strangers.

use domain::{
    certificate::Certificate,
    document::{DocType, Document},
    name::Name,
    record::RecordId,
};
use jiff::civil::Date;

use super::{
    CaseLine, Error, Officer, Registry, Result,
    queue::is_own,
    store::{Ask, Param, Reader},
    tables,
    work::{Key, OWN},
};

const BY_NAME: &str = "-- names::of
SELECT dossier FROM names WHERE name = $1 AND feed = 0 ORDER BY dossier LIMIT $2";

/// So many persons of one name are looked through.
const NAMESAKES: i64 = 200;
/// So much is shown.
const MOST: usize = 100;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Cases of the own office.
    pub cases: Vec<CaseLine>,
    /// Certificates of the own authority.
    pub certificates: Vec<Certificate>,
    /// There is more than is shown: a number tells better than a name.
    pub more: bool,
}

impl Registry {
    /// Looks for what was typed as a case number, a ticket, a document, a certificate number and a
    /// name, and gives all it finds.
    ///
    /// # Errors
    /// What the database says.
    pub fn search(&self, officer: &Officer, typed: &str, today: Date) -> Result<Found> {
        self.store.read(|r| {
            let mut found = Found::default();
            let mut dossiers: Vec<Key> = Vec::new();
            let ticket = domain::exam::ticket(typed);
            let cases = [
                typed.trim().parse::<RecordId>().ok(),
                self.case_of_ticket(r, &ticket)?,
            ];
            for id in cases.into_iter().flatten() {
                match self.own_case(r, officer, id) {
                    Ok(case) if found.cases.iter().all(|l| l.case.id != case.id) => {
                        found.cases.push(self.told_line(case, today));
                    }
                    Ok(_) | Err(Error::NotFound) => {}
                    Err(other) => return Err(other),
                }
            }
            for document in documents(typed) {
                let key = self.keyring.document_key(&document);
                let row = r.query_opt(tables::PERSON, &[Param::Blob(&key), OWN.into()])?;
                dossiers.extend(row.map(|row| row.bytes(0)).transpose()?);
            }
            if let Ok(name) = Name::parse(typed) {
                let key = self.keyring.name_key(&name);
                let rows = r.query(BY_NAME, &[Param::Blob(&key), (NAMESAKES + 1).into()])?;
                found.more = rows.len() as u64 > NAMESAKES.unsigned_abs();
                for row in rows.iter().take(NAMESAKES.unsigned_abs() as usize) {
                    dossiers.push(row.bytes(0)?);
                }
            }
            for key in dossiers {
                self.gather(r, officer, &key, today, &mut found)?;
            }
            Ok(found)
        })
    }

    fn case_of_ticket(&self, r: &mut Reader<'_>, ticket: &str) -> Result<Option<RecordId>> {
        let key = self.keyring.ticket_key(ticket);
        let row = r.query_opt(tables::TICKET, &[Param::Blob(&key), OWN.into()])?;
        row.map(|row| Ok(RecordId::from_i64(row.int(0)?)))
            .transpose()
    }

    /// The case an officer means by a ticket or by its number; none where the own office has none.
    ///
    /// # Errors
    /// What the database says.
    pub fn meant(&self, officer: &Officer, written: &str) -> Result<Option<RecordId>> {
        self.store.read(|r| {
            let ticket = domain::exam::ticket(written);
            let ticket = self.case_of_ticket(r, &ticket)?;
            let number = written.trim().parse::<RecordId>().ok();
            for id in [number, ticket].into_iter().flatten() {
                match self.own_case(r, officer, id) {
                    Ok(_) => return Ok(Some(id)),
                    Err(Error::NotFound) => {}
                    Err(other) => return Err(other),
                }
            }
            Ok(None)
        })
    }

    /// What of a dossier the officer may see.
    fn gather(
        &self,
        r: &mut Reader<'_>,
        officer: &Officer,
        key: &Key,
        today: Date,
        found: &mut Found,
    ) -> Result<()> {
        let Some(row) = r.query_opt(tables::DOSSIER, &[key.into(), OWN.into()])? else {
            return Ok(());
        };
        let dossier = self.open_dossier(OWN, key, row.blob(0)?)?;
        for case in dossier.cases {
            let known = found.cases.iter().any(|line| line.case.id == case.id);
            if known || is_own(&case, officer).is_err() {
                continue;
            }
            if found.cases.len() >= MOST {
                found.more = true;
                return Ok(());
            }
            found.cases.push(self.told_line(case, today));
        }
        if self.is_authority(&officer.office) {
            let new = |c: &Certificate| {
                let id = c.says.certificate;
                let own = c.says.authority == officer.office;
                own && found
                    .certificates
                    .iter()
                    .all(|known| known.says.certificate != id)
            };
            let fresh: Vec<_> = dossier.certificates.into_iter().filter(new).collect();
            let left = MOST.saturating_sub(found.certificates.len());
            found.more |= fresh.len() > left;
            found.certificates.extend(fresh.into_iter().take(left));
        }
        Ok(())
    }
}

/// The documents that may be meant: a certificate's number holds its document's.
fn documents(typed: &str) -> Vec<Document> {
    let bare = typed.trim();
    let inner = bare.strip_prefix(['T', 't']);
    let kinds = [
        DocType::ResidentId,
        DocType::HmtResidencePermit,
        DocType::ForeignPermanentResident,
        DocType::Passport,
        DocType::OfficerCard,
    ];
    let mut all: Vec<Document> = Vec::new();
    for typed in [Some(bare), inner].into_iter().flatten() {
        all.extend(
            kinds
                .iter()
                .filter_map(|kind| Document::parse(*kind, typed).ok()),
        );
    }
    all
}
