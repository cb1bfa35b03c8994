//! Rows are changed and taken away by hand, past every guard; `Registry::rebuild` makes each again
//! from the journal, as the use cases had written it.

use std::path::{Path, PathBuf};

use domain::{
    inquiry::{Line, Words},
    publication::{Announcement, Content, Proposal, Said},
};
use kecha::{
    clock, demo,
    node::Node,
    registry::{Left, Rebuilt, Registry, keyring::Keyring},
};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{NoTls, types::Type};

use crate::house::Database;

/// Every table that follows from the journal, in the order of its keys.
const TABLES: [&str; 16] = [
    "SELECT * FROM heads ORDER BY feed",
    "SELECT * FROM nodes ORDER BY feed, level, idx",
    "SELECT * FROM subject ORDER BY feed, record, idx",
    "SELECT * FROM offices ORDER BY feed, record",
    "SELECT * FROM sessions ORDER BY feed, record",
    "SELECT * FROM sheets ORDER BY feed, record",
    "SELECT * FROM batches ORDER BY feed, record",
    "SELECT * FROM accounts ORDER BY feed, record",
    "SELECT * FROM publications ORDER BY feed, record",
    "SELECT * FROM cases ORDER BY feed, record",
    "SELECT * FROM certificates ORDER BY feed, record",
    "SELECT * FROM people ORDER BY feed, document",
    "SELECT * FROM names ORDER BY feed, name, dossier",
    "SELECT * FROM tickets ORDER BY feed, ticket",
    DOSSIERS,
    INQUIRIES,
];
const DOSSIERS: &str = "SELECT feed, key, body FROM dossiers ORDER BY feed, key";
const INQUIRIES: &str = "SELECT * FROM inquiries ORDER BY feed, record";

/// Something of everything: changed, exchanged, taken away.
const SPOILED: &[&str] = &[
    "UPDATE heads SET frontier = (SELECT hash FROM nodes ORDER BY idx LIMIT 1)",
    "DELETE FROM nodes",
    "DELETE FROM subject WHERE idx > 99 AND idx < 200",
    "UPDATE offices SET body = 'no office' WHERE record = (SELECT MIN(record) FROM offices)",
    "UPDATE offices SET version = 9 WHERE record = (SELECT MAX(record) FROM offices)",
    "DELETE FROM sheets WHERE record = (SELECT MIN(record) FROM sheets)",
    "UPDATE sheets SET taken = taken + 1",
    "UPDATE batches SET authority = '9999'",
    "UPDATE cases SET state = 'issued'",
    "UPDATE cases SET due = '2020-01-01', due_moves = 1",
    "UPDATE cases SET version = version + 1, made_in = NULL, session = 5",
    "DELETE FROM cases WHERE record = (SELECT MIN(record) FROM cases)",
    "DELETE FROM certificates WHERE status = 'valid'",
    "UPDATE certificates SET valid_until = '2099-01-01'",
    "UPDATE people SET dossier = (SELECT document FROM people ORDER BY document LIMIT 1)",
    "DELETE FROM people WHERE document = (SELECT document FROM people ORDER BY document LIMIT 1)",
    "DELETE FROM names WHERE name = (SELECT MIN(name) FROM names)",
    "UPDATE tickets SET record = (SELECT MAX(record) FROM cases)",
    "DELETE FROM tickets WHERE ticket = (SELECT ticket FROM tickets ORDER BY ticket LIMIT 1)",
    "UPDATE dossiers SET body = (SELECT body FROM dossiers ORDER BY key LIMIT 1)",
    "UPDATE publications SET kind = 'catalogue'",
    "UPDATE accounts SET body = 'no account' WHERE record = (SELECT MIN(record) FROM accounts)",
    "DELETE FROM accounts WHERE record = (SELECT MAX(record) FROM accounts)",
    "UPDATE inquiries SET office = '9999', since = '2020-01-01'",
    "UPDATE inquiries SET body = (SELECT body FROM inquiries ORDER BY record LIMIT 1)",
    "DELETE FROM inquiries WHERE record = (SELECT MAX(record) FROM inquiries)",
    "DELETE FROM dossiers WHERE key = (SELECT key FROM dossiers ORDER BY key LIMIT 1)",
];

/// An announcement that one proposes and another approves.
fn publishes(registry: &Registry) {
    let said = |title| Said {
        title: Line::parse(title).expect("a title"),
        words: Words::parse("试例").expect("words"),
    };
    let today = clock::today();
    let content = Content::Announcement(Announcement {
        zh: said("试例公告"),
        en: said("an announcement"),
        from: today,
        until: today,
    });
    let sha256 = "ab".repeat(32);
    let officer = |login| registry.officer(login).expect("an account");
    let proposed = registry.propose_publication(
        Proposal { content, sha256 },
        &officer("admin"),
        clock::now(),
    );
    let id = proposed.expect("proposed");
    let approved = registry.approve_publication(id, &officer("admin2"), clock::now());
    approved.expect("approved");
}

/// A demonstration on either database.
struct Site {
    folder: TempDir,
    server: Option<Database>,
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.drop_it();
        }
    }
}

impl Site {
    fn new(server: Option<Database>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let urls = server
            .as_ref()
            .map(|d| (d.server.as_str(), d.owner.as_str()));
        let node = Node::init_demo(folder.path(), urls).expect("made");
        demo::fill(
            &node.registry,
            demo::PLACES[0],
            60.into(),
            7,
            clock::now(),
            &mut |_, _| {},
        )
        .expect("filled");
        publishes(&node.registry);
        drop(node);
        Self { folder, server }
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    fn rebuild(&self) -> kecha::registry::Result<Rebuilt> {
        let node = Node::open_unread(self.folder.path()).expect("opens");
        let aside = self.folder.path().join("aside.db");
        let mut told = (0, 0);
        let rebuilt = node
            .registry
            .rebuild(&aside, &mut |done, all| told = (done, all));
        assert!(!aside.exists(), "the file beside is taken away");
        if let Ok(rebuilt) = &rebuilt {
            assert_eq!(told, (rebuilt.entries, rebuilt.entries));
        }
        rebuilt
    }

    fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        match &self.server {
            Some(server) => ask_postgres(&server.owner, sql),
            None => ask_sqlite(&self.place().join("kecha.db"), sql),
        }
    }

    /// Somebody with the owner's password, or with the file in hand.
    fn trespass(&self, sql: &str) {
        match &self.server {
            Some(server) => {
                crate::house::run(&server.owner, sql);
            }
            None => crate::tamper::trespass(&self.place().join("kecha.db"), sql),
        }
    }

    /// All that follows from the journal, dossiers opened.
    fn rows(&self) -> Vec<Vec<Vec<String>>> {
        let keyring = Keyring::load(&self.place()).expect("keys");
        let number = |text: &String| text.parse::<i64>().expect("a number").to_be_bytes();
        let open = |aad: &[u8], body: &mut String| {
            let plain = keyring.open(aad, &bytes(body)).expect("opens");
            *body = String::from_utf8(plain.to_vec()).expect("JSON");
        };
        let dossier = |mut row: Vec<String>| {
            let aad = [b"dossier", &number(&row[0])[..], &bytes(&row[1])].concat();
            open(&aad, &mut row[2]);
            row
        };
        let inquiry = |mut row: Vec<String>| {
            let aad = [b"inquiry", &number(&row[0])[..], &number(&row[1])].concat();
            open(&aad, &mut row[8]);
            row
        };
        let all = TABLES.map(|sql| {
            let rows = self.ask(sql);
            match sql {
                DOSSIERS => rows.into_iter().map(dossier).collect(),
                INQUIRIES => rows.into_iter().map(inquiry).collect(),
                _ => rows,
            }
        });
        assert!(
            all.iter().all(|rows| !rows.is_empty()),
            "something of everything"
        );
        all.into()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let one = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16);
    digits.map(|pair| one(pair).expect("hexadecimal")).collect()
}

fn ask_sqlite(file: &Path, sql: &str) -> Vec<Vec<String>> {
    use rusqlite::types::Value;
    let db = Connection::open(file).expect("the file opens");
    let mut statement = db.prepare(sql).expect("asked");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..columns)
            .map(|at| {
                Ok(match row.get(at)? {
                    Value::Null => "null".to_owned(),
                    Value::Integer(n) => n.to_string(),
                    Value::Text(text) => text,
                    Value::Blob(bytes) => hex(&bytes),
                    Value::Real(_) => panic!("a broken number"),
                })
            })
            .collect()
    });
    let rows: Result<_, _> = rows.expect("asked").collect();
    rows.expect("answered")
}

fn ask_postgres(url: &str, sql: &str) -> Vec<Vec<String>> {
    let runtime = Runtime::new().expect("a runtime");
    let rows = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.query(sql, &[]).await
    });
    let null = || "null".to_owned();
    let one = |row: &tokio_postgres::Row, at: usize| match *row.columns()[at].type_() {
        Type::INT8 => row
            .get::<_, Option<i64>>(at)
            .map_or_else(null, |n| n.to_string()),
        Type::BYTEA => row
            .get::<_, Option<Vec<u8>>>(at)
            .map_or_else(null, |b| hex(&b)),
        _ => row.get::<_, Option<String>>(at).unwrap_or_else(null),
    };
    let rows = rows.expect("KECHA_TEST_PG answers");
    rows.iter()
        .map(|row| (0..row.len()).map(|at| one(row, at)).collect())
        .collect()
}

fn every_row_comes_again_as_it_was(site: &Site) {
    let before = site.rows();
    let untouched = site.rebuild().expect("rebuilt");
    assert_eq!(
        (untouched.written, untouched.left),
        (Vec::new(), Vec::new())
    );
    assert_eq!(site.rows(), before);
    for sql in SPOILED {
        site.trespass(sql);
    }
    // Two sessions change places: each holds what must be the other's alone.
    let sessions = site.ask("SELECT record FROM sessions ORDER BY record");
    let (first, last) = (&sessions[0][0], &sessions[sessions.len() - 1][0]);
    for (from, to) in [(first.as_str(), "0"), (last, first), ("0", last)] {
        site.trespass(&format!(
            "UPDATE sessions SET record = {to} WHERE record = {from}"
        ));
    }
    let rebuilt = site.rebuild().expect("rebuilt");
    assert_eq!(rebuilt.left, []);
    let tables: Vec<&str> = rebuilt.written.iter().map(|(table, _)| *table).collect();
    assert_eq!(
        tables,
        [
            "subject",
            "heads",
            "offices",
            "sessions",
            "sheets",
            "batches",
            "cases",
            "certificates",
            "people",
            "names",
            "tickets",
            "dossiers",
            "inquiries",
            "nodes"
        ]
    );
    let after = site.rows();
    for (sql, (after, before)) in TABLES.iter().zip(after.iter().zip(&before)) {
        assert_eq!(after, before, "{sql}");
    }
    assert_eq!(site.rebuild().expect("rebuilt").written, []);
}

fn what_no_event_accounts_for_is_told_and_stays(site: &Site) {
    let before = site.rows();
    // The row of a session under another number: one is missing, and one stands in its way.
    site.trespass(
        "UPDATE sessions SET record = 1 WHERE record = (SELECT MIN(record) FROM sessions)",
    );
    site.trespass("INSERT INTO subject (feed, record, idx) VALUES (0, 7, 40)");
    site.trespass("UPDATE tickets SET feed = 0, ticket = (SELECT document FROM people ORDER BY document LIMIT 1) WHERE record = (SELECT MIN(record) FROM tickets)");
    site.trespass("UPDATE nodes SET hash = (SELECT commitment FROM journal WHERE idx = 0)");
    site.trespass("UPDATE heads SET checkpoint = 'none'");
    let rebuilt = site.rebuild().expect("rebuilt");
    let tables = |left: &Left| match left {
        Left::Unaccounted { table, rows, first } => {
            assert_eq!((*rows, first.is_some()), (1, *table != "subject"));
            format!("unaccounted {table}")
        }
        Left::Fixed { table, .. } => format!("fixed {table}"),
        Left::Checkpoint { feed } => format!("checkpoint {feed}"),
        Left::Unlawful { .. } => "unlawful".to_owned(),
    };
    let left: Vec<String> = rebuilt.left.iter().map(tables).collect();
    let wanted = [
        "unaccounted subject",
        "checkpoint 0",
        "unaccounted sessions",
        "unaccounted tickets",
        "fixed nodes",
    ];
    assert_eq!(left, wanted);
    let after = site.rows();
    for (sql, (after, before)) in TABLES.iter().zip(after.iter().zip(&before)) {
        let whole = before.iter().all(|row| after.contains(row));
        assert!(
            whole || sql.contains("heads") || sql.contains("nodes"),
            "{sql}"
        );
    }
}

fn a_journal_that_is_not_whole_is_no_ground(site: &Site) {
    site.trespass("UPDATE cases SET state = 'issued'");
    let spoiled = site.rows();
    let entries: i64 = spoiled[0][0][1].parse().expect("a number");
    // Each before the one that stands already: what comes first is told.
    for (at, sql) in [
        (entries, "UPDATE heads SET entries = entries + 1"),
        (entries - 1, "UPDATE heads SET entries = entries - 2"),
        (
            50,
            "UPDATE sealed SET body = (SELECT body FROM sealed WHERE idx = 51) WHERE idx = 50",
        ),
        (49, "UPDATE journal SET kind = 'reissued' WHERE idx = 49"),
        (
            48,
            "UPDATE sealed SET salt = (SELECT salt FROM sealed WHERE idx = 51) WHERE idx = 48",
        ),
        (47, "DELETE FROM sealed WHERE idx = 47"),
        (46, "UPDATE sealed SET body = NULL WHERE idx = 46"),
        (45, "UPDATE journal SET at = at - 1 WHERE idx = 45"),
    ] {
        site.trespass(sql);
        let error = site.rebuild().expect_err(sql).to_string();
        let named = format!("journal 0, entry {at}: ");
        assert!(error.starts_with(&named), "{sql}: {error}");
        let now = site.rows();
        assert_eq!(now[7], spoiled[7], "{sql}: nothing was changed");
    }
}

macro_rules! on_both {
    ($($story:ident)*) => {$(
        mod $story {
            use super::*;
            #[test]
            fn sqlite() {
                super::$story(&Site::new(None));
            }
            #[test]
            fn postgres() {
                if std::env::var("KECHA_TEST_PG").is_ok() {
                    super::$story(&Site::new(Some(Database::create())));
                } else {
                    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI has no KECHA_TEST_PG");
                }
            }
        }
    )*};
}
on_both! {
    every_row_comes_again_as_it_was
    what_no_event_accounts_for_is_told_and_stays
    a_journal_that_is_not_whole_is_no_ground
}
