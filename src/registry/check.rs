//! The check that the house is in order: every journal entry is what it was committed to, and
//! every record and list equals the fold of its events. The copies of the provinces that are
//! followed are looked through like the node's own journal; an entry in quarantine keeps its place
//! in the story and the tree, and is not folded.

mod kept;
mod tree;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    event::{Act, Event},
    fold::{self, Record},
    office::{OfficerId, Role},
    record::RecordId,
    refusal::Refusal,
    verdict::Kind,
};
use sha2::{Digest, Sha256};
use tlog::{cosignature::Witness, note::Verifier};

use self::tree::Tree;
use super::{
    Registry, Result,
    entry::{UNREADABLE, entry_aad},
    keyring::Keyring,
    store::{Ask, Reader, Row},
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
    /// The entry is in quarantine, and nothing speaks against it.
    SetAside {
        /// The entry.
        at: i64,
    },
    /// The kept record is not what its events add up to, or is missing.
    Record {
        /// The record.
        record: RecordId,
    },
    /// What is published of the journal is not what its entries give: the signed checkpoint, the
    /// right edge of the tree, a node, or a checkpoint that was cosigned.
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

/// A fault, and in whose journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The code of the province whose copy it is in; empty for this node's own journal.
    pub province: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What was checked, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Journal entries, of every feed.
    pub entries: i64,
    /// Records folded.
    pub records: usize,
    /// Faults, in the order found.
    pub faults: Vec<Found>,
}

/// The keys of the other ends of the feed, as this node's settings name them.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// What each province signs its checkpoints with, by its code.
    pub provinces: HashMap<String, Verifier>,
    /// What the nation cosigns this node's checkpoints with.
    pub nation: Option<Witness>,
}

/// Whose signatures one journal's checkpoints must have beside this node's own.
#[derive(Clone, Copy, Default)]
pub(super) struct Signed<'k> {
    /// The province's, in a copy.
    province: Option<&'k Verifier>,
    /// The nation's, in the node's own journal.
    nation: Option<&'k Witness>,
}

const FEEDS: &str = "-- check::feeds\nSELECT feed, code FROM feeds ORDER BY feed";
const PAGE: &str = "-- check::page
SELECT j.idx, j.at, j.kind, j.commitment, s.salt, s.body, q.record, q.refusal
FROM journal j JOIN sealed s ON s.idx = j.idx AND s.feed = j.feed
LEFT JOIN quarantine q ON q.idx = j.idx AND q.feed = j.feed
WHERE j.feed = $1 AND j.idx >= $2 ORDER BY j.idx LIMIT 1000";

/// One record, as its events tell it.
pub(super) struct Told {
    /// What they add up to; none where all of them are in quarantine.
    pub record: Option<Record>,
    /// How many were folded: its version.
    pub version: i64,
    /// How many entries touch it.
    pub touched: i64,
    /// The sum of their places.
    pub places: i64,
}

/// What one journal adds up to.
pub(super) struct Folded {
    /// Whose journal.
    pub feed: i64,
    /// Each record.
    pub records: BTreeMap<RecordId, Told>,
    /// Which account each login is.
    pub accounts: HashMap<OfficerId, RecordId>,
    /// Which dossier each document stands under.
    pub people: HashMap<Key, Key>,
    /// The name under which each dossier is found.
    pub names: HashMap<Key, Key>,
    /// Every dossier that ever was: one that was left stays.
    pub dossiers: HashSet<Key>,
    /// How many pairs of record and entry there are.
    pub touched: i64,
    /// The tree over the commitments as they stand.
    pub tree: Tree,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// What the sealed bytes of an entry are.
enum Read {
    Event(Event),
    /// What was committed to, and no event that this program knows.
    Unreadable,
    /// Not what was committed to.
    Wrong,
}

impl Registry {
    /// Folds every journal anew and compares it with what is kept: the node's own, and the copies
    /// of the provinces. `progress` is told how many entries are done and how many there are.
    ///
    /// # Errors
    /// What the database says; everything that is wrong with the data itself is a [`Fault`].
    pub fn check(&self, progress: &mut dyn FnMut(i64, i64)) -> Result<Checked> {
        self.check_by(&Keys::default(), progress)
    }

    /// The same, and the checkpoints of a copy must be signed by the province's key, and what came
    /// back of the node's own journal by the nation's, where they are known. Of a copy whose key
    /// is not known our own cosignature must do.
    ///
    /// # Errors
    /// Those of [`Registry::check`].
    pub fn check_by(&self, keys: &Keys, progress: &mut dyn FnMut(i64, i64)) -> Result<Checked> {
        self.store.read(|r| {
            let feeds: Vec<(i64, String)> = r
                .query(FEEDS, &[])?
                .iter()
                .map(|row| Ok((row.int(0)?, row.text(1)?.to_owned())))
                .collect::<Result<_>>()?;
            let mut checked = Checked::default();
            for (feed, _) in &feeds {
                checked.entries += tree::entries(r, *feed)?.unwrap_or(0);
            }
            let all = checked.entries;
            let mut done = 0;
            for (feed, province) in feeds {
                let signed = Signed {
                    province: keys.provinces.get(&province),
                    nation: keys.nation.as_ref().filter(|_| feed == OWN),
                };
                let mut folded =
                    self.fold_all(r, feed, signed, &mut |n| progress(done + n, all))?;
                done += folded.tree.size();
                checked.records += folded.records.len();
                self.compare(r, &mut folded)?;
                self.compare_tree(r, &mut folded, signed)?;
                checked
                    .faults
                    .extend(folded.faults.into_iter().map(|fault| Found {
                        province: province.clone(),
                        fault,
                    }));
            }
            checked.faults.extend(kept::nobodys(r)?);
            Ok(checked)
        })
    }

    fn fold_all(
        &self,
        r: &mut Reader<'_>,
        feed: i64,
        signed: Signed<'_>,
        progress: &mut dyn FnMut(i64),
    ) -> Result<Folded> {
        let mut folded = Folded::new(feed);
        let mut next = 0;
        loop {
            let rows = r.query(PAGE, &[feed.into(), next.into()])?;
            if rows.is_empty() {
                break;
            }
            self.load_cosigned(r, &mut folded, signed, (next, next + 1000))?;
            for row in &rows {
                let idx = row.int(0)?;
                if idx != next {
                    folded.faults.push(Fault::Gap { at: next });
                }
                next = idx + 1;
                folded.append(row.blob(3)?);
                self.put_row(&mut folded, idx, row)?;
            }
            progress(next);
        }
        let counted = tree::entries(r, feed)?;
        if counted != Some(next) {
            let at = next.min(counted.unwrap_or(0));
            folded.faults.push(Fault::Gap { at });
        }
        Ok(folded)
    }

    /// Folds a row, or sees that it was right not to.
    fn put_row(&self, folded: &mut Folded, idx: i64, row: &Row) -> Result<()> {
        let kind = row.text(2)?;
        let refused = match row.opt_int(6)? {
            Some(record) => Some((RecordId::from_i64(record), row.text(7)?)),
            None => None,
        };
        let wrong = match (self.committed(folded.feed, idx, row), refused) {
            (Read::Event(event), None) if event.act.kind() == kind => {
                folded.put(&event, idx);
                folded.name(&self.keyring, &event.act);
                false
            }
            (Read::Event(event), Some((record, code))) if event.act.kind() == kind => {
                if folded.allows(&event) && !may_refuse(&event.act, code) {
                    folded.faults.push(Fault::SetAside { at: idx });
                }
                folded.set_aside(event.subjects(), idx);
                record != event.record
            }
            (Read::Unreadable, Some((record, UNREADABLE))) if folded.feed != OWN => {
                folded.set_aside((record, None), idx);
                (kind, record.as_i64(), row.int(1)?) != (UNREADABLE, 0, 0)
            }
            _ => true,
        };
        if wrong {
            folded.faults.push(Fault::Entry { at: idx });
        }
        Ok(())
    }

    /// What a row holds, when its bytes are those that were committed to.
    fn committed(&self, feed: i64, idx: i64, row: &Row) -> Read {
        let (Ok(at), Ok(commitment), Ok(salt), Ok(body)) =
            (row.int(1), row.blob(3), row.blob(4), row.blob(5))
        else {
            return Read::Wrong;
        };
        let Ok(bytes) = self.keyring.open(&entry_aad(feed, idx), body) else {
            return Read::Wrong;
        };
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(&bytes);
        if hash.finalize().as_slice() != commitment {
            return Read::Wrong;
        }
        match Event::from_bytes(&bytes) {
            Ok(event) if event.at.as_millisecond() == at => Read::Event(event),
            Ok(_) => Read::Wrong,
            Err(_) => Read::Unreadable,
        }
    }
}

impl Folded {
    fn new(feed: i64) -> Self {
        Self {
            feed,
            records: BTreeMap::new(),
            accounts: HashMap::new(),
            people: HashMap::new(),
            names: HashMap::new(),
            dossiers: HashSet::new(),
            touched: 0,
            tree: Tree::default(),
            faults: Vec::new(),
        }
    }

    fn touch(&mut self, id: RecordId, idx: i64) -> &mut Told {
        self.touched += 1;
        let told = self.records.entry(id).or_insert(Told {
            record: None,
            version: 0,
            touched: 0,
            places: 0,
        });
        told.touched += 1;
        told.places += idx;
        told
    }

    /// Keeps whom an act names, as `Work::settle` does.
    fn name(&mut self, keyring: &Keyring, act: &Act) {
        let Some(person) = act.names() else { return };
        let document = keyring.document_key(&person.document);
        let key = keyring.dossier_key(&person.document, &person.name);
        self.dossiers.insert(key);
        self.names.insert(key, keyring.name_key(&person.name));
        if matches!(act, Act::Registered(r) if r.kind == Kind::Replacement) {
            self.people.entry(document).or_insert(key);
        } else {
            self.people.insert(document, key);
        }
    }

    /// Whether the officer of an event held its role at that moment, as `Work::on_duty` asks.
    fn on_duty(&self, event: &Event) -> bool {
        let by = &event.by;
        let account = self.accounts.get(&by.officer);
        let told = account.and_then(|id| self.records.get(id)?.record.as_ref());
        let holds = |record: &Record| matches!(record, Record::Account(a) if a.office == by.office && a.held(by.role, event.at));
        !Role::ALL.contains(&by.role) || told.is_some_and(holds)
    }

    /// Folds one event into every record it touches.
    fn put(&mut self, event: &Event, idx: i64) {
        if !self.on_duty(event) {
            let refusal = Refusal::RoleNotHeld.code();
            self.faults.push(Fault::Unlawful { at: idx, refusal });
        }
        if let Act::AccountOpened(opening) = &event.act {
            self.accounts.insert(opening.login.clone(), event.record);
        }
        let (first, second) = event.subjects();
        for id in [Some(first), second].into_iter().flatten() {
            let told = self.touch(id, idx);
            let folded = match told.record.take() {
                Some(record) => record.after(event),
                None => Record::begun(id, event),
            };
            match folded {
                Ok(record) => {
                    told.record = Some(record);
                    told.version += 1;
                }
                Err(refusal) => self.faults.push(Fault::Unlawful {
                    at: idx,
                    refusal: refusal.code(),
                }),
            }
        }
    }

    /// Whether the law allows an event after all that came before it.
    fn allows(&self, event: &Event) -> bool {
        let (own, other) = event.subjects();
        let of = |id| self.records.get(&id).and_then(|told| told.record.clone());
        self.on_duty(event) && fold::fold(of(own), other.and_then(of), event).is_ok()
    }

    /// An entry in quarantine is part of the story, and changes nothing.
    fn set_aside(&mut self, (first, second): (RecordId, Option<RecordId>), idx: i64) {
        for id in [Some(first), second].into_iter().flatten() {
            self.touch(id, idx);
        }
    }
}

/// Whether the register itself may have refused what the law of the record allows: what
/// `judge` refuses when it compares records with each other.
fn may_refuse(act: &Act, code: &str) -> bool {
    // Which office was suspended when is another record's story.
    if code == Refusal::OfficeSuspended.code() && !act.goes_on_suspended() {
        return true;
    }
    let refusals: &[Refusal] = match act {
        Act::OfficeEntered(_)
        | Act::AccountOpened(_)
        | Act::SessionOpened { .. }
        | Act::SessionPlanned(_)
        | Act::SessionChanged { .. } => &[Refusal::AlreadyExists],
        Act::Enrolled(_) | Act::TicketGiven { .. } => &[Refusal::TicketTaken],
        Act::SheetImported { .. } => &[Refusal::AlreadyImported],
        Act::Registered(_) => &[
            Refusal::TicketTaken,
            Refusal::NameConflict,
            Refusal::Unknown,
        ],
        Act::Accepted => &[Refusal::NotAuthorised, Refusal::NothingScored],
        Act::Reported { .. } | Act::Resubmitted { .. } => {
            &[Refusal::NotAuthorised, Refusal::NothingScored]
        }
        Act::TakenOver(_) => &[Refusal::NameConflict],
        Act::Corrected { .. } | Act::Replaced(_) => &[
            Refusal::NameConflict,
            Refusal::CaseRunning,
            Refusal::CertificateExists,
        ],
        Act::ChangeProposed(inner) => return may_refuse(inner, code),
        Act::TransferOffered { .. } => &[Refusal::OtherProvince],
        Act::InquiryAsked(_) => &[
            Refusal::Unknown,
            Refusal::RoleOfAnotherOffice,
            Refusal::AlreadyExists,
        ],
        Act::InquiryForwarded { .. } => &[Refusal::Unknown, Refusal::RoleOfAnotherOffice],
        _ => &[],
    };
    refusals.iter().any(|refusal| refusal.code() == code)
}
