//! Second lists: an officer tried to ask for what the first list had left out. The law refuses it
//! (一次告知); whoever supervises the desk is shown that it was tried.

use domain::{
    case::{Case, State},
    office::OfficeCode,
    record::RecordId,
};
use jiff::Timestamp;

use crate::registry::{Error, Officer, Registry, Result, store::Ask, work::Work};

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondList {
    /// When.
    pub at: Timestamp,
    /// The case.
    pub case: RecordId,
    /// Who tried.
    pub login: String,
    /// What the first list did not have.
    pub items: Vec<String>,
}

const PUT: &str = "-- second_lists::put
INSERT INTO second_lists (office, at, record, login, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING";
const OF_OFFICE: &str = "-- second_lists::of_office
SELECT at, record, login, body FROM second_lists WHERE office = $1
ORDER BY at DESC, record LIMIT 200";

impl Work<'_> {
    /// Remembers a list that asks for more than the first one did; nothing for any other.
    pub(in crate::registry) fn note_second_list(
        &mut self,
        case: &Case,
        missing: &[String],
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let State::Reported {
            told: Some(told), ..
        } = &case.state
        else {
            return Ok(());
        };
        let new: Vec<_> = missing.iter().filter(|m| !told.contains(m)).collect();
        if new.is_empty() || by.office != case.registration.authority {
            return Ok(());
        }
        let at = now.as_millisecond();
        let bytes = serde_json::to_vec(&new).map_err(|_| Error::Internal("second::note"))?;
        let body = self.registry.seal(&aad(case.id, at), &bytes);
        let row = [
            by.office.as_str().into(),
            at.into(),
            case.id.as_i64().into(),
            (&by.login).into(),
            (&body).into(),
        ];
        self.tx.execute(PUT, &row)?;
        Ok(())
    }
}

impl Registry {
    /// The second lists that officers of an office tried to send, the latest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn second_lists(&self, office: &OfficeCode) -> Result<Vec<SecondList>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(OF_OFFICE, &[office.as_str().into()])?))?;
        rows.iter()
            .map(|row| {
                let (at, case) = (row.int(0)?, RecordId::from_i64(row.int(1)?));
                let bytes = self
                    .keyring
                    .open(&aad(case, at), row.blob(3)?)
                    .map_err(|_| Error::Sealed("a second list"))?;
                let wrong = || Error::Internal("second::read");
                Ok(SecondList {
                    at: Timestamp::from_millisecond(at).map_err(|_| wrong())?,
                    case,
                    login: row.text(2)?.to_owned(),
                    items: serde_json::from_slice(&bytes).map_err(|_| wrong())?,
                })
            })
            .collect()
    }
}

/// What the sealed bytes are bound to: the case and the moment.
fn aad(case: RecordId, at: i64) -> [u8; 27] {
    let mut aad = [0; 27];
    aad[..11].copy_from_slice(b"second list");
    aad[11..19].copy_from_slice(&case.as_i64().to_be_bytes());
    aad[19..].copy_from_slice(&at.to_be_bytes());
    aad
}
