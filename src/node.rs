//! A node's folder: settings, keys and database, and the rule that keeps a demonstration from
//! passing for an office.
//!
//! An office's node has `kecha.toml`, `keys.json` and `kecha.db` in its folder. A demonstration has
//! no settings, and keeps its keys and data in the subfolder `demo`, where a configured node never
//! looks: writing a `kecha.toml` into a demonstration's folder does not make an office of it.

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use domain::catalogue::Catalogue;

use crate::{
    clock::{self, Chance},
    config::{Config, ConfigError, Materials},
    registry::{self, Demand, Registry, StoreConfig, keyring::Keyring},
};

/// An opened folder.
pub struct Node {
    /// The folder.
    pub folder: PathBuf,
    /// The office's settings; none on a demonstration.
    pub config: Option<Config>,
    /// The register.
    pub registry: Registry,
}

/// Why a folder cannot be opened or made.
#[derive(Debug)]
pub struct NodeError(pub String);

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NodeError {}

impl From<ConfigError> for NodeError {
    fn from(e: ConfigError) -> Self {
        Self(e.0)
    }
}

impl From<registry::Error> for NodeError {
    fn from(e: registry::Error) -> Self {
        Self(e.to_string())
    }
}

/// How a register is opened.
type Open = fn(&StoreConfig, Keyring, Catalogue, Chance, &str) -> registry::Result<Registry>;

/// The subfolder of a demonstration.
pub const DEMO: &str = "demo";
/// The name of a demonstration's log; `.invalid` is an address nobody can have (RFC 2606).
const DEMO_LOG: &str = "demo.kecha.invalid/log";
/// The address of a demonstration's PostgreSQL, where it has one.
const DATABASE: &str = "database";

impl Node {
    /// Whether it is a demonstration: it has no settings of an office.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.config.is_none()
    }

    /// Makes the node of an office in an empty or new folder: settings, keys, tables. On
    /// PostgreSQL `owner_url` is the address of the role that shall own the tables.
    ///
    /// # Errors
    /// Settings that cannot stand; a folder that is a node already; what the database says.
    pub fn init(
        folder: &Path,
        config: &Config,
        owner_url: Option<&str>,
    ) -> Result<Self, NodeError> {
        config.check().map_err(NodeError)?;
        if folder.join(crate::config::FILE).exists() || folder.join(DEMO).exists() {
            return Err(NodeError(format!(
                "{} is a node already: choose an empty folder",
                folder.display()
            )));
        }
        fs::create_dir_all(folder).map_err(|e| cannot(folder, &e))?;
        let database = database(folder, config);
        match (&database, owner_url) {
            (StoreConfig::Postgres(url), Some(owner)) => migrate_postgres(url, owner)?,
            (StoreConfig::Postgres(_), None) => {
                return Err(NodeError(
                    "PostgreSQL: give the owner's address with --owner-url".to_owned(),
                ));
            }
            (StoreConfig::Sqlite(_), _) => Registry::migrate(&database, None)?,
        }
        let keyring = Keyring::create(&mut clock::rng());
        keyring
            .save(folder)
            .map_err(|e| NodeError(format!("keys.json: {e}")))?;
        let text = toml::to_string(config).map_err(|e| NodeError(e.to_string()))?;
        // The database's password may stand in it.
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join(crate::config::FILE))
            .map_err(|e| cannot(folder, &e))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|e| cannot(folder, &e))?;
        Self::open(folder)
    }

    /// Makes a demonstration in a folder: on a file in it, or on PostgreSQL at the addresses of the
    /// server's role and of the tables' owner.
    ///
    /// # Errors
    /// A folder that is an office's node; what the system says.
    pub fn init_demo(folder: &Path, postgres: Option<(&str, &str)>) -> Result<Self, NodeError> {
        if folder.join(crate::config::FILE).exists() {
            return Err(NodeError(format!(
                "{} is an office's node: a demonstration needs a folder of its own",
                folder.display()
            )));
        }
        let place = folder.join(DEMO);
        fs::create_dir_all(&place).map_err(|e| cannot(&place, &e))?;
        match postgres {
            None => Registry::migrate(&StoreConfig::Sqlite(place.join("kecha.db")), None)?,
            Some((server, owner)) => {
                migrate_postgres(server, owner)?;
                fs::write(place.join(DATABASE), server).map_err(|e| cannot(&place, &e))?;
            }
        }
        let keyring = Keyring::create(&mut clock::rng());
        keyring
            .save(&place)
            .map_err(|e| NodeError(format!("keys.json: {e}")))?;
        Self::open(folder)
    }

    /// Opens a folder that was made before.
    ///
    /// # Errors
    /// No node there; settings, keys or tables that do not fit.
    pub fn open(folder: &Path) -> Result<Self, NodeError> {
        Self::open_by(folder, Registry::open)
    }

    /// The same without reading a row: a node whose rows are broken can still be rebuilt.
    ///
    /// # Errors
    /// Those of [`Node::open`], but for what rows say.
    pub fn open_unread(folder: &Path) -> Result<Self, NodeError> {
        Self::open_by(folder, Registry::open_unread)
    }

    fn open_by(folder: &Path, open: Open) -> Result<Self, NodeError> {
        let config = Config::load(folder)?;
        let (place, database, catalogue, origin) = match &config {
            Some(config) => {
                let catalogue = match &config.catalogue {
                    Some(file) => load_catalogue(&folder.join(file))?,
                    None => Catalogue::shipped(),
                };
                (
                    folder.to_path_buf(),
                    database(folder, config),
                    catalogue,
                    config.log_origin(),
                )
            }
            None => {
                let place = folder.join(DEMO);
                let database = match fs::read_to_string(place.join(DATABASE)) {
                    Ok(url) => StoreConfig::from_address(url.trim()),
                    Err(_) => StoreConfig::Sqlite(place.join("kecha.db")),
                };
                (place, database, Catalogue::shipped(), DEMO_LOG.to_owned())
            }
        };
        if !place.join("keys.json").exists() {
            return Err(NodeError(format!(
                "{} is no node: `kecha init` makes one for an office, `kecha demo` a demonstration",
                folder.display()
            )));
        }
        let keyring = Keyring::load(&place).map_err(|e| NodeError(format!("keys.json: {e}")))?;
        let mut registry = open(&database, keyring, catalogue, Chance::system(), &origin)?;
        let materials = config.as_ref().map(|c| c.materials).unwrap_or_default();
        registry.demands(match materials {
            Materials::Shown => Demand::Shown,
            Materials::Digest => Demand::Digest,
            Materials::File => Demand::File,
        });
        Ok(Self {
            folder: folder.to_path_buf(),
            config,
            registry,
        })
    }
}

/// Reads a catalogue file.
///
/// # Errors
/// The place in the file and what is wrong there.
pub fn load_catalogue(path: &Path) -> Result<Catalogue, NodeError> {
    let text = fs::read_to_string(path).map_err(|e| cannot(path, &e))?;
    Catalogue::parse(&text).map_err(|e| NodeError(format!("{}: {e}", path.display())))
}

fn database(folder: &Path, config: &Config) -> StoreConfig {
    match StoreConfig::from_address(&config.database) {
        StoreConfig::Sqlite(path) => StoreConfig::Sqlite(folder.join(path)),
        postgres @ StoreConfig::Postgres(_) => postgres,
    }
}

fn migrate_postgres(server: &str, owner: &str) -> Result<(), NodeError> {
    let role = role_of(server).ok_or_else(|| NodeError("`database` names no role".to_owned()))?;
    Ok(Registry::migrate(
        &StoreConfig::from_address(owner),
        Some(&role),
    )?)
}

/// The role in `postgres://role:password@host/database`.
fn role_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let who = rest.split_once('@')?.0;
    Some(who.split(':').next()?.to_owned()).filter(|r| !r.is_empty())
}

fn cannot(path: &Path, e: &io::Error) -> NodeError {
    NodeError(format!("{}: {e}", path.display()))
}
