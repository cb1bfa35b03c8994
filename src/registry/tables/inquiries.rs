//! An inquiry as its row: what its queue may ask for in clear, what was said sealed.

use domain::inquiry::Inquiry;

use super::{PUT_INQUIRY, rows::save};
use crate::registry::{
    Error, Registry, Result,
    store::Param,
    work::{Key, Work, inquiry_aad},
};

/// Everything of the row but its sealed body.
pub(in crate::registry) struct InquiryRow {
    feed: i64,
    record: i64,
    version: i64,
    keys: [Key; 2],
    office: String,
    state: &'static str,
    since: String,
}

impl InquiryRow {
    pub(in crate::registry) fn of(
        registry: &Registry,
        inquiry: &Inquiry,
        feed: i64,
        version: i64,
    ) -> Self {
        let (keyring, question) = (&registry.keyring, &inquiry.question);
        Self {
            feed,
            record: inquiry.id.as_i64(),
            version,
            keys: [
                keyring.reference_key(question.reference),
                keyring.alike_key(question),
            ],
            office: inquiry.office.as_str().to_owned(),
            state: inquiry.state.word(),
            since: inquiry.since.to_string(),
        }
    }

    /// The columns that are the same on every node.
    pub(in crate::registry) fn compared(inquiry: &Inquiry) -> [String; 3] {
        let (office, state) = (inquiry.office.as_str(), inquiry.state.word());
        [
            office.to_owned(),
            state.to_owned(),
            inquiry.since.to_string(),
        ]
    }

    /// The values in the order of the table's columns, but for the body.
    pub(in crate::registry) fn params(&self) -> [Param<'_>; 8] {
        [
            self.feed.into(),
            self.record.into(),
            self.version.into(),
            (&self.keys[0]).into(),
            (&self.keys[1]).into(),
            (&self.office).into(),
            self.state.into(),
            (&self.since).into(),
        ]
    }
}

pub(super) fn write(work: &mut Work<'_>) -> Result<()> {
    let (feed, registry) = (work.feed, work.registry);
    let mut rows = Vec::new();
    for (id, kept) in work.inquiries.iter().filter(|(_, kept)| kept.touched > 0) {
        let bytes =
            serde_json::to_vec(&kept.value).map_err(|_| Error::Internal("tables::inquiries"))?;
        let body = registry.seal(&inquiry_aad(feed, *id), &bytes);
        let row = InquiryRow::of(registry, &kept.value, feed, kept.next());
        rows.push((kept.touched, row, body));
    }
    let params = rows.iter().map(|(touched, row, body)| {
        let [a, b, c, d, e, f, g, h] = row.params();
        (*touched, [a, b, c, d, e, f, g, h, body.into()])
    });
    save(&mut work.tx, &PUT_INQUIRY, params.collect())
}
