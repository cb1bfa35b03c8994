//! The comparison of a province's journal with its copy at the nation: honest data agrees wherever
//! the copy stands, and whatever is changed by hand on either side is named by both.

use domain::record::RecordId;
use kecha::{
    clock, demo,
    node::Node,
    registry::{Difference, Outcome, Province, Registry, Rows, Said},
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::tamper::trespass;

struct Pair {
    province: Registry,
    nation: Registry,
    follows: Province,
    /// The province's folder, and the nation's.
    folders: [TempDir; 2],
}

impl Pair {
    /// The nation has so many entries, or all of them.
    fn new(most: u64) -> Self {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let made = demo::open_or_make(folders[0].path(), 60, 11, &mut |_, _| {});
        let province = made.expect("made").0.registry;
        let nation = Node::init_demo(folders[1].path(), None).expect("made");
        let nation = nation.registry;
        let key = province.log_key().parse().expect("a key");
        let follows = nation.follow_province("91", key).expect("entered");
        let mut at = 0;
        while at < most {
            let length = u16::try_from((most - at).min(97)).expect("short");
            let Some(page) = province.page(at, length).expect("read") else {
                break;
            };
            let answer = nation.follow(&follows, &page, clock::now());
            at = answer.expect("answered").entries;
        }
        Self {
            province,
            nation,
            follows,
            folders,
        }
    }

    /// What the province says of it, and what the nation says.
    fn compared(&self) -> [Outcome; 2] {
        let (province, nation) = (&self.province, &self.nation);
        let mut there = nation.comparing(Some(&self.follows), None).expect("begun");
        let figures = there.figures().clone();
        let mut here = province.comparing(None, Some(&figures)).expect("begun");
        while !here.is_done() {
            let own = province.says(&here).expect("said");
            let theirs = nation.says(&there).expect("said");
            nation.hears(&mut there, &theirs, &own).expect("heard");
            province.hears(&mut here, &own, &theirs).expect("heard");
        }
        assert!(there.is_done());
        let now = clock::now();
        let here = province.keep_comparison(here, now).expect("kept");
        let there = nation.keep_comparison(there, now).expect("kept");
        let last = |registry: &Registry| registry.comparisons().expect("read").remove(0);
        assert_eq!(last(province).outcome, here);
        assert_eq!(last(nation).outcome, there);
        [here, there]
    }

    fn changes(&self, side: usize, sql: &str) {
        trespass(&self.folders[side].path().join("demo/kecha.db"), sql);
    }

    fn number(&self, side: usize, sql: &str) -> i64 {
        let file = self.folders[side].path().join("demo/kecha.db");
        let db = Connection::open(file).expect("the file opens");
        db.query_row(sql, [], |row| row.get(0)).expect(sql)
    }
}

#[test]
fn an_honest_copy_agrees_wherever_it_stands() {
    for most in [0, 1, 50, 150, 301, 402, u64::MAX] {
        let pair = Pair::new(most);
        let all = pair.province.entries().expect("read");
        for outcome in pair.compared() {
            assert_eq!(outcome.size, most.min(all));
            assert_eq!((outcome.differences, outcome.more), (Vec::new(), false));
        }
    }
}

/// What is done to the rows of a side, which record it is done to, and what must be named.
type Change = (
    &'static str,
    &'static str,
    Rows,
    Option<(&'static str, &'static str)>,
);

/// The states are those of the honest side and of the other.
const CHANGES: &[Change] = &[
    (
        "DELETE FROM certificates WHERE record =",
        "SELECT MIN(record) FROM certificates WHERE status = 'valid'",
        Rows::Certificate,
        Some(("valid", "")),
    ),
    (
        "UPDATE certificates SET status = 'valid' WHERE record =",
        "SELECT MIN(record) FROM certificates WHERE status = 'revoked'",
        Rows::Certificate,
        Some(("revoked", "valid")),
    ),
    (
        "UPDATE certificates SET valid_until = '2099-01-01' WHERE record =",
        "SELECT MIN(record) FROM certificates WHERE status = 'valid'",
        Rows::Certificate,
        None,
    ),
    (
        "UPDATE cases SET state = 'approved' WHERE record =",
        "SELECT MIN(record) FROM cases WHERE state = 'rejected'",
        Rows::Case,
        Some(("rejected", "approved")),
    ),
    (
        "UPDATE offices SET body = replace(body, '2035', '2099') WHERE record =",
        "SELECT MIN(record) FROM offices WHERE body LIKE '%2035%'",
        Rows::Office,
        None,
    ),
    (
        "UPDATE sheets SET taken = taken + 1 WHERE record =",
        "SELECT MIN(record) FROM sheets",
        Rows::Sheet,
        None,
    ),
    (
        "DELETE FROM sessions WHERE record =",
        "SELECT MIN(record) FROM sessions",
        Rows::Session,
        Some(("", "")),
    ),
];

/// Whether an outcome names the record, with the range of its entries, as of this side.
fn names(outcome: &Outcome, wanted: (Rows, RecordId)) -> bool {
    let Difference::Record {
        record,
        rows,
        entries: Some((first, last)),
        ..
    } = &outcome.differences[outcome.differences.len() - 1]
    else {
        return false;
    };
    (*rows, *record) == wanted && first <= last && *last < outcome.size
}

#[test]
fn a_row_changed_on_either_side_is_named_by_both() {
    for side in [0, 1] {
        for (sql, which, rows, states) in CHANGES {
            let pair = Pair::new(u64::MAX);
            let record = pair.number(side, which);
            pair.changes(side, &format!("{sql} {record}"));
            let record = RecordId::from_i64(record);
            for (teller, outcome) in pair.compared().iter().enumerate() {
                assert!(
                    names(outcome, (*rows, record)),
                    "{sql} at {side}: {outcome:?}"
                );
                let counts: Vec<_> = outcome
                    .differences
                    .iter()
                    .filter_map(|d| match d {
                        Difference::Count {
                            rows,
                            state,
                            here,
                            there,
                        } => Some((*rows, state.as_str(), here.cmp(there))),
                        _ => None,
                    })
                    .collect();
                let expected = states.map_or(0, |(right, wrong)| {
                    1 + usize::from(right != wrong && !wrong.is_empty())
                });
                assert_eq!(counts.len(), expected, "{sql}: {outcome:?}");
                // Who was tampered with has one less in the right state.
                if let Some((right, _)) = states {
                    let less = if teller == side {
                        std::cmp::Ordering::Less
                    } else {
                        std::cmp::Ordering::Greater
                    };
                    assert!(counts.contains(&(*rows, right, less)), "{sql}: {outcome:?}");
                }
            }
        }
    }
}

#[test]
fn an_entry_changed_on_either_side_is_found_among_all() {
    const SWAP: &str = "CREATE TEMP TABLE one AS SELECT commitment FROM journal WHERE idx = 70;
         UPDATE journal SET commitment = (SELECT commitment FROM journal WHERE idx = 71) WHERE idx = 70;
         UPDATE journal SET commitment = (SELECT commitment FROM one) WHERE idx = 71";
    for side in [0, 1] {
        for (sql, at) in [
            (
                "UPDATE journal SET commitment = zeroblob(32) WHERE idx = 70",
                70,
            ),
            (SWAP, 70),
            ("DELETE FROM journal WHERE idx = 70", 70),
        ] {
            let pair = Pair::new(u64::MAX);
            pair.changes(side, sql);
            for outcome in pair.compared() {
                let [Difference::Entries { from, until }] = outcome.differences[..] else {
                    panic!("{sql}: {outcome:?}");
                };
                assert_eq!(from, at, "{sql}");
                // To the end of the last range that differs.
                assert!(until > from && until < at + 20, "{sql}: {outcome:?}");
            }
        }
    }
}

#[test]
fn a_journal_that_lost_its_tail_is_short() {
    let pair = Pair::new(u64::MAX);
    let (all, short) = (pair.province.entries().expect("read"), Pair::new(0));
    let mut there = pair
        .nation
        .comparing(Some(&pair.follows), None)
        .expect("begun");
    let figures = there.figures().clone();
    // A province that was made anew and has fewer entries.
    let fewer = short.nation.comparing(None, Some(&figures)).expect("begun");
    let own = short.nation.says(&fewer).expect("said");
    let theirs = pair.nation.says(&there).expect("said");
    pair.nation.hears(&mut there, &theirs, &own).expect("heard");
    let outcome = pair.nation.keep_comparison(there, clock::now());
    let short = Difference::Short {
        here: all,
        there: 0,
    };
    assert_eq!(outcome.expect("kept").differences, [short]);
}

/// What the nation holds in quarantine is not applied there: that is no difference.
#[test]
fn what_is_in_quarantine_is_left_out_on_both_sides() {
    let pair = Pair::new(u64::MAX);
    let which = "SELECT MIN(record) FROM certificates WHERE status = 'valid' AND taken_over = 0";
    let record = pair.number(1, which);
    let case = format!(
        "SELECT MIN(s.record) FROM subject s JOIN subject c ON c.idx = s.idx AND c.feed = s.feed
         WHERE c.record = {record} AND s.record <> {record}"
    );
    let case = pair.number(1, &case);
    pair.changes(
        1,
        &format!("DELETE FROM certificates WHERE record = {record}"),
    );
    let [here, there] = pair.compared();
    assert!(!here.differences.is_empty() && !there.differences.is_empty());
    let quarantine = format!(
        "INSERT INTO quarantine SELECT feed, idx, {case}, 'wrong_state', 0 FROM subject
         WHERE record = {record}"
    );
    pair.changes(1, &quarantine);
    for outcome in pair.compared() {
        assert_eq!(outcome.differences, []);
        assert!(outcome.set_aside > 0);
    }
}

#[test]
fn whoever_speaks_out_of_step_is_not_heard() {
    let pair = Pair::new(50);
    let mut there = pair
        .nation
        .comparing(Some(&pair.follows), None)
        .expect("begun");
    for said in [Said::Begin, Said::Roots(vec![]), Said::Rows(vec![])] {
        let own = pair.nation.says(&there).expect("said");
        assert!(
            pair.nation.hears(&mut there, &own, &said).is_err(),
            "{said:?}"
        );
    }
}

#[test]
fn a_wish_lasts_until_a_comparison_came_after_it() {
    let pair = Pair::new(50);
    let nation = &pair.nation;
    let wished = || nation.wishes_comparison(&pair.follows).expect("read");
    assert!(!wished());
    assert!(nation.wish_comparison("99").is_err());
    nation.wish_comparison("91").expect("wished");
    assert!(wished());
    pair.compared();
    assert!(!wished());
    nation.wish_comparison("91").expect("wished");
    assert!(wished());
}
