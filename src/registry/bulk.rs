//! Bulk: many people go their whole way in one turn. Measurements and simulations fill a register
//! this way; every event is decided, sealed and folded as if it had come alone.

use domain::roster::Row;
use jiff::{SignedDuration, Timestamp};

use super::{Command, Error, Officer, Registry, Result, chain, import};

impl Registry {
    /// Takes the rows of a sheet and then does every step to every case, a second apart. Tells how
    /// many events that were.
    ///
    /// # Errors
    /// The first refusal; then nothing of it is kept.
    pub fn play(
        &self,
        rows: &[Row],
        clerk: &Officer,
        steps: &[(Command, &Officer)],
        mut now: Timestamp,
    ) -> Result<u64> {
        let mut work = self.work()?;
        let institution = work
            .office(&clerk.office)?
            .cloned()
            .ok_or(Error::NotFound)?;
        let before = work.entries.len();
        let mut cases = Vec::with_capacity(rows.len());
        for row in rows {
            cases.push(import::take(&mut work, &institution, row, clerk, now)?);
        }
        for (command, officer) in steps {
            now = now
                .checked_add(SignedDuration::from_secs(1))
                .map_err(|_| Error::Internal("bulk::play"))?;
            for id in &cases {
                let case = work.case(*id)?;
                chain::step(&mut work, case, command, officer, now)?;
            }
        }
        let events = work.entries.len() - before;
        work.commit()?;
        Ok(events as u64)
    }
}
