//! Somebody changes the database by hand, past every guard: `Registry::check` finds each of it.

use std::{fs, path::Path};

use domain::{
    document::{DocType, Document},
    event::Act,
    name::Name,
    office::Role,
    person::Person,
};
use kecha::{
    clock, demo,
    node::Node,
    registry::{Checked, Fault},
};
use rusqlite::Connection;

/// What is done, in SQL, and whether the fault found is of the kind it should be.
type Trespass = (&'static str, fn(&Fault) -> bool);

fn record(fault: &Fault) -> bool {
    matches!(fault, Fault::Record { .. })
}

fn table(fault: &Fault) -> bool {
    matches!(fault, Fault::Table { .. })
}

fn entry(fault: &Fault) -> bool {
    matches!(fault, Fault::Entry { .. })
}

fn tree(fault: &Fault) -> bool {
    matches!(fault, Fault::Tree { .. })
}

fn gap(fault: &Fault) -> bool {
    matches!(fault, Fault::Gap { .. })
}

const TRESPASSES: &[Trespass] = &[
    (
        "UPDATE cases SET state = 'issued' WHERE state = 'accepted'",
        record,
    ),
    (
        "UPDATE cases SET authority = '9999' WHERE state = 'made'",
        record,
    ),
    (
        "UPDATE cases SET session = 1 WHERE state = 'examined'",
        record,
    ),
    (
        "UPDATE cases SET since = '2020-01-01' WHERE state = 'reported'",
        record,
    ),
    (
        "UPDATE cases SET made_in = 'x' WHERE state = 'approved'",
        record,
    ),
    (
        "UPDATE certificates SET status = 'valid' WHERE status = 'revoked'",
        record,
    ),
    ("UPDATE certificates SET valid_until = '2099-01-01'", record),
    ("UPDATE certificates SET taken_over = 0", record),
    (
        "DELETE FROM certificates WHERE status = 'suspended'",
        record,
    ),
    (
        "UPDATE offices SET body = replace(body, '2035', '2099')",
        record,
    ),
    (
        "UPDATE batches SET body = replace(body, 'approve', 'issue')",
        record,
    ),
    (
        "UPDATE sessions SET held_on = '2020-01-01' WHERE record = (SELECT MIN(record) FROM sessions)",
        record,
    ),
    ("UPDATE sheets SET taken = taken + 1", record),
    (
        "UPDATE tickets SET record = (SELECT MIN(record) FROM cases)",
        record,
    ),
    (
        "UPDATE people SET dossier = (SELECT MIN(dossier) FROM people)",
        table,
    ),
    (
        "UPDATE dossiers SET body = (SELECT body FROM dossiers LIMIT 1)",
        record,
    ),
    (
        "UPDATE certificates SET dossier = (SELECT MIN(key) FROM dossiers)",
        record,
    ),
    ("DELETE FROM subject WHERE idx = 40", record),
    ("INSERT INTO subject (record, idx) VALUES (7, 40)", table),
    (
        "INSERT INTO people (document, dossier) VALUES (x'00112233445566778899aabbccddeeff', x'00')",
        table,
    ),
    (
        "INSERT INTO tickets (ticket, record) VALUES (x'00', 1)",
        table,
    ),
    (
        "INSERT INTO dossiers (key, body) VALUES (x'00', x'00')",
        table,
    ),
    (
        "INSERT INTO sessions (record, version, institution, held_on) VALUES (1, 1, '910101', '2026-01-01')",
        table,
    ),
    ("DELETE FROM journal WHERE idx = 50", gap),
    (
        "DELETE FROM journal WHERE idx = (SELECT MAX(idx) FROM journal)",
        gap,
    ),
    ("UPDATE heads SET entries = entries - 1", gap),
    ("UPDATE heads SET checkpoint = ''", tree),
    ("UPDATE heads SET frontier = x'0000000000000000'", tree),
    ("UPDATE nodes SET hash = zeroblob(32)", tree),
    ("DELETE FROM nodes", tree),
    (
        "DELETE FROM subject WHERE idx >= 300; DELETE FROM sealed WHERE idx >= 300;
         UPDATE heads SET entries = 300; DELETE FROM journal WHERE idx >= 300",
        tree,
    ),
    (
        "UPDATE journal SET commitment = x'0000000000000000000000000000000000000000000000000000000000000000' WHERE idx = 50",
        entry,
    ),
    (
        "UPDATE journal SET kind = 'approved' WHERE kind = 'rejected'",
        entry,
    ),
    (
        "UPDATE journal SET at = at - 86400000 WHERE idx = 50",
        entry,
    ),
    (
        "UPDATE sealed SET salt = x'00112233445566778899aabbccddeeff' WHERE idx = 50",
        entry,
    ),
    (
        "UPDATE sealed SET body = (SELECT body FROM sealed WHERE idx = 51) WHERE idx = 50",
        entry,
    ),
];

fn check(folder: &Path) -> Checked {
    let node = Node::open(folder).expect("the folder opens");
    node.registry.check(&mut |_, _| {}).expect("the check runs")
}

/// Takes the guards away first, as somebody with the file in hand would.
pub fn trespass(file: &Path, sql: &str) {
    let db = Connection::open(file).expect("the file opens");
    let mut guards = db
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        .expect("asked");
    let guards: Vec<(String, String)> = guards
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("asked")
        .collect::<Result<_, _>>()
        .expect("guards");
    for (name, _) in &guards {
        db.execute_batch(&format!("DROP TRIGGER {name}"))
            .expect("dropped");
    }
    for sql in sql.split(';') {
        let changed = db.execute(sql, []).expect(sql);
        assert!(changed > 0, "nothing was changed by {sql}");
    }
    for (_, sql) in &guards {
        db.execute_batch(sql).expect("put back");
    }
}

#[test]
fn every_change_by_hand_is_found_and_honest_data_is_not_accused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, _) = demo::open_or_make(folder.path(), 60, 5, &mut |_, _| {}).expect("made");
    drop(node);
    let file = folder.path().join("demo/kecha.db");
    let db = Connection::open(&file).expect("the file opens");
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("one file");
    drop(db);
    assert_eq!(check(folder.path()).faults, []);
    for (sql, is_right) in TRESPASSES {
        // A copy each time: connections that are still open stay with the file they know.
        let copy = tempfile::tempdir().expect("a folder");
        let place = copy.path().join("demo");
        fs::create_dir(&place).expect("made");
        for name in ["kecha.db", "keys.json"] {
            fs::copy(folder.path().join("demo").join(name), place.join(name)).expect("copied");
        }
        trespass(&place.join("kecha.db"), sql);
        let faults = check(copy.path()).faults;
        assert!(faults.iter().any(is_right), "{sql}: {faults:?}");
    }
    assert_eq!(check(folder.path()).faults, []);
}

/// A certificate went to the right name; somebody puts the dossier of the wrong one back as it was.
#[test]
fn what_a_correction_took_away_and_comes_back_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, tour) = demo::open_or_make(folder.path(), 0, 5, &mut |_, _| {}).expect("made");
    let mut samples = tour.samples.iter();
    let sample = samples.find(|s| s.situation == "certificate_valid");
    let sample = sample.expect("a sample");
    let document = Document::parse(DocType::ResidentId, &sample.doc_number).expect("a number");
    let name = Name::parse(&sample.name).expect("a name");
    let officers = node.registry.accounts().expect("accounts");
    let approver = officers.iter().find(|o| o.roles.contains(&Role::Approver));
    let approver = approver.expect("an approver");
    let held = node.registry.certificates_of(approver, &document, &name);
    let says = held.expect("asked").remove(0).says;
    let db = Connection::open(folder.path().join("demo/kecha.db")).expect("the file opens");
    let mut asked = db.prepare("SELECT key, body FROM dossiers").expect("asked");
    let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let before: Vec<(Vec<u8>, Vec<u8>)> = rows
        .expect("asked")
        .collect::<Result<_, _>>()
        .expect("rows");
    let right = Act::Corrected {
        holder: Box::new(Person {
            name: Name::parse("示例改").expect("a name"),
            ..says.holder
        }),
        number: says.number,
        evidence: "档案".to_owned(),
    };
    let done = node
        .registry
        .change_certificate(says.certificate, right, approver, clock::now());
    done.expect("a correction");
    let faults = |node: &Node| node.registry.check(&mut |_, _| {}).expect("checked").faults;
    assert_eq!(faults(&node), []);
    for (key, body) in &before {
        let sql = "UPDATE dossiers SET body = ?2 WHERE key = ?1";
        assert_eq!(db.execute(sql, [key, body]).expect("put back"), 1);
    }
    assert_eq!(faults(&node), [Fault::Table { table: "dossiers" }]);
}
