//! The registry: the only code that can write, and the only one that can unseal.
//!
//! Every use case is one plain synchronous method: it takes its turn, loads, lets the domain
//! decide, saves and commits, on a blocking thread. `store` is private: nobody else can name SQL.

mod accounts;
mod after;
mod alarm;
mod apply;
mod bulk;
mod chain;
mod check;
mod claims;
mod comparison;
mod counter;
mod desk;
mod directory;
mod doors;
mod due;
mod entry;
mod error;
mod estimates;
mod exams;
pub mod factors;
mod facts;
mod feed;
mod files;
mod follow;
mod grant;
mod halt;
mod history;
mod holders;
mod import;
mod inquiries;
pub mod keyring;
mod keys;
mod lapse;
mod log;
mod materials;
mod moves;
mod national;
mod programs;
mod publications;
mod queue;
mod read;
mod readings;
mod rebuild;
mod recount;
mod recover;
mod reissue;
mod runs;
mod search;
mod sessions;
mod sizes;
mod staff;
mod store;
mod tables;
mod takeover;
mod tasks;
mod uploads;
mod work;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU64},
    },
};

use tlog::{cosignature::Cosigner, note::Signer};

pub use domain::hold::Hold;
use domain::{calendar::Calendar, catalogue::Catalogue, dossier::Dossier, record::RecordId};

use crate::clock::Chance;

pub use self::{
    accounts::{AccountFile, Duty},
    after::{Asked, CertificateLine, Held},
    alarm::{Alarm, Alarms, HaltTold, Quarantined},
    chain::{Command, Done},
    check::{Checked, Fault, Found, Keys},
    claims::NoView,
    comparison::{Compared, Difference, Figures, Outcome, Rows, Said, Side},
    counter::AtCounter,
    desk::{CaseFile, CaseLine, Due, Filter, Reached, SessionLine, sunday},
    doors::{Door, DoorLine, From},
    due::DueCase,
    error::{Error, Result},
    estimates::{Behind, Remembered},
    exams::{
        Asked as AskedSeat, Enrolled, Looked, MachineRow, Planned, Scored, SeatLine, Seated,
        SessionFile, SessionsReached,
    },
    facts::{Around, Narrowed},
    feed::{Followed, Page, Sent, SetAside, SignedHead, Within},
    files::{Draft, FileKept, FileReader},
    follow::{Province, Watermark},
    history::{Milestone, Passed, Place, Reading},
    holders::{CertificateFile, CertificatesReached},
    import::{Imported, Importing, RowRefused},
    inquiries::{Attached, Inquiring, InquiryFile, InquiryLine, Taken, Tracked},
    materials::{Demand, Kept, MaterialFile, NewMaterial, PAGES, SecondList},
    national::National,
    programs::{Begun, CallName, NewProgram, OfficeKey, Program},
    publications::{Published, Versions},
    queue::{Count, Only, Place as QueuePlace, Queue, QueuePage, Sort, Tallies, may_decide},
    read::{Answered, Asker, Homes, Query},
    readings::{Mark, Purpose, ReadLine},
    rebuild::{Left, Rebuilt},
    reissue::{Becomes, Lost},
    runs::{Cupboard, Run, RunCard, RunFile, RunStep},
    search::Found as SearchFound,
    sessions::{Browser, SignedIn, Stage},
    sizes::Size,
    staff::{Account, Officer, ProgramKey, digest},
    store::StoreConfig,
    takeover::{
        Difference as TakeoverDifference, FormerRow, Merged, Predicted, Settled, Settling, Takeover,
    },
    tasks::{Opening, Task, TaskState},
};
use self::{
    directory::Directory,
    keyring::Keyring,
    store::{Lookup, Store},
    work::Key,
};

/// A node's register.
pub struct Registry {
    store: Store,
    lookups: Lookup,
    keyring: Arc<Keyring>,
    chance: Chance,
    /// The packs in force, and what is announced.
    versions: RwLock<&'static Versions>,
    directory: RwLock<Arc<Directory>>,
    /// What reports must bring.
    demand: Demand,
    log: Signer,
    /// When browsers were seen that the tables do not know yet.
    seen: sessions::Seen,
    /// Readings of files that are not written yet.
    unwritten: readings::Unwritten,
    cosigner: Cosigner,
    /// Records with entries in quarantine.
    quarantined: RwLock<HashSet<RecordId>>,
    /// The codes of the provinces that are followed, by the number of their feed.
    provinces: RwLock<HashMap<i64, String>>,
    /// How far the own journal reaches, here and at the nation.
    reach: national::Reach,
    /// This node was set back to an older state: nothing is written until a person decides.
    stands_still: AtomicBool,
    /// The last record number given by this process.
    last_record: AtomicU64,
}

impl Registry {
    /// Makes the tables of a new node, or adds what a newer program needs.
    ///
    /// # Errors
    /// What the database says, with the remedy.
    pub fn migrate(config: &StoreConfig, app_role: Option<&str>) -> Result<()> {
        Ok(Store::migrate(config, app_role)?)
    }

    /// Opens a register that was made before.
    ///
    /// # Errors
    /// Tables that this program does not know, a role that could change the journal, keys that do
    /// not open this register, or an `origin` that cannot name a log.
    pub fn open(
        config: &StoreConfig,
        keyring: Keyring,
        catalogue: Catalogue,
        chance: Chance,
        origin: &str,
    ) -> Result<Self> {
        let registry = Self::open_unread(config, keyring, catalogue, chance, origin)?;
        registry.reload_directory()?;
        registry.reload_quarantine()?;
        registry.reload_provinces()?;
        registry.reload_publications()?;
        registry.reload_standstill()?;
        Ok(registry)
    }

    /// The same without reading a row: a register whose rows are broken can still be rebuilt.
    ///
    /// # Errors
    /// Those of [`Registry::open`], but for what rows say.
    pub fn open_unread(
        config: &StoreConfig,
        keyring: Keyring,
        catalogue: Catalogue,
        chance: Chance,
        origin: &str,
    ) -> Result<Self> {
        let log = Signer::new(origin, keyring.log_seed()).map_err(|_| {
            Error::Setup(format!(
                "`{origin}` cannot be the name of a log: no blank, no plus"
            ))
        })?;
        // Cannot fail: the name was good for the other key.
        let cosigner = Cosigner::new(origin, keyring.witness_seed())
            .map_err(|_| Error::Internal("registry::open"))?;
        let store = Store::open(config)?;
        let lookups = store.lookups();
        Ok(Self {
            store,
            lookups,
            keyring: Arc::new(keyring),
            chance,
            versions: RwLock::new(Versions::kept(Calendar::shipped(), catalogue)),
            directory: RwLock::new(Arc::new(Directory::default())),
            demand: Demand::default(),
            log,
            seen: sessions::Seen::default(),
            unwritten: readings::Unwritten::default(),
            cosigner,
            quarantined: RwLock::default(),
            provinces: RwLock::default(),
            reach: national::Reach::default(),
            stands_still: AtomicBool::new(false),
            last_record: AtomicU64::new(0),
        })
    }

    /// The seed of the key that this node is known by at the other end of a line.
    #[must_use]
    pub fn line_seed(&self) -> &[u8; 32] {
        self.keyring.line_seed()
    }

    /// The key that form tokens are made with.
    #[must_use]
    pub fn session_key(&self) -> &[u8; 32] {
        self.keyring.session_key()
    }

    /// A register of the same node on an empty file, to fold into.
    fn aside(&self, file: &Path) -> Result<Self> {
        let config = StoreConfig::Sqlite(file.to_owned());
        Store::migrate(&config, None)?;
        let store = Store::open(&config)?;
        let name = self.log.public().name();
        let same = |_| Error::Internal("registry::aside");
        Ok(Self {
            lookups: store.lookups(),
            store,
            keyring: Arc::clone(&self.keyring),
            chance: Chance::system(),
            versions: RwLock::new(self.versions()),
            directory: RwLock::new(Arc::new(Directory::default())),
            demand: Demand::default(),
            log: Signer::new(name, self.keyring.log_seed()).map_err(same)?,
            seen: sessions::Seen::default(),
            unwritten: readings::Unwritten::default(),
            cosigner: Cosigner::new(name, self.keyring.witness_seed()).map_err(same)?,
            quarantined: RwLock::default(),
            provinces: RwLock::default(),
            reach: national::Reach::default(),
            stands_still: AtomicBool::new(false),
            last_record: AtomicU64::new(0),
        })
    }

    fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        self.chance.with(|rng| self.keyring.seal(aad, plain, rng))
    }

    fn open_dossier(&self, feed: i64, key: &Key, sealed: &[u8]) -> Result<Dossier> {
        let bytes = self
            .keyring
            .open(&work::dossier_aad(feed, key), sealed)
            .map_err(|_| Error::Sealed("a dossier"))?;
        serde_json::from_slice(&bytes).map_err(|_| Error::Internal("registry::open_dossier"))
    }
}
