//! The nation's side: what a decision may lift, and what it cannot.

use domain::office::Role;
use kecha::registry::{Hold, Page, Province, Registry, Sent, Within};
use tlog::{cosignature::Cosigner, frontier::Frontier, hash::commitment, tree};

use super::*;

/// A province's journal, signed by its key: each entry is no event, so all of it is quarantined.
struct Journal {
    key: Signer,
    entries: Vec<Sent>,
}

const NAME: &str = "p91.example/log";

impl Journal {
    fn of(words: &[&str]) -> Self {
        let entries = words.iter().map(|word| Sent {
            salt: [3; 16],
            event: word.as_bytes().to_vec(),
        });
        Self {
            key: Signer::new(NAME, &[6; 32]).expect("a key"),
            entries: entries.collect(),
        }
    }

    fn leaves(&self) -> Vec<Hash> {
        let sent = self.entries.iter();
        sent.map(|e| Hash::leaf(&commitment(&e.salt, &e.event)))
            .collect()
    }

    fn signed(&self, size: usize) -> SignedCheckpoint {
        let mut tree = Frontier::new();
        for leaf in &self.leaves()[..size] {
            tree.append(*leaf).expect("room");
        }
        let end = Checkpoint::new(NAME, tree.size(), tree.root());
        SignedCheckpoint::sign(end.expect("a checkpoint"), &self.key).expect("signed")
    }

    fn page(&self, from: usize, end: usize, again: Option<usize>) -> Page {
        let leaves = self.leaves();
        let within = again.map(|size| {
            let run = |run: tree::Run| {
                assert_eq!(run.level, 0, "a small tree");
                let first = usize::try_from(run.first).expect("small");
                Ok::<_, ()>(leaves[first..first + run.count as usize].to_vec())
            };
            let proof = tree::consistency(end as u64, size as u64, run).expect("proved");
            let size = size as u64;
            Within { size, proof }
        });
        Page {
            from: from as u64,
            entries: self.entries[from..end].to_vec(),
            checkpoint: self.signed(end).to_string(),
            is_last: end == self.entries.len(),
            within,
        }
    }

    fn follows(&self, nation: &Registry) -> Province {
        let key = self.key.public().clone();
        nation.follow_province("91", key).expect("entered")
    }
}

fn told(nation: &Registry, province: &Province, page: &Page) -> (u64, Option<Hold>) {
    let answer = nation
        .follow(province, page, clock::now())
        .expect("answered");
    (answer.entries, answer.hold)
}

/// A note of so many entries under which this node has set its name.
fn cosigned(house: &House, journal: &Journal, size: usize) -> String {
    let keys = house.keys();
    let cosigner = Cosigner::new(ORIGIN, keys.witness_seed()).expect("a key");
    assert_eq!(cosigner.public(), house.registry().witness_key());
    let mut note = journal.signed(size);
    note.cosign(&cosigner, 1_790_000_000).expect("cosigned");
    note.to_string()
}

on_both! {
    /// A nation that was set back: it stands still, a person lets first it and then the feed go on,
    /// and only what leads to its own cosignature comes in again.
    fn what_was_cosigned_and_lost_is_sent_again_or_not_at_all(house: &House) {
        let nation = house.registry();
        let journal = Journal::of(&["a", "b", "c", "d", "e", "f"]);
        let other = Journal::of(&["a", "b", "x", "d", "e", "f", "g"]);
        let follows = journal.follows(nation);
        assert_eq!(told(nation, &follows, &journal.page(0, 2, None)), (2, None));
        let witness = cosigned(house, &journal, 5);
        let now = clock::now();
        let answer = nation.follow_witness(&follows, &witness, now).expect("answered");
        assert_eq!((answer.hold, answer.again), (Some(Hold::NationRolledBack), Some(5)));
        assert_eq!(answer.cosigned, witness, "it owns what it has set its name to");
        assert!(nation.stands_still(), "its own journal was set back, too");

        // First the node, then the feed; each with a ground.
        let mut keeper = house.browser("keeper");
        let page = keeper.get("/console/feeds").text;
        assert!(page.contains("请先恢复本节点") && page.contains("本节点数据退回到了旧状态"), "{page}");
        let feed = [("province", "91"), ("ground", GROUND)];
        let too_early = keeper.post("/console/feeds/resume", &feed);
        assert_eq!(too_early.status, 503, "{}", too_early.text);
        for blank in ["", " \n"] {
            let fields = [("province", ""), ("ground", blank)];
            assert_eq!(keeper.post("/console/feeds/resume", &fields).status, 422);
        }
        for province in ["", "91"] {
            let fields = [("province", province), ("ground", GROUND)];
            let answer = keeper.post("/console/feeds/resume", &fields);
            assert_eq!(answer.status, 303, "{province}: {}", answer.text);
        }
        let unknown = keeper.post("/console/feeds/resume", &[("province", "92"), ("ground", GROUND)]);
        assert_eq!(unknown.status, 404);
        let page = keeper.get("/console/feeds").text;
        assert_eq!(page.matches(GROUND).count(), 2, "both decisions are on record: {page}");
        assert!(!page.contains("自 1970"), "{page}");

        // The witness of before comes late: the loss is known.
        let answer = nation.follow_witness(&follows, &witness, now).expect("answered");
        assert_eq!((answer.hold, answer.again), (None, Some(5)));
        // Unproved, or cut past the place of comparison: not taken, and no trouble either.
        assert_eq!(told(nation, &follows, &journal.page(2, 4, None)), (2, None));
        assert_eq!(told(nation, &follows, &journal.page(2, 6, Some(6))), (2, None));
        assert_eq!(told(nation, &follows, &journal.page(2, 4, Some(5))), (4, None));
        let lost = nation.follow_witness(&follows, &cosigned(house, &journal, 6), now);
        assert_eq!(lost.expect("answered").hold, Some(Hold::NationRolledBack), "more was lost");
        for province in ["", "91"] {
            let fields = [("province", province), ("ground", GROUND)];
            assert_eq!(keeper.post("/console/feeds/resume", &fields).status, 303);
        }
        // Each place of comparison in its turn.
        assert_eq!(told(nation, &follows, &journal.page(4, 6, Some(6))), (4, None));
        assert_eq!(told(nation, &follows, &journal.page(4, 5, Some(5))), (5, None));
        assert_eq!(told(nation, &follows, &journal.page(5, 6, Some(6))), (6, None));
        // From there on nothing needs a proof, and another history is one as before.
        assert_eq!(told(nation, &follows, &other.page(6, 7, None)), (6, Some(Hold::Fork)));
    }

    /// Another history that the province signs just as well never takes the place of the lost one.
    fn another_history_does_not_take_the_place_of_the_lost_one(house: &House) {
        let nation = house.registry();
        let journal = Journal::of(&["a", "b", "c", "d", "e"]);
        let other = Journal::of(&["a", "b", "x", "d", "e"]);
        let follows = journal.follows(nation);
        assert_eq!(told(nation, &follows, &journal.page(0, 2, None)), (2, None));
        let now = clock::now();
        let witness = cosigned(house, &journal, 5);
        nation.follow_witness(&follows, &witness, now).expect("answered");
        let keeper = house.officer("keeper");
        for province in [None, Some("91")] {
            let lifted = nation.resume_feed(province, GROUND, &keeper, now);
            assert_eq!(lifted.expect("resumed"), Hold::NationRolledBack);
        }
        for (end, again) in [(4, None), (5, None)] {
            assert_eq!(told(nation, &follows, &other.page(2, end, again)), (2, None));
        }
        for end in [4, 5] {
            let answer = told(nation, &follows, &other.page(2, end, Some(5)));
            assert_eq!(answer, (2, Some(Hold::Fork)));
            // A person may say so as often as he likes.
            let lifted = nation.resume_feed(Some("91"), GROUND, &keeper, now);
            assert_eq!(lifted.expect("resumed"), Hold::Fork);
        }
        assert_eq!(told(nation, &follows, &journal.page(2, 5, Some(5))), (5, None));
        let halts = nation.halts().expect("read");
        assert_eq!(halts.len(), 4, "{halts:?}");
        assert!(halts.iter().all(|h| h.resumed.as_ref().is_some_and(|r| r.2 == GROUND)));
    }

    /// A hold says on every page of the nation what stands still; who may not decide does not.
    fn a_fork_is_an_alarm_until_a_person_decides(house: &House) {
        let nation = house.registry();
        let journal = Journal::of(&["a", "b", "c"]);
        let other = Journal::of(&["a", "x", "c"]);
        let follows = journal.follows(nation);
        let mut desk = house.browser("desk");
        assert!(!desk.get("/console").text.contains("需要处理"));
        assert_eq!(told(nation, &follows, &journal.page(0, 2, None)), (2, None));
        // What is in quarantine is an alarm, too: both entries are no events.
        let page = desk.get("/console/cases").text;
        assert!(page.contains("91第 1 条（记录编号 –）暂不采用"), "{page}");
        assert_eq!(told(nation, &follows, &other.page(0, 3, None)), (2, Some(Hold::Fork)));
        let page = desk.get("/console").text;
        assert!(page.contains("91的数据流自") && page.contains("出现两个不同的历史"), "{page}");
        assert!(!nation.stands_still(), "the nation itself goes on");

        let now = clock::now();
        for login in ["desk", "second", "auditor", "clerk"] {
            let refused = nation.resume_feed(Some("91"), GROUND, &house.officer(login), now);
            assert!(matches!(refused, Err(Error::Refused(Refusal::RoleNotAllowed))), "{login}");
        }
        let keeper = house.officer("keeper");
        assert!(keeper.roles.contains(&Role::SystemAdmin));
        let blank = nation.resume_feed(Some("91"), "  ", &keeper, now);
        assert!(matches!(blank, Err(Error::Refused(Refusal::GroundMissing))));
        let own = nation.resume_feed(None, GROUND, &keeper, now);
        assert!(matches!(own, Err(Error::Refused(Refusal::WrongState))));
        // A clock that is a day behind keeps nobody from deciding.
        let early = now - jiff::SignedDuration::from_hours(24);
        let lifted = nation.resume_feed(Some("91"), GROUND, &keeper, early);
        assert_eq!(lifted.expect("resumed"), Hold::Fork);
        let twice = nation.resume_feed(Some("91"), GROUND, &keeper, now);
        assert!(matches!(twice, Err(Error::Refused(Refusal::WrongState))));
        assert_eq!(told(nation, &follows, &journal.page(0, 3, None)), (3, None));
    }
}
