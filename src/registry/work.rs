//! One writer's turn: records are loaded once, events folded into them, and everything that follows
//! from the events written in one transaction, or nothing.
//!
//! What is true if the process dies: before `commit` returns, nothing of this turn exists; after
//! it, all of it does (SQLite `synchronous=FULL`, PostgreSQL `fsync`).

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::Ordering,
};

use domain::{
    account::Account,
    batch::Batch,
    case::Case,
    certificate::Certificate,
    dossier::Dossier,
    event::{Act, Event},
    hold::Halt,
    inquiry::Inquiry,
    office::{Office, OfficeCode, Sheet},
    person::Person,
    publication::Publication,
    record::RecordId,
    session::Session,
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Registry, Result,
    entry::Entry,
    exams::ExamDay,
    halt::own_hold,
    log::Head,
    store::{Ask, Param, Row, Tx},
    tables,
};
use crate::clock;

/// The keyed digest that finds a dossier.
pub(super) type Key = [u8; 16];

/// The feed of the node's own journal.
pub(super) const OWN: i64 = 0;

/// How many entries may wait in memory before they are written inside the transaction.
const FLUSH_AT: usize = 2_000;

/// A loaded value, how many entries touched it before this turn, and how many in this turn.
pub(super) struct Kept<T> {
    pub value: T,
    pub version: i64,
    pub touched: i64,
    /// Its row changes without an entry of its own: what it belongs to went elsewhere.
    pub moved: bool,
}

impl<T> Kept<T> {
    /// A value no entry has touched yet.
    pub fn new(value: T) -> Self {
        Self::at(value, 0)
    }

    /// A value as it was loaded.
    pub fn at(value: T, version: i64) -> Self {
        Self {
            value,
            version,
            touched: 0,
            moved: false,
        }
    }

    /// Whether it is to be saved.
    pub fn changed(&self) -> bool {
        self.touched > 0 || self.moved
    }

    /// The version to be saved.
    pub fn next(&self) -> i64 {
        self.version + self.touched
    }
}

/// A writer's turn.
pub(super) struct Work<'r> {
    pub registry: &'r Registry,
    pub tx: Tx<'r>,
    /// Whose journal is written.
    pub feed: i64,
    pub head: Head,
    /// Whether an office was entered or changed, so that the directory must be read anew.
    pub office_changed: bool,
    next_id: Option<u64>,
    pub entries: Vec<Entry>,
    pub dossiers: HashMap<Key, Kept<Dossier>>,
    /// Where a case or certificate lies, and the version of its row.
    pub cases: HashMap<RecordId, Kept<Key>>,
    pub certificates: HashMap<RecordId, Kept<Key>>,
    pub people: HashMap<Key, Option<Key>>,
    pub new_people: Vec<(Key, Key)>,
    pub new_names: Vec<(Key, Key)>,
    pub new_tickets: Vec<(Key, RecordId)>,
    pub offices: BTreeMap<OfficeCode, (RecordId, Kept<Office>)>,
    pub sessions: HashMap<RecordId, Kept<Session>>,
    pub days: HashMap<(OfficeCode, Date), ExamDay>,
    pub sheets: Vec<Sheet>,
    pub batches: HashMap<RecordId, Kept<Batch>>,
    pub halts: HashMap<RecordId, Kept<Halt>>,
    pub inquiries: HashMap<RecordId, Kept<Inquiry>>,
    pub accounts: HashMap<RecordId, Kept<Account>>,
    pub publications: HashMap<RecordId, Kept<Publication>>,
}

impl Registry {
    /// Waits for the writer's turn on the node's own journal.
    pub(super) fn work(&self) -> Result<Work<'_>> {
        let mut work = self.work_on(OWN)?;
        // Asked inside the turn: what is found meanwhile, or decided at the machine, counts.
        let still = own_hold(&mut work.tx)?.is_some();
        self.stands_still.store(still, Ordering::Release);
        if still {
            return Err(Error::StandsStill);
        }
        Ok(work)
    }

    /// Waits for the writer's turn on a journal.
    pub(super) fn work_on(&self, feed: i64) -> Result<Work<'_>> {
        let mut tx = self.store.begin()?;
        let head = Head::read(&mut tx, feed)?;
        Ok(Work {
            registry: self,
            tx,
            feed,
            head,
            office_changed: false,
            next_id: None,
            entries: Vec::new(),
            dossiers: HashMap::new(),
            cases: HashMap::new(),
            certificates: HashMap::new(),
            people: HashMap::new(),
            new_people: Vec::new(),
            new_names: Vec::new(),
            new_tickets: Vec::new(),
            offices: BTreeMap::new(),
            sessions: HashMap::new(),
            days: HashMap::new(),
            sheets: Vec::new(),
            batches: HashMap::new(),
            halts: HashMap::new(),
            inquiries: HashMap::new(),
            accounts: HashMap::new(),
            publications: HashMap::new(),
        })
    }
}

impl Work<'_> {
    /// A record number nobody has. Later numbers lie higher, so that new rows fall on pages that
    /// are at hand: 36 bits of time in tenths of a second, then 24 bits that begin by chance in
    /// each turn, and never below a number this process has given before.
    pub fn new_record(&mut self) -> RecordId {
        let last = &self.registry.last_record;
        let this = self.next_id.unwrap_or_else(|| {
            let tenths = clock::now().as_millisecond().cast_unsigned() / 100;
            let chosen = tenths << 24 | (self.registry.chance.u64() & 0x00FF_FFFF);
            chosen.max(last.load(Ordering::Relaxed) + 1)
        });
        self.next_id = Some(this + 1);
        // One writer at a time: nobody else gives numbers meanwhile.
        last.store(this, Ordering::Relaxed);
        RecordId::from_raw(this)
    }

    /// Writes all of it and ends the turn.
    pub fn commit(mut self) -> Result<()> {
        self.flush()?;
        self.head
            .sign(&mut self.tx, self.feed, &self.registry.log)?;
        self.tx.commit()?;
        if self.feed == OWN {
            let entries = self.head.entries().unsigned_abs();
            self.registry.reach.entries_are(entries);
        }
        Ok(())
    }

    /// Writes what waits, inside the transaction, so that long work keeps little in memory.
    pub fn flush_if_full(&mut self) -> Result<()> {
        // People who were looked at and refused write nothing and wait in memory all the same.
        if self.entries.len().max(self.people.len()) < FLUSH_AT {
            return Ok(());
        }
        self.flush()
    }

    pub fn flush(&mut self) -> Result<()> {
        tables::write(self)?;
        self.entries.clear();
        self.new_people.clear();
        self.new_names.clear();
        self.new_tickets.clear();
        self.sessions.clear();
        self.sheets.clear();
        // Loaded dossiers are let go, so that a turn over a million people stays small.
        self.dossiers.clear();
        self.cases.clear();
        self.certificates.clear();
        self.people.clear();
        self.offices.clear();
        self.batches.clear();
        self.halts.clear();
        self.inquiries.clear();
        self.accounts.clear();
        self.publications.clear();
        Ok(())
    }

    /// The dossier under that key, or an empty one.
    pub fn dossier(&mut self, key: &Key) -> Result<&mut Kept<Dossier>> {
        if !self.dossiers.contains_key(key) {
            let feed = self.feed;
            let row = self
                .tx
                .query_opt(tables::DOSSIER, &[Param::Blob(key), feed.into()])?;
            let value = match row {
                Some(row) => self.registry.open_dossier(feed, key, row.blob(0)?)?,
                None => Dossier::default(),
            };
            self.dossiers.insert(*key, Kept::new(value));
        }
        // Cannot fail: it was just put in.
        self.dossiers
            .get_mut(key)
            .ok_or(Error::Internal("work::dossier"))
    }

    /// The dossier of a person; refused when the document stands under another name.
    pub fn dossier_of(&mut self, person: &Person) -> Result<Key> {
        self.dossier_from(person, None)
    }

    /// A case by its number.
    pub fn case(&mut self, id: RecordId) -> Result<Case> {
        let key = self.place(id, tables::CASE)?;
        self.dossier(&key)?
            .value
            .case(id)
            .cloned()
            .ok_or(Error::NotFound)
    }

    /// A certificate by its number.
    pub fn certificate(&mut self, id: RecordId) -> Result<Certificate> {
        let key = self.place(id, tables::CERTIFICATE)?;
        self.dossier(&key)?
            .value
            .certificate(id)
            .cloned()
            .ok_or(Error::NotFound)
    }

    /// In which dossier a case or a certificate lies; `sql` is the question that finds its place.
    pub fn place(&mut self, id: RecordId, sql: &'static str) -> Result<Key> {
        let map = if sql == tables::CASE {
            &mut self.cases
        } else {
            &mut self.certificates
        };
        if let Some(kept) = map.get(&id) {
            return Ok(kept.value);
        }
        let row = self
            .tx
            .query_opt(sql, &[id.as_i64().into(), self.feed.into()])?
            .ok_or(Error::NotFound)?;
        let kept = Kept::at(row.bytes(1)?, row.int(0)?);
        let key = kept.value;
        let map = if sql == tables::CASE {
            &mut self.cases
        } else {
            &mut self.certificates
        };
        map.insert(id, kept);
        Ok(key)
    }

    /// Records what has just been done to a case: the event, the case, and the certificate where
    /// the act ends in one.
    pub fn put_case(&mut self, key: Key, case: Case, event: &Event) -> Result<()> {
        // Before anything is put: of many cases one that is refused does not stop the turn, and what
        // it has left in it is written with the others.
        self.on_duty(event)?;
        self.admit(event)?;
        if let Some(grant) = event.act.grant() {
            let id = grant.certificate;
            let certificate = match &event.act {
                Act::CertificateIssued(_) => Certificate::begun(event)?,
                _ => self.certificate(id)?.after(event)?,
            };
            self.put_certificate(key, certificate)?;
        }
        if let (_, Some(session)) = event.subjects()
            && event.act.grant().is_none()
        {
            let kept = self.session(session)?;
            kept.value = kept.value.clone().after(event)?;
            kept.touched += 1;
        }
        self.journal(event)?;
        self.settle(&event.act)?;
        self.keep_case(key, case, matches!(event.act, Act::Registered(_)))
    }

    /// Puts a case into its dossier, to be saved; `begins` when this is its first entry.
    pub fn keep_case(&mut self, key: Key, case: Case, begins: bool) -> Result<()> {
        if begins {
            let ticket = self.registry.keyring.ticket_key(&case.registration.ticket);
            self.new_tickets.push((ticket, case.id));
            self.find_by_name(&case.registration.person);
            self.cases.insert(case.id, Kept::new(key));
        } else {
            // A case that came out of its dossier has not told its version yet.
            self.place(case.id, tables::CASE)?;
        }
        if let Some(place) = self.cases.get_mut(&case.id) {
            place.touched += 1;
        }
        let before = self.dossier(&key)?.value.case(case.id);
        let known = before.map_or(0, |before| before.more_tickets.len());
        for ticket in case.more_tickets.iter().skip(known) {
            let ticket = self.registry.keyring.ticket_key(ticket);
            self.new_tickets.push((ticket, case.id));
        }
        let kept = self.dossier(&key)?;
        kept.value.put_case(case);
        kept.touched += 1;
        Ok(())
    }

    /// Records a certificate taken over from a former register.
    pub fn put_former(&mut self, key: Key, certificate: Certificate, event: &Event) -> Result<()> {
        self.journal(event)?;
        self.settle(&event.act)?;
        self.put_certificate(key, certificate)
    }

    /// Puts a certificate into its dossier, to be saved.
    pub fn put_certificate(&mut self, key: Key, certificate: Certificate) -> Result<()> {
        let id = certificate.says.certificate;
        self.find_by_name(&certificate.says.holder);
        let place = self.certificates.entry(id);
        let place = place.or_insert_with(|| Kept::new(key));
        place.touched += 1;
        let from = std::mem::replace(&mut place.value, key);
        if from != key {
            self.leave(id, from, key)?;
        }
        let kept = self.dossier(&key)?;
        kept.value.put_certificate(certificate);
        kept.touched += 1;
        Ok(())
    }

    /// An officer will find the person's dossier by the name.
    fn find_by_name(&mut self, person: &Person) {
        let keyring = &self.registry.keyring;
        let key = keyring.dossier_key(&person.document, &person.name);
        self.new_names.push((keyring.name_key(&person.name), key));
    }

    /// The case a ticket belongs to.
    pub fn ticket(&mut self, ticket: &str) -> Result<Option<RecordId>> {
        let key = self.registry.keyring.ticket_key(ticket);
        if let Some((_, id)) = self.new_tickets.iter().find(|(k, _)| *k == key) {
            return Ok(Some(*id));
        }
        let row = self
            .tx
            .query_opt(tables::TICKET, &[Param::Blob(&key), self.feed.into()])?;
        row.map(|row| Ok(RecordId::from_i64(row.int(0)?)))
            .transpose()
    }

    /// An office by its code.
    pub fn office(&mut self, code: &OfficeCode) -> Result<Option<&Office>> {
        if !self.offices.contains_key(code) {
            let asked = [code.as_str().into(), self.feed.into()];
            let Some(row) = self.tx.query_opt(tables::OFFICE, &asked)? else {
                return Ok(None);
            };
            let (id, kept) = office_row(&row)?;
            self.offices.insert(code.clone(), (id, kept));
        }
        Ok(self.offices.get(code).map(|(_, kept)| &kept.value))
    }

    /// A take-over batch by its number.
    pub fn batch(&mut self, id: RecordId) -> Result<&mut Kept<Batch>> {
        if !self.batches.contains_key(&id) {
            let row = self
                .tx
                .query_opt(tables::BATCH, &[id.as_i64().into(), self.feed.into()])?
                .ok_or(Error::NotFound)?;
            let value =
                serde_json::from_str(row.text(1)?).map_err(|_| Error::Internal("work::batch"))?;
            self.batches.insert(id, Kept::at(value, row.int(0)?));
        }
        // Cannot fail: it was just put in.
        self.batches
            .get_mut(&id)
            .ok_or(Error::Internal("work::batch"))
    }

    /// A halt by its number.
    pub fn halt(&mut self, id: RecordId) -> Result<&mut Kept<Halt>> {
        if !self.halts.contains_key(&id) {
            let row = self
                .tx
                .query_opt(tables::HALT, &[id.as_i64().into(), self.feed.into()])?
                .ok_or(Error::NotFound)?;
            let value =
                serde_json::from_str(row.text(1)?).map_err(|_| Error::Internal("work::halt"))?;
            self.halts.insert(id, Kept::at(value, row.int(0)?));
        }
        // Cannot fail: it was just put in.
        self.halts.get_mut(&id).ok_or(Error::Internal("work::halt"))
    }

    /// Keeps a halt as an event has left it.
    pub fn put_halt(&mut self, halt: Halt) {
        let kept = self
            .halts
            .entry(halt.id)
            .or_insert_with(|| Kept::new(halt.clone()));
        kept.value = halt;
        kept.touched += 1;
    }

    /// The moment to write on an event about a record whose last event was at `last`: now, but
    /// never before it, so that a clock set back cannot break a story.
    pub fn not_before(now: Timestamp, last: Timestamp) -> Timestamp {
        now.max(last)
    }
}

/// The row of an office.
pub(super) fn office_row(row: &Row) -> Result<(RecordId, Kept<Office>)> {
    let value = serde_json::from_str(row.text(2)?).map_err(|_| Error::Internal("work::office"))?;
    let id = RecordId::from_i64(row.int(0)?);
    Ok((id, Kept::at(value, row.int(1)?)))
}

/// What an inquiry's sealed bytes are bound to: its place, too.
pub(super) fn inquiry_aad(feed: i64, id: RecordId) -> [u8; 23] {
    let mut aad = [0; 23];
    aad[..7].copy_from_slice(b"inquiry");
    aad[7..15].copy_from_slice(&feed.to_be_bytes());
    aad[15..].copy_from_slice(&id.as_i64().to_be_bytes());
    aad
}

/// What a dossier's sealed bytes are bound to: its place, too.
pub(super) fn dossier_aad(feed: i64, key: &Key) -> [u8; 31] {
    let mut aad = [0; 31];
    aad[..7].copy_from_slice(b"dossier");
    aad[7..15].copy_from_slice(&feed.to_be_bytes());
    aad[15..].copy_from_slice(key);
    aad
}
