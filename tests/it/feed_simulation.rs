//! The feed under every trouble there is, in schedules that a seed decides: lost, late, doubled and
//! cut messages, answers lost after they were stored, processes that die, power that goes out in the
//! middle of a write, nodes put back to older copies, clocks a day off, people who let things go on too
//! early. In the end the nation has what the provinces recorded, and whoever was set back stands still.
//!
//! A seed that fails is printed. `KECHA_SIM_SEEDS=100000` plays more; `KECHA_SIM_FROM=n` begins there.

mod line;
mod side;
mod world;

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use kecha::registry::Hold;

/// Rules that are switched off, one at a time, to see that the judge notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// The province shows the nation what it cosigned and no longer has.
    Witness,
    /// The signed head goes over though nothing is new.
    Heads,
    /// The nation compares the root of what it takes with the signed one.
    RootCompared,
    /// What came before is not taken again.
    OnceOnly,
    /// A hold stays until a person decides.
    Hold,
    /// What was answered is stored.
    StoredFirst,
    /// What is kept of a person is what the entries add up to.
    Sealed,
}

/// What the schedules had in them.
#[derive(Debug, Default)]
struct Tally {
    schedules: usize,
    provinces: usize,
    entries: usize,
    revoked: usize,
    power_cuts: usize,
    provinces_set_back: usize,
    nation_set_back: usize,
    /// Feeds that a person let go on; pages a province took back; provinces that went on.
    resumed: usize,
    recovered: usize,
    went_on: usize,
    holds: HashSet<Hold>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.provinces += other.provinces;
        self.entries += other.entries;
        self.revoked += other.revoked;
        self.power_cuts += other.power_cuts;
        self.provinces_set_back += other.provinces_set_back;
        self.nation_set_back += other.nation_set_back;
        self.resumed += other.resumed;
        self.recovered += other.recovered;
        self.went_on += other.went_on;
        self.holds.extend(other.holds);
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |text| text.parse().expect("a number"))
}

/// How many schedules the test command plays: as many as two cores play in a minute.
const SEEDS: u64 = 2_000;

#[test]
fn whatever_happens_the_nation_ends_with_what_the_provinces_recorded() {
    let from = number("KECHA_SIM_FROM", 0);
    let end = from + number("KECHA_SIM_SEEDS", SEEDS);
    let next = AtomicU64::new(from);
    let plays = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return tally;
            }
            match world::play(seed, None) {
                Ok(more) => tally.add(more),
                Err(what) => panic!("seed {seed}: {what}"),
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut all = Tally::default();
    thread::scope(|scope| {
        let players: Vec<_> = (0..threads).map(|_| scope.spawn(plays)).collect();
        for player in players {
            all.add(player.join().expect("a schedule failed"));
        }
    });
    // The schedules are worth their time only while these things happen in them.
    if all.schedules as u64 >= SEEDS {
        assert!(
            all.entries > 30_000 && all.revoked > 600 && all.power_cuts > 300,
            "{all:?}"
        );
        assert!(
            all.provinces_set_back > 300 && all.nation_set_back > 300,
            "{all:?}"
        );
        assert!(
            all.resumed > 50 && all.recovered > 5 && all.went_on > 5,
            "{all:?}"
        );
        let holds = [Hold::Fork, Hold::ProvinceRolledBack, Hold::NationRolledBack];
        assert_eq!(all.holds, HashSet::from(holds), "{all:?}");
    }
}

/// With a rule switched off some schedule must be judged wrong, and for that reason.
fn is_missed(rule: Rule, expected: &str) {
    let mut said = Vec::new();
    for seed in 0..150 {
        if let Err(what) = world::play(seed, Some(rule)) {
            if what.contains(expected) {
                return;
            }
            said.push(what);
        }
    }
    panic!("nobody misses {rule:?}: {said:?}");
}

#[test]
fn without_the_witness_a_nation_set_back_goes_unnoticed() {
    is_missed(Rule::Witness, "a nation that was set back is not noticed");
}

#[test]
fn without_the_heads_a_province_set_back_goes_unnoticed() {
    is_missed(Rule::Heads, "a province that was set back is not noticed");
}

#[test]
fn without_comparing_roots_the_nation_has_what_nobody_recorded() {
    is_missed(Rule::RootCompared, "what the province never recorded");
}

#[test]
fn what_is_taken_twice_is_seen() {
    is_missed(Rule::OnceOnly, "what the province never recorded");
}

#[test]
fn a_hold_that_is_forgotten_is_seen() {
    is_missed(Rule::Hold, "the hold was lifted by nobody");
}

#[test]
fn an_answer_before_the_disk_has_it_is_seen() {
    is_missed(
        Rule::StoredFirst,
        "without a reason: Some(NationRolledBack)",
    );
}

#[test]
fn a_dossier_put_back_is_seen() {
    is_missed(Rule::Sealed, " here, ");
}
