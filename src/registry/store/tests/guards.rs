//! What must stand for ever does, through the connection the server has; and tables that the
//! program does not know are refused.

use super::super::schema::File;
use super::super::{Ask, Error, Store};
use super::house::{House, JOURNAL, NUMBERS, ROLE, files, on_both};

const EVERYTHING: &str = "-- tests::everything
SELECT j.idx, j.at, j.kind, j.commitment, s.record FROM journal j JOIN subject s ON s.idx = j.idx";

const SEAL: &str = "-- tests::seal
INSERT INTO sealed (idx, key_id, salt, body) VALUES (0, 1, $1, $1)";
const TOUCH: &str = "-- tests::touch
INSERT INTO subject (record, idx) VALUES (77, 0)";

/// Every way to change or remove a row that somebody might try.
const TRESPASSES: &[&str] = &[
    "-- t::1\nUPDATE journal SET at = 1",
    "-- t::2\nUPDATE journal SET idx = 5 WHERE idx = 0",
    "-- t::3\nDELETE FROM journal",
    "-- t::4\nDELETE FROM journal WHERE idx = 0",
    "-- t::5\nINSERT INTO journal (idx, at, kind, commitment) SELECT idx, 9, kind, commitment \
     FROM journal WHERE idx = 0 ON CONFLICT (feed, idx) DO UPDATE SET at = excluded.at",
    "-- t::6\nINSERT OR REPLACE INTO journal (idx, at, kind, commitment) SELECT idx, 9, kind, \
     commitment FROM journal",
    "-- t::7\nREPLACE INTO journal (idx, at, kind, commitment) SELECT idx, 9, kind, commitment \
     FROM journal",
    "-- t::8\nUPDATE OR REPLACE journal SET at = 9",
    "-- t::9\nTRUNCATE journal",
    "-- t::10\nTRUNCATE subject, sealed",
    "-- t::11\nUPDATE subject SET record = 78",
    "-- t::12\nDELETE FROM subject",
    "-- t::13\nINSERT OR REPLACE INTO subject (record, idx) VALUES (77, 0)",
    "-- t::14\nINSERT INTO subject (record, idx) VALUES (77, 0) ON CONFLICT (record, feed, idx) DO \
     UPDATE SET record = 78",
    "-- t::15\nDELETE FROM sealed",
    "-- t::16\nINSERT OR REPLACE INTO sealed (idx, key_id) VALUES (0, 2)",
    "-- t::17\nDELETE FROM tally",
    "-- t::18\nUPDATE schema_version SET number = 8",
    "-- t::19\nDELETE FROM schema_version",
    "-- t::20\nWITH gone AS (DELETE FROM journal RETURNING idx) SELECT idx FROM gone",
    "-- t::21\nUPDATE sqlite_schema SET sql = NULL WHERE type = 'trigger'",
    "-- t::22\nALTER TABLE journal DISABLE TRIGGER ALL",
    "-- t::23\nALTER TABLE journal RENAME TO journal_of_old",
    "-- t::24\nDROP TABLE journal CASCADE",
];

/// SQLite's only role may alter tables; nothing short of another file's owner can stop it.
const LITE_MAY: &[usize] = &[22, 23];

fn fill(house: &House) {
    let mut tx = house.store.begin().expect("a turn");
    let row = [0.into(), 5.into(), "issued".into(), (&[7; 32]).into()];
    tx.insert_many(&JOURNAL, &[row]).expect("an entry");
    tx.execute(SEAL, &[b"sealed".into()]).expect("sealed");
    tx.execute(TOUCH, &[]).expect("a subject");
    tx.commit().expect("stored");
}

on_both! {
    fn the_journal_cannot_be_changed_by_the_server(house: &House) {
        fill(house);
        let before = house.store.read(|r| r.query(EVERYTHING, &[])).expect("read");
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].bytes::<32>(3), Ok([7; 32]));
        assert!(before[0].bytes::<31>(3).is_err());
        let sqlite = house.store.lookups().is_sqlite();
        for (at, sql) in TRESPASSES.iter().enumerate() {
            if sqlite && LITE_MAY.contains(&at) {
                continue;
            }
            let mut tx = house.store.begin().expect("a turn");
            let refused = tx.execute(sql, &[]);
            if !(sqlite && sql.contains("DROP TABLE")) {
                assert!(refused.is_err(), "{sql}");
                assert!(tx.commit().is_err(), "{sql}");
            }
        }
        let after = house.store.read(|r| r.query(EVERYTHING, &[])).expect("read");
        assert_eq!(before, after);
    }

    fn a_guard_that_speaks_is_told_from_other_errors(house: &House) {
        fill(house);
        for sql in [TRESPASSES[0], TRESPASSES[3], TRESPASSES[4], TRESPASSES[14]] {
            let refused = house.store.begin().expect("a turn").execute(sql, &[]);
            assert!(matches!(refused, Err(Error::Guarded { .. })), "{sql}: {refused:?}");
        }
    }

    fn a_sealed_body_can_be_sealed_again_and_destroyed(house: &House) {
        fill(house);
        let mut tx = house.store.begin().expect("a turn");
        tx.change_one("-- t::reseal\nUPDATE sealed SET key_id = 2, body = $1 WHERE idx = 0",
            &[b"again".into()]).expect("sealed again");
        tx.change_one("-- t::destroy\nUPDATE sealed SET salt = NULL, body = NULL WHERE idx = 0",
            &[]).expect("destroyed");
        tx.commit().expect("stored");
    }

    fn making_the_tables_again_changes_nothing(house: &House) {
        fill(house);
        std::thread::scope(|scope| for _ in 0..4 {
            scope.spawn(|| Store::migrate_with(&house.owner, Some(ROLE), &files()).expect("again"));
        });
        assert!(Store::open_with(&house.config, &files()).is_ok());
        assert_eq!(house.store.read(|r| r.query(EVERYTHING, &[])).expect("read").len(), 1);
    }

    fn unknown_changed_and_missing_tables_are_refused(house: &House) {
        let refused = |files: &[File], word: &str| {
            let Err(Error::Refused(sentence)) = Store::open_with(&house.config, files) else {
                panic!("opened: {word}");
            };
            assert!(sentence.contains(word), "{sentence}");
        };
        let mut known = files();
        refused(&known[..1], "newer program");
        assert!(Store::migrate_with(&house.owner, Some(ROLE), &known[..1]).is_err());
        known.push(File { number: NUMBERS + 1, text: "CREATE TABLE later (id {int}){table_end};" });
        refused(&known, "kecha init");
        known.truncate(1);
        known.push(File { number: NUMBERS, text: "-- another text" });
        refused(&known, "unchanged");
        assert!(Store::migrate_with(&house.owner, Some(ROLE), &known).is_err());
    }

    fn a_migration_that_fails_half_way_leaves_nothing(house: &House) {
        let mut more = files();
        more.push(File {
            number: NUMBERS + 1,
            text: "CREATE TABLE half (id {int}){table_end}; CREATE TABLE tally (id {int});",
        });
        assert!(Store::migrate_with(&house.owner, Some(ROLE), &more).is_err());
        assert!(Store::open_with(&house.config, &files()).is_ok(), "still of the old version");
        assert!(house.store.read(|r| r.query("-- t::half\nSELECT id FROM half", &[])).is_err());
    }
}

#[test]
fn a_missing_sqlite_guard_is_noticed() {
    let house = House::sqlite().expect("always");
    let mut tx = house.store.begin().expect("a turn");
    tx.execute("-- t::drop\nDROP TRIGGER journal_no_update", &[])
        .expect("SQLite allows it");
    tx.commit().expect("stored");
    assert!(matches!(
        Store::open_with(&house.config, &files()),
        Err(Error::Refused(_))
    ));
    Store::migrate_with(&house.owner, None, &files()).expect("set again");
    assert!(Store::open_with(&house.config, &files()).is_ok());
}

#[test]
fn an_empty_place_and_an_empty_file_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("none.db");
    let config = super::super::StoreConfig::Sqlite(path.clone());
    assert!(matches!(Store::open(&config), Err(Error::Refused(_))));
    assert!(!path.exists(), "opening makes nothing");
    std::fs::write(&path, b"").expect("an empty file");
    assert!(matches!(Store::open(&config), Err(Error::Refused(_))));
    Store::migrate(&config, None).expect("made");
    assert!(Store::open(&config).is_ok());
}
