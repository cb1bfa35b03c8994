//! What must hold on both databases.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::super::{Ask, Engine, Error, Insert, Kind, OnConflict, Param, Store, StoreConfig};
use super::house::{House, JOURNAL, TALLY, files, on_both};

const VERSION: &str = "-- tests::version
SELECT version FROM tally WHERE id = $1";
const SET_VERSION: &str = "-- tests::set_version
UPDATE tally SET version = $2 WHERE id = $1";
const GUARDED: &str = "-- tests::guarded
UPDATE tally SET version = $3, note = $4 WHERE version = $2 AND id = $1";
const NEW: &str = "-- tests::new
INSERT INTO tally (id, version, note, body) VALUES ($1, $2, $3, $4)";
const ALL: &str = "-- tests::all
SELECT id, version, note, body FROM tally ORDER BY id";
const COUNT: &str = "-- tests::count
SELECT COUNT(*), CAST(SUM(version) AS BIGINT) FROM tally";
const DOSSIER: &str = "-- tests::dossier
INSERT INTO dossiers (key, body) VALUES ($1, $2)";

/// Read, add one, write: loses something wherever a turn is not a turn.
fn increment(store: &Store) {
    let mut tx = store.begin().expect("a turn");
    let version = tx
        .query_one(VERSION, &[1.into()])
        .and_then(|row| row.int(0))
        .expect("a row");
    tx.change_one(SET_VERSION, &[1.into(), (version + 1).into()])
        .expect("one row");
    tx.commit().expect("a commit");
}

fn version(store: &Store, id: i64) -> i64 {
    store
        .read(|r| r.query_one(VERSION, &[id.into()])?.int(0))
        .expect("a version")
}

/// The other process of the tests with two: increments, or is killed in the middle of its turn.
#[test]
#[ignore = "started by the tests that need two processes"]
fn other_process() {
    let address = std::env::var("KECHA_TEST_STORE").expect("an address");
    let store = Store::open_with(&StoreConfig::from_address(&address), &files()).expect("opens");
    if std::env::var("KECHA_TEST_HANG").is_err() {
        return (0..200).for_each(|_| increment(&store));
    }
    let mut tx = store.begin().expect("a turn");
    tx.execute(SET_VERSION, &[1.into(), 99.into()])
        .expect("changed");
    std::fs::write(std::env::var("KECHA_TEST_HANG").expect("a path"), b"").expect("told");
    thread::sleep(Duration::from_secs(60));
}

fn start_other(house: &House, hang: Option<&Path>) -> Child {
    let here = module_path!().split_once("::").expect("a path").1;
    let program = std::env::current_exe().expect("this program");
    let mut other = Command::new(program);
    other
        .args([&format!("{here}::other_process"), "--exact", "--ignored"])
        .env("KECHA_TEST_STORE", house.address())
        .stdout(Stdio::null());
    if let Some(path) = hang {
        other.env("KECHA_TEST_HANG", path);
    }
    other.spawn().expect("another process")
}

on_both! {
    fn eight_threads_lose_nothing(house: &House) {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..200).for_each(|_| increment(&house.store)));
            }
        });
        assert_eq!(version(&house.store, 1), 1_600);
    }

    fn two_processes_lose_nothing(house: &House) {
        let mut other = start_other(house, None);
        (0..200).for_each(|_| increment(&house.store));
        assert!(other.wait().expect("its end").success());
        assert_eq!(version(&house.store, 1), 400);
    }

    fn a_process_killed_in_its_turn_leaves_nothing_and_blocks_nobody(house: &House) {
        let folder = tempfile::tempdir().expect("a folder");
        let sign = folder.path().join("in the middle");
        let mut other = start_other(house, Some(&sign));
        while !sign.exists() {
            assert!(other.try_wait().expect("its state").is_none(), "it is still at it");
            thread::sleep(Duration::from_millis(5));
        }
        other.kill().expect("killed");
        other.wait().expect("its end");
        increment(&house.store);
        assert_eq!(version(&house.store, 1), 1);
    }

    fn a_turn_that_does_not_come_is_busy_and_changes_nothing(house: &House) {
        let other = Store::open_with(&house.config, &files()).expect("a second program");
        match &other.engine {
            Engine::Sqlite(engine) => engine.writer.lock().expect("the writer")
                .busy_timeout(Duration::from_millis(50)).expect("set"),
            Engine::Postgres(engine) => engine.writer.lock().expect("the writer").as_mut()
                .expect("a link").batch("SET lock_timeout = 50").expect("set"),
        }
        let held = house.store.begin().expect("a turn");
        assert_eq!(other.begin().err(), Some(Error::Busy));
        held.commit().expect("a commit");
        increment(&other);
        assert_eq!(version(&house.store, 1), 1);
    }

    fn parameters_count_by_their_figure(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        tx.change_one(GUARDED, &[1.into(), 0.into(), 7.into(), "刘·玉".into()]).expect("fits");
        let row = tx.query_one("-- tests::row\nSELECT version, note, body FROM tally WHERE id = $1",
            &[1.into()]).expect("a row");
        assert_eq!(row.int(0), Ok(7));
        assert_eq!(row.text(1), Ok("刘·玉"));
        assert_eq!(row.opt_blob(2), Ok(None));
        assert!(row.blob(2).is_err() && row.int(1).is_err() && row.int(9).is_err());
    }

    fn a_stale_version_is_a_conflict(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        let stale = tx.change_one(GUARDED, &[1.into(), 5.into(), 6.into(), "x".into()]);
        assert_eq!(stale, Err(Error::Conflict { statement: "tests::guarded".to_owned() }));
        assert!(tx.execute(SET_VERSION, &[1.into(), 9.into()]).is_err(), "nothing more is done");
        assert!(tx.commit().is_err(), "and nothing is stored");
        assert_eq!(version(&house.store, 1), 0);
    }

    fn a_second_row_of_one_key_is_a_conflict_that_tells_no_value(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        let secret = "证110105194912310021";
        tx.execute(NEW, &[2.into(), 0.into(), secret.into(), Param::Null]).expect("new");
        let error = tx.execute(NEW, &[2.into(), 0.into(), secret.into(), Param::Null]);
        assert_eq!(error, Err(Error::Conflict { statement: "tests::new".to_owned() }));
        drop(tx);
        let mut tx = house.store.begin().expect("the next turn");
        let error = tx.execute(NEW, &[secret.into(), 0.into(), secret.into(), Param::Null]);
        let text = format!("{0:?} {0}", error.expect_err("a text is no number"));
        assert!(text.contains("tests::new") && !text.contains(secret), "{text}");
    }

    fn a_dropped_transaction_leaves_nothing(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        tx.execute(SET_VERSION, &[1.into(), 5.into()]).expect("changes");
        drop(tx);
        assert_eq!(version(&house.store, 1), 0);
        let panicked = thread::scope(|scope| {
            scope.spawn(|| {
                let mut tx = house.store.begin().expect("a turn");
                tx.execute(SET_VERSION, &[1.into(), 5.into()]).expect("changes");
                panic!("in the middle of a use case");
            }).join()
        });
        assert!(panicked.is_err());
        increment(&house.store);
        assert_eq!(version(&house.store, 1), 1);
    }

    fn a_reader_sees_one_snapshot_and_is_not_blocked(house: &House) {
        let (seen, wait_seen) = mpsc::channel();
        let (changed, wait_changed) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                house.store.read(|r| {
                    assert_eq!(r.query_one(VERSION, &[1.into()])?.int(0)?, 0);
                    seen.send(()).expect("told");
                    wait_changed.recv().expect("changed meanwhile");
                    assert_eq!(r.query_one(VERSION, &[1.into()])?.int(0)?, 0, "still as it was");
                    assert_eq!(version(&house.store, 1), 1, "a read inside a read is a new one");
                    Ok::<_, Error>(())
                }).expect("read");
            });
            wait_seen.recv().expect("seen");
            increment(&house.store);
            let open = house.store.begin().expect("a turn that stays open");
            assert_eq!(version(&house.store, 1), 1, "read while a writer is at work");
            changed.send(()).expect("told");
            drop(open);
        });
    }

    fn a_reader_cannot_write(house: &House) {
        let refused = house.store.read(|r| r.query(
            "-- tests::sneak\nUPDATE tally SET version = 9 WHERE id = 1 RETURNING id", &[]));
        assert!(refused.is_err());
        assert_eq!(version(&house.store, 1), 0);
    }

    fn many_rows_at_once_are_the_same_as_one_by_one(house: &House) {
        let count = 12_345_i64;
        let bodies: Vec<Vec<u8>> = (0..count).map(|n| n.to_be_bytes().repeat(4)).collect();
        let note = |n: i64| (n % 3 != 0).then(|| format!("第{n}行"));
        let notes: Vec<Option<String>> = (0..count).map(note).collect();
        let rows = |step: i64| -> Vec<[Param<'_>; 4]> {
            (0_i64..).zip(bodies.iter().zip(&notes)).map(|(n, (body, note))| {
                [(n + 10).into(), step.into(), note.as_ref().into(), body.into()]
            }).collect()
        };
        let stored = u64::try_from(count).expect("positive");
        let mut tx = house.store.begin().expect("a turn");
        assert_eq!(tx.insert_many(&TALLY, &rows(0)), Ok(stored), "new rows");
        assert_eq!(tx.insert_many(&TALLY, &rows(1)), Ok(stored), "the next version");
        assert_eq!(tx.insert_many_by(&TALLY, 3, &rows(4)), Ok(stored), "three events later");
        assert_eq!(tx.insert_many(&TALLY, &[]), Ok(0));
        tx.commit().expect("a commit");
        let read = house.store.read(|r| r.query(ALL, &[])).expect("all");
        let wanted: Vec<_> = rows(4).iter().map(|row| row.to_vec()).collect();
        let read = read.iter().skip(1).map(|row| (0..).map_while(|n| row.param(n)).collect::<Vec<_>>());
        assert!(read.eq(wanted));
        let mut tx = house.store.begin().expect("a turn");
        let stale = tx.insert_many(&TALLY, &rows(4)[..5]);
        assert_eq!(stale, Err(Error::Conflict { statement: "tests::tally".to_owned() }));
    }

    fn one_stale_row_among_many_refuses_all(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        let row = |id: i64, version: i64| [id.into(), version.into(), Param::Null, Param::Null];
        tx.insert_many(&TALLY, &[row(5, 0), row(6, 0), row(7, 0)]).expect("new");
        tx.commit().expect("stored");
        let mut tx = house.store.begin().expect("a turn");
        assert!(tx.insert_many(&TALLY, &[row(5, 1), row(6, 2), row(7, 1)]).is_err());
        drop(tx);
        let row = house.store.read(|r| r.query_one(COUNT, &[])).expect("a count");
        assert_eq!((row.int(0), row.int(1)), (Ok(4), Ok(0)));
    }

    fn rows_of_one_key_in_one_call_are_refused(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        let row = |version: i64| [8.into(), version.into(), Param::Null, Param::Null];
        assert!(tx.insert_many(&TALLY, &[row(0), row(1)]).is_err());
    }

    fn a_row_that_is_there_is_a_conflict_and_a_short_commitment_none(house: &House) {
        const ONCE: Insert<2> = Insert {
            name: "tests::once", table: "subject",
            columns: [("record", Kind::Int), ("idx", Kind::Int)],
            on_conflict: OnConflict::Refuse,
        };
        let mut tx = house.store.begin().expect("a turn");
        assert_eq!(tx.insert_many(&ONCE, &[[1.into(), 1.into()], [1.into(), 2.into()]]), Ok(2));
        assert!(tx.insert_many(&ONCE, &[[1.into(), 2.into()], [1.into(), 3.into()]]).is_err());
        drop(tx);
        let mut tx = house.store.begin().expect("a turn");
        assert!(tx.insert_many(&JOURNAL, &[[0.into(), 0.into(), "x".into(), (&[0; 31]).into()]])
            .is_err(), "a commitment has 32 bytes");
    }

    fn a_value_of_another_kind_is_refused(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        let row = ["8".into(), 0.into(), Param::Null, Param::Null];
        assert!(tx.insert_many(&TALLY, &[row]).is_err());
        drop(tx);
        let mut tx = house.store.begin().expect("a turn");
        assert!(tx.execute(NEW, &[8.into(), 0.into(), "a\0b".into(), Param::Null]).is_err(), "NUL");
        drop(tx);
        let mut tx = house.store.begin().expect("a turn");
        assert!(tx.execute(SET_VERSION, &[1.into()]).is_err(), "a parameter is missing");
    }

    fn the_hot_look_up_finds_the_body_under_a_key(house: &House) {
        let mut tx = house.store.begin().expect("a turn");
        tx.execute(DOSSIER, &[b"key".into(), b"body".into()]).expect("stored");
        tx.commit().expect("stored");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2).enable_all().build().expect("a runtime");
        let lookups = house.store.lookups();
        runtime.block_on(async {
            let asked: Vec<_> = (0..64).map(|n| {
                let lookups = lookups.clone();
                tokio::spawn(async move {
                    lookups.get(if n % 2 == 0 { b"key" } else { b"kez" }).await
                })
            }).collect();
            for (n, asked) in asked.into_iter().enumerate() {
                let body = asked.await.expect("no panic").expect("an answer");
                let wanted = (n % 2 == 0).then(|| (0, b"body".to_vec()));
                assert_eq!(body, Vec::from_iter(wanted));
            }
        });
    }
}
