//! How a turn's work is laid into rows, whole sets at a time.

use domain::{
    calendar::Calendar,
    case::Case,
    certificate::{Certificate, Origin},
    deadline,
    record::RecordId,
};

use super::{
    PUT_BATCH, PUT_CASE, PUT_CERTIFICATE, PUT_DOSSIER, PUT_HALT, PUT_JOURNAL, PUT_NAME, PUT_NODE,
    PUT_OFFICE, PUT_PERSON, PUT_SEALED, PUT_SESSION, PUT_SHEET, PUT_SUBJECT, PUT_TICKET,
};
use crate::registry::{
    Error, Result,
    store::{Insert, Param, Tx},
    work::{Key, Work, dossier_aad},
};

/// Writes everything of the turn that is not written yet.
pub(in crate::registry) fn write(work: &mut Work<'_>) -> Result<()> {
    entries(work)?;
    nodes(work)?;
    cases(work)?;
    certificates(work)?;
    dossiers(work)?;
    people(work)?;
    super::inquiries::write(work)?;
    super::publications::write(work)?;
    directory(work)
}

fn entries(work: &mut Work<'_>) -> Result<()> {
    let key_id = i64::from(work.registry.keyring.key_id());
    let entries = &work.entries;
    let feed = Param::Int(work.feed);
    let journal: Vec<[Param<'_>; 5]> = entries
        .iter()
        .map(|e| {
            [
                feed,
                e.idx.into(),
                e.at.into(),
                e.kind.into(),
                (&e.commitment).into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_JOURNAL, &journal)?;
    let sealed: Vec<[Param<'_>; 5]> = entries
        .iter()
        .map(|e| {
            [
                feed,
                e.idx.into(),
                key_id.into(),
                (&e.salt).into(),
                (&e.body).into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_SEALED, &sealed)?;
    let mut subjects: Vec<[Param<'_>; 3]> = Vec::with_capacity(entries.len() + 8);
    for e in entries {
        subjects.push([feed, e.subjects.0.as_i64().into(), e.idx.into()]);
        if let Some(other) = e.subjects.1 {
            subjects.push([feed, other.as_i64().into(), e.idx.into()]);
        }
    }
    work.tx.insert_many(&PUT_SUBJECT, &subjects)?;
    Ok(())
}

/// The roots of the tiles that these entries filled.
fn nodes(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let nodes = work.head.take_nodes();
    let params: Vec<[Param<'_>; 4]> = nodes
        .iter()
        .map(|n| {
            let idx = i64::try_from(n.index).unwrap_or(i64::MAX);
            [
                feed,
                i64::from(n.level).into(),
                idx.into(),
                n.hash.as_bytes().into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_NODE, &params)?;
    Ok(())
}

/// The day by which a case is due that waits for no office; it sorts behind all others.
pub(in crate::registry) const NEVER: &str = "9999-12-31";

/// A case as its row: everything about it that a queue may ask for, and nothing about the person.
pub(in crate::registry) struct CaseRow {
    feed: i64,
    record: i64,
    version: i64,
    dossier: Key,
    session: Option<i64>,
    since: String,
    due: String,
    due_moves: bool,
    state: &'static str,
    texts: [String; 5],
    made_in: Option<String>,
    card: Option<&'static str>,
    offered_to: Option<String>,
}

fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

impl CaseRow {
    pub(in crate::registry) fn of(
        case: &Case,
        calendar: &Calendar,
        feed: i64,
        dossier: Key,
        version: i64,
    ) -> Self {
        let r = &case.registration;
        let due = deadline::next(case, calendar);
        Self {
            feed,
            record: case.id.as_i64(),
            version,
            dossier,
            session: case.session().map(RecordId::as_i64),
            since: case.stage_since.to_string(),
            due: due.map_or_else(|| NEVER.to_owned(), |due| due.date.to_string()),
            due_moves: due.is_some_and(|due| due.provisional),
            state: case.state.word(),
            texts: [
                word(&r.category),
                r.item.as_str().to_owned(),
                word(&r.kind),
                r.institution.as_str().to_owned(),
                r.authority.as_str().to_owned(),
            ],
            made_in: case.state.card().map(|(run, _)| run.to_owned()),
            card: case.state.card().map(|(_, card)| card.word()),
            offered_to: case.transfer.as_ref().map(|t| t.to.as_str().to_owned()),
        }
    }

    /// Whether a row that says this day is right about it.
    pub(in crate::registry) fn is_due(&self, due: &str, moves: bool) -> bool {
        self.due == due && self.due_moves == moves
    }

    /// The values in the order of the table's columns.
    pub(in crate::registry) fn params(&self) -> [Param<'_>; 17] {
        [
            self.feed.into(),
            self.record.into(),
            self.version.into(),
            (&self.dossier).into(),
            self.state.into(),
            (&self.texts[0]).into(),
            (&self.texts[1]).into(),
            (&self.texts[2]).into(),
            (&self.texts[3]).into(),
            (&self.texts[4]).into(),
            self.session.into(),
            (&self.since).into(),
            (&self.due).into(),
            self.due_moves.into(),
            self.made_in.as_ref().into(),
            self.card.into(),
            self.offered_to.as_ref().into(),
        ]
    }
}

/// Saves rows whose records were touched by so many events of this turn: the stored version must be
/// as many behind. Rows that come in the order of their table find each of its pages once.
pub(super) fn save<const N: usize>(
    tx: &mut Tx<'_>,
    plan: &Insert<N>,
    mut rows: Vec<(i64, [Param<'_>; N])>,
) -> Result<()> {
    rows.sort_by_key(|(touched, _)| *touched);
    for of_one in rows.chunk_by(|a, b| a.0 == b.0) {
        let params: Vec<[Param<'_>; N]> = of_one.iter().map(|(_, row)| *row).collect();
        tx.insert_many_by(plan, of_one[0].0, &params)?;
    }
    Ok(())
}

fn cases(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    let calendar = work.registry.calendar();
    for (id, place) in work.cases.iter().filter(|(_, place)| place.changed()) {
        let dossier = work.dossiers.get(&place.value);
        let case = dossier
            .and_then(|d| d.value.case(*id))
            .ok_or(Error::Internal("tables::cases"))?;
        let row = CaseRow::of(case, calendar, work.feed, place.value, place.next());
        rows.push((place.touched, row));
    }
    rows.sort_unstable_by_key(|(_, row): &(i64, CaseRow)| row.record);
    let params = rows.iter().map(|(touched, row)| (*touched, row.params()));
    save(&mut work.tx, &PUT_CASE, params.collect())
}

/// A certificate as its row.
pub(in crate::registry) struct CertificateRow {
    feed: i64,
    record: i64,
    version: i64,
    dossier: Key,
    status: &'static str,
    texts: [String; 4],
    taken_over: bool,
    lapses_after: Option<String>,
    proposed: bool,
}

impl CertificateRow {
    pub(in crate::registry) fn of(c: &Certificate, feed: i64, dossier: Key, version: i64) -> Self {
        Self {
            feed,
            record: c.says.certificate.as_i64(),
            version,
            dossier,
            status: c.status.word(),
            texts: [
                word(&c.says.category),
                c.says.item.as_str().to_owned(),
                c.says.authority.as_str().to_owned(),
                c.says.valid_until.to_string(),
            ],
            taken_over: matches!(c.origin, Origin::TakenOver(_)),
            lapses_after: c.lapses_after().map(|day| day.to_string()),
            proposed: c.proposal.is_some(),
        }
    }

    /// The values in the order of the table's columns.
    pub(in crate::registry) fn params(&self) -> [Param<'_>; 12] {
        [
            self.feed.into(),
            self.record.into(),
            self.version.into(),
            (&self.dossier).into(),
            (&self.texts[0]).into(),
            (&self.texts[1]).into(),
            (&self.texts[2]).into(),
            self.status.into(),
            (&self.texts[3]).into(),
            self.taken_over.into(),
            self.lapses_after.as_ref().into(),
            self.proposed.into(),
        ]
    }
}

fn certificates(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    for (id, place) in work.certificates.iter().filter(|(_, p)| p.touched > 0) {
        let dossier = work.dossiers.get(&place.value);
        let certificate = dossier
            .and_then(|d| d.value.certificate(*id))
            .ok_or(Error::Internal("tables::certificates"))?;
        let row = CertificateRow::of(certificate, work.feed, place.value, place.next());
        rows.push((place.touched, row));
    }
    rows.sort_unstable_by_key(|(_, row): &(i64, CertificateRow)| row.record);
    let params = rows.iter().map(|(touched, row)| (*touched, row.params()));
    save(&mut work.tx, &PUT_CERTIFICATE, params.collect())
}

fn dossiers(work: &mut Work<'_>) -> Result<()> {
    let mut rows = Vec::new();
    for (key, kept) in work.dossiers.iter().filter(|(_, kept)| kept.touched > 0) {
        let bytes =
            serde_json::to_vec(&kept.value).map_err(|_| Error::Internal("tables::dossiers"))?;
        rows.push((
            *key,
            work.registry.seal(&dossier_aad(work.feed, key), &bytes),
        ));
    }
    // In the order of the table, so that each of its pages is found once.
    rows.sort_unstable_by_key(|(key, _)| *key);
    let feed = Param::Int(work.feed);
    let params: Vec<[Param<'_>; 3]> = rows
        .iter()
        .map(|(key, body)| [feed, key.into(), body.into()])
        .collect();
    work.tx.insert_many(&PUT_DOSSIER, &params)?;
    Ok(())
}

fn people(work: &mut Work<'_>) -> Result<()> {
    // The last word about each document: it may have been said twice, as when a name was put right.
    work.new_people.reverse();
    work.new_people.sort_by_key(|(document, _)| *document);
    work.new_people.dedup_by_key(|(document, _)| *document);
    work.new_tickets.sort_unstable();
    let feed = Param::Int(work.feed);
    let params: Vec<[Param<'_>; 3]> = work
        .new_people
        .iter()
        .map(|(d, k)| [feed, d.into(), k.into()])
        .collect();
    work.tx.insert_many(&PUT_PERSON, &params)?;
    let params: Vec<[Param<'_>; 3]> = work
        .new_tickets
        .iter()
        .map(|(t, id)| [feed, t.into(), id.as_i64().into()])
        .collect();
    work.tx.insert_many(&PUT_TICKET, &params)?;
    work.new_names.sort_unstable();
    work.new_names.dedup();
    let params: Vec<[Param<'_>; 3]> = work
        .new_names
        .iter()
        .map(|(name, key)| [feed, name.into(), key.into()])
        .collect();
    work.tx.insert_many(&PUT_NAME, &params)?;
    Ok(())
}

fn directory(work: &mut Work<'_>) -> Result<()> {
    offices(work)?;
    sessions(work)?;
    sheets(work)?;
    batches(work)?;
    super::accounts::write(work)?;
    halts(work)
}

fn offices(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let mut rows = Vec::new();
    for (code, (id, kept)) in work.offices.iter().filter(|(_, (_, k))| k.touched > 0) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::offices"))?;
        rows.push((kept.touched, id.as_i64(), kept.next(), code.as_str(), body));
    }
    let params = rows.iter().map(|(touched, id, version, code, body)| {
        let row = [
            feed,
            (*id).into(),
            (*version).into(),
            (*code).into(),
            body.into(),
        ];
        (*touched, row)
    });
    save(&mut work.tx, &PUT_OFFICE, params.collect())
}

fn sessions(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let mut rows = Vec::new();
    for (id, kept) in work.sessions.iter().filter(|(_, kept)| kept.touched > 0) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::sessions"))?;
        let (institution, on) = (kept.value.institution.as_str(), kept.value.on.to_string());
        let texts = (institution, on, kept.value.slot(), body);
        rows.push((kept.touched, id.as_i64(), kept.next(), texts));
    }
    let params = rows.iter().map(|(touched, id, version, texts)| {
        let (institution, on, slot, body) = texts;
        let row = [
            feed,
            (*id).into(),
            (*version).into(),
            (*institution).into(),
            on.into(),
            slot.into(),
            body.into(),
        ];
        (*touched, row)
    });
    save(&mut work.tx, &PUT_SESSION, params.collect())
}

fn sheets(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let params: Vec<[Param<'_>; 7]> = work
        .sheets
        .iter()
        .map(|s| {
            [
                feed,
                s.id.as_i64().into(),
                1_i64.into(),
                s.institution.as_str().into(),
                (&s.sha256).into(),
                s.taken.into(),
                s.refused.into(),
            ]
        })
        .collect();
    work.tx.insert_many(&PUT_SHEET, &params)?;
    Ok(())
}

fn batches(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let mut rows = Vec::new();
    for (id, kept) in work.batches.iter().filter(|(_, kept)| kept.touched > 0) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::batches"))?;
        let authority = kept.value.authority.as_str();
        rows.push((kept.touched, id.as_i64(), kept.next(), authority, body));
    }
    let params = rows.iter().map(|(touched, id, version, authority, body)| {
        let row = [
            feed,
            (*id).into(),
            (*version).into(),
            (*authority).into(),
            body.into(),
        ];
        (*touched, row)
    });
    save(&mut work.tx, &PUT_BATCH, params.collect())
}

fn halts(work: &mut Work<'_>) -> Result<()> {
    let feed = Param::Int(work.feed);
    let mut rows = Vec::new();
    for (id, kept) in work.halts.iter().filter(|(_, kept)| kept.touched > 0) {
        let body =
            serde_json::to_string(&kept.value).map_err(|_| Error::Internal("tables::halts"))?;
        let province = kept.value.held.province.as_str();
        rows.push((kept.touched, id.as_i64(), kept.next(), province, body));
    }
    let params = rows.iter().map(|(touched, id, version, province, body)| {
        let row = [
            feed,
            (*id).into(),
            (*version).into(),
            (*province).into(),
            body.into(),
        ];
        (*touched, row)
    });
    save(&mut work.tx, &PUT_HALT, params.collect())
}
