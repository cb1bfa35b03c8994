//! A node of the simulation: its folder in memory, and what may happen to it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    catalogue::Catalogue,
    event::Act,
    law::Ground,
    office::Role,
    person::Person,
    record::RecordId,
    roster::Row,
    verdict::{Kind, StatusWord},
};
use jiff::{Timestamp, ToSpan, civil::date};
use kecha::{
    clock::Chance,
    demo::{self, Staff},
    registry::{Command, Error, FormerRow, Officer, Registry, StoreConfig, keyring::Keyring},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::office;

const FILE: &str = "kecha.db";
const WAL: &str = "kecha.db-wal";

/// A folder that costs no disk, where the system has such a place.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).expect("a folder")
    } else {
        tempfile::tempdir().expect("a folder")
    }
}

/// What every schedule begins with: an empty nation, and provinces with their offices, a released
/// batch. Each is made once.
struct Prepared {
    folder: TempDir,
    made: Mutex<Vec<String>>,
}

fn prepared(name: &str) -> PathBuf {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    let all = PREPARED.get_or_init(|| Prepared {
        folder: folder(),
        made: Mutex::default(),
    });
    let place = all.folder.path().join(name.replace('/', "_"));
    let mut made = all.made.lock().expect("nobody panicked in here");
    if !made.iter().any(|known| known == name) {
        fs::create_dir(&place).expect("a folder");
        Registry::migrate(&StoreConfig::Sqlite(place.join(FILE)), None).expect("tables");
        let number = made.len() as u64;
        Keyring::create(&mut StdRng::seed_from_u64(number))
            .save(&place)
            .expect("keys");
        if name == NATION {
            let registry = open(&place, name);
            let warden = Officer {
                login: "warden".to_owned(),
                roles: vec![Role::SecurityAdmin],
                ..keeper()
            };
            let opened = registry.register_account(&warden, None, start());
            opened.expect("an account");
            let opened = registry.register_account(&keeper(), Some(&warden), start());
            opened.expect("an account");
        } else {
            let registry = open(&place, name);
            staff().enter_offices(&registry).expect("offices");
            let warden = registry.officer("security").expect("an account");
            let opened = registry.register_account(&keeper(), Some(&warden), start());
            opened.expect("an account");
            begin(&registry);
        }
        // With no reader left in this thread, the last connection leaves one file behind.
        let db = Connection::open(place.join(FILE)).expect("the file opens");
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .expect("one file");
        made.push(name.to_owned());
    }
    place
}

pub const NATION: &str = "nation.example/log";

fn open(place: &Path, name: &str) -> Registry {
    // Another chance at every opening, or two histories would have the same salts.
    static OPENED: AtomicU64 = AtomicU64::new(1);
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    let chance = Chance::seeded(OPENED.fetch_add(1, Ordering::Relaxed));
    let catalogue = CATALOGUE.get_or_init(Catalogue::shipped).clone();
    let keyring = Keyring::load(place).expect("keys");
    let store = StoreConfig::Sqlite(place.join(FILE));
    Registry::open(&store, keyring, catalogue, chance, name).expect("the node opens")
}

/// Whoever keeps a node.
pub fn keeper() -> Officer {
    Officer {
        login: "keeper".to_owned(),
        name: "keeper".to_owned(),
        office: "00".into(),
        roles: vec![Role::SystemAdmin],
    }
}

/// The same officers everywhere: a feed knows its offices by its own entries.
fn staff() -> Staff {
    Staff::new(demo::PLACES[0])
}

fn start() -> Timestamp {
    "2026-07-01T01:00:00Z".parse().expect("a moment")
}

/// A batch that people are taken over in.
fn begin(registry: &Registry) {
    let staff = self::staff();
    let batch = registry.propose_batch(&"0".repeat(64), 10_000, staff.issuer(), start());
    let batch = batch.expect("proposed");
    registry
        .release_batch(batch, staff.approver(), start())
        .expect("released");
}

pub struct Side {
    pub name: String,
    pub place: PathBuf,
    home: PathBuf,
    folders: u32,
    registry: Option<Arc<Registry>>,
    /// Older copies of its database.
    pub copies: Vec<PathBuf>,
}

impl Side {
    pub fn new(home: &Path, name: &str) -> Self {
        let home = home.join(name.replace('/', "_"));
        fs::create_dir(&home).expect("a folder");
        let mut side = Self {
            name: name.to_owned(),
            place: prepared(name),
            home,
            folders: 0,
            registry: None,
            copies: Vec::new(),
        };
        side.place = side.copied(None);
        side.start();
        side
    }

    pub fn registry(&self) -> &Arc<Registry> {
        self.registry.as_ref().expect("the node runs")
    }

    fn start(&mut self) {
        self.registry = Some(Arc::new(open(&self.place, &self.name)));
    }

    /// The process dies between two steps.
    pub fn crash(&mut self) {
        self.registry = None;
        self.start();
    }

    pub fn database(&self) -> Connection {
        Connection::open(self.place.join(FILE)).expect("the file opens")
    }

    /// How long the file of what was written last is.
    pub fn written(&self) -> u64 {
        fs::metadata(self.place.join(WAL)).map_or(0, |m| m.len())
    }

    /// A copy of the files; of what was written last only so much.
    fn copied(&mut self, written: Option<u64>) -> PathBuf {
        let to = self.home.join(self.folders.to_string());
        self.folders += 1;
        fs::create_dir(&to).expect("a folder");
        for name in ["keys.json", FILE] {
            fs::copy(self.place.join(name), to.join(name)).expect("copied");
        }
        if self.place.join(WAL).exists() {
            fs::copy(self.place.join(WAL), to.join(WAL)).expect("copied");
            if let Some(length) = written {
                let file = fs::OpenOptions::new().write(true).open(to.join(WAL));
                file.and_then(|f| f.set_len(length)).expect("cut");
            }
        }
        to
    }

    pub fn backs_up(&mut self) {
        let copy = self.copied(None);
        self.copies.push(copy);
    }

    /// The power went out while something was written, when so much had been there before: the last
    /// of it is missing.
    pub fn comes_back(&mut self, before: u64, rng: &mut StdRng) {
        let after = self.written();
        let cut = (after > before).then(|| rng.random_range(before..after));
        let place = self.copied(cut);
        self.registry = None;
        self.place = place;
        self.start();
    }

    /// The node is put back to an older copy of its database.
    pub fn is_restored(&mut self, copy: usize) {
        self.registry = None;
        // A copy of the copy: it may be needed again.
        self.place = self.copies[copy].clone();
        self.place = self.copied(None);
        self.start();
    }

    /// The commitments of a journal that is kept here.
    pub fn commitments(&self, feed: i64) -> Vec<Vec<u8>> {
        let db = self.database();
        let mut asked = db
            .prepare("SELECT commitment FROM journal WHERE feed = ?1 ORDER BY idx")
            .expect("asked");
        let rows = asked.query_map([feed], |row| row.get(0)).expect("asked");
        rows.map(|row| row.expect("a commitment")).collect()
    }
}

/// People of a province, and those whose certificate was revoked.
#[derive(Default)]
pub struct People {
    pub all: Vec<(Person, Option<String>)>,
    pub revoked: Vec<(Person, Vec<u8>)>,
    next: u64,
}

impl People {
    pub fn of(province: usize) -> Self {
        Self {
            next: province as u64 * 10_000,
            ..Self::default()
        }
    }

    fn person(&mut self) -> Person {
        self.next += 1;
        demo::people::person(99, self.next)
    }

    /// One act of an office. Whatever is lost afterwards, these people were there.
    pub fn acts(&mut self, side: &Side, rng: &mut StdRng, now: Timestamp) {
        let done = match rng.random_range(0..10_u8) {
            0..=3 => self.take_over(side.registry(), rng, now),
            4..=5 => self.pass(side.registry(), rng, now),
            _ => self.change(side, rng, now),
        };
        match done {
            // A node that was set back writes nothing; what the law refuses is refused.
            Ok(()) | Err(Error::StandsStill | Error::Refused(_) | Error::NotFound) => {}
            Err(other) => panic!("an office could not work: {other}"),
        }
    }

    fn take_over(
        &mut self,
        registry: &Registry,
        rng: &mut StdRng,
        now: Timestamp,
    ) -> Result<(), Error> {
        let staff = staff();
        let batch = registry.batches(staff.issuer())?[0].id;
        let from = date(2024, 3, 1);
        let rows: Vec<FormerRow> = (0..rng.random_range(1..4_u8))
            .map(|_| FormerRow {
                holder: self.person(),
                item: "1.1".into(),
                first_issued: from,
                valid_from: from,
                valid_until: from.saturating_add(6.years()).saturating_sub(1.day()),
                recheck_due: None,
                appointment: None,
            })
            .collect();
        self.all
            .extend(rows.iter().map(|row| (row.holder.clone(), None)));
        registry
            .take_over(batch, &mut rows.into_iter(), staff.issuer(), now)
            .map(drop)
    }

    /// Somebody sits an exam and goes a part of the way, or all of it.
    fn pass(&mut self, registry: &Registry, rng: &mut StdRng, now: Timestamp) -> Result<(), Error> {
        let staff = staff();
        let steps = [
            Command::Confirm,
            Command::Report { materials: vec![] },
            Command::Accept,
            Command::Review,
            Command::Approve,
            Command::Make { batch: "1".into() },
            Command::Issue,
        ];
        let steps = steps.map(|c| (c.clone(), staff.whose(&c, 0)));
        let person = self.person();
        let ticket = format!("26{:08}", self.next);
        self.all.push((person.clone(), Some(ticket.clone())));
        let row = Row {
            item: "1.1".into(),
            name: person.name,
            sex: person.sex,
            document: person.document,
            kind: Kind::Initial,
            exam_date: domain::event::legal_day(now),
            theory: Some(90),
            practical: Some(rng.random_range(70..100)),
            ticket: Some(ticket),
            appointment: None,
        };
        let far = rng.random_range(0..=steps.len());
        registry
            .play(&[row], staff.clerk(0), &steps[..far], now)
            .map(drop)
    }

    /// An urgent act: somebody's certificate is suspended, resumed or revoked.
    fn change(&mut self, side: &Side, rng: &mut StdRng, now: Timestamp) -> Result<(), Error> {
        let registry = side.registry();
        let staff = staff();
        if self.all.is_empty() {
            return Ok(());
        }
        let (person, _) = self.all[rng.random_range(0..self.all.len())].clone();
        let held = registry.certificates_of(staff.approver(), &person.document, &person.name)?;
        let Some(certificate) = held.first() else {
            return Ok(());
        };
        let id: RecordId = certificate.says.certificate;
        let ground = Ground::new("第三十条", "演练");
        let suspended = certificate.status_on(domain::event::legal_day(now));
        let act = match (rng.random_range(0..2_u8), suspended) {
            (0, StatusWord::Suspended) => Act::Resumed,
            (0, _) => Act::Suspended(ground),
            _ => Act::Revoked {
                ground: Ground::of("unfit", "演练"),
                banned_until: None,
            },
        };
        let revokes = matches!(act, Act::Revoked { .. });
        let both = (staff.reviewer(), staff.approver());
        office::changes(registry, id, act, both, now)?;
        if revokes && let Some(commitment) = side.commitments(0).pop() {
            self.revoked.push((person, commitment));
        }
        Ok(())
    }
}
