//! What only PostgreSQL can do wrong.

use std::time::Duration;

use super::super::{Ask, Error, Store, StoreConfig, Turn};
use super::house::{House, files};

const SET: &str = "-- tests::set
UPDATE tally SET version = version + 1 WHERE id = 1";
const GET: &str = "-- tests::get
SELECT version FROM tally WHERE id = 1";
const KILL: &str = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND usename = 'kecha_store_tests'";

/// Makes the server say something when a transaction that changed `tally` commits.
fn at_commit(house: &House, saying: &str) {
    house
        .keeper()
        .batch(&format!(
            "CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {saying}; \
             RETURN NULL; END $$; \
             CREATE CONSTRAINT TRIGGER say AFTER UPDATE ON tally DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION say()"
        ))
        .expect("a trigger");
}

fn try_commit(house: &House) -> Result<(), Error> {
    let mut tx = house.store.begin().expect("a turn");
    tx.execute(SET, &[]).expect("changed");
    tx.commit()
}

fn version(house: &House) -> i64 {
    house
        .store
        .read(|r| r.query_one(GET, &[])?.int(0))
        .expect("a version")
}

#[test]
fn a_commit_with_a_warning_is_not_a_success() {
    let Some(house) = House::postgres() else {
        return;
    };
    at_commit(
        &house,
        "RAISE WARNING 'committed locally, but not on the standby'",
    );
    assert_eq!(try_commit(&house), Err(Error::Unknown));
    assert_eq!(version(&house), 1, "it was stored, but nobody could know");
    assert_eq!(
        try_commit(&house),
        Err(Error::Unknown),
        "on a new connection"
    );
}

#[test]
fn a_commit_with_a_notice_is_a_success() {
    let Some(house) = House::postgres() else {
        return;
    };
    at_commit(&house, "RAISE NOTICE 'by the way'");
    assert_eq!(try_commit(&house), Ok(()));
}

#[test]
fn a_commit_that_was_refused_is_known_to_be() {
    let Some(house) = House::postgres() else {
        return;
    };
    at_commit(&house, "RAISE unique_violation");
    assert!(matches!(try_commit(&house), Err(Error::Conflict { .. })));
    assert_eq!(version(&house), 0);
}

#[test]
fn a_commit_without_an_answer_ends_and_is_unknown() {
    let Some(house) = House::postgres() else {
        return;
    };
    at_commit(&house, "PERFORM pg_sleep(3)");
    let mut tx = house.store.begin().expect("a turn");
    tx.execute(SET, &[]).expect("changed");
    let Turn::Postgres(writer) = &mut tx.turn else {
        panic!("PostgreSQL")
    };
    writer.as_mut().expect("a link").commit_limit = Duration::from_millis(100);
    assert_eq!(tx.commit(), Err(Error::Unknown));
    assert_eq!(version(&house), 0, "not yet");
    let late = house
        .store
        .begin()
        .expect("the turn comes when the server has ended the other's");
    drop(late);
    assert_eq!(version(&house), 1, "it was stored after all");
}

#[test]
fn a_commit_into_a_broken_connection_is_unknown_and_the_next_turn_connects_anew() {
    let Some(house) = House::postgres() else {
        return;
    };
    let mut tx = house.store.begin().expect("a turn");
    tx.execute(SET, &[]).expect("changed");
    house.keeper().batch(KILL).expect("killed");
    assert_eq!(tx.commit(), Err(Error::Unknown));
    assert_eq!(try_commit(&house), Ok(()));
    assert_eq!(version(&house), 1);
}

#[test]
fn a_connection_that_broke_between_two_turns_is_replaced() {
    let Some(house) = House::postgres() else {
        return;
    };
    assert_eq!(version(&house), 0);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let lookups = house.store.lookups();
    for _ in 0..9 {
        assert_eq!(runtime.block_on(lookups.get(b"key")), Ok(Vec::new()));
    }
    house.keeper().batch(KILL).expect("killed");
    for _ in 0..9 {
        assert_eq!(runtime.block_on(lookups.get(b"key")), Ok(Vec::new()));
    }
    assert_eq!(version(&house), 0);
    assert_eq!(try_commit(&house), Ok(()));
    let mut tx = house.store.begin().expect("a turn");
    house.keeper().batch(KILL).expect("killed");
    assert!(matches!(tx.execute(SET, &[]), Err(Error::Broken { .. })));
    assert!(
        tx.commit().is_err_and(|error| error != Error::Unknown),
        "it was never sent"
    );
    assert_eq!(version(&house), 1);
}

#[test]
fn a_server_that_owns_the_journal_or_may_change_it_is_refused() {
    let Some(house) = House::postgres() else {
        return;
    };
    let refused = |config: &StoreConfig| match Store::open_with(config, &files()) {
        Err(Error::Refused(sentence)) => assert!(sentence.contains("--owner-url"), "{sentence}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("opened"),
    };
    refused(&house.owner);
    for (give, take) in [
        (
            "GRANT UPDATE ON journal TO kecha_store_tests",
            "REVOKE UPDATE ON journal FROM kecha_store_tests",
        ),
        (
            "GRANT UPDATE (at) ON journal TO kecha_store_tests",
            "REVOKE UPDATE (at) ON journal FROM kecha_store_tests",
        ),
        (
            "GRANT TRUNCATE ON sealed TO kecha_store_tests",
            "REVOKE TRUNCATE ON sealed FROM kecha_store_tests",
        ),
        (
            "GRANT DELETE ON subject TO PUBLIC",
            "REVOKE DELETE ON subject FROM PUBLIC",
        ),
    ] {
        house.keeper().batch(give).expect("granted");
        refused(&house.config);
        house.keeper().batch(take).expect("taken back");
        assert!(Store::open_with(&house.config, &files()).is_ok());
    }
}

#[test]
fn the_store_may_be_dropped_inside_an_asynchronous_task() {
    let Some(house) = House::postgres() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = house.config.clone();
    let store = Store::open_with(&config, &files()).expect("opens");
    runtime.block_on(async move { drop(store) });
}

#[test]
fn an_address_that_is_wrong_says_so_without_repeating_it() {
    for address in [
        "postgres://u:secret@h:notaport/x",
        "postgres://u:secret@127.0.0.1:1/x",
    ] {
        let error = Store::open(&StoreConfig::from_address(address))
            .err()
            .expect("refused");
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
