//! The accounts of a turn as rows.

use super::{PUT_ACCOUNT, rows::save};
use crate::registry::{Error, Result, store::Param, work::Work};

/// Writes the accounts that were changed.
pub(super) fn write(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let mut rows = Vec::new();
    for (id, kept) in work.accounts.iter().filter(|(_, kept)| kept.touched > 0) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::accounts"))?;
        let login = kept.value.login.as_str();
        rows.push((kept.touched, id.as_i64(), kept.next(), login, body));
    }
    let params = rows.iter().map(|(touched, id, version, login, body)| {
        let row = [
            feed,
            (*id).into(),
            (*version).into(),
            (*login).into(),
            body.into(),
        ];
        (*touched, row)
    });
    save(&mut work.tx, &PUT_ACCOUNT, params.collect())
}
