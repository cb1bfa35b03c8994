//! A year's notice moves days by which something is due. A row that was written before it, by an
//! older program, says the day that was likely then; here it is counted again. The story of the
//! case says nothing of it: the day follows from the case and the calendar.

use domain::record::RecordId;

use super::{
    Error, Registry, Result,
    store::Ask,
    tables::{self, CaseRow},
    work::Work,
};

const MOVING: &str = "-- cases::due_moves
SELECT feed, record FROM cases WHERE due_moves = 1
AND feed >= $1 AND (feed > $1 OR record > $2) ORDER BY feed, record LIMIT $3";
const KEPT: &str =
    "-- cases::due\nSELECT due, due_moves FROM cases WHERE record = $1 AND feed = $2";

impl Registry {
    /// Counts again the days that could still move: looks at `limit` cases behind `after`, in the
    /// order of their journals, and tells how far it came and how many rows changed; no place when
    /// it came to the end. To be done when a program starts.
    ///
    /// # Errors
    /// What the database says.
    pub fn recount_due(
        &self,
        after: Option<(i64, i64)>,
        limit: u16,
    ) -> Result<(u64, Option<(i64, i64)>)> {
        let (feed, record) = after.unwrap_or((-1, -1));
        let asked = [feed.into(), record.into(), i64::from(limit).into()];
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(MOVING, &asked)?))?;
        let mut moving = Vec::with_capacity(rows.len());
        for row in &rows {
            moving.push((row.int(0)?, row.int(1)?));
        }
        let mut changed = 0;
        for of_one in moving.chunk_by(|a, b| a.0 == b.0) {
            let mut work = self.work_on(of_one[0].0)?;
            let mut here = 0;
            for (_, record) in of_one {
                here += u64::from(recount(&mut work, RecordId::from_i64(*record))?);
            }
            // A turn that changed nothing leaves nothing behind.
            if here > 0 {
                work.commit()?;
            }
            changed += here;
        }
        let more = rows.len() == usize::from(limit);
        Ok((changed, moving.last().copied().filter(|_| more)))
    }
}

/// Whether the row of a case says another day than the calendar gives now.
fn recount(work: &mut Work<'_>, id: RecordId) -> Result<bool> {
    let case = work.case(id)?;
    let key = work.place(id, tables::CASE)?;
    let wanted = CaseRow::of(&case, work.registry.calendar(), work.feed, key, 0);
    let asked = [id.as_i64().into(), work.feed.into()];
    let kept = work.tx.query_one(KEPT, &asked)?;
    if wanted.is_due(kept.text(0)?, kept.int(1)? == 1) {
        return Ok(false);
    }
    if let Some(place) = work.cases.get_mut(&id) {
        place.moved = true;
    }
    Ok(true)
}
