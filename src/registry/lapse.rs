//! 失效: a recheck that was missed before rechecks ended makes a certificate lapse by law (R30 art.
//! 26). The public is told so from the day; here it becomes part of the certificate's story.

use domain::{event::Act, office::By, record::RecordId};
use jiff::Timestamp;

use super::{
    Error, Reached, Registry, Result,
    store::Ask,
    tables,
    work::{OWN, Work},
};

const TO_LAPSE: &str = "-- certificates::to_lapse
SELECT lapses_after, record FROM certificates
WHERE lapses_after >= $1 AND (lapses_after > $1 OR record > $2) AND lapses_after < $3 AND feed = $4
ORDER BY lapses_after, record LIMIT $5";

impl Registry {
    /// Records the lapse of certificates whose recheck was missed: looks at `limit` of them from
    /// `after` on, and tells how far it came, or nothing when it came to the end. One whose recheck
    /// is under way waits: the holder asked in time, and a recorded lapse could not be undone.
    ///
    /// # Errors
    /// What the database says.
    pub fn record_lapses(
        &self,
        now: Timestamp,
        after: Option<&Reached>,
        limit: u16,
    ) -> Result<(Vec<RecordId>, Option<Reached>)> {
        let today = domain::event::legal_day(now).to_string();
        let (due, record) = after.map_or(("", -1), |at| (at.0.as_str(), at.1));
        let asked = [
            due.into(),
            record.into(),
            (&today).into(),
            OWN.into(),
            i64::from(limit).into(),
        ];
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(TO_LAPSE, &asked)?))?;
        let mut lapsed = Vec::new();
        let Some(last) = rows.last() else {
            return Ok((lapsed, None));
        };
        let reached = Reached(last.text(0)?.to_owned(), last.int(1)?);
        let mut work = self.work()?;
        for row in &rows {
            let id = RecordId::from_i64(row.int(1)?);
            if lapse(&mut work, id, now)? {
                lapsed.push(id);
            }
        }
        // A turn that changed nothing leaves nothing behind.
        if !lapsed.is_empty() {
            work.commit()?;
        }
        let more = rows.len() == usize::from(limit);
        Ok((lapsed, more.then_some(reached)))
    }
}

/// Whether it lapsed; somebody may have changed it since it was looked up.
fn lapse(work: &mut Work<'_>, id: RecordId, now: Timestamp) -> Result<bool> {
    let certificate = work.certificate(id)?;
    let key = work.place(id, tables::CERTIFICATE)?;
    if work.dossier(&key)?.value.recheck_runs(&certificate) {
        return Ok(false);
    }
    let by = By::clock(&certificate.says.authority);
    let at = Work::not_before(now, certificate.last);
    let Ok((certificate, event)) = certificate.act(Act::Lapsed, by, at) else {
        return Ok(false);
    };
    work.journal(&event)?;
    work.put_certificate(key, certificate)?;
    Ok(true)
}
