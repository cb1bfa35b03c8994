//! Sheets that were looked at and wait, sealed, for the word of the officer who sent them.

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

const EMPTY: &str =
    "-- uploads::empty\nUPDATE uploads SET body = NULL WHERE id = $1 AND login = $2";
const EMPTY_OLD: &str =
    "-- uploads::empty_old\nUPDATE uploads SET body = NULL WHERE at < $1 AND body IS NOT NULL";

impl Registry {
    /// Empties a kept sheet once it was taken; that it was there stays known.
    ///
    /// # Errors
    /// What the database says.
    pub fn empty_upload(&self, id: RecordId, by: &Officer) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(EMPTY, &[id.as_i64().into(), (&by.login).into()])?;
        Ok(tx.commit()?)
    }

    /// Empties kept sheets that nobody came back to.
    ///
    /// # Errors
    /// What the database says.
    pub fn empty_old_uploads(&self, before: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(EMPTY_OLD, &[before.as_millisecond().into()])?;
        Ok(tx.commit()?)
    }
}

fn upload_aad(id: RecordId) -> [u8; 14] {
    let mut aad = *b"upload\0\0\0\0\0\0\0\0";
    aad[6..].copy_from_slice(&id.as_i64().to_be_bytes());
    aad
}
