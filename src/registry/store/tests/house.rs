//! A house of one test: a database of its own on either engine, gone afterwards.

use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::link::Link;
use super::super::schema::{FILES, File};
use super::super::{Insert, Kind, OnConflict, Store, StoreConfig, postgres};

/// The role the server runs as: the tests' own, its password is its name.
pub const ROLE: &str = "kecha_store_tests";

/// A table of the tests' own, after the real ones.
const TEST_TABLE: &str = "
CREATE TABLE tally (
    id       {int} NOT NULL PRIMARY KEY,
    version  {int} NOT NULL,
    note     TEXT NULL,
    body     {blob} NULL
){table_end};
INSERT INTO tally (id, version) VALUES (1, 0);
";

pub const NUMBERS: i64 = 9001;

pub const JOURNAL: Insert<4> = Insert {
    name: "tests::journal",
    table: "journal",
    columns: [
        ("idx", Kind::Int),
        ("at", Kind::Int),
        ("kind", Kind::Text),
        ("commitment", Kind::Blob),
    ],
    on_conflict: OnConflict::Refuse,
};

pub const TALLY: Insert<4> = Insert {
    name: "tests::tally",
    table: "tally",
    columns: [
        ("id", Kind::Int),
        ("version", Kind::Int),
        ("note", Kind::Text),
        ("body", Kind::Blob),
    ],
    on_conflict: OnConflict::Replace {
        key: &["id"],
        guard: Some("version"),
    },
};

pub fn files() -> Vec<File> {
    let mut files = FILES.to_vec();
    files.push(File {
        number: NUMBERS,
        text: TEST_TABLE,
    });
    files
}

pub struct House {
    /// As the server opens it.
    pub config: StoreConfig,
    /// As the keeper of the tables opens it.
    pub owner: StoreConfig,
    pub store: Store,
    /// Tidies up; last, so that the store is closed before.
    _ground: Ground,
}

enum Ground {
    Folder(tempfile::TempDir),
    Database { admin: String, name: String },
}

impl House {
    pub fn sqlite() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = StoreConfig::Sqlite(folder.path().join("registry.db"));
        Some(Self::build(config.clone(), config, Ground::Folder(folder)))
    }

    /// `None` where no PostgreSQL is at hand; on the build server that is a failure.
    pub fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(admin) = std::env::var("KECHA_TEST_PG") else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CI has no KECHA_TEST_PG"
            );
            say("skipped: no KECHA_TEST_PG");
            return None;
        };
        let count = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kecha_store_{}_{count}", std::process::id());
        let mut link = admin_link(&admin);
        // Tests and their processes run side by side: the role may be made by another meanwhile.
        link.batch(&format!(
            "DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ))
        .expect("the role");
        link.batch(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .expect("a database");
        let owner = StoreConfig::Postgres(with_database(&admin, None, &name));
        let app = StoreConfig::Postgres(with_database(&admin, Some(ROLE), &name));
        Some(Self::build(owner, app, Ground::Database { admin, name }))
    }

    fn build(owner: StoreConfig, config: StoreConfig, ground: Ground) -> Self {
        Store::migrate_with(&owner, Some(ROLE), &files()).expect("the tables are made");
        let store = Store::open_with(&config, &files()).expect("the store opens");
        Self {
            config,
            owner,
            store,
            _ground: ground,
        }
    }

    pub fn address(&self) -> String {
        match &self.config {
            StoreConfig::Sqlite(path) => path.display().to_string(),
            StoreConfig::Postgres(url) => url.clone(),
        }
    }

    /// A connection of the keeper's, who may do everything.
    pub fn keeper(&self) -> Link {
        match &self.owner {
            StoreConfig::Postgres(url) => admin_link(url),
            StoreConfig::Sqlite(_) => panic!("SQLite has no keeper"),
        }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        match self {
            Self::Folder(folder) => assert!(folder.path().exists(), "the folder was still there"),
            Self::Database { admin, name } => {
                let dropped =
                    admin_link(admin).batch(&format!("DROP DATABASE {name} WITH (FORCE)"));
                if !std::thread::panicking() {
                    dropped.expect("the database is dropped");
                }
            }
        }
    }
}

fn admin_link(url: &str) -> Link {
    let config = postgres::parse(url).expect("KECHA_TEST_PG is an address");
    Link::open(&config).expect("KECHA_TEST_PG answers")
}

/// The same address with another database, and another role if one is named.
pub fn with_database(url: &str, role: Option<&str>, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("an address");
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (front, _) = address.split_once('/').unwrap_or((address, ""));
    let (user, host) = front.split_once('@').unwrap_or(("postgres", front));
    let user = role.map_or_else(|| user.to_owned(), |role| format!("{role}:{role}"));
    format!("{scheme}://{user}@{host}/{name}?{query}")
}

/// Once, and past the test runner's capture: whoever runs the tests must see what was left out.
fn say(sentence: &str) {
    static SAID: Once = Once::new();
    SAID.call_once(|| drop(writeln!(std::io::stderr(), "{sentence}")));
}

/// One test on both databases.
macro_rules! on_both {
    ($($(#[$doc:meta])* fn $name:ident($house:ident: &House) $body:block)*) => {$(
        mod $name {
            use super::*;
            $(#[$doc])*
            fn story($house: &House) $body
            #[test]
            fn sqlite() {
                House::sqlite().iter().for_each(story);
            }
            #[test]
            fn postgres() {
                House::postgres().iter().for_each(story);
            }
        }
    )*};
}
pub(super) use on_both;
