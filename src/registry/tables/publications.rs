//! A publication as its row: open to read, as it is meant for everybody.

use super::{PUT_PUBLICATION, rows::save};
use crate::registry::{Error, Result, store::Param, work::Work};

/// Writes the publications that this turn has changed.
pub(super) fn write(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let mut rows = Vec::new();
    for (id, kept) in work
        .publications
        .iter()
        .filter(|(_, kept)| kept.touched > 0)
    {
        let body = serde_json::to_string(&kept.value)
            .map_err(|_| Error::Internal("tables::publications"))?;
        let kind = kept.value.proposal.content.word();
        rows.push((kept.touched, id.as_i64(), kept.next(), kind, body));
    }
    let params = rows.iter().map(|(touched, id, version, kind, body)| {
        let row = [
            feed,
            (*id).into(),
            (*version).into(),
            (*kind).into(),
            body.into(),
        ];
        (*touched, row)
    });
    save(&mut work.tx, &PUT_PUBLICATION, params.collect())
}
