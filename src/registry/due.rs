//! Which running cases have a day by which an office must act: for forecasts. Nothing is unsealed.

use domain::{office::OfficeCode, record::RecordId};
use jiff::civil::Date;

use super::{Error, Registry, Result, store::Ask};

/// A case with a limit that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCase {
    /// The case.
    pub case: RecordId,
    /// Its state.
    pub state: &'static str,
    /// The last day.
    pub due: Date,
}

/// What waits for a decision of somebody: scores, acceptance, the two officers.
const STATES: [&str; 5] = ["registered", "examined", "reported", "accepted", "reviewed"];

const DUE: &str = "-- due::of_authority
SELECT record, due FROM cases WHERE authority = $1 AND state = $2 AND due <= $3
ORDER BY due, record";

impl Registry {
    /// The cases of an authority whose scores, acceptance or decision are due by that day, those
    /// past it included; at a nation from the provinces' copies, too.
    ///
    /// # Errors
    /// What the database says.
    pub fn due_until(&self, authority: &OfficeCode, last: Date) -> Result<Vec<DueCase>> {
        let last = last.to_string();
        self.store.read(|r| {
            let mut found = Vec::new();
            for state in STATES {
                let asked = [authority.as_str().into(), state.into(), (&last).into()];
                for row in r.query(DUE, &asked)? {
                    let due = row.text(1)?.parse();
                    found.push(DueCase {
                        case: RecordId::from_i64(row.int(0)?),
                        state,
                        due: due.map_err(|_| Error::Internal("due::due_until"))?,
                    });
                }
            }
            Ok(found)
        })
    }
}
