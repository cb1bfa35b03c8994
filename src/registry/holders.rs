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
