//! The check that the house is in order: every journal entry is what it was committed to, and
//! every record equals the fold of its events.

use std::collections::BTreeMap;

use domain::{event::Event, fold::Record, record::RecordId};
use sha2::{Digest, Sha256};

use super::{
    Error, Registry, Result,
    store::{Ask, Reader},
    tables, work,
};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The journal has a gap, or the head does not count its rows.
    Gap {
        /// The first index that is not as it should be.
        at: i64,
    },
    /// The sealed bytes do not open, or are not those that were committed to.
    Entry {
        /// The entry.
        at: i64,
    },
    /// The entry breaks the law of its record.
    Unlawful {
        /// The entry.
        at: i64,
        /// The refusal's code.
        refusal: &'static str,
    },
    /// The kept record is not what its events add up to, or is missing.
    Record {
        /// The record.
        record: RecordId,
    },
}

/// What was checked, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Journal entries.
    pub entries: i64,
    /// Records folded.
    pub records: usize,
    /// Faults, in the order found.
    pub faults: Vec<Fault>,
}

const HEAD: &str = "-- check::head\nSELECT entries FROM journal_head WHERE id = 1";
const PAGE: &str = "-- check::page
SELECT j.idx, j.at, j.kind, j.commitment, s.salt, s.body FROM journal j JOIN sealed s ON s.idx = j.idx
WHERE j.idx >= $1 ORDER BY j.idx LIMIT 1000";
const COUNTS: &str = "-- check::counts
SELECT (SELECT COUNT(*) FROM cases) + (SELECT COUNT(*) FROM certificates) + (SELECT COUNT(*) FROM offices)
     + (SELECT COUNT(*) FROM sessions) + (SELECT COUNT(*) FROM sheets) + (SELECT COUNT(*) FROM batches)";
const OFFICE: &str = "-- check::office\nSELECT body FROM offices WHERE record = $1";
const BATCH: &str = "-- check::batch\nSELECT body FROM batches WHERE record = $1";
const SESSION: &str =
    "-- check::session\nSELECT institution, held_on FROM sessions WHERE record = $1";
const SHEET: &str =
    "-- check::sheet\nSELECT institution, sha256, taken, refused FROM sheets WHERE record = $1";

impl Registry {
    /// Folds the whole journal anew and compares it with what is kept. `progress` is told how many
    /// entries are done and how many there are.
    ///
    /// # Errors
    /// What the database says; everything that is wrong with the data itself is a [`Fault`].
    pub fn check(&self, progress: &mut dyn FnMut(i64, i64)) -> Result<Checked> {
        self.store.read(|r| {
            let mut checked = Checked {
                entries: r.query_one(HEAD, &[])?.int(0)?,
                ..Checked::default()
            };
            let mut records: BTreeMap<RecordId, Record> = BTreeMap::new();
            let mut next = 0;
            loop {
                let rows = r.query(PAGE, &[next.into()])?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    let idx = row.int(0)?;
                    if idx != next {
                        checked.faults.push(Fault::Gap { at: next });
                    }
                    next = idx + 1;
                    let event = self.committed(idx, row);
                    match event {
                        Ok(Some(event)) if event.act.kind() == row.text(2)? => {
                            fold(&mut records, &event, idx, &mut checked);
                        }
                        Ok(_) => checked.faults.push(Fault::Entry { at: idx }),
                        Err(_) => checked.faults.push(Fault::Entry { at: idx }),
                    }
                }
                progress(next, checked.entries);
            }
            if next != checked.entries {
                checked.faults.push(Fault::Gap {
                    at: next.min(checked.entries),
                });
            }
            checked.records = records.len();
            if r.query_one(COUNTS, &[])?.int(0)? != i64::try_from(records.len()).unwrap_or(i64::MAX)
            {
                checked.faults.push(Fault::Record {
                    record: RecordId::from_raw(0),
                });
            }
            for (id, record) in &records {
                if !self.kept_equals(r, *id, record)? {
                    checked.faults.push(Fault::Record { record: *id });
                }
            }
            Ok(checked)
        })
    }

    /// The event of a row, when its bytes are those that were committed to.
    fn committed(&self, idx: i64, row: &super::store::Row) -> Result<Option<Event>> {
        let bytes = self
            .keyring
            .open(&work::entry_aad(idx), row.blob(5)?)
            .map_err(|_| Error::Sealed("a journal entry"))?;
        let mut hash = Sha256::new();
        hash.update(row.blob(4)?);
        hash.update(&bytes);
        if hash.finalize().as_slice() != row.blob(3)? {
            return Ok(None);
        }
        let event = Event::from_bytes(&bytes).ok();
        Ok(event.filter(|e| e.at.as_millisecond() == row.int(1).unwrap_or(-1)))
    }

    fn kept_equals(&self, r: &mut Reader<'_>, id: RecordId, record: &Record) -> Result<bool> {
        let of = |sql: &'static str, r: &mut Reader<'_>| r.query_opt(sql, &[id.as_i64().into()]);
        Ok(match record {
            Record::Case(case) => match of(tables::CASE, r)? {
                Some(row) => {
                    let key: work::Key = row.bytes(1)?;
                    self.dossier(r, &key)?
                        .is_some_and(|d| d.case(id) == Some(&**case))
                }
                None => false,
            },
            Record::Certificate(certificate) => match of(tables::CERTIFICATE, r)? {
                Some(row) => {
                    let key: work::Key = row.bytes(1)?;
                    self.dossier(r, &key)?
                        .is_some_and(|d| d.certificate(id) == Some(&**certificate))
                }
                None => false,
            },
            Record::Office(office) => match of(OFFICE, r)? {
                Some(row) => {
                    serde_json::from_str::<domain::office::Office>(row.text(0)?)
                        .ok()
                        .as_ref()
                        == Some(office)
                }
                None => false,
            },
            Record::Batch(batch) => match of(BATCH, r)? {
                Some(row) => {
                    serde_json::from_str::<domain::batch::Batch>(row.text(0)?)
                        .ok()
                        .as_ref()
                        == Some(batch)
                }
                None => false,
            },
            Record::Session(s) => match of(SESSION, r)? {
                Some(row) => {
                    row.text(0)? == s.institution.as_str() && row.text(1)? == s.on.to_string()
                }
                None => false,
            },
            Record::Sheet(s) => match of(SHEET, r)? {
                Some(row) => {
                    row.text(0)? == s.institution.as_str()
                        && row.text(1)? == s.sha256
                        && row.int(2)? == i64::from(s.taken)
                        && row.int(3)? == i64::from(s.refused)
                }
                None => false,
            },
        })
    }

    fn dossier(
        &self,
        r: &mut Reader<'_>,
        key: &work::Key,
    ) -> Result<Option<domain::dossier::Dossier>> {
        let Some(row) = r.query_opt(tables::DOSSIER, &[key.into()])? else {
            return Ok(None);
        };
        Ok(self.open_dossier(key, row.blob(0)?).ok())
    }
}

/// Folds one event into every record it touches.
fn fold(records: &mut BTreeMap<RecordId, Record>, event: &Event, idx: i64, checked: &mut Checked) {
    let (first, second) = event.subjects();
    for id in [Some(first), second].into_iter().flatten() {
        let folded = match records.remove(&id) {
            Some(record) => record.after(event),
            None => Record::begun(id, event),
        };
        match folded {
            Ok(record) => {
                records.insert(id, record);
            }
            Err(refusal) => checked.faults.push(Fault::Unlawful {
                at: idx,
                refusal: refusal.code(),
            }),
        }
    }
}
