//! The check that the house is in order: every journal entry is what it was committed to, and
//! every record and list equals the fold of its events.

mod kept;
mod tree;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    event::{Act, Event},
    fold::Record,
    record::RecordId,
    verdict::Kind,
};
use sha2::{Digest, Sha256};

use self::tree::Tree;
use super::{
    Error, Registry, Result,
    entry::entry_aad,
    keyring::Keyring,
    store::{Ask, Reader},
    work::{Key, OWN},
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
    /// What is published of the journal is not what its entries give: the signed checkpoint, the
    /// right edge of the tree, or a node.
    Tree {
        /// Which.
        what: &'static str,
    },
    /// A table holds rows that no event accounts for, or too few.
    Table {
        /// Its name.
        table: &'static str,
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

const PAGE: &str = "-- check::page
SELECT j.idx, j.at, j.kind, j.commitment, s.salt, s.body FROM journal j JOIN sealed s
ON s.idx = j.idx AND s.feed = j.feed WHERE j.feed = 0 AND j.idx >= $1 ORDER BY j.idx LIMIT 1000";

/// What the journal adds up to.
#[derive(Default)]
pub(super) struct Folded {
    /// Each record, how many entries touch it, and the sum of their places.
    pub records: BTreeMap<RecordId, (Record, i64, i64)>,
    /// Which dossier each document stands under.
    pub people: HashMap<Key, Key>,
    /// Every dossier that ever was: one that was left stays.
    pub dossiers: HashSet<Key>,
    /// How many pairs of record and entry there are.
    pub touched: i64,
    /// The tree over the commitments as they stand.
    pub tree: Tree,
}

impl Registry {
    /// Folds the whole journal anew and compares it with what is kept. `progress` is told how many
    /// entries are done and how many there are.
    ///
    /// # Errors
    /// What the database says; everything that is wrong with the data itself is a [`Fault`].
    pub fn check(&self, progress: &mut dyn FnMut(i64, i64)) -> Result<Checked> {
        self.store.read(|r| {
            let mut checked = Checked {
                entries: tree::entries(r)?,
                ..Checked::default()
            };
            let folded = self.fold_all(r, &mut checked, progress)?;
            checked.records = folded.records.len();
            self.compare(r, &folded, &mut checked.faults)?;
            self.compare_tree(r, folded.tree, &mut checked.faults)?;
            Ok(checked)
        })
    }

    fn fold_all(
        &self,
        r: &mut Reader<'_>,
        checked: &mut Checked,
        progress: &mut dyn FnMut(i64, i64),
    ) -> Result<Folded> {
        let mut folded = Folded::default();
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
                folded.tree.append(row.blob(3)?);
                match self.committed(idx, row) {
                    Ok(Some(event)) if event.act.kind() == row.text(2)? => {
                        folded.put(&event, idx, &mut checked.faults);
                        folded.name(&self.keyring, &event.act);
                    }
                    Ok(_) | Err(_) => checked.faults.push(Fault::Entry { at: idx }),
                }
            }
            progress(next, checked.entries);
        }
        if next != checked.entries {
            checked.faults.push(Fault::Gap {
                at: next.min(checked.entries),
            });
        }
        Ok(folded)
    }

    /// The event of a row, when its bytes are those that were committed to.
    fn committed(&self, idx: i64, row: &super::store::Row) -> Result<Option<Event>> {
        let bytes = self
            .keyring
            .open(&entry_aad(OWN, idx), row.blob(5)?)
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
}

impl Folded {
    /// Keeps whom an act names, as `Work::settle` does.
    fn name(&mut self, keyring: &Keyring, act: &Act) {
        let Some(person) = act.names() else { return };
        let document = keyring.document_key(&person.document);
        let key = keyring.dossier_key(&person.document, &person.name);
        self.dossiers.insert(key);
        if matches!(act, Act::Registered(r) if r.kind == Kind::Replacement) {
            self.people.entry(document).or_insert(key);
        } else {
            self.people.insert(document, key);
        }
    }

    /// Folds one event into every record it touches.
    fn put(&mut self, event: &Event, idx: i64, faults: &mut Vec<Fault>) {
        let (first, second) = event.subjects();
        for id in [Some(first), second].into_iter().flatten() {
            self.touched += 1;
            let (folded, count, places) = match self.records.remove(&id) {
                Some((record, count, places)) => (record.after(event), count, places),
                None => (Record::begun(id, event), 0, 0),
            };
            match folded {
                Ok(record) => {
                    self.records.insert(id, (record, count + 1, places + idx));
                }
                Err(refusal) => faults.push(Fault::Unlawful {
                    at: idx,
                    refusal: refusal.code(),
                }),
            }
        }
    }
}
