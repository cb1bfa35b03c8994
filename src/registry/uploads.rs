//! Sheets between being looked at and being taken: sealed, and each only for the officer who sent
//! it.

use domain::record::RecordId;
use jiff::Timestamp;

use super::{Error, Officer, Registry, Result, store::Ask};

const KEEP: &str =
    "-- uploads::keep\nINSERT INTO uploads (id, login, at, body) VALUES ($1, $2, $3, $4)";
const KEPT: &str = "-- uploads::kept\nSELECT body FROM uploads WHERE id = $1 AND login = $2";

impl Registry {
    /// Keeps a sheet, sealed, until the officer has looked at what was told of it.
    ///
    /// # Errors
    /// What the database says.
    pub fn keep_upload(&self, bytes: &[u8], by: &Officer, now: Timestamp) -> Result<RecordId> {
        let mut work = self.work()?;
        let id = work.new_record();
        let sealed = self.seal(&upload_aad(id), bytes);
        let row = [
            id.as_i64().into(),
            (&by.login).into(),
            now.as_millisecond().into(),
            (&sealed).into(),
        ];
        work.tx.execute(KEEP, &row)?;
        work.commit()?;
        Ok(id)
    }

    /// A sheet that the same officer had looked at.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn kept_upload(&self, id: RecordId, by: &Officer) -> Result<Vec<u8>> {
        let row = self.store.read(|r| {
            Ok::<_, Error>(r.query_opt(KEPT, &[id.as_i64().into(), (&by.login).into()])?)
        })?;
        let row = row.ok_or(Error::NotFound)?;
        let sealed = row.opt_blob(0)?.ok_or(Error::NotFound)?;
        let bytes = self
            .keyring
            .open(&upload_aad(id), sealed)
            .map_err(|_| Error::Sealed("a sheet"))?;
        Ok(bytes.to_vec())
    }
}

fn upload_aad(id: RecordId) -> [u8; 14] {
    let mut aad = *b"upload\0\0\0\0\0\0\0\0";
    aad[6..].copy_from_slice(&id.as_i64().to_be_bytes());
    aad
}
