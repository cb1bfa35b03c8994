//! Somebody changes the database by hand, past every guard: `Registry::check` finds each of it.

mod keys;

use std::{fs, path::Path};

use domain::{
    document::{DocType, Document},
    event::{Act, Event},
    name::Name,
    office::Role,
    person::Person,
};
use kecha::{
    clock, demo,
    node::Node,
    registry::{Checked, Fault, Found, Page, Registry, Sent},
};
use rusqlite::Connection;
use tempfile::TempDir;
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    frontier::Frontier,
    hash::{Hash, commitment},
    note::{Signer, Verifier},
};

use crate::office;

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
        "UPDATE cases SET due = '2020-01-01' WHERE state = 'reported'",
        record,
    ),
    (
        "UPDATE cases SET due_moves = 1 - due_moves WHERE state = 'passed'",
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
    ("UPDATE inquiries SET office = '9999'", record),
    ("UPDATE inquiries SET state = 'answered'", record),
    ("UPDATE inquiries SET since = '2020-01-01'", record),
    ("UPDATE inquiries SET reference = alike", record),
    ("UPDATE inquiries SET alike = reference", record),
    (
        "UPDATE inquiries SET body = (SELECT body FROM inquiries ORDER BY record LIMIT 1)",
        record,
    ),
    (
        "INSERT INTO inquiries (record, version, reference, alike, office, state, since, body)
         VALUES (1, 1, x'00', x'00', '9101', 'asked', '2026-01-01', x'00')",
        table,
    ),
    ("DELETE FROM subject WHERE idx = 40", record),
    ("INSERT INTO subject (record, idx) VALUES (7, 40)", table),
    (
        "INSERT INTO names (name, dossier) VALUES (x'00', x'00')",
        table,
    ),
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
        "INSERT INTO sessions (record, version, institution, held_on, slot, body)
         VALUES (1, 1, '910101', '2026-01-01', '', '')",
        table,
    ),
    ("DELETE FROM journal WHERE idx = 50", gap),
    (
        "DELETE FROM journal WHERE idx = (SELECT MAX(idx) FROM journal)",
        gap,
    ),
    (
        "UPDATE heads SET entries = entries - 1 WHERE entries > 0",
        gap,
    ),
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
        let prepares = sql.starts_with("CREATE TEMP");
        assert!(changed > 0 || prepares, "nothing was changed by {sql}");
    }
    for (_, sql) in &guards {
        db.execute_batch(sql).expect("put back");
    }
}

/// One file, and no reader that holds on to it.
fn settle(file: &Path) {
    let db = Connection::open(file).expect("the file opens");
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("one file");
}

/// A copy each time: connections that are still open stay with the file they know.
fn copied(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    let place = copy.path().join("demo");
    fs::create_dir(&place).expect("made");
    for name in ["kecha.db", "keys.json"] {
        fs::copy(folder.join("demo").join(name), place.join(name)).expect("copied");
    }
    copy
}

#[test]
fn every_change_by_hand_is_found_and_honest_data_is_not_accused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, _) = demo::open_or_make(folder.path(), 60, 5, &mut |_, _| {}).expect("made");
    drop(node);
    settle(&folder.path().join("demo/kecha.db"));
    assert_eq!(check(folder.path()).faults, []);
    for (sql, is_right) in TRESPASSES {
        let copy = copied(folder.path());
        trespass(&copy.path().join("demo/kecha.db"), sql);
        let faults = check(copy.path()).faults;
        assert!(
            faults.iter().any(|found| is_right(&found.fault)),
            "{sql}: {faults:?}"
        );
    }
    assert_eq!(check(folder.path()).faults, []);
}

/// A nation with copies of two provinces: 91, which is honest, and 92, whose key signs the same
/// story with both decisions of one case by one officer, and an entry that cannot be read.
struct Copies {
    folder: TempDir,
    _province: TempDir,
    /// The key of 91.
    key: Verifier,
    /// An entry in which the scores of somebody were confirmed.
    confirmed: i64,
}

impl Copies {
    fn new() -> Self {
        let (folder, province) = (tempfile::tempdir(), tempfile::tempdir());
        let (folder, province) = (folder.expect("a folder"), province.expect("a folder"));
        let (node, _) = demo::open_or_make(province.path(), 60, 5, &mut |_, _| {}).expect("made");
        let nation = Node::init_demo(folder.path(), None).expect("made").registry;
        let key: Verifier = node.registry.log_key().parse().expect("a key");
        let honest = nation.follow_province("91", key.clone()).expect("entered");
        let mut events = Vec::new();
        while let Some(page) = node.registry.page(events.len() as u64, 97).expect("read") {
            let answer = nation.follow(&honest, &page, clock::now());
            assert_eq!(answer.expect("answered").hold, None);
            events.extend(page.entries.into_iter().map(|sent| sent.event));
        }
        let read: Vec<Event> = events
            .iter()
            .map(|bytes| Event::from_bytes(bytes).expect("an event"))
            .collect();
        let confirmed = read
            .iter()
            .position(|e| matches!(e.act, Act::ScoresConfirmed))
            .expect("confirmed");
        crooked(&nation, read);
        drop(nation);
        settle(&folder.path().join("demo/kecha.db"));
        Self {
            folder,
            _province: province,
            key,
            confirmed: i64::try_from(confirmed).expect("a place"),
        }
    }

    fn faults_after(&self, sql: &str) -> Vec<Found> {
        let copy = copied(self.folder.path());
        trespass(&copy.path().join("demo/kecha.db"), sql);
        check(copy.path()).faults
    }
}

fn crooked(nation: &Registry, mut events: Vec<Event>) {
    let approved = events
        .iter_mut()
        .find(|e| matches!(e.act, Act::Approved))
        .expect("approved");
    approved.by.officer = "review".into();
    let key = Signer::new("crooked.example/log", &[7; 32]).expect("a key");
    let follows = nation
        .follow_province("92", key.public().clone())
        .expect("entered");
    let readable = events.iter().map(Event::to_bytes);
    let entries: Vec<Sent> = readable
        .chain([b"no event".to_vec()])
        .map(|event| Sent {
            salt: [5; 16],
            event,
        })
        .collect();
    let mut tree = Frontier::new();
    for sent in &entries {
        let leaf = Hash::leaf(&commitment(&sent.salt, &sent.event));
        tree.append(leaf).expect("room");
    }
    let end = Checkpoint::new(key.public().name(), tree.size(), tree.root());
    let note = SignedCheckpoint::sign(end.expect("a checkpoint"), &key);
    let page = Page {
        from: 0,
        entries,
        checkpoint: note.expect("signed").to_string(),
        is_last: true,
        within: None,
    };
    let answer = nation.follow(&follows, &page, clock::now());
    assert_eq!(answer.expect("answered").hold, None);
    assert!(nation.watermarks().expect("read")[1].quarantined > 1);
}

/// What is done, in whose copy it is found, and whether the fault is of the kind it should be.
type OnCopy = (&'static str, &'static str, fn(&Fault) -> bool);

/// What can be done to a copy only.
const ON_COPIES: &[OnCopy] = &[
    (
        "CREATE TEMP TABLE one AS SELECT * FROM certificates WHERE feed = 1 LIMIT 1;
         UPDATE one SET record = 7; INSERT INTO certificates SELECT * FROM one",
        "91",
        table,
    ),
    (
        "INSERT INTO people (feed, document, dossier) VALUES (1, x'00', x'00')",
        "91",
        table,
    ),
    (
        "INSERT INTO tickets (feed, ticket, record) VALUES (9, x'00', 7)",
        "",
        table,
    ),
    // The dossier of one province under the number of the other.
    (
        "UPDATE dossiers SET body = (SELECT body FROM dossiers o WHERE o.feed = 2
         AND o.key = dossiers.key) WHERE feed = 1",
        "91",
        record,
    ),
    (
        "UPDATE sealed SET body = (SELECT body FROM sealed o WHERE o.feed = 2 AND o.idx = sealed.idx)
         WHERE feed = 1 AND idx = 60",
        "91",
        entry,
    ),
    // A lawful entry put in quarantine, an unlawful one taken out.
    (
        "INSERT INTO quarantine SELECT feed, idx, record, 'unreadable', 0 FROM subject
         WHERE feed = 1 AND idx = 60 LIMIT 1",
        "91",
        |fault| matches!(fault, Fault::SetAside { at: 60 }),
    ),
    // A revocation that is said not to count.
    (
        "INSERT INTO quarantine SELECT s.feed, s.idx, s.record, 'wrong_state', 0 FROM subject s
         JOIN journal j ON j.feed = s.feed AND j.idx = s.idx WHERE s.feed = 1 AND j.kind = 'revoked'",
        "91",
        |fault| matches!(fault, Fault::SetAside { .. }),
    ),
    (
        "INSERT INTO quarantine (feed, idx, record, refusal, at) VALUES (1, 60, 7, 'unreadable', 0)",
        "91",
        entry,
    ),
    ("DELETE FROM quarantine WHERE refusal <> 'unreadable'", "92", |fault| {
        matches!(fault, Fault::Unlawful { .. })
    }),
    ("DELETE FROM quarantine WHERE refusal = 'unreadable'", "92", entry),
    // The tail taken away, and everything that counts it; what was cosigned is still there.
    ("UPDATE cosigned SET note = (SELECT note FROM cosigned WHERE feed = 1 AND size = 97)
      WHERE feed = 1 AND size = 194", "91", tree),
    ("DELETE FROM cosigned WHERE feed = 1 AND size = (SELECT MAX(size) FROM cosigned WHERE feed = 1)",
     "91", tree),
    ("UPDATE heads SET checkpoint = (SELECT checkpoint FROM heads WHERE feed = 2) WHERE feed = 1",
     "91", tree),
    ("DELETE FROM heads WHERE feed = 1", "91", tree),
];

#[test]
fn every_change_by_hand_to_the_copy_of_a_province_is_found() {
    let copies = Copies::new();
    assert_eq!(check(copies.folder.path()).faults, []);
    for (sql, is_right) in TRESPASSES {
        let faults = copies.faults_after(sql);
        // Rows without a feed fall to the node's own journal, which has none.
        let is_own = sql.starts_with("INSERT");
        assert!(
            faults
                .iter()
                .any(|found| found.province.is_empty() == is_own && is_right(&found.fault)),
            "{sql}: {faults:?}"
        );
    }
    for (sql, province, is_right) in ON_COPIES {
        let faults = copies.faults_after(sql);
        assert!(
            faults
                .iter()
                .any(|found| found.province == *province && is_right(&found.fault)),
            "{sql}: {faults:?}"
        );
    }
    // The entry is named, not only the copy.
    let at = copies.confirmed;
    let sql = format!("UPDATE sealed SET body = zeroblob(40) WHERE feed = 1 AND idx = {at}");
    let named = Found {
        province: "91".to_owned(),
        fault: Fault::Entry { at },
    };
    assert!(copies.faults_after(&sql).contains(&named));
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
        sha256: String::new(),
    };
    let reviewer = officers.iter().find(|o| o.roles.contains(&Role::Reviewer));
    let both = (reviewer.expect("a reviewer"), approver);
    let done = office::changes(&node.registry, says.certificate, right, both, clock::now());
    done.expect("a correction");
    let faults = |node: &Node| node.registry.check(&mut |_, _| {}).expect("checked").faults;
    assert_eq!(faults(&node), []);
    for (key, body) in &before {
        let sql = "UPDATE dossiers SET body = ?2 WHERE key = ?1";
        assert_eq!(db.execute(sql, [key, body]).expect("put back"), 1);
    }
    let fault = Fault::Table { table: "dossiers" };
    let province = String::new();
    assert_eq!(faults(&node), [Found { province, fault }]);
}
