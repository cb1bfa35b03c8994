//! The registry: the only code that can write, and the only one that can unseal.
//!
//! Every use case is one plain synchronous method: it takes its turn, loads, lets the domain
//! decide, saves and commits, on a blocking thread. `store` is private: nobody else can name SQL.

mod bulk;
mod chain;
mod check;
mod desk;
mod directory;
mod error;
mod holders;
mod import;
pub mod keyring;
mod keys;
mod lapse;
mod log;
mod read;
mod reissue;
mod sessions;
mod staff;
mod store;
mod tables;
mod takeover;
mod uploads;
mod work;

use std::sync::{Arc, RwLock, atomic::AtomicU64};

use tlog::note::Signer;

use domain::{calendar::Calendar, catalogue::Catalogue, dossier::Dossier};

use crate::clock::Chance;

pub use self::{
    chain::{Command, Done},
    check::{Checked, Fault},
    desk::{CaseFile, CaseLine, Filter, Reached, SessionLine},
    error::{Error, Result},
    holders::CertificateFile,
    import::{Imported, Importing, RowRefused},
    read::{Asker, Query},
    reissue::Lost,
    staff::{Account, Officer, ProgramKey, digest},
    store::StoreConfig,
    takeover::FormerRow,
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
    calendar: Calendar,
    catalogue: Catalogue,
    directory: RwLock<Arc<Directory>>,
    log: Signer,
    /// When browsers were seen that the tables do not know yet.
    seen: sessions::Seen,
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
        let log = Signer::new(origin, keyring.log_seed()).map_err(|_| {
            Error::Setup(format!(
                "`{origin}` cannot be the name of a log: no blank, no plus"
            ))
        })?;
        let store = Store::open(config)?;
        let lookups = store.lookups();
        let registry = Self {
            store,
            lookups,
            keyring: Arc::new(keyring),
            chance,
            calendar: Calendar::shipped(),
            catalogue,
            directory: RwLock::new(Arc::new(Directory::default())),
            log,
            seen: sessions::Seen::default(),
            last_record: AtomicU64::new(0),
        };
        registry.reload_directory()?;
        Ok(registry)
    }

    /// The working-day calendar.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The catalogue in force.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The key that form tokens are made with.
    #[must_use]
    pub fn session_key(&self) -> &[u8; 32] {
        self.keyring.session_key()
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
