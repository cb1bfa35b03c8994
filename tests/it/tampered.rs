//! Each kind of tampering that the feed must survive, done in SQL by somebody who owns the database
//! and has no key, at the province and at the nation, on SQLite and on PostgreSQL: the check names
//! the entry.
//!
//! | kind | without a key | with the province's key |
//! |---|---|---|
//! | a certificate without an exam | here | `feed::a_certificate_slipped_in…`: quarantined |
//! | a score changed after confirmation | here; `tamper::Copies::confirmed` | `feed::broken_mathematics…`: on hold |
//! | an entry deleted | here; `comparison::an_entry_changed…` | `feed::broken_mathematics…` |
//! | two sealed fields exchanged | here; between feeds in `tamper::ON_COPIES` | the seal is the node's own |
//! | back-dated | here; a row in `tamper::TRESPASSES` | `feed::broken_mathematics…` |
//! | both decisions by one officer | here | `feed::what_breaks_the_law…`: quarantined |
//! | the tail truncated | here | `feed::a_step_back…`, `feed_simulation`: on hold |
//! | a fork | here | `feed::history`, `feed_simulation`: on hold |
//!
//! Rows that follow from the entries are in `tamper` (by the check) and in `comparison` (by the other
//! side). No false alarm: each test begins and ends with a check that finds nothing.

use std::path::Path;

use domain::{catalogue::Catalogue, event::Act, event::Event, roster::Row, verdict::Kind};
use jiff::Timestamp;
use kecha::{
    clock::Chance,
    demo::{self, Staff},
    registry::{Command, Fault, Found, Registry, StoreConfig, keyring::Keyring},
};
use tempfile::TempDir;

use crate::{
    house::{Database, run},
    tamper::trespass,
};

/// `{f}` is the journal's number, `{a}` the entry in question, `{b}` another.
type Tampering = (&'static str, At, &'static str);

/// Which entry it is done to.
#[derive(Clone, Copy)]
enum At {
    Confirmed,
    Approved,
    Early,
    End,
}

const KINDS: [Tampering; 8] = [
    (
        "a certificate without an exam",
        At::End,
        "INSERT INTO journal SELECT feed, {a}, at, kind, commitment FROM journal
         WHERE feed = {f} AND kind = 'certificate_issued' AND idx = (SELECT MAX(idx) FROM journal
         WHERE feed = {f} AND kind = 'certificate_issued');
         INSERT INTO sealed SELECT feed, {a}, key_id, salt, body FROM sealed
         WHERE feed = {f} AND idx = (SELECT MAX(idx) FROM journal
         WHERE feed = {f} AND kind = 'certificate_issued' AND idx < {a});
         UPDATE heads SET entries = entries + 1 WHERE feed = {f}",
    ),
    (
        "a score changed after confirmation",
        At::Confirmed,
        "UPDATE sealed SET body = (SELECT body FROM sealed WHERE feed = {f} AND idx = {b})
         WHERE feed = {f} AND idx = {a}",
    ),
    (
        "an entry deleted",
        At::Early,
        "DELETE FROM subject WHERE feed = {f} AND idx = {a};
         DELETE FROM sealed WHERE feed = {f} AND idx = {a};
         DELETE FROM journal WHERE feed = {f} AND idx = {a}",
    ),
    (
        "two sealed fields exchanged",
        At::Early,
        "UPDATE sealed SET idx = 1000000 WHERE feed = {f} AND idx = {a};
         UPDATE sealed SET idx = {a} WHERE feed = {f} AND idx = {b};
         UPDATE sealed SET idx = {b} WHERE feed = {f} AND idx = 1000000",
    ),
    (
        "back-dated",
        At::Approved,
        "UPDATE journal SET at = at - 86400000 WHERE feed = {f} AND idx = {a}",
    ),
    // The reviewer's bytes in the place of the approver's.
    (
        "both decisions by one officer",
        At::Approved,
        "UPDATE sealed SET salt = (SELECT salt FROM sealed WHERE feed = {f} AND idx = {b}),
         body = (SELECT body FROM sealed WHERE feed = {f} AND idx = {b})
         WHERE feed = {f} AND idx = {a};
         UPDATE journal SET commitment = (SELECT commitment FROM journal
         WHERE feed = {f} AND idx = {b}) WHERE feed = {f} AND idx = {a}",
    ),
    (
        "the tail truncated",
        At::Early,
        "DELETE FROM subject WHERE feed = {f} AND idx >= {a};
         DELETE FROM sealed WHERE feed = {f} AND idx >= {a};
         UPDATE heads SET entries = {a} WHERE feed = {f};
         DELETE FROM journal WHERE feed = {f} AND idx >= {a}",
    ),
    // Another end of the same length.
    (
        "a fork",
        At::Confirmed,
        "UPDATE journal SET commitment = (SELECT commitment FROM journal
         WHERE feed = {f} AND idx = {b}), kind = (SELECT kind FROM journal
         WHERE feed = {f} AND idx = {b}) WHERE feed = {f} AND idx = {a}",
    ),
];

/// A node's database and keys.
struct Side {
    folder: TempDir,
    name: &'static str,
    database: Option<Database>,
}

impl Side {
    fn new(name: &'static str, on_postgres: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keyring::create(&mut kecha::clock::rng());
        keys.save(folder.path()).expect("keys");
        let database = on_postgres.then(Database::create);
        let side = Self {
            folder,
            name,
            database,
        };
        let migrated = match &side.database {
            Some(d) => Registry::migrate(&StoreConfig::from_address(&d.owner), Some("kecha_app")),
            None => Registry::migrate(&side.config(), None),
        };
        migrated.expect("tables");
        side
    }

    fn file(&self) -> std::path::PathBuf {
        Path::join(self.folder.path(), "kecha.db")
    }

    fn config(&self) -> StoreConfig {
        match &self.database {
            Some(database) => StoreConfig::from_address(&database.server),
            None => StoreConfig::Sqlite(self.file()),
        }
    }

    fn open(&self) -> Registry {
        let keys = Keyring::load(self.folder.path()).expect("keys");
        let catalogue = Catalogue::shipped();
        Registry::open(&self.config(), keys, catalogue, Chance::system(), self.name)
            .expect("the node opens")
    }

    fn faults(&self) -> Vec<Found> {
        let checked = self.open().check(&mut |_, _| {});
        checked.expect("checked").faults
    }

    /// Does it to the database, as its owner.
    fn suffers(&self, sql: &str) {
        match &self.database {
            Some(database) => run(&database.owner, sql),
            None => trespass(&self.file(), sql),
        }
    }
}

/// What tampering is done to.
const TABLES: [&str; 4] = ["journal", "sealed", "subject", "heads"];

/// A new database costs more than four small tables.
impl Side {
    fn is_kept_aside(&self) {
        if let Some(database) = &self.database {
            let copy = |table| format!("CREATE TABLE aside.{table} AS TABLE {table};");
            let all: String = TABLES.map(copy).concat();
            run(&database.owner, &format!("CREATE SCHEMA aside; {all}"));
        }
    }

    fn is_put_right(&self) {
        if let Some(database) = &self.database {
            let back = |table| {
                format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM aside.{table};")
            };
            run(&database.owner, &TABLES.map(back).concat());
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        if let Some(database) = &mut self.database {
            database.drop_it();
        }
    }
}

/// Three people with certificates at a province, and their copy at the nation.
struct Pair {
    sides: [Side; 2],
    events: Vec<Event>,
}

impl Pair {
    fn new(on_postgres: bool) -> Self {
        let province = Side::new("province.example/log", on_postgres);
        let nation = Side::new("nation.example/log", on_postgres);
        let here = province.open();
        issue(&here);
        let there = nation.open();
        let key = here.log_key().parse().expect("a key");
        let follows = there.follow_province("91", key).expect("entered");
        let page = here.page(0, 500).expect("read").expect("entries");
        let answer = there.follow(&follows, &page, now()).expect("answered");
        assert_eq!(answer.hold, None);
        let kept = here.acknowledge(&answer, there.witness_key(), now());
        assert_eq!(kept.expect("kept"), None);
        province.is_kept_aside();
        nation.is_kept_aside();
        let events = page.entries.iter();
        let events = events.map(|e| Event::from_bytes(&e.event).expect("an event"));
        Self {
            events: events.collect(),
            sides: [province, nation],
        }
    }

    fn place(&self, at: At) -> usize {
        let last = |wanted: fn(&Act) -> bool| {
            let found = self.events.iter().rposition(|e| wanted(&e.act));
            found.expect("an entry")
        };
        match at {
            At::Confirmed => last(|act| matches!(act, Act::ScoresConfirmed)),
            At::Approved => last(|act| matches!(act, Act::Approved)),
            At::Early => self.events.len() / 2,
            At::End => self.events.len(),
        }
    }
}

fn now() -> Timestamp {
    "2026-07-01T02:00:00Z".parse().expect("a moment")
}

fn issue(registry: &Registry) {
    let staff = Staff::new(demo::PLACES[0]);
    staff.enter_offices(registry).expect("offices");
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
    for number in 1..=3 {
        let person = demo::people::person(99, number);
        let row = Row {
            item: "1.1".into(),
            name: person.name,
            sex: person.sex,
            document: person.document,
            kind: Kind::Initial,
            exam_date: domain::event::legal_day(now()),
            theory: Some(90),
            practical: Some(90),
            ticket: Some(format!("26{number:08}")),
            appointment: None,
        };
        let done = registry.play(&[row], staff.clerk(0), &steps, now());
        done.expect("issued");
    }
}

fn named(fault: &Fault) -> Option<i64> {
    match fault {
        Fault::Gap { at }
        | Fault::Entry { at }
        | Fault::Unlawful { at, .. }
        | Fault::SetAside { at } => Some(*at),
        _ => None,
    }
}

fn every_kind(on_postgres: bool) {
    let mut pair = Pair::new(on_postgres);
    for (what, at, sql) in KINDS {
        for (feed, province) in [(0_usize, ""), (1, "91")] {
            assert_eq!(pair.sides[feed].faults(), [], "before {what}");
            let place = pair.place(at);
            // Of both decisions, the review is the entry before.
            let sql = sql
                .replace("{f}", &feed.to_string())
                .replace("{a}", &place.to_string())
                .replace("{b}", &(place - 1).to_string());
            pair.sides[feed].suffers(&sql);
            let faults = pair.sides[feed].faults();
            let entry = i64::try_from(place).expect("short");
            let is_named = |f: &&Found| f.province == province && named(&f.fault) == Some(entry);
            assert!(
                faults.iter().any(|found| is_named(&found)),
                "{what}, feed {feed}: {faults:?}"
            );
        }
        if on_postgres {
            pair.sides.iter().for_each(Side::is_put_right);
        } else {
            pair = Pair::new(false);
        }
    }
    for side in &pair.sides {
        assert_eq!(side.faults(), []);
    }
}

#[test]
fn every_kind_names_its_entry_on_sqlite() {
    every_kind(false);
}

#[test]
fn every_kind_names_its_entry_on_postgres() {
    if std::env::var("KECHA_TEST_PG").is_ok() {
        every_kind(true);
    } else {
        let is_ci = std::env::var("CI").as_deref() == Ok("true");
        assert!(!is_ci, "CI has no KECHA_TEST_PG");
    }
}
