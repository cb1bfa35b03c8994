//! What an authority sees of its certificates and take-over batches.

use domain::{
    batch::Batch, certificate::Certificate, document::Document, event::Event, name::Name,
    record::RecordId,
};

use super::{
    Error, Officer, Registry, Result,
    store::{Ask, Param},
    tables,
    work::OWN,
};

/// One certificate with everything that happened to it.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    /// The certificate.
    pub certificate: Certificate,
    /// Its events, oldest first, with their places in the journal.
    pub story: Vec<(i64, Event)>,
}

/// How far a list of certificates was read: the last valid day and the record.
#[derive(Clone, Debug)]
pub struct CertificatesReached(String, i64);

impl CertificatesReached {
    /// As it stands in an address: a day and a record, and nobody's name.
    #[must_use]
    pub fn written(&self) -> String {
        format!("{}~{}", self.0, RecordId::from_i64(self.1))
    }

    /// Read from an address.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let (until, record) = written.split_once('~')?;
        let record: RecordId = record.parse().ok()?;
        Some(Self(until.to_owned(), record.as_i64()))
    }
}

const PAGE: &str = "-- certificates::page
SELECT record, dossier, valid_until FROM certificates
WHERE authority = $1 AND (valid_until, record) > ($2, $3) AND feed = 0
ORDER BY valid_until, record LIMIT $4";
const BATCHES: &str = "-- batches::of_authority\nSELECT body FROM batches WHERE authority = $1 AND feed = 0 ORDER BY record";

impl Registry {
    /// The certificates of a person that the officer's own authority issued or took over.
    ///
    /// # Errors
    /// What the database says.
    pub fn certificates_of(
        &self,
        officer: &Officer,
        document: &Document,
        name: &Name,
    ) -> Result<Vec<Certificate>> {
        let key = self.keyring.dossier_key(document, name);
        let row = self.store.read(|r| {
            Ok::<_, Error>(r.query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?)
        })?;
        let Some(row) = row else {
            return Ok(Vec::new());
        };
        let dossier = self.open_dossier(OWN, &key, row.blob(0)?)?;
        let own = |c: &Certificate| c.says.authority == officer.office;
        Ok(dossier.certificates.into_iter().filter(own).collect())
    }

    /// The next certificates of the officer's own authority, and how far that reaches; no place at
    /// the end.
    ///
    /// # Errors
    /// What the database says.
    pub fn certificates_page(
        &self,
        officer: &Officer,
        after: Option<&CertificatesReached>,
        limit: usize,
    ) -> Result<(Vec<Certificate>, Option<CertificatesReached>)> {
        let (until, record) = after.map_or(("", -1), |at| (at.0.as_str(), at.1));
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let office = officer.office.as_str().into();
        let asked = [office, until.into(), record.into(), most.into()];
        self.store.read(|r| {
            let rows = r.query(PAGE, &asked)?;
            let mut page = Vec::with_capacity(rows.len());
            for row in &rows {
                let key = row.bytes(1)?;
                let sealed = r.query_one(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?;
                let dossier = self.open_dossier(OWN, &key, sealed.blob(0)?)?;
                let one = dossier
                    .certificate(RecordId::from_i64(row.int(0)?))
                    .cloned();
                page.push(one.ok_or(Error::Internal("holders::certificates_page"))?);
            }
            let last = rows.last().filter(|_| rows.len() == limit);
            let last = last.map(|row| {
                Ok::<_, Error>(CertificatesReached(row.text(2)?.to_owned(), row.int(0)?))
            });
            Ok((page, last.transpose()?))
        })
    }

    /// One certificate of the officer's own authority, with its story.
    ///
    /// # Errors
    /// `NotFound` also when it is another authority's: nobody learns that it exists.
    pub fn certificate_file(&self, officer: &Officer, id: RecordId) -> Result<CertificateFile> {
        self.store.read(|r| {
            let place = r
                .query_opt(tables::CERTIFICATE, &[id.as_i64().into(), OWN.into()])?
                .ok_or(Error::NotFound)?;
            let key = place.bytes(1)?;
            let sealed = r
                .query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?
                .ok_or(Error::Internal("holders::certificate_file"))?;
            let dossier = self.open_dossier(OWN, &key, sealed.blob(0)?)?;
            let certificate = dossier
                .certificate(id)
                .filter(|c| c.says.authority == officer.office)
                .cloned()
                .ok_or(Error::NotFound)?;
            let story = self.story(r, id)?;
            Ok(CertificateFile { certificate, story })
        })
    }

    /// The take-over batches of the officer's own authority, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn batches(&self, officer: &Officer) -> Result<Vec<Batch>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(BATCHES, &[officer.office.as_str().into()])?))?;
        rows.iter()
            .map(|row| {
                serde_json::from_str(row.text(0)?).map_err(|_| Error::Internal("holders::batches"))
            })
            .collect()
    }
}
